//! How often somebody may try: a bucket of tokens by key, in memory, counted in steady time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use kernel::Duration;

use crate::Problem;

/// Keys kept at most; beyond it those that have waited longest are forgotten.
const KEYS_MAX: usize = 20_000;

/// A limit: `burst` tries at once, then one each `interval`.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Tries at once.
    pub burst: i64,
    /// Time after which one more is allowed.
    pub interval: Duration,
}

/// Tries counted by key. Stores for each key the moment at which its bucket is full again (GCRA).
#[derive(Debug)]
pub struct Buckets {
    limit: Limit,
    full_at: Mutex<HashMap<String, Duration>>,
}

/// Who tries, as limits count it: an IPv4 address, or the /64 of an IPv6 address, which is what one customer gets.
pub fn trier(remote: &str) -> String {
    match remote.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Err(_) => remote.to_owned(),
    }
}

impl Buckets {
    /// Empty, with a limit.
    pub fn new(limit: Limit) -> Self {
        Self { limit, full_at: Mutex::new(HashMap::new()) }
    }

    /// Takes a token. `now` is [`kernel::Clock::steady`]: a clock that was set wrong for a moment must not keep anybody
    /// out afterwards.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub fn take(&self, key: &str, now: Duration) -> Result<(), Duration> {
        let Limit { burst, interval } = self.limit;
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= KEYS_MAX {
            forget(&mut full_at, now);
        }
        let at = full_at.get(key).copied().unwrap_or(now).max(now);
        let next = Duration(at.0.saturating_add(interval.0));
        let horizon = Duration(now.0.saturating_add(interval.0.saturating_mul(burst)));
        if next > horizon {
            return Err(Duration(next.0 - horizon.0));
        }
        full_at.insert(key.to_owned(), next);
        Ok(())
    }

    /// As [`Buckets::take`], for handlers open to everybody; the key is for instance the caller's [`trier`].
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn admit(&self, key: &str, now: Duration) -> Result<(), Problem> {
        self.take(key, now).map_err(Problem::rate_limited)
    }

    /// Forgets the tries of a key, after one that succeeded.
    pub fn clear(&self, key: &str) {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

fn forget(full_at: &mut HashMap<String, Duration>, now: Duration) {
    full_at.retain(|_, at| *at > now);
    if full_at.len() >= KEYS_MAX {
        let mut moments: Vec<Duration> = full_at.values().copied().collect();
        moments.sort_unstable();
        let middle = moments.get(moments.len() / 2).copied().unwrap_or(now);
        full_at.retain(|_, at| *at > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_each_interval() {
        let buckets = Buckets::new(Limit { burst: 3, interval: Duration::seconds(10) });
        let start = Duration(1_000_000_000);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", start), Ok(()));
        }
        assert_eq!(buckets.take("a", start), Err(Duration::seconds(10)));
        assert_eq!(buckets.take("b", start), Ok(()));
        let later = Duration(start.0 + Duration::seconds(10).0);
        assert_eq!(buckets.take("a", later), Ok(()));
        assert_eq!(buckets.take("a", later), Err(Duration::seconds(10)));
        buckets.clear("a");
        assert_eq!(buckets.take("a", later), Ok(()));
    }

    #[test]
    fn one_customer_of_ipv6_is_one_trier() {
        assert_eq!(trier("2001:db8:1:2::1"), trier("2001:db8:1:2:ffff::9"));
        assert_ne!(trier("2001:db8:1:2::1"), trier("2001:db8:1:3::1"));
        assert_eq!(trier("::ffff:203.0.113.5"), "203.0.113.5");
        assert_ne!(trier("203.0.113.5"), trier("203.0.113.6"));
    }

    #[test]
    fn memory_is_bounded() {
        let buckets = Buckets::new(Limit { burst: 1, interval: Duration::hours(1) });
        for i in 0..(2 * KEYS_MAX as i64) {
            assert_eq!(buckets.take(&i.to_string(), Duration(i)), Ok(()));
        }
        assert!(buckets.full_at.lock().unwrap().len() <= KEYS_MAX);
    }
}
