//! What a list says about numbers.

use kernel::{ListedDigits, ListedNumbers, Timestamp};
use serde::{Deserialize, Serialize};

use crate::number::{Number, pow10};

/// What an entry asks for. A stronger kind stands further down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Looked at, not stopped (灰名单).
    Watch,
    /// Stopped (黑名单).
    Block,
    /// Let through, whatever checks and rules say (白名单).
    Allow,
    /// Never stopped by list or rule, and never believed from a foreign trunk: police, hospitals, banks (保护名单).
    Protect,
}

impl EntryKind {
    /// Every kind, weakest first.
    pub const ALL: [Self; 4] = [Self::Watch, Self::Block, Self::Allow, Self::Protect];

    /// The word in files, rules and records: `watch`, `block`, `allow`, `protect`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Block => "block",
            Self::Allow => "allow",
            Self::Protect => "protect",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Leading digits of numbers: `+861701…`, or of numbers without country code (`95…`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Number);

impl Prefix {
    /// The prefix whose digits are those of `number`.
    pub const fn new(number: Number) -> Self {
        Self(number)
    }

    /// Reads a prefix: `+861701`, `861701`, `00852`, `1701` (a mobile block of the mainland), `0731` (an area), `95` or `400`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(['*', '…']);
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let (international, digits) = match digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
            Some(rest) => (true, rest),
            None => (false, digits.as_str()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if international || (digits.starts_with("86") && digits.len() > 2) {
            return Number::from_e164(digits.parse().ok()?).map(Self);
        }
        if let Some(area) = digits.strip_prefix('0') {
            let area: u64 = area.parse().ok()?;
            return Number::from_e164(format!("86{area}").parse().ok()?).map(Self);
        }
        let value: u64 = digits.parse().ok()?;
        let is_mobile_block = digits.len() >= 2
            && digits.starts_with('1')
            && !matches!(digits.as_bytes().get(1), Some(b'0' | b'1' | b'2'));
        if is_mobile_block {
            return Number::from_e164(format!("86{value}").parse().ok()?).map(Self);
        }
        Number::from_plain(value).map(Self)
    }

    /// The digits as a number.
    pub const fn number(self) -> Number {
        self.0
    }

    /// Whether a number begins with it.
    pub fn matches(self, number: Number) -> bool {
        let (own, other) = (self.0.digit_count(), number.digit_count());
        self.0.is_plain() == number.is_plain()
            && other >= own
            && number.digits() / pow10(other - own) == self.0.digits()
    }
}

impl std::fmt::Display for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}*", self.0)
    }
}

impl std::fmt::Debug for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prefix({self})")
    }
}

/// Which numbers an entry speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// One number.
    Full(Number),
    /// Every number that begins so.
    Prefix(Prefix),
    /// Every number from the first to the second, both included, with as many digits as they have.
    Range(Number, Number),
}

impl Pattern {
    /// A range; nothing when the ends differ in length or in having a country code, or stand the wrong way round.
    pub fn range(from: Number, to: Number) -> Option<Self> {
        let alike = from.is_plain() == to.is_plain() && from.digit_count() == to.digit_count();
        (alike && from <= to).then_some(Self::Range(from, to))
    }

    /// Whether it speaks of a number.
    pub fn matches(&self, number: Number) -> bool {
        match self {
            Self::Full(own) => *own == number,
            Self::Prefix(prefix) => prefix.matches(number),
            Self::Range(from, to) => (*from..=*to).contains(&number) && number.digit_count() == from.digit_count(),
        }
    }

    /// Whether it speaks of every number that another speaks of, where a prefix stands for the numbers that have as many
    /// digits as the ends of a range it is compared with.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Full(number)) => self.matches(*number),
            (Self::Full(own), Self::Range(from, to)) => own == from && own == to,
            (_, Self::Range(from, to)) => self.matches(*from) && self.matches(*to),
            (Self::Prefix(own), Self::Prefix(other)) => own.matches(other.number()),
            (Self::Range(from, to), Self::Prefix(other)) => {
                let (own, digits) = (other.number(), from.digit_count());
                let Some(more) = digits.checked_sub(own.digit_count()) else { return false };
                let first = own.digits().saturating_mul(pow10(more));
                own.is_plain() == from.is_plain()
                    && from.digits() <= first
                    && first.saturating_add(pow10(more) - 1) <= to.digits()
            }
            (Self::Full(_), Self::Prefix(_)) => false,
        }
    }

    /// The numbers it speaks of, as [`kernel::list_refusals`] weighs them.
    pub fn listed(&self) -> ListedNumbers {
        let digits =
            |number: Number| ListedDigits { international: !number.is_plain(), value: u128::from(number.digits()) };
        match self {
            Self::Full(number) => ListedNumbers::One(digits(*number)),
            Self::Prefix(prefix) => ListedNumbers::Prefix(digits(prefix.number())),
            Self::Range(from, to) => ListedNumbers::Range(digits(*from), digits(*to)),
        }
    }

    /// Reads a pattern as files write it: a number, a prefix that ends in `*`, or a range `from..to`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((from, to)) = text.split_once("..") {
            return Self::range(Number::read(from)?, Number::read(to)?);
        }
        if text.ends_with('*') {
            return Prefix::parse(text).map(Self::Prefix);
        }
        Number::read(text).map(Self::Full)
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full(number) => write!(f, "{number}"),
            Self::Prefix(prefix) => write!(f, "{prefix}"),
            Self::Range(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(
                "not a number, a prefix such as +861701* or a range such as +8617000000000..+8617000009999",
            )
        })
    }
}

/// One entry of a list. Two entries are the same entry when pattern, kind and source agree: the later takes the place
/// of the earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// Which numbers.
    pub pattern: Pattern,
    /// What it asks for.
    pub kind: EntryKind,
    /// Why, as a word or a sentence of the source.
    pub reason: String,
    /// Who says so: `centre`, `operator`, `appeal`, …
    pub source: String,
    /// When it ends; nothing for an entry that stands until it is removed. Kept to the whole second, rounded up.
    pub expires_at: Option<Timestamp>,
    /// The case it belongs to.
    pub case: Option<String>,
}

/// What tells one entry from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryKey {
    /// Which numbers.
    pub pattern: Pattern,
    /// What it asks for.
    pub kind: EntryKind,
    /// Who said so.
    pub source: String,
}

impl ListEntry {
    /// What tells it from others.
    pub fn key(&self) -> EntryKey {
        EntryKey { pattern: self.pattern, kind: self.kind, source: self.source.clone() }
    }
}

/// An entry without its pattern, as the list keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// What it asks for.
    pub kind: EntryKind,
    /// Why.
    pub reason: &'a str,
    /// Who says so.
    pub source: &'a str,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The case.
    pub case: Option<&'a str>,
}

/// How closely an entry names the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Specificity {
    /// By a prefix of this many digits.
    Prefix(u8),
    /// By a range.
    Range,
    /// By the number itself.
    Full,
}

impl Specificity {
    pub(crate) fn of(pattern: &Pattern) -> Self {
        match pattern {
            Pattern::Full(_) => Self::Full,
            Pattern::Range(..) => Self::Range,
            Pattern::Prefix(prefix) => Self::Prefix(u8::try_from(prefix.number().digit_count()).unwrap_or(u8::MAX)),
        }
    }
}

/// The entry that decides about a number. It is small and can travel with an event; the list it came from, or a later
/// one made by deltas, tells the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListHit {
    /// What the entry asks for.
    pub kind: EntryKind,
    /// How closely it names the number.
    pub specificity: Specificity,
    pub(crate) row: u32,
    pub(crate) generation: u32,
}
