//! Pairs of reports that may speak of one payment, and what a person decided about each.
//!
//! Invariant: what a person decided about a pair stays: no later report, change or check joins or parts it by itself.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Db, Result, Tx, Who, args};

use super::duplicate::{Asked, Certainty, Duplicate, duplicates, known_payments};
use super::error::Error;
use super::model::{Payment, ReportEvent, ReportState};
use super::store::{self as reports, Report, Rules, WRITE};
use super::{payments, texts};

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
        tx.write(
            "INSERT INTO intake_pair (low, high, certainty, found_at) VALUES ($1,$2,$3,$4)
             ON CONFLICT (low, high) DO NOTHING",
            args![low, high, certainty, now],
        )
        .await?;
    }
    Ok(())
}

/// What people decided about a report and a case.
pub(super) struct Decided {
    /// The latest word.
    pub verdict: Verdict,
    /// When the report that leads the case was submitted.
    pub submitted_at: Timestamp,
    /// Its number.
    pub number: String,
}

/// The cases about which people decided for a report, by the report that leads each. A word about a report that was joined
/// to another is a word about that case; of several the latest holds.
pub(super) async fn decided(tx: &mut Tx, report: ReportId) -> Result<BTreeMap<ReportId, Decided>> {
    let rows: Vec<(String, String, i64, String)> = tx
        .fetch_all(
            "SELECT head.id, head.number, head.submitted_at, p.verdict
             FROM intake_pair p JOIN intake_report r ON r.id = CASE WHEN p.low = $1 THEN p.high ELSE p.low END
             JOIN intake_report head ON head.id = COALESCE(r.joined_to, r.id)
             WHERE (p.low = $1 OR p.high = $1) AND p.verdict IS NOT NULL AND head.submitted_at IS NOT NULL
             ORDER BY p.decided_at, CASE WHEN r.id = head.id THEN 1 ELSE 0 END",
            args![report],
        )
        .await?;
    let corrupt = |what: &str| store::Error::Corrupt(format!("pair of reports: {what}"));
    rows.into_iter()
        .map(|(id, number, submitted_at, verdict)| {
            let verdict = Verdict::read(&verdict).ok_or_else(|| corrupt("verdict"))?;
            let decided = Decided { verdict, submitted_at: Timestamp(submitted_at), number };
            Ok((id.parse().map_err(|_| corrupt("id"))?, decided))
        })
        .collect()
}

/// Pairs of a report that was joined to another wait as pairs of that one, unless people decided about the two.
pub(super) async fn carry(tx: &mut Tx, joined: ReportId, head: ReportId) -> Result<()> {
    let rows: Vec<(String, String, i64)> = tx
        .fetch_all(
            "SELECT r.id, p.certainty, p.found_at
             FROM intake_pair p JOIN intake_report r ON r.id = CASE WHEN p.low = $1 THEN p.high ELSE p.low END
             WHERE (p.low = $1 OR p.high = $1) AND p.verdict IS NULL AND r.state IN ('draft','submitted') AND r.id <> $2
             ORDER BY p.found_at, r.id",
            args![joined, head],
        )
        .await?;
    for (other, certainty, found_at) in rows {
        let other = other.parse().map_err(|_| store::Error::Corrupt("pair of reports: id".into()))?;
        if decided(tx, other).await?.contains_key(&head) {
            continue;
        }
        let (low, high) = ordered(other, head);
        tx.write(
            "INSERT INTO intake_pair (low, high, certainty, found_at) VALUES ($1,$2,$3,$4)
             ON CONFLICT (low, high) DO NOTHING",
            args![low, high, certainty, found_at],
        )
        .await?;
    }
    Ok(())
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
    reports::lock_cases(tx).await?;
    let (low, high) = ordered(id, other);
    // Nobody closes one of them, or names a bank of its payments, until this is decided.
    for report in [&low, &high] {
        store::lock_row(tx, "intake_report", "id", report).await?;
    }
    let (mine, theirs) = (reports::fetch(tx, id).await?, reports::fetch(tx, other).await?);
    reports::require_seen(who, &mine)?;
    reports::require_seen(who, &theirs)?;
    let now = tx.now();
    let case = |report: &Report| report.joined_to.as_ref().map_or(report.id, |(head, _)| *head);
    let one_case = case(&mine) == case(&theirs);
    if one_case && verdict == Verdict::Separate {
        return Err(reports::not_now(if mine.joined_to.is_some() { &mine } else { &theirs }));
    }
    tx.write(
        "INSERT INTO intake_pair (low, high, certainty, found_at, verdict, decided_by, decided_at, reason)
         VALUES ($1,$2,'possible',$3,$4,$5,$3,$6)
         ON CONFLICT (low, high) DO UPDATE SET verdict = excluded.verdict, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at, reason = excluded.reason",
        args![low, high, now, verdict.code(), &who.user, reason],
    )
    .await?;
    let body = json!({ "report_id": id, "number": mine.number, "other_id": other, "other_number": theirs.number,
        "verdict": verdict, "reason": reason });
    let kind = if verdict == Verdict::Same { "report.pair_same" } else { "report.pair_separate" };
    tx.append(reports::entry(kind, id, &mine.draft.region).body(&body), who).await?;
    if one_case || verdict == Verdict::Separate {
        return Ok(());
    }
    let (later, earlier) = match (mine.submitted_at, theirs.submitted_at) {
        (Some(mine_at), Some(their_at)) if (mine_at, mine.id) > (their_at, theirs.id) => (mine, theirs),
        (Some(_), Some(_)) => (theirs, mine),
        // A draft joins by this verdict when it is submitted.
        _ => return Ok(()),
    };
    join(tx, who, &later, &earlier, rules).await
}

