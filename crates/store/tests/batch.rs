//! What is written without asking for an answer, on both databases: in order, whole, and never lost without a word.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use store::testing::each_db;
use store::{Db, Error, Migrations, args};

const T: Migrations = Migrations {
    name: "test",
    steps: &[(1, "thing", "CREATE TABLE thing (id BIGINT PRIMARY KEY, note TEXT NOT NULL)")],
};

async fn things(db: &Db) -> Vec<(i64, String)> {
    db.fetch_all("SELECT id, note FROM thing ORDER BY id", args![]).await.unwrap()
}

#[tokio::test]
async fn what_is_written_stands_there_for_every_later_statement_and_after_the_commit() {
    each_db(&[T], |db, _hand| async move {
        let mut tx = db.begin().await.unwrap();
        // More than travel at once, with a mark for a value in a text.
        for id in 1..=40 {
            tx.write("INSERT INTO thing (id, note) VALUES ($1, 'costs $1, ' || $2)", args![id, "it's"]).await.unwrap();
            tx.write("UPDATE thing SET note = note || $2 WHERE id = $1", args![id, "!"]).await.unwrap();
        }
        let (count,): (i64,) = tx.fetch_one("SELECT COUNT(*) FROM thing WHERE id > $1", args![10_i64]).await.unwrap();
        assert_eq!(count, 30);
        tx.write("DELETE FROM thing WHERE id = $1", args![1_i64]).await.unwrap();
        let touched = tx.execute("UPDATE thing SET note = $1 WHERE id <= $2", args!["low", 5_i64]).await.unwrap();
        assert_eq!(touched, 4, "the count is of this statement alone");
        tx.write("DELETE FROM thing WHERE id > $1", args![6_i64]).await.unwrap();
        tx.commit().await.unwrap();
        let mut left: Vec<(i64, String)> = (2..=5).map(|id| (id, "low".to_owned())).collect();
        left.push((6, "costs $1, it's!".to_owned()));
        assert_eq!(things(&db).await, left);
    })
    .await;
}

#[tokio::test]
async fn a_refused_write_is_told_at_the_latest_by_the_commit_and_nothing_of_the_transaction_stands() {
    each_db(&[T], |db, _hand| async move {
        let insert = "INSERT INTO thing (id, note) VALUES ($1, $2)";
        for ask_in_between in [false, true] {
            let told = async {
                let mut tx = db.begin().await?;
                tx.write(insert, args![1_i64, "first"]).await?;
                tx.write(insert, args![1_i64, "again"]).await?;
                tx.write(insert, args![2_i64, "behind"]).await?;
                if ask_in_between {
                    let _rows: Vec<(i64,)> = tx.fetch_all("SELECT id FROM thing", args![]).await?;
                }
                tx.commit().await
            };
            let error = told.await.expect_err("one number twice");
            assert!(!error.is_transient(), "{error}");
            assert!(!matches!(error, Error::Refused), "the reason is told, not only that there was one");
            assert_eq!(things(&db).await, []);
        }
        let mut tx = db.begin().await.unwrap();
        tx.write(insert, args![3_i64, "dropped"]).await.unwrap();
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        tx.write(insert, args![4_i64, "taken back"]).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(things(&db).await, [], "what was not committed did not happen");
    })
    .await;
}
