//! A seat that does not work says so, ends itself, and works again; its journal verifies only where there is one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use e2e::client::http;
use e2e::patience::until;
use e2e::seat::{Kind, Seat, shouhu};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs a command about a seat; gives its exit code and what it said.
fn said(args: &[&str], seat: &Seat, lang: &str) -> (Option<i32>, String) {
    let mut command = shouhu();
    let output = command.args(args).arg("--data").arg(&seat.data).args(["--lang", lang]).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn a_seat_that_cannot_write_answers_503_ends_itself_and_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut seat = Seat::make(Kind::Centre, "centre-43", folder.path(), &[], None);
    seat.configure("watchdog_seconds = 20");
    seat.start();
    seat.ready().await;
    // Somebody else holds the only lock for writing, and does not let it go.
    let (clock, settings) = (kernel::Clock::system(), store::Vault::new([7; 32]));
    let settings =
        store::Settings { seat: "centre-43".into(), clock, vault: settings, durability: store::Durability::Process };
    let url = format!("sqlite://{}", seat.data.join("shouhu.db").display());
    let db = store::Db::open(&url, settings).await.unwrap();
    let held = db.begin().await.unwrap();
    let health = format!("{}/healthz", seat.url());
    let http = http();
    let sick = async || {
        let answer = http.get(&health).send().await.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let body: serde_json::Value = answer.json().await.map_err(|error| error.to_string())?;
        let code = body["reasons"][0]["code"].as_str().unwrap_or("").to_owned();
        let writes = ["write_slow", "write_failed"].contains(&code.as_str());
        if status == 503 && writes { Ok(()) } else { Err(format!("{status} {body}")) }
    };
    until("the seat says that it does not work", Duration::from_secs(30), sick).await;
    assert_eq!(seat.ended().await, Some(5));
    let log = std::fs::read_to_string(seat.log_path()).unwrap();
    assert!(log.contains("[cli.unhealthy]"), "{log}");
    held.rollback().await.unwrap();
    db.close().await;
    seat.start();
    seat.ready().await;
}

/// An authority by RFC 3161: `openssl ts -reply` behind HTTP. None, and a word about it, without openssl.
async fn authority(folder: &Path) -> Option<String> {
    let openssl = |args: &[&str]| Command::new("openssl").args(args).current_dir(folder).output();
    let made = openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.pem",
        "-days",
        "2",
        "-subj",
        "/CN=TSA",
        "-addext",
        "extendedKeyUsage=critical,timeStamping",
    ]);
    if !made.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no openssl makes a certificate here");
        return None;
    }
    let settings = "[here]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n\
        default_policy = 1.2.3.4.1\ndigests = sha256\n";
    std::fs::write(folder.join("tsa.cnf"), settings).unwrap();
    std::fs::write(folder.join("serial"), "01\n").unwrap();
    let folder = folder.to_owned();
    let reply = axum::routing::post(move |query: axum::body::Bytes| {
        let folder = folder.clone();
        async move {
            std::fs::write(folder.join("query"), &query).unwrap();
            let args =
                ["ts", "-reply", "-config", "tsa.cnf", "-section", "here", "-queryfile", "query", "-out", "answer"];
            let output = Command::new("openssl").args(args).current_dir(&folder).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            std::fs::read(folder.join("answer")).unwrap()
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/", reply)).await.unwrap() });
    Some(url)
}

/// Has the journal of a seat that does not run stamped, once the settings can be used.
async fn is_time_stamped(seat: &mut Seat, folder: &Path, anchor: &Path) {
    let Some(url) = authority(folder).await else { return };
    let file = seat.data.join("shouhu.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let certificate = folder.join("tsa.pem");
    let settings = |certificate: &Path, hours: u32| {
        format!("[timestamp]\nurl = {url:?}\ncertificate = {:?}\nhours = {hours}", certificate.display().to_string())
    };
    for (lines, code, words) in [
        (settings(&certificate, 0), 2, "timestamp.hours"),
        (settings(&folder.join("nowhere.pem"), 24), 3, "nowhere.pem"),
        (settings(&folder.join("serial"), 24), 3, "there is no certificate in PEM form"),
    ] {
        seat.configure(&lines);
        let (found, text) = said(&["journal", "verify"], seat, "en");
        assert_eq!(found, Some(code), "{text}");
        assert!(text.contains(words), "{text}");
        std::fs::write(&file, &before).unwrap();
    }
    std::fs::write(&file, before.replace("anchor = ", "# anchor = ")).unwrap();
    seat.configure(&settings(&certificate, 24));
    let (code, text) = said(&["journal", "verify"], seat, "en");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("set anchor too"), "{text}");
    std::fs::write(&file, &before).unwrap();

    seat.configure(&settings(&certificate, 24));
    seat.start();
    seat.ready().await;
    until("the head is stamped", Duration::from_secs(30), async || {
        let text = std::fs::read_to_string(anchor).map_err(|error| error.to_string())?;
        if text.contains("\"token\":") { Ok(()) } else { Err(text) }
    })
    .await;
    seat.kill();
    for (lang, words) in [("en", "the time-stamping authority has signed that entry"), ("zh", "时间戳机构证明")]
    {
        let (code, text) = said(&["journal", "verify"], seat, lang);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_journal_that_is_empty_or_cut_does_not_verify_and_nothing_is_stuck() {
    let folder = tempfile::tempdir().unwrap();
    let mut seat = Seat::make(Kind::Bank, "bank-a", folder.path(), &[], None);
    for (lang, words) in [("en", "there is nothing to verify"), ("zh", "没有可核验的内容")] {
        let (code, text) = said(&["journal", "verify"], &seat, lang);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
    let (code, text) = said(&["journal", "retry", "--list"], &seat, "zh");
    assert_eq!((code, text.trim()), (Some(0), "没有积压事项"));

    let anchor = folder.path().join("other-disk.jsonl");
    seat.configure(&format!("anchor = {:?}", anchor.display().to_string()));
    let (code, text) = said(&["keys", "list"], &seat, "en");
    assert_eq!(code, Some(0), "{text}");
    seat.start();
    seat.ready().await;
    // Anybody who knocks with a wrong password is journaled.
    let knock = async || {
        let body = serde_json::json!({ "login": "nobody", "password": "not this one" });
        let http = http();
        let answer = http.post(format!("{}/api/session", seat.url())).json(&body).send().await;
        answer.map(|_| ()).map_err(|error| error.to_string())
    };
    until("the seat is knocked at", Duration::from_secs(20), knock).await;
    until("the head is sealed and anchored", Duration::from_secs(60), async || {
        let text = std::fs::read_to_string(&anchor).map_err(|error| error.to_string())?;
        if text.contains("\"seq\":") { Ok(()) } else { Err(text) }
    })
    .await;
    seat.kill();
    let (code, text) = said(&["journal", "verify"], &seat, "en");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("agrees with the anchor outside"), "{text}");
    is_time_stamped(&mut seat, folder.path(), &anchor).await;

    // An old copy of the database in its place: the anchor remembers more.
    let other = Seat::make(Kind::Bank, "bank-b", folder.path(), &[], None);
    for end in ["", "-wal", "-shm"] {
        let _absent = std::fs::remove_file(seat.data.join(format!("shouhu.db{end}")));
    }
    std::fs::copy(other.data.join("shouhu.db"), seat.data.join("shouhu.db")).unwrap();
    let (code, text) = said(&["journal", "verify"], &seat, "en");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("its anchor outside names entry"), "{text}");
}
