//! Changes to a list, numbered without gaps.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::{EntryKey, ListEntry};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Add an entry, or put it in the place of the same entry.
    Add(ListEntry),
    /// Remove an entry; nothing happens when it is not there.
    Remove(EntryKey),
}

/// Consecutive changes: the first has the number `first`, the next `first + 1`, and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Number of the first change.
    pub first: u64,
    /// When the delta was made.
    pub made_at: Timestamp,
    /// The changes in order.
    pub changes: Vec<Change>,
}

impl Delta {
    /// Number of the last change; `first - 1` when there is none.
    pub fn last(&self) -> u64 {
        self.first.saturating_add(self.changes.len() as u64).saturating_sub(1)
    }
}

/// A delta that does not follow the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("changes {from} to {to} are missing")]
pub struct Gap {
    /// First missing change.
    pub from: u64,
    /// Last missing change.
    pub to: u64,
}
