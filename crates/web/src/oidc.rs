//! Single sign-on by OpenID Connect, where it is configured: code flow with PKCE, and claims that mean roles.
//!
//! Between leaving for the provider and coming back, state, nonce and verifier travel in a cookie that is encrypted
//! under the seat's master key and good for ten minutes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kernel::{Duration, Region, Timestamp};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreProviderMetadata};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Who;
use store::journal::Entry;
use tokio::sync::Mutex;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Transport, Web};
use crate::around::RequestContext;
use crate::problem::{Language, ProblemBody};
use crate::session::{self, Method};
use crate::users::{self, External};
use crate::{Problem, Query, login, roles, texts};

/// How long one may stay at the provider.
const AWAY_MAX: Duration = Duration::minutes(10);
/// The provider's metadata and keys are fetched again after this, or when a token does not verify.
const METADATA_KEPT: Duration = Duration::minutes(10);
/// The provider has so long to answer.
const ANSWER_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(10);
/// Longest answer of the provider that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where the provider is, and which claims mean which roles. Reads from a configuration file as it stands.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// The provider's address, under which `/.well-known/openid-configuration` stands; HTTPS unless on loopback.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our secret at the provider; left out for a public client.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// The address under which browsers reach us, for instance `https://centre.example`.
    pub public_url: String,
    /// Scopes besides `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// Claim with the groups; dots lead inside: `realm_access.roles`.
    #[serde(default = "default_roles_claim")]
    pub roles_claim: String,
    /// Group at the provider → our roles.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Claim with the login.
    #[serde(default = "default_login_claim")]
    pub login_claim: String,
    /// Claim with the name to be shown.
    #[serde(default = "default_name_claim")]
    pub name_claim: String,
    /// Claim with the six-digit region code of the scope; where it is named, users without it are refused.
    #[serde(default)]
    pub region_claim: Option<String>,
}

fn default_scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}
fn default_roles_claim() -> String {
    "groups".to_owned()
}
fn default_login_claim() -> String {
    "preferred_username".to_owned()
}
fn default_name_claim() -> String {
    "name".to_owned()
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OidcSettings({} at {})", self.client_id, self.issuer)
    }
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The provider as we know it.
pub(crate) struct Oidc {
    settings: OidcSettings,
    metadata: Mutex<Option<(Timestamp, Arc<CoreProviderMetadata>)>>,
}

/// What travels in the cookie.
#[derive(Serialize, Deserialize)]
struct Away {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    until: i64,
}

/// Claims that the standard does not name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Others {}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Form(#[from] axum::http::Error),
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    Long,
    #[error("{0} is neither HTTPS nor on loopback")]
    NotSecret(String),
}

async fn fetch(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    // Another provider may be in place already; then that one is used.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWER_TIME_MAX)
        .no_proxy()
        .build()?;
    let request = reqwest::Request::try_from(request)?;
    let url = request.url();
    let loopback = url.host_str().is_some_and(|h| ["localhost", "127.0.0.1", "[::1]"].contains(&h));
    if url.scheme() != "https" && !loopback {
        return Err(FetchError::NotSecret(url.origin().ascii_serialization()));
    }
    let mut answer = client.execute(request).await?;
    let mut builder = axum::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        builder = builder.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(FetchError::Long);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(builder.body(body)?)
}

fn provider_failed(error: impl std::error::Error) -> Problem {
    let mut cause = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        cause = format!("{cause}: {error}");
        inner = error.source();
    }
    Problem::new(StatusCode::BAD_GATEWAY, texts::OIDC_PROVIDER.say(&[])).because(cause)
}

impl Oidc {
    pub(crate) fn new(settings: OidcSettings) -> Self {
        Self { settings, metadata: Mutex::new(None) }
    }

    async fn client(&self, now: Timestamp) -> Result<Client, Problem> {
        let mut kept = self.metadata.lock().await;
        let metadata = match &*kept {
            Some((at, metadata)) if now - *at < METADATA_KEPT => metadata.clone(),
            _ => {
                let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(provider_failed)?;
                let fresh = CoreProviderMetadata::discover_async(issuer, &fetch).await.map_err(provider_failed)?;
                let fresh = Arc::new(fresh);
                *kept = Some((now, fresh.clone()));
                fresh
            }
        };
        drop(kept);
        let back = format!("{}/api/oidc/callback", self.settings.public_url.trim_end_matches('/'));
        let client = CoreClient::from_provider_metadata(
            (*metadata).clone(),
            ClientId::new(self.settings.client_id.clone()),
            self.settings.client_secret.clone().map(ClientSecret::new),
        );
        Ok(client.set_redirect_uri(RedirectUrl::new(back).map_err(provider_failed)?))
    }

