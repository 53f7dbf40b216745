//! Partners that are down, slow, answer twice, late or nonsense, or whose seals are broken, foreign, expired or
//! replayed: nothing changes twice, nothing is lost, and what is refused is journaled.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]
#![allow(clippy::inconsistent_digit_grouping, reason = "amounts in fen, with a gap where the yuan end")]

use std::time::Duration;

use e2e::books::{Books, To};
use e2e::client::Client;
use e2e::fake_bank::{FakeBank, Mood, done, key_pair};
use e2e::patience::until;
use e2e::reports::report;
use e2e::room::{Approval, Commit, Room, minor};
use e2e::seat::Seat;
use kernel::{Clock, OrderId, Timestamp};
use serde_json::{Value, json};
use wire::{Answer, AnswerCode, Body, Keys, Message, Order, PartnerId};

const PAID: i64 = 8_000_00;
/// A partner that comes back is tried again within the longest pause between two attempts.
const DELIVERED_WITHIN: Duration = Duration::from_secs(90);

/// A centre with a standing rule, and two fake banks that do not listen yet.
struct Scene {
    room: Room,
    x: FakeBank,
    y: FakeBank,
    officer: Client,
    books: Books,
}

impl Scene {
    async fn open() -> Self {
        let mut room = Room::make(Commit::Process, &[]);
        let x = FakeBank::meet("bank-x", &room.centre);
        let y = FakeBank::meet("bank-y", &room.centre);
        room.start().await;
        room.approve_in_advance().await;
        let officer = room.at_centre("officer").await;
        Self { room, x, y, officer, books: Books::default() }
    }

    /// Submits the report of a payment to a fake bank and gives the id of the stop order.
    async fn stop_order(&mut self, bank: &'static str) -> String {
        let victim = self.books.open("bank-v", PAID);
        let payee = self.books.open(bank, 0);
        let at = Timestamp(Clock::system().now().0 - kernel::Duration::minutes(20).0);
        let payment = self.books.pay(victim, To::Account(payee), PAID, at);
        let mut typed = report(&self.books, payment);
        // The victim's bank is no partner.
        typed["payments"][0]["payer_bank"] = json!("");
        let case = self.room.submit(&typed).await;
        let officer = &self.officer;
        until("the stop is made", DELIVERED_WITHIN, || async {
            let orders = officer.try_get(&format!("/orders?case={case}")).await?;
            let stop = orders["items"].as_array().and_then(|all| all.iter().find(|o| o["kind"] == "stop")).cloned();
            stop.and_then(|stop| stop["id"].as_str().map(str::to_owned)).ok_or_else(|| orders.to_string())
        })
        .await
    }

    async fn order(&self, id: &str) -> Value {
        self.officer.get(&format!("/orders/{id}")).await
    }

    async fn until_order(&self, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(&format!("order {id} is {what}"), DELIVERED_WITHIN, || async {
            let order = self.officer.try_get(&format!("/orders/{id}")).await?;
            if is_so(&order) { Ok(order) } else { Err(order["state"].clone()) }
        })
        .await
    }

    /// Waits until a message was given a good receipt by bank-x.
    async fn until_taken(&self, message: &Message) {
        until("the message is delivered", DELIVERED_WITHIN, || async {
            let times = self.x.taken(message.id);
            if times > 0 { Ok(()) } else { Err(self.x.received()) }
        })
        .await;
    }

    /// Journal entries of a kind.
    async fn journal(&self, kind: &str) -> Vec<Value> {
        self.room.at_centre("chief").await.list(&format!("/journal?kind={kind}&limit=200")).await
    }
}

