//! The tolerant reader: what can be read of a request whose form is broken.
//!
//! A caller is judged before form is. Elements in front of a screen differ in what they let pass: one ends a line at a bare
//! CR, the next takes it for white space, a third skips bytes that are no UTF-8. So this reader does not choose: it finds a
//! header wherever one of them could, and tells every number that one of them could take for the caller's. Too many numbers
//! are the safe side, since they are held only against what is known to be stopped.

use std::borrow::Cow;
use std::io::Write;
use std::net::SocketAddr;

use memchr::{memchr, memchr2, memmem};

use crate::digits::ascii_digit;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::name::Name;
use crate::respond::{reply_address, write_received};
use crate::tag::TagKey;
use crate::via::Via;

/// Headers that are looked at; what comes with more is not read to its end.
const LOOSE_HEADERS_MAX: usize = 4_096;
/// Numbers taken from the headers of a caller.
const NUMBERS_MAX: usize = 64;
/// Digits that a number has at least.
const DIGITS_MIN: usize = 3;
/// Digits of which a run is cut: longer than any number.
const DIGITS_MAX: usize = 24;
/// Bytes of one value that an answer repeats.
const REPEATED_BYTES_MAX: usize = 2_048;

/// A request, read as far as it goes, borrowed from the bytes.
#[derive(Clone)]
pub struct Loose<'a> {
    /// The method, in its own case.
    pub method: &'a str,
    /// The address asked for, where the request line has its three parts and the address is text.
    pub uri: Option<&'a str>,
    head: &'a [u8],
    headers: Vec<(Name<'static>, Value<'a>)>,
    /// Whether there were more headers than are read.
    pub cut: bool,
}

/// One value, by the shortest and by the longest reading of its end.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    short: &'a [u8],
    long: &'a [u8],
}

impl std::fmt::Debug for Loose<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Addresses are personal.
        write!(f, "Loose({}, {} headers)", self.method, self.headers.len())
    }
}

/// What the tolerant reader looks for, and nothing else.
const WANTED: [(&str, Option<u8>, Name<'static>); 12] = [
    ("Via", Some(b'v'), Name::Via),
    ("From", Some(b'f'), Name::From),
    ("To", Some(b't'), Name::To),
    ("Call-ID", Some(b'i'), Name::CallId),
    ("CSeq", None, Name::CSeq),
    ("P-Asserted-Identity", None, Name::PAssertedIdentity),
    ("Remote-Party-ID", None, Name::RemotePartyId),
    ("Identity", Some(b'y'), Name::Identity),
    ("Date", None, Name::Date),
    ("Require", None, Name::Require),
    ("Route", None, Name::Route),
    ("Content-Length", Some(b'l'), Name::ContentLength),
];

fn is_break(b: u8) -> bool {
    matches!(b, b'\r' | b'\n')
}

/// White space, and what a tolerant reader may skip like it.
fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | 0)
}

