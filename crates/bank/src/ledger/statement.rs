//! Statements: the posted movements of an account, and the search for one movement.

use kernel::{AccountId, Duration, Timestamp};
use store::{Args, Db, Tx, args};
use wire::{Channel, Counterparty, Direction, Movement};

use crate::error::Result;

/// A movement with its sequence in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Sequence in the account.
    pub sequence: i64,
    /// The day from which it counts.
    pub value_date: String,
    /// As it travels.
    pub movement: Movement,
}

impl StatementLine {
    /// The balance before this movement.
    pub fn balance_before_minor(&self) -> i64 {
        let m = &self.movement;
        match m.direction {
            Direction::In => m.balance_after_minor.saturating_sub(m.amount_minor),
            Direction::Out => m.balance_after_minor.saturating_add(m.amount_minor),
        }
    }
}

/// A period's statement, or its first part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// In order of booking.
    pub lines: Vec<StatementLine>,
    /// Whether the period holds more; ask again from the time of the last line.
    pub more: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    side: String,
    booked_at: i64,
    value_date: String,
    amount_minor: i64,
    currency: String,
    sequence: i64,
    balance_after_minor: i64,
    channel: String,
    reference: String,
    memo: String,
    bank: Option<String>,
    account: Option<String>,
    name: Option<String>,
}

macro_rules! sides {
    ($condition:literal, $tail:literal) => {
        concat!(
            "SELECT * FROM (SELECT id, 'out' AS side, booked_at, value_date, amount_minor, currency, debit_sequence AS sequence,
                debit_balance_after_minor AS balance_after_minor, channel, reference, memo, payee_bank AS bank,
                payee_account AS account, payee_name AS name FROM bank_transfer
                WHERE debit_account = $1 AND state = 'posted' AND ",
            $condition,
            " UNION ALL SELECT id, 'in' AS side, booked_at, value_date, amount_minor, currency, credit_sequence AS sequence,
                credit_balance_after_minor AS balance_after_minor, channel, reference, memo, payer_bank AS bank,
                payer_account AS account, payer_name AS name FROM bank_transfer
                WHERE credit_account = $1 AND state = 'posted' AND ",
            $condition,
            ") AS m ",
            $tail
        )
    };
}

const PERIOD: &str = sides!("booked_at >= $2 AND booked_at < $3", "ORDER BY booked_at, sequence LIMIT $4");
const LATEST: &str = sides!("booked_at >= $2 AND booked_at < $3", "ORDER BY booked_at DESC, sequence DESC LIMIT $4");
const ONE: &str = sides!("id = $2", "");

fn line(row: Row) -> StatementLine {
    let counterparty = match (row.bank, row.account, row.name) {
        (Some(bank), Some(account), Some(name)) => Some(Counterparty { bank, account, name }),
        _ => None,
    };
    StatementLine {
        sequence: row.sequence,
        value_date: row.value_date,
        movement: Movement {
            id: row.id,
            at: Timestamp(row.booked_at),
            direction: if row.side == "in" { Direction::In } else { Direction::Out },
            amount_minor: row.amount_minor,
            currency: row.currency,
            balance_after_minor: row.balance_after_minor,
            channel: Channel::from_code(&row.channel).unwrap_or(Channel::Other),
            counterparty,
            reference: row.reference,
            memo: row.memo,
        },
    }
}

/// From (inclusive), to (exclusive), rows at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// Rows at most.
    pub limit: i64,
}

impl Span {
    fn bound(self, account: AccountId) -> Args {
        args![account, self.from, self.to, self.limit.saturating_add(1)]
    }
}

/// One row more than asked says that there is more. The part is cut between two moments, so that asking again from the
/// time of the last line misses nothing.
fn cut(rows: Vec<Row>, span: Span) -> Statement {
    let limit = usize::try_from(span.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    let mut lines: Vec<StatementLine> = rows.into_iter().map(line).collect();
    if more {
        let next = lines.last().map(|l| l.movement.at);
        let whole = lines.iter().filter(|l| Some(l.movement.at) != next).count();
        // Where one moment alone fills the part, what fits is given; the asker sees `more` and the same time again.
        lines.truncate(if whole == 0 { limit } else { whole });
    }
    Statement { lines, more }
}

/// The movements of a period in order of booking, inside a transaction.
pub async fn of_period(tx: &mut Tx, account: AccountId, span: Span) -> Result<Statement> {
    Ok(cut(tx.fetch_all(PERIOD, span.bound(account)).await?, span))
}

/// The same for pages.
pub async fn read_period(db: &Db, account: AccountId, span: Span) -> Result<Statement> {
    Ok(cut(db.fetch_all(PERIOD, span.bound(account)).await?, span))
}

/// The latest movements before a moment, newest first, for pages.
pub async fn read_latest(db: &Db, account: AccountId, span: Span) -> Result<Statement> {
    Ok(cut(db.fetch_all(LATEST, span.bound(account)).await?, span))
}

/// One movement as the account sees it.
pub async fn one(tx: &mut Tx, account: AccountId, transfer: kernel::TransferId) -> Result<Option<StatementLine>> {
    let row: Option<Row> = tx.fetch_optional(ONE, args![account, transfer]).await?;
    Ok(row.map(line))
}

/// How a stated movement compares with the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// There is such a movement.
    Agrees,
    /// The amount moved, but not at that time.
    TimeDiffers,
    /// Something moved at that time, but not that amount.
    AmountDiffers,
    /// Neither.
    BothDiffer,
}

/// Whether the account has a movement of the amount within the tolerance of the time, and if not, which differs: the
/// amount is then looked for within `around`.
pub async fn compare(
    tx: &mut Tx,
    account: AccountId,
    amount_minor: i64,
    at: Timestamp,
    tolerance: Duration,
    around: Duration,
) -> Result<Comparison> {
    const EXACT: &str =
        "SELECT CAST(1 AS BIGINT) AS one FROM bank_transfer WHERE credit_account = $1 AND state = 'posted'
            AND booked_at BETWEEN $2 AND $3 AND amount_minor = $4
        UNION ALL SELECT CAST(1 AS BIGINT) AS one FROM bank_transfer WHERE debit_account = $1 AND state = 'posted'
            AND booked_at BETWEEN $2 AND $3 AND amount_minor = $4 LIMIT 1";
    const NEAR: &str =
        "SELECT CAST(1 AS BIGINT) AS one FROM bank_transfer WHERE credit_account = $1 AND state = 'posted'
            AND booked_at BETWEEN $2 AND $3
        UNION ALL SELECT CAST(1 AS BIGINT) AS one FROM bank_transfer WHERE debit_account = $1 AND state = 'posted'
            AND booked_at BETWEEN $2 AND $3 LIMIT 1";
    let (from, to) = (at - tolerance, at + tolerance);
    let exact: Option<(i64,)> = tx.fetch_optional(EXACT, args![account, from, to, amount_minor]).await?;
    if exact.is_some() {
        return Ok(Comparison::Agrees);
    }
    let amount: Option<(i64,)> =
        tx.fetch_optional(EXACT, args![account, at - around, at + around, amount_minor]).await?;
    if amount.is_some() {
        return Ok(Comparison::TimeDiffers);
    }
    let near: Option<(i64,)> = tx.fetch_optional(NEAR, args![account, from, to]).await?;
    Ok(if near.is_some() { Comparison::AmountDiffers } else { Comparison::BothDiffer })
}
