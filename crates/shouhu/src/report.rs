//! `shouhu report submit`: files a report at a running centre.

use serde_json::Value;

use crate::cli::{ReportSubmit, ReportTask};
use crate::client::Client;
use crate::input;
use crate::output::tell;
use crate::speech::{Lang, Outcome};

/// Files a report.
///
/// # Errors
/// The centre does not answer, refuses the login, or names the faults of the report.
pub async fn run(task: ReportTask) -> Outcome {
    let ReportTask::Submit(options) = task;
    let report: Value = input::json(&options.file)?;
    let password = password(&options)?;
    let client = Client::log_in(&options.url, &options.login, &password).await?;
    let filed = submit(&client, &report).await?;
    let number = filed.get("number").and_then(Value::as_str).unwrap_or("");
    match Lang::now() {
        Lang::Zh => tell!("已受理：{number}"),
        Lang::En => tell!("taken as {number}"),
    }
    Ok(())
}

/// Submits a report with the given session, and gives it as the centre keeps it.
///
/// # Errors
/// The centre names the faults of the report.
pub async fn submit(client: &Client, report: &Value) -> Outcome<Value> {
    let mut body = report.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("state".to_owned(), Value::String("submitted".to_owned()));
    }
    client.post("/reports", &body).await
}

fn password(options: &ReportSubmit) -> Outcome<String> {
    match &options.password_file {
        Some(path) => {
            let bytes = input::bytes(path)?;
            Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
        }
        None => input::line(),
    }
}
