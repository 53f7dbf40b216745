//! `shouhu operator replay FILE`: events whose truth is known, through the screen.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Timestamp;
use operator::message::{Heard, Judge, ScreeningJudge};
use operator::screening::{Front, Screening};
use screen::{
    Action, Attestation, CallAttempt, CallOutcome, Caller, MessageAction, Number, Registration, Roaming, Trunk,
    TrunkKind,
};
use world::event::{self, Pattern, What};

use super::check::screen_of;
use crate::cli::OperatorReplay;
use crate::output::tell;
use crate::speech::{Lang, Outcome};

/// What became of the events of one habit.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
struct Tally {
    /// Events.
    events: u64,
    /// Kept from arriving.
    stopped: u64,
    /// Passed with a warning, or watched.
    warned: u64,
}

/// The figures.
#[derive(Debug, Default, serde::Serialize)]
struct Figures {
    calls: Quality,
    messages: Quality,
    /// By habit of who called or sent.
    patterns: BTreeMap<String, Tally>,
    /// Messages of fake base stations go past the network, and nothing can screen them.
    past_the_network: u64,
    /// Lines that are no events.
    unread: u64,
}

/// How good the screen was at one sort of event.
#[derive(Debug, Default, serde::Serialize)]
struct Quality {
    scam: Tally,
    normal: Tally,
    /// Of what was stopped, the share that was a scam.
    precision: Option<f64>,
    /// Of the scam, the share that was stopped.
    recall: Option<f64>,
    /// Of the scam, the share that was stopped or warned of.
    recall_with_warnings: Option<f64>,
    /// Of what was not a scam, the share that was stopped.
    false_block_rate: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "shares for people to read")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Quality {
    fn settle(&mut self) {
        self.precision = share(self.scam.stopped, self.scam.stopped + self.normal.stopped);
        self.recall = share(self.scam.stopped, self.scam.events);
        self.recall_with_warnings = share(self.scam.stopped + self.scam.warned, self.scam.events);
        self.false_block_rate = share(self.normal.stopped, self.normal.events);
    }
}

#[derive(Clone, Copy)]
enum Seen {
    Passed,
    Warned,
    Stopped,
}

impl Tally {
    fn add(&mut self, seen: Seen) {
        self.events += 1;
        match seen {
            Seen::Passed => {}
            Seen::Warned => self.warned += 1,
            Seen::Stopped => self.stopped += 1,
        }
    }
}

pub async fn run(options: &OperatorReplay) -> Outcome {
    let clock = kernel::Clock::system();
    let screen = Arc::new(screen_of(&options.at, options.list.as_deref(), clock.now()).await?);
    let (screening, _reports) = Screening::new(screen, clock);
    let content = crate::input::bytes(&options.file)?;
    let figures = play(&screening, &content, kernel::Duration::hours(i64::from(options.warm_up)));
    if options.json {
        tell!("{}", serde_json::to_string_pretty(&figures).map_err(crate::seat::fault)?);
    } else {
        show(&figures);
    }
    Ok(())
}

/// Plays every event; those of the first hours fill what the screen remembers, and are not counted.
fn play(screening: &Arc<Screening>, content: &[u8], warm_up: kernel::Duration) -> Figures {
    let judge = ScreeningJudge(screening.clone());
    let mut figures = Figures::default();
    let mut counted_from = None;
    for event in event::read(content) {
        let Ok(event) = event else {
            figures.unread += 1;
            continue;
        };
        let Some(seen) = play_one(screening, &judge, event.at, &event.what) else {
            figures.past_the_network += 1;
            continue;
        };
        if event.at < *counted_from.get_or_insert(event.at + warm_up) {
            continue;
        }
        let quality = if matches!(event.what, What::Call { .. }) { &mut figures.calls } else { &mut figures.messages };
        if event.is_scam() { &mut quality.scam } else { &mut quality.normal }.add(seen);
        figures.patterns.entry(name(event.pattern)).or_default().add(seen);
    }
    figures.calls.settle();
    figures.messages.settle();
    figures
}

