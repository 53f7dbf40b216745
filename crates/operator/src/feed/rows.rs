//! Rows of a feed: a line of JSON each (NDJSON), an array of JSON, or CSV with a line of names.
//!
//! All three say the same: texts under names. A number in JSON (seconds, a trunk group) counts as its digits.

use kernel::{Fault, Faults, Text, Timestamp};
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::list::file::{self, FileReport};

/// Bytes of one request at most.
pub const BYTES_MAX: usize = 16 << 20;
/// Rows of one request at most.
pub const ROWS_MAX: u64 = 50_000;
/// Characters of one value at most.
const VALUE_CHARS_MAX: usize = 256;

const NO_COLUMN: Text = Text::new(
    "operator.feed.column",
    ("缺少“{column}”列", "there is no column {column}"),
    ("第一行写列名；可用：{columns}", "Begin with a line of column names; known are {columns}"),
);
const NOT_A_ROW: Text = Text::new(
    "operator.feed.row",
    ("这一行无法读取：{problem}", "this row cannot be read: {problem}"),
    ("每行一个 JSON 对象，或一行有效的 CSV", "Send one JSON object a row, or a valid line of CSV"),
);
const NOT_JSON: Text = Text::new(
    "operator.feed.json",
    ("不是 JSON 数组：{problem}", "this is no array in JSON: {problem}"),
    ("发送对象的数组，或改用 application/x-ndjson", "Send an array of objects, or use application/x-ndjson"),
);
const UNKNOWN: Text = Text::new(
    "operator.feed.unknown",
    ("没有名为“{name}”的字段", "there is no field {name}"),
    ("可用：{columns}", "Known are {columns}"),
);
const VALUE: Text = Text::new(
    "operator.feed.value",
    ("须为文字或数字，且不超过 {max} 个字符", "this must be a text or a number of at most {max} characters"),
    ("请改正", "Mend it"),
);
const TOO_MANY: Text = Text::new(
    "operator.feed.rows",
    ("超过 {max} 行", "there are more than {max} rows"),
    ("请分批发送", "Send them in parts"),
);
const MISSING: Text = Text::new("operator.feed.missing", ("该栏为空", "the field is empty"), ("请补齐", "Fill it in"));
const TIME: Text = Text::new(
    "operator.feed.time",
    ("“{found}”不是时间", "“{found}” is not a time"),
    (
        "写作 2026-11-24T08:00:00+08:00、北京时间 2026-11-24 08:00:00，或自 1970 年起的秒数",
        "Write 2026-11-24T08:00:00+08:00, 2026-11-24 08:00:00 in China, or seconds since 1970",
    ),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[NO_COLUMN, NOT_A_ROW, NOT_JSON, UNKNOWN, VALUE, TOO_MANY, MISSING, TIME];

/// A field that rows may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Other names that files use, in lower case.
    pub others: &'static [&'static str],
    /// A file without it is refused whole.
    pub needed: bool,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// An array of JSON objects.
    Json,
    /// CSV with a line of names, UTF-8 or GB 18030.
    Csv,
}

impl Format {
    /// The format of a media type.
    pub fn of_media_type(text: &str) -> Option<Self> {
        match text.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Ndjson),
            "application/json" => Some(Self::Json),
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The format of a file, by the end of its name and its first sign.
    pub fn of_file(name: &str, bytes: &[u8]) -> Self {
        let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
        match (name.rsplit('.').next(), first) {
            (Some("csv"), _) => Self::Csv,
            (_, Some(b'[')) => Self::Json,
            (_, Some(b'{')) => Self::Ndjson,
            _ => Self::Csv,
        }
    }
}

/// The values of a row, by the columns that were asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    columns: &'static [Column],
    values: Vec<String>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row of {} values", self.values.len())
    }
}

impl Column {
    fn is(&self, name: &str) -> bool {
        let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
        name == self.name || self.others.contains(&name.as_str())
    }
}

impl Row {
    fn new(columns: &'static [Column]) -> Self {
        Self { columns, values: vec![String::new(); columns.len()] }
    }

