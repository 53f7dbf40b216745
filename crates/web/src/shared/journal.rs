//! The journal, as routes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Said, Timestamp};
use serde::{Deserialize, Serialize};
use store::journal::stuck::{self, Stuck, Which};
use store::journal::{self, Filter, Recorded, Verification};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Web;
use crate::{Json, List, Problem, Query, Session, cursor, read_cursor, texts};

/// Entries in one answer, unless fewer are asked for.
const LIMIT_MAX: i64 = 200;

/// An entry of the journal. Personal data is never in it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntryOutput {
    /// Number, from 1 without a gap.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The seat in which it happened.
    pub seat: String,
    /// About what, for instance `order:<id>`.
    pub subject: String,
    /// The case to which it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
    /// Six-digit region code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What happened, for instance `order.approved`.
    pub kind: String,
    /// Why personal data was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The public part.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// Whether there is a personal part, which is kept encrypted.
    pub private: bool,
    /// Hash of the entry in the chain, hex.
    pub hash: String,
}

impl From<&Recorded> for EntryOutput {
    fn from(entry: &Recorded) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            actor: entry.actor.clone(),
            seat: entry.seat.clone(),
            subject: entry.subject.clone(),
            case_id: entry.case_id.clone(),
            region: entry.region.clone(),
            kind: entry.kind.clone(),
            purpose: entry.purpose.clone(),
            body: entry.json(),
            private: entry.private.is_some(),
            hash: hex::encode(entry.hash),
        }
    }
}

/// That something happened, as a live page needs it.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeOutput<'a> {
    seq: i64,
    kind: &'a str,
    subject: &'a str,
}

impl<'a> From<&'a Recorded> for ChangeOutput<'a> {
    fn from(entry: &'a Recorded) -> Self {
        Self { seq: entry.seq, kind: &entry.kind, subject: &entry.subject }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct JournalQuery {
    /// Exactly this subject.
    subject: Option<String>,
    /// This case.
    case: Option<String>,
    /// Kinds that begin so, for instance `order.`.
    kind: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
}

/// The verification under way in this process, and what the last one found.
#[derive(Clone, Default)]
struct Verifying(std::sync::Arc<Mutex<VerificationState>>);

impl Verifying {
    fn state(&self) -> MutexGuard<'_, VerificationState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one, unless one is under way: it keeps one of few connections busy for as long as the journal is long.
    fn begin(&self, web: &Web) {
        let mut state = self.state();
        if state.running_since.is_some() {
            return;
        }
        state.running_since = Some(web.db().clock().now());
        drop(state);
        let (web, running) = (web.clone(), Running(self.clone()));
        tokio::spawn(async move {
            let outcome = journal::verify(web.db(), web.settings().sealer.as_deref()).await;
            let at = web.db().clock().now();
            let mut state = running.0.state();
            match outcome {
                Ok(found) => {
                    state.last = Some(VerificationOutput::of(found, at));
                    state.failed = None;
                }
                Err(error) => {
                    tracing::error!(%error, "the journal could not be verified");
                    state.failed = Some(VerificationFailure { at, said: error.said() });
                }
            }
            drop(state);
            drop(running);
        });
    }
}

/// A verification under way; however it ends, the next one may begin.
struct Running(Verifying);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.state().running_since = None;
    }
}

pub(crate) fn router(web: &Web) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_entries))
        .routes(routes!(read_verification, verify_journal))
        .routes(routes!(list_stuck))
        .routes(routes!(retry_stuck))
        .with_state(Shared { web: web.clone(), verifying: Verifying::default() })
}

#[derive(Clone)]
struct Shared {
    web: Web,
    verifying: Verifying,
}

/// Reads the journal, the newest entry first.
#[utoipa::path(get, path = "/journal", tag = "journal", security(("session" = ["journal.read"])),
    params(JournalQuery), responses((status = 200, body = List<EntryOutput>)))]
async fn list_entries(
    State(shared): State<Shared>,
    session: Session,
    Query(query): Query<JournalQuery>,
) -> Result<Json<List<EntryOutput>>, Problem> {
    let limit = query.limit.unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX);
    let before = match &query.cursor {
        Some(text) => Some(read_cursor(text)?.parse::<i64>().map_err(|_| texts::CURSOR.at("cursor", &[]))?),
        None => None,
    };
    let filter =
        Filter { subject: query.subject, case_id: query.case, kind_prefix: query.kind, before, limit: limit + 1 };
    let entries = journal::query(shared.web.db(), &session.who, &filter).await?;
    let more = entries.len() as i64 > limit;
    let items: Vec<EntryOutput> =
        entries.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).map(EntryOutput::from).collect();
    let next = items.last().filter(|_| more).map(|last| cursor(&last.seq.to_string()));
    Ok(Json(List { items, next }))
}

