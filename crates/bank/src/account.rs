//! Accounts and their holders.

use kernel::{AccountId, AccountNo, Currency, CustomerId, Maskable, Money, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Args, AssertSqlSafe, Db, Engine, Record, Tx, args, places};

use crate::error::{Error, Result, stored_id};
use crate::ledger::{Balances, Held, LedgerAccount, Overdraft};

/// Places in one statement. SQLite's driver looks each place up in a list, so the cost grows with the square of the count;
/// about this many is fastest on both databases.
pub(crate) const PLACES_MAX: usize = 240;

/// What kind of account; a payment institution offers wallets and merchant accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Settlement account, class I (Ⅰ类户).
    Settlement,
    /// Limited account, class II or III (Ⅱ、Ⅲ类户).
    Limited,
    /// Company account (对公账户).
    Company,
    /// Savings book (存折).
    Savings,
    /// Bonds, shares and fund units (债券、股票、基金份额).
    Securities,
    /// Wallet of a payment institution (支付账户).
    Wallet,
    /// Merchant of a payment institution (商户).
    Merchant,
    /// The bank's own (内部账户).
    Internal,
}

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Settlement,
        Self::Limited,
        Self::Company,
        Self::Savings,
        Self::Securities,
        Self::Wallet,
        Self::Merchant,
        Self::Internal,
    ];

    /// The word in tables and files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Settlement => "settlement",
            Self::Limited => "limited",
            Self::Company => "company",
            Self::Savings => "savings",
            Self::Securities => "securities",
            Self::Wallet => "wallet",
            Self::Merchant => "merchant",
            Self::Internal => "internal",
        }
    }

    /// The kind of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Whether an account is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// In use.
    Open,
    /// Closed (销户).
    Closed,
}

impl AccountState {
    /// The word in tables and files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// An account in the books.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Identifier.
    pub id: AccountId,
    /// Number; one number may have an account in each of several currencies.
    pub no: String,
    /// Kind.
    pub kind: AccountKind,
    /// Holder; none for the bank's own.
    pub customer_id: Option<CustomerId>,
    /// Name of the account (户名).
    pub holder_name: String,
    /// Whether it is in use.
    pub state: AccountState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Why it is on the protected list (白名单), where it is.
    pub protected_reason: Option<String>,
    /// Balances, holds and sequence.
    pub ledger: LedgerAccount,
    /// When the next hold ends by itself.
    pub hold_next_end: Option<Timestamp>,
    /// How many watches run on it.
    pub watches: i64,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({} {} {:?})", self.id, mask_account(&self.no), self.ledger)
    }
}

impl Account {
    /// An amount in the currency of the account.
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.ledger.currency)
    }
}

/// The mask of an account number, also of one that is no [`AccountNo`].
pub fn mask_account(no: &str) -> String {
    AccountNo::parse(no).map_or_else(|_| no.to_owned(), |no| no.mask())
}

/// The mask of a name: its first character.
pub fn mask_name(name: &str) -> String {
    name.chars().take(1).chain(['*']).collect()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    no: String,
    currency: String,
    kind: String,
    customer_id: Option<String>,
    holder_name: String,
    state: String,
    opened_at: i64,
    protected_reason: Option<String>,
    overdraft_minor: Option<i64>,
    debits_pending_minor: i64,
    debits_posted_minor: i64,
    credits_pending_minor: i64,
    credits_posted_minor: i64,
    sequence: i64,
    held_limit_minor: i64,
    held_whole: bool,
    hold_next_end: Option<i64>,
    watches: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, no, currency, kind, customer_id, holder_name, state, opened_at, protected_reason, overdraft_minor, ",
            "debits_pending_minor, debits_posted_minor, credits_pending_minor, credits_posted_minor, sequence, ",
            "held_limit_minor, held_whole, hold_next_end, watches FROM bank_account ",
            $rest
        )
    };
}

