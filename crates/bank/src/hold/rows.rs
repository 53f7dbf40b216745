//! The rows of holds.

use kernel::{AccountId, Duration, HoldId, Timestamp};
use store::{Db, Tx, args};

use super::model::{Hold, HoldKind, HoldScope, HoldState, Line, Term};
use crate::error::{Error, Result, stored_id};

impl HoldKind {
    /// The word in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Freeze => "freeze",
            Self::OwnStop => "own_stop",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [Self::Stop, Self::Freeze, Self::OwnStop].into_iter().find(|kind| kind.code() == code)
    }
}

impl HoldState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Active, Self::Waiting, Self::Lapsed, Self::Lifted, Self::Replaced];

    /// The word in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Lapsed => "lapsed",
            Self::Lifted => "lifted",
            Self::Replaced => "replaced",
        }
    }

    /// The state of a word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

fn term_text(term: Term) -> String {
    match term {
        Term::Span(span) => format!("span:{}", span.0),
        Term::Months(months) => format!("months:{months}"),
        Term::Until(moment) => format!("until:{}", moment.0),
    }
}

fn term_of(text: &str) -> Option<Term> {
    let (kind, number) = text.split_once(':')?;
    let number: i64 = number.parse().ok()?;
    match kind {
        "span" => Some(Term::Span(Duration(number))),
        "months" => Some(Term::Months(number)),
        "until" => Some(Term::Until(Timestamp(number))),
        _ => None,
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    kind: String,
    authority: String,
    case_number: String,
    limit_minor: Option<i64>,
    state: String,
    position: i64,
    term: String,
    stops: i64,
    order_id: Option<String>,
    placed_at: i64,
    from_at: Option<i64>,
    until_at: Option<i64>,
    ended_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, kind, authority, case_number, limit_minor, state, position, term, stops, order_id, placed_at, \
             from_at, until_at, ended_at FROM bank_hold ",
            $rest
        )
    };
}

fn hold(row: Row) -> Result<(AccountId, Hold)> {
    let corrupt = |what: &str| Error::Corrupt(format!("hold {}: {what}", row.id));
    let hold = Hold {
        id: stored_id(&row.id)?,
        kind: HoldKind::parse(&row.kind).ok_or_else(|| corrupt("kind"))?,
        scope: row.limit_minor.map_or(HoldScope::Whole, HoldScope::UpTo),
        state: HoldState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
        position: row.position,
        term: term_of(&row.term).ok_or_else(|| corrupt("term"))?,
        stops: row.stops,
        order_id: row.order_id.as_deref().map(stored_id).transpose()?,
        placed_at: Timestamp(row.placed_at),
        from: row.from_at.map(Timestamp),
        until: row.until_at.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
        authority: row.authority,
        case_number: row.case_number,
    };
    Ok((stored_id(&row.account_id)?, hold))
}

fn holds(rows: Vec<Row>) -> Result<Vec<Hold>> {
    rows.into_iter().map(|row| hold(row).map(|(_, hold)| hold)).collect()
}

/// The line of an account: its open holds, and the ended ones of a case.
pub async fn line(tx: &mut Tx, account: AccountId, case_number: &str) -> Result<Line> {
    let rows = tx
        .fetch_all(
            select!("WHERE account_id = $1 AND (state IN ('active', 'waiting') OR case_number = $2)"),
            args![account, case_number],
        )
        .await?;
    Ok(Line { holds: holds(rows)? })
}

/// Every hold on an account, the latest first, for pages.
pub async fn of_account(db: &Db, account: AccountId) -> Result<Vec<Hold>> {
    holds(db.fetch_all(select!("WHERE account_id = $1 ORDER BY id DESC LIMIT 200"), args![account]).await?)
}

/// One hold with its account, for pages.
pub async fn of_id(db: &Db, id: HoldId) -> Result<(AccountId, Hold)> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.map(hold).transpose()?.ok_or(Error::NotFound("hold"))
}

/// Holds in a state, the latest first, before an identifier; for pages.
pub async fn of_state(db: &Db, state: HoldState, before: Option<HoldId>, limit: i64) -> Result<Vec<(AccountId, Hold)>> {
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let rows: Vec<Row> = db
        .fetch_all(
            select!("WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3"),
            args![state.code(), before, limit],
        )
        .await?;
    rows.into_iter().map(hold).collect()
}

/// Every hold, the latest first, before an identifier; for pages.
pub async fn latest(db: &Db, before: Option<HoldId>, limit: i64) -> Result<Vec<(AccountId, Hold)>> {
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let rows: Vec<Row> = db.fetch_all(select!("WHERE id < $1 ORDER BY id DESC LIMIT $2"), args![before, limit]).await?;
    rows.into_iter().map(hold).collect()
}

/// Writes what changed between two states of a line.
pub async fn save(tx: &mut Tx, account: AccountId, before: &Line, after: &Line) -> Result<()> {
    for hold in &after.holds {
        match before.get(hold.id) {
            Some(old) if old == hold => {}
            Some(_) => update(tx, hold).await?,
            None => insert(tx, account, hold).await?,
        }
    }
    Ok(())
}

async fn insert(tx: &mut Tx, account: AccountId, h: &Hold) -> Result<()> {
    tx.execute(
        "INSERT INTO bank_hold (id, account_id, kind, authority, case_number, limit_minor, state, position, term, stops,
            order_id, placed_at, from_at, until_at, ended_at)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
        args![
            h.id,
            account,
            h.kind.code(),
            &h.authority,
            &h.case_number,
            h.scope.limit_minor(),
            h.state.code(),
            h.position,
            term_text(h.term),
            h.stops,
            h.order_id,
            h.placed_at,
            h.from,
            h.until,
            h.ended_at
        ],
    )
    .await?;
    Ok(())
}

async fn update(tx: &mut Tx, h: &Hold) -> Result<()> {
    tx.execute(
        "UPDATE bank_hold SET state = $1, stops = $2, from_at = $3, until_at = $4, ended_at = $5 WHERE id = $6",
        args![h.state.code(), h.stops, h.from, h.until, h.ended_at, h.id],
    )
    .await?;
    Ok(())
}
