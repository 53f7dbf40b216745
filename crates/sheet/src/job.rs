//! Imports that go on in the background: in small transactions, so that others write in between, and each row once,
//! whatever happens in between.
//!
//! A job keeps the number of the last row that was dealt with. It moves in the same transaction as what the rows led to,
//! and only from where the runner saw it, so that a row is neither left out nor taken twice when a seat is killed, or
//! when two processes run the same job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kernel::{Duration, Fault, Faults, ImportId, Said, Timestamp};
use store::{AssertSqlSafe, Db, Engine, Tx, Who, args};

use crate::cell::Row;
use crate::header::headed;
use crate::read::Options;
use crate::rows::{Rows, turn_of_job};
use crate::texts;

/// A transaction should take no longer than this; the number of rows in one follows from it.
const PIECE: Duration = Duration::millis(50);
/// Rows in one transaction at first.
const PIECE_ROWS_FIRST: usize = 100;
/// Rows in one transaction at least.
const PIECE_ROWS_MIN: usize = 20;
/// Rows in one transaction at most.
const PIECE_ROWS_MAX: usize = 2_000;
/// A runner that was not heard of for so long is taken for dead. Longer than the reading of one row may take.
const LEASE: Duration = Duration::seconds(90);
/// How often jobs are looked for that nobody runs.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(2);
/// A file that lies on another host is left to the seat there for so long; then its job ends as one whose file is lost.
const ELSEWHERE_MAX: Duration = Duration::hours(24);
/// Refused rows kept with their faults; the others are counted.
pub const REFUSED_KEPT_MAX: i64 = 10_000;

/// What a desk does with the rows of a file.
pub trait Import: Clone + Send + Sync + 'static {
    /// Which import this is, in the table of jobs.
    const KIND: &'static str;
    /// The right that it needs.
    const RIGHT: &'static str;
    /// Rows of one file at most.
    const ROWS_MAX: u64;
    /// Where each column stands.
    type Columns: Send + Sync;

    /// Finds the columns in the row of their names.
    ///
    /// # Errors
    /// Columns that must be there and are not.
    fn columns(names: &[String]) -> Result<Self::Columns, Faults>;

    /// Takes some rows.
    fn take(
        &self,
        tx: &mut Tx,
        who: &Who,
        job: &Job,
        columns: &Self::Columns,
        rows: &[Row],
        piece: &mut Piece,
    ) -> impl Future<Output = store::Result<()>> + Send;

    /// Brings what was taken into force, where the database alone does not; the job is not at its end before. Where it
    /// fails, it is tried again.
    fn bring_into_force(&self, _job: &Job) -> impl Future<Output = store::Result<()>> + Send {
        async { Ok(()) }
    }

    /// Notes in the journal what the file led to: when it is done, cancelled, or cannot be read further.
    fn end(&self, tx: &mut Tx, who: &Who, job: &Job) -> impl Future<Output = store::Result<()>> + Send;

    /// After the end is committed.
    fn ended(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// What the rows of one transaction led to.
#[derive(Debug, Default)]
pub struct Piece {
    counts: BTreeMap<&'static str, i64>,
    refused: Vec<(u64, Vec<Fault>)>,
}

impl Piece {
    /// Counts what became of rows.
    pub fn count(&mut self, what: &'static str, rows: u64) {
        *self.counts.entry(what).or_default() += i64::try_from(rows).unwrap_or(i64::MAX);
    }

    /// Refuses a row.
    pub fn refuse(&mut self, row: u64, faults: Vec<Fault>) {
        self.refused.push((row, faults));
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportState)]
pub enum State {
    /// Rows are being taken.
    Running,
    /// Every row was dealt with.
    Done,
    /// Somebody stopped it; the rows until then are taken.
    Cancelled,
    /// The file could not be read to its end; the rows until then are taken.
    Failed,
}

impl State {
    const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Cancelled, Self::Failed];

    /// The word in the database and in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// A file that was sent, on the disk of the seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies; the job removes it at its end.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
}

