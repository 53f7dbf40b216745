//! What law and practice fix, as parameters with their defaults: rules change.

use serde::{Deserialize, Serialize};

/// Parameters of the lines desk; one table `[lines]` in the centre's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LineParameters)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// How long an order to cut a call is tried, minutes: later the call is over.
    pub cut_minutes_max: i64,
    /// How long any other order is tried, hours.
    pub answer_hours_max: i64,
    /// Within how many minutes an operator should answer an urgent order, whatever was agreed for others.
    pub urgent_answer_minutes: i64,
    /// Longest hold of flagged calls and longest label, hours.
    pub urgent_hours_max: i64,
    /// Longest protection of a line, days.
    pub protect_days_max: i64,
    /// Longest period of a query of contacts, days.
    pub period_days_max: i64,
    /// Period of a query made from a report unless said otherwise, days.
    pub period_days: i64,
    /// Whether a number that is blocked in a case leads to a warning of those who were in touch with it, without an
    /// officer asking for it.
    pub warn_automatically: bool,
    /// The ground named on urgent measures: warnings and dissuasion.
    pub urgent_basis: String,
    /// The ground named on suspensions.
    pub suspend_basis: String,
    /// The ground named on queries.
    pub query_basis: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            cut_minutes_max: 15,
            answer_hours_max: 24,
            urgent_answer_minutes: 2,
            urgent_hours_max: 72,
            protect_days_max: 30,
            period_days_max: 180,
            period_days: 7,
            warn_automatically: true,
            urgent_basis: "反电信网络诈骗法 第三十四条".to_owned(),
            suspend_basis: "反电信网络诈骗法 第十一条".to_owned(),
            query_basis: "反电信网络诈骗法 第二十六条".to_owned(),
        }
    }
}
