//! Orders and standing rules in the database.

use std::collections::HashMap;

use kernel::{Fault, OrderId, RuleId, Timestamp};
use sqlx::FromRow;
use store::{AssertSqlSafe, Db, Error, Result, Transition, Tx, Who, args};
use wire::OrderKind;

use super::believed::is_same;
use super::model::State;
use super::order::{Basis, COLUMNS, Ground, NewOrder, Row, StopOrder, order};
use super::rule::StandingRule;
use crate::named::begins;

/// Most orders that one list gives.
pub const LIST_MAX: i64 = 500;

/// The queues of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Waits for a checker.
    Review,
    /// Waits for the bank.
    Waiting,
    /// Money is held.
    Held,
    /// The bank or the checker said no, or nobody answered.
    Refused,
    /// All that has ended.
    Ended,
}

impl Queue {
    const fn states(self) -> &'static str {
        match self {
            Self::Review => "'review'",
            Self::Waiting => "'sent'",
            Self::Held => "'in_effect','waiting'",
            Self::Refused => "'refused','rejected','expired'",
            Self::Ended => "'done','lapsed','lifted','replaced','cancelled'",
        }
    }

    /// What ends first stands first: the time the queue is sorted by.
    const fn order(self) -> &'static str {
        match self {
            Self::Review => "made_at, id",
            Self::Waiting => "answer_due, id",
            Self::Held => "hold_until, id",
            Self::Refused | Self::Ended => "COALESCE(ended_at, answered_at, decided_at) DESC, id DESC",
        }
    }
}

/// Which orders are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One queue.
    pub queue: Option<Queue>,
    /// One state.
    pub state: Option<State>,
    /// One case.
    pub case_id: Option<String>,
    /// One partner.
    pub partner: Option<String>,
    /// Number of the order, of the case, the end of the account number, or the beginning of the account's name.
    pub text: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// Orders that fit, in the order of their queue; needs `stop.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<StopOrder>> {
    who.require("stop.read")?;
    let mut bound = args![who.region_pattern()];
    let mut sql = format!("SELECT {COLUMNS} FROM stop_order WHERE region LIKE $1");
    if let Some(queue) = filter.queue {
        sql.push_str(&format!(" AND state IN ({})", queue.states()));
    }
    let mut and = |condition: &str, arg: store::Arg| {
        bound.push(arg);
        sql.push_str(&condition.replace('?', &format!("${}", bound.len())));
    };
    if let Some(state) = filter.state {
        and(" AND state = ?", state.code().into());
    }
    if let Some(case_id) = &filter.case_id {
        and(" AND case_id = ?", case_id.into());
    }
    if let Some(partner) = &filter.partner {
        and(" AND partner = ?", partner.into());
    }
    if let Some(text) = &filter.text {
        let bare = text.trim().replace(['%', '_'], "");
        and(" AND (number LIKE ? OR case_number LIKE ?", format!("%{bare}").into());
        // An account is found by its number, however that is typed.
        let account = Some(kernel::AccountNo::part(&bare)).filter(|part| !part.is_empty());
        and(" OR account_no LIKE ?", format!("%{}", account.unwrap_or(bare)).into());
        if let Some((named, [first, whole])) = begins("stop_order", "id", "account_name", text) {
            let (before, after) = named.split_once('?').unwrap_or((named.as_str(), ""));
            and(&format!(" OR id IN (SELECT * FROM ({before}?"), first.into());
            and(&format!("{after}) AS named)"), whole.into());
        }
        sql.push(')');
    }
    sql.push_str(&format!(
        " ORDER BY {} LIMIT {}",
        filter.queue.map_or("made_at DESC, id DESC", Queue::order),
        filter.limit.clamp(1, LIST_MAX)
    ));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(order).collect()
}

/// How many orders wait in each queue; needs `stop.read`.
pub async fn counts(db: &Db, who: &Who) -> Result<Vec<(String, i64)>> {
    who.require("stop.read")?;
    db.fetch_all(
        "SELECT state, COUNT(*) FROM stop_order WHERE region LIKE $1 GROUP BY state",
        args![who.region_pattern()],
    )
    .await
}

