//! Outbox and inbox on both databases, step by step.

use kernel::Duration;
use store::args;
use wire::inbox::{Reply, received, replies_to};
use wire::outbox::{self, Due, Outcome, due, hurry, settle};
use wire::{Outbox, OutboxState, Verdict};

use crate::seat::{Seat, TEST_TABLES};

async fn write_down(seat: &Seat, due: &Due, outcome: Outcome) {
    let mut tx = seat.db.begin().await.unwrap();
    settle(&mut tx, &seat.outbox, &[(due.clone(), outcome)]).await.unwrap();
    tx.commit().await.unwrap();
}

fn unreachable() -> Outcome {
    Outcome::Failed { code: "unreachable".into(), detail: "connection refused".into() }
}

#[tokio::test]
async fn a_message_goes_its_way_on_both_databases() {
    store::testing::each_db(&[wire::MIGRATIONS, TEST_TABLES], |db, hand| async move {
        let centre = Seat::over("centre-43", 1, db, hand, None).await;
        let bank = Seat::new("bank-a", 2).await;
        centre.knows(&bank, "http://127.0.0.1:1").await;
        bank.knows(&centre, "http://127.0.0.1:1").await;
        let order = centre.order(&bank.id).await;
        let (db, mine) = (&centre.db, &centre.outbox);

        let first = due(db, mine, &[], 10).await.unwrap().remove(0);
        assert!(
            due(db, mine, std::slice::from_ref(&bank.id), 10).await.unwrap().is_empty(),
            "a busy partner is passed over"
        );
        write_down(&centre, &first, unreachable()).await;
        assert!(due(db, mine, &[], 10).await.unwrap().is_empty(), "it waits for its next attempt");
        assert_eq!(hurry(db, mine, Some("bank-a")).await.unwrap(), 1);
        assert_eq!(hurry(db, mine, None).await.unwrap(), 0);
        let again = due(db, mine, &[], 10).await.unwrap().remove(0);
        assert_eq!((again.id, again.attempts), (first.id, 1));

        let second = Outbox::new(centre.id.clone(), centre.keys.clone(), "second");
        assert!(due(db, &second, &[], 10).await.unwrap().is_empty());
        centre.hand.advance(outbox::LEASE);
        centre.hand.advance(outbox::BACKOFF_MAX);
        assert_eq!(due(db, &second, &[], 10).await.unwrap().len(), 1, "the lease has run out");
        assert!(due(db, mine, &[], 10).await.unwrap().is_empty());

        let document = outbox::get(db, first.id).await.unwrap().document;
        bank.hand.advance(Duration::minutes(1));
        let Reply::Receipt(receipt, sealed) = bank.inbox.receive(document.as_bytes(), None).await else { panic!() };
        assert_eq!(receipt.verdict, Verdict::Accepted);
        write_down(&centre, &again, Outcome::Delivered { receipt: sealed.text, journal: None }).await;
        write_down(&centre, &again, unreachable()).await;
        let sent = outbox::about(db, &format!("order:{order}")).await.unwrap().remove(0);
        assert_eq!((sent.state, sent.attempts), (OutboxState::Delivered, 2), "nothing changes what is settled");

        let answer = due(&bank.db, &bank.outbox, &[], 10).await.unwrap().remove(0);
        let answer = outbox::get(&bank.db, answer.id).await.unwrap();
        for verdict in [Verdict::Accepted, Verdict::Duplicate] {
            let Reply::Receipt(receipt, _) = centre.inbox.receive(answer.document.as_bytes(), None).await else {
                panic!()
            };
            assert_eq!(receipt.verdict, verdict);
        }
        assert_eq!(replies_to(db, first.id).await.unwrap().len(), 1);
        assert_eq!(received(db, &bank.id, answer.id).await.unwrap().unwrap().document, answer.document);
        assert_eq!(centre.applied().await, [format!("order:{order}")]);

        centre.order(&bank.id).await;
        let late = due(db, mine, &[], 10).await.unwrap().remove(0);
        centre.hand.advance(outbox::DEADLINE);
        write_down(&centre, &late, unreachable()).await;
        assert_eq!(outbox::get(db, late.id).await.unwrap().state, OutboxState::Expired);
        assert_eq!(centre.journaled("message.expired").await.len(), 1);
        let (rows,): (i64,) = db.fetch_one("SELECT COUNT(*) FROM wire_outbox", args![]).await.unwrap();
        assert_eq!(rows, 2);
    })
    .await;
}

#[tokio::test]
async fn an_inbox_is_silent_only_while_messages_are_at_work() {
    store::testing::each_db(&[wire::MIGRATIONS, TEST_TABLES], |db, hand| async move {
        let centre = Seat::new("centre-43", 1).await;
        let bank = Seat::over("bank-a", 2, db.clone(), hand, None).await;
        centre.knows(&bank, "http://127.0.0.1:1").await;
        bank.knows(&centre, "http://127.0.0.1:1").await;
        centre.order(&bank.id).await;
        let order = due(&centre.db, &centre.outbox, &[], 10).await.unwrap().remove(0);
        let document = outbox::get(&centre.db, order.id).await.unwrap().document;
        let age = async || {
            let workers = db.check_health().await.workers;
            workers.iter().find(|worker| worker.name == "inbox").map(|worker| worker.age_ms)
        };
        let pause = || tokio::time::sleep(std::time::Duration::from_millis(30));
        pause().await;
        assert_eq!(age().await, Some(0), "nothing has come");

        let mut holder = db.begin().await.unwrap();
        if db.engine() == store::Engine::Postgres {
            holder.execute("LOCK TABLE wire_inbox IN EXCLUSIVE MODE", args![]).await.unwrap();
        }
        let inbox = bank.inbox.clone();
        let receiving = tokio::spawn(async move { inbox.receive(document.as_bytes(), None).await });
        pause().await;
        assert!(age().await > Some(0), "a message waits for the database");
        holder.rollback().await.unwrap();
        assert!(matches!(receiving.await.unwrap(), Reply::Receipt(..)));
        pause().await;
        assert_eq!(age().await, Some(0));
    })
    .await;
}
