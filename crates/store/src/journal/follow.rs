//! Reacting to the journal: how one desk hears of another.

use std::collections::HashMap;
use std::time::Duration;

use super::read::{Recorded, kinds_after, read_after, read_these};
use super::stuck;
use crate::health::{SILENT_MAX, caught};
use crate::{BoxError, Cause, Db, Result, Tx, args, cause_of};

/// How long a follower sleeps at most before it looks for entries of other processes.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Entries handled in one transaction at most; those that do not concern the desk are not counted.
const BATCH: usize = 64;
/// Entries looked at for those that concern the desk.
const SCAN: i64 = 1_000;
/// The cursor is moved past entries that do not concern the desk after so long at the latest: each move is a transaction,
/// and most entries concern few desks.
const PASS_AFTER: Duration = Duration::from_millis(200);
/// Entries that are given to who follows live.
const TAIL: i64 = 64;
/// How often an entry is tried that fails by its content, before it is put aside.
const ATTEMPTS_MAX: u32 = 6;
/// The same for one that fails by what may be the surroundings or the content: about two minutes of attempts.
const DOUBTFUL_ATTEMPTS_MAX: u32 = 16;
/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// A desk that has not got past an entry for so long is shown to an administrator, though it goes on trying.
const HELD_UP_AFTER: kernel::Duration = kernel::Duration::minutes(3);
/// Writing that down must not hold up the next attempt.
const NOTE_WITHIN: Duration = Duration::from_secs(5);

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
/// An entry that fails because of the surroundings (database, disk) is tried again with growing pauses until it
/// succeeds; the health of the seat shows it meanwhile, and after some minutes the list of stuck work does. One that fails
/// by its content is put aside after some attempts, where an administrator sees it with the reason, so that one bad entry
/// does not hold up a night's work. So is one that meets a lost race or an unreadable file each time.
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
    held_up: HeldUp,
    /// Attempts at entries put aside that failed by what may be either.
    doubtful_retries: HashMap<i64, u32>,
    looked_for_stuck: Option<tokio::time::Instant>,
    /// Up to this entry nothing concerns the desk, and when the cursor was last moved past such entries.
    passed: i64,
    passed_at: Option<tokio::time::Instant>,
}

/// What failed since the cursor last moved. Each kind of failure is counted by itself: a database that was away is no
/// reason to give an entry fewer attempts.
#[derive(Debug, Default)]
struct HeldUp {
    since: Option<kernel::Timestamp>,
    attempts: u32,
    surroundings: u32,
    doubtful: u32,
    content: u32,
    /// Whether an administrator sees it.
    noted: bool,
}

struct Failed {
    /// Where the cursor stood.
    cursor: i64,
    /// The first entry that was to be passed.
    first: Option<i64>,
    /// The entry that failed.
    entry: Option<Recorded>,
    /// The last entry of its batch.
    last: i64,
    error: BoxError,
}

impl Failed {
    /// Not because of an entry.
    fn at_all(first: Option<i64>, error: crate::Error) -> Self {
        Self { cursor: 0, first, entry: None, last: 0, error: error.into() }
    }

    /// In handling an entry of a batch, or in what follows from it as a whole.
    fn at(cursor: i64, entry: &Recorded, batch: &[Recorded], error: BoxError) -> Self {
        let seq = |entry: Option<&Recorded>| entry.map(|entry| entry.seq);
        let last = seq(batch.last()).unwrap_or(entry.seq);
        Self { cursor, first: seq(batch.first()), entry: Some(entry.clone()), last, error }
    }

    /// Whether the batch had other entries, which may be at fault.
    fn has_neighbours(&self) -> bool {
        self.first != Some(self.last)
    }
}

impl<R: Reaction> Follower<R> {
    /// From where the cursor stands.
    pub fn new(db: Db, reaction: R) -> Self {
        Self {
            db,
            reaction,
            single_until: 0,
            held_up: HeldUp::default(),
            doubtful_retries: HashMap::new(),
            looked_for_stuck: None,
            passed: 0,
            passed_at: None,
        }
    }

