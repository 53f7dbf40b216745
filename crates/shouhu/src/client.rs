//! A client of a running seat: logs in and speaks the API as the console does.

use kernel::{Fault, Said};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::speech::{Exit, Fail, Failure, Outcome, faulty, texts};

/// Header with the token against forged requests.
const CSRF: &str = "x-shouhu-csrf";
/// Header under which a repeated request is answered once.
const IDEMPOTENCY: &str = "idempotency-key";

/// How long a stream of events is followed at most.
const STREAM_FOR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// A session at a seat.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Client {
    /// Logs in.
    ///
    /// # Errors
    /// The seat does not answer, or refuses the login.
    pub async fn log_in(base: &str, login: &str, password: &str) -> Outcome<Self> {
        let base = base.trim_end_matches('/').to_owned();
        let http = http(&base)?;
        let url = format!("{base}/api/session");
        let body = json!({ "login": login, "password": password });
        let answer = http
            .post(&url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .send()
            .await
            .map_err(|error| away(&url, &error))?;
        let cookie = answer
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .filter_map(|value| value.split(';').next())
            .collect::<Vec<_>>()
            .join("; ");
        let status = answer.status();
        let text = answer.text().await.map_err(|error| away(&url, &error))?;
        let session = judged(&url, status, &text)?;
        let csrf = session.get("csrf").and_then(Value::as_str).unwrap_or("").to_owned();
        Ok(Self { http, base, cookie, csrf })
    }

    /// What a path under `/api` says.
    ///
    /// # Errors
    /// The seat does not answer, or refuses.
    pub async fn get(&self, path: &str) -> Outcome<Value> {
        self.ask(Method::GET, path, None).await
    }

    /// Does something once, however often the request is repeated.
    ///
    /// # Errors
    /// The seat does not answer, or refuses.
    pub async fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// The journal as it grows, as far as the session may see it.
    ///
    /// # Errors
    /// The seat does not answer, or refuses.
    pub async fn events(&self) -> Outcome<Events> {
        self.stream("/api/events").await
    }

    /// What changes, as the console follows it.
    ///
    /// # Errors
    /// The seat does not answer, or refuses.
    pub async fn changes(&self) -> Outcome<Events> {
        self.stream("/api/events?brief=true").await
    }

    async fn stream(&self, path: &str) -> Outcome<Events> {
        let url = format!("{}{path}", self.base);
        let request = self.http.get(&url).header(header::COOKIE, &self.cookie).timeout(STREAM_FOR);
        let answer = request.send().await.map_err(|error| away(&url, &error))?;
        if answer.status().is_success() {
            return Ok(Events { url, answer, rest: Vec::new() });
        }
        let status = answer.status();
        let text = answer.text().await.map_err(|error| away(&url, &error))?;
        Err(judged(&url, status, &text).err().unwrap_or_else(|| crate::seat::fault("no stream of events")))
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let url = format!("{}/api{path}", self.base);
        let mut request = self.http.request(method, &url).header(header::COOKIE, &self.cookie);
        if let Some(body) = body {
            request = request
                .header(CSRF, &self.csrf)
                .header(IDEMPOTENCY, hex::encode(rand::random::<[u8; 16]>()))
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.map_err(|error| away(&url, &error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| away(&url, &error))?;
        judged(&url, status, &text)
    }
}

/// Server-sent events of a seat.
#[derive(Debug)]
pub struct Events {
    url: String,
    answer: reqwest::Response,
    rest: Vec<u8>,
}

impl Events {
    /// Bytes of the next piece, unread; nothing when the stream has ended.
    ///
    /// # Errors
    /// The line broke.
    pub async fn pass(&mut self) -> Outcome<Option<usize>> {
        let chunk = self.answer.chunk().await.map_err(|error| away(&self.url, &error))?;
        Ok(chunk.map(|chunk| chunk.len()))
    }

    /// The next entry of the journal; nothing when the stream has ended.
    ///
    /// # Errors
    /// The line broke.
    pub async fn next(&mut self) -> Outcome<Option<Value>> {
        loop {
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                if let Some(data) = line.strip_prefix(b"data:")
                    && let Ok(entry) = serde_json::from_slice::<Value>(data)
                    && entry.get("kind").is_some()
                {
                    return Ok(Some(entry));
                }
            }
            match self.answer.chunk().await.map_err(|error| away(&self.url, &error))? {
                Some(chunk) => self.rest.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

/// Whether the seat at an address is up.
pub async fn is_healthy(base: &str) -> bool {
    let Ok(http) = http(base) else { return false };
    let answer = http.get(format!("{base}/healthz")).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

fn http(base: &str) -> Outcome<reqwest::Client> {
    wire::courier::client(None)
        .map_err(|error| texts::SERVER.fail(Exit::Surroundings, &[("url", base), ("why", &error.to_string())]))
}

pub(crate) fn away(url: &str, error: &reqwest::Error) -> Failure {
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        why = deeper.to_string();
        source = deeper.source();
    }
    texts::SERVER.fail(Exit::Surroundings, &[("url", url), ("why", &why)])
}

pub(crate) fn judged(url: &str, status: StatusCode, text: &str) -> Outcome<Value> {
    let value: Value = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(text).map_err(|_| {
            let why = format!("{status}, not JSON");
            texts::SERVER.fail(Exit::Surroundings, &[("url", url), ("why", &why)])
        })?
    };
    if status.is_success() {
        return Ok(value);
    }
    let faults: Vec<Fault> =
        value.get("faults").and_then(|faults| serde_json::from_value(faults.clone()).ok()).unwrap_or_default();
    if !faults.is_empty() {
        let mut failure = faulty(&kernel::Faults(faults));
        failure.exit = Exit::No;
        return Err(failure);
    }
    let words = |lang: &str, part: &str| {
        let at = value.pointer(&format!("/texts/{lang}/{part}")).and_then(Value::as_str);
        at.unwrap_or(if part == "title" { status.as_str() } else { "" }).to_owned()
    };
    let said = Said {
        code: value.get("code").and_then(Value::as_str).unwrap_or("cli.refused").to_owned(),
        zh: words("zh", "title"),
        en: words("en", "title"),
        zh_remedy: words("zh", "detail"),
        en_remedy: words("en", "detail"),
    };
    Err(Failure::new(if status.is_server_error() { Exit::Surroundings } else { Exit::No }, said))
}
