//! PDUs: what is written reads back, and no bytes make a reader panic.

use proptest::prelude::*;
use smpp::{
    Address, Alphabet, Assembler, Bind, BindMode, Bounds, CommandId, DefaultAlphabet, Destination, Frame, Message,
    MessageKind, PartKey, Pdu, Status, Tlvs, Udh, VERSION_3_4, VERSION_5_0, frame, tag,
};

fn written(message: &Message<'_>, more: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    message.write(7, &[], more, &mut out);
    out
}

#[test]
fn a_bind_of_the_specification_is_read() {
    // The worked example of SMPP 3.4 §3.2.1 with the transmitter's command.
    let bytes = [
        0x00, 0x00, 0x00, 0x2f, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x53, 0x4d,
        0x50, 0x50, 0x33, 0x54, 0x45, 0x53, 0x54, 0x00, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74, 0x30, 0x38, 0x00, 0x53,
        0x55, 0x42, 0x4d, 0x49, 0x54, 0x31, 0x00, 0x34, 0x01, 0x01, 0x00,
    ];
    let Frame::Whole(pdu) = frame(&bytes) else { panic!("it is whole") };
    let bind = Bind::read(&pdu).unwrap();
    assert_eq!(
        (bind.mode, bind.system_id, bind.password),
        (BindMode::Transmitter, &b"SMPP3TEST"[..], &b"secret08"[..])
    );
    assert_eq!((bind.system_type, bind.interface_version), (&b"SUBMIT1"[..], VERSION_3_4));
    assert!(!format!("{bind:?}").contains("secret08"), "the password is not printed");
    let mut out = Vec::new();
    smpp::write_bind(&bind, 1, &mut out);
    assert_eq!(out, bytes);
}

#[test]
fn each_bind_fault_has_its_status() {
    let bind = |id: &[u8]| {
        let mut out = vec![0; 16];
        out.extend_from_slice(id);
        let len = u32::try_from(out.len()).unwrap();
        out[..4].copy_from_slice(&len.to_be_bytes());
        out[7] = 9;
        Bind::read(&Pdu::whole(&out).unwrap()).unwrap_err().status()
    };
    assert_eq!(bind(b"short"), Status::INVALID_COMMAND_LENGTH);
    assert_eq!(bind(b"a-system-id-of-too-many-octets\0pw\0"), Status::INVALID_SYSTEM_ID);
}

#[test]
fn the_version_of_the_smsc_is_told_to_those_who_understand_it() {
    let response = |theirs| {
        let mut out = Vec::new();
        smpp::write_bind_response(BindMode::Transceiver, Status::OK, 3, b"shouhu", (theirs, VERSION_5_0), &mut out);
        out.len()
    };
    assert_eq!(response(0x33) + 5, response(VERSION_3_4));
}

#[test]
fn a_submit_multi_names_every_destination() {
    let mut body = b"\0\x01\x01106900\0\x03\x01\x01\x01138001\0\x02friends\0\x01\x01\x01139002\0".to_vec();
    body.extend_from_slice(b"\0\0\0\0\0\x01\0\x08\0\x02\x4e\x2d");
    let mut bytes = Vec::new();
    smpp::write_empty(CommandId::SUBMIT_MULTI, Status::OK, 9, &mut bytes);
    bytes.extend_from_slice(&body);
    let len = u32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&len.to_be_bytes());
    let message = Message::read(&Pdu::whole(&bytes).unwrap()).unwrap();
    let all: Vec<Destination<'_>> = message.each_destination().collect();
    assert_eq!(all.len(), 3);
    assert_eq!(all[1], Destination::List(b"friends"));
    assert_eq!((message.destination.digits, message.short_message), (&b"138001"[..], &[0x4e, 0x2d][..]));
    assert_eq!(written(&message, &[])[16..], body[..]);
}