    /// Handles the next entries, at most one batch; with nothing new, an entry put aside that is to be retried.
    pub async fn step(&mut self) -> Step {
        match self.advance().await {
            Ok(Step::Nothing) => {}
            Ok(step) => {
                let held_up = std::mem::take(&mut self.held_up);
                if held_up.noted
                    && let Err(error) = stuck::goes_on(&self.db, self.reaction.name()).await
                {
                    // The cursor tells it too.
                    tracing::warn!(desk = self.reaction.name(), %error, "it could not be written that a desk goes on");
                }
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

    async fn advance(&mut self) -> std::result::Result<Step, Failed> {
        let (db, name) = (&self.db, self.reaction.name());
        let cursor = cursor(db, name).await.map_err(|error| Failed::at_all(None, error))?;
        let at_all = |error| Failed::at_all(Some(cursor + 1), error);
        let kinds = kinds_after(db, cursor.max(self.passed), SCAN).await.map_err(at_all)?;
        let Some((end, _)) = kinds.last() else {
            return self.pass(cursor).await.map_err(at_all);
        };
        let most = if self.held_up.attempts > 0 || cursor < self.single_until { 1 } else { BATCH };
        let concern = kinds.iter().filter(|(_, kind)| self.reaction.wants(kind)).map(|(seq, _)| *seq);
        let wanted: Vec<i64> = concern.take(most).collect();
        let Some(last) = wanted.last() else {
            self.passed = *end;
            return Ok(Step::Moved);
        };
        // What lies behind the last one of a full batch is looked at again with the next.
        let to = if wanted.len() < most { *end } else { *last };
        let entries = read_these(db, &wanted).await.map_err(at_all)?;
        let Some(last) = entries.last() else { return Ok(Step::Moved) };
        let mut tx = db.begin().await.map_err(at_all)?;
        if !move_cursor(&mut tx, name, cursor, to).await.map_err(at_all)? {
            return Ok(Step::Moved);
        }
        for entry in &entries {
            let handled = caught(self.reaction.handle(&mut tx, entry)).await;
            handled.map_err(|error| Failed::at(cursor, entry, &entries, error))?;
        }
        let finished = caught(self.reaction.finish(&mut tx)).await;
        finished.map_err(|error| Failed::at(cursor, last, &entries, error))?;
        tx.commit().await.map_err(|error| Failed::at(cursor, last, &entries, error.into()))?;
        Ok(Step::Moved)
    }

    /// Moves the cursor past entries that do not concern the desk, unless that was done a moment ago.
    async fn pass(&mut self, cursor: i64) -> Result<Step> {
        if self.passed <= cursor || self.passed_at.is_some_and(|at| at.elapsed() < PASS_AFTER) {
            return Ok(Step::Nothing);
        }
        let mut tx = self.db.begin().await?;
        if move_cursor(&mut tx, self.reaction.name(), cursor, self.passed).await? {
            tx.commit().await?;
        }
        self.passed_at = Some(tokio::time::Instant::now());
        Ok(Step::Nothing)
    }

    async fn failed(&mut self, failed: Failed) -> Step {
        let desk = self.reaction.name();
        metrics::counter!("journal_failures_total", "desk" => desk).increment(1);
        let first = failed.first;
        self.held_up.attempts = self.held_up.attempts.saturating_add(1);
        let step = self.judge(failed).await;
        if let (Step::Failed { why, .. }, Some(first)) = (&step, first) {
            self.note(first, why).await;
        }
        step
    }

    /// What becomes of an entry that failed.
    async fn judge(&mut self, failed: Failed) -> Step {
        let desk = self.reaction.name();
        let why = failed.error.to_string();
        let cause = cause_of(failed.error.as_ref());
        let neighbours = failed.has_neighbours();
        let held_up = &mut self.held_up;
        let (tried, most) = match cause {
            Cause::Content => (&mut held_up.content, ATTEMPTS_MAX),
            Cause::Doubtful => (&mut held_up.doubtful, DOUBTFUL_ATTEMPTS_MAX),
            Cause::Surroundings => (&mut held_up.surroundings, u32::MAX),
        };
        let Some(entry) = failed.entry.as_ref().filter(|_| cause != Cause::Surroundings) else {
            *tried = tried.saturating_add(1);
            let (pause, failures) = (pause(*tried), held_up.attempts);
            tracing::warn!(desk, seq = failed.first, failures, error = why, "entries wait for the database");
            return Step::Failed { pause, why };
        };
        if neighbours {
            // One of many: the others are handled by themselves first, so that each is judged alone.
            self.single_until = self.single_until.max(failed.last);
            return Step::Failed { pause: Duration::ZERO, why };
        }
        *tried = tried.saturating_add(1);
        let (pause, enough) = (pause(*tried), *tried >= most);
        let (seq, attempts) = (entry.seq, held_up.attempts);
        tracing::warn!(desk, seq, failures = attempts, error = why, "an entry could not be handled");
        if enough {
            match stuck::put_aside(&self.db, desk, (failed.cursor, entry), &why, i64::from(attempts)).await {
                Ok(()) => {
                    tracing::error!(desk, seq, reason = why, "an entry was put aside after its last attempt");
                    self.held_up = HeldUp::default();
                    return Step::Moved;
                }
                Err(error) => tracing::error!(desk, seq, %error, "an entry could not be put aside"),
            }
        }
        Step::Failed { pause, why }
    }

    /// Writes down, after some minutes, at which entry the desk is held up and why.
    async fn note(&mut self, seq: i64, why: &str) {
        let now = self.db.clock().now();
        let since = *self.held_up.since.get_or_insert(now);
        if now - since < HELD_UP_AFTER {
            return;
        }
        let desk = self.reaction.name();
        let attempts = i64::from(self.held_up.attempts);
        let written = tokio::time::timeout(NOTE_WITHIN, stuck::waits(&self.db, desk, seq, since, why, attempts)).await;
        match written {
            Ok(Ok(())) => self.held_up.noted = true,
            // The database is the reason, most likely. The next attempt writes it.
            Ok(Err(error)) => tracing::warn!(desk, seq, %error, "it could not be written that a desk is held up"),
            Err(_elapsed) => tracing::warn!(desk, seq, "it could not be written in time that a desk is held up"),
        }
    }

    /// Handles the first entry put aside that somebody wants retried.
    async fn retry_stuck(&mut self) -> Result<Step> {
        let name = self.reaction.name();
        let Some(entry) = stuck::next_to_retry(&self.db, name).await? else { return Ok(Step::Nothing) };
        match self.retry(&entry).await {
            Ok(()) => {
                self.doubtful_retries.remove(&entry.seq);
                Ok(Step::Moved)
            }
            Err(error) => {
                self.reaction.abandoned();
                let why = error.to_string();
                tracing::warn!(desk = name, seq = entry.seq, error = why, "an entry put aside failed again");
                let again = self.comes_again(entry.seq, cause_of(error.as_ref()));
                stuck::failed_again(&self.db, name, entry.seq, &why, again).await?;
                Ok(Step::Moved)
            }
        }
    }

    /// Whether a retry that failed is made again by itself.
    fn comes_again(&mut self, seq: i64, cause: Cause) -> bool {
        if cause == Cause::Doubtful {
            let tried = self.doubtful_retries.entry(seq).or_default();
            *tried += 1;
            if *tried < DOUBTFUL_ATTEMPTS_MAX {
                return true;
            }
        }
        if cause != Cause::Surroundings {
            self.doubtful_retries.remove(&seq);
        }
        cause == Cause::Surroundings
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
    let entries = read_after(db, after, TAIL).await?;
    if !entries.is_empty() {
        return Ok(entries);
    }
    db.changed(seen, at_most.min(LOOK_AGAIN)).await;
    read_after(db, after, TAIL).await
}
