//! How fast orders are applied and files are loaded, on SQLite on a disk with full durability: `cargo bench -p bank`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

#[path = "../tests/seat/mod.rs"]
mod seat;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use kernel::{Clock, Duration, OrderId};
use seat::{MIGRATIONS, Seat, with};
use serde_json::json;
use store::{Db, Durability, Settings, Vault};
use wire::{Body, Inbox, Message, Order};

const ORDERS: usize = 1_000;
const ACCOUNTS: usize = 20_000;
const TRANSFERS: usize = 120_000;

async fn seat_on_disk() -> (Seat, tempfile::TempDir) {
    // Beside the build, on a disk; a folder in memory would say nothing about commits that survive.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let url = format!("sqlite://{}", dir.path().join("bank.db").display());
    let (clock, hand) = Clock::manual(store::testing::START);
    let settings = Settings { seat: "bank-a".into(), clock, vault: Vault::new([7; 32]), durability: Durability::Full };
    let db = Db::open(&url, settings).await.unwrap();
    db.migrate(&[&[store::MIGRATIONS][..], &MIGRATIONS[..]].concat()).await.unwrap();
    (Seat::open(db, hand).await, dir)
}

fn number(n: usize) -> String {
    format!("622202{:013}", n)
}

fn files() -> [String; 3] {
    let mut customers = String::from("customer_id,name\n");
    let mut accounts = String::from("account,customer_id,opened_at,opening_balance\n");
    let mut transfers = String::from(
        "transfer_id,time,payer_bank,payer_account,payer_name,payee_bank,payee_account,payee_name,amount\n",
    );
    for n in 0..ACCOUNTS {
        writeln!(customers, "c{n},测试{n}号").unwrap();
        writeln!(accounts, "{},c{n},2020-01-02T00:00:00+08:00,1000000.00", number(n)).unwrap();
    }
    let start = store::testing::START - Duration::hours(24 * 30);
    for n in 0..TRANSFERS {
        let (payer, payee) = ((n * 7919) % ACCOUNTS, (n * 104_729 + 1) % ACCOUNTS);
        let payer_bank = if n % 3 == 0 { "bank-b" } else { "bank-a" };
        let at = start + Duration::seconds(i64::try_from(n).unwrap());
        let (from, to) = (number(payer), number(if payee == payer { (payee + 1) % ACCOUNTS } else { payee }));
        writeln!(transfers, "x{n},{at},{payer_bank},{from},甲,bank-a,{to},乙,{}.50", n % 900 + 1).unwrap();
    }
    [customers, accounts, transfers]
}

/// A whole-account query-free stop of the n-th account, checked against its opening balance.
fn stop(seat: &Seat, n: usize) -> Message {
    let order = with(
        seat.stop(),
        json!({ "order_id": OrderId::new(seat.now()), "case_number": format!("R261123-{n}"),
            "account": { "number": number(n), "name": format!("测试{n}号") }, "amount_minor": 500_000,
            "check": { "amount_minor": 100_000_000, "at": "2020-01-02T00:00:00+08:00" } }),
    );
    let order: Order = serde_json::from_value(order).unwrap();
    Message::new(&seat.centre, seat.bank.me(), &Body::from(order), seat.now(), Duration::hours(1)).unwrap()
}

async fn apply(seat: &Seat, messages: &[Message]) {
    use wire::Handler;
    let mut tx = seat.bank.db().begin().await.unwrap();
    for message in messages {
        seat.bank.handle(&mut tx, message).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::main]
async fn main() {
    let (seat, _dir) = seat_on_disk().await;
    let texts = files();
    let began = Instant::now();
    let report = seat.load_texts(texts).await;
    println!("import of {ACCOUNTS} accounts and {TRANSFERS} transfers: {:.2?}", began.elapsed());
    assert_eq!(report.accounts.added, ACCOUNTS, "{:?}", report.refused.first());
    assert_eq!(report.transfers.added, TRANSFERS, "{:?}", report.refused.first());

    let mut spans = Vec::with_capacity(ORDERS);
    for n in 0..ORDERS {
        let message = stop(&seat, n);
        let began = Instant::now();
        apply(&seat, &[message]).await;
        spans.push(began.elapsed());
    }
    spans.sort();
    println!("one order a transaction: p50 {:.2?}, p99 {:.2?}", spans[ORDERS / 2], spans[ORDERS * 99 / 100]);

    let bank = &seat.bank;
    let inbox = Arc::new(Inbox::new(bank.db(), bank.directory(), bank.outbox().keys(), bank.me(), bank.clone()));
    let sealed = |n| wire::seal(&seat.centre_keys, &stop(&seat, n)).unwrap().text;
    let documents: Vec<String> = (ORDERS..2 * ORDERS).map(sealed).collect();
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for document in documents {
        let inbox = inbox.clone();
        tasks.spawn(async move { inbox.receive(document.as_bytes(), None).await });
    }
    while let Some(reply) = tasks.join_next().await {
        assert!(matches!(reply.unwrap(), wire::inbox::Reply::Receipt(..)));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{ORDERS} sealed orders at once through the inbox: {:.0} orders/s", ORDERS as f64 / seconds);
    let held: (i64,) = seat
        .bank
        .db()
        .fetch_one("SELECT COUNT(*) FROM bank_hold WHERE state = 'active'", store::args![])
        .await
        .unwrap();
    assert_eq!(held.0, i64::try_from(2 * ORDERS).unwrap());
}
