#![no_main]
//! SIP: any bytes, as a datagram and as a stream. Both readers agree, what is written is read again, and an answer can be
//! made for whatever the lazy reader lets through.

use libfuzzer_sys::fuzz_target;
use sip::{Answer, Frame, Framer, Loose, Peek, TagKey};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(peek) = Peek::scan(bytes) {
        let _request = peek.request();
        let _response = peek.response();
        let mut out = Vec::new();
        let source = "192.0.2.1:5060".parse().expect("an address");
        Answer::begin(&mut out, &peek, source, (400, "Bad Request"), &TagKey::new([7; 16])).end();
        assert!(out.starts_with(b"SIP/2.0 400 "));
    }
    if let Ok(message) = sip::parse(bytes) {
        assert!(Peek::scan(bytes).is_ok(), "the lazy reader accepts what the full one does");
        let written = message.to_bytes();
        let again = sip::parse(&written).expect("what was written is read again");
        assert_eq!(again.to_bytes(), written);
    }
    if let Some(loose) = Loose::read(bytes) {
        let mut out = Vec::new();
        let source = "192.0.2.1:5060".parse().expect("an address");
        loose.answer(&mut out, source, (608, "Rejected"), &[], &TagKey::new([7; 16]));
        assert!(out.starts_with(b"SIP/2.0 608 ") && out.ends_with(b"\r\n\r\n"));
        let _numbers = loose.callers();
    }
    stream(bytes);
});

fn stream(bytes: &[u8]) {
    let (mut framer, mut rest) = (Framer::default(), bytes);
    loop {
        let taken = match framer.next(rest) {
            Frame::More | Frame::Bad(_) => return,
            Frame::Skip(length) | Frame::Ping(length) | Frame::Message(length) => length,
        };
        assert!(taken > 0 && taken <= rest.len());
        rest = &rest[taken..];
    }
}
