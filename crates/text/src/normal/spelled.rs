//! Words and numbers spelled out with something between the letters: `w w w . a b c . c o m`, `1-3-8-0-0-…`.

use super::Unit;

/// Fewest letters that make a word spelled out.
const LETTERS_MIN: usize = 4;
/// With a sign other than a space between them more are asked for: 5-7-9号楼.
const LETTERS_MIN_WITH_SIGN: usize = 5;

/// Takes out what stands between the letters.
pub(super) fn join(units: &mut Vec<Unit>) {
    let mut joined: Vec<Unit> = Vec::with_capacity(units.len());
    let mut index = 0;
    while index < units.len() {
        let end = run(units, index);
        if end > index {
            let letters = units.get(index..end).unwrap_or_default();
            joined.extend(letters.iter().enumerate().filter(|(place, _)| place % 2 == 0).map(|(_, unit)| *unit));
            index = end;
        } else {
            joined.extend(units.get(index).copied());
            index += 1;
        }
    }
    *units = joined;
}

/// Where the run that begins at `start` ends: single letters with the same sign between all of them.
fn run(units: &[Unit], start: usize) -> usize {
    let at = |index: usize| units.get(index).map_or('\0', |unit| unit.c);
    let spellable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '/' | '@' | '_');
    if !at(start).is_ascii_alphanumeric() || (start > 0 && at(start - 1).is_ascii_alphanumeric()) {
        return start;
    }
    let sign = at(start + 1);
    if !matches!(sign, ' ' | '-' | '_' | '*' | '~' | '·' | '|' | '=' | '+' | '、' | ',' | '/') {
        return start;
    }
    let mut end = start + 1;
    while at(end) == sign && spellable(at(end + 1)) && !at(end + 2).is_ascii_alphanumeric() {
        end += 2;
    }
    let letters = (end - start).div_ceil(2);
    let least = if sign == ' ' { LETTERS_MIN } else { LETTERS_MIN_WITH_SIGN };
    if letters >= least { end } else { start }
}
