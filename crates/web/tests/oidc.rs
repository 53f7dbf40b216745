//! Single sign-on against a real provider (npm oidc-provider), walked through as a browser would.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs
)]

mod desk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use axum::http::StatusCode;
use desk::{MIGRATIONS, seat, server, server_with};
use kernel::Duration;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use web::testing::Client;
use web::{Settings, Transport};

const PUBLIC_URL: &str = "http://centre.test";

/// The provider's process and address; none where node or its packages cannot be had.
async fn provider() -> Option<(Child, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    if !folder.join("node_modules/oidc-provider").exists() {
        let mut install = Command::new("npm");
        install.args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder).stdin(Stdio::null());
        match install.status().await {
            Ok(status) if status.success() => {}
            Ok(status) => {
                println!("skipped: npm ci in {} ended with {status}", folder.display());
                return None;
            }
            Err(error) => {
                println!("skipped: npm cannot be run: {error}");
                return None;
            }
        }
    }
    let mut child = Command::new("node")
        .args(["provider.js", &format!("{PUBLIC_URL}/api/oidc/callback")])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("http://") {
            // The provider goes on talking; a closed pipe would end it.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some((child, line));
        }
    }
    panic!("the provider did not start");
}

/// A browser at the provider's pages.
struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { http, cookies: BTreeMap::new() }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Logs in and consents, until the provider leads back; gives path and query of that.
    async fn consent(&mut self, issuer: &str, start: &str, login: &str) -> String {
        let mut url = start.to_owned();
        for _ in 0..12 {
            let answer = if url.contains("/interaction/") {
                let page = self.send(self.http.get(&url)).await.text().await.unwrap();
                let prompt = if page.contains("value=\"login\"") { "login" } else { "consent" };
                let form = [("prompt", prompt), ("login", login), ("password", "any")];
                self.send(self.http.post(&url).form(&form)).await
            } else {
                self.send(self.http.get(&url)).await
            };
            let Some(next) = answer.headers().get("location") else {
                panic!("{url}: {} {}", answer.status(), answer.text().await.unwrap());
            };
            let next = next.to_str().unwrap();
            if let Some(back) = next.strip_prefix(PUBLIC_URL) {
                return back.to_owned();
            }
            url = if next.starts_with('/') { format!("{issuer}{next}") } else { next.to_owned() };
        }
        panic!("the provider never led back");
    }
}

fn cookie_of(answer: &web::testing::Answer, name: &str) -> String {
    let all = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let line = all.map(str::to_owned).find(|line| line.starts_with(&format!("{name}="))).unwrap();
    line.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_provider_vouches_for_users() {
    let Some((_child, issuer)) = provider().await else { return };
    let (db, hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let mut settings = Settings::new(seat(), Transport::Plain);
    settings.oidc = Some(
        serde_json::from_value(json!({
            "issuer": issuer, "client_id": "shouhu", "client_secret": "a secret of the test",
            "public_url": PUBLIC_URL, "scopes": ["profile", "groups"], "region_claim": "area",
            "roles": { "police-stop": ["stop_officer"], "police-chief": ["chief"] }
        }))
        .unwrap(),
    );
    let (router, _) = server_with(&db, settings);
    let nobody = Client::new(&router);
    assert_eq!(nobody.get("/api/seat").await.json()["oidc"], true);

    let left = nobody.get("/api/oidc/login?next=/orders").await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text);
    let there = left.header("location").to_owned();
    for part in ["code_challenge=", "code_challenge_method=S256", "state=", "nonce="] {
        assert!(there.contains(part), "{there}");
    }
    assert!(left.header("set-cookie").contains("SameSite=Lax"));
    let away = nobody.with("cookie", &cookie_of(&left, "shouhu-oidc"));
    let back = Browser::new().consent(&issuer, &there, "wang").await;

    // Without the cookie, with another state, or after ten minutes, nobody gets in.
    assert_eq!(nobody.get(&back).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(away.get(&back.replace("state=", "state=x")).await.status, StatusCode::BAD_REQUEST);
    let tampered = format!("{}x", away.headers["cookie"]);
    assert_eq!(nobody.with("cookie", &tampered).get(&back).await.status, StatusCode::BAD_REQUEST);

    let landed = away.get(&back).await;
    assert_eq!(landed.status, StatusCode::OK, "{}", landed.text);
    assert!(landed.text.contains("url=/orders"), "{}", landed.text);
    let wang = nobody.with("cookie", &cookie_of(&landed, "shouhu"));
    let session = wang.get("/api/session").await.json();
    assert_eq!(session["user"]["login"], "wang.li");
    assert_eq!(session["user"]["roles"], json!(["stop_officer"]));
    assert_eq!(session["user"]["region"], "4301");
    // The code is good once.
    assert_eq!(away.get(&back).await.status, StatusCode::BAD_GATEWAY);

    // The same person again is the same user; a person without a group that means a role stays outside.
    let again = nobody.get("/api/oidc/login?next=//evil.example").await;
    let away = nobody.with("cookie", &cookie_of(&again, "shouhu-oidc"));
    let back = Browser::new().consent(&issuer, again.header("location"), "wang").await;
    let landed = away.get(&back).await;
    assert!(landed.text.contains("url=/\""), "{}", landed.text);
    let (users,): (i64,) = db.fetch_one("SELECT COUNT(*) FROM web_user", store::args![]).await.unwrap();
    assert_eq!(users, 1);
    let left = nobody.get("/api/oidc/login").await;
    let away = nobody.with("cookie", &cookie_of(&left, "shouhu-oidc"));
    let back = Browser::new().consent(&issuer, left.header("location"), "chen").await;
    let refused = away.get(&back).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("您的统一认证账号在本系统没有角色") && refused.text.contains("no role here"));

    // Too late.
    let left = nobody.get("/api/oidc/login").await;
    let away = nobody.with("cookie", &cookie_of(&left, "shouhu-oidc"));
    let back = Browser::new().consent(&issuer, left.header("location"), "wang").await;
    hand.advance(Duration::minutes(11));
    assert_eq!(away.get(&back).await.status, StatusCode::BAD_REQUEST);

    // A password never opens an account of the provider.
    let answer = nobody.post("/api/session", &json!({ "login": "wang.li", "password": "correct horse battery" })).await;
    assert_eq!(answer.code(), "login.failed");
    let kinds: Vec<(String,)> = db.fetch_all("SELECT kind FROM journal ORDER BY seq", store::args![]).await.unwrap();
    let count = |kind: &str| kinds.iter().filter(|(k,)| k == kind).count();
    assert_eq!((count("user.created"), count("session.opened")), (1, 2));
    assert!(count("session.refused") >= 6);
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (plain, _) = server(&db);
    assert_eq!(Client::new(&plain).get("/api/oidc/login").await.status, StatusCode::NOT_FOUND);
    for issuer in ["http://127.0.0.1:9", "http://id.example"] {
        let mut settings = Settings::new(seat(), Transport::Plain);
        let given = json!({ "issuer": issuer, "client_id": "shouhu", "public_url": PUBLIC_URL, "roles": {} });
        settings.oidc = Some(serde_json::from_value(given).unwrap());
        let (router, _) = server_with(&db, settings);
        let answer = Client::new(&router).get("/api/oidc/login").await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text);
        assert!(answer.text.contains("oidc.provider"));
    }
}