/// An import in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Identity.
    pub id: ImportId,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Where it stands.
    pub state: State,
    /// Rows dealt with.
    pub rows_done: i64,
    /// Of them refused.
    pub refused: i64,
    /// What became of the others.
    pub counts: BTreeMap<String, i64>,
    /// Why the file was not read to its end.
    pub failure: Vec<Fault>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Who sent it.
    pub created_by: String,
    file_path: PathBuf,
    region: Option<String>,
    row_number: i64,
}

impl Job {
    /// Whether this job reads that file, and not one of the same content that was sent before.
    pub fn is_of(&self, file: &File) -> bool {
        self.file_path == file.path
    }

    /// How many rows became this.
    pub fn count(&self, what: &str) -> i64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// Goes on only where the import lies in the scope: that of an office that is not limited to a region is for such
    /// offices alone.
    ///
    /// # Errors
    /// It lies outside.
    pub fn require_scope(&self, who: &Who) -> store::Result<()> {
        match &self.region {
            Some(region) => who.require_region(region),
            None => who.require_everywhere(),
        }
    }

    /// Whether the file lies on another host that shares the database, as far as can be told.
    fn is_elsewhere(&self, db: &Db) -> bool {
        db.engine() == Engine::Postgres
            && !self.file_path.is_file()
            && db.clock().now() < self.started_at + ELSEWHERE_MAX
    }
}

/// Why a job cannot begin or be cancelled.
#[derive(Debug)]
pub enum Error {
    /// The database, or a missing right.
    Store(store::Error),
    /// Faults of the file.
    Faults(Faults),
    /// Not as things stand.
    Conflict(Said),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// Begins an import, where the file has the columns that must be there. A file that is being imported already is the
/// same job. The file is the job's from here on where [`Job::is_of`] says so; otherwise its sender removes it.
///
/// # Errors
/// The right is missing, or the file does not read.
pub async fn begin<I: Import>(db: &Db, who: &Who, file: &File) -> Result<Job, Error> {
    who.require(I::RIGHT)?;
    let rows = Rows::open(&file.path, &Options::rows(I::ROWS_MAX))
        .await
        .map_err(|fault| Error::Faults(Faults(vec![fault])))?;
    headed(rows, I::columns).await.map_err(Error::Faults)?;
    let mut tx = db.begin().await?;
    let now = tx.now();
    let path = file.path.to_str().ok_or_else(|| store::Error::Corrupt("the path of a file is no text".into()))?;
    tx.write(
        "INSERT INTO import_job (id, kind, file_name, file_path, sha256, bytes, state, row_number, rows_done, refused,
            counts, started_at, created_by, region, runner, lease_until)
         VALUES ($1,$2,$3,$4,$5,$6,'running',0,0,0,'{}',$7,$8,$9,'',0)
         ON CONFLICT (kind, sha256) WHERE state = 'running' DO NOTHING",
        args![
            ImportId::new(now),
            I::KIND,
            file.name.chars().take(200).collect::<String>(),
            path,
            &file.sha256,
            i64::try_from(file.bytes).unwrap_or(i64::MAX),
            now,
            &who.user,
            who.region.clone()
        ],
    )
    .await?;
    let sql = format!("{SELECT} WHERE kind = $1 AND sha256 = $2 AND state = 'running'");
    let row: Record = tx
        .fetch_optional(AssertSqlSafe(sql), args![I::KIND, &file.sha256])
        .await?
        .ok_or(store::Error::NotFound { what: "import" })?;
    let job = row.read()?;
    job.require_scope(who)?;
    tx.commit().await?;
    Ok(job)
}

