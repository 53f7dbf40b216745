//! The receipt: what the receiver of a message signs at once, and the sender keeps.

use kernel::{Fault, MessageId, Said, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::directory::Book;
use crate::head::{JournalHead, read_head};
use crate::keys::{KeyError, Keys};
use crate::message::{PartnerId, VERSION};
use crate::seal::{
    FUTURE_SKEW_MAX, Jws, RECEIPT_TYPE, SealError, Sealed, check_key_window, parse_json, seal_value, verify,
};

code_list! {
    /// What became of the message.
    Verdict {
        /// Taken and applied.
        Accepted = "accepted", "已接收", "accepted";
        /// Taken before; nothing was applied again.
        Duplicate = "duplicate", "重复", "duplicate";
        /// Read, and not taken; it will not be taken later either.
        Refused = "refused", "拒收", "refused";
    }
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of the protocol, 1.
    pub v: u16,
    /// Who received.
    pub from: PartnerId,
    /// Who had sent.
    pub to: PartnerId,
    /// The message.
    pub message_id: MessageId,
    /// SHA-256 of the message's document, lower-case hex.
    pub sha256: String,
    /// When the message came in first.
    pub received_at: Timestamp,
    /// When this receipt was signed.
    pub issued_at: Timestamp,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Said>,
    /// Every fault by field, where the body was at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// The highest head of the sender's journal that the receiver has ever seen.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read_head")]
    pub journal: Option<JournalHead>,
}

impl Receipt {
    /// Signs the receipt.
    ///
    /// # Errors
    /// No key of ours is active.
    pub fn seal(&self, keys: &Keys) -> Result<Sealed, KeyError> {
        Ok(seal_value(&*keys.active(self.issued_at)?, RECEIPT_TYPE, self))
    }

    /// Checks that a text is the receipt of the partner for exactly the document that we sent.
    ///
    /// # Errors
    /// As for any document; `WrongAudience` also where it speaks of another document.
    pub fn open(book: &Book, text: &[u8], now: Timestamp, sent: &SentDocument<'_>) -> Result<Self, SealError> {
        let receipt = Self::read_signed(book, text, now, sent.to)?;
        if receipt.to != *sent.from || receipt.message_id != sent.id || receipt.sha256 != sent.sha256 {
            return Err(SealError::WrongAudience { to: receipt.to.to_string() });
        }
        Ok(receipt)
    }

    /// Checks that a text is a receipt that the partner has signed, whatever it is about.
    ///
    /// # Errors
    /// As for any document.
    pub fn read_signed(book: &Book, text: &[u8], now: Timestamp, by: &PartnerId) -> Result<Self, SealError> {
        let jws = Jws::parse(text, RECEIPT_TYPE)?;
        let from = jws.claimed_from()?;
        if from != *by {
            return Err(SealError::Foreign { partner: from.to_string() });
        }
        let key = verify(book, &jws, &from)?;
        let receipt: Self = parse_json(&jws.payload)?;
        if receipt.v != VERSION {
            return Err(SealError::Version { v: receipt.v });
        }
        check_key_window(&key, receipt.issued_at, now)?;
        if receipt.issued_at > now + FUTURE_SKEW_MAX {
            return Err(SealError::NotYetValid { issued_at: receipt.issued_at });
        }
        Ok(receipt)
    }
}

/// The document that a receipt must speak of.
#[derive(Debug, Clone, Copy)]
pub struct SentDocument<'a> {
    /// The message.
    pub id: MessageId,
    /// Us.
    pub from: &'a PartnerId,
    /// The partner.
    pub to: &'a PartnerId,
    /// SHA-256 of its text.
    pub sha256: &'a str,
}
