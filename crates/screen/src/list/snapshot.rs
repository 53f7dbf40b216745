//! A list as a file. Sealing and sending are done elsewhere; here are the bytes, their digest, and a reader that
//! believes nothing.
//!
//! ```text
//! magic "SHOUHUNL" | version u32 | sequence u64 | made_at µs i64
//! counts: entries u64 | words u64 | row words u64 | row width u32 | rows u32 | texts u32 | text bytes u64
//!         sources u32 | prefixes and ranges u32
//! sources: length u16, bytes …       texts: ends u32 …, bytes
//! rows:    expires u32 | reason u32 | case u32 | source u16 | kind u8
//! wide:    kind of pattern u8 | first u64 | second u64 | row u32
//! numbers: first of each block u64 … | places u32 … | words u64 … | words of rows u64 …
//! SHA-256 of everything before it, 32 bytes
//! ```
//!
//! All numbers are little-endian. The packed blocks are written as they stand in memory, so that reading is copying; the
//! reader then walks through every key and row once before anybody may look one up.

use std::sync::Arc;

use kernel::{Said, Text, Timestamp};
use sha2::{Digest, Sha256};

use super::build::{ENTRIES_MAX, next_generation};
use super::dictionary::{Dictionary, NONE, ROWS_MAX, Row, Rows, SOURCES_MAX, TEXT_BYTES_MAX, TEXTS_BYTES_MAX, Texts};
use super::entry::{EntryKind, Pattern, Prefix};
use super::overlay::Overlay;
use super::sorted::{BLOCK, Packed, Sorted, width_of};
use super::wide::{WIDE_MAX, Wide};
use super::{ListFacts, NumberList};
use crate::number::Number;

const MAGIC: &[u8; 8] = b"SHOUHUNL";
const VERSION: u32 = 1;
const DIGEST_BYTES: usize = 32;

/// A list as bytes, with what a seal over it names.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The file.
    pub bytes: Vec<u8>,
    /// SHA-256 of everything in it but its last 32 bytes, which repeat it.
    pub digest: [u8; DIGEST_BYTES],
    /// Number of the last change that is in it.
    pub sequence: u64,
    /// When its last change was made.
    pub made_at: Timestamp,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({} bytes to change {} of {})", self.bytes.len(), self.sequence, self.made_at)
    }
}

