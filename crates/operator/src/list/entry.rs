//! Entries that this operator keeps itself: added and ended by people, by files, and by granted appeals.

use kernel::{Faults, ImportId, ListEntryId, Maskable, Text, Timestamp};
use screen::{EntryKind, ListEntry, Number, Pattern};
use serde_json::json;
use store::journal::Entry as JournalEntry;
use store::{Args, AssertSqlSafe, Db, Tx, Who, args};

use super::file::{self, RowInput, RowRules};
use super::import::Imported;
use crate::error::{Error, Result, stored_id};

/// Right to see entries.
pub const READ: &str = "operator.lists.read";
/// Right to add and end entries.
pub const WRITE: &str = "operator.lists.write";
/// Kind and key of the timer that ends entries.
pub(crate) const EXPIRY: &str = "operator.entries.expire";
/// Rows written by one statement.
const ROWS_AT_ONCE: usize = 200;
/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 1_000;

const KNOWN: Text = Text::new(
    "operator.entry.known",
    ("该号码已有同样的条目", "the same entry is on the list already"),
    ("请查看已有条目；如需更改，先撤销再添加", "Look at it; to change it, end it and add another"),
);
const ENDED: Text = Text::new(
    "operator.entry.ended",
    ("该条目已结束", "the entry has ended"),
    ("如仍需要，请重新添加", "Add another if it is still needed"),
);
const NO_REASON: Text = Text::new(
    "operator.entry.no_reason",
    ("请写明撤销的理由", "say why the entry ends"),
    ("理由会写入日志", "The reason goes into the journal"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[KNOWN, ENDED, NO_REASON];

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// In force.
    Active,
    /// Ended by somebody.
    Ended,
    /// Ended by itself.
    Expired,
}

impl EntryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Ended, Self::Expired];

    /// The word in the database and in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Expired => "expired",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// An entry with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identity.
    pub id: ListEntryId,
    /// What it says.
    pub entry: ListEntry,
    /// Words for colleagues.
    pub note: String,
    /// Where it stands.
    pub state: EntryState,
    /// When it was added.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// By whom.
    pub ended_by: Option<String>,
    /// Why.
    pub end_reason: Option<String>,
    /// The file that brought it.
    pub import_id: Option<ImportId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    pattern: String,
    kind: String,
    reason: String,
    source: String,
    case_number: Option<String>,
    note: String,
    state: String,
    expires_at: Option<i64>,
    created_at: i64,
    created_by: String,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    end_reason: Option<String>,
    import_id: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, pattern, kind, reason, source, case_number, note, state, expires_at, created_at, created_by, \
             ended_at, ended_by, end_reason, import_id FROM operator_entry ",
            $rest
        )
    };
}

impl Row {
    fn read(self) -> Result<Entry> {
        let corrupt = |what: &str| Error::Corrupt(format!("entry {}: {what}", self.id));
        Ok(Entry {
            id: stored_id(&self.id)?,
            entry: ListEntry {
                pattern: Pattern::parse(&self.pattern).ok_or_else(|| corrupt("pattern"))?,
                kind: EntryKind::from_word(&self.kind).ok_or_else(|| corrupt("kind"))?,
                reason: self.reason,
                source: self.source,
                expires_at: self.expires_at.map(Timestamp),
                case: self.case_number,
            },
            note: self.note,
            state: EntryState::parse(&self.state).ok_or_else(|| Error::Corrupt(format!("entry {}", self.id)))?,
            created_at: Timestamp(self.created_at),
            created_by: self.created_by,
            ended_at: self.ended_at.map(Timestamp),
            ended_by: self.ended_by,
            end_reason: self.end_reason,
            import_id: self.import_id.as_deref().map(stored_id).transpose()?,
        })
    }
}

/// What the public part of the journal shows of a pattern.
pub fn masked(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Full(number) => number.mask(),
        other => file::wire_pattern(other),
    }
}

/// Adds an entry that a person typed; needs `operator.lists.write`.
///
/// # Errors
/// Every fault of the input; the same entry stands already.
pub async fn add(tx: &mut Tx, who: &Who, row: &RowInput<'_>, note: &str, rules: &RowRules) -> Result<Entry> {
    who.require(WRITE)?;
    let mut faults = Faults::none();
    let checked = file::check(row, rules);
    if note.chars().count() > NOTE_CHARS_MAX {
        faults.push(file::too_long("note", NOTE_CHARS_MAX));
    }
    match checked {
        Ok(entry) if faults.is_empty() => put(tx, who, entry, note).await,
        Ok(_) => Err(Error::Input(faults)),
        Err(more) => Err(Error::Input(Faults([more.0, faults.0].concat()))),
    }
}

