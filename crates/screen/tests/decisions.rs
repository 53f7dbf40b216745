//! What the screen does with calls and messages of a province.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;

use kernel::{Duration, Timestamp};
use proptest::prelude::*;
use rules::{CutOutSettings, Rule, RuleBook, RuleId, Stage};
use screen::{
    Action, Attestation, AttestationFailure, CallAttempt, CallOutcome, Caller, Change, Check, CounterSnapshot,
    Decision, Delta, EntryKind, LabelId, LineMeasure, ListEntry, MessageAction, MessageAttempt, Number, NumberList,
    Pattern, Reason, Registration, Roaming, Screen, Sender, Settings, TextFeatures, Trunk, TrunkKind, call_schema,
    default_call_rules, default_message_rules, message_schema,
};

/// A Tuesday, 10:00 in Changsha.
const NOW: Timestamp = Timestamp(1_795_485_600_000_000);
const VICTIM: &str = "13907310001";

fn number(text: &str) -> Number {
    Number::read(text).unwrap()
}

fn trunk(kind: TrunkKind) -> Trunk {
    Trunk { id: 7, kind }
}

fn call<'a>(caller: &'a str, kind: TrunkKind) -> CallAttempt<'a> {
    CallAttempt {
        caller: Caller::read(caller),
        callee: Some(number(VICTIM)),
        trunk: trunk(kind),
        attestation: Attestation::None,
        roaming: Roaming::Unknown,
        at: NOW,
    }
}

fn entry(pattern: &str, kind: EntryKind) -> ListEntry {
    ListEntry {
        pattern: Pattern::parse(pattern).unwrap(),
        kind,
        reason: "涉诈".into(),
        source: "centre".into(),
        expires_at: None,
        case: None,
    }
}

fn small() -> Settings {
    Settings { callers_max: 4_096, senders_max: 4_096, ..Settings::default() }
}

fn bare(entries: &[ListEntry]) -> Screen {
    let screen = Screen::with_settings(small());
    screen.swap_list(Arc::new(NumberList::build(entries.to_vec(), 0, NOW)));
    screen
}

fn with_rules(entries: &[ListEntry]) -> Screen {
    let screen = bare(entries);
    let settings = CutOutSettings::default();
    screen.swap_call_rules(RuleBook::build(default_call_rules(), call_schema(), settings, None).unwrap());
    screen.swap_message_rules(RuleBook::build(default_message_rules(), message_schema(), settings, None).unwrap());
    screen
}

fn told(decision: Decision) -> (Action, &'static str) {
    (decision.action, decision.reason.word())
}

#[test]
fn what_cannot_be_is_stopped_and_what_may_be_is_marked() {
    let screen = bare(&[]);
    let check =
        |caller: &str, kind, expect| assert_eq!(told(screen.decide_call(&call(caller, kind))), expect, "{caller}");
    use TrunkKind::{Foreign, Home, National};
    check("13807311234", Home, (Action::Pass, "clean"));
    check("13807311234", National, (Action::Pass, "clean"));
    check("+85291234567", Foreign, (Action::Pass, "clean"));
    check("073188228822", Foreign, (Action::Reject603, "check_home_fixed_from_abroad"));
    check("+8610110", Foreign, (Action::Reject603, "check_malformed"));
    check("95588", Foreign, (Action::Reject603, "check_service_from_abroad"));
    check("0731-96110", Foreign, (Action::Reject603, "check_home_fixed_from_abroad"));
    check("95588", National, (Action::Pass, "clean"));
    check("4008001234", Home, (Action::Reject603, "check_service_cannot_call"));
    check("10691234567", National, (Action::Reject603, "check_service_cannot_call"));
    check("13807311234", Foreign, (Action::Label(LabelId::FORGED), "check_home_mobile_unproven"));
    check("15400138000", National, (Action::Reject603, "check_malformed"));
    check("8001", Home, (Action::Monitor, "check_malformed"));
    check("<script>", Foreign, (Action::Reject603, "check_malformed"));
    check("anonymous", Home, (Action::Pass, "clean"));
    check(VICTIM, National, (Action::Reject603, "check_calls_itself"));
    check("110", National, (Action::Monitor, "check_emergency_from_elsewhere"));
    check("96110", Home, (Action::Pass, "emergency"));
    check("+85291234567", Home, (Action::Monitor, "check_foreign_from_home"));
}

