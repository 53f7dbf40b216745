//! Our program and the `cel` crate's interpreter give the same answer to the same expression over the same record.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Program, Value};
use kernel::Timestamp;
use proptest::prelude::*;
use rules::{
    CutOutSettings, Feature, Kind, Record, Rule, RuleAction, RuleBook, RuleId, Schema, Stage, explain_expression,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stop;
impl RuleAction for Stop {
    fn can_harm(&self) -> bool {
        true
    }
    fn ends_search(&self) -> bool {
        true
    }
}

const FEATURES: &[Feature] = &[
    Feature::new("a.n", Kind::Int, "甲", "a"),
    Feature::new("a.m", Kind::Int, "乙", "b"),
    Feature::new("a.yes", Kind::Bool, "丙", "c"),
    Feature::new("a.no", Kind::Bool, "丁", "d"),
    Feature::new("a.s", Kind::Text, "戊", "e"),
    Feature::new("a.t", Kind::Text, "己", "f"),
    Feature::new("a.tags", Kind::Texts, "庚", "g"),
    Feature::new("a.maybe", Kind::Int, "辛", "h"),
];

#[derive(Debug, Clone)]
struct Values {
    n: i64,
    m: i64,
    yes: bool,
    no: bool,
    s: String,
    t: String,
    tags: Vec<String>,
    maybe: Option<i64>,
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![6 => -3..12_i64, 1 => any::<i64>(), 1 => Just(i64::MAX), 1 => Just(i64::MIN + 1)]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![Just(""), Just("a"), Just("ab"), Just("b"), Just("诈骗"), Just("诈"), Just("+86"), Just("q\"\\'x")]
        .prop_map(str::to_owned)
}

fn values() -> impl Strategy<Value = Values> {
    (
        number(),
        number(),
        any::<bool>(),
        any::<bool>(),
        word(),
        word(),
        prop::collection::vec(word(), 0..3),
        prop::option::of(number()),
    )
        .prop_map(|(n, m, yes, no, s, t, tags, maybe)| Values { n, m, yes, no, s, t, tags, maybe })
}

fn text_literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn text() -> BoxedStrategy<String> {
    let leaf = prop_oneof![Just("a.s".to_owned()), Just("a.t".to_owned()), word().prop_map(|w| text_literal(&w))];
    leaf.clone()
        .prop_recursive(1, 4, 2, move |inner| {
            (prop_oneof![Just("a.yes"), Just("a.no")], inner.clone(), inner)
                .prop_map(|(c, x, y)| format!("({c} ? {x} : {y})"))
        })
        .boxed()
}

fn int() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => Just("a.n".to_owned()),
        3 => Just("a.m".to_owned()),
        1 => Just("(has(a.maybe) ? a.maybe : 7)".to_owned()),
        3 => number().prop_map(|n| if n < 0 { format!("({n})") } else { n.to_string() }),
        1 => text().prop_map(|t| format!("size({t})")),
        1 => text().prop_map(|t| format!("{t}.size()")),
        1 => Just("size(a.tags)".to_owned()),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")], inner.clone())
                .prop_map(|(x, op, y)| format!("({x} {op} {y})")),
            inner.clone().prop_map(|x| format!("-({x})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("(a.yes ? {x} : {y})")),
        ]
    })
    .boxed()
}

fn condition() -> BoxedStrategy<String> {
    let compare = prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let leaf = prop_oneof![
        1 => Just("a.yes".to_owned()),
        1 => Just("a.no".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("false".to_owned()),
        1 => Just("has(a.maybe)".to_owned()),
        1 => Just("has(a.n)".to_owned()),
        3 => (prop_oneof![Just("a.n"), Just("a.m")], compare.clone(), -3..12_i64).prop_map(|(x, op, y)| format!("{x} {op} {y}")),
        1 => (-3..12_i64, compare.clone(), prop_oneof![Just("a.n"), Just("a.m")]).prop_map(|(x, op, y)| format!("{x} {op} {y}")),
        3 => (int(), compare.clone(), int()).prop_map(|(x, op, y)| format!("{x} {op} {y}")),
        3 => (text(), compare, text()).prop_map(|(x, op, y)| format!("{x} {op} {y}")),
        2 => (text(), prop_oneof![Just("startsWith"), Just("endsWith"), Just("contains")], text())
            .prop_map(|(x, f, y)| format!("{x}.{f}({y})")),
        2 => (int(), prop::collection::vec(-3..12_i64, 0..4)).prop_map(|(x, list)| format!("{x} in {list:?}")),
        2 => (text(), prop::collection::vec(word(), 0..7)).prop_map(|(x, list)| {
            let list: Vec<String> = list.iter().map(|w| text_literal(w)).collect();
            format!("{x} in [{}]", list.join(", "))
        }),
        1 => text().prop_map(|x| format!("{x} in a.tags")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x}) && ({y})")),
            3 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x}) || ({y})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| format!("({x}) || ({y}) || ({z})")),
            2 => inner.clone().prop_map(|x| format!("!({x})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, x, y)| format!("(({c}) ? ({x}) : ({y}))")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("(({x}) == ({y}))")),
            1 => (inner.clone(), inner).prop_map(|(x, y)| format!("(({x}) != ({y}))")),
        ]
    })
    .boxed()
}

