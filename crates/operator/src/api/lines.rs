//! Orders about lines, and the measures in force on them.

use axum::extract::State;
use kernel::{Maskable, MeasureId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{EntryOutput, Json, List, Path, Problem, Query, Session, Text2};
use wire::{LineAnswerCode, WarningsSent};

use super::lists::history;
use crate::desk::Operator;
use crate::lines::measure::{self, Measure, MeasureState};
use crate::lines::order::{self, OrderRow, masked};

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new()
        .routes(routes!(list_line_orders))
        .routes(routes!(get_line_order))
        .routes(routes!(list_measures))
}

/// An order about a line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct OrderView {
    id: OrderId,
    number: String,
    case_number: String,
    /// `cut_call`, `hold_flagged_calls`, …
    kind: String,
    /// The kind in words.
    kind_words: Option<Text2>,
    /// Who ordered.
    authority: String,
    /// The line, masked.
    line: String,
    /// How it went; absent while it is being done.
    code: Option<LineAnswerCode>,
    /// The answer in words.
    answer_words: Option<Text2>,
    received_at: Timestamp,
    answered_at: Option<Timestamp>,
    until: Option<Timestamp>,
    reason: Option<String>,
    /// Calls that were cut.
    cuts: usize,
    /// How warnings went.
    messages: Option<WarningsSent>,
}

impl From<OrderRow> for OrderView {
    fn from(row: OrderRow) -> Self {
        let kind = wire::LineOrderKind::from_code(&row.kind);
        let words = row.answer.as_ref().map(|a| Text2 { zh: a.words.zh.clone(), en: a.words.en.clone() });
        Self {
            id: row.id,
            number: row.number,
            case_number: row.case_number,
            kind_words: kind.map(|kind| Text2 { zh: kind.zh().to_owned(), en: kind.en().to_owned() }),
            kind: row.kind,
            authority: row.authority,
            line: masked(&row.line),
            code: row.code,
            answer_words: words,
            received_at: row.received_at,
            answered_at: row.answered_at,
            until: row.order.as_ref().and_then(|order| order.until),
            reason: row.order.map(|order| order.reason),
            cuts: row.answer.as_ref().map_or(0, |answer| answer.cuts.len()),
            messages: row.answer.and_then(|answer| answer.messages),
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OrderQuery {
    /// Code of the answer, such as `done`.
    code: Option<String>,
    /// Part of the number or the case number.
    q: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists orders about lines, the latest first.
#[utoipa::path(get, path = "/line-orders", tag = "operator", security(("session" = ["operator.lines.read"])),
    params(OrderQuery), responses((status = 200, body = List<OrderView>)))]
async fn list_line_orders(
    State(operator): State<Operator>,
    session: Session,
    Query(query): Query<OrderQuery>,
) -> Result<Json<List<OrderView>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let code = query.code.as_deref();
    let filter = order::Filter {
        code: super::word("code", code, LineAnswerCode::from_code, &["done", "done_in_part", "nothing_to_lift", "…"])?,
        text: super::asked(query.q),
        line: None,
        before: super::before(query.cursor.as_deref())?,
        limit,
    };
    let found = order::list(operator.db(), &session.who, &filter).await?;
    let page = List::page(found, shown, |row| row.id.to_string());
    Ok(Json(List { items: page.items.into_iter().map(OrderView::from).collect(), next: page.next }))
}

/// A call that was cut, masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CutView {
    caller: String,
    callee: String,
    started_at: Timestamp,
    cut_at: Timestamp,
}

/// An order with what came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderDetail {
    #[serde(flatten)]
    order: OrderView,
    cut_calls: Vec<CutView>,
    /// Measures that it set.
    measures: Vec<MeasureView>,
    /// What happened, the latest first.
    history: Vec<EntryOutput>,
}

/// Shows one order about a line, its answer and its measures.
#[utoipa::path(get, path = "/line-orders/{id}", tag = "operator", security(("session" = ["operator.lines.read"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderDetail)))]
async fn get_line_order(
    State(operator): State<Operator>,
    session: Session,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderDetail>, Problem> {
    session.require(measure::READ)?;
    let row = order::of_id(operator.db(), id).await?;
    let cuts = row.answer.as_ref().map(|answer| answer.cuts.clone()).unwrap_or_default();
    let cut_calls = cuts
        .into_iter()
        .map(|c| CutView {
            caller: masked(&c.caller),
            callee: masked(&c.callee),
            started_at: c.started_at,
            cut_at: c.cut_at,
        })
        .collect();
    let set = measure::of_order_now(operator.db(), id).await?;
    Ok(Json(OrderDetail {
        order: OrderView::from(row),
        cut_calls,
        measures: set.into_iter().map(MeasureView::from).collect(),
        history: history(&operator, &format!("line_order:{id}")).await?,
    }))
}

/// A measure on a line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MeasureView {
    id: MeasureId,
    order_id: Option<OrderId>,
    /// The line, masked.
    line: String,
    /// `hold_flagged_calls`, `protect_line`, `suspend_line` or `label_next_call`.
    kind: &'static str,
    /// The kind in words.
    kind_words: Text2,
    case_number: Option<String>,
    authority: String,
    /// `active`, `ended`, `lifted` or `used`.
    state: MeasureState,
    since: Timestamp,
    until: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    ended_by: Option<String>,
    end_reason: Option<String>,
}

impl From<Measure> for MeasureView {
    fn from(measure: Measure) -> Self {
        let kind = measure.kind;
        Self {
            id: measure.id,
            order_id: measure.order_id,
            line: measure.line.mask(),
            kind: kind.code(),
            kind_words: Text2 { zh: kind.zh().to_owned(), en: kind.en().to_owned() },
            case_number: measure.case_number,
            authority: measure.authority,
            state: measure.state,
            since: measure.since,
            until: measure.until,
            ended_at: measure.ended_at,
            ended_by: measure.ended_by,
            end_reason: measure.end_reason,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct MeasureQuery {
    /// `active`, `ended`, `lifted` or `used`.
    state: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists measures on lines, the latest first.
#[utoipa::path(get, path = "/measures", tag = "operator", security(("session" = ["operator.lines.read"])),
    params(MeasureQuery), responses((status = 200, body = List<MeasureView>)))]
async fn list_measures(
    State(operator): State<Operator>,
    session: Session,
    Query(query): Query<MeasureQuery>,
) -> Result<Json<List<MeasureView>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let words = MeasureState::ALL.map(MeasureState::code);
    let filter = measure::Filter {
        state: super::word("state", query.state.as_deref(), MeasureState::parse, &words)?,
        line: None,
        before: super::before(query.cursor.as_deref())?,
        limit,
    };
    let found = measure::list(operator.db(), &session.who, &filter).await?;
    let page = List::page(found, shown, |measure| measure.id.to_string());
    Ok(Json(List { items: page.items.into_iter().map(MeasureView::from).collect(), next: page.next }))
}
