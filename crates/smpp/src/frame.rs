//! Where one PDU ends and the next begins, and the header.

use crate::{CommandId, Status};

/// Octets of a header.
pub const HEADER_LEN: usize = 16;
/// Octets of one PDU at most: a `message_payload` of 64 KiB, 255 destinations, and room for the rest.
pub const PDU_LEN_MAX: usize = 80 * 1024;

/// The four numbers that lead a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Octets of the PDU, header included.
    pub len: u32,
    /// Which command.
    pub command: CommandId,
    /// Outcome; zero in requests.
    pub status: Status,
    /// Joins a response to its request.
    pub sequence: u32,
}

/// One whole PDU, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pdu<'a> {
    /// Its header.
    pub header: Header,
    /// All octets, header included.
    pub bytes: &'a [u8],
}

impl<'a> Pdu<'a> {
    /// What follows the header.
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(HEADER_LEN..).unwrap_or_default()
    }

    /// Reads one whole PDU that was stored before.
    pub fn whole(bytes: &'a [u8]) -> Option<Self> {
        match frame(bytes) {
            Frame::Whole(pdu) if pdu.bytes.len() == bytes.len() => Some(pdu),
            _ => None,
        }
    }
}

/// What the bytes received so far begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Not yet a whole PDU.
    Partial,
    /// A whole PDU; it takes `pdu.bytes.len()` octets.
    Whole(Pdu<'a>),
    /// A length that no PDU has: the stream cannot be read on.
    Broken(LengthFault),
}

/// A length that no PDU has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PDU of {len} octets")]
pub struct LengthFault {
    /// The length that was said.
    pub len: u32,
    /// The sequence number, when it has arrived: the refusal carries it.
    pub sequence: u32,
}

/// Reads the first PDU of the bytes received so far.
pub fn frame(bytes: &[u8]) -> Frame<'_> {
    let Some(len) = word(bytes, 0) else { return Frame::Partial };
    let size = len as usize;
    if !(HEADER_LEN..=PDU_LEN_MAX).contains(&size) {
        return Frame::Broken(LengthFault { len, sequence: word(bytes, 12).unwrap_or(0) });
    }
    let Some(whole) = bytes.get(..size) else { return Frame::Partial };
    let (Some(command), Some(status), Some(sequence)) = (word(whole, 4), word(whole, 8), word(whole, 12)) else {
        return Frame::Partial;
    };
    Frame::Whole(Pdu {
        header: Header { len, command: CommandId(command), status: Status(status), sequence },
        bytes: whole,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|four| u32::from_be_bytes(*four))
}

/// Puts another sequence number into a PDU.
pub fn set_sequence(pdu: &mut [u8], sequence: u32) {
    put_word(pdu, 12, sequence);
}

/// Puts another status into a PDU.
pub fn set_status(pdu: &mut [u8], status: Status) {
    put_word(pdu, 8, status.0);
}

pub(crate) fn put_word(pdu: &mut [u8], at: usize, value: u32) {
    if let Some(place) = pdu.get_mut(at..at + 4) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENQUIRE: [u8; 16] = [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 7];

    #[test]
    fn pdus_follow_each_other() {
        let mut stream = ENQUIRE.to_vec();
        stream.extend_from_slice(&ENQUIRE[..9]);
        let Frame::Whole(pdu) = frame(&stream) else { panic!("the first is whole") };
        assert_eq!((pdu.header.command, pdu.header.sequence), (CommandId::ENQUIRE_LINK, 7));
        assert_eq!(frame(&stream[16..]), Frame::Partial);
        assert_eq!(frame(&[]), Frame::Partial);
    }

    #[test]
    fn impossible_lengths_are_refused_before_the_rest_arrives() {
        assert!(matches!(frame(&[0, 0, 0, 15]), Frame::Broken(LengthFault { len: 15, .. })));
        assert!(matches!(frame(b"GET / HTTP/1.1\r\n"), Frame::Broken(_)));
    }

    #[test]
    fn the_sequence_is_patched_in_place() {
        let mut pdu = ENQUIRE;
        set_sequence(&mut pdu, 0x0102_0304);
        set_status(&mut pdu, Status::THROTTLED);
        let read = Pdu::whole(&pdu).unwrap();
        assert_eq!((read.header.sequence, read.header.status), (0x0102_0304, Status::THROTTLED));
    }
}
