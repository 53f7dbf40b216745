//! Logs: one JSON object a line on standard error, or words for a person at a terminal. Neither queries nor personal
//! data are ever put into them.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogForm {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Words,
}

/// Sends logs to standard error, filtered as `filter` says (`info`, `warn,http=info`, …; what does not read is taken
/// as `info`). Panics are logged with their place alone: their message may quote input.
/// Does nothing where a subscriber is set already.
pub fn start_logs(form: LogForm, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let outcome = match form {
        LogForm::Json => registry
            .with(tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr))
            .try_init(),
        LogForm::Words => registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).try_init(),
    };
    if outcome.is_err() {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}