/// Adds an entry that was checked.
///
/// # Errors
/// The same entry stands already.
pub(crate) async fn put(tx: &mut Tx, who: &Who, entry: ListEntry, note: &str) -> Result<Entry> {
    let now = tx.now();
    let made = Entry {
        id: ListEntryId::new(now),
        entry,
        note: note.trim().to_owned(),
        state: EntryState::Active,
        created_at: now,
        created_by: who.user.clone(),
        ended_at: None,
        ended_by: None,
        end_reason: None,
        import_id: None,
    };
    if made.entry.expires_at.is_some() {
        lock_list(tx).await?;
    }
    if insert(tx, std::slice::from_ref(&made)).await? == 0 {
        return Err(Error::conflict(KNOWN, &[]));
    }
    if let Some(end) = made.entry.expires_at {
        expire_by(tx, end).await?;
    }
    note_in_journal(tx, who, "entry.added", &made, json!({})).await?;
    Ok(made)
}

async fn note_in_journal(tx: &mut Tx, who: &Who, kind: &str, entry: &Entry, more: serde_json::Value) -> Result<()> {
    let mut body = json!({
        "pattern": masked(&entry.entry.pattern), "kind": entry.entry.kind, "source": entry.entry.source,
        "expires_at": entry.entry.expires_at, "import_id": entry.import_id,
    });
    if let (Some(body), serde_json::Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let private = json!({ "pattern": entry.entry.pattern, "reason": entry.entry.reason });
    let mut journal = JournalEntry::new(kind, format!("entry:{}", entry.id)).body(&body).private(&private);
    if let Some(case) = &entry.entry.case {
        journal = journal.case(case);
    }
    Ok(tx.append(journal, who).await?)
}

/// Writes rows; those whose like is active already are passed over. Gives how many were written.
pub(super) async fn insert(tx: &mut Tx, entries: &[Entry]) -> Result<u64> {
    let mut written = 0;
    for entries in entries.chunks(ROWS_AT_ONCE) {
        let mut sql = String::from(
            "INSERT INTO operator_entry (id, pattern, kind, reason, source, case_number, note, state, expires_at, \
             created_at, created_by, import_id) VALUES ",
        );
        let mut bound: Args = Vec::with_capacity(entries.len() * 11);
        for (index, made) in entries.iter().enumerate() {
            let n = bound.len();
            let comma = if index == 0 { "" } else { "," };
            sql.push_str(&format!(
                "{comma}(${},${},${},${},${},${},${},'active',${},${},${},${})",
                n + 1,
                n + 2,
                n + 3,
                n + 4,
                n + 5,
                n + 6,
                n + 7,
                n + 8,
                n + 9,
                n + 10,
                n + 11,
            ));
            bound.extend(args![
                made.id,
                made.entry.pattern.to_string(),
                made.entry.kind.word(),
                &made.entry.reason,
                &made.entry.source,
                made.entry.case.clone(),
                &made.note,
                made.entry.expires_at,
                made.created_at,
                &made.created_by,
                made.import_id
            ]);
        }
        sql.push_str(" ON CONFLICT (pattern, kind) WHERE state = 'active' DO NOTHING");
        written += tx.execute(AssertSqlSafe(sql), bound).await?;
    }
    Ok(written)
}

/// Ends an entry; needs `operator.lists.write`.
///
/// # Errors
/// It has ended already, or no reason is given.
pub async fn end(tx: &mut Tx, who: &Who, id: ListEntryId, reason: &str) -> Result<Entry> {
    who.require(WRITE)?;
    if reason.trim().is_empty() {
        return Err(Error::Input(Faults(vec![NO_REASON.at("reason", &[])])));
    }
    finish(tx, who, id, EntryState::Ended, reason.trim()).await
}

/// Ends an entry for a reason that the seat itself knows.
pub(crate) async fn finish(tx: &mut Tx, who: &Who, id: ListEntryId, state: EntryState, reason: &str) -> Result<Entry> {
    let ended = finish_if_active(tx, who, id, state, reason).await?;
    ended.ok_or_else(|| Error::conflict(ENDED, &[]))
}

/// As [`finish`], for what only wants the entry to be over: none where somebody else has ended it meanwhile.
pub(crate) async fn finish_if_active(
    tx: &mut Tx,
    who: &Who,
    id: ListEntryId,
    state: EntryState,
    reason: &str,
) -> Result<Option<Entry>> {
    lock_list(tx).await?;
    let now = tx.now();
    let ended = store::transition("operator_entry", id)
        .from(EntryState::Active.code())
        .to(state.code())
        .set("ended_at", now)
        .set("ended_by", &who.user)
        .set("end_reason", reason)
        .try_apply(tx)
        .await?;
    let row: Option<Row> = tx.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    let entry = row.ok_or(Error::NotFound("entry"))?.read()?;
    if !ended {
        return Ok(None);
    }
    let kind = if state == EntryState::Expired { "entry.expired" } else { "entry.ended" };
    note_in_journal(tx, who, kind, &entry, json!({ "end_reason": reason })).await?;
    Ok(Some(entry))
}

/// Whoever ends entries, loads a file of them, or moves the one timer of their expiries goes after whoever does so now, and
/// before it touches an entry: else a timer is set by what another has not written yet, and a file brings back what a person ends
/// at that moment.
pub(super) async fn lock_list(tx: &mut Tx) -> Result<()> {
    Ok(store::lock_name(tx, EXPIRY).await?)
}

/// Moves the one timer of expiries to the moment, where it stands later.
pub(super) async fn expire_by(tx: &mut Tx, end: Timestamp) -> Result<()> {
    lock_list(tx).await?;
    let due: Option<(i64,)> = tx.fetch_optional("SELECT due FROM timer WHERE key = $1", args![EXPIRY]).await?;
    if due.is_none_or(|(due,)| due > end.0) {
        store::timers::set(tx, EXPIRY, EXPIRY, "list", end).await?;
    }
    Ok(())
}

/// Ends what is due, and sets the timer to the next.
pub(crate) async fn expire(tx: &mut Tx, timer: &store::timers::Timer) -> Result<()> {
    const BATCH: i64 = 500;
    lock_list(tx).await?;
    store::timers::done(tx, timer).await?;
    let now = tx.now();
    let due: Vec<(String,)> = tx
        .fetch_all(
            "SELECT id FROM operator_entry WHERE state = 'active' AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
            args![now, BATCH],
        )
        .await?;
    let who = Who::system("list");
    for (id,) in &due {
        finish_if_active(tx, &who, stored_id(id)?, EntryState::Expired, "到期").await?;
    }
    let next: Option<(Option<i64>,)> =
        tx.fetch_optional("SELECT MIN(expires_at) FROM operator_entry WHERE state = 'active'", args![]).await?;
    if let Some((Some(next),)) = next {
        expire_by(tx, Timestamp(next)).await?;
    }
    Ok(())
}

type ImportRow = (String, String, i64, String, i64, i64, i64, i64);

/// Files that were loaded before imports went on in the background.
pub(super) async fn earlier_imports(db: &Db, before: Option<ImportId>, limit: i64) -> Result<Vec<Imported>> {
    let rows: Vec<ImportRow> = db
        .fetch_all(
            "SELECT id, file_name, at, by_whom, rows_read, loaded, known, refused FROM operator_import
             WHERE id < $1 ORDER BY id DESC LIMIT $2",
            args![before.map_or_else(|| "g".to_owned(), |id| id.to_string()), limit],
        )
        .await?;
    rows.into_iter().map(imported).collect()
}

/// One of them, with its refused rows.
pub(super) async fn earlier_import(db: &Db, id: ImportId) -> Result<Imported> {
    let row: Option<ImportRow> = db
        .fetch_optional(
            "SELECT id, file_name, at, by_whom, rows_read, loaded, known, refused FROM operator_import WHERE id = $1",
            args![id],
        )
        .await?;
    let mut found = imported(row.ok_or(Error::NotFound("import"))?)?;
    let rows: Vec<(i64, String)> = db
        .fetch_all("SELECT line, faults FROM operator_import_refusal WHERE import_id = $1 ORDER BY line", args![id])
        .await?;
    for (line, faults) in rows {
        let faults = crate::error::stored_json(&faults, "faults")?;
        found.refused_rows.push(file::Refused { line: u64::try_from(line).unwrap_or(0), faults });
    }
    Ok(found)
}

fn imported((id, file_name, at, by, rows, loaded, known, refused): ImportRow) -> Result<Imported> {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(Imported {
        id: stored_id(&id)?,
        file_name,
        state: sheet::job::State::Done,
        at: Timestamp(at),
        finished_at: Some(Timestamp(at)),
        by,
        rows: count(rows),
        loaded: count(loaded),
        known: count(known),
        refused: count(refused),
        failure: Vec::new(),
        refused_rows: Vec::new(),
    })
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<EntryState>,
    /// Of this kind.
    pub kind: Option<EntryKind>,
    /// Part of the pattern as stored, or of the case number, the source or the reason.
    pub text: Option<String>,
    /// Before this one, the latest being first.
    pub before: Option<ListEntryId>,
    /// At most so many.
    pub limit: i64,
}

/// Entries that fit, the latest first; needs `operator.lists.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Entry>> {
    who.require(READ)?;
    let mut sql = select!("WHERE id < $1").to_owned();
    let mut bound: Args = args![filter.before.map_or_else(|| "g".to_owned(), |id| id.to_string())];
    if let Some(state) = filter.state {
        bound.push(state.code().into());
        sql.push_str(&format!(" AND state = ${}", bound.len()));
    }
    if let Some(kind) = filter.kind {
        bound.push(kind.word().into());
        sql.push_str(&format!(" AND kind = ${}", bound.len()));
    }
    if let Some(text) = &filter.text {
        // 138… and +86138… find the same number: what stands in the middle of a pattern is enough.
        bound.push(crate::desk::like(text).into());
        let n = bound.len();
        sql.push_str(&format!(
            " AND (pattern LIKE ${n} OR case_number LIKE ${n} OR source LIKE ${n} OR reason LIKE ${n})"
        ));
    }
    bound.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", bound.len()));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One entry.
pub async fn of_id(db: &Db, id: ListEntryId) -> Result<Entry> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or(Error::NotFound("entry"))?.read()
}

