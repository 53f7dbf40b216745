//! Calls in progress, written down as they change, so that a seat that starts again still knows them.
//!
//! A file of lines: a call as it is now, or that it has ended. A thread of its own writes them, and writes the file anew
//! when most of it is past; the proxy never waits for it. It holds full numbers: only the seat's user may read it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// Changes that wait to be written; what comes beyond is lost for the next start, and counted.
const WAITING_MAX: usize = 16_384;
/// Lines of the past that a file may hold, besides as many as it has calls.
const PAST_LINES_MAX: usize = 10_000;
/// Bytes of one line that is believed.
const LINE_BYTES_MAX: usize = 65_536;

/// One party of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptLeg {
    pub(super) target: String,
    pub(super) routes: Vec<String>,
    /// `udp:192.0.2.1:5060`, `tcp:…`, `tls:…`.
    pub(super) hop: String,
    pub(super) identity: String,
    pub(super) cseq: u32,
}

/// A call that was answered and goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) caller: Option<String>,
    pub(super) callee: Option<String>,
    pub(super) call_id: String,
    pub(super) from_tag: String,
    pub(super) began: Timestamp,
    pub(super) since: Timestamp,
    pub(super) seen: Timestamp,
    pub(super) idle_us: i64,
    pub(super) help: bool,
    pub(super) caller_leg: KeptLeg,
    pub(super) callee_leg: KeptLeg,
}

/// What happened to a call, by its number in this process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Goes(u64, Box<Kept>),
    Ended(u64),
}

/// Where changes go.
#[derive(Clone)]
pub(super) struct Registry(SyncSender<Change>);

impl Registry {
    /// Begins to write, with the calls that go on now.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn begin(path: &Path, calls: impl IntoIterator<Item = (u64, Kept)>) -> std::io::Result<Self> {
        let mut lines = HashMap::new();
        for (number, call) in calls {
            lines.insert(number, serde_json::to_string(&Change::Goes(number, Box::new(call)))?);
        }
        let file = whole(path, &lines)?;
        let (changes, waiting) = sync_channel(WAITING_MAX);
        let writer = Writer { path: path.to_owned(), lines: lines.len(), calls: lines, file };
        std::thread::Builder::new().name("sip-calls".to_owned()).spawn(move || writer.run(&waiting))?;
        Ok(Self(changes))
    }

    /// Notes a change, or counts that it could not be.
    pub(super) fn note(&self, change: Change) {
        if self.0.try_send(change).is_err() {
            metrics::counter!("operator_calls_not_kept_total").increment(1);
        }
    }
}

/// Reads what an earlier run left. Lines that do not read are passed over: the file may end in the middle of one.
///
/// # Errors
/// The file is there and cannot be read.
pub(super) fn read(path: &Path) -> std::io::Result<Vec<Kept>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut calls = HashMap::new();
    for line in BufReader::new(file).split(b'\n') {
        let line = line?;
        if line.len() > LINE_BYTES_MAX {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(Change::Goes(number, call)) => drop(calls.insert(number, *call)),
            Ok(Change::Ended(number)) => drop(calls.remove(&number)),
            Err(_) => {}
        }
    }
    let mut calls: Vec<(u64, Kept)> = calls.into_iter().collect();
    calls.sort_by_key(|(number, _)| *number);
    Ok(calls.into_iter().map(|(_, call)| call).collect())
}

/// Writes a file with these lines alone in the place of what was there; gives it to be written on.
fn whole(path: &Path, lines: &HashMap<u64, String>) -> std::io::Result<BufWriter<File>> {
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = BufWriter::new(options.open(&part)?);
    for line in lines.values() {
        writeln!(file, "{line}")?;
    }
    file.flush()?;
    std::fs::rename(&part, path)?;
    Ok(file)
}

struct Writer {
    path: PathBuf,
    /// The line of each call that goes on.
    calls: HashMap<u64, String>,
    lines: usize,
    file: BufWriter<File>,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Change>) {
        while let Ok(change) = waiting.recv() {
            let mut changes = vec![change];
            changes.extend(waiting.try_iter());
            if let Err(error) = self.take(changes).and_then(|()| self.settle()) {
                tracing::error!(file = %self.path.display(), %error, "sip: calls in progress are not written down");
            }
        }
    }

    fn settle(&mut self) -> std::io::Result<()> {
        if self.lines > 2 * self.calls.len() + PAST_LINES_MAX {
            (self.file, self.lines) = (whole(&self.path, &self.calls)?, self.calls.len());
        }
        self.file.flush()
    }

    fn take(&mut self, changes: Vec<Change>) -> std::io::Result<()> {
        for change in changes {
            let line = serde_json::to_string(&change)?;
            writeln!(self.file, "{line}")?;
            self.lines += 1;
            match change {
                Change::Goes(number, _) => drop(self.calls.insert(number, line)),
                Change::Ended(number) => drop(self.calls.remove(&number)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str) -> Kept {
        let leg = |hop: &str| KeptLeg {
            target: "sip:13800138000@192.0.2.1".into(),
            routes: vec!["<sip:192.0.2.7;lr>".into()],
            hop: hop.into(),
            identity: "<sip:13800138000@a>;tag=x".into(),
            cseq: 7,
        };
        Kept {
            caller: Some("+8613800138000".into()),
            callee: None,
            call_id: id.into(),
            from_tag: "x".into(),
            began: Timestamp(1),
            since: Timestamp(2),
            seen: Timestamp(3),
            idle_us: 4,
            help: false,
            caller_leg: leg("udp:192.0.2.1:5060"),
            callee_leg: leg("tls:192.0.2.2:5061"),
        }
    }

    #[test]
    fn what_goes_on_is_read_again_also_behind_a_broken_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.ndjson");
        assert_eq!(read(&path).unwrap(), []);
        let mut writer = Writer {
            path: path.clone(),
            calls: HashMap::new(),
            lines: 0,
            file: whole(&path, &HashMap::new()).unwrap(),
        };
        let goes = |number: u64, id: &str| Change::Goes(number, Box::new(call(id)));
        let mut later = call("c");
        later.caller_leg.cseq = 9;
        let changes =
            vec![goes(1, "a"), goes(2, "b"), goes(3, "c"), Change::Ended(2), Change::Goes(3, Box::new(later.clone()))];
        writer.take(changes).unwrap();
        writer.settle().unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"goes\":[4,{\"cal").unwrap();
        assert_eq!(read(&path).unwrap(), [call("a"), later.clone()]);
        // Most of it is past: it is written anew, and holds the same.
        let past = (0..PAST_LINES_MAX).flat_map(|_| [goes(5, "e"), Change::Ended(5)]).collect();
        writer.take(past).unwrap();
        writer.settle().unwrap();
        assert_eq!((writer.lines, read(&path).unwrap()), (2, vec![call("a"), later]));
    }
}
