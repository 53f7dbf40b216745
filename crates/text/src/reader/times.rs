//! Times: 2026-11-22 15:20:05, 11月22日15:20, 昨天下午3点, 上周五, 半小时前.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use kernel::{Duration, Timestamp};

use super::scan::small_number;
use super::{Hits, Place, Scan, Times};
use crate::{Moment, Precision, Value};

/// A time that lies further ahead than this was meant for the day or year before.
const AHEAD: Duration = Duration::minutes(10);

struct Days {
    /// Whether the text tells what has passed.
    past: bool,
    reference: Timestamp,
    today: Date,
    /// The last day that the text named.
    named: Option<Date>,
    /// Where the last time of day ended, and the time.
    last_clock: (usize, Time),
    /// Where the last day without a time of day ended.
    last_day_end: usize,
}

/// Reads the times.
pub(super) fn times(scan: &mut Scan, times: Times, hits: &mut Hits) {
    let (placed, past, reference) = match times {
        Times::Unplaced => (false, false, Timestamp(0)),
        Times::Around(today) => (true, false, today),
        Times::Before(today) => (true, true, today),
    };
    let mut days = Days {
        past,
        reference,
        today: reference.civil_cst().date(),
        named: None,
        last_clock: (0, Time::midnight()),
        last_day_end: 0,
    };
    let mut index = 0;
    while index < scan.len() {
        match time_at(scan, index, &mut days) {
            Some((end, at, precision)) => {
                let moment = Moment { at: placed.then_some(at), precision };
                hits.take(scan, Place { start: index, end }, Value::Time(moment));
                index = end;
            }
            None => index += 1,
        }
    }
}

/// How far behind a time in the afternoon or evening the next one without a part of the day goes on from it.
const GOES_ON_WITHIN: usize = 60;

impl Days {
    /// 下午四点零五分，…四点二十五分: an hour without a part of the day behind one in the afternoon is of the afternoon.
    fn goes_on(&mut self, scan: &Scan, start: usize, dated: bool, found: Clock) -> Clock {
        let (end, time, next_day, precision) = found;
        let (last_end, last) = self.last_clock;
        let bare = !dated
            && (scan.is_digit(start) || kernel::chinese_digit(scan.at(start)).is_some() || scan.at(start) == '十');
        let near = last_end > 0 && start >= last_end && start - last_end <= GOES_ON_WITHIN;
        let spoken = scan.at(start) != '0';
        let later = time.hour().checked_add(12).and_then(|hour| Time::new(hour, time.minute(), time.second(), 0).ok());
        let time =
            match later.filter(|later| bare && near && spoken && last.hour() >= 12 && time < last && *later >= last) {
                Some(later) => later,
                None => time,
            };
        // 21:18 says its half of the day itself, and nothing of the next time.
        let written = (start..end).find_map(|i| small_number(scan, i)).map_or(0, |(hour, _)| hour);
        let half_told = i32::from(time.hour()) != written;
        self.last_clock = if half_told { (end, time) } else { (0, Time::midnight()) };
        (end, time, next_day, precision)
    }
}

/// Where a time of day ends, the time, whether it falls on the next day, and how exact it is.
type Clock = (usize, Time, bool, Precision);

/// What can begin a time; everything else is passed over quickly.
fn may_begin(c: char) -> bool {
    c.is_ascii_digit()
        || kernel::chinese_digit(c).is_some()
        || matches!(
            c,
            '十' | '大'
                | '今'
                | '昨'
                | '前'
                | '明'
                | '后'
                | '当'
                | '同'
                | '次'
                | '第'
                | '隔'
                | '翌'
                | '上'
                | '本'
                | '这'
                | '下'
                | '星'
                | '礼'
                | '周'
                | '凌'
                | '清'
                | '早'
                | '中'
                | '正'
                | '午'
                | '傍'
                | '晚'
                | '夜'
                | '深'
                | '半'
                | '刚'
        )
}