#[test]
fn roaming_and_attestation_decide_about_a_home_mobile_from_abroad() {
    let screen = bare(&[]);
    let from_abroad = call("13807311234", TrunkKind::Foreign);
    let roaming = |roaming| told(screen.decide_call(&CallAttempt { roaming, ..from_abroad }));
    assert_eq!(roaming(Roaming::Confirmed), (Action::Pass, "clean"));
    assert_eq!(roaming(Roaming::Refuted), (Action::Reject603, "check_home_mobile_refuted"));
    let attested = |attestation| told(screen.decide_call(&CallAttempt { attestation, ..from_abroad }));
    assert_eq!(attested(Attestation::A), (Action::Pass, "clean"));
    let failed = |failure| attested(Attestation::Failed(failure));
    assert_eq!(failed(AttestationFailure::Signature), (Action::Reject603, "check_attestation_failed"));
    assert_eq!(failed(AttestationFailure::Stale), (Action::Label(LabelId::FORGED), "check_attestation_failed"));
}

#[test]
fn the_list_stops_lets_through_and_protects() {
    use EntryKind::{Allow, Block, Protect, Watch};
    let screen = bare(&[
        entry("+861700731*", Block),
        entry("17007310086", Allow),
        entry("0731-88220000", Protect),
        entry("13100000001", Watch),
        entry("+8673185550000", Allow),
    ]);
    let check =
        |caller: &str, kind, expect| assert_eq!(told(screen.decide_call(&call(caller, kind))), expect, "{caller}");
    check("17007315555", TrunkKind::National, (Action::Reject608, "list_block"));
    check("17007310086", TrunkKind::National, (Action::Pass, "list_allow"));
    check("13100000001", TrunkKind::National, (Action::Monitor, "list_watch"));
    check("073188220000", TrunkKind::National, (Action::Pass, "list_protect"));
    // A protected number is what forgers borrow: from abroad it is not believed. An allowed one is, whatever the checks say.
    check("073188220000", TrunkKind::Foreign, (Action::Reject603, "check_home_fixed_from_abroad"));
    check("073185550000", TrunkKind::Foreign, (Action::Pass, "list_allow"));
}

#[test]
fn an_appeal_lifts_a_block_with_the_next_call() {
    let screen = bare(&[entry("17007315555", EntryKind::Block)]);
    let decide = || told(screen.decide_call(&call("17007315555", TrunkKind::National)));
    assert_eq!(decide(), (Action::Reject608, "list_block"));
    let allow = ListEntry { source: "appeal".into(), ..entry("17007315555", EntryKind::Allow) };
    screen.apply(&Delta { first: 1, made_at: NOW, changes: vec![Change::Add(allow.clone())] }).unwrap();
    assert_eq!(decide(), (Action::Pass, "list_allow"));
    screen.apply(&Delta { first: 2, made_at: NOW, changes: vec![Change::Remove(allow.key())] }).unwrap();
    assert_eq!(decide(), (Action::Reject608, "list_block"));
    let gap = screen.apply(&Delta { first: 9, made_at: NOW, changes: vec![] }).unwrap_err();
    assert_eq!((gap.from, gap.to), (3, 8));
}

#[test]
fn a_sequential_dialler_is_stopped_and_an_ordinary_caller_is_not() {
    let screen = with_rules(&[]);
    let mut stopped_at = None;
    for n in 0..40_u64 {
        let callee = Number::from_e164(8_613_907_311_000 + n);
        let at = NOW + Duration::seconds(2 * n as i64);
        let decision = screen.decide_call(&CallAttempt { callee, at, ..call("17107319999", TrunkKind::National) });
        if decision.action.stops() && stopped_at.is_none() {
            stopped_at = Some((n + 1, decision.reason));
        }
    }
    assert_eq!(stopped_at, Some((10, Reason::Rule(RuleId(1)))));
    for n in 0..12_u64 {
        let callee = Number::from_e164(8_613_907_311_000 + n * 7_919);
        let at = NOW + Duration::minutes(20 * n as i64);
        let decision = screen.decide_call(&CallAttempt { callee, at, ..call("13807311234", TrunkKind::Home) });
        assert_eq!(told(decision), (Action::Pass, "clean"));
    }
}

