//! `shouhu operator calls import FILE` and `roaming import FILE`: a file for the running seat, whose memory it fills.
//!
//! Rows go out in portions as the feed's routes take them; lines of refused rows are those of the file.

use kernel::{Fault, Said};
use operator::feed::rows::{self, Column, Format};
use operator::feed::{calls, roaming};
use serde_json::Value;

use crate::cli::FeedImport;
use crate::config::{Config, Tls};
use crate::output::tell;
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, faulty, texts};

/// Rows of one request.
const PORTION: usize = 10_000;
/// Refused rows told one by one.
const TOLD_MAX: usize = 50;
const KEY_VARIABLE: &str = "SHOUHU_FEED_KEY";

/// Sends results of calls.
///
/// # Errors
/// The file or the seat cannot be used, or rows were refused.
pub async fn import_calls(options: &FeedImport) -> Outcome {
    let sums = send(options, "/api/calls/ended", calls::COLUMNS).await?;
    let [counted, recorded, repeated] = ["counted", "recorded_only", "repeated"].map(|name| sums.of(name));
    let refused = sums.refused;
    match Lang::now() {
        Lang::Zh => tell!("计入 {counted} 行，仅存话单 {recorded} 行，重复 {repeated} 行，拒绝 {refused} 行"),
        Lang::En => tell!("{counted} rows counted, {recorded} recorded only, {repeated} repeated, {refused} refused"),
    }
    sums.outcome()
}

/// Sends whereabouts of subscribers.
///
/// # Errors
/// The file or the seat cannot be used, or rows were refused.
pub async fn import_roaming(options: &FeedImport) -> Outcome {
    let sums = send(options, "/api/roaming", roaming::COLUMNS).await?;
    let ([abroad, home], refused) = (["abroad", "home"].map(|name| sums.of(name)), sums.refused);
    match Lang::now() {
        Lang::Zh => tell!("境外 {abroad} 行，归属网络 {home} 行，拒绝 {refused} 行"),
        Lang::En => tell!("{abroad} rows abroad, {home} at home, {refused} refused"),
    }
    sums.outcome()
}

/// What the seat answered to all portions.
#[derive(Default)]
struct Sums {
    figures: serde_json::Map<String, Value>,
    refused: u64,
    told: Vec<Said>,
    told_rows: usize,
}

impl Sums {
    fn of(&self, name: &str) -> u64 {
        self.figures.get(name).and_then(Value::as_u64).unwrap_or(0)
    }

    fn refuse(&mut self, line: u64, faults: &[Fault]) {
        self.refused += 1;
        if self.told_rows >= TOLD_MAX {
            return;
        }
        self.told_rows += 1;
        for fault in faults {
            let mut words = fault.said.clone();
            words.zh = format!("第 {line} 行 {}：{}", fault.field, words.zh);
            words.en = format!("line {line} {}: {}", fault.field, words.en);
            self.told.push(words);
        }
    }

    fn outcome(mut self) -> Outcome {
        if self.refused == 0 {
            return Ok(());
        }
        let rest = usize::try_from(self.refused).unwrap_or(0).saturating_sub(self.told_rows);
        if rest > 0 {
            self.told.push(texts::MORE.say(&[("count", &rest.to_string())]));
        }
        Err(Failure { exit: Exit::Usage, said: self.told })
    }
}

async fn send(options: &FeedImport, path: &str, columns: &'static [Column]) -> Outcome<Sums> {
    let key = std::env::var(KEY_VARIABLE).unwrap_or_default();
    if key.is_empty() {
        return Err(texts::NO_FEED_KEY.fail(Exit::Usage, &[("variable", KEY_VARIABLE)]));
    }
    let config = match &options.seat_url {
        Some(_) => None,
        None => Some(crate::config::of_seat(&options.at)?),
    };
    let base = match (&options.seat_url, &config) {
        (Some(url), _) => url.trim_end_matches('/').to_owned(),
        (None, config) => config.as_ref().map(address_of).unwrap_or_default(),
    };
    let content = crate::input::bytes(&options.file)?;
    let name = options.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
    let (mut sums, mut lines) = (Sums::default(), Vec::new());
    rows::each(Format::of_file(&name, &content), &content, columns, |line, row| {
        match row {
            Ok(row) => lines.push((line, row.to_json())),
            Err(faults) => sums.refuse(line, &faults.0),
        }
        true
    })
    .map_err(|faults| faulty(&faults))?;
    let roots = config.as_ref().and_then(|config| config.roots.clone());
    let http = wire::courier::client(roots.as_deref()).map_err(crate::seat::fault)?;
    let url = format!("{base}{path}");
    for portion in lines.chunks(PORTION) {
        let body: String = portion.iter().map(|(_, row)| format!("{row}\n")).collect();
        let request = http.post(&url).bearer_auth(&key).header("content-type", "application/x-ndjson").body(body);
        let answer = request.send().await.map_err(|error| crate::client::away(&url, &error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| crate::client::away(&url, &error))?;
        add(&mut sums, &crate::client::judged(&url, status, &text)?, portion);
    }
    Ok(sums)
}

/// The address at which a seat of this configuration listens.
fn address_of(config: &Config) -> String {
    let scheme = if matches!(config.tls, Tls::Here { .. }) { "https" } else { "http" };
    format!("{scheme}://{}", config.listen)
}

fn add(sums: &mut Sums, answer: &Value, portion: &[(u64, Value)]) {
    for (name, value) in answer.as_object().into_iter().flatten() {
        if let Some(count) = value.as_u64() {
            let sum = sums.of(name).saturating_add(count);
            sums.figures.insert(name.clone(), sum.into());
        }
    }
    let mut told = 0;
    for row in answer.get("refused_rows").and_then(Value::as_array).into_iter().flatten() {
        let at = row.get("line").and_then(Value::as_u64).and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
        let line = at.checked_sub(1).and_then(|at| portion.get(at)).map_or(0, |(line, _)| *line);
        let faults = row.get("faults").and_then(|faults| serde_json::from_value::<Vec<Fault>>(faults.clone()).ok());
        sums.refuse(line, &faults.unwrap_or_default());
        told += 1;
    }
    let refused = answer.get("refused").and_then(Value::as_u64).unwrap_or(0);
    sums.refused = sums.refused.saturating_add(refused.saturating_sub(told));
}
