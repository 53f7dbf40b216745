//! Who calls strangers for a living is let through, and who calls them as gangs do is asked for a human early.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use kernel::{Duration, Timestamp};
use rules::{CutOutSettings, RuleBook, RuleId};
use screen::{
    Action, Attestation, CallAttempt, CallOutcome, Caller, Contacts, Decision, Marks, MessageAction, MessageAttempt,
    MessageDecision, Number, Reason, Registration, Roaming, Screen, Sender, Settings, TextFeatures, Trunk, TrunkKind,
    call_schema, default_call_rules, default_message_rules, message_schema,
};

/// A Tuesday, 10:00 in Changsha.
const NOW: Timestamp = Timestamp(1_795_485_600_000_000);

fn screen() -> Screen {
    let screen = Screen::with_settings(Settings { senders_max: 4_096, ..Settings::default() });
    let book = RuleBook::build(default_call_rules(), call_schema(), CutOutSettings::default(), None).unwrap();
    screen.swap_call_rules(book);
    let book = RuleBook::build(default_message_rules(), message_schema(), CutOutSettings::default(), None).unwrap();
    screen.swap_message_rules(book);
    screen
}

fn number(text: &str) -> Number {
    Number::read(text).unwrap()
}

fn stranger(n: u64) -> Number {
    Number::from_e164(8_613_900_000_000 + n * 104_729).unwrap()
}

fn call(screen: &Screen, caller: &str, kind: TrunkKind, callee: Number, at: Timestamp) -> Decision {
    screen.decide_call(&CallAttempt {
        caller: Caller::read(caller),
        callee: Some(callee),
        trunk: Trunk { id: 1, kind },
        attestation: Attestation::None,
        roaming: Roaming::Unknown,
        at,
    })
}

/// What becomes of calls to strangers, some minutes apart; each is answered for so many seconds, or not at all.
fn work(screen: &Screen, caller: &str, from: Timestamp, talks_s: impl Fn(u64) -> Option<u32>) -> Vec<Decision> {
    let one = |n: u64| {
        let at = from + Duration::minutes(6 * n.cast_signed());
        let decision = call(screen, caller, TrunkKind::Home, stranger(n), at);
        if !decision.action.stops() {
            let (answered, talk_ms) = (talks_s(n).is_some(), talks_s(n).unwrap_or(0) * 1_000);
            let caller = number(caller);
            screen.call_ended(&CallOutcome { caller, callee: stranger(n), answered, talk_ms, at });
        }
        decision
    };
    (0..60).map(one).collect()
}

fn first_stop(decisions: &[Decision]) -> Option<(usize, RuleId)> {
    decisions.iter().enumerate().find(|(_, decision)| decision.action.stops()).map(|(n, decision)| {
        match decision.reason {
            Reason::Rule(rule) => (n, rule),
            other => panic!("{other:?}"),
        }
    })
}

#[test]
fn a_card_in_a_box_is_stopped_within_its_first_dozen_of_calls() {
    // One in three answers and hangs up after some seconds.
    let in_a_box = |screen: &Screen| {
        let told = work(screen, "19001234567", NOW, |n| (n % 3 == 1).then_some(8));
        let (after, rule) = first_stop(&told).expect("it is stopped");
        assert_eq!(rule, RuleId(21));
        assert_eq!(told[after].action, Action::Challenge, "a human may still come through");
        after
    };
    let watching = screen();
    call(&watching, "19001234567", TrunkKind::Home, stranger(999), NOW - Duration::hours(72));
    let after = in_a_box(&watching);
    assert!(after <= 12, "{after}");
    // On the first day nobody's past is known, and everybody is given longer.
    let cold = in_a_box(&screen());
    assert!(after < cold && cold <= 20, "{after} {cold}");
}

#[test]
fn a_courier_is_never_stopped() {
    let screen = screen();
    let told = work(&screen, "19001234567", NOW, |n| (n % 5 != 1).then_some(18));
    assert!(told.iter().all(|decision| decision.action == Action::Pass), "{told:?}");
}

