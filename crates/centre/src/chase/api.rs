//! Routes of the chase.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Money, OrderId, PersonName, ReportId, Said, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Db;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};
use wire::{OrderKind, PartnerId};

use super::desk::entry;
use super::store as rows;
use super::{AccountFigures, Chase, ChaseState, Desk};
use crate::stop::api::{masked_account, masked_name, money};

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
    OpenApiRouter::new()
        .routes(routes!(list_chases))
        .routes(routes!(get_chase))
        .routes(routes!(stop_account))
        .routes(routes!(pause_chase))
        .routes(routes!(resume_chase))
        .routes(routes!(list_waiting_chases))
        .routes(routes!(order_more))
        .with_state(api)
}

/// A chase in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ChaseRow {
    case_id: ReportId,
    case_number: String,
    region: String,
    state: ChaseState,
    reported_at: Timestamp,
    started_at: Timestamp,
    changed_at: Timestamp,
    dry_at: Option<Timestamp>,
    /// What the victim paid.
    reported: Money,
    /// What is held of it.
    stopped: Money,
    /// What has left the accounts.
    exited: Money,
    /// What is neither.
    open: Money,
    accounts: i64,
    levels: i64,
    orders_open: i64,
}

fn row(chase: &Chase) -> ChaseRow {
    let cash = |minor: i64| money(minor, &chase.currency);
    ChaseRow {
        case_id: chase.case.id,
        case_number: chase.case.number.clone(),
        region: chase.case.region.clone(),
        state: chase.state,
        reported_at: chase.case.reported_at,
        started_at: chase.started_at,
        changed_at: chase.changed_at,
        dry_at: chase.dry_at,
        reported: cash(chase.sum.reported_minor),
        stopped: cash(chase.sum.stopped_minor),
        exited: cash(chase.sum.exited_minor),
        open: cash(chase.sum.open_minor),
        accounts: chase.sum.accounts,
        levels: chase.sum.levels,
        orders_open: chase.sum.orders_open,
    }
}

/// An account of a chase. `received = passed_on + exited + unseen + remaining`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AccountRow {
    /// Key of the account within the chase, for the graph.
    key: String,
    bank: String,
    bank_name: String,
    /// Masked.
    account: String,
    /// Masked.
    name: Option<String>,
    level: i64,
    received: Money,
    passed_on: Money,
    exited: Money,
    unseen: Money,
    remaining: Money,
    stopped: Money,
    /// What the bank holds there for the case; more than `stopped` where it is not the victim's.
    held: Money,
    out_of_reach: Money,
    state: super::AccountState,
    orders: Vec<OrderId>,
    /// Whether who asks may have it stopped by hand now.
    may_stop: bool,
}

/// A tainted transfer of a chase.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TransferRow {
    from: String,
    /// Key of the payee; absent at a way out.
    to: Option<String>,
    /// The way out: cash, card_terminal, top_up, game_card, virtual_currency, abroad, fee, returned, unknown.
    exit: Option<String>,
    amount: Money,
    tainted: Money,
    at: Timestamp,
    level: i64,
}

/// A payment of the victim.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PaymentRow {
    to: String,
    amount: Money,
    at: Timestamp,
}

/// A chase with all it has found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ChaseDetail {
    #[serde(flatten)]
    row: ChaseRow,
    payments: Vec<PaymentRow>,
    accounts_found: Vec<AccountRow>,
    transfers: Vec<TransferRow>,
    /// Payments of the case that this chase does not follow and that wait for a person, see `/payments-waiting`.
    payments_waiting: i64,
    /// What else of the chase waits for a person.
    waiting: Vec<ChaseWait>,
    /// Whether who asks may let more orders go than the chase issues by itself.
    may_order_more: bool,
    may_pause: bool,
    may_resume: bool,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChaseQuery {
    /// One state.
    state: Option<ChaseState>,
    /// At most so many.
    limit: Option<i64>,
}

/// Lists chases, the last changed first.
#[utoipa::path(get, path = "/chases", tag = "chase", security(("session" = ["chase.read"])), params(ChaseQuery),
    responses((status = 200, body = List<ChaseRow>)))]
async fn list_chases(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<ChaseQuery>,
) -> Result<Json<List<ChaseRow>>, Problem> {
    let chases = super::list(&api.db, &session.who, query.state, query.limit.unwrap_or(200)).await?;
    Ok(Json(List::whole(chases.iter().map(row).collect())))
}

/// The key of an account within a chase: a short name that gives nothing away.
pub(crate) fn key(bank: &str, account: &str) -> String {
    let digest = store::document::sha256_hex(format!("{bank}/{account}").as_bytes());
    digest.chars().take(16).collect()
}

/// Shows one chase: its sum, its accounts by level, its transfers.
#[utoipa::path(get, path = "/chases/{case_id}", tag = "chase", security(("session" = ["chase.read"])),
    params(("case_id" = ReportId, Path)), responses((status = 200, body = ChaseDetail)))]
