//! What is remembered of every number beyond a caller's windows, in four bytes: since when it is known, and how often
//! others call it. Who calls strangers all day and is called by nobody is no courier.
//!
//! A slot is shared by the numbers that fall on it, so that memory does not grow. They then look older and more often
//! called than they are, which speaks for them: a table that is too small finds less and never harms anybody.

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::Timestamp;

use super::behaviour::Behaviour;
use super::sketch::spread;

/// Slots for each caller whose behaviour is kept, 4 bytes each.
pub(super) const SLOTS_A_CALLER: usize = 4;
/// A number of which nothing was seen for so long is forgotten (停机后放号: its next holder is somebody else).
const FORGOTTEN_AFTER_DAYS: u32 = 120;
/// Days that the screen must have watched before a number that it has never seen can be called new.
pub const WATCHED_DAYS_MIN: u32 = 2;
/// Days since the first call for which a number is new: the day of it and the next.
const NEW_DAYS: u32 = 2;
/// Calls to a number that are counted a day, and that are remembered of the days before.
const RECEIVED_MAX: u32 = 63;
/// Days are counted round in ten bits.
const DAYS: u32 = 1 << 10;

/// Every number, by slot.
pub(super) struct Numbers {
    slots: Vec<AtomicU32>,
    seed: u64,
    /// The first day that was watched, and one more; nothing yet when zero.
    first_day: AtomicU32,
}

/// A number that memory was asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'n> {
    place: Option<&'n AtomicU32>,
    kept: Slot,
}

/// What is remembered of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Remembered {
    /// First seen today or yesterday, by a screen that had watched long enough to have seen it before.
    pub(super) is_new: bool,
    /// Anything is known of it.
    pub(super) was_seen: bool,
    /// Calls to it today, and those of earlier days, of which each day halves what is left.
    pub(super) received: u32,
    /// Days that the screen has watched.
    pub(super) watched_days: u32,
}

impl Remembered {
    /// The behaviour of the windows, with what is remembered.
    #[inline]
    pub(super) fn beside(self, told: Behaviour) -> Behaviour {
        Behaviour { is_new: self.is_new, received: self.received, watched_days: self.watched_days, ..told }
    }
}

/// A slot: ten bits for the first day, ten for the last, six for calls on the last day and six for those before.
#[derive(Clone, Copy)]
struct Slot(u32);

impl Slot {
    const fn first(self) -> u32 {
        self.0 >> 22
    }

    const fn last(self) -> u32 {
        self.0 >> 12 & (DAYS - 1)
    }

    const fn running(self) -> u32 {
        self.0 >> 6 & RECEIVED_MAX
    }

    const fn before(self) -> u32 {
        self.0 & RECEIVED_MAX
    }

    const fn of(first: u32, last: u32, running: u32, before: u32) -> Self {
        Self(first << 22 | last << 12 | running << 6 | before)
    }

    /// The same at the beginning of a day on which the number is seen.
    const fn on(self, day: u32) -> Self {
        let silent = day.wrapping_sub(self.last()) & (DAYS - 1);
        match silent {
            _ if self.0 == 0 => Self::of(day, day, 0, 0),
            0 => self,
            1..8 => Self::of(self.first(), day, 0, min(self.running() + self.before(), RECEIVED_MAX) >> silent),
            // A clock that went back by a day or two is no year of silence.
            _ if silent > DAYS - 8 => self,
            FORGOTTEN_AFTER_DAYS.. => Self::of(day, day, 0, 0),
            _ => Self::of(self.first(), day, 0, 0),
        }
    }
}

const fn min(a: u32, b: u32) -> u32 {
    if a < b { a } else { b }
}

/// The day in China, since 1970.
fn day_of(at: Timestamp) -> u32 {
    u32::try_from((at.0.div_euclid(3_600_000_000) + 8).div_euclid(24)).unwrap_or(0)
}

impl Numbers {
    pub(super) fn new(callers_max: usize, seed: u64) -> Self {
        let slots = (callers_max * SLOTS_A_CALLER).next_power_of_two();
        let mut all = Vec::new();
        all.resize_with(slots, || AtomicU32::new(0));
        Self { slots: all, seed, first_day: AtomicU32::new(0) }
    }

    fn slot(&self, number: u64) -> Option<&AtomicU32> {
        self.slots.get(spread(number ^ self.seed) as usize & (self.slots.len() - 1))
    }

