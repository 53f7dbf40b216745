//! Entries from a CSV file: the good rows are taken, the others are told with their faults. The file is read from disk piece
//! by piece, so that its length costs time and no memory.

use std::path::Path;

use kernel::{Fault, Faults, Timestamp};
use serde::Serialize;
use store::{Db, Who};
use wire::ListAction;

use super::decoding::{Decoding, encoding_of};
use super::desk::{Added, Desk};
use super::entry::NewEntry;
use super::texts;
use crate::intake::parse_moment;
use crate::stop::Refusal;

/// Rows of one file at most.
pub const ROWS_MAX: usize = 1_000_000;
/// Rows of one transaction.
const ROWS_AT_ONCE: usize = 2_000;
/// Refused rows told at most; the rest is counted.
const REFUSED_SHOWN_MAX: usize = 1_000;

/// What became of a file.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = NumberImport)]
pub struct Imported {
    /// Rows read.
    pub rows: usize,
    /// On the list now.
    pub active: usize,
    /// Prefixes and ranges that wait for a second person.
    pub review: usize,
    /// On the list already.
    pub known: usize,
    /// Rows with faults.
    pub refused: usize,
    /// The first of them.
    pub refused_rows: Vec<RefusedRow>,
}

/// A row that was not taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = NumberRefusedRow)]
pub struct RefusedRow {
    /// As the file counts, the first line being 1.
    pub row: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Imported {
    fn refuse(&mut self, row: usize, faults: Vec<Fault>) {
        self.refused += 1;
        if self.refused_rows.len() < REFUSED_SHOWN_MAX {
            self.refused_rows.push(RefusedRow { row, faults });
        }
    }
}

/// Where each column stands.
struct Columns {
    pattern: usize,
    action: Option<usize>,
    reason: Option<usize>,
    source: Option<usize>,
    case_number: Option<usize>,
    expires_at: Option<usize>,
    label: Option<usize>,
}

impl Columns {
    fn read(header: &csv::StringRecord) -> Option<Self> {
        let find = |names: &[&str]| {
            header
                .iter()
                .position(|cell| names.contains(&cell.trim().trim_start_matches('\u{feff}').to_lowercase().as_str()))
        };
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
    fn entry(&self, row: &csv::StringRecord, otherwise: &str) -> Result<NewEntry, Faults> {
        let cell = |column: Option<usize>| {
            column.and_then(|n| row.get(n)).map(kernel::from_sheet_cell).map(str::trim).filter(|text| !text.is_empty())
        };
        let mut faults = Faults::none();
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
    Timestamp::parse(text).or_else(|| {
        let start = parse_moment(text)?;
        Some(if text.len() <= 10 { start + kernel::Duration::hours(24) } else { start })
    })
}

/// The rows of a file, one batch after the other.
struct Rows {
    reader: csv::Reader<Decoding>,
    columns: Columns,
    /// As the file counts.
    next: usize,
}

/// A row's number, and the row where it could be read.
type Numbered = (usize, Option<csv::StringRecord>);

impl Rows {
    /// Opens a file that has a column of numbers and not too many rows. Blocks on the file.
    fn open(path: &Path) -> Result<Self, Fault> {
        let unreadable = |_| texts::FILE_READ.at("file", &[]);
        let encoding = encoding_of(path).map_err(unreadable)?;
        let open = || Decoding::open(path, encoding).map_err(unreadable);
        let reader = |from| csv::ReaderBuilder::new().flexible(true).from_reader(from);
        // A file that is too long is refused before anything of it is taken.
        let mut counted = reader(open()?);
        let mut row = csv::ByteRecord::new();
        let mut rows = 0usize;
        while counted.read_byte_record(&mut row).unwrap_or(false) {
            rows += 1;
            if rows > ROWS_MAX {
                return Err(texts::FILE_ROWS.at("file", &[("most", &ROWS_MAX.to_string())]));
            }
        }
        let mut reader = reader(open()?);
        let columns = reader.headers().ok().and_then(Columns::read);
        let columns = columns.ok_or_else(|| texts::FILE_HEADER.at("file", &[]))?;
        Ok(Self { reader, columns, next: 2 })
    }

    /// The next rows; none at the end of the file. Blocks on the file.
    fn batch(&mut self) -> Vec<Numbered> {
        // A disk that fails once fails for every row to come.
        let there = |row: &csv::Result<csv::StringRecord>| !row.as_ref().is_err_and(csv::Error::is_io_error);
        let rows = self.reader.records().take(ROWS_AT_ONCE).take_while(there).map(Result::ok);
        let batch: Vec<Numbered> = rows.enumerate().map(|(n, row)| (self.next + n, row)).collect();
        self.next += batch.len();
        batch
    }
}

/// Takes the rows of a CSV file in UTF-8 or GB 18030; `otherwise` stands for reason and source where the file says
/// none. Numbers stand on the list at once, prefixes and ranges wait for a second person.
///
/// # Errors
/// The file has no column of numbers or too many rows; needs `numbers.write`.
pub async fn import(db: &Db, desk: &Desk, who: &Who, file: &Path, otherwise: &str) -> Result<Imported, Refusal> {
    who.require("numbers.write")?;
    let path = file.to_owned();
    let mut rows = off_thread(move || Rows::open(&path)).await??;
    let mut done = Imported::default();
    loop {
        let (batch, back) = off_thread(move || (rows.batch(), rows)).await?;
        rows = back;
        if batch.is_empty() {
            break;
        }
        let mut good = Vec::with_capacity(batch.len());
        for (number, row) in batch {
            done.rows += 1;
            match row.map(|row| rows.columns.entry(&row, otherwise)) {
                None => done.refuse(number, vec![texts::FILE_READ.at("", &[])]),
                Some(Err(faults)) => done.refuse(number, faults.0),
                Some(Ok(new)) => good.push((number, new)),
            }
        }
        take(db, desk, who, good, &mut done).await?;
    }
    done.refused_rows.sort_by_key(|refused| refused.row);
    Ok(done)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> store::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| store::Error::Corrupt(error.to_string()))
}

async fn take(db: &Db, desk: &Desk, who: &Who, good: Vec<(usize, NewEntry)>, done: &mut Imported) -> store::Result<()> {
    let (numbers, entries): (Vec<usize>, Vec<NewEntry>) = good.into_iter().unzip();
    let mut tx = db.begin().await?;
    let outcomes = desk.add_rows(&mut tx, who, entries).await?;
    tx.commit().await?;
    for (number, outcome) in numbers.into_iter().zip(outcomes) {
        match outcome {
            Ok(Added::Active(_)) => done.active += 1,
            Ok(Added::Review(_)) => done.review += 1,
            Ok(Added::Known(_)) => done.known += 1,
            Err(faults) => done.refuse(number, faults.0),
        }
    }
    Ok(())
}
