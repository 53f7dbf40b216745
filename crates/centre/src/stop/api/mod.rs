//! Routes of the stop desk.

mod rules;
mod views;

use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{AccountNo, Currency, Money, OrderId, RuleId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Db, Who, document};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};
use wire::{AnswerCode, ApprovalLevel, OrderKind, PartnerId};

use views::{AnswerView, GroundView, answer_view};
pub(crate) use views::{masked_account, masked_name, money, sealed_view};

use super::model::{State as OrderState, Urgency, places_hold, urgency};
use super::{AttachedPaper, CaseRef, Decision, Desk, Filter, LIST_MAX, NewOrder, Queue, Refusal, StopOrder};

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    /// Database.
    pub db: Db,
    /// The desk.
    pub desk: Desk,
}

/// The routes.
pub fn router(api: Api) -> OpenApiRouter {
    let papers =
        OpenApiRouter::new().routes(routes!(attach_paper)).layer(DefaultBodyLimit::max(document::SIZE_MAX + 64 * 1024));
    OpenApiRouter::new()
        .routes(routes!(list_orders, create_order))
        .routes(routes!(get_order))
        .routes(routes!(approve_order))
        .routes(routes!(refuse_order))
        .routes(routes!(cancel_order))
        .routes(routes!(follow_order))
        .routes(routes!(get_paper))
        .routes(routes!(get_parameters))
        .merge(papers)
        .merge(rules::router())
        .with_state(api)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Faults(faults) => faults.into(),
            Refusal::Conflict(said) => Problem::conflict(said),
        }
    }
}

/// What may be done with an order now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Act {
    Approve,
    Refuse,
    Cancel,
    AttachPaper,
    Lift,
    Extend,
    Freeze,
    Renew,
    Query,
    QueryHolder,
    QueryAccounts,
    Watch,
    EndWatch,
}

/// An order in a list. Personal data is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderRow {
    id: OrderId,
    number: String,
    case_id: kernel::ReportId,
    case_number: String,
    region: String,
    partner: PartnerId,
    partner_name: String,
    kind: OrderKind,
    state: OrderState,
    /// Masked account number.
    account: String,
    /// Masked holder.
    account_name: Option<String>,
    level: u32,
    /// How much is to be held; absent means the whole account.
    amount: Option<Money>,
    /// The transfer that the bank checks against.
    check_amount: Option<Money>,
    check_at: Option<Timestamp>,
    /// What the bank holds by it.
    held: Option<Money>,
    answer_code: Option<AnswerCode>,
    maker: String,
    made_at: Timestamp,
    reported_at: Timestamp,
    /// By when a checker should decide about it.
    review_due: Timestamp,
    sent_at: Option<Timestamp>,
    answer_due: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    hold_until: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    escalation: i64,
    /// How near the end of the hold is.
    urgency: Option<Urgency>,
}

/// Everything about one order. Personal data is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderDetail {
    #[serde(flatten)]
    row: OrderRow,
    reason: String,
    /// The same in English, where the seat wrote it and no person.
    reason_en: Option<String>,
    check_reference: Option<String>,
    until: Option<Timestamp>,
    period: Option<wire::Period>,
    refers_to: Option<OrderId>,
    include_interest: bool,
    approval_level: Option<ApprovalLevel>,
    checker: Option<String>,
    /// The standing rule that approved it.
    rule: Option<RuleId>,
    decided_at: Option<Timestamp>,
    decision_reason: Option<String>,
    message_id: Option<String>,
    delivered_at: Option<Timestamp>,
    papers: Vec<AttachedPaper>,
    /// Every transfer into the account on which the order rests; the bank checks one of them.
    grounds: Vec<GroundView>,
    /// What is new since a person decided otherwise about the account; such an order always waits for a person.
    news: Option<kernel::Said>,
    /// What the bank said, without names and account numbers in full.
    answer: Option<AnswerView>,
    /// What of the bank's word cannot be and is not believed; a person has to look at it.
    doubts: Vec<kernel::Fault>,
    /// Header of the sealed text, decoded.
    #[schema(value_type = Option<Object>)]
    sealed_header: Option<serde_json::Value>,
    /// Payload of the sealed text, decoded, with account and name masked.
    #[schema(value_type = Option<Object>)]
    sealed_payload: Option<serde_json::Value>,
    /// SHA-256 of the sealed text.
    sealed_sha256: Option<String>,
    /// What may be done now by who asks.
    acts: Vec<Act>,
}

