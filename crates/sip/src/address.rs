//! The values of From, To, Contact, Route and their kin: a display name, an address, parameters.

use std::borrow::Cow;

use crate::lex::{Params, cut, find_angle, is_token_byte, quoted, trim};
use crate::uri::Uri;

/// `"Display" <sip:user@host>;tag=x`, borrowed from the message.
#[derive(Clone, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// Display name, quotes and escapes undone.
    pub display: Option<Cow<'a, str>>,
    /// The address.
    pub uri: Uri<'a>,
    /// Parameters of the header (not of the address).
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads one value. `None` where a quote does not end, the display name holds what only quotes may hold, the address
    /// is none, or an address with `?` or `,` stands without angle brackets (RFC 3261 §20.10).
    pub fn parse(value: &'a str) -> Option<Self> {
        let value = trim(value);
        let Some(open) = find_angle(value).ok()? else {
            let (address, params) = cut(value, b';').ok()?;
            let address = trim(address);
            if address.contains(['?', ',']) {
                return None;
            }
            let params = match params {
                Some(_) => Params::parse(value.get(value.find(';')?..)?)?,
                None => Params::default(),
            };
            return Some(Self { display: None, uri: Uri::parse(address)?, params });
        };
        let name = trim(value.get(..open)?);
        let behind = value.get(open + 1..)?;
        let close = behind.find('>')?;
        let display = if name.is_empty() {
            None
        } else if name.starts_with('"') {
            let (text, rest) = quoted(name)?;
            if !rest.is_empty() {
                return None;
            }
            Some(text)
        } else {
            if !name.bytes().all(|b| is_token_byte(b) || crate::lex::is_space(b) || b >= 0x80) {
                return None;
            }
            Some(crate::lex::unfold(name))
        };
        Some(Self { display, uri: Uri::parse(behind.get(..close)?)?, params: Params::parse(behind.get(close + 1..)?)? })
    }

    /// The `tag` parameter of a From or To.
    pub fn tag(&self) -> Option<&'a str> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }
}

impl std::fmt::Debug for NameAddr<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Display name and user are personal.
        write!(f, "NameAddr({:?}, {:?})", self.uri, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let got = NameAddr::parse(text).map_or("none".to_owned(), |a| {
            format!("[{}] {} {}", a.display.as_deref().unwrap_or(""), a.uri.as_str(), a.tag().unwrap_or("-"))
        });
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn display_names_addresses_and_tags() {
        check("sip:a@example.com;tag=1", "[] sip:a@example.com 1");
        check("<sip:a@example.com;x=y>;tag=1", "[] sip:a@example.com;x=y 1");
        check("caller<sip:caller@example.com>;tag=323", "[caller] sip:caller@example.com 323");
        check("张 三 <sip:a@example.com>;tag=1", "[张 三] sip:a@example.com 1");
        check(r#""J \"R\" \\" <sip:a@example.com> ; tag = 9"#, r#"[J "R" \] sip:a@example.com 9"#);
        check(r#""<sip:evil@example.org>" <sip:a@example.com>"#, "[<sip:evil@example.org>] sip:a@example.com -");
        check("<tel:+8613800138000>", "[] tel:+8613800138000 -");
        for bad in [
            r#""open <sip:a@example.com>"#,
            "Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
            "sip:a@example.com?Route=%3Csip:b.example.com%3E",
            "<sip:t @example.com>",
            "<sip:a@example.com",
            "<sip:a@example.com>;;tag=1",
            "\"a\" b <sip:a@example.com>",
            "",
        ] {
            check(bad, "none");
        }
    }
}
