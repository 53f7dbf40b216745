//! `cargo xtask demo`: from a fresh clone to a running province.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::machine::{self, Need};
use crate::{console, holder, run};

/// The password of every login of a demonstration that this program starts for tests and benches.
pub const PASSWORD: &str = "gravel-teapot-lantern";
const READY_SECONDS_MAX: u64 = 120;
/// Ports of the demonstration: a centre, three banks and a carrier, each on the next, and behind them the carrier's SIP and the
/// message centre.
const PORTS: u16 = 7;
/// How many of them answer pages.
const SEATS: u16 = 5;

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Where the databases and keys of the five seats are kept.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Port of the centre; the three banks take the next ones.
    #[arg(long, default_value_t = 8430)]
    base_port: u16,
    /// Starts over with an empty data folder.
    #[arg(long)]
    fresh: bool,
    /// Builds with optimisation: slower to build, faster to run.
    #[arg(long)]
    release: bool,
}

/// Installs what is missing, builds, and hands over to `shouhu demo` until it ends.
///
/// # Errors
/// Something is missing or fails to build, or a seat does not start.
pub fn run(options: &Options) -> Result<()> {
    nothing_in_the_way(options)?;
    println!("[1/4] what the machine has");
    machine::ensure(&[Need::Compiler, Need::Node])?;
    println!("[2/4] the console");
    console::install()?;
    console::build()?;
    println!("[3/4] the binary (the first build takes a few minutes)");
    let binary = if options.release { build("release")? } else { build("dev")? };
    println!("[4/4] the province");
    let mut command = run::command(binary);
    command.arg("demo").arg("--data").arg(run::root().join(&options.data));
    command.args(["--base-port", &options.base_port.to_string()]);
    if options.fresh {
        command.arg("--fresh");
    }
    let mut child = command.spawn().context("cannot start shouhu")?;
    let status = loop {
        // Ctrl-C reaches the demonstration as well; it stops its seats itself, and we only wait for that.
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    if status.success() || run::interrupted() { Ok(()) } else { bail!("the demonstration ended with {status}") }
}

/// Looks for what would stop the demonstration after the build, before the build.
fn nothing_in_the_way(options: &Options) -> Result<()> {
    let data = run::root().join(&options.data);
    if data.join(holder::LOCK_FILE).exists() {
        match holder::hold(&data, "cargo xtask demo") {
            Ok(_free) => {}
            Err(holder::Refused::Busy { pid, command }) => {
                return Err(machine::Missing(format!(
                    "{} is in use by process {pid} ({command}): stop that demonstration first, or give --data and --base-port \
                     for a second one beside it",
                    data.display()
                ))
                .into());
            }
            Err(holder::Refused::File(error)) => {
                return Err(error).with_context(|| format!("cannot use {}", data.display()));
            }
        }
    }
    for port in (0..PORTS).map(|offset| options.base_port.saturating_add(offset)) {
        let at = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        if let Err(error) = holder::tcp_free(at).and_then(|()| holder::udp_free(at)) {
            let who = match holder::of_port(port) {
                Some((pid, command)) => format!("process {pid} ({command}) holds it"),
                None => error.to_string(),
            };
            return Err(machine::Missing(format!(
                "port {port} is not free: {who}; stop it, or choose {PORTS} other ports in a row with --base-port"
            ))
            .into());
        }
    }
    Ok(())
}

/// Builds `shouhu` with the named profile and gives the path of the binary. In the profile of the tests the features
/// are those of the whole workspace, so that tests and the binary share what they compile.
///
/// # Errors
/// The build fails.
pub fn build(profile: &str) -> Result<PathBuf> {
    let (packages, folder): (&[&str], &str) =
        if profile == "dev" { (&["--workspace"], "debug") } else { (&["--package", "shouhu"], profile) };
    run::show(run::cargo().arg("build").args(packages).args(["--bin", "shouhu", "--locked", "--profile", profile]))?;
    Ok(run::target().join(folder).join("shouhu"))
}

/// A demonstration in a temporary folder on free ports; stopped and removed when dropped.
pub struct Running {
    child: Child,
    /// Port of the centre; the banks follow.
    pub base_port: u16,
    folder: tempfile::TempDir,
}

impl Running {
    /// Starts it and waits until every seat answers.
    ///
    /// # Errors
    /// A seat does not answer in time; the end of the log is shown.
    pub fn start(binary: &PathBuf) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("shouhu-demo-").tempdir()?;
        let base_port = run::free_ports(PORTS)?;
        println!("      starting a demonstration on ports {base_port} to {} …", base_port + PORTS - 1);
        let log = std::fs::File::create(folder.path().join("demo.log"))?;
        let child = run::command(binary)
            .arg("demo")
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(["--base-port", &base_port.to_string()])
            .env("SHOUHU_DEMO_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start shouhu demo")?;
        let mut running = Self { child, base_port, folder };
        running.wait_ready()?;
        Ok(running)
    }

    /// The data folder of the demonstration.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The address of a seat: 0 the centre, 1 to 3 the banks, 4 the carrier.
    pub fn url(&self, seat: u16) -> String {
        format!("http://127.0.0.1:{}", self.base_port + seat)
    }

    /// The last lines of what the demonstration printed.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("demo.log"))
            .unwrap_or_else(|error| format!("(no log: {error})"));
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n")
    }

    fn wait_ready(&mut self) -> Result<()> {
        let began = Instant::now();
        let mut waiting: Vec<u16> = (self.base_port..self.base_port + SEATS).collect();
        // The demonstration says so itself once its data is loaded.
        while !waiting.is_empty() || !self.log_tail().contains("Ctrl-C") {
            waiting.retain(|port| !healthy(*port));
            if let Some(status) = self.child.try_wait()? {
                bail!("the demonstration ended with {status}:\n{}", self.log_tail());
            }
            if run::interrupted() {
                bail!("interrupted");
            }
            if began.elapsed() > Duration::from_secs(READY_SECONDS_MAX) {
                bail!("after {READY_SECONDS_MAX} s no answer on ports {waiting:?}:\n{}", self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _asked = run::succeeds(run::command("kill").args(["-TERM", &self.child.id().to_string()]));
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(15) {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("xtask: the demonstration did not stop; ending it");
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn healthy(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let _limit = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    let mut answer = [0_u8; 12];
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
}
