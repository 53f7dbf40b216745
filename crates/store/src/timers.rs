//! Deadlines as rows. A timer is handed to its desk when due, at least once: handling must be idempotent, and ends
//! with [`done`] in the same transaction as its effect.

use kernel::{Duration, Timestamp};

use crate::{Db, Result, Tx, args};

/// How long a claimed timer is kept from other workers.
pub const LEASE: Duration = Duration::seconds(30);

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
    tx.execute(
        "INSERT INTO timer (key, kind, subject, due, lease_until, attempt) VALUES ($1,$2,$3,$4,0,0)
         ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, due = excluded.due,
            lease_until = 0, attempt = 0",
        args![key, kind, subject, due],
    )
    .await?;
    tx.wake();
    Ok(())
}

/// Takes a deadline back; nothing happens when there is none.
pub async fn cancel(tx: &mut Tx, key: &str) -> Result<()> {
    tx.execute("DELETE FROM timer WHERE key = $1", args![key]).await?;
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

/// The earliest deadline of the kinds, to know how long to sleep.
pub async fn next_due(db: &Db, kind_prefix: &str) -> Result<Option<Timestamp>> {
    let row: Option<(i64,)> = db
        .fetch_optional(
            "SELECT due FROM timer WHERE kind LIKE $1 ORDER BY due LIMIT 1",
            args![format!("{kind_prefix}%")],
        )
        .await?;
    Ok(row.map(|(due,)| Timestamp(due)))
}
