//! The lazy reader: one pass over the head of a message that keeps the few headers which screening and answering need,
//! borrowed from the bytes. It allocates nothing.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memmem};

use crate::address::NameAddr;
use crate::lex::{Commas, is_token, trim};
use crate::limits::{HEAD_BYTES_MAX, HEADER_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX, VIAS_MAX};
use crate::name::Name;
use crate::uri::{Scheme, Uri};
use crate::via::{CSeq, Via, decimal};

/// Bytes that are no SIP message, or one that cannot be answered. Such bytes are dropped and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Scrap {
    /// Nothing but line breaks: a keep-alive (RFC 5626).
    #[error("keep-alive")]
    KeepAlive,
    /// More bytes than a message or its head may have.
    #[error("too large")]
    TooLarge,
    /// No SIP start line.
    #[error("no SIP start line")]
    NotSip,
    /// The empty line that ends the head is missing.
    #[error("the head does not end")]
    Unfinished,
    /// The head is no UTF-8.
    #[error("the head is no UTF-8")]
    NotUtf8,
    /// There is no Via to send an answer to.
    #[error("no Via")]
    NoVia,
}

/// Why a request is refused, with the status to answer. A response with such a fault is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{status} {why}")]
pub struct Refusal {
    /// Status of the answer.
    pub status: u16,
    /// Phrase of the answer, which names the fault.
    pub why: &'static str,
}

const fn bad(why: &'static str) -> Refusal {
    Refusal { status: 400, why }
}

/// The first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<'a> {
    /// `INVITE sip:… SIP/2.0`
    Request {
        /// Method, in its own case.
        method: &'a str,
        /// The address as written.
        uri: &'a str,
    },
    /// `SIP/2.0 200 OK`
    Response {
        /// 100 to 699.
        status: u16,
        /// The phrase; may be empty and hold any UTF-8.
        reason: &'a str,
    },
}

/// A message as the first pass sees it. Values are as written, folds included.
#[derive(Clone, Copy)]
pub struct Peek<'a> {
    /// The first line.
    pub start: Start<'a>,
    head: &'a str,
    /// Value of the first Via header; may be a list.
    pub via: &'a str,
    /// First value of the first Via header: the hop to answer to.
    top_via: &'a str,
    /// Via headers.
    pub via_headers: u16,
    /// From.
    pub from: Option<&'a str>,
    /// To.
    pub to: Option<&'a str>,
    /// Call-ID.
    pub call_id: Option<&'a str>,
    /// CSeq.
    pub cseq: Option<&'a str>,
    /// Max-Forwards.
    pub max_forwards: Option<&'a str>,
    /// First Contact header; may be a list.
    pub contact: Option<&'a str>,
    /// First P-Asserted-Identity header; may be a list of two.
    pub asserted: Option<&'a str>,
    /// Second P-Asserted-Identity header.
    asserted_second: Option<&'a str>,
    /// First Remote-Party-ID.
    pub remote_party: Option<&'a str>,
    /// Whether there are more headers of these two kinds than stand here.
    more_asserted: bool,
    /// First Identity header.
    pub identity: Option<&'a str>,
    /// Require.
    pub require: Option<&'a str>,
    /// Proxy-Require.
    pub proxy_require: Option<&'a str>,
    /// Date.
    pub date: Option<&'a str>,
    /// Whether there is a Record-Route.
    pub has_record_route: bool,
    /// Content-Length as written.
    content_length: Option<&'a str>,
    /// The body: as long as Content-Length says, or to the end of the datagram.
    pub body: &'a [u8],
    fault: Option<Refusal>,
}

impl std::fmt::Debug for Peek<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The rest is personal.
        let what = match self.start {
            Start::Request { method, .. } => Cow::Borrowed(method),
            Start::Response { status, .. } => Cow::Owned(status.to_string()),
        };
        write!(f, "Peek({what}, {} bytes of head, {} of body)", self.head.len(), self.body.len())
    }
}

/// The lines of a head, folded lines joined: name and value as written.
pub(crate) struct Lines<'a>(&'a str, bool);

