//! The routes of the desk as a page calls them, on both databases.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use store::Db;
use store::testing::each_db;
use tower::ServiceExt;
use web::testing::{Client, user};
use web::{App, Seat, Settings, Transport, Web};

use super::{BankNames, Intake, MIGRATIONS, Parameters, Partners, router};

const A: &str = "4111111111111111";

async fn seat(db: &Db) -> (Router, Client) {
    let kind =
        Seat { kind: "centre", id: "centre-43".into(), zh: "示范反诈中心".into(), en: "Demo centre".into() };
    let banks = BankNames::new([("bank-a", vec!["湘江示范银行"])]);
    let desk = Intake::new(db.clone(), Parameters::default(), Partners::fixed(banks));
    let web = Web::new(db.clone(), Settings::new(kind, Transport::Plain));
    let app = App::new(web).api(router(desk)).build().unwrap();
    user(db, "centre", "wang", &["intake_officer"]).await;
    let client = Client::logged_in(&app, "wang").await;
    (app, client)
}

fn report(state: &str, phone: &str) -> Value {
    json!({
        "state": state, "channel": "110", "victim": {"name": "王小明", "phone": phone, "region": "430102", "citizen_id": null},
        "narrative": "对方13900139000让我刷单", "scam_type": "fake_task_rebate",
        "payments": [{"payee_account": A, "payee_name": "李四", "payee_bank": "bank-a", "amount": "3万",
            "paid_at": "2026-11-22T15:20:05+08:00"}],
        "contacts": [{"kind": "phone", "value": "13900139000"}]
    })
}

#[tokio::test]
async fn a_report_from_draft_to_submitted() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let (app, wang) = seat(&db).await;
        let mut half = report("draft", "13800138000");
        half["payments"][0]["amount"] = "三个".into();
        let kept = wang.with_key("report-0001").post("/api/reports", &half).await;
        assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
        let again = wang.with_key("report-0001").post("/api/reports", &half).await;
        assert_eq!(again.json()["id"], kept.json()["id"], "the same key makes one report");
        let kept = kept.json();
        assert_eq!(kept["faults"][0]["field"], "payments[0].amount");
        assert_eq!(kept["victim"]["name"], "王小明", "one's own draft is shown as typed");
        let path = format!("/api/reports/{}", kept["id"].as_str().unwrap());

        user(&db, "centre", "li", &["intake_officer"]).await;
        let li = Client::logged_in(&app, "li").await;
        let mut seen = li.get(&path).await.json();
        assert_eq!((&seen["masked"], &seen["victim"]["phone"]), (&json!(true), &json!("138****8000")));
        assert_eq!(seen["narrative"], "对方139****9000让我刷单");

        let refused = li.post(&format!("{path}/submit"), &json!({})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.faults(), [("payments[0].amount".into(), "money.characters".into())]);

        // What came masked goes back masked, and nothing is lost.
        let shown = seen.as_object_mut().unwrap();
        let fields =
            ["channel", "victim", "narrative", "payments", "contacts", "scam_type", "region", "occurred_at", "version"];
        let mut change: serde_json::Map<String, Value> =
            fields.iter().filter_map(|f| Some(((*f).to_owned(), shown.get(*f)?.clone()))).collect();
        change["payments"][0]["amount"] = json!({"minor": 3_000_000, "currency": "CNY"});
        let change = Value::Object(change);
        let changed = li.send(Method::PUT, &path, Some(&change)).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
        assert_eq!(changed.json()["faults"], json!([]));
        let stale = li.send(Method::PUT, &path, Some(&change)).await;
        assert_eq!((stale.status, stale.code().as_str()), (StatusCode::CONFLICT, "report.version"));
        assert_eq!(wang.get(&path).await.json()["victim"]["phone"], "13800138000");

        let done = wang.post(&format!("{path}/submit"), &json!({"version": 2})).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        let done = done.json();
        assert_eq!((&done["state"], &done["allowed"]), (&json!("submitted"), &json!(["close"])));
        assert_eq!(done["payments"][0]["payee_account"], "4111****1111", "a submitted report is masked for everybody");

        let second = wang.post("/api/reports", &report("submitted", "13800138000")).await.json();
        assert_eq!((&second["state"], &second["joined_to"]["id"]), (&json!("joined"), &done["id"]));
        let listed = wang.get("/api/reports?state=submitted&q=13800138000&limit=1").await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(listed["items"][0]["amount"], json!({"minor": 3_000_000, "currency": "CNY"}));
    })
    .await;
}

