//! The synthetic province: people, callers, senders and scammers, with the truth of each event.

mod dice;
pub mod event;

pub use dice::Dice;
