//! Addresses: `sip:`, `sips:` and `tel:` read in full, any other scheme kept as it is.

use std::borrow::Cow;

use crate::lex::{split_once, unescape};

/// Which kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:` (RFC 3966)
    Tel,
    /// `urn:service:` (RFC 5031): a service that is called without a number, such as help in an emergency.
    Service,
    /// Any other; a request to one is answered 416.
    Other,
}

/// An address, borrowed from the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uri<'a> {
    text: &'a str,
    /// Which kind.
    pub scheme: Scheme,
    /// `user` of `sip:user:password@host`, escapes as they are; the number of a `tel:`.
    pub user: Option<&'a str>,
    /// Host name or address; an IPv6 address with its brackets. Empty for `tel:` and other schemes.
    pub host: &'a str,
    /// Port, where one is written.
    pub port: Option<u16>,
    /// What follows the first `;` behind the host (behind the number of a `tel:`).
    params: &'a str,
    /// What follows `?`.
    pub headers: &'a str,
}

/// What stands behind `urn:` where a service is named.
const SERVICE: &str = "service:";

impl<'a> Uri<'a> {
    /// The service that a `urn:service:` names, its labels parted by dots: `sos.police`.
    pub fn service(&self) -> Option<&'a str> {
        if self.scheme != Scheme::Service {
            return None;
        }
        let (_, rest) = split_once(self.text, b':')?;
        rest.get(SERVICE.len()..)
    }

    /// Reads an address; `None` where it is none: white space, angle brackets, an empty host, a port that is no number.
    pub fn parse(text: &'a str) -> Option<Self> {
        // Where nearly every address begins like this, it is read in one go.
        if let Some([b's' | b'S', b'i' | b'I', b'p' | b'P', b':']) = text.as_bytes().first_chunk::<4>() {
            return Self::parse_sip(text, Scheme::Sip, text.get(4..)?);
        }
        if text.bytes().any(is_stray) {
            return None;
        }
        let (scheme, rest) = split_once(text, b':')?;
        let kind = match scheme {
            s if s.eq_ignore_ascii_case("sip") => Scheme::Sip,
            s if s.eq_ignore_ascii_case("sips") => Scheme::Sips,
            s if s.eq_ignore_ascii_case("tel") => Scheme::Tel,
            s => {
                let kind = match rest.get(..SERVICE.len()) {
                    Some(head) if s.eq_ignore_ascii_case("urn") && head.eq_ignore_ascii_case(SERVICE) => {
                        Scheme::Service
                    }
                    _ => Scheme::Other,
                };
                let valid = s.starts_with(|c: char| c.is_ascii_alphabetic())
                    && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
                return valid.then_some(Self {
                    text,
                    scheme: kind,
                    user: None,
                    host: "",
                    port: None,
                    params: "",
                    headers: "",
                });
            }
        };
        if kind == Scheme::Tel {
            let (number, params) = split_once(rest, b';').unwrap_or((rest, ""));
            let valid = number.bytes().any(|b| b.is_ascii_hexdigit() || b == b'*' || b == b'#');
            return valid.then_some(Self {
                text,
                scheme: kind,
                user: Some(number),
                host: "",
                port: None,
                params,
                headers: "",
            });
        }
        Self::parse_sip(text, kind, rest)
    }

    /// What stands behind `sip:`, in one pass over its bytes.
    fn parse_sip(text: &'a str, scheme: Scheme, rest: &'a str) -> Option<Self> {
        let (mut user_end, mut place_start) = (None, 0);
        let (mut colon, mut semicolon, mut question) = (None, None, None);
        for (at, b) in rest.bytes().enumerate() {
            match b {
                b'@' => {
                    // A second one may stand nowhere.
                    if user_end.is_some() || at == 0 {
                        return None;
                    }
                    user_end = Some(colon.unwrap_or(at));
                    place_start = at + 1;
                    (colon, semicolon, question) = (None, None, None);
                }
                b':' if colon.is_none() => colon = Some(at),
                b';' if semicolon.is_none() && question.is_none() => semicolon = Some(at),
                b'?' if question.is_none() => question = Some(at),
                b if is_stray(b) => return None,
                _ => {}
            }
        }
        let user = user_end.and_then(|end| rest.get(..end)).filter(|user| !user.is_empty());
        let headers = question.and_then(|at| rest.get(at + 1..)).unwrap_or("");
        let end = question.unwrap_or(rest.len());
        let params = semicolon.and_then(|at| rest.get(at + 1..end)).unwrap_or("");
        let (host, port) = host_and_port(rest.get(place_start..semicolon.unwrap_or(end))?)?;
        Some(Self { text, scheme, user, host, port, params, headers })
    }

    /// The address as it was written.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// The user part without parameters of its own (`;phone-context=…`), escapes undone; the number of a `tel:`.
    pub fn user_text(&self) -> Option<Cow<'a, str>> {
        let user = self.user?;
        Some(unescape(split_once(user, b';').map_or(user, |(number, _)| number)))
    }

    /// The value of a parameter by name in any case; `Some("")` for one without value.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.params;
        loop {
            let (one, more) = split_once(rest, b';').map_or((rest, None), |(one, more)| (one, Some(more)));
            let (found, value) = split_once(one, b'=').unwrap_or((one, ""));
            if found.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = more?;
        }
    }

    /// Whether it stands for a subscriber's number: `tel:`, `user=phone`, or a user part of a number's characters only.
    pub fn is_number(&self) -> bool {
        match self.scheme {
            Scheme::Tel => true,
            Scheme::Service | Scheme::Other => false,
            _ => {
                self.param("user").is_some_and(|v| v.eq_ignore_ascii_case("phone"))
                    || self.user_text().is_some_and(|user| {
                        let digits = user.bytes().filter(u8::is_ascii_digit).count();
                        digits >= 3
                            && user.bytes().all(|b| {
                                b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'(' | b')' | b'*' | b'#')
                            })
                    })
            }
        }
    }

    /// Whether requests to it are sent with `lr` (loose routing, RFC 3261 §16.4).
    pub fn is_loose(&self) -> bool {
        self.param("lr").is_some()
    }
}

