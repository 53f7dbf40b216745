//! `submit_sm`, `deliver_sm`, `data_sm` and `submit_multi`: one view of all, with what screening needs.

use std::ops::Range;

use crate::read::Cursor;
use crate::{
    ADDRESS_LEN_MAX, CommandId, DATA_ADDRESS_LEN_MAX, DESTINATIONS_MAX, ESM_RECEIPT, ESM_TYPE_MASK, ESM_UDHI,
    HEADER_LEN, MESSAGE_ID_LEN_MAX, Pdu, ReadFault, SERVICE_TYPE_LEN_MAX, TIME_LEN_MAX, Tlvs, Udh, tag,
};

/// Which command carries the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// `submit_sm`
    Submit,
    /// `deliver_sm`
    Deliver,
    /// `data_sm`
    Data,
    /// `submit_multi`
    Multi,
}

impl MessageKind {
    /// The command.
    pub const fn command(self) -> CommandId {
        match self {
            Self::Submit => CommandId::SUBMIT_SM,
            Self::Deliver => CommandId::DELIVER_SM,
            Self::Data => CommandId::DATA_SM,
            Self::Multi => CommandId::SUBMIT_MULTI,
        }
    }

    fn of(command: CommandId) -> Option<Self> {
        match command {
            CommandId::SUBMIT_SM => Some(Self::Submit),
            CommandId::DELIVER_SM => Some(Self::Deliver),
            CommandId::DATA_SM => Some(Self::Data),
            CommandId::SUBMIT_MULTI => Some(Self::Multi),
            _ => None,
        }
    }
}

/// An address with its type of number (1 international, 2 national, 5 alphanumeric) and numbering plan (1 E.164).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Address<'a> {
    /// Type of number.
    pub ton: u8,
    /// Numbering plan.
    pub npi: u8,
    /// The address as sent, mostly digits.
    pub digits: &'a [u8],
}

impl<'a> Address<'a> {
    /// The address as text; empty when it is not UTF-8.
    pub fn text(&self) -> &'a str {
        std::str::from_utf8(self.digits).unwrap_or_default()
    }
}

/// One destination of a `submit_multi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// A number.
    Number(Address<'a>),
    /// The name of a distribution list.
    List(&'a [u8]),
}

/// A message, borrowed from its PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Which command.
    pub kind: MessageKind,
    /// Service of the SMSC, mostly empty.
    pub service_type: &'a [u8],
    /// Sender.
    pub source: Address<'a>,
    /// Receiver; of a `submit_multi` the first number.
    pub destination: Address<'a>,
    /// Mode, type, UDHI and reply path.
    pub esm_class: u8,
    /// Protocol of the network.
    pub protocol_id: u8,
    /// Priority.
    pub priority: u8,
    /// When to deliver.
    pub schedule: &'a [u8],
    /// Until when to try.
    pub validity: &'a [u8],
    /// Which receipts are wanted.
    pub registered_delivery: u8,
    /// Whether it replaces an earlier one.
    pub replace_if_present: u8,
    /// How the text is coded.
    pub data_coding: u8,
    /// Predefined message of the SMSC.
    pub default_message: u8,
    /// The text in the body; empty when it stands in `message_payload`.
    pub short_message: &'a [u8],
    /// Optional parameters.
    pub tlvs: Tlvs<'a>,
    /// All destinations of a `submit_multi`, as sent; empty otherwise.
    destinations: &'a [u8],
    registered_delivery_at: usize,
}

