//! Optional parameters (TLVs).

use crate::ReadFault;

/// Tags of optional parameters that are read or written here.
pub mod tag {
    /// Why delivery failed, in the network's terms: network type and code.
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// Words about a failure.
    pub const ADDITIONAL_STATUS_INFO_TEXT: u16 = 0x001d;
    /// The message that a receipt is about.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
    /// What became of it.
    pub const MESSAGE_STATE: u16 = 0x0427;
    /// Reference that the parts of one long message share.
    pub const SAR_MSG_REF_NUM: u16 = 0x020c;
    /// How many parts.
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020e;
    /// Which part, from 1.
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020f;
    /// Version of SMPP that the SMSC speaks.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// Port at the sender.
    pub const SOURCE_PORT: u16 = 0x020a;
    /// Port at the receiver.
    pub const DESTINATION_PORT: u16 = 0x020b;
    /// The text, up to 64 KiB.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// How busy the peer is, 0–99 (5.0).
    pub const CONGESTION_STATE: u16 = 0x0428;
    /// A reference of the sender's own.
    pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
}

/// One optional parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Which.
    pub tag: u16,
    /// Its value.
    pub value: &'a [u8],
}

impl Tlv<'_> {
    /// A whole number of one, two or four octets.
    pub fn number(&self) -> Option<u32> {
        match *self.value {
            [a] => Some(u32::from(a)),
            [a, b] => Some(u32::from(u16::from_be_bytes([a, b]))),
            [a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d])),
            _ => None,
        }
    }
}

/// The optional parameters of a PDU, in their order; checked when the PDU was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tlvs<'a> {
    bytes: &'a [u8],
}

impl<'a> Tlvs<'a> {
    /// Checks that the octets are a row of optional parameters. A few zero octets at the end are let pass: some
    /// senders pad.
    ///
    /// # Errors
    /// [`ReadFault::Tlvs`]
    pub fn read(bytes: &'a [u8]) -> Result<Self, ReadFault> {
        let mut rest = bytes;
        while let Some((_, after)) = next(rest) {
            rest = after;
        }
        let clean = rest.len() < 4 && rest.iter().all(|octet| *octet == 0);
        let used = bytes.len() - rest.len();
        if clean { Ok(Self { bytes: bytes.get(..used).unwrap_or_default() }) } else { Err(ReadFault::Tlvs) }
    }

    /// The octets.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The first of a tag.
    pub fn find(&self, tag: u16) -> Option<Tlv<'a>> {
        self.into_iter().find(|tlv| tlv.tag == tag)
    }

    /// The number that the first of a tag holds.
    pub fn number(&self, tag: u16) -> Option<u32> {
        self.find(tag)?.number()
    }
}

impl<'a> IntoIterator for Tlvs<'a> {
    type Item = Tlv<'a>;
    type IntoIter = Each<'a>;
    fn into_iter(self) -> Each<'a> {
        Each { rest: self.bytes }
    }
}

/// Goes through optional parameters.
#[derive(Debug, Clone)]
pub struct Each<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Each<'a> {
    type Item = Tlv<'a>;
    fn next(&mut self) -> Option<Tlv<'a>> {
        let (tlv, rest) = next(self.rest)?;
        self.rest = rest;
        Some(tlv)
    }
}

fn next(bytes: &[u8]) -> Option<(Tlv<'_>, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    let [t0, t1, l0, l1] = *head;
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    let (value, rest) = rest.split_at_checked(len)?;
    Some((Tlv { tag: u16::from_be_bytes([t0, t1]), value }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_and_a_cut_one_refused() {
        let row = [0x02, 0x0e, 0, 1, 3, 0x04, 0x24, 0, 2, b'h', b'i'];
        let tlvs = Tlvs::read(&row).unwrap();
        assert_eq!(tlvs.number(tag::SAR_TOTAL_SEGMENTS), Some(3));
        assert_eq!(tlvs.find(tag::MESSAGE_PAYLOAD).unwrap().value, b"hi");
        assert_eq!(Tlvs::read(&row[..10]), Err(ReadFault::Tlvs));
        assert_eq!(Tlvs::read(&[0, 0]).unwrap().into_iter().count(), 0);
    }
}
