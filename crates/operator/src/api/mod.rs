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
use web::{App, Problem};

use crate::desk::Operator;
use crate::error::Error;

/// Rows of a list unless asked otherwise.
const LIMIT: i64 = 50;
/// Rows of a list at most.
const LIMIT_MAX: i64 = 200;

const NOT_ONE_OF: Text = Text::new(
    "operator.not_one_of",
    ("“{found}”不在可选值中", "“{found}” is not one of the values"),
    ("可用：{words}", "Use one of: {words}"),
);

/// Texts of the routes.
pub(crate) fn texts() -> Vec<Text> {
    [&[NOT_ONE_OF][..], feeds::TEXTS, numbers::TEXTS, lists::TEXTS].concat()
}

/// Hangs the operator's routes, its reveal and its live events into the seat's server.
pub fn mount(app: App, operator: &Operator) -> App {
    app.api(router(operator.clone()))
        .reveal(Arc::new(reveal::OperatorReveal))
        .live("entry.", "operator.lists.read")
        .live("list.", "operator.lists.read")
        .live("rule.", "operator.rules.write")
        .live("appeal.", "operator.appeals.decide")
        .live("line.", "operator.lines.read")
        .live("measure.", "operator.lines.read")
        .live("warning.", "operator.lines.read")
        .live("sender.", "operator.lists.read")
        .live("roaming.", "operator.live.read")
        .live("message.", "operator.lines.read")
        .live("seal.", "operator.lines.read")
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

/// Reads a word of a list; a fault carries the list.
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
