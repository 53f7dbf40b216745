//! Writes answers: what a server copies from the request (RFC 3261 §8.2.6.2), and where the answer goes (§18.2.2,
//! RFC 3581).

use std::io::Write;
use std::net::{IpAddr, SocketAddr};

use crate::name::Name;
use crate::peek::Peek;
use crate::tag::TagKey;
use crate::via::Via;

/// The port of a Via that names none.
pub const PORT_DEFAULT: u16 = 5060;

/// Where an answer over UDP goes: back to the source where the request asks for that with `rport`, else to the port that
/// the Via names at the address it came from. `maddr` is not followed: it would let anyone aim our answers at a third.
pub fn reply_address(via: &Via<'_>, source: SocketAddr) -> SocketAddr {
    if via.params.get("rport").is_some() {
        return source;
    }
    SocketAddr::new(source.ip(), via.port.unwrap_or(PORT_DEFAULT))
}

/// An answer being written into a buffer that is used again and again.
#[derive(Debug)]
pub struct Answer<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Answer<'o> {
    /// Empties the buffer and begins an answer: status line, every Via (the first with `received` and `rport` where they
    /// are due), From, To with a tag, Call-ID, CSeq. `phrase` holds no line break.
    pub fn begin(
        out: &'o mut Vec<u8>,
        peek: &Peek<'_>,
        source: SocketAddr,
        (status, phrase): (u16, &str),
        tags: &TagKey,
    ) -> Self {
        Self::begin_tagged(out, peek, source, (status, phrase), || to_tag(peek, tags))
    }

    /// Like [`Answer::begin`], for a caller that has the tag already; it is asked for only where To has none.
    pub fn begin_tagged(
        out: &'o mut Vec<u8>,
        peek: &Peek<'_>,
        source: SocketAddr,
        (status, phrase): (u16, &str),
        tag: impl FnOnce() -> u64,
    ) -> Self {
        out.clear();
        let mut answer = Self { out };
        answer.push("SIP/2.0 ");
        answer.decimal(status);
        answer.push(" ");
        answer.push(phrase);
        answer.push("\r\nVia: ");
        answer.first_via(peek, source);
        answer.push("\r\n");
        if peek.via_headers > 1 {
            for (_, value) in peek.headers().filter(|(name, _)| *name == Name::Via).skip(1) {
                answer.header("Via", value);
            }
        }
        if let Some(from) = peek.from {
            answer.header("From", from);
        }
        if let Some(to) = peek.to {
            answer.push("To: ");
            answer.push(to);
            if status != 100 && !has_tag(to) {
                answer.push(";tag=");
                answer.hex(tag());
            }
            answer.push("\r\n");
        }
        if let Some(call_id) = peek.call_id {
            answer.header("Call-ID", call_id);
        }
        if let Some(cseq) = peek.cseq {
            answer.header("CSeq", cseq);
        }
        answer
    }

    /// Copies Record-Route, as an answer that makes a dialog must.
    pub fn record_route(mut self, peek: &Peek<'_>) -> Self {
        if peek.has_record_route {
            for (_, value) in peek.headers().filter(|(name, _)| *name == Name::RecordRoute) {
                self.header("Record-Route", value);
            }
        }
        self
    }

    /// Adds a header; the value is one of ours or copied from a checked message, and holds no stray line break.
    pub fn header(&mut self, name: &str, value: &str) {
        self.push(name);
        self.push(": ");
        self.push(value);
        self.push("\r\n");
    }

    /// Adds what has been written beforehand: whole header lines, each with its line break.
    pub fn lines(&mut self, lines: &str) {
        self.push(lines);
    }

    /// Adds a header whose value is written in parts.
    pub fn header_of(&mut self, name: &str, parts: &[&str]) {
        self.push(name);
        self.push(": ");
        for part in parts {
            self.push(part);
        }
        self.push("\r\n");
    }

    /// Ends the answer, without body.
    pub fn end(mut self) {
        self.push("Content-Length: 0\r\n\r\n");
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn decimal(&mut self, number: u16) {
        push_decimal(self.out, number);
    }

    fn hex(&mut self, number: u64) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for shift in (0..16).rev() {
            let digit = usize::try_from(number >> (shift * 4) & 15).unwrap_or(0);
            self.out.extend(DIGITS.get(digit));
        }
    }

    fn first_via(&mut self, peek: &Peek<'_>, source: SocketAddr) {
        let (header, top) = (peek.via, peek.top_via());
        let rest = header.get(top.len()..).unwrap_or("");
        let Some(via) = Via::parse(top) else {
            self.push(header);
            return;
        };
        write_received(self.out, top, &via, source);
        self.push(rest);
    }
}

/// Writes a Via value with what RFC 3261 §18.2.1 and RFC 3581 §4 have the receiver add. `received` always stands: the
/// sender learns its address, and a `received` that came along is not believed.
pub fn write_received(out: &mut Vec<u8>, value: &str, via: &Via<'_>, source: SocketAddr) {
    let wants_port = via.params.get("rport").is_some();
    let told = || via.host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip == source.ip());
    if !wants_port && via.params.get("received").is_none() && told() {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    let head = crate::lex::split_once(value, b';').map_or(value, |(head, _)| head);
    out.extend_from_slice(crate::lex::trim(head).as_bytes());
    for (name, value) in via.params.iter() {
        if name.eq_ignore_ascii_case("received") || name.eq_ignore_ascii_case("rport") {
            continue;
        }
        out.push(b';');
        out.extend_from_slice(name.as_bytes());
        if let Some(value) = value {
            out.push(b'=');
            out.extend_from_slice(value.as_bytes());
        }
    }
    out.extend_from_slice(b";received=");
    match source.ip() {
        IpAddr::V4(ip) => {
            let [first, rest @ ..] = ip.octets();
            push_decimal(out, first.into());
            for octet in rest {
                out.push(b'.');
                push_decimal(out, octet.into());
            }
        }
        // Writing to a Vec does not fail.
        IpAddr::V6(ip) => drop(write!(out, "{ip}")),
    }
    if wants_port {
        out.extend_from_slice(b";rport=");
        push_decimal(out, source.port());
    }
}

