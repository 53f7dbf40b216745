//! Orders about lines: two persons or a standing rule, every operator, answers, ends.

use std::sync::Arc;

use axum::http::StatusCode;
use centre::{lines, stop};
use kernel::Duration;
use serde_json::{Value, json};
use store::Who;
use store::testing::each_db;

use crate::room::{Room, room, until};

const LINE: &str = "13800138000";
const SCAMMER: &str = "17000000000";

fn cut(case: &str) -> Value {
    json!({ "case_id": case, "kind": "cut_call", "line": LINE, "counterpart": SCAMMER, "reason": "机主正与诈骗分子通话" })
}

async fn orders(room: &Room, query: &str) -> Vec<Value> {
    let officer = room.login("lines").await;
    officer.get(&format!("/api/line-orders?{query}")).await.json()["items"].as_array().unwrap().clone()
}

fn states(orders: &[Value]) -> Vec<(&str, &str)> {
    let mut states: Vec<_> =
        orders.iter().map(|o| (o["partner"].as_str().unwrap(), o["state"].as_str().unwrap())).collect();
    states.sort_unstable();
    states
}

#[tokio::test]
async fn a_call_is_cut_by_the_operator_that_has_the_line_after_two_persons_agreed() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.b.books.lock().unwrap().lines.insert("+8613800138000".into());
        let case = room.report(&[SCAMMER]).await;
        let both = room.login("both").await;
        let made = both.with_key("cut-the-call-1").post("/api/line-orders", &cut(&case)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let again = both.with_key("cut-the-call-1").post("/api/line-orders", &cut(&case)).await;
        assert_eq!(again.json()["id"], made.json()["id"], "the same key is the same request");
        assert_eq!(states(made.json()["orders"].as_array().unwrap()), [("op-a", "review"), ("op-b", "review")]);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let own = both.post(&format!("/api/line-orders/{id}/approve"), &json!({})).await;
        assert_eq!((own.status, own.code().as_str()), (StatusCode::CONFLICT, "lines.own_order"));
        let officer = room.login("lines").await;
        let forbidden = officer.post(&format!("/api/line-orders/{id}/approve"), &json!({})).await;
        assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
        assert!(room.a.books.lock().unwrap().orders.is_empty(), "nothing leaves unapproved");

        let reviewer = room.login("reviewer").await;
        let approved = reviewer.post(&format!("/api/line-orders/{id}/approve"), &json!({})).await;
        assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
        until("both operators answer", async || {
            states(&orders(&room, "queue=ended").await) == [("op-a", "elsewhere"), ("op-b", "done")]
        })
        .await;
        let received = room.b.books.lock().unwrap().orders[0].clone();
        assert_eq!(
            (received.line.as_str(), received.counterpart.as_deref()),
            ("+8613800138000", Some("+8617000000000"))
        );
        assert_eq!(received.authority.approver, "reviewer");
        let done = orders(&room, "state=done").await[0]["id"].as_str().unwrap().to_owned();
        let detail = officer.get(&format!("/api/line-orders/{done}")).await;
        let shown = detail.json();
        assert_eq!(shown["answer"]["cuts"][0]["callee"], "138****8000", "{}", detail.text);
        assert_eq!(shown["others"][0]["partner"], "op-a");
        assert_eq!(shown["sealed_payload"]["body"]["line"], "138****8000");
        assert!(!detail.text.contains("13800138000") && !detail.text.contains("17000000000"), "{}", detail.text);
        let reveal = json!({ "subject": format!("line:{done}"), "field": "counterpart", "purpose": "核对号码" });
        assert_eq!(officer.post("/api/reveal", &reveal).await.json()["value"], "+8617000000000");
        let twice = reviewer.post(&format!("/api/line-orders/{id}/approve"), &json!({})).await;
        assert_eq!((twice.status, twice.code().as_str()), (StatusCode::CONFLICT, "lines.state"));
        let found = officer.get("/api/search?q=13800138000").await.json();
        let lines = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|hit| hit["subject"].as_str().unwrap().starts_with("line:"));
        assert_eq!(lines.count(), 2, "{found}");
    })
    .await;
}

