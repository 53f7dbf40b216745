//! A list file into the own list, in the background.

use std::path::Path;

use kernel::{ImportId, ListBounds, ListEntryId, Timestamp};
use serde_json::json;
use sheet::job::{self, File, Import, Job, Piece};
use sheet::{Row, texts};
use store::journal::Entry as JournalEntry;
use store::{Db, Tx, Who};

use super::OWN;
use super::ended;
use super::entry::{self, Entry, EntryState, WRITE};
use super::file::{self, Columns, RowRules};
use crate::desk::Operator;
use crate::error::{Error, Result};

/// Kind of these jobs.
pub(crate) const KIND: &str = "operator.list";

/// The import of list files.
#[derive(Clone)]
pub struct ListImport {
    /// What may be blocked.
    pub bounds: ListBounds,
    /// The seat, where it runs in this process: its memory follows.
    pub operator: Option<Operator>,
}

impl std::fmt::Debug for ListImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListImport({:?})", self.bounds)
    }
}

impl ListImport {
    /// For a running seat.
    pub fn of(operator: &Operator) -> Self {
        Self { bounds: operator.parameters().list_bounds(), operator: Some(operator.clone()) }
    }
}

impl Import for ListImport {
    const KIND: &'static str = KIND;
    const RIGHT: &'static str = WRITE;
    const ROWS_MAX: u64 = 2_000_000;
    type Columns = Columns;

    fn columns(names: &[String]) -> std::result::Result<Columns, kernel::Faults> {
        Columns::find(names)
    }

    async fn take(
        &self,
        tx: &mut Tx,
        who: &Who,
        job: &Job,
        columns: &Columns,
        rows: &[Row],
        piece: &mut Piece,
    ) -> store::Result<()> {
        let now = tx.now();
        let rules = RowRules { now, bounds: self.bounds, source: OWN.to_owned() };
        let mut made = Vec::with_capacity(rows.len());
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let mut faults = match file::check(&columns.input(row), &rules) {
                Ok(entry) => {
                    if !columns.number_of(row).is_some_and(|cell| cell.rounded) {
                        made.push(new_entry(now, who, job.id, entry));
                        lines.push(row.number);
                        continue;
                    }
                    kernel::Faults::none()
                }
                Err(faults) => faults,
            };
            if columns.number_of(row).is_some_and(|cell| cell.rounded) {
                faults.push(texts::ROUNDED.at("number", &[]));
            }
            piece.refuse(row.number, faults.0);
        }
        // What a person took from the list a file does not bring back, nor what a person takes from it at this moment.
        entry::lock_list(tx).await.map_err(stored)?;
        let faults = ended::faults(tx, &made).await.map_err(stored)?;
        let mut kept = Vec::with_capacity(made.len());
        for ((one, line), fault) in made.into_iter().zip(lines).zip(faults) {
            match fault {
                Some(fault) => piece.refuse(line, vec![fault]),
                None => kept.push(one),
            }
        }
        let made = kept;
        let loaded = entry::insert(tx, &made).await.map_err(stored)?;
        if let Some(first) = made.iter().filter_map(|one| one.entry.expires_at).min() {
            entry::expire_by(tx, first).await.map_err(stored)?;
        }
        piece.count("loaded", loaded);
        piece.count("known", u64::try_from(made.len()).unwrap_or(0).saturating_sub(loaded));
        Ok(())
    }

    async fn end(&self, tx: &mut Tx, who: &Who, job: &Job) -> store::Result<()> {
        let body = json!({
            "import_id": job.id, "file_name": job.file_name, "rows": job.rows_done, "loaded": job.count("loaded"),
            "known": job.count("known"), "refused": job.refused, "state": job.state,
        });
        tx.append(JournalEntry::new("list.imported", format!("import:{}", job.id)).body(&body), who).await
    }

    async fn bring_into_force(&self, job: &Job) -> store::Result<()> {
        match &self.operator {
            Some(operator) => operator.bring_in(job.id).await.map_err(stored),
            None => Ok(()),
        }
    }

    async fn ended(&self) {
        if let Some(operator) = &self.operator
            && let Err(error) = operator.catch_up().await
        {
            tracing::error!(%error, "a list file is not in memory yet; it follows");
        }
    }
}

fn new_entry(now: Timestamp, who: &Who, import: ImportId, entry: screen::ListEntry) -> Entry {
    Entry {
        id: ListEntryId::new(now),
        entry,
        note: String::new(),
        state: EntryState::Active,
        created_at: now,
        created_by: who.user.clone(),
        ended_at: None,
        ended_by: None,
        end_reason: None,
        import_id: Some(import),
    }
}

