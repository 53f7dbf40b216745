//! The database of a seat: embedded SQLite, or PostgreSQL by URL, with one SQL text for both.
//!
//! Every change of state and its journal entry are one transaction ([`Tx`]). Readers use [`Db`] directly.
//! Times are `BIGINT` microseconds UTC, money `BIGINT` minor units, documents `TEXT`; see [`migration`] for the rest.

mod arg;
mod batch;
mod commits;
mod connection;
mod db;
pub mod document;
mod embedded;
mod error;
#[cfg(feature = "testing")]
pub mod faults;
pub mod health;
pub mod journal;
pub mod migration;
pub mod serial;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timers;
mod transition;
mod vault;
mod who;

pub use arg::{Arg, Args, places};
pub use db::{Db, Durability, Engine, Limits, Record, Settings, Tx};
pub use error::{CATALOGUE, Cause, Error, cause_of, is_transient};
pub use migration::Migrations;
pub use sqlx::AssertSqlSafe;
pub use tables::MIGRATIONS;
pub use transition::{Transition, lock_name, lock_row, transition};
pub use vault::Vault;
pub use who::{Rights, Who};

/// What a store call gives.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of a desk that reacts to an entry or a timer; [`cause_of`] says whether trying again may help.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
