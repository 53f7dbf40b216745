//! The listening server: loopback, TLS, and an orderly end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs
)]

mod desk;

use std::net::SocketAddr;
use std::time::Duration;

use desk::{MIGRATIONS, seat, server, server_with};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use web::testing::{PASSWORD, user};
use web::{BodyLimits, ConnectionLimits, Listening, ServeError, Settings, Tls, Transport};

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[tokio::test]
async fn plain_http_stays_on_loopback() {
    let outside = Listening::on("0.0.0.0:0".parse().unwrap(), None).await.unwrap_err();
    assert!(matches!(outside, ServeError::PlainOutside(_)), "{outside}");
    let first = Listening::on(any_port(), None).await.unwrap();
    let taken = Listening::on(first.address(), None).await.unwrap_err();
    assert!(matches!(taken, ServeError::Listen(..)), "{taken}");
    let missing = Tls { certificate: "/nowhere/cert.pem".into(), key: "/nowhere/key.pem".into() };
    let error = Listening::on(any_port(), Some(&missing)).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/cert.pem"), "{error}");
}

#[tokio::test]
async fn a_request_at_work_is_answered_before_the_server_stops() {
    let (db, _hand, _dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let (router, desk) = server(&db);
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let listening = Listening::on(any_port(), None).await.unwrap();
    let url = listening.url();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(listening.run(router, async {
        let _told = stopped.await;
    }));
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = client
        .post(format!("{url}/api/session"))
        .json(&json!({ "login": "wang.li", "password": PASSWORD }))
        .send()
        .await
        .unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = login.json::<serde_json::Value>().await.unwrap()["csrf"].as_str().unwrap().to_owned();
    let at_work = tokio::spawn(
        client.post(format!("{url}/api/slow")).header("cookie", cookie).header("x-shouhu-csrf", csrf).send(),
    );
    desk.arrived.notified().await;
    stop.send(()).unwrap();
    desk.go_on.notify_one();
    assert_eq!(at_work.await.unwrap().unwrap().status(), 200);
    running.await.unwrap().unwrap();
    assert!(client.get(format!("{url}/healthz")).send().await.is_err());
    let (remote,): (Option<String>,) = db.fetch_one("SELECT remote FROM web_session", store::args![]).await.unwrap();
    assert_eq!(remote.as_deref(), Some("127.0.0.1"));
}

#[tokio::test]
async fn tls_with_certificate_files() {
    let (db, _hand, dir) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    let (router, _) = server_with(&db, Settings::new(seat(), Transport::Tls));
    let listening = Listening::on(any_port(), Some(&tls)).await.unwrap();
    let port = listening.address().port();
    assert!(listening.url().starts_with("https://"));
    let running = tokio::spawn(listening.run(router, std::future::pending()));
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
    let answer = client.get(format!("https://localhost:{port}/metrics")).send().await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert_eq!(answer.status(), 200, "this machine may read the metrics");
    running.abort();
}

/// Limits so small that a test meets them at once.
fn tight() -> ConnectionLimits {
    ConnectionLimits {
        total_max: 6,
        per_address_max: 4,
        head_time_max: Duration::from_millis(300),
        idle_time_max: Duration::from_millis(600),
        proxies: Vec::new(),
    }
}

struct Running {
    address: SocketAddr,
    task: tokio::task::JoinHandle<Result<(), ServeError>>,
    _folder: Box<dyn std::any::Any + Send>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn running(limits: ConnectionLimits, bodies: BodyLimits, encrypted: bool) -> Running {
    let (db, _hand, folder) = store::testing::sqlite(&[web::MIGRATIONS, MIGRATIONS]).await;
    user(&db, "centre", "wang.li", &["intake_officer"]).await;
    let transport = if encrypted { Transport::Tls } else { Transport::Plain };
    let (router, _) = server_with(&db, Settings { bodies, ..Settings::new(seat(), transport) });
    let tls = encrypted.then(|| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let tls = Tls { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
        std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
        tls
    });
    let listening = Listening::on(any_port(), tls.as_ref()).await.unwrap().limited(limits);
    let address = listening.address();
    let task = tokio::spawn(listening.run(router, std::future::pending()));
    Running { address, task, _folder: Box::new(folder) }
}

/// Everything that comes until the server closes.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    // A reset ends it too.
    let _ended = stream.read_to_end(&mut read).await;
    String::from_utf8_lossy(&read).into_owned()
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

async fn answered(stream: &mut TcpStream) -> String {
    stream.write_all(HEALTH).await.unwrap();
    let mut read = vec![0; 8_192];
    let count = stream.read(&mut read).await.unwrap();
    String::from_utf8_lossy(&read[..count]).into_owned()
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    for encrypted in [false, true] {
        let server = running(tight(), BodyLimits::default(), encrypted).await;
        for begin in [&b""[..], b"GET /hea", b"PRI * HTTP/2.0\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: 1"] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(begin).await.unwrap();
            let heard = until_closed(&mut stream).await;
            assert!(!heard.contains("200 OK"), "{encrypted} {begin:?}: {heard}");
        }
    }
}

#[tokio::test]
async fn a_head_that_drips_is_closed_and_so_is_a_kept_connection_that_stays_idle() {
    let server = running(tight(), BodyLimits::default(), false).await;
    let (mut reader, mut writer) = TcpStream::connect(server.address).await.unwrap().into_split();
    let dripping = tokio::spawn(async move {
        writer.write_all(b"GET /healthz HTTP/1.1\r\n").await?;
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            pace.tick().await;
            writer.write_all(b"X: y\r\n").await?;
        }
        #[allow(unreachable_code, reason = "names the type of the error")]
        std::io::Result::Ok(())
    });
    let mut heard = Vec::new();
    let _ended = reader.read_to_end(&mut heard).await;
    assert!(!String::from_utf8_lossy(&heard).contains("200 OK"));
    dripping.abort();

    let mut kept = TcpStream::connect(server.address).await.unwrap();
    assert!(answered(&mut kept).await.contains("200 OK"));
    assert!(answered(&mut kept).await.contains("200 OK"), "the connection is kept for the next request");
    assert_eq!(until_closed(&mut kept).await, "");
}

