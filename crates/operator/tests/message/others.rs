//! The HTTP route, warnings, TLS, the seat's own judge.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use kernel::Clock;
use operator::message::{
    MessageFront, Register, RegisteredSender, ScreeningJudge, SendOutput, TlsFiles, UpstreamTls, WarningConfig,
    check_warning_text, router,
};
use operator::screening::{Event, Screening};
use screen::{EntryKind, ListEntry, MessageAction, Number, NumberList, Pattern, Screen};
use smpp::{BindMode, Status};
use tower::ServiceExt;

use crate::peers::{Esme, Smsc};
use crate::{ByWords, account, config, from, linked, start, submit};

async fn post(front: &MessageFront, key: &str, body: serde_json::Value) -> (StatusCode, serde_json::Value) {
    let (app, _) = router(front).split_for_parts();
    let request = Request::post("/messages")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = app.oneshot(request).await.unwrap();
    let status = answer.status();
    let octets = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&octets).unwrap_or_default())
}

#[tokio::test]
async fn the_http_route_sends_and_tells_all_faults_at_once() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let sender = RegisteredSender { sender: "95588".into(), accounts: vec!["icbc".into()] };
    let judge = ByWords { register: Register::build([sender]) };
    let mut shop = account("shop", smsc.address);
    shop.password_hash = None;
    let front = MessageFront::start(config(vec![shop]), folder.path(), Arc::new(judge), Clock::system()).await.unwrap();
    linked(&front, "shop").await;
    let body = |from: &str, to: &[&str], text: &str| serde_json::json!({ "from": from, "to": to, "text": text });

    let good = body("106900001", &["13800138000", "+8613900139000"], "您的快递已到");
    assert_eq!(post(&front, "wrong", good.clone()).await.0, StatusCode::UNAUTHORIZED);
    let (status, answer) = post(&front, "key-of-shop", good).await;
    assert_eq!(status, StatusCode::OK);
    let output: SendOutput = serde_json::from_value(answer).unwrap();
    assert_eq!(output.recipients.iter().map(|r| r.ids.join(",")).collect::<Vec<_>>(), ["M1", "M2"]);
    let messages = smsc.messages(2).await;
    assert_eq!(messages[1].message().destination.digits, b"8613900139000");

    let (status, answer) = post(&front, "key-of-shop", body("95588", &["138", "13900139000", ""], "")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let faults: Vec<(&str, &str)> = answer["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    let expected =
        [("from", "message.from"), ("text", "message.empty"), ("to[0]", "message.number"), ("to[2]", "message.number")];
    assert_eq!(faults, expected);

    let long = format!("{}安全账户", "您".repeat(100));
    let (_, answer) = post(&front, "key-of-shop", body("106900001", &["13800138000"], &long)).await;
    let output: SendOutput = serde_json::from_value(answer).unwrap();
    assert_eq!(output.recipients[0].refused.as_ref().unwrap().code, "message.stopped");
    let long = "您".repeat(100);
    let (_, answer) = post(&front, "key-of-shop", body("106900001", &["13800138000"], &long)).await;
    let output: SendOutput = serde_json::from_value(answer).unwrap();
    assert_eq!(output.recipients[0].ids.len(), 2, "two parts");
    front.stop().await;
}

#[tokio::test]
async fn warnings_go_out_without_links_and_numbers() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(vec![account("centre", smsc.address)]);
    config.warning = Some(WarningConfig { account: "centre".into(), sender: "12381".into() });
    let front = start(config, folder.path(), Clock::system()).await;
    linked(&front, "centre").await;
    let to = [Number::parse("13800138000").unwrap(), Number::parse("13900139000").unwrap()];
    // It speaks of safe accounts, and is not stopped for it.
    let text = "【反诈预警】尾号1234的号码涉嫌诈骗。公检法没有安全账户,请勿转账,已转账请拨打110。";
    assert_eq!(front.send_warning(&to, text).await.unwrap(), [true, true]);
    let messages = smsc.messages(2).await;
    assert_eq!((messages[0].message().source.digits, messages[0].text().as_str()), (&b"12381"[..], text));

    let faults = check_warning_text("text", "详情见 http://www.example.com 或致电 13800138000").unwrap_err();
    let codes: Vec<&str> = faults.0.iter().map(|fault| fault.said.code.as_str()).collect();
    assert_eq!(codes, ["message.warning_link", "message.warning_phone"]);
    // As long as an order may make it in both languages, and no longer.
    let longest = format!("{}\n{}", "长".repeat(wire::WARNING_TEXT_MAX), "a".repeat(wire::WARNING_TEXT_MAX));
    assert_eq!(front.send_warning(&to[..1], &longest).await.unwrap(), [true]);
    let parts = smsc.messages(11).await.split_off(2);
    assert_eq!(parts.iter().map(|part| part.text()).collect::<String>(), longest);
    assert!(front.send_warning(&to, &format!("{longest}.")).await.is_err());
    front.stop().await;
}

