//! Sealing and opening documents: compact JWS (RFC 7515) with Ed25519 (RFC 8037).
//!
//! The order of checks is fixed and part of the specification: size, form, header, partner, key, signature, and only
//! then what the document says. Nothing of a document is believed before its signature is good.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use kernel::{Duration, MessageId, Said, Text, Timestamp};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::directory::Book;
use crate::keys::{KeyError, KeyPair, Keys, PublicKey};
use crate::message::{Message, PartnerId, VERSION};

/// Largest document, in bytes of its text.
pub const DOCUMENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest header, in bytes of its base64url.
pub const HEADER_BYTES_MAX: usize = 1_024;
/// How far a partner's clock may be ahead of ours.
pub const FUTURE_SKEW_MAX: Duration = Duration::minutes(5);
/// How long after its end a document is still taken, for a partner's clock that is behind.
pub const EXPIRY_SKEW_MAX: Duration = Duration::minutes(1);
/// Longest time between sealing and expiry.
pub const LIFETIME_MAX: Duration = Duration::hours(24 * 30);

/// The only algorithm.
const ALGORITHM: &str = "EdDSA";
/// `typ` of a message.
pub const MESSAGE_TYPE: &str = "shouhu-message+jws";
/// `typ` of a receipt.
pub const RECEIPT_TYPE: &str = "shouhu-receipt+jws";
/// `typ` of a seal on the journal.
pub const JOURNAL_SEAL_TYPE: &str = "shouhu-journal-seal+jws";

/// A sealed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The document: what is sent, and what is kept as evidence.
    pub text: String,
    /// SHA-256 of its text, lower-case hex.
    pub sha256: String,
}

/// Seals a message with the key that is active at its `issued_at`.
///
/// # Errors
/// No key is active then.
pub fn seal(keys: &Keys, message: &Message) -> Result<Sealed, KeyError> {
    let pair = keys.active(message.issued_at)?;
    Ok(seal_with(&pair, message))
}

/// Seals a message with a given key, whatever its window; for vectors and tests.
pub fn seal_with(pair: &KeyPair, message: &Message) -> Sealed {
    seal_value(pair, MESSAGE_TYPE, message)
}

pub(crate) fn seal_value(pair: &KeyPair, typ: &str, value: &impl Serialize) -> Sealed {
    // Our types have text keys and no map with other keys, the one thing that JSON cannot write.
    let payload = serde_json::to_vec(value).unwrap_or_else(|e| e.to_string().into_bytes());
    let text = sign(pair, typ, &payload);
    let sha256 = sha256_hex(text.as_bytes());
    Sealed { text, sha256 }
}

#[derive(Serialize)]
struct NewHeader<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

pub(crate) fn sign(pair: &KeyPair, typ: &str, payload: &[u8]) -> String {
    let header = NewHeader { alg: ALGORITHM, kid: &pair.public().kid, typ };
    let header = serde_json::to_vec(&header).unwrap_or_else(|e| e.to_string().into_bytes());
    let mut text = format!("{}.{}", B64.encode(header), B64.encode(payload));
    let signature = pair.signing().sign(text.as_bytes());
    text.push('.');
    text.push_str(&B64.encode(signature.to_bytes()));
    text
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    store::document::sha256_hex(bytes)
}

/// A document whose seal and address are good.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The message.
    pub message: Message,
    /// SHA-256 of the document's text, lower-case hex.
    pub sha256: String,
    /// The key under which it was sealed.
    pub kid: String,
}

/// A document that was refused; what it claims is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Refusal {
    /// Why.
    pub error: SealError,
    /// The partner that the document names.
    pub claimed_from: Option<PartnerId>,
    /// The key that the document names, shortened.
    pub kid: Option<String>,
    /// The message id, known only where the signature was good.
    pub message_id: Option<MessageId>,
    /// SHA-256 of what came in, lower-case hex.
    pub sha256: String,
}

/// Opens a document addressed to `me` at the moment `now`.
///
/// # Errors
/// The first of the checks that fails; see [`SealError`].
pub fn open(book: &Book, text: &[u8], now: Timestamp, me: &PartnerId) -> Result<Opened, Refusal> {
    let mut claim = Claim::default();
    check(book, text, now, me, &mut claim).map_err(|error| Refusal {
        error,
        claimed_from: claim.from,
        kid: claim.kid,
        message_id: claim.message_id,
        sha256: sha256_hex(text),
    })
}

