//! Orders about lines in the database.

use kernel::{OrderId, Timestamp};
use sqlx::FromRow;
use store::{AssertSqlSafe, Db, Error, Result, Transition, Tx, Who, args};
use wire::{ContactChannel, Direction, LineContact, LineOrderKind, PartnerId};

use super::model::State;
use super::order::{COLUMNS, LineOrder, NewRequest, Row, order};

/// Most orders that one list gives.
pub const LIST_MAX: i64 = 500;
/// Contacts in one page at most.
pub const CONTACTS_PAGE_MAX: i64 = 200;

/// The queues of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = LineQueue)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Waits for a checker.
    Review,
    /// Waits for the operator.
    Waiting,
    /// A measure is in force.
    InEffect,
    /// The operator or the checker said no, or nobody answered.
    Refused,
    /// All that has ended.
    Ended,
}

impl Queue {
    const fn states(self) -> &'static str {
        match self {
            Self::Review => "'review'",
            Self::Waiting => "'sent'",
            Self::InEffect => "'in_effect'",
            Self::Refused => "'refused','rejected','expired'",
            Self::Ended => "'done','elsewhere','ended','lifted','cancelled'",
        }
    }

    /// What is due first stands first.
    const fn order(self) -> &'static str {
        match self {
            Self::Review => "made_at, id",
            Self::Waiting => "answer_due, id",
            Self::InEffect => "COALESCE(ends_at, 9223372036854775807), id",
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
    /// One kind.
    pub kind: Option<LineOrderKind>,
    /// One case.
    pub case_id: Option<String>,
    /// One operator.
    pub partner: Option<String>,
    /// Number of the order, of the case, or the end of a telephone number.
    pub text: Option<String>,
    /// Exactly this line or counterpart.
    pub line: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// Orders that fit, in the order of their queue; needs `lines.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<LineOrder>> {
    who.require("lines.read")?;
    let mut bound = args![who.region_pattern()];
    let mut sql = format!("SELECT {COLUMNS} FROM line_order WHERE region LIKE $1");
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
    if let Some(kind) = filter.kind {
        and(" AND kind = ?", kind.code().into());
    }
    if let Some(case_id) = &filter.case_id {
        and(" AND case_id = ?", case_id.into());
    }
    if let Some(partner) = &filter.partner {
        and(" AND partner = ?", partner.into());
    }
    if let Some(line) = &filter.line {
        and(" AND (line = ? OR counterpart = ?)", line.into());
    }
    if let Some(text) = &filter.text {
        let text = text.trim().replace(['%', '_'], "");
        and(
            " AND (number LIKE ? OR case_number LIKE ? OR line LIKE ? OR counterpart LIKE ?)",
            format!("%{text}").into(),
        );
    }
    sql.push_str(&format!(
        " ORDER BY {} LIMIT {}",
        filter.queue.map_or("made_at DESC, id DESC", Queue::order),
        filter.limit.clamp(1, LIST_MAX)
    ));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(order).collect()
}

/// How many orders stand in each state; needs `lines.read`.
pub async fn counts(db: &Db, who: &Who) -> Result<Vec<(String, i64)>> {
    who.require("lines.read")?;
    db.fetch_all(
        "SELECT state, COUNT(*) FROM line_order WHERE region LIKE $1 GROUP BY state",
        args![who.region_pattern()],
    )
    .await
}

/// One order; needs `lines.read`.
pub async fn get(db: &Db, who: &Who, id: OrderId) -> Result<LineOrder> {
    who.require("lines.read")?;
    let row: Option<Row> =
        db.fetch_optional(AssertSqlSafe(format!("SELECT {COLUMNS} FROM line_order WHERE id = $1")), args![id]).await?;
    let order = order(row.ok_or(Error::NotFound { what: "order" })?)?;
    who.require_region(&order.case.region)?;
    Ok(order)
}

