//! Every pair of acts of the operator's pages against each other on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod seat;

use std::sync::Arc;

use axum::http::Method;
use kernel::Duration;
use operator::appeal::AppealInput;
use operator::list::import::{self, ListImport};
use rules::{Proposal, RuleEvent, Stage, Standing};
use seat::{ALL, Seat, server};
use serde_json::{Value, json};
use store::args;
use store::testing::each_db;
use store::timers::{Clockwork, Timer};
use web::testing::race::{Act, Machine, Outcome, RACED_AT_THE_CENTRE, SHARED, Start, handled, run, unlisted};
use web::testing::{Client, user};

/// Operations that change no subject that another act could change at the same moment.
const EXEMPT: &[(&str, &str)] = &[
    ("POST /api/list", "makes an entry; one stands for a pattern, which an index keeps"),
    ("POST /api/list-imports", "makes entries, as POST /api/list does; what it meets is raced as \"a file is loaded\""),
    ("POST /api/list-imports/{id}/cancel", "ends a running import once, by a guarded change; its rows are entries"),
    ("POST /api/list-export", "reads"),
    ("POST /api/numbers", "reads"),
    ("POST /api/numbers/check", "reads"),
    (
        "POST /api/public/appeals",
        "makes an appeal; one is open for a number and a contact, which has a race of its own below",
    ),
    ("POST /api/public/appeals/state", "reads"),
    ("POST /api/senders", "makes a sender; one is active for a name, which an index keeps"),
    ("POST /api/calls/ended", "takes each call once"),
    ("POST /api/roaming", "the last word is the one"),
    ("POST /api/rules", "makes a rule"),
    ("POST /api/rules/check", "reads"),
    ("POST /api/rules/test", "reads"),
];

struct Room {
    seat: Seat,
    /// The same seat as another process on the same database has it.
    other: Seat,
    wang: Client,
    li: Client,
}

async fn room(db: store::Db, hand: kernel::ManualClock) -> Arc<Room> {
    let seat = Seat::open(db.clone(), hand.clone()).await;
    let other = Seat::open_in(db.clone(), hand, Arc::new(tempfile::tempdir().unwrap()), false).await;
    let router = server(&seat);
    for login in ["wang", "li"] {
        user(&db, "operator", login, &["operator_admin"]).await;
    }
    let (wang, li) = (Client::logged_in(&router, "wang").await, Client::logged_in(&router, "li").await);
    Arc::new(Room { seat, other, wang, li })
}

impl Room {
    /// A timer comes due.
    async fn timer(&self, kind: &str, key: &str, subject: &str) -> Outcome {
        let (key, subject) = (key.to_owned(), subject.to_owned());
        let db = self.seat.operator.db();
        let due: Option<(i64,)> = db.fetch_optional("SELECT due FROM timer WHERE key = $1", args![&key]).await.unwrap();
        let due = due.map_or(self.seat.now(), |(due,)| kernel::Timestamp(due));
        let timer = Timer { key, kind: kind.to_owned(), subject, due, attempt: 1 };
        handled(self.seat.operator.handle(db, &timer).await)
    }

    /// The centre sends an order about a line.
    async fn ordered(&self, order: Value) -> Outcome {
        let message = self.seat.message(&self.seat.centre, wire::kind::LINE_ORDER, order);
        let mut tx = self.seat.operator.db().begin().await.unwrap();
        match wire::Handler::handle(&self.seat.operator, &mut tx, &message).await {
            Ok(()) => handled(tx.commit().await),
            Err(error) => Outcome::Failed(format!("{error:?}")),
        }
    }

