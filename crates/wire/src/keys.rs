//! The keys of this seat: files, the active one, rotation, and the public half for partners.
//!
//! A key file is one private JWK (RFC 8037: `OKP`, `Ed25519`) with `nbf` and `exp` in seconds, mode 0600. The key id is
//! the JWK thumbprint (RFC 7638), so that both sides can compute it. Old files stay in the folder: they check what was
//! sealed while they were valid.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ed25519_dalek::{SigningKey, VerifyingKey};
use kernel::{Duration, Said, Text, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::seal::{JOURNAL_SEAL_TYPE, Jws, SealError, sign};

/// Ending of a key file.
const FILE_ENDING: &str = "jwk";
/// Permissions of a key file: nobody but its owner.
const FILE_MODE: u32 = 0o600;
/// How soon a key made by another process is seen.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(10);
/// How long a new key is valid unless said otherwise.
pub const VALID_FOR: Duration = Duration::hours(24 * 365 * 2);

/// The public half of a key, as partners keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicKey {
    /// Key id: the JWK thumbprint.
    pub kid: String,
    /// The 32 bytes of the public key, base64url without padding.
    pub public: String,
    /// First moment at which it may seal.
    pub not_before: Timestamp,
    /// From here on it may not.
    pub not_after: Timestamp,
    /// The key was lost or stolen: nothing that arrives from here on is accepted under it, whatever its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl PublicKey {
    /// The key itself; `None` when the bytes are no key, or a weak one.
    pub(crate) fn verifying(&self) -> Option<VerifyingKey> {
        let bytes: [u8; 32] = B64.decode(&self.public).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak())
    }

    /// The public JWK.
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            alg: Some("EdDSA".into()),
            usage: Some("sig".into()),
            kid: self.kid.clone(),
            x: self.public.clone(),
            d: None,
            nbf: seconds(self.not_before),
            exp: seconds(self.not_after),
        }
    }

    /// Reads a public JWK, for instance from a partner's `GET /wire/v1/keys`.
    pub fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let key = Self {
            kid: jwk.kid.clone(),
            public: jwk.x.clone(),
            not_before: Timestamp(jwk.nbf.checked_mul(1_000_000)?),
            not_after: Timestamp(jwk.exp.checked_mul(1_000_000)?),
            revoked_at: None,
        };
        (jwk.kty == "OKP" && jwk.crv == "Ed25519" && key.verifying().is_some()).then_some(key)
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000_000)
}

/// A JSON Web Key of an Ed25519 key (RFC 8037).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwk {
    /// Always `OKP`.
    pub kty: String,
    /// Always `Ed25519`.
    pub crv: String,
    /// `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// Key id.
    pub kid: String,
    /// Public key, base64url.
    pub x: String,
    /// Private key, base64url; only in key files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<String>,
    /// Not before, seconds since 1970 UTC.
    pub nbf: i64,
    /// Not after, seconds since 1970 UTC.
    pub exp: i64,
}

impl std::fmt::Debug for Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jwk({})", self.kid)
    }
}

/// The public keys of a seat, as `GET /wire/v1/keys` gives them (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A private key with its window.
pub struct KeyPair {
    signing: SigningKey,
    public: PublicKey,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({})", self.public.kid)
    }
}

impl KeyPair {
    /// A key from its 32 secret bytes; for test vectors. Use [`Keys::create`] otherwise.
    pub fn from_secret(secret: [u8; 32], not_before: Timestamp, not_after: Timestamp) -> Self {
        let signing = SigningKey::from_bytes(&secret);
        let public = B64.encode(signing.verifying_key().as_bytes());
        let public = PublicKey { kid: thumbprint(&public), public, not_before, not_after, revoked_at: None };
        Self { signing, public }
    }

    /// A new key from the operating system's randomness.
    pub fn generate(not_before: Timestamp, not_after: Timestamp) -> Self {
        Self::from_secret(rand::random(), not_before, not_after)
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    fn valid_at(&self, at: Timestamp) -> bool {
        self.public.not_before <= at && at < self.public.not_after
    }
}

/// The JWK thumbprint of a public key (RFC 7638): SHA-256 over the required members in order, base64url.
pub fn thumbprint(public: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    B64.encode(Sha256::digest(members.as_bytes()))
}

/// What can be wrong with the keys of this seat.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder or a file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read the file.
    #[error("{path} may be read by others; run: chmod 600 {path}")]
    Mode {
        /// Which file.
        path: PathBuf,
    },
    /// The file is not a private Ed25519 key.
    #[error("{path} is not a private Ed25519 JWK")]
    Format {
        /// Which file.
        path: PathBuf,
    },
    /// No key is valid now.
    #[error("no key is valid at {at}; make one with: shouhu keys new")]
    NoneActive {
        /// The moment asked for.
        at: Timestamp,
    },
}

