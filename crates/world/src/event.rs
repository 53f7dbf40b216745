//! What happens in the province, one event a line (NDJSON), each with the truth about it.
//!
//! ```json
//! {"at":"2026-11-24T01:02:03Z","what":"call","caller":"+8619001234567","callee":"+8619005555555","trunk":"home",
//!  "attestation":"A","answered":true,"seconds":42,"truth":"normal","pattern":"person"}
//! {"at":"2026-11-24T01:02:04Z","what":"message","sender":"95588","receiver":"+8619005555555","trunk":"radio",
//!  "text":"…","truth":"scam","pattern":"fake_base_station","scam_type":"fake_customer_service"}
//! ```

use std::io::{BufRead, Write};

use kernel::{ScamType, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest line that is read, bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// One call attempt or message, and the truth about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When the attempt was made; RFC 3339.
    pub at: Timestamp,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
    /// Whether it was a scam.
    pub truth: Truth,
    /// The habit of whoever did it.
    pub pattern: Pattern,
    /// The type of scam, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scam_type: Option<ScamType>,
}

/// A call or a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A call attempt.
    Call {
        /// The caller as shown: `+86…`, `0731…`, `110`, or what no numbering plan knows.
        caller: String,
        /// The line called, `+86…`.
        callee: String,
        /// Where it came in.
        trunk: Trunk,
        /// STIR attestation (RFC 8588), where the call carries one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attestation: Option<Attestation>,
        /// Whether somebody answered.
        answered: bool,
        /// Seconds spoken; 0 when nobody answered.
        seconds: u32,
    },
    /// A short message.
    Message {
        /// The sender as shown: a number, or a service code.
        sender: String,
        /// The line that it goes to, `+86…`.
        receiver: String,
        /// Where it came in.
        trunk: Trunk,
        /// Whether the operator's register of official senders has the sender, coming from where it came.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        registered: bool,
        /// What it says.
        text: String,
    },
}

impl std::fmt::Debug for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call { trunk, answered, seconds, .. } => write!(f, "Call({trunk:?}, {answered}, {seconds} s)"),
            Self::Message { trunk, text, .. } => write!(f, "Message({trunk:?}, {} characters)", text.chars().count()),
        }
    }
}

/// Where an event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trunk {
    /// From a subscriber of this operator.
    Home,
    /// From another operator of the country.
    National,
    /// From abroad.
    Foreign,
    /// From a fake base station (伪基站): past the network, known from reports of those who got it.
    Radio,
}

/// How far the originating operator vouches for the caller (RFC 8588).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Attestation {
    /// The caller may use the number.
    A,
    /// The caller is known, the number is not checked.
    B,
    /// Only the way in is known.
    C,
}

/// Whether an event was a scam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It was not, however much it looked like one.
    Normal,
    /// It was.
    Scam,
}

/// The habit behind an event. Some honest ones look much like scammers, so that a screen which stops whoever calls often
/// is seen to do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Family, friends, colleagues.
    Person,
    /// A subscriber travelling abroad: a home number on a foreign trunk, rightly so.
    Roamer,
    /// A courier or driver: many strangers, short calls, all day.
    Courier,
    /// A bank, hospital, school or office that calls from its own number.
    Office,
    /// Advertising that the law allows: many strangers, few answers.
    Advertiser,
    /// An estate agent, insurer or recruiter with a mobile of his own: strangers all day, of whom half answer.
    Agent,
    /// A number that a platform lends to its drivers and couriers (隐私号).
    PrivacyNumber,
    /// Somebody with a new number who tells everybody.
    NewNumber,
    /// A teacher, official or host who reaches dozens of people at once.
    Organiser,
    /// An opinion poll: few answer.
    Survey,
    /// Somebody abroad who knows whom he calls.
    ForeignFriend,
    /// A firm abroad with a dozen partners here, or with guests.
    ForeignFirm,
    /// A short number that sends codes, bills and notices.
    ServiceSender,
    /// A shop that sends one offer to many, with its link.
    Marketing,
    /// Words that many people send on: greetings, a notice of the village.
    Forwarded,
    /// A gang that throws each number away after some calls (换号).
    NumberRotation,
    /// A number shown that is not the caller's: a bank, the police, a neighbour (改号).
    Spoofed,
    /// A number of another country, one person after another.
    Foreign,
    /// SIM cards in a box at somebody's home (GOIP、猫池).
    SimBox,
    /// Whole blocks of numbers one after the other (顺序拨号).
    Sequential,
    /// Messages from a van (伪基站).
    FakeBaseStation,
    /// Scam messages through the network, from a number or a rented sender code.
    MessageBlast,
}

