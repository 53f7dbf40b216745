//! Work that does not get done: entries that a desk put aside, the one at which a desk is held up, and timers that fail
//! again and again. An administrator sees them with the reason and has them tried again. Partners that have signed for
//! another journal stand in the same list, until somebody has found out why and dismisses them.

use kernel::{Duration, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::Entry;
use super::read::{COLUMNS, Recorded, Row, recorded};
use super::witness::{self, CONTRADICTED, PARTNER};
use crate::{Db, Error, Result, Tx, Who, args, timers};

/// The right to see stuck work and to have it tried again.
pub const RIGHT: &str = "journal.retry";
/// Most pieces of stuck work that one look gives.
const LIMIT: i64 = 500;
/// Longest reason that is written down, in characters.
const REASON_MAX: usize = 500;
/// Pause before a retry that failed because of the surroundings is tried again.
const RETRY_PAUSE: Duration = Duration::seconds(5);

/// A piece of stuck work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Stuck {
    /// The desk that could not handle it; for a timer its kind; `partner:<id>` for a partner that has signed for another
    /// journal (`journal.contradicted`).
    pub desk: String,
    /// The journal entry; absent for a timer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// Name of the timer; absent for an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timer: Option<String>,
    /// What happened, or what the timer is for.
    pub kind: String,
    /// About whom or what.
    pub subject: String,
    /// Six-digit region code of what it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Since when it is stuck.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed the last time.
    pub reason: String,
    /// Whether a new attempt is asked for and has not come yet, or comes by itself: the desk waits at this entry. A timer
    /// is tried again by itself too, with long pauses.
    pub retrying: bool,
}

/// Which stuck work is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of it.
    All,
    /// One entry of one desk.
    Entry {
        /// The desk.
        desk: String,
        /// The entry.
        seq: i64,
    },
    /// One timer.
    Timer(String),
}

/// How much work is stuck: entries with partners that contradict the journal, timers.
pub async fn count(db: &Db) -> Result<(i64, i64)> {
    db.fetch_one(
        "SELECT (SELECT COUNT(*) FROM journal_stuck) + (SELECT COUNT(*) FROM journal_waiting w
                 LEFT JOIN journal_cursor c ON c.name = w.name WHERE w.seq > COALESCE(c.seq, 0))
            + (SELECT COUNT(*) FROM journal_contradiction WHERE dismissed_at IS NULL),
            (SELECT COUNT(*) FROM timer WHERE reason IS NOT NULL AND attempt >= $1)",
        args![timers::STUCK_AFTER],
    )
    .await
}

/// The stuck work within the region scope of the caller: partners that contradict the journal, entries at which a desk
/// waits, entries put aside in their order, then timers; needs `journal.retry`.
pub async fn list(db: &Db, who: &Who) -> Result<Vec<Stuck>> {
    who.require(RIGHT)?;
    type EntryRow = (String, i64, String, String, Option<String>, i64, i64, String, Option<i64>);
    let entries: Vec<EntryRow> = db
        .fetch_all(
            "SELECT name, seq, kind, subject, region, at, attempts, reason, retry_at FROM journal_stuck
             WHERE region LIKE $1 OR (region IS NULL AND $3) ORDER BY seq, name LIMIT $2",
            args![who.region_pattern(), LIMIT, who.sees_what_has_no_region()],
        )
        .await?;
    // A row that the cursor has passed was left behind by a process that ended.
    let waiting: Vec<EntryRow> = db
        .fetch_all(
            "SELECT w.name, w.seq, w.kind, w.subject, w.region, w.at, w.attempts, w.reason, w.at FROM journal_waiting w
             LEFT JOIN journal_cursor c ON c.name = w.name
             WHERE w.seq > COALESCE(c.seq, 0) AND (w.region LIKE $1 OR (w.region IS NULL AND $2)) ORDER BY w.name",
            args![who.region_pattern(), who.sees_what_has_no_region()],
        )
        .await?;
    type TimerRow = (String, String, String, Option<String>, i64, i64, String, i64);
    let timers: Vec<TimerRow> = db
        .fetch_all(
            "SELECT key, kind, subject, region, failed_at, attempt, reason, lease_until FROM timer
             WHERE reason IS NOT NULL AND attempt >= $1 AND (region LIKE $3 OR (region IS NULL AND $4))
             ORDER BY due LIMIT $2",
            args![timers::STUCK_AFTER, LIMIT, who.region_pattern(), who.sees_what_has_no_region()],
        )
        .await?;
    let contradictions = match who.sees_what_has_no_region() {
        true => witness::standing(db).await?,
        false => Vec::new(),
    };
    let contradictions = contradictions.into_iter().map(|said| Stuck {
        desk: format!("{PARTNER}{}", said.partner),
        seq: Some(said.seq),
        timer: None,
        kind: CONTRADICTED.to_owned(),
        subject: format!("{PARTNER}{}", said.partner),
        region: None,
        since: said.noticed_at,
        attempts: 1,
        reason: said.to_string(),
        retrying: false,
    });
    let now = db.clock().now();
    let entries =
        waiting.into_iter().chain(entries).map(|(desk, seq, kind, subject, region, at, attempts, reason, retry_at)| {
            Stuck {
                desk,
                seq: Some(seq),
                timer: None,
                kind,
                subject,
                region,
                since: Timestamp(at),
                attempts,
                reason,
                retrying: retry_at.is_some(),
            }
        });
    let timers =
        timers.into_iter().map(|(key, kind, subject, region, failed_at, attempts, reason, lease_until)| Stuck {
            desk: kind.split('.').next().unwrap_or(&kind).to_owned(),
            seq: None,
            timer: Some(key),
            kind,
            subject,
            region,
            since: Timestamp(failed_at),
            attempts,
            reason,
            retrying: lease_until <= now.0,
        });
    Ok(contradictions.chain(entries).chain(timers).collect())
}

