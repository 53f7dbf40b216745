//! Guarded transitions on both databases: of those who act on what they read at the same time, one wins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::Arc;

use serde_json::json;
use store::journal::{self, Entry};
use store::testing::each_db;
use store::{Db, Error, Migrations, Who, args, lock_name, lock_row, transition};
use tokio::sync::Barrier;

const T: Migrations = Migrations {
    name: "test",
    steps: &[(
        1,
        "thing",
        "CREATE TABLE thing (id TEXT PRIMARY KEY, state TEXT NOT NULL, by_user TEXT, ended_at BIGINT);
         CREATE UNIQUE INDEX thing_open ON thing (by_user) WHERE state = 'open';",
    )],
};

/// As many transactions as PostgreSQL gives connections at once, with some left for others.
const RACERS: usize = 8;

async fn insert(db: &Db, id: &str, state: &str) {
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO thing (id, state) VALUES ($1, $2)", args![id, state]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn state(db: &Db, id: &str) -> String {
    db.fetch_one::<(String,)>("SELECT state FROM thing WHERE id = $1", args![id]).await.unwrap().0
}

/// Runs the same act at the same time, and gives how many went well.
async fn race<F, Fut>(db: &Db, act: F) -> usize
where
    F: Fn(Db, usize, Arc<Barrier>) -> Fut,
    Fut: Future<Output = bool> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS).map(|n| tokio::spawn(act(db.clone(), n, barrier.clone()))).collect();
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.await.unwrap());
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_read_the_same_state_one_changes_it_and_the_others_write_nothing() {
    each_db(&[T], |db, _hand| async move {
        insert(&db, "a", "review").await;
        let won = race(&db, |db, n, barrier| async move {
            let read = state(&db, "a").await;
            // Everybody has read before anybody writes.
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            let entry = Entry::new("thing.moved", "thing:a").body(&json!({ "n": n }));
            tx.append(entry, &Who::system("test")).await.unwrap();
            let moved = transition("thing", "a").from(&read).to("sent").set("by_user", format!("u{n}"));
            match moved.apply(&mut tx).await {
                Ok(()) => tx.commit().await.map(|()| true).unwrap(),
                Err(error) => {
                    assert!(matches!(error, Error::Moved { table: "thing" }), "{error}");
                    assert_eq!(error.said().code, "store.moved");
                    false
                }
            }
        })
        .await;
        assert_eq!(won, 1);
        assert_eq!(journal::read_after(&db, 0, 100).await.unwrap().len(), 1, "a loser left an entry");
    })
    .await;
}

#[tokio::test]
async fn a_change_names_what_it_expects_and_nothing_moves_where_it_does_not_fit() {
    each_db(&[T], |db, _hand| async move {
        insert(&db, "a", "active").await;
        let mut tx = db.begin().await.unwrap();
        let ends = || transition("thing", "a").expect("ended_at", None::<i64>).set("ended_at", 5);
        assert!(ends().try_apply(&mut tx).await.unwrap());
        assert!(!ends().try_apply(&mut tx).await.unwrap(), "it had ended");
        assert!(transition("thing", "a").expect("ended_at", 5).to("over").try_apply(&mut tx).await.unwrap());
        assert!(!transition("thing", "b").from("active").to("over").try_apply(&mut tx).await.unwrap(), "no such row");
        let any = || transition("thing", "a").from_any(["active", "over"]);
        assert!(any().to("gone").try_apply(&mut tx).await.unwrap());
        assert!(!any().to("gone").try_apply(&mut tx).await.unwrap());
        assert!(transition("thing", "a").from("gone").try_apply(&mut tx).await.unwrap(), "a proof without a change");
        assert!(!transition("thing", "a").from("active").try_apply(&mut tx).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(state(&db, "a").await, "gone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_a_row_before_it_reads_acts_on_what_stands_there() {
    each_db(&[T], |db, _hand| async move {
        insert(&db, "a", "0").await;
        let won = race(&db, |db, _n, barrier| async move {
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            lock_row(&mut tx, "thing", "id", "a").await.unwrap();
            let (read,): (String,) = tx.fetch_one("SELECT state FROM thing WHERE id = 'a'", args![]).await.unwrap();
            let next = read.parse::<i64>().unwrap() + 1;
            transition("thing", "a").from(&read).to(&next.to_string()).apply(&mut tx).await.unwrap();
            tx.commit().await.map(|()| true).unwrap()
        })
        .await;
        assert_eq!((won, state(&db, "a").await), (RACERS, RACERS.to_string()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_counted_under_a_name_is_not_exceeded() {
    each_db(&[T], |db, _hand| async move {
        let won = race(&db, |db, n, barrier| async move {
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            lock_name(&mut tx, "limit:a").await.unwrap();
            let (count,): (i64,) = tx.fetch_one("SELECT COUNT(*) FROM thing", args![]).await.unwrap();
            if count >= 2 {
                return false;
            }
            tx.execute("INSERT INTO thing (id, state) VALUES ($1, 'x')", args![format!("t{n}")]).await.unwrap();
            tx.commit().await.map(|()| true).unwrap()
        })
        .await;
        assert_eq!(won, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_adds_what_may_stand_once_at_the_same_moment_is_told_that_another_was_first() {
    each_db(&[T], |db, _hand| async move {
        let won = race(&db, |db, n, barrier| async move {
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            let row = args![format!("t{n}")];
            match tx.execute("INSERT INTO thing (id, state, by_user) VALUES ($1, 'open', 'u')", row).await {
                Ok(_) => tx.commit().await.map(|()| true).unwrap(),
                Err(error) => {
                    assert!(error.is_contention(), "{error}");
                    assert_eq!(error.said().code, "store.moved");
                    false
                }
            }
        })
        .await;
        assert_eq!(won, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_a_subject_is_made_once_however_many_write_about_it_first() {
    each_db(&[T], |db, _hand| async move {
        let won = race(&db, |db, n, barrier| async move {
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            let entry = Entry::new("thing.told", "thing:a").private(&json!({ "n": n }));
            tx.append(entry, &Who::system("test")).await.unwrap();
            tx.commit().await.map(|()| true).unwrap()
        })
        .await;
        assert_eq!(won, RACERS);
        let entries = journal::read_after(&db, 0, 100).await.unwrap();
        assert_eq!(entries.len(), RACERS);
        for entry in entries {
            assert!(journal::open_private(&db, &entry).await.unwrap().is_some());
        }
    })
    .await;
}
