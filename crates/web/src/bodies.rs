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
/// A file that is sent has to be there after so long.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(900);
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

tokio::task_local! {
    /// The body of the request that this task answers.
    static ON_ITS_WAY: Arc<OnItsWay>;
}

/// How far the body of a request has got. A file goes to the disk piece by piece: what was written takes no room any
/// more, and while pieces come, the time for the answer has not begun.
#[derive(Debug)]
pub(crate) struct OnItsWay {
    held: Mutex<Vec<OwnedSemaphorePermit>>,
    began: Instant,
    moved: Mutex<Instant>,
}

impl Default for OnItsWay {
    fn default() -> Self {
        let now = Instant::now();
        Self { held: Mutex::default(), began: now, moved: Mutex::new(now) }
    }
}

impl OnItsWay {
    fn held(&self) -> std::sync::MutexGuard<'_, Vec<OwnedSemaphorePermit>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moved(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, permit: OwnedSemaphorePermit) {
        let mut held = self.held();
        match held.first_mut() {
            Some(first) => first.merge(permit),
            None => held.push(permit),
        }
    }

    /// When the answer has to be there.
    fn due(&self, answer: Duration) -> Instant {
        (*self.moved()).min(self.began + UPLOAD_TIME_MAX) + answer
    }
}

/// What was read of the body of this request so far stands on the disk.
pub(crate) fn written() {
    // Outside of a request, in tests, nobody counts.
    let _nobody = ON_ITS_WAY.try_with(|way| {
        way.held().clear();
        *way.moved() = Instant::now();
    });
}

/// Awaits an answer for so long, counted from where the last piece of a file was written.
pub(crate) async fn in_time<T>(answer: Duration, work: impl Future<Output = T>) -> Option<T> {
    let way = Arc::new(OnItsWay::default());
    let work = ON_ITS_WAY.scope(way.clone(), work);
    tokio::pin!(work);
    loop {
        let due = way.due(answer);
        match tokio::time::timeout_at(due, &mut work).await {
            Ok(done) => return Some(done),
            Err(_elapsed) if way.due(answer) > due => {}
            Err(_elapsed) => return None,
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
    // Held until the answer is there, for what was read stands in the handler's memory as long, or until it is written.
    let way = ON_ITS_WAY.try_with(Arc::clone).unwrap_or_default();
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
            way: way.clone(),
            loose: 0,
            begun: false,
            span_ends: None,
            span_bytes: 0,
        };
        Body::from_stream(stream::unfold(reading, Reading::step).fuse())
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    way.held().clear();
    match given_up.problem() {
        Some(problem) => problem.into_response(),
        None => response,
    }
}

fn http_body_hint(body: &Body) -> Option<u64> {
    use axum::body::HttpBody;
    body.size_hint().exact()
}

struct Reading {
    stream: axum::body::BodyDataStream,
    room: Arc<Semaphore>,
    limits: BodyLimits,
    given_up: Arc<GivenUp>,
    way: Arc<OnItsWay>,
    /// Bytes read that no permit counts yet.
    loose: usize,
    /// Whether a piece was handed on.
    begun: bool,
    span_ends: Option<Instant>,
    span_bytes: usize,
}

impl Reading {
    async fn step(mut self) -> Option<(Result<Bytes, axum::Error>, Self)> {
        // Piece by piece: a reader of forms takes in all that is at hand before it hands on the first of it.
        if self.begun {
            tokio::task::yield_now().await;
        }
        self.begun = true;
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
                Ok(permit) => self.way.hold(permit),
                Err(_) => return Some(Err(self.given_up.because(GivenUp::FULL))),
            }
            self.loose %= PIECE_BYTES;
        }
        Some(Ok(bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{OnItsWay, UPLOAD_TIME_MAX};

    #[test]
    fn the_time_for_an_answer_begins_when_the_last_piece_is_written_and_no_file_comes_for_ever() {
        const ANSWER: Duration = Duration::from_secs(30);
        let way = OnItsWay::default();
        assert_eq!(way.due(ANSWER), way.began + ANSWER);
        let later = Duration::from_secs(300);
        *way.moved() = way.began + later;
        assert_eq!(way.due(ANSWER), way.began + later + ANSWER);
        *way.moved() = way.began + 2 * UPLOAD_TIME_MAX;
        assert_eq!(way.due(ANSWER), way.began + UPLOAD_TIME_MAX + ANSWER);
    }
}