fn time_at(scan: &Scan, index: usize, days: &mut Days) -> Option<(usize, Timestamp, Precision)> {
    if !may_begin(scan.at(index)) || !scan.is_free(index) {
        return None;
    }
    if let Some((end, span)) = ago(scan, index) {
        let value = days.reference - span;
        days.named = Some(value.civil_cst().date());
        return Some((end, value, Precision::Minute));
    }
    let inside_number = scan.is_digit(index)
        && index > 0
        && (scan.is_digit(index - 1) || scan.at(index - 1) == '.' && !behind_list_mark(scan, index));
    if inside_number {
        return None;
    }
    if let Some(found) = stamp(scan, index, days) {
        return Some(found);
    }
    let date = date_at(scan, index, days);
    let (after_date, day, implied) = match date {
        Some((end, day, implied)) => (end, Some(day), implied),
        None => (index, None, Part::None),
    };
    let mut start = after_date;
    if day.is_some() {
        while matches!(scan.at(start), ' ' | 'T' | '的') || (scan.at(start) == ',' && scan.at(start + 1) == ' ') {
            start += 1;
        }
    }
    let time =
        time_of_day(scan, start, implied, day.is_some()).map(|found| days.goes_on(scan, start, day.is_some(), found));
    match (day, time) {
        (Some((day, certain)), Some((end, time, next_day, precision))) => {
            if certain == Certain::DayOfMonthOnly || certain == Certain::Yes {
                days.named = Some(day);
            }
            let day = if next_day { day.checked_add(1.day()).ok()? } else { day };
            Some((end, at(day, time)?, precision))
        }
        (Some((day, Certain::Yes)), None) => {
            days.named = Some(day);
            days.last_day_end = after_date;
            // 昨天下午…大概四点半
            let late = scan.word(start, &["下午", "傍晚", "晚上", "晚间", "晚", "中午"]).is_some();
            days.last_clock = (0, Time::midnight());
            if late || matches!(implied, Part::Afternoon | Part::Evening | Part::Noon) {
                days.last_clock = (start, Time::constant(12, 0, 0, 0));
            }
            Some((after_date, at(day, Time::midnight())?, Precision::Day))
        }
        (None, Some((end, time, next_day, precision))) => {
            let day = days.named.unwrap_or(days.today);
            let day = if next_day { day.checked_add(1.day()).ok()? } else { day };
            let value = at(day, time)?;
            if days.named.is_none() && value > days.reference + AHEAD {
                let day = day.checked_sub(1.day()).ok()?;
                return Some((end, at(day, time)?, precision));
            }
            Some((end, value, precision))
        }
        _ => None,
    }
}

/// 1.11月28日: the number before the dot is the mark of a list where a month follows.
fn behind_list_mark(scan: &Scan, index: usize) -> bool {
    let mark = index >= 2 && scan.is_digit(index - 2);
    let begins = index == 2 || index > 2 && matches!(scan.at(index - 3), ':' | ';' | ',' | '。' | '\n' | ' ');
    mark && begins && small_number(scan, index).is_some_and(|(_, end)| scan.at(end) == '月')
}

fn at(day: Date, time: Time) -> Option<Timestamp> {
    Timestamp::from_civil_cst(day.to_datetime(time))
}

/// 14 digits that are a date and a time, as banks print them: 20261122152005.
fn stamp(scan: &Scan, index: usize, days: &mut Days) -> Option<(usize, Timestamp, Precision)> {
    let run = (index..).take_while(|i| scan.is_digit(*i)).take(15).count();
    let inside_a_word = index > 0 && scan.at(index - 1).is_ascii_alphanumeric();
    if run != 14 || inside_a_word || !scan.starts(index, "20") {
        return None;
    }
    let part = |from: usize, count: usize| -> i32 {
        (index + from..index + from + count)
            .filter_map(|i| scan.at(i).to_digit(10))
            .fold(0, |sum, digit| sum * 10 + digit as i32)
    };
    let day = civil_date(part(0, 4), part(4, 2), part(6, 2))?;
    let value = at(day, civil_time(part(8, 2), part(10, 2), part(12, 2))?)?;
    if days.past && value > days.reference + AHEAD {
        return None;
    }
    days.named = Some(value.civil_cst().date());
    Some((index + 14, value, Precision::Second))
}

