//! PASSporT and redress cards, with certificates made for the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey};
use sip::passport::{Attest, Call, Certificates, ChainFault, Fault, Outcome, Token, Verdict, verify, verify_all};
use sip::redress::{CardFault, Contact, Signer, call_info};

const URL: &str = "https://certificates.example.cn/signer.pem";
const NOW: i64 = 1_795_521_600; // 2026-11-24T12:00:00Z
const CALLER: &str = "8613800138000";
const CALLEE: &str = "8673188888888";

/// A root, a signer below it, and the signer's key.
struct Party {
    root_pem: String,
    signer_pem: String,
    key: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

fn party() -> Party {
    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut root = CertificateParams::new(vec![]).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(DnType::CommonName, "Test root");
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let signer_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut signer = CertificateParams::new(vec!["signer.example.cn".to_owned()]).unwrap();
    (signer.not_before, signer.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
    let signer_pem = signer.signed_by(&signer_key, &Issuer::from_params(&root, &root_key)).unwrap().pem();
    let pkcs8 = signer_key.serialize_der();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).unwrap();
    Party { root_pem, signer_pem, key, pkcs8 }
}

impl Party {
    fn certificates(&self) -> Certificates {
        let mut certificates = Certificates::new(&[self.root_pem.as_bytes()]).unwrap();
        certificates.insert(URL, Ok(self.signer_pem.as_bytes()), NOW).unwrap();
        certificates
    }

    fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap())
    }

    fn full(&self, header: &str, payload: &str, behind: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        format!("{signed}.{};info=<{URL}>{behind}", self.sign(&signed))
    }

    fn shaken(&self, payload: &str) -> String {
        let header = format!(r#"{{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"{URL}"}}"#);
        self.full(&header, payload, ";alg=ES256;ppt=\"shaken\"")
    }
}

fn payload(attest: &str, dest: &str, iat: i64, orig: &str) -> String {
    format!(
        r#"{{"attest":"{attest}","dest":{{"tn":["{dest}"]}},"iat":{iat},"orig":{{"tn":"{orig}"}},"origid":"123e4567-e89b-12d3-a456-426655440000"}}"#
    )
}

fn outcome(value: &str, certificates: &Certificates) -> String {
    let call = Call { caller: CALLER, callee: CALLEE, date_seconds: Some(NOW), now_seconds: NOW };
    match Token::parse(value) {
        Err(fault) => format!("{fault:?}"),
        Ok(token) => match verify(&token, &call, certificates) {
            Outcome::Verified(attest) => format!("verified {attest:?}"),
            Outcome::Failed(fault) => format!("{fault:?}"),
            Outcome::CertificateMissing(url) => format!("missing {url}"),
        },
    }
}

#[test]
fn a_signed_call_is_verified_with_its_attestation() {
    let (party, certificates) = {
        let p = party();
        let c = p.certificates();
        (p, c)
    };
    for attest in ["A", "B", "C"] {
        assert_eq!(
            outcome(&party.shaken(&payload(attest, CALLEE, NOW - 20, CALLER)), &certificates),
            format!("verified {attest}")
        );
    }
    // A number in a token may be written with its sign.
    assert_eq!(
        outcome(&party.shaken(&payload("A", "+86-731-8888-8888", NOW, "+8613800138000")), &certificates),
        "verified A"
    );
}

#[test]
fn a_token_that_speaks_of_another_call_does_not_hold() {
    let (party, certificates) = {
        let p = party();
        let c = p.certificates();
        (p, c)
    };
    let check = |payload: &str, expect: Fault| {
        assert_eq!(outcome(&party.shaken(payload), &certificates), format!("{expect:?}"), "{payload}")
    };
    check(&payload("A", CALLEE, NOW, "8613900139000"), Fault::Caller);
    check(&payload("A", "8613900139000", NOW, CALLER), Fault::Callee);
    check(&payload("A", CALLEE, NOW - 61, CALLER), Fault::Stale);
    check(&payload("A", CALLEE, NOW + 61, CALLER), Fault::Stale);
    check(&payload("D", CALLEE, NOW, CALLER), Fault::Malformed);
    check(&payload("A", CALLEE, NOW, CALLER).replace("origid", "other"), Fault::Malformed);
    check("no json", Fault::Malformed);
}

