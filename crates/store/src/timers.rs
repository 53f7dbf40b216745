//! Deadlines as rows. A timer is handed to its desk when due, at least once: handling must be idempotent, and ends
//! with [`done`] in the same transaction as its effect.

use std::time::Duration as Wait;

use kernel::{Duration, Timestamp};

use crate::health::{SILENT_MAX, caught};
use crate::{BoxError, Cause, Db, Result, Tx, args, cause_of};

/// How long a claimed timer is kept from other workers.
pub const LEASE: Duration = Duration::seconds(30);
/// A timer that failed so often is stuck: an administrator sees it. It is tried again all the same.
pub const STUCK_AFTER: i64 = 5;
/// The longest pause between two attempts of a timer that fails by its content.
const PAUSE_MAX: Duration = Duration::minutes(10);
/// A timer that failed so often by what may be the surroundings or the content fails by its content.
const DOUBTFUL_AFTER: i64 = 16;
/// The longest pause where the surroundings are at fault.
const PAUSE_TRANSIENT_MAX: Duration = Duration::seconds(20);
/// Longest reason that is written down, in characters.
const REASON_MAX: usize = 500;
/// Timers taken at once.
const AT_ONCE: i64 = 64;
/// How long the runner sleeps at most: another process may set a timer, and this one does not tell of deadlines further
/// off.
const LOOK_AGAIN: Wait = Wait::from_millis(500);
/// How long it sleeps at least.
const SLEEP_MIN: Wait = Wait::from_millis(5);

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Unique name, for instance `stop.lapse:<order>`; setting it again moves the deadline.
    pub key: String,
    /// What it is for; a desk handles its own kinds.
    pub kind: String,
    /// Whom it is about.
    pub subject: String,
    /// When it is due.
    pub due: Timestamp,
    /// How many times it was handed out, this time included.
    pub attempt: i64,
}

type Row = (String, String, String, i64, i64);

fn timer((key, kind, subject, due, attempt): Row) -> Timer {
    Timer { key, kind, subject, due: Timestamp(due), attempt }
}

/// Sets or moves a deadline.
pub async fn set(tx: &mut Tx, key: &str, kind: &str, subject: &str, due: Timestamp) -> Result<()> {
    tx.write(
        "INSERT INTO timer (key, kind, subject, due, lease_until, attempt) VALUES ($1,$2,$3,$4,0,0)
         ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, due = excluded.due,
            lease_until = 0, attempt = 0, reason = NULL, failed_at = NULL, region = NULL",
        args![key, kind, subject, due],
    )
    .await?;
    // Most deadlines are far off, and found when somebody looks again.
    if tx.db().clock().wait_until(due) <= LOOK_AGAIN {
        tx.deadline_near();
    }
    Ok(())
}

/// Takes a deadline back; nothing happens when there is none.
pub async fn cancel(tx: &mut Tx, key: &str) -> Result<()> {
    tx.write("DELETE FROM timer WHERE key = $1", args![key]).await?;
    Ok(())
}

/// Takes the timers of the given kinds that are due, and keeps them from other workers for [`LEASE`].
/// `kind_prefix` is for instance `stop.`; at most `limit` are taken, earliest first.
pub async fn claim_due(db: &Db, kind_prefix: &str, limit: i64) -> Result<Vec<Timer>> {
    let now = db.clock().now();
    let waiting: Option<(i64,)> = db
        .fetch_optional(
            "SELECT due FROM timer WHERE due <= $1 AND lease_until <= $1 AND kind LIKE $2 LIMIT 1",
            args![now, format!("{kind_prefix}%")],
        )
        .await?;
    if waiting.is_none() {
        return Ok(Vec::new());
    }
    let mut tx = db.begin().await?;
    let rows: Vec<Row> = tx
        .fetch_all(
            "UPDATE timer SET lease_until = $1, attempt = attempt + 1
             WHERE lease_until <= $2 AND key IN (
                 SELECT key FROM timer WHERE due <= $2 AND lease_until <= $2 AND kind LIKE $3 ORDER BY due LIMIT $4)
             RETURNING key, kind, subject, due, attempt",
            args![now + LEASE, now, format!("{kind_prefix}%"), limit],
        )
        .await?;
    tx.commit().await?;
    let mut timers: Vec<Timer> = rows.into_iter().map(timer).collect();
    timers.sort_by(|a, b| (a.due, &a.key).cmp(&(b.due, &b.key)));
    Ok(timers)
}

/// Ends a timer that was handed out. `false` when it was cancelled or moved meanwhile: then leave the effect undone.
pub async fn done(tx: &mut Tx, timer: &Timer) -> Result<bool> {
    let gone = tx.execute("DELETE FROM timer WHERE key = $1 AND due = $2", args![&timer.key, timer.due]).await?;
    Ok(gone > 0)
}

