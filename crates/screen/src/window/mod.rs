//! Callers' behaviour in sliding windows, for a bounded number of callers, shared between threads.
//!
//! Callers are spread over shards, each behind a lock of its own that is held for some tens of nanoseconds, and within a
//! shard over sets of eight. When a set is full, the caller goes whom it costs the least to forget: one who has been
//! silent for a day, then one with few attempts, then the one silent for longest. So a flood of forged numbers that call
//! once each pushes out each other and not the dialler that has made a thousand calls.

mod behaviour;
mod numbers;
mod sketch;

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::Timestamp;

pub use behaviour::{Behaviour, NEIGHBOUR_DISTANCE, SHORT_CALL_MS, TALK_MS, WINDOWS_S};
pub(crate) use behaviour::{china_hour, china_weekday};

use crate::number::Number;
use behaviour::{Caller, seconds};
use numbers::Numbers;
pub use numbers::WATCHED_DAYS_MIN;

/// Callers of a set.
const WAYS: usize = 8;
/// Shards; a power of two.
const SHARDS: usize = 64;
/// States that are allocated at once.
const CHUNK: usize = 256;
/// Attempts beyond which two callers are equally dear.
const DEAR: u8 = 8;
/// Callers that a table may be asked to hold at most.
pub const CALLERS_MAX: usize = 1 << 24;

/// The windows of many callers.
pub struct Windows {
    shards: Vec<Mutex<Shard>>,
    numbers: Numbers,
    seed: u64,
}

struct Shard {
    sets: Vec<Set>,
    /// Kept in chunks, so that growing never copies.
    callers: Vec<Box<[Caller; CHUNK]>>,
    used: usize,
}

/// Two neighbouring cache lines, which the memory gives together: a write to a third would hold up the unlocking until
/// that line has arrived.
#[derive(Clone, Copy, Default)]
#[repr(align(128))]
struct Set {
    /// Zero for an empty place; no number packs to zero.
    keys: [u64; WAYS],
    last_s: [u32; WAYS],
    states: [State; WAYS],
}

const _: () = assert!(size_of::<Set>() == 128);

/// Where the state of a caller lies, in the lower 24 bits, and above that what there is to lose by forgetting it.
#[derive(Clone, Copy, Default)]
struct State(u32);

const _: () = assert!(CALLERS_MAX / SHARDS <= 1 << 24);

impl State {
    const fn place(self) -> usize {
        (self.0 & 0xff_ffff) as usize
    }

    const fn weight(self) -> u8 {
        (self.0 >> 24) as u8
    }

    fn set_place(&mut self, place: usize) {
        self.0 = self.0 & !0xff_ffff | place as u32 & 0xff_ffff;
    }

    fn set_weight(&mut self, weight: u8) {
        self.0 = self.0 & 0xff_ffff | u32::from(weight) << 24;
    }
}

impl std::fmt::Debug for Windows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Windows({} callers)", self.len())
    }
}

