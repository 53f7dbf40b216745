//! Undoes evasion: whatever way a message is written, one form comes out, and each character of it knows the bytes that
//! it came from.

mod hanzi;
mod letters;
mod numerals;
mod spelled;
pub(crate) mod words;

pub use hanzi::simplified;

use crate::Span;

/// What stands before the mark of a list.
const ENDS_BEFORE_MARK: &str = "\n\r ：:；;，,。、)）为是";

fn is_circled(c: char) -> bool {
    matches!(c, '①'..='⑳')
}

/// Longest text that is looked at, in bytes; what follows is passed over. A narrative of 100,000 characters fits.
pub const TEXT_BYTES_MAX: usize = 400_000;

/// A character of the normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The character.
    pub c: char,
    /// First byte in the original.
    pub start: u32,
    /// Behind the last byte in the original.
    pub end: u32,
}

/// A text in normal form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Normal {
    /// Its characters.
    pub units: Vec<Unit>,
}

impl Normal {
    /// Brings a text into normal form.
    pub fn of(text: &str) -> Self {
        let mut normal = Self::default();
        normal.read(text);
        normal
    }

    /// Brings another text into normal form, in the same memory.
    pub fn read(&mut self, text: &str) {
        self.units.clear();
        let marks = self.fold(text);
        if marks.single_letters {
            spelled::join(&mut self.units);
        }
        if marks.words {
            words::plain(&mut self.units);
        }
        if marks.numerals {
            numerals::plain(&mut self.units);
        }
    }

    fn fold(&mut self, text: &str) -> Marks {
        let mut marks = Marks::default();
        let (mut alone, mut singles, mut previous) = (true, 0_u32, ' ');
        let mut characters = text.char_indices().peekable();
        let mut before = '\n';
        while let Some((start, c)) = characters.next() {
            // ①08:41, ②08:44: the mark of a list, not a digit of the number behind it.
            let mark = is_circled(c)
                && ENDS_BEFORE_MARK.contains(before)
                && characters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
            before = c;
            if start >= TEXT_BYTES_MAX {
                break;
            }
            let end = start + c.len_utf8();
            // Positions fit: the text ends at TEXT_BYTES_MAX.
            let (start, end) = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX));
            letters::fold(if mark { ' ' } else { c }, &mut |c| {
                marks.see(c);
                // A letter or digit with something else on both sides, several times, may be a word spelled out.
                let letter = c.is_ascii_alphanumeric();
                if letter && !previous.is_ascii_alphanumeric() {
                    alone = true;
                } else if letter {
                    alone = false;
                } else if previous.is_ascii_alphanumeric() && alone {
                    singles += 1;
                }
                previous = c;
                self.units.push(Unit { c, start, end });
            });
        }
        marks.single_letters = singles >= 3;
        marks
    }

    /// The normal form as a string.
    pub fn text(&self) -> String {
        self.units.iter().map(|unit| unit.c).collect()
    }
}

/// The bytes that units `start..end` came from.
pub(crate) fn span(units: &[Unit], start: usize, end: usize) -> Span {
    let covered = units.get(start..end).unwrap_or_default();
    match (covered.first(), covered.last()) {
        (Some(first), Some(last)) => Span { start: first.start as usize, end: last.end as usize },
        _ => Span { start: 0, end: 0 },
    }
}

/// What was seen while folding, so that a text without it skips the later steps.
#[derive(Debug, Default)]
struct Marks {
    single_letters: bool,
    words: bool,
    numerals: bool,
}

