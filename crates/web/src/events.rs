//! Live updates: the journal as server-sent events.
//!
//! The number of an entry is the id of its event, so a reader that was cut off goes on where it stopped
//! (`Last-Event-ID`). Entries are taken from the journal as fast as the reader takes them; nothing piles up for slow
//! ones. The latest entries are read and written out once for all readers, and the more readers there are, the more
//! entries travel together ([`PAUSE_OF_STREAM`]): a reader notices no tenth of a second, and a seat with three hundred
//! open consoles does not wake each of them at every commit. A `position` event at the start and each quarter of a
//! minute keeps the line open, shows the reader that it is, and moves his place past entries that he may not see.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream;
use kernel::UserId;
use serde::Deserialize;
use store::Db;
use store::journal::{self, Recorded};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use crate::app::{Live, Reach, Web, Wiring};
use crate::around::RequestContext;
use crate::session::{self, Session};
use crate::shared::journal::EntryOutput;
use crate::{Problem, Query, users};

/// The position is told when nothing else was for so long.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The session is looked at again so often, beside each time that the journal tells of a change of its user: a stream ends with
/// its session.
const SESSION_CHECK: Duration = Duration::from_secs(15);
/// How long one look at the journal waits at most; entries of other processes are seen after this.
const LOOK: Duration = Duration::from_millis(250);
/// Entries kept in memory for all readers.
const LATEST_MAX: usize = 8_192;
/// Entries taken at once.
const BATCH: i64 = 256;
/// After it has told something, a stream rests for this time for each stream that is open.
const PAUSE_OF_STREAM: Duration = Duration::from_micros(300);
/// It never rests longer.
const PAUSE_MAX: Duration = Duration::from_millis(100);
/// Streams open at once in one process.
const STREAMS_MAX: usize = 1_000;
/// Of them those of one user: a page that opens streams without end takes the places of nobody else.
const STREAMS_OF_USER_MAX: usize = 350;

/// The latest entries, read once however many follow them.
#[derive(Debug)]
pub(crate) struct Latest {
    kept: Mutex<Kept>,
    places: Arc<Semaphore>,
    by_user: Arc<std::sync::Mutex<HashMap<UserId, usize>>>,
}

impl Default for Latest {
    fn default() -> Self {
        Self { kept: Mutex::default(), places: Arc::new(Semaphore::new(STREAMS_MAX)), by_user: Arc::default() }
    }
}

/// An entry, written out for the first reader who may see it.
#[derive(Debug)]
struct Shown {
    entry: Recorded,
    frame: OnceLock<Option<Bytes>>,
}

impl Shown {
    fn new(entry: Recorded) -> Arc<Self> {
        Arc::new(Self { entry, frame: OnceLock::new() })
    }

    /// The event as it travels; none where an entry cannot be written out.
    fn frame(&self) -> Option<&Bytes> {
        let written = || match serde_json::to_string(&EntryOutput::from(&self.entry)) {
            Ok(data) => Some(Bytes::from(format!("event: journal\nid: {}\ndata: {data}\n\n", self.entry.seq))),
            Err(error) => {
                tracing::error!(seq = self.entry.seq, %error, "an entry cannot be shown live");
                None
            }
        };
        self.frame.get_or_init(written).as_ref()
    }
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Arc<Shown>>,
    looked: Option<(u64, Instant)>,
}

/// A place among the streams; dropping it makes room.
struct Place {
    _any: OwnedSemaphorePermit,
    by_user: Arc<std::sync::Mutex<HashMap<UserId, usize>>>,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_user.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                by_user.remove(&self.user);
            }
        }
    }
}

impl Latest {
    fn enter(&self, user: UserId) -> Option<Place> {
        let any = self.places.clone().try_acquire_owned().ok()?;
        let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_user.entry(user).or_default();
        if *count >= STREAMS_OF_USER_MAX {
            return None;
        }
        *count += 1;
        Some(Place { _any: any, by_user: self.by_user.clone(), user })
    }

    /// How long a stream rests after it has told something.
    fn pause(&self) -> Duration {
        let open = STREAMS_MAX.saturating_sub(self.places.available_permits());
        PAUSE_OF_STREAM.saturating_mul(u32::try_from(open).unwrap_or(u32::MAX)).min(PAUSE_MAX)
    }

    /// Entries behind `after`; waits a little for one when there is none.
    async fn after(&self, db: &Db, after: i64) -> store::Result<Vec<Arc<Shown>>> {
        let seen = db.commits();
        let found = self.look(db, after).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        db.changed(seen, LOOK).await;
        self.look(db, after).await
    }

