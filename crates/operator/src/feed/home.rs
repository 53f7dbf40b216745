//! What the home register said of subscribers, in memory, where a call finds it.
//!
//! Only a call with a mobile number of the mainland on a foreign trunk asks. What is not known is wanted: it is asked for
//! in the background, and the answer is there for the next call.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, OnceLock, PoisonError};

use kernel::{Duration, Timestamp};
use screen::{Number, NumberKind, Roaming, Trunk, TrunkKind};
use tokio::sync::mpsc;

/// Shards, each behind a lock of its own that is held for one number at a time.
const SHARDS: usize = 64;
/// Subscribers known in one shard at most; together a million.
const IN_SHARD_MAX: usize = 16_384;
/// That somebody is at home is asked for again when it was heard longer ago: whoever lands abroad must not wait for its end.
const HOME_FRESH: Duration = Duration::minutes(1);

/// Where a subscriber is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// In a network abroad.
    Abroad,
    /// In the home network.
    Home,
}

impl Whereabouts {
    /// The word in feeds, answers and the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Abroad => "abroad",
            Self::Home => "home",
        }
    }

    /// Of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "abroad" | "roaming" | "漫游" => Some(Self::Abroad),
            "home" | "在网" | "归属地" => Some(Self::Home),
            _ => None,
        }
    }
}

/// What is known of one subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) is: Whereabouts,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) heard: Timestamp,
}

/// The register in memory.
pub struct HomeRegister {
    shards: Vec<Mutex<HashMap<u64, Stay, RandomState>>>,
    hasher: RandomState,
    wanted: OnceLock<mpsc::Sender<Number>>,
}

impl Default for HomeRegister {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            wanted: OnceLock::new(),
        }
    }
}

impl std::fmt::Debug for HomeRegister {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HomeRegister")
    }
}

/// The caller whose whereabouts matter: a mobile of the mainland that comes from abroad.
fn asked_of(caller: Option<Number>, trunk: Trunk) -> Option<Number> {
    caller.filter(|number| trunk.kind == TrunkKind::Foreign && number.kind() == NumberKind::Mobile)
}

fn roaming_of(stay: Option<Stay>) -> Roaming {
    match stay.map(|stay| stay.is) {
        Some(Whereabouts::Abroad) => Roaming::Confirmed,
        Some(Whereabouts::Home) => Roaming::Refuted,
        None => Roaming::Unknown,
    }
}

impl HomeRegister {
    /// What is known about the caller of a call; asks for it where it is not known. Never waits.
    pub fn roaming(&self, caller: Option<Number>, trunk: Trunk, at: Timestamp) -> Roaming {
        let Some(number) = asked_of(caller, trunk) else { return Roaming::Unknown };
        let stay = self.stay(number, at);
        let fresh = stay.is_some_and(|stay| stay.is == Whereabouts::Abroad || at - stay.heard <= HOME_FRESH);
        if !fresh && let Some(wanted) = self.wanted.get() {
            // Full means that very many are asked for; the next call wants it again.
            let _full = wanted.try_send(number);
        }
        roaming_of(stay)
    }

    /// The same without asking anybody: for questions that are no call.
    pub fn known(&self, caller: Option<Number>, trunk: Trunk, at: Timestamp) -> Roaming {
        roaming_of(asked_of(caller, trunk).and_then(|number| self.stay(number, at)))
    }

    /// What holds of a number at a moment.
    pub(crate) fn stay(&self, number: Number, at: Timestamp) -> Option<Stay> {
        let shard = self.shard(number)?.lock().unwrap_or_else(PoisonError::into_inner);
        shard.get(&number.packed()).filter(|stay| stay.since <= at && at < stay.until).copied()
    }

    /// Notes where a subscriber is; what was heard last holds. `false` when there is no place for one more.
    pub(crate) fn put(&self, number: Number, stay: Stay, now: Timestamp) -> bool {
        let Some(shard) = self.shard(number) else { return false };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = shard.get(&number.packed()) {
            if old.until <= now || old.heard <= stay.heard {
                shard.insert(number.packed(), stay);
            }
            return true;
        }
        if shard.len() >= IN_SHARD_MAX {
            shard.retain(|_, stay| stay.until > now);
        }
        // Numbers do not fall evenly into shards; a little more does no harm.
        if shard.len() >= IN_SHARD_MAX + IN_SHARD_MAX / 4 {
            return false;
        }
        shard.insert(number.packed(), stay);
        true
    }

    /// Hands over the way on which unknown subscribers are asked for; the first stays.
    pub(crate) fn ask_by(&self, wanted: mpsc::Sender<Number>) {
        let _first_stays = self.wanted.set(wanted);
    }

    /// Subscribers that there is place for.
    pub(crate) const fn capacity(&self) -> usize {
        SHARDS * IN_SHARD_MAX
    }

    /// Subscribers known.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, number: Number) -> Option<&Mutex<HashMap<u64, Stay, RandomState>>> {
        let place = self.hasher.hash_one(number.packed()) % SHARDS as u64;
        self.shards.get(usize::try_from(place).unwrap_or(0))
    }
}
