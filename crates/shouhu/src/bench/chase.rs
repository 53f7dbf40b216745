//! A chase over a thousand accounts in five levels at three banks: from the report to the last hold.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Measured, judge, move_money, script, watch};
use crate::client::Client;
use crate::demo::province::yuan;
use crate::scene::script::{Handle, Script};
use crate::seat::fault;
use crate::speech::Outcome;

/// Accounts of each level; together a thousand.
const LEVELS: [usize; 5] = [10, 40, 160, 320, 470];
const ACCOUNTS: usize = 1_000;
/// What the victim pays into each account of the first level.
const PAYMENT_YUAN: i64 = 100_000;
const SECONDS_MAX: f64 = 10.0;
/// After so long without a further hold the chase counts as stuck.
const STUCK_AFTER: Duration = Duration::from_secs(20);

/// How often the officer looks whether the chase asks, and how many orders are let go at once.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const MORE_ORDERS: i64 = 1_000;

/// Measures.
///
/// # Errors
/// The limit is missed, or the chase stops before it has found every account.
pub async fn run(demo: &Path) -> Outcome {
    let (stage, mut script) = script(demo, "C", 2_000)?;
    let (victim, payments) = tree(&mut script);
    move_money(demo, "chase", &script).await?;
    let report = json!({
        "channel": "110",
        "victim": {
            "name": script.name(victim),
            "citizen_id": script.citizen_id(victim),
            "phone": script.phone(victim),
            "region": "430102",
        },
        "narrative": "对方以投资为名，分十笔收走一百万元。",
        "payments": payments,
        "contacts": [],
        "scam_type": "fake_investment",
        "region": "430102",
    });
    let client = stage.at_centre("intake").await?;
    let mut holds = watch::holds(&stage).await?;

    let begin = Instant::now();
    let filed = crate::report::submit(&client, &report).await?;
    let number = filed.get("number").and_then(Value::as_str).unwrap_or("").to_owned();
    let case_id = filed.get("id").and_then(Value::as_str).unwrap_or("").to_owned();
    let officer = stage.at_centre("officer").await?;
    let mut allowing = JoinSet::new();
    allowing.spawn(async move { allow_more(&officer, &case_id).await });
    let mut held: HashSet<(&str, String)> = HashSet::new();
    let mut last = begin;
    while held.len() < ACCOUNTS {
        match tokio::time::timeout(STUCK_AFTER, holds.recv()).await {
            Ok(Some(hold)) if hold.case_number == number => {
                last = hold.at;
                held.insert((hold.bank, hold.hold));
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => {
                let seconds = last.duration_since(begin).as_secs_f64();
                return Err(fault(format!(
                    "the chase stopped at {} of {ACCOUNTS} accounts after {seconds:.1} s",
                    held.len()
                )));
            }
        }
    }
    let value = last.duration_since(begin).as_secs_f64();
    judge(&[Measured { what: "chase over 1,000 accounts, 5 levels, 3 banks", value, limit: SECONDS_MAX, unit: "s" }])
}

/// The officer who lets the chase go on whenever it asks: beyond some hundred orders it does not by itself.
async fn allow_more(officer: &Client, case_id: &str) -> Outcome<()> {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let waiting = officer.get("/chases-waiting").await?;
        let is = |wait: &Value, name: &str, value: &str| wait.get(name).and_then(Value::as_str) == Some(value);
        let asks = |wait: &Value| is(wait, "case_id", case_id) && is(wait, "kind", "orders_beyond");
        if waiting.get("items").and_then(Value::as_array).is_some_and(|all| all.iter().any(asks)) {
            let more = json!({ "count": MORE_ORDERS, "reason": "涉案账户多，继续追踪" });
            officer.post(&format!("/chases/{case_id}/order-more"), &more).await?;
        }
    }
}

/// Money spreads over five levels. Each account keeps a fifth and passes the rest on in equal parts.
fn tree(script: &mut Script) -> (Handle, Vec<Value>) {
    let first = LEVELS.first().copied().unwrap_or(0);
    let total = yuan(PAYMENT_YUAN) * i64::try_from(first).unwrap_or(0);
    let victim = script.holder("慕容测", 1960, "bank-a", total);
    let mut payments = Vec::new();
    let mut level: Vec<(Handle, i64)> = Vec::new();
    let mut serial = 0;
    for _ in 0..first {
        let account = next_mule(script, &mut serial);
        let paid = script.pay(victim, account, yuan(PAYMENT_YUAN), 110);
        payments.push(script.payment(&paid));
        level.push((account, yuan(PAYMENT_YUAN)));
    }
    for (depth, size) in LEVELS.iter().enumerate().skip(1) {
        let minutes_ago = 110 - 20 * i64::try_from(depth).unwrap_or(0);
        let mut below = Vec::with_capacity(*size);
        for (index, (account, minor)) in level.iter().enumerate() {
            // As even a share of the next level as whole accounts allow.
            let share = size * (index + 1) / level.len() - size * index / level.len();
            let Ok(parts) = i64::try_from(share) else { continue };
            let each = (minor * 4 / 5).checked_div(parts).unwrap_or(0);
            for _ in 0..share {
                let next = next_mule(script, &mut serial);
                script.pay(*account, next, each, minutes_ago);
                below.push((next, each));
            }
        }
        level = below;
    }
    (victim, payments)
}

fn next_mule(script: &mut Script, serial: &mut usize) -> Handle {
    let banks = ["bank-a", "bank-b", "pay-c"];
    let bank = banks.get(*serial % banks.len()).copied().unwrap_or("bank-a");
    *serial += 1;
    script.mule("上官验", bank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_a_thousand_accounts_and_every_one_keeps_something() {
        let mut script = Script::new(5_000_000, "C", kernel::Timestamp(1_795_392_000_000_000));
        let (_, payments) = tree(&mut script);
        assert_eq!(payments.len(), LEVELS[0]);
        assert_eq!(LEVELS.iter().sum::<usize>(), ACCOUNTS);
        assert_eq!(script.province.accounts.len(), ACCOUNTS + 1);
        let mut balances: Vec<i64> = script.province.accounts.iter().map(|account| account.opening_minor).collect();
        for transfer in &script.province.transfers {
            use crate::demo::province::End::Account;
            let (Account(from), Account(to)) = (transfer.from, transfer.to) else { panic!("leaves") };
            balances[from] -= transfer.minor;
            balances[to] += transfer.minor;
            assert!(balances[from] >= 0 && transfer.minor > 0);
        }
        assert!(balances.iter().skip(1).all(|balance| *balance > 0));
    }
}
