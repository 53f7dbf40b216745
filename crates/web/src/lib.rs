//! What every seat's web server shares: sessions, roles, OpenAPI, problem details, idempotency, live events.
//!
//! # How a seat builds its server
//!
//! ```no_run
//! use std::sync::Arc;
//! use web::{App, Seat, Settings, Transport, Web};
//!
//! # async fn run(db: store::Db, desk: utoipa_axum::router::OpenApiRouter) -> Result<(), Box<dyn std::error::Error>> {
//! db.migrate(&[store::MIGRATIONS, web::MIGRATIONS]).await?;
//! let seat = Seat { kind: "centre", id: "centre-43".into(), zh: "湖南反诈中心".into(), en: "Hunan centre".into() };
//! let web = Web::new(db, Settings::new(seat, Transport::Plain));
//! let app = App::new(web)
//!     .api(desk)                          // OpenApiRouter of a desk, its state already in it; lands under /api
//!     .live("order.", "stop.read")        // who may see these journal kinds live
//!     .build()?;                          // fails when an operation declares no `security`
//! # Ok(()) }
//! ```
//!
//! # How a handler looks
//!
//! The rights stand in `security` and are checked before the body is read; the store call checks them once more.
//! Several `("session" = […])` mean that one of the sets suffices, `("session" = [])` that any session will do,
//! `security(())` that the route is public.
//!
//! ```
//! use axum::extract::State;
//! use axum::http::StatusCode;
//! use axum::response::Response;
//! use kernel::OrderId;
//! use utoipa_axum::{router::OpenApiRouter, routes};
//! use web::{Idem, Json, Path, Problem, Session};
//!
//! #[derive(Clone)]
//! struct Desk { db: store::Db }
//!
//! #[derive(serde::Deserialize, utoipa::ToSchema)]
//! struct ApproveInput { reason: String }
//!
//! #[derive(serde::Serialize, utoipa::ToSchema)]
//! struct ApproveOutput { id: OrderId }
//!
//! /// Approves an order.
//! #[utoipa::path(post, path = "/orders/{id}/approve", tag = "stop", security(("session" = ["stop.check"])),
//!     params(("id" = OrderId, Path)), request_body = ApproveInput, responses((status = 200, body = ApproveOutput)))]
//! async fn approve_order(
//!     State(desk): State<Desk>,
//!     session: Session,
//!     idem: Idem,
//!     Path(id): Path<OrderId>,
//!     Json(input): Json<ApproveInput>,
//! ) -> Result<Response, Problem> {
//!     let mut tx = desk.db.begin().await?;                  // store::Error, Faults and Fault become Problems by `?`
//!     tx.append(store::journal::Entry::new("order.approved", format!("order:{id}")), &session.who).await?;
//!     let answer = idem.finish(&mut tx, StatusCode::OK, &ApproveOutput { id }).await?;
//!     tx.commit().await?;
//!     Ok(answer)
//! }
//!
//! fn router(desk: Desk) -> OpenApiRouter {
//!     OpenApiRouter::new().routes(routes!(approve_order)).with_state(desk)
//! }
//! ```

mod app;
mod around;
mod bodies;
mod common;
mod connections;
mod console;
mod document;
mod events;
mod extract;
mod few;
mod gate;
mod idempotency;
mod list;
mod login;
mod logs;
mod oidc;
mod operations;
pub mod partners;
mod password;
mod problem;
pub mod query;
mod rate;
mod reveal;
pub mod roles;
mod schema;
mod serve;
mod session;
mod shared;
mod strangers;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
pub mod texts;
mod totp;
mod upload;
pub mod users;

pub use app::{App, BODY_BYTES_MAX, MetricsAccess, SECURITY_SCHEME, Seat, SecondFactor, Settings, Transport, Web};
pub use around::{REQUEST_ID_HEADER, RequestContext};
pub use bodies::BodyLimits;
pub use connections::ConnectionLimits;
pub use extract::{Json, Path, Query};
pub use few::few_at_once;
pub use gate::{Access, Operation, Undeclared, operations};
pub use idempotency::{Idem, KEY_HEADER, REPLAYED_HEADER};
pub use list::{List, Text2, cursor, read_cursor};
pub use logs::{LogForm, start_logs};
pub use oidc::OidcSettings;
pub use operations::start_metrics;
pub use problem::{Language, Problem, ProblemBody};
pub use rate::{Buckets, Limit, trier};
pub use reveal::{EachOf, Found, Reveal, Revealed};
pub use serve::{Listening, ServeError, Tls, serve, told_to_stop};
pub use session::{CSRF_HEADER, PURPOSE_HEADER, Session};
pub use shared::journal::EntryOutput;
pub use tables::MIGRATIONS;
pub use upload::Upload;
