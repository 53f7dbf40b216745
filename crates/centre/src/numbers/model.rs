//! The life of an entry of the number list, pure.

use serde::{Deserialize, Serialize};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NumberEntryState)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A report named the number; an officer confirms it (待确认).
    Proposed,
    /// A prefix or a range waits for a second person (待复核).
    Review,
    /// Said no to (未通过).
    Refused,
    /// On the list (生效).
    Active,
    /// Another entry for the same numbers took its place (已替换).
    Replaced,
    /// Taken from the list by an officer (已移除).
    Removed,
    /// Its time was over (已到期).
    Expired,
    /// An appeal was granted (申诉解除).
    Lifted,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Proposed,
        Self::Review,
        Self::Refused,
        Self::Active,
        Self::Replaced,
        Self::Removed,
        Self::Expired,
        Self::Lifted,
    ];

    /// The word in the database and on the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Review => "review",
            Self::Refused => "refused",
            Self::Active => "active",
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::Expired => "expired",
            Self::Lifted => "lifted",
        }
    }

    /// The state of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What happens to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An officer confirms what a report led to.
    Confirm,
    /// A second person approves a prefix or a range.
    Approve,
    /// Somebody says no.
    Refuse,
    /// Another entry for the same numbers takes its place.
    Replace,
    /// An officer takes it from the list.
    Remove,
    /// Its time is over.
    Expire,
    /// An appeal was granted.
    Lift,
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry that is {} cannot take {event:?}", state.code())]
pub struct Misfit {
    /// Where the entry stands.
    pub state: State,
    /// What was to happen.
    pub event: Event,
}

/// The next state.
///
/// # Errors
/// [`Misfit`] when the event does not fit; nothing changes then.
pub const fn apply(state: State, event: Event) -> Result<State, Misfit> {
    use State as S;
    Ok(match (state, event) {
        (S::Proposed, Event::Confirm) | (S::Review, Event::Approve) => S::Active,
        (S::Proposed | S::Review, Event::Refuse) => S::Refused,
        (S::Active, Event::Replace) => S::Replaced,
        (S::Active, Event::Remove) => S::Removed,
        (S::Active, Event::Expire) => S::Expired,
        (S::Active, Event::Lift) => S::Lifted,
        _ => return Err(Misfit { state, event }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVENTS: [Event; 7] =
        [Event::Confirm, Event::Approve, Event::Refuse, Event::Replace, Event::Remove, Event::Expire, Event::Lift];

    #[test]
    fn what_waits_becomes_active_only_by_the_right_hand() {
        assert_eq!(apply(State::Proposed, Event::Confirm), Ok(State::Active));
        assert_eq!(apply(State::Review, Event::Approve), Ok(State::Active));
        assert!(apply(State::Review, Event::Confirm).is_err() && apply(State::Proposed, Event::Approve).is_err());
        assert!(apply(State::Lifted, Event::Confirm).is_err());
    }

    proptest! {
        #[test]
        fn what_has_left_the_list_never_comes_back(
            start in proptest::sample::select(State::ALL.to_vec()),
            events in proptest::collection::vec(proptest::sample::select(EVENTS.to_vec()), 0..10),
        ) {
            let mut state = start;
            let mut was_active = state == State::Active;
            for event in events {
                let next = apply(state, event).unwrap_or(state);
                prop_assert!(!(was_active && state != State::Active && next == State::Active));
                state = next;
                was_active |= state == State::Active;
            }
        }
    }
}
