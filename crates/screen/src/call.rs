//! A call as signalling tells it.

use kernel::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::number::{BareDigits, Number, NumberKind};

/// Who calls, as presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The number, where the presented text is one; also digits that no plan knows.
    pub number: Option<Number>,
    /// The user part as it arrived; empty when the caller withholds it.
    pub raw: &'a str,
    /// The caller withholds the number (主叫隐藏).
    pub anonymous: bool,
    /// What was presented is no number of any plan.
    pub malformed: bool,
}

impl<'a> Caller<'a> {
    /// Reads a presented user part. `anonymous`, `unknown`, `restricted`, `unavailable` and nothing at all are a withheld number.
    pub fn read(raw: &'a str) -> Self {
        let withheld = ["", "anonymous", "unknown", "restricted", "unavailable", "private"];
        if withheld.iter().any(|word| raw.trim().eq_ignore_ascii_case(word)) {
            return Self { number: None, raw: "", anonymous: true, malformed: false };
        }
        let number = Number::read(raw);
        let malformed = number.is_none_or(|number| number.kind() == NumberKind::Unassigned);
        Self { number, raw, anonymous: false, malformed }
    }

    /// Reads like [`Caller::read`], with bare digits as said.
    pub fn read_as(raw: &'a str, bare: BareDigits) -> Self {
        let mut caller = Self::read(raw);
        if let Some(number) = caller.number.and_then(|_| Number::read_as(raw, bare)) {
            caller.number = Some(number);
            caller.malformed = number.kind() == NumberKind::Unassigned;
        }
        caller
    }

    /// A caller whose number is already known.
    pub fn of(number: Number) -> Caller<'static> {
        let malformed = number.kind() == NumberKind::Unassigned;
        Caller { number: Some(number), raw: "", anonymous: false, malformed }
    }
}

/// Where a call enters the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkKind {
    /// The operator's own subscribers.
    Home,
    /// Another operator of the mainland.
    National,
    /// An international gateway (国际局), Hong Kong, Macao and Taiwan included.
    Foreign,
}

impl TrunkKind {
    /// How bare digits are read on a trunk of this kind, where nothing else is said.
    pub const fn bare_digits(self) -> BareDigits {
        match self {
            Self::Home | Self::National => BareDigits::National,
            Self::Foreign => BareDigits::Either,
        }
    }

    /// The word that rules and records use: `home`, `national`, `foreign`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::National => "national",
            Self::Foreign => "foreign",
        }
    }
}

/// A trunk group (中继群): its number in the configuration, and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trunk {
    /// Number of the trunk group in the operator's configuration.
    pub id: u32,
    /// What it leads to.
    pub kind: TrunkKind,
}

/// What a PASSporT says about the right to the number (RFC 8224, 8588).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attestation {
    /// The call carries none.
    None,
    /// Full attestation, verified.
    A,
    /// Partial attestation, verified.
    B,
    /// Gateway attestation, verified.
    C,
    /// It carries one that does not hold.
    Failed(AttestationFailure),
}

/// Why an attestation does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttestationFailure {
    /// Cannot be read.
    Malformed,
    /// Signed by a certificate that is not trusted for the number.
    Certificate,
    /// The signature is wrong.
    Signature,
    /// Too old or from the future.
    Stale,
    /// It speaks of other numbers than the call.
    OtherNumbers,
}

impl Attestation {
    /// The word that rules and records use: `none`, `a`, `b`, `c`, `failed`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
            Self::Failed(_) => "failed",
        }
    }
}

/// What the home register says about a mobile caller that arrives from abroad (漫游核验).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roaming {
    /// Nobody asked.
    #[default]
    Unknown,
    /// The subscriber is abroad.
    Confirmed,
    /// The subscriber is not abroad: the number is forged.
    Refuted,
}

impl Roaming {
    /// The word that rules and records use: `unknown`, `confirmed`, `refuted`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
        }
    }
}

/// A call that wants to go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallAttempt<'a> {
    /// Who calls, as presented (P-Asserted-Identity before From).
    pub caller: Caller<'a>,
    /// Who is called; nothing when the request names no number.
    pub callee: Option<Number>,
    /// Where the call enters.
    pub trunk: Trunk,
    /// What the PASSporT says.
    pub attestation: Attestation,
    /// What the home register says.
    pub roaming: Roaming,
    /// When.
    pub at: Timestamp,
}

/// How a call that was let through ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOutcome {
    /// Who called.
    pub caller: Number,
    /// Who was called.
    pub callee: Number,
    /// Whether anybody picked up.
    pub answered: bool,
    /// How long they talked; zero when nobody picked up.
    pub talk_ms: u32,
    /// When it ended.
    pub at: Timestamp,
}

impl CallOutcome {
    /// The outcome of a call whose parties talked so long.
    pub fn new(caller: Number, callee: Number, answered: bool, talked: Duration, at: Timestamp) -> Self {
        let talk_ms = u32::try_from(talked.0 / 1_000).unwrap_or(u32::MAX);
        Self { caller, callee, answered, talk_ms, at }
    }
}
