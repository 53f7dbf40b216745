//! Standing rules: what a chief approves in advance, within bounds, so that an order leaves in seconds at night.
//!
//! Invariant: a rule has an author and a second person who approved it, an end, and bounds; the order that it lets
//! through names it.

use kernel::{Duration, RuleId, Timestamp};
use wire::{LineOrderKind, OrderKind};

/// Who makes the orders of a chase.
pub const CHASE: &str = "system:chase";

/// A standing rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRule {
    /// Identity.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// Kinds of order that it may approve; never a freeze, which needs a chief for each (程序规定 art. 239).
    pub kinds: Vec<OrderKind>,
    /// Deepest level.
    pub level_max: u32,
    /// Largest amount of the order, minor units.
    pub amount_minor_max: i64,
    /// Kinds of order about a line that it may approve; never a suspension.
    pub line_kinds: Vec<LineOrderKind>,
    /// Longest measure on a line, hours.
    pub line_hours_max: i64,
    /// Oldest report, counted from its submission.
    pub report_age_max: Duration,
    /// Leading digits of the region of the report.
    pub region_prefix: String,
    /// Login of its author.
    pub author: String,
    /// Login of the second person.
    pub approved_by: Option<String>,
    /// From when.
    pub valid_from: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When somebody ended it early.
    pub ended_at: Option<Timestamp>,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Kind of the order.
    pub kind: OrderKind,
    /// Level of the account.
    pub level: u32,
    /// The most that the order can hold: of a whole account without bound; for a query the amount of the transfer that
    /// led there.
    pub amount_minor: i64,
    /// When the report was submitted.
    pub reported_at: Timestamp,
    /// Region of the report.
    pub region: &'a str,
    /// Who made the order; a rule never approves its own author's orders made by hand.
    pub maker: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// What a rule looks at in an order about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts<'a> {
    /// Kind of the order.
    pub kind: LineOrderKind,
    /// How long its measure lasts; none where nothing lasts.
    pub lasts: Option<Duration>,
    /// When the report was submitted.
    pub reported_at: Timestamp,
    /// Region of the report.
    pub region: &'a str,
    /// Who made the order.
    pub maker: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Why a rule does not approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Not in force: not yet approved or begun, ended or expired.
    NotInForce,
    /// Another kind of order.
    Kind,
    /// Too deep.
    Level,
    /// Too large.
    Amount,
    /// The measure lasts too long.
    Hours,
    /// The report is too old.
    Age,
    /// Another region.
    Region,
    /// The order was made by the author of the rule.
    OwnOrder,
}

impl StandingRule {
    /// Whether the rule may act somewhere in the scope of this person, be it wider than the scope or narrower.
    pub(super) fn acts_in_scope_of(&self, who: &store::Who) -> bool {
        let own = who.region.as_deref().unwrap_or("");
        own.starts_with(&self.region_prefix) || self.region_prefix.starts_with(own)
    }

    /// Kinds of order that a rule may ever approve. A lift only where the chase itself found nothing of the victim's
    /// money left (程序规定 art. 247): what a person wants lifted is checked by another person, always.
    pub const KINDS: [OrderKind; 5] =
        [OrderKind::Stop, OrderKind::QueryTransactions, OrderKind::QueryHolder, OrderKind::Watch, OrderKind::LiftStop];

    /// Kinds of order about a line that a rule may ever approve: the urgent measures that help a person who is being
    /// scammed right now (反电信网络诈骗法 art. 34). A suspension takes a line from its holder: a person decides, always.
    pub const LINE_KINDS: [LineOrderKind; 4] = [
        LineOrderKind::CutCall,
        LineOrderKind::HoldFlaggedCalls,
        LineOrderKind::LabelNextCall,
        LineOrderKind::WarnContacts,
    ];

    /// Whether the rule is in force.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.approved_by.is_some() && self.valid_from <= now && now < self.expires_at && self.ended_at.is_none()
    }

    /// Approves, or names the first bound that is not kept.
    pub fn approves(&self, facts: &Facts<'_>) -> Result<(), Bound> {
        let kept = [
            (self.in_force(facts.now), Bound::NotInForce),
            (self.kinds.contains(&facts.kind) && Self::KINDS.contains(&facts.kind), Bound::Kind),
            (facts.kind != OrderKind::LiftStop || facts.maker == CHASE, Bound::Kind),
            (facts.level <= self.level_max, Bound::Level),
            (facts.amount_minor <= self.amount_minor_max, Bound::Amount),
            (facts.now - facts.reported_at <= self.report_age_max, Bound::Age),
            (facts.region.starts_with(&self.region_prefix), Bound::Region),
            (facts.maker != self.author, Bound::OwnOrder),
        ];
        first_not_kept(&kept)
    }

    /// Approves an order about a line, or names the first bound that is not kept.
    pub fn approves_line(&self, facts: &LineFacts<'_>) -> Result<(), Bound> {
        let hours_max = Duration::hours(self.line_hours_max);
        first_not_kept(&[
            (self.in_force(facts.now), Bound::NotInForce),
            (self.line_kinds.contains(&facts.kind) && Self::LINE_KINDS.contains(&facts.kind), Bound::Kind),
            (facts.lasts.is_none_or(|lasts| lasts <= hours_max), Bound::Hours),
            (facts.now - facts.reported_at <= self.report_age_max, Bound::Age),
            (facts.region.starts_with(&self.region_prefix), Bound::Region),
            (facts.maker != self.author, Bound::OwnOrder),
        ])
    }
}

