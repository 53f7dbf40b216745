//! Live updates of a seat's server, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

#[allow(dead_code, reason = "each test file uses a part of it")]
mod desk;

use axum::http::{Method, StatusCode};
use desk::{MIGRATIONS, server};
use futures_util::StreamExt;
use kernel::ManualClock;
use serde_json::{Value, json};
use store::Db;
use store::testing::each_db;
use web::testing::{Client, user};

async fn on_both<F, Fut>(body: F)
where
    F: Fn(Db, ManualClock) -> Fut,
    Fut: Future<Output = ()>,
{
    each_db(&[web::MIGRATIONS, wire::MIGRATIONS, MIGRATIONS], body).await;
}

fn note() -> Value {
    json!({ "phone": "13800138000", "region": "430100" })
}

async fn set_region(db: &Db, login: &str, region: &str) {
    let mut tx = db.begin().await.unwrap();
    tx.execute("UPDATE web_user SET region = $1 WHERE login = $2", store::args![region, login]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Reads events from a stream until `wanted` have come.
async fn read_events(client: &Client, path: &str, wanted: usize) -> Vec<(String, Value)> {
    events_of(client.respond(Method::GET, path, None).await, wanted).await
}

/// Reads events from a stream that was answered, until `wanted` have come.
async fn events_of(response: axum::response::Response, wanted: usize) -> Vec<(String, Value)> {
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    assert!(response.headers().get("content-encoding").is_none());
    let mut stream = response.into_body().into_data_stream();
    let (mut text, mut out) = (String::new(), Vec::new());
    while out.len() < wanted {
        let chunk = tokio::time::timeout(std::time::Duration::from_secs(10), stream.next()).await;
        text.push_str(std::str::from_utf8(&chunk.expect("an event").unwrap().unwrap()).unwrap());
        while let Some((event, rest)) = text.clone().split_once("\n\n") {
            let line = |name: &str| event.lines().find_map(|l| l.strip_prefix(name)).unwrap_or("").trim().to_owned();
            if line("event:") == "journal" {
                out.push((line("id:"), serde_json::from_str(&line("data:")).unwrap()));
            }
            text = rest.to_owned();
        }
    }
    out
}

#[tokio::test]
async fn live_updates_show_what_one_may_see_and_resume() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        user(&db, "centre", "zhou", &["intake_officer"]).await;
        let client = Client::logged_in(&router, "wang.li").await.with("accept-encoding", "gzip");
        let reading = tokio::spawn({
            let client = client.clone();
            async move { read_events(&client, "/api/events?after=0", 2).await }
        });
        for region in ["430100", "430200"] {
            client.post("/api/notes", &json!({ "phone": "1", "region": region })).await;
        }
        let events = reading.await.unwrap();
        assert!(events.iter().all(|(_, e)| e["kind"] == "note.made"), "log-ins are not shown: {events:?}");
        assert_eq!(events[0].1["region"], "430100");
        assert_eq!(events[0].1["private"], true);
        assert!(events[0].1.get("phone").is_none() && events[0].1["body"].get("phone").is_none());
        // Going on where the line broke.
        let resumed = read_events(&client.with("last-event-id", &events[0].0), "/api/events?after=0", 1).await;
        assert_eq!(resumed[0].0, events[1].0);
        // Only the region one may see.
        set_region(&db, "zhou", "430200").await;
        let zhou = Client::logged_in(&router, "zhou").await;
        assert_eq!(read_events(&zhou, "/api/events?after=0", 1).await[0].1["region"], "430200");
    })
    .await;
}

/// What a stream still tells until it ends; a stream that goes on for a while is not ended.
async fn rest_of(response: axum::response::Response) -> Option<String> {
    let read = axum::body::to_bytes(response.into_body(), 1 << 20);
    // The look every quarter of a minute would come later.
    let read = tokio::time::timeout(std::time::Duration::from_secs(6), read).await.ok()?;
    Some(String::from_utf8_lossy(&read.unwrap()).into_owned())
}

