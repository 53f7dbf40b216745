//! Properties of the readers: what is written reads back, any bytes are answered, and both readers agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use sip::{Answer, Framer, Message, Name, Peek, Start, TagKey, parse};

const TOKEN: &str = "[A-Za-z0-9.!%*_+`'~-]{1,12}";

fn address() -> impl Strategy<Value = String> {
    let host = prop_oneof!["[a-z]{1,8}\\.example", Just("192.0.2.7".to_owned()), Just("[2001:db8::5]".to_owned())];
    let uri = (prop_oneof!["\\+86[0-9]{11}", "[a-z]{1,8}"], host, proptest::option::of(1_u16..), any::<bool>())
        .prop_map(|(user, host, port, phone)| {
            let port = port.map_or(String::new(), |p| format!(":{p}"));
            format!("sip:{user}@{host}{port}{}", if phone { ";user=phone" } else { "" })
        });
    let display = prop_oneof![
        Just(String::new()),
        "[a-zA-Z]{1,9}".prop_map(|t| t + " "),
        "[^\\p{Cc}]{0,12}".prop_map(|t| sip::quote(&t) + " ")
    ];
    (display, uri, proptest::option::of(TOKEN)).prop_map(|(display, uri, tag)| {
        format!("{display}<{uri}>{}", tag.map_or(String::new(), |t| format!(";tag={t}")))
    })
}

fn message() -> impl Strategy<Value = Message> {
    let vias = proptest::collection::vec(("[a-z]{1,8}\\.example", proptest::option::of(1_u16..), TOKEN), 1..4);
    let extra = proptest::collection::vec((TOKEN.prop_map(|t| format!("X-{t}")), "[^\\p{Cc}]{0,30}"), 0..4);
    (
        prop_oneof!["INVITE", "BYE", "OPTIONS", TOKEN],
        address(),
        address(),
        vias,
        extra,
        (any::<u32>(), proptest::option::of(any::<u8>()), any::<Vec<u8>>(), 0_u16..700),
    )
        .prop_map(|(method, from, to, vias, extra, (number, hops, body, status))| {
            let mut message = Message::request(&method, "sip:+8613800138000@example.com;user=phone");
            if status >= 100 {
                message.first = sip::First::Response { status, reason: "Some 理由".into() };
            }
            for (host, port, branch) in vias {
                let port = port.map_or(String::new(), |p| format!(":{p}"));
                message.push(Name::Via, format!("SIP/2.0/UDP {host}{port};rport;branch=z9hG4bK{branch}"));
            }
            message.push(Name::From, from);
            message.push(Name::To, to);
            message.push(Name::CallId, "c@example");
            message.push(Name::CSeq, format!("{} {method}", number >> 1));
            if let Some(hops) = hops {
                message.push(Name::MaxForwards, hops.to_string());
            }
            for (name, value) in extra {
                message.push(Name::Other(&name), value.trim());
            }
            message.push(Name::ContentLength, body.len().to_string());
            message.body = body;
            message
        })
}

/// Reads with both readers and compares what both give.
fn agree(bytes: &[u8]) -> Result<(), TestCaseError> {
    let lazy = Peek::scan(bytes);
    if let Ok(full) = parse(bytes) {
        let peek = lazy.map_err(|e| TestCaseError::fail(format!("lazy refuses: {e}")))?;
        prop_assert_eq!(peek.body, &full.body[..]);
        let same_from = |from: &sip::NameAddr<'_>| Some(from.uri.as_str()) == full.from().map(|f| f.uri.as_str());
        match peek.start {
            Start::Request { .. } => {
                let request = peek.request().map_err(|e| TestCaseError::fail(format!("lazy refuses: {e}")))?;
                prop_assert_eq!(Some(request.method), full.method());
                prop_assert!(same_from(&request.from));
                prop_assert_eq!(Some(request.cseq), full.cseq());
                prop_assert_eq!(
                    request.to.tag().map(str::to_owned),
                    full.to().and_then(|t| t.tag().map(str::to_owned))
                );
                prop_assert_eq!(request.max_forwards, full.max_forwards());
            }
            Start::Response { .. } => {
                let response = peek.response().map_err(|e| TestCaseError::fail(format!("lazy refuses: {e}")))?;
                prop_assert_eq!(Some(response.status), full.status());
                prop_assert!(same_from(&response.from));
                prop_assert_eq!(
                    response.via.branch().map(str::to_owned),
                    full.top_via().and_then(|v| v.branch().map(str::to_owned))
                );
            }
        }
    }
    Ok(())
}

/// Every entry point that takes bytes from outside.
fn feed(bytes: &[u8]) {
    let _ = parse(bytes);
    let mut framer = Framer::default();
    let _ = framer.next(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = (sip::Uri::parse(&text), sip::NameAddr::parse(&text), sip::Via::parse(&text), sip::CSeq::parse(&text));
    let _ = sip::passport::Token::parse(&text);
    let _ = sip::passport::date_seconds(&text);
    let _ = sip::status::read_reason(&text);
    if let Ok(peek) = Peek::scan(bytes) {
        let _ = peek.request();
        let mut out = Vec::new();
        Answer::begin(&mut out, &peek, "192.0.2.1:5060".parse().unwrap(), (400, "Bad Request"), &TagKey::new([0; 16]))
            .record_route(&peek)
            .end();
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(message in message()) {
        let bytes = message.to_bytes();
        let read = parse(&bytes).map_err(|e| TestCaseError::fail(format!("{e}: {}", String::from_utf8_lossy(&bytes))))?;
        prop_assert_eq!(&read.first, &message.first);
        prop_assert_eq!(&read.body, &message.body);
        let headers = |m: &Message| m.headers.iter().map(|(n, v)| (n.to_string(), v.clone())).collect::<Vec<_>>();
        prop_assert_eq!(headers(&read), headers(&message));
        agree(&bytes)?;
    }

    #[test]
    fn a_changed_message_is_read_alike_by_both(message in message(), changes in proptest::collection::vec((any::<proptest::sample::Index>(), prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'"'), Just(b'<'), Just(b';'), Just(b','), Just(b' ')]), 1..6)) {
        let mut bytes = message.to_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        agree(&bytes)?;
        feed(&bytes);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        feed(&bytes);
    }

    #[test]
    fn any_text_is_answered(text in "[\\PC\r\n\t]{0,200}") {
        feed(text.as_bytes());
    }

    #[test]
    fn an_answer_is_a_response_to_the_request(mut message in message()) {
        let method = message.cseq().map_or_else(String::new, |cseq| cseq.method.to_owned());
        message.first = sip::First::Request { method, uri: "sip:b@example.com".into() };
        let bytes = message.to_bytes();
        let peek = Peek::scan(&bytes).unwrap();
        prop_assert!(peek.request().is_ok());
        let mut out = Vec::new();
        Answer::begin(&mut out, &peek, "192.0.2.1:5060".parse().unwrap(), (603, "Decline"), &TagKey::new([3; 16])).end();
        let answer = parse(&out).map_err(|e| TestCaseError::fail(format!("{e}: {}", String::from_utf8_lossy(&out))))?;
        prop_assert_eq!(answer.status(), Some(603));
        prop_assert_eq!(answer.call_id(), message.call_id());
        prop_assert_eq!(answer.cseq(), message.cseq());
        prop_assert!(answer.to().is_some_and(|to| to.tag().is_some()));
        prop_assert_eq!(answer.values(Name::Via).count(), message.values(Name::Via).count());
        let via = answer.top_via().unwrap();
        prop_assert_eq!((via.params.get("received"), via.params.get("rport")), (Some("192.0.2.1"), Some("5060")));
    }
}