    async fn forget(&self) {
        *self.metadata.lock().await = None;
    }

    /// Exchanges the code, verifies the token, and gives all claims of token and user info together.
    async fn claims(&self, now: Timestamp, code: String, away: &Away) -> Result<Map<String, Value>, Problem> {
        let client = self.client(now).await?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(provider_failed)?
            .set_pkce_verifier(PkceCodeVerifier::new(away.verifier.clone()))
            .request_async(&fetch)
            .await
            .map_err(provider_failed)?;
        let missing = || Problem::new(StatusCode::BAD_GATEWAY, texts::OIDC_PROVIDER.say(&[])).because("no ID token");
        let id_token = tokens.id_token().ok_or_else(missing)?;
        // The token is dated by the provider's clock, not by ours, which a demonstration may run faster; so the
        // library compares it with the operating system's time.
        let verifier = client.id_token_verifier();
        let verified = match id_token.claims(&verifier, &Nonce::new(away.nonce.clone())) {
            Ok(claims) => claims,
            Err(error) => {
                self.forget().await;
                return Err(provider_failed(error));
            }
        };
        if let Some(expected) = verified.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(provider_failed)?;
            let key = id_token.signing_key(&verifier).map_err(provider_failed)?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(provider_failed)?;
            if actual != *expected {
                return Err(missing().because("the access token is not that of the ID token"));
            }
        }
        let mut all = payload(&id_token.to_string()).ok_or_else(missing)?;
        if let Ok(asked) = client.user_info(tokens.access_token().clone(), Some(verified.subject().clone())) {
            let info: UserInfoClaims<Others, CoreGenderClaim> =
                asked.request_async(&fetch).await.map_err(provider_failed)?;
            let info = serde_json::to_value(&info).map_err(Problem::server)?;
            for (name, value) in info.as_object().into_iter().flatten() {
                all.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        Ok(all)
    }

    /// Who this is here.
    fn external(&self, claims: &Map<String, Value>, seat_kind: &str) -> Result<External, Problem> {
        let text = |name: &str| inside(claims, name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        let subject = text("sub").ok_or_else(|| Problem::server("no subject in a verified token"))?;
        let groups = inside(claims, &self.settings.roles_claim);
        let groups: Vec<&str> = match groups {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => one.split_whitespace().collect(),
            _ => Vec::new(),
        };
        let mut granted: Vec<String> =
            groups.iter().filter_map(|group| self.settings.roles.get(*group)).flatten().cloned().collect();
        granted.retain(|code| roles::role(code).is_some_and(|role| role.seats.contains(&seat_kind)));
        granted.sort();
        granted.dedup();
        let region = match &self.settings.region_claim {
            None => None,
            Some(claim) => Some(text(claim).and_then(|code| Region::parse(code).ok()).ok_or_else(no_role)?.to_string()),
        };
        if granted.is_empty() {
            return Err(no_role());
        }
        let login: String = text(&self.settings.login_claim)
            .unwrap_or(subject)
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c) { c } else { '-' })
            .take(60)
            .collect();
        let name = text(&self.settings.name_claim).unwrap_or(&login).chars().take(64).collect();
        let external = format!("{}|{subject}", self.settings.issuer);
        Ok(External { external, login, name, roles: granted, region })
    }
}

fn no_role() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, texts::OIDC_NO_ROLE.say(&[]))
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The claim of a dotted name; a claim whose own name has dots goes first.
fn inside<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    inside(claims.get(first)?.as_object()?, rest)
}

fn cookie_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tls => "__Host-shouhu-oidc",
        Transport::Plain => "shouhu-oidc",
    }
}

/// Lax, not strict: the browser must send it when the provider leads back.
fn cookie(transport: Transport, value: &str, max_age: Duration) -> Result<HeaderValue, Problem> {
    let secure = if transport == Transport::Tls { "; Secure" } else { "" };
    let name = cookie_name(transport);
    let seconds = max_age.as_seconds();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).map_err(Problem::server)
}

