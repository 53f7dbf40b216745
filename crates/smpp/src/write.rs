//! Writes PDUs to the end of a buffer.

use crate::frame::put_word;
use crate::{
    ADDRESS_LEN_MAX, Address, CommandId, DATA_ADDRESS_LEN_MAX, MESSAGE_ID_LEN_MAX, Message, MessageKind,
    SERVICE_TYPE_LEN_MAX, SHORT_MESSAGE_LEN_MAX, Status, TIME_LEN_MAX,
};

pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    from: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn begin(out: &'a mut Vec<u8>, command: CommandId, status: Status, sequence: u32) -> Self {
        let from = out.len();
        out.extend_from_slice(&[0; 4]);
        for word in [command.0, status.0, sequence] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        Self { out, from }
    }

    pub(crate) fn octets(&mut self, octets: &[u8]) {
        self.out.extend_from_slice(octets);
    }

    /// A text and its closing zero; cut at a zero within, and at its greatest length.
    pub(crate) fn text(&mut self, text: &[u8], at_most: usize) {
        let text = text.split(|octet| *octet == 0).next().unwrap_or_default();
        self.octets(text.get(..at_most - 1).unwrap_or(text));
        self.octets(&[0]);
    }

    pub(crate) fn address(&mut self, address: &Address<'_>, at_most: usize) {
        self.octets(&[address.ton, address.npi]);
        self.text(address.digits, at_most);
    }

    pub(crate) fn tlv(&mut self, tag: u16, value: &[u8]) {
        write_tlv(tag, value, self.out);
    }

    /// Puts the length in; without it the PDU does not read.
    pub(crate) fn end(self) {
        let len = u32::try_from(self.out.len() - self.from).unwrap_or(u32::MAX);
        if let Some(pdu) = self.out.get_mut(self.from..) {
            put_word(pdu, 0, len);
        }
    }
}

/// Appends an optional parameter. A value beyond 64 KiB is cut.
pub fn write_tlv(tag: u16, value: &[u8], out: &mut Vec<u8>) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&tag.to_be_bytes());
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(value);
}

/// A PDU without body: `enquire_link`, `unbind`, their responses, `generic_nack`, refused requests.
pub fn write_empty(command: CommandId, status: Status, sequence: u32, out: &mut Vec<u8>) {
    Writer::begin(out, command, status, sequence).end();
}

/// The response to `request`, a message command. It names the message where the command has a place for it and the
/// status is good; that of a `deliver_sm` is empty, that of a `submit_multi` names no failed destination.
pub fn write_message_response(request: CommandId, status: Status, sequence: u32, message_id: &[u8], out: &mut Vec<u8>) {
    let mut writer = Writer::begin(out, request.response(), status, sequence);
    if request == CommandId::DELIVER_SM {
        writer.octets(&[0]);
    } else if status == Status::OK {
        writer.text(message_id, MESSAGE_ID_LEN_MAX);
        if request == CommandId::SUBMIT_MULTI {
            writer.octets(&[0]);
        }
    }
    writer.end();
}

/// A PDU with other octets in place of a range, for instance another message id; its length is put right.
pub fn with_octets(pdu: &[u8], range: std::ops::Range<usize>, octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pdu.len() + octets.len());
    out.extend_from_slice(pdu.get(..range.start).unwrap_or(pdu));
    out.extend_from_slice(octets);
    out.extend_from_slice(pdu.get(range.end..).unwrap_or_default());
    let len = u32::try_from(out.len()).unwrap_or(u32::MAX);
    put_word(&mut out, 0, len);
    out
}

impl Message<'_> {
    /// Writes the message with the optional parameters but those of the tags in `without`, and `more` after them.
    pub fn write(&self, sequence: u32, without: &[u16], more: &[(u16, &[u8])], out: &mut Vec<u8>) {
        let data = self.kind == MessageKind::Data;
        let at_most = if data { DATA_ADDRESS_LEN_MAX } else { ADDRESS_LEN_MAX };
        let mut writer = Writer::begin(out, self.kind.command(), Status::OK, sequence);
        writer.text(self.service_type, SERVICE_TYPE_LEN_MAX);
        writer.address(&self.source, at_most);
        if self.kind == MessageKind::Multi {
            let count = self.each_destination().count();
            writer.octets(&[u8::try_from(count).unwrap_or(u8::MAX)]);
            writer.octets(self.destinations_bytes());
        } else {
            writer.address(&self.destination, at_most);
        }
        writer.octets(&[self.esm_class]);
        if data {
            writer.octets(&[self.registered_delivery, self.data_coding]);
        } else {
            writer.octets(&[self.protocol_id, self.priority]);
            writer.text(self.schedule, TIME_LEN_MAX);
            writer.text(self.validity, TIME_LEN_MAX);
            let short = self.short_message.get(..SHORT_MESSAGE_LEN_MAX).unwrap_or(self.short_message);
            let len = u8::try_from(short.len()).unwrap_or(u8::MAX);
            writer.octets(&[
                self.registered_delivery,
                self.replace_if_present,
                self.data_coding,
                self.default_message,
                len,
            ]);
            writer.octets(short);
        }
        for tlv in self.tlvs {
            if !without.contains(&tlv.tag) {
                writer.tlv(tlv.tag, tlv.value);
            }
        }
        for (tag, value) in more {
            writer.tlv(*tag, value);
        }
        writer.end();
    }
}