/// The entries of a number itself, ended ones too, the latest first; prefixes and ranges are not among them.
pub async fn of_number(db: &Db, number: Number) -> Result<Vec<Entry>> {
    let rows: Vec<Row> =
        db.fetch_all(select!("WHERE pattern = $1 ORDER BY id DESC LIMIT 200"), args![number.to_string()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// The entry of a pattern and kind that is in force.
pub(crate) async fn active(tx: &mut Tx, pattern: &Pattern, kind: EntryKind) -> Result<Option<Entry>> {
    let row: Option<Row> = tx
        .fetch_optional(
            select!("WHERE pattern = $1 AND kind = $2 AND state = 'active'"),
            args![pattern.to_string(), kind.word()],
        )
        .await?;
    row.map(Row::read).transpose()
}

/// Every entry in force, page by page.
///
/// # Errors
/// The database, or an entry that does not read.
pub async fn each_active(db: &Db, mut take: impl FnMut(ListEntry)) -> Result<u64> {
    const PAGE: i64 = 20_000;
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let rows: Vec<Row> = db
            .fetch_all(select!("WHERE state = 'active' AND id > $1 ORDER BY id LIMIT $2"), args![&after, PAGE])
            .await?;
        let Some(last) = rows.last() else { return Ok(count) };
        after.clone_from(&last.id);
        for row in rows {
            take(row.read()?.entry);
            count += 1;
        }
    }
}

/// The entries that a file brought and that are in force.
pub(crate) async fn of_import(db: &Db, id: ImportId) -> Result<Vec<ListEntry>> {
    let rows: Vec<Row> = db.fetch_all(select!("WHERE import_id = $1 AND state = 'active'"), args![id]).await?;
    rows.into_iter().map(|row| Ok(row.read()?.entry)).collect()
}

/// How many of a file are in force, counted no further than it matters.
pub(crate) async fn count_of_import(db: &Db, id: &str) -> Result<i64> {
    let (count,): (i64,) = db
        .fetch_one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM operator_entry WHERE import_id = $1 AND state = 'active' LIMIT 50000) AS counted",
            args![id],
        )
        .await?;
    Ok(count)
}

/// Entries in force by kind, in the order of [`EntryKind::ALL`].
pub async fn counts(db: &Db) -> Result<[i64; 4]> {
    let rows: Vec<(String, i64)> =
        db.fetch_all("SELECT kind, COUNT(*) FROM operator_entry WHERE state = 'active' GROUP BY kind", args![]).await?;
    Ok(EntryKind::ALL.map(|kind| rows.iter().find(|(word, _)| word == kind.word()).map_or(0, |(_, n)| *n)))
}