/// One order; needs `stop.read`.
pub async fn get(db: &Db, who: &Who, id: OrderId) -> Result<StopOrder> {
    who.require("stop.read")?;
    let row: Option<Row> =
        db.fetch_optional(AssertSqlSafe(format!("SELECT {COLUMNS} FROM stop_order WHERE id = $1")), args![id]).await?;
    let order = order(row.ok_or(Error::NotFound { what: "order" })?)?;
    who.require_region(&order.asked.case.region)?;
    Ok(order)
}

/// The sealed text of an order that has left.
pub async fn document(db: &Db, id: OrderId) -> Result<Option<String>> {
    let row: Option<(Option<String>,)> =
        db.fetch_optional("SELECT document FROM stop_order WHERE id = $1", args![id]).await?;
    Ok(row.and_then(|(document,)| document))
}

/// One order inside a transaction; the caller has the right.
pub(crate) async fn load(tx: &mut Tx, id: OrderId) -> Result<Option<StopOrder>> {
    let row: Option<Row> =
        tx.fetch_optional(AssertSqlSafe(format!("SELECT {COLUMNS} FROM stop_order WHERE id = $1")), args![id]).await?;
    row.map(order).transpose()
}

/// One order that nobody else changes until the transaction ends: for machines, which act on what stands there.
pub(super) async fn take(tx: &mut Tx, id: OrderId) -> Result<Option<StopOrder>> {
    store::lock_row(tx, "stop_order", "id", id).await?;
    load(tx, id).await
}

/// The change of an order from the state in which it was read.
pub(super) fn leave(order: &StopOrder, next: State) -> Transition {
    store::transition("stop_order", order.id).from(order.state.code()).to(next.code())
}

/// Orders are made one after the other, as their numbers are. Taken before [`lock_limit`]: who makes several orders
/// takes several of those.
pub(super) async fn lock_makers(tx: &mut Tx) -> Result<()> {
    store::lock_name(tx, "stop.make").await
}

/// Orders about one account in one case are looked through and added one after the other. Taken before any row.
pub(super) async fn lock_limit(tx: &mut Tx, asked: &NewOrder) -> Result<()> {
    store::lock_name(tx, &format!("stop.limit:{}:{}:{}", asked.case.id, asked.partner, asked.account_no)).await
}

/// Answers about holds on one account of a case are taken one after the other: each must see what the other left in
/// effect. Taken before any row.
pub(super) async fn lock_holds(tx: &mut Tx, asked: &NewOrder) -> Result<()> {
    store::lock_name(tx, &format!("stop.holds:{}:{}:{}", asked.case.id, asked.partner, asked.account_no)).await
}

pub(super) async fn known_dedup(tx: &mut Tx, dedup: &str) -> Result<Option<OrderId>> {
    let row: Option<(String,)> = tx.fetch_optional("SELECT id FROM stop_order WHERE dedup = $1", args![dedup]).await?;
    row.map(|(id,)| id.parse().map_err(|_| Error::Corrupt("order: id".into()))).transpose()
}

pub(super) async fn insert(tx: &mut Tx, id: OrderId, number: &str, asked: &NewOrder, maker: &str) -> Result<()> {
    let now = tx.now();
    let check = asked.check.as_ref();
    tx.write(
        "INSERT INTO stop_order (id, number, dedup, case_id, case_number, region, reported_at, partner, kind, state,
            account_no, account_name, currency, check_amount_minor, check_at, check_reference, amount_minor,
            period_from, period_to, until, refers_to, level, include_interest, approval_level, reason, maker, made_at,
            escalation)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'review',$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,0)",
        args![
            id,
            number,
            asked.dedup.clone(),
            asked.case.id,
            &asked.case.number,
            &asked.case.region,
            asked.case.reported_at,
            &asked.partner,
            asked.kind.code(),
            &asked.account_no,
            asked.account_name.clone(),
            &asked.currency,
            check.map(|c| c.amount_minor),
            check.map(|c| c.at),
            check.and_then(|c| c.reference.clone()),
            asked.amount_minor,
            asked.period.map(|p| p.from),
            asked.period.map(|p| p.to),
            asked.until,
            asked.refers_to,
            asked.level,
            asked.include_interest,
            asked.approval_level.map(|l| l.code().to_owned()),
            &asked.reason,
            maker,
            now,
        ],
    )
    .await?;
    Ok(())
}

