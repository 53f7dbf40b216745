//! Live updates: the journal as server-sent events.
//!
//! The number of an entry is the id of its event, so a reader that was cut off goes on where it stopped
//! (`Last-Event-ID`). Entries are read from the database as fast as the reader takes them; nothing piles up for slow
//! ones. A comment each quarter of a minute keeps the line open, and a `position` event moves the reader's place
//! past entries that he may not see.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream;
use serde::Deserialize;
use store::journal::{self, Recorded};

use crate::app::{Web, Wiring};
use crate::around::RequestContext;
use crate::session::{self, Session};
use crate::shared::journal::EntryOutput;
use crate::{Problem, Query};

/// A comment is sent when nothing else was for so long.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The session is looked at again so often; a stream ends with its session.
const SESSION_CHECK: Duration = Duration::from_secs(15);
/// How long one look at the journal waits at most.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct EventsQuery {
    /// The last entry already seen; left out, the stream begins with what happens next.
    after: Option<i64>,
}

/// Streams journal entries as they happen: event `journal`, id = seq, data = entry. Only kinds that one may see.
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
    let live = Live {
        web,
        wiring,
        context,
        session,
        headers,
        after,
        told: after,
        waiting: std::collections::VecDeque::new(),
        checked: Instant::now(),
        spoke: Instant::now(),
    };
    let mut response = Sse::new(live.stream()).into_response();
    response.headers_mut().insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    Ok(response)
}

struct Live {
    web: Web,
    wiring: Arc<Wiring>,
    context: RequestContext,
    session: Session,
    headers: HeaderMap,
    /// The last entry read.
    after: i64,
    /// The last number that the reader was told.
    told: i64,
    waiting: std::collections::VecDeque<Event>,
    checked: Instant,
    spoke: Instant,
}

impl Live {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut live| async move {
            let event = live.next().await?;
            live.spoke = Instant::now();
            Some((Ok(event), live))
        })
    }

    /// The next event; none when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.checked.elapsed() >= SESSION_CHECK && !self.still_logged_in().await {
                return None;
            }
            if self.spoke.elapsed() >= HEARTBEAT {
                return Some(self.heartbeat());
            }
            let entries = match journal::tail(self.web.db(), self.after, LOOK).await {
                Ok(entries) => entries,
                Err(error) => {
                    tracing::warn!(request_id = %self.context.id, %error, "live updates end: the journal cannot be read");
                    return None;
                }
            };
            for entry in &entries {
                self.after = entry.seq;
                if may_see(&self.session, &self.wiring, entry)
                    && let Some(event) = event_of(entry)
                {
                    self.told = entry.seq;
                    self.waiting.push_back(event);
                }
            }
        }
    }

    fn heartbeat(&mut self) -> Event {
        if self.told == self.after {
            return Event::default().comment("alive");
        }
        self.told = self.after;
        Event::default().event("position").id(self.after.to_string()).data(self.after.to_string())
    }

    async fn still_logged_in(&mut self) -> bool {
        self.checked = Instant::now();
        match session::find(&self.web, &self.headers, self.context.remote.as_deref()).await {
            Ok(Some(session)) => {
                self.session = session;
                true
            }
            Ok(None) => false,
            // The database is away for a moment; the next look decides.
            Err(_) => true,
        }
    }
}

fn event_of(entry: &Recorded) -> Option<Event> {
    Event::default().event("journal").id(entry.seq.to_string()).json_data(EntryOutput::from(entry)).ok()
}

/// Whether the entry lies in the reader's region, and is of a kind that one of his rights shows.
fn may_see(session: &Session, wiring: &Wiring, entry: &Recorded) -> bool {
    let who = &session.who;
    let in_scope = entry.region.as_deref().is_none_or(|region| who.covers(region));
    let shown = || wiring.live.iter().any(|(prefix, right)| entry.kind.starts_with(prefix) && who.may(right));
    in_scope && (who.may("journal.read") || shown())
}
