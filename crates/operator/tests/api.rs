//! The operator's pages over HTTP, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use axum::http::{Method, StatusCode};
use seat::{ALL, CALLEE, CALLER, Seat, change, server};
use serde_json::json;
use store::testing::each_db;
use web::testing::{Client, SHARED_ANY_USER, SHARED_PUBLIC, named_ids, user, user_without_rights, walk, walk_misfits};

#[tokio::test]
async fn nobody_sees_or_does_anything_without_the_right() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user_without_rights(&db, "operator", "nothing").await;
        let client = Client::logged_in(&router, "nothing").await;
        let any: Vec<&str> =
            SHARED_ANY_USER.iter().copied().chain(["GET /api/desk-counts", "GET /api/parameters"]).collect();
        let public: Vec<&str> = SHARED_PUBLIC
            .iter()
            .copied()
            .chain(["POST /api/public/appeals", "POST /api/public/appeals/state"])
            // They check a key of their own.
            .chain(["POST /api/calls/ended", "POST /api/roaming"])
            .collect();
        assert_eq!(walk(&router, &client, &public, &any).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn input_that_does_not_fit_is_told_by_field_and_in_words() {
    let (db, hand, _folder) = store::testing::sqlite(&ALL).await;
    let seat = Seat::open(db.clone(), hand).await;
    let router = server(&seat);
    user(&db, "operator", "everything", &["operator_clerk", "operator_reviewer", "operator_admin", "auditor", "admin"])
        .await;
    let caller = Client::logged_in(&router, "everything").await;
    assert_eq!(walk_misfits(&[caller]).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_identity_that_a_caller_names_is_one_of_this_operators_or_only_words() {
    // Nobody at an operator has a region: whoever has the right sees every line of it.
    const STATED: [(&str, &str); 6] = [
        ("GET /api/journal ?case", "chooses among entries that the caller may read"),
        ("GET /api/journal ?subject", "chooses among entries that the caller may read"),
        ("POST /api/calls/ended [].call_id", "the front's own name of a call, told with its key"),
        ("POST /api/calls/ended call_id", "the front's own name of a call, told with its key"),
        ("POST /api/list source", "words"),
        ("POST /api/reveal subject", "read with the purpose journalled; an unknown one is not there: below"),
    ];
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk", "operator_reviewer"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;
        assert_eq!(named_ids(clerk.document().await), STATED.map(|(name, _)| name), "each is stated in the table");
        let unknown = "0192d3a0-0000-7000-8000-000000000000";
        for kind in ["entry", "appeal", "line_order", "measure", "nothing"] {
            let reveal =
                json!({ "subject": format!("{kind}:{unknown}"), "field": "number", "purpose": "核对号码信息" });
            assert_eq!(clerk.post("/api/reveal", &reveal).await.status, StatusCode::NOT_FOUND, "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_clerk_keeps_the_list_and_sees_numbers_masked() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;

        let faulty = clerk.post("/api/list", &json!({ "number": "abc", "action": "ban", "reason": "" })).await;
        let fields: Vec<String> = faulty.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            (faulty.status, fields.join(" ").as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "number action reason")
        );
        let input = json!({ "number": CALLER, "action": "block", "reason": "多人举报", "case_number": "R261123-0001" });
        let made = clerk.with_key("entry-0001").post("/api/list", &input).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert!(seat.stops(CALLER), "it holds for the next call");
        assert_eq!(clerk.with_key("entry-0001").post("/api/list", &input).await.text, made.text);
        assert_eq!(clerk.post("/api/list", &input).await.status, StatusCode::CONFLICT);
        assert_eq!(made.json()["number"], "170****0001");

        seat.place(CALLER, CALLEE);
        let story = clerk.post("/api/numbers", &json!({ "number": "17000000001" })).await.json();
        assert_eq!((&story["now"]["action"], &story["sums"]["calls_out_stopped"]), (&json!("reject_608"), &json!(1)));
        assert_eq!(story["records"][0]["other"], "138****0002");
        assert!(!story.to_string().contains("17000000001"), "masked throughout");
        let by_key = clerk.post("/api/numbers", &json!({ "key": story["records"][0]["other_key"] })).await.json();
        assert_eq!((&by_key["number"], &by_key["sums"]["calls_in"]), (&json!("138****0002"), &json!(1)));
        assert_eq!(clerk.post("/api/numbers", &json!({ "number": "x" })).await.faults()[0].0, "number");

        let id = made.json()["id"].as_str().unwrap().to_owned();
        let asked = json!({ "subject": format!("entry:{id}"), "field": "number", "purpose": "核实举报" });
        assert_eq!(clerk.post("/api/reveal", &asked).await.json()["value"], CALLER);
        let live = clerk.get("/api/live").await.json();
        assert_eq!(
            (&live["top_callers"][0]["caller"], &live["last_hour"]["calls_stopped"]),
            (&json!("170****0001"), &json!(1))
        );
        assert_eq!(live["reasons"][0]["reason"], "list:operator");

        let ended = clerk.post(&format!("/api/list/{id}/end"), &json!({ "reason": "查无问题" })).await;
        assert_eq!(ended.json()["state"], "ended");
        assert!(!seat.stops(CALLER));
        let one = clerk.get(&format!("/api/list/{id}")).await.json();
        let kinds: Vec<&str> = one["history"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"entry.added") && kinds.contains(&"entry.ended"), "{kinds:?}");
        let listed = clerk.get("/api/list?state=ended&q=R261123").await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(clerk.get("/api/list?action=ban").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let status = clerk.get("/api/list-status").await.json();
        assert_eq!((&status["own"]["block"], &status["centre"]["number"]), (&json!(0), &json!(0)));
        assert_eq!(clerk.get("/api/search?q=R261123").await.json()["items"].as_array().unwrap().len(), 1);
        let export = clerk.post("/api/list-export", &json!({ "purpose": "月度备份" })).await;
        assert!(export.status == StatusCode::OK && export.text.starts_with("number,action,reason"), "{}", export.text);
    })
    .await;
}

#[tokio::test]
async fn an_appeal_lifts_the_block_here_at_once_and_tells_the_centre() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        user(&db, "operator", "second", &["operator_reviewer"]).await;
        let (clerk, second) = (Client::logged_in(&router, "clerk").await, Client::logged_in(&router, "second").await);
        let centre = seat.centre.clone();
        seat.receive(&centre, "list_change", change(1, 0, &[(CALLER, "block")], &[])).await;
        assert!(seat.stops(CALLER));

        let public = Client::new(&router);
        let wrong = public.post("/api/public/appeals", &json!({ "caller": "1", "words": "" })).await;
        let fields: Vec<String> = wrong.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["caller", "words"]);
        let made = public
            .post("/api/public/appeals", &json!({ "caller": "17000000001", "words": "这是我们医院的回访电话" }))
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let number = made.json()["number"].as_str().unwrap().to_owned();
        let twice = public.post("/api/public/appeals", &json!({ "caller": "17000000001", "words": "再来一次" })).await;
        assert_eq!(twice.code(), "operator.appeal.open");
        assert!(!twice.text.contains(&number), "nothing of another's appeal is told: {}", twice.text);
        // Whoever appeals first keeps nobody else from it.
        let owner = json!({ "caller": "17000000001", "words": "我是机主", "contact": "13800138000" });
        let joined = public.post("/api/public/appeals", &owner).await;
        assert_eq!(joined.status, StatusCode::CREATED, "{}", joined.text);
        let second_number = joined.json()["number"].as_str().unwrap().to_owned();
        assert_ne!(second_number, number);
        let state = |caller: &'static str| json!({ "number": number, "caller": caller });
        let state_of_owner = json!({ "number": second_number, "caller": "17000000001" });
        assert_eq!(public.post("/api/public/appeals/state", &state("17000000001")).await.json()["state"], "open");
        assert_eq!(public.post("/api/public/appeals/state", &state("17000000002")).await.status, StatusCode::NOT_FOUND);

        assert_eq!(clerk.get("/api/desk-counts").await.json()["appeals"], 2);
        let listed = clerk.get("/api/appeals?state=open").await.json();
        let item = listed["items"].as_array().unwrap().iter().find(|item| item["number"] == number.as_str()).unwrap();
        let id = item["id"].as_str().unwrap().to_owned();
        let shown = clerk.get(&format!("/api/appeals/{id}")).await.json();
        let beside: Vec<&str> =
            shown["beside"].as_array().unwrap().iter().map(|a| a["number"].as_str().unwrap()).collect();
        assert_eq!(beside, [second_number.as_str()], "the desk sees both together");
        assert_eq!(listed["items"][0]["found"][0]["number"], "170****0001");
        let grant = |reason: &str| json!({ "reason": reason });
        assert_eq!(clerk.post(&format!("/api/appeals/{id}/grant"), &grant(" ")).await.faults()[0].0, "reason");
        let granted = clerk.post(&format!("/api/appeals/{id}/grant"), &grant("已核实为医院")).await;
        assert_eq!(granted.json()["state"], "granted", "{}", granted.text);
        assert!(!seat.stops(CALLER), "lifted at once");
        let lifts = seat.sent("list_lift").await;
        assert_eq!((&lifts[0]["pattern"], &lifts[0]["number"]), (&json!(CALLER), &json!(CALLER)));
        let told = public.post("/api/public/appeals/state", &state("17000000001")).await.json();
        assert_eq!((&told["state"], &told["reason"]), (&json!("granted"), &json!("已核实为医院")));
        let told = public.post("/api/public/appeals/state", &state_of_owner).await.json();
        assert_eq!((&told["state"], &told["reason"]), (&json!("granted"), &json!("已核实为医院")));
        assert_eq!(clerk.get("/api/desk-counts").await.json()["appeals"], 0);
        assert_eq!(
            clerk.post(&format!("/api/appeals/{id}/refuse"), &grant("x")).await.code(),
            "operator.appeal.decided"
        );
        assert_eq!(clerk.get("/api/live").await.json()["false_blocks"]["granted"], 1);

        // A prefix of our own: the number goes through by one person, the whole prefix by two.
        let prefix = json!({ "number": "+86171*", "action": "block", "reason": "号段" });
        assert_eq!(clerk.post("/api/list", &prefix).await.status, StatusCode::CREATED);
        let appeal = json!({ "caller": "17100000001", "words": "整个号段都是我们公司的" });
        public.post("/api/public/appeals", &appeal).await;
        let id = clerk.get("/api/appeals?state=open").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let all = json!({ "reason": "号段已核实", "lift": "everything" });
        assert_eq!(clerk.post(&format!("/api/appeals/{id}/grant"), &all).await.json()["state"], "asked");
        assert!(seat.stops("+8617100000001"));
        assert_eq!(clerk.post(&format!("/api/appeals/{id}/grant"), &all).await.code(), "operator.appeal.second");
        assert_eq!(second.post(&format!("/api/appeals/{id}/grant"), &all).await.json()["state"], "granted");
        assert!(!seat.stops("+8617100000001") && !seat.stops("+8617100000002"));
    })
    .await;
}

