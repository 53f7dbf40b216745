//! Thirty rules over one record: the compiled program beside the `cel` crate's interpreter, in one run.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cel::{Context, Program, Value};
use kernel::Timestamp;
use rules::{CutOutSettings, Feature, Kind, Record, Rule, RuleAction, RuleBook, RuleId, Schema, Stage};

#[derive(Debug, Clone, Copy)]
struct Stop;
impl RuleAction for Stop {
    fn can_harm(&self) -> bool {
        false
    }
    fn ends_search(&self) -> bool {
        true
    }
}

const FEATURES: &[Feature] = &[
    Feature::new("c.attempts", Kind::Int, "次数", "attempts"),
    Feature::new("c.callees", Kind::Int, "被叫数", "callees"),
    Feature::new("c.answered", Kind::Int, "接通率", "answered"),
    Feature::new("c.kind", Kind::Text, "类别", "kind"),
    Feature::new("c.number", Kind::Text, "号码", "number"),
    Feature::new("c.foreign", Kind::Bool, "境外", "foreign"),
];

fn expressions() -> Vec<String> {
    (0..30)
        .map(|n| match n % 5 {
            0 => format!("c.attempts > {} && c.callees > {n} && c.answered < 20 && c.kind == 'mobile'", 30 + n),
            1 => format!("c.foreign && c.kind == 'fixed' && c.attempts >= {n} || c.attempts > {}", 500 + n),
            2 => {
                format!("c.kind in ['service', 'foreign', 'none'] && c.attempts > {n} && !c.foreign && c.answered < 50")
            }
            3 => format!("c.number.startsWith('+86170') && c.callees > {n} && c.answered < 40 && c.attempts > 5"),
            _ => format!(
                "(c.foreign ? c.attempts > {n} : c.attempts > {}) && c.kind != 'service' && c.callees > 3",
                200 + n
            ),
        })
        .collect()
}

fn nanoseconds(rounds: u32, mut act: impl FnMut()) -> f64 {
    (0..rounds / 10).for_each(|_| act());
    let start = Instant::now();
    (0..rounds).for_each(|_| act());
    start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
}

fn main() {
    let expressions = expressions();
    let schema = Arc::new(Schema::new(FEATURES));
    let rule = |(expression, id): (&String, u32)| Rule {
        id: RuleId(id),
        revision: 1,
        name_zh: String::new(),
        name_en: String::new(),
        expression: expression.clone(),
        action: Stop,
        owner: String::new(),
        stage: Stage::Live,
        priority: 0,
    };
    let rules = expressions.iter().zip(0..).map(rule);
    let book = RuleBook::build(rules, schema.clone(), CutOutSettings::default(), None).unwrap();
    let (attempts, callees, answered) = (12, 9, 60);
    let slots = FEATURES.iter().map(|feature| schema.slot(feature.name)).collect::<Vec<_>>();
    let ours = nanoseconds(2_000_000, || {
        let mut record = Record::new();
        record.set_int(slots[0], attempts);
        record.set_int(slots[1], callees);
        record.set_int(slots[2], answered);
        record.set_text(slots[3], "mobile");
        record.set_text(slots[4], "+8613807311234");
        record.set_bool(slots[5], false);
        assert!(book.evaluate(black_box(&record), Timestamp(0)).decided.is_none());
    });
    let programs: Vec<Program> = expressions.iter().map(|expression| Program::compile(expression).unwrap()).collect();
    let mut map: HashMap<String, Value> = HashMap::new();
    map.insert("attempts".into(), attempts.into());
    map.insert("callees".into(), callees.into());
    map.insert("answered".into(), answered.into());
    map.insert("kind".into(), "mobile".into());
    map.insert("number".into(), "+8613807311234".into());
    map.insert("foreign".into(), false.into());
    let mut context = Context::default();
    context.add_variable_from_value("c", map);
    let theirs = nanoseconds(20_000, || {
        assert!(programs.iter().all(|program| program.execute(black_box(&context)) == Ok(Value::Bool(false))));
    });
    println!("30 rules, record filled and asked                {ours:>10.1} ns");
    println!("30 rules, cel's interpreter, context ready       {theirs:>10.1} ns  {:>6.0} x ours", theirs / ours);
}
