//! What can go wrong at this desk.

use kernel::{Faults, Said};

/// A failure of a call to this desk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input has faults, told by field.
    #[error("{} fault(s) in the input", .0.0.len())]
    Faulty(Faults),
    /// The report was changed by somebody else, or is past this step.
    #[error("{}", .0.en)]
    Conflict(Said),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Faulty(faults)
    }
}

impl From<Error> for web::Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Faulty(faults) => faults.into(),
            Error::Conflict(said) => web::Problem::conflict(said),
            Error::Store(error) => error.into(),
        }
    }
}
