//! A checked expression: every part has its type, and evaluates exactly as CEL says.

use crate::schema::{Kind, Record, Schema, Slot};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Compare {
    #[inline]
    pub(crate) fn holds<T: Ord + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterEqual => left >= right,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// The comparison that says the same with the sides exchanged.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            same => same,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    StartsWith,
    EndsWith,
    Contains,
}

impl Part {
    #[inline]
    pub(crate) fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
        }
    }
}

/// An expression whose value is yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum BoolNode {
    Constant(bool),
    Slot(Slot),
    Has(Kind, Slot),
    Not(Box<BoolNode>),
    And(Box<BoolNode>, Box<BoolNode>),
    Or(Box<BoolNode>, Box<BoolNode>),
    If(Box<BoolNode>, Box<BoolNode>, Box<BoolNode>),
    /// Whether two yes-or-no values are equal, or (`false`) differ.
    Same(bool, Box<BoolNode>, Box<BoolNode>),
    Ints(Compare, IntNode, IntNode),
    Texts(Compare, TextNode, TextNode),
    Part(Part, TextNode, TextNode),
    /// In a sorted list of constants.
    IntIn(IntNode, Box<[i64]>),
    /// In a list of constants.
    TextIn(TextNode, Box<[Box<str>]>),
    /// In a feature that is a list.
    TextInSlot(TextNode, Slot),
}

/// An expression whose value is a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum IntNode {
    Constant(i64),
    Slot(Slot),
    Negative(Box<IntNode>),
    Arithmetic(Arithmetic, Box<IntNode>, Box<IntNode>),
    /// Characters of a text.
    TextSize(TextNode),
    /// Elements of a list.
    ListSize(Slot),
    If(Box<BoolNode>, Box<IntNode>, Box<IntNode>),
}

/// An expression whose value is a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum TextNode {
    Constant(Box<str>),
    Slot(Slot),
    If(Box<BoolNode>, Box<TextNode>, Box<TextNode>),
}

impl BoolNode {
    /// The value; nothing where CEL has an error (overflow, division by zero). As in CEL, `&&` and `||` pass over an
    /// error when the other side decides.
    pub(crate) fn value(&self, record: &Record<'_>) -> Option<bool> {
        Some(match self {
            Self::Constant(value) => *value,
            Self::Slot(slot) => record.bool(*slot),
            Self::Has(kind, slot) => record.has(*kind, *slot),
            Self::Not(inner) => !inner.value(record)?,
            Self::And(left, right) => {
                return match left.value(record) {
                    Some(false) => Some(false),
                    Some(true) => right.value(record),
                    None => right.value(record).filter(|value| !value),
                };
            }
            Self::Or(left, right) => {
                return match left.value(record) {
                    Some(true) => Some(true),
                    Some(false) => right.value(record),
                    None => right.value(record).filter(|value| *value),
                };
            }
            Self::If(condition, yes, no) => {
                return if condition.value(record)? { yes.value(record) } else { no.value(record) };
            }
            Self::Same(same, left, right) => (left.value(record)? == right.value(record)?) == *same,
            Self::Ints(compare, left, right) => compare.holds(&left.value(record)?, &right.value(record)?),
            Self::Texts(compare, left, right) => compare.holds(left.value(record)?, right.value(record)?),
            Self::Part(part, text, piece) => part.holds(text.value(record)?, piece.value(record)?),
            Self::IntIn(int, list) => list.binary_search(&int.value(record)?).is_ok(),
            Self::TextIn(text, list) => {
                let text = text.value(record)?;
                list.iter().any(|word| &**word == text)
            }
            Self::TextInSlot(text, slot) => {
                let text = text.value(record)?;
                record.texts(*slot).contains(&text)
            }
        })
    }

