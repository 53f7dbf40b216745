//! Reads identifiers.

use kernel::Timestamp;

use crate::Found;

/// Reads identifiers out of a text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader {
    today: Option<Timestamp>,
}

impl Reader {
    /// A reader that leaves times such as 昨天下午3点 without a moment.
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader that resolves times from this moment, in China Standard Time.
    pub fn at(today: Timestamp) -> Self {
        Self { today: Some(today) }
    }

    /// Reads a text.
    pub fn read(&self, text: &str) -> Found {
        let _ = self.today;
        Found { text: text.to_owned(), identifiers: Vec::new() }
    }
}
