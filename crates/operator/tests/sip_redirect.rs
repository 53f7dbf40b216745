//! The redirect server over real sockets: what a switch that asks it gets to see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod sip_seat;

use std::io::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use operator::screening::Front;
use operator::sip::{BadForm, Clean, Settings, SipFront, Strangers, TrunkSettings};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use screen::{Attestation, NextLabel, Number, TrunkKind};
use sip::{Message, Name, parse};
use sip_seat::{CALLEE, CLEAN, STOPPED, Seat, invite, loopback};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a test waits for an answer that must come.
const PATIENCE: Duration = Duration::from_secs(10);

struct Client {
    socket: UdpSocket,
    server: SocketAddr,
}

impl Client {
    fn of(front: &SipFront) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, server: front.udp[0] }
    }

    fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.server).unwrap();
    }

    fn receive(&self) -> Message {
        let mut buffer = [0; 65_536];
        let (length, _) = self.socket.recv_from(&mut buffer).unwrap();
        parse(&buffer[..length]).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&buffer[..length])))
    }

    /// Status of the answer to a request whose faults the answer repeats.
    fn status(&self, bytes: &[u8]) -> u16 {
        self.send(bytes);
        let mut buffer = [0; 65_536];
        let (length, _) = self.socket.recv_from(&mut buffer).unwrap();
        // What is no text in the request is none in the answer.
        let text = String::from_utf8_lossy(&buffer[..length]);
        assert!(text.starts_with("SIP/2.0 "), "{text}");
        text[8..11].parse().unwrap()
    }

    fn ask(&self, bytes: &[u8]) -> Message {
        self.send(bytes);
        self.receive()
    }

    /// Whatever went before is not answered: the next answer is that of an OPTIONS sent behind it.
    fn nothing_came(&self) {
        let probe = request("OPTIONS", "probe", &[]);
        assert_eq!(self.ask(&probe).cseq().unwrap().method, "OPTIONS");
    }
}

