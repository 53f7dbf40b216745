//! How many calls and messages were seen, and what was done with them for which reason.

use rules::Counts;
use serde::{Deserialize, Serialize};

use crate::decision::{Action, Check, Decision, LineMeasure, MessageAction, MessageDecision, Reason};
use crate::list::EntryKind;

/// Words of actions on calls, in the order of their counts.
const CALL_ACTIONS: [&str; 7] = ["pass", "monitor", "label", "challenge", "announce", "reject_603", "reject_608"];
/// Words of actions on messages.
const MESSAGE_ACTIONS: [&str; 5] = ["pass", "monitor", "mark", "reject", "drop"];
/// Words of reasons.
const REASONS: [&str; 23] = [
    "clean",
    "emergency",
    "line_hold_flagged",
    "line_protect",
    "line_suspend",
    "line_label_next",
    "line_hold_foreign",
    "list_watch",
    "list_block",
    "list_allow",
    "list_protect",
    "check_malformed",
    "check_home_fixed_from_abroad",
    "check_home_mobile_refuted",
    "check_home_mobile_unproven",
    "check_service_from_abroad",
    "check_service_cannot_call",
    "check_emergency_from_elsewhere",
    "check_foreign_from_home",
    "check_attestation_failed",
    "check_calls_itself",
    "check_sender_wrong_route",
    "rule",
];

impl Action {
    const fn index(self) -> usize {
        match self {
            Self::Pass => 0,
            Self::Monitor => 1,
            Self::Label(_) => 2,
            Self::Challenge => 3,
            Self::Announce => 4,
            Self::Reject603 => 5,
            Self::Reject608 => 6,
        }
    }

    /// The word in records and counts, without the label: `pass`, `label`, `reject_603`, …
    pub fn word(self) -> &'static str {
        CALL_ACTIONS.get(self.index()).copied().unwrap_or_default()
    }
}

impl MessageAction {
    const fn index(self) -> usize {
        match self {
            Self::Pass => 0,
            Self::Monitor => 1,
            Self::Mark(_) => 2,
            Self::Reject => 3,
            Self::Drop => 4,
        }
    }

    /// The word in records and counts, without the label: `pass`, `mark`, `reject`, …
    pub fn word(self) -> &'static str {
        MESSAGE_ACTIONS.get(self.index()).copied().unwrap_or_default()
    }
}

impl Reason {
    const fn index(&self) -> usize {
        match self {
            Self::Clean => 0,
            Self::Emergency => 1,
            Self::Line(LineMeasure::HoldFlagged) => 2,
            Self::Line(LineMeasure::Protect) => 3,
            Self::Line(LineMeasure::Suspend) => 4,
            Self::Line(LineMeasure::LabelNext) => 5,
            Self::Line(LineMeasure::HoldForeign) => 6,
            Self::List(hit) => match hit.kind {
                EntryKind::Watch => 7,
                EntryKind::Block => 8,
                EntryKind::Allow => 9,
                EntryKind::Protect => 10,
            },
            Self::Check(check) => match check {
                Check::Malformed => 11,
                Check::HomeFixedFromAbroad => 12,
                Check::HomeMobileRefuted => 13,
                Check::HomeMobileUnproven => 14,
                Check::ServiceFromAbroad => 15,
                Check::ServiceCannotCall => 16,
                Check::EmergencyFromElsewhere => 17,
                Check::ForeignFromHome => 18,
                Check::AttestationFailed => 19,
                Check::CallsItself => 20,
                Check::SenderWrongRoute => 21,
            },
            Self::Rule(_) => 22,
        }
    }

    /// The word in records and counts: `clean`, `list_block`, `check_malformed`, `rule`, …
    pub fn word(&self) -> &'static str {
        REASONS.get(self.index()).copied().unwrap_or_default()
    }
}

/// Counts since the screen was made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CounterSnapshot {
    /// Calls by what was done, in a fixed order.
    pub calls: Vec<Counted>,
    /// Calls by reason.
    pub call_reasons: Vec<Counted>,
    /// Messages by what was done.
    pub messages: Vec<Counted>,
    /// Messages by reason.
    pub message_reasons: Vec<Counted>,
}

/// A count and the word for what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// What.
    pub word: String,
    /// How many.
    pub count: u64,
}

impl CounterSnapshot {
    /// How many calls.
    pub fn call_count(&self) -> u64 {
        self.calls.iter().map(|counted| counted.count).sum()
    }

    /// The count of a word among some counts; zero for a word that is not there.
    pub fn of(counts: &[Counted], word: &str) -> u64 {
        counts.iter().find(|counted| counted.word == word).map_or(0, |counted| counted.count)
    }
}

const CALL_REASONS_AT: usize = CALL_ACTIONS.len();
const MESSAGES_AT: usize = CALL_REASONS_AT + REASONS.len();
const MESSAGE_REASONS_AT: usize = MESSAGES_AT + MESSAGE_ACTIONS.len();
const LEN: usize = MESSAGE_REASONS_AT + REASONS.len();

#[derive(Debug)]
pub(crate) struct Counters(Counts);

impl Counters {
    pub(crate) fn new() -> Self {
        Self(Counts::new(LEN))
    }

    #[inline]
    pub(crate) fn call(&self, decision: &Decision) {
        self.0.add(decision.action.index());
        self.0.add(CALL_REASONS_AT + decision.reason.index());
    }

    #[inline]
    pub(crate) fn message(&self, decision: &MessageDecision) {
        self.0.add(MESSAGES_AT + decision.action.index());
        self.0.add(MESSAGE_REASONS_AT + decision.reason.index());
    }

    pub(crate) fn snapshot(&self) -> CounterSnapshot {
        let read = |words: &[&str], at: usize| {
            let counted =
                |(word, index): (&&str, usize)| Counted { word: (*word).to_owned(), count: self.0.sum(at + index) };
            words.iter().zip(0..).map(counted).collect()
        };
        CounterSnapshot {
            calls: read(&CALL_ACTIONS, 0),
            call_reasons: read(&REASONS, CALL_REASONS_AT),
            messages: read(&MESSAGE_ACTIONS, MESSAGES_AT),
            message_reasons: read(&REASONS, MESSAGE_REASONS_AT),
        }
    }
}
