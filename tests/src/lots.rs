//! The flow of a victim's payment, worked out a second time and by other means than the product's: one walk over the
//! whole books in the order of time, every account known, every minor unit in a run of its colour.

use std::collections::{BTreeMap, VecDeque};

use crate::books::{Books, To};

/// Money in a row on one account: its level (0: no victim's) and how much.
type Run = (u32, i64);

/// Where one payment went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// By account that it reached.
    pub accounts: BTreeMap<usize, Share>,
    /// Left the accounts, minor units.
    pub exited_minor: i64,
    /// Came back to the victim's own account, minor units.
    pub returned_minor: i64,
}

/// The part of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// Shortest way from the victim.
    pub level: u32,
    /// Minor units that came in, again each time they came round.
    pub received_minor: i64,
    /// Minor units still there.
    pub remaining_minor: i64,
    /// Transfers by which it came in.
    pub inflows: usize,
}

impl Spread {
    /// The deepest level.
    pub fn depth(&self) -> u32 {
        self.accounts.values().map(|share| share.level).max().unwrap_or(0)
    }
}

/// Follows the transfer with number `payment`, which a victim made.
pub fn follow(books: &Books, payment: usize) -> Spread {
    let victim = books.transfers[payment].from;
    let mut purses: Vec<VecDeque<Run>> =
        books.accounts.iter().map(|account| VecDeque::from([(0, account.opening_minor)])).collect();
    let mut spread = Spread::default();
    for (number, transfer) in books.transfers.iter().enumerate() {
        let mut moved = draw(&mut purses[transfer.from], transfer.minor);
        if number == payment {
            moved = vec![(1, transfer.minor)];
        } else {
            for run in &mut moved {
                run.0 += u32::from(run.0 > 0);
            }
        }
        let dirty: i64 = moved.iter().filter(|run| run.0 > 0).map(|run| run.1).sum();
        match transfer.to {
            To::Out(_) => spread.exited_minor += dirty,
            To::Account(to) if to == victim => {
                spread.returned_minor += dirty;
                purses[to].push_back((0, transfer.minor));
            }
            To::Account(to) => {
                if dirty > 0 {
                    let level = moved.iter().filter(|run| run.0 > 0).map(|run| run.0).min().unwrap_or(0);
                    let share = spread.accounts.entry(to).or_default();
                    share.level = if share.inflows == 0 { level } else { share.level.min(level) };
                    share.received_minor += dirty;
                    share.inflows += 1;
                }
                purses[to].extend(moved);
            }
        }
    }
    for (account, share) in &mut spread.accounts {
        share.remaining_minor = purses[*account].iter().filter(|run| run.0 > 0).map(|run| run.1).sum();
    }
    spread
}

/// Takes the oldest money.
fn draw(purse: &mut VecDeque<Run>, minor: i64) -> Vec<Run> {
    let mut drawn = Vec::new();
    let mut wanted = minor;
    while wanted > 0 {
        let Some((level, there)) = purse.pop_front() else {
            panic!("the books overdraw an account by {wanted}");
        };
        let taken = there.min(wanted);
        if taken < there {
            purse.push_front((level, there - taken));
        }
        wanted -= taken;
        if taken > 0 {
            drawn.push((level, taken));
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    #[test]
    fn own_money_first_then_the_victims_in_the_order_it_came() {
        let mut books = Books::default();
        let victim = books.open("bank-a", 100);
        let first = books.open("bank-b", 5);
        let second = books.open("pay-c", 0);
        let payment = books.pay(victim, To::Account(first), 100, Timestamp(1));
        books.pay(first, To::Account(second), 45, Timestamp(2));
        books.pay(first, To::Out("cash"), 20, Timestamp(3));
        books.pay(second, To::Account(victim), 15, Timestamp(4));
        let spread = follow(&books, payment);
        let share =
            |level, received_minor, remaining_minor| Share { level, received_minor, remaining_minor, inflows: 1 };
        assert_eq!(spread.accounts, BTreeMap::from([(first, share(1, 100, 40)), (second, share(2, 40, 30))]));
        assert_eq!((spread.exited_minor, spread.returned_minor), (20, 10));
    }
}
