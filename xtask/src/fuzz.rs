//! Short runs of the fuzz targets: any bytes on any port, and nothing falls over.

use anyhow::{Context, Result, bail};

use crate::{machine, run};

/// Seconds that each target runs in the tests; a long run is `cargo fuzz run TARGET` in the folder of the project.
const SECONDS_EACH: u32 = 12;
/// Longest input, bytes.
const LENGTH_MAX: u32 = 16_384;

/// Builds every target and runs each for a moment over its seeds.
///
/// # Errors
/// cargo-fuzz cannot be had, a target does not build, or an input brings one down.
pub fn run() -> Result<()> {
    machine::ensure_cargo_tool("cargo-fuzz")?;
    let targets = targets()?;
    // One build for all, so that they share what they depend on.
    run::show(command("build").arg("--target-dir").arg(run::target().join("fuzz")))?;
    for target in &targets {
        println!("      fuzzing {target} for {SECONDS_EACH} s");
        let found = run::target().join("fuzz-corpus").join(target);
        std::fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
        let mut fuzz = command("run");
        fuzz.arg("--target-dir").arg(run::target().join("fuzz")).arg(target).arg(&found);
        let seeds = run::root().join("fuzz").join("seeds").join(target);
        if seeds.exists() {
            fuzz.arg(seeds);
        }
        fuzz.args(["--", "-verbosity=0", "-print_final_stats=1"])
            .arg(format!("-max_total_time={SECONDS_EACH}"))
            .arg(format!("-max_len={LENGTH_MAX}"));
        run::show(&mut fuzz)?;
    }
    Ok(())
}

fn command(verb: &str) -> std::process::Command {
    let mut command = run::cargo();
    // The sanitizers are behind a gate that the one pinned toolchain opens with this.
    command.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", verb]);
    command
}

fn targets() -> Result<Vec<String>> {
    let folder = run::root().join("fuzz").join("fuzz_targets");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .collect();
    names.sort();
    if names.is_empty() { bail!("no fuzz targets in {}", folder.display()) } else { Ok(names) }
}
