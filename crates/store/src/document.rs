//! Papers kept by their hash: attached decisions, received documents, imports.

use sha2::{Digest, Sha256};

use crate::{Db, Error, Result, Tx, args};

/// Largest paper that is kept, in bytes.
pub const SIZE_MAX: usize = 20 * 1024 * 1024;

/// A kept paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the content, lower-case hex.
    pub sha256: String,
    /// SM3 (GB/T 32905) of the content, lower-case hex.
    pub sm3: String,
    /// For instance `application/pdf`.
    pub media_type: String,
    /// The content.
    pub content: Vec<u8>,
}

/// SHA-256, lower-case hex.
pub fn sha256_hex(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// SM3 (GB/T 32905), lower-case hex.
pub fn sm3_hex(content: &[u8]) -> String {
    hex::encode(<sm3::Sm3 as sm3::Digest>::digest(content))
}

/// Keeps a paper and gives its SHA-256; the same content twice is one paper.
pub async fn put(tx: &mut Tx, media_type: &str, content: &[u8]) -> Result<String> {
    if content.len() > SIZE_MAX {
        return Err(Error::Conflict(format!("a paper of {} bytes is above {SIZE_MAX}", content.len())));
    }
    let sha256 = sha256_hex(content);
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    tx.write(
        "INSERT INTO document (sha256, sm3, media_type, size, at, content) VALUES ($1,$2,$3,$4,$5,$6)
         ON CONFLICT (sha256) DO NOTHING",
        args![&sha256, sm3_hex(content), media_type, size, tx.now(), content],
    )
    .await?;
    Ok(sha256)
}

/// The paper with this SHA-256.
pub async fn get(db: &Db, sha256: &str) -> Result<Document> {
    let row: Option<(String, String, String, Vec<u8>)> = db
        .fetch_optional("SELECT sha256, sm3, media_type, content FROM document WHERE sha256 = $1", args![sha256])
        .await?;
    row.map(|(sha256, sm3, media_type, content)| Document { sha256, sm3, media_type, content })
        .ok_or(Error::NotFound { what: "document" })
}
