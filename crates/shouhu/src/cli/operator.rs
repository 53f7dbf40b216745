//! `shouhu operator …`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::seat::{SeatAt, Serve};

/// `shouhu operator …`
#[derive(Debug, Subcommand)]
pub enum OperatorTask {
    /// Runs the seat until Ctrl-C or SIGTERM.
    #[command(after_help = OPERATOR_AFTER)]
    Serve(Box<OperatorServe>),
    /// Prints the OpenAPI document of the seat, as it is served at /api/openapi.json.
    Openapi,
    /// Says what would happen to a call from a number, and why.
    #[command(after_help = CHECK_AFTER)]
    Check(OperatorCheck),
    /// The number list that this operator keeps.
    #[command(subcommand)]
    List(OperatorList),
    /// Results of calls (CDR), for a running seat.
    #[command(subcommand)]
    Calls(OperatorCalls),
    /// The whereabouts of subscribers as the home register knows them, for a running seat.
    #[command(subcommand)]
    Roaming(OperatorRoaming),
    /// Plays events whose truth is known through the screen, and tells precision, recall and false blocks.
    #[command(after_help = REPLAY_AFTER)]
    Replay(OperatorReplay),
}

const OPERATOR_AFTER: &str = "\
EXAMPLES:
  shouhu operator serve --list numbers.csv                          alone: SIP on 127.0.0.1:5060, pages on 127.0.0.1:8434
  shouhu operator serve --data /var/lib/operator-a --id operator-a --centre centre-43 --sip 127.0.0.1:5060
  shouhu operator serve --data /var/lib/operator-a --smpp 127.0.0.1:2775

FILE is CSV: number,action,reason and where known expires,source,case_number; action is block, watch, allow or protect;
a number may be a prefix (+86170*) or a range. Bad rows are told in the log, the others hold.
Trunk groups, TLS, the proxy and accounts of message senders stand in shouhu.toml under [sip] and [messages].";

const CHECK_AFTER: &str = "\
EXAMPLES:
  shouhu operator check 17000000000 --data /var/lib/operator-a
  shouhu operator check 073188888888 --trunk foreign --list numbers.csv

EXIT CODES: 0 the call goes through   1 it is stopped";

const REPLAY_AFTER: &str = "\
EXAMPLES:
  shouhu world generate --out day.ndjson
  shouhu operator replay day.ndjson
  shouhu operator replay day.ndjson --list numbers.csv --json

Without --data the rules that come with the program and the list file alone decide; with it, the seat's own.";

/// What `operator serve` takes.
#[derive(Debug, Clone, Default, Args)]
pub struct OperatorServe {
    /// What every seat takes.
    #[command(flatten)]
    pub serve: Serve,
    /// Address and port for SIP, UDP and TCP; 127.0.0.1:5060 where neither SIP nor SMPP is named anywhere.
    #[arg(long, env = "SHOUHU_SIP", value_name = "ADDR")]
    pub sip: Option<SocketAddr>,
    /// Address and port at which senders of messages bind by SMPP.
    #[arg(long, env = "SHOUHU_SMPP", value_name = "ADDR")]
    pub smpp: Option<SocketAddr>,
    /// List file (CSV) that is read at start, besides what is kept.
    #[arg(long, env = "SHOUHU_LIST", value_name = "FILE")]
    pub list: Option<PathBuf>,
}

/// What `operator check` takes.
#[derive(Debug, Args)]
pub struct OperatorCheck {
    /// The caller, as the network would see it.
    pub number: String,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// The number called.
    #[arg(long, env = "SHOUHU_CALLEE", value_name = "NUMBER")]
    pub callee: Option<String>,
    /// Where the call comes from.
    #[arg(long, env = "SHOUHU_TRUNK", value_enum, default_value = "national")]
    pub trunk: TrunkKind,
    /// List file (CSV), besides what the seat keeps; without --data, this file alone.
    #[arg(long, env = "SHOUHU_LIST", value_name = "FILE")]
    pub list: Option<PathBuf>,
}

