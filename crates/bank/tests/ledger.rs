//! Properties of the double-entry arithmetic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use bank::ledger::{Held, Ledger, LedgerEvent, LedgerFault, Overdraft, TransferState, apply};
use kernel::{AccountId, Currency, TransferId};
use proptest::prelude::*;

const ACCOUNTS: usize = 5;
/// The last account is the bank's own and may go below zero.
const OWN: usize = ACCOUNTS - 1;

fn account(n: usize) -> AccountId {
    format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
}

fn transfer(n: usize) -> TransferId {
    format!("00000000-0000-7000-9000-{n:012}").parse().unwrap()
}

fn opened() -> Ledger {
    (0..ACCOUNTS).fold(Ledger::default(), |ledger, n| {
        let overdraft = match n {
            OWN => Overdraft::Unlimited,
            1 => Overdraft::UpTo(300),
            _ => Overdraft::UpTo(0),
        };
        apply(&ledger, LedgerEvent::Open { account: account(n), currency: Currency::CNY, overdraft }).unwrap()
    })
}

fn event() -> impl Strategy<Value = LedgerEvent> {
    let n = 0..ACCOUNTS;
    let t = 0..40usize;
    let amount = prop_oneof![8 => 1i64..800, 1 => -5i64..1, 1 => Just(i64::MAX)];
    prop_oneof![
        4 => (t.clone(), n.clone(), n.clone(), amount.clone()).prop_map(|(t, a, b, amount_minor)| {
            LedgerEvent::PostDirectly { transfer: transfer(t), debit: account(a), credit: account(b), amount_minor }
        }),
        // Money comes in from the bank's own account, else nobody could pay.
        3 => (t.clone(), 0..OWN, 1i64..1000).prop_map(|(t, b, amount_minor)| {
            LedgerEvent::PostDirectly { transfer: transfer(t), debit: account(OWN), credit: account(b), amount_minor }
        }),
        2 => (t.clone(), n.clone(), n, amount).prop_map(|(t, a, b, amount_minor)| {
            LedgerEvent::Reserve { transfer: transfer(t), debit: account(a), credit: account(b), amount_minor }
        }),
        1 => t.clone().prop_map(|t| LedgerEvent::Post { transfer: transfer(t) }),
        1 => t.clone().prop_map(|t| LedgerEvent::Void { transfer: transfer(t) }),
        1 => (t.clone(), t).prop_map(|(t, of)| LedgerEvent::Reverse { transfer: transfer(t), of: transfer(of) }),
        1 => (0..OWN, prop_oneof![Just(Held::Nothing), (1i64..900).prop_map(Held::UpTo), Just(Held::Whole)])
            .prop_map(|(a, held)| LedgerEvent::Hold { account: account(a), held }),
    ]
}

proptest! {
    #[test]
    fn books_balance_whatever_happens(events in proptest::collection::vec(event(), 1..120)) {
        let mut ledger = opened();
        for event in events {
            let before = ledger.clone();
            let Ok(after) = apply(&ledger, event) else { continue };
            ledger = after;
            let sum = |read: fn(&bank::ledger::LedgerAccount) -> i64| -> i128 {
                ledger.accounts.values().map(|a| i128::from(read(a))).sum()
            };
            prop_assert_eq!(sum(|a| a.balances.debits_posted_minor), sum(|a| a.balances.credits_posted_minor));
            prop_assert_eq!(sum(|a| a.balances.debits_pending_minor), sum(|a| a.balances.credits_pending_minor));
            for (id, now) in &ledger.accounts {
                let was = before.accounts[id];
                let b = now.balances;
                prop_assert!(b.debits_pending_minor >= 0 && b.credits_pending_minor >= 0);
                prop_assert!(b.debits_posted_minor >= was.balances.debits_posted_minor, "posted debits never shrink");
                prop_assert!(b.credits_posted_minor >= was.balances.credits_posted_minor, "posted credits never shrink");
                let moves = i64::from(b.debits_posted_minor != was.balances.debits_posted_minor)
                    + i64::from(b.credits_posted_minor != was.balances.credits_posted_minor);
                prop_assert_eq!(now.sequence, was.sequence + moves, "the sequence has no gap");
                let Overdraft::UpTo(limit) = now.overdraft else { continue };
                prop_assert!(now.balance_minor() >= -limit, "no overdraft beyond what is allowed");
                if now.balance_minor() < was.balance_minor() {
                    prop_assert!(now.balance_minor() >= was.held_minor() - limit, "a hold limits spending");
                    prop_assert!(now.held != Held::Whole, "nothing leaves an account that is held as a whole");
                }
            }
        }
    }
}