#[test]
fn ids_in_requests_and_responses_are_found() {
    let mut out = Vec::new();
    smpp::write_message_response(CommandId::SUBMIT_SM, Status::OK, 5, b"S0001", &mut out);
    assert_eq!(smpp::message_id_of(&Pdu::whole(&out).unwrap()), Some(&b"S0001"[..]));
    out.clear();
    smpp::write_message_response(CommandId::SUBMIT_SM, Status::SUBMIT_FAILED, 5, b"S0001", &mut out);
    assert_eq!(out.len(), 16, "a refusal has no body");
    assert_eq!(smpp::message_id_of(&Pdu::whole(&out).unwrap()), None);
}

#[test]
fn a_payload_beyond_the_body_is_the_text() {
    let mut message = Message::new(MessageKind::Submit, Address::default(), Address::default());
    message.data_coding = 8;
    let long = "安全账户".repeat(500);
    let octets = smpp::encode(Alphabet::Utf16, &long).unwrap();
    let bytes = written(&message, &[(tag::MESSAGE_PAYLOAD, &octets)]);
    let read = Message::read(&Pdu::whole(&bytes).unwrap()).unwrap();
    assert_eq!(smpp::decode(Alphabet::Utf16, read.user_data().1).as_deref(), Some(long.as_str()));
}

#[test]
fn receipts_are_asked_for_by_patching() {
    let message = Message::new(MessageKind::Submit, Address::default(), Address::default());
    let mut bytes = written(&message, &[]);
    let at = Message::read(&Pdu::whole(&bytes).unwrap()).unwrap().registered_delivery_at();
    smpp::patch_registered_delivery(&mut bytes, at, 1);
    assert_eq!(Message::read(&Pdu::whole(&bytes).unwrap()).unwrap().registered_delivery, 1);
}

fn octets(at_most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1u8..=255, 0..at_most)
}

