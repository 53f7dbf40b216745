//! Doing the officers' part of a scene: approving what waits, correcting a name, and waiting until nothing flows.

use std::time::{Duration, Instant};

use kernel::{Money, Timestamp};
use serde_json::{Value, json};

use super::plays::{Correction, Play};
use crate::client::Client;
use crate::demo::csv::in_yuan;
use crate::demo::stage::Stage;
use crate::output::tell;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// A scene must come to rest within this time.
const REST_WITHIN: Duration = Duration::from_secs(60);
/// How often the case is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Does everything that the guide tells the user to do, and checks the figures.
///
/// # Errors
/// Less or more was held than the play promises, or the case does not come to rest.
pub async fn finish(stage: &Stage, play: &Play, case_id: &str) -> Outcome {
    let reviewer = stage.at_centre("reviewer").await?;
    let began = Instant::now();
    let mut correction = play.correction.as_ref();
    loop {
        let approved = approve_waiting(&reviewer, case_id).await?;
        let chase = reviewer.get(&format!("/chases/{case_id}")).await.ok();
        let number = |at: &str| chase.as_ref().and_then(|chase| chase.pointer(at)).and_then(Value::as_i64);
        let at_rest = !approved && number("/orders_open") == Some(0) && number("/accounts").is_some_and(|n| n > 0);
        if at_rest {
            match correction.take() {
                Some(needed) => correct(stage, case_id, needed).await?,
                None => {
                    let held = number("/stopped/minor").unwrap_or(0);
                    return judge(play, held, began.elapsed());
                }
            }
        }
        if began.elapsed() > REST_WITHIN {
            let why = format!("the case is not at rest after {} s", REST_WITHIN.as_secs());
            return Err(texts::LIMIT.fail(Exit::No, &[("what", &why)]));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Approves every order of the case that waits for a second person; whether there was one.
async fn approve_waiting(reviewer: &Client, case_id: &str) -> Outcome<bool> {
    let orders = reviewer.get(&format!("/orders?case={case_id}&queue=review")).await?;
    let waiting: Vec<&str> = orders
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|order| order.get("id").and_then(Value::as_str))
        .collect();
    for id in &waiting {
        reviewer.post(&format!("/orders/{id}/approve"), &json!({})).await?;
    }
    Ok(!waiting.is_empty())
}

/// Makes the stop order again with the right name.
async fn correct(stage: &Stage, case_id: &str, correction: &Correction) -> Outcome {
    let officer = stage.at_centre("officer").await?;
    let amount = json!(Money::new(correction.paid.minor, kernel::Currency::CNY));
    let order = json!({
        "case_id": case_id,
        "partner": correction.bank,
        "kind": "stop",
        "account": correction.account,
        "account_name": correction.name,
        "check": { "amount": amount, "at": moment(correction.paid.at), "reference": correction.paid.reference },
        "amount": amount,
        "level": 1,
        "reason": "按父亲提供的户名更正",
    });
    officer.post("/orders", &order).await.map(drop)
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339()
}

fn judge(play: &Play, held: i64, took: Duration) -> Outcome {
    let (held_yuan, wanted) = (in_yuan(held), in_yuan(play.within_reach_minor));
    let seconds = took.as_secs_f32();
    match Lang::now() {
        Lang::Zh => tell!("用时 {seconds:.1} 秒，已止付 {held_yuan} 元，应止付 {wanted} 元"),
        Lang::En => tell!("after {seconds:.1} s {held_yuan} yuan are held, of {wanted} within reach"),
    }
    if held == play.within_reach_minor {
        return Ok(());
    }
    let what = format!("{held_yuan} held, {wanted} within reach");
    Err(texts::LIMIT.fail(Exit::No, &[("what", &what)]))
}