impl Windows {
    /// Windows for at most so many callers, 272 bytes each once they have called, and 16 bytes each at once for what is
    /// remembered of numbers; rounded up to a power of two.
    pub fn new(callers_max: usize) -> Self {
        let sets = (callers_max.min(CALLERS_MAX).div_ceil(SHARDS * WAYS)).next_power_of_two();
        let shard = || Mutex::new(Shard { sets: vec![Set::default(); sets], callers: Vec::new(), used: 0 });
        let seed = std::hash::RandomState::new().hash_one(0_u8);
        let numbers = Numbers::new(sets * SHARDS * WAYS, seed);
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), numbers, seed }
    }

    fn place(&self, key: u64) -> (usize, usize) {
        let mixed = (key ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        ((mixed >> 58) as usize % SHARDS, (mixed >> 16 & 0xffff_ffff) as usize)
    }

    fn shard(&self, key: u64) -> Option<(MutexGuard<'_, Shard>, usize)> {
        let (shard, set) = self.place(key);
        let shard = self.shards.get(shard)?.lock().unwrap_or_else(PoisonError::into_inner);
        let set = set & (shard.sets.len() - 1);
        Some((shard, set))
    }

    /// Counts an attempt of a caller, and tells what the windows say with it. Different callees are told for the windows
    /// asked for.
    pub fn attempt(&self, caller: u64, callee: Option<Number>, at: Timestamp, callees: [bool; 4]) -> Behaviour {
        self.attempt_while(caller, callee, at, callees, || ()).0
    }

    /// The same, and what else is looked up for the caller. Both wait for memory, and taking a lock waits for all that
    /// was asked of memory before it: behind the lock the two wait together.
    pub(crate) fn attempt_while<T>(
        &self,
        caller: u64,
        callee: Option<Number>,
        at: Timestamp,
        callees: [bool; 4],
        look_up: impl FnOnce() -> T,
    ) -> (Behaviour, T) {
        let Some((mut shard, set)) = self.shard(caller) else { return (Behaviour::default(), look_up()) };
        // What depends on nothing is asked for first: it is on its way while the rest branches here and there.
        let (asked_caller, asked_callee) =
            (self.numbers.ask(caller), callee.map(|callee| self.numbers.ask(callee.packed())));
        let found = look_up();
        let remembered = self.numbers.called(asked_caller, at);
        if let Some(callee) = asked_callee {
            self.numbers.received(callee, at);
        }
        (remembered.beside(shard.attempt(set, caller, callee, at, callees)), found)
    }

    /// The behaviour of a sender of messages, with what these windows, of calls, remember of its number: who is called and
    /// has long been there is a subscriber, though he may never have sent a message.
    pub(crate) fn vouch(&self, sender: u64, told: Behaviour, at: Timestamp) -> Behaviour {
        let known = self.numbers.of(sender, at);
        Behaviour {
            is_new: told.is_new && !known.was_seen,
            received: told.received + known.received,
            watched_days: told.watched_days.max(known.watched_days),
            ..told
        }
    }

    /// Counts the end of a call of a caller that is still known.
    pub fn ended(&self, caller: u64, answered: bool, talk_ms: u32, at: Timestamp) {
        let Some((mut shard, set)) = self.shard(caller) else { return };
        if let Some(way) = shard.way(set, caller)
            && let Some(state) = shard.caller(set, way)
        {
            state.ended(answered, talk_ms, at);
        }
    }

    /// What the windows say of a caller; nothing for one that is not known.
    pub fn behaviour(&self, caller: u64, at: Timestamp) -> Option<Behaviour> {
        let (mut shard, set) = self.shard(caller)?;
        let way = shard.way(set, caller)?;
        let told = shard.caller(set, way).map(|state| state.clone().tell(at, [true; 4]));
        told.map(|told| self.numbers.of(caller, at).beside(told))
    }

    /// The callers with the most attempts in a window of [`WINDOWS_S`], most first. Goes through everything, shard by
    /// shard: for a page that is renewed now and then.
    pub fn top(&self, window: usize, count: usize, at: Timestamp) -> Vec<(u64, Behaviour)> {
        let mut best: Vec<(u32, u64)> = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for set in 0..shard.sets.len() {
                for way in 0..WAYS {
                    let key = shard.key(set, way);
                    if key == 0 {
                        continue;
                    }
                    let Some(state) = shard.caller(set, way) else { continue };
                    let attempts = state.clone().tell(at, [false; 4]).attempts.get(window).copied().unwrap_or(0);
                    if attempts > 0 {
                        best.push((attempts, key));
                    }
                }
            }
            best.sort_unstable_by(|a, b| b.cmp(a));
            best.truncate(count);
        }
        best.into_iter().filter_map(|(_, key)| self.behaviour(key, at).map(|told| (key, told))).collect()
    }

    /// How many callers are known.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).used).sum()
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let of = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.sets.capacity() * size_of::<Set>() + shard.callers.len() * CHUNK * size_of::<Caller>()
        };
        self.shards.iter().map(of).sum::<usize>() + self.numbers.bytes()
    }
}

