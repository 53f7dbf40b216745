//! The teller: transfers within the bank, to and from other banks by clearing, and cash and the like by channel.
//!
//! Seats stay independent of each other: money that leaves for another bank goes to the clearing account of that bank,
//! and what comes from there is booked by this bank's own teller or import.

use kernel::{AccountId, Currency, Text, TransferId};
use serde_json::json;
use store::journal::Entry;
use store::{Tx, Who};
use wire::Channel;

use crate::account::{self, Account, mask_account};
use crate::desk::Bank;
use crate::error::{Error, Result};
use crate::ledger::{Booked, Booking, Internal, LedgerFault, Leg, Mode, Party, TransferState, booking, internal_of};

const NO_OTHER_SIDE: Text = Text::new(
    "teller.other_side",
    ("该渠道必须填写对方银行和账号", "this channel needs the other side's bank and account"),
    ("请填写对方银行和账号", "Give the other side's bank and account"),
);
const NOT_OURS: Text = Text::new(
    "teller.not_ours",
    ("收付款账户都不在本行", "neither account is at this bank"),
    ("请核对账号", "Check the numbers"),
);

/// Texts of this module.
pub const TEXTS: &[Text] = &[NO_OTHER_SIDE, NOT_OURS];

/// One side of a transfer as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// An account of ours.
    Ours(String),
    /// An account at another bank.
    Elsewhere(Party),
    /// Nobody by name: cash, terminal, top-up and the like.
    Channel,
}

/// A transfer to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransfer {
    /// Number in the system that it comes from.
    pub external_id: Option<String>,
    /// Who pays.
    pub payer: Side,
    /// Who receives.
    pub payee: Side,
    /// Above zero.
    pub amount_minor: i64,
    /// Currency of both accounts.
    pub currency: Currency,
    /// How.
    pub channel: Channel,
    /// Reference that both sides share.
    pub reference: String,
    /// The payer's words.
    pub memo: String,
    /// The day from which it counts; the day of booking unless given.
    pub value_date: Option<String>,
    /// At once or reserved.
    pub mode: Mode,
}

impl Bank {
    /// Books a transfer; needs `bank.admin`. Holds are respected, watches are told.
    ///
    /// # Errors
    /// [`Error::Ledger`] where the books refuse it.
    pub async fn transfer(&self, tx: &mut Tx, who: &Who, new: &NewTransfer) -> Result<Booked> {
        who.require("bank.admin")?;
        let now = tx.now();
        let debit = self.resolve(tx, &new.payer, new, "payer").await?;
        let credit = self.resolve(tx, &new.payee, new, "payee").await?;
        if matches!((&new.payer, &new.payee), (Side::Ours(_), _) | (_, Side::Ours(_))) {
            let booking = Booking {
                external_id: new.external_id.clone(),
                debit,
                credit,
                amount_minor: new.amount_minor,
                channel: new.channel,
                reference: new.reference.clone(),
                memo: new.memo.clone(),
                booked_at: now,
                value_date: new.value_date.clone().unwrap_or_else(|| booking::day_of(now)),
                mode: new.mode,
            };
            let pair = self.lock(tx, booking.debit.account, booking.credit.account).await?;
            let booked = booking::book(tx, &booking, pair, &who.user).await?;
            return self.noted(tx, who, booked, "transfer.booked", new.amount_minor).await;
        }
        Err(Error::Input(kernel::Faults(vec![NOT_OURS.at("payer", &[])])))
    }

    /// Books or gives up a reserved transfer; needs `bank.admin`.
    pub async fn finish_transfer(&self, tx: &mut Tx, who: &Who, id: TransferId, to: TransferState) -> Result<Booked> {
        who.require("bank.admin")?;
        let (debit, credit) = booking::accounts_of(tx, id).await?;
        let pair = self.lock(tx, debit, credit).await?;
        let booked = booking::finish(tx, id, to, pair).await?;
        let kind = if to == TransferState::Posted { "transfer.posted" } else { "transfer.voided" };
        self.noted(tx, who, booked, kind, 0).await
    }

    /// Puts a booked transfer right by its opposite; needs `bank.admin`.
    pub async fn reverse_transfer(&self, tx: &mut Tx, who: &Who, of: TransferId, memo: &str) -> Result<Booked> {
        who.require("bank.admin")?;
        let (debit, credit) = booking::accounts_of(tx, of).await?;
        let pair = self.lock(tx, debit, credit).await?;
        let booked = booking::reverse(tx, of, pair, memo, &who.user).await?;
        let body = json!({ "by": booked.id });
        tx.append(Entry::new("transfer.reversed_by", format!("transfer:{of}")).body(&body), who).await?;
        self.noted(tx, who, booked, "transfer.reversed", 0).await
    }

    async fn lock(&self, tx: &mut Tx, debit: AccountId, credit: AccountId) -> Result<(Account, Account)> {
        if debit == credit {
            return Err(LedgerFault::SameAccount.into());
        }
        let (mut debit, mut credit) = account::lock_pair(tx, debit, credit).await?;
        self.pass_time(tx, &mut debit).await?;
        self.pass_time(tx, &mut credit).await?;
        Ok((debit, credit))
    }

    async fn noted(&self, tx: &mut Tx, who: &Who, booked: Booked, kind: &str, amount_minor: i64) -> Result<Booked> {
        let body = json!({
            "payer": mask_account(&booked.debit.no),
            "payee": mask_account(&booked.credit.no),
            "amount_minor": amount_minor,
            "currency": booked.debit.ledger.currency.code(),
        });
        tx.append(Entry::new(kind, format!("transfer:{}", booked.id)).body(&body), who).await?;
        self.push_booked(tx, &booked).await?;
        Ok(booked)
    }

    async fn resolve(&self, tx: &mut Tx, side: &Side, new: &NewTransfer, field: &str) -> Result<Leg> {
        match side {
            Side::Ours(no) => {
                let found = account::find(tx, no, new.currency).await?.ok_or(LedgerFault::NoSuchAccount)?;
                let party =
                    Party { bank: self.me().to_string(), account: found.no.clone(), name: found.holder_name.clone() };
                Ok(Leg { account: found.id, party: Some(party) })
            }
            Side::Elsewhere(party) => {
                let clearing = Internal::Clearing(party.bank.clone()).ensure(tx, new.currency).await?;
                Ok(Leg { account: clearing, party: Some(party.clone()) })
            }
            Side::Channel => {
                let internal = internal_of(new.channel)
                    .ok_or_else(|| Error::Input(kernel::Faults(vec![NO_OTHER_SIDE.at(field, &[])])))?;
                Ok(Leg { account: internal.ensure(tx, new.currency).await?, party: None })
            }
        }
    }
}
