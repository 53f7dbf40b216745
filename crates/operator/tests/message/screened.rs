//! What becomes of messages.

use std::sync::Arc;

use kernel::{Clock, Duration, Timestamp};
use operator::message::{DropReceipt, MessageFront, Register, RegisteredSender};
use smpp::{Address, BindMode, CommandId, Message, MessageKind, Status, tag};

use crate::peers::{Esme, Smsc};
use crate::{ByWords, account, config, from, linked, start, submit, submits};

#[tokio::test]
async fn a_bind_is_refused_with_its_status() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut one = account("shop", smsc.address);
    one.binds_max = 1;
    let front = start(config(vec![one]), folder.path(), Clock::system()).await;
    let address = front.listening().unwrap();

    let bind = async |name: &str, password: &str| {
        Esme::connect(address).await.bind(name, password, BindMode::Transceiver).await
    };
    assert_eq!(bind("nobody", "secret08").await, Status::INVALID_SYSTEM_ID);
    assert_eq!(bind("shop", "wrong").await, Status::INVALID_PASSWORD);
    let mut first = Esme::connect(address).await;
    assert_eq!(first.bind("shop", "secret08", BindMode::Transceiver).await, Status::OK);
    assert_eq!(bind("shop", "secret08").await, Status::THROTTLED, "it may bind once");

    let mut early = Esme::connect(address).await;
    assert_eq!(early.ask(&submit("hello")).await.0, Status::INVALID_BIND_STATE);
    assert!(early.next().await.is_none(), "the connection ends");
    let mut web = Esme::connect(address).await;
    web.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(web.next().await.unwrap().pdu().header.command, CommandId::GENERIC_NACK);
    front.stop().await;
}

#[tokio::test]
async fn a_receiver_may_not_submit() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Receiver).await;
    assert_eq!(esme.ask(&submit("hello")).await.0, Status::INVALID_BIND_STATE);
    front.stop().await;
}

#[tokio::test]
async fn messages_pass_are_refused_dropped_or_marked() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;

    assert_eq!(esme.ask(&submit("您的快递已到")).await, (Status::OK, "M1".into()), "the SMSC's own answer");
    assert_eq!(esme.ask(&submit("Your parcel is here")).await, (Status::OK, "M2".into()));
    assert_eq!(esme.ask(&submit("请转入安全账户")).await.0, Status::SUBMIT_FAILED);
    assert_eq!(esme.ask(&submit("恭喜中奖")).await, (Status::OK, "M3".into()));
    assert_eq!(esme.ask(&submit("LOTTERY won")).await.0, Status::OK);

    let (status, id) = esme.ask(&submit("无抵押贷款")).await;
    assert_eq!(status, Status::OK);
    let receipt = esme.next().await.unwrap();
    let message = receipt.message();
    assert!(message.is_receipt());
    let text = String::from_utf8_lossy(message.short_message).into_owned();
    assert!(text.starts_with(&format!("id:{id} ")) && text.contains("stat:REJECTD"), "{text}");
    assert_eq!((message.source.digits, message.destination.digits), (&b"8613800138000"[..], &b"106900001"[..]));
    esme.delivered(&receipt).await;

    let expected = ["您的快递已到", "Your parcel is here", "【疑似诈骗】恭喜中奖", "[Suspected scam] LOTTERY won"];
    smsc.messages(4).await;
    assert_eq!(smsc.texts(), expected);
    front.stop().await;
}

#[tokio::test]
async fn a_dropped_message_may_look_delivered() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(vec![account("shop", smsc.address)]);
    config.policy.drop_receipt = DropReceipt::Delivered;
    let front = start(config, folder.path(), Clock::system()).await;
    let mut transmitter = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transmitter).await;
    assert_eq!(transmitter.ask(&submit("无抵押贷款")).await.0, Status::OK);
    // The receipt waits for a bind that receives.
    let mut receiver = Esme::bound(front.listening().unwrap(), "shop", BindMode::Receiver).await;
    let receipt = receiver.next().await.unwrap();
    assert!(String::from_utf8_lossy(receipt.message().short_message).contains("stat:DELIVRD"));
    front.stop().await;
}