    /// A file with the number of an entry is loaded.
    async fn loaded(&self, id: &str) -> Outcome {
        let db = self.seat.operator.db();
        let (pattern,): (String,) =
            db.fetch_one("SELECT pattern FROM operator_entry WHERE id = $1", args![id]).await.unwrap();
        let csv = format!("number,action,reason\n{pattern},block,多人举报\n");
        // Without the seat: what its memory makes of it is not raced here.
        let list = ListImport { bounds: self.seat.operator.parameters().list_bounds(), operator: None };
        let folder = self.seat.folder.path().join("imports");
        handled(import::whole(db, &list, &seat::clerk(), &folder, (id, csv.as_bytes()), &mut |_| {}).await)
    }

    /// Whose number the entry is appeals, and the appeal is granted.
    async fn appealed(&self, id: &str) -> Outcome {
        let db = self.seat.operator.db();
        let (pattern,): (String,) =
            db.fetch_one("SELECT pattern FROM operator_entry WHERE id = $1", args![id]).await.unwrap();
        let input: AppealInput = serde_json::from_value(json!({ "caller": pattern, "words": "回访电话" })).unwrap();
        let mut tx = db.begin().await.unwrap();
        // Somebody else's is open for the number.
        let Ok(made) = self.seat.operator.appeal(&mut tx, &input).await else { return Outcome::Handled };
        tx.commit().await.unwrap();
        match self.li.post(&format!("/api/appeals/{}/grant", made.id), &reason()).await.into() {
            Outcome::Done | Outcome::Conflict => Outcome::Handled,
            failed => failed,
        }
    }
}

fn reason() -> Value {
    json!({ "reason": "核实后决定" })
}

fn words(expression: &str) -> Value {
    json!({ "name_zh": "规则", "name_en": "Rule", "channel": "call", "expression": expression, "action": "monitor",
        "priority": 100 })
}

const EXPRESSION: &str = "caller.number.startsWith('+8617000')";

/// An act of a person by a route.
fn act(
    room: &Arc<Room>,
    name: &'static str,
    writes: &'static str,
    fire: impl Fn(Arc<Room>, String) -> web::testing::race::Later<Outcome> + Send + Sync + 'static,
) -> Act {
    let room = room.clone();
    Act::of(name, writes, move |id| fire(room.clone(), id))
}

fn start(
    room: &Arc<Room>,
    state: &'static str,
    make: impl Fn(Arc<Room>, usize) -> web::testing::race::Later<String> + Send + Sync + 'static,
) -> Start {
    let room = room.clone();
    Start::new(state, move |n| make(room.clone(), n))
}

fn entries(room: &Arc<Room>) -> Machine {
    Machine {
        name: "entry",
        row: ("operator_entry", "id"),
        // What a person has ended no file brings back.
        state_sql: "SELECT CASE WHEN e.state = 'ended' AND EXISTS (SELECT 1 FROM operator_entry o WHERE o.kind = e.kind \
            AND o.pattern = e.pattern AND o.state = 'active') THEN 'undone' ELSE e.state END FROM operator_entry e \
            WHERE e.id = $1",
        subject: "entry:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("active", "entry.ended") => Some("ended".into()),
            ("active", "entry.expired") => Some("expired".into()),
            (_, "entry.ended" | "entry.expired") => None,
            _ => Some(state.into()),
        },
        starts: vec![start(room, "active", |r, n| {
            Box::pin(async move {
                let expires = (r.seat.now() + Duration::seconds(1)).to_rfc3339();
                let body = json!({ "number": format!("+86171{n:08}"), "action": "block", "reason": "多人举报",
                    "expires": expires });
                let made = r.wang.post("/api/list", &body).await;
                assert_eq!(made.status.as_u16(), 201, "{}", made.text);
                // Its end has come, and nobody has looked yet.
                r.seat.hand.advance(Duration::seconds(2));
                made.json()["id"].as_str().unwrap().to_owned()
            })
        })],
        acts: vec![
            act(room, "POST /api/list/{id}/end", "entry.ended", |r, id| {
                Box::pin(async move { r.wang.post(&format!("/api/list/{id}/end"), &reason()).await.into() })
            }),
            act(room, "its time is over", "entry.expired", |r, _| {
                let key = "operator.entries.expire";
                Box::pin(async move { r.timer(key, key, "list").await })
            }),
            act(room, "an appeal is granted", "entry.ended", |r, id| Box::pin(async move { r.appealed(&id).await })),
            act(room, "a file is loaded", "list.imported", |r, id| Box::pin(async move { r.loaded(&id).await })),
        ],
    }
}