#[tokio::test]
async fn bad_input_is_told_by_field() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let (_app, wang) = seat(&db).await;
        let mut bad = report("submitted", "138");
        bad["payments"][0]["payee_bank"] = "无名银行".into();
        bad["payments"][0]["paid_at"] = "2026-11-30".into();
        let refused = wang.post("/api/reports", &bad).await;
        assert_eq!(
            refused.faults(),
            [
                ("victim.phone".into(), "msisdn.length".into()),
                ("payments[0].paid_at".into(), "report.time_future".into()),
            ]
        );
        bad["payments"][0]["payee_acount"] = "1".into();
        let unknown = wang.post("/api/reports", &bad).await;
        assert_eq!(unknown.faults(), [("payments[0].payee_acount".into(), "json.unknown".into())]);
        assert_eq!(wang.get("/api/reports").await.json()["items"], json!([]), "nothing is kept of a refused report");
        assert_eq!(wang.get("/api/reports/0195b5c0-0000-7000-8000-000000000000").await.status, StatusCode::NOT_FOUND);
        let cursor = wang.get("/api/reports?cursor=!").await;
        assert_eq!(cursor.faults(), [("cursor".into(), "list.cursor".into())]);
    })
    .await;
}

#[tokio::test]
async fn a_narrative_is_read_and_duplicates_are_found() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let (_app, wang) = seat(&db).await;
        let text = format!("昨天15:20我向账号{A}（户名李四，湘江示范银行）转了3万元");
        let found = wang.post("/api/reports/read-narrative", &json!({"text": text})).await.json();
        let payment = found["payments"][0]["payment"].clone();
        assert_eq!(payment["payee_bank"], "bank-a");
        assert_eq!(payment["paid_at"], "2026-11-22T07:20:00Z", "the clock of the seat is the reference");
        let odd = wang.post("/api/reports/read-narrative", &json!({"text": text, "reference_time": "早上"})).await;
        assert_eq!(odd.faults(), [("reference_time".into(), "narrative.reference_time".into())]);

        wang.post("/api/reports", &report("submitted", "13800138000")).await;
        let asked = json!({"payments": [{"payee_account": "x"}, payment], "victim": {"phone": "13800138000"}});
        let same = wang.post("/api/reports/duplicates", &asked).await.json();
        assert_eq!((&same["items"][0]["payment"], &same["items"][0]["certainty"]), (&json!(1), &json!("same")));
    })
    .await;
}

