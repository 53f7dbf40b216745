//! Users of a seat: what is kept of them, and every change of it as a journal entry.

use kernel::{Faults, Region, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use store::journal::Entry;
use store::{Db, Tx, Who, args};

use crate::{Problem, password, roles, texts};

/// Most users in one answer.
const LIST_MAX: i64 = 1_000;

/// A user to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 2 to 64 lowercase letters, digits, dots, dashes, underscores.
    #[serde(default)]
    pub login: String,
    /// Name to be shown.
    #[serde(default)]
    pub name: String,
    /// Codes of roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Six-digit region code; left out for no limit.
    #[serde(default)]
    pub region: Option<String>,
    /// First password.
    #[serde(default)]
    pub password: String,
}

/// Changes of a user; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Name to be shown.
    pub name: Option<String>,
    /// Codes of roles.
    pub roles: Option<Vec<String>>,
    /// Six-digit region code; the empty text takes the limit away.
    pub region: Option<String>,
    /// Whether the user may no longer log in.
    pub disabled: Option<bool>,
    /// A new password.
    pub password: Option<String>,
    /// `true` forgets the authenticator.
    pub forget_totp: Option<bool>,
}

/// A user as others see him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Login.
    pub login: String,
    /// Name to be shown.
    pub name: String,
    /// Codes of roles.
    pub roles: Vec<String>,
    /// Six-digit region code of the scope.
    pub region: Option<String>,
    /// Whether the user may no longer log in.
    pub disabled: bool,
    /// Whether the account belongs to the single sign-on.
    pub external: bool,
    /// Whether an authenticator is enrolled.
    pub totp: bool,
    /// When made.
    pub created: Timestamp,
    /// When last changed.
    pub changed: Timestamp,
}

/// A row of the table.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) name: String,
    roles: String,
    pub(crate) region: Option<String>,
    pub(crate) disabled: bool,
    pub(crate) password: Option<String>,
    external: Option<String>,
    pub(crate) totp: Option<Vec<u8>>,
    pub(crate) totp_pending: Option<Vec<u8>>,
    pub(crate) totp_step: i64,
    created: i64,
    changed: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, name, roles, region, disabled, password, external, totp, totp_pending, totp_step,
                created, changed FROM web_user ",
            $rest
        )
    };
}

impl Row {
    pub(crate) fn role_codes(&self) -> Result<Vec<String>, Problem> {
        serde_json::from_str(&self.roles).map_err(Problem::server)
    }

    pub(crate) fn user(&self) -> Result<User, Problem> {
        Ok(User {
            id: self.id.parse().map_err(Problem::server)?,
            login: self.login.clone(),
            name: self.name.clone(),
            roles: self.role_codes()?,
            region: self.region.clone(),
            disabled: self.disabled,
            external: self.external.is_some(),
            totp: self.totp.is_some(),
            created: Timestamp(self.created),
            changed: Timestamp(self.changed),
        })
    }

    fn keeps_users(&self) -> bool {
        let roles = self.role_codes().unwrap_or_default();
        !self.disabled && roles::rights_of(roles.iter().map(String::as_str)).contains("users.write")
    }
}

/// The journal's name of a user.
pub(crate) fn subject(id: &str) -> String {
    format!("user:{id}")
}

/// A login as it is kept: trimmed, lowercase.
pub(crate) fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

/// The user with a login.
pub(crate) async fn by_login(db: &Db, login: &str) -> Result<Option<Row>, Problem> {
    Ok(db.fetch_optional(select!("WHERE login = $1"), args![login]).await?)
}

/// The user with an identifier, inside a transaction.
pub(crate) async fn by_id(tx: &mut Tx, id: UserId) -> Result<Row, Problem> {
    let row: Option<Row> = tx.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or_else(|| Problem::not_found("user"))
}

async fn by_external(tx: &mut Tx, external: &str) -> Result<Option<Row>, Problem> {
    Ok(tx.fetch_optional(select!("WHERE external = $1"), args![external]).await?)
}

/// Whether a user lies in the scope of who manages users: one without a region lies in no other's.
fn manages(who: &Who, row: &Row) -> bool {
    who.covers(row.region.as_deref().unwrap_or(""))
}

/// The region of a user to be made or moved, within the scope of who does it. Scope is inherited and never widened: left
/// out it is that of the administrator.
fn scoped(faults: &mut Faults, who: &Who, region: Option<String>) -> Option<String> {
    let Some(own) = who.region.as_deref() else { return region };
    match region {
        None => Some(format!("{own:0<6}")),
        Some(region) if who.covers(&region) => Some(region),
        Some(region) => {
            faults.push(texts::USER_SCOPE.at("region", &[("own", own)]));
            Some(region)
        }
    }
}

