//! The web console: its packages, its build, its checks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run;

/// Where the console lives.
pub fn folder() -> PathBuf {
    run::root().join("console")
}

/// Installs the packages that the lock file names, unless they are there already.
///
/// # Errors
/// npm fails.
pub fn install() -> Result<()> {
    let lock = std::fs::read(folder().join("package-lock.json")).context("console/package-lock.json")?;
    let installed = folder().join("node_modules").join(".installed-lock.json");
    if std::fs::read(&installed).is_ok_and(|known| known == lock) {
        println!("      packages are those of the lock file");
        return Ok(());
    }
    run::show(npm().args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    std::fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

/// Builds the pages that the binary serves.
///
/// # Errors
/// The build fails.
pub fn build() -> Result<()> {
    run::show(npm().args(["run", "--silent", "build"]))
}

/// Types, lints and unit tests.
///
/// # Errors
/// One of them fails.
pub fn check() -> Result<()> {
    for script in ["typecheck", "lint", "test"] {
        run::show(npm().args(["run", "--silent", script]))?;
    }
    Ok(())
}

/// The types of the API in the console are those that this binary's documents give.
///
/// # Errors
/// They are not; `npm run gen:api` writes them anew.
pub fn check_types(binary: &Path) -> Result<()> {
    run::show(npm().args(["run", "--silent", "check:api"]).env("SHOUHU_BIN", binary))
}

/// npm in the folder of the console.
pub fn npm() -> std::process::Command {
    let mut npm = run::command("npm");
    npm.current_dir(folder()).env("CI", "1");
    npm
}
