//! Times as they stand in forms, spreadsheets and bank tables: with offset, or civil time in China.

use jiff::civil::{Date, DateTime, Time};
use kernel::Timestamp;

/// Reads a whole text as a moment: RFC 3339, or a civil time in China Standard Time such as `2026-11-22 15:20:05`,
/// `2026/11/22 15:20`, `2026年11月22日15时20分`, `20261122152005`, `2026-11-22`. None where it is something else.
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text).or_else(|| parse_civil(text).and_then(|(at, _)| Timestamp::from_civil_cst(at)))
}

/// Whether a text gave the time of day or the date alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    DateAndTime,
    DateOnly,
}

/// A civil date with or without a time of day.
pub(crate) fn parse_civil(text: &str) -> Option<(DateTime, Given)> {
    let mut numbers: Vec<(i32, usize)> = Vec::new();
    let mut in_number = false;
    for c in text.chars() {
        let c = match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0)?,
            other => other,
        };
        if let Some(digit) = c.to_digit(10) {
            let digit = i32::try_from(digit).ok()?;
            match numbers.last_mut().filter(|_| in_number) {
                Some((value, length)) if *length < 14 => {
                    // A run of 14 digits is cut apart below; a longer one is no time.
                    *value = value.wrapping_mul(10).wrapping_add(digit);
                    *length += 1;
                }
                Some(_) => return None,
                None => numbers.push((digit, 1)),
            }
            in_number = true;
        } else {
            in_number = false;
            if !matches!(
                c,
                '-' | '/'
                    | '.'
                    | ':'
                    | '：'
                    | ' '
                    | '年'
                    | '月'
                    | '日'
                    | '时'
                    | '点'
                    | '分'
                    | '秒'
                    | 'T'
                    | '\u{3000}'
                    | '\t'
            ) {
                return None;
            }
        }
    }
    let lengths: Vec<usize> = numbers.iter().map(|(_, length)| *length).collect();
    let values: Vec<i32> = match lengths.as_slice() {
        [8] | [8, _] | [8, _, _] | [8, _, _, _] | [14] => {
            let digits: Vec<i32> = text
                .chars()
                .filter_map(|c| c.to_digit(10).or_else(|| u32::from(c).checked_sub(0xFF10).filter(|d| *d < 10)))
                .filter_map(|d| i32::try_from(d).ok())
                .collect();
            let part =
                |from: usize, count: usize| digits.iter().skip(from).take(count).fold(0, |sum: i32, d| sum * 10 + d);
            let mut values = vec![part(0, 4), part(4, 2), part(6, 2)];
            match lengths.as_slice() {
                [14] | [8, 6] => values.extend([part(8, 2), part(10, 2), part(12, 2)]),
                [8, 4] => values.extend([part(8, 2), part(10, 2)]),
                _ => values.extend(numbers.iter().skip(1).map(|(value, _)| *value)),
            }
            values
        }
        [4, ..] if lengths.iter().skip(1).all(|length| *length <= 2) => numbers.iter().map(|(v, _)| *v).collect(),
        // A fraction of a second at the end is left out.
        [4, _, _, _, _, _, _] => numbers.iter().take(6).map(|(v, _)| *v).collect(),
        _ => return None,
    };
    let at = |index: usize| values.get(index).copied();
    let date = civil_date(at(0)?, at(1)?, at(2)?)?;
    if values.len() > 6 {
        return None;
    }
    let Some(hour) = at(3) else { return Some((date.to_datetime(Time::midnight()), Given::DateOnly)) };
    let time = civil_time(hour, at(4).unwrap_or(0), at(5).unwrap_or(0))?;
    Some((date.to_datetime(time), Given::DateAndTime))
}

pub(crate) fn civil_date(year: i32, month: i32, day: i32) -> Option<Date> {
    if !(1990..=2100).contains(&year) {
        return None;
    }
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

pub(crate) fn civil_time(hour: i32, minute: i32, second: i32) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let got = parse_moment(input).map_or_else(|| "-".to_owned(), |t| t.civil_cst().to_string());
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn times_of_forms_and_tables() {
        check("2026-11-22T15:20:05+08:00", "2026-11-22T15:20:05");
        check("2026-11-22T07:20:05Z", "2026-11-22T15:20:05");
        check("2026-11-22 15:20:05", "2026-11-22T15:20:05");
        check("2026/11/2 15:20", "2026-11-02T15:20:00");
        check("2026年11月22日15时20分", "2026-11-22T15:20:00");
        check("20261122152005", "2026-11-22T15:20:05");
        check("20261122 152005", "2026-11-22T15:20:05");
        check("20261122 15:20:05", "2026-11-22T15:20:05");
        check("2026-11-22 15:20:05.123", "2026-11-22T15:20:05");
        check("2026-11-22", "2026-11-22T00:00:00");
        check("2026-13-22", "-");
        check("15:20", "-");
        check("30,000.00", "-");
        check("6222021234567890128", "-");
        check("", "-");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,30}|[0-9:/ 年月日-]{0,30}") {
            let _ = parse_moment(&text);
        }
    }
}
