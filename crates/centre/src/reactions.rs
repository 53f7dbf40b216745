//! What follows from what: how the stop desk and the chase hear of reports and answers.

use kernel::{OrderId, ReportId};
use store::Tx;
use store::journal::{Reaction, Recorded};
use trace::AccountKey;

use crate::stop::CaseRef;
use crate::{chase, intake};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The chase follows reports and orders.
#[derive(Clone)]
pub struct Following {
    /// The desk.
    pub chase: chase::Desk,
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
                | "report.joined"
                | "report.closed"
                | "order.made"
                | "order.sent"
                | "order.answered"
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
                // What a person has closed or joined to another case is not worked on by itself any more.
                "report.closed" => Ok(self.chase.hold(tx, id.parse()?, "案件已办结").await?),
                "report.joined" => Ok(self.chase.hold(tx, id.parse()?, "已并入其他案件").await?),
                kind => self.report(tx, id.parse()?, kind).await,
            },
            "order" => {
                let Some(case_id) = &entry.case_id else { return Ok(()) };
                // What the chase made and a rule sent at once it knows already.
                if entry.actor == crate::stop::CHASE && matches!(entry.kind.as_str(), "order.made" | "order.sent") {
                    return Ok(());
                }
                self.chase.touch(tx, case_id.parse()?, Some(id.parse::<OrderId>()?)).await?;
                Ok(())
            }
            "chase" => {
                self.chase.touch(tx, id.parse()?, None).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Following {
    /// A submitted report starts a chase; one that was joined to an earlier report adds what that one did not have.
    async fn report(&self, tx: &mut Tx, id: ReportId, kind: &str) -> Result<(), Failure> {
        let Some(report) = intake::submitted(tx, id).await? else { return Ok(()) };
        let case = CaseRef {
            id: report.case_id,
            number: report.case_number,
            region: report.region,
            reported_at: report.submitted_at,
        };
        let mut by_currency: std::collections::BTreeMap<String, Vec<chase::Payment>> = Default::default();
        for payment in report.payments {
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
        if let Some(currency) = main
            && let Some(payments) = by_currency.get(&currency)
        {
            self.chase.start(tx, &case, &currency, payments).await?;
        } else if kind == "report.submitted" {
            tracing::info!(case = %case.number, "a report without payments starts no chase");
        }
        Ok(())
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
