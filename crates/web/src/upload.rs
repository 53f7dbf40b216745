//! Files that are sent: written to the disk of the seat piece by piece, never held in memory.

use std::path::{Path, PathBuf};

use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::{Problem, texts};

/// A file that was sent. It is removed when this is dropped, unless it was handed on by [`Upload::keep`].
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    /// Its name, as sent.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
    kept: bool,
}

impl Upload {
    /// Writes a field of a form into a folder, readable by this user alone.
    ///
    /// # Errors
    /// It is too large, breaks off, or the disk refuses.
    pub async fn take(mut field: Field<'_>, folder: &Path, bytes_max: u64) -> Result<Self, Problem> {
        let no_room = |error: std::io::Error| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, texts::UPLOAD_NO_ROOM.say(&[])).because(error)
        };
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await.map_err(no_room)?;
        let name: String = field.file_name().unwrap_or("file").chars().filter(|c| !c.is_control()).take(200).collect();
        let path = folder.join(format!("{}.sent", uuid()));
        let mut options = tokio::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path).await.map_err(no_room)?;
        let mut upload = Self { path, name, sha256: String::new(), bytes: 0, kept: false };
        let mut hash = Sha256::new();
        while let Some(piece) = field.chunk().await.map_err(|error| broken(error, bytes_max))? {
            upload.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            if upload.bytes > bytes_max {
                return Err(too_large(bytes_max));
            }
            hash.update(&piece);
            file.write_all(&piece).await.map_err(no_room)?;
            crate::bodies::written();
        }
        file.flush().await.map_err(no_room)?;
        upload.sha256 = hex::encode(hash.finalize());
        Ok(upload)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the file where it is: somebody else removes it.
    pub fn keep(mut self) -> PathBuf {
        self.kept = true;
        self.path.clone()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "a file that was sent could not be removed");
        }
    }
}

fn uuid() -> String {
    kernel::ImportId::new(kernel::Timestamp(0)).to_string()
}

fn too_large(bytes_max: u64) -> Problem {
    Problem::fault(texts::UPLOAD_TOO_LARGE.at("file", &[("most", &(bytes_max >> 20).to_string())]))
}

fn broken(error: MultipartError, bytes_max: u64) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(bytes_max),
        _ => Problem::fault(texts::UPLOAD_BROKEN.at("file", &[])).because(error),
    }
}