/// Transfers kept as grounds of one order at most.
const GROUNDS_MAX: usize = 200;

pub(super) async fn insert_basis(tx: &mut Tx, id: OrderId, basis: &Basis) -> Result<()> {
    if let Some(news) = &basis.news {
        let news = serde_json::to_string(news).map_err(|e| Error::Corrupt(e.to_string()))?;
        tx.write("UPDATE stop_order SET news = $1 WHERE id = $2", args![news, id]).await?;
    }
    for (position, ground) in (0_i64..).zip(basis.grounds.iter().take(GROUNDS_MAX)) {
        tx.write(
            "INSERT INTO stop_ground (order_id, position, from_bank, from_account, amount_minor, tainted_minor, at,
                reference) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
            args![
                id,
                position,
                ground.from.as_ref().map(|(bank, _)| bank.clone()),
                ground.from.as_ref().map(|(_, account)| account.clone()),
                ground.amount_minor,
                ground.tainted_minor,
                ground.at,
                ground.reference.clone()
            ],
        )
        .await?;
    }
    Ok(())
}

type GroundRow = (Option<String>, Option<String>, i64, i64, i64, Option<String>);

/// The transfers on which an order rests; the caller has checked the right.
pub async fn grounds_of(db: &Db, id: OrderId) -> Result<Vec<Ground>> {
    let rows: Vec<GroundRow> = db
        .fetch_all(
            "SELECT from_bank, from_account, amount_minor, tainted_minor, at, reference FROM stop_ground
             WHERE order_id = $1 ORDER BY position",
            args![id],
        )
        .await?;
    let ground = |(bank, account, amount_minor, tainted_minor, at, reference): GroundRow| Ground {
        from: bank.zip(account),
        amount_minor,
        tainted_minor,
        at: Timestamp(at),
        reference,
    };
    Ok(rows.into_iter().map(ground).collect())
}

/// Movements that are kept of one watch at most.
pub(super) const PUSHED_MAX: i64 = 20_000;

/// When the bank said that it has ended a watch, if it has.
pub(super) async fn watch_ended(tx: &mut Tx, id: OrderId) -> Result<Option<Timestamp>> {
    let (at,): (Option<i64>,) = tx
        .fetch_one(
            "SELECT MIN(answered_at) FROM stop_order WHERE refers_to = $1 AND kind = 'end_watch' AND state = 'done'",
            args![id],
        )
        .await?;
    Ok(at.map(Timestamp))
}

/// What became of pushed movements.
pub(super) struct Pushed {
    /// Kept, and not known before.
    pub(super) kept: Vec<wire::Movement>,
    /// How many are more than is kept.
    pub(super) beyond: usize,
    /// How many came under an id that another movement has.
    pub(super) changed: usize,
}

/// Pushed movements looked for in one statement.
const PUSHED_SOUGHT_AT_ONCE: usize = 500;
/// Pushed movements written in one statement, of four values each.
const PUSHED_WRITTEN_AT_ONCE: usize = 250;

