//! The line of holds on an account: its rules, and properties of any sequence of orders.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use bank::hold::{
    Case, HoldEffect, HoldEvent, HoldFault, HoldKind, HoldScope, HoldState, Line, LineRules, NewHold, StopBehindStop,
    Term, add_months, apply,
};
use bank::ledger::Held;
use kernel::{Duration, HoldId, Timestamp};
use proptest::prelude::*;

const RULES: LineRules = LineRules { stops_max: 2, stop_behind_stop: StopBehindStop::Waits };
const START: Timestamp = Timestamp(1_795_392_000_000_000);

fn id(n: usize) -> HoldId {
    format!("00000000-0000-7000-a000-{n:012}").parse().unwrap()
}

fn new(n: usize, kind: HoldKind, case: &str, scope: HoldScope) -> HoldEvent {
    let term = match kind {
        HoldKind::Stop => Term::Span(Duration::hours(48)),
        HoldKind::OwnStop => Term::Span(Duration::hours(24)),
        HoldKind::Freeze => Term::Months(6),
    };
    HoldEvent::Place(NewHold {
        id: id(n),
        kind,
        authority: "centre-43".into(),
        case_number: case.into(),
        scope,
        term,
        order_id: None,
    })
}

fn of(number: &str) -> Case<'_> {
    Case { authority: "centre-43", number }
}

fn hours(n: i64) -> Timestamp {
    START + Duration::hours(n)
}

/// Applies events at their hours and gives the line and what the last one did.
fn run(steps: &[(i64, HoldEvent)]) -> (Line, Result<Vec<HoldEffect>, HoldFault>) {
    let mut line = Line::default();
    let mut last = Ok(Vec::new());
    for (hour, event) in steps {
        last = apply(&line, event, hours(*hour), &RULES).map(|(next, effects)| {
            line = next;
            effects
        });
    }
    (line, last)
}

fn state(line: &Line, n: usize) -> HoldState {
    line.get(id(n)).unwrap().state
}

use HoldKind::{Freeze, OwnStop, Stop};
use HoldScope::{UpTo, Whole};

#[test]
fn a_stop_lasts_48_hours_and_then_lapses_by_itself() {
    let (line, _) = run(&[(0, new(1, Stop, "A", UpTo(500)))]);
    assert_eq!(line.get(id(1)).unwrap().until, Some(hours(48)));
    assert_eq!(line.held(hours(47)), Held::UpTo(500));
    assert_eq!(line.held(hours(48)), Held::Nothing, "even before anybody has noted the lapse");
    let (line, effects) = run(&[(0, new(1, Stop, "A", UpTo(500))), (60, HoldEvent::Tick)]);
    assert_eq!(effects.unwrap(), [HoldEffect::Lapsed(id(1))]);
    assert_eq!(line.get(id(1)).unwrap().ended_at, Some(hours(48)));
}

#[test]
fn two_stops_per_case_then_no_more_but_another_case_may() {
    let again = [(0, new(1, Stop, "A", Whole)), (50, new(2, Stop, "A", Whole)), (100, new(3, Stop, "A", Whole))];
    assert_eq!(run(&again).1, Err(HoldFault::StopsUsedUp));
    let extend = |n| HoldEvent::Extend { hold: id(n), term: Term::Span(Duration::hours(48)) };
    let (line, _) = run(&[(0, new(1, Stop, "A", Whole)), (1, extend(1))]);
    assert_eq!((line.get(id(1)).unwrap().until, line.stops_used(of("A"))), (Some(hours(96)), 2));
    assert_eq!(run(&[(0, new(1, Stop, "A", Whole)), (1, extend(1)), (2, extend(1))]).1, Err(HoldFault::StopsUsedUp));
    let other = [(0, new(1, Stop, "A", UpTo(5))), (1, extend(1)), (2, new(2, Stop, "B", UpTo(7)))];
    let (line, _) = run(&other);
    assert_eq!(line.held(hours(2)), Held::UpTo(12), "limits of several cases add up");
}

