//! The shared parts of a seat's server, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs
)]

mod desk;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use axum::routing::post;
use desk::{MIGRATIONS, server, server_with};
use kernel::{Duration, ManualClock};
use serde_json::{Value, json};
use store::Db;
use store::testing::each_db;
use tower::ServiceExt;
use web::testing::{Client, PASSWORD, SHARED_ANY_USER, SHARED_PUBLIC, user, user_without_rights, walk};
use web::{App, Settings, Transport, Web};

async fn on_both<F, Fut>(body: F)
where
    F: Fn(Db, ManualClock) -> Fut,
    Fut: Future<Output = ()>,
{
    each_db(&[web::MIGRATIONS, wire::MIGRATIONS, MIGRATIONS], body).await;
}

async fn kinds(db: &Db) -> Vec<String> {
    store::journal::read_after(db, 0, 100).await.unwrap().into_iter().map(|e| e.kind).collect()
}

fn note() -> Value {
    json!({ "phone": "13800138000", "region": "430100" })
}

async fn notes(db: &Db) -> i64 {
    let (count,): (i64,) = db.fetch_one("SELECT COUNT(*) FROM note", store::args![]).await.unwrap();
    count
}

#[tokio::test]
async fn every_endpoint_asks_for_a_session_and_its_right() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user_without_rights(&db, "centre", "nobody").await;
        let client = Client::logged_in(&router, "nobody").await;
        let public = [SHARED_PUBLIC, &["POST /api/public/notes", "POST /api/public/files", "GET /api/panic"]].concat();
        let found = walk(&router, &client, &public, SHARED_ANY_USER).await;
        assert_eq!(found, Vec::<String>::new());
        // A route that the document does not know is closed to everybody.
        assert_eq!(client.get("/api/hidden").await.status, StatusCode::NOT_FOUND);
        assert_eq!(client.send(Method::PUT, "/api/notes", None).await.code(), "route.method");
        // The walk itself notices what is wrong.
        let found = walk(&router, &client, &["POST /api/notes"], &[]).await.join("\n");
        for wanted in ["POST /api/notes is declared", "GET /api/seat is declared", "GET /api/events is declared"] {
            assert!(found.contains(wanted), "{found}");
        }
    })
    .await;
}

#[tokio::test]
async fn logging_in_and_out() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let nobody = Client::new(&router);
        for (login, password) in [("wang.li", "wrong"), ("unknown", PASSWORD), ("wang.li", &"x".repeat(5_000))] {
            let answer = nobody.post("/api/session", &json!({ "login": login, "password": password })).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "login.failed"));
        }
        let answer = nobody.post("/api/session", &json!({})).await;
        let faults = [("login".into(), "json.missing".into()), ("password".into(), "json.missing".into())];
        assert_eq!(answer.faults(), faults);

        let answer = nobody.post("/api/session", &json!({ "login": " Wang.Li ", "password": PASSWORD })).await;
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict;") && !cookie.contains("Secure"), "{cookie}");
        let mut client = nobody.clone();
        client.adopt(&answer);
        let session = client.get("/api/session").await.json();
        assert_eq!(session["user"]["login"], "wang.li");
        assert_eq!(session["csrf"], answer.json()["csrf"]);
        assert!(session["rights"].as_array().unwrap().contains(&json!("intake.write")));

        assert_eq!(client.send(Method::DELETE, "/api/session", None).await.status, StatusCode::NO_CONTENT);
        assert_eq!(client.get("/api/session").await.code(), "session.missing");
        let client = Client::logged_in(&router, "wang.li").await;
        hand.advance(Duration::minutes(119));
        assert_eq!(client.get("/api/session").await.status, StatusCode::OK, "used within two hours");
        hand.advance(Duration::minutes(121));
        assert_eq!(client.get("/api/session").await.status, StatusCode::UNAUTHORIZED, "idle for two hours");
        let client = Client::logged_in(&router, "wang.li").await;
        for _ in 0..11 {
            hand.advance(Duration::hours(1));
            assert_eq!(client.get("/api/session").await.status, StatusCode::OK);
        }
        hand.advance(Duration::hours(1));
        assert_eq!(client.get("/api/session").await.status, StatusCode::UNAUTHORIZED, "twelve hours in all");

        let all = kinds(&db).await;
        let count = |kind: &str| all.iter().filter(|k| *k == kind).count();
        assert_eq!((count("session.refused"), count("session.opened"), count("session.closed")), (3, 3, 1));
        let raw: Vec<(String,)> = db.fetch_all("SELECT body FROM journal", store::args![]).await.unwrap();
        assert!(raw.iter().all(|(body,)| !body.contains("unknown") && !body.contains("127.0.0.1")));
        let stored: Vec<(String,)> =
            db.fetch_all("SELECT token_sha256 FROM web_session", store::args![]).await.unwrap();
        assert!(stored.iter().all(|(hash,)| hash.len() == 64 && !cookie.contains(hash.as_str())));
    })
    .await;
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let nobody = Client::new(&router);
        let wrong = json!({ "login": "wang.li", "password": "wrong" });
        let mut answers = Vec::new();
        for _ in 0..7 {
            answers.push(nobody.post("/api/session", &wrong).await);
        }
        let last = answers.pop().unwrap();
        assert!(answers.iter().all(|a| a.status == StatusCode::UNAUTHORIZED));
        assert_eq!((last.status, last.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate.limited"));
        let wait: i64 = last.header("retry-after").parse().unwrap();
        assert!((1..=61).contains(&wait), "{wait}");
        hand.advance(Duration::seconds(wait));
        Client::logged_in(&router, "wang.li").await;
    })
    .await;
}