/// Asks for a new attempt; needs `journal.retry`. The seat makes it within a second, or when it starts. A partner that
/// contradicts the journal is dismissed, where it is named. Gives how many pieces of work are meant.
///
/// # Errors
/// `NotFound` when the one that is named is not stuck, or lies outside the region scope.
pub async fn ask_retry(tx: &mut Tx, who: &Who, which: &Which) -> Result<u64> {
    who.require(RIGHT)?;
    let now = tx.now();
    let scope = who.region_pattern();
    let mut asked = 0;
    if let Which::Entry { desk, seq } = which
        && let Some(partner) = desk.strip_prefix(PARTNER)
    {
        asked += witness::dismiss(tx, who, partner, *seq).await?;
    }
    match which {
        Which::All | Which::Entry { .. } => {
            let (desk, seq) = match which {
                Which::Entry { desk, seq } => (desk.as_str(), *seq),
                Which::All | Which::Timer(_) => ("", 0),
            };
            let rows: Vec<(String, i64, String, Option<String>)> = tx
                .fetch_all(
                    "UPDATE journal_stuck SET retry_at = $1
                     WHERE (region LIKE $2 OR (region IS NULL AND $5)) AND ($3 = '' OR (name = $3 AND seq = $4))
                     RETURNING name, seq, kind, region",
                    args![now, &scope, desk, seq, who.sees_what_has_no_region()],
                )
                .await?;
            for (desk, seq, kind, region) in rows {
                let body = json!({ "desk": desk, "seq": seq, "kind": kind });
                let mut entry = Entry::new("journal.retry_asked", format!("entry:{seq}")).body(&body);
                entry.region = region;
                tx.append(entry, who).await?;
                asked += 1;
            }
            asked += waiting_at(tx, (desk, seq), &scope, who).await?;
        }
        Which::Timer(_) => {}
    }
    if let Which::All | Which::Timer(_) = which {
        let key = match which {
            Which::Timer(key) => key.as_str(),
            Which::All | Which::Entry { .. } => "",
        };
        let rows: Vec<(String, String, String, Option<String>)> = tx
            .fetch_all(
                "UPDATE timer SET lease_until = 0
                 WHERE reason IS NOT NULL AND attempt >= $1 AND ($2 = '' OR key = $2)
                    AND (region LIKE $3 OR (region IS NULL AND $4))
                 RETURNING key, kind, subject, region",
                args![timers::STUCK_AFTER, key, &scope, who.sees_what_has_no_region()],
            )
            .await?;
        for (key, kind, subject, region) in rows {
            let body = json!({ "timer": key, "kind": kind });
            let mut entry = Entry::new("timer.retry_asked", subject).body(&body);
            entry.region = region;
            tx.append(entry, who).await?;
            asked += 1;
        }
    }
    if asked == 0 && *which != Which::All {
        return Err(Error::NotFound { what: "stuck entry or timer" });
    }
    Ok(asked)
}

/// Whether a desk waits at the entry that is named: its next attempt comes by itself.
async fn waiting_at(tx: &mut Tx, (desk, seq): (&str, i64), scope: &str, who: &Who) -> Result<u64> {
    if desk.is_empty() {
        return Ok(0);
    }
    let rows: Vec<(i64,)> = tx
        .fetch_all(
            "SELECT w.seq FROM journal_waiting w LEFT JOIN journal_cursor c ON c.name = w.name
             WHERE w.name = $1 AND w.seq = $2 AND w.seq > COALESCE(c.seq, 0)
                AND (w.region LIKE $3 OR (w.region IS NULL AND $4))",
            args![desk, seq, scope, who.sees_what_has_no_region()],
        )
        .await?;
    Ok(u64::try_from(rows.len()).unwrap_or(0))
}

