//! The number list (号码名单): what operators block, watch, let pass and protect; who put it there, why, and until when.
//!
//! The list is published as numbered changes, each sent to every operator in the transaction that makes it. Which
//! entry is in force for a pattern is one row of `number_published` with the number of its last change, so that what
//! an operator lacks is a question to that table, however long it was away.
//!
//! Invariants: a prefix or a range takes two people; emergency and service numbers are never blocked; no change of the
//! list without its number and its journal entry; an appeal that an operator grants takes effect at every operator.

pub(crate) mod api;
mod check;
mod desk;
mod entry;
mod file;
mod import;
pub mod model;
mod parameters;
mod publish;
mod store;
mod tables;
pub mod texts;

/// Every kind of timer of this desk.
pub const TIMERS: &[&str] = &[desk::EXPIRY_TIMER, publish::OFFER];

pub use api::{Api, EntryRow, router};
pub use check::read_pattern;
pub use desk::{Added, Desk};
pub use entry::{NewEntry, NumberEntry, PatternKind};
pub use file::router as file_router;
pub use import::{Imported, NumberImport, ROWS_MAX, RefusedRow, import_of_id, imports};
pub use parameters::Parameters;
pub(crate) use publish::OFFER;
pub use publish::{Following, OperatorList, PublishedList, published};
pub(crate) use store::blocked_in_case;
pub use store::{Filter, PAGE_MAX, counts, covering, get, list, of_pattern};
pub use tables::MIGRATIONS;
