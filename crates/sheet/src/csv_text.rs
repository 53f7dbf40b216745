//! CSV: coding and delimiter are found, records are cut before they are decoded, so that half a character spoils no more
//! than its own cell.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use csv::ByteRecord;
use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::cell::{Cell, Row};
use crate::limits::{CELL_CHARS_MAX, COLUMNS_MAX, HEADER_ROWS_MAX, ROW_BYTES_MAX};
use crate::read::{Failure, is_filled};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// Of so many characters one may not read; where more do not, the file is no text.
const CHARS_PER_FAULT_MIN: u64 = 20;

/// Reads a file of text row by row until `take` has enough.
pub(crate) fn each(file: File, mut take: impl FnMut(Row) -> Result<bool, Failure>) -> Result<(), Failure> {
    let (mut file, encoding) = opened(file)?;
    // UTF-16 is no superset of ASCII: it is decoded before it is cut.
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let source: Box<dyn Read> = if wide {
        Box::new(Cursor::new(decoded_whole(&mut file, encoding)?))
    } else {
        Box::new(BufReader::with_capacity(CHUNK_BYTES, file))
    };
    let encoding = if wide { UTF_8 } else { encoding };
    let mut source = BufReader::with_capacity(CHUNK_BYTES, source);
    let mut head = vec![0; CHUNK_BYTES];
    let read = fill(&mut source, &mut head)?;
    head.truncate(read);
    let delimiter = delimiter_of(&head);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(Tracked::over(Cursor::new(head).chain(source)));
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|_| Failure::Unreadable)? {
        let end = reader.position();
        let inside = record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        // What ends with the file has no line end behind it: where a quotation mark is not closed, the last line end is
        // inside.
        let source = reader.get_ref();
        let behind = usize::from(!source.ended && source.byte_before(end.byte()) == Some(b'\n'));
        let number = end.line().saturating_sub(u64::try_from(inside + behind).unwrap_or(0));
        let row = row_of(&record, number, encoding);
        if (is_filled(&row) || row.too_long) && !take(row)? {
            break;
        }
    }
    Ok(())
}

/// Remembers what was read last. The position of a record lies before the empty lines in front of it, so that its line
/// is counted from its end.
struct Tracked<R> {
    source: R,
    /// Bytes read before `last`.
    before: u64,
    last: Vec<u8>,
    end_of_previous: Option<u8>,
    /// Nothing comes any more.
    ended: bool,
}

impl<R> Tracked<R> {
    fn over(source: R) -> Self {
        Self { source, before: 0, last: Vec::new(), end_of_previous: None, ended: false }
    }

    fn byte_before(&self, at: u64) -> Option<u8> {
        match at.checked_sub(self.before)? {
            0 => self.end_of_previous,
            inside => self.last.get(usize::try_from(inside).ok()?.checked_sub(1)?).copied(),
        }
    }
}