#[test]
fn the_same_case_stops_once_unless_it_asks_for_more() {
    assert_eq!(
        run(&[(0, new(1, Stop, "A", UpTo(5))), (1, new(2, Stop, "A", UpTo(5)))]).1,
        Err(HoldFault::AlreadyStopped)
    );
    let (line, effects) = run(&[(0, new(1, Stop, "A", UpTo(5))), (1, new(2, Stop, "A", UpTo(9)))]);
    assert_eq!(effects.unwrap(), [HoldEffect::Replaced { hold: id(1), by: id(2) }, HoldEffect::TookEffect(id(2))]);
    assert_eq!(line.held(hours(1)), Held::UpTo(9));
    assert_eq!(run(&[(0, new(1, Freeze, "A", Whole)), (1, new(2, Stop, "A", Whole))]).1, Err(HoldFault::AlreadyFrozen));
}

#[test]
fn freezes_wait_in_line_and_take_effect_the_moment_the_earlier_ends() {
    let steps = [
        (0, new(1, Freeze, "A", Whole)),
        (1, new(2, Freeze, "B", UpTo(7))),
        (2, new(3, Freeze, "C", Whole)),
        (3, new(4, Freeze, "D", Whole)),
    ];
    let (line, effects) = run(&steps);
    assert_eq!(effects.unwrap(), [HoldEffect::Waits(id(4), 3)]);
    assert_eq!([1, 2, 3, 4].map(|n| line.place_in_line(id(n))), [0, 1, 2, 3]);

    let (line, effects) = apply(&line, &HoldEvent::Lift(id(1)), hours(10), &RULES).unwrap();
    // B is limited, so C comes into force beside it; D goes on waiting for C.
    assert_eq!(effects, [HoldEffect::Lifted(id(1)), HoldEffect::TookEffect(id(2)), HoldEffect::TookEffect(id(3))]);
    assert_eq!(line.get(id(3)).unwrap().until, Some(add_months(hours(10), 6)));
    assert_eq!(line.held_by_minor(id(2), 10, hours(10)), 7);
    assert_eq!(line.held_by_minor(id(3), 10, hours(10)), 3);

    let late = add_months(hours(10), 14);
    let (line, effects) = apply(&line, &HoldEvent::Tick, late, &RULES).unwrap();
    assert_eq!(state(&line, 4), HoldState::Lapsed);
    assert_eq!(line.get(id(4)).unwrap().from, Some(add_months(hours(10), 6)), "not when somebody looked");
    assert!(effects.contains(&HoldEffect::TookEffect(id(4))));
}

#[test]
fn a_freeze_takes_the_place_of_the_stop_of_its_case() {
    let steps = [(0, new(1, Stop, "A", Whole)), (1, new(2, Freeze, "B", Whole)), (2, new(3, Freeze, "A", Whole))];
    let (line, effects) = run(&steps);
    assert_eq!(effects.unwrap(), [HoldEffect::Replaced { hold: id(1), by: id(3) }, HoldEffect::TookEffect(id(3))]);
    assert_eq!(line.held_by_minor(id(3), 100, hours(2)), 100, "it keeps the place before B");
}

#[test]
fn a_stop_behind_another_cases_stop_waits_and_its_48_hours_begin_later() {
    let steps = [(0, new(1, Stop, "A", Whole)), (10, new(2, Stop, "B", UpTo(5))), (50, HoldEvent::Tick)];
    let (line, _) = run(&steps);
    assert_eq!((state(&line, 1), state(&line, 2)), (HoldState::Lapsed, HoldState::Active));
    assert_eq!(line.get(id(2)).unwrap().until, Some(hours(96)));
    let refusing = LineRules { stop_behind_stop: StopBehindStop::Refused, ..RULES };
    let (line, _) = run(&[(0, new(1, Stop, "A", Whole))]);
    assert_eq!(
        apply(&line, &new(2, Stop, "B", UpTo(5)), hours(1), &refusing).map(|_| ()),
        Err(HoldFault::AlreadyStopped)
    );
}