#[test]
fn a_token_that_was_changed_or_signed_by_another_does_not_hold() {
    let (party, certificates) = {
        let p = party();
        let c = p.certificates();
        (p, c)
    };
    let stranger = self::party();
    let token = party.shaken(&payload("C", CALLEE, NOW, CALLER));
    let better = URL_SAFE_NO_PAD.encode(payload("A", CALLEE, NOW, CALLER));
    let old = token.split('.').nth(1).unwrap();
    assert_eq!(outcome(&token.replace(old, &better), &certificates), "Signature");
    assert_eq!(outcome(&stranger.shaken(&payload("A", CALLEE, NOW, CALLER)), &certificates), "Signature");
    let header = r#"{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://elsewhere.example/x.pem"}"#;
    assert_eq!(
        outcome(&party.full(header, &payload("A", CALLEE, NOW, CALLER), ";ppt=shaken"), &certificates),
        "Malformed"
    );
    let none = format!(r#"{{"alg":"none","ppt":"shaken","typ":"passport","x5u":"{URL}"}}"#);
    assert_eq!(
        outcome(&party.full(&none, &payload("A", CALLEE, NOW, CALLER), ";ppt=shaken"), &certificates),
        "Malformed"
    );
    assert_eq!(
        outcome(
            &format!("{};alg=RS256", party.shaken(&payload("A", CALLEE, NOW, CALLER)).replace(";alg=ES256", "")),
            &certificates
        ),
        "Malformed"
    );
    for broken in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d;info=<x>", "..sig", "a..c;info=<x>", &"x".repeat(9000)] {
        assert_eq!(outcome(broken, &certificates), "Malformed", "{broken:.20}");
    }
}

