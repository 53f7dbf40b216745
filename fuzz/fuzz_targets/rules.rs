#![no_main]
//! Rules: any text is a rule or is told why not. What is a rule runs over any record, is explained, and says what CEL's own
//! interpreter says where that takes it too.
//!
//! The first line is a record (two numbers, two texts, each up to a space), the rest the expression.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use kernel::Timestamp;
use libfuzzer_sys::fuzz_target;
use rules::{CutOutSettings, Feature, Kind, Record, Rule, RuleAction, RuleBook, RuleId, Schema, Stage};

#[derive(Debug, Clone, Copy)]
struct Stop;

impl RuleAction for Stop {
    fn can_harm(&self) -> bool {
        true
    }
    fn ends_search(&self) -> bool {
        true
    }
}

static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    Arc::new(Schema::new(&[
        Feature::new("a.n", Kind::Int, "甲", "a"),
        Feature::new("a.m", Kind::Int, "乙", "b"),
        Feature::new("a.yes", Kind::Bool, "丙", "c"),
        Feature::new("a.no", Kind::Bool, "丁", "d"),
        Feature::new("a.s", Kind::Text, "戊", "e"),
        Feature::new("a.t", Kind::Text, "己", "f"),
        Feature::new("a.tags", Kind::Texts, "庚", "g"),
    ]))
});

struct Values<'a> {
    n: i64,
    m: i64,
    s: &'a str,
    t: &'a str,
}

fuzz_target!(|input: &str| {
    let (line, expression) = input.split_once('\n').unwrap_or(("", input));
    let mut words = line.split(' ');
    let mut number = || words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let (n, m) = (number(), number());
    let values = Values { n, m, s: words.next().unwrap_or(""), t: words.next().unwrap_or("") };
    of_the_screen(expression);
    if let Err(faults) = rules::check_expression(expression, &SCHEMA) {
        assert!(!faults.0.is_empty());
        return;
    }
    let tags = [values.s, values.t];
    let mut record = Record::new();
    record.set_int(SCHEMA.slot("a.n"), n);
    record.set_int(SCHEMA.slot("a.m"), m);
    record.set_bool(SCHEMA.slot("a.yes"), true);
    record.set_bool(SCHEMA.slot("a.no"), false);
    record.set_text(SCHEMA.slot("a.s"), values.s);
    record.set_text(SCHEMA.slot("a.t"), values.t);
    record.set_texts(SCHEMA.slot("a.tags"), &tags);
    let book = book(expression, &SCHEMA);
    book.evaluate(&record, Timestamp(0));
    let held = book.counts().first().is_some_and(|count| count.held == 1);
    let told = book.explain(RuleId(1), &record).expect("the rule is in the book");
    assert_eq!(held, told.holds == Some(true), "the explanation says what the rule does");
    if let Some(expected) = interpreted(expression, &values) {
        assert_eq!(told.holds, expected, "{expression}");
    }
});

/// The same text over the features of calls and messages, where nothing is set.
fn of_the_screen(expression: &str) {
    for schema in [screen::call_schema(), screen::message_schema()] {
        if rules::check_expression(expression, &schema).is_ok() {
            book(expression, &schema).evaluate(&Record::new(), Timestamp(0));
        }
    }
}

fn book(expression: &str, schema: &Arc<Schema>) -> RuleBook<Stop> {
    let rule = Rule {
        id: RuleId(1),
        revision: 1,
        name_zh: String::new(),
        name_en: String::new(),
        expression: expression.to_owned(),
        action: Stop,
        owner: String::new(),
        stage: Stage::Live,
        priority: 1,
    };
    RuleBook::build([rule], schema.clone(), CutOutSettings::default(), None).expect("what was checked compiles")
}

/// What the interpreter says: an answer, an error of arithmetic, or nothing where it does not take the text.
fn interpreted(expression: &str, values: &Values<'_>) -> Option<Option<bool>> {
    let program = cel::Program::compile(expression).ok()?;
    let tags: Vec<String> = vec![values.s.to_owned(), values.t.to_owned()];
    let map: HashMap<String, cel::Value> = HashMap::from([
        ("n".to_owned(), values.n.into()),
        ("m".to_owned(), values.m.into()),
        ("yes".to_owned(), true.into()),
        ("no".to_owned(), false.into()),
        ("s".to_owned(), values.s.to_owned().into()),
        ("t".to_owned(), values.t.to_owned().into()),
        ("tags".to_owned(), tags.into()),
    ]);
    let mut context = cel::Context::default();
    context.add_variable_from_value("a", map);
    Some(match program.execute(&context) {
        Ok(cel::Value::Bool(held)) => Some(held),
        Ok(other) => panic!("{expression} gives {other:?}"),
        Err(_) => None,
    })
}
