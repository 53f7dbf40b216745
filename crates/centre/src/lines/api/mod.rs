//! Routes of the lines desk.

mod report;
mod views;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Db, Who};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};
use wire::{LineOrderKind, PartnerId, Period};

pub(crate) use self::views::LineOrderRow;
use self::views::{ContactView, LineOrderDetail, answer_view, contact_view};
use super::model::State as OrderState;
use super::{CONTACTS_PAGE_MAX, Desk, Filter, LIST_MAX, LineOrder, NewRequest, Queue};
use crate::intake;
use crate::stop::Decision;
use crate::stop::api::{case_ref, sealed_view};
use crate::telephone::masked;

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    /// Database.
    pub db: Db,
    /// The desk.
    pub desk: Desk,
    /// The number list, for entries made from a report.
    pub numbers: crate::numbers::Desk,
}

/// The routes.
pub fn router(api: Api) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_line_orders, create_line_order))
        .routes(routes!(get_line_order))
        .routes(routes!(approve_line_order))
        .routes(routes!(refuse_line_order))
        .routes(routes!(withdraw_line_order))
        .routes(routes!(lift_line_order))
        .routes(routes!(follow_line_order))
        .routes(routes!(list_line_contacts))
        .routes(routes!(get_line_parameters))
        .merge(report::router())
        .with_state(api)
}

/// What may be done with an order now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LineAct)]
#[serde(rename_all = "snake_case")]
enum Act {
    Approve,
    Refuse,
    Withdraw,
    Lift,
    QueryContacts,
    WarnContacts,
}

fn acts(order: &LineOrder, who: &Who) -> Vec<Act> {
    let mut acts = Vec::new();
    let (make, check) = (who.may("lines.make"), who.may("lines.check"));
    match order.state {
        OrderState::Review => {
            if check && order.maker != who.user {
                acts.extend([Act::Approve, Act::Refuse]);
            }
            if make {
                acts.push(Act::Withdraw);
            }
        }
        OrderState::InEffect if make => acts.push(Act::Lift),
        OrderState::Done if make && order.kind == LineOrderKind::QueryContacts => {
            acts.extend([Act::QueryContacts, Act::WarnContacts]);
        }
        _ => {}
    }
    acts
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LineOrderQuery {
    /// One queue of the desk.
    #[param(inline)]
    queue: Option<Queue>,
    /// One state.
    state: Option<OrderState>,
    /// One kind.
    kind: Option<LineOrderKind>,
    /// One case.
    case: Option<String>,
    /// One operator.
    partner: Option<String>,
    /// The end of a number: of the order, of the case, or the last digits of a telephone number.
    q: Option<String>,
    /// At most so many.
    limit: Option<i64>,
}

/// Lists orders about lines, those that are due first standing first.
#[utoipa::path(get, path = "/line-orders", tag = "lines", security(("session" = ["lines.read"])), params(LineOrderQuery),
    responses((status = 200, body = List<LineOrderRow>)))]
async fn list_line_orders(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<LineOrderQuery>,
) -> Result<Json<List<LineOrderRow>>, Problem> {
    let filter = Filter {
        queue: query.queue,
        state: query.state,
        kind: query.kind,
        case_id: query.case,
        partner: query.partner,
        text: query.q,
        line: None,
        limit: query.limit.unwrap_or(LIST_MAX),
    };
    let orders = super::list(&api.db, &session.who, &filter).await?;
    Ok(Json(List::whole(orders.iter().map(|order| LineOrderRow::of(&api.desk.post, order)).collect())))
}

/// A request about a line: one order is made for each operator asked.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct LineOrderInput {
    /// The case: identity of the report.
    case_id: kernel::ReportId,
    /// The operators asked; none means all, for a line's operator is not known from its number.
    #[serde(default)]
    partners: Vec<PartnerId>,
    kind: LineOrderKind,
    /// The line; for `query_contacts` and `warn_contacts` the number found to be involved.
    #[serde(default)]
    #[schema(extensions(("x-needed-unless" = json!("line_of"))))]
    line: Option<String>,
    /// Instead of `line`: a number of the report, which the page knows only masked.
    #[serde(default)]
    line_of: Option<NumberOf>,
    /// The other end, where only it is meant.
    #[serde(default)]
    counterpart: Option<String>,
    /// Instead of `counterpart`: a number of the report.
    #[serde(default)]
    counterpart_of: Option<NumberOf>,
    /// Of `query_contacts` and `warn_contacts`; absent: the last days, by parameter.
    #[serde(default)]
    period: Option<Period>,
    /// End of a measure that lasts.
    #[serde(default)]
    until: Option<Timestamp>,
    /// Instead of `until`: how long from now, hours.
    #[serde(default)]
    hours: Option<i64>,
    /// With `hold_flagged_calls`: calls from abroad too.
    #[serde(default)]
    include_foreign: bool,
    /// What the called person sees, with `label_next_call`: at most 40 characters, no link, no number; absent: the
    /// operator's own words.
    #[serde(default)]
    label: Option<String>,
    /// Text of the warning message; absent: the operator's own.
    #[serde(default)]
    warning_text: Option<String>,
    /// The same in English; numbers of other countries are sent both.
    #[serde(default)]
    warning_text_en: Option<String>,
    reason: String,
}

