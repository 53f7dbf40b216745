//! Every pair of acts of the bank's pages, and what centres order, against each other on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod seat;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use kernel::OrderId;
use seat::{MIGRATIONS, Seat, merge};
use serde_json::{Value, json};
use store::args;
use store::testing::each_db;
use web::testing::race::{Act, Later, Machine, Outcome, RACED_AT_THE_CENTRE, SHARED, Start, run, unlisted};
use web::testing::{Client, user};
use web::{App, Settings, Transport, Web};
use wire::{Body, Handler, Message};

const ALL: [store::Migrations; 3] = [web::MIGRATIONS, MIGRATIONS[0], MIGRATIONS[1]];
/// Accounts that subjects share in turn: more than are raced at a time.
const ACCOUNTS: usize = 40;

/// Operations that change no subject that another act could change at the same moment.
const EXEMPT: &[(&str, &str)] = &[
    ("POST /api/notices", "makes a notice"),
    (
        "POST /api/transfers",
        "makes a transfer; its accounts are taken in one order, and the same number is booked once",
    ),
    ("POST /api/deposits-from-clearing", "makes a transfer, as above"),
];

struct Room {
    seat: Seat,
    wang: Client,
    li: Client,
}

fn server(seat: &Seat) -> Router {
    let this = web::Seat { kind: "bank", id: "bank-a".into(), zh: "示范银行".into(), en: "Demo bank".into() };
    let app = App::new(Web::new(seat.bank.db().clone(), Settings::new(this, Transport::Plain)));
    bank::api::mount(app, &seat.bank).build().unwrap()
}

fn number(n: usize) -> String {
    format!("62220200000009{:05}", n % ACCOUNTS)
}

async fn room(db: store::Db, hand: kernel::ManualClock) -> Arc<Room> {
    let seat = Seat::open(db.clone(), hand).await;
    let mut accounts = seat::accounts();
    for n in 0..ACCOUNTS {
        accounts.push_str(&format!("{},c1,settlement,2020-01-02T00:00:00+08:00,900000.00,\n", number(n)));
    }
    seat.load_texts([seat::customers(), accounts, seat::transfers()]).await;
    let router = server(&seat);
    for login in ["wang", "li"] {
        user(&db, "bank", login, &["bank_admin"]).await;
    }
    let (wang, li) = (Client::logged_in(&router, "wang").await, Client::logged_in(&router, "li").await);
    Arc::new(Room { seat, wang, li })
}

impl Room {
    async fn text(&self, sql: &'static str, value: &str) -> String {
        self.seat.bank.db().fetch_one::<(String,)>(sql, args![value]).await.unwrap().0
    }

