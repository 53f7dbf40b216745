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
    /// Walks the journal and names the first entry that does not fit.
    Verify(SeatAt),
    /// Writes an evidence bundle about one subject: entries, papers, proof of the chain, manifest.
    #[command(
        after_help = "EXAMPLE:\n  shouhu journal export --subject order:0199… --out order.bundle.json --purpose \"court file 2026-17\" --data /var/lib/shouhu"
    )]
    Export(JournalExport),
    /// Verifies an evidence bundle; needs no database.
    #[command(after_help = "EXAMPLE:\n  shouhu journal check order.bundle.json --keys centre-43.public.json")]
    Check(JournalCheck),
    /// Prints entries as they are appended, one JSON object a line.
    Tail(JournalTail),
}

/// What `journal export` takes.
#[derive(Debug, Args)]
pub struct JournalExport {
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// The subject, for instance order:<id>; with --case, everything of that case.
    #[arg(long, env = "SHOUHU_SUBJECT", required_unless_present = "case")]
    pub subject: Option<String>,
    /// Everything of this case.
    #[arg(long, env = "SHOUHU_CASE", conflicts_with = "subject")]
    pub case: Option<String>,
    /// The file to write.
    #[arg(long, env = "SHOUHU_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// Why the personal parts are taken out; recorded in the journal. Without it they stay closed.
    #[arg(long, env = "SHOUHU_PURPOSE")]
    pub purpose: Option<String>,
}

/// What `journal check` takes.
#[derive(Debug, Args)]
pub struct JournalCheck {
    /// The bundle.
    #[arg(value_name = "BUNDLE")]
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
