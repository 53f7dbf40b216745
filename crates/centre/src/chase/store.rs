//! Chases in the database.

use std::collections::{HashMap, HashSet};

use kernel::{OrderId, ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use store::{Db, Error, Result, Tx, Who, args};
use trace::AccountKey;

use super::flow::{Payment, sum_minor};
use super::read::{Decided, over};
use crate::stop::CaseRef;

/// Where a chase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChaseState {
    /// Orders are out, or wait for a checker.
    Running,
    /// Nothing flows any more, as far as known.
    Dry,
    /// A person holds it; nothing new is ordered by itself.
    Paused,
}

impl ChaseState {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Dry => "dry",
            Self::Paused => "paused",
        }
    }

    fn from_code(code: &str) -> Result<Self> {
        [Self::Running, Self::Dry, Self::Paused]
            .into_iter()
            .find(|s| s.code() == code)
            .ok_or_else(|| Error::Corrupt("chase: state".into()))
    }
}

/// Where one account of a chase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Found; its orders wait for a checker, or are yet to be made.
    Found,
    /// A stop is on its way.
    Stopping,
    /// A query is on its way.
    Asking,
    /// All that is left of the victim's money there is held.
    Stopped,
    /// A part of it is held.
    StoppedInPart,
    /// Nothing of it is left there.
    Emptied,
    /// The bank did not stop it.
    Refused,
    /// The institution is not in the directory, or the account number is none.
    Unreachable,
    /// Below the level that is followed.
    TooDeep,
    /// A person decided that it is not to be held; nothing is ordered about it until a person does.
    Released,
    /// The bank has told a part of its statement only.
    Incomplete,
    /// Nobody knows the holder's name, so no stop could be made; a person has to find it.
    Unnamed,
}

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Found,
        Self::Stopping,
        Self::Asking,
        Self::Stopped,
        Self::StoppedInPart,
        Self::Emptied,
        Self::Refused,
        Self::Unreachable,
        Self::TooDeep,
        Self::Released,
        Self::Incomplete,
        Self::Unnamed,
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Stopping => "stopping",
            Self::Asking => "asking",
            Self::Stopped => "stopped",
            Self::StoppedInPart => "stopped_in_part",
            Self::Emptied => "emptied",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::TooDeep => "too_deep",
            Self::Released => "released",
            Self::Incomplete => "incomplete",
            Self::Unnamed => "unnamed",
        }
    }
}

/// A chase as it stands. Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chase {
    /// The case.
    pub case: CaseRef,
    /// ISO 4217 code.
    pub currency: String,
    /// Where it stands.
    pub state: ChaseState,
    /// Counts the changes.
    pub version: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When something last changed.
    pub changed_at: Timestamp,
    /// When it ran dry.
    pub dry_at: Option<Timestamp>,
    /// The sum.
    pub sum: Sum,
    /// Orders that people have allowed beyond those that a chase issues by itself.
    pub orders_allowed: i64,
}

/// The sum of a chase, minor units. `reported = stopped + exited + open`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sum {
    /// What the victim paid.
    pub reported_minor: i64,
    /// What is held of it.
    pub stopped_minor: i64,
    /// What has left the accounts.
    pub exited_minor: i64,
    /// What is neither: still moving, in an account that is not stopped, or unseen.
    pub open_minor: i64,
    /// Accounts reached.
    pub accounts: i64,
    /// Deepest level.
    pub levels: i64,
    /// Orders that wait for a checker or a bank.
    pub orders_open: i64,
}

#[derive(FromRow)]
struct ChaseRow {
    case_id: String,
    case_number: String,
    region: String,
    reported_at: i64,
    currency: String,
    state: String,
    version: i64,
    started_at: i64,
    changed_at: i64,
    dry_at: Option<i64>,
    reported_minor: i64,
    stopped_minor: i64,
    exited_minor: i64,
    open_minor: i64,
    accounts: i64,
    levels: i64,
    orders_open: i64,
    orders_allowed: i64,
}

