//! The heads of the journal in a place outside the database: a file on another disk. Whoever cuts the tail off the
//! journal, or puts an old copy of the database in its place, cannot cut this file with the same stroke. Beside the
//! seat's own seals it holds what others have signed: receipts of partners, and time stamps of an authority.

use std::io::{BufRead, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{Hash, Sealer, seal_head, to_hash};
use crate::health::SILENT_MAX;
use crate::{Db, args};

/// How often the head of the journal is sealed while entries come in.
const SEAL_EVERY: Duration = Duration::from_secs(30);
/// A head that could not be sealed or anchored is tried again after this.
const SEAL_AGAIN: Duration = Duration::from_secs(5);
/// So much of the end of the file is looked at first, in bytes.
const FIRST_WINDOW: u64 = 64 * 1024;

/// At most so often the head that a partner has signed for is written to the file.
pub const RECEIPT_EVERY: kernel::Duration = kernel::Duration::hours(1);

/// A sealed head as it stands in the file, one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The seat.
    pub seat: String,
    /// The last entry covered.
    pub seq: i64,
    /// Its hash, hex.
    pub hash: String,
    /// When it was sealed.
    pub at: Timestamp,
    /// The seal.
    pub document: String,
}

/// A head that a partner has signed for, as it stands in the file. It fitted the journal when it was written, so that no
/// partner brings a false one in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The seat.
    pub seat: String,
    /// The entry.
    pub seq: i64,
    /// Its hash, hex.
    pub hash: String,
    /// When it was written here.
    pub at: Timestamp,
    /// The partner.
    pub partner: String,
    /// Its receipt, sealed.
    pub receipt: String,
}

/// A head with the time of an authority (RFC 3161), as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampedHead {
    /// The seat.
    pub seat: String,
    /// The entry.
    pub seq: i64,
    /// Its hash, hex: what was stamped.
    pub hash: String,
    /// When it was written here.
    pub at: Timestamp,
    /// The token of the authority, DER in base64.
    pub token: String,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Seal(Anchor),
    Receipt(SignedHead),
    Stamp(StampedHead),
}

/// What every line says.
pub(super) struct Head<'a> {
    pub(super) seat: &'a str,
    pub(super) seq: i64,
    pub(super) hash: &'a str,
    pub(super) at: Timestamp,
}

impl Line {
    pub(super) fn head(&self) -> Head<'_> {
        let (seat, seq, hash, at) = match self {
            Self::Seal(Anchor { seat, seq, hash, at, .. })
            | Self::Receipt(SignedHead { seat, seq, hash, at, .. })
            | Self::Stamp(StampedHead { seat, seq, hash, at, .. }) => (seat, *seq, hash, *at),
        };
        Head { seat, seq, hash, at }
    }
}

/// The file of anchors cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// It cannot be read or written.
    #[error("{}: {problem}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        problem: std::io::Error,
    },
    /// It names a later head than the journal has.
    #[error(
        "the journal ends at entry {journal}, but its anchor names entry {anchor}: the database was cut or is an old copy"
    )]
    Ahead {
        /// The last entry of the journal.
        journal: i64,
        /// The last entry that the anchor names.
        anchor: i64,
    },
    /// The database.
    #[error("{0}")]
    Store(#[from] crate::Error),
}

/// Every line of the file, in order; none where there is no file yet. A last line that was cut in writing is left out.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, AnchorError> {
    let fault = |problem| AnchorError::File { path: path.to_owned(), problem };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut lines = Vec::new();
    let mut unread = None;
    for (index, line) in std::io::BufReader::new(file).lines().enumerate() {
        if let Some(problem) = unread.take() {
            return Err(fault(problem));
        }
        let line = line.map_err(fault)?;
        match serde_json::from_str(&line) {
            Ok(line) => lines.push(line),
            Err(error) => unread = Some(std::io::Error::other(format!("line {}: {error}", index + 1))),
        }
    }
    Ok(lines)
}

/// The last line of a kind. The file grows for years, so it is read from its end.
pub(super) fn last(path: &Path, is_wanted: fn(&Line) -> bool) -> Result<Option<Line>, AnchorError> {
    let fault = |problem| AnchorError::File { path: path.to_owned(), problem };
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let length = file.metadata().map_err(fault)?.len();
    let mut window = FIRST_WINDOW;
    loop {
        let from = length.saturating_sub(window);
        file.seek(SeekFrom::Start(from)).map_err(fault)?;
        let mut bytes = Vec::new();
        Read::by_ref(&mut file).take(length - from).read_to_end(&mut bytes).map_err(fault)?;
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        // What stands behind the last line end was cut in writing.
        lines.pop();
        if from > 0 && !lines.is_empty() {
            // The window begins in the middle of a line.
            lines.remove(0);
        }
        for line in lines.into_iter().rev() {
            let line = serde_json::from_slice(line).map_err(|error| fault(std::io::Error::other(error)))?;
            if is_wanted(&line) {
                return Ok(Some(line));
            }
        }
        if from == 0 {
            return Ok(None);
        }
        window = window.saturating_mul(8);
    }
}

