//! For tests of seats: a client that keeps its session and holds every answer against the OpenAPI document, the walk over
//! every endpoint without rights, and the walk with input that does not fit.

pub mod race;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use store::{Db, Who};
use tokio::sync::OnceCell;
use tower::ServiceExt;

use crate::gate::{Access, operations};
use crate::schema;
use crate::session::{CSRF_HEADER, cookie_name};
use crate::users::{self, NewUser};
use crate::{KEY_HEADER, Transport};

/// The password of users that [`user`] makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// Makes a user with roles.
pub async fn user(db: &Db, seat_kind: &str, login: &str, roles: &[&str]) {
    let new = NewUser {
        login: login.to_owned(),
        name: login.to_owned(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        region: None,
        password: PASSWORD.to_owned(),
    };
    if let Err(problem) = users::create(db, &Who::system("test"), seat_kind, &new).await {
        panic!("{login}: {problem:?}");
    }
}

/// Makes a user who may log in and do nothing.
pub async fn user_without_rights(db: &Db, seat_kind: &str, login: &str) {
    let role = match seat_kind {
        "bank" => "bank_clerk",
        "operator" => "operator_clerk",
        _ => "auditor",
    };
    user(db, seat_kind, login, &[role]).await;
    let outcome = async {
        let mut tx = db.begin().await?;
        tx.execute("UPDATE web_user SET roles = '[]' WHERE login = $1", store::args![login]).await?;
        tx.commit().await
    };
    if let Err(error) = outcome.await {
        panic!("{login}: {error}");
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Codes and fields of the faults.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |fault: &Value, key: &str| fault.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let json = self.json();
        let faults = json.get("faults").and_then(Value::as_array).cloned().unwrap_or_default();
        faults.iter().map(|f| (text(f, "field"), text(f, "code"))).collect()
    }

    /// The code of the problem, empty where it is none.
    pub fn code(&self) -> String {
        self.json().get("code").and_then(Value::as_str).unwrap_or("").to_owned()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }
}

/// A caller of a router, without a socket. It keeps its session cookie and sends the anti-forgery token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    document: Arc<OnceCell<Value>>,
    /// Headers of every request.
    pub headers: BTreeMap<String, String>,
}

impl Client {
    /// Not logged in.
    pub fn new(router: &Router) -> Self {
        Self { router: router.clone(), document: Arc::default(), headers: BTreeMap::new() }
    }