#[tokio::test]
async fn a_long_message_is_judged_as_a_whole() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;

    // The word stands across the border of two parts.
    let scam = format!("{}安全账户{}", "您".repeat(65), "好".repeat(80));
    let parts = submits(&scam);
    assert_eq!(parts.len(), 3);
    for part in &parts {
        esme.submit(part).await;
    }
    for _ in &parts {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::SUBMIT_FAILED);
    }

    let lottery = format!("{}中奖", "您".repeat(132));
    let parts = submits(&lottery);
    assert_eq!(parts.len(), 2);
    for part in &parts {
        esme.submit(part).await;
    }
    for _ in &parts {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::OK);
    }
    let messages = smsc.messages(3).await;
    let joined: String = messages.iter().map(|message| message.text()).collect();
    assert_eq!(joined, format!("【疑似诈骗】{lottery}"), "marked and split anew");
    assert_eq!(messages[2].message().registered_delivery, 1, "the last part answers the last request");
    front.stop().await;
}

#[tokio::test]
async fn parts_named_by_options_are_put_together_too() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    for (number, text) in [(2u8, "ACCOUNT now"), (1, "Pay into our SAFE ")] {
        let address = Address { ton: 1, npi: 1, digits: b"8613800138000" };
        let mut message = Message::new(MessageKind::Submit, address, address);
        let octets = smpp::encode(smpp::Alphabet::Gsm7, text).unwrap();
        message.short_message = &octets;
        let mut out = Vec::new();
        let more: [(u16, &[u8]); 3] =
            [(tag::SAR_MSG_REF_NUM, &[0, 9]), (tag::SAR_TOTAL_SEGMENTS, &[2]), (tag::SAR_SEGMENT_SEQNUM, &[number])];
        message.write(0, &[], &more, &mut out);
        esme.submit(&out).await;
    }
    for _ in 0..2 {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::SUBMIT_FAILED);
    }
    front.stop().await;
}

#[tokio::test]
async fn a_sender_that_waits_between_parts_is_answered_and_still_stopped() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(vec![account("shop", smsc.address)]);
    config.policy.part_answer_ms = 1;
    config.policy.parts_wait_ms = 3_600_000;
    let front = start(config, folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let parts = submits(&format!("{}安全账户", "您".repeat(100)));
    let (status, id) = esme.ask(&parts[0]).await;
    assert_eq!(status, Status::OK, "answered when it is on disk");
    assert_eq!(esme.ask(&parts[1]).await.0, Status::SUBMIT_FAILED);
    let receipt = esme.next().await.unwrap();
    let text = String::from_utf8_lossy(receipt.message().short_message).into_owned();
    assert!(text.starts_with(&format!("id:{id} ")) && text.contains("stat:REJECTD"), "{text}");

    // A harmless one goes on, in order.
    let parts = submits(&format!("{}好", "您".repeat(100)));
    assert_eq!(esme.ask(&parts[0]).await.0, Status::OK);
    assert_eq!(esme.ask(&parts[1]).await.0, Status::OK);
    let messages = smsc.messages(2).await;
    assert_eq!(messages.iter().map(|m| m.text()).collect::<String>(), format!("{}好", "您".repeat(100)));
    front.stop().await;
}

#[tokio::test]
async fn parts_without_their_rest_go_on_when_time_is_up() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(vec![account("shop", smsc.address)]);
    config.policy.part_answer_ms = 3_600_000;
    config.policy.parts_wait_ms = 10_000;
    let (clock, hand) = Clock::manual(Timestamp(1_800_000_000_000_000));
    let front = start(config, folder.path(), clock).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let parts = submits(&format!("{}安全账户好好", "您".repeat(65)));
    esme.submit(&parts[0]).await;
    // An answer to an enquiry shows that the part has been read.
    let mut enquiry = Vec::new();
    smpp::write_empty(CommandId::ENQUIRE_LINK, Status::OK, 900, &mut enquiry);
    esme.send(&enquiry).await;
    assert_eq!(esme.next().await.unwrap().pdu().header.command, CommandId::ENQUIRE_LINK_RESP);
    hand.advance(Duration::seconds(11));
    assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::OK);
    smsc.messages(1).await;
    assert_eq!(esme.ask(&parts[1]).await.0, Status::SUBMIT_FAILED, "the rest is judged with what went before");
    front.stop().await;
}

