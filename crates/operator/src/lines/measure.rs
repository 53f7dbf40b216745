//! Measures in force on lines: kept in the database, put into the screen, ended by timer.

use std::collections::BTreeMap;

use kernel::{Maskable, MeasureId, OrderId, Timestamp};
use screen::{LabelId, LineMeasure, NextLabel, Number};
use serde_json::json;
use store::journal::Entry;
use store::{Args, AssertSqlSafe, Db, Tx, Who, args, timers};
use wire::LineOrderKind;

use crate::desk::Operator;
use crate::error::{Error, Result, stored_id, stored_json, to_json};

/// Right to see orders and measures.
pub const READ: &str = "operator.lines.read";
/// Kind of the timer that ends a measure.
pub(crate) const END: &str = "operator.measure.end";
/// A measure without an end stands until it is lifted.
const FOR_EVER: Timestamp = Timestamp(i64::MAX);

/// Where a measure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureState {
    /// In force.
    Active,
    /// Ended by itself.
    Ended,
    /// Lifted by an order.
    Lifted,
    /// Its one call has come.
    Used,
}

impl MeasureState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Ended, Self::Lifted, Self::Used];

    /// The word in the database and in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Lifted => "lifted",
            Self::Used => "used",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What a measure says beyond its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Detail {
    /// Calls from abroad are held too.
    #[serde(default)]
    pub include_foreign: bool,
    /// Only calls with this number.
    #[serde(default)]
    pub counterpart: Option<Number>,
    /// What the called person sees.
    #[serde(default)]
    pub label: Option<String>,
}

/// A measure on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Identity.
    pub id: MeasureId,
    /// The order that set it.
    pub order_id: Option<OrderId>,
    /// The line.
    pub line: Number,
    /// What it is.
    pub kind: LineOrderKind,
    /// What it says beyond that.
    pub detail: Detail,
    /// The case.
    pub case_number: Option<String>,
    /// Who ordered it.
    pub authority: String,
    /// Where it stands.
    pub state: MeasureState,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// Why.
    pub end_reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    order_id: Option<String>,
    line: String,
    kind: String,
    detail: String,
    case_number: Option<String>,
    authority: String,
    state: String,
    since: i64,
    until_at: Option<i64>,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    end_reason: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, line, kind, detail, case_number, authority, state, since, until_at, ended_at, ended_by, \
             end_reason FROM operator_measure ",
            $rest
        )
    };
}

impl Row {
    fn read(self) -> Result<Measure> {
        let corrupt = |what: &str| Error::Corrupt(format!("measure {}: {what}", self.id));
        Ok(Measure {
            id: stored_id(&self.id)?,
            order_id: self.order_id.as_deref().map(stored_id).transpose()?,
            line: Number::read(&self.line).ok_or_else(|| corrupt("line"))?,
            kind: LineOrderKind::from_code(&self.kind).ok_or_else(|| corrupt("kind"))?,
            detail: stored_json(&self.detail, "measure")?,
            state: MeasureState::parse(&self.state).ok_or_else(|| corrupt("state"))?,
            case_number: self.case_number,
            authority: self.authority,
            since: Timestamp(self.since),
            until: self.until_at.map(Timestamp),
            ended_at: self.ended_at.map(Timestamp),
            ended_by: self.ended_by,
            end_reason: self.end_reason,
        })
    }
}

/// How the screen calls it.
const fn of_screen(kind: LineOrderKind) -> Option<LineMeasure> {
    match kind {
        LineOrderKind::HoldFlaggedCalls => Some(LineMeasure::HoldFlagged),
        LineOrderKind::ProtectLine => Some(LineMeasure::Protect),
        LineOrderKind::SuspendLine => Some(LineMeasure::Suspend),
        LineOrderKind::LabelNextCall => Some(LineMeasure::LabelNext),
        LineOrderKind::CutCall | LineOrderKind::Lift | LineOrderKind::QueryContacts | LineOrderKind::WarnContacts => {
            None
        }
    }
}

fn body(measure: &Measure) -> serde_json::Value {
    json!({
        "line": measure.line.mask(), "kind": measure.kind, "order_id": measure.order_id, "authority": measure.authority,
        "until": measure.until, "include_foreign": measure.detail.include_foreign, "state": measure.state,
        "end_reason": measure.end_reason,
    })
}

