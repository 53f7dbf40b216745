//! What every value read from a text shares: how a pasted text is cleaned, and how the value is written again.

/// One character as typed on a half-width keyboard: full-width letters, digits and signs become ASCII,
/// the ideographic space becomes a space, the many dashes become one.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{00A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' => '-',
        '、' => ',',
        other => other,
    }
}

/// Characters that carry nothing and come along when a number is pasted (zero width, byte order mark, directions).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}

/// A pasted number without what people put between digits: spaces and dashes; letters become capitals.
pub(crate) fn pasted(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(half_width)
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// First `head` and last `tail` characters with stars between; all stars when the text is too short to hide anything.
pub(crate) fn stars(text: &str, head: usize, tail: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < head + tail + 2 {
        let tail = usize::from(chars.len() > 4) * 2;
        let end: String = chars.iter().skip(chars.len().saturating_sub(tail)).collect();
        return format!("****{end}");
    }
    let start: String = chars.iter().take(head).collect();
    let end: String = chars.iter().skip(chars.len() - tail).collect();
    format!("{start}****{end}")
}

/// Gives a value that has `parse` and `Display` the ways in and out that all values share.
macro_rules! text_value {
    ($name:ident, $example:literal, $doc:literal) => {
        impl $name {
            /// Reads the text of a named field, so that the fault carries that name.
            pub fn parse_at(field: &str, text: &str) -> Result<Self, crate::Fault> {
                Self::parse(text).map_err(|fault| crate::Fault { field: field.to_owned(), ..fault })
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::Fault;
            fn from_str(text: &str) -> Result<Self, crate::Fault> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text)
                    .map_err(|fault| serde::de::Error::custom(format!("{} / {}", fault.said.zh, fault.said.en)))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some($doc))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use text_value;
