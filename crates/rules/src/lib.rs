//! Rules over typed features: CEL expressions parsed, checked, compiled, explained and counted in shadow. Pure.

use serde::{Deserialize, Serialize};

/// The number of a rule, given by the store that keeps it; it stays the rule's own through every edit and reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub u32);

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Being written; evaluated nowhere.
    Draft,
    /// Counts what it would have done.
    Shadow,
    /// In force.
    Live,
    /// Taken out of use.
    Retired,
}

/// A rule with an action of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule<A> {
    /// Number.
    pub id: RuleId,
    /// Name in Chinese.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
    /// CEL expression over the features of the schema; its type is bool.
    pub expression: String,
    /// What is done when it holds.
    pub action: A,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands.
    pub stage: Stage,
    /// The rule with the lower priority number is asked first; the first live rule that holds decides.
    pub priority: i32,
}

/// Compiled rules, live and in shadow.
#[derive(Debug)]
pub struct RuleBook<A> {
    rules: Vec<Rule<A>>,
}

impl<A> Default for RuleBook<A> {
    fn default() -> Self {
        Self { rules: Vec::new() }
    }
}

impl<A> RuleBook<A> {
    /// The rules in it.
    pub fn rules(&self) -> &[Rule<A>] {
        &self.rules
    }
}
