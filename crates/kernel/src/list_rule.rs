//! What a number list may stop: one rule for every seat that keeps a list or takes one from another.
//!
//! A wrong number silences one line, a wrong prefix or range a town; and nothing on a list may speak of a number by which
//! help is called ([`EMERGENCY`]) or on which the centre is reached ([`WARNING_LINES`]), also behind an area code.

use crate::msisdn::{EMERGENCY, WARNING_LINES};

/// Digits of a number: with its country code, or of a number that stands alone (110, 95588, 106…).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedDigits {
    /// Whether they begin with a country code.
    pub international: bool,
    /// The digits as an integer.
    pub value: u128,
}

/// The numbers that an entry of a list speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ListedNumbers {
    /// One number.
    One(ListedDigits),
    /// Every number that begins so.
    Prefix(ListedDigits),
    /// Every number from the first to the second, both included, with as many digits as they have.
    Range(ListedDigits, ListedDigits),
}

/// Which service numbers (95588, 400…) an entry may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceNumbers {
    /// Any but those for help.
    Any,
    /// Ports from which firms send messages (106…) alone: anybody may rent one.
    MessagePorts,
}

/// How wide an entry may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListBounds {
    /// Digits that a prefix of mainland numbers has at least, country code included.
    pub prefix_digits_min: u32,
    /// Digits that a prefix of other numbers has at least.
    pub foreign_prefix_digits_min: u32,
    /// Numbers that a range has at most.
    pub range_numbers_max: u64,
    /// Which service numbers it may stop.
    pub service_numbers: ServiceNumbers,
}

/// Why an entry may not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRefusal {
    /// It speaks of a number by which help is called, or of a line of the centre.
    Help,
    /// It speaks of service numbers.
    Service,
    /// The prefix is too short.
    PrefixShort {
        /// Digits that it has.
        digits: u32,
        /// Digits that it needs.
        min: u32,
    },
    /// The range is too long.
    RangeLong {
        /// Numbers that it may have.
        max: u64,
    },
}

/// Everything that keeps an entry which stops calls from the list; empty where it may stand. Allocates only to refuse.
pub fn list_refusals(numbers: ListedNumbers, bounds: &ListBounds) -> Vec<ListRefusal> {
    let mut refusals = Vec::new();
    // A prefix that is too short for a country or a province is called short, though help is called in each.
    if let ListedNumbers::Prefix(prefix) = numbers
        && prefix.international
        && let Some(short) = short_prefix(prefix, bounds)
    {
        refusals.push(short);
        return refusals;
    }
    if calls_for_help(numbers) {
        refusals.push(ListRefusal::Help);
        return refusals;
    }
    let is_refused_service = |digits: ListedDigits| {
        !digits.international && bounds.service_numbers != ServiceNumbers::Any && !is_port(digits)
    };
    match numbers {
        ListedNumbers::One(number) if is_refused_service(number) => refusals.push(ListRefusal::Service),
        ListedNumbers::One(_) => {}
        ListedNumbers::Prefix(prefix) if is_refused_service(prefix) => refusals.push(ListRefusal::Service),
        ListedNumbers::Prefix(prefix) => refusals.extend(short_prefix(prefix, bounds)),
        ListedNumbers::Range(from, to) => {
            if is_refused_service(from) || is_refused_service(to) {
                refusals.push(ListRefusal::Service);
            }
            if to.value.saturating_sub(from.value) >= u128::from(bounds.range_numbers_max) {
                refusals.push(ListRefusal::RangeLong { max: bounds.range_numbers_max });
            }
        }
    }
    refusals
}

fn short_prefix(prefix: ListedDigits, bounds: &ListBounds) -> Option<ListRefusal> {
    let digits = digit_count(prefix.value);
    let is_mainland = prefix.international && (prefix.value == 8 || head(prefix.value, 2) == 86);
    let min = if is_mainland { bounds.prefix_digits_min } else { bounds.foreign_prefix_digits_min };
    (digits < min).then_some(ListRefusal::PrefixShort { digits, min })
}

/// A port from which firms send messages.
fn is_port(digits: ListedDigits) -> bool {
    digit_count(digits.value) >= 6 && head(digits.value, 3) == 106
}

/// Whether one of the numbers calls for help, also behind the area code of a place in the mainland (0731-110).
fn calls_for_help(numbers: ListedNumbers) -> bool {
    let mut help = EMERGENCY.into_iter().chain(WARNING_LINES).map(u128::from);
    match numbers {
        ListedNumbers::One(first) | ListedNumbers::Prefix(first) | ListedNumbers::Range(first, _)
            if !first.international =>
        {
            help.any(|number| covers(numbers, number))
        }
        _ => may_lie_behind_area(numbers) && behind_areas().any(|number| covers(numbers, number)),
    }
}

/// Whether the numbers may be among those of [`behind_areas`]; sure where it says no, and quick.
fn may_lie_behind_area(numbers: ListedNumbers) -> bool {
    // +86 10 110 to +86 999 96110.
    const LEAST: u128 = 8_610_110;
    const GREATEST: u128 = 8_699_996_110;
    match numbers {
        ListedNumbers::One(number) => (LEAST..=GREATEST).contains(&number.value),
        ListedNumbers::Range(from, to) => to.value >= LEAST && from.value <= GREATEST,
        ListedNumbers::Prefix(prefix) => {
            let begins_area = |area: u128| area == 10 || area >= 20;
            match digit_count(prefix.value) {
                0..=1 => prefix.value == 8,
                2..=3 => head(prefix.value, 2) == 86,
                4..=10 => head(prefix.value, 2) == 86 && begins_area(head(prefix.value, 4) % 100),
                _ => false,
            }
        }
    }
}