const KEY_FILE: Text = Text::new(
    "keys.file",
    ("密钥文件无法读写：{path}", "the key file cannot be read or written: {path}"),
    ("请检查路径和权限", "check the path and its permissions"),
);
const KEY_MODE: Text = Text::new(
    "keys.mode",
    ("密钥文件可被他人读取：{path}", "the key file may be read by others: {path}"),
    ("请运行 chmod 600 {path}", "run chmod 600 {path}"),
);
const KEY_FORMAT: Text = Text::new(
    "keys.format",
    ("不是 Ed25519 私钥文件：{path}", "this is not a private Ed25519 key file: {path}"),
    ("请用 shouhu keys new 生成密钥", "make a key with shouhu keys new"),
);
const KEY_NONE: Text = Text::new(
    "keys.none_active",
    ("当前没有有效的签章密钥", "no key of this seat is valid now"),
    ("请用 shouhu keys new 生成密钥，并告知各席位", "make one with shouhu keys new and tell the partners"),
);

const KEY_NOT_HERE: Text = Text::new(
    "keys.not_here",
    ("密钥目录中没有 {kid}", "the key {kid} is not in the folder"),
    ("请从备份恢复该密钥", "restore that key from the backup"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[KEY_FILE, KEY_MODE, KEY_FORMAT, KEY_NONE, KEY_NOT_HERE];

impl KeyError {
    /// The words for users.
    pub fn said(&self) -> Said {
        match self {
            Self::File { path, .. } => KEY_FILE.say(&[("path", &path.display().to_string())]),
            Self::Mode { path } => KEY_MODE.say(&[("path", &path.display().to_string())]),
            Self::Format { path } => KEY_FORMAT.say(&[("path", &path.display().to_string())]),
            Self::NoneActive { .. } => KEY_NONE.say(&[]),
        }
    }
}

/// The keys of this seat; cheap to clone, all clones see a reload.
#[derive(Clone)]
pub struct Keys(Arc<RwLock<BTreeMap<String, Arc<KeyPair>>>>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.all().iter().map(|pair| pair.public.kid.clone())).finish()
    }
}

impl Keys {
    /// Keys that live in memory only; for tests and vectors.
    pub fn in_memory(pairs: impl IntoIterator<Item = KeyPair>) -> Self {
        let keys = Self(Arc::default());
        keys.replace(pairs);
        keys
    }

    /// Every key file of a folder; a folder that does not exist holds none.
    ///
    /// # Errors
    /// A file cannot be read, may be read by others, or holds no private key.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        Ok(Self::in_memory(read_folder(folder)?))
    }

    /// Loads the folder, and makes a first key there when it holds none that is valid now.
    ///
    /// # Errors
    /// As [`Keys::load`] and [`Keys::create`].
    pub fn load_or_create(folder: &Path, now: Timestamp) -> Result<Self, KeyError> {
        let keys = Self::load(folder)?;
        if keys.active(now).is_err() {
            Self::create(folder, now, now + VALID_FOR)?;
            keys.reload(folder)?;
        }
        Ok(keys)
    }

    /// Makes a key and writes its file. Rotation: give a `not_before` a few days ahead, send the public half to the
    /// partners, and the seat changes over by itself; the old key stays valid until its end.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    pub fn create(folder: &Path, not_before: Timestamp, not_after: Timestamp) -> Result<PublicKey, KeyError> {
        let whole_seconds = |at: Timestamp| Timestamp(seconds(at).saturating_mul(1_000_000));
        let pair = KeyPair::generate(whole_seconds(not_before), whole_seconds(not_after));
        write_file(folder, &pair)?;
        Ok(pair.public)
    }

    /// Reads the folder again, for instance after [`Keys::create`] by another process.
    ///
    /// # Errors
    /// As [`Keys::load`]; the keys stay as they were.
    pub fn reload(&self, folder: &Path) -> Result<(), KeyError> {
        self.replace(read_folder(folder)?);
        Ok(())
    }

    /// Keeps up with the folder, for ever, so that a key made while the seat runs is used without a restart; cancel it by
    /// dropping the future.
    pub async fn keep_up(self, folder: PathBuf) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            if let Err(error) = self.reload(&folder) {
                tracing::error!(%error, "the key folder cannot be read again; the keys stay as they were");
            }
        }
    }

    fn replace(&self, pairs: impl IntoIterator<Item = KeyPair>) {
        let pairs = pairs.into_iter().map(|pair| (pair.public.kid.clone(), Arc::new(pair))).collect();
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = pairs;
    }

    fn all(&self) -> Vec<Arc<KeyPair>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).values().cloned().collect()
    }

    /// The key that seals at this moment: of those valid, the one that became valid last.
    ///
    /// # Errors
    /// [`KeyError::NoneActive`].
    pub fn active(&self, at: Timestamp) -> Result<Arc<KeyPair>, KeyError> {
        self.all()
            .into_iter()
            .filter(|pair| pair.valid_at(at))
            .max_by_key(|pair| (pair.public.not_before, pair.public.not_after))
            .ok_or(KeyError::NoneActive { at })
    }

    /// The public halves, the one that becomes valid last first.
    pub fn public(&self) -> Vec<PublicKey> {
        let mut public: Vec<PublicKey> = self.all().iter().map(|pair| pair.public.clone()).collect();
        public.sort_by_key(|key| std::cmp::Reverse((key.not_before, key.not_after)));
        public
    }

    /// The public halves as a JWK set.
    pub fn jwk_set(&self) -> JwkSet {
        JwkSet { keys: self.public().iter().map(PublicKey::jwk).collect() }
    }
}

