//! Twenty thousand accounts at three banks: the chase of several victims, each hold against an independent
//! recomputation of the flow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]
#![allow(clippy::inconsistent_digit_grouping, reason = "amounts in fen, with a gap where the yuan end")]

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use e2e::amlsim::{self, Sample};
use e2e::books::{BANKS, To};
use e2e::lots::{Spread, follow};
use e2e::reports::report;
use e2e::room::{Approval, Commit, Room, account_row, minor};
use kernel::Clock;
use serde_json::Value;

/// Victims, each a case of its own.
const VICTIMS: usize = 6;
/// Accounts that the money of one victim reaches, at least.
const REACHED_MIN: usize = 8;
/// Deepest level; the centre follows twelve.
const DEPTH_MAX: u32 = 12;
/// Transfers by which the money reaches one account: a case stops an account twice at most (银发〔2016〕86号).
const INFLOWS_MAX: usize = 2;
/// Payments tried as candidates at most.
const TRIED_MAX: usize = 2_000;
const DRY_WITHIN: Duration = Duration::from_secs(300);

/// Payments of outsiders into laundering accounts, whose money goes on through launderers and reaches accounts that no
/// other of them reaches, so that each case has its holds to itself.
fn victims(sample: &Sample) -> Vec<(usize, Spread)> {
    let books = &sample.books;
    let mut taken: HashSet<usize> = HashSet::new();
    let mut found = Vec::new();
    let into_the_chain = books.transfers.iter().enumerate().filter(|(_, transfer)| match transfer.to {
        To::Account(to) => sample.launderers.contains(&to) && !sample.launderers.contains(&transfer.from),
        To::Out(_) => false,
    });
    for (payment, transfer) in into_the_chain.take(TRIED_MAX) {
        let spread = follow(books, payment);
        let launderers = spread.accounts.keys().filter(|account| sample.launderers.contains(account)).count();
        let told_apart = spread.accounts.values().all(|share| share.inflows <= INFLOWS_MAX);
        let alone = !taken.contains(&transfer.from) && spread.accounts.keys().all(|account| !taken.contains(account));
        if spread.accounts.len() < REACHED_MIN || launderers < 2 || !told_apart || spread.depth() > DEPTH_MAX || !alone
        {
            continue;
        }
        taken.extend(spread.accounts.keys());
        taken.insert(transfer.from);
        found.push((payment, spread));
        if found.len() == VICTIMS {
            break;
        }
    }
    assert_eq!(found.len(), VICTIMS, "the sample has too few chains");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hold_agrees_with_a_recomputation_of_the_flow() {
    let began = Instant::now();
    let sample = amlsim::load(Clock::system().now());
    let books = &sample.books;
    let victims = victims(&sample);
    println!("{:?} to read {} transfers and choose the victims", began.elapsed(), books.transfers.len());

    let began = Instant::now();
    let mut room = Room::open(books, Commit::Process).await;
    println!("{:?} to load {} accounts into three banks", began.elapsed(), books.accounts.len());
    room.approve_in_advance().await;

    let began = Instant::now();
    let mut cases = Vec::new();
    for (payment, spread) in &victims {
        cases.push((*payment, spread, room.submit(&report(books, *payment)).await));
    }
    let balances = books.balances();
    let mut chases = Vec::new();
    for (payment, spread, case) in cases {
        let chase = room.chase_until_dry(&case, Approval::StandingRule, DRY_WITHIN).await;
        chases.push((payment, spread, chase));
    }
    println!("{:?} from the first report to the last chase dry", began.elapsed());
    let mut placed = Placed::new();
    for (payment, spread, chase) in &chases {
        placed.extend(check(&room, &sample, *payment, spread, &balances, chase).await);
    }
    println!("{} holds agree", placed.len());
    let mut at_banks = Placed::new();
    for bank in BANKS {
        at_banks.extend(room.holds(bank).await.into_iter().map(|(order, minor)| ((bank, order), minor)));
    }
    assert_eq!(at_banks, placed, "the banks hold what the centre believes, and nothing else");
    room.close();
}

/// Minor units held, by bank and order.
type Placed = BTreeMap<(&'static str, String), i64>;

/// Holds the chase of one victim against the recomputation; gives the holds.
async fn check(
    room: &Room,
    sample: &Sample,
    payment: usize,
    spread: &Spread,
    balances: &[i64],
    chase: &Value,
) -> Placed {
    let books = &sample.books;
    let paid = books.transfers[payment].minor;
    assert_eq!(minor(&chase["reported"]), paid);
    let rows = chase["accounts_found"].as_array().unwrap();
    assert_eq!(rows.len(), spread.accounts.len(), "payment {payment}: {chase:#}");
    let officer = room.at_centre("officer").await;
    let mut left = 0;
    let mut placed = Placed::new();
    for (&place, share) in &spread.accounts {
        let account = &books.accounts[place];
        let row = account_row(chase, account.bank, &account.number);
        let row = row.unwrap_or_else(|| panic!("payment {payment}: {account:?} is not in the chase"));
        let told = (minor(&row["received"]), minor(&row["remaining"]), row["level"].as_u64().unwrap());
        let expected = (share.received_minor, share.remaining_minor, u64::from(share.level));
        assert_eq!(told, expected, "payment {payment}, {account:?}: {row:#}");
        left += share.remaining_minor;

        let mut held = 0;
        for id in row["orders"].as_array().unwrap() {
            let order = officer.get(&format!("/orders/{}", id.as_str().unwrap())).await;
            if order["kind"] == "stop" && order["state"] == "in_effect" {
                assert!(order["answer_code"] == "done" || order["answer_code"] == "done_in_part", "{order:#}");
                held += minor(&order["held"]);
                placed.insert((account.bank, order["id"].as_str().unwrap().to_owned()), minor(&order["held"]));
            }
        }
        // A stop goes out when the account is found, for all of the victim's money that came in, and takes what is
        // there of it; where nothing of that is left, it is lifted again. Where that came in by two transfers, the order in which they were found decides how much the
        // stop asks for; never less than what is left of it, never more than came in.
        let most = if share.remaining_minor == 0 { 0 } else { share.received_minor.min(balances[place]) };
        if share.inflows == 1 {
            assert_eq!(held, most, "payment {payment}, {account:?}: {row:#}");
        }
        assert!(
            (share.remaining_minor..=most).contains(&held),
            "payment {payment}, {account:?}: held {held}, {share:?}"
        );
        assert_eq!(minor(&row["stopped"]), held.min(share.remaining_minor), "payment {payment}, {account:?}: {row:#}");
    }
    assert_eq!(left + spread.exited_minor + spread.returned_minor, paid, "the recomputation keeps every fen");
    assert_eq!(minor(&chase["exited"]), spread.exited_minor + spread.returned_minor);
    placed
}
