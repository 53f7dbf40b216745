//! `cargo xtask test`: the stages, in an order in which cheap faults are told first.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::demo::{self, Running};
use crate::machine::{self, Need};
use crate::postgres::Cluster;
use crate::{console, fuzz, run, schemas};

/// How long the advisory database may take to arrive.
const ADVISORY_SECONDS_MAX: u64 = 120;

/// SMPP client and server of other projects, against which the message front is tried.
const SMPP_OF_OTHERS: &[&str] = &["smpplib==2.2.4", "smppy==0.3.2"];

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Runs only this stage (may be given several times).
    #[arg(long, value_name = "STAGE", conflicts_with = "quick")]
    only: Vec<Stage>,
    /// Leaves this stage out (may be given several times).
    #[arg(long, value_name = "STAGE")]
    skip: Vec<Stage>,
    /// Format, lints and tests on SQLite only; installs nothing.
    #[arg(long)]
    quick: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stage {
    /// Looks for what is needed and installs what is missing.
    Setup,
    /// Source text is formatted.
    Format,
    /// The console builds; its types, lints and unit tests.
    Console,
    /// Compiler and clippy warnings are errors.
    Clippy,
    /// Licences, sources and known faults of dependencies.
    Deny,
    /// The binary and every test compile.
    Build,
    /// The console's types are those that the built binary answers with.
    Types,
    /// What the seats answer is what their documents say.
    Schemas,
    /// Unit, property, both-database and end-to-end tests.
    Tests,
    /// A walk through the console in Chromium.
    Browser,
    /// Short runs of the fuzz targets.
    Fuzz,
}

impl Stage {
    const ALL: [Stage; 11] = [
        Stage::Setup,
        Stage::Format,
        Stage::Console,
        Stage::Clippy,
        Stage::Deny,
        Stage::Build,
        Stage::Types,
        Stage::Schemas,
        Stage::Tests,
        Stage::Browser,
        Stage::Fuzz,
    ];
    const QUICK: [Stage; 4] = [Stage::Format, Stage::Clippy, Stage::Build, Stage::Tests];

    fn title(self) -> &'static str {
        match self {
            Stage::Setup => "setup: what the machine has, and installing what is missing",
            Stage::Format => "format",
            Stage::Console => "console: packages, build, types, lints, unit tests",
            Stage::Clippy => "clippy: every warning is an error",
            Stage::Deny => "deny: licences, bans, sources, advisories",
            Stage::Build => "build: the binary and the tests",
            Stage::Types => "types: what the console takes the API for is what the binary says",
            Stage::Schemas => "schemas: what each seat answers is what its OpenAPI document says",
            Stage::Tests => "tests: unit, property, both databases, end to end",
            Stage::Browser => "browser: a walk through the console",
            Stage::Fuzz => "fuzz: any bytes on any port, a moment each",
        }
    }
}

/// What the stages hand on to the summary.
struct Report {
    quick: bool,
    skipped: Vec<String>,
    /// Lines of failing or long stages that are worth reading last.
    ends: Vec<String>,
}

/// Runs the chosen stages and prints what was done, what was skipped and why.
///
/// # Errors
/// A stage failed; the others were still run where they could be.
pub fn run(options: &Options) -> Result<()> {
    let mut report = Report { quick: options.quick, skipped: Vec::new(), ends: Vec::new() };
    let stages = chosen(options, &mut report);
    let began = Instant::now();
    let mut failed: Vec<String> = Vec::new();
    let mut times = String::new();
    let mut missing = false;
    for (index, stage) in stages.iter().enumerate() {
        println!("\n[{}/{}] {}  ({} since start)", index + 1, stages.len(), stage.title(), told(began.elapsed()));
        let stage_began = Instant::now();
        let outcome = stage_run(*stage, &mut report);
        let time = told(stage_began.elapsed());
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("      {word} after {time}");
        writeln!(times, "  {:<8} {word:<6} {time:>9}", name(*stage))?;
        if let Err(error) = outcome {
            println!("      {error:#}");
            missing |= error.is::<machine::Missing>();
            failed.push(format!("{}: {error:#}", name(*stage)));
            // What is missing or does not build would only fail again in every later stage.
            if run::interrupted() || matches!(stage, Stage::Setup | Stage::Build) {
                break;
            }
        }
    }

    println!("\nSummary after {}", told(began.elapsed()));
    print!("{times}");
    for line in &report.skipped {
        println!("  skipped: {line}");
    }
    for line in &report.ends {
        println!("{line}");
    }
    if failed.is_empty() {
        println!("all stages passed");
        return Ok(());
    }
    let told = format!("{} of {} stages failed\n  {}", failed.len(), stages.len(), failed.join("\n  "));
    if missing { Err(machine::Missing(told).into()) } else { bail!(told) }
}

fn chosen(options: &Options, report: &mut Report) -> Vec<Stage> {
    let mut stages = if !options.only.is_empty() {
        Stage::ALL.into_iter().filter(|stage| options.only.contains(stage)).collect::<Vec<_>>()
    } else if options.quick {
        report.skipped.push("setup, console, deny, types, schemas, browser, fuzz and PostgreSQL: --quick".to_owned());
        Stage::QUICK.to_vec()
    } else {
        Stage::ALL.to_vec()
    };
    for stage in &options.skip {
        if stages.contains(stage) {
            stages.retain(|kept| kept != stage);
            report.skipped.push(format!("{}: --skip", name(*stage)));
        }
    }
    stages
}

