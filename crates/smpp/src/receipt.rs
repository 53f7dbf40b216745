//! Delivery receipts: the text form that SMSCs have agreed upon (SMPP 3.4, appendix B).

use std::ops::Range;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// Delivered (DELIVRD, 2).
    Delivered,
    /// Its validity passed (EXPIRED, 3).
    Expired,
    /// Deleted (DELETED, 4).
    Deleted,
    /// It cannot be delivered (UNDELIV, 5).
    Undeliverable,
    /// Accepted by hand (ACCEPTD, 6).
    Accepted,
    /// Unknown (UNKNOWN, 7).
    Unknown,
    /// Rejected (REJECTD, 8).
    Rejected,
}

impl ReceiptState {
    /// The seven letters.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
        }
    }

    /// Value of the TLV `message_state`.
    pub const fn code(self) -> u8 {
        match self {
            Self::Delivered => 2,
            Self::Expired => 3,
            Self::Deleted => 4,
            Self::Undeliverable => 5,
            Self::Accepted => 6,
            Self::Unknown => 7,
            Self::Rejected => 8,
        }
    }

    /// Whether `registered_delivery` asks for a receipt of this state.
    pub const fn is_wanted(self, registered_delivery: u8) -> bool {
        let good = matches!(self, Self::Delivered | Self::Accepted);
        match registered_delivery & crate::RECEIPT_MASK {
            1 => true,
            2 => !good,
            3 => good,
            _ => false,
        }
    }
}

/// A receipt to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// The id that the sender was given.
    pub message_id: &'a str,
    /// When it was taken, `yyMMddHHmm` in the SMSC's local time.
    pub submitted: &'a str,
    /// When it ended, the same.
    pub done: &'a str,
    /// What became of it.
    pub state: ReceiptState,
    /// Code of the network or the SMSC, at most 999.
    pub error: u16,
}

impl Receipt<'_> {
    /// The text of the receipt. No word of the message stands in it.
    pub fn text(&self) -> String {
        format!(
            "id:{} sub:001 dlvrd:{:03} submit date:{} done date:{} stat:{} err:{:03} text:",
            self.message_id,
            u8::from(self.state == ReceiptState::Delivered),
            self.submitted,
            self.done,
            self.state.letters(),
            self.error.min(999),
        )
    }
}

/// Where in the text of a receipt the message id stands.
pub fn receipt_id_range(text: &[u8]) -> Option<Range<usize>> {
    let from = if text.get(..3)?.eq_ignore_ascii_case(b"id:") {
        3
    } else {
        text.windows(4).position(|w| w.eq_ignore_ascii_case(b" id:"))? + 4
    };
    let len = text.get(from..)?.iter().position(|octet| *octet == b' ').unwrap_or(text.len() - from);
    (len > 0).then_some(from..from + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_names_its_message() {
        let receipt = Receipt {
            message_id: "S00ff",
            submitted: "2611240900",
            done: "2611240901",
            state: ReceiptState::Rejected,
            error: 69,
        };
        let text = receipt.text();
        assert_eq!(
            text,
            "id:S00ff sub:001 dlvrd:000 submit date:2611240900 done date:2611240901 stat:REJECTD err:069 text:"
        );
        assert_eq!(&text.as_bytes()[receipt_id_range(text.as_bytes()).unwrap()], b"S00ff");
        assert_eq!(receipt_id_range(b"no receipt"), None);
        assert_eq!(receipt_id_range(b"id:"), None);
    }

    #[test]
    fn only_what_was_asked_for_is_told() {
        assert!(ReceiptState::Rejected.is_wanted(1) && ReceiptState::Rejected.is_wanted(2));
        assert!(!ReceiptState::Rejected.is_wanted(0) && !ReceiptState::Rejected.is_wanted(3));
        assert!(ReceiptState::Delivered.is_wanted(3) && !ReceiptState::Delivered.is_wanted(2));
    }
}
