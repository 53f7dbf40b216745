//! Runs a test on both databases.

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
