//! The command line as it is typed. Every option can also stand in the environment, and those of a seat in its file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::speech::Lang;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "shouhu", version, about = "守护 Shouhu: an anti-scam centre in one binary", after_help = ROOT_AFTER)]
pub struct Cli {
    /// Language of what this program says.
    #[arg(long, global = true, env = "SHOUHU_LANG", value_enum, help_heading = "Everywhere")]
    pub lang: Option<Lang>,
    /// What is logged: error, warn, info, debug, or directives such as `info,wire=debug`; a seat that serves logs info,
    /// everything else warn.
    #[arg(long, global = true, env = "SHOUHU_LOG", value_name = "LEVEL", help_heading = "Everywhere")]
    pub log: Option<String>,
    /// How the log is written to standard error.
    #[arg(
        long,
        global = true,
        env = "SHOUHU_LOG_FORMAT",
        value_enum,
        default_value = "auto",
        help_heading = "Everywhere"
    )]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

const ROOT_AFTER: &str = "\
EXAMPLES:
  shouhu demo                                     a centre and three banks on this machine, with synthetic people
  shouhu centre serve --data /var/lib/shouhu      a centre on 127.0.0.1:8430 with the embedded database
  shouhu users add chen --role stop_officer --data /var/lib/shouhu
  shouhu journal verify --data /var/lib/shouhu    names the first entry that does not fit

EXIT CODES:
  0 done   1 the answer is no (refused, does not verify)   2 wrong usage, configuration or input file
  3 the surroundings are not as needed (file, port, database, another seat)   4 a fault of this program";

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// The police seat: takes reports, stops money, follows it.
    #[command(subcommand)]
    Centre(CentreTask),
    /// The bank seat: accounts, ledger, holds, answers.
    #[command(subcommand)]
    Bank(BankTask),
    /// The carrier seat: screens calls and messages, acts on lines when a centre asks.
    #[command(subcommand)]
    Operator(OperatorTask),
    /// A centre, three banks and a carrier on this machine, with synthetic people, money and calls.
    Demo(Demo),
    /// Plays a scene in a running demonstration: moves the scam money and files the report.
    Scene(Scene),
    /// Makes or updates the tables of a seat; serving does it too.
    Migrate(Migrate),
    /// Signing keys of a seat.
    #[command(subcommand)]
    Keys(KeysTask),
    /// Local users of a seat.
    #[command(subcommand)]
    Users(UsersTask),
    /// The directory of partner seats.
    #[command(subcommand)]
    Partners(PartnersTask),
    /// The journal: verify, follow, export and check evidence.
    #[command(subcommand)]
    Journal(JournalTask),
    /// Reports of victims.
    #[command(subcommand)]
    Report(ReportTask),
    /// The synthetic province: generates days of calls, and plays them against a carrier seat.
    #[command(subcommand)]
    World(WorldTask),
    /// The classifier of messages: trains it on one's own cases, evaluates it, tries it on a text.
    #[command(subcommand)]
    Text(TextTask),
    /// Completions for a shell, on standard output.
    #[command(after_help = "EXAMPLE:\n  shouhu completions bash > /etc/bash_completion.d/shouhu")]
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Measures a promised figure against a running demonstration.
    #[command(hide = true)]
    Bench(Bench),
}

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

The data folder keeps the keys, the embedded database, and shouhu.toml with what was asked for at first start.
Flags win over the environment, the environment over the file. An unknown key in the file is an error.";

/// `shouhu bank …`
#[derive(Debug, Subcommand)]
pub enum BankTask {
    /// Runs the seat until Ctrl-C or SIGTERM.
    #[command(after_help = BANK_AFTER)]
    Serve(Box<Serve>),
    /// Prints the OpenAPI document of the seat, as it is served at /api/openapi.json.
    Openapi,
    /// Loads customers, accounts and transfers from CSV files.
    #[command(after_help = IMPORT_AFTER)]
    Import(BankImport),
}