fn chase(row: ChaseRow) -> Result<Chase> {
    Ok(Chase {
        case: CaseRef {
            id: row.case_id.parse().map_err(|_| Error::Corrupt("chase: case_id".into()))?,
            number: row.case_number,
            region: row.region,
            reported_at: Timestamp(row.reported_at),
        },
        currency: row.currency,
        state: ChaseState::from_code(&row.state)?,
        version: row.version,
        started_at: Timestamp(row.started_at),
        changed_at: Timestamp(row.changed_at),
        dry_at: row.dry_at.map(Timestamp),
        sum: Sum {
            reported_minor: row.reported_minor,
            stopped_minor: row.stopped_minor,
            exited_minor: row.exited_minor,
            open_minor: row.open_minor,
            accounts: row.accounts,
            levels: row.levels,
            orders_open: row.orders_open,
        },
        orders_allowed: row.orders_allowed,
    })
}

const CHASE: &str = "SELECT case_id, case_number, region, reported_at, currency, state, version, started_at, changed_at, \
    dry_at, reported_minor, stopped_minor, exited_minor, open_minor, accounts, levels, orders_open, orders_allowed FROM chase";

/// Chases in the scope of who asks, the last changed first; needs `chase.read`.
pub async fn list(db: &Db, who: &Who, state: Option<ChaseState>, limit: i64) -> Result<Vec<Chase>> {
    who.require("chase.read")?;
    let sql = format!("{CHASE} WHERE region LIKE $1 AND state LIKE $2 ORDER BY changed_at DESC LIMIT $3");
    let state = state.map_or("%", ChaseState::code);
    let rows: Vec<ChaseRow> =
        db.fetch_all(store::AssertSqlSafe(sql), args![who.region_pattern(), state, limit.clamp(1, 500)]).await?;
    rows.into_iter().map(chase).collect()
}

/// One chase; needs `chase.read`.
pub async fn get(db: &Db, who: &Who, case_id: ReportId) -> Result<Chase> {
    who.require("chase.read")?;
    let row: Option<ChaseRow> =
        db.fetch_optional(store::AssertSqlSafe(format!("{CHASE} WHERE case_id = $1")), args![case_id]).await?;
    let chase = chase(row.ok_or(Error::NotFound { what: "chase" })?)?;
    who.require_region(&chase.case.region)?;
    Ok(chase)
}

/// Chases as committed, whoever asks.
pub(super) async fn committed(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, Chase>> {
    let (sql, args) = over(&format!("{CHASE} WHERE case_id IN ()"), cases);
    let rows: Vec<ChaseRow> = db.fetch_all(sql, args).await?;
    rows.into_iter().map(|row| chase(row).map(|chase| (chase.case.id, chase))).collect()
}

/// A chase within the transaction.
async fn load(tx: &mut Tx, case_id: ReportId) -> Result<Option<Chase>> {
    let sql = format!("{CHASE} WHERE case_id = $1");
    let row: Option<ChaseRow> = tx.fetch_optional(store::AssertSqlSafe(sql), args![case_id]).await?;
    row.map(chase).transpose()
}

/// A chase that nobody else changes until the transaction ends.
pub(super) async fn take(tx: &mut Tx, case_id: ReportId) -> Result<Option<Chase>> {
    store::lock_row(tx, "chase", "case_id", case_id).await?;
    load(tx, case_id).await
}

/// Begins a chase; `false` when there is one already.
pub(super) async fn start(tx: &mut Tx, case: &CaseRef, currency: &str) -> Result<bool> {
    let bound = beginning(case, currency, 0, tx.now());
    Ok(tx.execute(store::AssertSqlSafe(begin_sql(1)), bound).await? > 0)
}

fn begin_sql(chases: usize) -> String {
    let places = store::places(17, chases, 1);
    format!(
        "INSERT INTO chase (case_id, case_number, region, reported_at, currency, state, version, started_at, changed_at,
            reported_minor, open_minor, stopped_minor, exited_minor, accounts, levels, orders_open, orders_allowed)
         VALUES {places} ON CONFLICT (case_id) DO NOTHING"
    )
}