#[tokio::test]
async fn one_sender_over_its_rate_does_not_touch_another() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut loud = account("loud", smsc.address);
    loud.rate_per_second = 5;
    let quiet_smsc = Smsc::start().await;
    let quiet = account("quiet", quiet_smsc.address);
    let (clock, hand) = Clock::manual(Timestamp(1_800_000_000_000_000));
    let front = start(config(vec![loud, quiet]), folder.path(), clock).await;
    linked(&front, "loud").await;
    linked(&front, "quiet").await;
    let address = front.listening().unwrap();
    let mut loud = Esme::bound(address, "loud", BindMode::Transmitter).await;
    let mut quiet = Esme::bound(address, "quiet", BindMode::Transmitter).await;
    let mut taken = 0;
    for _ in 0..50 {
        match loud.ask(&submit("hello")).await.0 {
            Status::OK => taken += 1,
            status => assert_eq!(status, Status::THROTTLED),
        }
        assert_eq!(quiet.ask(&submit("hello")).await.0, Status::OK);
    }
    assert_eq!(taken, 5);
    hand.advance(Duration::seconds(1));
    assert_eq!(loud.ask(&submit("hello")).await.0, Status::OK, "the rate allows more with time");
    front.stop().await;
}

#[tokio::test]
async fn a_window_is_kept() {
    let smsc = Smsc::start().await;
    smsc.answers.store(false, std::sync::atomic::Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    let mut narrow = account("narrow", smsc.address);
    narrow.window_max = 3;
    let front = start(config(vec![narrow]), folder.path(), Clock::system()).await;
    linked(&front, "narrow").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "narrow", BindMode::Transmitter).await;
    for _ in 0..5 {
        esme.submit(&submit("hello")).await;
    }
    for _ in 0..2 {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::THROTTLED);
    }
    assert_eq!(smsc.messages(3).await.len(), 3);
    front.stop().await;
}

#[tokio::test]
async fn official_senders_are_their_holders_alone() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut port = account("port", smsc.address);
    port.senders = vec!["10690001*".into()];
    let other_smsc = Smsc::start().await;
    let config = config(vec![account("icbc", smsc.address), port, account("shop", other_smsc.address)]);
    let sender = RegisteredSender { sender: "95588".into(), accounts: vec!["icbc".into()] };
    let judge = ByWords { register: Register::build([sender]) };
    let front = MessageFront::start(config, folder.path(), Arc::new(judge), Clock::system()).await.unwrap();
    linked(&front, "icbc").await;
    linked(&front, "shop").await;
    let address = front.listening().unwrap();
    let mut icbc = Esme::bound(address, "icbc", BindMode::Transmitter).await;
    let mut shop = Esme::bound(address, "shop", BindMode::Transmitter).await;
    assert_eq!(icbc.ask(&from("95588", "您的账单")).await.0, Status::OK);
    assert_eq!(shop.ask(&from("95588", "您的账单")).await.0, Status::INVALID_SOURCE);
    assert_eq!(shop.ask(&from("+8695588", "您的账单")).await.0, Status::INVALID_SOURCE);
    assert_eq!(shop.ask(&from("106900005", "您的账单")).await.0, Status::OK);
    let mut port = Esme::bound(address, "port", BindMode::Transmitter).await;
    assert_eq!(port.ask(&from("106900005", "您的账单")).await.0, Status::INVALID_SOURCE);
    front.stop().await;
}

