//! The pools, and transactions over them.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use kernel::{Clock, Timestamp};
use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{Executor as _, FromRow, PgPool, Postgres, SqlSafeStr, Sqlite};

use crate::batch::Batch;
use crate::commits::Commits;
use crate::connection::{Inner, Open, Patience};
use crate::embedded::{Connections, Disk};
use crate::health::Health;
use crate::journal::Pending;
use crate::{Arg, Args, Error, Result, Vault, Who};

/// Connections that only read, on SQLite.
const SQLITE_READERS: u32 = 4;
/// Statements that a connection to SQLite keeps prepared; those that travel together count as one.
const STATEMENTS_KEPT: usize = 1_000;
/// Connections on PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;

/// How long a server may take. Beyond, the call fails, as on a database that is away: whoever waited tries again.
///
/// The server ends what takes too long, and takes back a transaction whose seat is gone. It can do neither once its host
/// is without power; of that nobody is told, so the seat does not wait for an answer much longer than the server may work.
/// What needs its time (a migration, reading every table) is done by [`Db::patient`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One statement, at the server.
    pub statement: Duration,
    /// One answer, at the seat: more than `statement`, and less than a worker may be silent.
    pub answer: Duration,
    /// A transaction in which nothing is asked.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { statement: Duration::from_secs(90), answer: Duration::from_secs(100), idle: Duration::from_secs(300) }
    }
}

/// An answer to [`Db::patient`] comes within this.
const PATIENT_ANSWER: Duration = Duration::from_secs(6 * 3_600);

/// How sure a commit is. The default for every seat is [`Durability::Full`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A commit survives the loss of power.
    #[default]
    Full,
    /// A commit survives the death of the process; for benches and throw-away data.
    Process,
}

/// Which database is behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// By URL.
    Postgres,
}

/// What a [`Db`] is opened with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the seat, written into each journal entry.
    pub seat: String,
    /// Where time comes from.
    pub clock: Clock,
    /// The master key of personal data in the journal.
    pub vault: Vault,
    /// How sure a commit is.
    pub durability: Durability,
}

/// A row type that reads from both databases; derive `sqlx::FromRow`, or use a tuple.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

#[derive(Clone)]
enum Pools {
    Sqlite { write: Connections, read: Connections },
    Postgres(PgPool),
}

/// The database of a seat; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    settings: Arc<Settings>,
    commits: Arc<Commits>,
    /// Commits after which a deadline is near, for those who wait for one.
    deadlines: Arc<Commits>,
    /// Where the seat brings its commits to disk itself.
    disk: Option<Arc<Disk>>,
    health: Arc<Health>,
    anchor: Option<Arc<std::path::Path>>,
    authority: Option<Arc<tsp::Authority>>,
    answer_max: Duration,
    is_patient: bool,
    #[cfg(feature = "testing")]
    faults: Arc<crate::faults::Faults>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?}, {})", self.engine(), self.settings.seat)
    }
}

macro_rules! bound {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Int(v) => query.bind(v),
                Arg::Text(v) => query.bind(v),
                Arg::Bool(v) => query.bind(v),
                Arg::Bytes(v) => query.bind(v),
            };
        }
        query
    }};
}

impl Db {
    /// Opens `sqlite:///path/file.db` (made when absent) or `postgres://…`.
    ///
    /// # Errors
    /// The URL is of another kind, or the database does not answer.
    pub async fn open(url: &str, settings: Settings) -> Result<Self> {
        Self::open_within(url, settings, Limits::default()).await
    }

    /// The same with other limits on what a server may take; for tests.
    ///
    /// # Errors
    /// The URL is of another kind, or the database does not answer.
    pub async fn open_within(url: &str, settings: Settings, limits: Limits) -> Result<Self> {
        let (pools, disk) = if url.starts_with("sqlite:") {
            open_sqlite(url, settings.durability).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            (open_postgres(url, limits).await?, None)
        } else {
            return Err(Error::Url(url.split('@').next_back().unwrap_or(url).to_owned()));
        };
        Ok(Self {
            pools,
            settings: Arc::new(settings),
            commits: Arc::default(),
            deadlines: Arc::default(),
            disk: disk.map(Arc::new),
            health: Arc::default(),
            anchor: None,
            authority: None,
            answer_max: limits.answer,
            is_patient: false,
            #[cfg(feature = "testing")]
            faults: Arc::default(),
        })
    }