#[test]
fn a_pending_transfer_reserves_and_then_moves_or_goes_back() {
    let post = |ledger: &Ledger, t, a, b, amount_minor| {
        apply(
            ledger,
            LedgerEvent::PostDirectly { transfer: transfer(t), debit: account(a), credit: account(b), amount_minor },
        )
    };
    let ledger = post(&opened(), 1, OWN, 0, 1_000).unwrap();
    let reserve =
        LedgerEvent::Reserve { transfer: transfer(2), debit: account(0), credit: account(2), amount_minor: 700 };
    let ledger = apply(&ledger, reserve).unwrap();
    let payer = ledger.accounts[&account(0)];
    assert_eq!((payer.balance_minor(), payer.available_minor()), (1_000, 300));
    assert_eq!(post(&ledger, 3, 0, 2, 301), Err(LedgerFault::NotEnough { available_minor: 300 }));

    let voided = apply(&ledger, LedgerEvent::Void { transfer: transfer(2) }).unwrap();
    assert_eq!(voided.accounts[&account(0)].available_minor(), 1_000);
    assert_eq!(apply(&voided, LedgerEvent::Post { transfer: transfer(2) }), Err(LedgerFault::NotPending));

    // A hold that comes between keeps the reserved money too.
    let held = apply(&ledger, LedgerEvent::Hold { account: account(0), held: Held::UpTo(600) }).unwrap();
    assert_eq!(held.accounts[&account(0)].available_minor(), -300);
    assert_eq!(
        apply(&held, LedgerEvent::Post { transfer: transfer(2) }),
        Err(LedgerFault::Held { available_minor: 400 })
    );
    let posted = apply(&ledger, LedgerEvent::Post { transfer: transfer(2) }).unwrap();
    assert_eq!(posted.transfers[&transfer(2)].state, TransferState::Posted);

    let reversed = apply(&posted, LedgerEvent::Reverse { transfer: transfer(9), of: transfer(2) }).unwrap();
    assert_eq!(reversed.accounts[&account(0)].balance_minor(), 1_000);
    let again = LedgerEvent::Reverse { transfer: transfer(10), of: transfer(2) };
    assert_eq!(apply(&reversed, again), Err(LedgerFault::AlreadyReversed));
    let of_the_reversal = LedgerEvent::Reverse { transfer: transfer(10), of: transfer(9) };
    assert_eq!(apply(&reversed, of_the_reversal), Err(LedgerFault::AlreadyReversed));
}

#[test]
fn a_limited_hold_catches_later_inflows_up_to_its_limit() {
    let post = |ledger: &Ledger, t, a, b, amount_minor| {
        apply(
            ledger,
            LedgerEvent::PostDirectly { transfer: transfer(t), debit: account(a), credit: account(b), amount_minor },
        )
    };
    let ledger = post(&opened(), 1, OWN, 0, 100).unwrap();
    let ledger = apply(&ledger, LedgerEvent::Hold { account: account(0), held: Held::UpTo(500) }).unwrap();
    let ledger = post(&ledger, 2, OWN, 0, 300).unwrap();
    let payer = ledger.accounts[&account(0)];
    assert_eq!((payer.held_minor(), payer.available_minor()), (400, 0));
    let ledger = post(&ledger, 3, OWN, 0, 300).unwrap();
    let payer = ledger.accounts[&account(0)];
    assert_eq!((payer.held_minor(), payer.available_minor()), (500, 200));
    assert_eq!(post(&ledger, 4, 0, 2, 201), Err(LedgerFault::Held { available_minor: 200 }));
    assert!(post(&ledger, 4, 0, 2, 200).is_ok());
}