/// How far the journal is whole.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct VerificationOutput {
    /// Whether every entry and every seal fits.
    ok: bool,
    /// Entries looked at.
    entries: i64,
    /// The first entry that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad: Option<i64>,
    /// Why it does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Said>,
    /// Hash of the last good entry, hex.
    head_hash: String,
    /// The last entry covered by a good seal; 0 when there is none.
    sealed_seq: i64,
    /// The last entry that the anchor outside the database names; 0 when there is no anchor.
    anchored_seq: i64,
    /// The last entry for which a partner has signed, by a receipt in the anchor; 0 when there is none.
    witnessed_seq: i64,
    /// That partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<String>,
    /// The last entry with a good time stamp (RFC 3161) in the anchor; 0 when there is none.
    stamped_seq: i64,
    /// The time of the authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    stamped_at: Option<Timestamp>,
    /// Lines of the anchor that count as nothing, and why.
    doubts: Vec<Said>,
    /// When this was looked at.
    at: Timestamp,
}

impl VerificationOutput {
    fn of(found: Verification, at: Timestamp) -> Self {
        Self {
            ok: found.ok,
            entries: found.entries,
            first_bad: found.first_bad,
            reason: found.reason,
            head_hash: found.head_hash,
            sealed_seq: found.sealed_seq,
            anchored_seq: found.anchored_seq,
            witnessed_seq: found.witnessed_seq,
            witness: found.witness,
            stamped_seq: found.stamped_seq,
            stamped_at: found.stamped_at,
            doubts: found.doubts,
            at,
        }
    }
}

/// Where the verification of the journal stands.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
struct VerificationState {
    /// Since when one is under way; absent when none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    running_since: Option<Timestamp>,
    /// What the last one found; absent when there was none since the seat started.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<VerificationOutput>,
    /// Why one after it came to no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<VerificationFailure>,
}

/// A verification that came to no end, and so says nothing of the journal.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct VerificationFailure {
    /// When.
    at: Timestamp,
    /// Why.
    said: Said,
}

/// Tells what the last verification found, and whether one is under way.
#[utoipa::path(get, path = "/journal/verification", tag = "journal", security(("session" = ["journal.read"])),
    responses((status = 200, body = VerificationState)))]
async fn read_verification(State(shared): State<Shared>) -> Json<VerificationState> {
    Json(shared.verifying.state().clone())
}

/// Begins to walk the chain from the first entry, unless that is under way. It takes as long as the journal is long;
/// `GET` tells when it is done and names the first entry that does not fit.
#[utoipa::path(post, path = "/journal/verification", tag = "journal", security(("session" = ["journal.read"])),
    responses((status = 202, body = VerificationState)))]
async fn verify_journal(State(shared): State<Shared>) -> (StatusCode, Json<VerificationState>) {
    shared.verifying.begin(&shared.web);
    (StatusCode::ACCEPTED, Json(shared.verifying.state().clone()))
}

/// Lists the stuck work: journal entries that a desk put aside, and timers that fail again and again, with the reason.
#[utoipa::path(get, path = "/journal/stuck", tag = "journal", security(("session" = ["journal.retry"])),
    responses((status = 200, body = List<Stuck>)))]
async fn list_stuck(State(shared): State<Shared>, session: Session) -> Result<Json<List<Stuck>>, Problem> {
    let items = stuck::list(shared.web.db(), &session.who).await?;
    Ok(Json(List { items, next: None }))
}

/// Which stuck work is tried again: an entry by `desk` and `seq`, or a timer by `timer`; all of it when none is named. A
/// partner that has signed for another journal is dismissed by `desk` and `seq`, and by nothing else.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RetryInput {
    /// The desk that put the entry aside.
    desk: Option<String>,
    /// The entry.
    seq: Option<i64>,
    /// The timer.
    timer: Option<String>,
}

/// What was asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RetryOutput {
    /// Pieces of work that are tried again.
    asked: u64,
}

/// Has stuck work tried again, in its order. The seat does so within a second; what fails again stays in the list with
/// the new reason.
#[utoipa::path(post, path = "/journal/stuck/retry", tag = "journal", security(("session" = ["journal.retry"])),
    request_body = RetryInput, responses((status = 200, body = RetryOutput)))]
async fn retry_stuck(
    State(shared): State<Shared>,
    session: Session,
    Json(input): Json<RetryInput>,
) -> Result<Json<RetryOutput>, Problem> {
    let which = match (input.desk, input.seq, input.timer) {
        (None, None, None) => Which::All,
        (Some(desk), Some(seq), None) => Which::Entry { desk, seq },
        (None, None, Some(timer)) => Which::Timer(timer),
        (None, Some(_), _) => return Err(texts::JSON_MISSING.at("desk", &[]).into()),
        (Some(_), None, _) => return Err(texts::JSON_MISSING.at("seq", &[]).into()),
        (Some(_), Some(_), Some(_)) => return Err(texts::ENTRY_OR_TIMER.at("timer", &[]).into()),
    };
    let mut tx = shared.web.db().begin().await?;
    let asked = stuck::ask_retry(&mut tx, &session.who, &which).await?;
    tx.commit().await?;
    Ok(Json(RetryOutput { asked }))
}
