//! Telephone numbers, accounts, identity numbers and references: runs of digits, each by its shape and the words before it.

use kernel::{AccountNo, CitizenId, Msisdn, MsisdnKind};

use super::{Hits, Place, Scan};
use crate::Value;

const PHONE_WORDS: [&str; 14] =
    ["电话", "手机", "来电", "拨打", "号码", "联系", "客服", "热线", "短信", "致电", "座机", "打给", "接到", "Tel"];
const ACCOUNT_WORDS: [&str; 12] =
    ["账号", "帐号", "卡号", "账户", "帐户", "银行卡", "储蓄卡", "户头", "存折", "对公户", "收款卡", "银行卡号"];
const REFERENCE_WORDS: [&str; 12] = [
    "流水号",
    "流水",
    "订单号",
    "单号",
    "交易号",
    "凭证号",
    "参考号",
    "回单号",
    "编号",
    "流水号为",
    "交易单号",
    "检索号",
];

/// Runs of digits: what each is by its shape and by the words before it.
pub(super) fn runs(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        if !starts_run(scan, index) {
            index += 1;
            continue;
        }
        let groups = groups(scan, index);
        let Some(first) = groups.first().copied() else {
            index += 1;
            continue;
        };
        let abroad = scan.at(index) == '+' || scan.starts(index, "00");
        // The longest sensible joining of groups first, then the first group by itself.
        let mut end = first.end;
        for count in (1..=groups.len()).rev() {
            let taken: Vec<Place> = groups.iter().take(count).copied().collect();
            if (count == 1 || is_one_number(&taken, abroad))
                && let Some(place) = taken.last().map(|last| Place { start: index, end: last.end })
                && let Some(value) = classify(scan, place)
            {
                hits.take(scan, place, value);
                end = place.end;
                break;
            }
        }
        index = end.max(index + 1);
    }
}

fn starts_run(scan: &Scan, index: usize) -> bool {
    if !scan.is_free(index) {
        return false;
    }
    let before = if index == 0 { '\0' } else { scan.at(index - 1) };
    match scan.at(index) {
        '+' => scan.is_digit(index + 1),
        c if c.is_ascii_digit() => !before.is_ascii_alphanumeric() && before != '.',
        // References and some wallets begin with letters.
        c if c.is_ascii_alphabetic() => {
            !before.is_ascii_alphanumeric()
                && (index..scan.len())
                    .take(34)
                    .take_while(|i| scan.at(*i).is_ascii_alphanumeric())
                    .filter(|i| scan.is_digit(*i))
                    .count()
                    >= 6
        }
        _ => false,
    }
}

/// Groups of letters and digits with one space or dash between.
fn groups(scan: &Scan, index: usize) -> Vec<Place> {
    let mut groups = Vec::new();
    let mut start = index;
    loop {
        let mut end = start;
        if scan.at(end) == '+' {
            end += 1;
        }
        while scan.at(end).is_ascii_alphanumeric() && scan.is_free(end) {
            end += 1;
        }
        if end == start || groups.len() >= 8 {
            return groups;
        }
        groups.push(Place { start, end });
        if !matches!(scan.at(end), ' ' | '-' | '*' | '_') || !scan.is_digit(end + 1) {
            return groups;
        }
        start = end + 1;
    }
}

/// 6222 0212 3456 7890 128, 138-0013-8000, 0731-88888888, +86 138 0013 8000: groups that people write as one number.
fn is_one_number(groups: &[Place], abroad: bool) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|g| g.end - g.start).collect();
    match lengths.as_slice() {
        [_] => true,
        [3 | 4, 7 | 8] => true,
        [2..=4, 11] => true,
        [6, rest] => (9..=13).contains(rest),
        all => {
            let (last, head) = (all.last().copied().unwrap_or(0), all.iter().take(all.len() - 1));
            let begins = usize::from(abroad);
            let even = head.clone().skip(begins).all(|length| (2..=4).contains(length));
            even && last <= 8 && all.first().is_some_and(|first| *first <= 5) && (abroad || all.contains(&4))
        }
    }
}

/// What a run is; `None` when it is nothing we know.
fn classify(scan: &Scan, place: Place) -> Option<Value> {
    let written = scan.plain_text(place.start, place.end);
    let joined: String = written.chars().filter(|c| !matches!(c, ' ' | '-' | '*' | '.' | '_')).collect();
    let digits_only = joined.chars().all(|c| c.is_ascii_digit());
    let length = joined.chars().count();
    let before = scan.before(place.start, 12);
    if before.ends_with("尾号") || before.ends_with("尾号为") {
        return None;
    }
    let nearest = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
    let (phone_word, account_word, reference_word) =
        (nearest(&PHONE_WORDS), nearest(&ACCOUNT_WORDS), nearest(&REFERENCE_WORDS));
    if length == 18
        && let Ok(id) = CitizenId::parse(&joined)
    {
        return Some(Value::CitizenId(id));
    }
    if reference_word.is_some()
        && reference_word > account_word
        && reference_word > phone_word
        && (6..=40).contains(&length)
    {
        return Some(Value::Reference(joined));
    }
    let phone = Msisdn::parse(&joined).ok().filter(|phone| match phone.kind() {
        MsisdnKind::Mobile => true,
        MsisdnKind::Fixed => joined.starts_with('0') || joined.starts_with('+'),
        MsisdnKind::Foreign => joined.starts_with('+') || phone_word.is_some(),
        MsisdnKind::Service => {
            let named =
                phone_word.is_some() || before.ends_with('拨') || before.ends_with('打') || before.ends_with('电');
            named || (length == 10 && joined.starts_with("400")) || WELL_KNOWN.contains(&joined.as_str())
        }
    });
    let account_comes_first = account_word.is_some() && account_word > phone_word && !joined.starts_with('+');
    if let Some(phone) = phone.filter(|_| !account_comes_first) {
        return Some(Value::Phone(phone));
    }
    let shaped = digits_only && (12..=19).contains(&length);
    let named = account_word.is_some() && phone_word <= account_word && (8..=30).contains(&length);
    if shaped || named { AccountNo::parse(&joined).ok().map(Value::Account) } else { None }
}

/// Service numbers that are meant wherever they stand.
const WELL_KNOWN: [&str; 6] = ["96110", "12381", "10086", "10010", "10000", "12345"];
