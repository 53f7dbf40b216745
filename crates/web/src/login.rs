//! Logging in and out, the password, and the authenticator.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Duration, Faults, Timestamp};
use serde::{Deserialize, Serialize};
use store::journal::Entry;
use store::{Who, args};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Web;
use crate::around::RequestContext;
use crate::rate::{Buckets, Limit, trier};
use crate::session::{self, Method, Session};
use crate::users::{self, Row};
use crate::{Json, Problem, password, texts, totp};

/// How often somebody may try to log in. Counted by who tries, never by the login alone: else anybody who knows a login
/// could keep its owner out.
#[derive(Debug)]
pub(crate) struct Limits {
    by_login: Buckets,
    by_remote: Buckets,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            by_login: Buckets::new(Limit { burst: 6, interval: Duration::seconds(60) }),
            by_remote: Buckets::new(Limit { burst: 30, interval: Duration::seconds(4) }),
        }
    }
}

impl Limits {
    /// Takes one try from both buckets; the second factor and password changes count like logins. One try is all that is
    /// proved together: password and code.
    fn take(&self, login: &str, remote: Option<&str>, now: Duration) -> Result<(), Problem> {
        let refused = |wait| {
            metrics::counter!("login_rate_limited_total").increment(1);
            Problem::rate_limited(wait)
        };
        self.by_remote.take(&trier(remote.unwrap_or("unknown")), now).map_err(refused)?;
        self.by_login.take(&of_login(login, remote), now).map_err(refused)
    }

    /// Forgets the tries from an address at a login, after one that succeeded.
    fn clear(&self, login: &str, remote: Option<&str>) {
        self.by_login.clear(&of_login(login, remote));
    }
}

/// An address at a login. No login has a space in it.
fn of_login(login: &str, remote: Option<&str>) -> String {
    format!("{} {login}", trier(remote.unwrap_or("unknown")))
}

pub(crate) fn router() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(create_session, read_session, delete_session))
        .routes(routes!(change_password))
        .routes(routes!(begin_totp, end_totp))
        .routes(routes!(confirm_totp))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginInput {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    /// The code of the authenticator, where one is enrolled.
    #[serde(default)]
    totp: Option<String>,
}

/// Who is logged in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SessionOutput {
    user: SessionUser,
    /// Codes of the rights.
    rights: Vec<String>,
    /// Goes back as the header `X-Shouhu-CSRF` with every request that changes something.
    csrf: String,
    /// When the session ends at the latest.
    expires_at: Timestamp,
    /// Whether an authenticator must be enrolled first: until then the session has no rights.
    must_enrol: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SessionUser {
    id: kernel::UserId,
    login: String,
    name: String,
    /// Codes of the roles.
    roles: Vec<String>,
    /// Leading digits of the regions that may be seen; left out for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

impl SessionOutput {
    fn of(session: &Session) -> Self {
        Self {
            user: SessionUser {
                id: session.user_id,
                login: session.who.user.clone(),
                name: session.name.clone(),
                roles: session.roles.clone(),
                region: session.who.region.clone(),
            },
            rights: session.rights().into_iter().collect(),
            csrf: session.csrf.clone(),
            expires_at: session.expires,
            must_enrol: session.must_enrol,
        }
    }
}

/// Logs in.
#[utoipa::path(post, path = "/session", tag = "session", security(()), request_body = LoginInput,
    responses((status = 201, body = SessionOutput)))]
async fn create_session(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    Json(input): Json<LoginInput>,
) -> Result<Response, Problem> {
    let login = users::normal(&input.login);
    let mut faults = Faults::none();
    for (field, text) in [("login", &login), ("password", &input.password)] {
        if text.is_empty() {
            faults.push(texts::JSON_MISSING.at(field, &[]));
        }
    }
    faults.into_result()?;
    web.limits().take(&login, context.remote.as_deref(), web.db().clock().steady())?;

    let row = users::by_login(web.db(), &login).await?.filter(|row| !row.disabled);
    let hash = row.as_ref().and_then(|row| row.password.clone());
    let fits = password::verify(&input.password, hash).await?;
    let Some(row) = row.filter(|_| fits) else {
        refused(&web, &context, "password").await?;
        return Err(Problem::new(StatusCode::UNAUTHORIZED, texts::LOGIN_FAILED.say(&[])));
    };
    if row.totp.is_some() {
        let Some(code) = input.totp.as_deref().filter(|code| !code.trim().is_empty()) else {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, texts::TOTP_NEEDED.say(&[])));
        };
        if !use_code(&web, &row, code).await? {
            refused(&web, &context, "totp").await?;
            return Err(Problem::new(StatusCode::UNAUTHORIZED, texts::TOTP_WRONG.say(&[])));
        }
    }
    web.limits().clear(&login, context.remote.as_deref());
    let (session, cookie) = enter(&web, &context, &row, Method::Password).await?;
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(SessionOutput::of(&session))).into_response())
}

