//! The number list: who may put what on it, that every operator has the same, and how an appeal takes effect.

use std::sync::Arc;

use axum::http::StatusCode;
use centre::numbers::Parameters;
use centre::{Post, numbers};
use kernel::{AppealId, Duration};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::Who;
use store::testing::each_db;
use wire::{ListLift, NumberPattern};

use crate::room::{Room, room, room_with, until};

fn entry(pattern: &str, action: &str) -> Value {
    json!({ "pattern": pattern, "action": action, "reason": "冒充客服诈骗", "source": "省反诈中心" })
}

async fn put(room: &Room, body: &Value) -> Value {
    let officer = room.login("lines").await;
    let made = officer.post("/api/number-entries", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

/// Both operators have exactly this list.
async fn both_have(room: &Room, expect: &[&str]) {
    until(&format!("both operators have {expect:?}"), async || room.a.list() == expect && room.b.list() == expect)
        .await;
}

#[tokio::test]
async fn one_number_takes_one_officer_a_prefix_takes_two_and_every_operator_hears() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let made = put(&room, &entry("170 0000 0000", "block")).await;
        assert_eq!((made["state"].as_str(), made["pattern"].as_str()), (Some("active"), Some("170****0000")));
        both_have(&room, &["+8617000000000 block"]).await;
        let wide = put(&room, &entry("1700012*", "block")).await;
        assert_eq!((wide["state"].as_str(), wide["pattern"].as_str()), (Some("review"), Some("+861700012*")));
        let id = wide["id"].as_str().unwrap();
        let (officer, reviewer) = (room.login("lines").await, room.login("reviewer").await);
        let path = format!("/api/number-entries/{id}/approve");
        assert_eq!(officer.post(&path, &json!({})).await.status, StatusCode::FORBIDDEN);
        assert_eq!(officer.get(&format!("/api/number-entries/{id}")).await.json()["acts"], json!([]));
        let approved = reviewer.post(&path, &json!({})).await;
        assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
        both_have(&room, &["+8617000000000 block", "+861700012* block"]).await;
        let own = room.login("both").await;
        let mine = own.post("/api/number-entries", &entry("17100120000-17100129999", "watch")).await.json();
        let mine = mine["id"].as_str().unwrap().to_owned();
        let refused = own.post(&format!("/api/number-entries/{mine}/approve"), &json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "numbers.own_entry"));

        let known = officer.post("/api/number-entries", &entry("17000000000", "block")).await;
        assert_eq!((known.status, known.code().as_str()), (StatusCode::CONFLICT, "numbers.known"));
        let changed = put(&room, &entry("17000000000", "watch")).await;
        both_have(&room, &["+8617000000000 watch", "+861700012* block"]).await;
        let detail = officer.get(&format!("/api/number-entries/{}", changed["id"].as_str().unwrap())).await.json();
        let states: Vec<&str> =
            detail["history"].as_array().unwrap().iter().map(|e| e["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["active", "replaced"]);
        let removed =
            reviewer.post(&format!("/api/number-entries/{id}/remove"), &json!({ "reason": "波及过广" })).await;
        assert_eq!(removed.status, StatusCode::OK, "{}", removed.text);
        both_have(&room, &["+8617000000000 watch"]).await;
        let list = officer.get("/api/number-list").await.json();
        assert_eq!(
            (list["number"].as_i64(), list["entries"].as_i64(), list["review"].as_i64()),
            (Some(4), Some(1), Some(1)),
            "{list}"
        );
        assert_eq!(room.journaled("list.published").await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn what_must_not_be_blocked_is_refused_with_every_fault() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let officer = room.login("lines").await;
        let codes = async |body: Value| -> Vec<String> {
            officer.post("/api/number-entries", &body).await.faults().into_iter().map(|(_, code)| code).collect()
        };
        assert_eq!(codes(entry("110", "block")).await, ["numbers.emergency"]);
        assert_eq!(codes(entry("95588", "block")).await, ["numbers.service"]);
        assert_eq!(codes(entry("170*", "block")).await, ["numbers.prefix_short"]);
        let many = json!({ "pattern": "?", "action": "block", "reason": "", "source": " ", "days": -1, "label": "字".repeat(41) });
        assert_eq!(
            codes(many).await,
            ["numbers.pattern", "numbers.reason", "numbers.source", "numbers.expiry", "numbers.label"]
        );
        // As far as the field itself reaches: a fault, not a failure, and never an end that no operator can read.
        for days in [i64::MAX, i64::MAX / 24, 40_000] {
            let far = json!({ "pattern": "17000000000", "action": "block", "reason": "测试", "days": days });
            assert_eq!(codes(far).await, ["numbers.expiry_far"], "{days}");
        }
        put(&room, &entry("0731-88880000", "protect")).await;
        assert_eq!(codes(entry("0731-88880000", "block")).await, ["numbers.protected"]);
        let wide = put(&room, &entry("0731888811*", "protect")).await;
        let approve = format!("/api/number-entries/{}/approve", wide["id"].as_str().unwrap());
        assert_eq!(room.login("reviewer").await.post(&approve, &json!({})).await.status, StatusCode::OK);
        assert_eq!(codes(entry("0731-88881111", "block")).await, ["numbers.protected"]);
    })
    .await;
}

#[tokio::test]
async fn an_operator_that_lost_changes_asks_and_has_the_same_list_again() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        put(&room, &entry("17000000000", "block")).await;
        both_have(&room, &["+8617000000000 block"]).await;
        room.b.books.lock().unwrap().deaf = true;
        for n in 1..=5 {
            put(&room, &entry(&format!("1700000000{n}"), "block")).await;
        }
        let gone = put(&room, &entry("17000000009", "watch")).await;
        let officer = room.login("lines").await;
        let path = format!("/api/number-entries/{}/remove", gone["id"].as_str().unwrap());
        officer.post(&path, &json!({ "reason": "误列" })).await;
        until("the other has all", async || room.a.books.lock().unwrap().have == 8).await;
        until("all were delivered", async || {
            officer.get("/api/number-list").await.json()["operators"][1]["under_way"] == 0
        })
        .await;
        assert_eq!(room.b.list(), ["+8617000000000 block"]);
        room.b.books.lock().unwrap().deaf = false;
        put(&room, &entry("17000000006", "block")).await;
        until("the operator that was deaf caught up", async || room.b.list() == room.a.list()).await;
        assert_eq!(room.b.list().len(), 7);
        let caught_up = room.b.books.lock().unwrap().changes;
        assert_eq!(caught_up, 2, "what was missing came as one change");
        room.b.tell(&room.centre, wire::ListAsk { have: 9 }).await;
        until("the centre knows", async || officer.get("/api/number-list").await.json()["operators"][1]["have"] == 9)
            .await;
    })
    .await;
}

