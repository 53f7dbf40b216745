//! Asking the home register about a subscriber, behind the calls: the call that wanted to know goes on without, and the
//! next one finds the answer.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Duration, Faults, Timestamp};
use reqwest::header;
use screen::Number;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};

use super::home::{Stay, Whereabouts};
use super::{ADDRESS, RANGE};
use crate::desk::Operator;

/// Subscribers that wait to be asked for at most.
const WAITING_MAX: usize = 4_096;
/// Questions at once.
const AT_ONCE_MAX: usize = 16;
/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 4_096;
/// A subscriber is not asked for again within this, whatever the answer was.
const ASK_AGAIN: Duration = Duration::seconds(30);
/// Subscribers remembered as asked for.
const ASKED_MAX: usize = 65_536;

/// Where the home register is asked, and how long its answers hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupSettings {
    /// `POST` to here with `{"number": "+86…"}` is answered `{"state": "abroad"}`, `home` or `unknown`.
    pub url: String,
    /// File with the bearer token that is shown there.
    #[serde(default)]
    pub token_file: Option<std::path::PathBuf>,
    /// How long an answer is waited for, in milliseconds.
    #[serde(default = "timeout")]
    pub timeout_ms: u64,
    /// How long an answer “abroad” holds, in minutes.
    #[serde(default = "abroad")]
    pub abroad_minutes: i64,
    /// How long an answer “at home” holds, in minutes. Short: people travel.
    #[serde(default = "home")]
    pub home_minutes: i64,
}

const fn timeout() -> u64 {
    2_000
}

const fn abroad() -> i64 {
    240
}

const fn home() -> i64 {
    10
}

impl LookupSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        if !is_address(&self.url) {
            let found: String = self.url.chars().take(100).collect();
            faults.push(ADDRESS.at("lookup.url", &[("found", &found)]));
        }
        let timeout = i64::try_from(self.timeout_ms).unwrap_or(i64::MAX);
        for (field, value, max) in [
            ("lookup.timeout_ms", timeout, 30_000),
            ("lookup.abroad_minutes", self.abroad_minutes, 43_200),
            ("lookup.home_minutes", self.home_minutes, 1_440),
        ] {
            if !(1..=max).contains(&value) {
                faults.push(RANGE.at(field, &[("min", "1"), ("max", &max.to_string())]));
            }
        }
    }
}

/// `https` anywhere, `http` on the loopback only: a subscriber's number goes out.
fn is_address(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    has_host && (url.scheme() == "https" || (url.scheme() == "http" && wire::is_loopback(&url)))
}

#[derive(Deserialize)]
struct Answer {
    state: String,
}

/// One question on its way.
#[derive(Clone)]
struct Asking {
    http: reqwest::Client,
    settings: Arc<LookupSettings>,
    token: Option<Arc<str>>,
}

impl Asking {
    /// Where the subscriber is; none where the register does not know either.
    async fn ask(&self, number: Number) -> Result<Option<Whereabouts>, String> {
        let body = serde_json::json!({ "number": number.to_string() }).to_string();
        let mut request = self
            .http
            .post(&self.settings.url)
            .timeout(std::time::Duration::from_millis(self.settings.timeout_ms))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        // The error's own words may hold the address, and nothing of the number.
        let mut answer = request.send().await.map_err(|error| error.to_string())?;
        if !answer.status().is_success() {
            return Err(format!("status {}", answer.status().as_u16()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err("the answer is too long".to_owned());
            }
        }
        let answer: Answer = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        match answer.state.as_str() {
            "unknown" => Ok(None),
            word => Whereabouts::of_word(word).map(Some).ok_or_else(|| "the state is none that is known".to_owned()),
        }
    }
}

/// A key that cannot be read is looked for again after this.
const KEY_AGAIN: std::time::Duration = std::time::Duration::from_secs(10);

impl Operator {
    /// Asks the home register for those that calls wanted to know of, for ever; ends at once where it cannot be asked.
    pub async fn ask_home_register(self, http: reqwest::Client) {
        let Some(settings) = self.settings().feeds.lookup.clone() else { return };
        let worker = self.db().worker("home_register", store::health::SILENT_MAX);
        let token = loop {
            let Some(path) = &settings.token_file else { break None };
            match std::fs::read_to_string(path) {
                Ok(text) => break Some(Arc::from(text.trim())),
                Err(error) => {
                    tracing::error!(file = %path.display(), %error, "the home register cannot be asked; its key is looked for again");
                    worker.failed(&error);
                    tokio::time::sleep(KEY_AGAIN).await;
                }
            }
        };
        worker.round();
        let (wanted, mut waiting) = mpsc::channel(WAITING_MAX);
        self.screening().home_register().ask_by(wanted);
        let asking = Asking { http, settings: Arc::new(settings), token };
        let places = Arc::new(Semaphore::new(AT_ONCE_MAX));
        let mut asked: HashMap<Number, Timestamp> = HashMap::new();
        loop {
            worker.waits();
            let Some(number) = waiting.recv().await else { return };
            worker.begins();
            let now = self.screening().now();
            if asked.len() >= ASKED_MAX {
                asked.retain(|_, at| now - *at < ASK_AGAIN);
            }
            if asked.get(&number).is_some_and(|at| now - *at < ASK_AGAIN) || asked.len() >= ASKED_MAX {
                continue;
            }
            asked.insert(number, now);
            let Ok(place) = places.clone().acquire_owned().await else { return };
            let (operator, asking) = (self.clone(), asking.clone());
            tokio::spawn(async move {
                let _place = place;
                match asking.ask(number).await {
                    Ok(Some(is)) => operator.remember_stay(number, is, &asking.settings),
                    Ok(None) => {}
                    Err(why) => {
                        metrics::counter!("operator_roaming_lookup_failures_total").increment(1);
                        tracing::warn!(why, "the home register did not answer; the caller stays unknown");
                    }
                }
            });
        }
    }

    fn remember_stay(&self, number: Number, is: Whereabouts, settings: &LookupSettings) {
        let now = self.screening().now();
        let minutes = if is == Whereabouts::Abroad { settings.abroad_minutes } else { settings.home_minutes };
        let stay = Stay { is, since: now, until: now + Duration::minutes(minutes), heard: now };
        self.screening().home_register().put(number, stay, now);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_go_out_over_https_or_not_at_all() {
        for good in
            ["https://hlr.example.cn/roaming", "http://127.0.0.1:8080/r", "http://[::1]/r", "http://localhost/r"]
        {
            assert!(super::is_address(good), "{good}");
        }
        for bad in ["http://hlr.example.cn/roaming", "hlr.example.cn", "", "file:///etc/passwd", "https://"] {
            assert!(!super::is_address(bad), "{bad}");
        }
    }
}
