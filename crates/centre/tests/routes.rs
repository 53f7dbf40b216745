//! The routes of the centre as its callers meet them, on both databases: who may call what, and a report that becomes
//! an order, is refused by its own maker, approved by another, and can be seen with its sealed text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

use axum::http::StatusCode;
use centre::{Centre, Config, intake, stop};
use kernel::Duration;
use serde_json::{Value, json};
use store::testing::each_db;
use store::{Db, Who};
use web::testing::{Client, SHARED_ANY_USER, SHARED_PUBLIC, user, user_without_rights, walk, walk_misfits};
use wire::{Directory, Keys, PartnerId};

async fn open(db: &Db) -> Centre {
    let now = db.clock().now();
    let pair = || wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let directory = Directory::open(db).await.unwrap();
    for id in ["bank-a", "bank-b"] {
        let partner = json!({ "id": id, "name": format!("{id}示范银行"), "role": "bank", "base_url": "http://127.0.0.1:1",
            "keys": [serde_json::to_value(pair().public()).unwrap()],
            "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
                { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
        directory.create(&Who::user("admin", &["partners.write"]), &partner).await.unwrap();
    }
    let seat =
        web::Seat { kind: "centre", id: "centre-43".into(), zh: "示范中心".into(), en: "Demo centre".into() };
    let config = Config {
        db: db.clone(),
        me: PartnerId::parse("centre-43").unwrap(),
        keys: Keys::in_memory([pair()]),
        owner: "test".into(),
        roots_file: None,
        stop: stop::Parameters::default(),
        intake: intake::Parameters::default(),
        lines: centre::lines::Parameters::default(),
        numbers: centre::numbers::Parameters::default(),
        signals: centre::signals::Parameters::default(),
        lists_folder: std::env::temp_dir().join("shouhu-no-lists"),
        web: web::Settings::new(seat, web::Transport::Plain),
    };
    Centre::open(config).await.unwrap()
}

#[tokio::test]
async fn nobody_reaches_a_route_without_its_right() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let router = open(&db).await.app().unwrap();
        user_without_rights(&db, "centre", "nobody").await;
        let nobody = Client::logged_in(&router, "nobody").await;
        let public: Vec<&str> = SHARED_PUBLIC.iter().copied().chain(["POST /api/public/reports"]).collect();
        let any: Vec<&str> = SHARED_ANY_USER
            .iter()
            .chain(web::partners::ANY_USER)
            .copied()
            .chain(["GET /api/desk-counts", "GET /api/search"])
            .collect();
        assert_eq!(walk(&router, &nobody, &public, &any).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn input_that_does_not_fit_is_told_by_field_and_in_words() {
    let (db, _hand, _dir) = store::testing::sqlite(&centre::migrations()).await;
    let router = open(&db).await.app().unwrap();
    let roles = ["intake_officer", "stop_officer", "lines_officer", "stop_reviewer", "chief", "auditor", "admin"];
    user(&db, "centre", "everything", &roles).await;
    let caller = Client::logged_in(&router, "everything").await;
    assert_eq!(walk_misfits(&[caller]).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_whole_api_is_written_down() {
    let (db, _hand, _dir) = store::testing::sqlite(&centre::migrations()).await;
    let openapi = open(&db).await.openapi();
    let mut document: Value = serde_json::to_value(&openapi).unwrap();
    document["info"]["version"] = "0".into();
    insta::assert_json_snapshot!(document);
}

fn report(now: kernel::Timestamp) -> Value {
    json!({
        "state": "submitted", "channel": "110",
        "victim": { "name": "唐小雨", "citizen_id": "", "phone": "19000000001", "region": "430102" },
        "narrative": "有人冒充客服，让我转账三万元。",
        "payments": [{ "payer_account": "6200004301020000016", "payer_bank": "bank-b", "payee_account": "6200004301010000006",
            "payee_name": "邱志强", "payee_bank": "bank-a", "amount": { "minor": 3_000_000, "currency": "CNY" },
            "paid_at": (now - Duration::minutes(20)).to_rfc3339(), "channel": "mobile", "reference": "" }],
        "contacts": [{ "kind": "phone", "value": "19000000099" }],
        "scam_type": "fake_ecommerce_service", "region": "430102", "occurred_at": (now - Duration::minutes(40)).to_rfc3339(),
    })
}

#[tokio::test]
async fn a_report_becomes_an_order_that_another_person_approves() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        for (login, roles) in [
            ("intake", vec!["intake_officer"]),
            ("officer", vec!["stop_officer"]),
            ("reviewer", vec!["stop_reviewer"]),
            ("chief", vec!["chief", "admin"]),
        ] {
            user(&db, "centre", login, &roles).await;
        }
        let working = tokio::spawn(centre.run());
        let intake = Client::logged_in(&router, "intake").await;
        let types = intake.get("/api/scam-types").await.json();
        let mut body = report(db.clock().now());
        body["scam_type"] = types["items"][0]["code"].clone();
        let made = intake.with_key("report-1").post("/api/reports", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let again = intake.with_key("report-1").post("/api/reports", &body).await;
        assert_eq!(again.json()["id"], made.json()["id"], "the same key is the same report");

        let officer = Client::logged_in(&router, "officer").await;
        let mut order = Value::Null;
        for _ in 0..400 {
            order = officer.get("/api/orders?queue=review").await.json()["items"][0].clone();
            if order.is_object() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(order["kind"], "stop");
        assert_eq!(order["amount"]["minor"], 3_000_000);
        assert!(!order.to_string().contains("6200004301010000006"), "the account is masked: {order}");
        let id = order["id"].as_str().unwrap().to_owned();
        let forbidden = officer.post(&format!("/api/orders/{id}/approve"), &json!({})).await;
        assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
        let reviewer = Client::logged_in(&router, "reviewer").await;
        let no_reason = reviewer.post(&format!("/api/orders/{id}/refuse"), &json!({})).await;
        assert_eq!(no_reason.faults(), [("reason".to_owned(), "stop.reason_missing".to_owned())]);
        let approved = reviewer.post(&format!("/api/orders/{id}/approve"), &json!({})).await;
        assert_eq!(
            (approved.status, approved.json()["state"].as_str()),
            (StatusCode::OK, Some("sent")),
            "{}",
            approved.text
        );
        let twice = reviewer.post(&format!("/api/orders/{id}/approve"), &json!({})).await;
        assert_eq!((twice.status, twice.code().as_str()), (StatusCode::CONFLICT, "stop.state"));
        let detail = reviewer.get(&format!("/api/orders/{id}")).await.json();
        assert_eq!(detail["sealed_header"]["alg"], "EdDSA");
        assert_eq!(detail["sealed_payload"]["body"]["check"]["amount_minor"], 3_000_000);
        assert!(!detail.to_string().contains("邱志强"), "the name is masked: {detail}");
        let revealed = reviewer
            .post(
                "/api/reveal",
                &json!({ "subject": format!("order:{id}"), "field": "account", "purpose": "核对账号" }),
            )
            .await;
        assert_eq!(revealed.json()["value"], "6200004301010000006", "{}", revealed.text);

        let chief = Client::logged_in(&router, "chief").await;
        for path in [
            "/api/desk-counts",
            "/api/orders?queue=held",
            "/api/orders?queue=refused&q=Z26",
            "/api/orders?queue=ended",
            "/api/chases",
            "/api/standing-rules",
            "/api/stop-parameters",
            "/api/journal?limit=50",
            "/api/journal/verification",
            "/api/partners",
            "/api/users",
            "/api/reports",
        ] {
            let answer = chief.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
        let counts = chief.get("/api/desk-counts").await.json();
        assert_eq!((counts["waiting"].as_i64(), counts["chases"].as_i64()), (Some(1), Some(1)), "{counts}");
        let case = order["case_id"].as_str().unwrap();
        let chase = chief.get(&format!("/api/chases/{case}")).await.json();
        assert_eq!(chase["reported"]["minor"], 3_000_000);
        assert_eq!(chase["accounts_found"][0]["state"], "stopping");
        let number = order["number"].as_str().unwrap();
        let found = chief.get(&format!("/api/search?q={number}")).await.json();
        assert_eq!(found["items"][0]["subject"], format!("order:{id}"), "{found}");
        let by_account = chief.get("/api/search?q=6200004301010000006").await.json();
        let kinds: Vec<&str> = by_account["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|h| h["subject"].as_str()?.split(':').next())
            .collect();
        assert_eq!(kinds, ["report", "order", "chase"], "{by_account}");
        assert!(!by_account.to_string().contains("6200004301010000006"), "masked: {by_account}");
        let journal = chief.get("/api/journal?kind=personal.").await.json();
        assert_eq!(journal["items"][0]["purpose"], "核对账号", "a reveal is recorded with its purpose");
        working.abort();
    })
    .await;
}

/// The notice of a bank about a victim's case with some payments.
async fn notice(db: &Db, payments: Value) -> intake::Outcome {
    let now = db.clock().now();
    let notice: wire::Notice = serde_json::from_value(json!({
        "notice_id": kernel::NoticeId::new(now), "kind": "victim_case", "at": now, "branch": "长沙分行",
        "words": "客户到柜面反映被骗", "region": "430102",
        "case": { "victim": { "name": "唐小雨", "phone": "19000000001" }, "payments": payments },
    }))
    .unwrap();
    let banks = intake::BankNames::new([("bank-a", vec![]), ("bank-b", vec![])]);
    let rules = intake::Parameters::default().rules(&banks);
    let from = PartnerId::parse("bank-b").unwrap();
    let mut tx = db.begin().await.unwrap();
    let taken = intake::take_case(&mut tx, &Who::partner("bank-b"), &from, &notice, rules).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn what_joins_a_closed_case_starts_nothing_and_waits_for_a_person() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        user(&db, "centre", "officer", &["stop_officer", "intake_officer"]).await;
        let working = tokio::spawn(centre.run());
        let officer = Client::logged_in(&router, "officer").await;
        let paid_at = db.clock().now() - Duration::minutes(20);
        let paid = |account: &str, bank: &str, amount_minor: i64| {
            json!({ "payer_account": "6200004301020000016", "payee_account": account, "payee_name": "邱志强",
                "payee_bank": bank, "amount_minor": amount_minor, "currency": "CNY", "paid_at": paid_at })
        };
        let (known, second, third) = ("6200004301010000006", "6200004301010000014", "6200004301010000022");
        let case = notice(&db, json!([paid(known, "", 3_000_000)])).await.id;
        let report_path = format!("/api/reports/{case}");
        let closed = officer.post(&format!("{report_path}/close"), &json!({ "reason": "已核实，无需处置" })).await;
        assert_eq!(closed.status, StatusCode::OK, "{}", closed.text);
        let waiting = "/api/payments-waiting";
        assert_eq!(officer.get(waiting).await.json()["items"], json!([]), "who closes it has dealt with it");

        let all = json!([paid(known, "bank-a", 3_000_000), paid(second, "bank-a", 800_000), paid(third, "", 500_000)]);
        let joined = notice(&db, all).await;
        assert_eq!((joined.joined_to.map(|(id, _)| id), joined.payments_added), (Some(case), 2));
        // The reaction takes reports in their order: when a later one is followed, this one has been looked at.
        let mut later = report(db.clock().now());
        later["scam_type"] = officer.get("/api/scam-types").await.json()["items"][0]["code"].clone();
        later["payments"][0]["payee_account"] = "6200004301010000030".into();
        let later = officer.post("/api/reports", &later).await.json();
        until(&officer, &format!("/api/chases/{}", later["id"].as_str().unwrap()), |chase| {
            chase["state"] != Value::Null
        })
        .await;
        let chase = format!("/api/chases/{case}");
        assert_eq!(officer.get(&chase).await.status, StatusCode::NOT_FOUND);
        let orders = format!("/api/orders?case={case}");
        assert_eq!(officer.get(&orders).await.json()["items"], json!([]), "no stop leaves by itself");
        let shown = officer.get(waiting).await.json();
        let waits: Vec<(i64, &str)> = shown["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["position"].as_i64().unwrap(), p["waits_for"].as_str().unwrap()))
            .collect();
        assert_eq!(waits, [(0, "decision"), (1, "decision"), (2, "bank")]);
        let seen = officer.get(&report_path).await.json();
        assert_eq!((&seen["state"], &seen["payments_waiting"]), (&json!("closed"), &json!(3)), "the case says so");

        // A person's word has what he names followed, and nothing else.
        let place = |position: i64| format!("{waiting}/{case}/{position}/place");
        let placed = officer.post(&place(1), &json!({})).await;
        assert_eq!((placed.status, &placed.json()["followed"]), (StatusCode::CREATED, &json!(true)), "{}", placed.text);
        assert_eq!(officer.post(&place(1), &json!({})).await.status, StatusCode::CONFLICT, "placed once");
        let shown =
            until(&officer, &orders, |shown| shown["items"].as_array().is_some_and(|all| !all.is_empty())).await;
        assert_eq!(shown["items"][0]["amount"], json!({ "minor": 800_000, "currency": "CNY" }));
        let followed = officer.get(&chase).await.json();
        assert_eq!((&followed["reported"]["minor"], &followed["payments_waiting"]), (&json!(800_000), &json!(2)));
        let placed = officer.post(&place(2), &json!({ "partner": "bank-b" })).await;
        assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text);
        until(&officer, &chase, |chase| chase["reported"]["minor"] == 1_300_000).await;
        assert_eq!(officer.get(&report_path).await.json()["payments_waiting"], 1);
        working.abort();
    })
    .await;
}

#[tokio::test]
async fn each_payment_in_another_currency_waits_until_it_is_placed_itself() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        user(&db, "centre", "officer", &["stop_officer", "intake_officer"]).await;
        let working = tokio::spawn(centre.run());
        let officer = Client::logged_in(&router, "officer").await;
        let mut body = report(db.clock().now());
        body["scam_type"] = officer.get("/api/scam-types").await.json()["items"][0]["code"].clone();
        for (minor, minutes) in [(100_000, 15), (5_000_000, 10)] {
            let mut dollars = body["payments"][0].clone();
            dollars["payee_account"] = "6200004301010000014".into();
            dollars["amount"] = json!({ "minor": minor, "currency": "USD" });
            dollars["paid_at"] = (db.clock().now() - Duration::minutes(minutes)).to_rfc3339().into();
            body["payments"].as_array_mut().unwrap().push(dollars);
        }
        let case = officer.post("/api/reports", &body).await.json()["id"].as_str().unwrap().to_owned();
        let waiting = "/api/payments-waiting";
        until(&officer, waiting, |shown| shown["items"].as_array().unwrap().len() == 2).await;
        let place = |position: i64| format!("{waiting}/{case}/{position}/place");
        assert_eq!(officer.post(&place(1), &json!({})).await.status, StatusCode::CREATED);
        let left = officer.get(waiting).await.json();
        let left: Vec<&Value> = left["items"].as_array().unwrap().iter().map(|p| &p["amount"]["minor"]).collect();
        assert_eq!(left, [&json!(5_000_000)], "nobody has dealt with the second");
        let placed = officer.post(&place(2), &json!({})).await.json();
        assert_eq!(officer.get(waiting).await.json()["items"], json!([]));
        // An order that is taken back leaves its payment to a person again, and only that.
        let order = format!("/api/orders/{}/cancel", placed["order"].as_str().unwrap());
        let taken_back = officer.post(&order, &json!({ "reason": "金额有误" })).await;
        assert!(taken_back.status.is_success(), "{}", taken_back.text);
        let left = officer.get(waiting).await.json();
        assert_eq!(left["items"][0]["position"], 2, "{left}");
        working.abort();
    })
    .await;
}

/// Asks until the answer is as wanted; the reactions to the journal run beside the test.
async fn until(client: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut shown = Value::Null;
    for _ in 0..400 {
        shown = client.get(path).await.json();
        if wanted(&shown) {
            return shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{path} never was as wanted: {shown:#}");
}

#[tokio::test]
async fn victims_and_holders_are_found_by_the_beginning_of_their_names() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        user(&db, "centre", "officer", &["stop_officer", "intake_officer"]).await;
        let officer = Client::logged_in(&router, "officer").await;
        let mut body = report(db.clock().now());
        body["scam_type"] = officer.get("/api/scam-types").await.json()["items"][0]["code"].clone();
        let made = officer.post("/api/reports", &body).await.json();
        let order = json!({ "case_id": made["id"], "partner": "bank-a", "kind": "query_holder", "reason": "核对开户信息",
            "account": "6200004301010000006", "account_name": "Qiu Zhiqiang" });
        let order = officer.post("/api/orders", &order).await;
        assert_eq!(order.status, StatusCode::CREATED, "{}", order.text);
        let found = async |text: &str| -> Vec<String> {
            let hits = officer.get(&format!("/api/search?q={text}")).await.json();
            let hits = hits["items"].as_array().unwrap().clone();
            hits.iter().map(|hit| hit["subject"].as_str().unwrap().split(':').next().unwrap().to_owned()).collect()
        };
        for (text, subjects) in [
            ("%E5%94%90", vec!["report"]),
            ("%E5%94%90%E5%B0%8F", vec!["report"]),
            ("%E9%82%B1", vec!["report"]),
            ("%E9%82%B1%E5%BF%97%E5%BC%BA", vec!["report"]),
            ("qiu", vec!["order"]),
            ("QI", vec!["order"]),
            ("q", vec![]),
            ("%E5%B0%8F", vec![]),
            ("%25", vec![]),
        ] {
            assert_eq!(found(text).await, subjects, "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_form_of_an_order_tells_all_that_is_needed_at_once() {
    let (db, _hand, _dir) = store::testing::sqlite(&centre::migrations()).await;
    let router = open(&db).await.app().unwrap();
    user(&db, "centre", "officer", &["stop_officer", "lines_officer"]).await;
    let officer = Client::logged_in(&router, "officer").await;
    let told = async |path: &str, form: Value| {
        let answer = officer.post(path, &form).await;
        assert!(answer.faults().iter().all(|(_, code)| code == "json.missing"), "{}", answer.text);
        let mut fields: Vec<String> = answer.faults().into_iter().map(|(field, _)| field).collect();
        fields.sort();
        fields.join(" ")
    };
    let order = json!({ "kind": "stop", "case_id": "", "partner": "", "account": "", "account_name": null, "level": 1,
        "reason": "", "check": { "amount": null, "at": null, "reference": null } });
    assert_eq!(told("/api/orders", order).await, "account account_name case_id check.amount check.at partner reason");
    let line = json!({ "kind": "cut_call", "case_id": "", "line": "", "partners": [], "reason": "" });
    assert_eq!(told("/api/line-orders", line).await, "case_id line reason");
}

#[tokio::test]
async fn a_payment_to_a_bank_that_is_not_connected_is_taken_and_waits_for_a_letter() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        user(&db, "centre", "officer", &["stop_officer", "intake_officer"]).await;
        let officer = Client::logged_in(&router, "officer").await;
        let mut body = report(db.clock().now());
        body["scam_type"] = officer.get("/api/scam-types").await.json()["items"][0]["code"].clone();
        body["payments"][0]["payee_bank"] = "中国农业银行".into();
        let mut unknown = body["payments"][0].clone();
        unknown["payee_bank"] = "".into();
        unknown["amount"] = json!({ "minor": 100_000, "currency": "CNY" });
        body["payments"].as_array_mut().unwrap().push(unknown);
        let made = officer.post("/api/reports", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let made = made.json();
        assert_eq!(made["payments"][0]["payee_bank"], "中国农业银行", "as the victim said it");
        let codes = made["warnings"].as_array().unwrap().iter().filter_map(|w| w["code"].as_str());
        let said: Vec<&str> = codes.filter(|code| code.starts_with("report.")).collect();
        assert_eq!(said, ["report.bank", "report.no_payee_bank"]);
        let waiting = officer.get("/api/payments-waiting").await.json();
        let seen: Vec<(&Value, &Value)> =
            waiting["items"].as_array().unwrap().iter().map(|p| (&p["waits_for"], &p["bank_named"])).collect();
        assert_eq!(seen, [(&json!("letter"), &json!("中国农业银行")), (&json!("bank"), &json!(null))]);
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_no_chase_follows_waits_for_a_person_who_places_it_in_one_step() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        user(&db, "centre", "officer", &["stop_officer"]).await;
        user(&db, "centre", "reviewer", &["stop_reviewer"]).await;
        user(&db, "centre", "intake", &["intake_officer"]).await;
        let working = tokio::spawn(centre.run());
        let officer = Client::logged_in(&router, "officer").await;
        let reviewer = Client::logged_in(&router, "reviewer").await;
        let intake = Client::logged_in(&router, "intake").await;
        let waiting = "/api/payments-waiting";

        // From the public page: the victim does not know which bank the account is with, and paid in dollars as well.
        let mut body = report(db.clock().now());
        body["channel"] = "public".into();
        body["scam_type"] = "".into();
        body.as_object_mut().unwrap().remove("state");
        body["payments"][0]["payee_bank"] = "".into();
        let mut dollars = report(db.clock().now())["payments"][0].clone();
        dollars["amount"] = json!({ "minor": 500_000, "currency": "USD" });
        let yuan = json!({ "payee_account": "6200004301010000014", "payee_name": "邱志强", "payee_bank": "bank-b",
            "amount": { "minor": 100_000, "currency": "CNY" }, "paid_at": dollars["paid_at"] });
        body["payments"].as_array_mut().unwrap().extend([dollars, yuan]);
        let made = Client::new(&router).with_key("public-1").post("/api/public/reports", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        // What a stranger tells waits for an officer, who submits it.
        let drafts = intake.get("/api/reports?state=draft&channel=public").await.json();
        assert_eq!(intake.get("/api/desk-counts").await.json()["public_drafts"], 1);
        assert_eq!(drafts["items"].as_array().map(Vec::len), Some(1), "{drafts}");
        let draft = drafts["items"][0]["id"].as_str().unwrap().to_owned();
        let taken = intake.post(&format!("/api/reports/{draft}/submit"), &json!({})).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);

        let shown = until(&officer, waiting, |shown| shown["items"].as_array().unwrap().len() == 2).await;
        let seen: Vec<(&str, &str, i64)> = shown["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| {
                let amount = &p["amount"];
                (
                    p["waits_for"].as_str().unwrap(),
                    amount["currency"].as_str().unwrap(),
                    amount["minor"].as_i64().unwrap(),
                )
            })
            .collect();
        assert_eq!(seen, [("bank", "CNY", 3_000_000), ("order", "USD", 500_000)]);
        assert!(!shown.to_string().contains("邱志强") && !shown.to_string().contains("6200004301010000006"), "{shown}");
        assert_eq!(officer.get("/api/desk-counts").await.json()["to_place"], 2);
        let case = shown["items"][0]["case_id"].as_str().unwrap().to_owned();
        let chase = officer.get(&format!("/api/chases/{case}")).await.json();
        assert_eq!((&chase["payments_waiting"], &chase["reported"]["minor"]), (&json!(2), &json!(100_000)), "{chase}");

        // Who may not make orders sees them, and may not place them.
        let seen = reviewer.get(&format!("{waiting}?case={case}")).await.json();
        assert_eq!(seen["items"][0]["may_place"], false);
        let place = |position: i64| format!("{waiting}/{case}/{position}/place");
        let at_a = json!({ "partner": "bank-a" });
        assert_eq!(reviewer.post(&place(0), &at_a).await.status, StatusCode::FORBIDDEN);

        let nowhere = officer.post(&place(0), &json!({})).await;
        assert_eq!(nowhere.faults(), [("partner".to_owned(), "stop.partner_missing".to_owned())]);
        let unknown = officer.post(&place(0), &json!({ "partner": "bank-z" })).await;
        assert_eq!(unknown.faults(), [("partner".to_owned(), "stop.partner_unknown".to_owned())]);
        let placed = officer.with_key("place-0001").post(&place(0), &at_a).await;
        assert_eq!((placed.status, &placed.json()["followed"]), (StatusCode::CREATED, &json!(true)), "{}", placed.text);
        assert_eq!(officer.with_key("place-0001").post(&place(0), &at_a).await.text, placed.text);
        assert_eq!(officer.post(&place(0), &at_a).await.status, StatusCode::CONFLICT, "placed once");
        // The chase has it now: it makes the stop, which waits for a checker.
        let orders = format!("/api/orders?case={case}");
        let of_bank_a = |shown: &Value| {
            let all = shown["items"].as_array().unwrap().clone();
            all.into_iter().filter(|o| o["partner"] == "bank-a").collect::<Vec<_>>()
        };
        let shown = until(&officer, &orders, |shown| !of_bank_a(shown).is_empty()).await;
        assert_eq!(of_bank_a(&shown)[0]["amount"], json!({ "minor": 3_000_000, "currency": "CNY" }));
        assert_eq!(officer.get(&format!("/api/chases/{case}")).await.json()["reported"]["minor"], 3_100_000);

        let placed = officer.post(&place(1), &json!({})).await.json();
        assert_eq!(placed["followed"], false);
        let order = officer.get(&format!("/api/orders/{}", placed["order"].as_str().unwrap())).await.json();
        let dollars = json!({ "minor": 500_000, "currency": "USD" });
        assert_eq!((&order["amount"], &order["check_amount"], &order["state"]), (&dollars, &dollars, &json!("review")));
        assert_eq!(officer.get(waiting).await.json()["items"], json!([]));
        assert_eq!(officer.get("/api/desk-counts").await.json()["to_place"], 0);
        working.abort();
    })
    .await;
}

#[tokio::test]
async fn a_case_followed_in_one_currency_takes_no_payment_of_another_into_its_sum() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let centre = open(&db).await;
        let router = centre.app().unwrap();
        user(&db, "centre", "intake", &["intake_officer"]).await;
        let working = tokio::spawn(centre.run());
        let intake = Client::logged_in(&router, "intake").await;
        let types = intake.get("/api/scam-types").await.json();
        let mut first = report(db.clock().now());
        first["scam_type"] = types["items"][0]["code"].clone();
        first["payments"][0]["amount"]["currency"] = "USD".into();
        let mut second = first.clone();
        let yuan = json!({ "payee_account": "6200004301010000014", "payee_name": "邱志强", "payee_bank": "bank-b",
            "amount": { "minor": 100_000, "currency": "CNY" }, "paid_at": first["payments"][0]["paid_at"] });
        second["payments"].as_array_mut().unwrap().push(yuan);
        let made = intake.post("/api/reports", &first).await.json();
        let chase = format!("/api/chases/{}", made["id"].as_str().unwrap());
        until(&intake, &chase, |chase| chase["reported"]["currency"] == "USD").await;
        let joined = intake.post("/api/reports", &second).await.json();
        assert_eq!(joined["state"], "joined", "{joined}");
        let shown = until(&intake, &chase, |chase| chase["payments_waiting"] == 1).await;
        assert_eq!(shown["reported"], json!({ "minor": 3_000_000, "currency": "USD" }));
        working.abort();
    })
    .await;
}
