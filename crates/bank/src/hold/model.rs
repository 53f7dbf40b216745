//! The holds on one account and the line in which they stand: pure, without I/O.
//!
//! Several amount-limited holds stand beside each other: together they withhold min(balance, Σ limits). What is frozen
//! as a whole cannot be frozen again, so a later freeze waits in line (轮候冻结) and takes effect when the earlier ends
//! (公安机关办理刑事案件程序规定 art. 242). A stop of another case waits behind a stop of the whole account in the same way.
//!
//! A worked line, all of the whole account:
//!
//! ```text
//! Monday 08:00  case A stops            active until Wednesday 08:00
//! Monday 09:00  case B freezes          active at once: a stop does not keep a freeze off
//! Monday 10:00  case C freezes          waits, second in line
//! Monday 11:00  case A freezes          replaces its stop and keeps its place before B
//! six months on: A and B lapse unless renewed; C takes effect at that moment, not when somebody looks
//! ```

use kernel::{Duration, HoldId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// What kind of hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
// Named apart in the document, where the kinds of an order's answer are `HoldKind`.
#[schema(as = BankHoldKind)]
pub enum HoldKind {
    /// Emergency stop by order (紧急止付).
    Stop,
    /// Freeze by order (冻结).
    Freeze,
    /// The bank's own stop before the order arrives (先行止付).
    OwnStop,
}

/// How much is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldScope {
    /// Up to this many minor units; later inflows are caught up to it (限额).
    UpTo(i64),
    /// The whole account (全额).
    Whole,
}

impl HoldScope {
    /// The limit, or nothing for the whole account.
    pub const fn limit_minor(self) -> Option<i64> {
        match self {
            Self::UpTo(limit) => Some(limit),
            Self::Whole => None,
        }
    }

    fn exceeds(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Whole) => false,
            (Self::Whole, Self::UpTo(_)) => true,
            (Self::UpTo(new), Self::UpTo(old)) => new > old,
        }
    }
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// In force.
    Active,
    /// In line behind others (轮候).
    Waiting,
    /// Ended by itself at its end.
    Lapsed,
    /// Ended by order.
    Lifted,
    /// Ended because another hold took its place.
    Replaced,
}

impl HoldState {
    /// Whether it is in force or may still come into force.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Waiting)
    }
}

/// How long a hold lasts once it is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// So long from the moment it takes effect.
    Span(Duration),
    /// So many calendar months from the day it takes effect.
    Months(i64),
    /// Until a given moment, whenever it takes effect.
    Until(Timestamp),
}

impl Term {
    /// The end of a hold that takes effect at `from`.
    pub fn end(self, from: Timestamp) -> Timestamp {
        match self {
            Self::Span(span) => from + span,
            Self::Months(months) => add_months(from, months),
            Self::Until(moment) => moment,
        }
    }
}

/// The same time of day so many calendar months later in China Standard Time; the last day of a shorter month.
pub fn add_months(from: Timestamp, months: i64) -> Timestamp {
    let months = i32::try_from(months).unwrap_or(i32::MAX);
    from.civil_cst()
        .checked_add(jiff::Span::new().try_months(months).unwrap_or_else(|_| jiff::Span::new()))
        .ok()
        .and_then(Timestamp::from_civil_cst)
        .unwrap_or(from)
}

/// A hold on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Identifier.
    pub id: HoldId,
    /// Kind.
    pub kind: HoldKind,
    /// Who had it made: partner id of the centre, or this bank.
    pub authority: String,
    /// The case.
    pub case_number: String,
    /// How much.
    pub scope: HoldScope,
    /// Where it stands.
    pub state: HoldState,
    /// Place in line on this account, the earliest first; a hold that replaces another keeps its place.
    pub position: i64,
    /// How long, once in force.
    pub term: Term,
    /// Stops that it counts for: 1, and 1 more by each extension. 0 for a freeze.
    pub stops: i64,
    /// The order behind it.
    pub order_id: Option<OrderId>,
    /// When it was asked for.
    pub placed_at: Timestamp,
    /// Since when it is in force.
    pub from: Option<Timestamp>,
    /// Until when; known once in force, or where the order names the end.
    pub until: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A case: its number, and whose number it is, since two centres may number alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case<'a> {
    /// Who leads it.
    pub authority: &'a str,
    /// Its number.
    pub number: &'a str,
}

