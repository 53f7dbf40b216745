//! Reading the journal.

use kernel::Timestamp;
use sqlx::FromRow;

use super::chain::{Hash, to_hash};
use crate::{Args, Db, Error, Result, Tx, Who, args, vault};

/// The columns of a [`Row`], in order.
pub(super) const COLUMNS: &str =
    "seq, at, actor, seat, subject, case_id, region, kind, purpose, body, private, digest, prev, hash";

/// Most entries that one call gives.
pub const LIMIT_MAX: i64 = 1_000;

/// An entry as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Number, from 1 without a gap.
    pub seq: i64,
    /// When it was appended.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// The seat in which it happened.
    pub seat: String,
    /// About whom or what, for instance `order:<id>`.
    pub subject: String,
    /// The case to which it belongs.
    pub case_id: Option<String>,
    /// Six-digit region code.
    pub region: Option<String>,
    /// What happened, for instance `order.approved`.
    pub kind: String,
    /// Why personal data was looked at.
    pub purpose: Option<String>,
    /// Public part, JSON.
    pub body: String,
    /// Personal part, encrypted.
    pub private: Option<Vec<u8>>,
    /// Digest of all the above.
    pub digest: Hash,
    /// Hash of the entry before.
    pub prev: Hash,
    /// Hash of this entry.
    pub hash: Hash,
}

impl Recorded {
    /// The public part, read.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or(serde_json::Value::Null)
    }
}

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) seq: i64,
    at: i64,
    actor: String,
    seat: String,
    subject: String,
    case_id: Option<String>,
    region: Option<String>,
    kind: String,
    purpose: Option<String>,
    body: String,
    private: Option<Vec<u8>>,
    digest: Vec<u8>,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

pub(super) fn recorded(row: Row) -> Result<Recorded> {
    Ok(Recorded {
        seq: row.seq,
        at: Timestamp(row.at),
        actor: row.actor,
        seat: row.seat,
        subject: row.subject,
        case_id: row.case_id,
        region: row.region,
        kind: row.kind,
        purpose: row.purpose,
        body: row.body,
        private: row.private,
        digest: to_hash(&row.digest)?,
        prev: to_hash(&row.prev)?,
        hash: to_hash(&row.hash)?,
    })
}

/// The number of the last entry; 0 when there is none.
pub async fn last_seq(db: &Db) -> Result<i64> {
    let head: Option<(i64,)> = db.fetch_optional("SELECT seq FROM journal_head WHERE id = 1", args![]).await?;
    Ok(head.map_or(0, |(seq,)| seq))
}

/// The entries behind `after`, in order, at most `limit`.
pub async fn read_after(db: &Db, after: i64, limit: i64) -> Result<Vec<Recorded>> {
    let rows: Vec<Row> = db
        .fetch_all(
            sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2")),
            args![after, limit.clamp(1, LIMIT_MAX)],
        )
        .await?;
    rows.into_iter().map(recorded).collect()
}

/// Number and kind of the entries behind `after`, in order, at most `limit`.
pub(super) async fn kinds_after(db: &Db, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    db.fetch_all("SELECT seq, kind FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2", args![after, limit]).await
}

/// The entries of these numbers, in order.
pub(super) async fn read_these(db: &Db, seqs: &[i64]) -> Result<Vec<Recorded>> {
    let places = crate::places(seqs.len(), 1, 1);
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq IN {places} ORDER BY seq");
    let bound = seqs.iter().map(|seq| crate::Arg::from(*seq)).collect();
    let rows: Vec<Row> = db.fetch_all(sqlx::AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(recorded).collect()
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Exactly this subject.
    pub subject: Option<String>,
    /// This case.
    pub case_id: Option<String>,
    /// Kinds that begin so, for instance `order.`.
    pub kind_prefix: Option<String>,
    /// Only entries before this number; for paging backward.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Entries that fit, the newest first, within the region scope of who asks; needs `journal.read`. Entries that belong to
/// no region are shown to those without a scope.
pub async fn query(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Recorded>> {
    who.require("journal.read")?;
    let mut sql = format!("SELECT {COLUMNS} FROM journal WHERE (region LIKE $1 OR (region IS NULL AND $2))");
    let mut bound: Args = args![who.region_pattern(), who.sees_what_has_no_region()];
    let mut and = |condition: &str, arg: crate::Arg| {
        bound.push(arg);
        sql.push_str(&format!(" AND {condition} ${}", bound.len()));
    };
    if let Some(subject) = &filter.subject {
        and("subject =", subject.into());
    }
    if let Some(case_id) = &filter.case_id {
        and("case_id =", case_id.into());
    }
    if let Some(prefix) = &filter.kind_prefix {
        and("kind LIKE", format!("{}%", prefix.replace(['%', '_'], "")).into());
    }
    if let Some(before) = filter.before {
        and("seq <", before.into());
    }
    and("seq > 0 ORDER BY seq DESC LIMIT", filter.limit.clamp(1, LIMIT_MAX).into());
    let rows: Vec<Row> = db.fetch_all(sqlx::AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(recorded).collect()
}

/// The personal part of an entry, opened with the key of its subject.
///
/// # Errors
/// [`Error::KeyGone`] when the person's data was erased.
pub async fn open_private(db: &Db, entry: &Recorded) -> Result<Option<String>> {
    let Some(private) = &entry.private else {
        return Ok(None);
    };
    let row: Option<(Option<Vec<u8>>,)> =
        db.fetch_optional("SELECT wrapped FROM subject_key WHERE subject = $1", args![&entry.subject]).await?;
    let gone = || Error::KeyGone(entry.subject.clone());
    let (wrapped,) = row.ok_or_else(gone)?;
    let key = db.vault().unwrap_subject_key(&entry.subject, &wrapped.ok_or_else(gone)?)?;
    let plain = vault::decrypt(&key, private).ok_or_else(gone)?;
    String::from_utf8(plain).map(Some).map_err(|_| Error::Corrupt("personal part".into()))
}

/// Erases the key of a subject: its personal parts can never be opened again; the chain stays whole.
pub async fn erase_subject(tx: &mut Tx, subject: &str) -> Result<bool> {
    let now = tx.now();
    let touched = tx
        .execute(
            "UPDATE subject_key SET wrapped = NULL, erased_at = $1 WHERE subject = $2 AND wrapped IS NOT NULL",
            args![now, subject],
        )
        .await?;
    Ok(touched > 0)
}
