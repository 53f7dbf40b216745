//! PASSporT: what a carrier signs about a caller's right to a number (RFC 8224, 8225, 8588).
//!
//! Checking needs the signer's certificate, which stands behind a URL. A call does not wait for it: [`verify`] asks
//! [`Certificates`] for what is already there, and says [`Outcome::CertificateMissing`] when it is not, so that the caller
//! of this crate has it fetched for the next call.

mod chain;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::Deserialize;

pub use chain::{Certificates, ChainFault};

use crate::lex::{cut, trim};
use crate::limits::PASSPORT_BYTES_MAX;

/// How far `iat` may lie from the clock, in seconds (RFC 8224 §4: 60).
pub const FRESH_SECONDS: i64 = 60;

/// How sure the signer is (RFC 8588 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attest {
    /// Full: it knows the customer, and that the number is the customer's.
    A,
    /// Partial: it knows the customer.
    B,
    /// Gateway: it knows where the call came in, no more.
    C,
    /// The token is a plain PASSporT: the signer speaks for the number itself.
    Plain,
}

/// Why a token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It cannot be read, or uses what the specifications forbid.
    #[error("malformed")]
    Malformed,
    /// Signed long ago, or in the future.
    #[error("stale")]
    Stale,
    /// It speaks of another caller.
    #[error("another caller")]
    Caller,
    /// It speaks of another called number.
    #[error("another callee")]
    Callee,
    /// The signature does not fit.
    #[error("signature")]
    Signature,
    /// No chain of valid certificates leads to a configured root.
    #[error("certificate: {0}")]
    Certificate(#[from] ChainFault),
}

/// What checking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It holds.
    Verified(Attest),
    /// It does not.
    Failed(Fault),
    /// The certificate behind this URL is not in memory; nothing is known yet.
    CertificateMissing(&'a str),
}

/// One value of the Identity header, not yet believed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Where the certificate stands.
    pub info: &'a str,
    /// The kind: `shaken`, or none for a plain one.
    pub ppt: Option<&'a str>,
}

impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({:?}, {:?})", self.ppt, self.info)
    }
}

#[derive(Deserialize)]
struct Header<'j> {
    alg: &'j str,
    typ: &'j str,
    ppt: Option<&'j str>,
    // A URL may be written with `\/`, which only an owned text can hold.
    x5u: String,
}

#[derive(Deserialize)]
struct Payload {
    attest: Option<String>,
    dest: Dest,
    /// Of a `div`: the number that was called before (RFC 8946 §4).
    div: Option<Orig>,
    iat: i64,
    orig: Orig,
    origid: Option<String>,
}

#[derive(Deserialize)]
struct Dest {
    #[serde(default)]
    tn: OneOrMany,
    #[serde(default)]
    uri: OneOrMany,
}

#[derive(Deserialize)]
struct Orig {
    tn: Option<String>,
    uri: Option<String>,
}

impl Orig {
    /// The digits of the number that it names.
    fn digits(&self) -> Option<String> {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let of_uri =
            |uri: &String| crate::uri::Uri::parse(uri).and_then(|uri| uri.user_text().map(|user| digits(&user)));
        self.tn.as_deref().map(digits).or_else(|| self.uri.as_ref().and_then(of_uri))
    }
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    Nothing,
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn any(&self, hit: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Nothing => false,
            Self::One(one) => hit(one),
            Self::Many(many) => many.iter().any(|one| hit(one)),
        }
    }
}

impl<'a> Token<'a> {
    /// Reads one value: `header.payload.signature;info=<url>;alg=ES256;ppt=shaken`, or `..signature;…` in compact form.
    pub fn parse(value: &'a str) -> Result<Self, Fault> {
        if value.len() > PASSPORT_BYTES_MAX {
            return Err(Fault::Malformed);
        }
        let (token, rest) = cut(value, b';').map_err(|()| Fault::Malformed)?;
        let mut parts = trim(token).split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Fault::Malformed);
        };
        if header.is_empty() != payload.is_empty() || signature.is_empty() {
            return Err(Fault::Malformed);
        }
        let (mut info, mut ppt) = (None, None);
        let mut rest = rest;
        while let Some(text) = rest {
            let (one, more) = cut(text, b';').map_err(|()| Fault::Malformed)?;
            let (name, value) = one.split_once('=').map_or((trim(one), ""), |(n, v)| (trim(n), trim(v)));
            match name {
                n if n.eq_ignore_ascii_case("info") => {
                    info = value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).map(trim);
                }
                n if n.eq_ignore_ascii_case("alg") && value.trim_matches('"') != "ES256" => {
                    return Err(Fault::Malformed);
                }
                n if n.eq_ignore_ascii_case("ppt") => ppt = Some(value.trim_matches('"')),
                _ => {}
            }
            rest = more;
        }
        Ok(Self { header, payload, signature, info: info.ok_or(Fault::Malformed)?, ppt })
    }

    /// Whether header and payload are left out, to be made again from the request.
    pub const fn is_compact(&self) -> bool {
        self.header.is_empty()
    }
}

