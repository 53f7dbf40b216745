//! Over real HTTP: a partner that is down, slow, answers twice, or answers nonsense.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use kernel::ManualClock;
use store::{Tx, Who};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wire::inbox::Reply;
use wire::{Courier, Draft, Outbox, OutboxState, outbox};

use crate::seat::{Seat, pid, stop_order};

pub async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

pub fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() })
}

pub fn courier(seat: &Seat, reply_within: Duration) -> JoinHandle<()> {
    let http = reqwest::Client::builder().timeout(reply_within).redirect(reqwest::redirect::Policy::none());
    let http = http.tls_backend_preconfigured(no_tls()).no_proxy().build().unwrap();
    tokio::spawn(Courier::new(&seat.db, &seat.outbox, &seat.directory, http).run())
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// Lets the seats' clocks run with the world's, a hundred times as fast.
pub fn run_clock(hands: Vec<ManualClock>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            hands.iter().for_each(|hand| hand.advance(kernel::Duration::millis(100)));
        }
    })
}

pub async fn until(what: &str, mut check: impl AsyncFnMut() -> bool) {
    for _ in 0..2_000 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("did not happen: {what}");
}

async fn two_seats(centre_url: &str, bank_url: &str) -> (Seat, Seat) {
    let (centre, bank) = (Seat::new("centre-43", 1).await, Seat::new("bank-a", 2).await);
    centre.knows(&bank, bank_url).await;
    bank.knows(&centre, centre_url).await;
    (centre, bank)
}

async fn delivered(seat: &Seat) -> bool {
    seat.count("wire_outbox WHERE state <> 'delivered'").await == 0
}

#[tokio::test]
async fn orders_go_and_answers_come_back_when_a_partner_that_was_down_is_back() {
    let ((centre_socket, centre_at), (bank_socket, bank_at)) = (listen().await, listen().await);
    drop(bank_socket);
    let (centre, bank) = two_seats(&format!("http://{centre_at}"), &format!("http://{bank_at}")).await;
    serve(centre_socket, wire::router(centre.inbox.clone()));
    courier(&centre, Duration::from_secs(5));
    courier(&bank, Duration::from_secs(5));
    run_clock(vec![centre.hand.clone(), bank.hand.clone()]);
    for _ in 0..50 {
        centre.order(&bank.id).await;
    }
    until("trouble is journaled", async || !centre.journaled("message.troubled").await.is_empty()).await;
    assert!(bank.applied().await.is_empty());

    serve(TcpListener::bind(bank_at).await.unwrap(), wire::router(bank.inbox.clone()));
    until("answers are back", async || centre.applied().await.len() == 50).await;
    assert_eq!(centre.applied().await, bank.applied().await);
    until("all receipted", async || delivered(&centre).await && delivered(&bank).await).await;
    assert_eq!(bank.journaled("message.received").await.len(), 50);
}

#[derive(Clone)]
struct Odd {
    posts: Arc<AtomicUsize>,
    bank: Arc<wire::Inbox>,
}

/// Odd for the first six posts, then itself.
async fn odd_bank(State(odd): State<Odd>, document: Bytes) -> Response {
    let receive = async || match odd.bank.receive(&document, None).await {
        Reply::Receipt(_, sealed) => sealed.text,
        other => panic!("{other:?}"),
    };
    match odd.posts.fetch_add(1, Ordering::SeqCst) {
        0 => "收到了".into_response(),
        1 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        2 => Redirect::temporary("http://127.0.0.1:9/").into_response(),
        3 => {
            // Applied, and then too slow to say so.
            receive().await;
            tokio::time::sleep(Duration::from_secs(3)).await;
            StatusCode::OK.into_response()
        }
        4 => receive().await.replace('.', "x").into_response(),
        5 => vec![b'a'; 1_000_000].into_response(),
        _ => {
            // As a proxy that repeats posts would.
            receive().await;
            receive().await.into_response()
        }
    }
}

