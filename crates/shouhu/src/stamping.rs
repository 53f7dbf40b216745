//! Time stamps on the journal (RFC 3161): the newest sealed head goes to an authority, and its token into the anchor.

use std::path::PathBuf;
use std::time::Duration;

use store::Db;
use store::journal::Stamps;
use tsp::{ANSWER_BYTES_MAX, Authority, CertificateError, QUERY_TYPE, Request};

use crate::speech::{Exit, Outcome, fail_because, texts};

/// How often it is looked whether a stamp is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The pause after the first failure; it doubles with each further one.
const AGAIN_FIRST: Duration = Duration::from_secs(15);
/// The longest pause after a failure.
const AGAIN_MAX: Duration = Duration::from_secs(600);
/// The worker may be silent for its longest pause and one request.
const SILENT_MAX: Duration = Duration::from_secs(660);
/// A stamp every so many hours, unless set.
const HOURS: u32 = 24;
/// The longest pause between two stamps that may be set, hours.
const HOURS_MAX: u32 = 24 * 31;

/// `[timestamp]` of `shouhu.toml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the authority is asked.
    pub url: String,
    /// The authority's certificate, PEM: the present one, with those before it behind it.
    pub certificate: PathBuf,
    /// A stamp every so many hours.
    #[serde(default = "hours")]
    pub hours: u32,
}

fn hours() -> u32 {
    HOURS
}

/// A setting that cannot be used: its key, and why in both languages.
pub type SettingFault = (&'static str, &'static str, &'static str);

impl Settings {
    /// What is wrong with the settings, by key.
    pub fn faults(&self) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        let url = reqwest::Url::parse(&self.url);
        // A stamp is signed and tells a hash alone: plain HTTP, which many authorities speak only, loses nothing.
        if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            faults.push((
                "timestamp.url",
                "须为 http:// 或 https:// 地址",
                "it must be an http:// or https:// address",
            ));
        }
        if !(1..=HOURS_MAX).contains(&self.hours) {
            faults.push(("timestamp.hours", "须为 1 至 744", "it must be from 1 to 744"));
        }
        faults
    }

    /// Whether the address holds a password.
    pub fn has_password(&self) -> bool {
        reqwest::Url::parse(&self.url).is_ok_and(|url| url.password().is_some())
    }

    /// Reads the pinned certificate.
    ///
    /// # Errors
    /// The file cannot be read, or is no certificate of a time-stamping authority.
    pub fn authority(&self) -> Outcome<Authority> {
        let pem =
            std::fs::read(&self.certificate).map_err(|error| crate::input::unreadable(&self.certificate, &error))?;
        Authority::from_pem(&pem).map_err(|error| {
            let (file, en) = (self.certificate.display().to_string(), error.to_string());
            let zh = match error {
                CertificateError::None => "其中没有 PEM 格式的证书".to_owned(),
                CertificateError::Pem => "不是 PEM 格式".to_owned(),
                CertificateError::Malformed(part) => format!("证书无法读取（{part}）"),
                CertificateError::NotForTimeStamping => {
                    "不是时间戳机构的证书：extendedKeyUsage 须为关键项且仅含 timeStamping（RFC 3161 第 2.3 节）"
                        .to_owned()
                }
                CertificateError::Key => "密钥既不是 RSA，也不在 P-256、P-384 曲线上".to_owned(),
            };
            fail_because(&texts::TIMESTAMP_CERTIFICATE, Exit::Surroundings, &[("file", &file)], &zh, &en)
        })
    }
}

/// Stamps the journal for ever; cancel it by dropping the future.
pub async fn keep_stamped(db: Db, http: reqwest::Client, settings: Settings) {
    let worker = db.worker("timestamping", SILENT_MAX);
    let mut stamps = Stamps::default();
    let mut again = AGAIN_FIRST;
    loop {
        let wait = match stamp(&db, &http, &settings, &mut stamps).await {
            Ok(()) => {
                worker.round();
                again = AGAIN_FIRST;
                LOOK_EVERY
            }
            Err(why) => {
                tracing::error!(why, "the journal could not be time-stamped; it is tried again");
                worker.failed(&why);
                let wait = again;
                again = again.saturating_mul(2).min(AGAIN_MAX);
                wait
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Has the newest sealed head stamped, where that is due.
async fn stamp(db: &Db, http: &reqwest::Client, settings: &Settings, stamps: &mut Stamps) -> Result<(), String> {
    let authority = db.authority().ok_or("the certificate of the authority is missing")?;
    let every = kernel::Duration::hours(i64::from(settings.hours));
    let Some((seq, hash)) = stamps.next(db, every).await.map_err(|error| error.to_string())? else { return Ok(()) };
    let request = Request::new(hash, rand::random());
    let answer = ask(http, &settings.url, request.to_der()).await?;
    let (token, stamp) = request.read_answer(authority, &answer).map_err(|error| error.to_string())?;
    stamps.keep(db, (seq, hash), &token).await.map_err(|error| error.to_string())?;
    tracing::info!(seq, at = stamp.at.to_rfc3339(), "the journal was time-stamped");
    Ok(())
}

async fn ask(http: &reqwest::Client, url: &str, query: Vec<u8>) -> Result<Vec<u8>, String> {
    let away = |error: reqwest::Error| match error.is_timeout() {
        true => "the authority does not answer in time".to_owned(),
        false => format!("the authority cannot be reached: {}", innermost(&error)),
    };
    let request = http.post(url).header("content-type", QUERY_TYPE).header("accept", "application/timestamp-reply");
    let mut response = request.body(query).send().await.map_err(away)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(format!("the authority answers with status {}", response.status().as_u16()));
    }
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(away)? {
        if answer.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(format!("the answer of the authority is above {ANSWER_BYTES_MAX} bytes"));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

/// The cause at the bottom: `connection refused` rather than the URL around it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
