//! Messages on a stream: several in one segment, one in many segments, keep-alives between them (RFC 3261 §18.3,
//! RFC 5626 §3.5.1).

use memchr::{memchr, memmem};

use crate::lex::is_token;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::loose::Loose;

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
    /// The end of the message cannot be known, or is too far; answer the head of so many bytes. Then close, or go on with
    /// [`Framer::seek`].
    Bad(usize),
}

/// Cuts messages from a stream; remembers how far it has looked, so that slow senders cost no second look.
#[derive(Debug, Default)]
pub struct Framer {
    searched: usize,
    whole: Option<usize>,
    /// Bytes of a body that is not taken.
    discard: usize,
    /// Whether the next start line is looked for.
    seeking: bool,
}

impl Framer {
    /// Looks at the buffer, which holds everything received and not yet taken. After any answer but [`Frame::More`] the
    /// caller takes the bytes away.
    pub fn next(&mut self, buffer: &[u8]) -> Frame {
        if self.discard > 0 && !buffer.is_empty() {
            let taken = self.discard.min(buffer.len());
            self.discard -= taken;
            return Frame::Skip(taken);
        }
        if self.seeking {
            return self.next_start(buffer);
        }
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
            if buffer.len() <= MESSAGE_BYTES_MAX {
                return Frame::More;
            }
            *self = Self::default();
            return Frame::Bad(buffer.len());
        };
        match Loose::stated_length(buffer.get(..end - 2).unwrap_or_default()) {
            Some(length) if end + length <= MESSAGE_BYTES_MAX => self.wait_for(end + length, buffer),
            stated => {
                let discard = stated.filter(|length| *length <= DISCARD_BYTES_MAX).unwrap_or(0);
                *self = Self { discard, ..Self::default() };
                Frame::Bad(end)
            }
        }
    }

    /// After [`Frame::Bad`]: goes on behind the body where its length is known, else at the next start line. Only for an
    /// element that passes nothing on: what looks like a request may stand in a body.
    pub fn seek(&mut self) {
        self.seeking = self.discard == 0;
    }

    /// Skips to the next line that can begin a message.
    fn next_start(&mut self, buffer: &[u8]) -> Frame {
        let mut at = 0;
        while let Some(length) = buffer.get(at..).and_then(|rest| memchr(b'\n', rest)) {
            if buffer.get(at..at + length).is_some_and(is_start_line) {
                self.seeking = false;
                return if at > 0 { Frame::Skip(at) } else { self.next(buffer) };
            }
            at += length + 1;
        }
        if at > 0 {
            return Frame::Skip(at);
        }
        // A line that is longer than any start line is none.
        if buffer.len() > START_LINE_BYTES_MAX { Frame::Skip(buffer.len()) } else { Frame::More }
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

/// Bytes of a body that are passed over for a message which states so many. Whoever states more would have all that follows
/// on the connection passed over; then the next start line is looked for at once.
const DISCARD_BYTES_MAX: usize = 1 << 20;

/// Bytes of a start line.
const START_LINE_BYTES_MAX: usize = 8_192;

/// Whether a line begins a message: `INVITE sip:… SIP/2.0` or `SIP/2.0 200 …`.
fn is_start_line(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"SIP/2.0 ") {
        return true;
    }
    let Some(rest) = line.strip_suffix(b" SIP/2.0") else { return false };
    let method = rest.split(|b| *b == b' ').next().and_then(|method| std::str::from_utf8(method).ok());
    method.is_some_and(|method| is_token(method) && method.len() < rest.len())
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
                    Frame::Message(n) => {
                        out.push(String::from_utf8_lossy(&buffer.drain(..n).collect::<Vec<_>>()).into_owned());
                    }
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
        assert_eq!(feed(&vec![b'x'; 70_000], 1000), ["bad"]);
    }

    /// Feeds the bytes, goes on behind what is bad, and gives the messages and the bad heads.
    fn feed_on(bytes: &[u8], piece: usize) -> Vec<String> {
        let (mut framer, mut buffer, mut out) = (Framer::default(), Vec::new(), Vec::new());
        for chunk in bytes.chunks(piece) {
            buffer.extend_from_slice(chunk);
            loop {
                let (taken, kept) = match framer.next(&buffer) {
                    Frame::More => break,
                    Frame::Skip(n) | Frame::Ping(n) => (n, false),
                    Frame::Message(n) => (n, true),
                    Frame::Bad(n) => {
                        framer.seek();
                        (n, true)
                    }
                };
                let taken: Vec<u8> = buffer.drain(..taken).collect();
                out.extend(kept.then(|| String::from_utf8_lossy(&taken).into_owned()));
            }
        }
        out
    }

    #[test]
    fn one_bad_byte_is_no_end_of_the_stream() {
        let foreign = ONE.replace("SIP/2.0/TCP c", "SIP/2.0/TCP \u{fffd}");
        let mut raw = ONE.as_bytes().to_vec();
        let at = raw.windows(3).position(|three| three == b"c\r\n").unwrap();
        raw[at] = 0xff;
        for piece in [1, 7, 1_000] {
            // The length is known although a byte is no text.
            assert_eq!(feed_on(&[&raw, ONE.as_bytes()].concat(), piece), [foreign.as_str(), ONE], "{piece}");
            // It is not known: the next start line is the next message.
            for bad in ["l: -1", "l: 4\r\nl: 5", "x: y", "l: 4 4"] {
                let broken = ONE.replace("l: 4", bad);
                let head = broken.strip_suffix("body").unwrap();
                let stream = format!("{broken}\r\n{ONE}{ONE}");
                assert_eq!(feed_on(stream.as_bytes(), piece), [head, ONE, ONE], "{bad} in pieces of {piece}");
            }
            // It is known and too much: the body is passed over.
            let long = ONE.replace("l: 4", "l: 70000").replace("body", "");
            let stream = format!("{long}{}{ONE}", "x".repeat(70_000));
            assert_eq!(feed_on(stream.as_bytes(), piece), [long.as_str(), ONE], "{piece}");
            // It is known and beyond all measure: what follows is not lost for it.
            for stated in ["1048577", "4000000142", "4294967295"] {
                let endless = ONE.replace("l: 4", &format!("l: {stated}")).replace("body", "");
                let stream = format!("{endless}{ONE}{ONE}");
                assert_eq!(feed_on(stream.as_bytes(), piece), [endless.as_str(), ONE, ONE], "{stated} {piece}");
            }
        }
    }
}
