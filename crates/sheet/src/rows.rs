//! The rows of a file, as the process that reads it hands them on.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use kernel::Fault;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::cell::Row;
use crate::child::COMMAND;
use crate::limits::{JOB_READERS_MAX, MEMORY_BYTES_MAX, READERS_MAX, ROW_BYTES_MAX, ROW_SECONDS_MAX, TURN_SECONDS_MAX};
use crate::read::{Failure, Line, Options};
use crate::texts;

/// Longest line of the reading process, bytes: a row in which every character is escaped.
const LINE_BYTES_MAX: u64 = 8 * ROW_BYTES_MAX as u64;
/// Signals by which the kernel ends a process that took too much time.
const SIGXCPU: i32 = 24;
const SIGKILL: i32 = 9;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
/// Files that are read within a request.
static READERS: Semaphore = Semaphore::const_new(READERS_MAX);
/// Files that are read by jobs, which last: they keep no request waiting.
static JOBS: Semaphore = Semaphore::const_new(JOB_READERS_MAX);

/// Says which program answers `read-file`: this binary itself. To be called once, at its start.
pub fn read_in(program: PathBuf) {
    let _already = PROGRAM.set(program);
}

/// The rows of a file, one after the other.
pub struct Rows {
    source: Source,
    dates_1904: bool,
    ended: bool,
    _turn: Option<SemaphorePermit<'static>>,
}

enum Source {
    Process {
        child: Box<Child>,
        out: BufReader<ChildStdout>,
        line: Vec<u8>,
    },
    #[cfg(feature = "testing")]
    Thread(tokio::sync::mpsc::Receiver<Line>),
}

fn lost(error: &dyn std::fmt::Display) -> Fault {
    tracing::error!(%error, "a file cannot be read");
    texts::READER.at("file", &[])
}

/// Waits until a job may read its file.
pub(crate) async fn turn_of_job() -> Option<SemaphorePermit<'static>> {
    JOBS.acquire().await.ok()
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows(ended: {})", self.ended)
    }
}

impl Rows {
    /// Begins to read a file within a request; waits a while where many are read already.
    ///
    /// # Errors
    /// It is neither text nor a workbook, lacks the sheet, or asks for more than a file may; or too many are read.
    pub async fn open(path: &Path, options: &Options) -> Result<Self, Fault> {
        let turn = tokio::time::timeout(Duration::from_secs(TURN_SECONDS_MAX), READERS.acquire()).await;
        let turn = turn.map_err(|_elapsed| texts::BUSY.at("file", &[]))?.map_err(|error| lost(&error))?;
        Self::begin(path, options, Some(turn)).await
    }

    /// Begins to read the file of a job that has its [turn](turn_of_job).
    ///
    /// # Errors
    /// It is neither text nor a workbook, lacks the sheet, or asks for more than a file may.
    pub(crate) async fn open_in_turn(path: &Path, options: &Options) -> Result<Self, Fault> {
        Self::begin(path, options, None).await
    }

    async fn begin(path: &Path, options: &Options, turn: Option<SemaphorePermit<'static>>) -> Result<Self, Fault> {
        let file = std::fs::File::open(path).map_err(|error| lost(&error))?;
        let source = start(file, options).map_err(|error| lost(&error))?;
        let mut rows = Self { source, dates_1904: false, ended: false, _turn: turn };
        match rows.line().await? {
            Line::Begin { dates_1904 } => {
                rows.dates_1904 = dates_1904;
                Ok(rows)
            }
            Line::Failed(failure) => Err(words(&failure)),
            Line::Row(_) | Line::End => Err(texts::READER.at("file", &[])),
        }
    }

    /// Whether numbers that stand for days count from 1904.
    pub const fn dates_1904(&self) -> bool {
        self.dates_1904
    }

