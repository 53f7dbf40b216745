//! Records as a columnar file (Parquet). Each row group knows the span of its moments, and which numbers may be in it
//! (bloom filters), so that a search opens little of what it passes over.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use kernel::{Duration, Timestamp};
use parquet::basic::Compression;
use parquet::column::reader::{ColumnReader, get_typed_column_reader};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{ReaderProperties, WriterProperties};
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::row::{Record, RecordKind, Word};
use super::seen::{self, TextSeen};

/// Rows of one group.
pub(super) const GROUP_ROWS: usize = 100_000;

const SCHEMA: &str = "
message record {
    REQUIRED INT32 kind;
    REQUIRED INT64 at (TIMESTAMP(MICROS,true));
    REQUIRED INT64 key;
    REQUIRED INT64 from_number;
    REQUIRED BYTE_ARRAY from_raw (UTF8);
    REQUIRED INT64 to_number;
    REQUIRED BYTE_ARRAY front (UTF8);
    REQUIRED INT32 trunk;
    REQUIRED BYTE_ARRAY trunk_kind (UTF8);
    REQUIRED BYTE_ARRAY attestation (UTF8);
    REQUIRED BYTE_ARRAY action (UTF8);
    REQUIRED BYTE_ARRAY reason (UTF8);
    REQUIRED BYTE_ARRAY decided_by (UTF8);
    REQUIRED BYTE_ARRAY class (UTF8);
    REQUIRED FLOAT probability;
    REQUIRED INT32 took_ns;
    REQUIRED BOOLEAN answered;
    REQUIRED INT64 talked_us;
    REQUIRED BOOLEAN cut;
    REQUIRED BYTE_ARRAY text_class (UTF8);
    REQUIRED INT32 registration;
    REQUIRED INT32 class_permille;
    REQUIRED INT32 urls;
    REQUIRED INT32 phones;
    REQUIRED INT32 accounts;
    REQUIRED INT32 chats;
    REQUIRED INT32 evasions;
    REQUIRED INT32 characters;
    REQUIRED INT32 names_blocked;
    REQUIRED INT32 alike;
    REQUIRED INT32 alike_senders;
    REQUIRED INT32 contact;
    REQUIRED INT32 contact_senders;
    REQUIRED INT32 text_kept;
}";

const AT: usize = 1;
const FROM: usize = 3;
const TO: usize = 5;
/// Columns of every file; one that was written before features of texts were kept has no others.
const COLUMNS: usize = 19;
const SEEN: usize = COLUMNS + 1;
const ALL_COLUMNS: usize = SEEN + seen::COLUMNS.len();

