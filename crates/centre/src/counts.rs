//! How much waits at each desk: the badges of the console.

use axum::extract::State;
use serde::Serialize;
use store::{Db, args};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Problem, Session};

/// The route.
pub fn router(db: Db) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_desk_counts)).with_state(db)
}

/// What waits. A desk that one may not see counts nothing.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct DeskCounts {
    /// Reports in draft.
    drafts: i64,
    /// Those of them that came from the public page and wait for an officer.
    public_drafts: i64,
    /// Pairs of reports that may speak of one payment and wait for a person.
    report_pairs: i64,
    /// Orders that wait for a checker.
    review: i64,
    /// Orders that wait for a bank.
    waiting: i64,
    /// Orders whose answer is overdue.
    overdue: i64,
    /// Holds in effect.
    held: i64,
    /// Orders that a bank did not carry out, or nobody answered.
    refused: i64,
    /// Payments that no chase follows by itself and that wait for a person.
    to_place: i64,
    /// Messages refused for their seal in the last 24 hours, 100 at most: an alarm.
    seals_refused: i64,
    /// Chases that run.
    chases: i64,
    /// What of chases waits for a person: orders beyond those that go by themselves, statements that are not complete.
    chase_waiting: i64,
    /// Orders about lines that wait for a checker.
    line_review: i64,
    /// Orders about lines that wait for an operator.
    line_waiting: i64,
    /// Measures on lines in force.
    line_in_effect: i64,
    /// Orders about lines that an operator did not carry out, or nobody answered.
    line_refused: i64,
    /// Numbers that reports named and that wait for an officer.
    number_proposed: i64,
    /// Prefixes and ranges that wait for a second person.
    number_review: i64,
}

/// Counts what waits at each desk.
#[utoipa::path(get, path = "/desk-counts", tag = "shared", security(("session" = [])),
    responses((status = 200, body = DeskCounts)))]
async fn get_desk_counts(State(db): State<Db>, session: Session) -> Result<Json<DeskCounts>, Problem> {
    let who = &session.who;
    let scope = who.region_pattern();
    let mut counts = DeskCounts::default();
    if who.may("intake.read") {
        let (drafts,): (i64,) = db
            .fetch_one("SELECT COUNT(*) FROM intake_report WHERE state = 'draft' AND region LIKE $1", args![&scope])
            .await?;
        counts.drafts = drafts;
        let (public,): (i64,) = db
            .fetch_one(
                "SELECT COUNT(*) FROM intake_report WHERE state = 'draft' AND channel = 'public' AND region LIKE $1",
                args![&scope],
            )
            .await?;
        counts.public_drafts = public;
        let (pairs,): (i64,) = db
            .fetch_one(
                "SELECT COUNT(*) FROM intake_pair p JOIN intake_report a ON a.id = p.low
                    JOIN intake_report b ON b.id = p.high
                 WHERE p.verdict IS NULL AND a.state IN ('draft','submitted') AND b.state IN ('draft','submitted')
                    AND (a.region LIKE $1 OR a.region = '' AND a.created_by = $2)
                    AND (b.region LIKE $1 OR b.region = '' AND b.created_by = $2)",
                args![&scope, &who.user],
            )
            .await?;
        counts.report_pairs = pairs;
    }
    if who.may("stop.read") {
        let now = db.clock().now();
        for (state, n) in crate::stop::counts(&db, who).await? {
            match state.as_str() {
                "review" => counts.review += n,
                "sent" => counts.waiting += n,
                "in_effect" | "waiting" => counts.held += n,
                "rejected" | "expired" => counts.refused += n,
                _ => {}
            }
        }
        let (overdue,): (i64,) = db
            .fetch_one(
                "SELECT COUNT(*) FROM stop_order WHERE state = 'sent' AND answer_due < $1 AND region LIKE $2",
                args![now, &scope],
            )
            .await?;
        counts.overdue = overdue;
        counts.to_place = crate::waiting::count(&db, who).await?;
    }
    if who.may("stop.read") || who.may("partners.write") {
        let since = db.clock().now() - kernel::Duration::hours(24);
        counts.seals_refused = wire::inbox::refused_since(&db, since).await?;
    }
    if who.may("chase.read") {
        let (chases,): (i64,) = db
            .fetch_one("SELECT COUNT(*) FROM chase WHERE state = 'running' AND region LIKE $1", args![&scope])
            .await?;
        counts.chases = chases;
        counts.chase_waiting = crate::chase::count_waiting(&db, who).await?;
    }
    if who.may("lines.read") {
        for (state, n) in crate::lines::counts(&db, who).await? {
            match state.as_str() {
                "review" => counts.line_review += n,
                "sent" => counts.line_waiting += n,
                "in_effect" => counts.line_in_effect += n,
                "rejected" | "expired" => counts.line_refused += n,
                _ => {}
            }
        }
    }
    if who.may("numbers.read") {
        for (state, n) in crate::numbers::counts(&db, who).await? {
            match state.as_str() {
                "proposed" => counts.number_proposed = n,
                "review" => counts.number_review = n,
                _ => {}
            }
        }
    }
    Ok(Json(counts))
}
