//! What commands of every seat take: where it is, how it is served, how its tables are made.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Where a seat is: the options that every command about a seat takes.
#[derive(Debug, Clone, Default, Args)]
pub struct SeatAt {
    /// Folder of the seat: keys, embedded database, shouhu.toml.
    #[arg(long, env = "SHOUHU_DATA", value_name = "DIR", help_heading = "Seat")]
    pub data: Option<PathBuf>,
    /// Database: sqlite:///path/file.db or postgres://user@host/name; by default shouhu.db in the data folder.
    #[arg(long, env = "SHOUHU_DATABASE", value_name = "URL", hide_env_values = true, help_heading = "Seat")]
    pub database: Option<String>,
    /// Configuration file (TOML) in place of shouhu.toml in the data folder.
    #[arg(long, env = "SHOUHU_CONFIG", value_name = "FILE", help_heading = "Seat")]
    pub config: Option<PathBuf>,
}

/// What `serve` takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Serve {
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// Address and port of the pages and of other seats.
    #[arg(long, visible_alias = "http", env = "SHOUHU_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Name of the seat among its partners: lower-case letters, digits and dashes.
    #[arg(long, env = "SHOUHU_ID", value_name = "ID")]
    pub id: Option<String>,
    /// Name shown to people, in Chinese.
    #[arg(long, env = "SHOUHU_NAME", value_name = "TEXT")]
    pub name: Option<String>,
    /// Name shown to people, in English.
    #[arg(long, env = "SHOUHU_NAME_EN", value_name = "TEXT")]
    pub name_en: Option<String>,
    /// For a bank seat: what kind of institution it is.
    #[arg(long, env = "SHOUHU_INSTITUTION", value_enum)]
    pub institution: Option<Institution>,
    /// Certificate chain (PEM) for TLS.
    #[arg(long, env = "SHOUHU_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key (PEM) of the certificate.
    #[arg(long, env = "SHOUHU_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A proxy on this machine ends TLS; cookies are then marked for TLS only.
    #[arg(long, env = "SHOUHU_BEHIND_PROXY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub behind_proxy: Option<bool>,
    /// Address of a proxy whose X-Forwarded-For is believed (may be given several times).
    #[arg(long = "trusted-proxy", env = "SHOUHU_TRUSTED_PROXIES", value_name = "IP", value_delimiter = ',')]
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Certificates (PEM) trusted when sending to partners, in place of those of the system.
    #[arg(long, env = "SHOUHU_ROOTS", value_name = "FILE")]
    pub roots: Option<PathBuf>,
    /// For a bank seat: the centre to which it reports. For a carrier seat: the centre whose list and orders it takes;
    /// without one it runs alone.
    #[arg(long, env = "SHOUHU_CENTRE", value_name = "ID")]
    pub centre: Option<String>,
    /// How sure a commit is: `full` survives the loss of power, `process` only the end of the process.
    #[arg(long, env = "SHOUHU_DURABILITY", value_enum)]
    pub durability: Option<Durability>,
    /// Who needs an authenticator (second factor) besides the password; kept at the first start.
    #[arg(long, env = "SHOUHU_SECOND_FACTOR", value_enum)]
    pub second_factor: Option<SecondFactor>,
    /// Ends when standard input ends; a parent process holds the other end.
    #[arg(long, hide = true)]
    pub until_stdin_ends: bool,
}

/// What kind of institution a bank seat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Institution {
    /// A bank.
    Bank,
    /// A payment institution.
    Payment,
}

/// Who needs a second factor besides the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactor {
    /// Whoever may change users; at the first log-in he enrols an authenticator before anything else.
    Administrators,
    /// Nobody must, everybody may.
    Optional,
}

/// How sure a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Survives the loss of power.
    Full,
    /// Survives the end of the process.
    Process,
}

/// Which seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeatKind {
    /// The police seat.
    Centre,
    /// The bank seat.
    Bank,
    /// The carrier seat.
    Operator,
}

impl SeatKind {
    /// The word in files and addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Bank => "bank",
            Self::Operator => "operator",
        }
    }
}

/// What `migrate` takes.
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLE:\n  shouhu migrate --seat bank --id bank-a --data /var/lib/bank-a")]
pub struct Migrate {
    /// Which seat to make, where the folder has none yet.
    #[arg(long, env = "SHOUHU_SEAT", value_enum)]
    pub seat: Option<SeatKind>,
    /// The seat.
    #[command(flatten)]
    pub serve: Serve,
}