#[derive(Default)]
struct Claim {
    from: Option<PartnerId>,
    kid: Option<String>,
    message_id: Option<MessageId>,
}

fn check(book: &Book, text: &[u8], now: Timestamp, me: &PartnerId, claim: &mut Claim) -> Result<Opened, SealError> {
    let jws = Jws::parse(text, MESSAGE_TYPE)?;
    claim.kid = Some(jws.header.kid.clone());
    let from = jws.claimed_from()?;
    claim.from = Some(from.clone());
    let key = verify(book, &jws, &from)?;

    let envelope: Version = parse_json(&jws.payload)?;
    if envelope.v != VERSION {
        return Err(SealError::Version { v: envelope.v });
    }
    let message: Message = parse_json(&jws.payload)?;
    claim.message_id = Some(message.id);
    check_key_window(&key, message.issued_at, now)?;
    if message.to != *me {
        return Err(SealError::WrongAudience { to: message.to.to_string() });
    }
    if message.issued_at > now + FUTURE_SKEW_MAX {
        return Err(SealError::NotYetValid { issued_at: message.issued_at });
    }
    if message.expires_at + EXPIRY_SKEW_MAX <= now {
        return Err(SealError::Expired { expires_at: message.expires_at });
    }
    if message.expires_at <= message.issued_at || message.expires_at - message.issued_at > LIFETIME_MAX {
        return Err(SealError::Lifetime);
    }
    Ok(Opened { message, sha256: sha256_hex(text), kid: jws.header.kid })
}

/// Finds the key and checks the signature.
pub(crate) fn verify(book: &Book, jws: &Jws, from: &PartnerId) -> Result<PublicKey, SealError> {
    let partner = book.known(from).ok_or_else(|| SealError::Foreign { partner: from.to_string() })?;
    if !partner.partner.enabled {
        return Err(SealError::Disabled { partner: from.to_string() });
    }
    let (key, verifying) = partner
        .keys
        .get(&jws.header.kid)
        .ok_or_else(|| SealError::UnknownKey { partner: from.to_string(), kid: jws.header.kid.clone() })?;
    if !jws.signed_by(verifying) {
        return Err(SealError::BadSignature);
    }
    Ok(key.clone())
}

pub(crate) fn check_key_window(key: &PublicKey, issued_at: Timestamp, now: Timestamp) -> Result<(), SealError> {
    let in_window = key.not_before <= issued_at && issued_at < key.not_after;
    let revoked = key.revoked_at.is_some_and(|at| at <= now);
    if in_window && !revoked { Ok(()) } else { Err(SealError::KeyNotValid { kid: key.kid.clone() }) }
}

#[derive(Deserialize)]
struct Version {
    v: u16,
}

#[derive(Deserialize)]
pub(crate) struct Header {
    alg: String,
    pub(crate) kid: String,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

/// A document taken apart; nothing of it is believed yet.
pub(crate) struct Jws {
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
    signed: Vec<u8>,
    signature: Signature,
}

impl Jws {
    pub(crate) fn parse(text: &[u8], typ: &str) -> Result<Self, SealError> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(SealError::TooLarge { bytes: text.len() });
        }
        let malformed = |what| SealError::Malformed { what };
        let mut parts = text.split(|b| *b == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("parts"));
        };
        if header.len() > HEADER_BYTES_MAX {
            return Err(malformed("header"));
        }
        let signed_len = header.len() + 1 + payload.len();
        let header = B64.decode(header).map_err(|_| malformed("header"))?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| malformed("header"))?;
        if header.alg != ALGORITHM {
            return Err(SealError::Algorithm { alg: shortened(&header.alg) });
        }
        if header.typ.as_deref() != Some(typ) {
            return Err(malformed("typ"));
        }
        if header.crit.is_some() {
            return Err(malformed("crit"));
        }
        if !is_kid(&header.kid) {
            return Err(malformed("kid"));
        }
        let payload = B64.decode(payload).map_err(|_| malformed("payload"))?;
        let signature = B64.decode(signature).map_err(|_| malformed("signature"))?;
        let signature = Signature::from_slice(&signature).map_err(|_| malformed("signature"))?;
        let signed = text.get(..signed_len).map(<[u8]>::to_vec).ok_or(malformed("parts"))?;
        Ok(Self { header, payload, signed, signature })
    }

    /// Ed25519 with the strict rules: canonical encodings only, no weak keys.
    pub(crate) fn signed_by(&self, key: &VerifyingKey) -> bool {
        key.verify_strict(&self.signed, &self.signature).is_ok()
    }

    /// Who the payload says it is from; needed to find the key, and believed only after the signature.
    pub(crate) fn claimed_from(&self) -> Result<PartnerId, SealError> {
        #[derive(Deserialize)]
        struct From {
            from: PartnerId,
        }
        parse_json::<From>(&self.payload).map(|claimed| claimed.from)
    }
}

