//! Seats that die at any moment: no accepted report is lost, no order takes effect twice, and everything catches up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]
#![allow(clippy::inconsistent_digit_grouping, reason = "amounts in fen, with a gap where the yuan end")]

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::books::{BANKS, Books, To};
use e2e::client::Client;
use e2e::dice::Dice;
use e2e::patience::until;
use e2e::reports::report;
use e2e::room::{Commit, PASSWORD, Room, account_row, minor};
use kernel::{Clock, Timestamp};
use reqwest::Method;
use serde_json::Value;

/// Reports, each of a victim of his own.
const REPORTS: usize = 40;
/// Kills while they are submitted and chased.
const KILLS: usize = 27;
/// Longest time between two kills, milliseconds.
const KILL_MS_MAX: i64 = 600;
const ACCEPTED_WITHIN: Duration = Duration::from_secs(180);
const SETTLED_WITHIN: Duration = Duration::from_secs(180);

/// A victim, the account that he paid, and the one to which a part was passed on.
struct Chain {
    payment: usize,
    /// Account and what must be held on it in the end.
    holds: [(usize, i64); 2],
}

fn world(dice: &mut Dice) -> (Books, Vec<Chain>) {
    let now = Clock::system().now();
    let mut books = Books::default();
    let mut chains = Vec::new();
    for place in 0..REPORTS {
        let at = |minutes: i64| Timestamp(now.0 - kernel::Duration::minutes(minutes).0 + place as i64);
        let bank = |offset: usize| BANKS[(place + offset) % BANKS.len()];
        let victim = books.open(bank(0), 1_000_000_00);
        let first = books.open(bank(1), 0);
        let second = books.open(bank(2), dice.between(0, 50_00));
        let paid = dice.between(1_000_00, 90_000_00);
        let passed = dice.between(1_00, paid - 1_00);
        let payment = books.pay(victim, To::Account(first), paid, at(50));
        books.pay(first, To::Account(second), passed, at(40));
        chains.push(Chain { payment, holds: [(first, paid - passed), (second, passed)] });
    }
    // In the order of time, as they happened.
    let mut order: Vec<usize> = (0..books.transfers.len()).collect();
    order.sort_by_key(|&transfer| books.transfers[transfer].at);
    let transfers = order.iter().map(|&transfer| books.transfers[transfer]).collect();
    for chain in &mut chains {
        chain.payment = order.iter().position(|&transfer| transfer == chain.payment).unwrap();
    }
    books.transfers = transfers;
    (books, chains)
}

