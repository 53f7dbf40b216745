//! Small chains told line by line, with the figures worked out by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use kernel::Timestamp;
use trace::{AccountKey, Ask, Direction, ExitKind, Flow, Movement, Source, SourceId, Statement, Target};

fn account(number: &str) -> AccountKey {
    AccountKey::new("bank-a", number)
}

fn source(id: &str, to: &str, minor: i64, at: i64) -> Source {
    Source {
        id: SourceId::new(id),
        account: account(to),
        amount_minor: minor,
        at: Timestamp(at),
        reference: None,
        payer: Some(account("V")),
    }
}

/// Lines as `time in|out|cash|... amount other reference`.
fn statement(number: &str, period: (i64, i64), opening: i64, lines: &[&str]) -> Statement {
    let movements = lines.iter().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let other = words.get(3).copied().filter(|other| *other != "-").map(account);
        let direction = match words[1] {
            "in" => Direction::In(other),
            "out" => Direction::Out(other.map_or(Target::Unknown, Target::Account)),
            "cash" => Direction::Out(Target::Exit(ExitKind::Cash)),
            "game" => Direction::Out(Target::Exit(ExitKind::GameCard)),
            other => panic!("{other}"),
        };
        Movement {
            id: line.to_string(),
            at: Timestamp(words[0].parse().unwrap()),
            direction,
            amount_minor: words[2].parse().unwrap(),
            balance_after_minor: None,
            reference: words.get(4).copied().unwrap_or("").to_owned(),
        }
    });
    Statement {
        account: account(number),
        from: Timestamp(period.0),
        to: Timestamp(period.1),
        opening_minor: Some(opening),
        movements: movements.collect(),
    }
}

fn flow(sources: Vec<Source>, statements: Vec<Statement>) -> Flow {
    let mut flow = Flow::new();
    for source in sources {
        flow.add_source(source).unwrap();
    }
    for statement in statements {
        flow.add_statement(statement).unwrap();
    }
    flow
}

/// received, passed on, exited, unseen, remaining.
fn figures(flow: &Flow, number: &str) -> (i64, i64, i64, i64, i64) {
    let traced = flow.trace();
    let at = traced.account(&account(number)).unwrap();
    (at.received_minor, at.passed_on_minor, at.exited_minor(), at.unseen_minor, at.remaining_minor)
}

#[test]
fn own_money_leaves_before_the_victims() {
    // A holds 50, receives 100 from the victim; pays 60 (50 own + 10), draws 30, keeps 60.
    let flow = flow(
        vec![source("p1", "A", 100, 10)],
        vec![statement("A", (0, 99), 50, &["11 in 100 V r1", "12 out 60 B r2", "13 cash 30"])],
    );
    assert_eq!(figures(&flow, "A"), (100, 10, 30, 0, 60));
    assert_eq!(figures(&flow, "B"), (10, 0, 0, 0, 10));
    let traced = flow.trace();
    let next = traced.frontier();
    assert_eq!(next.len(), 1);
    assert_eq!((next[0].account.clone(), next[0].level, next[0].ask), (account("B"), 2, Ask::NoStatement));
    assert_eq!((next[0].inflows[0].amount_minor, next[0].inflows[0].tainted_minor), (60, 10));
    let exits: Vec<_> = traced.exits().map(|exit| (exit.exit, exit.tainted_minor)).collect();
    assert_eq!(exits, [(Some(ExitKind::Cash), 30)]);
}

#[test]
fn both_sides_of_a_transfer_are_one() {
    let flow = flow(
        vec![source("p1", "A", 100, 10)],
        vec![
            statement("A", (0, 99), 0, &["10 in 100 V r1", "12 out 100 B r2"]),
            // The payee's bank books a moment earlier by its own clock and does not name the payer.
            statement("B", (0, 99), 7, &["11 in 100 - r2", "11 game 27", "13 out 20 A r3"]),
        ],
    );
    // Of the 27 for the game card, 7 were B's own. A does not list the 20 that B says it paid back.
    assert_eq!(figures(&flow, "B"), (100, 20, 20, 0, 60));
    let next = flow.trace().frontier();
    assert_eq!((next.len(), next[0].account.clone(), next[0].ask), (1, account("A"), Ask::Underway));
}

