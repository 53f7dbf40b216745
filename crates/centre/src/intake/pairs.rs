//! Pairs of reports that may speak of one payment, and what a person decided about each.
//!
//! Invariant: what a person decided about a pair stays: no later report, change or check joins or parts it by itself.

use kernel::{ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Db, Result, Tx, Who, args};

use super::check::check;
use super::duplicate::{Asked, Certainty, Duplicate, duplicates, known_payments};
use super::error::Error;
use super::model::{Payment, ReportEvent, ReportState};
use super::store::{self as reports, Report, Rules, WRITE};
use super::texts;

/// What a person decided about two reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// They speak of one payment: one case.
    Same,
    /// They speak of two payments: two cases.
    Separate,
}

impl Verdict {
    const fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Separate => "separate",
        }
    }

    fn read(code: &str) -> Option<Self> {
        [Self::Same, Self::Separate].into_iter().find(|verdict| verdict.code() == code)
    }
}

/// Another report that may speak of the same payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Pair {
    /// The other report.
    pub report_id: ReportId,
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: ReportState,
    /// How sure the machine was that both speak of one payment.
    pub certainty: Certainty,
    /// What a person decided; absent while it waits for one.
    pub verdict: Option<Verdict>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// The two identities in the order in which a pair is kept.
fn ordered(a: ReportId, b: ReportId) -> (String, String) {
    let (a, b) = (a.to_string(), b.to_string());
    if a <= b { (a, b) } else { (b, a) }
}

/// Keeps for a person what was found; what was decided stays as it is.
pub(super) async fn keep(tx: &mut Tx, report: ReportId, found: &[Duplicate]) -> Result<()> {
    let now = tx.now();
    for other in found {
        let (low, high) = ordered(report, other.report_id);
        let certainty = if other.certainty == Certainty::Same { "same" } else { "possible" };
        tx.execute(
            "INSERT INTO intake_pair (low, high, certainty, found_at) VALUES ($1,$2,$3,$4)
             ON CONFLICT (low, high) DO NOTHING",
            args![low, high, certainty, now],
        )
        .await?;
    }
    Ok(())
}

/// What a person decided about the pair, if anybody has.
pub(super) async fn verdict(tx: &mut Tx, a: ReportId, b: ReportId) -> Result<Option<Verdict>> {
    let (low, high) = ordered(a, b);
    let row: Option<(Option<String>,)> =
        tx.fetch_optional("SELECT verdict FROM intake_pair WHERE low = $1 AND high = $2", args![&low, &high]).await?;
    Ok(row.and_then(|(verdict,)| verdict).as_deref().and_then(Verdict::read))
}

type Row = (String, String, String, String, Option<String>, Option<String>, Option<i64>, Option<String>);

/// The reports that may speak of the same payment as one, the earliest first, as far as who asks may see them; the caller
/// has checked the right to the one.
pub(super) async fn of_report(db: &Db, who: &Who, id: ReportId) -> Result<Vec<Pair>> {
    let rows: Vec<Row> = db
        .fetch_all(
            "SELECT r.id, r.number, r.state, p.certainty, p.verdict, p.decided_by, p.decided_at, p.reason
             FROM intake_pair p JOIN intake_report r ON r.id = CASE WHEN p.low = $1 THEN p.high ELSE p.low END
             WHERE (p.low = $1 OR p.high = $1)
                AND (r.region LIKE $2 OR r.region = '' AND r.created_by = $3)
             ORDER BY r.created_at, r.id",
            args![id, who.region_pattern(), &who.user],
        )
        .await?;
    rows.into_iter().map(pair).collect()
}

fn pair((id, number, state, certainty, verdict, decided_by, decided_at, reason): Row) -> Result<Pair> {
    let corrupt = |what: &str| store::Error::Corrupt(format!("pair of reports: {what}"));
    Ok(Pair {
        report_id: id.parse().map_err(|_| corrupt("id"))?,
        number,
        state: ReportState::read(&state).ok_or_else(|| corrupt("state"))?,
        certainty: if certainty == "same" { Certainty::Same } else { Certainty::Possible },
        verdict: verdict.as_deref().and_then(Verdict::read),
        decided_by,
        decided_at: decided_at.map(Timestamp),
        reason,
    })
}

