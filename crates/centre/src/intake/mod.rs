//! The intake desk (接警): takes reports from 110, 96110, the counter, the public page, partners and files, keeps
//! drafts, tells every fault of a submitted report at once, and joins a second report of the same payment to the first.
//!
//! Other desks hear of a report by its journal entries: `report.drafted`, `report.changed`, `report.submitted`,
//! `report.joined`, `report.payments_added` (to the report that another was joined to), `report.bank_named` (of a
//! payment that lacked it), `report.payment_placed` (of one that came to a closed case), `report.closed`.
//! They load it by [`submitted`].

mod api;
#[cfg(test)]
mod api_tests;
mod bank_names;
mod check;
mod duplicate;
mod error;
pub mod import;
mod mask;
mod model;
mod moment;
mod narratives;
mod notice;
mod pairs;
#[cfg(test)]
mod pairs_tests;
mod partners;
mod payments;
mod phones;
mod placing;
pub mod reader;
mod store;
mod tables;
#[cfg(test)]
mod tests;
mod texts;

pub use api::{Intake, Parameters, router};
pub use check::{Checked, check};
pub use duplicate::{Asked, Certainty, Duplicate, Reads, duplicates};
pub use error::Error;
pub use mask::{Masks, mask_draft, reveal_field};
pub use model::*;
pub use moment::parse_moment;
pub use notice::{draft_of_notice, take_case};
pub use pairs::{Pair, Verdict, WaitingPair};
pub use partners::{BankNames, Partners};
pub use payments::CasePayment;
pub(crate) use phones::{NamedBy, naming, phones, phones_shown, victim_phone};
pub(crate) use placing::{has_payment, name_bank, note_order, release};
pub use store::{
    Filter, Listed, Outcome, Report, Rules, SubmittedReport, all_submitted, change_draft, close, create_draft, list,
    load, reveal, submit, submit_new, submitted,
};
pub use tables::MIGRATIONS;

/// Every text of this desk, in both languages.
pub fn catalogue() -> Vec<kernel::Text> {
    [texts::CATALOGUE, sheet::texts::CATALOGUE].concat()
}
