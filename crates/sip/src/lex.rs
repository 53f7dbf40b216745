//! The small grammar that all headers share: tokens, white space, quoted strings, lists and parameters.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::limits::PARAMETERS_MAX;

/// Letters, digits and `-.!%*_+`'~` (RFC 3261 §25.1).
pub(crate) const fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}

/// [`is_token_byte`] for every byte: one look instead of a dozen comparisons.
static TOKEN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest = table.as_mut_slice();
    let mut byte = 0_u8;
    while let [first, more @ ..] = rest {
        *first = is_token_byte(byte);
        byte = byte.wrapping_add(1);
        rest = more;
    }
    table
};

pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| TOKEN_BYTES.get(usize::from(b)).copied().unwrap_or(false))
}

/// The text before and after the first of a byte below 128. For texts of some tens of bytes, which all are that a header
/// consists of: the standard library's search for a character costs more to set up than such a text takes to read.
#[inline]
pub(crate) fn split_once(text: &str, stop: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|b| b == stop)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// White space, and the line break of a folded header.
pub(crate) const fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without white space and folds on either side.
pub(crate) fn trim(text: &str) -> &str {
    let mut bytes = text.as_bytes();
    let mut start = 0;
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = bytes {
        (bytes, start) = (rest, start + 1);
    }
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = bytes {
        bytes = rest;
    }
    text.get(start..start + bytes.len()).unwrap_or("")
}

/// Finds the first byte outside of quoted strings and angle brackets for which `stop` holds.
/// `Err` when a quoted string does not end.
fn find_outside(text: &str, angle: bool, stop: impl Fn(u8) -> bool) -> Result<Option<usize>, ()> {
    let (mut quoted, mut escaped, mut inside) = (false, false, false);
    for (at, b) in text.bytes().enumerate() {
        if quoted {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match b {
            b'>' if inside => inside = false,
            _ if inside => {}
            _ if stop(b) => return Ok(Some(at)),
            b'"' => quoted = true,
            b'<' if angle => inside = true,
            _ => {}
        }
    }
    if quoted { Err(()) } else { Ok(None) }
}

/// Splits at the first `stop` outside of quotes and of angle brackets; it is in neither part.
/// `Err` when a quoted string does not end.
pub(crate) fn cut(text: &str, stop: u8) -> Result<(&str, Option<&str>), ()> {
    let bytes = text.as_bytes();
    let at = memchr(stop, bytes);
    // Without quotes and brackets before it, and that is nearly always, the first is the one.
    let before = bytes.get(..at.unwrap_or(bytes.len())).unwrap_or_default();
    if memchr2(b'"', b'<', before).is_none() {
        return Ok(at.map_or((text, None), |at| (text.get(..at).unwrap_or(""), text.get(at + 1..))));
    }
    Ok(match find_outside(text, true, |b| b == stop)? {
        Some(at) => (text.get(..at).unwrap_or(""), text.get(at + 1..)),
        None => (text, None),
    })
}

/// The position of the first `<` outside of quoted strings.
pub(crate) fn find_angle(text: &str) -> Result<Option<usize>, ()> {
    let first = memchr2(b'"', b'<', text.as_bytes());
    match first.and_then(|at| text.as_bytes().get(at)) {
        None | Some(b'<') => Ok(first),
        _ => find_outside(text, false, |b| b == b'<'),
    }
}

/// The values of a header in which commas part values; quoted strings and angle brackets protect theirs.
pub(crate) struct Commas<'a>(Option<&'a str>);

impl<'a> Commas<'a> {
    pub(crate) fn of(value: &'a str) -> Self {
        Self(Some(value))
    }
}

impl<'a> Iterator for Commas<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.take()?;
        // What follows an unfinished quote is one value, which its own reader then refuses.
        let (value, more) = cut(rest, b',').unwrap_or((rest, None));
        self.0 = more;
        Some(trim(value))
    }
}

