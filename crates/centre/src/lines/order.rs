//! An order about a line as the desk keeps it.

use kernel::{OrderId, RuleId, Timestamp};
use sqlx::FromRow;
use store::{Error, Result};
use wire::{LineAnswer, LineAnswerCode, LineOrderKind, PartnerId, Period};

use super::model::State;
use crate::stop::CaseRef;

/// What is asked for; one order an operator is made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRequest {
    /// The case.
    pub case: CaseRef,
    /// The operators asked; none means every operator of the directory that is switched on.
    pub partners: Vec<PartnerId>,
    /// What is asked.
    pub kind: LineOrderKind,
    /// The number concerned, as typed.
    pub line: String,
    /// The other end, as typed.
    pub counterpart: Option<String>,
    /// Period of a query or of a warning.
    pub period: Option<Period>,
    /// End of a measure that lasts.
    pub until: Option<Timestamp>,
    /// The earlier order that is lifted.
    pub refers_to: Option<OrderId>,
    /// Whether calls from abroad are held too.
    pub include_foreign: bool,
    /// What the called person sees.
    pub label: Option<String>,
    /// Text of the warning message.
    pub warning_text: Option<String>,
    /// The same in English, for numbers of other countries.
    pub warning_text_en: Option<String>,
    /// Why, in words.
    pub reason: String,
}

impl NewRequest {
    /// A request to every operator, with nothing said but what every request needs.
    pub fn about(case: CaseRef, kind: LineOrderKind, line: String, reason: String) -> Self {
        Self {
            case,
            partners: Vec::new(),
            kind,
            line,
            counterpart: None,
            period: None,
            until: None,
            refers_to: None,
            include_foreign: false,
            label: None,
            warning_text: None,
            warning_text_en: None,
            reason,
        }
    }
}

/// The columns of a [`Row`], in order.
pub(super) const COLUMNS: &str = "id, number, request_id, case_id, case_number, region, reported_at, partner, kind, \
    state, line, counterpart, period_from, period_to, until, refers_to, include_foreign, label, warning_text, \
    warning_text_en, reason, maker, made_at, checker, rule_id, decided_at, decision_reason, message_id, sent_at, answer_due, escalation, \
    answered_at, answer_code, answer, contacts, ends_at, ended_at";

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    number: String,
    request_id: String,
    case_id: String,
    case_number: String,
    region: String,
    reported_at: i64,
    partner: String,
    kind: String,
    state: String,
    line: String,
    counterpart: Option<String>,
    period_from: Option<i64>,
    period_to: Option<i64>,
    until: Option<i64>,
    refers_to: Option<String>,
    include_foreign: bool,
    label: Option<String>,
    warning_text: Option<String>,
    warning_text_en: Option<String>,
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
    contacts: i64,
    ends_at: Option<i64>,
    ended_at: Option<i64>,
}

/// An order about a line as it stands. Numbers are canonical ([`kernel::Msisdn`]) and in full.
#[derive(Debug, Clone, PartialEq)]
pub struct LineOrder {
    /// Identity.
    pub id: OrderId,
    /// Short number, for instance `L261123-0007`.
    pub number: String,
    /// The first order of the request; orders of one request are decided together.
    pub request_id: OrderId,
    /// The case.
    pub case: CaseRef,
    /// The operator.
    pub partner: PartnerId,
    /// What is asked.
    pub kind: LineOrderKind,
    /// Where it stands.
    pub state: State,
    /// The number concerned.
    pub line: String,
    /// The other end.
    pub counterpart: Option<String>,
    /// Period of a query or of a warning.
    pub period: Option<Period>,
    /// The end asked for.
    pub until: Option<Timestamp>,
    /// The order that this one lifts.
    pub refers_to: Option<OrderId>,
    /// Whether calls from abroad are held too.
    pub include_foreign: bool,
    /// What the called person sees.
    pub label: Option<String>,
    /// Text of the warning message.
    pub warning_text: Option<String>,
    /// The same in English.
    pub warning_text_en: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Who made it.
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
    /// When the operator should have answered.
    pub answer_due: Option<Timestamp>,
    /// How often the delay was escalated: 1 to the contact, 2 to the deputy.
    pub escalation: i64,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
    /// The answer's code.
    pub answer_code: Option<LineAnswerCode>,
    /// The answer, without its contacts.
    pub answer: Option<LineAnswer>,
    /// How many contacts the answer had.
    pub contacts: i64,
    /// When the measure in force ends.
    pub ends_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

fn corrupt(what: &str) -> Error {
    Error::Corrupt(format!("line order: {what}"))
}

pub(super) fn order(row: Row) -> Result<LineOrder> {
    let id = |text: &str, what| text.parse::<OrderId>().map_err(|_| corrupt(what));
    Ok(LineOrder {
        id: id(&row.id, "id")?,
        number: row.number,
        request_id: id(&row.request_id, "request_id")?,
        case: CaseRef {
            id: row.case_id.parse().map_err(|_| corrupt("case_id"))?,
            number: row.case_number,
            region: row.region,
            reported_at: Timestamp(row.reported_at),
        },
        partner: PartnerId::parse(&row.partner).map_err(|_| corrupt("partner"))?,
        kind: row.kind.parse().map_err(|_| corrupt("kind"))?,
        state: State::from_code(&row.state).ok_or_else(|| corrupt("state"))?,
        line: row.line,
        counterpart: row.counterpart,
        period: row
            .period_from
            .zip(row.period_to)
            .map(|(from, to)| Period { from: Timestamp(from), to: Timestamp(to) }),
        until: row.until.map(Timestamp),
        refers_to: row.refers_to.as_deref().map(|text| id(text, "refers_to")).transpose()?,
        include_foreign: row.include_foreign,
        label: row.label,
        warning_text: row.warning_text,
        warning_text_en: row.warning_text_en,
        reason: row.reason,
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
        answer: row.answer.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| corrupt("answer"))?,
        contacts: row.contacts,
        ends_at: row.ends_at.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
    })
}
