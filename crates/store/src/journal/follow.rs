//! Reacting to the journal: how one desk hears of another.

use std::time::Duration;

use super::read::{Recorded, read_after};
use super::stuck;
use crate::health::{SILENT_MAX, caught};
use crate::{BoxError, Db, Result, Tx, args, is_transient};

/// How long a follower sleeps at most before it looks for entries of other processes.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Entries handled in one transaction at most.
const BATCH: i64 = 64;
/// How often an entry is tried that fails by its content, before it is put aside.
const ATTEMPTS_MAX: u32 = 6;
/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// A desk that reacts to entries.
pub trait Reaction: Send + Sync {
    /// Name of the cursor.
    fn name(&self) -> &'static str;
    /// Whether this kind of entry concerns the desk; others are passed over without a transaction.
    fn wants(&self, kind: &str) -> bool;
    /// Does what follows from the entry. The cursor moves in the same transaction, so an entry takes effect once.
    fn handle(&self, tx: &mut Tx, entry: &Recorded) -> impl Future<Output = std::result::Result<(), BoxError>> + Send;

    /// Ends a batch, in the same transaction: what several entries ask for together is done once here.
    fn finish(&self, _tx: &mut Tx) -> impl Future<Output = std::result::Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// The transaction did not come about: what the desk remembers of it must be forgotten.
    fn abandoned(&self) {}
}