/// Decides whether two reports speak of one payment. Two submitted reports that do become one case at once: the later
/// joins the earlier. A draft joins when it is submitted. Needs `intake.write` and both reports in scope.
///
/// # Errors
/// No reason; the reports cannot be joined as they stand.
pub(super) async fn decide(
    tx: &mut Tx,
    who: &Who,
    (id, other): (ReportId, ReportId),
    verdict: Verdict,
    reason: &str,
    rules: Rules<'_>,
) -> std::result::Result<(), Error> {
    who.require(WRITE)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > kernel::bounds::REASON_CHARS_MAX {
        let most = kernel::bounds::REASON_CHARS_MAX.to_string();
        let length = reason.chars().count().to_string();
        let fault = match reason.is_empty() {
            true => texts::MISSING.at("reason", &[]),
            false => texts::TOO_LONG.at("reason", &[("length", &length), ("most", &most)]),
        };
        return Err(kernel::Faults(vec![fault]).into());
    }
    if id == other {
        return Err(store::Error::NotFound { what: "report" }.into());
    }
    let (low, high) = ordered(id, other);
    // What is read below stays true until this is decided, also for a pair that no row stands for yet.
    store::lock_name(tx, &format!("intake.pair:{low}:{high}")).await?;
    let (mine, theirs) = (reports::fetch(tx, id).await?, reports::fetch(tx, other).await?);
    reports::require_seen(who, &mine)?;
    reports::require_seen(who, &theirs)?;
    let now = tx.now();
    let seen: Option<(Option<String>,)> =
        tx.fetch_optional("SELECT verdict FROM intake_pair WHERE low = $1 AND high = $2", args![&low, &high]).await?;
    let joined = [(&mine, other), (&theirs, id)]
        .into_iter()
        .find(|(report, to)| report.joined_to.as_ref().is_some_and(|(head, _)| head == to));
    if let (Verdict::Separate, Some((report, _))) = (verdict, joined) {
        return Err(reports::not_now(report));
    }
    // Decided only while the pair is as it was read: of two who decide at once, one is told to look again.
    let decided = tx
        .execute(
            "INSERT INTO intake_pair (low, high, certainty, found_at, verdict, decided_by, decided_at, reason)
             VALUES ($1,$2,'possible',$3,$4,$5,$3,$6)
             ON CONFLICT (low, high) DO UPDATE SET verdict = excluded.verdict, decided_by = excluded.decided_by,
                decided_at = excluded.decided_at, reason = excluded.reason
             WHERE intake_pair.verdict IS NOT DISTINCT FROM $7",
            args![low, high, now, verdict.code(), &who.user, reason, seen.and_then(|(verdict,)| verdict)],
        )
        .await?;
    if decided == 0 {
        return Err(store::Error::Moved { table: "intake_pair" }.into());
    }
    let body = json!({ "report_id": id, "number": mine.number, "other_id": other, "other_number": theirs.number,
        "verdict": verdict, "reason": reason });
    let kind = if verdict == Verdict::Same { "report.pair_same" } else { "report.pair_separate" };
    tx.append(reports::entry(kind, id, &mine.draft.region).body(&body), who).await?;
    if verdict == Verdict::Same {
        let (later, earlier) = match (mine.submitted_at, theirs.submitted_at) {
            (Some(mine_at), Some(their_at)) if mine_at >= their_at => (mine, theirs),
            (Some(_), Some(_)) => (theirs, mine),
            // A draft joins by this verdict when it is submitted.
            _ => return Ok(()),
        };
        join(tx, who, &later, &earlier, rules).await?;
    }
    Ok(())
}