/// The values of a chase that begins.
fn beginning(case: &CaseRef, currency: &str, reported_minor: i64, now: Timestamp) -> store::Args {
    let mut bound = args![case.id, &case.number, &case.region, case.reported_at, currency, ChaseState::Running.code()];
    bound.extend(args![0_i64, now, now, reported_minor, reported_minor, 0_i64, 0_i64, 0_i64, 0_i64, 0_i64, 0_i64]);
    bound
}

/// Begins chases that do not exist yet, each with its payments, with two statements for all.
///
/// # Errors
/// [`Error::Moved`] where one has begun meanwhile.
pub(super) async fn start_all(tx: &mut Tx, chases: &[(CaseRef, String, Vec<Payment>)]) -> Result<()> {
    let now = tx.now();
    for some in chases.chunks(CHASES_AT_ONCE) {
        let mut bound = args![];
        for (case, currency, payments) in some {
            bound.extend(beginning(case, currency, sum_minor(payments), now));
        }
        let made = tx.execute(store::AssertSqlSafe(begin_sql(some.len())), bound).await?;
        if usize::try_from(made).ok() != Some(some.len()) {
            return Err(Error::Moved { table: "chase" });
        }
    }
    let sources: Vec<_> = chases.iter().flat_map(|(case, _, all)| all.iter().map(|p| (case.id, p))).collect();
    for some in sources.chunks(SOURCES_AT_ONCE) {
        let bound = some.iter().flat_map(|(case_id, p)| source(*case_id, p, now)).collect();
        let sql = format!("{SOURCE} {}", store::places(11, some.len(), 1));
        tx.write(store::AssertSqlSafe(sql), bound).await?;
    }
    Ok(())
}

/// Chases begun with one statement.
const CHASES_AT_ONCE: usize = 500;
/// Payments written with one statement.
const SOURCES_AT_ONCE: usize = 500;

/// The currencies in which cases are followed; those without a chase are left out.
pub(crate) async fn currencies(tx: &mut Tx, cases: &[ReportId]) -> Result<HashMap<ReportId, String>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let (sql, bound) = over("SELECT case_id, currency FROM chase WHERE case_id IN ()", cases);
    let rows: Vec<(String, String)> = tx.fetch_all(sql, bound).await?;
    let read = |id: String| id.parse().map_err(|_| Error::Corrupt("chase: case_id".into()));
    rows.into_iter().map(|(id, currency)| Ok((read(id)?, currency))).collect()
}

/// The currency in which a case is followed; none where no chase has begun.
pub(crate) async fn currency(tx: &mut Tx, case_id: ReportId) -> Result<Option<String>> {
    Ok(currencies(tx, &[case_id]).await?.remove(&case_id))
}

/// Counts a change of a chase that stands as it was seen, and gives the new version; none where somebody has changed it
/// meanwhile. A person who pauses a chase is not overtaken by a turn that began before.
pub(super) async fn advance(tx: &mut Tx, case_id: ReportId, version: i64, state: ChaseState) -> Result<Option<i64>> {
    let now = tx.now();
    let row: Option<(i64,)> = tx
        .fetch_optional(
            "UPDATE chase SET version = version + 1, changed_at = $1 WHERE case_id = $2 AND version = $3 AND state = $4
             RETURNING version",
            args![now, case_id, version, state.code()],
        )
        .await?;
    Ok(row.map(|(version,)| version))
}

/// Notes that a case has moved: an order of it, or what it starts from. The turn that works on it forgets the note.
pub(super) async fn note_moved(tx: &mut Tx, case_id: ReportId, order: Option<OrderId>) -> Result<()> {
    let now = tx.now();
    let order = order.map_or_else(String::new, |id| id.to_string());
    tx.write(
        "INSERT INTO chase_moved (case_id, order_id, times, at) VALUES ($1,$2,1,$3)
         ON CONFLICT (case_id, order_id) DO UPDATE SET times = chase_moved.times + 1",
        args![case_id, order, now],
    )
    .await?;
    tx.wake();
    Ok(())
}

