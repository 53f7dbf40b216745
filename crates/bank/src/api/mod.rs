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
use web::query::{asked, before, rows, word};
use web::{App, Problem};

use crate::desk::Bank;
use crate::error::Error;
use crate::ledger::LedgerFault;

/// A hold that ends within this is counted as ending.
const ENDING: Duration = Duration::hours(6);

/// Texts of the routes.
pub(crate) fn texts() -> Vec<Text> {
    [teller::TEXTS, accounts::TEXTS].concat()
}

/// Hangs the bank's routes, its reveal and its live events into the seat's server.
pub fn mount(app: App, bank: &Bank) -> App {
    app.api(router(bank.clone()))
        .reveal(Arc::new(reveal::BankReveal))
        .live_for_all("order.", "bank.orders.read")
        .live_for_all("hold.", "bank.holds.read")
        .live_for_all("watch.", "bank.orders.read")
        .live_for_all("notice.", "bank.report.write")
        .live_for_all("transfer.", "bank.admin")
        .live_for_all("import.", "bank.admin")
        .live_for_all("account.", "bank.admin")
        .live_for_all("message.", "bank.orders.read")
        .live_for_all("seal.", "bank.orders.read")
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
