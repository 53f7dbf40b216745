//! Amounts: 3万, 30,000元, 五千, ¥300, 美金5000元, 转账5000; in reports also bare numbers that words of paying explain.

use std::collections::HashSet;

use kernel::{Currency, Money, Msisdn, MsisdnKind, chinese_digit, chinese_unit};

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

/// Marks before or behind a number, and the currency that each means. The longest first where one begins another.
const CURRENCIES: &[(&str, &str)] = &[
    ("人民币", "CNY"),
    ("RMB", "CNY"),
    ("CNY", "CNY"),
    ("¥", "CNY"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("US$", "USD"),
    ("USD", "USD"),
    ("港币", "HKD"),
    ("港元", "HKD"),
    ("港纸", "HKD"),
    ("HK$", "HKD"),
    ("HKD", "HKD"),
    ("澳门元", "MOP"),
    ("澳门币", "MOP"),
    ("MOP", "MOP"),
    ("新台币", "TWD"),
    ("台币", "TWD"),
    ("NT$", "TWD"),
    ("TWD", "TWD"),
    ("欧元", "EUR"),
    ("EUR", "EUR"),
    ("€", "EUR"),
    ("英镑", "GBP"),
    ("GBP", "GBP"),
    ("£", "GBP"),
    ("日元", "JPY"),
    ("日币", "JPY"),
    ("JPY", "JPY"),
    ("韩元", "KRW"),
    ("韩币", "KRW"),
    ("澳元", "AUD"),
    ("澳币", "AUD"),
    ("AUD", "AUD"),
    ("加元", "CAD"),
    ("加币", "CAD"),
    ("新加坡元", "SGD"),
    ("新币", "SGD"),
    ("泰铢", "THB"),
    ("卢布", "RUB"),
    ("US dollars", "USD"),
    ("US dollar", "USD"),
    ("U.S. dollars", "USD"),
    ("American dollars", "USD"),
    ("Hong Kong dollars", "HKD"),
    ("HK dollars", "HKD"),
    ("Australian dollars", "AUD"),
    ("Canadian dollars", "CAD"),
    ("Singapore dollars", "SGD"),
    ("Taiwan dollars", "TWD"),
    ("dollars", "USD"),
    ("euros", "EUR"),
    ("euro", "EUR"),
    ("British pounds", "GBP"),
    ("pounds", "GBP"),
    ("Japanese yen", "JPY"),
    ("yen", "JPY"),
    ("Thai baht", "THB"),
    ("baht", "THB"),
    ("Korean won", "KRW"),
    ("rubles", "RUB"),
    ("yuan", "CNY"),
    ("renminbi", "CNY"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("S$", "SGD"),
    ("$", "USD"),
];

/// Most marks of a currency that stand before one number.
const MARKS_MAX: usize = 3;

/// A mark of a currency at a place, with its length; one in letters must stand by itself.
fn currency_at(scan: &Scan, index: usize) -> Option<(Currency, usize)> {
    let (mark, code) =
        CURRENCIES.iter().find(|(mark, _)| scan.starts(index, mark) && stands_alone(scan, index, mark))?;
    Currency::parse(code).ok().map(|currency| (currency, mark.chars().count()))
}

fn stands_alone(scan: &Scan, index: usize, mark: &str) -> bool {
    let letters = mark.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b' ' | b'.'));
    let joined = (index > 0 && scan.at(index - 1).is_ascii_alphabetic())
        || scan.at(index + mark.chars().count()).is_ascii_alphabetic();
    !letters || !joined
}

fn skip_spaces(scan: &Scan, mut index: usize) -> usize {
    while scan.at(index) == ' ' {
        index += 1;
    }
    index
}

