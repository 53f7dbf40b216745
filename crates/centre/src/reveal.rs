//! How personal data of the centre's desks is found for a reveal with a purpose.

use store::{Db, Who};
use web::{Found, Problem, Reveal, Revealed};

/// Orders, accounts of a chase, orders about lines, entries of the number list and hits; the intake desk answers for reports.
pub struct CentreReveal;

impl Reveal for CentreReveal {
    fn reveal<'a>(&'a self, db: &'a Db, who: &'a Who, subject: &'a str, field: &'a str) -> Found<'a> {
        Box::pin(async move {
            match subject.split_once(':') {
                Some(("order", id)) => {
                    let Ok(id) = id.parse() else { return Ok(None) };
                    let order = crate::stop::get(db, who, id).await?;
                    let value = match field {
                        "account" => Some(order.asked.account_no.clone()),
                        "account_name" => order.asked.account_name.clone(),
                        "answer" => {
                            order.answer.as_ref().map(serde_json::to_string).transpose().map_err(Problem::server)?
                        }
                        "sealed" => crate::stop::document(db, id).await?,
                        _ => None,
                    };
                    Ok(value.map(|value| found(value, &order.asked.case.region, order.asked.case.id)))
                }
                Some(("chase", rest)) => {
                    let Some((case_id, key)) = rest.split_once('/') else { return Ok(None) };
                    let Ok(case_id) = case_id.parse() else { return Ok(None) };
                    let chase = crate::chase::get(db, who, case_id).await?;
                    let accounts = crate::chase::accounts(db, case_id).await?;
                    let account = accounts.into_iter().find(|a| crate::chase::api::key(&a.bank, &a.account) == key);
                    let value = account.and_then(|a| match field {
                        "account" => Some(a.account),
                        "name" => a.name,
                        _ => None,
                    });
                    Ok(value.map(|value| found(value, &chase.case.region, case_id)))
                }
                Some(("line", id)) => match id.parse() {
                    Ok(id) => crate::lines::api::reveal(db, who, id, field).await,
                    Err(_) => Ok(None),
                },
                Some(("number", id)) => match id.parse() {
                    Ok(id) => crate::numbers::api::reveal(db, who, id, field).await,
                    Err(_) => Ok(None),
                },
                Some(("hit", key)) => crate::signals::api::reveal(db, who, key, field).await,
                Some(("report", _)) => crate::intake::reveal(db, who, subject, field).await,
                _ => Ok(None),
            }
        })
    }
}

fn found(value: String, region: &str, case_id: kernel::ReportId) -> Revealed {
    Revealed { value, region: Some(region.to_owned()), case_id: Some(case_id.to_string()) }
}
