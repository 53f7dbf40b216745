//! The words that every seat shares: identifiers, money, time, regions, scam types, masking and the texts of faults.
//!
//! Nothing here does I/O, knows a database or speaks HTTP.

mod clock;
mod id;
mod masked;
mod said;

pub use clock::{Clock, Duration, ManualClock, SystemClock, Timestamp};
pub use id::*;
pub use masked::{Masked, Maskable};
pub use said::{Fault, Faults, Said, Text};