    /// Which database this is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Where time comes from.
    pub fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    /// Name of the seat.
    pub fn seat(&self) -> &str {
        &self.settings.seat
    }

    /// The seat's master key.
    pub fn vault(&self) -> &Vault {
        &self.settings.vault
    }

    /// The same with a file outside, best on another disk, to which sealed heads of the journal are written and against
    /// which the journal is verified.
    #[must_use]
    pub fn anchored(self, file: Option<std::path::PathBuf>) -> Self {
        Self { anchor: file.map(Into::into), ..self }
    }

    /// The file outside with the sealed heads, where there is one.
    pub fn anchor(&self) -> Option<&std::path::Path> {
        self.anchor.as_deref()
    }

    /// The same with the time-stamping authority by whose certificates the stamps in the anchor are checked.
    #[must_use]
    pub fn stamped_by(self, authority: Option<tsp::Authority>) -> Self {
        Self { authority: authority.map(Arc::new), ..self }
    }

    /// The time-stamping authority that the seat trusts, where there is one.
    pub fn authority(&self) -> Option<&tsp::Authority> {
        self.authority.as_deref()
    }

    /// The same for work that takes long in one statement: the server's limits are lifted in each transaction.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self { answer_max: PATIENT_ANSWER, is_patient: true, ..self.clone() }
    }

    fn patience(&self) -> Patience {
        Patience(self.answer_max)
    }

    /// Whether a transaction must lift the limits of its server first.
    fn lifts_limits(&self) -> bool {
        self.is_patient && self.engine() == Engine::Postgres
    }

    /// How the seat's workers are doing, and whether the database takes writes.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Errors that a test puts between the seat and its database.
    #[cfg(feature = "testing")]
    pub fn faults(&self) -> &crate::faults::Faults {
        &self.faults
    }

    /// Where a test may let a call fail.
    #[cfg(feature = "testing")]
    fn may_fail(&self) -> std::result::Result<(), sqlx::Error> {
        self.faults.pass()
    }

    #[cfg(not(feature = "testing"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "fails only in tests")]
    const fn may_fail(&self) -> std::result::Result<(), sqlx::Error> {
        Ok(())
    }

    /// Starts a writing transaction; on SQLite one at a time, in order of asking.
    pub async fn begin(&self) -> Result<Tx> {
        self.may_fail()?;
        let open = match &self.pools {
            Pools::Sqlite { write, .. } => Open::begin(Inner::Sqlite(write.acquire().await?), self.patience()).await?,
            Pools::Postgres(pool) => Open::begin(Inner::Postgres(pool.acquire().await?), self.patience()).await?,
        };
        let mut tx = Tx {
            open,
            db: self.clone(),
            queue: Batch::default(),
            pending: Vec::new(),
            regions: HashMap::new(),
            wake: false,
            deadline_near: false,
        };
        if self.lifts_limits() {
            tx.raw("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        }
        Ok(tx)
    }

    /// Every row of a reading statement.
    pub async fn fetch_all<T: Record>(&self, sql: impl SqlSafeStr, args: Args) -> Result<Vec<T>> {
        if self.lifts_limits() {
            return self.begin().await?.fetch_all(sql, args).await;
        }
        self.may_fail()?;
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => {
                bound!(sqlx::query_as::<Sqlite, T>(sql), args).fetch_all(read.acquire().await?.get()?).await?
            }
            Pools::Postgres(pool) => {
                let mut c = pool.acquire().await?;
                let query = bound!(sqlx::query_as::<Postgres, T>(sql), args);
                let outcome = self.patience().waits(query.fetch_all(&mut *c)).await;
                kept(c, outcome)?
            }
        })
    }

    /// One row or none.
    pub async fn fetch_optional<T: Record>(&self, sql: impl SqlSafeStr, args: Args) -> Result<Option<T>> {
        if self.lifts_limits() {
            return self.begin().await?.fetch_optional(sql, args).await;
        }
        self.may_fail()?;
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => {
                bound!(sqlx::query_as::<Sqlite, T>(sql), args).fetch_optional(read.acquire().await?.get()?).await?
            }
            Pools::Postgres(pool) => {
                let mut c = pool.acquire().await?;
                let query = bound!(sqlx::query_as::<Postgres, T>(sql), args);
                let outcome = self.patience().waits(query.fetch_optional(&mut *c)).await;
                kept(c, outcome)?
            }
        })
    }

    /// Exactly one row.
    pub async fn fetch_one<T: Record>(&self, sql: impl SqlSafeStr, args: Args) -> Result<T> {
        self.fetch_optional(sql, args).await?.ok_or(Error::NotFound { what: "row" })
    }

    /// Waits until something was committed after the given count, or the time is over; gives the new count.
    /// Another process on the same database is noticed only by the time being over, so keep it short.
    pub async fn changed(&self, seen: u64, at_most: std::time::Duration) -> u64 {
        self.commits.changed(seen, at_most).await
    }

    /// How many waking commits this process has made.
    pub fn commits(&self) -> u64 {
        self.commits.count()
    }

    /// Waits until everything that was committed so far survives the loss of power. A commit of one's own does already when
    /// it returns; what was read of others may not yet, and whoever tells the world outside of it waits first.
    ///
    /// # Errors
    /// The disk.
    pub async fn settled(&self) -> Result<()> {
        match &self.disk {
            Some(disk) => disk.settled().await.map_err(|error| Error::Database(sqlx::Error::Io(error))),
            None => Ok(()),
        }
    }

    /// As [`Db::changed`], for commits after which a deadline is near.
    pub(crate) async fn deadline_changed(&self, seen: u64, at_most: std::time::Duration) -> u64 {
        self.deadlines.changed(seen, at_most).await
    }

    /// How many commits there were after which a deadline was near.
    pub(crate) fn deadlines(&self) -> u64 {
        self.deadlines.count()
    }

    /// A statement that no transaction may hold, such as `CREATE DATABASE`; for tests.
    #[cfg(feature = "testing")]
    pub(crate) async fn raw_outside_transaction(&self, sql: &str) -> Result<()> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                sqlx::raw_sql(sql).execute(write.acquire().await?.get()?).await.map(|_| ())?
            }
            Pools::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Closes the pools; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Gives a connection back to its pool; one that did not answer is closed instead.
