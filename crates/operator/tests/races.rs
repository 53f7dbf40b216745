//! Every pair of acts of the operator's pages against each other on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod seat;

use std::sync::Arc;

use axum::http::Method;
use operator::appeal::AppealInput;
use rules::{Proposal, RuleEvent, Stage, Standing};
use seat::{ALL, Seat, server};
use serde_json::{Value, json};
use store::args;
use store::testing::each_db;
use web::testing::race::{Act, Machine, Outcome, RACED_AT_THE_CENTRE, SHARED, Start, run, unlisted};
use web::testing::{Client, user};

/// Operations that change no subject that another act could change at the same moment.
const EXEMPT: &[(&str, &str)] = &[
    ("POST /api/list", "makes an entry; one stands for a pattern, which an index keeps"),
    ("POST /api/list-imports", "makes entries, as POST /api/list does"),
    ("POST /api/list-imports/{id}/cancel", "ends a running import once, by a guarded change; its rows are entries"),
    ("POST /api/list-export", "reads"),
    ("POST /api/numbers", "reads"),
    ("POST /api/numbers/check", "reads"),
    ("POST /api/public/appeals", "makes an appeal; one is open for a number, which has a race of its own below"),
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
    wang: Client,
    li: Client,
}

async fn room(db: store::Db, hand: kernel::ManualClock) -> Arc<Room> {
    let seat = Seat::open(db.clone(), hand).await;
    let router = server(&seat);
    for login in ["wang", "li"] {
        user(&db, "operator", login, &["operator_admin"]).await;
    }
    let (wang, li) = (Client::logged_in(&router, "wang").await, Client::logged_in(&router, "li").await);
    Arc::new(Room { seat, wang, li })
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
        state_sql: "SELECT state FROM operator_entry WHERE id = $1",
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
                let body = json!({ "number": format!("+86171{n:08}"), "action": "block", "reason": "多人举报" });
                let made = r.wang.post("/api/list", &body).await;
                assert_eq!(made.status.as_u16(), 201, "{}", made.text);
                made.json()["id"].as_str().unwrap().to_owned()
            })
        })],
        acts: vec![act(room, "POST /api/list/{id}/end", "entry.ended", |r, id| {
            Box::pin(async move { r.wang.post(&format!("/api/list/{id}/end"), &reason()).await.into() })
        })],
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
        let machines = [entries(&room), appeals(&room), senders(&room), rules_of(&room)];
        let exempt = [EXEMPT, SHARED, RACED_AT_THE_CENTRE].concat();
        assert_eq!(unlisted(&openapi, &machines, &exempt), Vec::<String>::new());
        run(&db, &machines).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_has_one_open_appeal_however_many_are_made_at_once() {
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
