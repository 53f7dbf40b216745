//! How signals are taken, and how what is old goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{Duration, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{AssertSqlSafe, Result, Tx, Who, args, places, timers};
use wire::{PartnerId, Signals};

use super::parameters::Parameters;
use crate::placing;

/// The timer that removes what is old.
pub(crate) const PRUNE: &str = "signals.prune";
/// How often it runs.
const PRUNE_EVERY: Duration = Duration::hours(1);
/// Hits written with one statement.
const HITS_AT_ONCE: usize = 500;
/// Microseconds of an hour.
const HOUR: i64 = Duration::hours(1).0;

/// The desk; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// What practice fixes.
    pub parameters: Arc<Parameters>,
}

/// The beginning of the hour in which a moment lies.
pub(super) const fn hour_of(at: Timestamp) -> i64 {
    at.0 - at.0.rem_euclid(HOUR)
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Desk {
    /// Takes what an operator saw. A batch that came before changes nothing; a hit that came before is not doubled.
    pub async fn take(&self, tx: &mut Tx, from: &PartnerId, signals: &Signals) -> Result<()> {
        let now = tx.now();
        let fresh = tx
            .execute(
                "INSERT INTO signal_batch (partner, id, period_from, period_to, received_at, hits_lost, list_number)
                 VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT (partner, id) DO NOTHING",
                args![
                    from,
                    signals.signals_id.to_string(),
                    signals.period.from,
                    signals.period.to,
                    now,
                    signed(signals.hits_lost),
                    signals.list_number.map(signed),
                ],
            )
            .await?;
        if fresh == 0 {
            return Ok(());
        }
        self.count(tx, from, signals).await?;
        keep_rules(tx, from, signals).await?;
        self.keep_hits(tx, from, signals).await?;
        self.prune_later(tx, now).await?;
        let stopped: u64 = signals.counters.iter().filter(|c| c.action.stops()).map(|c| c.count).sum();
        let seen: u64 = signals.counters.iter().map(|c| c.count).sum();
        let body = json!({
            "partner": from, "from": signals.period.from, "to": signals.period.to, "seen": seen, "stopped": stopped,
            "hits": signals.hits.len(), "rules": signals.rules.len(), "hits_lost": signals.hits_lost, "list_number": signals.list_number,
        });
        let entry = Entry::new("signals.received", format!("signals:{}", signals.signals_id)).body(&body);
        tx.append(entry, &Who::partner(from.as_str())).await
    }

    async fn count(&self, tx: &mut Tx, from: &PartnerId, signals: &Signals) -> Result<()> {
        let hour = hour_of(signals.period.from);
        let mut sums: BTreeMap<(&str, &str, &str, &str), i64> = BTreeMap::new();
        for counter in &signals.counters {
            let key = (
                counter.channel.code(),
                counter.action.code(),
                counter.reason.code(),
                counter.detail.as_deref().unwrap_or(""),
            );
            let sum = sums.entry(key).or_default();
            *sum = sum.saturating_add(signed(counter.count));
        }
        let sums: Vec<_> = sums.into_iter().collect();
        for some in sums.chunks(ROWS_AT_ONCE) {
            let mut bound = args![];
            for ((channel, action, reason, detail), count) in some {
                bound.extend(args![hour, from, *channel, *action, *reason, *detail, *count]);
            }
            let sql = format!(
                "INSERT INTO signal_hour (hour, partner, channel, action, reason, detail, count)
                 VALUES {} ON CONFLICT (hour, partner, channel, action, reason, detail)
                 DO UPDATE SET count = signal_hour.count + excluded.count",
                places(7, some.len(), 1)
            );
            tx.write(AssertSqlSafe(sql), bound).await?;
        }
        Ok(())
    }

    async fn keep_hits(&self, tx: &mut Tx, from: &PartnerId, signals: &Signals) -> Result<()> {
        let otherwise = self.parameters.operator_regions.get(from.as_str());
        let otherwise = otherwise.map_or_else(String::new, |region| placing::code_of(region));
        for some in signals.hits.chunks(HITS_AT_ONCE) {
            let mut bound = args![];
            for hit in some {
                let line = hit.callee.as_deref().or(hit.callee_masked.as_deref());
                let region = line.and_then(placing::of_line).unwrap_or_else(|| otherwise.clone());
                bound.extend(args![
                    from,
                    &hit.id,
                    hit.at,
                    hit.channel.code(),
                    &hit.caller,
                    hit.callee.clone(),
                    hit.callee_masked.clone(),
                    hit.action.code(),
                    hit.reason.code(),
                    hit.detail.clone(),
                    hit.pattern.as_ref().map(ToString::to_string),
                    hit.probability_permille,
                    region,
                ]);
            }
            let sql = format!(
                "INSERT INTO signal_hit (partner, id, at, channel, caller, callee, callee_masked, action, reason,
                    detail, pattern, probability_permille, region) VALUES {} ON CONFLICT (partner, id) DO NOTHING",
                places(13, some.len(), 1)
            );
            tx.write(AssertSqlSafe(sql), bound).await?;
        }
        Ok(())
    }

    async fn prune_later(&self, tx: &mut Tx, now: Timestamp) -> Result<()> {
        let set: Option<(i64,)> = tx.fetch_optional("SELECT due FROM timer WHERE key = $1", args![PRUNE]).await?;
        match set {
            Some(_) => Ok(()),
            None => timers::set(tx, PRUNE, PRUNE, "signals", now + PRUNE_EVERY).await,
        }
    }

    /// Handles one due timer of this desk: removes what is older than the parameters say.
    pub async fn due(&self, tx: &mut Tx, timer: &timers::Timer) -> Result<()> {
        if !timers::done(tx, timer).await? || timer.kind != PRUNE {
            return Ok(());
        }
        let now = tx.now();
        let hits_before = now - Duration::hours(24 * self.parameters.hit_days);
        let counters_before = hour_of(now - Duration::hours(24 * self.parameters.counter_days));
        tx.write("DELETE FROM signal_hit WHERE at < $1", args![hits_before]).await?;
        tx.write("DELETE FROM signal_hour WHERE hour < $1", args![counters_before]).await?;
        // A batch is remembered for as long as its message could come again, and well beyond.
        let batches_before = now - Duration::hours(24 * 60.max(self.parameters.hit_days));
        tx.write("DELETE FROM signal_batch WHERE received_at < $1", args![batches_before]).await?;
        timers::set(tx, PRUNE, PRUNE, "signals", now + PRUNE_EVERY).await
    }
}

