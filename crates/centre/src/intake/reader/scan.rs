//! A text as the reader walks it: characters in half width, what is already explained, and where clauses end.

use super::Span;

pub(super) struct Scan {
    raw: Vec<char>,
    plain: Vec<char>,
    taken: Vec<bool>,
    /// Number of the clause and of the sentence that each character stands in.
    clause: Vec<u32>,
    sentence: Vec<u32>,
    /// Characters that belong to rows of a pasted table.
    in_table: Vec<bool>,
}

fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{00A0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '￥' => '¥',
        other => other,
    }
}

impl Scan {
    pub(super) fn new(text: &str) -> Self {
        let raw: Vec<char> = text.chars().take(super::CHARS_MAX).collect();
        let plain: Vec<char> = raw.iter().copied().map(plain).collect();
        let taken = vec![false; raw.len()];
        let mut scan = Self { clause: Vec::new(), sentence: Vec::new(), in_table: taken.clone(), raw, plain, taken };
        scan.cut();
        scan
    }

    /// Brackets hold a clause together: （户名张三，湘江示范银行） belongs to what stands before it.
    fn cut(&mut self) {
        let (mut clause, mut sentence, mut depth) = (0, 0, 0_u32);
        for index in 0..self.len() {
            self.clause.push(clause);
            self.sentence.push(sentence);
            match self.at(index) {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '。' | ';' | '!' | '?' | '\n' => {
                    depth = 0;
                    clause += 1;
                    sentence += 1;
                }
                ',' if depth == 0 && !(self.is_digit(index.wrapping_sub(1)) && self.is_digit(index + 1)) => clause += 1,
                ',' if depth == 0 && self.raw.get(index) == Some(&'，') => clause += 1,
                _ => {}
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// The character in half width; NUL outside.
    pub(super) fn at(&self, index: usize) -> char {
        self.plain.get(index).copied().unwrap_or('\0')
    }

    pub(super) fn is_digit(&self, index: usize) -> bool {
        self.at(index).is_ascii_digit()
    }

    /// Whether the character was written in full width (a comma between sentences rather than in a number).
    pub(super) fn is_full_width(&self, index: usize) -> bool {
        self.raw.get(index) != self.plain.get(index)
    }

    pub(super) fn starts(&self, index: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.at(index + offset).eq_ignore_ascii_case(&c))
    }

    /// The first of the words that begins here, with its length.
    pub(super) fn word<'w>(&self, index: usize, words: &[&'w str]) -> Option<(&'w str, usize)> {
        words.iter().find(|word| self.starts(index, word)).map(|word| (*word, word.chars().count()))
    }

    /// The text as written.
    pub(super) fn text(&self, span: Span) -> String {
        self.raw.iter().skip(span.start).take(span.end.saturating_sub(span.start)).collect()
    }

    /// The text in half width.
    pub(super) fn plain_text(&self, start: usize, end: usize) -> String {
        self.plain.iter().skip(start).take(end.saturating_sub(start)).collect()
    }

    pub(super) fn take(&mut self, span: Span) {
        for flag in self.taken.iter_mut().take(span.end).skip(span.start) {
            *flag = true;
        }
    }

    pub(super) fn is_free(&self, index: usize) -> bool {
        self.taken.get(index) == Some(&false)
    }

    pub(super) fn clause(&self, index: usize) -> u32 {
        self.clause.get(index).copied().unwrap_or(u32::MAX)
    }

    pub(super) fn sentence(&self, index: usize) -> u32 {
        self.sentence.get(index).copied().unwrap_or(u32::MAX)
    }

    /// Up to `most` characters before `index` in the same clause, in half width.
    pub(super) fn before(&self, index: usize, most: usize) -> String {
        let clause = self.clause(index);
        let mut start = index;
        while start > 0 && index - start < most && self.clause(start - 1) == clause {
            start -= 1;
        }
        self.plain_text(start, index)
    }

    /// Up to `most` characters from `index` on in the same clause.
    pub(super) fn after(&self, index: usize, most: usize) -> String {
        let clause = self.clause(index);
        let mut end = index;
        while end < self.len() && end - index < most && self.clause(end) == clause {
            end += 1;
        }
        self.plain_text(index, end)
    }

    pub(super) fn mark_table(&mut self, span: Span) {
        for flag in self.in_table.iter_mut().take(span.end).skip(span.start) {
            *flag = true;
        }
    }

    pub(super) fn in_table(&self, index: usize) -> bool {
        self.in_table.get(index) == Some(&true)
    }

    /// Lines as spans, without their end.
    pub(super) fn lines(&self) -> Vec<Span> {
        let mut lines = Vec::new();
        let mut start = 0;
        for index in 0..=self.len() {
            if index == self.len() || matches!(self.at(index), '\n' | '\r') {
                lines.push(Span { start, end: index });
                start = index + 1;
            }
        }
        lines
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
