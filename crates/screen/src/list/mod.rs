//! The number list (号码名单): what is known about numbers, tens of millions of them, in memory.
//!
//! # Which entry decides
//! Of the entries that speak of a number and have not expired:
//! 1. a protecting entry before all others, however closely those name the number;
//! 2. then the one whose pattern has the fewest numbers: the number itself before a range or prefix, the longer prefix
//!    and the narrower range before the wider;
//! 3. of equals, allow before block before watch.
//!
//! So an allowed number stands out of a blocked prefix, and a blocked number out of an allowed one. That an emergency
//! number is never stopped is no matter of lists: [`crate::Screen`] sees to it before it looks at one.
//!
//! # Layout
//! Full numbers are packed in blocks ([`sorted`]), their sayings kept once in a dictionary ([`dictionary`]); prefixes
//! and ranges stand apart ([`wide`]); changes since the base was packed lie in a sorted overlay ([`overlay`]). A list is
//! immutable. A delta makes a new one that shares the base, so that a reader never waits, and a merge packs a new base
//! while deltas go on arriving.

mod build;
mod delta;
mod dictionary;
mod entry;
mod overlay;
mod snapshot;
mod sorted;
mod wide;

use std::collections::HashMap;
use std::sync::Arc;

use kernel::Timestamp;

pub use build::{ENTRIES_MAX, ListBuilder, RowHandle};
pub use delta::{Change, Delta, Gap};
pub use dictionary::{ListFull, ROWS_MAX, SOURCES_MAX, TEXT_BYTES_MAX, TEXTS_BYTES_MAX};
pub use entry::{Attributes, EntryKey, EntryKind, ListEntry, ListHit, Pattern, Prefix, Specificity};
pub(crate) use snapshot::TEXTS;
pub use snapshot::{Snapshot, SnapshotFault};
pub use wide::WIDE_MAX;

use crate::number::Number;
use dictionary::{Dictionary, Row};
use overlay::{Op, Overlay, REMOVED};
use sorted::Sorted;
use wide::Wide;

/// Changes in the overlay from which a merge pays.
pub const OVERLAY_MERGE_FROM: usize = 500_000;

/// How an entry stands among those that speak of one number: protecting, how few numbers its pattern has, kind.
type Rank = (bool, std::cmp::Reverse<u64>, EntryKind);

/// A list of numbers with what is said about them. Immutable: a delta makes a new one that shares what did not change.
#[derive(Debug, Clone)]
pub struct NumberList {
    base: Arc<Sorted>,
    overlay: Arc<Overlay>,
    dictionary: Arc<Dictionary>,
    wide: Arc<Wide>,
    generation: u32,
    facts: ListFacts,
}

/// What a list tells about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListFacts {
    /// Number of the last change that is in it.
    pub sequence: u64,
    /// When its last change, or the snapshot, was made; the age of the list counts from here.
    pub made_at: Timestamp,
    /// Entries by kind, in the order of [`EntryKind::ALL`]; expired ones count until they are removed.
    pub by_kind: [u64; 4],
    /// Of these, prefixes.
    pub prefixes: u64,
    /// Of these, ranges.
    pub ranges: u64,
    /// Changes that wait to be merged.
    pub overlay: u64,
    /// Entries that found no room: a limit of the list was reached.
    pub refused: u64,
    /// Bytes in memory.
    pub bytes: u64,
}

impl ListFacts {
    /// Entries of every kind.
    pub fn entries(&self) -> u64 {
        self.by_kind.iter().sum()
    }

    /// How old the list is.
    pub fn age(&self, now: Timestamp) -> kernel::Duration {
        now - self.made_at
    }

    fn count(&mut self, dictionary: &Dictionary, row: u32, change: i64) {
        if let Some(row) = dictionary.row(row)
            && let Some(count) = self.by_kind.get_mut(row.kind as usize)
        {
            *count = count.saturating_add_signed(change);
        }
    }
}

impl Default for NumberList {
    fn default() -> Self {
        ListBuilder::default().finish(0, Timestamp(0))
    }
}

impl NumberList {
    /// A list from its entries; of two with the same pattern, kind and source the later stays. Entries beyond a limit of
    /// the list are counted in [`ListFacts::refused`].
    pub fn build(entries: impl IntoIterator<Item = ListEntry>, sequence: u64, made_at: Timestamp) -> Self {
        let mut builder = ListBuilder::default();
        let refused = entries.into_iter().filter(|entry| builder.push(entry).is_err()).count();
        let mut list = builder.finish(sequence, made_at);
        list.facts.refused = refused as u64;
        list
    }

    fn of(
        base: Sorted,
        dictionary: Dictionary,
        wide: Wide,
        overlay: Overlay,
        generation: u32,
        facts: ListFacts,
    ) -> Self {
        let mut list = Self {
            base: Arc::new(base),
            overlay: Arc::new(overlay),
            dictionary: Arc::new(dictionary),
            wide: Arc::new(wide),
            generation,
            facts,
        };
        list.measure();
        list
    }

