//! Live updates: the journal as server-sent events.
//!
//! The number of an entry is the id of its event, so a reader that was cut off goes on where it stopped
//! (`Last-Event-ID`). Entries are taken from the journal as fast as the reader takes them; nothing piles up for slow
//! ones. The more readers there are, the more entries travel together ([`PAUSE_OF_STREAM`]): a seat with three hundred open
//! consoles does not wake each of them at every commit, and a page gathers for longer than the pause before it asks for
//! anything again. What travels together is a round ([`Round`]): it is read once for all readers, and written out once for
//! all who may see the same. A `position` event at the start and each quarter of a minute keeps the line open, shows the
//! reader that it is, and moves his place past entries that he may not see.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
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
use store::journal::{self, Recorded};
use store::{Db, Rights};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use crate::app::{Live, Reach, Web, Wiring};
use crate::around::RequestContext;
use crate::session::{self, Session};
use crate::shared::journal::{ChangeOutput, EntryOutput};
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
const PAUSE_OF_STREAM: Duration = Duration::from_micros(800);
/// It never rests longer.
const PAUSE_MAX: Duration = Duration::from_millis(250);
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

/// What decides which entries a reader sees, and in what form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sight {
    brief: bool,
    rights: Rights,
    region: Option<String>,
}

impl Sight {
    fn of(session: &Session, brief: bool) -> Self {
        Self { brief, rights: session.who.rights.clone(), region: session.who.region.clone() }
    }
}

/// Entries that travel together: to every reader who stands before the first of them.
#[derive(Debug)]
struct Round {
    /// The last entry before it.
    after: i64,
    /// Its last entry; the reader stands here when he has it.
    last: i64,
    entries: Vec<Arc<Recorded>>,
    /// Those of them that change a user or end a session.
    about_users: Vec<Arc<Recorded>>,
    /// Its events as they travel, by what the readers may see.
    written: std::sync::Mutex<Vec<(Sight, Bytes)>>,
}

impl Round {
    /// Nothing where there are no entries.
    fn of(after: i64, entries: Vec<Arc<Recorded>>) -> Option<Arc<Self>> {
        let last = entries.last()?.seq;
        let about_users = entries.iter().filter(|entry| is_about_users(entry)).cloned().collect();
        Some(Arc::new(Self { after, last, entries, about_users, written: std::sync::Mutex::default() }))
    }

    /// The events for a reader; empty where he may see none of the entries.
    fn events(&self, sight: &Sight, session: &Session, wiring: &Wiring) -> Bytes {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, events)) = written.iter().find(|(other, _)| other == sight) {
            return events.clone();
        }
        let mut events = String::new();
        for entry in self.entries.iter().filter(|entry| may_see(session, wiring, entry)) {
            let data = if sight.brief {
                serde_json::to_string(&ChangeOutput::from(entry.as_ref()))
            } else {
                serde_json::to_string(&EntryOutput::from(entry.as_ref()))
            };
            match data {
                Ok(data) => events.push_str(&format!("event: journal\nid: {}\ndata: {data}\n\n", entry.seq)),
                Err(error) => tracing::error!(seq = entry.seq, %error, "an entry cannot be shown live"),
            }
        }
        let events = Bytes::from(events);
        written.push((sight.clone(), events.clone()));
        events
    }
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Arc<Recorded>>,
    looked: Option<(u64, Instant)>,
    /// The round made last: who stands where it begins gets it too, and who is behind is led to where it ends.
    round: Option<Arc<Round>>,
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

    /// The entries behind `after` that travel next; waits a little for one when there is none.
    async fn after(&self, db: &Db, after: i64) -> store::Result<Option<Arc<Round>>> {
        let seen = db.commits();
        if let Some(found) = self.look(db, after).await? {
            return Ok(Some(found));
        }
        db.changed(seen, LOOK).await;
        self.look(db, after).await
    }

    async fn look(&self, db: &Db, after: i64) -> store::Result<Option<Arc<Round>>> {
        let mut kept = self.kept.lock().await;
        let behind = kept.round.clone().filter(|round| after < round.last);
        if let Some(round) = &behind
            && round.after == after
        {
            return Ok(Some(round.clone()));
        }
        if behind.is_none() {
            kept.read_on(db).await?;
        }
        let begins = kept.entries.front().map(|first| first.seq);
        if begins.is_none_or(|first| after + 1 < first) {
            drop(kept);
            let entries = journal::read_after(db, after, BATCH).await?;
            return Ok(Round::of(after, entries.into_iter().map(Arc::new).collect()));
        }
        let from = kept.entries.partition_point(|entry| entry.seq <= after);
        let until = behind.as_ref().map_or(i64::MAX, |round| round.last);
        let next = kept.entries.iter().skip(from).take(BATCH as usize).take_while(|entry| entry.seq <= until);
        let round = Round::of(after, next.cloned().collect());
        if behind.is_none() && round.is_some() {
            kept.round.clone_from(&round);
        }
        Ok(round)
    }
}

