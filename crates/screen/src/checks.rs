//! Checks that are built in: what the numbering plan and the way of a call say without any list.
//!
//! What each does is configuration. The defaults stop what cannot be (a fixed line of Hunan does not call from abroad,
//! a 400 number does not call at all) and only mark or watch what may be (a subscriber may roam, and a foreign guest
//! calls with his own number from a home cell).

use serde::{Deserialize, Serialize};

use crate::call::{Attestation, AttestationFailure, CallAttempt, Roaming, TrunkKind};
use crate::decision::{Action, Check, LabelId, MessageAction};
use crate::message::{MessageAttempt, Registration};
use crate::number::{Number, NumberKind, pow10};

macro_rules! checks {
    ($(#[$doc:meta])* $name:ident of $action:ty { $($(#[$field_doc:meta])* $field:ident: $check:ident = $default:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $action),* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),* }
            }
        }
    };
}

checks! {
    /// What each check does with a call.
    CallChecks of Action {
        /// What is presented is no number of any plan, and comes from another network.
        malformed: Malformed = Action::Reject603,
        /// The same from the operator's own subscribers: an exchange of a company that is set up wrongly, mostly.
        malformed_from_home: Malformed = Action::Monitor,
        /// A fixed line of the mainland on a foreign trunk.
        home_fixed_from_abroad: HomeFixedFromAbroad = Action::Reject603,
        /// A mobile number of the mainland on a foreign trunk whose subscriber is at home.
        home_mobile_refuted: HomeMobileRefuted = Action::Reject603,
        /// A mobile number of the mainland on a foreign trunk about which nobody asked the home register.
        home_mobile_unproven: HomeMobileUnproven = Action::Label(LabelId::FORGED),
        /// A service number on a foreign trunk.
        service_from_abroad: ServiceFromAbroad = Action::Reject603,
        /// A 400, 800 or 106 number as the caller.
        service_cannot_call: ServiceCannotCall = Action::Reject603,
        /// An emergency number from another operator.
        emergency_from_elsewhere: EmergencyFromElsewhere = Action::Monitor,
        /// A foreign number from the operator's own subscribers.
        foreign_from_home: ForeignFromHome = Action::Monitor,
        /// A PASSporT with a wrong signature, a wrong certificate, or of other numbers.
        attestation_forged: AttestationFailed = Action::Reject603,
        /// A PASSporT that is stale or cannot be read.
        attestation_unusable: AttestationFailed = Action::Label(LabelId::FORGED),
        /// Caller and callee are the same number, from another network.
        calls_itself: CallsItself = Action::Reject603,
    }
}

checks! {
    /// What each check does with a message.
    MessageChecks of MessageAction {
        /// The sender's address is neither a number nor a name.
        malformed: Malformed = MessageAction::Reject,
        /// A fixed line of the mainland on a foreign trunk.
        home_fixed_from_abroad: HomeFixedFromAbroad = MessageAction::Reject,
        /// A mobile number of the mainland on a foreign trunk: a roaming subscriber sends through the home network.
        home_mobile_from_abroad: HomeMobileUnproven = MessageAction::Mark(LabelId::FORGED),
        /// A service number on a foreign trunk.
        service_from_abroad: ServiceFromAbroad = MessageAction::Reject,
        /// A registered sender from a route that is not its own.
        wrong_route: SenderWrongRoute = MessageAction::Reject,
    }
}

impl CallChecks {
    /// The first check that a call does not pass, and what is done.
    #[inline]
    pub fn of(&self, call: &CallAttempt<'_>) -> Option<(Check, Action)> {
        let trunk = call.trunk.kind;
        if call.caller.malformed {
            let action = if trunk == TrunkKind::Home { self.malformed_from_home } else { self.malformed };
            return Some((Check::Malformed, action));
        }
        if let Attestation::Failed(failure) = call.attestation {
            let forged = matches!(
                failure,
                AttestationFailure::Signature | AttestationFailure::Certificate | AttestationFailure::OtherNumbers
            );
            let action = if forged { self.attestation_forged } else { self.attestation_unusable };
            return Some((Check::AttestationFailed, action));
        }
        let number = call.caller.number?;
        if trunk != TrunkKind::Home && Some(number) == call.callee {
            return Some((Check::CallsItself, self.calls_itself));
        }
        let kind = number.kind();
        if kind == NumberKind::Service && cannot_call(number) {
            return Some((Check::ServiceCannotCall, self.service_cannot_call));
        }
        match (trunk, kind) {
            (TrunkKind::Foreign, NumberKind::Fixed) => Some((Check::HomeFixedFromAbroad, self.home_fixed_from_abroad)),
            (TrunkKind::Foreign, NumberKind::Service) => Some((Check::ServiceFromAbroad, self.service_from_abroad)),
            (TrunkKind::Foreign, NumberKind::Mobile) => match call.roaming {
                Roaming::Confirmed => None,
                Roaming::Refuted => Some((Check::HomeMobileRefuted, self.home_mobile_refuted)),
                Roaming::Unknown if call.attestation == Attestation::A => None,
                Roaming::Unknown => Some((Check::HomeMobileUnproven, self.home_mobile_unproven)),
            },
            (TrunkKind::Home, NumberKind::Foreign) => Some((Check::ForeignFromHome, self.foreign_from_home)),
            (TrunkKind::National, NumberKind::Service) if number.is_emergency() => {
                Some((Check::EmergencyFromElsewhere, self.emergency_from_elsewhere))
            }
            _ => None,
        }
    }
}

impl MessageChecks {
    /// The first check that a message does not pass, and what is done.
    pub fn of(&self, message: &MessageAttempt<'_>) -> Option<(Check, MessageAction)> {
        if message.sender.registration == Registration::WrongRoute {
            return Some((Check::SenderWrongRoute, self.wrong_route));
        }
        if message.sender.is_malformed() {
            return Some((Check::Malformed, self.malformed));
        }
        if message.trunk.kind != TrunkKind::Foreign {
            return None;
        }
        match message.sender.number?.kind() {
            NumberKind::Fixed => Some((Check::HomeFixedFromAbroad, self.home_fixed_from_abroad)),
            NumberKind::Mobile => Some((Check::HomeMobileUnproven, self.home_mobile_from_abroad)),
            NumberKind::Service => Some((Check::ServiceFromAbroad, self.service_from_abroad)),
            _ => None,
        }
    }
}

/// Numbers that take calls or carry messages and never call: 400 and 800 lines, 106 ports.
fn cannot_call(number: Number) -> bool {
    let digits = number.digits();
    let count = number.digit_count();
    let head = digits / pow10(count.saturating_sub(3));
    (count == 10 && matches!(head, 400 | 800)) || (count >= 8 && head == 106)
}

/// Whether a check speaks of forging rather than of carelessness; such a one holds even for a protected caller.
pub(crate) fn is_forgery(check: Check) -> bool {
    matches!(
        check,
        Check::HomeFixedFromAbroad
            | Check::HomeMobileRefuted
            | Check::ServiceFromAbroad
            | Check::AttestationFailed
            | Check::CallsItself
            | Check::SenderWrongRoute
    )
}
