//! Account numbers of banks and payment institutions.

use crate::value::{pasted, stars, text_value};
use crate::{Fault, Maskable, Said, Text};

/// What the number looks like by its check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// 13–19 digits whose Luhn check digit is right: a bank card.
    Card,
    /// Anything else: passbook, corporate account, wallet, an older number, or a card with a wrong digit.
    Other,
}

/// An account number: 5–34 letters and digits, letters as capitals, without spaces and dashes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(String);

const LENGTH_MIN: usize = 5;
/// The longest IBAN has 34 characters.
const LENGTH_MAX: usize = 34;

/// Dashes that word processors and keyboards put in the place of a hyphen.
const DASHES: [char; 7] = ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'];

const EMPTY: Text = Text::new(
    "account_no.empty",
    ("没有填写账号", "there is no account number"),
    ("请填写账号", "enter the account number"),
);
const CHARACTERS: Text = Text::new(
    "account_no.characters",
    ("账号含有不应出现的字符“{found}”", "the account number contains “{found}”"),
    ("账号只含数字和字母，可带空格和短横", "use digits and letters only; spaces and dashes are allowed"),
);
const LENGTH: Text = Text::new(
    "account_no.length",
    ("账号有 {length} 位，应为 5 至 34 位", "an account number has 5 to 34 characters, not {length}"),
    ("请核对账号是否完整", "check that the number is complete"),
);
const CHECK_DIGIT: Text = Text::new(
    "account_no.check_digit",
    ("账号像银行卡号，但校验位不符", "the number looks like a bank card, but its check digit does not fit"),
    (
        "请与报案人逐位核对；存折和对公账号可忽略此提示",
        "read it back digit by digit; ignore this for passbooks and company accounts",
    ),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[EMPTY, CHARACTERS, LENGTH, CHECK_DIGIT];

impl AccountNo {
    /// Reads an account number. Faults: `account_no.empty`, `account_no.characters`, `account_no.length`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let number = Self::part(text);
        if number.is_empty() {
            return Err(EMPTY.at("", &[]));
        }
        if let Some(found) = number.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(CHARACTERS.at("", &[("found", &found.to_string())]));
        }
        if !(LENGTH_MIN..=LENGTH_MAX).contains(&number.len()) {
            return Err(LENGTH.at("", &[("length", &number.len().to_string())]));
        }
        Ok(Self(number))
    }

    /// The one form of a number, however it was written. What is no account number stays as it was told.
    pub fn normal(text: &str) -> String {
        Self::parse(text).map_or_else(|_| text.to_owned(), |number| number.0)
    }

    /// A part of a number, as it stands in the whole one: what is searched for.
    pub fn part(text: &str) -> String {
        pasted(text).chars().filter(|c| !DASHES.contains(c)).collect()
    }

    /// What the number looks like.
    pub fn kind(&self) -> AccountKind {
        if self.has_card_length() && luhn_holds(&self.0) { AccountKind::Card } else { AccountKind::Other }
    }

    /// A word of caution for a number of card length whose check digit is wrong; such a number is never refused for it,
    /// since passbook, older and corporate numbers have no check digit.
    pub fn caution(&self) -> Option<Said> {
        (self.has_card_length() && !luhn_holds(&self.0)).then(|| CHECK_DIGIT.say(&[]))
    }

    /// The number itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn has_card_length(&self) -> bool {
        (13..=19).contains(&self.0.len()) && self.0.bytes().all(|b| b.is_ascii_digit())
    }
}

/// ISO/IEC 7812-1 annex B.
fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

impl std::fmt::Display for AccountNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for AccountNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountNo({})", self.mask())
    }
}

impl Maskable for AccountNo {
    fn mask(&self) -> String {
        if self.0.len() >= 12 { stars(&self.0, 4, 4) } else { stars(&self.0, 0, 4) }
    }
}

text_value!(AccountNo, "6222020000000000008", "Account number, 5-34 capitals and digits");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_cautions() {
        let read = |text: &str| {
            let number = AccountNo::parse(text).unwrap();
            (number.to_string(), number.kind(), number.caution().is_some())
        };
        assert_eq!(read("6222 0212-3456 7890 128").0, "6222021234567890128");
        assert_eq!(read("4111 1111 1111 1111"), ("4111111111111111".into(), AccountKind::Card, false));
        assert_eq!(read("4111111111111112").1, AccountKind::Other);
        assert!(read("4111111111111112").2, "a wrong check digit is a caution, not a fault");
        assert_eq!(read("ｗｘ－ab12"), ("WXAB12".into(), AccountKind::Other, false));
        for text in
            ["６２２２０２１２３４５６７８９０１２８", "6222–0212—3456−7890‑128", "　6222\u{a0}021234567890128\t"]
        {
            assert_eq!(AccountNo::normal(text), "6222021234567890128", "{text}");
        }
        assert_eq!(AccountNo::normal("尾号 0128"), "尾号 0128", "told as it is");
        assert_eq!(AccountNo::part("0-1 28"), "0128");
        assert!(luhn_holds("79927398713"));
        for (text, code) in
            [(" - ", "account_no.empty"), ("1234", "account_no.length"), ("6222*1234", "account_no.characters")]
        {
            assert_eq!(AccountNo::parse(text).unwrap_err().said.code, code);
        }
        assert_eq!(AccountNo::parse("4111111111111111").unwrap().mask(), "4111****1111");
        assert_eq!(AccountNo::parse("12345").unwrap().mask(), "****45");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered_and_the_canonical_form_stands(text in "\\PC{0,40}") {
            if let Ok(number) = AccountNo::parse(&text) {
                proptest::prop_assert_eq!(AccountNo::parse(number.as_str()), Ok(number.clone()));
            }
        }

        #[test]
        fn one_wrong_digit_is_seen(body in "[0-9]{12,18}", place in 0usize..12, shift in 1u8..10) {
            let check = (b'0'..=b'9').find(|c| luhn_holds(&format!("{body}{}", char::from(*c)))).unwrap();
            let right = format!("{body}{}", char::from(check));
            let mut bytes = right.clone().into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + shift) % 10;
            proptest::prop_assert!(AccountNo::parse(&right).unwrap().caution().is_none());
            proptest::prop_assert!(AccountNo::parse(&String::from_utf8(bytes).unwrap()).unwrap().caution().is_some());
        }
    }
}
