//! What was answered a moment ago, so that a retransmission gets the same answer and is not counted as another call.
//!
//! A table of fixed size, two places to a key: what is older or in the way is written over. An entry that is lost means
//! that a retransmission is decided anew, by the same list and rules.

use kernel::Timestamp;
use screen::{Action, LabelId};

/// Answers remembered by one thread: half a million are four seconds at 120,000 calls a second, and a client repeats after
/// half a second, one and a half, and three and a half (RFC 3261 §17.1.1.2).
const PLACES: usize = 1 << 19;
/// Seconds for which a client may repeat (64 × T1).
const REPEAT_SECONDS: u32 = 32;

#[derive(Clone, Copy, Default)]
struct Place {
    key: u64,
    /// Seconds of the clock, cut to 32 bits.
    at: u32,
    action: u32,
}

/// The table.
pub(crate) struct Memory {
    places: Vec<Place>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self::with_places(PLACES)
    }

    /// A power of two.
    pub(crate) fn with_places(places: usize) -> Self {
        Self { places: vec![Place::default(); places.next_power_of_two().max(2)] }
    }

    /// What was answered under this key within the time of repeats.
    pub(crate) fn find(&self, key: u64, at: Timestamp) -> Option<Action> {
        let now = seconds(at);
        self.pair(key)?
            .iter()
            .find(|p| p.key == key && p.action != 0 && now.wrapping_sub(p.at) <= REPEAT_SECONDS)
            .and_then(|p| unpack(p.action))
    }

    /// Remembers an answer.
    pub(crate) fn keep(&mut self, key: u64, at: Timestamp, action: Action) {
        let now = seconds(at);
        let start = self.start(key);
        let Some([a, b]) = self.places.get_mut(start..start + 2) else { return };
        let place =
            if a.key == key || (b.key != key && now.wrapping_sub(a.at) >= now.wrapping_sub(b.at)) { a } else { b };
        *place = Place { key, at: now, action: pack(action) };
    }

    fn start(&self, key: u64) -> usize {
        usize::try_from(key).unwrap_or(0) & (self.places.len() - 1) & !1
    }

    fn pair(&self, key: u64) -> Option<&[Place]> {
        let start = self.start(key);
        self.places.get(start..start + 2)
    }
}

fn seconds(at: Timestamp) -> u32 {
    // Differences of wrapped seconds stay right for a century at a time.
    (at.0 / 1_000_000) as u32
}

fn pack(action: Action) -> u32 {
    match action {
        Action::Pass => 1,
        Action::Monitor => 2,
        Action::Challenge => 3,
        Action::Announce => 4,
        Action::Reject603 => 5,
        Action::Reject608 => 6,
        Action::Label(LabelId(label)) => 0x1_0000 | u32::from(label),
    }
}

fn unpack(packed: u32) -> Option<Action> {
    Some(match packed {
        1 => Action::Pass,
        2 => Action::Monitor,
        3 => Action::Challenge,
        4 => Action::Announce,
        5 => Action::Reject603,
        6 => Action::Reject608,
        label if label >= 0x1_0000 => Action::Label(LabelId((label & 0xffff) as u16)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_remembered_for_the_time_of_repeats() {
        let mut memory = Memory::with_places(16);
        let at = |s: i64| Timestamp(s * 1_000_000);
        for (key, action) in [
            (1, Action::Pass),
            (2, Action::Label(LabelId(0))),
            (4, Action::Label(LabelId(65_535))),
            (6, Action::Reject608),
            (8, Action::Announce),
        ] {
            memory.keep(key, at(100), action);
            assert_eq!(memory.find(key, at(132)), Some(action));
            assert_eq!(memory.find(key, at(133)), None);
            assert_eq!(memory.find(key + 1024, at(100)), None);
        }
    }

    #[test]
    fn the_older_of_two_makes_room() {
        let mut memory = Memory::with_places(2);
        let at = |s: i64| Timestamp(s * 1_000_000);
        memory.keep(10, at(1), Action::Pass);
        memory.keep(20, at(2), Action::Announce);
        memory.keep(30, at(3), Action::Reject603);
        assert_eq!(
            [memory.find(10, at(3)), memory.find(20, at(3)), memory.find(30, at(3))],
            [None, Some(Action::Announce), Some(Action::Reject603)]
        );
    }
}
