//! Entries of the number list in the database.

use kernel::{ListEntryId, Timestamp};
use store::{AssertSqlSafe, Db, Error, Result, Transition, Tx, Who, args};
use wire::{ListAction, NumberPattern};

use super::entry::{COLUMNS, NewEntry, NumberEntry, PatternKind, Row, entry};
use super::model::State;
use crate::placing;

/// Entries in one page at most.
pub const PAGE_MAX: i64 = 200;

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// With this action.
    pub action: Option<ListAction>,
    /// Of this kind.
    pub kind: Option<PatternKind>,
    /// Of one case.
    pub case_id: Option<String>,
    /// A number: entries that cover it; the beginning of one: entries that begin so.
    pub text: Option<String>,
    /// Only entries before this one, for the next page.
    pub before: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// Entries in the region of who asks that fit, the newest first; needs `numbers.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<NumberEntry>> {
    who.require("numbers.read")?;
    let mut bound = args![];
    let mut sql = format!("SELECT {COLUMNS} FROM number_entry WHERE 1 = 1");
    let mut and = |condition: &str, arg: store::Arg| {
        bound.push(arg);
        sql.push_str(&condition.replace('?', &format!("${}", bound.len())));
    };
    if let Some(region) = &who.region {
        // In these words the index of regions serves: an office has few of the millions of entries.
        and(" AND region <> '' AND region >= ?", region.into());
        and(" AND region < ?", format!("{region}~").into());
    }
    if let Some(state) = filter.state {
        // In these words the index of what is not active serves.
        let other = if state == State::Active { "" } else { " AND state <> 'active'" };
        and(&format!("{other} AND state = ?"), state.code().into());
    }
    if let Some(action) = filter.action {
        and(" AND action = ?", action.code().into());
    }
    if let Some(kind) = filter.kind {
        and(" AND kind = ?", kind.code().into());
    }
    if let Some(case_id) = &filter.case_id {
        and(" AND case_id = ?", case_id.into());
    }
    if let Some(before) = &filter.before {
        and(" AND id < ?", before.into());
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        match super::read_pattern(text) {
            Some(NumberPattern::Full(number)) => and(" AND pattern = ?", number.into()),
            Some(NumberPattern::Prefix(prefix)) => {
                and(" AND pattern >= ?", (&prefix).into());
                and(" AND pattern < ?", format!("{prefix}~").into());
            }
            Some(range) => and(" AND pattern = ?", range.to_string().into()),
            None => {
                let text: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
                and(" AND (pattern LIKE ? OR case_number LIKE ?)", format!("%{text}").into());
            }
        }
    }
    sql.push_str(&format!(" ORDER BY id DESC LIMIT {}", filter.limit.clamp(1, PAGE_MAX + 1)));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(entry).collect()
}

/// How many entries in the region of who asks wait, by state; needs `numbers.read`.
pub async fn counts(db: &Db, who: &Who) -> Result<Vec<(String, i64)>> {
    who.require("numbers.read")?;
    db.fetch_all(
        "SELECT state, COUNT(*) FROM number_entry WHERE state <> 'active' AND state IN ('proposed','review')
            AND region LIKE $1 GROUP BY state",
        args![who.region_pattern()],
    )
    .await
}

/// One entry; needs `numbers.read`.
pub async fn get(db: &Db, who: &Who, id: ListEntryId) -> Result<NumberEntry> {
    who.require("numbers.read")?;
    let sql = format!("SELECT {COLUMNS} FROM number_entry WHERE id = $1");
    let row: Option<Row> = db.fetch_optional(AssertSqlSafe(sql), args![id]).await?;
    let found = entry(row.ok_or(Error::NotFound { what: "number entry" })?)?;
    who.require_region(&found.region)?;
    Ok(found)
}

/// Every entry in the region of who asks that there ever was for a pattern: the one in force, then the newest first; needs `numbers.read`.
pub async fn of_pattern(db: &Db, who: &Who, pattern: &NumberPattern) -> Result<Vec<NumberEntry>> {
    who.require("numbers.read")?;
    let sql = format!(
        "SELECT {COLUMNS} FROM number_entry WHERE pattern = $1 AND region LIKE $2
         ORDER BY CASE WHEN state = 'active' THEN 0 ELSE 1 END, id DESC LIMIT {PAGE_MAX}"
    );
    let bound = args![pattern.to_string(), who.region_pattern()];
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(entry).collect()
}

/// Every entry in the region of who asks, past or present, that covers a number: its own, prefixes and ranges; needs
/// `numbers.read`.
pub async fn covering(db: &Db, who: &Who, number: &str) -> Result<Vec<NumberEntry>> {
    let mut found = of_pattern(db, who, &NumberPattern::Full(number.to_owned())).await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM number_entry WHERE kind IN ('prefix','range') AND kind <> 'full' AND state = 'active'
            AND region LIKE $1 ORDER BY id DESC"
    );
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), args![who.region_pattern()]).await?;
    for row in rows {
        let wide = entry(row)?;
        if wide.pattern.covers(number) {
            found.push(wide);
        }
    }
    Ok(found)
}

