//! A text as the reader walks it: its normal form, what is already explained, and where clauses end.

use super::Place;
use crate::normal::Unit;

pub(super) struct Scan<'a> {
    units: &'a [Unit],
    taken: Vec<bool>,
    /// Number of the clause that each character stands in.
    clause: Vec<u32>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(units: &'a [Unit]) -> Self {
        let mut scan = Self { units, taken: vec![false; units.len()], clause: Vec::with_capacity(units.len()) };
        scan.cut();
        scan
    }

    /// Brackets hold a clause together: （户名张三，湘江示范银行） belongs to what stands before it.
    fn cut(&mut self) {
        let (mut clause, mut depth) = (0, 0_u32);
        for index in 0..self.len() {
            self.clause.push(clause);
            match self.at(index) {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '。' | ';' | '!' | '?' | '\n' => {
                    depth = 0;
                    clause += 1;
                }
                ',' if depth == 0 && !(self.is_digit(index.wrapping_sub(1)) && self.is_digit(index + 1)) => clause += 1,
                ',' if depth == 0 && self.is_full_width(index) => clause += 1,
                _ => {}
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// The character; NUL outside.
    pub(super) fn at(&self, index: usize) -> char {
        self.units.get(index).map_or('\0', |unit| unit.c)
    }

    pub(super) fn is_digit(&self, index: usize) -> bool {
        self.at(index).is_ascii_digit()
    }

    /// Whether the character was written in full width (a comma between sentences rather than in a number).
    pub(super) fn is_full_width(&self, index: usize) -> bool {
        self.units.get(index).is_some_and(|unit| unit.c.is_ascii() && unit.end - unit.start > 1)
    }

    pub(super) fn starts(&self, index: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.at(index + offset).eq_ignore_ascii_case(&c))
    }

    /// The first of the words that begins here, with its length.
    pub(super) fn word<'w>(&self, index: usize, words: &[&'w str]) -> Option<(&'w str, usize)> {
        words.iter().find(|word| self.starts(index, word)).map(|word| (*word, word.chars().count()))
    }

    pub(super) fn plain_text(&self, start: usize, end: usize) -> String {
        self.units.get(start..end.max(start)).unwrap_or_default().iter().map(|unit| unit.c).collect()
    }

    pub(super) fn take(&mut self, place: Place) {
        for flag in self.taken.get_mut(place.start..place.end).unwrap_or_default() {
            *flag = true;
        }
    }

    pub(super) fn is_free(&self, index: usize) -> bool {
        self.taken.get(index) == Some(&false)
    }

    fn clause(&self, index: usize) -> u32 {
        self.clause.get(index).copied().unwrap_or(u32::MAX)
    }

    /// Up to `most` characters before `index` in the same clause.
    pub(super) fn before(&self, index: usize, most: usize) -> String {
        let clause = self.clause(index);
        let mut start = index;
        while start > 0 && index - start < most && self.clause(start - 1) == clause {
            start -= 1;
        }
        self.plain_text(start, index)
    }
}

/// A Chinese or Arabic number below ten thousand at `index`, for times: its value and where it ends.
pub(super) fn small_number(scan: &Scan, index: usize) -> Option<(i32, usize)> {
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