/// Writes down that a desk is held up at an entry.
pub(super) async fn waits(db: &Db, name: &str, seq: i64, since: Timestamp, reason: &str, attempts: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    let about: Option<(String, String, Option<String>)> =
        tx.fetch_optional("SELECT kind, subject, region FROM journal WHERE seq = $1", args![seq]).await?;
    let (kind, subject, region) = about.unwrap_or_default();
    let reason: String = reason.chars().take(REASON_MAX).collect();
    tx.write(
        "INSERT INTO journal_waiting (name, seq, at, reason, kind, subject, region, attempts)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, at = excluded.at, reason = excluded.reason,
            kind = excluded.kind, subject = excluded.subject, region = excluded.region, attempts = excluded.attempts",
        args![name, seq, since, &reason, &kind, &subject, region, attempts],
    )
    .await?;
    tx.commit().await
}

/// The desk got past the entry at which it was held up.
pub(super) async fn goes_on(db: &Db, name: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    tx.write("DELETE FROM journal_waiting WHERE name = $1", args![name]).await?;
    tx.commit().await
}

/// Puts an entry aside and lets the cursor pass it from where it stood; what lies between does not concern the desk.
pub(super) async fn put_aside(
    db: &Db,
    name: &str,
    (cursor, entry): (i64, &Recorded),
    reason: &str,
    attempts: i64,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let reason: String = reason.chars().take(REASON_MAX).collect();
    let moved = tx
        .execute(
            "INSERT INTO journal_cursor (name, seq) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE journal_cursor.seq = $3",
            args![name, entry.seq, cursor],
        )
        .await?;
    if moved == 0 {
        // Another process was faster.
        return Ok(());
    }
    tx.write(
        "INSERT INTO journal_stuck (name, seq, at, reason, kind, subject, region, attempts)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (name, seq) DO NOTHING",
        args![name, entry.seq, now, &reason, &entry.kind, &entry.subject, entry.region.clone(), attempts],
    )
    .await?;
    tx.append(about("journal.put_aside", name, entry), &Who::system(name)).await?;
    tx.commit().await
}

/// The first entry of the desk that somebody wants retried and whose time has come.
pub(super) async fn next_to_retry(db: &Db, name: &str) -> Result<Option<Recorded>> {
    let first: Option<(i64,)> = db
        .fetch_optional(
            "SELECT seq FROM journal_stuck WHERE name = $1 AND retry_at <= $2 ORDER BY seq LIMIT 1",
            args![name, db.clock().now()],
        )
        .await?;
    let Some((seq,)) = first else { return Ok(None) };
    let row: Option<Row> = db
        .fetch_optional(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM journal WHERE seq = $1")), args![seq])
        .await?;
    row.map(recorded).transpose()
}

/// Takes an entry back in; `false` when another process was faster.
pub(super) async fn take(tx: &mut Tx, name: &str, entry: &Recorded) -> Result<bool> {
    let taken = tx
        .execute(
            "DELETE FROM journal_stuck WHERE name = $1 AND seq = $2 AND retry_at IS NOT NULL",
            args![name, entry.seq],
        )
        .await?;
    if taken > 0 {
        tx.append(about("journal.retried", name, entry), &Who::system(name)).await?;
    }
    Ok(taken > 0)
}

/// A retry failed: by the surroundings, then it comes again; by the content, then it waits for a person.
pub(super) async fn failed_again(db: &Db, name: &str, seq: i64, reason: &str, comes_again: bool) -> Result<()> {
    let mut tx = db.begin().await?;
    let retry_at = comes_again.then(|| (tx.now() + RETRY_PAUSE).0);
    let reason: String = reason.chars().take(REASON_MAX).collect();
    tx.write(
        "UPDATE journal_stuck SET retry_at = $1, reason = $2, attempts = attempts + 1 WHERE name = $3 AND seq = $4",
        args![retry_at, &reason, name, seq],
    )
    .await?;
    tx.commit().await
}

fn about(kind: &str, desk: &str, entry: &Recorded) -> Entry {
    let body = json!({ "desk": desk, "seq": entry.seq, "kind": entry.kind });
    let mut out = Entry::new(kind, entry.subject.clone()).body(&body);
    out.case_id.clone_from(&entry.case_id);
    out.region.clone_from(&entry.region);
    out
}