#[tokio::test]
async fn messages_and_receipts_of_the_smsc_reach_a_receiver() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let deliver = |text: &str, sequence: u32| {
        let octets = smpp::encode(smpp::Alphabet::Utf16, text).unwrap();
        let address = Address { ton: 1, npi: 1, digits: b"8613800138000" };
        let mut message = Message::new(MessageKind::Deliver, address, address);
        message.data_coding = 8;
        message.short_message = &octets;
        let mut out = Vec::new();
        message.write(sequence, &[], &[], &mut out);
        out
    };
    let answer = async |at: usize| loop {
        if let Some(answer) = smsc.others().get(at) {
            let header = answer.pdu().header;
            assert_eq!(header.command, CommandId::DELIVER_SM_RESP);
            return (header.sequence, header.status);
        }
        tokio::task::yield_now().await;
    };
    smsc.say(deliver("回复TD退订", 501));
    assert_eq!(answer(0).await, (501, Status::RECEIVER_TEMPORARY), "nobody receives: the SMSC keeps it");
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    smsc.say(deliver("回复TD退订", 502));
    let heard = esme.next().await.unwrap();
    assert_eq!(heard.text(), "回复TD退订");
    esme.delivered(&heard).await;
    assert_eq!(answer(1).await, (502, Status::OK));
    smsc.say(deliver("请转入安全账户", 503));
    assert_eq!(answer(2).await, (503, Status::RECEIVER_REJECT));
    front.stop().await;
}

/// A message whose octets stand where a test puts them.
fn raw(data_coding: u8, body: &[u8], options: &[(u16, &[u8])]) -> Vec<u8> {
    let mut message = Message::new(
        MessageKind::Submit,
        Address { ton: 0, npi: 1, digits: b"106900001" },
        Address { ton: 1, npi: 1, digits: b"8613800138000" },
    );
    message.data_coding = data_coding;
    message.short_message = body;
    let mut out = Vec::new();
    message.write(0, &[], options, &mut out);
    out
}

#[tokio::test]
async fn no_second_text_gets_past_the_judge() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let utf16 = |text: &str| smpp::encode(smpp::Alphabet::Utf16, text).unwrap();
    let (good, scam) = (utf16("您的快递已到"), utf16("请转入安全账户"));
    let two: [&[(u16, &[u8])]; 3] = [
        &[(tag::MESSAGE_PAYLOAD, &scam)],
        &[(tag::MESSAGE_PAYLOAD, &good), (tag::MESSAGE_PAYLOAD, &scam)],
        &[(tag::MESSAGE_PAYLOAD, &[]), (tag::MESSAGE_PAYLOAD, &scam)],
    ];
    for (index, options) in two.iter().enumerate() {
        let body: &[u8] = if index == 0 { &good } else { &[] };
        assert_eq!(esme.ask(&raw(8, body, options)).await.0, Status::SUBMIT_FAILED, "{index}");
    }
    // An empty payload beside a text is no second text.
    assert_eq!(esme.ask(&raw(8, &good, &[(tag::MESSAGE_PAYLOAD, &[])])).await.0, Status::OK);
    // Header and options that name different messages.
    let part = [&[5, 0, 3, 1, 2, 1][..], &good].concat();
    let mut message = Message::new(
        MessageKind::Submit,
        Address { ton: 0, npi: 1, digits: b"106900001" },
        Address { ton: 1, npi: 1, digits: b"8613800138000" },
    );
    (message.data_coding, message.esm_class, message.short_message) = (8, smpp::ESM_UDHI, &part);
    let options: [(u16, &[u8]); 3] =
        [(tag::SAR_MSG_REF_NUM, &[0, 9]), (tag::SAR_TOTAL_SEGMENTS, &[2]), (tag::SAR_SEGMENT_SEQNUM, &[1])];
    let mut out = Vec::new();
    message.write(0, &[], &options, &mut out);
    assert_eq!(esme.ask(&out).await.0, Status::SUBMIT_FAILED);
    smsc.messages(1).await;
    assert_eq!(smsc.texts(), ["您的快递已到"]);

    // What the SMSC delivers is judged by all of its texts.
    let mut deliver = Message::new(
        MessageKind::Deliver,
        Address { ton: 1, npi: 1, digits: b"8613800138000" },
        Address { ton: 0, npi: 1, digits: b"106900001" },
    );
    (deliver.data_coding, deliver.short_message) = (8, &good);
    let mut out = Vec::new();
    deliver.write(5, &[], &[(tag::MESSAGE_PAYLOAD, &scam)], &mut out);
    smsc.say(out);
    while smsc.others().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(smsc.others()[0].pdu().header.status, Status::RECEIVER_REJECT);
    front.stop().await;
}

