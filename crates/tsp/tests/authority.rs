//! Against a real authority: `openssl ts -reply`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use tsp::{Authority, CertificateError, Imprint, Refusal, Request, TokenError};

const IMPRINT: Imprint = [7; 32];
const NONCE: [u8; 8] = [9; 8];

/// An authority in a folder of its own.
struct Openssl {
    folder: tempfile::TempDir,
    digest: &'static str,
}

/// How its key and its certificate are made.
#[derive(Clone, Copy)]
struct Made {
    key: &'static [&'static str],
    digest: &'static str,
    usage: &'static str,
}

const RSA: Made = Made { key: &["rsa:2048"], digest: "sha256", usage: "critical,timeStamping" };

fn has_openssl() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: there is no openssl");
    }
    there
}

fn run(folder: &Path, args: &[&str]) {
    let output = Command::new("openssl").args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Openssl {
    fn new(made: Made) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let usage = format!("extendedKeyUsage={}", made.usage);
        let mut args = vec!["req", "-x509", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", "-days", "2"];
        args.extend(["-subj", "/CN=Time Stamping of the Test", "-addext", &usage, "-newkey"]);
        args.extend(made.key);
        run(folder.path(), &args);
        let settings = "[tsa]\ndefault_tsa = here\n[here]\nserial = serial\nsigner_cert = certificate.pem\n\
            signer_key = key.pem\ndefault_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\nordering = yes\n\
            tsa_name = yes\n";
        std::fs::write(folder.path().join("tsa.cnf"), format!("{settings}signer_digest = {}\n", made.digest)).unwrap();
        std::fs::write(folder.path().join("serial"), "01\n").unwrap();
        Self { folder, digest: made.digest }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn certificate(&self) -> Vec<u8> {
        std::fs::read(self.file("certificate.pem")).unwrap()
    }

    fn authority(&self) -> Authority {
        Authority::from_pem(&self.certificate()).unwrap()
    }

    fn answer(&self, query: &[u8]) -> Vec<u8> {
        std::fs::write(self.file("query"), query).unwrap();
        let args = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "answer", "-section", "here"];
        run(self.folder.path(), &args);
        std::fs::read(self.file("answer")).unwrap()
    }
}

#[test]
fn a_stamp_of_each_kind_of_key_holds_and_openssl_agrees() {
    if !has_openssl() {
        return;
    }
    for (key, digest) in [
        (&["rsa:2048"][..], "sha256"),
        (&["rsa:3072"], "sha384"),
        (&["rsa:2048"], "sha512"),
        (&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "sha256"),
        (&["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha384"),
    ] {
        let openssl = Openssl::new(Made { key, digest, ..RSA });
        let request = Request::new(IMPRINT, NONCE);
        let answer = openssl.answer(&request.to_der());
        let (token, stamp) = request.read_answer(&openssl.authority(), &answer).unwrap();
        assert_eq!(openssl.authority().check(&token, &IMPRINT).unwrap(), stamp, "{key:?} {}", openssl.digest);
        std::fs::write(openssl.file("token"), &token).unwrap();
        let hex = "07".repeat(32);
        let args = ["ts", "-verify", "-digest", &hex, "-token_in", "-in", "token", "-CAfile", "certificate.pem"];
        run(openssl.folder.path(), &args);
    }
}

#[test]
fn what_does_not_hold_is_refused_in_words() {
    if !has_openssl() {
        return;
    }
    let (openssl, other) = (Openssl::new(RSA), Openssl::new(RSA));
    let request = Request::new(IMPRINT, NONCE);
    let authority = openssl.authority();
    let good = openssl.answer(&request.to_der());
    let read = |answer: &[u8]| request.read_answer(&authority, answer).unwrap_err();

    let on_another_hash = openssl.answer(&Request::new([8; 32], NONCE).to_der());
    assert_eq!(read(&on_another_hash), Refusal::Token(TokenError::OtherImprint));
    let to_another = openssl.answer(&Request::new(IMPRINT, [1; 8]).to_der());
    assert_eq!(read(&to_another), Refusal::OtherNonce);
    let by_another = other.answer(&request.to_der());
    assert_eq!(read(&by_another), Refusal::Token(TokenError::OtherCertificate));
    for length in [0, 1, 10, good.len() / 2, good.len() - 1] {
        assert!(request.read_answer(&authority, &good[..length]).is_err(), "cut at {length}");
    }
    let mut longer = good.clone();
    longer.push(0);
    assert!(request.read_answer(&authority, &longer).is_err(), "something behind it");
    let refused = openssl.answer(&[0x30, 3, 2, 1, 1]);
    let Refusal::Status { status: 2, said } = read(&refused) else { panic!("{:?}", read(&refused)) };
    assert!(!said.is_empty());

    // Pinned with the one before it, the new certificate holds, and so does the old.
    let both = Authority::from_pem(&[other.certificate(), openssl.certificate()].concat()).unwrap();
    for answer in [&good, &by_another] {
        request.read_answer(&both, answer).unwrap();
    }

    let for_servers = Openssl::new(Made { usage: "critical,serverAuth", ..RSA });
    let not_critical = Openssl::new(Made { usage: "timeStamping", ..RSA });
    let for_two = Openssl::new(Made { usage: "critical,timeStamping,serverAuth", ..RSA });
    for pem in [for_servers.certificate(), not_critical.certificate(), for_two.certificate()] {
        assert_eq!(Authority::from_pem(&pem).unwrap_err(), CertificateError::NotForTimeStamping);
    }
    assert_eq!(Authority::from_pem(b"").unwrap_err(), CertificateError::None);
    let ed25519 = Openssl::new(Made { key: &["ed25519"], ..RSA });
    assert_eq!(Authority::from_pem(&ed25519.certificate()).unwrap_err(), CertificateError::Key);
}

/// One good answer for all cases of a property.
fn good() -> Option<(Authority, Vec<u8>)> {
    has_openssl().then(|| {
        let openssl = Openssl::new(RSA);
        (openssl.authority(), openssl.answer(&Request::new(IMPRINT, NONCE).to_der()))
    })
}

#[test]
fn a_changed_answer_never_panics_and_never_names_another_time() {
    let Some((authority, answer)) = good() else { return };
    let request = Request::new(IMPRINT, NONCE);
    let (_, stamp) = request.read_answer(&authority, &answer).unwrap();
    let check = |bytes: &[u8]| {
        // Parts that nobody signs, such as the certificate sent along, may change.
        if let Ok((_, read)) = request.read_answer(&authority, bytes) {
            assert_eq!(read, stamp);
        }
    };
    // Every byte in turn, to both ends and by its lowest and highest bit.
    for at in 0..answer.len() {
        for byte in [0, 0xff, 0x80, answer[at] ^ 1, answer[at] ^ 0x80] {
            let mut changed = answer.clone();
            changed[at] = byte;
            check(&changed);
        }
    }
    proptest!(ProptestConfig::with_cases(2_000), |(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        keep in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    )| {
        let mut changed = answer.clone();
        for (at, byte) in &changes {
            let at = at.index(changed.len());
            changed[at] = *byte;
        }
        if is_cut {
            changed.truncate(keep.index(changed.len()));
        }
        check(&changed);
    });
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_no_certificate_and_no_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Authority::from_pem(&bytes).is_err());
    }
}
