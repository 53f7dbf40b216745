//! Runs a test on both databases, and gives servers of tests their ports.

use std::fs::{File, OpenOptions};
use std::net::{TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

use kernel::{Clock, ManualClock, Timestamp};

use crate::{Db, Durability, Migrations, Settings, Vault};

/// Environment variable with the URL of a PostgreSQL server on which tests may create databases.
pub const POSTGRES_ENV: &str = "SHOUHU_TEST_POSTGRES";

/// The moment at which test clocks start: 2026-11-23T08:00:00+08:00.
pub const START: Timestamp = Timestamp(1_795_392_000_000_000);

/// Runs the body on a fresh SQLite database, and on a fresh PostgreSQL database where [`POSTGRES_ENV`] names a server.
/// The body gets the database and the hand of its clock.
pub async fn each_db<F, Fut>(migrations: &[Migrations], body: F)
where
    F: Fn(Db, ManualClock) -> Fut,
    Fut: Future<Output = ()>,
{
    let dir = tempfile::tempdir().unwrap_or_else(|e| panic!("temporary folder: {e}"));
    let url = format!("sqlite://{}", dir.path().join("test.db").display());
    let (db, hand) = open(&url, migrations).await;
    body(db.clone(), hand).await;
    db.close().await;

    let Some(fresh) = Fresh::make().await else { return };
    let (db, hand) = open(&fresh.url, migrations).await;
    body(db.clone(), hand).await;
    db.close().await;
    fresh.remove().await;
}

/// A fresh PostgreSQL database on the server that [`POSTGRES_ENV`] names.
#[derive(Debug)]
pub struct Fresh {
    /// Its address.
    pub url: String,
    name: String,
    admin: Db,
}

impl Fresh {
    /// Makes it; none, and a word about it, where no server is named.
    pub async fn make() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES_ENV) else {
            eprintln!("skipped on PostgreSQL: {POSTGRES_ENV} is not set");
            return None;
        };
        let (admin, _hand) = connect(&server).await;
        let name = format!("t{}", kernel::TimerId::new(Clock::system().now()).to_string().replace('-', ""));
        let like = "TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'";
        run(&admin, &format!("CREATE DATABASE {name} {like}")).await;
        let url = match server.rsplit_once('/') {
            Some((base, rest)) => {
                let options = rest.split_once('?').map(|(_, q)| format!("?{q}")).unwrap_or_default();
                format!("{base}/{name}{options}")
            }
            None => panic!("{POSTGRES_ENV} must look like postgres://user@host:port/database"),
        };
        Some(Self { url, name, admin })
    }

    /// Drops it, whoever is still connected.
    pub async fn remove(self) {
        run(&self.admin, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        self.admin.close().await;
    }
}

/// One fresh SQLite database in a folder that lives as long as the guard.
pub async fn sqlite(migrations: &[Migrations]) -> (Db, ManualClock, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap_or_else(|e| panic!("temporary folder: {e}"));
    let url = format!("sqlite://{}", dir.path().join("test.db").display());
    let (db, hand) = open(&url, migrations).await;
    (db, hand, dir)
}

async fn connect(url: &str) -> (Db, ManualClock) {
    let (clock, hand) = Clock::manual(START);
    let settings = Settings { seat: "test".into(), clock, vault: Vault::new([7; 32]), durability: Durability::Process };
    (Db::open(url, settings).await.unwrap_or_else(|e| panic!("{e}")), hand)
}

async fn open(url: &str, migrations: &[Migrations]) -> (Db, ManualClock) {
    let (db, hand) = connect(url).await;
    let mut all = vec![crate::MIGRATIONS];
    all.extend_from_slice(migrations);
    db.migrate(&all).await.unwrap_or_else(|e| panic!("{e}"));
    (db, hand)
}