impl<R: Read> Read for Tracked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.ended = read == 0;
        if read > 0 {
            self.before += u64::try_from(self.last.len()).unwrap_or(0);
            self.end_of_previous = self.last.last().copied().or(self.end_of_previous);
            self.last.clear();
            self.last.extend_from_slice(into.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

fn row_of(record: &ByteRecord, number: u64, encoding: &'static Encoding) -> Row {
    if record.as_slice().len() > ROW_BYTES_MAX {
        return Row { number, cells: Vec::new(), too_long: true };
    }
    let mut too_long = false;
    let cells = record
        .iter()
        .take(COLUMNS_MAX)
        .map(|bytes| {
            let text = encoding.decode_without_bom_handling(bytes).0;
            too_long |= text.chars().count() > CELL_CHARS_MAX;
            Cell::of(&text)
        })
        .collect();
    if too_long { Row { number, cells: Vec::new(), too_long } } else { Row { number, cells, too_long } }
}

fn fill(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// The file behind its byte order mark, and its coding.
fn opened(mut file: File) -> Result<(File, &'static Encoding), Failure> {
    let mut head = [0_u8; 4096];
    let read = fill(&mut file, &mut head)?;
    let head = head.get(..read).unwrap_or_default();
    if let Some((encoding, length)) = Encoding::for_bom(head) {
        file.seek(SeekFrom::Start(u64::try_from(length).unwrap_or(0)))?;
        // A byte order mark does not promise that nothing was cut in the middle of a character.
        return Ok((file, encoding));
    }
    file.rewind()?;
    if head.contains(&0) {
        let wide = wide_of(head).ok_or(Failure::Unreadable)?;
        return Ok((file, wide));
    }
    let utf8 = seen_in(&mut file, UTF_8)?;
    file.rewind()?;
    if utf8.faults == 0 {
        return utf8.is_text().then_some((file, UTF_8)).ok_or(Failure::Unreadable);
    }
    let gb = seen_in(&mut file, GB18030)?;
    file.rewind()?;
    // Nearly any two bytes are a character of GB18030, so that text of UTF-8 with a broken place reads in it without a
    // fault; characters of three bytes that fit UTF-8 come about by chance only rarely. Read as UTF-8, text of GB18030
    // has more places that do not fit, and letters of two bytes, than such characters.
    let (encoding, seen) =
        if utf8.wide > utf8.faults + utf8.narrow || gb.faults > utf8.faults { (UTF_8, utf8) } else { (GB18030, gb) };
    seen.is_text().then_some((file, encoding)).ok_or(Failure::Unreadable)
}

/// UTF-16 without a mark: ASCII in it has every other byte zero. A few characters, such as 一, have a zero on the other
/// side.
fn wide_of(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    if second > first * 2 {
        Some(UTF_16LE)
    } else if first > second * 2 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// What a file holds, read in a coding.
#[derive(Debug, Default)]
struct Seen {
    /// Places that do not fit.
    faults: u64,
    /// Characters that do.
    chars: u64,
    /// Of them those that no text has: control characters.
    controls: u64,
    /// Of them those of three bytes and more in UTF-8.
    wide: u64,
    /// Of them those of two bytes in UTF-8, without signs such as `·` and `￥`.
    narrow: u64,
}

impl Seen {
    fn note(&mut self, text: &str) {
        for c in text.chars() {
            self.chars += 1;
            match c {
                '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1a}' => {}
                '\u{0}'..='\u{1f}' | '\u{7f}' => self.controls += 1,
                '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{bf}' | '\u{d7}' | '\u{f7}' => {}
                '\u{80}'..='\u{7ff}' => self.narrow += 1,
                _ => self.wide += 1,
            }
        }
    }

    fn is_text(&self) -> bool {
        let spoiled = self.faults + self.controls;
        spoiled <= 1 || spoiled.saturating_mul(CHARS_PER_FAULT_MIN) <= self.chars
    }
}

/// Looks through a file to its end.
fn seen_in(file: &mut File, encoding: &'static Encoding) -> Result<Seen, Failure> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut text = String::with_capacity(CHUNK_BYTES * 4);
    let mut seen = Seen::default();
    loop {
        let read = file.read(&mut chunk)?;
        let mut rest = chunk.get(..read).unwrap_or_default();
        if rest.contains(&0) {
            return Err(Failure::Unreadable);
        }
        loop {
            text.clear();
            let (result, consumed) = decoder.decode_to_string_without_replacement(rest, &mut text, read == 0);
            seen.note(&text);
            rest = rest.get(consumed..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => seen.faults += 1,
            }
        }
        if read == 0 {
            return Ok(seen);
        }
    }
}

fn decoded_whole(file: &mut File, encoding: &'static Encoding) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    let mut seen = Seen::default();
    seen.note(&text);
    seen.faults = u64::try_from(text.chars().filter(|c| *c == '\u{fffd}').count()).unwrap_or(u64::MAX);
    // Of two bytes nobody can say what they are: what has a mark of nothing but zeros must read whole.
    let few = seen.chars < CHARS_PER_FAULT_MIN && seen.faults + seen.controls > 0;
    if few || !seen.is_text() {
        return Err(Failure::Unreadable);
    }
    Ok(text.into_owned().into_bytes())
}

/// The delimiter that cuts the first lines into the most pieces; lines of a title have none.
fn delimiter_of(head: &[u8]) -> u8 {
    let lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').take(HEADER_ROWS_MAX).collect();
    let most = |delimiter: u8| lines.iter().map(|line| line.iter().filter(|b| **b == delimiter).count()).max();
    [b';', b'|', b'\t', b','].into_iter().max_by_key(|delimiter| most(*delimiter)).unwrap_or(b',')
}
