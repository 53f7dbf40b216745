//! The police seat: one module a desk. [`intake`] takes reports, [`stop`] orders banks to hold money, [`chase`] follows it.
//!
//! Desks hear of each other through the journal; `reactions` says what follows from what. [`Centre`] puts them together.

pub mod chase;
mod counts;
pub mod intake;
mod notices;
mod post;
mod reactions;
mod reveal;
mod search;
mod seat;
pub mod stop;
mod waiting;

pub use post::Post;
pub use reactions::Following;
pub use seat::{Centre, Config, OpenError, migrations};