fn stage_run(stage: Stage, report: &mut Report) -> Result<()> {
    match stage {
        Stage::Setup => setup(report),
        Stage::Format => run::show(run::cargo().args(["fmt", "--all", "--check"])),
        Stage::Console => {
            console::install()?;
            console::build()?;
            console::check()
        }
        Stage::Clippy => {
            run::show(run::cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
        }
        Stage::Deny => deny(report),
        Stage::Build => build(),
        Stage::Types => console::check_types(&run::target().join("debug").join("shouhu")),
        Stage::Schemas => {
            build()?;
            schemas::run(&run::target().join("debug").join("shouhu"))
        }
        Stage::Tests => tests(report),
        Stage::Browser => browser(report),
        Stage::Fuzz => fuzz::run(),
    }
}

/// One build for both, so that the binary and the tests share every dependency.
fn build() -> Result<()> {
    run::show(run::cargo().args(["build", "--workspace", "--bins", "--tests", "--locked"]))
}

fn setup(report: &mut Report) -> Result<()> {
    machine::ensure(&[
        Need::Compiler,
        Need::Node,
        Need::Postgres,
        Need::Chromium,
        Need::ChineseFont,
        Need::SipTester,
        Need::Kamailio,
        Need::Python,
    ])?;
    machine::ensure_python_packages(&[SMPP_OF_OTHERS, &[schemas::SCHEMATHESIS]].concat())?;
    machine::ensure_cargo_tool("cargo-deny")?;
    // `cargo test` runs the same tests, slower: its absence is no reason to fail.
    if let Err(error) = machine::ensure_cargo_tool("cargo-nextest") {
        report.skipped.push(format!("cargo-nextest, with cargo test in its place: {error:#}"));
    }
    Ok(())
}

fn deny(report: &mut Report) -> Result<()> {
    run::show(run::cargo().args(["deny", "--workspace", "check", "licenses", "bans", "sources"]))?;
    println!("      fetching the database of advisories (at most {ADVISORY_SECONDS_MAX} s) …");
    match fetch_advisories() {
        Ok(()) => run::show(run::cargo().args(["deny", "--workspace", "check", "--disable-fetch", "advisories"])),
        Err(error) => {
            let line =
                format!("advisories of dependencies, whose database could not be fetched: {}", error.root_cause());
            println!("      skipped: {line}");
            report.skipped.push(line);
            Ok(())
        }
    }
}

fn fetch_advisories() -> Result<()> {
    let limit = format!("{ADVISORY_SECONDS_MAX}s");
    let cargo = run::cargo();
    // `timeout` because a firewall may swallow the connection instead of refusing it.
    let mut fetch = run::command("timeout");
    fetch.arg(limit).arg(cargo.get_program()).args(["deny", "fetch", "db"]);
    run::read(&mut fetch).map(drop)
}

fn tests(report: &mut Report) -> Result<()> {
    let cluster = if report.quick {
        None
    } else {
        let cluster = Cluster::start()?;
        println!("      PostgreSQL answers at {}", cluster.url());
        Some(cluster)
    };
    let nextest = run::succeeds(run::cargo().args(["nextest", "--version"]));
    let mut command = run::cargo();
    if nextest {
        command.args(["nextest", "run", "--workspace", "--locked", "--no-tests=fail"]);
    } else {
        command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    }
    command.env("SHOUHU_BIN", run::target().join("debug").join("shouhu"));
    if !report.quick {
        // What the setup stage has brought: a test that does not find it fails instead of passing over.
        command.env("SHOUHU_TEST_PYTHON", run::tools().join("python").join("bin").join("python"));
        command.env("SHOUHU_TEST_SWITCHES", "1");
    }
    match &cluster {
        Some(cluster) => command.env("SHOUHU_TEST_POSTGRES", cluster.url()),
        None => command.env_remove("SHOUHU_TEST_POSTGRES"),
    };
    if !nextest {
        return run::show(&mut command);
    }
    let (outcome, told) = run::show_and_pick(&mut command, |line| {
        let line = line.trim_start();
        ["Summary [", "FAIL [", "TIMEOUT [", "SIGABRT [", "SIGSEGV ["].iter().any(|word| line.starts_with(word))
    });
    report.ends.extend(told);
    outcome
}

fn browser(report: &mut Report) -> Result<()> {
    let chromium = machine::chromium().context("no Chromium; run the setup stage, or: apt-get install chromium")?;
    build()?;
    let binary = run::target().join("debug").join("shouhu");
    let running = Running::start(&binary)?;
    println!("      a demonstration runs at {}", running.url(0));
    let (outcome, told) = run::show_and_pick(
        console::npm()
            .args(["run", "--silent", "e2e"])
            .env("SHOUHU_CHROMIUM", chromium)
            .env("SHOUHU_BIN", &binary)
            .env("SHOUHU_DEMO", running.data())
            .env("SHOUHU_E2E_CENTRE", running.url(0))
            .env("SHOUHU_E2E_BANK", running.url(1))
            .env("SHOUHU_E2E_BANK_B", running.url(2))
            .env("SHOUHU_E2E_OPERATOR", running.url(4))
            .env("SHOUHU_E2E_PASSWORD", demo::PASSWORD)
            .env("SHOUHU_E2E_PICTURES", run::target().join("pictures")),
        |_| true,
    );
    if outcome.is_err() {
        report.ends.extend(told);
        println!("the end of the demonstration's log:\n{}", running.log_tail());
    }
    outcome
}

fn name(stage: Stage) -> String {
    format!("{stage:?}").to_lowercase()
}

fn told(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f32())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}
