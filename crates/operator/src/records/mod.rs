//! Records of calls and messages in a rolling window: who was in touch with whom, and what was decided.
//!
//! A record first waits in memory, is written with others into a columnar file (Parquet) every minute, and is found in
//! both places alike. Files stand by hour and go when the retention ends.

mod file;
mod keeper;
mod row;
mod seen;

pub use file::FileError;
pub use keeper::{Asked, Keeper, KeeperSettings, Stored};
pub use row::{Record, RecordKind, Word};
pub use seen::TextSeen;
