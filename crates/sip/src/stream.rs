//! Messages on a stream: several in one segment, one in many segments, keep-alives between them (RFC 3261 §18.3,
//! RFC 5626 §3.5.1).

use memchr::memmem;

use crate::limits::{HEAD_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::name::Name;
use crate::peek::Lines;
use crate::via::decimal;

/// What stands at the start of the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Not yet a whole message; read on.
    More,
    /// So many bytes of line breaks between messages; drop them.
    Skip(usize),
    /// So many bytes that ask for a sign of life: drop them and send CRLF.
    Ping(usize),
    /// So many bytes are one message.
    Message(usize),
    /// The end of the message cannot be known; answer 400 to the head of so many bytes, and close.
    Bad(usize),
}

/// Cuts messages from a stream; remembers how far it has looked, so that slow senders cost no second look.
#[derive(Debug, Default)]
pub struct Framer {
    searched: usize,
    whole: Option<usize>,
}

impl Framer {
    /// Looks at the buffer, which holds everything received and not yet taken. After any answer but [`Frame::More`] the
    /// caller takes the bytes away.
    pub fn next(&mut self, buffer: &[u8]) -> Frame {
        if let Some(whole) = self.whole {
            return self.wait_for(whole, buffer);
        }
        let breaks = buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if breaks > 0 {
            let first_four = buffer.first_chunk::<4>();
            return match first_four {
                Some(b"\r\n\r\n") => Frame::Ping(4),
                None if breaks == buffer.len() && b"\r\n\r\n".starts_with(buffer) => Frame::More,
                _ => Frame::Skip(breaks),
            };
        }
        let from = self.searched.saturating_sub(3);
        let Some(end) = buffer.get(from..).and_then(|rest| memmem::find(rest, b"\r\n\r\n")).map(|at| from + at + 4)
        else {
            self.searched = buffer.len();
            return if buffer.len() > HEAD_BYTES_MAX { Frame::Bad(buffer.len()) } else { Frame::More };
        };
        match body_length(buffer.get(..end - 2).unwrap_or_default()) {
            Some(length) if end + length <= MESSAGE_BYTES_MAX => self.wait_for(end + length, buffer),
            _ => Frame::Bad(end),
        }
    }

    fn wait_for(&mut self, whole: usize, buffer: &[u8]) -> Frame {
        if buffer.len() < whole {
            self.whole = Some(whole);
            return Frame::More;
        }
        *self = Self::default();
        Frame::Message(whole)
    }
}

/// The one Content-Length of a head; on a stream there must be one.
fn body_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let (_, headers) = head.split_once("\r\n")?;
    let mut lengths = Lines::of(headers).filter_map(Result::ok).filter(|(name, _)| *name == Name::ContentLength);
    let (_, value) = lengths.next()?;
    if lengths.next().is_some() {
        return None;
    }
    decimal(value).and_then(|n| usize::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/TCP c\r\nl: 4\r\n\r\nbody";

    /// Feeds the bytes in pieces of the given size and gives the messages that come out.
    fn feed(bytes: &[u8], piece: usize) -> Vec<String> {
        let (mut framer, mut buffer, mut out) = (Framer::default(), Vec::new(), Vec::new());
        for chunk in bytes.chunks(piece) {
            buffer.extend_from_slice(chunk);
            loop {
                match framer.next(&buffer) {
                    Frame::More => break,
                    Frame::Skip(n) => drop(buffer.drain(..n)),
                    Frame::Ping(n) => {
                        buffer.drain(..n);
                        out.push("ping".into());
                    }
                    Frame::Message(n) => out.push(String::from_utf8(buffer.drain(..n).collect()).unwrap()),
                    Frame::Bad(_) => {
                        out.push("bad".into());
                        return out;
                    }
                }
            }
        }
        out
    }

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let stream = format!("{ONE}\r\n{ONE}{ONE}\r\n\r\n{ONE}");
        for piece in 1..stream.len() + 1 {
            let got = feed(stream.as_bytes(), piece);
            let messages: Vec<_> = got.iter().filter(|m| *m != "ping").collect();
            assert_eq!(messages, [ONE; 4], "pieces of {piece}");
            assert!(got.contains(&"ping".to_owned()), "pieces of {piece}");
        }
    }

    #[test]
    fn a_stream_whose_ends_cannot_be_known_is_given_up() {
        assert_eq!(feed(b"OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/TCP c\r\n\r\n", 7), ["bad"]);
        assert_eq!(feed(b"OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n", 7), ["bad"]);
        assert_eq!(feed(b"OPTIONS sip:a@b SIP/2.0\r\nl: -1\r\n\r\n", 7), ["bad"]);
        assert_eq!(feed(b"OPTIONS sip:a@b SIP/2.0\r\nl: 99999\r\n\r\n", 7), ["bad"]);
        assert_eq!(feed(&vec![b'x'; 40_000], 1000), ["bad"]);
    }
}