impl<'a> Message<'a> {
    /// A message to be written: everything empty but the two addresses.
    pub fn new(kind: MessageKind, source: Address<'a>, destination: Address<'a>) -> Self {
        Self {
            kind,
            service_type: b"",
            source,
            destination,
            esm_class: 0,
            protocol_id: 0,
            priority: 0,
            schedule: b"",
            validity: b"",
            registered_delivery: 0,
            replace_if_present: 0,
            data_coding: 0,
            default_message: 0,
            short_message: b"",
            tlvs: Tlvs::default(),
            destinations: b"",
            registered_delivery_at: 0,
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// A field that does not read.
    pub fn read(pdu: &Pdu<'a>) -> Result<Self, ReadFault> {
        let kind = MessageKind::of(pdu.header.command).ok_or(ReadFault::Command)?;
        let mut cursor = Cursor::new(pdu.body());
        let at_most = if kind == MessageKind::Data { DATA_ADDRESS_LEN_MAX } else { ADDRESS_LEN_MAX };
        let service_type = cursor.text("service_type", SERVICE_TYPE_LEN_MAX)?;
        let source = cursor.address("source_addr", at_most)?;
        let mut message = Self::new(kind, source, Address::default());
        message.service_type = service_type;
        if kind == MessageKind::Multi {
            (message.destination, message.destinations) = destinations(&mut cursor)?;
        } else {
            message.destination = cursor.address("destination_addr", at_most)?;
        }
        message.esm_class = cursor.octet("esm_class")?;
        if kind == MessageKind::Data {
            message.registered_delivery_at = HEADER_LEN + cursor.at();
            message.registered_delivery = cursor.octet("registered_delivery")?;
            message.data_coding = cursor.octet("data_coding")?;
        } else {
            message.protocol_id = cursor.octet("protocol_id")?;
            message.priority = cursor.octet("priority_flag")?;
            message.schedule = cursor.text("schedule_delivery_time", TIME_LEN_MAX)?;
            message.validity = cursor.text("validity_period", TIME_LEN_MAX)?;
            message.registered_delivery_at = HEADER_LEN + cursor.at();
            message.registered_delivery = cursor.octet("registered_delivery")?;
            message.replace_if_present = cursor.octet("replace_if_present_flag")?;
            message.data_coding = cursor.octet("data_coding")?;
            message.default_message = cursor.octet("sm_default_msg_id")?;
            let len = usize::from(cursor.octet("sm_length")?);
            message.short_message = cursor.octets("short_message", len)?;
        }
        message.tlvs = Tlvs::read(cursor.rest())?;
        Ok(message)
    }

    /// The octets of the text, its header included: from the body, or from `message_payload`.
    pub fn content(&self) -> &'a [u8] {
        self.contents().next().unwrap_or_default()
    }

    /// Every text that the message carries, headers included. The specification allows one (SMPP 3.4 §5.3.2.32); which of
    /// two an SMSC delivers is its own affair.
    pub fn contents(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        all_texts(self.short_message, self.tlvs)
    }

    /// Whether it carries more than one text, so that nobody can say which of them arrives.
    pub fn has_several_texts(&self) -> bool {
        self.contents().nth(1).is_some()
    }

    /// The user data header, where one leads, and the octets of the text behind it. A header that does not read is
    /// taken for text.
    pub fn user_data(&self) -> (Option<Udh<'a>>, &'a [u8]) {
        self.user_data_of(self.content())
    }

    /// The same for one of [`Message::contents`].
    pub fn user_data_of(&self, content: &'a [u8]) -> (Option<Udh<'a>>, &'a [u8]) {
        if self.esm_class & ESM_UDHI == 0 {
            return (None, content);
        }
        match Udh::split(content) {
            Some((header, text)) => (Some(header), text),
            None => (None, content),
        }
    }

    /// Whether it is a receipt of the SMSC and no text of a person.
    pub fn is_receipt(&self) -> bool {
        matches!(self.esm_class & ESM_TYPE_MASK, ESM_RECEIPT | 0x20)
            && matches!(self.kind, MessageKind::Deliver | MessageKind::Data)
    }

    /// Every destination; one, but for `submit_multi`.
    pub fn each_destination(&self) -> impl Iterator<Item = Destination<'a>> + use<'a> {
        let single = (self.kind != MessageKind::Multi).then_some(Destination::Number(self.destination));
        let mut cursor = Cursor::new(self.destinations);
        single.into_iter().chain(std::iter::from_fn(move || one_destination(&mut cursor).ok()))
    }

    /// The destinations of a `submit_multi` as sent, without their count.
    pub(crate) fn destinations_bytes(&self) -> &'a [u8] {
        self.destinations
    }

    /// Where in the PDU `registered_delivery` stands; zero for a message that was not read.
    pub const fn registered_delivery_at(&self) -> usize {
        self.registered_delivery_at
    }
}