#[tokio::test]
async fn forged_requests_are_refused() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let client = Client::logged_in(&router, "wang.li").await;
    let token = client.headers["x-shouhu-csrf"].clone();
    assert_eq!(client.without("x-shouhu-csrf").post("/api/notes", &note()).await.code(), "session.csrf");
    assert_eq!(client.with("x-shouhu-csrf", "wrong").post("/api/notes", &note()).await.code(), "session.csrf");
    let from = |name: &str, value: &str| client.with(name, value).with("host", "centre.example");
    assert_eq!(from("sec-fetch-site", "cross-site").post("/api/notes", &note()).await.code(), "session.cross_site");
    assert_eq!(from("origin", "https://evil.example").post("/api/notes", &note()).await.code(), "session.cross_site");
    let own = from("origin", "https://centre.example").with("x-shouhu-csrf", &token);
    assert_eq!(own.post("/api/notes", &note()).await.status, StatusCode::CREATED);
    // The token belongs to one session.
    let other = Client::logged_in(&router, "wang.li").await.with("x-shouhu-csrf", &token);
    assert_eq!(other.post("/api/notes", &note()).await.code(), "session.csrf");
}

#[tokio::test]
async fn users_are_made_changed_and_disabled() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "admin", &["admin"]).await;
        let admin = Client::logged_in(&router, "admin").await;
        let answer = admin
            .post("/api/users", &json!({ "login": "A B", "name": " ", "roles": ["bank_clerk"], "region": "999999", "password": "short" }))
            .await;
        let fields: Vec<String> = answer.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["login", "name", "roles[0]", "region", "password"], "{}", answer.text);

        let new = json!({ "login": "chen", "name": "陈", "roles": ["stop_officer"], "region": "430100", "password": PASSWORD });
        let made = admin.with_key("make-user-1").post("/api/users", &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert!(!made.text.contains("password") && !made.text.contains("argon2"));
        let again = admin.post("/api/users", &new).await;
        assert_eq!(again.faults(), [("login".into(), "user.taken".into())]);
        let chen = Client::logged_in(&router, "chen").await;
        assert_eq!(chen.get("/api/session").await.json()["user"]["region"], "4301");

        let path = format!("/api/users/{}", made.json()["id"].as_str().unwrap());
        let changed = admin.send(Method::PATCH, &path, Some(&json!({ "roles": ["stop_reviewer"], "region": "" }))).await;
        assert_eq!((&changed.json()["roles"], &changed.json()["region"]), (&json!(["stop_reviewer"]), &Value::Null));
        assert_eq!(chen.get("/api/session").await.status, StatusCode::UNAUTHORIZED, "other roles end the session");

        let own = admin.get("/api/users").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/users/{own}");
        let answer = admin.send(Method::PATCH, &path, Some(&json!({ "disabled": true }))).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "user.last_admin"));
        let answer = admin.send(Method::PATCH, "/api/users/not-an-id", Some(&json!({}))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);

        let entries = admin.get("/api/journal?kind=user.").await.json();
        let change = &entries["items"][0];
        assert_eq!(change["kind"], "user.changed");
        assert_eq!(change["body"]["roles"], json!({ "old": ["stop_officer"], "new": ["stop_reviewer"] }));
        assert!(!entries.to_string().contains('陈'), "names are in the private part");
    })
    .await;
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let client = Client::logged_in(&router, "wang.li").await;
    let other = Client::logged_in(&router, "wang.li").await;
    let answer = client.post("/api/session/password", &json!({ "current": "wrong", "new": "short" })).await;
    let faults = [("new".into(), "password.length".into()), ("current".into(), "password.wrong".into())];
    assert_eq!(answer.faults(), faults);
    let new = json!({ "current": PASSWORD, "new": "橘子洲头看万山红遍层林尽染" });
    assert_eq!(client.post("/api/session/password", &new).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get("/api/session").await.status, StatusCode::OK);
    assert_eq!(other.get("/api/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_authenticator_is_asked_once_for_each_code() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let client = Client::logged_in(&router, "wang.li").await;
        assert_eq!(client.post("/api/session/totp/confirm", &json!({ "code": "1" })).await.code(), "totp.not_begun");
        let begun = client.post("/api/session/totp", &json!({ "password": PASSWORD })).await.json();
        let totp = totp_rs::Totp::from_url(begun["uri"].as_str().unwrap()).unwrap();
        let code = |offset: u64| {
            let now = u64::try_from(db.clock().now().0 / 1_000_000).unwrap();
            totp.generate(now + offset).to_string()
        };
        let stored: Vec<(Vec<u8>,)> = db
            .fetch_all("SELECT totp_pending FROM web_user WHERE totp_pending IS NOT NULL", store::args![])
            .await
            .unwrap();
        assert_eq!(stored.len(), 1);
        assert!(stored[0].0.len() > 20, "encrypted at rest");
        let answer = client.post("/api/session/totp/confirm", &json!({ "code": "000000" })).await;
        assert_eq!(answer.faults(), [("code".into(), "login.totp_wrong".into())]);
        let confirmed = client.post("/api/session/totp/confirm", &json!({ "code": code(0) })).await;
        assert_eq!(confirmed.status, StatusCode::NO_CONTENT, "{}", confirmed.text);

        let nobody = Client::new(&router);
        let login = async |code: &str| {
            let body = json!({ "login": "wang.li", "password": PASSWORD, "totp": code });
            nobody.post("/api/session", &body).await
        };
        assert_eq!(login("").await.code(), "login.totp_needed");
        assert_eq!(login(&code(0)).await.code(), "login.totp_wrong", "used to confirm");
        hand.advance(Duration::seconds(60));
        let fresh = code(0);
        assert_eq!(login(&fresh).await.status, StatusCode::CREATED);
        assert_eq!(login(&fresh).await.code(), "login.totp_wrong", "used to log in");

        hand.advance(Duration::seconds(60));
        let proof = json!({ "password": PASSWORD, "code": code(0) });
        let answer = client.send(Method::DELETE, "/api/session/totp", Some(&proof)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(login("").await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn the_same_request_takes_effect_once() {
    on_both(|db, hand| async move {
        let (router, desk) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let client = Client::logged_in(&router, "wang.li").await;
        let keyed = client.with_key("0192-note-1");
        let first = keyed.post("/api/notes", &note()).await;
        let second = keyed.post("/api/notes", &note()).await;
        assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
        assert_eq!(first.text, second.text);
        assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
        assert_eq!(notes(&db).await, 1);

        let other = keyed.post("/api/notes", &json!({ "phone": "1", "region": "430100" })).await;
        assert_eq!(other.faults(), [("Idempotency-Key".into(), "idempotency.other_body".into())]);
        assert_eq!(keyed.post("/api/public/notes", &note()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(client.with_key("short").post("/api/notes", &note()).await.faults()[0].1, "idempotency.key");
        // Another user's key is another key.
        user(&db, "centre", "chen", &["intake_officer"]).await;
        let chen = Client::logged_in(&router, "chen").await.with_key("0192-note-1");
        assert_ne!(chen.post("/api/notes", &note()).await.text, first.text);
        assert_eq!(notes(&db).await, 2);
        // A refused input may be mended under the same key.
        let keyed = client.with_key("0192-note-2");
        assert_eq!(keyed.post("/api/notes", &json!({})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(keyed.post("/api/notes", &note()).await.status, StatusCode::CREATED);

        let slow = client.with_key("0192-slow-1");
        let working = tokio::spawn({
            let slow = slow.clone();
            async move { slow.post("/api/slow", &json!({})).await }
        });
        desk.arrived.notified().await;
        let meanwhile = slow.post("/api/slow", &json!({})).await;
        assert_eq!((meanwhile.status, meanwhile.code().as_str()), (StatusCode::CONFLICT, "idempotency.in_flight"));
        desk.go_on.notify_one();
        assert_eq!(working.await.unwrap().text, "1");
        assert_eq!(slow.post("/api/slow", &json!({})).await.header("idempotency-replayed"), "true");

        hand.advance(Duration::hours(49));
        let client = Client::logged_in(&router, "wang.li").await;
        assert_eq!(client.with_key("0192-note-1").post("/api/notes", &note()).await.header("idempotency-replayed"), "");
    })
    .await;
}

#[tokio::test]
async fn an_answer_with_personal_data_is_not_kept_under_a_key() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let client = Client::logged_in(&router, "wang.li").await;
        let made = client.with_key("0192-note-1").post("/api/notes", &note()).await.json();
        let asked = json!({
            "subject": format!("note:{}", made["id"].as_str().unwrap()), "field": "phone", "purpose": "call the victim back",
        });
        let keyed = client.with_key("0192-look-1");
        for _ in 0..2 {
            let shown = keyed.post("/api/reveal", &asked).await;
            assert_eq!((shown.json()["value"].as_str(), shown.header("idempotency-replayed")), (Some("13800138000"), ""));
        }
        assert_eq!(kinds(&db).await.iter().filter(|kind| *kind == "personal.revealed").count(), 2, "each look is an entry");
        let kept: Vec<(String,)> = db.fetch_all("SELECT body FROM web_answer", store::args![]).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert!(kept.iter().all(|(body,)| !body.contains("13800138000")), "{kept:?}");
    })
    .await;
}

#[tokio::test]
async fn users_and_partners_are_entered_once_under_a_key() {
    on_both(|db, _hand| async move {
        let directory = wire::Directory::open(&db).await.unwrap();
        let routes = web::partners::router(directory.clone());
        let router = App::new(Web::new(db.clone(), Settings::new(desk::seat(), Transport::Plain))).api(routes);
        let router = router.build().unwrap();
        user(&db, "centre", "admin", &["admin"]).await;
        let client = Client::logged_in(&router, "admin").await;
        let new = json!({ "login": "chen", "name": "陈一", "roles": ["stop_officer"], "password": PASSWORD });
        let partner = json!({
            "id": "bank-a", "name": "湘江示范银行", "name_en": "Xiangjiang Demo Bank", "role": "bank",
            "base_url": "http://127.0.0.1:8431", "bank_codes": [],
            "contacts": [], "keys": [], "enabled": false,
        });
        for (path, body, key) in [("/api/users", &new, "0192-user-1"), ("/api/partners", &partner, "0192-bank-1")] {
            let keyed = client.with_key(key);
            let (first, again) = (keyed.post(path, body).await, keyed.post(path, body).await);
            assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
            assert_eq!((again.text.as_str(), again.header("idempotency-replayed")), (first.text.as_str(), "true"));
            let without = client.post(path, body).await;
            assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", without.text);
        }
        assert_eq!(directory.list().len(), 1, "seen at once");
        let all = kinds(&db).await;
        let count = |kind: &str| all.iter().filter(|k| *k == kind).count();
        assert_eq!((count("user.created"), count("partner.created")), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_flood_from_a_stranger_is_sent_away_and_a_partner_is_not() {
    on_both(|db, hand| async move {
        // Stands for the routes between seats: a document under a good seal is given a receipt.
        let seals = post(async |body: String| match body.as_str() {
            "sealed" => StatusCode::OK,
            _ => StatusCode::FORBIDDEN,
        });
        let app = App::new(Web::new(db.clone(), Settings::new(desk::seat(), Transport::Plain)));
        let router = app.raw(Router::new().route("/wire/v1/messages", seals)).build().unwrap();
        let send = async |from: [u8; 4], body: &'static str| {
            let mut request = Request::post("/wire/v1/messages").body(Body::from(body)).unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from((from, 4_000))));
            router.clone().oneshot(request).await.unwrap()
        };
        let (stranger, partner) = ([203, 0, 113, 9], [203, 0, 113, 10]);
        let mut refused = 0;
        let sent_away = loop {
            let answer = send(stranger, "noise").await;
            if answer.status() != StatusCode::FORBIDDEN {
                break answer;
            }
            refused += 1;
            assert!(refused < 1_000, "nothing holds a flood back");
        };
        assert_eq!(sent_away.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(sent_away.headers()["retry-after"], "2");
        assert_eq!(sent_away.headers()["content-type"], "application/problem+json");
        for _ in 0..2 * refused {
            assert_eq!(send(partner, "sealed").await.status(), StatusCode::OK);
        }
        assert_eq!(send(partner, "noise").await.status(), StatusCode::FORBIDDEN, "heard, and judged by its seal");

        // Who was away with a new key, or shares an address with a flood, is heard after a while and then always.
        assert_eq!(send(stranger, "sealed").await.status(), StatusCode::TOO_MANY_REQUESTS);
        hand.advance(Duration::seconds(2));
        assert_eq!(send(stranger, "sealed").await.status(), StatusCode::OK);
        for _ in 0..2 * refused {
            assert_eq!(send(stranger, "sealed").await.status(), StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test]
async fn two_processes_with_one_key_make_one_note() {
    on_both(|db, _hand| async move {
        // Two servers on one database stand for two processes: neither sees the other's requests at work.
        let (one, _) = server(&db);
        let (two, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let client = Client::logged_in(&one, "wang.li").await.with_key("0192-both-1");
        let mut twin = Client::new(&two);
        twin.headers.clone_from(&client.headers);
        let (body, other) = (note(), note());
        let (a, b) = tokio::join!(client.post("/api/notes", &body), twin.post("/api/notes", &other));
        assert_eq!(notes(&db).await, 1);
        for answer in [a, b] {
            let fits = answer.status == StatusCode::CREATED || answer.code() == "idempotency.in_flight";
            assert!(fits, "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test]
async fn personal_data_is_shown_for_a_purpose_and_recorded() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        user(&db, "centre", "audit", &["auditor"]).await;
        let client = Client::logged_in(&router, "wang.li").await;
        let id = client.post("/api/notes", &note()).await.json()["id"].as_str().unwrap().to_owned();
        let subject = format!("note:{id}");
        let answer = client.post("/api/reveal", &json!({ "subject": "", "field": "" })).await;
        let fields: Vec<String> = answer.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["subject", "field", "purpose"]);
        let ask = json!({ "subject": subject, "field": "phone" });
        let shown = client.with("x-purpose", "%E6%A0%B8%E5%AF%B9").post("/api/reveal", &ask).await;
        assert_eq!(shown.json(), json!({ "value": "13800138000" }), "{}", shown.text);
        let unknown = client.post("/api/reveal", &json!({ "subject": subject, "field": "x", "purpose": "核对" })).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);

        let audit = Client::logged_in(&router, "audit").await;
        assert_eq!(audit.post("/api/reveal", &ask).await.code(), "right.missing");
        let entries = audit.get(&format!("/api/journal?subject={subject}")).await.json();
        assert_eq!(entries["items"][0]["kind"], "personal.revealed");
        assert_eq!(
            (&entries["items"][0]["actor"], &entries["items"][0]["purpose"]),
            (&json!("wang.li"), &json!("核对"))
        );
        assert!(!entries.to_string().contains("13800138000"));

        // Out of the region scope.
        let mut tx = db.begin().await.unwrap();
        tx.execute("UPDATE web_user SET region = '430200' WHERE login = 'wang.li'", store::args![]).await.unwrap();
        tx.commit().await.unwrap();
        let answer = client.with("x-purpose", "check").post("/api/reveal", &ask).await;
        assert_eq!(answer.code(), "store.out_of_scope");
    })
    .await;
}

#[tokio::test]
async fn the_journal_is_read_in_pages_and_verified() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "admin", &["admin"]).await;
        let admin = Client::logged_in(&router, "admin").await;
        for _ in 0..5 {
            Client::new(&router).post("/api/public/notes", &note()).await;
        }
        let page = admin.get("/api/journal?kind=note.&limit=3").await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), 3);
        let rest = admin
            .get(&format!("/api/journal?kind=note.&limit=3&cursor={}", page["next"].as_str().unwrap()))
            .await
            .json();
        assert_eq!((rest["items"].as_array().unwrap().len(), rest.get("next")), (2, None));
        assert_eq!(admin.get("/api/journal?limit=x").await.faults()[0].0, "limit");
        assert_eq!(admin.get("/api/journal?cursor=%21").await.faults()[0].1, "list.cursor");

        assert_eq!(admin.get("/api/journal/verification").await.json(), json!({}), "to look begins nothing");
        let whole = verified(&admin).await;
        assert_eq!((&whole["last"]["ok"], &whole["last"]["entries"]), (&json!(true), &json!(7)));
        let mut tx = db.begin().await.unwrap();
        tx.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 4", store::args![]).await.unwrap();
        tx.commit().await.unwrap();
        let found = verified(&admin).await;
        assert_eq!((&found["last"]["ok"], &found["last"]["first_bad"]), (&json!(false), &json!(4)));
        let why = &found["last"]["reason"];
        assert_eq!((&why["zh"], &why["en"]), (&json!("内容被改动"), &json!("the content was changed")));
    })
    .await;
}

/// Has the journal verified, and waits for the end.
async fn verified(client: &Client) -> Value {
    let began = client.post("/api/journal/verification", &json!({})).await;
    assert_eq!(began.status, StatusCode::ACCEPTED, "{}", began.text);
    for _ in 0..2_000 {
        let state = client.get("/api/journal/verification").await.json();
        if state.get("running_since").is_none() {
            return state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the verification does not end");
}

#[tokio::test]
async fn one_verification_at_a_time_and_nobody_waits_for_it() {
    on_both(|db, _hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "admin", &["admin"]).await;
        let admin = Client::logged_in(&router, "admin").await;
        for _ in 0..50 {
            let began = admin.post("/api/journal/verification", &json!({})).await;
            assert_eq!(began.status, StatusCode::ACCEPTED, "{}", began.text);
        }
        assert_eq!(verified(&admin).await["last"]["ok"], true);

        // One that cannot be finished says so, and is no verdict on the journal: the anchor outside does not read.
        let (router, _) = server(&db.anchored(Some(std::env::temp_dir())));
        let state = verified(&Client::logged_in(&router, "admin").await).await;
        assert_eq!((&state["failed"]["said"]["code"], state.get("last")), (&json!("store.corrupt"), None));
    })
    .await;
}

#[tokio::test]
async fn problems_are_told_in_the_readers_language() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    let english = Client::new(&router).with("accept-language", "en");
    let answer = english.get("/api/session").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["title"], "There is no valid session");
    assert_eq!(body["texts"]["zh"]["title"], "尚未登录或登录已失效");
    assert_eq!(body["request_id"], answer.header("x-request-id"));

    let answer = Client::new(&router).get("/api/panic").await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "server.failure"));
    assert!(!answer.text.contains("13800138000"));
    assert_eq!(english.get("/api/nothing").await.code(), "route.unknown");
    assert_eq!(english.get("/api").await.code(), "");
    let big = json!({ "phone": "1".repeat(web::BODY_BYTES_MAX + 1), "region": "430100" });
    assert_eq!(english.post("/api/public/notes", &big).await.code(), "body.too_large");
    let response = english.with("content-type", "text/plain").respond(Method::POST, "/api/public/notes", None).await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn browsers_are_kept_safe_and_files_are_cached() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server_with(&db, Settings::new(desk::seat(), Transport::Tls));
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let nobody = Client::new(&router);
    let seat = nobody.get("/api/seat").await;
    assert!(seat.header("content-security-policy").contains("default-src 'self'"));
    assert!(seat.header("strict-transport-security").contains("max-age"));
    assert_eq!((seat.header("x-content-type-options"), seat.header("x-frame-options")), ("nosniff", "DENY"));
    assert_eq!(seat.header("cache-control"), "no-store");
    assert_eq!(seat.json()["id"], "centre-43");
    let answer = nobody.post("/api/session", &json!({ "login": "wang.li", "password": PASSWORD })).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-shouhu=") && cookie.ends_with("; Secure"), "{cookie}");

    for path in ["/", "/orders/some-id"] {
        let page = nobody.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.header("content-type").starts_with("text/html"));
    }
    assert_eq!(nobody.get("/assets/missing.js").await.status, StatusCode::NOT_FOUND);
    let packed = nobody.with("accept-encoding", "gzip").get("/api/openapi.json").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let docs = nobody.get("/api/docs/").await;
    assert!(docs.text.contains("swagger-ui") && !docs.text.contains("http://") && !docs.text.contains("https://"));
    assert!(nobody.get("/api/docs/swagger-initializer.js").await.text.contains("/api/openapi.json"));
    assert!(nobody.get("/api/docs/swagger-ui-bundle.js").await.text.len() > 100_000);
}

#[tokio::test]
async fn the_machine_is_watched_without_personal_data() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    let nobody = Client::new(&router);
    assert_eq!(nobody.get("/healthz").await.json()["status"], "ok");
    nobody.get("/api/seat?phone=13800138000").await;
    assert_eq!(nobody.get("/metrics").await.status, StatusCode::NOT_FOUND, "not from this machine");
    let mut settings = Settings::new(desk::seat(), Transport::Plain);
    settings.metrics = web::MetricsAccess::Everyone;
    let (open, _) = server_with(&db, settings);
    let text = Client::new(&open).get("/metrics").await.text;
    assert!(text.contains("http_request_seconds_bucket") && text.contains("route=\"/api/seat\""), "{text}");
    assert!(!text.contains("13800138000"));
    db.close().await;
    let health = nobody.get("/healthz").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn partners_are_entered_by_those_who_may() {
    on_both(|db, _hand| async move {
        let directory = wire::Directory::open(&db).await.unwrap();
        let app = web::App::new(web::Web::new(db.clone(), Settings::new(desk::seat(), Transport::Plain)));
        let router = app.api(web::partners::router(directory)).build().unwrap();
        user_without_rights(&db, "centre", "nobody").await;
        user(&db, "centre", "admin", &["admin"]).await;
        let nobody = Client::logged_in(&router, "nobody").await;
        let any_user = [SHARED_ANY_USER, web::partners::ANY_USER].concat();
        assert_eq!(walk(&router, &nobody, SHARED_PUBLIC, &any_user).await, Vec::<String>::new());
        let admin = Client::logged_in(&router, "admin").await;
        let answer = admin.post("/api/partners", &json!({ "id": "BANK A", "base_url": "http://bank.example" })).await;
        let fields: Vec<String> = answer.faults().into_iter().map(|(field, _)| field).collect();
        assert!(fields.contains(&"id".into()) && fields.contains(&"base_url".into()), "{}", answer.text);
        let new = json!({ "id": "bank-a", "name": "湘江示范银行", "role": "bank", "base_url": "http://127.0.0.1:8431", "enabled": false });
        let made = admin.post("/api/partners", &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let changed = admin.send(Method::PATCH, "/api/partners/bank-a", Some(&json!({ "answer_minutes": 10 }))).await;
        assert_eq!(changed.json()["answer_minutes"], 10, "{}", changed.text);
        assert_eq!(nobody.get("/api/partners").await.json()["items"][0]["id"], "bank-a");
        assert_eq!(nobody.get("/api/partners/bank-b").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[derive(utoipa::ToSchema, serde::Serialize)]
#[schema(as = NewUser)]
struct Impostor {
    other: u8,
}

/// Says nothing about who may call it.
#[utoipa::path(get, path = "/open", responses((status = 200, body = Impostor)))]
async fn open() {}

#[tokio::test]
async fn a_document_that_is_not_true_is_refused() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS]).await;
    let app = || web::App::new(web::Web::new(db.clone(), Settings::new(desk::seat(), Transport::Plain)));
    let routes = || utoipa_axum::router::OpenApiRouter::new().routes(utoipa_axum::routes!(open));
    let clash = app().api(routes()).build().unwrap_err().to_string();
    assert!(clash.contains("two different schemas are named NewUser"), "{clash}");
    let mut bare = routes();
    bare.get_openapi_mut().components = None;
    let undeclared = app().api(bare).build().unwrap_err().to_string();
    assert!(undeclared.contains("GET /api/open declares no security"), "{undeclared}");
}

#[tokio::test]
async fn the_shared_document() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS]).await;
    let router = web::App::new(web::Web::new(db, Settings::new(desk::seat(), Transport::Plain))).build().unwrap();
    let mut document = Client::new(&router).get("/api/openapi.json").await.json();
    document["info"]["version"] = json!("x");
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}