    /// Logged in with [`PASSWORD`].
    pub async fn logged_in(router: &Router, login: &str) -> Self {
        let mut client = Self::new(router);
        let body = serde_json::json!({ "login": login, "password": PASSWORD });
        let answer = client.send(Method::POST, "/api/session", Some(&body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        client.adopt(&answer);
        client
    }

    /// Takes over the session that an answer opens.
    pub fn adopt(&mut self, answer: &Answer) {
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or("").to_owned();
        let csrf = answer.json().get("csrf").and_then(Value::as_str).unwrap_or("").to_owned();
        assert!(cookie.starts_with("shouhu=") || cookie.starts_with(cookie_name(Transport::Tls)), "{cookie}");
        self.headers.insert("cookie".into(), cookie);
        self.headers.insert(CSRF_HEADER.into(), csrf);
    }

    /// The same caller with one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.insert(name.to_ascii_lowercase(), value.to_owned());
        other
    }

    /// The same caller without a header.
    pub fn without(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.headers.remove(name);
        other
    }

    /// The same caller with an `Idempotency-Key`.
    pub fn with_key(&self, key: &str) -> Self {
        self.with(KEY_HEADER.as_str(), key)
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Any method, JSON body. An answer that is not as the document says fails the test.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let response = self.respond(method.clone(), path, body.map(Value::to_string)).await;
        let (parts, body) = response.into_parts();
        let bytes = match axum::body::to_bytes(body, 64 << 20).await {
            Ok(bytes) => bytes,
            Err(error) => panic!("{path}: {error}"),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer { status: parts.status, headers: parts.headers, text };
        let misfits = misfits(self.document().await, &method, path, &answer);
        assert!(misfits.is_empty(), "{method} {path} {}: {}\n{}", answer.status, misfits.join("; "), answer.text);
        answer
    }

    /// The OpenAPI document; null where there is none.
    pub async fn document(&self) -> &Value {
        self.document
            .get_or_init(|| async {
                let response = self.respond(Method::GET, "/api/openapi.json", None).await;
                let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap_or_default();
                serde_json::from_slice(&bytes).unwrap_or(Value::Null)
            })
            .await
    }

    /// The response itself, for streams; `body` is sent as JSON as it is.
    pub async fn respond(&self, method: Method, path: &str, body: Option<String>) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = match request.body(body.map_or_else(Body::empty, Body::from)) {
            Ok(request) => request,
            Err(error) => panic!("{path}: {error}"),
        };
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The operation of a document that an address leads to: what stands plainly in a template goes before its places.
fn operation_at<'a>(document: &'a Value, method: &Method, path: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap_or(path);
    let fits = |template: &str| {
        let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        let same = |(part, text): (&&str, &&str)| part.starts_with('{') || part == text;
        wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
    };
    let paths = document.get("paths")?.as_object()?;
    let mut found: Vec<_> = paths.iter().filter(|(template, _)| fits(template)).collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    let (_, item) = found.first()?;
    item.get(method.as_str().to_ascii_lowercase())
}

/// How an answer differs from what the document says of it.
fn misfits(document: &Value, method: &Method, path: &str, answer: &Answer) -> Vec<String> {
    let packed = answer.headers.contains_key(header::CONTENT_ENCODING);
    let Some(operation) = operation_at(document, method, path).filter(|_| !packed) else { return Vec::new() };
    let responses = operation.get("responses").and_then(Value::as_object);
    let failed = answer.status.is_client_error() || answer.status.is_server_error();
    let declared =
        responses.and_then(|all| all.get(answer.status.as_str()).or_else(|| all.get("default").filter(|_| failed)));
    let Some(declared) = declared else { return vec![format!("the status {} is not declared", answer.status)] };
    let contents = declared.get("content").and_then(Value::as_object);
    let kind = answer.header("content-type").split(';').next().unwrap_or("").trim().to_owned();
    let Some(contents) = contents.filter(|contents| !contents.is_empty()) else {
        let nothing = answer.text.is_empty();
        return if nothing || answer.status.is_redirection() || failed {
            Vec::new()
        } else {
            vec!["a body that is not declared".to_owned()]
        };
    };
    let Some(content) = contents.get(&kind) else { return vec![format!("the content type {kind:?} is not declared")] };
    let (Some(schema), true) = (content.get("schema"), kind.ends_with("json")) else { return Vec::new() };
    let Ok(value) = serde_json::from_str(&answer.text) else { return vec!["the body is no JSON".to_owned()] };
    let faults = schema::check(&schema::schemas(document), schema, &value);
    faults.0.iter().map(|fault| format!("{} {}: {}", fault.field, fault.said.code, fault.said.en)).collect()
}

/// Sends every operation input that does not fit: an empty object, values of other types, addresses that are none. Gives
/// what was not told as it should be: by field, in both languages, without the words of a parser, and never with a
/// failure of the server. Each call is made by the first of the callers who may.
pub async fn walk_misfits(callers: &[Client]) -> Vec<String> {
    let Some(first) = callers.first() else { return vec!["nobody calls".to_owned()] };
    let document = first.document().await.clone();
    let schemas = schema::schemas(&document);
    let mut found = Vec::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Ok(verb) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
            let name = format!("{verb} {path}");
            let filled = filled_for(path, operation);
            let parameters: Vec<&Value> =
                operation.get("parameters").and_then(Value::as_array).into_iter().flatten().collect();
            let text = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
            for one in parameters.iter().filter(|one| text(one, "in") == "path") {
                if one.pointer("/schema/format").and_then(Value::as_str) != Some("uuid")
                    && one.pointer("/schema/$ref").is_none()
                {
                    continue;
                }
                let place = text(one, "name");
                let wrong = path.replace(&format!("{{{place}}}"), "Z260101-0001");
                let answer =
                    ask(callers, &verb, &filled_for(&wrong, operation), body_of(operation, &schemas, Wrong::Empty))
                        .await;
                let told = answer.status == StatusCode::NOT_FOUND || answer.status == StatusCode::FORBIDDEN;
                found.extend(words(&format!("{name} {place}"), &answer));
                if !told
                    || (answer.status == StatusCode::NOT_FOUND
                        && answer.faults().iter().all(|(field, _)| *field != place))
                {
                    found.push(format!("{name}: the place {place} is not told, {} {}", answer.status, answer.text));
                }
            }
            for one in parameters.iter().filter(|one| text(one, "in") == "query") {
                let schema = one.get("schema").cloned().unwrap_or_default();
                if !schema::check(&schemas, &schema, &Value::from("x x")).0.is_empty() {
                    let query = format!("{filled}?{}=x%20x", text(one, "name"));
                    let answer = ask(callers, &verb, &query, body_of(operation, &schemas, Wrong::Empty)).await;
                    found.extend(words(&name, &answer));
                    let named = answer.faults().iter().any(|(field, _)| *field == text(one, "name"));
                    if answer.status != StatusCode::UNPROCESSABLE_ENTITY || !named {
                        found.push(format!(
                            "{name}: the parameter {} is not told, {} {}",
                            text(one, "name"),
                            answer.status,
                            answer.text
                        ));
                    }
                }
            }
            found.extend(needs_not_told(callers, &verb, &filled, operation, &schemas).await);
            for wrong in [Wrong::Empty, Wrong::Types, Wrong::NoObject] {
                let Some(body) = body_of(operation, &schemas, wrong) else { continue };
                let answer = ask(callers, &verb, &filled, Some(body.clone())).await;
                found.extend(words(&name, &answer));
                let Some(fields) = body.as_object().filter(|_| wrong == Wrong::Types) else { continue };
                let told = answer.faults();
                for field in fields.keys() {
                    let of_field = |(one, _): &(String, String)| {
                        one == field || one.starts_with(&format!("{field}.")) || one.starts_with(&format!("{field}["))
                    };
                    if answer.status != StatusCode::FORBIDDEN && !told.iter().any(of_field) {
                        found.push(format!("{name}: a wrong {field} is not told, {} {}", answer.status, answer.text));
                    }
                }
            }
        }
    }
    found
}

