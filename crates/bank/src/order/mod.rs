//! Orders: what a centre asks, and what the bank answers.

pub mod decide;
//pub mod desk;
//pub mod rows;

pub use decide::{Act, Facts, Offer, Verdict, decide};
