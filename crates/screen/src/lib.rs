//! Screening in memory (拦截): the number list, callers' behaviour in sliding windows, and the decision on a call. Pure.
//!
//! A front makes a [`CallAttempt`] or a [`MessageAttempt`] and asks the [`Screen`], which is shared by reference between
//! all threads. The order in which it weighs what it knows stands at [`Screen`]'s module; the precedence of entries at
//! [`NumberList`].
//!
//! Nothing here waits: list, rules and measures on lines are read through one pointer that a change replaces, counts
//! have a copy for each thread, and a caller's windows stand behind one of 64 locks, held for some tens of nanoseconds.
//!
//! Invariant: this crate does no I/O, asks no clock, and does not know who asks.
//! Invariant: a call to an emergency number is never stopped, whatever lists, rules and measures say.

mod alike;
mod call;
mod checks;
mod counters;
mod decision;
mod defaults;
mod features;
mod fill;
mod lines;
mod list;
mod message;
mod number;
mod screen;
mod window;

pub use alike::{CONTACTS_MAX, Common, Contacts, MARKS, Marks};
pub use call::{Attestation, AttestationFailure, CallAttempt, CallOutcome, Caller, Roaming, Trunk, TrunkKind};
pub use checks::{CallChecks, MessageChecks};
pub use counters::{Counted, CounterSnapshot};
pub use decision::{Action, Check, Decision, LabelId, LineMeasure, MessageAction, MessageDecision, Reason};
pub use defaults::{FIRST_OWN_RULE, default_call_rules, default_message_rules};
pub use features::{CALL_FEATURES, MESSAGE_FEATURES, call_schema, message_schema};
pub use lines::{LineState, NextLabel};
pub use list::{
    Attributes, Change, Delta, ENTRIES_MAX, EntryKey, EntryKind, Gap, ListBuilder, ListEntry, ListFacts, ListFull,
    ListHit, NumberList, OVERLAY_MERGE_FROM, Pattern, Prefix, ROWS_MAX, RowHandle, SOURCES_MAX, Snapshot,
    SnapshotFault, Specificity, TEXT_BYTES_MAX, TEXTS_BYTES_MAX, WIDE_MAX,
};
pub use message::{MessageAttempt, Registration, Sender, TextFeatures};
pub use number::{BareDigits, E164_DIGITS_MAX, Number, NumberKind, PLAIN_DIGITS_MAX};
pub use screen::{Screen, Settings};
pub use window::{
    Behaviour, CALLERS_MAX, NEIGHBOUR_DISTANCE, SHORT_CALL_MS, TALK_MS, WATCHED_DAYS_MIN, WINDOWS_S, Windows,
};

/// Every [`kernel::Text`] of this crate.
pub fn catalogue() -> Vec<kernel::Text> {
    list::TEXTS.to_vec()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(&super::catalogue()), Vec::<String>::new());
    }
}
