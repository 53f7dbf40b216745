//! A text as readers walk it: its characters, what is already explained, and where clauses and sentences end.

use std::ops::Range;

use crate::normal::Unit;

/// The characters that a [`Scan`] walks over.
pub trait Characters {
    /// How many there are.
    fn count(&self) -> usize;
    /// The character at a place, in half width; NUL outside.
    fn at(&self, index: usize) -> char;
    /// Whether it was written in full width (a comma between sentences rather than in a number).
    fn is_full_width(&self, index: usize) -> bool;
}

impl Characters for &[Unit] {
    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> char {
        self.get(index).map_or('\0', |unit| unit.c)
    }

    fn is_full_width(&self, index: usize) -> bool {
        self.get(index).is_some_and(|unit| unit.c.is_ascii() && unit.end - unit.start > 1)
    }
}

/// A text as readers walk it. Places are counted in its characters.
pub struct Scan<C> {
    characters: C,
    taken: Vec<bool>,
    /// Number of the clause that each character stands in.
    clause: Vec<u32>,
    /// Number of the sentence that each clause stands in.
    sentence: Vec<u32>,
}

impl<C: Characters> Scan<C> {
    /// Nothing is explained yet.
    pub fn new(characters: C) -> Self {
        let count = characters.count();
        let mut scan =
            Self { characters, taken: vec![false; count], clause: Vec::with_capacity(count), sentence: Vec::new() };
        scan.cut();
        scan
    }

    /// Brackets hold a clause together: （户名张三，湘江示范银行） belongs to what stands before it.
    fn cut(&mut self) {
        let (mut clause, mut sentence, mut depth) = (0, 0, 0_u32);
        self.sentence.push(sentence);
        for index in 0..self.len() {
            self.clause.push(clause);
            match self.at(index) {
                '(' | '【' => depth += 1,
                ')' | '】' => depth = depth.saturating_sub(1),
                '。' | ';' | '!' | '?' | '\n' => {
                    depth = 0;
                    clause += 1;
                    sentence += 1;
                    self.sentence.push(sentence);
                }
                ',' if depth == 0 && !self.groups_digits(index) => {
                    clause += 1;
                    self.sentence.push(sentence);
                }
                _ => {}
            }
        }
    }

    fn groups_digits(&self, comma: usize) -> bool {
        !self.is_full_width(comma) && self.is_digit(comma.wrapping_sub(1)) && self.is_digit(comma + 1)
    }

    /// The characters themselves.
    pub fn characters(&self) -> &C {
        &self.characters
    }

    /// How many characters there are.
    pub fn len(&self) -> usize {
        self.taken.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// The character, in half width; NUL outside.
    pub fn at(&self, index: usize) -> char {
        self.characters.at(index)
    }

    /// Whether a digit of ASCII stands there.
    pub fn is_digit(&self, index: usize) -> bool {
        self.at(index).is_ascii_digit()
    }

    /// Whether the character was written in full width.
    pub fn is_full_width(&self, index: usize) -> bool {
        self.characters.is_full_width(index)
    }

    /// Whether a word begins there; Latin letters in any case.
    pub fn starts(&self, index: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.at(index + offset).eq_ignore_ascii_case(&c))
    }

    /// The first of the words that begins here, with its length.
    pub fn word<'w>(&self, index: usize, words: &[&'w str]) -> Option<(&'w str, usize)> {
        words.iter().find(|word| self.starts(index, word)).map(|word| (*word, word.chars().count()))
    }

    /// The characters of a range, in half width.
    pub fn plain_text(&self, start: usize, end: usize) -> String {
        (start..end.min(self.len())).map(|index| self.at(index)).collect()
    }

    /// Notes that a range is explained.
    pub fn take(&mut self, range: Range<usize>) {
        let end = range.end.min(self.len());
        for flag in self.taken.get_mut(range.start..end).unwrap_or_default() {
            *flag = true;
        }
    }

    /// Whether a character is still to be explained.
    pub fn is_free(&self, index: usize) -> bool {
        self.taken.get(index) == Some(&false)
    }

    /// The clause that a character stands in.
    pub fn clause(&self, index: usize) -> u32 {
        self.clause.get(index).copied().unwrap_or(u32::MAX)
    }

    /// The sentence that a character stands in.
    pub fn sentence(&self, index: usize) -> u32 {
        self.sentence.get(self.clause(index) as usize).copied().unwrap_or(u32::MAX)
    }

    /// Up to `most` characters before `index` in the same clause.
    pub fn before(&self, index: usize, most: usize) -> String {
        let clause = self.clause(index);
        let mut start = index;
        while start > 0 && index - start < most && self.clause(start - 1) == clause {
            start -= 1;
        }
        self.plain_text(start, index)
    }

    /// Up to `most` characters from `index` on in the same clause.
    pub fn after(&self, index: usize, most: usize) -> String {
        let clause = self.clause(index);
        let mut end = index;
        while end < self.len() && end - index < most && self.clause(end) == clause {
            end += 1;
        }
        self.plain_text(index, end)
    }
}

/// A Chinese or Arabic number below ten thousand at `index`, for times: its value and where it ends.
pub(super) fn small_number(scan: &super::Scan, index: usize) -> Option<(i32, usize)> {
    let mut end = index;
    if scan.is_digit(index) {
        let mut value = 0;
        while let Some(digit) = scan.at(end).to_digit(10) {
            if end - index >= 4 {
                return None;
            }
            value = value * 10 + i32::try_from(digit).ok()?;
            end += 1;
        }
        return Some((value, end));
    }
    // 十, 十五, 二十, 二十三, 零五, 五; 二〇二六 for years
    let (mut value, mut digits, mut tens) = (0, 0, false);
    loop {
        let c = scan.at(end);
        if c == '十' && !tens {
            value = if digits == 0 { 10 } else { value * 10 };
            tens = true;
            digits = 0;
        } else if let Some(digit) = kernel::chinese_digit(c) {
            let digit = i32::try_from(digit).ok()?;
            if digits >= 4 || (tens && digits >= 1) {
                break;
            }
            value = if tens { value + digit } else { value * 10 + digit };
            digits += 1;
        } else {
            break;
        }
        end += 1;
    }
    (end > index).then_some((value, end))
}