/// What the interpreter says; nothing for an error.
fn oracle(expression: &str, values: &Values) -> Option<bool> {
    let program = Program::compile(expression).expect("the generator writes CEL");
    let mut map: HashMap<String, Value> = HashMap::new();
    map.insert("n".into(), values.n.into());
    map.insert("m".into(), values.m.into());
    map.insert("yes".into(), values.yes.into());
    map.insert("no".into(), values.no.into());
    map.insert("s".into(), values.s.clone().into());
    map.insert("t".into(), values.t.clone().into());
    map.insert("tags".into(), values.tags.clone().into());
    if let Some(maybe) = values.maybe {
        map.insert("maybe".into(), maybe.into());
    }
    let mut context = Context::default();
    context.add_variable_from_value("a", map);
    match program.execute(&context) {
        Ok(Value::Bool(value)) => Some(value),
        Ok(other) => panic!("{expression} gives {other:?}"),
        Err(_) => None,
    }
}

fn rule(id: u32, expression: &str) -> Rule<Stop> {
    Rule {
        id: RuleId(id),
        revision: 1,
        name_zh: "规则".into(),
        name_en: "rule".into(),
        expression: expression.into(),
        action: Stop,
        owner: "测试".into(),
        stage: Stage::Shadow,
        priority: i32::try_from(id).unwrap(),
    }
}

fn never_cut() -> CutOutSettings {
    CutOutSettings { hits_min: u64::MAX, ..CutOutSettings::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_book_answers_as_the_interpreter_does(
        expressions in prop::collection::vec(condition(), 1..5),
        values in values(),
    ) {
        let schema = Arc::new(Schema::new(FEATURES));
        let tags: Vec<&str> = values.tags.iter().map(String::as_str).collect();
        let mut record = Record::new();
        record.set_int(schema.slot("a.n"), values.n);
        record.set_int(schema.slot("a.m"), values.m);
        record.set_bool(schema.slot("a.yes"), values.yes);
        record.set_bool(schema.slot("a.no"), values.no);
        record.set_text(schema.slot("a.s"), &values.s);
        record.set_text(schema.slot("a.t"), &values.t);
        record.set_texts(schema.slot("a.tags"), &tags);
        if let Some(maybe) = values.maybe {
            record.set_int(schema.slot("a.maybe"), maybe);
        }
        let rules = expressions.iter().zip(0..).map(|(expression, id)| rule(id, expression));
        let book = RuleBook::build(rules, schema.clone(), never_cut(), None).unwrap();
        book.evaluate(&record, Timestamp(0));
        for ((count, expression), id) in book.counts().iter().zip(&expressions).zip(0..) {
            let expected = oracle(expression, &values);
            prop_assert_eq!(count.held == 1, expected == Some(true), "{}", expression);
            let told = book.explain(RuleId(id), &record).unwrap();
            prop_assert_eq!(told.holds, expected, "{}", expression);
            prop_assert!(!told.terms.is_empty());
            // The text that explains a term is CEL with the same answer.
            for term in told.terms {
                let again = explain_expression(&term.text, &schema, &record).unwrap();
                prop_assert_eq!(again.holds, term.held, "{}", term.text);
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}|[a-z.()\\[\\]{}!&|<>=+*/%?:,\"' 0-9-]{0,60}") {
        let schema = Schema::new(FEATURES);
        if let Err(faults) = rules::check_expression(&text, &schema) {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.0.iter().all(|fault| fault.field == "expression"));
        }
    }
}
