//! Reads a file to the end, in the process that does nothing else.

use std::fs::File;
use std::io::{Read, Seek};

use serde::{Deserialize, Serialize};

use crate::cell::Row;
use crate::limits::ROWS_MAX;
use crate::{csv_text, workbook};

/// What is asked of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Sheet of a workbook; the first where absent.
    pub sheet: Option<String>,
    /// Rows at most.
    pub rows_max: u64,
}

impl Options {
    /// The first sheet, and at most so many rows of data.
    pub const fn rows(rows_max: u64) -> Self {
        Self { sheet: None, rows_max }
    }
}

/// What the reading process says, one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Line {
    /// The file is open.
    #[serde(rename = "b")]
    Begin {
        /// Days count from 1904.
        dates_1904: bool,
    },
    /// A row.
    #[serde(rename = "r")]
    Row(Row),
    /// It goes no further.
    #[serde(rename = "f")]
    Failed(Failure),
    /// That was all.
    #[serde(rename = "e")]
    End,
}

/// Why a file is not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failure {
    /// Neither text nor a workbook.
    Unreadable,
    /// The sheet is not there.
    NoSheet(String),
    /// More rows than are taken.
    TooManyRows(u64),
    /// The disk, or the pipe.
    Lost(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Lost(error.to_string())
    }
}

/// Hands on the lines of a file until `give` has enough.
pub(crate) fn lines(mut file: File, options: &Options, give: &mut dyn FnMut(Line) -> Result<(), Failure>) {
    let most = options.rows_max.min(ROWS_MAX);
    let outcome = (|| {
        let mut head = [0_u8; 8];
        let read = file.read(&mut head)?;
        file.rewind()?;
        let give = std::cell::RefCell::new(&mut *give);
        let mut rows = 0_u64;
        let take = |row: Row| {
            rows += 1;
            // One row more than data: the names of the columns.
            if rows > most.saturating_add(1) {
                return Err(Failure::TooManyRows(most));
            }
            (give.borrow_mut())(Line::Row(row)).map(|()| true)
        };
        if is_workbook(head.get(..read).unwrap_or_default()) {
            workbook::each(
                file,
                options.sheet.as_deref(),
                |dates_1904| (give.borrow_mut())(Line::Begin { dates_1904 }),
                take,
            )
        } else {
            (give.borrow_mut())(Line::Begin { dates_1904: false })?;
            csv_text::each(file, take)
        }
    })();
    // Where the pipe itself is gone, nobody hears this either.
    let _told = give(outcome.map_or_else(Line::Failed, |()| Line::End));
}

fn is_workbook(head: &[u8]) -> bool {
    const ZIP: [u8; 4] = [b'P', b'K', 3, 4];
    const OLE: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];
    head.starts_with(&ZIP) || head.starts_with(&OLE)
}

pub(crate) fn is_filled(row: &Row) -> bool {
    row.cells.iter().any(|cell| !cell.text.is_empty())
}
