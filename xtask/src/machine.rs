//! What must be on the machine: found where it is, installed where it is not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run;

/// Major and minor version of the oldest Node that builds the console. Vite also leaves out what lies between its two
/// long-term versions.
const NODE_MIN: (u32, u32) = (20, 19);
/// The oldest of the next long-term version.
const NODE_NEXT_MIN: (u32, u32) = (22, 12);
/// The package of the npm registry that holds a Node, for machines whose distribution has an older one.
const NODE_PACKAGE: &str = "node@22";

/// Something is not here and could not be installed; the text says what to do.
#[derive(Debug)]
pub struct Missing(pub String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// What a task needs beyond Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A C compiler, for the embedded SQLite.
    Compiler,
    /// Node and npm, for the console.
    Node,
    /// The PostgreSQL server programs.
    Postgres,
    /// A Chromium to drive.
    Chromium,
    /// Glyphs for Chinese text in screenshots.
    ChineseFont,
    /// SIPp, which plays both ends of a call.
    SipTester,
    /// Kamailio, the switch in front of the redirect server.
    Kamailio,
    /// Python with its module for environments, for the tools of other projects that come from PyPI.
    Python,
}

impl Need {
    fn package(self) -> &'static str {
        match self {
            Need::Compiler => "build-essential",
            Need::Node => "nodejs npm",
            Need::Postgres => "postgresql",
            Need::Chromium => "chromium",
            Need::ChineseFont => "fonts-noto-cjk",
            Need::SipTester => "sip-tester",
            Need::Kamailio => "kamailio kamailio-utils-modules",
            Need::Python => "python3 python3-venv",
        }
    }

    fn present(self) -> bool {
        match self {
            Need::Compiler => in_path("cc").is_some(),
            Need::Node => in_path("npm").is_some() && node_version().is_some(),
            Need::Postgres => postgres_programs().is_some(),
            Need::Chromium => chromium().is_some(),
            Need::ChineseFont => chinese_font(),
            Need::SipTester => in_path("sipp").is_some(),
            Need::Kamailio => {
                let there = in_path("kamailio").is_some() || Path::new("/usr/sbin/kamailio").exists();
                there && kamailio_module("http_client.so")
            }
            Need::Python => run::succeeds(run::command("python3").args(["-c", "import venv, ensurepip"])),
        }
    }
}

/// Whether Debian's Kamailio has a module of another package.
fn kamailio_module(name: &str) -> bool {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    folders.chain([PathBuf::from("/usr/lib")]).any(|folder| folder.join("kamailio").join("modules").join(name).exists())
}

/// Looks for each need and installs the missing ones with apt.
///
/// # Errors
/// [`Missing`], with the command to run, when one is absent and cannot be installed.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let absent: Vec<Need> = needs.iter().copied().filter(|need| !need.present()).collect();
    for need in needs.iter().filter(|need| !absent.contains(need)) {
        println!("      found {}", told(*need));
    }
    // What is there and too old is dealt with first: nobody should wait for packages to hear of it.
    let node_is_here = needs.contains(&Need::Node) && !absent.contains(&Need::Node);
    if node_is_here {
        newer_node()?;
    }
    if !absent.is_empty() {
        install_packages(&absent)?;
    }
    if absent.contains(&Need::Node) {
        newer_node()?;
    }
    Ok(())
}

