//! Who may call which route: decided from the OpenAPI document before anything of the body is read, so that the
//! document cannot say one thing and the server do another. A route that the document does not know is closed.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;

use crate::app::{SECURITY_SCHEME, Web};
use crate::around::RequestContext;
use crate::bodies::{self, Caller};
use crate::schema::{self, Input};
use crate::session::{self, Session};
use crate::{Problem, texts};

/// What keeps the document from being true: operations that do not say who may call them, and names that stand for
/// two different schemas (give one of them another by `#[schema(as = …)]`).
#[derive(Debug, thiserror::Error)]
#[error("the OpenAPI document is not sound: {}", .0.join("; "))]
pub struct Undeclared(pub Vec<String>);

/// Who may call an operation: everybody, or whoever has all rights of one of the sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// No session needed.
    Public,
    /// All rights of one of these sets; an empty set asks for a session alone.
    AnyOf(Vec<Vec<String>>),
}

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// HTTP method, upper case.
    pub method: String,
    /// Template, for instance `/api/orders/{id}`.
    pub path: String,
    /// Who may call it; `None` where it does not say.
    pub access: Option<Access>,
}

/// The operations of a document.
pub fn operations(openapi: &OpenApi) -> Vec<Operation> {
    let json = serde_json::to_value(openapi).unwrap_or_default();
    let Some(paths) = json.get("paths").and_then(|p| p.as_object()) else { return Vec::new() };
    let mut out = Vec::new();
    for (path, item) in paths {
        let Some(item) = item.as_object() else { continue };
        for (method, operation) in item {
            if operation.get("responses").is_none() {
                continue;
            }
            let access = operation.get("security").and_then(|s| s.as_array()).map(|s| access(s));
            out.push(Operation { method: method.to_ascii_uppercase(), path: path.clone(), access });
        }
    }
    out
}

fn access(requirements: &[serde_json::Value]) -> Access {
    let sets: Vec<_> = requirements
        .iter()
        .filter_map(|r| r.get(SECURITY_SCHEME)?.as_array())
        .map(|scopes| scopes.iter().filter_map(|s| s.as_str().map(str::to_owned)).collect())
        .collect();
    if sets.len() < requirements.len() || sets.is_empty() { Access::Public } else { Access::AnyOf(sets) }
}

/// The rights of every route.
#[derive(Debug)]
pub(crate) struct Gate {
    access: HashMap<(String, String), Access>,
    inputs: HashMap<(String, String), Arc<Input>>,
}

impl Gate {
    pub(crate) fn of(openapi: &OpenApi) -> Result<Self, Undeclared> {
        let mut allowed = HashMap::new();
        let mut undeclared = Vec::new();
        for Operation { method, path, access } in operations(openapi) {
            match access {
                Some(access) => {
                    allowed.insert((method, path), access);
                }
                None => undeclared.push(format!("{method} {path} declares no security")),
            }
        }
        if !undeclared.is_empty() {
            return Err(Undeclared(undeclared));
        }
        let inputs = schema::inputs(&serde_json::to_value(openapi).unwrap_or_default());
        Ok(Self { access: allowed, inputs })
    }

    fn access(&self, method: &Method, path: &str) -> Option<&Access> {
        self.access.get(&key(method, path))
    }

    fn input(&self, method: &Method, path: &str) -> Option<Arc<Input>> {
        self.inputs.get(&key(method, path)).cloned()
    }

    /// The methods that a path takes, for the header `Allow`; none where there is no such path.
    fn methods(&self, path: &str) -> Option<String> {
        let mut methods: Vec<&str> =
            self.access.keys().filter(|(_, known)| known == path).map(|(method, _)| method.as_str()).collect();
        methods.sort_unstable();
        (!methods.is_empty()).then(|| methods.join(", "))
    }
}

fn key(method: &Method, path: &str) -> (String, String) {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    (method.to_owned(), path.to_owned())
}

/// Finds the session, refuses forged requests and those without the right, and hands the session on.
pub(crate) async fn layer(
    State((web, gate)): State<(Web, Arc<Gate>)>,
    matched: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let remote = request.extensions().get::<RequestContext>().and_then(|c| c.remote.clone());
    let session = match session::find(&web, request.headers(), remote.as_deref()).await {
        Ok(session) => session,
        Err(problem) => return problem.into_response(),
    };
    let unsafe_method = !request.method().is_safe();
    if unsafe_method && from_other_site(request.headers()) {
        return Problem::new(StatusCode::FORBIDDEN, texts::CROSS_SITE.say(&[])).into_response();
    }
    let Some(access) = gate.access(request.method(), matched.as_str()) else {
        let Some(methods) = gate.methods(matched.as_str()) else {
            return Problem::of_status(StatusCode::NOT_FOUND).into_response();
        };
        return Problem::of_status(StatusCode::METHOD_NOT_ALLOWED).allowing(&methods).into_response();
    };
    if let Some(input) = gate.input(request.method(), matched.as_str()) {
        request.extensions_mut().insert(input);
    }
    if let Err(problem) = admit(access, session.as_ref()) {
        return problem.into_response();
    }
    if let Some(session) = session {
        if unsafe_method && *access != Access::Public && !session::csrf_fits(&session, request.headers()) {
            return Problem::new(StatusCode::FORBIDDEN, texts::CSRF.say(&[])).into_response();
        }
        if let Err(problem) = session::seen(web.db(), &session).await {
            return problem.into_response();
        }
        request.extensions_mut().insert(Arc::new(session));
    }
    let known = request.extensions().get::<Arc<Session>>().is_some();
    let caller = if known { Caller::Known } else { Caller::Stranger };
    bodies::measured(web.room(), caller, request, next).await
}

fn admit(access: &Access, session: Option<&Session>) -> Result<(), Problem> {
    let Access::AnyOf(sets) = access else { return Ok(()) };
    let session = session.ok_or_else(Problem::unauthenticated)?;
    let missing = |set: &Vec<String>| set.iter().find(|right| !session.who.may(right)).cloned();
    if sets.iter().any(|set| missing(set).is_none()) {
        return Ok(());
    }
    if session.must_enrol {
        return Err(Problem::new(StatusCode::FORBIDDEN, texts::ENROL_FIRST.say(&[])));
    }
    let named = sets.iter().filter_map(missing).collect::<Vec<_>>().join(" / ");
    Err(Problem::forbidden(&named))
}

/// Whether a browser says that a page of another site sent this.
fn from_other_site(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        Some(site) => !matches!(site, "same-origin" | "none"),
        None => match (headers.get("origin").and_then(|v| v.to_str().ok()), headers.get("host")) {
            (Some(origin), Some(host)) => origin.split_once("://").map(|(_, o)| o.as_bytes()) != Some(host.as_bytes()),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_document_says_is_what_is_asked() {
        let check = |value: serde_json::Value, want: Access| {
            assert_eq!(access(value.as_array().unwrap()), want);
        };
        check(json!([{}]), Access::Public);
        check(json!([{"session": []}]), Access::AnyOf(vec![vec![]]));
        check(json!([{"session": ["a", "b"]}, {"session": ["c"]}]), {
            Access::AnyOf(vec![vec!["a".into(), "b".into()], vec!["c".into()]])
        });
    }
}
