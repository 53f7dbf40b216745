//! `shouhu centre …`, and the reports that are handed to a running centre.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::seat::Serve;

/// `shouhu centre …`
#[derive(Debug, Subcommand)]
pub enum CentreTask {
    /// Runs the seat until Ctrl-C or SIGTERM.
    #[command(after_help = CENTRE_AFTER)]
    Serve(Box<Serve>),
    /// Prints the OpenAPI document of the seat, as it is served at /api/openapi.json.
    Openapi,
}

const CENTRE_AFTER: &str = "\
EXAMPLES:
  shouhu centre serve --data /var/lib/shouhu --listen 127.0.0.1:8430
  shouhu centre serve --config /etc/shouhu/centre.toml
  SHOUHU_DATABASE=postgres://shouhu@db/shouhu shouhu centre serve --data /var/lib/shouhu

The data folder keeps the keys, the embedded database, and shouhu.toml with what was asked for at first start and how the
seat was last asked to be reached.
Flags win over the environment, the environment over the file. An unknown key in the file is an error.";

/// `shouhu report …`
#[derive(Debug, Subcommand)]
pub enum ReportTask {
    /// Submits a report to a running centre; every fault is named at once, by field.
    #[command(after_help = "\
EXAMPLE:
  echo \"$PASSWORD\" | shouhu report submit report.json --url http://127.0.0.1:8430 --login chen
  shouhu report submit - --url http://127.0.0.1:8430 --login chen --password-file pw < report.json")]
    Submit(ReportSubmit),
}

/// What `report submit` takes.
#[derive(Debug, Args)]
pub struct ReportSubmit {
    /// The report as JSON, as in POST /api/reports; - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Address of the centre.
    #[arg(long, env = "SHOUHU_URL", default_value = "http://127.0.0.1:8430")]
    pub url: String,
    /// Login.
    #[arg(long, env = "SHOUHU_LOGIN")]
    pub login: String,
    /// File with the password; else standard input.
    #[arg(long, env = "SHOUHU_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}
