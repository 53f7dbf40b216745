//! How personal data of the bank is found for a reveal with a purpose.

use kernel::{AccountId, HoldId, NoticeId, OrderId};
use store::{Db, Who};
use web::{Found, Reveal, Revealed};

use crate::account::{self, Account};
use crate::hold::rows as holds;
use crate::notice;
use crate::order::rows as orders;

/// Orders, holds, accounts and notices.
pub(super) struct BankReveal;

impl Reveal for BankReveal {
    fn reveal<'a>(&'a self, db: &'a Db, who: &'a Who, subject: &'a str, field: &'a str) -> Found<'a> {
        Box::pin(async move {
            let Some((kind, id)) = subject.split_once(':') else { return Ok(None) };
            let value = match kind {
                "order" => {
                    who.require("bank.orders.read")?;
                    let Ok(id) = id.parse::<OrderId>() else { return Ok(None) };
                    let row = orders::of_id(db, id).await?;
                    match field {
                        "account" => Some(row.account_no),
                        "account_name" | "name" => row.order.and_then(|order| order.account.name),
                        "sealed" => sealed(db, &row.authority, row.message_id).await?,
                        _ => None,
                    }
                }
                "hold" => {
                    who.require("bank.holds.read")?;
                    let Ok(id) = id.parse::<HoldId>() else { return Ok(None) };
                    let (account, _) = holds::of_id(db, id).await?;
                    of_account(&account::of_id(db, account).await?, field)
                }
                "account" => {
                    who.require("bank.holds.read")?;
                    match id.parse::<AccountId>() {
                        Ok(id) => of_account(&account::of_id(db, id).await?, field),
                        Err(_) => account::of_number(db, id).await?.first().and_then(|a| of_account(a, field)),
                    }
                }
                "notice" => {
                    who.require("bank.report.write")?;
                    let Ok(id) = id.parse::<NoticeId>() else { return Ok(None) };
                    let row = notice::of_id(db, id).await?;
                    let victim = row.notice.case.map(|case| case.victim);
                    match field {
                        "account" => row.account_no,
                        "victim" | "victim.name" => victim.map(|v| v.name),
                        "victim.phone" => victim.map(|v| v.phone),
                        "victim.citizen_id" => victim.and_then(|v| v.citizen_id),
                        _ => None,
                    }
                }
                _ => None,
            };
            Ok(value.map(|value| Revealed { value, region: None, case_id: None }))
        })
    }
}

fn of_account(account: &Account, field: &str) -> Option<String> {
    match field {
        "account" => Some(account.no.clone()),
        "account_name" | "name" => Some(account.holder_name.clone()),
        _ => None,
    }
}

async fn sealed(db: &Db, authority: &str, message: kernel::MessageId) -> store::Result<Option<String>> {
    let Ok(authority) = wire::PartnerId::parse(authority) else { return Ok(None) };
    Ok(wire::inbox::received(db, &authority, message).await?.map(|incoming| incoming.document))
}