/// Where a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrunkKind {
    /// From the operator's own subscribers.
    Home,
    /// From another operator of the country.
    National,
    /// From abroad.
    Foreign,
}

/// `shouhu operator list …`
#[derive(Debug, Subcommand)]
pub enum OperatorList {
    /// Loads a CSV file; every row that cannot be loaded is named with its line and all its faults.
    #[command(
        after_help = "EXAMPLE:\n  shouhu operator list import numbers.csv --data /var/lib/operator-a\n\nA row that the list has already is passed over, so a file may be loaded again."
    )]
    Import(ListImport),
    /// Writes the list as CSV; the purpose goes into the journal.
    #[command(
        after_help = "EXAMPLE:\n  shouhu operator list export --out numbers.csv --purpose \"monthly backup\" --data /var/lib/operator-a"
    )]
    Export(ListExport),
    /// Counts what is kept, and tells how old the centre's list is.
    Stats(SeatAt),
}

/// What `operator list import` takes.
#[derive(Debug, Args)]
pub struct ListImport {
    /// The file; - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
}

/// What `operator list export` takes.
#[derive(Debug, Args)]
pub struct ListExport {
    /// The file to write; it must not exist yet.
    #[arg(long, env = "SHOUHU_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// Why numbers are taken out; recorded in the journal.
    #[arg(long, env = "SHOUHU_PURPOSE")]
    pub purpose: String,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
}

/// `shouhu operator calls …`
#[derive(Debug, Subcommand)]
pub enum OperatorCalls {
    /// Sends a file of call results to the running seat; every refused row is named with its line and all its faults.
    #[command(after_help = CALLS_AFTER)]
    Import(FeedImport),
}

/// `shouhu operator roaming …`
#[derive(Debug, Subcommand)]
pub enum OperatorRoaming {
    /// Sends a file of whereabouts to the running seat; every refused row is named with its line and all its faults.
    #[command(after_help = ROAMING_AFTER)]
    Import(FeedImport),
}

const CALLS_AFTER: &str = "\
EXAMPLE:
  SHOUHU_FEED_KEY=… shouhu operator calls import cdr.csv --data /var/lib/operator-a

FILE is CSV with call_id,caller,callee,started,answered,ended and where known cause,trunk; or NDJSON, or a JSON array, of the
same names. Calls that ended within the hour count in their callers' windows, older ones are recorded only; a Call-ID that
came before is passed over. The key is one of [feeds] in shouhu.toml, read from the environment, SHOUHU_FEED_KEY.";

const ROAMING_AFTER: &str = "\
EXAMPLE:
  SHOUHU_FEED_KEY=… shouhu operator roaming import abroad.csv --data /var/lib/operator-a

FILE is CSV with number and where known state,since,until,network; or NDJSON, or a JSON array, of the same names; state is
abroad or home. The key is one of [feeds] in shouhu.toml, read from the environment, SHOUHU_FEED_KEY.";

/// What `operator calls import` and `operator roaming import` take.
#[derive(Debug, Args)]
pub struct FeedImport {
    /// The file; - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the running seat listens; the address of its configuration where left out.
    #[arg(long, env = "SHOUHU_SEAT_URL", value_name = "URL")]
    pub seat_url: Option<String>,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
}

/// What `operator replay` takes.
#[derive(Debug, Args)]
pub struct OperatorReplay {
    /// Events, as `world generate` writes them; - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the seat is whose list and rules decide.
    #[command(flatten)]
    pub at: SeatAt,
    /// List file (CSV), besides what the seat keeps.
    #[arg(long, env = "SHOUHU_LIST", value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// Hours at the beginning that fill what the screen remembers of numbers and are not counted in the figures.
    #[arg(long, env = "SHOUHU_WARM_UP", default_value_t = 0, value_name = "HOURS")]
    pub warm_up: u32,
    /// Prints the figures as one JSON object.
    #[arg(long, env = "SHOUHU_JSON")]
    pub json: bool,
}