/// Keeps what the operator's rules are called. One that is no longer told stays: older hits name it.
async fn keep_rules(tx: &mut Tx, from: &PartnerId, signals: &Signals) -> Result<()> {
    let now = tx.now();
    // No statement writes a row twice: the last word about a rule counts.
    let rules: BTreeMap<_, _> = signals.rules.iter().map(|rule| (&rule.rule, rule)).collect();
    let rules: Vec<_> = rules.into_values().collect();
    for some in rules.chunks(ROWS_AT_ONCE) {
        let mut bound = args![];
        for rule in some {
            let (title_en, owner) = (rule.title_en.clone(), rule.owner.clone());
            bound.extend(args![from, &rule.rule, &rule.title, title_en, owner, rule.stage.code(), now]);
        }
        let sql = format!(
            "INSERT INTO signal_rule (partner, rule, title, title_en, owner, stage, told_at)
             VALUES {} ON CONFLICT (partner, rule) DO UPDATE SET title = excluded.title,
                title_en = excluded.title_en, owner = excluded.owner, stage = excluded.stage,
                told_at = excluded.told_at",
            places(7, some.len(), 1)
        );
        tx.write(AssertSqlSafe(sql), bound).await?;
    }
    Ok(())
}

/// Counters or rules written in one statement, of seven values each.
const ROWS_AT_ONCE: usize = 100;
