//! Workbooks, cell by cell: what a sheet says of its size is not believed.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use calamine::{Data, Reader, Xlsx};

use crate::cell::{Cell, Row};
use crate::limits::{CELL_CHARS_MAX, COLUMNS_MAX, ROW_BYTES_MAX};
use crate::read::{Failure, is_filled};

/// From here on a number has more digits than a spreadsheet keeps.
const EXACT_MAX: f64 = 1e15;

/// Reads a workbook row by row until `take` has enough; first tells whether its days count from 1904.
pub(crate) fn each(
    file: File,
    sheet: Option<&str>,
    begin: impl FnOnce(bool) -> Result<(), Failure>,
    mut take: impl FnMut(Row) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let again = file.try_clone()?;
    match Xlsx::new(BufReader::new(file)) {
        Ok(mut book) => {
            let name = chosen(&book.sheet_names(), sheet)?;
            begin(book.has_1904_epoch())?;
            let mut cells = book.worksheet_cells_reader(&name).map_err(|_| Failure::Unreadable)?;
            let mut row = Gathered::default();
            while let Some(cell) = cells.next_cell().map_err(|_| Failure::Unreadable)? {
                let (at, column) = cell.get_position();
                if at != row.at && !row.give(at, &mut take)? {
                    return Ok(());
                }
                row.put(column, &Data::from(cell.get_value().clone()));
            }
            row.give(u32::MAX, &mut take).map(|_| ())
        }
        Err(_) => other(again, sheet, begin, take),
    }
}

/// The older and rarer kinds, which have no way to be read cell by cell; the limits of the process hold them.
fn other(
    mut file: File,
    sheet: Option<&str>,
    begin: impl FnOnce(bool) -> Result<(), Failure>,
    mut take: impl FnMut(Row) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let mut book =
        calamine::open_workbook_auto_from_rs(std::io::Cursor::new(bytes)).map_err(|_| Failure::Unreadable)?;
    let name = chosen(&book.sheet_names(), sheet)?;
    begin(false)?;
    let range = book.worksheet_range(&name).map_err(|_| Failure::Unreadable)?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut row = Gathered { at: first_row, ..Gathered::default() };
    for (index, cells) in range.rows().enumerate() {
        let at = first_row.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
        if at != row.at && !row.give(at, &mut take)? {
            return Ok(());
        }
        for (column, cell) in cells.iter().enumerate() {
            row.put(first_column.saturating_add(u32::try_from(column).unwrap_or(u32::MAX)), cell);
        }
    }
    row.give(u32::MAX, &mut take).map(|_| ())
}

fn chosen(names: &[String], sheet: Option<&str>) -> Result<String, Failure> {
    let name = match sheet {
        Some(wanted) => names.iter().find(|name| *name == wanted),
        None => names.first(),
    };
    name.cloned().ok_or_else(|| Failure::NoSheet(sheet.unwrap_or("1").to_owned()))
}

/// The cells of one row.
#[derive(Default)]
struct Gathered {
    at: u32,
    cells: Vec<Cell>,
    bytes: usize,
    too_long: bool,
}

impl Gathered {
    fn put(&mut self, column: u32, data: &Data) {
        let Some(column) = usize::try_from(column).ok().filter(|column| *column < COLUMNS_MAX) else { return };
        let cell = cell(data);
        self.bytes += cell.text.len();
        self.too_long |= self.bytes > ROW_BYTES_MAX || cell.text.chars().count() > CELL_CHARS_MAX;
        if self.too_long || cell.text.is_empty() {
            return;
        }
        // Columns before the first used one are kept, so that #3 means the third column of the sheet.
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::default());
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
    }

    /// Hands the row on, and begins the next.
    fn give(&mut self, next: u32, take: &mut impl FnMut(Row) -> Result<bool, Failure>) -> Result<bool, Failure> {
        let done = std::mem::replace(self, Self { at: next, ..Self::default() });
        let cells = if done.too_long { Vec::new() } else { done.cells };
        let row = Row { number: u64::from(done.at) + 1, cells, too_long: done.too_long };
        if is_filled(&row) || row.too_long { take(row) } else { Ok(true) }
    }
}

fn cell(data: &Data) -> Cell {
    let exact = |text: String| Cell { text, ..Cell::default() };
    match data {
        Data::Empty | Data::Error(_) => Cell::default(),
        Data::String(text) => Cell::of(text),
        Data::Int(number) => exact(number.to_string()),
        Data::Float(number) if number.fract() == 0.0 => {
            Cell { text: format!("{number:.0}"), rounded: number.abs() >= EXACT_MAX, replaced: false }
        }
        // The shortest decimal that reads as this number is what was typed.
        Data::Float(number) => exact(number.to_string()),
        Data::Bool(value) => exact(value.to_string()),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _milli) = moment.to_ymd_hms_milli();
            // A cell that holds a time of day alone has no day.
            if moment.as_f64() < 1.0 {
                return exact(format!("{hour:02}:{minute:02}:{second:02}"));
            }
            exact(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
        Data::DateTime(moment) => exact(moment.as_f64().to_string()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => exact(text.replace('T', " ")),
    }
}