#[test]
fn a_diverted_call_is_followed_back_to_the_number_that_was_called_first() {
    let (party, stranger) = (party(), party());
    let certificates = party.certificates();
    let (first, second) = ("8619000000055", "8619000000066");
    let div_by = |party: &Party, from: &str, to: &str, iat: i64| {
        let header = format!(r#"{{"alg":"ES256","ppt":"div","typ":"passport","x5u":"{URL}"}}"#);
        let payload =
            format!(r#"{{"dest":{{"tn":["{to}"]}},"div":{{"tn":"{from}"}},"iat":{iat},"orig":{{"tn":"{CALLER}"}}}}"#);
        party.full(&header, &payload, ";alg=ES256;ppt=\"div\"")
    };
    let div = |from: &str, to: &str| div_by(&party, from, to, NOW);
    let shaken = |to: &str| party.shaken(&payload("A", to, NOW, CALLER));
    let call = Call { caller: CALLER, callee: CALLEE, date_seconds: Some(NOW), now_seconds: NOW };
    let verdict = |values: &[String]| {
        verify_all(values.iter().map(String::as_str), &call, &certificates, |url| panic!("{url} is there"))
    };
    let good = Verdict::Verified(Attest::A);
    assert_eq!(verdict(&[shaken(first), div(first, CALLEE)]), good);
    assert_eq!(verdict(&[div(first, CALLEE), shaken(first)]), good, "in whatever order");
    assert_eq!(verdict(&[shaken(first), div(first, second), div(second, CALLEE)]), good, "twice");
    assert_eq!(verdict(&[shaken(CALLEE), div(first, CALLEE)]), good, "a diversion that is not needed");
    assert_eq!(verdict(&[shaken(CALLEE), shaken(first)]), good, "one of two holds");
    let elsewhere = Verdict::Failed(Fault::Callee);
    assert_eq!(verdict(&[shaken(first)]), elsewhere);
    assert_eq!(verdict(&[shaken(first), div(second, CALLEE)]), elsewhere, "a gap");
    assert_eq!(verdict(&[shaken(first), div(first, second)]), elsewhere, "it ends elsewhere");
    assert_eq!(
        verdict(&[shaken(first), div(CALLEE, CALLEE), div(second, CALLEE), div(CALLEE, second)]),
        elsewhere,
        "a ring"
    );
    assert_eq!(verdict(&[shaken(first), div_by(&stranger, first, CALLEE, NOW)]), elsewhere, "signed by another");
    assert_eq!(verdict(&[shaken(first), div_by(&party, first, CALLEE, NOW - 61)]), elsewhere, "long ago");
    assert_eq!(verdict(&[div(first, CALLEE)]), Verdict::Unknown, "nobody speaks for the caller");
    assert_eq!(verdict(&[]), Verdict::Unknown);
    // The certificate of the diversion is not there yet.
    let away = div(first, CALLEE).replace(URL, "https://certificates.example.cn/other.pem");
    let mut wanted = Vec::new();
    let header = r#"{"alg":"ES256","ppt":"div","typ":"passport","x5u":"https://certificates.example.cn/other.pem"}"#;
    let (_, behind) = away.split_once('.').unwrap();
    let away = format!("{}.{behind}", URL_SAFE_NO_PAD.encode(header));
    let values = [shaken(first), away];
    let told = verify_all(values.iter().map(String::as_str), &call, &certificates, |url| wanted.push(url));
    assert_eq!((told, wanted), (Verdict::Unknown, vec!["https://certificates.example.cn/other.pem"]));
}

#[test]
fn the_compact_form_is_made_again_from_the_request() {
    let (party, certificates) = {
        let p = party();
        let c = p.certificates();
        (p, c)
    };
    let header = format!(r#"{{"alg":"ES256","typ":"passport","x5u":"{URL}"}}"#);
    let body = format!(r#"{{"dest":{{"tn":["{CALLEE}"]}},"iat":{NOW},"orig":{{"tn":"{CALLER}"}}}}"#);
    let signature = party.sign(&format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(body)));
    assert_eq!(outcome(&format!("..{signature};info=<{URL}>;alg=ES256"), &certificates), "verified Plain");
    // SHAKEN says what the request does not, so it cannot be compact.
    assert_eq!(outcome(&format!("..{signature};info=<{URL}>;ppt=shaken"), &certificates), "Malformed");
    assert_eq!(outcome(&format!("..{};info=<{URL}>", party.sign("else")), &certificates), "Signature");
}

#[test]
fn certificates_are_believed_only_below_a_root_and_in_their_time() {
    let party = party();
    let token = party.shaken(&payload("A", CALLEE, NOW, CALLER));
    let mut none = Certificates::new(&[party.root_pem.as_bytes()]).unwrap();
    assert_eq!(outcome(&token, &none), format!("missing {URL}"), "no call waits for a certificate");
    assert!(!none.knows(URL));
    none.insert(URL, Err(ChainFault::NotFetched), NOW).unwrap_err();
    assert_eq!(outcome(&token, &none), "Certificate(NotFetched)");
    none.forget_before(NOW - 1000, NOW + 1);
    assert_eq!(outcome(&token, &none), format!("missing {URL}"), "a fault is forgotten, and asked again");

    let mut foreign = Certificates::new(&[self::party().root_pem.as_bytes()]).unwrap();
    assert_eq!(foreign.insert(URL, Ok(party.signer_pem.as_bytes()), NOW), Err(ChainFault::UnknownIssuer));
    assert_eq!(outcome(&token, &foreign), "Certificate(UnknownIssuer)");

    let mut early = Certificates::new(&[party.root_pem.as_bytes()]).unwrap();
    assert_eq!(early.insert(URL, Ok(party.signer_pem.as_bytes()), NOW - 400 * 86_400), Err(ChainFault::Time));

    // Taken in its time, and asked for after it.
    let certificates = party.certificates();
    let later = NOW + 60 * 86_400;
    let token = party.shaken(&payload("A", CALLEE, later, CALLER));
    let call = Call { caller: CALLER, callee: CALLEE, date_seconds: None, now_seconds: later };
    assert_eq!(
        verify(&Token::parse(&token).unwrap(), &call, &certificates),
        Outcome::Failed(Fault::Certificate(ChainFault::Time))
    );
}

#[test]
fn files_that_are_no_certificates_are_refused() {
    let party = party();
    let mut certificates = Certificates::new(&[party.root_pem.as_bytes()]).unwrap();
    let mut insert = |bytes: &[u8]| certificates.insert(URL, Ok(bytes), NOW);
    assert_eq!(insert(b""), Err(ChainFault::Unreadable));
    assert_eq!(insert(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"), Err(ChainFault::Unreadable));
    assert_eq!(insert(b"-----BEGIN CERTIFICATE-----\nAAAA"), Err(ChainFault::Unreadable));
    assert_eq!(insert(&[0x30; 70_000]), Err(ChainFault::Unreadable));
    assert_eq!(insert(&[0x30, 0x82]), Err(ChainFault::Unreadable));
    assert_eq!(insert(party.signer_pem.repeat(7).as_bytes()), Err(ChainFault::Unreadable));
    let other = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let other = CertificateParams::new(vec!["x.example".to_owned()]).unwrap().self_signed(&other).unwrap();
    assert_eq!(insert(other.pem().as_bytes()), Err(ChainFault::Key));
}

#[test]
fn a_redress_card_is_signed_and_names_whom_to_call() {
    let party = party();
    let signer = Signer::new(&party.pkcs8, URL).unwrap();
    let contact = Contact {
        organisation: "示例运营商".into(),
        telephone: Some("10000".into()),
        email: None,
        page: Some("https://appeal.example.cn/".into()),
    };
    let card = signer.card(&contact, NOW).unwrap();
    let (signed, signature) = card.rsplit_once('.').unwrap();
    let parts: Vec<serde_json::Value> =
        signed.split('.').map(|p| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(p).unwrap()).unwrap()).collect();
    assert_eq!(parts[0], serde_json::json!({ "alg": "ES256", "typ": "vcard+json", "x5u": URL }));
    assert_eq!(parts[1]["iat"], NOW);
    assert_eq!(parts[1]["jcard"][0], "vcard");
    assert!(parts[1]["jcard"][1].as_array().unwrap().contains(&serde_json::json!(["tel", {}, "uri", "tel:10000"])));
    use ring::signature::KeyPair as _;
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, party.key.public_key().as_ref());
    public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    assert_eq!(call_info("https://appeal.example.cn/card"), "<https://appeal.example.cn/card>;purpose=jwscard");
    let nobody = Contact { telephone: None, page: None, ..contact };
    assert_eq!(signer.card(&nobody, NOW), Err(CardFault::NoWay));
    assert!(Signer::new(b"no key", URL).is_err());
}
