//! What operators saw: counted once, kept for some days, masked, and told as one number's story.

use kernel::{Duration, SignalsId, Timestamp};
use serde_json::json;
use store::testing::each_db;
use wire::{
    ContactChannel, NumberPattern, Period, SignalAction, SignalCounter, SignalHit, SignalReason, SignalRule,
    SignalRuleStage, Signals,
};

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
        rules: Vec::new(),
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
async fn a_rule_is_named_as_its_operator_told_and_each_region_sees_the_hits_on_its_lines() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.office("yueyang", "lines_officer", "4306").await;
        room.office("changsha", "lines_officer", "430102").await;
        let now = room.db.clock().now();
        let ruled = |id: &str, callee: &str| SignalHit {
            reason: SignalReason::Rule,
            detail: Some("rule:16".into()),
            pattern: None,
            callee_masked: Some(callee.into()),
            ..hit(id, now, SignalAction::Reject, None)
        };
        let mut first =
            batch(now, vec![ruled("1", "0730****888"), ruled("2", "0731****8888"), ruled("3", "138****8000")]);
        first.counters.push(SignalCounter {
            detail: Some("rule:16".into()),
            ..counter(SignalAction::Reject, SignalReason::Rule, 3)
        });
        let rule = |stage, title_en: Option<&str>| SignalRule {
            rule: "rule:16".into(),
            title: "灰名单来电提示".into(),
            title_en: title_en.map(str::to_owned),
            owner: Some("screener".into()),
            stage,
        };
        first.rules = vec![rule(SignalRuleStage::Shadow, None)];
        room.a.tell(&room.centre, first).await;
        room.b.tell(&room.centre, batch(now, vec![ruled("1", "139****8000")])).await;
        let officer = room.login("lines").await;
        let hits = async |login: &str| room.login(login).await.get("/api/signal-hits").await.json()["items"].clone();
        until("both have told", async || hits("lines").await.as_array().unwrap().len() == 4).await;
        let all = hits("lines").await;
        let of = |id: &str, partner: &str| {
            all.as_array().unwrap().iter().find(|hit| hit["id"] == id && hit["partner"] == partner).unwrap().clone()
        };
        assert_eq!(
            of("1", "op-a")["rule"],
            json!({ "title": "灰名单来电提示", "title_en": null, "owner": "screener", "stage": "shadow" })
        );
        assert_eq!(of("1", "op-b")["rule"], json!(null), "the other operator's rule 16 is another one");
        assert_eq!((&of("1", "op-a")["region"], &of("2", "op-a")["region"]), (&json!("430600"), &json!("430000")));
        // Told again, the rule has its new name everywhere.
        let mut second = batch(now + Duration::millis(1), vec![]);
        second.rules = vec![rule(SignalRuleStage::Live, Some("Watched number"))];
        room.a.tell(&room.centre, second).await;
        let named = async || {
            let board = officer.get("/api/signals").await.json();
            let hours = board["hours"].as_array().unwrap().clone();
            hours.into_iter().find(|hour| hour["detail"] == "rule:16").unwrap_or_default()
        };
        until("the rule is live", async || named().await["rule"]["stage"] == "live").await;
        assert_eq!(
            (&named().await["rule"]["title_en"], &named().await["count"]),
            (&json!("Watched number"), &json!(3))
        );

        let seen = async |login: &str| hits(login).await.as_array().unwrap().len();
        assert_eq!((seen("yueyang").await, seen("changsha").await), (1, 0));
        let board = room.login("yueyang").await.get("/api/signals").await.json();
        assert_eq!(board["top_callers"][0]["hits"], 1);
        let reveal =
            |id: &str| json!({ "subject": format!("hit:op-a/{id}"), "field": "caller", "purpose": "预警劝阻" });
        let there = room.login("yueyang").await;
        assert_eq!(there.post("/api/reveal", &reveal("1")).await.json()["value"], SCAMMER);
        assert_eq!(there.post("/api/reveal", &reveal("2")).await.status, axum::http::StatusCode::FORBIDDEN);
        let story = there.post("/api/number-story", &json!({ "number": SCAMMER })).await.json();
        assert_eq!(story["hits"].as_array().unwrap().len(), 1, "{story}");
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
