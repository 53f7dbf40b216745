//! From the report to the hold at the bank, at a steady rate: an open loop, so that a slow answer delays no later report
//! and its wait is counted. Twice: at the rate of a busy province, and at five times that for ten minutes beside three
//! hundred open consoles.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Measured, judge, memory, move_money, percentile, script, watch};
use crate::demo::cast::CENTRE_USERS;
use crate::demo::province::yuan;
use crate::demo::stage::Stage;
use crate::output::tell;
use crate::speech::Outcome;

/// Reports before the measured ones, to open connections and fill caches.
const WARM_UP: usize = 40;
/// After the last report the last hold must come within this time.
const LAST_WITHIN: Duration = Duration::from_secs(10);
/// Victims with an account at each bank; they take turns. Every payment goes into an account of its own.
const VICTIMS: usize = 2_000;

/// What is measured, and how much of it.
pub struct Plan {
    name: &'static str,
    prefix: &'static str,
    reports_a_second: usize,
    seconds: usize,
    /// Live streams that are open at the centre meanwhile.
    streams: usize,
    p50_ms_max: Option<f64>,
    p99_ms_max: f64,
    /// How much the centre's resident memory may grow from the first fifth of the run to its end, as a factor.
    growth_max: Option<f64>,
}

impl Plan {
    /// The same for another time, to find out what limits it; only the full time counts as measured.
    pub fn lasting(self, seconds: Option<usize>) -> Self {
        Self { seconds: seconds.unwrap_or(self.seconds).max(1), ..self }
    }
}

/// A busy province.
pub const HOLD: Plan = Plan {
    name: "hold",
    prefix: "H",
    reports_a_second: 20,
    seconds: 30,
    streams: 0,
    p50_ms_max: Some(20.0),
    p99_ms_max: 100.0,
    growth_max: None,
};

/// The worst night.
pub const LOAD: Plan = Plan {
    name: "load",
    prefix: "L",
    reports_a_second: 100,
    seconds: 600,
    streams: 300,
    p50_ms_max: None,
    p99_ms_max: 250.0,
    growth_max: Some(1.25),
};

