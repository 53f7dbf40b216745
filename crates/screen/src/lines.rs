//! Measures on lines, by order of the centre: few, short-lived, looked up for every call.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decision::LineMeasure;
use crate::number::Number;

/// A measure in force on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// The line.
    pub line: Number,
    /// The measure.
    pub measure: LineMeasure,
    /// When it ends by itself.
    pub until: Timestamp,
}
