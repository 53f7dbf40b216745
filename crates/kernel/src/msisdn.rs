//! Telephone numbers as people paste them: mobile, fixed, service and foreign.

use crate::value::{half_width, is_invisible, stars, text_value};
use crate::{Fault, Maskable, Region, Text};

/// What sort of number it is; decides what may be asked of it (a 400 number may not originate calls).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MsisdnKind {
    /// A mobile number of the mainland (手机).
    Mobile,
    /// A fixed line of the mainland with its area code (固定电话).
    Fixed,
    /// A service number without country code: 110, 96110, 95588, 400…, 106… (短号、客服号).
    Service,
    /// A number of another country or of Hong Kong, Macao, Taiwan.
    Foreign,
}

/// A telephone number. The text form is `+` and the full international number, for instance `+8613800138000` or
/// `+8673188888888`; a service number stands alone (`96110`, `4008001234`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msisdn {
    digits: u64,
    kind: MsisdnKind,
}

const EMPTY: Text = Text::new(
    "msisdn.empty",
    ("没有填写电话号码", "there is no telephone number"),
    ("请填写电话号码", "enter the telephone number"),
);
const CHARACTERS: Text = Text::new(
    "msisdn.characters",
    ("电话号码含有不应出现的字符“{found}”", "the telephone number contains “{found}”"),
    ("只填写数字，可带 +、空格和短横", "use digits only; +, spaces and dashes are allowed"),
);
const LENGTH: Text = Text::new(
    "msisdn.length",
    ("电话号码有 {digits} 位，位数不对", "a telephone number does not have {digits} digits"),
    (
        "手机号 11 位；固定电话请带区号，例如 0731-88888888",
        "a mobile number has 11 digits; give a fixed line with its area code, such as 0731-88888888",
    ),
);
const PREFIX: Text = Text::new(
    "msisdn.prefix",
    ("没有以 {prefix} 开头的号段", "no numbers begin with {prefix}"),
    (
        "请核对号码开头几位；境外号码请以 00 或 + 加国家代码开头",
        "check the first digits; begin a foreign number with 00 or + and the country code",
    ),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[EMPTY, CHARACTERS, LENGTH, PREFIX];

/// Prefixes of cheap-call carriers that some handsets still show before a number.
const CALL_THROUGH_PREFIXES: [&str; 5] = ["17951", "17911", "17901", "17909", "12593"];

/// Area codes of Hunan and the prefectures that each serves.
const HUNAN_AREAS: [(u16, &[u32]); 12] = [
    (731, &[430100, 430200, 430300]),
    (730, &[430600]),
    (734, &[430400]),
    (735, &[431000]),
    (736, &[430700]),
    (737, &[430900]),
    (738, &[431300]),
    (739, &[430500]),
    (743, &[433100]),
    (744, &[430800]),
    (745, &[431200]),
    (746, &[431100]),
];

/// Numbers by which help is called (紧急号码): police 110, fire 119, ambulance 120, traffic police 122; 112, to which every
/// GSM telephone sends an emergency call (TS 22.101 §10.1.1); 911, which handsets of other markets dial for it and send here as
/// it is; 999, the ambulance of the Beijing Red Cross; 12110, the
/// police by text; 12395, rescue at sea; 95110, the coast guard. The one list of all seats: a call to one of these is never
/// stopped, and no entry or order is made against one.
pub const EMERGENCY: [u32; 10] = [110, 112, 119, 120, 122, 911, 999, 12_110, 12_395, 95_110];

/// The line of the anti-scam centre (反诈专线) and the sender of its warning messages: what carries a warning must not be
/// stopped as a scam.
pub const WARNING_LINES: [u32; 2] = [96_110, 12_381];

/// The mobile number plan (《电信网编号计划》2017 edition, with the blocks that the ministry opened up to 2020: 16x, 190–199,
/// 172): whether national digits, without country code, are a mobile number.
///
/// | digits | blocks |
/// | --- | --- |
/// | 11 | 13x, 18x; 145 147 149; 150–153 155–159; 162 165 166 167 1610; 170–173 175–178, 1740[0-9] 1741[0-2] 1749; 190–193 195–199 |
/// | 13 (物联网 M2M) | 1410 1440 1441 146 148; 10646–10649 |
pub const fn is_mobile(national: u64, digits: u32) -> bool {
    if digits == 13 {
        return matches!(national / 1_000_000_000, 1_410 | 1_440 | 1_441 | 1_460..=1_469 | 1_480..=1_489)
            || matches!(national / 100_000_000, 10_646..=10_649);
    }
    let head = national / 1_000_000;
    if digits != 11 || head < 10_000 || head >= 20_000 {
        return false;
    }
    let (second, third, rest) = (head / 1_000 % 10, head / 100 % 10, head % 100);
    match (second, third) {
        (3 | 8, _) | (4, 5 | 7 | 9) | (5 | 9, 0..=3 | 5..=9) | (6, 2 | 5..=7) | (7, 0..=3 | 5..=8) => true,
        (6, 1) => rest < 10,
        (7, 4) => matches!(rest, 0..=12 | 90..=99),
        _ => false,
    }
}

impl Msisdn {
    /// Reads a number as typed or pasted: full-width digits, spaces, dashes, brackets, `+86`, `0086`, `86`, `17951`.
    /// Faults: `msisdn.empty`, `msisdn.characters`, `msisdn.length`, `msisdn.prefix`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut plus = false;
        let mut digits = String::with_capacity(16);
        for c in text.chars().filter(|c| !is_invisible(*c)).map(half_width) {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() => plus = true,
                ' ' | '\t' | '-' | '(' | ')' | '.' => {}
                other => return Err(CHARACTERS.at("", &[("found", &other.to_string())])),
            }
        }
        if digits.is_empty() {
            return Err(EMPTY.at("", &[]));
        }
        if let Some(international) = digits.strip_prefix("00").filter(|_| !plus) {
            return Self::international(international);
        }
        if plus {
            return Self::international(&digits);
        }
        for prefix in CALL_THROUGH_PREFIXES {
            if let Some(rest) = digits.strip_prefix(prefix)
                && let Some(number) = mobile(rest)
            {
                return Ok(number);
            }
        }
        // 10646–10649 are machines' numbers of 13 digits before they could be a message port.
        if let Some(number) = mobile(&digits).or_else(|| service(&digits)) {
            return Ok(number);
        }
        if let Some(rest) = digits.strip_prefix('0')
            && let Some(number) = fixed(rest).or_else(|| mobile(rest))
        {
            return Ok(number);
        }
        if let Some(rest) = digits.strip_prefix("86")
            && let Some(number) = domestic_after_country_code(rest)
        {
            return Ok(number);
        }
        Err(refusal(&digits))
    }

    fn international(digits: &str) -> Result<Self, Fault> {
        if let Some(rest) = digits.strip_prefix("86") {
            return domestic_after_country_code(rest).ok_or_else(|| refusal(rest));
        }
        if !(7..=15).contains(&digits.len()) {
            return Err(LENGTH.at("", &[("digits", &digits.len().to_string())]));
        }
        if digits.starts_with('0') {
            return Err(PREFIX.at("", &[("prefix", "+0")]));
        }
        packed(digits, MsisdnKind::Foreign).ok_or_else(|| refusal(digits))
    }

    /// What sort of number it is.
    pub const fn kind(self) -> MsisdnKind {
        self.kind
    }

    /// Whether help is called by it ([`EMERGENCY`]), also behind an area code (0731-12395). The short ones behind an area code
    /// (0731-110) are dialled, but nobody's number: they are read by the screen alone.
    pub fn is_emergency(self) -> bool {
        self.service().is_some_and(|service| EMERGENCY.contains(&service))
    }

    /// Whether whoever calls it calls for help: an emergency number, or a line of the centre ([`WARNING_LINES`]).
    pub fn calls_for_help(self) -> bool {
        self.is_emergency() || self.service().is_some_and(|service| WARNING_LINES.contains(&service))
    }

    /// The service number, also where it is dialled behind an area code (0731-96110 → 96110).
    fn service(self) -> Option<u32> {
        if self.kind == MsisdnKind::Service {
            return u32::try_from(self.digits).ok();
        }
        let area = self.area_code()?;
        let digits = self.digits.to_string();
        let local = digits.strip_prefix("86")?.strip_prefix(&area.to_string())?;
        (local.len() <= 6).then(|| local.parse().ok())?
    }

    /// The number as dialled within the country: `13800138000`, `073188888888`, `96110`; a foreign one with `00`.
    pub fn national(self) -> String {
        let digits = self.digits.to_string();
        match self.kind {
            MsisdnKind::Mobile => digits.strip_prefix("86").unwrap_or(&digits).to_owned(),
            MsisdnKind::Fixed => format!("0{}", digits.strip_prefix("86").unwrap_or(&digits)),
            MsisdnKind::Service => digits,
            MsisdnKind::Foreign => format!("00{digits}"),
        }
    }

    /// The area code of a fixed line without its leading zero: 731 for 0731, 10 for 010.
    pub fn area_code(self) -> Option<u16> {
        if self.kind != MsisdnKind::Fixed {
            return None;
        }
        let digits = self.digits.to_string();
        let rest = digits.strip_prefix("86")?;
        rest.get(..area_length(rest))?.parse().ok()
    }

    /// The prefectures that the area code serves; several for 0731, none for other lines or where no region file is loaded.
    pub fn regions(self) -> Vec<Region> {
        let Some(area) = self.area_code() else {
            return Vec::new();
        };
        HUNAN_AREAS
            .iter()
            .filter(|(code, _)| *code == area)
            .flat_map(|(_, regions)| regions.iter().filter_map(|code| Region::from_code(*code)))
            .collect()
    }
}