    fn put(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let at = self.columns.iter().position(|column| column.is(name));
        let Some(slot) = at.and_then(|at| self.values.get_mut(at)) else {
            let shown = short(name);
            return Err(UNKNOWN.at(shown.clone(), &[("name", &shown), ("columns", &names(self.columns))]));
        };
        if value.chars().count() > VALUE_CHARS_MAX {
            return Err(VALUE.at(name, &[("max", &VALUE_CHARS_MAX.to_string())]));
        }
        value.trim().clone_into(slot);
        Ok(())
    }

    /// The text under a name; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        let at = self.columns.iter().position(|column| column.name == name);
        at.and_then(|at| self.values.get(at)).map_or("", String::as_str)
    }

    /// The text under a name, which must be there.
    ///
    /// # Errors
    /// It is empty.
    pub fn needed(&self, name: &str) -> Result<&str, Fault> {
        Some(self.text(name)).filter(|text| !text.is_empty()).ok_or_else(|| MISSING.at(name, &[]))
    }

    /// The moment under a name; none where it is empty.
    ///
    /// # Errors
    /// It is no moment.
    pub fn moment(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        read_moment(text).map(Some).ok_or_else(|| TIME.at(name, &[("found", &short(text))]))
    }

    /// The moment under a name, which must be there.
    ///
    /// # Errors
    /// It is empty, or no moment.
    pub fn needed_moment(&self, name: &str) -> Result<Timestamp, Fault> {
        self.needed(name)?;
        self.moment(name)?.ok_or_else(|| MISSING.at(name, &[]))
    }

    /// As an object with the names of the columns; empty values are left out.
    pub fn to_json(&self) -> Value {
        let filled = self.columns.iter().zip(&self.values).filter(|(_, value)| !value.is_empty());
        Value::Object(filled.map(|(column, value)| (column.name.to_owned(), Value::String(value.clone()))).collect())
    }
}

/// As much of what was found as a fault tells.
pub(super) fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// RFC 3339 with an offset, civil time in China, or seconds since 1970.
fn read_moment(text: &str) -> Option<Timestamp> {
    if let Some(at) = Timestamp::parse(text) {
        return Some(at);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let micros: String = part.chars().chain("000000".chars()).take(6).collect();
        let seconds: i64 = whole.parse().ok().filter(|s| (1_000_000_000..10_000_000_000).contains(s))?;
        return Some(Timestamp(seconds * 1_000_000 + micros.parse::<i64>().ok()?));
    }
    Timestamp::from_civil_cst(text.parse().ok()?)
}

/// Reads rows and checks each; gives the good ones.
///
/// # Errors
/// It is no such text at all, a needed column is missing, or there are too many rows; then nothing counts.
pub fn read<T>(
    format: Format,
    bytes: &[u8],
    columns: &'static [Column],
    mut check: impl FnMut(&Row) -> Result<T, Faults>,
) -> Result<(Vec<T>, FileReport), Faults> {
    let (mut good, mut report) = (Vec::new(), FileReport::default());
    each(format, bytes, columns, |line, row| {
        report.rows += 1;
        match row.and_then(|row| check(&row)) {
            Ok(value) => good.push(value),
            Err(faults) => report.refuse(line, faults),
        }
        report.rows <= ROWS_MAX
    })?;
    if report.rows > ROWS_MAX {
        return Err(Faults(vec![TOO_MANY.at("", &[("max", &ROWS_MAX.to_string())])]));
    }
    Ok((good, report))
}

