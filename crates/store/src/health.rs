//! Whether the seat works: the database takes a write, and every worker goes its rounds.
//!
//! A worker is a loop that runs as long as the seat. It says after each round that it is there; one that is silent for
//! longer than it may, that has ended, or that falls each time it is started, makes the seat unhealthy.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::{Db, Engine, Error, args};

/// The database must take a write within this time.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// The write is tried at most so often; in between, the last result counts.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How long a worker may be silent, unless it says otherwise.
pub const SILENT_MAX: Duration = Duration::from_secs(120);
/// A worker that ended is started again after a pause; the longest one. One that ran for longer is well again.
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(30);

/// The state of the seat's workers and of the last write.
#[derive(Debug, Default)]
pub struct Health {
    workers: Mutex<BTreeMap<String, Round>>,
    falls: Mutex<BTreeMap<&'static str, Falls>>,
    write: Mutex<LastWrite>,
}

#[derive(Debug)]
struct Round {
    /// Since when nothing was heard of it; none while it waits for somebody to give it work.
    silent_since: Option<Instant>,
    silent_max: Duration,
    /// Since when, how often, and why it fails.
    failing: Option<(Instant, u64, String)>,
    ended: bool,
}

/// Ends of a worker that followed its start within [`RESTART_PAUSE_MAX`], one after another.
#[derive(Debug)]
struct Falls {
    since: Instant,
    count: u64,
    /// When it was last started again.
    started: Instant,
}

#[derive(Debug, Default)]
struct LastWrite {
    under_way: bool,
    done: Option<(Instant, Option<Problem>)>,
    /// Counts the writes that came back.
    came_back: watch::Sender<u64>,
}

/// Why a seat is not healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// The disk of the database is full.
    DiskFull,
    /// The server of the database cannot be reached, does not answer in time, or turns away what it would take at
    /// another time: no connection is free, it is starting, or it is a standby.
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
    /// A worker has ended each time it was started, for minutes.
    WorkerFalls {
        /// Its name.
        worker: String,
        /// How often.
        times: u64,
    },
}

impl Problem {
    /// Whether a new start of the seat cannot help: what is wrong lies outside it.
    pub fn lies_outside(&self) -> bool {
        matches!(self, Self::DiskFull | Self::DatabaseAway)
    }

    /// Whether a new start cannot help against any of these. A worker that waits for a database that is away is silent
    /// for that reason.
    pub fn all_lie_outside(problems: &[Self]) -> bool {
        let away = problems.contains(&Self::DatabaseAway);
        problems.iter().all(|problem| problem.lies_outside() || (away && matches!(problem, Self::WorkerSilent { .. })))
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
            sqlx::Error::PoolTimedOut => Self::overdue(engine),
            sqlx::Error::Database(_) if engine == Engine::Postgres && turns_away(&code) => Self::DatabaseAway,
            // What does not speak the protocol is not the server: a proxy in front of it, or one that is going down.
            sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) if engine == Engine::Postgres => Self::DatabaseAway,
            _ => Self::WriteFailed,
        }
    }
}

/// Whether a server that says this is there and does no work for us now: connection (08), log-in (28), no such database
/// (3D), read-only (25006), resources (53), operator (57), its system (58).
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
pub(crate) fn turns_away(sqlstate: &str) -> bool {
    sqlstate == "25006" || ["08", "28", "3D", "53", "57", "58"].iter().any(|class| sqlstate.starts_with(class))
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
            Self::WorkerFalls { worker, times } => {
                write!(f, "the worker {worker} has ended each of the {times} times it was started")
            }
        }
    }
}

