//! Symbols of a text: its characters, with contacts and numbers each as one.

use crate::normal::Unit;
use crate::normal::words::TOP_DOMAINS;

/// A symbol, and the units it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// A character, or one of the codes above Unicode.
    pub code: u32,
    /// First unit.
    pub start: u32,
    /// Behind the last unit.
    pub end: u32,
}

/// Codes above the last character of Unicode.
const SPECIAL: u32 = 0x0011_0000;

/// What a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum Kind {
    Phone = 1,
    Mobile,
    Hotline,
    Link,
    Name,
    Place,
    Number,
    Chat,
    Card,
}

/// Words by which anonymised texts name what they left out.
const PLACEHOLDERS: [(&str, Kind); 9] = [
    ("CELLPHONE", Kind::Mobile),
    ("HOTLINE", Kind::Hotline),
    ("WECHAT", Kind::Chat),
    ("PHONE", Kind::Phone),
    ("DIGIT", Kind::Number),
    ("PLACE", Kind::Place),
    ("NAME", Kind::Name),
    ("BANK", Kind::Card),
    ("URL", Kind::Link),
];

/// Kinds of contact that a text names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds(u32);

impl Kinds {
    fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u32;
    }

    fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    /// Codes of the features of the whole text.
    pub fn codes(self) -> impl Iterator<Item = u32> {
        let any = self.has(Kind::Phone) || self.has(Kind::Mobile) || self.has(Kind::Hotline);
        let reached = any || self.has(Kind::Link) || self.has(Kind::Chat);
        [
            self.has(Kind::Link).then_some(1),
            any.then_some(2),
            self.has(Kind::Chat).then_some(3),
            (!reached).then_some(4),
            self.has(Kind::Card).then_some(5),
        ]
        .into_iter()
        .flatten()
    }
}

/// Reads the symbols of a text.
pub(super) fn read(units: &[Unit], symbols: &mut Vec<Symbol>) -> Kinds {
    symbols.clear();
    symbols.reserve(units.len());
    let mut kinds = Kinds::default();
    let mut index = 0;
    while let Some(unit) = units.get(index) {
        let c = unit.c;
        if !c.is_ascii() {
            if is_character(c) || c.is_alphanumeric() {
                push(symbols, u32::from(c), index, index + 1);
            }
            index += 1;
        } else if c.is_ascii_alphanumeric() || c == '+' {
            index = latin(units, index, symbols, &mut kinds);
        } else {
            index += 1;
        }
    }
    kinds
}

/// Chinese characters are nearly all there is, and known without a table.
pub(super) fn is_character(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}

fn push(symbols: &mut Vec<Symbol>, code: u32, start: usize, end: usize) {
    let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    symbols.push(Symbol { code, start: place(start), end: place(end) });
}

fn at(units: &[Unit], index: usize) -> char {
    units.get(index).map_or('\0', |unit| unit.c)
}

/// Reads what begins with a Latin letter or digit at `start`; gives where it ends.
fn latin(units: &[Unit], start: usize, symbols: &mut Vec<Symbol>, kinds: &mut Kinds) -> usize {
    let mut special = |kind: Kind, end: usize| {
        kinds.add(kind);
        push(symbols, SPECIAL + kind as u32, start, end);
        end
    };
    let mut end = start;
    let mut dotted = false;
    while at(units, end).is_ascii_alphanumeric()
        || matches!(at(units, end), '.' | ':' | '/' | '-' | '_' | '?' | '=' | '&' | '%' | '#' | '@' | '~' | '+')
    {
        dotted |= at(units, end) == '.' || (at(units, end) == '/' && end > start);
        end += 1;
    }
    if dotted && let Some(end) = link_end(units, start, end) {
        return special(Kind::Link, end);
    }
    let c = at(units, start);
    if c.is_ascii_digit() || (c == '+' && at(units, start + 1).is_ascii_digit()) {
        let (kind, end) = number(units, start);
        return match kind {
            Some(kind) => special(kind, end),
            None => end,
        };
    }
    if c == '+' {
        return start + 1;
    }
    if c.is_ascii_uppercase() {
        for (word, kind) in PLACEHOLDERS {
            if word.bytes().enumerate().all(|(offset, byte)| at(units, start + offset) == char::from(byte)) {
                return special(kind, start + word.len());
            }
        }
    }
    if is_chat_id(units, start) {
        let end = (start..).find(|i| !is_id(at(units, *i))).unwrap_or(start + 1);
        return special(Kind::Chat, end);
    }
    push(symbols, u32::from(c.to_ascii_lowercase()), start, start + 1);
    start + 1
}

/// Where an address that begins at `start` ends; the run of its characters ends at `end`.
fn link_end(units: &[Unit], start: usize, end: usize) -> Option<usize> {
    let starts = |index: usize, word: &str| {
        word.bytes().enumerate().all(|(offset, b)| at(units, index + offset).eq_ignore_ascii_case(&char::from(b)))
    };
    if starts(start, "http://") || starts(start, "https://") || starts(start, "www.") {
        return Some(end);
    }
    // The host ends at the first sign that no host has; its last part must be a known ending.
    let host_end = (start..end)
        .find(|i| !(at(units, *i).is_ascii_alphanumeric() || matches!(at(units, *i), '.' | '-')))
        .unwrap_or(end);
    let host_end = (start..host_end).rev().find(|i| at(units, *i) != '.').map_or(start, |last| last + 1);
    let last_dot = (start..host_end).rev().find(|i| at(units, *i) == '.')?;
    let ending = host_end - last_dot - 1;
    let known = TOP_DOMAINS.iter().any(|domain| domain.len() == ending && starts(last_dot + 1, domain));
    let letter = (start..last_dot).any(|i| at(units, i).is_ascii_alphabetic()) || at(units, host_end) == '/';
    (known && letter && last_dot > start && at(units, host_end) != '@').then_some(end)
}

