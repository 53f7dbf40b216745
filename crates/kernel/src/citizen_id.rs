//! Citizen identity numbers (公民身份号码), GB 11643-1999.

use crate::region::province_name;
use crate::value::{pasted, stars, text_value};
use crate::{Fault, Maskable, Text};

/// An identity number of 18 characters whose check character is right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId(String);

/// As recorded in the number: odd sequence male, even female.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

const LENGTH: Text = Text::new(
    "citizen_id.length",
    (
        "身份证号有 {length} 位，应为 18 位（旧号 15 位）",
        "an identity number has 18 characters (15 in the old form), not {length}",
    ),
    ("请按证件逐位核对", "read it again from the card"),
);
const CHARACTERS: Text = Text::new(
    "citizen_id.characters",
    ("身份证号含有不应出现的字符“{found}”", "the identity number contains “{found}”"),
    ("前 17 位为数字，末位为数字或 X", "17 digits, then a digit or X"),
);
const PROVINCE: Text = Text::new(
    "citizen_id.province",
    ("身份证号开头 {code} 不是省级代码", "{code} is not the code of a province"),
    ("请核对前两位", "check the first two digits"),
);
const BIRTH: Text = Text::new(
    "citizen_id.birth",
    ("身份证号中的出生日期 {date} 不存在", "the birth date {date} does not exist"),
    ("请核对第 7 至 14 位", "check characters 7 to 14"),
);
const CHECK: Text = Text::new(
    "citizen_id.check",
    ("身份证号校验位不符", "the check character of the identity number does not fit"),
    ("至少有一位写错，请逐位核对", "at least one character is wrong; read it again"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[LENGTH, CHARACTERS, PROVINCE, BIRTH, CHECK];

impl CitizenId {
    /// Reads a number of 18 characters, or of 15 (before 1999), which becomes 18.
    /// The area is checked for its province only: codes of abolished counties stay valid.
    /// Faults: `citizen_id.length`, `.characters`, `.province`, `.birth`, `.check`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let given = pasted(text);
        let length = given.chars().count();
        let body = match length {
            18 => given.chars().take(17).collect::<String>(),
            15 => given.chars().take(6).chain(['1', '9']).chain(given.chars().skip(6)).collect(),
            _ => return Err(LENGTH.at("", &[("length", &length.to_string())])),
        };
        if let Some(found) = body.chars().find(|c| !c.is_ascii_digit()) {
            return Err(CHARACTERS.at("", &[("found", &found.to_string())]));
        }
        let province = body.get(..2).unwrap_or_default();
        if province.parse().ok().and_then(province_name).is_none() {
            return Err(PROVINCE.at("", &[("code", province)]));
        }
        if birth(&body).is_none() {
            return Err(BIRTH.at("", &[("date", body.get(6..14).unwrap_or_default())]));
        }
        let check = check_character(&body);
        match given.chars().nth(17) {
            Some(last) if last != 'X' && !last.is_ascii_digit() => {
                Err(CHARACTERS.at("", &[("found", &last.to_string())]))
            }
            Some(last) if last != check => Err(CHECK.at("", &[])),
            _ => Ok(Self(format!("{body}{check}"))),
        }
    }

    /// The date of birth.
    pub fn birth(&self) -> jiff::civil::Date {
        birth(&self.0).unwrap_or(jiff::civil::Date::ZERO)
    }

    /// As recorded in the sequence number.
    pub fn sex(&self) -> Sex {
        let even = self.0.as_bytes().get(16).is_some_and(|b| (b - b'0').is_multiple_of(2));
        if even { Sex::Female } else { Sex::Male }
    }

    /// The six digits of the place of first registration, which may be a code abolished since.
    pub fn area(&self) -> &str {
        self.0.get(..6).unwrap_or_default()
    }
}

fn birth(body: &str) -> Option<jiff::civil::Date> {
    let year: i16 = body.get(6..10)?.parse().ok()?;
    let month: i8 = body.get(10..12)?.parse().ok()?;
    let day: i8 = body.get(12..14)?.parse().ok()?;
    if !(1800..=2199).contains(&year) {
        return None;
    }
    jiff::civil::Date::new(year, month, day).ok()
}

fn check_character(body: &str) -> char {
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte.saturating_sub(b'0')) * weight).sum();
    usize::try_from(sum % 11).ok().and_then(|at| CHECKS.get(at)).copied().unwrap_or('?')
}

impl std::fmt::Display for CitizenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CitizenId({})", self.mask())
    }
}

impl Maskable for CitizenId {
    fn mask(&self) -> String {
        stars(&self.0, 3, 4)
    }
}

text_value!(CitizenId, "11010519491231002X", "Citizen identity number, GB 11643-1999, 18 characters");

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let got = CitizenId::parse(input).map_or_else(|fault| fault.said.code, |id| id.to_string());
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn numbers_from_cards() {
        check("11010519491231002X", "11010519491231002X");
        check("110105 19491231 002x", "11010519491231002X");
        check("110105491231002", "11010519491231002X");
        check("110105194912310021", "citizen_id.check");
        check("990105194912310021", "citizen_id.province");
        check("110105194913310021", "citizen_id.birth");
        check("1101051949123100", "citizen_id.length");
        check("11010519491231OO2X", "citizen_id.characters");
        check("11010519491231002张", "citizen_id.characters");
        let id = CitizenId::parse("11010519491231002X").unwrap();
        assert_eq!((id.birth().to_string().as_str(), id.sex(), id.area()), ("1949-12-31", Sex::Female, "110105"));
        assert_eq!(id.mask(), "110****002X");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}|[0-9]{15}|[0-9]{17}[0-9X]") {
            if let Ok(id) = CitizenId::parse(&text) {
                proptest::prop_assert_eq!(CitizenId::parse(&id.to_string()), Ok(id.clone()));
            }
        }

        #[test]
        fn one_wrong_digit_is_seen(day in 1u32..=28, sequence in 0u32..1000, place in 0usize..17, shift in 1u8..10) {
            let body = format!("430102199001{day:02}{sequence:03}");
            let right = format!("{body}{}", check_character(&body));
            let mut bytes = right.clone().into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + shift) % 10;
            proptest::prop_assert!(CitizenId::parse(&right).is_ok());
            proptest::prop_assert!(CitizenId::parse(&String::from_utf8(bytes).unwrap()).is_err());
        }
    }
}