fn row(api: &Api, order: &StopOrder, now: Timestamp) -> OrderRow {
    let asked = &order.asked;
    let book = api.desk.post.directory.book();
    let parameters = &api.desk.parameters;
    let in_force = matches!(order.state, OrderState::InEffect);
    OrderRow {
        id: order.id,
        number: order.number.clone(),
        case_id: asked.case.id,
        case_number: asked.case.number.clone(),
        region: asked.case.region.clone(),
        partner: asked.partner.clone(),
        partner_name: book.partner(&asked.partner).map_or_else(|| asked.partner.to_string(), |p| p.name.clone()),
        kind: asked.kind,
        state: order.state,
        account: masked_account(&asked.account_no),
        account_name: asked.account_name.as_deref().map(masked_name),
        level: asked.level,
        amount: asked.amount_minor.map(|minor| money(minor, &asked.currency)),
        check_amount: asked.check.as_ref().map(|c| money(c.amount_minor, &asked.currency)),
        check_at: asked.check.as_ref().map(|c| c.at),
        held: order.held_minor.map(|minor| money(minor, &asked.currency)),
        answer_code: order.answer_code,
        maker: order.maker.clone(),
        made_at: order.made_at,
        reported_at: asked.case.reported_at,
        review_due: parameters.review_due(asked.kind, asked.case.reported_at, order.made_at),
        sent_at: order.sent_at,
        answer_due: order.answer_due,
        answered_at: order.answered_at,
        hold_until: order.hold_until,
        ended_at: order.ended_at,
        escalation: order.escalation,
        urgency: order.hold_until.filter(|_| in_force).map(|end| urgency(now, end, parameters.warnings())),
    }
}

fn acts(order: &StopOrder, who: &Who) -> Vec<Act> {
    let mut acts = Vec::new();
    let (make, check) = (who.may("stop.make"), who.may("stop.check"));
    match order.state {
        OrderState::Review => {
            if check && order.maker != who.user {
                acts.extend([Act::Approve, Act::Refuse]);
            }
            if make {
                acts.extend([Act::Cancel, Act::AttachPaper]);
            }
        }
        OrderState::InEffect | OrderState::Waiting if make => match order.asked.kind {
            OrderKind::Freeze => acts.extend([Act::Renew, Act::Lift]),
            _ => acts.extend([Act::Freeze, Act::Extend, Act::Lift]),
        },
        OrderState::Done if make && order.asked.kind == OrderKind::Watch => acts.push(Act::EndWatch),
        _ => {}
    }
    if make && order.state != OrderState::Review && places_hold(order.asked.kind) {
        acts.extend([Act::Query, Act::QueryHolder, Act::QueryAccounts, Act::Watch]);
    }
    acts
}

async fn detail(api: &Api, who: &Who, id: OrderId) -> Result<OrderDetail, Problem> {
    let order = super::get(&api.db, who, id).await?;
    let document = super::document(&api.db, id).await?;
    let sent = match order.message_id.as_deref().and_then(|id| id.parse().ok()) {
        Some(id) => Some(wire::outbox::get(&api.db, id).await?),
        None => None,
    };
    let delivered_at = sent.filter(|m| m.state == wire::OutboxState::Delivered).and_then(|m| m.done_at);
    let (sealed_header, sealed_payload) = document.as_deref().map(sealed_view).unwrap_or((None, None));
    Ok(OrderDetail {
        acts: acts(&order, who),
        reason_en: wire::machine_reason_en(&order.asked.reason),
        reason: order.asked.reason.clone(),
        check_reference: order.asked.check.as_ref().and_then(|c| c.reference.clone()),
        until: order.asked.until,
        period: order.asked.period,
        refers_to: order.asked.refers_to,
        include_interest: order.asked.include_interest,
        approval_level: order.asked.approval_level,
        checker: order.checker.clone(),
        rule: order.rule,
        decided_at: order.decided_at,
        decision_reason: order.decision_reason.clone(),
        message_id: order.message_id.clone(),
        delivered_at,
        papers: super::papers_of(&api.db, id).await?,
        grounds: super::grounds_of(&api.db, id)
            .await?
            .iter()
            .map(|ground| views::ground_view(ground, &order.asked.currency))
            .collect(),
        news: order.news.clone(),
        doubts: super::doubts_of(&api.db, id).await?,
        answer: order.answer.as_ref().map(|a| answer_view(a, &order.asked.currency)),
        sealed_header,
        sealed_payload,
        sealed_sha256: document.as_deref().map(|d| document::sha256_hex(d.as_bytes())),
        row: row(api, &order, api.db.clock().now()),
    })
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrderQuery {
    /// One queue of the desk.
    #[param(inline)]
    queue: Option<Queue>,
    /// One state.
    state: Option<OrderState>,
    /// One case.
    case: Option<String>,
    /// One partner.
    partner: Option<String>,
    /// Part of a number.
    q: Option<String>,
    /// At most so many.
    limit: Option<i64>,
}

/// Lists orders, those that end first standing first.
#[utoipa::path(get, path = "/orders", tag = "stop", security(("session" = ["stop.read"])), params(OrderQuery),
    responses((status = 200, body = List<OrderRow>)))]