fn stored(error: Error) -> store::Error {
    match error {
        Error::Store(error) => error,
        other => store::Error::Corrupt(other.to_string()),
    }
}

/// Loads a list file and waits for its end, telling how far it is; for the command line. Needs `operator.lists.write`.
///
/// # Errors
/// The columns are not there, the folder cannot be written, or the database fails.
pub async fn whole(
    db: &Db,
    import: &ListImport,
    who: &Who,
    folder: &Path,
    (name, content): (&str, &[u8]),
    progress: &mut (dyn FnMut(&Job) + Send),
) -> Result<Imported> {
    let path = folder.join(format!("{}.sent", ListEntryId::new(Timestamp(0))));
    let lost = |error: std::io::Error| Error::file(&path, &error);
    write_private(&path, content).map_err(lost)?;
    let sent = File {
        path: path.clone(),
        name: name.to_owned(),
        sha256: store::document::sha256_hex(content),
        bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
    };
    let begun = job::begin::<ListImport>(db, who, &sent).await;
    if !matches!(&begun, Ok(job) if job.is_of(&sent)) {
        std::fs::remove_file(&path).map_err(lost)?;
    }
    let mut job = job::run(db, import, begun?.id, progress).await?;
    // The same file is being loaded by the seat itself: it is followed there.
    while job.state == job::State::Running {
        tokio::time::sleep(LOOK_EVERY).await;
        job = job::run(db, import, job.id, progress).await?;
        progress(&job);
    }
    import_of_id(db, who, job.id).await
}

/// How often an import that another process runs is looked at.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(500);

fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)
}

/// A file that was loaded, or is being loaded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// Identity.
    pub id: ImportId,
    /// Name of the file.
    pub file_name: String,
    /// `running`, `done`, `cancelled`, or `failed` where the file could not be read to its end.
    pub state: job::State,
    /// When it began.
    pub at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// By whom.
    pub by: String,
    /// Rows read, until now while it runs.
    pub rows: u64,
    /// Rows loaded.
    pub loaded: u64,
    /// Rows that the list had already.
    pub known: u64,
    /// Rows refused.
    pub refused: u64,
    /// Why the file was not read to its end.
    pub failure: Vec<kernel::Fault>,
    /// The refused rows with their faults, the first ten thousand.
    pub refused_rows: Vec<file::Refused>,
}

impl From<Job> for Imported {
    fn from(job: Job) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Self {
            id: job.id,
            state: job.state,
            at: job.started_at,
            finished_at: job.finished_at,
            rows: count(job.rows_done),
            loaded: count(job.count("loaded")),
            known: count(job.count("known")),
            refused: count(job.refused),
            by: job.created_by,
            file_name: job.file_name,
            failure: job.failure,
            refused_rows: Vec::new(),
        }
    }
}

/// The files that were loaded, the latest first, without their refused rows; needs `operator.lists.read`.
///
/// # Errors
/// The database.
pub async fn imports(db: &Db, who: &Who, before: Option<ImportId>, limit: i64) -> Result<Vec<Imported>> {
    who.require(entry::READ)?;
    let jobs = job::list(db, who, KIND, before, limit).await?;
    let mut all: Vec<Imported> = jobs.into_iter().map(Imported::from).collect();
    all.extend(entry::earlier_imports(db, before, limit).await?);
    all.sort_by_key(|import| std::cmp::Reverse(import.id));
    all.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(all)
}

/// One file that was loaded, with its refused rows; needs `operator.lists.read`.
///
/// # Errors
/// There is none.
pub async fn import_of_id(db: &Db, who: &Who, id: ImportId) -> Result<Imported> {
    who.require(entry::READ)?;
    let job = match job::of_id(db, KIND, id).await {
        Ok(job) => job,
        Err(store::Error::NotFound { .. }) => return entry::earlier_import(db, id).await,
        Err(error) => return Err(error.into()),
    };
    job.require_scope(who)?;
    let mut found = Imported::from(job);
    let refused = job::refused(db, id, job::REFUSED_KEPT_MAX).await?;
    found.refused_rows = refused.into_iter().map(|(line, faults)| file::Refused { line, faults }).collect();
    Ok(found)
}

impl From<job::Error> for Error {
    fn from(error: job::Error) -> Self {
        match error {
            job::Error::Store(error) => Self::Store(error),
            job::Error::Faults(faults) => Self::Input(faults),
            job::Error::Conflict(said) => Self::Conflict(Box::new(said)),
        }
    }
}
