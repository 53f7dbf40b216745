//! Playing what was recorded, or what is known to have happened, through a screen.

use screen::{
    Attestation, CallAttempt, CallOutcome, Caller, Decision, MessageAttempt, MessageDecision, Number, Roaming, Screen,
    Sender, Trunk, TrunkKind,
};

use crate::records::{Record, RecordKind};

/// The trunk of a word in records.
fn trunk(record: &Record) -> Trunk {
    let kind = match record.trunk_kind.as_ref() {
        "home" => TrunkKind::Home,
        "foreign" => TrunkKind::Foreign,
        _ => TrunkKind::National,
    };
    Trunk { id: record.trunk, kind }
}

/// The attestation of a word in records; why one failed is not kept.
fn attestation(word: &str) -> Attestation {
    match word {
        "a" => Attestation::A,
        "b" => Attestation::B,
        "c" => Attestation::C,
        "failed" => Attestation::Failed(screen::AttestationFailure::Signature),
        _ => Attestation::None,
    }
}

/// What became of a record that was played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Played {
    /// A call was decided.
    Call(Decision),
    /// A message was decided.
    Message(MessageDecision),
    /// The end of a call filled the windows, or the record says too little to be played.
    Nothing,
}

/// Plays one record: an attempt and a message are decided, an end fills the windows. Of a message the features of its text
/// are known as rules saw them then; what it had in common with others is not counted anew.
pub fn play(screen: &Screen, record: &Record) -> Played {
    let (caller, callee) = (Number::from_packed(record.from), Number::from_packed(record.to));
    match record.kind {
        RecordKind::Call => {
            let attempt = CallAttempt {
                caller: match caller {
                    Some(caller) => Caller::of(caller),
                    None => Caller::read(&record.from_raw),
                },
                callee,
                trunk: trunk(record),
                attestation: attestation(&record.attestation),
                roaming: Roaming::Unknown,
                at: record.at,
            };
            Played::Call(screen.decide_call(&attempt))
        }
        RecordKind::CallEnd => {
            if let (Some(caller), Some(callee)) = (caller, callee) {
                screen.call_ended(&CallOutcome::new(caller, callee, record.answered, record.talked, record.at));
            }
            Played::Nothing
        }
        RecordKind::Message if record.text.is_kept => {
            let sender = Sender { number: caller, raw: &record.from_raw, registration: record.text.registration };
            Played::Message(screen.decide_message(&MessageAttempt {
                sender,
                receiver: callee,
                trunk: trunk(record),
                text: record.text.features(record.probability),
                at: record.at,
            }))
        }
        RecordKind::Message => Played::Nothing,
    }
}