#[tokio::test]
async fn an_operator_that_lacks_much_fetches_the_whole_list_whose_hash_is_sealed() {
    each_db(&centre::migrations(), |db, hand| async move {
        let parameters = Parameters { changes_max: 10, ..Parameters::default() };
        let room = room_with(db, hand, parameters).await;
        for n in 0..12 {
            put(&room, &entry(&format!("170000000{n:02}"), "block")).await;
        }
        let last = put(
            &room,
            &json!({ "pattern": "17100000000", "action": "watch", "reason": "含,逗号与\"引号\"", "days": 3 }),
        )
        .await;
        room.b.tell(&room.centre, wire::ListAsk { have: 0 }).await;
        until("the whole list is offered", async || !room.b.books.lock().unwrap().offers.is_empty()).await;
        let offer = room.b.books.lock().unwrap().offers[0].clone();
        assert_eq!((offer.number, offer.entries), (13, 13));
        let url = |hash: &str| format!("{}/wire/v1/lists/{hash}", room.centre_url);
        let http = wire::courier::client(None).unwrap();
        let file = http.get(url(&offer.sha256)).send().await.unwrap().bytes().await.unwrap();
        let hash: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((hash, file.len() as u64), (offer.sha256.clone(), offer.bytes));
        let text = String::from_utf8(file.to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (14, wire::LIST_FILE_HEADER));
        assert!(lines[13].starts_with("+8617100000000,watch,\"含,逗号与\"\"引号\"\"\","), "{}", lines[13]);
        assert_eq!(http.get(url(&"0".repeat(64))).send().await.unwrap().status(), 404);
        assert_eq!(http.get(url("..%2f..%2fetc%2fpasswd")).send().await.unwrap().status(), 404);
        // An operator with a higher number than the centre's takes the whole list too, and the file serves again.
        room.a.tell(&room.centre, wire::ListAsk { have: 99 }).await;
        until("offered to the other", async || !room.a.books.lock().unwrap().offers.is_empty()).await;
        assert_eq!(room.a.books.lock().unwrap().offers[0].sha256, offer.sha256);
        assert!(last["expires_at"].is_string());
    })
    .await;
}