#[test]
fn a_caller_nobody_answers_is_stopped_once_it_shows() {
    let screen = with_rules(&[]);
    let caller = "16573110000";
    let mut last = None;
    for n in 0..80_u64 {
        let at = NOW + Duration::seconds(30 * n as i64);
        let callee = Number::from_e164(8_613_900_000_000 + n * 104_729).unwrap();
        last = Some(screen.decide_call(&CallAttempt { callee: Some(callee), at, ..call(caller, TrunkKind::National) }));
        screen.call_ended(&CallOutcome { caller: number(caller), callee, answered: n % 10 == 0, talk_ms: 20_000, at });
    }
    assert!(matches!(last.unwrap().reason, Reason::Rule(RuleId(3 | 12 | 21))), "{last:?}");
    assert!(last.unwrap().action.stops());
}

#[test]
fn a_guarded_line_is_kept_from_flagged_and_foreign_calls_until_the_measure_ends() {
    let screen = with_rules(&[entry("13100000001", EntryKind::Watch), entry("0731-88220000", EntryKind::Protect)]);
    let until = NOW + Duration::hours(24);
    screen.protect(number(VICTIM), LineMeasure::HoldFlagged, until);
    let decide = |caller, kind, at| told(screen.decide_call(&CallAttempt { at, ..call(caller, kind) }));
    let held = (Action::Announce, "line_hold_flagged");
    assert_eq!(decide("13100000001", TrunkKind::National, NOW), held);
    assert_eq!(decide("13807311234", TrunkKind::Foreign, NOW), held, "a home number from abroad is flagged");
    let friend = "+85291234567";
    assert_eq!(decide(friend, TrunkKind::Foreign, NOW).0, Action::Label(LabelId::FOREIGN), "abroad is no suspicion");
    screen.protect(number(VICTIM), LineMeasure::HoldForeign, until);
    assert_eq!(decide(friend, TrunkKind::Foreign, NOW), (Action::Announce, "line_hold_foreign"));
    assert_eq!(decide("13807311235", TrunkKind::National, NOW), (Action::Pass, "clean"));
    assert_eq!(decide("073188220000", TrunkKind::National, NOW), (Action::Pass, "list_protect"));
    assert_eq!(screen.lines(NOW).len(), 2);
    assert_eq!(decide("13100000001", TrunkKind::National, until), (Action::Label(LabelId::SCAM), "rule"));
    assert!(screen.lines(until).is_empty());
    assert!(screen.unprotect(number(VICTIM), LineMeasure::HoldFlagged));
    assert!(!screen.unprotect(number(VICTIM), LineMeasure::HoldFlagged));
}

#[test]
fn protect_suspend_and_label_next() {
    let screen = bare(&[entry("0731-88220000", EntryKind::Protect)]);
    let until = NOW + Duration::hours(1);
    let decide = |caller| told(screen.decide_call(&call(caller, TrunkKind::National)));
    screen.protect(number(VICTIM), LineMeasure::LabelNext, until);
    assert_eq!(decide("13807311234"), (Action::Label(LabelId::CENTRE), "line_label_next"));
    assert_eq!(decide("13807311234"), (Action::Pass, "clean"), "only the next call");
    screen.protect(number(VICTIM), LineMeasure::Protect, until);
    assert_eq!(
        decide("13807311234"),
        (Action::Label(LabelId::CENTRE), "line_protect"),
        "it warns and holds nobody off"
    );
    let known = CallAttempt { attestation: Attestation::A, ..call("13807311234", TrunkKind::Home) };
    assert_eq!(told(screen.decide_call(&known)), (Action::Pass, "clean"));
    assert_eq!(decide("073188220000"), (Action::Pass, "list_protect"));
    screen.protect(number("13807311234"), LineMeasure::Suspend, until);
    assert_eq!(decide("13807311234"), (Action::Reject603, "line_suspend"));
    let to_help = CallAttempt { callee: Some(number("110")), ..call("13807311234", TrunkKind::Home) };
    assert_eq!(told(screen.decide_call(&to_help)), (Action::Pass, "emergency"));
}

fn message<'a>(sender: &'a str, registration: Registration, text: TextFeatures<'a>) -> MessageAttempt<'a> {
    MessageAttempt {
        sender: Sender::read(sender, registration),
        receiver: Some(number(VICTIM)),
        trunk: trunk(TrunkKind::National),
        text,
        at: NOW,
    }
}

