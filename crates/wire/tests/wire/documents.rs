//! What is said: every kind is written and read again, and every fault is told at once.

use kernel::{MessageId, OrderId};
use proptest::prelude::*;
use serde_json::{Value, json};
use wire::{
    AnswerCode, Body, CutCall, Direction, LineAnswer, LineAnswerCode, LineContact, LineOrder, LineOrderKind,
    ListAction, ListAsk, ListChange, ListEntry, ListLift, ListOffer, Message, NumberPattern, OrderKind, SignalHit,
    Signals, Unread,
};

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
        journal: None,
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
fn the_other_side_of_a_movement_has_one_account_number_however_the_bank_prints_it() {
    let read = |account: &str| {
        let movement = json!({
            "id": "1", "at": START, "direction": "out", "amount_minor": 100, "currency": "CNY",
            "balance_after_minor": 0, "channel": "mobile", "counterparty": { "bank": "bank-b", "account": account },
        });
        let order_id = OrderId::new(START);
        let body = json!({ "order_id": order_id, "account": "6217000000000000018", "movements": [movement] });
        match message("movement", body).read() {
            Ok(Body::Movement(push)) => push.movements[0].counterparty.clone().unwrap().account,
            other => panic!("{other:?}"),
        }
    };
    for account in [
        "6217 0000 0000 0000 018",
        "621700-0000000000018",
        "６２１７０００００００００００００１８",
        " 6217000000000000018",
    ] {
        assert_eq!(read(account), "6217000000000000018", "{account}");
    }
    assert_eq!(read("尾号 0018"), "尾号 0018", "what is no account number stays as told");
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

fn line_order(kind: LineOrderKind) -> LineOrder {
    let order = stop_order(OrderId::new(START));
    LineOrder {
        order_id: order.order_id,
        number: "湘公线令字〔2026〕00001号".into(),
        case_number: order.case_number,
        kind,
        line: "+8613800138000".into(),
        counterpart: Some("95588".into()),
        period: Some(wire::Period { from: START - kernel::Duration::hours(24), to: START }),
        until: Some(START + kernel::Duration::hours(12)),
        refers_to: Some(OrderId::new(START)),
        include_foreign: true,
        label: Some("涉诈来电".into()),
        warning_text: Some("尾号{tail}涉诈".into()),
        warning_text_en: Some("The number ending in {tail} is suspected".into()),
        authority: order.authority,
        reason: "机主正在通话".into(),
    }
}

fn pattern(text: &str) -> NumberPattern {
    NumberPattern::parse(text).unwrap()
}

/// Every body reads as it was written.
fn same_again(kind: &str, body: impl Into<Body> + serde::Serialize + Clone) {
    let text = serde_json::to_value(body.clone()).unwrap();
    assert_eq!(message(kind, text).read(), Ok(body.into()));
}

#[test]
fn documents_between_centre_and_operator_read_as_they_were_written() {
    for kind in LineOrderKind::ALL {
        same_again("line_order", line_order(*kind));
    }
    let mut answer = LineAnswer::new(OrderId::new(START), LineAnswerCode::DoneInPart);
    answer.at = Some(START);
    answer.cuts = vec![CutCall {
        caller: "0001234".into(),
        callee: "+8613800138000".into(),
        started_at: START - kernel::Duration::minutes(9),
        cut_at: START,
    }];
    answer.contacts = Some(vec![LineContact {
        number: "ICBC".into(),
        direction: Direction::In,
        channel: wire::ContactChannel::Message,
        first: START,
        last: START,
        count: 1,
        answered: None,
        duration_seconds: None,
    }]);
    answer.messages = Some(wire::WarningsSent { sent: 3, warned_before: 1, not_ours: 0, failed: 2 });
    same_again("line_answer", answer);
    let entry = ListEntry {
        pattern: pattern("+86170*"),
        action: ListAction::Watch,
        reason: "高发号段".into(),
        source: "省反诈中心".into(),
        case_number: None,
        expires_at: Some(START),
        label: Some("疑似诈骗".into()),
    };
    same_again(
        "list_change",
        ListChange { number: 9, previous: 4, at: START, put: vec![entry], remove: vec![pattern("95588")] },
    );
    same_again("list_ask", ListAsk { have: 7 });
    let offer = ListOffer {
        number: 9,
        at: START,
        sha256: "0".repeat(64),
        bytes: 1 << 40,
        entries: 50_000_000,
        expires_at: START,
    };
    same_again("list_offer", offer);
    let lift = ListLift {
        appeal_id: kernel::AppealId::new(START),
        number: "+8617012340017".into(),
        pattern: pattern("+8617012340000-+8617012349999"),
        reason: "误拦".into(),
        granted_by: "客服主管".into(),
        granted_at: START,
    };
    same_again("list_lift", lift);
    let hit = SignalHit {
        id: "1".into(),
        at: START,
        channel: wire::ContactChannel::Call,
        caller: "abc".into(),
        callee: Some("+8613800138000".into()),
        callee_masked: Some("138****8000".into()),
        action: wire::SignalAction::Label,
        reason: wire::SignalReason::Rule,
        detail: Some("foreign_trunk".into()),
        pattern: Some(pattern("+86170*")),
        probability_permille: Some(1_000),
    };
    let signals = Signals {
        signals_id: kernel::SignalsId::new(START),
        period: wire::Period { from: START, to: START + kernel::Duration::minutes(1) },
        counters: vec![],
        hits: vec![hit],
        hits_lost: 4,
        rules: vec![wire::SignalRule {
            rule: "foreign_trunk".into(),
            title: "境外线路冒充本地".into(),
            title_en: None,
            owner: Some("screener".into()),
            stage: wire::SignalRuleStage::Live,
        }],
        list_number: None,
    };
    same_again("signals", signals);
}

#[test]
fn an_order_about_a_line_that_cannot_be_read_is_still_answered() {
    let order_id = OrderId::new(START);
    let body = json!({ "order_id": order_id, "kind": "hold_flagged_calls", "line": "", "label": "字".repeat(41) });
    let unread = message("line_order", body).read().unwrap_err();
    let answer = unread.line_answer().unwrap();
    let found: Vec<&str> = answer.faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(found, ["number", "case_number", "line", "label", "authority", "reason", "until"]);
    assert_eq!((answer.order_id, answer.code), (order_id, LineAnswerCode::OrderIncomplete));
    let newer = message("line_order", json!({ "order_id": order_id, "kind": "hypnotise" })).read().unwrap_err();
    assert_eq!(newer.line_answer().unwrap().code, LineAnswerCode::FunctionNotOffered);
}

#[test]
fn patterns_cover_what_they_say() {
    let covers = |text: &str, number: &str| pattern(text).covers(number);
    assert!(covers("+8617000000000", "+8617000000000") && !covers("+8617000000000", "+86170000000001"));
    assert!(covers("+86170*", "+8617012345678") && !covers("+86170*", "86170") && !covers("95*", "+955"));
    assert!(covers("+8617012340000-+8617012349999", "+8617012349999"));
    assert!(!covers("+8617012340000-+8617012349999", "+8617012350000"));
    assert!(!covers("10000-10099", "+1005") && !covers("10000-10099", "100001"));
    for bad in ["", "*", "+*", "+86 170*", "+8617-+86171", "10099-10000", "+8617012340000-8617012349999", "电话"] {
        assert!(NumberPattern::parse(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_pattern_is_written_as_it_was_read(text in "[+0-9*-]{0,30}|\\+?[0-9]{3,15}[*]?|\\+[1-9][0-9]{6}-\\+[1-9][0-9]{6}") {
        if let Ok(read) = NumberPattern::parse(&text) {
            prop_assert_eq!(read.to_string(), text);
        }
    }
}

#[test]
fn every_text_speaks_both_languages() {
    assert_eq!(kernel::catalogue_defects(&wire::catalogue()), Vec::<String>::new());
    for code in AnswerCode::ALL {
        assert_eq!(code.text().code, format!("answer.{code}"));
    }
    for code in LineAnswerCode::ALL {
        assert_eq!(code.text().code, format!("line_answer.{code}"));
    }
}

#[test]
fn logs_do_not_show_people() {
    let text = format!("{:?}", stop_order(OrderId::new(START)));
    assert!(!text.contains("张示范") && !text.contains("6217000000000000018"), "{text}");
    let text = format!("{:?} {:?}", line_order(LineOrderKind::CutCall), pattern("+8613800138000"));
    assert!(!text.contains("13800138000"), "{text}");
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
    words.extend(wire::kind::ALL);
    words.extend(LineOrderKind::ALL.iter().map(|c| c.code()));
    words.extend(LineAnswerCode::ALL.iter().map(|c| c.code()));
    words.extend(wire::ContactChannel::ALL.iter().map(|c| c.code()));
    words.extend(ListAction::ALL.iter().map(|c| c.code()));
    words.extend(wire::SignalAction::ALL.iter().map(|c| c.code()));
    words.extend(wire::SignalReason::ALL.iter().map(|c| c.code()));
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
    assert!(text.contains(wire::LIST_FILE_HEADER));
    let limits = [
        wire::DOCUMENT_BYTES_MAX,
        wire::MOVEMENTS_MAX,
        wire::CONTACTS_MAX,
        wire::ENTRIES_MAX,
        wire::COUNTERS_MAX,
        wire::HITS_MAX,
    ];
    for limit in limits {
        assert!(text.contains(&grouped(limit)), "{limit}");
    }
}
