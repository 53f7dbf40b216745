//! Money: an integer count of minor units with its currency. No float touches it.

use serde::{Deserialize, Serialize};

use crate::value::{half_width, is_invisible, text_value};
use crate::{Fault, Maskable, Text};

/// A currency with minor units: ISO 4217, and CNH (offshore renminbi), which ISO does not list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// An amount in minor units (fen, cents) with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    /// Count of minor units; 3000000 is 30,000.00 yuan.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

const CURRENCY_UNKNOWN: Text = Text::new(
    "currency.unknown",
    ("没有币种“{given}”", "there is no currency {given}"),
    ("请填写三位币种代码，例如 CNY、USD", "give the three-letter code, such as CNY or USD"),
);
const EMPTY: Text =
    Text::new("money.empty", ("没有填写金额", "there is no amount"), ("请填写金额", "enter the amount"));
const CHARACTERS: Text = Text::new(
    "money.characters",
    ("金额中的“{found}”无法识别", "“{found}” in the amount is not understood"),
    ("请写成 30,000.00 或 3万", "write it as 30,000.00"),
);
const GROUPING: Text = Text::new(
    "money.grouping",
    ("金额中的逗号位置不对", "the commas of the amount are in the wrong places"),
    (
        "每三位一个逗号，小数点用“.”，例如 30,000.00",
        "one comma to three digits, and a point before the decimals: 30,000.00",
    ),
);
const DECIMALS: Text = Text::new(
    "money.decimals",
    ("{currency} 金额最多 {places} 位小数", "an amount in {currency} has {places} decimals at most"),
    ("请核对小数位", "check the decimals"),
);
const TOO_LARGE: Text = Text::new(
    "money.too_large",
    ("金额过大", "the amount is too large"),
    ("请核对位数和单位", "check the digits and the unit"),
);
const OTHER_CURRENCY: Text = Text::new(
    "money.other_currency",
    ("金额写有“{mark}”，与币种 {currency} 不符", "the amount says “{mark}”, which is not {currency}"),
    ("请改正币种或金额", "correct the currency or the amount"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[CURRENCY_UNKNOWN, EMPTY, CHARACTERS, GROUPING, DECIMALS, TOO_LARGE, OTHER_CURRENCY];

impl Currency {
    /// 人民币
    pub const CNY: Self = Self(*b"CNY");
    /// Offshore renminbi; settles apart from CNY.
    pub const CNH: Self = Self(*b"CNH");
    /// 美元
    pub const USD: Self = Self(*b"USD");

    /// Reads a code of three letters. Fault: `currency.unknown`; also for units without minor units such as gold.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let code: String = text.trim().chars().map(half_width).map(|c| c.to_ascii_uppercase()).collect();
        let known = code == "CNH" || iso_currency::Currency::from_code(&code).is_some_and(|c| c.exponent().is_some());
        let letters = <[u8; 3]>::try_from(code.as_bytes()).ok().filter(|_| known);
        letters.map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(16).collect();
            CURRENCY_UNKNOWN.at("", &[("given", &shown)])
        })
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the minor unit stands for: 2 for CNY, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        if self == Self::CNH || self == Self::CNY {
            return 2;
        }
        iso_currency::Currency::from_code(self.code()).and_then(|c| c.exponent()).map_or(0, u32::from)
    }

    /// The English name of ISO 4217.
    pub fn name_en(self) -> String {
        if self == Self::CNH {
            return "Offshore renminbi".to_owned();
        }
        iso_currency::Currency::from_code(self.code()).map(|c| c.name().to_owned()).unwrap_or_default()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

text_value!(Currency, "CNY", "Currency code, ISO 4217 and CNH");

/// Marks that people write beside an amount, and the currencies that each may mean.
const MARKS: [(&str, &[&str]); 16] = [
    ("人民币", &["CNY", "CNH"]),
    ("RMB", &["CNY", "CNH"]),
    ("CNY", &["CNY"]),
    ("CNH", &["CNH"]),
    ("US$", &["USD"]),
    ("USD", &["USD"]),
    ("美元", &["USD"]),
    ("HK$", &["HKD"]),
    ("HKD", &["HKD"]),
    ("港币", &["HKD"]),
    ("EUR", &["EUR"]),
    ("欧元", &["EUR"]),
    ("¥", &["CNY", "CNH", "JPY"]),
    ("$", &["USD", "HKD", "SGD", "AUD", "CAD", "NZD", "TWD"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
];

impl Money {
    /// An amount in minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads an amount as people write it: `30,000.00`, `¥300`, `3万`, `1.5万元`, `三万五千元`, `5块5`, `-12.30`.
    /// Faults: `money.empty`, `.characters`, `.grouping`, `.decimals`, `.too_large`, `.other_currency`.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Fault> {
        let mut plain: String = text
            .chars()
            .filter(|c| !is_invisible(*c))
            .map(half_width)
            .filter(|c| !c.is_whitespace())
            .map(|c| if c == '￥' { '¥' } else { c.to_ascii_uppercase() })
            .collect();
        let mut negative = false;
        // A sign may stand before or after the mark: -¥300, ¥-300.
        for _ in 0..3 {
            if let Some(rest) = plain.strip_prefix('-').filter(|_| !negative) {
                negative = true;
                plain = rest.to_owned();
            }
            if let Some(rest) = plain.strip_prefix('+') {
                plain = rest.to_owned();
            }
            for (mark, may_mean) in MARKS {
                let Some(rest) = plain.strip_prefix(mark).or_else(|| plain.strip_suffix(mark)) else {
                    continue;
                };
                if !may_mean.contains(&currency.code()) {
                    return Err(OTHER_CURRENCY.at("", &[("mark", mark), ("currency", currency.code())]));
                }
                plain = rest.to_owned();
                break;
            }
        }
        if plain.is_empty() {
            return Err(EMPTY.at("", &[]));
        }
        let scaled = numeral(&plain)?;
        let step = 10_i128.pow(SCALE.saturating_sub(currency.exponent()));
        if scaled % step != 0 {
            let places = currency.exponent().to_string();
            return Err(DECIMALS.at("", &[("currency", currency.code()), ("places", &places)]));
        }
        let minor = i64::try_from(scaled / step).map_err(|_| TOO_LARGE.at("", &[]))?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// Reads the amount of a named field.
    pub fn parse_at(field: &str, text: &str, currency: Currency) -> Result<Self, Fault> {
        Self::parse(text, currency).map_err(|fault| Fault { field: field.to_owned(), ..fault })
    }

    /// With thousands separated and all decimals: `30,000.00`; without the currency.
    pub fn format(self) -> String {
        let places = usize::try_from(self.currency.exponent()).unwrap_or(0);
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = places + 1);
        let whole_length = digits.len() - places;
        let mut out = String::with_capacity(digits.len() + 8);
        if self.minor < 0 {
            out.push('-');
        }
        for (at, c) in digits.chars().enumerate() {
            if at == whole_length {
                out.push('.');
            } else if at > 0 && at < whole_length && (whole_length - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        out
    }

    /// As people write it in a text: `¥30,000.00`; in another currency than yuan with its code, `30,000.00 USD`.
    pub fn written(self) -> String {
        match self.currency {
            Currency::CNY if self.minor < 0 => format!("-¥{}", self.format().trim_start_matches('-')),
            Currency::CNY => format!("¥{}", self.format()),
            _ => self.to_string(),
        }
    }

    /// The sum; none when the currencies differ or it does not fit.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then_some(Money { minor, currency: self.currency })
    }

    /// The difference; none when the currencies differ or it does not fit.
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        let minor = self.minor.checked_sub(other.minor)?;
        (self.currency == other.currency).then_some(Money { minor, currency: self.currency })
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.format(), self.currency)
    }
}

impl Maskable for Money {
    fn mask(&self) -> String {
        self.to_string()
    }
}

/// Decimals kept while a numeral is read: enough for 1.23456万 and every currency exponent (at most 4).
const SCALE: u32 = 8;
const ONE: i128 = 10_i128.pow(SCALE);
/// No step of reading can leave this: 10^18 units, scaled.
const LIMIT: i128 = 10_i128.pow(18 + SCALE);

/// The value of a Chinese digit, everyday or of a cheque.
pub fn chinese_digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '俩' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// The value of a Chinese unit of number: 十, 百, 千, 万, 亿; also `W` and `K`, which people type for 万 and 千.
pub fn chinese_unit(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' | 'K' | 'k' => 1_000,
        '万' | '萬' | 'W' | 'w' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    })
}