    /// Asks memory for a number, for [`Numbers::called`] or [`Numbers::received`] later on.
    #[inline]
    pub(super) fn ask(&self, number: u64) -> Asked<'_> {
        let place = self.slot(number);
        Asked { place, kept: Slot(place.map_or(0, |place| place.load(Ordering::Relaxed))) }
    }

    /// Notes that a number called, and tells what is remembered of it. Two threads at the same number may lose a count.
    #[inline]
    pub(super) fn called(&self, caller: Asked<'_>, at: Timestamp) -> Remembered {
        let Asked { place: Some(place), kept } = caller else { return Remembered::default() };
        let slot = kept.on(day_of(at) & (DAYS - 1));
        if slot.0 != kept.0 {
            place.store(slot.0, Ordering::Relaxed);
        }
        if self.first_day.load(Ordering::Relaxed) == 0 {
            self.first_day.store(day_of(at) + 1, Ordering::Relaxed);
        }
        self.told(slot, at)
    }

    /// What is remembered of a number, without noting anything.
    pub(super) fn of(&self, number: u64, at: Timestamp) -> Remembered {
        let kept = Slot(self.slot(number).map_or(0, |place| place.load(Ordering::Relaxed)));
        self.told(kept.on(day_of(at) & (DAYS - 1)), at)
    }

    #[inline]
    fn told(&self, slot: Slot, at: Timestamp) -> Remembered {
        let day = day_of(at);
        let first_day = self.first_day.load(Ordering::Relaxed);
        let round = day & (DAYS - 1);
        let watched_days = if first_day == 0 { 0 } else { (day + 1).saturating_sub(first_day) };
        let known_days = round.wrapping_sub(slot.first()) & (DAYS - 1);
        Remembered {
            is_new: known_days < NEW_DAYS && watched_days >= known_days + WATCHED_DAYS_MIN,
            was_seen: slot.first() != round || slot.running() > 0,
            received: slot.running() + slot.before(),
            watched_days,
        }
    }

    /// Notes that somebody called a number.
    #[inline]
    pub(super) fn received(&self, callee: Asked<'_>, at: Timestamp) {
        let Asked { place: Some(place), kept } = callee else { return };
        let slot = kept.on(day_of(at) & (DAYS - 1));
        let count = (slot.running() + 1).min(RECEIVED_MAX);
        let slot = Slot::of(slot.first(), slot.last(), count, slot.before());
        if slot.0 != kept.0 {
            place.store(slot.0, Ordering::Relaxed);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<AtomicU32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Duration;

    fn morning(day: i64) -> Timestamp {
        Timestamp::parse("2026-11-24T10:00:00+08:00").unwrap() + Duration::hours(24 * day)
    }

    #[test]
    fn a_number_is_new_only_to_a_screen_that_has_watched() {
        let numbers = Numbers::new(1_000, 5);
        assert!(!numbers.called(numbers.ask(1), morning(0)).is_new, "on the first day everybody is unknown");
        assert!(!numbers.called(numbers.ask(2), morning(1)).is_new);
        assert!(numbers.called(numbers.ask(3), morning(2)).is_new);
        assert!(!numbers.called(numbers.ask(1), morning(2)).is_new);
        assert!(numbers.called(numbers.ask(3), morning(3)).is_new, "on the day after it still is");
        assert!(!numbers.called(numbers.ask(3), morning(4)).is_new);
        assert!(numbers.called(numbers.ask(1), morning(200)).is_new, "given out again after months of silence");
    }

    #[test]
    fn calls_to_a_number_fade_day_by_day() {
        let numbers = Numbers::new(1_000, 5);
        assert_eq!(numbers.called(numbers.ask(7), morning(0)).received, 0);
        (0..10).for_each(|_| numbers.received(numbers.ask(7), morning(0)));
        assert_eq!(numbers.called(numbers.ask(7), morning(0)).received, 10);
        assert_eq!(numbers.called(numbers.ask(7), morning(1)).received, 5);
        (0..3).for_each(|_| numbers.received(numbers.ask(7), morning(1)));
        assert_eq!(numbers.called(numbers.ask(7), morning(1)).received, 8);
        assert_eq!(numbers.called(numbers.ask(7), morning(3)).received, 2);
        assert_eq!(numbers.called(numbers.ask(7), morning(20)).received, 0);
        (0..500).for_each(|_| numbers.received(numbers.ask(7), morning(20)));
        assert_eq!(numbers.called(numbers.ask(7), morning(20)).received, RECEIVED_MAX);
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing() {
        let numbers = Numbers::new(1_000, 5);
        numbers.called(numbers.ask(7), morning(10));
        numbers.received(numbers.ask(7), morning(10));
        assert_eq!(numbers.called(numbers.ask(7), morning(9)).received, 1);
        assert!(!numbers.called(numbers.ask(7), morning(12)).is_new);
    }
}
