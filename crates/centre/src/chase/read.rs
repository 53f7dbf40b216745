//! What a turn reads. Every statement is a journey to the database and back, so each asks for several cases at once.

use std::collections::HashMap;

use kernel::{OrderId, ReportId, Timestamp};
use sqlx::FromRow;
use store::{Args, AssertSqlSafe, Db, Error, Result, Tx};
use trace::AccountKey;
use wire::{AnswerCode, OrderKind};

use super::flow::{Payment, account_key};
use super::store::{AccountFigures, Moved, TransferFigures};
use crate::stop::model::State;

/// A statement in which `IN ()` stands for the identities.
pub(super) fn over<T: ToString>(sql: &str, ids: &[T]) -> (AssertSqlSafe<String>, Args) {
    let sql = sql.replace("IN ()", &format!("IN {}", store::places(ids.len(), 1, 1)));
    (AssertSqlSafe(sql), ids.iter().map(|id| store::Arg::from(id.to_string())).collect())
}

fn case(id: &str, table: &str) -> Result<ReportId> {
    id.parse().map_err(|_| Error::Corrupt(format!("{table}: case_id")))
}

/// What belongs to each case, in the order in which it was read.
fn by_case<R, T>(rows: Vec<R>, read: impl Fn(R) -> Result<(ReportId, T)>) -> Result<HashMap<ReportId, Vec<T>>> {
    let mut all: HashMap<ReportId, Vec<T>> = HashMap::new();
    for row in rows {
        let (case_id, one) = read(row)?;
        all.entry(case_id).or_default().push(one);
    }
    Ok(all)
}

/// What has moved in cases, the oldest notes first; of one case as many as a turn works on.
pub(super) async fn moved(db: &Db, cases: &[ReportId], most: usize) -> Result<HashMap<ReportId, Moved>> {
    let rows: Vec<(String, String, i64)> = match cases {
        [] => Vec::new(),
        // A heavy case comes alone; it may have a note for each of thousands of orders.
        [one] => {
            db.fetch_all(
                "SELECT case_id, order_id, times FROM chase_moved WHERE case_id = $1 ORDER BY at, order_id LIMIT $2",
                store::args![*one, i64::try_from(most).unwrap_or(i64::MAX)],
            )
            .await?
        }
        several => {
            let sql = "SELECT case_id, order_id, times FROM chase_moved WHERE case_id IN () ORDER BY at, order_id";
            let (sql, args) = over(sql, several);
            db.fetch_all(sql, args).await?
        }
    };
    let mut all = by_case(rows, |(id, order, times)| Ok((case(&id, "chase_moved")?, (order, times))))?;
    for notes in all.values_mut() {
        notes.truncate(most);
    }
    Ok(all)
}

/// How many lines banks have told in cases, and how many orders these have: how heavy a turn of each is. A case without
/// orders is not named.
pub(super) async fn weights(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, i64>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT case_id, CAST(COALESCE(SUM(movements), 0) AS BIGINT), COUNT(*) FROM stop_order
         WHERE case_id IN () GROUP BY case_id";
    let (sql, args) = over(sql, cases);
    let rows: Vec<(String, i64, i64)> = db.fetch_all(sql, args).await?;
    rows.into_iter().map(|(id, lines, orders)| Ok((case(&id, "stop_order")?, lines + 4 * orders))).collect()
}

/// What a person decided about an account of a case, and how much of the victim's money was known to have come in then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) order: OrderId,
    pub(super) number: String,
    pub(super) by: String,
    pub(super) at: Timestamp,
    pub(super) reason: String,
    pub(super) received_minor: i64,
}

type DecisionRow = (String, String, String, String, String, String, i64, String, i64);

pub(super) async fn decisions(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, Vec<(AccountKey, Decided)>>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT case_id, bank, account, order_id, number, by_user, at, reason, received_minor FROM chase_decision
         WHERE case_id IN () ORDER BY at, order_id";
    let (sql, args) = over(sql, cases);
    let rows: Vec<DecisionRow> = db.fetch_all(sql, args).await?;
    by_case(rows, |(id, bank, account, order, number, by, at, reason, received_minor)| {
        let order = order.parse().map_err(|_| Error::Corrupt("chase_decision: order_id".into()))?;
        let decided = Decided { order, number, by, at: Timestamp(at), reason, received_minor };
        Ok((case(&id, "chase_decision")?, (account_key(&bank, &account), decided)))
    })
}