/// Runs a reaction for ever, from its cursor. Cancel it by dropping the future.
///
/// An entry that fails because of the surroundings (database, disk, a lost race) is tried again with growing pauses
/// until it succeeds; the health of the seat shows it meanwhile. One that fails by its content is put aside after some
/// attempts, where an administrator sees it with the reason, so that one bad entry does not hold up a night's work.
pub async fn react(db: Db, reaction: impl Reaction) {
    let worker = db.worker(reaction.name(), SILENT_MAX);
    let mut follower = Follower::new(db.clone(), reaction);
    loop {
        let seen = db.commits();
        match follower.step().await {
            Step::Moved => worker.round(),
            Step::Nothing => {
                worker.round();
                db.changed(seen, LOOK_AGAIN).await;
            }
            Step::Failed { pause, why } => {
                worker.failed(&why);
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// What one step of a follower came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Entries were passed; there may be more.
    Moved,
    /// There was nothing to do.
    Nothing,
    /// It failed, and is tried again after the pause.
    Failed {
        /// How long to wait.
        pause: Duration,
        /// Why.
        why: String,
    },
}

/// A reaction with its cursor; [`react`] runs it for ever, tests step by step.
pub struct Follower<R> {
    db: Db,
    reaction: R,
    /// A batch failed: entries up to this number are handled one by one.
    single_until: i64,
    failures: u32,
    looked_for_stuck: Option<tokio::time::Instant>,
}

struct Failed {
    /// The entry, and the last one of its batch.
    entry: Option<(Recorded, i64)>,
    error: BoxError,
}

impl From<crate::Error> for Failed {
    fn from(error: crate::Error) -> Self {
        Self { entry: None, error: error.into() }
    }
}

impl<R: Reaction> Follower<R> {
    /// From where the cursor stands.
    pub fn new(db: Db, reaction: R) -> Self {
        Self { db, reaction, single_until: 0, failures: 0, looked_for_stuck: None }
    }

    /// Handles the next entries, at most one batch; with nothing new, an entry put aside that is to be retried.
    pub async fn step(&mut self) -> Step {
        match self.advance().await {
            Ok(Step::Nothing) => {}
            Ok(step) => {
                self.failures = 0;
                return step;
            }
            Err(failed) => {
                self.reaction.abandoned();
                return self.failed(failed).await;
            }
        }
        // Somebody may have asked for it in another process: look from time to time.
        if self.looked_for_stuck.is_some_and(|at| at.elapsed() < LOOK_AGAIN) {
            return Step::Nothing;
        }
        match self.retry_stuck().await {
            Ok(step) => {
                if step == Step::Nothing {
                    self.looked_for_stuck = Some(tokio::time::Instant::now());
                }
                step
            }
            Err(error) => {
                tracing::warn!(desk = self.reaction.name(), %error, "entries put aside cannot be retried now");
                Step::Failed { pause: LOOK_AGAIN, why: error.to_string() }
            }
        }
    }

    async fn advance(&self) -> std::result::Result<Step, Failed> {
        let (db, name) = (&self.db, self.reaction.name());
        let cursor = cursor(db, name).await?;
        let batch = if self.failures > 0 || cursor < self.single_until { 1 } else { BATCH };
        let entries = read_after(db, cursor, batch).await?;
        let Some(last) = entries.last() else {
            return Ok(Step::Nothing);
        };
        let mut tx = db.begin().await?;
        if !move_cursor(&mut tx, name, cursor, last.seq).await? {
            return Ok(Step::Moved);
        }
        for entry in entries.iter().filter(|e| self.reaction.wants(&e.kind)) {
            let handled = caught(self.reaction.handle(&mut tx, entry)).await;
            handled.map_err(|error| Failed { entry: Some((entry.clone(), last.seq)), error })?;
        }
        let finished = caught(self.reaction.finish(&mut tx)).await;
        finished.map_err(|error| Failed { entry: Some((last.clone(), last.seq)), error })?;
        tx.commit().await?;
        Ok(Step::Moved)
    }

    async fn failed(&mut self, Failed { entry, error }: Failed) -> Step {
        let desk = self.reaction.name();
        let why = error.to_string();
        let seq = entry.as_ref().map(|(entry, _)| entry.seq);
        metrics::counter!("journal_failures_total", "desk" => desk).increment(1);
        let (entry, alone) = match entry {
            Some((entry, last)) if !is_transient(error.as_ref()) => {
                let alone = self.failures > 0 || entry.seq <= self.single_until;
                self.single_until = self.single_until.max(last);
                (entry, alone)
            }
            _ => {
                self.failures = self.failures.saturating_add(1);
                let pause = pause(self.failures);
                tracing::warn!(desk, seq, failures = self.failures, error = why, "entries wait for the database");
                return Step::Failed { pause, why };
            }
        };
        if !alone {
            // One of many: the others are handled by themselves first, so that each is judged alone.
            return Step::Failed { pause: Duration::ZERO, why };
        }
        self.failures = self.failures.saturating_add(1);
        tracing::warn!(desk, seq, failures = self.failures, error = why, "an entry could not be handled");
        if self.failures >= ATTEMPTS_MAX {
            match stuck::put_aside(&self.db, desk, &entry, &why, i64::from(self.failures)).await {
                Ok(()) => {
                    tracing::error!(desk, seq, reason = why, "an entry was put aside after its last attempt");
                    self.failures = 0;
                    return Step::Moved;
                }
                Err(error) => tracing::error!(desk, seq, %error, "an entry could not be put aside"),
            }
        }
        Step::Failed { pause: pause(self.failures), why }
    }

    /// Handles the first entry put aside that somebody wants retried.
    async fn retry_stuck(&self) -> Result<Step> {
        let name = self.reaction.name();
        let Some(entry) = stuck::next_to_retry(&self.db, name).await? else { return Ok(Step::Nothing) };
        match self.retry(&entry).await {
            Ok(()) => Ok(Step::Moved),
            Err(error) => {
                self.reaction.abandoned();
                let why = error.to_string();
                tracing::warn!(desk = name, seq = entry.seq, error = why, "an entry put aside failed again");
                stuck::failed_again(&self.db, name, entry.seq, &why, is_transient(error.as_ref())).await?;
                Ok(Step::Moved)
            }
        }
    }

    async fn retry(&self, entry: &Recorded) -> std::result::Result<(), BoxError> {
        let mut tx = self.db.begin().await?;
        if !stuck::take(&mut tx, self.reaction.name(), entry).await? {
            return Ok(());
        }
        caught(self.reaction.handle(&mut tx, entry)).await?;
        caught(self.reaction.finish(&mut tx)).await?;
        Ok(tx.commit().await?)
    }
}

/// The pause before the next attempt: 40 ms, doubled each time.
fn pause(failures: u32) -> Duration {
    Duration::from_millis(20u64.saturating_mul(1 << failures.min(12))).min(PAUSE_MAX)
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