/// What may stand nowhere in an address.
const fn is_stray(b: u8) -> bool {
    b <= b' ' || matches!(b, b'<' | b'>' | b'"' | 0x7f)
}

impl std::fmt::Debug for Uri<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The user part is a person's number.
        write!(f, "Uri({:?}, host {:?})", self.scheme, self.host)
    }
}

/// Splits `host:port`, `[v6]:port`, white space allowed around the colon (a Via may have it).
pub(crate) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    // A name or an IPv4 address, alone or with a plain port: all but the rarest.
    let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    match text.bytes().position(|b| !named(b)) {
        None if !text.is_empty() => return Some((text, None)),
        Some(end) if end > 0 => {
            if let Some((host, port)) = text.split_at_checked(end)
                && let Some(digits) = port.strip_prefix(':')
                && !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
            {
                return digits.parse().ok().map(|port| (host, Some(port)));
            }
        }
        _ => {}
    }
    let (host, port) = if text.starts_with('[') {
        let end = text.find(']')? + 1;
        (text.get(..end)?, crate::lex::trim(text.get(end..)?))
    } else {
        match text.find(':') {
            Some(at) => (crate::lex::trim(text.get(..at)?), text.get(at..)?),
            None => (crate::lex::trim(text), ""),
        }
    };
    let valid = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(named),
    };
    if !valid {
        return None;
    }
    if port.is_empty() {
        return Some((host, None));
    }
    let digits = crate::lex::trim(port.strip_prefix(':')?);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(|port| (host, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let got = Uri::parse(text).map_or("none".to_owned(), |u| {
            format!(
                "{:?} {} {} {}",
                u.scheme,
                u.user_text().unwrap_or_default(),
                u.host,
                u.port.map_or(String::new(), |p| p.to_string())
            )
        });
        assert_eq!(got.trim_end(), expect, "{text}");
    }

    #[test]
    fn addresses_as_carriers_write_them() {
        check("sip:+8613800138000@sbc.example.cn;user=phone", "Sip +8613800138000 sbc.example.cn");
        check(
            "sip:+8613800138000;phone-context=ims.example.cn@sbc.example.cn:5080",
            "Sip +8613800138000 sbc.example.cn 5080",
        );
        check("SIPS:%2B8613800138000@[2001:db8::10]:5061;transport=tls", "Sips +8613800138000 [2001:db8::10] 5061");
        check("tel:+86-138-0013-8000;phone-context=example.cn", "Tel +86-138-0013-8000");
        check("sip:gateway.example.cn?Replaces=x", "Sip  gateway.example.cn");
        check("sip:user:pass@example.com", "Sip user example.com");
        check("nobodyKnowsThisScheme:totallyopaquecontent", "Other");
        check("urn:service:sos.police", "Service");
        check("URN:Service:SOS", "Service");
        check("urn:isbn:2983792873", "Other");
        assert_eq!(Uri::parse("urn:service:sos.fire").unwrap().service(), Some("sos.fire"));
        assert_eq!(Uri::parse("urn:isbn:1").unwrap().service(), None);
        for bad in [
            "sip:",
            "sip:@example.com",
            "sip:a b@example.com",
            "sip:a@example.com:port",
            "sip:a@example.com:70000",
            "sip:a@b@c",
            "sip:a@",
            "<sip:a@b>",
            "plain",
            "sip:a@[::1",
            "1x:abc",
            "tel:",
            "",
        ] {
            check(bad, "none");
        }
    }

    #[test]
    fn numbers_are_told_from_names() {
        let number = |text: &str| Uri::parse(text).is_some_and(|u| u.is_number());
        assert!(number("sip:+8613800138000@a.example"));
        assert!(number("sip:110@a.example"));
        assert!(number("tel:95588"));
        assert!(number("sip:anyone@a.example;user=phone"));
        assert!(!number("sip:alice@a.example"));
        assert!(!number("isbn:2983792873"));
    }
}