async fn get_chase(
    State(api): State<Api>,
    session: Session,
    Path(case_id): Path<ReportId>,
) -> Result<Json<ChaseDetail>, Problem> {
    let chase = super::get(&api.db, &session.who, case_id).await?;
    let accounts = super::accounts(&api.db, case_id).await?;
    let transfers = super::transfers(&api.db, case_id).await?;
    let payments = super::payments(&api.db, case_id).await?;
    let orders = rows::order_ids(&api.db, case_id).await?;
    let waiting = rows::waiting(&api.db, &session.who, Some(case_id)).await?;
    let act = session.who.may("chase.act");
    let cash = |minor: i64| money(minor, &chase.currency);
    let book = api.desk.stop.post.directory.book();
    let account_row = |a: AccountFigures| AccountRow {
        key: key(&a.bank, &a.account),
        bank_name: PartnerId::parse(&a.bank)
            .ok()
            .and_then(|id| book.partner(&id).map(|p| p.name.clone()))
            .unwrap_or_else(|| a.bank.clone()),
        account: masked_account(&a.account),
        name: a.name.as_deref().map(masked_name),
        level: a.level,
        received: cash(a.received_minor),
        passed_on: cash(a.passed_on_minor),
        exited: cash(a.exited_minor),
        unseen: cash(a.unseen_minor),
        remaining: cash(a.remaining_minor),
        stopped: cash(a.stopped_minor),
        held: cash(a.held_minor),
        out_of_reach: cash(a.out_of_reach_minor),
        state: a.state(),
        orders: orders.get(&(a.bank.clone(), a.account.clone())).cloned().unwrap_or_else(Vec::new),
        may_stop: act && a.remaining_minor > a.stopped_minor && session.who.may("stop.make"),
        bank: a.bank,
    };
    let detail = ChaseDetail {
        payments: payments
            .iter()
            .map(|(bank, account, minor, at)| PaymentRow {
                to: key(bank, account),
                amount: cash(*minor),
                at: Timestamp(*at),
            })
            .collect(),
        accounts_found: accounts.into_iter().map(account_row).collect(),
        transfers: transfers
            .into_iter()
            .map(|t| TransferRow {
                from: key(&t.from_bank, &t.from_account),
                to: t
                    .to_bank
                    .zip(t.to_account)
                    .filter(|_| t.exit.is_none())
                    .map(|(bank, account)| key(&bank, &account)),
                exit: t.exit,
                amount: cash(t.amount_minor),
                tainted: cash(t.tainted_minor),
                at: Timestamp(t.at),
                level: t.level,
            })
            .collect(),
        payments_waiting: crate::waiting::of_case(&api.db, case_id).await?,
        may_order_more: act
            && chase.state != ChaseState::Paused
            && waiting.iter().any(|wait| wait.kind == super::plan::ORDERS_BEYOND),
        waiting,
        may_pause: act && chase.state != ChaseState::Paused,
        may_resume: act && chase.state == ChaseState::Paused,
        row: row(&chase),
    };
    Ok(Json(detail))
}

/// Which account, and why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StopInput {
    /// Key of the account within the chase.
    account: String,
    /// Hold the whole account instead of the victim's part.
    #[serde(default)]
    whole_account: bool,
    /// The holder, where nobody has named him yet or the name was misheard.
    #[serde(default)]
    account_name: Option<String>,
    #[serde(default)]
    reason: String,
}

/// The order that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StopMade {
    id: OrderId,
}

/// Makes a stop order for an account of the chase by hand.
#[utoipa::path(post, path = "/chases/{case_id}/stop-account", tag = "chase",
    security(("session" = ["chase.act", "stop.make"])), params(("case_id" = ReportId, Path)),
    request_body = StopInput, responses((status = 201, body = StopMade)))]
async fn stop_account(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(case_id): Path<ReportId>,
    Json(input): Json<StopInput>,
) -> Result<Response, Problem> {
    session.who.require("chase.act")?;
    let chase = super::get(&api.db, &session.who, case_id).await?;
    let accounts = super::accounts(&api.db, case_id).await?;
    let found = accounts.into_iter().find(|a| key(&a.bank, &a.account) == input.account);
    let found = found.ok_or_else(|| Problem::not_found("account"))?;
    let made = api.desk.by_hand(&api.db, &chase, &found).await?;
    let (mut order, basis) = made.ok_or_else(|| Problem::not_found("account"))?;
    let mut tx = api.db.begin().await?;
    if input.whole_account {
        order.amount_minor = None;
    }
    if let Some(name) = input.account_name.filter(|name| !name.trim().is_empty()) {
        order.account_name = Some(PersonName::parse_at("account_name", &name)?.to_string());
    }
    order.reason = input.reason;
    order.kind = OrderKind::Stop;
    let id = api.desk.stop.make_on(&mut tx, &session.who, order, basis).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &StopMade { id }).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Something of a chase that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct ChaseWait {
    pub(super) case_id: ReportId,
    pub(super) case_number: String,
    pub(super) region: String,
    /// `orders_beyond`, `statement_incomplete`, `order_not_made`, `paused_with_news`, `payment_unfit`, `stuck`.
    pub(super) kind: String,
    /// What it is about within the chase: key of an account, or nothing.
    pub(super) key: String,
    /// What it is and what to do, in both languages.
    pub(super) words: Said,
    pub(super) since: Timestamp,
}

