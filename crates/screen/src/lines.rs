//! Measures on lines, by order of the centre: few, short-lived, looked up for every call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::Timestamp;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::decision::{LabelId, LineMeasure};
use crate::number::Number;

/// A measure in force on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// The line.
    pub line: Number,
    /// The measure.
    pub measure: LineMeasure,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// A label that waits for the next call to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextLabel {
    /// Only for a call from this number; none: for whichever call comes next.
    pub caller: Option<Number>,
    /// What is shown.
    pub label: LabelId,
    /// When it ends by itself.
    pub until: Timestamp,
}

#[derive(Debug, Clone)]
struct Held {
    measure: LineMeasure,
    until: Timestamp,
    /// With a label for the next call: only from this number.
    caller: Option<Number>,
    /// With a label for the next call: what is shown.
    label: LabelId,
    /// The label for the next call was shown. Shared by every copy of the table, so that it is shown once.
    spent: Arc<AtomicBool>,
}

/// Every measure, by line. Immutable: a change makes a new table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(FxHashMap<u64, Vec<Held>>);

impl Lines {
    /// With a measure on a line, or its end moved.
    pub(crate) fn with(&self, state: LineState) -> Self {
        let mut lines = self.without(state.line, state.measure).0;
        lines.0.entry(state.line.packed()).or_default().push(Held::new(state.measure, state.until));
        lines
    }

    /// With exactly these labels for the next calls to a line. One that was shown stays shown, though whoever keeps the
    /// measures may not know it yet.
    pub(crate) fn with_labels(&self, line: Number, labels: &[NextLabel]) -> Self {
        let earlier = self.0.get(&line.packed());
        let held = labels.iter().map(|next| {
            let same = |held: &&Held| held.is(next);
            earlier.and_then(|held| held.iter().find(same)).cloned().unwrap_or_else(|| Held {
                caller: next.caller,
                label: next.label,
                ..Held::new(LineMeasure::LabelNext, next.until)
            })
        });
        let held: Vec<Held> = held.collect();
        let mut lines = self.without(line, LineMeasure::LabelNext).0;
        if !held.is_empty() {
            lines.0.entry(line.packed()).or_default().extend(held);
        }
        lines
    }

    /// Without a measure on a line; tells whether it was there.
    pub(crate) fn without(&self, line: Number, measure: LineMeasure) -> (Self, bool) {
        let mut lines = self.clone();
        let Some(held) = lines.0.get_mut(&line.packed()) else { return (lines, false) };
        let before = held.len();
        held.retain(|held| held.measure != measure);
        let removed = held.len() != before;
        if held.is_empty() {
            lines.0.remove(&line.packed());
        }
        (lines, removed)
    }

    /// Whether there is something that has ended.
    pub(crate) fn any_ended(&self, now: Timestamp) -> bool {
        self.0.values().flatten().any(|held| !held.holds(now))
    }

    /// Without what has ended.
    pub(crate) fn current(&self, now: Timestamp) -> Self {
        let mut lines = self.clone();
        lines.0.retain(|_, held| {
            held.retain(|held| held.holds(now));
            !held.is_empty()
        });
        lines
    }

    /// Whether a measure is in force on a line.
    #[inline]
    pub(crate) fn has(&self, line: Number, measure: LineMeasure, now: Timestamp) -> bool {
        !self.0.is_empty()
            && self
                .0
                .get(&line.packed())
                .is_some_and(|all| all.iter().any(|held| held.measure == measure && held.holds(now)))
    }

    /// Whether a line has any measure that guards it.
    #[inline]
    pub(crate) fn guards(&self, line: Number, now: Timestamp) -> bool {
        !self.0.is_empty()
            && self
                .0
                .get(&line.packed())
                .is_some_and(|all| all.iter().any(|held| held.measure != LineMeasure::Suspend && held.holds(now)))
    }

    /// Takes the label for the next call to a line, that for this caller first; only one call gets it.
    pub(crate) fn take_label(&self, line: Number, caller: Option<Number>, now: Timestamp) -> Option<LabelId> {
        let all = self.0.get(&line.packed())?;
        let waiting = |from: Option<Number>| {
            let of = move |held: &&Held| held.measure == LineMeasure::LabelNext && held.caller == from;
            all.iter().filter(of).find(|held| held.holds(now) && !held.spent.swap(true, Ordering::Relaxed))
        };
        caller.and_then(|caller| waiting(Some(caller))).or_else(|| waiting(None)).map(|held| held.label)
    }

    /// The labels that wait for the next calls to a line.
    pub(crate) fn labels(&self, line: Number, now: Timestamp) -> Vec<NextLabel> {
        let waiting = |held: &&Held| held.measure == LineMeasure::LabelNext && held.holds(now);
        let next = |held: &Held| NextLabel { caller: held.caller, label: held.label, until: held.until };
        self.0.get(&line.packed()).map_or_else(Vec::new, |all| all.iter().filter(waiting).map(next).collect())
    }

    /// Every measure in force, by line.
    pub(crate) fn states(&self, now: Timestamp) -> Vec<LineState> {
        let mut states: Vec<LineState> = self
            .0
            .iter()
            .filter_map(|(line, held)| Number::from_packed(*line).map(|line| (line, held)))
            .flat_map(|(line, held)| {
                let state = move |held: &Held| LineState { line, measure: held.measure, until: held.until };
                held.iter().filter(|held| held.holds(now)).map(state).collect::<Vec<_>>()
            })
            .collect();
        states.sort_by_key(|state| (state.line, state.measure as u8));
        states
    }
}

impl Held {
    fn new(measure: LineMeasure, until: Timestamp) -> Self {
        Self { measure, until, caller: None, label: LabelId::CENTRE, spent: Arc::default() }
    }

    fn is(&self, next: &NextLabel) -> bool {
        self.measure == LineMeasure::LabelNext
            && (self.caller, self.label, self.until) == (next.caller, next.label, next.until)
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.until > now && !self.spent.load(Ordering::Relaxed)
    }
}
