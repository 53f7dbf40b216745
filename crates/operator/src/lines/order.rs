//! Orders about lines: decided and recorded in the transaction of the message; what takes time is done behind it.

use kernel::{Maskable, MeasureId, MessageId, OrderId, Text, Timestamp};
use screen::{EntryKind, Number};
use serde_json::json;
use store::journal::Entry;
use store::{Args, AssertSqlSafe, Db, Tx, Who, args};
use wire::{LineAnswer, LineAnswerCode, LineOrder, LineOrderKind, Message};

use super::measure::{self, Detail, Measure, MeasureState};
use super::work;
use crate::desk::Operator;
use crate::error::{Error, Result, stored_id, stored_json, to_json};

const PAST: Text = Text::new(
    "operator.line.past",
    ("到期时间已过", "the end has passed"),
    ("请填写将来的时间", "Give a time to come"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[PAST];

/// An order received, and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// Identity.
    pub id: OrderId,
    /// Number on paper.
    pub number: String,
    /// Case.
    pub case_number: String,
    /// What was asked.
    pub kind: String,
    /// Who ordered.
    pub authority: String,
    /// The line.
    pub line: String,
    /// How it went; absent while it is being done.
    pub code: Option<LineAnswerCode>,
    /// The message that brought it.
    pub message_id: MessageId,
    /// When.
    pub received_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The order; absent where it could not be read.
    pub order: Option<LineOrder>,
    /// The answer.
    pub answer: Option<LineAnswer>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    number: String,
    case_number: String,
    kind: String,
    authority: String,
    line: String,
    code: Option<String>,
    message_id: String,
    received_at: i64,
    answered_at: Option<i64>,
    order_json: String,
    answer_json: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, case_number, kind, authority, line, code, message_id, received_at, answered_at, \
             order_json, answer_json FROM operator_line_order ",
            $rest
        )
    };
}

impl Row {
    fn read(self) -> Result<OrderRow> {
        let corrupt = |what: &str| Error::Corrupt(format!("line order {}: {what}", self.id));
        let code = match &self.code {
            Some(code) => Some(LineAnswerCode::from_code(code).ok_or_else(|| corrupt("code"))?),
            None => None,
        };
        Ok(OrderRow {
            id: stored_id(&self.id)?,
            message_id: stored_id(&self.message_id)?,
            code,
            received_at: Timestamp(self.received_at),
            answered_at: self.answered_at.map(Timestamp),
            order: serde_json::from_str(&self.order_json).ok(),
            answer: self.answer_json.as_deref().map(|text| stored_json(text, "answer")).transpose()?,
            number: self.number,
            case_number: self.case_number,
            kind: self.kind,
            authority: self.authority,
            line: self.line,
        })
    }
}

/// What the answer is, at once or later.
enum Outcome {
    Answered(Box<LineAnswer>),
    Later,
}

