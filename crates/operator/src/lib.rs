//! The carrier seat: keeps scam calls and messages from arriving, and acts on lines when the centre asks.
//!
//! Calls come in through [`sip`], messages through [`message`]; both ask [`screening::Screening`], which answers from
//! memory, and report what they decided over a bounded channel. Everything that is written down happens behind that
//! channel, so that nothing slows a call.

pub mod message;
pub mod records;
pub mod screening;
pub mod sip;
mod tables;

pub use tables::MIGRATIONS;

/// Every [`kernel::Text`] of this crate.
pub fn catalogue() -> Vec<kernel::Text> {
    [message::TEXTS, sip::TEXTS].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(&super::catalogue()), Vec::<String>::new());
    }
}
