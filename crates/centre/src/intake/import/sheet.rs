//! Reads a file into rows of texts: CSV in UTF-8, UTF-16 or GB18030, or a workbook.

use std::io::Cursor;

use calamine::{Data, Reader};
use kernel::Fault;

use crate::intake::texts;

/// Rows in one file at most.
pub const ROWS_MAX: usize = 50_000;
/// Columns that are read at most.
const COLUMNS_MAX: usize = 200;
/// A spreadsheet keeps fifteen digits of a number; from here on the rest is lost.
const EXACT_MAX: f64 = 1e15;

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    /// A number too long for the spreadsheet, whose last digits are lost.
    pub(super) rounded: bool,
}

/// A row that is not empty.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// As the file counts, from 1.
    pub(super) number: usize,
    pub(super) cells: Vec<Cell>,
}

/// The rows of a file, of the sheet named or the first.
pub(super) fn read(bytes: &[u8], sheet: Option<&str>) -> Result<Vec<Row>, Fault> {
    const ZIP: [u8; 4] = [b'P', b'K', 3, 4];
    const OLE: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];
    let rows =
        if bytes.starts_with(&ZIP) || bytes.starts_with(&OLE) { workbook(bytes, sheet) } else { separated(bytes) }?;
    if rows.is_empty() {
        return Err(texts::FILE_EMPTY.at("file", &[]));
    }
    if rows.len() > ROWS_MAX {
        let (count, most) = (rows.len().to_string(), ROWS_MAX.to_string());
        return Err(texts::FILE_ROWS.at("file", &[("count", &count), ("most", &most)]));
    }
    Ok(rows)
}

fn unreadable() -> Fault {
    texts::FILE_KIND.at("file", &[])
}

fn workbook(bytes: &[u8], sheet: Option<&str>) -> Result<Vec<Row>, Fault> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let names = book.sheet_names();
    let name = match sheet {
        Some(wanted) => names.iter().find(|name| *name == wanted),
        None => names.first(),
    };
    let name = name.ok_or_else(|| texts::FILE_SHEET.at("file", &[("sheet", sheet.unwrap_or("1"))]))?;
    let range = book.worksheet_range(name).map_err(|_| unreadable())?;
    let first = range.start().map_or(0, |(row, _)| usize::try_from(row).unwrap_or(0));
    // Columns before the first used one are kept, so that #3 means the third column of the sheet.
    let offset = range.start().map_or(0, |(_, column)| usize::try_from(column).unwrap_or(0)).min(COLUMNS_MAX);
    let rows = range.rows().take(ROWS_MAX + 2).enumerate().map(|(index, cells)| Row {
        number: first + index + 1,
        cells: std::iter::repeat_n(Cell::default(), offset).chain(cells.iter().take(COLUMNS_MAX).map(cell)).collect(),
    });
    Ok(rows.filter(is_filled).collect())
}

fn cell(data: &Data) -> Cell {
    let exact = |text: String| Cell { text, rounded: false };
    match data {
        Data::Empty | Data::Error(_) => Cell::default(),
        Data::String(text) => exact(text.trim().to_owned()),
        Data::Int(number) => exact(number.to_string()),
        Data::Float(number) if number.fract() == 0.0 => {
            Cell { text: format!("{number:.0}"), rounded: number.abs() >= EXACT_MAX }
        }
        // The shortest decimal that reads as this number is what was typed.
        Data::Float(number) => exact(number.to_string()),
        Data::Bool(value) => exact(value.to_string()),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            exact(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
        Data::DateTime(moment) => exact(moment.as_f64().to_string()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => exact(text.replace('T', " ")),
    }
}

fn separated(bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    let text = decoded(bytes).ok_or_else(unreadable)?;
    let first_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let delimiter = [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|d| (first_line.bytes().filter(|b| b == d).count(), *d == b','))
        .unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| unreadable())?;
        let number = record.position().map_or(0, |at| line_number(&text, at));
        let cells = record.iter().take(COLUMNS_MAX).map(text_cell).collect();
        let row = Row { number, cells };
        if is_filled(&row) {
            rows.push(row);
        }
        if rows.len() > ROWS_MAX + 1 {
            break;
        }
    }
    Ok(rows)
}

/// The reader counts from where it went on; empty lines that it passed over come on top.
fn line_number(text: &str, at: &csv::Position) -> usize {
    let rest = usize::try_from(at.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or("");
    let passed = rest.bytes().take_while(|b| matches!(b, b'\n' | b'\r')).filter(|b| *b == b'\n').count();
    usize::try_from(at.line()).unwrap_or(0) + passed
}

/// Exports protect long numbers as `="6222…"`, `'6222…` or with a trailing tab; others spoil them to 6.22202E+18.
fn text_cell(text: &str) -> Cell {
    let text = text.trim().trim_start_matches(['=', '\'', '`']).trim_matches('"').trim();
    let spoiled = text.split_once(['E', 'e']).is_some_and(|(mantissa, exponent)| {
        mantissa.contains('.')
            && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.')
            && exponent.strip_prefix('+').is_some_and(|e| e.chars().all(|c| c.is_ascii_digit()))
    });
    Cell { text: text.to_owned(), rounded: spoiled }
}

fn decoded(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, faulty) = encoding.decode_without_bom_handling(bytes.get(length..)?);
        return (!faulty).then(|| text.into_owned());
    }
    if bytes.contains(&0) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => {
            let (text, faulty) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
            (!faulty).then(|| text.into_owned())
        }
    }
}

fn is_filled(row: &Row) -> bool {
    row.cells.iter().any(|cell| !cell.text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let joined = |row: Row| {
            let cells: Vec<String> =
                row.cells.iter().map(|c| format!("{}{}", c.text, if c.rounded { "~" } else { "" })).collect();
            format!("{}:{}", row.number, cells.join("|"))
        };
        read(bytes, None).map_or_else(|fault| vec![fault.said.code], |rows| rows.into_iter().map(joined).collect())
    }

    #[test]
    fn csv_in_every_coding() {
        let text = "姓名,账号\n\n张三,=\"6222021234567890128\"\n李四,6.22202E+18\n";
        let expected = ["1:姓名|账号", "3:张三|6222021234567890128", "4:李四|6.22202E+18~"];
        assert_eq!(lines(text.as_bytes()), expected);
        assert_eq!(lines(format!("\u{feff}{text}").as_bytes()), expected);
        let (gb, _, _) = encoding_rs::GB18030.encode(text);
        assert_eq!(lines(&gb), expected);
        assert_eq!(lines("a\tb\n1\t2".as_bytes()), ["1:a|b", "2:1|2"]);
        assert_eq!(lines(b""), ["import.empty"]);
        assert_eq!(lines(&[0, 1, 2, 255]), ["import.kind"]);
        assert_eq!(lines(b"PK\x03\x04broken"), ["import.kind"]);
    }

    proptest::proptest! {
        #[test]
        fn no_file_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = read(&bytes, None);
        }
    }
}
