//! What fails inside comes right by itself, or is seen by a person.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration as Wait;

use kernel::{Duration, ManualClock};
use store::health::Problem;
use store::journal::stuck::{self, Which};
use store::journal::{self, Entry, Filter, Follower, Reaction, Recorded, Step};
use store::testing::{Fresh, each_db, sqlite};
use store::timers::{self, Clockwork, Timer};
use store::{BoxError, Db, Durability, Migrations, Settings, Tx, Vault, Who, args};

const T: Migrations = Migrations {
    name: "failures",
    steps: &[(1, "effects", "CREATE TABLE effect (id BIGINT PRIMARY KEY, note TEXT NOT NULL)")],
};

fn administrator() -> Who {
    Who::user("admin", &[stuck::RIGHT, "users.write", "journal.read"])
}

async fn append(db: &Db, number: i64) -> i64 {
    let mut tx = db.begin().await.unwrap();
    let entry = Entry::new("thing.happened", format!("thing:{number}")).region("430100").body(&number);
    tx.append(entry, &Who::system("test")).await.unwrap();
    tx.commit().await.unwrap();
    journal::last_seq(db).await.unwrap()
}

async fn effects(db: &Db) -> Vec<i64> {
    let rows: Vec<(i64,)> = db.fetch_all("SELECT id FROM effect ORDER BY id", args![]).await.unwrap();
    rows.into_iter().map(|(id,)| id).collect()
}

/// Writes the number of each entry, once: a second time would meet the primary key. What is on `refused` fails.
#[derive(Clone, Default)]
struct Writing {
    refused: Arc<Mutex<HashSet<i64>>>,
    panics: Arc<Mutex<HashSet<i64>>>,
    order: Arc<Mutex<Vec<i64>>>,
}

impl Reaction for Writing {
    fn name(&self) -> &'static str {
        "writing"
    }
    fn wants(&self, kind: &str) -> bool {
        kind == "thing.happened"
    }
    async fn handle(&self, tx: &mut Tx, entry: &Recorded) -> Result<(), BoxError> {
        let number: i64 = serde_json::from_str(&entry.body)?;
        tx.execute("INSERT INTO effect (id, note) VALUES ($1, $2)", args![number, &entry.kind]).await?;
        if self.refused.lock().unwrap().contains(&number) {
            return Err(format!("number {number} does not read").into());
        }
        assert!(!self.panics.lock().unwrap().contains(&number), "number {number} is impossible");
        self.order.lock().unwrap().push(number);
        Ok(())
    }
}

/// Steps until nothing is left to do, without the pauses; gives how many steps failed.
async fn settle(follower: &mut Follower<Writing>) -> usize {
    let mut failed = 0;
    for _ in 0..500 {
        match follower.step().await {
            Step::Moved => {}
            Step::Nothing => return failed,
            Step::Failed { .. } => failed += 1,
        }
    }
    panic!("it does not come to an end");
}

#[tokio::test]
async fn a_full_database_takes_writes_again_as_soon_as_there_is_space() {
    let (db, _hand, _folder) = sqlite(&[T]).await;
    // The limit belongs to the connection: the next one has space again.
    let mut tx = db.begin().await.unwrap();
    let (pages,): (i64,) = tx.fetch_one("PRAGMA page_count", args![]).await.unwrap();
    let limit = store::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 2));
    let _: Vec<(i64,)> = tx.fetch_all(limit, args![]).await.unwrap();
    let mut failed = None;
    for id in 0..10_000 {
        let note = "x".repeat(2_000);
        if let Err(error) = tx.execute("INSERT INTO effect (id, note) VALUES ($1, $2)", args![id, note]).await {
            failed = Some(error);
            break;
        }
    }
    let failed = failed.expect("the database is full");
    assert!(failed.is_transient(), "{failed}");
    // Whoever overlooks the error cannot write half of it, outside the transaction that SQLite took back.
    assert!(tx.execute("INSERT INTO effect (id, note) VALUES (-1, '')", args![]).await.is_err());
    assert!(tx.commit().await.is_err());

    assert_eq!(effects(&db).await, Vec::<i64>::new());
    append(&db, 1).await;
    assert!(db.check_health().await.is_healthy());
}

