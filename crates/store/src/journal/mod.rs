//! The journal: every change of state is one appended entry, in the same transaction as the change.
//!
//! Each entry carries the digest of its content and the hash `SHA-256(previous hash ‖ digest)`, so that whoever holds
//! the digests can check the chain without seeing the contents. Numbering and chaining happen at commit under the one
//! row of `journal_head`: the order of sequence numbers is the order of commits, and a reader that goes on from a
//! cursor misses nothing.

mod anchor;
mod chain;
mod follow;
mod outside;
mod read;
pub mod reason;
pub mod stuck;
pub mod witness;

pub use anchor::{
    Anchor, AnchorError, RECEIPT_EVERY, Receipts, SignedHead, StampedHead, Stamps, keep_sealed, seal_and_anchor,
};
pub use chain::{GENESIS, Hash, SealClaim, Sealer, Verification, content_digest, link, seal_head, verify};
pub(crate) use chain::{Pending, chain, prepare, region_of};
pub use follow::{Follower, Reaction, Step, react, tail};
pub use read::{Filter, Recorded, erase_subject, last_seq, open_private, query, read_after};

use serde::Serialize;

/// An entry to be appended.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) case_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) body: std::result::Result<String, String>,
    /// JSON, or why it could not be written.
    pub(crate) private: Option<std::result::Result<String, String>>,
}

impl Entry {
    /// An entry of a kind (`order.approved`) about a subject (`order:<id>`).
    pub fn new(kind: &str, subject: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            subject: subject.into(),
            case_id: None,
            region: None,
            body: Ok("{}".to_owned()),
            private: None,
        }
    }

    /// What everybody with the right to the journal may see: numbers, states, amounts; no personal data. What cannot
    /// be written fails [`crate::Tx::append`].
    pub fn body(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).map_err(|error| error.to_string());
        self
    }

    /// Personal data, kept encrypted with the key of the subject. What cannot be written fails [`crate::Tx::append`].
    pub fn private(mut self, private: &impl Serialize) -> Self {
        self.private = Some(serde_json::to_string(private).map_err(|error| error.to_string()));
        self
    }

    /// The case (report) to which this belongs.
    pub fn case(mut self, case_id: impl ToString) -> Self {
        self.case_id = Some(case_id.to_string());
        self
    }

    /// Six-digit region code, by which readers are scoped.
    pub fn region(mut self, region: impl ToString) -> Self {
        self.region = Some(region.to_string());
        self
    }
}
