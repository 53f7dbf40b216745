//! Telephone numbers at the desks that deal with operators: which are never to be touched, and how they are shown.

use kernel::{Duration, Maskable, Msisdn, MsisdnKind};

/// How far ahead an entry or a measure without a nearer bound may end: a hundred years. What lies much further cannot be
/// written as a time any more.
pub const END_MAX: Duration = Duration::hours(24 * 366 * 100);

/// Whether it is an emergency number or a line on which the centre itself is reached, also where it is dialled through an area
/// code (0731-110): no order and no entry is made against one.
pub fn is_emergency(number: &Msisdn) -> bool {
    number.calls_for_help()
}

/// Whether it is a line of a person or a firm in the mainland.
pub const fn is_subscriber(number: Msisdn) -> bool {
    matches!(number.kind(), MsisdnKind::Mobile | MsisdnKind::Fixed)
}

/// A number as anyone may see it; what is no number shows its last characters only where it is long enough.
pub fn masked(text: &str) -> String {
    match Msisdn::parse(text) {
        Ok(number) => number.mask(),
        Err(_) if text.chars().count() > 8 => crate::stop::tail(text),
        Err(_) if text.chars().any(|c| c.is_ascii_digit()) => "****".to_owned(),
        // A sender's name (ICBC) is no person's.
        Err(_) => text.to_owned(),
    }
}

/// A pattern of the number list as anyone may see it: one number masked, prefixes and ranges as they are.
pub fn masked_pattern(pattern: &wire::NumberPattern) -> String {
    match pattern {
        wire::NumberPattern::Full(number) => masked(number),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emergency_numbers_are_known_however_they_are_dialled() {
        let known = |text: &str| Msisdn::parse(text).is_ok_and(|number| is_emergency(&number));
        assert!(known("110") && known("96110") && known("0731-96110") && known("12381"));
        assert!(known("0731-12395") && known("12395") && known("95110"));
        assert!(!known("13800000110") && !known("0731-88888110") && !known("95588"));
    }

    #[test]
    fn a_number_is_masked_and_a_name_is_not() {
        assert_eq!(masked("+8613800138000"), "138****8000");
        assert_eq!(masked("95588"), "95588");
        assert_eq!(masked("ICBC"), "ICBC");
        assert_eq!(masked("0001234"), "****");
        assert_eq!(masked("999913800138000999"), "****0999");
    }
}
