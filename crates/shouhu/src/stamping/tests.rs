//! Against a real authority, `openssl ts -reply` behind HTTP, and one that lies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use kernel::ManualClock;
use store::Db;
use store::journal::{self, Entry, Stamps};
use wire::{KeyPair, Keys};

use super::{Settings, keep_stamped, stamp};

/// Where the imprint and the nonce stand in a request of ours.
const IMPRINT_AT: std::ops::Range<usize> = 24..56;
const NONCE_AT: std::ops::Range<usize> = 58..66;

#[derive(Clone, Copy)]
enum Mood {
    Honest,
    OtherImprint,
    OtherNonce,
    OtherCertificate,
    Cut,
    Large,
    Hanging,
    Down,
    Page,
    Refusing,
}

struct Authority {
    folder: tempfile::TempDir,
    mood: Mutex<Mood>,
}

fn openssl(folder: &Path, args: &[&str]) {
    let output = Command::new("openssl").args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn has_openssl() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: there is no openssl");
    }
    there
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A root as authorities have one, and the certificate under which stamps are signed.
        let root = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem"];
        openssl(folder.path(), &[&root[..], &["-days", "2", "-subj", "/CN=Root of the Test"]].concat());
        for name in ["here", "other"] {
            let (key, file) = (format!("{name}.key"), format!("{name}.pem"));
            let subject = format!("/CN=Time Stamping {name}");
            let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
            let issued = ["-CA", "root.pem", "-CAkey", "root.key", "-days", "2"];
            let usage = [
                "-addext",
                "extendedKeyUsage=critical,timeStamping",
                "-addext",
                "keyUsage=critical,digitalSignature",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ];
            let names = ["req", "-x509", "-keyout", &key, "-out", &file, "-subj", &subject];
            openssl(folder.path(), &[&names[..], &curve, &issued, &usage].concat());
            let settings = format!(
                "[here]\nserial = serial\nsigner_cert = {file}\nsigner_key = {key}\nsigner_digest = sha256\n\
                 default_policy = 1.2.3.4.1\ndigests = sha256\n"
            );
            std::fs::write(folder.path().join(format!("{name}.cnf")), settings).unwrap();
        }
        std::fs::write(folder.path().join("serial"), "01\n").unwrap();
        Self { folder, mood: Mutex::new(Mood::Honest) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn reply(&self, query: &[u8], config: &str) -> Vec<u8> {
        std::fs::write(self.file("query"), query).unwrap();
        let args = ["ts", "-reply", "-config", config, "-section", "here", "-queryfile", "query", "-out", "answer"];
        openssl(self.folder.path(), &args);
        std::fs::read(self.file("answer")).unwrap()
    }
}

async fn answer(State(authority): State<Arc<Authority>>, query: Bytes) -> Response {
    let mut query = query.to_vec();
    let mood = *authority.mood.lock().unwrap();
    match mood {
        Mood::Honest => authority.reply(&query, "here.cnf").into_response(),
        Mood::OtherImprint => {
            query[IMPRINT_AT].fill(9);
            authority.reply(&query, "here.cnf").into_response()
        }
        Mood::OtherNonce => {
            query[NONCE_AT].fill(9);
            authority.reply(&query, "here.cnf").into_response()
        }
        Mood::OtherCertificate => authority.reply(&query, "other.cnf").into_response(),
        Mood::Cut => {
            let good = authority.reply(&query, "here.cnf");
            good[..good.len() - 40].to_vec().into_response()
        }
        Mood::Large => vec![0x30; 1_000_000].into_response(),
        Mood::Hanging => std::future::pending().await,
        Mood::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::Page => "<html>welcome</html>".into_response(),
        Mood::Refusing => authority.reply(&[0x30, 3, 2, 1, 1], "here.cnf").into_response(),
    }
}

struct Scene {
    authority: Arc<Authority>,
    settings: Settings,
    db: Db,
    hand: ManualClock,
    keys: Keys,
    http: reqwest::Client,
    anchor: PathBuf,
    _folders: (tempfile::TempDir, tempfile::TempDir),
}

