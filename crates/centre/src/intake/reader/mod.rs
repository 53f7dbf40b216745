//! Reads a pasted narrative: the identifiers that the reader of texts finds, names, banks, whose they are, and the
//! payments that they make up. By rules over characters, pure, in one pass per kind; an officer confirms.
//!
//! A pasted bank table gives one payment a row. Whatever is found carries its span, so that a page can mark it.

mod banks;
mod coins;
mod identifiers;
mod names;
mod parties;
mod payments;
mod roles;
mod scan;
mod surnames;
mod table;
#[cfg(test)]
mod tests;

use kernel::{Money, Timestamp};
use serde::Serialize;

use super::model::DraftPayment;
use super::partners::BankNames;
use scan::Scan;

/// Longest narrative that is read, in characters; what follows is passed over.
pub const CHARS_MAX: usize = 100_000;

/// Where something stands: characters (Unicode scalar values) from the start, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
pub struct Span {
    /// First character.
    pub start: usize,
    /// Behind the last character.
    pub end: usize,
}

impl Span {
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// Canonical value.
    pub value: String,
}

/// An account found, and whose it seems to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AccountFinding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// Canonical number.
    pub value: String,
    /// Whose it seems to be by the words before it.
    pub side: Side,
    /// `card` or `other`, by the check digit.
    pub kind: &'static str,
}

/// The side of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The victim's.
    Payer,
    /// The scammer's.
    Payee,
}

/// A name found, and whose it seems to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NameFinding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// The name.
    pub value: String,
    /// Whose it seems to be.
    pub side: Side,
}

/// An amount found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AmountFinding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// How much.
    pub value: Money,
    /// What the words around it say.
    pub role: AmountRole,
}

/// What an amount seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AmountRole {
    /// Paid by the victim.
    Paid,
    /// Asked for by the scammer.
    Demanded,
    /// A sum of several payments.
    Total,
    /// Something else: a rebate, a balance, a price.
    Other,
}

/// A time found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TimeFinding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// The moment; a day alone is its midnight.
    pub value: Timestamp,
    /// How exact it is.
    pub precision: Precision,
}

/// How exact a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// The day alone.
    Day,
    /// To the minute.
    Minute,
    /// To the second.
    Second,
}

impl From<text::Precision> for Precision {
    fn from(precision: text::Precision) -> Self {
        match precision {
            text::Precision::Day => Self::Day,
            text::Precision::Minute => Self::Minute,
            text::Precision::Second => Self::Second,
        }
    }
}

/// A chat account found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChatFinding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// The account.
    pub value: String,
    /// `qq`, `wechat`, `telegram`, `whatsapp`, `line`, `douyin`, `momo`, `dingtalk`, `alipay`, `bat`.
    pub service: &'static str,
}

/// A bank found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BankFinding {
    /// Where it stands.
    pub span: Span,
    /// As written.
    pub text: String,
    /// Partner id.
    pub value: String,
}

/// A payment made up from findings that stand together; the fields may be taken into a report as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SuggestedPayment {
    /// The payment as far as the text tells it. Where the text tells a day alone, `paid_at` is that date, and the time of
    /// day is left to be filled in.
    pub payment: DraftPayment,
    /// The findings it was made from.
    pub spans: Vec<Span>,
}

/// Everything found in a narrative, each list in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Found {
    /// Telephone numbers.
    pub phones: Vec<Finding>,
    /// Account numbers.
    pub accounts: Vec<AccountFinding>,
    /// Citizen identity numbers.
    pub citizen_ids: Vec<Finding>,
    /// References of transactions.
    pub references: Vec<Finding>,
    /// Addresses of wallets of virtual currency.
    pub wallets: Vec<Finding>,
    /// Amounts of virtual currency, as `3000 USDT`; no payment is made of them.
    pub coins: Vec<Finding>,
    /// Amounts.
    pub amounts: Vec<AmountFinding>,
    /// Times.
    pub times: Vec<TimeFinding>,
    /// Web addresses.
    pub urls: Vec<Finding>,
    /// Chat accounts.
    pub chats: Vec<ChatFinding>,
    /// Names of people and of account holders.
    pub names: Vec<NameFinding>,
    /// Banks among the partners.
    pub banks: Vec<BankFinding>,
    /// Payments that the findings make up.
    pub payments: Vec<SuggestedPayment>,
}

/// Reads a narrative. Times such as 昨天下午3点 are taken from `reference`, in China Standard Time.
pub fn read_narrative(text: &str, reference: Timestamp, partners: &BankNames) -> Found {
    let text = text.char_indices().nth(CHARS_MAX).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    let mut scan = Scan::new(text);
    let mut found = Found::default();
    let mut rows = table::payments(&mut scan, reference, partners, &mut found);
    coins::read(&mut scan, &mut found);
    identifiers::read(text, reference, &mut scan, &mut found);
    found.banks.extend(banks::banks(&mut scan, partners));
    let names = names::names(&mut scan, &found);
    found.names.extend(names);
    in_order(&mut found);
    roles::roles(&scan, &mut found);
    rows.extend(payments::payments(&scan, &found, reference));
    rows.sort_by_key(|p| p.spans.first().copied());
    found.payments = rows;
    found
}

/// A time as the form takes it. Of a day alone no time of day is made up: banks compare it to the minute, so the officer
/// fills it in.
fn paid_at(at: Timestamp, precision: Precision) -> String {
    match precision {
        Precision::Day => at.civil_cst().date().to_string(),
        Precision::Minute | Precision::Second => at.to_rfc3339(),
    }
}

fn in_order(found: &mut Found) {
    found.phones.sort_by_key(|f| f.span);
    found.accounts.sort_by_key(|f| f.span);
    found.citizen_ids.sort_by_key(|f| f.span);
    found.references.sort_by_key(|f| f.span);
    found.amounts.sort_by_key(|f| f.span);
    found.times.sort_by_key(|f| f.span);
    found.names.sort_by_key(|f| f.span);
    found.banks.sort_by_key(|f| f.span);
}
