//! Routes of the signals desk: the live page, hits, and one number's story.

use axum::extract::State;
use kernel::{Msisdn, ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Db, Who};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, List, Problem, Query, Session};
use wire::{ContactChannel, PartnerId, SignalAction, SignalReason};

use super::store::{self as rows, RuleName, SignalHour};
use super::{Filter, Hit, PAGE_MAX};
use crate::lines::api::LineOrderRow;
use crate::numbers::EntryRow;
use crate::telephone::{masked, masked_pattern};
use crate::{Post, intake, lines, numbers};

/// Hours that the live page shows at most.
const HOURS_MAX: i64 = 24 * 31;
/// Callers that the live page shows.
const TOP_CALLERS: i64 = 20;
/// Hits, reports and orders in a story at most.
const STORY_MAX: i64 = 100;

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    /// Database.
    pub db: Db,
    /// The directory of partners.
    pub post: Post,
}

/// The routes.
pub fn router(api: Api) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_signals))
        .routes(routes!(list_signal_hits))
        .routes(routes!(tell_number_story))
        .with_state(api)
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SignalQuery {
    /// How many hours back; 24 unless said otherwise, a month at most.
    hours: Option<i64>,
}

/// What operators saw in the last hours.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SignalBoard {
    /// Counters by hour, operator, channel, action and reason, the oldest first.
    hours: Vec<SignalHour>,
    /// The operators of the directory.
    operators: Vec<OperatorSignals>,
    /// The callers with the most hits in the last hour.
    top_callers: Vec<TopCaller>,
}

/// What one operator sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OperatorSignals {
    partner: PartnerId,
    name: String,
    /// When its last signals came; none where it never sent any.
    received_at: Option<Timestamp>,
    /// Up to when they reach.
    up_to: Option<Timestamp>,
    /// The list that it uses.
    list_number: Option<i64>,
    /// Hits of these hours that it could not keep.
    hits_lost: i64,
    /// Events seen in these hours.
    seen: i64,
    /// Of them refused, dropped, diverted to an announcement or challenged.
    stopped: i64,
}

/// A caller with many hits. The number is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TopCaller {
    /// Masked.
    caller: String,
    hits: i64,
    last: Timestamp,
}

/// Shows what operators saw in the last hours.
#[utoipa::path(get, path = "/signals", tag = "signals", security(("session" = ["signals.read"])), params(SignalQuery),
    responses((status = 200, body = SignalBoard)))]
async fn get_signals(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<SignalQuery>,
) -> Result<Json<SignalBoard>, Problem> {
    let hours = query.hours.unwrap_or(24).clamp(1, HOURS_MAX);
    let counted = rows::last_hours(&api.db, &session.who, hours).await?;
    let now = api.db.clock().now();
    let mut operators = Vec::new();
    for partner in api.post.operators() {
        let since = now - kernel::Duration::hours(hours);
        let (last, hits_lost) = rows::last_batch(&api.db, &partner, since).await?;
        let sum = |stopped_only: bool| {
            counted
                .iter()
                .filter(|hour| hour.partner == partner && (!stopped_only || hour.action.stops()))
                .map(|hour| hour.count)
                .sum()
        };
        operators.push(OperatorSignals {
            name: api.post.name(&partner),
            received_at: last.map(|(at, _, _)| Timestamp(at)),
            up_to: last.map(|(_, to, _)| Timestamp(to)),
            list_number: last.and_then(|(_, _, number)| number),
            hits_lost,
            seen: sum(false),
            stopped: sum(true),
            partner,
        });
    }
    let top = rows::top_callers(&api.db, &session.who, now - kernel::Duration::hours(1), TOP_CALLERS).await?;
    Ok(Json(SignalBoard {
        hours: counted,
        operators,
        top_callers: top
            .into_iter()
            .map(|(caller, hits, last)| TopCaller { caller: masked(&caller), hits, last: Timestamp(last) })
            .collect(),
    }))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HitQuery {
    /// Of one operator.
    partner: Option<String>,
    /// Calls or messages.
    channel: Option<ContactChannel>,
    /// One action.
    action: Option<SignalAction>,
    /// One reason.
    reason: Option<SignalReason>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<i64>,
}

/// One event that hit something. Numbers are masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SignalHitRow {
    /// The operator's own id; reveal `caller` and `callee` of `hit:<partner>/<id>`.
    id: String,
    partner: PartnerId,
    partner_name: String,
    at: Timestamp,
    channel: ContactChannel,
    /// Masked.
    caller: String,
    /// Masked.
    callee: Option<String>,
    /// Whether the called person's number can be revealed: the call or message came through.
    callee_known: bool,
    action: SignalAction,
    reason: SignalReason,
    /// Name of the rule, or class of the text.
    detail: Option<String>,
    /// What the operator calls that rule.
    rule: Option<RuleName>,
    /// Where the line is, six digits; empty where only the whole of the centre's region is known.
    region: String,
    /// The entry of the list; masked where it is one number.
    pattern: Option<String>,
    probability_permille: Option<i64>,
}

fn hit_row(post: &Post, hit: Hit) -> SignalHitRow {
    SignalHitRow {
        partner_name: post.name(&hit.partner),
        id: hit.id,
        partner: hit.partner,
        at: hit.at,
        channel: hit.channel,
        caller: masked(&hit.caller),
        callee_known: hit.callee.is_some(),
        callee: hit.callee.as_deref().map(masked).or(hit.callee_masked),
        action: hit.action,
        reason: hit.reason,
        detail: hit.detail,
        rule: hit.rule,
        region: hit.region,
        pattern: hit.pattern.as_ref().map(masked_pattern),
        probability_permille: hit.probability_permille,
    }
}

