//! `cargo xtask bench`: the promised figures, measured on real processes.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::demo::{self, Running};
use crate::machine::{self, Need};
use crate::{console, run};

/// What the classifier of texts is measured beside.
const LEARNERS_OF_OTHERS: &[&str] = &["scikit-learn==1.9.1"];

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
    /// The same at 100 reports a second for ten minutes, with 300 live streams open.
    Load,
    /// A chase over 1,000 accounts in 5 levels at three banks.
    Chase,
    /// Resident memory of an idle centre.
    Memory,
    /// Size and time of the first load of the console.
    Console,
    /// Following money: incremental beside anew.
    Trace,
    /// Decisions on calls with 50 million numbers, 30 rules and callers' windows; the list's size and times.
    Screen,
    /// Rules beside the interpreter of CEL.
    Rules,
    /// The SIP redirect server beside a bare echo and Kamailio, on the same core.
    Sip,
    /// The message front, texts screened.
    Smpp,
    /// The centre's number list: an entry added to ten million until operators have it, the whole list, a file of rows.
    Publish,
    /// A new report while another case of 100,000 movements is followed: until its first order has left.
    Fair,
    /// The classifier of texts: speed, and beside scikit-learn on the public collections where they are.
    Text,
    /// The reader of narratives: what it finds of what should be found, by field, and how its time grows with the text.
    Reader,
}

impl Figure {
    const ALL: [Figure; 14] = [
        Figure::Memory,
        Figure::Hold,
        Figure::Load,
        Figure::Chase,
        Figure::Console,
        Figure::Trace,
        Figure::Screen,
        Figure::Rules,
        Figure::Sip,
        Figure::Smpp,
        Figure::Publish,
        Figure::Fair,
        Figure::Text,
        Figure::Reader,
    ];
    fn word(self) -> &'static str {
        match self {
            Figure::Hold => "hold",
            Figure::Load => "load",
            Figure::Chase => "chase",
            Figure::Memory => "memory",
            Figure::Console => "console",
            Figure::Trace => "trace",
            Figure::Screen => "screen",
            Figure::Rules => "rules",
            Figure::Sip => "sip",
            Figure::Smpp => "smpp",
            Figure::Publish => "publish",
            Figure::Fair => "fair",
            Figure::Text => "text",
            Figure::Reader => "reader",
        }
    }

    /// The benches of a crate that measure it, where it needs no running seats.
    fn benches(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Figure::Memory | Figure::Hold | Figure::Load | Figure::Chase | Figure::Console => None,
            Figure::Trace => Some(("trace", &["chase"])),
            Figure::Screen => Some(("screen", &["screen"])),
            Figure::Rules => Some(("rules", &["rules"])),
            Figure::Sip => Some(("operator", &["sip"])),
            Figure::Smpp => Some(("operator", &["smpp"])),
            Figure::Publish => Some(("centre", &["publish"])),
            Figure::Fair => Some(("centre", &["fair"])),
            Figure::Text => Some(("text", &["speed", "compare"])),
            Figure::Reader => Some(("centre", &["reader", "growth"])),
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
    let (alone, seats): (Vec<Figure>, Vec<Figure>) = figures.iter().partition(|figure| figure.benches().is_some());
    println!("[1/3] what the machine has");
    machine::ensure(&[Need::Compiler])?;
    if !seats.is_empty() {
        machine::ensure(&[Need::Node, Need::Chromium])?;
    }
    if alone.contains(&Figure::Sip) {
        machine::ensure(&[Need::Kamailio])?;
    }
    println!("[2/3] building with optimisation (a cold build takes several minutes)");
    let mut missed = Vec::new();
    if !seats.is_empty() {
        console::install()?;
        console::build()?;
        let binary = demo::build("perf")?;
        println!("[3/3] measuring");
        for figure in &seats {
            note(*figure, of_seats(*figure, &binary), &mut missed)?;
        }
    }
    for figure in &alone {
        note(*figure, of_crate(*figure), &mut missed)?;
    }
    if missed.is_empty() { Ok(()) } else { bail!("limits missed or not measured: {}", missed.join(", ")) }
}

fn note(figure: Figure, measured: Result<()>, missed: &mut Vec<&'static str>) -> Result<()> {
    if let Err(error) = measured {
        if run::interrupted() {
            bail!("interrupted");
        }
        println!("      {error:#}");
        missed.push(figure.word());
    }
    Ok(())
}

/// Each figure has a province of its own: what one leaves behind must not slow the next.
fn of_seats(figure: Figure, binary: &PathBuf) -> Result<()> {
    let running = Running::start(binary)?;
    if figure != Figure::Console {
        return run::show(run::command(binary).args(["bench", figure.word(), "--demo"]).arg(running.data()));
    }
    let chromium = machine::chromium().context("no Chromium")?;
    run::show(
        run::command("node")
            .arg(run::root().join("xtask").join("console_load.mjs"))
            .arg(running.url(0))
            .current_dir(console::folder())
            .env("SHOUHU_CHROMIUM", &chromium),
    )
}

fn of_crate(figure: Figure) -> Result<()> {
    let Some((package, benches)) = figure.benches() else { return Ok(()) };
    let mut command = run::cargo();
    command.args(["bench", "--locked", "--profile", "perf", "-p", package]);
    for bench in benches {
        command.args(["--bench", bench]);
    }
    if figure == Figure::Text {
        machine::ensure(&[Need::Python])?;
        command.env("SHOUHU_PYTHON", machine::ensure_python_packages(LEARNERS_OF_OTHERS)?);
    }
    run::show(&mut command)
}