/// Submits a report as a stubborn clerk does: the same key again until an answer says that it is taken.
async fn submit(url: String, typed: Value, key: String) -> String {
    let clerk = until("a session", ACCEPTED_WITHIN, || Client::log_in(&url, "intake", PASSWORD)).await;
    until(&format!("the report {key} is taken"), ACCEPTED_WITHIN, || async {
        let answer = clerk.send(Method::POST, "/reports", Some(&typed), Some(&key)).await.map_err(|e| e.to_string())?;
        assert!(
            answer.status.is_success() || answer.status.is_server_error() || answer.status.as_u16() == 409,
            "{key}: {} {:#}",
            answer.status,
            answer.body
        );
        match answer.body["id"].as_str() {
            Some(id) if answer.status.is_success() => Ok(id.to_owned()),
            _ => Err(format!("{} {}", answer.status, answer.body)),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_killed_at_any_moment_lose_nothing_and_double_nothing() {
    let mut dice = Dice::cast("kill");
    let (books, chains) = world(&mut dice);
    let mut room = Room::open(&books, Commit::Full).await;
    room.approve_in_advance().await;

    let url = room.centre.url();
    let mut clerks = Vec::new();
    let mut waiting = chains.iter().enumerate();
    for kill in 0..KILLS {
        // Some clerks begin before each kill, so that every kill meets reports, orders and answers under way.
        for (place, chain) in waiting.by_ref().take(REPORTS.div_ceil(KILLS) - kill % 2) {
            let typed = report(&books, chain.payment);
            clerks.push(tokio::spawn(submit(url.clone(), typed, format!("report-{place}"))));
        }
        // The schedule of the kills is what is tested, not something waited for.
        tokio::time::sleep(Duration::from_millis(dice.between(10, KILL_MS_MAX).unsigned_abs())).await;
        let victim = dice.below(1 + room.banks.len());
        let seat = if victim == 0 { &mut room.centre } else { &mut room.banks[victim - 1] };
        seat.kill();
        // Half of the time it comes back at once, half after others have noticed; now and then it dies while starting.
        if dice.below(2) == 0 {
            tokio::time::sleep(Duration::from_millis(dice.between(50, 400).unsigned_abs())).await;
        }
        let seat = if victim == 0 { &mut room.centre } else { &mut room.banks[victim - 1] };
        seat.start();
        if dice.below(4) > 0 {
            seat.ready().await;
        }
    }
    assert_eq!(clerks.len(), REPORTS);
    room.centre.ready().await;
    for bank in &mut room.banks {
        bank.ready().await;
    }
    let mut cases = Vec::new();
    for clerk in clerks {
        cases.push(clerk.await.expect("the report is taken"));
    }

    let officer = room.at_centre("officer").await;
    let mut chases = BTreeMap::new();
    until("every chase is dry", SETTLED_WITHIN, || {
        let officer = officer.clone();
        async move {
            let rows = officer.try_get("/chases?limit=200").await?;
            let rows = rows["items"].as_array().cloned().unwrap_or_else(Vec::new);
            let dry = rows.iter().filter(|row| row["state"] == "dry").count();
            if dry == REPORTS && rows.len() == REPORTS { Ok(()) } else { Err(format!("{dry} of {} dry", rows.len())) }
        }
    })
    .await;
    for case in &cases {
        let report = officer.get(&format!("/reports/{case}")).await;
        assert_eq!(report["state"], "submitted", "seed {}: {report:#}", dice.seed);
        chases.insert(case.clone(), officer.get(&format!("/chases/{case}")).await);
    }
    assert_eq!(chases.len(), REPORTS, "seed {}: each report is a case of its own", dice.seed);
    check(&room, &books, &chains, &cases, &chases, dice.seed).await;
    room.close();
}

/// Each account of each chain has one stop in effect, for the right amount, at the centre and at its bank.
async fn check(
    room: &Room,
    books: &Books,
    chains: &[Chain],
    cases: &[String],
    chases: &BTreeMap<String, Value>,
    seed: u64,
) {
    let officer = room.at_centre("officer").await;
    let mut orders_by_bank: BTreeMap<&str, BTreeMap<String, i64>> = BTreeMap::new();
    for (chain, case) in chains.iter().zip(cases) {
        let chase = &chases[case];
        assert_eq!(chase["accounts_found"].as_array().unwrap().len(), 2, "seed {seed}: {chase:#}");
        for (place, held) in chain.holds {
            let account = &books.accounts[place];
            let row = account_row(chase, account.bank, &account.number);
            let row = row.unwrap_or_else(|| panic!("seed {seed}: {account:?} is not in {chase:#}"));
            assert_eq!(minor(&row["remaining"]), held, "seed {seed}: {row:#}");
            let orders = row["orders"].as_array().unwrap();
            assert_eq!(orders.len(), 2, "seed {seed}: one stop and one query: {row:#}");
            for id in orders {
                let order = officer.get(&format!("/orders/{}", id.as_str().unwrap())).await;
                if order["kind"] == "stop" {
                    let own = books.balances()[place] - held;
                    let most = minor(&order["amount"]).min(held + own);
                    assert_eq!(minor(&order["held"]), most, "seed {seed}: {order:#}");
                    let by_order = orders_by_bank.entry(account.bank).or_default();
                    by_order.insert(id.as_str().unwrap().to_owned(), most);
                }
            }
        }
    }
    for (bank, expected) in orders_by_bank {
        assert_eq!(room.holds(bank).await, expected, "seed {seed}: holds of {bank}");
    }
}
