//! The badges of the console, its search, and the parameters in force.

use axum::extract::State;
use kernel::Duration;
use rules::Stage;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, List, Problem, Query, Session};

use crate::appeal;
use crate::desk::Operator;
use crate::lines::{measure, order};
use crate::list::entry;
use crate::parameters::{Parameter, TABLE};
use crate::rule;

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new().routes(routes!(get_desk_counts)).routes(routes!(search)).routes(routes!(list_parameters))
}

/// What waits. A desk that one may not see counts nothing.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct DeskCounts {
    /// Appeals that nobody has decided.
    appeals: i64,
    /// Rules that wait for a second person.
    rules_proposed: i64,
    /// Rules that were cut out and not looked at since.
    rules_cut_out: i64,
    /// Orders about lines of the last 24 hours that were not done.
    line_orders: i64,
    /// Orders about lines of the last 24 hours.
    line_orders_today: i64,
    /// Measures in force.
    measures: i64,
}

/// Counts what waits at each desk.
#[utoipa::path(get, path = "/desk-counts", tag = "operator", security(("session" = [])),
    responses((status = 200, body = DeskCounts)))]
async fn get_desk_counts(State(operator): State<Operator>, session: Session) -> Result<Json<DeskCounts>, Problem> {
    let (db, who) = (operator.db(), &session.who);
    let mut counts = DeskCounts::default();
    if who.may(appeal::DECIDE) {
        counts.appeals = appeal::count_open(db).await?;
    }
    if who.may(rule::WRITE) {
        for kept in rule::list(db, who).await? {
            counts.rules_proposed += i64::from(kept.standing.proposed.is_some());
            counts.rules_cut_out += i64::from(kept.cut_out_at.is_some() && kept.standing.stage == Stage::Shadow);
        }
    }
    if who.may(measure::READ) {
        let since = db.clock().now() - Duration::hours(24);
        (counts.line_orders_today, counts.line_orders) = order::counts(db, since).await?;
        counts.measures = measure::count_active(db).await?;
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
    /// For instance `appeal:0192…`.
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

/// Finds entries, appeals and orders by number, case or words.
#[utoipa::path(get, path = "/search", tag = "operator",
    security(("session" = ["operator.lists.read"]), ("session" = ["operator.appeals.decide"]), ("session" = ["operator.lines.read"])),
    params(SearchQuery), responses((status = 200, body = List<Hit>)))]
async fn search(
    State(operator): State<Operator>,
    session: Session,
    Query(query): Query<SearchQuery>,
) -> Result<Json<List<Hit>>, Problem> {
    let (db, who, text) = (operator.db(), &session.who, query.q.trim());
    let mut hits = Vec::new();
    if text.chars().count() < ASKED_CHARS_MIN {
        return Ok(Json(List::whole(hits)));
    }
    if who.may(entry::READ) {
        let filter = entry::Filter { text: Some(text.to_owned()), limit: HITS_MAX, ..entry::Filter::default() };
        hits.extend(entry::list(db, who, &filter).await?.into_iter().map(|found| Hit {
            subject: format!("entry:{}", found.id),
            number: entry::masked(&found.entry.pattern),
            title: format!("{} {}", found.entry.kind.word(), found.entry.reason),
            hint: found.entry.case.or(Some(found.entry.source)),
        }));
    }
    if who.may(appeal::DECIDE) {
        let filter = appeal::Filter { text: Some(text.to_owned()), limit: HITS_MAX, ..appeal::Filter::default() };
        hits.extend(appeal::list(db, who, &filter).await?.into_iter().map(|found| Hit {
            subject: format!("appeal:{}", found.id),
            number: found.number,
            title: kernel::Maskable::mask(&found.caller),
            hint: Some(found.state.words().0.to_owned()),
        }));
    }
    if who.may(measure::READ) {
        let filter = order::Filter { text: Some(text.to_owned()), limit: HITS_MAX, ..order::Filter::default() };
        hits.extend(order::list(db, who, &filter).await?.into_iter().map(|row| Hit {
            subject: format!("line_order:{}", row.id),
            number: row.number,
            title: wire::LineOrderKind::from_code(&row.kind).map_or(row.kind, |kind| kind.zh().to_owned()),
            hint: Some(row.case_number),
        }));
    }
    Ok(Json(List::whole(hits)))
}

/// A parameter and its value in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ParameterView {
    #[serde(flatten)]
    parameter: Parameter,
    /// The value in force, in its unit.
    value: i64,
}

/// Lists the parameters in force.
#[utoipa::path(get, path = "/parameters", tag = "operator", security(("session" = [])),
    responses((status = 200, body = List<ParameterView>)))]
async fn list_parameters(State(operator): State<Operator>, _session: Session) -> Json<List<ParameterView>> {
    let of = |parameter: &Parameter| ParameterView {
        parameter: *parameter,
        value: operator.parameters().value(parameter.code),
    };
    Json(List::whole(TABLE.iter().map(of).collect()))
}