impl<'a> Loose<'a> {
    /// Reads a request. `None` for line breaks alone, for a response, and for what has no request line at all.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.get(..bytes.len().min(MESSAGE_BYTES_MAX))?;
        let start = bytes.iter().position(|b| b.is_ascii_alphabetic())?;
        let bytes = bytes.get(start..)?;
        let is_gap = |b: &u8| is_blank(*b) || is_break(*b);
        // Between method and address a break is a space to some: a lone CR, or the fold of a line.
        let uri_at = bytes.iter().position(is_gap).map_or(bytes.len(), |gap| {
            bytes.iter().skip(gap).position(|b| !is_gap(b)).map_or(bytes.len(), |behind| gap + behind)
        });
        let end = bytes.iter().skip(uri_at).position(|b| is_break(*b)).map_or(bytes.len(), |behind| uri_at + behind);
        let (first, rest) = bytes.split_at_checked(end)?;
        let parts: Vec<&[u8]> = first.split(is_gap).filter(|part| !part.is_empty()).take(4).collect();
        let method = std::str::from_utf8(parts.first()?).ok().filter(|method| crate::lex::is_token(method))?;
        if method.eq_ignore_ascii_case("SIP") || first.starts_with(b"SIP/") || parts.len() < 2 {
            return None;
        }
        let uri = match parts.as_slice() {
            [_, uri] | [_, uri, _] => std::str::from_utf8(uri).ok(),
            _ => None,
        };
        let head = head(rest);
        let mut loose = Self { method, uri, head, headers: Vec::new(), cut: false };
        loose.collect(head);
        Some(loose)
    }

    /// Finds a header wherever a line may be taken to begin.
    fn collect(&mut self, head: &'a [u8]) {
        let mut at = 0;
        let mut seen = 0;
        while let Some(found) = head.get(at..).and_then(|rest| memchr2(b'\r', b'\n', rest)) {
            at += found + 1;
            let rest = head.get(at..).unwrap_or_default();
            if rest.first().is_none_or(|b| is_break(*b)) {
                continue;
            }
            seen += 1;
            if seen > LOOSE_HEADERS_MAX {
                self.cut = true;
                return;
            }
            if let Some(header) = header(rest) {
                self.headers.push(header);
            }
        }
    }

    fn of(&self, name: Name<'static>) -> impl Iterator<Item = Value<'a>> {
        self.headers.iter().filter(move |(n, _)| *n == name).map(|(_, value)| *value)
    }

    /// The first value of a header as text, its line breaks made spaces; bytes that are no UTF-8 are replaced.
    pub fn text(&self, name: Name<'static>) -> Option<Cow<'a, str>> {
        self.texts(name).next()
    }

    /// Each value of a header as text.
    pub fn texts(&self, name: Name<'static>) -> impl Iterator<Item = Cow<'a, str>> {
        self.of(name).map(|value| {
            let text = String::from_utf8_lossy(value.short);
            if text.contains(is_control) { Cow::Owned(text.replace(is_control, " ")) } else { text }
        })
    }

    /// The value of the last header of this name that stands on a line of its own by every reading: what the element in
    /// front of us has added, and no caller could make it overlook.
    pub fn last(&self, name: &str) -> Option<&'a str> {
        let at = memmem::rfind_iter(self.head, b"\r\n").find_map(|at| {
            let line = self.head.get(at + 2..)?;
            let found = line.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
            (found && line.get(name.len()) == Some(&b':')).then_some(at + 2 + name.len() + 1)
        })?;
        let value = end_at(self.head.get(at..)?, is_break);
        std::str::from_utf8(value).ok().map(crate::lex::trim)
    }

    /// Whether To has a tag: the request belongs to a call that is there already.
    pub fn is_within_dialog(&self) -> bool {
        self.of(Name::To).any(|to| {
            let text = to.short.to_ascii_lowercase();
            memmem::find_iter(&text, b"tag").any(|at| {
                let before = text.get(..at).unwrap_or_default().iter().rev().find(|b| !is_blank(**b));
                let behind = text.get(at + 3..).unwrap_or_default().iter().find(|b| !is_blank(**b));
                before == Some(&b';') && behind == Some(&b'=')
            })
        })
    }

    /// Every number that somebody may take for the caller's: from all copies of From, P-Asserted-Identity and
    /// Remote-Party-ID. `None` when there are more than are looked at.
    pub fn callers(&self) -> Option<Vec<String>> {
        let mut found = Vec::new();
        for name in [Name::PAssertedIdentity, Name::RemotePartyId, Name::From] {
            for value in self.of(name) {
                numbers(value.short, &mut found);
                if value.long.len() != value.short.len() {
                    // A reader that passes over the break goes on to the end of the address, wherever that begins.
                    numbers(to_end_of_address(value.long), &mut found);
                }
                if found.len() > NUMBERS_MAX {
                    return None;
                }
            }
        }
        (!self.cut).then_some(found)
    }

    /// Where an answer over UDP goes. `None` without a Via: nobody could take the answer for one.
    pub fn reply_address(&self, source: SocketAddr) -> Option<SocketAddr> {
        let via = self.text(Name::Via)?;
        let first = crate::lex::Commas::of(&via).next().unwrap_or("");
        Some(Via::parse(first).map_or(source, |via| reply_address(&via, source)))
    }

    /// The tag of our answers to this request, which also names it.
    pub fn tag(&self, tags: &TagKey) -> u64 {
        let text = |name| self.text(name).unwrap_or_default();
        tags.hash(&[&text(Name::CallId), &text(Name::From), &text(Name::CSeq), &text(Name::Via)])
    }

    /// Empties the buffer and writes an answer: what came is repeated as it came, but for line breaks and control
    /// characters within a value, which become spaces. `lines` are whole header lines, each with its line break.
    pub fn answer(
        &self,
        out: &mut Vec<u8>,
        source: SocketAddr,
        (status, phrase): (u16, &str),
        lines: &[&str],
        tags: &TagKey,
    ) {
        out.clear();
        // Writing to a Vec does not fail.
        let _ = write!(out, "SIP/2.0 {status} {phrase}\r\n");
        for (index, value) in self.of(Name::Via).take(crate::limits::VIAS_MAX).enumerate() {
            out.extend_from_slice(b"Via: ");
            let text = std::str::from_utf8(value.short).ok().filter(|text| !text.contains(is_control));
            let text = text.map(crate::lex::trim);
            let first = text.map(|text| crate::lex::Commas::of(text).next().unwrap_or(""));
            match first.and_then(Via::parse).filter(|_| index == 0) {
                Some(via) => {
                    let (text, first) = (text.unwrap_or_default(), first.unwrap_or_default());
                    write_received(out, first, &via, source);
                    out.extend_from_slice(text.get(first.len()..).unwrap_or_default().as_bytes());
                }
                None => repeat(out, value.short),
            }
            out.extend_from_slice(b"\r\n");
        }
        for (name, long) in [(Name::From, "From"), (Name::To, "To"), (Name::CallId, "Call-ID"), (Name::CSeq, "CSeq")] {
            let Some(value) = self.of(name).next() else { continue };
            let _ = write!(out, "{long}: ");
            repeat(out, value.short);
            if name == Name::To && status != 100 && !self.is_within_dialog() {
                let _ = write!(out, ";tag={:016x}", self.tag(tags));
            }
            out.extend_from_slice(b"\r\n");
        }
        for line in lines {
            out.extend_from_slice(line.as_bytes());
        }
        out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
    }

    /// The number of bytes that the head states for the body, where all copies of Content-Length state the same.
    pub(crate) fn stated_length(head: &[u8]) -> Option<usize> {
        let mut stated = None;
        for at in line_starts(head) {
            let Some((Name::ContentLength, value)) = header(head.get(at..)?) else { continue };
            let text = std::str::from_utf8(value.short).ok()?;
            let length = crate::via::decimal(crate::lex::trim(text)).and_then(|n| usize::try_from(n).ok())?;
            if stated.is_some_and(|stated| stated != length) {
                return None;
            }
            stated = Some(length);
        }
        stated
    }
}

fn is_control(c: char) -> bool {
    c.is_ascii_control()
}

/// Each place at which a line may be taken to begin, the first line excepted.
fn line_starts(head: &[u8]) -> impl Iterator<Item = usize> {
    let is_start = |at: &usize| head.get(*at).is_some_and(|b| !is_break(*b));
    memchr::memchr2_iter(b'\r', b'\n', head).map(|at| at + 1).filter(is_start)
}

/// Up to the empty line that every reader takes for the end of the head, or all there is.
fn head(bytes: &[u8]) -> &[u8] {
    let end = memmem::find(bytes, b"\r\n\r\n").map_or(bytes.len(), |at| at + 2);
    bytes.get(..end).unwrap_or_default()
}

/// The header that begins here, if it is a wanted one.
fn header(rest: &[u8]) -> Option<(Name<'static>, Value<'_>)> {
    let is_skipped = |b: u8| b == b' ' || b.is_ascii_control();
    let skipped = rest.iter().take_while(|b| is_skipped(**b)).count();
    let rest = rest.get(skipped..)?;
    // The longest name that is wanted, and some blanks behind it.
    let colon = memchr(b':', rest.get(..rest.len().min(40))?)?;
    let mut name = rest.get(..colon)?;
    while let [inner @ .., last] = name
        && is_skipped(*last)
    {
        name = inner;
    }
    let known = WANTED.iter().find(|(long, short, _)| {
        name.eq_ignore_ascii_case(long.as_bytes())
            || short.is_some_and(|short| matches!(name, [letter] if letter.eq_ignore_ascii_case(&short)))
    })?;
    let value = rest.get(colon + 1..)?;
    Some((known.2, Value { short: end_at(value, is_break), long: end_at(value, |b| b == b'\n') }))
}

/// A value up to a break behind which no fold begins.
fn end_at(value: &[u8], is_end: impl Fn(u8) -> bool) -> &[u8] {
    let mut at = 0;
    loop {
        let Some(found) = value.get(at..).and_then(|rest| rest.iter().position(|b| is_end(*b))) else {
            return value;
        };
        let stop = at + found;
        let behind = value.get(stop..).unwrap_or_default();
        let breaks = if behind.starts_with(b"\r\n") { 2 } else { 1 };
        if !matches!(behind.get(breaks), Some(b' ' | b'\t')) {
            return value.get(..stop).unwrap_or(value);
        }
        at = stop + breaks;
    }
}

/// Writes a value as it came, cut to a sensible length, its control characters as spaces.
fn repeat(out: &mut Vec<u8>, value: &[u8]) {
    let value = value.get(..value.len().min(REPEATED_BYTES_MAX)).unwrap_or(value);
    let start = value.iter().take_while(|b| is_blank(**b)).count();
    out.extend(value.iter().skip(start).map(|b| if b.is_ascii_control() { b' ' } else { *b }));
}

/// Adds every run of digits that may be read as a number: escapes as they stand and undone, digits of every script taken for
/// digits, and what may stand between digits, or is no text, passed over. Of each address all digits of its user part, too,
/// whatever stands between.
pub fn numbers(value: &[u8], found: &mut Vec<String>) {
    let text = String::from_utf8_lossy(value);
    let unescaped = crate::lex::unescape(&text);
    numbers_in(&unescaped, found);
    // A reader that does not undo escapes sees other digits.
    if unescaped != text {
        numbers_in(&text, found);
    }
}

fn numbers_in(text: &str, found: &mut Vec<String>) {
    let mut run = String::new();
    let mut keep = |run: &str| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if (DIGITS_MIN..=DIGITS_MAX).contains(&digits) && !found.iter().any(|known| known == run) {
            found.push(run.to_owned());
        }
    };
    for scheme in ["sip:", "sips:", "tel:"] {
        let mut rest = text;
        while let Some(behind) = behind_ignoring_case(rest, scheme) {
            let user = behind.split(['@', ';', '>', ':']).next().unwrap_or("");
            let digits: String = user.chars().map(ascii_digit).filter(|c| c.is_ascii_digit() || *c == '+').collect();
            keep(&digits);
            rest = behind;
        }
    }
    for c in text.chars().map(ascii_digit) {
        match c {
            '0'..='9' => run.push(c),
            '+' => {
                keep(&run);
                run.clear();
                run.push('+');
            }
            '-' | '.' | '(' | ')' => {}
            c if c == ' ' || c.is_control() || !c.is_ascii() => keep(&run),
            _ => {
                keep(&run);
                run.clear();
            }
        }
    }
    keep(&run);
}

