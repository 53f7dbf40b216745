//! The list in memory follows the database: whole at start, then change by change behind the journal.
//!
//! A change takes effect only once its transaction is committed, in this process and in every other on the same database,
//! for all of them read the same journal.

use kernel::{ImportId, ListEntryId, MeasureId, Timestamp};
use screen::{Change, Delta, ListBuilder, ListEntry, ListFull};
use store::journal::{Recorded, last_seq, read_after};

use super::centre::changes_of;
use super::entry::{self, EntryState};
use super::file::{self, RowRules};
use crate::desk::Operator;
use crate::error::{Error, Result, stored_id};
use crate::feed::roaming::{self, FED};

/// Entries of the journal read at once.
const BATCH: i64 = 500;

/// Entries of one file that are brought in one by one.
const ENTRIES_ONE_BY_ONE_MAX: i64 = 20_000;

/// How far memory has followed.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// Number of the last journal entry that memory knows.
    seq: i64,
    /// Number of the centre's list in memory.
    centre: u64,
    /// The file brought in last, before the journal told of it.
    brought: Option<ImportId>,
}

/// What a batch of the journal asks for.
#[derive(Default)]
struct Asked {
    changes: Vec<Change>,
    centre_changed: bool,
    rebuild: bool,
    measures: Vec<MeasureId>,
    rules: bool,
    senders: bool,
    /// The home register fed from this moment on.
    roaming: Option<Timestamp>,
}

impl Operator {
    /// Brings the list, the measures, the rules and the senders into memory; at start.
    ///
    /// # Errors
    /// The database, or the list file given at start. A stored list of the centre that is damaged is no error.
    pub async fn load(&self) -> Result<()> {
        let mut followed = self.followed().lock().await;
        followed.seq = last_seq(self.db()).await?;
        self.rebuild(&mut followed).await?;
        self.restore_measures().await?;
        self.load_rules().await?;
        self.load_senders().await?;
        self.follow_roaming(Timestamp(0)).await
    }

