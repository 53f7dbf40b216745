//! How fast documents are sealed, opened and delivered: `cargo bench -p wire`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/wire/seat.rs"]
#[allow(dead_code)]
mod seat;

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Instant;

use kernel::{Duration, OrderId};
use seat::{START, Seat, pid, stop_order};
use store::Durability;
use wire::{Courier, Message, open, seal};

const MESSAGES: usize = 2_000;

async fn seat_on_disk(id: &str, seed: u8, durability: Durability) -> Seat {
    // Beside the build, on a disk; a folder in memory would say nothing about commits that survive.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let url = format!("sqlite://{}", dir.path().join("seat.db").display());
    Seat::on(id, seed, &url, durability, dir).await
}

async fn listen(seat: &Seat) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = wire::router(seat.inbox.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Orders out and answers back between two seats in this process.
async fn deliver(durability: Durability) {
    let (centre, bank) = (seat_on_disk("centre-43", 1, durability).await, seat_on_disk("bank-a", 2, durability).await);
    let (centre_at, bank_at) = (listen(&centre).await, listen(&bank).await);
    centre.knows(&bank, &format!("http://{bank_at}")).await;
    bank.knows(&centre, &format!("http://{centre_at}")).await;
    for seat in [&centre, &bank] {
        let http = wire::courier::client(None).unwrap();
        tokio::spawn(Courier::new(&seat.db, &seat.outbox, &seat.directory, http).run());
    }

    let mut trips: Vec<f64> = Vec::new();
    for n in 1..=100 {
        let started = Instant::now();
        centre.order(&bank.id).await;
        while centre.count("applied").await < n {
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
        }
        trips.push(started.elapsed().as_secs_f64() * 1e3);
    }
    trips.sort_by(f64::total_cmp);
    let at = |share: usize| trips.get(trips.len() * share / 100).copied().unwrap_or_default();
    println!("{durability:?}: order out and answer back, one at a time: p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));

    let started = Instant::now();
    let mut tx = centre.db.begin().await.unwrap();
    for _ in 0..MESSAGES {
        let order = stop_order(OrderId::new(START));
        let subject = format!("order:{}", order.order_id);
        centre.outbox.enqueue(&mut tx, wire::Draft::new(&bank.id, order, subject)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let pending = "wire_outbox WHERE state = 'pending'";
    while centre.count("applied").await < i64::try_from(MESSAGES).unwrap() + 100
        || centre.count(pending).await + bank.count(pending).await > 0
    {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{durability:?}: {MESSAGES} orders out and as many answers back: {seconds:.2} s, {:.0} messages a second",
        2.0 * MESSAGES as f64 / seconds
    );
}

fn main() {
    let keys = wire::Keys::in_memory([seat::key(1)]);
    let order = stop_order(OrderId::new(START));
    let message = Message::new(&pid("centre-43"), &pid("bank-a"), &order.into(), START, Duration::hours(1)).unwrap();
    let partner = serde_json::json!({ "id": "centre-43", "name": "c", "role": "centre", "base_url": "http://127.0.0.1:1", "keys": keys.public() });
    let book = wire::Book::new([wire::Partner::read(&partner, START).unwrap()]);
    let document = seal(&keys, &message).unwrap().text;
    let rounds = 5_000;
    let started = Instant::now();
    for _ in 0..rounds {
        black_box(seal(&keys, &message).unwrap());
    }
    println!("seal: {:.1} µs", started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    let started = Instant::now();
    for _ in 0..rounds {
        black_box(open(&book, document.as_bytes(), START, &pid("bank-a")).unwrap());
    }
    println!("open: {:.1} µs ({} bytes)", started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds), document.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for durability in [Durability::Process, Durability::Full] {
        runtime.block_on(deliver(durability));
    }
}
