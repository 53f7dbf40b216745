//! Which seat this is.

use axum::extract::State;
use kernel::Timestamp;
use serde::Serialize;

use crate::app::Web;
use crate::{Json, Text2};

/// The seat.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SeatOutput {
    /// `centre` or `bank`.
    seat: &'static str,
    /// For instance `centre-43`.
    id: String,
    /// Name to be shown.
    name: Text2,
    /// Version of the software.
    version: &'static str,
    /// The server's time, by which the page counts down.
    now: Timestamp,
    /// Whether single sign-on is set up.
    oidc: bool,
}

/// Tells which seat this is, and its time.
#[utoipa::path(get, path = "/seat", tag = "shared", security(()), responses((status = 200, body = SeatOutput)))]
pub(crate) async fn read_seat(State(web): State<Web>) -> Json<SeatOutput> {
    let seat = &web.settings().seat;
    Json(SeatOutput {
        seat: seat.kind,
        id: seat.id.clone(),
        name: Text2 { zh: seat.zh.clone(), en: seat.en.clone() },
        version: env!("CARGO_PKG_VERSION"),
        now: web.db().clock().now(),
        oidc: web.oidc().is_some(),
    })
}