#[test]
fn money_that_goes_round_ends_where_time_ends() {
    let flow = flow(
        vec![source("p1", "A", 100, 1)],
        vec![
            statement("A", (0, 99), 0, &["1 in 100 V r1", "2 out 100 B r2", "4 in 100 C r4", "5 out 40 B r5"]),
            statement("B", (0, 99), 0, &["2 in 100 A r2", "3 out 100 C r3", "5 in 40 A r5"]),
            statement("C", (0, 99), 0, &["3 in 100 B r3", "4 out 100 A r4"]),
        ],
    );
    assert_eq!(figures(&flow, "A"), (200, 140, 0, 0, 60));
    assert_eq!(figures(&flow, "B"), (140, 100, 0, 0, 40));
    assert_eq!(figures(&flow, "C"), (100, 100, 0, 0, 0));
    assert!(flow.trace().frontier().is_empty());
    let levels: Vec<_> = flow.trace().accounts().iter().map(|at| (at.account.number.to_string(), at.level)).collect();
    assert_eq!(levels, [("A".into(), 1), ("B".into(), 2), ("C".into(), 3)]);
}

#[test]
fn two_victims_are_told_apart_by_time() {
    let flow = flow(
        vec![source("p1", "A", 100, 1), source("p2", "A", 50, 2)],
        vec![statement("A", (0, 99), 0, &["1 in 100 V r1", "2 in 50 W r2", "3 cash 120"])],
    );
    // The second payment was made by W, not V, so it is not the reported one: p2 is not on the statement.
    let traced = flow.trace();
    assert_eq!(traced.sources()[0].exited_minor, 100);
    assert_eq!(traced.sources()[1].underway_minor, 50);
    let mut second = source("p2", "A", 50, 2);
    second.payer = Some(account("W"));
    let mut flow = flow;
    flow.add_source(second).unwrap();
    let traced = flow.trace();
    let at = traced.account(&account("A")).unwrap();
    assert_eq!(at.remaining_by_source, [(SourceId::new("p2"), 30)]);
    assert_eq!((traced.sources()[0].exited_minor, traced.sources()[1].exited_minor), (100, 20));
}

#[test]
fn a_stale_statement_is_asked_again() {
    let mut flow = flow(
        vec![source("p1", "A", 100, 1)],
        vec![
            statement("B", (0, 5), 30, &["3 out 10 X r9"]),
            statement("A", (0, 99), 0, &["1 in 100 V r1", "7 out 100 B r2"]),
        ],
    );
    let traced = flow.trace();
    assert_eq!(traced.frontier()[0].ask, Ask::After(Timestamp(5)));
    // The later statement begins after a gap in which B spent its 20 and 60 of the victim's.
    flow.add_statement(statement("B", (9, 20), 40, &["10 cash 15"])).unwrap();
    assert_eq!(figures(&flow, "B"), (100, 0, 15, 60, 25));
    assert!(flow.trace().frontier().is_empty());
    // One statement over the whole time shows where it went; it overlaps both.
    flow.add_statement(statement("B", (0, 20), 30, &["3 out 10 X r9", "7 in 100 A r2", "8 out 80 Y r7", "10 cash 15"]))
        .unwrap();
    assert_eq!(figures(&flow, "B"), (100, 60, 15, 0, 25));
    assert_eq!(flow.trace().frontier()[0].account, account("Y"));
}

#[test]
fn what_the_payee_does_not_list_is_under_way() {
    let flow = flow(
        vec![source("p1", "A", 100, 1)],
        vec![
            statement("A", (0, 99), 0, &["1 in 100 V r1", "2 out 70 B r2"]),
            statement("B", (0, 99), 0, &["2 in 70 A another-reference"]),
        ],
    );
    let traced = flow.trace();
    let at = traced.account(&account("B")).unwrap();
    assert_eq!((at.ask, at.underway_minor, at.received_minor), (Some(Ask::Underway), 70, 0));
    assert_eq!(traced.sources()[0].underway_minor, 70);
}