/// A file of records that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The format.
    #[error(transparent)]
    Format(#[from] ParquetError),
    /// A column is missing or of another kind.
    #[error("not a file of records: {0}")]
    Foreign(&'static str),
}

/// Writes records in the order given.
pub(super) fn write(path: &Path, rows: &[Record]) -> Result<(), FileError> {
    write_as(path, rows, SCHEMA, |group, rows| {
        write_columns(group, rows)?;
        write_seen(group, rows)
    })
}

fn write_as(
    path: &Path,
    rows: &[Record],
    schema: &str,
    write_group: impl Fn(&mut SerializedRowGroupWriter<'_, File>, &[Record]) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let schema = Arc::new(parse_message_type(schema)?);
    let values = u64::try_from(rows.len().clamp(1, GROUP_ROWS)).unwrap_or(1);
    let mut properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    for column in ["from_number", "to_number"] {
        let path = ColumnPath::from(column);
        properties = properties
            .set_column_bloom_filter_enabled(path.clone(), true)
            .set_column_bloom_filter_max_ndv(path, values);
    }
    let properties = Arc::new(properties.set_bloom_filter_for_dictionary_encoded_chunks(true).build());
    let mut writer = SerializedFileWriter::new(File::create(path)?, schema, properties)?;
    for rows in rows.chunks(GROUP_ROWS) {
        let mut group = writer.next_row_group()?;
        write_group(&mut group, rows)?;
        group.close()?;
    }
    let mut file = writer.into_inner()?;
    file.flush()?;
    Ok(file.sync_data()?)
}

fn write_columns(group: &mut SerializedRowGroupWriter<'_, File>, rows: &[Record]) -> Result<(), FileError> {
    let packed = u64::cast_signed;
    column::<Int32Type>(group, rows, |r| r.kind.number())?;
    column::<Int64Type>(group, rows, |r| r.at.0)?;
    column::<Int64Type>(group, rows, |r| packed(r.key))?;
    column::<Int64Type>(group, rows, |r| packed(r.from))?;
    column::<ByteArrayType>(group, rows, |r| r.from_raw.as_str().into())?;
    column::<Int64Type>(group, rows, |r| packed(r.to))?;
    column::<ByteArrayType>(group, rows, |r| r.front.as_ref().into())?;
    column::<Int32Type>(group, rows, |r| r.trunk.cast_signed())?;
    for word in [
        (|r| &r.trunk_kind) as fn(&Record) -> &Word,
        |r| &r.attestation,
        |r| &r.action,
        |r| &r.reason,
        |r| &r.by,
        |r| &r.class,
    ] {
        column::<ByteArrayType>(group, rows, |r| word(r).as_ref().into())?;
    }
    column::<FloatType>(group, rows, |r| r.probability)?;
    column::<Int32Type>(group, rows, |r| i32::try_from(r.took_ns).unwrap_or(i32::MAX))?;
    column::<BoolType>(group, rows, |r| r.answered)?;
    column::<Int64Type>(group, rows, |r| r.talked.0)?;
    column::<BoolType>(group, rows, |r| r.cut)
}

/// The columns behind [`COLUMNS`].
fn write_seen(group: &mut SerializedRowGroupWriter<'_, File>, rows: &[Record]) -> Result<(), FileError> {
    column::<ByteArrayType>(group, rows, |r| r.text.class.as_ref().into())?;
    for place in 0..seen::COLUMNS.len() {
        column::<Int32Type>(group, rows, |r| r.text.values().get(place).copied().unwrap_or(0))?;
    }
    Ok(())
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    rows: &[Record],
    value: impl Fn(&Record) -> T::T,
) -> Result<(), FileError> {
    let mut column = group.next_column()?.ok_or(FileError::Foreign("too few columns"))?;
    let values: Vec<T::T> = rows.iter().map(value).collect();
    column.typed::<T>().write_batch(&values, None, None)?;
    Ok(column.close()?)
}

/// Which records of a file are wanted.
pub(super) struct Wanted<'a> {
    /// Not before.
    pub(super) from: Timestamp,
    /// Before.
    pub(super) until: Timestamp,
    /// Any of these numbers as caller or callee; all where none is named.
    pub(super) numbers: &'a [u64],
}

impl Wanted<'_> {
    pub(super) fn fits(&self, at: Timestamp, from: u64, to: u64) -> bool {
        self.from <= at
            && at < self.until
            && (self.numbers.is_empty() || self.numbers.iter().any(|n| *n == from || *n == to))
    }
}

/// Hands on the records that are wanted, in the order of the file, until `take` says that it has enough.
pub(super) fn read(path: &Path, wanted: &Wanted<'_>, mut take: impl FnMut(Record) -> bool) -> Result<(), FileError> {
    let properties = ReaderProperties::builder().set_read_bloom_filter(!wanted.numbers.is_empty()).build();
    let options = ReadOptionsBuilder::new().with_reader_properties(properties).build();
    let reader = SerializedFileReader::new_with_options(File::open(path)?, options)?;
    let columns = reader.metadata().file_metadata().schema_descr().num_columns();
    if ![COLUMNS, ALL_COLUMNS].contains(&columns) {
        return Err(FileError::Foreign("another number of columns"));
    }
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index)?;
        if may_hold(group.as_ref(), wanted) && !read_group(group.as_ref(), wanted, &mut take)? {
            break;
        }
    }
    Ok(())
}

fn may_hold(group: &dyn RowGroupReader, wanted: &Wanted<'_>) -> bool {
    if let Some(Statistics::Int64(at)) = group.metadata().column(AT).statistics()
        && let (Some(first), Some(last)) = (at.min_opt(), at.max_opt())
        && (*first >= wanted.until.0 || *last < wanted.from.0)
    {
        return false;
    }
    wanted.numbers.is_empty()
        || wanted.numbers.iter().map(|n| n.cast_signed()).any(|number| {
            [FROM, TO].iter().any(|column| group.get_column_bloom_filter(*column).is_none_or(|f| f.check(&number)))
        })
}

