//! One seat as a process: started, killed, started again.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::client::http;
use crate::patience::until;

/// How long a seat may take to answer `/healthz`, of a debug build on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Lines of a seat's log that a failed test shows.
const LOG_LINES: usize = 20;

/// The built binary.
///
/// # Panics
/// There is none.
pub fn binary() -> PathBuf {
    if let Ok(path) = std::env::var("SHOUHU_BIN") {
        return PathBuf::from(path);
    }
    let target = workspace().join("target");
    let target = std::env::var("CARGO_TARGET_DIR").map_or(target, PathBuf::from);
    let built = ["debug", "perf"].map(|profile| target.join(profile).join("shouhu"));
    let newest = built
        .into_iter()
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .max()
        .map(|(_, path)| path);
    newest.expect("no shouhu binary: run `cargo build -p shouhu`, or name one with SHOUHU_BIN")
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_owned()
}

/// A command of the binary, without the surroundings of the test.
pub fn shouhu() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SHOUHU_")) {
        command.env_remove(name);
    }
    command.env("SHOUHU_LANG", "en");
    command
}

/// Runs a command to its end and gives what it printed.
///
/// # Panics
/// It fails.
pub fn run(args: &[&str], data: &Path, input: &str) -> String {
    let mut command = shouhu();
    command.args(args).arg("--data").arg(data).env("SHOUHU_LOG", "warn");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cannot start shouhu");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("standard input");
    let output = child.wait_with_output().expect("shouhu ends");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "shouhu {} ended with {}:\n{stdout}{stderr}", args.join(" "), output.status);
    stdout
}

/// A port on loopback that is this test's until it ends ([`store::testing::ports`]).
pub fn free_port() -> u16 {
    store::testing::ports(1)
}

/// Which seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The police seat.
    Centre,
    /// A bank.
    Bank,
    /// A payment institution.
    Payment,
    /// A telecom operator.
    Operator,
}

impl Kind {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Centre => "centre",
            Kind::Bank | Kind::Payment => "bank",
            Kind::Operator => "operator",
        }
    }
}

/// A seat with its folder and port; killed when dropped.
#[derive(Debug)]
pub struct Seat {
    /// Name among partners.
    pub id: String,
    /// Which seat.
    pub kind: Kind,
    /// Its data folder.
    pub data: PathBuf,
    /// Its port on loopback, the same over restarts.
    pub port: u16,
    child: Option<Child>,
    flags: Vec<String>,
    serve_flags: Vec<String>,
}

impl Seat {
    /// Makes the folder, keys and tables of a seat; it does not run yet. Its database is embedded unless one is named.
    pub fn make(kind: Kind, id: &str, folder: &Path, flags: &[&str], database: Option<&str>) -> Self {
        let (data, port) = (folder.join(id), free_port());
        let mut flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        flags.extend(["--id".to_owned(), id.to_owned(), "--listen".to_owned(), format!("127.0.0.1:{port}")]);
        // Administrators of these tests have no authenticator; what it asks of them is tested by itself.
        flags.extend(["--second-factor".to_owned(), "optional".to_owned()]);
        if kind == Kind::Payment {
            flags.extend(["--institution".to_owned(), "payment".to_owned()]);
        }
        let mut args = vec!["migrate", "--seat", kind.word()];
        args.extend(flags.iter().map(String::as_str));
        run(&args, &data, "");
        if let Some(database) = database {
            let file = data.join("shouhu.toml");
            let written = std::fs::read_to_string(&file).expect("shouhu.toml is written at first start");
            std::fs::write(&file, format!("database = \"{database}\"\n{written}")).expect("shouhu.toml");
            run(&args, &data, "");
            std::fs::remove_file(data.join("shouhu.db")).expect("the embedded database is used no more");
        }
        Self { id: id.to_owned(), kind, data, port, child: None, flags, serve_flags: Vec::new() }
    }

    /// Serves with these flags too from the next start on.
    pub fn serve_with(&mut self, flags: &[&str]) {
        self.serve_flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
    }

    /// Adds lines to its configuration file; they hold from the next start.
    ///
    /// # Panics
    /// The file cannot be written.
    pub fn configure(&self, lines: &str) {
        let mut file = File::options().append(true).open(self.data.join("shouhu.toml")).expect("the seat's file");
        writeln!(file, "\n{lines}").expect("the seat's file");
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts the process; [`Seat::ready`] waits for it.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.id);
        let log = File::options().create(true).append(true).open(self.log_path()).expect("a log");
        let mut command = shouhu();
        command.args([self.kind.word(), "serve", "--until-stdin-ends"]).args(&self.flags);
        command.args(&self.serve_flags).arg("--data").arg(&self.data);
        command.env("SHOUHU_LOG", "info,http=warn").env("SHOUHU_LOG_FORMAT", "pretty");
        command.stdin(Stdio::piped()).stdout(log.try_clone().expect("a log")).stderr(log);
        self.child = Some(command.spawn().expect("cannot start shouhu"));
    }

    /// Waits until it answers.
    pub async fn ready(&mut self) {
        let url = format!("{}/healthz", self.url());
        let http = http();
        let ended = |seat: &mut Self| seat.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
        assert!(!ended(self), "{} does not run:\n{}", self.id, self.log_tail());
        until(&format!("{} answers {url}", self.id), READY_WITHIN, || {
            let (http, url) = (http.clone(), url.clone());
            assert!(!ended(self), "{} ended by itself:\n{}", self.id, self.log_tail());
            async move {
                match http.get(&url).timeout(Duration::from_secs(2)).send().await {
                    Ok(answer) if answer.status().is_success() => Ok(()),
                    Ok(answer) => Err(answer.status().to_string()),
                    Err(error) => Err(error.to_string()),
                }
            }
        })
        .await;
    }

    /// Waits until the process has ended by itself, and gives its exit code.
    ///
    /// # Panics
    /// It goes on.
    pub async fn ended(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("the seat was started");
        let code = std::cell::Cell::new(None);
        until(&format!("{} ends by itself", self.id), READY_WITHIN, || {
            let ended = child.try_wait().expect("the process").inspect(|status| code.set(status.code())).is_some();
            async move { if ended { Ok(()) } else { Err("it runs".to_owned()) } }
        })
        .await;
        code.get()
    }

    /// Memory of the process that is resident, MiB.
    ///
    /// # Panics
    /// It does not run.
    pub fn resident_mb(&self) -> u64 {
        let pid = self.child.as_ref().expect("the seat runs").id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of the memory");
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") / 1024
    }

    /// Whether the process was started and not killed.
    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// Ends the process at once (SIGKILL), as a power failure would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("kill -9");
            child.wait().expect("the killed process is gone");
        }
    }

    /// Asks the process to end (its standard input ends), and waits for it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let status = child.wait().expect("the process ends");
            assert!(status.success(), "{} ended with {status}:\n{}", self.id, self.log_tail());
        }
    }

    /// Verifies the journal with the command line.
    ///
    /// # Panics
    /// An entry does not fit.
    pub fn verify_journal(&self) {
        run(&["journal", "verify"], &self.data, "");
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.log_path()).unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    /// Where it logs.
    pub fn log_path(&self) -> PathBuf {
        self.data.with_extension("log")
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the last of {}:\n{}", self.id, self.log_tail());
        }
        self.kill();
    }
}
