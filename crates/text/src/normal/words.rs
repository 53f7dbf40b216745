//! Words in disguise that are known by what stands beside them: 加薇, V信, 企鹅号, 钅艮彳亍, `abc点com`, `hxxp`.

use super::Unit;
use super::hanzi::SPLIT;

/// Endings of addresses that people read a 点 before.
pub(crate) const TOP_DOMAINS: [&str; 41] = [
    "com", "cn", "net", "org", "top", "xyz", "vip", "cc", "app", "info", "shop", "site", "club", "online", "io", "me",
    "co", "tv", "pw", "work", "fun", "ltd", "icu", "live", "link", "tk", "ml", "ga", "cf", "hk", "tw", "win", "store",
    "biz", "ink", "wang", "pro", "red", "asia", "im", "cyou",
];

/// Writes such words plainly.
pub(super) fn plain(units: &mut Vec<Unit>) {
    let mut out: Vec<Unit> = Vec::with_capacity(units.len() + 8);
    let mut index = 0;
    while index < units.len() {
        index = step(units, index, &mut out);
    }
    *units = out;
}

/// Writes what begins at `index`, and gives where to go on.
fn step(units: &[Unit], index: usize, out: &mut Vec<Unit>) -> usize {
    let text = Text { units, before: out.last().map_or('\0', |unit| unit.c) };
    let Some(unit) = units.get(index).copied() else { return index + 1 };
    let replaced = match unit.c {
        '亻' | '钅' | '彳' | '讠' | '木' | '扌' | '礻' | '禾' | '贝' | '君' | '氵' | '纟' | '犭' | '弓' => {
            text.split(index)
        }
        '微' | '薇' | '徽' | '维' | '葳' | '巍' | '溦' | '威' | '唯' | '卫' | 'v' | 'V' | 'w' | 'W' => {
            text.wechat(index)
        }
        '扣' | '叩' | '蔻' | '企' | '球' | '秋' | 'q' | 'Q' => text.qq(index),
        '裙' => text.group(index),
        'z' | 'Z' => text.latin(index, "zfb").then_some((3, Put::Word("支付宝"))),
        '。' | '点' | '丶' | '、' | '·' | '[' | '(' | '{' | ' ' | '.' | 'd' => text.dot(index),
        'h' | 'H' => (text.word(index, "hxxps:") || text.word(index, "hxxp:")).then_some((4, Put::Word("http"))),
        _ => None,
    };
    let Some((length, put)) = replaced else {
        out.push(unit);
        return index + 1;
    };
    let last = units.get(index + length - 1).map_or(unit.end, |last| last.end);
    match put {
        Put::Word(word) => out.extend(word.chars().map(|c| Unit { c, start: unit.start, end: last })),
        Put::Char(c) => out.push(Unit { c, start: unit.start, end: last }),
    }
    index + length
}

enum Put {
    Word(&'static str),
    Char(char),
}

type Replaced = Option<(usize, Put)>;

struct Text<'a> {
    units: &'a [Unit],
    /// The last character written.
    before: char,
}