async fn list_orders(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<OrderQuery>,
) -> Result<Json<List<OrderRow>>, Problem> {
    let filter = Filter {
        queue: query.queue,
        state: query.state,
        case_id: query.case,
        partner: query.partner,
        text: query.q,
        limit: query.limit.unwrap_or(LIST_MAX),
    };
    let now = api.db.clock().now();
    let orders = super::list(&api.db, &session.who, &filter).await?;
    Ok(Json(List::whole(orders.iter().map(|order| row(&api, order, now)).collect())))
}

/// Shows one order with its sealed text, the bank's answer, and what may be done now.
#[utoipa::path(get, path = "/orders/{id}", tag = "stop", security(("session" = ["stop.read"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderDetail)))]
async fn get_order(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderDetail>, Problem> {
    Ok(Json(detail(&api, &session.who, id).await?))
}

/// An order made by hand in a case.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderInput {
    /// The case: identity of the report.
    case_id: kernel::ReportId,
    partner: PartnerId,
    kind: OrderKind,
    account: String,
    /// The holder; needed for a stop.
    #[serde(default)]
    #[schema(extensions(("x-needed-when" = json!({ "kind": ["stop"] }))))]
    account_name: Option<String>,
    /// The transfer into the account; needed for a stop.
    #[serde(default)]
    check: Option<CheckInput>,
    /// How much to hold; absent means the whole account.
    #[serde(default)]
    amount: Option<Money>,
    /// Period of a query of transactions; the last 30 days unless given.
    #[serde(default)]
    period: Option<wire::Period>,
    /// End of a freeze or a watch; a freeze lasts as the parameters say unless given.
    #[serde(default)]
    until: Option<Timestamp>,
    #[serde(default)]
    refers_to: Option<OrderId>,
    #[serde(default)]
    level: Option<u32>,
    #[serde(default)]
    include_interest: bool,
    #[serde(default)]
    approval_level: Option<ApprovalLevel>,
    reason: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInput {
    amount: Money,
    at: Timestamp,
    #[serde(default)]
    reference: Option<String>,
}

async fn answer_with(
    session: &Session,
    idem: &Idem,
    mut tx: store::Tx,
    status: StatusCode,
    id: OrderId,
) -> Result<Response, Problem> {
    let order = super::load(&mut tx, id).await?.ok_or_else(|| Problem::not_found("order"))?;
    let body = OrderMade { id, number: order.number.clone(), state: order.state, acts: acts(&order, &session.who) };
    let answer = idem.finish(&mut tx, status, &body).await?;
    tx.commit().await?;
    Ok(answer)
}

/// What became of an order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderMade {
    id: OrderId,
    number: String,
    state: OrderState,
    acts: Vec<Act>,
}

/// Makes an order by hand.
#[utoipa::path(post, path = "/orders", tag = "stop", security(("session" = ["stop.make"])),
    request_body = OrderInput, responses((status = 201, body = OrderMade)))]
