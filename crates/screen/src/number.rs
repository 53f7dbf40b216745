//! A telephone number in eight bytes: parsed without allocating, compared and sorted as an integer.

use kernel::msisdn::{EMERGENCY, WARNING_LINES, is_mobile};
use kernel::{Maskable, Msisdn};
use serde::{Deserialize, Serialize};

/// Bit that tells a number without country code (service numbers, and digits that no plan knows) from an E.164 number.
const PLAIN: u64 = 1 << 63;
/// Digits that an E.164 number may have at most.
pub const E164_DIGITS_MAX: usize = 15;
/// Digits that a number without country code may have at most: 106 ports with their extension.
pub const PLAIN_DIGITS_MAX: usize = 18;
/// Bytes of text that [`Number::read`] looks at.
pub const TEXT_BYTES_MAX: usize = 128;

const POW10: [u64; 20] = {
    let mut powers = [1_u64; 20];
    let mut i = 1;
    while i < 20 {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            powers[i] = powers[i - 1] * 10;
        }
        i += 1;
    }
    powers
};

/// Ten to the power; the greatest power that fits beyond that.
pub(crate) fn pow10(exponent: u32) -> u64 {
    POW10.get(exponent as usize).copied().unwrap_or(POW10[19])
}

/// A telephone number: an E.164 number with its country code, or a number that stands alone (110, 95588, 400…, 106…).
///
/// Numbers sort by their digits as an integer, those without country code behind the others. `Display` writes
/// `+8613800138000` or `95588`; `Debug` writes the mask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u64);

/// How digits are read that stand without `+` and without `00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BareDigits {
    /// As dialled in the mainland: `13800138000` is a mobile number of the mainland.
    National,
    /// As in the mainland where they are a number there, else with their country code: `85291234567` is of Hong Kong. Some
    /// international gateways take the plus away; a number that could be either is taken for the mainland's, which is
    /// checked.
    Either,
    /// With their country code, always: `13055550100` is of North America. Only for a gateway of which this is known.
    International,
}

/// What sort of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// A mobile number of the mainland (手机).
    Mobile,
    /// A fixed line of the mainland with its area code (固定电话).
    Fixed,
    /// A service number without country code (短号、客服号).
    Service,
    /// A number of another country or of Hong Kong, Macao, Taiwan.
    Foreign,
    /// Digits that no numbering plan knows (空号、不规范号码): an unassigned block, a length that does not exist.
    Unassigned,
}

impl NumberKind {
    /// The word that rules and records use: `mobile`, `fixed`, `service`, `foreign`, `unassigned`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Fixed => "fixed",
            Self::Service => "service",
            Self::Foreign => "foreign",
            Self::Unassigned => "unassigned",
        }
    }

    /// Whether it is a mobile or fixed line of the mainland.
    pub const fn is_home_line(self) -> bool {
        matches!(self, Self::Mobile | Self::Fixed)
    }
}

