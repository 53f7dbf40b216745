//! The bank seat: customers, accounts and the double-entry ledger; holds; and the answers to the centre's orders.
//!
//! A payment institution is a bank seat with other kinds of account and, where so configured, fewer functions.

pub mod account;
pub mod api;
mod clockwork;
mod desk;
pub mod error;
pub mod hold;
pub mod import;
pub mod ledger;
pub mod notice;
pub mod order;
pub mod parameters;
mod tables;
pub mod teller;
mod watch;

pub use desk::{Bank, Institution, Settings};
pub use error::{Error, Result};
pub use parameters::Parameters;
pub use tables::MIGRATIONS;

/// Every [`kernel::Text`] of this crate.
pub fn catalogue() -> Vec<kernel::Text> {
    [
        error::TEXTS,
        ledger::model::TEXTS,
        notice::TEXTS,
        order::decide::TEXTS,
        parameters::TEXTS,
        teller::TEXTS,
        &import::texts(),
        &api::texts(),
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