fn name(pattern: Pattern) -> String {
    serde_json::to_value(pattern).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn trunk(trunk: event::Trunk) -> Option<Trunk> {
    let (id, kind) = match trunk {
        event::Trunk::Home => (1, TrunkKind::Home),
        event::Trunk::National => (2, TrunkKind::National),
        event::Trunk::Foreign => (3, TrunkKind::Foreign),
        event::Trunk::Radio => return None,
    };
    Some(Trunk { id, kind })
}

/// Nothing where the event does not go through the network.
fn play_one(screening: &Screening, judge: &ScreeningJudge, at: Timestamp, what: &What) -> Option<Seen> {
    match what {
        What::Call { caller, callee, trunk: by, attestation, answered, seconds } => {
            let (caller, callee) = (Caller::read(caller), Number::read(callee));
            let attempt = CallAttempt {
                caller,
                callee,
                trunk: trunk(*by)?,
                attestation: match attestation {
                    None => Attestation::None,
                    Some(event::Attestation::A) => Attestation::A,
                    Some(event::Attestation::B) => Attestation::B,
                    Some(event::Attestation::C) => Attestation::C,
                },
                roaming: Roaming::Unknown,
                at,
            };
            let decision = screening.screen().decide_call(&attempt);
            if decision.action.stops() {
                return Some(Seen::Stopped);
            }
            if let (Some(caller), Some(callee)) = (caller.number, callee) {
                let talked = kernel::Duration::seconds(i64::from(*seconds));
                screening.screen().call_ended(&CallOutcome::new(caller, callee, *answered, talked, at + talked));
            }
            Some(if matches!(decision.action, Action::Pass) { Seen::Passed } else { Seen::Warned })
        }
        What::Message { sender, receiver, trunk: by, registered, text } => {
            let heard = Heard {
                front: Front::Smpp,
                at,
                source: sender.as_str().into(),
                destinations: &[receiver.as_str().into()],
                registration: if *registered { Registration::Matches } else { Registration::Absent },
                trunk: trunk(*by)?,
                text,
            };
            Some(match judge.judge(&heard) {
                MessageAction::Pass => Seen::Passed,
                MessageAction::Monitor | MessageAction::Mark(_) => Seen::Warned,
                MessageAction::Reject | MessageAction::Drop => Seen::Stopped,
            })
        }
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", share * 100.0))
}

fn show(figures: &Figures) {
    let lang = Lang::now();
    tell!(
        "{}\t{}\t{}\t{}",
        lang.pick("习惯", "habit"),
        lang.pick("事件", "events"),
        lang.pick("拦截", "stopped"),
        lang.pick("提示", "warned")
    );
    for (pattern, tally) in &figures.patterns {
        tell!("{pattern}\t{}\t{}\t{}", tally.events, tally.stopped, tally.warned);
    }
    for (words, quality) in
        [(lang.pick("呼叫", "calls"), &figures.calls), (lang.pick("短信", "messages"), &figures.messages)]
    {
        if quality.scam.events + quality.normal.events == 0 {
            continue;
        }
        tell!(
            "{words}\t{} {}\t{} {}\t{} {}\t{} {}",
            lang.pick("精确率", "precision"),
            percent(quality.precision),
            lang.pick("召回率", "recall"),
            percent(quality.recall),
            lang.pick("含提示", "with warnings"),
            percent(quality.recall_with_warnings),
            lang.pick("误拦率", "false blocks"),
            percent(quality.false_block_rate)
        );
    }
    if figures.past_the_network > 0 {
        tell!(
            "{}\t{}",
            lang.pick("伪基站短信，不经网络", "by fake base stations, past the network"),
            figures.past_the_network
        );
    }
    if figures.unread > 0 {
        tell!("{}\t{}", lang.pick("无法读取的行", "lines that are no events"), figures.unread);
    }
}
