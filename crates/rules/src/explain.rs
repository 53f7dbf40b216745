//! Why a rule holds, for the officer who asks.

use serde::{Deserialize, Serialize};

use crate::check::check;
use crate::program::leaves;
use crate::schema::{Kind, Record, Schema};
use crate::tree::BoolNode;

/// Why a rule holds for a record or does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whether it holds; nothing where it ends in an error such as a division by zero.
    pub holds: Option<bool>,
    /// Its terms in the order of the text.
    pub terms: Vec<Term>,
}

/// One term of a rule: what `&&`, `||`, `!` and `?:` join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The term as CEL.
    pub text: String,
    /// Whether it held; nothing for an error.
    pub held: Option<bool>,
    /// The features it reads.
    pub values: Vec<FeatureValue>,
}

/// The value of a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureValue {
    /// Its name in expressions.
    pub name: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Its value as CEL writes it; nothing when it was not set.
    pub value: Option<String>,
}

/// Explains an expression that need not be in a book, for the page on which a rule is tried. Faults as for a rule.
pub fn explain_expression(
    expression: &str,
    schema: &Schema,
    record: &Record<'_>,
) -> Result<Explanation, kernel::Faults> {
    check(expression, schema).map(|root| explain(&root, schema, record))
}

pub(crate) fn explain(root: &BoolNode, schema: &Schema, record: &Record<'_>) -> Explanation {
    let mut terms = Vec::new();
    leaves(root, &mut |leaf: &BoolNode| {
        let mut values: Vec<FeatureValue> = Vec::new();
        leaf.reads(&mut |kind, slot| {
            if let Some(feature) = schema.at(kind, slot)
                && !values.iter().any(|value| value.name == feature.name)
            {
                let value = record.has(kind, slot).then(|| match kind {
                    Kind::Bool => record.bool(slot).to_string(),
                    Kind::Int => record.int(slot).to_string(),
                    Kind::Text => format!("{:?}", record.text(slot)),
                    Kind::Texts => format!("{:?}", record.texts(slot)),
                });
                values.push(FeatureValue {
                    name: feature.name.to_owned(),
                    zh: feature.zh.to_owned(),
                    en: feature.en.to_owned(),
                    value,
                });
            }
        });
        terms.push(Term { text: leaf.write(schema), held: leaf.value(record), values });
    });
    Explanation { holds: root.value(record), terms }
}