/// A hold that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// Identifier.
    pub id: HoldId,
    /// Kind.
    pub kind: HoldKind,
    /// Who asks.
    pub authority: String,
    /// The case.
    pub case_number: String,
    /// How much.
    pub scope: HoldScope,
    /// How long.
    pub term: Term,
    /// The order behind it.
    pub order_id: Option<OrderId>,
}

/// What can happen in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldEvent {
    /// A hold is asked for.
    Place(NewHold),
    /// A hold is ended by order.
    Lift(HoldId),
    /// A stop is extended, which counts as a further stop; or a freeze renewed, which does not.
    Extend {
        /// Which.
        hold: HoldId,
        /// Counted from its present end.
        term: Term,
    },
    /// Time has passed.
    Tick,
}

/// What followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldEffect {
    /// It is in force.
    TookEffect(HoldId),
    /// It stands in line, at this place among those that wait (1 is next).
    Waits(HoldId, i64),
    /// It lasts longer.
    Extended(HoldId),
    /// It ended by itself.
    Lapsed(HoldId),
    /// It ended by order.
    Lifted(HoldId),
    /// Another took its place.
    Replaced {
        /// The one that ended.
        hold: HoldId,
        /// The one that goes on.
        by: HoldId,
    },
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoldFault {
    /// The account is stopped in this case, or by the bank itself.
    #[error("already stopped")]
    AlreadyStopped,
    /// The account is frozen in this case, or as a whole.
    #[error("already frozen")]
    AlreadyFrozen,
    /// The count of stops for this account and case is used up.
    #[error("the stops are used up")]
    StopsUsedUp,
    /// No such hold on this account.
    #[error("no such hold")]
    NoSuchHold,
    /// It has ended.
    #[error("the hold has ended")]
    Ended,
    /// It stands in line and has no end yet that could be moved.
    #[error("the hold is still waiting")]
    StillWaiting,
    /// The new end is not after the present one.
    #[error("the end does not move forward")]
    EndNotLater,
}

/// What a stop does that meets another case's stop of the whole account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopBehindStop {
    /// It stands in line, and its 48 hours begin when it takes effect.
    #[default]
    Waits,
    /// It is answered "already stopped" and forgotten.
    Refused,
}

/// The rules that the line needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRules {
    /// Stops per account and case, at most.
    pub stops_max: i64,
    /// A stop that meets another case's stop.
    pub stop_behind_stop: StopBehindStop,
}

/// The open holds of an account, and the ended ones of the cases that are asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// In no particular order.
    pub holds: Vec<Hold>,
}

/// The line after an event, and what followed. Time passes first: what was due has ended.
pub fn apply(
    line: &Line,
    event: &HoldEvent,
    now: Timestamp,
    rules: &LineRules,
) -> Result<(Line, Vec<HoldEffect>), HoldFault> {
    let mut next = line.clone();
    let mut effects = Vec::new();
    next.pass(now, &mut effects);
    match event {
        HoldEvent::Tick => {}
        HoldEvent::Place(new) => next.place(new, now, rules, &mut effects)?,
        HoldEvent::Lift(id) => {
            let hold = next.open_mut(*id)?;
            hold.end(HoldState::Lifted, now);
            effects.push(HoldEffect::Lifted(*id));
            next.settle(now, &mut effects);
        }
        HoldEvent::Extend { hold, term } => next.extend(*hold, *term, rules, &mut effects)?,
    }
    Ok((next, effects))
}

impl NewHold {
    fn case(&self) -> Case<'_> {
        Case { authority: &self.authority, number: &self.case_number }
    }
}

impl Hold {
    /// The case that it belongs to.
    pub fn case(&self) -> Case<'_> {
        Case { authority: &self.authority, number: &self.case_number }
    }

    fn end(&mut self, state: HoldState, at: Timestamp) {
        self.state = state;
        self.ended_at = Some(at);
    }

    fn take_effect(&mut self, at: Timestamp) {
        self.state = HoldState::Active;
        self.from = Some(at);
        self.until = Some(self.term.end(at));
    }

    /// Whether it withholds money at this moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.state == HoldState::Active && self.until.is_none_or(|until| until > now)
    }
}

impl Line {
    /// What the holds withhold together.
    pub fn held(&self, now: Timestamp) -> crate::ledger::Held {
        use crate::ledger::Held;
        self.holds.iter().filter(|h| h.is_in_force(now)).fold(Held::Nothing, |held, hold| match (held, hold.scope) {
            (Held::Whole, _) | (_, HoldScope::Whole) => Held::Whole,
            (Held::Nothing, HoldScope::UpTo(limit)) => Held::UpTo(limit),
            (Held::UpTo(sum), HoldScope::UpTo(limit)) => Held::UpTo(sum.saturating_add(limit)),
        })
    }