/// Every number for help behind every area code that the plan has room for: 10, 2x, and three digits from 300 on.
fn behind_areas() -> impl Iterator<Item = u128> {
    (10..=10).chain(20..=29).chain(300..=999).flat_map(|area: u128| {
        let country = 86 * pow10(digit_count(area)) + area;
        let help = EMERGENCY.into_iter().chain(WARNING_LINES).map(u128::from);
        help.map(move |number| country * pow10(digit_count(number)) + number)
    })
}

/// Whether the entry speaks of this number, which has a country code where the entry has one.
fn covers(numbers: ListedNumbers, number: u128) -> bool {
    match numbers {
        ListedNumbers::One(one) => one.value == number,
        ListedNumbers::Prefix(prefix) => head(number, digit_count(prefix.value)) == prefix.value,
        ListedNumbers::Range(from, to) => {
            digit_count(number) == digit_count(from.value) && (from.value..=to.value).contains(&number)
        }
    }
}

fn digit_count(value: u128) -> u32 {
    value.checked_ilog10().map_or(0, |log| log + 1)
}

/// The first digits; all where there are fewer.
fn head(value: u128, digits: u32) -> u128 {
    value / pow10(digit_count(value).saturating_sub(digits))
}

fn pow10(exponent: u32) -> u128 {
    10_u128.saturating_pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: ListBounds = ListBounds {
        prefix_digits_min: 5,
        foreign_prefix_digits_min: 2,
        range_numbers_max: 1_000_000,
        service_numbers: ServiceNumbers::Any,
    };

    fn digits(text: &str) -> ListedDigits {
        ListedDigits {
            international: text.starts_with('+'),
            value: text.trim_start_matches('+').parse().unwrap_or(u128::MAX),
        }
    }

    fn numbers(text: &str) -> ListedNumbers {
        match (text.strip_suffix('*'), text.split_once('-')) {
            (Some(prefix), _) => ListedNumbers::Prefix(digits(prefix)),
            (None, Some((from, to))) => ListedNumbers::Range(digits(from), digits(to)),
            (None, None) => ListedNumbers::One(digits(text)),
        }
    }

    #[test]
    fn nothing_for_help_is_listed_in_whatever_form() {
        let helps = |text: &str| list_refusals(numbers(text), &BOUNDS) == [ListRefusal::Help];
        for text in [
            "110",
            "96110",
            "12381",
            "+8673196110",
            "+8610110",
            "+8621120",
            "1*",
            "11*",
            "110*",
            "12110*",
            "96110*",
            "9611*",
            "+86731*",
            "+8673196*",
            "+86731110*",
            "+8610961*",
            "110-120",
            "100-999",
            "12000-12400",
            "+86731100-+86731130",
            "+8673196000-+8673196999",
        ] {
            assert!(helps(text), "{text}");
        }
        for text in [
            "+8613800000110",
            "+8617000110",
            "95588",
            "961101*",
            "96111*",
            "1100*",
            "+8613800*",
            "+86731888*",
            "+867311100*",
            "+86152*",
            "+44110*",
            "113-118",
            "+8673196111-+8673196999",
            "+8617012340000-+8617012349999",
        ] {
            assert!(!list_refusals(numbers(text), &BOUNDS).contains(&ListRefusal::Help), "{text}");
        }
        for area in ["10", "20", "29", "300", "731", "999"] {
            for help in EMERGENCY.into_iter().chain(WARNING_LINES) {
                assert!(helps(&format!("+86{area}{help}")), "{area} {help}");
            }
        }
    }

    #[test]
    fn what_is_too_wide_is_refused() {
        let refusals = |text: &str| list_refusals(numbers(text), &BOUNDS);
        let short = |digits, min| vec![ListRefusal::PrefixShort { digits, min }];
        assert_eq!(refusals("+8*"), short(1, 5));
        assert_eq!(refusals("+86*"), short(2, 5));
        assert_eq!(refusals("+8617*"), short(4, 5));
        assert_eq!(refusals("+86170*"), []);
        assert_eq!(refusals("+4*"), short(1, 2));
        assert_eq!(refusals("+44*"), []);
        assert_eq!(refusals("7*"), short(1, 2));
        let long = [ListRefusal::RangeLong { max: 1_000_000 }];
        assert_eq!(refusals("+8613000000000-+8619999999999"), long);
        assert_eq!(refusals("+8617012340000-+8617013340000"), long);
        assert_eq!(refusals("+8617012340000-+8617013339999"), []);
        // Twenty digits, as a port with its extension has.
        assert_eq!(refusals("10690000000000000000-10699999999999999999"), long);
    }

    #[test]
    fn service_numbers_stand_only_where_they_may() {
        let bounds = ListBounds { service_numbers: ServiceNumbers::MessagePorts, ..BOUNDS };
        let refused = |text: &str| list_refusals(numbers(text), &bounds) == [ListRefusal::Service];
        for text in ["95588", "955*", "4008001234", "95500-95509", "106*", "10690"] {
            assert!(refused(text), "{text}");
        }
        for text in ["106901*", "10690123", "1069010000-1069010999", "+8617000000000", "+85291234567"] {
            assert_eq!(list_refusals(numbers(text), &bounds), [], "{text}");
        }
    }
}
