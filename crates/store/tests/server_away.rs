//! A PostgreSQL server that hangs, loses its power, or refuses for the moment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kernel::Clock;
use store::health::Problem;
use store::journal::{self, Entry};
use store::testing::{Fresh, START};
use store::{Db, Durability, Limits, Settings, Vault, Who, args};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn settings() -> Settings {
    let (clock, _hand) = Clock::manual(START);
    Settings { seat: "test".into(), clock, vault: Vault::new([7; 32]), durability: Durability::Process }
}

/// The line to a server, which a test cuts without telling either end.
struct Line {
    url: String,
    cut: Arc<AtomicBool>,
}

impl Line {
    async fn to(url: &str) -> Self {
        let (head, rest) = url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (cut, server) = (Arc::new(AtomicBool::new(false)), server.to_owned());
        let url = format!("{head}@{}/{name}", listener.local_addr().unwrap());
        let is_cut = cut.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&server).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, is_cut.clone()));
                tokio::spawn(carry(far_in, near_out, is_cut.clone()));
            }
        });
        Self { url, cut }
    }
}

/// What comes in while the line is cut never arrives, and the connection stays open.
async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    cut: Arc<AtomicBool>,
) {
    let mut bytes = vec![0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if cut.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn no_call_waits_for_a_server_without_power() {
    let Some(fresh) = Fresh::make().await else { return };
    let line = Line::to(&fresh.url).await;
    let limits = Limits { answer: Duration::from_millis(700), ..Limits::default() };
    let db = Db::open_within(&line.url, settings(), limits).await.unwrap();
    db.migrate(&[store::MIGRATIONS]).await.unwrap();
    let write = "INSERT INTO serial (prefix, day, last) VALUES ($1, 'd', 1)";
    let mut writing = db.begin().await.unwrap();
    writing.execute(write, args!["a"]).await.unwrap();
    let mut committing = db.begin().await.unwrap();
    committing.execute(write, args!["b"]).await.unwrap();
    let sleeping = "SELECT CAST(1 AS BIGINT) FROM pg_sleep(0.4)";
    let reading = tokio::spawn({
        let db = db.clone();
        async move { db.fetch_one::<(i64,)>(sleeping, args![]).await }
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    line.cut.store(true, Ordering::SeqCst);
    let began = Instant::now();
    let errors = [
        writing.execute(write, args!["c"]).await.unwrap_err(),
        committing.commit().await.unwrap_err(),
        reading.await.unwrap().unwrap_err(),
    ];
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for error in errors {
        assert!(error.is_transient(), "{error}");
    }
    assert!(writing.commit().await.is_err(), "nobody knows what became of it");
    // The power is back; what hung is not used again.
    line.cut.store(false, Ordering::SeqCst);
    for n in 0..40 {
        let mut tx = db.begin().await.unwrap();
        tx.execute(write, args![format!("n{n}")]).await.unwrap();
        tx.commit().await.unwrap();
        let (count,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM serial WHERE prefix LIKE 'n%'", args![]).await.unwrap();
        assert_eq!(count, n + 1);
    }
    db.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn the_server_ends_what_takes_too_long_unless_it_may() {
    let Some(fresh) = Fresh::make().await else { return };
    let limits =
        Limits { statement: Duration::from_millis(300), idle: Duration::from_millis(600), ..Limits::default() };
    let db = Db::open_within(&fresh.url, settings(), limits).await.unwrap();
    db.migrate(&[store::MIGRATIONS]).await.unwrap();
    let long = "SELECT CAST(1 AS BIGINT) FROM pg_sleep(1)";
    let error = db.fetch_one::<(i64,)>(long, args![]).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let mut tx = db.begin().await.unwrap();
    assert!(tx.fetch_one::<(i64,)>(long, args![]).await.is_err());
    assert!(tx.commit().await.is_err());
    let mut idle = db.begin().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(idle.execute("DELETE FROM serial", args![]).await.is_err(), "its locks are free for others");
    drop(idle);

    let patient = db.patient();
    assert_eq!(patient.fetch_one::<(i64,)>(long, args![]).await.unwrap(), (1,));
    let mut tx = patient.begin().await.unwrap();
    tx.fetch_one::<(i64,)>(long, args![]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    tx.execute("DELETE FROM serial", args![]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.fetch_one::<(i64,)>(long, args![]).await.is_err(), "the connection has its limits again");
    db.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn a_migration_takes_its_time() {
    const LONG: store::Migrations = store::Migrations {
        name: "long",
        steps: &[(1, "fills a table", "CREATE TABLE filled AS SELECT 1 AS a FROM pg_sleep(1)")],
    };
    let Some(fresh) = Fresh::make().await else { return };
    let limits = Limits { statement: Duration::from_millis(300), ..Limits::default() };
    let (one, two) = (
        Db::open_within(&fresh.url, settings(), limits).await.unwrap(),
        Db::open_within(&fresh.url, settings(), limits).await.unwrap(),
    );
    let all = [store::MIGRATIONS, LONG];
    let (first, second) = tokio::join!(one.migrate(&all), two.migrate(&all));
    assert_eq!(first.unwrap().len() + second.unwrap().len(), store::MIGRATIONS.steps.len() + 1, "each step ran once");
    one.close().await;
    two.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn a_standby_or_a_server_without_room_is_away_and_not_broken() {
    let Some(fresh) = Fresh::make().await else { return };
    let admin = Db::open(&fresh.url, settings()).await.unwrap();
    admin.migrate(&[store::MIGRATIONS]).await.unwrap();
    // As a standby answers: it reads, and takes no write.
    let standby = format!("{}?options=-c%20default_transaction_read_only=on", fresh.url);
    let db = Db::open(&standby, settings()).await.unwrap();
    let problems = db.check_health().await.problems;
    assert_eq!(problems, [Problem::DatabaseAway]);
    let mut tx = db.begin().await.unwrap();
    let error = tx.execute("DELETE FROM serial", args![]).await.unwrap_err();
    assert!(error.is_transient(), "no entry is to blame: {error}");
    drop(tx);
    db.close().await;
    admin.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn a_table_that_cannot_be_read_now_is_not_damaged() {
    let Some(fresh) = Fresh::make().await else { return };
    let db = Db::open(&format!("{}?options=-c%20lock_timeout=200", fresh.url), settings()).await.unwrap();
    db.migrate(&[store::MIGRATIONS]).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.append(Entry::new("a.b", "x:1"), &Who::system("test")).await.unwrap();
    tx.commit().await.unwrap();
    let mut holder = db.begin().await.unwrap();
    holder.execute("LOCK TABLE serial IN ACCESS EXCLUSIVE MODE", args![]).await.unwrap();
    let found = journal::verify(&db, None).await;
    assert!(found.as_ref().is_err_and(store::Error::is_transient), "{found:?}");
    holder.rollback().await.unwrap();
    assert!(journal::verify(&db, None).await.unwrap().ok);
    db.close().await;
    fresh.remove().await;
}