    /// What of the balance this hold withholds, after those before it in line.
    pub fn held_by_minor(&self, id: HoldId, balance_minor: i64, now: Timestamp) -> i64 {
        let mut rest = balance_minor.max(0);
        let mut in_force: Vec<&Hold> = self.holds.iter().filter(|h| h.is_in_force(now)).collect();
        in_force.sort_by_key(|h| (h.position, h.id));
        for hold in in_force {
            let share = hold.scope.limit_minor().map_or(rest, |limit| limit.min(rest));
            if hold.id == id {
                return share;
            }
            rest -= share;
        }
        0
    }

    /// The next moment at which a hold ends by itself.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.holds.iter().filter(|h| h.state.is_open()).filter_map(|h| h.until).min()
    }

    /// Place of a waiting hold among those that wait: 1 is next.
    pub fn place_in_line(&self, id: HoldId) -> i64 {
        let mut waiting: Vec<&Hold> = self.holds.iter().filter(|h| h.state == HoldState::Waiting).collect();
        waiting.sort_by_key(|h| (h.position, h.id));
        waiting.iter().position(|h| h.id == id).and_then(|n| i64::try_from(n + 1).ok()).unwrap_or(0)
    }

    /// Stops used for a case.
    pub fn stops_used(&self, case: Case<'_>) -> i64 {
        self.holds.iter().filter(|h| h.case() == case).map(|h| h.stops).sum()
    }

    /// A hold by its identifier.
    pub fn get(&self, id: HoldId) -> Option<&Hold> {
        self.holds.iter().find(|h| h.id == id)
    }

    fn open_mut(&mut self, id: HoldId) -> Result<&mut Hold, HoldFault> {
        let hold = self.holds.iter_mut().find(|h| h.id == id).ok_or(HoldFault::NoSuchHold)?;
        if hold.state.is_open() { Ok(hold) } else { Err(HoldFault::Ended) }
    }

    /// Ends what is due, earliest first, and lets those in line take effect at that very moment.
    fn pass(&mut self, now: Timestamp, effects: &mut Vec<HoldEffect>) {
        while let Some(due) = self.next_end().filter(|due| *due <= now) {
            for hold in self.holds.iter_mut().filter(|h| h.state.is_open() && h.until == Some(due)) {
                hold.end(HoldState::Lapsed, due);
                effects.push(HoldEffect::Lapsed(hold.id));
            }
            self.settle(due, effects);
        }
    }

    /// Lets those in line take effect, in their order, as far as nothing stands before them.
    fn settle(&mut self, at: Timestamp, effects: &mut Vec<HoldEffect>) {
        let mut waiting: Vec<(i64, HoldId)> =
            self.holds.iter().filter(|h| h.state == HoldState::Waiting).map(|h| (h.position, h.id)).collect();
        waiting.sort();
        for (_, id) in waiting {
            let blocked = self.get(id).is_none_or(|h| self.blocker(h.kind, h.case()).is_some());
            if blocked {
                continue;
            }
            if let Some(hold) = self.holds.iter_mut().find(|h| h.id == id) {
                hold.take_effect(at);
                effects.push(HoldEffect::TookEffect(id));
            }
        }
    }

    /// The hold of another case that keeps this kind off.
    fn blocker(&self, kind: HoldKind, case: Case<'_>) -> Option<&Hold> {
        self.holds.iter().find(|h| {
            h.state == HoldState::Active
                && h.scope == HoldScope::Whole
                && h.case() != case
                && match kind {
                    HoldKind::Freeze => h.kind == HoldKind::Freeze,
                    HoldKind::Stop => h.kind != HoldKind::OwnStop,
                    HoldKind::OwnStop => true,
                }
        })
    }

    fn place(
        &mut self,
        new: &NewHold,
        now: Timestamp,
        rules: &LineRules,
        effects: &mut Vec<HoldEffect>,
    ) -> Result<(), HoldFault> {
        let replaced = self.replaced_by(new)?;
        let stops = i64::from(new.kind == HoldKind::Stop);
        if stops == 1 && self.stops_used(new.case()) >= rules.stops_max {
            return Err(HoldFault::StopsUsedUp);
        }
        let keeps_force = self
            .holds
            .iter()
            .any(|h| replaced.contains(&h.id) && h.state == HoldState::Active && h.case() == new.case());
        let blocker = self.blocker(new.kind, new.case()).filter(|_| !keeps_force).map(|h| h.kind);
        match (new.kind, blocker) {
            (HoldKind::Stop, Some(HoldKind::Freeze)) => return Err(HoldFault::AlreadyFrozen),
            (HoldKind::Stop, Some(_)) if rules.stop_behind_stop == StopBehindStop::Refused => {
                return Err(HoldFault::AlreadyStopped);
            }
            _ => {}
        }
        let inherited = self.holds.iter().filter(|h| replaced.contains(&h.id)).map(|h| h.position).min();
        let last = self.holds.iter().map(|h| h.position).max().unwrap_or(0);
        for hold in self.holds.iter_mut().filter(|h| replaced.contains(&h.id)) {
            hold.end(HoldState::Replaced, now);
            effects.push(HoldEffect::Replaced { hold: hold.id, by: new.id });
        }
        let mut hold = Hold {
            id: new.id,
            kind: new.kind,
            authority: new.authority.clone(),
            case_number: new.case_number.clone(),
            scope: new.scope,
            state: HoldState::Waiting,
            position: inherited.unwrap_or(last + 1),
            term: new.term,
            stops,
            order_id: new.order_id,
            placed_at: now,
            from: None,
            until: match new.term {
                Term::Until(moment) => Some(moment),
                _ => None,
            },
            ended_at: None,
        };
        if blocker.is_none() {
            hold.take_effect(now);
            effects.push(HoldEffect::TookEffect(new.id));
            self.holds.push(hold);
        } else {
            self.holds.push(hold);
            effects.push(HoldEffect::Waits(new.id, self.place_in_line(new.id)));
        }
        self.settle(now, effects);
        Ok(())
    }

    /// The open holds that a new one takes the place of: the bank's own stops; the stop of the same case when it is
    /// frozen; the same kind of the same case when more is held than before.
    fn replaced_by(&self, new: &NewHold) -> Result<Vec<HoldId>, HoldFault> {
        let mut replaced = Vec::new();
        for hold in self.holds.iter().filter(|h| h.state.is_open()) {
            let same_case = hold.case() == new.case();
            match (new.kind, hold.kind) {
                (HoldKind::OwnStop, HoldKind::Freeze) => return Err(HoldFault::AlreadyFrozen),
                (HoldKind::OwnStop, _) => return Err(HoldFault::AlreadyStopped),
                (_, HoldKind::OwnStop) => replaced.push(hold.id),
                (HoldKind::Stop, HoldKind::Freeze) if same_case => return Err(HoldFault::AlreadyFrozen),
                (HoldKind::Freeze, HoldKind::Stop) if same_case => replaced.push(hold.id),
                (HoldKind::Stop, HoldKind::Stop) if same_case && new.scope.exceeds(hold.scope) => {
                    replaced.push(hold.id)
                }
                (HoldKind::Stop, HoldKind::Stop) if same_case => return Err(HoldFault::AlreadyStopped),
                (HoldKind::Freeze, HoldKind::Freeze) if same_case && new.scope.exceeds(hold.scope) => {
                    replaced.push(hold.id)
                }
                (HoldKind::Freeze, HoldKind::Freeze) if same_case => return Err(HoldFault::AlreadyFrozen),
                _ => {}
            }
        }
        Ok(replaced)
    }

    fn extend(
        &mut self,
        id: HoldId,
        term: Term,
        rules: &LineRules,
        effects: &mut Vec<HoldEffect>,
    ) -> Result<(), HoldFault> {
        let used = self.stops_used(self.get(id).ok_or(HoldFault::NoSuchHold)?.case());
        let hold = self.open_mut(id)?;
        if hold.state == HoldState::Waiting {
            return Err(HoldFault::StillWaiting);
        }
        if hold.kind == HoldKind::Stop && used >= rules.stops_max {
            return Err(HoldFault::StopsUsedUp);
        }
        let present = hold.until.ok_or(HoldFault::StillWaiting)?;
        let until = term.end(present);
        if until <= present {
            return Err(HoldFault::EndNotLater);
        }
        hold.until = Some(until);
        hold.stops += i64::from(hold.kind == HoldKind::Stop);
        effects.push(HoldEffect::Extended(id));
        Ok(())
    }
}
