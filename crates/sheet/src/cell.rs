//! Cells, and the forms in which spreadsheets keep numbers.

use serde::{Deserialize, Serialize};

/// Digits of a number that a spreadsheet keeps.
const EXACT_DIGITS: usize = 15;

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Its text, without the marks by which exports protect long numbers.
    #[serde(rename = "t")]
    pub text: String,
    /// A number whose last digits the spreadsheet lost.
    #[serde(rename = "r", default, skip_serializing_if = "is_not")]
    pub rounded: bool,
    /// Characters that did not read stand as U+FFFD: half of a character, cut at a length in bytes.
    #[serde(rename = "h", default, skip_serializing_if = "is_not")]
    pub replaced: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_not(flag: &bool) -> bool {
    !*flag
}

impl Cell {
    /// From a text as it stands in the file.
    pub fn of(text: &str) -> Self {
        let text = tidy(text);
        Self { rounded: is_scientific(&text), replaced: text.contains('\u{fffd}'), text }
    }
}

/// A row that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// As the file counts, from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// Its cells.
    #[serde(rename = "c")]
    pub cells: Vec<Cell>,
    /// It was too long, mostly since a quotation mark is not closed; its cells are not there.
    #[serde(rename = "l", default, skip_serializing_if = "is_not")]
    pub too_long: bool,
}

impl Row {
    /// The text of a cell; empty where there is none.
    pub fn text(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| &cell.text)
    }

    /// The texts of the cells.
    pub fn texts(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.text.clone()).collect()
    }
}

/// A text without the marks of exports (`="6222…"`, `'6222…`, a trailing tab), without what copying leaves behind
/// (zero-width and direction marks, no-break spaces), and with digits in full width made plain where it is a number.
pub fn tidy(text: &str) -> String {
    let mut out: String = text
        .chars()
        .filter_map(|c| match c {
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => Some(' '),
            other => Some(other),
        })
        .collect();
    let mut inner = out.trim();
    if let Some(quoted) = inner.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        inner = quoted.trim();
    }
    let plain = inner.trim_start_matches(['\'', '`', '‘', '’']).trim();
    // An apostrophe before a word is part of it; before a number it is the spreadsheet's mark.
    if plain.len() != inner.len() && plain.chars().all(is_of_number) {
        inner = plain;
    }
    if inner.len() >= 2
        && let Some(quoted) = inner.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
    {
        inner = quoted.trim();
    }
    out = if inner.chars().all(is_of_number) { inner.chars().map(half_width).collect() } else { inner.to_owned() };
    out
}

/// Whether a number as written may hold it.
fn is_of_number(c: char) -> bool {
    half_width(c).is_ascii_digit()
        || matches!(half_width(c), ' ' | '-' | '+' | '.' | ',' | ':' | '/' | '(' | ')' | '*' | 'E' | 'e')
}

/// A character in full width as the plain one.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// `6.22848E+18`: what a spreadsheet shows and saves of a long number.
fn is_scientific(text: &str) -> bool {
    text.split_once(['E', 'e']).is_some_and(|(mantissa, exponent)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        digits(exponent)
            && exponent.len() <= 3
            && match mantissa.split_once('.') {
                Some((whole, fraction)) => whole.len() == 1 && digits(whole) && digits(fraction),
                // `6E+18`; without the sign it may be a word such as `6E18`.
                None => mantissa.len() == 1 && digits(mantissa) && text.contains('+'),
            }
    })
}

/// Whether a long number is one that a spreadsheet rounded and that was saved as text since: fifteen digits, then only
/// zeros, and the check digit wrong.
pub fn is_rounded_number(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let other = number.chars().any(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '-'));
    let Some((_, rest)) = digits.split_at_checked(EXACT_DIGITS) else { return false };
    !other
        && digits.len() > EXACT_DIGITS
        && digits.len() <= 19
        && rest.bytes().all(|b| b == b'0')
        && !luhn_holds(&digits)
}

/// ISO/IEC 7812-1 annex B.
fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_exports_are_taken_off() {
        for (given, expected) in [
            ("=\"6222021234567890128\"", "6222021234567890128"),
            ("'6222021234567890128", "6222021234567890128"),
            ("6222021234567890128\t", "6222021234567890128"),
            ("\u{202d}13800138000\u{202c}", "13800138000"),
            ("６２２２ ０２１２", "6222 0212"),
            ("6222\u{a0}0212", "6222 0212"),
            ("'t Hart", "'t Hart"),
            ("\u{3000}张三 ", "张三"),
            ("=1+2", "=1+2"),
        ] {
            assert_eq!(tidy(given), expected, "{given:?}");
        }
    }

    #[test]
    fn rounded_numbers_are_known() {
        for spoiled in ["6.22848E+18", "6.22848E18", "6.22848e+18", "6E+18", "６.22848E+18"] {
            assert!(Cell::of(spoiled).rounded, "{spoiled}");
        }
        for word in ["A6.2E", "E+18", "12345", "6E18", "case 6.5E"] {
            assert!(!Cell::of(word).rounded, "{word}");
        }
        assert!(is_rounded_number("6228480000000200000"));
        assert!(is_rounded_number("4301021990010110000".get(..18).unwrap()));
        assert!(!is_rounded_number("6222021234567890128"));
        assert!(!is_rounded_number("13800138000"));
    }
}
