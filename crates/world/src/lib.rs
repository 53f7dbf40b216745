//! The synthetic province: people, callers, senders and scammers, with the truth of each event.
//!
//! [`generate`] gives a span of calls and messages in the order of time, the same every time for the same [`Settings`];
//! [`event`] writes and reads them. Everything in it is invented.

mod callbacks;
mod dice;
pub mod event;
mod gangs;
mod habits;
mod honest;
mod look_alikes;
mod messages;
pub mod play;
pub mod play_smpp;
pub mod province;
pub mod texts;

pub use dice::Dice;
pub use event::Event;
use kernel::{Duration, Timestamp};
use province::Province;

/// People of a province at most; three days of them still fit into memory.
pub const PEOPLE_MAX: usize = 2_000_000;

/// What is to be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// From which everything follows.
    pub seed: u64,
    /// People with a telephone, up to [`PEOPLE_MAX`].
    pub people: usize,
    /// Gangs that call, of every habit in turn.
    pub gangs: usize,
    /// When it begins.
    pub start: Timestamp,
    /// How long it goes on.
    pub span: Duration,
}

impl Settings {
    /// Twenty thousand people and ten gangs for a day.
    pub const fn day(seed: u64, start: Timestamp) -> Self {
        Self { seed, people: 20_000, gangs: 10, start, span: Duration::hours(24) }
    }

    /// How often something happens in the span that happens so often a day.
    pub(crate) fn in_span(&self, per_day: i64) -> i64 {
        per_day.saturating_mul(self.span.as_seconds()) / 86_400
    }
}

/// Everything that happens, in the order of time.
pub fn generate(settings: &Settings) -> Vec<Event> {
    let mut dice = Dice::new(settings.seed);
    let province = Province::of(&mut dice.branch(11), settings.people.min(PEOPLE_MAX));
    let mut events = Vec::new();
    if settings.span.0 > 0 && !province.people.is_empty() {
        honest::calls(&mut dice.branch(12), &province, settings, &mut events);
        gangs::calls(&mut dice.branch(13), &province, settings, &mut events);
        look_alikes::calls(&mut dice.branch(15), &province, settings, &mut events);
        callbacks::calls(&mut dice.branch(16), &province, settings, &mut events);
        messages::messages(&mut dice.branch(14), &province, settings, &mut events);
    }
    events.sort_by_key(|event| event.at);
    events
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event::{Pattern, Trunk, What};

    fn day() -> Vec<Event> {
        generate(&Settings::day(7, Timestamp::parse("2026-11-23T00:00:00+08:00").unwrap()))
    }

    #[test]
    fn a_day_is_the_same_every_time_and_in_order() {
        let (one, two) = (day(), day());
        assert_eq!(one, two);
        assert!(one.is_sorted_by_key(|event| event.at));
        assert!(one.iter().all(|event| event.at.0 - one[0].at.0 < 24 * 3_600 * 1_000_000));
    }

    #[test]
    fn every_habit_is_there_and_scams_are_few_among_many() {
        let events = day();
        let mut counts: BTreeMap<Pattern, usize> = BTreeMap::new();
        for event in &events {
            *counts.entry(event.pattern).or_default() += 1;
        }
        for pattern in [
            Pattern::Person,
            Pattern::Roamer,
            Pattern::Courier,
            Pattern::Office,
            Pattern::Advertiser,
            Pattern::Agent,
            Pattern::PrivacyNumber,
            Pattern::NewNumber,
            Pattern::Organiser,
            Pattern::Survey,
            Pattern::ForeignFriend,
            Pattern::ForeignFirm,
            Pattern::NumberRotation,
            Pattern::Spoofed,
            Pattern::Foreign,
            Pattern::SimBox,
            Pattern::Sequential,
            Pattern::ServiceSender,
            Pattern::Marketing,
            Pattern::Forwarded,
            Pattern::FakeBaseStation,
            Pattern::MessageBlast,
        ] {
            assert!(counts.get(&pattern).is_some_and(|count| *count > 50), "{pattern:?} of {counts:?}");
        }
        let scams = events.iter().filter(|event| event.is_scam()).count();
        assert!(scams * 100 > events.len() * 2 && scams * 100 < events.len() * 20, "{scams} of {}", events.len());
    }

    #[test]
    fn calls_and_messages_are_what_they_say() {
        for event in day() {
            match event.what {
                What::Call { answered, seconds, trunk, .. } => {
                    assert_eq!(answered, seconds > 0);
                    assert_ne!(trunk, Trunk::Radio);
                }
                What::Message { text, trunk, .. } => {
                    assert!(!text.is_empty());
                    assert_eq!(trunk == Trunk::Radio, event.pattern == Pattern::FakeBaseStation);
                }
            }
        }
    }

    #[test]
    fn an_empty_province_or_no_time_is_an_empty_file() {
        let start = Timestamp(0);
        assert!(generate(&Settings { people: 0, ..Settings::day(1, start) }).is_empty());
        assert!(generate(&Settings { span: Duration(0), ..Settings::day(1, start) }).is_empty());
    }
}
