//! Sessions: a random token in a cookie, its hash in the database, and a second token against forged requests.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kernel::{Duration, Timestamp, UserId};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use store::{Db, Rights, Tx, Who, args};

use crate::app::{SecondFactor, Transport, Web};
use crate::{Problem, roles, texts};

/// Header with the purpose for which personal data is looked at; UTF-8, or percent-encoded UTF-8.
pub const PURPOSE_HEADER: &str = "x-purpose";
/// Header with the token against forged requests, on every method that changes something.
pub const CSRF_HEADER: &str = "x-shouhu-csrf";
/// Longest purpose, in characters.
pub const PURPOSE_CHARS_MAX: usize = 200;
/// A session's last use is written at most this often.
const SEEN_EVERY: Duration = Duration::minutes(1);

/// How a user proved who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Password, and the authenticator's code where one is enrolled.
    Password,
    /// Single sign-on.
    Oidc,
}

impl Method {
    /// As it stands in the database and the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Oidc => "oidc",
        }
    }
}

/// Who is logged in. As an extractor it refuses requests without a valid session with 401.
///
/// ```ignore
/// async fn list_orders(session: Session) -> Result<Json<List<OrderRow>>, Problem> {
///     desk.orders(&session.who).await   // the store call checks the right once more
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    /// The context for store calls: login, rights, region scope, purpose, remote address.
    pub who: Who,
    /// The user.
    pub user_id: UserId,
    /// Name to be shown.
    pub name: String,
    /// Codes of the roles.
    pub roles: Vec<String>,
    /// When the session ends at the latest.
    pub expires: Timestamp,
    /// Whether the user must enrol an authenticator before he may do anything.
    pub must_enrol: bool,
    pub(crate) last_seen: Timestamp,
    pub(crate) token_sha256: String,
    pub(crate) csrf: String,
}

impl Session {
    /// Goes on only with the right. The route's declared rights are checked before the handler; this is for rights
    /// that depend on the input.
    ///
    /// # Errors
    /// 403.
    pub fn require(&self, right: &'static str) -> Result<&Who, Problem> {
        if self.who.may(right) { Ok(&self.who) } else { Err(Problem::forbidden(right)) }
    }

    /// The context, when it has a purpose of 2 to [`PURPOSE_CHARS_MAX`] characters.
    ///
    /// # Errors
    /// 422 with the fault at `X-Purpose`.
    pub fn with_purpose(&self) -> Result<&Who, Problem> {
        match &self.who.purpose {
            Some(purpose) if purpose_fits(purpose) => Ok(&self.who),
            _ => Err(texts::PURPOSE_NEEDED.at("X-Purpose", &[]).into()),
        }
    }

    /// Codes of the rights.
    pub fn rights(&self) -> BTreeSet<String> {
        match &self.who.rights {
            Rights::System => BTreeSet::new(),
            Rights::These(rights) => rights.clone(),
        }
    }
}

pub(crate) fn purpose_fits(purpose: &str) -> bool {
    (2..=PURPOSE_CHARS_MAX).contains(&purpose.trim().chars().count())
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Arc<Session>>().map(|s| (**s).clone()).ok_or_else(Problem::unauthenticated)
    }
}

/// A fresh session: the cookie to set, and what the page needs.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) cookie: HeaderValue,
    pub(crate) token: String,
}

/// Name of the cookie: with the `__Host-` prefix browsers refuse it from anywhere but this very host over TLS.
pub fn cookie_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tls => "__Host-shouhu",
        Transport::Plain => "shouhu",
    }
}

fn set_cookie(transport: Transport, value: &str, max_age: Duration) -> Result<HeaderValue, Problem> {
    let secure = match transport {
        Transport::Tls => "; Secure",
        Transport::Plain => "",
    };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}",
        cookie_name(transport),
        max_age.as_seconds()
    );
    HeaderValue::from_str(&text).map_err(Problem::server)
}

