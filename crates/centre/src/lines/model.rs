//! The life of an order about a line, pure: state and event give the next state.

use serde::{Deserialize, Serialize};
use wire::{LineAnswerCode, LineOrderKind};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LineOrderState)]
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
    /// A measure that lasts is in force (措施生效中).
    InEffect,
    /// Carried out, with nothing that lasts (已办结).
    Done,
    /// The line is another operator's, or nobody's (非本网或空号).
    Elsewhere,
    /// The operator did not carry it out (运营商未执行).
    Rejected,
    /// No answer came before the message ended (逾期未反馈).
    Expired,
    /// The measure ended by itself (到期自动解除).
    Ended,
    /// The measure was lifted (已解除).
    Lifted,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Review,
        Self::Refused,
        Self::Cancelled,
        Self::Sent,
        Self::InEffect,
        Self::Done,
        Self::Elsewhere,
        Self::Rejected,
        Self::Expired,
        Self::Ended,
        Self::Lifted,
    ];

    /// The word in the database and on the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Sent => "sent",
            Self::InEffect => "in_effect",
            Self::Done => "done",
            Self::Elsewhere => "elsewhere",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Ended => "ended",
            Self::Lifted => "lifted",
        }
    }

    /// The state of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
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
    /// The operator answered.
    Answer(LineAnswerCode),
    /// The message ended unanswered.
    Expire,
    /// The measure came to its end.
    End,
    /// The measure was lifted by an order.
    Lift,
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

/// The next state. An answer that comes after the message ended still counts: the operator may have acted.
///
/// # Errors
/// [`Misfit`] when the event does not fit; nothing changes then.
pub fn apply(kind: LineOrderKind, state: State, event: Event) -> Result<State, Misfit> {
    use State as S;
    let next = match (state, event) {
        (S::Review, Event::Approve) => S::Sent,
        (S::Review, Event::Refuse) => S::Refused,
        (S::Review, Event::Cancel) => S::Cancelled,
        (S::Sent | S::Expired, Event::Answer(code)) => answered(kind, code),
        (S::Sent, Event::Expire) => S::Expired,
        (S::InEffect, Event::End) => S::Ended,
        (S::InEffect, Event::Lift) => S::Lifted,
        _ => return Err(Misfit { state, event }),
    };
    Ok(next)
}

fn answered(kind: LineOrderKind, code: LineAnswerCode) -> State {
    use LineAnswerCode as C;
    match code {
        C::Done | C::DoneInPart if kind.is_lasting() => State::InEffect,
        C::Done | C::DoneInPart | C::AlreadyInForce => State::Done,
        C::NotOurLine | C::NoSuchLine => State::Elsewhere,
        _ => State::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(kind: LineOrderKind, events: &[Event], expect: State) {
        let mut state = State::Review;
        for event in events {
            state = apply(kind, state, *event).unwrap();
        }
        assert_eq!(state, expect, "{kind} {events:?}");
    }

    #[test]
    fn orders_live_as_the_rules_say() {
        use Event as E;
        use LineAnswerCode as A;
        use LineOrderKind as K;
        check(K::CutCall, &[E::Approve, E::Answer(A::Done)], State::Done);
        check(K::CutCall, &[E::Approve, E::Answer(A::NoCallInProgress)], State::Rejected);
        check(K::CutCall, &[E::Approve, E::Expire, E::Answer(A::NotOurLine)], State::Elsewhere);
        check(K::HoldFlaggedCalls, &[E::Approve, E::Answer(A::Done), E::End], State::Ended);
        check(K::SuspendLine, &[E::Approve, E::Answer(A::Done), E::Lift], State::Lifted);
        check(K::ProtectLine, &[E::Approve, E::Answer(A::AlreadyInForce)], State::Done);
        check(K::QueryContacts, &[E::Approve, E::Answer(A::DoneInPart)], State::Done);
        check(K::WarnContacts, &[E::Refuse], State::Refused);
    }

    fn event() -> impl Strategy<Value = Event> {
        let answers = proptest::sample::select(LineAnswerCode::ALL.to_vec());
        prop_oneof![
            Just(Event::Approve),
            Just(Event::Refuse),
            Just(Event::Cancel),
            answers.prop_map(Event::Answer),
            Just(Event::Expire),
            Just(Event::End),
            Just(Event::Lift),
        ]
    }

    proptest! {
        #[test]
        fn nothing_reaches_an_operator_unapproved_and_ends_stay(
            kind in proptest::sample::select(LineOrderKind::ALL.to_vec()),
            events in proptest::collection::vec(event(), 0..12),
        ) {
            let (mut state, mut approved) = (State::Review, false);
            for event in events {
                let before = state;
                state = apply(kind, state, event).unwrap_or(state);
                approved |= event == Event::Approve && before == State::Review;
                let left = !matches!(state, State::Review | State::Refused | State::Cancelled);
                prop_assert_eq!(left, approved && left);
                let over = [State::Refused, State::Cancelled, State::Done, State::Elsewhere, State::Rejected, State::Ended, State::Lifted];
                prop_assert!(!over.contains(&before) || before == state, "{:?} became {:?}", before, state);
                prop_assert!(state != State::InEffect || kind.is_lasting());
            }
        }
    }
}