impl std::fmt::Display for Msisdn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            MsisdnKind::Service => write!(f, "{}", self.digits),
            _ => write!(f, "+{}", self.digits),
        }
    }
}

impl std::fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Msisdn({})", self.mask())
    }
}

impl Maskable for Msisdn {
    fn mask(&self) -> String {
        match self.kind {
            MsisdnKind::Mobile => stars(&self.national(), 3, 4),
            MsisdnKind::Fixed => stars(&self.national(), 4, 4),
            MsisdnKind::Service => self.national(),
            MsisdnKind::Foreign => format!("+{}", stars(&self.digits.to_string(), 2, 4)),
        }
    }
}

text_value!(Msisdn, "+8613800138000", "Telephone number: + and the international number, or a service number alone");

fn packed(digits: &str, kind: MsisdnKind) -> Option<Msisdn> {
    digits.parse().ok().map(|digits| Msisdn { digits, kind })
}

/// After +86 a fixed line comes before a 106 message port: `+86 10 6xxx xxxx` is Beijing.
fn domestic_after_country_code(rest: &str) -> Option<Msisdn> {
    mobile(rest)
        .or_else(|| fixed(rest))
        .or_else(|| rest.strip_prefix('0').and_then(fixed))
        .or_else(|| service(rest))
        .or_else(|| CALL_THROUGH_PREFIXES.iter().find_map(|prefix| rest.strip_prefix(prefix).and_then(mobile)))
}

