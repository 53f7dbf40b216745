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
    cases: Vec<(ReportId, Change)>,
    moved: BTreeSet<(ReportId, Option<OrderId>)>,
}

/// What becomes of the chase of a case.
enum Change {
    /// A person has closed the case or joined it to another: it is not worked on by itself any more.
    Hold(&'static str),
    /// Payments that start it or are added to it.
    Pay(CaseRef, Vec<intake::CasePayment>),
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

    async fn handle(&self, tx: &mut Tx, entry: &Recorded) -> Result<(), Failure> {
        let (what, id) = entry.subject.split_once(':').unwrap_or(("", ""));
        match what {
            "report" => match entry.kind.as_str() {
                "report.closed" => self.hold(id.parse()?, "案件已办结"),
                "report.joined" => self.hold(id.parse()?, "已并入其他案件"),
                kind => self.report(tx, id.parse()?, kind).await,
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
        let Asked { mut cases, mut moved } = self.take();
        // What happened to one case stays in the order in which it happened.
        cases.sort_by_key(|(case_id, _)| *case_id);
        for (case_id, change) in cases {
            match change {
                Change::Hold(reason) => self.chase.hold(tx, case_id, reason).await?,
                Change::Pay(case, payments) => {
                    if self.pay(tx, &case, payments).await? {
                        moved.insert((case_id, None));
                    }
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

    /// What a person has closed or joined to another case is not worked on by itself any more.
    fn hold(&self, case_id: ReportId, reason: &'static str) -> Result<(), Failure> {
        self.ask(|asked| asked.cases.push((case_id, Change::Hold(reason))));
        Ok(())
    }

    fn take(&self) -> Asked {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A submitted report starts a chase; one that was joined to an earlier report adds what that one did not have. What
    /// comes to a closed case is not among its payments until a person has placed it.
    async fn report(&self, tx: &mut Tx, id: ReportId, kind: &str) -> Result<(), Failure> {
        let Some(report) = intake::submitted(tx, id).await? else { return Ok(()) };
        let case = CaseRef {
            id: report.case_id,
            number: report.case_number,
            region: report.region,
            reported_at: report.submitted_at,
        };
        if !report.payments.is_empty() {
            self.ask(|asked| asked.cases.push((case.id, Change::Pay(case, report.payments))));
        } else if kind == "report.submitted" {
            tracing::info!(case = %case.number, "a report without payments starts no chase");
        }
        Ok(())
    }

    /// Starts the chase of a case, or adds payments to it; says whether it has moved.
    async fn pay(&self, tx: &mut Tx, case: &CaseRef, all: Vec<intake::CasePayment>) -> store::Result<bool> {
        let mut by_currency: BTreeMap<String, Vec<chase::Payment>> = BTreeMap::new();
        for payment in all {
            by_currency.entry(payment.currency.clone()).or_default().push(chase::Payment {
                id: payment.id,
                payee: AccountKey::new(&payment.payee_bank, &payment.payee_account),
                payee_name: payment.payee_name,
                amount_minor: payment.amount_minor,
                at: payment.paid_at,
                reference: payment.reference,
                payer: payment
                    .payer_bank
                    .zip(payment.payer_account)
                    .map(|(bank, account)| AccountKey::new(&bank, &account)),
            });
        }
        // One flow is one currency: that in which the case is followed already, else yuan first. What was paid in
        // another waits for a person, see `waiting`.
        let main = match chase::currency(tx, case.id).await? {
            Some(currency) => Some(currency),
            None if by_currency.contains_key("CNY") => Some("CNY".to_owned()),
            None => by_currency.keys().next().cloned(),
        };
        let Some(currency) = main else { return Ok(false) };
        let Some(payments) = by_currency.get(&currency) else { return Ok(false) };
        self.chase.add_payments(tx, case, &currency, payments).await
    }
}

/// The case to which a submitted report belongs: its own, or that of the report it was joined to.
pub(crate) async fn case_of(tx: &mut Tx, id: ReportId) -> store::Result<Option<CaseRef>> {
    Ok(intake::submitted(tx, id).await?.map(|report| CaseRef {
        id: report.case_id,
        number: report.case_number,
        region: report.region,
        reported_at: report.submitted_at,
    }))
}
