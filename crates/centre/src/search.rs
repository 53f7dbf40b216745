//! One search over everything that one may see: reports, orders to banks and operators, the number list and chases, by
//! number, name, telephone or account.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::{Db, args};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, List, Problem, Query, Session};

use crate::telephone::{masked, masked_pattern};
use crate::{intake, lines, numbers, stop};

/// Hits of each kind at most.
const HITS_MAX: i64 = 8;
/// Shortest text that is searched for, in characters; of a Chinese name, one is enough.
const ASKED_CHARS_MIN: usize = 2;

/// The route.
pub fn router(db: Db) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(search)).with_state(db)
}

/// Something found. Personal data is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SearchHit {
    /// For instance `order:0192…`.
    subject: String,
    /// Its number.
    number: String,
    /// What it is.
    title: String,
    /// To tell it from others.
    hint: Option<String>,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// A number, a telephone, an account, or the beginning of a name of a victim or an account holder; two characters or
    /// one Chinese character at least.
    q: String,
}

/// Finds reports, orders to banks and operators, entries of the number list, and chases. What one may not see is not found.
#[utoipa::path(get, path = "/search", tag = "shared", security(("session" = [])), params(SearchQuery),
    responses((status = 200, body = List<SearchHit>)))]
async fn search(
    State(db): State<Db>,
    session: Session,
    Query(query): Query<SearchQuery>,
) -> Result<Json<List<SearchHit>>, Problem> {
    let text = query.q.trim().to_owned();
    let who = &session.who;
    let mut hits = Vec::new();
    let long = text.chars().count() >= ASKED_CHARS_MIN;
    if !long && text.is_ascii() {
        return Ok(Json(List::whole(hits)));
    }
    if who.may("intake.read") {
        let filter = intake::Filter { text: Some(text.clone()), limit: HITS_MAX, ..intake::Filter::default() };
        hits.extend(intake::list(&db, who, &filter).await?.into_iter().map(|report| SearchHit {
            subject: format!("report:{}", report.id),
            number: report.number,
            title: report.victim_name,
            hint: Some(report.amount.written()),
        }));
    }
    if who.may("stop.read") {
        let filter = stop::Filter { text: Some(text.to_uppercase()), limit: HITS_MAX, ..stop::Filter::default() };
        hits.extend(stop::list(&db, who, &filter).await?.into_iter().map(|order| SearchHit {
            subject: format!("order:{}", order.id),
            title: format!("{} {}", order.asked.kind.zh(), stop::api::masked_account(&order.asked.account_no)),
            hint: Some(order.asked.case.number),
            number: order.number,
        }));
    }
    if long && who.may("lines.read") {
        let filter = lines::Filter { text: Some(text.to_uppercase()), limit: HITS_MAX, ..lines::Filter::default() };
        hits.extend(lines::list(&db, who, &filter).await?.into_iter().map(|order| SearchHit {
            subject: format!("line:{}", order.id),
            title: format!("{} {}", order.kind.zh(), masked(&order.line)),
            hint: Some(order.case.number),
            number: order.number,
        }));
    }
    if who.may("numbers.read") && text.chars().any(|c| c.is_ascii_digit()) {
        let filter = numbers::Filter { text: Some(text.clone()), limit: HITS_MAX, ..numbers::Filter::default() };
        hits.extend(numbers::list(&db, who, &filter).await?.into_iter().map(|entry| SearchHit {
            subject: format!("number:{}", entry.id),
            number: masked_pattern(&entry.pattern),
            title: format!("{} {}", entry.action.zh(), entry.reason),
            hint: entry.case_number,
        }));
    }
    if long && who.may("chase.read") {
        let pattern = format!("%{}%", text.to_uppercase().replace(['%', '_'], ""));
        let chases: Vec<(String, String, i64, i64)> = db
            .fetch_all(
                "SELECT case_id, case_number, accounts, levels FROM chase
                 WHERE region LIKE $1 AND (case_number LIKE $2 OR case_id IN
                    (SELECT case_id FROM chase_account WHERE account LIKE $2))
                 ORDER BY changed_at DESC LIMIT $3",
                args![who.region_pattern(), pattern, HITS_MAX],
            )
            .await?;
        hits.extend(chases.into_iter().map(|(id, number, accounts, levels)| SearchHit {
            subject: format!("chase:{id}"),
            number,
            title: format!("资金追踪 {levels} 级 {accounts} 户"),
            hint: None,
        }));
    }
    Ok(Json(List::whole(hits)))
}
