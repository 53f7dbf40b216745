//! From text to a checked expression: CEL's own parser, then types and names against the schema. Every fault is told.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::Parser;
use kernel::Faults;

use crate::fault::{
    EMPTY, FaultSheet, NOT_BOOL, NOT_CONSTANT, NOT_SUPPORTED, SYNTAX, TOO_DEEP, TOO_LONG, TYPE, UNKNOWN_FEATURE,
    UNKNOWN_WORD,
};
use crate::schema::{Feature, Kind, Schema, Slot};
use crate::tree::{Arithmetic, BoolNode, Compare, IntNode, Part, TextNode};

/// Bytes that an expression may have.
pub const EXPRESSION_BYTES_MAX: usize = 4_096;
/// How deep brackets may stand in each other.
pub const DEPTH_MAX: u16 = 32;

/// Reads and checks an expression. Faults are those of the field `expression`.
pub(crate) fn check(source: &str, schema: &Schema) -> Result<BoolNode, Faults> {
    let mut sheet = FaultSheet::new(source);
    if source.trim().is_empty() {
        sheet.whole(&EMPTY, &[]);
        return Err(sheet.into_faults());
    }
    if source.len() > EXPRESSION_BYTES_MAX {
        sheet.whole(&TOO_LONG, &[("bytes", &source.len().to_string()), ("limit", &EXPRESSION_BYTES_MAX.to_string())]);
        return Err(sheet.into_faults());
    }
    if nesting(source) > usize::from(DEPTH_MAX) {
        sheet.whole(&TOO_DEEP, &[("limit", &DEPTH_MAX.to_string())]);
        return Err(sheet.into_faults());
    }
    let parsed = Parser::new().max_recursion_depth(DEPTH_MAX).parse_with_source_info(source);
    let (expression, info) = match parsed {
        Ok(parsed) => parsed,
        Err(errors) => {
            for error in &errors.errors {
                let (line, column) = error.pos;
                let detail = error.msg.trim_start_matches("Syntax error: ");
                let one_based = |n: isize| usize::try_from(n).unwrap_or(0).max(1);
                sheet.at_place(&SYNTAX, one_based(line), one_based(column), &[("detail", detail)]);
            }
            if sheet.is_empty() {
                sheet.at(&SYNTAX, 0, &[("detail", "?")]);
            }
            return Err(sheet.into_faults());
        }
    };
    let mut checker = Checker { schema, info, sheet };
    let node = checker.node(&expression);
    match node {
        Some(Node::Bool(node)) if checker.sheet.is_empty() => Ok(node),
        Some(other) => {
            if !matches!(other, Node::Bool(_)) {
                checker.sheet.whole(&NOT_BOOL, &[("found", other.kind().cel_name())]);
            }
            Err(checker.sheet.into_faults())
        }
        None => Err(checker.sheet.into_faults()),
    }
}

/// How deep an expression may turn out to be, told before it is parsed: the parser's recursion would end the process on
/// thousands of open brackets. Brackets within texts count too; `?` nests to the right.
fn nesting(source: &str) -> usize {
    let (mut depth, mut deepest, mut conditions) = (0_usize, 0, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'?' => conditions += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest.max(conditions)
}

enum Node {
    Bool(BoolNode),
    Int(IntNode),
    Text(TextNode),
    Texts(Slot),
}

impl Node {
    fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Text(_) => Kind::Text,
            Self::Texts(_) => Kind::Texts,
        }
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    info: SourceInfo,
    sheet: FaultSheet<'a>,
}

