//! The queue of lots that an account is.

use std::collections::VecDeque;

use crate::input::Attribution;

/// Money of one origin. `source` is the place of the source in the flow's list, [`CLEAN`] for untainted money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lot {
    pub source: u32,
    pub level: u32,
    pub minor: i64,
}

/// The origin of money that no victim paid.
pub(crate) const CLEAN: u32 = u32::MAX;

/// Lots in the order in which they came. What stands before the first tainted lot is one number, so an account that
/// taint has not reached, or has left, touches no queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lots {
    lead_minor: i64,
    queue: VecDeque<Lot>,
    queue_minor: i64,
}

impl Lots {
    /// Minor units in all lots.
    pub fn total_minor(&self) -> i64 {
        self.lead_minor + self.queue_minor
    }

    /// Untainted money joins the back.
    pub fn join_clean(&mut self, minor: i64) {
        if self.queue.is_empty() {
            self.lead_minor += minor;
        } else {
            self.join(Lot { source: CLEAN, level: 0, minor });
        }
    }

    /// Joins the back; neighbours of one origin become one lot.
    pub fn join(&mut self, lot: Lot) {
        if lot.minor <= 0 {
            return;
        }
        if self.queue.is_empty() && lot.source == CLEAN {
            self.lead_minor += lot.minor;
            return;
        }
        self.queue_minor += lot.minor;
        match self.queue.back_mut() {
            Some(last) if last.source == lot.source && last.level == lot.level => last.minor += lot.minor,
            _ => self.queue.push_back(lot),
        }
    }

    /// Untainted money that was there before everything else.
    pub fn lead(&mut self, minor: i64) {
        self.lead_minor += minor.max(0);
    }

    /// Takes an outflow and gives its lots in order, untainted ones among them; nothing when none is tainted.
    /// What the queue cannot cover is untainted money whose inflow is unknown.
    pub fn take(&mut self, attribution: Attribution, minor: i64) -> Vec<Lot> {
        match attribution {
            Attribution::Fifo => self.take_first(minor),
        }
    }

    fn take_first(&mut self, minor: i64) -> Vec<Lot> {
        let led = minor.clamp(0, self.lead_minor);
        self.lead_minor -= led;
        if led >= minor || self.queue.is_empty() {
            return Vec::new();
        }
        let mut taken: Vec<Lot> = Vec::new();
        let mut wanted = minor - led;
        if led > 0 {
            taken.push(Lot { source: CLEAN, level: 0, minor: led });
        }
        // The queue begins with a tainted lot whenever it is not empty, so the outflow is tainted from here on.
        while wanted > 0 {
            let Some(first) = self.queue.front_mut() else { break };
            let lot = Lot { minor: first.minor.min(wanted), ..*first };
            first.minor -= lot.minor;
            if first.minor == 0 {
                self.queue.pop_front();
            }
            wanted -= lot.minor;
            self.queue_minor -= lot.minor;
            taken.push(lot);
        }
        if wanted > 0 {
            taken.push(Lot { source: CLEAN, level: 0, minor: wanted });
        }
        if let Some(first) = self.queue.front().copied().filter(|first| first.source == CLEAN) {
            self.queue.pop_front();
            self.queue_minor -= first.minor;
            self.lead_minor += first.minor;
        }
        taken
    }

    /// The tainted lots that are still there.
    pub fn tainted(&self) -> impl Iterator<Item = &Lot> {
        tainted_of(self.queue.iter())
    }
}

fn tainted_of<'a>(lots: impl Iterator<Item = &'a Lot>) -> impl Iterator<Item = &'a Lot> {
    lots.filter(|lot| lot.source != CLEAN)
}

/// The tainted lots among these.
pub(crate) fn tainted(lots: &[Lot]) -> impl Iterator<Item = &Lot> {
    tainted_of(lots.iter())
}

/// Tainted minor units in a list of lots.
pub(crate) fn tainted_minor(lots: &[Lot]) -> i64 {
    tainted(lots).map(|lot| lot.minor).sum()
}