/// When the next timer of the kinds can be taken, to know how long to sleep.
pub async fn next_due(db: &Db, kind_prefix: &str) -> Result<Option<Timestamp>> {
    let row: Option<(i64,)> = db
        .fetch_optional(
            "SELECT CASE WHEN due > lease_until THEN due ELSE lease_until END AS ready FROM timer
             WHERE kind LIKE $1 ORDER BY ready LIMIT 1",
            args![format!("{kind_prefix}%")],
        )
        .await?;
    Ok(row.map(|(due,)| Timestamp(due)))
}

/// A desk with timers.
pub trait Clockwork: Send + Sync {
    /// With what the kinds of its timers begin, for instance `stop.`.
    fn prefix(&self) -> &'static str;
    /// Every kind of its timers. A timer of another kind under its prefix is a fault that is shown, not passed over.
    fn kinds(&self) -> &'static [&'static str];
    /// How long handling one timer may take at most, before the desk counts as hanging.
    fn silent_max(&self) -> Wait {
        SILENT_MAX
    }
    /// The subject under which the journal knows what a timer is about: a timer that is stuck is shown in its region.
    fn journal_subject(&self, timer: &Timer) -> String {
        timer.subject.clone()
    }
    /// Does what is due. Ends with [`done`] in the same transaction as the effect.
    fn handle(&self, db: &Db, timer: &Timer) -> impl Future<Output = std::result::Result<(), BoxError>> + Send;
}

/// Handles the timers of a desk for ever. Cancel it by dropping the future.
///
/// A timer that fails delays no other: it is tried again after a pause that grows, and from [`STUCK_AFTER`] attempts on
/// it is shown to an administrator with the reason.
pub async fn run(db: Db, desk: impl Clockwork) {
    let prefix = desk.prefix();
    let worker = db.worker(&format!("timers.{}", prefix.trim_end_matches('.')), desk.silent_max());
    loop {
        let seen = db.deadlines();
        match round(&db, &desk, || worker.round()).await {
            Ok(Round { taken, failed: None }) => {
                worker.round();
                if taken > 0 {
                    continue;
                }
            }
            Ok(Round { taken, failed: Some(why) }) => {
                worker.failed(&why);
                if taken > 0 {
                    continue;
                }
            }
            Err(error) => {
                tracing::warn!(prefix, %error, "timers cannot be read");
                worker.failed(&error);
            }
        }
        let wait = match next_due(&db, prefix).await {
            Ok(Some(due)) => db.clock().wait_until(due).clamp(SLEEP_MIN, LOOK_AGAIN),
            Ok(None) => LOOK_AGAIN,
            Err(error) => {
                worker.failed(&error);
                LOOK_AGAIN
            }
        };
        db.deadline_changed(seen, wait).await;
    }
}

/// What one round came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Timers taken.
    pub taken: usize,
    /// Why the last one failed that did.
    pub failed: Option<String>,
}

/// Takes what is due and handles each by itself; tells after each.
///
/// # Errors
/// The timers cannot be read.
pub async fn round(db: &Db, desk: &impl Clockwork, mut told: impl FnMut()) -> Result<Round> {
    let due = claim_due(db, desk.prefix(), AT_ONCE).await?;
    let mut round = Round { taken: due.len(), failed: None };
    for timer in due {
        let outcome = if desk.kinds().contains(&timer.kind.as_str()) {
            caught(desk.handle(db, &timer)).await
        } else {
            Err(format!("nobody handles timers of the kind {}", timer.kind).into())
        };
        if let Err(error) = outcome {
            let why = error.to_string();
            tracing::warn!(key = timer.key, attempt = timer.attempt, error = why, "a timer could not be handled");
            metrics::counter!("timer_failures_total", "kind" => timer.kind.clone()).increment(1);
            let about = desk.journal_subject(&timer);
            if let Err(error) = failed(db, &timer, &about, &why, cause_of(error.as_ref())).await {
                // Its lease brings it back.
                tracing::warn!(key = timer.key, %error, "the failure of a timer could not be written down");
            }
            round.failed = Some(why);
        }
        told();
    }
    Ok(round)
}

/// Notes why a timer failed, and when it is tried again.
async fn failed(db: &Db, timer: &Timer, about: &str, why: &str, cause: Cause) -> Result<()> {
    let doublings = u32::try_from(timer.attempt.clamp(1, 12) - 1).unwrap_or(0);
    let most = match cause {
        Cause::Surroundings => PAUSE_TRANSIENT_MAX,
        Cause::Doubtful if timer.attempt < DOUBTFUL_AFTER => PAUSE_TRANSIENT_MAX,
        Cause::Doubtful | Cause::Content => PAUSE_MAX,
    };
    let pause = Duration::millis(500i64 << doublings).min(most);
    let mut tx = db.begin().await?;
    let now = tx.now();
    let reason: String = why.chars().take(REASON_MAX).collect();
    let region = crate::journal::region_of(&mut tx, about).await?;
    tx.write(
        "UPDATE timer SET lease_until = $1, reason = $2, failed_at = COALESCE(failed_at, $3), region = $4
         WHERE key = $5 AND due = $6",
        args![now + pause, &reason, now, region, &timer.key, timer.due],
    )
    .await?;
    tx.commit().await
}
