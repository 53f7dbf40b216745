//! Screening in memory: the number list, callers' behaviour in sliding windows, and the decision on a call. Pure.

mod call;
mod decision;
mod features;
mod lines;
mod list;
mod message;
mod number;
mod screen;

pub use call::{Attestation, AttestationFailure, CallAttempt, CallOutcome, Caller, Roaming, Trunk, TrunkKind};
pub use decision::{Action, Check, Decision, LabelId, LineMeasure, MessageAction, MessageDecision, Reason};
pub use features::{CALL_FEATURES, MESSAGE_FEATURES, call_schema, message_schema};
pub use lines::LineState;
pub use list::{
    Attributes, Change, Delta, EntryKey, EntryKind, Gap, ListEntry, ListFacts, ListHit, NumberList, Pattern, Prefix,
    Specificity,
};
pub use message::{MessageAttempt, Registration, Sender, TextFeatures};
pub use number::{E164_DIGITS_MAX, Number, NumberKind, PLAIN_DIGITS_MAX};
pub use screen::Screen;
