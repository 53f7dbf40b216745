//! Nothing that was answered is lost.

use std::collections::HashMap;

use kernel::Clock;
use operator::message::Storing;
use smpp::{Address, BindMode, Message, MessageKind, Status};

use crate::peers::{Esme, Smsc};
use crate::{account, config, linked, start, submit};

const MESSAGES: usize = 5_000;

/// How often each text arrived.
fn counted(texts: Vec<String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for text in texts {
        *counts.entry(text).or_insert(0) += 1;
    }
    counts
}

#[tokio::test]
async fn an_smsc_that_goes_and_comes_back_gets_every_answered_message() {
    let mut smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let account = account("shop", smsc.address);
    let window = account.upstream.window_max;
    let front = start(config(vec![account]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transmitter).await;

    let (mut asked, mut answered) = (HashMap::new(), 0);
    let kills = [MESSAGES / 5, MESSAGES / 2, MESSAGES * 4 / 5];
    for number in 0..MESSAGES {
        let text = format!("message {number}");
        asked.insert(esme.submit(&submit(&text)).await, text);
        if kills.contains(&number) {
            smsc.kill().await;
        }
        if kills.iter().any(|kill| number == kill + MESSAGES / 10) {
            smsc.listen().await;
        }
        if number % 50 == 49 {
            while answered + 20 < number {
                let answer = esme.next().await.unwrap();
                let header = answer.pdu().header;
                assert_eq!(header.status, Status::OK);
                assert!(asked.contains_key(&header.sequence));
                answered += 1;
            }
        }
    }
    while answered < MESSAGES {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::OK);
        answered += 1;
    }
    smsc.messages(MESSAGES).await;
    let all = async {
        while front.spooled() > 0 || counted(smsc.texts()).len() < MESSAGES {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(crate::peers::PATIENCE, all).await;
    let counts = counted(smsc.texts());
    assert!(waited.is_ok(), "{} of {MESSAGES} arrived, {} wait", counts.len(), front.spooled());
    let doubled: usize = counts.values().map(|count| count - 1).sum();
    assert!(doubled <= window * kills.len(), "{doubled} arrived twice: more than a window for each loss");
    front.stop().await;
}

#[tokio::test]
async fn the_spool_goes_on_after_a_restart_in_order() {
    let mut smsc = Smsc::start().await;
    let address = smsc.address;
    smsc.kill().await;
    let folder = tempfile::tempdir().unwrap();
    let config = || config(vec![account("shop", address)]);
    let front = start(config(), folder.path(), Clock::system()).await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transmitter).await;
    let texts: Vec<String> = (0..200).map(|number| format!("message {number}")).collect();
    for text in &texts {
        esme.submit(&submit(text)).await;
    }
    for _ in &texts {
        assert_eq!(esme.next().await.unwrap().pdu().header.status, Status::OK);
    }
    front.stop().await;

    smsc.listen().await;
    let front = start(config(), folder.path(), Clock::system()).await;
    smsc.messages(texts.len()).await;
    assert_eq!(smsc.texts(), texts);
    while front.spooled() > 0 {
        tokio::task::yield_now().await;
    }
    front.stop().await;

    // What has ended is not sent once more.
    let front = start(config(), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transmitter).await;
    assert_eq!(esme.ask(&submit("the last")).await.0, Status::OK);
    assert_eq!(smsc.texts().len(), texts.len() + 1);
    front.stop().await;
}

#[tokio::test]
async fn a_held_part_that_was_answered_survives_a_restart() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = |wait_ms| {
        let mut config = config(vec![account("shop", smsc.address)]);
        config.policy.part_answer_ms = 1;
        config.policy.parts_wait_ms = wait_ms;
        config
    };
    let front = start(config(3_600_000), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transmitter).await;
    let parts = crate::submits(&"您".repeat(100));
    assert_eq!(esme.ask(&parts[0]).await.0, Status::OK);
    assert!(smsc.texts().is_empty(), "it waits for the rest");
    front.stop().await;

    let front = start(config(1), folder.path(), Clock::system()).await;
    smsc.messages(1).await;
    assert_eq!(smsc.texts(), ["您".repeat(67)]);
    front.stop().await;
}

#[tokio::test]
async fn a_full_spool_leaves_messages_with_their_sender() {
    let mut smsc = Smsc::start().await;
    smsc.kill().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(vec![account("shop", smsc.address)]);
    config.limits.spool_bytes_max = 1_000;
    let front = start(config, folder.path(), Clock::system()).await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transmitter).await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(esme.ask(&submit("hello")).await.0);
    }
    let taken = statuses.iter().filter(|status| **status == Status::OK).count();
    assert!((1..20).contains(&taken), "{statuses:?}");
    assert!(statuses[taken..].iter().all(|status| *status == Status::QUEUE_FULL), "{statuses:?}");
    smsc.listen().await;
    assert_eq!(smsc.messages(taken).await.len(), taken);
    front.stop().await;
}

