//! The number list of the seat, from three sources that stay apart: what the centre published, what this operator keeps,
//! and a file given at start. [`keep`] puts them together in memory and follows every change.

pub mod centre;
mod ended;
pub mod entry;
pub mod file;
pub mod import;
pub(crate) mod keep;

/// Source word of entries that this operator keeps.
pub const OWN: &str = "operator";
/// Source word of entries that let a caller through whose appeal was granted.
pub const APPEAL: &str = "appeal";

/// Texts of these modules.
pub(crate) fn texts() -> Vec<kernel::Text> {
    [entry::TEXTS, ended::TEXTS, file::TEXTS, sheet::texts::CATALOGUE].concat()
}