impl<'a> Lines<'a> {
    /// Over headers, each ended by CRLF.
    pub(crate) fn of(headers: &'a str) -> Self {
        let bytes = headers.as_bytes();
        // As many returns as breaks, and each line checked to end in both: then no return stands alone. Counting over the
        // whole is faster than looking into each line.
        let count = |b: u8| memchr_iter(b, bytes).count();
        Self(headers, memchr(0, bytes).is_none() && count(b'\r') == count(b'\n'))
    }
}

/// A header line: name and value, or the fault that it has.
pub(crate) type Line<'a> = Result<(Name<'a>, &'a str), Refusal>;

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let bytes = self.0.as_bytes();
        let mut end = 0;
        let mut clean = true;
        loop {
            let rest = bytes.get(end..)?;
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length)?;
            // Where the head has been looked through already, the return before the break is all there is.
            clean &= match line.split_last() {
                Some((b'\r', inner)) => self.1 || memchr2(b'\r', 0, inner).is_none(),
                _ => false,
            };
            end += length + 1;
            if !matches!(bytes.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let line = self.0.get(..end).unwrap_or(self.0);
        self.0 = self.0.get(end..).unwrap_or("");
        if !clean {
            return Some(Err(bad("Bad Request: stray control character")));
        }
        if line.len() > HEADER_BYTES_MAX {
            return Some(Err(bad("Bad Request: header too long")));
        }
        let Some(colon) = memchr(b':', line.as_bytes()) else {
            return Some(Err(bad("Bad Request: header without colon")));
        };
        let (name, value) = (line.get(..colon).unwrap_or(""), line.get(colon + 1..).unwrap_or(""));
        let Some(name) = Name::parse(name.trim_end_matches([' ', '\t'])) else {
            return Some(Err(bad("Bad Request: header name")));
        };
        Some(Ok((name, trim(value))))
    }
}

