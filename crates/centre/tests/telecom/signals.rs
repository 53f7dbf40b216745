//! What operators saw: counted once, kept for some days, masked, and told as one number's story.

use kernel::{Duration, SignalsId, Timestamp};
use serde_json::json;
use store::testing::each_db;
use wire::{ContactChannel, NumberPattern, Period, SignalAction, SignalCounter, SignalHit, SignalReason, Signals};

use crate::room::{room, until};

const SCAMMER: &str = "+8617000000000";

fn counter(action: SignalAction, reason: SignalReason, count: u64) -> SignalCounter {
    SignalCounter { channel: ContactChannel::Call, action, reason, detail: None, count }
}

fn hit(id: &str, at: Timestamp, action: SignalAction, callee: Option<&str>) -> SignalHit {
    SignalHit {
        id: id.into(),
        at,
        channel: ContactChannel::Call,
        caller: SCAMMER.into(),
        callee: callee.map(str::to_owned),
        callee_masked: Some("138****8000".into()),
        action,
        reason: SignalReason::List,
        detail: None,
        pattern: NumberPattern::parse(SCAMMER).ok(),
        probability_permille: None,
    }
}

fn batch(now: Timestamp, hits: Vec<SignalHit>) -> Signals {
    Signals {
        signals_id: SignalsId::new(now),
        period: Period { from: now - Duration::minutes(1), to: now },
        counters: vec![
            counter(SignalAction::Pass, SignalReason::None, 900),
            counter(SignalAction::Reject, SignalReason::List, 90),
            counter(SignalAction::Reject, SignalReason::List, 10),
        ],
        hits,
        hits_lost: 2,
        list_number: Some(7),
    }
}

#[tokio::test]
async fn a_batch_counts_once_and_numbers_are_masked_until_revealed() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.advance(Duration::minutes(30));
        let now = room.db.clock().now();
        let first = batch(
            now,
            vec![
                hit("1", now - Duration::seconds(50), SignalAction::Reject, None),
                hit("2", now - Duration::seconds(40), SignalAction::Label, Some("+8613800138000")),
            ],
        );
        room.a.tell(&room.centre, first.clone()).await;
        room.a.tell(&room.centre, first).await;
        room.b.tell(&room.centre, batch(now, vec![hit("1", now, SignalAction::Reject, None)])).await;
        let officer = room.login("lines").await;
        let board = async || officer.get("/api/signals").await.json();
        until("both have told", async || board().await["operators"][1]["seen"] == 1_000).await;
        until("the doubled message came", async || {
            let received: Vec<_> = room.journaled("message.received").await;
            received.iter().filter(|body| body["message_kind"] == "signals").count() == 3
        })
        .await;
        let shown = board().await;
        let a = &shown["operators"][0];
        assert_eq!(
            (&a["seen"], &a["stopped"], &a["hits_lost"], &a["list_number"]),
            (&json!(1_000), &json!(100), &json!(2), &json!(7))
        );
        assert_eq!(
            (shown["top_callers"][0]["caller"].as_str(), &shown["top_callers"][0]["hits"]),
            (Some("170****0000"), &json!(3))
        );
        let sorts: Vec<(&str, i64)> = shown["hours"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|hour| hour["partner"] == "op-a")
            .map(|hour| (hour["action"].as_str().unwrap(), hour["count"].as_i64().unwrap()))
            .collect();
        assert_eq!(sorts, [("pass", 900), ("reject", 100)]);

        let page = officer.get("/api/signal-hits?limit=2").await;
        assert!(!page.text.contains("17000000000") && !page.text.contains("13800138000"), "{}", page.text);
        let next = page.json()["next"].as_str().unwrap().to_owned();
        let rest = officer.get(&format!("/api/signal-hits?limit=2&cursor={next}")).await.json();
        let known = |page: &serde_json::Value| -> Vec<bool> {
            page["items"].as_array().unwrap().iter().map(|hit| hit["callee_known"].as_bool().unwrap()).collect()
        };
        assert_eq!([known(&page.json()), known(&rest)].concat(), [false, true, false]);
        let reveal = json!({ "subject": "hit:op-a/2", "field": "callee", "purpose": "预警劝阻" });
        assert_eq!(officer.post("/api/reveal", &reveal).await.json()["value"], "+8613800138000");
        let nothing = json!({ "subject": "hit:op-a/1", "field": "callee", "purpose": "预警劝阻" });
        assert_eq!(officer.post("/api/reveal", &nothing).await.status, axum::http::StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn hits_go_after_their_days_and_counters_stay() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let now = room.db.clock().now();
        room.a.tell(&room.centre, batch(now, vec![hit("1", now, SignalAction::Reject, None)])).await;
        let count = async |sql: &'static str| {
            let (count,): (i64,) = room.db.fetch_one(sql, store::args![]).await.unwrap();
            count
        };
        until("the hit is there", async || count("SELECT COUNT(*) FROM signal_hit").await == 1).await;
        room.advance(Duration::hours(24 * 30 + 2));
        until("the hit is gone", async || count("SELECT COUNT(*) FROM signal_hit").await == 0).await;
        assert_eq!(count("SELECT COUNT(*) FROM signal_hour").await, 2);
    })
    .await;
}

#[tokio::test]
async fn one_number_has_one_story() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let case = room.report(&["17000000000"]).await;
        let officer = room.login("lines").await;
        until("the number is proposed", async || {
            !officer.get("/api/number-entries?state=proposed").await.json()["items"].as_array().unwrap().is_empty()
        })
        .await;
        let ask = json!({ "act": "warn_contacts", "reason": "预警" });
        officer.post(&format!("/api/reports/{case}/telephones"), &ask).await;
        let now = room.db.clock().now();
        room.a.tell(&room.centre, batch(now, vec![hit("1", now, SignalAction::Reject, None)])).await;
        let story = async || officer.post("/api/number-story", &json!({ "number": "170 0000 0000" })).await;
        until("the hit is in the story", async || story().await.json()["hits"].as_array().unwrap().len() == 1).await;
        let told = story().await;
        let json = told.json();
        let size = |name: &str| json[name].as_array().unwrap().len();
        assert_eq!((size("entries"), size("orders"), size("reports")), (1, 2, 1), "{}", told.text);
        assert_eq!(json["reports"][0]["id"], json!(case));
        assert!(!told.text.contains("17000000000"), "{}", told.text);
        let intake = room.login("intake").await;
        let less = intake.post("/api/number-story", &json!({ "number": "17000000000" })).await.json();
        assert_eq!((less["hits"].as_array().unwrap().len(), less["entries"].as_array().unwrap().len()), (0, 1));
        let fault = officer.post("/api/number-story", &json!({ "number": "12" })).await;
        assert_eq!(fault.faults(), [("number".to_owned(), "msisdn.length".to_owned())]);
    })
    .await;
}
