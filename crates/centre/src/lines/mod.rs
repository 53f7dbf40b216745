//! The lines desk (线路处置): orders to operators about a line, their approval, their answers and their ends.
//!
//! A line's operator is not known from its number (携号转网), so one request becomes one order an operator; they are
//! decided together, and `not_our_line` is a good answer.
//!
//! Invariants: no order leaves unsealed or unapproved; a standing rule approves urgent measures only, never a
//! suspension; maker and checker are two people; no order asks for anything against an emergency number.

pub mod api;
mod desk;
pub mod model;
mod order;
mod parameters;
mod store;
mod tables;
pub mod texts;
mod warning;

pub use desk::Desk;
/// Every kind of timer of this desk.
pub const TIMERS: &[&str] = &["line.overdue", "line.expire", "line.end"];

pub use order::{LineOrder, NewRequest};
pub use parameters::Parameters;
pub use store::{CONTACTS_PAGE_MAX, Contact, Filter, LIST_MAX, Queue, contacts, counts, document, get, list};
pub use tables::MIGRATIONS;
pub use warning::Warning;
