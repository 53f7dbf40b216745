//! DER read value by value. What does not read is a fault.

use der::{Decode, Reader, SliceReader, asn1::AnyRef};
use kernel::Timestamp;

/// DER that does not read: in which part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unread(pub(crate) &'static str);

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// Context-specific, in a value of its own.
pub(crate) const CONTEXT_0: u8 = 0xa0;
pub(crate) const CONTEXT_3: u8 = 0xa3;
/// Context-specific, in place of a primitive one.
pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;

/// One value with its tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) tag: u8,
    /// Tag, length and content.
    pub(crate) whole: &'a [u8],
    pub(crate) content: &'a [u8],
}

impl<'a> Value<'a> {
    /// The values inside.
    pub(crate) fn inside(&self, part: &'static str) -> Result<Values<'a>, Unread> {
        Values::new(self.content, part)
    }

    /// The octets of a bit string without unused bits.
    pub(crate) fn bits(&self, part: &'static str) -> Result<&'a [u8], Unread> {
        match self.content.split_first() {
            Some((0, bits)) if self.tag == BIT_STRING => Ok(bits),
            _ => Err(Unread(part)),
        }
    }

    /// The moment of a time in UTC.
    pub(crate) fn time(&self, part: &'static str) -> Result<Timestamp, Unread> {
        let text = std::str::from_utf8(self.content).map_err(|_| Unread(part))?;
        moment(self.tag, text).ok_or(Unread(part))
    }
}

/// The values of a piece of DER, one after the other.
pub(crate) struct Values<'a> {
    reader: SliceReader<'a>,
    part: &'static str,
}

impl<'a> Values<'a> {
    /// `part` names the piece where it does not read.
    pub(crate) fn new(bytes: &'a [u8], part: &'static str) -> Result<Self, Unread> {
        let reader = SliceReader::new(bytes).map_err(|_| Unread(part))?;
        Ok(Self { reader, part })
    }

    /// The content of a piece that is one sequence and nothing behind it.
    pub(crate) fn of_sequence(bytes: &'a [u8], part: &'static str) -> Result<Self, Unread> {
        let mut values = Self::new(bytes, part)?;
        let inside = values.next(SEQUENCE)?.inside(part)?;
        values.end()?;
        Ok(inside)
    }

    pub(crate) fn any(&mut self) -> Result<Value<'a>, Unread> {
        let unread = |_| Unread(self.part);
        let whole = self.reader.tlv_bytes().map_err(unread)?;
        let content = AnyRef::from_der(whole).map_err(unread)?.value();
        let tag = *whole.first().ok_or(Unread(self.part))?;
        Ok(Value { tag, whole, content })
    }

    /// The next value, which must have this tag.
    pub(crate) fn next(&mut self, tag: u8) -> Result<Value<'a>, Unread> {
        let value = self.any()?;
        if value.tag == tag { Ok(value) } else { Err(Unread(self.part)) }
    }

    /// The next value where it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, Unread> {
        if self.reader.peek_byte() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.reader.is_finished()
    }

    /// Nothing may follow.
    pub(crate) fn end(self) -> Result<(), Unread> {
        if self.is_finished() { Ok(()) } else { Err(Unread(self.part)) }
    }

    /// The identifier of an `AlgorithmIdentifier`, and its parameters where they are an identifier too.
    pub(crate) fn algorithm(&mut self) -> Result<(&'a [u8], Option<&'a [u8]>), Unread> {
        let mut inside = self.next(SEQUENCE)?.inside(self.part)?;
        let oid = inside.next(OID)?.content;
        let parameters = inside.optional(OID)?.map(|value| value.content);
        Ok((oid, parameters))
    }
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSS[.f…]Z`.
fn moment(tag: u8, text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || fraction.is_some_and(|fraction| !is_digits(fraction) || fraction.len() > 9) {
        return None;
    }
    let whole = match (tag, whole.len(), fraction) {
        // Two digits of the year are 1950 to 2049 (RFC 5280, 4.1.2.5.1).
        (UTC_TIME, 12, None) => format!("{}{whole}", if whole >= "50" { "19" } else { "20" }),
        (GENERALIZED_TIME, 14, _) => whole.to_owned(),
        _ => return None,
    };
    let piece = |from: usize, to: usize| whole.get(from..to);
    let (year, month, day) = (piece(0, 4)?, piece(4, 6)?, piece(6, 8)?);
    let (hour, minute, second) = (piece(8, 10)?, piece(10, 12)?, piece(12, 14)?);
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}Z"))
}

#[cfg(test)]
mod tests {
    use super::{GENERALIZED_TIME, UTC_TIME, moment};

    #[test]
    fn times_read_with_and_without_fractions_and_never_otherwise() {
        let read = |tag, text: &str| moment(tag, text).map(|at| at.to_rfc3339());
        assert_eq!(read(UTC_TIME, "261130103255Z").as_deref(), Some("2026-11-30T10:32:55Z"));
        assert_eq!(read(UTC_TIME, "991130103255Z").as_deref(), Some("1999-11-30T10:32:55Z"));
        assert_eq!(read(GENERALIZED_TIME, "20261130103255Z").as_deref(), Some("2026-11-30T10:32:55Z"));
        assert_eq!(read(GENERALIZED_TIME, "20261130103255.25Z").as_deref(), Some("2026-11-30T10:32:55.25Z"));
        for text in
            ["", "Z", "20261130103255", "20261330103255Z", "20261130103255.Z", "2026113010325５Z", "+026113010325Z"]
        {
            assert_eq!(read(GENERALIZED_TIME, text), None, "{text}");
        }
        assert_eq!(read(UTC_TIME, "20261130103255Z"), None);
    }
}