#[test]
fn who_is_called_back_is_believed_where_another_is_stopped() {
    let screen = screen();
    // An agent: half answer, and hardly anybody talks for long.
    let half = |n: u64| (n % 2 == 1).then_some(12);
    (0..5).for_each(|n| {
        call(&screen, "19005554444", TrunkKind::Home, number("19007770000"), NOW + Duration::minutes(n));
    });
    let called = work(&screen, "19007770000", NOW, half);
    assert_eq!(first_stop(&called), None);
    let never_called = work(&screen, "19007770001", NOW, half);
    assert!(first_stop(&never_called).is_some_and(|(after, _)| after > 20), "and nobody is stopped for a bad hour");
}

#[test]
fn a_number_that_nobody_has_seen_is_stopped_earlier_once_the_screen_knows_the_others() {
    let screen = screen();
    let few = |n: u64| (n % 3 == 2).then_some(8);
    call(&screen, "19001111111", TrunkKind::Home, stranger(1), NOW);
    call(&screen, "19002222222", TrunkKind::Home, stranger(2), NOW);
    let later = NOW + Duration::hours(72);
    let new = first_stop(&work(&screen, "19003333333", later, few)).expect("new");
    let known = first_stop(&work(&screen, "19002222222", later, few)).expect("known");
    assert_eq!(new.1, RuleId(26));
    assert!(new.0 <= 5 && known.0 > new.0, "{new:?} {known:?}");
}

#[test]
fn a_number_like_the_callees_from_abroad_is_asked_for_a_human_unless_its_origin_is_vouched_for() {
    let screen = screen();
    let attempt = CallAttempt {
        caller: Caller::read("13907310002"),
        callee: Some(number("13907310001")),
        trunk: Trunk { id: 3, kind: TrunkKind::Foreign },
        attestation: Attestation::None,
        roaming: Roaming::Unknown,
        at: NOW,
    };
    let decided = screen.decide_call(&attempt);
    assert_eq!((decided.action, decided.reason), (Action::Challenge, Reason::Rule(RuleId(27))));
    let family = CallAttempt { attestation: Attestation::A, ..attempt };
    assert_eq!(screen.decide_call(&family).action, Action::Pass);
    let at_home = CallAttempt { roaming: Roaming::Confirmed, ..attempt };
    assert_eq!(screen.decide_call(&at_home).action, Action::Pass);
    let other = CallAttempt { callee: Some(number("13807310001")), ..attempt };
    assert!(!screen.decide_call(&other).action.stops());
}

/// A text that the classifier takes for a scam, and that leads to one place.
fn write(screen: &Screen, sender: &str, registration: Registration, n: u64, at: Timestamp) -> MessageDecision {
    let mut contacts = Contacts::default();
    contacts.add("qq:583920174");
    let text = TextFeatures {
        scam_probability: 0.8,
        marks: Marks::of("您的包裹在海关被查获请尽快联系客服办理否则移交公安处理"),
        contacts,
        chats: 1,
        ..TextFeatures::default()
    };
    screen.decide_message(&MessageAttempt {
        sender: Sender::read(sender, registration),
        receiver: Some(stranger(n)),
        trunk: Trunk { id: 2, kind: TrunkKind::National },
        text,
        at,
    })
}

#[test]
fn a_campaign_from_many_senders_is_refused_from_its_third_message_on() {
    let screen = screen();
    let told: Vec<MessageAction> =
        (0..5).map(|n| write(&screen, &format!("106900000{n}"), Registration::Absent, n, NOW).action).collect();
    assert!(told[..2].iter().all(|action| matches!(action, MessageAction::Mark(_))), "{told:?}");
    assert!(told[2..].iter().all(|action| *action == MessageAction::Reject), "{told:?}");
}

#[test]
fn the_same_words_from_people_who_are_called_are_marked_and_arrive() {
    let screen = screen();
    call(&screen, "19001111111", TrunkKind::Home, stranger(1), NOW);
    let later = NOW + Duration::hours(72);
    let known = |n: u64| format!("1900444000{n}");
    for n in 0..6 {
        call(&screen, "19001111111", TrunkKind::Home, number(&known(n)), later);
    }
    for n in 0..6 {
        assert!(!write(&screen, &known(n), Registration::Absent, n, later).action.stops(), "{n}");
    }
    let thrown_away = write(&screen, "19109990000", Registration::Absent, 9, later);
    assert_eq!((thrown_away.action, thrown_away.reason), (MessageAction::Reject, Reason::Rule(RuleId(113))));
    assert!(!write(&screen, "10690000001", Registration::Matches, 10, later).action.stops());
}
