//! The automatic warning (12381): a number that comes onto the list in a case is taken at once for an order to warn
//! everybody who was in touch with it. A standing rule sends it in seconds; without one it waits for a checker.

use kernel::Duration;
use store::journal::{Entry, Reaction, Recorded};
use store::{Tx, args};
use wire::{LineOrderKind, Period};

use super::desk::Desk;
use super::order::NewRequest;
use super::store as rows;
use crate::stop::Refusal;
use crate::{numbers, reactions};

/// Follows the number list.
#[derive(Clone)]
pub struct Warning {
    /// The desk.
    pub desk: Desk,
}

impl Reaction for Warning {
    fn name(&self) -> &'static str {
        "lines.warning"
    }

    fn wants(&self, kind: &str) -> bool {
        kind == "number.put"
    }

    async fn handle(
        &self,
        tx: &mut Tx,
        recorded: &Recorded,
    ) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (true, Some(id)) = (self.desk.parameters.warn_automatically, recorded.subject.strip_prefix("number:"))
        else {
            return Ok(());
        };
        let Some((number, case_id)) = numbers::blocked_in_case(tx, id.parse()?).await? else { return Ok(()) };
        let Some(case) = reactions::case_of(tx, case_id).await? else { return Ok(()) };
        // Once a case and number, whoever ordered it, be it at the same moment.
        rows::lock_makers(tx).await?;
        let (known,): (i64,) = tx
            .fetch_one(
                "SELECT COUNT(*) FROM line_order WHERE case_id = $1 AND kind = $2 AND line = $3",
                args![case.id, LineOrderKind::WarnContacts.code(), &number],
            )
            .await?;
        if known > 0 {
            return Ok(());
        }
        let who = store::Who::system("lines");
        if self.desk.post.operators().is_empty() {
            // There is nobody to ask. The entry of the list stands all the same, and the case shows what is missing.
            let body = serde_json::json!({ "why": "no_operator" });
            let entry = Entry::new("line.not_warned", recorded.subject.clone()).case(case.id).region(&case.region);
            return Ok(tx.append(entry.body(&body), &who).await?);
        }
        let now = tx.now();
        let reason = "该号码已列入拦截名单，预警与其联系过的人".to_owned();
        let asked = NewRequest {
            period: Some(Period { from: now - Duration::hours(24 * self.desk.parameters.period_days), to: now }),
            ..NewRequest::about(case, LineOrderKind::WarnContacts, number, reason)
        };
        // What is refused here was asked by a machine with the parameters of this seat: a person must see it.
        match self.desk.make(tx, &who, asked).await {
            Ok(_) => Ok(()),
            Err(Refusal::Store(error)) => Err(error.into()),
            Err(Refusal::Conflict(said)) => Err(said.en.into()),
            Err(Refusal::Faults(faults)) => {
                let words: Vec<String> =
                    faults.0.iter().map(|fault| format!("{}: {}", fault.field, fault.said.en)).collect();
                Err(words.join("; ").into())
            }
        }
    }
}
