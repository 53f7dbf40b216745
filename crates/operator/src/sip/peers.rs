//! How much one peer may send. A peer beyond its limit is told so; nobody else feels it.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use kernel::Timestamp;
use std::collections::HashMap;

/// Parts of the table, so that threads seldom meet at one lock.
const SHARDS: usize = 64;
/// Peers remembered in one part.
const PEERS_IN_SHARD_MAX: usize = 4_096;

/// A full part is swept once in so many microseconds at most: a flood must not make each of its messages a sweep.
const SWEEP_US: i64 = 1_000_000;

/// Requests by peer against the limit.
pub(crate) struct Peers {
    shards: Vec<Mutex<Shard>>,
    /// Microseconds that one request uses up; 0 means no limit.
    interval_us: i64,
    burst_us: i64,
}

#[derive(Default)]
struct Shard {
    /// By peer, the moment at which its requests so far are used up.
    peers: HashMap<IpAddr, i64>,
    /// For peers that found no place: those that send from ever new addresses share one limit.
    crowd_us: i64,
    /// When peers that are silent were last forgotten.
    swept_us: i64,
}

impl Peers {
    /// So many requests in a second, so many at once.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let interval_us = if per_second == 0 { 0 } else { (1_000_000 / i64::from(per_second)).max(1) };
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            interval_us,
            burst_us: interval_us * i64::from(burst.max(1)),
        }
    }

    /// Takes one request of a peer into account; `Err` is the number of seconds after which it should come again.
    pub(crate) fn take(&self, ip: IpAddr, at: Timestamp) -> Result<(), u32> {
        if self.interval_us == 0 {
            return Ok(());
        }
        let now = at.0;
        let Some(shard) = self.shards.get(shard_of(ip)) else { return Ok(()) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.peers.len() >= PEERS_IN_SHARD_MAX && now - shard.swept_us >= SWEEP_US {
            shard.swept_us = now;
            shard.peers.retain(|_, used| *used > now);
        }
        let full = shard.peers.len() >= PEERS_IN_SHARD_MAX && !shard.peers.contains_key(&ip);
        let used = if full { &mut shard.crowd_us } else { shard.peers.entry(ip).or_insert(now) };
        let next = (*used).max(now) + self.interval_us;
        if next - now > self.burst_us {
            let wait_us = next - now - self.burst_us;
            return Err(u32::try_from(wait_us / 1_000_000).unwrap_or(u32::MAX).saturating_add(1));
        }
        *used = next;
        Ok(())
    }
}

fn shard_of(ip: IpAddr) -> usize {
    let bits = match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => (ip.to_bits() >> 64) as u64 ^ ip.to_bits() as u64,
    };
    usize::try_from(bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_beyond_its_limit_waits_and_others_do_not() {
        let peers = Peers::new(10, 5);
        let (loud, quiet): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let at = |ms: i64| Timestamp(1_000_000_000 + ms * 1_000);
        let passed = (0..20).filter(|_| peers.take(loud, at(0)).is_ok()).count();
        assert_eq!(passed, 5);
        assert_eq!(peers.take(loud, at(0)), Err(1));
        assert_eq!(peers.take(quiet, at(0)), Ok(()));
        // A tenth of a second later there is room for one.
        assert_eq!([peers.take(loud, at(100)), peers.take(loud, at(100))], [Ok(()), Err(1)]);
        assert_eq!((0..20).filter(|_| peers.take(loud, at(10_000)).is_ok()).count(), 5);
    }

    #[test]
    fn a_flood_of_new_addresses_stays_in_bounds() {
        let peers = Peers::new(1_000, 10);
        let at = Timestamp(5_000_000);
        let passed = (0..600_000_u32).filter(|n| peers.take(IpAddr::V4((*n).into()), at).is_ok()).count();
        assert!(peers.shards.iter().all(|s| s.lock().unwrap().peers.len() <= PEERS_IN_SHARD_MAX));
        assert_eq!(passed, SHARDS * PEERS_IN_SHARD_MAX + SHARDS * 10);
    }
}