impl Scene {
    async fn new() -> Self {
        let authority = Arc::new(Authority::new());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        let router = Router::new().route("/tsa", post(answer)).with_state(authority.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let settings = Settings { url, certificate: authority.file("here.pem"), hours: 24 };
        assert!(settings.faults().is_empty());
        let (db, hand, folder) = store::testing::sqlite(&[]).await;
        let other_disk = tempfile::tempdir().unwrap();
        let anchor = other_disk.path().join("heads.jsonl");
        let db = db.anchored(Some(anchor.clone())).stamped_by(Some(settings.authority().unwrap()));
        let now = db.clock().now();
        let day = kernel::Duration::hours(24);
        let keys = Keys::in_memory([KeyPair::from_secret([1; 32], now - day, now + kernel::Duration::hours(2_400))]);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(wire::courier::tls_client(None).unwrap())
            .no_proxy()
            .timeout(Duration::from_secs(3))
            .build()
            .unwrap();
        Self { authority, settings, db, hand, keys, http, anchor, _folders: (folder, other_disk) }
    }

    async fn append_and_seal(&self) {
        let mut tx = self.db.begin().await.unwrap();
        tx.append(Entry::new("thing.happened", "thing:1"), &store::Who::system("test")).await.unwrap();
        tx.commit().await.unwrap();
        journal::seal_and_anchor(&self.db, &self.keys).await.unwrap();
    }

    async fn stamp(&self, stamps: &mut Stamps) -> Result<(), String> {
        stamp(&self.db, &self.http, &self.settings, stamps).await
    }

    fn tokens(&self) -> usize {
        std::fs::read_to_string(&self.anchor).unwrap().matches("\"token\":").count()
    }

    async fn verify(&self) -> journal::Verification {
        journal::verify(&self.db, Some(&self.keys)).await.unwrap()
    }
}

/// The commands of a handbook by which an auditor checks a stamp, with the files of this test in place of its own.
fn auditors_commands(handbook: &str, anchor: &Path, certificate: &Path) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/handbook").join(handbook);
    let text = std::fs::read_to_string(path).unwrap();
    let block = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let block = block.clone().find(|block| block.contains("openssl ts -verify")).unwrap();
    assert!(block.contains("/mnt/other-disk/heads.jsonl") && block.contains("/etc/shouhu/tsa.pem"), "{block}");
    block
        .replace("/mnt/other-disk/heads.jsonl", &anchor.display().to_string())
        .replace("/etc/shouhu/tsa.pem", &certificate.display().to_string())
}

