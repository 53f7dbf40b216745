//! For tests of seats: a client that keeps its session, and the walk over every endpoint without rights.

pub mod race;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use store::{Db, Who};
use tower::ServiceExt;

use crate::gate::{Access, operations};
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
    /// Headers of every request.
    pub headers: BTreeMap<String, String>,
}

impl Client {
    /// Not logged in.
    pub fn new(router: &Router) -> Self {
        Self { router: router.clone(), headers: BTreeMap::new() }
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

    /// Any method, JSON body.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let response = self.respond(method, path, body.map(Value::to_string)).await;
        let (parts, body) = response.into_parts();
        let bytes = match axum::body::to_bytes(body, 64 << 20).await {
            Ok(bytes) => bytes,
            Err(error) => panic!("{path}: {error}"),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
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
    template
        .split('/')
        .map(|part| if part.starts_with('{') { "00000000-0000-7000-8000-000000000000" } else { part })
        .collect::<Vec<_>>()
        .join("/")
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
