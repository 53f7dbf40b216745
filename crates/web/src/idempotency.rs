//! Creating something exactly once, however often the request comes: the header `Idempotency-Key`.
//!
//! A handler that creates something writes its answer in the same transaction as the change ([`Idem::finish`]), so that
//! no crash between the two can double the effect. The answer is kept for [`KEEP`] and given again to the same request:
//!
//! ```text
//! handler          insert report ─ insert answer under the key ─ commit ─ ✗ killed before answering
//! client again     same key, same body → the stored answer, `Idempotency-Replayed: true`
//! client at once   same key, while the first is at work → 409; where two processes race, the second's insert
//!                  finds the key taken, its transaction is dropped, 409
//! ```
//!
//! A key changes nothing about the size of a body: up to the usual limit it is read at once, and what is longer is hashed
//! on its way to the route that takes more.
//!
//! Nothing else is kept: pages send a key with every request, and the answers of some (a field revealed for a purpose, a
//! session, a secret to be enrolled) must not lie about in clear or come again without their journal entry.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use kernel::Duration;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{Tx, args};

use crate::app::{BODY_BYTES_MAX, Web};
use crate::session::Session;
use crate::{Problem, texts};

/// The header.
pub const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// `true` on an answer that was given before.
pub const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long answers are kept.
pub const KEEP: Duration = Duration::hours(48);
/// Stored answers that are over are removed in portions, with each new one.
const SWEEP_ROWS: i64 = 20;

/// Requests at work in this process, by scope and key.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<(String, String)>>>);

struct Working {
    set: Arc<Mutex<HashSet<(String, String)>>>,
    key: (String, String),
}

impl InFlight {
    fn enter(&self, key: (String, String)) -> Option<Working> {
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        fresh.then(|| Working { set: self.0.clone(), key })
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.set.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// The key of a request; as an extractor it is always there, and does nothing where the caller sent none.
#[derive(Debug, Clone, Default)]
pub struct Idem(Option<Arc<Keyed>>);

#[derive(Debug)]
struct Keyed {
    scope: String,
    key: String,
    /// Of the request; whole once its body was read, which a handler that writes its answer has done.
    request_sha256: Arc<Mutex<Sha256>>,
}

impl<S: Send + Sync> FromRequestParts<S> for Idem {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Idem>().cloned().unwrap_or_default())
    }
}

impl Idem {
    /// Writes the answer in the transaction of the effect, and gives it as a response to return after the commit.
    ///
    /// ```ignore
    /// let answer = idem.finish(&mut tx, StatusCode::CREATED, &report).await?;
    /// tx.commit().await?;
    /// Ok(answer)
    /// ```
    ///
    /// # Errors
    /// 409 when another process has just answered the same key: drop the transaction.
    pub async fn finish(&self, tx: &mut Tx, status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
        let text = serde_json::to_string(body).map_err(Problem::server)?;
        if let Some(keyed) = &self.0 {
            keyed.write(tx, status, &text).await?;
        }
        Ok(json_response(status, text))
    }
}

impl Keyed {
    async fn write(&self, tx: &mut Tx, status: StatusCode, body: &str) -> Result<(), Problem> {
        let now = tx.now();
        let request_sha256 = {
            let hasher = self.request_sha256.lock().unwrap_or_else(PoisonError::into_inner);
            hex::encode(hasher.clone().finalize())
        };
        tx.write(
            "DELETE FROM web_answer WHERE (scope, key) IN
                (SELECT scope, key FROM web_answer WHERE at < $1 ORDER BY at LIMIT $2)",
            args![now - KEEP, SWEEP_ROWS],
        )
        .await?;
        let written = tx
            .execute(
                "INSERT INTO web_answer (scope, key, request_sha256, status, body, at) VALUES ($1,$2,$3,$4,$5,$6)
                 ON CONFLICT (scope, key) DO NOTHING",
                args![&self.scope, &self.key, request_sha256, status.as_u16(), body, now],
            )
            .await?;
        if written == 0 { Err(in_flight()) } else { Ok(()) }
    }
}

fn in_flight() -> Problem {
    Problem::conflict(texts::IDEMPOTENCY_IN_FLIGHT.say(&[]))
}

