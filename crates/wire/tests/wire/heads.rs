//! Seats tell each other the heads of their journals, so that an old copy of a database does not take its place unseen.

use std::time::Duration;

use serde_json::json;
use store::journal::{self, Entry, stuck};
use store::testing::each_db;
use store::{Db, Who, args};
use wire::inbox::Reply;
use wire::{Body, JournalHead, JournalSealer, Message, Verdict, seal_with};

use crate::http::{courier, listen, run_clock, serve, until};
use crate::seat::{Seat, TEST_TABLES, key};

async fn append(db: &Db, count: i64) {
    for number in 0..count {
        let mut tx = db.begin().await.unwrap();
        tx.append(Entry::new("thing.happened", format!("thing:{number}")), &Who::system("test")).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn head(db: &Db) -> JournalHead {
    let (seq, hash): (i64, Vec<u8>) =
        db.fetch_one("SELECT seq, hash FROM journal_seal ORDER BY seq DESC LIMIT 1", args![]).await.unwrap();
    JournalHead { seq, hash: hash.iter().map(|byte| format!("{byte:02x}")).collect() }
}

async fn kept_by(seat: &Seat) -> Option<(String, i64, String)> {
    seat.db.fetch_optional("SELECT partner, seq, hash FROM wire_partner_head", args![]).await.unwrap()
}

/// Takes what came after the entry `seq` out of a database, as an old copy would lack it.
async fn make_old_copy(db: &Db, seq: i64) {
    let mut tx = db.begin().await.unwrap();
    for table in ["journal", "journal_seal"] {
        let sql = store::AssertSqlSafe(format!("DELETE FROM {table} WHERE seq > $1"));
        tx.execute(sql, args![seq]).await.unwrap();
    }
    tx.execute("DELETE FROM journal_witness", args![]).await.unwrap();
    let (hash,): (Vec<u8>,) = tx.fetch_one("SELECT hash FROM journal WHERE seq = $1", args![seq]).await.unwrap();
    tx.execute("UPDATE journal_head SET seq = $1, hash = $2", args![seq, hash]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn sent(seat: &Seat) -> bool {
    seat.count("wire_outbox WHERE state <> 'delivered'").await == 0
}

#[tokio::test]
async fn an_old_copy_of_a_database_is_told_by_the_next_receipt_and_goes_on_working() {
    each_db(&[wire::MIGRATIONS, TEST_TABLES], |db, hand| async move {
        let ((centre_socket, centre_at), (bank_socket, bank_at)) = (listen().await, listen().await);
        let (centre, bank) = (Seat::over("centre-43", 1, db, hand, None).await, Seat::new("bank-a", 2).await);
        centre.knows(&bank, &format!("http://{bank_at}")).await;
        bank.knows(&centre, &format!("http://{centre_at}")).await;
        let served = [
            serve(centre_socket, wire::router(centre.inbox.clone())),
            serve(bank_socket, wire::router(bank.inbox.clone())),
            run_clock(vec![centre.hand.clone(), bank.hand.clone()]),
        ];
        let sealer = JournalSealer::new(centre.keys.clone(), centre.directory.clone(), centre.id.clone());
        append(&centre.db, 5).await;
        journal::seal_head(&centre.db, &sealer).await.unwrap();
        let early = head(&centre.db).await;
        let first = courier(&centre, Duration::from_secs(5));
        centre.order(&bank.id).await;
        until("the order is receipted", async || sent(&centre).await).await;
        append(&centre.db, 5).await;
        journal::seal_head(&centre.db, &sealer).await.unwrap();
        let late = head(&centre.db).await;
        centre.order(&bank.id).await;
        until("the second too", async || sent(&centre).await).await;
        assert_eq!(kept_by(&bank).await, Some(("centre-43".into(), late.seq, late.hash.clone())));
        let signed: Vec<(i64, String)> =
            centre.db.fetch_all("SELECT seq, receipt FROM journal_witness", args![]).await.unwrap();
        assert_eq!(signed[0].0, late.seq);
        assert_eq!(journal::Sealer::check_receipt(&sealer, "bank-a", &signed[0].1), Ok((late.seq, late.hash.clone())));
        assert!(journal::Sealer::check_receipt(&sealer, "centre-43", &signed[0].1).is_err(), "it signed nothing");
        let forged = signed[0].1.replace('.', ".A");
        assert!(journal::Sealer::check_receipt(&sealer, "bank-a", &forged).is_err());
        assert!(stuck::list(&centre.db, &Who::system("test")).await.unwrap().is_empty());
        first.abort();
        let _ended = first.await;

        make_old_copy(&centre.db, early.seq).await;
        assert!(journal::verify(&centre.db, Some(&sealer)).await.unwrap().ok, "the copy itself is whole");
        let second = courier(&centre, Duration::from_secs(5));
        for _ in 0..3 {
            centre.order(&bank.id).await;
        }
        until("orders go out as ever", async || sent(&centre).await).await;
        assert_eq!(bank.applied().await.len(), 5);
        assert_eq!(kept_by(&bank).await.unwrap().1, late.seq, "the highest stays");
        let told = centre.journaled("journal.contradicted").await;
        assert_eq!(told.len(), 1, "once, not for each receipt");
        assert_eq!((&told[0]["partner"], &told[0]["seq"]), (&json!("bank-a"), &json!(late.seq)));
        let stuck = stuck::list(&centre.db, &Who::system("test")).await.unwrap();
        assert_eq!(stuck.len(), 1);
        assert!(stuck[0].reason.contains("bank-a has signed for entry"), "{stuck:?}");
        let verified = journal::verify(&centre.db, Some(&sealer)).await.unwrap();
        assert!(!verified.ok && verified.reason.unwrap().en.contains("bank-a"));
        second.abort();
        served.into_iter().for_each(|task| task.abort());
    })
    .await;
}

#[tokio::test]
async fn a_partner_that_names_no_head_is_told_the_highest_and_taken_as_ever() {
    each_db(&[wire::MIGRATIONS, TEST_TABLES], |db, hand| async move {
        let (centre, bank) = (Seat::new("centre-43", 1).await, Seat::over("bank-a", 2, db, hand, None).await);
        bank.knows(&centre, "http://127.0.0.1:1").await;
        let receipt = async |journal: Option<JournalHead>| {
            let now = bank.db.clock().now();
            let mut message = Message::new(&centre.id, &bank.id, &Body::Ping, now, kernel::Duration::hours(1)).unwrap();
            message.journal = journal;
            let document = seal_with(&key(1), &message).text;
            let Reply::Receipt(receipt, _) = bank.inbox.receive(document.as_bytes(), None).await else { panic!() };
            assert_eq!(receipt.verdict, Verdict::Accepted);
            receipt.journal.map(|head| head.seq)
        };
        let named = |seq: i64| Some(JournalHead { seq, hash: format!("{seq:064x}") });
        assert_eq!(receipt(None).await, None);
        assert_eq!(receipt(named(7)).await, Some(7));
        assert_eq!(receipt(None).await, Some(7));
        assert_eq!(receipt(named(3)).await, Some(7), "messages overtake each other");
        assert_eq!(receipt(named(8)).await, Some(8));
        assert_eq!(kept_by(&bank).await.unwrap().1, 8);
    })
    .await;
}
