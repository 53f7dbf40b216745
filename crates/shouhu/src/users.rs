//! `shouhu users …`: the local users of a seat.

use web::users::{self, NewUser, User, UserChange};
use web::{Language, Problem};

use crate::cli::{UserAdd, UserAt, UsersTask};
use crate::input;
use crate::output::tell;
use crate::seat::{Seat, operator};
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, faulty, texts};

/// Characters of a password that this program makes: no two that look alike.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of such a password, each of [`GROUP_LEN`] characters; about 79 bits.
const GROUPS: usize = 4;
const GROUP_LEN: usize = 4;

/// Does what is asked about users.
///
/// # Errors
/// There is no such user, or what is asked is refused.
pub async fn run(task: UsersTask) -> Outcome {
    match task {
        UsersTask::Add(options) => add(&options).await,
        UsersTask::List(at) => list(&Seat::existing(&at).await?).await,
        UsersTask::Disable(user) => {
            let change = UserChange { disabled: Some(true), ..UserChange::default() };
            change_user(&user, &change).await
        }
        UsersTask::Enable(user) => {
            let change = UserChange { disabled: Some(false), ..UserChange::default() };
            change_user(&user, &change).await
        }
        UsersTask::Password(options) => {
            let (password, told) = password(options.password_stdin)?;
            let change = UserChange { password: Some(password), ..UserChange::default() };
            change_user(&options.user, &change).await?;
            tell(told.as_deref());
            Ok(())
        }
        UsersTask::Totp(user) => {
            let change = UserChange { forget_totp: Some(true), ..UserChange::default() };
            change_user(&user, &change).await
        }
    }
}

/// The words of a problem that the web crate found.
pub fn problem(problem: &Problem) -> Failure {
    if !problem.faults().is_empty() {
        return faulty(&kernel::Faults(problem.faults().to_vec()));
    }
    let body = problem.body(Language::En, "");
    let said = kernel::Said {
        code: body.code,
        zh: body.texts.zh.title,
        en: body.texts.en.title,
        zh_remedy: body.texts.zh.detail,
        en_remedy: body.texts.en.detail,
    };
    let exit = if problem.status().is_server_error() { Exit::Fault } else { Exit::No };
    Failure::new(exit, said)
}

async fn add(options: &UserAdd) -> Outcome {
    let seat = Seat::existing(&options.user.at).await?;
    let (password, told) = password(options.password_stdin)?;
    let login = options.user.login.clone();
    let new = NewUser {
        name: options.name.clone().unwrap_or_else(|| login.clone()),
        login,
        roles: options.roles.clone(),
        region: options.region.clone(),
        password,
    };
    let user = users::create(&seat.db, &operator(), seat.config.kind.word(), &new).await.map_err(|e| problem(&e))?;
    match Lang::now() {
        Lang::Zh => tell!("已添加用户 {}（{}）", user.login, user.roles.join("、")),
        Lang::En => tell!("added {} ({})", user.login, user.roles.join(", ")),
    }
    tell(told.as_deref());
    Ok(())
}

async fn list(seat: &Seat) -> Outcome {
    let lang = Lang::now();
    for user in all(seat).await? {
        let mut marks = Vec::new();
        if user.disabled {
            marks.push(lang.pick("已停用", "disabled"));
        }
        if user.totp {
            marks.push("TOTP");
        }
        if user.external {
            marks.push(lang.pick("单点登录", "single sign-on"));
        }
        let region = user.region.as_deref().unwrap_or("-");
        tell!("{}\t{}\t{}\t{region}\t{}", user.login, user.name, user.roles.join(","), marks.join(","));
    }
    Ok(())
}

async fn all(seat: &Seat) -> Outcome<Vec<User>> {
    users::list(&seat.db, &operator()).await.map_err(|e| problem(&e))
}

async fn change_user(at: &UserAt, change: &UserChange) -> Outcome {
    let seat = Seat::existing(&at.at).await?;
    let lang = Lang::now();
    let known = all(&seat).await?;
    let Some(user) = known.iter().find(|user| user.login == at.login.trim().to_lowercase()) else {
        let what = lang.pick("用户", "user");
        return Err(texts::NO_SUCH.fail(Exit::No, &[("what", what), ("name", &at.login)]));
    };
    let kind = seat.config.kind.word();
    let user = users::change(&seat.db, &operator(), kind, user.id, change).await.map_err(|e| problem(&e))?;
    tell!("{}", changed(lang, &user, change));
    Ok(())
}

