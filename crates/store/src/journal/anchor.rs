//! The heads of the journal in a place outside the database: a file on another disk. Whoever cuts the tail off the
//! journal, or puts an old copy of the database in its place, cannot cut this file with the same stroke.

use std::io::{BufRead, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{Sealer, seal_head};
use crate::health::SILENT_MAX;
use crate::{Db, args};

/// How often the head of the journal is sealed while entries come in.
const SEAL_EVERY: Duration = Duration::from_secs(30);
/// A head that could not be sealed or anchored is tried again after this.
const SEAL_AGAIN: Duration = Duration::from_secs(5);

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

/// Every anchor of the file, in order; none where there is no file yet. A last line that was cut in writing is left out.
pub(super) fn read(path: &Path) -> Result<Vec<Anchor>, AnchorError> {
    let fault = |problem| AnchorError::File { path: path.to_owned(), problem };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut anchors = Vec::new();
    let mut unread = None;
    for (index, line) in std::io::BufReader::new(file).lines().enumerate() {
        if let Some(problem) = unread.take() {
            return Err(fault(problem));
        }
        let line = line.map_err(fault)?;
        match serde_json::from_str(&line) {
            Ok(anchor) => anchors.push(anchor),
            Err(error) => unread = Some(std::io::Error::other(format!("line {}: {error}", index + 1))),
        }
    }
    Ok(anchors)
}

fn append(path: &Path, anchors: &[Anchor]) -> Result<(), AnchorError> {
    let fault = |problem| AnchorError::File { path: path.to_owned(), problem };
    let mut options = std::fs::OpenOptions::new();
    options.create(true).read(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(fault)?;
    let mut before = Vec::new();
    file.read_to_end(&mut before).map_err(fault)?;
    // A last line that was cut in writing says nothing: the new one takes its place.
    let whole = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    file.seek(SeekFrom::Start(u64::try_from(whole).unwrap_or(u64::MAX))).map_err(fault)?;
    let mut text = String::new();
    for anchor in anchors {
        text.push_str(&serde_json::to_string(anchor).map_err(|e| fault(std::io::Error::other(e)))?);
        text.push('\n');
    }
    file.write_all(text.as_bytes()).map_err(fault)?;
    let end = file.stream_position().map_err(fault)?;
    file.set_len(end).and_then(|()| file.sync_data()).map_err(fault)
}

/// Seals the head of the journal for ever, and writes each sealed head to the anchor file where the seat has one.
/// Cancel it by dropping the future.
pub async fn keep_sealed(db: Db, sealer: Arc<dyn Sealer>) {
    let worker = db.worker("sealing", SILENT_MAX);
    loop {
        let wait = match seal_and_anchor(&db, sealer.as_ref()).await {
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
    let known = blocking({
        let path = path.clone();
        move || read(&path)
    })
    .await?;
    let last = known.last().map_or(0, |anchor| anchor.seq);
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
    let anchors: Vec<Anchor> = rows
        .into_iter()
        .map(|(seq, hash, at, document)| Anchor {
            seat: seat.clone(),
            seq,
            hash: hex::encode(hash),
            at: Timestamp(at),
            document,
        })
        .collect();
    blocking(move || append(&path, &anchors)).await
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
    use super::{Anchor, append, read};

    #[test]
    fn a_line_cut_in_writing_is_left_out_and_the_next_one_stands_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads.jsonl");
        let anchor =
            |seq| Anchor { seat: "a".into(), seq, hash: "00".into(), at: kernel::Timestamp(5), document: "x".into() };
        append(&path, &[anchor(1), anchor(2)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.get(..text.len() - 9).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), [anchor(1)]);
        append(&path, &[anchor(2), anchor(3)]).unwrap();
        assert_eq!(read(&path).unwrap(), [anchor(1), anchor(2), anchor(3)]);
        std::fs::write(&path, text.replacen("seat", "tea", 1)).unwrap();
        assert!(read(&path).is_err(), "a line in the middle that does not read is no anchor");
    }
}
