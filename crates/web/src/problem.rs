//! The one place that writes the error envelope: problem details of RFC 9457, in both languages.
//!
//! A handler gives a [`Problem`]; the outermost layer ([`crate::around`]) puts in the request id and the reader's
//! language, and logs what is the server's own fault, once.

use axum::Json;
use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kernel::{Fault, Faults, Said, Text};
use serde::{Deserialize, Serialize};

use crate::texts;

/// Media type of the envelope.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The language in which title and detail are said; both are always under `texts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// What the reader prefers by `Accept-Language`; Chinese unless English is ranked higher.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(accepted) = headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()) else { return Self::Zh };
        let weight = |tag: &str| {
            accepted
                .split(',')
                .filter_map(|item| {
                    let mut parts = item.trim().split(';');
                    let name = parts.next()?.trim().to_ascii_lowercase();
                    let q = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
                    (name == tag || name.starts_with(&format!("{tag}-"))).then_some(q)
                })
                .fold(0.0, f32::max)
        };
        if weight("en") > weight("zh") { Self::En } else { Self::Zh }
    }
}

/// Why a request was not answered as asked. Small on the stack, so that `Result<_, Problem>` costs nothing.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    said: Said,
    faults: Vec<Fault>,
    retry_after_seconds: Option<i64>,
    allow: Option<String>,
    cause: Option<String>,
}

/// The envelope as it travels.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// `urn:shouhu:problem:<code>`.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// What is wrong, in the reader's language.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What to do, in the reader's language.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Stable code.
    pub code: String,
    /// Title and detail in both languages.
    pub texts: ProblemTexts,
    /// Every fault of the input, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// The id under which the server's log knows the request.
    pub request_id: String,
}

/// Both languages.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemTexts {
    /// Chinese.
    pub zh: ProblemText,
    /// English.
    pub en: ProblemText,
}