#[tokio::test]
async fn a_partner_that_is_slow_says_nonsense_or_answers_twice_changes_nothing_twice() {
    let ((centre_socket, centre_at), (odd_socket, odd_at)) = (listen().await, listen().await);
    let (centre, bank) = two_seats(&format!("http://{centre_at}"), &format!("http://{odd_at}")).await;
    let odd = Odd { posts: Arc::default(), bank: bank.inbox.clone() };
    serve(odd_socket, Router::new().route("/wire/v1/messages", post(odd_bank)).with_state(odd.clone()));
    serve(centre_socket, wire::router(centre.inbox.clone()));
    courier(&centre, Duration::from_millis(500));
    courier(&bank, Duration::from_secs(5));
    run_clock(vec![centre.hand.clone(), bank.hand.clone()]);
    let order = centre.order(&bank.id).await;
    until("delivered", async || delivered(&centre).await && centre.applied().await.len() == 1).await;
    assert!(odd.posts.load(Ordering::SeqCst) >= 7);
    assert_eq!(bank.applied().await, [format!("order:{order}")]);
    let sent = outbox::about(&centre.db, &format!("order:{order}")).await.unwrap();
    assert_eq!((sent[0].state, sent[0].last_error.as_deref()), (OutboxState::Delivered, None));
}

#[tokio::test]
async fn what_is_not_delivered_by_its_deadline_expires_and_what_is_refused_says_why() {
    let (bank_socket, bank_at) = listen().await;
    let (centre, bank) = two_seats("http://127.0.0.1:1", &format!("http://{bank_at}")).await;
    serve(bank_socket, wire::router(bank.inbox.clone()));
    courier(&centre, Duration::from_secs(5));
    run_clock(vec![centre.hand.clone(), bank.hand.clone()]);
    let now = centre.db.clock().now();
    let order = stop_order(kernel::OrderId::new(now));
    let nobody = Draft::new(&pid("bank-z"), order, "order:late").deadline(now + kernel::Duration::minutes(2));
    let taken = wire::NoticeTaken { notice_id: kernel::NoticeId::new(now), case_number: None };
    let unwanted = Draft::new(&bank.id, taken, "notice:unwanted");
    let mut tx = centre.db.begin().await.unwrap();
    for draft in [nobody, unwanted] {
        centre.outbox.enqueue(&mut tx, draft).await.unwrap();
    }
    tx.commit().await.unwrap();
    until("both are settled", async || centre.count("wire_outbox WHERE state = 'pending'").await == 0).await;
    assert_eq!(centre.journaled("message.expired").await[0]["code"], "deadline");
    assert_eq!(centre.journaled("message.refused").await[0]["code"], "function_not_offered");
    let sent = outbox::about(&centre.db, "notice:unwanted").await.unwrap();
    assert!(sent[0].receipt.is_some() && sent[0].state == OutboxState::Refused);
    assert_eq!(bank.journaled("message.turned_away").await.len(), 1);
}

#[tokio::test]
async fn bad_seals_are_refused_journaled_and_not_believed() {
    let (bank_socket, bank_at) = listen().await;
    let (_centre, bank) = two_seats("http://127.0.0.1:1", &format!("http://{bank_at}")).await;
    serve(bank_socket, wire::router(bank.inbox.clone()));
    let http = wire::courier::client(None).unwrap();
    let response = http.post(format!("http://{bank_at}/wire/v1/messages")).body("a.b.c").send().await.unwrap();
    assert_eq!(response.status(), 400);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "seal.malformed");
    assert!(problem["title"]["zh"].is_string() && problem["remedy"]["en"].is_string());
    let journaled = bank.journaled("seal.refused").await;
    assert_eq!(journaled[0]["reason"], "seal.malformed");
    assert_eq!(journaled[0]["remote"], "127.0.0.1");
    for _ in 0..300 {
        bank.inbox.receive(b"noise", None).await;
    }
    assert_eq!(bank.journaled("seal.refused").await.len(), 120, "noise does not fill the journal");
    let refused = async |hours: i64| {
        let since = bank.db.clock().now() - kernel::Duration::hours(hours);
        wire::inbox::refused_since(&bank.db, since).await.unwrap()
    };
    assert_eq!((refused(1).await, refused(-1).await), (wire::inbox::REFUSED_COUNTED_MAX, 0));

    let keys: wire::JwkSet =
        http.get(format!("http://{bank_at}/wire/v1/keys")).send().await.unwrap().json().await.unwrap();
    assert_eq!(wire::PublicKey::from_jwk(&keys.keys[0]).unwrap(), bank.keys.public()[0]);
    assert!(keys.keys[0].d.is_none());
}

