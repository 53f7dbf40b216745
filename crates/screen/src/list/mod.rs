//! The number list (号码名单): what is known about numbers, tens of millions of them, in memory.

mod delta;
mod entry;

use std::collections::BTreeMap;

use kernel::Timestamp;

pub use delta::{Change, Delta, Gap};
pub use entry::{Attributes, EntryKey, EntryKind, ListEntry, ListHit, Pattern, Prefix, Specificity};

use crate::number::Number;

/// A list of numbers with what is said about them. Immutable: a delta makes a new one that shares what did not change.
#[derive(Debug, Clone, Default)]
pub struct NumberList {
    entries: BTreeMap<EntryKey, ListEntry>,
    hits: Vec<ListEntry>,
    facts: ListFacts,
}

/// What a list tells about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListFacts {
    /// Number of the last change that is in it.
    pub sequence: u64,
    /// When its last change, or the snapshot, was made; the age of the list counts from here.
    pub made_at: Timestamp,
    /// Entries by kind, in the order of [`EntryKind::ALL`].
    pub by_kind: [u64; 4],
    /// Of these, prefixes.
    pub prefixes: u64,
    /// Of these, ranges.
    pub ranges: u64,
    /// Changes that wait to be merged.
    pub overlay: u64,
    /// Bytes in memory.
    pub bytes: u64,
}

impl NumberList {
    /// A list from its entries.
    pub fn build(entries: impl IntoIterator<Item = ListEntry>, sequence: u64, made_at: Timestamp) -> Self {
        let mut list = Self::default();
        for entry in entries {
            list.entries.insert(entry.key(), entry);
        }
        list.facts.sequence = sequence;
        list.facts.made_at = made_at;
        list.count();
        list
    }

    fn count(&mut self) {
        self.hits = self.entries.values().cloned().collect();
    }

    /// The entry that decides about a number at a moment.
    pub fn lookup(&self, number: Number, now: Timestamp) -> Option<ListHit> {
        self.hits
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.pattern.matches(number) && entry.expires_at.is_none_or(|end| end > now))
            .map(|(index, entry)| ListHit {
                kind: entry.kind,
                specificity: match entry.pattern {
                    Pattern::Full(_) => Specificity::Full,
                    Pattern::Prefix(prefix) => Specificity::Prefix(prefix.number().digit_count() as u8),
                    Pattern::Range(..) => Specificity::Range,
                },
                attributes: index as u32,
                generation: 0,
            })
            .max_by_key(|hit| (hit.kind == EntryKind::Protect, hit.specificity, hit.kind))
    }

    /// The rest of the entry that decided; nothing when the hit came from another list than this or an earlier state of it.
    pub fn attributes(&self, hit: &ListHit) -> Option<Attributes<'_>> {
        self.hits.get(hit.attributes as usize).map(|entry| Attributes {
            kind: entry.kind,
            reason: &entry.reason,
            source: &entry.source,
            expires_at: entry.expires_at,
            case: entry.case.as_deref(),
        })
    }

    /// Every entry that speaks of a number, whether it still holds or not; closest first.
    pub fn entries_of(&self, number: Number) -> Vec<ListEntry> {
        self.hits.iter().filter(|entry| entry.pattern.matches(number)).cloned().collect()
    }

    /// This list with a delta's changes. Changes that are already in it are passed over.
    pub fn with(&self, delta: &Delta) -> Result<Self, Gap> {
        let next = self.facts.sequence + 1;
        if delta.first > next {
            return Err(Gap { from: next, to: delta.first - 1 });
        }
        let mut list = self.clone();
        for change in delta.changes.iter().skip((next - delta.first) as usize) {
            match change {
                Change::Add(entry) => {
                    list.entries.insert(entry.key(), entry.clone());
                }
                Change::Remove(key) => {
                    list.entries.remove(key);
                }
            }
        }
        list.facts.sequence = delta.last().max(self.facts.sequence);
        list.facts.made_at = list.facts.made_at.max(delta.made_at);
        list.count();
        Ok(list)
    }

    /// What it tells about itself.
    pub fn facts(&self) -> ListFacts {
        self.facts
    }
}
