//! Where a rejected caller finds help: a signed jCard (RFC 8688 §3.2.2, RFC 7095), named in Call-Info of a 608.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

/// Whom a rejected caller turns to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Name of the operator, as callers know it.
    pub organisation: String,
    /// Telephone of the appeal desk, `+86…` or a service number.
    pub telephone: Option<String>,
    /// Electronic mail.
    pub email: Option<String>,
    /// Page on which to appeal.
    pub page: Option<String>,
}

/// Why no card was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardFault {
    /// The key is no P-256 key in PKCS#8.
    #[error("the key is no P-256 key in PKCS#8")]
    Key,
    /// RFC 8688 wants at least one way to get in touch.
    #[error("the card names no telephone, mail or page")]
    NoWay,
    /// The signature could not be made.
    #[error("the card could not be signed")]
    Sign,
}

/// Signs cards with the operator's key; the certificate of the key stands behind `certificate_url`.
pub struct Signer {
    key: EcdsaKeyPair,
    certificate_url: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.certificate_url)
    }
}

impl Signer {
    /// From a key in PKCS#8 (DER) and the URL of its certificate.
    pub fn new(pkcs8: &[u8], certificate_url: &str) -> Result<Self, CardFault> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
            .map_err(|_| CardFault::Key)?;
        Ok(Self { key, certificate_url: certificate_url.to_owned() })
    }

    /// The signed card (JWS, compact) that is served behind the URL of Call-Info.
    pub fn card(&self, contact: &Contact, iat_seconds: i64) -> Result<String, CardFault> {
        let ways = [
            contact.telephone.as_ref().map(|tel| json!(["tel", {}, "uri", format!("tel:{tel}")])),
            contact.email.as_ref().map(|email| json!(["email", {}, "text", email])),
            contact.page.as_ref().map(|page| json!(["url", {}, "uri", page])),
        ];
        let mut properties = vec![
            json!(["version", {}, "text", "4.0"]),
            json!(["fn", {}, "text", contact.organisation]),
            json!(["org", {}, "text", contact.organisation]),
        ];
        properties.extend(ways.into_iter().flatten());
        if properties.len() == 3 {
            return Err(CardFault::NoWay);
        }
        let header = json!({ "alg": "ES256", "typ": "vcard+json", "x5u": self.certificate_url });
        let payload =
            json!({ "iat": iat_seconds, "jcard": Value::Array(vec![json!("vcard"), Value::Array(properties)]) });
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| CardFault::Sign)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}

/// The value of Call-Info that leads to the card.
pub fn call_info(card_url: &str) -> String {
    format!("<{card_url}>;purpose=jwscard")
}
