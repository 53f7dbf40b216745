//! What the classifier looks at: n-grams over the symbols of a text, and what kinds of contact it names.
//!
//! A symbol is a character, or one that stands for a whole contact or number, so that a message with another telephone
//! number is the same message. Anonymised collections write these as words (`PHONE`, `URL`, `NAME` …); they are read as
//! the same symbols. Punctuation, spaces and single digits are left out, since senders scatter them.
//!
//! The opening counts twice: it is where a sender says who he claims to be, and the same words mean something else there
//! (“我是公安局的”) than further on (“不要告诉公安局”).

mod symbols;

use crate::normal::Normal;
pub(crate) use symbols::Symbol;

/// Longest n-gram.
pub(crate) const GRAM_MAX: usize = 4;

/// How many symbols the opening has, and its longest n-gram.
const OPENING_SYMBOLS: usize = 40;
const OPENING_GRAM_MAX: usize = 3;

/// Where a [`Gram`] of a sign starts: at no symbol.
pub(crate) const SIGN: u32 = u32::MAX;

/// A feature of a text where it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gram {
    /// Hash of the n-gram.
    pub key: u32,
    /// First symbol; for a feature of the whole text 0.
    pub start: u32,
    /// Number of symbols; for a feature of the whole text 0.
    pub length: u32,
}

/// The features of a text, in memory that is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Features {
    /// The text in normal form.
    pub normal: Normal,
    /// Its symbols.
    pub symbols: Vec<Symbol>,
    /// Its features, each occurrence once.
    pub grams: Vec<Gram>,
    /// How many of them, from the first, are n-grams wherever they stand.
    anywhere: usize,
}

impl Features {
    /// Reads a text.
    pub fn read(&mut self, text: &str) {
        self.normal.read(text);
        let kinds = symbols::read(&self.normal.units, &mut self.symbols);
        self.grams.clear();
        self.grams.reserve(self.symbols.len() * GRAM_MAX + OPENING_SYMBOLS * OPENING_GRAM_MAX + 16);
        grams(&self.symbols, GRAM_MAX, ANYWHERE, &mut self.grams);
        self.anywhere = self.grams.len();
        let opening = self.symbols.get(..OPENING_SYMBOLS).unwrap_or(&self.symbols);
        grams(opening, OPENING_GRAM_MAX, OPENING, &mut self.grams);
        self.signs();
        for code in kinds.codes() {
            self.grams.push(Gram { key: key(mix(1, code)), start: 0, length: 0 });
        }
    }
}

/// What the hash of an n-gram begins with, by where it counts.
const ANYWHERE: u64 = 0;
const OPENING: u64 = 77;

fn grams(symbols: &[Symbol], longest: usize, seed: u64, grams: &mut Vec<Gram>) {
    for (start, rest) in (0_u32..).zip((0..symbols.len()).filter_map(|start| symbols.get(start..))) {
        let mut hash = seed;
        for (symbol, length) in rest.iter().take(longest).zip(1..) {
            hash = mix(hash, symbol.code);
            grams.push(Gram { key: key(hash), start, length });
        }
    }
}

impl Features {
    /// The n-grams of the text wherever they stand.
    pub fn anywhere(&self) -> &[Gram] {
        self.grams.get(..self.anywhere).unwrap_or_default()
    }

    /// Signs and what stands beside them. They tell one's own senders apart; a model for everywhere is trained without,
    /// since who copies a text sets other signs.
    fn signs(&mut self) {
        let units = &self.normal.units;
        let code = |index: usize| match units.get(index).map(|unit| unit.c) {
            // Which letter or digit it is may belong to a contact.
            Some(c) if c.is_ascii_alphanumeric() => u32::from('a'),
            Some(c) => u32::from(c),
            None => 0,
        };
        let mut symbols = self.symbols.iter().peekable();
        for (index, unit) in units.iter().enumerate() {
            // Signs inside of a contact belong to it.
            while symbols.next_if(|symbol| symbol.end as usize <= index).is_some() {}
            if symbols.peek().is_some_and(|symbol| symbol.start as usize <= index) {
                continue;
            }
            if unit.c == ' ' || unit.c.is_alphanumeric() {
                continue;
            }
            let (sign, next) = (mix(2, u32::from(unit.c)), code(index + 1));
            let before = mix(sign, code(index.wrapping_sub(1)));
            for hash in [sign, before, mix(mix(3, u32::from(unit.c)), next), mix(before, next)] {
                self.grams.push(Gram { key: key(hash), start: SIGN, length: 0 });
            }
        }
    }
}

fn mix(hash: u64, code: u32) -> u64 {
    (hash.rotate_left(5) ^ u64::from(code)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn key(hash: u64) -> u32 {
    u32::try_from((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<u32> {
        let mut features = Features::default();
        features.read(text);
        let mut keys: Vec<u32> = features.grams.iter().map(|gram| gram.key).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn evasion_changes_no_feature_of_the_words() {
        let plain = keys("转账验证码");
        for written in ["轉賬驗證碼", "转 账 验 证 码", "转\u{200B}账验证码", "转👍账验证码"] {
            assert_eq!(keys(written), plain, "{written}");
        }
    }

    #[test]
    fn signs_between_characters_leave_the_words_as_they_are() {
        let (plain, broken) = (keys("转账验证码"), keys("转-账*验证码"));
        assert!(plain.iter().all(|key| broken.binary_search(key).is_ok()));
    }

    #[test]
    fn another_number_is_the_same_message() {
        assert_eq!(keys("请致电13800138000办理"), keys("请致电CELLPHONE办理"));
        assert_eq!(keys("请致电13800138000办理"), keys("请致电13912345678办理"));
        assert_eq!(keys("登录https://a.example.com/x查询"), keys("登录URL查询"));
        assert_eq!(keys("登录abc点top查询"), keys("登录URL查询"));
        assert_ne!(keys("请致电13800138000办理"), keys("请致电办理"));
    }
}