#[test]
fn the_banks_own_stop_ends_after_24_hours_unless_an_order_takes_its_place() {
    let (line, _) = run(&[(0, new(1, OwnStop, "", UpTo(5))), (24, HoldEvent::Tick)]);
    assert_eq!(state(&line, 1), HoldState::Lapsed);
    let (line, effects) = run(&[(0, new(1, OwnStop, "", Whole)), (3, new(2, Stop, "A", UpTo(5)))]);
    assert_eq!(effects.unwrap(), [HoldEffect::Replaced { hold: id(1), by: id(2) }, HoldEffect::TookEffect(id(2))]);
    assert_eq!((line.stops_used(of("A")), line.held(hours(3))), (1, Held::UpTo(5)));
    assert_eq!(
        run(&[(0, new(1, Stop, "A", UpTo(5))), (1, new(2, OwnStop, "", Whole))]).1,
        Err(HoldFault::AlreadyStopped)
    );
}

#[test]
fn months_end_on_the_last_day_of_a_shorter_month() {
    let at = |text| Timestamp::parse(text).unwrap();
    assert_eq!(add_months(at("2026-08-31T10:00:00+08:00"), 6), at("2027-02-28T10:00:00+08:00"));
}

#[derive(Debug, Clone)]
enum Step {
    Event(HoldEvent),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![4 => Just(Stop), 3 => Just(Freeze), 1 => Just(OwnStop)];
    let scope = prop_oneof![2 => (1i64..500).prop_map(UpTo), 1 => Just(Whole)];
    let case = prop_oneof![Just("A"), Just("B"), Just("C")];
    prop_oneof![
        5 => (0..60usize, kind, case, scope).prop_map(|(n, kind, case, scope)| {
            Step::Event(new(n, kind, if kind == OwnStop { "" } else { case }, scope))
        }),
        2 => (0..60usize).prop_map(|n| Step::Event(HoldEvent::Lift(id(n)))),
        1 => (0..60usize).prop_map(|n| Step::Event(HoldEvent::Extend { hold: id(n), term: Term::Span(Duration::hours(48)) })),
        3 => (1i64..2000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn no_hold_outlives_its_end_and_no_case_stops_too_often(steps in proptest::collection::vec(step(), 1..60)) {
        let mut line = Line::default();
        let mut now = START;
        let mut used: Vec<HoldId> = Vec::new();
        for step in steps {
            let event = match step {
                Step::Wait(n) => {
                    // Looking often and looking once at the end are the same.
                    let mut often = line.clone();
                    for part in 1..=4 {
                        often = apply(&often, &HoldEvent::Tick, now + Duration::minutes(n * 15 * part), &RULES).unwrap().0;
                    }
                    now = now + Duration::hours(n);
                    line = apply(&line, &HoldEvent::Tick, now, &RULES).unwrap().0;
                    prop_assert_eq!(&often, &line);
                    continue;
                }
                Step::Event(event) => event,
            };
            if let HoldEvent::Place(new) = &event {
                if used.contains(&new.id) { continue }
                used.push(new.id);
            }
            let before = line.clone();
            let Ok((after, effects)) = apply(&line, &event, now, &RULES) else { continue };
            line = after;
            for hold in &line.holds {
                prop_assert!(!hold.state.is_open() || hold.until.is_none_or(|until| until > now), "it outlived its end");
                prop_assert_eq!(hold.state.is_open(), hold.ended_at.is_none());
                if let Some(old) = before.get(hold.id) {
                    prop_assert!(old.state.is_open() || old == hold, "what has ended stays as it is");
                    if old.state != hold.state {
                        prop_assert!(!effects.is_empty(), "every change is told");
                    }
                }
            }
            for case in ["A", "B", "C"] {
                prop_assert!(line.stops_used(of(case)) <= RULES.stops_max);
            }
            for waiting in line.holds.iter().filter(|h| h.state == HoldState::Waiting) {
                let blocked = line.holds.iter().any(|h| {
                    h.state == HoldState::Active && h.scope == Whole && h.case_number != waiting.case_number
                });
                prop_assert!(blocked, "nothing waits behind nothing");
            }
            let shares: i64 = line.holds.iter().map(|h| line.held_by_minor(h.id, 700, now)).sum();
            let held = match line.held(now) { Held::Nothing => 0, Held::UpTo(n) => n.min(700), Held::Whole => 700 };
            prop_assert_eq!(shares, held, "the shares of the holds are what is held");
        }
    }
}
