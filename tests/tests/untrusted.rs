//! Files of strangers against running seats: a file that asks for everything, and a long one whose seat is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use std::time::Duration;

use e2e::carrier::operator;
use e2e::client::Client;
use e2e::patience::until;
use e2e::room::{PASSWORD, add_user};
use e2e::seat::{Kind, Seat};
use serde_json::{Value, json};

/// Memory by which a seat may grow while it refuses a file, MiB.
const GROWTH_MB_MAX: u64 = 64;
/// Rows of the long list.
const ROWS: usize = 60_000;
const LOADED_WITHIN: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_that_asks_for_everything_is_refused_in_words_and_the_seat_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut centre = Seat::make(Kind::Centre, "centre-43", folder.path(), &["--durability", "process"], None);
    add_user(&centre, "intake", "intake_officer");
    add_user(&centre, "lines", "lines_officer");
    centre.start();
    centre.ready().await;
    let officer = Client::log_in(&centre.url(), "intake", PASSWORD).await.unwrap();
    let lines = Client::log_in(&centre.url(), "lines", PASSWORD).await.unwrap();
    // A small honest file first, so that what every first file costs is not counted.
    let honest = officer.upload("/report-imports", &[("source", "台账")], ("a.csv", b"a,b\n1,2\n")).await.unwrap();
    assert_eq!(honest.status.as_u16(), 422, "{}", honest.body);
    let before = centre.resident_mb();

    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let far = sheet::testing::workbook(far, "", false);
    let told = officer.upload("/report-imports", &[("source", "台账")], ("far.xlsx", &far)).await.unwrap();
    assert_eq!(told.status.as_u16(), 422, "{}", told.body);

    let bomb = sheet::testing::bomb(900 << 20);
    for (client, path) in [(&officer, "/report-imports"), (&lines, "/number-entries/import")] {
        let told = client.upload(path, &[("source", "台账")], ("bomb.xlsx", &bomb)).await.unwrap();
        assert_eq!(told.status.as_u16(), 422, "{}", told.body);
        let fault = &told.body["faults"][0];
        let code = fault["code"].as_str().unwrap();
        assert!(["import.memory", "import.slow"].contains(&code), "{fault}");
        assert!(!fault["zh"].as_str().unwrap().is_empty() && !fault["en_remedy"].as_str().unwrap().is_empty());
    }
    let after = centre.resident_mb();
    println!("resident {before} MiB before, {after} MiB after; the workbook has {} KiB", bomb.len() >> 10);
    assert!(centre.is_running() && after < before + GROWTH_MB_MAX, "{before} MiB before, {after} MiB after");
    assert!(officer.get("/report-imports").await["items"].is_array());
    let left = std::fs::read_dir(centre.data.join("lists/sent")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "no file that was sent is left behind");
    centre.stop();
}

fn list() -> Vec<u8> {
    let mut text = String::from("number,action,reason\n");
    for n in 0..ROWS {
        match n % 10_000 {
            77 => text.push_str("abc,block,x\n"),
            _ => text.push_str(&format!("+86170{n:08},block,导入测试\n")),
        }
    }
    text.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_goes_on_where_it_stood_when_its_seat_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut seat, _sip) = operator(folder.path(), "operator-a", &[]);
    seat.start();
    seat.ready().await;
    let clerk = Client::log_in(&seat.url(), "clerk", PASSWORD).await.unwrap();
    let text = list();
    let first = clerk.upload("/list-imports", &[], ("l.csv", &text)).await.unwrap();
    assert_eq!(first.status.as_u16(), 202, "{}", first.body);
    let second = clerk.upload("/list-imports", &[], ("again.csv", &text)).await.unwrap();
    let id = first.body["id"].as_str().unwrap().to_owned();
    assert_eq!(second.body["id"].as_str(), Some(id.as_str()), "the same file at the same time is one import");
    let path = format!("/list-imports/{id}");
    let begun = until("some rows are loaded", LOADED_WITHIN, || async {
        let now = clerk.try_get(&path).await?;
        if now["rows"].as_i64() > Some(500) { Ok(now) } else { Err(now.to_string()) }
    })
    .await;
    assert_eq!(begun["state"], "running", "killed in the middle: {begun}");
    // Other work is done meanwhile.
    let entry = json!({ "number": "+8617199999999", "action": "block", "reason": "同时录入" });
    clerk.post("/list", &entry).await;
    seat.kill();
    seat.start();
    seat.ready().await;
    let url = seat.url();
    let clerk = until("a session", LOADED_WITHIN, || Client::log_in(&url, "clerk", PASSWORD)).await;
    let done: Value = until("the whole list is loaded", LOADED_WITHIN, || async {
        let now = clerk.try_get(&path).await?;
        if now["state"] == "done" { Ok(now) } else { Err(now.to_string()) }
    })
    .await;
    let bad = ROWS.div_ceil(10_000);
    assert_eq!((&done["rows"], &done["loaded"]), (&json!(ROWS), &json!(ROWS - bad)), "{done}");
    assert_eq!((&done["known"], &done["refused"]), (&json!(0), &json!(bad)), "each row once");
    assert_eq!(done["refused_rows"][0]["line"], 79);
    until("the list is in memory", LOADED_WITHIN, || async {
        let status = clerk.try_get("/list-status").await?;
        let block = status["in_memory"]["block"].as_u64();
        if block == Some((ROWS - bad + 1) as u64) { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
    seat.stop();
}