    /// Brings what was committed meanwhile into memory.
    ///
    /// # Errors
    /// The database.
    pub async fn catch_up(&self) -> Result<()> {
        let mut followed = self.followed().lock().await;
        loop {
            let entries = read_after(self.db(), followed.seq, BATCH).await?;
            let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(()) };
            let mut asked = Asked::default();
            for entry in &entries {
                if entry.kind == "list.imported"
                    && followed.brought.is_some_and(|id| entry.subject == format!("import:{id}"))
                {
                    continue;
                }
                self.ask_of(entry, &mut asked).await?;
            }
            self.follow(&mut followed, asked).await?;
            followed.seq = last;
        }
    }

    /// Brings the entries of a file into memory, so that its import is done only once they are in force.
    ///
    /// # Errors
    /// The database.
    pub(crate) async fn bring_in(&self, import: ImportId) -> Result<()> {
        let mut followed = self.followed().lock().await;
        let mut asked = Asked::default();
        self.ask_of_import(import, &mut asked).await?;
        self.follow(&mut followed, asked).await?;
        followed.brought = Some(import);
        Ok(())
    }

    async fn ask_of_import(&self, import: ImportId, asked: &mut Asked) -> Result<()> {
        // Many are brought in by building the list anew, which takes no memory for them beside it.
        if entry::count_of_import(self.db(), &import.to_string()).await? > ENTRIES_ONE_BY_ONE_MAX {
            asked.rebuild = true;
        } else {
            let entries = entry::of_import(self.db(), import).await?;
            asked.changes.extend(entries.into_iter().map(Change::Add));
        }
        Ok(())
    }

    async fn ask_of(&self, entry: &Recorded, asked: &mut Asked) -> Result<()> {
        let id = entry.subject.split_once(':').map_or("", |(_, id)| id);
        match entry.kind.as_str() {
            "entry.added" | "entry.ended" | "entry.expired" => {
                let found = entry::of_id(self.db(), stored_id::<ListEntryId>(id)?).await?;
                asked.changes.push(match found.state {
                    EntryState::Active => Change::Add(found.entry),
                    EntryState::Ended | EntryState::Expired => Change::Remove(found.entry.key()),
                });
            }
            "list.imported" => {
                self.ask_of_import(stored_id(id)?, asked).await?;
            }
            "list.changed" => asked.centre_changed = true,
            "list.loaded" => asked.rebuild = true,
            kind if kind.starts_with("measure.") => asked.measures.push(stored_id(id)?),
            kind if kind.starts_with("rule.") => asked.rules = true,
            kind if kind.starts_with("sender.") => asked.senders = true,
            FED => {
                let since = roaming::heard_at(entry);
                asked.roaming = Some(asked.roaming.map_or(since, |earlier| earlier.min(since)));
            }
            _ => {}
        }
        Ok(())
    }

    async fn follow(&self, followed: &mut Followed, asked: Asked) -> Result<()> {
        if asked.rebuild {
            self.rebuild(followed).await?;
        } else {
            self.apply(asked.changes)?;
            if asked.centre_changed {
                self.follow_centre(followed).await?;
            }
        }
        for measure in asked.measures {
            self.follow_measure(measure).await?;
        }
        if asked.rules {
            self.load_rules().await?;
        }
        if asked.senders {
            self.load_senders().await?;
        }
        if let Some(since) = asked.roaming {
            self.follow_roaming(since).await?;
        }
        Ok(())
    }

    fn apply(&self, changes: Vec<Change>) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let screen = self.screening().screen();
        let facts = screen.list().facts();
        let delta = Delta { first: facts.sequence + 1, made_at: self.db().clock().now(), changes };
        screen.apply(&delta).map_err(|gap| Error::Corrupt(gap.to_string()))?;
        Ok(())
    }

    async fn follow_centre(&self, followed: &mut Followed) -> Result<()> {
        let Some(centre) = &self.settings().centre else { return Ok(()) };
        for change in self.changes_after(centre, followed.centre).await? {
            let list = self.screening().screen().list();
            self.apply(changes_of(&list, &change, &self.parameters().centre_list_bounds()))?;
            followed.centre = change.number;
        }
        Ok(())
    }

    /// Builds the whole list anew and puts it in the place of the old one; calls go on with the old one meanwhile.
    async fn rebuild(&self, followed: &mut Followed) -> Result<()> {
        let mut builder = Building::default();
        let number = self.each_of_centre(|entry| builder.push(&entry)).await?;
        let from_centre = builder.pushed;
        if let Some(path) = &self.settings().list_file {
            self.read_list_file(path, &mut builder)?;
        }
        entry::each_active(self.db(), |entry| builder.push(&entry)).await?;
        let total = builder.pushed;
        if let Some(full) = builder.full {
            tracing::error!(%full, "the number list is full; entries beyond it are not in memory");
        }
        let now = self.db().clock().now();
        let sequence = self.screening().screen().list().facts().sequence;
        let built = tokio::task::spawn_blocking(move || builder.list.finish(sequence, now)).await;
        let list = built.map_err(|error| Error::Corrupt(error.to_string()))?;
        self.screening().screen().swap_list(std::sync::Arc::new(list));
        // The changes since the file are applied on top, in order.
        let snapshot = match &self.settings().centre {
            Some(centre) => super::centre::of(self.db(), centre).await?.map_or(0, |list| list.snapshot_number),
            None => 0,
        };
        followed.centre = snapshot;
        self.follow_centre(followed).await?;
        tracing::info!(entries = total, from_centre, centre_list = number, "the number list is in memory");
        Ok(())
    }

    fn read_list_file(&self, path: &std::path::Path, builder: &mut Building) -> Result<()> {
        let input = std::fs::File::open(path).map_err(|error| Error::file(path, &error))?;
        let rules = RowRules {
            now: self.db().clock().now(),
            bounds: self.parameters().list_bounds(),
            source: "file".to_owned(),
        };
        let report = file::read(std::io::BufReader::new(input), &rules, |_, mut entry| {
            if entry.source != "file" {
                entry.source = format!("file:{}", entry.source);
            }
            builder.push(&entry);
        })
        .map_err(Error::Input)?;
        for refused in report.kept.iter().take(ROWS_TOLD_MAX) {
            for fault in &refused.faults {
                tracing::warn!(file = %path.display(), line = refused.line, field = fault.field, fault = fault.said.en,
                    "a row of the list file is refused");
            }
        }
        tracing::info!(file = %path.display(), rows = report.rows, refused = report.refused, "read the list file");
        Ok(())
    }
}

/// Refused rows of the list file told in the log.
const ROWS_TOLD_MAX: usize = 20;

/// A list that is being built.
#[derive(Default)]
struct Building {
    list: ListBuilder,
    pushed: u64,
    full: Option<ListFull>,
}

impl Building {
    fn push(&mut self, entry: &ListEntry) {
        match self.list.push(entry) {
            Ok(()) => self.pushed += 1,
            Err(full) => self.full = Some(full),
        }
    }
}