fn account(row: Row) -> Result<Account> {
    let corrupt = |what: &str| Error::Corrupt(format!("account {}: {what}", row.id));
    Ok(Account {
        id: stored_id(&row.id)?,
        kind: AccountKind::parse(&row.kind).ok_or_else(|| corrupt("kind"))?,
        customer_id: row.customer_id.as_deref().map(stored_id).transpose()?,
        state: if row.state == AccountState::Open.code() { AccountState::Open } else { AccountState::Closed },
        opened_at: Timestamp(row.opened_at),
        ledger: LedgerAccount {
            currency: Currency::parse(&row.currency).map_err(|_| corrupt("currency"))?,
            overdraft: row.overdraft_minor.map_or(Overdraft::Unlimited, Overdraft::UpTo),
            held: match (row.held_whole, row.held_limit_minor) {
                (true, _) => Held::Whole,
                (false, 0) => Held::Nothing,
                (false, limit) => Held::UpTo(limit),
            },
            balances: Balances {
                debits_pending_minor: row.debits_pending_minor,
                debits_posted_minor: row.debits_posted_minor,
                credits_pending_minor: row.credits_pending_minor,
                credits_posted_minor: row.credits_posted_minor,
            },
            sequence: row.sequence,
        },
        hold_next_end: row.hold_next_end.map(Timestamp),
        watches: row.watches,
        no: row.no,
        holder_name: row.holder_name,
        protected_reason: row.protected_reason,
    })
}

fn accounts(rows: Vec<Row>) -> Result<Vec<Account>> {
    rows.into_iter().map(account).collect()
}

/// The accounts of a number, one for each currency, locked until the transaction ends.
pub async fn lock_by_number(tx: &mut Tx, no: &str) -> Result<Vec<Account>> {
    let sql = match tx.db().engine() {
        Engine::Sqlite => select!("WHERE no = $1 ORDER BY currency"),
        Engine::Postgres => select!("WHERE no = $1 ORDER BY currency FOR UPDATE"),
    };
    accounts(tx.fetch_all(sql, args![no]).await?)
}

/// One account, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: AccountId) -> Result<Account> {
    let sql = match tx.db().engine() {
        Engine::Sqlite => select!("WHERE id = $1"),
        Engine::Postgres => select!("WHERE id = $1 FOR UPDATE"),
    };
    let row: Option<Row> = tx.fetch_optional(sql, args![id]).await?;
    row.map(account).transpose()?.ok_or(Error::NoSuchAccount)
}

/// Two accounts, locked in one fixed order so that two transfers never wait for each other.
pub async fn lock_pair(tx: &mut Tx, first: AccountId, second: AccountId) -> Result<(Account, Account)> {
    let (low, high) = if first <= second { (first, second) } else { (second, first) };
    let low = lock(tx, low).await?;
    let high = lock(tx, high).await?;
    Ok(if low.id == first { (low, high) } else { (high, low) })
}

/// The account of a number in a currency.
pub async fn find(tx: &mut Tx, no: &str, currency: Currency) -> Result<Option<Account>> {
    let row: Option<Row> =
        tx.fetch_optional(select!("WHERE no = $1 AND currency = $2"), args![no, currency.code()]).await?;
    row.map(account).transpose()
}

/// The accounts of a number, for pages.
pub async fn of_number(db: &Db, no: &str) -> Result<Vec<Account>> {
    accounts(db.fetch_all(select!("WHERE no = $1 ORDER BY currency"), args![no]).await?)
}

/// Several accounts by their identifiers, for pages.
pub async fn of_ids(db: &Db, ids: &[AccountId]) -> Result<Vec<Account>> {
    let mut all = Vec::new();
    for chunk in ids.chunks(PLACES_MAX) {
        let sql = format!("{}{}", select!("WHERE id IN "), places(chunk.len(), 1, 1));
        let bound: Args = chunk.iter().map(|id| store::Arg::from(*id)).collect();
        all.extend(accounts(db.fetch_all(AssertSqlSafe(sql), bound).await?)?);
    }
    Ok(all)
}

/// Accounts whose number contains a text, for the search.
pub async fn like(db: &Db, pattern: &str, limit: i64) -> Result<Vec<Account>> {
    let rows = db
        .fetch_all(select!("WHERE no LIKE $1 AND kind <> 'internal' ORDER BY no LIMIT $2"), args![pattern, limit])
        .await?;
    accounts(rows)
}

/// Puts an account on the protected list with the reason, or takes it off.
///
/// # Errors
/// Somebody else has just done either.
pub async fn protect(tx: &mut Tx, account: &Account, reason: Option<&str>) -> Result<()> {
    let seen = account.protected_reason.as_deref();
    Ok(store::transition("bank_account", account.id)
        .expect("protected_reason", seen)
        .set("protected_reason", reason)
        .apply(tx)
        .await?)
}

