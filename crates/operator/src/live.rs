//! Figures of the live page, in memory: by second for five minutes, by minute for a day.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use kernel::{Maskable, Timestamp};
use screen::Number;

use crate::recorder::stopped;
use crate::records::{Record, RecordKind, Word};
use crate::veil::Veil;

/// Seconds kept.
const SECONDS_MAX: usize = 300;
/// Minutes kept.
const MINUTES_MAX: usize = 24 * 60;
/// Minutes over which callers are ranked.
const CALLER_MINUTES: usize = 10;
/// Callers counted within one minute at most; those that come later are counted together.
const CALLERS_MAX: usize = 50_000;
/// Kinds of reason counted within one minute at most.
const REASONS_MAX: usize = 500;
/// Minutes over which times are measured.
const LATENCY_MINUTES: usize = 5;
/// Four steps a doubling, from a nanosecond on.
const LATENCY_STEPS: usize = 160;

/// Counts of a second or a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Call attempts.
    pub calls: u64,
    /// Calls that were stopped: refused, diverted to an announcement or challenged.
    pub calls_stopped: u64,
    /// Calls that went through with a label.
    pub calls_labelled: u64,
    /// Messages.
    pub messages: u64,
    /// Messages that were stopped: refused or dropped.
    pub messages_stopped: u64,
    /// Messages that went through with a mark.
    pub messages_marked: u64,
    /// Calls that an order cut.
    pub cut: u64,
}

impl Counts {
    fn add(&mut self, record: &Record) {
        let stopped = stopped(&record.action);
        match record.kind {
            RecordKind::Call => {
                self.calls += 1;
                self.calls_stopped += u64::from(stopped);
                self.calls_labelled += u64::from(record.action == "label");
            }
            RecordKind::Message => {
                self.messages += 1;
                self.messages_stopped += u64::from(stopped);
                self.messages_marked += u64::from(record.action == "mark");
            }
            RecordKind::CallEnd => self.cut += u64::from(record.cut),
        }
    }

    fn plus(&mut self, other: &Self) {
        self.calls += other.calls;
        self.calls_stopped += other.calls_stopped;
        self.calls_labelled += other.calls_labelled;
        self.messages += other.messages;
        self.messages_stopped += other.messages_stopped;
        self.messages_marked += other.messages_marked;
        self.cut += other.cut;
    }
}

/// Counts at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Point {
    /// Begin of the second or minute.
    pub at: Timestamp,
    /// What happened in it.
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Debug, Default)]
struct Minute {
    at: i64,
    counts: Counts,
    reasons: HashMap<(RecordKindWord, Word, Word), u64>,
}

/// Calls or messages.
type RecordKindWord = &'static str;

/// A caller or sender and what it did in the last ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct TopCaller {
    /// The number, masked.
    pub caller: String,
    /// Stands for the number in `POST /api/numbers`, while this process runs.
    pub key: String,
    /// Attempts.
    pub attempts: u64,
    /// How many of them were stopped.
    pub stopped: u64,
}

/// How many were stopped or passed with a warning, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ByReason {
    /// `call` or `message`.
    pub channel: &'static str,
    /// What was done.
    pub action: String,
    /// Why: `list`, `rule`, `check`, `line` and their detail, such as `rule:12`.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Time of decisions, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Latency {
    /// Half are faster.
    pub p50_ns: u64,
    /// 99 of 100 are faster.
    pub p99_ns: u64,
    /// The slowest.
    pub max_ns: u64,
}

/// The figures of the live page.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Figures {
    /// When they were taken.
    pub at: Timestamp,
    /// The last second that is whole.
    pub last_second: Counts,
    /// The last hour.
    pub last_hour: Counts,
    /// The last 24 hours, since the start of the process.
    pub last_day: Counts,
    /// By second, oldest first.
    pub seconds: Vec<Point>,
    /// By minute, oldest first, the last two hours.
    pub minutes: Vec<Point>,
    /// Reasons of the last hour, the most frequent first.
    pub reasons: Vec<ByReason>,
    /// Callers of the last ten minutes, the busiest first.
    pub top_callers: Vec<TopCaller>,
    /// Of the last five minutes.
    pub latency: Latency,
}

/// Attempts, and how many of them were stopped, by packed number.
type Callers = HashMap<u64, (u64, u64)>;

#[derive(Default)]
struct State {
    seconds: VecDeque<(i64, Counts)>,
    minutes: VecDeque<Minute>,
    callers: VecDeque<(i64, Callers)>,
    latency: VecDeque<(i64, Box<[u32]>)>,
    slowest: VecDeque<(i64, u64)>,
    labelled: Vec<(Number, Option<Number>)>,
}

/// Figures in memory.
#[derive(Default)]
pub struct Live(Mutex<State>);

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

/// Calls or messages, in words.
pub(crate) const fn channel(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Call | RecordKind::CallEnd => "call",
        RecordKind::Message => "message",
    }
}

