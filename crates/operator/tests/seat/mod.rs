//! A carrier seat for tests: a centre that publishes and orders, and a look into what leaves.
#![allow(dead_code)]

use std::sync::Arc;

use axum::Router;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kernel::{Duration, ManualClock, OrderId, Timestamp};
use operator::feed::lookup::LookupSettings;
use operator::feed::{FeedKey, Settings as Feeds};
use operator::message::{Heard, Judge, ScreeningJudge};
use operator::records::{Keeper, KeeperSettings};
use operator::screening::{CallEvent, CallKey, Event, Front, Screening};
use operator::{Operator, Parameters, Settings};
use screen::{
    Attestation, CallAttempt, Caller, Decision, MessageAction, Number, Registration, Roaming, Screen, Trunk, TrunkKind,
};
use serde_json::{Value, json};
use store::testing::START;
use store::{Db, Who, args};
use web::{App, Transport, Web};
use wire::{Body, Directory, Handler, KeyPair, Keys, LineAnswer, Message, Outbox, PartnerId};

/// Tables that a carrier seat needs.
pub const MIGRATIONS: [store::Migrations; 3] = [wire::MIGRATIONS, sheet::MIGRATIONS, operator::MIGRATIONS];
/// The same, and what its pages need.
pub const ALL: [store::Migrations; 4] = [web::MIGRATIONS, MIGRATIONS[0], MIGRATIONS[1], MIGRATIONS[2]];
/// The key of the machine that feeds.
pub const FEED_KEY: &str = "feed-key-of-the-tests";
/// Somebody who calls.
pub const CALLER: &str = "+8617000000001";
/// Somebody who is called.
pub const CALLEE: &str = "+8613800000002";

/// The pages of a seat.
pub fn server(seat: &Seat) -> Router {
    let this =
        web::Seat {
            kind: "operator", id: "operator-a".into(), zh: "示范运营商".into(), en: "Demo carrier".into()
        };
    let web = Web::new(seat.operator.db().clone(), web::Settings::new(this, Transport::Plain));
    operator::api::mount(App::new(web), &seat.operator).build().unwrap()
}

pub struct Seat {
    pub operator: Operator,
    pub hand: ManualClock,
    pub centre: PartnerId,
    pub folder: Arc<tempfile::TempDir>,
}

impl Seat {
    pub async fn open(db: Db, hand: ManualClock) -> Self {
        Self::open_in(db, hand, Arc::new(tempfile::tempdir().unwrap()), true).await
    }

    /// Opens the seat over a database and a data folder; again, as after a restart, when they were used before.
    pub async fn open_in(db: Db, hand: ManualClock, folder: Arc<tempfile::TempDir>, first: bool) -> Self {
        Self::open_with(db, hand, folder, first, None).await
    }

    /// Opens the seat with a home register that can be asked.
    pub async fn open_asking(db: Db, hand: ManualClock, lookup: Option<LookupSettings>) -> Self {
        Self::open_with(db, hand, Arc::new(tempfile::tempdir().unwrap()), true, lookup).await
    }

    async fn open_with(
        db: Db,
        hand: ManualClock,
        folder: Arc<tempfile::TempDir>,
        first: bool,
        lookup: Option<LookupSettings>,
    ) -> Self {
        let (me, centre) = (PartnerId::parse("operator-a").unwrap(), PartnerId::parse("centre-43").unwrap());
        let far = START + Duration::hours(24 * 700);
        let keys = Keys::in_memory([KeyPair::generate(START - Duration::hours(1), far)]);
        let directory = Directory::open(&db).await.unwrap();
        if first {
            let who = Who::user("admin", &["partners.write"]);
            for id in ["centre-43", "centre-44"] {
                let key = keys.active(START).unwrap();
                let partner = json!({ "id": id, "name": id, "role": "centre", "base_url": "http://127.0.0.1:9",
                    "keys": [key.public()], "contacts": [], "enabled": true });
                directory.create(&who, &partner).await.unwrap();
            }
        }
        let (screening, _events) = Screening::new(Arc::new(Screen::new()), db.clock().clone());
        let settings = Settings {
            centre: Some(centre.clone()),
            data: folder.path().to_owned(),
            list_file: None,
            parameters: Parameters::default(),
            feeds: Feeds {
                keys: vec![FeedKey { name: "switch".into(), hash: operator::message::hash_key(FEED_KEY) }],
                lookup,
            },
        };
        let keeper = Keeper::open(KeeperSettings {
            folder: folder.path().join("records"),
            retention: settings.parameters.retention(),
        });
        let outbox = Outbox::new(me, keys, "test");
        let operator = Operator::new(db, outbox, directory, screening, keeper.unwrap(), settings);
        operator.seed_rules().await.unwrap();
        operator.load().await.unwrap();
        Self { operator, hand, centre, folder }
    }

    pub fn now(&self) -> Timestamp {
        self.operator.db().clock().now()
    }

