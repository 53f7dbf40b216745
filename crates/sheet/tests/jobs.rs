//! Imports in the background, on both databases: each row once, whatever breaks off in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kernel::{Duration, Faults};
use sheet::Row;
use sheet::job::{self, File, Import, Job, Piece, State};
use store::testing::each_db;
use store::{Db, Migrations, Tx, Who, args};

const TABLES: Migrations = Migrations {
    name: "jobs_test",
    steps: &[(
        1,
        "rows",
        "CREATE TABLE taken (row_number BIGINT NOT NULL, text TEXT NOT NULL); CREATE TABLE ended (state TEXT NOT NULL);",
    )],
};
const ALL: [Migrations; 2] = [sheet::MIGRATIONS, TABLES];

/// Takes rows into a table, and breaks down before the piece that takes it over a number of rows.
#[derive(Clone)]
struct Numbers {
    breaks_after: Arc<AtomicI64>,
    /// From here on the database refuses what is written.
    corrupt_after: Arc<AtomicI64>,
}

impl Numbers {
    fn whole() -> Self {
        let never = || Arc::new(AtomicI64::new(i64::MAX));
        Self { breaks_after: never(), corrupt_after: never() }
    }
}

impl Import for Numbers {
    const KIND: &'static str = "test.numbers";
    const RIGHT: &'static str = "test.write";
    const ROWS_MAX: u64 = 100_000;
    type Columns = usize;

    fn columns(names: &[String]) -> Result<usize, Faults> {
        names.iter().position(|n| n == "n").ok_or_else(|| Faults(vec![sheet::texts::EMPTY.at("file", &[])]))
    }

    async fn take(
        &self,
        tx: &mut Tx,
        _who: &Who,
        job: &Job,
        columns: &usize,
        rows: &[Row],
        piece: &mut Piece,
    ) -> store::Result<()> {
        for row in rows {
            if row.text(*columns) == "bad" {
                piece.refuse(row.number, vec![sheet::texts::ROUNDED.at("n", &[])]);
                continue;
            }
            let number = i64::try_from(row.number).unwrap();
            tx.execute("INSERT INTO taken (row_number, text) VALUES ($1,$2)", args![number, row.text(*columns)])
                .await?;
            piece.count("taken", 1);
        }
        if job.rows_done >= self.breaks_after.load(Ordering::SeqCst) {
            // As the work sees it when the seat dies or its database goes away.
            return Err(store::Error::Database(sqlx::Error::PoolTimedOut));
        }
        if job.rows_done >= self.corrupt_after.load(Ordering::SeqCst) {
            tx.execute("INSERT INTO taken (row_number, text) VALUES (1, NULL)", args![]).await?;
        }
        Ok(())
    }

    async fn end(&self, tx: &mut Tx, _who: &Who, job: &Job) -> store::Result<()> {
        tx.execute("INSERT INTO ended (state) VALUES ($1)", args![job.state.code()]).await.map(|_| ())
    }
}

fn who() -> Who {
    Who::user("li", &["test.write"])
}

fn sent(rows: usize, bad_every: usize) -> File {
    let mut text = String::from("title\nn\n");
    for row in 0..rows {
        if bad_every > 0 && row % bad_every == 0 {
            text.push_str("bad\n");
        } else {
            text.push_str(&format!("{row}\n"));
        }
    }
    let (mut file, path) = tempfile::NamedTempFile::new().unwrap().keep().unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let sha256 = store::document::sha256_hex(text.as_bytes());
    File { path, name: "n.csv".into(), sha256, bytes: text.len() as u64 }
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    db.fetch_one::<(i64,)>(sql, args![]).await.unwrap().0
}

