//! Digits written as words or letters where they make up a number: 幺三八零零…, `l38OO138OOO`, `loooo元`.

use super::Unit;

/// Fewest digits of a number that may be written in words: those of a local telephone number.
const DIGITS_MIN: usize = 7;

/// Writes such numbers in digits, each in the place of its word.
pub(super) fn plain(units: &mut [Unit]) {
    let mut index = 0;
    // Within a run that is no number nothing shorter is one.
    let mut tried = 0;
    while index < units.len() {
        let (spoken, seen) = if index < tried { (index, tried) } else { spoken_run(units, index) };
        tried = seen;
        let letters = if spoken > index { index } else { letter_run(units, index) };
        let end = spoken.max(letters);
        for unit in units.get_mut(index..end).unwrap_or_default() {
            unit.c = spoken_digit(unit.c).or_else(|| letter_digit(unit.c)).unwrap_or(unit.c);
        }
        index = end.max(index + 1);
    }
}

fn at(units: &[Unit], index: usize) -> char {
    units.get(index).map_or('\0', |unit| unit.c)
}

fn spoken_digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        '〇' | '零' | '洞' => '0',
        '一' | '幺' | '壹' => '1',
        '二' | '两' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' | '拐' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Where a run of spoken digits ends that is long enough to be a number, else its start; and where it ends anyhow.
/// Single spaces and dashes may stand between.
fn spoken_run(units: &[Unit], start: usize) -> (usize, usize) {
    if spoken_digit(at(units, start)).is_none() || (start > 0 && spoken_digit(at(units, start - 1)).is_some()) {
        return (start, start);
    }
    let (mut end, mut digits, mut words) = (start, 0, 0);
    loop {
        let c = at(units, end);
        if spoken_digit(c).is_some() {
            digits += 1;
            words += usize::from(!c.is_ascii());
            end += 1;
        } else if matches!(c, ' ' | '-') && spoken_digit(at(units, end + 1)).is_some() {
            end += 1;
        } else {
            break;
        }
    }
    let spoken = digits >= DIGITS_MIN && words > 0 && !stands_beside_number(units, start, end);
    (if spoken { end } else { start }, end)
}

/// Fewest digits of a whole telephone number, and of a whole account in groups.
const PHONE_DIGITS: usize = 11;
const CARD_DIGITS_MIN: usize = 15;
/// Most words beside a number that are not of it: 张三6217…, 6217…三次.
const WORDS_BESIDE_MAX: usize = 2;

/// 张三6217002920112345671: words stand at the edge alone, and what is written in digits is a whole number without them.
fn stands_beside_number(units: &[Unit], start: usize, end: usize) -> bool {
    let is_word = |index: usize| !at(units, index).is_ascii();
    let head = (start..end).take_while(|index| is_word(*index)).count();
    let tail = (start..end).rev().take_while(|index| is_word(*index)).count();
    let (from, to) = (start + head, end.saturating_sub(tail));
    if head > WORDS_BESIDE_MAX || tail > WORDS_BESIDE_MAX || (from..to).any(is_word) {
        return false;
    }
    let is_digit = |index: &usize| at(units, *index).is_ascii_digit();
    let group = (from..to).take_while(is_digit).count();
    let digits = (from..to).filter(is_digit).count();
    group >= PHONE_DIGITS || group <= 6 && digits >= CARD_DIGITS_MIN
}

fn letter_digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        'o' | 'O' => '0',
        'l' | 'I' => '1',
        'S' => '5',
        _ => return None,
    })
}

/// Where a run of digits and letters that look like them ends, if it is a mobile number or an amount.
fn letter_run(units: &[Unit], start: usize) -> usize {
    let before = if start == 0 { '\0' } else { at(units, start - 1) };
    if letter_digit(at(units, start)).is_none()
        || before.is_ascii_alphanumeric()
        || matches!(before, '.' | '/' | '-' | '_' | ':' | '@')
    {
        return start;
    }
    let (mut end, mut real, mut letters) = (start, 0, 0);
    while letter_digit(at(units, end)).is_some() {
        real += usize::from(at(units, end).is_ascii_digit());
        letters += usize::from(!at(units, end).is_ascii_digit());
        end += 1;
    }
    let next = at(units, end);
    if letters == 0 || next.is_ascii_alphanumeric() || matches!(next, '.' | '/' | '-' | '_' | '@') {
        return start;
    }
    let digit = |index: usize| letter_digit(at(units, index));
    let mobile = end - start == 11 && real >= 4 && digit(start) == Some('1') && digit(start + 1) >= Some('3');
    let amount = end - start >= 3 && matches!(next, '元' | '万' | '块' | '亿');
    if mobile || amount { end } else { start }
}