/// Puts other receipts into a PDU of which `at` was said by [`Message::registered_delivery_at`].
pub fn patch_registered_delivery(pdu: &mut [u8], at: usize, registered_delivery: u8) {
    if let Some(place) = pdu.get_mut(at).filter(|_| at >= HEADER_LEN) {
        *place = registered_delivery;
    }
}

fn all_texts<'a>(body: &'a [u8], tlvs: Tlvs<'a>) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let payloads = tlvs.into_iter().filter(|tlv| tlv.tag == tag::MESSAGE_PAYLOAD).map(|tlv| tlv.value);
    std::iter::once(body).chain(payloads).filter(|text| !text.is_empty())
}

fn destinations<'a>(cursor: &mut Cursor<'a>) -> Result<(Address<'a>, &'a [u8]), ReadFault> {
    let count = usize::from(cursor.octet("number_of_dests")?);
    if count == 0 || count > DESTINATIONS_MAX {
        return Err(ReadFault::Destinations);
    }
    let all = cursor.rest();
    let from = cursor.at();
    let mut first = None;
    for _ in 0..count {
        if let Destination::Number(address) = one_destination(cursor)? {
            first.get_or_insert(address);
        }
    }
    let used = cursor.at() - from;
    Ok((first.unwrap_or_default(), all.get(..used).unwrap_or_default()))
}

fn one_destination<'a>(cursor: &mut Cursor<'a>) -> Result<Destination<'a>, ReadFault> {
    match cursor.octet("dest_flag")? {
        1 => Ok(Destination::Number(cursor.address("destination_addr", ADDRESS_LEN_MAX)?)),
        2 => Ok(Destination::List(cursor.text("dl_name", ADDRESS_LEN_MAX)?)),
        _ => Err(ReadFault::Destinations),
    }
}

/// The `message_id` in a response, or in a `query_sm`, `cancel_sm`, `replace_sm`; where in the PDU it stands.
pub fn message_id_range(pdu: &Pdu<'_>) -> Option<Range<usize>> {
    let request = matches!(
        pdu.header.command,
        CommandId::QUERY_SM
            | CommandId::REPLACE_SM
            | CommandId::CANCEL_SM
            | CommandId::SUBMIT_SM_RESP
            | CommandId::DATA_SM_RESP
            | CommandId::SUBMIT_MULTI_RESP
    );
    let mut cursor = Cursor::new(pdu.body());
    if pdu.header.command == CommandId::CANCEL_SM {
        cursor.text("service_type", SERVICE_TYPE_LEN_MAX).ok()?;
    }
    let from = HEADER_LEN + cursor.at();
    let id = cursor.text("message_id", MESSAGE_ID_LEN_MAX).ok().filter(|_| request)?;
    Some(from..from + id.len())
}

/// The `message_id` as octets; see [`message_id_range`].
pub fn message_id_of<'a>(pdu: &Pdu<'a>) -> Option<&'a [u8]> {
    pdu.bytes.get(message_id_range(pdu)?)
}

/// The sender and the octets of the new text of a `replace_sm`; nothing where it does not read, or carries several texts.
pub fn replacement<'a>(pdu: &Pdu<'a>) -> Option<(Address<'a>, &'a [u8])> {
    if pdu.header.command != CommandId::REPLACE_SM {
        return None;
    }
    let mut cursor = Cursor::new(pdu.body());
    cursor.text("message_id", MESSAGE_ID_LEN_MAX).ok()?;
    let source = cursor.address("source_addr", ADDRESS_LEN_MAX).ok()?;
    cursor.text("schedule_delivery_time", TIME_LEN_MAX).ok()?;
    cursor.text("validity_period", TIME_LEN_MAX).ok()?;
    cursor.octets("registered_delivery", 2).ok()?;
    let len = usize::from(cursor.octet("sm_length").ok()?);
    let text = cursor.octets("short_message", len).ok()?;
    let mut texts = all_texts(text, Tlvs::read(cursor.rest()).ok()?);
    let new = texts.next().unwrap_or_default();
    texts.next().is_none().then_some((source, new))
}
