//! Counts by rule that many threads add to without waiting for each other.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many copies of each count there are. All but the last belong to one thread each; threads beyond that share the
/// last.
const STRIPES: usize = 16;
const SHARED: usize = STRIPES - 1;

/// Which copies belong to a thread, a bit each.
static TAKEN: Mutex<u32> = Mutex::new(0);

thread_local! {
    static STRIPE: Cell<usize> = const { Cell::new(usize::MAX) };
    static OWN: Own = Own::take();
}

/// The copy that a thread owns until it ends. The lock that hands it over also hands over what was counted in it.
struct Own(usize);

impl Own {
    fn take() -> Self {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let free = (taken.trailing_ones() as usize).min(SHARED);
        if free < SHARED {
            *taken |= 1 << free;
        }
        Self(free)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // Whatever this thread may still count while it ends goes where all may count.
        let _ = STRIPE.try_with(|cell| cell.set(SHARED));
        if self.0 < SHARED {
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) &= !(1 << self.0);
        }
    }
}

/// The stripe of this thread, below [`STRIPES`].
#[inline]
fn stripe() -> usize {
    let stripe = STRIPE.with(Cell::get);
    if stripe == usize::MAX { first_stripe() } else { stripe }
}

#[cold]
fn first_stripe() -> usize {
    let stripe = OWN.try_with(|own| own.0).unwrap_or(SHARED);
    STRIPE.with(|cell| cell.set(stripe));
    stripe
}

/// Counts under numbers from zero, one copy a stripe. Each copy has cache lines of its own.
#[derive(Debug)]
pub struct Counts {
    stripes: Vec<Line>,
}

#[derive(Debug)]
#[repr(align(128))]
struct Line(Vec<AtomicU64>);

impl Counts {
    /// `len` counts, all zero.
    pub fn new(len: usize) -> Self {
        // Room for a cache line behind the last count, so that two stripes never share one.
        let line = || Line((0..len + 16).map(|_| AtomicU64::new(0)).collect());
        Self { stripes: (0..STRIPES).map(|_| line()).collect() }
    }

    /// Adds one; gives this stripe's count after it.
    #[inline]
    pub fn add(&self, index: usize) -> u64 {
        let stripe = stripe();
        let Some(count) = self.stripes.get(stripe).and_then(|line| line.0.get(index)) else { return 0 };
        if stripe == SHARED {
            return count.fetch_add(1, Ordering::Relaxed) + 1;
        }
        // Nobody else writes here. A locked addition would wait for all that was asked of memory before it, several times
        // in each decision.
        let next = count.load(Ordering::Relaxed) + 1;
        count.store(next, Ordering::Relaxed);
        next
    }

    /// The sum over all threads.
    pub fn sum(&self, index: usize) -> u64 {
        self.stripes.iter().filter_map(|line| line.0.get(index)).map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// Sets the sum, when nobody else counts yet.
    pub(crate) fn carry(&self, index: usize, sum: u64) {
        if let Some(count) = self.stripes.last().and_then(|line| line.0.get(index)) {
            count.store(sum, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_more_threads_than_copies() {
        let counts = Counts::new(2);
        for _ in 0..3 {
            std::thread::scope(|scope| {
                for _ in 0..40 {
                    scope.spawn(|| {
                        (0..1_000).for_each(|_| {
                            counts.add(1);
                        })
                    });
                }
            });
        }
        assert_eq!((counts.sum(0), counts.sum(1)), (0, 120_000));
    }
}