/// What of a chase waits for a person, by kind and key.
pub(super) type Waits = std::collections::BTreeMap<(String, String), kernel::Said>;

pub(super) async fn waits(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, Waits>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let (sql, args) = over("SELECT case_id, kind, key, words FROM chase_waiting WHERE case_id IN ()", cases);
    let rows: Vec<(String, String, String, String)> = db.fetch_all(sql, args).await?;
    let waits = by_case(rows, |(id, kind, key, words)| {
        let said = serde_json::from_str(&words).map_err(|e| Error::Corrupt(format!("chase_waiting: {e}")))?;
        Ok((case(&id, "chase_waiting")?, ((kind, key), said)))
    })?;
    Ok(waits.into_iter().map(|(id, waits)| (id, waits.into_iter().collect())).collect())
}

#[derive(FromRow)]
struct SourceRow {
    case_id: String,
    payment_id: String,
    bank: String,
    account: String,
    name: Option<String>,
    amount_minor: i64,
    at: i64,
    reference: Option<String>,
    payer_bank: Option<String>,
    payer_account: Option<String>,
    added_at: i64,
}

/// The payments from which chases start, and when each became known.
pub(super) async fn sources(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, Vec<(Payment, Timestamp)>>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT case_id, payment_id, bank, account, name, amount_minor, at, reference, payer_bank, payer_account,
            added_at FROM chase_source WHERE case_id IN () ORDER BY at, payment_id";
    let (sql, args) = over(sql, cases);
    let rows: Vec<SourceRow> = db.fetch_all(sql, args).await?;
    by_case(rows, |r| {
        let payment = Payment {
            id: r.payment_id,
            payee: account_key(&r.bank, &r.account),
            payee_name: r.name,
            amount_minor: r.amount_minor,
            at: Timestamp(r.at),
            reference: r.reference,
            payer: r.payer_bank.zip(r.payer_account).map(|(bank, account)| account_key(&bank, &account)),
        };
        Ok((case(&r.case_id, "chase_source")?, (payment, Timestamp(r.added_at))))
    })
}

/// What the chase needs to know of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderBrief {
    pub(super) id: OrderId,
    pub(super) kind: OrderKind,
    pub(super) state: State,
    pub(super) account: AccountKey,
    pub(super) amount_minor: Option<i64>,
    pub(super) held_minor: Option<i64>,
    pub(super) answer_code: Option<AnswerCode>,
    pub(super) number: String,
    pub(super) maker: String,
    /// The person who decided; none while it waits, and where a standing rule approved.
    pub(super) checker: Option<String>,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) decision_reason: Option<String>,
    pub(super) reason: String,
    pub(super) refers_to: Option<OrderId>,
    /// A further page of a statement.
    pub(super) continues: bool,
    /// When the bank answered.
    pub(super) answered_at: Option<Timestamp>,
    /// Lines that the bank told and that are not kept, and when the last of them came.
    pub(super) lines_refused: usize,
    pub(super) lines_refused_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct BriefRow {
    case_id: String,
    id: String,
    kind: String,
    state: String,
    partner: String,
    account_no: String,
    amount_minor: Option<i64>,
    held_minor: Option<i64>,
    answer_code: Option<String>,
    number: String,
    maker: String,
    checker: Option<String>,
    decided_at: Option<i64>,
    decision_reason: Option<String>,
    reason: String,
    refers_to: Option<String>,
    dedup: Option<String>,
    answered_at: Option<i64>,
    lines_refused: i64,
    lines_refused_at: Option<i64>,
}

const BRIEF: &str = "SELECT case_id, id, kind, state, partner, account_no, amount_minor, held_minor, answer_code, \
    number, maker, checker, decided_at, decision_reason, reason, refers_to, dedup, answered_at, lines_refused, \
    lines_refused_at FROM stop_order";

/// How the word begins that makes a further page of a statement one order.
pub(super) const CONTINUES: &str = "query-more:";

