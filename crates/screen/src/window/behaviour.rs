//! What one caller does, over four windows, in a fixed piece of memory.
//!
//! A window is two spans of its own length: the one that runs, and the one before it. What is told is the running span
//! and that share of the one before which still lies in the window:
//!
//! ```text
//! window of 10 minutes, asked at 12:04      |11:50 ── before ── 12:00|12:00 ─ running ─ 12:04
//!                                                       └── the last 6 of 10 minutes count: 60 %
//! ```

use kernel::Timestamp;

use super::sketch::{Sketch, spread};
use crate::number::Number;

/// Lengths of the windows in seconds: 1 minute, 10 minutes, 1 hour, 24 hours.
pub const WINDOWS_S: [u32; 4] = [60, 600, 3_600, 86_400];
/// An answered call that ends within this time is short.
pub const SHORT_CALL_MS: u32 = 6_000;
/// An answered call that goes on for so long is a conversation.
pub const TALK_MS: u32 = 30_000;
/// Two callees stand next to each other when their numbers differ by this much at most.
pub const NEIGHBOUR_DISTANCE: u64 = 10;

/// What a caller did in the windows of [`WINDOWS_S`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behaviour {
    /// Attempts.
    pub attempts: [u32; 4],
    /// Different callees; exact up to four a span, an estimate beyond.
    pub callees: [u32; 4],
    /// Calls that ended.
    pub ended: [u32; 4],
    /// Of these, answered.
    pub answered: [u32; 4],
    /// Of these, short.
    pub short: [u32; 4],
    /// Of the answered, conversations.
    pub talks: [u32; 4],
    /// Attempts in a row to numbers next to each other.
    pub sequential_run: u32,
    /// Attempts at night (22 to 8 o'clock in China) in the last day; 255 a night at most.
    pub night_attempts: u32,
    /// First seen today or yesterday by a screen that has watched for [`crate::WATCHED_DAYS_MIN`] days before.
    pub is_new: bool,
    /// Calls of others to this number: those of today, and of earlier days half as many with each day; 63 of each at most.
    pub received: u32,
    /// Days that the screen has watched; what it does not know of a number means little in the first two.
    pub watched_days: u32,
}

impl Behaviour {
    /// Share of ended calls that were answered, in percent; nothing when none ended.
    pub fn answered_percent(&self, window: usize) -> Option<u32> {
        percent(*self.answered.get(window)?, *self.ended.get(window)?)
    }

    /// Ended calls that nobody answered.
    pub fn unanswered(&self, window: usize) -> u32 {
        let of = |counts: &[u32; 4]| counts.get(window).copied().unwrap_or(0);
        of(&self.ended).saturating_sub(of(&self.answered))
    }

    /// Share of answered calls that were short, in percent; nothing when none was answered.
    pub fn short_percent(&self, window: usize) -> Option<u32> {
        percent(*self.short.get(window)?, *self.answered.get(window)?)
    }
}

/// To the nearest whole number, without a call into the library of mathematics.
fn rounded(value: f32) -> u32 {
    (value + 0.5) as u32
}

fn percent(part: u32, whole: u32) -> Option<u32> {
    part.saturating_mul(100).checked_div(whole).map(|percent| percent.min(100))
}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    attempts: u16,
    ended: u16,
    answered: u16,
    short: u16,
    talks: u16,
    callees: Sketch,
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    /// Number of the running span since 1970.
    span: u32,
    running: Span,
    before: Span,
}

impl Window {
    #[inline]
    fn turn(&mut self, span: u32) {
        if span > self.span {
            self.before = if span == self.span + 1 { self.running } else { Span::default() };
            self.running = Span::default();
            self.span = span;
        }
    }
}

/// Everything that is kept of one caller: four cache lines.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct Caller {
    windows: [Window; 4],
    last_callee: u64,
    last_s: u32,
    run: u16,
    night_running: u8,
    night_before: u8,
}

const _: () = assert!(size_of::<Caller>() == 256);

/// Seconds since 1970.
pub(super) fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(1_000_000)).unwrap_or(if at.0 < 0 { 0 } else { u32::MAX })
}

/// Hour of the day in China.
pub(crate) fn china_hour(at: Timestamp) -> i64 {
    (at.0.div_euclid(3_600_000_000) + 8).rem_euclid(24)
}

