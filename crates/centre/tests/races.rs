//! Every pair of acts of the centre's desks against each other on both databases: of two that exclude each other one
//! wins and the other is told, nothing is sealed twice, and no answer or deadline is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use centre::chase::{self, Payment};
use centre::stop::{self, AttachedPaper, CaseRef, Decision, NewOrder, StandingRule};
use centre::{Centre, Config, Post, intake, lines, numbers, signals};
use kernel::{AppealId, Duration, ListEntryId, OrderId, ReportId, RuleId, Timestamp};
use serde_json::{Value, json};
use store::testing::each_db;
use store::timers::Timer;
use store::{Db, Who, args};
use tower::ServiceExt;
use trace::AccountKey;
use web::testing::race::{Act, Machine, Outcome, SHARED, Start, handled, run, unlisted};
use web::testing::{Client, user};
use wire::{
    Answer, AnswerCode, ApprovalLevel, Directory, Keys, LineAnswer, LineAnswerCode, LineOrderKind, ListAction,
    ListLift, NumberPattern, OrderKind, Outbox, PartnerId,
};

/// Operations that change no subject that another act could change at the same moment.
const EXEMPT: &[(&str, &str)] = &[
    ("POST /api/partners", "makes a partner; its name is unique"),
    ("POST /api/orders", "makes an order; the limit of stops has a race of its own below"),
    ("POST /api/orders/{id}/follow", "makes an order; the limit of stops has a race of its own below"),
    ("POST /api/chases/{case_id}/stop-account", "makes an order; the limit of stops has a race of its own below"),
    ("POST /api/standing-rules", "makes a rule"),
    ("POST /api/line-orders", "makes orders"),
    ("POST /api/line-orders/{id}/lift", "makes orders; what they do when answered is raced"),
    ("POST /api/line-orders/{id}/follow", "makes orders"),
    ("POST /api/reports/{id}/telephones", "makes orders and entries; entries are raced"),
    ("POST /api/number-story", "reads"),
    ("POST /api/reports", "makes a report"),
    ("POST /api/public/reports", "makes a report"),
    ("POST /api/reports/read-narrative", "reads"),
    ("POST /api/reports/duplicates", "reads"),
    ("POST /api/report-imports", "makes reports; a file is taken by whoever holds its lease"),
    ("PUT /api/report-import-mappings/{source}", "the last mapping is the one; there is no state"),
    ("POST /api/number-entries/import", "makes entries, as POST /api/number-entries does"),
    ("POST /api/number-imports/{id}/cancel", "ends a running import once, by a guarded change; its rows are entries"),
];

/// A centre with its desks, and two officers who may do everything.
struct Room {
    db: Db,
    /// The other reports of a race about pairs, by the one in the middle.
    others: Mutex<HashMap<String, Others>>,
    router: Router,
    wang: Client,
    li: Client,
    stop: stop::Desk,
    chase: chase::Desk,
    lines: lines::Desk,
    numbers: numbers::Desk,
}

