//! The routes of the bank's pages. Personal data is masked; what is behind a mask is shown by `POST /api/reveal`.

mod accounts;
mod counts;
mod holds;
mod notices;
mod orders;
mod reveal;
mod teller;
mod views;

use std::sync::Arc;

use axum::http::StatusCode;
use kernel::{Duration, Faults, Text};
use utoipa_axum::router::OpenApiRouter;
use web::{App, Problem};

use crate::desk::Bank;
use crate::error::Error;
use crate::ledger::LedgerFault;

/// Rows of a list unless asked otherwise.
const LIMIT: i64 = 50;
/// Rows of a list at most.
const LIMIT_MAX: i64 = 200;
/// A hold that ends within this is counted as ending.
const ENDING: Duration = Duration::hours(6);

const NOT_ONE_OF: Text = Text::new(
    "bank.not_one_of",
    ("“{found}”不在可选值中", "“{found}” is not one of the values"),
    ("可用:{words}", "Use one of: {words}"),
);

/// Texts of the routes.
pub(crate) fn texts() -> Vec<Text> {
    [&[NOT_ONE_OF][..], teller::TEXTS, accounts::TEXTS].concat()
}

/// Hangs the bank's routes, its reveal and its live events into the seat's server.
pub fn mount(app: App, bank: &Bank) -> App {
    app.api(router(bank.clone()))
        .reveal(Arc::new(reveal::BankReveal))
        .live("order.", "bank.orders.read")
        .live("hold.", "bank.holds.read")
        .live("watch.", "bank.orders.read")
        .live("notice.", "bank.report.write")
        .live("transfer.", "bank.admin")
        .live("import.", "bank.admin")
        .live("account.", "bank.admin")
        .live("message.", "bank.orders.read")
        .live("seal.", "bank.orders.read")
}

/// The routes, with paths written without `/api`.
pub fn router(bank: Bank) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(orders::router())
        .merge(holds::router())
        .merge(accounts::router())
        .merge(notices::router())
        .merge(teller::router())
        .merge(counts::router())
        .with_state(bank)
}

/// How many rows, within the bounds; and one more, to see whether there is more.
fn rows(limit: Option<i64>) -> (usize, i64) {
    let limit = limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    (usize::try_from(limit).unwrap_or(0), limit + 1)
}

/// Reads a cursor that is an identifier.
fn before<T: std::str::FromStr>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor.filter(|c| !c.is_empty()) else { return Ok(None) };
    let key = web::read_cursor(cursor)?;
    let id = key.parse().map_err(|_| NOT_ONE_OF.at("cursor", &[("found", cursor), ("words", "next")]))?;
    Ok(Some(id))
}

/// Reads a word of a list in the query; all faults carry the list.
fn word<T>(
    name: &str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
    words: &[&str],
) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(None) };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => Err(NOT_ONE_OF.at(name, &[("found", text), ("words", &words.join(", "))]).into()),
    }
}

/// The text of a search field; an empty one is none.
fn asked(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let said = error.said();
        match error {
            Error::Store(error) => error.into(),
            Error::Input(faults) => faults.into(),
            Error::Ledger(LedgerFault::NoSuchTransfer) | Error::NoSuchAccount | Error::NotFound(_) => {
                Self::new(StatusCode::NOT_FOUND, said)
            }
            Error::Ledger(LedgerFault::AmountNotPositive) => {
                Faults(vec![LedgerFault::AmountNotPositive.text().at("amount", &[])]).into()
            }
            Error::Ledger(_) | Error::Hold(_) => Self::conflict(said),
            Error::Corrupt(_) | Error::Wire(_) | Error::File { .. } => {
                let cause = error.to_string();
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, said).because(cause)
            }
        }
    }
}