#[tokio::test]
async fn both_sides_speak_tls() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();

    // Two fronts: the first is the ESME of the second, over TLS.
    let smsc = Smsc::start().await;
    let mut inner_config = config(vec![account("shop", smsc.address)]);
    inner_config.tls = Some(TlsFiles { certificate: certificate.clone(), key });
    let inner = start(inner_config, &folder.path().join("inner"), Clock::system()).await;
    linked(&inner, "shop").await;
    let mut over_tls = account("shop", inner.listening().unwrap());
    over_tls.upstream.password = "secret08".into();
    over_tls.upstream.tls = Some(UpstreamTls { server_name: "localhost".into(), authorities: certificate });
    let outer = start(config(vec![over_tls]), &folder.path().join("outer"), Clock::system()).await;
    linked(&outer, "shop").await;
    let mut esme = Esme::bound(outer.listening().unwrap(), "shop", BindMode::Transceiver).await;
    assert_eq!(esme.ask(&submit("hello")).await, (Status::OK, "M1".into()));
    outer.stop().await;
    inner.stop().await;
}

#[tokio::test]
async fn the_seats_own_judge_asks_the_list_and_reports() {
    let smsc = Smsc::start().await;
    let folder = tempfile::tempdir().unwrap();
    let screen = Arc::new(Screen::new());
    let blocked = Number::parse("17000000001").unwrap();
    let entry = ListEntry {
        pattern: Pattern::Full(blocked),
        kind: EntryKind::Block,
        reason: "scam".into(),
        source: "test".into(),
        expires_at: None,
        case: None,
    };
    screen.swap_list(Arc::new(NumberList::build([entry], 1, Clock::system().now())));
    let (screening, mut events) = Screening::new(screen, Clock::system());
    let judge = Arc::new(ScreeningJudge(screening));
    let front = MessageFront::start(config(vec![account("shop", smsc.address)]), folder.path(), judge, Clock::system());
    let front = front.await.unwrap();
    linked(&front, "shop").await;
    let mut esme = Esme::bound(front.listening().unwrap(), "shop", BindMode::Transceiver).await;
    assert_eq!(esme.ask(&from("17000000001", "您好")).await.0, Status::SUBMIT_FAILED);
    assert_eq!(esme.ask(&from("106900001", "您的快递已到")).await.0, Status::OK);
    let Some(Event::Message(event)) = events.recv().await else { panic!("a message was reported") };
    assert_eq!((event.sender, event.decision.action), (Some(blocked), MessageAction::Reject));
    assert_eq!(event.to, Number::parse("13800138000"));
    front.stop().await;
}