/// Reads digits, Chinese numerals and their mixture with 元角分, scaled by 10^[`SCALE`].
fn numeral(text: &str) -> Result<i128, Fault> {
    let (whole, rest) = match text.find(['元', '块', '圆']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut total = number(whole)?;
    let mut rest: &str = rest.trim_start_matches(['元', '块', '圆']);
    for (mark, share) in [("角", 10), ("毛", 10), ("分", 100)] {
        if let Some((count, after)) = rest.split_once(mark) {
            total += number(count)? / share;
            rest = after;
        }
    }
    let rest = rest.trim_end_matches(['整', '正', '钱']);
    if !rest.is_empty() {
        // 5块5 is 5.5
        let mut chars = rest.chars();
        let tenths = chars.next().and_then(|c| chinese_digit(c).or_else(|| c.to_digit(10)));
        match (tenths, chars.next()) {
            (Some(tenths), None) => total += i128::from(tenths) * ONE / 10,
            _ => {
                return Err(CHARACTERS.at("", &[("found", &rest.chars().take(8).collect::<String>())]));
            }
        }
    }
    Ok(total)
}

fn number(text: &str) -> Result<i128, Fault> {
    let unclear = |c: char| CHARACTERS.at("", &[("found", &c.to_string())]);
    let too_large = || TOO_LARGE.at("", &[]);
    let (mut total, mut section) = (0_i128, 0_i128);
    let mut current: Option<i128> = None;
    let mut current_is_one_digit = false;
    let mut last_unit = 0_i128;
    let mut after_zero = false;
    let mut chars = text.chars().peekable();
    if text.is_empty() {
        return Err(EMPTY.at("", &[]));
    }
    while let Some(&c) = chars.peek() {
        if c.is_ascii_digit() || c == '.' {
            let mut run = String::new();
            while let Some(next) = chars.next_if(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
                run.push(next);
            }
            if current.is_some() {
                return Err(unclear(c));
            }
            current_is_one_digit = run.len() == 1;
            current = Some(decimal(&run)?);
            continue;
        }
        chars.next();
        if let Some(digit) = chinese_digit(c) {
            if digit == 0 && current.is_none() && last_unit > 0 {
                after_zero = true;
                continue;
            }
            current_is_one_digit = current.is_none();
            let value = current.unwrap_or(0) * 10 + i128::from(digit) * ONE;
            current = Some(value);
            if value > LIMIT {
                return Err(too_large());
            }
        } else if let Some(unit) = chinese_unit(c) {
            let unit = i128::from(unit);
            if unit < 10_000 {
                let count = match current.take() {
                    Some(count) => count,
                    None if unit == 10 => ONE,
                    None => return Err(unclear(c)),
                };
                section += count * unit;
            } else {
                section += current.take().unwrap_or(0);
                if unit > 10_000 {
                    section += total;
                    total = 0;
                }
                if section == 0 {
                    return Err(unclear(c));
                }
                total += section * unit;
                section = 0;
            }
            if total > LIMIT || section > LIMIT {
                return Err(too_large());
            }
            last_unit = unit;
            after_zero = false;
        } else if c == ',' {
            return Err(GROUPING.at("", &[]));
        } else {
            return Err(unclear(c));
        }
    }
    let tail = match current {
        // 三万五 is 35,000; 三万零五 is 30,005.
        Some(digit) if last_unit > 1 && current_is_one_digit && !after_zero => digit * last_unit / 10,
        Some(value) => value,
        None => 0,
    };
    let sum = total + section + tail;
    if sum > LIMIT { Err(too_large()) } else { Ok(sum) }
}

/// ASCII digits with commas in threes and at most one point.
fn decimal(run: &str) -> Result<i128, Fault> {
    let grouping = || GROUPING.at("", &[]);
    let (whole, fraction) = run.split_once('.').unwrap_or((run, ""));
    if fraction.contains(['.', ',']) || (whole.is_empty() && fraction.is_empty()) {
        return Err(grouping());
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = whole.contains(',');
    if grouped && (first.is_empty() || first.len() > 3 || groups.any(|group| group.len() != 3)) {
        return Err(grouping());
    }
    let mut value: i128 = 0;
    for digit in whole.chars().filter_map(|c| c.to_digit(10)) {
        value = value * 10 + i128::from(digit);
        if value > LIMIT / ONE {
            return Err(TOO_LARGE.at("", &[]));
        }
    }
    value *= ONE;
    let mut place = ONE;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        place /= 10;
        if place == 0 && digit != 0 {
            return Err(DECIMALS.at("", &[("currency", "?"), ("places", &SCALE.to_string())]));
        }
        value += i128::from(digit) * place;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, code: &str, expect: &str) {
        let got = Money::parse(input, Currency::parse(code).unwrap())
            .map_or_else(|fault| fault.said.code, |money| money.to_string());
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn amounts_as_people_write_them() {
        check("30,000.00", "CNY", "30,000.00 CNY");
        check("３０，０００．５", "CNY", "30,000.50 CNY");
        check("3万", "CNY", "30,000.00 CNY");
        check("1.5万元", "CNY", "15,000.00 CNY");
        check("1.23456万", "CNY", "12,345.60 CNY");
        check("¥300", "CNY", "300.00 CNY");
        check("￥-300", "CNY", "-300.00 CNY");
        check("人民币 30000 元整", "CNY", "30,000.00 CNY");
        check("五千", "CNY", "5,000.00 CNY");
        check("三万五", "CNY", "35,000.00 CNY");
        check("三万零五", "CNY", "30,005.00 CNY");
        check("1万5", "CNY", "15,000.00 CNY");
        check("1万500", "CNY", "10,500.00 CNY");
        check("3万5千元", "CNY", "35,000.00 CNY");
        check("一百二十万", "CNY", "1,200,000.00 CNY");
        check("一亿二千万", "CNY", "120,000,000.00 CNY");
        check("一万亿", "CNY", "1,000,000,000,000.00 CNY");
        check("十五块", "CNY", "15.00 CNY");
        check("5块5", "CNY", "5.50 CNY");
        check("叁万贰仟元伍角陆分", "CNY", "32,000.56 CNY");
        check("5w", "CNY", "50,000.00 CNY");
        check("12", "JPY", "12 JPY");
        check("1.234", "KWD", "1.234 KWD");
        check("10", "CNH", "10.00 CNH");
        check("US$1,000", "USD", "1,000.00 USD");
        check("", "CNY", "money.empty");
        check("元", "CNY", "money.empty");
        check("3,0000", "CNY", "money.grouping");
        check("1,5", "CNY", "money.grouping");
        check("1.2.3", "CNY", "money.grouping");
        check("300.005", "CNY", "money.decimals");
        check("12.5", "JPY", "money.decimals");
        check("$300", "CNY", "money.other_currency");
        check("三个", "CNY", "money.characters");
        check("99999999999999999999", "CNY", "money.too_large");
        check("一万一亿亿亿亿", "CNY", "money.too_large");
        assert_eq!(Currency::parse("XAU").unwrap_err().said.code, "currency.unknown");
        assert_eq!(Currency::parse("cny"), Ok(Currency::CNY));
    }

    #[test]
    fn json_shape() {
        let money = Money::new(3_000_000, Currency::CNY);
        let json = serde_json::to_string(&money).unwrap();
        assert_eq!(json, r#"{"minor":3000000,"currency":"CNY"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}|[0-9一二三十百千万亿.,元角分零块-]{0,60}") {
            if let Ok(money) = Money::parse(&text, Currency::CNY) {
                proptest::prop_assert_eq!(Money::parse(&money.format(), Currency::CNY), Ok(money));
            }
        }

        #[test]
        fn what_is_written_is_read_again(minor in -99_999_999_999_999_999_i64..=99_999_999_999_999_999, code in "CNY|JPY|KWD|USD|CNH") {
            let money = Money::new(minor, Currency::parse(&code).unwrap());
            if money.currency.exponent() >= 2 || minor.abs() < 1_000_000_000_000_000_000 {
                proptest::prop_assert_eq!(Money::parse(&money.format(), money.currency), Ok(money));
            }
        }
    }
}
