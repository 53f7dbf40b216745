//! A chase of 1,000 accounts in 5 levels: trace anew after each of 1,000 statements.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kernel::Timestamp;
use trace::{AccountKey, Direction, Flow, Movement, Source, SourceId, Statement, Target};

const ACCOUNTS: usize = 1_000;
const TRANSFERS: usize = 20_000;

fn key(account: usize) -> AccountKey {
    AccountKey::new(["bank-a", "bank-b", "pay-c"][account % 3], &format!("6222{account:012}"))
}

/// The statements of a net of accounts in which each pays accounts up to 300 further on, all reached by the first.
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
    let mut seed = 7_u64;
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
    line(0, Direction::In(None), 100_000_000, 0);
    for at in 1..=TRANSFERS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let from = (at * ACCOUNTS / TRANSFERS + (seed >> 33) as usize % 100) % ACCOUNTS;
        let to = (from + 1 + (seed >> 45) as usize % 300) % ACCOUNTS;
        let minor = 1_000 + (seed >> 50) as i64;
        line(from, Direction::Out(Target::Account(key(to))), minor, at);
        line(to, Direction::In(Some(key(from))), minor, at);
    }
    statements
}

fn source() -> Source {
    Source {
        id: SourceId::new("p1"),
        account: key(0),
        amount_minor: 100_000_000,
        at: Timestamp(0),
        reference: None,
        payer: None,
    }
}

fn chase(c: &mut Criterion) {
    let statements = statements();
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
