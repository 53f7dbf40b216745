//! The scene of the callers: a province telephones, gangs among it, and the carrier stops them; whom one of them reached
//! is warned.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use ::world::event::What;
use ::world::play::{Answer, SipPlay, play_sip};
use kernel::Clock;

use super::warned::{self, Reached};
use crate::demo::carrier;
use crate::demo::cast::OPERATOR;
use crate::demo::stage::Stage;
use crate::output::tell;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// Calls played.
const CALLS_MAX: usize = 3_000;
/// Calls a second: half a minute in all, so that the live page can be watched.
const CALLS_PER_SECOND: u32 = 100;
/// With `--finish`, at least this share of the scam calls must have been stopped, percent.
const STOPPED_PERCENT_MIN: usize = 30;
/// And at most this share of the honest ones: advertisers that ring hundreds of people are among them, percent.
const HONEST_PERCENT_MAX: usize = 5;

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    calls: usize,
    stopped: usize,
}

/// Plays the calls by SIP over UDP, and tells which were stopped.
///
/// # Errors
/// The carrier does not run; with `check`, too few scam calls were stopped, or too many honest ones.
pub async fn play(stage: &Stage, demo: &Path, check: bool) -> Outcome {
    let lang = Lang::now();
    let sip: SocketAddr = stage
        .sip
        .parse()
        .map_err(|_| texts::NO_DEMO.fail(Exit::Surroundings, &[("data", "a demonstration with a carrier")]))?;
    let url = stage.url(OPERATOR);
    match lang {
        Lang::Zh => tell!("以 screener 登录 {url}，打开“实时拦截”；呼叫现在开始（约半分钟）。"),
        Lang::En => tell!("log in as screener at {url} and open Live; the calls begin now (about half a minute)"),
    }
    let mut events = carrier::calls(Clock::system().now());
    events.truncate(CALLS_MAX);
    let played = tokio::task::spawn_blocking(move || {
        let mut plan = SipPlay::loopback(sip);
        plan.calls_per_second = CALLS_PER_SECOND;
        let mut seen: BTreeMap<(bool, &'static str), Seen> = BTreeMap::new();
        let mut reached = Reached::new();
        let outcome = play_sip(&events, &plan, |event, answer| {
            let word = if event.is_scam() { "scam" } else { "honest" };
            let of = seen.entry((event.is_scam(), word)).or_default();
            of.calls += 1;
            of.stopped += usize::from(answer.is_stopped());
            if let (true, Answer::Status(_), false, What::Call { caller, callee, .. }) =
                (event.is_scam(), answer, answer.is_stopped(), &event.what)
            {
                reached.entry(caller.clone()).or_default().insert(callee.clone());
            }
            if answer == Answer::Silence {
                tracing::debug!("a call was not answered");
            }
        });
        outcome.map(|_| (seen, reached))
    });
    let (seen, reached) = played
        .await
        .map_err(crate::seat::fault)?
        .map_err(|error| texts::NETWORK.fail(Exit::Surroundings, &[("why", &error.to_string())]))?;
    let of = |scam: bool| seen.iter().find(|((is_scam, _), _)| *is_scam == scam).map(|(_, s)| *s).unwrap_or_default();
    let (scam, honest) = (of(true), of(false));
    match lang {
        Lang::Zh => {
            tell!(
                "诈骗呼叫 {} 个，拦截 {} 个；正常呼叫 {} 个，误拦 {} 个",
                scam.calls,
                scam.stopped,
                honest.calls,
                honest.stopped
            );
            tell!("接下来看什么：");
            tell!("  1. “实时拦截”：按原因的拦截数、最活跃的主叫；点一个号码看它的经过。");
            tell!("  2. “规则”：哪条规则拦下了多少；试运行的规则只计数。");
            tell!("  3. 被拦的人可在 {url}/appeal 申诉；screener 在“申诉”中处理，放行即刻生效。");
        }
        Lang::En => {
            tell!(
                "{} scam calls, {} stopped; {} honest calls, {} stopped",
                scam.calls,
                scam.stopped,
                honest.calls,
                honest.stopped
            );
            tell!("what to look at:");
            tell!("  1. Live: what was stopped and why, the busiest callers; open a number to see its story");
            tell!("  2. Rules: which rule stopped how many; rules in shadow only count");
            tell!(
                "  3. who was stopped appeals at {url}/appeal; screener decides under Appeals, and a grant holds at once"
            );
        }
    }
    let enough = scam.stopped * 100 >= scam.calls * STOPPED_PERCENT_MIN && scam.calls > 0;
    let gentle = honest.stopped * 100 <= honest.calls * HONEST_PERCENT_MAX;
    if check && !(enough && gentle) {
        let what = format!(
            "{} of {} scam calls and {} of {} honest calls stopped",
            scam.stopped, scam.calls, honest.stopped, honest.calls
        );
        return Err(texts::LIMIT.fail(Exit::No, &[("what", &what)]));
    }
    warned::play(stage, demo, &reached, check).await
}
