//! The listening server: loopback, TLS, and an orderly end.
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

use desk::{MIGRATIONS, seat, server, server_with};
use serde_json::json;
use web::testing::{PASSWORD, user};
use web::{Listening, ServeError, Settings, Tls, Transport};

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[tokio::test]
async fn plain_http_stays_on_loopback() {
    let outside = Listening::on("0.0.0.0:0".parse().unwrap(), None).await.unwrap_err();
    assert!(matches!(outside, ServeError::PlainOutside(_)), "{outside}");
    let first = Listening::on(any_port(), None).await.unwrap();
    let taken = Listening::on(first.address(), None).await.unwrap_err();
    assert!(matches!(taken, ServeError::Listen(..)), "{taken}");
    let missing = Tls { certificate: "/nowhere/cert.pem".into(), key: "/nowhere/key.pem".into() };
    let error = Listening::on(any_port(), Some(&missing)).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/cert.pem"), "{error}");
}

#[tokio::test]
async fn a_request_at_work_is_answered_before_the_server_stops() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, desk) = server(&db);
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let listening = Listening::on(any_port(), None).await.unwrap();
    let url = listening.url();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(listening.run(router, async {
        let _told = stopped.await;
    }));
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = client
        .post(format!("{url}/api/session"))
        .json(&json!({ "login": "wang.li", "password": PASSWORD }))
        .send()
        .await
        .unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = login.json::<serde_json::Value>().await.unwrap()["csrf"].as_str().unwrap().to_owned();
    let at_work = tokio::spawn(
        client.post(format!("{url}/api/slow")).header("cookie", cookie).header("x-shouhu-csrf", csrf).send(),
    );
    desk.arrived.notified().await;
    stop.send(()).unwrap();
    desk.go_on.notify_one();
    assert_eq!(at_work.await.unwrap().unwrap().status(), 200);
    running.await.unwrap().unwrap();
    assert!(client.get(format!("{url}/healthz")).send().await.is_err());
    let (remote,): (Option<String>,) = db.fetch_one("SELECT remote FROM web_session", store::args![]).await.unwrap();
    assert_eq!(remote.as_deref(), Some("127.0.0.1"));
}

#[tokio::test]
async fn tls_with_certificate_files() {
    let (db, _hand, dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    let (router, _) = server_with(&db, Settings::new(seat(), Transport::Tls));
    let listening = Listening::on(any_port(), Some(&tls)).await.unwrap();
    let port = listening.address().port();
    assert!(listening.url().starts_with("https://"));
    let running = tokio::spawn(listening.run(router, std::future::pending()));
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
    let answer = client.get(format!("https://localhost:{port}/metrics")).send().await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert_eq!(answer.status(), 200, "this machine may read the metrics");
    running.abort();
}
