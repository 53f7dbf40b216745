//! The orders that a centre gives to a bank or payment institution.

use kernel::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, LONG, SHORT};

/// Papers attached to one order at most.
pub const PAPERS_MAX: usize = 50;
/// Largest amount on the wire, minor units.
pub const AMOUNT_MINOR_MAX: i64 = kernel::bounds::AMOUNT_MINOR_MAX;
/// Deepest level of a chase on the wire.
pub const LEVEL_MAX: u32 = 1_000;

code_list! {
    /// What is asked of the bank.
    OrderKind {
        /// Emergency stop: 48 hours from the moment the bank stopped (银发〔2016〕86号).
        Stop = "stop", "紧急止付", "emergency stop";
        /// Ends a stop before its time.
        LiftStop = "lift_stop", "解除止付", "lift stop";
        /// A second stop of the same account (银发〔2016〕86号: two at most).
        ExtendStop = "extend_stop", "延续止付", "extend stop";
        /// Freeze (公安机关办理刑事案件程序规定, art. 239).
        Freeze = "freeze", "冻结", "freeze";
        /// Ends a freeze (art. 247).
        LiftFreeze = "lift_freeze", "解除冻结", "lift freeze";
        /// Renews a freeze before its end (art. 240, 243).
        RenewFreeze = "renew_freeze", "续冻", "renew freeze";
        /// Asks for the account's transactions in a period.
        QueryTransactions = "query_transactions", "查询交易明细", "query transactions";
        /// Asks who holds the account.
        QueryHolder = "query_holder", "查询账户主体", "query holder";
        /// Asks for every account of the holder.
        QueryAccounts = "query_accounts", "查询全部账户", "query all accounts of the holder";
        /// Asks for each new movement to be pushed.
        Watch = "watch", "动态监控", "watch";
        /// Ends a watch.
        EndWatch = "end_watch", "解除监控", "end watch";
    }
}

impl OrderKind {
    /// Whether the order restricts the account or ends a restriction.
    pub const fn touches_money(self) -> bool {
        matches!(
            self,
            Self::Stop | Self::LiftStop | Self::ExtendStop | Self::Freeze | Self::LiftFreeze | Self::RenewFreeze
        )
    }

    /// Whether the order speaks of an earlier one, named by `refers_to`.
    pub const fn refers_to_another(self) -> bool {
        matches!(self, Self::LiftStop | Self::ExtendStop | Self::LiftFreeze | Self::RenewFreeze | Self::EndWatch)
    }

    /// Whether an order of this kind may name an earlier one of another kind: a lift of a stop names a stop.
    pub const fn follows(self, earlier: Self) -> bool {
        matches!(
            (self, earlier),
            (Self::LiftStop | Self::ExtendStop, Self::Stop)
                | (Self::LiftFreeze | Self::RenewFreeze, Self::Freeze)
                | (Self::EndWatch, Self::Watch)
        )
    }
}

code_list! {
    /// The level of the police office that approved (程序规定 art. 239, 243–245).
    ApprovalLevel {
        /// County (县级): freezes of up to 6 months.
        County = "county", "县级", "county";
        /// Prefecture (设区的市级): major or complex cases, freezes of up to a year.
        Prefecture = "prefecture", "设区的市级", "prefecture";
        /// Province (省级).
        Province = "province", "省级", "province";
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Order {
    /// Identity of the order.
    pub order_id: OrderId,
    /// Its number on paper.
    pub number: String,
    /// The number of the case.
    pub case_number: String,
    /// What is asked.
    pub kind: OrderKind,
    /// The account.
    pub account: Account,
    /// The transfer into the account that a stop is checked against (四要素核对).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// How much to hold, minor units; absent means the whole account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// Currency of the account, ISO 4217 (and CNH).
    pub currency: String,
    /// The period of a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The end of a freeze or of a watch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The order that this one lifts, extends, renews or ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<OrderId>,
    /// How far from the victim: 1 is the account that the victim paid into.
    pub level: u32,
    /// Who ordered it, and on what ground.
    pub authority: Authority,
    /// Papers attached, by their hash.
    #[serde(default)]
    pub papers: Vec<Paper>,
    /// Whether interest that accrues is frozen too (art. 239).
    #[serde(default)]
    pub include_interest: bool,
    /// Why, in words.
    pub reason: String,
}

/// An account at the receiving bank.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Account {
    /// 5–34 digits or capital letters.
    pub number: String,
    /// Name of the holder as the order giver knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account(****{})", last_four(&self.number))
    }
}