impl Operator {
    /// Takes an order: recorded once, answered at once where that can be, else behind this transaction.
    pub(crate) async fn take_line_order(&self, tx: &mut Tx, message: &Message, order: &LineOrder) -> Result<()> {
        let earlier: Option<Row> = tx.fetch_optional(select!("WHERE id = $1"), args![order.order_id]).await?;
        if let Some(earlier) = earlier {
            let earlier = earlier.read()?;
            // Whoever did not give that order learns nothing of it; one that is still being done is answered when done.
            let again = match earlier.answer {
                _ if earlier.authority != message.from.as_str() => {
                    LineAnswer::new(order.order_id, LineAnswerCode::OrderAlreadyHandled)
                }
                Some(answer) => answer,
                None => return Ok(()),
            };
            self.send(tx, &message.from, again, format!("line_order:{}", order.order_id), Some(message.id)).await?;
            return Ok(());
        }
        let who = Who::partner(message.from.as_str());
        let outcome = self.decide(tx, &who, message, order).await?;
        let now = tx.now();
        tx.write(
            "INSERT INTO operator_line_order (id, number, case_number, kind, authority, line, state, message_id,
                received_at, order_json) VALUES ($1,$2,$3,$4,$5,$6,'received',$7,$8,$9)",
            args![
                order.order_id,
                &order.number,
                &order.case_number,
                order.kind.code(),
                &message.from,
                &order.line,
                message.id,
                now,
                to_json(order, "line order")?
            ],
        )
        .await?;
        let body = json!({
            "number": order.number, "kind": order.kind, "authority": message.from, "line": masked(&order.line),
            "until": order.until, "refers_to": order.refers_to,
        });
        let entry = Entry::new("line.ordered", format!("line_order:{}", order.order_id));
        tx.append(entry.case(&order.case_number).body(&body), &who).await?;
        match outcome {
            Outcome::Answered(answer) => self.answer_line_order(tx, order.order_id, *answer).await,
            Outcome::Later => Ok(()),
        }
    }

    /// An order that cannot be read is recorded and answered with its faults.
    pub(crate) async fn take_unread_line_order(
        &self,
        tx: &mut Tx,
        message: &Message,
        answer: LineAnswer,
    ) -> Result<()> {
        let text =
            |name: &str| message.body.get(name).and_then(|v| v.as_str()).unwrap_or("").chars().take(60).collect();
        let (number, case, kind, line): (String, String, String, String) =
            (text("number"), text("case_number"), text("kind"), text("line"));
        let now = tx.now();
        let added = tx
            .execute(
                "INSERT INTO operator_line_order (id, number, case_number, kind, authority, line, state, message_id,
                    received_at, order_json) VALUES ($1,$2,$3,$4,$5,$6,'received',$7,$8,'null') ON CONFLICT (id) DO NOTHING",
                args![answer.order_id, number, case, kind, &message.from, line, message.id, now],
            )
            .await?;
        if added == 0 {
            let again = LineAnswer::new(answer.order_id, LineAnswerCode::OrderAlreadyHandled);
            self.send(tx, &message.from, again, format!("line_order:{}", answer.order_id), Some(message.id)).await?;
            return Ok(());
        }
        self.answer_line_order(tx, answer.order_id, answer).await
    }

    async fn decide(&self, tx: &mut Tx, who: &Who, message: &Message, order: &LineOrder) -> Result<Outcome> {
        let now = tx.now();
        let answered = |code| Ok(Outcome::Answered(Box::new(LineAnswer::new(order.order_id, code))));
        let Some(line) = Number::parse(&order.line) else { return answered(LineAnswerCode::NoSuchLine) };
        match order.kind {
            LineOrderKind::Lift => self.lift(tx, who, order).await,
            LineOrderKind::CutCall if self.calls().is_none() => answered(LineAnswerCode::FunctionNotOffered),
            LineOrderKind::WarnContacts if self.warnings().is_none() => answered(LineAnswerCode::FunctionNotOffered),
            LineOrderKind::WarnContacts => {
                let faults = work::warning_faults(order, line);
                if faults.is_empty() {
                    return Ok(Outcome::Later);
                }
                let mut answer = LineAnswer::new(order.order_id, LineAnswerCode::OrderIncomplete);
                answer.faults = faults.0;
                Ok(Outcome::Answered(Box::new(answer)))
            }
            LineOrderKind::CutCall | LineOrderKind::QueryContacts => Ok(Outcome::Later),
            LineOrderKind::HoldFlaggedCalls
            | LineOrderKind::ProtectLine
            | LineOrderKind::SuspendLine
            | LineOrderKind::LabelNextCall => {
                if order.until.is_some_and(|until| until <= now) {
                    let mut answer = LineAnswer::new(order.order_id, LineAnswerCode::OrderIncomplete);
                    answer.faults.push(PAST.at("until", &[]));
                    return Ok(Outcome::Answered(Box::new(answer)));
                }
                if order.kind == LineOrderKind::SuspendLine && self.must_not_be_suspended(line, now) {
                    return answered(LineAnswerCode::ProtectedNumber);
                }
                self.put_on_line(tx, who, message, order, line).await
            }
        }
    }

    /// Emergency numbers, the centre's own lines and what is on the protected list stay reachable and able to call.
    fn must_not_be_suspended(&self, line: Number, now: Timestamp) -> bool {
        let list = self.screening().screen().list();
        line.is_emergency()
            || line.is_warning_line()
            || list.lookup(line, now).is_some_and(|hit| hit.kind == EntryKind::Protect)
    }

    async fn put_on_line(
        &self,
        tx: &mut Tx,
        who: &Who,
        message: &Message,
        order: &LineOrder,
        line: Number,
    ) -> Result<Outcome> {
        let now = tx.now();
        let counterpart = order.counterpart.as_deref().and_then(Number::parse);
        let detail = Detail { include_foreign: order.include_foreign, counterpart, label: order.label.clone() };
        // Orders of one kind on one line go one after the other: the second finds what the first set.
        store::lock_name(tx, &format!("measure:{line}:{}", order.kind.code())).await?;
        for standing in measure::on_line(tx, line, order.kind).await? {
            let longer = match (standing.until, order.until) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(standing), Some(asked)) => standing >= asked,
            };
            if longer && standing.detail == detail {
                let mut answer = LineAnswer::new(order.order_id, LineAnswerCode::AlreadyInForce);
                answer.until = standing.until;
                return Ok(Outcome::Answered(Box::new(answer)));
            }
        }
        let set = Measure {
            id: MeasureId::new(now),
            order_id: Some(order.order_id),
            line,
            kind: order.kind,
            detail,
            case_number: Some(order.case_number.clone()),
            authority: message.from.to_string(),
            state: MeasureState::Active,
            since: now,
            until: order.until,
            ended_at: None,
            ended_by: None,
            end_reason: None,
        };
        measure::set(tx, who, &set).await?;
        let mut answer = LineAnswer::new(order.order_id, LineAnswerCode::Done);
        (answer.at, answer.until) = (Some(now), order.until);
        Ok(Outcome::Answered(Box::new(answer)))
    }

    async fn lift(&self, tx: &mut Tx, who: &Who, order: &LineOrder) -> Result<Outcome> {
        let now = tx.now();
        let mut lifted = false;
        if let Some(refers_to) = order.refers_to {
            let authority: Option<(String,)> =
                tx.fetch_optional("SELECT authority FROM operator_line_order WHERE id = $1", args![refers_to]).await?;
            // Only who ordered a measure may lift it.
            if authority.is_some_and(|(authority,)| who.user == format!("partner:{authority}")) {
                for standing in measure::of_order(tx, refers_to).await? {
                    lifted |= measure::end(tx, who, standing.id, MeasureState::Lifted, &order.reason).await?;
                }
            }
        }
        let code = if lifted { LineAnswerCode::Done } else { LineAnswerCode::NothingToLift };
        let mut answer = LineAnswer::new(order.order_id, code);
        answer.at = lifted.then_some(now);
        Ok(Outcome::Answered(Box::new(answer)))
    }

    /// Writes the answer down and sends it.
    pub(crate) async fn answer_line_order(&self, tx: &mut Tx, id: OrderId, answer: LineAnswer) -> Result<()> {
        let row: Row = tx.fetch_one(select!("WHERE id = $1"), args![id]).await?;
        let row = row.read()?;
        let now = tx.now();
        // Contacts stay in the sealed answer; here they would only be kept a second time.
        let kept = LineAnswer { contacts: None, ..answer.clone() };
        let answered = store::transition("operator_line_order", id)
            .from("received")
            .to("answered")
            .set("code", answer.code.code())
            .set("answered_at", now)
            .set("answer_json", to_json(&kept, "answer")?)
            .try_apply(tx)
            .await?;
        if !answered {
            return Ok(());
        }
        let body = json!({
            "number": row.number, "kind": row.kind, "authority": row.authority, "line": masked(&row.line),
            "code": answer.code, "until": answer.until, "cuts": answer.cuts.len(),
            "contacts": answer.contacts.as_ref().map(Vec::len), "messages": answer.messages,
        });
        let to = wire::PartnerId::parse(&row.authority)
            .map_err(|_| Error::Corrupt(format!("partner {:?}", row.authority)))?;
        let subject = format!("line_order:{id}");
        let entry = Entry::new("line.answered", &subject).case(&row.case_number).body(&body);
        tx.append(entry, &Who::system("lines")).await?;
        self.send(tx, &to, answer, subject, Some(row.message_id)).await?;
        Ok(())
    }
}