/// An order of the centre about a line of the test, with what more it says.
fn line_order(room: &Room, kind: &str, n: usize, more: &Value) -> Value {
    let mut order = room.seat.line_order(kind, &format!("+86138{n:08}"));
    for (name, value) in more.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

fn measures(room: &Arc<Room>) -> Machine {
    Machine {
        name: "measure",
        row: ("operator_measure", "id"),
        state_sql: "SELECT state FROM operator_measure WHERE id = $1",
        subject: "measure:",
        seals: None,
        step: |state, kind, body| match (state, kind) {
            ("active", "measure.ended") => body["state"].as_str().map(str::to_owned),
            (_, "measure.ended") => None,
            _ => Some(state.into()),
        },
        starts: vec![start(room, "active", |r, n| {
            Box::pin(async move {
                let until = r.seat.now() + Duration::hours(1);
                let order = line_order(&r, "label_next_call", n, &json!({ "until": until }));
                let id = order["order_id"].as_str().unwrap().to_owned();
                assert_eq!(r.ordered(order).await, Outcome::Handled);
                r.seat.operator.catch_up().await.unwrap();
                let sql = "SELECT id FROM operator_measure WHERE order_id = $1";
                let (id,): (String,) = r.seat.operator.db().fetch_one(sql, args![id]).await.unwrap();
                id
            })
        })],
        acts: vec![
            act(room, "the centre lifts it", "measure.ended", |r, id| {
                Box::pin(async move {
                    let sql = "SELECT order_id, line FROM operator_measure WHERE id = $1";
                    let (order, line): (String, String) = r.seat.operator.db().fetch_one(sql, args![id]).await.unwrap();
                    let mut lift = r.seat.line_order("lift", &line);
                    lift["refers_to"] = json!(order);
                    r.ordered(lift).await
                })
            })
            .body(json!({ "state": "lifted" })),
            act(room, "its time is over", "measure.ended", |r, id| {
                let kind = "operator.measure.end";
                Box::pin(async move { r.timer(kind, &format!("{kind}:{id}"), &format!("measure:{id}")).await })
            })
            .body(json!({ "state": "ended" })),
            act(room, "its call has come", "measure.ended", |r, id| {
                Box::pin(async move {
                    let sql = "SELECT line FROM operator_measure WHERE id = $1";
                    let (line,): (String,) = r.seat.operator.db().fetch_one(sql, args![id]).await.unwrap();
                    r.seat.place(seat::CALLER, &line);
                    handled(r.seat.operator.step().await)
                })
            })
            .body(json!({ "state": "used" })),
        ],
    }
}

fn line_orders(room: &Arc<Room>) -> Machine {
    Machine {
        name: "line order",
        row: ("operator_line_order", "id"),
        state_sql: "SELECT state FROM operator_line_order WHERE id = $1",
        subject: "line_order:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("received", "line.answered") => Some("answered".into()),
            (_, "line.answered" | "line.ordered") => None,
            _ => Some(state.into()),
        },
        starts: vec![start(room, "received", |r, n| {
            Box::pin(async move {
                let now = r.seat.now();
                let period = json!({ "period": { "from": now - Duration::hours(1), "to": now } });
                let order = line_order(&r, "query_contacts", n, &period);
                let id = order["order_id"].as_str().unwrap().to_owned();
                assert_eq!(r.ordered(order).await, Outcome::Handled);
                id
            })
        })],
        acts: vec![
            act(room, "it is carried out", "line.answered", |r, _| {
                Box::pin(async move { handled(r.seat.operator.step().await) })
            }),
            act(room, "another process carries it out", "line.answered", |r, _| {
                Box::pin(async move { handled(r.other.operator.step().await) })
            }),
            act(room, "it comes again", "line.repeated", |r, id| {
                Box::pin(async move {
                    let sql = "SELECT order_json FROM operator_line_order WHERE id = $1";
                    let (order,): (String,) = r.seat.operator.db().fetch_one(sql, args![id]).await.unwrap();
                    r.ordered(serde_json::from_str(&order).unwrap()).await
                })
            }),
        ],
    }
}

