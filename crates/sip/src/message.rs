//! The full reader and writer: every header kept in order, typed on demand, so that a proxy can change and pass it on.

use std::borrow::Cow;
use std::io::Write;

use crate::address::NameAddr;
use crate::lex::{Commas, unfold};
use crate::limits::{LIST_VALUES_MAX, VIAS_MAX};
use crate::name::Name;
use crate::peek::{Peek, Refusal, Scrap, Start};
use crate::via::{CSeq, Via, decimal};

/// Why bytes were not read as a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// Nothing that can be answered.
    #[error(transparent)]
    Scrap(#[from] Scrap),
    /// A request to be answered with this status, or a response to be dropped.
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// Request or status line, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// A request.
    Request {
        /// Method.
        method: String,
        /// Address.
        uri: String,
    },
    /// A response.
    Response {
        /// Status.
        status: u16,
        /// Phrase.
        reason: String,
    },
}

/// A message in full.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub first: First,
    /// Headers in order: the name in its long form where it is known, the value on one line.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Addresses and bodies are personal.
        let what = match &self.first {
            First::Request { method, .. } => method.clone(),
            First::Response { status, .. } => status.to_string(),
        };
        write!(f, "Message({what}, {} headers, {} bytes of body)", self.headers.len(), self.body.len())
    }
}

/// Reads a message in full: all that [`Peek`] checks, and the form of every address and Via in it.
pub fn parse(bytes: &[u8]) -> Result<Message, Bad> {
    let peek = Peek::scan(bytes)?;
    let first = match peek.start {
        Start::Request { method, uri } => {
            peek.request()?;
            First::Request { method: method.to_owned(), uri: uri.to_owned() }
        }
        Start::Response { status, reason } => {
            peek.response()?;
            First::Response { status, reason: reason.to_owned() }
        }
    };
    let mut headers = Vec::new();
    for (name, value) in peek.headers() {
        check(name, value)?;
        let name = Name::KNOWN
            .iter()
            .find(|known| **known == name)
            .map_or_else(|| Cow::Owned(name.as_str().to_owned()), |known| Cow::Borrowed(known.as_str()));
        headers.push((name, unfold(value).into_owned()));
    }
    if peek.values(Name::Via).count() > VIAS_MAX {
        return Err(Refusal { status: 400, why: "Bad Request: too many Via" }.into());
    }
    Ok(Message { first, headers, body: peek.body.to_vec() })
}

/// Checks each value of the headers that carry addresses.
pub(crate) fn check(name: Name<'_>, value: &str) -> Result<(), Refusal> {
    let (valid, why): (fn(&str) -> bool, _) = match name {
        Name::Via => (|v| Via::parse(v).is_some(), "Bad Request: Via"),
        Name::Contact if value == "*" => return Ok(()),
        Name::Contact => (|v| NameAddr::parse(v).is_some(), "Bad Request: Contact"),
        Name::Route => (|v| NameAddr::parse(v).is_some(), "Bad Request: Route"),
        Name::RecordRoute => (|v| NameAddr::parse(v).is_some(), "Bad Request: Record-Route"),
        _ => return Ok(()),
    };
    if Commas::of(value).take(LIST_VALUES_MAX + 1).count() > LIST_VALUES_MAX || !Commas::of(value).all(valid) {
        return Err(Refusal { status: 400, why });
    }
    Ok(())
}

