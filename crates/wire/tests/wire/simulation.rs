//! Two seats and a network that loses, doubles, delays, reorders and damages, and seats that die at any moment. Whatever
//! happens, each order is applied once and each answer arrives once.

use std::collections::{BTreeMap, HashSet};

use kernel::{Duration, MessageId, OrderId, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use store::args;
use wire::inbox::Reply;
use wire::outbox::{Due, Outcome, due, settle};

use crate::seat::{START, Seat};

const ORDERS: usize = 12;
const STEPS_MAX: usize = 20_000;

/// One thing that will happen.
enum Event {
    Arrives { at_seat: usize, due: Due, document: Vec<u8> },
    Returns { at_seat: usize, due: Due, status: u16, body: Vec<u8> },
    GivenUp { at_seat: usize, due: Due },
}

struct World {
    seats: [Seat; 2],
    rng: StdRng,
    now: Timestamp,
    events: BTreeMap<(Timestamp, u64), Event>,
    serial: u64,
    waiting: [HashSet<MessageId>; 2],
}

impl World {
    fn after(&mut self, ms: std::ops::Range<i64>, event: Event) {
        let at = self.now + Duration::millis(self.rng.random_range(ms));
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn tick(&mut self, to: Timestamp) {
        self.now = to;
        for seat in &self.seats {
            seat.hand.set(to);
        }
    }

    fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let position = self.rng.random_range(0..bytes.len());
        bytes[position] ^= 1 << self.rng.random_range(0..8);
        bytes
    }

    /// Sends what is due at a seat.
    async fn send(&mut self, at_seat: usize) {
        let seat = &self.seats[at_seat];
        for due in due(&seat.db, &seat.outbox, &[], 100).await.unwrap() {
            if !self.waiting[at_seat].insert(due.id) {
                continue;
            }
            let (document,): (String,) = self.seats[at_seat]
                .db
                .fetch_one("SELECT document FROM wire_outbox WHERE id = $1", args![due.id])
                .await
                .unwrap();
            let copies = if self.chance(20) { 0 } else { 1 + usize::from(self.chance(20)) };
            for _ in 0..copies {
                let clean = document.clone().into_bytes();
                let document = if self.chance(5) { self.damaged(clean) } else { clean };
                self.after(1..4_000, Event::Arrives { at_seat: 1 - at_seat, due: due.clone(), document });
            }
            self.after(3_000..3_001, Event::GivenUp { at_seat, due });
        }
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives { at_seat, due, document } => {
                let reply = self.seats[at_seat].inbox.receive(&document, None).await;
                if self.chance(20) {
                    return;
                }
                let (status, mut body) = match reply {
                    Reply::Receipt(_, sealed) => (200, sealed.text.into_bytes()),
                    Reply::Refused(refusal) => {
                        let body = format!("{{\"code\":\"{}\"}}", refusal.error.code());
                        (refusal.error.http_status(), body.into_bytes())
                    }
                    Reply::Unavailable => (503, Vec::new()),
                };
                if self.chance(5) && !body.is_empty() {
                    body = self.damaged(body);
                }
                self.after(1..4_000, Event::Returns { at_seat: 1 - at_seat, due, status, body });
            }
            Event::Returns { at_seat, due, status, body } => {
                if !self.waiting[at_seat].contains(&due.id) {
                    return;
                }
                let seat = &self.seats[at_seat];
                let outcome = wire::courier::judge(&seat.directory.book(), &seat.id, &due, self.now, status, &body);
                self.write_down(at_seat, due, outcome).await;
            }
            Event::GivenUp { at_seat, due } => {
                if self.waiting[at_seat].contains(&due.id) {
                    let outcome = Outcome::Failed { code: "timeout".into(), detail: String::new() };
                    self.write_down(at_seat, due, outcome).await;
                }
            }
        }
    }

    async fn write_down(&mut self, at_seat: usize, due: Due, outcome: Outcome) {
        self.waiting[at_seat].remove(&due.id);
        let seat = &self.seats[at_seat];
        let mut tx = seat.db.begin().await.unwrap();
        settle(&mut tx, &seat.outbox, &[(due, outcome)]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The process of a seat dies: what it had in memory is gone.
    fn kill(&mut self, at_seat: usize) {
        self.waiting[at_seat].clear();
        self.seats[at_seat].restart();
        self.events.retain(|_, event| match event {
            Event::Arrives { .. } => true,
            Event::Returns { at_seat: seat, .. } | Event::GivenUp { at_seat: seat, .. } => *seat != at_seat,
        });
    }

    async fn done(&self) -> bool {
        let pending = "wire_outbox WHERE state = 'pending'";
        self.seats[0].applied().await.len() >= ORDERS
            && self.seats[0].count(pending).await == 0
            && self.seats[1].count(pending).await == 0
    }
}

async fn run(seed: u64) {
    let seats = [Seat::new("centre-43", 1).await, Seat::new("bank-a", 2).await];
    seats[0].knows(&seats[1], "http://127.0.0.1:1").await;
    seats[1].knows(&seats[0], "http://127.0.0.1:1").await;
    let mut world = World {
        seats,
        rng: StdRng::seed_from_u64(seed),
        now: START,
        events: BTreeMap::new(),
        serial: 0,
        waiting: [HashSet::new(), HashSet::new()],
    };
    let mut orders: Vec<OrderId> = Vec::new();
    let mut finished = false;
    for step in 0..STEPS_MAX {
        if orders.len() < ORDERS && step % 3 == 0 {
            let bank = world.seats[1].id.clone();
            orders.push(world.seats[0].order(&bank).await);
        }
        if world.chance(2) {
            let at_seat = world.rng.random_range(0..2);
            world.kill(at_seat);
        }
        world.send(0).await;
        world.send(1).await;
        let soonest = world.now + Duration::millis(500);
        match world.events.pop_first() {
            Some(((at, _), event)) if at <= soonest => {
                world.tick(at.max(world.now));
                world.happen(event).await;
            }
            other => {
                world.events.extend(other);
                world.tick(soonest);
            }
        }
        if step % 10 == 0 && orders.len() == ORDERS && world.done().await {
            finished = true;
            break;
        }
    }
    assert!(finished, "seed {seed}: not everything arrived");
    let mut expected: Vec<String> = orders.iter().map(|id| format!("order:{id}")).collect();
    expected.sort();
    assert_eq!(world.seats[1].applied().await, expected, "seed {seed}: each order once at the bank");
    assert_eq!(world.seats[0].applied().await, expected, "seed {seed}: each answer once at the centre");
    for seat in &world.seats {
        assert_eq!(seat.count("wire_outbox WHERE state <> 'delivered'").await, 0, "seed {seed}: {}", seat.id);
        let verified = store::journal::verify(&seat.db, None).await.unwrap();
        assert!(verified.ok, "seed {seed}: {verified:?}");
    }
}

#[tokio::test]
async fn each_order_is_applied_once_and_each_answer_arrives() {
    let seeds = std::env::var("SHOUHU_SEED").ok().and_then(|text| text.parse().ok());
    for seed in seeds.map_or(1..9, |seed: u64| seed..seed + 1) {
        run(seed).await;
    }
}