const BANK_AFTER: &str = "\
EXAMPLES:
  shouhu bank serve --id bank-a --name 湘江示范银行 --data /var/lib/bank-a --listen 127.0.0.1:8431
  shouhu bank serve --id pay-c --institution payment --data /var/lib/pay-c --listen 127.0.0.1:8433";

const IMPORT_AFTER: &str = "\
EXAMPLES:
  shouhu bank import ./files --data /var/lib/bank-a
  shouhu bank import --data /var/lib/bank-a --customers c.csv --accounts a.csv --transfers t.csv

Every row that cannot be loaded is named with its line and all its faults; the others are loaded. A row that was
loaded before is passed over, so a file may be loaded again. docs/handbook/administrator.md lists the columns.";

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
    /// The file to write.
    #[arg(long, env = "SHOUHU_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// Why numbers are taken out; recorded in the journal.
    #[arg(long, env = "SHOUHU_PURPOSE")]
    pub purpose: String,
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
    /// Prints the figures as one JSON object.
    #[arg(long, env = "SHOUHU_JSON")]
    pub json: bool,
}

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

/// What `bank import` takes.
#[derive(Debug, Args)]
pub struct BankImport {
    /// Folder with customers.csv, accounts.csv and transfers.csv, or some of them.
    #[arg(value_name = "FOLDER", required_unless_present_any = ["customers", "accounts", "transfers"])]
    pub folder: Option<PathBuf>,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// CSV of customers.
    #[arg(long, env = "SHOUHU_CUSTOMERS", value_name = "FILE")]
    pub customers: Option<PathBuf>,
    /// CSV of accounts.
    #[arg(long, env = "SHOUHU_ACCOUNTS", value_name = "FILE")]
    pub accounts: Option<PathBuf>,
    /// CSV of transfers.
    #[arg(long, env = "SHOUHU_TRANSFERS", value_name = "FILE")]
    pub transfers: Option<PathBuf>,
}

/// What `demo` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  shouhu demo                                   on 127.0.0.1:8430 to 8435, data in ./shouhu-demo
  shouhu demo --data /tmp/demo --base-port 9000 --fresh
  shouhu scene professor                        in a second terminal, while the demonstration runs
  shouhu scene caller                           scam calls, and how the carrier stops them

Everything in it is synthetic: people, numbers, money. It opens no browser; it prints addresses and logins.")]
pub struct Demo {
    /// Folder for the five seats.
    #[arg(long, env = "SHOUHU_DATA", value_name = "DIR", default_value = "shouhu-demo")]
    pub data: PathBuf,
    /// Port of the centre; the three banks, the carrier and its SIP front take the next ones.
    #[arg(long, env = "SHOUHU_BASE_PORT", value_name = "PORT", default_value_t = 8430)]
    pub base_port: u16,
    /// Password of every demonstration login, kept from the first start on.
    #[arg(long, env = "SHOUHU_DEMO_PASSWORD", value_name = "TEXT", hide_env_values = true)]
    pub password: Option<String>,
    /// Starts over: removes what an earlier demonstration left in the folder.
    #[arg(long, env = "SHOUHU_FRESH")]
    pub fresh: bool,
}

/// What `scene` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  shouhu scene student
  shouhu scene professor --demo /tmp/demo")]
pub struct Scene {
    /// Which scene.
    #[arg(value_enum)]
    pub scene: SceneName,
    /// Folder of the running demonstration.
    #[arg(long, env = "SHOUHU_DEMO", value_name = "DIR", default_value = "shouhu-demo")]
    pub demo: PathBuf,
    /// Does the officers' part as well: approves, corrects, and checks what is held in the end.
    #[arg(long, env = "SHOUHU_FINISH")]
    pub finish: bool,
}