/// Runs a job to its end, unless another runner does; tells how far it is after each transaction.
///
/// # Errors
/// The database; then the job stays as it is and goes on later.
pub async fn run<I: Import>(
    db: &Db,
    import: &I,
    id: ImportId,
    progress: &mut (dyn FnMut(&Job) + Send),
) -> store::Result<Job> {
    let job = of_id(db, I::KIND, id).await?;
    if job.is_elsewhere(db) {
        return Ok(job);
    }
    // Before it is claimed: a claim does not last as long as the wait may.
    let _turn = turn_of_job().await;
    let runner = hex::encode(rand::random::<[u8; 12]>());
    let now = db.clock().now();
    let mut tx = db.begin().await?;
    let mine = tx
        .execute(
            "UPDATE import_job SET runner = $2, lease_until = $3
             WHERE id = $1 AND state = 'running' AND lease_until <= $4",
            args![id, &runner, now + LEASE, now],
        )
        .await?;
    tx.commit().await?;
    let job = of_id(db, I::KIND, id).await?;
    if mine == 0 {
        return Ok(job);
    }
    let mut running = Running {
        db,
        import,
        who: Who { region: job.region.clone(), ..Who::user(&job.created_by, &[I::RIGHT]) },
        job,
        runner,
    };
    let outcome = match running.rows(progress).await {
        // What the database refuses today it refuses tomorrow: the job ends, and its page says why.
        Err(error) if !error.is_transient() => {
            tracing::error!(import = %id, row = running.job.row_number, %error, "an import cannot go on");
            Outcome::Broken(vec![Fault { field: "file".into(), said: error.said() }])
        }
        other => other?,
    };
    let job = match outcome {
        Outcome::Lost => of_id(db, I::KIND, id).await?,
        Outcome::Read => running.finish(State::Done, Vec::new()).await?,
        Outcome::Broken(faults) => running.finish(State::Failed, faults).await?,
    };
    progress(&job);
    Ok(job)
}

/// Runs a job in a task of its own, and gives it as it stands when it has ended or the time is over.
///
/// # Errors
/// The database, when the job is looked at; that of the task is logged, and the job goes on later.
pub async fn spawned<I: Import>(db: &Db, import: &I, id: ImportId, at_most: std::time::Duration) -> store::Result<Job> {
    let (task_db, import) = (db.clone(), import.clone());
    let task = tokio::spawn(async move {
        if let Err(error) = run(&task_db, &import, id, &mut |_| {}).await {
            tracing::warn!(import = %id, %error, "an import could not go on; it is tried again");
        }
    });
    if let Ok(Err(error)) = tokio::time::timeout(at_most, task).await {
        tracing::error!(import = %id, %error, "an import has ended by a fault of its own");
    }
    of_id(db, I::KIND, id).await
}

enum Outcome {
    /// Every row was dealt with.
    Read,
    /// The file goes no further.
    Broken(Vec<Fault>),
    /// Somebody cancelled the job, or another runner has it.
    Lost,
}

struct Running<'a, I> {
    db: &'a Db,
    import: &'a I,
    who: Who,
    job: Job,
    runner: String,
}

