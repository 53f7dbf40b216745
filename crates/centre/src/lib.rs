//! The police seat: one module a desk. [`intake`] takes reports, [`stop`] orders banks to hold money, [`chase`] follows
//! it; [`lines`] orders operators to act on lines, [`numbers`] keeps the list that they screen by, [`signals`] takes what
//! they saw.
//!
//! Desks hear of each other through the journal; `reactions` says what follows from what. [`Centre`] puts them together.

pub mod chase;
mod counts;
pub mod intake;
pub mod lines;
mod named;
mod notices;
pub mod numbers;
mod placing;
mod post;
mod reactions;
mod reveal;
mod search;
mod seat;
pub mod signals;
pub mod stop;
mod telephone;
mod waiting;

pub use post::Post;
pub use reactions::Following;
pub use seat::{Centre, Config, OpenError, Reacting, Timed, migrations};