/// 半小时前, 10分钟前, 2个小时前, 3天前, 刚才.
fn ago(scan: &Scan, index: usize) -> Option<(usize, Duration)> {
    if let Some((word, length)) = scan.word(index, &["刚才", "刚刚"]) {
        // 刚刚起步 is no moment; before an act it is one.
        let an_act =
            matches!(scan.at(index + length), ',' | '我' | '转' | '汇' | '接' | '被' | '打' | '付' | '给' | '有');
        return (word == "刚才" || an_act).then_some((index + length, Duration::minutes(0)));
    }
    let (count_halves, end) = match scan.word(index, &["半个", "半"]) {
        Some((_, length)) => (1, index + length),
        None => {
            if index > 0 && (scan.is_digit(index - 1) || scan.at(index - 1) == '.') {
                return None;
            }
            let (value, end) = small_number(scan, index)?;
            (value.checked_mul(2)?, end)
        }
    };
    let end = if scan.at(end) == '个' { end + 1 } else { end };
    let (half, end) = match scan.at(end) {
        '半' => (1, end + 1),
        _ => (0, end),
    };
    let (unit, length) = scan.word(end, &["分钟", "小时", "钟头", "天"])?;
    let end = end + length;
    let end = end + scan.word(end, &["多", "左右"]).map_or(0, |(_, length)| length);
    let (_, length) = scan.word(end, &["以前", "之前", "前"])?;
    let halves = i64::from(count_halves + half);
    let span = match unit {
        "分钟" => Duration(Duration::minutes(1).0 * halves / 2),
        "天" => Duration::hours(12 * halves),
        _ => Duration::minutes(30 * halves),
    };
    Some((end + length, span))
}

/// How sure a date is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certain {
    Yes,
    /// 22日, 22号: a date only where a time of day follows.
    DayOfMonthOnly,
}

/// The part of the day that a word such as 昨晚 carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Early,
    Morning,
    Noon,
    Afternoon,
    Evening,
}

type Dated = (usize, (Date, Certain), Part);

fn date_at(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    named_day(scan, index, days)
        .or_else(|| weekday(scan, index, days))
        .or_else(|| full_date(scan, index))
        .or_else(|| month_and_day(scan, index, days))
        .or_else(|| short_date(scan, index, days))
        .or_else(|| listed_day(scan, index, days))
        .or_else(|| day_of_month(scan, index, days))
}

fn named_day(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    const WORDS: [(&str, i64, Part); 29] = [
        ("大后天", 3, Part::None),
        ("明天", 1, Part::None),
        ("明日", 1, Part::None),
        ("后天", 2, Part::None),
        ("后日", 2, Part::None),
        ("明早", 1, Part::Morning),
        ("明晨", 1, Part::Early),
        ("明晚", 1, Part::Evening),
        ("明下午", 1, Part::Afternoon),
        ("大前天", -3, Part::None),
        ("今天", 0, Part::None),
        ("今日", 0, Part::None),
        ("昨天", -1, Part::None),
        ("昨日", -1, Part::None),
        ("前天", -2, Part::None),
        ("前日", -2, Part::None),
        ("今早", 0, Part::Morning),
        ("今晨", 0, Part::Early),
        ("今晚", 0, Part::Evening),
        ("今夜", 0, Part::Evening),
        ("昨晚", -1, Part::Evening),
        ("昨夜", -1, Part::Evening),
        ("昨早", -1, Part::Morning),
        ("前晚", -2, Part::Evening),
        ("前夜", -2, Part::Evening),
        ("今中午", 0, Part::Noon),
        ("昨中午", -1, Part::Noon),
        ("今下午", 0, Part::Afternoon),
        ("昨下午", -1, Part::Afternoon),
    ];
    for (word, offset, part) in WORDS {
        if scan.starts(index, word) {
            let day = days.today.checked_add(offset.days()).ok()?;
            return Some((index + word.chars().count(), (day, Certain::Yes), part));
        }
    }
    let named = days.named?;
    if let Some((_, length)) = scan.word(index, &["当天", "当日", "同日", "同一天"]) {
        return Some((index + length, (named, Certain::Yes), Part::None));
    }
    if let Some((_, length)) = scan.word(index, &["当晚"]) {
        return Some((index + length, (named, Certain::Yes), Part::Evening));
    }
    let (_, length) = scan.word(index, &["次日", "第二天", "隔天", "翌日"])?;
    Some((index + length, (named.checked_add(1.day()).ok()?, Certain::Yes), Part::None))
}

