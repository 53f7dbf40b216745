//! Codes of an authenticator (RFC 6238, SHA-1, six digits, 30 seconds: what every authenticator app knows).

use kernel::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use totp_rs::{Builder, Secret, Totp};

use crate::Problem;

/// Steps before and after the present one whose code is taken, for clocks that differ.
const SKEW_STEPS: u16 = 1;
/// Seconds of a step.
const STEP_SECONDS: u64 = 30;
/// Length of a secret in bytes: 160 bits, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

/// A fresh secret.
pub(crate) fn secret() -> Result<Vec<u8>, Problem> {
    let mut bytes = vec![0u8; SECRET_BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Problem::server("no random bytes"))?;
    Ok(bytes)
}

fn totp(secret: &[u8], login: &str, issuer: &str) -> Result<Totp, Problem> {
    Builder::new()
        .with_secret(Secret::from(secret))
        .with_skew(SKEW_STEPS)
        .with_account_name(login)
        .with_issuer(Some(issuer))
        .build()
        .map_err(|_| Problem::server("the secret of an authenticator does not fit"))
}

/// The secret as people type it, and as a URI for a QR code.
pub(crate) fn shown(secret: &[u8], login: &str, issuer: &str) -> Result<(String, String), Problem> {
    let uri = totp(secret, login, issuer)?.to_url().map_err(|_| Problem::server("no URI for an authenticator"))?;
    Ok((Secret::from(secret).to_base32(), uri))
}

/// The time step whose code this is, if it is later than the last one used. A last step that lies ahead of the clock was
/// used while the clock was wrong; it keeps nobody out.
pub(crate) fn check(secret: &[u8], code: &str, now: Timestamp, last_step: i64) -> Result<Option<i64>, Problem> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let seconds = u64::try_from(now.0 / 1_000_000).unwrap_or(0);
    let step = totp(secret, "user", "shouhu")?.check(&code, seconds).and_then(|s| i64::try_from(s).ok());
    let ahead = i64::try_from(seconds / STEP_SECONDS).unwrap_or(0) + i64::from(SKEW_STEPS);
    Ok(step.filter(|step| *step > last_step || last_step > ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_once() {
        // RFC 6238 appendix B, SHA-1: at 1111111109 s the eight digits are 07081804.
        let secret = b"12345678901234567890";
        let now = Timestamp(1_111_111_109 * 1_000_000);
        let step = check(secret, "081 804", now, 0).unwrap().unwrap();
        assert_eq!(check(secret, "081804", now, step).unwrap(), None);
        assert_eq!(check(secret, "081805", now, 0).unwrap(), None);
        assert_eq!(check(secret, "", now, 0).unwrap(), None);
        let (ahead, skewed) = (step + 120, step + 1);
        assert_eq!(check(secret, "081804", now, ahead).unwrap(), Some(step), "used while the clock was an hour ahead");
        assert_eq!(check(secret, "081804", now, skewed).unwrap(), None, "the next code was used already");
        let late = Timestamp(now.0 + 90_000_000);
        assert_eq!(check(secret, "081804", late, 0).unwrap(), None);
    }

    #[test]
    fn the_uri_names_issuer_and_login() {
        let (text, uri) = shown(b"12345678901234567890", "wang.li", "centre-43").unwrap();
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(uri.starts_with("otpauth://totp/centre-43:wang.li?"), "{uri}");
    }
}
