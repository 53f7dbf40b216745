//! `cargo xtask bench`: the promised figures, measured on real processes.

use anyhow::{Context, Result, bail};

use crate::demo::{self, Running};
use crate::machine::{self, Need};
use crate::{console, run};

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Measures only this (may be given several times).
    #[arg(long, value_name = "FIGURE")]
    only: Vec<Figure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Figure {
    /// From the report to the hold at the bank, at 20 reports a second.
    Hold,
    /// A chase over 1,000 accounts in 5 levels at three banks.
    Chase,
    /// Resident memory of an idle centre.
    Memory,
    /// Size and time of the first load of the console.
    Console,
}

impl Figure {
    const ALL: [Figure; 4] = [Figure::Memory, Figure::Hold, Figure::Chase, Figure::Console];
    fn word(self) -> &'static str {
        match self {
            Figure::Hold => "hold",
            Figure::Chase => "chase",
            Figure::Memory => "memory",
            Figure::Console => "console",
        }
    }
}

/// Builds with optimisation, measures, and prints each figure with its ratio to the limit.
///
/// # Errors
/// Something does not build or run, or a limit is missed.
pub fn run(options: &Options) -> Result<()> {
    let figures: Vec<Figure> =
        Figure::ALL.into_iter().filter(|figure| options.only.is_empty() || options.only.contains(figure)).collect();
    println!("[1/3] what the machine has");
    machine::ensure(&[Need::Compiler, Need::Node, Need::Chromium])?;
    println!("[2/3] building with optimisation (a cold build takes several minutes)");
    console::install()?;
    console::build()?;
    let binary = demo::build("perf")?;
    println!("[3/3] measuring");
    let chromium = machine::chromium().context("no Chromium")?;
    let mut missed = Vec::new();
    for figure in figures {
        // Each figure has a province of its own: what one leaves behind must not slow the next.
        let running = Running::start(&binary)?;
        let measured = match figure {
            Figure::Console => run::show(
                run::command("node")
                    .arg(run::root().join("xtask").join("console_load.mjs"))
                    .arg(running.url(0))
                    .current_dir(console::folder())
                    .env("SHOUHU_CHROMIUM", &chromium),
            ),
            _ => run::show(run::command(&binary).args(["bench", figure.word(), "--demo"]).arg(running.data())),
        };
        if let Err(error) = measured {
            if run::interrupted() {
                bail!("interrupted");
            }
            println!("      {error:#}");
            missed.push(figure.word());
        }
    }
    if missed.is_empty() { Ok(()) } else { bail!("limits missed or not measured: {}", missed.join(", ")) }
}
