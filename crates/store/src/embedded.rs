//! Connections to the embedded database, and how its commits get to disk.
//!
//! A pool made for servers asks a connection whether it lives, before each use and after it: two journeys to the thread
//! that holds it for each one that does something. Here a connection is handed from one caller to the next; one that
//! failed inside a transaction is closed, and the next caller opens another.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A caller waits so long for a connection.
const WAIT_MAX: Duration = Duration::from_secs(60);

type Outcome<T> = std::result::Result<T, sqlx::Error>;

/// Some connections to one file; cheap to clone.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    most: u32,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Connections {
    /// At most `most` connections. The first is opened now: a wrong path is told at once.
    pub async fn open(options: SqliteConnectOptions, most: u32) -> Outcome<Self> {
        let first = options.connect().await?;
        let permits = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1)));
        Ok(Self(Arc::new(Shared { options, most, permits, idle: Mutex::new(vec![first]) })))
    }

    /// A connection for this caller alone; in the order of asking.
    pub async fn acquire(&self) -> Outcome<Lent> {
        let permit = match tokio::time::timeout(WAIT_MAX, self.0.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_closed)) => return Err(sqlx::Error::PoolClosed),
            Err(_elapsed) => return Err(sqlx::Error::PoolTimedOut),
        };
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.0.options.connect().await?,
        };
        Ok(Lent { connection: Some(connection), home: self.0.clone(), permit: Some(permit) })
    }

    /// Waits until every caller has given its connection back, and closes them. The last one folds the write-ahead log
    /// into the file.
    pub async fn close(&self) {
        let all = self.0.permits.acquire_many(self.0.most).await;
        self.0.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.0.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a connection to the database did not close well");
            }
        }
    }
}

/// A connection that goes back when it is dropped.
pub struct Lent {
    /// None only once it was closed.
    connection: Option<SqliteConnection>,
    home: Arc<Shared>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Lent {
    /// The connection.
    ///
    /// # Errors
    /// It was closed.
    pub fn get(&mut self) -> Outcome<&mut SqliteConnection> {
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Nobody knows how it stands: it is closed, and the next caller opens another.
    pub fn close_on_drop(&mut self) {
        self.connection = None;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.home.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        drop(self.permit.take());
    }
}

/// Brings commits to disk, as many as wait with one journey.
///
/// The database itself would bring each to disk alone, before it lets the next begin: on a common disk some milliseconds,
/// in which nobody writes. Here a commit is written to the log, the next one begins, and a commit is told as done once
/// the log is on disk up to it. After the loss of power all that was told is there, as the log is read in its order.
#[derive(Debug)]
pub struct Disk {
    file: PathBuf,
    log: PathBuf,
    /// Commits that stand in the log.
    written: AtomicU64,
    /// Commits that are known to be on disk.
    kept: AtomicU64,
    /// The log as last seen: its name must be on disk too.
    inode: Arc<AtomicU64>,
    /// A failure is for good: the system forgets what it could not write, and would call the next journey a success.
    failed: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

impl Disk {
    /// Of a database in this file.
    pub fn of(file: &Path) -> Self {
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        Self {
            file: file.to_owned(),
            log: log.into(),
            written: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            inode: Arc::default(),
            failed: AtomicBool::new(false),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// One more commit stands in the log.
    pub fn committed(&self) {
        self.written.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until everything that was committed so far is on disk.
    ///
    /// # Errors
    /// It could not be brought there; from then on nothing can, and the seat has to start again.
    pub async fn settled(&self) -> std::io::Result<()> {
        let mine = self.written.load(Ordering::SeqCst);
        if self.kept.load(Ordering::SeqCst) >= mine {
            return Ok(());
        }
        // Whoever waits here is mostly served by the one before.
        let _turn = self.turn.lock().await;
        if self.kept.load(Ordering::SeqCst) >= mine {
            return Ok(());
        }
        if self.failed.load(Ordering::SeqCst) {
            return Err(std::io::Error::other(
                "the log of the database could not be brought to disk; start the seat again",
            ));
        }
        let all = self.written.load(Ordering::SeqCst);
        let (file, log, inode) = (self.file.clone(), self.log.clone(), self.inode.clone());
        let outcome = tokio::task::spawn_blocking(move || bring(&file, &log, &inode)).await;
        if let Err(error) = outcome.map_err(std::io::Error::other).flatten() {
            self.failed.store(true, Ordering::SeqCst);
            return Err(error);
        }
        self.kept.store(all, Ordering::SeqCst);
        Ok(())
    }
}

fn bring(file: &Path, log: &Path, inode: &AtomicU64) -> std::io::Result<()> {
    let log = match std::fs::File::open(log) {
        Ok(log) => log,
        // The last connection was closed meanwhile, which has folded the log into the file.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return std::fs::File::open(file)?.sync_all(),
        Err(error) => return Err(error),
    };
    log.sync_data()?;
    let seen = log.metadata()?.ino();
    if inode.load(Ordering::SeqCst) != seen {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::File::open(folder)?.sync_all()?;
        }
        inode.store(seen, Ordering::SeqCst);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Disk;

    #[tokio::test]
    async fn a_commit_is_told_when_the_log_is_on_disk_and_never_after_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::of(&folder.path().join("seat.db"));
        disk.settled().await.expect("nothing was committed");
        std::fs::write(folder.path().join("seat.db-wal"), "a").unwrap();
        disk.committed();
        disk.settled().await.unwrap();
        // Closing has folded the log into the file.
        std::fs::remove_file(folder.path().join("seat.db-wal")).unwrap();
        std::fs::write(folder.path().join("seat.db"), "a").unwrap();
        disk.committed();
        disk.settled().await.unwrap();
        std::fs::remove_file(folder.path().join("seat.db")).unwrap();
        disk.settled().await.expect("what is on disk already stays told");
        disk.committed();
        disk.settled().await.expect_err("there is nothing that could be brought to disk");
        std::fs::write(folder.path().join("seat.db-wal"), "a").unwrap();
        disk.settled().await.expect_err("a failure is for good");
    }
}
