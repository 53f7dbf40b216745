//! What a person took from the list, no file brings back: not the same entry, not one that stops where the person ended a
//! mere watch, and not a prefix or a range that covers it. Such a row waits for a person, who adds it by hand.

use std::collections::HashMap;

use kernel::{Fault, Text};
use screen::{EntryKind, Pattern};
use store::{Args, AssertSqlSafe, Tx, args};

use super::entry::{Entry, masked};
use crate::error::{Error, Result};

/// Rows asked about by one statement.
const ROWS_AT_ONCE: usize = 200;

const ENDED_BEFORE: Text = Text::new(
    "operator.entry.ended_before",
    ("该条目此前已由 {by} 撤销：{reason}", "{by} has ended this entry before: {reason}"),
    (
        "名单文件不会恢复人工撤销的条目；如有新的依据，请逐条手工添加",
        "A file does not bring back what a person ended; with new evidence add it by hand",
    ),
);
const COVERS_ENDED: Text = Text::new(
    "operator.entry.covers_ended",
    ("其中的 {pattern} 此前已由 {by} 撤销：{reason}", "it covers {pattern}, which {by} has ended before: {reason}"),
    (
        "请把号段或区间拆开，避开该号码；如有新的依据，请手工添加",
        "Divide the prefix or range so that it leaves this out; with new evidence add it by hand",
    ),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[ENDED_BEFORE, COVERS_ENDED];

/// An entry that a person has ended, by hand or by a granted appeal, and that nobody has added again since.
struct Ended {
    pattern: Pattern,
    kind: EntryKind,
    by: String,
    reason: String,
}

impl Ended {
    /// Whether an entry of this kind would do again what was ended. A watch stops nothing: it may follow a block.
    fn is_undone_by(&self, kind: EntryKind) -> bool {
        kind == self.kind || (kind == EntryKind::Block && self.kind == EntryKind::Watch)
    }
}

/// For each entry why it may not be loaded, where it would bring back what a person has ended.
pub(super) async fn faults(tx: &mut Tx, entries: &[Entry]) -> Result<Vec<Option<Fault>>> {
    let mut same: HashMap<String, Vec<Ended>> = HashMap::new();
    for some in entries.chunks(ROWS_AT_ONCE) {
        let bound: Args = some.iter().flat_map(|made| args![made.entry.pattern.to_string()]).collect();
        for ended in ended_where(tx, &format!("e.pattern IN {}", store::places(some.len(), 1, 1)), bound).await? {
            same.entry(ended.pattern.to_string()).or_default().push(ended);
        }
    }
    let wide: Vec<Pattern> =
        entries.iter().map(|made| made.entry.pattern).filter(|pattern| is_wide(*pattern)).collect();
    let covered = match common_beginning(&wide) {
        Some(beginning) => ended_where(tx, "e.pattern LIKE $1", args![format!("{beginning}%")]).await?,
        None => Vec::new(),
    };
    let fault = |made: &Entry| {
        let (pattern, kind) = (made.entry.pattern, made.entry.kind);
        if kind == EntryKind::Allow {
            return None;
        }
        let named = same.get(&pattern.to_string()).into_iter().flatten().find(|ended| ended.is_undone_by(kind));
        if let Some(ended) = named {
            return Some(ENDED_BEFORE.at("number", &[("by", &ended.by), ("reason", &ended.reason)]));
        }
        let is_covered =
            |ended: &&Ended| is_wide(pattern) && ended.is_undone_by(kind) && pattern.covers(&ended.pattern);
        let ended = covered.iter().find(is_covered)?;
        let shown = masked(&ended.pattern);
        Some(COVERS_ENDED.at("number", &[("pattern", &shown), ("by", &ended.by), ("reason", &ended.reason)]))
    };
    Ok(entries.iter().map(fault).collect())
}

const fn is_wide(pattern: Pattern) -> bool {
    !matches!(pattern, Pattern::Full(_))
}

/// What every number that these patterns speak of begins with, as it is written; nothing where there are no patterns.
fn common_beginning(patterns: &[Pattern]) -> Option<String> {
    let written = |pattern: &Pattern| match pattern {
        Pattern::Full(number) => vec![number.to_string()],
        Pattern::Prefix(prefix) => vec![prefix.number().to_string()],
        Pattern::Range(from, to) => vec![from.to_string(), to.to_string()],
    };
    patterns
        .iter()
        .flat_map(written)
        .reduce(|common, next| common.chars().zip(next.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect())
}

async fn ended_where(tx: &mut Tx, condition: &str, bound: Args) -> Result<Vec<Ended>> {
    let sql = format!(
        "SELECT e.pattern, e.kind, e.ended_by, e.end_reason FROM operator_entry e
         WHERE e.state = 'ended' AND {condition} AND NOT EXISTS (SELECT 1 FROM operator_entry o
            WHERE o.pattern = e.pattern AND o.kind IN (e.kind, 'block') AND o.id <> e.id AND (o.state = 'active'
                OR o.created_at > e.ended_at OR (o.created_at = e.ended_at AND o.id > e.id)))
         ORDER BY e.ended_at DESC, e.id DESC"
    );
    let rows: Vec<(String, String, Option<String>, Option<String>)> = tx.fetch_all(AssertSqlSafe(sql), bound).await?;
    let read = |(pattern, kind, by, reason): (String, String, Option<String>, Option<String>)| {
        let corrupt = || Error::Corrupt("an ended entry of the list".to_owned());
        Ok(Ended {
            pattern: Pattern::parse(&pattern).ok_or_else(corrupt)?,
            kind: EntryKind::from_word(&kind).ok_or_else(corrupt)?,
            by: by.unwrap_or_default(),
            reason: reason.unwrap_or_default(),
        })
    };
    rows.into_iter().map(read).collect()
}
