//! Random worlds: coherent ledgers of which some statements are known, held against a recomputation coin by coin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, VecDeque};

use kernel::Timestamp;
use proptest::prelude::*;
use trace::{AccountKey, Direction, ExitKind, Flow, Movement, Source, SourceId, Statement, Target, Traced};

const ACCOUNTS: usize = 6;
const CASH: usize = ACCOUNTS;
const END: i64 = 1_000;

/// A world in which everything is known: openings, and transfers in the one true order.
#[derive(Debug, Clone)]
struct World {
    openings: Vec<i64>,
    transfers: Vec<Transfer>,
    known: Vec<bool>,
}

#[derive(Debug, Clone)]
struct Transfer {
    /// `None` is a victim.
    from: Option<usize>,
    /// [`CASH`] is the exit.
    to: usize,
    minor: i64,
    at: i64,
}

fn worlds() -> impl Strategy<Value = World> {
    let step = (0..ACCOUNTS + 2, 0..=ACCOUNTS, 1_i64..25, 0_i64..3);
    (
        prop::collection::vec(0_i64..15, ACCOUNTS),
        prop::collection::vec(step, 1..40),
        prop::collection::vec(prop::bool::weighted(0.7), ACCOUNTS),
    )
        .prop_map(|(openings, steps, known)| {
            let mut balances = openings.clone();
            let mut at = 10;
            let mut transfers = Vec::new();
            for (from, to, minor, later) in steps {
                at += later;
                let from = Some(from).filter(|from| *from < ACCOUNTS);
                let minor = from.map_or(minor, |from| minor.min(balances[from]));
                if minor == 0 || from == Some(to) || (from.is_none() && to == CASH) {
                    continue;
                }
                if let Some(from) = from {
                    balances[from] -= minor;
                }
                if to != CASH {
                    balances[to] += minor;
                }
                transfers.push(Transfer { from, to, minor, at });
            }
            World { openings, transfers, known }
        })
}

fn key(account: usize) -> AccountKey {
    AccountKey::new(["bank-a", "bank-b", "pay-c"][account % 3], &format!("62{account}"))
}

impl World {
    fn sources(&self) -> Vec<Source> {
        let victims = self.transfers.iter().enumerate().filter(|(_, transfer)| transfer.from.is_none());
        victims
            .map(|(place, transfer)| Source {
                id: SourceId::new(&format!("p{place}")),
                account: key(transfer.to),
                amount_minor: transfer.minor,
                at: Timestamp(transfer.at),
                reference: Some(format!("r{place}")),
                payer: None,
            })
            .collect()
    }

    fn statement(&self, account: usize) -> Statement {
        let mut balance = self.openings[account];
        let mut movements = Vec::new();
        for (place, transfer) in self.transfers.iter().enumerate() {
            let direction = if transfer.from == Some(account) {
                balance -= transfer.minor;
                match transfer.to {
                    CASH => Direction::Out(Target::Exit(ExitKind::Cash)),
                    to => Direction::Out(Target::Account(key(to))),
                }
            } else if transfer.to == account {
                balance += transfer.minor;
                Direction::In(transfer.from.map(key))
            } else {
                continue;
            };
            movements.push(Movement {
                id: format!("m{place}"),
                at: Timestamp(transfer.at),
                direction,
                amount_minor: transfer.minor,
                balance_after_minor: Some(balance),
                reference: format!("r{place}"),
            });
        }
        Statement { account: key(account), from: Timestamp(0), to: Timestamp(END), opening_minor: None, movements }
    }

    /// Every minor unit is a coin that knows the payment it came from and how many accounts it went through.
    /// An account whose statement is not known pays nobody, as far as anyone knows.
    fn coins(&self) -> Coins {
        let mut purses: Vec<VecDeque<Coin>> =
            self.openings.iter().map(|&minor| (0..minor).map(|_| None).collect()).collect();
        let mut coins = Coins { received: vec![0; ACCOUNTS], ..Coins::default() };
        for (place, transfer) in self.transfers.iter().enumerate() {
            let moved: Vec<Coin> = match transfer.from {
                None => (0..transfer.minor).map(|_| Some((place, 0))).collect(),
                Some(from) if self.known[from] => purses[from].drain(..transfer.minor as usize).collect(),
                Some(_) => (0..transfer.minor).map(|_| None).collect(),
            };
            let tainted = moved.iter().flatten().count() as i64;
            if transfer.from.is_some() && tainted > 0 {
                coins.transfers.insert(format!("r{place}"), tainted);
            }
            if transfer.to == CASH {
                *coins.exited.entry("cash").or_default() += tainted;
                continue;
            }
            coins.received[transfer.to] += tainted;
            for coin in moved {
                let coin = coin.map(|(source, level)| (source, level + 1));
                if let Some((_, level)) = coin {
                    let least = coins.levels.entry(transfer.to).or_insert(level);
                    *least = level.min(*least);
                }
                purses[transfer.to].push_back(coin);
            }
        }
        coins.remaining = purses.iter().map(|purse| purse.iter().flatten().count() as i64).collect();
        coins
    }
}

/// The victim's payment, and the level; nothing for a coin that no victim paid.
type Coin = Option<(usize, u32)>;

#[derive(Debug, Default)]
struct Coins {
    received: Vec<i64>,
    remaining: Vec<i64>,
    levels: BTreeMap<usize, u32>,
    transfers: BTreeMap<String, i64>,
    exited: BTreeMap<&'static str, i64>,
}

