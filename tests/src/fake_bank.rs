//! A partner that misbehaves: a bank seat of nothing but the protocol, in the process of the test.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use kernel::{Clock, MessageId, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use wire::{Answer, AnswerCode, Body, KeyPair, Keys, Message, Order, PartnerId, Receipt, Sealed, Verdict};

use crate::client::http;
use crate::patience::until;
use crate::room::{CENTRE, introduce_as};
use crate::seat::{Kind, Seat, free_port};

/// How a fake bank takes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// With a good receipt.
    Good,
    /// Not at all, until [`FakeBank::release`].
    Hanging,
    /// With words that are no receipt.
    Nonsense,
    /// With an error of its server.
    Broken,
    /// With a receipt for another message.
    ForAnother,
    /// With a receipt under a key that nobody knows.
    WrongKey,
}

/// The bank.
#[derive(Debug, Clone)]
pub struct FakeBank {
    /// Its name.
    pub id: PartnerId,
    /// Its keys.
    pub keys: Keys,
    /// Where the centre is.
    centre: String,
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mood: Mutex<Mood>,
    received: Mutex<Vec<Message>>,
    /// Messages that were given a good receipt.
    taken: Mutex<Vec<MessageId>>,
    release: Notify,
}

/// What the centre said to a message.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// The payload of the receipt, or the problem.
    pub body: Value,
}

impl Reply {
    /// The verdict of the receipt.
    pub fn verdict(&self) -> &str {
        self.body["verdict"].as_str().unwrap_or("no receipt")
    }
}

impl FakeBank {
    /// A bank that the centre knows; it does not listen yet.
    pub fn meet(id: &str, centre: &Seat) -> Self {
        let now = Clock::system().now();
        let pair = key_pair(now);
        let bank = Self {
            id: PartnerId::parse(id).expect("a name"),
            keys: Keys::in_memory([pair]),
            centre: centre.url(),
            port: free_port(),
            shared: Arc::new(Shared {
                mood: Mutex::new(Mood::Good),
                received: Mutex::default(),
                taken: Mutex::default(),
                release: Notify::new(),
            }),
        };
        let keys = serde_json::to_string(&bank.keys.public()).expect("keys");
        introduce_as(centre, id, Kind::Bank, &format!("http://127.0.0.1:{}", bank.port), &keys);
        bank
    }

    /// Listens from now on.
    pub async fn listen(&self) {
        let router = Router::new().route("/wire/v1/messages", post(take)).with_state(self.clone());
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], self.port))).await.expect("its port");
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    /// Changes how it takes messages.
    pub fn set(&self, mood: Mood) {
        *self.shared.mood.lock().expect("no panic holds it") = mood;
    }

    /// Ends the waiting of those that hang.
    pub fn release(&self) {
        self.set(Mood::Good);
        self.shared.release.notify_waiters();
    }

    /// Everything that came in, again as often as it came.
    pub fn received(&self) -> Vec<Message> {
        self.shared.received.lock().expect("no panic holds it").clone()
    }

    /// How often a message was given a good receipt.
    pub fn taken(&self, id: MessageId) -> usize {
        self.shared.taken.lock().expect("no panic holds it").iter().filter(|taken| **taken == id).count()
    }

    /// Waits for the order with an id, and gives the message that brought it.
    pub async fn order(&self, order_id: &str, limit: Duration) -> (Message, Order) {
        until(&format!("{} has order {order_id}", self.id), limit, || async {
            let received = self.received();
            let found = received.iter().find(|message| message.body["order_id"] == order_id);
            let Some(message) = found.cloned() else { return Err(received) };
            match message.read() {
                Ok(Body::Order(order)) => Ok((message, *order)),
                other => panic!("no order: {other:?}"),
            }
        })
        .await
    }

    /// A message of this bank to the centre.
    pub fn message(&self, body: &Body) -> Message {
        let (now, centre) = (Clock::system().now(), PartnerId::parse(CENTRE).expect("a name"));
        Message::new(&self.id, &centre, body, now, kernel::Duration::hours(1)).expect("a message")
    }

    /// Seals a message.
    pub fn seal(&self, message: &Message) -> Sealed {
        wire::seal(&self.keys, message).expect("a sealed message")
    }

    /// Sends a document as it is.
    pub async fn send(&self, text: &str) -> Reply {
        let request = http().post(format!("{}/wire/v1/messages", self.centre));
        let request = request.header(header::CONTENT_TYPE, "application/jose").body(text.to_owned());
        let answer = request.send().await.expect("the centre answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("the centre answers");
        let payload = text.split('.').nth(1).and_then(wire::decode_part);
        let body = payload.or_else(|| serde_json::from_str(&text).ok()).unwrap_or(Value::String(text));
        Reply { status, body }
    }

    /// Seals and sends an answer.
    pub async fn answer(&self, to: &Message, answer: Answer) -> Reply {
        let message = self.message(&answer.into()).replying_to(to.id);
        self.send(&self.seal(&message).text).await
    }
}

/// The answer that a stop is done.
pub fn done(order: &Order, held_minor: i64) -> Answer {
    let now = Clock::system().now();
    let mut answer = Answer::new(order.order_id, AnswerCode::Done);
    answer.held_minor = Some(held_minor);
    answer.available_minor = Some(0);
    answer.balance_minor = Some(held_minor);
    answer.currency = Some(order.currency.clone());
    answer.from = Some(now);
    answer.until = Some(now + kernel::Duration::hours(48));
    answer.stops_used = Some(1);
    answer
}

/// A key that is valid around now.
pub fn key_pair(now: Timestamp) -> KeyPair {
    KeyPair::generate(now - kernel::Duration::hours(48), now + kernel::Duration::hours(48))
}

async fn take(State(bank): State<FakeBank>, document: Bytes) -> Response {
    let text = String::from_utf8_lossy(&document).into_owned();
    let payload = text.split('.').nth(1).and_then(wire::decode_part).expect("a document of the centre");
    let message: Message = serde_json::from_value(payload).expect("a message of the centre");
    bank.shared.received.lock().expect("no panic holds it").push(message.clone());
    let hang = bank.shared.release.notified();
    let mood = *bank.shared.mood.lock().expect("no panic holds it");
    if mood == Mood::Hanging {
        hang.await;
    }
    let now = Clock::system().now();
    let mut receipt = Receipt {
        v: wire::VERSION,
        from: bank.id.clone(),
        to: message.from.clone(),
        message_id: message.id,
        sha256: hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&document)),
        received_at: now,
        issued_at: now,
        verdict: Verdict::Accepted,
        fault: None,
        faults: Vec::new(),
        journal: None,
    };
    let mut keys = bank.keys.clone();
    match mood {
        Mood::Good | Mood::Hanging => bank.shared.taken.lock().expect("no panic holds it").push(message.id),
        Mood::Nonsense => return "<html>welcome to the online bank</html>".into_response(),
        Mood::Broken => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::ForAnother => receipt.message_id = MessageId::new(now),
        Mood::WrongKey => keys = Keys::in_memory([key_pair(now)]),
    }
    ([(header::CONTENT_TYPE, "application/jose")], receipt.seal(&keys).expect("a receipt").text).into_response()
}
