//! What switches and the home register feed, over HTTP, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode};
use kernel::Timestamp;
use operator::feed::lookup::LookupSettings;
use screen::{Attestation, CallAttempt, Caller, Decision, Number, Trunk, TrunkKind};
use seat::{ALL, CALLEE, CALLER, FEED_KEY, Seat, server};
use serde_json::{Value, json};
use store::testing::each_db;
use web::testing::{Answer, Client, user};

/// A mobile subscriber of the operator.
const SUBSCRIBER: &str = "+8613900001111";

async fn feed(router: &Router, path: &str, media_type: &str, key: &str, body: impl Into<String>) -> Answer {
    let client = Client::new(router).with("content-type", media_type).with("authorization", &format!("Bearer {key}"));
    let response = client.respond(Method::POST, path, Some(body.into())).await;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

fn row(id: &str, caller: &str, ended: Timestamp, talked_seconds: Option<i64>) -> String {
    let answered = talked_seconds.map(|seconds| ended - kernel::Duration::seconds(seconds));
    let started = answered.unwrap_or(ended) - kernel::Duration::seconds(9);
    json!({ "call_id": id, "caller": caller, "callee": CALLEE, "started": started, "answered": answered,
        "ended": ended, "cause": 16, "trunk": 2 })
    .to_string()
}

const NDJSON: &str = "application/x-ndjson";

#[tokio::test]
async fn results_of_calls_fill_records_and_windows_once_and_make_rules_hold_behind_a_redirect_front() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;
        for key in ["", "guess"] {
            let answer = feed(&router, "/api/calls/ended", NDJSON, key, "{}").await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "operator.feed.key"));
        }
        let other = feed(&router, "/api/calls/ended", "text/plain", FEED_KEY, "x").await;
        assert_eq!(other.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);

        seat.place(CALLER, CALLEE);
        let now = seat.now();
        let rows = [
            row("one", CALLER, now, Some(4)),
            row("old", CALLER, now - kernel::Duration::hours(5), Some(60)),
            r#"{"call_id":"bad","caller":"x","callee":"13800000002","started":"?"}"#.to_owned(),
        ];
        let taken = feed(&router, "/api/calls/ended", NDJSON, FEED_KEY, rows.join("\n")).await.json();
        assert_eq!(
            [&taken["rows"], &taken["counted"], &taken["recorded_only"], &taken["repeated"], &taken["refused"]],
            [&json!(3), &json!(1), &json!(1), &json!(0), &json!(1)],
            "{taken}"
        );
        let faults = taken["refused_rows"][0]["faults"].as_array().unwrap();
        let fields: Vec<&str> = faults.iter().map(|fault| fault["field"].as_str().unwrap()).collect();
        assert_eq!((fields, &taken["refused_rows"][0]["line"]), (vec!["caller", "started", "ended"], &json!(3)));
        assert!(
            faults.iter().all(|fault| fault["en_remedy"].as_str().is_some_and(|remedy| !remedy.is_empty())),
            "{taken}"
        );
        let again = feed(&router, "/api/calls/ended", NDJSON, FEED_KEY, &rows[0]).await.json();
        assert_eq!([&again["counted"], &again["repeated"]], [&json!(0), &json!(1)]);

        let story = clerk.post("/api/numbers", &json!({ "number": CALLER })).await.json();
        let ends: Vec<&Value> =
            story["records"].as_array().unwrap().iter().filter(|record| record["kind"] == "call_end").collect();
        assert_eq!(ends.len(), 2, "{story:#}");
        assert_eq!(
            (&ends[0]["answered"], &ends[0]["talked_seconds"], &ends[0]["trunk"], &ends[0]["by"]),
            (&json!(true), &json!(4), &json!(2), &json!("cause:16"))
        );
        let hour = &story["behaviour"][2];
        assert_eq!(
            [
                &hour["window_seconds"],
                &hour["attempts"],
                &hour["ended"],
                &hour["answered_percent"],
                &hour["short_percent"]
            ],
            [&json!(3600), &json!(1), &json!(1), &json!(100), &json!(100)],
            "the call of five hours ago says nothing about now"
        );
        assert!(!story.to_string().contains("17000000001"), "masked throughout");

        // Forty calls to forty people, of which nobody answers: the rule on low answer rates stops the next one.
        let busy = "+8613811112222";
        let mut results = Vec::new();
        for n in 0..45 {
            seat.hand.advance(kernel::Duration::seconds(20));
            let decision = seat.place(busy, &format!("+86139000{n:02}{:03}", n * 7));
            assert!(!decision.action.stops(), "call {n}: {decision:?}");
            results.push(row(&format!("busy-{n}"), busy, seat.now(), None));
        }
        feed(&router, "/api/calls/ended", NDJSON, FEED_KEY, results.join("\n")).await;
        let decision = seat.place(busy, "+8613900099999");
        assert!(matches!(decision.reason, screen::Reason::Rule(_)) && decision.action.stops(), "{decision:?}");
    })
    .await;
}