fn json_response(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Around every route: replays, refuses, or lets through.
pub(crate) async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(KEY_HEADER) {
        return next.run(request).await;
    }
    match once(&web, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(web: &Web, request: Request, next: Next) -> Result<Response, Problem> {
    let key = key_of(request.headers())?;
    let scope = request.extensions().get::<Arc<Session>>().map(|session| session.user_id.to_string());
    let (mut parts, body) = request.into_parts();
    let mut stream = body.into_data_stream();
    let begin = first_bytes(&mut stream).await?;
    if scope.is_none() && !begin.whole {
        // A body beyond the usual limit is for a route that has one of its own; there a stranger's key means nothing.
        return Ok(next.run(Request::from_parts(parts, begin.followed_by(stream, None))).await);
    }
    let scope = scope.unwrap_or_else(|| "public".to_owned());
    let working = web.in_flight().enter((scope.clone(), key.clone())).ok_or_else(in_flight)?;
    let mut hasher = hasher_of(&parts);
    hasher.update(&begin.bytes);
    if let Some(answer) = stored(web, &scope, &key).await? {
        // What follows is only counted in: nothing of it is kept.
        while !begin.whole
            && let Some(bytes) = stream.next().await
        {
            hasher.update(&bytes.map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?);
        }
        return answer.again(&hex::encode(hasher.finalize()));
    }
    let request_sha256 = Arc::new(Mutex::new(hasher));
    let body = begin.followed_by(stream, Some(request_sha256.clone()));
    parts.extensions.insert(Idem(Some(Arc::new(Keyed { scope, key, request_sha256 }))));
    let response = next.run(Request::from_parts(parts, body)).await;
    drop(working);
    Ok(response)
}

/// The beginning of a body.
struct Begin {
    bytes: Bytes,
    /// Whether that is all of it.
    whole: bool,
}

/// Reads a body up to the usual limit of a route. What is longer is for a route with a limit of its own, and is read on
/// there.
async fn first_bytes(stream: &mut BodyDataStream) -> Result<Begin, Problem> {
    let mut read = Vec::new();
    while let Some(bytes) = stream.next().await {
        read.extend_from_slice(&bytes.map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?);
        if read.len() > BODY_BYTES_MAX {
            return Ok(Begin { bytes: Bytes::from(read), whole: false });
        }
    }
    Ok(Begin { bytes: Bytes::from(read), whole: true })
}

impl Begin {
    /// The whole body again: what was read, and the rest as the handler reads it, counted into the digest on its way.
    fn followed_by(self, rest: BodyDataStream, hasher: Option<Arc<Mutex<Sha256>>>) -> Body {
        if self.whole {
            return Body::from(self.bytes);
        }
        let rest = rest.inspect_ok(move |bytes| {
            if let Some(hasher) = &hasher {
                hasher.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
            }
        });
        Body::from_stream(stream::once(async { Ok(self.bytes) }).chain(rest))
    }
}

fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
    let mut keys = headers.get_all(KEY_HEADER).iter();
    let (first, more) = (keys.next(), keys.next());
    let text = first.and_then(|v| v.to_str().ok()).unwrap_or("");
    let fits = (8..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits && more.is_none() {
        return Ok(text.to_owned());
    }
    Err(texts::IDEMPOTENCY_KEY.at("Idempotency-Key", &[]).into())
}

fn hasher_of(parts: &Parts) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update(parts.method.as_str());
    hasher.update([0]);
    hasher.update(parts.uri.to_string());
    hasher.update([0]);
    hasher
}

/// An answer that was given before.
struct Stored {
    request_sha256: String,
    status: i64,
    body: String,
}

impl Stored {
    /// Gives it again, to the same request only.
    fn again(self, request_sha256: &str) -> Result<Response, Problem> {
        if self.request_sha256 != request_sha256 {
            return Err(texts::IDEMPOTENCY_OTHER.at("Idempotency-Key", &[]).into());
        }
        let status =
            u16::try_from(self.status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
        let mut response = json_response(status, self.body);
        response.headers_mut().insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
        Ok(response)
    }
}

async fn stored(web: &Web, scope: &str, key: &str) -> Result<Option<Stored>, Problem> {
    let since = web.db().clock().now() - KEEP;
    let row: Option<(String, i64, String)> = web
        .db()
        .fetch_optional(
            "SELECT request_sha256, status, body FROM web_answer WHERE scope = $1 AND key = $2 AND at >= $3",
            args![scope, key, since],
        )
        .await?;
    if row.is_some() {
        // Whoever hears the answer again hears that it is done.
        web.db().settled().await?;
    }
    Ok(row.map(|(request_sha256, status, body)| Stored { request_sha256, status, body }))
}
