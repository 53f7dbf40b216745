//! `shouhu world …`: days of a synthetic province, written to a file or played against a carrier seat.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::net::IpAddr;

use ::world::event::{Event, Pattern};
use ::world::play::{Answer, SipPlay};
use ::world::play_smpp::{SmppPlay, Status};
use ::world::{PEOPLE_MAX, Settings};
use kernel::{Clock, Duration, Timestamp};

use crate::cli::{WorldGenerate, WorldPlay, WorldTask};
use crate::input;
use crate::output::tell;
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, texts};

/// Refused lines that are shown.
const REFUSED_SHOWN_MAX: usize = 10;
/// Where the password of an SMPP account is read from; a command line can be seen by everybody on the machine.
const PASSWORD_VARIABLE: &str = "SHOUHU_SMPP_PASSWORD";
/// Messages under way at the same time.
const WINDOW: usize = 64;

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
    let mut seen: BTreeMap<Pattern, Seen> = BTreeMap::new();
    let mut note = |event: &Event, stopped: bool, silent: bool| {
        let of = seen.entry(event.pattern).or_insert_with(|| Seen { scam: event.is_scam(), ..Seen::default() });
        of.all += 1;
        of.stopped += usize::from(stopped);
        of.silent += usize::from(silent);
    };
    let refuses = |why: String| texts::NETWORK.fail(Exit::Surroundings, &[("why", &why)]);
    if let Some(target) = options.sip {
        let mut plan = SipPlay::loopback(target);
        plan.calls_per_second = options.rate;
        if let &[home, national, foreign] = sources(&options.from)?.as_slice() {
            (plan.home, plan.national, plan.foreign) = (home, national, foreign);
        }
        ::world::play::play_sip(&events, &plan, |event, answer| {
            note(event, answer.is_stopped(), answer == Answer::Silence);
        })
        .map_err(|error| refuses(error.to_string()))?;
    }
    if let (Some(target), Some(system_id)) = (options.smpp, &options.system_id) {
        let password = std::env::var(PASSWORD_VARIABLE).unwrap_or_default();
        let plan = SmppPlay { target, system_id, password: &password, window: WINDOW };
        ::world::play_smpp::play_smpp(&events, &plan, |event, status| note(event, status != Status::OK, false))
            .map_err(|error| refuses(error.to_string()))?;
    }
    show(&seen, refused);
    Ok(())
}

#[derive(Default)]
struct Seen {
    scam: bool,
    all: usize,
    stopped: usize,
    silent: usize,
}

fn show(seen: &BTreeMap<Pattern, Seen>, refused: usize) {
    let lang = Lang::now();
    tell!(
        "{}",
        lang.pick("类型                     次数   被拦截   无应答", "kind                    times  stopped  silent")
    );
    for (pattern, of) in seen {
        let name = serde_json::to_value(pattern).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let mark = if of.scam { "!" } else { " " };
        tell!("{mark} {name:<20} {:>7} {:>8} {:>7}", of.all, of.stopped, of.silent);
    }
    let sum =
        |scam: bool| seen.values().filter(|of| of.scam == scam).fold((0, 0), |(a, b), of| (a + of.all, b + of.stopped));
    let ((scams, stopped), (honest, harmed)) = (sum(true), sum(false));
    match lang {
        Lang::Zh => tell!("诈骗拦截 {stopped}/{scams}；正常通信误拦 {harmed}/{honest}"),
        Lang::En => tell!("scams stopped: {stopped} of {scams}; honest ones stopped: {harmed} of {honest}"),
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
