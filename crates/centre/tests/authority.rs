//! Who may do what at the centre: an office acts in its own region, what it makes stays there, and a partner says only
//! what is its to say and is believed only as far as the order goes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

use std::time::Duration as StdDuration;

use axum::Router;
use axum::body::Body as HttpBody;
use axum::http::{Method, Request, StatusCode};
use centre::{Centre, Config, intake, stop};
use kernel::{Duration, ManualClock, Timestamp};
use serde_json::{Value, json};
use store::testing::each_db;
use store::{Db, Who};
use tower::ServiceExt;
use web::testing::{Client, PASSWORD, named_ids, user};
use wire::{Directory, KeyPair, Keys, Message, PartnerId};

/// Two offices, a bank and an operator of which the test has the keys, and reports and orders in both regions.
struct Province {
    db: Db,
    router: Router,
    bank: Keys,
    operator: Keys,
    admin: Client,
    working: tokio::task::JoinHandle<()>,
}

impl Drop for Province {
    fn drop(&mut self) {
        self.working.abort();
    }
}

const NEAR: &str = "430100";
const FAR: &str = "430200";

async fn province(db: Db) -> Province {
    let now = db.clock().now();
    let pair = || KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let directory = Directory::open(&db).await.unwrap();
    let (bank, operator) = (pair(), pair());
    for (id, role, key) in [("bank-a", "bank", &bank), ("op-a", "operator", &operator)] {
        let partner = json!({ "id": id, "name": format!("{id}示范"), "role": role, "base_url": "http://127.0.0.1:1",
            "keys": [serde_json::to_value(key.public()).unwrap()],
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
    let centre = Centre::open(config).await.unwrap();
    let router = centre.app().unwrap();
    user(&db, "centre", "province", &["admin"]).await;
    let admin = Client::logged_in(&router, "province").await;
    let working = tokio::spawn(centre.run());
    Province { db, router, bank: Keys::in_memory([bank]), operator: Keys::in_memory([operator]), admin, working }
}

fn report(now: Timestamp, region: &str, account: &str) -> Value {
    json!({
        "state": "submitted", "channel": "110",
        "victim": { "name": "唐小雨", "phone": "19000000001", "region": region },
        "narrative": "有人冒充客服，让我转账。",
        "payments": [{ "payee_account": account, "payee_name": "邱志强", "payee_bank": "bank-a",
            "amount": { "minor": 800_000, "currency": "CNY" }, "paid_at": (now - Duration::minutes(20)).to_rfc3339() }],
        "contacts": [{ "kind": "phone", "value": "19000000099" }],
        "scam_type": "刷单", "region": region, "occurred_at": (now - Duration::minutes(40)).to_rfc3339(),
    })
}

impl Province {
    /// Somebody of an office; no region means the whole province.
    async fn of(&self, login: &str, region: Option<&str>, roles: &[&str]) -> Client {
        let new = json!({ "login": login, "name": login, "roles": roles, "region": region, "password": PASSWORD });
        let made = self.admin.post("/api/users", &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        Client::logged_in(&self.router, login).await
    }

    /// A report of a region and the stop that follows from it, which waits for a checker.
    async fn case(&self, region: &str, account: &str) -> (String, String) {
        let clerk = self.of(&format!("clerk-{region}-{}", &account[15..]), Some(region), &["intake_officer"]).await;
        let made = clerk.post("/api/reports", &report(self.db.clock().now(), region, account)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let case = made.json()["id"].as_str().unwrap().to_owned();
        let order = self.order(&clerk, &case, "stop").await;
        (case, order)
    }

    async fn order(&self, who: &Client, case: &str, kind: &str) -> String {
        for _ in 0..1_000 {
            let list = who.get(&format!("/api/orders?case={case}")).await.json();
            let found = list["items"].as_array().unwrap().iter().find(|order| order["kind"] == kind);
            if let Some(order) = found {
                return order["id"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(StdDuration::from_millis(10)).await;
        }
        panic!("no {kind} in {case}");
    }

    /// What a partner is told of a document that it sealed.
    async fn told(&self, from: &str, kind: &str, body: Value) -> Value {
        let now = self.db.clock().now();
        let me = PartnerId::parse("centre-43").unwrap();
        let (from, keys) =
            (PartnerId::parse(from).unwrap(), if from == "bank-a" { &self.bank } else { &self.operator });
        let ping = Message::new(&from, &me, &wire::Body::Ping, now, Duration::hours(1)).unwrap();
        let message = Message { kind: kind.to_owned(), body, ..ping };
        let request = Request::post("/wire/v1/messages").header("content-type", "application/jose");
        let request = request.body(HttpBody::from(wire::seal(keys, &message).unwrap().text)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let payload = text.split('.').nth(1).unwrap_or_else(|| panic!("no receipt: {text}"));
        let bytes = base64_url(payload);
        serde_json::from_slice(&bytes).unwrap()
    }
}

fn base64_url(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.bytes() {
        bits = bits << 6 | LETTERS.iter().position(|letter| *letter == byte).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

async fn on_both<F: Future<Output = ()>>(test: impl Fn(Province, ManualClock) -> F) {
    each_db(&centre::migrations(), |db, hand| {
        let test = &test;
        async move { test(province(db).await, hand).await }
    })
    .await;
}

/// How an identity that a caller names is kept to what he may see.
enum Named {
    /// The request with one of another region does nothing and tells nothing: checked below.
    Foreign,
    /// Why there is nothing to check.
    Exempt(&'static str),
}

const PARTNERS: Named = Named::Exempt("partners have no region: every office orders at every bank and operator");
const NEW: Named = Named::Exempt("the name of something new");

/// Every identity in a body or a query of the centre.
fn table() -> Vec<(&'static str, Named)> {
    use Named::{Exempt, Foreign};
    vec![
        ("GET /api/journal ?case", Foreign),
        ("GET /api/journal ?subject", Foreign),
        ("GET /api/line-orders ?case", Foreign),
        ("GET /api/line-orders ?partner", PARTNERS),
        ("GET /api/number-entries ?case", Foreign),
        ("GET /api/orders ?case", Foreign),
        ("GET /api/orders ?partner", PARTNERS),
        ("GET /api/payments-waiting ?case", Foreign),
        ("GET /api/signal-hits ?partner", PARTNERS),
        ("PATCH /api/partners/{id} id", NEW),
        ("POST /api/line-orders case_id", Foreign),
        ("POST /api/line-orders partners", PARTNERS),
        ("POST /api/number-entries case_id", Foreign),
        ("POST /api/number-entries source", Exempt("words")),
        ("POST /api/orders case_id", Foreign),
        ("POST /api/orders partner", PARTNERS),
        ("POST /api/orders refers_to", Foreign),
        ("POST /api/partners id", NEW),
        ("POST /api/payments-waiting/{case_id}/{position}/place partner", PARTNERS),
        ("POST /api/public/reports victim.citizen_id", Exempt("a number of the victim's card")),
        ("POST /api/report-imports source", Exempt("the name of a kind of file")),
        ("POST /api/reports victim.citizen_id", Exempt("a number of the victim's card")),
        ("POST /api/reports/duplicates except", Exempt("only leaves a report out of an answer")),
        ("POST /api/reports/duplicates victim.citizen_id", Exempt("a number of the victim's card")),
        ("POST /api/reveal subject", Foreign),
        ("PUT /api/reports/{id} victim.citizen_id", Exempt("a number of the victim's card")),
    ]
}

#[tokio::test]
async fn an_identity_in_a_body_or_a_query_reaches_no_further_than_one_in_a_path() {
    on_both(|province, _hand| async move {
        let (near, near_stop) = province.case(NEAR, "6200004301010000006").await;
        let (far, far_stop) = province.case(FAR, "6200004301010000014").await;
        let roles = ["stop_officer", "lines_officer", "intake_officer", "stop_reviewer", "chief"];
        let here = province.of("here", Some(NEAR), &roles).await;
        let there = province.of("there", Some(FAR), &roles).await;

        let document = here.document().await;
        let table = table();
        let stated: Vec<String> = table.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(named_ids(document), stated, "each identity of a body or a query is stated in the table");

        let before = there.get(&format!("/api/orders?case={far}")).await.text;
        let own = json!({ "case_id": near, "partner": "bank-a", "kind": "stop", "account": "6200004301010000006",
            "account_name": "邱志强", "reason": "x",
            "check": { "amount": { "minor": 1, "currency": "CNY" }, "at": "2026-11-23T00:00:00Z" } });
        let with = |mut body: Value, field: &str, value: &str| {
            body[field] = value.into();
            body
        };
        for (name, named) in table {
            if let Named::Exempt(why) = named {
                assert!(!why.is_empty());
                continue;
            }
            let (operation, field) = name.rsplit_once(' ').unwrap();
            let (method, path) = operation.split_once(' ').unwrap();
            let lift = json!({ "case_id": near, "partner": "bank-a", "kind": "lift_stop",
                "account": "6200004301010000006", "account_name": "邱志强", "reason": "x" });
            let body = match name {
                "POST /api/orders case_id" => with(own.clone(), field, &far),
                "POST /api/orders refers_to" => with(lift, field, &far_stop),
                "POST /api/line-orders case_id" => {
                    with(json!({ "kind": "cut_call", "line": "19000000099", "reason": "x" }), field, &far)
                }
                "POST /api/number-entries case_id" => {
                    with(json!({ "pattern": "19000000099", "action": "block", "reason": "诈骗" }), field, &far)
                }
                "POST /api/reveal subject" => {
                    json!({ "subject": format!("report:{far}"), "field": "victim.name", "purpose": "核对报警人" })
                }
                _ => Value::Null,
            };
            let value = if field == "?subject" { format!("report:{far}") } else { far.clone() };
            let answer = match method {
                "GET" => here.get(&format!("{path}{field}={value}")).await,
                _ => here.send(Method::from_bytes(method.as_bytes()).unwrap(), path, Some(&body)).await,
            };
            if method == "GET" {
                assert_eq!(answer.json()["items"], json!([]), "{name}: {}", answer.text);
            } else {
                let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY];
                assert!(refused.contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
            }
            for personal in ["唐小雨", "邱志强", "6200004301010000014"] {
                assert!(!answer.text.contains(personal), "{name}: {}", answer.text);
            }
        }
        assert_eq!(there.get(&format!("/api/orders?case={far}")).await.text, before, "nothing has changed there");

        // The same requests about what is their own go through: it was the region that stopped the others.
        let made = here.post("/api/orders", &with(own, "account_name", "李四")).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let lift = json!({ "case_id": near, "partner": "bank-a", "kind": "lift_stop", "refers_to": near_stop,
            "account": "6200004301010000006", "reason": "x" });
        assert_eq!(here.post("/api/orders", &lift).await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn an_order_refers_to_one_of_its_own_case_bank_account_and_kind_only() {
    on_both(|province, _hand| async move {
        let (case, stop) = province.case(NEAR, "6200004301010000006").await;
        let (_, other) = province.case(NEAR, "6200004301010000014").await;
        let officer = province.of("officer", Some(NEAR), &["stop_officer"]).await;
        let ask = |kind: &str, account: &str, earlier: &str| {
            json!({ "case_id": case, "partner": "bank-a", "kind": kind, "account": account, "reason": "x",
                "refers_to": earlier, "until": "2027-03-01T00:00:00Z" })
        };
        for (body, code) in [
            (ask("lift_stop", "6200004301010000006", &other), "stop.refers_other"),
            (ask("lift_stop", "6200004301010000014", &stop), "stop.refers_other"),
            (ask("lift_freeze", "6200004301010000006", &stop), "stop.refers_other"),
            (ask("end_watch", "6200004301010000006", &stop), "stop.refers_other"),
            (ask("lift_stop", "6200004301010000006", "0192d3a0-0000-7000-8000-000000000000"), "stop.refers_unknown"),
        ] {
            let answer = officer.post("/api/orders", &body).await;
            assert_eq!(answer.faults(), [("refers_to".to_owned(), code.to_owned())], "{body} {}", answer.text);
        }
    })
    .await;
}

fn rule(now: Timestamp, prefix: Option<&str>) -> Value {
    json!({ "name": "夜间快速止付", "kinds": ["stop"], "level_max": 3, "report_age_hours_max": 72,
        "amount_max": { "minor": 5_000_000, "currency": "CNY" }, "region_prefix": prefix,
        "expires_at": (now + Duration::hours(24)).to_rfc3339() })
}

#[tokio::test]
async fn a_standing_rule_shows_the_bounds_that_it_has_and_no_other() {
    on_both(|province, _hand| async move {
        let now = province.db.clock().now();
        let chief = province.of("chief", None, &["chief"]).await;
        let mut lines = rule(now, None);
        for (field, value) in [("kinds", json!([])), ("level_max", json!(0)), ("line_kinds", json!(["warn_contacts"]))]
        {
            lines[field] = value;
        }
        lines["amount_max"]["minor"] = 0.into();
        let mut queries = rule(now, None);
        queries["kinds"] = json!(["query_transactions"]);
        queries["amount_max"]["minor"] = kernel::bounds::AMOUNT_MINOR_MAX.into();
        for (body, level, amount) in [
            (rule(now, None), json!(3), json!({ "minor": 5_000_000, "currency": "CNY" })),
            (queries, json!(3), Value::Null),
            (lines, Value::Null, Value::Null),
        ] {
            let made = chief.post("/api/standing-rules", &body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            let made = made.json();
            assert_eq!((&made["level_max"], &made["amount_max"]), (&level, &amount), "{made}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_standing_rule_reaches_no_further_than_its_author_its_second_person_and_who_ends_it() {
    on_both(|province, _hand| async move {
        let now = province.db.clock().now();
        let near = province.of("near", Some(NEAR), &["chief"]).await;
        let second = province.of("second", Some(NEAR), &["chief"]).await;
        let far = province.of("far", Some(FAR), &["chief", "stop_reviewer"]).await;
        let whole = province.of("whole", None, &["chief"]).await;
        for prefix in ["", "43", "4302", "430202"] {
            let answer = near.post("/api/standing-rules", &rule(now, Some(prefix))).await;
            assert_eq!(answer.faults(), [("region_prefix".to_owned(), "stop.rule_scope".to_owned())], "{prefix:?}");
        }
        for prefix in ["4", "43x", "9999", "4301020"] {
            let answer = whole.post("/api/standing-rules", &rule(now, Some(prefix))).await;
            assert_eq!(answer.faults(), [("region_prefix".to_owned(), "stop.rule_region".to_owned())], "{prefix:?}");
        }
        let inherited = near.post("/api/standing-rules", &rule(now, None)).await.json();
        assert_eq!(inherited["region_prefix"], "4301");
        let narrower = near.post("/api/standing-rules", &rule(now, Some("430102"))).await.json();
        assert_eq!(narrower["region_prefix"], "430102");

        let province_wide = whole.post("/api/standing-rules", &rule(now, None)).await.json();
        assert_eq!(province_wide["region_prefix"], "");
        let at = |rule: &Value, act: &str| format!("/api/standing-rules/{}/{act}", rule["id"].as_str().unwrap());
        for (who, rule, act) in [
            (&near, &province_wide, "approve"),
            (&far, &province_wide, "approve"),
            (&far, &inherited, "approve"),
            (&far, &inherited, "end"),
        ] {
            let answer = who.post(&at(rule, act), &json!({})).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act} {}", answer.text);
        }
        assert_eq!(second.post(&at(&inherited, "approve"), &json!({})).await.status, StatusCode::NO_CONTENT);
        let shown = far.get("/api/standing-rules").await.json();
        let shown: Vec<_> =
            shown["items"].as_array().unwrap().iter().map(|r| (r["id"].clone(), r["may_end"].clone())).collect();
        assert_eq!(shown, [(province_wide["id"].clone(), true.into())], "a rule of another office is not shown");
        let ended = far.post(&at(&province_wide, "end"), &json!({})).await;
        assert_eq!(
            ended.status,
            StatusCode::NO_CONTENT,
            "a rule that acts in one's region too can be ended: {}",
            ended.text
        );
        assert_eq!(second.post(&at(&inherited, "end"), &json!({})).await.status, StatusCode::NO_CONTENT);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_of_an_office_makes_and_changes_users_of_that_office_only() {
    on_both(|province, _hand| async move {
        let near = province.of("near-admin", Some(NEAR), &["admin"]).await;
        province.of("far-chief", Some(FAR), &["chief"]).await;
        province.of("near-chief", Some(NEAR), &["chief"]).await;
        let new = |login: &str, region: Value| {
            json!({ "login": login, "name": "x", "roles": ["chief"], "region": region, "password": PASSWORD })
        };
        let inherited = near.post("/api/users", &new("inherits", Value::Null)).await;
        assert_eq!(inherited.json()["region"], NEAR, "{}", inherited.text);
        for region in [FAR, "430000"] {
            let answer = near.post("/api/users", &new("widens", region.into())).await;
            assert_eq!(answer.faults(), [("region".to_owned(), "user.scope".to_owned())], "{}", answer.text);
        }
        let all = province.admin.get("/api/users").await.json();
        let id = |login: &str| {
            let users = all["items"].as_array().unwrap();
            users.iter().find(|u| u["login"] == login).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let seen = near.get("/api/users").await.json();
        for user in seen["items"].as_array().unwrap() {
            assert_eq!(user["region"], NEAR);
        }
        for login in ["far-chief", "province"] {
            for change in [json!({ "password": "Another-good-99" }), json!({ "disabled": true }), json!({ "region": NEAR })] {
                let answer = near.send(Method::PATCH, &format!("/api/users/{}", id(login)), Some(&change)).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login} {change} {}", answer.text);
            }
        }
        let own = format!("/api/users/{}", id("near-admin"));
        for change in [json!({ "region": "430102" }), json!({ "roles": ["admin", "chief"] })] {
            let answer = near.send(Method::PATCH, &own, Some(&change)).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "user.own_rights"), "{change}");
        }
        let cleared = near.send(Method::PATCH, &own, Some(&json!({ "region": "" }))).await;
        assert_eq!(cleared.json()["region"], NEAR, "the limit cannot be taken away: {}", cleared.text);
        let chief = format!("/api/users/{}", id("near-chief"));
        let cleared = near.send(Method::PATCH, &chief, Some(&json!({ "region": "" }))).await;
        assert_eq!(cleared.json()["region"], NEAR, "the limit goes no further than that of the administrator");
        let moved = near.send(Method::PATCH, &chief, Some(&json!({ "region": FAR }))).await;
        assert_eq!(moved.faults(), [("region".to_owned(), "user.scope".to_owned())]);
        let partner = near.send(Method::PATCH, "/api/partners/bank-a", Some(&json!({ "enabled": false }))).await;
        assert_eq!(partner.status, StatusCode::FORBIDDEN, "the directory is of the whole seat");
    })
    .await;
}

#[tokio::test]
async fn a_partner_says_only_what_is_its_to_say() {
    on_both(|province, _hand| async move {
        let lines = province.of("lines", None, &["lines_officer"]).await;
        let put = |pattern: &str| json!({ "pattern": pattern, "action": "block", "reason": "诈骗" });
        let entry = lines.post("/api/number-entries", &put("17077788899")).await.json();
        let state = async || {
            lines.get(&format!("/api/number-entries/{}", entry["id"].as_str().unwrap())).await.json()["state"].clone()
        };
        let lift = |number: &str, pattern: &str| {
            json!({ "appeal_id": kernel::AppealId::new(province.db.clock().now()), "number": number, "pattern": pattern,
                "reason": "x", "granted_by": "x", "granted_at": "2026-11-23T00:00:00Z" })
        };
        let number = "+8617077788899";
        for (from, kind, body) in [
            ("bank-a", "list_lift", lift(number, number)),
            ("bank-a", "signals", json!({})),
            ("bank-a", "list_ask", json!({ "have": 0 })),
            ("bank-a", "line_answer", json!({})),
            ("bank-a", "order", json!({})),
            ("op-a", "notice", json!({})),
            ("op-a", "answer", json!({})),
            ("op-a", "lapse", json!({})),
            ("op-a", "movement", json!({})),
        ] {
            let told = province.told(from, kind, body).await;
            assert_eq!(told["verdict"], "refused", "{from} {kind}: {told}");
            assert_eq!(told["fault"]["code"], "wire.wrong_role", "{from} {kind}: {told}");
        }
        let refused = province
            .db
            .fetch_one::<(i64,)>("SELECT COUNT(*) FROM journal WHERE kind = 'message.turned_away'", store::args![]);
        assert_eq!(refused.await.unwrap().0, 9, "each is journaled");
        assert_eq!(state().await, "active");

        // A lift allows what its entry covers, and nothing more.
        let reviewer = province.of("reviewer", None, &["stop_reviewer"]).await;
        let wide = lines.post("/api/number-entries", &put("170555*")).await.json();
        let approve = format!("/api/number-entries/{}/approve", wide["id"].as_str().unwrap());
        assert_eq!(reviewer.post(&approve, &json!({})).await.status, StatusCode::OK);
        let told = province.told("op-a", "list_lift", lift(number, "+86170555*")).await;
        assert_eq!(told["faults"][0]["code"], "wire.list.not_covered", "{told}");
        let own = lines.post("/api/number-entries", &put("17055500001")).await.json();
        let told = province.told("op-a", "list_lift", lift("+8617055500001", "+86170555*")).await;
        assert_eq!(told["verdict"], "accepted", "{told}");
        let left = lines.get(&format!("/api/number-entries/{}", own["id"].as_str().unwrap())).await.json();
        assert_eq!(left["state"], "active", "an officer listed this very number");
        let told = province.told("op-a", "list_lift", lift("+8617055500002", "+86170555*")).await;
        assert_eq!(told["verdict"], "accepted");
        let passes = lines.get("/api/number-entries?q=17055500002").await.json();
        assert_eq!(passes["items"][0]["action"], "allow", "{passes}");
        let told = province.told("op-a", "list_lift", lift(number, number)).await;
        assert_eq!(told["verdict"], "accepted");
        assert_eq!(state().await, "lifted", "its own seat may");
    })
    .await;
}

/// An order of 8,000 yuan that has left, and who sees what becomes of it.
async fn sent(province: &Province, account: &str) -> (Client, String, String) {
    let (case, order) = province.case(NEAR, account).await;
    let login = format!("sees-{}", &account[15..]);
    let reviewer = province.of(&login, Some(NEAR), &["stop_reviewer", "chief"]).await;
    let approved = reviewer.post(&format!("/api/orders/{order}/approve"), &json!({})).await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
    (reviewer, case, order)
}

#[tokio::test]
async fn the_numbers_of_a_bank_are_believed_as_far_as_the_order_goes_and_the_rest_is_told() {
    on_both(|province, _hand| async move {
        let now = province.db.clock().now();
        let ends = (now + Duration::hours(48)).to_rfc3339();
        let cases: Vec<(Value, Option<i64>, String, &[&str])> = vec![
            (json!({ "held_minor": 800_000, "currency": "CNY", "until": ends }), Some(800_000), ends.clone(), &[]),
            (
                json!({ "held_minor": 1_000_000_000_000_000_000_i64, "currency": "CNY", "until": ends }),
                Some(800_000),
                ends.clone(),
                &["answer.doubt.held"],
            ),
            (
                json!({ "held_minor": 800_000, "currency": "USD", "until": ends }),
                None,
                ends.clone(),
                &["answer.doubt.currency"],
            ),
            (
                json!({ "held_minor": 800_000, "currency": "CNY", "until": "9999-12-30T00:00:00Z" }),
                Some(800_000),
                ends.clone(),
                &["answer.doubt.until_late"],
            ),
            (
                json!({ "held_minor": 800_000, "currency": "CNY", "until": "2001-01-01T00:00:00Z" }),
                Some(800_000),
                ends.clone(),
                &["answer.doubt.until"],
            ),
            (json!({ "held_minor": 800_000, "currency": "CNY" }), Some(800_000), ends.clone(), &["answer.doubt.until"]),
            (
                json!({ "held_minor": 800_000, "currency": "CNY", "from": "2030-01-01T00:00:00Z", "until": ends }),
                Some(800_000),
                ends.clone(),
                &["answer.doubt.from"],
            ),
            (
                json!({ "held_minor": 1, "currency": "CNY", "until": ends, "balance_minor": 900_000_000_000_000_000_i64 }),
                Some(1),
                ends.clone(),
                &["answer.doubt.amount"],
            ),
        ];
        for (n, (said, held, until, doubts)) in cases.into_iter().enumerate() {
            let (desk, _, order) = sent(&province, &format!("62000043010100{n:05}")).await;
            let mut body = json!({ "order_id": order, "code": "done" });
            body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            let told = province.told("bank-a", "answer", body).await;
            // An amount beyond every bound may be refused where it is read; then nothing of it is there at all.
            if told["verdict"] != "accepted" {
                assert_eq!(told["faults"][0]["code"], "wire.field.range", "{said} {told}");
                continue;
            }
            let shown = desk.get(&format!("/api/orders/{order}")).await.json();
            assert_eq!(shown["held"]["minor"].as_i64(), held, "{said}");
            assert_eq!(shown["hold_until"], until, "{said}");
            let told: Vec<&str> =
                shown["doubts"].as_array().unwrap().iter().map(|doubt| doubt["code"].as_str().unwrap()).collect();
            assert_eq!(told, doubts, "{said}");
            assert_eq!(shown["state"], "in_effect");
        }
    })
    .await;
}

#[tokio::test]
async fn an_extension_is_believed_by_one_term_and_else_the_known_end_stays() {
    on_both(|province, _hand| async move {
        let now = province.db.clock().now();
        let at = |hours: i64| (now + Duration::hours(hours)).to_rfc3339();
        let cases: [(Value, String, &[&str]); 4] = [
            (json!({ "until": at(96) }), at(96), &[]),
            (json!({ "until": "9999-12-30T00:00:00Z" }), at(48), &["answer.doubt.until_late"]),
            (json!({ "until": "2001-01-01T00:00:00Z" }), at(48), &["answer.doubt.until"]),
            (json!({}), at(48), &["answer.doubt.until"]),
        ];
        for (n, (said, until, doubts)) in cases.into_iter().enumerate() {
            let account = format!("62000043010200{n:05}");
            let (desk, case, stop) = sent(&province, &account).await;
            let held =
                json!({ "order_id": stop, "code": "done", "held_minor": 800_000, "currency": "CNY", "until": at(48) });
            assert_eq!(province.told("bank-a", "answer", held).await["verdict"], "accepted");
            let officer = province.of(&format!("extends-{n}"), Some(NEAR), &["stop_officer"]).await;
            let longer = json!({ "case_id": case, "partner": "bank-a", "kind": "extend_stop", "account": account,
                "refers_to": stop, "reason": "案件仍在侦办" });
            let made = officer.post("/api/orders", &longer).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            let order = made.json()["id"].as_str().unwrap().to_owned();
            let approved = desk.post(&format!("/api/orders/{order}/approve"), &json!({})).await;
            assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
            let mut body = json!({ "order_id": order, "code": "done" });
            body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            assert_eq!(province.told("bank-a", "answer", body).await["verdict"], "accepted", "{said}");
            let shown = desk.get(&format!("/api/orders/{stop}")).await.json();
            assert_eq!((&shown["state"], &shown["hold_until"]), (&json!("in_effect"), &json!(until)), "{said}");
            let shown = desk.get(&format!("/api/orders/{order}")).await.json();
            let told: Vec<&str> =
                shown["doubts"].as_array().unwrap().iter().map(|doubt| doubt["code"].as_str().unwrap()).collect();
            assert_eq!(told, doubts, "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn movements_that_cannot_be_are_left_out_of_the_chase_and_told() {
    on_both(|province, _hand| async move {
        let now = province.db.clock().now();
        let (desk, case, stop) = sent(&province, "6200004301010000006").await;
        let until = (now + Duration::hours(48)).to_rfc3339();
        let none = json!({ "order_id": stop, "code": "done_in_part", "held_minor": 0, "balance_minor": 0,
            "currency": "CNY", "until": until });
        assert_eq!(province.told("bank-a", "answer", none).await["verdict"], "accepted");
        let query = province.order(&desk, &case, "query_transactions").await;
        let approved = desk.post(&format!("/api/orders/{query}/approve"), &json!({})).await;
        assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
        let line = |id: &str, at: String, direction: &str, minor: i64, balance: i64| {
            json!({ "id": id, "at": at, "direction": direction, "amount_minor": minor, "currency": "CNY",
                "balance_after_minor": balance, "channel": "mobile", "reference": "R\u{0}1",
                "counterparty": { "bank": "bank-a", "account": "6200004301010000099", "name": "丙\r\nX: y" } })
        };
        let paid = (now - Duration::minutes(20)).to_rfc3339();
        let answer = json!({ "order_id": query, "code": "done", "currency": "CNY", "transactions": [
            line("1", paid.clone(), "in", 800_000, 800_000),
            line("1", paid.clone(), "out", 800_000, 0),
            line("2", "9998-12-30T21:59:59Z".into(), "out", 800_000, 0),
            line("3", "0001-01-02T00:00:00Z".into(), "out", 800_000, 0),
            line("4", paid, "out", 700_000, 100_000),
        ] });
        let told = province.told("bank-a", "answer", answer).await;
        assert_eq!(told["verdict"], "accepted", "{told}");
        let shown = desk.get(&format!("/api/orders/{query}")).await.json();
        let doubts: Vec<&str> =
            shown["doubts"].as_array().unwrap().iter().map(|doubt| doubt["field"].as_str().unwrap()).collect();
        assert_eq!(doubts, ["transactions[1]", "transactions[2]", "transactions[3]"], "{shown}");
        let kept = shown["answer"]["transactions"].as_array().unwrap();
        assert_eq!(kept.iter().map(|line| line["id"].as_str().unwrap()).collect::<Vec<_>>(), ["1", "4"]);
        assert!(!shown["answer"].to_string().contains("\\r"), "no control characters: {shown}");
    })
    .await;
}

#[tokio::test]
async fn a_hold_that_a_bank_ends_before_its_time_is_told() {
    on_both(|province, _hand| async move {
        let now = province.db.clock().now();
        let (desk, _, order) = sent(&province, "6200004301010000006").await;
        let until = (now + Duration::hours(48)).to_rfc3339();
        let held =
            json!({ "order_id": order, "code": "done", "held_minor": 800_000, "currency": "CNY", "until": until });
        assert_eq!(province.told("bank-a", "answer", held).await["verdict"], "accepted");
        let lapse = json!({ "order_id": order, "account": "6200004301010000006", "hold": "stop", "reason": "ended",
            "lapsed_at": now.to_rfc3339(), "held_minor": 800_000, "currency": "CNY" });
        let told = province.told("bank-a", "lapse", lapse).await;
        assert_eq!(told["verdict"], "accepted", "{told}");
        let shown = desk.get(&format!("/api/orders/{order}")).await.json();
        assert_eq!(shown["doubts"][0]["code"], "answer.doubt.lapsed_early", "{shown}");
    })
    .await;
}
