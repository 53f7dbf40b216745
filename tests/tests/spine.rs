//! From a report to stopped money: one payment, three levels, three banks, every figure worked out by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]
#![allow(clippy::inconsistent_digit_grouping, reason = "amounts in fen, with a gap where the yuan end")]

use std::time::Duration;

use e2e::books::{BANKS, Books, To};
use e2e::reports::report;
use e2e::room::{Approval, CENTRE, Commit, Room, account_row, minor};
use kernel::{Clock, Timestamp};
use serde_json::Value;
use store::testing::Fresh;

const DRY_WITHIN: Duration = Duration::from_secs(60);
/// How long a process on a shared database keeps what it has taken on.
const LEASE: Duration = Duration::from_secs(30);

/// The victim pays 30,000.00; what follows is in the table of [`figures`].
struct Story {
    books: Books,
    payment: usize,
    accounts: [usize; 3],
}

fn story() -> Story {
    let now = Clock::system().now();
    let at = |minutes: i64| Timestamp(now.0 - kernel::Duration::minutes(minutes).0);
    let mut books = Books::default();
    let victim = books.open("bank-a", 50_000_00);
    let first = books.open("bank-b", 500_00);
    let second = books.open("pay-c", 0);
    let third = books.open("bank-a", 100_00);
    let bystander = books.open("bank-b", 1_000_00);
    books.pay(victim, To::Account(bystander), 200_00, at(90));
    let payment = books.pay(victim, To::Account(first), 30_000_00, at(60));
    books.pay(first, To::Account(second), 20_000_00, at(55));
    books.pay(bystander, To::Account(third), 50_00, at(54));
    books.pay(first, To::Out("atm"), 4_000_00, at(50));
    books.pay(second, To::Account(third), 15_000_00, at(45));
    books.pay(third, To::Out("top_up"), 1_000_00, at(40));
    Story { books, payment, accounts: [first, second, third] }
}

/// By level, in fen: received, passed on, exited, remaining, stopped.
///
/// 1: has 500.00, gets 30,000.00. The 20,000.00 it pays are its own 500.00 and 19,500.00 of the victim's; then
///    4,000.00 in cash. 6,500.00 are left.
/// 2: gets 500.00 + 19,500.00, pays on 15,000.00: the 500.00 and 14,500.00. 5,000.00 are left.
/// 3: has 150.00, gets 500.00 + 14,500.00, tops up a phone by 1,000.00: 650.00 and 350.00. 14,150.00 are left.
const FIGURES: [[i64; 5]; 3] = [
    [30_000_00, 19_500_00, 4_000_00, 6_500_00, 6_500_00],
    [19_500_00, 14_500_00, 0, 5_000_00, 5_000_00],
    [14_500_00, 0, 350_00, 14_150_00, 14_150_00],
];

fn figures(row: &Value) -> [i64; 5] {
    ["received", "passed_on", "exited", "remaining", "stopped"].map(|column| minor(&row[column]))
}

