//! `shouhu demo`, the scenes played in it, and the figures measured against it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What `demo` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  shouhu demo                                   on 127.0.0.1:8430 to 8435, data in ./shouhu-demo
  shouhu demo --data /tmp/demo --base-port 9000 --fresh
  SHOUHU_DEMO_PASSWORD=… shouhu demo            with a password of one's own; nobody else on the machine sees it
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
    /// Reads the password of every demonstration login from standard input, else from SHOUHU_DEMO_PASSWORD, else makes
    /// one; kept from the first start on.
    #[arg(long)]
    pub password_stdin: bool,
    /// Not taken: everybody on the machine could read it.
    #[arg(long, hide = true, value_name = "TEXT")]
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

/// What `bench` takes.
#[derive(Debug, Args)]
pub struct Bench {
    /// Which figure.
    #[arg(value_enum)]
    pub figure: Figure,
    /// Folder of the running demonstration.
    #[arg(long, env = "SHOUHU_DEMO", value_name = "DIR")]
    pub demo: PathBuf,
    /// Sends reports for so long instead of the full time; such a run looks for what limits, and measures nothing.
    #[arg(long, env = "SHOUHU_BENCH_SECONDS", value_name = "SECONDS")]
    pub seconds: Option<usize>,
}

/// The promised figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// From the report to the hold at the bank.
    Hold,
    /// The same at 100 reports a second for ten minutes, with 300 live streams open.
    Load,
    /// A chase over 1,000 accounts.
    Chase,
    /// Resident memory of an idle centre.
    Memory,
}
