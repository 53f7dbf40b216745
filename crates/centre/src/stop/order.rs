//! An order as the desk keeps it.

use kernel::{OrderId, RuleId, Timestamp};
use sqlx::FromRow;
use store::{Error, Result};
use wire::{Answer, AnswerCode, ApprovalLevel, OrderKind, PartnerId};

use super::model::State;

/// What is asked for when an order is made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// The case.
    pub case: CaseRef,
    /// The bank that holds the account.
    pub partner: PartnerId,
    /// What is asked.
    pub kind: OrderKind,
    /// Number of the account.
    pub account_no: String,
    /// Name of its holder, as far as known.
    pub account_name: Option<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// The transfer that the bank checks against.
    pub check: Option<wire::Check>,
    /// How much to hold, minor units; none means the whole account.
    pub amount_minor: Option<i64>,
    /// Period of a query.
    pub period: Option<wire::Period>,
    /// End of a freeze or watch.
    pub until: Option<Timestamp>,
    /// The earlier order that this one is about.
    pub refers_to: Option<OrderId>,
    /// Level of the account in the chase; 1 was paid by the victim.
    pub level: u32,
    /// Whether interest is included.
    pub include_interest: bool,
    /// Level of the approval of a freeze.
    pub approval_level: Option<ApprovalLevel>,
    /// Why, in words.
    pub reason: String,
    /// Two orders with the same word are one; for orders that a desk makes by itself.
    pub dedup: Option<String>,
}

/// The case an order belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRef {
    /// Identity of the report.
    pub id: kernel::ReportId,
    /// Its number.
    pub number: String,
    /// Six-digit region code.
    pub region: String,
    /// When it was submitted.
    pub reported_at: Timestamp,
}

/// The columns of a [`Row`], in order.
pub(super) const COLUMNS: &str = "id, number, case_id, case_number, region, reported_at, partner, kind, state, \
    account_no, account_name, currency, check_amount_minor, check_at, check_reference, amount_minor, period_from, \
    period_to, until, refers_to, level, include_interest, approval_level, reason, maker, made_at, checker, rule_id, \
    decided_at, decision_reason, message_id, sent_at, answer_due, escalation, answered_at, answer_code, \
    answer, held_minor, hold_until, ended_at, news";

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    number: String,
    case_id: String,
    case_number: String,
    region: String,
    reported_at: i64,
    partner: String,
    kind: String,
    state: String,
    account_no: String,
    account_name: Option<String>,
    currency: String,
    check_amount_minor: Option<i64>,
    check_at: Option<i64>,
    check_reference: Option<String>,
    amount_minor: Option<i64>,
    period_from: Option<i64>,
    period_to: Option<i64>,
    until: Option<i64>,
    refers_to: Option<String>,
    level: i64,
    include_interest: bool,
    approval_level: Option<String>,
    reason: String,
    maker: String,
    made_at: i64,
    checker: Option<String>,
    rule_id: Option<String>,
    decided_at: Option<i64>,
    decision_reason: Option<String>,
    message_id: Option<String>,
    sent_at: Option<i64>,
    answer_due: Option<i64>,
    escalation: i64,
    answered_at: Option<i64>,
    answer_code: Option<String>,
    answer: Option<String>,
    held_minor: Option<i64>,
    hold_until: Option<i64>,
    ended_at: Option<i64>,
    news: Option<String>,
}

