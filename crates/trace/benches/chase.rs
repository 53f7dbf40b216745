//! A chase of 1,000 accounts in 5 levels: trace anew after each of 1,000 statements.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kernel::Timestamp;
use trace::{AccountKey, Direction, Flow, Movement, Source, SourceId, Statement, Target};

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
