//! The features that rules may speak of, and a record of their values.

use std::collections::BTreeMap;

/// Whole-number features that a schema may have.
pub const INTS_MAX: usize = 64;
/// Yes-or-no features that a schema may have.
pub const BOOLS_MAX: usize = 64;
/// Text features that a schema may have.
pub const TEXTS_MAX: usize = 24;
/// Features that are lists of texts, at most.
pub const LISTS_MAX: usize = 4;

/// The type of a feature or of a part of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `int`, 64 bits
    Int,
    /// `string`
    Text,
    /// `list` of strings
    Texts,
}

impl Kind {
    /// The name that CEL gives the type.
    pub const fn cel_name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "string",
            Self::Texts => "list(string)",
        }
    }
}

/// A feature: what a rule may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// The name in expressions, with at most one dot: `caller.kind`.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Name in Chinese.
    pub zh: &'static str,
    /// Name in English.
    pub en: &'static str,
    /// The words that a text feature may have; empty when it may have any.
    pub words: &'static [&'static str],
}

impl Feature {
    /// A feature of a type.
    pub const fn new(name: &'static str, kind: Kind, zh: &'static str, en: &'static str) -> Self {
        Self { name, kind, zh, en, words: &[] }
    }

    /// A text feature with a fixed set of words; a rule that compares it with another word has a fault.
    pub const fn word(name: &'static str, zh: &'static str, en: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, kind: Kind::Text, zh, en, words }
    }
}

/// Place of a feature among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub(crate) u8);

/// The features in their order. Made once, from a table.
#[derive(Debug)]
pub struct Schema {
    features: Vec<Feature>,
    slots: BTreeMap<&'static str, (usize, Slot)>,
}

impl Schema {
    /// A schema of these features. What is beyond the limits of its kind, or has a name that is already there, is left
    /// out; [`Schema::left_out`] counts those, and a test of each schema asks that there are none.
    pub fn new(features: &[Feature]) -> Self {
        let mut schema = Self { features: Vec::new(), slots: BTreeMap::new() };
        let mut used = [0_usize; 4];
        for feature in features {
            let limit = match feature.kind {
                Kind::Bool => BOOLS_MAX,
                Kind::Int => INTS_MAX,
                Kind::Text => TEXTS_MAX,
                Kind::Texts => LISTS_MAX,
            };
            let Some(count) = used.get_mut(feature.kind as usize) else { continue };
            if *count < limit && !schema.slots.contains_key(feature.name) {
                schema.slots.insert(feature.name, (schema.features.len(), Slot(*count as u8)));
                schema.features.push(*feature);
                *count += 1;
            }
        }
        schema
    }

    /// How many of the given features did not find a place.
    pub fn left_out(&self, given: &[Feature]) -> usize {
        given.len() - self.features.len()
    }

    /// Every feature, in order.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The feature of a name, and its place.
    pub fn find(&self, name: &str) -> Option<(&Feature, Slot)> {
        let (index, slot) = self.slots.get(name)?;
        Some((self.features.get(*index)?, *slot))
    }

    /// The place of a feature; for code that fills records and knows the names. A name that the schema does not have
    /// gives a place that no rule reads.
    pub fn slot(&self, name: &str) -> Slot {
        self.find(name).map_or(Slot(u8::MAX), |(_, slot)| slot)
    }

    /// The feature that stands at a place.
    pub(crate) fn at(&self, kind: Kind, slot: Slot) -> Option<&Feature> {
        self.features.iter().filter(|feature| feature.kind == kind).nth(usize::from(slot.0))
    }
}

/// The values of the features for one call: flat, on the stack, nothing allocated.
///
/// A feature that was not set reads as `0`, `false`, `""` or the empty list, as an unset field of a message does in
/// CEL, and `has()` tells the difference.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    ints: [i64; INTS_MAX],
    texts: [&'a str; TEXTS_MAX],
    lists: [&'a [&'a str]; LISTS_MAX],
    bools: u64,
    present: [u64; 4],
}

impl Default for Record<'_> {
    fn default() -> Self {
        Self { ints: [0; INTS_MAX], texts: [""; TEXTS_MAX], lists: [&[]; LISTS_MAX], bools: 0, present: [0; 4] }
    }
}

const fn bit(slot: Slot) -> u64 {
    if slot.0 < 64 { 1 << slot.0 } else { 0 }
}

impl<'a> Record<'a> {
    /// A record in which nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    fn mark(&mut self, kind: Kind, slot: Slot) {
        if let Some(word) = self.present.get_mut(kind as usize) {
            *word |= bit(slot);
        }
    }

    /// Sets a whole number.
    #[inline]
    pub fn set_int(&mut self, slot: Slot, value: i64) {
        if let Some(place) = self.ints.get_mut(usize::from(slot.0)) {
            *place = value;
            self.mark(Kind::Int, slot);
        }
    }

    /// Sets a yes or no.
    #[inline]
    pub fn set_bool(&mut self, slot: Slot, value: bool) {
        if value {
            self.bools |= bit(slot);
        } else {
            self.bools &= !bit(slot);
        }
        self.mark(Kind::Bool, slot);
    }

    /// Sets a text.
    #[inline]
    pub fn set_text(&mut self, slot: Slot, value: &'a str) {
        if let Some(place) = self.texts.get_mut(usize::from(slot.0)) {
            *place = value;
            self.mark(Kind::Text, slot);
        }
    }

    /// Sets a list of texts.
    #[inline]
    pub fn set_texts(&mut self, slot: Slot, value: &'a [&'a str]) {
        if let Some(place) = self.lists.get_mut(usize::from(slot.0)) {
            *place = value;
            self.mark(Kind::Texts, slot);
        }
    }

    #[inline]
    pub(crate) fn int(&self, slot: Slot) -> i64 {
        self.ints.get(usize::from(slot.0)).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn bool(&self, slot: Slot) -> bool {
        self.bools & bit(slot) != 0
    }

    #[inline]
    pub(crate) fn text(&self, slot: Slot) -> &'a str {
        self.texts.get(usize::from(slot.0)).copied().unwrap_or("")
    }

    #[inline]
    pub(crate) fn texts(&self, slot: Slot) -> &'a [&'a str] {
        self.lists.get(usize::from(slot.0)).copied().unwrap_or(&[])
    }

    #[inline]
    pub(crate) fn has(&self, kind: Kind, slot: Slot) -> bool {
        self.present.get(kind as usize).is_some_and(|word| word & bit(slot) != 0)
    }
}