impl Event {
    /// One line of a file, with its end.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write_line(&self, out: &mut impl Write) -> std::io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Whether it was a scam.
    pub fn is_scam(&self) -> bool {
        self.truth == Truth::Scam
    }
}

/// A line that is not an event.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read on.
    #[error("line {line}: {source}")]
    Input {
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        source: std::io::Error,
    },
    /// The line is longer than [`LINE_BYTES_MAX`].
    #[error("line {line} is longer than {LINE_BYTES_MAX} bytes")]
    TooLong {
        /// Number of the line, from 1.
        line: usize,
    },
    /// The line is not an event.
    #[error("line {line}: {source}")]
    NotAnEvent {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong, without the content.
        source: serde_json::Error,
    },
}

/// Reads events line by line; empty lines are passed over, and a line that is none is told and not the end.
pub fn read(mut input: impl BufRead) -> impl Iterator<Item = Result<Event, ReadError>> {
    let (mut line, mut bytes, mut ended) = (0, Vec::new(), false);
    std::iter::from_fn(move || {
        while !ended {
            line += 1;
            bytes.clear();
            match read_line(&mut input, &mut bytes) {
                Ok(0) => ended = true,
                Ok(length) if length > LINE_BYTES_MAX => return Some(Err(ReadError::TooLong { line })),
                Ok(_) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => {
                    let event = serde_json::from_slice(&bytes);
                    return Some(event.map_err(|source| ReadError::NotAnEvent { line, source }));
                }
                Err(source) => {
                    ended = true;
                    return Some(Err(ReadError::Input { line, source }));
                }
            }
        }
        None
    })
}

/// Reads to the end of the line, keeping no more than the limit; gives the whole length with its end.
fn read_line(input: &mut impl BufRead, kept: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut length = 0_usize;
    loop {
        let part = input.fill_buf()?;
        if part.is_empty() {
            return Ok(length);
        }
        let end = part.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(part.len(), |end| end + 1);
        let room = LINE_BYTES_MAX.saturating_sub(kept.len());
        kept.extend_from_slice(part.get(..used.min(room)).unwrap_or_default());
        length = length.saturating_add(used);
        input.consume(used);
        if end.is_some() {
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let event = Event {
            at: Timestamp(1_790_000_000_000_000),
            what: What::Message {
                sender: "95588".into(),
                receiver: "+8619001234567".into(),
                trunk: Trunk::Radio,
                registered: false,
                text: "您的积分\n即将过期".into(),
            },
            truth: Truth::Scam,
            pattern: Pattern::FakeBaseStation,
            scam_type: ScamType::parse("fake_customer_service").ok(),
        };
        let mut file = Vec::new();
        event.write_line(&mut file).unwrap();
        assert_eq!(file.iter().filter(|byte| **byte == b'\n').count(), 1);
        let read: Vec<Event> = read(file.as_slice()).collect::<Result<_, _>>().unwrap();
        assert_eq!(read, vec![event]);
    }

    #[test]
    fn a_bad_line_is_named_and_the_next_is_read() {
        let good = r#"{"at":"2026-11-24T01:02:03Z","what":"call","caller":"110","callee":"+8619001234567","trunk":"foreign","answered":false,"seconds":0,"truth":"scam","pattern":"spoofed"}"#;
        let long = "x".repeat(LINE_BYTES_MAX + 1);
        let file = format!("{good}\n\nnonsense\n{long}\n{good}");
        let read: Vec<_> = read(file.as_bytes()).collect();
        assert_eq!(read.len(), 4);
        assert!(read[0].is_ok() && read[3].is_ok());
        assert!(matches!(read[1], Err(ReadError::NotAnEvent { line: 3, .. })));
        assert!(matches!(read[2], Err(ReadError::TooLong { line: 4 })));
    }
}
