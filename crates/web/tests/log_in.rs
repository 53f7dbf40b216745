//! Who is kept out at log-in and who is not, and how the second factor is enrolled, changed and removed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs
)]

mod desk;

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use axum::{Extension, Router};
use desk::{MIGRATIONS, server, server_with};
use kernel::{Duration, ManualClock};
use serde_json::{Value, json};
use store::Db;
use store::testing::each_db;
use web::testing::{Answer, Client, PASSWORD, user};
use web::{SecondFactor, Settings, Transport};

async fn on_both<F, Fut>(body: F)
where
    F: Fn(Db, ManualClock) -> Fut,
    Fut: Future<Output = ()>,
{
    each_db(&[web::MIGRATIONS, wire::MIGRATIONS, MIGRATIONS], body).await;
}

/// The router as an address reaches it.
fn from(router: &Router, address: &str) -> Client {
    let address: IpAddr = address.parse().unwrap();
    Client::new(&router.clone().layer(Extension(ConnectInfo(SocketAddr::from((address, 4_000))))))
}

async fn try_in(client: &Client, login: &str, password: &str) -> Answer {
    client.post("/api/session", &json!({ "login": login, "password": password })).await
}

#[tokio::test]
async fn wrong_tries_keep_out_who_tries_and_not_the_owner() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let (stranger, owner) = (from(&router, "203.0.113.5"), from(&router, "198.51.100.7"));
        let mut kept_out = 0;
        // Slower than the limit of an address, for an hour.
        for round in 0..900 {
            hand.advance(Duration::seconds(4));
            let answer = try_in(&stranger, "wang.li", "wrong").await;
            kept_out += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
            if round % 100 == 99 {
                assert_eq!(try_in(&owner, "wang.li", PASSWORD).await.status, StatusCode::CREATED, "{round}");
            }
        }
        assert!(kept_out > 800, "{kept_out}");
        // Right at last: who tried still waits his turn.
        assert_eq!(try_in(&stranger, "wang.li", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    })
    .await;
}

#[tokio::test]
async fn one_network_of_ipv6_is_one_trier() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, _) = server(&db);
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let mut refused = 0;
    for k in 0..60 {
        let client = from(&router, &format!("2001:db8::{k:x}"));
        refused += u32::from(try_in(&client, &format!("nobody{k}"), "x").await.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 30);
    let neighbour = from(&router, "2001:db8:0:1::1");
    assert_eq!(try_in(&neighbour, "wang.li", PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_tries() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let mut settings = Settings::new(desk::seat(), Transport::Plain);
    settings.trusted_proxies = vec!["10.0.0.1".parse().unwrap()];
    let (router, _) = server_with(&db, settings);
    for (peer, last) in [("10.0.0.2", StatusCode::TOO_MANY_REQUESTS), ("10.0.0.1", StatusCode::UNAUTHORIZED)] {
        let mut answers = Vec::new();
        for k in 0..8 {
            let client = from(&router, peer).with("x-forwarded-for", &format!("192.0.2.{k}"));
            answers.push(try_in(&client, "wang.li", "wrong").await.status);
        }
        assert_eq!(answers[7], last, "{peer}");
    }
}

#[tokio::test]
async fn a_clock_that_was_ahead_keeps_nobody_out() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        user(&db, "centre", "chen", &["intake_officer"]).await;
        let here = from(&router, "198.51.100.7");
        let client = enrolled(&router, &db, "chen").await;
        let right = db.clock().now();
        hand.set(right + Duration::hours(1));
        assert_eq!(try_in(&here, "wang.li", PASSWORD).await.status, StatusCode::CREATED);
        let ahead = client.code(&db);
        assert_eq!(client.log_in(&router, Some(&ahead)).await.status, StatusCode::CREATED);
        hand.set(right + Duration::seconds(60));
        for _ in 0..3 {
            assert_eq!(try_in(&here, "wang.li", PASSWORD).await.status, StatusCode::CREATED);
        }
        let now = client.code(&db);
        assert_eq!(client.log_in(&router, Some(&now)).await.status, StatusCode::CREATED, "the step used lies ahead");
        assert_eq!(client.log_in(&router, Some(&now)).await.code(), "login.totp_wrong", "still once for each code");
    })
    .await;
}

/// A user with an authenticator, logged in.
struct Enrolled {
    client: Client,
    login: String,
    totp: totp_rs::Totp,
}

impl Enrolled {
    fn code(&self, db: &Db) -> String {
        self.totp.generate(u64::try_from(db.clock().now().0 / 1_000_000).unwrap()).to_string()
    }

    async fn log_in(&self, router: &Router, code: Option<&str>) -> Answer {
        let body = json!({ "login": self.login, "password": PASSWORD, "totp": code });
        Client::new(router).post("/api/session", &body).await
    }
}

async fn enrolled(router: &Router, db: &Db, login: &str) -> Enrolled {
    let client = Client::logged_in(router, login).await;
    let begun = client.post("/api/session/totp", &json!({ "password": PASSWORD })).await.json();
    let totp = totp_rs::Totp::from_url(begun["uri"].as_str().unwrap()).unwrap();
    let enrolled = Enrolled { client, login: login.to_owned(), totp };
    let code = enrolled.code(db);
    let confirmed = enrolled.client.post("/api/session/totp/confirm", &json!({ "code": code })).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT, "{}", confirmed.text);
    enrolled
}

