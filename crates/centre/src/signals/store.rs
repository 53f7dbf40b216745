//! Hits and counters in the database.

use kernel::Timestamp;
use serde::Serialize;
use sqlx::FromRow;
use store::{AssertSqlSafe, Db, Error, Result, Who, args};
use wire::{ContactChannel, NumberPattern, PartnerId, SignalAction, SignalReason};

use super::desk::hour_of;

/// Hits in one page at most.
pub const PAGE_MAX: i64 = 200;

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

/// Hits that fit, the newest first; needs `signals.read`.
pub async fn hits(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Hit>> {
    who.require("signals.read")?;
    let mut bound = args![];
    let mut sql = "SELECT partner, id, at, channel, caller, callee, callee_masked, action, reason, detail, pattern, \
        probability_permille FROM signal_hit WHERE 1 = 1"
        .to_owned();
    let mut and = |condition: &str, arg: store::Arg| {
        bound.push(arg);
        sql.push_str(&condition.replace('?', &format!("${}", bound.len())));
    };
    if let Some(partner) = &filter.partner {
        and(" AND partner = ?", partner.into());
    }
    if let Some(channel) = filter.channel {
        and(" AND channel = ?", channel.code().into());
    }
    if let Some(action) = filter.action {
        and(" AND action = ?", action.code().into());
    }
    if let Some(reason) = filter.reason {
        and(" AND reason = ?", reason.code().into());
    }
    if let Some(number) = &filter.number {
        and(" AND (caller = ? OR callee = ?)", number.into());
    }
    if let Some((at, key)) = &filter.before {
        and(" AND at <= ?", (*at).into());
        and(" AND (at < ?", (*at).into());
        and(" OR partner || '/' || id < ?)", key.into());
    }
    sql.push_str(&format!(
        " ORDER BY at DESC, partner || '/' || id DESC LIMIT {}",
        filter.limit.clamp(1, PAGE_MAX + 1)
    ));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(hit).collect()
}

/// One hit; needs `signals.read`.
pub(super) async fn hit_of(db: &Db, who: &Who, partner: &str, id: &str) -> Result<Option<Hit>> {
    who.require("signals.read")?;
    let row: Option<Row> = db
        .fetch_optional(
            "SELECT partner, id, at, channel, caller, callee, callee_masked, action, reason, detail, pattern,
                probability_permille FROM signal_hit WHERE partner = $1 AND id = $2",
            args![partner, id],
        )
        .await?;
    row.map(hit).transpose()
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
    /// How many.
    pub count: i64,
}

/// Counters of the last hours, the oldest first; needs `signals.read`.
pub(super) async fn last_hours(db: &Db, who: &Who, hours: i64) -> Result<Vec<SignalHour>> {
    who.require("signals.read")?;
    let from = hour_of(db.clock().now() - kernel::Duration::hours(hours));
    let rows: Vec<(i64, String, String, String, String, String, i64)> = db
        .fetch_all(
            "SELECT hour, partner, channel, action, reason, detail, count FROM signal_hour WHERE hour > $1
             ORDER BY hour, partner, channel, action, reason, detail",
            args![from],
        )
        .await?;
    let corrupt = |what: &str| Error::Corrupt(format!("signal counter: {what}"));
    rows.into_iter()
        .map(|(hour, partner, channel, action, reason, detail, count)| {
            Ok(SignalHour {
                hour: Timestamp(hour),
                partner: PartnerId::parse(&partner).map_err(|_| corrupt("partner"))?,
                channel: channel.parse().map_err(|_| corrupt("channel"))?,
                action: action.parse().map_err(|_| corrupt("action"))?,
                reason: reason.parse().map_err(|_| corrupt("reason"))?,
                detail,
                count,
            })
        })
        .collect()
}

/// The callers with the most hits since a moment: number in full and how many.
pub(super) async fn top_callers(db: &Db, since: Timestamp, limit: i64) -> Result<Vec<(String, i64, i64)>> {
    db.fetch_all(
        "SELECT caller, COUNT(*), MAX(at) FROM signal_hit WHERE at >= $1 GROUP BY caller
         ORDER BY COUNT(*) DESC, MAX(at) DESC LIMIT $2",
        args![since, limit],
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