impl Kept {
    /// Reads what was journaled since, unless that was done a moment ago.
    async fn read_on(&mut self, db: &Db) -> store::Result<()> {
        let commits = db.commits();
        if self.looked.is_some_and(|(seen, at)| seen == commits && at.elapsed() < LOOK) {
            return Ok(());
        }
        let last = match self.entries.back() {
            Some(last) => last.seq,
            None => (journal::last_seq(db).await? - BATCH).max(0),
        };
        let new = journal::read_after(db, last, BATCH).await?;
        // A full batch may not be all: then the next look reads on.
        let all = (new.len() as i64) < BATCH;
        self.entries.extend(new.into_iter().map(Arc::new));
        let over = self.entries.len().saturating_sub(LATEST_MAX);
        self.entries.drain(..over);
        self.looked = all.then(|| (commits, Instant::now()));
        Ok(())
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct EventsQuery {
    /// The last entry already seen; left out, the stream begins with what happens next.
    after: Option<i64>,
    /// Number, kind and subject of each entry only: enough to know what to ask for again.
    brief: Option<bool>,
}

/// Streams journal entries as they happen: event `journal`, id = seq, data = entry, or with `brief` its number, kind and
/// subject; only kinds that one may see.
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
    // A place beyond the end is that of a journal that was restored from an older copy: what happens next is told.
    let last = journal::last_seq(web.db()).await?;
    let after = resumed.or(query.after).map_or(last, |after: i64| after.clamp(0, last));
    let place = web.latest().enter(session.user_id).ok_or_else(|| {
        Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).because("all places for live updates are taken")
    })?;
    let live = Following {
        _place: place,
        web,
        wiring,
        context,
        sight: Sight::of(&session, query.brief.unwrap_or(false)),
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
    sight: Sight,
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
            let round = match self.web.latest().after(self.web.db(), self.after).await {
                Ok(Some(round)) => round,
                Ok(None) => continue,
                Err(error) => {
                    tracing::warn!(request_id = %self.context.id, %error, "live updates end: the journal cannot be read");
                    return None;
                }
            };
            self.after = round.last;
            // Whoever logs out, is disabled, or has other rights from now on is told nothing more by the old ones.
            let concerned = round.about_users.iter().any(|entry| is_about(&self.session, entry));
            if concerned && self.look_at_session().await != Standing::LoggedIn {
                return None;
            }
            let events = round.events(&self.sight, &self.session, &self.wiring);
            if !events.is_empty() {
                return Some(events);
            }
        }
    }

    /// Looks at the session as it is now, and goes on with the rights that it has now.
    async fn look_at_session(&mut self) -> Standing {
        self.checked = Instant::now();
        match session::find(&self.web, &self.headers, self.context.remote.as_deref()).await {
            Ok(Some(session)) => {
                self.sight = Sight::of(&session, self.sight.brief);
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

/// Whether an entry tells that somebody, or a session of his, is no longer what it was: each act that changes users or ends
/// sessions is journaled with the user as its subject.
fn is_about_users(entry: &Recorded) -> bool {
    entry.kind.starts_with("user.") || entry.kind == "session.closed"
}

fn is_about(session: &Session, entry: &Recorded) -> bool {
    entry.subject == users::subject(&session.user_id.to_string())
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