/// The `Set-Cookie` that ends the session in the browser.
pub(crate) fn end_cookie(transport: Transport) -> Result<HeaderValue, Problem> {
    set_cookie(transport, "", Duration::seconds(0))
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// 256 random bits, for a cookie.
pub(crate) fn random_token() -> Result<String, Problem> {
    let mut bytes = [0u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Problem::server("no random bytes"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn sha256_hex(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The anti-forgery token of a session: follows from the session's secret, so it needs no place of its own, and
/// tells nothing about it.
pub(crate) fn csrf_of(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("shouhu-csrf\0{token}").as_bytes()))
}

/// Writes a session.
pub(crate) async fn open(
    tx: &mut Tx,
    web: &Web,
    user_id: &str,
    method: Method,
    remote: Option<&str>,
) -> Result<Opened, Problem> {
    let token = random_token()?;
    let now = tx.now();
    let life = web.settings().session_life;
    tx.write("DELETE FROM web_session WHERE expires < $1", args![now]).await?;
    tx.write(
        "INSERT INTO web_session (token_sha256, user_id, method, remote, created, last_seen, expires)
         VALUES ($1,$2,$3,$4,$5,$5,$6)",
        args![sha256_hex(&token), user_id, method.code(), remote, now, now + life],
    )
    .await?;
    let cookie = set_cookie(web.settings().transport, &token, life)?;
    Ok(Opened { cookie, token })
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: String,
    last_seen: i64,
    expires: i64,
    login: String,
    name: String,
    roles: String,
    region: Option<String>,
    method: String,
    totp: bool,
}

/// The session to which the request's cookie belongs, with the rights as they are now.
pub(crate) async fn find(web: &Web, headers: &HeaderMap, remote: Option<&str>) -> Result<Option<Session>, Problem> {
    let Some(token) = cookie(headers, cookie_name(web.settings().transport)) else { return Ok(None) };
    find_token(web, &token, headers, remote).await
}

pub(crate) async fn find_token(
    web: &Web,
    token: &str,
    headers: &HeaderMap,
    remote: Option<&str>,
) -> Result<Option<Session>, Problem> {
    let token_sha256 = sha256_hex(token);
    let now = web.db().clock().now();
    let idle_since = now - web.settings().session_idle;
    let row: Option<Row> = web
        .db()
        .fetch_optional(
            "SELECT s.user_id, s.last_seen, s.expires, u.login, u.name, u.roles, u.region, s.method,
                CASE WHEN u.totp IS NULL THEN FALSE ELSE TRUE END AS totp
             FROM web_session s JOIN web_user u ON u.id = s.user_id
             WHERE s.token_sha256 = $1 AND s.expires > $2 AND s.last_seen > $3 AND u.disabled = FALSE",
            args![&token_sha256, now, idle_since],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let roles: Vec<String> = serde_json::from_str(&row.roles).map_err(Problem::server)?;
    let mut rights = roles::rights_of(roles.iter().map(String::as_str));
    let must_enrol = web.settings().second_factor == SecondFactor::Administrators
        && row.method == Method::Password.code()
        && !row.totp
        && rights.contains("users.write");
    if must_enrol {
        rights.clear();
    }
    let who = Who {
        user: row.login,
        purpose: purpose(headers),
        remote: remote.map(str::to_owned),
        rights: Rights::These(rights),
        region: row.region.as_deref().map(scope_of),
    };
    Ok(Some(Session {
        who,
        user_id: row.user_id.parse().map_err(Problem::server)?,
        name: row.name,
        roles,
        expires: Timestamp(row.expires),
        must_enrol,
        last_seen: Timestamp(row.last_seen),
        csrf: csrf_of(token),
        token_sha256,
    }))
}

/// Notes that the session is in use. Live updates do not call this: an open page alone keeps nobody logged in.
pub(crate) async fn seen(db: &Db, session: &Session) -> Result<(), Problem> {
    let now = db.clock().now();
    if now - session.last_seen <= SEEN_EVERY {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    tx.write(
        "UPDATE web_session SET last_seen = $1 WHERE token_sha256 = $2 AND last_seen < $1",
        args![now, &session.token_sha256],
    )
    .await?;
    Ok(tx.commit().await?)
}

/// The leading digits of a region code that make a scope: `430000` → `43`, `430100` → `4301`.
pub(crate) fn scope_of(region_code: &str) -> String {
    let mut scope = region_code;
    while scope.len() > 2
        && let Some(shorter) = scope.strip_suffix("00")
    {
        scope = shorter;
    }
    scope.to_owned()
}

/// Whether the request carries the session's anti-forgery token.
pub(crate) fn csrf_fits(session: &Session, headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(CSRF_HEADER) else { return false };
    // Comparing digests leaves nothing to learn from the time it takes.
    Sha256::digest(given.as_bytes()) == Sha256::digest(session.csrf.as_bytes())
}

/// The purpose that the request names.
fn purpose(headers: &HeaderMap) -> Option<String> {
    let raw = headers.get(PURPOSE_HEADER)?.as_bytes();
    let text = percent_decoded(raw);
    let text: String = String::from_utf8(text).ok()?.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= PURPOSE_CHARS_MAX).then(|| text.to_owned())
}

fn percent_decoded(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%'
            && let Some((pair, after)) = tail.split_at_checked(2)
            && let Ok(bytes) = hex::decode(pair)
        {
            out.extend(bytes);
            rest = after;
        } else {
            out.push(first);
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_the_leading_digits() {
        assert_eq!(scope_of("430000"), "43");
        assert_eq!(scope_of("430100"), "4301");
        assert_eq!(scope_of("430102"), "430102");
        assert_eq!(scope_of("100000"), "10");
    }

    #[test]
    fn a_purpose_may_be_percent_encoded_or_not() {
        let mut headers = HeaderMap::new();
        headers.insert(PURPOSE_HEADER, HeaderValue::from_static("%E6%A0%B8%E5%AF%B9 100%"));
        assert_eq!(purpose(&headers).as_deref(), Some("核对 100%"));
        headers.insert(PURPOSE_HEADER, HeaderValue::from_bytes("核对".as_bytes()).unwrap());
        assert_eq!(purpose(&headers).as_deref(), Some("核对"));
        headers.insert(PURPOSE_HEADER, HeaderValue::from_static("%FF%FE"));
        assert_eq!(purpose(&headers), None);
    }

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; shouhu=x=y;b=2"));
        assert_eq!(cookie(&headers, "shouhu").as_deref(), Some("x=y"));
        assert_eq!(cookie(&headers, "hou"), None);
    }
}
