//! Evidence bundles: what the journal says about one subject, so that it can be checked without us.
//!
//! A bundle is a folder:
//!
//! | file | what |
//! | --- | --- |
//! | `manifest.json` | what this is, who took it out and why, and size, SHA-256 and SM3 of every other file |
//! | `manifest.jws` | the manifest under the seat's seal |
//! | `entries.jsonl` | the entries, with everything that their digest covers |
//! | `chain.jsonl` | sequence and digest of every entry from the first one taken out to the seal |
//! | `seal.json` | the seal of the journal behind the last entry |
//! | `keys.json` | the seat's public keys |
//! | `opened.jsonl` | the personal parts in plain text, where a purpose was given |
//! | `documents/` | the papers that the entries name by SHA-256 |
//!
//! The proof: each digest is computed again from its entry; the hashes are linked again, digest by digest, up to the
//! one that the seal names; the seal is checked with the public key. Changing one byte of one entry breaks it.

mod check;
mod export;

pub use check::check;
pub use export::export;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use store::journal::{Hash, Recorded};

/// Entries read at once.
pub const PAGE: i64 = 1_000;
/// The format of the bundles written here.
const FORMAT: &str = "shouhu-evidence-1";
const MANIFEST: &str = "manifest.json";
const MANIFEST_SEAL: &str = "manifest.jws";
const ENTRIES: &str = "entries.jsonl";
const CHAIN: &str = "chain.jsonl";
const SEAL: &str = "seal.json";
const KEYS: &str = "keys.json";
const OPENED: &str = "opened.jsonl";
const DOCUMENTS: &str = "documents";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Manifest {
    format: String,
    seat: String,
    subject: Option<String>,
    case: Option<String>,
    exported_at: Timestamp,
    exported_by: String,
    purpose: Option<String>,
    entries: usize,
    files: Vec<FileLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FileLine {
    path: String,
    bytes: usize,
    sha256: String,
    sm3: String,
}

impl FileLine {
    fn of(path: &str, content: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            bytes: content.len(),
            sha256: store::document::sha256_hex(content),
            sm3: store::document::sm3_hex(content),
        }
    }
}

/// An entry with everything that its digest covers. Times are integers here, because the digest covers the integer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct EntryLine {
    seq: i64,
    at_us: i64,
    actor: String,
    seat: String,
    subject: String,
    case_id: Option<String>,
    region: Option<String>,
    kind: String,
    purpose: Option<String>,
    body: String,
    private_hex: Option<String>,
    digest: String,
    prev: String,
    hash: String,
}

impl EntryLine {
    fn of(entry: &Recorded) -> Self {
        Self {
            seq: entry.seq,
            at_us: entry.at.0,
            actor: entry.actor.clone(),
            seat: entry.seat.clone(),
            subject: entry.subject.clone(),
            case_id: entry.case_id.clone(),
            region: entry.region.clone(),
            kind: entry.kind.clone(),
            purpose: entry.purpose.clone(),
            body: entry.body.clone(),
            private_hex: entry.private.as_ref().map(hex::encode),
            digest: hex::encode(entry.digest),
            prev: hex::encode(entry.prev),
            hash: hex::encode(entry.hash),
        }
    }

    fn recorded(self) -> Option<Recorded> {
        Some(Recorded {
            seq: self.seq,
            at: Timestamp(self.at_us),
            actor: self.actor,
            seat: self.seat,
            subject: self.subject,
            case_id: self.case_id,
            region: self.region,
            kind: self.kind,
            purpose: self.purpose,
            body: self.body,
            private: match self.private_hex {
                Some(text) => Some(hex::decode(text).ok()?),
                None => None,
            },
            digest: hash(&self.digest)?,
            prev: hash(&self.prev)?,
            hash: hash(&self.hash)?,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ChainLine {
    seq: i64,
    digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SealLine {
    seq: i64,
    hash: String,
    document: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OpenedLine {
    seq: i64,
    private: String,
}

fn hash(text: &str) -> Option<Hash> {
    hex::decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
