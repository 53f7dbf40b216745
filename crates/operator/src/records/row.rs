//! One record.

use std::borrow::Cow;

use kernel::{Duration, Timestamp};

use super::seen::TextSeen;

/// A word of a closed list, or one that came from configuration or a file.
pub type Word = Cow<'static, str>;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A call was decided.
    Call,
    /// A call ended.
    CallEnd,
    /// A message was decided.
    Message,
}

impl RecordKind {
    /// The number in files.
    pub(super) const fn number(self) -> i32 {
        match self {
            Self::Call => 0,
            Self::CallEnd => 1,
            Self::Message => 2,
        }
    }

    pub(super) const fn of_number(number: i32) -> Option<Self> {
        match number {
            0 => Some(Self::Call),
            1 => Some(Self::CallEnd),
            2 => Some(Self::Message),
            _ => None,
        }
    }
}

/// One record. Numbers are packed as [`screen::Number`] packs them; 0 where there is none.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// What it is about.
    pub kind: RecordKind,
    /// When.
    pub at: Timestamp,
    /// Ties the end of a call to its attempt, within one run of the seat.
    pub key: u64,
    /// Caller or sender.
    pub from: u64,
    /// Caller or sender as it stood, where it is no number.
    pub from_raw: String,
    /// Callee or receiver.
    pub to: u64,
    /// Where it came in.
    pub front: Word,
    /// Number of the trunk group.
    pub trunk: u32,
    /// Kind of the trunk.
    pub trunk_kind: Word,
    /// What was said about the caller's right to the number.
    pub attestation: Word,
    /// What was done.
    pub action: Word,
    /// Why.
    pub reason: Word,
    /// The rule or list entry that decided.
    pub by: Word,
    /// Class of a message's text.
    pub class: Word,
    /// How sure the model was, 0 to 1.
    pub probability: f32,
    /// What rules saw of a message's text; never the text.
    pub text: TextSeen,
    /// Time of the decision, nanoseconds.
    pub took_ns: u32,
    /// Whether somebody answered.
    pub answered: bool,
    /// From answer to end.
    pub talked: Duration,
    /// Whether an order cut it.
    pub cut: bool,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({:?} at {}, {}, {})", self.kind, self.at, self.action, self.reason)
    }
}

impl Record {
    /// A record with nothing but its kind and moment.
    pub fn new(kind: RecordKind, at: Timestamp) -> Self {
        Self {
            kind,
            at,
            key: 0,
            from: 0,
            from_raw: String::new(),
            to: 0,
            front: Cow::Borrowed(""),
            trunk: 0,
            trunk_kind: Cow::Borrowed(""),
            attestation: Cow::Borrowed(""),
            action: Cow::Borrowed(""),
            reason: Cow::Borrowed(""),
            by: Cow::Borrowed(""),
            class: Cow::Borrowed(""),
            probability: 0.0,
            text: TextSeen::default(),
            took_ns: 0,
            answered: false,
            talked: Duration(0),
            cut: false,
        }
    }

    /// Whether the number took part.
    pub fn involves(&self, number: u64) -> bool {
        self.from == number || self.to == number
    }
}
