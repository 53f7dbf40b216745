//! Telephone numbers, accounts, identity numbers and references: runs of digits, each by its shape and the words before it.

use kernel::{AccountNo, CitizenId, Msisdn, MsisdnKind};

use super::{Hits, Place, Scan};
use crate::Value;

const PHONE_WORDS: [&str; 14] =
    ["电话", "手机", "来电", "拨打", "号码", "联系", "客服", "热线", "短信", "致电", "座机", "打给", "接到", "Tel"];
const ACCOUNT_WORDS: &[&str] = &[
    "账号",
    "帐号",
    "卡号",
    "账户",
    "帐户",
    "银行卡",
    "储蓄卡",
    "户头",
    "存折",
    "对公户",
    "收款卡",
    "银行卡号",
    "户口",
    "支行",
    "分行",
    "营业部",
    "钱包",
    "IBAN",
    "Account No",
    "A/C",
];
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
        if let Some((place, phone)) = bracketed_area(scan, index) {
            hits.take(scan, place, Value::Phone(phone));
            index = place.end;
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
            if is_mobile_behind_other(scan, &taken) {
                continue;
            }
            if (count == 1 || is_one_number(&taken, abroad) || dashed_account(scan, &taken))
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

/// (0755)2600-0188: an area code in brackets before a fixed number. The extension behind 转 is left out.
fn bracketed_area(scan: &Scan, index: usize) -> Option<(Place, Msisdn)> {
    let bracketed = index > 0 && scan.at(index - 1) == '(' && scan.at(index) == '0';
    let area = (index..).take_while(|i| scan.is_digit(*i)).take(5).count();
    if !bracketed || !(3..=4).contains(&area) || scan.at(index + area) != ')' {
        return None;
    }
    let mut at = index + area + 1;
    let mut digits = 0;
    while digits < 8 && (scan.is_digit(at) || (matches!(scan.at(at), ' ' | '-') && scan.is_digit(at + 1))) {
        digits += usize::from(scan.is_digit(at));
        at += 1;
    }
    if !(7..=8).contains(&digits) || scan.is_digit(at) {
        return None;
    }
    let place = Place { start: index, end: at };
    Msisdn::parse(&joined(scan, place)).ok().map(|phone| (place, phone))
}

/// 808-123456-001 right behind 账户: groups with dashes that a word makes one account.
fn dashed_account(scan: &Scan, groups: &[Place]) -> bool {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return false };
    let before = scan.before(first.start, 8);
    let named = ACCOUNT_WORDS.iter().any(|word| before.contains(word));
    let dashes = groups.iter().take(groups.len() - 1).all(|g| scan.at(g.end) == '-');
    let grouped = groups.iter().take(groups.len() - 1).all(|g| (2..=6).contains(&(g.end - g.start)));
    let digits: usize = groups.iter().map(|g| g.end - g.start).sum();
    let numeric = (first.start..last.end).all(|i| !scan.at(i).is_ascii_alphabetic());
    named && (dashes || grouped) && numeric && (8..=20).contains(&digits) && !scan.starts(first.start, "1900")
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
        if end == start || groups.len() >= 12 {
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
            let least = if abroad { 1 } else { 2 };
            let even = head.clone().skip(begins).all(|length| (least..=4).contains(length));
            // 1 9 0-0000-0 2 1 8: a mobile number, whatever its groups.
            let digits: usize = all.iter().sum();
            if digits == 11 && all.len() >= 3 && all.iter().all(|length| *length <= 4) {
                return true;
            }
            even && last <= 8 && all.first().is_some_and(|first| *first <= 5) && (abroad || all.contains(&4))
        }
    }
}

/// 充了200 19000009912: only a country's code stands before a mobile number.
fn is_mobile_behind_other(scan: &Scan, groups: &[Place]) -> bool {
    let [first, mobile] = groups else { return false };
    let code = scan.plain_text(first.start, first.end);
    mobile.end - mobile.start == 11 && (2..=4).contains(&code.len()) && !code.ends_with("86") && !code.starts_with('0')
}

