//! Splits a text that does not fit one short message.

use crate::{Alphabet, PARTS_MAX, USER_DATA_LEN_MAX, concatenation_header, encode};

/// A text, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SplitParts {
    /// It fits one message; no header.
    One(Vec<u8>),
    /// Each with its concatenation header in front; UDHI must be set.
    Many(Vec<Vec<u8>>),
}

impl SplitParts {
    /// The octets of each message.
    pub fn contents(&self) -> &[Vec<u8>] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    /// Whether a header leads each.
    pub const fn is_many(&self) -> bool {
        matches!(self, Self::Many(_))
    }
}

/// Octets of content that one message carries in an alphabet: 160 septets, 70 units of UTF-16, 140 octets. With a
/// header of six octets that is 153, 134 (67 units), 134.
const fn room(alphabet: Alphabet, header: bool) -> usize {
    match (alphabet, header) {
        (Alphabet::Gsm7, false) => 160,
        (Alphabet::Gsm7, true) => 153,
        (_, false) => USER_DATA_LEN_MAX,
        (_, true) => USER_DATA_LEN_MAX - 6,
    }
}

/// Octets of text that [`PARTS_MAX`] parts carry in an alphabet.
pub const fn joining_octets_max(alphabet: Alphabet) -> usize {
    room(alphabet, true) * PARTS_MAX
}

/// Splits a text into messages of an alphabet. Characters are never torn: neither a pair of UTF-16 nor an extension
/// of the GSM alphabet. Nothing when a character is not in the alphabet or the text needs more than 255 parts.
pub fn split(text: &str, alphabet: Alphabet, reference: u8) -> Option<SplitParts> {
    let whole = encode(alphabet, text)?;
    if whole.len() <= room(alphabet, false) {
        return Some(SplitParts::One(whole));
    }
    if alphabet == Alphabet::Gsm7Packed {
        // Behind a header the septets would have to be aligned anew; such SMSCs are given UTF-16.
        return None;
    }
    let each = room(alphabet, true);
    let mut contents = vec![Vec::new()];
    for c in text.chars() {
        let mut buffer = [0u8; 4];
        let octets = encode(alphabet, c.encode_utf8(&mut buffer))?;
        if contents.last().is_none_or(|last| last.len() + octets.len() > each) {
            contents.push(Vec::with_capacity(each));
        }
        if let Some(last) = contents.last_mut() {
            last.extend_from_slice(&octets);
        }
    }
    let total = u8::try_from(contents.len()).ok()?;
    let many = (1..=total)
        .zip(&contents)
        .map(|(number, content)| [&concatenation_header(reference, total, number)[..], content].concat())
        .collect();
    Some(SplitParts::Many(many))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Udh, decode};

    fn joined(text: &str, alphabet: Alphabet) -> (usize, String) {
        let parts = split(text, alphabet, 9).unwrap();
        let mut all = String::new();
        for content in parts.contents() {
            let text = if parts.is_many() { Udh::split(content).unwrap().1 } else { content };
            all.push_str(&decode(alphabet, text).unwrap());
        }
        (parts.contents().len(), all)
    }

    #[test]
    fn the_limits_are_those_of_the_air() {
        for (alphabet, character, chars, parts) in [
            (Alphabet::Gsm7, "a", 160, 1),
            (Alphabet::Gsm7, "a", 161, 2),
            (Alphabet::Gsm7, "a", 306, 2),
            (Alphabet::Gsm7, "a", 307, 3),
            (Alphabet::Utf16, "中", 70, 1),
            (Alphabet::Utf16, "中", 71, 2),
            (Alphabet::Utf16, "中", 134, 2),
            (Alphabet::Utf16, "中", 135, 3),
        ] {
            let text = character.repeat(chars);
            assert_eq!(joined(&text, alphabet), (parts, text), "{alphabet:?} {chars}");
        }
    }

    #[test]
    fn no_character_is_torn() {
        let text = format!("{}😀😀😀", "中".repeat(66));
        let SplitParts::Many(parts) = split(&text, Alphabet::Utf16, 1).unwrap() else { panic!("it is long") };
        assert_eq!(parts[0].len(), 6 + 132, "the pair moves to the next part whole");
        assert_eq!(joined(&text, Alphabet::Utf16).1, text);
        assert_eq!(split(&"中".repeat(67 * 255 + 1), Alphabet::Utf16, 1), None);
    }
}
