//! Prefixes and ranges: few beside the full numbers, looked up by length and by a tree of ends.

use rustc_hash::FxHashMap;

use crate::number::{Number, pow10};

use super::entry::{Pattern, Prefix};

/// Prefixes and ranges that a list may have together.
pub const WIDE_MAX: usize = 200_000;

/// Prefixes and ranges, each with the number of its row.
#[derive(Debug, Clone, Default)]
pub(super) struct Wide {
    prefixes: FxHashMap<u64, Vec<u32>>,
    /// A bit for each length that some prefix has: numbers with country code, and without.
    lengths: [u32; 2],
    ranges: Vec<Range>,
    /// The greatest end below each node of an implicit tree over the ranges.
    ends: Vec<u64>,
    prefix_count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    from: u64,
    to: u64,
    row: u32,
}

impl Wide {
    pub(super) fn len(&self) -> usize {
        self.prefix_count + self.ranges.len()
    }

    pub(super) fn prefix_count(&self) -> usize {
        self.prefix_count
    }

    pub(super) fn range_count(&self) -> usize {
        self.ranges.len()
    }

    /// Calls `visit` with each row that speaks of a number, how many numbers its pattern has, and the pattern.
    #[inline]
    pub(super) fn visit(&self, number: Number, mut visit: impl FnMut(u32, u64, Pattern)) {
        let count = number.digit_count();
        let mut lengths = self.lengths.get(usize::from(number.is_plain())).copied().unwrap_or(0);
        lengths &= (1_u32 << (count + 1).min(31)) - 1;
        while lengths != 0 {
            let length = lengths.trailing_zeros();
            lengths &= lengths - 1;
            let span = pow10(count - length);
            let digits = number.digits() / span;
            let head = if number.is_plain() { Number::from_plain(digits) } else { Number::from_e164(digits) };
            if let Some(head) = head
                && let Some(rows) = self.prefixes.get(&head.packed())
            {
                rows.iter().for_each(|row| visit(*row, span, Pattern::Prefix(Prefix::new(head))));
            }
        }
        if !self.ranges.is_empty() {
            let below = self.ranges.partition_point(|range| range.from <= number.packed());
            self.visit_ranges(1, 0, self.ends.len() / 2, below, number, &mut visit);
        }
    }

    /// Visits the ranges with a number below `below` whose end is not before the number, in the subtree of a node.
    fn visit_ranges(
        &self,
        node: usize,
        start: usize,
        width: usize,
        below: usize,
        number: Number,
        visit: &mut impl FnMut(u32, u64, Pattern),
    ) {
        if start >= below || self.ends.get(node).is_none_or(|end| *end < number.packed()) {
            return;
        }
        if width > 1 {
            self.visit_ranges(node * 2, start, width / 2, below, number, visit);
            self.visit_ranges(node * 2 + 1, start + width / 2, width / 2, below, number, visit);
            return;
        }
        if let Some(range) = self.ranges.get(start)
            && let (Some(from), Some(to)) = (Number::from_packed(range.from), Number::from_packed(range.to))
        {
            visit(range.row, range.to - range.from + 1, Pattern::Range(from, to));
        }
    }

    /// Every pattern with its row.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Pattern, u32)> + '_ {
        let prefixes = self.prefixes.iter().flat_map(|(head, rows)| {
            let prefix = Number::from_packed(*head).map(|head| Pattern::Prefix(Prefix::new(head)));
            rows.iter().filter_map(move |row| prefix.map(|prefix| (prefix, *row)))
        });
        let ranges = self.ranges.iter().filter_map(|range| {
            Some((Pattern::Range(Number::from_packed(range.from)?, Number::from_packed(range.to)?), range.row))
        });
        prefixes.chain(ranges)
    }

    /// Built anew from patterns with their rows; full numbers among them are passed over.
    pub(super) fn build(patterns: impl Iterator<Item = (Pattern, u32)>) -> Self {
        let mut wide = Self::default();
        for (pattern, row) in patterns {
            match pattern {
                Pattern::Full(_) => {}
                Pattern::Prefix(prefix) => {
                    let head = prefix.number();
                    wide.prefixes.entry(head.packed()).or_default().push(row);
                    wide.prefix_count += 1;
                    if let Some(lengths) = wide.lengths.get_mut(usize::from(head.is_plain())) {
                        *lengths |= 1 << head.digit_count().min(31);
                    }
                }
                Pattern::Range(from, to) => wide.ranges.push(Range { from: from.packed(), to: to.packed(), row }),
            }
        }
        wide.ranges.sort_unstable();
        if !wide.ranges.is_empty() {
            let width = wide.ranges.len().next_power_of_two();
            wide.ends = vec![0; width * 2];
            for (range, slot) in wide.ranges.iter().zip(wide.ends.iter_mut().skip(width)) {
                *slot = range.to;
            }
            for node in (1..width).rev() {
                let greatest = wide.ends.iter().skip(node * 2).take(2).copied().max().unwrap_or(0);
                if let Some(slot) = wide.ends.get_mut(node) {
                    *slot = greatest;
                }
            }
        }
        wide
    }

    pub(super) fn bytes(&self) -> usize {
        self.prefixes.capacity() * 40
            + self.prefix_count * 4
            + self.ranges.capacity() * size_of::<Range>()
            + self.ends.capacity() * 8
    }
}
