//! `shouhu world …`: days of a synthetic province, written to a file or played against a carrier seat.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::net::IpAddr;

use ::world::event::{Event, Pattern, What};
use ::world::play::{Answer, SipPlay};
use ::world::{PEOPLE_MAX, Settings};
use kernel::{Clock, Duration, Timestamp};

use crate::cli::{WorldGenerate, WorldPlay, WorldTask};
use crate::input;
use crate::output::tell;
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, texts};

/// Refused lines that are shown.
const REFUSED_SHOWN_MAX: usize = 10;

/// Generates or plays.
///
/// # Errors
/// A file cannot be written or read, or the network refuses.
pub fn run(task: WorldTask) -> Outcome {
    match task {
        WorldTask::Generate(options) => generate(&options),
        WorldTask::Play(options) => play(&options),
    }
}

fn generate(options: &WorldGenerate) -> Outcome {
    let start = match &options.start {
        Some(text) => {
            Timestamp::parse(text).ok_or_else(|| texts::NOT_A_TIME.fail(Exit::Usage, &[("given", text.as_str())]))?
        }
        None => Clock::system().now(),
    };
    let settings = Settings {
        seed: options.seed,
        people: options.people.min(PEOPLE_MAX),
        gangs: options.gangs,
        start,
        span: Duration::hours(i64::from(options.hours)),
    };
    let events = ::world::generate(&settings);
    let unwritable = |error: &std::io::Error| input::unreadable(&options.out, error);
    let mut out = BufWriter::new(File::create(&options.out).map_err(|error| unwritable(&error))?);
    events
        .iter()
        .try_for_each(|event| event.write_line(&mut out))
        .and_then(|()| out.flush())
        .map_err(|error| unwritable(&error))?;
    let scams = events.iter().filter(|event| event.is_scam()).count();
    let file = options.out.display();
    match Lang::now() {
        Lang::Zh => tell!("{file}：{} 个事件，其中诈骗 {scams} 个（种子 {}）", events.len(), options.seed),
        Lang::En => tell!("{file}: {} events, {scams} of them scams (seed {})", events.len(), options.seed),
    }
    Ok(())
}

fn play(options: &WorldPlay) -> Outcome {
    let file = File::open(&options.file).map_err(|error| input::unreadable(&options.file, &error))?;
    let mut refused = 0_usize;
    let events: Vec<Event> = ::world::event::read(BufReader::new(file))
        .filter_map(|read| {
            read.inspect_err(|error| {
                refused += 1;
                if refused <= REFUSED_SHOWN_MAX {
                    tell!("{error}");
                }
            })
            .ok()
        })
        .take(options.calls_max.unwrap_or(usize::MAX))
        .collect();
    let mut plan = SipPlay::loopback(options.sip);
    plan.calls_per_second = options.rate;
    if let &[home, national, foreign] = sources(&options.from)?.as_slice() {
        (plan.home, plan.national, plan.foreign) = (home, national, foreign);
    }
    let mut seen: BTreeMap<Pattern, Seen> = BTreeMap::new();
    ::world::play::play_sip(&events, &plan, |event, answer| {
        let of = seen.entry(event.pattern).or_insert_with(|| Seen { scam: event.is_scam(), ..Seen::default() });
        of.calls += 1;
        of.stopped += usize::from(answer.is_stopped());
        of.silent += usize::from(answer == Answer::Silence);
    })
    .map_err(|error| texts::NETWORK.fail(Exit::Surroundings, &[("why", &error.to_string())]))?;
    show(&seen, refused, events.iter().filter(|event| matches!(event.what, What::Message { .. })).count());
    Ok(())
}

#[derive(Default)]
struct Seen {
    scam: bool,
    calls: usize,
    stopped: usize,
    silent: usize,
}

fn show(seen: &BTreeMap<Pattern, Seen>, refused: usize, messages: usize) {
    let lang = Lang::now();
    tell!(
        "{}",
        lang.pick("类型                     呼叫   被拦截   无应答", "kind                    calls  stopped  silent")
    );
    for (pattern, of) in seen {
        let name = serde_json::to_value(pattern).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let mark = if of.scam { "!" } else { " " };
        tell!("{mark} {name:<20} {:>7} {:>8} {:>7}", of.calls, of.stopped, of.silent);
    }
    let sum = |scam: bool| {
        seen.values().filter(|of| of.scam == scam).fold((0, 0), |(a, b), of| (a + of.calls, b + of.stopped))
    };
    let ((scams, stopped), (honest, harmed)) = (sum(true), sum(false));
    match lang {
        Lang::Zh => tell!("诈骗呼叫拦截 {stopped}/{scams}；正常呼叫误拦 {harmed}/{honest}"),
        Lang::En => tell!("scam calls stopped: {stopped} of {scams}; honest calls stopped: {harmed} of {honest}"),
    }
    if messages > 0 {
        match lang {
            Lang::Zh => tell!("跳过短信 {messages} 条：此命令只呼叫"),
            Lang::En => tell!("{messages} messages passed over: this command makes calls"),
        }
    }
    if refused > 0 {
        match lang {
            Lang::Zh => tell!("{refused} 行不是事件，已跳过"),
            Lang::En => tell!("{refused} lines are no events and were passed over"),
        }
    }
}

fn sources(from: &[IpAddr]) -> Outcome<Vec<IpAddr>> {
    match from.len() {
        0 | 3 => Ok(from.to_vec()),
        _ => Err(three_sources()),
    }
}

fn three_sources() -> Failure {
    texts::THREE_SOURCES.fail(Exit::Usage, &[])
}
