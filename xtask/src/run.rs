//! Running other programs: from the root of the workspace, with their output shown, and stopped when the user asks.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// As many lines of a command's errors are kept to be told again at the end.
pub const PICKED_MAX: usize = 20;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C and SIGTERM end the running step instead of this process, so that cleaning up still happens.
pub fn watch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).context("cannot watch for Ctrl-C")
}

/// Whether the user asked to stop.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder for build output.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Where tools that this program had to install for itself live; the user's own folders stay as they are.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// A command that runs in the root of the workspace and finds the tools of [`tools`].
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    let own = tools().join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(std::env::split_paths(&path));
    if let Ok(joined) = std::env::join_paths(all) {
        command.env("PATH", joined);
    }
    command
}

/// The `cargo` that started this program.
pub fn cargo() -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cargo run` describes this package to its child; a build started from here must not see that.
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") || told == "CARGO_BIN_NAME" {
            command.env_remove(&name);
        }
    }
    command
}

/// Prints the command and runs it with its output shown.
///
/// # Errors
/// It cannot be started, fails, or the user interrupts.
pub fn show(command: &mut Command) -> Result<()> {
    println!("      $ {}", told(command));
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {}", name(command)))?;
    let status = wait(&mut child)?;
    judge(command, status)
}

/// Runs a command, shows its standard error on standard output line by line, and gives the lines that the predicate
/// picks, the last [`PICKED_MAX`] of them.
///
/// # Errors
/// It cannot be started, fails, or the user interrupts.
pub fn show_and_pick(command: &mut Command, pick: impl Fn(&str) -> bool + Send) -> (Result<()>, Vec<String>) {
    println!("      $ {}", told(command));
    let started = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = match started.with_context(|| format!("cannot start {}", name(command))) {
        Ok(child) => child,
        Err(error) => return (Err(error), Vec::new()),
    };
    let Some(errors) = child.stderr.take() else {
        return (Err(anyhow::anyhow!("no pipe from {}", name(command))), Vec::new());
    };
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut picked = VecDeque::new();
            for line in BufReader::new(errors).lines().map_while(std::result::Result::ok) {
                println!("{line}");
                if pick(&line) {
                    picked.push_back(line);
                    if picked.len() > PICKED_MAX {
                        picked.pop_front();
                    }
                }
            }
            picked
        });
        let outcome = wait(&mut child).and_then(|status| judge(command, status));
        (outcome, reader.join().unwrap_or_default().into())
    })
}

/// Whether a command can be started and ends well; its output is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What a command prints on standard output.
///
/// # Errors
/// It cannot be started or fails.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", name(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty());
        bail!("{} failed: {}", name(command), last.unwrap_or("without a word"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Waits for a child; when the user interrupts, ends it.
///
/// # Errors
/// The user interrupted.
pub fn wait(child: &mut Child) -> Result<ExitStatus> {
    let mut asked: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            if interrupted() {
                bail!("interrupted");
            }
            return Ok(status);
        }
        if interrupted() {
            // A terminal sends Ctrl-C to the child as well: leave it a moment to end by itself.
            let since = *asked.get_or_insert_with(Instant::now);
            if since.elapsed() > Duration::from_secs(3) {
                let _gone = child.kill();
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A port P on loopback such that P to P + `count` - 1 are free now.
///
/// # Errors
/// None was found.
pub fn free_ports(count: u16) -> Result<u16> {
    // Below those that the system gives to connections, above those that tests lease.
    let seed = u16::try_from(std::process::id() % 12_000)?;
    for step in 0..200_u16 {
        let base = 20_000 + (seed + step * 97) % 12_000;
        if (base..base + count).all(|port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return Ok(base);
        }
    }
    bail!("no {count} free ports in a row on loopback")
}

fn judge(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", told(command)) }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn told(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| quoted(&arg.to_string_lossy())));
    words.join(" ")
}
