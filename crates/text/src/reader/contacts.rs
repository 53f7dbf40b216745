//! Web addresses, chat accounts and apps.

use kernel::Msisdn;

use super::{Hits, Place, Scan};
use crate::normal::words::TOP_DOMAINS;
use crate::{Chat, ChatService, Link, Scheme, Value};

/// Hosts that hide where an address leads (短链接).
const SHORTENERS: [&str; 22] = [
    "t.cn",
    "dwz.cn",
    "url.cn",
    "suo.im",
    "u.nu",
    "bit.ly",
    "tinyurl.com",
    "goo.gl",
    "is.gd",
    "t.co",
    "ow.ly",
    "rb.gy",
    "985.so",
    "mrw.so",
    "sourl.cn",
    "w.url.cn",
    "dwz.win",
    "0x9.me",
    "sina.lt",
    "tb.cn",
    "c.tb.cn",
    "m.tb.cn",
];

/// Longest address that is read, in characters.
const LINK_CHARS_MAX: usize = 2_000;

pub(super) fn links(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        let end = (index..)
            .find(|i| !is_link_char(scan.at(*i)) || (matches!(scan.at(*i), ',' | ';') && scan.is_full_width(*i)))
            .unwrap_or(index);
        if end == index {
            index += 1;
            continue;
        }
        if end - index <= LINK_CHARS_MAX
            && let Some((place, link)) = link_in(scan, index, end)
        {
            hits.take(scan, place, Value::Link(link));
        }
        index = end;
    }
}

fn is_link_char(c: char) -> bool {
    c.is_ascii_graphic()
        && !matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '`' | '^' | '\\')
}

fn link_in(scan: &Scan, start: usize, end: usize) -> Option<(Place, Link)> {
    let run = scan.plain_text(start, end);
    let lower = run.to_ascii_lowercase();
    let offset = ["http://", "https://", "www."].iter().filter_map(|head| lower.find(head)).min();
    let begin = start + offset.unwrap_or(0);
    let text = scan.plain_text(begin, end);
    let text = match offset {
        Some(_) => text.as_str(),
        // Without a scheme a comma ends the address, and a mail address is none.
        None => text.split([',', ';']).next().filter(|t| !t.contains('@'))?,
    };
    let text = text.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '~', '-']);
    let (scheme, bare) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Some(Scheme::Https), rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Some(Scheme::Http), rest),
        Some((_, rest)) => (None, rest),
        None => (None, text),
    };
    let (authority, path) = bare.split_at(bare.find(['/', '?', '#']).unwrap_or(bare.len()));
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_ascii_lowercase();
    let fits =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !host.contains('.') || !host.split('.').all(fits) {
        return None;
    }
    if offset.is_none() {
        let ending = host.rsplit('.').next()?;
        let letters = host.bytes().any(|b| b.is_ascii_alphabetic());
        if !TOP_DOMAINS.contains(&ending) || !letters {
            return None;
        }
    }
    let short = SHORTENERS.contains(&host.as_str());
    let address = format!("{}{path}", authority.to_ascii_lowercase());
    Some((Place { start: begin, end: begin + text.chars().count() }, Link { address, host, scheme, short }))
}

const CHAT_WORDS: [(&str, ChatService); 20] = [
    ("QQ", ChatService::Qq),
    ("微信", ChatService::Wechat),
    ("薇信", ChatService::Wechat),
    ("威信", ChatService::Wechat),
    ("VX", ChatService::Wechat),
    ("WX", ChatService::Wechat),
    ("Telegram", ChatService::Telegram),
    ("电报", ChatService::Telegram),
    ("飞机号", ChatService::Telegram),
    ("纸飞机", ChatService::Telegram),
    ("WhatsApp", ChatService::Whatsapp),
    ("LINE", ChatService::Line),
    ("抖音号", ChatService::Douyin),
    ("抖音", ChatService::Douyin),
    ("陌陌", ChatService::Momo),
    ("钉钉号", ChatService::Dingtalk),
    ("钉钉", ChatService::Dingtalk),
    ("支付宝账号", ChatService::Alipay),
    ("支付宝", ChatService::Alipay),
    ("蝙蝠", ChatService::Bat),
];

pub(super) fn chats(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        let Some((place, chat)) = chat_at(scan, index) else {
            index += 1;
            continue;
        };
        // A telephone number under which somebody chats is also a telephone number.
        if Msisdn::parse(&chat.id).is_ok() {
            hits.note(place, Value::Chat(chat));
        } else {
            hits.take(scan, place, Value::Chat(chat));
        }
        index = place.end;
    }
}