/// What the call says, against which a token is held. Numbers are digits with country code and no sign.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The caller.
    pub caller: &'a str,
    /// The called number, as in To.
    pub callee: &'a str,
    /// Seconds since 1970, from the Date header; a compact token was signed over it.
    pub date_seconds: Option<i64>,
    /// Now, seconds since 1970.
    pub now_seconds: i64,
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Call")
    }
}

/// Checks one token against the call. Costs one signature check, some 60 µs, once the cheap checks have passed.
pub fn verify<'a>(token: &Token<'a>, call: &Call<'_>, certificates: &Certificates) -> Outcome<'a> {
    match check(token, call, certificates) {
        Ok(Some(attest)) => Outcome::Verified(attest),
        Ok(None) => Outcome::CertificateMissing(token.info),
        Err(fault) => Outcome::Failed(fault),
    }
}

/// What the tokens of one request say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// One of them speaks for the caller's right to the number, and holds.
    Verified(Attest),
    /// There is one about the caller, and it does not hold.
    Failed(Fault),
    /// There is none about the caller, or the certificate that it needs is not in memory.
    Unknown,
}

/// Checks the values of Identity of one request. A call that was diverted carries the token of its caller, made for the
/// number that was called first, and one of the kind `div` for each diversion (RFC 8946): those are followed from the number
/// called now back to the first. `wanted` is told the URL of each certificate that is not in memory.
pub fn verify_all<'a>(
    values: impl Iterator<Item = &'a str>,
    call: &Call<'_>,
    certificates: &Certificates,
    mut wanted: impl FnMut(&'a str),
) -> Verdict {
    let (mut tokens, mut diverted) = (Vec::new(), Vec::new());
    let mut found = Verdict::Unknown;
    for value in values {
        match Token::parse(value) {
            Ok(token) if token.ppt.is_none_or(|ppt| ppt == "shaken") => tokens.push(token),
            Ok(token) if token.ppt == Some("div") => diverted.push(token),
            // Other kinds say nothing about the caller.
            Ok(_) => {}
            Err(fault) => found = Verdict::Failed(fault),
        }
    }
    let mut callee = call.callee.to_owned();
    let mut unknown = false;
    loop {
        let call = Call { callee: &callee, ..*call };
        let mut elsewhere = false;
        for token in &tokens {
            match verify(token, &call, certificates) {
                Outcome::Verified(attest) => return Verdict::Verified(attest),
                Outcome::CertificateMissing(url) => wanted(url),
                Outcome::Failed(fault) => {
                    elsewhere |= fault == Fault::Callee;
                    found = Verdict::Failed(fault);
                }
            }
        }
        if !elsewhere {
            break;
        }
        // One step back: a diversion to this number, from another. Each is used once, so that a ring of them ends.
        let step = diverted.iter().enumerate().find_map(|(index, token)| match check_div(token, &call, certificates) {
            Ok(Some(before)) => Some((index, before)),
            Ok(None) => {
                unknown = true;
                wanted(token.info);
                None
            }
            Err(_) => None,
        });
        let Some((index, before)) = step else { break };
        diverted.remove(index);
        callee = before;
    }
    // A diversion that may yet turn out to hold is no sign of forging.
    if unknown && found == Verdict::Failed(Fault::Callee) { Verdict::Unknown } else { found }
}

fn check(token: &Token<'_>, call: &Call<'_>, certificates: &Certificates) -> Result<Option<Attest>, Fault> {
    let (signed, attest) =
        if token.is_compact() { (rebuild(token, call)?, Attest::Plain) } else { read_full(token, call)? };
    Ok(check_signature(token, &signed, call, certificates)?.then_some(attest))
}

/// The number from which a call was diverted to the one that it calls now, where this token says so and holds.
/// `Ok(None)` when its certificate is not in memory.
fn check_div(token: &Token<'_>, call: &Call<'_>, certificates: &Certificates) -> Result<Option<String>, Fault> {
    let (header, payload) = parts(token)?;
    let before = payload.div.as_ref().and_then(Orig::digits).filter(|digits| !digits.is_empty());
    let (Some("div"), Some(before)) = (header.as_deref(), before) else { return Err(Fault::Malformed) };
    is_about(&payload, call)?;
    let signed = format!("{}.{}", token.header, token.payload);
    Ok(check_signature(token, &signed, call, certificates)?.then_some(before))
}

/// Whether the signature fits; `false` when the certificate is not in memory.
fn check_signature(
    token: &Token<'_>,
    signed: &str,
    call: &Call<'_>,
    certificates: &Certificates,
) -> Result<bool, Fault> {
    let key = match certificates.key(token.info, call.now_seconds) {
        None => return Ok(false),
        Some(found) => found?,
    };
    let signature = URL_SAFE_NO_PAD.decode(token.signature).map_err(|_| Fault::Malformed)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Fault::Signature)?;
    Ok(true)
}