impl Number {
    /// Reads a number as it stands in signalling or in a file: `+86…`, `0086…`, `86…`, national forms with or without
    /// leading zero, `tel:` and `sip:` user parts with their parameters, spaces and dashes between the digits.
    /// Nothing when the digits are no number of any plan; [`Number::read`] keeps those.
    ///
    /// # Examples
    /// ```
    /// let number = screen::Number::parse("tel:+86-731-8888-8888").unwrap();
    /// assert_eq!(number.to_string(), "+8673188888888");
    /// assert_eq!(screen::Number::parse("sip:13800138000@10.0.0.1").unwrap().to_string(), "+8613800138000");
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).filter(|number| number.kind() != NumberKind::Unassigned)
    }

    /// Reads like [`Number::parse`], and keeps digits that no plan knows as [`NumberKind::Unassigned`], so that a list
    /// can hold them and a window can count them. Nothing when there are other characters, no digits, or too many.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        if !text.is_ascii() {
            return Msisdn::parse(text).ok().map(Self::from);
        }
        let (user, context) = user_part(text);
        let digits = Digits::read(user)?;
        match context.and_then(Digits::read) {
            Some(context) if context.plus && !digits.plus => digits.after(&context)?.number(),
            _ => digits.number(),
        }
    }

    /// Reads like [`Number::read`], with bare digits as said. Service numbers of up to six digits stay what they are.
    pub fn read_as(text: &str, bare: BareDigits) -> Option<Self> {
        let read = Self::read(text);
        if bare == BareDigits::National || !text.is_ascii() || text.len() > TEXT_BYTES_MAX {
            return read;
        }
        let (user, context) = user_part(text);
        let (Some(digits), None) = (Digits::read(user), context.and_then(Digits::read)) else { return read };
        if digits.plus || digits.leading_zeros > 0 || !(7..=15).contains(&digits.count) {
            return read;
        }
        let known = read.is_some_and(|number| number.kind() != NumberKind::Unassigned);
        if bare == BareDigits::Either && known { read } else { international(digits.value, digits.count).or(read) }
    }

    /// The numbers that digits may become on their way through elements that take away what stands before a subscriber's
    /// number: a trunk zero too many (`+86 0170…`), an international prefix behind a plus (`+0086…`), the prefix of a carrier
    /// of long-distance calls (`17909 0170…`). Only numbers that a plan knows, and only beside what [`Number::read`] reads; to
    /// be held against what is known to be stopped.
    pub fn behind_prefixes(text: &str) -> Vec<Self> {
        let mut found = Vec::new();
        let user = user_part(text).0;
        let is_between = |b: u8| matches!(b, b'+' | b' ' | b'\t' | b'-' | b'(' | b')' | b'.');
        if text.len() > TEXT_BYTES_MAX || !user.bytes().all(|b| b.is_ascii_digit() || is_between(b)) {
            return found;
        }
        let digits: String = user.chars().filter(char::is_ascii_digit).collect();
        let mut has_plus = user.starts_with('+');
        let mut rest = Some(digits.as_str());
        while let Some(shown) = rest {
            let digits = shown.trim_start_matches('0');
            let is_international = has_plus || shown.len() - digits.len() >= 2;
            has_plus = false;
            rest = without_prefix(digits);
            let (Ok(value), Ok(count)) = (digits.parse::<u64>(), u32::try_from(digits.len())) else { continue };
            let here = (is_mobile(value, count) || is_fixed(value, count)).then(|| home(value, count));
            let abroad = if is_international { international(value, count) } else { None };
            let number = here.and_then(Self::from_e164).or(abroad);
            found.extend(number.filter(|number| number.kind() != NumberKind::Unassigned && !found.contains(number)));
        }
        found
    }

    /// The number by which a service without number is reached (RFC 5031): `sos.police` → 110. Every service of the kind
    /// `sos` is a call for help; nothing for others.
    pub fn of_service(service: &str) -> Option<Self> {
        // A parameter (`sos;x=1`) names no other service.
        let mut labels = service.split(';').next()?.split('.');
        if !labels.next()?.eq_ignore_ascii_case("sos") {
            return None;
        }
        let kind = labels.next().unwrap_or("").to_ascii_lowercase();
        Self::from_plain(match kind.as_str() {
            "police" => 110,
            "fire" | "gas" | "mountain" => 119,
            "ambulance" | "physician" | "poison" | "ecall" => 120,
            "marine" => 12_395,
            _ => 112,
        })
    }

    /// An E.164 number from its digits as an integer; nothing when there are none or more than 15.
    pub const fn from_e164(digits: u64) -> Option<Self> {
        if digits == 0 || digits >= POW10[E164_DIGITS_MAX] { None } else { Some(Self(digits)) }
    }

    /// A number without country code from its digits as an integer; nothing when there are none or more than 18.
    pub const fn from_plain(digits: u64) -> Option<Self> {
        if digits == 0 || digits >= POW10[PLAIN_DIGITS_MAX] { None } else { Some(Self(digits | PLAIN)) }
    }

    /// The packed form: digits, and the highest bit for a number without country code.
    pub const fn packed(self) -> u64 {
        self.0
    }

    /// A number from its packed form.
    pub const fn from_packed(packed: u64) -> Option<Self> {
        if packed & PLAIN == 0 { Self::from_e164(packed) } else { Self::from_plain(packed & !PLAIN) }
    }

    /// The digits as an integer, with country code where there is one.
    pub const fn digits(self) -> u64 {
        self.0 & !PLAIN
    }

    /// How many digits.
    pub const fn digit_count(self) -> u32 {
        match self.digits().checked_ilog10() {
            Some(log) => log + 1,
            None => 0,
        }
    }

    /// Whether the number stands alone, without country code.
    pub const fn is_plain(self) -> bool {
        self.0 & PLAIN != 0
    }

    /// Whether both are mobiles of the mainland, not the same, with the same first seven digits (同号段): forgers show a
    /// number like the one they call.
    pub fn is_beside(self, other: Self) -> bool {
        const SUBSCRIBERS: u64 = 10_000;
        self != other
            && self.0 / SUBSCRIBERS == other.0 / SUBSCRIBERS
            && self.kind() == NumberKind::Mobile
            && other.kind() == NumberKind::Mobile
    }

    /// What sort of number it is.
    pub fn kind(self) -> NumberKind {
        let digits = self.digits();
        let count = self.digit_count();
        if self.is_plain() {
            return if is_service(digits, count) { NumberKind::Service } else { NumberKind::Unassigned };
        }
        if let Some(national) = self.after_country_code() {
            return match count - 2 {
                length if is_mobile(national, length) => NumberKind::Mobile,
                length if is_fixed(national, length) => NumberKind::Fixed,
                _ => NumberKind::Unassigned,
            };
        }
        if (7..=15).contains(&count) { NumberKind::Foreign } else { NumberKind::Unassigned }
    }

    /// The digits behind 86, when that is the country code.
    fn after_country_code(self) -> Option<u64> {
        let count = self.digit_count();
        if self.is_plain() || count < 3 {
            return None;
        }
        // Nearly every number has eleven digits here, and dividing by what is known beforehand costs a tenth.
        const ELEVEN: u64 = POW10[11];
        if count == 13 {
            return (self.0 / ELEVEN == 86).then_some(self.0 % ELEVEN);
        }
        let scale = pow10(count - 2);
        (self.0 / scale == 86).then(|| self.0 % scale)
    }

    /// The area code of a fixed line without its leading zero: 731, 10. Nothing for other kinds.
    pub fn area_code(self) -> Option<u16> {
        if self.kind() != NumberKind::Fixed {
            return None;
        }
        let length = self.digit_count() - 2;
        let national = self.after_country_code()?;
        u16::try_from(national / pow10(length - area_length(national, length))).ok()
    }

    /// The service number that is dialled behind an area code (0731-96110 → 96110), or the number itself when it is one.
    pub fn service(self) -> Option<u64> {
        if self.is_plain() {
            return is_service(self.digits(), self.digit_count()).then(|| self.digits());
        }
        let length = self.digit_count().checked_sub(2)?;
        // Two or three digits of area, and five or six of service, or the three of an emergency number.
        if !(5..=9).contains(&length) {
            return None;
        }
        let national = self.after_country_code()?;
        let local_length = length.checked_sub(area_length(national, length))?;
        let local = national % pow10(local_length);
        let known = match local_length {
            3 => is_emergency_code(local),
            5 | 6 => is_service(local, local_length),
            _ => false,
        };
        known.then_some(local)
    }

    /// Whether help is called by it ([`EMERGENCY`]), also behind an area code, and behind a plus (`+112`, as some handsets
    /// write it): no number of any country has three digits. A call to one of these is never stopped.
    pub fn is_emergency(self) -> bool {
        let stands_alone = self.is_plain() || self.digit_count() == 3;
        is_emergency_code(if stands_alone { self.digits() } else { self.service().unwrap_or(0) })
    }

    /// Whether it is the line of the anti-scam centre or its warning message ([`WARNING_LINES`]): what carries a warning
    /// must not be stopped as a scam.
    pub fn is_warning_line(self) -> bool {
        self.service().is_some_and(|service| WARNING_LINES.iter().any(|line| u64::from(*line) == service))
    }

    /// Whether whoever calls it calls for help: an emergency number or the anti-scam centre.
    pub fn calls_for_help(self) -> bool {
        self.is_emergency() || self.is_warning_line()
    }

    /// The same number as the kernel's type, for desks and documents; nothing for what no plan knows.
    pub fn msisdn(self) -> Option<Msisdn> {
        Msisdn::parse(&self.to_string()).ok()
    }
}

