//! Chinese text: evasion undone, identifiers read, scam or not and of which type. Pure: no I/O, no async.
//!
//! ```text
//! message ──► normal  (one form for every way of writing it, each character knows its bytes in the original)
//!               ├──► reader   telephone numbers, accounts, amounts, times, addresses, chat accounts, app names
//!               └──► features ──► model: scam probability, class, the words that decided
//! ```

mod found;
mod model;
mod reader;

pub use found::{Amount, Chat, ChatService, Found, Identifier, Link, Moment, Precision, Span, Value};
pub use model::{Model, ModelFault, Verdict, Word};
pub use reader::Reader;
