//! Playing what was recorded, or what is known to have happened, through a screen.

use kernel::Timestamp;
use screen::{Attestation, CallAttempt, CallOutcome, Caller, Decision, Number, Roaming, Screen, Trunk, TrunkKind};

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

/// Plays one record: an attempt is decided and told, an end fills the windows.
pub fn play(screen: &Screen, record: &Record, told: impl FnOnce(Decision)) {
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
            told(screen.decide_call(&attempt));
        }
        RecordKind::CallEnd => {
            if let (Some(caller), Some(callee)) = (caller, callee) {
                screen.call_ended(&outcome(caller, callee, record.answered, record.talked.0 / 1_000, record.at));
            }
        }
        RecordKind::Message => {}
    }
}

/// How a call ended.
pub fn outcome(caller: Number, callee: Number, answered: bool, talk_ms: i64, at: Timestamp) -> CallOutcome {
    CallOutcome { caller, callee, answered, talk_ms: u32::try_from(talk_ms).unwrap_or(u32::MAX), at }
}
