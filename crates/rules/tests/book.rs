//! Books of rules: faults, priority, stages, the cut-out, and what goes along into the next book.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;

use kernel::{Duration, Timestamp};
use rules::{
    CutOutSettings, Feature, Kind, Record, Rule, RuleAction, RuleBook, RuleEvent, RuleId, Schema, Stage, Standing,
    check_expression,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Watch,
    Stop,
}
impl RuleAction for Act {
    fn can_harm(&self) -> bool {
        *self == Self::Stop
    }
    fn ends_search(&self) -> bool {
        *self == Self::Stop
    }
}

const FEATURES: &[Feature] = &[
    Feature::new("caller.attempts", Kind::Int, "呼叫次数", "attempts"),
    Feature::new("caller.number", Kind::Text, "主叫号码", "caller's number"),
    Feature::word("caller.kind", "主叫类别", "kind of caller", &["mobile", "fixed"]),
    Feature::new("caller.listed", Kind::Bool, "在名单中", "on the list"),
];

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(FEATURES))
}

fn rule(id: u32, expression: &str, action: Act, stage: Stage) -> Rule<Act> {
    Rule {
        id: RuleId(id),
        revision: 1,
        name_zh: "规则".into(),
        name_en: "rule".into(),
        expression: expression.into(),
        action,
        owner: "李娜".into(),
        stage,
        priority: i32::try_from(id).unwrap(),
    }
}

fn book(rules: Vec<Rule<Act>>) -> RuleBook<Act> {
    RuleBook::build(rules, schema(), CutOutSettings::default(), None).unwrap()
}

fn attempts(count: i64) -> Record<'static> {
    let mut record = Record::new();
    record.set_int(schema().slot("caller.attempts"), count);
    record
}

/// Every fault as code and place.
fn faults(expression: &str) -> Vec<String> {
    let Err(faults) = check_expression(expression, &schema()) else { return vec![] };
    faults.0.iter().map(|fault| format!("{} {}", fault.said.code, fault.said.en)).collect()
}

fn assert_faults(expression: &str, expected: &[&str]) {
    let found = faults(expression);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nshould begin {expected}");
    }
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    assert_faults("", &["rule.empty"]);
    assert_faults("caller.attempts + 1", &["rule.not_bool"]);
    assert_faults("caller.attempts > 'x'", &["rule.type line 1, column 19"]);
    assert_faults("caller.atempts > 3", &["rule.unknown_feature line 1, column "]);
    assert!(faults("caller.atempts > 3")[0].contains("caller.attempts?"));
    assert_faults("caller.kind == 'mobil'", &["rule.unknown_word line 1, column 16: caller.kind is never “mobil”"]);
    assert_faults(
        "caller.kind == '手机' ||\n  caller.attempts > 1.5 && caller.number.matches('1.*')",
        &["rule.unknown_word line 1", "rule.not_supported line 2, column 21", "rule.not_supported line 2"],
    );
    assert_faults("caller.attempts in [1, caller.attempts]", &["rule.not_constant"]);
    for (source, named) in [
        ("caller.attempts > 5.0", " 5.0"),
        ("caller.attempts > 0.25 || caller.listed", " 0.25"),
        ("caller.attempts > 1e-3", " 1e-3"),
        ("caller.attempts > 7u", " 7u"),
    ] {
        let told = faults(source);
        assert!(told.iter().any(|fault| fault.contains("rule.not_supported") && fault.contains(named)), "{told:?}");
    }
    assert_faults("caller.attempts > ", &["rule.syntax"]);
    assert_faults(&"x".repeat(5_000), &["rule.too_long"]);
    for deep in ["(", "[", "{a:", "a?", "true?true:", "!(", "-"] {
        assert!(!faults(&deep.repeat(4_000 / deep.len())).is_empty(), "{deep}");
    }
    let wrong = vec![rule(7, "caller.attempts", Act::Stop, Stage::Live), rule(8, "nothing", Act::Stop, Stage::Shadow)];
    let told = RuleBook::build(wrong, schema(), CutOutSettings::default(), None).unwrap_err();
    let fields: Vec<&str> = told.0.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["rules[7].expression", "rules[8].expression"]);
}

#[test]
fn the_first_live_rule_decides_and_shadow_rules_only_count() {
    let book = book(vec![
        rule(4, "caller.attempts > 1", Act::Stop, Stage::Live),
        rule(1, "caller.attempts > 100", Act::Stop, Stage::Shadow),
        rule(2, "caller.attempts > 5", Act::Watch, Stage::Live),
        rule(3, "caller.attempts > 10", Act::Stop, Stage::Live),
        rule(5, "true", Act::Stop, Stage::Shadow),
        rule(6, "true", Act::Stop, Stage::Draft),
    ]);
    let decided = |count| {
        let outcome = book.evaluate(&attempts(count), Timestamp(0));
        (outcome.decided.map(|(id, act)| (id.0, act)), outcome.shadow_hits)
    };
    assert_eq!(decided(0), (None, 1));
    assert_eq!(decided(6), (Some((4, Act::Stop)), 1), "a rule that watches does not end the search");
    assert_eq!(decided(200), (Some((3, Act::Stop)), 2));
    let counts: Vec<(u32, u64, u64)> = book.counts().iter().map(|c| (c.id.0, c.held, c.decided)).collect();
    assert_eq!(counts, [(1, 1, 1), (2, 2, 2), (3, 1, 1), (4, 1, 1), (5, 3, 1)]);
    assert_eq!(book.calls(), 3);
}

