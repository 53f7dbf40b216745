//! What a seat proves with: its keys (`shouhu keys …`) and its journal (`shouhu journal …`).

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::seat::SeatAt;

/// `shouhu keys …`
#[derive(Debug, Subcommand)]
pub enum KeysTask {
    /// Makes a new signing key; the one before stays valid for what it sealed.
    #[command(
        after_help = "EXAMPLE:\n  shouhu keys new --data /var/lib/shouhu\n\nGive the printed public key to every partner before the old one ends."
    )]
    New(SeatAt),
    /// Lists the keys with their state.
    List(SeatAt),
    /// Prints the public keys as JSON, for a partner's directory.
    Public(SeatAt),
}

/// `shouhu journal …`
#[derive(Debug, Subcommand)]
pub enum JournalTask {
    /// Checks the database's own integrity, walks the journal and names the first entry that does not fit, and compares
    /// it with the anchor outside. An empty journal does not verify.
    #[command(
        after_help = "EXAMPLE:\n  shouhu journal verify --data /var/lib/shouhu --anchor /mnt/other-disk/heads.jsonl"
    )]
    Verify(JournalVerify),
    /// Lists entries and timers that a desk could not handle, and has them tried again, in their order.
    #[command(
        after_help = "EXAMPLE:\n  shouhu journal retry --list --data /var/lib/shouhu\n  shouhu journal retry --data /var/lib/shouhu"
    )]
    Retry(JournalRetry),
    /// Writes an evidence bundle about one subject: entries, papers, proof of the chain, manifest.
    #[command(
        after_help = "EXAMPLES:\n  shouhu journal export --subject Z261123-0001 --out bundle --purpose 'court file 2026-17' --data /var/lib/shouhu\n  shouhu journal export --case R261123-0001 --out bundle --data /var/lib/shouhu"
    )]
    Export(JournalExport),
    /// Verifies an evidence bundle; needs no database.
    #[command(after_help = "EXAMPLE:\n  shouhu journal check bundle --keys centre-43.public.json")]
    Check(JournalCheck),
    /// Prints entries as they are appended, one JSON object a line.
    Tail(JournalTail),
}

/// What `journal verify` takes.
#[derive(Debug, Args)]
pub struct JournalVerify {
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// File with the sealed heads, in place of `anchor` in shouhu.toml.
    #[arg(long, env = "SHOUHU_ANCHOR", value_name = "FILE")]
    pub anchor: Option<PathBuf>,
}

/// What `journal retry` takes.
#[derive(Debug, Args)]
pub struct JournalRetry {
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// Only lists what is stuck, with the reason.
    #[arg(long, conflicts_with_all = ["desk", "seq", "timer"])]
    pub list: bool,
    /// The desk that put the entry aside; with --seq.
    #[arg(long, value_name = "DESK", requires = "seq")]
    pub desk: Option<String>,
    /// Only this entry; with --desk.
    #[arg(long, value_name = "SEQ", requires = "desk")]
    pub seq: Option<i64>,
    /// Only this timer.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["desk", "seq"])]
    pub timer: Option<String>,
    /// How long to wait for the outcome, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub wait: u64,
}

/// What `journal export` takes.
#[derive(Debug, Clone, Args)]
pub struct JournalExport {
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// Number of an order, a report or an appeal, such as Z261123-0001; or a subject, such as order:<id>.
    #[arg(long, env = "SHOUHU_SUBJECT", required_unless_present = "case")]
    pub subject: Option<String>,
    /// Everything of this case, by its number or identifier.
    #[arg(long, env = "SHOUHU_CASE", conflicts_with = "subject")]
    pub case: Option<String>,
    /// The folder to write; it must not exist yet.
    #[arg(long, env = "SHOUHU_OUT", value_name = "FOLDER")]
    pub out: PathBuf,
    /// Why the personal parts are taken out; recorded in the journal. Without it they stay closed.
    #[arg(long, env = "SHOUHU_PURPOSE")]
    pub purpose: Option<String>,
}

/// What `journal check` takes.
#[derive(Debug, Args)]
pub struct JournalCheck {
    /// Folder of the bundle.
    #[arg(value_name = "FOLDER")]
    pub bundle: PathBuf,
    /// Public keys of the seat that issued it, from a source you trust; without them seals are checked with the
    /// keys inside the bundle, which proves only that it is whole.
    #[arg(long, env = "SHOUHU_KEYS", value_name = "FILE")]
    pub keys: Option<PathBuf>,
}

/// What `journal tail` takes.
#[derive(Debug, Args)]
pub struct JournalTail {
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// Begins behind this entry; by default at the end.
    #[arg(long, env = "SHOUHU_AFTER", value_name = "SEQ")]
    pub after: Option<i64>,
    /// Ends when there is nothing more, instead of waiting.
    #[arg(long)]
    pub no_follow: bool,
}
