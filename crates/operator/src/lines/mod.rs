//! Lines: what the centre orders about them, what is in force on them, and who was in touch with whom.

pub mod contacts;
pub mod measure;
pub mod order;
mod work;

use std::pin::Pin;

use screen::Number;

/// A task behind a trait object.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What came of cutting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// The calls that were ended.
    pub calls: Vec<wire::CutCall>,
    /// A call with an emergency number was found and left alone.
    pub emergency_left: bool,
}

/// Calls in progress, which the proxy knows.
pub trait Calls: Send + Sync {
    /// Ends the calls of a line, or only those with the counterpart, on both sides; never one with an emergency number.
    fn cut<'a>(&'a self, line: Number, counterpart: Option<Number>) -> Doing<'a, Cut>;
}

/// The way for warning messages.
pub trait Warnings: Send + Sync {
    /// Sends a text to each number; tells for each, in order, whether it was taken.
    fn warn<'a>(&'a self, to: &'a [Number], text: &'a str) -> Doing<'a, Vec<bool>>;
}

/// Texts of these modules.
pub(crate) fn texts() -> Vec<kernel::Text> {
    [order::TEXTS, work::TEXTS].concat()
}
