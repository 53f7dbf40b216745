//! A chase of 1,000 accounts in 5 levels: trace anew after each of 1,000 statements. Printed first, from the same run: what
//! it costs against a chase that builds its flow anew for each, and that both find the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use kernel::Timestamp;
use trace::{AccountKey, Direction, Flow, Movement, Source, SourceId, Statement, Target, Traced};

const ACCOUNTS: usize = 1_000;
const TRANSFERS: usize = 20_000;
const PAID_MINOR: i64 = 100_000_000;

fn key(account: usize) -> AccountKey {
    AccountKey::new(["bank-a", "bank-b", "pay-c"][account % 3], &format!("6222{account:012}"))
}

/// The statements of a tree in which each account passes a quarter of what it received to each of four others, amid
/// small payments to and from anybody.
fn statements() -> Vec<Statement> {
    let mut statements: Vec<Statement> = (0..ACCOUNTS)
        .map(|account| Statement {
            account: key(account),
            from: Timestamp(0),
            to: Timestamp(i64::MAX),
            opening_minor: Some(10_000),
            movements: Vec::new(),
        })
        .collect();
    let mut line = |account: usize, direction: Direction, minor: i64, at: usize| {
        let movements = &mut statements[account].movements;
        movements.push(Movement {
            id: format!("m{}", movements.len()),
            at: Timestamp(at as i64),
            direction,
            amount_minor: minor,
            balance_after_minor: None,
            reference: format!("r{at}"),
        });
    };
    line(0, Direction::In(None), PAID_MINOR, 0);
    let mut received = vec![PAID_MINOR; ACCOUNTS];
    let mut seed = 7_u64;
    for at in 1..=TRANSFERS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let child = at / (TRANSFERS / ACCOUNTS);
        let (from, to, minor) = if at % (TRANSFERS / ACCOUNTS) == 0 && child < ACCOUNTS {
            let parent = (child - 1) / 4;
            received[child] = received[parent] / 4;
            (parent, child, received[child])
        } else {
            ((seed >> 33) as usize % ACCOUNTS, (seed >> 43) as usize % ACCOUNTS, 1 + (seed >> 58) as i64)
        };
        line(from, Direction::Out(Target::Account(key(to))), minor, at);
        line(to, Direction::In(Some(key(from))), minor, at);
    }
    statements
}

fn source() -> Source {
    Source {
        id: SourceId::new("p1"),
        account: key(0),
        amount_minor: PAID_MINOR,
        at: Timestamp(0),
        reference: None,
        payer: None,
    }
}

/// A flow that learns one statement after the other, traced after each; the last trace.
fn incremental(statements: &[Statement]) -> Traced {
    let mut flow = Flow::new();
    flow.add_source(source()).unwrap();
    let mut last = None;
    for statement in statements {
        flow.add_statement(statement.clone()).unwrap();
        last = Some(black_box(flow.trace()));
    }
    last.unwrap()
}

/// Of the builds anew only every so many are made, and their time is taken as often: all of them take minutes.
const NAIVE_EACH: usize = 25;

/// Flows built from all that is known after a statement, traced; the last trace.
fn naive(statements: &[Statement]) -> Traced {
    let mut last = None;
    for known in (1..=statements.len()).filter(|known| known % NAIVE_EACH == 0) {
        let mut flow = Flow::new();
        flow.add_source(source()).unwrap();
        for statement in &statements[..known] {
            flow.add_statement(statement.clone()).unwrap();
        }
        last = Some(black_box(flow.trace()));
    }
    last.unwrap()
}

fn ratio(statements: &[Statement]) {
    let timed = |run: fn(&[Statement]) -> Traced| {
        let began = Instant::now();
        let traced = run(statements);
        (began.elapsed().as_secs_f64(), traced)
    };
    let mut of_incremental: Vec<f64> = (0..3).map(|_| timed(incremental).0).collect();
    of_incremental.sort_by(f64::total_cmp);
    let (of_some, by_naive) = timed(naive);
    let of_naive = of_some * NAIVE_EACH as f64;
    let by_incremental = incremental(statements);
    assert_eq!(by_incremental.accounts(), by_naive.accounts(), "both find the same");
    println!(
        "{} statements, traced after each: incremental {:.2} s, built anew each time {of_naive:.1} s, ratio {:.3}",
        statements.len(),
        of_incremental[1],
        of_incremental[1] / of_naive,
    );
}

fn chase(c: &mut Criterion) {
    let statements = statements();
    ratio(&statements);
    let mut group = c.benchmark_group("chase of 1,000 accounts, 20,000 transfers");
    group.sample_size(10);
    group.bench_function("1,000 statements, traced after each", |b| {
        b.iter(|| {
            let mut flow = Flow::new();
            flow.add_source(source()).unwrap();
            for statement in &statements {
                flow.add_statement(statement.clone()).unwrap();
                black_box(flow.trace().frontier().len());
            }
        });
    });
    let mut flow = Flow::new();
    flow.add_source(source()).unwrap();
    for statement in &statements {
        flow.add_statement(statement.clone()).unwrap();
    }
    let traced = flow.trace();
    println!("{} accounts reached, {} tainted transfers", traced.accounts().len(), traced.transfers().len());
    group.bench_function("the last trace", |b| b.iter(|| black_box(flow.trace())));
    group.finish();
}

criterion_group!(benches, chase);
criterion_main!(benches);