/// Lists hits, the newest first.
#[utoipa::path(get, path = "/signal-hits", tag = "signals", security(("session" = ["signals.read"])), params(HitQuery),
    responses((status = 200, body = List<SignalHitRow>)))]
async fn list_signal_hits(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<HitQuery>,
) -> Result<Json<List<SignalHitRow>>, Problem> {
    let (shown, limit) = web::query::rows_within(query.limit, PAGE_MAX, PAGE_MAX);
    let before = query.cursor.as_deref().map(web::read_cursor).transpose()?;
    let filter = Filter {
        partner: query.partner,
        channel: query.channel,
        action: query.action,
        reason: query.reason,
        number: None,
        before: before.and_then(|key| key.split_once(' ').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())))),
        limit,
    };
    let found = super::hits(&api.db, &session.who, &filter).await?;
    let hits = found.into_iter().map(|hit| hit_row(&api.post, hit)).collect();
    let key = |row: &SignalHitRow| format!("{} {}/{}", row.at.0, row.partner, row.id);
    Ok(Json(List::page(hits, shown, key)))
}

/// The number whose story is asked for; in the body, for numbers do not belong into addresses and logs.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StoryInput {
    number: String,
}

/// A report that names the number.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StoryReport {
    id: ReportId,
    number: String,
    region: String,
    scam_type: String,
    submitted_at: Option<Timestamp>,
}

/// What is known of one number: the list, orders, hits and reports that name it. What one may not see is empty.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NumberStory {
    /// Masked.
    number: String,
    /// Entries of the list that cover it, its own history included.
    entries: Vec<EntryRow>,
    /// Orders about it, or with it at the other end.
    orders: Vec<LineOrderRow>,
    /// Hits in which it called, sent, or was called.
    hits: Vec<SignalHitRow>,
    /// Reports that name it as a contact of the scammer.
    reports: Vec<StoryReport>,
}

/// Tells one number's story.
#[utoipa::path(post, path = "/number-story", tag = "signals",
    security(("session" = ["signals.read"]), ("session" = ["numbers.read"])), request_body = StoryInput,
    responses((status = 200, body = NumberStory)))]
async fn tell_number_story(
    State(api): State<Api>,
    session: Session,
    Json(input): Json<StoryInput>,
) -> Result<Json<NumberStory>, Problem> {
    let who = &session.who;
    if !who.may("numbers.read") {
        who.require("signals.read")?;
    }
    let number = Msisdn::parse(&input.number).map_err(|fault| fault.under("number"))?.to_string();
    Ok(Json(NumberStory {
        number: masked(&number),
        entries: entries_of(&api, who, &number).await?,
        orders: orders_of(&api, who, &number).await?,
        hits: hits_of(&api, who, &number).await?,
        reports: reports_of(&api, who, &number).await?,
    }))
}

async fn entries_of(api: &Api, who: &Who, number: &str) -> Result<Vec<EntryRow>, Problem> {
    if !who.may("numbers.read") {
        return Ok(Vec::new());
    }
    Ok(numbers::covering(&api.db, who, number).await?.iter().map(|entry| EntryRow::of(entry, who)).collect())
}

async fn orders_of(api: &Api, who: &Who, number: &str) -> Result<Vec<LineOrderRow>, Problem> {
    if !who.may("lines.read") {
        return Ok(Vec::new());
    }
    let filter = lines::Filter { line: Some(number.to_owned()), limit: STORY_MAX, ..lines::Filter::default() };
    let orders = lines::list(&api.db, who, &filter).await?;
    Ok(orders.iter().map(|order| LineOrderRow::of(&api.post, order)).collect())
}

async fn hits_of(api: &Api, who: &Who, number: &str) -> Result<Vec<SignalHitRow>, Problem> {
    if !who.may("signals.read") {
        return Ok(Vec::new());
    }
    let filter = Filter { number: Some(number.to_owned()), limit: STORY_MAX, ..Filter::default() };
    let hits = super::hits(&api.db, who, &filter).await?;
    Ok(hits.into_iter().map(|hit| hit_row(&api.post, hit)).collect())
}

async fn reports_of(api: &Api, who: &Who, number: &str) -> Result<Vec<StoryReport>, Problem> {
    if !who.may("intake.read") {
        return Ok(Vec::new());
    }
    let named = intake::naming(&api.db, number, &who.region_pattern(), STORY_MAX).await?;
    let report = |named: intake::NamedBy| {
        Some(StoryReport {
            id: named.id.parse().ok()?,
            number: named.number,
            region: named.region,
            scam_type: named.scam_type,
            submitted_at: named.submitted_at.map(Timestamp),
        })
    };
    Ok(named.into_iter().filter_map(report).collect())
}

/// Personal data of a hit in full, for a reveal: `caller`, `callee` of `hit:<partner>/<id>`.
pub(crate) async fn reveal(db: &Db, who: &Who, key: &str, field: &str) -> Result<Option<web::Revealed>, Problem> {
    let Some((partner, id)) = key.split_once('/') else { return Ok(None) };
    let Some(hit) = rows::hit_of(db, who, partner, id).await? else { return Ok(None) };
    let value = match field {
        "caller" => Some(hit.caller),
        "callee" => hit.callee,
        _ => None,
    };
    let region = Some(hit.region).filter(|region| !region.is_empty());
    Ok(value.map(|value| web::Revealed { value, region, case_id: None }))
}
