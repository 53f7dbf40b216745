//! Passwords of binds and keys of the HTTP route: only hashes are kept.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

/// Hashes of argon2 computed at once: each takes 19 MiB and about 25 ms of a core.
const AT_ONCE_MAX: usize = 2;
const SHA256: &str = "sha256:";

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// The argon2id hash of a password, as a PHC string; nothing when the system gives no random salt.
pub fn hash_password(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

/// The hash of a long random key.
pub fn hash_key(key: &str) -> String {
    format!("{SHA256}{}", hex(&Sha256::digest(key.as_bytes())))
}

/// Whether a configured word is a hash that can be checked.
pub(crate) fn is_hash(hash: &str) -> bool {
    match hash.strip_prefix(SHA256) {
        Some(digits) => digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => hash.starts_with("$argon2id$") && PasswordHash::new(hash).is_ok(),
    }
}

/// Whether a secret fits its hash. Compared in constant time; argon2 runs off the async threads, a few at once.
pub(crate) async fn fits(secret: &[u8], hash: &str) -> bool {
    if let Some(digits) = hash.strip_prefix(SHA256) {
        return equal(hex(&Sha256::digest(secret)).as_bytes(), digits.to_ascii_lowercase().as_bytes());
    }
    let (secret, hash) = (secret.to_vec(), hash.to_owned());
    let verify = move || Argon2::default().verify_password(&secret, hash.as_str()).is_ok();
    // What could not be checked does not fit.
    web::few_at_once(&PLACES, verify).await.unwrap_or(false)
}

fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0u8, |difference, (a, b)| difference | (a ^ b)) == 0
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_fits_its_own_hash_only() {
        for hash in [hash_password("secret08").unwrap(), hash_key("secret08")] {
            assert!(is_hash(&hash), "{hash}");
            assert!(fits(b"secret08", &hash).await);
            assert!(!fits(b"secret09", &hash).await);
        }
        assert!(!is_hash("secret08") && !is_hash("sha256:12"));
    }
}
