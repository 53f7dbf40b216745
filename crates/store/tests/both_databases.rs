//! One suite for both databases: transactions, journal, reactions, timers, serials, documents.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

use std::sync::{Arc, Mutex};

use kernel::{Duration, ManualClock, Timestamp};
use serde_json::json;
use store::journal::{self, Entry, Filter, Reaction, Recorded, Sealer};
use store::testing::each_db;
use store::{Db, Migrations, Tx, Who, args, document, serial, timers};

const T: Migrations =
    Migrations { name: "test", steps: &[(1, "t", "CREATE TABLE t (a BIGINT NOT NULL, b TEXT, c BOOLEAN, d {BLOB})")] };

async fn append(db: &Db, kind: &str, subject: &str, n: i64) {
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO t (a) VALUES ($1)", args![n]).await.unwrap();
    let entry = Entry::new(kind, subject).body(&json!({ "n": n })).region("430102");
    tx.append(entry, &Who::system("test")).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn values_of_each_type_come_back_and_a_dropped_transaction_leaves_nothing() {
    each_db(&[T], |db, _hand| async move {
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO t VALUES ($1,$2,$3,$4)", args![5, "守护", true, vec![0u8, 255]]).await.unwrap();
        tx.execute("INSERT INTO t VALUES ($1,$2,$3,$4)", args![6, None::<String>, None::<bool>, None::<Vec<u8>>])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut dropped = db.begin().await.unwrap();
        dropped.execute("DELETE FROM t WHERE a > $1", args![0]).await.unwrap();
        drop(dropped);
        type Row = (i64, Option<String>, Option<bool>, Option<Vec<u8>>);
        let rows: Vec<Row> = db.fetch_all("SELECT a, b, c, d FROM t ORDER BY a", args![]).await.unwrap();
        assert_eq!(rows, [(5, Some("守护".into()), Some(true), Some(vec![0, 255])), (6, None, None, None)]);
    })
    .await;
}

#[tokio::test]
async fn a_text_that_postgresql_has_no_place_for_is_stored_alike_on_both() {
    each_db(&[T], |db, _hand| async move {
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO t (a, b) VALUES ($1,$2)", args![1, "李\u{0}四"]).await.unwrap();
        tx.append(Entry::new("test.written", "t:1").body(&json!({ "name": "李\u{0}四" })), &Who::system("test"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let rows: Vec<(String,)> = db.fetch_all("SELECT b FROM t WHERE b = $1", args!["李\u{0}四"]).await.unwrap();
        assert_eq!(rows, [("李\u{FFFD}四".to_owned(),)], "it is found again by the same text");
        assert!(journal::verify(&db, None).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn a_changed_migration_is_refused_and_a_known_one_is_not_run_again() {
    each_db(&[T], |db, _hand| async move {
        assert_eq!(db.migrate(&[T]).await.unwrap(), []);
        let changed = Migrations { name: "test", steps: &[(1, "t", "CREATE TABLE other (a BIGINT)")] };
        let fault = db.migrate(&[changed]).await.unwrap_err().to_string();
        assert!(fault.contains("test 1 (t) ran with another text"), "{fault}");
    })
    .await;
}

#[tokio::test]
async fn entries_are_numbered_without_a_gap_while_many_write_at_once() {
    each_db(&[T], |db, _hand| async move {
        let writers = (0..8).map(|w| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..10 {
                    append(&db, "test.written", &format!("w:{w}"), n).await;
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let entries = journal::read_after(&db, 0, 1_000).await.unwrap();
        let seqs: Vec<i64> = entries.iter().map(|e| e.seq).collect();
        assert_eq!(seqs, (1..=80).collect::<Vec<i64>>());
        let found = journal::verify(&db, None).await.unwrap();
        assert!(found.ok, "{found:?}");
        assert_eq!(found.entries, 80);
    })
    .await;
}

#[tokio::test]
async fn verify_names_the_first_entry_that_does_not_fit() {
    let changed = ("content was changed", "内容被改动");
    let damages: [(&'static str, i64, (&str, &str)); 5] = [
        ("UPDATE journal SET body = '{\"n\":99}' WHERE seq = 7", 7, changed),
        ("UPDATE journal SET actor = 'nobody' WHERE seq = 3", 3, changed),
        ("DELETE FROM journal WHERE seq = 5", 5, ("entry 5 is missing", "第 5 条缺失")),
        ("DELETE FROM journal WHERE seq = 10", 10, ("missing, though the head counts it", "该条缺失")),
        ("UPDATE journal SET at = at + 1 WHERE seq = 1", 1, changed),
    ];
    each_db(&[T], |db, _hand| async move {
        for n in 1..=10 {
            append(&db, "test.written", "s:1", n).await;
        }
        for (damage, first_bad, (en, zh)) in damages {
            let mut tx = db.begin().await.unwrap();
            tx.execute("CREATE TABLE kept AS SELECT * FROM journal", args![]).await.unwrap();
            tx.execute(damage, args![]).await.unwrap();
            tx.commit().await.unwrap();
            let found = journal::verify(&db, None).await.unwrap();
            assert_eq!((found.ok, found.first_bad), (false, Some(first_bad)), "{damage}");
            let told = found.reason.unwrap();
            assert!(told.en.contains(en) && told.zh.contains(zh), "{damage}: {told:?}");
            let mut tx = db.begin().await.unwrap();
            tx.execute("DELETE FROM journal", args![]).await.unwrap();
            tx.execute("INSERT INTO journal SELECT * FROM kept", args![]).await.unwrap();
            tx.execute("DROP TABLE kept", args![]).await.unwrap();
            tx.commit().await.unwrap();
            assert!(journal::verify(&db, None).await.unwrap().ok);
        }
    })
    .await;
}

struct PlainSealer;

impl Sealer for PlainSealer {
    fn seal(&self, payload: &[u8], _now: Timestamp) -> Result<String, String> {
        Ok(format!("sealed {}", String::from_utf8_lossy(payload)))
    }
    fn check(&self, document: &str) -> Result<Vec<u8>, kernel::Said> {
        let none = kernel::Text::new("test.unsealed", ("未签章", "not sealed"), ("", ""));
        document.strip_prefix("sealed ").map(|p| p.as_bytes().to_vec()).ok_or_else(|| none.say(&[]))
    }
}

#[tokio::test]
async fn a_chain_rewritten_from_the_front_is_caught_by_the_seal() {
    each_db(&[T], |db, _hand| async move {
        for n in 1..=4 {
            append(&db, "test.written", "s:1", n).await;
        }
        assert_eq!(journal::seal_head(&db, &PlainSealer).await.unwrap(), 4);
        let found = journal::verify(&db, Some(&PlainSealer)).await.unwrap();
        assert_eq!((found.ok, found.sealed_seq), (true, 4));
        rewrite(&db).await;
        assert!(journal::verify(&db, None).await.unwrap().first_bad == Some(4), "the stored seal names another hash");
        let mut tx = db.begin().await.unwrap();
        let head: (Vec<u8>,) = tx.fetch_one("SELECT hash FROM journal_head", args![]).await.unwrap();
        tx.execute("UPDATE journal_seal SET hash = $1", args![head.0]).await.unwrap();
        tx.commit().await.unwrap();
        let found = journal::verify(&db, Some(&PlainSealer)).await.unwrap();
        assert_eq!((found.ok, found.first_bad), (false, Some(4)));
        assert!(found.reason.unwrap().en.contains("another entry"));
    })
    .await;
}

/// A forger with the database in hand: changes entry 2 and computes every later hash anew.
async fn rewrite(db: &Db) {
    let mut entries = journal::read_after(db, 0, 100).await.unwrap();
    entries[1].body = "{\"n\":-1}".into();
    let mut prev = journal::GENESIS;
    let mut tx = db.begin().await.unwrap();
    for e in &mut entries {
        e.prev = prev;
        e.digest = journal::content_digest(e);
        e.hash = journal::link(&prev, &e.digest);
        prev = e.hash;
        tx.execute(
            "UPDATE journal SET body = $1, digest = $2, prev = $3, hash = $4 WHERE seq = $5",
            args![&e.body, e.digest.to_vec(), e.prev.to_vec(), e.hash.to_vec(), e.seq],
        )
        .await
        .unwrap();
    }
    tx.execute("UPDATE journal_head SET hash = $1", args![prev.to_vec()]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn personal_parts_open_only_while_their_key_lives_and_the_chain_outlives_it() {
    each_db(&[T], |db, _hand| async move {
        let mut tx = db.begin().await.unwrap();
        let entry = Entry::new("report.submitted", "report:1").private(&json!({ "phone": "13800138000" }));
        tx.append(entry, &Who::system("intake")).await.unwrap();
        tx.commit().await.unwrap();
        let entry = &journal::read_after(&db, 0, 10).await.unwrap()[0];
        let stored = entry.private.clone().unwrap();
        assert!(!String::from_utf8_lossy(&stored).contains("13800138000"));
        let opened = journal::open_private(&db, entry).await.unwrap().unwrap();
        assert_eq!(opened, "{\"phone\":\"13800138000\"}");
        let mut tx = db.begin().await.unwrap();
        assert!(journal::erase_subject(&mut tx, "report:1").await.unwrap());
        tx.commit().await.unwrap();
        assert!(matches!(journal::open_private(&db, entry).await, Err(store::Error::KeyGone(_))));
        assert!(journal::verify(&db, None).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn the_journal_shows_only_what_the_right_and_the_region_allow() {
    each_db(&[T], |db, _hand| async move {
        append(&db, "order.sent", "order:1", 1).await;
        let all = Filter { limit: 10, ..Filter::default() };
        let officer = Who::user("officer", &["stop.read"]);
        assert!(matches!(journal::query(&db, &officer, &all).await, Err(store::Error::Forbidden { .. })));
        let mut auditor = Who::user("auditor", &["journal.read"]);
        auditor.region = Some("4301".into());
        assert_eq!(journal::query(&db, &auditor, &all).await.unwrap().len(), 1);
        auditor.region = Some("4302".into());
        assert_eq!(journal::query(&db, &auditor, &all).await.unwrap().len(), 0);
    })
    .await;
}

struct Counting {
    seen: Arc<Mutex<Vec<i64>>>,
    fail_first: Arc<Mutex<bool>>,
}

impl Reaction for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }
    fn wants(&self, kind: &str) -> bool {
        kind == "test.wanted"
    }
    async fn handle(&self, tx: &mut Tx, entry: &Recorded) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if std::mem::take(&mut *self.fail_first.lock().unwrap()) {
            return Err("first attempt fails".into());
        }
        tx.execute("INSERT INTO t (a) VALUES ($1)", args![1_000 + entry.seq]).await?;
        self.seen.lock().unwrap().push(entry.seq);
        Ok(())
    }
}

#[tokio::test]
async fn a_reaction_takes_effect_once_for_each_wanted_entry_though_it_failed_and_ran_twice_at_once() {
    each_db(&[T], |db, _hand| async move {
        for n in 0..20 {
            append(&db, if n % 2 == 0 { "test.wanted" } else { "test.other" }, "s:1", n).await;
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let fail_first = Arc::new(Mutex::new(true));
        let run = || {
            let reaction = Counting { seen: seen.clone(), fail_first: fail_first.clone() };
            tokio::spawn(journal::react(db.clone(), reaction))
        };
        let (one, two) = (run(), run());
        let mut effects = 0;
        for _ in 0..500 {
            let (n,): (i64,) = db.fetch_one("SELECT COUNT(*) FROM t WHERE a >= 1000", args![]).await.unwrap();
            effects = n;
            if n >= 10 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        one.abort();
        two.abort();
        assert_eq!(effects, 10);
        let (distinct,): (i64,) =
            db.fetch_one("SELECT COUNT(DISTINCT a) FROM t WHERE a >= 1000", args![]).await.unwrap();
        assert_eq!(distinct, 10);
    })
    .await;
}

#[tokio::test]
async fn a_timer_is_handed_out_when_due_leased_and_gone_when_done() {
    each_db(&[T], |db, hand: ManualClock| async move {
        let start = db.clock().now();
        let mut tx = db.begin().await.unwrap();
        timers::set(&mut tx, "stop.lapse:1", "stop.lapse", "order:1", start + Duration::hours(48)).await.unwrap();
        timers::set(&mut tx, "stop.lapse:2", "stop.lapse", "order:2", start + Duration::hours(1)).await.unwrap();
        timers::set(&mut tx, "other:1", "other.x", "x", start).await.unwrap();
        tx.commit().await.unwrap();
        assert!(timers::claim_due(&db, "stop.", 10).await.unwrap().is_empty());
        hand.advance(Duration::hours(1));
        let due = timers::claim_due(&db, "stop.", 10).await.unwrap();
        assert_eq!(due.iter().map(|t| t.key.as_str()).collect::<Vec<_>>(), ["stop.lapse:2"]);
        assert!(timers::claim_due(&db, "stop.", 10).await.unwrap().is_empty(), "leased");
        hand.advance(timers::LEASE);
        let again = timers::claim_due(&db, "stop.", 10).await.unwrap();
        assert_eq!(again[0].attempt, 2, "its worker died: handed out again");
        let mut tx = db.begin().await.unwrap();
        assert!(timers::done(&mut tx, &again[0]).await.unwrap());
        assert!(!timers::done(&mut tx, &again[0]).await.unwrap());
        timers::cancel(&mut tx, "stop.lapse:1").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(timers::next_due(&db, "stop.").await.unwrap(), None);
        assert_eq!(timers::next_due(&db, "other.").await.unwrap(), Some(start));
    })
    .await;
}

#[tokio::test]
async fn short_numbers_count_by_day_and_papers_are_kept_once() {
    each_db(&[T], |db, hand: ManualClock| async move {
        let mut tx = db.begin().await.unwrap();
        assert_eq!(serial::next(&mut tx, "R").await.unwrap(), "R261123-0001");
        assert_eq!(serial::next(&mut tx, "R").await.unwrap(), "R261123-0002");
        hand.advance(Duration::hours(16));
        assert_eq!(serial::next(&mut tx, "R").await.unwrap(), "R261124-0001", "the day turns at midnight in China");
        let one = document::put(&mut tx, "text/plain", b"abc").await.unwrap();
        assert_eq!(document::put(&mut tx, "text/plain", b"abc").await.unwrap(), one);
        tx.commit().await.unwrap();
        let paper = document::get(&db, &one).await.unwrap();
        assert_eq!(paper.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(paper.sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    })
    .await;
}