/// What has moved in a case: order (empty for the case itself) and how often.
pub(super) type Moved = Vec<(String, i64)>;

/// Forgets what a turn has worked on; what moved again meanwhile stays. Notes are taken in the order of their orders, as
/// the reaction writes them.
pub(super) async fn forget_moved(tx: &mut Tx, case_id: ReportId, moved: &mut Moved) -> Result<()> {
    moved.sort();
    for (order, times) in moved {
        tx.write(
            "DELETE FROM chase_moved WHERE case_id = $1 AND order_id = $2 AND times = $3",
            args![case_id, &*order, *times],
        )
        .await?;
    }
    Ok(())
}

/// Cases that have moved, the longest ago first.
pub(super) async fn cases_moved(db: &Db, most: i64) -> Result<Vec<ReportId>> {
    // The oldest notes by their index, whatever number of them waits.
    let notes: Vec<(String,)> =
        db.fetch_all("SELECT case_id FROM chase_moved ORDER BY at, case_id, order_id LIMIT $1", args![most]).await?;
    let all = notes.len();
    let mut cases = distinct(notes)?;
    if i64::try_from(all).is_ok_and(|all| all >= most) && cases.len() < CASES_LEAST {
        // A few cases have more notes than one look reads, and must not hide the others.
        let cases_of: Vec<(String,)> = db
            .fetch_all(
                "SELECT case_id FROM chase_moved GROUP BY case_id ORDER BY MIN(at), case_id LIMIT $1",
                args![most],
            )
            .await?;
        cases = distinct(cases_of)?;
    }
    Ok(cases)
}

/// Where one look at the notes finds fewer cases than this, all notes are looked through.
const CASES_LEAST: usize = 100;

fn distinct(rows: Vec<(String,)>) -> Result<Vec<ReportId>> {
    let mut seen = HashSet::with_capacity(rows.len());
    let mut cases = Vec::new();
    for (id,) in rows {
        let case_id = id.parse().map_err(|_| Error::Corrupt("chase_moved: case_id".into()))?;
        if seen.insert(case_id) {
            cases.push(case_id);
        }
    }
    Ok(cases)
}

pub(super) async fn put_decision(tx: &mut Tx, case_id: ReportId, account: &AccountKey, d: &Decided) -> Result<()> {
    tx.write(
        "INSERT INTO chase_decision (case_id, bank, account, order_id, number, by_user, at, reason, received_minor)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (case_id, bank, account, order_id) DO NOTHING",
        args![
            case_id,
            account.bank.as_ref(),
            account.number.as_ref(),
            d.order,
            &d.number,
            &d.by,
            d.at,
            &d.reason,
            d.received_minor
        ],
    )
    .await?;
    Ok(())
}

type WaitRow = (String, String, String, String, String, String, i64);

/// What of chases waits for a person, in the regions of who asks, the oldest first; needs `chase.read`.
pub(super) async fn waiting(db: &Db, who: &Who, case: Option<ReportId>) -> Result<Vec<super::api::ChaseWait>> {
    who.require("chase.read")?;
    let case = case.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<WaitRow> = db
        .fetch_all(
            "SELECT c.case_id, c.case_number, c.region, w.kind, w.key, w.words, w.since
             FROM chase_waiting w JOIN chase c ON c.case_id = w.case_id
             WHERE c.region LIKE $1 AND ($2 = '' OR w.case_id = $2) ORDER BY w.since, w.case_id, w.kind, w.key LIMIT 500",
            args![who.region_pattern(), case],
        )
        .await?;
    let read = |(case_id, case_number, region, kind, key, words, since): WaitRow| {
        Ok(super::api::ChaseWait {
            case_id: case_id.parse().map_err(|_| Error::Corrupt("chase_waiting: case_id".into()))?,
            case_number,
            region,
            kind,
            key,
            words: serde_json::from_str(&words).map_err(|e| Error::Corrupt(format!("chase_waiting: {e}")))?,
            since: Timestamp(since),
        })
    };
    rows.into_iter().map(read).collect()
}

