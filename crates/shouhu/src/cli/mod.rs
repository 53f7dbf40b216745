//! The command line as it is typed. Every option can also stand in the environment, and those of a seat in its file.

mod bank;
mod centre;
mod demo;
mod evidence;
mod operator;
mod people;
mod seat;
mod text;
mod world;

use clap::{Parser, Subcommand, ValueEnum};

pub use self::bank::{BankImport, BankTask};
pub use self::centre::{CentreTask, ReportSubmit, ReportTask};
pub use self::demo::{Bench, Demo, Figure, Scene, SceneName};
pub use self::evidence::{
    JournalCheck, JournalExport, JournalRetry, JournalTail, JournalTask, JournalVerify, KeysTask,
};
pub use self::operator::{
    FeedImport, ListExport, ListImport, OperatorCalls, OperatorCheck, OperatorList, OperatorReplay, OperatorRoaming,
    OperatorServe, OperatorTask, TrunkKind,
};
#[cfg(test)]
pub use self::people::UserPassword;
pub use self::people::{PartnerAdd, PartnerKeys, PartnerRole, PartnersTask, UserAdd, UserAt, UsersTask};
pub use self::seat::{Durability, Institution, Migrate, SeatAt, SeatKind, SecondFactor, Serve};
pub use self::text::{TextCheck, TextEval, TextTask, TextTrain};
pub use self::world::{WorldGenerate, WorldPlay, WorldTask};
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
  shouhu demo                                     a centre, three banks and a carrier on this machine; all people are synthetic
  shouhu centre serve --data /var/lib/shouhu      a centre on 127.0.0.1:8430 with the embedded database
  shouhu users add chen --role stop_officer --data /var/lib/shouhu
  shouhu journal verify --data /var/lib/shouhu    names the first entry that does not fit

EXIT CODES:
  0 done   1 the answer is no (refused, does not verify)   2 wrong usage, configuration or input file
  3 the surroundings are not as needed (file, port, database, another seat)   4 a fault of this program
  5 a seat that was not healthy for too long ended itself; start it again";

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
