//! Hits and counters in the database.

use kernel::Timestamp;
use serde::Serialize;
use sqlx::FromRow;
use store::{AssertSqlSafe, Db, Error, Result, Who, args};
use wire::{ContactChannel, NumberPattern, PartnerId, SignalAction, SignalReason, SignalRuleStage};

use super::desk::hour_of;

/// Hits in one page at most.
pub const PAGE_MAX: i64 = 200;

/// A rule as the operator told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SignalRuleName)]
pub struct RuleName {
    /// What people call it.
    pub title: String,
    /// The same in English.
    pub title_en: Option<String>,
    /// Who answers for it at the operator.
    pub owner: Option<String>,
    /// How far it is in force there.
    pub stage: SignalRuleStage,
}

/// Columns of a rule that may be there, and where it is found.
const RULE_COLUMNS: &str = "r.title AS rule_title, r.title_en AS rule_title_en, r.owner AS rule_owner, \
    r.stage AS rule_stage";

#[derive(FromRow)]
struct RuleRow {
    rule_title: Option<String>,
    rule_title_en: Option<String>,
    rule_owner: Option<String>,
    rule_stage: Option<String>,
}

impl RuleRow {
    fn read(self) -> Option<RuleName> {
        let stage = self.rule_stage.and_then(|stage| stage.parse().ok()).unwrap_or(SignalRuleStage::Other);
        Some(RuleName { title: self.rule_title?, title_en: self.rule_title_en, owner: self.rule_owner, stage })
    }
}

/// One event that hit something, in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The operator.
    pub partner: PartnerId,
    /// The operator's own id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Call or message.
    pub channel: ContactChannel,
    /// Who called or sent.
    pub caller: String,
    /// Who was called, in full.
    pub callee: Option<String>,
    /// Who was called, masked by the operator.
    pub callee_masked: Option<String>,
    /// What was done.
    pub action: SignalAction,
    /// What decided.
    pub reason: SignalReason,
    /// Name of the rule, or class of the text.
    pub detail: Option<String>,
    /// What the operator calls that rule.
    pub rule: Option<RuleName>,
    /// Where the line is, six digits; empty where only the whole of the centre's region is known.
    pub region: String,
    /// The entry of the list.
    pub pattern: Option<NumberPattern>,
    /// How sure the classifier was.
    pub probability_permille: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    partner: String,
    id: String,
    at: i64,
    channel: String,
    caller: String,
    callee: Option<String>,
    callee_masked: Option<String>,
    action: String,
    reason: String,
    detail: Option<String>,
    pattern: Option<String>,
    probability_permille: Option<i64>,
    region: String,
    #[sqlx(flatten)]
    rule: RuleRow,
}

/// A hit and the rule that it names.
fn select(condition: &str) -> String {
    format!(
        "SELECT h.partner, h.id, h.at, h.channel, h.caller, h.callee, h.callee_masked, h.action, h.reason, h.detail,
            h.pattern, h.probability_permille, h.region, {RULE_COLUMNS}
         FROM signal_hit h LEFT JOIN signal_rule r ON r.partner = h.partner AND r.rule = h.detail WHERE {condition}"
    )
}

/// Which hits are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one operator.
    pub partner: Option<String>,
    /// Calls or messages.
    pub channel: Option<ContactChannel>,
    /// One action.
    pub action: Option<SignalAction>,
    /// One reason.
    pub reason: Option<SignalReason>,
    /// Exactly this caller or called person.
    pub number: Option<String>,
    /// Only hits before this one (moment, operator and id), for the next page.
    pub before: Option<(i64, String)>,
    /// At most so many.
    pub limit: i64,
}