/// What an empty form of an operation does not tell at once: fields that are needed and left out, null or blank, and
/// fields that the desk asks for once the others are filled in.
async fn needs_not_told(
    callers: &[Client],
    verb: &Method,
    path: &str,
    operation: &Value,
    schemas: &schema::Schemas,
) -> Vec<String> {
    let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else { return Vec::new() };
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|name| schemas.get(name.rsplit('/').next()?));
    let schema = named.unwrap_or(schema);
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let required: Vec<&str> = required.collect();
    let mut found = Vec::new();
    if required.is_empty() {
        return found;
    }
    let form = |value: &Value| -> Value {
        let fields = required.iter().map(|name| ((*name).to_owned(), value.clone()));
        Value::Object(fields.collect())
    };
    for body in [serde_json::json!({}), form(&Value::from("")), form(&Value::Null)] {
        let answer = ask(callers, verb, path, Some(body.clone())).await;
        let told = answer.faults();
        // Where only texts are empty, the desk tells; it may take some of them.
        let by_desk = body.as_object().is_some_and(|form| form.values().any(|value| value == ""))
            && !told.iter().any(|(_, code)| code == "json.missing");
        let untold =
            |name: &&&str| !by_desk && !told.iter().any(|(field, code)| field == **name && code == "json.missing");
        let nullable = |name: &str| {
            let of_name = schema.get("properties").and_then(|known| known.get(name));
            of_name.is_some_and(|schema| schema::check(schemas, schema, &Value::Null).0.is_empty())
        };
        let null = |name: &str| body.get(name).is_none_or(Value::is_null);
        let untold: Vec<&str> =
            required.iter().filter(untold).copied().filter(|name| !(null(name) && nullable(name))).collect();
        if answer.status != StatusCode::FORBIDDEN && !untold.is_empty() {
            found.push(format!("{verb} {path}: {body} does not tell {untold:?}, {} {}", answer.status, answer.text));
        }
    }
    let answer = ask(callers, verb, path, Some(sample(schema, schemas, 0))).await;
    for (field, code) in answer.faults() {
        let first = field.split(['.', '[']).next().unwrap_or("");
        let needed = ["missing", "needed", "empty"].iter().any(|word| code.ends_with(word));
        let known = schema.get("properties").and_then(|known| known.get(first));
        // A part of several fields bears no such word in the document: the desk asks for it once its kind is chosen.
        let conditional = known.is_some_and(|known| {
            ["x-needed-when", "x-needed-unless", "oneOf"].iter().any(|word| known.get(word).is_some())
        });
        if needed && !conditional && !required.contains(&first) {
            found.push(format!(
                "{verb} {path}: that {field} is needed ({code}) is told only once the others are filled in"
            ));
        }
    }
    found
}