/// All users in the scope of who asks, by login; needs `users.write`.
pub async fn list(db: &Db, who: &Who) -> Result<Vec<User>, Problem> {
    who.require("users.write")?;
    // Chosen before the list is cut, so that nobody misses his own behind those of others.
    let own = format!("{}%", who.region.as_deref().unwrap_or(""));
    let sql = select!("WHERE COALESCE(region, '') LIKE $2 ORDER BY login LIMIT $1");
    let rows: Vec<Row> = db.fetch_all(sql, args![LIST_MAX, own]).await?;
    rows.iter().filter(|row| manages(who, row)).map(Row::user).collect()
}

/// Makes a user; needs `users.write`, which the command line has as a desk of its own (`Who::system("cli")`).
/// `seat_kind` is `centre` or `bank` and says which roles there are.
///
/// # Errors
/// Every fault of the input at once, by field.
pub async fn create(db: &Db, who: &Who, seat_kind: &str, new: &NewUser) -> Result<User, Problem> {
    let checked = Checked::of(db, who, seat_kind, new).await?;
    let mut tx = db.begin().await?;
    let user = checked.insert(&mut tx, who).await?;
    tx.commit().await?;
    Ok(user)
}

/// A user to be made who has no faults, with his password hashed: that takes long, and no transaction should wait for it.
pub(crate) struct Checked<'a> {
    new: &'a NewUser,
    login: String,
    region: Option<String>,
    hash: String,
}

impl<'a> Checked<'a> {
    /// Checks the right and every field.
    pub(crate) async fn of(db: &Db, who: &Who, seat_kind: &str, new: &'a NewUser) -> Result<Self, Problem> {
        who.require("users.write")?;
        let login = normal(&new.login);
        let mut faults = Faults::none();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        if !(2..=64).contains(&login.len()) || !login.chars().all(fits) {
            faults.push(texts::USER_LOGIN.at("login", &[]));
        }
        check_name(&mut faults, &new.name);
        check_roles(&mut faults, seat_kind, &new.roles);
        let region = check_region(&mut faults, new.region.as_deref());
        let region = scoped(&mut faults, who, region);
        if let Err(fault) = password::check("password", &new.password, &login, &new.name) {
            faults.push(fault);
        }
        if by_login(db, &login).await?.is_some() {
            faults.push(texts::USER_TAKEN.at("login", &[]));
        }
        faults.into_result()?;
        let hash = password::hash(&new.password).await?;
        Ok(Self { new, login, region, hash })
    }

    /// Makes the user in the caller's transaction.
    pub(crate) async fn insert(self, tx: &mut Tx, who: &Who) -> Result<User, Problem> {
        let fresh = Fresh {
            login: &self.login,
            name: self.new.name.trim(),
            roles: &self.new.roles,
            region: self.region,
            hash: Some(self.hash),
            external: None,
        };
        insert(tx, who, fresh).await?.user()
    }
}

struct Fresh<'a> {
    login: &'a str,
    name: &'a str,
    roles: &'a [String],
    region: Option<String>,
    hash: Option<String>,
    external: Option<&'a str>,
}

async fn insert(tx: &mut Tx, who: &Who, fresh: Fresh<'_>) -> Result<Row, Problem> {
    let now = tx.now();
    let id = UserId::new(now);
    let roles = serde_json::to_string(fresh.roles).map_err(Problem::server)?;
    let made = tx
        .execute(
            "INSERT INTO web_user (id, login, name, roles, region, disabled, password, external, totp_step, created,
                changed) VALUES ($1,$2,$3,$4,$5,FALSE,$6,$7,0,$8,$8) ON CONFLICT (login) DO NOTHING",
            args![id, fresh.login, fresh.name, roles, fresh.region.clone(), fresh.hash, fresh.external, now],
        )
        .await?;
    if made == 0 {
        return Err(texts::USER_TAKEN.at("login", &[]).into());
    }
    let body = serde_json::json!({
        "login": fresh.login, "roles": fresh.roles, "region": fresh.region, "external": fresh.external.is_some(),
    });
    let mut entry = Entry::new("user.created", subject(&id.to_string())).body(&body);
    if let Some(region) = &fresh.region {
        entry = entry.region(format!("{region:0<6}"));
    }
    tx.append(entry.private(&serde_json::json!({ "name": fresh.name })), who).await?;
    by_id(tx, id).await
}