/// A worker as `/healthz` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct WorkerState {
    /// Its name.
    pub name: String,
    /// Milliseconds since its last round; 0 for one that waits for work.
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
            round.silent_since = Some(Instant::now());
            round.failing = None;
        }
    }

    /// It has nothing to do until somebody gives it work: it may be silent until it [`begins`](Worker::begins).
    pub fn waits(&self) {
        self.silent_since(None);
    }

    /// Somebody gave it work.
    pub fn begins(&self) {
        self.silent_since(Some(Instant::now()));
    }

    fn silent_since(&self, since: Option<Instant>) {
        if let Some(round) = self.db.health().workers().get_mut(&self.name) {
            round.silent_since = since;
        }
    }

    /// A round failed. The worker goes on; where it stays so, `/healthz` and `/metrics` show it.
    pub fn failed(&self, why: &dyn std::fmt::Display) {
        let mut workers = self.db.health().workers();
        if let Some(round) = workers.get_mut(&self.name) {
            round.silent_since = Some(Instant::now());
            round.fails(why.to_string());
        }
    }
}

impl Round {
    fn fails(&mut self, why: String) {
        let (since, count, _) = self.failing.take().unwrap_or((Instant::now(), 0, String::new()));
        self.failing = Some((since, count + 1, why));
    }
}

impl Health {
    fn workers(&self) -> MutexGuard<'_, BTreeMap<String, Round>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> MutexGuard<'_, LastWrite> {
        self.write.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn falls(&self) -> MutexGuard<'_, BTreeMap<&'static str, Falls>> {
        self.falls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, name: &str) {
        if let Some(round) = self.workers().get_mut(name) {
            round.ended = true;
        }
    }

    /// A worker ended, after it had run for so long. It is failing, and stays as silent as it was.
    fn fell(&self, name: &'static str, ran: Duration, why: &str) {
        let now = Instant::now();
        let mut falls = self.falls();
        if ran > RESTART_PAUSE_MAX {
            falls.remove(name);
        }
        falls.entry(name).or_insert(Falls { since: now, count: 0, started: now }).count += 1;
        drop(falls);
        if let Some(round) = self.workers().get_mut(name) {
            round.fails(why.to_owned());
        }
    }

    fn started_again(&self, name: &'static str) {
        if let Some(falls) = self.falls().get_mut(name) {
            falls.started = Instant::now();
        }
    }

    /// Workers that do nothing but fall.
    fn falling(&self) -> Vec<Problem> {
        let mut falls = self.falls();
        falls.retain(|_, falls| falls.started.elapsed() <= RESTART_PAUSE_MAX.saturating_mul(2));
        let long = falls.iter().filter(|(_, falls)| falls.since.elapsed() > SILENT_MAX);
        long.map(|(name, falls)| Problem::WorkerFalls { worker: (*name).to_owned(), times: falls.count }).collect()
    }
}

impl Db {
    /// Enters a worker that may be silent for so long. Entered again, because it was started again, it is as silent as
    /// before: one that falls at each start has never gone a round.
    pub fn worker(&self, name: &str, silent_max: Duration) -> Worker {
        let fresh = Round { silent_since: Some(Instant::now()), silent_max, failing: None, ended: false };
        let mut workers = self.health().workers();
        let round = workers.entry(name.to_owned()).or_insert(fresh);
        round.silent_max = silent_max;
        round.ended = false;
        drop(workers);
        Worker { db: self.clone(), name: name.to_owned() }
    }