/// One account, for pages.
pub async fn of_id(db: &Db, id: AccountId) -> Result<Account> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.map(account).transpose()?.ok_or(Error::NoSuchAccount)
}

/// The accounts of a holder, the oldest first.
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Account>> {
    accounts(
        tx.fetch_all(
            select!("WHERE customer_id = $1 ORDER BY opened_at, no, currency LIMIT $2"),
            args![customer, limit],
        )
        .await?,
    )
}

/// Accounts whose number is among these.
pub async fn of_numbers(tx: &mut Tx, numbers: &[&str]) -> Result<Vec<Account>> {
    in_chunks(tx, numbers, "").await
}

/// Accounts whose number is among these, locked until the transaction ends.
pub async fn lock_numbers(tx: &mut Tx, numbers: &[&str]) -> Result<Vec<Account>> {
    let lock = match tx.db().engine() {
        Engine::Sqlite => "",
        Engine::Postgres => " ORDER BY id FOR UPDATE",
    };
    in_chunks(tx, numbers, lock).await
}

async fn in_chunks(tx: &mut Tx, numbers: &[&str], lock: &str) -> Result<Vec<Account>> {
    let mut all = Vec::new();
    for chunk in numbers.chunks(PLACES_MAX) {
        let sql = format!("{}{}{lock}", select!("WHERE no IN "), places(chunk.len(), 1, 1));
        let bound: Args = chunk.iter().map(|no| store::Arg::from(*no)).collect();
        all.extend(accounts(tx.fetch_all(AssertSqlSafe(sql), bound).await?)?);
    }
    Ok(all)
}

/// Writes what the arithmetic changed.
pub async fn save_ledger(tx: &mut Tx, id: AccountId, ledger: &LedgerAccount) -> Result<()> {
    let b = ledger.balances;
    tx.write(
        "UPDATE bank_account SET debits_pending_minor = $1, debits_posted_minor = $2, credits_pending_minor = $3,
            credits_posted_minor = $4, sequence = $5 WHERE id = $6",
        args![
            b.debits_pending_minor,
            b.debits_posted_minor,
            b.credits_pending_minor,
            b.credits_posted_minor,
            ledger.sequence,
            id
        ],
    )
    .await?;
    Ok(())
}

/// Writes what the holds withhold now, and when the next of them ends.
pub async fn save_held(tx: &mut Tx, id: AccountId, held: Held, next_end: Option<Timestamp>) -> Result<()> {
    let (limit, whole) = match held {
        Held::Nothing => (0, false),
        Held::UpTo(limit) => (limit, false),
        Held::Whole => (0, true),
    };
    tx.write(
        "UPDATE bank_account SET held_limit_minor = $1, held_whole = $2, hold_next_end = $3 WHERE id = $4",
        args![limit, whole, next_end, id],
    )
    .await?;
    Ok(())
}

/// Writes new accounts; a number and currency that exist stay as they are. Gives how many are new.
pub async fn insert_many(tx: &mut Tx, accounts: &[Account]) -> Result<u64> {
    let mut added = 0;
    for chunk in accounts.chunks(PLACES_MAX / 19) {
        let sql = format!(
            "INSERT INTO bank_account (id, no, currency, kind, customer_id, holder_name, state, opened_at, protected_reason,
                overdraft_minor, debits_pending_minor, debits_posted_minor, credits_pending_minor, credits_posted_minor,
                sequence, held_limit_minor, held_whole, hold_next_end, watches) VALUES {} ON CONFLICT (no, currency) DO NOTHING",
            places(19, chunk.len(), 1)
        );
        let mut bound: Args = Vec::with_capacity(chunk.len() * 19);
        for a in chunk {
            let b = a.ledger.balances;
            let overdraft = match a.ledger.overdraft {
                Overdraft::UpTo(limit) => Some(limit),
                Overdraft::Unlimited => None,
            };
            let (limit, whole) = match a.ledger.held {
                Held::Nothing => (0i64, false),
                Held::UpTo(limit) => (limit, false),
                Held::Whole => (0, true),
            };
            bound.extend(args![
                a.id,
                &a.no,
                a.ledger.currency.code(),
                a.kind.code(),
                a.customer_id,
                &a.holder_name,
                a.state.code(),
                a.opened_at,
                a.protected_reason.clone(),
                overdraft,
                b.debits_pending_minor,
                b.debits_posted_minor,
                b.credits_pending_minor,
                b.credits_posted_minor,
                a.ledger.sequence,
                limit,
                whole,
                a.hold_next_end,
                a.watches
            ]);
        }
        added += tx.execute(AssertSqlSafe(sql), bound).await?;
    }
    Ok(added)
}

