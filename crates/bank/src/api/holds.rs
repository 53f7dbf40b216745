//! Holds in force, in line and ended.

use std::collections::HashMap;

use axum::extract::State;
use kernel::{AccountId, HoldId};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, List, Path, Problem, Query, Session};

use super::views::HoldView;
use crate::account::{self, Account};
use crate::desk::Bank;
use crate::hold::rows::{self, Filter};
use crate::hold::{HoldState, Line};

pub(super) fn router() -> OpenApiRouter<Bank> {
    OpenApiRouter::new().routes(routes!(list_holds)).routes(routes!(get_hold))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct HoldQuery {
    /// `active`, `waiting`, `lapsed`, `lifted` or `replaced`.
    state: Option<String>,
    /// Part of the case number or the account number.
    q: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists stops and freezes, the latest first.
#[utoipa::path(get, path = "/holds", tag = "bank", security(("session" = ["bank.holds.read"])), params(HoldQuery),
    responses((status = 200, body = List<HoldView>)))]
async fn list_holds(
    State(bank): State<Bank>,
    session: Session,
    Query(query): Query<HoldQuery>,
) -> Result<Json<List<HoldView>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let filter = Filter {
        state: super::word("state", query.state.as_deref(), HoldState::parse, &HoldState::ALL.map(HoldState::code))?,
        text: super::asked(query.q),
        before: super::before(query.cursor.as_deref())?,
        limit,
    };
    let found = rows::list(bank.db(), &session.who, &filter).await?;
    let page = List::page(found, shown, |(_, hold)| hold.id.to_string());
    let mut ids: Vec<AccountId> = page.items.iter().map(|(account, _)| *account).collect();
    ids.sort_unstable();
    ids.dedup();
    let accounts: HashMap<AccountId, Account> =
        account::of_ids(bank.db(), &ids).await?.into_iter().map(|a| (a.id, a)).collect();
    let mut lines: HashMap<AccountId, Line> = HashMap::new();
    for (id, hold) in rows::open_of(bank.db(), &ids).await? {
        lines.entry(id).or_default().holds.push(hold);
    }
    let now = bank.db().clock().now();
    let none = Line::default();
    let view = |(id, hold): &(AccountId, crate::hold::Hold)| {
        accounts.get(id).map(|account| HoldView::of(hold, account, lines.get(id).unwrap_or(&none), now))
    };
    Ok(Json(List { items: page.items.iter().filter_map(view).collect(), next: page.next }))
}

/// Shows one hold.
#[utoipa::path(get, path = "/holds/{id}", tag = "bank", security(("session" = ["bank.holds.read"])),
    params(("id" = HoldId, Path)), responses((status = 200, body = HoldView)))]
async fn get_hold(
    State(bank): State<Bank>,
    session: Session,
    Path(id): Path<HoldId>,
) -> Result<Json<HoldView>, Problem> {
    session.require("bank.holds.read")?;
    let (account, hold) = rows::of_id(bank.db(), id).await?;
    let account = account::of_id(bank.db(), account).await?;
    let open = rows::open_of(bank.db(), &[account.id]).await?;
    let line = Line { holds: open.into_iter().map(|(_, hold)| hold).collect() };
    Ok(Json(HoldView::of(&hold, &account, &line, bank.db().clock().now())))
}
