//! Rules over typed features (规则): CEL expressions parsed, checked, compiled, explained and counted in shadow. Pure.
//!
//! A rule is the text of a CEL condition over the features of a [`Schema`], with an action of any kind. CEL's own parser
//! reads it; names and types are checked here and every fault is told at once, with its place, in both languages.
//! A [`RuleBook`] compiles all rules to one program of tests and jumps and asks them in one pass over a [`Record`].
//!
//! # The part of CEL that rules speak
//! Whole numbers, texts, yes and no, lists of texts; `== != < <= > >= in && || ! ?: + - * / %`, `startsWith`,
//! `endsWith`, `contains`, `size`, `has`. What is written means what CEL says it means, errors of arithmetic included:
//! a property test compares every answer with the `cel` crate's interpreter. A feature that is not set reads as its zero
//! value, as an unset field of a message does.
//!
//! # Stages
//! draft → shadow → live and back ([`Standing`]). A shadow rule counts what it would have done. A live rule that
//! suddenly hits far above its norm is cut out: it falls back to shadow within the same call and tells so.
//!
//! Invariant: this crate does no I/O, asks no clock, and does not know who asks.

mod book;
mod check;
mod count;
mod explain;
mod fault;
mod norm;
mod program;
mod rule;
mod schema;
mod tree;

pub use book::{Outcome, RULES_MAX, RuleAction, RuleBook, RuleCount, check_expression};
pub use check::{DEPTH_MAX, EXPRESSION_BYTES_MAX};
pub use count::Counts;
pub use explain::{Explanation, FeatureValue, Term, explain_expression};
pub use fault::catalogue;
pub use norm::{CutOut, CutOutSettings, Norm};
pub use rule::{Proposal, Rule, RuleEvent, RuleId, Stage, Standing};
pub use schema::{BOOLS_MAX, Feature, INTS_MAX, Kind, LISTS_MAX, Record, Schema, Slot, TEXTS_MAX};

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(&super::catalogue()), Vec::<String>::new());
    }
}