#[tokio::test]
async fn an_appeal_granted_by_one_operator_takes_effect_at_every_operator() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let one = put(&room, &entry("17000000000", "block")).await;
        let wide = put(&room, &entry("1710001*", "block")).await;
        let reviewer = room.login("reviewer").await;
        reviewer.post(&format!("/api/number-entries/{}/approve", wide["id"].as_str().unwrap()), &json!({})).await;
        both_have(&room, &["+8617000000000 block", "+861710001* block"]).await;
        let lift = |number: &str, pattern: &str| ListLift {
            appeal_id: AppealId::new(room.db.clock().now()),
            number: number.into(),
            pattern: NumberPattern::parse(pattern).unwrap(),
            reason: "号码已过户".into(),
            granted_by: "客服主管".into(),
            granted_at: room.db.clock().now(),
        };
        let first = lift("+8617000000000", "+8617000000000");
        room.a.tell(&room.centre, first.clone()).await;
        both_have(&room, &["+861710001* block"]).await;
        room.b.tell(&room.centre, lift("+8617100012345", "+861710001*")).await;
        both_have(&room, &["+861710001* block", "+8617100012345 allow"]).await;
        room.a.tell(&room.centre, first).await;
        room.a.tell(&room.centre, lift("+8617999999999", "+8617999999999")).await;
        until("an appeal against nothing is told", async || room.journaled("number.lift_unknown").await.len() == 1)
            .await;
        let officer = room.login("lines").await;
        let shown = officer.get(&format!("/api/number-entries/{}", one["id"].as_str().unwrap())).await.json();
        assert_eq!((shown["state"].as_str(), shown["ended_by"].as_str()), (Some("lifted"), Some("partner:op-a")));
        assert_eq!(shown["end_reason"], "号码已过户");
        let lifted = room.journaled("number.lifted").await;
        assert_eq!((lifted.len(), lifted[0]["maker"].as_str()), (2, Some("lines")), "its maker is named");
        let appeals = officer.get("/api/number-appeals").await;
        assert_eq!(appeals.json()["items"].as_array().unwrap().len(), 3);
        assert!(!appeals.text.contains("17000000000"), "{}", appeals.text);
    })
    .await;
}

