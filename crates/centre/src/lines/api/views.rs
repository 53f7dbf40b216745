//! What orders about lines, answers and contacts look like to people: numbers masked.

use kernel::{Fault, OrderId, RuleId, Timestamp};
use serde::Serialize;
use wire::{ContactChannel, Direction, LineAnswer, LineAnswerCode, LineOrderKind, PartnerId, Period, WarningsSent};

use super::super::model::State;
use super::super::{Contact, LineOrder};
use super::{Act, masked};
use crate::Post;

/// An order about a line in a list. Numbers are masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LineOrderRow {
    id: OrderId,
    number: String,
    /// Orders with the same one are decided together.
    request_id: OrderId,
    case_id: kernel::ReportId,
    case_number: String,
    region: String,
    partner: PartnerId,
    partner_name: String,
    kind: LineOrderKind,
    state: State,
    /// Masked.
    line: String,
    /// Masked.
    counterpart: Option<String>,
    until: Option<Timestamp>,
    answer_code: Option<LineAnswerCode>,
    /// How many contacts the answer has.
    contacts: i64,
    maker: String,
    made_at: Timestamp,
    sent_at: Option<Timestamp>,
    answer_due: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    /// When the measure in force ends.
    ends_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    escalation: i64,
}

impl LineOrderRow {
    pub(crate) fn of(post: &Post, order: &LineOrder) -> Self {
        Self {
            id: order.id,
            number: order.number.clone(),
            request_id: order.request_id,
            case_id: order.case.id,
            case_number: order.case.number.clone(),
            region: order.case.region.clone(),
            partner: order.partner.clone(),
            partner_name: post.name(&order.partner),
            kind: order.kind,
            state: order.state,
            line: masked(&order.line),
            counterpart: order.counterpart.as_deref().map(masked),
            until: order.until,
            answer_code: order.answer_code,
            contacts: order.contacts,
            maker: order.maker.clone(),
            made_at: order.made_at,
            sent_at: order.sent_at,
            answer_due: order.answer_due,
            answered_at: order.answered_at,
            ends_at: order.ends_at,
            ended_at: order.ended_at,
            escalation: order.escalation,
        }
    }
}

/// Everything about one order about a line. Numbers are masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct LineOrderDetail {
    #[serde(flatten)]
    pub(super) row: LineOrderRow,
    pub(super) reason: String,
    /// The same in English, where the seat wrote it and no person.
    pub(super) reason_en: Option<String>,
    pub(super) period: Option<Period>,
    pub(super) refers_to: Option<OrderId>,
    pub(super) include_foreign: bool,
    pub(super) label: Option<String>,
    pub(super) warning_text: Option<String>,
    pub(super) warning_text_en: Option<String>,
    pub(super) checker: Option<String>,
    /// The standing rule that approved it.
    pub(super) rule: Option<RuleId>,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) decision_reason: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) delivered_at: Option<Timestamp>,
    /// What the operator said; its contacts are a list of their own.
    pub(super) answer: Option<AnswerView>,
    /// Header of the sealed text, decoded.
    #[schema(value_type = Option<Object>)]
    pub(super) sealed_header: Option<serde_json::Value>,
    /// Payload of the sealed text, decoded, with numbers masked.
    #[schema(value_type = Option<Object>)]
    pub(super) sealed_payload: Option<serde_json::Value>,
    /// SHA-256 of the sealed text.
    pub(super) sealed_sha256: Option<String>,
    /// The orders of the same request to other operators.
    pub(super) others: Vec<LineOrderRow>,
    /// What may be done now by who asks.
    pub(super) acts: Vec<Act>,
}

/// An operator's answer. Numbers are masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LineAnswerView)]
pub(super) struct AnswerView {
    code: LineAnswerCode,
    words: kernel::Said,
    at: Option<Timestamp>,
    until: Option<Timestamp>,
    cuts: Vec<CutView>,
    /// Whether there are more contacts than were sent.
    more: bool,
    /// The earliest moment of which the operator has records.
    records_from: Option<Timestamp>,
    messages: Option<WarningsSent>,
    faults: Vec<Fault>,
}

/// A call that was ended. Numbers are masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CutView {
    caller: String,
    callee: String,
    started_at: Timestamp,
    cut_at: Timestamp,
}

pub(super) fn answer_view(answer: &LineAnswer) -> AnswerView {
    let cut = |cut: &wire::CutCall| CutView {
        caller: masked(&cut.caller),
        callee: masked(&cut.callee),
        started_at: cut.started_at,
        cut_at: cut.cut_at,
    };
    AnswerView {
        code: answer.code,
        words: answer.words.clone(),
        at: answer.at,
        until: answer.until,
        cuts: answer.cuts.iter().map(cut).collect(),
        more: answer.more,
        records_from: answer.records_from,
        messages: answer.messages,
        faults: answer.faults.clone(),
    }
}

/// Somebody who was in touch with the line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LineContactView)]
pub(super) struct ContactView {
    /// Place in the answer; reveal it as `contacts[position]` of `line:<id>`.
    pub(super) position: i64,
    /// Masked.
    number: String,
    direction: Direction,
    channel: ContactChannel,
    first: Timestamp,
    last: Timestamp,
    count: i64,
    answered: Option<i64>,
    duration_seconds: Option<i64>,
}

pub(super) fn contact_view(contact: Contact) -> ContactView {
    ContactView {
        position: contact.position,
        number: masked(&contact.number),
        direction: contact.direction,
        channel: contact.channel,
        first: contact.first,
        last: contact.last,
        count: contact.count,
        answered: contact.answered,
        duration_seconds: contact.duration_seconds,
    }
}