fn first_not_kept(bounds: &[(bool, Bound)]) -> Result<(), Bound> {
    bounds.iter().find(|(kept, _)| !kept).map_or(Ok(()), |(_, bound)| Err(*bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_392_000_000_000);

    fn rule() -> StandingRule {
        StandingRule {
            id: RuleId::new(NOW),
            name: "夜间快速止付".into(),
            kinds: vec![OrderKind::Stop, OrderKind::QueryTransactions],
            level_max: 3,
            amount_minor_max: 5_000_000,
            line_kinds: vec![LineOrderKind::CutCall, LineOrderKind::HoldFlaggedCalls, LineOrderKind::SuspendLine],
            line_hours_max: 12,
            report_age_max: Duration::hours(72),
            region_prefix: "43".into(),
            author: "chief".into(),
            approved_by: Some("deputy".into()),
            valid_from: NOW - Duration::hours(1),
            expires_at: NOW + Duration::hours(12),
            ended_at: None,
        }
    }

    fn facts() -> Facts<'static> {
        Facts {
            kind: OrderKind::Stop,
            level: 3,
            amount_minor: 5_000_000,
            reported_at: NOW - Duration::hours(72),
            region: "430102",
            maker: "system:chase",
            now: NOW,
        }
    }

    fn check(rule: StandingRule, facts: Facts<'_>, expect: Result<(), Bound>) {
        assert_eq!(rule.approves(&facts), expect, "{facts:?}");
    }

    #[test]
    fn a_rule_approves_up_to_each_bound_and_not_beyond() {
        check(rule(), facts(), Ok(()));
        check(rule(), Facts { level: 4, ..facts() }, Err(Bound::Level));
        check(rule(), Facts { amount_minor: 5_000_001, ..facts() }, Err(Bound::Amount));
        check(rule(), Facts { reported_at: NOW - Duration::hours(72) - Duration(1), ..facts() }, Err(Bound::Age));
        check(rule(), Facts { region: "440100", ..facts() }, Err(Bound::Region));
        check(rule(), Facts { maker: "chief", ..facts() }, Err(Bound::OwnOrder));
        check(rule(), Facts { kind: OrderKind::Watch, ..facts() }, Err(Bound::Kind));
        check(rule(), Facts { now: NOW + Duration::hours(12), ..facts() }, Err(Bound::NotInForce));
        check(StandingRule { approved_by: None, ..rule() }, facts(), Err(Bound::NotInForce));
        check(StandingRule { ended_at: Some(NOW), ..rule() }, facts(), Err(Bound::NotInForce));
        let lifts = || StandingRule { kinds: vec![OrderKind::LiftStop], ..rule() };
        check(lifts(), Facts { kind: OrderKind::LiftStop, ..facts() }, Ok(()));
        check(lifts(), Facts { kind: OrderKind::LiftStop, maker: "officer", ..facts() }, Err(Bound::Kind));
        let freezes = StandingRule { kinds: vec![OrderKind::Freeze], ..rule() };
        check(freezes, Facts { kind: OrderKind::Freeze, ..facts() }, Err(Bound::Kind));
    }

    #[test]
    fn a_rule_approves_urgent_measures_on_lines_and_never_a_suspension() {
        let facts = |kind| LineFacts {
            kind,
            lasts: Some(Duration::hours(12)),
            reported_at: NOW,
            region: "430102",
            maker: "officer",
            now: NOW,
        };
        let hold = || facts(LineOrderKind::HoldFlaggedCalls);
        let expect = |facts: LineFacts<'_>, expect| assert_eq!(rule().approves_line(&facts), expect, "{facts:?}");
        expect(hold(), Ok(()));
        expect(LineFacts { lasts: None, ..facts(LineOrderKind::CutCall) }, Ok(()));
        expect(LineFacts { lasts: Some(Duration(Duration::hours(12).0 + 1)), ..hold() }, Err(Bound::Hours));
        expect(LineFacts { maker: "chief", ..hold() }, Err(Bound::OwnOrder));
        expect(LineFacts { region: "440100", ..hold() }, Err(Bound::Region));
        expect(LineFacts { reported_at: NOW - Duration::hours(73), ..hold() }, Err(Bound::Age));
        expect(facts(LineOrderKind::LabelNextCall), Err(Bound::Kind));
        expect(facts(LineOrderKind::SuspendLine), Err(Bound::Kind));
    }
}