/// Keeps what a bank pushed about a watched account; each movement once, however often it comes. A sender that does not
/// hear of it sends the same again, so what is known costs a look and no room. The caller holds the row of the order.
pub(super) async fn keep_pushed(tx: &mut Tx, id: OrderId, movements: Vec<wire::Movement>) -> Result<Pushed> {
    let known = known_pushed(tx, id, &movements).await?;
    let mut pushed = Pushed { kept: Vec::with_capacity(movements.len() - known.len()), beyond: 0, changed: 0 };
    for movement in movements {
        match known.get(&movement.id) {
            Some(known) => pushed.changed += usize::from(!is_same(known, &movement)),
            None => pushed.kept.push(movement),
        }
    }
    if pushed.kept.is_empty() {
        return Ok(pushed);
    }
    let (next,): (i64,) = tx
        .fetch_one("SELECT COALESCE(MAX(position), -1) + 1 FROM stop_movement WHERE order_id = $1", args![id])
        .await?;
    let room = usize::try_from((PUSHED_MAX - next).max(0)).unwrap_or(0);
    pushed.beyond = pushed.kept.len().saturating_sub(room);
    pushed.kept.truncate(room);
    let count = i64::try_from(pushed.kept.len()).unwrap_or(i64::MAX);
    tx.write("UPDATE stop_order SET movements = movements + $1 WHERE id = $2", args![count, id]).await?;
    let mut position = next;
    for some in pushed.kept.chunks(PUSHED_WRITTEN_AT_ONCE) {
        let mut bound = args![];
        for movement in some {
            let text = serde_json::to_string(movement).map_err(|e| Error::Corrupt(e.to_string()))?;
            bound.extend(args![id, &movement.id, position, text]);
            position += 1;
        }
        let sql = format!(
            "INSERT INTO stop_movement (order_id, movement_id, position, movement) VALUES {}
             ON CONFLICT (order_id, movement_id) DO NOTHING",
            store::places(4, some.len(), 1)
        );
        tx.write(AssertSqlSafe(sql), bound).await?;
    }
    Ok(pushed)
}

/// Those of the movements that are known, as they were told first.
async fn known_pushed(tx: &mut Tx, id: OrderId, sought: &[wire::Movement]) -> Result<HashMap<String, wire::Movement>> {
    let mut known = HashMap::new();
    for some in sought.chunks(PUSHED_SOUGHT_AT_ONCE) {
        let sql = format!(
            "SELECT movement_id, movement FROM stop_movement WHERE order_id = $1 AND movement_id IN {}",
            store::places(some.len(), 1, 2)
        );
        let mut bound = args![id];
        bound.extend(some.iter().map(|movement| store::Arg::from(&movement.id)));
        let rows: Vec<(String, String)> = tx.fetch_all(AssertSqlSafe(sql), bound).await?;
        for (movement_id, text) in rows {
            known.insert(movement_id, serde_json::from_str(&text).map_err(|e| Error::Corrupt(e.to_string()))?);
        }
    }
    Ok(known)
}

/// Counts lines that a bank told about an account and that are not kept.
pub(super) async fn count_refused(tx: &mut Tx, id: OrderId, count: usize) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let now = tx.now();
    tx.write(
        "UPDATE stop_order SET lines_refused = lines_refused + $1, lines_refused_at = $2 WHERE id = $3",
        args![i64::try_from(count).unwrap_or(i64::MAX), now, id],
    )
    .await?;
    Ok(())
}

/// What was pushed about a watched account behind a position, in the order of arrival, with the last position.
pub(crate) async fn pushed_after(db: &Db, id: OrderId, after: i64) -> Result<(Vec<wire::Movement>, i64)> {
    let rows: Vec<(i64, String)> = db
        .fetch_all(
            "SELECT position, movement FROM stop_movement WHERE order_id = $1 AND position > $2 ORDER BY position",
            args![id, after],
        )
        .await?;
    let last = rows.last().map_or(after, |(position, _)| *position);
    let read = |(_, text): (i64, String)| serde_json::from_str(&text).map_err(|e| Error::Corrupt(e.to_string()));
    Ok((rows.into_iter().map(read).collect::<Result<_>>()?, last))
}

/// Orders as committed; the caller has the right.
pub(crate) async fn committed(db: &Db, ids: &[OrderId]) -> Result<HashMap<OrderId, StopOrder>> {
    let mut all = HashMap::with_capacity(ids.len());
    for part in ids.chunks(ORDERS_AT_ONCE) {
        let sql = format!("SELECT {COLUMNS} FROM stop_order WHERE id IN {}", store::places(part.len(), 1, 1));
        let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), part.iter().map(|id| (*id).into()).collect()).await?;
        for row in rows {
            let order = order(row)?;
            all.insert(order.id, order);
        }
    }
    Ok(all)
}

/// Orders read in one statement at most: each may carry a long answer.
const ORDERS_AT_ONCE: usize = 64;