impl<'a> Peek<'a> {
    /// Reads the head of a datagram, or of one message cut from a stream.
    pub fn scan(bytes: &'a [u8]) -> Result<Self, Scrap> {
        let skipped = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let bytes = bytes.get(skipped..).unwrap_or_default();
        if bytes.iter().all(|b| *b == 0) {
            return Err(Scrap::KeepAlive);
        }
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(Scrap::TooLarge);
        }
        let end = memmem::find(bytes, b"\r\n\r\n").ok_or(Scrap::Unfinished)?;
        if end > HEAD_BYTES_MAX {
            return Err(Scrap::TooLarge);
        }
        let (head, rest) = bytes.split_at_checked(end + 2).ok_or(Scrap::Unfinished)?;
        let head = std::str::from_utf8(head).map_err(|_| Scrap::NotUtf8)?;
        let (first, headers) = head.split_once("\r\n").ok_or(Scrap::NotSip)?;
        let (start, fault) = read_start(first).ok_or(Scrap::NotSip)?;
        let mut peek = Self {
            start,
            head: headers,
            via: "",
            top_via: "",
            via_headers: 0,
            from: None,
            to: None,
            call_id: None,
            cseq: None,
            max_forwards: None,
            contact: None,
            asserted: None,
            asserted_second: None,
            remote_party: None,
            more_asserted: false,
            identity: None,
            require: None,
            proxy_require: None,
            date: None,
            has_record_route: false,
            content_length: None,
            body: rest.get(2..).unwrap_or_default(),
            fault,
        };
        peek.collect();
        if peek.via_headers == 0 {
            return Err(Scrap::NoVia);
        }
        peek.measure();
        Ok(peek)
    }

    fn collect(&mut self) {
        let mut count = 0;
        for line in Lines::of(self.head) {
            count += 1;
            if count > HEADERS_MAX {
                self.blame(bad("Bad Request: too many headers"));
                return;
            }
            let (name, value) = match line {
                Ok(line) => line,
                Err(fault) => {
                    self.blame(fault);
                    continue;
                }
            };
            let slot = match name {
                Name::Via => {
                    if self.via_headers == 0 {
                        self.via = value;
                        self.top_via = Commas::of(value).next().unwrap_or("");
                    }
                    self.via_headers += 1;
                    continue;
                }
                Name::RecordRoute => {
                    self.has_record_route = true;
                    continue;
                }
                Name::From => &mut self.from,
                Name::To => &mut self.to,
                Name::CallId => &mut self.call_id,
                Name::CSeq => &mut self.cseq,
                Name::MaxForwards => &mut self.max_forwards,
                Name::ContentLength => &mut self.content_length,
                Name::Contact => &mut self.contact,
                Name::PAssertedIdentity if self.asserted.is_some() => &mut self.asserted_second,
                Name::PAssertedIdentity => &mut self.asserted,
                Name::RemotePartyId => &mut self.remote_party,
                Name::Identity => &mut self.identity,
                Name::Require => &mut self.require,
                Name::ProxyRequire => &mut self.proxy_require,
                Name::Date => &mut self.date,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(value);
            } else if matches!(name, Name::PAssertedIdentity | Name::RemotePartyId) {
                self.more_asserted = true;
            } else if name.is_single() {
                self.blame(bad("Bad Request: header given twice"));
            }
        }
    }

    /// Cuts the body to the length that the head states.
    fn measure(&mut self) {
        let Some(text) = self.content_length else { return };
        match decimal(text).and_then(|n| usize::try_from(n).ok()) {
            None => self.blame(bad("Bad Request: Content-Length")),
            Some(length) => match self.body.get(..length) {
                Some(body) => self.body = body,
                None => self.blame(bad("Bad Request: Content-Length beyond the message")),
            },
        }
    }

    fn blame(&mut self, fault: Refusal) {
        self.fault.get_or_insert(fault);
    }

    /// The method of a request.
    pub const fn method(&self) -> Option<&'a str> {
        match self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// Each header in order, skipping what could not be read.
    pub fn headers(&self) -> impl Iterator<Item = (Name<'a>, &'a str)> + use<'a> {
        Lines::of(self.head).filter_map(Result::ok)
    }

    /// The values of a list header, over all its lines, in order.
    pub fn values(&self, name: Name<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
        self.headers().filter(move |(n, _)| n.is(name)).flat_map(|(_, value)| Commas::of(value))
    }

    /// The identities that the network asserts: P-Asserted-Identity (two at most, RFC 3325 §9.1), then Remote-Party-ID.
    pub fn asserted_values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        [self.asserted, self.asserted_second, self.remote_party].into_iter().flatten().flat_map(Commas::of)
    }

    /// Every value of P-Asserted-Identity and Remote-Party-ID, however many headers there are.
    pub fn all_asserted_values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let more = self.more_asserted.then_some([Name::PAssertedIdentity, Name::RemotePartyId]);
        let peek = *self;
        self.asserted_values().chain(more.into_iter().flatten().flat_map(move |name| peek.values(name)))
    }

    /// The first value of Via as written: the hop to answer to.
    pub const fn top_via(&self) -> &'a str {
        self.top_via
    }

    /// The length that the head states for the body, where it states a valid one.
    pub fn stated_length(&self) -> Option<usize> {
        decimal(self.content_length?).and_then(|n| usize::try_from(n).ok())
    }

    /// Checks a request in all that this crate answers for, and reads what screening needs.
    /// `Err` is the answer to send: 400, 416 or 505.
    pub fn request(&self) -> Result<Request<'a>, Refusal> {
        let Start::Request { method, uri } = self.start else {
            return Err(bad("Bad Request: a response"));
        };
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let common = self.common()?;
        if common.cseq.method != method {
            return Err(bad("Bad Request: CSeq is of another method"));
        }
        let uri = Uri::parse(uri).ok_or(bad("Bad Request: request address"))?;
        if uri.scheme == Scheme::Other {
            return Err(Refusal { status: 416, why: crate::status::phrase(416) });
        }
        // What a `?` adds would change the request itself (RFC 3261 §19.1.5).
        if !uri.headers.is_empty() {
            return Err(bad("Bad Request: headers in the request address"));
        }
        let max_forwards = match self.max_forwards {
            None => None,
            Some(text) => {
                Some(decimal(text).and_then(|n| u8::try_from(n).ok()).ok_or(bad("Bad Request: Max-Forwards"))?)
            }
        };
        if self.contact.is_some_and(|value| {
            value != "*" && Commas::of(value).next().is_none_or(|first| NameAddr::parse(first).is_none())
        }) {
            return Err(bad("Bad Request: Contact"));
        }
        // Nobody needs the date of a call but the signature of its caller (RFC 8224 §4.1).
        if self.identity.is_some() && self.date.is_some_and(|date| !date.ends_with("GMT")) {
            return Err(bad("Bad Request: Date"));
        }
        let Common { via, from, to, call_id, cseq } = common;
        Ok(Request { method, uri, via, from, to, call_id, cseq, max_forwards })
    }

    /// Checks a response. `Err` means: drop it.
    pub fn response(&self) -> Result<Response<'a>, Refusal> {
        let Start::Response { status, .. } = self.start else {
            return Err(bad("Bad Request: a request"));
        };
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let Common { via, from, to, call_id, cseq } = self.common()?;
        Ok(Response { status, via, from, to, call_id, cseq })
    }

    fn common(&self) -> Result<Common<'a>, Refusal> {
        if self.via_headers as usize > VIAS_MAX {
            return Err(bad("Bad Request: too many Via"));
        }
        let via = Via::parse(self.top_via()).ok_or(bad("Bad Request: Via"))?;
        let from = self.from.ok_or(bad("Bad Request: no From"))?;
        let to = self.to.ok_or(bad("Bad Request: no To"))?;
        let call_id = self.call_id.ok_or(bad("Bad Request: no Call-ID"))?;
        let cseq = self.cseq.ok_or(bad("Bad Request: no CSeq"))?;
        if call_id.is_empty() || call_id.contains([' ', '\t', '\r', '\n']) {
            return Err(bad("Bad Request: Call-ID"));
        }
        Ok(Common {
            via,
            from: NameAddr::parse(from).ok_or(bad("Bad Request: From"))?,
            to: NameAddr::parse(to).ok_or(bad("Bad Request: To"))?,
            call_id,
            cseq: CSeq::parse(cseq).ok_or(bad("Bad Request: CSeq"))?,
        })
    }
}

