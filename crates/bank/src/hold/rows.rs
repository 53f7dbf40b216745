//! The rows of holds.

use kernel::{AccountId, Duration, HoldId, Timestamp};
use store::{Args, AssertSqlSafe, Db, Tx, Who, args, places};

use super::model::{Hold, HoldKind, HoldScope, HoldState, Line, Term};
use crate::account::PLACES_MAX;
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

/// The open holds of several accounts, for pages.
pub async fn open_of(db: &Db, accounts: &[AccountId]) -> Result<Vec<(AccountId, Hold)>> {
    let mut all = Vec::new();
    for chunk in accounts.chunks(PLACES_MAX) {
        let sql = format!(
            "{}{}",
            select!("WHERE state IN ('active', 'waiting') AND account_id IN "),
            places(chunk.len(), 1, 1)
        );
        let bound: Args = chunk.iter().map(|id| store::Arg::from(*id)).collect();
        let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
        for row in rows {
            all.push(hold(row)?);
        }
    }
    Ok(all)
}

/// Which holds are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<HoldState>,
    /// Part of the case number.
    pub text: Option<String>,
    /// Before this one, the latest being first.
    pub before: Option<HoldId>,
    /// At most so many.
    pub limit: i64,
}

/// Holds that fit with their account, the latest first; needs `bank.holds.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<(AccountId, Hold)>> {
    who.require("bank.holds.read")?;
    let mut sql = select!("WHERE id < $1").to_owned();
    // Identifiers begin with a hexadecimal digit, so `g` stands after every one.
    let mut bound: Args = args![filter.before.map_or_else(|| "g".to_owned(), |id| id.to_string())];
    if let Some(state) = filter.state {
        bound.push(state.code().into());
        sql.push_str(&format!(" AND state = ${}", bound.len()));
    }
    if let Some(text) = &filter.text {
        bound.extend(args![crate::order::rows::pattern(text), crate::order::rows::account_pattern(text)]);
        let (n, no) = (bound.len() - 1, bound.len());
        sql.push_str(&format!(
            " AND (case_number LIKE ${n} OR account_id IN (SELECT id FROM bank_account WHERE no LIKE ${no}))"
        ));
    }
    bound.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", bound.len()));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(hold).collect()
}

/// How many holds are in force or in line, and how many end before a moment.
pub async fn counts(db: &Db, ending_before: Timestamp) -> Result<(i64, i64)> {
    Ok(db
        .fetch_one(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state = 'active' AND until_at < $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM bank_hold WHERE state IN ('active', 'waiting')",
            args![ending_before],
        )
        .await?)
}

/// Writes what changed between two states of a line.
pub async fn save(tx: &mut Tx, account: AccountId, before: &Line, after: &Line) -> Result<()> {
    for hold in &after.holds {
        match before.get(hold.id) {
            Some(old) if old == hold => {}
            Some(old) => update(tx, old, hold).await?,
            None => insert(tx, account, hold).await?,
        }
    }
    Ok(())
}

async fn insert(tx: &mut Tx, account: AccountId, h: &Hold) -> Result<()> {
    tx.write(
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

async fn update(tx: &mut Tx, old: &Hold, h: &Hold) -> Result<()> {
    store::transition("bank_hold", h.id)
        .from(old.state.code())
        .to(h.state.code())
        .set("stops", h.stops)
        .set("from_at", h.from)
        .set("until_at", h.until)
        .set("ended_at", h.ended_at)
        .apply(tx)
        .await?;
    Ok(())
}
