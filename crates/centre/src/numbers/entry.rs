//! An entry of the number list as the desk keeps it.

use kernel::{ListEntryId, ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use store::{Error, Result};
use wire::{ListAction, NumberPattern};

use super::model::State;
use crate::stop::CaseRef;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// Which numbers, as typed: `17000000000`, `170*`, `17012340000-17012349999`.
    pub pattern: String,
    /// What operators do.
    pub action: ListAction,
    /// Why; a blocked caller is told it.
    pub reason: String,
    /// Where it comes from.
    pub source: String,
    /// The case; the entry is of its region, without one of that of the office that makes it.
    pub case: Option<CaseRef>,
    /// From when on it no longer counts.
    pub expires_at: Option<Timestamp>,
    /// What the called person sees, with `watch`.
    pub label: Option<String>,
}

/// How many numbers a pattern means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// One number.
    Full,
    /// All that begin alike.
    Prefix,
    /// From one to another.
    Range,
}

impl PatternKind {
    /// The kind of a pattern.
    pub const fn of(pattern: &NumberPattern) -> Self {
        match pattern {
            NumberPattern::Full(_) => Self::Full,
            NumberPattern::Prefix(_) => Self::Prefix,
            NumberPattern::Range(..) => Self::Range,
        }
    }

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Prefix => "prefix",
            Self::Range => "range",
        }
    }
}

/// The columns of a [`Row`], in order.
pub(super) const COLUMNS: &str = "id, pattern, action, reason, source, case_id, case_number, label, expires_at, state, \
    maker, made_at, checker, decided_at, decision_reason, ended_at, ended_by, end_reason, region";

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    pattern: String,
    action: String,
    reason: String,
    source: String,
    case_id: Option<String>,
    case_number: Option<String>,
    label: Option<String>,
    expires_at: Option<i64>,
    state: String,
    maker: String,
    made_at: i64,
    checker: Option<String>,
    decided_at: Option<i64>,
    decision_reason: Option<String>,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    end_reason: Option<String>,
    region: String,
}

/// An entry as it stands. The pattern is in full.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberEntry {
    /// Identity.
    pub id: ListEntryId,
    /// Which numbers.
    pub pattern: NumberPattern,
    /// What operators do.
    pub action: ListAction,
    /// Why.
    pub reason: String,
    /// Where it comes from.
    pub source: String,
    /// The case.
    pub case_id: Option<ReportId>,
    /// Its number.
    pub case_number: Option<String>,
    /// What the called person sees.
    pub label: Option<String>,
    /// From when on it no longer counts.
    pub expires_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// Who made it.
    pub maker: String,
    /// When.
    pub made_at: Timestamp,
    /// Who confirmed, approved or refused it.
    pub checker: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused.
    pub decision_reason: Option<String>,
    /// When it left the list.
    pub ended_at: Option<Timestamp>,
    /// Who took it from the list.
    pub ended_by: Option<String>,
    /// Why.
    pub end_reason: Option<String>,
    /// Region of the case, or of the office that made it, six digits; empty where that office sees every region.
    pub region: String,
}

impl NumberEntry {
    /// What operators get of it.
    pub fn on_the_wire(&self) -> wire::ListEntry {
        wire::ListEntry {
            pattern: self.pattern.clone(),
            action: self.action,
            reason: self.reason.clone(),
            source: self.source.clone(),
            case_number: self.case_number.clone(),
            expires_at: self.expires_at,
            label: self.label.clone(),
        }
    }
}

/// Each column with the table `e` in front.
pub(super) fn columns_of_e() -> String {
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("e.{}", column.trim())).collect();
    columns.join(", ")
}

pub(super) fn entry(row: Row) -> Result<NumberEntry> {
    let corrupt = |what: &str| Error::Corrupt(format!("number entry: {what}"));
    Ok(NumberEntry {
        id: row.id.parse().map_err(|_| corrupt("id"))?,
        pattern: NumberPattern::parse(&row.pattern).map_err(|_| corrupt("pattern"))?,
        action: row.action.parse().map_err(|_| corrupt("action"))?,
        reason: row.reason,
        source: row.source,
        case_id: row.case_id.map(|id| id.parse()).transpose().map_err(|_| corrupt("case_id"))?,
        case_number: row.case_number,
        label: row.label,
        expires_at: row.expires_at.map(Timestamp),
        state: State::from_code(&row.state).ok_or_else(|| corrupt("state"))?,
        maker: row.maker,
        made_at: Timestamp(row.made_at),
        checker: row.checker,
        decided_at: row.decided_at.map(Timestamp),
        decision_reason: row.decision_reason,
        ended_at: row.ended_at.map(Timestamp),
        ended_by: row.ended_by,
        end_reason: row.end_reason,
        region: row.region,
    })
}
