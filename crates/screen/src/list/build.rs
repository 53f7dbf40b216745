//! Building a list from entries, in any order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::Timestamp;

use super::dictionary::{Dictionary, ListFull};
use super::entry::{ListEntry, Pattern};
use super::overlay::Overlay;
use super::sorted::{Packer, Sorted};
use super::wide::{WIDE_MAX, Wide};
use super::{ListFacts, NumberList};
use crate::number::Number;

/// Entries that a list may have.
pub const ENTRIES_MAX: usize = 200_000_000;

static GENERATION: AtomicU32 = AtomicU32::new(1);

/// A number that no other list built by this process has.
pub(super) fn next_generation() -> u32 {
    GENERATION.fetch_add(1, Ordering::Relaxed)
}

/// Collects entries for a new list. Needs 16 bytes a number while it collects.
#[derive(Debug, Default)]
pub struct ListBuilder {
    dictionary: Dictionary,
    full: Vec<(u64, u32)>,
    wide: Vec<(Pattern, u32)>,
}

/// What an entry says besides its pattern, prepared once for many numbers.
#[derive(Debug, Clone, Copy)]
pub struct RowHandle(u32);

impl ListBuilder {
    /// Nothing yet; room for some full numbers.
    pub fn with_capacity(numbers: usize) -> Self {
        Self { full: Vec::with_capacity(numbers.min(ENTRIES_MAX)), ..Self::default() }
    }

    /// Adds an entry. One with the same pattern, kind and source as an earlier takes its place.
    pub fn push(&mut self, entry: &ListEntry) -> Result<(), ListFull> {
        let row = self.row(entry)?;
        match entry.pattern {
            Pattern::Full(number) => self.push_number(number, row),
            wide => {
                if self.wide.len() >= WIDE_MAX {
                    return Err(ListFull("prefix or range"));
                }
                self.wide.push((wide, row.0));
                Ok(())
            }
        }
    }

    /// Prepares what an entry says, for [`ListBuilder::push_number`]; its pattern does not matter.
    pub fn row(&mut self, entry: &ListEntry) -> Result<RowHandle, ListFull> {
        self.dictionary.intern(entry).map(RowHandle)
    }

    /// Adds a full number with what was prepared: the fast way for millions with the same saying.
    pub fn push_number(&mut self, number: Number, row: RowHandle) -> Result<(), ListFull> {
        if self.full.len() >= ENTRIES_MAX {
            return Err(ListFull("number"));
        }
        self.full.push((number.packed(), row.0));
        Ok(())
    }

    /// Sorts and packs: some seconds for tens of millions of numbers.
    pub fn finish(mut self, sequence: u64, made_at: Timestamp) -> NumberList {
        // Stable, so that of two of the same entry the later stays.
        self.full.sort_by_key(|(key, _)| *key);
        let rows = Arc::new(self.dictionary.folded());
        let dictionary = Dictionary::over(rows);
        let mut facts = ListFacts { sequence, made_at, ..ListFacts::default() };
        let mut packer = Packer::new(self.full.len(), dictionary.len());
        for group in self.full.chunk_by(|(a, _), (b, _)| a == b) {
            each_latest(group, &dictionary, |key, row| {
                facts.count(&dictionary, row, 1);
                packer.push(key, row);
            });
        }
        drop(self.full);
        let sorted = packer.finish();
        let mut wide: Vec<(Pattern, u32)> = Vec::with_capacity(self.wide.len());
        // Stable again: by pattern and identity, the last of each.
        self.wide.sort_by_key(|(pattern, row)| (*pattern, dictionary.row(*row).map(super::dictionary::Row::identity)));
        for (pattern, row) in self.wide {
            let same = wide.last().is_some_and(|(before, old)| {
                *before == pattern
                    && dictionary.row(*old).map(super::dictionary::Row::identity)
                        == dictionary.row(row).map(super::dictionary::Row::identity)
            });
            if same {
                wide.pop();
            }
            wide.push((pattern, row));
        }
        wide.iter().for_each(|(_, row)| facts.count(&dictionary, *row, 1));
        NumberList::of(sorted, dictionary, Wide::build(wide.into_iter()), Overlay::default(), next_generation(), facts)
    }
}

/// Calls with the last of each identity among entries for one number; all but the rarest number have one entry.
fn each_latest(group: &[(u64, u32)], dictionary: &Dictionary, mut keep: impl FnMut(u64, u32)) {
    if let [(key, row)] = group {
        return keep(*key, *row);
    }
    let identity = |row: u32| dictionary.row(row).map(super::dictionary::Row::identity);
    let mut latest: Vec<(u64, u32)> = Vec::with_capacity(2);
    for (key, row) in group {
        match latest.iter_mut().find(|(_, kept)| identity(*kept) == identity(*row)) {
            Some(kept) => kept.1 = *row,
            None => latest.push((*key, *row)),
        }
    }
    latest.iter().for_each(|(key, row)| keep(*key, *row));
}

/// The base with the changes of an overlay worked in.
pub(super) fn merge(base: &Sorted, overlay: &Overlay, dictionary: &Dictionary) -> Sorted {
    let mut packer = Packer::new(base.len + overlay.len(), dictionary.len());
    let mut ops = overlay.ops().iter().peekable();
    let mut group: Vec<u32> = Vec::new();
    let mut group_key = 0;
    let identity = |row: u32| dictionary.row(row).map(super::dictionary::Row::identity);
    // A number's entries of the base wait in `group` until the next number comes; then its changes are worked in.
    let mut flush =
        |key: u64, group: &mut Vec<u32>, ops: &mut std::iter::Peekable<std::slice::Iter<'_, super::overlay::Op>>| {
            while let Some(op) = ops.next_if(|op| op.key == key) {
                group.retain(|row| identity(*row) != Some(op.identity));
                if op.row != super::overlay::REMOVED {
                    group.push(op.row);
                }
            }
            group.drain(..).for_each(|row| packer.push(key, row));
        };
    for (key, row) in base.iter() {
        if key != group_key {
            flush(group_key, &mut group, &mut ops);
            while let Some(between) = ops.peek().map(|op| op.key).filter(|between| *between < key) {
                flush(between, &mut group, &mut ops);
            }
            group_key = key;
        }
        group.push(row);
    }
    flush(group_key, &mut group, &mut ops);
    while let Some(rest) = ops.peek().map(|op| op.key) {
        flush(rest, &mut group, &mut ops);
    }
    packer.finish()
}
