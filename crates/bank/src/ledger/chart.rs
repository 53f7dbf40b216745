//! The bank's own accounts, and the channels of movement that they stand against.

use kernel::{AccountId, Currency};
use store::{Tx, args};
use wire::Channel;

use super::model::{LedgerAccount, Overdraft};
use crate::account::{self, Account, AccountKind, AccountState};
use crate::error::Result;

/// The bank's own account that stands against a movement of this channel when no other account does.
/// Transfers between banks go through [`Internal::Clearing`].
pub fn internal_of(channel: Channel) -> Option<Internal> {
    match channel {
        Channel::Atm | Channel::Cash => Some(Internal::Cash),
        Channel::CardTerminal => Some(Internal::Terminals),
        Channel::TopUp => Some(Internal::TopUp),
        Channel::GameCard => Some(Internal::GameCards),
        Channel::VirtualCurrency => Some(Internal::VirtualCurrency),
        Channel::Abroad => Some(Internal::Abroad),
        Channel::Fee => Some(Internal::Fees),
        Channel::Interest => Some(Internal::Interest),
        Channel::Counter | Channel::Online | Channel::Mobile | Channel::PaymentInstitution | Channel::Other => None,
    }
}

/// The bank's own accounts. A debit balance on them is an asset, so they may go below zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Internal {
    /// Notes and coins, machines included.
    Cash,
    /// What is owed to or by a partner bank.
    Clearing(String),
    /// Fees earned.
    Fees,
    /// Interest paid and earned.
    Interest,
    /// Payments across the border.
    Abroad,
    /// Operators' top-up.
    TopUp,
    /// Sellers of game cards.
    GameCards,
    /// Dealers of virtual currency.
    VirtualCurrency,
    /// Merchants' terminals.
    Terminals,
    /// Balances brought in from an earlier system.
    Opening,
}

impl Internal {
    /// Its number in the books; the sign `#` keeps it apart from every customer's.
    pub fn number(&self) -> String {
        match self {
            Self::Cash => "#cash".to_owned(),
            Self::Clearing(partner) => format!("#clearing.{partner}"),
            Self::Fees => "#fees".to_owned(),
            Self::Interest => "#interest".to_owned(),
            Self::Abroad => "#abroad".to_owned(),
            Self::TopUp => "#top-up".to_owned(),
            Self::GameCards => "#game-cards".to_owned(),
            Self::VirtualCurrency => "#virtual-currency".to_owned(),
            Self::Terminals => "#terminals".to_owned(),
            Self::Opening => "#opening".to_owned(),
        }
    }

    /// The account in a currency; opened at first use.
    pub async fn ensure(&self, tx: &mut Tx, currency: Currency) -> Result<AccountId> {
        let no = self.number();
        if let Some(found) = account::find(tx, &no, currency).await? {
            return Ok(found.id);
        }
        let now = tx.now();
        let account = Account {
            id: AccountId::new(now),
            no: no.clone(),
            kind: AccountKind::Internal,
            customer_id: None,
            holder_name: no,
            state: AccountState::Open,
            opened_at: now,
            protected_reason: Some("internal".to_owned()),
            ledger: LedgerAccount::new(currency, Overdraft::Unlimited),
            hold_next_end: None,
            watches: 0,
        };
        account::insert_many(tx, std::slice::from_ref(&account)).await?;
        let row: (String,) = tx
            .fetch_one(
                "SELECT id FROM bank_account WHERE no = $1 AND currency = $2",
                args![account.no, currency.code()],
            )
            .await?;
        crate::error::stored_id(&row.0)
    }
}
