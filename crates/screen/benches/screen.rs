//! The screen at the size of a province: 50 million numbers on the list, 30 rules, windows on, one thread.
//!
//! Prints each figure with its ratio to the limit that the carrier seat must keep: above 1 the limit is kept.
//! `SCREEN_NUMBERS` sets another count of numbers, for everyday runs; `SCREEN_CALLS` another count of calls. Memory comes
//! in large pages, as the handbook has the program started; `GLIBC_TUNABLES=` (empty) measures without.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::os::unix::process::CommandExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use kernel::{Duration, Timestamp};
use rules::{CutOutSettings, RuleBook};
use screen::{
    Action, Attestation, CallAttempt, Caller, Change, Delta, EntryKind, ListBuilder, ListEntry, Number, NumberList,
    Pattern, Roaming, RowHandle, Screen, Settings, Trunk, TrunkKind, call_schema, default_call_rules,
};

const NOW: Timestamp = Timestamp(1_795_485_600_000_000);
/// Callers that call during the run.
const CALLERS: u64 = 1_000_000;
const DELTA_ENTRIES: u64 = 10_000;

struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    fn mobile(&mut self) -> Number {
        const BLOCKS: [u64; 12] = [130, 135, 136, 138, 139, 150, 158, 170, 173, 180, 186, 199];
        let block = BLOCKS[self.below(12) as usize];
        Number::from_e164(86 * 10_u64.pow(11) + block * 10_u64.pow(8) + self.below(10_u64.pow(8))).unwrap()
    }

    /// A number as they stand on such lists: mostly mobile, some fixed, some foreign.
    fn listed(&mut self) -> Number {
        match self.below(20) {
            0 => Number::from_e164(86_731_0000_0000 + 2_000_0000 + self.below(6_000_0000)).unwrap(),
            1 | 2 => Number::from_e164(
                [852, 60, 63, 855, 95][self.below(5) as usize] * 10_u64.pow(8) + self.below(10_u64.pow(8)),
            )
            .unwrap(),
            _ => self.mobile(),
        }
    }
}

fn env(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.replace('_', "").parse().ok()).unwrap_or(default)
}

fn told(what: &str, figure: f64, unit: &str, ratio: f64) {
    println!("{what:<44} {figure:>14.3} {unit:<12} {ratio:>8.1} x the limit");
}

fn noted(what: &str, figure: f64, unit: &str) {
    println!("{what:<44} {figure:>14.3} {unit}");
}

/// Resident memory of this process, from the kernel's own books.
fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap_or(0.0) * 1_024.0
}

fn entry(number: Number, kind: EntryKind, reason: u64, day: Option<u64>, case: Option<u64>) -> ListEntry {
    ListEntry {
        pattern: Pattern::Full(number),
        kind,
        reason: format!("原因第{reason}类"),
        source: ["centre", "operator", "ministry", "appeal", "bank"][(reason % 5) as usize].to_owned(),
        expires_at: day.map(|day| NOW + Duration::hours(24 * day as i64 + 1)),
        case: case.map(|case| format!("湘公反诈〔2026〕{case:06}号")),
    }
}

/// What entries say: 20 reasons, 5 sources, 180 days of end, and 100,000 cases that cover one entry in ten.
fn sayings(builder: &mut ListBuilder, dice: &mut Dice) -> (Vec<RowHandle>, Vec<RowHandle>) {
    let any = Number::from_plain(1).unwrap();
    let kind = |dice: &mut Dice| {
        [EntryKind::Block, EntryKind::Block, EntryKind::Block, EntryKind::Watch, EntryKind::Allow]
            [dice.below(5) as usize]
    };
    let mut row = |dice: &mut Dice, day, case| {
        let entry = entry(any, kind(dice), dice.below(20), day, case);
        builder.row(&entry).unwrap()
    };
    let plain = (0..4_000).map(|n| row(dice, (n % 3 > 0).then_some(n % 180), None)).collect();
    let cases = (0..100_000).map(|n| row(dice, Some(n % 180), Some(n))).collect();
    (plain, cases)
}