#[tokio::test]
async fn receipts_and_queries_know_stored_messages_by_the_senders_number() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut stored = account("shop", smsc.address);
    stored.upstream.storing = Storing::Always;
    let front = start(config(vec![stored]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let (status, id) = esme.ask(&submit("hello")).await;
    assert_eq!(status, Status::OK);
    assert!(id.starts_with('S'), "a number of the front's own: {id}");
    smsc.messages(1).await;
    while front.spooled() > 0 {
        tokio::task::yield_now().await;
    }
    let text = "id:M1 sub:001 dlvrd:001 submit date:2611240900 done date:2611240901 stat:DELIVRD err:000 text:";
    let address = Address { ton: 1, npi: 1, digits: b"8613800138000" };
    let mut receipt = Message::new(MessageKind::Deliver, address, address);
    receipt.esm_class = smpp::ESM_RECEIPT;
    receipt.short_message = text.as_bytes();
    let mut out = Vec::new();
    receipt.write(77, &[], &[(smpp::tag::RECEIPTED_MESSAGE_ID, b"M1\0")], &mut out);
    smsc.say(out);
    let heard = esme.next().await.unwrap();
    let message = heard.message();
    assert!(message.short_message.starts_with(format!("id:{id} sub:001").as_bytes()));
    let named = message.tlvs.find(smpp::tag::RECEIPTED_MESSAGE_ID).unwrap().value;
    assert_eq!(named, format!("{id}\0").as_bytes());

    let mut query = Vec::new();
    smpp::write_empty(smpp::CommandId::QUERY_SM, Status::OK, 0, &mut query);
    query.extend_from_slice(format!("{id}\0\x01\x01106900001\0").as_bytes());
    let len = u32::try_from(query.len()).unwrap();
    query[..4].copy_from_slice(&len.to_be_bytes());
    assert_eq!(esme.ask(&query).await.0, Status::OK);
    let asked = smsc.others().pop().unwrap();
    assert_eq!(smpp::message_id_of(&asked.pdu()), Some(&b"M1"[..]));
    front.stop().await;
}

#[tokio::test]
async fn a_busy_smsc_is_tried_again_and_a_refusal_is_told() {
    let smsc = Smsc::start().await;
    smsc.refuses.lock().unwrap().insert("busy".into(), vec![Status::THROTTLED, Status::QUEUE_FULL]);
    smsc.refuses.lock().unwrap().insert("bad".into(), vec![Status::INVALID_DESTINATION]);
    let folder = tempfile::tempdir().unwrap();
    let mut stored = account("shop", smsc.address);
    stored.upstream.storing = Storing::Always;
    let front = start(config(vec![stored]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    assert_eq!(esme.ask(&submit("busy")).await.0, Status::OK);
    smsc.messages(1).await;
    assert_eq!(smsc.texts(), ["busy"]);
    let (_, id) = esme.ask(&submit("bad")).await;
    let receipt = esme.next().await.unwrap();
    let text = String::from_utf8_lossy(receipt.message().short_message).into_owned();
    assert!(text.starts_with(&format!("id:{id} ")) && text.contains("stat:UNDELIV err:011"), "{text}");
    front.stop().await;
}

/// Stores a message for each number that the SMSC gives, and tells which of them receipts under other numbers are about.
async fn receipts_are_about(given: &[&str], receipts: &[(&str, Option<usize>)]) {
    let smsc = Smsc::start().await;
    smsc.ids.lock().unwrap().extend(given.iter().map(|id| (*id).to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let mut stored = account("shop", smsc.address);
    stored.upstream.storing = Storing::Always;
    let front = start(config(vec![stored]), folder.path(), Clock::system()).await;
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    let mut own = Vec::new();
    for index in 0..given.len() {
        own.push(esme.ask(&submit(&format!("message {index}"))).await.1);
        smsc.messages(index + 1).await;
    }
    while front.spooled() > 0 {
        tokio::task::yield_now().await;
    }
    for (theirs, about) in receipts {
        let text = format!(
            "id:{theirs} sub:001 dlvrd:001 submit date:2611240900 done date:2611240901 stat:DELIVRD err:000 text:"
        );
        let address = Address { ton: 1, npi: 1, digits: b"8613800138000" };
        let mut receipt = Message::new(MessageKind::Deliver, address, address);
        (receipt.esm_class, receipt.short_message) = (smpp::ESM_RECEIPT, text.as_bytes());
        let mut out = Vec::new();
        receipt.write(7, &[], &[], &mut out);
        smsc.say(out);
        let heard = esme.next().await.unwrap();
        let expected = about.map_or(*theirs, |index| own[index].as_str());
        let told = String::from_utf8_lossy(heard.message().short_message).into_owned();
        assert!(told.starts_with(&format!("id:{expected} ")), "{theirs} of {given:?}: {told}");
    }
    front.stop().await;
}

#[tokio::test]
async fn a_receipt_may_write_the_number_in_another_base() {
    // Taken in hexadecimal, told in decimal.
    receipts_are_about(
        &["1A2B", "1a2c", "0000001D"],
        &[("6699", Some(0)), ("6700", Some(1)), ("29", Some(2)), ("17", None)],
    )
    .await;
    // The same base, other case and other zeros in front.
    receipts_are_about(&["1A2B", "001A2C"], &[("1a2b", Some(0)), ("1A2C", Some(1)), ("6699", None)]).await;
    // Taken in decimal, told in hexadecimal.
    let decimal = ["1000000001", "1000000002", "1000000003", "1000000004", "1000000005", "1000000006"];
    receipts_are_about(&decimal, &[("3B9ACA01", Some(0)), ("3b9aca06", Some(5)), ("3B9ACB00", None)]).await;
    // Of so few it is not known how the SMSC counts: no receipt is given to a message that it may not be about.
    receipts_are_about(&["10"], &[("16", None), ("10", Some(0))]).await;
}
