//! Telephone numbers, accounts, identity numbers, references, web addresses and chat accounts.

use kernel::{AccountKind, AccountNo, CitizenId, Msisdn, MsisdnKind};

use super::scan::Scan;
use super::{AccountFinding, ChatFinding, Finding, Found, Side, Span};
use crate::intake::check::canonical_url;

/// Endings by which an address without a scheme is known.
const TOP_DOMAINS: [&str; 34] = [
    "com", "cn", "net", "org", "top", "xyz", "vip", "cc", "app", "info", "shop", "site", "club", "online", "io", "me",
    "co", "tv", "pw", "work", "fun", "ltd", "icu", "live", "link", "tk", "ml", "ga", "cf", "hk", "tw", "win", "store",
    "biz",
];

pub(super) fn urls(scan: &mut Scan) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        let mut end = index;
        while is_url_char(scan.at(end)) {
            end += 1;
        }
        if end == index {
            index += 1;
            continue;
        }
        if let Some(finding) = url_in(scan, index, end) {
            scan.take(finding.span);
            found.push(finding);
        }
        index = end;
    }
    found
}

fn is_url_char(c: char) -> bool {
    c.is_ascii_graphic()
        && !matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '`' | '^' | '\\')
}

fn url_in(scan: &Scan, start: usize, end: usize) -> Option<Finding> {
    let run = scan.plain_text(start, end);
    let offset = run.find("http://").or_else(|| run.find("https://")).or_else(|| run.find("www."));
    let begin = start + offset.unwrap_or(0);
    let text = scan.plain_text(begin, end);
    let text = text.trim_end_matches(['.', ',', ';', ':', '!', '?', '*']);
    let text = match offset {
        Some(_) => text,
        // Without a scheme a comma ends the address, and a mail address is none.
        None => text.split([',', ';']).next().filter(|t| !t.contains('@'))?,
    };
    let value = canonical_url(text)?;
    if offset.is_none() {
        let host = value.split(['/', '?', '#', ':']).next()?;
        let ending = host.rsplit('.').next()?;
        if !TOP_DOMAINS.contains(&ending) || !host.chars().any(|c| c.is_ascii_alphabetic()) {
            return None;
        }
    }
    let span = Span { start: begin, end: begin + text.chars().count() };
    Some(Finding { span, text: scan.text(span), value })
}

const CHAT_WORDS: [(&str, &str); 15] = [
    ("QQ号码", "qq"),
    ("QQ号", "qq"),
    ("QQ", "qq"),
    ("扣扣", "qq"),
    ("微信号", "wechat"),
    ("微信", "wechat"),
    ("薇信", "wechat"),
    ("威信号", "wechat"),
    ("VX", "wechat"),
    ("WX", "wechat"),
    ("Telegram", "telegram"),
    ("飞机号", "telegram"),
    ("纸飞机", "telegram"),
    ("抖音号", "douyin"),
    ("陌陌号", "momo"),
];

pub(super) fn chats(scan: &mut Scan) -> Vec<ChatFinding> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        match chat_at(scan, index) {
            Some(chat) => {
                index = chat.span.end;
                // A telephone number under which somebody chats is also a telephone number.
                if Msisdn::parse(&chat.value).is_err() {
                    scan.take(chat.span);
                }
                found.push(chat);
            }
            None => index += 1,
        }
    }
    found
}