async fn create_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Json(input): Json<OrderInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    let case = case_ref(&mut tx, input.case_id).await?;
    session.who.require_region(&case.region)?;
    let account = AccountNo::parse_at("account", &input.account)?;
    if let (Some(amount), Some(check)) = (&input.amount, &input.check)
        && amount.currency != check.amount.currency
    {
        let (given, asked) = (check.amount.currency.code(), amount.currency.code());
        return Err(super::texts::CHECK_CURRENCY.at("check.amount", &[("given", given), ("asked", asked)]).into());
    }
    let now = tx.now();
    let currency = input
        .amount
        .map(|m| m.currency)
        .or(input.check.as_ref().map(|c| c.amount.currency))
        .unwrap_or(Currency::CNY)
        .code()
        .to_owned();
    let asked = NewOrder {
        case,
        partner: input.partner,
        kind: input.kind,
        account_no: account.to_string(),
        account_name: input.account_name.filter(|n| !n.trim().is_empty()),
        check: input.check.map(|c| wire::Check {
            amount_minor: c.amount.minor,
            currency: currency.clone(),
            at: c.at,
            reference: c.reference.filter(|r| !r.is_empty()),
        }),
        currency,
        amount_minor: input.amount.map(|m| m.minor),
        period: input.period.or((input.kind == OrderKind::QueryTransactions).then(|| last_days(now))),
        until: input.until.or((input.kind == OrderKind::Freeze).then(|| freeze_end(&api, now))),
        refers_to: input.refers_to,
        level: input.level.unwrap_or(1),
        include_interest: input.include_interest,
        approval_level: input.approval_level,
        reason: input.reason,
        dedup: None,
    };
    let id = api.desk.make(&mut tx, &session.who, asked).await?;
    answer_with(&session, &idem, tx, StatusCode::CREATED, id).await
}

/// The case of a report.
pub(crate) async fn case_ref(tx: &mut store::Tx, id: kernel::ReportId) -> Result<CaseRef, Problem> {
    crate::reactions::case_of(tx, id).await?.ok_or_else(|| Problem::not_found("report"))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
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
    answer_with(session, idem, tx, StatusCode::OK, id).await
}

/// Approves an order; it leaves at once, under seal.
#[utoipa::path(post, path = "/orders/{id}/approve", tag = "stop", security(("session" = ["stop.check"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderMade)))]
async fn approve_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
) -> Result<Response, Problem> {
    decide(&api, &session, &idem, id, Decision::Approve).await
}

/// Refuses an order, with a reason.
#[utoipa::path(post, path = "/orders/{id}/refuse", tag = "stop", security(("session" = ["stop.check"])),
    params(("id" = OrderId, Path)), request_body = ReasonInput, responses((status = 200, body = OrderMade)))]
async fn refuse_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    decide(&api, &session, &idem, id, Decision::Refuse { reason: input.reason }).await
}

/// Takes an order back that has not left, with a reason.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "stop", security(("session" = ["stop.make"])),
    params(("id" = OrderId, Path)), request_body = ReasonInput, responses((status = 200, body = OrderMade)))]
async fn cancel_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    decide(&api, &session, &idem, id, Decision::Cancel { reason: input.reason }).await
}

/// A further order about the account of an earlier one.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FollowInput {
    act: FollowAct,
    #[serde(default)]
    reason: String,
    /// A freeze by amount; absent means as much as the stop asked for.
    #[serde(default)]
    amount: Option<Money>,
    /// A freeze of the whole account.
    #[serde(default)]
    whole_account: bool,
    /// End of a freeze or a watch.
    #[serde(default)]
    until: Option<Timestamp>,
    #[serde(default)]
    include_interest: bool,
    #[serde(default)]
    approval_level: Option<ApprovalLevel>,
    /// Period of a query; the last 30 days unless given.
    #[serde(default)]
    period: Option<wire::Period>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum FollowAct {
    Lift,
    Extend,
    Freeze,
    Renew,
    Query,
    QueryHolder,
    QueryAccounts,
    Watch,
    EndWatch,
}

impl FollowAct {
    fn kind(self, earlier: OrderKind) -> OrderKind {
        match self {
            Self::Lift if earlier == OrderKind::Freeze => OrderKind::LiftFreeze,
            Self::Lift => OrderKind::LiftStop,
            Self::Extend => OrderKind::ExtendStop,
            Self::Freeze => OrderKind::Freeze,
            Self::Renew => OrderKind::RenewFreeze,
            Self::Query => OrderKind::QueryTransactions,
            Self::QueryHolder => OrderKind::QueryHolder,
            Self::QueryAccounts => OrderKind::QueryAccounts,
            Self::Watch => OrderKind::Watch,
            Self::EndWatch => OrderKind::EndWatch,
        }
    }
}

/// Days that a query looks back unless a period is given.
const QUERY_DAYS: i64 = 30;

fn last_days(now: Timestamp) -> wire::Period {
    wire::Period { from: now - kernel::Duration::hours(24 * QUERY_DAYS), to: now }
}