impl From<Msisdn> for Number {
    fn from(number: Msisdn) -> Self {
        let text = number.to_string();
        let digits = text.trim_start_matches('+').parse().unwrap_or(u64::MAX >> 1);
        // A 106 port with 19 digits keeps its first 18, which name the sender; the last is an extension.
        let digits = if digits >= POW10[PLAIN_DIGITS_MAX] { digits / 10 } else { digits };
        if text.starts_with('+') { Self(digits) } else { Self(digits | PLAIN) }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.is_plain() {
            f.write_str("+")?;
        }
        write!(f, "{}", self.digits())
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Number({})", self.mask())
    }
}

impl Maskable for Number {
    fn mask(&self) -> String {
        if let Some(number) = self.msisdn() {
            return number.mask();
        }
        let digits = self.digits().to_string();
        let (head, tail) = if digits.len() > 8 { (3, 4) } else { (0, 2) };
        let shown = |index: usize| index < head || index + tail >= digits.len();
        digits.chars().enumerate().map(|(index, c)| if shown(index) { c } else { '*' }).collect()
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom("not a telephone number such as +8613800138000"))
    }
}

/// The user part of a `tel:` or `sip:` URI or the text itself, and the phone context if one stands behind it.
fn user_part(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let after_scheme = ["tel:", "sip:", "sips:"]
        .iter()
        .find_map(|scheme| {
            text.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme)).and(text.get(scheme.len()..))
        })
        .unwrap_or(text);
    let user = after_scheme.split('@').next().unwrap_or("");
    let (digits, parameters) = user.split_once(';').unwrap_or((user, ""));
    let context = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("phone-context").then_some(value)
    });
    (digits, context)
}