/// `false` when there is enough.
fn read_group(
    group: &dyn RowGroupReader,
    wanted: &Wanted<'_>,
    take: &mut impl FnMut(Record) -> bool,
) -> Result<bool, FileError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let numbers = |index| values::<Int64Type>(group, index, rows);
    let (at, from, to) = (numbers(AT)?, numbers(FROM)?, numbers(TO)?);
    let packed = |values: &[i64], row: usize| values.get(row).map_or(0, |v| v.cast_unsigned());
    let found: Vec<usize> = at
        .iter()
        .enumerate()
        .filter(|(row, at)| wanted.fits(Timestamp(**at), packed(&from, *row), packed(&to, *row)))
        .map(|(row, _)| row)
        .collect();
    if found.is_empty() {
        return Ok(true);
    }
    let kind = values::<Int32Type>(group, 0, rows)?;
    let key = numbers(2)?;
    let raw = texts(group, 4, rows)?;
    let front = texts(group, 6, rows)?;
    let trunk = values::<Int32Type>(group, 7, rows)?;
    let words = (8..14).map(|index| texts(group, index, rows)).collect::<Result<Vec<_>, _>>()?;
    let probability = values::<FloatType>(group, 14, rows)?;
    let took = values::<Int32Type>(group, 15, rows)?;
    let answered = values::<BoolType>(group, 16, rows)?;
    let talked = numbers(17)?;
    let cut = values::<BoolType>(group, 18, rows)?;
    let (text_class, seen) = match group.num_columns() {
        ALL_COLUMNS => {
            let counts = (SEEN..ALL_COLUMNS).map(|index| values::<Int32Type>(group, index, rows));
            (texts(group, COLUMNS, rows)?, counts.collect::<Result<Vec<_>, _>>()?)
        }
        _ => (Vec::new(), Vec::new()),
    };
    for row in found {
        let text = |column: &[ByteArray]| {
            column.get(row).and_then(|bytes| bytes.as_utf8().ok()).unwrap_or_default().to_owned()
        };
        let word = |column: usize| words.get(column).map_or(Word::Borrowed(""), |column| Word::Owned(text(column)));
        let Some(kind) = kind.get(row).and_then(|kind| RecordKind::of_number(*kind)) else {
            return Err(FileError::Foreign("an unknown kind of record"));
        };
        let record = Record {
            kind,
            at: Timestamp(at.get(row).copied().unwrap_or(0)),
            key: packed(&key, row),
            from: packed(&from, row),
            from_raw: text(&raw),
            to: packed(&to, row),
            front: Word::Owned(text(&front)),
            trunk: trunk.get(row).map_or(0, |v| v.cast_unsigned()),
            trunk_kind: word(0),
            attestation: word(1),
            action: word(2),
            reason: word(3),
            by: word(4),
            class: word(5),
            probability: probability.get(row).copied().unwrap_or(0.0),
            text: TextSeen::of_values(
                Word::Owned(text(&text_class)),
                std::array::from_fn(|place| seen.get(place).and_then(|column| column.get(row)).copied().unwrap_or(0)),
            ),
            took_ns: took.get(row).and_then(|v| u32::try_from(*v).ok()).unwrap_or(0),
            answered: answered.get(row).copied().unwrap_or(false),
            talked: Duration(talked.get(row).copied().unwrap_or(0)),
            cut: cut.get(row).copied().unwrap_or(false),
        };
        if !take(record) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn texts(group: &dyn RowGroupReader, index: usize, rows: usize) -> Result<Vec<ByteArray>, FileError> {
    values::<ByteArrayType>(group, index, rows)
}

fn values<T: DataType>(group: &dyn RowGroupReader, index: usize, rows: usize) -> Result<Vec<T::T>, FileError> {
    let column: ColumnReader = group.get_column_reader(index)?;
    if group.metadata().column(index).column_type() != T::get_physical_type() {
        return Err(FileError::Foreign("a column of another type"));
    }
    let mut reader = get_typed_column_reader::<T>(column);
    let mut out = Vec::with_capacity(rows.min(GROUP_ROWS));
    while out.len() < rows {
        let (read, _, _) = reader.read_records(rows - out.len(), None, None, &mut out)?;
        if read == 0 {
            return Err(FileError::Foreign("a column that ends early"));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use screen::{Common, Registration, TextFeatures};

    use super::*;

    const EVERYTHING: Wanted<'_> = Wanted { from: Timestamp(i64::MIN), until: Timestamp(i64::MAX), numbers: &[] };

    fn message() -> Record {
        let text = TextFeatures { class: "notice", class_probability: 0.75, urls: 2, ..TextFeatures::default() };
        let common = Common { alike: 7, ..Common::default() };
        let text = TextSeen::of(&text, Registration::Matches, common);
        Record { from: 3, to: 4, text, ..Record::new(RecordKind::Message, Timestamp(1_795_392_000_000_000)) }
    }

    fn all(path: &Path) -> Vec<Record> {
        let mut found = Vec::new();
        read(path, &EVERYTHING, |record| {
            found.push(record);
            true
        })
        .unwrap();
        found
    }

    #[test]
    fn features_of_a_text_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("now.parquet");
        write(&path, &[message()]).unwrap();
        assert_eq!(all(&path), [message()]);
    }

    #[test]
    fn a_file_from_before_features_of_texts_were_kept_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("before.parquet");
        let (before, _) = SCHEMA.split_once("    REQUIRED BYTE_ARRAY text_class").unwrap();
        write_as(&path, &[message()], &format!("{before}}}"), write_columns).unwrap();
        assert_eq!(all(&path), [Record { text: TextSeen::default(), ..message() }]);
    }
}