#[tokio::test]
async fn a_rule_on_messages_is_tried_on_those_of_yesterday_without_their_texts() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;
        let advert = "国庆期间全场五折，满300减50，地址人民路步行街1号，退订回T";
        let lure = "您的电子密码器将于次日失效，请尽快登录www.abcde.top升级【工商银行】";
        for (sender, text) in [("10690001111", advert), ("+8617000000001", lure), ("+8617000000001", lure)] {
            seat.send(sender, CALLEE, text);
            seat.hand.advance(kernel::Duration::seconds(1));
        }
        seat.operator.write_records().await.unwrap();
        seat.send("10690001111", CALLEE, lure);
        seat.place(CALLER, CALLEE);
        seat.hand.advance(kernel::Duration::seconds(5));
        let rule = |expression: &str| {
            json!({ "name_zh": "试验", "name_en": "Trial", "channel": "message", "priority": 1,
                "expression": expression, "action": "reject" })
        };
        let links = clerk.post("/api/rules/test", &rule("text.urls > 0 && text.scam_percent >= 50")).await.json();
        assert_eq!((&links["events"], &links["hits"]), (&json!(4), &json!(3)), "in files and in memory: {links}");
        assert_eq!(links["callers"], 2);
        assert!(links["samples"].to_string().contains("170****0001"), "{links}");
        let (_, then) = links["then"].as_object().unwrap().iter().next().unwrap();
        assert!(then.as_u64().unwrap() > 0, "{links}");
        let often = clerk.post("/api/rules/test", &rule("text.alike_24h >= 2 && sender.sent_24h >= 2")).await.json();
        assert_eq!(often["hits"], 2, "what was counted then, and the windows anew: {often}");
        let class = clerk.post("/api/rules/test", &rule("text.class == 'advertising'")).await.json();
        assert_eq!(class["hits"], 1, "{class}");
        assert!(!links.to_string().contains("密码器"));
    })
    .await;
}

