//! The stop desk (接警止付): orders to banks, their approval, their answers and their ends.
//!
//! Invariants: no order leaves unsealed or unapproved; a standing rule may approve and is then named in the entry;
//! maker and checker are two people; one account is stopped at most [`Parameters::stops_max`] times in one case.

pub mod api;
pub mod believed;
mod desk;
pub mod model;
mod order;
mod parameters;
mod rule;
mod standing;
mod store;
mod tables;
pub mod texts;

pub(crate) use desk::tail;
pub use desk::{Decision, Desk, Refusal};
/// Every kind of timer of this desk.
pub const TIMERS: &[&str] = &["stop.overdue", "stop.expire", "stop.ending"];

pub use order::{Basis, CaseRef, Ground, NewOrder, StopOrder};
pub use parameters::Parameters;
pub use rule::{Bound, CHASE, Facts, LineFacts, StandingRule};
pub use standing::RULE_DAYS_MAX;
pub use store::{
    AttachedPaper, Filter, LIST_MAX, Queue, counts, document, doubts_of, get, grounds_of, list, papers_of, rules,
};
pub(crate) use store::{committed, load, pushed_after, rules_in_force};
pub use tables::MIGRATIONS;