#[tokio::test]
async fn an_international_sender_is_read_as_its_type_of_number_and_its_trunk_say() {
    let screen = Arc::new(Screen::new());
    let entry = |number: &str| ListEntry {
        pattern: Pattern::Full(Number::read(number).unwrap()),
        kind: EntryKind::Block,
        reason: "scam".into(),
        source: "test".into(),
        expires_at: None,
        case: None,
    };
    let listed = [entry("+13055550111"), entry("13800138011")];
    screen.swap_list(Arc::new(NumberList::build(listed, 1, Clock::system().now())));
    let (screening, _events) = Screening::new(screen, Clock::system());
    let judge = ScreeningJudge(screening);
    let typed = |source: &str, ton: u8, kind| {
        operator::message::Judge::judge(
            &judge,
            &operator::message::Heard {
                front: operator::screening::Front::Smpp,
                at: Clock::system().now(),
                source: operator::message::Party { ton, address: source },
                destinations: &["8613800138000".into()],
                registration: screen::Registration::Absent,
                trunk: screen::Trunk { id: 1, kind },
                text: "hello",
            },
        )
    };
    let told = |source: &str, kind| typed(source, 0, kind);
    assert_eq!(told("85298765432", screen::TrunkKind::Foreign), MessageAction::Pass);
    assert_eq!(told("85298765432", screen::TrunkKind::National), MessageAction::Reject, "no number of the mainland");
    assert_ne!(told("13055550100", screen::TrunkKind::Foreign), MessageAction::Pass, "it may be one of the mainland");

    // Stated with its country code, and as dialled in the country.
    for kind in [screen::TrunkKind::National, screen::TrunkKind::Foreign] {
        assert_eq!(typed("85298765432", 1, kind), MessageAction::Pass, "{kind:?}");
        assert_eq!(typed("13055550100", 1, kind), MessageAction::Pass, "{kind:?}");
        assert_eq!(typed("13055550111", 1, kind), MessageAction::Reject, "{kind:?} on the list");
        assert_eq!(typed("85298765432", 2, kind), MessageAction::Reject, "{kind:?} no number of the mainland");
    }
    assert_eq!(typed("13055550111", 2, screen::TrunkKind::National), MessageAction::Pass, "another's");
    // The type of number does not hide a number of the mainland, and a port has no country code.
    assert_eq!(typed("13800138011", 1, screen::TrunkKind::National), MessageAction::Reject);
    assert_eq!(typed("8613800138011", 1, screen::TrunkKind::National), MessageAction::Reject);
    assert_eq!(typed("106900001", 1, screen::TrunkKind::National), MessageAction::Pass);
}

#[tokio::test]
async fn a_copy_of_the_seat_screens_messages_by_the_same_rules_and_settings() {
    let screen =
        Screen::with_settings(screen::Settings { block_message: MessageAction::Drop, ..screen::Settings::default() });
    let rule = rules::Rule {
        expression: "sender.sent_10m > 2".into(),
        ..screen::default_message_rules().into_iter().next().expect("a rule that comes with the program")
    };
    let rule = rules::Rule { stage: rules::Stage::Live, action: MessageAction::Reject, ..rule };
    let book =
        rules::RuleBook::build([rule], screen::message_schema(), rules::CutOutSettings::default(), None).unwrap();
    screen.swap_message_rules(book);
    let entry = ListEntry {
        pattern: Pattern::Full(Number::parse("106900009").unwrap()),
        kind: EntryKind::Block,
        reason: "scam".into(),
        source: "centre".into(),
        expires_at: None,
        case: None,
    };
    screen.swap_list(Arc::new(NumberList::build([entry], 1, Clock::system().now())));
    let copy = operator::check::copy_of(&screen);
    let decide = |sender: &str| {
        let attempt = screen::MessageAttempt {
            sender: screen::Sender::read(sender, screen::Registration::Absent),
            receiver: Number::parse("13800138000"),
            trunk: screen::Trunk { id: 1, kind: screen::TrunkKind::National },
            text: screen::TextFeatures::default(),
            at: Clock::system().now(),
        };
        copy.decide_message(&attempt).action
    };
    let actions: Vec<MessageAction> = (0..4).map(|_| decide("106900001")).collect();
    assert_eq!(actions, [MessageAction::Pass, MessageAction::Pass, MessageAction::Reject, MessageAction::Reject]);
    assert_eq!(decide("106900009"), MessageAction::Drop);
}