/// The scenes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SceneName {
    /// A professor of 86 gave away six cards; over 500,000 yuan went to several payees.
    Professor,
    /// A student paid 30,000 yuan of borrowed money minutes ago.
    Student,
    /// A man denies everything; his father reports, and the payee's name is written wrong at first.
    Disbeliever,
    /// Two hours of calls in a province, gangs among them, by SIP against the carrier: see them being stopped.
    Caller,
}

/// `shouhu text …`
#[derive(Debug, Subcommand)]
pub enum TextTask {
    /// Trains a model on a CSV file with the columns text and label.
    #[command(after_help = "EXAMPLE:\n  shouhu text train cases.csv --out cases.model")]
    Train(TextTrain),
    /// Says how well texts are told apart: F1 by class, and what is taken for what.
    #[command(
        after_help = "EXAMPLES:\n  shouhu text eval cases.csv --model cases.model\n  shouhu text eval cases.csv --folds 5\n\nWith --folds a model is trained for each fold on the others; texts that are nearly the same stay together."
    )]
    Eval(TextEval),
    /// Judges one text and names the identifiers in it, as JSON.
    #[command(after_help = "EXAMPLE:\n  shouhu text check '您的积分即将过期，请登录abc点top兑换现金'")]
    Check(TextCheck),
}

/// What `text train` takes.
#[derive(Debug, Args)]
pub struct TextTrain {
    /// CSV with the columns text and label; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The model to write.
    #[arg(long, env = "SHOUHU_TEXT_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// A label whose texts are scams; may be given several times. Without it, labels that name a scam type.
    #[arg(long, env = "SHOUHU_TEXT_SCAM", value_name = "LABEL")]
    pub scam: Vec<String>,
    /// What everything follows from: the same seed gives the same model.
    #[arg(long, env = "SHOUHU_TEXT_SEED", default_value_t = 1)]
    pub seed: u64,
}

/// What `text eval` takes.
#[derive(Debug, Args)]
pub struct TextEval {
    /// CSV with the columns text and label; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The model; the shipped one when left out.
    #[arg(long, env = "SHOUHU_TEXT_MODEL", value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Trains and judges by so many folds instead of using a model.
    #[arg(long, env = "SHOUHU_TEXT_FOLDS", conflicts_with = "model", value_parser = clap::value_parser!(u8).range(2..=20))]
    pub folds: Option<u8>,
    /// Orders of the folds follow from it.
    #[arg(long, env = "SHOUHU_TEXT_SEED", default_value_t = 1)]
    pub seed: u64,
    /// Prints JSON.
    #[arg(long, env = "SHOUHU_JSON")]
    pub json: bool,
}

/// What `text check` takes.
#[derive(Debug, Args)]
pub struct TextCheck {
    /// The text; `-` reads standard input.
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// The model; the shipped one when left out.
    #[arg(long, env = "SHOUHU_TEXT_MODEL", value_name = "FILE")]
    pub model: Option<PathBuf>,
}

/// `shouhu world …`
#[derive(Debug, Subcommand)]
pub enum WorldTask {
    /// Writes events with the truth about each, one JSON object a line.
    #[command(
        after_help = "EXAMPLES:\n  shouhu world generate --out day.ndjson\n  shouhu world generate --people 200000 --gangs 40 --hours 72 --seed 7 --out days.ndjson"
    )]
    Generate(WorldGenerate),
    /// Plays the calls of a file by SIP over UDP and its messages by SMPP, and tells how each kind was answered.
    #[command(
        after_help = "EXAMPLE:\n  shouhu world play day.ndjson --sip 127.0.0.1:5060 --rate 200\n  SHOUHU_SMPP_PASSWORD=… shouhu world play day.ndjson --smpp 127.0.0.1:2775 --system-id shop\n\nHome calls come from 127.0.0.11, national ones from 127.0.0.12, foreign ones from 127.0.0.13, unless --from says otherwise;\nthe trunk groups of the seat must know these addresses."
    )]
    Play(WorldPlay),
}