/// A number of the report.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum NumberOf {
    /// The victim's telephone.
    Victim,
    /// A contact of the scammer, by its place in the report.
    Contact(i64),
}

/// The number that is meant: as typed, or from the report.
async fn number_of(
    tx: &mut store::Tx,
    report: kernel::ReportId,
    typed: Option<String>,
    of: Option<NumberOf>,
    field: &str,
) -> Result<Option<String>, Problem> {
    let found = match of {
        None => return Ok(typed),
        Some(NumberOf::Victim) => intake::victim_phone(tx, report).await?,
        Some(NumberOf::Contact(place)) => {
            intake::phones(tx, report).await?.into_iter().find(|(position, _)| *position == place).map(|(_, n)| n)
        }
    };
    let found = found.ok_or_else(|| Problem::from(super::texts::NO_NUMBER.at(field, &[])))?;
    Ok(Some(found.to_string()))
}

/// What became of a request.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LineOrdersMade {
    /// The first order; it names the request.
    id: OrderId,
    orders: Vec<LineOrderMade>,
}

/// What became of one order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LineOrderMade {
    id: OrderId,
    number: String,
    partner: PartnerId,
    partner_name: String,
    state: OrderState,
    acts: Vec<Act>,
}

async fn made(api: &Api, who: &Who, tx: &mut store::Tx, id: OrderId) -> Result<LineOrdersMade, Problem> {
    let order = super::store::load(tx, id).await?.ok_or_else(|| Problem::not_found("order"))?;
    let orders = super::store::load_request(tx, order.request_id).await?;
    let orders = orders
        .iter()
        .map(|order| LineOrderMade {
            id: order.id,
            number: order.number.clone(),
            partner: order.partner.clone(),
            partner_name: api.desk.post.name(&order.partner),
            state: order.state,
            acts: acts(order, who),
        })
        .collect();
    Ok(LineOrdersMade { id, orders })
}

async fn answer_with(
    api: &Api,
    session: &Session,
    idem: &Idem,
    mut tx: store::Tx,
    status: StatusCode,
    id: OrderId,
) -> Result<Response, Problem> {
    let body = made(api, &session.who, &mut tx, id).await?;
    let answer = idem.finish(&mut tx, status, &body).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Makes a request about a line. A standing rule may let urgent measures out at once.
#[utoipa::path(post, path = "/line-orders", tag = "lines", security(("session" = ["lines.make"])),
    request_body = LineOrderInput, responses((status = 201, body = LineOrdersMade)))]
async fn create_line_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Json(input): Json<LineOrderInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    let case = case_ref(&mut tx, input.case_id).await?;
    session.who.require_region(&case.region)?;
    let now = tx.now();
    let usual = Period { from: now - kernel::Duration::hours(24 * api.desk.parameters.period_days), to: now };
    let line = number_of(&mut tx, input.case_id, input.line, input.line_of, "line").await?;
    let other = number_of(&mut tx, input.case_id, input.counterpart, input.counterpart_of, "counterpart").await?;
    let line = line.ok_or_else(|| Problem::from(super::texts::NO_NUMBER.at("line", &[])))?;
    let asked = NewRequest {
        partners: input.partners,
        counterpart: other,
        period: input.period.or(input.kind.has_period().then_some(usual)),
        until: input.until.or_else(|| Some(now + kernel::Duration::hours(input.hours?))),
        include_foreign: input.include_foreign,
        label: input.label,
        warning_text: input.warning_text,
        warning_text_en: input.warning_text_en,
        ..NewRequest::about(case, input.kind, line, input.reason)
    };
    let id = api.desk.make(&mut tx, &session.who, asked).await?;
    answer_with(&api, &session, &idem, tx, StatusCode::CREATED, id).await
}