/// Only a path of ours: `//host` and `/\host` would lead elsewhere.
fn own_path(next: &str) -> &str {
    let fits = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '"', '<', '>', '\n', '\r']);
    if fits { next } else { "/" }
}

pub(crate) fn router() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(begin_oidc)).routes(routes!(end_oidc))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct LoginQuery {
    /// Path of ours to which to go afterwards.
    next: Option<String>,
}

/// Leads the browser to the identity provider.
#[utoipa::path(get, path = "/oidc/login", tag = "session", security(()), params(LoginQuery),
    responses((status = 303, description = "To the provider"),
        (status = "default", description = "A problem; a page where the provider or the settings are its cause",
            content((String = "text/html"), (ProblemBody = "application/problem+json")))))]
async fn begin_oidc(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    Query(query): Query<LoginQuery>,
) -> Response {
    begin(&web, &query).await.unwrap_or_else(|problem| page_of(&context, problem))
}

async fn begin(web: &Web, query: &LoginQuery) -> Result<Response, Problem> {
    let off = || Problem::new(StatusCode::NOT_FOUND, texts::OIDC_OFF.say(&[]));
    let oidc = web.oidc().ok_or_else(off)?;
    let now = web.db().clock().now();
    let client = oidc.client(now).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let mut asked =
        client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    for scope in &oidc.settings.scopes {
        asked = asked.add_scope(Scope::new(scope.clone()));
    }
    let (url, state, nonce) = asked.set_pkce_challenge(challenge).url();
    let away = Away {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        next: own_path(query.next.as_deref().unwrap_or("/")).to_owned(),
        until: (now + AWAY_MAX).0,
    };
    let sealed = web.db().vault().seal(&serde_json::to_vec(&away).map_err(Problem::server)?)?;
    let cookie = cookie(web.settings().transport, &BASE64_URL_SAFE_NO_PAD.encode(sealed), AWAY_MAX)?;
    let there = HeaderValue::from_str(url.as_str()).map_err(Problem::server)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, there), (header::SET_COOKIE, cookie)]).into_response())
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct CallbackQuery {
    /// The provider's code.
    code: Option<String>,
    /// What we sent along.
    state: Option<String>,
    /// Why the provider refused.
    error: Option<String>,
}

/// Takes the browser back from the identity provider, and opens a session.
#[utoipa::path(get, path = "/oidc/callback", tag = "session", security(()), params(CallbackQuery),
    responses((status = 200, description = "Logged in; a page that leads on", content_type = "text/html", body = String),
        (status = "default", description = "A problem; a page where the log-in itself is refused",
            content((String = "text/html"), (ProblemBody = "application/problem+json")))))]
