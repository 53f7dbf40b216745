//! When people call: by hour and weekday.

use kernel::{Duration, Timestamp};

use crate::Dice;

/// Calls by hour of a working day, as weights.
const WORKDAY: [u32; 24] = [4, 2, 1, 1, 1, 3, 12, 30, 58, 72, 76, 70, 60, 52, 62, 66, 66, 68, 70, 64, 52, 38, 22, 10];
/// Calls by hour of a Saturday or Sunday.
const WEEKEND: [u32; 24] = [6, 3, 2, 1, 1, 2, 6, 14, 32, 52, 62, 62, 58, 48, 48, 50, 52, 58, 66, 66, 56, 42, 26, 13];
/// Hours in which offices, couriers and advertisers call.
const OFFICE: [u32; 24] = [0, 0, 0, 0, 0, 0, 0, 4, 40, 80, 90, 70, 24, 30, 80, 90, 80, 60, 30, 16, 6, 0, 0, 0];
/// Hours in which scammers call: they keep the hours of an office, and some go on at night.
const SCAM: [u32; 24] = [3, 2, 1, 1, 1, 1, 2, 6, 30, 74, 90, 80, 34, 40, 82, 92, 86, 64, 40, 44, 40, 22, 10, 5];

/// The hours that somebody keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// A private person.
    Private,
    /// An office.
    Office,
    /// A gang.
    Scam,
}

/// A moment within the span, at an hour that somebody of these habits would choose.
pub fn moment(dice: &mut Dice, hours: Hours, from: Timestamp, span: Duration) -> Timestamp {
    // Drawn until it is an hour worth calling at: the weight of the hour against the heaviest.
    for _ in 0..64 {
        let at = from + Duration(dice.between(0, span.0.saturating_sub(1).max(0)));
        let civil = at.civil_cst();
        let weekend = matches!(civil.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        let table = match hours {
            Hours::Private if weekend => &WEEKEND,
            Hours::Private => &WORKDAY,
            Hours::Office => &OFFICE,
            Hours::Scam => &SCAM,
        };
        // Half of the offices are closed at the weekend; gangs are not.
        if hours == Hours::Office && weekend && dice.permille(500) {
            continue;
        }
        let weight = usize::try_from(civil.hour()).ok().and_then(|hour| table.get(hour)).copied().unwrap_or(0);
        if dice.below(92) < u64::from(weight) {
            return at;
        }
    }
    from + Duration(dice.between(0, span.0.saturating_sub(1).max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_private_calls_at_four_as_often_as_at_ten() {
        let mut dice = Dice::new(5);
        let monday = Timestamp::parse("2026-11-23T00:00:00+08:00").unwrap();
        let mut hours = [0; 24];
        for _ in 0..20_000 {
            let at = moment(&mut dice, Hours::Private, monday, Duration::hours(24));
            hours[usize::try_from(at.civil_cst().hour()).unwrap()] += 1;
        }
        assert!(hours[10] > 20 * hours[4].max(1), "{hours:?}");
    }

    #[test]
    fn every_moment_lies_in_the_span_even_where_nobody_would_call() {
        let mut dice = Dice::new(5);
        let night = Timestamp::parse("2026-11-23T02:00:00+08:00").unwrap();
        for _ in 0..500 {
            let at = moment(&mut dice, Hours::Office, night, Duration::hours(1));
            assert!(at >= night && at < night + Duration::hours(1));
        }
    }
}