fn weekday(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    let (weeks_back, mut end) = match scan.word(index, &["上上", "上个", "上", "下个", "下", "本", "这个", "这"])
    {
        Some(("上上", length)) => (Some(2), index + length),
        Some(("上个" | "上", length)) => (Some(1), index + length),
        Some(("下个" | "下", length)) => (Some(-1), index + length),
        Some((_, length)) => (Some(0), index + length),
        None => (None, index),
    };
    let (_, length) = scan.word(end, &["星期", "礼拜", "周"])?;
    end += length;
    let wanted: i64 = match scan.at(end) {
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '日' | '天' => 7,
        _ => return None,
    };
    let today = i64::from(days.today.weekday().to_monday_one_offset());
    let back = match weeks_back {
        Some(weeks) => today - wanted + 7 * weeks,
        // 周五 by itself is the last one, today included.
        None => (today - wanted).rem_euclid(7),
    };
    let day = days.today.checked_sub(back.days()).ok()?;
    Some((end + 1, (day, Certain::Yes), Part::None))
}

/// 2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日.
fn full_date(scan: &Scan, index: usize) -> Option<Dated> {
    let (year, end) = small_number(scan, index)?;
    if !(1990..=2100).contains(&year) {
        return None;
    }
    let sign = scan.at(end);
    let second = match sign {
        '年' => '月',
        '-' | '/' | '.' => sign,
        _ => return None,
    };
    let (month, end) = small_number(scan, end + 1)?;
    if scan.at(end) != second {
        return None;
    }
    let (day, end) = small_number(scan, end + 1)?;
    let end = if sign == '年' && matches!(scan.at(end), '日' | '号') { end + 1 } else { end };
    Some((end, (civil_date(year, month, day)?, Certain::Yes), Part::None))
}

/// Furthest that a day without its year lies ahead, as in an invitation; beyond it the year before is meant.
const DAYS_AHEAD_MAX: i64 = 60;

/// 11月22日, 上月22日: in the year that makes it past, or near ahead.
fn month_and_day(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    let today = days.today;
    let (year, month, end) = match scan.word(index, &["上个月", "上月", "本月", "这个月"]) {
        Some(("上个月" | "上月", length)) => {
            let last = today.checked_sub(1.month()).ok()?;
            (i32::from(last.year()), i32::from(last.month()), index + length)
        }
        Some((_, length)) => (i32::from(today.year()), i32::from(today.month()), index + length),
        None => {
            let (month, end) = small_number(scan, index)?;
            if scan.at(end) != '月' || !(1..=12).contains(&month) {
                return None;
            }
            (i32::from(today.year()), month, end + 1)
        }
    };
    let (day, end) = small_number(scan, end)?;
    let signed = matches!(scan.at(end), '日' | '号');
    if !signed && !goes_on_as_days(scan, end) {
        return None;
    }
    let latest = if days.past { today } else { today.checked_add(DAYS_AHEAD_MAX.days()).ok()? };
    let date = civil_date(year, month, day).filter(|d| *d <= latest).or_else(|| civil_date(year - 1, month, day))?;
    Some((end + usize::from(signed), (date, Certain::Yes), Part::None))
}

fn divides_days(c: char) -> bool {
    matches!(c, '、' | '和' | '及' | '与')
}

/// Most days of a list such as 11月21、22、26日.
const DAYS_LISTED_MAX: usize = 10;

/// Whether behind a number more numbers follow of which the last is a day: 、22、26日.
fn goes_on_as_days(scan: &Scan, mut end: usize) -> bool {
    for _ in 0..DAYS_LISTED_MAX {
        if !divides_days(scan.at(end)) {
            return false;
        }
        let Some((day, last)) = small_number(scan, end + 1).filter(|(day, _)| (1..=31).contains(day)) else {
            return false;
        };
        if matches!(scan.at(last), '日' | '号') {
            return day > 0;
        }
        end = last;
    }
    false
}

/// 9号、15号 behind 11月3号、: further days of a list.
fn listed_day(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    let named = days.named?;
    if index == 0 || days.last_day_end + 1 != index || !divides_days(scan.at(index - 1)) {
        return None;
    }
    let (day, end) = small_number(scan, index)?;
    let signed = matches!(scan.at(end), '日' | '号');
    if !(signed || goes_on_as_days(scan, end)) {
        return None;
    }
    let date = civil_date(i32::from(named.year()), i32::from(named.month()), day).filter(|date| *date >= named)?;
    Some((end + usize::from(signed), (date, Certain::Yes), Part::None))
}