proptest! {
    #[test]
    fn a_message_written_reads_the_same(
        kind in prop::sample::select(vec![MessageKind::Submit, MessageKind::Deliver, MessageKind::Data]),
        (service, source, destination) in (octets(5), octets(20), octets(20)),
        numbers in prop::array::uniform9(any::<u8>()),
        short in prop::collection::vec(any::<u8>(), 0..=255),
        tlvs in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..40)), 0..5),
    ) {
        let address = |digits| Address { ton: numbers[0], npi: numbers[1], digits };
        let mut message = Message::new(kind, address(&source), address(&destination));
        message.service_type = &service;
        message.esm_class = numbers[2];
        message.registered_delivery = numbers[3];
        message.data_coding = numbers[4];
        if kind != MessageKind::Data {
            message.protocol_id = numbers[5];
            message.priority = numbers[6];
            message.replace_if_present = numbers[7];
            message.default_message = numbers[8];
            message.validity = b"000001000000000R";
            message.short_message = &short;
        }
        let more: Vec<(u16, &[u8])> = tlvs.iter().map(|(tag, value)| (*tag, value.as_slice())).collect();
        let bytes = written(&message, &more);
        let read = Message::read(&Pdu::whole(&bytes).unwrap()).unwrap();
        prop_assert_eq!(read.source, message.source);
        prop_assert_eq!(read.destination, message.destination);
        prop_assert_eq!(read.short_message, message.short_message);
        prop_assert_eq!(read.tlvs.into_iter().map(|t| (t.tag, t.value)).collect::<Vec<_>>(), more);
        prop_assert_eq!(written(&read, &[]), bytes, "writing what was read changes nothing");
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        command in prop::sample::select(vec![1u32, 2, 3, 4, 5, 7, 8, 9, 0x21, 0x103, 0x8000_0004, 77]),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut bytes = Vec::new();
        smpp::write_empty(CommandId(command), Status::OK, 1, &mut bytes);
        bytes.extend_from_slice(&body);
        let len = u32::try_from(bytes.len()).unwrap();
        bytes[..4].copy_from_slice(&len.to_be_bytes());
        let pdu = Pdu::whole(&bytes).unwrap();
        let _ = Bind::read(&pdu);
        let _ = smpp::message_id_of(&pdu);
        if let Ok(message) = Message::read(&pdu) {
            let (udh, text) = message.user_data();
            let _ = udh.map(|udh| (udh.concatenation(), udh.ports(), udh.without_concatenation()));
            let _ = smpp::decode(smpp::alphabet_of(message.data_coding, DefaultAlphabet::Gsm7Packed), text);
            let _ = message.each_destination().count();
            let _ = smpp::receipt_id_range(text);
            // What is read can be written and read once more.
            prop_assert!(Message::read(&Pdu::whole(&written(&message, &[])).unwrap()).is_ok());
        }
        let _ = frame(&body);
        let _ = Tlvs::read(&body);
        let _ = Udh::split(&body);
    }

    #[test]
    fn a_torn_stream_gives_the_same_pdus(sequences in prop::collection::vec(any::<u32>(), 1..20), torn in 1usize..40) {
        let mut stream = Vec::new();
        for sequence in &sequences {
            smpp::write_empty(CommandId::ENQUIRE_LINK, Status::OK, *sequence, &mut stream);
        }
        let (mut buffer, mut seen) = (Vec::new(), Vec::new());
        for chunk in stream.chunks(torn) {
            buffer.extend_from_slice(chunk);
            while let Frame::Whole(pdu) = frame(&buffer) {
                seen.push(pdu.header.sequence);
                buffer.drain(..pdu.bytes.len());
            }
        }
        prop_assert_eq!(seen, sequences);
    }

    #[test]
    fn packed_septets_come_back(septets in prop::collection::vec(1u8..128, 0..200), fill in 0u8..7) {
        let packed = smpp::pack(&septets, fill);
        let mut unpacked = smpp::unpack(&packed, fill);
        // Where a whole septet of room was left it holds a carriage return.
        if unpacked.len() > septets.len() {
            prop_assert!(matches!(unpacked.pop(), Some(0x0d | 0)));
        }
        prop_assert_eq!(unpacked, septets);
    }

    #[test]
    fn a_text_split_and_put_together_is_the_same(
        text in "[a-z0-9€\\[一-龥😀]{0,400}",
        order in any::<u64>(),
    ) {
        let (coding, alphabet) = smpp::narrowest(&text, DefaultAlphabet::Gsm7);
        let parts = smpp::split(&text, alphabet, 77).unwrap();
        prop_assert_eq!(alphabet, smpp::alphabet_of(coding, DefaultAlphabet::Gsm7));
        if !parts.is_many() {
            prop_assert_eq!(smpp::decode(alphabet, &parts.contents()[0]).unwrap(), text);
            return Ok(());
        }
        let mut shuffled: Vec<&Vec<u8>> = parts.contents().iter().collect();
        let len = shuffled.len();
        for at in 0..len {
            shuffled.swap(at, (order as usize).wrapping_mul(31).wrapping_add(at * 7) % len);
        }
        let bounds = Bounds { wait_us: 1, messages_max: 9, parts_max: 255, octets_max: 1 << 20 };
        let mut assembler = Assembler::new(bounds);
        let mut whole = None;
        for content in shuffled {
            prop_assert!(content.len() <= 159 && whole.is_none());
            let (udh, octets) = Udh::split(content).unwrap();
            let part = udh.concatenation().unwrap();
            let key =
                PartKey { source: vec![1], destination: vec![2], reference: part.reference, total: part.total };
            let offered = assembler.offer(key, part.number, (alphabet, octets), part.number, 0, &mut Vec::new());
            if let smpp::Offered::Whole(released) = offered {
                whole = Some(released);
            }
        }
        let whole = whole.unwrap();
        prop_assert_eq!(whole.text, text);
        prop_assert!(whole.parts.is_sorted());
    }
}