#[tokio::test]
async fn the_public_reports_without_a_session_and_within_limits() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, hand| async move {
        let (app, wang) = seat(&db).await;
        let nobody = Client::new(&app);
        let mut input = report("submitted", "13800138000");
        input["channel"] = "counter".into();
        let first = nobody.with_key("public-0001").post("/api/public/reports", &input).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        let said = first.json();
        assert_eq!(said["number"], "R261123-0001");
        assert!(
            said["zh"].as_str().unwrap().contains("R261123-0001")
                && said["en_remedy"].as_str().unwrap().contains("110")
        );
        let listed = wang.get("/api/reports?channel=public&state=draft").await.json();
        let row = &listed["items"][0];
        assert_eq!((&row["channel"], &row["state"]), (&json!("public"), &json!("draft")), "whatever the sender says");
        // Nothing came of it yet; an officer submits it.
        let journal = store::journal::read_after(&db, 0, 100).await.unwrap();
        assert!(journal.iter().all(|entry| entry.kind != "report.submitted"), "no machine is moved by a stranger");
        let id = row["id"].as_str().unwrap().to_owned();
        let taken = wang.post(&format!("/api/reports/{id}/submit"), &json!({})).await;
        assert_eq!((taken.status, &taken.json()["state"]), (StatusCode::OK, &json!("submitted")), "{}", taken.text);
        hand.advance(kernel::Duration::seconds(1));
        // A second one that tells of the same payment is shown beside the first, and not joined.
        let second = nobody.post("/api/public/reports", &input).await.json();
        let found = wang.get(&format!("/api/reports?q={}", second["number"].as_str().unwrap())).await.json();
        let second = found["items"][0]["id"].as_str().unwrap().to_owned();
        let shown = wang.get(&format!("/api/reports/{second}")).await.json();
        assert_eq!(shown["state"], "draft");
        assert_eq!(
            (&shown["duplicates"][0]["report_id"], &shown["duplicates"][0]["verdict"]),
            (&json!(id), &json!(null))
        );
        let waiting = wang.get("/api/report-pairs").await.json();
        assert_eq!(waiting["items"][0]["report_id"], json!(second));
        hand.advance(kernel::Duration::seconds(1));
        input["payments"][0]["payee_bank"] = "无名银行".into();
        let open = nobody.post("/api/public/reports", &input).await;
        assert_eq!(open.status, StatusCode::CREATED, "{}", open.text);
        let drafts = wang.get("/api/reports?state=draft").await.json();
        assert_eq!(drafts["items"][0]["number"], "R261123-0003", "an officer finds the bank");
        // Who paid by a code knows no account: the draft is kept, and the officer is told what it lacks.
        hand.advance(kernel::Duration::minutes(2));
        input["payments"][0]["payee_account"] = "".into();
        input["payments"][0]["payee_name"] = "".into();
        let open = nobody.post("/api/public/reports", &input).await;
        assert_eq!(open.status, StatusCode::CREATED, "{}", open.text);
        let drafts = wang.get("/api/reports?state=draft").await.json();
        let path = format!("/api/reports/{}/submit", drafts["items"][0]["id"].as_str().unwrap());
        let lacks = wang.post(&path, &json!({})).await.faults();
        assert_eq!(lacks, [("payments[0].payee_account".to_owned(), "account_no.empty".to_owned())]);
        input["payments"][0]["payee_account"] = "12*4".into();
        assert_eq!(nobody.post("/api/public/reports", &input).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        let mut last = StatusCode::OK;
        for _ in 0..5 {
            last = nobody.post("/api/public/reports", &json!({})).await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
        hand.advance(kernel::Duration::minutes(2));
        assert_eq!(nobody.post("/api/public/reports", &json!({})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn strangers_have_few_places_together_and_tell_few_payments() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let (app, _wang) = seat(&db).await;
        let nobody = Client::new(&app);
        let mut input = report("submitted", "13800138000");
        let paid = input["payments"][0].clone();
        for minute in 0..20 {
            let mut another = paid.clone();
            another["paid_at"] = format!("2026-11-22T16:{minute:02}:00+08:00").into();
            input["payments"].as_array_mut().unwrap().push(another);
        }
        let refused = nobody.post("/api/public/reports", &input).await;
        assert_eq!(refused.faults(), [("payments".into(), "report.public_payments".into())]);
        input["payments"].as_array_mut().unwrap().pop();

        // While somebody writes, two strangers wait for him, and the third is told to come again.
        let mut writing = db.begin().await.unwrap();
        store::serial::next(&mut writing, "R").await.unwrap();
        let mut sent = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let (nobody, input) = (nobody.clone(), input.clone());
            sent.spawn(async move { nobody.post("/api/public/reports", &input).await });
        }
        let third = sent.join_next().await.unwrap().unwrap();
        assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS, "{}", third.text);
        assert_eq!(third.header("retry-after"), "5");
        writing.commit().await.unwrap();
        while let Some(done) = sent.join_next().await {
            assert_eq!(done.unwrap().status, StatusCode::CREATED);
        }
        assert_eq!(nobody.post("/api/public/reports", &input).await.status, StatusCode::CREATED, "there is room again");
    })
    .await;
}

#[tokio::test]
async fn a_file_comes_in_by_upload() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let (app, wang) = seat(&db).await;
        let csv = format!(
            "报案人,联系电话,地区,收款账号,收款银行,金额,转账时间\n王小明,13800138000,430102,{A},bank-a,3万,2026-11-20 10:00\n,,,,,1,x\n"
        );
        let body = format!(
            "--b\r\ncontent-disposition: form-data; name=\"source\"\r\n\r\n市局台账\r\n--b\r\ncontent-disposition: form-data; \
             name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
        );
        let mut request = Request::post("/api/report-imports").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        for (name, value) in &wang.headers {
            request = request.header(name, value);
        }
        let response = app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let done: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((&done["reports_new"], &done["rows_refused"]), (&json!(1), &json!(1)), "{done}");
        let again = wang.get(&format!("/api/report-imports/{}", done["id"].as_str().unwrap())).await.json();
        assert_eq!(again["refused"][0]["row"], 3);
        assert_eq!(again["refused"][0]["faults"][0]["column"], "地区", "{again}");

        let mapping = json!({"columns": [{"field": "victim.nam", "column": "x"}]});
        let refused = wang.send(Method::PUT, "/api/report-import-mappings/s", Some(&mapping)).await;
        assert_eq!(refused.faults(), [("columns[0].field".into(), "import.field_unknown".into())]);
        let mapping = json!({"columns": [{"field": "victim.name", "column": "x"}]});
        let kept = wang.send(Method::PUT, "/api/report-import-mappings/s", Some(&mapping)).await;
        assert_eq!(kept.json()["mapping"]["columns"][0]["field"], "victim.name", "{}", kept.text);
        assert_eq!(wang.get("/api/report-import-mappings/none").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
