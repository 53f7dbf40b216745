//! What stands in the log: routes and ids, never queries, bodies or personal data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs
)]

mod desk;

use std::io::Write;
use std::sync::{Arc, Mutex};

use desk::{MIGRATIONS, server, server_with};
use serde_json::{Value, json};
use web::testing::{Client, user};
use web::{Settings, Transport};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "current_thread")]
async fn no_personal_data_in_the_log() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (router, _) = server_with(&db, Settings::new(desk::seat(), Transport::Plain));
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let client = Client::logged_in(&router, "wang.li").await;
    client.post("/api/notes", &json!({ "phone": "13800138000", "region": "430100" })).await;
    client.get("/api/seat?phone=13800138000").await;
    client.get("/13800138000/page").await;
    let failed = client.get("/api/panic").await;
    let (other, _) = server(&db);
    Client::new(&other).post("/api/session", &json!({ "login": "13800138000", "password": "13800138000" })).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("13800138000"), "{text}");
    let entries: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let error = entries.iter().find(|e| e["level"] == "ERROR").unwrap();
    assert_eq!(error["request_id"], failed.header("x-request-id"));
    assert_eq!(entries.iter().filter(|e| e["level"] == "ERROR").count(), 1, "a failure is logged once");
    assert!(entries.iter().any(|e| e["route"] == "/api/notes" && e["status"] == 201));
}