fn entry(kind: &str, measure: &Measure) -> Entry {
    let entry = Entry::new(kind, format!("measure:{}", measure.id)).body(&body(measure));
    match &measure.case_number {
        Some(case) => entry.case(case),
        None => entry,
    }
}

/// Puts a measure into force.
pub(crate) async fn set(tx: &mut Tx, who: &Who, measure: &Measure) -> Result<()> {
    tx.write(
        "INSERT INTO operator_measure (id, order_id, line, kind, detail, case_number, authority, state, since, until_at)
         VALUES ($1,$2,$3,$4,$5,$6,$7,'active',$8,$9)",
        args![
            measure.id,
            measure.order_id,
            measure.line.to_string(),
            measure.kind.code(),
            to_json(&measure.detail, "measure")?,
            measure.case_number.clone(),
            &measure.authority,
            measure.since,
            measure.until
        ],
    )
    .await?;
    if let Some(until) = measure.until {
        let subject = format!("measure:{}", measure.id);
        timers::set(tx, &format!("{END}:{}", measure.id), END, &subject, until).await?;
    }
    Ok(tx.append(entry("measure.set", measure), who).await?)
}

/// Ends a measure; nothing happens when it has ended.
pub(crate) async fn end(tx: &mut Tx, who: &Who, id: MeasureId, state: MeasureState, reason: &str) -> Result<bool> {
    let now = tx.now();
    let ended = store::transition("operator_measure", id)
        .from(MeasureState::Active.code())
        .to(state.code())
        .set("ended_at", now)
        .set("ended_by", &who.user)
        .set("end_reason", reason)
        .try_apply(tx)
        .await?;
    if !ended {
        return Ok(false);
    }
    timers::cancel(tx, &format!("{END}:{id}")).await?;
    let row: Row = tx.fetch_one(select!("WHERE id = $1"), args![id]).await?;
    tx.append(entry("measure.ended", &row.read()?), who).await?;
    Ok(true)
}

/// Ends a measure whose time has come.
pub(crate) async fn end_due(tx: &mut Tx, timer: &timers::Timer) -> Result<()> {
    let id: MeasureId = stored_id(timer.subject.trim_start_matches("measure:"))?;
    // The measure before its timer, as a lift takes them.
    store::lock_row(tx, "operator_measure", "id", id).await?;
    if timers::done(tx, timer).await? {
        end(tx, &Who::system("lines"), id, MeasureState::Ended, "到期").await?;
    }
    Ok(())
}

