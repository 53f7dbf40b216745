//! The signed card that tells a stopped caller where to appeal (RFC 8688 §3.2.2): served at `/redress/card`, named in the
//! Call-Info of a 608. Anybody may read it; it holds the operator's contact and nothing of a caller.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::{Clock, Faults, Text};
use sip::redress::{CardFault, Contact, Signer};

/// Where the card is served, on the seat's pages.
pub const PATH: &str = "/redress/card";

const KEY: Text = Text::new(
    "redress.key",
    ("签名密钥 {file} 不可用：{why}", "the signing key {file} cannot be used: {why}"),
    (
        "请给出 PKCS#8 PEM 格式的 P-256 私钥，例如 openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "give a P-256 key in PKCS#8 PEM, as of: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    ),
);
const NO_WAY: Text = Text::new(
    "redress.no_way",
    ("没有填写任何申诉方式", "there is no way to appeal in it"),
    ("请填写 telephone、email 或 page", "set telephone, email or page"),
);
const NO_URL: Text = Text::new(
    "redress.url",
    ("“{found}”不是 https 地址", "“{found}” is no https address"),
    ("请填写主叫侧可以访问的 https 地址", "give an https address that the caller's side reaches"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[KEY, NO_WAY, NO_URL];

/// What an administrator writes under `[redress]`.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of the operator, as callers know it.
    pub organisation: String,
    /// Telephone of the appeal desk.
    #[serde(default)]
    pub telephone: Option<String>,
    /// Electronic mail of the appeal desk.
    #[serde(default)]
    pub email: Option<String>,
    /// The page on which to appeal.
    #[serde(default)]
    pub page: Option<String>,
    /// Private key that signs the card: P-256, PKCS#8, PEM.
    pub key: PathBuf,
    /// Where the certificate of the key stands (`x5u`).
    pub certificate_url: String,
    /// Where the outside reaches the card: the seat's own address and [`PATH`].
    pub url: String,
}

struct Card {
    signer: Signer,
    contact: Contact,
    clock: Clock,
}

impl Settings {
    /// The route of the card, with a first card made to see that it can be.
    ///
    /// # Errors
    /// Every fault, by field.
    pub fn router(&self, clock: Clock) -> Result<Router, Faults> {
        let mut faults = Faults::none();
        for (field, url) in [("url", &self.url), ("certificate_url", &self.certificate_url)] {
            if !url.starts_with("https://") {
                faults.push(NO_URL.at(field, &[("found", url)]));
            }
        }
        let signer = faults.keep(self.signer());
        faults.clone().into_result()?;
        let Some(signer) = signer else { return Err(faults) };
        let contact = Contact {
            organisation: self.organisation.clone(),
            telephone: self.telephone.clone(),
            email: self.email.clone(),
            page: self.page.clone(),
        };
        let card = Card { signer, contact, clock };
        if card.make() == Err(CardFault::NoWay) {
            return Err(Faults(vec![NO_WAY.at("telephone", &[])]));
        }
        Ok(Router::new().route(PATH, get(show)).with_state(Arc::new(card)))
    }

    fn signer(&self) -> Result<Signer, kernel::Fault> {
        let unusable = |why: &str| {
            let file = self.key.display().to_string();
            KEY.at("key", &[("file", &file), ("why", why)])
        };
        let pem = std::fs::read_to_string(&self.key).map_err(|error| unusable(&error.to_string()))?;
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body)
            .map_err(|error| unusable(&error.to_string()))?;
        Signer::new(&der, &self.certificate_url).map_err(|error| unusable(&error.to_string()))
    }
}

impl Card {
    fn make(&self) -> Result<String, CardFault> {
        self.signer.card(&self.contact, self.clock.now().0 / 1_000_000)
    }
}

async fn show(State(card): State<Arc<Card>>) -> Response {
    match card.make() {
        Ok(signed) => ([(header::CONTENT_TYPE, "application/jose")], signed).into_response(),
        Err(error) => {
            tracing::error!(%error, "the redress card could not be signed");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use tower::ServiceExt;

    use super::*;

    fn settings(key: PathBuf) -> Settings {
        Settings {
            organisation: "湘南移动（演示）".into(),
            telephone: Some("+8610099".into()),
            key,
            certificate_url: "https://operator.example.cn/redress.cer".into(),
            url: "https://operator.example.cn/redress/card".into(),
            ..Settings::default()
        }
    }

    #[tokio::test]
    async fn the_card_is_signed_and_names_the_way_to_appeal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("redress.pem");
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(&key));
        std::fs::write(&file, pem).unwrap();
        let router = settings(file).router(Clock::system()).unwrap();
        let answer = router.oneshot(Request::get(PATH).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/jose");
        let body = axum::body::to_bytes(answer.into_body(), 65_536).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &SystemRandom::new()).unwrap();
        ring::signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key())
            .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
            .unwrap();
        let payload = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        assert!(String::from_utf8(payload).unwrap().contains("tel:+8610099"));
    }

    #[test]
    fn every_fault_is_told_by_field() {
        let mut wrong = settings(PathBuf::from("/nowhere/key.pem"));
        wrong.url = "http://operator.example.cn".into();
        let faults = wrong.router(Clock::system()).err().unwrap();
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["url", "key"]);
    }
}