/// Takes a newer Node from the npm registry into the tools folder where the machine's own is too old, as that of
/// Debian 12 is.
fn newer_node() -> Result<()> {
    let Some(found) = node_version() else { return Ok(()) };
    if builds_the_console(found) {
        return Ok(());
    }
    let (major, minor) = found;
    println!(
        "      Node {major}.{minor} is too old: the console needs {}.{} or newer; taking {NODE_PACKAGE} from the npm registry \
         into {} (about 200 MB)",
        NODE_MIN.0,
        NODE_MIN.1,
        run::tools().display()
    );
    let place = run::tools().join("node");
    let mut npm = run::command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&place).arg(NODE_PACKAGE);
    let outcome = std::fs::create_dir_all(&place)
        .map_err(anyhow::Error::from)
        .and_then(|()| run::show(&mut npm))
        .and_then(|()| link_node(&place));
    if let Err(error) = outcome {
        println!("      {error:#}");
    }
    match node_version() {
        Some(now) if builds_the_console(now) => Ok(()),
        _ => Err(Missing(format!(
            "Node {major}.{minor} is too old: the console needs Node {}.{} or newer; take one from the npm registry with \
             `sudo npm install --global {NODE_PACKAGE}`, open a new shell, and run again",
            NODE_MIN.0, NODE_MIN.1
        ))
        .into()),
    }
}

/// Has commands of [`run::command`] find the Node of a folder first.
fn link_node(place: &Path) -> Result<()> {
    let node = place.join("node_modules").join("node").join("bin").join("node");
    anyhow::ensure!(node.exists(), "{NODE_PACKAGE} brought no {}", node.display());
    let bin = run::tools().join("bin");
    std::fs::create_dir_all(&bin)?;
    let link = bin.join("node");
    if link.symlink_metadata().is_ok() {
        std::fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(node, link)?;
    Ok(())
}

fn builds_the_console((major, minor): (u32, u32)) -> bool {
    (major == NODE_MIN.0 && minor >= NODE_MIN.1) || (major, minor) >= NODE_NEXT_MIN
}

/// Makes sure that a cargo subcommand is there, building it into the tools folder when it is not.
///
/// # Errors
/// It can neither be found nor built.
pub fn ensure_cargo_tool(tool: &str) -> Result<()> {
    let subcommand = tool.trim_start_matches("cargo-");
    if run::succeeds(run::cargo().args([subcommand, "--version"])) {
        println!("      found {tool}");
        return Ok(());
    }
    println!("      {tool} is missing: building it once into {} (a few minutes)", run::tools().display());
    run::show(
        // Without optimisation: it builds in a third of the time and is quick enough for what is asked of it.
        run::cargo()
            .args(["install", tool, "--locked", "--debug", "--root"])
            .arg(run::tools())
            .arg("--target-dir")
            .arg(run::tools().join("build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )
    .with_context(|| format!("cannot install {tool}; install it by hand with: cargo install {tool} --locked"))?;
    let build = run::tools().join("build");
    if build.exists() {
        std::fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))?;
    }
    Ok(())
}

/// Python with the given packages of PyPI (`name==version`), in an environment of its own under the tools folder.
///
/// # Errors
/// The environment cannot be made, or a package cannot be had.
pub fn ensure_python_packages(packages: &[&str]) -> Result<PathBuf> {
    let folder = run::tools().join("python");
    let python = folder.join("bin").join("python");
    if !run::succeeds(run::command(&python).arg("--version")) {
        run::show(run::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    }
    let listed = run::read(run::command(&python).args(["-m", "pip", "list", "--format=freeze"]))?;
    let here = |package: &str| listed.lines().any(|line| line.eq_ignore_ascii_case(package));
    let absent: Vec<&str> = packages.iter().copied().filter(|package| !here(package)).collect();
    if !absent.is_empty() {
        println!("      missing from PyPI: {}; installing", absent.join(", "));
        let mut pip = run::command(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(&absent);
        run::show(&mut pip).with_context(|| format!("cannot install {}", absent.join(", ")))?;
    }
    Ok(python)
}

/// The folder with `initdb` and `postgres`: Debian keeps them out of the path, one folder a version.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists() && bin.join("postgres").exists())
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin).or_else(|| {
        let initdb = in_path("initdb")?.canonicalize().ok()?;
        let bin = initdb.parent()?.to_path_buf();
        bin.join("postgres").exists().then_some(bin)
    })
}

/// The Chromium to drive; `SHOUHU_CHROMIUM` names another.
pub fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SHOUHU_CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|path| path.exists());
    }
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(in_path)
}

