//! What a report lacked when it came in and a person adds later, so that its money can be followed.

use serde_json::json;
use store::journal::Entry;
use store::{Tx, Who, args};
use wire::PartnerId;

use crate::stop::CaseRef;

/// Names the bank that holds the account of a payment, and its holder where the report names none. Needs `stop.make`
/// and the report in scope: it is the first step of an order.
pub(crate) async fn name_bank(
    tx: &mut Tx,
    who: &Who,
    case: &CaseRef,
    position: i64,
    bank: &PartnerId,
    payee_name: Option<&str>,
) -> store::Result<()> {
    who.require("stop.make")?;
    who.require_region(&case.region)?;
    let named = tx
        .execute(
            "UPDATE intake_payment SET payee_bank = $1, payee_name = COALESCE(payee_name, $2)
             WHERE report_id = $3 AND position = $4 AND payee_bank IS NULL",
            args![bank, payee_name.map(str::to_owned), case.id, position],
        )
        .await?;
    if named == 0 {
        return Err(store::Error::NotFound { what: "payment" });
    }
    let body = json!({ "report_id": case.id, "number": case.number, "position": position, "bank": bank });
    let entry = Entry::new("report.bank_named", format!("report:{}", case.id)).case(case.id).region(&case.region);
    tx.append(entry.body(&body).private(&json!({ "payee_name": payee_name })), who).await
}