    /// Whether its value can be an error.
    pub(crate) fn can_fail(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Slot(_) | Self::Has(..) => false,
            Self::Not(inner) => inner.can_fail(),
            Self::And(left, right) | Self::Or(left, right) | Self::Same(_, left, right) => {
                left.can_fail() || right.can_fail()
            }
            Self::If(condition, yes, no) => condition.can_fail() || yes.can_fail() || no.can_fail(),
            Self::Ints(_, left, right) => left.can_fail() || right.can_fail(),
            Self::Texts(_, left, right) | Self::Part(_, left, right) => left.can_fail() || right.can_fail(),
            Self::IntIn(int, _) => int.can_fail(),
            Self::TextIn(text, _) | Self::TextInSlot(text, _) => text.can_fail(),
        }
    }

    /// Visits the features that it reads.
    pub(crate) fn reads(&self, visit: &mut dyn FnMut(Kind, Slot)) {
        match self {
            Self::Constant(_) => {}
            Self::Slot(slot) => visit(Kind::Bool, *slot),
            Self::Has(kind, slot) => visit(*kind, *slot),
            Self::Not(inner) => inner.reads(visit),
            Self::And(left, right) | Self::Or(left, right) | Self::Same(_, left, right) => {
                left.reads(visit);
                right.reads(visit);
            }
            Self::If(condition, yes, no) => {
                condition.reads(visit);
                yes.reads(visit);
                no.reads(visit);
            }
            Self::Ints(_, left, right) => {
                left.reads(visit);
                right.reads(visit);
            }
            Self::Texts(_, left, right) | Self::Part(_, left, right) => {
                left.reads(visit);
                right.reads(visit);
            }
            Self::IntIn(int, _) => int.reads(visit),
            Self::TextIn(text, _) => text.reads(visit),
            Self::TextInSlot(text, slot) => {
                text.reads(visit);
                visit(Kind::Texts, *slot);
            }
        }
    }

    /// Writes it as CEL.
    pub(crate) fn write(&self, schema: &Schema) -> String {
        match self {
            Self::Constant(value) => value.to_string(),
            Self::Slot(slot) => name(schema, Kind::Bool, *slot),
            Self::Has(kind, slot) => format!("has({})", name(schema, *kind, *slot)),
            Self::Not(inner) => format!("!({})", inner.write(schema)),
            Self::And(left, right) => format!("({}) && ({})", left.write(schema), right.write(schema)),
            Self::Or(left, right) => format!("({}) || ({})", left.write(schema), right.write(schema)),
            Self::If(condition, yes, no) => {
                format!("({}) ? ({}) : ({})", condition.write(schema), yes.write(schema), no.write(schema))
            }
            Self::Same(same, left, right) => {
                format!("({}) {} ({})", left.write(schema), if *same { "==" } else { "!=" }, right.write(schema))
            }
            Self::Ints(compare, left, right) => {
                format!("{} {} {}", left.write(schema), compare.sign(), right.write(schema))
            }
            Self::Texts(compare, left, right) => {
                format!("{} {} {}", left.write(schema), compare.sign(), right.write(schema))
            }
            Self::Part(part, text, piece) => {
                format!("{}.{}({})", text.write(schema), part.name(), piece.write(schema))
            }
            Self::IntIn(int, list) => {
                let list: Vec<String> = list.iter().map(i64::to_string).collect();
                format!("{} in [{}]", int.write(schema), list.join(", "))
            }
            Self::TextIn(text, list) => {
                let list: Vec<String> = list.iter().map(|word| quoted(word)).collect();
                format!("{} in [{}]", text.write(schema), list.join(", "))
            }
            Self::TextInSlot(text, slot) => format!("{} in {}", text.write(schema), name(schema, Kind::Texts, *slot)),
        }
    }
}