/// Why a file is no snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotFault {
    /// It does not begin as one.
    #[error("not a number list")]
    NotOne,
    /// It was written by a later version.
    #[error("version {0}, this reads up to {VERSION}")]
    Version(u32),
    /// It ends too early, or goes on too long.
    #[error("{0} bytes are not what it announces")]
    Length(usize),
    /// It was changed after it was written.
    #[error("the digest does not agree")]
    Digest,
    /// It announces more than a list may have.
    #[error("more {0} than allowed")]
    TooMany(&'static str),
    /// The digest agrees, but what it says makes no list.
    #[error("the {0} make no sense")]
    Corrupt(&'static str),
}

const NOT_ONE: Text = Text::new(
    "list.not_one",
    ("这不是号码名单文件", "this is no number list file"),
    ("请选择由中心发布或本系统导出的名单文件", "Choose a list file that the centre published or this system exported"),
);
const VERSION_TEXT: Text = Text::new(
    "list.version",
    (
        "名单文件版本是 {version},本程序最高读到 {known}",
        "the list file has version {version}; this program reads up to {known}",
    ),
    ("请升级本程序", "Upgrade this program"),
);
const LENGTH: Text = Text::new(
    "list.length",
    ("名单文件长度 {bytes} 字节,与文件头不符", "the list file has {bytes} bytes, which its head does not announce"),
    ("请重新下载", "Fetch it again"),
);
const DIGEST: Text = Text::new(
    "list.digest",
    ("名单文件校验不符,内容被改动或损坏", "the digest of the list file does not agree: it was changed or damaged"),
    ("请重新下载;仍然不符请通知发布单位", "Fetch it again; if it still disagrees, tell the publisher"),
);
const TOO_MANY: Text = Text::new(
    "list.too_many",
    ("名单文件超出上限:{what}", "the list file is beyond a limit: {what}"),
    ("请通知发布单位", "Tell the publisher"),
);
const CORRUPT: Text = Text::new(
    "list.corrupt",
    ("名单文件内容不成立:{what}", "the list file makes no sense: {what}"),
    ("请通知发布单位", "Tell the publisher"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[NOT_ONE, VERSION_TEXT, LENGTH, DIGEST, TOO_MANY, CORRUPT];

impl SnapshotFault {
    /// The words for users.
    pub fn said(&self) -> Said {
        match self {
            Self::NotOne => NOT_ONE.say(&[]),
            Self::Version(version) => {
                VERSION_TEXT.say(&[("version", &version.to_string()), ("known", &VERSION.to_string())])
            }
            Self::Length(bytes) => LENGTH.say(&[("bytes", &bytes.to_string())]),
            Self::Digest => DIGEST.say(&[]),
            Self::TooMany(what) => TOO_MANY.say(&[("what", what)]),
            Self::Corrupt(what) => CORRUPT.say(&[("what", what)]),
        }
    }
}

impl NumberList {
    /// The list as a file. Changes that wait in the overlay are merged first.
    pub fn snapshot(&self) -> Snapshot {
        if self.overlay.len() > 0 || !self.dictionary.is_folded() {
            return self.merged().snapshot();
        }
        let rows = &self.dictionary.base;
        let mut out = Vec::with_capacity(self.base.bytes() + rows.bytes() + 256);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.facts.sequence.to_le_bytes());
        out.extend_from_slice(&self.facts.made_at.0.to_le_bytes());
        for count in [self.base.len, self.base.words.len(), self.base.rows.words.len()] {
            out.extend_from_slice(&(count as u64).to_le_bytes());
        }
        let short = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
        out.extend_from_slice(&self.base.rows.width.to_le_bytes());
        out.extend_from_slice(&short(rows.rows.len()));
        out.extend_from_slice(&short(rows.texts.ends.len()));
        out.extend_from_slice(&(rows.texts.bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(&short(rows.sources.len()));
        out.extend_from_slice(&short(self.wide.len()));
        for source in &rows.sources {
            out.extend_from_slice(&u16::try_from(source.len()).unwrap_or(u16::MAX).to_le_bytes());
            out.extend_from_slice(source.as_bytes());
        }
        rows.texts.ends.iter().for_each(|end| out.extend_from_slice(&end.to_le_bytes()));
        out.extend_from_slice(rows.texts.bytes.as_bytes());
        for row in &rows.rows {
            out.extend_from_slice(&row.expires_s.to_le_bytes());
            out.extend_from_slice(&row.reason.to_le_bytes());
            out.extend_from_slice(&row.case.to_le_bytes());
            out.extend_from_slice(&row.source.to_le_bytes());
            out.push(row.kind as u8);
        }
        let mut wide: Vec<(Pattern, u32)> = self.wide.iter().collect();
        wide.sort_unstable();
        for (pattern, row) in wide {
            let (kind, first, second) = match pattern {
                Pattern::Full(number) => (0_u8, number, number),
                Pattern::Prefix(prefix) => (1, prefix.number(), prefix.number()),
                Pattern::Range(from, to) => (2, from, to),
            };
            out.push(kind);
            out.extend_from_slice(&first.packed().to_le_bytes());
            out.extend_from_slice(&second.packed().to_le_bytes());
            out.extend_from_slice(&row.to_le_bytes());
        }
        self.base.firsts.keys().iter().for_each(|first| out.extend_from_slice(&first.to_le_bytes()));
        self.base.places.iter().for_each(|place| out.extend_from_slice(&place.to_le_bytes()));
        self.base.words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        self.base.rows.words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        let digest: [u8; DIGEST_BYTES] = Sha256::digest(&out).into();
        out.extend_from_slice(&digest);
        Snapshot { bytes: out, digest, sequence: self.facts.sequence, made_at: self.facts.made_at }
    }

    /// Reads a snapshot. Nothing of a file that does not hold in every part is taken.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotFault> {
        let body_len = bytes.len().checked_sub(DIGEST_BYTES).ok_or(SnapshotFault::NotOne)?;
        let (body, digest) = bytes.split_at(body_len);
        let mut input = Reader(body);
        if input.take(MAGIC.len()).ok() != Some(MAGIC) {
            return Err(SnapshotFault::NotOne);
        }
        let version = input.u32()?;
        if version != VERSION {
            return Err(SnapshotFault::Version(version));
        }
        if Sha256::digest(body).as_slice() != digest {
            return Err(SnapshotFault::Digest);
        }
        let (sequence, made_at) = (input.u64()?, Timestamp(input.u64()?.cast_signed()));
        let len = input.count(ENTRIES_MAX, "entries")?;
        let words = input.count(ENTRIES_MAX + BLOCK, "words")?;
        let row_words = input.count(ENTRIES_MAX, "row words")?;
        let width = input.u32()?;
        let (row_count, text_count) = (input.short(ROWS_MAX, "rows")?, input.short(2 * ROWS_MAX, "texts")?);
        let text_bytes = input.count(TEXTS_BYTES_MAX, "text bytes")?;
        let (source_count, wide_count) = (input.short(SOURCES_MAX, "sources")?, input.short(WIDE_MAX, "prefixes")?);

        let rows = input.dictionary(source_count, text_count, text_bytes, row_count)?;
        let wide = input.wide(wide_count, row_count)?;
        let blocks = len.div_ceil(BLOCK);
        let firsts = input.words(blocks)?;
        let places = input.halves(blocks + 1)?;
        let words = input.words(words)?;
        let row_words = input.words(row_words)?;
        if !input.0.is_empty() {
            return Err(SnapshotFault::Length(bytes.len()));
        }
        if width > width_of(ROWS_MAX as u64) || row_words.len() != (len * width as usize).div_ceil(64) {
            return Err(SnapshotFault::Corrupt("row words"));
        }
        let ordered = places.first() == Some(&0)
            && places.is_sorted()
            && places.last().copied() == u32::try_from(words.len()).ok();
        let narrow = places.windows(2).all(|pair| matches!(pair, [from, to] if to.saturating_sub(*from) <= 64));
        if !ordered || !narrow {
            return Err(SnapshotFault::Corrupt("blocks"));
        }
        let base = Sorted::of(firsts, places, words, Packed { words: row_words, width }, len);
        let mut facts = ListFacts { sequence, made_at, ..ListFacts::default() };
        let dictionary = Dictionary::over(Arc::new(rows));
        let mut before = 0;
        for (key, row) in base.iter() {
            if key < before || row as usize >= row_count || Number::from_packed(key).is_none() {
                return Err(SnapshotFault::Corrupt("numbers"));
            }
            before = key;
            facts.count(&dictionary, row, 1);
        }
        wide.iter().for_each(|(_, row)| facts.count(&dictionary, *row, 1));
        let wide = Wide::build(wide.into_iter());
        Ok(Self::of(base, dictionary, wide, Overlay::default(), next_generation(), facts))
    }
}

/// Takes bytes from the front; every shortage is a fault.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], SnapshotFault> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(SnapshotFault::Length(self.0.len()))?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SnapshotFault> {
        let left = self.0.len();
        self.take(N)?.try_into().map_err(|_| SnapshotFault::Length(left))
    }

    fn u64(&mut self) -> Result<u64, SnapshotFault> {
        self.array().map(u64::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, SnapshotFault> {
        self.array().map(u32::from_le_bytes)
    }

    fn count(&mut self, limit: usize, what: &'static str) -> Result<usize, SnapshotFault> {
        usize::try_from(self.u64()?).ok().filter(|count| *count <= limit).ok_or(SnapshotFault::TooMany(what))
    }

    fn short(&mut self, limit: usize, what: &'static str) -> Result<usize, SnapshotFault> {
        usize::try_from(self.u32()?).ok().filter(|count| *count <= limit).ok_or(SnapshotFault::TooMany(what))
    }

    fn words(&mut self, count: usize) -> Result<Vec<u64>, SnapshotFault> {
        let (words, _) = self.take(count * 8)?.as_chunks::<8>();
        Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }

    fn halves(&mut self, count: usize) -> Result<Vec<u32>, SnapshotFault> {
        let (halves, _) = self.take(count * 4)?.as_chunks::<4>();
        Ok(halves.iter().map(|half| u32::from_le_bytes(*half)).collect())
    }

    fn dictionary(
        &mut self,
        sources: usize,
        texts: usize,
        text_bytes: usize,
        rows: usize,
    ) -> Result<Rows, SnapshotFault> {
        let mut read = Rows::default();
        for _ in 0..sources {
            let len = usize::from(u16::from_le_bytes(self.array()?));
            let source = std::str::from_utf8(self.take(len)?).map_err(|_| SnapshotFault::Corrupt("sources"))?;
            if len > TEXT_BYTES_MAX || read.sources.iter().any(|known| **known == *source) {
                return Err(SnapshotFault::Corrupt("sources"));
            }
            read.sources.push(source.into());
        }
        read.texts = Texts { ends: self.halves(texts)?, bytes: String::new() };
        let all = std::str::from_utf8(self.take(text_bytes)?).map_err(|_| SnapshotFault::Corrupt("texts"))?;
        all.clone_into(&mut read.texts.bytes);
        let mut before = 0;
        for end in &read.texts.ends {
            let end = *end as usize;
            if end < before || end - before > TEXT_BYTES_MAX || !all.is_char_boundary(end) {
                return Err(SnapshotFault::Corrupt("texts"));
            }
            before = end;
        }
        if before != text_bytes {
            return Err(SnapshotFault::Corrupt("texts"));
        }
        read.rows.reserve_exact(rows.min(self.0.len() / 15));
        for _ in 0..rows {
            let row = Row {
                expires_s: self.u32()?,
                reason: self.u32()?,
                case: self.u32()?,
                source: u16::from_le_bytes(self.array()?),
                kind: self.kind()?,
            };
            let known = |text: u32| (text as usize) < texts;
            if !known(row.reason) || (row.case != NONE && !known(row.case)) || usize::from(row.source) >= sources {
                return Err(SnapshotFault::Corrupt("rows"));
            }
            read.rows.push(row);
        }
        Ok(read)
    }

    fn kind(&mut self) -> Result<EntryKind, SnapshotFault> {
        let [kind] = self.array()?;
        EntryKind::ALL.get(usize::from(kind)).copied().ok_or(SnapshotFault::Corrupt("rows"))
    }

    fn wide(&mut self, count: usize, rows: usize) -> Result<Vec<(Pattern, u32)>, SnapshotFault> {
        const WRONG: SnapshotFault = SnapshotFault::Corrupt("prefixes");
        let mut read = Vec::with_capacity(count.min(self.0.len() / 21));
        for _ in 0..count {
            let [kind] = self.array()?;
            let first = Number::from_packed(self.u64()?).ok_or(WRONG)?;
            let second = Number::from_packed(self.u64()?).ok_or(WRONG)?;
            let pattern = match kind {
                1 if first == second => Pattern::Prefix(Prefix::new(first)),
                2 => Pattern::range(first, second).ok_or(WRONG)?,
                _ => return Err(WRONG),
            };
            let row = self.u32()?;
            if row as usize >= rows {
                return Err(WRONG);
            }
            read.push((pattern, row));
        }
        Ok(read)
    }
}