/// A customer.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    /// Identifier.
    pub id: CustomerId,
    /// Number in the bank's own system.
    pub external_id: String,
    /// Person or company.
    pub kind: CustomerKind,
    /// Full name.
    pub name: String,
    /// Citizen ID or social credit code.
    pub id_number: Option<String>,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

impl std::fmt::Debug for Customer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Customer({} {})", self.id, mask_name(&self.name))
    }
}

/// Person or company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    /// A natural person.
    Person,
    /// A company or other body.
    Company,
}

impl CustomerKind {
    /// The word in tables and files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
        }
    }
}

#[derive(sqlx::FromRow)]
struct CustomerRow {
    id: String,
    external_id: String,
    kind: String,
    name: String,
    id_number: Option<String>,
    phones: String,
    since: i64,
}

fn customer(row: CustomerRow) -> Result<Customer> {
    Ok(Customer {
        id: stored_id(&row.id)?,
        kind: if row.kind == CustomerKind::Company.code() { CustomerKind::Company } else { CustomerKind::Person },
        phones: serde_json::from_str(&row.phones).map_err(|e| Error::Corrupt(format!("phones of {}: {e}", row.id)))?,
        since: Timestamp(row.since),
        external_id: row.external_id,
        name: row.name,
        id_number: row.id_number,
    })
}

const CUSTOMER_OF: &str =
    "SELECT id, external_id, kind, name, id_number, phones, since FROM bank_customer WHERE id = $1";

/// A customer.
pub async fn customer_of(tx: &mut Tx, id: CustomerId) -> Result<Customer> {
    let row: CustomerRow = tx.fetch_one(CUSTOMER_OF, args![id]).await?;
    customer(row)
}

/// The accounts of everybody with the same identity number as this customer, or of the customer alone where none is known.
pub async fn accounts_of_holder(tx: &mut Tx, holder: &Customer, limit: i64) -> Result<Vec<Account>> {
    let Some(id_number) = &holder.id_number else {
        return of_customer(tx, holder.id, limit).await;
    };
    accounts(
        tx.fetch_all(
            select!(
                "WHERE customer_id IN (SELECT id FROM bank_customer WHERE id_number = $1) ORDER BY opened_at, no, currency LIMIT $2"
            ),
            args![id_number, limit],
        )
        .await?,
    )
}

/// Writes new customers; an external number that exists stays as it is. Gives how many are new.
pub async fn insert_customers(tx: &mut Tx, customers: &[Customer]) -> Result<u64> {
    let mut added = 0;
    for chunk in customers.chunks(PLACES_MAX / 7) {
        let sql = format!(
            "INSERT INTO bank_customer (id, external_id, kind, name, id_number, phones, since) VALUES {}
             ON CONFLICT (external_id) DO NOTHING",
            places(7, chunk.len(), 1)
        );
        let mut bound: Args = Vec::with_capacity(chunk.len() * 7);
        for c in chunk {
            let phones = serde_json::to_string(&c.phones).map_err(|e| Error::Corrupt(e.to_string()))?;
            bound.extend(args![c.id, &c.external_id, c.kind.code(), &c.name, c.id_number.clone(), phones, c.since]);
        }
        added += tx.execute(AssertSqlSafe(sql), bound).await?;
    }
    Ok(added)
}

/// Rows by a list of texts, a chunk at a time: `SELECT … WHERE column IN (…)`.
pub(crate) async fn rows_in<T: Record>(tx: &mut Tx, select: &str, values: &[&str]) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for chunk in values.chunks(PLACES_MAX) {
        let sql = format!("{select} IN {}", places(chunk.len(), 1, 1));
        let bound: Args = chunk.iter().map(|value| store::Arg::from(*value)).collect();
        let rows: Vec<T> = tx.fetch_all(AssertSqlSafe(sql), bound).await?;
        all.extend(rows);
    }
    Ok(all)
}