/// The measures of an order that are in force.
pub(crate) async fn of_order(tx: &mut Tx, order: OrderId) -> Result<Vec<Measure>> {
    let rows: Vec<Row> =
        tx.fetch_all(select!("WHERE order_id = $1 AND state = 'active' ORDER BY id"), args![order]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// The measures of a kind that are in force on a line.
pub(crate) async fn on_line(tx: &mut Tx, line: Number, kind: LineOrderKind) -> Result<Vec<Measure>> {
    let rows: Vec<Row> = tx
        .fetch_all(
            select!("WHERE line = $1 AND kind = $2 AND state = 'active' ORDER BY id"),
            args![line.to_string(), kind.code()],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Which measures are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<MeasureState>,
    /// On this line.
    pub line: Option<Number>,
    /// Before this one, the latest being first.
    pub before: Option<MeasureId>,
    /// At most so many.
    pub limit: i64,
}

/// Measures that fit, the latest first; needs `operator.lines.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Measure>> {
    who.require(READ)?;
    let mut sql = select!("WHERE id < $1").to_owned();
    let mut bound: Args = args![filter.before.map_or_else(|| "g".to_owned(), |id| id.to_string())];
    if let Some(state) = filter.state {
        bound.push(state.code().into());
        sql.push_str(&format!(" AND state = ${}", bound.len()));
    }
    if let Some(line) = filter.line {
        bound.push(line.to_string().into());
        sql.push_str(&format!(" AND line = ${}", bound.len()));
    }
    bound.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", bound.len()));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One measure.
pub async fn of_id(db: &Db, id: MeasureId) -> Result<Measure> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or(Error::NotFound("measure"))?.read()
}

/// Every measure of an order.
pub async fn of_order_now(db: &Db, order: OrderId) -> Result<Vec<Measure>> {
    let rows: Vec<Row> = db.fetch_all(select!("WHERE order_id = $1 ORDER BY id"), args![order]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// How many measures are in force.
pub async fn count_active(db: &Db) -> Result<i64> {
    let (count,): (i64,) =
        db.fetch_one("SELECT COUNT(*) FROM operator_measure WHERE state = 'active'", args![]).await?;
    Ok(count)
}

impl Operator {
    /// Puts every measure in force into the screen; at start.
    pub(crate) async fn restore_measures(&self) -> Result<()> {
        let rows: Vec<Row> = self.db().fetch_all(select!("WHERE state = 'active' ORDER BY id"), args![]).await?;
        for row in rows {
            let measure = row.read()?;
            self.follow_line(measure.line, measure.kind).await?;
        }
        Ok(())
    }

    /// Brings the screen to what the database says about the line of a measure.
    pub(crate) async fn follow_measure(&self, id: MeasureId) -> Result<()> {
        let measure = of_id(self.db(), id).await?;
        self.follow_line(measure.line, measure.kind).await
    }

    async fn follow_line(&self, line: Number, kind: LineOrderKind) -> Result<()> {
        let Some(measure) = of_screen(kind) else { return Ok(()) };
        let rows: Vec<(Option<i64>, String)> = self
            .db()
            .fetch_all(
                "SELECT until_at, detail FROM operator_measure WHERE line = $1 AND kind = $2 AND state = 'active'",
                args![line.to_string(), kind.code()],
            )
            .await?;
        let mut standing = Vec::with_capacity(rows.len());
        for (until, detail) in rows {
            let detail: Detail = stored_json(&detail, "operator_measure.detail")?;
            standing.push((until.map_or(FOR_EVER, Timestamp), detail));
        }
        if measure == LineMeasure::LabelNext {
            self.screening().screen().label_next(line, &self.next_labels(&standing));
            return Ok(());
        }
        let ends: Vec<(Timestamp, bool)> =
            standing.into_iter().map(|(until, detail)| (until, detail.include_foreign)).collect();
        // Several orders may speak of one line: the last to end decides.
        self.set_in_screen(line, measure, ends.iter().map(|(until, _)| *until).max());
        if kind == LineOrderKind::HoldFlaggedCalls {
            let foreign = ends.iter().filter(|(_, foreign)| *foreign).map(|(until, _)| *until).max();
            self.set_in_screen(line, LineMeasure::HoldForeign, foreign);
        }
        Ok(())
    }

    /// One label a caller, and one for any: of several orders the last to end decides.
    fn next_labels(&self, standing: &[(Timestamp, Detail)]) -> Vec<NextLabel> {
        let mut labels: BTreeMap<Option<Number>, NextLabel> = BTreeMap::new();
        for (until, detail) in standing {
            let words = detail.label.as_deref();
            let label = words.map_or(LabelId::CENTRE, |words| self.screening().order_labels().of(words));
            let next = NextLabel { caller: detail.counterpart, label, until: *until };
            let kept = labels.entry(detail.counterpart).or_insert(next);
            if kept.until < next.until {
                *kept = next;
            }
        }
        labels.into_values().collect()
    }

    fn set_in_screen(&self, line: Number, measure: LineMeasure, until: Option<Timestamp>) {
        let screen = self.screening().screen();
        match until {
            Some(until) => screen.protect(line, measure, until),
            None => {
                screen.unprotect(line, measure);
            }
        }
    }

    /// Ends the measures whose one call has come, as the recorder saw it.
    pub(crate) async fn use_up_labels(&self) -> Result<()> {
        let mut waiting = self.live().take_labelled().into_iter();
        while let Some((line, caller)) = waiting.next() {
            if let Err(error) = self.use_up_label(line, caller).await {
                // The label was shown: the measure must end, if only in the next round.
                self.live().labelled(line, caller);
                for (line, caller) in waiting {
                    self.live().labelled(line, caller);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn use_up_label(&self, line: Number, caller: Option<Number>) -> Result<()> {
        let mut tx = self.db().begin().await?;
        let standing = on_line(&mut tx, line, LineOrderKind::LabelNextCall).await?;
        // A label for this caller goes before one for any, as in the screen.
        let of_caller = caller.filter(|_| standing.iter().any(|measure| measure.detail.counterpart == caller));
        for measure in standing.iter().filter(|measure| measure.detail.counterpart == of_caller) {
            end(&mut tx, &Who::system("lines"), measure.id, MeasureState::Used, "已提示").await?;
        }
        Ok(tx.commit().await?)
    }
}
