//! Finds other reports of the same payment, so that one payment is one case.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{CitizenId, Duration, Msisdn, MsisdnKind, ReportId, Timestamp};
use serde::Serialize;
use store::{Args, Db, Record, Result, Tx, args};

use super::model::{DraftVictim, Payment, ReportState, Submitted};

/// Shorter references are reused by banks and prove nothing.
const REFERENCE_CHARS_MIN: usize = 6;

/// How sure it is that two payments are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Much is alike, but nothing says that the same person paid, or a fact differs: a person decides. Several victims pay
    /// one price into one account within a minute, and a reference may be mistaken or made up.
    Possible,
    /// The same payment: the same amount into the same account at nearly the same time, and the same payer.
    Same,
}

/// A payment of another report that is, or may be, the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Duplicate {
    /// Which payment of the report asked about, from 0.
    pub payment: usize,
    /// How sure it is.
    pub certainty: Certainty,
    /// The report to join: the other one, or the one that it was joined to.
    pub report_id: ReportId,
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: ReportState,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Region that handles it.
    pub region: String,
    /// The payments of that report for which it may be taken: no fact that both tell differs.
    #[serde(skip)]
    pub(super) places: Vec<i64>,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    payments: Vec<(usize, &'a Payment)>,
    victim_citizen_id: Option<String>,
    victim_phone: Option<String>,
}

/// A telephone that names one person: not a service number, which many people give.
fn own_phone(phone: Msisdn) -> Option<String> {
    (phone.kind() != MsisdnKind::Service).then(|| phone.to_string())
}

