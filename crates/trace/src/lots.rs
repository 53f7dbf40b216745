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

/// Lots in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lots {
    queue: VecDeque<Lot>,
    total_minor: i64,
}

impl Lots {
    /// Minor units in the queue.
    pub fn total_minor(&self) -> i64 {
        self.total_minor
    }

    /// Joins the back. Neighbours of one origin become one lot, so an account that taint never reaches is one lot.
    pub fn join(&mut self, lot: Lot) {
        if lot.minor <= 0 {
            return;
        }
        self.total_minor += lot.minor;
        match self.queue.back_mut() {
            Some(last) if last.source == lot.source && last.level == lot.level => last.minor += lot.minor,
            _ => self.queue.push_back(lot),
        }
    }

    /// Untainted money that was there before everything else.
    pub fn lead(&mut self, minor: i64) {
        if minor <= 0 {
            return;
        }
        self.total_minor += minor;
        match self.queue.front_mut() {
            Some(first) if first.source == CLEAN => first.minor += minor,
            _ => self.queue.push_front(Lot { source: CLEAN, level: 0, minor }),
        }
    }

    /// Takes an outflow and gives its lots in order, untainted ones among them; nothing when none is tainted.
    /// What the queue cannot cover is untainted money whose inflow is unknown.
    pub fn take(&mut self, attribution: Attribution, minor: i64) -> Vec<Lot> {
        match attribution {
            Attribution::Fifo => self.take_first(minor),
        }
    }

    fn take_first(&mut self, minor: i64) -> Vec<Lot> {
        let mut taken: Vec<Lot> = Vec::new();
        let mut wanted = minor;
        let mut tainted = false;
        while wanted > 0 {
            let Some(first) = self.queue.front_mut() else { break };
            let lot = Lot { minor: first.minor.min(wanted), ..*first };
            first.minor -= lot.minor;
            if first.minor == 0 {
                self.queue.pop_front();
            }
            wanted -= lot.minor;
            self.total_minor -= lot.minor;
            if lot.source == CLEAN && wanted == 0 && !tainted {
                return Vec::new();
            }
            tainted |= lot.source != CLEAN;
            taken.push(lot);
        }
        if !tainted {
            return Vec::new();
        }
        if wanted > 0 {
            taken.push(Lot { source: CLEAN, level: 0, minor: wanted });
        }
        taken
    }

    /// The tainted lots that are still there.
    pub fn tainted(&self) -> impl Iterator<Item = &Lot> {
        self.queue.iter().filter(|lot| lot.source != CLEAN)
    }
}

/// The tainted lots among these.
pub(crate) fn tainted(lots: &[Lot]) -> impl Iterator<Item = &Lot> {
    lots.iter().filter(|lot| lot.source != CLEAN)
}

/// Tainted minor units in a list of lots.
pub(crate) fn tainted_minor(lots: &[Lot]) -> i64 {
    tainted(lots).map(|lot| lot.minor).sum()
}