#[tokio::test]
async fn an_entry_ends_with_its_time_and_its_end_is_published() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let mut short = entry("17000000001", "block");
        short["days"] = json!(1);
        put(&room, &short).await;
        put(&room, &entry("17000000002", "block")).await;
        both_have(&room, &["+8617000000001 block", "+8617000000002 block"]).await;
        room.advance(Duration::hours(24));
        both_have(&room, &["+8617000000002 block"]).await;
        assert_eq!(room.journaled("number.expired").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_region_sees_and_changes_its_own_entries_and_the_province_all() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.office("changsha", "lines_officer", "4301").await;
        room.office("yueyang", "lines_officer", "4306").await;
        room.office("yueyang2", "stop_reviewer", "4306").await;
        let of = async |login: &str, body: &Value| room.login(login).await.post("/api/number-entries", body).await;
        let made = of("changsha", &entry("17000000001", "block")).await.json();
        assert_eq!(made["region"], "430100");
        let wide = of("changsha", &entry("1700012*", "block")).await.json();
        of("yueyang", &entry("17000000002", "block")).await;
        of("lines", &entry("17000000003", "block")).await;
        let case = room.report(&["17000000004"]).await;
        let seen = async |login: &str| -> Vec<String> {
            let page = room.login(login).await.get("/api/number-entries").await.json();
            let patterns = page["items"].as_array().unwrap().iter().map(|e| e["pattern"].as_str().unwrap().to_owned());
            let mut patterns: Vec<String> = patterns.collect();
            patterns.sort();
            patterns
        };
        until("the report's number is proposed", async || seen("lines").await.len() == 5).await;
        assert_eq!(
            seen("changsha").await,
            ["+861700012*", "170****0001", "170****0004"],
            "the report is of its region"
        );
        assert_eq!(seen("yueyang").await, ["170****0002"]);
        assert_eq!(room.login("yueyang").await.get("/api/desk-counts").await.json()["number_proposed"], 0);

        let there = room.login("yueyang").await;
        let id = made["id"].as_str().unwrap();
        assert_eq!(there.get(&format!("/api/number-entries/{id}")).await.status, StatusCode::FORBIDDEN);
        let remove = format!("/api/number-entries/{id}/remove");
        let reason = json!({ "reason": "误列" });
        assert_eq!(there.post(&remove, &reason).await.status, StatusCode::FORBIDDEN);
        let approve = format!("/api/number-entries/{}/approve", wide["id"].as_str().unwrap());
        assert_eq!(room.login("yueyang2").await.post(&approve, &json!({})).await.status, StatusCode::FORBIDDEN);
        let over = of("yueyang", &entry("17000000001", "allow")).await;
        assert_eq!(over.faults(), [("pattern".to_owned(), "numbers.elsewhere".to_owned())]);
        let mut of_case = entry("17000000005", "block");
        of_case["case_id"] = json!(case);
        assert_eq!(of("yueyang", &of_case).await.status, StatusCode::FORBIDDEN, "a case of another region");
        let reveal = json!({ "subject": format!("number:{id}"), "field": "pattern", "purpose": "核实" });
        assert_eq!(there.post("/api/reveal", &reveal).await.status, StatusCode::FORBIDDEN);

        // What one region put up stops calls in all, and the province's centre changes it.
        both_have(&room, &["+8617000000001 block", "+8617000000002 block", "+8617000000003 block"]).await;
        assert_eq!(room.login("lines").await.post(&remove, &reason).await.status, StatusCode::OK);
        both_have(&room, &["+8617000000002 block", "+8617000000003 block"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_report_proposes_what_it_names_and_an_officer_confirms() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let case = room.report(&["17000000000", "95588", "19000000001"]).await;
        let officer = room.login("lines").await;
        let proposed = async || officer.get("/api/number-entries?state=proposed").await.json()["items"].clone();
        until("the number is proposed", async || !proposed().await.as_array().unwrap().is_empty()).await;
        let found = proposed().await;
        assert_eq!(found.as_array().unwrap().len(), 1, "neither a service number nor the victim's own: {found}");
        assert_eq!((&found[0]["case_id"], found[0]["acts"][0].as_str()), (&json!(case), Some("confirm")));
        assert!(room.a.list().is_empty(), "nothing is blocked before a person agrees");
        assert_eq!(officer.get("/api/desk-counts").await.json()["number_proposed"], 1);
        let id = found[0]["id"].as_str().unwrap();
        let confirmed = officer.post(&format!("/api/number-entries/{id}/confirm"), &json!({})).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
        both_have(&room, &["+8617000000000 block"]).await;
        let twice = officer.post(&format!("/api/number-entries/{id}/confirm"), &json!({})).await;
        assert_eq!((twice.status, twice.code().as_str()), (StatusCode::CONFLICT, "numbers.state"));
    })
    .await;
}

