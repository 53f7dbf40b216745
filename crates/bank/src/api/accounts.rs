//! Accounts: balances, holds, statement, protected list.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{AccountId, AccountNo, Currency, Duration, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::journal::Entry;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};

use super::views::{AccountDetail, MovementView};
use crate::account::{self, Account, AccountKind, mask_account};
use crate::desk::Bank;
use crate::hold::rows;
use crate::ledger::statement::{self, Span};

const REASON: Text = Text::new(
    "bank.protected_reason",
    ("请填写列入保护名单的理由,最多 {most} 字", "give the reason for the protection, {most} characters at most"),
    ("例如:社会保障资金专户", "For instance: account of the social security fund"),
);
const PERIOD: Text = Text::new(
    "bank.period",
    ("结束时间不晚于开始时间", "the end does not come after the start"),
    ("请核对起止时间", "Check both times"),
);
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;
/// Statement unless a start is given.
const STATEMENT_SPAN: Duration = Duration::hours(90 * 24);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[REASON, PERIOD];

pub(super) fn router() -> OpenApiRouter<Bank> {
    OpenApiRouter::new()
        .routes(routes!(get_account))
        .routes(routes!(get_statement))
        .routes(routes!(protect_account))
        .routes(routes!(list_parameters))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AccountQuery {
    /// Currency, where the number has accounts in several.
    currency: Option<String>,
}

/// The account of a number: in the currency asked, else in yuan, else the only one. A page that knows only the masked
/// number may give the account's identifier instead.
async fn named(bank: &Bank, no: &str, currency: Option<&str>) -> Result<Account, Problem> {
    if let Ok(id) = no.parse::<AccountId>() {
        return Ok(account::of_id(bank.db(), id).await?);
    }
    let no = AccountNo::parse(no).map_err(|_| Problem::not_found("account"))?;
    let wanted = currency.map(|code| Currency::parse(code).map_err(|fault| fault.under("currency"))).transpose()?;
    let mut all = account::of_number(bank.db(), no.as_str()).await?;
    all.retain(|a| a.kind != AccountKind::Internal && wanted.is_none_or(|c| c == a.ledger.currency));
    all.sort_by_key(|a| (a.ledger.currency != Currency::CNY, a.ledger.currency.code().to_owned()));
    all.into_iter().next().ok_or_else(|| Problem::not_found("account"))
}

/// Shows an account with its balances and holds.
#[utoipa::path(get, path = "/accounts/{no}", tag = "bank", security(("session" = ["bank.holds.read"])),
    params(("no" = String, Path), AccountQuery), responses((status = 200, body = AccountDetail)))]
async fn get_account(
    State(bank): State<Bank>,
    session: Session,
    Path(no): Path<String>,
    Query(query): Query<AccountQuery>,
) -> Result<Json<AccountDetail>, Problem> {
    session.require("bank.holds.read")?;
    let account = named(&bank, &no, query.currency.as_deref()).await?;
    let holds = rows::of_account(bank.db(), account.id).await?;
    Ok(Json(AccountDetail::of(&account, &holds, bank.db().clock().now())))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementQuery {
    /// Currency, where the number has accounts in several.
    currency: Option<String>,
    /// From this moment; ninety days before the end unless given.
    from: Option<Timestamp>,
    /// Before this moment; now unless given.
    to: Option<Timestamp>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists the movements of an account, the latest first.
#[utoipa::path(get, path = "/accounts/{no}/statement", tag = "bank", security(("session" = ["bank.holds.read"])),
    params(("no" = String, Path), StatementQuery), responses((status = 200, body = List<MovementView>)))]
async fn get_statement(
    State(bank): State<Bank>,
    session: Session,
    Path(no): Path<String>,
    Query(query): Query<StatementQuery>,
) -> Result<Json<List<MovementView>>, Problem> {
    session.require("bank.holds.read")?;
    let account = named(&bank, &no, query.currency.as_deref()).await?;
    let (_, limit) = super::rows(query.limit);
    let end = query.to.unwrap_or(bank.db().clock().now() + Duration(1));
    let to = match query.cursor.as_deref().filter(|c| !c.is_empty()) {
        None => end,
        Some(cursor) => {
            let key = web::read_cursor(cursor)?;
            let moment: i64 = key.parse().map_err(|_| PERIOD.at("cursor", &[]))?;
            // A page ends with a moment that it shows in part at most: the next begins with that moment.
            Timestamp(moment).min(end)
        }
    };
    let from = query.from.unwrap_or(end - STATEMENT_SPAN);
    if from >= end {
        return Err(PERIOD.at("to", &[]).into());
    }
    let part = statement::read_latest(bank.db(), account.id, Span { from, to, limit: limit - 1 }).await?;
    let next = part.lines.last().filter(|_| part.more).map(|line| web::cursor(&line.movement.at.0.to_string()));
    Ok(Json(List { items: part.lines.iter().map(MovementView::from).collect(), next }))
}

/// An entry of the protected list (白名单).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProtectInput {
    /// Why; empty takes the account off the list.
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ProtectOutput {
    protected_reason: Option<String>,
}

/// Puts an account on the protected list, or takes it off.
#[utoipa::path(put, path = "/accounts/{no}/protection", tag = "bank", security(("session" = ["bank.admin"])),
    params(("no" = String, Path), AccountQuery), request_body = ProtectInput,
    responses((status = 200, body = ProtectOutput)))]
async fn protect_account(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Path(no): Path<String>,
    Query(query): Query<AccountQuery>,
    Json(input): Json<ProtectInput>,
) -> Result<Response, Problem> {
    let who = session.require("bank.admin")?;
    let reason = input.reason.trim();
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(REASON.at("reason", &[("most", &REASON_CHARS_MAX.to_string())]).into());
    }
    let account = named(&bank, &no, query.currency.as_deref()).await?;
    let reason = (!reason.is_empty()).then_some(reason);
    let mut tx = bank.db().begin().await?;
    account::protect(&mut tx, &account, reason).await?;
    let body = json!({ "account": mask_account(&account.no), "reason": reason });
    let kind = if reason.is_some() { "account.protected" } else { "account.unprotected" };
    tx.append(Entry::new(kind, format!("account:{}", account.id)).body(&body), who).await?;
    let output = ProtectOutput { protected_reason: reason.map(str::to_owned) };
    let answer = idem.finish(&mut tx, StatusCode::OK, &output).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A parameter with its value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ParameterView {
    #[serde(flatten)]
    parameter: crate::parameters::Parameter,
    /// The value in force.
    value: i64,
}

/// Lists the parameters with their legal sources and the values in force.
#[utoipa::path(get, path = "/parameters", tag = "bank", security(("session" = [])),
    responses((status = 200, body = List<ParameterView>)))]
async fn list_parameters(State(bank): State<Bank>) -> Json<List<ParameterView>> {
    let values = bank.parameters();
    let view = |parameter: &crate::parameters::Parameter| ParameterView {
        parameter: *parameter,
        value: values.value(parameter.code),
    };
    Json(List::whole(crate::parameters::TABLE.iter().map(view).collect()))
}