fn appeals(room: &Arc<Room>) -> Machine {
    Machine {
        name: "appeal",
        row: ("operator_appeal", "id"),
        state_sql: "SELECT state FROM operator_appeal WHERE id = $1",
        subject: "appeal:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("open", "appeal.asked") => Some("asked".into()),
            ("open" | "asked", "appeal.granted") => Some("granted".into()),
            ("open" | "asked", "appeal.refused") => Some("refused".into()),
            (_, "appeal.asked" | "appeal.granted" | "appeal.refused") => None,
            _ => Some(state.into()),
        },
        starts: vec![start(room, "open", |r, n| {
            Box::pin(async move {
                let input = json!({ "caller": format!("+86172{n:08}"), "words": "回访电话" });
                let input: AppealInput = serde_json::from_value(input).unwrap();
                let mut tx = r.seat.operator.db().begin().await.unwrap();
                let made = r.seat.operator.appeal(&mut tx, &input).await.unwrap();
                tx.commit().await.unwrap();
                made.id.to_string()
            })
        })],
        acts: vec![
            act(room, "POST /api/appeals/{id}/grant", "appeal.granted", |r, id| {
                Box::pin(async move { r.wang.post(&format!("/api/appeals/{id}/grant"), &reason()).await.into() })
            }),
            act(room, "POST /api/appeals/{id}/refuse", "appeal.refused", |r, id| {
                Box::pin(async move { r.li.post(&format!("/api/appeals/{id}/refuse"), &reason()).await.into() })
            }),
        ],
    }
}

fn senders(room: &Arc<Room>) -> Machine {
    Machine {
        name: "sender",
        row: ("operator_sender", "sender"),
        state_sql: "SELECT state FROM operator_sender WHERE sender = $1",
        subject: "sender:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("active", "sender.removed") => Some("ended".into()),
            (_, "sender.removed") => None,
            _ => Some(state.into()),
        },
        starts: vec![start(room, "active", |r, n| {
            Box::pin(async move {
                let sender = format!("bank-{n}");
                let body = json!({ "sender": sender, "holder": "示范银行", "accounts": ["esme"] });
                let made = r.wang.post("/api/senders", &body).await;
                assert!(made.status.is_success(), "{}", made.text);
                sender
            })
        })],
        acts: vec![act(room, "POST /api/senders/remove", "sender.removed", |r, id| {
            Box::pin(async move {
                let answer = r.wang.post("/api/senders/remove", &json!({ "sender": id })).await;
                // Who comes after the end finds no sender to take out.
                if answer.status.as_u16() == 404 { Outcome::Conflict } else { answer.into() }
            })
        })],
    }
}

fn rule_step(state: &str, kind: &str, _body: &Value) -> Option<String> {
    let at = kernel::Timestamp(0);
    let stage = match state {
        "draft" => Stage::Draft,
        "shadow" | "proposed" => Stage::Shadow,
        "live" => Stage::Live,
        _ => Stage::Retired,
    };
    let proposed = (state == "proposed").then(|| Proposal { by: "wang".into(), at });
    let event = match kind {
        "rule.edited" => RuleEvent::Edit,
        "rule.tried" => RuleEvent::Try,
        "rule.proposed" => RuleEvent::Propose { by: "wang".into(), at },
        "rule.published" => RuleEvent::Approve { by: "li".into() },
        "rule.declined" => RuleEvent::Decline,
        "rule.stood_down" => RuleEvent::StandDown,
        "rule.retired" => RuleEvent::Retire,
        "rule.restored" => RuleEvent::Restore,
        _ => return Some(state.to_owned()),
    };
    let next = Standing { stage, revision: 1, proposed }.after(&event).ok()?;
    let word = match (next.stage, next.proposed) {
        (Stage::Draft, _) => "draft",
        (Stage::Shadow, None) => "shadow",
        (Stage::Shadow, Some(_)) => "proposed",
        (Stage::Live, _) => "live",
        (Stage::Retired, _) => "retired",
    };
    Some(word.to_owned())
}

