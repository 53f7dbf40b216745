//! Chinese text: evasion undone, identifiers read, scam or not and of which type. Pure: no I/O, no async.
//!
//! ```text
//! message ──► normal  (one form for every way of writing it, each character knows its bytes in the original)
//!               ├──► reader   telephone numbers, accounts, amounts, times, addresses, chat accounts, app names
//!               └──► features ──► model: scam probability, class, the words that decided
//! ```

mod evaluate;
mod features;
mod found;
mod model;
mod normal;
mod random;
mod reader;

pub use evaluate::{ClassReport, Folds, Report, Row, area_under_curve, cross_evaluate, evaluate};
pub use found::{Amount, Chat, ChatService, Found, Identifier, Link, Moment, Precision, Scheme, Span, Value};
pub use model::{Class, Model, ModelFault, TrainFault, TrainOptions, Verdict, WORDS_MAX, Word, scam_type_of, train};
pub use normal::{TEXT_BYTES_MAX, simplified};
pub use reader::Reader;
pub use reader::scan::{Characters, Scan};