#[tokio::test]
async fn each_row_is_taken_once_though_the_seat_dies_in_between() {
    each_db(&ALL, |db, hand| async move {
        let import = Numbers::whole();
        let file = sent(5_000, 1_000);
        let begun = job::begin::<Numbers>(&db, &who(), &file).await.unwrap();
        assert!(begun.is_of(&file) && begun.state == State::Running);
        for stop in [300, 1_500, 3_000] {
            import.breaks_after.store(stop, Ordering::SeqCst);
            assert!(job::run(&db, &import, begun.id, &mut |_| {}).await.is_err());
            let now = job::of_id(&db, Numbers::KIND, begun.id).await.unwrap();
            assert!(now.state == State::Running && now.rows_done < 5_000, "{now:?}");
            let same = job::run(&db, &import, begun.id, &mut |_| {}).await.unwrap();
            assert_eq!(same.rows_done, now.rows_done, "nobody takes it over while its runner may live");
            hand.advance(Duration::minutes(2));
        }
        import.breaks_after.store(i64::MAX, Ordering::SeqCst);
        let mut seen = Vec::new();
        let done = job::run(&db, &import, begun.id, &mut |job| seen.push(job.rows_done)).await.unwrap();
        assert_eq!((done.state, done.rows_done, done.count("taken"), done.refused), (State::Done, 5_000, 4_995, 5));
        assert!(seen.len() > 1 && seen.is_sorted(), "progress is told: {seen:?}");
        assert_eq!(count(&db, "SELECT COUNT(*) FROM taken").await, 4_995);
        assert_eq!(count(&db, "SELECT COUNT(DISTINCT row_number) FROM taken").await, 4_995);
        assert_eq!(count(&db, "SELECT COUNT(*) FROM ended").await, 1, "one entry for the file");
        let refused = job::refused(&db, begun.id, 10).await.unwrap();
        assert_eq!(refused.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [3, 1_003, 2_003, 3_003, 4_003]);
        assert!(!file.path.exists(), "the file is not kept");
    })
    .await;
}

#[tokio::test]
async fn what_the_database_refuses_ends_the_import_and_is_told() {
    each_db(&ALL, |db, _hand| async move {
        let import = Numbers::whole();
        import.corrupt_after.store(300, Ordering::SeqCst);
        let file = sent(1_000, 0);
        let begun = job::begin::<Numbers>(&db, &who(), &file).await.unwrap();
        let ended = job::run(&db, &import, begun.id, &mut |_| {}).await.unwrap();
        assert_eq!(ended.state, State::Failed);
        assert_eq!(ended.failure.first().map(|fault| fault.field.as_str()), Some("file"), "{:?}", ended.failure);
        assert!(ended.rows_done < 1_000 && !file.path.exists());
    })
    .await;
}