#[tokio::test]
async fn a_scam_is_read_in_whatever_coding_it_comes() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let front = start(config(vec![account("shop", smsc.address)]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let scam = "请转入安全账户";
    let little: Vec<u8> = scam.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gb = smpp::encode(smpp::Alphabet::Gb18030, scam).unwrap();
    let padding = "今天天气很好我们一起出去走走看看吧".repeat(4);
    let padding: Vec<u8> = padding.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (data_coding, octets) in [
        (8, [&[0xff, 0xfe][..], &little].concat()),
        (8, little.clone()),
        (0, scam.as_bytes().to_vec()),
        (0, gb),
        (3, scam.as_bytes().to_vec()),
        (4, scam.as_bytes().to_vec()),
        // What makes sense in one order outweighs the scam in the other, and one Chinese character what the coding says.
        (8, [&smpp::encode(smpp::Alphabet::Utf16, scam).unwrap()[..], &padding].concat()),
        (0, [b"SAFE ACCOUNT ".as_slice(), "好".as_bytes()].concat()),
    ] {
        assert_eq!(
            esme.ask(&raw(data_coding, &octets, &[])).await.0,
            Status::SUBMIT_FAILED,
            "{data_coding} {octets:x?}"
        );
    }
    front.stop().await;
}

#[tokio::test]
async fn a_number_for_help_among_the_receivers_lets_no_scam_through_to_the_others() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let judge = operator::message::ScreeningJudge(seat_with_blocked_sender());
    let front = operator::message::MessageFront::start(
        config(vec![account("shop", smsc.address)]),
        folder.path(),
        std::sync::Arc::new(judge),
        Clock::system(),
    )
    .await
    .unwrap();
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let multi = |numbers: &[&str]| multi(numbers, 0, b"hi");
    assert_eq!(esme.ask(&multi(&["12110"])).await.0, Status::OK, "a text to the police passes");
    assert_eq!(esme.ask(&multi(&["12110", "8613800138000"])).await.0, Status::SUBMIT_FAILED);
    assert_eq!(esme.ask(&multi(&["8613800138000", "12110"])).await.0, Status::SUBMIT_FAILED);
    front.stop().await;
}

/// A `submit_multi`.
fn multi(numbers: &[&str], esm_class: u8, text: &[u8]) -> Vec<u8> {
    let mut body = b"\0\0\x01106900001\0".to_vec();
    body.push(u8::try_from(numbers.len()).unwrap());
    for number in numbers {
        body.extend_from_slice(b"\x01\x01\x01");
        body.extend_from_slice(number.as_bytes());
        body.push(0);
    }
    body.extend_from_slice(&[esm_class, 0, 0, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).unwrap()]);
    body.extend_from_slice(text);
    let mut pdu = Vec::new();
    smpp::write_empty(CommandId::SUBMIT_MULTI, Status::OK, 0, &mut pdu);
    pdu.extend_from_slice(&body);
    let len = u32::try_from(pdu.len()).unwrap();
    pdu[..4].copy_from_slice(&len.to_be_bytes());
    pdu
}

/// A `submit_sm` to a number, plain or a part.
fn to(number: &str, esm_class: u8, text: &[u8]) -> Vec<u8> {
    let mut message = Message::new(
        MessageKind::Submit,
        Address { ton: 0, npi: 1, digits: b"106900001" },
        Address { ton: 1, npi: 1, digits: number.as_bytes() },
    );
    (message.esm_class, message.short_message) = (esm_class, text);
    let mut out = Vec::new();
    message.write(0, &[], &[], &mut out);
    out
}

#[tokio::test]
async fn a_part_to_the_police_takes_no_other_receiver_of_the_rest_along() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let judge = Arc::new(operator::message::ScreeningJudge(seat_with_blocked_sender()));
    let accounts = config(vec![account("shop", smsc.address)]);
    let front = MessageFront::start(accounts, folder.path(), judge, Clock::system()).await.unwrap();
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let part = |number: u8| [&[5, 0, 3, 9, 2, number][..], b"hi"].concat();
    esme.submit(&to("12110", smpp::ESM_UDHI, &part(1))).await;
    esme.submit(&multi(&["12110", "8613800138000"], smpp::ESM_UDHI, &part(2))).await;
    for _ in 0..2 {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::SUBMIT_FAILED);
    }
    assert!(smsc.texts().is_empty());
    front.stop().await;
}

