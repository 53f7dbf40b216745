//! Reacting to the journal: how one desk hears of another.

use std::time::Duration;

use super::read::{Recorded, read_after};
use crate::{Db, Result, Tx, args};

/// How long a follower sleeps at most before it looks for entries of other processes.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Entries handled in one transaction at most.
const BATCH: i64 = 64;
/// How often an entry is tried before it is put aside.
const ATTEMPTS_MAX: u32 = 6;

/// A desk that reacts to entries.
pub trait Reaction: Send + Sync {
    /// Name of the cursor.
    fn name(&self) -> &'static str;
    /// Whether this kind of entry concerns the desk; others are passed over without a transaction.
    fn wants(&self, kind: &str) -> bool;
    /// Does what follows from the entry. The cursor moves in the same transaction, so an entry takes effect once.
    fn handle(
        &self,
        tx: &mut Tx,
        entry: &Recorded,
    ) -> impl Future<Output = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send;

    /// Ends a batch, in the same transaction: what several entries ask for together is done once here.
    fn finish(
        &self,
        _tx: &mut Tx,
    ) -> impl Future<Output = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send {
        async { Ok(()) }
    }
}

/// Runs a reaction for ever, from its cursor. Cancel it by dropping the future.
///
/// An entry that fails is tried again with growing pauses; after the last attempt it is put aside in `journal_stuck`,
/// with an error in the log, so that one bad entry does not hold up a night's work.
pub async fn react(db: Db, reaction: impl Reaction) {
    let mut failures = 0u32;
    loop {
        let seen = db.commits();
        match step(&db, &reaction, if failures == 0 { BATCH } else { 1 }).await {
            Ok(Step::Moved) => failures = 0,
            Ok(Step::Nothing) => {
                db.changed(seen, LOOK_AGAIN).await;
            }
            Err((seq, error)) => {
                failures += 1;
                tracing::warn!(desk = reaction.name(), seq, failures, %error, "an entry could not be handled");
                if failures > ATTEMPTS_MAX
                    && let Err(error) = put_aside(&db, reaction.name(), seq, &error.to_string()).await
                {
                    tracing::error!(desk = reaction.name(), seq, %error, "an entry could not be put aside");
                } else if failures > ATTEMPTS_MAX {
                    failures = 0;
                }
                tokio::time::sleep(Duration::from_millis(20u64.saturating_mul(1 << failures.min(8)))).await;
            }
        }
    }
}

enum Step {
    Moved,
    Nothing,
}

type Failed = (i64, Box<dyn std::error::Error + Send + Sync>);

async fn step(db: &Db, reaction: &impl Reaction, batch: i64) -> std::result::Result<Step, Failed> {
    let cursor = cursor(db, reaction.name()).await.map_err(|e| (0, e.into()))?;
    let entries = read_after(db, cursor, batch).await.map_err(|e| (cursor, e.into()))?;
    let Some(last) = entries.last().map(|e| e.seq) else {
        return Ok(Step::Nothing);
    };
    let mut tx = db.begin().await.map_err(|e| (cursor, e.into()))?;
    let mine = move_cursor(&mut tx, reaction.name(), cursor, last).await.map_err(|e| (cursor, e.into()))?;
    if !mine {
        return Ok(Step::Moved);
    }
    for entry in entries.iter().filter(|e| reaction.wants(&e.kind)) {
        reaction.handle(&mut tx, entry).await.map_err(|e| (entry.seq, e))?;
    }
    reaction.finish(&mut tx).await.map_err(|e| (last, e))?;
    tx.commit().await.map_err(|e| (cursor + 1, e.into()))?;
    Ok(Step::Moved)
}

async fn cursor(db: &Db, name: &str) -> Result<i64> {
    let row: Option<(i64,)> = db.fetch_optional("SELECT seq FROM journal_cursor WHERE name = $1", args![name]).await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// Moves the cursor only from where it was read; `false` when another process was faster.
async fn move_cursor(tx: &mut Tx, name: &str, from: i64, to: i64) -> Result<bool> {
    let moved = if from == 0 {
        tx.execute(
            "INSERT INTO journal_cursor (name, seq) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE journal_cursor.seq = 0",
            args![name, to],
        )
        .await?
    } else {
        tx.execute("UPDATE journal_cursor SET seq = $1 WHERE name = $2 AND seq = $3", args![to, name, from]).await?
    };
    Ok(moved > 0)
}

async fn put_aside(db: &Db, name: &str, seq: i64, reason: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    tx.execute(
        "INSERT INTO journal_stuck (name, seq, at, reason) VALUES ($1,$2,$3,$4) ON CONFLICT (name, seq) DO NOTHING",
        args![name, seq, now, reason],
    )
    .await?;
    tx.execute(
        "INSERT INTO journal_cursor (name, seq) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE journal_cursor.seq < excluded.seq",
        args![name, seq],
    )
    .await?;
    tx.commit().await?;
    tracing::error!(desk = name, seq, reason, "an entry was put aside after its last attempt");
    Ok(())
}

/// The next entries behind `after`, waiting up to `at_most` for one; for live updates.
pub async fn tail(db: &Db, after: i64, at_most: Duration) -> Result<Vec<Recorded>> {
    let seen = db.commits();
    let entries = read_after(db, after, BATCH).await?;
    if !entries.is_empty() {
        return Ok(entries);
    }
    db.changed(seen, at_most.min(LOOK_AGAIN)).await;
    read_after(db, after, BATCH).await
}
