//! What is said: every kind is written and read again, and every fault is told at once.

use kernel::{MessageId, OrderId};
use serde_json::{Value, json};
use wire::{AnswerCode, Body, Message, OrderKind, Unread};

use crate::seat::{START, pid, stop_order};

fn message(kind: &str, body: Value) -> Message {
    Message {
        v: 1,
        id: MessageId::new(START),
        from: pid("centre-43"),
        to: pid("bank-a"),
        kind: kind.into(),
        issued_at: START,
        expires_at: START + kernel::Duration::hours(1),
        in_reply_to: None,
        body,
    }
}

fn faults(kind: &str, body: Value) -> Vec<String> {
    match message(kind, body).read() {
        Err(Unread::Faulty { faults, .. }) => {
            faults.0.iter().map(|fault| format!("{} {}", fault.field, fault.said.code)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_fault_of_an_order_is_told_at_once_and_answered() {
    let order_id = OrderId::new(START);
    let body = json!({
        "order_id": order_id, "number": "", "kind": "freeze",
        "account": { "number": "6217 0000" }, "amount_minor": -5, "currency": "yuan",
        "authority": { "unit": "u", "approver": "a" },
        "papers": [{ "name": "p", "sha256": "xyz", "media_type": "application/pdf" }],
        "reason": 7, "newer_field": true,
    });
    assert_eq!(
        faults("order", body.clone()),
        [
            "number wire.field.missing",
            "case_number wire.field.missing",
            "account.number wire.field.account",
            "amount_minor wire.field.range",
            "currency wire.field.currency",
            "authority.legal_basis wire.field.missing",
            "papers[0].sha256 wire.field.sha256",
            "reason wire.field.type",
            "until wire.field.needed",
            "authority.approval_level wire.field.needed",
        ]
    );
    let answer = message("order", body).read().unwrap_err().answer().unwrap();
    assert_eq!((answer.order_id, answer.code, answer.faults.len()), (order_id, AnswerCode::OrderIncomplete, 10));
}

#[test]
fn unknown_kinds_are_not_offered_and_unknown_words_read_as_other() {
    let order_id = OrderId::new(START);
    let unread = message("order", json!({ "order_id": order_id, "kind": "seize" })).read().unwrap_err();
    assert_eq!(unread.answer().unwrap().code, AnswerCode::FunctionNotOffered);
    assert!(matches!(message("telex", json!({})).read(), Err(Unread::NotOffered { .. })));
    let read = message("answer", json!({ "order_id": order_id, "code": "on_holiday" })).read().unwrap();
    assert!(matches!(read, Body::Answer(answer) if answer.code == AnswerCode::Other));
}

#[test]
fn an_order_of_each_kind_reads_as_it_was_written() {
    for kind in OrderKind::ALL {
        let mut order = stop_order(OrderId::new(START));
        order.kind = *kind;
        order.until = Some(START + kernel::Duration::hours(24 * 180));
        order.refers_to = Some(OrderId::new(START));
        order.period = Some(wire::Period { from: START - kernel::Duration::hours(24), to: START });
        order.authority.approval_level = Some(wire::ApprovalLevel::County);
        let text = serde_json::to_value(&order).unwrap();
        assert_eq!(message("order", text).read(), Ok(Body::from(order)));
    }
}

#[test]
fn every_text_speaks_both_languages() {
    assert_eq!(kernel::catalogue_defects(&wire::catalogue()), Vec::<String>::new());
    for code in AnswerCode::ALL {
        assert_eq!(code.text().code, format!("answer.{code}"));
    }
}

#[test]
fn logs_do_not_show_people() {
    let text = format!("{:?}", stop_order(OrderId::new(START)));
    assert!(!text.contains("张示范") && !text.contains("6217000000000000018"), "{text}");
}

#[test]
fn the_specification_names_every_word_and_limit() {
    let text = include_str!("../../../../docs/protocol.md");
    let mut words: Vec<&str> = Vec::new();
    words.extend(OrderKind::ALL.iter().map(|c| c.code()));
    words.extend(AnswerCode::ALL.iter().map(|c| c.code()));
    words.extend(wire::ApprovalLevel::ALL.iter().map(|c| c.code()));
    words.extend(wire::Channel::ALL.iter().map(|c| c.code()));
    words.extend(wire::Direction::ALL.iter().map(|c| c.code()));
    words.extend(wire::HoldKind::ALL.iter().map(|c| c.code()));
    words.extend(wire::LapseReason::ALL.iter().map(|c| c.code()));
    words.extend(wire::NoticeKind::ALL.iter().map(|c| c.code()));
    words.extend(wire::Sign::ALL.iter().map(|c| c.code()));
    words.extend(wire::ContactKind::ALL.iter().map(|c| c.code()));
    words.extend(wire::Verdict::ALL.iter().map(|c| c.code()));
    let catalogue = wire::catalogue();
    words.extend(catalogue.iter().map(|text| text.code).filter(|code| code.starts_with("seal.")));
    let missing: Vec<&&str> = words.iter().filter(|word| !text.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let grouped = |n: usize| {
        let digits = n.to_string();
        let groups: Vec<String> =
            digits.as_bytes().rchunks(3).rev().map(|c| String::from_utf8_lossy(c).into()).collect();
        groups.join(",")
    };
    for limit in [wire::DOCUMENT_BYTES_MAX, wire::MOVEMENTS_MAX] {
        assert!(text.contains(&grouped(limit)), "{limit}");
    }
}
