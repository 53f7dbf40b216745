//! What can go wrong on the way out.

use crate::keys::KeyError;

/// A failure of sending.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// The keys of this seat.
    #[error("{0}")]
    Keys(#[from] KeyError),
    /// The body does not become JSON.
    #[error("the body does not become JSON: {0}")]
    Body(#[from] serde_json::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

impl Error {
    /// The words for users.
    pub fn said(&self) -> kernel::Said {
        match self {
            Self::Store(error) => error.said(),
            Self::Keys(error) => error.said(),
            Self::Body(error) => store::Error::Corrupt(error.to_string()).said(),
            Self::Client(error) => store::Error::Corrupt(error.clone()).said(),
        }
    }
}