#[tokio::test]
async fn every_fault_of_a_request_is_told_at_once() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let case = room.report(&[]).await;
        let officer = room.login("lines").await;
        let ask = async |changes: Value| {
            let mut body = cut(&case);
            for (name, value) in changes.as_object().unwrap() {
                body[name] = value.clone();
            }
            officer.post("/api/line-orders", &body).await.faults()
        };
        let fault = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        let many = ask(json!({ "kind": "label_next_call", "line": "95588", "counterpart": "120", "partners": ["op-z"],
            "reason": " ", "label": "请回拨400123456" }))
        .await;
        assert_eq!(
            many,
            [
                fault("partners[0]", "lines.operator_unknown"),
                fault("line", "lines.not_a_subscriber"),
                fault("counterpart", "lines.emergency"),
                fault("until", "lines.until"),
                fault("label", "lines.label"),
                fault("reason", "lines.reason_missing"),
            ]
        );
        assert_eq!(ask(json!({ "line": "0731-110", "counterpart": null })).await, [fault("line", "msisdn.length")]);
        assert_eq!(ask(json!({ "line": "120", "counterpart": null })).await, [fault("line", "lines.emergency")]);
        assert_eq!(ask(json!({ "counterpart": LINE })).await, [fault("counterpart", "lines.same_number")]);
        let long = ask(json!({ "kind": "hold_flagged_calls", "hours": 100 })).await;
        assert_eq!(long, [fault("until", "lines.until_too_far")]);
        // No kind of order reaches a time that cannot be written.
        for kind in ["cut_call", "hold_flagged_calls"] {
            let endless = ask(json!({ "kind": kind, "hours": i64::MAX })).await;
            assert_eq!(endless, [fault("until", "lines.until_too_far")], "{kind}");
        }
        for text in ["请点击 http://a.b 核实", "请回拨 13812345678"] {
            let warning = json!({ "kind": "warn_contacts", "counterpart": null, "warning_text": text });
            assert_eq!(ask(warning).await, [fault("warning_text", "lines.warning_text")], "{text}");
            let english = json!({ "kind": "warn_contacts", "counterpart": null, "warning_text_en": text });
            assert_eq!(ask(english).await, [fault("warning_text_en", "lines.warning_text")], "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_standing_rule_lets_urgent_measures_out_within_its_bounds_and_never_a_suspension() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.a.books.lock().unwrap().lines.insert("+8613800138000".into());
        let case = room.report(&[]).await;
        let (chief, deputy) = (room.login("chief").await, room.login("deputy").await);
        let ends = (room.db.clock().now() + Duration::hours(48)).to_rfc3339();
        let mut rule = json!({ "name": "夜间劝阻", "line_kinds": ["cut_call", "hold_flagged_calls", "suspend_line"],
            "line_hours_max": 12, "report_age_hours_max": 72, "expires_at": ends });
        let refused = chief.post("/api/standing-rules", &rule).await;
        assert_eq!(refused.faults(), [("line_kinds".to_owned(), "stop.rule_line_kinds".to_owned())]);
        rule["line_kinds"] = json!(["cut_call", "hold_flagged_calls"]);
        let proposed = chief.post("/api/standing-rules", &rule).await;
        assert_eq!(proposed.status, StatusCode::CREATED, "{}", proposed.text);
        let rule_id = proposed.json()["id"].as_str().unwrap().to_owned();
        let officer = room.login("lines").await;
        let hold = |hours: i64| {
            json!({ "case_id": case, "kind": "hold_flagged_calls", "line": LINE, "hours": hours, "partners": ["op-a"],
                "include_foreign": true, "reason": "正被诈骗" })
        };
        let state = async |body: &Value| {
            let made = officer.post("/api/line-orders", body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            let order = made.json()["orders"][0].clone();
            let (id, state) = (order["id"].as_str().unwrap(), order["state"].as_str().unwrap().to_owned());
            if state == "review" {
                let again = officer.post("/api/line-orders", body).await;
                assert_eq!(again.status, StatusCode::CONFLICT, "the same waits already: {}", again.text);
                let withdrawn =
                    officer.post(&format!("/api/line-orders/{id}/withdraw"), &json!({ "reason": "改" })).await;
                assert_eq!(withdrawn.status, StatusCode::OK, "{}", withdrawn.text);
            }
            state
        };
        assert_eq!(state(&hold(6)).await, "review", "a rule that nobody approved approves nothing");
        let approved = deputy.post(&format!("/api/standing-rules/{rule_id}/approve"), &json!({})).await;
        assert_eq!(approved.status, StatusCode::NO_CONTENT, "{}", approved.text);
        assert_eq!(state(&hold(13)).await, "review", "longer than the rule allows");
        let suspend = json!({ "case_id": case, "kind": "suspend_line", "line": LINE, "reason": "涉诈" });
        assert_eq!(state(&suspend).await, "review", "a suspension needs a person");
        assert_eq!(state(&hold(12)).await, "sent");
        until("the hold is in effect", async || orders(&room, "queue=in_effect").await.len() == 1).await;
        let order = room.a.books.lock().unwrap().orders[0].clone();
        assert_eq!(order.authority.approver, "常设规则「夜间劝阻」（chief）");
        assert_eq!(
            (order.authority.legal_basis.as_str(), order.include_foreign),
            ("反电信网络诈骗法 第三十四条", true)
        );
        room.advance(Duration::hours(12));
        until("the hold ends by itself", async || orders(&room, "state=ended").await.len() == 1).await;
        assert_eq!(room.journaled("line.ended").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_suspension_is_lifted_by_an_order_of_its_own() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.a.books.lock().unwrap().lines.insert("+8613800138000".into());
        let case = room.report(&[]).await;
        let (officer, reviewer) = (room.login("lines").await, room.login("reviewer").await);
        let approve = async |made: web::testing::Answer| {
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            let id = made.json()["id"].as_str().unwrap().to_owned();
            let approved = reviewer.post(&format!("/api/line-orders/{id}/approve"), &json!({})).await;
            assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
            id
        };
        let suspend =
            json!({ "case_id": case, "kind": "suspend_line", "line": LINE, "partners": ["op-a"], "reason": "涉诈" });
        let id = approve(officer.post("/api/line-orders", &suspend).await).await;
        until("suspended", async || orders(&room, "queue=in_effect").await.len() == 1).await;
        let acts = officer.get(&format!("/api/line-orders/{id}")).await.json()["acts"].clone();
        assert_eq!(acts, json!(["lift"]));
        approve(officer.post(&format!("/api/line-orders/{id}/lift"), &json!({ "reason": "机主已核验" })).await).await;
        until("lifted", async || orders(&room, "state=lifted").await.len() == 1).await;
        let lift = room.a.books.lock().unwrap().orders[1].clone();
        assert_eq!((lift.kind, lift.refers_to.unwrap().to_string()), (wire::LineOrderKind::Lift, id.clone()));
        let again = officer.post(&format!("/api/line-orders/{id}/lift"), &json!({ "reason": "再次" })).await;
        assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "lines.state"));
    })
    .await;
}

