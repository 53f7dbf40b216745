//! The rules in force and in shadow, asked in one pass.

use std::sync::Arc;

use kernel::{Faults, Timestamp};
use serde::{Deserialize, Serialize};

use crate::check::check;
use crate::count::Counts;
use crate::explain::{Explanation, explain};
use crate::fault::TOO_MANY;
use crate::norm::{CutOut, CutOutSettings, Norm, Watch};
use crate::program::{Memo, Program, Start};
use crate::rule::{Rule, RuleId, Stage};
use crate::schema::{Kind, Record, Schema, Slot};
use crate::tree::BoolNode;

/// Rules that a book may hold.
pub const RULES_MAX: usize = 2_000;
/// Every so many hits of a rule in one thread, the sums are compared with its norm.
const LOOK_EVERY: u64 = 16;

/// What a rule does. An action is small and copied.
pub trait RuleAction: Copy {
    /// Whether a wrong hit does harm, so that the rule must be cut out when it hits far above its norm.
    fn can_harm(&self) -> bool;
    /// Whether the rule ends the search. An action that only watches does not: a later rule may still do something.
    fn ends_search(&self) -> bool;
}

/// What the rules say of one record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome<A> {
    /// The live rule that decides, and what it does.
    pub decided: Option<(RuleId, A)>,
    /// How many shadow rules held.
    pub shadow_hits: u16,
    /// A rule that was cut out by this very hit; to be reported at once. The hit itself no longer decides.
    pub cut_out: Option<CutOut>,
}

/// What a rule has done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RuleCount {
    /// The rule.
    pub id: RuleId,
    /// Where it stands in fact: a rule that was cut out is in shadow.
    pub stage: Stage,
    /// It was cut out.
    pub cut_out: bool,
    /// How often it held when it was asked. A live rule is not asked once an earlier one has decided.
    pub held: u64,
    /// How often it decided, or, in shadow, would have decided because no earlier live rule did.
    pub decided: u64,
    /// The share of calls that it usually holds for.
    pub norm: Norm,
}

/// Compiled rules. Built anew for each change and put in the place of the old one; counts and norms go along.
#[derive(Debug)]
pub struct RuleBook<A> {
    schema: Arc<Schema>,
    entries: Vec<Entry<A>>,
    program: Program,
    counts: Counts,
    watch: Watch,
    reads: [u64; 4],
}

#[derive(Debug)]
struct Entry<A> {
    rule: Rule<A>,
    root: BoolNode,
    start: Start,
}

/// Count 0 is calls; a rule has two behind that.
const CALLS: usize = 0;
const fn held_at(index: usize) -> usize {
    1 + 2 * index
}
const fn decided_at(index: usize) -> usize {
    2 + 2 * index
}

/// Whether an expression is a valid rule over a schema; every fault at once, of the field `expression`.
pub fn check_expression(expression: &str, schema: &Schema) -> Result<(), Faults> {
    check(expression, schema).map(|_| ())
}