/// Opens a session for a user who has proved who he is.
pub(crate) async fn enter(
    web: &Web,
    context: &RequestContext,
    row: &Row,
    method: Method,
) -> Result<(Session, axum::http::HeaderValue), Problem> {
    let mut who = Who::user(&row.login, &[]);
    who.remote.clone_from(&context.remote);
    let mut tx = web.db().begin().await?;
    let opened = session::open(&mut tx, web, &row.id, method, context.remote.as_deref()).await?;
    let entry = Entry::new("session.opened", users::subject(&row.id))
        .body(&serde_json::json!({ "method": method.code() }))
        .private(&serde_json::json!({ "remote": context.remote }));
    tx.append(entry, &who).await?;
    tx.commit().await?;
    let found = session::find_token(web, &opened.token, &HeaderMap::new(), context.remote.as_deref()).await?;
    let session = found.ok_or_else(|| Problem::server("a session was opened and is not there"))?;
    Ok((session, opened.cookie))
}

/// Records a login that failed. What was typed is not recorded: people type passwords into the wrong field.
async fn refused(web: &Web, context: &RequestContext, reason: &str) -> Result<(), Problem> {
    metrics::counter!("login_refused_total", "reason" => reason.to_owned()).increment(1);
    let mut who = Who::system("login");
    who.remote.clone_from(&context.remote);
    let entry = Entry::new("session.refused", "session:refused")
        .body(&serde_json::json!({ "reason": reason }))
        .private(&serde_json::json!({ "remote": context.remote }));
    let mut tx = web.db().begin().await?;
    tx.append(entry, &who).await?;
    Ok(tx.commit().await?)
}

/// Whether the code is right and was not used before; it is used up by this.
async fn use_code(web: &Web, row: &Row, code: &str) -> Result<bool, Problem> {
    let secret = row.totp.as_deref().and_then(|sealed| web.db().vault().unseal(sealed));
    let secret = secret.ok_or_else(|| Problem::server("the secret of an authenticator cannot be opened"))?;
    let Some(step) = totp::check(&secret, code, web.db().clock().now(), row.totp_step)? else { return Ok(false) };
    let mut tx = web.db().begin().await?;
    let used = tx
        .execute(
            "UPDATE web_user SET totp_step = $1 WHERE id = $2 AND totp_step = $3",
            args![step, &row.id, row.totp_step],
        )
        .await?;
    tx.commit().await?;
    Ok(used == 1)
}

/// Tells who is logged in, and gives the anti-forgery token again.
#[utoipa::path(get, path = "/session", tag = "session", security(("session" = [])),
    responses((status = 200, body = SessionOutput)))]
async fn read_session(session: Session) -> Json<SessionOutput> {
    Json(SessionOutput::of(&session))
}

/// Logs out.
#[utoipa::path(delete, path = "/session", tag = "session", security(("session" = [])), responses((status = 204)))]
async fn delete_session(State(web): State<Web>, session: Session) -> Result<Response, Problem> {
    let mut tx = web.db().begin().await?;
    tx.write("DELETE FROM web_session WHERE token_sha256 = $1", args![&session.token_sha256]).await?;
    let entry = Entry::new("session.closed", users::subject(&session.user_id.to_string()));
    tx.append(entry, &session.who).await?;
    tx.commit().await?;
    let cookie = session::end_cookie(web.settings().transport)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordInput {
    /// The present password.
    #[serde(default)]
    current: String,
    /// 12 to 128 characters.
    #[serde(default)]
    new: String,
}

/// Changes one's own password; other sessions of the user end.
#[utoipa::path(post, path = "/session/password", tag = "session", security(("session" = [])),
    request_body = PasswordInput, responses((status = 204)))]
