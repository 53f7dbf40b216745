//! The processes of the demonstration.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};

use super::cast::{CastSeat, SEATS};
use super::stage::{PID_FILE, Stage, seat_folder};
use crate::client::is_healthy;
use crate::input::unreadable;
use crate::output::tell;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// A seat must answer within this time.
const HEALTHY_WITHIN: Duration = Duration::from_secs(60);
/// How often a seat that does not answer yet is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// A seat that ended is started again after this time.
const RESTART_AFTER: Duration = Duration::from_secs(1);
/// A seat that ends so often in a row is given up.
const RESTARTS_MAX: u32 = 5;
/// A seat that ran so long counts as well again.
const WELL_AFTER: Duration = Duration::from_secs(30);
/// A seat that is told to stop has this time.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// File in a seat's folder with what its process said.
const LOG: &str = "seat.log";

/// The running processes.
pub struct Seats {
    data: PathBuf,
    running: Vec<Running>,
}

struct Running {
    cast: &'static CastSeat,
    child: Child,
    /// Its end is the sign for the seat to stop.
    pipe: Option<ChildStdin>,
    since: std::time::Instant,
    restarts: u32,
}

impl Seats {
    /// Starts a process for each seat.
    ///
    /// # Errors
    /// A process cannot be started.
    pub fn start(data: &Path) -> Outcome<Self> {
        let mut seats = Self { data: data.to_owned(), running: Vec::new() };
        for cast in &SEATS {
            let (child, pipe) = spawn(data, cast)?;
            seats.running.push(Running { cast, child, pipe, since: std::time::Instant::now(), restarts: 0 });
        }
        Ok(seats)
    }

    /// Waits until every seat answers.
    ///
    /// # Errors
    /// One ended, or does not answer in time; where its log is.
    pub async fn wait_healthy(&mut self, stage: &Stage) -> Outcome {
        let began = std::time::Instant::now();
        for index in 0..self.running.len() {
            while let Some(seat) = self.running.get_mut(index) {
                let id = seat.cast.id;
                if let Ok(Some(status)) = seat.child.try_wait() {
                    return Err(self.failure(id, &format!("{id} ended with {status}")));
                }
                if is_healthy(stage.url(id)).await {
                    break;
                }
                if began.elapsed() > HEALTHY_WITHIN {
                    return Err(self.failure(id, &format!("{id} does not answer")));
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
        }
        Ok(())
    }

    /// Starts seats again that end, until one will not stay.
    ///
    /// # Errors
    /// A seat ended [`RESTARTS_MAX`] times in a row.
    pub async fn watch_over(&mut self) -> Outcome {
        loop {
            tokio::time::sleep(RESTART_AFTER).await;
            for index in 0..self.running.len() {
                let Some(seat) = self.running.get_mut(index) else { continue };
                let Ok(Some(status)) = seat.child.try_wait() else { continue };
                let id = seat.cast.id;
                seat.restarts = if seat.since.elapsed() > WELL_AFTER { 1 } else { seat.restarts + 1 };
                if seat.restarts > RESTARTS_MAX {
                    return Err(self.failure(id, &format!("{id} ends again and again ({status})")));
                }
                match Lang::now() {
                    Lang::Zh => tell!("{id} 已终止（{status}），重新启动"),
                    Lang::En => tell!("{id} ended ({status}); starting it again"),
                }
                (seat.child, seat.pipe) = spawn(&self.data, seat.cast)?;
                seat.since = std::time::Instant::now();
            }
        }
    }

    /// Tells every seat to stop and waits for it.
    pub async fn stop(mut self) {
        for seat in &mut self.running {
            drop(seat.pipe.take());
        }
        for seat in &mut self.running {
            if tokio::time::timeout(STOP_WITHIN, seat.child.wait()).await.is_err() {
                eprintln!("{} does not stop; ending it", seat.cast.id);
                let _gone = seat.child.kill().await;
            }
        }
    }

    fn failure(&self, id: &str, why: &str) -> crate::speech::Failure {
        let log = seat_folder(&self.data, id).join(LOG);
        let remedy = log.display().to_string();
        texts::DEMO.fail(Exit::Surroundings, &[("why", why), ("log", &remedy)])
    }
}

fn spawn(data: &Path, cast: &CastSeat) -> Outcome<(Child, Option<ChildStdin>)> {
    let folder = seat_folder(data, cast.id);
    let path = folder.join(LOG);
    let log =
        std::fs::File::options().create(true).append(true).open(&path).map_err(|error| unreadable(&path, &error))?;
    let errors = log.try_clone().map_err(|error| unreadable(&path, &error))?;
    let program = std::env::current_exe().map_err(|error| unreadable(Path::new("shouhu"), &error))?;
    let mut command = Command::new(&program);
    // What the user exported is meant for this process, not for all seats at once.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SHOUHU_")) {
        command.env_remove(name);
    }
    let mut child = command
        .args([cast.kind.word(), "serve", "--until-stdin-ends", "--log-format", "json", "--data"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|error| unreadable(&program, &error))?;
    let pipe = child.stdin.take();
    if let Some(pid) = child.id() {
        let path = folder.join(PID_FILE);
        std::fs::write(&path, format!("{pid}\n")).map_err(|error| unreadable(&path, &error))?;
    }
    Ok((child, pipe))
}