/// Changes a user; needs `users.write`. A new password, other roles or being disabled end his sessions.
///
/// # Errors
/// Every fault at once; 409 for disabling oneself or losing the last administrator.
pub async fn change(db: &Db, who: &Who, seat_kind: &str, id: UserId, change: &UserChange) -> Result<User, Problem> {
    who.require("users.write")?;
    let mut faults = Faults::none();
    if let Some(name) = &change.name {
        check_name(&mut faults, name);
    }
    if let Some(roles) = &change.roles {
        check_roles(&mut faults, seat_kind, roles);
    }
    let region = check_region(&mut faults, change.region.as_deref());
    let region = if change.region.is_some() { scoped(&mut faults, who, region) } else { None };
    let known: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    let known = known.filter(|known| manages(who, known)).ok_or_else(|| Problem::not_found("user"))?;
    let (login, name) = (known.login, known.name);
    if let Some(text) = &change.password
        && let Err(fault) = password::check("password", text, &login, change.name.as_deref().unwrap_or(&name))
    {
        faults.push(fault);
    }
    faults.into_result()?;
    let hash = match &change.password {
        Some(text) => Some(password::hash(text).await?),
        None => None,
    };
    let mut tx = db.begin().await?;
    // One change of users at a time: of two administrators who take each other's role, one stays.
    store::lock_name(&mut tx, "users").await?;
    let old = by_id(&mut tx, id).await?;
    if !manages(who, &old) {
        return Err(Problem::not_found("user"));
    }
    if hash.is_some() && old.external.is_some() {
        return Err(texts::USER_EXTERNAL.at("password", &[]).into());
    }
    // With one's own session alone neither password nor second factor is changed; `/session/…` asks for proof.
    if who.user == old.login && (change.password.is_some() || change.forget_totp == Some(true)) {
        return Err(Problem::conflict(texts::USER_OWN_SECRETS.say(&[])));
    }
    let mut new = old.clone();
    if let Some(name) = &change.name {
        new.name = name.trim().to_owned();
    }
    if let Some(roles) = &change.roles {
        new.roles = serde_json::to_string(roles).map_err(Problem::server)?;
    }
    if change.region.is_some() {
        new.region = region;
    }
    new.disabled = change.disabled.unwrap_or(old.disabled);
    if change.forget_totp == Some(true) {
        (new.totp, new.totp_pending) = (None, None);
    }
    new.password = hash.or(new.password);
    if who.user == old.login && (new.role_codes()? != old.role_codes()? || new.region != old.region) {
        return Err(Problem::conflict(texts::USER_OWN_RIGHTS.say(&[])));
    }
    if old.keeps_users() && !new.keeps_users() {
        other_keeper(&mut tx, who, &old).await?;
    }
    write(&mut tx, who, &old, &mut new).await?;
    tx.commit().await?;
    new.user()
}

/// Whether a first password would do; for whoever makes several users and must not stop in the middle.
///
/// # Errors
/// The fault of the field.
pub fn check_password(field: &str, text: &str, login: &str, name: &str) -> Result<(), kernel::Fault> {
    password::check(field, text, login, name)
}

/// Goes on only where another user can still manage users, and nobody shuts himself out.
async fn other_keeper(tx: &mut Tx, who: &Who, old: &Row) -> Result<(), Problem> {
    let rows: Vec<Row> = tx.fetch_all(select!("WHERE disabled = FALSE"), args![]).await?;
    let left = rows.iter().any(|row| row.id != old.id && row.keeps_users());
    if left && who.user != old.login {
        return Ok(());
    }
    Err(Problem::conflict(texts::USER_LAST_ADMIN.say(&[])))
}

async fn write(tx: &mut Tx, who: &Who, old: &Row, new: &mut Row) -> Result<(), Problem> {
    let now = tx.now();
    new.changed = now.0;
    // A user who changes his own password or authenticator at the same moment does not have it written over.
    store::transition("web_user", &old.id)
        .expect("changed", old.changed)
        .expect("password", old.password.clone())
        .expect("totp", old.totp.clone())
        .set("name", &new.name)
        .set("roles", &new.roles)
        .set("region", new.region.clone())
        .set("disabled", new.disabled)
        .set("password", new.password.clone())
        .set("totp", new.totp.clone())
        .set("totp_pending", new.totp_pending.clone())
        .set("changed", now)
        .apply(tx)
        .await?;
    let end_sessions = new.password != old.password || new.disabled || new.roles != old.roles;
    if end_sessions {
        tx.write("DELETE FROM web_session WHERE user_id = $1", args![&new.id]).await?;
    }
    let mut body = serde_json::Map::new();
    let mut differs = |field: &str, old: serde_json::Value, new: serde_json::Value| {
        if old != new {
            body.insert(field.to_owned(), serde_json::json!({ "old": old, "new": new }));
        }
    };
    differs("roles", old.role_codes()?.into(), new.role_codes()?.into());
    differs("region", old.region.clone().into(), new.region.clone().into());
    differs("disabled", old.disabled.into(), new.disabled.into());
    differs("totp", old.totp.is_some().into(), new.totp.is_some().into());
    if new.password != old.password {
        body.insert("password".to_owned(), "new".into());
    }
    let mut entry = Entry::new("user.changed", subject(&new.id));
    if let Some(region) = &new.region {
        entry = entry.region(format!("{region:0<6}"));
    }
    if new.name != old.name {
        body.insert("name".to_owned(), "new".into());
        entry = entry.private(&serde_json::json!({ "name": { "old": old.name, "new": new.name } }));
    }
    tx.append(entry.body(&body), who).await?;
    Ok(())
}

