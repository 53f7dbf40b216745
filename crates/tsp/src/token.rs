//! A token: CMS `SignedData` (RFC 5652) around a `TSTInfo` (RFC 3161, 2.4.2), checked against pinned certificates.

use kernel::Timestamp;
use ring::{digest, signature};

use crate::Imprint;
use crate::certificate::{Authority, Certificate, KeyKind};
use crate::values::{
    BOOLEAN, CONTEXT_0, CONTEXT_0_PRIMITIVE, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, Unread,
    Value, Values,
};

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];

/// A token that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It cannot be read.
    #[error("the time stamp cannot be read ({0})")]
    Malformed(&'static str),
    /// It is on another hash.
    #[error("the time stamp is on another hash")]
    OtherImprint,
    /// None of the pinned certificates made it.
    #[error("the time stamp is signed by another certificate than the one that was pinned")]
    OtherCertificate,
    /// Signed by means that are not taken.
    #[error("the time stamp is signed by an algorithm that is not taken here")]
    Algorithm,
    /// What was signed is not this content.
    #[error("the time stamp was altered: its digest does not fit")]
    Digest,
    /// The signature does not fit.
    #[error("the signature of the time stamp does not fit")]
    Signature,
    /// The certificate was not valid at the moment that the token names.
    #[error("the certificate of the authority was not valid at {}", .at.to_rfc3339())]
    NotValidThen {
        /// That moment.
        at: Timestamp,
    },
}

impl From<Unread> for TokenError {
    fn from(Unread(part): Unread) -> Self {
        Self::Malformed(part)
    }
}

/// What an authority has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The authority's time.
    pub at: Timestamp,
    /// The nonce of the request, big-endian.
    pub nonce: Option<Vec<u8>>,
}

impl Authority {
    /// Checks a token on a hash: its form, the hash, the certificate, the signed attributes, the signature, and the
    /// certificate's validity at the moment that the token names.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn check(&self, token: &[u8], imprint: &Imprint) -> Result<Stamp, TokenError> {
        let mut content = Values::of_sequence(token, "token")?;
        if content.next(OID)?.content != SIGNED_DATA {
            return Err(TokenError::Malformed("content type"));
        }
        let signed = content.next(CONTEXT_0)?;
        content.end()?;
        let mut signed = Values::of_sequence(signed.content, "signed data")?;
        signed.next(INTEGER)?;
        signed.next(SET)?;
        let mut encapsulated = signed.next(SEQUENCE)?.inside("content")?;
        if encapsulated.next(OID)?.content != TST_INFO {
            return Err(TokenError::Malformed("content type"));
        }
        let info = encapsulated.next(CONTEXT_0)?.inside("content")?.next(OCTET_STRING)?.content;
        encapsulated.end()?;
        // Certificates and revocation lists: only what is pinned counts.
        let signers = loop {
            let value = signed.any()?;
            if value.tag == SET {
                break value;
            }
        };
        signed.end()?;
        let mut signers = signers.inside("signer")?;
        let signer = Signer::read(signers.next(SEQUENCE)?)?;
        // RFC 3161, 2.4.2: the token has the signature of the authority alone.
        signers.end()?;

        let (stamp, of) = read_info(info)?;
        if of != imprint {
            return Err(TokenError::OtherImprint);
        }
        signer.check_attributes(info)?;
        let mut fault = TokenError::OtherCertificate;
        for certificate in self.certificates.iter().filter(|certificate| signer.names(certificate)) {
            match signer.check_signature(certificate) {
                Ok(()) if stamp.at < certificate.not_before || stamp.at > certificate.not_after => {
                    return Err(TokenError::NotValidThen { at: stamp.at });
                }
                Ok(()) => return Ok(stamp),
                Err(error) => fault = error,
            }
        }
        Err(fault)
    }
}

fn read_info(info: &[u8]) -> Result<(Stamp, &[u8]), TokenError> {
    let mut info = Values::of_sequence(info, "TSTInfo")?;
    info.next(INTEGER)?;
    info.next(OID)?;
    let mut imprint = info.next(SEQUENCE)?.inside("imprint")?;
    let (algorithm, _) = imprint.algorithm()?;
    let hash = imprint.next(OCTET_STRING)?.content;
    if algorithm != SHA256 {
        return Err(TokenError::OtherImprint);
    }
    info.next(INTEGER)?;
    let at = info.next(GENERALIZED_TIME)?.time("time")?;
    // Its accuracy, and whether its stamps are in order.
    info.optional(SEQUENCE)?;
    info.optional(BOOLEAN)?;
    let nonce = info.optional(INTEGER)?.map(|value| value.content.to_vec());
    Ok((Stamp { at, nonce }, hash))
}