impl IntNode {
    pub(crate) fn value(&self, record: &Record<'_>) -> Option<i64> {
        Some(match self {
            Self::Constant(value) => *value,
            Self::Slot(slot) => record.int(*slot),
            Self::Negative(inner) => inner.value(record)?.checked_neg()?,
            Self::Arithmetic(operator, left, right) => {
                let (left, right) = (left.value(record)?, right.value(record)?);
                return match operator {
                    Arithmetic::Add => left.checked_add(right),
                    Arithmetic::Subtract => left.checked_sub(right),
                    Arithmetic::Multiply => left.checked_mul(right),
                    Arithmetic::Divide => left.checked_div(right),
                    Arithmetic::Remainder => left.checked_rem(right),
                };
            }
            Self::TextSize(text) => i64::try_from(text.value(record)?.chars().count()).ok()?,
            Self::ListSize(slot) => i64::try_from(record.texts(*slot).len()).ok()?,
            Self::If(condition, yes, no) => {
                return if condition.value(record)? { yes.value(record) } else { no.value(record) };
            }
        })
    }

    fn can_fail(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Slot(_) | Self::ListSize(_) => false,
            Self::Negative(_) | Self::Arithmetic(..) => true,
            Self::TextSize(text) => text.can_fail(),
            Self::If(condition, yes, no) => condition.can_fail() || yes.can_fail() || no.can_fail(),
        }
    }

    fn reads(&self, visit: &mut dyn FnMut(Kind, Slot)) {
        match self {
            Self::Constant(_) => {}
            Self::Slot(slot) => visit(Kind::Int, *slot),
            Self::Negative(inner) => inner.reads(visit),
            Self::Arithmetic(_, left, right) => {
                left.reads(visit);
                right.reads(visit);
            }
            Self::TextSize(text) => text.reads(visit),
            Self::ListSize(slot) => visit(Kind::Texts, *slot),
            Self::If(condition, yes, no) => {
                condition.reads(visit);
                yes.reads(visit);
                no.reads(visit);
            }
        }
    }

    fn write(&self, schema: &Schema) -> String {
        match self {
            Self::Constant(value) => value.to_string(),
            Self::Slot(slot) => name(schema, Kind::Int, *slot),
            Self::Negative(inner) => format!("-({})", inner.write(schema)),
            Self::Arithmetic(operator, left, right) => {
                format!("({} {} {})", left.write(schema), operator.sign(), right.write(schema))
            }
            Self::TextSize(text) => format!("size({})", text.write(schema)),
            Self::ListSize(slot) => format!("size({})", name(schema, Kind::Texts, *slot)),
            Self::If(condition, yes, no) => {
                format!("(({}) ? {} : {})", condition.write(schema), yes.write(schema), no.write(schema))
            }
        }
    }
}

impl TextNode {
    pub(crate) fn value<'v>(&'v self, record: &Record<'v>) -> Option<&'v str> {
        match self {
            Self::Constant(text) => Some(text),
            Self::Slot(slot) => Some(record.text(*slot)),
            Self::If(condition, yes, no) => {
                if condition.value(record)? {
                    yes.value(record)
                } else {
                    no.value(record)
                }
            }
        }
    }

    fn can_fail(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Slot(_) => false,
            Self::If(condition, yes, no) => condition.can_fail() || yes.can_fail() || no.can_fail(),
        }
    }

    fn reads(&self, visit: &mut dyn FnMut(Kind, Slot)) {
        match self {
            Self::Constant(_) => {}
            Self::Slot(slot) => visit(Kind::Text, *slot),
            Self::If(condition, yes, no) => {
                condition.reads(visit);
                yes.reads(visit);
                no.reads(visit);
            }
        }
    }

    fn write(&self, schema: &Schema) -> String {
        match self {
            Self::Constant(text) => quoted(text),
            Self::Slot(slot) => name(schema, Kind::Text, *slot),
            Self::If(condition, yes, no) => {
                format!("(({}) ? {} : {})", condition.write(schema), yes.write(schema), no.write(schema))
            }
        }
    }
}

fn name(schema: &Schema, kind: Kind, slot: Slot) -> String {
    schema.at(kind, slot).map_or_else(String::new, |feature| feature.name.to_owned())
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