/// Digits as read, with what stood before them.
struct Digits {
    value: u64,
    count: u32,
    leading_zeros: u32,
    plus: bool,
}

impl Digits {
    fn read(text: &str) -> Option<Self> {
        let mut digits = Self { value: 0, count: 0, leading_zeros: 0, plus: false };
        for byte in text.bytes() {
            match byte {
                b'0' if digits.value == 0 => digits.leading_zeros += 1,
                b'0'..=b'9' => {
                    digits.value = digits.value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                    digits.count += 1;
                }
                b'+' if digits.count == 0 && digits.leading_zeros == 0 && !digits.plus => digits.plus = true,
                b' ' | b'\t' | b'-' | b'(' | b')' | b'.' => {}
                _ => return None,
            }
        }
        (digits.count > 0).then_some(digits)
    }

    /// These digits behind a phone context such as `+86731`.
    fn after(self, context: &Self) -> Option<Self> {
        let count = self.count + self.leading_zeros;
        let value = context.value.checked_mul(pow10(count.min(19)))?.checked_add(self.value)?;
        Some(Self { value, count: context.count + count, leading_zeros: 0, plus: true })
    }

    fn number(&self) -> Option<Number> {
        let Self { value, count, leading_zeros, plus } = *self;
        if plus {
            return if leading_zeros > 0 { None } else { international(value, count) };
        }
        match leading_zeros {
            0 => {}
            1 => return after_trunk_zero(value, count),
            2 => return international(value, count),
            _ => return None,
        }
        // The order matters: 95588 is a service number before it could be anything else but a machine's number of 13 digits,
        // 86 a country code last.
        if count == 13 && is_mobile(value, count) {
            return Number::from_e164(home(value, count));
        }
        if is_service_of_19(value, count) {
            return Number::from_plain(value / 10);
        }
        if is_service(value, count) {
            return Number::from_plain(value);
        }
        if let Some(mobile) = behind_call_through(value, count) {
            return Number::from_e164(home(mobile, 11));
        }
        if count == 11 && value / POW10[10] == 1 {
            return Number::from_e164(home(value, count));
        }
        if count > 4 && value / pow10(count - 2) == 86 {
            let rest = value % pow10(count - 2);
            return after_86(rest, count - 2).or_else(|| Number::from_plain(value));
        }
        Number::from_plain(value)
    }
}

/// The country code before national digits.
fn home(national: u64, count: u32) -> u64 {
    86 * pow10(count) + national
}

fn international(value: u64, count: u32) -> Option<Number> {
    if count >= 3 && value / pow10(count - 2) == 86 {
        let rest = value % pow10(count - 2);
        return after_86(rest, count - 2).or_else(|| Number::from_e164(value));
    }
    Number::from_e164(value)
}