#[tokio::test]
async fn live_updates_end_with_the_act_that_ends_the_session() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    user(&db, "centre", "admin", &["admin"]).await;
    user(&db, "centre", "zhou", &["intake_officer"]).await;
    let (admin, zhou) = (Client::logged_in(&router, "admin").await, Client::logged_in(&router, "zhou").await);
    let id_of = async |login: &str| {
        let users = admin.get("/api/users?limit=50").await.json();
        let found = users["items"].as_array().unwrap().iter().find(|user| user["login"] == login).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let acts: [(&str, Option<Value>); 4] = [
        ("log-out", None),
        ("a new password", Some(json!({ "password": "a long new pass phrase 7" }))),
        ("other roles", Some(json!({ "roles": ["stop_officer"] }))),
        ("disabled", Some(json!({ "disabled": true }))),
    ];
    for (index, (act, change)) in acts.iter().enumerate() {
        let login = format!("reader{index}");
        user(&db, "centre", &login, &["intake_officer"]).await;
        let reader = Client::logged_in(&router, &login).await;
        let path = format!("/api/users/{}", id_of(&login).await);
        let stream = reader.respond(Method::GET, "/api/events", None).await;
        let reading = tokio::spawn(rest_of(stream));
        match change {
            None => assert_eq!(reader.send(Method::DELETE, "/api/session", None).await.status, StatusCode::NO_CONTENT),
            Some(_) => {
                let changed = admin.send(Method::PATCH, &path, change.as_ref()).await;
                assert_eq!(changed.status, StatusCode::OK, "{act}: {}", changed.text);
            }
        }
        zhou.post("/api/notes", &note()).await;
        let told = reading.await.unwrap();
        assert!(told.as_deref().is_some_and(|told| !told.contains("note.made")), "{act}: {told:?}");
    }
    // Another region leaves the session, and shows nothing of the old one from then on.
    user(&db, "centre", "mover", &["intake_officer"]).await;
    let path = format!("/api/users/{}", id_of("mover").await);
    let in_region = |region: &str| json!({ "phone": "1", "region": region });
    assert_eq!(admin.send(Method::PATCH, &path, Some(&json!({ "region": "4301" }))).await.status, StatusCode::OK);
    let mover = Client::logged_in(&router, "mover").await;
    let last = store::journal::last_seq(&db).await.unwrap();
    let reading = tokio::spawn({
        let mover = mover.clone();
        async move { read_events(&mover, &format!("/api/events?after={last}"), 1).await }
    });
    assert_eq!(admin.send(Method::PATCH, &path, Some(&json!({ "region": "4302" }))).await.status, StatusCode::OK);
    zhou.post("/api/notes", &in_region("430100")).await;
    zhou.post("/api/notes", &in_region("430200")).await;
    assert_eq!(reading.await.unwrap()[0].1["region"], "430200");
}