/// One language.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemText {
    /// What is wrong.
    pub title: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Problem {
    /// A problem with the given words.
    pub fn new(status: StatusCode, said: Said) -> Self {
        Self(Box::new(Inner { status, said, faults: Vec::new(), retry_after_seconds: None, allow: None, cause: None }))
    }

    /// 401: there is no valid session.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, texts::UNAUTHENTICATED.say(&[]))
    }

    /// 403: a right is missing.
    pub fn forbidden(right: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, texts::FORBIDDEN.say(&[("right", right)]))
    }

    /// 404: there is no such thing, for instance `order`.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, texts::NO_SUCH.say(&[("what", what)]))
    }

    /// 409 with the desk's own words.
    pub fn conflict(said: Said) -> Self {
        Self::new(StatusCode::CONFLICT, said)
    }

    /// 422 for one field.
    pub fn fault(fault: Fault) -> Self {
        Self::from(Faults(vec![fault]))
    }

    /// 429: the caller must wait.
    pub fn rate_limited(wait: kernel::Duration) -> Self {
        let seconds = wait.as_seconds().saturating_add(1).max(1);
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, texts::RATE_LIMITED.say(&[("seconds", &seconds.to_string())]));
        problem.0.retry_after_seconds = Some(seconds);
        problem
    }

    /// 500; the cause goes into the log, never to the reader. It must not hold personal data.
    pub fn server(cause: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, texts::SERVER.say(&[])).because(cause)
    }

    /// Notes the cause for the log.
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// Names the methods that the address takes, for a 405 (RFC 9110 §15.5.6).
    pub(crate) fn allowing(mut self, methods: &str) -> Self {
        self.0.allow = Some(methods.to_owned());
        self
    }

    /// Says after how many seconds to try again.
    pub(crate) fn retry_after(mut self, seconds: i64) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds faults by field.
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Stable code.
    pub fn code(&self) -> &str {
        &self.0.said.code
    }

    /// Faults by field.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// The cause, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The problem that a bare status stands for; for answers of layers that know no envelope.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let text: &Text = match status {
            StatusCode::UNAUTHORIZED => &texts::UNAUTHENTICATED,
            StatusCode::NOT_FOUND => &texts::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED => &texts::METHOD,
            StatusCode::PAYLOAD_TOO_LARGE => &texts::TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => &texts::MEDIA_TYPE,
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => &texts::TIMEOUT,
            StatusCode::SERVICE_UNAVAILABLE => &texts::UNAVAILABLE,
            status if status.is_server_error() => &texts::SERVER,
            _ => &texts::BAD_REQUEST,
        };
        Self::new(status, text.say(&[]))
    }

    /// The envelope.
    pub fn body(&self, language: Language, request_id: &str) -> ProblemBody {
        let Inner { status, said, faults, .. } = &*self.0;
        let (title, detail) = match language {
            Language::Zh => (&said.zh, &said.zh_remedy),
            Language::En => (&said.en, &said.en_remedy),
        };
        ProblemBody {
            type_uri: format!("urn:shouhu:problem:{}", said.code),
            title: title.clone(),
            status: status.as_u16(),
            detail: detail.clone(),
            code: said.code.clone(),
            texts: ProblemTexts {
                zh: ProblemText { title: said.zh.clone(), detail: said.zh_remedy.clone() },
                en: ProblemText { title: said.en.clone(), detail: said.en_remedy.clone() },
            },
            faults: faults.clone(),
            request_id: request_id.to_owned(),
        }
    }

    /// The answer, in a language and with the id of the request.
    pub(crate) fn render(self, language: Language, request_id: &str) -> Response<Body> {
        let mut response = (self.0.status, Json(self.body(language, request_id))).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.0.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(methods)) = self.0.allow.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(ALLOW, methods);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.render(Language::default(), "")
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let count = faults.0.len().to_string();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, texts::INPUT_FAULTY.say(&[("count", &count)])).with_faults(faults.0)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::fault(fault)
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        let status = match &error {
            E::Forbidden { .. } | E::OutOfScope => StatusCode::FORBIDDEN,
            E::NotFound { .. } => StatusCode::NOT_FOUND,
            E::Conflict(_) => StatusCode::CONFLICT,
            error if error.is_contention() => StatusCode::CONFLICT,
            E::KeyGone(_) => StatusCode::GONE,
            E::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let problem = Self::new(status, error.said());
        if status.is_server_error() { problem.because(error) } else { problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
        Language::of(&headers)
    }

    #[test]
    fn the_reader_chooses_the_language() {
        assert_eq!(language("zh-CN,zh;q=0.9,en;q=0.8"), Language::Zh);
        assert_eq!(language("en-GB,en;q=0.9,zh;q=0.5"), Language::En);
        assert_eq!(language("fr, en;q=0.3"), Language::En);
        assert_eq!(language("*"), Language::Zh);
        assert_eq!(language(";;q=,"), Language::Zh);
    }

    #[test]
    fn every_text_has_both_languages_and_the_same_places() {
        let mut codes = std::collections::BTreeSet::new();
        for text in texts::CATALOGUE {
            assert!(codes.insert(text.code), "{} twice", text.code);
            assert!(![text.zh, text.en, text.zh_remedy, text.en_remedy].contains(&""), "{}", text.code);
            let [zh, en, zh_remedy, en_remedy] = text.places();
            assert_eq!((zh, zh_remedy), (en, en_remedy), "{}", text.code);
        }
    }

    #[test]
    fn faults_are_told_by_field_in_both_languages() {
        let faults = Faults(vec![texts::USER_NAME.at("name", &[]), texts::JSON_MISSING.at("login", &[])]);
        let body = Problem::from(faults).body(Language::En, "r1");
        let json = serde_json::to_value(&body).unwrap();
        assert_eq!(json["type"], "urn:shouhu:problem:input.faulty");
        assert_eq!(json["status"], 422);
        assert_eq!(json["title"], "The input has 2 fault(s)");
        assert_eq!(json["texts"]["zh"]["title"], "填写内容有误，共 2 处");
        assert_eq!(json["faults"][1]["field"], "login");
        assert_eq!(json["faults"][1]["zh_remedy"], "请填写此项");
        assert_eq!(json["request_id"], "r1");
    }
}
