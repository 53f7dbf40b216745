#![no_main]
//! SMPP: any bytes as a stream of PDUs. Every view reads or refuses; a message that is read is written and read again;
//! texts come out of every alphabet; parts are put together within their bounds.

use libfuzzer_sys::fuzz_target;
use smpp::{Alphabet, Assembler, Bind, Bounds, DefaultAlphabet, Frame, Message, PartKey, Pdu};

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    let mut parts = Assembler::new(Bounds { wait_us: 1_000, messages_max: 4, parts_max: 8, octets_max: 2_048 });
    let mut now_us = 0;
    while let Frame::Whole(pdu) = smpp::frame(rest) {
        look_at(&pdu, &mut parts, now_us);
        now_us += 400;
        let _released = parts.expire(now_us);
        let length = pdu.bytes.len();
        assert!(length > 0 && length <= rest.len());
        rest = &rest[length..];
    }
    let _left = parts.drain();
});

fn look_at(pdu: &Pdu<'_>, parts: &mut Assembler<()>, now_us: i64) {
    let _bind = Bind::read(pdu);
    let _id = smpp::message_id_of(pdu);
    let Ok(message) = Message::read(pdu) else { return };
    let mut written = Vec::new();
    message.write(pdu.header.sequence, &[], &[], &mut written);
    let pdu_again = Pdu::whole(&written).expect("a whole PDU");
    let again = Message::read(&pdu_again).expect("what was written is read again");
    assert_eq!(again.content(), message.content());
    assert_eq!(again.source, message.source);
    let (header, content) = message.user_data();
    let alphabet = smpp::alphabet_of(message.data_coding, DefaultAlphabet::Gsm7);
    let _id = smpp::receipt_id_range(content);
    if let Some(text) = smpp::decode(alphabet, content) {
        let (coding, narrowest) = smpp::narrowest(&text, DefaultAlphabet::Gsm7);
        let octets = smpp::encode(narrowest, &text).expect("the narrowest alphabet holds the text");
        let back = smpp::decode(narrowest, &octets).expect("and gives it back");
        // Octets that a reader takes otherwise: a byte order mark, letters that make sense in the other order only, and
        // what looks like Chinese under a coding that has none.
        let swapped: Vec<u16> = text.encode_utf16().map(u16::swap_bytes).collect();
        let otherwise = match narrowest {
            Alphabet::Utf16 => text.starts_with(['\u{feff}', '\u{fffe}']) || String::from_utf16_lossy(&swapped) == back,
            Alphabet::Gsm7 | Alphabet::Gsm7Packed | Alphabet::Latin1 => !octets.is_ascii(),
            _ => false,
        };
        assert!(back == text || otherwise, "coding {coding}: {text:?} came back as {back:?}");
    }
    if let Some(place) = header.and_then(|header| header.concatenation()) {
        let key = PartKey {
            source: message.source.text().as_bytes().to_vec(),
            destination: message.destination.text().as_bytes().to_vec(),
            reference: place.reference,
            total: place.total,
        };
        let mut given_back = Vec::new();
        let _offered = parts.offer(key, place.number, (alphabet, content), (), now_us, &mut given_back);
        assert!(parts.len() <= 4);
    }
}