#[test]
fn messages_are_judged_by_sender_text_and_list() {
    let screen = with_rules(&[entry("10691230000", EntryKind::Block)]);
    let decide = |message: &MessageAttempt<'_>| {
        let decision = screen.decide_message(message);
        (decision.action, decision.reason.word())
    };
    let calm = TextFeatures { scam_probability: 0.02, ..TextFeatures::default() };
    let scam = TextFeatures { scam_probability: 0.96, urls: 1, ..TextFeatures::default() };
    use Registration::{Absent, Matches, WrongRoute};
    assert_eq!(decide(&message("13807311234", Absent, calm)), (MessageAction::Pass, "clean"));
    assert_eq!(decide(&message("10695550000", Absent, scam)), (MessageAction::Reject, "rule"));
    let marked = (MessageAction::Mark(LabelId::SCAM), "rule");
    assert_eq!(decide(&message("13807311234", Absent, scam)), marked, "who knows yet whose number that is");
    assert_eq!(decide(&message("10691230000", Absent, calm)), (MessageAction::Reject, "list_block"));
    assert_eq!(decide(&message("95588", WrongRoute, calm)), (MessageAction::Reject, "check_sender_wrong_route"));
    assert_eq!(decide(&message("95588", Matches, scam)), (MessageAction::Pass, "clean"));
    assert_eq!(decide(&message("ICBC", Matches, calm)), (MessageAction::Pass, "clean"));
    assert_eq!(decide(&message("???", Absent, calm)), (MessageAction::Reject, "check_malformed"));
    let suspected = TextFeatures { scam_probability: 0.8, ..TextFeatures::default() };
    assert_eq!(decide(&message("13807311235", Absent, suspected)), (MessageAction::Mark(LabelId::SCAM), "rule"));
    let from_abroad = MessageAttempt { trunk: trunk(TrunkKind::Foreign), ..message("95588", Absent, calm) };
    assert_eq!(decide(&from_abroad), (MessageAction::Reject, "check_service_from_abroad"));
    for n in 0..200_u64 {
        let receiver = Number::from_e164(8_613_900_000_000 + n * 104_729);
        let decision = screen.decide_message(&MessageAttempt { receiver, ..message("13607310000", Absent, calm) });
        assert!(n > 80 || !decision.action.stops(), "a host may write to all his guests: {n}");
    }
    let flood = screen.decide_message(&message("13607310000", Absent, calm));
    assert_eq!(flood.reason, Reason::Rule(RuleId(105)));
}

#[test]
fn every_default_rule_compiles_and_no_two_share_a_number() {
    let ids: std::collections::BTreeSet<u32> =
        default_call_rules().iter().map(|r| r.id.0).chain(default_message_rules().iter().map(|r| r.id.0)).collect();
    assert_eq!(ids.len(), default_call_rules().len() + default_message_rules().len());
    assert!(ids.len() >= 30 && ids.iter().all(|id| *id < screen::FIRST_OWN_RULE));
    with_rules(&[]);
}

#[test]
fn what_was_done_is_counted() {
    let screen = bare(&[entry("17007315555", EntryKind::Block)]);
    (0..3).for_each(|_| {
        screen.decide_call(&call("17007315555", TrunkKind::National));
    });
    screen.decide_call(&call("13807311234", TrunkKind::National));
    let counters = screen.counters();
    assert_eq!(counters.call_count(), 4);
    assert_eq!(CounterSnapshot::of(&counters.calls, "reject_608"), 3);
    assert_eq!(CounterSnapshot::of(&counters.call_reasons, "list_block"), 3);
    let top = screen.top_callers(1, 5, NOW);
    assert_eq!((top[0].0, top[0].1.attempts[1]), (number("17007315555"), 3));
    assert_eq!(screen.behaviour(number("17007315555"), NOW).unwrap().callees[1], 1);
}