impl Checker<'_> {
    fn offset(&self, id: u64) -> u32 {
        self.info.offset_for(id).map_or(0, |(start, _)| start)
    }

    fn not_supported(&mut self, id: u64, what: &str) -> Option<Node> {
        let offset = self.offset(id);
        self.sheet.at(&NOT_SUPPORTED, offset, &[("what", what)]);
        None
    }

    /// A number of a type that rules do not have, named as its author wrote it.
    fn number_not_supported(&mut self, id: u64, canonical: &str) -> Option<Node> {
        let written = self.sheet.number_at(self.offset(id)).unwrap_or_else(|| canonical.to_owned());
        self.not_supported(id, &written)
    }

    fn wrong_type(&mut self, id: u64, expected: &str, found: Kind) {
        let offset = self.offset(id);
        self.sheet.at(&TYPE, offset, &[("expected", expected), ("found", found.cel_name())]);
    }

    fn node(&mut self, expression: &IdedExpr) -> Option<Node> {
        match &expression.expr {
            Expr::Literal(literal) => self.literal(expression.id, literal),
            Expr::Ident(_) | Expr::Select(_) => self.feature(expression),
            Expr::Call(call) => self.call(expression.id, call),
            Expr::List(_) => self.not_supported(expression.id, "[…]"),
            Expr::Map(_) | Expr::Struct(_) => self.not_supported(expression.id, "{…}"),
            Expr::Comprehension(_) => self.not_supported(expression.id, "all/exists/map/filter"),
            Expr::Unspecified => self.not_supported(expression.id, "?"),
        }
    }

    fn literal(&mut self, id: u64, literal: &LiteralValue) -> Option<Node> {
        match literal {
            LiteralValue::Boolean(value) => Some(Node::Bool(BoolNode::Constant(*value.inner()))),
            LiteralValue::Int(value) => Some(Node::Int(IntNode::Constant(*value.inner()))),
            LiteralValue::String(value) => Some(Node::Text(TextNode::Constant(value.inner().into()))),
            LiteralValue::Double(value) => self.number_not_supported(id, &format!("{:?}", value.inner())),
            LiteralValue::UInt(value) => self.number_not_supported(id, &format!("{}u", value.inner())),
            LiteralValue::Bytes(_) => self.not_supported(id, "b\"…\""),
            LiteralValue::Null => self.not_supported(id, "null"),
        }
    }

    /// `name` or `group.name`, and `has(group.name)`.
    fn feature(&mut self, expression: &IdedExpr) -> Option<Node> {
        let mut names = Vec::new();
        let mut test = false;
        let mut inner = expression;
        let mut first = expression.id;
        loop {
            first = if self.info.offset_for(inner.id).is_some() { inner.id } else { first };
            match &inner.expr {
                Expr::Ident(name) => {
                    names.push(name.as_str());
                    break;
                }
                Expr::Select(select) => {
                    test |= select.test;
                    names.push(select.field.as_str());
                    inner = &select.operand;
                }
                _ => return self.not_supported(expression.id, "(…).name"),
            }
        }
        names.reverse();
        let name = names.join(".");
        let Some((feature, slot)) = self.schema.find(&name) else {
            let near = self.nearest(&name).map(|near| format!(" ({near}?)")).unwrap_or_default();
            let offset = self.offset(first);
            self.sheet.at(&UNKNOWN_FEATURE, offset, &[("name", &name), ("near", &near)]);
            return None;
        };
        Some(match feature.kind {
            kind if test => Node::Bool(BoolNode::Has(kind, slot)),
            Kind::Bool => Node::Bool(BoolNode::Slot(slot)),
            Kind::Int => Node::Int(IntNode::Slot(slot)),
            Kind::Text => Node::Text(TextNode::Slot(slot)),
            Kind::Texts => Node::Texts(slot),
        })
    }

    /// The feature whose name is most like the one given, when they are close.
    fn nearest(&self, name: &str) -> Option<&'static str> {
        self.schema
            .features()
            .iter()
            .map(|feature| (edits(feature.name, name), feature.name))
            .min()
            .filter(|(distance, near)| *distance <= 1 + near.len() / 4)
            .map(|(_, near)| near)
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Option<Node> {
        let name = call.func_name.as_str();
        if let Some(target) = &call.target {
            return self.member(id, name, target, &call.args);
        }
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_AND, [left, right]) => {
                let (left, right) = (self.bool(left), self.bool(right));
                Some(Node::Bool(BoolNode::And(Box::new(left?), Box::new(right?))))
            }
            (operators::LOGICAL_OR, [left, right]) => {
                let (left, right) = (self.bool(left), self.bool(right));
                Some(Node::Bool(BoolNode::Or(Box::new(left?), Box::new(right?))))
            }
            // A chain of && or || arrives as one call with all its terms.
            (operators::LOGICAL_AND | operators::LOGICAL_OR, terms) if terms.len() > 2 => self.chain(name, terms),
            (operators::LOGICAL_NOT, [inner]) => {
                let inner = self.bool(inner)?;
                Some(Node::Bool(BoolNode::Not(Box::new(inner))))
            }
            (operators::CONDITIONAL, [condition, yes, no]) => self.conditional(id, condition, yes, no),
            (operators::NEGATE, [inner]) => {
                let inner = self.int(inner)?;
                Some(Node::Int(IntNode::Negative(Box::new(inner))))
            }
            (operators::IN, [element, list]) => self.within(element, list),
            ("size", [of]) => self.size(of),
            (operator, [left, right]) => {
                if let Some(compare) = comparison(operator) {
                    return self.compare(id, compare, left, right);
                }
                if let Some(arithmetic) = arithmetic(operator) {
                    let (left, right) = (self.int(left), self.int(right));
                    return Some(Node::Int(IntNode::Arithmetic(arithmetic, Box::new(left?), Box::new(right?))));
                }
                self.not_supported(id, &format!("{}()", written(operator)))
            }
            _ => self.not_supported(id, &format!("{}()", written(name))),
        }
    }

    fn chain(&mut self, operator: &str, terms: &[IdedExpr]) -> Option<Node> {
        let nodes: Vec<Option<BoolNode>> = terms.iter().map(|term| self.bool(term)).collect();
        let mut all = None;
        for node in nodes {
            let node = node?;
            all = Some(match all {
                None => node,
                Some(before) if operator == operators::LOGICAL_AND => BoolNode::And(Box::new(before), Box::new(node)),
                Some(before) => BoolNode::Or(Box::new(before), Box::new(node)),
            });
        }
        all.map(Node::Bool)
    }

    fn member(&mut self, id: u64, name: &str, target: &IdedExpr, args: &[IdedExpr]) -> Option<Node> {
        let part = match (name, args) {
            ("startsWith", [part]) => (Part::StartsWith, part),
            ("endsWith", [part]) => (Part::EndsWith, part),
            ("contains", [part]) => (Part::Contains, part),
            ("size", []) => return self.size(target),
            _ => return self.not_supported(id, &format!(".{name}()")),
        };
        let (text, piece) = (self.text(target), self.text(part.1));
        Some(Node::Bool(BoolNode::Part(part.0, text?, piece?)))
    }

    fn size(&mut self, of: &IdedExpr) -> Option<Node> {
        Some(Node::Int(match self.node(of)? {
            Node::Text(text) => IntNode::TextSize(text),
            Node::Texts(slot) => IntNode::ListSize(slot),
            other => {
                self.wrong_type(of.id, "string, list(string)", other.kind());
                return None;
            }
        }))
    }

    fn conditional(&mut self, id: u64, condition: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Option<Node> {
        let condition = self.bool(condition);
        let (yes, no) = (self.node(yes), self.node(no));
        let (condition, yes, no) = (Box::new(condition?), yes?, no?);
        match (yes, no) {
            (Node::Bool(yes), Node::Bool(no)) => Some(Node::Bool(BoolNode::If(condition, yes.into(), no.into()))),
            (Node::Int(yes), Node::Int(no)) => Some(Node::Int(IntNode::If(condition, yes.into(), no.into()))),
            (Node::Text(yes), Node::Text(no)) => Some(Node::Text(TextNode::If(condition, yes.into(), no.into()))),
            (yes, no) => {
                self.wrong_type(id, yes.kind().cel_name(), no.kind());
                None
            }
        }
    }

    fn compare(&mut self, id: u64, compare: Compare, left: &IdedExpr, right: &IdedExpr) -> Option<Node> {
        let (left_node, right_node) = (self.node(left), self.node(right));
        let equality = matches!(compare, Compare::Equal | Compare::NotEqual);
        Some(Node::Bool(match (left_node?, right_node?) {
            (Node::Int(left), Node::Int(right)) => BoolNode::Ints(compare, left, right),
            (Node::Text(a), Node::Text(b)) => {
                self.known_word(right.id, &a, &b);
                self.known_word(left.id, &b, &a);
                BoolNode::Texts(compare, a, b)
            }
            (Node::Bool(left), Node::Bool(right)) if equality => {
                BoolNode::Same(compare == Compare::Equal, left.into(), right.into())
            }
            (Node::Bool(_), Node::Bool(_)) => return self.not_supported(id, "bool < bool"),
            (Node::Texts(_), _) | (_, Node::Texts(_)) => return self.not_supported(id, "list == list"),
            (left, other) => {
                self.wrong_type(right.id, left.kind().cel_name(), other.kind());
                return None;
            }
        }))
    }

    /// A comparison with a word that the feature never has is a slip of the pen, not a condition.
    fn known_word(&mut self, id: u64, feature: &TextNode, word: &TextNode) {
        if let (TextNode::Slot(slot), TextNode::Constant(word)) = (feature, word)
            && let Some(feature) = self.schema.at(Kind::Text, *slot).copied()
        {
            self.word_of(id, &feature, word);
        }
    }

    fn word_of(&mut self, id: u64, feature: &Feature, word: &str) {
        if !feature.words.is_empty() && !feature.words.contains(&word) {
            let offset = self.offset(id);
            let words = feature.words.join(" ");
            self.sheet.at(&UNKNOWN_WORD, offset, &[("name", feature.name), ("word", word), ("words", &words)]);
        }
    }

    fn within(&mut self, element: &IdedExpr, list: &IdedExpr) -> Option<Node> {
        let element_node = self.node(element);
        let Expr::List(literal) = &list.expr else {
            let list_node = self.node(list)?;
            return match (element_node?, list_node) {
                (Node::Text(text), Node::Texts(slot)) => Some(Node::Bool(BoolNode::TextInSlot(text, slot))),
                (_, Node::Texts(_)) => self.not_supported(element.id, "… in"),
                (_, other) => {
                    self.wrong_type(list.id, Kind::Texts.cel_name(), other.kind());
                    None
                }
            };
        };
        match element_node? {
            Node::Int(int) => {
                let mut values = Vec::with_capacity(literal.elements.len());
                for item in &literal.elements {
                    match self.int(item)? {
                        IntNode::Constant(value) => values.push(value),
                        IntNode::Negative(inner) if matches!(*inner, IntNode::Constant(_)) => {
                            if let IntNode::Constant(value) = *inner {
                                values.push(value.checked_neg()?);
                            }
                        }
                        _ => return self.not_constant(item.id),
                    }
                }
                values.sort_unstable();
                values.dedup();
                Some(Node::Bool(BoolNode::IntIn(int, values.into())))
            }
            Node::Text(text) => {
                let mut values = Vec::with_capacity(literal.elements.len());
                for item in &literal.elements {
                    let TextNode::Constant(value) = self.text(item)? else {
                        return self.not_constant(item.id);
                    };
                    if let TextNode::Slot(slot) = &text
                        && let Some(feature) = self.schema.at(Kind::Text, *slot).copied()
                    {
                        self.word_of(item.id, &feature, &value);
                    }
                    values.push(value);
                }
                Some(Node::Bool(BoolNode::TextIn(text, values.into())))
            }
            other => {
                self.wrong_type(element.id, "int, string", other.kind());
                None
            }
        }
    }

    fn not_constant(&mut self, id: u64) -> Option<Node> {
        let offset = self.offset(id);
        self.sheet.at(&NOT_CONSTANT, offset, &[]);
        None
    }

    fn bool(&mut self, expression: &IdedExpr) -> Option<BoolNode> {
        match self.node(expression)? {
            Node::Bool(node) => Some(node),
            other => {
                self.wrong_type(expression.id, Kind::Bool.cel_name(), other.kind());
                None
            }
        }
    }

    fn int(&mut self, expression: &IdedExpr) -> Option<IntNode> {
        match self.node(expression)? {
            Node::Int(node) => Some(node),
            other => {
                self.wrong_type(expression.id, Kind::Int.cel_name(), other.kind());
                None
            }
        }
    }

    fn text(&mut self, expression: &IdedExpr) -> Option<TextNode> {
        match self.node(expression)? {
            Node::Text(node) => Some(node),
            other => {
                self.wrong_type(expression.id, Kind::Text.cel_name(), other.kind());
                None
            }
        }
    }
}

fn comparison(operator: &str) -> Option<Compare> {
    Some(match operator {
        operators::EQUALS => Compare::Equal,
        operators::NOT_EQUALS => Compare::NotEqual,
        operators::LESS => Compare::Less,
        operators::LESS_EQUALS => Compare::LessEqual,
        operators::GREATER => Compare::Greater,
        operators::GREATER_EQUALS => Compare::GreaterEqual,
        _ => return None,
    })
}

fn arithmetic(operator: &str) -> Option<Arithmetic> {
    Some(match operator {
        operators::ADD => Arithmetic::Add,
        operators::SUBSTRACT => Arithmetic::Subtract,
        operators::MULTIPLY => Arithmetic::Multiply,
        operators::DIVIDE => Arithmetic::Divide,
        operators::MODULO => Arithmetic::Remainder,
        _ => return None,
    })
}

/// The operator as people write it: `_+_` is `+`.
fn written(operator: &str) -> &str {
    operator.trim_matches(['_', '@'])
}

/// Edit distance of two short names.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (b, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            let cost = if a == *b { diagonal } else { 1 + diagonal.min(above).min(previous) };
            diagonal = above;
            previous = cost;
            *cell = cost;
        }
        if let Some(head) = row.first_mut() {
            *head = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}