impl<I: Import> Running<'_, I> {
    async fn rows(&mut self, progress: &mut (dyn FnMut(&Job) + Send)) -> store::Result<Outcome> {
        if !self.job.file_path.is_file() {
            return Ok(Outcome::Broken(vec![texts::LOST.at("file", &[])]));
        }
        let rows = match Rows::open_in_turn(&self.job.file_path, &Options::rows(I::ROWS_MAX)).await {
            Ok(rows) => rows,
            Err(fault) => return Ok(Outcome::Broken(vec![fault])),
        };
        let mut rows = match headed(rows, I::columns).await {
            Ok(rows) => rows,
            Err(faults) => return Ok(Outcome::Broken(faults.0)),
        };
        let mut most = PIECE_ROWS_FIRST;
        loop {
            let mut some = Vec::with_capacity(most);
            let mut end = None;
            while some.len() < most {
                match rows.next().await {
                    // What was dealt with before the seat was stopped.
                    Ok(Some(row)) if i64::try_from(row.number).is_ok_and(|n| n <= self.job.row_number) => {}
                    Ok(Some(row)) => some.push(row),
                    Ok(None) => {
                        end = Some(Outcome::Read);
                        break;
                    }
                    Err(fault) => {
                        end = Some(Outcome::Broken(vec![fault]));
                        break;
                    }
                }
            }
            if !some.is_empty() {
                let before = self.db.clock().now();
                if !self.take(&rows.columns, &some).await? {
                    return Ok(Outcome::Lost);
                }
                let took = self.db.clock().now() - before;
                most = if took > PIECE {
                    most / 2
                } else if Duration(took.0 * 2) < PIECE {
                    most * 2
                } else {
                    most
                };
                most = most.clamp(PIECE_ROWS_MIN, PIECE_ROWS_MAX);
                progress(&self.job);
            }
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    /// One transaction; false where the job is no longer ours.
    async fn take(&mut self, columns: &I::Columns, rows: &[Row]) -> store::Result<bool> {
        let mut piece = Piece::default();
        let (long, rows_read): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.too_long);
        for row in long {
            piece.refuse(row.number, vec![texts::ROW_LONG.at("", &[])]);
        }
        let mut tx = self.db.begin().await?;
        let rows_read: Vec<Row> = rows_read.into_iter().cloned().collect();
        self.import.take(&mut tx, &self.who, &self.job, columns, &rows_read, &mut piece).await?;
        let mut after = self.job.clone();
        after.row_number = rows.last().and_then(|row| i64::try_from(row.number).ok()).unwrap_or(after.row_number);
        after.rows_done += i64::try_from(rows.len()).unwrap_or(0);
        for (what, count) in piece.counts {
            *after.counts.entry(what.to_owned()).or_default() += count;
        }
        for (row, faults) in piece.refused {
            after.refused += 1;
            if after.refused <= REFUSED_KEPT_MAX {
                let faults = serde_json::to_string(&faults).map_err(|e| store::Error::Corrupt(e.to_string()))?;
                tx.write(
                    "INSERT INTO import_job_row (job_id, row_number, faults) VALUES ($1,$2,$3)",
                    args![after.id, i64::try_from(row).unwrap_or(i64::MAX), faults],
                )
                .await?;
            }
        }
        let counts = serde_json::to_string(&after.counts).map_err(|e| store::Error::Corrupt(e.to_string()))?;
        let ours = tx
            .execute(
                "UPDATE import_job SET row_number = $4, rows_done = $5, refused = $6, counts = $7, lease_until = $8
                 WHERE id = $1 AND state = 'running' AND runner = $2 AND row_number = $3",
                args![
                    after.id,
                    &self.runner,
                    self.job.row_number,
                    after.row_number,
                    after.rows_done,
                    after.refused,
                    counts,
                    tx.now() + LEASE
                ],
            )
            .await?;
        if ours == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        tx.commit().await?;
        self.job = after;
        Ok(true)
    }

    async fn finish(&mut self, state: State, failure: Vec<Fault>) -> store::Result<Job> {
        self.import.bring_into_force(&self.job).await?;
        let mut tx = self.db.begin().await?;
        let ours = end(&mut tx, self.job.id, state, &failure, Some(&self.runner)).await?;
        if ours {
            self.job.state = state;
            self.job.failure = failure;
            self.import.end(&mut tx, &self.who, &self.job).await?;
            tx.commit().await?;
            self.import.ended().await;
            remove(&self.job.file_path);
        } else {
            tx.rollback().await?;
        }
        of_id(self.db, I::KIND, self.job.id).await
    }
}

/// Moves a running job to its end; false where it is no longer running, or no longer that runner's.
async fn end(tx: &mut Tx, id: ImportId, state: State, failure: &[Fault], runner: Option<&str>) -> store::Result<bool> {
    let failure = match failure {
        [] => None,
        some => Some(serde_json::to_string(some).map_err(|e| store::Error::Corrupt(e.to_string()))?),
    };
    let touched = tx
        .execute(
            "UPDATE import_job SET state = $2, failure = $3, finished_at = $4
             WHERE id = $1 AND state = 'running' AND (runner = $5 OR $6)",
            args![id, state.code(), failure, tx.now(), runner.unwrap_or(""), runner.is_none()],
        )
        .await?;
    Ok(touched > 0)
}

