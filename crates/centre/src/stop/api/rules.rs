//! Routes of the standing rules.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::bounds::AMOUNT_MINOR_MAX;
use kernel::{Currency, Money, RuleId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Who;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Session};
use wire::{LineOrderKind, OrderKind};

use super::super::StandingRule;
use super::Api;

/// The routes.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_rules, propose_rule))
        .routes(routes!(approve_rule))
        .routes(routes!(end_rule))
}

/// A standing rule.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RuleRow {
    id: RuleId,
    name: String,
    kinds: Vec<OrderKind>,
    /// Deepest level; absent where it approves no orders to banks.
    level_max: Option<u32>,
    /// Largest amount; absent where it approves no orders to banks, and where any amount passes.
    amount_max: Option<Money>,
    /// Orders about lines that it approves.
    line_kinds: Vec<LineOrderKind>,
    /// Longest measure on a line, hours.
    line_hours_max: i64,
    report_age_hours_max: i64,
    region_prefix: String,
    author: String,
    approved_by: Option<String>,
    valid_from: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    in_force: bool,
    /// Whether who asks may approve it.
    may_approve: bool,
    /// Whether who asks may end it.
    may_end: bool,
}

fn rule_row(rule: StandingRule, who: &Who, now: Timestamp) -> RuleRow {
    let open = rule.ended_at.is_none() && rule.expires_at > now;
    let here = who.covers(&rule.region_prefix);
    let acts_here = rule.acts_in_scope_of(who);
    let for_banks = !rule.kinds.is_empty();
    let bounded = for_banks && rule.amount_minor_max < AMOUNT_MINOR_MAX;
    RuleRow {
        in_force: rule.in_force(now),
        may_approve: open && here && rule.approved_by.is_none() && rule.author != who.user && who.may("rules.write"),
        may_end: open && acts_here && (who.may("rules.write") || who.may("stop.check")),
        id: rule.id,
        name: rule.name,
        kinds: rule.kinds,
        line_kinds: rule.line_kinds,
        line_hours_max: rule.line_hours_max,
        level_max: for_banks.then_some(rule.level_max),
        amount_max: bounded.then_some(Money { minor: rule.amount_minor_max, currency: Currency::CNY }),
        report_age_hours_max: rule.report_age_max.as_seconds() / 3_600,
        region_prefix: rule.region_prefix,
        author: rule.author,
        approved_by: rule.approved_by,
        valid_from: rule.valid_from,
        expires_at: rule.expires_at,
        ended_at: rule.ended_at,
    }
}

/// Lists standing rules.
#[utoipa::path(get, path = "/standing-rules", tag = "stop", security(("session" = ["stop.read"])),
    responses((status = 200, body = List<RuleRow>)))]
async fn list_rules(State(api): State<Api>, session: Session) -> Result<Json<List<RuleRow>>, Problem> {
    let now = api.db.clock().now();
    let rules = super::super::rules(&api.db, &session.who).await?;
    Ok(Json(List::whole(rules.into_iter().map(|rule| rule_row(rule, &session.who, now)).collect())))
}

/// A standing rule that is put up for approval.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleInput {
    name: String,
    /// Orders to banks that it approves; with them, `level_max` and `amount_max`.
    #[serde(default)]
    kinds: Vec<OrderKind>,
    #[serde(default)]
    level_max: u32,
    #[serde(default = "nothing")]
    amount_max: Money,
    /// Orders about lines that it approves; with those that last, `line_hours_max`.
    #[serde(default)]
    line_kinds: Vec<LineOrderKind>,
    #[serde(default)]
    line_hours_max: i64,
    report_age_hours_max: i64,
    /// Leading digits of regions, within the region of its author; absent means all of that region.
    #[serde(default)]
    region_prefix: Option<String>,
    #[serde(default)]
    valid_from: Option<Timestamp>,
    expires_at: Timestamp,
}

fn nothing() -> Money {
    Money { minor: 0, currency: Currency::CNY }
}

/// Puts a standing rule up for approval by another person.
#[utoipa::path(post, path = "/standing-rules", tag = "stop", security(("session" = ["rules.write"])),
    request_body = RuleInput, responses((status = 201, body = RuleRow)))]
async fn propose_rule(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Json(input): Json<RuleInput>,
) -> Result<Response, Problem> {
    if input.amount_max.currency != Currency::CNY {
        return Err(crate::stop::texts::RULE_CURRENCY.at("amount_max", &[]).into());
    }
    let mut tx = api.db.begin().await?;
    let now = tx.now();
    let rule = StandingRule {
        id: RuleId::new(now),
        name: input.name.trim().to_owned(),
        kinds: input.kinds,
        level_max: input.level_max,
        amount_minor_max: input.amount_max.minor,
        line_kinds: input.line_kinds,
        line_hours_max: input.line_hours_max,
        report_age_max: kernel::Duration::hours(input.report_age_hours_max),
        region_prefix: input
            .region_prefix
            .map(|prefix| prefix.trim().to_owned())
            .or_else(|| session.who.region.clone())
            .unwrap_or_default(),
        author: session.who.user.clone(),
        approved_by: None,
        valid_from: input.valid_from.unwrap_or(now),
        expires_at: input.expires_at,
        ended_at: None,
    };
    api.desk.propose_rule(&mut tx, &session.who, rule.clone()).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &rule_row(rule, &session.who, now)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Approves a standing rule, as another person than its author.
#[utoipa::path(post, path = "/standing-rules/{id}/approve", tag = "stop", security(("session" = ["rules.write"])),
    params(("id" = RuleId, Path)), responses((status = 204)))]
async fn approve_rule(State(api): State<Api>, session: Session, Path(id): Path<RuleId>) -> Result<StatusCode, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.approve_rule(&mut tx, &session.who, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a standing rule at once.
#[utoipa::path(post, path = "/standing-rules/{id}/end", tag = "stop",
    security(("session" = ["rules.write"]), ("session" = ["stop.check"])),
    params(("id" = RuleId, Path)), responses((status = 204)))]
async fn end_rule(State(api): State<Api>, session: Session, Path(id): Path<RuleId>) -> Result<StatusCode, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.end_rule(&mut tx, &session.who, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