#[test]
fn a_rule_that_stops_everybody_is_cut_out_at_once_and_told() {
    let screen = bare(&[]);
    let rule = Rule {
        id: RuleId(1_000),
        revision: 1,
        name_zh: "写错的规则".into(),
        name_en: "A wrong rule".into(),
        expression: "caller.attempts_1m >= 0".into(),
        action: Action::Reject603,
        owner: "王敏".into(),
        stage: Stage::Live,
        priority: 1,
    };
    screen.swap_call_rules(RuleBook::build([rule], call_schema(), CutOutSettings::default(), None).unwrap());
    let mut stopped = 0;
    for n in 0..1_000_u64 {
        let caller = Number::from_e164(8_613_800_000_000 + n * 7).unwrap();
        let decision = screen.decide_call(&CallAttempt { caller: Caller::of(caller), ..call("", TrunkKind::Home) });
        stopped += u32::from(decision.action.stops());
    }
    assert!(stopped < 250, "{stopped}");
    let told = screen.take_cut_outs();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].rule, RuleId(1_000));
    assert!(screen.take_cut_outs().is_empty());
    let count = screen.call_rules().counts()[0];
    assert!(count.cut_out && count.stage == Stage::Shadow && count.held == 1_000);
}

#[test]
fn changes_are_seen_by_readers_that_never_stop() {
    let screen = with_rules(&[]);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut decisions = 0_u64;
            loop {
                decisions += 1;
                if told(screen.decide_call(&call("17007319999", TrunkKind::National))).1 == "list_block" {
                    return decisions;
                }
            }
        });
        for first in 1..=50_u64 {
            let text = if first == 50 { "17007319999".to_owned() } else { format!("170073{first:05}") };
            let changes = vec![Change::Add(entry(&text, EntryKind::Block))];
            screen.apply(&Delta { first, made_at: NOW, changes }).unwrap();
        }
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(screen.list().facts().entries(), 50);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever lists, rules and measures say, whoever calls, however it arrives.
    #[test]
    fn a_call_for_help_is_never_stopped(
        caller in "\\PC{0,20}|[+0-9]{0,16}|110|anonymous",
        help in prop_oneof![Just("110"), Just("119"), Just("120"), Just("122"), Just("96110"), Just("0731-96110"), Just("112")],
        kind in prop_oneof![Just(TrunkKind::Home), Just(TrunkKind::National), Just(TrunkKind::Foreign)],
        failed in any::<bool>(),
    ) {
        let everything = ["1*", "2*", "3*", "4*", "5*", "6*", "7*", "8*", "9*", "+1*", "+2*", "+3*", "+4*", "+5*", "+6*", "+7*", "+8*", "+9*"];
        let screen = bare(&everything.map(|pattern| entry(pattern, EntryKind::Block)));
        let stop_all = Rule { expression: "true".into(), priority: 0, stage: Stage::Live, ..default_call_rules()[0].clone() };
        screen.swap_call_rules(RuleBook::build([stop_all], call_schema(), CutOutSettings::default(), None).unwrap());
        let until = NOW + Duration::hours(1);
        [LineMeasure::Protect, LineMeasure::HoldFlagged, LineMeasure::Suspend].into_iter().for_each(|measure| screen.protect(number(help), measure, until));
        if let Some(caller) = Number::read(&caller) {
            screen.protect(caller, LineMeasure::Suspend, until);
        }
        let attestation = if failed { Attestation::Failed(AttestationFailure::Signature) } else { Attestation::None };
        let attempt = CallAttempt { callee: Some(number(help)), attestation, ..call(&caller, kind) };
        prop_assert_eq!(told(screen.decide_call(&attempt)), (Action::Pass, "emergency"));
    }

    #[test]
    fn any_call_is_answered(
        caller in "\\PC{0,30}|[+0-9a-z:;=@.-]{0,30}",
        callee in "[+0-9]{0,18}",
        kind in prop_oneof![Just(TrunkKind::Home), Just(TrunkKind::National), Just(TrunkKind::Foreign)],
        at in any::<i64>(),
    ) {
        let screen = with_rules(&[]);
        let attempt = CallAttempt { callee: Number::read(&callee), at: Timestamp(at), ..call(&caller, kind) };
        screen.decide_call(&attempt);
        screen.decide_call(&CallAttempt { at: NOW, ..attempt });
        prop_assert_eq!(screen.counters().call_count(), 2);
    }
}

#[test]
fn a_forged_number_names_its_check() {
    let decision = bare(&[]).decide_call(&call("073188228822", TrunkKind::Foreign));
    assert_eq!(decision.reason, Reason::Check(Check::HomeFixedFromAbroad));
}