/// Stops a job; what was taken until then stays.
///
/// # Errors
/// The right is missing, or the job has ended.
pub async fn cancel<I: Import>(db: &Db, import: &I, who: &Who, id: ImportId) -> Result<Job, Error> {
    who.require(I::RIGHT)?;
    // Its counts are read behind the change, when its runner can move them no more.
    let before = of_id(db, I::KIND, id).await?;
    before.require_scope(who)?;
    let mut tx = db.begin().await?;
    if !end(&mut tx, id, State::Cancelled, &[], None).await? {
        return Err(Error::Conflict(texts::NOT_RUNNING.say(&[])));
    }
    let sql = format!("{SELECT} WHERE id = $1");
    let row: Record = tx.fetch_one(AssertSqlSafe(sql), args![id]).await?;
    let job = row.read()?;
    import.end(&mut tx, who, &job).await?;
    tx.commit().await?;
    import.ended().await;
    remove(&before.file_path);
    Ok(job)
}

/// How the names of files end that were sent and not dealt with yet.
pub const SENT: &str = "sent";

/// Goes on with the jobs of one kind that nobody runs: after a restart, or when another process died. Does not end.
pub async fn resume<I: Import>(db: Db, import: I) {
    let mut fresh = true;
    // Silent for as long as a file takes; what fails again and again is seen.
    let worker = db.worker(&format!("imports.{}", I::KIND), std::time::Duration::MAX);
    loop {
        match go_on(&db, &import, &mut fresh).await {
            Ok(()) => worker.round(),
            Err(error) => {
                tracing::warn!(%error, kind = I::KIND, "imports that were cut off could not go on; they are tried again");
                worker.failed(&error);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn go_on<I: Import>(db: &Db, import: &I, fresh: &mut bool) -> store::Result<()> {
    // An embedded database has one process that serves it: what runs there ran in a process that is gone.
    if *fresh && db.engine() == Engine::Sqlite {
        release(db, I::KIND).await?;
    }
    *fresh = false;
    let mut outcome = Ok(());
    for id in forsaken(db, I::KIND).await? {
        match run(db, import, id, &mut |_| {}).await {
            Ok(job) => {
                tracing::info!(import = %id, state = job.state.code(), rows = job.rows_done, "went on with an import")
            }
            // One that cannot go on now keeps no other one from it.
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// A file that is being sent is younger than this.
const SENT_AGE: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Removes files that were sent to a process that has died since: they hold personal data, and nobody asks for them any
/// more. To be called at the start of a seat. Those of jobs that go on stay.
///
/// # Errors
/// The database; then nothing is removed.
pub async fn sweep(db: &Db, folder: &Path) -> store::Result<usize> {
    let running: Vec<(String,)> =
        db.fetch_all("SELECT file_path FROM import_job WHERE state = 'running'", args![]).await?;
    let running: Vec<&std::ffi::OsStr> = running.iter().filter_map(|(path,)| Path::new(path).file_name()).collect();
    let mut removed = 0;
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => {
            tracing::warn!(%error, folder = %folder.display(), "the folder of files that were sent cannot be read");
            return Ok(0);
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let old = entry
            .metadata()
            .and_then(|about| about.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > SENT_AGE));
        if old && path.extension().is_some_and(|kind| kind == SENT) && !running.contains(&entry.file_name().as_os_str())
        {
            remove(&path);
            removed += 1;
        }
    }
    Ok(removed)
}

async fn release(db: &Db, kind: &str) -> store::Result<()> {
    let mut tx = db.begin().await?;
    tx.write("UPDATE import_job SET lease_until = 0 WHERE kind = $1 AND state = 'running'", args![kind]).await?;
    tx.commit().await
}

/// The jobs that nobody runs, the oldest first. One whose row cannot be read is left to a person, who sees the error.
async fn forsaken(db: &Db, kind: &str) -> store::Result<Vec<ImportId>> {
    let sql = format!("{SELECT} WHERE kind = $1 AND state = 'running' AND lease_until <= $2 ORDER BY id");
    let rows: Vec<Record> = db.fetch_all(AssertSqlSafe(sql), args![kind, db.clock().now()]).await?;
    let mut found = Vec::new();
    for row in rows {
        match row.read() {
            Ok(job) if !job.is_elsewhere(db) => found.push(job.id),
            Ok(_) => {}
            Err(error) => tracing::error!(kind, %error, "an import is stored in a form that cannot be read"),
        }
    }
    Ok(found)
}

/// A job.
///
/// # Errors
/// There is none.
pub async fn of_id(db: &Db, kind: &str, id: ImportId) -> store::Result<Job> {
    let sql = format!("{SELECT} WHERE kind = $1 AND id = $2");
    let row: Option<Record> = db.fetch_optional(AssertSqlSafe(sql), args![kind, id]).await?;
    row.ok_or(store::Error::NotFound { what: "import" })?.read()
}

/// The jobs of a kind in the scope, before one of them, the latest first.
///
/// # Errors
/// The database.
pub async fn list(db: &Db, who: &Who, kind: &str, before: Option<ImportId>, limit: i64) -> store::Result<Vec<Job>> {
    let sql = format!("{SELECT} WHERE kind = $1 AND id < $2 AND (region LIKE $4 OR $5) ORDER BY id DESC LIMIT $3");
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let scope = args![kind, before, limit, who.region_pattern(), who.region.is_none()];
    let rows: Vec<Record> = db.fetch_all(AssertSqlSafe(sql), scope).await?;
    rows.into_iter().map(Record::read).collect()
}

/// The refused rows of a job with their faults, in the order of the file, at most so many.
///
/// # Errors
/// The database.
pub async fn refused(db: &Db, id: ImportId, limit: i64) -> store::Result<Vec<(u64, Vec<Fault>)>> {
    let rows: Vec<(i64, String)> = db
        .fetch_all(
            "SELECT row_number, faults FROM import_job_row WHERE job_id = $1 ORDER BY row_number LIMIT $2",
            args![id, limit],
        )
        .await?;
    rows.into_iter()
        .map(|(row, faults)| {
            let faults = serde_json::from_str(&faults).map_err(|e| store::Error::Corrupt(e.to_string()))?;
            Ok((u64::try_from(row).unwrap_or(0), faults))
        })
        .collect()
}

const SELECT: &str = "SELECT id, file_name, file_path, sha256, state, row_number, rows_done, refused, counts, failure,
    started_at, finished_at, created_by, region FROM import_job";

#[derive(sqlx::FromRow)]
struct Record {
    id: String,
    file_name: String,
    file_path: String,
    sha256: String,
    state: String,
    row_number: i64,
    rows_done: i64,
    refused: i64,
    counts: String,
    failure: Option<String>,
    started_at: i64,
    finished_at: Option<i64>,
    created_by: String,
    region: Option<String>,
}

impl Record {
    fn read(self) -> store::Result<Job> {
        let corrupt = |what: &str| store::Error::Corrupt(format!("import {}: {what}", self.id));
        let failure = self.failure.as_deref().map(serde_json::from_str).transpose();
        Ok(Job {
            id: self.id.parse().map_err(|_| corrupt("id"))?,
            state: State::ALL.into_iter().find(|s| s.code() == self.state).ok_or_else(|| corrupt("state"))?,
            counts: serde_json::from_str(&self.counts).map_err(|_| corrupt("counts"))?,
            failure: failure.map_err(|_| corrupt("failure"))?.unwrap_or_default(),
            file_name: self.file_name,
            sha256: self.sha256,
            rows_done: self.rows_done,
            refused: self.refused,
            started_at: Timestamp(self.started_at),
            finished_at: self.finished_at.map(Timestamp),
            created_by: self.created_by,
            file_path: PathBuf::from(self.file_path),
            region: self.region,
            row_number: self.row_number,
        })
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a file that was imported could not be removed");
    }
}
