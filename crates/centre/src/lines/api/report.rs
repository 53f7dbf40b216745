//! From a report to its telephone numbers: who was in touch with them, who is to be warned, and the number list.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{ListEntryId, Maskable, Msisdn, OrderId, ReportId};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Session};
use wire::{LineOrderKind, ListAction, Period};

use super::super::{Filter, LIST_MAX, NewRequest, texts};
use super::Api;
use super::views::LineOrderRow;
use crate::numbers::{EntryRow, NewEntry};
use crate::stop::api::case_ref;
use crate::{intake, numbers};

/// The routes.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_report_telephones, act_on_report_telephones))
}

/// A telephone number that a report names as a contact. It is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ReportTelephone {
    /// Place among the contacts of the report.
    position: i64,
    /// Masked.
    number: String,
    /// Entries of the number list for it, the newest first.
    entries: Vec<EntryRow>,
    /// Orders about it.
    orders: Vec<LineOrderRow>,
}

/// Lists the telephone numbers that a report names, with what the list and the orders say about each.
#[utoipa::path(get, path = "/reports/{id}/telephones", tag = "lines", security(("session" = ["lines.read"])),
    params(("id" = ReportId, Path)), responses((status = 200, body = List<ReportTelephone>)))]
async fn list_report_telephones(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<ReportId>,
) -> Result<Json<List<ReportTelephone>>, Problem> {
    let who = &session.who;
    who.require("lines.read")?;
    let mut tx = api.db.begin().await?;
    let case = case_ref(&mut tx, id).await?;
    tx.rollback().await?;
    who.require_region(&case.region)?;
    let mut found = Vec::new();
    for (position, number) in intake::phones_shown(&api.db, id).await? {
        let text = number.to_string();
        let entries = if who.may("numbers.read") { numbers::covering(&api.db, who, &text).await? } else { Vec::new() };
        let filter = Filter { line: Some(text), limit: LIST_MAX, ..Filter::default() };
        let orders = super::super::list(&api.db, who, &filter).await?;
        found.push(ReportTelephone {
            position,
            number: number.mask(),
            entries: entries.iter().map(|entry| EntryRow::of(entry, who)).collect(),
            orders: orders.iter().map(|order| LineOrderRow::of(&api.desk.post, order)).collect(),
        });
    }
    Ok(Json(List::whole(found)))
}

/// What is to be done with telephone numbers of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum TelephoneAct {
    /// Ask every operator who was in touch with them.
    QueryContacts,
    /// Have everybody warned who was in touch with them.
    WarnContacts,
    /// Put them on the number list to be blocked.
    Block,
    /// Put them on the number list to be watched.
    Watch,
}

/// An act on telephone numbers of a report.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TelephoneActInput {
    act: TelephoneAct,
    /// Places among the contacts of the report; none means all its telephone numbers.
    #[serde(default)]
    positions: Vec<i64>,
    /// Of a query or a warning; absent: the last days, by parameter.
    #[serde(default)]
    period: Option<Period>,
    reason: String,
}

/// What an act on telephone numbers led to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TelephoneActed {
    /// The requests made, one a number.
    requests: Vec<OrderId>,
    /// The entries of the number list, one a number; those that stood there already included.
    entries: Vec<ListEntryId>,
}

/// Turns telephone numbers of a report into orders to operators or entries of the number list. Orders need
/// `lines.make`, entries `numbers.write`.
#[utoipa::path(post, path = "/reports/{id}/telephones", tag = "lines",
    security(("session" = ["lines.make"]), ("session" = ["numbers.write"])),
    params(("id" = ReportId, Path)), request_body = TelephoneActInput, responses((status = 201, body = TelephoneActed)))]
async fn act_on_report_telephones(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<ReportId>,
    Json(input): Json<TelephoneActInput>,
) -> Result<Response, Problem> {
    let who = &session.who;
    let mut tx = api.db.begin().await?;
    let case = case_ref(&mut tx, id).await?;
    who.require_region(&case.region)?;
    let wanted = |position: i64| input.positions.is_empty() || input.positions.contains(&position);
    let phones: Vec<Msisdn> = intake::phones(&mut tx, id)
        .await?
        .into_iter()
        .filter(|(position, _)| wanted(*position))
        .map(|(_, number)| number)
        .collect();
    if phones.is_empty() {
        return Err(texts::NO_CONTACT.at("positions", &[]).into());
    }
    let now = tx.now();
    let mut acted = TelephoneActed { requests: Vec::new(), entries: Vec::new() };
    let usual = Period { from: now - kernel::Duration::hours(24 * api.desk.parameters.period_days), to: now };
    let kind = match input.act {
        TelephoneAct::QueryContacts => Some(LineOrderKind::QueryContacts),
        TelephoneAct::WarnContacts => Some(LineOrderKind::WarnContacts),
        TelephoneAct::Block | TelephoneAct::Watch => None,
    };
    if let Some(kind) = kind {
        for number in phones {
            let asked = NewRequest {
                period: Some(input.period.unwrap_or(usual)),
                ..NewRequest::about(case.clone(), kind, number.to_string(), input.reason.clone())
            };
            acted.requests.push(api.desk.make(&mut tx, who, asked).await?);
        }
    } else {
        let action = if input.act == TelephoneAct::Block { ListAction::Block } else { ListAction::Watch };
        let days = api.numbers.parameters.report_entry_days;
        let entry = |number: Msisdn| NewEntry {
            pattern: number.to_string(),
            action,
            reason: input.reason.clone(),
            source: format!("报案 {}", case.number),
            case: Some(case.clone()),
            expires_at: Some(now + kernel::Duration::hours(24 * days)),
            label: None,
        };
        let entries = phones.into_iter().map(entry).collect();
        for outcome in api.numbers.add(&mut tx, who, entries).await? {
            acted.entries.push(outcome?.id());
        }
    }
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &acted).await?;
    tx.commit().await?;
    Ok(answer)
}
