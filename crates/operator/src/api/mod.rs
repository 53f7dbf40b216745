//! The routes of the operator's pages. Numbers are masked; what is behind a mask is shown by `POST /api/reveal`, and no
//! number stands in an address.

mod appeals;
mod counts;
mod feeds;
mod lines;
mod lists;
mod live;
mod numbers;
mod reveal;
mod rules;
mod senders;

use std::sync::Arc;

use axum::http::StatusCode;
use kernel::Text;
use utoipa_axum::router::OpenApiRouter;
use web::query::{asked, before, rows, word};
use web::texts::NOT_ONE_OF;
use web::{App, Problem};

use crate::desk::Operator;
use crate::error::Error;

/// Texts of the routes.
pub(crate) fn texts() -> Vec<Text> {
    [&[NOT_ONE_OF][..], feeds::TEXTS, numbers::TEXTS, lists::TEXTS].concat()
}

/// Hangs the operator's routes, its reveal and its live events into the seat's server.
pub fn mount(app: App, operator: &Operator) -> App {
    app.api(router(operator.clone()))
        .reveal(Arc::new(reveal::OperatorReveal))
        .live_for_all("entry.", "operator.lists.read")
        .live_for_all("list.", "operator.lists.read")
        .live_for_all("rule.", "operator.rules.write")
        .live_for_all("appeal.", "operator.appeals.decide")
        .live_for_all("line.", "operator.lines.read")
        .live_for_all("measure.", "operator.lines.read")
        .live_for_all("warning.", "operator.lines.read")
        .live_for_all("sender.", "operator.lists.read")
        .live_for_all("roaming.", "operator.live.read")
        .live_for_all("message.", "operator.lines.read")
        .live_for_all("seal.", "operator.lines.read")
}

/// The routes, with paths written without `/api`.
pub fn router(operator: Operator) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(lists::router())
        .merge(rules::router())
        .merge(live::router())
        .merge(numbers::router())
        .merge(appeals::router())
        .merge(lines::router())
        .merge(senders::router())
        .merge(counts::router())
        .merge(feeds::router())
        .with_state(operator)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let said = error.said();
        match error {
            Error::Store(error) => error.into(),
            Error::Input(faults) => faults.into(),
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, said),
            Error::Conflict(_) => Self::conflict(said),
            Error::Corrupt(_) | Error::Wire(_) | Error::Records(_) | Error::File { .. } => {
                let cause = error.to_string();
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, said).because(cause)
            }
        }
    }
}

/// After a change was committed: memory follows before the answer goes out, so that the next call sees it.
async fn followed(operator: &Operator) {
    if let Err(error) = operator.catch_up().await {
        tracing::error!(%error, "a committed change is not in memory yet; it follows");
    }
}
