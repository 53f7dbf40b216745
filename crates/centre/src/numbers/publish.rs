//! Publishing: each change gets a number and goes to every operator; an operator that lacks some gets what is missing.

use kernel::{Duration, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::journal::{Entry, Reaction, Recorded};
use store::{AssertSqlSafe, Db, Result, Tx, Who, args, timers};
use wire::{ListChange, ListEntry, NumberPattern, PartnerId};

use super::Desk;
use super::entry::{COLUMNS, Row, entry};
use crate::{intake, reactions};

/// Entries in one change: with the longest texts it stays well below the limit of a document.
const CHANGE_ENTRIES_MAX: usize = 2_000;
/// Statements with a list of values take so many at a time.
const PATTERNS_AT_ONCE: usize = 400;
/// How long a change is tried; an operator that is away longer asks when it is back.
const TRIED_FOR: Duration = Duration::hours(24);
/// The timer of a whole list for one operator.
pub(crate) const OFFER: &str = "numbers.offer";

/// A pattern and the entry in force for it, if any.
type Standing = (NumberPattern, Option<ListEntry>);

impl Desk {
    /// Publishes what is in force now for some patterns: numbered changes, to every operator, in this transaction.
    pub(super) async fn publish(&self, tx: &mut Tx, who: &Who, touched: &[NumberPattern]) -> Result<()> {
        for part in touched.chunks(CHANGE_ENTRIES_MAX) {
            self.publish_part(tx, who, part).await?;
        }
        Ok(())
    }

    async fn publish_part(&self, tx: &mut Tx, who: &Who, touched: &[NumberPattern]) -> Result<()> {
        let now = tx.now();
        // The one row of the head is taken first: changes get their numbers in the order in which they commit.
        let (number,): (i64,) =
            tx.fetch_one("UPDATE number_head SET number = number + 1 WHERE id = 1 RETURNING number", args![]).await?;
        let mut entries_more = 0i64;
        for pattern in touched {
            entries_more += mark(tx, pattern, number).await?;
        }
        tx.write("UPDATE number_head SET entries = entries + $1 WHERE id = 1", args![entries_more]).await?;
        let standing = changed(tx, number - 1, number).await?;
        let change = list_change(number, number - 1, now, standing);
        let (put, removed) = (size(&change.put), size(&change.remove));
        tx.write(
            "INSERT INTO number_change (number, at, put, removed) VALUES ($1,$2,$3,$4)",
            args![number, now, put, removed],
        )
        .await?;
        let operators = self.post.operators();
        for operator in &operators {
            self.send_change(tx, operator, change.clone()).await?;
        }
        let body = json!({ "number": number, "put": put, "removed": removed, "operators": operators.len() });
        tx.append(Entry::new("list.published", format!("list:{number}")).body(&body), who).await
    }

    async fn send_change(&self, tx: &mut Tx, to: &PartnerId, change: ListChange) -> Result<()> {
        let subject = format!("list:{}", change.number);
        let until = tx.now() + TRIED_FOR;
        self.post.send(tx, to, change, subject, until).await.map_err(|e| store::Error::Conflict(e.to_string()))?;
        Ok(())
    }

    /// An operator says which list it has: it gets what is missing, or the offer of the whole list.
    pub async fn asked(&self, tx: &mut Tx, from: &PartnerId, have: u64) -> Result<()> {
        let have = i64::try_from(have).unwrap_or(i64::MAX);
        self.operator_has(tx, from, have).await?;
        let (head,): (i64,) = tx.fetch_one("SELECT number FROM number_head WHERE id = 1", args![]).await?;
        let now = tx.now();
        if have == head {
            return self.send_change(tx, from, list_change(head, head, now, Vec::new())).await;
        }
        // No further than it matters: to count ten million rows would hold every other change up.
        let (missing,): (i64,) = tx
            .fetch_one(
                "SELECT COUNT(*) FROM (SELECT 1 FROM number_published WHERE changed_in > $1 LIMIT $2) AS missing",
                args![have, self.parameters.changes_max + 1],
            )
            .await?;
        if have > head || missing > self.parameters.changes_max {
            return timers::set(tx, &format!("{OFFER}:{from}"), OFFER, from.as_str(), now).await;
        }
        let mut previous = have;
        while previous < head {
            let number = next_stop(tx, previous, head).await?;
            let standing = changed(tx, previous, number).await?;
            self.send_change(tx, from, list_change(number, previous, now, standing)).await?;
            previous = number;
        }
        Ok(())
    }

    /// Remembers which list an operator has.
    pub async fn operator_has(&self, tx: &mut Tx, operator: &PartnerId, have: i64) -> Result<()> {
        let now = tx.now();
        tx.write(
            "INSERT INTO number_operator (partner, have, at) VALUES ($1,$2,$3)
             ON CONFLICT (partner) DO UPDATE SET have = excluded.have, at = excluded.at",
            args![operator, have, now],
        )
        .await?;
        Ok(())
    }
}

/// Notes which entry is in force for a pattern now, and in which change that came; gives by how much the list grew.
async fn mark(tx: &mut Tx, pattern: &NumberPattern, number: i64) -> Result<i64> {
    let text = pattern.to_string();
    let before: Option<(Option<String>,)> =
        tx.fetch_optional("SELECT entry_id FROM number_published WHERE pattern = $1", args![&text]).await?;
    let active: Option<(String,)> =
        tx.fetch_optional("SELECT id FROM number_entry WHERE pattern = $1 AND state = 'active'", args![&text]).await?;
    let active = active.map(|(id,)| id);
    let grew = i64::from(active.is_some()) - i64::from(before.is_some_and(|(id,)| id.is_some()));
    tx.write(
        "INSERT INTO number_published (pattern, entry_id, changed_in) VALUES ($1,$2,$3)
         ON CONFLICT (pattern) DO UPDATE SET entry_id = excluded.entry_id, changed_in = excluded.changed_in",
        args![&text, active, number],
    )
    .await?;
    Ok(grew)
}

/// What changed after one list, up to another: for each pattern what is in force now.
async fn changed(tx: &mut Tx, after: i64, up_to: i64) -> Result<Vec<Standing>> {
    let patterns: Vec<(String, Option<String>)> = tx
        .fetch_all(
            "SELECT pattern, entry_id FROM number_published WHERE changed_in > $1 AND changed_in <= $2 ORDER BY pattern",
            args![after, up_to],
        )
        .await?;
    let mut standing = Vec::with_capacity(patterns.len());
    for part in patterns.chunks(PATTERNS_AT_ONCE) {
        let ids: Vec<&String> = part.iter().filter_map(|(_, id)| id.as_ref()).collect();
        let mut by_id = std::collections::HashMap::with_capacity(ids.len());
        if !ids.is_empty() {
            let sql = format!("SELECT {COLUMNS} FROM number_entry WHERE id IN {}", store::places(ids.len(), 1, 1));
            let bound = ids.iter().map(|id| store::Arg::from(*id)).collect();
            let rows: Vec<Row> = tx.fetch_all(AssertSqlSafe(sql), bound).await?;
            for row in rows {
                let found = entry(row)?;
                by_id.insert(found.id.to_string(), found.on_the_wire());
            }
        }
        for (pattern, id) in part {
            let pattern = NumberPattern::parse(pattern).map_err(|_| store::Error::Corrupt("published".into()))?;
            standing.push((pattern, id.as_ref().and_then(|id| by_id.remove(id))));
        }
    }
    Ok(standing)
}

/// The last change that one document reaches, starting after `previous`.
async fn next_stop(tx: &mut Tx, previous: i64, head: i64) -> Result<i64> {
    let counts: Vec<(i64, i64)> = tx
        .fetch_all(
            "SELECT changed_in, COUNT(*) FROM number_published WHERE changed_in > $1 GROUP BY changed_in
             ORDER BY changed_in",
            args![previous],
        )
        .await?;
    let most = i64::try_from(CHANGE_ENTRIES_MAX).unwrap_or(i64::MAX);
    let mut total = 0;
    let mut stop = previous;
    for (number, count) in counts {
        if total > 0 && total + count > most {
            return Ok(stop);
        }
        total += count;
        stop = number;
    }
    Ok(head)
}

fn list_change(number: i64, previous: i64, at: Timestamp, standing: Vec<Standing>) -> ListChange {
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    let mut change =
        ListChange { number: unsigned(number), previous: unsigned(previous), at, put: Vec::new(), remove: Vec::new() };
    for (pattern, entry) in standing {
        match entry {
            Some(entry) => change.put.push(entry),
            None => change.remove.push(pattern),
        }
    }
    change
}

fn size<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

/// The list as it is published, and what each operator has of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PublishedList {
    /// Number of the last change.
    pub number: i64,
    /// When it was made.
    pub changed_at: Option<Timestamp>,
    /// Entries on the list.
    pub entries: i64,
    /// Entries that reports led to and that wait for an officer.
    pub proposed: i64,
    /// Prefixes and ranges that wait for a second person.
    pub review: i64,
    /// The operators of the directory.
    pub operators: Vec<OperatorList>,
}