/// The orders of one request, in the order of their numbers; the caller has the right.
pub(super) async fn of_request(db: &Db, request: OrderId) -> Result<Vec<LineOrder>> {
    let sql = format!("SELECT {COLUMNS} FROM line_order WHERE request_id = $1 ORDER BY number");
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), args![request]).await?;
    rows.into_iter().map(order).collect()
}

/// The sealed text of an order that has left.
pub async fn document(db: &Db, id: OrderId) -> Result<Option<String>> {
    let row: Option<(Option<String>,)> =
        db.fetch_optional("SELECT document FROM line_order WHERE id = $1", args![id]).await?;
    Ok(row.and_then(|(document,)| document))
}

pub(super) async fn load(tx: &mut Tx, id: OrderId) -> Result<Option<LineOrder>> {
    let row: Option<Row> =
        tx.fetch_optional(AssertSqlSafe(format!("SELECT {COLUMNS} FROM line_order WHERE id = $1")), args![id]).await?;
    row.map(order).transpose()
}

/// One order that nobody else changes until the transaction ends: for machines, which act on what stands there.
pub(super) async fn take(tx: &mut Tx, id: OrderId) -> Result<Option<LineOrder>> {
    store::lock_row(tx, "line_order", "id", id).await?;
    load(tx, id).await
}

/// The change of an order from the state in which it was read.
pub(super) fn leave(order: &LineOrder, next: State) -> Transition {
    store::transition("line_order", order.id).from(order.state.code()).to(next.code())
}

/// Orders are made one after the other, as their numbers are: whoever holds this sees every order made before.
pub(super) async fn lock_makers(tx: &mut Tx) -> Result<()> {
    store::lock_name(tx, "line.make").await
}

/// What concerns all orders of a request goes one after the other. Taken before any row.
pub(super) async fn lock_request(tx: &mut Tx, request: OrderId) -> Result<()> {
    store::lock_name(tx, &format!("line.request:{request}")).await
}

pub(super) async fn load_request(tx: &mut Tx, request: OrderId) -> Result<Vec<LineOrder>> {
    let sql = format!("SELECT {COLUMNS} FROM line_order WHERE request_id = $1 ORDER BY number");
    let rows: Vec<Row> = tx.fetch_all(AssertSqlSafe(sql), args![request]).await?;
    rows.into_iter().map(order).collect()
}

/// The number of an order of the case that asks one of the operators the same and waits for a checker or for the
/// operator: a lift of the same order, or a lasting measure of the same kind on the same line. The caller holds
/// [`lock_makers`]. What does not last may be asked again: another call may have begun, a query may be of another period.
pub(super) async fn same_waiting(tx: &mut Tx, asked: &NewRequest) -> Result<Option<String>> {
    if !(asked.kind.is_lasting() || asked.kind == LineOrderKind::Lift) {
        return Ok(None);
    }
    let rows: Vec<(String, String)> = tx
        .fetch_all(
            "SELECT number, partner FROM line_order WHERE case_id = $1 AND kind = $2 AND line = $3
                AND COALESCE(refers_to, '') = $4 AND state IN ('review','sent') ORDER BY number",
            args![
                asked.case.id,
                asked.kind.code(),
                &asked.line,
                asked.refers_to.map(|id| id.to_string()).unwrap_or_default()
            ],
        )
        .await?;
    let same = |(_, partner): &&(String, String)| asked.partners.iter().any(|asked| asked.as_str() == partner);
    Ok(rows.iter().find(same).map(|(number, _)| number.clone()))
}