/// Joins a submitted report to an earlier one by a person's decision: what only the later told of goes to the earlier.
async fn join(
    tx: &mut Tx,
    who: &Who,
    later: &Report,
    earlier: &Report,
    rules: Rules<'_>,
) -> std::result::Result<(), Error> {
    if later.state == ReportState::Joined && later.joined_to.as_ref().is_some_and(|(id, _)| *id == earlier.id) {
        return Ok(());
    }
    for report in [later, earlier] {
        if report.state != ReportState::Submitted {
            return Err(reports::not_now(report));
        }
    }
    let state = ReportEvent::Join;
    let Some(next) = later.state.after(state) else { return Err(reports::not_now(later)) };
    let now = tx.now();
    let joined = tx
        .execute(
            "UPDATE intake_report SET state = $2, joined_to = $3, version = version + 1, changed_at = $4
             WHERE id = $1 AND state = 'submitted' AND version = $5",
            args![later.id, next.code(), earlier.id, now, later.version],
        )
        .await?;
    if joined == 0 {
        return Err(reports::changed_meanwhile(later.version + 1));
    }
    tx.execute("UPDATE intake_report SET joined_to = $2 WHERE joined_to = $1", args![later.id, earlier.id]).await?;
    let body = json!({ "report_id": later.id, "number": later.number, "version": later.version + 1,
        "joined_to": earlier.id, "joined_number": earlier.number, "by_hand": true });
    tx.append(reports::entry("report.joined", later.id, &later.draft.region).case(earlier.id).body(&body), who).await?;
    let checked = check(&later.draft, now, rules.banks).report?;
    let found = duplicates(tx, &Asked::of(&checked), Some(later.id), rules.same_payment_within).await?;
    let found: Vec<Duplicate> = found.into_iter().filter(|d| d.report_id == earlier.id).collect();
    let known = known_payments(&found);
    let payments: Vec<&Payment> =
        checked.payments.iter().enumerate().filter(|(index, _)| !known.contains(index)).map(|(_, p)| p).collect();
    reports::add_payments(tx, who, (earlier.id, &earlier.number), later, &payments).await?;
    Ok(())
}

/// A pair that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WaitingPair {
    /// The later report.
    pub report_id: ReportId,
    /// Its number.
    pub number: String,
    /// Its state: a draft of the public page, or submitted.
    pub state: ReportState,
    /// How it came in.
    pub channel: String,
    /// The earlier report.
    pub other_id: ReportId,
    /// Its number.
    pub other_number: String,
    /// How sure the machine was.
    pub certainty: Certainty,
    /// When the pair was found.
    pub found_at: Timestamp,
}

/// Two reports as they lie in the database: the later one, then the earlier, then what is known of the pair.
type PairRow = (String, String, String, String, String, String, String, i64);

/// Pairs that wait for a person and of which who asks may see both reports, the oldest first; needs `intake.read`.
pub(super) async fn waiting(db: &Db, who: &Who, limit: i64) -> Result<Vec<WaitingPair>> {
    who.require(reports::READ)?;
    let rows: Vec<PairRow> = db
        .fetch_all(
            "SELECT b.id, b.number, b.state, b.channel, a.id, a.number, p.certainty, p.found_at
             FROM intake_pair p JOIN intake_report a ON a.id = p.low JOIN intake_report b ON b.id = p.high
             WHERE p.verdict IS NULL AND a.state IN ('draft','submitted') AND b.state IN ('draft','submitted')
                AND (a.region LIKE $1 OR a.region = '' AND a.created_by = $3)
                AND (b.region LIKE $1 OR b.region = '' AND b.created_by = $3)
             ORDER BY p.found_at, p.low, p.high LIMIT $2",
            args![who.region_pattern(), limit, &who.user],
        )
        .await?;
    let corrupt = |what: &str| store::Error::Corrupt(format!("pair of reports: {what}"));
    rows.into_iter()
        .map(|(id, number, state, channel, other, other_number, certainty, found_at)| {
            Ok(WaitingPair {
                report_id: id.parse().map_err(|_| corrupt("id"))?,
                number,
                state: ReportState::read(&state).ok_or_else(|| corrupt("state"))?,
                channel,
                other_id: other.parse().map_err(|_| corrupt("id"))?,
                other_number,
                certainty: if certainty == "same" { Certainty::Same } else { Certainty::Possible },
                found_at: Timestamp(found_at),
            })
        })
        .collect()
}
