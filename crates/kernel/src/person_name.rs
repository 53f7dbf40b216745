//! Names of people and of the holders of accounts.

use crate::value::{half_width, is_invisible, text_value};
use crate::{Fault, Maskable, Text};

/// A name of 1–64 characters with single spaces; an account holder may be a company, and its name stands here too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

const LENGTH_MAX: usize = 64;

const EMPTY: Text =
    Text::new("person_name.empty", ("没有填写姓名", "there is no name"), ("请填写姓名或户名", "enter the name"));
const LENGTH: Text = Text::new(
    "person_name.length",
    ("姓名有 {length} 个字，最多 64 个", "the name has {length} characters; 64 is the limit"),
    ("请只填写姓名或户名", "enter the name only"),
);
const CHARACTERS: Text = Text::new(
    "person_name.characters",
    ("姓名中没有文字", "the name holds no letter"),
    ("请填写证件上的姓名", "enter the name as on the card"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[EMPTY, LENGTH, CHARACTERS];

impl PersonName {
    /// Reads a name: trims, joins white space, writes the dots between names of minorities alike (`·`), and full-width
    /// letters as ASCII. Faults: `person_name.empty`, `person_name.length`, `person_name.characters`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let plain: String = text
            .chars()
            .filter(|c| !is_invisible(*c) && (!c.is_control() || c.is_whitespace()))
            .map(|c| match c {
                '•' | '‧' | '・' | '．' | '∙' | '●' => '·',
                other => half_width(other),
            })
            .collect();
        let name = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(EMPTY.at("", &[]));
        }
        let length = name.chars().count();
        if length > LENGTH_MAX {
            return Err(LENGTH.at("", &[("length", &length.to_string())]));
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(CHARACTERS.at("", &[]));
        }
        Ok(Self(name))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonName({})", self.mask())
    }
}

impl Maskable for PersonName {
    fn mask(&self) -> String {
        self.0.chars().take(1).chain(['*']).collect()
    }
}

text_value!(PersonName, "张三", "Name of a person or account holder, 1-64 characters");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_written() {
        let read = |text: &str| PersonName::parse(text).map_or_else(|fault| fault.said.code, |n| n.to_string());
        assert_eq!(read("　张　三 \n"), "张 三");
        assert_eq!(read("阿卜杜拉•买买提"), "阿卜杜拉·买买提");
        assert_eq!(read("\t"), "person_name.empty");
        assert_eq!(read("12345"), "person_name.characters");
        assert_eq!(read(&"长".repeat(65)), "person_name.length");
        assert_eq!(format!("{:?}", PersonName::parse("张三").unwrap()), "PersonName(张*)");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered_and_the_canonical_form_stands(text in ".{0,70}") {
            if let Ok(name) = PersonName::parse(&text) {
                proptest::prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
            }
        }
    }
}
