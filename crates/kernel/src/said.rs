//! Texts in both languages, and faults of input that carry them.
//!
//! A [`Text`] is a template known at compile time; filling it gives a [`Said`], which travels in answers and messages.

use serde::{Deserialize, Serialize};

/// A template in both languages: what is wrong, and what to do about it. Places are written `{name}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Stable code, for instance `msisdn.length`; it is also the key under which clients translate.
    pub code: &'static str,
    /// What is wrong, in Chinese.
    pub zh: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
    /// What to do, in Chinese; empty where the text is not a fault.
    pub zh_remedy: &'static str,
    /// What to do, in English.
    pub en_remedy: &'static str,
}

impl Text {
    /// A text from its code, the words in both languages, and the remedy in both.
    pub const fn new(
        code: &'static str,
        (zh, en): (&'static str, &'static str),
        (zh_remedy, en_remedy): (&'static str, &'static str),
    ) -> Self {
        Self { code, zh, en, zh_remedy, en_remedy }
    }

    /// Fills the places with values.
    pub fn say(&self, values: &[(&str, &str)]) -> Said {
        let fill = |template: &str| {
            let mut out = template.to_owned();
            for (name, value) in values {
                out = out.replace(&format!("{{{name}}}"), value);
            }
            out
        };
        Said {
            code: self.code.to_owned(),
            zh: fill(self.zh),
            en: fill(self.en),
            zh_remedy: fill(self.zh_remedy),
            en_remedy: fill(self.en_remedy),
        }
    }

    /// A fault of the named field.
    pub fn at(&self, field: impl Into<String>, values: &[(&str, &str)]) -> Fault {
        Fault { field: field.into(), said: self.say(values) }
    }

    /// The place names used in each of the four templates; a test of each catalogue asks that they agree by language.
    pub fn places(&self) -> [Vec<String>; 4] {
        [self.zh, self.en, self.zh_remedy, self.en_remedy].map(|template| {
            let mut names: Vec<String> = template
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            names.sort();
            names
        })
    }
}

/// Words in both languages with their stable code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Said {
    /// Stable code.
    pub code: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
    /// What to do, in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh_remedy: String,
    /// What to do, in English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub en_remedy: String,
}

/// One fault of input: the field, and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// Path of the field in the input, for instance `payments[0].payee_account`.
    pub field: String,
    /// The words.
    #[serde(flatten)]
    pub said: Said,
}

impl Fault {
    /// The same fault seen from an outer object: `victim` + `phone` gives `victim.phone`.
    pub fn under(mut self, outer: &str) -> Self {
        self.field = if self.field.is_empty() { outer.to_owned() } else { format!("{outer}.{}", self.field) };
        self
    }
}

/// Collects every fault of an input, so that they are told at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// No fault yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Keeps the value, or notes the fault and gives nothing.
    pub fn keep<T>(&mut self, outcome: Result<T, Fault>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(fault) => {
                self.0.push(fault);
                None
            }
        }
    }

    /// `Ok` when there is no fault.
    pub fn into_result(self) -> Result<(), Faults> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
