//! How personal data of the operator is found for a reveal with a purpose.

use kernel::{AppealId, ListEntryId, MeasureId, OrderId};
use store::{Db, Who};
use web::{Found, Reveal, Revealed};

use crate::appeal;
use crate::lines::{measure, order};
use crate::list::entry;
use crate::list::file::wire_pattern;

/// Entries, appeals, orders about lines and measures.
pub(super) struct OperatorReveal;

impl Reveal for OperatorReveal {
    fn reveal<'a>(&'a self, db: &'a Db, who: &'a Who, subject: &'a str, field: &'a str) -> Found<'a> {
        Box::pin(async move {
            let Some((kind, id)) = subject.split_once(':') else { return Ok(None) };
            let (value, case_id) = match kind {
                "entry" => {
                    who.require(entry::READ)?;
                    let Ok(id) = id.parse::<ListEntryId>() else { return Ok(None) };
                    let found = entry::of_id(db, id).await?;
                    ((field == "number").then(|| wire_pattern(&found.entry.pattern)), found.entry.case)
                }
                "appeal" => {
                    who.require(appeal::DECIDE)?;
                    let Ok(id) = id.parse::<AppealId>() else { return Ok(None) };
                    let found = appeal::of_id(db, id).await?;
                    let value = match field {
                        "caller" | "number" => Some(found.caller.to_string()),
                        "contact" => found.contact,
                        _ => None,
                    };
                    (value, None)
                }
                "line_order" => {
                    who.require(measure::READ)?;
                    let Ok(id) = id.parse::<OrderId>() else { return Ok(None) };
                    let row = order::of_id(db, id).await?;
                    let value = match field {
                        "line" | "number" => Some(row.line),
                        "counterpart" => row.order.and_then(|order| order.counterpart),
                        "sealed" => sealed(db, &row.authority, row.message_id).await?,
                        _ => None,
                    };
                    (value, Some(row.case_number))
                }
                "measure" => {
                    who.require(measure::READ)?;
                    let Ok(id) = id.parse::<MeasureId>() else { return Ok(None) };
                    let found = measure::of_id(db, id).await?;
                    let value = matches!(field, "line" | "number").then(|| found.line.to_string());
                    (value, found.case_number)
                }
                _ => (None, None),
            };
            Ok(value.map(|value| Revealed { value, region: None, case_id }))
        })
    }
}

async fn sealed(db: &Db, authority: &str, message: kernel::MessageId) -> store::Result<Option<String>> {
    let Ok(authority) = wire::PartnerId::parse(authority) else { return Ok(None) };
    Ok(wire::inbox::received(db, &authority, message).await?.map(|incoming| incoming.document))
}
