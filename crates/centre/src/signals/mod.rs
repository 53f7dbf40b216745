//! What operators saw (拦截信号): counters by the hour, hits for some days, and one number's story.
//!
//! Invariant: what an operator sends twice counts once; a hit older than the parameter is gone; numbers are masked in
//! every answer.

pub(crate) mod api;
mod desk;
mod parameters;
mod store;
mod tables;

/// Every kind of timer of this desk.
pub const TIMERS: &[&str] = &[desk::PRUNE];

pub use api::{Api, router};
pub use desk::Desk;
pub use parameters::Parameters;
pub use store::{Filter, Hit, PAGE_MAX, hits};
pub use tables::MIGRATIONS;
