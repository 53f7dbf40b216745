//! Personal data that shows a mask wherever it is printed.

use serde::{Deserialize, Serialize};

/// What can be masked: gives the form that anyone may see.
pub trait Maskable {
    /// The masked form, for instance `138****8000`.
    fn mask(&self) -> String;
}

/// Personal data. `Debug`, `Display` and logs show the mask; [`Masked::reveal`] gives the value and is called only
/// where a purpose has been recorded or the value must go into the database or a sealed document.
/// It serialises as the full value, so it belongs in stored rows and documents, never in an answer to a page.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked<T: Maskable>(T);

impl<T: Maskable> Masked<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub fn reveal(&self) -> &T {
        &self.0
    }

    /// The mask.
    pub fn masked(&self) -> String {
        self.0.mask()
    }
}

impl<T: Maskable> std::fmt::Debug for Masked<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.mask())
    }
}

impl<T: Maskable> std::fmt::Display for Masked<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.mask())
    }
}
