//! `shouhu bench …`: the promised figures, measured from outside on the real processes of a running demonstration.

mod chase;
mod hold;
mod memory;
mod watch;

use std::path::Path;

use crate::cli::{Bench, Figure};
use crate::demo::stage::Stage;
use crate::output::tell;
use crate::scene::{self, script::Script};
use crate::speech::{Exit, Fail, Outcome, texts};

/// Numbers of the people and accounts of benches begin here, far from those of scenes, and are [`NUMBERS_EACH`] apart.
const NUMBERS_FIRST: usize = 2_000_000;
const NUMBERS_EACH: usize = 2_000;
/// The same for a script that needs more of them.
const MANY_FIRST: usize = 3_000_000;
const MANY_EACH: usize = 100_000;

/// Measures one figure and prints it with the ratio to its limit.
///
/// # Errors
/// The limit is missed, or the demonstration does not run.
pub async fn run(options: &Bench) -> Outcome {
    match options.figure {
        Figure::Hold => hold::run(&options.demo, &hold::HOLD.lasting(options.seconds)).await,
        Figure::Load => hold::run(&options.demo, &hold::LOAD.lasting(options.seconds)).await,
        Figure::Chase => chase::run(&options.demo).await,
        Figure::Memory => memory::run(&options.demo).await,
    }
}

/// Moves what a bench needs at the banks.
async fn move_money(demo: &Path, name: &str, script: &Script) -> Outcome {
    scene::move_money(demo, &demo.join("bench").join(name), script).await
}

/// An empty script for so many people, whose numbers meet those of no other run.
fn script(demo: &Path, prefix: &str, people: usize) -> Outcome<(Stage, Script)> {
    let mut stage = Stage::open(demo)?;
    stage.scenes += 1;
    stage.save(demo)?;
    let first = if people > NUMBERS_EACH {
        MANY_FIRST + stage.scenes * MANY_EACH
    } else {
        NUMBERS_FIRST + stage.scenes * NUMBERS_EACH
    };
    let prefix = format!("{prefix}{:04}", stage.scenes);
    Ok((stage, Script::new(first, &prefix, kernel::Clock::system().now())))
}

/// One line: the figure, its limit, the ratio.
struct Measured {
    what: &'static str,
    value: f64,
    limit: f64,
    unit: &'static str,
}

/// Prints the lines; an error when a limit is missed.
fn judge(lines: &[Measured]) -> Outcome {
    let mut missed = Vec::new();
    for line in lines {
        let ratio = line.value / line.limit;
        let word = if ratio < 1.0 { "ok" } else { "MISSED" };
        tell!(
            "{:<42} {:>9.2} {:<3} limit {:>7.2} {:<3} ratio {ratio:.2} {word}",
            line.what,
            line.value,
            line.unit,
            line.limit,
            line.unit
        );
        if ratio >= 1.0 {
            missed.push(line.what);
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(texts::LIMIT.fail(Exit::No, &[("what", &missed.join(", "))])) }
}

/// The value that so many per cent of the sorted values do not exceed; by nearest rank.
fn percentile(sorted: &[f64], per_cent: usize) -> f64 {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&values, 50), 100.0);
        assert_eq!(percentile(&values, 99), 198.0);
        assert_eq!(percentile(&values[..1], 99), 1.0);
    }
}