pub(crate) fn parse_json<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, SealError> {
    serde_json::from_slice(payload).map_err(|_| SealError::Malformed { what: "payload" })
}

/// A key id: 1–64 letters, digits, dashes, underscores or dots.
pub(crate) fn is_kid(kid: &str) -> bool {
    (1..=64).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(20).collect()
}

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Above [`DOCUMENT_BYTES_MAX`].
    #[error("the document has {bytes} bytes, at most {DOCUMENT_BYTES_MAX} are taken")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not a compact JWS of ours.
    #[error("the document cannot be read ({what})")]
    Malformed {
        /// The part concerned: parts, header, typ, crit, kid, payload, signature.
        what: &'static str,
    },
    /// Another algorithm, `none` among them.
    #[error("the algorithm {alg:?} is not EdDSA")]
    Algorithm {
        /// The algorithm named.
        alg: String,
    },
    /// The sender is not in the directory.
    #[error("{partner} is not in the directory")]
    Foreign {
        /// The sender named.
        partner: String,
    },
    /// The sender is in the directory but switched off.
    #[error("{partner} is switched off in the directory")]
    Disabled {
        /// The sender named.
        partner: String,
    },
    /// The sender has no such key.
    #[error("{partner} has no key {kid}")]
    UnknownKey {
        /// The sender named.
        partner: String,
        /// The key named.
        kid: String,
    },
    /// The key was not valid when the document was sealed, or has been revoked.
    #[error("the key {kid} was not valid then")]
    KeyNotValid {
        /// The key.
        kid: String,
    },
    /// The signature does not fit the text.
    #[error("the signature does not fit")]
    BadSignature,
    /// Another version of the protocol.
    #[error("version {v} of the protocol is not spoken here")]
    Version {
        /// The version named.
        v: u16,
    },
    /// Addressed to another seat.
    #[error("the document is addressed to {to}")]
    WrongAudience {
        /// The seat named.
        to: String,
    },
    /// Sealed in the future.
    #[error("the document was sealed in the future, at {issued_at}")]
    NotYetValid {
        /// When it says that it was sealed.
        issued_at: Timestamp,
    },
    /// Past its end.
    #[error("the document expired at {expires_at}")]
    Expired {
        /// Its end.
        expires_at: Timestamp,
    },
    /// Its end lies before its beginning, or too far behind it.
    #[error("the document's lifetime is not allowed")]
    Lifetime,
    /// A document that was taken before and has expired came again.
    #[error("the document was taken before and has expired")]
    Replayed,
    /// Another document with the id of one that was taken before.
    #[error("another document was taken under this id")]
    IdReused,
}

macro_rules! seal_texts {
    ($($pattern:pat => $name:ident, $status:literal, $code:literal, $words:expr, $remedy:expr;)*) => {
        $(const $name: Text = Text::new($code, $words, $remedy);)*

        /// Every text of this module.
        pub(crate) const TEXTS: &[Text] = &[$($name),*];

        impl SealError {
            /// The template of the words; its code is the stable reason code.
            pub const fn text(&self) -> &'static Text {
                match self { $($pattern => &$name,)* }
            }

            /// The HTTP status that a refusal has.
            pub const fn http_status(&self) -> u16 {
                match self { $($pattern => $status,)* }
            }
        }
    };
}