/// A value up to the bracket that closes its first address; a bracket before that closes none.
fn to_end_of_address(value: &[u8]) -> &[u8] {
    let at = |scheme: &[u8]| value.windows(scheme.len()).position(|found| found.eq_ignore_ascii_case(scheme));
    let start = [&b"sip:"[..], b"sips:", b"tel:"].into_iter().filter_map(at).min().unwrap_or(0);
    let end = value.get(start..).and_then(|rest| memchr(b'>', rest)).map_or(value.len(), |end| start + end);
    value.get(..end).unwrap_or(value)
}

/// What stands behind the first of a word, whatever its case.
fn behind_ignoring_case<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let at = text.as_bytes().windows(word.len()).position(|found| found.eq_ignore_ascii_case(word.as_bytes()))?;
    text.get(at + word.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:+8619000000001@callee.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
        From: <sip:17000000000@caller.example>;tag=t1\r\nTo: <sip:b@callee.example>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n";

    fn callers(bytes: &[u8]) -> Vec<String> {
        Loose::read(bytes).and_then(|loose| loose.callers()).unwrap_or_default()
    }

    #[test]
    fn a_caller_is_found_in_broken_forms() {
        for broken in [
            INVITE.to_owned(),
            INVITE.replace("\r\n", "\n"),
            INVITE.replace("\r\n", "\r"),
            INVITE.replace("\r\nFrom", "\r\n \tFrom"),
            INVITE.replace("From:", "f\t:"),
            INVITE.replace("From:", "FROM :"),
            INVITE.replace("From:", "From\r:"),
            INVITE.replace("From:", "\0From\0:"),
            INVITE.replace("From: ", "From:\r\n  "),
            INVITE.replace("From: <", "P-Asserted-Identity: \"open <"),
            INVITE.replace("From: <", "Remote-Party-ID: <"),
            INVITE.replace("17000000000", "1700-000-0000"),
            INVITE.replace("17000000000", "%31700000%30000"),
            INVITE.replace("17000000000", "１７０００００００００"),
            INVITE.replace("17000000000", "١٧٠٠٠٠٠٠٠٠٠"),
            INVITE.replace("17000000000", "𝟏𝟕𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟎"),
            INVITE.replace("17000000000", "17000\r000000"),
            INVITE.replace("17000000000", "17000\x00000000"),
            INVITE.replace("From: ", "From:\r>\n "),
            INVITE.replace("17000000000", "170%00000000"),
            INVITE.replace("17000000000", "17a000\"00\"0000"),
            INVITE.replace("INVITE sip", "\0\0INVITE  sip"),
            INVITE.replace("INVITE sip", "INVITE\rsip"),
            INVITE.replace("INVITE sip", "INVITE \rsip"),
            INVITE.replace("INVITE sip", "INVITE\r sip"),
            INVITE.replace("INVITE sip", "INVITE\n sip"),
            INVITE.replace("INVITE sip", "INVITE\r\n\tsip"),
        ] {
            assert!(callers(broken.as_bytes()).contains(&"17000000000".to_owned()), "{broken:?}");
        }
        let raw = INVITE.replace("17000000000", "17000?000000").into_bytes();
        let raw: Vec<u8> = raw.into_iter().map(|b| if b == b'?' { 0xff } else { b }).collect();
        assert!(callers(&raw).contains(&"17000000000".to_owned()));
        assert!(callers(INVITE.split("To:").next().unwrap().as_bytes()).contains(&"17000000000".to_owned()), "cut");
    }

    #[test]
    fn what_is_no_request_is_not_read() {
        for bytes in ["", "\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", "hello\r\n\r\n", "\0\0\0"] {
            assert!(Loose::read(bytes.as_bytes()).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn an_answer_repeats_what_came_and_completes_it() {
        let source = "198.51.100.7:5070".parse().unwrap();
        let mut out = Vec::new();
        let read = |bytes: &'static [u8]| Loose::read(bytes).unwrap();
        let loose = read(b"INVITE sip:a SIP/2.0\r\nv: SIP/2.0/UDP h;rport;branch=z9\r\nf: \"\xd5\xc5\" <sip:1@b>;tag=1\r\nt: <sip:a>\r\ni: x\0y\r\nCSeq: 1 INVITE\r\n\r\n");
        assert_eq!(loose.reply_address(source), Some(source));
        loose.answer(&mut out, source, (608, "Rejected"), &["Reason: x\r\n"], &TagKey::new([1; 16]));
        let text = String::from_utf8_lossy(&out);
        assert!(text.starts_with(
            "SIP/2.0 608 Rejected\r\nVia: SIP/2.0/UDP h;branch=z9;received=198.51.100.7;rport=5070\r\nFrom: \""
        ));
        assert!(out.windows(2).any(|two| two == b"\xd5\xc5"), "as it came");
        assert!(
            text.contains("\r\nTo: <sip:a>;tag=")
                && text.contains("\r\nCall-ID: x y\r\nCSeq: 1 INVITE\r\nReason: x\r\n")
        );
        let named =
            read(b"INVITE sip:a SIP/2.0\r\nx-trunk: 7\r\nTo: a\rX-Trunk: 8\r\nX-Trunk: 9\r\nA: b\nX-Trunk: 10\r\n\r\n");
        assert_eq!((named.last("X-Trunk"), named.last("X-Other")), (Some("9"), None));
        assert!(read(b"INVITE sip:a SIP/2.0\r\nTo: <sip:a>; TAG = 1\r\n\r\n").is_within_dialog());
        assert!(!read(b"INVITE sip:a SIP/2.0\r\nTo: <sip:tag@a>\r\n\r\n").is_within_dialog());
        assert_eq!(read(b"INVITE sip:a SIP/2.0\r\nTo: <sip:tag@a>\r\n\r\n").reply_address(source), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), cut in 0usize..300) {
            let mut broken = INVITE.as_bytes().to_vec();
            let at = cut.min(broken.len());
            broken.splice(at..at, bytes.iter().copied());
            for bytes in [&bytes, &broken] {
                if let Some(loose) = Loose::read(bytes) {
                    let mut out = Vec::new();
                    loose.answer(&mut out, "192.0.2.1:5060".parse().unwrap(), (400, "Bad Request"), &[], &TagKey::new([1; 16]));
                    let head = out.strip_suffix(b"\r\n\r\n").unwrap();
                    // No value breaks out of its line.
                    proptest::prop_assert!(!head.windows(4).any(|four| four == b"\r\n\r\n"));
                    let _ = loose.callers();
                }
            }
        }
    }
}
