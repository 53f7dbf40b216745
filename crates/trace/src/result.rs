//! What a trace tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Timestamp;
use rustc_hash::FxHashMap;

use crate::input::{AccountKey, ExitKind, SourceId, Target};

/// The flow of tainted money through all that is known at one moment. Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    pub(crate) accounts: Vec<AccountFlow>,
    pub(crate) places: FxHashMap<AccountKey, usize>,
    pub(crate) transfers: Vec<TaintedTransfer>,
    pub(crate) sources: Vec<SourceFlow>,
}

/// One account that tainted money reached.
/// `received = passed_on + exited + unseen + remaining`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFlow {
    /// The account.
    pub account: AccountKey,
    /// Shortest way of the money from a victim: 1 for the account that a victim paid.
    pub level: u32,
    /// Tainted money that came in; counted each time it comes round again.
    pub received_minor: i64,
    /// Tainted money paid to other accounts, arrived there or not.
    pub passed_on_minor: i64,
    /// Tainted money that left the accounts here, by the way it left.
    pub exited: BTreeMap<ExitKind, i64>,
    /// Tainted money spent between two statements, where nobody saw where it went.
    pub unseen_minor: i64,
    /// Tainted money still there, as far as known.
    pub remaining_minor: i64,
    /// The same by victim's payment.
    pub remaining_by_source: Vec<(SourceId, i64)>,
    /// Tainted money that others say they paid in but the account's statement does not list.
    pub underway_minor: i64,
    /// When tainted money first arrived.
    pub first_at: Timestamp,
    /// When tainted money last arrived.
    pub last_at: Timestamp,
    /// What should be asked about it, if anything.
    pub ask: Option<Ask>,
}

impl AccountFlow {
    /// Tainted money that left the accounts here.
    pub fn exited_minor(&self) -> i64 {
        self.exited.values().sum()
    }
}

/// Why an account should be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// No statement is known.
    NoStatement,
    /// Tainted money arrived after the end of the last statement.
    After(Timestamp),
    /// A payer's statement tells of tainted money that the account's own, though it covers the time, does not list:
    /// not yet booked, or booked under another reference.
    Underway,
}

/// An outflow that carries tainted money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaintedTransfer {
    /// The payer.
    pub from: AccountKey,
    /// Where it went.
    pub to: Target,
    /// The way it left the accounts, where it did.
    pub exit: Option<ExitKind>,
    /// The whole transfer.
    pub amount_minor: i64,
    /// The tainted part of it.
    pub tainted_minor: i64,
    /// The tainted part by victim's payment.
    pub by_source: Vec<(SourceId, i64)>,
    /// When the payer's bank booked it.
    pub at: Timestamp,
    /// The reference; empty where there is none.
    pub reference: Arc<str>,
    /// Level of the money at the payee; at an exit, of the place where it left.
    pub level: u32,
}

/// One way out.
pub type Exit = TaintedTransfer;

/// An account to ask next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    /// The account.
    pub account: AccountKey,
    /// Its level.
    pub level: u32,
    /// Why.
    pub ask: Ask,
    /// Tainted money that came in.
    pub received_minor: i64,
    /// Tainted money that may still be there.
    pub remaining_minor: i64,
    /// When tainted money first arrived: ask from here.
    pub first_at: Timestamp,
    /// The tainted transfers into it, in the order of time, for the bank's check of amount and time.
    /// Payments of victims are not among them.
    pub inflows: Vec<TaintedTransfer>,
}

/// Where a victim's payment is now.
/// `remaining + exited + underway + unseen = amount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFlow {
    /// The payment.
    pub id: SourceId,
    /// Its amount.
    pub amount_minor: i64,
    /// In accounts, as far as known.
    pub remaining_minor: i64,
    /// Out of the accounts.
    pub exited_minor: i64,
    /// Left one account and not listed by the next; also the whole payment when the payee's statement does not list it.
    pub underway_minor: i64,
    /// Spent between two statements.
    pub unseen_minor: i64,
}

impl Traced {
    /// The accounts that tainted money reached, by level and time.
    pub fn accounts(&self) -> &[AccountFlow] {
        &self.accounts
    }

    /// One account, if tainted money reached it.
    pub fn account(&self, key: &AccountKey) -> Option<&AccountFlow> {
        self.places.get(key).and_then(|&place| self.accounts.get(place))
    }

    /// The outflows that carry tainted money, by time.
    pub fn transfers(&self) -> &[TaintedTransfer] {
        &self.transfers
    }

    /// Where each victim's payment is now, by name.
    pub fn sources(&self) -> &[SourceFlow] {
        &self.sources
    }

    /// The accounts to ask next, by level and time.
    pub fn frontier(&self) -> Vec<Frontier> {
        let mut asked: Vec<Frontier> = Vec::new();
        let mut places: FxHashMap<&AccountKey, usize> = FxHashMap::default();
        for flow in &self.accounts {
            let Some(ask) = flow.ask else { continue };
            places.insert(&flow.account, asked.len());
            asked.push(Frontier {
                account: flow.account.clone(),
                level: flow.level,
                ask,
                received_minor: flow.received_minor,
                remaining_minor: flow.remaining_minor,
                first_at: flow.first_at,
                inflows: Vec::new(),
            });
        }
        for transfer in &self.transfers {
            let Target::Account(to) = &transfer.to else {
                continue;
            };
            if transfer.exit.is_some() {
                continue;
            }
            if let Some(frontier) = places.get(to).and_then(|&place| asked.get_mut(place)) {
                frontier.inflows.push(transfer.clone());
            }
        }
        asked
    }

    /// The ways out that tainted money took, by time.
    pub fn exits(&self) -> impl Iterator<Item = &Exit> {
        self.transfers.iter().filter(|transfer| transfer.exit.is_some())
    }
}