/// Whether this process is root: then PostgreSQL must run as somebody else.
pub fn is_root() -> bool {
    run::read(run::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The full path of a program in the search path.
pub fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

fn install_packages(absent: &[Need]) -> Result<()> {
    let packages: Vec<&str> = absent.iter().flat_map(|need| need.package().split(' ')).collect();
    let by_hand = format!("apt-get update && apt-get install -y {}", packages.join(" "));
    let missing: Vec<String> = absent.iter().map(|need| told(*need)).collect();
    println!("      missing: {}; installing with apt", missing.join(", "));
    let refused = |why: &str| {
        Missing(format!(
            "{} missing and cannot be installed here ({why}); install by hand: sudo sh -c '{by_hand}'",
            missing.join(", ")
        ))
    };
    if in_path("apt-get").is_none() {
        return Err(refused("no apt-get: this is not Debian or Ubuntu").into());
    }
    let sudo = if is_root() {
        None
    } else if run::succeeds(run::command("sudo").args(["-n", "true"])) {
        Some("sudo")
    } else {
        return Err(refused("not root, and sudo asks for a password").into());
    };
    let apt = |args: &[&str]| {
        let mut command = match sudo {
            Some(sudo) => {
                let mut command = run::command(sudo);
                command.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
                command
            }
            None => {
                let mut command = run::command("apt-get");
                command.env("DEBIAN_FRONTEND", "noninteractive");
                command
            }
        };
        command.args(args);
        command
    };
    // A mirror that does not answer is told by the install itself, which may still find what it needs.
    if let Err(error) = run::show(&mut apt(&["update", "-q"])) {
        println!("      {error:#}");
    }
    let mut install = apt(&["install", "-y", "-q", "--no-install-recommends"]);
    install.args(&packages);
    run::show(&mut install).map_err(|error| refused(&format!("{error:#}")))?;
    match absent.iter().find(|need| !need.present()) {
        Some(need) => Err(refused(&format!("{} still not found after installing", told(*need))).into()),
        None => Ok(()),
    }
}

fn told(need: Need) -> String {
    match need {
        Need::Compiler => "C compiler".to_owned(),
        Need::Node => match node_version() {
            Some((major, minor)) => format!("Node {major}.{minor} and npm"),
            None => "Node and npm".to_owned(),
        },
        Need::Postgres => match postgres_programs() {
            Some(bin) => format!("PostgreSQL in {}", bin.display()),
            None => "PostgreSQL server".to_owned(),
        },
        Need::Chromium => match chromium() {
            Some(path) => format!("Chromium at {}", path.display()),
            None => "Chromium".to_owned(),
        },
        Need::ChineseFont => "Chinese font".to_owned(),
        Need::SipTester => "SIPp".to_owned(),
        Need::Kamailio => "Kamailio".to_owned(),
        Need::Python => "Python with venv".to_owned(),
    }
}

fn node_version() -> Option<(u32, u32)> {
    let version = run::read(run::command("node").arg("--version")).ok()?;
    let mut parts = version.trim().trim_start_matches('v').split('.').map(|part| part.parse::<u32>().ok());
    Some((parts.next()??, parts.next()??))
}

fn chinese_font() -> bool {
    run::read(run::command("fc-list").args([":lang=zh", "family"]))
        .map_or_else(|_| Path::new("/usr/share/fonts/opentype/noto").exists(), |families| !families.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_of_debian_12_is_too_old() {
        for (version, fits) in [
            ((18, 20), false),
            ((20, 18), false),
            ((20, 19), true),
            ((21, 9), false),
            ((22, 11), false),
            ((22, 12), true),
            ((24, 0), true),
        ] {
            assert_eq!(builds_the_console(version), fits, "{version:?}");
        }
    }
}
