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

/// What a reaction meets, by the number of the entry.
#[derive(Clone, Copy)]
enum Trouble {
    /// The row moved on, each time.
    Moved,
    /// A file is not there.
    NoFile,
    /// A file does not read.
    Unreadable,
    /// The database refuses the commit.
    Commit,
}

#[derive(Clone)]
struct Meeting(Arc<Mutex<std::collections::HashMap<i64, Trouble>>>);

impl Reaction for Meeting {
    fn name(&self) -> &'static str {
        "meeting"
    }
    fn wants(&self, kind: &str) -> bool {
        kind == "thing.happened"
    }
    async fn handle(&self, tx: &mut Tx, entry: &Recorded) -> Result<(), BoxError> {
        let number: i64 = serde_json::from_str(&entry.body)?;
        let trouble = self.0.lock().unwrap().get(&number).copied();
        tx.execute("INSERT INTO effect (id, note) VALUES ($1, '')", args![number]).await?;
        let io = |kind: std::io::ErrorKind| Err(std::io::Error::from(kind).into());
        match trouble {
            None => Ok(()),
            Some(Trouble::Moved) => Err(store::Error::Moved { table: "effect" }.into()),
            Some(Trouble::NoFile) => io(std::io::ErrorKind::NotFound),
            Some(Trouble::Unreadable) => io(std::io::ErrorKind::InvalidData),
            Some(Trouble::Commit) => {
                tx.execute("INSERT INTO child (id, parent) VALUES ($1, -1)", args![number]).await?;
                Ok(())
            }
        }
    }
}

const CHILD: Migrations = Migrations {
    name: "child",
    steps: &[(
        1,
        "children",
        "CREATE TABLE child (id BIGINT PRIMARY KEY,
            parent BIGINT NOT NULL REFERENCES effect (id) DEFERRABLE INITIALLY DEFERRED)",
    )],
};