fn amount_at(scan: &Scan, index: usize) -> Option<(Place, Money)> {
    if !scan.is_free(index) {
        return None;
    }
    let mut currency = None;
    let mut start = index;
    // 人民币¥5,000: of two marks the last counts.
    for _ in 0..MARKS_MAX {
        let Some((named, length)) = currency_at(scan, start) else { break };
        currency = Some(named);
        start = skip_spaces(scan, start + length);
        if matches!(scan.at(start), ':' | '约' | '共') {
            start = skip_spaces(scan, start + 1);
        }
    }
    let mark = currency.is_some();
    let before = if index == 0 { '\0' } else { scan.at(index - 1) };
    // 给张三5000元: the numeral of a name is none of the amount.
    let of_name =
        scan.is_digit(start) && chinese_digit(before).is_some() && !(index > 1 && is_numeral(scan.at(index - 2)));
    let inside = is_numeral(before) && !of_name || matches!(before, '.' | '第');
    if !is_numeral(scan.at(start)) || (!mark && inside) {
        return None;
    }
    if !mark && before.is_ascii_alphanumeric() {
        return None;
    }
    let numeral = numeral(scan, start)?;
    let mut end = numeral.end;
    let about = scan.word(end, &["多", "余", "来"]).map_or(0, |(_, length)| length);
    let mut text = scan.plain_text(start, end);
    let mut suffixed = false;
    // 20多万, 2 万元, 20000 元: what makes the number money stands behind it.
    let unit_at = if about == 0 && scan.is_digit(end.wrapping_sub(1)) { skip_spaces(scan, end) } else { end + about };
    if unit_at - end <= 1 || about > 0 {
        if let Some((word, length)) = scan.word(unit_at, &["万", "亿"])
            && (about > 0 || unit_at > end)
        {
            text.push_str(word);
            end = unit_at + length;
            suffixed = true;
        }
        let at = if suffixed { end } else { unit_at };
        if let Some((named, length)) = currency_at(scan, at).filter(|(named, _)| !mark || currency == Some(*named)) {
            currency = Some(named);
            end = at + length;
            suffixed = true;
        } else if let Some((_, length)) = scan.word(at, &["元", "块", "圆"]) {
            end = at + length;
            suffixed = true;
        }
    }
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
    if !suffixed && counted(scan, end) {
        return None;
    }
    if !(mark || suffixed || numeral.says_money) {
        return None;
    }
    let currency = currency.unwrap_or(Currency::CNY);
    let money = Money::parse(&text, currency).ok().filter(|m| m.minor > 0 && m.minor <= MINOR_MAX)?;
    Some((Place { start: index, end }, money))
}

/// Whether what follows a number says that it counts something else than money; 两万一千五分三次 does not.
fn counted(scan: &Scan, end: usize) -> bool {
    let in_parts = scan.at(end) == '分' && is_numeral(scan.at(end + 1));
    scan.word(end, &COUNTED).is_some() && !in_parts
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
            // 张三5000元, but 12万零500元.
            if end == start && scan.is_digit(end + 1) {
                return None;
            }
            // 10万三笔: the last digit counts payments.
            let behind_unit = end > start && matches!(scan.at(end - 1), '万' | '千' | '百' | '亿');
            if behind_unit && matches!(scan.at(end + 1), '笔' | '次' | '回' | '单' | '张') {
                break;
            }
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
    bare(scan, hits, |scan, start, _| {
        let before = scan.before(start, 5);
        let before = before.trim_end_matches([' ', ':', '为', '是', '约', '近']);
        MONEY_WORDS.iter().any(|word| before.ends_with(word))
    });
}

/// Words that explain a bare number in a report as money although something stands between: 付的第一个2999, 定金800.
const EXPLAINING: &[&str] = &[
    "转",
    "汇",
    "付",
    "充",
    "打",
    "存",
    "刷",
    "交",
    "投",
    "返",
    "退",
    "提",
    "扫",
    "借",
    "贷",
    "给",
    "收",
    "花",
    "定金",
    "尾款",
    "押金",
    "保证金",
    "费",
    "款",
    "一次",
    "一笔",
    "二次",
    "二笔",
    "三次",
    "三笔",
    "四次",
    "五次",
    "每次",
    "每笔",
    "一单",
    "二单",
    "三单",
    "金额",
    "额",
    "支出",
    "收入",
    "红包",
    "到账",
    "利息",
    "本金",
    "工资",
    "佣金",
    "余额",
    "剩",
    "有",
    "先",
    "后",
    "再",
    "又",
    "只",
    "垫",
    "骗",
    "损失",
    "回",
    "寄",
    "买",
    "各",
    "共",
    "计",
    "为",
    "是",
    "出",
    "走",
    "扣",
    "补",
    "卖",
    "价",
    "租",
    "赢",
    "赚",
    "入金",
    "还了",
    "欠",
];

/// What stands before a number that is none of money although a word of paying is near.
const NAMING: &[&str] = &[
    "收到",
    "接到",
    "拨打",
    "来电",
    "致电",
    "自称",
    "显示",
    "尾号",
    "后四位",
    "号码",
    "单号",
    "编号",
    "工号",
    "群",
    "群号",
    "验证码",
    "邮编",
    "房",
    "栋",
    "号楼",
    "代码",
    "版本",
    "QQ",
    "卡号",
    "账号",
    "电话",
    "年",
    "身份证",
    "身份证号",
    "证件号",
];

/// How far before a bare number the word may stand that explains it.
const EXPLAINED_WITHIN: usize = 12;

/// Most characters between two amounts of a list.
const LIST_GAP_MAX: usize = 3;

