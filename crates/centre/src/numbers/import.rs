//! Entries from a file, in the background: the good rows are taken, the others are told with their faults.

use kernel::{Fault, Faults, ImportId, Timestamp};
use serde::Serialize;
use serde_json::json;
use sheet::Row;
use sheet::job::{self, Import, Job, Piece};
use store::journal::Entry;
use store::{Db, Tx, Who};
use wire::ListAction;

use super::desk::{Added, Desk};
use super::entry::NewEntry;
use super::texts;
use crate::intake::parse_moment;

/// Rows of one file at most.
pub const ROWS_MAX: u64 = 1_000_000;
/// Kind of these jobs.
const KIND: &str = "numbers.list";

/// What became of a file, until now while it runs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = NumberImport)]
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
    /// Rows read.
    pub rows: i64,
    /// On the list now.
    pub active: i64,
    /// Prefixes and ranges that wait for a second person.
    pub review: i64,
    /// On the list already.
    pub known: i64,
    /// Rows with faults.
    pub refused: i64,
    /// Why the file was not read to its end.
    pub failure: Vec<Fault>,
    /// The first of them.
    pub refused_rows: Vec<RefusedRow>,
}

/// A row that was not taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = NumberRefusedRow)]
pub struct RefusedRow {
    /// As the file counts, the first line being 1.
    pub row: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl From<Job> for Imported {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            state: job.state,
            at: job.started_at,
            finished_at: job.finished_at,
            rows: job.rows_done,
            active: job.count("active"),
            review: job.count("review"),
            known: job.count("known"),
            refused: job.refused,
            file_name: job.file_name,
            by: job.created_by,
            failure: job.failure,
            refused_rows: Vec::new(),
        }
    }
}

/// An import with its refused rows; needs `numbers.read`.
///
/// # Errors
/// There is none.
pub async fn import_of_id(db: &Db, who: &Who, id: ImportId) -> store::Result<Imported> {
    who.require("numbers.read")?;
    let job = job::of_id(db, KIND, id).await?;
    job.require_scope(who)?;
    let mut found = Imported::from(job);
    let refused = job::refused(db, id, job::REFUSED_KEPT_MAX).await?;
    found.refused_rows = refused.into_iter().map(|(row, faults)| RefusedRow { row, faults }).collect();
    Ok(found)
}

/// The latest imports, without their refused rows; needs `numbers.read`.
///
/// # Errors
/// The database.
pub async fn imports(db: &Db, who: &Who) -> store::Result<Vec<Imported>> {
    who.require("numbers.read")?;
    Ok(job::list(db, who, KIND, None, 100).await?.into_iter().map(Imported::from).collect())
}

/// The import of files of numbers. Numbers stand on the list at once, prefixes and ranges wait for a second person. The
/// name of the file stands for reason and source where it says none.
#[derive(Clone)]
pub struct NumberImport {
    /// The desk.
    pub desk: Desk,
}

impl Import for NumberImport {
    const KIND: &'static str = KIND;
    const RIGHT: &'static str = "numbers.write";
    const ROWS_MAX: u64 = ROWS_MAX;
    type Columns = Columns;

    fn columns(names: &[String]) -> Result<Columns, Faults> {
        Columns::read(names).ok_or_else(|| Faults(vec![texts::FILE_HEADER.at("file", &[])]))
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
        let (mut numbers, mut entries) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            match columns.entry(row, &job.file_name) {
                Ok(new) => {
                    numbers.push(row.number);
                    entries.push(new);
                }
                Err(faults) => piece.refuse(row.number, faults.0),
            }
        }
        let outcomes = self.desk.add_rows(tx, who, entries).await?;
        for (number, outcome) in numbers.into_iter().zip(outcomes) {
            match outcome {
                Ok(Added::Active(_)) => piece.count("active", 1),
                Ok(Added::Review(_)) => piece.count("review", 1),
                Ok(Added::Known(_)) => piece.count("known", 1),
                Err(faults) => piece.refuse(number, faults.0),
            }
        }
        Ok(())
    }

    async fn end(&self, tx: &mut Tx, who: &Who, job: &Job) -> store::Result<()> {
        let body = json!({
            "import_id": job.id, "file_name": job.file_name, "sha256": job.sha256, "rows": job.rows_done,
            "active": job.count("active"), "review": job.count("review"), "known": job.count("known"),
            "refused": job.refused, "state": job.state,
        });
        tx.append(Entry::new("number.imported", format!("import:{}", job.id)).body(&body), who).await
    }
}

/// Where each column stands.
#[derive(Debug)]
pub struct Columns {
    pattern: usize,
    action: Option<usize>,
    reason: Option<usize>,
    source: Option<usize>,
    case_number: Option<usize>,
    expires_at: Option<usize>,
    label: Option<usize>,
}

impl Columns {
    fn read(header: &[String]) -> Option<Self> {
        let find = |names: &[&str]| header.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()));
        Some(Self {
            pattern: find(&["pattern", "number", "号码", "号段", "电话号码"])?,
            action: find(&["action", "处置", "处置方式"]),
            reason: find(&["reason", "原因", "理由"]),
            source: find(&["source", "来源"]),
            case_number: find(&["case_number", "案件编号", "案号"]),
            expires_at: find(&["expires_at", "有效期", "到期时间"]),
            label: find(&["label", "提示语", "标签"]),
        })
    }

    /// The entry of a row. What the file does not say is `otherwise`.
    fn entry(&self, row: &Row, otherwise: &str) -> Result<NewEntry, Faults> {
        let cell = |column: Option<usize>| {
            column.map(|n| kernel::from_sheet_cell(row.text(n)).trim()).filter(|text| !text.is_empty())
        };
        let mut faults = Faults::none();
        if row.cells.get(self.pattern).is_some_and(|cell| cell.rounded) {
            faults.push(sheet::texts::ROUNDED.at("pattern", &[]));
        }
        let action = match cell(self.action) {
            None => ListAction::Block,
            Some(word) => read_action(word).unwrap_or_else(|| {
                faults.push(texts::ACTION.at("action", &[]));
                ListAction::Block
            }),
        };
        let expires_at = cell(self.expires_at).and_then(|text| {
            let at = read_end(text);
            if at.is_none() {
                faults.push(texts::TIME.at("expires_at", &[]));
            }
            at
        });
        let words = |column, otherwise: &str| cell(column).unwrap_or(otherwise).to_owned();
        let mut reason = words(self.reason, otherwise);
        // The list has no case of its own for what another authority numbers; its number stands with the reason.
        if let Some(number) = cell(self.case_number) {
            reason = format!("{reason}（{number}）");
        }
        let new = NewEntry {
            pattern: words(Some(self.pattern), ""),
            action,
            reason,
            source: words(self.source, otherwise),
            case: None,
            expires_at,
            label: cell(self.label).map(str::to_owned),
        };
        if faults.is_empty() { Ok(new) } else { Err(faults) }
    }
}

fn read_action(word: &str) -> Option<ListAction> {
    ListAction::from_code(&word.to_lowercase()).or_else(|| ListAction::ALL.iter().copied().find(|a| a.zh() == word))
}

/// A date ends with its day.
fn read_end(text: &str) -> Option<Timestamp> {
    let text = &sheet::time::joined(text, "", false);
    Timestamp::parse(text).or_else(|| {
        let start = parse_moment(text)?;
        Some(if text.len() <= 10 { start + kernel::Duration::hours(24) } else { start })
    })
}