fn chat_at(scan: &Scan, index: usize) -> Option<ChatFinding> {
    let (word, service) = CHAT_WORDS.iter().find(|(word, _)| scan.starts(index, word))?;
    let latin_before = index > 0 && scan.at(index - 1).is_ascii_alphanumeric();
    if !scan.is_free(index) || (word.is_ascii() && latin_before) {
        return None;
    }
    let mut start = index + word.chars().count();
    let mut skipped = 0;
    while matches!(scan.at(start), ' ' | ':' | '是' | '为' | '号' | '码' | '(' | '“' | '"' | '账' | '帐' | '@')
        && skipped < 6
    {
        start += 1;
        skipped += 1;
    }
    let length = (start..scan.len())
        .take_while(|i| matches!(scan.at(*i), c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
        .count();
    let span = Span { start, end: start + length };
    let value = scan.plain_text(span.start, span.end);
    let digits_only = value.chars().all(|c| c.is_ascii_digit());
    if digits_only
        && scan
            .word(span.end, &["元", "万", "块", "千", "笔", "次", ".", ","])
            .is_some_and(|(w, _)| w != "," || scan.is_digit(span.end + 1))
    {
        return None;
    }
    let fits = match *service {
        "qq" => digits_only && (5..=11).contains(&length),
        "wechat" => (6..=20).contains(&length) && (!digits_only || length == 11),
        _ => (4..=32).contains(&length),
    };
    fits.then(|| ChatFinding { span, text: scan.text(span), value, service })
}

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
pub(super) fn runs(scan: &mut Scan, found: &mut Found) {
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
            let taken: Vec<Span> = groups.iter().take(count).copied().collect();
            if (count == 1 || is_one_number(&taken, abroad))
                && let Some(span) = taken.last().map(|last| Span { start: index, end: last.end })
                && classify(scan, span, found)
            {
                scan.take(span);
                end = span.end;
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
fn groups(scan: &Scan, index: usize) -> Vec<Span> {
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
        groups.push(Span { start, end });
        if !matches!(scan.at(end), ' ' | '-') || !scan.is_digit(end + 1) {
            return groups;
        }
        start = end + 1;
    }
}

/// 6222 0212 3456 7890 128, 138-0013-8000, 0731-88888888, +86 138 0013 8000: groups that people write as one number.
fn is_one_number(groups: &[Span], abroad: bool) -> bool {
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

/// Puts a run where it belongs; `false` when it is nothing we know.
fn classify(scan: &Scan, span: Span, found: &mut Found) -> bool {
    let joined: String = scan.plain_text(span.start, span.end).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits_only = joined.chars().all(|c| c.is_ascii_digit());
    let length = joined.chars().count();
    let before = scan.before(span.start, 12);
    if before.ends_with("尾号") || before.ends_with("尾号为") {
        return false;
    }
    let nearest = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
    let (phone_word, account_word, reference_word) =
        (nearest(&PHONE_WORDS), nearest(&ACCOUNT_WORDS), nearest(&REFERENCE_WORDS));
    let text = scan.text(span);
    if length == 18
        && let Ok(id) = CitizenId::parse(&joined)
    {
        found.citizen_ids.push(Finding { span, text, value: id.to_string() });
        return true;
    }
    if reference_word.is_some()
        && reference_word > account_word
        && reference_word > phone_word
        && (6..=40).contains(&length)
    {
        found.references.push(Finding { span, text, value: joined });
        return true;
    }
    let phone = Msisdn::parse(&joined).ok().filter(|phone| match phone.kind() {
        MsisdnKind::Mobile => true,
        MsisdnKind::Fixed => joined.starts_with('0') || joined.starts_with('+'),
        MsisdnKind::Foreign => joined.starts_with('+') || phone_word.is_some(),
        MsisdnKind::Service => phone_word.is_some() || (length == 10 && joined.starts_with("400")),
    });
    let account_comes_first = account_word.is_some() && account_word > phone_word && !joined.starts_with('+');
    if let Some(phone) = phone.filter(|_| !account_comes_first) {
        found.phones.push(Finding { span, text, value: phone.to_string() });
        return true;
    }
    let shaped = digits_only && (12..=19).contains(&length);
    let named = account_word.is_some() && phone_word <= account_word && (8..=30).contains(&length);
    if (shaped || named)
        && let Ok(account) = AccountNo::parse(&joined)
    {
        let kind = match account.kind() {
            AccountKind::Card => "card",
            AccountKind::Other => "other",
        };
        found.accounts.push(AccountFinding {
            span,
            text,
            value: account.to_string(),
            side: side(scan, span.start),
            kind,
        });
        return true;
    }
    false
}

const PAYER_WORDS: [&str; 14] = [
    "我的",
    "本人",
    "自己",
    "我名下",
    "付款",
    "转出",
    "从",
    "用",
    "我",
    "报警人",
    "报案人",
    "事主",
    "受害人",
    "汇款账",
];
const PAYEE_WORDS: [&str; 27] = [
    "对方",
    "收款",
    "转到",
    "转给",
    "转入",
    "转至",
    "转账到",
    "汇到",
    "汇给",
    "汇入",
    "汇至",
    "打到",
    "打给",
    "打入",
    "打进",
    "存入",
    "存到",
    "向",
    "往",
    "给",
    "指定",
    "嫌疑",
    "骗子",
    "提供",
    "安全账户",
    "转进",
    "至",
];

/// Whose an account is by the nearest telling word before it in the sentence.
pub(super) fn side(scan: &Scan, start: usize) -> Side {
    let sentence = scan.sentence(start);
    let mut begin = start;
    while begin > 0 && start - begin < 24 && scan.sentence(begin - 1) == sentence {
        begin -= 1;
    }
    let before = scan.plain_text(begin, start);
    let nearest = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word).map(|at| at + word.len())).max();
    match (nearest(&PAYER_WORDS), nearest(&PAYEE_WORDS)) {
        (Some(payer), Some(payee)) if payer > payee => Side::Payer,
        (Some(_), None) => Side::Payer,
        _ => Side::Payee,
    }
}
