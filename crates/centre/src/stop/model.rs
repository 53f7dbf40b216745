//! The life of an order, pure: state and event give the next state.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use wire::{AnswerCode, OrderKind};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for a checker (待审核).
    Review,
    /// The checker said no (审核不通过).
    Refused,
    /// Its maker took it back before it left (已撤回).
    Cancelled,
    /// Approved, sealed and on its way (已下达，待反馈).
    Sent,
    /// The bank holds money or the whole account by it (止付/冻结中).
    InEffect,
    /// The bank put it in line behind an earlier freeze (轮候, 程序规定 art. 242).
    Waiting,
    /// Answered, with nothing that lasts: queries, lifts, extensions (已办结).
    Done,
    /// The bank did not carry it out (银行未执行).
    Rejected,
    /// No answer came before the message ended (逾期未反馈).
    Expired,
    /// The hold ended by itself (到期自动解除).
    Lapsed,
    /// The hold was lifted (已解除).
    Lifted,
    /// A freeze took the place of the stop (已转冻结).
    Replaced,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Review,
        Self::Refused,
        Self::Cancelled,
        Self::Sent,
        Self::InEffect,
        Self::Waiting,
        Self::Done,
        Self::Rejected,
        Self::Expired,
        Self::Lapsed,
        Self::Lifted,
        Self::Replaced,
    ];

    /// The word in the database and on the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Sent => "sent",
            Self::InEffect => "in_effect",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Lapsed => "lapsed",
            Self::Lifted => "lifted",
            Self::Replaced => "replaced",
        }
    }

    /// The state of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the order counts against the limit of stops on one account and case: it left and was not refused.
    pub const fn counts_as_stop(self) -> bool {
        matches!(
            self,
            Self::Sent | Self::InEffect | Self::Waiting | Self::Lapsed | Self::Lifted | Self::Replaced | Self::Done
        )
    }

    /// Whether somebody or something is still to happen to it soon.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Review | Self::Sent)
    }
}

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A checker or a standing rule approved it.
    Approve,
    /// A checker refused it.
    Refuse,
    /// Its maker took it back.
    Cancel,
    /// The bank answered.
    Answer(AnswerCode),
    /// The message ended unanswered.
    Expire,
    /// The hold ended by itself.
    Lapse,
    /// The hold was lifted by an order or by the bank.
    Lift,
    /// A freeze took its place.
    Replace,
    /// The hold before it in line ended.
    TakeEffect,
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {} cannot take {event:?}", state.code())]
pub struct Misfit {
    /// Where the order stands.
    pub state: State,
    /// What was to happen.
    pub event: Event,
}

/// The next state.
///
/// An answer that comes after the message ended still counts: the bank may have acted.
///
/// # Errors
/// [`Misfit`] when the event does not fit; nothing changes then.
pub fn apply(kind: OrderKind, state: State, event: Event) -> Result<State, Misfit> {
    use State as S;
    let next = match (state, event) {
        (S::Review, Event::Approve) => S::Sent,
        (S::Review, Event::Refuse) => S::Refused,
        (S::Review, Event::Cancel) => S::Cancelled,
        (S::Sent | S::Expired, Event::Answer(code)) => answered(kind, code),
        (S::Sent, Event::Expire) => S::Expired,
        (S::InEffect | S::Waiting, Event::Lapse) => S::Lapsed,
        (S::InEffect | S::Waiting, Event::Lift) => S::Lifted,
        (S::InEffect | S::Waiting, Event::Replace) => S::Replaced,
        (S::Waiting, Event::TakeEffect) => S::InEffect,
        _ => return Err(Misfit { state, event }),
    };
    Ok(next)
}

/// Whether an order of this kind leaves a hold behind when it is carried out.
pub const fn places_hold(kind: OrderKind) -> bool {
    matches!(kind, OrderKind::Stop | OrderKind::Freeze)
}

fn answered(kind: OrderKind, code: AnswerCode) -> State {
    match code {
        AnswerCode::Done | AnswerCode::DoneInPart if places_hold(kind) => State::InEffect,
        AnswerCode::WaitingInLine if places_hold(kind) => State::Waiting,
        AnswerCode::Done | AnswerCode::DoneInPart => State::Done,
        _ => State::Rejected,
    }
}

/// How near its end a hold is; the console colours by it and sorts by the end itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// More than the first warning away.
    Calm,
    /// Within the first warning (default 6 h).
    Soon,
    /// Within the last warning (default 1 h).
    Now,
    /// Past.
    Past,
}

/// The urgency of an end, by the two warnings.
pub fn urgency(now: Timestamp, end: Timestamp, warnings: [kernel::Duration; 2]) -> Urgency {
    let left = end - now;
    let [first, last] = warnings;
    if left.0 <= 0 {
        Urgency::Past
    } else if left <= last {
        Urgency::Now
    } else if left <= first {
        Urgency::Soon
    } else {
        Urgency::Calm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(kind: OrderKind, events: &[Event], expect: State) {
        let mut state = State::Review;
        for event in events {
            state = apply(kind, state, *event).unwrap();
        }
        assert_eq!(state, expect, "{kind} {events:?}");
    }

    #[test]
    fn orders_live_as_the_rules_say() {
        use AnswerCode as A;
        use Event as E;
        check(OrderKind::Stop, &[E::Approve, E::Answer(A::Done), E::Lapse], State::Lapsed);
        check(OrderKind::Stop, &[E::Approve, E::Answer(A::DoneInPart), E::Replace], State::Replaced);
        check(OrderKind::Stop, &[E::Approve, E::Answer(A::NameMismatch)], State::Rejected);
        check(OrderKind::Stop, &[E::Approve, E::Expire, E::Answer(A::Done)], State::InEffect);
        check(OrderKind::Freeze, &[E::Approve, E::Answer(A::WaitingInLine), E::TakeEffect, E::Lift], State::Lifted);
        check(OrderKind::QueryTransactions, &[E::Approve, E::Answer(A::Done)], State::Done);
        check(OrderKind::LiftStop, &[E::Approve, E::Answer(A::NothingToLift)], State::Rejected);
        check(OrderKind::Stop, &[E::Refuse], State::Refused);
    }

    fn any_event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Approve),
            Just(Event::Refuse),
            Just(Event::Cancel),
            proptest::sample::select(AnswerCode::ALL).prop_map(Event::Answer),
            Just(Event::Expire),
            Just(Event::Lapse),
            Just(Event::Lift),
            Just(Event::Replace),
            Just(Event::TakeEffect),
        ]
    }

    proptest! {
        /// Whatever happens in whatever order: nothing leaves without approval, nothing is in effect without an
        /// answer, and an end is an end.
        #[test]
        fn no_order_has_effect_without_approval_and_answer(
            kind in proptest::sample::select(OrderKind::ALL),
            events in proptest::collection::vec(any_event(), 0..12),
        ) {
            let (mut state, mut approved, mut answered) = (State::Review, false, false);
            for event in events {
                let Ok(next) = apply(kind, state, event) else { continue };
                approved |= event == Event::Approve;
                answered |= matches!(event, Event::Answer(_));
                prop_assert!(!matches!(state, State::Refused | State::Cancelled | State::Rejected | State::Done
                    | State::Lapsed | State::Lifted | State::Replaced), "{state:?} had ended");
                state = next;
                prop_assert!(approved || matches!(state, State::Review | State::Refused | State::Cancelled));
                if matches!(state, State::InEffect | State::Waiting) {
                    prop_assert!(answered && places_hold(kind));
                }
            }
        }
    }
}