async fn change_password(
    State(web): State<Web>,
    session: Session,
    Json(input): Json<PasswordInput>,
) -> Result<StatusCode, Problem> {
    let mut faults = Faults::none();
    if let Err(fault) = password::check("new", &input.new, &session.who.user, &session.name) {
        faults.push(fault);
    }
    let mut proved = None;
    match prove(&web, &session, "current", &input.current).await {
        Ok(row) => {
            proved = row.password;
            web.limits().clear(&session.who.user, session.who.remote.as_deref());
        }
        Err(problem) => match problem.faults() {
            [] => return Err(problem),
            found => found.iter().cloned().for_each(|fault| faults.push(fault)),
        },
    }
    faults.into_result()?;
    let hash = password::hash(&input.new).await?;
    users::new_password(web.db(), &session.who, session.user_id, (proved, hash), &session.token_sha256).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Goes on only with the user's own password. The try counts until the caller clears it, after the last proof.
async fn prove(web: &Web, session: &Session, field: &str, given: &str) -> Result<Row, Problem> {
    web.limits().take(&session.who.user, session.who.remote.as_deref(), web.db().clock().steady())?;
    let row = users::by_login(web.db(), &session.who.user).await?.ok_or_else(Problem::unauthenticated)?;
    if row.password.is_none() {
        return Err(texts::USER_EXTERNAL.at(field, &[]).into());
    }
    if !password::verify(given, row.password.clone()).await? {
        return Err(texts::PASSWORD_WRONG.at(field, &[]).into());
    }
    Ok(row)
}

/// Goes on only with the user's own password and, where an authenticator is enrolled, a code of it: a session that was
/// left open or stolen must not be enough to take the second factor away.
async fn prove_both(web: &Web, session: &Session, proof: &ProofInput) -> Result<Row, Problem> {
    let row = prove(web, session, "password", &proof.password).await?;
    if row.totp.is_some() {
        let Some(code) = proof.code.as_deref().filter(|code| !code.trim().is_empty()) else {
            return Err(texts::TOTP_NEEDED.at("code", &[]).into());
        };
        // A wrong code counts as a try, though the password was right.
        if !use_code(web, &row, code).await? {
            return Err(texts::TOTP_WRONG.at("code", &[]).into());
        }
    }
    web.limits().clear(&session.who.user, session.who.remote.as_deref());
    Ok(row)
}

/// The secret to be put into an authenticator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TotpOutput {
    /// Base32, for typing.
    secret: String,
    /// For a QR code.
    uri: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProofInput {
    /// One's own password.
    #[serde(default)]
    password: String,
    /// A code of the authenticator that is enrolled now, where there is one.
    #[serde(default)]
    code: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeInput {
    /// Six digits.
    #[serde(default)]
    code: String,
}

/// Begins to enrol an authenticator: gives a secret, which a code must confirm. Who has one already shows a code of it.
#[utoipa::path(post, path = "/session/totp", tag = "session", security(("session" = [])), request_body = ProofInput,
    responses((status = 201, body = TotpOutput)))]
async fn begin_totp(
    State(web): State<Web>,
    session: Session,
    Json(input): Json<ProofInput>,
) -> Result<(StatusCode, Json<TotpOutput>), Problem> {
    prove_both(&web, &session, &input).await?;
    let fresh = totp::secret()?;
    let (secret, uri) = totp::shown(&fresh, &session.who.user, &web.settings().seat.id)?;
    let sealed = web.db().vault().seal(&fresh)?;
    let mut tx = web.db().begin().await?;
    tx.write("UPDATE web_user SET totp_pending = $1 WHERE id = $2", args![sealed, session.user_id]).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(TotpOutput { secret, uri })))
}

/// Confirms the authenticator with a code; from now on each log-in with a password asks for one.
#[utoipa::path(post, path = "/session/totp/confirm", tag = "session", security(("session" = [])),
    request_body = CodeInput, responses((status = 204)))]
async fn confirm_totp(
    State(web): State<Web>,
    session: Session,
    Json(input): Json<CodeInput>,
) -> Result<StatusCode, Problem> {
    let now = web.db().clock().now();
    web.limits().take(&session.who.user, session.who.remote.as_deref(), web.db().clock().steady())?;
    let mut tx = web.db().begin().await?;
    let row = users::by_id(&mut tx, session.user_id).await?;
    let Some(sealed) = row.totp_pending else {
        return Err(Problem::conflict(texts::TOTP_NOT_BEGUN.say(&[])));
    };
    let secret = web.db().vault().unseal(&sealed);
    let secret = secret.ok_or_else(|| Problem::server("the secret of an authenticator cannot be opened"))?;
    let step = totp::check(&secret, &input.code, now, 0)?.ok_or_else(|| texts::TOTP_WRONG.at("code", &[]))?;
    store::transition("web_user", session.user_id)
        .expect("totp_pending", sealed.clone())
        .set("totp", sealed)
        .set("totp_pending", None::<Vec<u8>>)
        .set("totp_step", step)
        .set("changed", now)
        .apply(&mut tx)
        .await?;
    users::end_other_sessions(&mut tx, &session).await?;
    let entry = Entry::new("user.totp_enrolled", users::subject(&session.user_id.to_string()));
    tx.append(entry, &session.who).await?;
    tx.commit().await?;
    web.limits().clear(&session.who.user, session.who.remote.as_deref());
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets one's own authenticator; needs the password and a code of it. Other sessions of the user end.
#[utoipa::path(delete, path = "/session/totp", tag = "session", security(("session" = [])),
    request_body = ProofInput, responses((status = 204)))]
async fn end_totp(
    State(web): State<Web>,
    session: Session,
    Json(input): Json<ProofInput>,
) -> Result<StatusCode, Problem> {
    let row = prove_both(&web, &session, &input).await?;
    let mut tx = web.db().begin().await?;
    users::end_other_sessions(&mut tx, &session).await?;
    let now = tx.now();
    store::transition("web_user", session.user_id)
        .expect("password", row.password)
        .expect("totp", row.totp)
        .set("totp", None::<Vec<u8>>)
        .set("totp_pending", None::<Vec<u8>>)
        .set("changed", now)
        .apply(&mut tx)
        .await?;
    let entry = Entry::new("user.totp_forgotten", users::subject(&session.user_id.to_string()));
    tx.append(entry, &session.who).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