impl Text<'_> {
    fn at(&self, index: usize) -> char {
        self.units.get(index).map_or('\0', |unit| unit.c)
    }

    fn word(&self, index: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.at(index + offset).eq_ignore_ascii_case(&c))
    }

    /// A Latin word that stands by itself.
    fn latin(&self, index: usize, word: &str) -> bool {
        self.word(index, word)
            && !self.before.is_ascii_alphanumeric()
            && !matches!(self.before, '.' | '/' | '-' | '_' | '@')
            && !self.at(index + word.len()).is_ascii_alphanumeric()
    }

    /// Whether an account may begin at `index`: a letter or digit, perhaps behind `:` or 号.
    fn names_account(&self, index: usize) -> bool {
        let c = self.at(index);
        c.is_ascii_alphanumeric()
            || matches!(c, ':' | '号' | '同')
            || (c == ' ' && self.at(index + 1).is_ascii_alphanumeric())
    }

    fn asks_to_add(&self) -> bool {
        matches!(self.before, '加' | '+' | '添' | '佳' | '嘉' | '家')
    }

    fn split(&self, index: usize) -> Replaced {
        let (first, second) = (self.at(index), self.at(index + 1));
        if first == '彳' && self.before != '银' && self.before != '支' {
            return None;
        }
        let (.., whole) = SPLIT.iter().find(|(a, b, _)| *a == first && *b == second)?;
        Some((2, Put::Char(*whole)))
    }

    fn wechat(&self, index: usize) -> Replaced {
        const WORD: Put = Put::Word("微信");
        let (first, second) = (self.at(index), self.at(index + 1));
        if matches!(first, 'w' | 'W') {
            for word in ["weixin", "wechat"] {
                if self.word(index, word) && !self.before.is_ascii_alphanumeric() {
                    // The placeholder of anonymised texts stays.
                    return (first == 'w' || self.at(index + 1) != 'E').then_some((6, WORD));
                }
            }
        }
        if matches!(first, 'v' | 'V' | 'w' | 'W') {
            if self.before.is_ascii_alphanumeric() || matches!(self.before, '.' | '/' | '-' | '_' | '@') {
                return None;
            }
            let two = matches!(second, 'x' | 'X') && !matches!(self.at(index + 2), '.' | '/' | '_' | '-');
            if two && (!self.at(index + 2).is_ascii_alphabetic() || self.asks_to_add()) {
                return Some((2, WORD));
            }
            if matches!(first, 'w' | 'W') {
                return None;
            }
            if matches!(second, '信' | '芯' | '伈' | '鑫') {
                return Some((2, WORD));
            }
            let alone = !second.is_ascii_alphanumeric() && !matches!(second, '.' | '/' | '-' | '_');
            return (alone && self.asks_to_add() && self.names_account(index + 1)
                || alone && self.asks_to_add() && self.before != '+')
                .then_some((1, WORD));
        }
        let disguise = matches!(first, '薇' | '徽' | '葳' | '溦' | '巍');
        if matches!(second, '信' | '芯' | '心' | '星' | '鑫' | '辛') {
            let sure = (disguise && second != '星') || (first == '微' && second != '信' && second != '辛');
            let beside = self.asks_to_add() || (second == '信' && self.at(index + 2) == '号');
            return (sure || beside).then_some((2, WORD));
        }
        let alone = self.asks_to_add() && (disguise || first == '微') && (disguise || self.names_account(index + 1));
        alone.then_some((1, WORD))
    }

    fn qq(&self, index: usize) -> Replaced {
        const WORD: Put = Put::Word("QQ");
        let (first, second) = (self.at(index), self.at(index + 1));
        let account_at = |from: usize| {
            self.at(from).is_ascii_digit() || matches!(self.at(from), '号' | '群' | ':') || self.asks_to_add()
        };
        match (first, second) {
            ('扣', '扣') | ('叩', '叩') | ('蔻', '蔻') => Some((2, WORD)),
            ('企', '鹅') | ('球', '球') | ('秋', '秋') if account_at(index + 2) => Some((2, WORD)),
            ('q' | 'Q', next) if !next.is_ascii_alphabetic() && !self.before.is_ascii_alphanumeric() => {
                let digits = (1..=5).all(|offset| self.at(index + offset).is_ascii_digit());
                let named = matches!(next, ':' | ' ') && (2..=6).all(|offset| self.at(index + offset).is_ascii_digit());
                let sure = self.asks_to_add() || self.before != '.';
                (named || next == '群' || (digits && sure)).then_some((1, WORD))
            }
            _ => None,
        }
    }

    /// 裙 for 群 where one is asked into it.
    fn group(&self, index: usize) -> Replaced {
        let asked = matches!(self.before, '加' | '+' | '进' | '入' | '扣' | 'Q' | 'q' | '信' | '微');
        let dress = matches!(self.at(index + 1), '子' | '装' | '摆');
        (asked && !dress).then_some((1, Put::Char('群')))
    }

    /// A full stop of an address that is written as something else.
    fn dot(&self, index: usize) -> Replaced {
        const DOT: Put = Put::Char('.');
        if !self.before.is_ascii_alphanumeric() {
            return None;
        }
        for shape in ["[.]", "(.)", "{.}", "[点]", "(点)", "[dot]", "(dot)", "{dot}", " dot "] {
            let length = shape.chars().count();
            if self.word(index, shape) && self.at(index + length).is_ascii_alphanumeric() {
                return Some((length, DOT));
            }
        }
        match self.at(index) {
            '。' | '点' | '丶' | '、' | '·' => self.stop(index + 1).then_some((1, DOT)),
            ' ' if self.at(index + 1) == '.' => self.ends_address(index + 2).then_some((2, DOT)),
            '.' if self.at(index + 1) == ' ' => self.ends_address(index + 2).then_some((2, DOT)),
            _ => None,
        }
    }

    /// Whether the Latin run at `start` can follow a disguised stop: the ending of an address, or a part before one.
    fn stop(&self, start: usize) -> bool {
        let run = (start..).take_while(|i| self.at(*i).is_ascii_alphanumeric()).take(30).count();
        let digit_before = self.before.is_ascii_digit() && self.at(start - 1) == '点' && run <= 3;
        if run == 0 || (digit_before && !self.letters_before(start - 1)) {
            return false;
        }
        self.ends_address(start)
            || (matches!(self.at(start + run), '。' | '点' | '.' | '丶' | '·') && self.ends_address(start + run + 1))
    }

    fn letters_before(&self, index: usize) -> bool {
        (0..index).rev().map(|i| self.at(i)).take_while(|c| c.is_ascii_alphanumeric()).any(|c| c.is_ascii_alphabetic())
    }

    fn ends_address(&self, start: usize) -> bool {
        TOP_DOMAINS
            .iter()
            .any(|ending| self.word(start, ending) && !self.at(start + ending.len()).is_ascii_alphanumeric())
    }
}