/// A mobile number, by [`is_mobile`].
fn mobile(digits: &str) -> Option<Msisdn> {
    let count = u32::try_from(digits.len()).ok()?;
    let known = digits.starts_with('1') && digits.parse().is_ok_and(|national| is_mobile(national, count));
    if known { packed(&format!("86{digits}"), MsisdnKind::Mobile) } else { None }
}

fn area_length(digits: &str) -> usize {
    if digits.starts_with("10") || digits.starts_with('2') { 2 } else { 3 }
}

/// A fixed line without its leading zero: area code and a local number, or a service number dialled through an area.
fn fixed(digits: &str) -> Option<Msisdn> {
    if !digits.starts_with("10") && !digits.starts_with(|c: char| ('2'..='9').contains(&c)) {
        return None;
    }
    let area = area_length(digits);
    let local = digits.get(area..)?;
    let plain =
        local.starts_with(|c: char| ('2'..='8').contains(&c)) && (local.len() == 8 || (local.len() == 7 && area == 3));
    let through = matches!(local.len(), 5 | 6) && ["12", "95", "96", "100"].iter().any(|p| local.starts_with(p));
    if plain || through { packed(&format!("86{digits}"), MsisdnKind::Fixed) } else { None }
}

fn service(digits: &str) -> Option<Msisdn> {
    let known = match digits.len() {
        3 => matches!(digits, "110" | "119" | "120" | "122" | "114"),
        5 => ["12", "95", "96", "100"].iter().any(|p| digits.starts_with(p)),
        6 => ["95", "96", "12"].iter().any(|p| digits.starts_with(p)),
        8..=19 if digits.starts_with("106") => true,
        10 => digits.starts_with("400") || digits.starts_with("800"),
        _ => false,
    };
    if known { packed(digits, MsisdnKind::Service) } else { None }
}