async fn check(room: &Room, story: &Story, chase: &Value) {
    for (place, account) in story.accounts.iter().enumerate() {
        let account = &story.books.accounts[*account];
        let row =
            account_row(chase, account.bank, &account.number).unwrap_or_else(|| panic!("no {account:?}: {chase:#}"));
        assert_eq!(row["level"], place + 1, "{row:#}");
        assert_eq!(figures(row), FIGURES[place], "{row:#}");
        assert_eq!(row["state"], "stopped", "{row:#}");
    }
    assert_eq!(chase["accounts_found"].as_array().unwrap().len(), 3, "{chase:#}");
    assert_eq!(minor(&chase["reported"]), 30_000_00);
    assert_eq!(minor(&chase["stopped"]), 25_650_00);
    assert_eq!(minor(&chase["exited"]), 4_350_00);
    let exits: Vec<_> = chase["transfers"].as_array().unwrap().iter().filter(|t| !t["exit"].is_null()).collect();
    assert_eq!(exits.len(), 2, "{exits:#?}");

    let officer = room.at_centre("officer").await;
    for (place, account) in story.accounts.iter().enumerate() {
        let account = &story.books.accounts[*account];
        let row = account_row(chase, account.bank, &account.number).unwrap();
        let mut kinds = Vec::new();
        for id in row["orders"].as_array().unwrap() {
            let order = officer.get(&format!("/orders/{}", id.as_str().unwrap())).await;
            kinds.push(order["kind"].as_str().unwrap().to_owned());
            // The chase wrote the reason; whoever reads the pages in English reads it in English, at the bank too.
            assert!(order["reason_en"].is_string(), "a reason of the seat's own has no English: {order:#}");
            if order["kind"] == "stop" {
                // The four-point check was against the transfer into the account, for what was tainted of it.
                let inflow = [30_000_00, 20_000_00, 15_000_00][place];
                assert_eq!(minor(&order["check_amount"]), inflow, "{order:#}");
                assert_eq!(minor(&order["amount"]), FIGURES[place][0], "{order:#}");
                assert_eq!(minor(&order["held"]), FIGURES[place][4], "{order:#}");
                assert_eq!(order["answer_code"], "done_in_part", "{order:#}");
                assert_eq!(order["state"], "in_effect", "{order:#}");
                assert!(order["sealed_sha256"].is_string(), "{order:#}");
                let at_bank = room.holds(account.bank).await;
                assert_eq!(at_bank.get(id.as_str().unwrap()), Some(&FIGURES[place][4]), "{order:#}");
            }
        }
        kinds.sort();
        assert_eq!(kinds, ["query_transactions", "stop"], "{row:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_approves_each_order_until_nothing_flows() {
    let story = story();
    let mut room = Room::open(&story.books, Commit::Full).await;
    let case = room.submit(&report(&story.books, story.payment)).await;
    let chase = room.chase_until_dry(&case, Approval::ByHand, DRY_WITHIN).await;
    check(&room, &story, &chase).await;
    let officer = room.at_centre("officer").await;
    for order in officer.list(&format!("/orders?case={case}")).await {
        let order = officer.get(&format!("/orders/{}", order["id"].as_str().unwrap())).await;
        assert_eq!(order["checker"], "reviewer", "{order:#}");
        assert_ne!(order["maker"], order["checker"]);
    }
    room.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standing_rule_lets_the_orders_through() {
    let story = story();
    let mut room = Room::open(&story.books, Commit::Full).await;
    room.approve_in_advance().await;
    let typed = report(&story.books, story.payment);
    let case = room.submit(&typed).await;
    let chase = room.chase_until_dry(&case, Approval::StandingRule, DRY_WITHIN).await;
    check(&room, &story, &chase).await;

    // The same payment once more is joined to the first report and starts nothing.
    let again = room.at_centre("intake").await.post("/reports", &typed).await;
    assert_eq!(again["state"], "joined", "{again:#}");
    assert_eq!(again["joined_to"]["id"], case.as_str(), "{again:#}");
    let officer = room.at_centre("officer").await;
    let orders = officer.list("/orders").await;
    assert_eq!(orders.len(), 6, "{orders:#?}");
    for order in orders {
        let order = officer.get(&format!("/orders/{}", order["id"].as_str().unwrap())).await;
        assert!(order["rule"].is_string(), "{order:#}");
    }
    room.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql_with_the_centre_killed_on_the_way() {
    let (Some(of_centre), Some(of_bank)) = (Fresh::make().await, Fresh::make().await) else { return };
    let story = story();
    let mut room = Room::make_on(Commit::Full, &BANKS, |id| match id {
        CENTRE => Some(of_centre.url.as_str()),
        "bank-b" => Some(of_bank.url.as_str()),
        _ => None,
    });
    room.load(&story.books);
    room.start().await;
    room.approve_in_advance().await;
    let case = room.submit(&report(&story.books, story.payment)).await;
    // What the dead process had taken on is left to it until its lease has run out.
    room.centre.kill();
    room.centre.start();
    room.centre.ready().await;
    let chase = room.chase_until_dry(&case, Approval::StandingRule, DRY_WITHIN + LEASE).await;
    check(&room, &story, &chase).await;
    room.close();
    of_centre.remove().await;
    of_bank.remove().await;
}