impl Message {
    /// A request without headers.
    pub fn request(method: &str, uri: &str) -> Self {
        Self {
            first: First::Request { method: method.to_owned(), uri: uri.to_owned() },
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A response to a request: what RFC 3261 §8.2.6.2 has copied, with this tag in To where it has none.
    pub fn response_to(request: &Message, status: u16, tag: Option<&str>) -> Self {
        let reason = crate::status::phrase(status).to_owned();
        let mut response = Self { first: First::Response { status, reason }, headers: Vec::new(), body: Vec::new() };
        for name in [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq] {
            for value in request.all(name) {
                let tagged = (name == Name::To)
                    .then_some(tag)
                    .flatten()
                    .filter(|_| NameAddr::parse(value).is_none_or(|to| to.tag().is_none()));
                let value = tagged.map_or_else(|| value.to_owned(), |tag| format!("{value};tag={tag}"));
                response.push(name, value);
            }
        }
        response
    }

    /// Method of a request.
    pub fn method(&self) -> Option<&str> {
        match &self.first {
            First::Request { method, .. } => Some(method),
            First::Response { .. } => None,
        }
    }

    /// Address of a request.
    pub fn uri(&self) -> Option<&str> {
        match &self.first {
            First::Request { uri, .. } => Some(uri),
            First::Response { .. } => None,
        }
    }

    /// Status of a response.
    pub fn status(&self) -> Option<u16> {
        match self.first {
            First::Response { status, .. } => Some(status),
            First::Request { .. } => None,
        }
    }

    /// The first header of that name.
    pub fn get(&self, name: Name<'_>) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_str())).map(|(_, value)| value.as_str())
    }

    /// Every header of that name, each line by itself.
    pub fn all<'s>(&'s self, name: Name<'s>) -> impl Iterator<Item = &'s str> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_str())).map(|(_, value)| value.as_str())
    }

    /// The values of a list header over all its lines.
    pub fn values<'s>(&'s self, name: Name<'s>) -> impl Iterator<Item = &'s str> {
        self.all(name).flat_map(Commas::of)
    }

    /// Adds a header at the end.
    pub fn push(&mut self, name: Name<'_>, value: impl Into<String>) {
        self.headers.push((Cow::Owned(name.as_str().to_owned()), value.into()));
    }

    /// Adds a header before all others of its name; Via and Record-Route grow this way.
    pub fn push_first(&mut self, name: Name<'_>, value: impl Into<String>) {
        let at = self.headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name.as_str())).unwrap_or(0);
        self.headers.insert(at, (Cow::Owned(name.as_str().to_owned()), value.into()));
    }

    /// Removes every header of that name.
    pub fn remove(&mut self, name: Name<'_>) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name.as_str()));
    }

    /// Puts one header in the place of all of that name.
    pub fn set(&mut self, name: Name<'_>, value: impl Into<String>) {
        match self.headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name.as_str())) {
            None => self.push(name, value),
            Some(at) => {
                if let Some((_, old)) = self.headers.get_mut(at) {
                    *old = value.into();
                }
                let mut seen = 0;
                self.headers.retain(|(n, _)| {
                    let same = n.eq_ignore_ascii_case(name.as_str());
                    seen += usize::from(same);
                    !same || seen == 1
                });
            }
        }
    }

    /// Takes the first value of a list header away: the Via of this element, a Route that leads here.
    pub fn pop_first(&mut self, name: Name<'_>) -> Option<String> {
        let at = self.headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name.as_str()))?;
        let (_, line) = self.headers.get_mut(at)?;
        let first = Commas::of(line).next()?.to_owned();
        let rest = line
            .get(first.len()..)
            .and_then(|rest| rest.trim_start().strip_prefix(','))
            .map(|rest| rest.trim().to_owned());
        match rest {
            Some(rest) => *line = rest,
            None => drop(self.headers.remove(at)),
        }
        Some(first)
    }

    /// The hop that a request came from, or that a response is meant for.
    pub fn top_via(&self) -> Option<Via<'_>> {
        self.values(Name::Via).next().and_then(Via::parse)
    }

    /// From.
    pub fn from(&self) -> Option<NameAddr<'_>> {
        self.get(Name::From).and_then(NameAddr::parse)
    }

    /// To.
    pub fn to(&self) -> Option<NameAddr<'_>> {
        self.get(Name::To).and_then(NameAddr::parse)
    }

    /// CSeq.
    pub fn cseq(&self) -> Option<CSeq<'_>> {
        self.get(Name::CSeq).and_then(CSeq::parse)
    }

    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.get(Name::CallId)
    }

    /// Max-Forwards.
    pub fn max_forwards(&self) -> Option<u8> {
        self.get(Name::MaxForwards).and_then(decimal).and_then(|n| u8::try_from(n).ok())
    }

    /// The first Contact.
    pub fn contact(&self) -> Option<NameAddr<'_>> {
        self.values(Name::Contact).next().and_then(NameAddr::parse)
    }

    /// Writes the message into a buffer, behind what is there; Content-Length is that of the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        // Writing to a Vec does not fail.
        let _ = match &self.first {
            First::Request { method, uri } => write!(out, "{method} {uri} SIP/2.0\r\n"),
            First::Response { status, reason } => write!(out, "SIP/2.0 {status} {reason}\r\n"),
        };
        for (name, value) in
            self.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(Name::ContentLength.as_str()))
        {
            let _ = write!(out, "{name}: {value}\r\n");
        }
        let _ = write!(out, "Content-Length: {}\r\n\r\n", self.body.len());
        out.extend_from_slice(&self.body);
    }

    /// The message as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        self.write(&mut out);
        out
    }
}
