//! What stands around every request: its id, its time limit, its log line and measures, a net under panics, the
//! error envelope, and the headers that keep browsers safe.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use ring::rand::{SecureRandom, SystemRandom};

use crate::Problem;
use crate::app::{Transport, Web};
use crate::bodies;
use crate::operations;
use crate::problem::Language;

/// Longest time until the head of an answer; streams go on after it.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Header with the id of the request.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing from anywhere but this host; inline styles are what the console's components set.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What is known of a request before it is routed.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Sixteen hex digits, in the answer's header and in the log.
    pub id: String,
    /// Address of the caller.
    pub remote: Option<String>,
    /// Whether the caller is on this machine.
    pub loopback: bool,
    /// The reader's language.
    pub language: Language,
}

impl RequestContext {
    /// The caller as limits on tries count him: his IPv4 address, or the /64 of his IPv6 address.
    pub fn trier(&self) -> String {
        crate::rate::trier(self.remote.as_deref().unwrap_or("unknown"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::server("no layer around the request"))
    }
}

/// The outermost layer.
pub(crate) async fn layer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let remote = caller(peer, request.headers(), &web.settings().trusted_proxies);
    let context = RequestContext {
        id: request_id(),
        loopback: remote.is_some_and(|ip| ip.is_loopback()),
        remote: remote.map(|ip| ip.to_string()),
        language: Language::of(request.headers()),
    };
    let method = request.method().clone();
    let template = request.extensions().get::<MatchedPath>().map(|m| m.as_str().to_owned());
    let route = template.unwrap_or_else(|| "other".to_owned());
    let api = request.uri().path().starts_with("/api");
    request.extensions_mut().insert(context.clone());

    let answered = bodies::in_time(ANSWER_TIME_MAX, AssertUnwindSafe(next.run(request)).catch_unwind()).await;
    let response = match answered {
        Some(Ok(response)) => response,
        Some(Err(_panic)) => Problem::server("panic in a handler").render(context.language, &context.id),
        None => Problem::of_status(StatusCode::GATEWAY_TIMEOUT).render(context.language, &context.id),
    };
    let mut response = enveloped(response, &context, &route, api);
    headers(response.headers_mut(), &context, web.settings().transport, api);

    let status = response.status();
    let seconds = began.elapsed().as_secs_f64();
    let labels = [
        ("seat", web.settings().seat.id.clone()),
        ("method", method.to_string()),
        ("route", route.clone()),
        ("status", status.as_str().to_owned()),
    ];
    operations::measured(&labels, seconds);
    tracing::info!(
        target: "http",
        seat = %web.settings().seat.id,
        request_id = %context.id,
        %method,
        route,
        status = status.as_u16(),
        ms = seconds * 1000.0,
        "request"
    );
    response
}

/// Puts language and id into the envelope, and an envelope around answers of layers that know none.
fn enveloped(mut response: Response, context: &RequestContext, route: &str, api: bool) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_bare(&response, api) => Problem::of_status(status),
        None => return response,
    };
    if status.is_server_error() {
        let cause = problem.cause().unwrap_or("unknown");
        tracing::error!(request_id = %context.id, route, code = problem.code(), cause, "a request failed");
    }
    problem.render(context.language, &context.id)
}

fn is_bare(response: &Response, api: bool) -> bool {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    failed && kind.is_none_or(|kind| api && kind.starts_with("text/plain"))
}

fn headers(headers: &mut HeaderMap, context: &RequestContext, transport: Transport, api: bool) {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if transport == Transport::Tls {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(&context.id) {
        headers.insert(REQUEST_ID_HEADER, id);
    }
}

/// The address of the caller: the peer, or what a trusted proxy says of it.
fn caller(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let forwarded = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|item| item.trim().parse::<IpAddr>().ok())
        .map(|ip| ip.to_canonical())
        .rfind(|ip| !trusted.contains(ip));
    forwarded.or(Some(peer))
}

fn request_id() -> String {
    let mut bytes = [0u8; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => hex::encode(bytes),
        Err(_) => "0000000000000000".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_name_the_caller() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 203.0.113.9, 10.0.0.1"));
        let of = |peer: &str, trusted: &[IpAddr]| caller(Some(peer.parse().unwrap()), &headers, trusted);
        assert_eq!(of("10.0.0.1", &[proxy]).unwrap().to_string(), "203.0.113.9");
        assert_eq!(of("10.0.0.2", &[proxy]).unwrap().to_string(), "10.0.0.2");
        assert_eq!(of("::ffff:10.0.0.1", &[]).unwrap(), proxy);
    }
}