/// Imports a file to its end.
async fn imported(
    db: &store::Db,
    desk: &numbers::Desk,
    who: &Who,
    content: &[u8],
) -> Result<numbers::Imported, sheet::job::Error> {
    let (mut file, path) = tempfile::NamedTempFile::new().unwrap().keep().unwrap();
    std::io::Write::write_all(&mut file, content).unwrap();
    let sha256 = store::document::sha256_hex(content);
    let sent = sheet::job::File { path, name: "部级下发".into(), sha256, bytes: content.len() as u64 };
    let job = sheet::job::begin::<numbers::NumberImport>(db, who, &sent).await?;
    let import = numbers::NumberImport { desk: desk.clone() };
    let done = sheet::job::run(db, &import, job.id, &mut |_| {}).await?;
    Ok(numbers::import_of_id(db, who, done.id).await?)
}

#[tokio::test]
async fn a_file_gives_its_good_rows_and_tells_the_others() {
    each_db(&[wire::MIGRATIONS, sheet::MIGRATIONS, centre::numbers::MIGRATIONS], |db, _hand| async move {
        let now = db.clock().now();
        let pair = wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
        let me = wire::PartnerId::parse("centre-43").unwrap();
        let outbox = wire::Outbox::new(me, wire::Keys::in_memory([pair]), "test");
        let post = Post { outbox, directory: wire::Directory::open(&db).await.unwrap() };
        let folder = std::path::Path::new("unused").into();
        let desk = numbers::Desk { post, parameters: Arc::default(), folder };
        let who = Who::user("officer", &["numbers.write", "numbers.read"]);
        let file = "\u{feff}号码,处置,原因,有效期\n17000000000,拦截,刷单,2026-12-31\n17000000000,拦截,刷单,2026-12-31\n\
            110,block,x,\n1700012*,watch,号段,\n17000000003,喊话,x,someday\n,block,x,\n17000000004\n";
        for bytes in [file.as_bytes().to_vec(), encoding_rs::GB18030.encode(file).0.into_owned()] {
            let done = imported(&db, &desk, &who, &bytes).await.unwrap();
            let refused: Vec<(u64, Vec<&str>)> = done
                .refused_rows
                .iter()
                .map(|row| (row.row, row.faults.iter().map(|fault| fault.said.code.as_str()).collect()))
                .collect();
            assert_eq!(
                refused,
                [
                    (4, vec!["numbers.emergency"]),
                    (6, vec!["numbers.action", "numbers.time"]),
                    (7, vec!["numbers.pattern"]),
                ]
            );
            assert_eq!((done.rows, done.active + done.review + done.known, done.refused), (7, 4, 3));
        }
        let filter = numbers::Filter { limit: 100, ..numbers::Filter::default() };
        let entries = numbers::list(&db, &who, &filter).await.unwrap();
        assert_eq!(entries.len(), 3, "the same file again changes nothing");
        let dated = entries.iter().find(|entry| entry.reason == "刷单").unwrap();
        assert_eq!(dated.expires_at.unwrap().to_rfc3339(), "2026-12-31T16:00:00Z", "to the end of the day in China");
        // What a person takes from the list a file does not put back; a person who adds it by hand does.
        let mut tx = db.begin().await.unwrap();
        desk.remove(&mut tx, &who, dated.id, "号码已过户").await.unwrap();
        tx.commit().await.unwrap();
        let done = imported(&db, &desk, &who, file.as_bytes()).await.unwrap();
        let row = done.refused_rows.iter().find(|row| row.row == 2).unwrap();
        assert_eq!(row.faults[0].said.code, "numbers.lifted_before");
        assert!(row.faults[0].said.zh.contains("号码已过户"), "{:?}", row.faults);
        // Nor does it replace the entry by which a person lets a number through, as a granted appeal does.
        let allowed: Vec<u8> = "号码,处置,原因\n17000000007,放行,申诉成立\n".into();
        assert_eq!(imported(&db, &desk, &who, &allowed).await.unwrap().active, 1);
        let block: Vec<u8> = "号码,处置,原因\n17000000007,拦截,刷单\n".into();
        let done = imported(&db, &desk, &who, &block).await.unwrap();
        assert_eq!(done.refused_rows[0].faults[0].said.code, "numbers.lifted_before");
        let no_header = imported(&db, &desk, &who, b"17000000000\n").await;
        assert!(matches!(no_header, Err(sheet::job::Error::Faults(_))));
    })
    .await;
}