/// What became of a user. Whoever changes a disabled user's password may think that he can log in now.
fn changed(lang: Lang, user: &User, change: &UserChange) -> String {
    let login = &user.login;
    match (lang, change.disabled, user.disabled) {
        (Lang::Zh, Some(true), _) => format!("已停用用户 {login}，其会话已结束"),
        (Lang::En, Some(true), _) => format!("disabled {login} and ended all sessions"),
        (Lang::Zh, Some(false), _) => format!("已启用用户 {login}"),
        (Lang::En, Some(false), _) => format!("enabled {login}"),
        (Lang::Zh, None, true) => format!("已更改用户 {login}；该用户仍处于停用状态，须用 users enable 启用后才能登录"),
        (Lang::En, None, true) => {
            format!("changed {login}, who stays disabled and can log in only after users enable")
        }
        (Lang::Zh, None, false) => format!("已更改用户 {login}"),
        (Lang::En, None, false) => format!("changed {login}"),
    }
}

/// The password to set, and the same again where the user does not know it yet.
fn password(from_stdin: bool) -> Outcome<(String, Option<String>)> {
    if from_stdin {
        return Ok((input::line()?, None));
    }
    let made = random_password();
    Ok((made.clone(), Some(made)))
}

fn tell(password: Option<&str>) {
    if let Some(password) = password {
        match Lang::now() {
            Lang::Zh => tell!("密码：{password}（只显示这一次）"),
            Lang::En => tell!("password: {password} (shown only now)"),
        }
    }
}

/// A password for a person to type once.
pub fn random_password() -> String {
    let mut groups = Vec::with_capacity(GROUPS);
    for _ in 0..GROUPS {
        let mut group = String::with_capacity(GROUP_LEN);
        while group.len() < GROUP_LEN {
            // Bytes that would favour the first letters are thrown away.
            let byte = usize::from(rand::random::<u8>());
            let fair = 256 - 256 % ALPHABET.len();
            if let Some(letter) = ALPHABET.get(byte % ALPHABET.len()).filter(|_| byte < fair) {
                group.push(char::from(*letter));
            }
        }
        groups.push(group);
    }
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_disabled_user_stays_so_until_he_is_enabled() {
        crate::private::make_private();
        let dir = tempfile::tempdir().unwrap();
        let at = crate::cli::SeatAt { data: Some(dir.path().join("seat")), ..Default::default() };
        let flags = crate::cli::Serve { at: at.clone(), ..Default::default() };
        let config =
            crate::config::resolve(&flags, Some(crate::cli::SeatKind::Centre), crate::config::Absent::Make).unwrap();
        let seat = Seat::open(config, crate::seat::Making::Whole).await.unwrap();
        let new = NewUser {
            login: "chen".to_owned(),
            name: "陈警官".to_owned(),
            roles: vec!["stop_officer".to_owned()],
            region: None,
            password: random_password(),
        };
        users::create(&seat.db, &operator(), "centre", &new).await.unwrap();
        let user = || UserAt { login: "chen".to_owned(), at: at.clone() };
        let is_disabled = async || all(&seat).await.unwrap()[0].disabled;

        run(UsersTask::Disable(user())).await.unwrap();
        assert!(is_disabled().await);
        let password = crate::cli::UserPassword { user: user(), password_stdin: false };
        run(UsersTask::Password(password)).await.unwrap();
        assert!(is_disabled().await, "a new password lets nobody in");
        run(UsersTask::Enable(user())).await.unwrap();
        assert!(!is_disabled().await);
        seat.db.close().await;
    }

    #[test]
    fn who_changes_a_disabled_user_is_told_that_he_stays_so() {
        let now = kernel::Timestamp(0);
        let user = User {
            id: kernel::UserId::new(now),
            login: "chen".to_owned(),
            name: "陈警官".to_owned(),
            roles: Vec::new(),
            region: None,
            disabled: true,
            external: false,
            totp: false,
            created: now,
            changed: now,
        };
        let change = UserChange::default();
        for (lang, word) in [(Lang::Zh, "仍处于停用"), (Lang::En, "stays disabled")] {
            let told = changed(lang, &user, &change);
            assert!(told.contains(word) && told.contains("users enable"), "{told}");
        }
    }
}
