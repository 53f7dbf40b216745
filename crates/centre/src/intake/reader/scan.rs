//! A narrative as the reader walks it: its characters in half width beside those that were written, and which lines
//! are rows of a table.

use std::ops::{Deref, DerefMut};

use text::Characters;

use super::Span;

pub(super) struct Scan {
    scan: text::Scan<Written>,
    /// Lines that belong to a pasted table, and the characters in them.
    rows: Vec<Span>,
    in_table: Vec<bool>,
}

/// The characters as written and in half width.
pub(super) struct Written {
    raw: Vec<char>,
    plain: Vec<char>,
}

impl Characters for Written {
    fn count(&self) -> usize {
        self.plain.len()
    }

    fn at(&self, index: usize) -> char {
        self.plain.get(index).copied().unwrap_or('\0')
    }

    fn is_full_width(&self, index: usize) -> bool {
        self.raw.get(index) != self.plain.get(index)
    }
}

/// In half width and simplified characters, one for one.
fn plain(c: char) -> char {
    let half = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{00A0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '￥' => '¥',
        '“' | '”' | '「' | '」' | '『' | '』' => '"',
        '➔' | '➡' | '⇒' | '➜' => '→',
        other => other,
    };
    text::simplified(half)
}

impl Deref for Scan {
    type Target = text::Scan<Written>;

    fn deref(&self) -> &Self::Target {
        &self.scan
    }
}

impl DerefMut for Scan {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.scan
    }
}

impl Scan {
    pub(super) fn new(text: &str) -> Self {
        let raw: Vec<char> = text.chars().collect();
        let plain = raw.iter().copied().map(plain).collect();
        let in_table = vec![false; raw.len()];
        Self { scan: text::Scan::new(Written { raw, plain }), rows: Vec::new(), in_table }
    }

    /// The text as written.
    pub(super) fn text(&self, span: Span) -> String {
        self.characters().raw.get(span.range()).unwrap_or_default().iter().collect()
    }

    /// Up to `most` characters before `index` in the same sentence.
    pub(super) fn sentence_before(&self, index: usize, most: usize) -> String {
        let sentence = self.sentence(index);
        let mut start = index;
        while start > 0 && index - start < most && self.sentence(start - 1) == sentence {
            start -= 1;
        }
        self.plain_text(start, index)
    }

    /// From `index` on in the same sentence, up to `most` characters and not beyond `limit`.
    pub(super) fn sentence_after(&self, index: usize, most: usize, limit: usize) -> String {
        let sentence = self.sentence(index);
        let mut end = index;
        while end < self.len() && end < limit && end - index < most && self.sentence(end) == sentence {
            end += 1;
        }
        self.plain_text(index, end)
    }

    pub(super) fn mark_table(&mut self, line: Span) {
        self.in_table.get_mut(line.range()).unwrap_or_default().fill(true);
        self.rows.push(line);
    }

    /// The lines of tables.
    pub(super) fn rows(&self) -> &[Span] {
        &self.rows
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
