//! Checks input against what the OpenAPI document says of it, and tells every fault at once, by field, in words.
//!
//! The extractors look here first and read the value into its type afterwards: serde stops at the first fault and speaks
//! of types. Tests check answers against the document by the same rules.
//!
//! Read are the parts of JSON Schema that our types produce: `$ref`, `allOf`, `oneOf`, `anyOf`, `type`, `enum`, `const`,
//! `properties`, `required`, `additionalProperties`, `items`, bounds of numbers and lengths, and the formats of
//! identifiers and times. What it does not know it lets pass; the type then decides.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Fault, Faults, OrderId, Timestamp};
use serde_json::{Map, Value};

use crate::texts;

/// Faults of one input that are told at most.
const FAULTS_MAX: usize = 100;
/// References that are followed inside each other at most: a guard against a schema that refers to itself.
const REFERENCES_MAX: usize = 32;

/// Extension of a field: it is needed where each named field has one of the values.
const NEEDED_WHEN: &str = "x-needed-when";
/// Extension of a field: it is needed where the named field is left out.
const NEEDED_UNLESS: &str = "x-needed-unless";

/// The schemas of the document by name.
pub(crate) type Schemas = Arc<Map<String, Value>>;

/// One parameter of the path or the query.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    name: String,
    required: bool,
    schema: Value,
}

/// What the document says of the input of one operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input {
    schemas: Schemas,
    body: Option<Value>,
    query: Vec<Parameter>,
    path: Vec<Parameter>,
}

/// The inputs of every operation, by upper-case method and path template.
pub(crate) fn inputs(document: &Value) -> HashMap<(String, String), Arc<Input>> {
    let schemas = schemas(document);
    let mut found = HashMap::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let input = Input::of(operation, schemas.clone());
            found.insert((method.to_ascii_uppercase(), path.clone()), Arc::new(input));
        }
    }
    found
}

/// The schemas that the document names.
pub(crate) fn schemas(document: &Value) -> Schemas {
    Arc::new(document.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default())
}

impl Input {
    fn of(operation: &Value, schemas: Schemas) -> Self {
        let parameters = |place: &str| -> Vec<Parameter> {
            let all = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            all.filter(|one| one.get("in").and_then(Value::as_str) == Some(place))
                .filter_map(|one| {
                    Some(Parameter {
                        name: one.get("name")?.as_str()?.to_owned(),
                        required: one.get("required").and_then(Value::as_bool).unwrap_or(false),
                        schema: one.get("schema").cloned().unwrap_or(Value::Bool(true)),
                    })
                })
                .collect()
        };
        let body = operation.pointer("/requestBody/content/application~1json/schema").cloned();
        Self { schemas, body, query: parameters("query"), path: parameters("path") }
    }

    /// Every fault of a JSON body.
    pub(crate) fn body(&self, value: &Value) -> Faults {
        let mut faults = Faults::none();
        if let Some(schema) = &self.body {
            Check { schemas: &self.schemas, faults: &mut faults, of: Of::Form }.value("", schema, value, 0);
            // Where only texts were left empty, the desk tells that together with what else is wrong.
            let mut others = Faults::none();
            Check { schemas: &self.schemas, faults: &mut others, of: Of::Texts }.value("", schema, value, 0);
            if others.is_empty() {
                return others;
            }
        }
        faults
    }

