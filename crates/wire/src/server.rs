//! The two routes by which partners reach a seat.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::{Said, Text};
use serde_json::json;

use crate::courier::MEDIA_TYPE;
use crate::inbox::{Inbox, Reply};
use crate::seal::{DOCUMENT_BYTES_MAX, SealError};

const UNAVAILABLE: Text = Text::new(
    "wire.unavailable",
    ("本席位暂时无法处理", "this seat cannot take the message now"),
    ("请稍后用同一报文重试", "send the same document again later"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[UNAVAILABLE];

/// Seconds for which partners may keep the keys of `GET /wire/v1/keys`.
const KEYS_MAX_AGE_SECONDS: u32 = 300;

/// `POST /wire/v1/messages` and `GET /wire/v1/keys`. Serve it with connection info so that refusals name the address
/// they came from; it needs no session, the seal is the credential.
pub fn router(inbox: Arc<Inbox>) -> Router {
    Router::new()
        .route("/wire/v1/messages", post(post_message))
        .route("/wire/v1/keys", get(list_keys))
        .with_state(inbox)
}

/// Takes a sealed document and gives a sealed receipt.
async fn post_message(State(inbox): State<Arc<Inbox>>, request: Request) -> Response {
    let remote = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    let Ok(document) = to_bytes(request.into_body(), DOCUMENT_BYTES_MAX).await else {
        return problem(&SealError::TooLarge { bytes: DOCUMENT_BYTES_MAX }.said(), 413);
    };
    match inbox.receive(&document, remote.as_deref()).await {
        Reply::Receipt(_, sealed) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], sealed.text).into_response(),
        Reply::Refused(refusal) => problem(&refusal.error.said(), refusal.error.http_status()),
        Reply::Unavailable => problem(&UNAVAILABLE.say(&[]), 503),
    }
}

/// Gives the public keys of this seat as a JWK set.
async fn list_keys(State(inbox): State<Arc<Inbox>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json".to_owned()),
        (header::CACHE_CONTROL, format!("public, max-age={KEYS_MAX_AGE_SECONDS}")),
    ];
    match serde_json::to_string(&inbox.keys().jwk_set()) {
        Ok(text) => (headers, text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the keys of this seat cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Problem details (RFC 9457) in both languages.
fn problem(said: &Said, status: u16) -> Response {
    let body = json!({
        "type": "about:blank",
        "status": status,
        "code": said.code,
        "title": { "zh": said.zh, "en": said.en },
        "remedy": { "zh": said.zh_remedy, "en": said.en_remedy },
    });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Body::from(body.to_string())).into_response()
}
