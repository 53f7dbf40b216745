//! Times as spreadsheets and bank tables keep them: a day and a time of day in two columns, days as numbers.

use jiff::civil::{Date, DateTime, Time};
use kernel::Timestamp;

/// Numbers of days that a spreadsheet would show as a day between 1982 and 2119 (from 1904: four years later).
const SERIAL_DAYS: std::ops::Range<i64> = 30_000..80_000;
/// From the epoch of 1900 to that of 1904, days.
const DAYS_TO_1904: i64 = 1_462;
const SECONDS_OF_DAY: i64 = 86_400;

/// The civil time of a cell, or of one for the day and one for the time of day, in a form that reads everywhere; where
/// it is none, the text as it stands.
pub fn joined(day: &str, time_of_day: &str, dates_1904: bool) -> String {
    let day = day.trim();
    let day = serial(day, dates_1904).unwrap_or_else(|| day.to_owned());
    let time_of_day = time_of_day.trim();
    if time_of_day.is_empty() {
        return day;
    }
    // `2026-11-27 00:00:00` beside a column of its own for the time of day.
    let date = day
        .strip_suffix(" 00:00:00")
        .or_else(|| day.strip_suffix(" 00:00"))
        .or_else(|| day.strip_suffix("T00:00:00"))
        .unwrap_or(&day);
    let time = time(time_of_day).map_or_else(|| time_of_day.to_owned(), |time| time.strftime("%H:%M:%S").to_string());
    format!("{date} {time}")
}

/// `46353.3788425926` is 2026-11-27 09:05:32; `46353` is the day alone.
fn serial(text: &str, dates_1904: bool) -> Option<String> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, ""));
    if days.len() != 5 || !days.bytes().all(|b| b.is_ascii_digit()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let days: i64 = days.parse().ok()?;
    let days = if dates_1904 { days + DAYS_TO_1904 } else { days };
    if !SERIAL_DAYS.contains(&days) {
        return None;
    }
    let seconds = seconds_of(fraction)?;
    let midnight = Date::constant(1899, 12, 30).at(0, 0, 0, 0);
    let moment = midnight.checked_add(jiff::Span::new().try_days(days).ok()?.try_seconds(seconds).ok()?).ok()?;
    let form = if fraction.is_empty() { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    Some(moment.strftime(form).to_string())
}

/// The part of a day behind the point, in whole seconds.
fn seconds_of(fraction: &str) -> Option<i64> {
    let digits: String = fraction.chars().take(12).collect();
    if digits.is_empty() {
        return Some(0);
    }
    let scale = 10_i64.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let part: i64 = digits.parse().ok()?;
    // To the nearest second: 0.378842592593 is 09:05:32, a hair's breadth below or above.
    let seconds = (i128::from(part) * i128::from(SECONDS_OF_DAY) * 2 + i128::from(scale)) / (i128::from(scale) * 2);
    i64::try_from(seconds).ok()
}

/// A time of day alone: `09:05:33`, `9:05`, `090533`, `90533` (a number that lost its zero), `0.3788425926`.
fn time(text: &str) -> Option<Time> {
    let text = text.replace('：', ":");
    if let Some(fraction) = text.strip_prefix("0.").filter(|rest| rest.bytes().all(|b| b.is_ascii_digit())) {
        let seconds = seconds_of(fraction)?;
        return clock(seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        // Leading zeros are lost where the cell holds a number.
        return match text.len() {
            1..=6 if text.len() != 4 => {
                let number: i64 = text.parse().ok()?;
                clock(number / 10_000, number / 100 % 100, number % 100)
            }
            4 => {
                let number: i64 = text.parse().ok()?;
                clock(number / 100, number % 100, 0)
            }
            // `09053300`: hundredths of a second behind.
            8 => {
                let number: i64 = text.parse().ok()?;
                clock(number / 1_000_000, number / 10_000 % 100, number / 100 % 100)
            }
            _ => None,
        };
    }
    let mut parts = text.split(['.', ' ']).next()?.split(':');
    let mut next = || parts.next().map(|part| part.trim().parse::<i64>().ok());
    let (hour, minute) = (next()??, next()??);
    let second = next().unwrap_or(Some(0))?;
    clock(hour, minute, second)
}

fn clock(hour: i64, minute: i64, second: i64) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}

/// A moment: RFC 3339, or civil time in China Standard Time such as `2026-11-27 09:05:33`, `2026/11/27 9:05`,
/// `20261127090533`, `20261127 090533`, `2026年11月27日9时5分`, `2026-11-27`.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text).or_else(|| civil(text).and_then(Timestamp::from_civil_cst))
}