impl Marks {
    fn see(&mut self, c: char) {
        match c {
            '微' | '薇' | '徽' | '维' | '葳' | '巍' | '溦' | '威' | '唯' | '卫' | 'v' | 'V' | 'w' | 'W' | '扣'
            | '叩' | '蔻' | '企' | '球' | '秋' | 'q' | 'Q' | '裙' | '亻' | '钅' | '彳' | '讠' | '木' | '扌' | '礻'
            | '禾' | '贝' | '君' | '氵' | '纟' | '犭' | '弓' | '点' | '丶' | '[' | '(' | '{' | '.' | '。' | 'x'
            | 'X' | 'z' | 'Z' | 'd' => {
                self.words = true;
            }
            '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '幺' | '两' | '壹' | '贰'
            | '叁' | '肆' | '伍' | '陆' | '柒' | '捌' | '玖' | '洞' | '拐' | 'o' | 'O' | 'l' | 'I' | 'S' => {
                self.numerals = true
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(Normal::of(input).text(), expect, "{input}");
    }

    #[test]
    fn chat_words() {
        check("加薇信abc123", "加微信abc123");
        check("加徽：abc123", "加微信:abc123");
        check("加V信", "加微信");
        check("十V：abc", "十V:abc");
        check("+V：abc123", "+微信:abc123");
        check("加v abc123", "加微信 abc123");
        check("VX：abc123", "微信:abc123");
        check("vx同号", "微信同号");
        check("加wx", "加微信");
        check("溦❤号", "微信号");
        check("威信扫地", "威信扫地");
        check("加威信13800138000", "加微信13800138000");
        check("扣扣123456", "QQ123456");
        check("企鹅号123456", "QQ号123456");
        check("企鹅很可爱", "企鹅很可爱");
        check("加Q123456", "加QQ123456");
        check("加裙领红包", "加群领红包");
        check("红裙子", "红裙子");
        check("君羊号", "群号");
        check("weixin：abc123", "微信:abc123");
        check("zfb转我", "支付宝转我");
    }

    #[test]
    fn split_characters() {
        check("钅艮彳亍", "银行");
        check("彳亍街头", "彳亍街头");
        check("加微亻言", "加微信");
        check("木几会", "机会");
    }

    #[test]
    fn addresses() {
        check("www。abc。com", "www.abc.com");
        check("abc点com", "abc.com");
        check("abc[.]com", "abc.com");
        check("abc(点)com", "abc.com");
        check("hxxps://abc.top/x", "https://abc.top/x");
        check("abc .com", "abc.com");
        check("点com店", "点com店");
        check("上午9点com", "上午9点com");
        check("w w w . a b c . c o m", "www.abc.com");
        check("w-w-w-.-a-b-c-.-t-o-p", "www.abc.top");
    }

    #[test]
    fn numerals_of_telephones() {
        check("幺三八零零幺三八零零零", "13800138000");
        check("一三八〇〇一三八〇〇〇", "13800138000");
        check("1三8 零零13 八000", "138 0013 8000");
        check("l38OO138OOO", "13800138000");
        check("①③⑧００１３８０００", "13800138000");
        check("1 3 8 0 0 1 3 8 0 0 0", "13800138000");
        check("1-3-8-0-0-1-3-8-0-0-0", "13800138000");
        check("loooo元", "10000元");
        check("转走2笔:①08:41 19998元;②08:44 9999元", "转走2笔: 08:41 19998元; 08:44 9999元");
        check("一万二千元", "一万二千元");
        check("三五个人", "三五个人");
        check("二〇二六年", "二〇二六年");
        check("Ollie", "Ollie");
    }

    #[test]
    fn ordinary_texts_stay() {
        for text in [
            "您的验证码是123456,5分钟内有效。",
            "明天下午3点开会,A B两组都来",
            "https://www.example.com/a?b=1",
            "5-7-9号楼",
            "维信公司",
        ] {
            check(text, text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_keeps_its_map(
            text in "\\PC{0,60}|[0-9a-zA-ZvVxX微薇加信点。.\\[\\](){} 一二三零幺○lO\u{200B}👍+:亻言]{0,60}",
        ) {
            let normal = Normal::of(&text);
            let mut last = 0;
            for unit in &normal.units {
                let (start, end) = (unit.start as usize, unit.end as usize);
                proptest::prop_assert!(start < end && end <= text.len() && start >= last, "{:?}", normal);
                proptest::prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
                last = start;
            }
        }

        #[test]
        fn invisible_characters_change_nothing(text in "[a-z0-9加微信点账]{0,20}", place in 0usize..20) {
            let mut broken: Vec<char> = text.chars().collect();
            broken.insert(place.min(broken.len()), '\u{200B}');
            let broken: String = broken.into_iter().collect();
            proptest::prop_assert_eq!(Normal::of(&broken).text(), Normal::of(&text).text());
        }
    }
}
