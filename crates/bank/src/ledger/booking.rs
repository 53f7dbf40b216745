//! Booking transfers in the database: the arithmetic of [`super::model`] applied to two rows.

use kernel::{AccountId, Timestamp, TransferId};
use store::{Args, AssertSqlSafe, Tx, args, places};
use wire::Channel;

use super::model::{LedgerFault, LedgerTransfer, Legs, Reversed, TransferState, reversible};
use crate::account::{self, Account, AccountState, PLACES_MAX};
use crate::error::{Error, Result, stored_id};

/// One side of a transfer as the books remember it: bank, number and name on the day of booking.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Partner id, or a bank code or name.
    pub bank: String,
    /// Account number.
    pub account: String,
    /// Name of the holder.
    pub name: String,
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Party({} {})", self.bank, account::mask_account(&self.account))
    }
}

/// An account of ours in a transfer, and who stands there in the eyes of the other side. No party: cash and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The account in our books.
    pub account: AccountId,
    /// Who it is.
    pub party: Option<Party>,
}

/// Whether money moves at once or is reserved first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Booked at once.
    Posted,
    /// Reserved, to be posted or voided later.
    Pending,
}

/// A transfer to be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Number in the system that it comes from; the same number is booked once.
    pub external_id: Option<String>,
    /// Who pays.
    pub debit: Leg,
    /// Who receives.
    pub credit: Leg,
    /// Above zero.
    pub amount_minor: i64,
    /// How.
    pub channel: Channel,
    /// Reference that both sides share.
    pub reference: String,
    /// The payer's words.
    pub memo: String,
    /// When it is booked.
    pub booked_at: Timestamp,
    /// The day from which it counts, `YYYY-MM-DD` in China Standard Time (起息日).
    pub value_date: String,
    /// At once or reserved.
    pub mode: Mode,
}

/// What a booking did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The transfer.
    pub id: TransferId,
    /// The payer's account after it.
    pub debit: Account,
    /// The payee's account after it.
    pub credit: Account,
    /// Where the transfer stands.
    pub state: TransferState,
}

/// `YYYY-MM-DD` of a moment in China Standard Time.
pub fn day_of(moment: Timestamp) -> String {
    let date = moment.civil_cst().date();
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Books a transfer between two accounts that the caller has locked, after letting due holds on them end.
///
/// # Errors
/// [`Error::Ledger`] with the reason; nothing is written then.
pub async fn book(tx: &mut Tx, booking: &Booking, pair: (Account, Account), made_by: &str) -> Result<Booked> {
    write(tx, booking, pair, None, made_by).await
}

async fn write(
    tx: &mut Tx,
    booking: &Booking,
    (mut debit, mut credit): (Account, Account),
    reverses: Option<TransferId>,
    made_by: &str,
) -> Result<Booked> {
    if debit.id == credit.id {
        return Err(LedgerFault::SameAccount.into());
    }
    if debit.state == AccountState::Closed || credit.state == AccountState::Closed {
        return Err(Error::NoSuchAccount);
    }
    let legs = Legs { debit: debit.ledger, credit: credit.ledger };
    let (legs, state) = match booking.mode {
        Mode::Posted => (legs.post_directly(booking.amount_minor)?, TransferState::Posted),
        Mode::Pending => (legs.reserve(booking.amount_minor)?, TransferState::Pending),
    };
    debit.ledger = legs.debit;
    credit.ledger = legs.credit;
    let id = TransferId::new(tx.now());
    let row = NewRow::of(id, booking, &legs, state, debit.ledger.currency.code(), reverses);
    if insert_rows(tx, &[row], made_by).await? == 0 {
        return Err(LedgerFault::Taken.into());
    }
    account::save_ledger(tx, debit.id, &debit.ledger).await?;
    account::save_ledger(tx, credit.id, &credit.ledger).await?;
    Ok(Booked { id, debit, credit, state })
}

/// A row to be written, for single bookings and imports alike.
pub(crate) struct NewRow<'a> {
    id: TransferId,
    booking: &'a Booking,
    state: TransferState,
    currency: String,
    reverses: Option<TransferId>,
    /// Sequence and balance after, of payer and payee; only where posted.
    posted: Option<[i64; 4]>,
}