fn civil(text: &str) -> Option<DateTime> {
    let known = |c: char| {
        c.is_ascii_digit()
            || matches!(c, '-' | '/' | '.' | ':' | '：' | ' ' | 'T' | '年' | '月' | '日' | '时' | '分' | '秒')
    };
    if !text.chars().all(known) {
        return None;
    }
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let number = |text: &str, from: usize, count: usize| text.get(from..from + count)?.parse::<i64>().ok();
    let (year, month, day, rest) = match groups.as_slice() {
        [all] if all.len() == 14 => {
            let (hour, minute, second) = (number(all, 8, 2)?, number(all, 10, 2)?, number(all, 12, 2)?);
            (number(all, 0, 4)?, number(all, 4, 2)?, number(all, 6, 2)?, vec![hour, minute, second])
        }
        [date, time] if date.len() == 8 && matches!(time.len(), 4 | 6) => {
            let second = if time.len() == 6 { number(time, 4, 2)? } else { 0 };
            let rest = vec![number(time, 0, 2)?, number(time, 2, 2)?, second];
            (number(date, 0, 4)?, number(date, 4, 2)?, number(date, 6, 2)?, rest)
        }
        [date, rest @ ..] if date.len() == 8 && rest.iter().all(|part| part.len() <= 2) => {
            let rest = rest.iter().map(|part| part.parse().ok()).collect::<Option<Vec<i64>>>()?;
            (number(date, 0, 4)?, number(date, 4, 2)?, number(date, 6, 2)?, rest)
        }
        [year, month, day, rest @ ..] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            let rest = rest.iter().take(3).map(|part| part.parse().ok()).collect::<Option<Vec<i64>>>()?;
            (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?, rest)
        }
        _ => return None,
    };
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let part = |at: usize| rest.get(at).copied().unwrap_or(0);
    if rest.len() > 3 || !(1990..=2100).contains(&year) {
        return None;
    }
    Some(date.to_datetime(clock(part(0), part(1), part(2))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_of_spreadsheets() {
        for (day, time, dates_1904, expected) in [
            ("46353.3788425926", "", false, "2026-11-27 09:05:32"),
            ("46353", "", false, "2026-11-27"),
            ("44891.3788425926", "", true, "2026-11-27 09:05:32"),
            ("46353.999999999", "", false, "2026-11-28 00:00:00"),
            ("20261127", "123456", false, "20261127 12:34:56"),
            ("20261127", "90533", false, "20261127 09:05:33"),
            ("2026-11-27", "0.3788425926", false, "2026-11-27 09:05:32"),
            ("2026-11-27 00:00:00", "09:05:33", false, "2026-11-27 09:05:33"),
            ("46353", "9:05", false, "2026-11-27 09:05:00"),
            ("someday", "", false, "someday"),
        ] {
            assert_eq!(joined(day, time, dates_1904), expected);
        }
        let at = |text: &str| moment(text).map(|at| at.civil_cst().to_string());
        for text in [
            "2026-11-27 09:05:33",
            "2026/11/27 9:5:33",
            "20261127090533",
            "20261127 09:05:33",
            "2026年11月27日9时5分33秒",
        ] {
            assert_eq!(at(text).as_deref(), Some("2026-11-27T09:05:33"), "{text}");
        }
        assert_eq!(at("2026-11-27T09:05:33+08:00").as_deref(), Some("2026-11-27T09:05:33"));
        assert_eq!(at("6228480000000103015"), None);
    }
}
