//! The number list that a centre publishes to operators: numbered changes, the question for what is missing, the
//! offer of the whole list, and the word that an appeal was granted.

use kernel::{AppealId, ListedDigits, ListedNumbers, Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, LABEL, LONG, SHORT, is_number};
use crate::order::last_four;

/// Entries put, and patterns removed, in one change at most.
pub const ENTRIES_MAX: usize = 20_000;
/// Highest number of a change, and most entries or bytes of a list, on the wire.
const LIST_NUMBER_MAX: i64 = 1_000_000_000_000_000;
/// Columns of the file of a whole list, in this order.
pub const LIST_FILE_HEADER: &str = "pattern,action,reason,source,case_number,expires_at,label";

code_list! {
    /// What the operator does with a number of the list.
    ListAction {
        /// Calls and messages from it are refused.
        Block = "block", "拦截", "block";
        /// They pass with a label or a mark, and are reported.
        Watch = "watch", "关注", "watch";
        /// They pass, whatever rules say.
        Allow = "allow", "放行", "allow";
        /// It is called upon with care: rules for the protected hold for calls to it.
        Protect = "protect", "保护", "protect";
    }
}

/// Which numbers an entry of the list means. As text: one number `+8617000000000` or `95588`; all that begin alike
/// `+86170*`; a range, both ends included, `+8617012340000-+8617012349999`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberPattern {
    /// One number.
    Full(String),
    /// Every number that begins so.
    Prefix(String),
    /// Every number from the first to the second, both included, of the same length.
    Range(String, String),
}

pub(crate) const PATTERN: Text = Text::new(
    "wire.field.pattern",
    ("不是号码、号段前缀或号码区间", "this is not a number, a prefix or a range of numbers"),
    (
        "号码写作 +8617000000000，前缀写作 +86170*，区间写作 +8617012340000-+8617012349999",
        "write a number as +8617000000000, a prefix as +86170*, a range as +8617012340000-+8617012349999",
    ),
);
const TWICE: Text = Text::new(
    "wire.list.twice",
    ("同一号码在一次变更中出现两次", "the same pattern stands twice in one change"),
    ("每个号码只保留一条", "keep one of them"),
);
const NOT_COVERED: Text = Text::new(
    "wire.list.not_covered",
    ("申诉的号码不在该条目范围内", "the number is none of those that the entry means"),
    ("请填写拦截该号码的条目", "name the entry by which this number was stopped"),
);
const BACKWARDS: Text = Text::new(
    "wire.list.backwards",
    ("变更序号小于前一序号", "the number of the change is below that of the one before"),
    ("请核对变更序号", "check both numbers"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[PATTERN, TWICE, BACKWARDS];

impl NumberPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `wire.field.pattern`: none of the three forms, or a range whose ends differ in length or stand backwards.
    pub fn parse(text: &str) -> Result<Self, kernel::Fault> {
        let read = || {
            if let Some(prefix) = text.strip_suffix('*') {
                let digits = prefix.strip_prefix('+').unwrap_or(prefix);
                let fits = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
                return fits.then(|| Self::Prefix(prefix.to_owned()));
            }
            if let Some((from, to)) = text.split_once('-') {
                let alike = from.len() == to.len() && from.starts_with('+') == to.starts_with('+') && from <= to;
                return (alike && is_number(from) && is_number(to))
                    .then(|| Self::Range(from.to_owned(), to.to_owned()));
            }
            is_number(text).then(|| Self::Full(text.to_owned()))
        };
        read().ok_or_else(|| PATTERN.at("", &[]))
    }

    /// The numbers meant, as [`kernel::list_refusals`] weighs them.
    pub fn listed(&self) -> ListedNumbers {
        let digits = |text: &str| ListedDigits {
            international: text.starts_with('+'),
            value: text.trim_start_matches('+').parse().unwrap_or(u128::MAX),
        };
        match self {
            Self::Full(number) => ListedNumbers::One(digits(number)),
            Self::Prefix(prefix) => ListedNumbers::Prefix(digits(prefix)),
            Self::Range(from, to) => ListedNumbers::Range(digits(from), digits(to)),
        }
    }

    /// Whether the number is one of those meant.
    pub fn covers(&self, number: &str) -> bool {
        match self {
            Self::Full(full) => full == number,
            Self::Prefix(prefix) => number.starts_with(prefix.as_str()),
            Self::Range(from, to) => {
                number.len() == from.len()
                    && number.starts_with('+') == from.starts_with('+')
                    && (from.as_str()..=to.as_str()).contains(&number)
            }
        }
    }
}

impl std::fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full(number) => f.write_str(number),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Range(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

impl std::fmt::Debug for NumberPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full(number) => write!(f, "NumberPattern(****{})", last_four(number)),
            other => write!(f, "NumberPattern({other})"),
        }
    }
}

impl std::str::FromStr for NumberPattern {
    type Err = kernel::Fault;
    fn from_str(text: &str) -> Result<Self, kernel::Fault> {
        Self::parse(text)
    }
}

