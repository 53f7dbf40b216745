//! The bank's pages over HTTP, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use axum::Router;
use axum::http::{Method, StatusCode};
use seat::{MIGRATIONS, PAID, PROTECTED, SUSPECT, Seat, with};
use serde_json::json;
use store::testing::each_db;
use web::testing::{Client, SHARED_ANY_USER, SHARED_PUBLIC, named_ids, user, user_without_rights, walk, walk_misfits};
use web::{App, Settings, Transport, Web};

const ALL: [store::Migrations; 3] = [web::MIGRATIONS, MIGRATIONS[0], MIGRATIONS[1]];
const PAYER: &str = "6222020000000000059";

fn server(seat: &Seat) -> Router {
    let db = seat.bank.db().clone();
    let this = web::Seat { kind: "bank", id: "bank-a".into(), zh: "示范银行".into(), en: "Demo bank".into() };
    let app = App::new(Web::new(db, Settings::new(this, Transport::Plain)));
    bank::api::mount(app, &seat.bank).build().unwrap()
}

#[tokio::test]
async fn nobody_sees_or_does_anything_without_the_right() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user_without_rights(&db, "bank", "nothing").await;
        let client = Client::logged_in(&router, "nothing").await;
        let any: Vec<&str> =
            SHARED_ANY_USER.iter().copied().chain(["GET /api/desk-counts", "GET /api/parameters"]).collect();
        assert_eq!(walk(&router, &client, SHARED_PUBLIC, &any).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn input_that_does_not_fit_is_told_by_field_and_in_words() {
    let (db, hand, _folder) = store::testing::sqlite(&ALL).await;
    let seat = Seat::open(db.clone(), hand).await;
    let router = server(&seat);
    user(&db, "bank", "everything", &["bank_clerk", "bank_admin", "auditor", "admin"]).await;
    let caller = Client::logged_in(&router, "everything").await;
    assert_eq!(walk_misfits(&[caller]).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_identity_that_a_caller_names_is_one_of_this_banks_or_only_words() {
    // Nobody at a bank has a region: whoever has the right sees every account of it.
    const STATED: [(&str, &str); 7] = [
        ("GET /api/journal ?case", "chooses among entries that the caller may read"),
        ("GET /api/journal ?subject", "chooses among entries that the caller may read"),
        ("POST /api/deposits-from-clearing external_id", "the other bank's own number, words"),
        ("POST /api/notices case", "a form, filled in by the clerk"),
        ("POST /api/notices transfers[]", "a movement of the account that the notice names: below"),
        ("POST /api/reveal subject", "read with the purpose journalled; an unknown one is not there: below"),
        ("POST /api/transfers external_id", "the channel's own number, words"),
    ];
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        seat.load().await;
        let router = server(&seat);
        user(&db, "bank", "clerk", &["bank_clerk", "bank_admin"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;
        assert_eq!(named_ids(clerk.document().await), STATED.map(|(name, _)| name), "each is stated in the table");

        let transfer = json!({ "payer": { "account": SUSPECT }, "payee": { "account": "6228480000000000011",
            "bank": "bank-b", "name": "测试丙" }, "amount": { "minor": 1000, "currency": "CNY" }, "channel": "mobile" });
        let booked = clerk.post("/api/transfers", &transfer).await.json()["id"].as_str().unwrap().to_owned();
        let unknown = "0192d3a0-0000-7000-8000-000000000000";
        let notice = |account: &str, transfers: [&str; 2]| {
            json!({ "kind": "suspect_event", "words": "分散转入", "account": account, "signs": [], "transfers": transfers })
        };
        let told = clerk.post("/api/notices", &notice(PROTECTED, [&booked, unknown])).await;
        let fault = |index: usize| (format!("transfers[{index}]"), "notice.not_its".to_owned());
        assert_eq!(told.faults(), [fault(0), fault(1)], "{}", told.text);
        assert_eq!(clerk.get("/api/notices").await.json()["items"], json!([]), "nothing was sent");
        let told = clerk.post("/api/notices", &notice(SUSPECT, [&booked, unknown])).await;
        assert_eq!(told.faults(), [fault(1)], "its own is its own: {}", told.text);
        let reveal = json!({ "subject": format!("order:{unknown}"), "field": "account", "purpose": "核对账户信息" });
        assert_eq!(clerk.post("/api/reveal", &reveal).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_clerk_sees_orders_holds_and_accounts_masked_and_reveals_with_a_purpose() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        seat.load().await;
        let stop = seat.stop();
        seat.order(stop.clone()).await;
        let query = with(
            seat.stop(),
            json!({ "number": "Q261123-0002", "kind": "query_transactions", "check": null, "amount_minor": null,
                "period": { "from": "2020-01-01T00:00:00+08:00", "to": "2026-11-24T00:00:00+08:00" } }),
        );
        seat.order(query.clone()).await;
        let router = server(&seat);
        user(&db, "bank", "clerk", &["bank_clerk"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;

        let list = clerk.get("/api/orders?limit=1").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let rest = clerk.get(&format!("/api/orders?limit=1&cursor={}", list["next"].as_str().unwrap())).await.json();
        assert_eq!(rest["next"], json!(null));
        let found = clerk.get("/api/orders?q=q261123&state=done").await.json();
        assert_eq!(found["items"][0]["number"], "Q261123-0002");
        assert_eq!(found["items"][0]["account"], "6222****0026");
        let wrong = clerk.get("/api/orders?state=maybe").await;
        assert_eq!((wrong.status, wrong.faults()[0].0.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "state"));

        let order = clerk.get(&format!("/api/orders/{}", stop["order_id"].as_str().unwrap())).await.json();
        assert_eq!((order["code"].as_str(), order["account_name"].as_str()), (Some("done_in_part"), Some("测*")));
        assert_eq!(order["answer"]["held"], json!({ "minor": 1_010_000, "currency": "CNY" }));
        let order = clerk.get(&format!("/api/orders/{}", query["order_id"].as_str().unwrap())).await.json();
        assert_eq!(order["answer"]["transactions"].as_array().unwrap().len(), 3);
        assert_eq!(order["answer"]["transactions"][1]["counterparty_name"], "测*");

        let holds = clerk.get("/api/holds?state=active").await.json();
        let hold = &holds["items"][0];
        assert_eq!(
            (hold["held"]["minor"].as_i64(), hold["limit"]["minor"].as_i64()),
            (Some(1_010_000), Some(3_000_000))
        );
        let one = clerk.get(&format!("/api/holds/{}", hold["id"].as_str().unwrap())).await.json();
        assert_eq!(&one, hold);
        let account = clerk.get(&format!("/api/accounts/{SUSPECT}")).await.json();
        assert_eq!(account["available"]["minor"], 0);
        assert_eq!(account["holds"][0]["order_id"], stop["order_id"]);
        assert!(!account.to_string().contains(SUSPECT) && !account.to_string().contains("测试甲"));

        let page = clerk.get(&format!("/api/accounts/{SUSPECT}/statement?limit=1")).await.json();
        assert_eq!(
            (page["items"][0]["sequence"].as_i64(), page["items"][0]["direction"].as_str()),
            (Some(3), Some("out"))
        );
        let next = page["next"].as_str().unwrap();
        let page = clerk.get(&format!("/api/accounts/{SUSPECT}/statement?limit=1&cursor={next}")).await.json();
        assert_eq!(page["items"][0]["sequence"], 2);
        assert_eq!(clerk.get("/api/accounts/6222020000000009999").await.status, StatusCode::NOT_FOUND);

        let subject = format!("hold:{}", hold["id"].as_str().unwrap());
        let asked = json!({ "subject": subject, "field": "account", "purpose": "核实客户身份" });
        assert_eq!(clerk.post("/api/reveal", &asked).await.json()["value"], SUSPECT);
        let counts = clerk.get("/api/desk-counts").await.json();
        assert_eq!((counts["holds"].as_i64(), counts["orders_today"].as_i64()), (Some(1), Some(2)));
        let hits = clerk.get("/api/search?q=0000026").await.json();
        assert_eq!(hits["items"].as_array().unwrap().len(), 3);
        let found = hits["items"][2]["subject"].as_str().unwrap().strip_prefix("account:").unwrap();
        assert_eq!(clerk.get(&format!("/api/accounts/{found}")).await.json()["id"], found);
        assert_eq!(clerk.get("/api/parameters").await.json()["items"][0]["value"], 48);
    })
    .await;
}

#[tokio::test]
async fn the_counter_books_reports_and_protects() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        seat.load().await;
        let router = server(&seat);
        user(&db, "bank", "boss", &["bank_admin"]).await;
        let boss = Client::logged_in(&router, "boss").await;

        let transfer = json!({ "payer": { "account": SUSPECT }, "payee": { "account": "6228480000000000011",
            "bank": "bank-b", "name": "测试丙" }, "amount": { "minor": 1000, "currency": "CNY" }, "channel": "mobile" });
        let made = boss.with_key("transfer-0001").post("/api/transfers", &transfer).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let again = boss.with_key("transfer-0001").post("/api/transfers", &transfer).await;
        assert_eq!(again.text, made.text);
        assert_eq!(seat.books(SUSPECT).await.0, 1_009_000, "booked once");
        let reversed = boss
            .post(&format!("/api/transfers/{}/reverse", made.json()["id"].as_str().unwrap()), &json!({ "reason": "误转" }))
            .await;
        assert_eq!(reversed.status, StatusCode::CREATED, "{}", reversed.text);
        assert_eq!(seat.books(SUSPECT).await.0, 1_010_000);
        let deposit = json!({ "payer": { "account": "6228480000000000011", "bank": "bank-b" }, "account": SUSPECT,
            "amount": { "minor": 500, "currency": "CNY" }, "channel": "online" });
        assert_eq!(boss.post("/api/deposits-from-clearing", &deposit).await.status, StatusCode::CREATED);
        let faulty = json!({ "payer": { "account": "1" }, "account": "", "amount": { "minor": 0, "currency": "CNY" }, "channel": "online" });
        let fields: Vec<String> =
            boss.post("/api/deposits-from-clearing", &faulty).await.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["payer.bank", "account", "payer.account", "amount"]);
        let pending = with(transfer.clone(), json!({ "mode": "pending" }));
        let id = boss.post("/api/transfers", &pending).await.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(boss.post(&format!("/api/transfers/{id}/void"), &json!({})).await.json()["state"], "voided");
        let late = boss.post(&format!("/api/transfers/{id}/post"), &json!({})).await;
        assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "ledger.not_pending"));
        seat.order(seat.stop()).await;
        let held = boss.post("/api/transfers", &transfer).await;
        assert_eq!((held.status, held.code().as_str()), (StatusCode::CONFLICT, "ledger.held"));

        let notice = json!({ "kind": "victim_case", "words": "客户在柜面称被骗", "stop_first": "yes", "case": {
            "victim_name": "测试甲", "victim_phone": "13800000001", "victim_citizen_id": null, "payments": [{
                "payer_account": SUSPECT, "payee_account": PAYER, "payee_name": "测试乙", "payee_bank": "bank-a",
                "amount": { "minor": 2_000_000, "currency": "CNY" }, "paid_at": PAID, "reference": null }] } });
        let sent = boss.post("/api/notices", &notice).await;
        assert_eq!((sent.status, sent.json()["held"]["minor"].as_i64()), (StatusCode::CREATED, Some(2_000_000)));
        let listed = boss.get("/api/notices").await.json();
        assert_eq!((listed["items"][0]["victim"].as_str(), listed["items"][0]["answer"].is_null()), (Some("测*"), true));
        assert_eq!(boss.get("/api/desk-counts").await.json()["notices"], 1);

        let off = boss.send(Method::PUT, &format!("/api/accounts/{PROTECTED}/protection"), Some(&json!({ "reason": "" }))).await;
        assert_eq!((off.status, off.json()["protected_reason"].is_null()), (StatusCode::OK, true));
    })
    .await;
}

#[tokio::test]
async fn the_documented_api_is_as_reviewed() {
    let (db, hand, _folder) = store::testing::sqlite(&ALL).await;
    let seat = Seat::open(db, hand).await;
    let document = bank::api::router(seat.bank.clone()).into_openapi();
    // Paths with their summary and rights; the schemas follow from the types.
    let json = serde_json::to_value(&document).unwrap();
    let mut lines = Vec::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            lines.push(format!(
                "{method} {path} {} — {}",
                operation["security"],
                operation["summary"].as_str().unwrap()
            ));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}