#[tokio::test]
async fn readers_of_one_round_each_get_what_they_may_see_once_and_in_order() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "province", &["intake_officer"]).await;
        user(&db, "centre", "city", &["intake_officer"]).await;
        set_region(&db, "city", "4301").await;
        let province = Client::logged_in(&router, "province").await;
        let city = Client::logged_in(&router, "city").await;
        let after = store::journal::last_seq(&db).await.unwrap();
        let mut reading = tokio::task::JoinSet::new();
        for index in 0..24 {
            let (sees_all, brief) = (index % 2 == 0, index % 3 == 0);
            let client = if sees_all { province.clone() } else { city.clone() };
            let path = format!("/api/events?after={after}&brief={brief}");
            // Some come late, some in the middle of a round.
            let late = std::time::Duration::from_millis(index * 7);
            reading.spawn(async move {
                tokio::time::sleep(late).await;
                (sees_all, brief, read_events(&client, &path, if sees_all { 60 } else { 30 }).await)
            });
        }
        for index in 0..60 {
            let region = if index % 2 == 0 { "430100" } else { "430200" };
            province.post("/api/notes", &json!({ "phone": "1", "region": region })).await;
        }
        while let Some(read) = reading.join_next().await {
            let (sees_all, brief, events) = read.unwrap();
            let seqs: Vec<i64> = events.iter().map(|(_, event)| event["seq"].as_i64().unwrap()).collect();
            assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
            assert_eq!(seqs.len(), if sees_all { 60 } else { 30 });
            for (id, event) in &events {
                assert_eq!(*id, event["seq"].to_string());
                assert_eq!(event["kind"], "note.made");
                assert!(event["subject"].as_str().unwrap().starts_with("note:"));
                assert_eq!(event.as_object().unwrap().len() == 3, brief, "{event}");
                assert!(brief || sees_all || event["region"] == "430100", "{event}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_place_that_the_journal_does_not_have_is_led_to_one_that_it_has() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let client = Client::logged_in(&router, "wang.li").await;
        client.post("/api/notes", &note()).await;
        let first = read_events(&client.with("last-event-id", "-9"), "/api/events", 1).await;
        for beyond in ["9223372036854775807", "99999999999"] {
            // The place is found before the answer, so what happens behind it is told.
            let stream = client.with("last-event-id", beyond).respond(Method::GET, "/api/events", None).await;
            client.post("/api/notes", &note()).await;
            let told = events_of(stream, 1).await;
            assert!(told[0].1["seq"].as_i64() > first[0].1["seq"].as_i64(), "{beyond}: {told:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn one_user_cannot_take_every_place_for_live_updates() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    user(&db, "centre", "zhou", &["intake_officer"]).await;
    let (wang, zhou) = (Client::logged_in(&router, "wang.li").await, Client::logged_in(&router, "zhou").await);
    let mut open = Vec::new();
    for count in 0..350 {
        let stream = wang.respond(Method::GET, "/api/events", None).await;
        assert_eq!(stream.status(), StatusCode::OK, "after {count}");
        open.push(stream);
    }
    // Another session of the same user counts with the first; a problem in words, not a line that hangs.
    let again = Client::logged_in(&router, "wang.li").await;
    for client in [&wang, &again] {
        let refused = client.respond(Method::GET, "/api/events", None).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    let other = zhou.respond(Method::GET, "/api/events", None).await;
    assert_eq!(other.status(), StatusCode::OK, "another user has places still");
    // A place is free again as soon as its stream is closed.
    drop(open.pop());
    let next = again.respond(Method::GET, "/api/events", None).await;
    assert_eq!(next.status(), StatusCode::OK);
    let full = wang.respond(Method::GET, "/api/events", None).await;
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn live_updates_without_a_region_are_for_the_whole_seat_or_of_kinds_that_concern_it() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        for login in ["city", "province"] {
            user(&db, "centre", login, &["admin", "intake_officer"]).await;
        }
        set_region(&db, "city", "430100").await;
        let city = Client::logged_in(&router, "city").await;
        let province = Client::logged_in(&router, "province").await;
        let after = store::journal::last_seq(&db).await.unwrap();
        let who = store::Who::system("test");
        for (kind, region) in
            [("note.made", None), ("bulletin.made", None), ("note.made", Some("430200")), ("note.made", Some("430100"))]
        {
            let mut entry = store::journal::Entry::new(kind, format!("note:{kind}:{region:?}"));
            if let Some(region) = region {
                entry = entry.region(region);
            }
            let mut tx = db.begin().await.unwrap();
            tx.append(entry, &who).await.unwrap();
            tx.commit().await.unwrap();
        }
        let kinds = async |client: &Client, wanted: usize| {
            let events = read_events(client, &format!("/api/events?after={after}"), wanted).await;
            let of = |event: &(String, Value)| {
                let text = |key: &str| event.1.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
                format!("{} {}", text("kind"), text("region"))
            };
            events.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&city, 2).await, ["bulletin.made -", "note.made 430100"]);
        assert_eq!(kinds(&province, 4).await.len(), 4);
    })
    .await;
}
