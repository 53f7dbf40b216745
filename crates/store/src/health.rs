//! Whether the seat works: the database takes a write, and every worker goes its rounds.
//!
//! A worker is a loop that runs as long as the seat. It says after each round that it is there; one that is silent for
//! longer than it may, or that has ended, makes the seat unhealthy.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use serde::Serialize;
use tokio::time::Instant;

use crate::{Db, Engine, Error, args};

/// The database must take a write within this time.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// The write is tried at most so often; in between, the last result counts.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// A write that was begun so long ago and has not come back is a failure, whoever waits for it.
const WRITE_LOST: Duration = Duration::from_secs(20);
/// How long a worker may be silent, unless it says otherwise.
pub const SILENT_MAX: Duration = Duration::from_secs(120);
/// A worker that ended is started again after a pause; the longest one.
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(30);

/// The state of the seat's workers and of the last write.
#[derive(Debug, Default)]
pub struct Health {
    workers: Mutex<BTreeMap<String, Round>>,
    write: Mutex<LastWrite>,
}

#[derive(Debug)]
struct Round {
    last: Instant,
    silent_max: Duration,
    /// Since when, how often, and why it fails.
    failing: Option<(Instant, u64, String)>,
    ended: bool,
}

#[derive(Debug, Default)]
struct LastWrite {
    begun: Option<Instant>,
    done: Option<(Instant, Option<Problem>)>,
}

/// Why a seat is not healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// The disk of the database is full.
    DiskFull,
    /// The server of the database cannot be reached, or does not answer in time.
    DatabaseAway,
    /// The database refuses a write.
    WriteFailed,
    /// The embedded database has not taken a write for some seconds.
    WriteSlow,
    /// The database cannot be read.
    ReadFailed,
    /// A worker has not gone a round for so many seconds.
    WorkerSilent {
        /// Its name.
        worker: String,
        /// Seconds since its last round.
        seconds: u64,
    },
    /// A worker that cannot be started again has ended.
    WorkerEnded {
        /// Its name.
        worker: String,
    },
}

impl Problem {
    /// Whether a new start of the seat cannot help: what is wrong lies outside it.
    pub fn lies_outside(&self) -> bool {
        matches!(self, Self::DiskFull | Self::DatabaseAway)
    }

    /// A write that does not come back. On PostgreSQL the pool dials a server that refuses connections until its own time
    /// is over, so nothing else is seen of one that is away; on SQLite the seat itself holds what the write waits for.
    fn overdue(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => Self::DatabaseAway,
            Engine::Sqlite => Self::WriteSlow,
        }
    }

    fn of(error: &Error, engine: Engine) -> Self {
        let Error::Database(error) = error else { return Self::WriteFailed };
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        match error {
            // SQLITE_FULL, and the same of PostgreSQL.
            sqlx::Error::Database(_) if code == "13" || code == "53100" => Self::DiskFull,
            sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => Self::DiskFull,
            sqlx::Error::Io(_) => Self::DatabaseAway,
            sqlx::Error::Database(_) if code.starts_with("57P") || code.starts_with("08") => Self::DatabaseAway,
            sqlx::Error::PoolTimedOut => Self::overdue(engine),
            _ => Self::WriteFailed,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DiskFull => f.write_str("the disk of the database is full"),
            Self::DatabaseAway => f.write_str("the database cannot be reached"),
            Self::WriteFailed => f.write_str("the database refuses writes"),
            Self::ReadFailed => f.write_str("the database cannot be read"),
            Self::WriteSlow => f.write_str("the database has not taken a write in time"),
            Self::WorkerSilent { worker, seconds } => {
                write!(f, "the worker {worker} has been silent for {seconds} s")
            }
            Self::WorkerEnded { worker } => write!(f, "the worker {worker} has ended"),
        }
    }
}

/// A worker as `/healthz` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct WorkerState {
    /// Its name.
    pub name: String,
    /// Milliseconds since its last round.
    pub age_ms: u64,
    /// Milliseconds for which its rounds have failed; absent when the last one went well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_ms: Option<u64>,
    /// Rounds that failed one after another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<u64>,
}

/// What a look at the health of the seat found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Why the seat is not healthy; empty when it is.
    pub problems: Vec<Problem>,
    /// Every worker.
    pub workers: Vec<WorkerState>,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        self.problems.is_empty()
    }
}

/// By which a worker says that it is there. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Worker {
    db: Db,
    name: String,
}

impl Worker {
    /// A round went well.
    pub fn round(&self) {
        let mut workers = self.db.health().workers();
        if let Some(round) = workers.get_mut(&self.name) {
            round.last = Instant::now();
            round.failing = None;
        }
    }

    /// A round failed. The worker goes on; where it stays so, `/healthz` and `/metrics` show it.
    pub fn failed(&self, why: &dyn std::fmt::Display) {
        let mut workers = self.db.health().workers();
        if let Some(round) = workers.get_mut(&self.name) {
            round.last = Instant::now();
            let (since, count, _) = round.failing.take().unwrap_or((Instant::now(), 0, String::new()));
            round.failing = Some((since, count + 1, why.to_string()));
        }
    }
}