impl<'a> Asked<'a> {
    /// Payments with their places, and the victim as far as known.
    pub fn new(payments: Vec<(usize, &'a Payment)>, victim: &DraftVictim) -> Self {
        Self {
            payments,
            victim_citizen_id: CitizenId::parse(&victim.citizen_id).ok().map(|id| id.to_string()),
            victim_phone: Msisdn::parse(&victim.phone).ok().and_then(own_phone),
        }
    }

    /// A checked report.
    pub fn of(report: &'a Submitted) -> Self {
        Self {
            payments: report.payments.iter().enumerate().collect(),
            victim_citizen_id: report.victim.citizen_id.as_ref().map(|id| id.reveal().to_string()),
            victim_phone: own_phone(*report.victim.phone.reveal()),
        }
    }
}

/// Reads rows inside a transaction or outside of one.
pub trait Reads: Send {
    /// Every row of a statement.
    fn rows<T: Record>(&mut self, sql: &'static str, args: Args) -> impl Future<Output = Result<Vec<T>>> + Send;
}

impl Reads for Tx {
    fn rows<T: Record>(&mut self, sql: &'static str, args: Args) -> impl Future<Output = Result<Vec<T>>> + Send {
        self.fetch_all(sql, args)
    }
}

impl Reads for &Db {
    fn rows<T: Record>(&mut self, sql: &'static str, args: Args) -> impl Future<Output = Result<Vec<T>>> + Send {
        self.fetch_all(sql, args)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    own_position: Option<i64>,
    report_id: String,
    number: String,
    state: String,
    submitted_at: i64,
    region: String,
    payer_account: Option<String>,
    reference: Option<String>,
    amount_minor: i64,
    currency: String,
    paid_at: i64,
    victim_citizen_id: String,
    victim_phone: String,
}

/// What two payments into one account have in common, as far as both tell it.
struct Compared {
    /// Amount and currency agree, and the times are near.
    alike: bool,
    /// Whether the payer's account is one, where both tell it.
    payer: Option<bool>,
    /// Whether the reference is one, where both tell one that names a transfer.
    reference: Option<bool>,
    /// Whether the victim is one, by what names a person.
    same_victim: bool,
}

/// Other reports, submitted or closed, that hold one of the payments: the same account, amount and nearly the same
/// time, or the same account and reference. Earliest first. Gives nothing personal.
pub async fn duplicates(
    reads: &mut impl Reads,
    asked: &Asked<'_>,
    except: Option<ReportId>,
    within: Duration,
) -> Result<Vec<Duplicate>> {
    let mut found = Vec::new();
    let except = except.map(|id| id.to_string()).unwrap_or_default();
    for (index, payment) in &asked.payments {
        let rows: Vec<Row> = reads
            .rows(
                "SELECT CASE WHEN p.report_id = head.id THEN p.position END AS own_position, head.id AS report_id, head.number, head.state, head.submitted_at, head.region,
                        p.payer_account, p.reference, p.amount_minor, p.currency, p.paid_at,
                        r.victim_citizen_id, r.victim_phone
                 FROM intake_payment p
                 JOIN intake_report r ON r.id = COALESCE(p.from_report, p.report_id)
                 JOIN intake_report head ON head.id = COALESCE(r.joined_to, r.id)
                 WHERE p.payee_account = $1 AND r.id <> $2 AND head.id <> $2 AND head.submitted_at IS NOT NULL
                   AND ((p.amount_minor = $3 AND p.currency = $4 AND p.paid_at BETWEEN $5 AND $6) OR p.reference = $7)
                 ORDER BY head.submitted_at, head.number",
                args![
                    payment.payee_account.reveal().as_str(),
                    &except,
                    payment.amount.minor,
                    payment.amount.currency.code(),
                    payment.paid_at - within,
                    payment.paid_at + within,
                    payment.reference.as_deref().and_then(naming).map(str::to_owned)
                ],
            )
            .await?;
        for row in rows {
            let compared = compare(asked, payment, &row, within);
            let Some(certainty) = compared.certainty() else { continue };
            let (Ok(report_id), Some(state)) = (row.report_id.parse(), ReportState::read(&row.state)) else {
                return Err(store::Error::Corrupt(format!("report {}", row.number)));
            };
            found.push(Duplicate {
                payment: *index,
                certainty,
                report_id,
                number: row.number,
                state,
                submitted_at: Timestamp(row.submitted_at),
                region: row.region,
                places: row.own_position.filter(|_| compared.is_one()).into_iter().collect(),
            });
        }
    }
    // A report may hold a payment several times (its own and those of reports joined to it): once is enough.
    found.sort_by(|a, b| {
        (a.payment, a.submitted_at, a.report_id, std::cmp::Reverse(a.certainty)).cmp(&(
            b.payment,
            b.submitted_at,
            b.report_id,
            std::cmp::Reverse(b.certainty),
        ))
    });
    found.dedup_by(|b, a| {
        let same = a.payment == b.payment && a.report_id == b.report_id;
        if same {
            a.places.append(&mut b.places);
        }
        same
    });
    Ok(found)
}

/// Which payments are known already: each payment of an earlier case stands for one at most, so of two equal payments of
/// which the earlier case holds one, the other is new. A payment that differs from every payment that its case holds is
/// new, too, though a person said that the reports are one case.
pub(super) fn known_payments(found: &[Duplicate]) -> BTreeSet<usize> {
    let mut taken: HashMap<(ReportId, i64), usize> = HashMap::new();
    let mut known = BTreeSet::new();
    for (index, duplicate) in found.iter().enumerate() {
        if known.contains(&duplicate.payment) {
            continue;
        }
        if take_place(found, index, &mut taken, &mut HashSet::new()) {
            known.insert(duplicate.payment);
        }
    }
    known
}

/// Takes a place for one payment, moving those that have another to go to.
fn take_place(
    found: &[Duplicate],
    index: usize,
    taken: &mut HashMap<(ReportId, i64), usize>,
    tried: &mut HashSet<(ReportId, i64)>,
) -> bool {
    let Some(duplicate) = found.get(index) else { return false };
    for place in &duplicate.places {
        let place = (duplicate.report_id, *place);
        if !tried.insert(place) {
            continue;
        }
        let holder = taken.get(&place).copied();
        if holder.is_none_or(|holder| take_place(found, holder, taken, tried)) {
            taken.insert(place, index);
            return true;
        }
    }
    false
}

/// A reference that names one transfer: long enough, and no mere phrase, such as 手机银行转账, which many transfers carry.
fn naming(reference: &str) -> Option<&str> {
    let names = reference.chars().count() >= REFERENCE_CHARS_MIN && reference.chars().any(char::is_numeric);
    names.then_some(reference)
}

fn compare(asked: &Asked<'_>, payment: &Payment, row: &Row, within: Duration) -> Compared {
    let same_amount = payment.amount.minor == row.amount_minor && payment.amount.currency.code() == row.currency;
    let paid_at = Timestamp(row.paid_at);
    let near = payment.paid_at - within <= paid_at && paid_at <= payment.paid_at + within;
    let both = |ours: Option<&str>, theirs: Option<&str>| ours.zip(theirs).map(|(ours, theirs)| ours == theirs);
    let citizen_id = Some(row.victim_citizen_id.as_str()).filter(|id| !id.is_empty());
    let same_victim = both(asked.victim_citizen_id.as_deref(), citizen_id)
        .unwrap_or_else(|| asked.victim_phone.as_ref() == Some(&row.victim_phone));
    Compared {
        alike: same_amount && near,
        payer: both(payment.payer_account.as_ref().map(|a| a.reveal().as_str()), row.payer_account.as_deref()),
        reference: both(payment.reference.as_deref().and_then(naming), row.reference.as_deref().and_then(naming)),
        same_victim,
    }
}

impl Compared {
    /// How sure it is that they are one payment; none where they are two.
    fn certainty(&self) -> Option<Certainty> {
        match self {
            Self { reference: Some(false), .. } => None,
            _ if self.is_one() && self.payer.unwrap_or(self.same_victim) => Some(Certainty::Same),
            // One reference on two payments: one of the two reports is mistaken, or somebody made it up.
            Self { reference: Some(true), .. } => Some(Certainty::Possible),
            _ => self.is_one().then_some(Certainty::Possible),
        }
    }

    /// Whether no fact of the payments that both tell differs.
    fn is_one(&self) -> bool {
        self.alike && self.payer != Some(false) && self.reference != Some(false)
    }
}
