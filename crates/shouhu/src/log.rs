//! The log: to standard error, lines for people on a terminal, one JSON object a line elsewhere.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use web::LogForm;

use crate::cli::LogFormat;
use crate::speech::{Exit, Fail, Outcome, texts};

/// Starts logging for the life of the process.
///
/// # Errors
/// The directives cannot be read.
pub fn start(directives: &str, format: LogFormat) -> Outcome {
    EnvFilter::try_new(directives).map_err(|error| {
        let values = [("key", "--log"), ("value", directives), ("why", &error.to_string())];
        texts::CONFIG_VALUE.fail(Exit::Usage, &values)
    })?;
    let form = match format {
        LogFormat::Json => LogForm::Json,
        LogFormat::Pretty => LogForm::Words,
        LogFormat::Auto if std::io::stderr().is_terminal() => LogForm::Words,
        LogFormat::Auto => LogForm::Json,
    };
    web::start_logs(form, directives);
    Ok(())
}