/// 11-29, 11/27, 11.26 in a report, where a time of day follows, or where it begins a line or an item and is written in
/// four digits.
fn short_date(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    if !days.past || !scan.is_digit(index) {
        return None;
    }
    let before = if index == 0 { '\n' } else { scan.at(index - 1) };
    let joined = matches!(before, ',' | ':') && index > 1 && scan.is_digit(index - 2) && !scan.is_full_width(index - 1);
    if before.is_ascii_alphanumeric() || matches!(before, '.' | '-' | '/' | '¥' | '$') || joined {
        return None;
    }
    let (month, end) = small_number(scan, index)?;
    let sign = scan.at(end);
    if !matches!(sign, '-' | '/' | '.') || end - index > 2 || !(1..=12).contains(&month) {
        return None;
    }
    let (day, last) = small_number(scan, end + 1)?;
    if last - end - 1 > 2 || scan.at(last) == sign || !scan.is_digit(end + 1) {
        return None;
    }
    let mut next = last;
    while scan.at(next) == ' ' {
        next += 1;
    }
    let clock = (next > last || !scan.is_digit(last)) && time_of_day(scan, next, Part::None, true).is_some();
    let part = scan
        .word(next, &["凌晨", "早上", "上午", "中午", "下午", "傍晚", "晚上", "晚间", "夜间", "早", "晚"])
        .is_some();
    let item = matches!(before, '\n' | ' ' | ':' | ';' | '(' | ')') && last - index == 5 && sign != '.' && next > last;
    // 第一次借2万（10.15）
    let bracketed = before == '(' && scan.at(last) == ')';
    if !(clock || part || item || bracketed) {
        return None;
    }
    let year = i32::from(days.today.year());
    let date =
        civil_date(year, month, day).filter(|d| *d <= days.today).or_else(|| civil_date(year - 1, month, day))?;
    Some((last, (date, Certain::Yes), Part::None))
}

/// 22日, 22号: in the month that makes it past.
fn day_of_month(scan: &Scan, index: usize, days: &Days) -> Option<Dated> {
    let (day, end) = small_number(scan, index)?;
    if !matches!(scan.at(end), '日' | '号') || !(1..=31).contains(&day) {
        return None;
    }
    let base = days.named.unwrap_or(days.today);
    let in_month = |month: Date| civil_date(i32::from(month.year()), i32::from(month.month()), day);
    let date =
        in_month(base).filter(|d| *d <= days.today).or_else(|| base.checked_sub(1.month()).ok().and_then(in_month))?;
    // 26日付8万: in a report a day by itself, where an act follows and a day was named.
    let acted = days.past
        && days.named.is_some()
        && matches!(
            scan.at(end + 1),
            '付' | '转' | '汇' | '打' | '给' | '充' | '存' | '又' | '再' | '投' | '刷' | '借'
        );
    let certain = if acted { Certain::Yes } else { Certain::DayOfMonthOnly };
    Some((end + 1, (date, certain), Part::None))
}

/// 下午3点20分, 15:20:05, 三点半: where it ends, the time, whether it falls on the next day, how exact.
fn time_of_day(scan: &Scan, index: usize, implied: Part, dated: bool) -> Option<(usize, Time, bool, Precision)> {
    const PARTS: [(&str, Part); 20] = [
        ("凌晨", Part::Early),
        ("清晨", Part::Morning),
        ("早上", Part::Morning),
        ("早晨", Part::Morning),
        ("上午", Part::Morning),
        ("中午", Part::Noon),
        ("正午", Part::Noon),
        ("下午", Part::Afternoon),
        ("午后", Part::Afternoon),
        ("傍晚", Part::Evening),
        ("晚上", Part::Evening),
        ("晚间", Part::Evening),
        ("夜里", Part::Evening),
        ("夜间", Part::Evening),
        ("深夜", Part::Evening),
        ("半夜", Part::Early),
        ("早", Part::Morning),
        ("晚", Part::Evening),
        ("夜", Part::Evening),
        ("午", Part::Noon),
    ];
    let mut start = index;
    let mut part = implied;
    if let Some((word, meant)) = PARTS.iter().find(|(word, _)| scan.starts(start, word)) {
        part = *meant;
        start += word.chars().count();
        while matches!(scan.at(start), ' ' | '的') {
            start += 1;
        }
    }
    if scan.is_digit(start) && start > 0 && scan.is_digit(start - 1) {
        return None;
    }
    let (hour, end) = small_number(scan, start)?;
    if end - start > 3 || hour > 24 {
        return None;
    }
    let (minute, second, end, precision) = if scan.at(end) == ':' && scan.is_digit(start) {
        clock_digits(scan, end)?
    } else {
        let sure = dated || part != Part::None;
        spoken(scan, end, sure, hour >= 13)?
    };
    let (hour, next_day) = match (part, hour) {
        (Part::Afternoon, 1..=11) | (Part::Noon, 1..=3) => (hour + 12, false),
        (Part::Evening, 4..=11) => (hour + 12, false),
        (Part::Evening, 12 | 24 | 0) => (0, true),
        // 昨晚2点 is two in the morning after.
        (Part::Evening, 1..=3) => (hour, true),
        (Part::Early, 12) => (0, false),
        (_, 24) => (0, true),
        _ => (hour, false),
    };
    let time = civil_time(hour, minute, second)?;
    let end = end + scan.word(end, &["左右", "许"]).map_or(0, |(_, length)| length);
    Some((end, time, next_day, precision))
}