/// A value that a schema takes, with the fields that are needed.
fn sample(schema: &Value, schemas: &schema::Schemas, depth: usize) -> Value {
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|name| schemas.get(name.rsplit('/').next()?));
    let schema = named.unwrap_or(schema);
    if depth > 8 {
        return Value::Null;
    }
    if let Some(word) = schema.pointer("/enum/0") {
        return word.clone();
    }
    for word in ["oneOf", "anyOf"] {
        let alternatives = schema.get(word).and_then(Value::as_array).into_iter().flatten();
        if let Some(one) = alternatives.map(|one| sample(one, schemas, depth + 1)).find(|value| !value.is_null()) {
            return one;
        }
    }
    let kind = schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
    match (kind, schema.get("format").and_then(Value::as_str)) {
        (Some("string"), Some("uuid")) => Value::from("0192d3a0-0000-7000-8000-000000000000"),
        (Some("string"), Some("date-time")) => Value::from("2026-11-23T08:00:00+08:00"),
        (Some("string"), _) => Value::from("x"),
        (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or_else(|| Value::from(1)),
        (Some("boolean"), _) => Value::from(false),
        (Some("array"), _) => Value::Array(Vec::new()),
        (Some("object"), _) => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let fields = required.filter_map(Value::as_str).filter_map(|name| {
                let of_name = schema.get("properties").and_then(|known| known.get(name))?;
                Some((name.to_owned(), sample(of_name, schemas, depth + 1)))
            });
            Value::Object(fields.collect())
        }
        _ => Value::Null,
    }
}

/// How a body does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Empty,
    Types,
    NoObject,
}

/// A body that does not fit an operation; none where it takes no JSON.
fn body_of(operation: &Value, schemas: &schema::Schemas, wrong: Wrong) -> Option<Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    match wrong {
        Wrong::Empty => Some(serde_json::json!({})),
        Wrong::NoObject => Some(serde_json::json!([7])),
        Wrong::Types => {
            let mut properties = serde_json::Map::new();
            collect(schema, schemas, &mut properties);
            let other = |schema: &Value| {
                [serde_json::json!(7), serde_json::json!("x x"), serde_json::json!({ "x": 1 }), serde_json::json!([7])]
                    .into_iter()
                    .find(|value| !schema::check(schemas, schema, value).0.is_empty())
            };
            Some(properties.iter().filter_map(|(name, schema)| Some((name.clone(), other(schema)?))).collect())
        }
    }
}

fn collect(schema: &Value, schemas: &schema::Schemas, into: &mut serde_json::Map<String, Value>) {
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|name| schemas.get(name.rsplit('/').next()?));
    let schema = named.unwrap_or(schema);
    for word in ["allOf", "oneOf", "anyOf"] {
        for part in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            collect(part, schemas, into);
        }
    }
    into.extend(schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
}