/// Identity, number and place of a new order.
pub(super) struct Place<'a> {
    pub(super) id: OrderId,
    pub(super) number: &'a str,
    pub(super) request: OrderId,
    pub(super) partner: &'a PartnerId,
    pub(super) maker: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, place: &Place<'_>, asked: &NewRequest) -> Result<()> {
    let now = tx.now();
    tx.write(
        "INSERT INTO line_order (id, number, request_id, case_id, case_number, region, reported_at, partner, kind, state,
            line, counterpart, period_from, period_to, until, refers_to, include_foreign, label, warning_text,
            warning_text_en, reason, maker, made_at, escalation, contacts)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'review',$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,0,0)",
        args![
            place.id,
            place.number,
            place.request,
            asked.case.id,
            &asked.case.number,
            &asked.case.region,
            asked.case.reported_at,
            place.partner,
            asked.kind.code(),
            &asked.line,
            asked.counterpart.clone(),
            asked.period.map(|p| p.from),
            asked.period.map(|p| p.to),
            asked.until,
            asked.refers_to,
            asked.include_foreign,
            asked.label.clone(),
            asked.warning_text.clone(),
            asked.warning_text_en.clone(),
            &asked.reason,
            place.maker,
            now,
        ],
    )
    .await?;
    Ok(())
}

/// Contacts kept with one statement at most: a bound value each for ten columns stays below what SQLite takes.
const CONTACTS_AT_ONCE: usize = 500;

pub(super) async fn keep_contacts(tx: &mut Tx, id: OrderId, contacts: &[LineContact]) -> Result<()> {
    for (batch, some) in contacts.chunks(CONTACTS_AT_ONCE).enumerate() {
        let mut bound = args![];
        for (n, contact) in some.iter().enumerate() {
            let position = i64::try_from(batch * CONTACTS_AT_ONCE + n).unwrap_or(i64::MAX);
            bound.extend(args![
                id,
                position,
                &contact.number,
                contact.direction.code(),
                contact.channel.code(),
                contact.first,
                contact.last,
                contact.count,
                contact.answered,
                contact.duration_seconds,
            ]);
        }
        let sql = format!(
            "INSERT INTO line_contact (order_id, position, number, direction, channel, first, last, count, answered,
                duration_seconds) VALUES {} ON CONFLICT (order_id, position) DO NOTHING",
            store::places(10, some.len(), 1)
        );
        tx.write(AssertSqlSafe(sql), bound).await?;
    }
    Ok(())
}

/// Somebody who was in touch with the line of an order, as the operator answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Place in the answer, from 0.
    pub position: i64,
    /// The number in full, as the network saw it.
    pub number: String,
    /// Which way, seen from the line.
    pub direction: Direction,
    /// Call or message.
    pub channel: ContactChannel,
    /// First time in the period.
    pub first: Timestamp,
    /// Last time.
    pub last: Timestamp,
    /// How often.
    pub count: i64,
    /// Calls answered.
    pub answered: Option<i64>,
    /// Seconds spoken in all.
    pub duration_seconds: Option<i64>,
}

#[derive(FromRow)]
struct ContactRow {
    position: i64,
    number: String,
    direction: String,
    channel: String,
    first: i64,
    last: i64,
    count: i64,
    answered: Option<i64>,
    duration_seconds: Option<i64>,
}

/// Contacts of an order from a position on; the caller has seen the order with [`get`].
pub async fn contacts(db: &Db, id: OrderId, from: i64, limit: i64) -> Result<Vec<Contact>> {
    let rows: Vec<ContactRow> = db
        .fetch_all(
            "SELECT position, number, direction, channel, first, last, count, answered, duration_seconds
             FROM line_contact WHERE order_id = $1 AND position >= $2 ORDER BY position LIMIT $3",
            args![id, from, limit.clamp(1, CONTACTS_PAGE_MAX + 1)],
        )
        .await?;
    let corrupt = |what: &str| Error::Corrupt(format!("line contact: {what}"));
    rows.into_iter()
        .map(|row| {
            Ok(Contact {
                position: row.position,
                number: row.number,
                direction: row.direction.parse().map_err(|_| corrupt("direction"))?,
                channel: row.channel.parse().map_err(|_| corrupt("channel"))?,
                first: Timestamp(row.first),
                last: Timestamp(row.last),
                count: row.count,
                answered: row.answered,
                duration_seconds: row.duration_seconds,
            })
        })
        .collect()
}
