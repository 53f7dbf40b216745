//! The badges of the console, and its search.

use axum::extract::State;
use kernel::Duration;
use serde::{Deserialize, Serialize};
use store::args;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, List, Problem, Query, Session};

use crate::account::{self, mask_account, mask_name};
use crate::desk::Bank;
use crate::hold::rows as holds;
use crate::order::rows::{self as orders, Filter, account_pattern};

pub(super) fn router() -> OpenApiRouter<Bank> {
    OpenApiRouter::new().routes(routes!(get_desk_counts)).routes(routes!(search))
}

/// What waits. A desk that one may not see counts nothing.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct DeskCounts {
    /// Orders received in the last 24 hours that were not carried out.
    orders: i64,
    /// Orders received in the last 24 hours.
    orders_today: i64,
    /// Holds in force or in line.
    holds: i64,
    /// Holds that end within six hours.
    holds_ending: i64,
    /// Cases reported that the centre has not taken.
    notices: i64,
    /// Messages refused for their seal in the last 24 hours, 100 at most: an alarm.
    seals_refused: i64,
}

/// Counts what waits at each desk.
#[utoipa::path(get, path = "/desk-counts", tag = "bank", security(("session" = [])),
    responses((status = 200, body = DeskCounts)))]
async fn get_desk_counts(State(bank): State<Bank>, session: Session) -> Result<Json<DeskCounts>, Problem> {
    let (db, now) = (bank.db(), bank.db().clock().now());
    let mut counts = DeskCounts::default();
    if session.who.may("bank.orders.read") {
        (counts.orders_today, counts.orders) = orders::counts(db, now - Duration::hours(24)).await?;
    }
    if session.who.may("bank.holds.read") {
        (counts.holds, counts.holds_ending) = holds::counts(db, now + super::ENDING).await?;
    }
    if session.who.may("bank.report.write") {
        let (notices,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM bank_notice WHERE taken_at IS NULL", args![]).await?;
        counts.notices = notices;
    }
    if session.who.may("bank.orders.read") || session.who.may("partners.write") {
        counts.seals_refused = wire::inbox::refused_since(db, now - Duration::hours(24)).await?;
    }
    Ok(Json(counts))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Part of a number.
    #[serde(default)]
    q: String,
}

/// Something found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Hit {
    /// For instance `order:0192…`.
    subject: String,
    /// Its number.
    number: String,
    /// What it is.
    title: String,
    /// To tell it from others.
    hint: Option<String>,
}

/// Hits of each kind at most.
const HITS_MAX: i64 = 8;
/// Shortest text that is searched for, in characters.
const ASKED_CHARS_MIN: usize = 3;

/// Finds orders by number, case or account, and accounts by number.
#[utoipa::path(get, path = "/search", tag = "bank",
    security(("session" = ["bank.orders.read"]), ("session" = ["bank.holds.read"])), params(SearchQuery),
    responses((status = 200, body = List<Hit>)))]
async fn search(
    State(bank): State<Bank>,
    session: Session,
    Query(query): Query<SearchQuery>,
) -> Result<Json<List<Hit>>, Problem> {
    let text = query.q.trim();
    let mut hits = Vec::new();
    if text.chars().count() < ASKED_CHARS_MIN {
        return Ok(Json(List::whole(hits)));
    }
    if session.who.may("bank.orders.read") {
        let filter = Filter { text: Some(text.to_owned()), limit: HITS_MAX, ..Filter::default() };
        hits.extend(orders::list(bank.db(), &session.who, &filter).await?.into_iter().map(|row| Hit {
            subject: format!("order:{}", row.id),
            number: row.number,
            title: wire::OrderKind::from_code(&row.kind).map_or(row.kind, |kind| kind.zh().to_owned()),
            hint: Some(row.case_number),
        }));
    }
    if session.who.may("bank.holds.read") {
        hits.extend(account::like(bank.db(), &account_pattern(text), HITS_MAX).await?.into_iter().map(|a| Hit {
            subject: format!("account:{}", a.id),
            number: mask_account(&a.no),
            title: mask_name(&a.holder_name),
            hint: Some(a.ledger.currency.code().to_owned()),
        }));
    }
    Ok(Json(List::whole(hits)))
}
