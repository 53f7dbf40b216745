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
    Attributes, Change, Delta, ENTRIES_MAX, EntryKey, EntryKind, Gap, ListBuilder, ListEntry, ListFacts, ListFull,
    ListHit, NumberList, OVERLAY_MERGE_FROM, Pattern, Prefix, ROWS_MAX, RowHandle, SOURCES_MAX, Snapshot,
    SnapshotFault, Specificity, TEXT_BYTES_MAX, TEXTS_BYTES_MAX, WIDE_MAX,
};
pub use message::{MessageAttempt, Registration, Sender, TextFeatures};
pub use number::{E164_DIGITS_MAX, Number, NumberKind, PLAIN_DIGITS_MAX};
pub use screen::Screen;

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