#[tokio::test]
async fn the_contacts_of_an_involved_number_come_from_a_report_in_one_call_masked_and_by_pages() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        room.a.books.lock().unwrap().contacts = (0..700).map(|n| format!("+86139{n:08}")).collect();
        let case = room.report(&[SCAMMER]).await;
        let (officer, reviewer) = (room.login("lines").await, room.login("reviewer").await);
        let ask = json!({ "act": "query_contacts", "reason": "涉案号码" });
        let made = officer.post(&format!("/api/reports/{case}/telephones"), &ask).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let request = made.json()["requests"][0].as_str().unwrap().to_owned();
        reviewer.post(&format!("/api/line-orders/{request}/approve"), &json!({})).await;
        until("both answer", async || orders(&room, "state=done").await.len() == 2).await;
        let found = orders(&room, "state=done&partner=op-a").await;
        assert_eq!(found[0]["contacts"], 700);
        let id = found[0]["id"].as_str().unwrap();
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = officer.get(&format!("/api/line-orders/{id}/contacts?limit=150{cursor}")).await.json();
            seen.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 700);
        assert_eq!((seen[42]["number"].as_str(), seen[42]["count"].as_i64()), (Some("139****0042"), Some(3)));
        let reveal = json!({ "subject": format!("line:{id}"), "field": "contacts[42]", "purpose": "预警劝阻" });
        assert_eq!(officer.post("/api/reveal", &reveal).await.json()["value"], "+8613900000042");
        let telephones = officer.get(&format!("/api/reports/{case}/telephones")).await.json();
        assert_eq!(telephones["items"][0]["number"], "170****0000");
        assert_eq!(telephones["items"][0]["orders"].as_array().unwrap().len(), 2, "{telephones}");
        let follow = json!({ "act": "warn_contacts", "reason": "预警", "warning_text": "尾号{tail}的来电涉嫌诈骗" });
        let made = officer.post(&format!("/api/line-orders/{id}/follow"), &follow).await;
        assert_eq!(made.json()["orders"].as_array().map(Vec::len), Some(2), "a warning goes to all: {}", made.text);
        let warning = made.json()["id"].as_str().unwrap().to_owned();
        reviewer.post(&format!("/api/line-orders/{warning}/approve"), &json!({})).await;
        until("the warnings are sent", async || orders(&room, "state=done&kind=warn_contacts").await.len() == 2).await;
        let told = officer.get(&format!("/api/line-orders/{warning}")).await.json();
        assert_eq!(told["answer"]["messages"]["sent"], 700, "{told}");
        let again = officer.post(&format!("/api/line-orders/{warning}/follow"), &follow).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "a warning is not followed by a warning");
        let warn = json!({ "act": "warn_contacts", "reason": "预警", "positions": [5] });
        let nobody = officer.post(&format!("/api/reports/{case}/telephones"), &warn).await;
        assert_eq!(nobody.faults(), [("positions".to_owned(), "lines.no_contact".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn the_victims_line_is_protected_from_the_report_without_anybody_typing_the_number() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let case = room.report(&[SCAMMER]).await;
        let officer = room.login("lines").await;
        let body = json!({ "case_id": case, "kind": "label_next_call", "line_of": "victim",
            "counterpart_of": { "contact": 0 }, "hours": 6, "label": "涉诈来电，请勿转账", "reason": "防止再次受骗" });
        let made = officer.post("/api/line-orders", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let found = orders(&room, "kind=label_next_call&partner=op-a").await;
        assert_eq!((found[0]["line"].as_str(), found[0]["counterpart"].as_str()), (Some("190****0001"), Some("170****0000")));
        for (body, field, code) in [
            (json!({ "case_id": case, "kind": "cut_call", "reason": "x" }), "line", "json.missing"),
            (json!({ "case_id": case, "kind": "cut_call", "line": LINE, "counterpart_of": { "contact": 9 }, "reason": "x" }), "counterpart", "lines.no_number"),
        ] {
            let refused = officer.post("/api/line-orders", &body).await;
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
    })
    .await;
}

/// A desk over a database, whose messages stay in the outbox.
async fn desk(db: &store::Db) -> lines::Desk {
    let now = db.clock().now();
    let pair = || wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let directory = wire::Directory::open(db).await.unwrap();
    for id in ["op-a", "op-b"] {
        let operator = json!({ "id": id, "name": id, "role": "operator", "base_url": "http://127.0.0.1:1",
            "keys": [serde_json::to_value(pair().public()).unwrap()], "answer_minutes": 30,
            "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
                { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
        directory.create(&store::Who::user("admin", &["partners.write"]), &operator).await.unwrap();
    }
    let me = wire::PartnerId::parse("centre-43").unwrap();
    let outbox = wire::Outbox::new(me, wire::Keys::in_memory([pair()]), "test");
    let post = centre::Post { outbox, directory };
    lines::Desk { post, parameters: Arc::default(), unit: "示范中心".into() }
}

fn request(db: &store::Db, kind: wire::LineOrderKind) -> lines::NewRequest {
    let now = db.clock().now();
    let case = stop::CaseRef {
        id: kernel::ReportId::new(now),
        number: "R261123-0001".into(),
        region: "430102".into(),
        reported_at: now,
    };
    lines::NewRequest::about(case, kind, LINE.into(), "涉诈".into())
}

async fn turn(db: &store::Db, desk: &lines::Desk) {
    for timer in store::timers::claim_due(db, "line.", 64).await.unwrap() {
        let mut tx = db.begin().await.unwrap();
        desk.due(&mut tx, &timer).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_order_that_nobody_answers_is_escalated_to_the_contact_then_the_deputy_and_ends() {
    each_db(&[wire::MIGRATIONS, stop::MIGRATIONS, lines::MIGRATIONS], |db, hand| async move {
        let desk = desk(&db).await;
        let (officer, reviewer) =
            (Who::user("officer", &["lines.make"]), Who::user("reviewer", &["lines.check", "lines.read"]));
        let mut tx = db.begin().await.unwrap();
        let id = desk.make(&mut tx, &officer, request(&db, wire::LineOrderKind::CutCall)).await.unwrap();
        desk.decide(&mut tx, &reviewer, id, stop::Decision::Approve).await.unwrap();
        tx.commit().await.unwrap();
        let order = async || lines::get(&db, &reviewer, id).await.unwrap();
        assert_eq!(order().await.answer_due.unwrap() - db.clock().now(), Duration::minutes(2), "a call does not wait");
        let mut escalations = Vec::new();
        for _ in 0..3 {
            hand.advance(Duration::minutes(2));
            turn(&db, &desk).await;
            escalations.push(order().await.escalation);
        }
        assert_eq!(escalations, [1, 2, 2]);
        let all = store::journal::read_after(&db, 0, 1_000).await.unwrap();
        let called: Vec<_> = all
            .iter()
            .filter(|entry| entry.kind == "line.overdue" && entry.subject == format!("line:{id}"))
            .map(|entry| entry.json()["contact"].clone())
            .collect();
        assert_eq!(called, [json!("值班一"), json!("值班二")]);
        hand.advance(Duration::minutes(15));
        turn(&db, &desk).await;
        assert_eq!(order().await.state, lines::model::State::Expired);

        // A late answer still counts: the operator may have acted.
        let answer = wire::LineAnswer::new(id, wire::LineAnswerCode::Done);
        let (owner, other) = (order().await.partner, wire::PartnerId::parse("op-b").unwrap());
        let mut tx = db.begin().await.unwrap();
        desk.answer(&mut tx, &other, &answer).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(order().await.state, lines::model::State::Expired, "another operator's word changes nothing");
        let mut tx = db.begin().await.unwrap();
        desk.answer(&mut tx, &owner, &answer).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(order().await.state, lines::model::State::Done);
    })
    .await;
}

#[tokio::test]
async fn a_line_that_no_operator_has_is_told_once_all_have_answered() {
    each_db(&[wire::MIGRATIONS, stop::MIGRATIONS, lines::MIGRATIONS], |db, _hand| async move {
        let desk = desk(&db).await;
        let (officer, reviewer) =
            (Who::user("officer", &["lines.make"]), Who::user("reviewer", &["lines.check", "lines.read"]));
        let mut tx = db.begin().await.unwrap();
        let id = desk.make(&mut tx, &officer, request(&db, wire::LineOrderKind::SuspendLine)).await.unwrap();
        desk.decide(&mut tx, &reviewer, id, stop::Decision::Approve).await.unwrap();
        tx.commit().await.unwrap();
        let filter = lines::Filter { limit: 10, ..lines::Filter::default() };
        let orders = lines::list(&db, &reviewer, &filter).await.unwrap();
        let told = async || {
            let all = store::journal::read_after(&db, 0, 1_000).await.unwrap();
            all.iter().filter(|entry| entry.kind == "line.nobody_has_it").count()
        };
        for (n, order) in orders.iter().enumerate() {
            assert_eq!(told().await, 0, "{n} answered");
            let answer = wire::LineAnswer::new(order.id, wire::LineAnswerCode::NotOurLine);
            let mut tx = db.begin().await.unwrap();
            desk.answer(&mut tx, &order.partner, &answer).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!((orders.len(), told().await), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_number_blocked_in_a_case_warns_those_in_touch_with_it_by_itself_and_once() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let case = room.report(&[]).await;
        let (chief, deputy, officer) = (room.login("chief").await, room.login("deputy").await, room.login("lines").await);
        let rule = json!({ "name": "自动预警", "line_kinds": ["warn_contacts"], "report_age_hours_max": 72,
            "expires_at": (room.db.clock().now() + Duration::hours(48)).to_rfc3339() });
        let proposed = chief.post("/api/standing-rules", &rule).await;
        let rule_id = proposed.json()["id"].as_str().unwrap().to_owned();
        deputy.post(&format!("/api/standing-rules/{rule_id}/approve"), &json!({})).await;

        let entry = |pattern: &str, case: Option<&str>| {
            json!({ "pattern": pattern, "action": "block", "reason": "冒充客服", "case_id": case })
        };
        // Without a case nobody is warned; nor is a whole prefix asked about.
        officer.post("/api/number-entries", &entry("17000000009", None)).await;
        let put = officer.post("/api/number-entries", &entry(SCAMMER, Some(&case))).await;
        assert_eq!(put.status, StatusCode::CREATED, "{}", put.text);
        until("both operators have warned", async || orders(&room, "kind=warn_contacts&state=done").await.len() == 2).await;
        // Taken off the list and put there again in the same case: those who were warned are not warned again.
        let id = put.json()["id"].as_str().unwrap().to_owned();
        officer.post(&format!("/api/number-entries/{id}/remove"), &json!({ "reason": "核实" })).await;
        officer.post("/api/number-entries", &entry(SCAMMER, Some(&case))).await;
        officer.post("/api/number-entries", &entry("17000000008", Some(&case))).await;
        until("the other number is warned of", async || orders(&room, "kind=warn_contacts").await.len() == 4).await;
        assert_eq!(orders(&room, "").await.len(), 4);
    })
    .await;
}
