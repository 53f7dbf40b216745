//! Checked expressions as jumps: each test knows where to go when it holds and where when it does not, so that `&&`,
//! `||`, `!` and `?:` cost nothing at run time and a rule ends at the first test that settles it.
//!
//! A term that can end in an error (arithmetic) is one test that walks its tree. Below `&&` and `||` alone an error may
//! count as no: whether the whole holds is the same either way. Below `!`, `?:` and `==` it may not, and there the whole
//! walks the tree with CEL's three values. A sum that several rules compare with bounds of their own is done once a record.

use std::collections::HashMap;

use crate::schema::{Kind, Record, Slot};
use crate::tree::{BoolNode, Compare, IntNode, Part, TextNode};

/// Where a jump ends when the rule holds.
const HOLDS: u32 = u32::MAX;
/// Where a jump ends when it does not.
const FAILS: u32 = u32::MAX - 1;
/// Costly tests that several rules share; more than this are simply done again.
const SHARED_MAX: usize = 64;
/// The same for sums.
const SUMS_MAX: usize = 4;

#[derive(Debug)]
enum Test {
    Int(Slot, Compare, i64),
    Bool(Slot),
    Has(Kind, Slot),
    TextIs(Slot, Box<str>),
    TextIn(Slot, Box<[Box<str>]>),
    IntIn(Slot, Box<[i64]>),
    Part(Part, Slot, Box<str>),
    Tree(Box<BoolNode>),
    Shared(u8, Box<Test>),
    Sum(u8, Box<IntNode>, Compare, Box<IntNode>),
}

#[derive(Debug)]
struct Step {
    test: Test,
    yes: u32,
    no: u32,
}

/// Where a rule begins in the program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start(u32);

/// The rules of a book, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Program {
    steps: Vec<Step>,
}

/// What is known of the shared tests while one record is looked at.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Memo {
    known: u64,
    held: u64,
    sums_known: u8,
    sums: [Option<i64>; SUMS_MAX],
}

/// What several rules have in common, with its place in the memo.
#[derive(Default)]
struct Common<'a> {
    tests: HashMap<&'a BoolNode, u8>,
    sums: HashMap<&'a IntNode, u8>,
}

impl<'a> Common<'a> {
    fn of(roots: impl Iterator<Item = &'a BoolNode>) -> Self {
        let mut tests: HashMap<&BoolNode, usize> = HashMap::new();
        let mut sums: HashMap<&IntNode, usize> = HashMap::new();
        for root in roots {
            leaves(root, &mut |leaf| {
                *tests.entry(leaf).or_default() += usize::from(is_costly(leaf));
                if let Some(sum) = sum_of(leaf) {
                    *sums.entry(sum).or_default() += 1;
                }
            });
        }
        Self { tests: numbered(tests, SHARED_MAX), sums: numbered(sums, SUMS_MAX) }
    }
}

/// Those that are used more than once, the most used first, so many at most.
fn numbered<T: Eq + std::hash::Hash>(uses: HashMap<T, usize>, most: usize) -> HashMap<T, u8> {
    let mut shared: Vec<(T, usize)> = uses.into_iter().filter(|(_, count)| *count > 1).collect();
    shared.sort_by_key(|(_, count)| usize::MAX - count);
    shared.into_iter().take(most).map(|(node, _)| node).zip(0_u8..).collect()
}

/// The sum on the left of a comparison.
fn sum_of(leaf: &BoolNode) -> Option<&IntNode> {
    match leaf {
        BoolNode::Ints(_, sum @ IntNode::Arithmetic(..), _) => Some(sum),
        _ => None,
    }
}

impl Program {
    /// Compiles rules; gives the program and where each begins.
    pub(crate) fn compile<'a>(roots: impl Iterator<Item = &'a BoolNode> + Clone) -> (Self, Vec<Start>) {
        let common = Common::of(roots.clone());
        let mut program = Self::default();
        let starts = roots.map(|root| Start(program.emit(root, HOLDS, FAILS, &common))).collect();
        (program, starts)
    }

    fn emit(&mut self, node: &BoolNode, yes: u32, no: u32, common: &Common<'_>) -> u32 {
        match node {
            BoolNode::And(left, right) => {
                let right = self.emit(right, yes, no, common);
                return self.emit(left, right, no, common);
            }
            BoolNode::Or(left, right) => {
                let right = self.emit(right, yes, no, common);
                return self.emit(left, yes, right, common);
            }
            _ if node.can_fail() => {}
            BoolNode::Constant(value) => return if *value { yes } else { no },
            BoolNode::Not(inner) => return self.emit(inner, no, yes, common),
            BoolNode::If(condition, then, otherwise) => {
                let then = self.emit(then, yes, no, common);
                let otherwise = self.emit(otherwise, yes, no, common);
                return self.emit(condition, then, otherwise, common);
            }
            _ => {}
        }
        let mut test = Test::of(node);
        if let Some(index) = common.tests.get(node) {
            test = Test::Shared(*index, Box::new(test));
        }
        if let BoolNode::Ints(compare, sum, bound) = node
            && let Some(index) = common.sums.get(sum)
        {
            test = Test::Sum(*index, Box::new(sum.clone()), *compare, Box::new(bound.clone()));
        }
        let (yes, no) = match node {
            BoolNode::Texts(Compare::NotEqual, ..) if matches!(test, Test::TextIs(..)) => (no, yes),
            _ => (yes, no),
        };
        self.steps.push(Step { test, yes, no });
        u32::try_from(self.steps.len() - 1).unwrap_or(FAILS)
    }

    /// Whether a rule holds. An error counts as not.
    #[inline]
    pub(crate) fn holds(&self, start: Start, record: &Record<'_>, memo: &mut Memo) -> bool {
        let mut at = start.0;
        while let Some(step) = self.steps.get(at as usize) {
            at = if step.test.holds(record, memo) { step.yes } else { step.no };
        }
        at == HOLDS
    }
}

