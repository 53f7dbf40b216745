//! The proxy between two telephones: calls set up through it, ended by either side, and cut by order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod sip_line;
mod sip_seat;

use operator::sip::{Progress, Settings, Strangers};
use screen::Number;
use sip::{First, Message, Name, parse};
use sip_line::Line;
use sip_seat::{CALLEE, CLEAN, STOPPED};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_through_and_leaves_our_record_route_behind() {
    let line = Line::new().await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    let arrived = line.callee.request("INVITE");
    assert_eq!(arrived.get(Name::RecordRoute), Some(format!("<sip:{};lr>", line.proxy).as_str()));
    assert_eq!(arrived.max_forwards(), Some(69));
    assert_eq!(arrived.values(Name::Via).count(), 2);
    assert_eq!(arrived.from().unwrap().display.as_deref(), Some("张三"));
    assert_eq!(arrived.body, b"v=0\r\n");
    // The INVITE once more: answered from here, not passed on.
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    line.callee.send(line.proxy, &line.answer(&arrived, 200));
    let answer = line.caller.response(200);
    assert_eq!(answer.values(Name::Via).count(), 1, "our Via is taken away");
    assert_eq!(answer.to().unwrap().tag(), Some("callee"));
    // A 200 that comes again because the ACK was lost is passed on again.
    line.callee.send(line.proxy, &line.answer(&arrived, 200));
    line.caller.response(200);
    line.callee.nothing_came(&line);
    assert_eq!(line.front.calls().count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_progress_is_cut_on_both_legs() {
    let line = Line::new().await;
    let answer = line.talk("a");
    let calls = line.front.calls();
    assert!(calls.cut(number(CALLEE), Some(number(STOPPED))).await.is_empty(), "a call with somebody else goes on");
    assert_eq!(calls.of_line(number(CLEAN)).await.len(), 1);
    line.seat.clock.advance(kernel::Duration::seconds(90));
    let cut = calls.cut(number(CALLEE), Some(number(CLEAN))).await;
    assert_eq!(cut.len(), 1);
    assert!(matches!(cut[0].progress, Progress::Talking { .. }));
    let to_callee = line.callee.request("BYE");
    let to_caller = line.caller.request("BYE");
    assert_eq!(to_callee.uri(), Some(format!("sip:{CALLEE}@{}", line.callee.address()).as_str()));
    assert_eq!((to_callee.from().unwrap().tag(), to_callee.to().unwrap().tag()), (Some("caller-a"), Some("callee")));
    assert_eq!(to_callee.cseq().unwrap().number, 8, "behind the caller's 7");
    assert_eq!(to_caller.uri(), Some(format!("sip:{CLEAN}@{}", line.caller.address()).as_str()));
    assert_eq!((to_caller.from().unwrap().tag(), to_caller.to().unwrap().tag()), (Some("callee"), Some("caller-a")));
    assert_eq!(to_caller.call_id(), answer.call_id());
    assert!(to_caller.get(Name::Reason).is_some_and(|reason| reason.contains("order")));
    line.callee.send(line.proxy, &Message::response_to(&to_callee, 200, None));
    line.caller.send(line.proxy, &Message::response_to(&to_caller, 200, None));
    line.caller.nothing_came(&line);
    line.callee.nothing_came(&line);
    let end = line.seat.end().await;
    assert!(end.cut && end.answered);
    assert_eq!((end.talked, end.key), (kernel::Duration::seconds(90), cut[0].key));
    assert_eq!(calls.count().await, 0);
    assert!(calls.cut(number(CALLEE), None).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_rings_is_cut_by_cancel_and_487() {
    let line = Line::new().await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    let arrived = line.callee.request("INVITE");
    line.callee.send(line.proxy, &line.answer(&arrived, 180));
    line.caller.response(180);
    let cut = line.front.calls().cut(number(CLEAN), None).await;
    assert_eq!(cut[0].progress, Progress::Ringing);
    assert_eq!(line.caller.response(487).cseq().unwrap().method, "INVITE");
    let cancel = line.callee.request("CANCEL");
    assert_eq!(cancel.get(Name::Via), arrived.values(Name::Via).next(), "the Via of the INVITE");
    line.callee.send(line.proxy, &Message::response_to(&cancel, 200, Some("callee")));
    line.callee.send(line.proxy, &line.answer(&arrived, 487));
    assert_eq!(line.callee.request("ACK").cseq().unwrap().number, 7);
    line.caller.nothing_came(&line);
    let end = line.seat.end().await;
    assert!(end.cut && !end.answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_crosses_the_cut_is_ended_at_once() {
    let line = Line::new().await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    let arrived = line.callee.request("INVITE");
    // Cut before anything came back: the CANCEL waits for the first answer.
    assert_eq!(line.front.calls().cut(number(CLEAN), None).await.len(), 1);
    line.caller.response(487);
    line.callee.nothing_came(&line);
    line.callee.send(line.proxy, &line.answer(&arrived, 200));
    assert_eq!(line.callee.request("ACK").cseq().unwrap().number, 7);
    let bye = line.callee.request("BYE");
    assert_eq!((bye.cseq().unwrap().number, bye.to().unwrap().tag()), (8, Some("callee")));
    line.callee.send(line.proxy, &Message::response_to(&bye, 200, None));
    line.caller.nothing_came(&line);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_may_give_up() {
    let line = Line::new().await;
    let invite = line.invite(line.caller.address(), CLEAN, "a");
    line.caller.send(line.proxy, &invite);
    line.caller.response(100);
    let arrived = line.callee.request("INVITE");
    line.callee.send(line.proxy, &line.answer(&arrived, 180));
    line.caller.response(180);
    let mut cancel = invite.clone();
    cancel.first = First::Request { method: "CANCEL".into(), uri: invite.uri().unwrap().into() };
    cancel.set(Name::CSeq, "7 CANCEL");
    line.caller.send(line.proxy, &cancel);
    assert_eq!(line.caller.response(200).cseq().unwrap().method, "CANCEL");
    let passed_on = line.callee.request("CANCEL");
    line.callee.send(line.proxy, &Message::response_to(&passed_on, 200, Some("callee")));
    line.callee.send(line.proxy, &line.answer(&arrived, 487));
    line.callee.request("ACK");
    let ended = line.caller.response(487);
    assert_eq!(ended.to().unwrap().tag(), Some("callee"));
    let mut ack = invite.clone();
    ack.first = First::Request { method: "ACK".into(), uri: invite.uri().unwrap().into() };
    ack.set(Name::CSeq, "7 ACK");
    ack.set(Name::To, ended.get(Name::To).unwrap());
    line.caller.send(line.proxy, &ack);
    line.caller.nothing_came(&line);
    line.callee.nothing_came(&line);
    assert!(!line.seat.end().await.answered);
    cancel.set(Name::Via, format!("SIP/2.0/UDP {};rport;branch=z9hG4bKnever", line.caller.address()));
    line.caller.send(line.proxy, &cancel);
    line.caller.response(481);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_party_hangs_up() {
    let line = Line::new().await;
    let answer = line.talk("a");
    line.seat.clock.advance(kernel::Duration::seconds(30));
    line.caller.send(line.proxy, &line.within(&answer, "BYE", 8));
    let bye = line.callee.request("BYE");
    line.callee.send(line.proxy, &Message::response_to(&bye, 200, None));
    assert_eq!(line.caller.response(200).cseq().unwrap().method, "BYE");
    let end = line.seat.end().await;
    assert_eq!((end.answered, end.cut, end.talked), (true, false, kernel::Duration::seconds(30)));

    let second = line.talk("b");
    let mut bye = Message::request("BYE", &format!("sip:{CLEAN}@{}", line.caller.address()));
    bye.push(Name::Via, format!("SIP/2.0/UDP {};rport;branch=z9hG4bKback", line.callee.address()));
    bye.push(Name::Route, format!("<sip:{};lr>", line.proxy));
    bye.push(Name::From, second.get(Name::To).unwrap());
    bye.push(Name::To, second.get(Name::From).unwrap());
    bye.push(Name::CallId, "b");
    bye.push(Name::CSeq, "1 BYE");
    line.callee.send(line.proxy, &bye);
    let arrived = line.caller.request("BYE");
    line.caller.send(line.proxy, &Message::response_to(&arrived, 200, None));
    line.callee.response(200);
    assert!(line.seat.end().await.answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_caller_does_not_ring_and_a_call_for_help_is_never_cut() {
    let line = Line::new().await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), STOPPED, "a"));
    line.caller.response(608);
    line.callee.nothing_came(&line);
    let mut help = line.invite(line.caller.address(), STOPPED, "b");
    help.first = First::Request { method: "INVITE".into(), uri: format!("sip:110@{}", line.proxy) };
    line.caller.send(line.proxy, &help);
    line.caller.response(100);
    line.callee.request("INVITE");
    assert!(line.front.calls().cut(number(STOPPED), None).await.is_empty());
    assert_eq!(line.front.calls().count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_strangers_are_refused_they_may_still_call_for_help() {
    let line = Line::with(Settings { strangers: Strangers::Refuse, ..Settings::default() }).await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(403);
    let mut help = line.invite(line.caller.address(), STOPPED, "b");
    help.first = First::Request { method: "INVITE".into(), uri: format!("sip:110@{}", line.proxy) };
    line.caller.send(line.proxy, &help);
    assert_eq!(of_call(&line, "b"), 100);
    assert!(line.callee.request("INVITE").uri().unwrap().starts_with("sip:110@"));
}

/// The status of the next answer to a call; answers to others, sent again, are passed over.
fn of_call(line: &Line, id: &str) -> u16 {
    loop {
        // An answer repeats what was broken, so it need not be well-formed.
        let answer = String::from_utf8_lossy(&line.caller.receive_bytes()).into_owned();
        if answer.contains(&format!("\r\nCall-ID: {id}\r\n")) {
            return answer.split(' ').nth(1).unwrap().parse().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_help_is_not_refused_for_its_form() {
    let line = Line::new().await;
    let broken: [(&str, &str); 7] = [
        ("Max-Forwards: 70", "Max-Forwards: many"),
        ("Max-Forwards: 70", "Date: yesterday\r\nIdentity: x"),
        ("Max-Forwards: 70", "Subject: \u{1}a\rb\0"),
        ("Max-Forwards: 70", "no colon"),
        ("CSeq: 7 INVITE", "CSeq: 7"),
        ("To: <sip:", "To: <<sip:"),
        ("Contact: <sip:", "Contact: <"),
    ];
    for (index, (sound, form)) in broken.into_iter().enumerate() {
        let mut help = line.invite(line.caller.address(), STOPPED, &format!("help{index}"));
        let plain = String::from_utf8(help.to_bytes()).unwrap().replacen(sound, form, 1);
        // The same form is refused of any other call.
        line.caller.send_bytes(line.proxy, plain.as_bytes());
        let id = format!("help{index}");
        assert_eq!(of_call(&line, &id), 400, "{form}");
        help.first = First::Request { method: "INVITE".into(), uri: format!("sip:110@{}", line.proxy) };
        let help = String::from_utf8(help.to_bytes()).unwrap().replacen(sound, form, 1);
        line.caller.send_bytes(line.proxy, help.as_bytes());
        assert_eq!(of_call(&line, &id), 100, "{form}");
        let arrived = line.callee.request("INVITE");
        assert!(arrived.uri().unwrap().starts_with("sip:110@"), "{form}");
        assert_eq!(arrived.body, b"v=0\r\n", "{form}");
        line.callee.send(line.proxy, &line.answer(&arrived, 486));
        line.callee.request("ACK");
        assert_eq!(of_call(&line, &id), 486, "{form}");
    }
    // Bytes that are no text, in a header that leads nowhere.
    let mut help = line.invite(line.caller.address(), STOPPED, "raw");
    help.first = First::Request { method: "INVITE".into(), uri: format!("sip:110@{}", line.proxy) };
    help.push(Name::Other("Subject"), "?");
    let raw: Vec<u8> = help.to_bytes().iter().map(|b| if *b == b'?' { 0xff } else { *b }).collect();
    line.caller.send_bytes(line.proxy, &raw);
    assert_eq!(of_call(&line, "raw"), 100);
    line.callee.request("INVITE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gets_lost_is_sent_again_until_it_is_given_up() {
    let line = Line::new().await;
    line.caller.send(line.proxy, &line.invite(line.caller.address(), CLEAN, "a"));
    line.caller.response(100);
    let first = line.callee.request("INVITE");
    for pause_ms in [500, 1_000, 2_000, 4_000] {
        line.seat.clock.advance(kernel::Duration::millis(pause_ms));
        assert_eq!(line.callee.request("INVITE"), first, "after {pause_ms} ms");
    }
    line.seat.clock.advance(kernel::Duration::seconds(32));
    let refused = line.caller.response(408);
    // The refusal itself is sent again until it is acknowledged.
    line.seat.clock.advance(kernel::Duration::millis(500));
    assert_eq!(line.caller.response(408), refused);
    assert!(!line.seat.end().await.answered);
    assert_eq!(line.front.calls().count().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_sign_of_life_is_forgotten() {
    let line = Line::new().await;
    line.talk("a");
    line.seat.clock.advance(kernel::Duration::hours(3));
    let end = line.seat.end().await;
    assert!(end.answered && !end.cut);
    assert_eq!(line.front.calls().count().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_no_call_goes_nowhere() {
    let line = Line::new().await;
    let mut stray = line.invite(line.caller.address(), CLEAN, "a");
    stray.push(Name::Route, format!("<sip:{};lr>", line.proxy));
    stray.set(Name::To, format!("<sip:{CALLEE}@{}>;tag=x", line.callee.address()));
    line.caller.send(line.proxy, &stray);
    line.caller.response(481);
    let mut register = line.invite(line.caller.address(), CLEAN, "b");
    register.first = First::Request { method: "REGISTER".into(), uri: format!("sip:{}", line.callee.address()) };
    register.set(Name::CSeq, "1 REGISTER");
    line.caller.send(line.proxy, &register);
    line.caller.response(405);
    let mut tired = line.invite(line.caller.address(), CLEAN, "c");
    tired.set(Name::MaxForwards, "0");
    line.caller.send(line.proxy, &tired);
    line.caller.response(483);
    let mut wants = line.invite(line.caller.address(), CLEAN, "d");
    wants.push(Name::ProxyRequire, "telepathy");
    line.caller.send(line.proxy, &wants);
    assert_eq!(line.caller.response(420).get(Name::Unsupported), Some("telepathy"));
    let forged = line.answer(&line.invite(line.caller.address(), CLEAN, "e"), 200);
    line.callee.send(line.proxy, &forged);
    line.caller.nothing_came(&line);
    line.callee.nothing_came(&line);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_a_connection_is_cut_on_its_connection() {
    let line = Line::new().await;
    let mut stream = tokio::net::TcpStream::connect(line.proxy).await.unwrap();
    let own = stream.local_addr().unwrap();
    stream.write_all(&line.invite(own, CLEAN, "t").to_bytes()).await.unwrap();
    let (mut buffer, mut framer) = (Vec::new(), sip::Framer::default());
    let mut next = async || loop {
        match framer.next(&buffer) {
            sip::Frame::Message(n) => return parse(&buffer.drain(..n).collect::<Vec<_>>()).unwrap(),
            _ => assert!(stream.read_buf(&mut buffer).await.unwrap() > 0),
        }
    };
    assert_eq!(next().await.status(), Some(100));
    let arrived = line.callee.request("INVITE");
    line.callee.send(line.proxy, &line.answer(&arrived, 200));
    assert_eq!(next().await.status(), Some(200));
    assert_eq!(line.front.calls().cut(number(CALLEE), None).await.len(), 1);
    assert_eq!(next().await.method(), Some("BYE"));
    line.callee.request("BYE");
}