/// Hits in the region of who asks that fit, the newest first; needs `signals.read`.
pub async fn hits(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Hit>> {
    who.require("signals.read")?;
    let mut bound = args![who.region_pattern()];
    let mut sql = select("h.region LIKE $1");
    let mut and = |condition: &str, arg: store::Arg| {
        bound.push(arg);
        sql.push_str(&condition.replace('?', &format!("${}", bound.len())));
    };
    if let Some(partner) = &filter.partner {
        and(" AND h.partner = ?", partner.into());
    }
    if let Some(channel) = filter.channel {
        and(" AND h.channel = ?", channel.code().into());
    }
    if let Some(action) = filter.action {
        and(" AND h.action = ?", action.code().into());
    }
    if let Some(reason) = filter.reason {
        and(" AND h.reason = ?", reason.code().into());
    }
    if let Some(number) = &filter.number {
        and(" AND (h.caller = ? OR h.callee = ?)", number.into());
    }
    if let Some((at, key)) = &filter.before {
        and(" AND h.at <= ?", (*at).into());
        and(" AND (h.at < ?", (*at).into());
        and(" OR h.partner || '/' || h.id < ?)", key.into());
    }
    sql.push_str(&format!(
        " ORDER BY h.at DESC, h.partner || '/' || h.id DESC LIMIT {}",
        filter.limit.clamp(1, PAGE_MAX + 1)
    ));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(hit).collect()
}

/// One hit; needs `signals.read`.
pub(super) async fn hit_of(db: &Db, who: &Who, partner: &str, id: &str) -> Result<Option<Hit>> {
    who.require("signals.read")?;
    let sql = select("h.partner = $1 AND h.id = $2");
    let row: Option<Row> = db.fetch_optional(AssertSqlSafe(sql), args![partner, id]).await?;
    let Some(found) = row.map(hit).transpose()? else { return Ok(None) };
    who.require_region(&found.region)?;
    Ok(Some(found))
}

fn hit(row: Row) -> Result<Hit> {
    let corrupt = |what: &str| Error::Corrupt(format!("signal hit: {what}"));
    Ok(Hit {
        partner: PartnerId::parse(&row.partner).map_err(|_| corrupt("partner"))?,
        id: row.id,
        at: Timestamp(row.at),
        channel: row.channel.parse().map_err(|_| corrupt("channel"))?,
        caller: row.caller,
        callee: row.callee,
        callee_masked: row.callee_masked,
        action: row.action.parse().map_err(|_| corrupt("action"))?,
        reason: row.reason.parse().map_err(|_| corrupt("reason"))?,
        detail: row.detail,
        rule: row.rule.read(),
        region: row.region,
        pattern: row.pattern.map(|p| NumberPattern::parse(&p)).transpose().map_err(|_| corrupt("pattern"))?,
        probability_permille: row.probability_permille,
    })
}

/// How many events of one sort an operator saw in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SignalHour {
    /// Beginning of the hour.
    pub hour: Timestamp,
    /// The operator.
    pub partner: PartnerId,
    /// Calls or messages.
    pub channel: ContactChannel,
    /// What was done.
    pub action: SignalAction,
    /// What decided.
    pub reason: SignalReason,
    /// Name of the rule, or class of the text; empty where there is none.
    pub detail: String,
    /// What the operator calls that rule.
    pub rule: Option<RuleName>,
    /// How many.
    pub count: i64,
}

#[derive(FromRow)]
struct HourRow {
    hour: i64,
    partner: String,
    channel: String,
    action: String,
    reason: String,
    detail: String,
    count: i64,
    #[sqlx(flatten)]
    rule: RuleRow,
}

/// Counters of the last hours, the oldest first; needs `signals.read`. They name nobody and no place, so that each region
/// sees those of all.
pub(super) async fn last_hours(db: &Db, who: &Who, hours: i64) -> Result<Vec<SignalHour>> {
    who.require("signals.read")?;
    let from = hour_of(db.clock().now() - kernel::Duration::hours(hours));
    let sql = format!(
        "SELECT h.hour, h.partner, h.channel, h.action, h.reason, h.detail, h.count, {RULE_COLUMNS}
         FROM signal_hour h LEFT JOIN signal_rule r ON r.partner = h.partner AND r.rule = h.detail WHERE h.hour > $1
         ORDER BY h.hour, h.partner, h.channel, h.action, h.reason, h.detail"
    );
    let rows: Vec<HourRow> = db.fetch_all(AssertSqlSafe(sql), args![from]).await?;
    let corrupt = |what: &str| Error::Corrupt(format!("signal counter: {what}"));
    rows.into_iter()
        .map(|row| {
            Ok(SignalHour {
                hour: Timestamp(row.hour),
                partner: PartnerId::parse(&row.partner).map_err(|_| corrupt("partner"))?,
                channel: row.channel.parse().map_err(|_| corrupt("channel"))?,
                action: row.action.parse().map_err(|_| corrupt("action"))?,
                reason: row.reason.parse().map_err(|_| corrupt("reason"))?,
                detail: row.detail,
                rule: row.rule.read(),
                count: row.count,
            })
        })
        .collect()
}

/// The callers with the most hits in the region of who asks since a moment: number in full and how many.
pub(super) async fn top_callers(db: &Db, who: &Who, since: Timestamp, limit: i64) -> Result<Vec<(String, i64, i64)>> {
    who.require("signals.read")?;
    db.fetch_all(
        "SELECT caller, COUNT(*), MAX(at) FROM signal_hit WHERE at >= $1 AND region LIKE $2 GROUP BY caller
         ORDER BY COUNT(*) DESC, MAX(at) DESC LIMIT $3",
        args![since, who.region_pattern(), limit],
    )
    .await
}

/// The last batch of an operator: when it came, to when it reaches, the list in use, and the hits lost in some hours.
pub(super) async fn last_batch(
    db: &Db,
    partner: &PartnerId,
    since: Timestamp,
) -> Result<(Option<(i64, i64, Option<i64>)>, i64)> {
    let last = db
        .fetch_optional(
            "SELECT received_at, period_to, list_number FROM signal_batch WHERE partner = $1
             ORDER BY period_to DESC LIMIT 1",
            args![partner],
        )
        .await?;
    let lost: Vec<(i64,)> = db
        .fetch_all(
            "SELECT hits_lost FROM signal_batch WHERE partner = $1 AND period_to > $2 AND hits_lost > 0",
            args![partner, since],
        )
        .await?;
    Ok((last, lost.into_iter().map(|(n,)| n).sum()))
}