impl Health {
    fn workers(&self) -> MutexGuard<'_, BTreeMap<String, Round>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> MutexGuard<'_, LastWrite> {
        self.write.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, name: &str) {
        if let Some(round) = self.workers().get_mut(name) {
            round.ended = true;
        }
    }
}

impl Db {
    /// Enters a worker that may be silent for so long. Entered again, it starts anew.
    pub fn worker(&self, name: &str, silent_max: Duration) -> Worker {
        let round = Round { last: Instant::now(), silent_max, failing: None, ended: false };
        self.health().workers().insert(name.to_owned(), round);
        Worker { db: self.clone(), name: name.to_owned() }
    }

    /// Looks whether the seat works: writes into the database, at most once a second, and asks for each worker's age.
    pub async fn check_health(&self) -> Verdict {
        let mut problems = Vec::new();
        problems.extend(self.prove_write().await);
        let mut states = Vec::new();
        for (name, round) in self.health().workers().iter() {
            let age = round.last.elapsed();
            if round.ended {
                problems.push(Problem::WorkerEnded { worker: name.clone() });
            } else if age > round.silent_max {
                problems.push(Problem::WorkerSilent { worker: name.clone(), seconds: age.as_secs() });
            }
            states.push(WorkerState {
                name: name.clone(),
                age_ms: millis(age),
                failing_ms: round.failing.as_ref().map(|(since, ..)| millis(since.elapsed())),
                failures: round.failing.as_ref().map(|(_, count, _)| *count),
            });
        }
        Verdict { problems, workers: states }
    }

    /// Writes one row, unless that was done within the last second or is under way.
    async fn prove_write(&self) -> Option<Problem> {
        {
            let mut last = self.health().write();
            let now = Instant::now();
            if let Some(begun) = last.begun {
                // Somebody else is at it. What is known from before counts, until it takes too long.
                let lost = now.duration_since(begun) > WRITE_LOST;
                let known = last.done.as_ref().and_then(|(_, problem)| problem.clone());
                if !lost {
                    return known;
                }
            } else if let Some((at, problem)) = &last.done
                && now.duration_since(*at) < WRITE_EVERY
            {
                return problem.clone();
            }
            last.begun = Some(now);
        }
        let problem = match tokio::time::timeout(WRITE_WITHIN, self.write_sign_of_life()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::error!(%error, "the database takes no write");
                Some(Problem::of(&error, self.engine()))
            }
            Err(_elapsed) => Some(Problem::overdue(self.engine())),
        };
        let mut last = self.health().write();
        last.begun = None;
        last.done = Some((Instant::now(), problem.clone()));
        problem
    }

    async fn write_sign_of_life(&self) -> crate::Result<()> {
        let mut tx = self.begin().await?;
        let now = tx.now();
        tx.execute(
            "INSERT INTO sign_of_life (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            args![now],
        )
        .await?;
        tx.commit().await
    }

    /// Runs a worker for ever: one that ends or panics is started again after a growing pause.
    pub async fn keep_running<F, Fut>(self, name: &'static str, make: F)
    where
        F: Fn() -> Fut + Send,
        Fut: Future<Output = ()> + Send,
    {
        let mut pause = Duration::from_millis(500);
        loop {
            let began = Instant::now();
            let ended = AssertUnwindSafe(make()).catch_unwind().await;
            tracing::error!(worker = name, panicked = ended.is_err(), "a worker has ended; it is started again");
            metrics_of_end(name);
            pause = if began.elapsed() > RESTART_PAUSE_MAX { Duration::from_millis(500) } else { pause };
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(RESTART_PAUSE_MAX);
        }
    }

    /// Runs a worker that cannot be started again. When it panics, the seat is unhealthy from then on; it ends in order
    /// when there is nothing left to do.
    pub async fn run_once(self, name: &'static str, worker: impl Future<Output = ()> + Send) {
        if AssertUnwindSafe(worker).catch_unwind().await.is_err() {
            tracing::error!(worker = name, "a worker has panicked and cannot be started again");
            metrics_of_end(name);
            self.health().ended(name);
        }
    }
}

fn metrics_of_end(worker: &'static str) {
    metrics::counter!("worker_ended_total", "worker" => worker).increment(1);
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Awaits a call of a desk; a panic in it is an error like another, so that it takes down nothing else.
pub async fn caught<T>(
    call: impl Future<Output = std::result::Result<T, crate::BoxError>>,
) -> std::result::Result<T, crate::BoxError> {
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => {
            let words = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no words");
            Err(format!("panic: {words}").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Engine, Error, Problem};

    #[test]
    fn a_server_that_gives_no_connection_lies_outside_the_seat_and_an_embedded_database_does_not() {
        for (engine, outside) in [(Engine::Postgres, true), (Engine::Sqlite, false)] {
            let no_connection = Problem::of(&Error::Database(sqlx::Error::PoolTimedOut), engine);
            assert_eq!(no_connection.lies_outside(), outside, "{no_connection}");
            assert_eq!(Problem::overdue(engine), no_connection);
        }
    }
}