fn from_abroad(seat: &Seat, caller: &str) -> Decision {
    let trunk = Trunk { id: 3, kind: TrunkKind::Foreign };
    let (caller, at) = (Caller::read(caller), seat.now());
    let roaming = seat.operator.screening().home_register().roaming(caller.number, trunk, at);
    let attempt =
        CallAttempt { caller, callee: Number::read(CALLEE), trunk, attestation: Attestation::None, roaming, at };
    seat.operator.screening().screen().decide_call(&attempt)
}

#[tokio::test]
async fn who_roams_gets_through_and_who_is_at_home_is_forged_at_once_also_after_a_restart() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;
        let at_home = "+8613900002222";
        assert!(matches!(from_abroad(&seat, SUBSCRIBER).action, screen::Action::Label(_)), "nobody knows yet");
        let rows = format!("number,state,network\n{SUBSCRIBER},abroad,52005\n{at_home},home,\n12345,abroad,\n");
        let taken = feed(&router, "/api/roaming", "text/csv", FEED_KEY, rows).await.json();
        assert_eq!([&taken["abroad"], &taken["home"], &taken["refused"]], [&json!(1), &json!(1), &json!(1)], "{taken}");
        let check = |seat: &Seat| {
            for call in 0..6 {
                let decision = from_abroad(seat, SUBSCRIBER);
                assert_eq!(decision.action, screen::Action::Pass, "call {call} of a roaming subscriber: {decision:?}");
            }
            assert_eq!(from_abroad(seat, at_home).action, screen::Action::Reject603);
        };
        check(&seat);
        let would = |caller: &str| json!({ "caller": caller, "trunk_kind": "foreign" });
        let said = clerk.post("/api/numbers/check", &would(at_home)).await.json();
        assert_eq!(said["decision"]["by"], "check:home_mobile_refuted");
        let story = clerk.post("/api/numbers", &json!({ "number": SUBSCRIBER })).await.json();
        assert_eq!((&story["roaming"]["state"], &story["roaming"]["network"]), (&json!("abroad"), &json!("52005")));

        let again = Seat::open_in(db.clone(), seat.hand.clone(), seat.folder.clone(), false).await;
        check(&again);
        // Another process on the same database follows through the journal.
        feed(
            &server(&again),
            "/api/roaming",
            "application/json",
            FEED_KEY,
            json!([{ "number": SUBSCRIBER, "state": "home" }]).to_string(),
        )
        .await;
        seat.operator.step().await.unwrap();
        assert!(from_abroad(&seat, SUBSCRIBER).action.stops(), "she is back");
        seat.hand.advance(kernel::Duration::hours(25));
        assert!(!from_abroad(&seat, SUBSCRIBER).action.stops(), "what is old is forgotten");
    })
    .await;
}

/// A home register of another project: answers after a while, and counts.
async fn home_register(questions: Arc<AtomicUsize>) -> String {
    use axum::routing::post;
    let answer = move |axum::Json(asked): axum::Json<Value>| async move {
        questions.fetch_add(1, Ordering::SeqCst);
        let state = match asked["number"].as_str() {
            Some(SUBSCRIBER) => "abroad",
            Some("+8613900003333") => "home",
            Some("+8613900004444") => return (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
            _ => "unknown",
        };
        (StatusCode::OK, json!({ "state": state, "vlr": "525053" }).to_string())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hlr", post(answer))).await });
    format!("http://{address}/hlr")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_register_is_asked_behind_the_call_and_the_next_one_knows() {
    let (db, hand, _folder) = store::testing::sqlite(&ALL).await;
    let questions = Arc::new(AtomicUsize::new(0));
    let url = home_register(questions.clone()).await;
    let lookup = LookupSettings { url, token_file: None, timeout_ms: 5_000, abroad_minutes: 240, home_minutes: 10 };
    let seat = Seat::open_asking(db, hand, Some(lookup)).await;
    let asking = tokio::spawn(seat.operator.clone().ask_home_register(wire::courier::client(None).unwrap()));
    let known = async |caller: &str| {
        // The first call goes on without knowing, and has the register asked; then one finds the answer.
        for _ in 0..1_000 {
            let (trunk, number) = (Trunk { id: 3, kind: TrunkKind::Foreign }, Number::read(caller));
            match seat.operator.screening().home_register().roaming(number, trunk, seat.now()) {
                screen::Roaming::Unknown => tokio::time::sleep(Duration::from_millis(10)).await,
                known => return known,
            }
        }
        screen::Roaming::Unknown
    };
    assert_eq!(known(SUBSCRIBER).await, screen::Roaming::Confirmed);
    assert_eq!(known("+8613900003333").await, screen::Roaming::Refuted);
    assert_eq!(from_abroad(&seat, SUBSCRIBER).action, screen::Action::Pass);
    assert_eq!(from_abroad(&seat, "+8613900003333").action, screen::Action::Reject603);
    assert_eq!(questions.load(Ordering::SeqCst), 2, "however often calls want to know");
    for unknown in ["+8613900004444", "+8613900005555"] {
        assert!(!from_abroad(&seat, unknown).action.stops(), "what nobody knows is no forgery");
    }
    asking.abort();
}
