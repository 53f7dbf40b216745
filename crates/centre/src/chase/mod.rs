//! The chase (追踪溯源): follows the victim's money through the levels of accounts, and stops it where it is found.
//!
//! Invariants: a chase makes orders only through the stop desk, with its checks, its rules and its limits; the figures
//! of a case add up: reported = stopped + exited + open.

pub mod api;
mod desk;
mod figures;
mod flow;
mod plan;
mod read;
mod store;
mod tables;
pub mod texts;
mod turn;

pub use desk::Desk;
pub use flow::{Payment, exit_code};
pub use store::{
    AccountFigures, AccountState, Chase, ChaseState, Sum, TransferFigures, accounts, get, list, payments, transfers,
};
pub(crate) use store::{count_waiting, currencies, currency};
pub use tables::MIGRATIONS;
pub use turn::{Round, Turns};