fn brief(row: BriefRow) -> Result<(ReportId, OrderBrief)> {
    let corrupt = |what: &str| Error::Corrupt(format!("order: {what}"));
    let case_id = case(&row.case_id, "stop_order")?;
    let brief = OrderBrief {
        id: row.id.parse().map_err(|_| corrupt("id"))?,
        kind: row.kind.parse().map_err(|_| corrupt("kind"))?,
        state: State::from_code(&row.state).ok_or_else(|| corrupt("state"))?,
        account: account_key(&row.partner, &row.account_no),
        amount_minor: row.amount_minor,
        held_minor: row.held_minor,
        answer_code: row.answer_code.map(|c| c.parse()).transpose().map_err(|_| corrupt("answer_code"))?,
        number: row.number,
        maker: row.maker,
        checker: row.checker,
        decided_at: row.decided_at.map(Timestamp),
        decision_reason: row.decision_reason,
        reason: row.reason,
        refers_to: row.refers_to.map(|id| id.parse()).transpose().map_err(|_| corrupt("refers_to"))?,
        continues: row.dedup.is_some_and(|dedup| dedup.starts_with(CONTINUES)),
        answered_at: row.answered_at.map(Timestamp),
        lines_refused: usize::try_from(row.lines_refused).unwrap_or(0),
        lines_refused_at: row.lines_refused_at.map(Timestamp),
    };
    Ok((case_id, brief))
}

/// The orders of cases.
pub(super) async fn briefs(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, Vec<OrderBrief>>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let (sql, args) = over(&format!("{BRIEF} WHERE case_id IN () ORDER BY made_at, id"), cases);
    by_case(db.fetch_all(sql, args).await?, brief)
}

/// Orders as committed.
pub(super) async fn committed_briefs(db: &Db, orders: &[String]) -> Result<HashMap<String, OrderBrief>> {
    let mut all = HashMap::with_capacity(orders.len());
    for part in orders.chunks(ORDERS_AT_ONCE) {
        let (sql, args) = over(&format!("{BRIEF} WHERE id IN ()"), part);
        let rows: Vec<BriefRow> = db.fetch_all(sql, args).await?;
        for row in rows {
            all.insert(row.id.clone(), brief(row)?.1);
        }
    }
    Ok(all)
}

/// Orders asked for in one statement at most.
const ORDERS_AT_ONCE: usize = 256;

/// One order within the transaction that made it.
pub(super) async fn one_brief(tx: &mut Tx, id: OrderId) -> Result<Option<OrderBrief>> {
    let (sql, args) = over(&format!("{BRIEF} WHERE id IN ()"), &[id]);
    let row: Option<BriefRow> = tx.fetch_optional(sql, args).await?;
    row.map(|row| brief(row).map(|(_, brief)| brief)).transpose()
}

pub(super) type Figures = (HashMap<AccountKey, AccountFigures>, HashMap<String, TransferFigures>);

/// A row with the case to which it belongs.
#[derive(FromRow)]
struct Of<T> {
    case_id: String,
    #[sqlx(flatten)]
    row: T,
}

/// The figures of cases as they were last written.
pub(super) async fn figures(db: &Db, cases: &[ReportId]) -> Result<HashMap<ReportId, Figures>> {
    let mut all: HashMap<ReportId, Figures> = HashMap::new();
    if cases.is_empty() {
        return Ok(all);
    }
    let accounts = "SELECT case_id, bank, account, name, level, received_minor, passed_on_minor, exited_minor, unseen_minor,
            remaining_minor, stopped_minor, held_minor, out_of_reach_minor, state FROM chase_account WHERE case_id IN ()";
    let (sql, args) = over(accounts, cases);
    let accounts: Vec<Of<AccountFigures>> = db.fetch_all(sql, args).await?;
    for Of { case_id, row } in accounts {
        // As it was written: a row under another spelling goes when the figures are worked out again.
        let key = AccountKey::new(&row.bank, &row.account);
        all.entry(case(&case_id, "chase_account")?).or_default().0.insert(key, row);
    }
    let transfers =
        "SELECT case_id, key, from_bank, from_account, to_bank, to_account, exit, amount_minor, tainted_minor,
            at, reference, level FROM chase_transfer WHERE case_id IN ()";
    let (sql, args) = over(transfers, cases);
    let transfers: Vec<Of<TransferFigures>> = db.fetch_all(sql, args).await?;
    for Of { case_id, row } in transfers {
        all.entry(case(&case_id, "chase_transfer")?).or_default().1.insert(row.key.clone(), row);
    }
    Ok(all)
}