/// How much of chases waits for a person in the regions of who asks; needs `chase.read`.
pub(crate) async fn count_waiting(db: &Db, who: &Who) -> Result<i64> {
    who.require("chase.read")?;
    let (count,): (i64,) = db
        .fetch_one(
            "SELECT COUNT(*) FROM chase_waiting w JOIN chase c ON c.case_id = w.case_id WHERE c.region LIKE $1",
            args![who.region_pattern()],
        )
        .await?;
    Ok(count)
}

pub(super) async fn put_wait(tx: &mut Tx, case_id: ReportId, kind: &str, key: &str, said: &kernel::Said) -> Result<()> {
    let now = tx.now();
    let words = serde_json::to_string(said).map_err(|e| Error::Corrupt(e.to_string()))?;
    tx.write(
        "INSERT INTO chase_waiting (case_id, kind, key, words, since) VALUES ($1,$2,$3,$4,$5)
         ON CONFLICT (case_id, kind, key) DO UPDATE SET words = excluded.words",
        args![case_id, kind, key, words, now],
    )
    .await?;
    Ok(())
}

pub(super) async fn drop_wait(tx: &mut Tx, case_id: ReportId, kind: &str, key: &str) -> Result<()> {
    tx.write("DELETE FROM chase_waiting WHERE case_id = $1 AND kind = $2 AND key = $3", args![case_id, kind, key])
        .await?;
    Ok(())
}

/// Puts a wait beside the turns. What is kept of the case in memory does not know of it and is built anew.
pub(super) async fn put_wait_beside(
    tx: &mut Tx,
    case_id: ReportId,
    kind: &str,
    key: &str,
    said: &kernel::Said,
) -> Result<()> {
    tx.write("UPDATE chase SET version = version + 1 WHERE case_id = $1", args![case_id]).await?;
    put_wait(tx, case_id, kind, key, said).await
}

/// Lets a chase that stands as it was seen issue more orders by itself.
///
/// # Errors
/// [`Error::Moved`] when somebody else has changed it meanwhile.
pub(super) async fn allow_orders(tx: &mut Tx, chase: &Chase, count: i64) -> Result<()> {
    store::transition("chase", chase.case.id)
        .key("case_id")
        .from(chase.state.code())
        .expect("orders_allowed", chase.orders_allowed)
        .set("orders_allowed", chase.orders_allowed.saturating_add(count))
        .apply(tx)
        .await
}

/// Goes from one state to another.
///
/// # Errors
/// [`Error::Moved`] when somebody else has changed it meanwhile.
pub(super) async fn set_state(tx: &mut Tx, case_id: ReportId, from: ChaseState, to: ChaseState) -> Result<()> {
    let now = tx.now();
    store::transition("chase", case_id)
        .key("case_id")
        .from(from.code())
        .to(to.code())
        .set("dry_at", (to == ChaseState::Dry).then_some(now))
        .apply(tx)
        .await
}

pub(super) async fn set_sum(tx: &mut Tx, case_id: ReportId, sum: &Sum) -> Result<()> {
    tx.write(
        "UPDATE chase SET reported_minor = $1, stopped_minor = $2, exited_minor = $3, open_minor = $4, accounts = $5,
            levels = $6, orders_open = $7 WHERE case_id = $8",
        args![
            sum.reported_minor,
            sum.stopped_minor,
            sum.exited_minor,
            sum.open_minor,
            sum.accounts,
            sum.levels,
            sum.orders_open,
            case_id
        ],
    )
    .await?;
    Ok(())
}

/// Adds a payment from which a chase starts; `false` when it is known.
pub(super) async fn add_source(tx: &mut Tx, case_id: ReportId, p: &Payment) -> Result<bool> {
    let now = tx.now();
    let sql = format!("{SOURCE} {} ON CONFLICT (case_id, payment_id) DO NOTHING", store::places(11, 1, 1));
    Ok(tx.execute(store::AssertSqlSafe(sql), source(case_id, p, now)).await? > 0)
}