async fn run(db: &Db, sql: &str) {
    db.raw_outside_transaction(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// Which fault is made.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// A call to the database fails, and what its transaction did is gone.
    Call(u64),
    /// A commit happens, but its answer is lost.
    Answer(u64),
}

/// Runs `work` on fresh copies of a database: once without a fault, then with a fault at each call to the database in
/// turn, then with the answer of each commit lost in turn. However it was disturbed, `work` must come to the same end as
/// undisturbed: as many rows in each table, in the same states, and as many entries of each kind in the journal.
///
/// `work` sets its seat up, calls [`crate::faults::Faults::release`], and goes on until nothing is left to do, whatever
/// fails on the way. `file` is the closed SQLite database, `at` the
/// time of its clock.
pub async fn disturb_each_call<F, Fut>(file: &std::path::Path, at: Timestamp, work: F)
where
    F: Fn(Db, ManualClock) -> Fut,
    Fut: Future<Output = ()>,
{
    let (db, hand, _folder) = copy_of(file, at).await;
    db.faults().count();
    db.faults().hold();
    work(db.clone(), hand).await;
    let (calls, commits) = db.faults().counted();
    db.faults().happened();
    let undisturbed = picture(&db).await;
    db.close().await;
    assert!(calls > 0 && commits > 0, "there was nothing to do");
    eprintln!("{calls} calls, {commits} commits");
    // On a slow machine workers look oftener for what others have done, so one run has a few calls more than another.
    let mut left_out = 0;
    for fault in (1..=calls).map(Fault::Call).chain((1..=commits).map(Fault::Answer)) {
        let (db, hand, _folder) = copy_of(file, at).await;
        match fault {
            Fault::Call(nth) => db.faults().fail_at(nth),
            Fault::Answer(nth) => db.faults().lose_answer_of_commit(nth),
        }
        db.faults().hold();
        work(db.clone(), hand).await;
        left_out += u64::from(!db.faults().happened());
        assert!(left_out * 10 <= calls, "{fault:?} did not happen, as {} before", left_out - 1);
        let disturbed = picture(&db).await;
        let missing: Vec<_> = undisturbed.iter().filter(|line| !disturbed.contains(line)).collect();
        let too_much: Vec<_> = disturbed.iter().filter(|line| !undisturbed.contains(line)).collect();
        assert!(missing.is_empty() && too_much.is_empty(), "{fault:?}: instead of {missing:?} there is {too_much:?}");
        db.close().await;
    }
}

async fn copy_of(file: &std::path::Path, at: Timestamp) -> (Db, ManualClock, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("temporary folder: {e}"));
    let copy = folder.path().join("copy.db");
    std::fs::copy(file, &copy).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let (db, hand) = connect(&format!("sqlite://{}", copy.display())).await;
    hand.set(at);
    (db, hand, folder)
}

/// What stands in a database, without what differs from run to run: names, times and hashes.
async fn picture(db: &Db) -> Vec<String> {
    let all = |sql: String| async move {
        let rows: Result<Vec<(String, i64)>, _> = db.fetch_all(sqlx::AssertSqlSafe(sql.clone()), crate::args![]).await;
        rows.unwrap_or_else(|e| panic!("{sql}: {e}"))
    };
    let tables: Vec<(String, i64)> =
        all("SELECT name, 0 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name".into())
            .await;
    let mut lines = Vec::new();
    for (table, _) in tables {
        let columns = all(format!("SELECT name, 0 FROM pragma_table_info('{table}')")).await;
        let by = match table.as_str() {
            "journal" => "kind",
            "timer" => "kind",
            _ if columns.iter().any(|(name, _)| name == "state") => "state",
            _ => "''",
        };
        for (value, count) in all(format!("SELECT CAST({by} AS TEXT), COUNT(*) FROM \"{table}\" GROUP BY 1")).await {
            lines.push(format!("{table} {value}: {count}"));
        }
    }
    lines
}

/// The ports that [`ports`] gives: below those that the system gives to connections and to who binds to port 0.
const PORTS: std::ops::Range<u16> = 10_000..20_000;

/// Ports leased by this process; a lock on a file ends with the process, however it ends.
static LEASED: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// The first of so many ports in a row on loopback, free for UDP and TCP, that no other test of this machine gets until this
/// process ends. A server that starts, ends and starts again finds its port free each time.
///
/// # Panics
/// There are none, or the folder for temporary files takes no locks.
pub fn ports(count: u16) -> u16 {
    let folder = std::env::temp_dir().join("shouhu-test-ports");
    std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let lease = |port: u16| {
        let path = folder.join(port.to_string());
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let at = ("127.0.0.1", port);
        (file.try_lock().is_ok() && TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok()).then_some(file)
    };
    let seed = PORTS.start + u16::try_from(std::process::id() % u32::from(PORTS.end - PORTS.start)).unwrap_or(0);
    for base in (seed..PORTS.end).chain(PORTS.start..seed).filter(|base| base + count <= PORTS.end) {
        let mut leased = LEASED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(files) = (base..base + count).map(lease).collect::<Option<Vec<_>>>() {
            leased.extend(files);
            return base;
        }
    }
    panic!("no {count} free ports in a row on loopback")
}
