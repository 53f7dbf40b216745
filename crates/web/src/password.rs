//! Passwords: what is asked of them, and argon2id, off the async threads and never more than a few at once.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::http::StatusCode;
use kernel::Fault;
use tokio::sync::Semaphore;

use crate::{Problem, common, few_at_once, texts};

/// Fewest characters.
pub const CHARS_MIN: usize = 12;
/// Most characters; keeps the cost of hashing bounded.
pub const CHARS_MAX: usize = 128;
/// Hashes computed at once: each takes 19 MiB and about 25 ms of a core.
const AT_ONCE_MAX: usize = 2;

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// Those who wait for a place at most: some seconds. Beyond, one is told so at once, rather than after his time is over.
const WAITING_MAX: usize = 200;

static WAITING: Semaphore = Semaphore::const_new(WAITING_MAX);

/// A hash of a password that nobody has: unknown logins are checked against it, so that they take as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Whether a new password will do for the user of a login and a name.
///
/// # Errors
/// The fault of the field.
pub fn check(field: &str, password: &str, login: &str, name: &str) -> Result<(), Fault> {
    let count = password.chars().count();
    if !(CHARS_MIN..=CHARS_MAX).contains(&count) {
        return Err(texts::PASSWORD_LENGTH.at(field, &[]));
    }
    let lower = password.to_lowercase();
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    let steps = lower.chars().zip(lower.chars().skip(1)).filter(|(a, b)| {
        let (a, b) = (u32::from(*a), u32::from(*b));
        b.abs_diff(a) <= 1
    });
    let named = login.chars().count() >= 3 && lower.contains(&login.to_lowercase());
    if distinct.len() < 5 || steps.count() * 2 > count || named {
        return Err(texts::PASSWORD_WEAK.at(field, &[]));
    }
    if common::is_common(password, login, name) {
        return Err(texts::PASSWORD_COMMON.at(field, &[]));
    }
    Ok(())
}

/// The argon2id hash, as a PHC string.
///
/// # Errors
/// The system gives no random salt.
pub async fn hash(password: &str) -> Result<String, Problem> {
    let password = password.to_owned();
    blocking(move || hash_now(&password)).await?
}

fn hash_now(password: &str) -> Result<String, Problem> {
    Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(Problem::server)
}

/// Whether the password fits the hash. Without a hash it takes as long and does not fit.
pub async fn verify(password: &str, hash: Option<String>) -> Result<bool, Problem> {
    if password.chars().count() > CHARS_MAX {
        return Ok(false);
    }
    let password = password.to_owned();
    blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let fits = Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        fits && known
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let _waiting = WAITING.try_acquire().map_err(|_full| {
        Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).because("too many passwords wait to be checked")
    })?;
    few_at_once(&PLACES, work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        let code = |password: &str| check("password", password, "wang.li", "王丽").err().map(|f| f.said.code);
        assert_eq!(code("短").as_deref(), Some("password.length"));
        assert_eq!(code(&"长".repeat(129)).as_deref(), Some("password.length"));
        assert_eq!(code("aaaaaaaaaaaaaaaa").as_deref(), Some("password.weak"));
        assert_eq!(code("1234567890123").as_deref(), Some("password.weak"));
        assert_eq!(code("my-WANG.LI-secret").as_deref(), Some("password.weak"));
        assert_eq!(code("Admin@Changsha2026").as_deref(), Some("password.common"));
        assert_eq!(code("橘子洲头看万山红遍层林尽染"), None);
        assert_eq!(code("correct horse battery"), None);
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hash = hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", Some(hash.clone())).await.unwrap());
        assert!(!verify("correct horse batterz", Some(hash)).await.unwrap());
        assert!(!verify("nobody has this password", None).await.unwrap());
    }

    #[tokio::test]
    async fn those_who_hang_up_have_no_more_at_once_than_those_who_wait() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        for _ in 0..20 {
            let work = || {
                let now = NOW.fetch_add(1, Ordering::SeqCst) + 1;
                MOST.fetch_max(now, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(30));
                NOW.fetch_sub(1, Ordering::SeqCst);
            };
            let _hung_up = tokio::time::timeout(std::time::Duration::from_millis(5), blocking(work)).await;
        }
        assert!((1..=AT_ONCE_MAX).contains(&MOST.load(Ordering::SeqCst)), "{MOST:?}");
    }
}