    /// Every fault of the query of an address.
    pub(crate) fn query(&self, given: &[(String, String)]) -> Faults {
        let mut faults = Faults::none();
        for parameter in &self.query {
            let mut values = given.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (None, _) if parameter.required => faults.push(texts::JSON_MISSING.at(&parameter.name, &[])),
                (Some(_), Some(_)) => faults.push(texts::JSON_TWICE.at(&parameter.name, &[])),
                (Some(text), None) => self.text(parameter, text, &mut faults),
                (None, _) => {}
            }
        }
        faults
    }

    /// The names of a query that the document does not know.
    pub(crate) fn unknown_in_query(&self, given: &[(String, String)]) -> Faults {
        let known = |name: &str| self.query.iter().any(|parameter| parameter.name == name);
        Faults(
            given.iter().filter(|(name, _)| !known(name)).map(|(name, _)| texts::JSON_UNKNOWN.at(name, &[])).collect(),
        )
    }

    /// The place of a path that has one.
    pub(crate) fn only_place(&self) -> Option<String> {
        match self.path.as_slice() {
            [one] => Some(one.name.clone()),
            _ => None,
        }
    }

    /// Every fault of the places of a path.
    pub(crate) fn path<'a>(&self, places: impl Iterator<Item = (&'a str, &'a str)>) -> Faults {
        let mut faults = Faults::none();
        for (name, text) in places {
            if let Some(parameter) = self.path.iter().find(|parameter| parameter.name == name) {
                self.text(parameter, text, &mut faults);
            }
        }
        faults
    }

    /// A value that is written as text in the address.
    fn text(&self, parameter: &Parameter, text: &str, faults: &mut Faults) {
        let mut check = Check { schemas: &self.schemas, faults, of: Of::Form };
        let value = match check.wanted(&parameter.schema) {
            Some("integer") => {
                text.parse::<i64>().map(Value::from).ok().or_else(|| text.parse::<u64>().map(Value::from).ok())
            }
            Some("number") => text.parse::<f64>().ok().map(Value::from),
            Some("boolean") => text.parse::<bool>().ok().map(Value::from),
            _ => None,
        };
        check.value(&parameter.name, &parameter.schema, &value.unwrap_or_else(|| Value::from(text)), 0);
    }
}

/// Every fault of a value against a schema of the document.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn check(schemas: &Schemas, schema: &Value, value: &Value) -> Faults {
    let mut faults = Faults::none();
    Check { schemas, faults: &mut faults, of: Of::Answer }.value("", schema, value, 0);
    faults
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// What a person fills in: a field that is needed and left empty is missing, whether it is absent, null or blank.
    Form,
    /// The same, but texts may be empty: a desk looks at them itself.
    Texts,
    /// What a seat answers: a text may be empty.
    #[cfg(any(test, feature = "testing"))]
    Answer,
}

struct Check<'a> {
    schemas: &'a Schemas,
    faults: &'a mut Faults,
    of: Of,
}

impl<'a> Check<'a> {
    fn push(&mut self, fault: Fault) {
        if self.faults.0.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }

    fn resolved<'s>(&self, schema: &'s Value) -> &'s Value
    where
        'a: 's,
    {
        let mut schema = schema;
        for _ in 0..REFERENCES_MAX {
            let Some(name) = schema.get("$ref").and_then(Value::as_str) else { return schema };
            let name = name.rsplit('/').next().unwrap_or(name);
            match self.schemas.get(name) {
                Some(named) => schema = named,
                None => return schema,
            }
        }
        schema
    }

    /// The one type besides null that a schema asks for, where it asks for one.
    fn wanted<'s>(&self, schema: &'s Value) -> Option<&'s str>
    where
        'a: 's,
    {
        let schema = self.resolved(schema);
        if let Some(kind) = types(schema).into_iter().find(|kind| *kind != "null") {
            return Some(kind);
        }
        let one_of = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array)?;
        one_of.iter().find_map(|one| self.wanted(one).filter(|kind| *kind != "null"))
    }

    fn value(&mut self, field: &str, schema: &Value, value: &Value, depth: usize) {
        let schemas = self.schemas;
        let schema = Check { schemas, faults: &mut Faults::none(), of: self.of }.resolved(schema).clone();
        let schema = &schema;
        if depth > REFERENCES_MAX || schema.as_object().is_none_or(Map::is_empty) {
            return;
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(field, part, value, depth + 1);
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(alternatives) = schema.get(word).and_then(Value::as_array) {
                self.one_of(field, alternatives, value, depth);
            }
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            let found = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let found: String = found.chars().take(40).collect();
            let words: Vec<String> = words
                .iter()
                .filter(|w| !w.is_null())
                .map(|w| w.as_str().map_or_else(|| w.to_string(), str::to_owned))
                .collect();
            let values = [("found", found.as_str()), ("words", &words.join(", "))];
            return self.push(texts::NOT_ONE_OF.at(field, &values));
        }
        if let Some(only) = schema.get("const")
            && only != value
        {
            return self.push(texts::JSON_FORM.at(field, &[]));
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|kind| is_of(kind, value)) {
            let fault = match types.iter().find(|kind| **kind != "null") {
                Some(&"string") => texts::JSON_TEXT,
                Some(&"integer") => texts::JSON_INTEGER,
                Some(&"number") => texts::JSON_NUMBER,
                Some(&"boolean") => texts::JSON_FLAG,
                Some(&"array") => texts::JSON_LIST,
                Some(&"object") => texts::JSON_OBJECT,
                _ => texts::JSON_FORM,
            };
            return self.push(fault.at(field, &[]));
        }
        match value {
            Value::Object(map) => self.object(field, schema, map, depth),
            Value::Array(items) => self.array(field, schema, items, depth),
            Value::String(text) => self.string(field, schema, text),
            Value::Number(number) => self.number(field, schema, number),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn one_of(&mut self, field: &str, alternatives: &[Value], value: &Value, depth: usize) {
        let mut nearest: Option<Faults> = None;
        for alternative in alternatives {
            let mut faults = Faults::none();
            let mut check = Check { schemas: self.schemas, faults: &mut faults, of: self.of };
            check.value(field, alternative, value, depth + 1);
            if faults.is_empty() {
                return;
            }
            let fits_type = check_type(self.schemas, alternative, value);
            let better = nearest.as_ref().is_none_or(|known| faults.0.len() < known.0.len());
            if fits_type && better {
                nearest = Some(faults);
            }
        }
        match nearest {
            Some(faults) => faults.0.into_iter().for_each(|fault| self.push(fault)),
            None => {
                let schemas = self.schemas;
                let real: Vec<&Value> =
                    alternatives.iter().filter(|one| !check_type(schemas, one, &Value::Null)).collect();
                match real.as_slice() {
                    [only] => self.value(field, only, value, depth + 1),
                    _ => self.push(texts::JSON_FORM.at(field, &[])),
                }
            }
        }
    }

    fn object(&mut self, field: &str, schema: &Value, map: &Map<String, Value>, depth: usize) {
        let inside = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut missing = Vec::new();
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            let known = properties.and_then(|known| known.get(name));
            if map.get(name).is_none_or(|value| self.is_left_empty(known, value)) {
                self.push(texts::JSON_MISSING.at(inside(name), &[]));
                missing.push(name);
            }
        }
        for (name, property) in properties.into_iter().flatten() {
            if self.is_needed_here(property, map) && map.get(name).is_none_or(is_nothing) {
                self.push(texts::JSON_MISSING.at(inside(name), &[]));
                missing.push(name);
            }
        }
        for (name, value) in map.iter().filter(|(name, _)| !missing.contains(&name.as_str())) {
            match (properties.and_then(|known| known.get(name)), schema.get("additionalProperties")) {
                (Some(known), _) => self.value(&inside(name), known, value, depth + 1),
                (None, Some(Value::Bool(false))) => self.push(texts::JSON_UNKNOWN.at(inside(name), &[])),
                (None, Some(others)) if others.is_object() => self.value(&inside(name), others, value, depth + 1),
                _ => {}
            }
        }
    }

    /// Whether a field is needed because of what others say: by its `x-needed-when`, values of other fields, or its
    /// `x-needed-unless`, another field that may stand in its place.
    fn is_needed_here(&self, property: &Value, map: &Map<String, Value>) -> bool {
        let values = |(name, values): (&String, &Value)| {
            let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
            map.get(name).is_some_and(|value| values.contains(value))
        };
        let when = property.get(NEEDED_WHEN).and_then(Value::as_object);
        let unless = property.get(NEEDED_UNLESS).and_then(Value::as_str);
        matches!(self.of, Of::Form | Of::Texts)
            && (when.is_some() || unless.is_some())
            && when.is_none_or(|when| when.iter().all(values))
            && unless.is_none_or(|other| map.get(other).is_none_or(is_nothing))
    }

    /// Whether a schema takes the empty text.
    fn takes_any_text(&self, schema: &Value) -> bool {
        let mut faults = Faults::none();
        Check { schemas: self.schemas, faults: &mut faults, of: self.of }.value("", schema, &Value::from(""), 0);
        faults.is_empty()
    }

    /// Whether a field that is needed holds nothing: a blank text, or null where its schema takes none.
    fn is_left_empty(&self, schema: Option<&Value>, value: &Value) -> bool {
        match value {
            _ if !matches!(self.of, Of::Form | Of::Texts) => false,
            Value::String(_) if self.of == Of::Texts => {
                is_nothing(value) && schema.is_some_and(|schema| !self.takes_any_text(schema))
            }
            Value::String(_) => is_nothing(value),
            Value::Null => schema.is_some_and(|schema| !check_type(self.schemas, schema, value)),
            _ => false,
        }
    }

    fn array(&mut self, field: &str, schema: &Value, items: &[Value], depth: usize) {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        if bound("maxItems").is_some_and(|most| items.len() > most)
            || bound("minItems").is_some_and(|least| items.len() < least)
        {
            let (least, most) = (bound("minItems").unwrap_or(0), bound("maxItems"));
            let most = most.map_or_else(|| "∞".to_owned(), |most| most.to_string());
            self.push(texts::JSON_COUNT.at(field, &[("least", &least.to_string()), ("most", &most)]));
        }
        if let Some(schema) = schema.get("items") {
            for (place, item) in items.iter().enumerate() {
                self.value(&format!("{field}[{place}]"), schema, item, depth + 1);
            }
        }
    }

    fn string(&mut self, field: &str, schema: &Value, text: &str) {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let length = text.chars().count();
        if bound("maxLength").is_some_and(|most| length > most)
            || bound("minLength").is_some_and(|least| length < least)
        {
            let (least, most) = (bound("minLength").unwrap_or(0), bound("maxLength"));
            let most = most.map_or_else(|| "∞".to_owned(), |most| most.to_string());
            self.push(texts::JSON_LENGTH.at(field, &[("least", &least.to_string()), ("most", &most)]));
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("uuid") if text.parse::<OrderId>().is_err() => self.push(texts::JSON_ID.at(field, &[])),
            Some("date-time") if Timestamp::parse(text).is_none() => self.push(texts::JSON_TIME.at(field, &[])),
            _ => {}
        }
    }

    fn number(&mut self, field: &str, schema: &Value, number: &serde_json::Number) {
        let (mut least, mut most) = match schema.get("format").and_then(Value::as_str) {
            Some("int32") => (i128::from(i32::MIN), i128::from(i32::MAX)),
            Some("int64") => (i128::from(i64::MIN), i128::from(i64::MAX)),
            _ => (i128::MIN, i128::MAX),
        };
        let bound = |name: &str| schema.get(name).and_then(|value| whole(value.as_number()?));
        if let Some(minimum) = bound("minimum") {
            least = least.max(minimum);
            // An unsigned type goes as far again as the signed one whose format it bears.
            if minimum >= 0 && least >= 0 && most < i128::MAX {
                most = most.saturating_mul(2).saturating_add(1);
            }
        }
        if let Some(maximum) = bound("maximum") {
            most = most.min(maximum);
        }
        let Some(found) = whole(number) else { return };
        if !(least..=most).contains(&found) {
            let values = [("found", found.to_string()), ("least", least.to_string()), ("most", most.to_string())];
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.push(texts::JSON_RANGE.at(field, &values));
        }
    }
}