/// How many stops of this account in this case left and were not refused (银发〔2016〕86号 counts them); an order of the
/// given identity is left out.
pub(super) async fn stops_used(tx: &mut Tx, asked: &NewOrder, except: Option<OrderId>) -> Result<i64> {
    let states: Vec<String> =
        State::ALL.iter().filter(|s| s.counts_as_stop()).map(|s| format!("'{}'", s.code())).collect();
    let sql = format!(
        "SELECT COUNT(*) FROM stop_order WHERE case_id = $1 AND partner = $2 AND account_no = $3
            AND kind IN ('stop','extend_stop') AND id <> $4 AND state IN ({})",
        states.join(",")
    );
    let except = except.map(|id| id.to_string());
    let (count,): (i64,) = tx
        .fetch_one(
            AssertSqlSafe(sql),
            args![asked.case.id, &asked.partner, &asked.account_no, except.as_deref().unwrap_or("")],
        )
        .await?;
    Ok(count)
}

/// The number of an order that asks the same and waits for a checker or for the bank: of the same kind about the same
/// hold, or about the same account of the case. A stop that rests on another transfer and a query of another period ask
/// something else.
pub(super) async fn same_waiting(tx: &mut Tx, asked: &NewOrder) -> Result<Option<String>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM stop_order WHERE case_id = $1 AND partner = $2 AND account_no = $3 AND kind = $4
            AND state IN ('review','sent') ORDER BY made_at, id"
    );
    let about = args![asked.case.id, &asked.partner, &asked.account_no, asked.kind.code()];
    let rows: Vec<Row> = tx.fetch_all(AssertSqlSafe(sql), about).await?;
    let transfer = |order: &NewOrder| order.check.as_ref().map(|check| (check.amount_minor, check.at));
    for row in rows {
        let StopOrder { number, asked: waits, .. } = order(row)?;
        let same = waits.refers_to == asked.refers_to
            && waits.period == asked.period
            && (asked.kind != OrderKind::Stop
                || (waits.amount_minor == asked.amount_minor && transfer(&waits) == transfer(asked)));
        if same {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// A paper attached to an order.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct AttachedPaper {
    /// SHA-256 of the content.
    pub sha256: String,
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: String,
}

pub(super) async fn papers(tx: &mut Tx, id: OrderId) -> Result<Vec<AttachedPaper>> {
    tx.fetch_all("SELECT sha256, name, media_type FROM stop_paper WHERE order_id = $1 ORDER BY at, sha256", args![id])
        .await
}

/// The papers of an order.
pub async fn papers_of(db: &Db, id: OrderId) -> Result<Vec<AttachedPaper>> {
    db.fetch_all("SELECT sha256, name, media_type FROM stop_paper WHERE order_id = $1 ORDER BY at, sha256", args![id])
        .await
}

/// Doubts that are kept of one order at most: a partner cannot fill the table.
const DOUBTS_MAX: i64 = 100;

/// Keeps what of a bank's word is doubted.
pub(super) async fn doubt(tx: &mut Tx, id: OrderId, doubts: &[Fault]) -> Result<()> {
    let now = tx.now();
    let (known,): (i64,) = tx.fetch_one("SELECT COUNT(*) FROM stop_doubt WHERE order_id = $1", args![id]).await?;
    for (position, doubt) in (known..DOUBTS_MAX).zip(doubts) {
        let fault = serde_json::to_string(doubt).map_err(|e| Error::Corrupt(e.to_string()))?;
        tx.write(
            "INSERT INTO stop_doubt (order_id, position, fault, at) VALUES ($1,$2,$3,$4)",
            args![id, position, fault, now],
        )
        .await?;
    }
    Ok(())
}

/// What of a bank's word about an order is doubted, the oldest first.
pub async fn doubts_of(db: &Db, id: OrderId) -> Result<Vec<Fault>> {
    let rows: Vec<(String,)> =
        db.fetch_all("SELECT fault FROM stop_doubt WHERE order_id = $1 ORDER BY position", args![id]).await?;
    rows.iter().map(|(fault,)| serde_json::from_str(fault).map_err(|e| Error::Corrupt(format!("doubt: {e}")))).collect()
}

#[derive(FromRow)]
struct RuleRow {
    id: String,
    name: String,
    kinds: String,
    level_max: i64,
    amount_minor_max: i64,
    line_kinds: String,
    line_hours_max: i64,
    report_age_max: i64,
    region_prefix: String,
    author: String,
    approved_by: Option<String>,
    valid_from: i64,
    expires_at: i64,
    ended_at: Option<i64>,
}

const RULE_COLUMNS: &str = "id, name, kinds, level_max, amount_minor_max, line_kinds, line_hours_max, report_age_max, \
    region_prefix, author, approved_by, valid_from, expires_at, ended_at";

/// A list of words, kept with commas between them.
fn words<T: std::str::FromStr>(text: &str) -> Result<Vec<T>> {
    let read = |word: &str| word.parse().map_err(|_| Error::Corrupt("standing rule: kinds".into()));
    text.split(',').filter(|word| !word.is_empty()).map(read).collect()
}

fn rule(row: RuleRow) -> Result<StandingRule> {
    let corrupt = || Error::Corrupt("standing rule".into());
    Ok(StandingRule {
        id: row.id.parse::<RuleId>().map_err(|_| corrupt())?,
        name: row.name,
        kinds: words(&row.kinds)?,
        line_kinds: words(&row.line_kinds)?,
        line_hours_max: row.line_hours_max,
        level_max: u32::try_from(row.level_max).map_err(|_| corrupt())?,
        amount_minor_max: row.amount_minor_max,
        report_age_max: kernel::Duration(row.report_age_max),
        region_prefix: row.region_prefix,
        author: row.author,
        approved_by: row.approved_by,
        valid_from: Timestamp(row.valid_from),
        expires_at: Timestamp(row.expires_at),
        ended_at: row.ended_at.map(Timestamp),
    })
}

/// Every standing rule that may act in the region of who asks, the newest first; needs `stop.read`.
pub async fn rules(db: &Db, who: &Who) -> Result<Vec<StandingRule>> {
    who.require("stop.read")?;
    let sql = format!("SELECT {RULE_COLUMNS} FROM standing_rule ORDER BY valid_from DESC, id DESC");
    let rows: Vec<RuleRow> = db.fetch_all(AssertSqlSafe(sql), args![]).await?;
    let scope = who.region.as_deref().unwrap_or("");
    let acts_here = |row: &RuleRow| row.region_prefix.starts_with(scope) || scope.starts_with(&row.region_prefix);
    rows.into_iter().filter(acts_here).map(rule).collect()
}

pub(crate) async fn rules_in_force(tx: &mut Tx) -> Result<Vec<StandingRule>> {
    let now = tx.now();
    let sql = format!(
        "SELECT {RULE_COLUMNS} FROM standing_rule WHERE approved_by IS NOT NULL AND ended_at IS NULL
            AND valid_from <= $1 AND expires_at > $1 ORDER BY id"
    );
    let rows: Vec<RuleRow> = tx.fetch_all(AssertSqlSafe(sql), args![now]).await?;
    rows.into_iter().map(rule).collect()
}

pub(super) async fn load_rule(tx: &mut Tx, id: RuleId) -> Result<StandingRule> {
    let sql = format!("SELECT {RULE_COLUMNS} FROM standing_rule WHERE id = $1");
    let row: Option<RuleRow> = tx.fetch_optional(AssertSqlSafe(sql), args![id]).await?;
    rule(row.ok_or(Error::NotFound { what: "standing rule" })?)
}

pub(super) async fn insert_rule(tx: &mut Tx, r: &StandingRule) -> Result<()> {
    let kinds: Vec<&str> = r.kinds.iter().map(|k| k.code()).collect();
    let line_kinds: Vec<&str> = r.line_kinds.iter().map(|k| k.code()).collect();
    tx.write(
        "INSERT INTO standing_rule (id, name, kinds, level_max, amount_minor_max, report_age_max, region_prefix, author,
            valid_from, expires_at, line_kinds, line_hours_max) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        args![
            r.id,
            &r.name,
            kinds.join(","),
            r.level_max,
            r.amount_minor_max,
            r.report_age_max,
            &r.region_prefix,
            &r.author,
            r.valid_from,
            r.expires_at,
            line_kinds.join(","),
            r.line_hours_max,
        ],
    )
    .await?;
    Ok(())
}
