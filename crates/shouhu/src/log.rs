//! The log: to standard error, lines for people on a terminal, one JSON object a line elsewhere.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;
use crate::speech::{Exit, Fail, Outcome, texts};

/// Starts logging for the life of the process.
///
/// # Errors
/// The directives cannot be read.
pub fn start(directives: &str, format: LogFormat) -> Outcome {
    let filter = EnvFilter::try_new(directives).map_err(|error| {
        let values = [("key", "--log"), ("value", directives), ("why", &error.to_string())];
        texts::CONFIG_VALUE.fail(Exit::Usage, &values)
    })?;
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.compact().try_init()
    };
    started.map_err(|error| texts::FAULT.fail(Exit::Fault, &[("why", &error.to_string())]))
}