/// Bare numbers in a report that words before them in the clause, a time or an account beside them, or a neighbouring
/// amount in a list explain: 一次520, 22:01 5000 聂小倩, 1999、2999、5999元.
pub(super) fn in_report(scan: &mut Scan, hits: &mut Hits) {
    let mut ends: Vec<usize> = hits.0.iter().filter(|(_, v)| is_amount(v)).map(|(place, _)| place.end).collect();
    ends.sort_unstable();
    let mut last_end = None;
    bare(scan, hits, |scan, start, end| {
        let before = scan.before(start, 6);
        let before = before.trim_end_matches([' ', ':', '为', '是']);
        // 收到10086的短信, but 收到360。
        let received = before.ends_with("收到") && closes_clause(scan, end);
        // 您的借记卡7788: the end of its number.
        let end_of_card = end - start == 4 && before.ends_with(['卡', '户']);
        if end_of_card || !received && NAMING.iter().any(|word| before.ends_with(word)) {
            return false;
        }
        let listed = |at: usize| {
            let joins = |c: char| matches!(c, '、' | ',' | ';' | ' ' | '和' | '及' | '后' | '与' | '+' | '/');
            at < start && start - at <= LIST_GAP_MAX && (at..start).all(|i| joins(scan.at(i)))
        };
        let place = ends.partition_point(|e| *e <= start);
        let follows =
            place.checked_sub(1).and_then(|i| ends.get(i)).is_some_and(|e| listed(*e)) || last_end.is_some_and(listed);
        let money = follows
            || leads_list(scan, end)
            || beside_time(scan, start, end)
            || behind_account(scan, start, end)
            || ends_row(scan, start, end)
            || scan.word(end, &LED_AWAY).is_some()
            || explained(scan, start);
        if money {
            last_end = Some(end);
        }
        money
    });
}

fn is_amount(value: &Value) -> bool {
    matches!(value, Value::Amount(_))
}

/// 1999、2999元: the next of the list is money.
fn leads_list(scan: &Scan, end: usize) -> bool {
    let mut at = end;
    for _ in 0..20 {
        if !matches!(scan.at(at), '、' | '和') {
            return false;
        }
        at += 1;
        let run = (at..scan.len()).take_while(|i| scan.is_digit(*i)).take(10).count();
        if run == 0 {
            return false;
        }
        // Taken already: an amount.
        if !scan.is_free(at) {
            return true;
        }
        at += run;
    }
    false
}

/// 22:01 5000 聂小倩: between a time and something else, apart from both by spaces.
fn beside_time(scan: &Scan, start: usize, end: usize) -> bool {
    let apart = |c: char| matches!(c, ' ' | '\t');
    let of_time = |c: char| c.is_ascii_digit() || matches!(c, '日' | '号' | '点' | '时' | '分' | '秒' | '半');
    let time_before =
        start >= 2 && apart(scan.at(start - 1)) && !scan.is_free(start - 2) && of_time(scan.at(start - 2));
    time_before && (apart(scan.at(end)) || matches!(scan.at(end), '\n' | '\0')) && end - start >= 3
}

/// What is done with the number before it: 误将30000转至….
const LED_AWAY: [&str; 12] =
    ["转至", "转到", "转给", "转入", "转进", "汇至", "汇到", "汇给", "汇入", "打到", "打给", "存入"];

/// Fewest digits of an account in the line that a number ends.
const ROW_DIGITS_MIN: usize = 12;
/// How far before the end of a line its account is looked for.
const ROW_CHARS_MAX: usize = 60;

/// 14:22  工商银行  6222…  冷无情  20000: the last cell of a line with an account.
fn ends_row(scan: &Scan, start: usize, end: usize) -> bool {
    if !matches!(scan.at(end), '\n' | '\0') || start < 2 || scan.at(start - 1) != ' ' || scan.at(start - 2) != ' ' {
        return false;
    }
    let line = (start.saturating_sub(ROW_CHARS_MAX)..start).rev().take_while(|at| scan.at(*at) != '\n');
    line.filter(|at| scan.is_digit(*at) && !scan.is_free(*at)).count() >= ROW_DIGITS_MIN && end - start >= 3
}

/// Longest bracket behind an account that is looked into.
const BRACKET_CHARS_MAX: usize = 24;

/// 工行转6217…（建行，应伟）3280。: right behind the bracket that belongs to an account.
fn behind_account(scan: &Scan, start: usize, end: usize) -> bool {
    let closing = start.checked_sub(1).filter(|at| scan.at(*at) == ')');
    let opening = closing.and_then(|at| (at.saturating_sub(BRACKET_CHARS_MAX)..at).rev().find(|i| scan.at(*i) == '('));
    let account = |at: usize| scan.is_digit(at) && !scan.is_free(at);
    opening.is_some_and(|at| account(at.wrapping_sub(1)) || (at..start).any(account)) && closes_clause(scan, end)
}

