//! Unified social credit codes of organisations (统一社会信用代码), GB 32100-2015.

use crate::value::{pasted, stars, text_value};
use crate::{Fault, Maskable, Text};

/// A code of 18 characters whose check character is right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(String);

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

const LENGTH: Text = Text::new(
    "credit_code.length",
    ("统一社会信用代码有 {length} 位，应为 18 位", "a social credit code has 18 characters, not {length}"),
    ("请按营业执照核对", "read it again from the licence"),
);
const CHARACTERS: Text = Text::new(
    "credit_code.characters",
    ("统一社会信用代码含有不应出现的字符“{found}”", "the social credit code contains “{found}”"),
    ("代码只含数字和大写字母，不用 I、O、S、V、Z", "digits and capitals only; I, O, S, V and Z are not used"),
);
const CHECK: Text = Text::new(
    "credit_code.check",
    ("统一社会信用代码校验位不符", "the check character of the social credit code does not fit"),
    ("至少有一位写错，请逐位核对", "at least one character is wrong; read it again"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[LENGTH, CHARACTERS, CHECK];

impl CreditCode {
    /// Reads a code. Faults: `credit_code.length`, `credit_code.characters`, `credit_code.check`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let code = pasted(text);
        let length = code.chars().count();
        if length != 18 {
            return Err(LENGTH.at("", &[("length", &length.to_string())]));
        }
        if let Some(found) = code.chars().find(|c| !ALPHABET.contains(*c)) {
            return Err(CHARACTERS.at("", &[("found", &found.to_string())]));
        }
        if code.chars().nth(17) != check_character(&code) {
            return Err(CHECK.at("", &[]));
        }
        Ok(Self(code))
    }
}

fn check_character(body: &str) -> Option<char> {
    let mut sum = 0;
    for (c, weight) in body.chars().zip(WEIGHTS) {
        sum += ALPHABET.find(c)? * weight;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

impl std::fmt::Display for CreditCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CreditCode({})", self.mask())
    }
}

impl Maskable for CreditCode {
    fn mask(&self) -> String {
        stars(&self.0, 4, 4)
    }
}

text_value!(CreditCode, "91350100M000100Y43", "Unified social credit code, GB 32100-2015, 18 characters");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_from_licences() {
        assert_eq!(CreditCode::parse("91350100-m000100y43").unwrap().to_string(), "91350100M000100Y43");
        for (text, code) in [
            ("91350100M000100Y44", "credit_code.check"),
            ("91350100M000100Y4", "credit_code.length"),
            ("91350100I000100Y43", "credit_code.characters"),
        ] {
            assert_eq!(CreditCode::parse(text).unwrap_err().said.code, code);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}|[0-9A-HJ-NP-RTUWXY]{18}") {
            if let Ok(code) = CreditCode::parse(&text) {
                proptest::prop_assert_eq!(CreditCode::parse(&code.to_string()), Ok(code.clone()));
            }
        }

        #[test]
        fn one_wrong_character_is_seen(body in "[0-9A-HJ-NP-RTUWXY]{17}", place in 0usize..17, other in 0usize..31) {
            let right = format!("{body}{}", check_character(&body).unwrap());
            let mut bytes = right.clone().into_bytes();
            bytes[place] = ALPHABET.as_bytes()[other];
            let wrong = String::from_utf8(bytes).unwrap();
            proptest::prop_assert!(CreditCode::parse(&right).is_ok());
            proptest::prop_assert!(wrong == right || CreditCode::parse(&wrong).is_err());
        }
    }
}