/// The answer to the first of the callers who may.
async fn ask(callers: &[Client], method: &Method, path: &str, body: Option<Value>) -> Answer {
    let mut last = None;
    for caller in callers {
        let answer = caller.send(method.clone(), path, body.as_ref()).await;
        let denied = matches!(answer.code().as_str(), "right.missing" | "session.missing");
        last = Some(answer);
        if !denied {
            break;
        }
    }
    match last {
        Some(answer) => answer,
        None => panic!("nobody calls {path}"),
    }
}

/// Words of a parser, which are for nobody to read.
const PARSER_WORDS: &[&str] = &[
    "invalid type",
    "invalid value",
    "missing field",
    "unknown variant",
    "unknown field",
    "expected ",
    "at line",
    "UUID parsing",
    "did not match any",
    "invalid digit",
    "(expected a UUID)",
    "duplicate field",
];

/// What is wrong with how an answer tells its faults.
fn words(name: &str, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status.is_server_error() {
        found.push(format!("{name} answered {} {}", answer.status, answer.text));
    }
    let json = answer.json();
    let faults = json.get("faults").and_then(Value::as_array).cloned().unwrap_or_default();
    for fault in faults.iter().chain(json.pointer("/texts/en")).chain(json.pointer("/texts/zh")) {
        let told = fault.to_string();
        if let Some(word) = PARSER_WORDS.iter().find(|word| told.contains(*word)) {
            found.push(format!("{name} tells in the words of a parser ({word}): {told}"));
        }
    }
    for fault in &faults {
        let text = |key: &str| fault.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        if text("zh").is_ascii()
            || text("zh_remedy").is_ascii()
            || text("en").is_empty()
            || text("en_remedy").is_empty()
        {
            found.push(format!("{name} does not tell in both languages what to do: {fault}"));
        }
    }
    found
}

/// Calls every operation of the server's own document: without a session, and as a user who has no rights
/// ([`user_without_rights`]). Gives those that answered other than 401 and 403; an empty list is what a seat's test
/// asks for. Operations open to everybody must stand in `public`, those open to every user in `any_user`, as
/// `"GET /api/seat"`; a wrong or stale line there is reported too.
pub async fn walk(router: &Router, no_rights: &Client, public: &[&str], any_user: &[&str]) -> Vec<String> {
    let nobody = Client::new(router);
    let document = nobody.get("/api/openapi.json").await;
    let openapi: utoipa::openapi::OpenApi = match serde_json::from_str(&document.text) {
        Ok(openapi) => openapi,
        Err(error) => return vec![format!("/api/openapi.json: {error}")],
    };
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for operation in operations(&openapi) {
        let name = format!("{} {}", operation.method, operation.path);
        let is_public = operation.access == Some(Access::Public);
        let for_any = operation.access == Some(Access::AnyOf(vec![Vec::new()]));
        seen.push(name.clone());
        if is_public != public.contains(&name.as_str()) || for_any != any_user.contains(&name.as_str()) {
            found.push(format!("{name} is declared {:?}, which the lists do not say", operation.access));
        }
        let Ok(method) = Method::from_bytes(operation.method.as_bytes()) else { continue };
        let path = filled(&operation.path);
        let mut expect = |who: &str, status: StatusCode, wanted: StatusCode| {
            if status != wanted {
                found.push(format!("{name} answered {who} with {status}"));
            }
        };
        if !is_public {
            expect("nobody", nobody.respond(method.clone(), &path, None).await.status(), StatusCode::UNAUTHORIZED);
        }
        if !is_public && !for_any {
            let status = no_rights.respond(method.clone(), &path, None).await.status();
            expect("a user without rights", status, StatusCode::FORBIDDEN);
        }
        if !is_public && method != Method::GET {
            let forged = no_rights.without(CSRF_HEADER).respond(method, &path, None).await.status();
            expect("a forged request", forged, StatusCode::FORBIDDEN);
        }
    }
    let stale = public.iter().chain(any_user).filter(|name| !seen.iter().any(|s| s == *name));
    found.extend(stale.map(|name| format!("{name} is in a list, but not in the document")));
    found
}

/// The template with an identifier in each place.
fn filled(template: &str) -> String {
    filled_for(template, &Value::Null)
}