#[tokio::test]
async fn one_address_takes_only_its_share_of_the_connections() {
    let limits =
        ConnectionLimits { head_time_max: Duration::from_secs(60), idle_time_max: Duration::from_secs(60), ..tight() };
    let server = running(limits, BodyLimits::default(), false).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        assert!(answered(&mut stream).await.contains("200 OK"));
        held.push(stream);
    }
    let mut fifth = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(until_closed(&mut fifth).await, "", "one too many is closed");
    held.pop();
    loop {
        // The server sees that one has gone when it reads the end of it.
        let mut next = TcpStream::connect(server.address).await.unwrap();
        let _sent = next.write_all(HEALTH).await;
        let mut read = vec![0; 8_192];
        if matches!(next.read(&mut read).await, Ok(count) if count > 0) {
            break;
        }
    }
}

/// Sends the head of a log-in with a body of so many bytes, and as much of the body as the server takes.
async fn post(address: SocketAddr, key: bool, announced: usize, sent: usize) -> String {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let key = if key { "Idempotency-Key: 0123456789abcdef\r\n" } else { "" };
    let head = format!(
        "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{key}Content-Length: {announced}\r\n\r\n"
    );
    let sending = tokio::spawn(async move {
        writer.write_all(head.as_bytes()).await?;
        writer.write_all(&vec![b' '; sent]).await?;
        // Held open: whether more comes is for the server to wait for.
        std::future::pending::<std::io::Result<()>>().await
    });
    let mut heard = vec![0; 8_192];
    let count = reader.read(&mut heard).await.unwrap_or(0);
    sending.abort();
    String::from_utf8_lossy(&heard[..count]).into_owned()
}

#[tokio::test]
async fn a_key_does_not_lift_the_limit_of_a_body() {
    let server = running(ConnectionLimits::default(), BodyLimits::default(), false).await;
    for key in [false, true] {
        let heard = post(server.address, key, 63 << 20, (1 << 20) + 1).await;
        assert!(heard.starts_with("HTTP/1.1 413"), "{key}: {heard}");
        assert!(heard.contains("body.too_large"), "{key}: {heard}");
    }
}

#[tokio::test]
async fn bodies_together_take_no_more_than_is_set_aside_for_strangers() {
    let bodies = BodyLimits { strangers_bytes_max: 256 << 10, ..BodyLimits::default() };
    let server = running(ConnectionLimits::default(), bodies, false).await;
    let heard = post(server.address, true, 512 << 10, 257 << 10).await;
    assert!(heard.starts_with("HTTP/1.1 503"), "{heard}");
    assert!(heard.to_ascii_lowercase().contains("retry-after"), "{heard}");
    let heard = post(server.address, false, 10, 10).await;
    assert!(heard.starts_with("HTTP/1.1 400"), "what was given up leaves room: {heard}");
}

#[tokio::test]
async fn a_file_that_is_sent_takes_no_room_of_others() {
    const PIECES: usize = 64;
    let bodies = BodyLimits { strangers_bytes_max: 1 << 20, ..BodyLimits::default() };
    let server = running(ConnectionLimits::default(), bodies, false).await;
    let begin = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n";
    let end = "\r\n--x--\r\n";
    let piece = vec![b'1'; 128 << 10];
    let length = begin.len() + PIECES * piece.len() + end.len();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/public/files HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\n\
         Content-Length: {length}\r\n\r\n{begin}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for index in 0..PIECES {
        stream.write_all(&piece).await.unwrap();
        if index == PIECES / 2 {
            // What came so far is more than all of the room, and there is room for another.
            let heard = post(server.address, false, 10, 10).await;
            assert!(heard.starts_with("HTTP/1.1 400"), "{heard}");
        }
    }
    stream.write_all(end.as_bytes()).await.unwrap();
    let heard = until_closed(&mut stream).await;
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    assert!(heard.ends_with(&(PIECES * piece.len()).to_string()), "{heard}");
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let bodies = BodyLimits { span: Duration::from_millis(200), ..BodyLimits::default() };
    let server = running(ConnectionLimits::default(), bodies, false).await;
    for key in [false, true] {
        let heard = post(server.address, key, 1_000, 1).await;
        assert!(heard.starts_with("HTTP/1.1 408"), "{key}: {heard}");
    }
}