fn slot<T>(ring: &mut VecDeque<(i64, T)>, at: i64, most: usize, new: impl FnOnce() -> T) -> Option<&mut T> {
    if ring.back().is_none_or(|(last, _)| *last < at) {
        ring.push_back((at, new()));
        while ring.len() > most {
            ring.pop_front();
        }
    }
    // What comes late is counted where it belongs, as long as that is still kept.
    ring.iter_mut().rev().find(|(own, _)| *own <= at).map(|(_, value)| value)
}

fn step_of(ns: u32) -> usize {
    let ns = u64::from(ns).max(1);
    let log = u64::from(ns.ilog2());
    let quarter = if log >= 2 { (ns >> (log - 2)) & 3 } else { 0 };
    usize::try_from(log * 4 + quarter).unwrap_or(0).min(LATENCY_STEPS - 1)
}

/// The upper end of a step.
fn ns_of(step: usize) -> u64 {
    let (log, quarter) = (step / 4, u64::try_from(step % 4).unwrap_or(0));
    let base = 1_u64 << log.min(60);
    base + (base * (quarter + 1)) / 4
}

impl Live {
    /// Counts records.
    pub(crate) fn count(&self, records: &[Record]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            state.count(record);
        }
    }

    /// Notes that the one call has come for which a label waited: the line, and who called.
    pub(crate) fn labelled(&self, line: Number, caller: Option<Number>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.labelled.len() < CALLERS_MAX {
            state.labelled.push((line, caller));
        }
    }

    /// The calls with which a label was shown since the last time, in their order: line and caller.
    pub(crate) fn take_labelled(&self) -> Vec<(Number, Option<Number>)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).labelled)
    }

    /// The figures now.
    pub fn figures(&self, now: Timestamp, top: usize, veil: &Veil) -> Figures {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).figures(now, top, veil)
    }
}

impl State {
    fn count(&mut self, record: &Record) {
        let second = record.at.0.div_euclid(1_000_000);
        let minute = second.div_euclid(60);
        if let Some(counts) = slot(&mut self.seconds, second, SECONDS_MAX, Counts::default) {
            counts.add(record);
        }
        if self.minutes.back().is_none_or(|last| last.at < minute) {
            self.minutes.push_back(Minute { at: minute, ..Minute::default() });
            while self.minutes.len() > MINUTES_MAX {
                self.minutes.pop_front();
            }
        }
        if let Some(of_minute) = self.minutes.iter_mut().rev().find(|own| own.at <= minute) {
            of_minute.counts.add(record);
            let passed = matches!(record.action.as_ref(), "" | "pass");
            let key = (channel(record.kind), record.action.clone(), record.by.clone());
            if !passed && (of_minute.reasons.len() < REASONS_MAX || of_minute.reasons.contains_key(&key)) {
                *of_minute.reasons.entry(key).or_default() += 1;
            }
        }
        if record.kind == RecordKind::CallEnd {
            return;
        }
        if let Some(callers) = slot(&mut self.callers, minute, CALLER_MINUTES, HashMap::new)
            && (callers.len() < CALLERS_MAX || callers.contains_key(&record.from))
        {
            let (attempts, stopped_ones) = callers.entry(record.from).or_default();
            *attempts += 1;
            *stopped_ones += u64::from(stopped(&record.action));
        }
        if record.kind == RecordKind::Call {
            let steps = || vec![0_u32; LATENCY_STEPS].into_boxed_slice();
            let steps = slot(&mut self.latency, minute, LATENCY_MINUTES, steps);
            if let Some(step) = steps.and_then(|steps| steps.get_mut(step_of(record.took_ns))) {
                *step = step.saturating_add(1);
            }
            if let Some(slowest) = slot(&mut self.slowest, minute, LATENCY_MINUTES, || 0) {
                *slowest = (*slowest).max(u64::from(record.took_ns));
            }
        }
    }

    fn figures(&self, now: Timestamp, top: usize, veil: &Veil) -> Figures {
        let second = now.0.div_euclid(1_000_000);
        let minute = second.div_euclid(60);
        let since = |minutes: i64| {
            let mut counts = Counts::default();
            self.minutes.iter().filter(|m| m.at > minute - minutes).for_each(|m| counts.plus(&m.counts));
            counts
        };
        let point =
            |at: i64, unit: i64, counts: &Counts| Point { at: Timestamp(at * unit * 1_000_000), counts: *counts };
        Figures {
            at: now,
            last_second: self.seconds.iter().find(|(at, _)| *at == second - 1).map(|(_, c)| *c).unwrap_or_default(),
            last_hour: since(60),
            last_day: since(24 * 60),
            seconds: self.seconds.iter().filter(|(at, _)| *at > second - 120).map(|(at, c)| point(*at, 1, c)).collect(),
            minutes: self.minutes.iter().filter(|m| m.at > minute - 120).map(|m| point(m.at, 60, &m.counts)).collect(),
            reasons: self.reasons(minute),
            top_callers: self.top_callers(minute, top, veil),
            latency: self.latency(minute),
        }
    }