/// The one number that an entry blocks, and the case in which it does; nothing for other entries and for those that
/// hold no more.
pub(crate) async fn blocked_in_case(tx: &mut Tx, id: ListEntryId) -> Result<Option<(String, kernel::ReportId)>> {
    let entry = load(tx, id).await?;
    let blocks = entry.state == State::Active && entry.action == wire::ListAction::Block;
    Ok(match (entry.pattern, entry.case_id) {
        (NumberPattern::Full(number), Some(case)) if blocks => Some((number, case)),
        _ => None,
    })
}

/// One entry on which who asks may act: it lies in his region.
pub(super) async fn within(tx: &mut Tx, who: &Who, id: ListEntryId) -> Result<NumberEntry> {
    let found = load(tx, id).await?;
    who.require_region(&found.region)?;
    Ok(found)
}

pub(super) async fn load(tx: &mut Tx, id: ListEntryId) -> Result<NumberEntry> {
    let sql = format!("SELECT {COLUMNS} FROM number_entry WHERE id = $1");
    let row: Option<Row> = tx.fetch_optional(AssertSqlSafe(sql), args![id]).await?;
    entry(row.ok_or(Error::NotFound { what: "number entry" })?)
}

/// The entry of a pattern in one of some states; there is one active entry a pattern at most.
pub(super) async fn standing(tx: &mut Tx, pattern: &NumberPattern, states: &[State]) -> Result<Option<NumberEntry>> {
    let states: Vec<String> = states.iter().map(|state| format!("'{}'", state.code())).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM number_entry WHERE pattern = $1 AND state IN ({}) ORDER BY id DESC LIMIT 1",
        states.join(",")
    );
    let row: Option<Row> = tx.fetch_optional(AssertSqlSafe(sql), args![pattern.to_string()]).await?;
    row.map(entry).transpose()
}

/// Active entries whose time is over, the oldest end first.
pub(super) async fn expired(tx: &mut Tx, limit: i64) -> Result<Vec<NumberEntry>> {
    let now = tx.now();
    let sql = format!(
        "SELECT {COLUMNS} FROM number_entry WHERE state = 'active' AND expires_at IS NOT NULL AND expires_at <= $1
         ORDER BY expires_at LIMIT $2"
    );
    let rows: Vec<Row> = tx.fetch_all(AssertSqlSafe(sql), args![now, limit]).await?;
    rows.into_iter().map(entry).collect()
}

/// When the next active entry ends.
pub(super) async fn next_end(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let row: Option<(i64,)> = tx
        .fetch_optional(
            "SELECT expires_at FROM number_entry WHERE state = 'active' AND expires_at IS NOT NULL
             ORDER BY expires_at LIMIT 1",
            args![],
        )
        .await?;
    Ok(row.map(|(end,)| Timestamp(end)))
}

pub(super) async fn insert(
    tx: &mut Tx,
    who: &Who,
    pattern: &NumberPattern,
    new: &NewEntry,
    state: State,
) -> Result<ListEntryId> {
    let now = tx.now();
    let id = ListEntryId::new(now);
    let region = region_of(who, new);
    tx.write(
        "INSERT INTO number_entry (id, pattern, kind, action, reason, source, case_id, case_number, label, expires_at,
            state, maker, made_at, region) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)",
        args![
            id,
            pattern.to_string(),
            PatternKind::of(pattern).code(),
            new.action.code(),
            new.reason.trim(),
            new.source.trim(),
            new.case.as_ref().map(|case| case.id),
            new.case.as_ref().map(|case| case.number.clone()),
            new.label.clone().filter(|label| !label.trim().is_empty()),
            new.expires_at,
            state.code(),
            &who.user,
            now,
            region,
        ],
    )
    .await?;
    Ok(id)
}

/// The region of a new entry: of its case, else of the office that makes it.
pub(super) fn region_of(who: &Who, new: &NewEntry) -> String {
    new.case.as_ref().map_or_else(|| placing::of_office(who), |case| case.region.clone())
}

/// Changes of the list go one after the other, as their numbers do. Taken before any row of the desk, so that what is
/// read after it stays true until the change is published.
pub(super) async fn lock_list(tx: &mut Tx) -> Result<()> {
    store::lock_row(tx, "number_head", "id", 1).await
}

/// The change of an entry from the state in which it was read.
fn leave(entry: &NumberEntry, next: State) -> Transition {
    store::transition("number_entry", entry.id).from(entry.state.code()).to(next.code())
}

/// Writes down who decided about an entry.
pub(super) async fn decide(
    tx: &mut Tx,
    who: &Who,
    entry: &NumberEntry,
    next: State,
    reason: Option<&str>,
) -> Result<()> {
    let now = tx.now();
    leave(entry, next).set("checker", &who.user).set("decided_at", now).set("decision_reason", reason).apply(tx).await
}

/// Writes down who took an entry from the list, and why.
pub(super) async fn end(tx: &mut Tx, who: &Who, entry: &NumberEntry, next: State, reason: Option<&str>) -> Result<()> {
    let now = tx.now();
    leave(entry, next).set("ended_at", now).set("ended_by", &who.user).set("end_reason", reason).apply(tx).await
}