fn append(path: &Path, lines: &[Line]) -> Result<(), AnchorError> {
    let fault = |problem| AnchorError::File { path: path.to_owned(), problem };
    let mut options = std::fs::OpenOptions::new();
    options.create(true).read(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(fault)?;
    // Several processes of a seat may share the file.
    file.lock().map_err(fault)?;
    let whole = whole_until(&mut file).map_err(fault)?;
    file.seek(SeekFrom::Start(whole)).map_err(fault)?;
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(line).map_err(|e| fault(std::io::Error::other(e)))?);
        text.push('\n');
    }
    file.write_all(text.as_bytes()).map_err(fault)?;
    let end = file.stream_position().map_err(fault)?;
    file.set_len(end).and_then(|()| file.sync_data()).map_err(fault)
}

/// Where the last whole line ends. A last line that was cut in writing says nothing: the new one takes its place.
fn whole_until(file: &mut std::fs::File) -> std::io::Result<u64> {
    let mut end = file.metadata()?.len();
    while end > 0 {
        let from = end.saturating_sub(FIRST_WINDOW);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        Read::by_ref(file).take(end - from).read_to_end(&mut bytes)?;
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(from + u64::try_from(at).unwrap_or(u64::MAX - from) + 1);
        }
        end = from;
    }
    Ok(0)
}

