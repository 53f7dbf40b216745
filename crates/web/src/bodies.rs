//! What bodies may cost: how slowly one may come, and how many bytes of all of them are held at once.
//!
//! The limit on the size of one body stands at its route ([`axum::extract::DefaultBodyLimit`]). Here each request is
//! measured while its body is read, before any handler: one that comes too slowly is given up with 408, and one that no
//! longer fits into what the seat sets aside for all of them with 503. Requests without a session share a part of their
//! own, so that strangers never take the room of those who are at work.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::Problem;

/// Bytes are counted in pieces of this size.
const PIECE_BYTES: usize = 1 << 10;
/// When a seat has no room for a body, the caller may try again after so many seconds.
const RETRY_SECONDS: i64 = 5;

/// Limits on bodies; every one may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes held at once for requests without a session.
    pub strangers_bytes_max: usize,
    /// Bytes held at once for requests with one.
    pub users_bytes_max: usize,
    /// A body must bring [`Self::bytes_least`] in each of these spans, or end.
    pub span: Duration,
    /// Bytes a span brings at least.
    pub bytes_least: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            strangers_bytes_max: 64 << 20,
            users_bytes_max: 256 << 20,
            span: Duration::from_secs(10),
            bytes_least: 10 << 10,
        }
    }
}

/// For whom a body is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody we know yet.
    Stranger,
    /// Somebody with a session, or a partner.
    Known,
}

/// The room that is left.
#[derive(Debug)]
pub(crate) struct Room {
    limits: BodyLimits,
    strangers: Arc<Semaphore>,
    users: Arc<Semaphore>,
}

impl Room {
    pub(crate) fn new(limits: BodyLimits) -> Self {
        let pieces = |bytes: usize| Arc::new(Semaphore::new((bytes / PIECE_BYTES).clamp(1, Semaphore::MAX_PERMITS)));
        Self { limits, strangers: pieces(limits.strangers_bytes_max), users: pieces(limits.users_bytes_max) }
    }

    fn of(&self, caller: Caller) -> Arc<Semaphore> {
        match caller {
            Caller::Stranger => self.strangers.clone(),
            Caller::Known => self.users.clone(),
        }
    }
}

/// Why a body was given up.
#[derive(Debug, Default)]
struct GivenUp(AtomicU8);

impl GivenUp {
    const SLOW: u8 = 1;
    const FULL: u8 = 2;

    fn because(&self, why: u8) -> axum::Error {
        self.0.store(why, Ordering::Relaxed);
        axum::Error::new(std::io::Error::other(if why == Self::SLOW { "the body comes too slowly" } else { "no room" }))
    }

    fn problem(&self) -> Option<Problem> {
        match self.0.load(Ordering::Relaxed) {
            Self::SLOW => Some(Problem::of_status(StatusCode::REQUEST_TIMEOUT)),
            Self::FULL => Some(
                Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)
                    .retry_after(RETRY_SECONDS)
                    .because("no room for more bodies"),
            ),
            _ => None,
        }
    }
}

/// Measures the body of a request while the rest of the layers and the handler read it.
pub(crate) async fn measured(room: &Room, caller: Caller, request: Request, next: Next) -> Response {
    let given_up = Arc::new(GivenUp::default());
    // Until the answer is there: what was read stands in the handler's memory as long.
    let held = Arc::new(Mutex::new(Vec::new()));
    let (parts, body) = request.into_parts();
    let size = http_body_hint(&body);
    let body = if size == Some(0) {
        body
    } else {
        let reading = Reading {
            stream: body.into_data_stream(),
            room: room.of(caller),
            limits: room.limits,
            given_up: given_up.clone(),
            held: held.clone(),
            loose: 0,
            span_ends: None,
            span_bytes: 0,
        };
        Body::from_stream(stream::unfold(reading, Reading::step).fuse())
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    drop(held);
    match given_up.problem() {
        Some(problem) => problem.into_response(),
        None => response,
    }
}

fn http_body_hint(body: &Body) -> Option<u64> {
    use axum::body::HttpBody;
    body.size_hint().exact()
}

fn hold(held: &Mutex<Vec<OwnedSemaphorePermit>>, permit: OwnedSemaphorePermit) {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    match held.first_mut() {
        Some(first) => first.merge(permit),
        None => held.push(permit),
    }
}

struct Reading {
    stream: axum::body::BodyDataStream,
    room: Arc<Semaphore>,
    limits: BodyLimits,
    given_up: Arc<GivenUp>,
    held: Arc<Mutex<Vec<OwnedSemaphorePermit>>>,
    /// Bytes read that no permit counts yet.
    loose: usize,
    span_ends: Option<Instant>,
    span_bytes: usize,
}

impl Reading {
    async fn step(mut self) -> Option<(Result<Bytes, axum::Error>, Self)> {
        let outcome = self.next().await?;
        Some((outcome, self))
    }

    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let ends = *self.span_ends.get_or_insert_with(|| Instant::now() + self.limits.span);
        let Ok(frame) = tokio::time::timeout_at(ends, self.stream.next()).await else {
            return Some(Err(self.given_up.because(GivenUp::SLOW)));
        };
        let bytes = match frame? {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(error)),
        };
        self.span_bytes += bytes.len();
        // A span also ends where the handler was at work and asked for nothing meanwhile.
        if self.span_bytes >= self.limits.bytes_least || Instant::now() > ends {
            self.span_bytes = 0;
            self.span_ends = None;
        }
        self.loose += bytes.len();
        let pieces = u32::try_from(self.loose / PIECE_BYTES).unwrap_or(u32::MAX);
        if pieces > 0 {
            match self.room.clone().try_acquire_many_owned(pieces) {
                Ok(permit) => hold(&self.held, permit),
                Err(_) => return Some(Err(self.given_up.because(GivenUp::FULL))),
            }
            self.loose %= PIECE_BYTES;
        }
        Some(Ok(bytes))
    }
}