impl Shard {
    fn attempt(
        &mut self,
        set: usize,
        caller: u64,
        callee: Option<Number>,
        at: Timestamp,
        callees: [bool; 4],
    ) -> Behaviour {
        let way = self.way(set, caller).unwrap_or_else(|| self.admit(set, caller, at));
        let Some(state) = self.caller(set, way) else { return Behaviour::default() };
        state.attempt(callee, at);
        let told = state.tell(at, callees);
        let weight = state.weight();
        if let Some(set) = self.sets.get_mut(set)
            && let (Some(last_s), Some(kept)) = (set.last_s.get_mut(way), set.states.get_mut(way))
        {
            *last_s = seconds(at);
            kept.set_weight(weight);
        }
        told
    }

    fn key(&self, set: usize, way: usize) -> u64 {
        self.sets.get(set).and_then(|set| set.keys.get(way)).copied().unwrap_or(0)
    }

    fn way(&self, set: usize, key: u64) -> Option<usize> {
        self.sets.get(set)?.keys.iter().position(|known| *known == key)
    }

    fn caller(&mut self, set: usize, way: usize) -> Option<&mut Caller> {
        let place = self.sets.get(set)?.states.get(way)?.place();
        self.callers.get_mut(place / CHUNK)?.get_mut(place % CHUNK)
    }

    /// Makes room in a set for a caller; gives its way.
    fn admit(&mut self, set: usize, key: u64, at: Timestamp) -> usize {
        let empty = self.sets.get(set).and_then(|set| set.keys.iter().position(|known| *known == 0));
        let way = match empty {
            Some(way) => {
                if self.used == self.callers.len() * CHUNK {
                    self.callers.push(Box::new([Caller::default(); CHUNK]));
                }
                let place = self.used;
                self.used += 1;
                if let Some(state) = self.sets.get_mut(set).and_then(|set| set.states.get_mut(way)) {
                    state.set_place(place);
                }
                way
            }
            None => self.cheapest(set, seconds(at)),
        };
        if let Some(known) = self.sets.get_mut(set).and_then(|set| set.keys.get_mut(way)) {
            *known = key;
        }
        if let Some(state) = self.caller(set, way) {
            *state = Caller::default();
        }
        way
    }

