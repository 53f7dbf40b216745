//! A session at a seat over HTTP, as the console has it.

use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

/// Header with the token against forged requests.
const CSRF: &str = "x-shouhu-csrf";
/// How long one request may take.
const REQUEST_WITHIN: Duration = Duration::from_secs(20);
/// How long a file may take to be sent and answered, of a debug build on a busy machine.
const UPLOAD_WITHIN: Duration = Duration::from_secs(240);

/// A client without proxies, as the couriers have it.
///
/// # Panics
/// The certificates of the machine cannot be read.
pub fn http() -> reqwest::Client {
    wire::courier::client(None).expect("a client")
}

/// A session.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

/// An answer of a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body; null where there is none.
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must be a success.
    ///
    /// # Panics
    /// It is none.
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {:#}", self.status, self.body);
        self.body
    }
}

impl Client {
    /// Logs in.
    ///
    /// # Errors
    /// The seat is away, or refuses; as words.
    pub async fn log_in(base: &str, login: &str, password: &str) -> Result<Self, String> {
        let http = http();
        let body = json!({ "login": login, "password": password });
        let answer = http.post(format!("{base}/api/session")).json(&body).send().await.map_err(|e| e.to_string())?;
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
        let cookies = cookies.filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned));
        let cookie = cookies.collect::<Vec<_>>().join("; ");
        let status = answer.status();
        let text = answer.text().await.map_err(|e| e.to_string())?;
        if !status.is_success() {
            return Err(format!("{login} at {base}: {status} {text}"));
        }
        let session: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        let csrf = session["csrf"].as_str().unwrap_or("").to_owned();
        Ok(Self { http, base: base.to_owned(), cookie, csrf })
    }

    /// One request; under an idempotency key where one is given.
    ///
    /// # Errors
    /// No whole answer came.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}/api{path}", self.base)).timeout(REQUEST_WITHIN);
        request = request.header(header::COOKIE, &self.cookie).header(CSRF, &self.csrf);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }

    /// Sends a form with a file.
    ///
    /// # Errors
    /// No whole answer came.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        (name, content): (&str, &[u8]),
    ) -> Result<Answer, reqwest::Error> {
        let disposition = "content-disposition: form-data; name=";
        let mut body = Vec::new();
        for (field, value) in fields {
            body.extend(format!("--b\r\n{disposition}\"{field}\"\r\n\r\n{value}\r\n").bytes());
        }
        body.extend(format!("--b\r\n{disposition}\"file\"; filename=\"{name}\"\r\n\r\n").bytes());
        body.extend(content);
        body.extend(b"\r\n--b--\r\n");
        let request = self.http.post(format!("{}/api{path}", self.base)).timeout(UPLOAD_WITHIN);
        let request = request.header(header::COOKIE, &self.cookie).header(CSRF, &self.csrf);
        let answer = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// What a path says.
    ///
    /// # Panics
    /// It says nothing good.
    pub async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None, None).await.expect(path).ok()
    }

    /// What a path says, or why it does not; for looking again.
    ///
    /// # Errors
    /// The seat is away or refuses.
    pub async fn try_get(&self, path: &str) -> Result<Value, String> {
        let answer = self.send(Method::GET, path, None, None).await.map_err(|e| e.to_string())?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(format!("{} {}", answer.status, answer.body)) }
    }

    /// Does something.
    ///
    /// # Panics
    /// It is refused.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.send(Method::POST, path, Some(body), None).await.expect(path).ok()
    }

    /// The items of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await["items"].as_array().cloned().expect("a list has items")
    }
}
