//! A database that fails at each call in turn, on every timer of the bank: nothing is lost, nothing happens twice, and it
//! comes right by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod seat;

use bank::{Bank, Settings};
use kernel::Duration;
use seat::{MIGRATIONS, SECOND, Seat, with};
use serde_json::json;
use store::timers::{self, Clockwork};
use wire::{AnswerCode, Directory, KeyPair, Keys, Outbox, PartnerId};

#[tokio::test]
async fn holds_end_once_though_the_database_fails_at_each_call() {
    let (db, hand, folder) = store::testing::sqlite(&MIGRATIONS).await;
    let seat = Seat::open(db.clone(), hand).await;
    seat.load().await;
    assert_eq!(seat.order(seat.stop()).await.code, AnswerCode::DoneInPart);
    seat.order(with(seat.freeze(), json!({ "account": { "number": SECOND, "name": "测试甲" } }))).await;
    let rows: Vec<(String,)> =
        db.fetch_all("SELECT DISTINCT kind FROM timer ORDER BY kind", store::args![]).await.unwrap();
    let set: Vec<&str> = rows.iter().map(|(kind,)| kind.as_str()).collect();
    assert_eq!(set, seat.bank.kinds(), "every kind of timer of the bank waits");
    let at = db.clock().now();
    db.close().await;
    store::testing::disturb_each_call(&folder.path().join("test.db"), at, async |db, hand| {
        let directory = Directory::open(&db).await.unwrap();
        let keys = Keys::in_memory([KeyPair::generate(at - Duration::hours(1), at + Duration::hours(24 * 700))]);
        let outbox = Outbox::new(PartnerId::parse("bank-a").unwrap(), keys, "test");
        let settings = Settings::new(PartnerId::parse("centre-43").unwrap());
        let bank = Bank::new(db.clone(), outbox, directory, settings);
        db.faults().release();
        for days in [3, 400] {
            hand.set(at + Duration::hours(24 * days));
            let mut quiet = 0;
            while quiet < 2 {
                match timers::round(&db, &bank, || ()).await {
                    Ok(round) if round.taken == 0 => quiet += 1,
                    _ => {
                        quiet = 0;
                        hand.advance(timers::LEASE);
                    }
                }
            }
        }
    })
    .await;
}