/// `SignerInfo`.
struct Signer<'a> {
    id: Value<'a>,
    digest: &'a [u8],
    attributes: Value<'a>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signer<'a> {
    fn read(value: Value<'a>) -> Result<Self, TokenError> {
        let mut inside = value.inside("signer")?;
        inside.next(INTEGER)?;
        let id = inside.any()?;
        let (digest, _) = inside.algorithm()?;
        let attributes = inside.next(CONTEXT_0)?;
        let (algorithm, _) = inside.algorithm()?;
        let signature = inside.next(OCTET_STRING)?.content;
        Ok(Self { id, digest, attributes, algorithm, signature })
    }

    /// Whether the signer is named by this certificate's issuer and number, or by its key.
    fn names(&self, certificate: &Certificate) -> bool {
        match self.id.tag {
            SEQUENCE => {
                let read = || {
                    let mut id = self.id.inside("signer")?;
                    Ok::<_, Unread>((id.next(SEQUENCE)?.whole, id.next(INTEGER)?.content))
                };
                read().is_ok_and(|(issuer, serial)| issuer == certificate.issuer && serial == certificate.serial)
            }
            CONTEXT_0_PRIMITIVE => certificate.key_id.as_deref() == Some(self.id.content),
            _ => false,
        }
    }

    /// RFC 5652, 5.3: the content type and the digest of the content must be among what is signed, once each.
    fn check_attributes(&self, content: &[u8]) -> Result<(), TokenError> {
        let (mut kinds, mut digests) = (Vec::new(), Vec::new());
        let mut attributes = self.attributes.inside("signed attributes")?;
        while !attributes.is_finished() {
            let mut attribute = attributes.next(SEQUENCE)?.inside("signed attributes")?;
            let oid = attribute.next(OID)?.content;
            let mut values = attribute.next(SET)?.inside("signed attributes")?;
            if oid == CONTENT_TYPE {
                kinds.push(values.next(OID)?.content);
                values.end()?;
            } else if oid == MESSAGE_DIGEST {
                digests.push(values.next(OCTET_STRING)?.content);
                values.end()?;
            }
        }
        if kinds != [TST_INFO] {
            return Err(TokenError::Malformed("signed attributes"));
        }
        let by = match self.digest {
            SHA256 => &digest::SHA256,
            SHA384 => &digest::SHA384,
            SHA512 => &digest::SHA512,
            _ => return Err(TokenError::Algorithm),
        };
        if digests == [digest::digest(by, content).as_ref()] { Ok(()) } else { Err(TokenError::Digest) }
    }

    fn check_signature(&self, certificate: &Certificate) -> Result<(), TokenError> {
        let by: &dyn signature::VerificationAlgorithm = match (certificate.kind, self.algorithm, self.digest) {
            (KeyKind::Rsa, RSA_SHA256, _) | (KeyKind::Rsa, RSA, SHA256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (KeyKind::Rsa, RSA_SHA384, _) | (KeyKind::Rsa, RSA, SHA384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (KeyKind::Rsa, RSA_SHA512, _) | (KeyKind::Rsa, RSA, SHA512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (KeyKind::P256, ECDSA_SHA256, _) => &signature::ECDSA_P256_SHA256_ASN1,
            (KeyKind::P256, ECDSA_SHA384, _) => &signature::ECDSA_P256_SHA384_ASN1,
            (KeyKind::P384, ECDSA_SHA256, _) => &signature::ECDSA_P384_SHA256_ASN1,
            (KeyKind::P384, ECDSA_SHA384, _) => &signature::ECDSA_P384_SHA384_ASN1,
            _ => return Err(TokenError::Algorithm),
        };
        // What is signed is the set of attributes under its own tag, not the one it has in the token (RFC 5652, 5.4).
        let mut attributes = self.attributes.whole.to_vec();
        if let Some(tag) = attributes.first_mut() {
            *tag = SET;
        }
        signature::UnparsedPublicKey::new(by, &certificate.key)
            .verify(&attributes, self.signature)
            .map_err(|_| TokenError::Signature)
    }
}

/// What an authority says, behind a colon; nothing where it says nothing.
pub(crate) fn words(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}
