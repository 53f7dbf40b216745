//! Plays the messages of the province against a carrier seat: one ESME over SMPP, with a window of requests under way.
//!
//! What a van sends (伪基站) passes the network by and is not played.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub use smpp::Status;
use smpp::{
    Address, Bind, BindMode, CommandId, DefaultAlphabet, ESM_UDHI, Frame, Message, MessageKind, Pdu, VERSION_3_4,
};

use crate::event::{Event, Trunk, What};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Octets read at once.
const READ_BYTES: usize = 64 * 1024;
/// Number and alphabetic types of a sender (SMPP 3.4 §5.2.5).
const TON_INTERNATIONAL: u8 = 1;
const TON_UNKNOWN: u8 = 0;
const NPI_E164: u8 = 1;

/// Where to, and as whom.
#[derive(Clone, Copy)]
pub struct SmppPlay<'a> {
    /// The message front of the seat.
    pub target: SocketAddr,
    /// Name of the account.
    pub system_id: &'a str,
    /// Its password.
    pub password: &'a str,
    /// Requests under way at the same time.
    pub window: usize,
}

impl std::fmt::Debug for SmppPlay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmppPlay({} as {})", self.target, self.system_id)
    }
}

/// Why messages could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The connection.
    #[error(transparent)]
    Connection(#[from] std::io::Error),
    /// The bind was refused.
    #[error("the bind was refused: {0:?}")]
    Refused(Status),
    /// What came is no SMPP.
    #[error("the answer is no SMPP")]
    Broken,
}

/// Plays every message of the events and tells each with the status of its answer; of a long one, that of its last part
/// to be refused, or of the last.
///
/// # Errors
/// See [`PlayError`].
pub fn play_smpp<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    play: &SmppPlay<'_>,
    mut tell: impl FnMut(&Event, Status),
) -> Result<(), PlayError> {
    let mut line = Line::connect(play)?;
    let mut under_way: HashMap<u32, usize> = HashMap::new();
    let mut parts_left: HashMap<usize, (&Event, usize, Status)> = HashMap::new();
    for (index, event) in events.into_iter().enumerate() {
        let What::Message { sender, receiver, trunk, text, .. } = &event.what else { continue };
        if *trunk == Trunk::Radio {
            continue;
        }
        let reference = u8::try_from(index % 256).unwrap_or(0);
        let (coding, alphabet) = smpp::narrowest(text, DefaultAlphabet::Gsm7);
        let Some(parts) = smpp::split(text, alphabet, reference) else { continue };
        parts_left.insert(index, (event, parts.contents().len(), Status::OK));
        for content in parts.contents() {
            let sequence = line.submit(sender, receiver, coding, parts.is_many(), content)?;
            under_way.insert(sequence, index);
        }
        while under_way.len() >= play.window.max(1) {
            line.answers(&mut under_way, &mut parts_left, &mut tell)?;
        }
    }
    while !under_way.is_empty() {
        line.answers(&mut under_way, &mut parts_left, &mut tell)?;
    }
    line.send_empty(CommandId::UNBIND)?;
    Ok(())
}

struct Line {
    stream: TcpStream,
    sequence: u32,
    received: Vec<u8>,
}

