//! A PostgreSQL cluster of our own: in a temporary folder, on a free port, as a user that is not root, gone at the end.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::machine::{self, Missing};
use crate::run;

const READY_SECONDS_MAX: u64 = 60;

/// The running cluster. Dropped, it is stopped and its folder removed; should this process be killed, the kernel
/// interrupts the server as well.
pub struct Cluster {
    server: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Cluster {
    /// Makes and starts a cluster.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start; its log is shown.
    pub fn start() -> Result<Self> {
        let Some(bin) = machine::postgres_programs() else {
            return Err(Missing("PostgreSQL is not installed; run `cargo xtask test` without --quick or --only, or: apt-get install postgresql".into()).into());
        };
        let user = if machine::is_root() { Some(other_user()?) } else { None };
        println!("      making and starting a PostgreSQL of our own …");
        let folder = tempfile::Builder::new().prefix("shouhu-postgres-").tempdir()?;
        if let Some(user) = user {
            run::read(run::command("chown").arg(user).arg(folder.path()))?;
        }
        let data = folder.path().join("data");
        run::read(
            as_user(user, &bin.join("initdb"))
                .args(["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--username=postgres", "--no-sync", "-D"])
                .arg(&data),
        )
        .context("cannot make a PostgreSQL cluster")?;

        let port = run::free_ports(1)?;
        let log = folder.path().join("server.log");
        let log_file = std::fs::File::create(&log)?;
        let server = as_user(user, &bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(settings(port, folder.path()))
            .stdin(Stdio::null())
            .stdout(log_file.try_clone()?)
            .stderr(log_file)
            .spawn()
            .context("cannot start PostgreSQL")?;
        let mut cluster = Self { server, port, folder };
        cluster.wait_ready(&log)?;
        Ok(cluster)
    }

    /// The URL for tests.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_ready(&mut self, log: &Path) -> Result<()> {
        let began = Instant::now();
        loop {
            let said = std::fs::read_to_string(log).unwrap_or_else(|e| format!("(log not readable: {e})"));
            if said.contains("ready to accept connections") {
                return Ok(());
            }
            let ended = self.server.try_wait()?;
            if ended.is_some() || run::interrupted() || began.elapsed() > Duration::from_secs(READY_SECONDS_MAX) {
                bail!("PostgreSQL did not start; its log:\n{said}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT ends the server at once with all its children; nothing in it is worth a checkpoint.
        let _asked = run::succeeds(run::command("kill").args(["-QUIT", &self.server.id().to_string()]));
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if matches!(self.server.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("xtask: PostgreSQL in {} did not stop; ending it", self.folder.path().display());
        let _gone = self.server.kill();
        let _reaped = self.server.wait();
    }
}

fn settings(port: u16, folder: &Path) -> Vec<String> {
    let mut words = Vec::new();
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        format!("unix_socket_directories={}", folder.display()),
        "max_connections=300".into(),
        // The data is thrown away: durability against power loss would only cost time.
        "fsync=off".into(),
        "synchronous_commit=off".into(),
        "full_page_writes=off".into(),
    ] {
        words.push("-c".to_owned());
        words.push(setting);
    }
    words
}

/// A user that PostgreSQL may run as when we are root: the one of the package, or nobody.
fn other_user() -> Result<&'static str> {
    ["postgres", "nobody"]
        .into_iter()
        .find(|user| run::succeeds(run::command("id").arg(user)))
        .context("root may not run PostgreSQL, and there is no user postgres or nobody")
}

fn as_user(user: Option<&str>, program: &PathBuf) -> Command {
    let mut command = if machine::in_path("setpriv").is_some() {
        let mut command = run::command("setpriv");
        if let Some(user) = user {
            command.arg(format!("--reuid={user}")).arg(format!("--regid={}", group_of(user))).arg("--clear-groups");
        }
        command.args(["--pdeathsig", "INT", "--"]).arg(program);
        command
    } else if let Some(user) = user {
        let mut command = run::command("runuser");
        command.args(["-u", user, "--"]).arg(program);
        command
    } else {
        run::command(program)
    };
    // The user may not enter our folder.
    command.current_dir("/").env_remove("PGDATA").env_remove("PGPORT").env_remove("PGHOST");
    command
}

fn group_of(user: &str) -> String {
    run::read(run::command("id").args(["-g", user])).map_or_else(|_| user.to_owned(), |group| group.trim().to_owned())
}