fn build(numbers: usize, dice: &mut Dice) -> (NumberList, f64, f64) {
    let mut listed: Vec<Number> = (0..numbers).map(|_| dice.listed()).collect();
    let before = resident_bytes();
    let start = Instant::now();
    let mut builder = ListBuilder::with_capacity(numbers);
    let (plain, cases) = sayings(&mut builder, dice);
    for number in listed.drain(..) {
        let rows = if dice.below(10) == 0 { &cases } else { &plain };
        builder.push_number(number, rows[dice.below(rows.len() as u64) as usize]).unwrap();
    }
    let list = builder.finish(1, NOW);
    let seconds = start.elapsed().as_secs_f64();
    (list, seconds, resident_bytes() - before)
}

fn per_call(count: usize, mut act: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    (0..count).for_each(&mut act);
    start.elapsed().as_secs_f64() * 1e9 / count as f64
}

/// Starts this program again with large pages from glibc, which reads the variable only at the start of a process.
fn with_large_pages() {
    const VARIABLE: &str = "GLIBC_TUNABLES";
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let program = std::env::current_exe().unwrap();
    let problem = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(VARIABLE, "glibc.malloc.hugetlb=1")
        .exec();
    println!("with pages of the usual size: {problem}");
}

fn main() {
    with_large_pages();
    let numbers = env("SCREEN_NUMBERS", 50_000_000);
    let calls = env("SCREEN_CALLS", 3_000_000);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    println!("{numbers} numbers on the list, {calls} calls of {CALLERS} callers, {} rules", thirty_rules().len());

    let (list, seconds, resident) = build(numbers, &mut dice);
    let facts = list.facts();
    let entries = facts.entries() as f64;
    told("build the list", seconds, "s", 60.0 / seconds);
    told(
        "memory a number, all parts counted",
        facts.bytes as f64 / entries,
        "bytes",
        6.0 * entries / facts.bytes as f64,
    );
    noted("memory a number, growth of the process", resident / entries, "bytes (numbers to build from still freed)");

    let asked: Vec<Number> = (0..2_000_000).map(|_| dice.listed()).collect();
    let mut hits = 0_usize;
    let lookup = per_call(asked.len(), |i| hits += usize::from(list.lookup(asked[i], NOW).is_some()));
    noted("look up a number", lookup, &format!("ns ({:.1} % hits)", hits as f64 / asked.len() as f64 * 100.0));

    let start = Instant::now();
    let snapshot = list.snapshot();
    noted(
        "write a snapshot",
        start.elapsed().as_secs_f64(),
        &format!("s ({:.2} bytes a number)", snapshot.bytes.len() as f64 / entries),
    );
    let start = Instant::now();
    let list = NumberList::from_snapshot(&snapshot.bytes).unwrap();
    noted("read a snapshot and check all of it", start.elapsed().as_secs_f64(), "s");
    drop(snapshot);

    let screen = Screen::with_settings(Settings { callers_max: 1 << 20, ..Settings::default() });
    screen.swap_list(Arc::new(list));
    let never = CutOutSettings { hits_min: u64::MAX, ..CutOutSettings::default() };
    screen.swap_call_rules(RuleBook::build(thirty_rules(), call_schema(), never, None).unwrap());
    decide(&screen, calls, &mut dice);
    change(&screen, &mut dice);
}

/// The default rules, and as many of them again in shadow as make thirty.
fn thirty_rules() -> Vec<rules::Rule<Action>> {
    let mut all = default_call_rules();
    let mut again: Vec<_> = default_call_rules().into_iter().take(30_usize.saturating_sub(all.len())).collect();
    for rule in &mut again {
        rule.id.0 += 500;
        rule.stage = rules::Stage::Shadow;
        rule.expression = format!("({}) && call.hour != 3", rule.expression);
    }
    all.append(&mut again);
    all
}

struct Call {
    caller: Number,
    callee: Number,
    kind: TrunkKind,
}

fn calls_of(count: usize, dice: &mut Dice) -> Vec<Call> {
    let callers: Vec<Number> = (0..CALLERS).map(|_| dice.listed()).collect();
    (0..count)
        .map(|_| {
            // The square prefers some callers: a few call a lot, most call rarely.
            let share = dice.below(1_000_000) as f64 / 1_000_000.0;
            let caller = callers[(share * share * (CALLERS - 1) as f64) as usize];
            let kind = match (caller.kind(), dice.below(10)) {
                (screen::NumberKind::Foreign, _) | (_, 0) => TrunkKind::Foreign,
                (_, 1..=4) => TrunkKind::National,
                _ => TrunkKind::Home,
            };
            Call { caller, callee: dice.mobile(), kind }
        })
        .collect()
}

