//! Amounts and directions as statements write them.

/// An amount as it stands in a cell: what is left for the reader of money, and what stood around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AmountText {
    /// Digits with decimals and units such as 万; without sign, currency and brackets.
    pub text: String,
    /// Below zero: a minus, also in full width or behind the number, or brackets.
    pub negative: bool,
    /// A sign stands there, be it plus or minus.
    pub signed: bool,
    /// Code of the currency that stands in the cell.
    pub currency: Option<&'static str>,
}

/// Words of currencies, the longer ones first.
const CURRENCIES: [(&str, &str); 42] = [
    ("人民币", "CNY"),
    ("美金", "USD"),
    ("美元", "USD"),
    ("港币", "HKD"),
    ("港元", "HKD"),
    ("欧元", "EUR"),
    ("英镑", "GBP"),
    ("日元", "JPY"),
    ("日圆", "JPY"),
    ("澳门元", "MOP"),
    ("澳门币", "MOP"),
    ("新台币", "TWD"),
    ("台币", "TWD"),
    ("韩元", "KRW"),
    ("韩币", "KRW"),
    ("泰铢", "THB"),
    ("新加坡元", "SGD"),
    ("新币", "SGD"),
    ("澳元", "AUD"),
    ("加元", "CAD"),
    ("瑞士法郎", "CHF"),
    ("马来西亚林吉特", "MYR"),
    ("林吉特", "MYR"),
    ("越南盾", "VND"),
    ("卢布", "RUB"),
    ("CNY", "CNY"),
    ("RMB", "CNY"),
    ("USD", "USD"),
    ("US$", "USD"),
    ("HKD", "HKD"),
    ("HK$", "HKD"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("JPY", "JPY"),
    ("MOP", "MOP"),
    ("TWD", "TWD"),
    ("SGD", "SGD"),
    ("AUD", "AUD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("￥", "CNY"),
    ("¥", "CNY"),
];

/// The code of the currency that a word or sign names, as in a column 币种.
pub fn currency_of(word: &str) -> Option<&'static str> {
    let word = word.trim().to_uppercase();
    CURRENCIES.iter().find(|(known, _)| *known == word).map(|(_, code)| *code)
}

/// Takes an amount apart. `text` that is no amount comes back as it is, for the reader of money to say so.
pub fn amount(text: &str) -> AmountText {
    let mut rest: String = text
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' if c != '￥' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '−' | '–' | '—' | '﹣' => '-',
            '，' => ',',
            other => other,
        })
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_uppercase();
    let mut found = AmountText::default();
    if let Some((word, code)) = CURRENCIES.iter().find(|(word, _)| rest.contains(word)) {
        found.currency = Some(code);
        rest = rest.replacen(word, "", 1);
    }
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (found.negative, found.signed) = (true, true);
        rest = inner.to_owned();
    }
    for (sign, negative) in [('-', true), ('+', false)] {
        let plain = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign));
        if let Some(plain) = plain {
            (found.negative, found.signed) = (negative, true);
            rest = plain.to_owned();
            break;
        }
    }
    for unit in ["元整", "元", "圆"] {
        if let Some(plain) = rest.strip_suffix(unit).filter(|plain| plain.ends_with(|c: char| c.is_ascii_digit())) {
            rest = plain.to_owned();
            break;
        }
    }
    found.text = rest;
    found
}

/// Whether an amount as written is nothing: empty, a dash, or zero.
pub fn is_nothing(text: &str) -> bool {
    let amount = amount(text).text;
    amount.chars().all(|c| matches!(c, '0' | '.' | ',' | '-' | '/'))
}

/// Where money goes in a row of the holder's statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Out of the account.
    Out,
    /// Into it.
    In,
    /// Neither, such as a payment that was closed (不计收支).
    Neither,
}

/// The direction that a mark in a statement names; none where it is no such mark.
pub fn direction(mark: &str) -> Option<Direction> {
    let mark: String = mark.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    Some(match mark.as_str() {
        "出" | "支" | "付" | "借" | "借方" | "借记" | "支出" | "支取" | "转出" | "转账支出" | "付款" | "付出"
        | "汇出" | "往账" | "扣款" | "取" | "D" | "DR" | "DEBIT" | "O" | "OUT" | "-" | "1-借" | "借(支出)"
        | "借(出)" => Direction::Out,
        "进" | "入" | "收" | "贷" | "贷方" | "贷记" | "收入" | "收款" | "转入" | "转账收入" | "存" | "存入"
        | "汇入" | "来账" | "入账" | "C" | "CR" | "CREDIT" | "I" | "IN" | "+" | "2-贷" | "贷(收入)" | "贷(进)" => {
            Direction::In
        }
        "不计收支" | "中性交易" | "/" | "其他" => Direction::Neither,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_taken_apart() {
        let check = |text: &str, expected: (&str, bool, Option<&str>)| {
            let found = amount(text);
            assert_eq!((found.text.as_str(), found.negative, found.currency), expected, "{text}");
        };
        check("5,000.00", ("5,000.00", false, None));
        check("-5000.00", ("5000.00", true, None));
        check("（5,000.00）", ("5,000.00", true, None));
        check("5000.00-", ("5000.00", true, None));
        check("−５，０００", ("5,000", true, None));
        check("￥5,000.00元", ("5,000.00", false, Some("CNY")));
        check("USD 500", ("500", false, Some("USD")));
        check("2万港币", ("2万", false, Some("HKD")));
        check("3万元", ("3万元", false, None));
        check("8000欧元", ("8000", false, Some("EUR")));
        check("三百个", ("三百个", false, None));
        assert!(is_nothing("0.00") && is_nothing("-") && is_nothing("") && !is_nothing("0.01"));
    }

    #[test]
    fn marks_of_direction() {
        for mark in ["借", "支", "支出", "出", "O", "D", "dr"] {
            assert_eq!(direction(mark), Some(Direction::Out), "{mark}");
        }
        for mark in ["贷", "收", "收入", "进", "入", "C"] {
            assert_eq!(direction(mark), Some(Direction::In), "{mark}");
        }
        assert_eq!(direction("不计收支"), Some(Direction::Neither));
        assert_eq!(direction("已完成"), None);
    }
}