/// What stands behind +86: a mobile or fixed line, one with a zero too many, or a service number.
fn after_86(rest: u64, length: u32) -> Option<Number> {
    if is_mobile(rest, length) || is_fixed(rest, length) {
        return Number::from_e164(home(rest, length));
    }
    // `+86 0731 …`: the zero is part of `length` but not of the integer.
    if length > 1 && rest < pow10(length - 1) && is_fixed(rest, length - 1) {
        return Number::from_e164(home(rest, length - 1));
    }
    // An emergency number behind an area code is nobody's line, and yet it is called. 0951 to 0955 are Ningxia: `+86 951 110`
    // is taken for its police, though 951110 could be a service number; 950 is nobody's area, so 950110 is a service.
    for count in [length, length.saturating_sub(1)] {
        let is_behind_area = matches!(count, 5 | 6) && rest >= pow10(count - 1) && rest < pow10(count);
        let is_free = !is_service(rest, count) || matches!(rest / 1_000, 951..=955);
        if is_behind_area && is_free && is_emergency_code(rest % 1_000) {
            let number = Number(home(rest, count));
            if number.is_emergency() {
                return Some(number);
            }
        }
    }
    if is_service_of_19(rest, length) {
        return Number::from_plain(rest / 10);
    }
    if is_service(rest, length) {
        return Number::from_plain(rest);
    }
    behind_call_through(rest, length).and_then(|mobile| Number::from_e164(home(mobile, 11)))
}

/// Behind one zero stands an area, or a mobile number dialled long-distance. What is neither keeps the country code, so
/// that `095588` never passes for the bank's 95588.
fn after_trunk_zero(value: u64, count: u32) -> Option<Number> {
    if (3..=13).contains(&count) { Number::from_e164(home(value, count)) } else { None }
}

/// The mobile number behind the prefix of a cheap-call carrier that some handsets still show.
fn behind_call_through(value: u64, count: u32) -> Option<u64> {
    let prefix = value / POW10[11];
    let rest = value % POW10[11];
    (count == 16 && matches!(prefix, 17_951 | 17_911 | 17_901 | 17_909 | 12_593) && is_mobile(rest, 11)).then_some(rest)
}

/// What stands behind the country code of the mainland or the prefix of a carrier of long-distance calls: 179xx by the
/// internet and its like, 12593 and 10193 of the operators. Nothing where no such prefix stands there.
fn without_prefix(digits: &str) -> Option<&str> {
    if let Some(rest) = digits.strip_prefix("86") {
        return Some(rest);
    }
    let is_prefixed = ["179", "12593", "10193"].iter().any(|prefix| digits.starts_with(prefix));
    if is_prefixed { digits.get(5..) } else { None }
}

/// Digits of the area code: two for 10 and 2x, three otherwise.
fn area_length(national: u64, length: u32) -> u32 {
    let head = national / pow10(length.saturating_sub(2));
    if head == 10 || (20..30).contains(&head) { 2 } else { 3 }
}

/// A fixed line: area code and local number, or a service number dialled through an area.
fn is_fixed(national: u64, length: u32) -> bool {
    if !(7..=12).contains(&length) || national < pow10(length - 1) {
        return false;
    }
    let head = national / pow10(length - 2);
    if head != 10 && head < 20 {
        return false;
    }
    let area = area_length(national, length);
    let local_length = length - area;
    let local = national % pow10(local_length);
    let first = local / pow10(local_length - 1);
    if (2..=8).contains(&first) && (local_length == 8 || (local_length == 7 && area == 3)) {
        return true;
    }
    matches!(local_length, 5 | 6)
        && local >= pow10(local_length - 1)
        && (matches!(local / pow10(local_length - 2), 12 | 95 | 96) || local / pow10(local_length - 3) == 100)
}

/// Whether digits are an emergency number by themselves.
fn is_emergency_code(digits: u64) -> bool {
    EMERGENCY.iter().any(|code| u64::from(*code) == digits)
}

fn is_service(digits: u64, count: u32) -> bool {
    match count {
        3 => digits == 114 || is_emergency_code(digits),
        5 => matches!(digits / 1000, 12 | 95 | 96) || digits / 100 == 100,
        6 => matches!(digits / 10_000, 12 | 95 | 96),
        10 if matches!(digits / POW10[7], 400 | 800) => true,
        8..=18 => digits / pow10(count - 3) == 106,
        _ => false,
    }
}

fn is_service_of_19(digits: u64, count: u32) -> bool {
    count == 19 && digits / POW10[16] == 106
}
