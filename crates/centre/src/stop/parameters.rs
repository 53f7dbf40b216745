//! What notices and practice fix, as parameters with their defaults: rules change.

use kernel::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use wire::OrderKind;

/// Parameters of the stop desk and of the chase; one table `[stop]` in the centre's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// How often one account may be stopped in one case (银发〔2016〕86号: two at most).
    pub stops_max: i64,
    /// How long a stop lasts, hours (银发〔2016〕86号: 48). The bank's answer is what counts; this is shown before it.
    pub stop_hours: i64,
    /// When the desk is warned before a hold ends, minutes: first and last warning.
    pub warnings_minutes: [i64; 2],
    /// How long an order is tried before it counts as unanswered, hours.
    pub answer_hours_max: i64,
    /// From the report to the first order on its way, minutes (practice, 2016: 30).
    pub first_stop_minutes: i64,
    /// How long a checker has for an order once it is made, minutes. A stop or a query made early in a case has until
    /// `first_stop_minutes` where that is later.
    pub review_minutes: i64,
    /// How long before the first tainted transfer a query of transactions begins, minutes.
    pub query_before_minutes: i64,
    /// Levels that a chase follows at most.
    pub chase_levels_max: u32,
    /// Orders that one chase issues at most.
    pub chase_orders_max: i64,
    /// Orders that one chase issues by itself before a person is asked whether it goes on; the largest amounts first.
    pub chase_orders_before_asking: i64,
    /// Smallest tainted amount for which the chase goes on to the next account, minor units.
    pub chase_amount_minor_min: i64,
    /// The unit named on orders.
    pub unit: String,
    /// The ground named on stops.
    pub stop_basis: String,
    /// The ground named on freezes.
    pub freeze_basis: String,
    /// The ground named on queries.
    pub query_basis: String,
    /// How long a freeze of deposits lasts unless the order says otherwise, days (程序规定 art. 243: 6 months).
    pub freeze_days: i64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            stops_max: 2,
            stop_hours: 48,
            warnings_minutes: [6 * 60, 60],
            answer_hours_max: 24,
            first_stop_minutes: 30,
            review_minutes: 15,
            query_before_minutes: 10,
            chase_levels_max: 12,
            chase_orders_max: 20_000,
            chase_orders_before_asking: 500,
            chase_amount_minor_min: 1,
            unit: "示范省反电信网络诈骗中心".to_owned(),
            stop_basis: "银发〔2016〕86号".to_owned(),
            freeze_basis: "公安机关办理刑事案件程序规定 第二百三十九条".to_owned(),
            query_basis: "反电信网络诈骗法 第二十条".to_owned(),
            freeze_days: 182,
        }
    }
}

impl Parameters {
    /// The two warnings before an end.
    pub fn warnings(&self) -> [Duration; 2] {
        self.warnings_minutes.map(Duration::minutes)
    }

    /// By when a checker should decide about an order. The first half hour of a case is for what finds and stops the
    /// money; whatever is ordered later, and whatever follows from an earlier order, has its time from when it was made.
    pub fn review_due(&self, kind: OrderKind, reported_at: Timestamp, made_at: Timestamp) -> Timestamp {
        let due = made_at + Duration::minutes(self.review_minutes);
        match kind {
            OrderKind::Stop | OrderKind::QueryTransactions | OrderKind::QueryHolder | OrderKind::QueryAccounts => {
                due.max(reported_at + Duration::minutes(self.first_stop_minutes))
            }
            _ => due,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes after the report: the order is made, and the checker's time ends.
    fn check(kind: OrderKind, made: i64, expect: i64) {
        let reported = Timestamp(1_764_000_000_000_000);
        let made_at = reported + Duration::minutes(made);
        let due = Parameters::default().review_due(kind, reported, made_at);
        assert_eq!(due, reported + Duration::minutes(expect), "{kind} made {made} minutes after the report");
        assert!(due > made_at, "{kind} is overdue when it is made");
    }

    #[test]
    fn no_order_is_overdue_when_it_is_made() {
        check(OrderKind::Stop, 0, 30);
        check(OrderKind::QueryTransactions, 5, 30);
        check(OrderKind::Stop, 40, 55);
        check(OrderKind::QueryHolder, 600, 615);
        for kind in [OrderKind::Freeze, OrderKind::ExtendStop, OrderKind::LiftStop, OrderKind::LiftFreeze] {
            check(kind, 1, 16);
            check(kind, 30, 45);
        }
        for kind in OrderKind::ALL {
            check(*kind, 10_000, 10_015);
        }
    }
}
