//! The carrier seat: keeps scam calls and messages from arriving, and acts on lines when the centre asks.
//!
//! Calls come in through [`sip`], messages through [`message`]; both ask [`screening::Screening`], which answers from
//! memory, and report what they decided over a bounded channel. Everything that is written down happens behind that
//! channel, so that nothing slows a call.

pub mod api;
pub mod appeal;
pub mod check;
mod desk;
pub mod error;
pub mod feed;
pub mod labels;
pub mod lines;
pub mod list;
pub mod live;
pub mod message;
pub mod parameters;
pub mod recorder;
pub mod records;
pub mod redress;
pub mod replay;
pub mod rule;
pub mod screening;
pub mod sender;
pub mod signals;
pub mod sip;
mod tables;
pub mod upkeep;
pub mod veil;

pub use desk::{Fetch, Operator, Settings};
pub use error::{Error, Result};
pub use parameters::Parameters;
pub use tables::MIGRATIONS;

/// Every [`kernel::Text`] of this crate.
pub fn catalogue() -> Vec<kernel::Text> {
    [
        appeal::TEXTS,
        error::TEXTS,
        message::TEXTS,
        parameters::TEXTS,
        redress::TEXTS,
        rule::TEXTS,
        sender::TEXTS,
        sip::TEXTS,
        &api::texts(),
        &feed::texts(),
        &lines::texts(),
        &list::texts(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(&super::catalogue()), Vec::<String>::new());
    }
}