/// What `world generate` takes.
#[derive(Debug, Args)]
pub struct WorldGenerate {
    /// The file to write.
    #[arg(long, env = "SHOUHU_WORLD_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// What everything follows from: the same seed gives the same events.
    #[arg(long, env = "SHOUHU_WORLD_SEED", default_value_t = 43)]
    pub seed: u64,
    /// People with a telephone.
    #[arg(long, env = "SHOUHU_WORLD_PEOPLE", default_value_t = 20_000)]
    pub people: usize,
    /// Gangs that call.
    #[arg(long, env = "SHOUHU_WORLD_GANGS", default_value_t = 10)]
    pub gangs: usize,
    /// When it begins, RFC 3339; now when left out.
    #[arg(long, env = "SHOUHU_WORLD_START", value_name = "TIME")]
    pub start: Option<String>,
    /// How many hours.
    #[arg(long, env = "SHOUHU_WORLD_HOURS", default_value_t = 24)]
    pub hours: u32,
}

/// What `world play` takes.
#[derive(Debug, Args)]
pub struct WorldPlay {
    /// Events, as `world generate` writes them.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// SIP front of the carrier seat, UDP: plays the calls.
    #[arg(long, env = "SHOUHU_PLAY_SIP", value_name = "ADDR", required_unless_present = "smpp")]
    pub sip: Option<SocketAddr>,
    /// Message front of the carrier seat: plays the messages.
    #[arg(long, env = "SHOUHU_PLAY_SMPP", value_name = "ADDR", requires = "system_id")]
    pub smpp: Option<SocketAddr>,
    /// Account at the message front; its password is read from the environment, SHOUHU_SMPP_PASSWORD.
    #[arg(long, env = "SHOUHU_SMPP_ACCOUNT", value_name = "ID")]
    pub system_id: Option<String>,
    /// Calls a second.
    #[arg(long, env = "SHOUHU_WORLD_RATE", default_value_t = 100)]
    pub rate: u32,
    /// Events read at most.
    #[arg(long, env = "SHOUHU_WORLD_CALLS_MAX", value_name = "COUNT")]
    pub calls_max: Option<usize>,
    /// Source addresses of the home, national and foreign trunk, in this order.
    #[arg(long = "from", env = "SHOUHU_WORLD_FROM", value_name = "IP", value_delimiter = ',')]
    pub from: Vec<std::net::IpAddr>,
}

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

/// `shouhu users …`
#[derive(Debug, Subcommand)]
pub enum UsersTask {
    /// Adds a user and prints his first password, unless one is given on standard input.
    #[command(after_help = "\
EXAMPLES:
  shouhu users add chen --name 陈警官 --role stop_officer --data /var/lib/shouhu
  echo \"$PASSWORD\" | shouhu users add admin --role admin --password-stdin --data /var/lib/shouhu

ROLES:
  centre: intake_officer stop_officer stop_reviewer chief auditor admin   bank: bank_clerk bank_admin
  operator: operator_clerk operator_reviewer operator_admin auditor admin")]
    Add(UserAdd),
    /// Lists the users.
    List(SeatAt),
    /// Ends a user's sessions and lets him in no more.
    Disable(UserAt),
    /// Sets a new password and prints it, unless one is given on standard input.
    Password(UserPassword),
    /// Forgets the authenticator (second factor), so that the user can enrol another one.
    Totp(UserAt),
}

/// A user of a seat.
#[derive(Debug, Args)]
pub struct UserAt {
    /// Login.
    pub login: String,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
}

/// What `users add` takes.
#[derive(Debug, Args)]
pub struct UserAdd {
    /// Who.
    #[command(flatten)]
    pub user: UserAt,
    /// Name shown to colleagues; the login when left out.
    #[arg(long, env = "SHOUHU_USER_NAME")]
    pub name: Option<String>,
    /// Role (may be given several times).
    #[arg(long = "role", env = "SHOUHU_USER_ROLES", value_delimiter = ',', required = true)]
    pub roles: Vec<String>,
    /// Region scope: a six-digit region code, such as 430000 or 430100; everywhere when left out.
    #[arg(long, env = "SHOUHU_USER_REGION")]
    pub region: Option<String>,
    /// Reads the password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
}

