//! The certificates of an authority, pinned: no chain is built, no other key is believed.

use kernel::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::values::{
    BIT_STRING, BOOLEAN, CONTEXT_0, CONTEXT_3, INTEGER, OCTET_STRING, OID, SEQUENCE, Unread, Value, Values,
};

const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];

/// A file of certificates that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// No certificate in it.
    #[error("there is no certificate in PEM form")]
    None,
    /// Not PEM.
    #[error("it is not PEM")]
    Pem,
    /// A certificate that does not read.
    #[error("the certificate cannot be read ({0})")]
    Malformed(&'static str),
    /// A certificate for something else.
    #[error(
        "the certificate is not one of a time-stamping authority: extendedKeyUsage must be critical and timeStamping alone (RFC 3161, 2.3)"
    )]
    NotForTimeStamping,
    /// A key of another kind.
    #[error("the key is neither RSA nor on the curve P-256 or P-384")]
    Key,
}

impl From<Unread> for CertificateError {
    fn from(Unread(part): Unread) -> Self {
        Self::Malformed(part)
    }
}

/// A time-stamping authority, known by its certificates: the present one, and those before it for older tokens.
#[derive(Debug, Clone)]
pub struct Authority {
    pub(crate) certificates: Vec<Certificate>,
}

impl Authority {
    /// Reads the certificates from PEM.
    ///
    /// # Errors
    /// One of them cannot be used, or there is none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        let certificates = CertificateDer::pem_slice_iter(pem)
            .map(|der| Certificate::read(&der.map_err(|_| CertificateError::Pem)?))
            .collect::<Result<Vec<_>, _>>()?;
        if certificates.is_empty() { Err(CertificateError::None) } else { Ok(Self { certificates }) }
    }
}

/// A key by which signatures are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    P256,
    P384,
}

/// What is needed of a certificate.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) issuer: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) kind: KeyKind,
    pub(crate) key: Vec<u8>,
}

impl Certificate {
    pub(crate) fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let mut outer = Values::of_sequence(der, "certificate")?;
        let mut inner = outer.next(SEQUENCE)?.inside("certificate")?;
        inner.optional(CONTEXT_0)?;
        let serial = inner.next(INTEGER)?.content.to_vec();
        inner.next(SEQUENCE)?;
        let issuer = inner.next(SEQUENCE)?.whole.to_vec();
        let mut validity = inner.next(SEQUENCE)?.inside("validity")?;
        let (not_before, not_after) = (validity.any()?.time("validity")?, validity.any()?.time("validity")?);
        inner.next(SEQUENCE)?;
        let (kind, key) = public_key(inner.next(SEQUENCE)?)?;
        let mut certificate = Self { issuer, serial, key_id: None, not_before, not_after, kind, key };
        let mut is_for_time_stamping = false;
        while !inner.is_finished() {
            let value = inner.any()?;
            if value.tag != CONTEXT_3 {
                continue;
            }
            let mut extensions = Values::of_sequence(value.content, "extensions")?;
            while !extensions.is_finished() {
                let mut extension = extensions.next(SEQUENCE)?.inside("extensions")?;
                let oid = extension.next(OID)?.content;
                let is_critical = extension.optional(BOOLEAN)?.is_some_and(|value| value.content == [0xff]);
                let content = extension.next(OCTET_STRING)?.content;
                if oid == EXTENDED_KEY_USAGE {
                    let mut usages = Values::of_sequence(content, "extendedKeyUsage")?;
                    let usage = usages.next(OID)?.content;
                    is_for_time_stamping = is_critical && usage == TIME_STAMPING && usages.is_finished();
                } else if oid == SUBJECT_KEY_IDENTIFIER {
                    let mut id = Values::new(content, "subjectKeyIdentifier")?;
                    certificate.key_id = Some(id.next(OCTET_STRING)?.content.to_vec());
                }
            }
        }
        if is_for_time_stamping { Ok(certificate) } else { Err(CertificateError::NotForTimeStamping) }
    }
}

fn public_key(value: Value<'_>) -> Result<(KeyKind, Vec<u8>), CertificateError> {
    let mut inside = value.inside("key")?;
    let kind = match inside.algorithm()? {
        (RSA, _) => KeyKind::Rsa,
        (EC, Some(P256)) => KeyKind::P256,
        (EC, Some(P384)) => KeyKind::P384,
        _ => return Err(CertificateError::Key),
    };
    Ok((kind, inside.next(BIT_STRING)?.bits("key")?.to_vec()))
}
