//! What is done with a call or a message, and why.

use rules::{RuleAction, RuleId};
use serde::{Deserialize, Serialize};

use crate::alike::Common;
use crate::list::ListHit;

/// A warning that the callee sees with the call, by its number in the table of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelId(pub u16);

impl LabelId {
    /// Suspected scam (疑似诈骗).
    pub const SCAM: Self = Self(1);
    /// The number may be forged (号码可能被冒用).
    pub const FORGED: Self = Self(2);
    /// A call from abroad (境外来电).
    pub const FOREIGN: Self = Self(3);
    /// Marketing (广告推销).
    pub const MARKETING: Self = Self(4);
    /// Harassment (骚扰电话).
    pub const HARASSMENT: Self = Self(5);
    /// The centre warns of this call (反诈中心提醒).
    pub const CENTRE: Self = Self(6);

    /// Numbers from here on are those of words that came with an order; what they say is kept beside the fronts.
    pub const OF_ORDERS: Self = Self(0x8000);

    /// Every label that is built in, with its key and its words in Chinese and English.
    pub const BUILT_IN: [(Self, &'static str, &'static str, &'static str); 6] = [
        (Self::SCAM, "scam", "疑似诈骗", "Suspected scam"),
        (Self::FORGED, "forged", "号码可能被冒用", "Number may be forged"),
        (Self::FOREIGN, "foreign", "境外来电", "Call from abroad"),
        (Self::MARKETING, "marketing", "广告推销", "Marketing"),
        (Self::HARASSMENT, "harassment", "骚扰电话", "Harassment"),
        (Self::CENTRE, "centre", "反诈中心提醒:谨防诈骗", "Anti-scam centre: beware of a scam"),
    ];

    /// The words of a built-in label in Chinese and English.
    pub fn words(self) -> Option<(&'static str, &'static str)> {
        Self::BUILT_IN.iter().find(|(id, ..)| *id == self).map(|(_, _, zh, en)| (*zh, *en))
    }
}

/// What is done with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Let it through.
    Pass,
    /// Let it through and report it.
    Monitor,
    /// Let it through with a warning on the display.
    Label(LabelId),
    /// Let the caller prove to be human first (语音验证).
    Challenge,
    /// Divert it to an announcement.
    Announce,
    /// Decline it: 603.
    Reject603,
    /// Reject it as unwanted, with a redress contact: 608 (RFC 8688).
    Reject608,
}

impl Action {
    /// Whether the callee's telephone does not ring, or not before the caller has done something.
    pub const fn stops(self) -> bool {
        matches!(self, Self::Challenge | Self::Announce | Self::Reject603 | Self::Reject608)
    }
}

impl RuleAction for Action {
    fn can_harm(&self) -> bool {
        self.stops()
    }
    fn ends_search(&self) -> bool {
        *self != Self::Monitor
    }
}

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageAction {
    /// Let it through.
    Pass,
    /// Let it through and report it.
    Monitor,
    /// Let it through with a mark before the text.
    Mark(LabelId),
    /// Refuse it with a status that the sender sees.
    Reject,
    /// Take it, give a receipt, and do not deliver it.
    Drop,
}

impl MessageAction {
    /// Whether the receiver does not get it.
    pub const fn stops(self) -> bool {
        matches!(self, Self::Reject | Self::Drop)
    }
}

impl RuleAction for MessageAction {
    fn can_harm(&self) -> bool {
        self.stops()
    }
    fn ends_search(&self) -> bool {
        *self != Self::Monitor
    }
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was found.
    Clean,
    /// The callee is an emergency number or the warning line.
    Emergency,
    /// The centre put a measure on the callee's line.
    Line(LineMeasure),
    /// An entry of the number list; [`crate::NumberList::attributes`] tells the rest of it.
    List(ListHit),
    /// A check that is built in.
    Check(Check),
    /// A rule.
    Rule(RuleId),
}

/// A measure on a line, by order of the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineMeasure {
    /// Calls from flagged numbers to this line are held off (暂停可疑来电).
    HoldFlagged,
    /// Calls from abroad to this line are held off, flagged or not (暂停境外来电).
    HoldForeign,
    /// Every call to this line that is not plainly good carries a warning (重点保护). It holds nobody off: the person's
    /// family and the officers must reach him.
    Protect,
    /// The line may not originate calls or messages (停机).
    Suspend,
    /// The next call to this line, or the next from one number, carries a warning.
    LabelNext,
}

/// A check that is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// What is presented is no number of any plan.
    Malformed,
    /// A fixed line of the mainland arrives on a foreign trunk.
    HomeFixedFromAbroad,
    /// A mobile number of the mainland arrives on a foreign trunk and its subscriber is not abroad.
    HomeMobileRefuted,
    /// A mobile number of the mainland arrives on a foreign trunk and nobody has asked whether its subscriber is abroad.
    HomeMobileUnproven,
    /// A service number arrives on a foreign trunk.
    ServiceFromAbroad,
    /// A number that may not originate calls (400, 800, 106) presents itself as the caller.
    ServiceCannotCall,
    /// An emergency or warning number arrives from another network.
    EmergencyFromElsewhere,
    /// A foreign number arrives from the operator's own subscribers.
    ForeignFromHome,
    /// The attestation does not hold.
    AttestationFailed,
    /// Caller and callee are the same number.
    CallsItself,
    /// A registered sender comes from a route that is not its own.
    SenderWrongRoute,
}

/// What is done with a call, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// How many shadow rules would have done something.
    pub shadow_hits: u16,
}

/// What is done with a message, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageDecision {
    /// What is done.
    pub action: MessageAction,
    /// Why.
    pub reason: Reason,
    /// How many shadow rules would have done something.
    pub shadow_hits: u16,
    /// What the last day had in common with it, as the rules saw it.
    pub common: Common,
}
