//! Certificates of signers: held by URL, checked against configured roots.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};

use crate::limits::{CERTIFICATE_FILE_BYTES_MAX, CERTIFICATE_FILES_MAX, CERTIFICATES_IN_FILE_MAX};

/// Seconds for which the check of a chain is believed before it is made again.
const CHECKED_SECONDS: i64 = 300;

/// Why no key is taken from a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The file is no PEM or DER, too long, or holds too many certificates.
    #[error("cannot be read")]
    Unreadable,
    /// Its key is no P-256 key, the only kind that ES256 knows.
    #[error("no P-256 key")]
    Key,
    /// No configured root vouches for it.
    #[error("unknown issuer")]
    UnknownIssuer,
    /// Before or after its time.
    #[error("outside of its time")]
    Time,
    /// Its chain does not hold for another reason.
    #[error("not valid")]
    Invalid,
    /// The file could not be fetched.
    #[error("not fetched")]
    NotFetched,
}

/// Certificates in memory, by the URL they were fetched from.
#[derive(Default)]
pub struct Certificates {
    roots: Vec<TrustAnchor<'static>>,
    files: HashMap<String, File>,
}

struct File {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    checked: Result<(), ChainFault>,
    checked_at: std::sync::atomic::AtomicI64,
    taken_at: i64,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificates({} roots, {} files)", self.roots.len(), self.files.len())
    }
}

impl Certificates {
    /// No certificate yet, and these roots (PEM, one or several in a file).
    pub fn new(roots: &[&[u8]]) -> Result<Self, ChainFault> {
        let mut anchors = Vec::new();
        for file in roots {
            for der in read_file(file)? {
                let anchor = webpki::anchor_from_trusted_cert(&der).map_err(|_| ChainFault::Unreadable)?;
                anchors.push(anchor.to_owned());
            }
        }
        Ok(Self { roots: anchors, files: HashMap::new() })
    }

    /// Whether something is known of this URL, be it that it could not be fetched.
    pub fn knows(&self, url: &str) -> bool {
        self.files.contains_key(url)
    }

    /// Keeps what was fetched from a URL: PEM, signer first, then the way up. Faults are kept too, so that a broken
    /// file is not asked for with each call; the caller forgets them after a while with [`Certificates::forget_before`].
    pub fn insert(
        &mut self,
        url: &str,
        fetched: Result<&[u8], ChainFault>,
        now_seconds: i64,
    ) -> Result<(), ChainFault> {
        if self.files.len() >= CERTIFICATE_FILES_MAX && !self.files.contains_key(url) {
            let oldest = self.files.iter().min_by_key(|(_, file)| file.taken_at).map(|(url, _)| url.clone());
            self.files.remove(oldest.as_deref().unwrap_or(""));
        }
        let read = fetched.and_then(read_file).and_then(|chain| {
            let key = public_key(chain.first().ok_or(ChainFault::Unreadable)?)?;
            self.check(&chain, now_seconds)?;
            Ok((chain, key))
        });
        let checked = read.as_ref().map(|_| ()).map_err(|fault| *fault);
        let (chain, key) = read.unwrap_or_default();
        let checked_at = std::sync::atomic::AtomicI64::new(now_seconds);
        self.files.insert(url.to_owned(), File { chain, key, checked, checked_at, taken_at: now_seconds });
        checked
    }

    /// The URLs of good certificates that were taken before that moment, and may have been replaced there.
    pub fn taken_before(&self, moment_seconds: i64) -> Vec<String> {
        let old = self.files.iter().filter(|(_, file)| file.checked.is_ok() && file.taken_at < moment_seconds);
        old.map(|(url, _)| url.clone()).collect()
    }

    /// Whether a good certificate is held of this URL.
    pub fn holds(&self, url: &str) -> bool {
        self.files.get(url).is_some_and(|file| file.checked.is_ok())
    }

    /// Forgets what was taken before that moment: certificates that may have been replaced, and faults.
    pub fn forget_before(&mut self, moment_seconds: i64, faults_before_seconds: i64) {
        self.files.retain(|_, file| {
            file.taken_at >= if file.checked.is_ok() { moment_seconds } else { faults_before_seconds }
        });
    }

    /// The public key behind a URL, as an uncompressed point; `None` where nothing is known of the URL.
    pub(crate) fn key(&self, url: &str, now_seconds: i64) -> Option<Result<&[u8], ChainFault>> {
        use std::sync::atomic::Ordering::Relaxed;
        let file = self.files.get(url)?;
        if let Err(fault) = file.checked {
            return Some(Err(fault));
        }
        if (now_seconds - file.checked_at.load(Relaxed)).abs() > CHECKED_SECONDS {
            if let Err(fault) = self.check(&file.chain, now_seconds) {
                return Some(Err(fault));
            }
            file.checked_at.store(now_seconds, Relaxed);
        }
        Some(Ok(&file.key))
    }

    fn check(&self, chain: &[CertificateDer<'_>], now_seconds: i64) -> Result<(), ChainFault> {
        let (signer, way) = chain.split_first().ok_or(ChainFault::Unreadable)?;
        let signer = EndEntityCert::try_from(signer).map_err(|_| ChainFault::Unreadable)?;
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(now_seconds).unwrap_or(0)));
        let algorithms = [webpki::ring::ECDSA_P256_SHA256, webpki::ring::ECDSA_P384_SHA384];
        match signer.verify_for_usage(&algorithms, &self.roots, way, now, AnyUsage, None, None) {
            Ok(_) => Ok(()),
            // A root of the same name with another key vouches for nothing either.
            Err(webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey) => {
                Err(ChainFault::UnknownIssuer)
            }
            Err(webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. }) => Err(ChainFault::Time),
            Err(_) => Err(ChainFault::Invalid),
        }
    }
}

/// Certificates for signing calls carry no extended usage (RFC 8226), and one that they carry forbids nothing here.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// The certificates of a file: PEM blocks, or one in DER.
fn read_file(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, ChainFault> {
    if bytes.len() > CERTIFICATE_FILE_BYTES_MAX {
        return Err(ChainFault::Unreadable);
    }
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ChainFault::Unreadable)?;
    let mut chain = Vec::new();
    let mut rest = text;
    while let Some((_, block)) = rest.split_once("-----BEGIN CERTIFICATE-----") {
        let (body, after) = block.split_once("-----END CERTIFICATE-----").ok_or(ChainFault::Unreadable)?;
        let body: String = body.split_ascii_whitespace().collect();
        chain.push(CertificateDer::from(STANDARD.decode(body).map_err(|_| ChainFault::Unreadable)?));
        if chain.len() > CERTIFICATES_IN_FILE_MAX {
            return Err(ChainFault::Unreadable);
        }
        rest = after;
    }
    if chain.is_empty() { Err(ChainFault::Unreadable) } else { Ok(chain) }
}

/// The P-256 point of a certificate's key: the last 65 bytes of its SubjectPublicKeyInfo, which for this curve has one
/// form only (RFC 5480 §2).
fn public_key(der: &CertificateDer<'_>) -> Result<Vec<u8>, ChainFault> {
    const PREFIX: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let certificate = EndEntityCert::try_from(der).map_err(|_| ChainFault::Unreadable)?;
    let info = certificate.subject_public_key_info();
    let point = info.as_ref().strip_prefix(&PREFIX).ok_or(ChainFault::Key)?;
    if point.len() == 65 { Ok(point.to_vec()) } else { Err(ChainFault::Key) }
}