/// What an empty field of a form sends.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A whole number, also where it is written `1.0`.
fn whole(number: &serde_json::Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn check_type(schemas: &Schemas, schema: &Value, value: &Value) -> bool {
    let mut faults = Faults::none();
    let resolved = Check { schemas, faults: &mut faults, of: Of::Form }.resolved(schema).clone();
    let types = types(&resolved);
    if types.is_empty() {
        let enumerated = resolved.get("enum").and_then(Value::as_array);
        return match enumerated {
            Some(words) => {
                words.first().is_some_and(|word| std::mem::discriminant(word) == std::mem::discriminant(value))
            }
            None => !value.is_null(),
        };
    }
    types.iter().any(|kind| is_of(kind, value))
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value, value: &Value) -> Vec<(String, String)> {
        let schemas = json!({
            "Money": {
                "type": "object", "required": ["minor", "currency"], "additionalProperties": false,
                "properties": { "minor": { "type": "integer", "format": "int64" }, "currency": { "type": "string" } },
            },
            "Node": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Node" } } },
        });
        let Value::Object(schemas) = schemas else { unreachable!() };
        let faults = check(&Arc::new(schemas), schema, value);
        faults.0.into_iter().map(|fault| (fault.field, fault.said.code)).collect()
    }

    #[track_caller]
    fn expect(schema: Value, value: Value, faults: &[(&str, &str)]) {
        let expected: Vec<_> = faults.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
        assert_eq!(told(&schema, &value), expected, "{schema} {value}");
    }

    #[test]
    fn every_fault_is_told_by_field() {
        let money = json!({ "$ref": "#/components/schemas/Money" });
        let schema = json!({
            "type": "object", "required": ["id", "at", "kind"], "additionalProperties": false,
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "at": { "type": "string", "format": "date-time" },
                "kind": { "type": "string", "enum": ["stop", "freeze"] },
                "amounts": { "type": "array", "items": money },
                "level": { "type": "integer", "format": "int32", "minimum": 0 },
            },
        });
        expect(schema.clone(), json!({}), &[("id", "json.missing"), ("at", "json.missing"), ("kind", "json.missing")]);
        let wrong = json!({
            "id": "Z260101000001", "at": "yesterday", "kind": "hold", "level": -1, "more": 1,
            "amounts": [{ "minor": "1", "currency": "CNY" }, 3, { "minor": 1.5, "extra": null }],
        });
        let mut found = told(&schema, &wrong);
        found.sort();
        let mut expected: Vec<(String, String)> = [
            ("id", "json.id"),
            ("at", "json.time"),
            ("kind", "list.not_one_of"),
            ("level", "json.range"),
            ("more", "json.unknown"),
            ("amounts[0].minor", "json.integer"),
            ("amounts[1]", "json.object"),
            ("amounts[2].minor", "json.integer"),
            ("amounts[2].extra", "json.unknown"),
            ("amounts[2].currency", "json.missing"),
        ]
        .map(|(field, code)| (field.to_owned(), code.to_owned()))
        .into();
        expected.sort();
        assert_eq!(found, expected);
        expect(schema, json!([]), &[("", "json.object")]);
    }

    #[test]
    fn what_a_form_leaves_empty_is_missing_and_an_answer_may_hold_an_empty_text() {
        let id = json!({ "type": "string", "format": "uuid" });
        let schema = json!({
            "type": "object", "required": ["id", "name", "kind", "note", "rows"],
            "properties": {
                "id": id, "name": { "type": "string" }, "kind": { "type": "string", "enum": ["stop"] },
                "note": { "type": ["string", "null"] }, "other": id, "amount": { "type": "integer" },
                "rows": { "type": "array", "items": { "type": "object", "required": ["id"], "properties": { "id": id } } },
            },
        });
        let told_of = |value: &Value| -> Vec<(String, String)> {
            let input = Input { body: Some(schema.clone()), ..Input::default() };
            input.body(value).0.into_iter().map(|fault| (fault.field, fault.said.code)).collect()
        };
        let missing = |fields: &[&str]| -> Vec<(String, String)> {
            fields.iter().map(|field| ((*field).to_owned(), "json.missing".to_owned())).collect()
        };
        assert_eq!(told_of(&json!({})), missing(&["id", "name", "kind", "note", "rows"]));
        let blank = json!({ "id": "", "name": " ", "kind": "", "note": null, "rows": [{ "id": "" }] });
        assert_eq!(told_of(&blank), missing(&["id", "name", "kind", "rows[0].id"]));
        let null = json!({ "id": null, "name": null, "kind": null, "note": "x", "rows": null });
        assert_eq!(told_of(&null), missing(&["id", "name", "kind", "rows"]));
        let schema = json!({ "properties": {
            "kind": { "type": "string" }, "number_of": { "type": "string" },
            "name": { "type": ["string", "null"], "x-needed-when": { "kind": ["stop", "freeze"] } },
            "number": { "type": ["string", "null"], "x-needed-unless": "number_of" },
        } });
        let told_of = |value: &Value| -> Vec<(String, String)> {
            let input = Input { body: Some(schema.clone()), ..Input::default() };
            input.body(value).0.into_iter().map(|fault| (fault.field, fault.said.code)).collect()
        };
        assert_eq!(told_of(&json!({})), missing(&["number"]));
        assert_eq!(told_of(&json!({ "kind": "stop", "name": null, "number": "" })), missing(&["name", "number"]));
        assert_eq!(told_of(&json!({ "kind": "query", "number_of": "victim" })), []);
        let answer = json!({ "required": ["name"], "properties": { "name": { "type": "string" } } });
        expect(answer, json!({ "name": "" }), &[]);
    }

    #[test]
    fn alternatives_tell_the_faults_of_the_nearest() {
        let optional = json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Money" }] });
        expect(optional.clone(), json!(null), &[]);
        expect(optional.clone(), json!({ "minor": 1 }), &[("currency", "json.missing")]);
        expect(optional, json!("8000"), &[("", "json.object")]);
        let tagged = json!({ "oneOf": [
            { "type": "string", "enum": ["victim"] },
            { "type": "object", "required": ["contact"], "properties": { "contact": { "type": "integer" } } },
        ] });
        expect(tagged.clone(), json!("victim"), &[]);
        expect(tagged.clone(), json!({ "contact": 1 }), &[]);
        expect(tagged.clone(), json!("other"), &[("", "list.not_one_of")]);
        expect(tagged.clone(), json!({}), &[("contact", "json.missing")]);
        expect(tagged, json!(7), &[("", "json.form")]);
    }

    #[test]
    fn numbers_keep_within_their_type() {
        let unsigned = json!({ "type": "integer", "format": "int32", "minimum": 0 });
        expect(unsigned.clone(), json!(4_294_967_295_u64), &[]);
        expect(unsigned, json!(4_294_967_296_u64), &[("", "json.range")]);
        let signed = json!({ "type": "integer", "format": "int64" });
        expect(signed.clone(), json!(i64::MIN), &[]);
        expect(signed, json!(u64::MAX), &[("", "json.range")]);
    }

    #[test]
    fn no_depth_of_input_or_schema_is_too_deep() {
        let mut deep = json!({});
        for _ in 0..100 {
            deep = json!({ "next": deep });
        }
        expect(json!({ "$ref": "#/components/schemas/Node" }), deep, &[]);
    }
}
