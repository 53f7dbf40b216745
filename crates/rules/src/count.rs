//! Counts by rule that many threads add to without waiting for each other.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// How many copies of each count there are; threads beyond that share.
pub const STRIPES: usize = 16;

static NEXT_THREAD: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static STRIPE: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The stripe of this thread, below [`STRIPES`].
#[inline]
pub fn stripe() -> usize {
    STRIPE.with(|cell| {
        let mut stripe = cell.get();
        if stripe == usize::MAX {
            stripe = NEXT_THREAD.fetch_add(1, Ordering::Relaxed) % STRIPES;
            cell.set(stripe);
        }
        stripe
    })
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
        self.stripes
            .get(stripe())
            .and_then(|line| line.0.get(index))
            .map_or(0, |count| count.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The sum over all threads.
    pub fn sum(&self, index: usize) -> u64 {
        self.stripes.iter().filter_map(|line| line.0.get(index)).map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// Sets the sum, when nobody else counts yet.
    pub(crate) fn carry(&self, index: usize, sum: u64) {
        if let Some(count) = self.stripes.first().and_then(|line| line.0.get(index)) {
            count.store(sum, Ordering::Relaxed);
        }
    }
}