/// What one operator has of the list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OperatorList {
    /// The operator.
    pub partner: PartnerId,
    /// Its name.
    pub name: String,
    /// The last change that it said to have; none where it said nothing yet.
    pub have: Option<i64>,
    /// When it said so.
    pub at: Option<Timestamp>,
    /// Changes sent to it that it has not taken yet.
    pub under_way: i64,
}

/// How far the list is published; needs `numbers.read`.
pub async fn published(db: &Db, who: &Who, desk: &Desk) -> Result<PublishedList> {
    who.require("numbers.read")?;
    let (number, entries): (i64, i64) =
        db.fetch_one("SELECT number, entries FROM number_head WHERE id = 1", args![]).await?;
    let last: Option<(i64,)> =
        db.fetch_optional("SELECT at FROM number_change WHERE number = $1", args![number]).await?;
    let mut waiting = (0, 0);
    for (state, count) in super::counts(db, who).await? {
        if state == "proposed" { waiting.0 = count } else { waiting.1 = count }
    }
    let mut operators = Vec::new();
    for partner in desk.post.operators() {
        let said: Option<(i64, i64)> =
            db.fetch_optional("SELECT have, at FROM number_operator WHERE partner = $1", args![&partner]).await?;
        let under_way = wire::outbox::pending(db, &partner, wire::kind::LIST_CHANGE).await?;
        operators.push(OperatorList {
            name: desk.post.name(&partner),
            have: said.map(|(have, _)| have),
            at: said.map(|(_, at)| Timestamp(at)),
            under_way,
            partner,
        });
    }
    Ok(PublishedList {
        number,
        changed_at: last.map(|(at,)| Timestamp(at)),
        entries,
        proposed: waiting.0,
        review: waiting.1,
        operators,
    })
}

/// The number list follows reports: each telephone number that a report names is put up for confirmation.
#[derive(Clone)]
pub struct Following {
    /// The desk.
    pub desk: Desk,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Reaction for Following {
    fn name(&self) -> &'static str {
        "numbers"
    }

    fn wants(&self, kind: &str) -> bool {
        matches!(kind, "report.submitted" | "report.joined")
    }

    async fn handle(&self, tx: &mut Tx, recorded: &Recorded) -> std::result::Result<(), Failure> {
        let Some(id) = recorded.subject.strip_prefix("report:") else { return Ok(()) };
        let id = id.parse()?;
        let Some(case) = reactions::case_of(tx, id).await? else { return Ok(()) };
        let victim = intake::victim_phone(tx, id).await?;
        let row: Option<(String,)> =
            tx.fetch_optional("SELECT scam_type FROM intake_report WHERE id = $1", args![id]).await?;
        let (scam_type,) = row.unwrap_or_default();
        let reason = kernel::ScamType::parse(&scam_type).map_or("涉诈联系电话", |scam_type| scam_type.zh());
        for (_, number) in intake::phones(tx, id).await? {
            if Some(number) != victim {
                self.desk.propose(tx, &case, number, reason).await?;
            }
        }
        Ok(())
    }
}