seal_texts! {
    Self::TooLarge { .. } => TOO_LARGE, 413, "seal.too_large",
        ("报文过大", "the document is too large"),
        ("请分批发送", "send it in parts");
    Self::Malformed { .. } => MALFORMED, 400, "seal.malformed",
        ("报文格式不正确（{what}）", "the document cannot be read ({what})"),
        ("请按协议文档生成报文", "make the document as the protocol says");
    Self::Algorithm { .. } => ALG, 400, "seal.alg",
        ("签章算法“{what}”不被接受", "the algorithm “{what}” is not accepted"),
        ("只接受 EdDSA（Ed25519）", "only EdDSA (Ed25519) is");
    Self::Foreign { .. } => FOREIGN, 403, "seal.foreign",
        ("席位“{what}”不在通讯录中", "{what} is not in the directory"),
        ("请先互换密钥并登记席位", "exchange keys and enter the seat in the directory first");
    Self::Disabled { .. } => DISABLED, 403, "seal.disabled",
        ("席位“{what}”已停用", "{what} is switched off"),
        ("请联系对方值班人员", "call the other side's duty officer");
    Self::UnknownKey { .. } => UNKNOWN_KEY, 403, "seal.unknown_key",
        ("不认识密钥“{what}”", "the key {what} is not known"),
        ("请把新公钥告知对方登记", "have the other side enter the new public key");
    Self::KeyNotValid { .. } => KEY_NOT_VALID, 403, "seal.key_not_valid",
        ("密钥“{what}”在签章时不在有效期内或已作废", "the key {what} was not valid at that time, or is revoked"),
        ("请用有效密钥重新签章", "seal again with a valid key");
    Self::BadSignature => BAD_SIGNATURE, 403, "seal.bad_signature",
        ("签章与内容不符，报文可能被改动", "the signature does not fit the content; it may have been altered"),
        ("请核对密钥后重新签章发送", "check the key, seal and send again");
    Self::Version { .. } => VERSION_TEXT, 400, "seal.version",
        ("不支持协议版本 {what}", "version {what} of the protocol is not spoken here"),
        ("请使用版本 1", "use version 1");
    Self::WrongAudience { .. } => WRONG_AUDIENCE, 422, "seal.wrong_audience",
        ("报文是发给“{what}”的", "the document is addressed to {what}"),
        ("请核对收件席位和地址", "check the receiving seat and its address");
    Self::NotYetValid { .. } => NOT_YET_VALID, 422, "seal.not_yet_valid",
        ("签章时间 {what} 在将来", "the document was sealed in the future, at {what}"),
        ("请校准双方时钟", "set the clocks on both sides");
    Self::Expired { .. } => EXPIRED, 422, "seal.expired",
        ("报文已于 {what} 失效", "the document expired at {what}"),
        ("请重新签发", "issue it anew");
    Self::Lifetime => LIFETIME, 400, "seal.lifetime",
        ("报文有效期不合规", "the document's lifetime is not allowed"),
        ("有效期须晚于签章时间且不超过30天", "it must end after it begins and within 30 days");
    Self::Replayed => REPLAYED, 409, "seal.replayed",
        ("已收过的报文在失效后重放", "a document taken before came again after its end"),
        ("请查明是谁在重放；如需办理请重新签发", "find out who replays it; issue anew what is still wanted");
    Self::IdReused => ID_REUSED, 409, "seal.id_reused",
        ("同一编号已收过另一份报文", "another document was taken under this id"),
        ("每份报文须使用新编号", "give each document an id of its own");
}

impl SealError {
    /// The stable reason code, for instance `seal.expired`.
    pub const fn code(&self) -> &'static str {
        self.text().code
    }

    /// The words in both languages.
    pub fn said(&self) -> Said {
        let what = match self {
            Self::Malformed { what } => (*what).to_owned(),
            Self::Algorithm { alg } => alg.clone(),
            Self::Foreign { partner } | Self::Disabled { partner } => partner.clone(),
            Self::UnknownKey { kid, .. } | Self::KeyNotValid { kid } => kid.clone(),
            Self::Version { v } => v.to_string(),
            Self::WrongAudience { to } => to.clone(),
            Self::NotYetValid { issued_at: at } | Self::Expired { expires_at: at } => at.to_rfc3339(),
            _ => String::new(),
        };
        self.text().say(&[("what", &what)])
    }

    /// Whether a refusal with this code is the last word: the same document can never be taken. The others may pass
    /// later, when the other side has entered a key or set its clock, or when the document was damaged on its way.
    pub fn is_final(code: &str) -> bool {
        [&TOO_LARGE, &VERSION_TEXT, &WRONG_AUDIENCE, &EXPIRED, &LIFETIME, &REPLAYED, &ID_REUSED]
            .iter()
            .any(|text| text.code == code)
    }
}

/// One part of a compact JWS, decoded as JSON without looking at the signature: for showing to people, never for
/// believing.
pub fn decode_part(part: &str) -> Option<serde_json::Value> {
    serde_json::from_slice(&B64.decode(part).ok()?).ok()
}
