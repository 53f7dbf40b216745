//! What follows from what: how the stop desk and the chase hear of reports and answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use kernel::{OrderId, ReportId};
use store::Tx;
use store::journal::{Reaction, Recorded};
use trace::AccountKey;

use crate::stop::CaseRef;
use crate::{chase, intake};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The chase follows reports and orders.
///
/// What the entries of a batch ask for is done at its end, in one order: first the rows of cases, then the notes of what
/// has moved, each by case. The chase's turns take them in the same order, so that neither waits for the other.
pub struct Following {
    /// The desk.
    pub chase: chase::Desk,
    asked: Mutex<Asked>,
}

/// What the entries of a batch ask for.
#[derive(Default)]
struct Asked {
    reports: Vec<(ReportId, Change)>,
    moved: BTreeSet<(ReportId, Option<OrderId>)>,
}

/// What became of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// A person has closed the case or joined it to another: it is not worked on by itself any more.
    Held(&'static str),
    /// It was submitted, with or without payments.
    Submitted,
    /// Payments were added to its case, or can be followed now.
    Paid,
}

/// Another follower begins with nothing asked for.
impl Clone for Following {
    fn clone(&self) -> Self {
        Self::new(self.chase.clone())
    }
}

impl Reaction for Following {
    fn name(&self) -> &'static str {
        "chase"
    }

    fn wants(&self, kind: &str) -> bool {
        matches!(
            kind,
            "report.submitted"
                | "report.payments_added"
                | "report.bank_named"
                | "report.payment_placed"
                | "report.joined"
                | "report.closed"
                | "order.made"
                | "order.sent"
                | "order.answered"
                | "answer.doubted"
                | "order.refused"
                | "order.cancelled"
                | "order.expired"
                | "order.lapsed"
                | "order.lifted"
                | "order.replaced"
                | "watch.moved"
                | "chase.unpaused"
                | "chase.more_allowed"
        )
    }

    async fn handle(&self, _tx: &mut Tx, entry: &Recorded) -> Result<(), Failure> {
        let (what, id) = entry.subject.split_once(':').unwrap_or(("", ""));
        match what {
            "report" => match entry.kind.as_str() {
                "report.closed" => self.report(id.parse()?, Change::Held("案件已办结")),
                "report.joined" => self.report(id.parse()?, Change::Held("已并入其他案件")),
                "report.submitted" => self.report(id.parse()?, Change::Submitted),
                _ => self.report(id.parse()?, Change::Paid),
            },
            "order" => {
                let Some(case_id) = &entry.case_id else { return Ok(()) };
                // What the chase made and a rule sent at once it knows already.
                if entry.actor == crate::stop::CHASE && matches!(entry.kind.as_str(), "order.made" | "order.sent") {
                    return Ok(());
                }
                let moved = (case_id.parse()?, Some(id.parse::<OrderId>()?));
                self.ask(|asked| {
                    asked.moved.insert(moved);
                });
                Ok(())
            }
            "chase" => {
                let moved = (id.parse()?, None);
                self.ask(|asked| {
                    asked.moved.insert(moved);
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn finish(&self, tx: &mut Tx) -> Result<(), Failure> {
        let Asked { reports, mut moved } = self.take();
        let read: Vec<ReportId> =
            reports.iter().filter(|(_, change)| !matches!(change, Change::Held(_))).map(|(id, _)| *id).collect();
        let submitted = intake::all_submitted(tx, &read).await?;
        let mut cases: Vec<(ReportId, Step)> = reports
            .iter()
            .filter_map(|(id, change)| match change {
                Change::Held(reason) => Some((*id, Step::Hold(reason))),
                change => {
                    let report = submitted.get(id)?;
                    if report.payments.is_empty() && *change == Change::Submitted {
                        tracing::info!(case = %report.case_number, "a report without payments starts no chase");
                    }
                    (!report.payments.is_empty()).then_some((report.case_id, Step::Pay(report)))
                }
            })
            .collect();
        // What happened to one case stays in the order in which it happened.
        cases.sort_by_key(|(case_id, _)| *case_id);
        let mut followed = chase::currencies(tx, &cases.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
        let (fresh, rest): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(id, _)| !followed.contains_key(id));
        // A case that comes twice in one batch is begun by the first and added to by the second.
        let (first, second) = firsts(fresh);
        let begun: Vec<_> = first.into_iter().filter_map(begin).collect();
        self.chase.begin_all(tx, &begun).await?;
        moved.extend(begun.iter().map(|(case, ..)| (case.id, None)));
        followed.extend(begun.into_iter().map(|(case, currency, _)| (case.id, currency)));
        for (case_id, step) in second.into_iter().chain(rest) {
            match step {
                Step::Hold(reason) => self.chase.hold(tx, case_id, reason).await?,
                Step::Pay(report) => {
                    let Some((currency, payments)) = flow_of(&report.payments, followed.get(&case_id)) else {
                        continue;
                    };
                    if self.chase.add_payments(tx, &case_ref(report), &currency, &payments).await? {
                        moved.insert((case_id, None));
                    }
                    followed.insert(case_id, currency);
                }
            }
        }
        for (case_id, order) in moved {
            self.chase.touch(tx, case_id, order).await?;
        }
        Ok(())
    }

    fn abandoned(&self) {
        drop(self.take());
    }
}

impl Following {
    /// Follows for a desk.
    pub fn new(chase: chase::Desk) -> Self {
        Self { chase, asked: Mutex::default() }
    }

    fn ask(&self, change: impl FnOnce(&mut Asked)) {
        change(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A submitted report starts a chase; one that was joined to an earlier report adds what that one did not have. What
    /// comes to a closed case is not among its payments until a person has placed it.
    fn report(&self, id: ReportId, change: Change) -> Result<(), Failure> {
        self.ask(|asked| asked.reports.push((id, change)));
        Ok(())
    }

    fn take(&self) -> Asked {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What becomes of the chase of a case.
enum Step<'a> {
    Hold(&'static str),
    /// Payments that start it or are added to it.
    Pay(&'a intake::SubmittedReport),
}

/// Of cases that have no chase yet: those for which payments come first, and everything else in its order.
fn firsts<'a>(asked: Vec<(ReportId, Step<'a>)>) -> (Vec<&'a intake::SubmittedReport>, Vec<(ReportId, Step<'a>)>) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (case_id, step) in asked {
        match (seen.insert(case_id), step) {
            (true, Step::Pay(report)) => first.push(report),
            (_, step) => second.push((case_id, step)),
        }
    }
    (first, second)
}

/// The chase of a case that has none yet; none where nothing was paid.
fn begin(report: &intake::SubmittedReport) -> Option<(CaseRef, String, Vec<chase::Payment>)> {
    let (currency, payments) = flow_of(&report.payments, None)?;
    Some((case_ref(report), currency, payments))
}

fn case_ref(report: &intake::SubmittedReport) -> CaseRef {
    CaseRef {
        id: report.case_id,
        number: report.case_number.clone(),
        region: report.region.clone(),
        reported_at: report.submitted_at,
    }
}

/// One flow is one currency: that in which the case is followed already, else yuan first. What was paid in another waits
/// for a person, see `waiting`. None where nothing was paid in it.
fn flow_of(all: &[intake::CasePayment], followed: Option<&String>) -> Option<(String, Vec<chase::Payment>)> {
    let mut by_currency: BTreeMap<&str, Vec<chase::Payment>> = BTreeMap::new();
    for payment in all {
        let payer = payment.payer_bank.as_deref().zip(payment.payer_account.as_deref());
        by_currency.entry(&payment.currency).or_default().push(chase::Payment {
            id: payment.id.clone(),
            payee: AccountKey::new(&payment.payee_bank, &payment.payee_account),
            payee_name: payment.payee_name.clone(),
            amount_minor: payment.amount_minor,
            at: payment.paid_at,
            reference: payment.reference.clone(),
            payer: payer.map(|(bank, account)| AccountKey::new(bank, account)),
        });
    }
    let currency = match followed {
        Some(currency) => currency.clone(),
        None if by_currency.contains_key("CNY") => "CNY".to_owned(),
        None => by_currency.keys().next().copied()?.to_owned(),
    };
    let payments = by_currency.remove(currency.as_str())?;
    Some((currency, payments))
}

/// The case to which a submitted report belongs: its own, or that of the report it was joined to.
pub(crate) async fn case_of(tx: &mut Tx, id: ReportId) -> store::Result<Option<CaseRef>> {
    Ok(intake::submitted(tx, id).await?.map(|report| case_ref(&report)))
}