impl Line {
    fn connect(play: &SmppPlay<'_>) -> Result<Self, PlayError> {
        let stream = TcpStream::connect_timeout(&play.target, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_nodelay(true)?;
        let mut line = Self { stream, sequence: 1, received: Vec::new() };
        let bind = Bind {
            mode: BindMode::Transceiver,
            system_id: play.system_id.as_bytes(),
            password: play.password.as_bytes(),
            system_type: b"",
            interface_version: VERSION_3_4,
            addr_ton: 0,
            addr_npi: 0,
            address_range: b"",
        };
        let mut out = Vec::new();
        smpp::write_bind(&bind, line.sequence, &mut out);
        line.stream.write_all(&out)?;
        loop {
            let mut status = None;
            line.read(|pdu, _| {
                if pdu.header.command == CommandId::BIND_TRANSCEIVER.response() {
                    status = Some(pdu.header.status);
                }
            })?;
            match status {
                Some(Status::OK) => return Ok(line),
                Some(refused) => return Err(PlayError::Refused(refused)),
                None => {}
            }
        }
    }

    fn submit(
        &mut self,
        sender: &str,
        receiver: &str,
        coding: u8,
        many: bool,
        content: &[u8],
    ) -> Result<u32, PlayError> {
        self.sequence += 1;
        let mut message = Message::new(MessageKind::Submit, address(sender), address(receiver));
        message.data_coding = coding;
        message.esm_class = if many { ESM_UDHI } else { 0 };
        message.short_message = content;
        let mut out = Vec::with_capacity(content.len() + 96);
        message.write(self.sequence, &[], &[], &mut out);
        self.stream.write_all(&out)?;
        Ok(self.sequence)
    }

    fn send_empty(&mut self, command: CommandId) -> Result<(), PlayError> {
        self.sequence += 1;
        let mut out = Vec::new();
        smpp::write_empty(command, Status::OK, self.sequence, &mut out);
        Ok(self.stream.write_all(&out)?)
    }

    /// Reads what there is and tells the messages that are now answered in full.
    fn answers(
        &mut self,
        under_way: &mut HashMap<u32, usize>,
        parts_left: &mut HashMap<usize, (&Event, usize, Status)>,
        tell: &mut impl FnMut(&Event, Status),
    ) -> Result<(), PlayError> {
        self.read(|pdu, back| match pdu.header.command {
            CommandId::ENQUIRE_LINK => {
                smpp::write_empty(CommandId::ENQUIRE_LINK.response(), Status::OK, pdu.header.sequence, back);
            }
            CommandId::DELIVER_SM => {
                smpp::write_message_response(CommandId::DELIVER_SM, Status::OK, pdu.header.sequence, b"", back);
            }
            _ => {
                let Some(index) = under_way.remove(&pdu.header.sequence) else { return };
                let Some((event, left, status)) = parts_left.get_mut(&index) else { return };
                *left -= 1;
                if pdu.header.status != Status::OK {
                    *status = pdu.header.status;
                }
                if *left == 0 {
                    tell(event, *status);
                    parts_left.remove(&index);
                }
            }
        })
    }

    /// Reads once, hands on every whole PDU, and sends what they are answered.
    fn read(&mut self, mut take: impl FnMut(&Pdu<'_>, &mut Vec<u8>)) -> Result<(), PlayError> {
        let mut buffer = vec![0; READ_BYTES];
        let length = self.stream.read(&mut buffer)?;
        if length == 0 {
            return Err(PlayError::Connection(ErrorKind::UnexpectedEof.into()));
        }
        self.received.extend_from_slice(buffer.get(..length).unwrap_or_default());
        let (mut taken, mut back) = (0, Vec::new());
        loop {
            match smpp::frame(self.received.get(taken..).unwrap_or_default()) {
                Frame::Partial => break,
                Frame::Broken(_) => return Err(PlayError::Broken),
                Frame::Whole(pdu) => {
                    taken += pdu.bytes.len();
                    take(&pdu, &mut back);
                }
            }
        }
        self.received.drain(..taken);
        Ok(self.stream.write_all(&back)?)
    }
}

/// `+86…` as an international number; a service code as it is.
fn address(text: &str) -> Address<'_> {
    match text.strip_prefix('+') {
        Some(digits) => Address { ton: TON_INTERNATIONAL, npi: NPI_E164, digits: digits.as_bytes() },
        None => Address { ton: TON_UNKNOWN, npi: NPI_E164, digits: text.as_bytes() },
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::event::{Pattern, Truth};

    fn message(text: &str, trunk: Trunk) -> Event {
        Event {
            at: kernel::Timestamp(0),
            what: What::Message {
                sender: "10690001".into(),
                receiver: "+8619001234567".into(),
                trunk,
                registered: false,
                text: text.into(),
            },
            truth: Truth::Normal,
            pattern: Pattern::ServiceSender,
            scam_type: None,
        }
    }

    /// Takes a bind and refuses every part that has more than a hundred octets.
    fn strict_front(listener: TcpListener) -> std::thread::JoinHandle<usize> {
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut received, mut messages) = (Vec::new(), 0);
            let mut buffer = [0; 4_096];
            loop {
                let length = stream.read(&mut buffer).unwrap();
                received.extend_from_slice(&buffer[..length]);
                while let Frame::Whole(pdu) = smpp::frame(&received) {
                    let (length, sequence, command) = (pdu.bytes.len(), pdu.header.sequence, pdu.header.command);
                    let mut out = Vec::new();
                    if command == CommandId::UNBIND {
                        return messages;
                    } else if command == CommandId::SUBMIT_SM {
                        messages += 1;
                        let long = Message::read(&pdu).unwrap().content().len() > 100;
                        let status = if long { Status::SUBMIT_FAILED } else { Status::OK };
                        smpp::write_message_response(command, status, sequence, b"1", &mut out);
                    } else {
                        let versions = (VERSION_3_4, VERSION_3_4);
                        smpp::write_bind_response(
                            BindMode::Transceiver,
                            Status::OK,
                            sequence,
                            b"front",
                            versions,
                            &mut out,
                        );
                    }
                    stream.write_all(&out).unwrap();
                    received.drain(..length);
                }
            }
        })
    }

    #[test]
    fn messages_go_out_in_parts_and_each_is_told_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        let front = strict_front(listener);
        let events = [
            message("短", Trunk::National),
            message(&"长短信。".repeat(30), Trunk::National),
            message("past the network", Trunk::Radio),
        ];
        let play = SmppPlay { target, system_id: "world", password: "secret", window: 4 };
        let mut told = Vec::new();
        play_smpp(&events, &play, |event, status| told.push((event.clone(), status))).unwrap();
        told.sort_by_key(|(_, status)| *status != Status::OK);
        assert_eq!(told, vec![(events[0].clone(), Status::OK), (events[1].clone(), Status::SUBMIT_FAILED)]);
        assert_eq!(front.join().unwrap(), 3);
    }
}