/// An order as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct StopOrder {
    /// Identity.
    pub id: OrderId,
    /// Short number, for instance `Z261123-0007`.
    pub number: String,
    /// What was asked for.
    pub asked: NewOrder,
    /// Where it stands.
    pub state: State,
    /// Who made it, and when.
    pub maker: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who checked it.
    pub checker: Option<String>,
    /// The standing rule that approved it.
    pub rule: Option<RuleId>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused or taken back.
    pub decision_reason: Option<String>,
    /// The sealed message.
    pub message_id: Option<String>,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// When the bank should have answered.
    pub answer_due: Option<Timestamp>,
    /// How often the delay was escalated: 1 to the contact, 2 to the deputy.
    pub escalation: i64,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
    /// The answer's code.
    pub answer_code: Option<AnswerCode>,
    /// The whole answer.
    pub answer: Option<Answer>,
    /// How much the bank holds by it, minor units.
    pub held_minor: Option<i64>,
    /// When the hold ends.
    pub hold_until: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What is new since a person decided about the account: why the machine puts the order to a person again.
    pub news: Option<kernel::Said>,
}

/// A transfer on which an order rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The payer: institution and account, where known.
    pub from: Option<(String, String)>,
    /// The whole transfer, minor units.
    pub amount_minor: i64,
    /// The victim's part of it.
    pub tainted_minor: i64,
    /// When.
    pub at: Timestamp,
    /// The reference, where there is one.
    pub reference: Option<String>,
}

/// On what an order rests that the machine makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// The transfers into the account.
    pub grounds: Vec<Ground>,
    /// What is new since a person decided otherwise. An order with such words always waits for a person: no standing
    /// rule approves it.
    pub news: Option<kernel::Said>,
}

fn corrupt(what: &str) -> Error {
    Error::Corrupt(format!("order: {what}"))
}

pub(super) fn order(row: Row) -> Result<StopOrder> {
    let check = match (row.check_amount_minor, row.check_at) {
        (Some(amount_minor), Some(at)) => Some(wire::Check {
            amount_minor,
            currency: row.currency.clone(),
            at: Timestamp(at),
            reference: row.check_reference,
        }),
        _ => None,
    };
    let period = match (row.period_from, row.period_to) {
        (Some(from), Some(to)) => Some(wire::Period { from: Timestamp(from), to: Timestamp(to) }),
        _ => None,
    };
    let answer = row.answer.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| corrupt("answer"))?;
    let asked = NewOrder {
        case: CaseRef {
            id: row.case_id.parse().map_err(|_| corrupt("case_id"))?,
            number: row.case_number,
            region: row.region,
            reported_at: Timestamp(row.reported_at),
        },
        partner: PartnerId::parse(&row.partner).map_err(|_| corrupt("partner"))?,
        kind: row.kind.parse().map_err(|_| corrupt("kind"))?,
        account_no: row.account_no,
        account_name: row.account_name,
        currency: row.currency,
        check,
        amount_minor: row.amount_minor,
        period,
        until: row.until.map(Timestamp),
        refers_to: row.refers_to.map(|id| id.parse()).transpose().map_err(|_| corrupt("refers_to"))?,
        level: u32::try_from(row.level).map_err(|_| corrupt("level"))?,
        include_interest: row.include_interest,
        approval_level: row.approval_level.map(|l| l.parse()).transpose().map_err(|_| corrupt("approval_level"))?,
        reason: row.reason,
        dedup: None,
    };
    Ok(StopOrder {
        id: row.id.parse().map_err(|_| corrupt("id"))?,
        number: row.number,
        asked,
        state: State::from_code(&row.state).ok_or_else(|| corrupt("state"))?,
        maker: row.maker,
        made_at: Timestamp(row.made_at),
        checker: row.checker,
        rule: row.rule_id.map(|id| id.parse()).transpose().map_err(|_| corrupt("rule_id"))?,
        decided_at: row.decided_at.map(Timestamp),
        decision_reason: row.decision_reason,
        message_id: row.message_id,
        sent_at: row.sent_at.map(Timestamp),
        answer_due: row.answer_due.map(Timestamp),
        escalation: row.escalation,
        answered_at: row.answered_at.map(Timestamp),
        answer_code: row.answer_code.map(|c| c.parse()).transpose().map_err(|_| corrupt("answer_code"))?,
        answer,
        held_minor: row.held_minor,
        hold_until: row.hold_until.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
        news: row.news.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| corrupt("news"))?,
    })
}
