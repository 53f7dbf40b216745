//! What a developer runs: `cargo xtask demo | test | bench`.
//!
//! It installs what is missing, says what it does while it does it, and leaves nothing running behind.
#![expect(clippy::print_stdout, reason = "this is a command line")]

mod bench;
mod console;
mod demo;
mod fuzz;
#[path = "../../crates/shouhu/src/holder.rs"]
mod holder;
mod machine;
mod postgres;
mod run;
mod schemas;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tries and measures 守护 Shouhu.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    after_help = "\
EXAMPLES:
  cargo xtask demo               build everything, start a centre and three banks, print the logins
  cargo xtask test               everything that continuous integration runs
  cargo xtask test --quick       format, lints and tests on SQLite; installs nothing
  cargo xtask test --only tests  one stage by name
  cargo xtask bench              the figures that the project promises, with the ratio to each limit

EXIT CODES:
  0 all well   1 a stage failed or a limit was missed   2 wrong usage   3 something is missing on this machine"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format, lints, licences, console, tests on both databases, end to end, browser.
    Test(test::Options),
    /// Builds what is needed and runs the demonstration province until Ctrl-C.
    Demo(demo::Options),
    /// Measures speed and size against the promised limits.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = run::watch_interrupts() {
        eprintln!("xtask: {error:#}");
        return ExitCode::from(3);
    }
    let outcome = match cli.task {
        Task::Test(options) => test::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<machine::Missing>() => {
            eprintln!("xtask: {error}");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