    async fn look(&self, db: &Db, after: i64) -> store::Result<Vec<Arc<Shown>>> {
        let mut kept = self.kept.lock().await;
        let commits = db.commits();
        let fresh = kept.looked.is_some_and(|(seen, at)| seen == commits && at.elapsed() < LOOK);
        if !fresh {
            let last = match kept.entries.back() {
                Some(last) => last.entry.seq,
                None => (journal::last_seq(db).await? - BATCH).max(0),
            };
            let new = journal::read_after(db, last, BATCH).await?;
            // A full batch may not be all: then the next look reads on.
            let all = (new.len() as i64) < BATCH;
            kept.entries.extend(new.into_iter().map(Shown::new));
            let over = kept.entries.len().saturating_sub(LATEST_MAX);
            kept.entries.drain(..over);
            kept.looked = all.then(|| (commits, Instant::now()));
        }
        let begins = kept.entries.front().map(|first| first.entry.seq);
        if begins.is_some_and(|first| after + 1 >= first) {
            let from = kept.entries.partition_point(|shown| shown.entry.seq <= after);
            return Ok(kept.entries.iter().skip(from).take(BATCH as usize).cloned().collect());
        }
        drop(kept);
        Ok(journal::read_after(db, after, BATCH).await?.into_iter().map(Shown::new).collect())
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct EventsQuery {
    /// The last entry already seen; left out, the stream begins with what happens next.
    after: Option<i64>,
}

/// Streams journal entries as they happen: event `journal`, id = seq, data = entry; only kinds that one may see.
/// Event `position` tells the place in the journal, at the start and every 15 seconds at least.
#[utoipa::path(get, path = "/events", tag = "shared", security(("session" = [])), params(EventsQuery),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn stream_events(
    State(web): State<Web>,
    Extension(wiring): Extension<Arc<Wiring>>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let resumed = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|text| text.parse().ok());
    let after = match resumed.or(query.after) {
        Some(after) => after,
        None => journal::last_seq(web.db()).await?,
    };
    let place = web.latest().enter(session.user_id).ok_or_else(|| {
        Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).because("all places for live updates are taken")
    })?;
    let live = Following {
        _place: place,
        web,
        wiring,
        context,
        session,
        headers,
        after,
        begun: false,
        checked: Instant::now(),
        spoke: Instant::now(),
    };
    let head = [
        (header::CONTENT_TYPE, header::HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache")),
        (header::HeaderName::from_static("x-accel-buffering"), header::HeaderValue::from_static("no")),
    ];
    Ok((head, Body::from_stream(live.stream())).into_response())
}

struct Following {
    _place: Place,
    web: Web,
    wiring: Arc<Wiring>,
    context: RequestContext,
    session: Session,
    headers: HeaderMap,
    /// The last entry read.
    after: i64,
    /// Whether the stream has said where it begins.
    begun: bool,
    checked: Instant,
    spoke: Instant,
}

impl Following {
    fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut live| async move {
            let events = live.next().await?;
            live.spoke = Instant::now();
            Some((Ok(events), live))
        })
    }

    /// The next events, as many as there are; none when the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(position(self.after));
        }
        // What happens in this time travels together.
        let rest = self.web.latest().pause().saturating_sub(self.spoke.elapsed());
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
        loop {
            // While the database is away, the next look decides.
            if self.checked.elapsed() >= SESSION_CHECK && self.look_at_session().await == Standing::LoggedOut {
                return None;
            }
            if self.spoke.elapsed() >= HEARTBEAT {
                return Some(position(self.after));
            }
            let entries = match self.web.latest().after(self.web.db(), self.after).await {
                Ok(entries) => entries,
                Err(error) => {
                    tracing::warn!(request_id = %self.context.id, %error, "live updates end: the journal cannot be read");
                    return None;
                }
            };
            let Some(last) = entries.last() else { continue };
            self.after = last.entry.seq;
            // Whoever logs out, is disabled, or has other rights from now on is told nothing more by the old ones.
            let concerned = entries.iter().any(|shown| is_about(&self.session, &shown.entry));
            if concerned && self.look_at_session().await != Standing::LoggedIn {
                return None;
            }
            let mut events = Vec::new();
            for shown in entries.iter().filter(|shown| may_see(&self.session, &self.wiring, &shown.entry)) {
                events.extend_from_slice(shown.frame().map_or(&[], |frame| frame));
            }
            if !events.is_empty() {
                return Some(events.into());
            }
        }
    }

    /// Looks at the session as it is now, and goes on with the rights that it has now.
    async fn look_at_session(&mut self) -> Standing {
        self.checked = Instant::now();
        match session::find(&self.web, &self.headers, self.context.remote.as_deref()).await {
            Ok(Some(session)) => {
                self.session = session;
                Standing::LoggedIn
            }
            Ok(None) => Standing::LoggedOut,
            Err(_) => Standing::Unknown,
        }
    }
}

/// What a look at a session has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    LoggedIn,
    LoggedOut,
    /// The database did not answer.
    Unknown,
}

/// Whether an entry tells that the reader, or a session of his, is no longer what it was: each act that changes users or ends
/// sessions is journaled with the user as its subject.
fn is_about(session: &Session, entry: &Recorded) -> bool {
    let changes = entry.kind.starts_with("user.") || entry.kind == "session.closed";
    changes && entry.subject == users::subject(&session.user_id.to_string())
}

fn position(seq: i64) -> Bytes {
    Bytes::from(format!("event: position\nid: {seq}\ndata: {seq}\n\n"))
}

/// Whether the entry lies in the reader's region, and is of a kind that one of his rights shows. What names no region may
/// be another city's: a reader with a scope sees it only where its kind concerns the whole seat.
fn may_see(session: &Session, wiring: &Wiring, entry: &Recorded) -> bool {
    let who = &session.who;
    let shows = |live: &Live| entry.kind.starts_with(live.prefix) && who.may(live.right);
    match entry.region.as_deref() {
        Some(region) => who.covers(region) && (who.may("journal.read") || wiring.live.iter().any(shows)),
        None if who.sees_what_has_no_region() => who.may("journal.read") || wiring.live.iter().any(shows),
        None => wiring.live.iter().any(|live| live.reach == Reach::Seat && shows(live)),
    }
}