fn kept<T>(
    mut c: sqlx::pool::PoolConnection<Postgres>,
    outcome: std::result::Result<T, sqlx::Error>,
) -> std::result::Result<T, sqlx::Error> {
    if matches!(outcome, Err(sqlx::Error::Io(_))) {
        c.close_on_drop();
    }
    outcome
}

async fn open_postgres(url: &str, limits: Limits) -> Result<Pools> {
    let (statement, idle) = (limits.statement.as_millis(), limits.idle.as_millis());
    let set: Arc<str> =
        format!("SET statement_timeout = {statement}; SET idle_in_transaction_session_timeout = {idle}").into();
    let options = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).after_connect(move |c, _| {
        let set = set.clone();
        Box::pin(async move {
            sqlx::raw_sql(sqlx::AssertSqlSafe(&*set)).execute(c).await?;
            Ok(())
        })
    });
    Ok(Pools::Postgres(options.connect(url).await?))
}

async fn open_sqlite(url: &str, durability: Durability) -> Result<(Pools, Option<Disk>)> {
    // A commit is brought to disk by [`Disk`], many at once; so the database need not do it for each.
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(std::time::Duration::from_secs(10))
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16000")
        .statement_cache_capacity(STATEMENTS_KEPT);
    let write = Connections::open(options.clone(), 1).await?;
    let file = options.get_filename().to_owned();
    let read = options.create_if_missing(false).pragma("query_only", "on");
    let read = Connections::open(read, SQLITE_READERS).await?;
    let disk = (durability == Durability::Full && file.exists()).then(|| Disk::of(&file));
    Ok((Pools::Sqlite { write, read }, disk))
}