#[test]
fn an_explanation_names_each_term_with_its_value() {
    let book = book(vec![rule(
        1,
        "caller.attempts > 30 && !(caller.kind == 'fixed') && caller.listed",
        Act::Stop,
        Stage::Live,
    )]);
    let mut record = attempts(57);
    record.set_text(schema().slot("caller.kind"), "mobile");
    let told = book.explain(RuleId(1), &record).unwrap();
    assert_eq!(told.holds, Some(false));
    let terms: Vec<(&str, Option<bool>, Option<&str>)> =
        told.terms.iter().map(|t| (t.text.as_str(), t.held, t.values[0].value.as_deref())).collect();
    assert_eq!(
        terms,
        [
            ("caller.attempts > 30", Some(true), Some("57")),
            ("caller.kind == \"fixed\"", Some(false), Some("\"mobile\"")),
            ("caller.listed", Some(false), None),
        ]
    );
    assert!(book.explain(RuleId(9), &record).is_none());
}

/// Calls at 100 a second, of which one in `every` hits; gives how many were stopped and how often a cut-out was told.
fn traffic(book: &RuleBook<Act>, from: Timestamp, calls: i64, every: i64) -> (u32, u32) {
    let (mut stopped, mut told) = (0, 0);
    for n in 0..calls {
        let outcome = book.evaluate(&attempts(i64::from(n % every == 0) * 50), from + Duration::millis(10 * n));
        stopped += u32::from(outcome.decided.is_some());
        told += u32::from(outcome.cut_out.is_some());
    }
    (stopped, told)
}

#[test]
fn a_rule_far_above_its_norm_is_cut_out_and_one_at_its_norm_is_not() {
    let live = || rule(1, "caller.attempts > 30", Act::Stop, Stage::Live);
    let usual = book(vec![live()]);
    // Ten minutes at one call in a hundred, then an hour's worth at the same.
    assert_eq!(traffic(&usual, Timestamp(0), 60_000, 100), (600, 0));
    assert_eq!(traffic(&usual, Timestamp(0) + Duration::minutes(10), 60_000, 100), (600, 0));
    let norm = usual.counts()[0].norm;
    assert!((norm.mean - 0.01).abs() < 0.001 && norm.spans > 100, "{norm:?}");
    // Suddenly one in two.
    let (stopped, told) = traffic(&usual, Timestamp(0) + Duration::minutes(20), 6_000, 2);
    assert!(told == 1 && stopped < 300, "{stopped} {told}");
    let count = usual.counts()[0];
    assert!(count.cut_out && count.stage == Stage::Shadow);

    // The next book keeps it cut out, until its revision or a stay in shadow says that somebody has looked.
    let next = |rule, before: &RuleBook<Act>| {
        RuleBook::build([rule], schema(), CutOutSettings::default(), Some(before)).unwrap()
    };
    let again = next(live(), &usual);
    assert!(again.counts()[0].cut_out);
    assert_eq!((again.counts()[0].held, again.calls()), (count.held, usual.calls()));
    assert!(!next(Rule { revision: 2, ..live() }, &usual).counts()[0].cut_out);
    let shadow = next(Rule { stage: Stage::Shadow, ..live() }, &again);
    assert!(!shadow.counts()[0].cut_out);
    assert!(!next(live(), &shadow).counts()[0].cut_out);
}

#[test]
fn a_rule_that_harms_nobody_is_never_cut_out() {
    let book = book(vec![rule(1, "true", Act::Watch, Stage::Live)]);
    assert_eq!(traffic(&book, Timestamp(0), 5_000, 1), (5_000, 0));
}

#[test]
fn a_rule_goes_live_by_two_people_and_back_by_one() {
    let by = |name: &str| name.to_owned();
    let at = Timestamp(0);
    let draft = Standing::draft();
    let propose = RuleEvent::Propose { by: by("李娜"), at };
    assert_eq!(draft.after(&propose).unwrap_err().said.code, "rule.stage");
    let proposed = draft.after(&RuleEvent::Try).unwrap().after(&propose).unwrap();
    let own = proposed.after(&RuleEvent::Approve { by: by("李娜") }).unwrap_err();
    assert_eq!(own.said.code, "rule.same_person");
    let live = proposed.after(&RuleEvent::Approve { by: by("王敏") }).unwrap();
    assert_eq!(live.stage, Stage::Live);
    assert_eq!(live.after(&RuleEvent::CutOut).unwrap().stage, Stage::Shadow);
    assert_eq!(live.after(&RuleEvent::StandDown).unwrap().stage, Stage::Shadow);
    let edited = live.after(&RuleEvent::Edit).unwrap();
    assert_eq!((edited.stage, edited.revision), (Stage::Draft, 2));
    let declined = proposed.after(&RuleEvent::Decline).unwrap();
    assert!(declined.after(&RuleEvent::Approve { by: by("王敏") }).is_err(), "what was declined cannot be approved");
    let retired = live.after(&RuleEvent::Retire).unwrap();
    assert_eq!(retired.after(&RuleEvent::Restore).unwrap().stage, Stage::Draft);
    assert!(retired.after(&RuleEvent::Try).is_err());
}