#[tokio::test]
async fn a_lease_keeps_two_processes_apart_and_runs_out() {
    let (centre, bank) = two_seats("http://127.0.0.1:1", "http://127.0.0.1:1").await;
    centre.order(&bank.id).await;
    let second = Outbox::new(centre.id.clone(), centre.keys.clone(), "second");
    let due = async |who: &Outbox| outbox::due(&centre.db, who, &[], 10).await.unwrap().len();
    assert_eq!((due(&centre.outbox).await, due(&second).await), (1, 0));
    centre.hand.advance(outbox::LEASE);
    assert_eq!(due(&second).await, 1);
    assert_eq!(due(&centre.outbox).await, 0, "the message is the second's now");
}

/// Fails for the orders of one number until told otherwise.
struct Moody(Arc<AtomicUsize>);

impl wire::Handler for Moody {
    async fn handle(&self, tx: &mut Tx, message: &wire::Message) -> Result<(), wire::HandleError> {
        let wire::Body::Order(order) = message.read()? else { return Ok(()) };
        tx.execute(
            "INSERT INTO applied (message, subject) VALUES ($1, $2)",
            store::args![message.id, order.order_id.to_string()],
        )
        .await?;
        let entry = store::journal::Entry::new("order.received", format!("order:{}", order.order_id));
        tx.append(entry, &Who::system("test")).await?;
        if order.number == "moody" && self.0.load(Ordering::SeqCst) == 0 {
            return Err(wire::HandleError::failed("not now"));
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_applied_now_does_not_hold_up_its_neighbours() {
    let (centre, bank) = two_seats("http://127.0.0.1:1", "http://127.0.0.1:1").await;
    let well = Arc::new(AtomicUsize::new(0));
    let inbox = Arc::new(wire::Inbox::new(&bank.db, &bank.directory, &bank.keys, &bank.id, Moody(well.clone())));
    let now = centre.db.clock().now();
    let mut documents = Vec::new();
    for n in 0..20 {
        let mut order = stop_order(kernel::OrderId::new(now));
        order.number = if n == 7 { "moody".into() } else { format!("{n}") };
        let message = wire::Message::new(&centre.id, &bank.id, &order.into(), now, kernel::Duration::hours(1)).unwrap();
        documents.push(wire::seal(&centre.keys, &message).unwrap().text);
    }
    let post = |document: &String| {
        let (inbox, document) = (inbox.clone(), document.clone());
        tokio::spawn(async move { inbox.receive(document.as_bytes(), None).await })
    };
    let mut all = Vec::new();
    for document in &documents {
        all.push(post(document));
    }
    let mut accepted = 0;
    for (n, reply) in all.into_iter().enumerate() {
        match reply.await.unwrap() {
            Reply::Receipt(receipt, _) if receipt.verdict == wire::Verdict::Accepted => accepted += 1,
            Reply::Unavailable => assert_eq!(n, 7),
            other => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!((accepted, bank.count("applied").await), (19, 19));
    assert_eq!(bank.journaled("order.received").await.len(), 19);
    well.store(1, Ordering::SeqCst);
    assert!(matches!(inbox.receive(documents[7].as_bytes(), None).await, Reply::Receipt(..)));
    assert_eq!(bank.count("applied").await, 20);
}