#[tokio::test]
async fn a_refused_statement_ends_its_transaction_and_no_commit_says_otherwise() {
    each_db(&[T], |db, _hand| async move {
        let refused = async || {
            let mut tx = db.begin().await.unwrap();
            tx.execute("INSERT INTO effect (id, note) VALUES (1, '')", args![]).await.unwrap();
            let twice = tx.execute("INSERT INTO effect (id, note) VALUES (1, '')", args![]).await.unwrap_err();
            assert!(!twice.is_transient());
            tx
        };
        // Whoever overlooks the error is told at the commit, with entries and without.
        let error = refused().await.commit().await.unwrap_err();
        assert!(!error.is_transient(), "{error}");
        let mut tx = refused().await;
        assert!(tx.execute("INSERT INTO effect (id, note) VALUES (2, '')", args![]).await.is_err());
        assert!(tx.append(Entry::new("a.b", "x:1").region("430100"), &Who::system("test")).await.is_ok());
        assert!(tx.commit().await.is_err());
        refused().await.rollback().await.unwrap();
        drop(refused().await);
        assert_eq!(effects(&db).await, Vec::<i64>::new());
        assert_eq!(journal::last_seq(&db).await.unwrap(), 0);

        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO effect (id, note) VALUES (3, '')", args![]).await.unwrap();
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO effect (id, note) VALUES (4, '')", args![]).await.unwrap();
        tx.rollback().await.unwrap();
        // The connections are good.
        for id in 10..30 {
            let mut tx = db.begin().await.unwrap();
            tx.execute("INSERT INTO effect (id, note) VALUES ($1, '')", args![id]).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(effects(&db).await, (10..30).collect::<Vec<i64>>());
    })
    .await;
}

#[tokio::test]
async fn health_proves_a_write_and_knows_the_age_of_each_worker() {
    each_db(&[T], |db, _hand| async move {
        let fast = db.worker("fast", Wait::from_secs(60));
        db.worker("hanging", Wait::ZERO);
        fast.round();
        let problems = db.check_health().await.problems;
        assert!(matches!(&problems[..], [Problem::WorkerSilent { worker, .. }] if worker == "hanging"), "{problems:?}");
        let hanging = db.worker("hanging", Wait::from_secs(60));
        assert!(db.check_health().await.is_healthy());
        hanging.failed(&"no disk");
        let verdict = db.check_health().await;
        assert!(verdict.is_healthy(), "it goes its rounds, though they fail");
        assert_eq!(verdict.workers[1].failures, Some(1));

        tokio::spawn(db.clone().run_once("recorder", async {})).await.unwrap();
        assert!(db.check_health().await.is_healthy(), "a worker that was never entered is nobody's");
        db.worker("recorder", Wait::from_secs(60));
        tokio::spawn(db.clone().run_once("recorder", async { panic!("a bug") })).await.unwrap();
        assert_eq!(db.check_health().await.problems, [Problem::WorkerEnded { worker: "recorder".into() }]);
    })
    .await;
}

#[tokio::test]
async fn a_write_that_fails_makes_the_seat_unhealthy_until_one_succeeds() {
    let (db, _hand, _folder) = sqlite(&[T]).await;
    db.faults().fail_at(2);
    assert_eq!(db.check_health().await.problems, [Problem::DatabaseAway]);
    assert_eq!(db.check_health().await.problems, [Problem::DatabaseAway], "asked at most once a second");
    tokio::time::sleep(Wait::from_millis(1_050)).await;
    assert!(db.check_health().await.is_healthy());
}

#[tokio::test]
async fn a_probe_that_gives_up_does_not_hide_a_write_that_hangs() {
    each_db(&[T], |db, _hand| async move {
        assert!(db.check_health().await.is_healthy());
        let mut holder = db.begin().await.unwrap();
        let hangs = match db.engine() {
            store::Engine::Sqlite => Problem::WriteSlow,
            store::Engine::Postgres => {
                holder.execute("LOCK TABLE sign_of_life IN EXCLUSIVE MODE", args![]).await.unwrap();
                Problem::DatabaseAway
            }
        };
        tokio::time::sleep(Wait::from_millis(1_050)).await;
        for _ in 0..3 {
            let probe = tokio::time::timeout(Wait::from_millis(200), db.check_health()).await;
            assert!(probe.is_err(), "nobody knows yet, and nobody says that all is well: {probe:?}");
        }
        assert_eq!(db.check_health().await.problems, [hangs]);
        holder.rollback().await.unwrap();
        tokio::time::sleep(Wait::from_millis(1_050)).await;
        assert!(db.check_health().await.is_healthy());
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_waits_for_work_may_be_silent_and_one_at_work_may_not() {
    let (db, _hand, _folder) = sqlite(&[T]).await;
    let worker = db.worker("inbox", Wait::ZERO);
    worker.waits();
    let verdict = db.check_health().await;
    assert!(verdict.is_healthy());
    assert_eq!(verdict.workers[0].age_ms, 0);
    worker.begins();
    tokio::time::sleep(Wait::from_millis(5)).await;
    let problems = db.check_health().await.problems;
    assert!(matches!(&problems[..], [Problem::WorkerSilent { worker, .. }] if worker == "inbox"), "{problems:?}");
    worker.waits();
    assert!(db.check_health().await.is_healthy());
}

#[tokio::test]
async fn a_worker_that_falls_at_each_start_is_silent_since_the_first() {
    let (db, _hand, _folder) = sqlite(&[T]).await;
    let (told, mut starts) = tokio::sync::mpsc::unbounded_channel();
    let entering = db.clone();
    let worker = tokio::spawn(db.clone().keep_running("shaky", move || {
        let (told, db) = (told.clone(), entering.clone());
        async move {
            db.worker("shaky", Wait::from_millis(300));
            told.send(()).unwrap();
            panic!("a bug");
        }
    }));
    for _ in 0..2 {
        starts.recv().await.unwrap();
    }
    let verdict = db.check_health().await;
    worker.abort();
    assert!(matches!(&verdict.problems[..], [Problem::WorkerSilent { .. }]), "{:?}", verdict.problems);
    assert!(verdict.workers[0].failures >= Some(1), "{:?}", verdict.workers);
}

#[tokio::test]
async fn a_worker_that_panics_is_started_again() {
    let (db, _hand, _folder) = sqlite(&[T]).await;
    let (told, mut starts) = tokio::sync::mpsc::unbounded_channel();
    let worker = tokio::spawn(db.keep_running("shaky", move || {
        let told = told.clone();
        async move {
            told.send(()).unwrap();
            panic!("a bug");
        }
    }));
    for _ in 0..2 {
        starts.recv().await.unwrap();
    }
    worker.abort();
}

#[tokio::test]
async fn a_database_error_is_never_a_reason_to_put_an_entry_aside() {
    each_db(&[T], |db, _hand| async move {
        for number in 1..=5 {
            append(&db, number).await;
        }
        let mut follower = Follower::new(db.clone(), Writing::default());
        // The database fails for much longer than any entry would be tried, each time somewhere else.
        for attempt in 0..30 {
            db.faults().fail_at(1 + attempt % 5);
            assert!(matches!(follower.step().await, Step::Failed { .. }), "attempt {attempt}");
            assert!(db.faults().happened());
        }
        assert_eq!(stuck::count(&db).await.unwrap(), (0, 0));
        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [1, 2, 3, 4, 5]);
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_does_not_read_is_put_aside_alone_and_handled_once_when_retried() {
    each_db(&[T], |db, hand: ManualClock| async move {
        let mut bad = Vec::new();
        for number in 1..=9 {
            let seq = append(&db, number).await;
            if number == 3 || number == 7 {
                bad.push(seq);
            }
        }
        let desk = Writing::default();
        desk.refused.lock().unwrap().insert(3);
        desk.panics.lock().unwrap().insert(7);
        let mut follower = Follower::new(db.clone(), desk.clone());
        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [1, 2, 4, 5, 6, 8, 9]);

        let who = administrator();
        let aside = stuck::list(&db, &who).await.unwrap();
        assert_eq!(aside.iter().map(|s| s.seq.unwrap()).collect::<Vec<_>>(), bad);
        assert_eq!((aside[0].desk.as_str(), aside[0].kind.as_str()), ("writing", "thing.happened"));
        assert!(aside[0].reason.contains("number 3 does not read"), "{}", aside[0].reason);
        assert!(aside[1].reason.contains("number 7 is impossible"), "{}", aside[1].reason);
        assert!(stuck::list(&db, &Who::user("officer", &["journal.read"])).await.is_err());
        let mut elsewhere = administrator();
        elsewhere.region = Some("4303".into());
        assert_eq!(stuck::list(&db, &elsewhere).await.unwrap(), [], "of another city");

        // Nothing changed: it fails again, and is still there.
        let ask = async |which: Which| {
            let mut tx = db.begin().await.unwrap();
            let asked = stuck::ask_retry(&mut tx, &who, &which).await;
            tx.commit().await.unwrap();
            asked
        };
        assert_eq!(ask(Which::All).await.unwrap(), 2);
        let mut follower = Follower::new(db.clone(), desk.clone());
        settle(&mut follower).await;
        assert_eq!(stuck::count(&db).await.unwrap(), (2, 0));
        assert!(!stuck::list(&db, &who).await.unwrap()[0].retrying, "it waits for a person again");

        // The cause is gone, the database fails once in between: each is handled once, in order.
        desk.refused.lock().unwrap().clear();
        desk.panics.lock().unwrap().clear();
        desk.order.lock().unwrap().clear();
        assert_eq!(ask(Which::All).await.unwrap(), 2);
        let mut follower = Follower::new(db.clone(), desk.clone());
        db.faults().fail_at(6);
        settle(&mut follower).await;
        assert!(db.faults().happened());
        hand.advance(Duration::minutes(1));
        let mut follower = Follower::new(db.clone(), desk.clone());
        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(stuck::count(&db).await.unwrap(), (0, 0));
        let (first, last) = {
            let order = desk.order.lock().unwrap();
            (order[0], *order.last().unwrap())
        };
        assert_eq!((first, last), (3, 7));
        let filter = Filter { kind_prefix: Some("journal.retried".into()), limit: 10, ..Filter::default() };
        assert_eq!(journal::query(&db, &who, &filter).await.unwrap().len(), 2);
        let again = ask(Which::Entry { desk: "writing".into(), seq: bad[0] }).await;
        assert!(matches!(again, Err(store::Error::NotFound { .. })));
    })
    .await;
}

/// Timers whose subject is on `refused` fail.
#[derive(Clone, Default)]
struct Clocked {
    refused: Arc<Mutex<HashSet<String>>>,
}

impl Clockwork for Clocked {
    fn prefix(&self) -> &'static str {
        "test."
    }
    fn kinds(&self) -> &'static [&'static str] {
        &["test.due"]
    }
    async fn handle(&self, db: &Db, timer: &Timer) -> Result<(), BoxError> {
        let mut tx = db.begin().await?;
        timers::done(&mut tx, timer).await?;
        let id: i64 = timer.subject.parse()?;
        tx.execute("INSERT INTO effect (id, note) VALUES ($1, '')", args![id]).await?;
        if self.refused.lock().unwrap().contains(&timer.subject) {
            return Err("the subject is refused".into());
        }
        Ok(tx.commit().await?)
    }
}

#[tokio::test]
async fn a_timer_that_fails_delays_no_other_and_is_seen_and_retried() {
    each_db(&[T], |db, hand: ManualClock| async move {
        let now = db.clock().now();
        let mut tx = db.begin().await.unwrap();
        for number in 1..=4 {
            timers::set(&mut tx, &format!("test:{number}"), "test.due", &number.to_string(), now).await.unwrap();
        }
        timers::set(&mut tx, "test:x", "test.unknown", "9", now).await.unwrap();
        tx.commit().await.unwrap();
        let desk = Clocked::default();
        desk.refused.lock().unwrap().insert("1".into());
        let round = timers::round(&db, &desk, || ()).await.unwrap();
        assert_eq!(round.taken, 5);
        assert_eq!(effects(&db).await, [2, 3, 4], "the first one failed, the others went on");
        let next = timers::next_due(&db, "test.").await.unwrap().unwrap();
        assert!(next > now, "it is not tried again and again");

        let mut attempts = 1;
        while attempts < 40 && stuck::count(&db).await.unwrap().1 < 2 {
            let next = timers::next_due(&db, "test.").await.unwrap().unwrap();
            hand.set(next);
            timers::round(&db, &desk, || ()).await.unwrap();
            attempts += 1;
        }
        let who = administrator();
        let seen = stuck::list(&db, &who).await.unwrap();
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().any(|s| s.timer.as_deref() == Some("test:1") && s.reason.contains("refused")));
        assert!(seen.iter().any(|s| s.timer.as_deref() == Some("test:x") && s.reason.contains("nobody handles")));
        assert_eq!(seen[0].since, now);

        desk.refused.lock().unwrap().clear();
        let mut tx = db.begin().await.unwrap();
        stuck::ask_retry(&mut tx, &who, &Which::Timer("test:1".into())).await.unwrap();
        tx.commit().await.unwrap();
        timers::round(&db, &desk, || ()).await.unwrap();
        assert_eq!(effects(&db).await, [1, 2, 3, 4]);
        assert_eq!(stuck::count(&db).await.unwrap(), (0, 1));
    })
    .await;
}

/// Seals with a prefix; enough to see that a seal is checked.
struct Stamp;

impl journal::Sealer for Stamp {
    fn seal(&self, payload: &[u8], _now: kernel::Timestamp) -> Result<String, String> {
        Ok(format!("sealed:{}", String::from_utf8_lossy(payload)))
    }
    fn check(&self, document: &str) -> Result<Vec<u8>, String> {
        document.strip_prefix("sealed:").map(|text| text.as_bytes().to_vec()).ok_or_else(|| "no seal".to_owned())
    }
}

#[tokio::test]
async fn an_empty_journal_does_not_verify() {
    each_db(&[T], |db, _hand| async move {
        let found = journal::verify(&db, None).await.unwrap();
        assert_eq!((found.ok, found.reason.as_deref()), (false, Some(journal::NOTHING)));
        append(&db, 1).await;
        assert!(journal::verify(&db, None).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_named_by_the_anchor_outside() {
    each_db(&[T], |db, _hand| async move {
        let other_disk = tempfile::tempdir().unwrap();
        let file = other_disk.path().join("heads.jsonl");
        let db = db.anchored(Some(file.clone()));
        for number in 1..=3 {
            append(&db, number).await;
        }
        journal::seal_and_anchor(&db, &Stamp).await.unwrap();
        for number in 4..=6 {
            append(&db, number).await;
        }
        journal::seal_and_anchor(&db, &Stamp).await.unwrap();
        let whole = journal::verify(&db, Some(&Stamp)).await.unwrap();
        assert_eq!((whole.ok, whole.anchored_seq), (true, 6));

        // Entries, head and seals: cut with care, the database itself shows nothing.
        let mut tx = db.begin().await.unwrap();
        tx.execute("DELETE FROM journal WHERE seq > 3", args![]).await.unwrap();
        tx.execute("DELETE FROM journal_seal WHERE seq > 3", args![]).await.unwrap();
        let third = "SELECT hash FROM journal WHERE seq = 3";
        let (hash,): (Vec<u8>,) = tx.fetch_one(third, args![]).await.unwrap();
        tx.execute("UPDATE journal_head SET seq = 3, hash = $1", args![hash]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(journal::verify(&db.clone().anchored(None), Some(&Stamp)).await.unwrap().ok);
        let cut = journal::verify(&db, Some(&Stamp)).await.unwrap();
        assert_eq!((cut.ok, cut.first_bad), (false, Some(4)), "{cut:?}");
        assert!(journal::seal_and_anchor(&db, &Stamp).await.is_err(), "a running seat notices it too");

        // Another history from there on fits neither.
        for number in 14..=17 {
            append(&db, number).await;
        }
        let other = journal::verify(&db, Some(&Stamp)).await.unwrap();
        assert_eq!((other.ok, other.first_bad), (false, Some(6)), "{other:?}");
    })
    .await;
}

#[tokio::test]
async fn amcheck_is_asked_where_the_server_has_it_whatever_its_schema() {
    let Some(fresh) = Fresh::make().await else { return };
    let clock = kernel::Clock::system();
    let settings = Settings { seat: "test".into(), clock, vault: Vault::new([7; 32]), durability: Durability::Process };
    let db = Db::open(&fresh.url, settings).await.unwrap();
    db.migrate(&[store::MIGRATIONS]).await.unwrap();
    append(&db, 1).await;
    let run = async |statements: &[&'static str]| {
        let mut tx = db.begin().await.unwrap();
        for statement in statements {
            tx.execute(*statement, args![]).await?;
        }
        tx.commit().await
    };
    if let Err(error) = run(&["CREATE SCHEMA checks", "CREATE EXTENSION amcheck SCHEMA checks"]).await {
        eprintln!("skipped: the server has no amcheck: {error}");
        db.close().await;
        return fresh.remove().await;
    }
    let whole = journal::verify(&db, None).await.unwrap();
    assert!(whole.ok, "{whole:?}");
    // The table says that its rows are younger than they are: they read well, and only amcheck sees it.
    let younger = "UPDATE pg_class SET relfrozenxid = CAST(CAST(pg_current_xact_id() AS TEXT) AS xid)
        WHERE oid = CAST('journal' AS regclass)";
    run(&[younger]).await.unwrap();
    let found = journal::verify(&db, None).await.unwrap();
    let reason = found.reason.unwrap_or_default();
    assert!(!found.ok && reason.contains("the database is damaged: table journal: "), "{reason}");
    db.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn a_destroyed_page_of_any_table_does_not_verify_as_whole() {
    let (db, _hand, folder) = sqlite(&[T]).await;
    append(&db, 1).await;
    let mut tx = db.begin().await.unwrap();
    for id in 0..500 {
        tx.execute("INSERT INTO effect (id, note) VALUES ($1, $2)", args![id, "x".repeat(400)]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (root,): (i64,) =
        db.fetch_one("SELECT rootpage FROM sqlite_master WHERE name = 'effect'", args![]).await.unwrap();
    let (size,): (i64,) = db.fetch_one("PRAGMA page_size", args![]).await.unwrap();
    assert!(journal::verify(&db, None).await.unwrap().ok);
    db.close().await;
    let path = folder.path().join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let (at, size) = (usize::try_from((root - 1) * size).unwrap(), usize::try_from(size).unwrap());
    bytes[at..at + size].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();

    let settings = store::Settings {
        seat: "test".into(),
        clock: kernel::Clock::system(),
        vault: store::Vault::new([7; 32]),
        durability: store::Durability::Process,
    };
    let db = Db::open(&format!("sqlite://{}", path.display()), settings).await.unwrap();
    let found = journal::verify(&db, None).await.unwrap();
    assert!(!found.ok && found.reason.as_deref().unwrap().contains("damaged"), "{found:?}");
}

#[tokio::test]
async fn an_entry_whose_personal_part_cannot_be_written_is_refused_not_appended_without_it() {
    let (db, _hand, _folder) = sqlite(&[T]).await;
    let not_json: std::collections::BTreeMap<(i32, i32), i32> = [((1, 2), 3)].into();
    for entry in [Entry::new("a.b", "x:1").private(&not_json), Entry::new("a.b", "x:1").body(&not_json)] {
        let mut tx = db.begin().await.unwrap();
        assert!(matches!(tx.append(entry, &Who::system("test")).await, Err(store::Error::Corrupt(_))));
    }
}

#[test]
fn an_error_of_the_surroundings_is_found_below_those_that_wrap_it() {
    #[derive(Debug, thiserror::Error)]
    enum Desk {
        #[error("{0}")]
        Store(#[from] store::Error),
    }
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Seat(#[source] BoxError);
    let seat = |error: store::Error| Seat(Desk::from(error).into());
    assert!(store::is_transient(&seat(store::Error::Moved { table: "effect" })));
    assert!(store::is_transient(&seat(store::Error::Database(sqlx::Error::PoolTimedOut))));
    assert!(!store::is_transient(&seat(store::Error::Corrupt("no text".into()))));
}