/// Hands on each row with its line (of an array: its place), from 1, until `take` has enough.
///
/// # Errors
/// It is no such text at all, or a needed column is missing.
pub fn each(
    format: Format,
    bytes: &[u8],
    columns: &'static [Column],
    mut take: impl FnMut(u64, Result<Row, Faults>) -> bool,
) -> Result<(), Faults> {
    match format {
        Format::Ndjson => {
            for (line, text) in (1..).zip(bytes.split(|b| *b == b'\n')) {
                let text = text.trim_ascii();
                if !text.is_empty() && !take(line, of_json(serde_json::from_slice(text), columns)) {
                    break;
                }
            }
            Ok(())
        }
        Format::Json => {
            let mut reader = serde_json::Deserializer::from_slice(bytes);
            let elements = Elements { columns, take: &mut take };
            elements
                .deserialize(&mut reader)
                .and_then(|enough| if enough { Ok(()) } else { reader.end() })
                .map_err(|error| Faults(vec![NOT_JSON.at("", &[("problem", &error.to_string())])]))
        }
        Format::Csv => each_of_csv(bytes, columns, take),
    }
}

fn of_json(read: Result<Value, serde_json::Error>, columns: &'static [Column]) -> Result<Row, Faults> {
    let unread = |problem: &str| Faults(vec![NOT_A_ROW.at("", &[("problem", problem)])]);
    match read {
        Ok(Value::Object(object)) => of_object(&object, columns),
        Ok(_) => Err(unread("no object")),
        Err(error) => Err(unread(&error.to_string())),
    }
}

fn of_object(object: &Map<String, Value>, columns: &'static [Column]) -> Result<Row, Faults> {
    let (mut row, mut faults) = (Row::new(columns), Faults::none());
    for (name, value) in object {
        let put = match value {
            Value::Null => row.put(name, ""),
            Value::String(text) => row.put(name, text),
            Value::Number(number) => row.put(name, &number.to_string()),
            _ => Err(VALUE.at(name, &[("max", &VALUE_CHARS_MAX.to_string())])),
        };
        if let Err(fault) = put {
            faults.push(fault);
        }
    }
    faults.into_result().map(|()| row)
}

/// The elements of an array, handed on one by one, so that a large one is never in memory twice.
struct Elements<'t, F> {
    columns: &'static [Column],
    take: &'t mut F,
}

impl<'de, F: FnMut(u64, Result<Row, Faults>) -> bool> DeserializeSeed<'de> for Elements<'_, F> {
    /// Whether there was enough before the end.
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(u64, Result<Row, Faults>) -> bool> Visitor<'de> for Elements<'_, F> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut enough = false;
        let mut place = 0;
        // What stands behind must be read to its end all the same, or the text counts as broken.
        while let Some(element) = elements.next_element::<Value>()? {
            place += 1;
            enough = enough || !(self.take)(place, of_json(Ok(element), self.columns));
        }
        Ok(enough)
    }
}

fn each_of_csv(
    bytes: &[u8],
    columns: &'static [Column],
    mut take: impl FnMut(u64, Result<Row, Faults>) -> bool,
) -> Result<(), Faults> {
    file::each_record(
        bytes,
        |names| find_columns(names, columns),
        |line, row| {
            let row = match row {
                Ok((text, places)) => of_record(&text, places, columns),
                Err(error) => Err(Faults(vec![NOT_A_ROW.at("", &[("problem", &error.to_string())])])),
            };
            Ok(take(line, row))
        },
    )
}

/// Which column each field is; one that nobody asked for is passed over, since a CDR has many.
fn find_columns(text: &csv::StringRecord, columns: &'static [Column]) -> Result<Vec<Option<usize>>, Faults> {
    let places: Vec<Option<usize>> =
        text.iter().map(|name| columns.iter().position(|column| column.is(name))).collect();
    let mut faults = Faults::none();
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.needed) {
        if !places.contains(&Some(at)) {
            faults.push(NO_COLUMN.at(column.name, &[("column", column.name), ("columns", &names(columns))]));
        }
    }
    faults.into_result().map(|()| places)
}

fn of_record(text: &csv::StringRecord, places: &[Option<usize>], columns: &'static [Column]) -> Result<Row, Faults> {
    let (mut row, mut faults) = (Row::new(columns), Faults::none());
    for (place, value) in places.iter().zip(text) {
        if let Some(column) = place.and_then(|at| columns.get(at))
            && let Err(fault) = row.put(column.name, value)
        {
            faults.push(fault);
        }
    }
    faults.into_result().map(|()| row)
}