const SOURCE: &str = "INSERT INTO chase_source (case_id, payment_id, bank, account, name, amount_minor, at, reference, \
    payer_bank, payer_account, added_at) VALUES";

fn source(case_id: ReportId, p: &Payment, added_at: Timestamp) -> store::Args {
    args![
        case_id,
        &p.id,
        p.payee.bank.as_ref(),
        p.payee.number.as_ref(),
        p.payee_name.clone(),
        p.amount_minor,
        p.at,
        p.reference.clone(),
        p.payer.as_ref().map(|k| k.bank.to_string()),
        p.payer.as_ref().map(|k| k.number.to_string()),
        added_at
    ]
}

/// Counts payments into the sum at once; the next turn works it out anew.
pub(super) async fn add_reported(tx: &mut Tx, case_id: ReportId, minor: i64) -> Result<()> {
    tx.write(
        "UPDATE chase SET reported_minor = reported_minor + $1, open_minor = open_minor + $1 WHERE case_id = $2",
        args![minor, case_id],
    )
    .await?;
    Ok(())
}

/// Whether a person holds the chase.
pub(super) async fn is_paused(tx: &mut Tx, case_id: ReportId) -> Result<bool> {
    let row: Option<(String,)> =
        tx.fetch_optional("SELECT state FROM chase WHERE case_id = $1", args![case_id]).await?;
    Ok(row.is_some_and(|(state,)| state == ChaseState::Paused.code()))
}

/// The figures of one account, minor units.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AccountFigures {
    /// Institution.
    pub bank: String,
    /// Number.
    pub account: String,
    /// Holder, as the victim or a statement names him.
    pub name: Option<String>,
    /// Level.
    pub level: i64,
    /// The victim's money that came in.
    pub received_minor: i64,
    /// What was passed on to other accounts.
    pub passed_on_minor: i64,
    /// What left the accounts there.
    pub exited_minor: i64,
    /// What was spent where nobody saw.
    pub unseen_minor: i64,
    /// What is still there.
    pub remaining_minor: i64,
    /// What is held of it.
    pub stopped_minor: i64,
    /// What the bank holds there for the case; more than `stopped_minor` where it is not the victim's.
    pub held_minor: i64,
    /// What can no longer be reached there.
    pub out_of_reach_minor: i64,
    /// State word, see [`AccountState`].
    pub state: String,
}

/// A tainted transfer, minor units.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TransferFigures {
    /// Identity within the case.
    pub key: String,
    /// Payer's institution.
    pub from_bank: String,
    /// Payer's account.
    pub from_account: String,
    /// Payee's institution.
    pub to_bank: Option<String>,
    /// Payee's account.
    pub to_account: Option<String>,
    /// The way out, where it is one.
    pub exit: Option<String>,
    /// The whole transfer.
    pub amount_minor: i64,
    /// The victim's part of it.
    pub tainted_minor: i64,
    /// When.
    pub at: i64,
    /// The bank's reference.
    pub reference: String,
    /// Level of the money at the payee.
    pub level: i64,
}

const ACCOUNTS: &str = "SELECT bank, account, name, level, received_minor, passed_on_minor, exited_minor, unseen_minor, \
    remaining_minor, stopped_minor, held_minor, out_of_reach_minor, state FROM chase_account WHERE case_id = $1 \
    ORDER BY level, received_minor DESC, bank, account";
const TRANSFERS: &str = "SELECT key, from_bank, from_account, to_bank, to_account, exit, amount_minor, tainted_minor, at, \
    reference, level FROM chase_transfer WHERE case_id = $1 ORDER BY at, key";

/// Accounts of a chase by level; the caller has checked the right.
pub async fn accounts(db: &Db, case_id: ReportId) -> Result<Vec<AccountFigures>> {
    db.fetch_all(ACCOUNTS, args![case_id]).await
}

/// Tainted transfers of a chase by time; the caller has checked the right.
pub async fn transfers(db: &Db, case_id: ReportId) -> Result<Vec<TransferFigures>> {
    db.fetch_all(TRANSFERS, args![case_id]).await
}

