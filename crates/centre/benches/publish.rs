//! How fast the number list is published: one entry added to a list of a million and of ten million until two operators
//! have it, the whole list for an operator that has none, and a file of a hundred thousand rows; on SQLite on a disk with
//! full durability: `cargo bench -p centre`. `SHOUHU_BENCH_ENTRIES=1000000` measures one size only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

#[path = "../tests/telecom/operator.rs"]
#[allow(dead_code)]
mod operator;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use centre::{Post, numbers};
use kernel::{Clock, Duration};
use operator::Operator;
use serde_json::json;
use store::{AssertSqlSafe, Db, Durability, Settings, Vault, Who, args};
use wire::{Courier, Directory, KeyPair, Keys, ListAction, Outbox, PartnerId};

/// Entries on the list.
const SIZES: [u64; 2] = [1_000_000, 10_000_000];
/// Entries added one after the other.
const ADDED: u64 = 200;
/// Rows of the file.
const ROWS: u64 = 100_000;
/// A change must be at the operators within this time, seconds.
const VISIBLE_SECONDS_MAX: f64 = 1.0;
/// Entries put into the database with one statement.
const FILLED_AT_ONCE: u64 = 250_000;

fn main() {
    let sizes = match std::env::var("SHOUHU_BENCH_ENTRIES") {
        Ok(text) => text.split(',').map(|n| n.trim().parse().expect("a number of entries")).collect(),
        Err(_) => SIZES.to_vec(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut missed = false;
    for entries in sizes {
        missed |= !runtime.block_on(measure(entries));
    }
    assert!(!missed, "a limit is missed");
}

struct Room {
    db: Db,
    desk: numbers::Desk,
    operators: Vec<Operator>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

fn pair(db: &Db) -> KeyPair {
    let now = db.clock().now();
    KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300))
}

async fn room(folder: &std::path::Path, entries: u64) -> Room {
    let url = format!("sqlite://{}", folder.join("centre.db").display());
    let (clock, _hand) = Clock::manual(store::testing::START);
    let settings =
        Settings { seat: "centre-43".into(), clock, vault: Vault::new([7; 32]), durability: Durability::Full };
    let db = Db::open(&url, settings).await.unwrap();
    db.migrate(&[&[store::MIGRATIONS][..], &centre::migrations()[..]].concat()).await.unwrap();
    let started = Instant::now();
    fill(&db, entries).await;
    println!("{entries} entries put into the database in {:.0} s", started.elapsed().as_secs_f64());

    let key = pair(&db);
    let public = key.public().clone();
    let me = PartnerId::parse("centre-43").unwrap();
    let directory = Directory::open(&db).await.unwrap();
    let (mut operators, mut tasks) = (Vec::new(), Vec::new());
    for id in ["op-a", "op-b"] {
        let operator = Operator::new(id).await;
        let known = Directory::open(&operator.db).await.unwrap();
        known
            .create(&Who::system("bench"), &partner("centre-43", "centre", "http://127.0.0.1:9", &public))
            .await
            .unwrap();
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let theirs = operator.keys.public()[0].clone();
        directory.create(&Who::system("bench"), &partner(id, "operator", &url, &theirs)).await.unwrap();
        let service = wire::router(operator.inbox(&known)).into_make_service_with_connect_info::<SocketAddr>();
        tasks.push(tokio::spawn(async move { axum::serve(socket, service).await.unwrap() }));
        // They have the list so far.
        operator.books.lock().unwrap().have = 1;
        operators.push(operator);
    }
    let outbox = Outbox::new(me, Keys::in_memory([key]), "bench");
    let http = wire::courier::client(None).unwrap();
    tasks.push(tokio::spawn(Courier::new(&db, &outbox, &directory, http).run()));
    let post = Post { outbox, directory };
    let desk = numbers::Desk { post, parameters: Arc::default(), folder: folder.join("lists").into() };
    Room { db, desk, operators, tasks }
}

fn partner(id: &str, role: &str, url: &str, key: &wire::PublicKey) -> serde_json::Value {
    json!({ "id": id, "name": id, "role": role, "base_url": url, "keys": [key], "answer_minutes": 30,
        "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
            { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] })
}

/// A list as years of work leave it, published as change 1.
async fn fill(db: &Db, entries: u64) {
    let now = db.clock().now();
    let end = now + Duration::hours(24 * 90);
    let mut from = 0;
    while from < entries {
        let to = (from + FILLED_AT_ONCE).min(entries);
        let count = format!("WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})");
        let id = "printf('%08x-%04x-7000-8000-%012x', i / 65536, i % 65536, i)";
        let pattern = "'+86' || (17000000000 + i)";
        let mut tx = db.begin().await.unwrap();
        let sql = format!(
            "INSERT INTO number_entry (id, pattern, kind, action, reason, source, expires_at, state, maker, made_at)
             {count} SELECT {id}, {pattern}, 'full', 'block', '冒充客服诈骗', '省反诈中心', {} + i, 'active', 'lines', {} FROM n",
            end.0, now.0
        );
        tx.execute(AssertSqlSafe(sql), args![]).await.unwrap();
        let sql = format!(
            "INSERT INTO number_published (pattern, entry_id, changed_in) {count} SELECT {pattern}, {id}, 1 FROM n"
        );
        tx.execute(AssertSqlSafe(sql), args![]).await.unwrap();
        tx.commit().await.unwrap();
        from = to;
    }
    let mut tx = db.begin().await.unwrap();
    let entries = i64::try_from(entries).unwrap();
    tx.execute("UPDATE number_head SET number = 1, entries = $1 WHERE id = 1", args![entries]).await.unwrap();
    tx.commit().await.unwrap();
}

fn entry(number: u64) -> numbers::NewEntry {
    numbers::NewEntry {
        pattern: number.to_string(),
        action: ListAction::Block,
        reason: "冒充公检法".into(),
        source: "省反诈中心".into(),
        case: None,
        expires_at: None,
        label: None,
    }
}

async fn add(room: &Room, number: u64) {
    let who = Who::user("lines", &["numbers.write", "numbers.read"]);
    let mut tx = room.db.begin().await.unwrap();
    let added = room.desk.add(&mut tx, &who, vec![entry(number)]).await.unwrap();
    assert!(matches!(added[0], Ok(numbers::Added::Active(_))), "{added:?}");
    tx.commit().await.unwrap();
}

fn told(what: &str, mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    let at = |share: usize| seconds[(seconds.len() * share / 100).min(seconds.len() - 1)] * 1e3;
    println!("  {what:<52} p50 {:>7.1} ms  p99 {:>7.1} ms  most {:>7.1} ms", at(50), at(99), at(100));
    at(100) / 1e3
}

/// The most memory that this process has had, MB.
fn memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1e3
}