/// Parameters behind a value: `;name`, `;name=value`, `;name="quoted value"`. Checked when made, read when asked.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// Reads `;a=b;c`; nothing for an empty text. `None` where a parameter is empty, unfinished or badly formed.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = trim(text);
        if text.is_empty() {
            return Some(Self(""));
        }
        let inner = text.strip_prefix(';')?;
        let mut rest = Some(inner);
        let mut count = 0;
        while let Some(text) = rest {
            let (one, more) = cut(text, b';').ok()?;
            let (name, value) = split(one);
            count += 1;
            if !is_token(name) || !value.is_none_or(is_param_value) || count > PARAMETERS_MAX {
                return None;
            }
            rest = more;
        }
        Some(Self(inner))
    }

    /// Each name with its value; a quoted value keeps its quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let mut rest = if self.0.is_empty() { None } else { Some(self.0) };
        std::iter::from_fn(move || {
            let (one, more) = cut(rest?, b';').ok()?;
            rest = more;
            Some(split(one))
        })
    }

    /// The value of a parameter by name in any case; `Some("")` for one without value.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.unwrap_or(""))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

fn split(one: &str) -> (&str, Option<&str>) {
    match split_once(one, b'=') {
        Some((name, value)) => (trim(name), Some(trim(value))),
        None => (trim(one), None),
    }
}

/// A token, a host (with brackets and colons) or a quoted string that ends where the value ends.
fn is_param_value(value: &str) -> bool {
    if value.starts_with('"') {
        return quoted(value).is_some_and(|(_, rest)| rest.is_empty());
    }
    !value.is_empty()
        && value.bytes().all(|b| {
            is_token_byte(b) || b >= 0x80 || matches!(b, b':' | b'[' | b']' | b'/' | b'@' | b'&' | b'$' | b'?' | b'=')
        })
}

/// Reads a quoted string at the start of the text: what is inside, escapes undone, and the rest behind the quotes.
pub(crate) fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, b) in inner.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let raw = inner.get(..at)?;
                return Some((unquote(raw), inner.get(at + 1..)?));
            }
            _ => {}
        }
    }
    None
}

/// Undoes the escapes of a quoted string and its folds.
fn unquote(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['\\', '\r', '\n']) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '\r' | '\n' => {}
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// A quoted string around the text; line breaks and control characters become spaces.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A header value on one line: each fold becomes a space.
pub(crate) fn unfold(value: &str) -> Cow<'_, str> {
    let value = trim(value);
    if !value.contains(['\r', '\n']) {
        return Cow::Borrowed(value);
    }
    let lines: Vec<&str> = value.split(['\r', '\n']).map(trim).filter(|line| !line.is_empty()).collect();
    Cow::Owned(lines.join(" "))
}

/// Undoes `%41`; what is no escape stays as it is, and bytes that are no UTF-8 become the replacement character.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b == b'%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if *first == b'%'
            && let [high, low, tail @ ..] = more
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = tail;
        } else {
            out.push(*first);
        }
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

fn hex(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quotes_and_brackets_part_nothing() {
        let values: Vec<_> = Commas::of(r#""a, \", b" <sip:x,y@example.com>;q=1 , <sip:z@example.com>"#).collect();
        assert_eq!(values, [r#""a, \", b" <sip:x,y@example.com>;q=1"#, "<sip:z@example.com>"]);
    }

    #[test]
    fn parameters_are_read_with_spaces_and_refused_when_empty() {
        let params = Params::parse(" ; branch =\r\n z9hG4bK1 ; lr;note=\"a;b\"").unwrap();
        assert_eq!(params.get("BRANCH"), Some("z9hG4bK1"));
        assert_eq!(params.get("lr"), Some(""));
        assert_eq!(params.get("note"), Some("\"a;b\""));
        assert_eq!(params.get("missing"), None);
        for bad in [";;a", ";a;", ";", "a=b", ";a=", ";a=\"b", ";a b=c", ";a=\"b\"c"] {
            assert_eq!(Params::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn escapes_are_undone_and_oddities_kept() {
        assert_eq!(unescape("sips%3Auser%40example.com"), "sips:user@example.com");
        assert_eq!(unescape("foo%Z%45%"), "foo%ZE%");
        assert_eq!(quoted(r#""J \\\"" rest"#).map(|(a, b)| (a.into_owned(), b)), Some((r#"J \""#.into(), " rest")));
        assert_eq!(quoted("\"open"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_reads_back(text in "[^\\p{Cc}]{0,40}") {
            let quoted_text = quote(&text);
            let (read, rest) = quoted(&quoted_text).unwrap();
            proptest::prop_assert_eq!(read, text);
            proptest::prop_assert_eq!(rest, "");
        }
    }
}
