//! Certificates of PASSporT signers over real HTTPS: fetched behind the call, kept, renewed; and what a host may do wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod sip_seat;

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Timestamp;
use operator::sip::Settings;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use screen::{Attestation, AttestationFailure};
use sip_seat::{CALLEE, CLEAN, Seat, invite, loopback};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Authority {
    key: KeyPair,
    params: CertificateParams,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { key, params, pem }
    }

    /// A certificate for a key, valid within the years.
    fn certify(&self, name: &str, key: &KeyPair, (from, until): (i32, i32)) -> rcgen::Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        params.signed_by(key, &Issuer::from_params(&self.params, &self.key)).unwrap()
    }
}

/// An HTTPS host on the loopback: files by path, and how often each was asked for.
struct Host {
    address: SocketAddr,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Host {
    async fn start(authority: &Authority, files: HashMap<&'static str, String>) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = authority.certify("localhost", &key, (2000, 2100));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let (counts, files) = (asked.clone(), Arc::new(files));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counts, files) = (acceptor.clone(), counts.clone(), files.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.is_ok_and(|n| n > 0) {}
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let path = text.split(' ').nth(1).unwrap_or("").to_owned();
                    *counts.lock().unwrap().entry(path.clone()).or_default() += 1;
                    if path == "/hangs" {
                        // Says nothing for as long as the other side waits.
                        let _gone = stream.read(&mut [0; 1]).await;
                        return;
                    }
                    let answer = match files.get(path.as_str()) {
                        Some(file) => format!(
                            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{file}",
                            file.len()
                        ),
                        None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
                    };
                    let _gone = stream.write_all(answer.as_bytes()).await;
                    let _gone = stream.shutdown().await;
                });
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().get(path).copied().unwrap_or(0)
    }
}

fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

fn shaken(key: &KeyPair, url: &str, at: Timestamp) -> String {
    shaken_to(CALLEE, key, url, at)
}

fn shaken_to(callee: &str, key: &KeyPair, url: &str, at: Timestamp) -> String {
    let more = r#""attest":"A","origid":"123e4567-e89b-12d3-a456-426655440000","#;
    token("shaken", more, callee, key, url, at)
}

/// A token about the caller [`CLEAN`] with claims of its kind.
fn token(ppt: &str, more: &str, callee: &str, key: &KeyPair, url: &str, at: Timestamp) -> String {
    let header = format!(r#"{{"alg":"ES256","ppt":"{ppt}","typ":"passport","x5u":"{url}"}}"#);
    let payload = format!(
        r#"{{{more}"dest":{{"tn":["{}"]}},"iat":{},"orig":{{"tn":"{}"}}}}"#,
        digits(callee),
        at.0 / 1_000_000,
        digits(CLEAN)
    );
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signer =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der(), &SystemRandom::new()).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(&SystemRandom::new(), signed.as_bytes()).unwrap());
    format!("{signed}.{signature};info=<{url}>;alg=ES256;ppt={ppt}")
}

struct Line {
    seat: Seat,
    front: operator::sip::SipFront,
    phone: UdpSocket,
    calls: usize,
}

impl Line {
    /// Sends one call with a token, which must be answered at once, and gives what was said about the caller.
    async fn call(&mut self, key: &KeyPair, url: &str) -> Attestation {
        let identity = shaken(key, url, self.seat.screening.now());
        self.send(CLEAN, &[identity]).await
    }

    /// Sends one call with these tokens.
    async fn send(&mut self, caller: &str, identities: &[String]) -> Attestation {
        self.calls += 1;
        let text = String::from_utf8(invite(caller, &format!("c{}", self.calls))).unwrap();
        let lines: String = identities.iter().map(|identity| format!("Identity: {identity}\r\n")).collect();
        let text = text.replace("Content-Length", &format!("{lines}Content-Length"));
        self.phone.send_to(text.as_bytes(), self.front.udp[0]).unwrap();
        let mut buffer = [0; 4_096];
        self.phone.recv_from(&mut buffer).expect("an answer, whatever the certificate does");
        self.seat.events(1).await[0].attestation
    }