fn distinct(messages: &[Message]) -> usize {
    let mut ids: Vec<String> = messages.iter().map(|message| message.id.to_string()).collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

fn about<'a>(messages: &'a [Message], order: &str) -> Vec<&'a Message> {
    messages.iter().filter(|message| message.body["order_id"] == order).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_down_gets_its_order_when_it_is_back_and_delays_nobody() {
    let mut scene = Scene::open().await;
    scene.y.listen().await;
    let waiting = scene.stop_order("bank-x").await;

    let other = scene.stop_order("bank-y").await;
    let (message, order) = scene.y.order(&other, Duration::from_secs(10)).await;
    assert_eq!(scene.y.answer(&message, done(&order, PAID)).await.verdict(), "accepted");
    scene.until_order(&other, "in effect", |order| order["state"] == "in_effect").await;
    assert_eq!(scene.order(&waiting).await["state"], "sent");

    // The centre dies as well before the partner is back.
    scene.room.centre.kill();
    scene.room.centre.start();
    scene.room.centre.ready().await;
    scene.x.listen().await;
    let (message, order) = scene.x.order(&waiting, DELIVERED_WITHIN).await;
    assert_eq!(scene.x.answer(&message, done(&order, PAID)).await.verdict(), "accepted");
    let shown = scene.until_order(&waiting, "in effect", |order| order["state"] == "in_effect").await;
    assert_eq!(minor(&shown["held"]), PAID);
    let received = scene.x.received();
    let ids: Vec<_> = about(&received, &waiting).iter().map(|message| message.id).collect();
    assert!(ids.iter().all(|id| *id == message.id), "one order is one message: {received:?}");
    scene.room.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_slow_or_gives_nonsense_for_a_receipt_gets_the_same_message_again() {
    let mut scene = Scene::open().await;
    scene.x.listen().await;
    scene.y.listen().await;
    scene.x.set(Mood::Hanging);
    let slow = scene.stop_order("bank-x").await;
    let (message, order) = scene.x.order(&slow, DELIVERED_WITHIN).await;

    // While one hangs, another is served.
    let other = scene.stop_order("bank-y").await;
    scene.y.order(&other, Duration::from_secs(10)).await;

    // It answers before it gives the receipt.
    assert_eq!(scene.x.answer(&message, done(&order, PAID)).await.verdict(), "accepted");
    scene.until_order(&slow, "in effect", |order| order["state"] == "in_effect").await;
    scene.x.release();
    scene.until_taken(&message).await;

    let mut delivered = Vec::new();
    for mood in [Mood::Nonsense, Mood::Broken, Mood::ForAnother, Mood::WrongKey] {
        scene.x.set(mood);
        let id = scene.stop_order("bank-x").await;
        until(&format!("{mood:?} was met twice"), DELIVERED_WITHIN, || async {
            let count = about(&scene.x.received(), &id).len();
            if count >= 2 { Ok(()) } else { Err(count) }
        })
        .await;
        assert_eq!(scene.order(&id).await["state"], "sent", "{mood:?}");
        scene.x.set(Mood::Good);
        let received: Vec<Message> = about(&scene.x.received(), &id).into_iter().cloned().collect();
        scene.until_taken(&received[0]).await;
        assert_eq!(distinct(&received), 1, "{mood:?}: the same message each time");
        delivered.push(received[0].id);
    }
    for id in delivered {
        assert_eq!(scene.x.taken(id), 1, "what has a good receipt is not sent again");
    }
    scene.room.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_and_only_from_the_bank_that_was_asked() {
    let mut scene = Scene::open().await;
    scene.x.listen().await;
    scene.y.listen().await;
    let id = scene.stop_order("bank-x").await;
    let (asked, order) = scene.x.order(&id, DELIVERED_WITHIN).await;

    // Another bank answers in its place.
    let foreign = scene.y.answer(&asked, done(&order, PAID)).await;
    assert_ne!(foreign.verdict(), "duplicate", "{foreign:?}");
    let shown = scene.order(&id).await;
    assert_eq!((&shown["state"], &shown["held"]), (&json!("sent"), &Value::Null), "{shown:#}");

    // Nonsense: an order that nobody gave; fields that are missing or wrong; a kind that does not exist.
    let stranger = Answer::new(OrderId::new(Clock::system().now()), AnswerCode::Done);
    let reply = scene.x.answer(&asked, stranger).await;
    assert!(reply.status < 500, "{reply:?}");
    let faulty = |body: Value, kind: &str| {
        let mut message = scene.x.message(&Body::Ping);
        (message.body, message.kind) = (body, kind.to_owned());
        scene.x.seal(&message).text
    };
    let nonsense = json!({ "order_id": id, "code": "done", "held_minor": "much", "from": 7, "currency": "CNY" });
    for (body, kind) in
        [(nonsense, "answer"), (json!({}), "answer"), (json!([1, 2]), "answer"), (json!({ "order_id": id }), "gossip")]
    {
        let reply = scene.x.send(&faulty(body, kind)).await;
        assert_eq!(reply.verdict(), "refused", "{kind}: {reply:?}");
    }
    let negative = Answer { held_minor: Some(-1), ..done(&order, PAID) };
    let reply = scene.x.answer(&asked, negative).await;
    assert_eq!(reply.verdict(), "refused", "{reply:?}");
    assert_eq!(scene.order(&id).await["state"], "sent", "nonsense changes nothing");

    // The answer at last, and late: the centre was restarted since it asked.
    scene.room.centre.kill();
    scene.room.centre.start();
    scene.room.centre.ready().await;
    let message = scene.x.message(&done(&order, PAID).into()).replying_to(asked.id);
    let document = scene.x.seal(&message).text;
    let first = scene.x.send(&document).await;
    assert_eq!(first.verdict(), "accepted", "{first:?}");
    let settled = scene.until_order(&id, "in effect", |order| order["state"] == "in_effect").await;
    let answered = scene.journal("order.answered").await.len();

    // The same document again and at once; the same words in a new message; other words.
    let (again, twice) = tokio::join!(scene.x.send(&document), scene.x.send(&document));
    assert_eq!((again.verdict(), twice.verdict()), ("duplicate", "duplicate"), "{again:?} {twice:?}");
    assert_eq!(again.body["received_at"], first.body["received_at"], "a duplicate names the first arrival");
    for changed in [done(&order, PAID), done(&order, 1), Answer::new(order.order_id, AnswerCode::NoSuchAccount)] {
        let reply = scene.x.answer(&asked, changed).await;
        assert!(reply.status < 500, "{reply:?}");
    }
    let shown = scene.order(&id).await;
    for field in ["state", "held", "answer_code", "answered_at", "hold_until"] {
        assert_eq!(shown[field], settled[field], "{field}");
    }
    assert_eq!(scene.journal("order.answered").await.len(), answered, "one answer, one entry");
    scene.room.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_is_broken_foreign_expired_or_replayed_is_refused_and_journaled() {
    let mut scene = Scene::open().await;
    scene.x.listen().await;
    let id = scene.stop_order("bank-x").await;
    let (asked, order) = scene.x.order(&id, DELIVERED_WITHIN).await;
    let now = Clock::system().now();
    let good = scene.x.message(&done(&order, PAID).into()).replying_to(asked.id);
    let hours = kernel::Duration::hours;

    let sealed = scene.x.seal(&good).text;
    let mut parts: Vec<&str> = sealed.split('.').collect();
    let other = scene.x.seal(&scene.x.message(&Body::Ping)).text;
    parts[1] = other.split('.').nth(1).unwrap();
    let broken = parts.join(".");
    let stranger = Message { from: PartnerId::parse("bank-z").unwrap(), ..good.clone() };
    let expired = Message { issued_at: now - hours(3), expires_at: now - hours(2), ..good.clone() };
    let early = Message { issued_at: now + hours(1), expires_at: now + hours(2), ..good.clone() };
    let misdirected = Message { to: PartnerId::parse("centre-44").unwrap(), ..good.clone() };
    let stolen = wire::seal(&Keys::in_memory([key_pair(now)]), &good).unwrap().text;
    let documents = [
        ("seal.bad_signature", broken),
        ("seal.foreign", scene.x.seal(&stranger).text),
        ("seal.unknown_key", stolen),
        ("seal.unknown_key", scene.y.seal(&good).text),
        ("seal.expired", scene.x.seal(&expired).text),
        ("seal.not_yet_valid", scene.x.seal(&early).text),
        ("seal.wrong_audience", scene.x.seal(&misdirected).text),
        ("seal.malformed", "nothing.like.this".to_owned()),
    ];
    for (place, (what, document)) in documents.iter().enumerate() {
        let reply = scene.x.send(document).await;
        assert!((400..500).contains(&reply.status), "{what}: {reply:?}");
        assert_eq!(reply.body["code"], *what, "{reply:?}");
        assert!(reply.body["title"]["zh"].is_string() && reply.body["title"]["en"].is_string(), "{what}: {reply:?}");
        let entries = scene.journal("seal.refused").await;
        assert_eq!(entries.len(), place + 1, "{what} is journaled: {entries:#?}");
    }
    let order_shown = scene.order(&id).await;
    assert_eq!(order_shown["state"], "sent", "{order_shown:#}");

    // The true one is taken all the same; sent once more it is known.
    let first = scene.x.send(&sealed).await;
    assert_eq!(first.verdict(), "accepted", "{first:?}");
    assert_eq!(scene.x.send(&sealed).await.verdict(), "duplicate");
    // Other content under an id that was used.
    let reused = Message { body: serde_json::to_value(done(&order, 1)).unwrap(), ..good };
    let reply = scene.x.send(&scene.x.seal(&reused).text).await;
    assert_eq!((reply.status / 100, &reply.body["code"]), (4, &json!("seal.id_reused")), "{reply:?}");
    assert_eq!(scene.journal("seal.refused").await.len(), documents.len() + 1);
    assert_eq!(
        scene.officer.get("/desk-counts").await["seals_refused"],
        documents.len() + 1,
        "the desk sees the alarm"
    );
    let settled = scene.until_order(&id, "in effect", |order| order["state"] == "in_effect").await;
    assert_eq!(minor(&settled["held"]), PAID);
    scene.room.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_does_what_a_sealed_order_says_once_and_nothing_else() {
    let now = Clock::system().now();
    let mut books = Books::default();
    let victim = books.open("bank-a", PAID);
    let payee = books.open("bank-b", 0);
    let paid_at = now - kernel::Duration::minutes(20);
    let payment = books.pay(victim, To::Account(payee), PAID, paid_at);
    let innocent = books.open("bank-b", PAID);
    let bystander = books.open("bank-a", PAID);
    books.pay(bystander, To::Account(innocent), PAID, paid_at);
    let mut room = Room::open(&books, Commit::Process).await;
    room.approve_in_advance().await;
    let case = room.submit(&report(&books, payment)).await;
    room.chase_until_dry(&case, Approval::StandingRule, DELIVERED_WITHIN).await;
    let before = room.holds("bank-b").await;
    assert_eq!(before.len(), 1);

    let now = Clock::system().now();
    // An order that another bank, or nobody, gives in the name of the centre.
    let asked = room.at_centre("officer").await.list(&format!("/orders?case={case}")).await;
    let stop = asked.iter().find(|order| order["kind"] == "stop").unwrap();
    let shown = room.at_centre("officer").await.get(&format!("/orders/{}", stop["id"].as_str().unwrap())).await;
    let mut body = shown["sealed_payload"]["body"].clone();
    let account = &books.accounts[innocent];
    body["account"]["number"] = json!(account.number);
    body["account"]["name"] = json!(account.name);
    body["check"]["reference"] = Value::Null;
    body["check"]["at"] = json!(paid_at.to_rfc3339());
    body["order_id"] = json!(OrderId::new(now).to_string());
    let order: Result<Order, _> = serde_json::from_value(body.clone());
    assert!(order.is_ok(), "the forged order reads as one: {order:?}");
    let message = Message {
        v: wire::VERSION,
        id: kernel::MessageId::new(now),
        from: PartnerId::parse("centre-43").unwrap(),
        to: PartnerId::parse("bank-b").unwrap(),
        kind: "order".to_owned(),
        issued_at: now,
        expires_at: now + kernel::Duration::hours(1),
        in_reply_to: None,
        journal: None,
        body,
    };
    let url = format!("{}/wire/v1/messages", room.bank("bank-b").url());
    let send = async |keys: &Keys, message: &Message| {
        let document = wire::seal(keys, message).unwrap().text;
        let request = e2e::client::http().post(&url).header("content-type", "application/jose").body(document);
        request.send().await.unwrap().status().as_u16()
    };
    let forged = send(&Keys::in_memory([key_pair(now)]), &message).await;
    assert!((400..500).contains(&forged), "{forged}");
    let keys_of = |seat: &Seat| Keys::load(&seat.data.join("keys")).unwrap();
    let by_bank = Message { from: PartnerId::parse("bank-a").unwrap(), ..message.clone() };
    send(&keys_of(room.bank("bank-a")), &by_bank).await;
    assert_eq!(room.holds("bank-b").await, before, "only the centre orders");

    // The same order from the centre is carried out, so it was the sender that was refused; the second time it is known.
    let mut from_centre = Message { id: kernel::MessageId::new(now), ..message };
    from_centre.body["order_id"] = json!(OrderId::new(now).to_string());
    for _ in 0..2 {
        assert_eq!(send(&keys_of(&room.centre), &from_centre).await, 200);
        let held: Vec<i64> = room.holds("bank-b").await.into_values().collect();
        assert_eq!(held, [PAID, PAID]);
    }
    room.close();
}
