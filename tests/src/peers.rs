//! Programs of other projects that stand on the other side of a wire: SIPp, Kamailio, SMPP client and server.
//!
//! `cargo xtask test` installs them and says so with `SHOUHU_TEST_SWITCHES` and `SHOUHU_TEST_PYTHON`; then a test that
//! does not find one fails. Without them it says that it skips.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::seat::workspace;

/// How long a peer may take for one line.
const LINE_WITHIN: Duration = Duration::from_secs(60);

/// The full path of a program, or `None` with a word when it is absent and nobody promised it.
///
/// # Panics
/// It was promised and is not there.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]).map(|dir| dir.join(name));
    let found = found.find(|file| file.is_file());
    assert!(found.is_some() || std::env::var_os("SHOUHU_TEST_SWITCHES").is_none(), "{name} is not on this machine");
    if found.is_none() {
        println!("skipped: no {name}; `cargo xtask test` installs it");
    }
    found
}

/// Python with the packages of other projects, or `None` with a word.
///
/// # Panics
/// It was promised and is not there.
pub fn python() -> Option<PathBuf> {
    let promised = std::env::var_os("SHOUHU_TEST_PYTHON").map(PathBuf::from);
    let usual = workspace().join("target").join("tools").join("python").join("bin").join("python");
    let found = promised.clone().unwrap_or(usual);
    if found.is_file() {
        return Some(found);
    }
    assert!(promised.is_none(), "{} is not there", found.display());
    println!("skipped: no Python with smpplib and smppy; `cargo xtask test` makes it");
    None
}

/// A SIPp scenario of the folder `tests/sipp`, with our keys, ready to run; the rest is the caller's.
pub fn sipp(program: &Path, scenario: &str, folder: &Path, keys: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).arg("-sf").arg(workspace().join("tests").join("sipp").join(scenario));
    command.args(["-i", "127.0.0.1", "-nostdin", "-timeout_error"]);
    for (key, value) in keys {
        command.args(["-key", key, value]);
    }
    command
}

/// Asserts that a SIPp run went as its scenario says, every call.
///
/// # Panics
/// A call went otherwise; what SIPp printed is shown.
pub fn went_as_written(what: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let last: String = said.lines().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    assert!(
        output.status.success(),
        "{what}: SIPp ended with {}\n{last}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A peer that prints a JSON object a line; killed when dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl Peer {
    /// Starts a script of the folder `tests/smpp`.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(python: &Path, script: &str, args: &[&str]) -> Self {
        let mut command = Command::new(python);
        command.arg(workspace().join("tests").join("smpp").join(script)).args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("cannot start Python");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (told, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let told_on = serde_json::from_str(&line).is_ok_and(|value| told.send(value).is_ok());
                if !told_on {
                    return;
                }
            }
        });
        Self { child, input, lines }
    }

    /// Gives it a line.
    ///
    /// # Panics
    /// It does not read any more.
    pub fn tell(&mut self, line: &Value) {
        let input = self.input.as_mut().expect("its input is open");
        writeln!(input, "{line}").and_then(|()| input.flush()).expect("the peer reads");
    }

    /// Ends its input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// The next line that it prints.
    ///
    /// # Panics
    /// None comes.
    pub fn line(&self) -> Value {
        self.lines.recv_timeout(LINE_WITHIN).expect("a line of the peer")
    }

    /// Lines that are there already.
    pub fn lines(&self) -> Vec<Value> {
        self.lines.try_iter().collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