#[tokio::test]
async fn the_second_factor_is_changed_and_removed_only_with_password_and_code() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let other = Client::logged_in(&router, "wang.li").await;
        let wang = enrolled(&router, &db, "wang.li").await;
        assert_eq!(other.get("/api/session").await.status, StatusCode::UNAUTHORIZED, "enrolling ends other sessions");
        hand.advance(Duration::seconds(60));
        for method in [Method::POST, Method::DELETE] {
            let refused = async |body: Value| {
                let faults = wang.client.send(method.clone(), "/api/session/totp", Some(&body)).await.faults();
                faults.into_iter().map(|(field, code)| format!("{field} {code}")).collect::<Vec<_>>()
            };
            assert_eq!(refused(json!({ "password": PASSWORD })).await, ["code login.totp_needed"], "{method}");
            assert_eq!(
                refused(json!({ "password": PASSWORD, "code": "000000" })).await,
                ["code login.totp_wrong"],
                "{method}"
            );
            let code = wang.code(&db);
            assert_eq!(refused(json!({ "password": "wrong", "code": code })).await, ["password password.wrong"]);
            hand.advance(Duration::minutes(10));
        }
        let code = wang.code(&db);
        let ended = wang
            .client
            .send(Method::DELETE, "/api/session/totp", Some(&json!({ "password": PASSWORD, "code": code })))
            .await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.text);
        assert_eq!(wang.log_in(&router, None).await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn who_knows_the_password_cannot_try_every_code() {
    on_both(|db, hand| async move {
        let (router, _) = server(&db);
        user(&db, "centre", "wang.li", &["intake_officer"]).await;
        let wang = enrolled(&router, &db, "wang.li").await;
        for method in [Method::POST, Method::DELETE] {
            hand.advance(Duration::hours(1));
            let mut answers = Vec::new();
            for code in 0..20 {
                let proof = json!({ "password": PASSWORD, "code": format!("{code:06}") });
                answers.push(wang.client.send(method.clone(), "/api/session/totp", Some(&proof)).await.status);
            }
            let tried = answers.iter().filter(|status| **status != StatusCode::TOO_MANY_REQUESTS).count();
            assert_eq!(tried, 6, "{method}: {answers:?}");
        }
        // After the wait, both proofs together clear the tries.
        hand.advance(Duration::hours(1));
        for _ in 0..8 {
            hand.advance(Duration::seconds(60));
            let proof = json!({ "password": PASSWORD, "code": wang.code(&db) });
            let begun = wang.client.post("/api/session/totp", &proof).await;
            assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
        }
    })
    .await;
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_can_only_enrol_one() {
    on_both(|db, hand| async move {
        let mut settings = Settings::new(desk::seat(), Transport::Plain);
        settings.second_factor = SecondFactor::Administrators;
        let (router, _) = server_with(&db, settings);
        user(&db, "centre", "admin", &["admin"]).await;
        user(&db, "centre", "chen", &["intake_officer"]).await;
        let officer = Client::logged_in(&router, "chen").await;
        assert_eq!(officer.get("/api/session").await.json()["must_enrol"], false);

        let admin = Client::logged_in(&router, "admin").await;
        let session = admin.get("/api/session").await.json();
        assert_eq!((&session["must_enrol"], &session["rights"]), (&json!(true), &json!([])));
        let new = json!({ "login": "x2", "name": "x", "roles": ["auditor"], "password": PASSWORD });
        assert_eq!(admin.post("/api/users", &new).await.code(), "session.enrol_first");
        assert_eq!(admin.get("/api/journal").await.code(), "session.enrol_first");

        let admin = enrolled(&router, &db, "admin").await;
        let session = admin.client.get("/api/session").await.json();
        assert_eq!(session["must_enrol"], false);
        assert_eq!(admin.client.post("/api/users", &new).await.status, StatusCode::CREATED);

        // By the way of administration he changes others, not himself.
        let items = admin.client.get("/api/users").await.json()["items"].clone();
        let id = |login: &str| {
            let all = items.as_array().unwrap();
            all.iter().find(|user| user["login"] == login).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let own = format!("/api/users/{}", id("admin"));
        for change in [json!({ "forget_totp": true }), json!({ "password": "gravel teapot lantern" })] {
            let answer = admin.client.send(Method::PATCH, &own, Some(&change)).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "user.own_secrets"));
        }
        let chen = format!("/api/users/{}", id("chen"));
        let answer = admin.client.send(Method::PATCH, &chen, Some(&json!({ "password": "Admin@Changsha2026" }))).await;
        assert_eq!(answer.faults(), [("password".into(), "password.common".into())]);
        let answer =
            admin.client.send(Method::PATCH, &chen, Some(&json!({ "password": "gravel teapot lantern" }))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);

        // Removed, it is asked for again.
        hand.advance(Duration::seconds(60));
        let proof = json!({ "password": PASSWORD, "code": admin.code(&db) });
        admin.client.send(Method::DELETE, "/api/session/totp", Some(&proof)).await;
        assert_eq!(admin.client.get("/api/users").await.code(), "session.enrol_first");
    })
    .await;
}