    /// Takes a message in as the partner; the transaction is committed, and what follows from it is done.
    pub async fn receive(&self, from: &PartnerId, kind: &str, body: Value) -> Message {
        self.hand.advance(Duration::millis(1));
        let message = self.message(from, kind, body);
        self.deliver(&message).await;
        message
    }

    pub fn message(&self, from: &PartnerId, kind: &str, body: Value) -> Message {
        let mut message = Message::new(from, self.operator.me(), &Body::Ping, self.now(), Duration::hours(1)).unwrap();
        message.kind = kind.to_owned();
        message.body = body;
        message
    }

    pub async fn deliver(&self, message: &Message) {
        let mut tx = self.operator.db().begin().await.unwrap();
        self.operator.handle(&mut tx, message).await.unwrap();
        tx.commit().await.unwrap();
        self.operator.step().await.unwrap();
    }

    /// An order of the centre about a line; tests change what it says.
    pub fn line_order(&self, kind: &str, line: &str) -> Value {
        json!({
            "order_id": OrderId::new(self.now()), "number": "L261123-0001", "case_number": "R261123-0001",
            "kind": kind, "line": line, "reason": "电信诈骗",
            "authority": { "unit": "测试市公安局", "approver": "警官01", "legal_basis": "反电信网络诈骗法" },
        })
    }

    /// Orders and gives the last answer.
    pub async fn order(&self, order: Value) -> LineAnswer {
        let message = self.receive(&self.centre.clone(), wire::kind::LINE_ORDER, order).await;
        let (document,): (String,) = self
            .operator
            .db()
            .fetch_one(
                "SELECT document FROM wire_outbox WHERE in_reply_to = $1 AND kind = 'line_answer' ORDER BY created_at DESC",
                args![message.id],
            )
            .await
            .unwrap();
        serde_json::from_value(payload(&document)["body"].clone()).unwrap()
    }

    /// The bodies of a kind that were sent, in order.
    pub async fn sent(&self, kind: &str) -> Vec<Value> {
        let rows: Vec<(String,)> = self
            .operator
            .db()
            .fetch_all("SELECT document FROM wire_outbox WHERE kind = $1 ORDER BY created_at, id", args![kind])
            .await
            .unwrap();
        rows.iter().map(|(document,)| payload(document)["body"].clone()).collect()
    }

    /// Decides about a call of another operator's subscriber.
    pub fn call(&self, caller: &str, callee: &str) -> Decision {
        self.operator.screening().screen().decide_call(&self.attempt(caller, callee))
    }

    /// A call of another operator's subscriber.
    pub fn attempt<'a>(&self, caller: &'a str, callee: &str) -> CallAttempt<'a> {
        CallAttempt {
            caller: Caller::read(caller),
            callee: Number::read(callee),
            trunk: Trunk { id: 2, kind: TrunkKind::National },
            attestation: Attestation::None,
            roaming: Roaming::Unknown,
            at: self.now(),
        }
    }

    /// Decides about a call and records it, as a front does.
    pub fn place(&self, caller: &str, callee: &str) -> Decision {
        let decision = self.call(caller, callee);
        let event = CallEvent {
            key: CallKey(1),
            front: Front::SipRedirect,
            at: self.now(),
            caller: Number::read(caller),
            caller_raw: None,
            callee: Number::read(callee),
            trunk: Trunk { id: 2, kind: TrunkKind::National },
            attestation: Attestation::None,
            decision,
            took_ns: 900,
        };
        self.operator.take_events(&[Event::Call(Box::new(event))]);
        decision
    }

    /// Judges a message and records it, as a front does.
    pub fn send(&self, sender: &str, receiver: &str, text: &str) -> MessageAction {
        let clock = self.operator.db().clock().clone();
        let (screening, mut reports) = Screening::new(self.operator.screening().screen().clone(), clock);
        let action = ScreeningJudge(screening).judge(&Heard {
            front: Front::Smpp,
            at: self.now(),
            source: sender.into(),
            destinations: &[receiver.into()],
            registration: Registration::Absent,
            trunk: Trunk { id: 2, kind: TrunkKind::National },
            text,
        });
        let mut events = Vec::new();
        while let Ok(event) = reports.try_recv() {
            events.push(event);
        }
        self.operator.take_events(&events);
        action
    }

    pub fn stops(&self, caller: &str) -> bool {
        self.call(caller, CALLEE).action.stops()
    }
}

pub fn clerk() -> Who {
    Who::user(
        "clerk",
        &["operator.lists.read", "operator.lists.write", "operator.lines.read", "operator.appeals.decide"],
    )
}

pub fn payload(document: &str) -> Value {
    let part = document.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A list change of the centre.
pub fn change(number: u64, previous: u64, put: &[(&str, &str)], remove: &[&str]) -> Value {
    let put: Vec<Value> = put
        .iter()
        .map(|(pattern, action)| json!({ "pattern": pattern, "action": action, "reason": "涉诈", "source": "R261123-0001" }))
        .collect();
    json!({ "number": number, "previous": previous, "at": START, "put": put, "remove": remove })
}