impl<'a> NewRow<'a> {
    pub(crate) fn of(
        id: TransferId,
        booking: &'a Booking,
        legs: &Legs,
        state: TransferState,
        currency: &str,
        reverses: Option<TransferId>,
    ) -> Self {
        let posted = (state == TransferState::Posted).then(|| after(legs));
        Self { id, booking, state, currency: currency.to_owned(), reverses, posted }
    }
}

fn after(legs: &Legs) -> [i64; 4] {
    [legs.debit.sequence, legs.credit.sequence, legs.debit.balance_minor(), legs.credit.balance_minor()]
}

const fn state_code(state: TransferState) -> &'static str {
    match state {
        TransferState::Pending => "pending",
        TransferState::Posted => "posted",
        TransferState::Voided => "voided",
    }
}

/// Writes rows, many in a statement; one whose external number or reversal exists is passed over. Gives how many are new.
pub(crate) async fn insert_rows(tx: &mut Tx, rows: &[NewRow<'_>], made_by: &str) -> Result<u64> {
    const COLUMNS: usize = 24;
    let mut added = 0;
    for chunk in rows.chunks(PLACES_MAX / COLUMNS) {
        let sql = format!(
            "INSERT INTO bank_transfer (id, external_id, state, debit_account, credit_account, amount_minor, currency,
                booked_at, value_date, debit_sequence, credit_sequence, debit_balance_after_minor,
                credit_balance_after_minor, channel, reference, memo, payer_bank, payer_account, payer_name, payee_bank,
                payee_account, payee_name, reverses, made_by) VALUES {} ON CONFLICT DO NOTHING",
            places(COLUMNS, chunk.len(), 1)
        );
        let mut bound: Args = Vec::with_capacity(chunk.len() * COLUMNS);
        for row in chunk {
            let b = row.booking;
            let [debit_sequence, credit_sequence, debit_after, credit_after] =
                row.posted.map_or([None; 4], |numbers| numbers.map(Some));
            let payer = b.debit.party.as_ref();
            let payee = b.credit.party.as_ref();
            bound.extend(args![
                row.id,
                b.external_id.clone(),
                state_code(row.state),
                b.debit.account,
                b.credit.account,
                b.amount_minor,
                &row.currency,
                b.booked_at,
                &b.value_date,
                debit_sequence,
                credit_sequence,
                debit_after,
                credit_after,
                b.channel.code(),
                &b.reference,
                &b.memo,
                payer.map(|p| p.bank.clone()),
                payer.map(|p| p.account.clone()),
                payer.map(|p| p.name.clone()),
                payee.map(|p| p.bank.clone()),
                payee.map(|p| p.account.clone()),
                payee.map(|p| p.name.clone()),
                row.reverses,
                made_by
            ]);
        }
        added += tx.execute(AssertSqlSafe(sql), bound).await?;
    }
    Ok(added)
}

#[derive(sqlx::FromRow)]
struct Row {
    state: String,
    debit_account: String,
    credit_account: String,
    amount_minor: i64,
    value_date: String,
    channel: String,
    reference: String,
    memo: String,
    payer_bank: Option<String>,
    payer_account: Option<String>,
    payer_name: Option<String>,
    payee_bank: Option<String>,
    payee_account: Option<String>,
    payee_name: Option<String>,
    reverses: Option<String>,
    reversed_by: Option<String>,
}

const TRANSFER: &str =
    "SELECT state, debit_account, credit_account, amount_minor, value_date, channel, reference, memo,
    payer_bank, payer_account, payer_name, payee_bank, payee_account, payee_name, reverses,
    (SELECT r.id FROM bank_transfer r WHERE r.reverses = t.id) AS reversed_by
    FROM bank_transfer t WHERE t.id = $1";

fn party(bank: Option<String>, account: Option<String>, name: Option<String>) -> Option<Party> {
    let (Some(bank), Some(account), Some(name)) = (bank, account, name) else { return None };
    Some(Party { bank, account, name })
}

