//! The classifier: a linear model over hashed n-grams, one against the rest for each class, and one for scam or not.

mod calibrate;
mod file;
mod judge;
mod mix;
mod solve;
mod train;

use std::sync::{Arc, LazyLock};

use kernel::ScamType;

use crate::Span;
pub use file::ModelFault;
pub use train::{TrainFault, TrainOptions, scam_type_of, train};

/// A trained classifier. Cheap to share, never changed; a new one is swapped in whole.
pub struct Model {
    classes: Vec<Class>,
    /// Numbers a row of weights has: one for each class and a last one for scam or not, filled up to a whole vector.
    stride: usize,
    table: Table,
    /// Weight of each feature by its rarity.
    rarity: Vec<f32>,
    /// Rows of `stride` quantised weights.
    weights: Vec<i8>,
    /// What one step of a weight is worth, by column.
    scales: Vec<f32>,
    biases: Vec<f32>,
    calibration: calibrate::Calibration,
    /// First eight bytes of the SHA-256 of the file.
    fingerprint: u64,
    note: String,
}

/// A class that the model tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// As labelled in training.
    pub label: Arc<str>,
    /// Whether texts of this class are scams.
    pub scam: bool,
    /// The scam type that the label names.
    pub scam_type: Option<ScamType>,
}

/// What the classifier says about a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// How probable it is that the text is (part of) a scam, 0 to 1, calibrated on texts that the model had not seen.
    pub scam_probability: f32,
    /// The likeliest class, as labelled in training; the shipped model uses the codes of [`ScamType`], and
    /// `advertising`, `notice`, `private`, `illegal`.
    pub class: Arc<str>,
    /// How probable that class is.
    pub class_probability: f32,
    /// The likeliest scam type, where a scam is at least as probable as not.
    pub scam_type: Option<ScamType>,
    /// The words that decided, the weightiest first; at most [`WORDS_MAX`].
    pub words: Vec<Word>,
}

/// Most words that a verdict names.
pub const WORDS_MAX: usize = 6;

/// Words of the text that spoke for or against a scam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word {
    /// Where they stand in the original.
    pub span: Span,
    /// Share in the decision; above zero speaks for a scam.
    pub weight: f32,
}

impl Model {
    /// The model that comes with the program, trained on texts that the project writes itself.
    pub fn shipped() -> &'static Model {
        static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
            // A test reads the very same bytes, so the empty model stands only for a build that no test has seen.
            Model::load(include_bytes!("../../model/shipped.model")).unwrap_or_else(|_| Model::empty())
        });
        &SHIPPED
    }

    /// The classes, in the order of the file.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Tells this model from others: 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.fingerprint)
    }

    /// What the trainer noted: on what it was trained, with which options.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Number of features.
    pub fn feature_count(&self) -> usize {
        self.rarity.len()
    }

    /// A model that knows nothing: every text is of no class and no scam.
    fn empty() -> Self {
        Self {
            classes: Vec::new(),
            stride: 1,
            table: Table::of(&[]),
            rarity: Vec::new(),
            weights: Vec::new(),
            scales: vec![0.0],
            biases: vec![0.0],
            calibration: calibrate::Calibration { slope: 0.0, offset: -20.0, sharpness: 0.0 },
            fingerprint: 0,
            note: String::new(),
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({}, {} classes, {} features)", self.fingerprint(), self.classes.len(), self.rarity.len())
    }
}

/// From the key of a feature to its row: open addressing, with a small filter before it that stays in the cache, since
/// most n-grams of a message are unknown.
struct Table {
    filter: Vec<u64>,
    slots: Vec<(u32, u32)>,
}

const FILTER_BITS: u32 = 20;
const NO_ROW: u32 = u32::MAX;

impl Table {
    fn of(keys: &[u32]) -> Self {
        let size = (keys.len() * 2).next_power_of_two().max(16);
        let mut table = Self { filter: vec![0; 1 << (FILTER_BITS - 6)], slots: vec![(0, NO_ROW); size] };
        for (row, key) in keys.iter().enumerate() {
            let bit = key >> (32 - FILTER_BITS);
            if let Some(word) = table.filter.get_mut((bit >> 6) as usize) {
                *word |= 1 << (bit & 63);
            }
            let mut slot = *key as usize & (size - 1);
            while table.slots.get(slot).is_some_and(|(_, row)| *row != NO_ROW) {
                slot = (slot + 1) & (size - 1);
            }
            if let Some(free) = table.slots.get_mut(slot) {
                *free = (*key, u32::try_from(row).unwrap_or(NO_ROW));
            }
        }
        table
    }

    fn row(&self, key: u32) -> Option<u32> {
        let bit = key >> (32 - FILTER_BITS);
        if self.filter.get((bit >> 6) as usize)? & (1 << (bit & 63)) == 0 {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut slot = key as usize & mask;
        loop {
            let (found, row) = *self.slots.get(slot)?;
            if row == NO_ROW {
                return None;
            }
            if found == key {
                return Some(row);
            }
            slot = (slot + 1) & mask;
        }
    }
}