    fn measure(&mut self) {
        self.facts.prefixes = self.wide.prefix_count() as u64;
        self.facts.ranges = self.wide.range_count() as u64;
        self.facts.overlay = self.overlay.len() as u64;
        let bytes = self.base.bytes() + self.overlay.bytes() + self.dictionary.bytes() + self.wide.bytes();
        self.facts.bytes = bytes as u64;
    }

    /// Calls with every entry that speaks of a number: its row, what it says, how many numbers its pattern has, the pattern.
    #[inline]
    fn visit(&self, number: Number, mut visit: impl FnMut(u32, &Row, u64, Pattern)) {
        let key = number.packed();
        let changes = self.overlay.of_key(key);
        let full = Pattern::Full(number);
        for index in self.base.rows_of(key) {
            if let Some(row) = self.dictionary.row(index)
                && !changes.iter().any(|op| op.identity == row.identity())
            {
                visit(index, row, 1, full);
            }
        }
        for op in changes.iter().filter(|op| op.row != REMOVED) {
            if let Some(row) = self.dictionary.row(op.row) {
                visit(op.row, row, 1, full);
            }
        }
        if self.wide.len() > 0 {
            self.wide.visit(number, |index, span, pattern| {
                if let Some(row) = self.dictionary.row(index) {
                    visit(index, row, span, pattern);
                }
            });
        }
    }

    /// The entry that decides about a number at a moment.
    pub fn lookup(&self, number: Number, now: Timestamp) -> Option<ListHit> {
        let mut best: Option<(Rank, ListHit)> = None;
        self.visit(number, |index, row, span, pattern| {
            if !row.holds(now) {
                return;
            }
            let rank = (row.kind == EntryKind::Protect, std::cmp::Reverse(span), row.kind);
            if best.as_ref().is_none_or(|(before, _)| rank > *before) {
                let specificity = Specificity::of(&pattern);
                best = Some((rank, ListHit { kind: row.kind, specificity, row: index, generation: self.generation }));
            }
        });
        best.map(|(_, hit)| hit)
    }