/// A writing transaction. Dropped without [`Tx::commit`], nothing of it happened.
///
/// Every statement on SQLite is a journey to the thread that holds the connection and back, which costs more than most
/// statements themselves. So what [`Tx::write`] is given travels with the next statement that is asked for an answer.
///
/// An error of the database ends it: every later call fails, the commit too. Where it may be gone in the database
/// (a full disk, a lost connection), the connection is closed rather than given to the next caller.
pub struct Tx {
    open: Open,
    db: Db,
    /// What was given to [`Tx::write`] and has not travelled yet; on SQLite only.
    queue: Batch,
    pending: Vec<Pending>,
    /// The regions that the entries in `pending` tell, by subject.
    regions: HashMap<String, String>,
    wake: bool,
    deadline_near: bool,
}

impl Tx {
    /// Now, by the seat's clock.
    pub fn now(&self) -> Timestamp {
        self.db.clock().now()
    }

    /// The database that this transaction writes to.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Runs a writing statement and gives the number of rows touched.
    pub async fn execute(&mut self, sql: impl SqlSafeStr, args: Args) -> Result<u64> {
        let (sql, args) = self.queued(sql, args);
        let patience = self.db.patience();
        let outcome = match self.connection()? {
            Inner::Sqlite(c) => {
                let outcomes = c.get()?.fetch_many(bound!(sqlx::query::<Sqlite>(sql), args));
                // Of the last statement; those before it came from the queue. The first failure is the outcome.
                let done = outcomes.try_filter_map(async |one| Ok(one.left().map(|done| done.rows_affected())));
                done.try_fold(0, async |_before, touched| Ok(touched)).await
            }
            Inner::Postgres(c) => {
                let query = bound!(sqlx::query::<Postgres>(sql), args);
                patience.waits(query.execute(&mut **c)).await.map(|done| done.rows_affected())
            }
        };
        self.open.judge(outcome)
    }

    /// Runs a writing statement, before any later one of the transaction. Nobody hears how many rows it touched; that it
    /// was refused may be told by a later call, at last by the commit.
    pub async fn write(&mut self, sql: impl SqlSafeStr, args: Args) -> Result<()> {
        if self.db.engine() == Engine::Postgres {
            return self.execute(sql, args).await.map(drop);
        }
        self.open.connection()?;
        self.queue.push(sql.into_sql_str().as_str(), args);
        if self.queue.is_full() { self.send().await } else { Ok(()) }
    }

    /// Sends what waits in the queue.
    async fn send(&mut self) -> Result<()> {
        if self.queue.is_empty() {
            return Ok(());
        }
        let (sql, args) = std::mem::take(&mut self.queue).into_statement();
        let outcome = match self.connection()? {
            Inner::Sqlite(c) => {
                bound!(sqlx::query::<Sqlite>(sqlx::AssertSqlSafe(sql)), args).execute(c.get()?).await.map(drop)
            }
            // Nothing is queued here.
            Inner::Postgres(_) => Ok(()),
        };
        self.open.judge(outcome)
    }

    /// A statement behind those that wait in the queue: they travel together.
    fn queued(&mut self, sql: impl SqlSafeStr, args: Args) -> (sqlx::SqlStr, Args) {
        if self.queue.is_empty() {
            return (sql.into_sql_str(), args);
        }
        let mut batch = std::mem::take(&mut self.queue);
        batch.push(sql.into_sql_str().as_str(), args);
        let (sql, args) = batch.into_statement();
        (sqlx::AssertSqlSafe(sql).into_sql_str(), args)
    }