/// What `users password` takes.
#[derive(Debug, Args)]
pub struct UserPassword {
    /// Who.
    #[command(flatten)]
    pub user: UserAt,
    /// Reads the password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
}

/// `shouhu partners …`
#[derive(Debug, Subcommand)]
pub enum PartnersTask {
    /// Adds a partner seat, or replaces its address and keys.
    #[command(after_help = "\
EXAMPLE:
  shouhu keys public --data /var/lib/bank-a > bank-a.json
  shouhu partners add bank-a --name 湘江示范银行 --role bank --url https://stop.bank-a.example --keys bank-a.json \\
    --contact primary:值班室:0731-0000001 --contact deputy:副班:0731-0000002 --data /var/lib/shouhu

A bank needs a contact round the clock and a deputy (银发〔2019〕85号).")]
    Add(PartnerAdd),
    /// Lists the partners.
    List(SeatAt),
    /// Replaces the public keys of a partner.
    Keys(PartnerKeys),
}

/// What `partners add` takes.
#[derive(Debug, Args)]
pub struct PartnerAdd {
    /// Name of the seat, for instance bank-a.
    pub id: String,
    /// Where our own seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// Name shown to people.
    #[arg(long, env = "SHOUHU_PARTNER_NAME")]
    pub name: String,
    /// What it is to us.
    #[arg(long, env = "SHOUHU_PARTNER_ROLE", value_enum)]
    pub role: PartnerRole,
    /// Address under which it takes sealed messages.
    #[arg(long, env = "SHOUHU_PARTNER_URL")]
    pub url: String,
    /// Name shown to people, in English.
    #[arg(long, env = "SHOUHU_PARTNER_NAME_EN")]
    pub name_en: Option<String>,
    /// File with its public keys, as printed by `shouhu keys public`; - reads standard input.
    #[arg(long, env = "SHOUHU_PARTNER_KEYS", value_name = "FILE")]
    pub keys: PathBuf,
    /// Whom to call, as DUTY:NAME:PHONE with the duty primary, deputy or technical (may be given several times).
    #[arg(long = "contact", env = "SHOUHU_PARTNER_CONTACTS", value_delimiter = ',', value_name = "CONTACT")]
    pub contacts: Vec<String>,
    /// Bank code by which its accounts are known (may be given several times).
    #[arg(long = "bank-code", env = "SHOUHU_PARTNER_BANK_CODES", value_delimiter = ',')]
    pub bank_codes: Vec<String>,
    /// Minutes within which it must answer an order.
    #[arg(long, env = "SHOUHU_PARTNER_ANSWER_MINUTES", default_value_t = 30)]
    pub answer_minutes: i64,
}

/// What a partner is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PartnerRole {
    /// A police centre.
    Centre,
    /// A bank or payment institution.
    Bank,
    /// A telecom operator.
    Operator,
}

/// What `partners keys` takes.
#[derive(Debug, Args)]
pub struct PartnerKeys {
    /// Name of the seat.
    pub id: String,
    /// File with its public keys; - reads standard input.
    #[arg(value_name = "FILE")]
    pub keys: PathBuf,
    /// Where our own seat is.
    #[command(flatten)]
    pub at: SeatAt,
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

/// What `bench` takes.
#[derive(Debug, Args)]
pub struct Bench {
    /// Which figure.
    #[arg(value_enum)]
    pub figure: Figure,
    /// Folder of the running demonstration.
    #[arg(long, env = "SHOUHU_DEMO", value_name = "DIR")]
    pub demo: PathBuf,
}

/// The promised figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// From the report to the hold at the bank.
    Hold,
    /// A chase over 1,000 accounts.
    Chase,
    /// Resident memory of an idle centre.
    Memory,
}