/// Seals the head of the journal for ever, and writes each sealed head to the anchor file where the seat has one.
/// Cancel it by dropping the future.
pub async fn keep_sealed(db: Db, sealer: Arc<dyn Sealer>) {
    let worker = db.worker("sealing", SILENT_MAX);
    let mut receipts = Receipts::default();
    loop {
        let outcome = match seal_and_anchor(&db, sealer.as_ref()).await {
            Ok(()) => receipts.anchor(&db).await,
            Err(error) => Err(error),
        };
        let wait = match outcome {
            Ok(()) => {
                worker.round();
                SEAL_EVERY
            }
            Err(error) => {
                tracing::error!(%error, "the journal could not be sealed or anchored; it is tried again");
                worker.failed(&error);
                SEAL_AGAIN
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Seals the present head, and anchors every sealed head that is not anchored yet.
///
/// # Errors
/// The database, the file, or an anchor that names a later head than the journal has.
pub async fn seal_and_anchor(db: &Db, sealer: &dyn Sealer) -> Result<(), AnchorError> {
    let head = seal_head(db, sealer).await?;
    let Some(path) = db.anchor().map(Path::to_owned) else { return Ok(()) };
    let known = last_of(&path, |line| matches!(line, Line::Seal(_))).await?;
    let last = known.map_or(0, |line| line.head().seq);
    if last > head {
        return Err(AnchorError::Ahead { journal: head, anchor: last });
    }
    let rows: Vec<(i64, Vec<u8>, i64, String)> = db
        .fetch_all("SELECT seq, hash, at, document FROM journal_seal WHERE seq > $1 ORDER BY seq", args![last])
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let seat = db.seat().to_owned();
    let lines: Vec<Line> = rows
        .into_iter()
        .map(|(seq, hash, at, document)| {
            Line::Seal(Anchor { seat: seat.clone(), seq, hash: hex::encode(hash), at: Timestamp(at), document })
        })
        .collect();
    blocking(move || append(&path, &lines)).await
}

/// The last line of its kind, as far as this process knows: another may have written since.
#[derive(Debug, Default, Clone, Copy)]
struct Latest {
    seq: i64,
    at: Option<Timestamp>,
}

impl Latest {
    /// A line from the future was written by a clock that was ahead: it holds nothing up.
    fn is_within(self, every: kernel::Duration, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now && now - at < every)
    }

    async fn read(path: &Path, is_wanted: fn(&Line) -> bool) -> Result<Self, AnchorError> {
        let last = last_of(path, is_wanted).await?;
        Ok(last.map_or(Self::default(), |line| Self { seq: line.head().seq, at: Some(line.head().at) }))
    }
}

/// Writes heads that partners have signed for to the file.
#[derive(Debug, Default)]
pub struct Receipts {
    latest: Latest,
}

impl Receipts {
    /// Appends the highest head that a partner has signed for, where it is above the last one written and that is
    /// [`RECEIPT_EVERY`] ago.
    ///
    /// # Errors
    /// The database or the file.
    pub async fn anchor(&mut self, db: &Db) -> Result<(), AnchorError> {
        let Some(path) = db.anchor().map(Path::to_owned) else { return Ok(()) };
        let now = db.clock().now();
        if self.latest.is_within(RECEIPT_EVERY, now) {
            return Ok(());
        }
        let row: Option<(String, i64, String, String)> = db
            .fetch_optional(
                "SELECT partner, seq, hash, receipt FROM journal_witness WHERE seq > $1 ORDER BY seq DESC, partner LIMIT 1",
                args![self.latest.seq],
            )
            .await?;
        let Some((partner, seq, hash, receipt)) = row else { return Ok(()) };
        self.latest = Latest::read(&path, |line| matches!(line, Line::Receipt(_))).await?;
        if self.latest.is_within(RECEIPT_EVERY, now) || seq <= self.latest.seq {
            return Ok(());
        }
        let line = Line::Receipt(SignedHead { seat: db.seat().to_owned(), seq, hash, at: now, partner, receipt });
        blocking(move || append(&path, &[line])).await?;
        self.latest = Latest { seq, at: Some(now) };
        Ok(())
    }
}

/// Heads that are given the time of an authority, and written to the file.
#[derive(Debug, Default)]
pub struct Stamps {
    latest: Latest,
}

impl Stamps {
    /// The newest sealed head, where it is above the last one stamped and that is `every` ago.
    ///
    /// # Errors
    /// The database or the file.
    pub async fn next(&mut self, db: &Db, every: kernel::Duration) -> Result<Option<(i64, Hash)>, AnchorError> {
        let Some(path) = db.anchor().map(Path::to_owned) else { return Ok(None) };
        let now = db.clock().now();
        if self.latest.is_within(every, now) {
            return Ok(None);
        }
        let row: Option<(i64, Vec<u8>)> = db
            .fetch_optional(
                "SELECT seq, hash FROM journal_seal WHERE seq > $1 ORDER BY seq DESC LIMIT 1",
                args![self.latest.seq],
            )
            .await?;
        let Some((seq, hash)) = row else { return Ok(None) };
        self.latest = Latest::read(&path, |line| matches!(line, Line::Stamp(_))).await?;
        if self.latest.is_within(every, now) || seq <= self.latest.seq {
            return Ok(None);
        }
        Ok(Some((seq, to_hash(&hash)?)))
    }

    /// Writes the token on a head down.
    ///
    /// # Errors
    /// The file.
    pub async fn keep(&mut self, db: &Db, (seq, hash): (i64, Hash), token: &[u8]) -> Result<(), AnchorError> {
        let Some(path) = db.anchor().map(Path::to_owned) else { return Ok(()) };
        let (seat, at) = (db.seat().to_owned(), db.clock().now());
        let line = Line::Stamp(StampedHead { seat, seq, hash: hex::encode(hash), at, token: STANDARD.encode(token) });
        blocking(move || append(&path, &[line])).await?;
        self.latest = Latest { seq, at: Some(at) };
        Ok(())
    }
}

async fn last_of(path: &Path, is_wanted: fn(&Line) -> bool) -> Result<Option<Line>, AnchorError> {
    let path = path.to_owned();
    blocking(move || last(&path, is_wanted)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AnchorError> + Send + 'static,
) -> Result<T, AnchorError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(AnchorError::Store(crate::Error::Corrupt(error.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Line, StampedHead, append, last, read};

    fn seal(seq: i64) -> Line {
        let (seat, hash, document) = ("a".to_owned(), "00".to_owned(), "x".to_owned());
        Line::Seal(Anchor { seat, seq, hash, at: kernel::Timestamp(5), document })
    }

    fn stamp(seq: i64) -> Line {
        let (seat, hash, token) = ("a".to_owned(), "00".to_owned(), "x".to_owned());
        Line::Stamp(StampedHead { seat, seq, hash, at: kernel::Timestamp(5), token })
    }

    #[test]
    fn a_line_cut_in_writing_is_left_out_and_the_next_one_stands_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads.jsonl");
        append(&path, &[seal(1), seal(2)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.get(..text.len() - 9).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), [seal(1)]);
        assert_eq!(last(&path, |_| true).unwrap(), Some(seal(1)));
        append(&path, &[seal(2), stamp(2), seal(3)]).unwrap();
        assert_eq!(read(&path).unwrap(), [seal(1), seal(2), stamp(2), seal(3)]);
        std::fs::write(&path, text.replacen("seat", "tea", 1)).unwrap();
        assert!(read(&path).is_err(), "a line in the middle that does not read is no anchor");
    }

    #[test]
    fn the_last_line_of_a_kind_is_found_however_far_back_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads.jsonl");
        let is_stamp: fn(&Line) -> bool = |line| matches!(line, Line::Stamp(_));
        assert_eq!(last(&path, is_stamp).unwrap(), None);
        append(&path, &[stamp(1), stamp(2)]).unwrap();
        for from in (0..20_000).step_by(1_000) {
            let seals: Vec<Line> = (from..from + 1_000).map(|seq| seal(seq + 3)).collect();
            append(&path, &seals).unwrap();
        }
        assert_eq!(last(&path, is_stamp).unwrap(), Some(stamp(2)));
        assert_eq!(last(&path, |line| matches!(line, Line::Seal(_))).unwrap(), Some(seal(20_002)));
        assert_eq!(last(&path, |line| matches!(line, Line::Receipt(_))).unwrap(), None);
        let long = "x".repeat(300_000);
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + &long).unwrap();
        append(&path, &[seal(20_003)]).unwrap();
        assert_eq!(read(&path).unwrap().len(), 20_003, "the long piece was cut in writing");
    }
}