/// A number: what it is, and where it ends. Single digits are nothing.
fn number(units: &[Unit], start: usize) -> (Option<Kind>, usize) {
    let mut digits = [0_u8; 20];
    let (mut count, mut end, mut index, mut grouped) = (0, start, start, false);
    if at(units, index) == '+' {
        index += 1;
    }
    loop {
        let c = at(units, index);
        if c.is_ascii_digit() {
            if let (Some(slot), Some(value)) = (digits.get_mut(count), c.to_digit(10)) {
                *slot = u8::try_from(value).unwrap_or(0);
            }
            count += 1;
            index += 1;
            end = index;
        } else if matches!(c, ' ' | '-' | '*' | '.' | ',' | '_') && at(units, index + 1).is_ascii_digit() && count <= 24
        {
            grouped = true;
            index += 1;
        } else {
            break;
        }
    }
    let known = digits.get(..count.min(20)).unwrap_or_default();
    let known = known
        .strip_prefix(&[0, 0, 8, 6])
        .or_else(|| known.strip_prefix(&[8, 6]).filter(|rest| rest.len() == 11))
        .unwrap_or(known);
    let kind = match (known, known.len()) {
        ([1, 3..=9, ..], 11) => Kind::Mobile,
        ([4 | 8, 0, 0, ..], 10) | ([9, 5 | 6, ..], 5..=6) | ([1, 0, 0, ..], 5) | ([1, 2, 3, ..], 5) => Kind::Hotline,
        ([0, 1..=9, ..], 10..=12) => Kind::Phone,
        ([2..=8, ..], 7 | 8) if !grouped || count == 8 || count == 7 => Kind::Phone,
        (_, 16..=19) => Kind::Card,
        _ if grouped => {
            // Groups that make up no contact are numbers by themselves: 2026-11-22, 3.5.
            let first = (start..).find(|i| !at(units, *i).is_ascii_digit()).unwrap_or(end);
            let decimals = matches!(at(units, first), '.' | ',');
            return if decimals {
                (Some(Kind::Number), end)
            } else {
                ((first - start >= 2).then_some(Kind::Number), first.max(start + 1))
            };
        }
        (_, 0 | 1) => return (None, end.max(start + 1)),
        _ => Kind::Number,
    };
    (Some(kind), end)
}

fn is_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Whether a name under which somebody chats begins here: right behind 微信 or 微信号, with a letter first.
fn is_chat_id(units: &[Unit], start: usize) -> bool {
    let mut before = start;
    while before > 0 && matches!(at(units, before - 1), ' ' | ':' | '号' | '是' | '为' | '"') && start - before < 4 {
        before -= 1;
    }
    if before < 2 || at(units, before - 1) != '信' || at(units, before - 2) != '微' {
        return false;
    }
    let length = (start..).take_while(|i| is_id(at(units, *i))).take(21).count();
    (5..=20).contains(&length) && !(start..start + length).all(|i| at(units, i).is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::Normal;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        let mut symbols = Vec::new();
        read(&Normal::of(input).units, &mut symbols);
        let shown: String = symbols
            .iter()
            .map(|symbol| match char::from_u32(symbol.code) {
                Some(c) => c.to_string(),
                None => PLACEHOLDERS
                    .iter()
                    .find(|(_, kind)| *kind as u32 + SPECIAL == symbol.code)
                    .map(|(word, _)| format!("<{word}>"))
                    .unwrap_or_default(),
            })
            .collect();
        assert_eq!(shown, expect, "{input}");
    }

    #[test]
    fn contacts_are_one_symbol() {
        check("电话138-0013-8000。", "电话<CELLPHONE>");
        check("+86 13800138000", "<CELLPHONE>");
        check("拨打0731-88888888或95588", "拨打<PHONE>或<HOTLINE>");
        check("客服400-800-1234", "客服<HOTLINE>");
        check("卡号6222 0212 3456 7890 128", "卡号<BANK>");
        check("网址t.cn/Ab3d4", "网址<URL>");
        check("http://192.168.1.1:80/a", "<URL>");
        check("登录www.a-b.top!", "登录<URL>");
        check("微信号:abc_123", "微信号<WECHAT>");
        check("DIGITCELLPHONEURLdf", "<DIGIT><CELLPHONE><URL>df");
    }

    #[test]
    fn numbers_are_one_symbol_and_single_digits_none() {
        check("2026年11月2日", "<DIGIT>年<DIGIT>月日");
        check("满1,000.50元减5元", "满<DIGIT>元减元");
        check("4G套餐VIP", "g套餐vip");
        check("2026-11-22 15:20", "<DIGIT><DIGIT><DIGIT><DIGIT><DIGIT>");
    }
}