#[tokio::test]
async fn heads_are_stamped_once_a_day_verified_offline_and_by_an_auditor_with_openssl() {
    if !has_openssl() {
        return;
    }
    let scene = Scene::new().await;
    let mut stamps = Stamps::default();
    scene.stamp(&mut stamps).await.unwrap();
    assert!(!scene.anchor.exists(), "nothing is sealed yet");
    scene.append_and_seal().await;
    scene.stamp(&mut stamps).await.unwrap();
    scene.append_and_seal().await;
    scene.stamp(&mut stamps).await.unwrap();
    scene.stamp(&mut Stamps::default()).await.unwrap();
    assert_eq!(scene.tokens(), 1, "once a day, after a restart too");
    scene.hand.advance(kernel::Duration::hours(24));
    scene.stamp(&mut stamps).await.unwrap();
    scene.hand.advance(kernel::Duration::hours(24));
    scene.stamp(&mut stamps).await.unwrap();
    assert_eq!(scene.tokens(), 2, "no head twice");
    let found = scene.verify().await;
    assert_eq!((found.ok, found.stamped_seq, found.doubts.len()), (true, 2, 0), "{found:?}");
    let behind = kernel::Clock::system().now() - found.stamped_at.unwrap();
    assert!((kernel::Duration(0)..kernel::Duration::minutes(2)).contains(&behind), "the authority's time, not ours");

    let room = tempfile::tempdir().unwrap();
    for handbook in ["administrator.md", "zh-CN/administrator.md"] {
        let run = |anchor: &Path| {
            let commands = auditors_commands(handbook, anchor, &scene.authority.file("here.pem"));
            let output = Command::new("sh").args(["-ec", &commands]).current_dir(room.path()).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8_lossy(&said).into_owned())
        };
        let (holds, said) = run(&scene.anchor);
        assert!(holds && said.contains("Verification: OK"), "{said}");
        let text = std::fs::read_to_string(&scene.anchor).unwrap();
        let lines = text.lines().map(|line| line.replacen(&found.head_hash, &"ab".repeat(32), 1) + "\n");
        let altered = room.path().join("altered.jsonl");
        std::fs::write(&altered, lines.collect::<String>()).unwrap();
        let (holds, said) = run(&altered);
        assert!(!holds, "{said}");
    }

    // Another certificate, or none: the stamps count as nothing, and that is told.
    let other = tsp::Authority::from_pem(&std::fs::read(scene.authority.file("other.pem")).unwrap()).unwrap();
    for (authority, why) in [(Some(other), "another certificate"), (None, "no certificate")] {
        let db = scene.db.clone().stamped_by(authority);
        let found = journal::verify(&db, Some(&scene.keys)).await.unwrap();
        assert_eq!((found.ok, found.stamped_seq, found.stamped_at, found.doubts.len()), (true, 0, None, 2));
        assert!(found.doubts[0].en.contains(why), "{found:?}");
    }

    // Whoever has the keys of the seat cuts the journal and makes its seals anew: the authority has signed more.
    let text = std::fs::read_to_string(&scene.anchor).unwrap();
    let stamped: String = text.lines().filter(|line| line.contains("token")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&scene.anchor, stamped).unwrap();
    let mut tx = scene.db.begin().await.unwrap();
    for sql in [
        "DELETE FROM journal WHERE seq > 1",
        "DELETE FROM journal_seal WHERE seq > 1",
        "UPDATE journal_head SET seq = 1, hash = (SELECT hash FROM journal WHERE seq = 1)",
    ] {
        tx.execute(sql, store::args![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let cut = scene.verify().await;
    assert_eq!((cut.ok, cut.first_bad), (false, Some(2)), "{cut:?}");
    assert!(cut.reason.unwrap().en.contains("entry 2 was time-stamped at"));
    let mut tx = scene.db.begin().await.unwrap();
    tx.append(Entry::new("another.story", "thing:1"), &store::Who::system("test")).await.unwrap();
    tx.commit().await.unwrap();
    let other = scene.verify().await;
    assert_eq!((other.ok, other.first_bad), (false, Some(2)), "{other:?}");
}

#[tokio::test]
async fn an_authority_that_lies_or_hangs_leaves_nothing_and_is_asked_again() {
    if !has_openssl() {
        return;
    }
    let scene = Scene::new().await;
    scene.append_and_seal().await;
    let mut stamps = Stamps::default();
    for (mood, why) in [
        (Mood::OtherImprint, "on another hash"),
        (Mood::OtherNonce, "nonce is not ours"),
        (Mood::OtherCertificate, "another certificate"),
        (Mood::Cut, "cannot be read"),
        (Mood::Large, "above 65536 bytes"),
        (Mood::Hanging, "does not answer in time"),
        (Mood::Down, "status 503"),
        (Mood::Page, "cannot be read"),
        (Mood::Refusing, "refuses, status 2"),
    ] {
        scene.authority.is(mood);
        let error = scene.stamp(&mut stamps).await.unwrap_err();
        assert!(error.contains(why), "{error}");
        assert_eq!(scene.tokens(), 0, "{error}");
    }
    let nowhere = Settings { url: "http://127.0.0.1:1/tsa".into(), ..scene.settings.clone() };
    let error = stamp(&scene.db, &scene.http, &nowhere, &mut stamps).await.unwrap_err();
    assert!(error.contains("cannot be reached"), "{error}");

    // The worker shows it, and the seat is no less healthy for it.
    scene.authority.is(Mood::Down);
    let worker = tokio::spawn(keep_stamped(scene.db.clone(), scene.http.clone(), scene.settings.clone()));
    let failing = async || {
        let health = scene.db.check_health().await;
        assert!(health.is_healthy());
        health.workers.iter().any(|worker| worker.name == "timestamping" && worker.failures.is_some())
    };
    while !failing().await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    worker.abort();

    scene.authority.is(Mood::Honest);
    scene.stamp(&mut stamps).await.unwrap();
    assert_eq!(scene.tokens(), 1);
    assert_eq!(scene.verify().await.stamped_seq, 1);
}

#[test]
fn settings_that_cannot_be_used_are_told_by_key() {
    let faults = |url: &str, hours| {
        let settings = Settings { url: url.into(), certificate: "tsa.pem".into(), hours };
        settings.faults().into_iter().map(|(key, ..)| key).collect::<Vec<_>>()
    };
    assert!(faults("http://tsa.example/", 24).is_empty());
    assert_eq!(faults("tsa.example", 0), ["timestamp.url", "timestamp.hours"]);
    assert_eq!(faults("ftp://tsa.example/", 745), ["timestamp.url", "timestamp.hours"]);
    let missing = Settings { url: "http://tsa.example/".into(), certificate: "/nowhere/tsa.pem".into(), hours: 24 };
    assert!(missing.authority().is_err());
}

#[test]
fn a_certificate_that_is_none_is_told_in_both_languages() {
    let dir = tempfile::tempdir().unwrap();
    let certificate = dir.path().join("tsa.pem");
    std::fs::write(&certificate, "nothing").unwrap();
    let settings = Settings { url: "http://tsa.example/".into(), certificate, hours: 24 };
    let Err(failure) = settings.authority() else { panic!() };
    let said = &failure.said[0];
    assert!(said.zh.ends_with("其中没有 PEM 格式的证书") || said.zh.ends_with("不是 PEM 格式"), "{}", said.zh);
    assert!(said.en.ends_with("PEM") || said.en.ends_with("PEM form"), "{}", said.en);
}
