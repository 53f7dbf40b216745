//! Orders: what a centre asks, and what the bank answers.

pub mod apply;
pub mod decide;
pub mod rows;

pub use decide::{Act, Facts, Offer, Verdict, decide};
