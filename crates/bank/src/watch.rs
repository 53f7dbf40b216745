//! Watches: each new movement of a watched account is pushed to the centre (动态监控).

use kernel::{AccountId, OrderId, TransferId};
use serde_json::json;
use store::journal::Entry;
use store::{Tx, Who, args};
use wire::{Movement, MovementPush, Order, PartnerId};

use crate::account::{Account, mask_account};
use crate::desk::Bank;
use crate::error::{Error, Result, stored_id};
use crate::ledger::{Booked, TransferState, statement};

/// Whether a watch of this order runs on the account.
pub(crate) async fn runs(tx: &mut Tx, account: AccountId, watch: OrderId, authority: &PartnerId) -> Result<bool> {
    let row: Option<(i64,)> = tx
        .fetch_optional(
            "SELECT since FROM bank_watch WHERE order_id = $1 AND account_id = $2 AND authority = $3 AND ended_at IS NULL",
            args![watch, account, authority],
        )
        .await?;
    Ok(row.is_some())
}

pub(crate) async fn begin(
    tx: &mut Tx,
    who: &Who,
    account: &mut Account,
    order: &Order,
    authority: &PartnerId,
) -> Result<()> {
    let now = tx.now();
    tx.write(
        "INSERT INTO bank_watch (order_id, account_id, authority, case_number, since, until_at) VALUES ($1,$2,$3,$4,$5,$6)",
        args![order.order_id, account.id, authority, &order.case_number, now, order.until],
    )
    .await?;
    tx.write("UPDATE bank_account SET watches = watches + 1 WHERE id = $1", args![account.id]).await?;
    account.watches += 1;
    let body = json!({ "account": mask_account(&account.no), "authority": authority, "until": order.until });
    let entry = Entry::new("watch.began", format!("order:{}", order.order_id)).case(&order.case_number).body(&body);
    Ok(tx.append(entry, who).await?)
}

pub(crate) async fn end(tx: &mut Tx, who: &Who, account: AccountId, watch: OrderId, case_number: &str) -> Result<()> {
    let now = tx.now();
    let ends = store::transition("bank_watch", watch).key("order_id").expect("ended_at", None::<i64>);
    if !ends.set("ended_at", now).try_apply(tx).await? {
        return Ok(());
    }
    tx.write("UPDATE bank_account SET watches = watches - 1 WHERE id = $1", args![account]).await?;
    Ok(tx.append(Entry::new("watch.ended", format!("order:{watch}")).case(case_number), who).await?)
}

#[derive(sqlx::FromRow)]
struct Row {
    order_id: String,
    authority: String,
    case_number: String,
    until_at: Option<i64>,
}

impl Bank {
    /// Pushes a booked transfer to those who watch its accounts.
    pub(crate) async fn push_booked(&self, tx: &mut Tx, booked: &Booked) -> Result<()> {
        if booked.state != TransferState::Posted {
            return Ok(());
        }
        for account in [&booked.debit, &booked.credit] {
            if account.watches > 0 {
                let movements = self.movements_of(tx, account.id, &[booked.id]).await?;
                self.push(tx, account.id, &account.no, movements).await?;
            }
        }
        Ok(())
    }

    /// Transfers as the account sees them.
    pub(crate) async fn movements_of(
        &self,
        tx: &mut Tx,
        account: AccountId,
        transfers: &[TransferId],
    ) -> Result<Vec<Movement>> {
        let mut movements = Vec::with_capacity(transfers.len());
        for id in transfers {
            movements.extend(statement::one(tx, account, *id).await?.map(|line| line.movement));
        }
        Ok(movements)
    }

    /// Pushes movements of an account to every watch on it; a watch past its end is ended instead.
    pub(crate) async fn push(&self, tx: &mut Tx, account: AccountId, no: &str, movements: Vec<Movement>) -> Result<()> {
        let watches: Vec<Row> = tx
            .fetch_all(
                "SELECT order_id, authority, case_number, until_at FROM bank_watch
                 WHERE account_id = $1 AND ended_at IS NULL ORDER BY since, order_id",
                args![account],
            )
            .await?;
        let now = tx.now();
        for watch in watches {
            let order_id: OrderId = stored_id(&watch.order_id)?;
            if watch.until_at.is_some_and(|until| until <= now.0) {
                end(tx, &Who::system("bank"), account, order_id, &watch.case_number).await?;
                continue;
            }
            let to = PartnerId::parse(&watch.authority)
                .map_err(|_| Error::Corrupt(format!("authority of the watch {order_id}")))?;
            let push = MovementPush { order_id, account: no.to_owned(), movements: movements.clone() };
            self.send(tx, &to, push, format!("order:{order_id}"), None).await?;
        }
        Ok(())
    }
}