impl Serialize for NumberPattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NumberPattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|fault| serde::de::Error::custom(format!("{} / {}", fault.said.zh, fault.said.en)))
    }
}

impl utoipa::PartialSchema for NumberPattern {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("A number, a prefix that ends in *, or a range"))
            .examples(["+8617000000000", "+86170*", "+8617012340000-+8617012349999"])
            .into()
    }
}

impl utoipa::ToSchema for NumberPattern {}

/// One entry of the list. There is one entry a pattern: putting it again replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListEntry {
    /// Which numbers.
    pub pattern: NumberPattern,
    /// What is done.
    pub action: ListAction,
    /// Why, in words; a blocked caller is told them.
    pub reason: String,
    /// Where it comes from: a report, a ministry's list, an operator.
    pub source: String,
    /// The case, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// From when on it no longer counts; the operator ends it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What the called person sees, with `watch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A change of the list. It holds everything that differs between the list `previous` and the list `number`, so it
/// may be applied to any list in between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListChange {
    /// The list that there is after it.
    pub number: u64,
    /// The list that it starts from; an operator that has less asks for what is missing.
    pub previous: u64,
    /// When the centre made the last change that it holds.
    pub at: Timestamp,
    /// Entries new or replaced.
    #[serde(default)]
    pub put: Vec<ListEntry>,
    /// Entries that are no longer on the list.
    #[serde(default)]
    pub remove: Vec<NumberPattern>,
}

/// An operator says which list it has, and asks for what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListAsk {
    /// The number of the list that it has; 0 when it has none.
    pub have: u64,
}

/// The whole list as a file that the operator fetches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListOffer {
    /// The list that the file holds.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// SHA-256 of the file, lower-case hex; the file is at `{base_url}/wire/v1/lists/{sha256}`.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// How many entries it holds.
    pub entries: u64,
    /// From when on the file may be gone.
    pub expires_at: Timestamp,
}

/// An operator has granted an appeal: the caller is to be let pass, everywhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListLift {
    /// Identity of the appeal.
    pub appeal_id: AppealId,
    /// The number of the caller who appealed.
    pub number: String,
    /// The entry that had stopped him. One number goes from the list; of a prefix or range only `number` is let pass.
    pub pattern: NumberPattern,
    /// Why it was granted, in words.
    pub reason: String,
    /// Who granted it.
    pub granted_by: String,
    /// When.
    pub granted_at: Timestamp,
}

impl std::fmt::Debug for ListLift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListLift({} ****{})", self.appeal_id, last_four(&self.number))
    }
}

impl ListEntry {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (pattern, action) = (f.pattern("pattern"), f.code("action"));
        let (reason, source) = (f.text("reason", SHORT), f.text("source", SHORT));
        let (case_number, expires_at) = (f.text_opt("case_number", SHORT), f.time_opt("expires_at"));
        let label = f.text_opt("label", LABEL);
        Some(Self {
            pattern: pattern?,
            action: action?,
            reason: reason?,
            source: source?,
            case_number,
            expires_at,
            label,
        })
    }
}

impl ListChange {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (number, previous) = (f.large("number", LIST_NUMBER_MAX), f.large("previous", LIST_NUMBER_MAX));
        let at = f.time("at");
        let put = f.list("put", ENTRIES_MAX, ListEntry::read);
        let remove = f.patterns("remove", ENTRIES_MAX);
        if let (Some(number), Some(previous)) = (number, previous)
            && number < previous
        {
            f.refuse("number", &BACKWARDS);
        }
        let mut seen = std::collections::HashSet::with_capacity(put.len() + remove.len());
        let doubled = put.iter().map(|entry| &entry.pattern).chain(&remove).any(|pattern| !seen.insert(pattern));
        if doubled {
            f.refuse("put", &TWICE);
        }
        Some(Self { number: number?, previous: previous?, at: at?, put, remove })
    }
}

impl ListAsk {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { have: f.large("have", LIST_NUMBER_MAX)? })
    }
}

impl ListOffer {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (number, at, sha256) = (f.large("number", LIST_NUMBER_MAX), f.time("at"), f.sha256("sha256"));
        let (bytes, entries) = (f.large("bytes", LIST_NUMBER_MAX), f.large("entries", LIST_NUMBER_MAX));
        let expires_at = f.time("expires_at");
        Some(Self {
            number: number?,
            at: at?,
            sha256: sha256?,
            bytes: bytes?,
            entries: entries?,
            expires_at: expires_at?,
        })
    }
}

impl ListLift {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (appeal_id, number, pattern) = (f.id("appeal_id"), f.number("number"), f.pattern("pattern"));
        let (reason, granted_by) = (f.text("reason", LONG), f.text("granted_by", SHORT));
        let granted_at = f.time("granted_at");
        if let (Some(number), Some(pattern)) = (&number, &pattern)
            && !pattern.covers(number)
        {
            f.refuse("number", &NOT_COVERED);
        }
        Some(Self {
            appeal_id: appeal_id?,
            number: number?,
            pattern: pattern?,
            reason: reason?,
            granted_by: granted_by?,
            granted_at: granted_at?,
        })
    }
}
