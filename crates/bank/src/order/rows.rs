//! The rows of orders received.

use kernel::{AccountId, HoldId, MessageId, OrderId, Timestamp};
use store::{Args, AssertSqlSafe, Db, Tx, Who, args};
use wire::{Answer, AnswerCode, Order, PartnerId};

use crate::error::{Error, Result, stored_id};

/// An order received, and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// Identity.
    pub id: OrderId,
    /// Number on paper.
    pub number: String,
    /// Case.
    pub case_number: String,
    /// Word of its kind.
    pub kind: String,
    /// Who ordered.
    pub authority: String,
    /// Number of the account.
    pub account_no: String,
    /// The account, where it is ours.
    pub account_id: Option<AccountId>,
    /// The hold that it made or changed.
    pub hold_id: Option<HoldId>,
    /// The message that brought it.
    pub message_id: MessageId,
    /// When.
    pub received_at: Timestamp,
    /// How it went.
    pub code: AnswerCode,
    /// The order; absent where it could not be read.
    pub order: Option<Order>,
    /// The answer.
    pub answer: Answer,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    number: String,
    case_number: String,
    kind: String,
    authority: String,
    account_no: String,
    account_id: Option<String>,
    hold_id: Option<String>,
    message_id: String,
    received_at: i64,
    code: String,
    order_json: String,
    answer_json: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, case_number, kind, authority, account_no, account_id, hold_id, message_id, received_at, code, \
             order_json, answer_json FROM bank_order ",
            $rest
        )
    };
}

impl Row {
    fn read(self) -> Result<OrderRow> {
        let corrupt = |what: &str| Error::Corrupt(format!("order {}: {what}", self.id));
        Ok(OrderRow {
            id: stored_id(&self.id)?,
            account_id: self.account_id.as_deref().map(stored_id).transpose()?,
            hold_id: self.hold_id.as_deref().map(stored_id).transpose()?,
            message_id: stored_id(&self.message_id)?,
            received_at: Timestamp(self.received_at),
            code: AnswerCode::from_code(&self.code).ok_or_else(|| corrupt("code"))?,
            order: serde_json::from_str(&self.order_json).ok(),
            answer: serde_json::from_str(&self.answer_json).map_err(|e| corrupt(&e.to_string()))?,
            number: self.number,
            case_number: self.case_number,
            kind: self.kind,
            authority: self.authority,
            account_no: self.account_no,
        })
    }
}

/// The first answer to an order, where it was handled before. Whoever did not give that order learns nothing of it.
pub async fn first_answer(tx: &mut Tx, id: OrderId, from: &PartnerId) -> Result<Option<Answer>> {
    let row: Option<(String, String)> =
        tx.fetch_optional("SELECT answer_json, authority FROM bank_order WHERE id = $1", args![id]).await?;
    let Some((json, authority)) = row else { return Ok(None) };
    if authority != from.as_str() {
        return Ok(Some(Answer::new(id, AnswerCode::OrderAlreadyHandled)));
    }
    serde_json::from_str(&json).map(Some).map_err(|e| Error::Corrupt(format!("answer to {id}: {e}")))
}

/// The message that brought an order.
pub async fn message_of(tx: &mut Tx, id: OrderId) -> Result<Option<MessageId>> {
    let row: Option<(String,)> =
        tx.fetch_optional("SELECT message_id FROM bank_order WHERE id = $1", args![id]).await?;
    row.map(|(id,)| stored_id(&id)).transpose()
}

/// What is written of an order.
pub(crate) struct NewRow<'a> {
    pub(crate) id: OrderId,
    pub(crate) number: &'a str,
    pub(crate) case_number: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) authority: &'a str,
    pub(crate) account_no: &'a str,
    pub(crate) account_id: Option<AccountId>,
    pub(crate) hold_id: Option<HoldId>,
    pub(crate) message_id: MessageId,
    pub(crate) order_json: String,
    pub(crate) answer: &'a Answer,
}

/// Writes an order with its first answer.
///
/// # Errors
/// Another process handled the same order meanwhile: nothing of this may stay, and the order comes again.
pub(crate) async fn insert(tx: &mut Tx, row: NewRow<'_>) -> Result<()> {
    let now = tx.now();
    // The movements of a statement stay in the sealed answer; here they would only be kept a second time.
    let kept = Answer { transactions: None, accounts: None, holder: None, ..row.answer.clone() };
    let answer_json = serde_json::to_string(&kept).map_err(|e| Error::Corrupt(e.to_string()))?;
    let added = tx
        .execute(
            "INSERT INTO bank_order (id, number, case_number, kind, authority, account_no, account_id, hold_id, message_id,
                received_at, code, order_json, answer_json) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)
             ON CONFLICT (id) DO NOTHING",
            args![
                row.id,
                row.number,
                row.case_number,
                row.kind,
                row.authority,
                row.account_no,
                row.account_id,
                row.hold_id,
                row.message_id,
                now,
                row.answer.code.code(),
                row.order_json,
                answer_json
            ],
        )
        .await?;
    if added == 0 {
        return Err(store::Error::Conflict(format!("order {} was handled meanwhile", row.id)).into());
    }
    Ok(())
}

/// One order.
pub async fn of_id(db: &Db, id: OrderId) -> Result<OrderRow> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or(Error::NotFound("order"))?.read()
}

/// Which orders are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// With an answer of this code.
    pub code: Option<AnswerCode>,
    /// Part of the number, the case number or the account number.
    pub text: Option<String>,
    /// Before this one, the latest being first.
    pub before: Option<OrderId>,
    /// At most so many.
    pub limit: i64,
}

/// Orders that fit, the latest first; needs `bank.orders.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<OrderRow>> {
    who.require("bank.orders.read")?;
    let mut sql = select!("WHERE id < $1").to_owned();
    let mut bound: Args = args![cursor(filter.before)];
    if let Some(code) = filter.code {
        bound.push(code.code().into());
        sql.push_str(&format!(" AND code = ${}", bound.len()));
    }
    if let Some(text) = &filter.text {
        bound.extend(args![pattern(text), account_pattern(text)]);
        let (n, no) = (bound.len() - 1, bound.len());
        sql.push_str(&format!(" AND (number LIKE ${n} OR case_number LIKE ${n} OR account_no LIKE ${no})"));
    }
    bound.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", bound.len()));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(Row::read).collect()
}

/// The pattern of texts that contain this one; what has a meaning in patterns is left out.
pub(crate) fn pattern(text: &str) -> String {
    let plain: String = text.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    format!("%{}%", plain.to_uppercase())
}

/// As [`pattern`], for account numbers: they stand without blanks and dashes, however they are typed.
pub(crate) fn account_pattern(text: &str) -> String {
    let part = kernel::AccountNo::part(text);
    pattern(if part.is_empty() { text } else { &part })
}

/// Identifiers begin with a hexadecimal digit, so `g` stands after every one.
fn cursor(before: Option<OrderId>) -> String {
    before.map_or_else(|| "g".to_owned(), |id| id.to_string())
}

/// How many orders were received since a moment, and how many of them were not done.
pub async fn counts(db: &Db, since: Timestamp) -> Result<(i64, i64)> {
    Ok(db
        .fetch_one(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN code IN ('done', 'done_in_part', 'waiting_in_line') THEN 0 ELSE 1 END),
                0) AS BIGINT) FROM bank_order WHERE received_at >= $1",
            args![since],
        )
        .await?)
}
