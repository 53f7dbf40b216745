//! The proxy's next hop over TCP and TLS, by name, with several addresses; and calls that go on over a restart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod sip_line;
mod sip_seat;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use operator::sip::{Settings, SipFront};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use screen::Number;
use sip::{Message, Name, parse};
use sip_line::{Line, Phone};
use sip_seat::{CALLEE, CLEAN, Seat};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

/// The called side on a connection.
struct Connected<S> {
    stream: S,
    buffer: Vec<u8>,
    framer: sip::Framer,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connected<S> {
    fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), framer: sip::Framer::default() }
    }

    async fn request(&mut self, method: &str) -> Message {
        let next = async {
            loop {
                match self.framer.next(&self.buffer) {
                    sip::Frame::Message(n) => return parse(&self.buffer.drain(..n).collect::<Vec<_>>()).unwrap(),
                    _ => {
                        assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the connection stays open")
                    }
                }
            }
        };
        let message = tokio::time::timeout(Duration::from_secs(10), next).await.expect("a message in time");
        assert_eq!(message.method(), Some(method), "{}", String::from_utf8_lossy(&message.to_bytes()));
        message
    }

    async fn send(&mut self, message: &Message) {
        self.stream.write_all(&message.to_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }
}

fn answer(request: &Message, status: u16, contact: &str) -> Message {
    let mut answer = Message::response_to(request, status, Some("callee"));
    for route in request.all(Name::RecordRoute) {
        answer.push(Name::RecordRoute, route);
    }
    answer.push(Name::Contact, format!("<sip:{CALLEE}@{contact}>"));
    answer
}

async fn line(next_hop: &str, more: impl FnOnce(Settings) -> Settings) -> Line {
    let (seat, caller, callee) = (Seat::new(), Phone::new(), Phone::new());
    let settings = Settings {
        proxy: Some("127.0.0.1:0".parse().unwrap()),
        next_hop: Some(next_hop.to_owned()),
        ..Settings::default()
    };
    let front = seat.front(more(settings)).await;
    let proxy = front.proxy.unwrap();
    Line { seat, front, proxy, caller, callee }
}

/// A call that is set up, acknowledged and cut, all on one connection to the called side.
async fn talk_and_cut<S: AsyncRead + AsyncWrite + Unpin>(line: &Line, callee: &mut Connected<S>, word: &str) {
    let contact = "192.0.2.77:5060;transport=tcp";
    let arrived = callee.request("INVITE").await;
    assert!(arrived.get(Name::Via).unwrap().starts_with(&format!("SIP/2.0/{word} ")), "{:?}", arrived.get(Name::Via));
    let routes: Vec<String> = arrived.values(Name::RecordRoute).map(str::to_owned).collect();
    assert_eq!(routes.len(), 2, "one for either side: {routes:?}");
    assert!(routes[0].contains("transport=") && routes[1] == format!("<sip:{};lr>", line.proxy), "{routes:?}");
    callee.send(&answer(&arrived, 200, contact)).await;
    let answered = line.caller.response(200);
    line.caller.send(line.proxy, &line.within(&answered, "ACK", 7));
    let ack = callee.request("ACK").await;
    assert_eq!((ack.get(Name::Route), ack.uri()), (None, Some(format!("sip:{CALLEE}@{contact}").as_str())));
    assert_eq!(line.front.calls().cut(number(CALLEE), None).await.len(), 1);
    let bye = callee.request("BYE").await;
    assert_eq!(bye.get(Name::Route), None, "our own route is none to take");
    callee.send(&Message::response_to(&bye, 200, None)).await;
    let bye = line.caller.request("BYE");
    line.caller.send(line.proxy, &Message::response_to(&bye, 200, None));
    line.caller.nothing_came(line);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_leads_to_its_address_over_tcp_and_the_call_is_cut_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // The name may have an address before that one, at which nobody listens.
    let line = line(&format!("localhost:{};transport=tcp", listener.local_addr().unwrap().port()), |s| s).await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    let (stream, _) = listener.accept().await.unwrap();
    let mut callee = Connected::new(stream);
    talk_and_cut(&line, &mut callee, "TCP").await;
    // The next call takes the same connection.
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "b"));
    line.caller.response(100);
    let busy = callee.request("INVITE").await;
    callee.send(&answer(&busy, 486, "192.0.2.77")).await;
    callee.request("ACK").await;
    line.caller.response(486);
    // And when it is gone, a new one.
    drop(callee);
    tokio::time::sleep(Duration::from_millis(50)).await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "c"));
    let next = tokio::time::timeout(Duration::from_secs(10), listener.accept()).await.expect("a new connection");
    Connected::new(next.unwrap().0).request("INVITE").await;
}

struct Vouched {
    acceptor: tokio_rustls::TlsAcceptor,
    root_pem: String,
}

