//! Orders received and what was answered.

use axum::extract::State;
use kernel::{HoldId, Money, OrderId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, List, Path, Problem, Query, Session};
use wire::{Answer, AnswerCode, Paper, PartnerId};

use super::views::{AnswerView, money};
use crate::account::{mask_account, mask_name};
use crate::desk::Bank;
use crate::order::rows::{self, Filter, OrderRow};

pub(super) fn router() -> OpenApiRouter<Bank> {
    OpenApiRouter::new().routes(routes!(list_orders)).routes(routes!(get_order))
}

/// A line of the list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderLine {
    id: OrderId,
    number: String,
    kind: String,
    case_number: String,
    authority: String,
    account: String,
    account_name: Option<String>,
    amount: Option<Money>,
    received_at: Timestamp,
    code: AnswerCode,
    hold_id: Option<HoldId>,
}

impl From<&OrderRow> for OrderLine {
    fn from(row: &OrderRow) -> Self {
        let order = row.order.as_ref();
        Self {
            id: row.id,
            number: row.number.clone(),
            kind: row.kind.clone(),
            case_number: row.case_number.clone(),
            authority: row.authority.clone(),
            account: mask_account(&row.account_no),
            account_name: order.and_then(|o| o.account.name.as_deref()).map(mask_name),
            amount: order.and_then(|o| o.amount_minor.map(|minor| money(minor, &o.currency))),
            received_at: row.received_at,
            code: row.code,
            hold_id: row.hold_id,
        }
    }
}

/// An order with its answer and its sealed text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderDetail {
    #[serde(flatten)]
    line: OrderLine,
    level: Option<u32>,
    check_amount: Option<Money>,
    check_at: Option<Timestamp>,
    check_reference: Option<String>,
    unit: Option<String>,
    approver: Option<String>,
    legal_basis: Option<String>,
    reason: Option<String>,
    /// The same in English, where the centre's machine wrote it and no person.
    reason_en: Option<String>,
    until: Option<Timestamp>,
    papers: Vec<Paper>,
    answer: AnswerView,
    /// Header of the sealed text, decoded.
    #[schema(value_type = Option<Object>)]
    sealed_header: Option<serde_json::Value>,
    /// Payload of the sealed text, decoded, with account and name masked.
    #[schema(value_type = Option<Object>)]
    sealed_payload: Option<serde_json::Value>,
    /// SHA-256 of the sealed text.
    sealed_sha256: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OrderQuery {
    /// Part of the number, the case number or the account number.
    q: Option<String>,
    /// Code of the answer.
    state: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists the orders received, the latest first.
#[utoipa::path(get, path = "/orders", tag = "bank", security(("session" = ["bank.orders.read"])), params(OrderQuery),
    responses((status = 200, body = List<OrderLine>)))]
async fn list_orders(
    State(bank): State<Bank>,
    session: Session,
    Query(query): Query<OrderQuery>,
) -> Result<Json<List<OrderLine>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let words: Vec<&str> = AnswerCode::ALL.iter().map(|c| c.code()).collect();
    let known = |text: &str| AnswerCode::from_code(text).filter(|c| c.code() == text);
    let filter = Filter {
        code: super::word("state", query.state.as_deref(), known, &words)?,
        text: super::asked(query.q),
        before: super::before(query.cursor.as_deref())?,
        limit,
    };
    let found = rows::list(bank.db(), &session.who, &filter).await?;
    let page = List::page(found, shown, |row| row.id.to_string());
    Ok(Json(List { items: page.items.iter().map(OrderLine::from).collect(), next: page.next }))
}

/// Shows one order with its sealed text and the answer.
#[utoipa::path(get, path = "/orders/{id}", tag = "bank", security(("session" = ["bank.orders.read"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderDetail)))]
async fn get_order(
    State(bank): State<Bank>,
    session: Session,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderDetail>, Problem> {
    session.require("bank.orders.read")?;
    let row = rows::of_id(bank.db(), id).await?;
    let sealed = match PartnerId::parse(&row.authority) {
        Ok(authority) => wire::inbox::received(bank.db(), &authority, row.message_id).await?,
        Err(_) => None,
    };
    let (header, payload) = sealed.as_ref().map(|s| opened(&s.document)).unwrap_or((None, None));
    let full = sent_answer(&bank, id).await?;
    let answer = full.as_ref().unwrap_or(&row.answer);
    let order = row.order.as_ref();
    let check = order.and_then(|o| o.check.as_ref());
    Ok(Json(OrderDetail {
        line: OrderLine::from(&row),
        level: order.map(|o| o.level),
        check_amount: check.map(|c| money(c.amount_minor, &c.currency)),
        check_at: check.map(|c| c.at),
        check_reference: check.and_then(|c| c.reference.clone()),
        unit: order.map(|o| o.authority.unit.clone()),
        approver: order.map(|o| o.authority.approver.clone()),
        legal_basis: order.map(|o| o.authority.legal_basis.clone()),
        reason_en: order.and_then(|o| wire::machine_reason_en(&o.reason)),
        reason: order.map(|o| o.reason.clone()),
        until: order.and_then(|o| o.until),
        papers: order.map(|o| o.papers.clone()).into_iter().flatten().collect(),
        answer: AnswerView::of(answer, order.map_or("CNY", |o| o.currency.as_str())),
        sealed_header: header,
        sealed_payload: payload,
        sealed_sha256: sealed.map(|s| s.sha256),
    }))
}

/// The first answer as it was sealed, with what a query fetched.
async fn sent_answer(bank: &Bank, id: OrderId) -> Result<Option<Answer>, Problem> {
    let sent = wire::outbox::about(bank.db(), &format!("order:{id}")).await?;
    let document = sent.into_iter().find(|message| message.kind == wire::kind::ANSWER).map(|message| message.document);
    let Some(document) = document else { return Ok(None) };
    let unread = || Problem::from(store::Error::Corrupt(format!("the answer sent to order {id}")));
    let mut payload = document.split('.').nth(1).and_then(wire::decode_part).ok_or_else(unread)?;
    let body = payload.get_mut("body").ok_or_else(unread)?.take();
    serde_json::from_value(body).map(Some).map_err(|_| unread())
}

/// Header and payload of a sealed text, read for people: account and name are masked.
fn opened(document: &str) -> (Option<serde_json::Value>, Option<serde_json::Value>) {
    let mut parts = document.split('.').map(wire::decode_part);
    let (header, payload) = (parts.next().flatten(), parts.next().flatten());
    let payload = payload.map(|mut payload| {
        for (field, mask) in [("number", mask_account as fn(&str) -> String), ("name", mask_name)] {
            let value = payload.pointer_mut(&format!("/body/account/{field}"));
            if let Some(value) = value
                && let Some(text) = value.as_str()
            {
                *value = mask(text).into();
            }
        }
        payload
    });
    (header, payload)
}