    /// Looks whether the seat works: writes into the database, at most once a second, and asks for each worker's age.
    pub async fn check_health(&self) -> Verdict {
        let mut problems = Vec::new();
        problems.extend(self.prove_write().await);
        problems.extend(self.health().falling());
        let mut states = Vec::new();
        for (name, round) in self.health().workers().iter() {
            let age = round.silent_since.map_or(Duration::ZERO, |since| since.elapsed());
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

    /// Writes one row, unless that was done within the last second; who comes while a write is under way waits for it.
    /// The write is nobody's: it goes on and its outcome counts, though every caller gives up.
    async fn prove_write(&self) -> Option<Problem> {
        let mut came_back = {
            let mut last = self.health().write();
            if !last.under_way {
                if let Some((at, problem)) = &last.done
                    && at.elapsed() < WRITE_EVERY
                {
                    return problem.clone();
                }
                last.under_way = true;
                tokio::spawn(self.clone().try_write());
            }
            last.came_back.subscribe()
        };
        // It has a time limit of its own. The sender stands beside the outcome, and lives as long.
        let _outlived = came_back.changed().await;
        self.health().write().done.as_ref().and_then(|(_, problem)| problem.clone())
    }

    async fn try_write(self) {
        let write = AssertUnwindSafe(tokio::time::timeout(WRITE_WITHIN, self.write_sign_of_life())).catch_unwind();
        let problem = match write.await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => {
                tracing::error!(%error, "the database takes no write");
                Some(Problem::of(&error, self.engine()))
            }
            Ok(Err(_elapsed)) => Some(Problem::overdue(self.engine())),
            Err(_panic) => Some(Problem::WriteFailed),
        };
        let mut last = self.health().write();
        last.under_way = false;
        last.done = Some((Instant::now(), problem));
        last.came_back.send_modify(|count| *count += 1);
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

    /// Runs a worker for ever: one that ends or panics is started again after a growing pause. One that falls again and
    /// again makes the seat unhealthy.
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
            let ran = began.elapsed();
            self.health().fell(name, ran, if ended.is_err() { "it panicked" } else { "it ended" });
            pause = if ran > RESTART_PAUSE_MAX { Duration::from_millis(500) } else { pause };
            tokio::time::sleep(pause).await;
            self.health().started_again(name);
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
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Engine, Error, Falls, Health, Problem, RESTART_PAUSE_MAX, SILENT_MAX};

    #[test]
    fn a_worker_that_falls_for_minutes_is_a_problem_until_it_runs() {
        let health = Health::default();
        for _ in 0..9 {
            health.fell("shaky", Duration::from_secs(1), "it panicked");
        }
        assert_eq!(health.falling(), [], "it has fallen for a moment");
        let ago = |time| Instant::now().checked_sub(time).unwrap();
        let long = SILENT_MAX + Duration::from_secs(1);
        health.falls().insert("shaky", Falls { since: ago(long), count: 9, started: ago(RESTART_PAUSE_MAX) });
        assert_eq!(health.falling(), [Problem::WorkerFalls { worker: "shaky".into(), times: 9 }]);
        // It has run for longer than it ever did.
        health.falls().insert("shaky", Falls { since: ago(long), count: 9, started: ago(RESTART_PAUSE_MAX * 3) });
        assert_eq!(health.falling(), []);
        health.fell("shaky", RESTART_PAUSE_MAX * 3, "it panicked");
        assert_eq!(health.falling(), [], "it is counted from here");
    }

    #[test]
    fn a_server_that_gives_no_connection_lies_outside_the_seat_and_an_embedded_database_does_not() {
        for (engine, outside) in [(Engine::Postgres, true), (Engine::Sqlite, false)] {
            let no_connection = Problem::of(&Error::Database(sqlx::Error::PoolTimedOut), engine);
            assert_eq!(no_connection.lies_outside(), outside, "{no_connection}");
            assert_eq!(Problem::overdue(engine), no_connection);
            let garbled = Problem::of(&Error::Database(sqlx::Error::Protocol("no PostgreSQL".into())), engine);
            assert_eq!(garbled.lies_outside(), outside, "{garbled}");
        }
    }

    #[test]
    fn workers_that_are_silent_while_the_server_is_away_are_silent_for_that() {
        let silent = || Problem::WorkerSilent { worker: "courier".into(), seconds: 130 };
        let ended = Problem::WorkerEnded { worker: "recorder".into() };
        assert!(Problem::all_lie_outside(&[Problem::DatabaseAway, silent()]));
        assert!(!Problem::all_lie_outside(&[silent()]));
        assert!(!Problem::all_lie_outside(&[Problem::WriteFailed, silent()]));
        assert!(!Problem::all_lie_outside(&[Problem::DatabaseAway, silent(), ended]));
        assert!(Problem::all_lie_outside(&[]));
    }
}