/// The kind that a full token's header names, and its payload.
fn parts(token: &Token<'_>) -> Result<(Option<String>, Payload), Fault> {
    let header = URL_SAFE_NO_PAD.decode(token.header).map_err(|_| Fault::Malformed)?;
    let payload = URL_SAFE_NO_PAD.decode(token.payload).map_err(|_| Fault::Malformed)?;
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Fault::Malformed)?;
    let payload: Payload = serde_json::from_slice(&payload).map_err(|_| Fault::Malformed)?;
    if header.alg != "ES256"
        || !header.typ.eq_ignore_ascii_case("passport")
        || header.x5u != token.info
        || header.ppt != token.ppt
    {
        return Err(Fault::Malformed);
    }
    Ok((header.ppt.map(str::to_owned), payload))
}

/// Holds what a token says against the call: fresh, of this caller, to this number.
fn is_about(payload: &Payload, call: &Call<'_>) -> Result<(), Fault> {
    fresh(payload.iat, call.now_seconds)?;
    if !payload.orig.tn.as_ref().is_some_and(|tn| same(tn, call.caller))
        && !payload.orig.uri.as_ref().is_some_and(|u| same_uri(u, call.caller))
    {
        return Err(Fault::Caller);
    }
    if !payload.dest.tn.any(|tn| same(tn, call.callee)) && !payload.dest.uri.any(|u| same_uri(u, call.callee)) {
        return Err(Fault::Callee);
    }
    Ok(())
}

/// The signed text of a full token, once what it says has been held against the call.
fn read_full(token: &Token<'_>, call: &Call<'_>) -> Result<(String, Attest), Fault> {
    let (ppt, payload) = parts(token)?;
    let attest = match (ppt.as_deref(), payload.attest.as_deref()) {
        (None, _) => Attest::Plain,
        (Some("shaken"), Some("A")) => Attest::A,
        (Some("shaken"), Some("B")) => Attest::B,
        (Some("shaken"), Some("C")) => Attest::C,
        // Other kinds (`div`, `rph`) say nothing about the caller's right to the number.
        _ => return Err(Fault::Malformed),
    };
    if ppt.as_deref() == Some("shaken") && payload.origid.as_ref().is_none_or(String::is_empty) {
        return Err(Fault::Malformed);
    }
    is_about(&payload, call)?;
    Ok((format!("{}.{}", token.header, token.payload), attest))
}

/// Header and payload of a compact token, made from the request as its signer must have made them (RFC 8225 §7).
fn rebuild(token: &Token<'_>, call: &Call<'_>) -> Result<String, Fault> {
    // RFC 8588 §4 wants SHAKEN in full, since attest and origid stand nowhere else.
    if token.ppt.is_some() || call.caller.is_empty() || call.callee.is_empty() {
        return Err(Fault::Malformed);
    }
    let iat = call.date_seconds.ok_or(Fault::Malformed)?;
    fresh(iat, call.now_seconds)?;
    let url = serde_json::to_string(token.info).map_err(|_| Fault::Malformed)?;
    let header = format!(r#"{{"alg":"ES256","typ":"passport","x5u":{url}}}"#);
    let payload = format!(r#"{{"dest":{{"tn":["{}"]}},"iat":{iat},"orig":{{"tn":"{}"}}}}"#, call.callee, call.caller);
    Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)))
}

fn fresh(iat: i64, now: i64) -> Result<(), Fault> {
    if now.saturating_sub(iat).saturating_abs() > FRESH_SECONDS { Err(Fault::Stale) } else { Ok(()) }
}

/// Whether a number in a token is that of the call: digits alone count (RFC 8224 §8.3).
fn same(written: &str, digits: &str) -> bool {
    !digits.is_empty() && written.bytes().filter(u8::is_ascii_digit).eq(digits.bytes())
}

fn same_uri(uri: &str, digits: &str) -> bool {
    crate::uri::Uri::parse(uri).and_then(|uri| uri.user_text().map(|user| same(&user, digits))).unwrap_or(false)
}

/// Seconds since 1970 of a SIP date, `Tue, 24 Nov 2026 12:00:00 GMT`.
pub fn date_seconds(text: &str) -> Option<i64> {
    let (_, rest) = trim(text).split_once(',')?;
    let mut parts = rest.split_ascii_whitespace();
    let (day, month, year, time, zone) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = i64::try_from(MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month))?).ok()? + 1;
    let (day, year): (i64, i64) = (day.parse().ok()?, year.parse().ok()?);
    let mut clock = time.split(':').map(|part| part.parse::<i64>().ok().filter(|n| (0..=60).contains(n)));
    let (hours, minutes, seconds) = (clock.next()??, clock.next()??, clock.next()??);
    if zone != "GMT" || !(1..=31).contains(&day) || !(1970..=9999).contains(&year) || hours > 23 {
        return None;
    }
    // Days from the civil date, counted from March so that the leap day comes last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 719_469;
    Some(days * 86_400 + hours * 3_600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        assert_eq!(date_seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date_seconds("Tue, 24 Nov 2026 12:00:00 GMT"), Some(1_795_521_600));
        assert_eq!(date_seconds("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        assert_eq!(date_seconds("Fri, 01 Jan 2010 16:00:00 EST"), None);
        assert_eq!(date_seconds("yesterday"), None);
    }
}