/// Joins a submitted report to an earlier one by a person's decision. What only the later case knows goes to the earlier:
/// its own payments, those of reports joined to it, and the banks that people named since.
async fn join(
    tx: &mut Tx,
    who: &Who,
    later: &Report,
    earlier: &Report,
    rules: Rules<'_>,
) -> std::result::Result<(), Error> {
    for report in [later, earlier] {
        if report.state != ReportState::Submitted {
            return Err(reports::not_now(report));
        }
    }
    let Some(next) = later.state.after(ReportEvent::Join) else { return Err(reports::not_now(later)) };
    // Read before the reports of the later case lead to the earlier one, where they would be found again.
    let told = payments::told(tx, later.id).await?;
    let known = known_to(tx, earlier.id, later.id, &told, rules).await?;
    let now = tx.now();
    let joins = store::transition("intake_report", later.id)
        .from(later.state.code())
        .to(next.code())
        .expect("version", later.version)
        .set("joined_to", earlier.id)
        .set("version", later.version + 1)
        .set("changed_at", now);
    if !joins.try_apply(tx).await? {
        return Err(reports::changed_meanwhile(later.version + 1));
    }
    tx.write("UPDATE intake_report SET joined_to = $2 WHERE joined_to = $1", args![later.id, earlier.id]).await?;
    let body = json!({ "report_id": later.id, "number": later.number, "version": later.version + 1,
        "joined_to": earlier.id, "joined_number": earlier.number, "by_hand": true });
    tx.append(reports::entry("report.joined", later.id, &later.draft.region).case(earlier.id).body(&body), who).await?;
    let (there, new): (Vec<_>, Vec<_>) = told.iter().enumerate().partition(|(index, _)| known.contains(index));
    let new: Vec<(ReportId, &Payment)> = new.into_iter().map(|(_, (teller, payment))| (*teller, payment)).collect();
    payments::add(tx, who, earlier.id, later, &new).await?;
    payments::name_banks(tx, who, earlier.id, later, there.into_iter().map(|(_, (_, payment))| payment)).await?;
    carry(tx, later.id, earlier.id).await?;
    Ok(())
}

/// Which payments of a case another case knows. Those of a report that people hold apart from that case are its own.
async fn known_to(
    tx: &mut Tx,
    case: ReportId,
    of: ReportId,
    told: &[(ReportId, Payment)],
    rules: Rules<'_>,
) -> Result<BTreeSet<usize>> {
    let mut by_teller: BTreeMap<ReportId, Vec<(usize, &Payment)>> = BTreeMap::new();
    for (index, (teller, payment)) in told.iter().enumerate() {
        by_teller.entry(*teller).or_default().push((index, payment));
    }
    let mut found = Vec::new();
    for (teller, payments) in by_teller {
        if decided(tx, teller).await?.get(&case).is_some_and(|case| case.verdict == Verdict::Separate) {
            continue;
        }
        let victim = reports::fetch(tx, teller).await?.draft.victim;
        let alike = duplicates(tx, &Asked::new(payments, &victim), Some(of), rules.same_payment_within).await?;
        found.extend(alike.into_iter().filter(|duplicate| duplicate.report_id == case));
    }
    Ok(known_payments(&found))
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