#[tokio::test]
async fn every_receiver_of_a_message_is_weighed_and_recorded() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let screen = Arc::new(screen::Screen::new());
    let guarded = screen::Number::parse("13800138002").unwrap();
    screen.protect(guarded, screen::LineMeasure::HoldForeign, Timestamp(i64::MAX));
    let (screening, mut events) = operator::screening::Screening::new(screen, Clock::system());
    let mut foreign = account("shop", smsc.address);
    foreign.trunk_kind = screen::TrunkKind::Foreign;
    let judge = Arc::new(operator::message::ScreeningJudge(screening));
    let front = MessageFront::start(config(vec![foreign]), folder.path(), judge, Clock::system()).await.unwrap();
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let from_abroad = |numbers: &[&str]| {
        // The sender of another country, stated with its country code.
        let mut pdu = multi(numbers, 0, b"hello");
        pdu.splice(17..29, *b"\x01\x0185298765\0");
        let len = u32::try_from(pdu.len()).unwrap();
        pdu[..4].copy_from_slice(&len.to_be_bytes());
        pdu
    };
    assert_eq!(esme.ask(&from_abroad(&["8613800138000", "8613800138001"])).await.0, Status::OK);
    let mut recorded = Vec::new();
    for numbers in [&["8613800138000", "8613800138002"][..], &["8613800138002", "8613800138000"], &["13800138002"]] {
        assert_eq!(esme.ask(&from_abroad(numbers)).await.0, Status::SUBMIT_FAILED, "{numbers:?}");
    }
    while let Ok(operator::screening::Event::Message(event)) = events.try_recv() {
        recorded.push((event.to.unwrap().to_string(), event.decision.action.stops()));
    }
    let recorded: Vec<(&str, bool)> = recorded.iter().map(|(to, stops)| (to.as_str(), *stops)).collect();
    let (a, b, c) = ("+8613800138000", "+8613800138001", "+8613800138002");
    assert_eq!(recorded, [(a, false), (b, false), (a, true), (c, true), (c, true), (a, true), (c, true)]);
    front.stop().await;
}

#[tokio::test]
async fn a_text_to_the_police_passes_whatever_its_form_and_however_busy_its_sender() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let register = Register::build([RegisteredSender { sender: "106900001".into(), accounts: vec!["bank".into()] }]);
    let mut slow = account("shop", smsc.address);
    slow.rate_per_second = 1;
    let judge = Arc::new(ByWords { register });
    let front = MessageFront::start(config(vec![slow]), folder.path(), judge, Clock::system()).await.unwrap();
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    assert_ne!(esme.ask(&to("8613800138000", 0, b"hi")).await.0, Status::OK, "another's sender");
    while esme.ask(&to("8613800138000", 0, b"hi")).await.0 != Status::THROTTLED {}
    assert_eq!(esme.ask(&to("12110", 0, b"help")).await.0, Status::OK);
    let police = Address { ton: 0, npi: 1, digits: b"12110" };
    let mut message = Message::new(MessageKind::Submit, Address { ton: 0, npi: 1, digits: b"106900001" }, police);
    message.short_message = b"help me";
    let mut out = Vec::new();
    message.write(0, &[], &[(tag::MESSAGE_PAYLOAD, b"here")], &mut out);
    assert_eq!(esme.ask(&out).await.0, Status::OK, "two texts");
    assert_eq!(smsc.messages(2).await.len(), 2);
    front.stop().await;
}

/// A seat on whose list the sender of these tests is blocked.
fn seat_with_blocked_sender() -> std::sync::Arc<operator::screening::Screening> {
    let screen = std::sync::Arc::new(screen::Screen::new());
    let entry = screen::ListEntry {
        pattern: screen::Pattern::Full(screen::Number::parse("106900001").unwrap()),
        kind: screen::EntryKind::Block,
        reason: "scam".into(),
        source: "centre".into(),
        expires_at: None,
        case: None,
    };
    screen.swap_list(std::sync::Arc::new(screen::NumberList::build([entry], 1, Clock::system().now())));
    operator::screening::Screening::new(screen, Clock::system()).0
}