async fn measure(entries: u64) -> bool {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let room = room(dir.path(), entries).await;
    println!("a list of {entries} entries:");

    let (mut committed, mut seen) = (Vec::new(), Vec::new());
    for n in 0..ADDED {
        let started = Instant::now();
        add(&room, 19_000_000_000 + n).await;
        committed.push(started.elapsed().as_secs_f64());
        while !room.operators.iter().all(|operator| operator.books.lock().unwrap().have == n + 2) {
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
        }
        seen.push(started.elapsed().as_secs_f64());
    }
    told("one entry added, committed", committed);
    let most = told("one entry added, at both operators", seen);
    let ratio = most / VISIBLE_SECONDS_MAX;
    let good = ratio < 1.0;
    println!(
        "  the slowest of {ADDED} to the limit of {VISIBLE_SECONDS_MAX} s: ratio {ratio:.3} {}",
        if good { "ok" } else { "MISSED" }
    );

    // An operator that has nothing asks; meanwhile entries are added.
    let new = PartnerId::parse("op-a").unwrap();
    let started = Instant::now();
    let mut tx = room.db.begin().await.unwrap();
    room.desk.asked(&mut tx, &new, 0).await.unwrap();
    tx.commit().await.unwrap();
    println!("  an operator with no list asks: taken in {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let timer = store::timers::claim_due(&room.db, "numbers.offer", 1).await.unwrap().pop().expect("the offer is due");
    let started = Instant::now();
    let mut beside = Vec::new();
    let offering = room.desk.offer(&room.db, &timer);
    tokio::pin!(offering);
    loop {
        let began = Instant::now();
        let number = 19_100_000_000 + u64::try_from(beside.len()).unwrap();
        tokio::select! {
            biased;
            done = &mut offering => {
                done.unwrap();
                break;
            }
            () = async { add(&room, number).await; tokio::time::sleep(std::time::Duration::from_millis(50)).await } => {
                beside.push(began.elapsed().as_secs_f64() - 0.05);
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("  the whole list as a file: {seconds:.1} s, {:.0} entries/s", entries as f64 / seconds);
    if !beside.is_empty() {
        told("one entry added meanwhile, committed", beside);
    }

    let file = dir.path().join("list.csv");
    let mut text = String::from("number,action,reason\n");
    for n in 0..ROWS {
        writeln!(text, "{},block,多人举报", 18_100_000_000 + n).unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let who = Who::user("lines", &["numbers.write", "numbers.read"]);
    let started = Instant::now();
    let content = std::fs::read(&file).unwrap();
    let sha256 = store::document::sha256_hex(&content);
    let sent = sheet::job::File { path: file, name: "部级下发".into(), sha256, bytes: content.len() as u64 };
    let job = sheet::job::begin::<numbers::NumberImport>(&room.db, &who, &sent).await;
    let import = numbers::NumberImport { desk: room.desk.clone() };
    let done = sheet::job::run(&room.db, &import, job.ok().unwrap().id, &mut |_| {}).await.unwrap();
    assert_eq!(u64::try_from(done.count("active")).unwrap(), ROWS);
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "  a file of {ROWS} rows: {seconds:.1} s, {:.0} rows/s; at most {:.0} MB in all",
        ROWS as f64 / seconds,
        memory_mb()
    );
    good
}