/// A request outside of any dialog; lines are added before the end.
fn request(method: &str, call_id: &str, lines: &[&str]) -> Vec<u8> {
    let mut more = String::new();
    for line in lines {
        more.push_str(line);
        more.push_str("\r\n");
    }
    let mut bytes = Vec::new();
    write!(
        bytes,
        "{method} sip:{CALLEE}@sbc.example.cn;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK{call_id}\r\nMax-Forwards: 70\r\n\
         From: <sip:{CLEAN}@sbc.example.cn>;tag=1\r\nTo: <sip:{CALLEE}@sbc.example.cn>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    )
    .unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_with_the_words_of_an_order_is_shown_with_the_one_call_that_it_is_meant_for() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let label = seat.screening.order_labels().of("涉诈来电 \"勿信\"");
    let until = seat.screening.now() + kernel::Duration::hours(1);
    let next = NextLabel { caller: Number::parse(CLEAN), label, until };
    seat.screening.screen().label_next(Number::parse(CALLEE).unwrap(), &[next]);
    assert_eq!(client.ask(&invite("+8613800138001", "x")).get(Name::CallInfo), None);
    let shown = client.ask(&invite(CLEAN, "y"));
    let words = "<data:,>;purpose=info;call-reason=\"涉诈来电 \\\"勿信\\\"\"";
    assert_eq!((shown.status(), shown.get(Name::CallInfo)), (Some(404), Some(words)));
    assert_eq!(client.ask(&invite(CLEAN, "y")).get(Name::CallInfo), Some(words), "sent again, answered the same");
    assert_eq!(client.ask(&invite(CLEAN, "z")).get(Name::CallInfo), None, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_call_is_let_through_and_a_listed_caller_rejected_with_redress() {
    let seat = Seat::new();
    let settings = Settings { redress_card: Some("https://appeal.example.cn/card".into()), ..loopback() };
    let front = seat.front(settings).await;
    let client = Client::of(&front);
    let clean = client.ask(&invite(CLEAN, "a"));
    assert_eq!((clean.status(), clean.get(Name::CallInfo)), (Some(404), None));
    assert_eq!(clean.call_id(), Some("a"));
    assert!(clean.to().unwrap().tag().is_some());
    let via = clean.top_via().unwrap();
    assert_eq!(
        (via.params.get("received"), via.params.get("rport")),
        (Some("127.0.0.1"), Some(client.socket.local_addr().unwrap().port().to_string().as_str()))
    );
    let stopped = client.ask(&invite(STOPPED, "b"));
    assert_eq!(stopped.status(), Some(608));
    assert_eq!(stopped.get(Name::CallInfo), Some("<https://appeal.example.cn/card>;purpose=jwscard"));
    assert_eq!(stopped.get(Name::Reason), Some("SIP;cause=608;text=\"Rejected\""));
    // The recorder hears of both.
    let events: Vec<_> = seat.events(2).await;
    let stops: Vec<_> =
        events.iter().map(|e| (e.front, e.caller.map(|n| n.to_string()), e.decision.action.stops())).collect();
    assert_eq!(
        stops,
        [(Front::SipRedirect, Some(CLEAN.into()), false), (Front::SipRedirect, Some(STOPPED.into()), true)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_calls_are_answered_as_the_switch_wants_it() {
    for (clean, status, contact) in
        [(Clean::Unavailable, 503, None), (Clean::Onward, 302, Some(format!("<sip:{CALLEE}@next.example.cn:5070>")))]
    {
        let seat = Seat::new();
        let front = seat.front(Settings { clean, onward: Some("next.example.cn:5070".into()), ..loopback() }).await;
        let answer = Client::of(&front).ask(&invite(CLEAN, "a"));
        assert_eq!((answer.status(), answer.get(Name::Contact).map(str::to_owned)), (Some(status), contact));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retransmission_is_answered_the_same_although_the_list_has_changed_since() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let first = client.ask(&invite(STOPPED, "a"));
    seat.clear_list();
    assert_eq!(client.ask(&invite(STOPPED, "a")), first);
    assert_eq!(client.ask(&invite(STOPPED, "b")).status(), Some(404), "another call is decided by the new list");
    assert_eq!(seat.events(2).await.len(), 2, "the retransmission is no third call");
    let counts = front.counters().all();
    assert!(counts.contains(&("repeated", 1)) && counts.contains(&("decided", 2)), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_for_help_pass_from_everyone_and_over_every_limit() {
    let seat = Seat::new();
    let front = seat.front(Settings { peer_requests_per_second: 1, peer_burst: 1, ..loopback() }).await;
    let client = Client::of(&front);
    let to =
        |number: &str, id: &str| String::from_utf8(invite(STOPPED, id)).unwrap().replace(CALLEE, number).into_bytes();
    for (index, number) in ["110", "119", "120", "+8673196110"].iter().enumerate() {
        assert_eq!(client.ask(&to(number, &format!("help{index}"))).status(), Some(404), "{number}");
    }
    let busy = client.ask(&invite(CLEAN, "c"));
    assert_eq!(busy.status(), Some(503));
    assert!(busy.get(Name::RetryAfter).is_some_and(|s| s.parse::<u32>().is_ok_and(|s| s > 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_caller_is_stopped_before_anything_else_is_answered() {
    let seat = Seat::new();
    let front = seat.front(Settings { peer_requests_per_second: 1, peer_burst: 4, ..loopback() }).await;
    let client = Client::of(&front);
    let with = |caller: &str, id: &str, from: &str, to: &str| {
        String::from_utf8(invite(caller, id)).unwrap().replace(from, to).into_bytes()
    };
    let call_id = ";user=phone>\r\nCall-ID";
    let tagged = ";user=phone>;tag=9\r\nCall-ID";
    let twice = ";user=phone>\r\nTo: <sip:b@b.example>;tag=9\r\nCall-ID";
    let statuses = |caller: &str, id: &str| {
        let forms = [tagged, twice].into_iter().enumerate();
        forms.map(|(at, to)| client.status(&with(caller, &format!("{id}{at}"), call_id, to))).collect::<Vec<u16>>()
    };
    // A tag that nobody knows, in the one To or in another.
    assert_eq!(statuses(STOPPED, "s"), [608, 608]);
    assert_eq!(statuses(CLEAN, "c"), [481, 481]);
    // Now the peer is over its limit: others may come again, a stopped caller is stopped.
    assert_eq!(client.status(&invite(CLEAN, "d")), 503);
    assert_eq!(client.status(&invite(STOPPED, "t")), 608);
    assert_eq!(client.status(&with(STOPPED, "u", "Contact: <sip:", "Contact: <<sip:")), 608);
    assert_eq!(statuses(STOPPED, "v"), [608, 608]);
    // And help is reached with any tag.
    let help = String::from_utf8(invite(STOPPED, "w")).unwrap().replace(CALLEE, "110").replace(call_id, tagged);
    assert_eq!(client.status(help.as_bytes()), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn acks_are_absorbed_and_cancels_answered_by_what_is_known() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let call = String::from_utf8(invite(CLEAN, "a")).unwrap();
    let answer = client.ask(call.as_bytes());
    client.send(call.replace("INVITE", "ACK").as_bytes());
    client.nothing_came();
    let cancel = client.ask(call.replace("INVITE", "CANCEL").as_bytes());
    assert_eq!((cancel.status(), cancel.cseq().unwrap().method), (Some(200), "CANCEL"));
    assert_eq!(cancel.to().unwrap().tag(), answer.to().unwrap().tag(), "the tag of the call that it cancels");
    let unknown = String::from_utf8(invite(CLEAN, "never")).unwrap();
    assert_eq!(client.ask(unknown.replace("INVITE", "CANCEL").as_bytes()).status(), Some(481));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_get_the_answer_that_the_standard_gives_them() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let options = client.ask(&request("OPTIONS", "o", &[]));
    assert_eq!((options.status(), options.get(Name::Allow)), (Some(200), Some("INVITE, ACK, CANCEL, OPTIONS")));
    for (method, status) in
        [("BYE", 481), ("UPDATE", 481), ("REGISTER", 405), ("MESSAGE", 405), ("FROBNICATE", 501), ("invite", 501)]
    {
        let answer = client.ask(&request(method, method, &[]));
        assert_eq!(answer.status(), Some(status), "{method}");
        assert_eq!(answer.get(Name::Allow).is_some(), status != 481, "{method}");
    }
    let required = client.ask(&request("INVITE", "r", &["Require: 100rel, mindreading", "Require: telepathy"]));
    assert_eq!((required.status(), required.get(Name::Unsupported)), (Some(420), Some("mindreading, telepathy")));
    let within = String::from_utf8(invite(CLEAN, "w"))
        .unwrap()
        .replace(";user=phone>\r\nCall-ID", ";user=phone>;tag=9\r\nCall-ID");
    assert_eq!(client.ask(within.as_bytes()).status(), Some(481), "a re-INVITE of a call that was never here");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_messages_are_answered_400_or_not_at_all_and_the_next_call_is_served() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let call = |id: &str| String::from_utf8(invite(CLEAN, id)).unwrap();
    for (index, (from, to, status)) in [
        ("CSeq: 1 INVITE", "CSeq: 99999999999 INVITE", 400),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE", 400),
        ("Content-Length: 0", "Content-Length: 999", 400),
        ("From: ", "From: \"open ", 400),
        ("INVITE sip:", "INVITE isbn:", 416),
        ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 505),
    ]
    .into_iter()
    .enumerate()
    {
        let got = client.status(call(&format!("m{index}")).replacen(from, to, 1).as_bytes());
        assert_eq!(got, status, "{to}");
    }
    for silent in [
        &b"\r\n\r\n"[..],
        b"\0\0\0\0",
        b"",
        b"hello",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\xff\xfe\xfd",
        &[b'x'; 40_000],
    ] {
        client.send(silent);
    }
    client.send(call("s").replace("Via: ", "Subject: ").as_bytes());
    client.send(call("t").replacen("INVITE", "SIP/2.0 200 OK\r\nX: ", 1).as_bytes());
    client.send(
        call("u")
            .replace("CSeq: 1 INVITE", "CSeq: 1 ACK")
            .replacen("INVITE", "ACK", 1)
            .replace("From: ", "From: \"open ")
            .as_bytes(),
    );
    client.nothing_came();
    assert_eq!(client.ask(&invite(STOPPED, "z")).status(), Some(608));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_over_its_limit_is_told_so_and_another_is_served() {
    let seat = Seat::new();
    let front = seat.front(Settings { peer_requests_per_second: 10, peer_burst: 5, ..loopback() }).await;
    let loud = Client::of(&front);
    // Our clock stands still, so the limit does not fill up again.
    let statuses: Vec<_> = (0..20).map(|n| loud.ask(&invite(CLEAN, &format!("l{n}"))).status().unwrap()).collect();
    assert_eq!(statuses, [vec![404; 5], vec![503; 15]].concat());
    let socket = UdpSocket::bind("127.0.0.2:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let quiet = Client { socket, server: front.udp[0] };
    assert_eq!(quiet.ask(&invite(CLEAN, "q")).status(), Some(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_is_who_the_network_asserts_where_the_trunk_is_trusted() {
    let trunk = |id, kind, from: &str, asserted, relay| TrunkSettings {
        id,
        kind,
        from: vec![from.into()],
        bare_digits: None,
        asserted,
        relay,
    };
    let seat = Seat::new();
    let trunks = vec![
        trunk(1, TrunkKind::National, "127.0.0.1", true, true),
        trunk(2, TrunkKind::Foreign, "127.0.0.2", false, false),
    ];
    let front = seat.front(Settings { trunks, strangers: Strangers::Refuse, ..loopback() }).await;
    let trusted = Client::of(&front);
    let asserted = |id: &str, value: &str| {
        let text = String::from_utf8(invite("anonymous", id)).unwrap();
        text.replace("Content-Length", &format!("P-Asserted-Identity: {value}\r\nX-Trunk: 2\r\nContent-Length"))
            .into_bytes()
    };
    for (index, value) in [
        format!("<sip:{STOPPED}@ims.example.cn>"),
        format!("\"x, y\" <sip:alice@ims.example.cn>, <tel:{STOPPED}>"),
        format!("<sip:{};phone-context=+86@ims.example.cn;user=phone>", &STOPPED[3..]),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(trusted.ask(&asserted(&format!("t{index}"), value)).status(), Some(608), "{value}");
    }
    let foreign = |ip: &str| {
        let socket = UdpSocket::bind(format!("{ip}:0")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Client { socket, server: front.udp[0] }
    };
    assert_eq!(
        foreign("127.0.0.2").ask(&asserted("f", &format!("<sip:{STOPPED}@ims.example.cn>"))).status(),
        Some(608),
        "it is not believed to be him, and yet shows a number that is stopped, which the next element may believe"
    );
    assert_eq!(
        foreign("127.0.0.2").ask(&asserted("h", &format!("<sip:{CLEAN}@ims.example.cn>"))).status(),
        Some(404),
        "whom it is not believed to be"
    );
    assert_eq!(foreign("127.0.0.3").ask(&invite(CLEAN, "g")).status(), Some(403), "a stranger");
    let events = seat.events(5).await;
    assert_eq!(
        events.iter().map(|e| (e.trunk.id, e.trunk.kind)).collect::<Vec<_>>(),
        [(2, TrunkKind::Foreign); 5],
        "a relay says where the call came from"
    );
    assert_eq!(events[4].caller, None, "the asserted identity of an untrusted peer is nobody");
    assert!(events.iter().all(|e| e.attestation == Attestation::None));
}

/// The callee or a whole request address in the place of [`CALLEE`]'s.
fn to(caller: &str, id: &str, address: &str) -> Vec<u8> {
    let text = String::from_utf8(invite(caller, id)).unwrap();
    let text = text.replace(&format!("sip:{CALLEE}@sbc.example.cn;user=phone"), address);
    text.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_help_passes_however_it_is_written() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let addresses = [
        "sip:0731110@sbc.example.cn",
        "sip:+86731110@sbc.example.cn;user=phone",
        "sip:0731119@sbc.example.cn",
        "sip:0731-120@sbc.example.cn",
        "sip:008610122@sbc.example.cn",
        "sip:999@sbc.example.cn",
        "sip:12110@sbc.example.cn",
        "sip:1-1-0@sbc.example.cn",
        "sip:%31%31%30@sbc.example.cn",
        "tel:110",
        "tel:%311%30",
        "tel:110;phone-context=+86731",
        "sip:110;phone-context=+86731@sbc.example.cn;user=phone",
        "sip:110;Phone-Context=ims.example.cn@sbc.example.cn;user=phone",
        "urn:service:sos",
        "urn:service:sos.police",
        "URN:service:SOS.fire",
        "urn:service:sos;x=1",
        "sip:sos@sbc.example.cn",
        "sip:SOS.police@sbc.example.cn;user=phone",
        "sip:911@sbc.example.cn",
        "sip:+112@sbc.example.cn;user=phone",
        "tel:+112",
    ];
    for (index, address) in addresses.iter().enumerate() {
        let id = format!("help{index}");
        assert_eq!(client.ask(&to(STOPPED, &id, address)).status(), Some(404), "{address}");
        // And however the rest is written.
        let broken = String::from_utf8(to(STOPPED, &format!("{id}b"), address)).unwrap();
        let broken = broken.replace("Max-Forwards: 70", "Max-Forwards: many\r\nRequire: foo\r\nno header at all");
        assert_eq!(client.ask(broken.as_bytes()).status(), Some(404), "{address} in broken form");
    }
    // The request address says where a call goes: help in To alone opens no way to anybody else.
    let text = String::from_utf8(invite(STOPPED, "abuse")).unwrap();
    let help_in_to =
        text.replace(&format!("To: <sip:{CALLEE}@sbc.example.cn;user=phone>"), "To: <sip:110@sbc.example.cn>");
    assert_eq!(client.ask(help_in_to.as_bytes()).status(), Some(608));
    let to_a_name = help_in_to.replace(&format!("INVITE sip:{CALLEE}@"), "INVITE sip:victim@").replace("abuse", "name");
    assert_eq!(client.ask(to_a_name.as_bytes()).status(), Some(608));
    let service = to_a_name.replace("sip:110@sbc.example.cn", "urn:service:sos").replace("name", "sos");
    assert_eq!(client.ask(service.as_bytes()).status(), Some(608));
    // Where it names nobody, To is all there is.
    let to_nobody = help_in_to.replace(&format!("INVITE sip:{CALLEE}@"), "INVITE sip:").replace("abuse", "nobody");
    assert_eq!(client.ask(to_nobody.as_bytes()).status(), Some(404));
    for (index, address) in
        ["sip:0731111@sbc.example.cn", "urn:service:counseling", "sip:+85285110@sbc.example.cn"].iter().enumerate()
    {
        assert_eq!(client.ask(&to(STOPPED, &format!("other{index}"), address)).status(), Some(608), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_help_that_may_be_led_elsewhere_is_judged_by_its_caller() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let own = format!("Route: <sip:{};lr>\r\n", front.udp[0]);
    let plain = "sip:110@sbc.example.cn";
    for (index, (address, route, status)) in [
        ("tel:110;rn=+8613900139000;npdi", "", 608),
        ("sip:110;rn=+8613900139000@sbc.example.cn", "", 608),
        ("sip:110@sbc.example.cn;maddr=192.0.2.9", "", 608),
        ("sip:110%40x@sbc.example.cn", "", 608),
        (plain, "Route: <sip:+8613900139000@192.0.2.9;lr>\r\n", 608),
        (plain, "Route: <sip:+8613900139000@192.0.2.9>\r\n", 608),
        ("urn:service:sos", "Route: <sip:+8613900139000@192.0.2.9;lr>\r\n", 608),
        (plain, own.as_str(), 404),
        (plain, "", 404),
    ]
    .into_iter()
    .enumerate()
    {
        for (caller, expected) in [(STOPPED, status), (CLEAN, 404)] {
            let text = String::from_utf8(to(caller, &format!("led{index}{caller}"), address)).unwrap();
            let text = text.replace("Contact:", &format!("{route}Contact:"));
            assert_eq!(client.ask(text.as_bytes()).status(), Some(expected), "{caller} {address} {route}");
        }
        // The same where the form is broken.
        for (caller, expected) in [(STOPPED, status), (CLEAN, 404)] {
            let text = String::from_utf8(to(caller, &format!("led{index}{caller}b"), address)).unwrap();
            let text = text.replace("Max-Forwards: 70", "Max-Forwards: many\r\nno header at all");
            let text = text.replace("Contact:", &format!("{route}Contact:"));
            assert_eq!(client.status(text.as_bytes()), expected, "{caller} {address} {route} in broken form");
        }
    }
}

/// What is done to a request, and how a clean caller is answered for it where broken forms are refused.
type Form = (&'static str, fn(&str) -> Vec<u8>, u16);

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_caller_is_stopped_whatever_the_form_and_a_clean_one_is_refused_for_it() {
    let seat = Seat::new();
    let refusing = seat.front(loopback()).await;
    let deciding = seat.front(Settings { bad_form: BadForm::Decide, ..loopback() }).await;
    let forms: [Form; 9] = [
        ("a byte that is no text", |text| replaced(text, "From: ", b"From: \"\xd5\xc5\" "), 400),
        (
            "a long header",
            |text| replaced(text, "Contact:", format!("X-Long: {}\r\nContact:", "a".repeat(9_000)).as_bytes()),
            400,
        ),
        (
            "many headers",
            |text| replaced(text, "Contact:", format!("{}Contact:", "X-A: b\r\n".repeat(260)).as_bytes()),
            400,
        ),
        (
            "a datagram of 60 KB",
            |text| [text.replace("Content-Length: 0", "Content-Length: 9").as_bytes(), &[b'x'; 60_000]].concat(),
            404,
        ),
        (
            "a head of 40 KB",
            |text| {
                replaced(text, "Contact:", format!("{}Contact:", "X-A: bbbbbbbbbbbbbbbb\r\n".repeat(1_800)).as_bytes())
            },
            400,
        ),
        ("a bare CR", |text| replaced(text, "Max-Forwards: 70", b"Max-Forwards: 70\rX: y"), 400),
        ("an unknown extension", |text| replaced(text, "Contact:", b"Require: foo\r\nContact:"), 420),
        ("a broken Contact", |text| replaced(text, "Contact: <", b"Contact: <<"), 400),
        ("a head that does not end", |text| text.trim_end().as_bytes().to_vec(), 400),
    ];
    for (index, (name, form, refused)) in forms.iter().enumerate() {
        for (caller, kind) in [(STOPPED, "s"), (CLEAN, "c")] {
            let text = |which: &str| String::from_utf8(invite(caller, &format!("{kind}{index}{which}"))).unwrap();
            let expected = |clean: u16| if caller == STOPPED { 608 } else { clean };
            assert_eq!(Client::of(&refusing).status(&form(&text("r"))), expected(*refused), "{name}");
            assert_eq!(Client::of(&deciding).status(&form(&text("d"))), expected(404), "{name}, decided");
        }
    }
    // Nobody needs a date but a signature.
    let dated = |caller: &str, id: &str| {
        replaced(&String::from_utf8(invite(caller, id)).unwrap(), "Contact:", b"Date: yesterday\r\nContact:")
    };
    assert_eq!(Client::of(&refusing).status(&dated(CLEAN, "x")), 404);
    assert_eq!(Client::of(&refusing).status(&dated(STOPPED, "y")), 608);
    // Nobody can be read as its caller.
    let nobody = |id: &str| replaced(&String::from_utf8(invite(CLEAN, id)).unwrap(), "From: ", b"Fr\xffm: ");
    assert_eq!(Client::of(&refusing).status(&nobody("n")), 400);
    assert_eq!(Client::of(&deciding).status(&nobody("n")), 400);
}

fn replaced(text: &str, old: &str, new: &[u8]) -> Vec<u8> {
    let (before, behind) = text.split_once(old).unwrap();
    [before.as_bytes(), new, behind.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_number_is_stopped_wherever_the_call_shows_it() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let client = Client::of(&front);
    let with = |id: &str, lines: &str| {
        String::from_utf8(invite(CLEAN, id)).unwrap().replace("Contact:", &format!("{lines}Contact:"))
    };
    let asserted = |who: &str| format!("P-Asserted-Identity: <sip:{who}@ims.example.cn>\r\n");
    for (index, lines) in [
        asserted(STOPPED),
        format!("{}{}", asserted(CLEAN), asserted(STOPPED)),
        format!("{}{}{}", asserted(CLEAN), asserted("alice"), asserted(STOPPED)),
        format!("{}Remote-Party-ID: <tel:{STOPPED}>\r\n", asserted(CLEAN)),
        format!("Remote-Party-ID: <tel:{CLEAN}>\r\nRemote-Party-ID: <tel:{STOPPED}>\r\n"),
        format!("P-Asserted-Identity: \"open <sip:{STOPPED}@ims.example.cn>\r\n"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(client.ask(with(&format!("s{index}"), lines).as_bytes()).status(), Some(608), "{lines}");
    }
    let shown = String::from_utf8(invite(STOPPED, "from"))
        .unwrap()
        .replace("Contact:", &format!("{}Contact:", asserted(CLEAN)));
    assert_eq!(client.ask(shown.as_bytes()).status(), Some(608), "in From beside a clean asserted identity");
    assert_eq!(client.ask(with("clean", &asserted("+8613800138001")).as_bytes()).status(), Some(404));
    // However it is written there, and alone just as behind an identity that is believed.
    for (index, written) in [
        "+86017012345678",
        "+008617012345678",
        "00086017012345678",
        "1790917012345678",
        "17909017012345678",
        "179110086017012345678",
        "١٧٠١٢٣٤٥٦٧٨",
        "+٨٦١٧٠١٢٣٤٥٦٧٨",
        "𝟏𝟕𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
    ]
    .iter()
    .enumerate()
    {
        let alone = String::from_utf8(invite(written, &format!("w{index}"))).unwrap();
        let behind = alone.replace(&format!("w{index}"), &format!("v{index}"));
        let behind = behind.replace("Contact:", &format!("{}Contact:", asserted(CLEAN)));
        let broken =
            behind.replace(&format!("v{index}"), &format!("u{index}")).replace("Max-Forwards: 70", "no header");
        for text in [alone, behind, broken] {
            let text = text.replace(&format!("Contact: <sip:{written}@"), "Contact: <sip:a@");
            assert_eq!(client.ask(text.as_bytes()).status(), Some(608), "{written}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_of_a_foreign_gateway_are_read_as_its_trunk_group_says() {
    use screen::BareDigits;
    let seat = Seat::new();
    let told = async |bare_digits, caller: &str, id: &str| {
        let trunks = vec![TrunkSettings {
            id: 1,
            kind: TrunkKind::Foreign,
            from: vec!["127.0.0.0/8".into()],
            bare_digits,
            asserted: true,
            relay: false,
        }];
        let front = seat.front(Settings { trunks, ..loopback() }).await;
        let answer = Client::of(&front).ask(&invite(caller, id));
        let event = seat.events(1).await.remove(0);
        (answer.status().unwrap(), answer.get(Name::CallInfo).is_some(), event.caller.unwrap().to_string())
    };
    // By default what could be of the mainland is checked as such, and never taken for it silently.
    assert_eq!(told(None, "13055550100", "a").await, (404, true, "+8613055550100".into()));
    assert_eq!(told(None, "85298765432", "b").await, (404, false, "+85298765432".into()));
    let international = Some(BareDigits::International);
    assert_eq!(told(international, "13055550100", "c").await, (404, false, "+13055550100".into()));
    assert_eq!(told(international, "8613055550100", "d").await, (404, true, "+8613055550100".into()));
    assert_eq!(told(Some(BareDigits::National), "85298765432", "e").await, (603, false, "85298765432".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_that_share_an_address_serve_every_client() {
    let seat = Seat::new();
    let front = seat.front(Settings { udp_threads: 3, ..loopback() }).await;
    for n in 0..30 {
        let client = Client::of(&front);
        assert_eq!(client.ask(&invite(STOPPED, &format!("x{n}"))).status(), Some(608));
    }
}

/// Reads messages from a stream until so many are there.
async fn read(stream: &mut (impl AsyncReadExt + Unpin), count: usize) -> Vec<Message> {
    let (mut buffer, mut framer, mut out) = (Vec::new(), sip::Framer::default(), Vec::new());
    while out.len() < count {
        match framer.next(&buffer) {
            sip::Frame::Message(n) => out.push(parse(&buffer.drain(..n).collect::<Vec<_>>()).unwrap()),
            sip::Frame::More => {
                let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut buffer))
                    .await
                    .expect("an answer in time")
                    .unwrap();
                assert!(read > 0, "closed after {} of {count}", out.len());
            }
            other => panic!("{other:?}"),
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_may_carry_many_messages_in_one_segment_and_one_in_many() {
    let seat = Seat::new();
    let front = seat.front(loopback()).await;
    let mut stream = TcpStream::connect(front.tcp[0]).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let three = [invite(CLEAN, "a"), b"\r\n\r\n".to_vec(), invite(STOPPED, "b"), invite(CLEAN, "c")].concat();
    stream.write_all(&three).await.unwrap();
    let mut ids = Vec::new();
    // The keep-alive between them is answered with one line break, which a reader of messages skips.
    let mut buffer = Vec::new();
    while ids.len() < 3 {
        assert!(stream.read_buf(&mut buffer).await.unwrap() > 0);
        let text = String::from_utf8_lossy(&buffer);
        ids = text.split("\r\n").filter_map(|l| l.strip_prefix("Call-ID: ").map(str::to_owned)).collect();
    }
    assert_eq!(ids, ["a", "b", "c"]);
    for byte in invite(STOPPED, "d") {
        stream.write_all(&[byte]).await.unwrap();
    }
    assert_eq!(read(&mut stream, 1).await[0].status(), Some(608));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_message_ends_no_connection() {
    let seat = Seat::new();
    let front = seat.front(Settings { connections_max: 8, peer_connections_max: 3, ..loopback() }).await;
    let mut stream = TcpStream::connect(front.tcp[0]).await.unwrap();
    for (index, bad) in ["Content-Length: x", "X-Length: 0", "Content-Length: 0\r\nl: 1"].iter().enumerate() {
        for (caller, status) in [(CLEAN, 400), (STOPPED, 608)] {
            let broken =
                String::from_utf8(invite(caller, &format!("a{index}"))).unwrap().replace("Content-Length: 0", bad);
            stream.write_all(broken.as_bytes()).await.unwrap();
            // How long it is, is not known: the next request is where it ends.
            assert_eq!(read(&mut stream, 1).await[0].status(), Some(status), "{bad}");
            stream.write_all(&invite(CLEAN, &format!("b{index}{status}"))).await.unwrap();
            assert_eq!(read(&mut stream, 1).await[0].status(), Some(404), "{bad}");
        }
    }
    // A byte that is no text.
    let mut raw = invite(STOPPED, "c");
    let at = raw.windows(6).position(|six| six == b"From: ").unwrap() + 6;
    raw.splice(at..at, *b"\"\xd5\xc5\" ");
    stream.write_all(&raw).await.unwrap();
    stream.write_all(&invite(CLEAN, "d")).await.unwrap();
    let mut buffer = Vec::new();
    while buffer.windows(4).filter(|four| four == b"\r\n\r\n").count() < 2 {
        assert!(stream.read_buf(&mut buffer).await.unwrap() > 0);
    }
    let told = String::from_utf8_lossy(&buffer);
    assert!(told.starts_with("SIP/2.0 608 ") && told.contains("SIP/2.0 404 "), "{told}");
    // A body that is too long is passed over.
    let long = String::from_utf8(invite(STOPPED, "e")).unwrap().replace("Content-Length: 0", "Content-Length: 70000");
    stream.write_all(&[long.as_bytes(), &[b'x'; 70_000], &invite(CLEAN, "f")].concat()).await.unwrap();
    let told: Vec<_> = read(&mut stream, 2).await.iter().map(Message::status).collect();
    assert_eq!(told, [Some(608), Some(404)]);
    drop(stream);
    // A peer may hold three connections; the fourth is closed at once, and those that are open go on.
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(front.tcp[0]).await.unwrap();
        loop {
            // The places of the connections above are given back by their tasks, a moment after they were closed.
            stream.write_all(&invite(CLEAN, "b")).await.unwrap();
            let mut first = [0; 4_096];
            match tokio::time::timeout(PATIENCE, stream.read(&mut first)).await.unwrap() {
                Ok(n) if n > 0 => break,
                _ => stream = TcpStream::connect(front.tcp[0]).await.unwrap(),
            }
        }
        open.push(stream);
    }
    let mut fourth = TcpStream::connect(front.tcp[0]).await.unwrap();
    assert!(matches!(fourth.read(&mut [0; 8]).await, Ok(0) | Err(_)));
    open[0].write_all(&invite(STOPPED, "c")).await.unwrap();
    assert_eq!(read(&mut open[0], 1).await[0].status(), Some(608));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_served_with_the_configured_certificate() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let seat = Seat::new();
    let settings = Settings {
        tls: vec!["127.0.0.1:0".parse().unwrap()],
        tls_certificate: Some(certificate.clone()),
        tls_key: Some(key),
        ..loopback()
    };
    let front = seat.front(settings).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(front.tls[0]).await.unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("localhost").unwrap(), tcp)
        .await
        .unwrap();
    stream.write_all(&invite(STOPPED, "a")).await.unwrap();
    assert_eq!(read(&mut stream, 1).await[0].status(), Some(608));
    // Plain text on the port of TLS is closed and harms nobody.
    let mut plain = TcpStream::connect(front.tls[0]).await.unwrap();
    plain.write_all(&invite(CLEAN, "b")).await.unwrap();
    let mut rest = Vec::new();
    let _ = plain.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"SIP"));
    stream.write_all(&invite(CLEAN, "c")).await.unwrap();
    assert_eq!(read(&mut stream, 1).await[0].status(), Some(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_that_cannot_start_says_what_and_why() {
    let seat = Seat::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings { tcp: vec![taken.local_addr().unwrap()], ..loopback() };
    let Err(problem) = seat.try_front(settings).await else { panic!("the address is taken") };
    assert!(problem.to_string().starts_with(&taken.local_addr().unwrap().to_string()), "{problem}");
    let settings = Settings { tls: vec!["127.0.0.1:0".parse().unwrap()], ..loopback() };
    assert!(seat.try_front(settings).await.err().unwrap().to_string().contains("tls_certificate"));
    let settings = Settings { passport_roots: vec!["/nowhere/roots.pem".into()], ..loopback() };
    assert!(seat.try_front(settings).await.err().unwrap().to_string().starts_with("/nowhere/roots.pem"));
}