/// The victim's payments of a chase; the caller has checked the right.
pub async fn payments(db: &Db, case_id: ReportId) -> Result<Vec<(String, String, i64, i64)>> {
    db.fetch_all(
        "SELECT bank, account, amount_minor, at FROM chase_source WHERE case_id = $1 ORDER BY at, payment_id",
        args![case_id],
    )
    .await
}

pub(super) async fn put_account(tx: &mut Tx, case_id: ReportId, a: &AccountFigures) -> Result<()> {
    tx.write(
        "INSERT INTO chase_account (case_id, bank, account, name, level, received_minor, passed_on_minor, exited_minor,
            unseen_minor, remaining_minor, stopped_minor, held_minor, out_of_reach_minor, state)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)
         ON CONFLICT (case_id, bank, account) DO UPDATE SET name = excluded.name, level = excluded.level,
            received_minor = excluded.received_minor, passed_on_minor = excluded.passed_on_minor,
            exited_minor = excluded.exited_minor, unseen_minor = excluded.unseen_minor,
            remaining_minor = excluded.remaining_minor, stopped_minor = excluded.stopped_minor,
            held_minor = excluded.held_minor, out_of_reach_minor = excluded.out_of_reach_minor, state = excluded.state",
        args![
            case_id,
            &a.bank,
            &a.account,
            a.name.clone(),
            a.level,
            a.received_minor,
            a.passed_on_minor,
            a.exited_minor,
            a.unseen_minor,
            a.remaining_minor,
            a.stopped_minor,
            a.held_minor,
            a.out_of_reach_minor,
            &a.state
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn put_transfer(tx: &mut Tx, case_id: ReportId, t: &TransferFigures) -> Result<()> {
    tx.write(
        "INSERT INTO chase_transfer (case_id, key, from_bank, from_account, to_bank, to_account, exit, amount_minor,
            tainted_minor, at, reference, level) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)
         ON CONFLICT (case_id, key) DO UPDATE SET to_bank = excluded.to_bank, to_account = excluded.to_account,
            exit = excluded.exit, tainted_minor = excluded.tainted_minor, level = excluded.level",
        args![
            case_id,
            &t.key,
            &t.from_bank,
            &t.from_account,
            t.to_bank.clone(),
            t.to_account.clone(),
            t.exit.clone(),
            t.amount_minor,
            t.tainted_minor,
            t.at,
            &t.reference,
            t.level
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn drop_account(tx: &mut Tx, case_id: ReportId, key: &AccountKey) -> Result<()> {
    tx.write(
        "DELETE FROM chase_account WHERE case_id = $1 AND bank = $2 AND account = $3",
        args![case_id, key.bank.as_ref(), key.number.as_ref()],
    )
    .await?;
    Ok(())
}

pub(super) async fn drop_transfer(tx: &mut Tx, case_id: ReportId, key: &str) -> Result<()> {
    tx.write("DELETE FROM chase_transfer WHERE case_id = $1 AND key = $2", args![case_id, key]).await?;
    Ok(())
}

impl AccountFigures {
    /// Where the account stands.
    pub fn state(&self) -> AccountState {
        AccountState::ALL.into_iter().find(|s| s.code() == self.state).unwrap_or(AccountState::Found)
    }
}

/// The orders of a case by institution and account; the caller has checked the right.
pub(super) async fn order_ids(db: &Db, case_id: ReportId) -> Result<HashMap<(String, String), Vec<OrderId>>> {
    let rows: Vec<(String, String, String)> = db
        .fetch_all(
            "SELECT partner, account_no, id FROM stop_order WHERE case_id = $1 ORDER BY made_at, id",
            args![case_id],
        )
        .await?;
    let mut by_account: HashMap<(String, String), Vec<OrderId>> = HashMap::new();
    for (partner, account, id) in rows {
        if let Ok(id) = id.parse() {
            by_account.entry((partner, account)).or_default().push(id);
        }
    }
    Ok(by_account)
}