    fn reasons(&self, minute: i64) -> Vec<ByReason> {
        let mut sums: BTreeMap<(&'static str, &str, &str), u64> = BTreeMap::new();
        for of_minute in self.minutes.iter().filter(|m| m.at > minute - 60) {
            for ((channel, action, reason), count) in &of_minute.reasons {
                *sums.entry((channel, action, reason)).or_default() += count;
            }
        }
        let mut all: Vec<ByReason> = sums
            .into_iter()
            .map(|((channel, action, reason), count)| ByReason {
                channel,
                action: action.to_owned(),
                reason: reason.to_owned(),
                count,
            })
            .collect();
        all.sort_by_key(|r| std::cmp::Reverse(r.count));
        all.truncate(50);
        all
    }

    fn top_callers(&self, minute: i64, top: usize, veil: &Veil) -> Vec<TopCaller> {
        let mut sums: HashMap<u64, (u64, u64)> = HashMap::new();
        let recent = self.callers.iter().filter(|(at, _)| *at > minute - i64::try_from(CALLER_MINUTES).unwrap_or(10));
        for (packed, (attempts, stopped)) in recent.flat_map(|(_, callers)| callers) {
            let sum = sums.entry(*packed).or_default();
            sum.0 += attempts;
            sum.1 += stopped;
        }
        let mut all: Vec<(u64, (u64, u64))> = sums.into_iter().filter(|(packed, _)| *packed != 0).collect();
        all.sort_by_key(|(packed, (attempts, _))| (std::cmp::Reverse(*attempts), *packed));
        all.into_iter()
            .take(top)
            .filter_map(|(packed, (attempts, stopped))| {
                let number = Number::from_packed(packed)?;
                Some(TopCaller { caller: number.mask(), key: veil.key(number), attempts, stopped })
            })
            .collect()
    }

    fn latency(&self, minute: i64) -> Latency {
        let mut sums = vec![0_u64; LATENCY_STEPS];
        for (_, steps) in self.latency.iter().filter(|(at, _)| *at > minute - 5) {
            for (sum, step) in sums.iter_mut().zip(steps.iter()) {
                *sum += u64::from(*step);
            }
        }
        let total: u64 = sums.iter().sum();
        let slowest = self.slowest.iter().filter(|(at, _)| *at > minute - 5).map(|(_, ns)| *ns).max().unwrap_or(0);
        let percentile = |permille: u64| {
            let wanted = (total * permille).div_ceil(1_000).max(1);
            let mut seen = 0;
            let step = sums.iter().position(|count| {
                seen += count;
                seen >= wanted
            });
            step.map_or(0, ns_of).min(slowest)
        };
        if total == 0 {
            return Latency::default();
        }
        Latency { p50_ns: percentile(500), p99_ns: percentile(990), max_ns: slowest }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_392_000_000_000);

    fn call(at: Timestamp, from: u64, action: &'static str, took_ns: u32) -> Record {
        Record {
            from,
            action: Word::Borrowed(action),
            by: Word::Borrowed("list"),
            took_ns,
            ..Record::new(RecordKind::Call, at)
        }
    }

    #[test]
    fn figures_count_rank_and_measure() {
        let (live, veil) = (Live::default(), Veil::default());
        let number = Number::parse("13800138000").unwrap();
        let mut records: Vec<Record> =
            (0..100).map(|i| call(NOW + Duration::millis(i), number.packed(), "pass", 1_000)).collect();
        records.extend((0..10).map(|i| call(NOW + Duration::millis(i), 8_613_900_139_000, "reject_608", 100_000)));
        live.count(&records);
        let figures = live.figures(NOW + Duration::seconds(1), 5, &veil);
        assert_eq!((figures.last_second.calls, figures.last_second.calls_stopped), (110, 10));
        assert_eq!((figures.last_hour.calls, figures.last_day.calls), (110, 110));
        assert_eq!(figures.top_callers[0].caller, "138****8000");
        assert_eq!((figures.top_callers[1].attempts, figures.top_callers[1].stopped), (10, 10));
        assert_eq!(veil.number(&figures.top_callers[0].key), Some(number));
        assert_eq!(
            figures.reasons,
            [ByReason { channel: "call", action: "reject_608".into(), reason: "list".into(), count: 10 }]
        );
        assert!((900..=1_300).contains(&figures.latency.p50_ns), "{:?}", figures.latency);
        assert_eq!((figures.latency.p99_ns, figures.latency.max_ns), (100_000, 100_000));
        let later = live.figures(NOW + Duration::hours(2), 5, &veil);
        assert_eq!((later.last_hour.calls, later.last_day.calls, later.top_callers.len()), (0, 110, 0));
    }

    #[test]
    fn memory_is_bounded() {
        let live = Live::default();
        for i in 0..2_000_u64 {
            live.count(&[call(NOW + Duration::minutes(i64::try_from(i).unwrap()), i + 1, "pass", 1)]);
        }
        let state = live.0.lock().unwrap();
        assert_eq!(
            (state.minutes.len(), state.seconds.len(), state.callers.len()),
            (MINUTES_MAX, SECONDS_MAX, CALLER_MINUTES)
        );
    }
}