#[tokio::test]
async fn a_rule_is_tried_on_yesterday_and_goes_live_by_a_second_person() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        user(&db, "operator", "boss", &["operator_admin"]).await;
        let (clerk, boss) = (Client::logged_in(&router, "clerk").await, Client::logged_in(&router, "boss").await);
        assert!(!clerk.get("/api/rules").await.json()["items"].as_array().unwrap().is_empty(), "the built-in rules");
        let rule = json!({ "name_zh": "试验号段", "name_en": "Trial block", "channel": "call", "priority": 1,
            "expression": "caller.number.startsWith('+8617000')", "action": "reject_608" });
        let mut wrong = rule.clone();
        wrong["expression"] = json!("caller.nummer == 1 && ");
        wrong["name_en"] = json!("");
        let fields: Vec<String> =
            clerk.post("/api/rules/check", &wrong).await.faults().into_iter().map(|(field, _)| field).collect();
        assert!(fields.contains(&"name_en".to_owned()) && fields.contains(&"expression".to_owned()), "{fields:?}");

        seat.place(CALLER, CALLEE);
        seat.place("+8613800000009", CALLEE);
        seat.hand.advance(kernel::Duration::seconds(5));
        let tested = clerk.post("/api/rules/test", &rule).await.json();
        assert_eq!((&tested["events"], &tested["hits"]), (&json!(2), &json!(1)), "{tested}");
        assert_eq!(tested["samples"][0]["caller"], "170****0001");

        let made = clerk.post("/api/rules", &rule).await;
        assert_eq!((made.status, made.json()["stage"].as_str()), (StatusCode::CREATED, Some("draft")), "{}", made.text);
        let id = made.json()["id"].as_u64().unwrap();
        let step = |word: &str| json!({ "step": word });
        let path = format!("/api/rules/{id}/step");
        assert_eq!(clerk.post(&path, &step("try")).await.json()["stage"], "shadow");
        let decision = seat.call(CALLER, CALLEE);
        assert!(!decision.action.stops() && decision.shadow_hits >= 1, "{decision:?}");
        assert_eq!(clerk.get(&format!("/api/rules/{id}")).await.json()["held"], 1);
        assert_eq!(clerk.post(&path, &step("propose")).await.json()["proposed_by"], "clerk");
        assert_eq!(clerk.post(&path, &step("publish")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(clerk.get("/api/desk-counts").await.json()["rules_proposed"], 1);
        assert_eq!(boss.post(&path, &step("publish")).await.json()["stage"], "live");
        assert!(seat.stops(CALLER));
        assert_eq!(clerk.post(&path, &step("stand_down")).await.json()["stage"], "shadow");
        assert!(!seat.stops(CALLER));
        let whole = clerk.get(&format!("/api/rules/{id}")).await.json();
        let what: Vec<&str> =
            whole["versions"].as_array().unwrap().iter().map(|v| v["what"].as_str().unwrap()).collect();
        assert_eq!(what, ["stood_down", "published", "proposed", "tried", "made"]);

        boss.post(&path, &step("propose")).await;
        assert_eq!(boss.post(&path, &step("publish")).await.status, StatusCode::CONFLICT, "nobody publishes his own");
        let edited = clerk.send(Method::PUT, &format!("/api/rules/{id}"), Some(&rule)).await.json();
        assert_eq!((edited["stage"].as_str(), edited["revision"].as_i64()), (Some("draft"), Some(2)));
        assert!(clerk.get("/api/rule-features").await.json()["items"].as_array().unwrap().len() > 40);
    })
    .await;
}