fn chat_at(scan: &Scan, index: usize) -> Option<(Place, Chat)> {
    let (word, service) = CHAT_WORDS.iter().find(|(word, _)| scan.starts(index, word))?;
    let latin_before = index > 0 && scan.at(index - 1).is_ascii_alphanumeric();
    if !scan.is_free(index) || (word.is_ascii() && latin_before) {
        return None;
    }
    let mut start = index + word.chars().count();
    if *service == ChatService::Alipay
        && let Some((place, id)) = mail_behind(scan, start)
    {
        return Some((place, Chat { service: ChatService::Alipay, id }));
    }
    let mut skipped = 0;
    while matches!(
        scan.at(start),
        ' ' | ':'
            | '是'
            | '为'
            | '号'
            | '码'
            | '群'
            | '('
            | '['
            | '【'
            | '“'
            | '"'
            | '账'
            | '帐'
            | '户'
            | '@'
            | '加'
            | '+'
            | '搜'
            | '索'
            | '→'
    ) && skipped < 6
    {
        start += 1;
        skipped += 1;
    }
    let length = (start..scan.len())
        .take_while(|i| {
            scan.is_free(*i) && matches!(scan.at(*i), c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        })
        .count();
    let (start, length) = match length {
        0 if *service == ChatService::Qq => bracketed_digits(scan, start)?,
        _ => (start, length),
    };
    let place = Place { start, end: start + length };
    let id = scan.plain_text(place.start, place.end);
    let digits_only = id.bytes().all(|b| b.is_ascii_digit());
    let amount = scan
        .word(place.end, &["元", "万", "块", "千", "笔", "次", "个", "年", "月", ".", ","])
        .is_some_and(|(w, _)| !matches!(w, "," | ".") || scan.is_digit(place.end + 1));
    if digits_only && amount {
        return None;
    }
    let fits = match service {
        ChatService::Qq => digits_only && (5..=11).contains(&length),
        ChatService::Wechat => (6..=20).contains(&length) && (!digits_only || length == 11),
        ChatService::Alipay | ChatService::Dingtalk => (6..=32).contains(&length) && (!digits_only || length == 11),
        _ => (4..=32).contains(&length),
    };
    fits.then_some((place, Chat { service: *service, id }))
}

/// QQ上一个人（3011223344）: the digits in brackets a few characters further on in the clause.
fn bracketed_digits(scan: &Scan, from: usize) -> Option<(usize, usize)> {
    let clause = scan.clause(from);
    let open = (from..from + MAIL_WITHIN).take_while(|i| scan.clause(*i) == clause).find(|i| scan.at(*i) == '(')?;
    let length = (open + 1..).take_while(|i| scan.is_digit(*i) && scan.is_free(*i)).take(12).count();
    ((6..=11).contains(&length) && scan.at(open + 1 + length) == ')').then_some((open + 1, length))
}

/// How far behind 支付宝 the mail address stands that is the account: 支付宝转到 a@example.com.
const MAIL_WITHIN: usize = 10;

/// A mail address a few characters further on in the clause.
fn mail_behind(scan: &Scan, from: usize) -> Option<(Place, String)> {
    let mail = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@');
    let clause = scan.clause(from);
    let start = (from..from + MAIL_WITHIN)
        .take_while(|i| scan.clause(*i) == clause)
        .find(|i| scan.at(*i).is_ascii_alphanumeric())?;
    let length = (start..scan.len()).take_while(|i| mail(scan.at(*i))).take(80).count();
    let text = scan.plain_text(start, start + length);
    let text = text.trim_end_matches(['.', '-']);
    let (name, host) = text.split_once('@')?;
    let fits = !name.is_empty() && host.contains('.') && !host.contains('@');
    let place = Place { start, end: start + text.chars().count() };
    fits.then(|| (place, text.to_owned()))
}

/// Words before the name of an app.
const APP_VERBS: [&str; 12] =
    ["下载并安装", "下载安装", "下载", "安装", "打开", "登录", "注册", "名为", "叫做", "使用", "进入", "通过"];

/// Longest name of an app, in characters.
const APP_NAME_CHARS_MAX: usize = 12;

/// Apps: a name before APP or 软件, in quotes or right behind a verb: 下载“云视讯”APP, 安装国家反诈中心APP.
pub(super) fn apps(scan: &mut Scan, hits: &mut Hits) {
    let mut index = 0;
    while index < scan.len() {
        let behind_latin = index > 0 && scan.at(index - 1).is_ascii_alphabetic();
        let length = match scan.word(index, &["APP", "软件", "应用程序", "客户端"]) {
            Some(("APP", _)) if behind_latin || scan.at(index + 3).is_ascii_alphanumeric() => None,
            Some((_, length)) => Some(length),
            None => None,
        };
        if let Some(length) = length
            && let Some(place) = app_name(scan, index)
        {
            let name = scan.plain_text(place.start, place.end);
            hits.take(scan, place, Value::App(name));
            index += length;
        } else {
            index += 1;
        }
    }
}

fn app_name(scan: &Scan, marker: usize) -> Option<Place> {
    let mut end = marker;
    while end > 0 && matches!(scan.at(end - 1), '的' | ' ') {
        end -= 1;
    }
    let closing = end.checked_sub(1).map(|last| scan.at(last))?;
    if matches!(closing, '"' | '》' | '」' | '】' | '\'') {
        let last = end - 1;
        let first = (last.saturating_sub(APP_NAME_CHARS_MAX)..last)
            .rev()
            .find(|i| matches!(scan.at(*i), '"' | '《' | '「' | '【' | '\''))?
            + 1;
        return (first < last).then_some(Place { start: first, end: last });
    }
    let name_char = |c: char| c.is_alphanumeric();
    let first =
        (end.saturating_sub(APP_NAME_CHARS_MAX + 4)..end).rev().take_while(|i| name_char(scan.at(*i))).last()?;
    // The name begins behind the last verb before it.
    let start = (first..end)
        .rev()
        .find_map(|i| scan.word(i, &APP_VERBS).map(|(_, length)| i + length).filter(|start| *start < end))?;
    let start = start + usize::from(matches!(scan.at(start), '了' | '我' | '该'));
    let generic = scan
        .word(start, &["一个", "一款", "这个", "此", "我们", "指定", "手机", "相关", "官方", "聊天", "本"])
        .is_some();
    (start < end && !generic && (start..end).all(|i| scan.is_free(i))).then_some(Place { start, end })
}