#[tokio::test]
async fn entries_that_concern_others_cost_a_desk_nothing_and_hide_none_of_its_own() {
    each_db(&[T], |db, _hand| async move {
        let other = async |times: usize| {
            let mut tx = db.begin().await.unwrap();
            for n in 0..times {
                let entry = Entry::new("other.happened", format!("other:{n}")).region("430100").body(&n);
                tx.append(entry, &Who::system("test")).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        let cursor = async || {
            let sql = "SELECT seq FROM journal_cursor WHERE name = 'writing'";
            db.fetch_optional::<(i64,)>(sql, args![]).await.unwrap().map_or(0, |(seq,)| seq)
        };
        let writing = Writing::default();
        writing.refused.lock().unwrap().insert(3);
        let mut follower = Follower::new(db.clone(), writing.clone());
        // More than one look takes, before, between and behind its own.
        other(1_200).await;
        for number in 0..150 {
            append(&db, number).await;
            other(if number % 50 == 0 { 1_100 } else { 3 }).await;
        }
        settle(&mut follower).await;
        let all: Vec<i64> = (0..150).filter(|number| *number != 3).collect();
        assert_eq!(effects(&db).await, all, "each once, whatever stands between");
        let aside = stuck::list(&db, &administrator()).await.unwrap();
        assert_eq!(aside.len(), 1, "{aside:?}");
        // The cursor stands behind everything it looked at, and another process goes on from there.
        assert_eq!(cursor().await, journal::last_seq(&db).await.unwrap());
        other(5).await;
        let last = append(&db, 500).await;
        let mut second = Follower::new(db.clone(), writing.clone());
        settle(&mut second).await;
        settle(&mut follower).await;
        assert_eq!(cursor().await, last);
        assert_eq!(effects(&db).await.last(), Some(&500));
    })
    .await;
}

#[tokio::test]
async fn what_fails_each_time_is_put_aside_whatever_its_error_looks_like() {
    each_db(&[T, CHILD], |db, hand: ManualClock| async move {
        for number in 1..=6 {
            append(&db, number).await;
        }
        let troubles =
            [(2, Trouble::Moved), (3, Trouble::NoFile), (4, Trouble::Unreadable), (5, Trouble::Commit)].into();
        let mut follower = Follower::new(db.clone(), Meeting(Arc::new(Mutex::new(troubles))));
        let mut tries = 0;
        while follower.step().await != Step::Nothing {
            tries += 1;
            assert!(tries < 200, "it stands still: {:?}", stuck::list(&db, &administrator()).await.unwrap());
        }
        assert_eq!(effects(&db).await, [1, 6]);
        let aside = stuck::list(&db, &administrator()).await.unwrap();
        assert_eq!(
            aside.iter().map(|s| s.subject.as_str()).collect::<Vec<_>>(),
            ["thing:2", "thing:3", "thing:4", "thing:5"]
        );

        // Retried, what still fails waits for a person again in the end.
        let mut tx = db.begin().await.unwrap();
        stuck::ask_retry(&mut tx, &administrator(), &Which::All).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..200 {
            hand.advance(Duration::minutes(1));
            let mut retrying = stuck::list(&db, &administrator()).await.unwrap().into_iter().filter(|s| s.retrying);
            if retrying.next().is_none() {
                return;
            }
            if follower.step().await == Step::Nothing {
                tokio::time::sleep(Wait::from_millis(20)).await;
            }
        }
        panic!("it is retried for ever: {:?}", stuck::list(&db, &administrator()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_database_that_was_away_costs_no_entry_an_attempt() {
    each_db(&[T], |db, _hand| async move {
        append(&db, 1).await;
        let desk = Writing::default();
        let mut follower = Follower::new(db.clone(), desk.clone());
        for _ in 0..10 {
            db.faults().fail_at(3);
            assert!(matches!(follower.step().await, Step::Failed { .. }));
        }
        desk.refused.lock().unwrap().insert(1);
        for _ in 0..3 {
            assert!(matches!(follower.step().await, Step::Failed { .. }), "it has its six attempts");
        }
        assert_eq!(stuck::count(&db).await.unwrap(), (0, 0));
        desk.refused.lock().unwrap().clear();
        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn an_entry_at_which_a_desk_waits_for_minutes_is_shown_until_it_goes_on() {
    each_db(&[T], |db, hand: ManualClock| async move {
        let seq = append(&db, 1).await;
        let mut follower = Follower::new(db.clone(), Writing::default());
        for _ in 0..5 {
            // The begin of its transaction.
            db.faults().fail_at(3);
            assert!(matches!(follower.step().await, Step::Failed { .. }));
            assert_eq!(stuck::count(&db).await.unwrap(), (0, 0), "it is too early");
        }
        hand.advance(Duration::minutes(4));
        db.faults().fail_at(3);
        assert!(matches!(follower.step().await, Step::Failed { .. }));
        assert_eq!(stuck::count(&db).await.unwrap(), (1, 0));
        let who = administrator();
        let shown = stuck::list(&db, &who).await.unwrap();
        assert_eq!(
            (shown[0].desk.as_str(), shown[0].seq, shown[0].retrying),
            ("writing", Some(seq), true),
            "{shown:?}"
        );
        assert_eq!(
            (shown[0].kind.as_str(), shown[0].subject.as_str(), shown[0].attempts),
            ("thing.happened", "thing:1", 6)
        );
        assert!(shown[0].reason.contains("fault of the database"), "{}", shown[0].reason);
        let mut elsewhere = administrator();
        elsewhere.region = Some("4303".into());
        assert_eq!(stuck::list(&db, &elsewhere).await.unwrap(), [], "of another city");
        let mut tx = db.begin().await.unwrap();
        let this = Which::Entry { desk: "writing".into(), seq };
        assert_eq!(stuck::ask_retry(&mut tx, &who, &this).await.unwrap(), 1);
        tx.commit().await.unwrap();

        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [1]);
        assert_eq!(stuck::list(&db, &who).await.unwrap(), []);
        assert_eq!(stuck::count(&db).await.unwrap(), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_retry_that_waits_delays_no_other() {
    each_db(&[T], |db, hand: ManualClock| async move {
        append(&db, 1).await;
        append(&db, 2).await;
        let desk = Writing::default();
        desk.refused.lock().unwrap().extend([1, 2]);
        let mut follower = Follower::new(db.clone(), desk.clone());
        settle(&mut follower).await;
        desk.refused.lock().unwrap().clear();
        let mut tx = db.begin().await.unwrap();
        stuck::ask_retry(&mut tx, &administrator(), &Which::All).await.unwrap();
        tx.commit().await.unwrap();
        let mut follower = Follower::new(db.clone(), desk.clone());
        assert_eq!(follower.step().await, Step::Moved, "past the entries about the retry");
        // The first retry meets a lost connection, and comes again after a pause: two calls look for entries, three move the
        // cursor, two look for the retry, and the next two begin it.
        db.faults().fail_at(9);
        assert_eq!(follower.step().await, Step::Moved);
        assert!(db.faults().happened());
        let mut follower = Follower::new(db.clone(), desk.clone());
        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [2], "the second does not wait for the first");
        hand.advance(Duration::minutes(1));
        let mut follower = Follower::new(db.clone(), desk);
        settle(&mut follower).await;
        assert_eq!(effects(&db).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_second_entry_of_one_transaction_has_the_region_of_the_first() {
    each_db(&[T], |db, _hand| async move {
        let mut tx = db.begin().await.unwrap();
        let who = Who::system("test");
        tx.append(Entry::new("thing.made", "thing:1").region("430100"), &who).await.unwrap();
        tx.append(Entry::new("thing.seen", "thing:1"), &who).await.unwrap();
        tx.append(Entry::new("other.seen", "other:1"), &who).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.append(Entry::new("thing.moved", "thing:1").region("430200"), &who).await.unwrap();
        tx.append(Entry::new("thing.seen", "thing:1"), &who).await.unwrap();
        tx.commit().await.unwrap();
        let entries = journal::read_after(&db, 0, 10).await.unwrap();
        let regions: Vec<Option<&str>> = entries.iter().map(|entry| entry.region.as_deref()).collect();
        assert_eq!(regions, [Some("430100"), Some("430100"), None, Some("430200"), Some("430200")]);

        // What has no region may be any city's: a scope shows it to nobody, not even to an administrator.
        let mut scoped = administrator();
        scoped.region = Some("4301".into());
        let all = Filter { limit: 10, ..Filter::default() };
        let seen = journal::query(&db, &scoped, &all).await.unwrap();
        assert_eq!(seen.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(journal::query(&db, &administrator(), &all).await.unwrap().len(), 5);
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
    fn journal_subject(&self, timer: &Timer) -> String {
        format!("thing:{}", timer.subject)
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
        append(&db, 1).await;
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

        // Each is its city's: the journal knows where thing 1 is, and nobody where the other belongs.
        let mut scoped = administrator();
        for (region, wanted) in [("4301", &["test:1"][..]), ("4303", &[])] {
            scoped.region = Some(region.into());
            let seen = stuck::list(&db, &scoped).await.unwrap();
            assert_eq!(seen.iter().map(|s| s.timer.as_deref().unwrap()).collect::<Vec<_>>(), wanted);
        }
        for timer in ["test:1", "test:x"] {
            let mut tx = db.begin().await.unwrap();
            let asked = stuck::ask_retry(&mut tx, &scoped, &Which::Timer(timer.into())).await;
            assert!(matches!(asked, Err(store::Error::NotFound { .. })), "{timer}");
        }

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
    fn check(&self, document: &str) -> Result<Vec<u8>, kernel::Said> {
        let none = kernel::Text::new("test.unsealed", ("未签章", "no seal"), ("", ""));
        document.strip_prefix("sealed:").map(|text| text.as_bytes().to_vec()).ok_or_else(|| none.say(&[]))
    }
}

#[tokio::test]
async fn an_empty_journal_does_not_verify() {
    each_db(&[T], |db, _hand| async move {
        let found = journal::verify(&db, None).await.unwrap();
        assert_eq!((found.ok, found.reason), (false, Some(journal::reason::NOTHING.say(&[]))));
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
        let elsewhere = db.clone().anchored(Some(file.with_file_name("not-mounted")));
        let compared = journal::verify(&elsewhere, Some(&Stamp)).await.unwrap();
        let told = (compared.ok, compared.reason);
        assert_eq!(told, (false, Some(journal::reason::NO_ANCHOR.say(&[]))), "nothing outside was compared");

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
    let reason = found.reason.map(|why| why.en).unwrap_or_default();
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
    assert!(!found.ok && found.reason.as_ref().unwrap().en.contains("damaged"), "{found:?}");
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