impl Test {
    fn of(node: &BoolNode) -> Self {
        match node {
            BoolNode::Slot(slot) => Self::Bool(*slot),
            BoolNode::Has(kind, slot) => Self::Has(*kind, *slot),
            BoolNode::Ints(compare, IntNode::Slot(slot), IntNode::Constant(value)) => {
                Self::Int(*slot, *compare, *value)
            }
            BoolNode::Ints(compare, IntNode::Constant(value), IntNode::Slot(slot)) => {
                Self::Int(*slot, compare.turned(), *value)
            }
            BoolNode::Texts(Compare::Equal | Compare::NotEqual, TextNode::Slot(slot), TextNode::Constant(text))
            | BoolNode::Texts(Compare::Equal | Compare::NotEqual, TextNode::Constant(text), TextNode::Slot(slot)) => {
                Self::TextIs(*slot, text.clone())
            }
            BoolNode::IntIn(IntNode::Slot(slot), list) => Self::IntIn(*slot, list.clone()),
            BoolNode::TextIn(TextNode::Slot(slot), list) => Self::TextIn(*slot, list.clone()),
            BoolNode::Part(part, TextNode::Slot(slot), TextNode::Constant(text)) => {
                Self::Part(*part, *slot, text.clone())
            }
            other => Self::Tree(Box::new(other.clone())),
        }
    }

    #[inline]
    fn holds(&self, record: &Record<'_>, memo: &mut Memo) -> bool {
        match self {
            Self::Int(slot, compare, value) => compare.holds(&record.int(*slot), value),
            Self::Bool(slot) => record.bool(*slot),
            Self::Has(kind, slot) => record.has(*kind, *slot),
            Self::TextIs(slot, text) => same(record.text(*slot), text),
            Self::TextIn(slot, list) => {
                let text = record.text(*slot);
                list.iter().any(|word| same(word, text))
            }
            Self::IntIn(slot, list) => list.binary_search(&record.int(*slot)).is_ok(),
            Self::Part(part, slot, text) => part.holds(record.text(*slot), text),
            Self::Tree(node) => node.value(record) == Some(true),
            Self::Shared(index, test) => {
                let bit = 1_u64 << index;
                if memo.known & bit == 0 {
                    memo.known |= bit;
                    if test.holds(record, memo) {
                        memo.held |= bit;
                    }
                }
                memo.held & bit != 0
            }
            Self::Sum(index, sum, compare, bound) => {
                let bit = 1_u8 << index;
                let Some(place) = memo.sums.get_mut(usize::from(*index)) else { return false };
                if memo.sums_known & bit == 0 {
                    memo.sums_known |= bit;
                    *place = sum.value(record);
                }
                place.zip(bound.value(record)).is_some_and(|(sum, bound)| compare.holds(&sum, &bound))
            }
        }
    }
}

/// Whether two texts are the same. Most are words of four to sixteen letters: two reads that may overlap compare one of
/// these, without a call into the library of the system.
#[inline]
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        4..=8 => a.first_chunk::<4>() == b.first_chunk::<4>() && a.last_chunk::<4>() == b.last_chunk::<4>(),
        9..=16 => a.first_chunk::<8>() == b.first_chunk::<8>() && a.last_chunk::<8>() == b.last_chunk::<8>(),
        _ => a == b,
    }
}

/// The terms of an expression: what `&&`, `||`, `!` and `?:` join.
pub(crate) fn leaves<'a>(node: &'a BoolNode, visit: &mut impl FnMut(&'a BoolNode)) {
    match node {
        BoolNode::Not(inner) => leaves(inner, visit),
        BoolNode::And(left, right) | BoolNode::Or(left, right) => {
            leaves(left, visit);
            leaves(right, visit);
        }
        BoolNode::If(condition, yes, no) => {
            leaves(condition, visit);
            leaves(yes, visit);
            leaves(no, visit);
        }
        leaf => visit(leaf),
    }
}

/// Whether a test costs more than looking up whether it has been done.
fn is_costly(node: &BoolNode) -> bool {
    match node {
        BoolNode::Part(Part::Contains, ..) | BoolNode::TextInSlot(..) => true,
        BoolNode::TextIn(_, list) => list.len() > 4,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_compared_whole_at_any_length() {
        let text = "abcdefghijklmnopqrstuvwx";
        for length in 0..=text.len() {
            let own: String = text.chars().take(length).collect();
            assert!(super::same(&own, text.get(..length).unwrap()));
            assert!(!super::same(&own, text.get(1..length + 1).unwrap_or("")) || length == 0);
            for at in 0..length {
                let mut other = own.clone().into_bytes();
                other[at] = b'.';
                assert!(!super::same(&own, std::str::from_utf8(&other).unwrap()), "{length} {at}");
            }
        }
    }
}