/// A line as anybody may see it.
pub fn masked(line: &str) -> String {
    Number::read(line).map_or_else(|| "****".to_owned(), |number| number.mask())
}

/// The orders that are still to be done, the oldest first.
pub(crate) async fn waiting(db: &Db) -> Result<Vec<OrderRow>> {
    let rows: Vec<Row> = db.fetch_all(select!("WHERE state = 'received' ORDER BY id LIMIT 20"), args![]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Which orders are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// With an answer of this code.
    pub code: Option<LineAnswerCode>,
    /// Part of the number, the case number or the line.
    pub text: Option<String>,
    /// On exactly this line.
    pub line: Option<String>,
    /// Before this one, the latest being first.
    pub before: Option<OrderId>,
    /// At most so many.
    pub limit: i64,
}

/// Orders that fit, the latest first; needs `operator.lines.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<OrderRow>> {
    who.require(measure::READ)?;
    let mut sql = select!("WHERE id < $1").to_owned();
    let mut bound: Args = args![filter.before.map_or_else(|| "g".to_owned(), |id| id.to_string())];
    if let Some(code) = filter.code {
        bound.push(code.code().into());
        sql.push_str(&format!(" AND code = ${}", bound.len()));
    }
    if let Some(line) = &filter.line {
        bound.push(line.into());
        sql.push_str(&format!(" AND line = ${}", bound.len()));
    }
    if let Some(text) = &filter.text {
        bound.push(crate::desk::like(text).into());
        let n = bound.len();
        sql.push_str(&format!(" AND (number LIKE ${n} OR case_number LIKE ${n} OR line LIKE ${n})"));
    }
    bound.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", bound.len()));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One order.
pub async fn of_id(db: &Db, id: OrderId) -> Result<OrderRow> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or(Error::NotFound("order"))?.read()
}

/// How many orders were received since a moment, and how many of those are not done well.
pub async fn counts(db: &Db, since: Timestamp) -> Result<(i64, i64)> {
    Ok(db
        .fetch_one(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN code IN ('done', 'done_in_part', 'already_in_force') THEN 0
                ELSE 1 END), 0) AS BIGINT) FROM operator_line_order WHERE received_at >= $1",
            args![since],
        )
        .await?)
}