/// Day of the week in China, Monday is 1.
pub(crate) fn china_weekday(at: Timestamp) -> i64 {
    // 1970-01-01 was a Thursday.
    ((at.0.div_euclid(3_600_000_000) + 8).div_euclid(24) + 3).rem_euclid(7) + 1
}

fn is_night(at: Timestamp) -> bool {
    let hour = china_hour(at);
    !(8..22).contains(&hour)
}

impl Caller {
    /// Moves the windows on. Time that goes back counts as the latest time seen.
    #[inline]
    fn turn(&mut self, at_s: u32) -> u32 {
        if at_s <= self.last_s {
            return self.last_s;
        }
        self.last_s = at_s;
        for (index, (window, length)) in self.windows.iter_mut().zip(WINDOWS_S).enumerate() {
            let span = at_s / length;
            if index == 3 && span > window.span {
                self.night_before = if span == window.span + 1 { self.night_running } else { 0 };
                self.night_running = 0;
            }
            window.turn(span);
        }
        at_s
    }

    /// Counts an attempt.
    pub(super) fn attempt(&mut self, callee: Option<Number>, at: Timestamp) {
        self.turn(seconds(at));
        let hash = callee.map(|callee| spread(callee.packed()));
        for window in &mut self.windows {
            window.running.attempts = window.running.attempts.saturating_add(1);
            if let Some(hash) = hash {
                window.running.callees.add(hash);
            }
        }
        if is_night(at) {
            self.night_running = self.night_running.saturating_add(1);
        }
        if let Some(callee) = callee {
            let distance = callee.packed().abs_diff(self.last_callee);
            self.run = if (1..=NEIGHBOUR_DISTANCE).contains(&distance) { self.run.saturating_add(1) } else { 1 };
            self.last_callee = callee.packed();
        }
    }

    /// Counts the end of a call.
    pub(super) fn ended(&mut self, answered: bool, talk_ms: u32, at: Timestamp) {
        self.turn(seconds(at));
        for window in &mut self.windows {
            let span = &mut window.running;
            span.ended = span.ended.saturating_add(1);
            span.answered = span.answered.saturating_add(u16::from(answered));
            span.short = span.short.saturating_add(u16::from(answered && talk_ms < SHORT_CALL_MS));
            span.talks = span.talks.saturating_add(u16::from(answered && talk_ms >= TALK_MS));
        }
    }

    /// What the windows say at a moment. Different callees cost the most, and are told only for the windows asked for.
    pub(super) fn tell(&mut self, at: Timestamp, callees: [bool; 4]) -> Behaviour {
        let at_s = self.turn(seconds(at));
        let mut told = Behaviour { sequential_run: u32::from(self.run), ..Behaviour::default() };
        for (index, (window, length)) in self.windows.iter().zip(WINDOWS_S).enumerate() {
            let share = 1.0 - (at_s % length) as f32 / length as f32;
            let slide = |running: u16, before: u16| {
                if before == 0 { u32::from(running) } else { rounded(f32::from(running) + f32::from(before) * share) }
            };
            let (running, before) = (&window.running, &window.before);
            let put = |place: &mut [u32; 4], value: u32| {
                if let Some(place) = place.get_mut(index) {
                    *place = value;
                }
            };
            put(&mut told.attempts, slide(running.attempts, before.attempts));
            put(&mut told.ended, slide(running.ended, before.ended));
            put(&mut told.answered, slide(running.answered, before.answered));
            put(&mut told.short, slide(running.short, before.short));
            put(&mut told.talks, slide(running.talks, before.talks));
            if callees.get(index).copied().unwrap_or(false) {
                let now = running.callees.estimate();
                let earlier =
                    if before.attempts == 0 { 0.0 } else { running.callees.with(&before.callees).estimate() - now };
                put(&mut told.callees, rounded(now + earlier.max(0.0) * share));
            }
            if index == 3 {
                told.night_attempts = slide(self.night_running.into(), self.night_before.into());
            }
        }
        told
    }

    /// Attempts of the running and the last day, as a measure of how much there is to lose by forgetting the caller.
    pub(super) fn weight(&self) -> u8 {
        let [.., day] = &self.windows;
        u8::try_from(u32::from(day.running.attempts) + u32::from(day.before.attempts)).unwrap_or(u8::MAX)
    }
}