async fn room(db: Db) -> (Arc<Room>, utoipa::openapi::OpenApi) {
    let now = db.clock().now();
    let pair = || wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let directory = Directory::open(&db).await.unwrap();
    for (id, role) in [("bank-a", "bank"), ("bank-b", "bank"), ("op-a", "operator"), ("op-b", "operator")] {
        let partner = json!({ "id": id, "name": format!("{id}示范"), "role": role, "base_url": "http://127.0.0.1:1",
            "keys": [serde_json::to_value(pair().public()).unwrap()],
            "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
                { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
        directory.create(&Who::user("admin", &["partners.write"]), &partner).await.unwrap();
    }
    let seat =
        web::Seat { kind: "centre", id: "centre-43".into(), zh: "示范中心".into(), en: "Demo centre".into() };
    let (me, keys) = (PartnerId::parse("centre-43").unwrap(), Keys::in_memory([pair()]));
    let folder: Arc<Path> = std::env::temp_dir().join("shouhu-no-lists").into();
    let config = Config {
        db: db.clone(),
        me: me.clone(),
        keys: keys.clone(),
        owner: "test".into(),
        roots_file: None,
        stop: stop::Parameters::default(),
        intake: intake::Parameters::default(),
        lines: lines::Parameters::default(),
        numbers: numbers::Parameters::default(),
        signals: signals::Parameters::default(),
        lists_folder: folder.to_path_buf(),
        web: web::Settings::new(seat, web::Transport::Plain),
    };
    let centre = Centre::open(config).await.unwrap();
    let (router, openapi) = (centre.app().unwrap(), centre.openapi());
    let roles = ["intake_officer", "stop_officer", "stop_reviewer", "lines_officer", "chief", "admin"];
    for login in ["wang", "li"] {
        user(&db, "centre", login, &roles).await;
    }
    let post = Post { outbox: Outbox::new(me, keys, "test"), directory };
    let stop = stop::Desk { post: post.clone(), parameters: Arc::default() };
    let room = Room {
        wang: Client::logged_in(&router, "wang").await,
        li: Client::logged_in(&router, "li").await,
        chase: chase::Desk::new(stop.clone()),
        stop,
        lines: lines::Desk { post: post.clone(), parameters: Arc::default(), unit: "示范中心".into() },
        numbers: numbers::Desk { post, parameters: Arc::default(), folder },
        db,
        others: Mutex::default(),
        router,
    };
    (Arc::new(room), openapi)
}

fn maker() -> Who {
    Who::user("maker", &["stop.make", "lines.make", "numbers.write", "rules.write", "intake.write"])
}

fn checker() -> Who {
    Who::user("checker", &["stop.check", "lines.check", "numbers.check", "rules.write"])
}

fn partner(id: &str) -> PartnerId {
    PartnerId::parse(id).unwrap()
}

impl Room {
    fn now(&self) -> Timestamp {
        self.db.clock().now()
    }

    fn case(&self, number: usize) -> CaseRef {
        let now = self.now();
        CaseRef { id: ReportId::new(now), number: format!("R-{number}"), region: "430102".into(), reported_at: now }
    }

    fn order(&self, number: usize) -> NewOrder {
        let now = self.now();
        let check = wire::Check { amount_minor: 3_000_000, currency: "CNY".into(), at: now, reference: None };
        NewOrder {
            case: self.case(number),
            partner: partner("bank-a"),
            kind: OrderKind::Stop,
            account_no: format!("62000043010{number:08}"),
            account_name: Some("邱志强".into()),
            currency: "CNY".into(),
            check: Some(check),
            amount_minor: Some(3_000_000),
            period: None,
            until: None,
            refers_to: None,
            level: 1,
            include_interest: false,
            approval_level: None,
            reason: "受害人转入".into(),
            dedup: None,
        }
    }

    /// An order in a state: made, approved, answered.
    async fn stop_in(&self, state: &str, asked: NewOrder) -> OrderId {
        let mut tx = self.db.begin().await.unwrap();
        let id = self.stop.make(&mut tx, &maker(), asked).await.unwrap();
        if state != "review" {
            self.stop.decide(&mut tx, &checker(), id, Decision::Approve).await.unwrap();
        }
        if state == "in_effect" {
            self.stop.answer(&mut tx, &partner("bank-a"), &self.answer(id, AnswerCode::Done)).await.unwrap();
        }
        tx.commit().await.unwrap();
        id
    }

    fn answer(&self, id: OrderId, code: AnswerCode) -> Answer {
        let mut answer = Answer::new(id, code);
        if code == AnswerCode::Done {
            answer.held_minor = Some(3_000_000);
            answer.until = Some(self.now() + Duration::hours(48));
        }
        answer
    }

    async fn bank_answers(&self, id: &str, code: AnswerCode) -> Outcome {
        let mut tx = self.db.begin().await.unwrap();
        let answer = self.answer(id.parse().unwrap(), code);
        let result = self.stop.answer(&mut tx, &partner("bank-a"), &answer).await;
        finish(tx, result).await
    }

    /// A later order about the hold of an earlier one goes its whole way.
    async fn later_order(&self, id: &str, kind: OrderKind) -> Outcome {
        let earlier = stop::get(&self.db, &Who::user("x", &["stop.read"]), id.parse().unwrap()).await.unwrap();
        let now = self.now();
        let asked = NewOrder {
            kind,
            refers_to: kind.refers_to_another().then_some(earlier.id),
            check: None,
            until: (kind == OrderKind::Freeze).then(|| now + Duration::hours(24 * 100)),
            approval_level: (kind == OrderKind::Freeze).then_some(ApprovalLevel::County),
            amount_minor: None,
            ..earlier.asked
        };
        let mut tx = self.db.begin().await.unwrap();
        let id = match self.stop.make(&mut tx, &maker(), asked).await {
            Ok(id) => id,
            // The other act used up the last stop of the account.
            Err(stop::Refusal::Faults(_)) => return Outcome::Handled,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let sha256 = store::document::put(&mut tx, "text/plain", b"paper").await.unwrap();
        let paper = AttachedPaper { sha256, name: "文书".into(), media_type: "text/plain".into() };
        self.stop.attach(&mut tx, &maker(), id, paper).await.unwrap();
        match self.stop.decide(&mut tx, &checker(), id, Decision::Approve).await {
            Ok(()) => {}
            Err(stop::Refusal::Faults(_)) => return Outcome::Handled,
            Err(error) => return Outcome::Failed(error.to_string()),
        }
        let mut answer = self.answer(id, AnswerCode::Done);
        answer.until = Some(now + Duration::hours(96));
        let result = self.stop.answer(&mut tx, &partner("bank-a"), &answer).await;
        finish(tx, result).await
    }

    /// The timer of a key as it stands, or one that was taken back meanwhile.
    async fn timer(&self, kind: &str, key: String, subject: &str) -> Timer {
        let row: Option<(i64,)> =
            self.db.fetch_optional("SELECT due FROM timer WHERE key = $1", args![&key]).await.unwrap();
        let due = row.map_or(Timestamp(0), |(due,)| Timestamp(due));
        Timer { key, kind: kind.into(), subject: subject.into(), due, attempt: 1 }
    }

    async fn stop_timer(&self, kind: &str, id: &str) -> Outcome {
        let timer = self.timer(kind, format!("{kind}:{id}"), id).await;
        let mut tx = self.db.begin().await.unwrap();
        let result = self.stop.due(&mut tx, &timer).await;
        finish(tx, result).await
    }

    async fn attach(&self, id: &str) -> Outcome {
        let body = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\ncontent-type: text/plain\r\n\r\npaper\r\n--x--\r\n";
        let mut request = Request::builder().method(Method::POST).uri(format!("/api/orders/{id}/papers"));
        for (name, value) in &self.wang.headers {
            request = request.header(name, value);
        }
        let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        match response.status().as_u16() {
            201 => Outcome::Done,
            409 => Outcome::Conflict,
            status => Outcome::Failed(status.to_string()),
        }
    }
}

/// Commits where it went well.
async fn finish<T, E: std::fmt::Display>(tx: store::Tx, result: Result<T, E>) -> Outcome {
    match result {
        Ok(_) => handled(tx.commit().await),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// A closure over the room that may be called often.
macro_rules! act {
    ($room:expr, $name:literal, $writes:literal, |$r:ident, $id:ident| $body:expr) => {{
        let room = $room.clone();
        Act::of($name, $writes, move |$id: String| {
            let $r = room.clone();
            async move { $body }
        })
    }};
}

macro_rules! start {
    ($room:expr, $state:literal, |$r:ident, $n:ident| $body:expr) => {{
        let room = $room.clone();
        Start::new($state, move |$n: usize| {
            let $r = room.clone();
            async move { $body.to_string() }
        })
    }};
}

fn reason() -> Value {
    json!({ "reason": "核实后决定" })
}

fn stop_step(state: &str, kind: &str, body: &Value) -> Option<String> {
    use stop::model::{Event, State, apply};
    let from = State::from_code(state).unwrap();
    let event = match kind {
        "order.sent" => Event::Approve,
        "order.refused" => Event::Refuse,
        "order.cancelled" => Event::Cancel,
        "order.answered" => Event::Answer(AnswerCode::from_code(body["code"].as_str()?)?),
        "order.expired" => Event::Expire,
        "order.lapsed" => Event::Lapse,
        "order.lifted" => Event::Lift,
        "order.replaced" => Event::Replace,
        "order.paper_attached" => return (from == State::Review).then(|| state.to_owned()),
        "order.overdue" => return (from == State::Sent).then(|| state.to_owned()),
        "order.ending_soon" | "hold.extended" => return (from == State::InEffect).then(|| state.to_owned()),
        _ => return Some(state.to_owned()),
    };
    apply(OrderKind::Stop, from, event).ok().map(|next| next.code().to_owned())
}

fn stops(room: &Arc<Room>) -> Machine {
    Machine {
        name: "order",
        row: ("stop_order", "id"),
        state_sql: "SELECT state FROM stop_order WHERE id = $1",
        subject: "order:",
        seals: Some(("order:", "order.sent")),
        step: stop_step,
        starts: vec![
            start!(room, "review", |r, n| r.stop_in("review", r.order(n)).await),
            start!(room, "sent", |r, n| r.stop_in("sent", r.order(n)).await),
            start!(room, "in_effect", |r, n| r.stop_in("in_effect", r.order(n)).await),
        ],
        acts: vec![
            act!(room, "POST /api/orders/{id}/approve", "order.sent", |r, id| {
                r.wang.post(&format!("/api/orders/{id}/approve"), &json!({})).await.into()
            }),
            act!(room, "POST /api/orders/{id}/refuse", "order.refused", |r, id| {
                r.li.post(&format!("/api/orders/{id}/refuse"), &reason()).await.into()
            }),
            act!(room, "POST /api/orders/{id}/cancel", "order.cancelled", |r, id| {
                r.li.post(&format!("/api/orders/{id}/cancel"), &reason()).await.into()
            }),
            act!(room, "POST /api/orders/{id}/papers", "order.paper_attached", |r, id| r.attach(&id).await)
                .idempotent(),
            act!(room, "the bank answers that it holds", "order.answered", |r, id| {
                r.bank_answers(&id, AnswerCode::Done).await
            })
            .body(json!({ "code": "done" }))
            .lands(&["order.answered", "answer.out_of_turn"]),
            act!(room, "the bank answers that the name differs", "order.answered", |r, id| {
                r.bank_answers(&id, AnswerCode::NameMismatch).await
            })
            .body(json!({ "code": AnswerCode::NameMismatch.code() }))
            .lands(&["order.answered", "answer.out_of_turn"]),
            act!(room, "the message expires", "order.expired", |r, id| r.stop_timer("stop.expire", &id).await),
            act!(room, "the answer is overdue", "order.overdue", |r, id| r.stop_timer("stop.overdue", &id).await),
            act!(room, "the hold lapses", "order.lapsed", |r, id| {
                let now = r.now();
                let lapse = wire::Lapse {
                    order_id: id.parse().unwrap(),
                    account: String::new(),
                    hold: wire::HoldKind::Stop,
                    reason: wire::LapseReason::Ended,
                    lapsed_at: now,
                    held_minor: None,
                    currency: None,
                    next_order_id: None,
                };
                let mut tx = r.db.begin().await.unwrap();
                let result = r.stop.lapse(&mut tx, &partner("bank-a"), &lapse).await;
                finish(tx, result).await
            }),
            act!(room, "a lift is answered", "order.lifted", |r, id| r.later_order(&id, OrderKind::LiftStop).await),
            act!(room, "a freeze takes its place", "order.replaced", |r, id| {
                r.later_order(&id, OrderKind::Freeze).await
            }),
            act!(room, "an extension is answered", "hold.extended", |r, id| {
                r.later_order(&id, OrderKind::ExtendStop).await
            }),
        ],
    }
}

fn line_step(state: &str, kind: &str, body: &Value) -> Option<String> {
    use lines::model::{Event, State, apply};
    let from = State::from_code(state).unwrap();
    let event = match kind {
        "line.sent" => Event::Approve,
        "line.refused" => Event::Refuse,
        "line.cancelled" => Event::Cancel,
        "line.answered" => Event::Answer(LineAnswerCode::from_code(body["code"].as_str()?)?),
        "line.expired" => Event::Expire,
        "line.ended" => Event::End,
        "line.lifted" => Event::Lift,
        "line.overdue" => return (from == State::Sent).then(|| state.to_owned()),
        _ => return Some(state.to_owned()),
    };
    apply(LineOrderKind::ProtectLine, from, event).ok().map(|next| next.code().to_owned())
}

impl Room {
    async fn line_in(&self, state: &str, number: usize, kind: LineOrderKind, refers_to: Option<OrderId>) -> OrderId {
        let now = self.now();
        let until = (kind != LineOrderKind::Lift).then(|| now + Duration::hours(24));
        let line = format!("+86191{number:08}");
        let about = lines::NewRequest::about(self.case(number), kind, line, "受害人正在被骗".into());
        let asked = lines::NewRequest { until, refers_to, ..about };
        let mut tx = self.db.begin().await.unwrap();
        let id = self.lines.make(&mut tx, &maker(), asked).await.unwrap();
        if state != "review" {
            self.lines.decide(&mut tx, &checker(), id, Decision::Approve).await.unwrap();
        }
        if state == "in_effect" {
            let answer = LineAnswer::new(id, LineAnswerCode::Done);
            self.lines.answer(&mut tx, &partner("op-a"), &answer).await.unwrap();
        }
        tx.commit().await.unwrap();
        id
    }

    async fn operator_answers(&self, id: &str, code: LineAnswerCode) -> Outcome {
        let mut tx = self.db.begin().await.unwrap();
        let answer = LineAnswer::new(id.parse().unwrap(), code);
        let result = self.lines.answer(&mut tx, &partner("op-a"), &answer).await;
        finish(tx, result).await
    }

    async fn line_timer(&self, kind: &str, id: &str) -> Outcome {
        let timer = self.timer(kind, format!("{kind}:{id}"), id).await;
        let mut tx = self.db.begin().await.unwrap();
        let result = self.lines.due(&mut tx, &timer).await;
        finish(tx, result).await
    }
}

fn line_orders(room: &Arc<Room>) -> Machine {
    let kind = LineOrderKind::ProtectLine;
    Machine {
        name: "line order",
        row: ("line_order", "id"),
        state_sql: "SELECT state FROM line_order WHERE id = $1",
        subject: "line:",
        seals: Some(("line:", "line.sent")),
        step: line_step,
        starts: vec![
            start!(room, "review", |r, n| r.line_in("review", n, kind, None).await),
            start!(room, "sent", |r, n| r.line_in("sent", n, kind, None).await),
            start!(room, "in_effect", |r, n| r.line_in("in_effect", n, kind, None).await),
        ],
        acts: vec![
            act!(room, "POST /api/line-orders/{id}/approve", "line.sent", |r, id| {
                r.wang.post(&format!("/api/line-orders/{id}/approve"), &json!({})).await.into()
            }),
            act!(room, "POST /api/line-orders/{id}/refuse", "line.refused", |r, id| {
                r.li.post(&format!("/api/line-orders/{id}/refuse"), &reason()).await.into()
            }),
            act!(room, "POST /api/line-orders/{id}/withdraw", "line.cancelled", |r, id| {
                r.li.post(&format!("/api/line-orders/{id}/withdraw"), &reason()).await.into()
            }),
            act!(room, "the operator answers that it is done", "line.answered", |r, id| {
                r.operator_answers(&id, LineAnswerCode::Done).await
            })
            .body(json!({ "code": "done" }))
            .lands(&["line.answered", "line.answer_out_of_turn"]),
            act!(room, "the operator answers that the line is another's", "line.answered", |r, id| {
                r.operator_answers(&id, LineAnswerCode::NotOurLine).await
            })
            .body(json!({ "code": LineAnswerCode::NotOurLine.code() }))
            .lands(&["line.answered", "line.answer_out_of_turn"]),
            act!(room, "the message expires", "line.expired", |r, id| r.line_timer("line.expire", &id).await),
            act!(room, "the answer is overdue", "line.overdue", |r, id| r.line_timer("line.overdue", &id).await),
            act!(room, "the measure ends", "line.ended", |r, id| r.line_timer("line.end", &id).await),
            act!(room, "a lift is answered", "line.lifted", |r, id| {
                let lift = r.line_in("sent", 0, LineOrderKind::Lift, Some(id.parse().unwrap())).await;
                r.operator_answers(&lift.to_string(), LineAnswerCode::Done).await
            }),
        ],
    }
}

fn number_step(state: &str, kind: &str, _body: &Value) -> Option<String> {
    use numbers::model::{Event, State, apply};
    let from = State::from_code(state).unwrap();
    let event = match kind {
        "number.put" if from == State::Proposed => Event::Confirm,
        "number.put" => Event::Approve,
        "number.refused" => Event::Refuse,
        "number.removed" => Event::Remove,
        "number.lifted" => Event::Lift,
        "number.expired" => Event::Expire,
        // What a report proposed is decided by an entry that an officer makes.
        "number.replaced" if from == State::Proposed => return Some("replaced".into()),
        "number.replaced" => Event::Replace,
        _ => return Some(state.to_owned()),
    };
    apply(from, event).ok().map(|next| next.code().to_owned())
}

impl Room {
    async fn proposed(&self, number: usize) -> ListEntryId {
        let mut tx = self.db.begin().await.unwrap();
        let msisdn = kernel::Msisdn::parse(&format!("+86192{number:08}")).unwrap();
        let id = self.numbers.propose(&mut tx, &self.case(number), msisdn, "涉诈联系电话").await.unwrap().unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn added(&self, pattern: String) -> ListEntryId {
        let mut tx = self.db.begin().await.unwrap();
        let new = numbers::NewEntry {
            pattern,
            action: ListAction::Block,
            reason: "涉诈".into(),
            source: "办案".into(),
            case: None,
            expires_at: Some(self.now() + Duration::hours(240)),
            label: None,
        };
        let added = self.numbers.add(&mut tx, &maker(), vec![new]).await.unwrap().remove(0).unwrap();
        tx.commit().await.unwrap();
        added.id()
    }

    /// An active entry whose time is over, though the timer has not come yet.
    async fn over(&self, pattern: String) -> ListEntryId {
        let id = self.added(pattern).await;
        let mut tx = self.db.begin().await.unwrap();
        let past = self.now() - Duration::minutes(1);
        tx.execute("UPDATE number_entry SET expires_at = $1 WHERE id = $2", args![past, id]).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn pattern(&self, id: &str) -> String {
        let sql = "SELECT pattern FROM number_entry WHERE id = $1";
        self.db.fetch_one::<(String,)>(sql, args![id]).await.unwrap().0
    }
}

fn entries(room: &Arc<Room>) -> Machine {
    Machine {
        name: "number entry",
        row: ("number_entry", "id"),
        state_sql: "SELECT state FROM number_entry WHERE id = $1",
        subject: "number:",
        seals: None,
        step: number_step,
        starts: vec![
            start!(room, "proposed", |r, n| r.proposed(n).await),
            start!(room, "review", |r, n| r.added(format!("+86193{n:07}*")).await),
            start!(room, "active", |r, n| r.over(format!("+86193{n:08}")).await),
        ],
        acts: vec![
            act!(room, "POST /api/number-entries/{id}/confirm", "number.put", |r, id| {
                r.wang.post(&format!("/api/number-entries/{id}/confirm"), &json!({})).await.into()
            }),
            act!(room, "POST /api/number-entries/{id}/approve", "number.put", |r, id| {
                r.wang.post(&format!("/api/number-entries/{id}/approve"), &json!({})).await.into()
            }),
            act!(room, "POST /api/number-entries/{id}/refuse", "number.refused", |r, id| {
                r.li.post(&format!("/api/number-entries/{id}/refuse"), &reason()).await.into()
            }),
            act!(room, "POST /api/number-entries/{id}/remove", "number.removed", |r, id| {
                r.li.post(&format!("/api/number-entries/{id}/remove"), &reason()).await.into()
            }),
            // A new entry takes the place of whatever stands then, this one or the next.
            act!(room, "POST /api/number-entries", "number.replaced", |r, id| {
                let body = json!({ "pattern": r.pattern(&id).await, "action": "block", "reason": format!("另案 {}", OrderId::new(r.now())) });
                match r.wang.post("/api/number-entries", &body).await.into() {
                    Outcome::Done => Outcome::Handled,
                    other => other,
                }
            }),
            act!(room, "its time is over", "number.expired", |r, _id| {
                let timer = r.timer("numbers.expiry", "numbers.expiry".into(), "numbers").await;
                let mut tx = r.db.begin().await.unwrap();
                let result = r.numbers.due(&mut tx, &timer).await;
                finish(tx, result).await
            }),
            act!(room, "an operator grants an appeal", "number.lifted", |r, id| {
                let now = r.now();
                let pattern = r.pattern(&id).await;
                let lift = ListLift {
                    appeal_id: AppealId::new(now),
                    number: pattern.clone(),
                    pattern: NumberPattern::parse(&pattern).unwrap(),
                    reason: "核实为正常号码".into(),
                    granted_by: "op".into(),
                    granted_at: now,
                };
                let mut tx = r.db.begin().await.unwrap();
                let result = r.numbers.lift(&mut tx, &partner("op-a"), &lift).await;
                finish(tx, result).await
            }),
        ],
    }
}

fn report_step(state: &str, kind: &str, _body: &Value) -> Option<String> {
    let next = match (state, kind) {
        ("draft", "report.changed") => "draft",
        ("draft", "report.submitted") => "submitted",
        ("draft", "report.joined") => "joined",
        ("submitted", "report.closed") => "closed",
        (_, "report.changed" | "report.submitted" | "report.joined" | "report.closed") => return None,
        _ => state,
    };
    Some(next.to_owned())
}

impl Room {
    fn draft(&self, number: usize) -> Value {
        let now = self.now();
        json!({
            "channel": "110", "victim": { "name": "唐小雨", "citizen_id": "", "phone": "19000000001", "region": "430102" },
            "narrative": "有人冒充客服，让我转账三万元。",
            "payments": [{ "payer_account": "6200004301020000016", "payer_bank": "bank-b",
                "payee_account": format!("62000043011{number:08}"), "payee_name": "邱志强", "payee_bank": "bank-a",
                "amount": { "minor": 3_000_000, "currency": "CNY" }, "paid_at": (now - Duration::minutes(20)).to_rfc3339(),
                "channel": "mobile", "reference": "" }],
            "contacts": [], "scam_type": "fake_ecommerce_service", "region": "430102",
            "occurred_at": (now - Duration::minutes(40)).to_rfc3339(),
        })
    }

    async fn report_in(&self, state: &str, number: usize) -> String {
        let mut body = self.draft(number);
        body["state"] = state.into();
        let types = self.wang.get("/api/scam-types").await.json();
        body["scam_type"] = types["items"][0]["code"].clone();
        let made = self.wang.post("/api/reports", &body).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn change(&self, id: &str, state: &str) -> Outcome {
        let types = self.wang.get("/api/scam-types").await.json();
        // A payment of its own: what is submitted after the change joins no other report.
        let number = usize::from_str_radix(&id.chars().rev().take(6).collect::<String>(), 16).unwrap();
        let mut body = self.draft(50_000_000 + number);
        body["scam_type"] = types["items"][0]["code"].clone();
        body["state"] = state.into();
        body["version"] = 1.into();
        self.li.send(Method::PUT, &format!("/api/reports/{id}"), Some(&body)).await.into()
    }
}

fn reports(room: &Arc<Room>) -> Machine {
    Machine {
        name: "report",
        row: ("intake_report", "id"),
        state_sql: "SELECT state FROM intake_report WHERE id = $1",
        subject: "report:",
        seals: None,
        step: report_step,
        starts: vec![
            start!(room, "draft", |r, n| r.report_in("draft", n).await),
            start!(room, "submitted", |r, n| r.report_in("submitted", n).await),
        ],
        acts: vec![
            act!(room, "PUT /api/reports/{id}", "report.changed", |r, id| r.change(&id, "draft").await),
            act!(room, "POST /api/reports/{id}/submit", "report.submitted", |r, id| {
                r.wang.post(&format!("/api/reports/{id}/submit"), &json!({})).await.into()
            }),
            act!(room, "POST /api/reports/{id}/close", "report.closed", |r, id| {
                r.li.post(&format!("/api/reports/{id}/close"), &reason()).await.into()
            }),
        ],
    }
}

/// Reports that may speak of one payment with the one that a race is about: that it takes in, and that it joins.
const TAKES_IN: &str = "后一起并入本案";
const JOINS: &str = "本案并入前一起";
const OF_DRAFT: &str = "草稿与本案是同一笔";

/// The reports around the one in the middle; each tells of the payment that all tell of, and of one more.
#[derive(Clone)]
struct Others {
    /// Submitted before it.
    earlier: String,
    /// Submitted after it.
    later: String,
    /// A draft of which only a person can say that it is the same payment.
    draft: String,
    /// A draft of the same victim, which joins by itself.
    same_victim: String,
}

/// A closed case, or one that was joined to another, takes in no other, and a closed one joins none.
fn pair_step(state: &str, kind: &str, body: &Value) -> Option<String> {
    let next = match (state, kind, body["reason"].as_str()) {
        ("submitted", "report.joined", _) => "joined",
        ("submitted", "report.closed", _) => "closed",
        (_, "report.joined" | "report.closed", _) => return None,
        ("closed" | "joined", "report.pair_same", Some(TAKES_IN)) => return None,
        ("closed", "report.pair_same", Some(JOINS)) => return None,
        _ => state,
    };
    Some(next.to_owned())
}

/// The state of the report in the middle, or what is wrong with all that tell of the payment: every payment that a report
/// told of lies once in the case that the report leads to, that case leads to no other, and each decision is kept.
const PAIR_STATE: &str = "
    WITH told AS (
        SELECT p.report_id, p.amount_minor, head.id AS head, head.joined_to AS head_joined, p.payee_account
        FROM intake_payment g JOIN intake_payment p ON p.payee_account = g.payee_account AND p.from_report IS NULL
        JOIN intake_report r ON r.id = p.report_id JOIN intake_report head ON head.id = COALESCE(r.joined_to, r.id)
        WHERE g.report_id = $1 AND g.position = 0)
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM told WHERE head_joined IS NOT NULL) THEN 'a case leads to another'
        WHEN EXISTS (SELECT 1 FROM told WHERE 1 <> (SELECT COUNT(*) FROM intake_payment q
            WHERE q.report_id = told.head AND q.payee_account = told.payee_account AND q.amount_minor = told.amount_minor))
            THEN 'a payment lies in no case, or twice'
        WHEN EXISTS (SELECT 1 FROM intake_pair p JOIN told a ON a.report_id = p.low JOIN told b ON b.report_id = p.high
            WHERE p.verdict = CASE WHEN a.head = b.head THEN 'separate' ELSE 'same' END) THEN 'a decision is not kept'
        ELSE state END
    FROM intake_report WHERE id = $1";

impl Room {
    /// Three submitted reports and two drafts; gives the report in the middle.
    async fn pairs(&self, number: usize) -> String {
        let telling = async |place: usize, phone: usize, state: &str| {
            let mut body = self.draft(number);
            body["victim"]["phone"] = format!("190{:08}", 10 * number + phone).into();
            body["scam_type"] = "fake_task_rebate".into();
            body["state"] = state.into();
            let mut all = body["payments"][0].clone();
            all["payee_account"] = format!("62000043014{number:08}").into();
            all["payer_account"] = "".into();
            all["payer_bank"] = "".into();
            let mut own = all.clone();
            own["amount"]["minor"] = (100_000 + place).into();
            body["payments"] = json!([all, own]);
            let made = self.wang.post("/api/reports", &body).await;
            assert_eq!((made.status.as_u16(), &made.json()["state"]), (201, &state.into()), "{}", made.text);
            made.json()["id"].as_str().unwrap().to_owned()
        };
        let earlier = telling(0, 0, "submitted").await;
        let middle = telling(1, 1, "submitted").await;
        let later = telling(2, 2, "submitted").await;
        let mut tx = self.db.begin().await.unwrap();
        for (seconds, id) in [(3, &earlier), (2, &middle), (1, &later)] {
            let at = self.now() - Duration::seconds(seconds);
            tx.execute("UPDATE intake_report SET submitted_at = $1 WHERE id = $2", args![at, id]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (draft, same_victim) = (telling(3, 3, "draft").await, telling(4, 1, "draft").await);
        self.others.lock().unwrap().insert(middle.clone(), Others { earlier, later, draft, same_victim });
        middle
    }

    fn others(&self, id: &str) -> Others {
        self.others.lock().unwrap()[id].clone()
    }

    async fn decide(&self, id: &str, other: &str, verdict: &str, reason: &str) -> Outcome {
        let body = json!({ "verdict": verdict, "reason": reason });
        self.li.post(&format!("/api/reports/{id}/pairs/{other}"), &body).await.into()
    }

    /// Another report enters; it is no act upon the one in the middle.
    async fn enters(&self, id: &str) -> Outcome {
        match self.wang.post(&format!("/api/reports/{id}/submit"), &json!({})).await.into() {
            Outcome::Done => Outcome::Handled,
            other => other,
        }
    }
}

fn pairs(room: &Arc<Room>) -> Machine {
    Machine {
        name: "pair of reports",
        row: ("intake_report", "id"),
        state_sql: PAIR_STATE,
        subject: "report:",
        seals: None,
        step: pair_step,
        starts: vec![start!(room, "submitted", |r, n| r.pairs(n).await)],
        acts: vec![
            act!(room, "POST /api/reports/{id}/pairs/{other}", "report.pair_same", |r, id| {
                r.decide(&id, &r.others(&id).later, "same", TAKES_IN).await
            })
            .body(json!({ "reason": TAKES_IN })),
            act!(room, "POST /api/reports/{id}/pairs/{other}", "report.pair_same", |r, id| {
                r.decide(&id, &r.others(&id).earlier, "same", JOINS).await
            })
            .body(json!({ "reason": JOINS })),
            act!(room, "POST /api/reports/{id}/pairs/{other}", "report.pair_separate", |r, id| {
                r.decide(&id, &r.others(&id).later, "separate", "两笔").await
            }),
            act!(room, "POST /api/reports/{id}/pairs/{other}", "report.pair_same", |r, id| {
                r.decide(&id, &r.others(&id).draft, "same", OF_DRAFT).await
            })
            .body(json!({ "reason": OF_DRAFT })),
            act!(room, "POST /api/reports/{id}/pairs/{other}", "report.pair_separate", |r, id| {
                r.decide(&id, &r.others(&id).same_victim, "separate", "两笔").await
            }),
            act!(room, "POST /api/reports/{id}/close", "report.closed", |r, id| {
                r.wang.post(&format!("/api/reports/{id}/close"), &reason()).await.into()
            }),
            act!(room, "a draft enters", "report.entered", |r, id| r.enters(&r.others(&id).draft).await),
            act!(room, "a draft of the same victim enters", "report.entered", |r, id| {
                r.enters(&r.others(&id).same_victim).await
            }),
        ],
    }
}

/// A payment that waits for its bank: `waiting`, then `placed`.
fn payments(room: &Arc<Room>) -> Machine {
    Machine {
        name: "payment without a bank",
        row: ("intake_payment", "report_id"),
        state_sql: "SELECT CASE WHEN payee_bank IS NULL THEN 'waiting' ELSE 'placed' END FROM intake_payment \
            WHERE report_id = $1",
        subject: "report:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("waiting", "report.bank_named") => Some("placed".into()),
            (_, "report.bank_named") => None,
            _ => Some(state.into()),
        },
        starts: vec![start!(room, "waiting", |r, n| {
            let id = r.report_in("submitted", 40_000_000 + n).await;
            let mut tx = r.db.begin().await.unwrap();
            tx.execute("UPDATE intake_payment SET payee_bank = NULL WHERE report_id = $1", args![&id]).await.unwrap();
            tx.commit().await.unwrap();
            id
        })],
        acts: vec![act!(
            room,
            "POST /api/payments-waiting/{case_id}/{position}/place",
            "report.bank_named",
            |r, id| {
                let body = json!({ "partner": "bank-a", "reason": "受害人补充" });
                r.wang.post(&format!("/api/payments-waiting/{id}/0/place"), &body).await.into()
            }
        )],
    }
}

fn rules(room: &Arc<Room>) -> Machine {
    let make = |room: &Arc<Room>, approved: bool| {
        let room = room.clone();
        move |n: usize| {
            let room = room.clone();
            async move {
                let now = room.now();
                let rule = StandingRule {
                    id: RuleId::new(now),
                    name: format!("夜间 {n}"),
                    kinds: vec![OrderKind::Stop],
                    level_max: 1,
                    amount_minor_max: 1,
                    line_kinds: vec![],
                    line_hours_max: 0,
                    report_age_max: Duration::hours(1),
                    region_prefix: "4303".into(),
                    author: "maker".into(),
                    approved_by: None,
                    valid_from: now,
                    expires_at: now + Duration::hours(24),
                    ended_at: None,
                };
                let mut tx = room.db.begin().await.unwrap();
                room.stop.propose_rule(&mut tx, &maker(), rule.clone()).await.unwrap();
                if approved {
                    room.stop.approve_rule(&mut tx, &checker(), rule.id).await.unwrap();
                }
                tx.commit().await.unwrap();
                rule.id.to_string()
            }
        }
    };
    Machine {
        name: "standing rule",
        row: ("standing_rule", "id"),
        state_sql: "SELECT CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN approved_by IS NOT NULL THEN 'approved' \
            ELSE 'proposed' END FROM standing_rule WHERE id = $1",
        subject: "rule:",
        seals: None,
        step: |state, kind, _| match (state, kind) {
            ("proposed", "rule.approved") => Some("approved".into()),
            ("proposed" | "approved", "rule.ended") => Some("ended".into()),
            (_, "rule.approved" | "rule.ended") => None,
            _ => Some(state.into()),
        },
        starts: vec![Start::new("proposed", make(room, false)), Start::new("approved", make(room, true))],
        acts: vec![
            act!(room, "POST /api/standing-rules/{id}/approve", "rule.approved", |r, id| {
                r.wang.post(&format!("/api/standing-rules/{id}/approve"), &json!({})).await.into()
            }),
            act!(room, "POST /api/standing-rules/{id}/end", "rule.ended", |r, id| {
                r.li.post(&format!("/api/standing-rules/{id}/end"), &json!({})).await.into()
            })
            .idempotent(),
        ],
    }
}

fn chase_step(state: &str, kind: &str, _body: &Value) -> Option<String> {
    let next = match (state, kind) {
        ("running" | "dry", "chase.paused") => "paused",
        ("paused", "chase.unpaused") => "running",
        ("running", "chase.dry") => "dry",
        ("dry", "chase.resumed") => "running",
        ("paused", "chase.more_allowed") => return None,
        (_, "chase.paused" | "chase.unpaused" | "chase.dry" | "chase.resumed") => return None,
        _ => state,
    };
    Some(next.to_owned())
}

impl Room {
    async fn chase_in(&self, state: &str, number: usize) -> ReportId {
        let case = self.case(number);
        let payment = Payment {
            id: format!("p{number}"),
            payee: AccountKey::new("bank-a", &format!("62000043012{number:08}")),
            payee_name: Some("邱志强".into()),
            amount_minor: 3_000_000,
            at: self.now(),
            reference: None,
            payer: None,
        };
        let mut tx = self.db.begin().await.unwrap();
        self.chase.start(&mut tx, &case, "CNY", &[payment]).await.unwrap();
        tx.commit().await.unwrap();
        if state == "paused" {
            let paused = self.wang.post(&format!("/api/chases/{}/pause", case.id), &reason()).await;
            assert_eq!(paused.status.as_u16(), 204, "{}", paused.text);
        }
        case.id
    }
}

fn chases(room: &Arc<Room>) -> Machine {
    Machine {
        name: "chase",
        row: ("chase", "case_id"),
        state_sql: "SELECT state FROM chase WHERE case_id = $1",
        subject: "chase:",
        seals: None,
        step: chase_step,
        starts: vec![
            start!(room, "running", |r, n| r.chase_in("running", n).await),
            start!(room, "paused", |r, n| r.chase_in("paused", n).await),
        ],
        acts: vec![
            act!(room, "POST /api/chases/{case_id}/pause", "chase.paused", |r, id| {
                r.wang.post(&format!("/api/chases/{id}/pause"), &reason()).await.into()
            })
            .idempotent(),
            act!(room, "POST /api/chases/{case_id}/resume", "chase.unpaused", |r, id| {
                r.li.post(&format!("/api/chases/{id}/resume"), &reason()).await.into()
            })
            .idempotent(),
            act!(room, "POST /api/chases/{case_id}/order-more", "chase.more_allowed", |r, id| {
                r.li.post(&format!("/api/chases/{id}/order-more"), &json!({ "count": 1, "reason": "资金已核实" }))
                    .await
                    .into()
            }),
            act!(room, "the chase takes a step", "chase.moved", |r, id| {
                let id: ReportId = id.parse().unwrap();
                let mut tx = r.db.begin().await.unwrap();
                r.chase.touch(&mut tx, id, None).await.unwrap();
                tx.commit().await.unwrap();
                handled(r.chase.work_on(&r.db, id).await)
            }),
        ],
    }
}

/// Users and partners have no states: what two administrators change at once must both be there.
fn directory(room: &Arc<Room>) -> [Machine; 2] {
    let user_of = |room: &Arc<Room>| {
        let room = room.clone();
        move |n: usize| {
            let room = room.clone();
            async move {
                let new = json!({ "login": format!("u{n}"), "name": "甲", "roles": ["auditor"], "password": web::testing::PASSWORD });
                let made = room.wang.post("/api/users", &new).await;
                assert_eq!(made.status.as_u16(), 201, "{}", made.text);
                made.json()["id"].as_str().unwrap().to_owned()
            }
        }
    };
    let users = Machine {
        name: "user",
        row: ("web_user", "id"),
        state_sql: "SELECT CASE WHEN disabled THEN 'disabled' ELSE 'enabled' END FROM web_user WHERE id = $1",
        subject: "user:",
        seals: None,
        step: |state, kind, body| match kind {
            "user.changed" if body["disabled"]["new"] == true => Some("disabled".into()),
            _ => Some(state.into()),
        },
        starts: vec![Start::new("enabled", user_of(room))],
        acts: vec![
            act!(room, "PATCH /api/users/{id}", "user.changed", |r, id| {
                let change = json!({ "name": "乙" });
                r.wang.send(Method::PATCH, &format!("/api/users/{id}"), Some(&change)).await.into()
            }),
            act!(room, "PATCH /api/users/{id}", "user.changed", |r, id| {
                let change = json!({ "disabled": true });
                r.li.send(Method::PATCH, &format!("/api/users/{id}"), Some(&change)).await.into()
            })
            .body(json!({ "disabled": { "new": true } })),
        ],
    };
    let partners = Machine {
        name: "partner",
        row: ("wire_partner", "id"),
        state_sql: "SELECT 'entered' FROM wire_partner WHERE id = $1",
        subject: "partner:",
        seals: None,
        step: |state, _, _| Some(state.into()),
        starts: vec![start!(room, "entered", |r, n| {
            let now = r.now();
            let pair = wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
            let body = json!({ "id": format!("shop-{n}"), "name": "示范支付", "role": "bank", "base_url": "http://127.0.0.1:1",
                "keys": [serde_json::to_value(pair.public()).unwrap()],
                "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
                    { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
            let made = r.wang.post("/api/partners", &body).await;
            assert_eq!(made.status.as_u16(), 201, "{}", made.text);
            format!("shop-{n}")
        })],
        acts: vec![act!(room, "PATCH /api/partners/{id}", "partner.changed", |r, id| {
            let change = json!({ "answer_minutes": 20 });
            r.wang.send(Method::PATCH, &format!("/api/partners/{id}"), Some(&change)).await.into()
        })],
    };
    [users, partners]
}

fn machines(room: &Arc<Room>) -> Vec<Machine> {
    let reports = [reports(room), pairs(room), payments(room)];
    let desks = [stops(room), line_orders(room), entries(room), rules(room), chases(room)];
    desks.into_iter().chain(reports).chain(directory(room)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_acts_at_the_same_time_leaves_one_story() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let (room, openapi) = room(db).await;
        let machines = machines(&room);
        assert_eq!(unlisted(&openapi, &machines, &[EXEMPT, SHARED].concat()), Vec::<String>::new());
        run(&room.db, &machines).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_stopped_no_oftener_than_the_limit_however_many_orders_leave_at_once() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let (room, _openapi) = room(db).await;
        let most = usize::try_from(room.stop.parameters.stops_max).unwrap();
        for round in 0..3 {
            let asked = room.order(round);
            let mut ids = Vec::new();
            for n in 0..most + 3 {
                // Each rests on a transfer of its own: the same order twice is not made.
                let mut asked = asked.clone();
                asked.check.as_mut().unwrap().at = room.now() - Duration::minutes(i64::try_from(n).unwrap());
                ids.push(room.stop_in("review", asked).await);
            }
            let approvals = ids.iter().map(|id| {
                let (room, id) = (room.clone(), *id);
                tokio::spawn(
                    async move { room.wang.post(&format!("/api/orders/{id}/approve"), &json!({})).await.status },
                )
            });
            let mut left = 0;
            for approval in approvals.collect::<Vec<_>>() {
                left += usize::from(approval.await.unwrap().is_success());
            }
            assert_eq!(left, most, "orders that left");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hold_has_one_lift_under_way_however_many_ask_at_once() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let (room, _openapi) = room(db).await;
        for round in 0..3 {
            let stop = room.stop_in("in_effect", room.order(round)).await;
            let line = room.line_in("in_effect", round, LineOrderKind::ProtectLine, None).await;
            for (path, body) in [
                (format!("/api/orders/{stop}/follow"), json!({ "act": "lift", "reason": "与案件无关" })),
                (format!("/api/orders/{stop}/follow"), json!({ "act": "freeze", "reason": "保全" })),
                (format!("/api/line-orders/{line}/lift"), json!({ "reason": "已劝阻" })),
            ] {
                let asking = [0, 1, 2, 3].map(|_| {
                    let (room, path, body) = (room.clone(), path.clone(), body.clone());
                    tokio::spawn(async move { room.wang.post(&path, &body).await })
                });
                let mut made = 0;
                for one in asking {
                    let answer = one.await.unwrap();
                    match answer.status.as_u16() {
                        201 => made += 1,
                        409 => assert!(answer.text.contains("same_waits"), "{}", answer.text),
                        status => panic!("{path}: {status} {}", answer.text),
                    }
                }
                assert_eq!(made, 1, "{path} {body}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pair_of_reports_is_decided_once_whoever_decides_at_the_same_moment() {
    each_db(&centre::migrations(), |db, _hand| async move {
        let (room, _openapi) = room(db).await;
        for round in 0..4 {
            let mut ids = Vec::new();
            for (victim, phone) in [("唐小雨", "19000000001"), ("邓若兰", "19000000002")] {
                let mut body = room.draft(9_000 + round);
                body["victim"]["name"] = victim.into();
                body["victim"]["phone"] = phone.into();
                body["payments"][0]["payer_account"] = "".into();
                body["payments"][0]["payer_bank"] = "".into();
                body["scam_type"] = "fake_task_rebate".into();
                body["state"] = "submitted".into();
                let made = room.wang.post("/api/reports", &body).await;
                assert_eq!(made.status.as_u16(), 201, "{}", made.text);
                ids.push(made.json()["id"].as_str().unwrap().to_owned());
            }
            let path = format!("/api/reports/{}/pairs/{}", ids[1], ids[0]);
            let deciding = [("same", 0), ("separate", 1), ("same", 2), ("separate", 3)].map(|(verdict, n)| {
                let (room, path) = (room.clone(), path.clone());
                tokio::spawn(async move {
                    let who = if n % 2 == 0 { &room.wang } else { &room.li };
                    let answer = who.post(&path, &json!({ "verdict": verdict, "reason": "电话核实" })).await;
                    (verdict, answer.status.as_u16())
                })
            });
            let mut done = Vec::new();
            for one in deciding {
                let (verdict, status) = one.await.unwrap();
                assert!(matches!(status, 200 | 204 | 409), "{verdict} {status}");
                if status != 409 {
                    done.push(verdict);
                }
            }
            assert!(!done.is_empty(), "somebody decides");
            let later = room.wang.get(&format!("/api/reports/{}", ids[1])).await.json();
            let earlier = room.wang.get(&format!("/api/reports/{}", ids[0])).await.json();
            let is_joined = [&later, &earlier].iter().any(|report| report["state"] == "joined");
            let verdicts: Vec<(String,)> = room
                .db
                .fetch_all("SELECT verdict FROM intake_pair WHERE low IN ($1, $2)", store::args![&ids[0], &ids[1]])
                .await
                .unwrap();
            let expected = if is_joined { "same" } else { "separate" };
            assert_eq!(verdicts, [(expected.to_owned(),)], "what is written is what was done: {done:?}");
        }
    })
    .await;
}