async fn read(tx: &mut Tx, id: TransferId) -> Result<(LedgerTransfer, Row)> {
    let row: Option<Row> = tx.fetch_optional(TRANSFER, args![id]).await?;
    let row = row.ok_or(LedgerFault::NoSuchTransfer)?;
    let transfer = LedgerTransfer {
        debit: stored_id(&row.debit_account)?,
        credit: stored_id(&row.credit_account)?,
        amount_minor: row.amount_minor,
        state: match row.state.as_str() {
            "pending" => TransferState::Pending,
            "posted" => TransferState::Posted,
            _ => TransferState::Voided,
        },
        reverses: row.reverses.as_deref().map(stored_id).transpose()?,
        reversed: match row.reversed_by.as_deref() {
            None => Reversed::No,
            Some(by) => Reversed::By(stored_id(by)?),
        },
    };
    Ok((transfer, row))
}

/// The payer's and the payee's account of a transfer.
pub async fn accounts_of(tx: &mut Tx, id: TransferId) -> Result<(AccountId, AccountId)> {
    let (transfer, _) = read(tx, id).await?;
    Ok((transfer.debit, transfer.credit))
}

/// Books or gives up a reserved transfer; its accounts are locked by the caller, payer first.
pub async fn finish(
    tx: &mut Tx,
    id: TransferId,
    to: TransferState,
    (mut debit, mut credit): (Account, Account),
) -> Result<Booked> {
    // Read under the lock: somebody may have finished it meanwhile.
    let (transfer, _) = read(tx, id).await?;
    if transfer.state != TransferState::Pending {
        return Err(LedgerFault::NotPending.into());
    }
    let legs = Legs { debit: debit.ledger, credit: credit.ledger };
    let legs = match to {
        TransferState::Posted => legs.post_pending(transfer.amount_minor)?,
        _ => legs.void_pending(transfer.amount_minor)?,
    };
    debit.ledger = legs.debit;
    credit.ledger = legs.credit;
    let now = tx.now();
    if to == TransferState::Posted {
        let [debit_sequence, credit_sequence, debit_after, credit_after] = after(&legs);
        store::transition("bank_transfer", id)
            .from("pending")
            .to("posted")
            .set("booked_at", now)
            .set("debit_sequence", debit_sequence)
            .set("credit_sequence", credit_sequence)
            .set("debit_balance_after_minor", debit_after)
            .set("credit_balance_after_minor", credit_after)
            .apply(tx)
            .await?;
    } else {
        store::transition("bank_transfer", id).from("pending").to("voided").apply(tx).await?;
    }
    account::save_ledger(tx, debit.id, &debit.ledger).await?;
    account::save_ledger(tx, credit.id, &credit.ledger).await?;
    Ok(Booked { id, debit, credit, state: to })
}

/// Puts a booked transfer right by its opposite (冲正); the first entry stays as it is. Its accounts are locked by the
/// caller, the payer of the first entry first.
pub async fn reverse(
    tx: &mut Tx,
    of: TransferId,
    (payer, payee): (Account, Account),
    memo: &str,
    made_by: &str,
) -> Result<Booked> {
    let (original, row) = read(tx, of).await?;
    reversible(&original)?;
    let now = tx.now();
    let booking = Booking {
        external_id: None,
        debit: Leg { account: original.credit, party: party(row.payee_bank, row.payee_account, row.payee_name) },
        credit: Leg { account: original.debit, party: party(row.payer_bank, row.payer_account, row.payer_name) },
        amount_minor: original.amount_minor,
        channel: Channel::from_code(&row.channel).unwrap_or(Channel::Other),
        reference: row.reference,
        memo: if memo.is_empty() { row.memo } else { memo.to_owned() },
        booked_at: now,
        value_date: row.value_date,
        mode: Mode::Posted,
    };
    match write(tx, &booking, (payee, payer), Some(of), made_by).await {
        Err(Error::Ledger(LedgerFault::Taken)) => Err(LedgerFault::AlreadyReversed.into()),
        other => other,
    }
}
