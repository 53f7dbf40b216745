//! What an entry must be before it may stand on the list: a wrong prefix silences a town.

use kernel::{Faults, ListRefusal, Msisdn, Timestamp, list_refusals};
use wire::{ListAction, NumberPattern};

use super::entry::NewEntry;
use super::parameters::Parameters;
use super::texts;
use crate::telephone::END_MAX;

/// Longest reason, source and label, characters.
const WORDS_MAX: usize = 200;
const LABEL_MAX: usize = 40;

/// Reads a pattern as people write it: a number in any usual form, `170*`, `0731*`, `+44*`, or two numbers of one
/// length with a dash between them.
pub fn read_pattern(text: &str) -> Option<NumberPattern> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(prefix) = text.strip_suffix('*') {
        return NumberPattern::parse(&format!("{}*", with_country(prefix))).ok();
    }
    let range = text.split_once(['-', '~', '至']).filter(|(from, to)| from.len() == to.len() && from.len() >= 5);
    if let Some((from, to)) = range {
        return NumberPattern::parse(&format!("{}-{}", with_country(from), with_country(to))).ok();
    }
    Msisdn::parse(&text).ok().map(|number| NumberPattern::Full(number.to_string()))
}

/// The beginning of a number with its country code: `170` is a mobile number, `0731` a fixed line; 10, 12, 95, 96, 106
/// and 400 begin service numbers.
fn with_country(digits: &str) -> String {
    if digits.starts_with('+') {
        return digits.to_owned();
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return format!("+{rest}");
    }
    if let Some(rest) = digits.strip_prefix('0') {
        return format!("+86{rest}");
    }
    let mobile = matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
    if mobile { format!("+86{digits}") } else { digits.to_owned() }
}

/// Every fault of an entry by field; the pattern where it reads.
pub(super) fn check(new: &NewEntry, now: Timestamp, parameters: &Parameters) -> (Option<NumberPattern>, Faults) {
    let mut faults = Faults::none();
    let pattern = read_pattern(&new.pattern);
    match &pattern {
        None => faults.push(texts::PATTERN.at("pattern", &[])),
        Some(pattern) => check_pattern(pattern, new.action, parameters, &mut faults),
    }
    let fits = |text: &str| (1..=WORDS_MAX).contains(&text.trim().chars().count());
    if !fits(&new.reason) {
        faults.push(texts::REASON.at("reason", &[]));
    }
    if !fits(&new.source) {
        faults.push(texts::SOURCE.at("source", &[]));
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        faults.push(texts::EXPIRY.at("expires_at", &[]));
    }
    if new.expires_at.is_some_and(|end| end > now + END_MAX) {
        faults.push(texts::EXPIRY_FAR.at("expires_at", &[]));
    }
    if new.label.as_ref().is_some_and(|label| label.chars().count() > LABEL_MAX) {
        faults.push(texts::LABEL.at("label", &[]));
    }
    (pattern, faults)
}

fn check_pattern(pattern: &NumberPattern, action: ListAction, parameters: &Parameters, faults: &mut Faults) {
    let stops = matches!(action, ListAction::Block | ListAction::Watch);
    for refusal in list_refusals(pattern.listed(), &parameters.bounds(stops)) {
        faults.push(match refusal {
            ListRefusal::Help => texts::EMERGENCY.at("pattern", &[]),
            ListRefusal::Service => texts::SERVICE.at("pattern", &[]),
            ListRefusal::PrefixShort { min, .. } => texts::PREFIX_SHORT.at("pattern", &[("digits", &min.to_string())]),
            ListRefusal::RangeLong { max } => texts::RANGE_LONG.at("pattern", &[("most", &max.to_string())]),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_as_people_write_them() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(read_pattern(text).map(|pattern| pattern.to_string()).as_deref(), expect, "{text}");
        };
        check("170 0000 0000", Some("+8617000000000"));
        check("0731-88888888", Some("+8673188888888"));
        check("1700012*", Some("+861700012*"));
        check("0731 888*", Some("+86731888*"));
        check("+44*", Some("+44*"));
        check("0044*", Some("+44*"));
        check("106901*", Some("106901*"));
        check("17012340000-17012349999", Some("+8617012340000-+8617012349999"));
        check("17012340000至17012349999", Some("+8617012340000-+8617012349999"));
        check("17012349999-17012340000", None);
        check("*", None);
        check("微信*", None);
    }

    #[test]
    fn what_would_silence_a_town_or_an_emergency_line_is_refused() {
        let check = |pattern: &str, action: ListAction, expect: &[&str]| {
            let new = NewEntry {
                pattern: pattern.into(),
                action,
                reason: "涉诈".into(),
                source: "报案".into(),
                case: None,
                expires_at: None,
                label: None,
            };
            let (_, faults) = super::check(&new, Timestamp(0), &Parameters::default());
            let codes: Vec<&str> = faults.0.iter().map(|fault| fault.said.code.as_str()).collect();
            assert_eq!(codes, expect, "{pattern}");
        };
        use ListAction::{Allow, Block, Protect, Watch};
        check("17000000000", Block, &[]);
        check("17000*", Block, &[]);
        check("170*", Block, &["numbers.prefix_short"]);
        check("+8*", Block, &["numbers.prefix_short"]);
        check("+86*", Watch, &["numbers.prefix_short"]);
        check("+44*", Block, &[]);
        check("110", Block, &["numbers.emergency"]);
        check("0731-96110", Protect, &["numbers.emergency"]);
        check("11*", Block, &["numbers.emergency"]);
        check("0731-110", Block, &["numbers.pattern"]);
        check("12395", Block, &["numbers.emergency"]);
        check("951*", Block, &["numbers.emergency"]);
        check("100-130", Allow, &["numbers.pattern"]);
        check("95588", Block, &["numbers.service"]);
        check("95588", Protect, &[]);
        check("955*", Watch, &["numbers.service"]);
        check("106901*", Block, &[]);
        check("17012340000-17013340000", Block, &["numbers.range_long"]);
        check("+8617012340000-+8617013339999", Block, &[]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not_and_what_is_read_is_canonical(text in "\\PC{0,24}|[+0-9*-]{0,30}") {
            if let Some(pattern) = read_pattern(&text) {
                let written = pattern.to_string();
                prop_assert_eq!(NumberPattern::parse(&written).ok(), Some(pattern.clone()));
                prop_assert_eq!(read_pattern(&written), Some(pattern));
            }
        }
    }
}