fn vouched() -> Vouched {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(vec![]).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::from_params(&root, &root_key)).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    Vouched { acceptor: tokio_rustls::TlsAcceptor::from(Arc::new(config)), root_pem }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_hop_over_tls_is_held_to_its_certificate() {
    let (next, other) = (vouched(), vouched());
    let folder = tempfile::tempdir().unwrap();
    let roots = |name: &str, pem: &str| {
        std::fs::write(folder.path().join(name), pem).unwrap();
        Some(folder.path().join(name))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hop = format!("localhost:{};transport=tls", listener.local_addr().unwrap().port());
    let file = roots("next.pem", &next.root_pem);
    let trusting = line(&hop, |s| Settings { next_hop_roots: file, ..s }).await;
    trusting.caller.send(trusting.proxy, &trusting.invite(trusting.caller.address(), CLEAN, "a"));
    trusting.caller.response(100);
    let stream = next.acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
    talk_and_cut(&trusting, &mut Connected::new(stream), "TLS").await;

    let file = roots("other.pem", &other.root_pem);
    let wary = line(&hop, |s| Settings { next_hop_roots: file, ..s }).await;
    wary.caller.send(wary.proxy, &wary.invite(wary.caller.address(), CLEAN, "b"));
    wary.caller.response(100);
    assert!(next.acceptor.accept(listener.accept().await.unwrap().0).await.is_err(), "no call goes to a stranger");
    wary.caller.response(503);
    assert_eq!(wary.front.calls().count().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_listens_the_caller_is_told() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let line = line(&format!("{gone};transport=tcp"), |s| s).await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    line.caller.response(503);
    assert!(!line.seat.end().await.answered);
    let unknown = self::line("no-such-host.invalid:5060", |s| s).await;
    unknown.caller.send(unknown.proxy, &unknown.invite(unknown.caller.address(), CLEAN, "b"));
    unknown.caller.response(503);
}

/// In the file of calls: one goes on.
const GOES: &str = "\"goes\"";

fn with_calls_in(settings: Settings, folder: &Path) -> Settings {
    Settings { calls_file: Some(folder.join("calls.ndjson")), ..settings }
}

/// Stops the front once something was noted of a call, and starts it again at its address.
async fn restart(line: Line, folder: &Path, noted: &str) -> Line {
    let Line { seat, front, proxy, caller, callee } = line;
    // What was noted last is on its way into the file.
    for _ in 0..500 {
        let text = std::fs::read_to_string(folder.join("calls.ndjson")).unwrap_or_default();
        if text.contains(noted) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(front);
    let settings = Settings { proxy: Some(proxy), next_hop: Some(callee.address().to_string()), ..Settings::default() };
    let front: SipFront = loop {
        match seat.try_front(with_calls_in(settings.clone(), folder)).await {
            Ok(front) => break front,
            // The tasks of the old front are still letting go of the port.
            Err(operator::sip::StartError::Bind { .. }) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(error) => panic!("{error}"),
        }
    };
    Line { seat, front, proxy, caller, callee }
}

async fn talking(folder: &Path) -> Line {
    let (seat, caller, callee) = (Seat::new(), Phone::new(), Phone::new());
    let settings = Settings {
        proxy: Some("127.0.0.1:0".parse().unwrap()),
        next_hop: Some(callee.address().to_string()),
        ..Settings::default()
    };
    let front = seat.front(with_calls_in(settings, folder)).await;
    let proxy = front.proxy.unwrap();
    let line = Line { seat, front, proxy, caller, callee };
    line.talk("a");
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_began_before_a_restart_is_cut_on_both_legs() {
    let folder = tempfile::tempdir().unwrap();
    let line = restart(talking(folder.path()).await, folder.path(), GOES).await;
    let calls = line.front.calls();
    assert_eq!((calls.count().await, calls.of_line(number(CLEAN)).await.len()), (1, 1));
    line.seat.clock.advance(kernel::Duration::seconds(60));
    assert_eq!(calls.cut(number(CALLEE), Some(number(CLEAN))).await.len(), 1);
    let to_callee = line.callee.request("BYE");
    let to_caller = line.caller.request("BYE");
    assert_eq!((to_callee.from().unwrap().tag(), to_callee.to().unwrap().tag()), (Some("caller-a"), Some("callee")));
    assert_eq!(to_callee.cseq().unwrap().number, 8, "behind the caller's 7");
    assert_eq!(to_caller.uri(), Some(format!("sip:{CLEAN}@{}", line.caller.address()).as_str()));
    line.callee.send(line.proxy, &Message::response_to(&to_callee, 200, None));
    line.caller.send(line.proxy, &Message::response_to(&to_caller, 200, None));
    line.caller.nothing_came(&line);
    let end = line.seat.end().await;
    assert_eq!((end.cut, end.answered, end.talked), (true, true, kernel::Duration::seconds(60)));
    let line = restart(line, folder.path(), "\"ended\"").await;
    assert_eq!(line.front.calls().count().await, 0, "what has ended is not known again");
}

#[tokio::test(flavor = "multi_thread")]
async fn parties_hang_up_after_a_restart_and_silent_calls_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let line = restart(talking(folder.path()).await, folder.path(), GOES).await;
    let mut bye = Message::request("BYE", &format!("sip:{CALLEE}@{}", line.callee.address()));
    bye.push(Name::Via, format!("SIP/2.0/UDP {};rport;branch=z9hG4bKbye", line.caller.address()));
    bye.push(Name::Route, format!("<sip:{};lr>", line.proxy));
    bye.push(Name::From, format!("<sip:{CLEAN}@{}>;tag=caller-a", line.caller.address()));
    bye.push(Name::To, format!("<sip:{CALLEE}@{}>;tag=callee", line.proxy));
    bye.push(Name::CallId, "a");
    bye.push(Name::CSeq, "8 BYE");
    line.caller.send(line.proxy, &bye);
    let arrived = line.callee.request("BYE");
    line.callee.send(line.proxy, &Message::response_to(&arrived, 200, None));
    line.caller.response(200);
    assert!(line.seat.end().await.answered);

    let other = tempfile::tempdir().unwrap();
    let silent = talking(other.path()).await;
    silent.seat.clock.advance(kernel::Duration::hours(3));
    let silent = restart(silent, other.path(), GOES).await;
    assert_eq!(silent.front.calls().count().await, 0);
}
