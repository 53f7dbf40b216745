//! What follows the calls: somebody reports one of the callers, the number is blocked in the case, and everybody whom it
//! had reached is warned by message (12381), by standing rule, within seconds.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use kernel::{Msisdn, MsisdnKind};
use serde_json::{Value, json};

use crate::client::Client;
use crate::demo::cast::{CENTRE, SCENE_LOGIN};
use crate::demo::smsc::{self, Delivered};
use crate::demo::stage::Stage;
use crate::output::tell;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// Login of the officer who blocks the number.
const OFFICER: &str = "lines";
/// Digits of the number that the warning names.
const TAIL_DIGITS: usize = 4;
/// Messages must be there within this time, on a machine that is busy with other tests.
const WARNED_WITHIN: Duration = Duration::from_secs(60);
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whom each caller reached, as the network carried the calls.
pub(super) type Reached = BTreeMap<String, std::collections::BTreeSet<String>>;

/// Reports the caller who reached the most people, blocks the number, and tells who was warned.
///
/// # Errors
/// The centre refuses, or no warning came in time; with `check`, somebody was warned not at all or twice.
pub(super) async fn play(stage: &Stage, demo: &Path, reached: &Reached, check: bool) -> Outcome {
    let subscriber = |number: &str| Msisdn::parse(number).is_ok_and(|number| number.kind() == MsisdnKind::Mobile);
    let known = reached.iter().filter(|(caller, _)| subscriber(caller));
    let Some((caller, people)) = known.max_by_key(|(_, people)| people.len()) else {
        say("没有诈骗号码接通过任何人，无人需要预警", "no scammer reached anybody: there is nobody to warn");
        return Ok(());
    };
    let people: Vec<&String> = people.iter().filter(|number| subscriber(number)).collect();
    let Some(victim) = people.first() else { return Ok(()) };
    let before = smsc::delivered(demo)?.len();
    let case = report(&stage.at_centre(SCENE_LOGIN).await?, caller, victim).await?;
    let officer = stage.at_centre(OFFICER).await?;
    let began = Instant::now();
    let block = json!({ "act": "block", "reason": "冒充公检法" });
    officer.post(&format!("/reports/{}/telephones", text(&case, "id")), &block).await?;
    let order = answered(&officer, text(&case, "id")).await?;
    let count = |name: &str| order.pointer(&format!("/answer/messages/{name}")).and_then(Value::as_u64).unwrap_or(0);
    let (sent, earlier) = (count("sent"), count("warned_before"));
    let warnings = arrived(demo, before, sent).await?;
    let seconds = began.elapsed().as_secs_f64();

    let number = Msisdn::parse(caller).map_or_else(|_| String::new(), |number| kernel::Maskable::mask(&number));
    say(
        &format!(
            "报案 {}：{number} 已列入拦截名单；它接通过的 {sent} 人在 {seconds:.1} 秒内收到预警短信",
            text(&case, "number")
        ),
        &format!(
            "report {}: {number} is on the list; the {sent} people whom it had reached were warned within {seconds:.1} s",
            text(&case, "number")
        ),
    );
    if let Some(first) = warnings.first() {
        tell!("  {}: {}", first.from, first.text);
    }
    let (centre, file) = (stage.url(CENTRE), demo.join(smsc::FILE_NAME));
    say(
        &format!(
            "以 lines 登录 {centre}，打开“线路处置”：指令 {} 由常设规则批准，反馈中有发送数。",
            text(&order, "number")
        ),
        &format!(
            "log in as lines at {centre} and open Lines: order {} was approved by the standing rule; its answer tells how many were sent",
            text(&order, "number")
        ),
    );
    say(&format!("全部短信见 {}", file.display()), &format!("every message is in {}", file.display()));
    if check { judge(caller, &people, earlier, &warnings) } else { Ok(()) }
}

/// Each person once, with the last digits of the number and nothing to follow or to call.
fn judge(caller: &str, people: &[&String], earlier: u64, warnings: &[Delivered]) -> Outcome {
    let tail: String = caller.chars().skip(caller.chars().count().saturating_sub(TAIL_DIGITS)).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for warning in warnings {
        *times.entry(&warning.to).or_default() += 1;
    }
    let all = earlier == 0 && people.iter().all(|person| times.get(person.as_str()) == Some(&1));
    let well = warnings.iter().all(|w| w.text.contains(&tail) && wire::is_plain(&w.text));
    if all && well {
        return Ok(());
    }
    let what = format!("{} people reached, {} messages to {} of them", people.len(), warnings.len(), times.len());
    Err(texts::LIMIT.fail(Exit::No, &[("what", &what)]))
}

async fn report(intake: &Client, caller: &str, victim: &str) -> Outcome<Value> {
    let report = json!({
        "channel": "96110",
        "victim": { "name": "方晓晴", "phone": victim, "region": "430102" },
        "narrative": "机主称接到自称民警的电话，要求把钱转入“安全账户”，起疑后挂断并来电核实，没有转账。",
        "payments": [],
        "contacts": [{ "kind": "phone", "value": caller }],
        "scam_type": "impersonated_authority",
        "region": "430102",
    });
    crate::report::submit(intake, &report).await
}

/// The order to warn, once the carrier has answered.
async fn answered(officer: &Client, case: &str) -> Outcome<Value> {
    let began = Instant::now();
    loop {
        let orders = officer.get(&format!("/line-orders?case={case}&kind=warn_contacts")).await?;
        let done = |order: &&Value| order.get("answered_at").is_some_and(Value::is_string);
        let first = orders.get("items").and_then(Value::as_array).and_then(|items| items.iter().find(done));
        if let Some(order) = first {
            return officer.get(&format!("/line-orders/{}", text(order, "id"))).await;
        }
        wait(began, "no answer to the order to warn").await?;
    }
}

/// The messages since then, once all have arrived.
async fn arrived(demo: &Path, before: usize, expect: u64) -> Outcome<Vec<Delivered>> {
    let began = Instant::now();
    loop {
        let mut all = smsc::delivered(demo)?;
        let new = all.split_off(before.min(all.len()));
        if u64::try_from(new.len()).unwrap_or(u64::MAX) >= expect {
            return Ok(new);
        }
        wait(began, "not every warning arrived").await?;
    }
}

async fn wait(began: Instant, what: &str) -> Outcome {
    if began.elapsed() > WARNED_WITHIN {
        return Err(texts::LIMIT.fail(Exit::No, &[("what", what)]));
    }
    tokio::time::sleep(LOOK_EVERY).await;
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

fn say(zh: &str, en: &str) {
    tell!("{}", Lang::now().pick(zh, en));
}