/// The last four characters, for logs.
pub(crate) fn last_four(text: &str) -> String {
    let count = text.chars().count();
    text.chars().skip(count.saturating_sub(4)).collect()
}

/// A transfer that the bank must find in its own books before it stops (银发〔2016〕86号).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Check {
    /// Amount, minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// When it was made.
    pub at: Timestamp,
    /// The payer's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// From (inclusive) to (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Period {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
}

/// Who stands behind the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Authority {
    /// The police office.
    pub unit: String,
    /// Who approved: an officer, or a standing rule with its author.
    pub approver: String,
    /// The legal ground, for instance `银发〔2016〕86号`.
    pub legal_basis: String,
    /// The level of the approval; a freeze needs it (程序规定 art. 239).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_level: Option<ApprovalLevel>,
}

/// A paper attached to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Paper {
    /// File name.
    pub name: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// For instance `application/pdf`.
    pub media_type: String,
}

impl Order {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let kind = f.code::<OrderKind>("kind");
        let order = Self::read_fields(f, kind);
        if let Some(kind) = kind {
            needed_fields(f, kind);
        }
        if f.clean() { order } else { None }
    }

    fn read_fields(f: &mut Fields<'_>, kind: Option<OrderKind>) -> Option<Self> {
        let order_id = f.id("order_id");
        let number = f.text("number", SHORT);
        let case_number = f.text("case_number", SHORT);
        let account = f.object("account", |f| {
            let (number, name) = (f.account("number"), f.text_opt("name", SHORT));
            Some(Account { number: number?, name })
        });
        let check = f.object_opt("check", |f| {
            let amount_minor = f.integer("amount_minor", 1, AMOUNT_MINOR_MAX);
            let (currency, at) = (f.currency("currency"), f.time("at"));
            let reference = f.text_opt("reference", SHORT);
            Some(Check { amount_minor: amount_minor?, currency: currency?, at: at?, reference })
        });
        let amount_minor = f.integer_opt("amount_minor", 1, AMOUNT_MINOR_MAX);
        let currency = f.currency("currency");
        let period = f.object_opt("period", Period::read);
        let until = f.time_opt("until");
        let refers_to = f.id_opt("refers_to");
        let level = f.count_opt("level", LEVEL_MAX).unwrap_or(1);
        let authority = f.object("authority", Authority::read);
        let papers = f.list("papers", PAPERS_MAX, |f| {
            let (name, sha256, media_type) = (f.text("name", SHORT), f.sha256("sha256"), f.text("media_type", SHORT));
            Some(Paper { name: name?, sha256: sha256?, media_type: media_type? })
        });
        let include_interest = f.flag("include_interest");
        let reason = f.text("reason", LONG);
        Some(Self {
            order_id: order_id?,
            number: number?,
            case_number: case_number?,
            kind: kind?,
            account: account?,
            check,
            amount_minor,
            currency: currency?,
            period,
            until,
            refers_to,
            level,
            authority: authority?,
            papers,
            include_interest,
            reason: reason?,
        })
    }
}

impl Authority {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (unit, approver) = (f.text("unit", SHORT), f.text("approver", SHORT));
        let legal_basis = f.text("legal_basis", SHORT);
        let approval_level = f.code_opt("approval_level");
        Some(Self { unit: unit?, approver: approver?, legal_basis: legal_basis?, approval_level })
    }
}

impl Period {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (from, to) = (f.time("from"), f.time("to"));
        let (from, to) = (from?, to?);
        f.in_order("to", from, to);
        Some(Self { from, to })
    }
}

/// What each kind of order needs beyond what all need.
fn needed_fields(f: &mut Fields<'_>, kind: OrderKind) {
    let needed: &[&str] = match kind {
        OrderKind::Stop => &["check", "account.name"],
        OrderKind::Freeze | OrderKind::RenewFreeze => &["until", "authority.approval_level"],
        OrderKind::QueryTransactions => &["period"],
        _ => &[],
    };
    for name in needed {
        if !f.has(name) {
            f.needed(name, kind.code());
        }
    }
    if kind.refers_to_another() && !f.has("refers_to") {
        f.needed("refers_to", kind.code());
    }
}