impl<A: RuleAction> RuleBook<A> {
    /// A book without rules.
    pub fn empty(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            entries: Vec::new(),
            program: Program::default(),
            counts: Counts::new(1),
            watch: Watch::new(CutOutSettings::default(), std::iter::empty(), 0),
            reads: [0; 4],
        }
    }

    /// Compiles the rules that are live or in shadow. Faults carry `rules[ID].expression` as their field; a book with a
    /// fault is not built, so that what was in force stays.
    ///
    /// `before` is the book that this one replaces: a rule with the same number and revision keeps its counts, its
    /// norm, and whether it was cut out. A rule that was cut out comes back into force with a new revision, or after
    /// a book in which it stood in shadow.
    pub fn build(
        rules: impl IntoIterator<Item = Rule<A>>,
        schema: Arc<Schema>,
        settings: CutOutSettings,
        before: Option<&Self>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let mut checked = Vec::new();
        for rule in rules {
            if !matches!(rule.stage, Stage::Live | Stage::Shadow) {
                continue;
            }
            match check(&rule.expression, &schema) {
                Ok(root) => checked.push((rule, root)),
                Err(found) => {
                    let outer = format!("rules[{}]", rule.id.0);
                    found.0.into_iter().for_each(|fault| faults.push(fault.under(&outer)));
                }
            }
        }
        if checked.len() > RULES_MAX {
            let (count, limit) = (checked.len().to_string(), RULES_MAX.to_string());
            faults.push(TOO_MANY.at("rules", &[("count", &count), ("limit", &limit)]));
        }
        faults.into_result()?;
        checked.sort_by_key(|(rule, _)| (rule.priority, rule.id));

        let (program, starts) = Program::compile(checked.iter().map(|(_, root)| root));
        let mut reads = [0_u64; 4];
        for (_, root) in &checked {
            root.reads(&mut |kind, slot| {
                if let Some(word) = reads.get_mut(kind as usize) {
                    *word |= 1_u64.checked_shl(u32::from(slot.0)).unwrap_or(0);
                }
            });
        }
        let counts = Counts::new(decided_at(checked.len()));
        let calls = before.map_or(0, |book| book.counts.sum(CALLS));
        counts.carry(CALLS, calls);
        let mut norms = Vec::with_capacity(checked.len());
        for (index, (rule, _)) in checked.iter().enumerate() {
            let old = before.and_then(|book| book.index_of(rule.id, rule.revision).map(|old| (book, old)));
            let Some((book, old)) = old else {
                norms.push((Norm::default(), false, 0));
                continue;
            };
            let held = book.counts.sum(held_at(old));
            counts.carry(held_at(index), held);
            counts.carry(decided_at(index), book.counts.sum(decided_at(old)));
            norms.push((book.watch.norm(old), rule.stage == Stage::Live && book.watch.is_cut(old), held));
        }
        let watch = Watch::new(settings, norms.into_iter(), calls);
        let entries =
            checked.into_iter().zip(starts).map(|((rule, root), start)| Entry { rule, root, start }).collect();
        Ok(Self { schema, entries, program, counts, watch, reads })
    }

    fn index_of(&self, id: RuleId, revision: u32) -> Option<usize> {
        self.entries.iter().position(|entry| entry.rule.id == id && entry.rule.revision == revision)
    }

    /// Whether any rule reads a feature; what none reads need not be filled in.
    #[inline]
    pub fn reads(&self, kind: Kind, slot: Slot) -> bool {
        self.reads.get(kind as usize).is_some_and(|word| word & 1_u64.checked_shl(u32::from(slot.0)).unwrap_or(0) != 0)
    }

    /// Asks the rules in order of priority. The first live rule that holds decides; shadow rules are all asked and only
    /// counted.
    pub fn evaluate(&self, record: &Record<'_>, now: Timestamp) -> Outcome<A> {
        let mut outcome = Outcome { decided: None, shadow_hits: 0, cut_out: None };
        if self.entries.is_empty() {
            return outcome;
        }
        self.counts.add(CALLS);
        if self.watch.is_due(now) {
            self.watch.turn(now, self.counts.sum(CALLS), |index| self.counts.sum(held_at(index)));
        }
        let mut memo = Memo::default();
        let mut ended = false;
        for (index, entry) in self.entries.iter().enumerate() {
            let live = entry.rule.stage == Stage::Live;
            if (live && ended) || !self.program.holds(entry.start, record, &mut memo) {
                continue;
            }
            let held = self.counts.add(held_at(index));
            let in_force = live && !self.watch.is_cut(index) && !self.cuts_out(index, held, now, &mut outcome);
            if !in_force {
                outcome.shadow_hits = outcome.shadow_hits.saturating_add(1);
                if !ended {
                    self.counts.add(decided_at(index));
                }
                continue;
            }
            if entry.rule.action.ends_search() {
                ended = true;
                outcome.decided = Some((entry.rule.id, entry.rule.action));
                self.counts.add(decided_at(index));
            } else if outcome.decided.is_none() {
                outcome.decided = Some((entry.rule.id, entry.rule.action));
                self.counts.add(decided_at(index));
            }
        }
        outcome
    }

    fn cuts_out(&self, index: usize, held: u64, now: Timestamp, outcome: &mut Outcome<A>) -> bool {
        let Some(entry) = self.entries.get(index).filter(|entry| entry.rule.action.can_harm()) else {
            return false;
        };
        if !held.is_multiple_of(LOOK_EVERY) {
            return false;
        }
        let (hits, calls) = (self.counts.sum(held_at(index)), self.counts.sum(CALLS));
        let Some(cut) = self.watch.look(index, entry.rule.id, now, hits, calls) else {
            return false;
        };
        outcome.cut_out = Some(cut);
        true
    }

    /// Why a rule holds for a record or does not: each of its terms, whether that held, and the values it read. Nothing
    /// for a number that is not in the book.
    pub fn explain(&self, id: RuleId, record: &Record<'_>) -> Option<Explanation> {
        let entry = self.entries.iter().find(|entry| entry.rule.id == id)?;
        Some(explain(&entry.root, &self.schema, record))
    }

    /// What each rule has done, in order of priority.
    pub fn counts(&self) -> Vec<RuleCount> {
        let count = |(index, entry): (usize, &Entry<A>)| {
            let cut_out = self.watch.is_cut(index);
            RuleCount {
                id: entry.rule.id,
                stage: if cut_out { Stage::Shadow } else { entry.rule.stage },
                cut_out,
                held: self.counts.sum(held_at(index)),
                decided: self.counts.sum(decided_at(index)),
                norm: self.watch.norm(index),
            }
        };
        self.entries.iter().enumerate().map(count).collect()
    }

    /// How many records were looked at, by this book and those it replaced.
    pub fn calls(&self) -> u64 {
        self.counts.sum(CALLS)
    }

    /// The rules in it, in order of priority.
    pub fn rules(&self) -> impl Iterator<Item = &Rule<A>> {
        self.entries.iter().map(|entry| &entry.rule)
    }

    /// A rule by its number.
    pub fn rule(&self, id: RuleId) -> Option<&Rule<A>> {
        self.rules().find(|rule| rule.id == id)
    }

    /// The features that its rules may speak of.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }
}
