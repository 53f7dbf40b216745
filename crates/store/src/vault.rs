//! Personal parts of the journal, each subject under a key of its own: erasing the key erases the data, while the
//! chain of hashes stays whole.

use std::io::{Read, Write};
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::{Error, Result};

/// Length of every key here, in bytes.
pub const KEY_LEN: usize = 32;

/// The seat's master key, under which the keys of the subjects are wrapped.
#[derive(Clone)]
pub struct Vault(std::sync::Arc<[u8; KEY_LEN]>);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// A vault with the given master key.
    pub fn new(key: [u8; KEY_LEN]) -> Self {
        Self(std::sync::Arc::new(key))
    }

    /// Reads the master key from a file, and makes the file (mode 0600) when there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or is not 32 bytes long.
    pub fn from_file(path: &Path) -> std::io::Result<Self> {
        let mut key = [0u8; KEY_LEN];
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                fill(&mut key).map_err(std::io::Error::other)?;
                file.write_all(&key)?;
                file.sync_all()?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut file = std::fs::File::open(path)?;
                file.read_exact(&mut key)?;
            }
            Err(e) => return Err(e),
        }
        Ok(Self::new(key))
    }

    /// Encrypts a small secret that is no journal entry, for instance of an authenticator, under the master key.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>> {
        encrypt(&self.0, plain)
    }

    /// Opens what [`Vault::seal`] made; `None` when it was made under another key or altered.
    pub fn unseal(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        decrypt(&self.0, sealed)
    }

    pub(crate) fn new_subject_key(&self) -> Result<([u8; KEY_LEN], Vec<u8>)> {
        let mut key = [0u8; KEY_LEN];
        fill(&mut key).map_err(|e| Error::Corrupt(e.to_string()))?;
        let wrapped = encrypt(&self.0, &key)?;
        Ok((key, wrapped))
    }

    pub(crate) fn unwrap_subject_key(&self, subject: &str, wrapped: &[u8]) -> Result<[u8; KEY_LEN]> {
        decrypt(&self.0, wrapped)
            .and_then(|key| <[u8; KEY_LEN]>::try_from(key).ok())
            .ok_or_else(|| Error::KeyGone(subject.to_owned()))
    }
}

fn fill(out: &mut [u8]) -> std::result::Result<(), &'static str> {
    SystemRandom::new().fill(out).map_err(|_| "the system gives no random bytes")
}

fn aead(key: &[u8; KEY_LEN]) -> Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| Error::Corrupt("key".into()))
}

/// AES-256-GCM; the nonce leads the ciphertext.
pub(crate) fn encrypt(key: &[u8; KEY_LEN], plain: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0u8; NONCE_LEN];
    fill(&mut nonce).map_err(|e| Error::Corrupt(e.to_owned()))?;
    let mut body = plain.to_vec();
    aead(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body)
        .map_err(|_| Error::Corrupt("encryption failed".into()))?;
    let mut out = nonce.to_vec();
    out.append(&mut body);
    Ok(out)
}

/// The plain text, or nothing when the key or the bytes are wrong.
pub(crate) fn decrypt(key: &[u8; KEY_LEN], bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = body.to_vec();
    let plain = aead(key).ok()?.open_in_place(nonce, Aad::empty(), &mut body).ok()?;
    Some(plain.to_vec())
}