    /// Every row of a statement.
    pub async fn fetch_all<T: Record>(&mut self, sql: impl SqlSafeStr, args: Args) -> Result<Vec<T>> {
        let (sql, args) = self.queued(sql, args);
        let patience = self.db.patience();
        let outcome = match self.connection()? {
            Inner::Sqlite(c) => bound!(sqlx::query_as::<Sqlite, T>(sql), args).fetch_all(c.get()?).await,
            Inner::Postgres(c) => {
                patience.waits(bound!(sqlx::query_as::<Postgres, T>(sql), args).fetch_all(&mut **c)).await
            }
        };
        self.open.judge(outcome)
    }

    /// One row or none.
    pub async fn fetch_optional<T: Record>(&mut self, sql: impl SqlSafeStr, args: Args) -> Result<Option<T>> {
        let (sql, args) = self.queued(sql, args);
        let patience = self.db.patience();
        let outcome = match self.connection()? {
            Inner::Sqlite(c) => bound!(sqlx::query_as::<Sqlite, T>(sql), args).fetch_optional(c.get()?).await,
            Inner::Postgres(c) => {
                patience.waits(bound!(sqlx::query_as::<Postgres, T>(sql), args).fetch_optional(&mut **c)).await
            }
        };
        self.open.judge(outcome)
    }

    /// The connection, unless an error ended the transaction.
    fn connection(&mut self) -> Result<&mut Inner> {
        let may = self.db.may_fail();
        self.open.judge(may)?;
        self.open.connection()
    }

    /// Exactly one row.
    pub async fn fetch_one<T: Record>(&mut self, sql: impl SqlSafeStr, args: Args) -> Result<T> {
        self.fetch_optional(sql, args).await?.ok_or(Error::NotFound { what: "row" })
    }

    /// Statements without places; for migrations.
    pub(crate) async fn raw(&mut self, sql: &str) -> Result<()> {
        self.send().await?;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let patience = self.db.patience();
        let outcome = match self.connection()? {
            Inner::Sqlite(c) => sqlx::raw_sql(sql).execute(c.get()?).await.map(|_| ()),
            Inner::Postgres(c) => patience.waits(sqlx::raw_sql(sql).execute(&mut **c)).await.map(|_| ()),
        };
        self.open.judge(outcome)
    }

    /// Puts an entry into the journal; it is numbered and chained when the transaction commits.
    pub async fn append(&mut self, entry: crate::journal::Entry, who: &Who) -> Result<()> {
        let entry = match (&entry.region, self.regions.get(&entry.subject)) {
            (None, Some(region)) => entry.region(region.clone()),
            _ => entry,
        };
        let pending = crate::journal::prepare(self, entry, who).await?;
        if let Some((subject, region)) = pending.place() {
            self.regions.insert(subject.to_owned(), region.to_owned());
        }
        self.pending.push(pending);
        self.wake = true;
        Ok(())
    }

    /// Wakes those who wait in [`Db::changed`] when this commits, though nothing is appended.
    pub fn wake(&mut self) {
        self.wake = true;
    }

    /// Wakes those who wait for a deadline when this commits.
    pub(crate) fn deadline_near(&mut self) {
        self.deadline_near = true;
    }

    /// Makes it all happen.
    pub async fn commit(mut self) -> Result<()> {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            crate::journal::chain(&mut self, pending).await?;
        }
        self.send().await?;
        let may = self.db.may_fail();
        self.open.judge(may)?;
        self.open.commit().await?;
        let Self { open, db, wake, deadline_near, .. } = self;
        if let Some(disk) = &db.disk {
            disk.committed();
            // The next one writes while this one waits for the disk.
            drop(open);
            db.settled().await?;
        }
        if wake {
            db.commits.add();
        }
        if deadline_near {
            db.deadlines.add();
        }
        #[cfg(feature = "testing")]
        db.faults.after_commit()?;
        Ok(())
    }

    /// Takes it all back.
    pub async fn rollback(mut self) -> Result<()> {
        self.open.rollback().await
    }
}