#[tokio::test]
async fn files_of_a_process_that_died_are_removed_and_those_of_running_jobs_stay() {
    each_db(&ALL, |db, _hand| async move {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str, hours: u64| {
            let path = folder.path().join(name);
            std::fs::write(&path, "n\n1\n").unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            let at = file.metadata().unwrap().modified().unwrap() - std::time::Duration::from_secs(3_600 * hours);
            file.set_modified(at).unwrap();
            path
        };
        let (left, young) = (made("left.sent", 2), made("young.sent", 0));
        let (other, path) = (made("list.csv", 2), made("running.sent", 2));
        let file = File { path: path.clone(), name: "n.csv".into(), sha256: "0".repeat(64), bytes: 4 };
        job::begin::<Numbers>(&db, &who(), &file).await.unwrap();
        assert_eq!(job::sweep(&db, folder.path()).await.unwrap(), 1);
        assert!(!left.exists() && young.exists() && other.exists() && path.exists());
        assert_eq!(job::sweep(&db, &folder.path().join("none")).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_same_file_at_the_same_time_is_one_import() {
    each_db(&ALL, |db, _hand| async move {
        let (one, two) = (sent(2_000, 0), sent(2_000, 0));
        let first = job::begin::<Numbers>(&db, &who(), &one).await.unwrap();
        let second = job::begin::<Numbers>(&db, &who(), &two).await.unwrap();
        assert_eq!(first.id, second.id);
        assert!(!second.is_of(&two), "the second file stays with its sender");
        let import = Numbers::whole();
        let none = &mut |_: &Job| {};
        let other = &mut |_: &Job| {};
        let (a, b) = tokio::join!(job::run(&db, &import, first.id, none), job::run(&db, &import, first.id, other));
        a.unwrap();
        b.unwrap();
        assert_eq!(count(&db, "SELECT COUNT(*) FROM taken").await, 2_000);
        assert_eq!(count(&db, "SELECT COUNT(*) FROM ended").await, 1);
        // When it has ended, the file may be sent again.
        let again = job::begin::<Numbers>(&db, &who(), &two).await.unwrap();
        assert_ne!(again.id, first.id);
    })
    .await;
}

#[tokio::test]
async fn an_import_is_cancelled_once_and_takes_nothing_more() {
    each_db(&ALL, |db, _hand| async move {
        let begun = job::begin::<Numbers>(&db, &who(), &sent(3_000, 0)).await.unwrap();
        let import = Numbers::whole();
        assert!(job::cancel(&db, &import, &Who::user("x", &[]), begun.id).await.is_err(), "needs the right");
        let cancelled = job::cancel(&db, &import, &who(), begun.id).await.unwrap();
        assert_eq!(cancelled.state, State::Cancelled);
        let after = job::run(&db, &import, begun.id, &mut |_| {}).await.unwrap();
        assert_eq!((after.state, after.rows_done), (State::Cancelled, 0));
        assert!(matches!(job::cancel(&db, &import, &who(), begun.id).await, Err(job::Error::Conflict(_))));
        assert_eq!(count(&db, "SELECT COUNT(*) FROM ended").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_told() {
    each_db(&ALL, |db, hand| async move {
        let file = sent(10, 0);
        let begun = job::begin::<Numbers>(&db, &who(), &file).await.unwrap();
        std::fs::remove_file(&file.path).unwrap();
        if db.engine() == store::Engine::Postgres {
            // It may lie on another host.
            let left = job::run(&db, &Numbers::whole(), begun.id, &mut |_| {}).await.unwrap();
            assert_eq!(left.state, State::Running);
            hand.advance(Duration::hours(24));
        }
        let failed = job::run(&db, &Numbers::whole(), begun.id, &mut |_| {}).await.unwrap();
        assert_eq!((failed.state, failed.failure[0].said.code.as_str()), (State::Failed, "import.lost"));
    })
    .await;
}

#[tokio::test]
async fn an_office_sees_and_stops_the_imports_of_its_region_alone() {
    each_db(&ALL, |db, _hand| async move {
        let of = |region: &str| Who { region: Some(region.to_owned()), ..who() };
        let (here, there) = (of("4301"), of("4302"));
        let import = Numbers::whole();
        let begun = job::begin::<Numbers>(&db, &here, &sent(10, 0)).await.unwrap();
        let everywhere = job::begin::<Numbers>(&db, &who(), &sent(11, 0)).await.unwrap();
        for (office, seen) in [(&here, 1), (&there, 0), (&of("43"), 1), (&who(), 2)] {
            assert_eq!(job::list(&db, office, Numbers::KIND, None, 10).await.unwrap().len(), seen, "{office:?}");
        }
        for (office, id) in [(&there, begun.id), (&here, everywhere.id)] {
            let refused = job::cancel(&db, &import, office, id).await;
            assert!(matches!(refused, Err(job::Error::Store(store::Error::OutOfScope))), "{refused:?}");
        }
        assert!(job::begin::<Numbers>(&db, &there, &sent(10, 0)).await.is_err(), "nor by sending the same file");
        assert_eq!(job::cancel(&db, &import, &here, begun.id).await.unwrap().state, State::Cancelled);
    })
    .await;
}