/// Measures.
///
/// # Errors
/// A limit is missed, or the demonstration does not run.
pub async fn run(demo: &Path, plan: &Plan) -> Outcome {
    let rate = plan.reports_a_second;
    let count = WARM_UP + rate * plan.seconds;
    let (stage, mut script) = script(demo, plan.prefix, count + VICTIMS)?;
    let banks = ["bank-a", "bank-b", "pay-c"];
    let each = yuan(30_000) * i64::try_from(count.div_ceil(VICTIMS)).unwrap_or(1) + yuan(20_000);
    let victims: Vec<_> = (0..VICTIMS.min(count))
        .map(|index| script.holder("钟离测", 1970, banks.get(index % 2).copied().unwrap_or("bank-a"), each))
        .collect();
    let mut reports = Vec::with_capacity(count);
    for (index, victim) in victims.iter().copied().cycle().take(count).enumerate() {
        let payee_bank = banks.get(index % 3).copied().unwrap_or("bank-b");
        let payee = script.mule("尉迟验", payee_bank);
        let paid = script.pay(victim, payee, yuan(30_000), 30);
        reports.push(json!({
            "channel": "110",
            "victim": {
                "name": script.name(victim),
                "citizen_id": script.citizen_id(victim),
                "phone": script.phone(victim),
                "region": "430102",
            },
            "narrative": "对方冒充客服，要求把钱转到指定账户。",
            "payments": [script.payment(&paid)],
            "contacts": [],
            "scam_type": "fake_customer_service",
            "region": "430102",
        }));
    }
    move_money(demo, plan.name, &script).await?;

    let client = stage.at_centre("intake").await?;
    let mut holds = watch::holds(&stage).await?;
    let passed = Arc::new(AtomicUsize::new(0));
    let mut streams = open_streams(&stage, plan.streams, &passed).await?;
    let period = Duration::from_secs(1) / u32::try_from(rate).unwrap_or(1);
    let begin = Instant::now() + period;
    let settled = begin + Duration::from_secs(u64::try_from(plan.seconds / 5).unwrap_or(0));
    let memory_demo = demo.to_owned();
    let early = tokio::spawn(async move {
        tokio::time::sleep_until(settled.into()).await;
        memory::centre_megabytes(&memory_demo)
    });
    let mut sending = JoinSet::new();
    for (index, report) in reports.into_iter().enumerate() {
        let client = client.clone();
        let due = begin + period * u32::try_from(index).unwrap_or(u32::MAX);
        sending.spawn(async move {
            tokio::time::sleep_until(due.into()).await;
            // The clock runs from the moment at which the report was due: a late sender hides nothing.
            let filed = crate::report::submit(&client, &report).await?;
            let number = filed.get("number").and_then(Value::as_str).unwrap_or("").to_owned();
            Outcome::Ok((index, number, due, due.elapsed()))
        });
    }
    // Both at once: reports are answered while the holds of earlier ones come in.
    let mut submitted: HashMap<String, (usize, Instant)> = HashMap::new();
    let mut held_at: HashMap<String, Instant> = HashMap::new();
    let mut answers = Vec::new();
    let mut deadline: Option<Instant> = None;
    while held_at.len() < count {
        let over = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            filed = sending.join_next(), if deadline.is_none() => match filed {
                Some(filed) => {
                    let (index, number, due, answered) = filed.map_err(crate::seat::fault)??;
                    submitted.insert(number, (index, due));
                    answers.push(answered.as_secs_f64() * 1_000.0);
                }
                None => deadline = Some(Instant::now() + LAST_WITHIN),
            },
            held = holds.recv() => match held {
                Some(held) => {
                    held_at.entry(held.case_number).or_insert(held.at);
                }
                None => break,
            },
            () = over => break,
        }
    }
    let latencies: Vec<(usize, f64)> = submitted
        .iter()
        .filter_map(|(number, (index, due))| {
            held_at.get(number).map(|at| (*index, at.duration_since(*due).as_secs_f64() * 1_000.0))
        })
        .collect();
    let seen = latencies.len();
    if seen < count {
        let mut found: Vec<f64> = latencies.iter().map(|(_, ms)| *ms).collect();
        found.sort_by(f64::total_cmp);
        tell!("of {seen} holds that came: p50 {:.1} ms, p99 {:.1} ms", percentile(&found, 50), percentile(&found, 99));
        return Err(crate::seat::fault(format!("{} of {count} holds did not arrive", count - seen)));
    }
    let mut measured: Vec<f64> = latencies.iter().filter(|(index, _)| *index >= WARM_UP).map(|(_, ms)| *ms).collect();
    measured.sort_by(f64::total_cmp);
    answers.sort_by(f64::total_cmp);
    tell!(
        "{} reports at {rate} a second; the centre answered the reporter after p50 {:.1} ms, p99 {:.1} ms; slowest hold {:.1} ms",
        measured.len(),
        percentile(&answers, 50),
        percentile(&answers, 99),
        percentile(&measured, 100),
    );
    let mut lines = Vec::new();
    if let Some(limit) = plan.p50_ms_max {
        let value = percentile(&measured, 50);
        lines.push(Measured { what: "report to hold at the bank, p50", value, limit, unit: "ms" });
    }
    let value = percentile(&measured, 99);
    lines.push(Measured { what: "report to hold at the bank, p99", value, limit: plan.p99_ms_max, unit: "ms" });
    if let Some(limit) = plan.growth_max {
        let early = early.await.map_err(crate::seat::fault)??;
        let late = memory::centre_megabytes(demo)?;
        tell!("resident memory of the centre: {early:.1} MB after a fifth of the time, {late:.1} MB at the end");
        lines.push(Measured { what: "growth of the centre's memory", value: late / early, limit, unit: "x" });
    } else {
        early.abort();
    }
    if plan.streams > 0 {
        let mut ended = 0;
        while streams.try_join_next().is_some() {
            ended += 1;
        }
        let megabytes = passed.load(Ordering::Relaxed) >> 20;
        tell!("{} live streams, of which {ended} broke; {megabytes} MB passed through them", plan.streams);
        if ended > 0 {
            return Err(crate::seat::fault(format!("{ended} of {} live streams broke", plan.streams)));
        }
    }
    judge(&lines)
}

/// Opens live streams under every login of the centre that hears of orders, and reads them until they are dropped; a task
/// that ends is a stream that broke.
async fn open_streams(stage: &Stage, count: usize, passed: &Arc<AtomicUsize>) -> Outcome<JoinSet<()>> {
    let mut open = JoinSet::new();
    if count == 0 {
        return Ok(open);
    }
    let mut clients = Vec::new();
    for user in CENTRE_USERS {
        clients.push(stage.at_centre(user.login).await?);
    }
    for client in clients.iter().cycle().take(count) {
        let mut events = client.changes().await?;
        let passed = passed.clone();
        // Not read as a console reads them: the readers' work would be taken from the seats on the same cores.
        open.spawn(async move {
            while let Ok(Some(bytes)) = events.pass().await {
                passed.fetch_add(bytes, Ordering::Relaxed);
            }
        });
    }
    Ok(open)
}
