//! The row that names the columns, wherever it stands: above it there may be a title, the holder, the period.

use kernel::{Fault, Faults};

use crate::cell::Row;
use crate::limits::HEADER_ROWS_MAX;
use crate::rows::Rows;
use crate::texts;

/// Rows below their header.
#[derive(Debug)]
pub struct Headed<C> {
    /// What the columns hold.
    pub columns: C,
    /// Row of the names, as the file counts.
    pub header_row: u64,
    rows: Rows,
}

/// Finds the header: the first row in which `find` finds the columns that must be there. Where it fails everywhere, its
/// faults for the fullest row are told.
///
/// # Errors
/// Those of the file, and of `find`.
pub async fn headed<C>(mut rows: Rows, find: impl Fn(&[String]) -> Result<C, Faults>) -> Result<Headed<C>, Faults> {
    let mut seen = 0;
    let mut fullest: Option<(usize, Faults)> = None;
    while seen < HEADER_ROWS_MAX
        && let Some(row) = rows.next().await.map_err(one)?
    {
        match find(&row.texts()) {
            Ok(columns) => {
                return Ok(Headed { columns, header_row: row.number, rows });
            }
            Err(faults) => {
                let filled = row.cells.iter().filter(|cell| !cell.text.is_empty()).count();
                // Rows with fewer faults come nearer to a header.
                let better = fullest.as_ref().is_none_or(|(most, known)| {
                    (faults.0.len(), std::cmp::Reverse(filled)) < (known.0.len(), std::cmp::Reverse(*most))
                });
                if better {
                    fullest = Some((filled, faults));
                }
                seen += 1;
            }
        }
    }
    match fullest {
        Some((_, faults)) => Err(faults),
        None => Err(find(&[]).err().unwrap_or_else(|| one(texts::EMPTY.at("file", &[])))),
    }
}

fn one(fault: Fault) -> Faults {
    Faults(vec![fault])
}

impl<C> Headed<C> {
    /// The next row; none at the end.
    ///
    /// # Errors
    /// The file goes no further.
    pub async fn next(&mut self) -> Result<Option<Row>, Fault> {
        self.rows.next().await
    }

    /// Whether numbers that stand for days count from 1904.
    pub const fn dates_1904(&self) -> bool {
        self.rows.dates_1904()
    }
}