/// A new password by the user himself. Ends all his sessions but the given one.
pub(crate) async fn new_password(
    db: &Db,
    who: &Who,
    id: UserId,
    (proved, hash): (Option<String>, String),
    keep_session: &str,
) -> Result<(), Problem> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    // Only in place of the password that was proved.
    let takes = store::transition("web_user", id).expect("password", proved).expect("disabled", false);
    takes.set("password", hash).set("changed", now).apply(&mut tx).await?;
    tx.write("DELETE FROM web_session WHERE user_id = $1 AND token_sha256 <> $2", args![id, keep_session]).await?;
    let entry = Entry::new("user.password_changed", subject(&id.to_string()));
    tx.append(entry, who).await?;
    Ok(tx.commit().await?)
}

/// Ends every session of the user but the one that asks.
pub(crate) async fn end_other_sessions(tx: &mut Tx, session: &crate::Session) -> Result<(), Problem> {
    tx.write(
        "DELETE FROM web_session WHERE user_id = $1 AND token_sha256 <> $2",
        args![session.user_id, &session.token_sha256],
    )
    .await?;
    Ok(())
}

/// What the single sign-on says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct External {
    /// Issuer and subject, joined by `|`.
    pub(crate) external: String,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
    pub(crate) region: Option<String>,
}

/// Finds or makes the user that the single sign-on vouches for, and takes over name, roles and region from it.
pub(crate) async fn upsert_external(tx: &mut Tx, who: &Who, seen: &External) -> Result<Row, Problem> {
    store::lock_name(tx, "users").await?;
    let Some(old) = by_external(tx, &seen.external).await? else {
        let login = free_login(tx, &seen.login).await?;
        let fresh = Fresh {
            login: &login,
            name: &seen.name,
            roles: &seen.roles,
            region: seen.region.clone(),
            hash: None,
            external: Some(&seen.external),
        };
        return insert(tx, who, fresh).await;
    };
    let mut new = old.clone();
    new.name.clone_from(&seen.name);
    new.roles = serde_json::to_string(&seen.roles).map_err(Problem::server)?;
    new.region.clone_from(&seen.region);
    if (&new.name, &new.roles, &new.region) != (&old.name, &old.roles, &old.region) {
        write(tx, who, &old, &mut new).await?;
    }
    Ok(new)
}

/// The login itself, or with a number behind it: a login of the single sign-on never takes over a local account.
async fn free_login(tx: &mut Tx, wanted: &str) -> Result<String, Problem> {
    for number in 1..100 {
        let login = if number == 1 { wanted.to_owned() } else { format!("{wanted}-{number}") };
        let taken: Option<(String,)> =
            tx.fetch_optional("SELECT id FROM web_user WHERE login = $1", args![&login]).await?;
        if taken.is_none() {
            return Ok(login);
        }
    }
    Err(texts::USER_TAKEN.at("login", &[]).into())
}

fn check_name(faults: &mut Faults, name: &str) {
    let count = name.trim().chars().count();
    if !(1..=64).contains(&count) || name.chars().any(char::is_control) {
        faults.push(texts::USER_NAME.at("name", &[]));
    }
}

fn check_roles(faults: &mut Faults, seat_kind: &str, given: &[String]) {
    let known = roles::codes(seat_kind);
    if given.is_empty() {
        faults.push(texts::USER_ROLES_NONE.at("roles", &[("roles", &known)]));
    }
    for (place, code) in given.iter().enumerate() {
        if !roles::role(code).is_some_and(|r| r.seats.contains(&seat_kind)) {
            faults.push(texts::USER_ROLE.at(format!("roles[{place}]"), &[("role", code), ("roles", &known)]));
        }
    }
}

fn check_region(faults: &mut Faults, text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|t| !t.is_empty())?;
    faults.keep(Region::parse_at("region", text)).map(|region| region.to_string())
}
