//! From the report to the hold at the bank, at a steady rate: an open loop, so that a slow answer delays no later report
//! and its wait is counted.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Measured, judge, move_money, percentile, script, watch};
use crate::demo::province::yuan;
use crate::output::tell;
use crate::speech::Outcome;

const REPORTS_A_SECOND: usize = 20;
const SECONDS: usize = 30;
/// Reports before the measured ones, to open connections and fill caches.
const WARM_UP: usize = 40;
/// After the last report the last hold must come within this time.
const LAST_WITHIN: Duration = Duration::from_secs(10);
const P50_MS_MAX: f64 = 20.0;
const P99_MS_MAX: f64 = 100.0;

/// Measures.
///
/// # Errors
/// A limit is missed, or the demonstration does not run.
pub async fn run(demo: &Path) -> Outcome {
    let count = WARM_UP + REPORTS_A_SECOND * SECONDS;
    let (stage, mut script) = script(demo, "H")?;
    let banks = ["bank-a", "bank-b", "pay-c"];
    let mut reports = Vec::with_capacity(count);
    for index in 0..count {
        let payer_bank = banks.get(index % 2).copied().unwrap_or("bank-a");
        let payee_bank = banks.get(index % 3).copied().unwrap_or("bank-b");
        let victim = script.holder("钟离测", 1970, payer_bank, yuan(50_000));
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
    move_money(demo, "hold", &script).await?;

    let client = stage.at_centre("intake").await?;
    let mut holds = watch::holds(&stage).await?;
    let period = Duration::from_secs(1) / u32::try_from(REPORTS_A_SECOND).unwrap_or(1);
    let begin = Instant::now() + period;
    let mut sending = tokio::task::JoinSet::new();
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
    let mut submitted: HashMap<String, (usize, Instant)> = HashMap::new();
    let mut answers = Vec::new();
    while let Some(filed) = sending.join_next().await {
        let (index, number, due, answered) = filed.map_err(crate::seat::fault)??;
        submitted.insert(number, (index, due));
        answers.push(answered.as_secs_f64() * 1_000.0);
    }
    let mut latencies = Vec::new();
    let deadline = Instant::now() + LAST_WITHIN;
    while latencies.len() < count {
        let Ok(Some(held)) = tokio::time::timeout_at(deadline.into(), holds.recv()).await else { break };
        if let Some((index, due)) = submitted.get(&held.case_number) {
            latencies.push((*index, held.at.duration_since(*due).as_secs_f64() * 1_000.0));
        }
    }
    let seen = latencies.len();
    if seen < count {
        return Err(crate::seat::fault(format!("{} of {count} holds did not arrive", count - seen)));
    }
    let mut measured: Vec<f64> = latencies.iter().filter(|(index, _)| *index >= WARM_UP).map(|(_, ms)| *ms).collect();
    measured.sort_by(f64::total_cmp);
    answers.sort_by(f64::total_cmp);
    tell!(
        "{} reports at {REPORTS_A_SECOND} a second; the centre answered the reporter after p50 {:.1} ms, p99 {:.1} ms; slowest hold {:.1} ms",
        measured.len(),
        percentile(&answers, 50),
        percentile(&answers, 99),
        percentile(&measured, 100),
    );
    judge(&[
        Measured {
            what: "report to hold at the bank, p50",
            value: percentile(&measured, 50),
            limit: P50_MS_MAX,
            unit: "ms",
        },
        Measured {
            what: "report to hold at the bank, p99",
            value: percentile(&measured, 99),
            limit: P99_MS_MAX,
            unit: "ms",
        },
    ])
}