    /// Calls until the certificate is known, be it as a bad one.
    async fn known(&mut self, key: &KeyPair, url: &str) -> Attestation {
        for _ in 0..500 {
            match self.call(key, url).await {
                Attestation::None => tokio::time::sleep(Duration::from_millis(10)).await,
                known => return known,
            }
        }
        panic!("{url} is never known")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_come_over_https_behind_the_call_and_a_bad_one_fails_it() {
    let (carriers, strangers, web) = (Authority::new("carriers"), Authority::new("strangers"), Authority::new("web"));
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let files = HashMap::from([
        ("/good", carriers.certify("signer", &key, (2026, 2030)).pem()),
        ("/expired", carriers.certify("signer", &key, (2020, 2026)).pem()),
        ("/foreign", strangers.certify("signer", &key, (2026, 2030)).pem()),
        ("/large", "x".repeat(sip::limits::CERTIFICATE_FILE_BYTES_MAX + 1)),
        ("/nonsense", "no certificate".to_owned()),
    ]);
    let host = Host::start(&web, files).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, pem: &str| {
        std::fs::write(folder.path().join(name), pem).unwrap();
        folder.path().join(name)
    };
    let seat = Seat::new();
    let settings = Settings {
        passport_roots: vec![file("carriers.pem", &carriers.pem)],
        passport_tls_roots: Some(file("web.pem", &web.pem)),
        passport_hosts: vec!["localhost".to_owned()],
        ..loopback()
    };
    let front = seat.front(settings).await;
    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut line = Line { seat, front, phone, calls: 0 };

    // A host that says nothing is asked first, and holds up neither its own call nor those of others.
    assert_eq!(line.call(&key, &host.url("/hangs")).await, Attestation::None);
    assert_eq!(line.call(&key, &host.url("/good")).await, Attestation::None, "the first call goes on without");
    assert_eq!(line.known(&key, &host.url("/good")).await, Attestation::A);
    for _ in 0..20 {
        assert_eq!(line.call(&key, &host.url("/good")).await, Attestation::A);
    }
    assert_eq!((host.asked("/good"), host.asked("/hangs")), (1, 1), "kept");
    let other = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let forged = line.call(&other, &host.url("/good")).await;
    assert_eq!(forged, Attestation::Failed(AttestationFailure::Signature));

    let bad = Attestation::Failed(AttestationFailure::Certificate);
    for path in ["/expired", "/foreign", "/large", "/nonsense"] {
        assert_eq!(line.known(&key, &host.url(path)).await, bad, "{path}");
        assert_eq!(host.asked(path), 1, "{path} is not asked for with each call");
    }
    // That a host has not got it, or is none that is trusted, says nothing about the caller.
    assert_eq!(line.call(&key, &host.url("/gone")).await, Attestation::None);
    let elsewhere = format!("https://127.0.0.1:{}/good", host.address.port());
    assert_eq!(line.call(&key, &elsewhere).await, Attestation::None);

    // A call that was diverted carries the way that it came; and nothing is known of a number that is withheld.
    let (url, at, first) = (host.url("/good"), line.seat.screening.now(), "+8619000000055");
    let caller = shaken_to(first, &key, &url, at);
    let div = token("div", &format!(r#""div":{{"tn":"{}"}},"#, digits(first)), CALLEE, &key, &url, at);
    assert_eq!(line.send(CLEAN, &[caller.clone(), div.clone()]).await, Attestation::A);
    assert_eq!(line.send(CLEAN, &[format!("{div}, {caller}")]).await, Attestation::A, "in one header");
    let other_numbers = Attestation::Failed(AttestationFailure::OtherNumbers);
    assert_eq!(line.send(CLEAN, &[caller]).await, other_numbers, "without the way");
    assert_eq!(line.send("anonymous", &[shaken(&key, &url, at)]).await, Attestation::None);

    // A day later it is fetched anew, and holds meanwhile.
    line.seat.clock.advance(kernel::Duration::hours(25));
    for _ in 0..1_000 {
        assert_eq!(line.call(&key, &host.url("/good")).await, Attestation::A);
        if host.asked("/good") == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never renewed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_whose_tls_nobody_vouches_for_gives_no_certificate() {
    let (carriers, web, other) = (Authority::new("carriers"), Authority::new("web"), Authority::new("other"));
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let host =
        Host::start(&web, HashMap::from([("/good", carriers.certify("signer", &key, (2026, 2030)).pem())])).await;
    let folder = tempfile::tempdir().unwrap();
    let (roots, tls) = (folder.path().join("carriers.pem"), folder.path().join("other.pem"));
    std::fs::write(&roots, &carriers.pem).unwrap();
    std::fs::write(&tls, &other.pem).unwrap();
    let seat = Seat::new();
    let settings = Settings {
        passport_roots: vec![roots],
        passport_tls_roots: Some(tls),
        passport_hosts: vec!["localhost".to_owned()],
        ..loopback()
    };
    let front = seat.front(settings).await;
    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut line = Line { seat, front, phone, calls: 0 };
    for _ in 0..50 {
        assert_eq!(line.call(&key, &host.url("/good")).await, Attestation::None);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(host.asked("/good"), 0, "nothing is asked of a host that cannot show who it is");
}