/// Lists what of chases waits for a person, the oldest first.
#[utoipa::path(get, path = "/chases-waiting", tag = "chase", security(("session" = ["chase.read"])),
    responses((status = 200, body = List<ChaseWait>)))]
async fn list_waiting_chases(State(api): State<Api>, session: Session) -> Result<Json<List<ChaseWait>>, Problem> {
    Ok(Json(List::whole(rows::waiting(&api.db, &session.who, None).await?)))
}

/// Orders that one act lets go at most.
const ORDER_MORE_MAX: i64 = 1_000;

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct OrderMoreInput {
    /// How many more; as many as a chase issues by itself unless given.
    count: Option<i64>,
    /// Why.
    reason: String,
}

/// What a chase was allowed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MoreAllowed {
    /// Orders beyond those allowed before.
    count: i64,
}

/// Lets a chase that is not paused issue more orders by itself, the largest amounts first; in all not more than a chase
/// issues at most.
#[utoipa::path(post, path = "/chases/{case_id}/order-more", tag = "chase", security(("session" = ["chase.act"])),
    params(("case_id" = ReportId, Path)), request_body = OrderMoreInput, responses((status = 200, body = MoreAllowed)))]
async fn order_more(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(case_id): Path<ReportId>,
    Json(input): Json<OrderMoreInput>,
) -> Result<Response, Problem> {
    session.who.require("chase.act")?;
    super::get(&api.db, &session.who, case_id).await?;
    let parameters = &api.desk.stop.parameters;
    let mut tx = api.db.begin().await?;
    let chase = rows::take(&mut tx, case_id).await?.ok_or(store::Error::NotFound { what: "chase" })?;
    if chase.state == ChaseState::Paused {
        return Err(Problem::conflict(super::texts::PAUSED.say(&[])));
    }
    let most = ORDER_MORE_MAX.min(parameters.chase_orders_max.saturating_sub(chase.orders_allowed));
    if most < 1 {
        let max = parameters.chase_orders_max.to_string();
        return Err(Problem::conflict(super::texts::ALLOWED_ALL.say(&[("max", &max)])));
    }
    let count = input.count.unwrap_or(parameters.chase_orders_before_asking.clamp(1, most));
    if !(1..=most).contains(&count) {
        return Err(super::texts::COUNT.at("count", &[("max", &most.to_string())]).into());
    }
    rows::allow_orders(&mut tx, &chase, count).await?;
    let body = json!({ "count": count, "reason": input.reason.trim() });
    tx.append(entry("chase.more_allowed", &chase.case, body), &session.who).await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &MoreAllowed { count }).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReasonInput {
    #[serde(default)]
    reason: String,
}

/// Holds a chase: nothing new is ordered by itself.
#[utoipa::path(post, path = "/chases/{case_id}/pause", tag = "chase", security(("session" = ["chase.act"])),
    params(("case_id" = ReportId, Path)), request_body = ReasonInput, responses((status = 204)))]
async fn pause_chase(
    State(api): State<Api>,
    session: Session,
    Path(case_id): Path<ReportId>,
    Json(input): Json<ReasonInput>,
) -> Result<StatusCode, Problem> {
    turn(&api, &session, case_id, ChaseState::Paused, "chase.paused", &input.reason).await
}

/// Lets a chase go on.
#[utoipa::path(post, path = "/chases/{case_id}/resume", tag = "chase", security(("session" = ["chase.act"])),
    params(("case_id" = ReportId, Path)), request_body = ReasonInput, responses((status = 204)))]
async fn resume_chase(
    State(api): State<Api>,
    session: Session,
    Path(case_id): Path<ReportId>,
    Json(input): Json<ReasonInput>,
) -> Result<StatusCode, Problem> {
    turn(&api, &session, case_id, ChaseState::Running, "chase.unpaused", &input.reason).await
}

async fn turn(
    api: &Api,
    session: &Session,
    case_id: ReportId,
    to: ChaseState,
    kind: &str,
    reason: &str,
) -> Result<StatusCode, Problem> {
    session.who.require("chase.act")?;
    let chase = super::get(&api.db, &session.who, case_id).await?;
    let mut tx = api.db.begin().await?;
    // The chase may run dry or go on by itself meanwhile: what the person wants is the same from either state.
    let chase = rows::take(&mut tx, chase.case.id).await?.ok_or(store::Error::NotFound { what: "chase" })?;
    if (chase.state == ChaseState::Paused) == (to == ChaseState::Paused) {
        return Ok(StatusCode::NO_CONTENT);
    }
    rows::set_state(&mut tx, case_id, chase.state, to).await?;
    if to == ChaseState::Running {
        // What came while it was paused is worked on now.
        rows::drop_wait(&mut tx, case_id, super::plan::PAUSED_WITH_NEWS, "").await?;
    }
    tx.append(entry(kind, &chase.case, json!({ "reason": reason })), &session.who).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
