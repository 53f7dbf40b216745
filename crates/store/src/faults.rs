//! A database that fails when a test says so.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts the calls to the database and lets one of them fail. Every statement, the begin and the commit of a
/// transaction are calls.
#[derive(Debug, Default)]
pub struct Faults {
    /// The call that fails; 0 for none.
    at: AtomicU64,
    seen: AtomicU64,
    /// The commit that happens, but whose answer is lost; 0 for none.
    lost_at: AtomicU64,
    commits: AtomicU64,
    held: AtomicBool,
}

impl Faults {
    /// Lets the `nth` call from now on fail once, counted from 1. A connection on which a call failed is lost.
    pub fn fail_at(&self, nth: u64) {
        self.seen.store(0, Ordering::SeqCst);
        self.at.store(nth, Ordering::SeqCst);
    }

    /// Lets the `nth` commit from now on happen without telling: the caller gets an error.
    pub fn lose_answer_of_commit(&self, nth: u64) {
        self.commits.store(0, Ordering::SeqCst);
        self.lost_at.store(nth, Ordering::SeqCst);
    }

    /// Counts nothing and lets nothing fail until [`Faults::release`]: a test sets its seat up.
    pub fn hold(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Ends [`Faults::hold`].
    pub fn release(&self) {
        self.held.store(false, Ordering::SeqCst);
    }

    /// Whether the fault that was asked for has happened; asks for none any more.
    pub fn happened(&self) -> bool {
        let (at, lost_at) = (self.at.swap(0, Ordering::SeqCst), self.lost_at.swap(0, Ordering::SeqCst));
        (at > 0 && self.seen.load(Ordering::SeqCst) >= at)
            || (lost_at > 0 && self.commits.load(Ordering::SeqCst) >= lost_at)
    }

    /// Counts calls and commits from now on, without a fault.
    pub fn count(&self) {
        self.fail_at(u64::MAX);
        self.lose_answer_of_commit(u64::MAX);
    }

    /// Calls and commits since.
    pub fn counted(&self) -> (u64, u64) {
        (self.seen.load(Ordering::SeqCst), self.commits.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self) -> Result<(), sqlx::Error> {
        let at = self.at.load(Ordering::SeqCst);
        if !self.held.load(Ordering::SeqCst) && at > 0 && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == at {
            return Err(lost());
        }
        Ok(())
    }

    pub(crate) fn after_commit(&self) -> Result<(), sqlx::Error> {
        let at = self.lost_at.load(Ordering::SeqCst);
        if !self.held.load(Ordering::SeqCst) && at > 0 && self.commits.fetch_add(1, Ordering::SeqCst) + 1 == at {
            return Err(lost());
        }
        Ok(())
    }
}

fn lost() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other("a fault of the database, made by a test"))
}