/// Writes a number, without the machinery of formatting.
fn push_decimal(out: &mut Vec<u8>, number: u16) {
    let mut divisor = match number {
        0..=9 => 1,
        10..=99 => 10,
        100..=999 => 100,
        1_000..=9_999 => 1_000,
        _ => 10_000,
    };
    while divisor > 0 {
        out.push(b'0' + (number / divisor % 10) as u8);
        divisor /= 10;
    }
}

fn has_tag(to: &str) -> bool {
    // Nearly every request outside of a dialog is settled by this look.
    if !to.as_bytes().windows(3).any(|w| matches!(w, [b't' | b'T', b'a' | b'A', b'g' | b'G'])) {
        return false;
    }
    crate::address::NameAddr::parse(to).map_or_else(|| to.contains(";tag="), |to| to.tag().is_some())
}

/// The tag of our answers to this request and to the CANCEL that may follow it.
pub fn to_tag(peek: &Peek<'_>, tags: &TagKey) -> u64 {
    let digits = |cseq: &str| cseq.bytes().take_while(u8::is_ascii_digit).count();
    let number = peek.cseq.and_then(|cseq| cseq.get(..digits(cseq))).unwrap_or("");
    tags.hash(&[peek.call_id.unwrap_or(""), peek.from.unwrap_or(""), number, peek.top_via()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &str, source: &str) -> String {
        let mut out = Vec::new();
        let peek = Peek::scan(request.as_bytes()).unwrap();
        let mut answer =
            Answer::begin(&mut out, &peek, source.parse().unwrap(), (404, "Not Found"), &TagKey::new([1; 16]))
                .record_route(&peek);
        answer.header("Server", "x");
        answer.end();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_must_be_copied_is_copied_and_the_first_via_completed() {
        let request = "INVITE sip:b@example.cn SIP/2.0\r\nVia: SIP/2.0/UDP sbc.example.cn:5070;rport;branch=z9hG4bKa, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKb\r\nv: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKc\r\nRecord-Route: <sip:p1.example.cn;lr>\r\nRecord-Route: <sip:p2.example.cn;lr>\r\nf: <sip:a@example.cn>;tag=1\r\nt: <sip:b@example.cn>\r\ni: one\r\nCSeq: 7 INVITE\r\nl: 0\r\n\r\n";
        let text = answer(request, "198.51.100.4:6000");
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "SIP/2.0 404 Not Found");
        assert_eq!(
            lines[1],
            "Via: SIP/2.0/UDP sbc.example.cn:5070;branch=z9hG4bKa;received=198.51.100.4;rport=6000, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKb"
        );
        assert_eq!(lines[2], "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKc");
        assert_eq!(lines[3], "From: <sip:a@example.cn>;tag=1");
        assert!(lines[4].starts_with("To: <sip:b@example.cn>;tag="), "{text}");
        assert_eq!(
            &lines[5..],
            [
                "Call-ID: one",
                "CSeq: 7 INVITE",
                "Record-Route: <sip:p1.example.cn;lr>",
                "Record-Route: <sip:p2.example.cn;lr>",
                "Server: x",
                "Content-Length: 0",
                "",
                ""
            ]
        );
        assert_eq!(text, answer(request, "198.51.100.4:6000"), "a retransmission is answered the same");
        assert!(Peek::scan(text.as_bytes()).unwrap().response().is_ok());
    }

    #[test]
    fn a_cancel_is_answered_with_the_tag_of_its_invite() {
        let invite = "INVITE sip:b@e SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: <sip:a@e>;tag=1\r\nTo: <sip:b@e>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n\r\n";
        let tag =
            |text: &str| text.split(";tag=").nth(2).and_then(|t| t.split("\r\n").next().map(str::to_owned)).unwrap();
        assert_eq!(
            tag(&answer(invite, "192.0.2.1:5060")),
            tag(&answer(&invite.replace("INVITE", "CANCEL"), "192.0.2.1:5060"))
        );
        assert_ne!(
            tag(&answer(invite, "192.0.2.1:5060")),
            tag(&answer(&invite.replace("z9hG4bKa", "z9hG4bKb"), "192.0.2.1:5060"))
        );
    }

    #[test]
    fn answers_go_to_the_source_and_never_to_a_third() {
        let to = |via: &str| reply_address(&Via::parse(via).unwrap(), "198.51.100.4:6000".parse().unwrap()).to_string();
        assert_eq!(to("SIP/2.0/UDP 192.0.2.9:5080;rport;branch=1"), "198.51.100.4:6000");
        assert_eq!(to("SIP/2.0/UDP 192.0.2.9:5080;branch=1"), "198.51.100.4:5080");
        assert_eq!(to("SIP/2.0/UDP 192.0.2.9;maddr=203.0.113.5;branch=1"), "198.51.100.4:5060");
    }
}