fn closes_clause(scan: &Scan, end: usize) -> bool {
    matches!(scan.at(end), ',' | ';' | '。' | '、' | '!' | '\n' | '\0')
}

fn explained(scan: &Scan, start: usize) -> bool {
    let sentence = scan.sentence(start);
    let from = (start.saturating_sub(EXPLAINED_WITHIN)..start).find(|i| scan.sentence(*i) == sentence).unwrap_or(start);
    let before: Vec<char> = scan.plain_text(from, start).chars().collect();
    // Nothing of another number between: the word belongs to the number next behind it.
    let counter =
        |at: usize| before.get(at + 1).is_some_and(|c| matches!(c, '笔' | '次' | '回' | '单' | '个' | '张' | '遍'));
    let from = (0..before.len())
        .rev()
        .find(|at| before.get(*at).is_some_and(char::is_ascii_digit) && !counter(*at))
        .map_or(0, |at| at + 1);
    let near: String = before.get(from..).unwrap_or_default().iter().collect();
    EXPLAINING.iter().any(|word| near.contains(word))
}

/// Words right before a number that make it an amount although it may be a service number; 打了95588 is a call.
const PAID: [&str; 18] = [
    "转", "转账", "转了", "转出", "汇", "汇款", "汇了", "付", "支付", "付款", "付了", "充", "充值", "充了", "存入",
    "存了", "金额", "损失",
];

/// 95588, 96110, 12315, 10086: the short code of a bank, an office or an operator. A round number is rather an amount.
fn is_short_code(digits: &str) -> bool {
    let service =
        matches!(digits.len(), 5 | 6) && ["95", "96", "12", "100"].iter().any(|head| digits.starts_with(head));
    service && !digits.ends_with("00") && Msisdn::parse(digits).is_ok_and(|phone| phone.kind() == MsisdnKind::Service)
}

fn is_paid(scan: &Scan, start: usize) -> bool {
    let before = scan.before(start, 5);
    let before = before.trim_end_matches([' ', ':', '为', '是', '约', '近']);
    PAID.iter().any(|word| before.ends_with(word))
}

fn bare(scan: &mut Scan, hits: &mut Hits, mut is_money: impl FnMut(&Scan, usize, usize) -> bool) {
    // 2600-0188转803: the extension of a telephone is no money.
    let phone_ends: HashSet<usize> =
        hits.0.iter().filter(|(_, value)| matches!(value, Value::Phone(_))).map(|(place, _)| place.end).collect();
    let mut index = 0;
    while index < scan.len() {
        if !scan.is_digit(index) || !scan.is_free(index) {
            index += 1;
            continue;
        }
        let run = (index..scan.len()).take_while(|i| scan.is_digit(*i) && scan.is_free(*i)).count();
        let end = index + run;
        let decimals = scan.at(end) == '.' && scan.is_digit(end + 1);
        let joined = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '/' | ':' | '*' | '#');
        let word_like = (index > 0 && joined(scan.at(index - 1)) && !matches!(scan.at(index - 1), ':' | '-' | '/'))
            || scan.at(end).is_ascii_alphabetic()
            || (joined(scan.at(end)) && joined(scan.at(end + 1)));
        let count = scan
            .word(
                end,
                &["笔", "次", "号", "年", "月", "日", "点", "时", "分", "个", "人", "%", "开头", "桌", "岁", "后"],
            )
            .is_some_and(|(word, _)| word != "后" || !scan.is_digit(end + 1))
            && !(scan.at(end) == '分' && is_numeral(scan.at(end + 1)))
            || (matches!(scan.at(end), '余' | '多' | '来') && counted(scan, end + 1))
            || scan.starts(end, " 岁");
        // “5173担保”: a number that begins a name.
        let named = index > 0 && scan.at(index - 1) == '"' && !matches!(scan.at(end), '"' | ',' | '。' | '、');
        let extension = index > 1 && scan.at(index - 1) == '转' && phone_ends.contains(&(index - 1));
        let short_code = is_short_code(&scan.plain_text(index, end)) && !is_paid(scan, index);
        let other = count || named || decimals || word_like || extension || short_code || counted(scan, end);
        if (2..=9).contains(&run)
            && !other
            && scan.at(index) != '0'
            && is_money(scan, index, end)
            && let Ok(money) = Money::parse(&scan.plain_text(index, end), Currency::CNY)
            && money.minor > 0
        {
            hits.take(scan, Place { start: index, end }, Value::Amount(Amount { money }));
        }
        index = end.max(index + 1);
    }
}
