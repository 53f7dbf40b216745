//! What entries say besides their pattern, each distinct saying kept once.
//!
//! A list of tens of millions of numbers says few different things: a kind, a reason, a source, an end and a case. An
//! entry keeps the number of its row. Rows are only ever added, so that a row keeps its number through deltas and merges.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::Timestamp;

use super::entry::{Attributes, EntryKind, ListEntry};

/// Rows that a dictionary may have.
pub const ROWS_MAX: usize = 1 << 24;
/// Bytes of a reason, a source or a case.
pub const TEXT_BYTES_MAX: usize = 1_024;
/// Bytes of all reasons and cases.
pub const TEXTS_BYTES_MAX: usize = 1 << 30;
/// Sources that may speak in one list.
pub const SOURCES_MAX: usize = 4_096;

/// No text.
pub(super) const NONE: u32 = u32::MAX;
const MICROS: i64 = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Row {
    /// Seconds since 1970; zero for never.
    pub(super) expires_s: u32,
    pub(super) reason: u32,
    pub(super) case: u32,
    pub(super) source: u16,
    pub(super) kind: EntryKind,
}

impl Row {
    /// What tells apart two entries of one pattern: kind and source.
    pub(super) fn identity(&self) -> u32 {
        identity(self.kind, self.source)
    }

    /// Whether it holds at a moment.
    #[inline]
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.expires_s == 0 || i64::from(self.expires_s) * MICROS > now.0
    }
}

pub(super) fn identity(kind: EntryKind, source: u16) -> u32 {
    (kind as u32) << 16 | u32::from(source)
}

/// Texts in one piece of memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) bytes: String,
    pub(super) ends: Vec<u32>,
}

impl Texts {
    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).map(|end| *end as usize))?;
        self.bytes.get(start..end)
    }

    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }
}

/// Rows and texts, without the means to find them again.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) texts: Texts,
    pub(super) sources: Vec<Arc<str>>,
}

impl Rows {
    pub(super) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
            + self.texts.bytes.capacity()
            + self.texts.ends.capacity() * 4
            + self.sources.iter().map(|source| source.len() + 32).sum::<usize>()
    }
}

/// A dictionary: the rows of the base, which are shared, and those that deltas have added.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    pub(super) base: Arc<Rows>,
    added: Rows,
    find_row: HashMap<Row, u32>,
    find_text: HashMap<Box<str>, u32>,
}