fn attempt(call: &Call, n: usize) -> CallAttempt<'static> {
    CallAttempt {
        caller: Caller::of(call.caller),
        callee: Some(call.callee),
        trunk: Trunk { id: 1, kind: call.kind },
        attestation: Attestation::None,
        roaming: Roaming::Unknown,
        // Ten thousand calls a second.
        at: NOW + Duration(n as i64 * 100),
    }
}

fn decide(screen: &Screen, count: usize, dice: &mut Dice) {
    let calls = calls_of(count, dice);
    let warm = calls.len() / 3;
    (0..warm).for_each(|n| {
        black_box(screen.decide_call(&attempt(&calls[n], n)));
    });
    let mut stopped = 0_usize;
    let ns = per_call(calls.len() - warm, |n| {
        stopped += usize::from(screen.decide_call(&attempt(&calls[warm + n], warm + n)).action.stops());
    });
    told("decisions a second on one core", 1e9 / ns, "1/s", 1e9 / ns / 1e6);
    let mut each: Vec<u64> = (0..calls.len().min(1_000_000))
        .map(|n| {
            let attempt = attempt(&calls[n], count + n);
            let start = Instant::now();
            black_box(screen.decide_call(&attempt));
            start.elapsed().as_nanos() as u64
        })
        .collect();
    each.sort_unstable();
    let at = |share: f64| each[((each.len() - 1) as f64 * share) as usize] as f64 / 1_000.0;
    told("decide about a call, p50", at(0.5), "µs", 1.0 / at(0.5));
    noted("decide about a call, p99", at(0.99), "µs");
    noted("decide about a call, p99.9", at(0.999), "µs");
    noted("calls stopped", stopped as f64 / (calls.len() - warm) as f64 * 100.0, "%");
    let (kept, bytes) = screen.callers_kept();
    noted("memory a caller kept", bytes as f64 / kept as f64, &format!("bytes ({kept} callers)"));
}

/// Deltas on the whole list, while another thread goes on deciding.
fn change(screen: &Screen, dice: &mut Dice) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let calls = calls_of(200_000, &mut Dice(99));
            let (mut longest, mut n) = (0.0_f64, 0);
            while !done.load(Ordering::Relaxed) {
                let start = Instant::now();
                black_box(screen.decide_call(&attempt(&calls[n % calls.len()], 10_000_000 + n)));
                longest = longest.max(start.elapsed().as_secs_f64());
                n += 1;
            }
            (longest, n)
        });
        let mut delta = |first: u64| {
            let news: Vec<Number> = (0..DELTA_ENTRIES).map(|_| dice.mobile()).collect();
            let change = |number: &Number| Change::Add(entry(*number, EntryKind::Block, 3, None, None));
            let delta = Delta { first, made_at: NOW, changes: news.iter().map(change).collect() };
            let start = Instant::now();
            screen.apply(&delta).unwrap();
            let seconds = start.elapsed().as_secs_f64();
            assert!(news.iter().all(|number| screen.list().lookup(*number, NOW).is_some()));
            seconds
        };
        let first = screen.list().facts().sequence + 1;
        let seconds = delta(first);
        told("10,000 entries visible, first delta", seconds, "s", 1.0 / seconds);
        let mut slowest = 0.0_f64;
        for n in 1..60 {
            slowest = slowest.max(delta(first + n * DELTA_ENTRIES));
        }
        told("10,000 entries visible, slowest of 60", slowest, "s", 1.0 / slowest);
        let start = Instant::now();
        assert!(screen.merge_list());
        noted("merge 600,000 changes into the list", start.elapsed().as_secs_f64(), "s, aside");
        done.store(true, Ordering::Relaxed);
        let (longest, n) = reader.join().unwrap();
        noted("longest decision meanwhile", longest * 1e3, &format!("ms of {n} (with the scheduler's share)"));
    });
}