/// Shows one order with its sealed text, the operator's answer, and what may be done now.
#[utoipa::path(get, path = "/line-orders/{id}", tag = "lines", security(("session" = ["lines.read"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = LineOrderDetail)))]
async fn get_line_order(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<OrderId>,
) -> Result<Json<LineOrderDetail>, Problem> {
    let order = super::get(&api.db, &session.who, id).await?;
    let document = super::document(&api.db, id).await?;
    let sent = match order.message_id.as_deref().and_then(|id| id.parse().ok()) {
        Some(id) => Some(wire::outbox::get(&api.db, id).await?),
        None => None,
    };
    let (sealed_header, sealed_payload) = document.as_deref().map(sealed_view).unwrap_or((None, None));
    let others = super::store::of_request(&api.db, order.request_id).await?;
    let row = |order: &LineOrder| LineOrderRow::of(&api.desk.post, order);
    Ok(Json(LineOrderDetail {
        acts: acts(&order, &session.who),
        reason_en: wire::machine_reason_en(&order.reason),
        reason: order.reason.clone(),
        period: order.period,
        refers_to: order.refers_to,
        include_foreign: order.include_foreign,
        label: order.label.clone(),
        warning_text: order.warning_text.clone(),
        warning_text_en: order.warning_text_en.clone(),
        checker: order.checker.clone(),
        rule: order.rule,
        decided_at: order.decided_at,
        decision_reason: order.decision_reason.clone(),
        message_id: order.message_id.clone(),
        delivered_at: sent.filter(|m| m.state == wire::OutboxState::Delivered).and_then(|m| m.done_at),
        answer: order.answer.as_ref().map(answer_view),
        sealed_header,
        sealed_payload,
        sealed_sha256: document.as_deref().map(|d| store::document::sha256_hex(d.as_bytes())),
        others: others.iter().filter(|other| other.id != id).map(row).collect(),
        row: row(&order),
    }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = LineReasonInput)]
#[serde(deny_unknown_fields)]
struct ReasonInput {
    #[serde(default)]
    reason: String,
}

async fn decide(
    api: &Api,
    session: &Session,
    idem: &Idem,
    id: OrderId,
    decision: Decision,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.decide(&mut tx, &session.who, id, decision).await?;
    answer_with(api, session, idem, tx, StatusCode::OK, id).await
}

/// Approves an order and the others of its request that wait; they leave at once, under seal.
#[utoipa::path(post, path = "/line-orders/{id}/approve", tag = "lines", security(("session" = ["lines.check"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = LineOrdersMade)))]
async fn approve_line_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
) -> Result<Response, Problem> {
    decide(&api, &session, &idem, id, Decision::Approve).await
}

/// Refuses an order and the others of its request that wait, with a reason.
#[utoipa::path(post, path = "/line-orders/{id}/refuse", tag = "lines", security(("session" = ["lines.check"])),
    params(("id" = OrderId, Path)), request_body = ReasonInput, responses((status = 200, body = LineOrdersMade)))]
async fn refuse_line_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    decide(&api, &session, &idem, id, Decision::Refuse { reason: input.reason }).await
}

/// Takes an order and the others of its request back before they leave, with a reason.
#[utoipa::path(post, path = "/line-orders/{id}/withdraw", tag = "lines", security(("session" = ["lines.make"])),
    params(("id" = OrderId, Path)), request_body = ReasonInput, responses((status = 200, body = LineOrdersMade)))]
async fn withdraw_line_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    decide(&api, &session, &idem, id, Decision::Cancel { reason: input.reason }).await
}

/// Makes the order that lifts a measure in force; it is checked like any other.
#[utoipa::path(post, path = "/line-orders/{id}/lift", tag = "lines", security(("session" = ["lines.make"])),
    params(("id" = OrderId, Path)), request_body = ReasonInput, responses((status = 201, body = LineOrdersMade)))]
async fn lift_line_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    let earlier = super::store::load(&mut tx, id).await?.ok_or_else(|| Problem::not_found("order"))?;
    session.who.require_region(&earlier.case.region)?;
    if earlier.state != OrderState::InEffect {
        let values = [("number", earlier.number.as_str()), ("state", earlier.state.code())];
        return Err(Problem::conflict(super::texts::STATE.say(&values)));
    }
    let asked = NewRequest {
        partners: vec![earlier.partner],
        counterpart: earlier.counterpart,
        refers_to: Some(id),
        ..NewRequest::about(earlier.case, LineOrderKind::Lift, earlier.line, input.reason)
    };
    let id = api.desk.make(&mut tx, &session.who, asked).await?;
    answer_with(&api, &session, &idem, tx, StatusCode::CREATED, id).await
}

/// What follows an answered query of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[schema(as = LineFollowAct)]
#[serde(rename_all = "snake_case")]
enum FollowAct {
    /// Ask again, for instance for the rest of a long list.
    QueryContacts,
    /// Have everybody warned who was in touch with the number.
    WarnContacts,
}