/// There is no room for another row, text or source, or a text is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no room for the entry's {0}")]
pub struct ListFull(pub &'static str);

impl Dictionary {
    pub(super) fn over(base: Arc<Rows>) -> Self {
        let sources = base.sources.clone();
        Self { base, added: Rows { sources, ..Rows::default() }, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.base.rows.len() + self.added.rows.len()
    }

    /// Whether nothing was added to the base.
    pub(super) fn is_folded(&self) -> bool {
        self.added.rows.is_empty() && self.added.sources.len() == self.base.sources.len()
    }

    #[inline]
    pub(super) fn row(&self, index: u32) -> Option<&Row> {
        let index = index as usize;
        match index.checked_sub(self.base.rows.len()) {
            None => self.base.rows.get(index),
            Some(added) => self.added.rows.get(added),
        }
    }

    fn text(&self, index: u32) -> Option<&str> {
        let index = index as usize;
        match index.checked_sub(self.base.texts.ends.len()) {
            None => self.base.texts.get(index),
            Some(added) => self.added.texts.get(added),
        }
    }

    pub(super) fn attributes(&self, index: u32) -> Option<Attributes<'_>> {
        let row = self.row(index)?;
        Some(Attributes {
            kind: row.kind,
            reason: self.text(row.reason)?,
            source: self.sources().get(usize::from(row.source))?,
            expires_at: (row.expires_s != 0).then(|| Timestamp(i64::from(row.expires_s) * MICROS)),
            case: if row.case == NONE { None } else { Some(self.text(row.case)?) },
        })
    }

    fn sources(&self) -> &[Arc<str>] {
        &self.added.sources
    }

    /// The number of a source that is known.
    pub(super) fn source(&self, source: &str) -> Option<u16> {
        self.sources().iter().position(|known| **known == *source).and_then(|index| u16::try_from(index).ok())
    }

    /// The row of an entry, added if need be.
    pub(super) fn intern(&mut self, entry: &ListEntry) -> Result<u32, ListFull> {
        let row = Row {
            expires_s: seconds(entry.expires_at),
            reason: self.intern_text(&entry.reason, "reason")?,
            case: match &entry.case {
                Some(case) => self.intern_text(case, "case")?,
                None => NONE,
            },
            source: self.intern_source(&entry.source)?,
            kind: entry.kind,
        };
        if let Some(index) = self.find_row.get(&row) {
            return Ok(*index);
        }
        if self.len() >= ROWS_MAX {
            return Err(ListFull("row"));
        }
        let index = u32::try_from(self.len()).map_err(|_| ListFull("row"))?;
        self.added.rows.push(row);
        self.find_row.insert(row, index);
        Ok(index)
    }

    fn intern_text(&mut self, text: &str, what: &'static str) -> Result<u32, ListFull> {
        if let Some(index) = self.find_text.get(text) {
            return Ok(*index);
        }
        let held = self.base.texts.bytes.len() + self.added.texts.bytes.len();
        if text.len() > TEXT_BYTES_MAX || held + text.len() > TEXTS_BYTES_MAX {
            return Err(ListFull(what));
        }
        let index =
            u32::try_from(self.base.texts.ends.len() + self.added.texts.ends.len()).map_err(|_| ListFull(what))?;
        self.added.texts.push(text);
        self.find_text.insert(text.into(), index);
        Ok(index)
    }

    fn intern_source(&mut self, source: &str) -> Result<u16, ListFull> {
        if let Some(index) = self.source(source) {
            return Ok(index);
        }
        if source.len() > TEXT_BYTES_MAX || self.sources().len() >= SOURCES_MAX {
            return Err(ListFull("source"));
        }
        self.added.sources.push(source.into());
        u16::try_from(self.sources().len() - 1).map_err(|_| ListFull("source"))
    }

    /// Base and added rows as one base; every row and text keeps its number.
    pub(super) fn folded(&self) -> Rows {
        let mut all = Rows { sources: self.added.sources.clone(), ..Rows::default() };
        all.rows.reserve_exact(self.len());
        all.rows.extend_from_slice(&self.base.rows);
        all.rows.extend_from_slice(&self.added.rows);
        all.texts.bytes.reserve_exact(self.base.texts.bytes.len() + self.added.texts.bytes.len());
        all.texts.bytes.push_str(&self.base.texts.bytes);
        all.texts.bytes.push_str(&self.added.texts.bytes);
        let offset = u32::try_from(self.base.texts.bytes.len()).unwrap_or(u32::MAX);
        all.texts.ends.reserve_exact(self.base.texts.ends.len() + self.added.texts.ends.len());
        all.texts.ends.extend_from_slice(&self.base.texts.ends);
        all.texts.ends.extend(self.added.texts.ends.iter().map(|end| end.saturating_add(offset)));
        all
    }

    /// This dictionary over a base that has grown by the first of its added rows.
    pub(super) fn rebased(&self, base: Arc<Rows>) -> Self {
        let rows = base.rows.len().saturating_sub(self.base.rows.len());
        let texts = base.texts.ends.len().saturating_sub(self.base.texts.ends.len());
        let mut rebased = Self::over(base);
        rebased.added.sources = self.added.sources.clone();
        for index in texts..self.added.texts.ends.len() {
            if let Some(text) = self.added.texts.get(index) {
                rebased.added.texts.push(text);
            }
        }
        rebased.added.rows.extend(self.added.rows.iter().skip(rows));
        rebased.find_row = self
            .find_row
            .iter()
            .filter(|(_, at)| **at as usize >= rebased.base.rows.len())
            .map(|(row, at)| (*row, *at))
            .collect();
        rebased.find_text = self
            .find_text
            .iter()
            .filter(|(_, at)| **at as usize >= rebased.base.texts.ends.len())
            .map(|(text, at)| (text.clone(), *at))
            .collect();
        rebased
    }

    pub(super) fn bytes(&self) -> usize {
        let index = self.find_row.capacity() * (size_of::<Row>() + 5) + self.find_text.capacity() * 64;
        self.base.bytes() + self.added.bytes() + index
    }
}

fn seconds(moment: Option<Timestamp>) -> u32 {
    moment.map_or(0, |moment| {
        let seconds = moment.0.div_euclid(MICROS) + i64::from(moment.0.rem_euclid(MICROS) != 0);
        u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
    })
}
