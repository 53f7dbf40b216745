//! Amounts: 3万, 30,000元, 五千, ¥300, 转账5000.

use kernel::{Currency, Money, chinese_digit, chinese_unit};

use super::{Hits, Place, Scan};
use crate::{Amount, Value};

/// Words before a bare number that make it an amount.
const MONEY_WORDS: [&str; 22] = [
    "转账",
    "转帐",
    "转了",
    "转出",
    "汇款",
    "汇了",
    "支付",
    "付款",
    "付了",
    "充值",
    "充了",
    "金额",
    "打款",
    "打了",
    "存入",
    "存了",
    "投入",
    "投了",
    "损失",
    "被骗",
    "骗走",
    "人民币",
];

/// What follows a number that counts something else than money.
const COUNTED: [&str; 36] = [
    "分", "个", "人", "公里", "克", "次", "米", "家", "年", "名", "字", "股", "斤", "吨", "里", "件", "套", "台", "部",
    "辆", "条", "张", "份", "本", "只", "户", "位", "粉", "单", "笔", "天", "小时", "平", "亩", "倍", "步",
];

/// Largest amount that a narrative is believed to speak of: a hundred billion.
const MINOR_MAX: i64 = 10_000_000_000_000;

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || chinese_digit(c).is_some() || (chinese_unit(c).is_some() && !c.is_ascii())
}

/// Amounts that say so themselves: by a currency, 元, 万, 千, grouping or two decimals.
pub(super) fn with_unit(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        match amount_at(scan, index) {
            Some((place, money)) => {
                hits.take(scan, place, Value::Amount(Amount { money }));
                index = place.end;
            }
            None => index += 1,
        }
    }
}

fn amount_at(scan: &Scan, index: usize) -> Option<(Place, Money)> {
    if !scan.is_free(index) {
        return None;
    }
    let (mark, mut start) = match scan.word(index, &["人民币", "RMB", "¥"]) {
        Some((_, length)) => (true, index + length),
        None => (false, index),
    };
    while mark && scan.at(start) == ' ' {
        start += 1;
    }
    let before = if index == 0 { '\0' } else { scan.at(index - 1) };
    if !is_numeral(scan.at(start)) || (!mark && (is_numeral(before) || matches!(before, '.' | '第'))) {
        return None;
    }
    if !mark && before.is_ascii_alphanumeric() {
        return None;
    }
    let numeral = numeral(scan, start)?;
    let mut end = numeral.end;
    let about = scan.word(end, &["多", "余", "来"]).map_or(0, |(_, length)| length);
    let unit = scan.word(end + about, &["元", "块", "圆", "人民币", "RMB", "万元", "万"]);
    let mut text = scan.plain_text(start, end);
    let suffixed = match unit {
        Some(("万元" | "万", length)) if about > 0 => {
            text.push('万');
            end += about + length;
            true
        }
        Some(("人民币" | "RMB", length)) => {
            end += about + length;
            true
        }
        Some((_, length)) => {
            end += about + length;
            true
        }
        None => false,
    };
    if suffixed {
        let (more, last) = cents(scan, end);
        if !more.is_empty() {
            text.push('元');
            text.push_str(&more);
            end = last;
        }
        end += scan.word(end, &["人民币", "整", "钱"]).map_or(0, |(_, length)| length);
    } else {
        end += about;
    }
    // 10分钟, 3万公里, 5千克 are counts of something else.
    if !suffixed && scan.word(end, &COUNTED).is_some() {
        return None;
    }
    if !(mark || suffixed || numeral.says_money) {
        return None;
    }
    let money = Money::parse(&text, Currency::CNY).ok().filter(|m| m.minor > 0 && m.minor <= MINOR_MAX)?;
    Some((Place { start: index, end }, money))
}

/// After 元: 5角6分, or the single digit of 5块5.
fn cents(scan: &Scan, index: usize) -> (String, usize) {
    let mut text = String::new();
    let mut at = index;
    for unit in ['角', '毛', '分'] {
        let next = scan.at(at + 1);
        if is_numeral(scan.at(at)) && (next == unit) && !scan.starts(at + 1, "分钟") {
            text.push(scan.at(at));
            text.push(if unit == '毛' { '角' } else { unit });
            at += 2;
        }
    }
    if text.is_empty()
        && index > 0
        && scan.at(index - 1) == '块'
        && is_numeral(scan.at(at))
        && !is_numeral(scan.at(at + 1))
    {
        text.push(scan.at(at));
        at += 1;
    }
    (text, at)
}

struct Numeral {
    end: usize,
    /// 万, 千, grouping by commas or two decimals.
    says_money: bool,
}

fn numeral(scan: &Scan, start: usize) -> Option<Numeral> {
    let mut end = start;
    let (mut unit, mut grouped, mut decimals, mut digits) = (false, false, 0, 0);
    let mut in_decimals = false;
    while end < scan.len() && scan.is_free(end) {
        let c = scan.at(end);
        if c.is_ascii_digit() {
            digits += 1;
            decimals += usize::from(in_decimals);
        } else if chinese_digit(c).is_some() {
            in_decimals = false;
        } else if c == '.' && scan.is_digit(end + 1) && end > start && !in_decimals {
            in_decimals = true;
            decimals = 0;
        } else if c == ',' && groups_thousands(scan, end, start) {
            grouped = true;
        } else if chinese_unit(c).is_some() && (!c.is_ascii() || typed_unit(scan, end)) {
            unit = unit || c != '十' && c != '拾';
            in_decimals = false;
        } else {
            break;
        }
        end += 1;
        if digits > 13 {
            return None;
        }
    }
    (end > start).then_some(Numeral { end, says_money: unit || grouped || (decimals == 2 && digits > 2) })
}

/// A comma followed by exactly three digits; one in full width only where the digits are too.
fn groups_thousands(scan: &Scan, comma: usize, start: usize) -> bool {
    comma > start
        && scan.is_digit(comma - 1)
        && (1..=3).all(|offset| scan.is_digit(comma + offset))
        && !scan.is_digit(comma + 4)
        && (!scan.is_full_width(comma) || scan.is_full_width(comma + 1))
}

/// `3w`, `5k`: a unit only behind a digit and before anything but a letter or digit.
fn typed_unit(scan: &Scan, index: usize) -> bool {
    index > 0 && scan.is_digit(index - 1) && !scan.at(index + 1).is_ascii_alphanumeric()
}

/// Bare numbers of 2–9 digits right behind a word of paying: 转账5000.
pub(super) fn after_word(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        if !scan.is_digit(index) || !scan.is_free(index) {
            index += 1;
            continue;
        }
        let run = (index..scan.len()).take_while(|i| scan.is_digit(*i) && scan.is_free(*i)).count();
        let end = index + run;
        let before = scan.before(index, 5);
        let before = before.trim_end_matches([' ', ':', '为', '是', '约', '近']);
        let counted =
            scan.word(end, &["笔", "次", "号", "年", "月", "日", "点", "时", "分", "个", "人", "%"]).is_some();
        let wordy = MONEY_WORDS.iter().any(|word| before.ends_with(word));
        if (2..=9).contains(&run)
            && wordy
            && !counted
            && let Ok(money) = Money::parse(&scan.plain_text(index, end), Currency::CNY)
            && money.minor > 0
        {
            hits.take(scan, Place { start: index, end }, Value::Amount(Amount { money }));
        }
        index = end.max(index + 1);
    }
}