#[tokio::test]
async fn orders_measures_and_senders_are_shown() {
    each_db(&ALL, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let router = server(&seat);
        user(&db, "operator", "clerk", &["operator_clerk"]).await;
        let clerk = Client::logged_in(&router, "clerk").await;
        let order = seat.line_order("suspend_line", CALLER);
        seat.order(order.clone()).await;
        let listed = clerk.get("/api/line-orders?code=done").await.json();
        assert_eq!((&listed["items"][0]["line"], &listed["items"][0]["code"]), (&json!("170****0001"), &json!("done")));
        let one = clerk.get(&format!("/api/line-orders/{}", order["order_id"].as_str().unwrap())).await.json();
        assert_eq!(one["measures"][0]["state"], "active");
        assert_eq!(clerk.get("/api/measures?state=active").await.json()["items"].as_array().unwrap().len(), 1);
        assert_eq!(clerk.get("/api/desk-counts").await.json()["measures"], 1);

        let sender = json!({ "sender": "95588", "holder": "示范银行", "accounts": ["bank-sms"] });
        assert_eq!(clerk.post("/api/senders", &sender).await.status, StatusCode::CREATED);
        assert_eq!(clerk.post("/api/senders", &sender).await.status, StatusCode::CONFLICT);
        let register = seat.operator.screening().register();
        assert_eq!(register.look_up("95588", "shop"), screen::Registration::WrongRoute);
        assert_eq!(clerk.get("/api/senders").await.json()["items"][0]["holder"], "示范银行");
        assert_eq!(clerk.post("/api/senders/remove", &json!({ "sender": "95588" })).await.status, StatusCode::OK);
        let register = seat.operator.screening().register();
        assert_eq!(register.look_up("95588", "shop"), screen::Registration::Absent);
    })
    .await;
}

#[tokio::test]
async fn the_documented_api_is_as_reviewed() {
    let (db, hand, _folder) = store::testing::sqlite(&ALL).await;
    let seat = Seat::open(db, hand).await;
    let document = operator::api::router(seat.operator.clone()).into_openapi();
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
