//! A centre and two operators on this machine, each behind its own socket.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use centre::{Centre, Config, intake, lines, numbers, signals, stop};
use kernel::{Duration, ManualClock};
use serde_json::{Value, json};
use store::{Db, Who};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::testing::{Client, user};
use wire::{Courier, Directory, KeyPair, Keys, PartnerId};

use crate::operator::Operator;

pub struct Room {
    pub db: Db,
    pub router: Router,
    pub centre: PartnerId,
    pub centre_url: String,
    pub a: Operator,
    pub b: Operator,
    /// Who has logged in, until the clock moves.
    clients: Mutex<HashMap<String, Client>>,
    hand: ManualClock,
    tasks: Vec<JoinHandle<()>>,
    _lists: tempfile::TempDir,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn partner(id: &str, role: &str, url: &str, key: &Value) -> Value {
    json!({ "id": id, "name": format!("{id}示范"), "role": role, "base_url": url, "keys": key, "answer_minutes": 30,
        "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
            { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] })
}

async fn listen() -> (TcpListener, String) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

fn serve(socket: TcpListener, router: Router) -> JoinHandle<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(socket, service).await.unwrap() })
}

/// The usual room.
pub async fn room(db: Db, hand: ManualClock) -> Room {
    room_with(db, hand, numbers::Parameters::default()).await
}

pub async fn room_with(db: Db, hand: ManualClock, numbers: numbers::Parameters) -> Room {
    let now = db.clock().now();
    let centre_key = KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let centre_public = serde_json::to_value([centre_key.public()]).unwrap();
    let (centre_socket, centre_url) = listen().await;
    let me = PartnerId::parse("centre-43").unwrap();
    let directory = Directory::open(&db).await.unwrap();
    let admin = Who::user("admin", &["partners.write"]);
    let mut tasks = Vec::new();
    let mut operators = Vec::new();
    for id in ["op-a", "op-b"] {
        let operator = Operator::new(id).await;
        let (socket, url) = listen().await;
        let key = serde_json::to_value(operator.keys.public()).unwrap();
        directory.create(&admin, &partner(id, "operator", &url, &key)).await.unwrap();
        let known = Directory::open(&operator.db).await.unwrap();
        known.create(&admin, &partner("centre-43", "centre", &centre_url, &centre_public)).await.unwrap();
        tasks.push(serve(socket, wire::router(operator.inbox(&known))));
        let http = wire::courier::client(None).unwrap();
        tasks.push(tokio::spawn(Courier::new(&operator.db, &operator.outbox, &known, http).run()));
        operators.push(operator);
    }
    let lists = tempfile::tempdir().unwrap();
    let seat =
        web::Seat { kind: "centre", id: "centre-43".into(), zh: "示范中心".into(), en: "Demo centre".into() };
    let config = Config {
        db: db.clone(),
        me: me.clone(),
        keys: Keys::in_memory([centre_key]),
        owner: "test".into(),
        roots_file: None,
        stop: stop::Parameters::default(),
        intake: intake::Parameters::default(),
        lines: lines::Parameters::default(),
        numbers,
        signals: signals::Parameters::default(),
        lists_folder: lists.path().to_owned(),
        web: web::Settings::new(seat, web::Transport::Plain),
    };
    let centre = Centre::open(config).await.unwrap();
    let router = centre.app().unwrap();
    tasks.push(serve(centre_socket, router.clone()));
    tasks.push(tokio::spawn(centre.run()));
    for (login, roles) in [
        ("intake", vec!["intake_officer"]),
        ("lines", vec!["lines_officer"]),
        ("second", vec!["lines_officer"]),
        ("reviewer", vec!["stop_reviewer"]),
        ("both", vec!["lines_officer", "stop_reviewer"]),
        ("chief", vec!["chief"]),
        ("deputy", vec!["chief"]),
    ] {
        user(&db, "centre", login, &roles).await;
    }
    let b = operators.pop().unwrap();
    let a = operators.pop().unwrap();
    Room { db, router, centre: me, centre_url, a, b, clients: Mutex::default(), hand, tasks, _lists: lists }
}

impl Room {
    pub async fn login(&self, login: &str) -> Client {
        if let Some(client) = self.clients.lock().unwrap().get(login) {
            return client.clone();
        }
        let client = Client::logged_in(&self.router, login).await;
        self.clients.lock().unwrap().insert(login.to_owned(), client.clone());
        client
    }

    /// A user who sees and acts in one region only.
    pub async fn office(&self, login: &str, role: &str, region: &str) {
        user(&self.db, "centre", login, &[role]).await;
        let changed = self.db.begin().await;
        let mut tx = changed.unwrap();
        tx.execute("UPDATE web_user SET region = $1 WHERE login = $2", store::args![region, login]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Moves every clock; sessions may end by it.
    pub fn advance(&self, span: Duration) {
        self.clients.lock().unwrap().clear();
        for hand in [&self.hand, &self.a.hand, &self.b.hand] {
            hand.advance(span);
        }
    }

    /// A submitted report that names telephone numbers; gives its identity.
    pub async fn report(&self, phones: &[&str]) -> String {
        let now = self.db.clock().now();
        let contacts: Vec<Value> = phones.iter().map(|phone| json!({ "kind": "phone", "value": phone })).collect();
        let intake = self.login("intake").await;
        let scam_type = intake.get("/api/scam-types").await.json()["items"][0]["code"].clone();
        let body = json!({
            "state": "submitted", "channel": "110",
            "victim": { "name": "唐小雨", "citizen_id": "", "phone": "19000000001", "region": "430102" },
            "narrative": "有人冒充客服，让我转账三万元。",
            "payments": [],
            "contacts": contacts, "scam_type": scam_type, "region": "430102",
            "occurred_at": (now - Duration::minutes(40)).to_rfc3339(),
        });
        let made = intake.post("/api/reports", &body).await;
        assert_eq!(made.status, axum::http::StatusCode::CREATED, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn journaled(&self, kind: &str) -> Vec<Value> {
        let all = store::journal::read_after(&self.db, 0, 10_000).await.unwrap();
        all.iter().filter(|entry| entry.kind == kind).map(|entry| entry.json()).collect()
    }
}

/// Waits for what other tasks are to do; ends as soon as it is there.
pub async fn until(what: &str, mut check: impl AsyncFnMut() -> bool) {
    for _ in 0..3_000 {
        if check().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("did not happen: {what}");
}