/// `:20` or `:20:05`.
fn clock_digits(scan: &Scan, colon: usize) -> Option<(i32, i32, usize, Precision)> {
    let two = |at: usize| -> Option<(i32, usize)> {
        let (value, end) = small_number(scan, at)?;
        (scan.is_digit(at) && end - at == 2 && value < 60).then_some((value, end))
    };
    let (minute, end) = two(colon + 1)?;
    if scan.at(end) == ':'
        && let Some((second, end)) = two(end + 1)
    {
        return Some((minute, second, end, Precision::Second));
    }
    Some((minute, 0, end, Precision::Minute))
}

/// `点`, `点半`, `点20分`, `时20分05秒`, `点钟`. Without a date or a part of the day before it, 3点 may be a count of
/// points, so something of a time must follow.
fn spoken(scan: &Scan, end: usize, sure: bool, late: bool) -> Option<(i32, i32, usize, Precision)> {
    let sign = scan.at(end);
    if !matches!(sign, '点' | '时') || scan.starts(end, "时间") || scan.starts(end, "时候") {
        return None;
    }
    let after = end + 1;
    if let Some((word, length)) = scan.word(after, &["半", "一刻", "三刻", "整", "钟"]) {
        let minute = match word {
            "半" => 30,
            "一刻" => 15,
            "三刻" => 45,
            _ => 0,
        };
        return Some((minute, 0, after + length, Precision::Minute));
    }
    if let Some((minute, end)) = small_number(scan, after).filter(|(minute, end)| *minute < 60 && end - after <= 3) {
        let marked = scan.at(end) == '分' && !scan.starts(end, "分钟");
        // 下午3点5000元: the digits are an amount.
        // 21时10,000元 too.
        let grouped =
            scan.at(end) == ',' && (1..=3).all(|offset| scan.is_digit(end + offset)) && !scan.is_full_width(end);
        let plausible = marked
            || (!grouped
                && end - after == 2
                && !matches!(scan.at(end), '元' | '万' | '块' | '千' | '个' | '笔' | '百'));
        if plausible {
            let end = if marked { end + 1 } else { end };
            if marked
                && let Some((second, last)) =
                    small_number(scan, end).filter(|(s, last)| *s < 60 && scan.at(*last) == '秒')
            {
                return Some((minute, second, last + 1, Precision::Second));
            }
            return Some((minute, 0, end, Precision::Minute));
        }
    }
    // 11点转了3000: what was done makes it a time.
    let acted = scan.word(after, &["转了", "付了", "汇了", "打了", "充了", "转给", "转到", "转账", "汇给"]).is_some();
    // 分别为9时、9时20分: 9小时 has another word.
    let hour =
        sign == '时' && scan.is_digit(end - 1) && matches!(scan.at(after), '、' | '。' | ';' | ')' | '和' | '至');
    if sure
        || acted
        || hour
        || scan.word(after, &["左右", "许", "多", ","]).is_some_and(|(word, _)| word != "," || late)
    {
        let end = if scan.at(after) == '多' { after + 1 } else { after };
        return Some((0, 0, end, Precision::Minute));
    }
    None
}

fn civil_date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn civil_time(hour: i32, minute: i32, second: i32) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}
