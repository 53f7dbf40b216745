//! Changes that deltas have brought since the base was packed: for each number and identity, what holds now. Copied
//! whole with each delta, which costs some milliseconds for a million changes; readers keep the old one meanwhile.

use super::sorted::Tree;

/// The row of an entry that was removed.
pub(super) const REMOVED: u32 = u32::MAX;

/// A change to an entry for a full number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Op {
    pub(super) key: u64,
    /// Kind and source: what tells entries for one number apart.
    pub(super) identity: u32,
    /// The row, or [`REMOVED`].
    pub(super) row: u32,
    /// Number of the change.
    pub(super) sequence: u64,
}

/// Changes sorted by number and identity, the latest of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlay {
    keys: Tree,
    ops: Vec<Op>,
}

impl Overlay {
    /// From changes sorted by number and identity, one of each.
    pub(super) fn of(ops: Vec<Op>) -> Self {
        Self { keys: Tree::over(ops.iter().map(|op| op.key).collect()), ops }
    }

    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The changes to a number.
    #[inline]
    pub(super) fn of_key(&self, key: u64) -> &[Op] {
        if self.ops.is_empty() {
            return &[];
        }
        let start = self.keys.count_below(key);
        let tail = self.ops.get(start..).unwrap_or(&[]);
        let count = tail.iter().take_while(|op| op.key == key).count();
        tail.get(..count).unwrap_or(&[])
    }

    /// This overlay with later changes, which arrive in any order of numbers; of two for the same entry the later wins.
    pub(super) fn with(&self, mut later: Vec<Op>) -> Self {
        later.sort_by_key(|op| (op.key, op.identity, op.sequence));
        let mut all = Vec::with_capacity(self.ops.len() + later.len());
        let mut old = self.ops.iter().copied().peekable();
        let mut new = later.into_iter().peekable();
        let place = |op: &Op| (op.key, op.identity);
        let mut push = |op: Op| match all.last_mut() {
            Some(last) if place(last) == place(&op) => *last = op,
            _ => all.push(op),
        };
        loop {
            match (old.peek(), new.peek()) {
                (Some(a), Some(b)) if place(a) <= place(b) => old.next().into_iter().for_each(&mut push),
                (_, Some(_)) => new.next().into_iter().for_each(&mut push),
                (Some(_), None) => old.next().into_iter().for_each(&mut push),
                (None, None) => break,
            }
        }
        Self::of(all)
    }

    /// The changes that came after a number.
    pub(super) fn after(&self, sequence: u64) -> Self {
        Self::of(self.ops.iter().filter(|op| op.sequence > sequence).copied().collect())
    }

    pub(super) fn bytes(&self) -> usize {
        self.keys.bytes() + self.ops.capacity() * size_of::<Op>()
    }
}