fn freeze_end(api: &Api, now: Timestamp) -> Timestamp {
    now + kernel::Duration::hours(24 * api.desk.parameters.freeze_days)
}

/// Makes a further order about the same account: lift, extend, freeze, renew, query, watch.
#[utoipa::path(post, path = "/orders/{id}/follow", tag = "stop", security(("session" = ["stop.make"])),
    params(("id" = OrderId, Path)), request_body = FollowInput, responses((status = 201, body = OrderMade)))]
async fn follow_order(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<OrderId>,
    Json(input): Json<FollowInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    let earlier = super::load(&mut tx, id).await?.ok_or_else(|| Problem::not_found("order"))?;
    session.who.require_region(&earlier.asked.case.region)?;
    let now = tx.now();
    let kind = input.act.kind(earlier.asked.kind);
    let amount_minor = match input.act {
        FollowAct::Freeze if input.whole_account => None,
        FollowAct::Freeze => input.amount.map(|m| m.minor).or(earlier.asked.amount_minor).or(earlier.held_minor),
        _ => None,
    };
    let until = input.until.or((input.act == FollowAct::Freeze).then(|| freeze_end(&api, now)));
    let period = (input.act == FollowAct::Query).then(|| input.period.unwrap_or(last_days(now)));
    let asked = NewOrder {
        kind,
        refers_to: kind.refers_to_another().then_some(id),
        check: None,
        amount_minor,
        until,
        period,
        include_interest: input.include_interest,
        approval_level: input
            .approval_level
            .or(matches!(input.act, FollowAct::Freeze | FollowAct::Renew).then_some(ApprovalLevel::County)),
        reason: input.reason,
        dedup: None,
        ..earlier.asked
    };
    let id = api.desk.make(&mut tx, &session.who, asked).await?;
    answer_with(&session, &idem, tx, StatusCode::CREATED, id).await
}

/// Attaches a paper to an order that has not left; the content is kept by its hash.
#[utoipa::path(post, path = "/orders/{id}/papers", tag = "stop", security(("session" = ["stop.make"])),
    params(("id" = OrderId, Path)), request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachedPaper)))]
async fn attach_paper(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<OrderId>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let bad = |e: axum::extract::multipart::MultipartError| {
        Problem::new(StatusCode::BAD_REQUEST, super::texts::PAPER_FORM.say(&[])).because(e)
    };
    while let Some(field) = form.next_field().await.map_err(bad)? {
        let Some(name) = field.file_name().map(|n| n.chars().take(120).collect::<String>()) else { continue };
        let media_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let content = field.bytes().await.map_err(bad)?;
        let mut tx = api.db.begin().await?;
        let sha256 = document::put(&mut tx, &media_type, &content).await?;
        let paper = AttachedPaper { sha256, name, media_type };
        api.desk.attach(&mut tx, &session.who, id, paper.clone()).await?;
        tx.commit().await?;
        return Ok(axum::response::IntoResponse::into_response((StatusCode::CREATED, axum::Json(paper))));
    }
    Err(super::texts::PAPER_FORM.at("file", &[]).into())
}

/// The content of a paper of an order.
#[utoipa::path(get, path = "/orders/{id}/papers/{sha256}", tag = "stop", security(("session" = ["stop.read"])),
    params(("id" = OrderId, Path), ("sha256" = String, Path)), responses((status = 200, content_type = "application/octet-stream")))]
async fn get_paper(
    State(api): State<Api>,
    session: Session,
    Path((id, sha256)): Path<(OrderId, String)>,
) -> Result<Response, Problem> {
    super::get(&api.db, &session.who, id).await?;
    let paper = super::papers_of(&api.db, id).await?.into_iter().find(|p| p.sha256 == sha256);
    let paper = paper.ok_or_else(|| Problem::not_found("paper"))?;
    let content = document::get(&api.db, &sha256).await?.content;
    let headers = [
        (axum::http::header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (axum::http::header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.bin\"", paper.sha256)),
    ];
    Ok(axum::response::IntoResponse::into_response((headers, content)))
}

/// The parameters of the stop desk and of the chase.
#[utoipa::path(get, path = "/stop-parameters", tag = "stop", security(("session" = ["stop.read"])),
    responses((status = 200, body = super::Parameters)))]
async fn get_parameters(State(api): State<Api>, session: Session) -> Result<Json<super::Parameters>, Problem> {
    session.who.require("stop.read")?;
    Ok(Json((*api.desk.parameters).clone()))
}