#[test]
fn money_back_to_the_victim_has_left_the_chain() {
    let flow = flow(
        vec![source("p1", "A", 100, 1), source("p2", "A", 900, 5)],
        vec![statement("A", (0, 99), 0, &["1 in 100 V r1", "3 out 60 V r2", "5 in 900 V r3", "6 out 940 B r4"])],
    );
    let traced = flow.trace();
    assert_eq!(traced.account(&account("A")).unwrap().exited[&ExitKind::Returned], 60);
    assert_eq!(traced.frontier().len(), 1);
    assert_eq!(figures(&flow, "B"), (940, 0, 0, 0, 940));
}

#[test]
fn the_order_of_the_bank_wins_over_equal_times() {
    let before = flow(
        vec![source("p1", "A", 100, 5)],
        vec![statement("A", (0, 99), 40, &["5 out 40 B r1", "5 in 100 V r2", "5 out 100 C r3"])],
    );
    let traced = before.trace();
    assert!(traced.account(&account("B")).is_none());
    assert_eq!(figures(&before, "C"), (100, 0, 0, 0, 100));
}

#[test]
fn a_pushed_movement_is_followed_and_covers_no_period() {
    let mut flow = flow(vec![source("p1", "A", 100, 10)], vec![]);
    let pushed = statement("A", (0, 99), 0, &["20 out 40 B r1"]).movements.remove(0);
    let pushed = Movement { balance_after_minor: Some(60), ..pushed };
    assert!(flow.add_pushed(&account("A"), vec![pushed.clone(), pushed.clone()]).is_empty());
    assert!(flow.add_pushed(&account("A"), vec![pushed]).is_empty());
    assert_eq!(figures(&flow, "A"), (100, 40, 0, 0, 60));
    assert_eq!(figures(&flow, "B"), (40, 0, 0, 0, 40));
    assert!(!flow.knows(&account("A")));
    let asks: Vec<_> = flow.trace().frontier().iter().map(|f| (f.account.clone(), f.ask)).collect();
    assert!(asks.contains(&(account("A"), Ask::NoStatement)), "still to be asked: {asks:?}");

    // The statement tells the same line, and what the push did not.
    flow.add_statement(statement("A", (0, 30), 0, &["10 in 100 V r0", "12 cash 60", "20 out 40 B r1"])).unwrap();
    assert_eq!(figures(&flow, "A"), (100, 40, 60, 0, 0));
    assert!(flow.knows(&account("A")));
    // What comes in behind the statement is asked about, whatever was pushed since.
    flow.add_source(source("p2", "A", 50, 40)).unwrap();
    let later = statement("A", (0, 99), 0, &["45 cash 10"]).movements.remove(0);
    assert!(flow.add_pushed(&account("A"), vec![Movement { balance_after_minor: Some(40), ..later }]).is_empty());
    let asks: Vec<_> = flow.trace().frontier().iter().map(|f| (f.account.clone(), f.ask)).collect();
    assert!(asks.contains(&(account("A"), Ask::After(Timestamp(30)))), "{asks:?}");
}

#[test]
fn a_line_contradicts_a_known_one_of_its_id_by_amount_direction_or_time() {
    let second = 1_000_000;
    let line = |at: i64, direction: Direction, amount_minor: i64| Movement {
        id: "1".to_owned(),
        at: Timestamp(at * second),
        direction,
        amount_minor,
        balance_after_minor: None,
        reference: String::new(),
    };
    let mut known = statement("A", (0, 99 * second), 0, &[]);
    known.movements.push(line(10, Direction::In(None), 100));
    let flow = flow(vec![], vec![known]);
    let contradicts = |number: &str, movement: Movement| flow.contradicts(&account(number), &movement);
    assert!(!contradicts("A", line(10, Direction::In(Some(account("V"))), 100)));
    assert!(!contradicts("A", line(70, Direction::In(None), 100)), "clocks differ");
    assert!(!contradicts("B", line(10, Direction::In(None), 200)), "an id is of one account");
    assert!(contradicts("A", line(10, Direction::In(None), 101)));
    assert!(contradicts("A", line(10, Direction::Out(Target::Unknown), 100)));
    assert!(contradicts("A", line(86_410, Direction::In(None), 100)));
}