fn a_step(room: &Arc<Room>, step: &'static str, writes: &'static str) -> Act {
    act(room, "POST /api/rules/{id}/step", writes, move |r, id| {
        Box::pin(async move {
            let caller = if step == "publish" { &r.li } else { &r.wang };
            caller.post(&format!("/api/rules/{id}/step"), &json!({ "step": step })).await.into()
        })
    })
}

fn rules_of(room: &Arc<Room>) -> Machine {
    let made = |room: &Arc<Room>, state: &'static str, steps: &'static [&'static str]| {
        start(room, state, move |r, _| {
            Box::pin(async move {
                // Every change compiles all rules anew, so those of earlier races are taken away.
                let mut tx = r.seat.operator.db().begin().await.unwrap();
                let last = "(SELECT COALESCE(MAX(id), 0) FROM operator_rule) - 5";
                for table in ["operator_rule_version", "operator_rule"] {
                    let sql = format!("DELETE FROM {table} WHERE id <= {last}");
                    tx.execute(store::AssertSqlSafe(sql), args![]).await.unwrap();
                }
                tx.commit().await.unwrap();
                let made = r.wang.post("/api/rules", &words(EXPRESSION)).await;
                assert_eq!(made.status.as_u16(), 201, "{}", made.text);
                let id = made.json()["id"].to_string();
                for step in steps {
                    let caller = if *step == "publish" { &r.li } else { &r.wang };
                    let done = caller.post(&format!("/api/rules/{id}/step"), &json!({ "step": step })).await;
                    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
                }
                id
            })
        })
    };
    Machine {
        name: "rule",
        row: ("operator_rule", "id"),
        state_sql: "SELECT CASE WHEN stage LIKE '%\"draft\"%' THEN 'draft' WHEN stage LIKE '%\"live\"%' THEN 'live' \
            WHEN stage LIKE '%\"retired\"%' THEN 'retired' WHEN stage LIKE '%\"proposed\":null%' THEN 'shadow' \
            ELSE 'proposed' END FROM operator_rule WHERE id = $1",
        subject: "rule:",
        seals: None,
        step: rule_step,
        starts: vec![
            made(room, "draft", &[]),
            made(room, "shadow", &["try"]),
            made(room, "proposed", &["try", "propose"]),
            made(room, "live", &["try", "propose", "publish"]),
            made(room, "retired", &["retire"]),
        ],
        acts: vec![
            act(room, "PUT /api/rules/{id}", "rule.edited", |r, id| {
                Box::pin(async move {
                    let body = words("caller.number.startsWith('+8617001')");
                    r.li.send(Method::PUT, &format!("/api/rules/{id}"), Some(&body)).await.into()
                })
            }),
            a_step(room, "try", "rule.tried"),
            a_step(room, "propose", "rule.proposed"),
            a_step(room, "publish", "rule.published"),
            a_step(room, "decline", "rule.declined"),
            a_step(room, "stand_down", "rule.stood_down"),
            a_step(room, "retire", "rule.retired"),
            a_step(room, "restore", "rule.restored"),
        ],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_acts_at_the_same_time_leaves_one_story() {
    each_db(&ALL, |db, hand| async move {
        let room = room(db.clone(), hand).await;
        let document = Client::new(&server(&room.seat)).get("/api/openapi.json").await;
        let openapi: utoipa::openapi::OpenApi = serde_json::from_str(&document.text).unwrap();
        let machines =
            [entries(&room), measures(&room), line_orders(&room), appeals(&room), senders(&room), rules_of(&room)];
        let exempt = [EXEMPT, SHARED, RACED_AT_THE_CENTRE].concat();
        assert_eq!(unlisted(&openapi, &machines, &exempt), Vec::<String>::new());
        run(&db, &machines).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_has_one_open_appeal_about_a_number_however_many_are_made_at_once() {
    each_db(&ALL, |db, hand| async move {
        let room = room(db.clone(), hand).await;
        let appealing = (0..6).map(|_| {
            let room = room.clone();
            tokio::spawn(async move {
                let input: AppealInput =
                    serde_json::from_value(json!({ "caller": "+8617200000000", "words": "回访电话" })).unwrap();
                let mut tx = room.seat.operator.db().begin().await.unwrap();
                let made = room.seat.operator.appeal(&mut tx, &input).await.is_ok();
                if made {
                    tx.commit().await.unwrap();
                }
                made
            })
        });
        let mut made = 0;
        for one in appealing.collect::<Vec<_>>() {
            made += usize::from(one.await.unwrap());
        }
        let (open,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM operator_appeal WHERE state = 'open'", args![]).await.unwrap();
        assert_eq!((made, open), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_stands_for_the_next_expiry_whoever_moves_it() {
    each_db(&ALL, |db, hand| async move {
        let room = room(db.clone(), hand).await;
        let key = "operator.entries.expire";
        for round in 0..5 {
            let due = room.seat.now() + Duration::seconds(1);
            let add = |n: usize, expires: kernel::Timestamp| {
                let room = room.clone();
                tokio::spawn(async move {
                    let body = json!({ "number": format!("+86173{:08}", round * 10 + n), "action": "block",
                        "reason": "多人举报", "expires": expires.to_rfc3339() });
                    let made = room.wang.post("/api/list", &body).await;
                    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
                })
            };
            add(0, due).await.unwrap();
            room.seat.hand.advance(Duration::seconds(2));
            // One that ends now is ended while others that end later are added.
            let expiring = room.clone();
            let expire = tokio::spawn(async move { expiring.timer(key, key, "list").await });
            let adding: Vec<_> = (1..5).map(|n| add(n, due + Duration::hours(i64::try_from(6 - n).unwrap()))).collect();
            assert_eq!(expire.await.unwrap(), Outcome::Handled);
            for one in adding {
                one.await.unwrap();
            }
            let next: Option<(i64,)> =
                db.fetch_optional("SELECT due FROM timer WHERE key = $1", args![key]).await.unwrap();
            let sql = "SELECT MIN(expires_at) FROM operator_entry WHERE state = 'active'";
            let first: (Option<i64>,) = db.fetch_one(sql, args![]).await.unwrap();
            assert_eq!(next.map(|(due,)| due), first.0, "round {round}");
            let mut tx = db.begin().await.unwrap();
            tx.execute("UPDATE operator_entry SET state = 'expired' WHERE state = 'active'", args![]).await.unwrap();
            tx.execute("DELETE FROM timer WHERE key = $1", args![key]).await.unwrap();
            tx.commit().await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_measure_is_set_once_however_many_order_it_at_once() {
    each_db(&ALL, |db, hand| async move {
        let room = room(db.clone(), hand).await;
        let until = room.seat.now() + Duration::hours(1);
        let orders: Vec<Value> =
            (0..6).map(|_| line_order(&room, "suspend_line", 1, &json!({ "until": until }))).collect();
        let ordering = orders.into_iter().map(|order| {
            let room = room.clone();
            tokio::spawn(async move { room.ordered(order).await })
        });
        for one in ordering.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), Outcome::Handled);
        }
        let (active,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM operator_measure WHERE state = 'active'", args![]).await.unwrap();
        assert_eq!(active, 1);
    })
    .await;
}
