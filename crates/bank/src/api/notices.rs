//! Cases that this bank reports to the centre.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{HoldId, Money, NoticeId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};

use super::views::money;
use crate::account::mask_account;
use crate::desk::Bank;
use crate::notice::{self, NoticeInput, NoticeRow};

pub(super) fn router() -> OpenApiRouter<Bank> {
    OpenApiRouter::new().routes(routes!(list_notices, report_case)).routes(routes!(get_notice))
}

/// A notice.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NoticeView {
    id: NoticeId,
    number: String,
    kind: String,
    centre: String,
    account: Option<String>,
    victim: Option<String>,
    words: String,
    hold_id: Option<HoldId>,
    made_at: Timestamp,
    made_by: String,
    /// What the centre made of it.
    answer: Option<NoticeAnswer>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NoticeAnswer {
    /// When the centre took it.
    taken_at: Timestamp,
    /// The case that it became or joined.
    case_number: Option<String>,
}

fn view(bank: &Bank, row: &NoticeRow) -> NoticeView {
    NoticeView {
        id: row.id,
        number: row.number.clone(),
        kind: row.kind.clone(),
        centre: bank.settings().centre.to_string(),
        account: row.account_no.as_deref().map(mask_account),
        victim: row.victim_masked(),
        words: row.notice.words.clone(),
        hold_id: row.hold_id,
        made_at: row.made_at,
        made_by: row.made_by.clone(),
        answer: row.taken_at.map(|taken_at| NoticeAnswer { taken_at, case_number: row.case_number.clone() }),
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct NoticeQuery {
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists the cases reported, the latest first.
#[utoipa::path(get, path = "/notices", tag = "bank", security(("session" = ["bank.report.write"])), params(NoticeQuery),
    responses((status = 200, body = List<NoticeView>)))]
async fn list_notices(
    State(bank): State<Bank>,
    session: Session,
    Query(query): Query<NoticeQuery>,
) -> Result<Json<List<NoticeView>>, Problem> {
    session.require("bank.report.write")?;
    let (shown, limit) = super::rows(query.limit);
    let found = notice::latest(bank.db(), super::before(query.cursor.as_deref())?, limit).await?;
    let page = List::page(found, shown, |row| row.id.to_string());
    Ok(Json(List { items: page.items.iter().map(|row| view(&bank, row)).collect(), next: page.next }))
}

/// Shows one case reported.
#[utoipa::path(get, path = "/notices/{id}", tag = "bank", security(("session" = ["bank.report.write"])),
    params(("id" = NoticeId, Path)), responses((status = 200, body = NoticeView)))]
async fn get_notice(
    State(bank): State<Bank>,
    session: Session,
    Path(id): Path<NoticeId>,
) -> Result<Json<NoticeView>, Problem> {
    session.require("bank.report.write")?;
    Ok(Json(view(&bank, &notice::of_id(bank.db(), id).await?)))
}

/// A case that was reported.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Reported {
    id: NoticeId,
    number: String,
    /// What the bank holds until the order arrives.
    held: Option<Money>,
    /// When that stop lifts by itself.
    held_until: Option<Timestamp>,
}

/// Reports a case to the centre, and stops first where asked and allowed.
#[utoipa::path(post, path = "/notices", tag = "bank", security(("session" = ["bank.report.write"])),
    request_body = NoticeInput, responses((status = 201, body = Reported)))]
async fn report_case(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Json(input): Json<NoticeInput>,
) -> Result<Response, Problem> {
    let mut tx = bank.db().begin().await?;
    let sent = bank.report(&mut tx, &session.who, &input).await?;
    let first = sent.stopped_first.as_ref();
    let output = Reported {
        id: sent.id,
        number: sent.number.clone(),
        held: first.map(|s| money(s.held_minor, &s.currency)),
        held_until: first.map(|s| s.until),
    };
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &output).await?;
    tx.commit().await?;
    Ok(answer)
}