impl store::journal::Sealer for Keys {
    fn seal(&self, payload: &[u8], now: Timestamp) -> Result<String, String> {
        let pair = self.active(now).map_err(|e| e.to_string())?;
        Ok(sign(&pair, JOURNAL_SEAL_TYPE, payload))
    }

    fn check(&self, document: &str) -> Result<Vec<u8>, Said> {
        let jws = Jws::parse(document.as_bytes(), JOURNAL_SEAL_TYPE).map_err(|error| error.said())?;
        let pair = self.all().into_iter().find(|pair| pair.public.kid == jws.header.kid);
        let pair = pair.ok_or_else(|| KEY_NOT_HERE.say(&[("kid", &jws.header.kid)]))?;
        if !jws.signed_by(&pair.signing.verifying_key()) {
            return Err(SealError::BadSignature.said());
        }
        Ok(jws.payload)
    }
}

/// Checks the seal of a journal with public halves alone, for whoever holds an evidence bundle and no key folder.
/// Gives the payload.
///
/// # Errors
/// The document cannot be read, none of the keys made it, or it was altered.
pub fn check_journal_seal(keys: &[PublicKey], document: &str) -> Result<Vec<u8>, SealError> {
    let jws = Jws::parse(document.as_bytes(), JOURNAL_SEAL_TYPE)?;
    let kid = &jws.header.kid;
    let key = keys.iter().find(|key| key.kid == *kid && thumbprint(&key.public) == *kid);
    let unknown = || SealError::UnknownKey { partner: "this seat".to_owned(), kid: kid.clone() };
    let verifying = key.and_then(PublicKey::verifying).ok_or_else(unknown)?;
    if jws.signed_by(&verifying) { Ok(jws.payload) } else { Err(SealError::BadSignature) }
}

fn read_folder(folder: &Path) -> Result<Vec<KeyPair>, KeyError> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| KeyError::File { path, source }
    };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut pairs = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault(folder))? {
        let path = entry.map_err(fault(folder))?.path();
        if path.extension().is_none_or(|ending| ending != FILE_ENDING) {
            continue;
        }
        let mode = std::fs::metadata(&path).map_err(fault(&path))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::Mode { path });
        }
        let text = std::fs::read_to_string(&path).map_err(fault(&path))?;
        pairs.push(read_private(&text).ok_or(KeyError::Format { path })?);
    }
    Ok(pairs)
}

fn read_private(text: &str) -> Option<KeyPair> {
    let jwk: Jwk = serde_json::from_str(text).ok()?;
    let public = PublicKey::from_jwk(&jwk)?;
    let secret: [u8; 32] = B64.decode(jwk.d.as_ref()?).ok()?.try_into().ok()?;
    let pair = KeyPair::from_secret(secret, public.not_before, public.not_after);
    (pair.public == public).then_some(pair)
}

fn write_file(folder: &Path, pair: &KeyPair) -> Result<(), KeyError> {
    let path = folder.join(format!("{}.{FILE_ENDING}", pair.public.kid));
    let fault = |source| KeyError::File { path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(fault)?;
    let mut jwk = pair.public.jwk();
    jwk.d = Some(B64.encode(pair.signing.to_bytes()));
    let text = serde_json::to_string_pretty(&jwk).map_err(|e| fault(e.into()))?;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(FILE_MODE).open(&path).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)
}
