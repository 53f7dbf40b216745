//! Extractors that tell what is wrong with the input by field name, as faults.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::schema::Input;
use crate::{Problem, texts};

/// A JSON body, in and out. It is checked against the schema of the route first, so that every fault is told at once at
/// the path of its field, for instance `payments[0].amount`; then it is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (bytes, input) = json_body(request, state).await?;
        read_json(&bytes, input.as_deref()).map(Self)
    }
}

/// A body that may be left out.
impl<T, S> OptionalFromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let input = input_of(request.extensions());
        let named = request.headers().contains_key(header::CONTENT_TYPE);
        let fits = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(unreadable)?;
        match (bytes.is_empty(), named && !fits) {
            (true, _) => Ok(None),
            (false, true) => Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
            (false, false) => read_json(&bytes, input.as_deref()).map(Self).map(Some),
        }
    }
}

async fn json_body<S: Send + Sync>(request: Request, state: &S) -> Result<(Bytes, Option<Arc<Input>>), Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let input = input_of(request.extensions());
    let bytes = Bytes::from_request(request, state).await.map_err(unreadable)?;
    Ok((bytes, input))
}

fn input_of(extensions: &axum::http::Extensions) -> Option<Arc<Input>> {
    extensions.get::<Arc<Input>>().cloned()
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| syntax(&error))
}

fn syntax(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line().to_string(), error.column().to_string());
    Problem::new(StatusCode::BAD_REQUEST, texts::JSON_SYNTAX.say(&[("line", &line), ("column", &column)]))
}

/// Reads JSON text.
///
/// # Errors
/// 400 when it is no JSON, 422 with the path of each field that does not fit.
fn read_json<T: DeserializeOwned>(bytes: &[u8], input: Option<&Input>) -> Result<T, Problem> {
    let value: Value = parsed(bytes)?;
    if let Some(input) = input {
        input.body(&value).into_result()?;
    }
    // From the text, for serde sees there what a parsed value no longer shows: a field given twice.
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        Problem::fault(fault(if path == "." { "" } else { &path }, &e.inner().to_string()))
    })
}

/// The fault that a message of serde stands for. Its own words, English and about types, are told to nobody.
fn fault(path: &str, message: &str) -> Fault {
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    let named = |text: &str| message.strip_prefix(text)?.split('`').next().map(str::to_owned);
    let inside = |name: String| if path.is_empty() { name } else { format!("{path}.{name}") };
    if let Some(name) = named("missing field `") {
        return texts::JSON_MISSING.at(inside(name), &[]);
    }
    if let Some(name) = named("duplicate field `") {
        return texts::JSON_TWICE.at(inside(name), &[]);
    }
    if let Some(name) = named("unknown field `") {
        // serde_path_to_error already leads to the unknown field itself.
        let field = if path == name || path.ends_with(&format!(".{name}")) { path.to_owned() } else { inside(name) };
        return texts::JSON_UNKNOWN.at(field, &[]);
    }
    // Values of the kernel refuse with their own words: Chinese, slash, English.
    match message.split_once(" / ").filter(|(zh, _)| !zh.is_ascii()) {
        Some((zh, en)) => {
            let mut fault = texts::JSON_VALUE.at(path, &[("problem", zh)]);
            fault.said.en = texts::JSON_VALUE.say(&[("problem", en)]).en;
            fault
        }
        None => texts::JSON_FORM.at(path, &[]),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    })
}

fn unreadable(rejection: BytesRejection) -> Problem {
    Problem::of_status(rejection.status())
}

/// The query of the address; every parameter that does not fit is a fault by its name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let pairs = pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default();
        let input = input_of(&parts.extensions);
        if let Some(input) = &input {
            input.query(&pairs).into_result()?;
        }
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(value)| Self(value)).map_err(|e| {
            let text = e.body_text();
            let text = text.split_once("query string: ").map_or(text.as_str(), |(_, rest)| rest);
            let unknown = input.map(|input| input.unknown_in_query(&pairs)).unwrap_or_default();
            if text.contains("unknown field `") && !unknown.is_empty() {
                return unknown.into();
            }
            let (field, message) = match text.split_once(": ") {
                Some((field, rest)) if !field.contains(' ') => (field, rest),
                _ => ("", text),
            };
            Problem::fault(fault(field, message))
        })
    }
}

/// Places of the path. One that does not read is an address at which there is nothing: 404, with the place named.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let nothing_there = |faults: Vec<Fault>| Problem::of_status(StatusCode::NOT_FOUND).with_faults(faults);
        if let Some(input) = input_of(&parts.extensions)
            && let Ok(places) = axum::extract::RawPathParams::from_request_parts(parts, state).await
        {
            let faults = input.path(places.iter());
            if !faults.is_empty() {
                return Err(nothing_there(faults.0));
            }
        }
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(e)) => {
                let (field, message) = match e.kind() {
                    ErrorKind::ParseErrorAtKey { key, .. } => (key.clone(), e.body_text()),
                    ErrorKind::DeserializeError { key, message, .. } => (key.clone(), message.clone()),
                    other => (String::new(), other.to_string()),
                };
                let only = input_of(&parts.extensions).and_then(|input| input.only_place()).unwrap_or_default();
                Err(nothing_there(vec![fault(if field.is_empty() { &only } else { &field }, &message)]))
            }
            Err(other) => Err(Problem::server(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Payment {
        #[expect(dead_code, reason = "only the reading matters")]
        amount_minor: i64,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Report {
        #[expect(dead_code, reason = "only the reading matters")]
        payments: Vec<Payment>,
    }

    #[track_caller]
    fn check(json: &str, code: &str, field: &str) {
        let problem = read_json::<Report>(json.as_bytes(), None).unwrap_err();
        let told: Vec<_> = problem.faults().iter().map(|f| (f.said.code.as_str(), f.field.as_str())).collect();
        if field.is_empty() && told.is_empty() {
            assert_eq!(problem.code(), code);
            return;
        }
        assert_eq!(told, [(code, field)]);
    }

    #[test]
    fn faults_name_the_field() {
        check(r#"{"payments":[{"amount_minor":1},{"amount_minor":"x"}]}"#, "json.form", "payments[1].amount_minor");
        check(r#"{"payments":[{}]}"#, "json.missing", "payments[0].amount_minor");
        check(r#"{"payments":[{"amount_minor":1,"更多":2}]}"#, "json.unknown", "payments[0].更多");
        check(r#"{}"#, "json.missing", "payments");
        check(r#"{"payments":[}"#, "json.syntax", "");
        check(r#"{"payments":[]} x"#, "json.syntax", "");
        check("", "json.syntax", "");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _outcome = read_json::<Report>(text.as_bytes(), None);
        }
    }
}
