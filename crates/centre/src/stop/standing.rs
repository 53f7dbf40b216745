//! What the stop desk does with standing rules: one person puts a rule up, another approves it, either ends it.

use kernel::{Duration, Faults, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Tx, Who};

use super::desk::{Desk, Refusal};
use super::rule::StandingRule;
use super::{store as rows, texts};

impl Desk {
    /// Puts a standing rule up for approval; needs `rules.write`.
    pub async fn propose_rule(&self, tx: &mut Tx, who: &Who, rule: StandingRule) -> std::result::Result<(), Refusal> {
        who.require("rules.write")?;
        let mut faults = check_rule(&rule, tx.now());
        if !is_prefix(&rule.region_prefix) {
            faults.push(texts::RULE_REGION.at("region_prefix", &[]));
        } else if !who.covers(&rule.region_prefix) {
            let own = who.region.as_deref().unwrap_or("");
            faults.push(texts::RULE_SCOPE.at("region_prefix", &[("own", own)]));
        }
        faults.into_result().map_err(Refusal::Faults)?;
        rows::insert_rule(tx, &rule).await?;
        tx.append(rule_entry("rule.proposed", &rule), who).await?;
        Ok(())
    }

    /// Approves a standing rule: another person than its author, with `rules.write`.
    pub async fn approve_rule(&self, tx: &mut Tx, who: &Who, id: kernel::RuleId) -> std::result::Result<(), Refusal> {
        who.require("rules.write")?;
        let rule = rows::load_rule(tx, id).await?;
        who.require_region(&rule.region_prefix)?;
        if rule.author == who.user {
            return Err(Refusal::Conflict(texts::SAME_PERSON.say(&[])));
        }
        if rule.approved_by.is_some() || rule.ended_at.is_some() {
            return Err(Refusal::Store(store::Error::Conflict("the rule was decided before".into())));
        }
        let now = tx.now();
        store::transition("standing_rule", id)
            .expect("approved_by", None::<String>)
            .expect("ended_at", None::<i64>)
            .set("approved_by", &who.user)
            .set("approved_at", now)
            .apply(tx)
            .await?;
        tx.append(rule_entry("rule.approved", &rule), who).await?;
        Ok(())
    }

    /// Ends a standing rule at once; needs `rules.write` or `stop.check`, for whoever sees it go wrong must be able to.
    pub async fn end_rule(&self, tx: &mut Tx, who: &Who, id: kernel::RuleId) -> std::result::Result<(), Refusal> {
        if !who.may("stop.check") {
            who.require("rules.write")?;
        }
        let rule = rows::load_rule(tx, id).await?;
        // A rule of the province acts in the city too: who sees it go wrong there ends it.
        if !rule.acts_in_scope_of(who) {
            return Err(store::Error::OutOfScope.into());
        }
        let now = tx.now();
        let ends = store::transition("standing_rule", id).expect("ended_at", None::<i64>);
        if !ends.set("ended_at", now).set("ended_by", &who.user).try_apply(tx).await? {
            return Ok(());
        }
        tx.append(rule_entry("rule.ended", &rule), who).await?;
        Ok(())
    }
}

/// Longest life of a standing rule, days.
pub const RULE_DAYS_MAX: i64 = 366;

/// Leading digits of regions: none, of a province, of a prefecture, of a county; and there is such a region.
fn is_prefix(prefix: &str) -> bool {
    let whole = matches!(prefix.len(), 2 | 4 | 6) && prefix.bytes().all(|b| b.is_ascii_digit());
    prefix.is_empty() || (whole && kernel::Region::all().any(|region| region.to_string().starts_with(prefix)))
}

fn check_rule(rule: &StandingRule, now: Timestamp) -> Faults {
    let mut faults = Faults::none();
    if !(1..=80).contains(&rule.name.trim().chars().count()) {
        faults.push(texts::RULE_NAME.at("name", &[]));
    }
    let for_nothing = rule.kinds.is_empty() && rule.line_kinds.is_empty();
    if for_nothing || rule.kinds.iter().any(|k| !StandingRule::KINDS.contains(k)) {
        faults.push(texts::RULE_KINDS.at("kinds", &[]));
    }
    if rule.line_kinds.iter().any(|k| !StandingRule::LINE_KINDS.contains(k)) {
        faults.push(texts::RULE_LINE_KINDS.at("line_kinds", &[]));
    }
    let (for_accounts, for_lines) = (!rule.kinds.is_empty(), rule.line_kinds.iter().any(|kind| kind.is_lasting()));
    for (field, bound, needed) in [
        ("level_max", i64::from(rule.level_max), for_accounts),
        ("amount_max", rule.amount_minor_max, for_accounts),
        ("line_hours_max", rule.line_hours_max, for_lines),
        ("report_age_hours_max", rule.report_age_max.0, true),
    ] {
        if bound <= 0 && needed {
            faults.push(texts::RULE_BOUND.at(field, &[]));
        }
    }
    if rule.expires_at <= now || rule.expires_at > now + Duration::hours(24 * RULE_DAYS_MAX) {
        faults.push(texts::RULE_EXPIRY.at("expires_at", &[("days", &RULE_DAYS_MAX.to_string())]));
    }
    faults
}

fn rule_entry(kind: &str, rule: &StandingRule) -> Entry {
    let entry = Entry::new(kind, format!("rule:{}", rule.id)).body(&json!({
        "name": rule.name, "kinds": rule.kinds, "level_max": rule.level_max, "author": rule.author,
        "amount_minor_max": rule.amount_minor_max, "line_kinds": rule.line_kinds,
        "line_hours_max": rule.line_hours_max, "report_age_hours_max": rule.report_age_max.as_seconds() / 3_600,
        "region_prefix": rule.region_prefix, "expires_at": rule.expires_at,
    }));
    match rule.region_prefix.as_str() {
        "" => entry,
        prefix => entry.region(format!("{prefix:0<6}")),
    }
}