fn trace_in_order(world: &World, order: &[usize], sources_first: Sources) -> (Flow, Traced) {
    let mut flow = Flow::new();
    let add_sources = |flow: &mut Flow| {
        for source in world.sources() {
            flow.add_source(source).unwrap();
        }
    };
    if sources_first == Sources::First {
        add_sources(&mut flow);
    }
    for &account in order.iter().filter(|&&account| world.known[account]) {
        flow.add_statement(world.statement(account)).unwrap();
    }
    if sources_first == Sources::Last {
        add_sources(&mut flow);
    }
    let traced = flow.trace();
    (flow, traced)
}

#[derive(PartialEq, Eq)]
enum Sources {
    First,
    Last,
}

fn orders() -> impl Strategy<Value = Vec<usize>> {
    Just((0..ACCOUNTS).collect::<Vec<_>>()).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_coins(world in worlds(), order in orders()) {
        let (_, traced) = trace_in_order(&world, &order, Sources::First);
        let coins = world.coins();
        for account in 0..ACCOUNTS {
            let told = traced.account(&key(account));
            prop_assert_eq!(told.map_or(0, |told| told.received_minor), coins.received[account], "received by {}", account);
            prop_assert_eq!(told.map_or(0, |told| told.remaining_minor), coins.remaining[account], "remaining at {}", account);
            prop_assert_eq!(told.map(|told| told.level), coins.levels.get(&account).copied(), "level of {}", account);
        }
        let told: BTreeMap<String, i64> = traced.transfers().iter()
            .map(|transfer| (transfer.reference.to_string(), transfer.tainted_minor))
            .collect();
        prop_assert_eq!(told, coins.transfers);
        let cash: i64 = traced.exits().map(|exit| exit.tainted_minor).sum();
        prop_assert_eq!(cash, coins.exited.get("cash").copied().unwrap_or(0));
        let asked: Vec<_> = traced.frontier().into_iter().map(|next| next.account).collect();
        for account in 0..ACCOUNTS {
            let expected = !world.known[account] && coins.received[account] > 0;
            prop_assert_eq!(asked.contains(&key(account)), expected, "whether {} is next", account);
        }
    }

    #[test]
    fn keeps_every_minor_unit(world in worlds(), order in orders()) {
        let (_, traced) = trace_in_order(&world, &order, Sources::First);
        for source in traced.sources() {
            prop_assert_eq!(
                source.remaining_minor + source.exited_minor + source.underway_minor + source.unseen_minor,
                source.amount_minor
            );
        }
        for at in traced.accounts() {
            prop_assert_eq!(at.received_minor, at.passed_on_minor + at.exited_minor() + at.unseen_minor + at.remaining_minor);
            prop_assert_eq!(at.remaining_by_source.iter().map(|(_, minor)| minor).sum::<i64>(), at.remaining_minor);
        }
        for transfer in traced.transfers() {
            prop_assert!(transfer.tainted_minor <= transfer.amount_minor);
        }
    }

    #[test]
    fn order_of_answers_does_not_matter(world in worlds(), one in orders(), other in orders()) {
        let (mut flow, traced) = trace_in_order(&world, &one, Sources::First);
        let (_, again) = trace_in_order(&world, &other, Sources::Last);
        prop_assert_eq!(&traced, &again);
        for &account in one.iter().filter(|&&account| world.known[account]) {
            flow.add_statement(world.statement(account)).unwrap();
        }
        prop_assert_eq!(&traced, &flow.trace(), "the same statements again change nothing");
    }

    /// Nonsense from banks — cut statements, clocks that disagree, overdrafts, references used twice — never loses a
    /// minor unit, and still does not depend on the order of the answers.
    #[test]
    fn nonsense_is_conserved(
        world in worlds(),
        order in orders(),
        skews in prop::collection::vec(-20_i64..20, ACCOUNTS),
        cuts in prop::collection::vec((0_i64..40, 0_i64..40), ACCOUNTS),
        shared_reference in prop::bool::ANY,
    ) {
        let distort = |account: usize| {
            let mut statement = world.statement(account);
            let (start, length) = cuts[account];
            statement.from = Timestamp(start);
            statement.to = Timestamp(start + length);
            statement.movements.retain(|movement| (statement.from..=statement.to).contains(&movement.at));
            for movement in &mut statement.movements {
                movement.at = Timestamp(movement.at.0 + skews[account]);
                if shared_reference {
                    movement.reference = "same".to_owned();
                }
            }
            statement
        };
        let build = |order: &[usize]| {
            let mut flow = Flow::new();
            for source in world.sources() {
                flow.add_source(source).unwrap();
            }
            for &account in order {
                flow.add_statement(distort(account)).unwrap();
                if world.known[account] {
                    flow.add_statement(world.statement(account)).unwrap();
                }
            }
            flow.trace()
        };
        let traced = build(&order);
        for source in traced.sources() {
            prop_assert_eq!(
                source.remaining_minor + source.exited_minor + source.underway_minor + source.unseen_minor,
                source.amount_minor
            );
        }
        for at in traced.accounts() {
            prop_assert_eq!(at.received_minor, at.passed_on_minor + at.exited_minor() + at.unseen_minor + at.remaining_minor);
        }
        let plain: Vec<usize> = (0..ACCOUNTS).collect();
        prop_assert_eq!(traced, build(&plain));
    }
}