/// Accounts written in groups, each so sure that no other kind may take a part of it: cards whose check digit holds,
/// over a line break too, and IBANs in groups of four.
pub(super) fn grouped_accounts(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        let begins =
            scan.is_free(index) && scan.at(index).is_ascii_alphanumeric() && (index == 0 || !is_joined(scan, index));
        let Some(end) = begins.then(|| iban_at(scan, index).or_else(|| card_at(scan, index))).flatten() else {
            index += 1;
            continue;
        };
        let place = Place { start: index, end };
        if let Ok(account) = AccountNo::parse(&joined(scan, place)) {
            hits.take(scan, place, Value::Account(account));
        }
        index = end;
    }
}

/// Whether what stands before a place makes it the middle of a word, a decimal, a time or an address.
fn is_joined(scan: &Scan, index: usize) -> bool {
    let before = scan.at(index - 1);
    before.is_ascii_alphanumeric()
        || (matches!(before, '.' | ':' | '/' | '-') && index > 1 && scan.at(index - 2).is_ascii_alphanumeric())
}

/// The digits and letters of a number that is written in groups.
fn joined(scan: &Scan, place: Place) -> String {
    scan.plain_text(place.start, place.end).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Most groups of one number; a card of 19 digits may stand digit by digit.
const CARD_GROUPS_MAX: usize = 19;

/// Where a card in two or more groups of digits ends: by one space, dash or line break between the groups, with a
/// right check digit, or in groups of four behind a word such as 账号.
fn card_at(scan: &Scan, index: usize) -> Option<usize> {
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let (mut at, mut digits, mut broken) = (index, 0, false);
    let mut lengths: Vec<usize> = Vec::new();
    loop {
        let run = (at..scan.len()).take_while(|i| scan.is_digit(*i) && scan.is_free(*i)).take(20).count();
        // A number of card length is one by itself; a phone number is no first group.
        if run == 0 || run >= 15 || (lengths.is_empty() && run == 11 && scan.at(at) == '1') {
            break;
        }
        digits += run;
        at += run;
        lengths.push(run);
        if digits > 19 || lengths.len() > CARD_GROUPS_MAX {
            break;
        }
        if !scan.at(at).is_ascii_alphanumeric() && digits >= 15 && lengths.len() >= 2 {
            ends.push((at, digits));
        }
        let gap = match (scan.at(at), scan.at(at + 1), scan.at(at + 2)) {
            (' ' | '-', c, _) if c.is_ascii_digit() => 1,
            ('\n', c, _) if c.is_ascii_digit() => 1,
            ('\r', '\n', c) | (' ', '\n', c) | ('\n', ' ', c) if c.is_ascii_digit() => 2,
            _ => break,
        };
        broken |= gap == 2 || scan.at(at) == '\n';
        at += gap;
    }
    // 6228 4800 0000 6566 770: what ends groups of four is of the number, though a part of it would do as a card.
    let even = |lengths: &[usize]| match lengths {
        [head @ .., last] => head.len() == 4 && head.iter().all(|l| *l == 4) && (1..=3).contains(last),
        [] => false,
    };
    let counted = matches!(scan.at(at), '元' | '万' | '块' | '千' | '百' | '笔' | '.' | ',');
    if let Some((end, _)) = ends.last().filter(|(end, _)| *end == at && even(&lengths) && !counted && !broken) {
        return Some(*end);
    }
    if of_identity(&scan.before(index, 12)) {
        return None;
    }
    let text = |end: usize| joined(scan, Place { start: index, end });
    let plausible = |number: &str| number.starts_with(['3', '4', '5', '6', '9']);
    if let Some((end, _)) = ends.iter().rev().find(|(end, _)| {
        let number = text(*end);
        plausible(&number) && AccountNo::parse(&number).is_ok_and(|a| a.kind() == kernel::AccountKind::Card)
    }) {
        return Some(*end);
    }
    let fours = lengths.iter().take(lengths.len().saturating_sub(1)).all(|l| (2..=4).contains(l));
    let before = scan.plain_text(index.saturating_sub(6), index);
    let named = ACCOUNT_WORDS.iter().any(|word| before.contains(word));
    ends.last().filter(|(end, _)| broken && fours && named && plausible(&text(*end))).map(|(end, _)| *end)
}

/// Where an IBAN in groups ends (ISO 13616): two letters, two check digits, the rest, with a remainder of 1 by 97.
fn iban_at(scan: &Scan, index: usize) -> Option<usize> {
    let letters = (0..2).all(|i| scan.at(index + i).is_ascii_uppercase());
    if !letters || !(2..4).all(|i| scan.is_digit(index + i)) {
        return None;
    }
    let (mut at, mut length, mut best) = (index, 0, None);
    while length < 34 {
        if scan.at(at).is_ascii_alphanumeric() && scan.is_free(at) {
            length += 1;
            at += 1;
        } else if matches!(scan.at(at), ' ' | '-' | '\n') && scan.at(at + 1).is_ascii_alphanumeric() && length > 0 {
            at += 1;
            continue;
        } else {
            break;
        }
        let ends = !scan.at(at).is_ascii_alphanumeric();
        if (15..=34).contains(&length) && ends && iban_holds(&joined(scan, Place { start: index, end: at })) {
            best = Some(at);
        }
    }
    best
}

fn iban_holds(text: &str) -> bool {
    let (head, tail) = text.split_at_checked(4).unwrap_or((text, ""));
    let remainder = tail.chars().chain(head.chars()).try_fold(0_u32, |sum, c| {
        let value = c.to_digit(36)?;
        Some((sum * if value < 10 { 10 } else { 100 } + value) % 97)
    });
    remainder == Some(1)
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
    let of_account = ["户口号码", "账户号码", "卡号码", "账号号码"].iter().any(|word| before.contains(word));
    let (phone_word, account_word, reference_word) =
        (nearest(&PHONE_WORDS), nearest(ACCOUNT_WORDS), nearest(&REFERENCE_WORDS));
    let phone_word = phone_word.filter(|_| !of_account);
    if length == 18
        && let Ok(id) = CitizenId::parse(&joined)
    {
        return Some(Value::CitizenId(id));
    }
    if of_identity(&before) {
        return None;
    }
    let of_police = ["警情", "案件", "接警", "报警", "受案"].iter().any(|word| before.contains(word));
    if reference_word.is_some()
        && !of_police
        && reference_word > account_word
        && reference_word > phone_word
        && (6..=40).contains(&length)
        && !before.contains("钱包")
    {
        return Some(Value::Reference(joined));
    }
    let phone = Msisdn::parse(&joined).ok().filter(|phone| match phone.kind() {
        MsisdnKind::Mobile => true,
        MsisdnKind::Fixed => joined.starts_with('0') || joined.starts_with('+'),
        MsisdnKind::Foreign => joined.starts_with('+') || phone_word.is_some(),
        MsisdnKind::Service => {
            let named = phone_word.is_some() || before.ends_with('拨') || before.ends_with('电');
            // 打10000到他卡上 is an amount.
            let dialled = before.ends_with('打') && joined != "10000";
            let numbered = joined == "10000" && scan.at(place.end) == '号';
            named
                || dialled
                || numbered
                || (length == 10 && joined.starts_with("400"))
                || WELL_KNOWN.contains(&joined.as_str())
        }
    });
    let account_comes_first = account_word.is_some()
        && account_word > phone_word
        && !joined.starts_with('+')
        && !(before.contains("支付宝") && length == 11);
    if let Some(phone) = phone.filter(|_| !account_comes_first) {
        return Some(Value::Phone(phone));
    }
    let shaped = digits_only && (12..=19).contains(&length);
    let named = account_word.is_some() && phone_word <= account_word && (8..=30).contains(&length);
    if shaped || named { AccountNo::parse(&joined).ok().map(Value::Account) } else { None }
}

/// 身份证号：…: a number that is called one of identity is never an account, whatever its check digit.
fn of_identity(before: &str) -> bool {
    let bare = before.trim_end_matches([' ', ':', '为', '是', '号', '码', '(', '"', '的']);
    ["身份证", "身份证件", "证件", "身份", "ID card", "ID number", "ID no", "ID No."]
        .iter()
        .any(|word| bare.ends_with(word))
}

/// Service numbers that are meant wherever they stand.
const WELL_KNOWN: [&str; 5] = ["96110", "12381", "10086", "10010", "12345"];