    /// The rest of the entry that decided; nothing when the hit came from another list than this or an earlier state of it.
    pub fn attributes(&self, hit: &ListHit) -> Option<Attributes<'_>> {
        if hit.generation != self.generation {
            return None;
        }
        self.dictionary.attributes(hit.row)
    }

    /// Every entry that speaks of a number, whether it still holds or not; the one with the fewest numbers first.
    pub fn entries_of(&self, number: Number) -> Vec<ListEntry> {
        let mut found: Vec<(u64, u32, Pattern)> = Vec::new();
        self.visit(number, |index, _, span, pattern| found.push((span, index, pattern)));
        found.sort_unstable();
        found.into_iter().filter_map(|(_, index, pattern)| self.entry(pattern, index)).collect()
    }

    fn entry(&self, pattern: Pattern, row: u32) -> Option<ListEntry> {
        self.dictionary.attributes(row).map(|said| ListEntry {
            pattern,
            kind: said.kind,
            reason: said.reason.to_owned(),
            source: said.source.to_owned(),
            expires_at: said.expires_at,
            case: said.case.map(str::to_owned),
        })
    }

    /// Every entry: full numbers in order, then prefixes and ranges. Goes through the whole list; for exports.
    pub fn entries(&self) -> impl Iterator<Item = ListEntry> + '_ {
        let merged = if self.overlay.len() == 0 {
            self.base.clone()
        } else {
            Arc::new(build::merge(&self.base, &self.overlay, &self.dictionary))
        };
        let places = 0..merged.len;
        let full = places.filter_map(move |index| {
            let (key, row) = merged.at(index)?;
            self.entry(Pattern::Full(Number::from_packed(key)?), row)
        });
        full.chain(self.wide.iter().filter_map(|(pattern, row)| self.entry(pattern, row)))
    }

    /// This list with a delta's changes. Changes that are already in it are passed over; a delta that follows and has
    /// none says only that nothing has changed since, and makes the list younger. An addition beyond a limit of
    /// the list is counted in [`ListFacts::refused`].
    pub fn with(&self, delta: &Delta) -> Result<Self, Gap> {
        let next = self.facts.sequence.saturating_add(1);
        if delta.first > next {
            return Err(Gap { from: next, to: delta.first - 1 });
        }
        let passed = usize::try_from(next - delta.first).unwrap_or(usize::MAX);
        if passed > 0 && passed >= delta.changes.len() {
            return Ok(self.clone());
        }
        let mut dictionary = (*self.dictionary).clone();
        let mut facts = self.facts;
        let mut ops: Vec<Op> = Vec::new();
        let mut wide: Option<HashMap<(Pattern, u32), u32>> = None;
        for (change, sequence) in delta.changes.iter().zip(delta.first..).skip(passed) {
            let (pattern, identity, row) = match change {
                Change::Add(entry) => match dictionary.intern(entry) {
                    Ok(row) => (entry.pattern, dictionary.row(row).map(Row::identity), row),
                    Err(_) => {
                        facts.refused += 1;
                        continue;
                    }
                },
                Change::Remove(key) => {
                    let source = dictionary.source(&key.source);
                    (key.pattern, source.map(|source| dictionary::identity(key.kind, source)), REMOVED)
                }
            };
            // A source that never spoke has nothing to remove.
            let Some(identity) = identity else { continue };
            match pattern {
                Pattern::Full(number) => ops.push(Op { key: number.packed(), identity, row, sequence }),
                pattern => {
                    let all = wide.get_or_insert_with(|| self.wide_by_identity());
                    let old = all.remove(&(pattern, identity));
                    old.into_iter().for_each(|old| facts.count(&dictionary, old, -1));
                    if row == REMOVED {
                        continue;
                    }
                    if all.len() < WIDE_MAX {
                        all.insert((pattern, identity), row);
                        facts.count(&dictionary, row, 1);
                    } else {
                        facts.refused += 1;
                    }
                }
            }
        }
        self.count_changes(&ops, &dictionary, &mut facts);
        facts.sequence = delta.last().max(facts.sequence);
        facts.made_at = facts.made_at.max(delta.made_at);
        let mut list = Self {
            base: self.base.clone(),
            overlay: if ops.is_empty() { self.overlay.clone() } else { Arc::new(self.overlay.with(ops)) },
            dictionary: Arc::new(dictionary),
            wide: wide.map_or_else(
                || self.wide.clone(),
                |wide| Arc::new(Wide::build(wide.into_iter().map(|((pattern, _), row)| (pattern, row)))),
            ),
            generation: self.generation,
            facts,
        };
        list.measure();
        Ok(list)
    }

    /// Prefixes and ranges by what tells them apart.
    fn wide_by_identity(&self) -> HashMap<(Pattern, u32), u32> {
        let told_apart =
            |(pattern, row): (Pattern, u32)| self.dictionary.row(row).map(|said| ((pattern, said.identity()), row));
        self.wide.iter().filter_map(told_apart).collect()
    }

    /// Brings the counts by kind up to date with changes to full numbers.
    fn count_changes(&self, ops: &[Op], dictionary: &Dictionary, facts: &mut ListFacts) {
        let mut now: HashMap<(u64, u32), Option<u32>> = HashMap::new();
        for op in ops {
            let held = now.entry((op.key, op.identity)).or_insert_with(|| {
                let changed = self.overlay.of_key(op.key).iter().find(|old| old.identity == op.identity);
                match changed {
                    Some(old) => (old.row != REMOVED).then_some(old.row),
                    None => self
                        .base
                        .rows_of(op.key)
                        .find(|row| dictionary.row(*row).is_some_and(|row| row.identity() == op.identity)),
                }
            });
            if let Some(old) = *held {
                facts.count(dictionary, old, -1);
            }
            *held = (op.row != REMOVED).then_some(op.row);
            if let Some(new) = *held {
                facts.count(dictionary, new, 1);
            }
        }
    }

    /// Whether so many changes wait that a merge pays.
    pub fn wants_merge(&self) -> bool {
        self.overlay.len() >= OVERLAY_MERGE_FROM
    }

    /// The same list with its changes worked into a new base. Takes a second or two for tens of millions of entries;
    /// call it aside, and put what it gives in force with [`NumberList::carrying`].
    pub fn merged(&self) -> Self {
        let rows = Arc::new(self.dictionary.folded());
        let base = build::merge(&self.base, &self.overlay, &self.dictionary);
        Self::of(base, Dictionary::over(rows), (*self.wide).clone(), Overlay::default(), self.generation, self.facts)
    }

    /// This merged list with what came to `later` after the merge began: the list to put in force.
    pub fn carrying(&self, later: &Self) -> Self {
        let mut list = Self {
            base: self.base.clone(),
            overlay: Arc::new(later.overlay.after(self.facts.sequence)),
            dictionary: Arc::new(later.dictionary.rebased(self.dictionary.base.clone())),
            wide: later.wide.clone(),
            generation: later.generation,
            facts: later.facts,
        };
        list.measure();
        list
    }

    /// Whether `later` came from this list by deltas alone.
    pub fn is_earlier_state_of(&self, later: &Self) -> bool {
        self.generation == later.generation && self.facts.sequence <= later.facts.sequence
    }

    /// What it tells about itself.
    pub fn facts(&self) -> ListFacts {
        self.facts
    }
}