    fn cheapest(&self, set: usize, now_s: u32) -> usize {
        let Some(set) = self.sets.get(set) else { return 0 };
        let [.., day_s] = WINDOWS_S;
        let cost = |way: &usize| {
            let last_s = set.last_s.get(*way).copied().unwrap_or(0);
            let weight = set.states.get(*way).copied().unwrap_or_default().weight().min(DEAR);
            (last_s.saturating_add(day_s) > now_s, weight, last_s)
        };
        (0..WAYS).min_by_key(cost).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Duration;

    /// A Tuesday, 10:00 in China.
    fn morning() -> Timestamp {
        Timestamp::parse("2026-11-24T10:00:00+08:00").unwrap()
    }

    fn number(n: u64) -> Number {
        Number::from_e164(8_613_800_000_000 + n).unwrap()
    }

    const ALL: [bool; 4] = [true; 4];

    #[test]
    fn attempts_and_callees_slide_out_of_their_windows() {
        let windows = Windows::new(1_000);
        let caller = number(1).packed();
        for n in 0..4 {
            windows.attempt(caller, Some(number(100 * (n % 2))), morning() + Duration::seconds(n as i64), ALL);
        }
        let at = |span| windows.behaviour(caller, morning() + span).unwrap();
        let now = at(Duration::seconds(4));
        assert_eq!((now.attempts, now.callees), ([4; 4], [2; 4]));
        // 12:00:30: the minute before counts by half; two minutes on, it is gone.
        assert_eq!(at(Duration::seconds(90)).attempts, [2, 4, 4, 4]);
        assert_eq!(at(Duration::seconds(90)).callees, [1, 2, 2, 2]);
        assert_eq!(at(Duration::seconds(120)).attempts, [0, 4, 4, 4]);
        assert_eq!(at(Duration::minutes(15)).attempts, [0, 2, 4, 4]);
        assert_eq!(at(Duration::minutes(90)).attempts, [0, 0, 2, 4]);
        assert_eq!(at(Duration::hours(72)).attempts, [0; 4]);
    }

    #[test]
    fn answer_rate_and_short_calls() {
        let windows = Windows::new(1_000);
        let caller = number(1).packed();
        for n in 0..10 {
            windows.attempt(caller, Some(number(n * 50)), morning(), ALL);
            windows.ended(caller, n < 4, if n < 3 { 2_000 } else { 90_000 }, morning());
        }
        let told = windows.behaviour(caller, morning()).unwrap();
        assert_eq!(told.answered_percent(2), Some(40));
        assert_eq!(told.short_percent(2), Some(75));
        let silent = windows.attempt(number(2).packed(), None, morning(), ALL);
        assert_eq!((silent.answered_percent(2), silent.short_percent(2)), (None, None));
    }

    #[test]
    fn dialling_one_number_after_the_other_is_seen() {
        let windows = Windows::new(1_000);
        let caller = number(1).packed();
        let run = |callee| windows.attempt(caller, Some(number(callee)), morning(), ALL).sequential_run;
        assert_eq!([500, 501, 503, 504, 505].map(run), [1, 2, 3, 4, 5]);
        assert_eq!(run(505), 1, "the same number again is no sequence");
        assert_eq!([506, 900].map(run), [2, 1]);
    }

    #[test]
    fn night_is_from_ten_to_eight_in_china() {
        let windows = Windows::new(1_000);
        let caller = number(1).packed();
        let night = |text: &str| windows.attempt(caller, None, Timestamp::parse(text).unwrap(), ALL).night_attempts;
        assert_eq!(night("2026-11-24T21:59:59+08:00"), 0);
        assert_eq!(night("2026-11-24T22:00:00+08:00"), 1);
        assert_eq!(night("2026-11-25T07:59:59+08:00"), 2);
        assert_eq!(night("2026-11-25T08:00:00+08:00"), 2);
        assert_eq!(china_weekday(Timestamp::parse("2026-11-24T00:00:00+08:00").unwrap()), 2);
        assert_eq!(china_weekday(Timestamp::parse("2026-11-22T23:59:59+08:00").unwrap()), 7);
    }

    #[test]
    fn a_flood_of_new_numbers_does_not_push_out_the_dialler() {
        let windows = Windows::new(512);
        let dialler = number(1).packed();
        (0..50).for_each(|n| {
            windows.attempt(dialler, Some(number(n)), morning(), ALL);
        });
        for n in 0..20_000 {
            windows.attempt(number(1_000 + n).packed(), Some(number(7)), morning() + Duration::seconds(5), ALL);
        }
        assert!(windows.len() <= 512);
        assert_eq!(windows.behaviour(dialler, morning()).unwrap().attempts[2], 50);
        assert_eq!(windows.top(2, 3, morning())[0].0, dialler);
    }

    #[test]
    fn memory_is_bounded() {
        let windows = Windows::new(4_096);
        for n in 0..50_000 {
            windows.attempt(number(n).packed(), Some(number(7)), morning(), ALL);
        }
        assert!(windows.len() <= 4_096);
        let numbers = 4_096 * 4 * numbers::SLOTS_A_CALLER;
        let most = 4_096 * 272 + 64 * CHUNK * size_of::<Caller>() + numbers;
        assert!(windows.bytes() <= most, "{}", windows.bytes());
    }
}
