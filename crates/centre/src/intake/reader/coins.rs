//! Virtual currency: addresses of wallets, and amounts such as 3000USDT, 500U, 0.5个比特币. They are no money that a bank
//! could hold, so neither becomes an account or an amount in yuan.

use super::scan::Scan;
use super::{Finding, Found, Span};

/// Names of coins, and the code of each. The longest first where one begins another.
const COINS: [(&str, &str); 14] = [
    ("USDT", "USDT"),
    ("USDC", "USDC"),
    ("BTC", "BTC"),
    ("ETH", "ETH"),
    ("TRX", "TRX"),
    ("泰达币", "USDT"),
    ("U币", "USDT"),
    ("比特币", "BTC"),
    ("以太坊", "ETH"),
    ("以太币", "ETH"),
    ("波场币", "TRX"),
    ("虚拟币", ""),
    ("虚拟货币", ""),
    ("U", "USDT"),
];

/// What makes a single U behind a number the coin.
const OF_COINS: [&str; 10] =
    ["USDT", "泰达", "虚拟币", "虚拟货币", "数字货币", "钱包地址", "欧易", "币安", "火币", "买U"];

/// Marks wallets and amounts of coins outside of tables. Whatever reads on passes them over.
pub(super) fn read(scan: &mut Scan, found: &mut Found) {
    each(scan, &mut found.wallets, wallet);
    let text = scan.plain_text(0, scan.len());
    let spoken_of = !found.wallets.is_empty() || OF_COINS.iter().any(|word| text.contains(word));
    if spoken_of || COINS.iter().any(|(name, code)| *code != "USDT" && text.contains(name)) {
        each(scan, &mut found.coins, amount);
    }
}

fn each(scan: &mut Scan, findings: &mut Vec<Finding>, at: fn(&Scan, usize) -> Option<(usize, String)>) {
    let mut index = 0;
    while index < scan.len() {
        let hit = scan.is_free(index).then(|| at(scan, index)).flatten();
        let Some((end, value)) = hit else {
            index += 1;
            continue;
        };
        let span = Span { start: index, end };
        scan.take(span.range());
        findings.push(Finding { span, text: scan.text(span), value });
        index = end;
    }
}

/// Longest address that is read.
const WALLET_CHARS_MAX: usize = 62;

/// `T…` of Tron, `0x…` of Ethereum, `1…`, `3…` and `bc1…` of Bitcoin: by their letters and length.
fn wallet(scan: &Scan, index: usize) -> Option<(usize, String)> {
    if !matches!(scan.at(index), 'T' | '0' | '1' | '3' | 'b') || follows_letter(scan, index) {
        return None;
    }
    let run =
        (index..scan.len()).take(WALLET_CHARS_MAX + 1).take_while(|i| scan.at(*i).is_ascii_alphanumeric()).count();
    let text = scan.plain_text(index, index + run);
    let base58 = text.chars().all(|c| !matches!(c, '0' | 'O' | 'I' | 'l'));
    let mixed = text.contains(|c: char| c.is_ascii_uppercase()) && text.contains(|c: char| c.is_ascii_lowercase());
    let known = match text.as_bytes() {
        [b'T', ..] => run == 34 && base58 && mixed,
        [b'0', b'x', hex @ ..] => hex.len() == 40 && hex.iter().all(u8::is_ascii_hexdigit),
        [b'b', b'c', b'1', ..] => matches!(run, 42 | 62),
        [b'1' | b'3', ..] => (26..=35).contains(&run) && base58 && mixed,
        _ => false,
    };
    known.then_some((index + run, text))
}

fn follows_letter(scan: &Scan, index: usize) -> bool {
    index > 0 && (scan.at(index - 1).is_ascii_alphanumeric() || scan.at(index - 1) == '.')
}

/// 3,000.5USDT, 500 U, 三千个泰达币, and USDT 3000 before something else than 元.
fn amount(scan: &Scan, index: usize) -> Option<(usize, String)> {
    if let Some((code, length)) = coin(scan, index).filter(|(code, _)| code.len() > 2 && !follows_letter(scan, index)) {
        let start = index + length + usize::from(matches!(scan.at(index + length), ' ' | ':'));
        let end = number_end(scan, start).filter(|_| scan.is_digit(start))?;
        let money = scan.word(end, &["元", "块", "人民币", "万元", "%", "年", "月", "日", "时", "点", "号"]).is_some();
        return (!money && !scan.at(end).is_ascii_alphabetic()).then(|| (end, value(scan, start, end, code)));
    }
    let before = if index == 0 { '\0' } else { scan.at(index - 1) };
    if follows_letter(scan, index) || matches!(before, '¥' | '$' | ',') && scan.is_digit(index.wrapping_sub(2)) {
        return None;
    }
    let end = number_end(scan, index)?;
    let mut at = end + usize::from(scan.at(end) == ' ');
    at += scan.word(at, &["多个", "余个", "个", "枚", "多", "余"]).map_or(0, |(_, length)| length);
    let (code, length) = coin(scan, at)?;
    let next = at + length;
    let cut = scan.at(next - 1).is_ascii() && scan.at(next).is_ascii_alphanumeric();
    (!cut).then(|| (next, value(scan, index, end, code)))
}

fn coin(scan: &Scan, index: usize) -> Option<(&'static str, usize)> {
    let (name, code) = COINS.iter().find(|(name, _)| scan.starts(index, name))?;
    Some((code, name.chars().count()))
}

/// As written, without commas, and the coin.
fn value(scan: &Scan, start: usize, end: usize, code: &str) -> String {
    let number: String = scan.plain_text(start, end).chars().filter(|c| *c != ',').collect();
    format!("{number} {code}").trim_end().to_owned()
}

/// Longest number of coins, in characters.
const NUMBER_CHARS_MAX: usize = 24;

/// Where a number ends: digits with commas and a point, 万 and 千, or a number in words.
fn number_end(scan: &Scan, start: usize) -> Option<usize> {
    let of_number = |at: usize| {
        let c = scan.at(at);
        let joins = matches!(c, ',' | '.') && at > start && scan.is_digit(at - 1) && scan.is_digit(at + 1);
        let unit = kernel::chinese_unit(c).is_some() && !c.is_ascii();
        c.is_ascii_digit() || joins || unit || kernel::chinese_digit(c).is_some()
    };
    let length =
        (start..scan.len()).take(NUMBER_CHARS_MAX).take_while(|at| scan.is_free(*at) && of_number(*at)).count();
    let end = start + length;
    let end = end + usize::from(length > 0 && scan.at(end) == 'w' && !scan.at(end + 1).is_ascii_alphanumeric());
    (length > 0).then_some(end)
}