async fn end_oidc(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Response {
    match end(&web, &context, &headers, query).await {
        Ok(response) => response,
        Err(problem) => {
            metrics::counter!("login_refused_total", "reason" => "oidc").increment(1);
            if let Err(error) = refused(&web, &context, problem.code()).await {
                tracing::error!(request_id = %context.id, ?error, "a refused log-in could not be recorded");
            }
            page_of(&context, problem)
        }
    }
}

async fn refused(web: &Web, context: &RequestContext, code: &str) -> Result<(), Problem> {
    let mut who = Who::system("login");
    who.remote.clone_from(&context.remote);
    let entry = Entry::new("session.refused", "session:refused")
        .body(&serde_json::json!({ "reason": "oidc", "code": code }))
        .private(&serde_json::json!({ "remote": context.remote }));
    let mut tx = web.db().begin().await?;
    tx.append(entry, &who).await?;
    Ok(tx.commit().await?)
}

async fn end(
    web: &Web,
    context: &RequestContext,
    headers: &HeaderMap,
    query: CallbackQuery,
) -> Result<Response, Problem> {
    let off = || Problem::new(StatusCode::NOT_FOUND, texts::OIDC_OFF.say(&[]));
    let stale = || Problem::new(StatusCode::BAD_REQUEST, texts::OIDC_STATE.say(&[]));
    let oidc = web.oidc().ok_or_else(off)?;
    let now = web.db().clock().now();
    let transport = web.settings().transport;
    let away = session::cookie(headers, cookie_name(transport)).ok_or_else(stale)?;
    let away = BASE64_URL_SAFE_NO_PAD.decode(away).ok().and_then(|sealed| web.db().vault().unseal(&sealed));
    let away: Away = away.and_then(|plain| serde_json::from_slice(&plain).ok()).ok_or_else(stale)?;
    // Both are random and compared after decryption of a cookie that only we can make: no secret leaks by timing.
    if query.state.as_deref() != Some(away.state.as_str()) || now > Timestamp(away.until) {
        return Err(stale());
    }
    let Some(code) = query.code else {
        let cause = query.error.unwrap_or_else(|| "no code".to_owned());
        return Err(stale().because(cause));
    };
    let claims = oidc.claims(now, code, &away).await?;
    let seen = oidc.external(&claims, web.settings().seat.kind)?;
    let mut who = Who::system("oidc");
    who.remote.clone_from(&context.remote);
    let mut tx = web.db().begin().await?;
    let row = users::upsert_external(&mut tx, &who, &seen).await?;
    tx.commit().await?;
    if row.disabled {
        return Err(no_role());
    }
    let (_session, opened) = login::enter(web, context, &row, Method::Oidc).await?;
    // A page that leads on, not a redirect: after a redirect that began at the provider, browsers would keep the
    // strict session cookie back.
    let next = own_path(&away.next).replace('&', "&amp;");
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url={next}\">\
         <title>守护 Shouhu</title><a href=\"{next}\">继续 / Continue</a>"
    );
    let mut response = html(StatusCode::OK, page);
    let over = cookie(transport, "", Duration::seconds(0))?;
    response.headers_mut().append(header::SET_COOKIE, opened);
    response.headers_mut().append(header::SET_COOKIE, over);
    Ok(response)
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page)
        .into_response()
}

/// A problem for a person whose browser came here by itself.
fn page_of(context: &RequestContext, problem: Problem) -> Response {
    if problem.status().is_server_error() {
        let cause = problem.cause().unwrap_or("unknown");
        tracing::error!(request_id = %context.id, code = problem.code(), cause, "single sign-on failed");
    }
    let body = problem.body(Language::Zh, &context.id);
    let (zh, en) = (&body.texts.zh, &body.texts.en);
    html(
        problem.status(),
        format!(
            "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>守护 Shouhu</title>\
             <h1>{}</h1><p>{}</p><div lang=\"en\"><h2>{}</h2><p>{}</p></div>\
             <p><a href=\"/\">返回登录页 / Back to log-in</a></p><p><small>{} · {}</small></p></html>",
            zh.title, zh.detail, en.title, en.detail, body.code, body.request_id
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn oidc() -> Oidc {
        Oidc::new(
            serde_json::from_value(json!({
                "issuer": "https://id.example", "client_id": "shouhu", "public_url": "https://centre.example",
                "roles_claim": "realm_access.roles", "region_claim": "area",
                "roles": { "police-stop": ["stop_officer"], "police-chief": ["chief", "stop_officer"], "bank": ["bank_clerk"] }
            }))
            .unwrap(),
        )
    }

    #[test]
    fn claims_become_roles_of_this_seat_and_a_region() {
        let claims = |value: Value| oidc().external(value.as_object().unwrap(), "centre");
        let seen = claims(json!({
            "sub": "7", "preferred_username": "Wang Li@x", "name": "王丽", "area": "430100",
            "realm_access": { "roles": ["police-chief", "police-stop", "bank", "other"] }
        }))
        .unwrap();
        assert_eq!(seen.roles, ["chief", "stop_officer"]);
        assert_eq!((seen.login.as_str(), seen.region.as_deref()), ("wang-li-x", Some("430100")));
        assert_eq!(seen.external, "https://id.example|7");

        let code = |value| claims(value).unwrap_err().code().to_owned();
        let none = json!({ "sub": "7", "area": "430100", "realm_access": { "roles": ["bank"] } });
        assert_eq!(code(none), "oidc.no_role");
        let nowhere = json!({ "sub": "7", "area": "x", "realm_access": { "roles": ["police-stop"] } });
        assert_eq!(code(nowhere), "oidc.no_role");
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        for next in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\"><script>"] {
            assert_eq!(own_path(next), "/", "{next}");
        }
        assert_eq!(own_path("/orders/1?tab=2"), "/orders/1?tab=2");
    }
}
