//! The books: accounts, transfers in double entry, and the bank's own accounts.

pub mod booking;
pub mod chart;
pub mod model;
pub mod statement;

pub use booking::{Booked, Booking, Leg, Mode, Party};
pub use chart::{Internal, internal_of};
pub use model::{
    Balances, Held, Ledger, LedgerAccount, LedgerEvent, LedgerFault, LedgerTransfer, Legs, Overdraft, Reversed,
    TransferState, apply, reversible,
};