/// An order that follows an earlier one about the same number.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = LineFollowInput)]
#[serde(deny_unknown_fields)]
struct FollowInput {
    act: FollowAct,
    /// Absent: the period of the earlier order, for a warning up to now.
    #[serde(default)]
    period: Option<Period>,
    /// Text of the warning message; absent: the operator's own.
    #[serde(default)]
    warning_text: Option<String>,
    /// The same in English; numbers of other countries are sent both.
    #[serde(default)]
    warning_text_en: Option<String>,
    reason: String,
}

/// Makes an order that follows an answered query: the query again, or a warning to everybody who was in touch.
#[utoipa::path(post, path = "/line-orders/{id}/follow", tag = "lines", security(("session" = ["lines.make"])),
    params(("id" = OrderId, Path)), request_body = FollowInput, responses((status = 201, body = LineOrdersMade)))]
async fn follow_line_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<FollowInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    let earlier = super::store::load(&mut tx, id).await?.ok_or_else(|| Problem::not_found("order"))?;
    session.who.require_region(&earlier.case.region)?;
    if !acts(&earlier, &session.who).contains(&Act::WarnContacts) {
        let values = [("number", earlier.number.as_str()), ("state", earlier.state.code())];
        return Err(Problem::conflict(super::texts::STATE.say(&values)));
    }
    let now = tx.now();
    // A query goes to the operator whose answer it follows, a warning to every operator.
    let (kind, partners, to) = match input.act {
        FollowAct::QueryContacts => (LineOrderKind::QueryContacts, vec![earlier.partner], None),
        FollowAct::WarnContacts => (LineOrderKind::WarnContacts, Vec::new(), Some(now)),
    };
    let earlier_period = earlier.period.map(|period| Period { from: period.from, to: to.unwrap_or(period.to) });
    let asked = NewRequest {
        partners,
        period: input.period.or(earlier_period),
        warning_text: input.warning_text,
        warning_text_en: input.warning_text_en,
        ..NewRequest::about(earlier.case, kind, earlier.line, input.reason)
    };
    let id = api.desk.make(&mut tx, &session.who, asked).await?;
    answer_with(&api, &session, &idem, tx, StatusCode::CREATED, id).await
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContactQuery {
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<i64>,
}

/// Lists who was in touch with the line, as the operator answered; numbers masked.
#[utoipa::path(get, path = "/line-orders/{id}/contacts", tag = "lines", security(("session" = ["lines.read"])),
    params(("id" = OrderId, Path), ContactQuery), responses((status = 200, body = List<ContactView>)))]
async fn list_line_contacts(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<OrderId>,
    Query(query): Query<ContactQuery>,
) -> Result<Json<List<ContactView>>, Problem> {
    super::get(&api.db, &session.who, id).await?;
    let from = match &query.cursor {
        Some(cursor) => web::read_cursor(cursor)?.parse::<i64>().map_or(0, |last| last.saturating_add(1)),
        None => 0,
    };
    let (shown, limit) = web::query::rows_within(query.limit, CONTACTS_PAGE_MAX, CONTACTS_PAGE_MAX);
    let found = super::contacts(&api.db, id, from, limit).await?;
    let views = found.into_iter().map(contact_view).collect();
    Ok(Json(List::page(views, shown, |view| view.position.to_string())))
}

/// The parameters of the lines desk.
#[utoipa::path(get, path = "/line-parameters", tag = "lines", security(("session" = ["lines.read"])),
    responses((status = 200, body = super::Parameters)))]
async fn get_line_parameters(State(api): State<Api>, session: Session) -> Result<Json<super::Parameters>, Problem> {
    session.who.require("lines.read")?;
    Ok(Json((*api.desk.parameters).clone()))
}

/// Personal data of an order in full, for a reveal: `line`, `counterpart`, `contacts[n]`, `answer`, `sealed`.
pub(crate) async fn reveal(db: &Db, who: &Who, id: OrderId, field: &str) -> Result<Option<web::Revealed>, Problem> {
    let order = super::get(db, who, id).await?;
    let position = field.strip_prefix("contacts[").and_then(|rest| rest.strip_suffix(']'));
    let value = match (field, position.and_then(|n| n.parse::<i64>().ok())) {
        ("line", _) => Some(order.line.clone()),
        ("counterpart", _) => order.counterpart.clone(),
        ("answer", _) => order.answer.as_ref().map(serde_json::to_string).transpose().map_err(Problem::server)?,
        ("sealed", _) => super::document(db, id).await?,
        (_, Some(position)) => {
            let found = super::contacts(db, id, position, 1).await?;
            found.into_iter().find(|contact| contact.position == position).map(|contact| contact.number)
        }
        _ => None,
    };
    let region = Some(order.case.region);
    Ok(value.map(|value| web::Revealed { value, region, case_id: Some(order.case.id.to_string()) }))
}