/// The template with a value in each place that fits what the operation says of it.
fn filled_for(template: &str, operation: &Value) -> String {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let value = |place: &str| {
        let name = place.trim_matches(['{', '}']);
        let named = |one: &&Value| one.get("name").and_then(Value::as_str) == Some(name);
        let one = parameters.into_iter().flatten().find(named);
        let said = |at: &str| one.and_then(|one| one.pointer(at)).and_then(Value::as_str).unwrap_or("");
        match (said("/schema/type"), said("/schema/$ref").ends_with("/PartnerId")) {
            ("integer", _) => "1",
            (_, true) => "bank-z",
            _ => "00000000-0000-7000-8000-000000000000",
        }
    };
    template.split('/').map(|part| if part.starts_with('{') { value(part) } else { part }).collect::<Vec<_>>().join("/")
}

/// The operations that [`crate::App`] itself opens to everybody.
pub const SHARED_PUBLIC: &[&str] = &[
    "POST /api/session",
    "GET /api/seat",
    "GET /api/regions",
    "GET /api/scam-types",
    "GET /api/oidc/login",
    "GET /api/oidc/callback",
];

/// The operations that [`crate::App`] itself opens to every user.
pub const SHARED_ANY_USER: &[&str] = &[
    "GET /api/session",
    "DELETE /api/session",
    "POST /api/session/password",
    "POST /api/session/totp",
    "DELETE /api/session/totp",
    "POST /api/session/totp/confirm",
    "GET /api/events",
    "GET /api/roles",
];

/// Every field of a body and every parameter of a query that names something by its identity, as
/// `"POST /api/orders refers_to"`: a UUID, the name of a partner, or a field that is called like one. What a caller may
/// name there has to be checked as the places of a path are; a seat's test says for each how.
pub fn named_ids(document: &Value) -> Vec<String> {
    let schemas = schema::schemas(document);
    let mut found = std::collections::BTreeSet::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let name = format!("{} {path}", method.to_ascii_uppercase());
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            for one in parameters.filter(|one| one.get("in").and_then(Value::as_str) == Some("query")) {
                let (field, schema) = (one.get("name").and_then(Value::as_str).unwrap_or(""), one.get("schema"));
                gather(&schemas, &format!("{name} ?"), field, schema.unwrap_or(&Value::Null), &mut found, 0);
            }
            for content in operation.pointer("/requestBody/content").and_then(Value::as_object).into_iter().flatten() {
                let schema = content.1.get("schema").unwrap_or(&Value::Null);
                gather(&schemas, &format!("{name} "), "", schema, &mut found, 0);
            }
        }
    }
    found.into_iter().collect()
}

/// How deep bodies are looked into.
const NESTED_MAX: usize = 8;

fn gather(
    schemas: &schema::Schemas,
    name: &str,
    field: &str,
    schema: &Value,
    found: &mut std::collections::BTreeSet<String>,
    depth: usize,
) {
    if depth > NESTED_MAX {
        return;
    }
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
    let schema = reference.and_then(|name| schemas.get(name)).unwrap_or(schema);
    let last = field.rsplit('.').next().unwrap_or(field).trim_end_matches("[]");
    let called = last.ends_with("_id") || last.ends_with("_ids");
    let called = called
        || matches!(last, "id" | "case" | "partner" | "partners" | "except" | "subject" | "refers_to" | "source");
    let uuid = schema.get("format").and_then(Value::as_str) == Some("uuid");
    if !field.is_empty() && (uuid || reference == Some("PartnerId") || called) {
        found.insert(format!("{name}{field}"));
        return;
    }
    for word in ["allOf", "oneOf", "anyOf"] {
        for part in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            gather(schemas, name, field, part, found, depth + 1);
        }
    }
    if let Some(items) = schema.get("items") {
        gather(schemas, name, &format!("{field}[]"), items, found, depth + 1);
    }
    for (inner, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let inner = if field.is_empty() { inner.clone() } else { format!("{field}.{inner}") };
        gather(schemas, name, &inner, schema, found, depth + 1);
    }
}
