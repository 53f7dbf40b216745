//! The live page: what is attempted and stopped now.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::header::HeaderValue;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Problem, Session};

use crate::appeal::{self, FalseBlocks};
use crate::desk::Operator;
use crate::live::Figures;
use crate::records::Stored;

/// Right to see figures and numbers.
pub(super) const READ: &str = "operator.live.read";
/// Callers shown.
const TOP: usize = 20;
/// A stream ends after so many figures; the page asks again, and its session is checked anew.
const FIGURES_MAX: u32 = 600;
/// Days over which the false-block rate is told.
const FALSE_BLOCK_DAYS: i64 = 30;

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new().routes(routes!(get_live)).routes(routes!(stream_live))
}

/// What is attempted and stopped now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LiveView {
    #[serde(flatten)]
    figures: Figures,
    /// Granted appeals against what was stopped.
    false_blocks: FalseBlocks,
    /// Events that were not recorded because the recorder was behind, since the start.
    events_dropped: u64,
    /// Records kept.
    records: Stored,
    /// Seconds since the centre's last change of its list; absent where the seat runs alone or has none.
    centre_list_age_seconds: Option<i64>,
}

async fn view(operator: &Operator) -> Result<LiveView, Problem> {
    Ok(LiveView {
        figures: operator.live().figures(operator.db().clock().now(), TOP, operator.veil()),
        false_blocks: appeal::false_blocks(operator.db(), FALSE_BLOCK_DAYS).await?,
        events_dropped: operator.screening().dropped(),
        records: operator.records().stored(),
        centre_list_age_seconds: operator.centre_list_age().await?.map(|age| age.as_seconds()),
    })
}

/// Tells what is attempted and stopped now.
#[utoipa::path(get, path = "/live", tag = "operator", security(("session" = ["operator.live.read"])),
    responses((status = 200, body = LiveView)))]
async fn get_live(State(operator): State<Operator>, session: Session) -> Result<Json<LiveView>, Problem> {
    session.require(READ)?;
    Ok(Json(view(&operator).await?))
}

/// Streams the same every second: event `live`, data as of `GET /live`. It ends after ten minutes; ask again.
#[utoipa::path(get, path = "/live/stream", tag = "operator", security(("session" = ["operator.live.read"])),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn stream_live(State(operator): State<Operator>, session: Session) -> Result<Response, Problem> {
    session.require(READ)?;
    let events = stream::unfold((operator, 0_u32), |(operator, sent)| async move {
        if sent >= FIGURES_MAX {
            return None;
        }
        if sent > 0 {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        let event = match view(&operator).await {
            Ok(view) => Event::default().event("live").json_data(view).ok()?,
            Err(_) => Event::default().comment("not now"),
        };
        Some((Ok::<_, Infallible>(event), (operator, sent + 1)))
    });
    let mut response = Sse::new(events).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