fn refusal(digits: &str) -> Fault {
    let count = digits.len();
    if count == 11 || (digits.starts_with('0') && (10..=12).contains(&count)) {
        let prefix: String = digits.chars().take(4).collect();
        return PREFIX.at("", &[("prefix", &prefix)]);
    }
    LENGTH.at("", &[("digits", &count.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let got =
            Msisdn::parse(input).map_or_else(|fault| fault.said.code, |n| format!("{n} {:?} {}", n.kind(), n.mask()));
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn numbers_as_people_paste_them() {
        check("13800138000", "+8613800138000 Mobile 138****8000");
        check("１３８ ００１３－８０００", "+8613800138000 Mobile 138****8000");
        check("+86 138-0013-8000", "+8613800138000 Mobile 138****8000");
        check("0086-13800138000", "+8613800138000 Mobile 138****8000");
        check("8613800138000", "+8613800138000 Mobile 138****8000");
        check("1795113800138000", "+8613800138000 Mobile 138****8000");
        check("013800138000", "+8613800138000 Mobile 138****8000");
        check("\u{202a}19912345678\u{202c}", "+8619912345678 Mobile 199****5678");
        check("16100000000", "+8616100000000 Mobile 161****0000");
        check("17405123456", "+8617405123456 Mobile 174****3456");
        check("17406123456", "+8617406123456 Mobile 174****3456");
        check("17491234567", "+8617491234567 Mobile 174****4567");
        check("17413123456", "msisdn.prefix");
        check("14912345678", "+8614912345678 Mobile 149****5678");
        check("19212345678", "+8619212345678 Mobile 192****5678");
        check("19412345678", "msisdn.prefix");
        check("1440123456789", "+861440123456789 Mobile 144****6789");
        check("1064812345678", "+861064812345678 Mobile 106****5678");
        check("1065812345678", "1065812345678 Service 1065812345678");
        check("0731-110", "msisdn.length");
        check("15400138000", "msisdn.prefix");
        check("(0731) 8888 8888", "+8673188888888 Fixed 0731****8888");
        check("+86 731 8888888", "+867318888888 Fixed 0731****8888");
        check("010-62345678", "+861062345678 Fixed 0106****5678");
        check("+86 10 62345678", "+861062345678 Fixed 0106****5678");
        check("0731-96110", "+8673196110 Fixed ****10");
        check("96110", "96110 Service 96110");
        check("+8695588", "95588 Service 95588");
        check("400-800-1234", "4008001234 Service 4008001234");
        check("106912345678901", "106912345678901 Service 106912345678901");
        check("+852 9123 4567", "+85291234567 Foreign +85****4567");
        check("0012025550123", "+12025550123 Foreign +12****0123");
        check("", "msisdn.empty");
        check("138001380", "msisdn.length");
        check("88888888", "msisdn.length");
        check("微信13800138000", "msisdn.characters");
    }

    #[test]
    fn calls_for_help_are_known_however_they_are_dialled() {
        let helps = |text: &str| Msisdn::parse(text).unwrap().calls_for_help();
        for text in ["110", "119", "12110", "0731-12395", "0731-96110", "96110", "+8612381", "95110"] {
            assert!(helps(text), "{text}");
        }
        for text in ["13800000110", "0731-88888110", "95588", "0731-95588", "4008001110", "+85212345110"] {
            assert!(!helps(text), "{text}");
        }
    }

    #[test]
    fn area_codes_lead_to_prefectures() {
        let names = |text: &str| -> Vec<&'static str> {
            Msisdn::parse(text).unwrap().regions().iter().map(|r| r.name()).collect()
        };
        assert_eq!(names("0731-88888888"), ["长沙市", "株洲市", "湘潭市"]);
        assert_eq!(names("0743-8888888"), ["湘西土家族苗族自治州"]);
        assert!(names("010-62345678").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered_and_the_canonical_form_stands(text in "\\PC{0,30}|[+0-9 -]{0,24}") {
            if let Ok(number) = Msisdn::parse(&text) {
                proptest::prop_assert_eq!(Msisdn::parse(&number.to_string()), Ok(number));
                proptest::prop_assert_eq!(Msisdn::parse(&number.national()).map(|n| n.kind()), Ok(number.kind()));
            }
        }
    }
}