    /// The next row that is not empty; none at the end.
    ///
    /// # Errors
    /// It goes no further: the file is broken, or asks for more than a file may.
    pub async fn next(&mut self) -> Result<Option<Row>, Fault> {
        if self.ended {
            return Ok(None);
        }
        match self.line().await {
            Ok(Line::Row(row)) => Ok(Some(row)),
            Ok(Line::End) => {
                self.ended = true;
                Ok(None)
            }
            Ok(Line::Failed(failure)) => {
                self.ended = true;
                Err(words(&failure))
            }
            Ok(Line::Begin { .. }) => Err(texts::READER.at("file", &[])),
            Err(fault) => {
                self.ended = true;
                Err(fault)
            }
        }
    }

    async fn line(&mut self) -> Result<Line, Fault> {
        match &mut self.source {
            Source::Process { child, out, line } => {
                line.clear();
                let mut bounded = (&mut *out).take(LINE_BYTES_MAX);
                let read = bounded.read_until(b'\n', line);
                match tokio::time::timeout(Duration::from_secs(ROW_SECONDS_MAX), read).await {
                    Err(_elapsed) => {
                        end(child).await;
                        Err(texts::TIME.at("file", &[]))
                    }
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the process that reads a file does not answer");
                        end(child).await;
                        Err(texts::READER.at("file", &[]))
                    }
                    Ok(Ok(_)) if line.ends_with(b"\n") => serde_json::from_slice(line).map_err(|error| {
                        tracing::warn!(%error, "the process that reads a file answers in another form");
                        texts::READER.at("file", &[])
                    }),
                    Ok(Ok(_)) => Err(last_words(child).await),
                }
            }
            #[cfg(feature = "testing")]
            Source::Thread(lines) => lines.recv().await.ok_or_else(|| texts::READER.at("file", &[])),
        }
    }
}

fn start(file: std::fs::File, options: &Options) -> std::io::Result<Source> {
    let Some(program) = PROGRAM.get() else { return beside(file, options) };
    let mut command = Command::new(program);
    command.arg(COMMAND).arg(options.rows_max.to_string());
    if let Some(sheet) = &options.sheet {
        command.arg(sheet);
    }
    let mut child = command
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let out = child.stdout.take().ok_or_else(|| std::io::Error::other("the process has no output"))?;
    Ok(Source::Process { child: Box::new(child), out: BufReader::with_capacity(64 * 1024, out), line: Vec::new() })
}

/// Tests of a desk have no binary to start: they read in a thread.
#[cfg(feature = "testing")]
fn beside(file: std::fs::File, options: &Options) -> std::io::Result<Source> {
    let (give, lines) = tokio::sync::mpsc::channel(64);
    let options = options.clone();
    std::thread::spawn(move || {
        crate::read::lines(file, &options, &mut |line| {
            give.blocking_send(line).map_err(|error| Failure::Lost(error.to_string()))
        });
    });
    Ok(Source::Thread(lines))
}

#[cfg(not(feature = "testing"))]
fn beside(_file: std::fs::File, _options: &Options) -> std::io::Result<Source> {
    Err(std::io::Error::other("no program is named that reads files"))
}

async fn end(child: &mut Child) {
    if let Err(error) = child.kill().await {
        tracing::warn!(%error, "the process that reads a file cannot be ended");
    }
}

/// A process that ends in the middle of its answer: by what, the kernel says.
async fn last_words(child: &mut Child) -> Fault {
    use std::os::unix::process::ExitStatusExt;
    let waited = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
    let signal = match waited {
        Ok(Ok(status)) => status.signal(),
        _ => None,
    };
    tracing::warn!(?signal, "the process that reads a file has ended before its end");
    match signal {
        Some(SIGXCPU | SIGKILL) => texts::TIME.at("file", &[]),
        Some(_) => texts::MEMORY.at("file", &[("most", &(MEMORY_BYTES_MAX >> 20).to_string())]),
        None => texts::READER.at("file", &[]),
    }
}

fn words(failure: &Failure) -> Fault {
    match failure {
        Failure::Unreadable => texts::KIND.at("file", &[]),
        Failure::NoSheet(sheet) => texts::SHEET.at("file", &[("sheet", sheet)]),
        Failure::TooManyRows(most) => texts::ROWS.at("file", &[("most", &most.to_string())]),
        Failure::Lost(why) => {
            tracing::warn!(why, "a file was not read to its end");
            texts::READER.at("file", &[])
        }
    }
}