    async fn transfer(&self, n: usize, mode: &str) -> String {
        let body = json!({ "payer": { "account": number(n) }, "payee": { "account": number(n + 1) }, "mode": mode,
            "amount": { "minor": 1, "currency": "CNY" }, "channel": "mobile" });
        let made = self.wang.post("/api/transfers", &body).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// A message of the centre, taken as the inbox takes it; taken back and tried again where another one was first.
    async fn ordered(&self, order: &Value) -> Outcome {
        let mut message = Message::new(
            &self.seat.centre,
            self.seat.bank.me(),
            &Body::Ping,
            self.seat.now(),
            kernel::Duration::hours(1),
        )
        .unwrap();
        message.kind = wire::kind::ORDER.to_owned();
        message.body = order.clone();
        let mut tx = self.seat.bank.db().begin().await.unwrap();
        match self.seat.bank.handle(&mut tx, &message).await {
            Ok(()) => web::testing::race::handled(tx.commit().await),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    fn order(&self, account: &str, changes: Value) -> Value {
        let mut order = self.seat.freeze();
        merge(&mut order, json!({ "order_id": OrderId::new(self.seat.now()), "account": { "number": account } }));
        merge(&mut order, changes);
        order
    }

    /// An order about the freeze that made a hold.
    async fn about(&self, hold: &str, changes: Value) -> Outcome {
        let order = self.text("SELECT order_id FROM bank_hold WHERE id = $1", hold).await;
        let sql = "SELECT a.no FROM bank_hold h JOIN bank_account a ON a.id = h.account_id WHERE h.id = $1";
        let account = self.text(sql, hold).await;
        let mut changes = changes;
        merge(&mut changes, json!({ "refers_to": order }));
        self.ordered(&self.order(&account, changes)).await
    }
}

fn act(
    room: &Arc<Room>,
    name: &'static str,
    writes: &'static str,
    fire: impl Fn(Arc<Room>, String) -> Later<Outcome> + Send + Sync + 'static,
) -> Act {
    let room = room.clone();
    Act::of(name, writes, move |id| fire(room.clone(), id))
}

fn start(
    room: &Arc<Room>,
    state: &'static str,
    make: impl Fn(Arc<Room>, usize) -> Later<String> + Send + Sync + 'static,
) -> Start {
    let room = room.clone();
    Start::new(state, move |n| make(room.clone(), n))
}

fn transfers(room: &Arc<Room>) -> Machine {
    Machine {
        name: "transfer",
        row: ("bank_transfer", "id"),
        state_sql: "SELECT CASE WHEN EXISTS (SELECT 1 FROM bank_transfer r WHERE r.reverses = t.id) THEN 'reversed' \
            ELSE t.state END FROM bank_transfer t WHERE t.id = $1",
        subject: "transfer:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("pending", "transfer.posted") => Some("posted".into()),
            ("pending", "transfer.voided") => Some("voided".into()),
            ("posted", "transfer.reversed_by") => Some("reversed".into()),
            (_, "transfer.posted" | "transfer.voided" | "transfer.reversed_by") => None,
            _ => Some(state.into()),
        },
        starts: vec![
            start(room, "pending", |r, n| Box::pin(async move { r.transfer(n, "pending").await })),
            start(room, "posted", |r, n| Box::pin(async move { r.transfer(n, "posted").await })),
        ],
        acts: vec![
            act(room, "POST /api/transfers/{id}/post", "transfer.posted", |r, id| {
                Box::pin(async move { r.wang.post(&format!("/api/transfers/{id}/post"), &json!({})).await.into() })
            }),
            act(room, "POST /api/transfers/{id}/void", "transfer.voided", |r, id| {
                Box::pin(async move { r.li.post(&format!("/api/transfers/{id}/void"), &json!({})).await.into() })
            }),
            act(room, "POST /api/transfers/{id}/reverse", "transfer.reversed_by", |r, id| {
                Box::pin(async move {
                    r.li.post(&format!("/api/transfers/{id}/reverse"), &json!({ "reason": "误转" })).await.into()
                })
            }),
        ],
    }
}

fn protection(room: &Arc<Room>) -> Machine {
    let put = |room: &Arc<Room>, writes: &'static str, reason: &'static str| {
        act(room, "PUT /api/accounts/{no}/protection", writes, move |r, id| {
            Box::pin(async move {
                let no = r.text("SELECT no FROM bank_account WHERE id = $1", &id).await;
                let path = format!("/api/accounts/{no}/protection");
                r.wang.send(Method::PUT, &path, Some(&json!({ "reason": reason }))).await.into()
            })
        })
    };
    Machine {
        name: "protected flag",
        row: ("bank_account", "id"),
        state_sql: "SELECT CASE WHEN protected_reason IS NULL THEN 'free' ELSE 'protected' END FROM bank_account \
            WHERE id = $1",
        subject: "account:",
        seals: None,
        step: |state, kind, _| match kind {
            "account.protected" => Some("protected".into()),
            "account.unprotected" => Some("free".into()),
            _ => Some(state.into()),
        },
        starts: vec![start(room, "free", |r, n| {
            Box::pin(async move {
                let mut tx = r.seat.bank.db().begin().await.unwrap();
                let sql = "UPDATE bank_account SET protected_reason = NULL WHERE no = $1";
                tx.execute(sql, args![number(n)]).await.unwrap();
                tx.commit().await.unwrap();
                r.text("SELECT id FROM bank_account WHERE no = $1", &number(n)).await
            })
        })],
        acts: vec![put(room, "account.protected", "供水缴费专户"), put(room, "account.unprotected", "")],
    }
}

fn holds(room: &Arc<Room>) -> Machine {
    Machine {
        name: "freeze",
        row: ("bank_hold", "id"),
        state_sql: "SELECT state FROM bank_hold WHERE id = $1",
        subject: "hold:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("active", "hold.lifted") => Some("lifted".into()),
            ("active", "hold.extended") => Some("active".into()),
            (_, "hold.lifted" | "hold.extended") => None,
            _ => Some(state.into()),
        },
        starts: vec![start(room, "active", |r, n| {
            Box::pin(async move {
                let case = json!({ "case_number": format!("R261123-{n:04}"), "account": { "name": "测试甲" } });
                let sql = "SELECT id FROM bank_account WHERE no = $1";
                let account = r.text(sql, &number(n)).await;
                let mut tx = r.seat.bank.db().begin().await.unwrap();
                // The account is used in turn: what an earlier subject left on it is taken away.
                for sql in [
                    "DELETE FROM bank_hold WHERE account_id = $1",
                    "UPDATE bank_account SET held_limit_minor = 0, held_whole = FALSE, hold_next_end = NULL, protected_reason = NULL WHERE id = $1",
                ] {
                    tx.execute(sql, args![&account]).await.unwrap();
                }
                tx.commit().await.unwrap();
                let order = r.order(&number(n), case);
                assert_eq!(r.ordered(&order).await, Outcome::Handled);
                r.text("SELECT id FROM bank_hold WHERE order_id = $1", order["order_id"].as_str().unwrap()).await
            })
        })],
        acts: vec![
            act(room, "a lift of the freeze arrives", "hold.lifted", |r, id| {
                Box::pin(async move { r.about(&id, json!({ "kind": "lift_freeze", "until": null })).await })
            })
            .lands(&[]),
            act(room, "a renewal of the freeze arrives", "hold.extended", |r, id| {
                Box::pin(async move {
                    let until = bank::hold::add_months(r.seat.now(), 6);
                    r.about(&id, json!({ "kind": "renew_freeze", "until": until })).await
                })
            }),
        ],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_acts_at_the_same_time_leaves_one_story() {
    each_db(&ALL, |db, hand| async move {
        let room = room(db.clone(), hand).await;
        let document = Client::new(&server(&room.seat)).get("/api/openapi.json").await;
        let openapi: utoipa::openapi::OpenApi = serde_json::from_str(&document.text).unwrap();
        let machines = [transfers(&room), protection(&room), holds(&room)];
        let exempt = [EXEMPT, SHARED, RACED_AT_THE_CENTRE].concat();
        assert_eq!(unlisted(&openapi, &machines, &exempt), Vec::<String>::new());
        run(&db, &machines).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_comes_in_two_messages_at_once_is_carried_out_once() {
    each_db(&ALL, |db, hand| async move {
        let room = room(db.clone(), hand).await;
        for n in 0..3 {
            let order = room.order(&number(n), json!({ "account": { "name": "测试甲" } }));
            let arriving = (0..4).map(|_| {
                let (room, order) = (room.clone(), order.clone());
                tokio::spawn(async move { room.ordered(&order).await })
            });
            for one in arriving.collect::<Vec<_>>() {
                assert_eq!(one.await.unwrap(), Outcome::Handled);
            }
            let id = order["order_id"].as_str().unwrap();
            let (holds,): (i64,) =
                db.fetch_one("SELECT COUNT(*) FROM bank_hold WHERE order_id = $1", args![id]).await.unwrap();
            let (answers,): (i64,) = db
                .fetch_one("SELECT COUNT(*) FROM wire_outbox WHERE subject = $1", args![format!("order:{id}")])
                .await
                .unwrap();
            assert_eq!((holds, answers), (1, 4), "one hold, and every message is answered");
        }
    })
    .await;
}