struct Common<'a> {
    via: Via<'a>,
    from: NameAddr<'a>,
    to: NameAddr<'a>,
    call_id: &'a str,
    cseq: CSeq<'a>,
}

/// A request whose fields have been checked.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Method, in its own case.
    pub method: &'a str,
    /// The address asked for.
    pub uri: Uri<'a>,
    /// The hop that it came from.
    pub via: Via<'a>,
    /// From.
    pub from: NameAddr<'a>,
    /// To.
    pub to: NameAddr<'a>,
    /// Call-ID.
    pub call_id: &'a str,
    /// CSeq.
    pub cseq: CSeq<'a>,
    /// Hops that are left; `None` where an old element left it out.
    pub max_forwards: Option<u8>,
}

/// A response whose fields have been checked.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    /// 100 to 699.
    pub status: u16,
    /// The hop that it is meant for.
    pub via: Via<'a>,
    /// From.
    pub from: NameAddr<'a>,
    /// To.
    pub to: NameAddr<'a>,
    /// Call-ID.
    pub call_id: &'a str,
    /// CSeq.
    pub cseq: CSeq<'a>,
}

/// The first line and the fault that it has; `None` where it is no line of SIP at all.
fn read_start(line: &str) -> Option<(Start<'_>, Option<Refusal>)> {
    if let Some(rest) = line.strip_prefix("SIP/2.0 ") {
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let status: u16 = status.parse().ok().filter(|_| status.len() == 3)?;
        return (100..700).contains(&status).then_some((Start::Response { status, reason }, None));
    }
    let stray = || bad("Bad Request: white space in the request line");
    let trimmed = line.trim_end_matches([' ', '\t']);
    let mut fault = (trimmed.len() != line.len()).then(stray);
    let (method, rest) = trimmed.split_once(' ')?;
    let (uri, version) = rest.rsplit_once(' ')?;
    let number = version.strip_prefix("SIP/").or_else(|| version.strip_prefix("sip/"))?;
    if !is_token(method) {
        return None;
    }
    if uri.is_empty() || uri.contains([' ', '\t', '\r', '\0']) {
        fault = Some(stray());
    }
    if number != "2.0" {
        fault = Some(Refusal { status: 505, why: crate::status::phrase(505) });
    }
    Some((Start::Request { method, uri: trim(uri) }, fault))
}
