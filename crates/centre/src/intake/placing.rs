//! What a person adds to a payment so that its money can be followed: the bank that the report lacked, the word that it is
//! followed though its case was closed before it came, the order that he made.

use kernel::{OrderId, Timestamp};
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
    let known: Option<(Option<String>,)> = tx
        .fetch_optional(
            "SELECT payee_name FROM intake_payment WHERE report_id = $1 AND position = $2",
            args![case.id, position],
        )
        .await?;
    let (known,) = known.ok_or(store::Error::NotFound { what: "payment" })?;
    store::transition("intake_payment", case.id)
        .key("report_id")
        .expect("position", position)
        .expect("payee_bank", None::<String>)
        .expect("payee_name", known.clone())
        .set("payee_bank", bank)
        .set("payee_name", known.or_else(|| payee_name.map(str::to_owned)))
        .apply(tx)
        .await?;
    let body = json!({ "report_id": case.id, "number": case.number, "position": position, "bank": bank });
    let entry = Entry::new("report.bank_named", format!("report:{}", case.id)).case(case.id).region(&case.region);
    tx.append(entry.body(&body).private(&json!({ "payee_name": payee_name })), who).await
}

/// Lets a payment that came to a closed case be followed. Needs `stop.make` and the report in scope.
pub(crate) async fn release(
    tx: &mut Tx,
    who: &Who,
    case: &CaseRef,
    position: i64,
    waits_since: Timestamp,
) -> store::Result<()> {
    who.require("stop.make")?;
    who.require_region(&case.region)?;
    store::transition("intake_payment", case.id)
        .key("report_id")
        .expect("position", position)
        .expect("waits_since", waits_since)
        .set("waits_since", None::<Timestamp>)
        .apply(tx)
        .await?;
    let body = json!({ "report_id": case.id, "number": case.number, "position": position });
    let entry = Entry::new("report.payment_placed", format!("report:{}", case.id)).case(case.id).region(&case.region);
    tx.append(entry.body(&body), who).await
}

/// Notes the order that a person made of a payment; the order has its own entry.
pub(crate) async fn note_order(tx: &mut Tx, case: &CaseRef, position: i64, order: OrderId) -> store::Result<()> {
    tx.write(
        "UPDATE intake_payment SET order_id = $3 WHERE report_id = $1 AND position = $2",
        args![case.id, position, order],
    )
    .await?;
    Ok(())
}

/// Whether a report has a payment at this place, waiting or not.
pub(crate) async fn has_payment(tx: &mut Tx, report: kernel::ReportId, position: i64) -> store::Result<bool> {
    let row: Option<(i64,)> = tx
        .fetch_optional(
            "SELECT position FROM intake_payment WHERE report_id = $1 AND position = $2",
            args![report, position],
        )
        .await?;
    Ok(row.is_some())
}
