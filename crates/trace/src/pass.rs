//! One pass over everything that happened, in the order of time.
#![expect(
    clippy::indexing_slicing,
    reason = "every index is a place in the flow's own tables, which do not change during the pass"
)]

use std::cmp::Ordering;
use std::collections::BTreeMap;

use kernel::Timestamp;
use rustc_hash::FxHashMap;

use crate::flow::{Flow, Side, Step, StepKind, Way};
use crate::input::{ExitKind, SourceId, Target};
use crate::lots::{CLEAN, Lot, Lots, tainted, tainted_minor};
use crate::result::{AccountFlow, Ask, SourceFlow, TaintedTransfer, Traced};

pub(crate) fn run(flow: &Flow) -> Traced {
    let mut pass = Pass::new(flow);
    for moment in &flow.order {
        match pass.queues[moment.node as usize].done.cmp(&moment.place) {
            Ordering::Greater => {}
            Ordering::Equal if pass.waits_for(moment.step.kind).is_none() => pass.apply(moment.node, moment.step),
            Ordering::Equal | Ordering::Less => pass.advance(moment.node, moment.place),
        }
    }
    pass.finish()
}

struct Pass<'a> {
    flow: &'a Flow,
    queues: Vec<Queue>,
    accounts: Vec<Account>,
    /// What became of each line that is an outflow: [`NOT_PAID`], [`CARRIES_NOTHING`], or its place in `debits`.
    paid: Vec<u32>,
    /// Outflows that carry tainted money, in the order in which they were made.
    debits: Vec<Debit>,
    source_arrived: Vec<bool>,
    unseen_by_source: Vec<i64>,
    exited_by_source: Vec<i64>,
    /// Accounts being brought forward, innermost last, each with the step to reach.
    stack: Vec<(u32, u32)>,
}

const NOT_PAID: u32 = u32::MAX;
const CARRIES_NOTHING: u32 = u32::MAX - 1;

/// What every step touches; apart from [`Account`] so that more of them stay in the processor's cache.
#[derive(Clone, Default)]
struct Queue {
    lots: Lots,
    /// Steps taken.
    done: u32,
    /// On the stack.
    underway: bool,
}

#[derive(Clone, Default)]
struct Account {
    level: Option<u32>,
    received_minor: i64,
    passed_on_minor: i64,
    unseen_minor: i64,
    exited: BTreeMap<ExitKind, i64>,
    first_at: Timestamp,
    last_at: Timestamp,
    late: bool,
}

struct Debit {
    view: u32,
    lots: Vec<Lot>,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Exited(ExitKind),
    Underway,
    Arrived,
}

impl<'a> Pass<'a> {
    fn new(flow: &'a Flow) -> Self {
        Self {
            flow,
            queues: vec![Queue::default(); flow.nodes.len()],
            accounts: vec![Account::default(); flow.nodes.len()],
            paid: vec![NOT_PAID; flow.views.len()],
            debits: Vec::new(),
            source_arrived: vec![false; flow.sources.len()],
            unseen_by_source: vec![0; flow.sources.len()],
            exited_by_source: vec![0; flow.sources.len()],
            stack: Vec::new(),
        }
    }

    /// Brings an account forward through a step. An inflow waits for the payer to have paid it: the payer is brought
    /// forward first, even if its bank's clock says that it paid later. Should two accounts wait for each other, which
    /// no true pair of statements makes them do, the inflow counts as untainted and its tainted part stays under way.
    fn advance(&mut self, node: u32, place: u32) {
        self.push(node, place);
        while let Some(&(node, goal)) = self.stack.last() {
            let queue = &mut self.queues[node as usize];
            if queue.done > goal {
                queue.underway = false;
                self.stack.pop();
                continue;
            }
            let step = self.flow.nodes[node as usize].steps[queue.done as usize];
            if let Some((payer, place)) = self.waits_for(step.kind)
                && !self.queues[payer as usize].underway
            {
                self.push(payer, place);
                continue;
            }
            self.apply(node, step);
        }
    }

    fn push(&mut self, node: u32, goal: u32) {
        self.queues[node as usize].underway = true;
        self.stack.push((node, goal));
    }

    fn waits_for(&self, kind: StepKind) -> Option<(u32, u32)> {
        let StepKind::Arrival(line) = kind else { return None };
        if self.paid[line as usize] != NOT_PAID {
            return None;
        }
        let view = &self.flow.views[line as usize];
        Some((view.node, view.place))
    }

    fn apply(&mut self, node: u32, step: Step) {
        match step.kind {
            StepKind::Open => self.open(node, step.minor),
            StepKind::Debit(line) => self.pay(node, line, step.minor),
            StepKind::Payment(source) => self.receive_payment(node, step.at, source),
            StepKind::Arrival(line) => self.receive(node, line, step),
            StepKind::Credit => self.queues[node as usize].lots.join_clean(step.minor),
        }
        self.queues[node as usize].done += 1;
    }

    /// The bank's opening balance is right: what the queue has less was there before, what it has more was spent unseen.
    fn open(&mut self, node: u32, minor: i64) {
        let lots = &mut self.queues[node as usize].lots;
        let missing = minor - lots.total_minor();
        lots.lead(missing);
        for lot in tainted(&lots.take(self.flow.attribution, -missing)) {
            self.accounts[node as usize].unseen_minor += lot.minor;
            self.unseen_by_source[lot.source as usize] += lot.minor;
        }
    }

    fn pay(&mut self, node: u32, line: u32, minor: i64) {
        let lots = self.queues[node as usize].lots.take(self.flow.attribution, minor);
        if lots.is_empty() {
            self.paid[line as usize] = CARRIES_NOTHING;
            return;
        }
        let spent_minor = tainted_minor(&lots);
        let fate = self.fate(line);
        let account = &mut self.accounts[node as usize];
        match fate {
            Fate::Exited(kind) => {
                *account.exited.entry(kind).or_default() += spent_minor;
                for lot in tainted(&lots) {
                    self.exited_by_source[lot.source as usize] += lot.minor;
                }
            }
            Fate::Underway | Fate::Arrived => account.passed_on_minor += spent_minor,
        }
        self.paid[line as usize] = self.debits.len() as u32;
        self.debits.push(Debit { view: line, lots, fate });
    }

    /// Where an outflow goes, as it is made. One that a victim reported as a payment of his own begins a chain of its own;
    /// what it carried of an earlier chain ends here.
    fn fate(&self, line: u32) -> Fate {
        let view = &self.flow.views[line as usize];
        let partner = view.partner.map(|partner| &self.flow.views[partner as usize]);
        if partner.is_some_and(|partner| partner.claimed.is_some()) {
            return Fate::Exited(ExitKind::Unknown);
        }
        let to = match (view.side, partner) {
            (_, Some(partner)) => Some(partner.node),
            (Side::Out(Way::Node(to)), None) => Some(to),
            (Side::Out(Way::Exit(kind)), None) => return Fate::Exited(kind),
            (Side::Out(Way::Unknown) | Side::In(_), None) => None,
        };
        match to {
            None => Fate::Exited(ExitKind::Unknown),
            Some(to) if self.flow.nodes[to as usize].is_victim => Fate::Exited(ExitKind::Returned),
            Some(_) => Fate::Underway,
        }
    }

    fn receive(&mut self, node: u32, out: u32, step: Step) {
        let debit = self.debits.get_mut(self.paid[out as usize] as usize);
        let Some(debit) = debit.filter(|debit| debit.fate == Fate::Underway) else {
            return self.queues[node as usize].lots.join_clean(step.minor);
        };
        debit.fate = Fate::Arrived;
        let onward = |lot: &Lot| Lot { level: if lot.source == CLEAN { 0 } else { lot.level + 1 }, ..*lot };
        let lots: Vec<Lot> = debit.lots.iter().map(onward).collect();
        self.join(node, step.at, &lots);
    }

    fn receive_payment(&mut self, node: u32, at: Timestamp, source: u32) {
        let minor = self.flow.sources[source as usize].source.amount_minor;
        self.source_arrived[source as usize] = true;
        self.join(node, at, &[Lot { source, level: 1, minor }]);
    }

    fn join(&mut self, node: u32, at: Timestamp, lots: &[Lot]) {
        let late = self.flow.nodes[node as usize].covered_to.is_some_and(|to| to < at);
        let account = &mut self.accounts[node as usize];
        for lot in tainted(lots) {
            account.level = Some(account.level.map_or(lot.level, |level| level.min(lot.level)));
        }
        for lot in lots {
            self.queues[node as usize].lots.join(*lot);
        }
        if account.received_minor == 0 {
            account.first_at = at;
        }
        account.first_at = account.first_at.min(at);
        account.last_at = account.last_at.max(at);
        account.received_minor += tainted_minor(lots);
        account.late |= late;
    }

    fn finish(self) -> Traced {
        let flow = self.flow;
        let mut underway_to: FxHashMap<u32, Underway> = FxHashMap::default();
        let mut underway_by_source = vec![0_i64; flow.sources.len()];
        let mut transfers: Vec<TaintedTransfer> = Vec::with_capacity(self.debits.len());
        for debit in &self.debits {
            let view = &flow.views[debit.view as usize];
            let to = match (view.partner, view.side) {
                (Some(partner), _) => Way::Node(flow.views[partner as usize].node),
                (None, Side::Out(way)) => way,
                (None, Side::In(_)) => Way::Unknown,
            };
            let level = tainted(&debit.lots).map(|lot| lot.level).min().unwrap_or(0);
            let (exit, level) = match debit.fate {
                Fate::Exited(kind) => (Some(kind), level),
                Fate::Underway | Fate::Arrived => (None, level + 1),
            };
            if debit.fate == Fate::Underway {
                for lot in tainted(&debit.lots) {
                    underway_by_source[lot.source as usize] += lot.minor;
                }
                if let Way::Node(to) = to {
                    underway_to.entry(to).or_insert(Underway { minor: 0, level, at: view.at }).add(
                        tainted_minor(&debit.lots),
                        level,
                        view.at,
                    );
                }
            }
            transfers.push(TaintedTransfer {
                from: flow.nodes[view.node as usize].key.clone(),
                to: match to {
                    Way::Node(to) => Target::Account(flow.nodes[to as usize].key.clone()),
                    Way::Exit(kind) => Target::Exit(kind),
                    Way::Unknown => Target::Unknown,
                },
                exit,
                amount_minor: view.minor,
                tainted_minor: tainted_minor(&debit.lots),
                by_source: by_source(flow, tainted(&debit.lots)),
                at: view.at,
                reference: flow.references[view.reference as usize].clone(),
                level,
            });
        }
        transfers.sort_by(|a, b| (a.at, &a.from, &a.reference).cmp(&(b.at, &b.from, &b.reference)));
        for (place, known) in flow.sources.iter().enumerate() {
            if !self.source_arrived[place] {
                let minor = known.source.amount_minor;
                underway_by_source[place] += minor;
                underway_to.entry(known.node).or_insert(Underway { minor: 0, level: 1, at: known.source.at }).add(
                    minor,
                    1,
                    known.source.at,
                );
            }
        }
        let mut remaining_by_source = vec![0_i64; flow.sources.len()];
        let mut accounts: Vec<AccountFlow> = Vec::new();
        for (place, (account, queue)) in self.accounts.into_iter().zip(self.queues).enumerate() {
            for lot in queue.lots.tainted() {
                remaining_by_source[lot.source as usize] += lot.minor;
            }
            accounts.extend(account.tell(flow, place as u32, &queue.lots, underway_to.get(&(place as u32))));
        }
        accounts.sort_by(|a, b| (a.level, a.first_at, &a.account).cmp(&(b.level, b.first_at, &b.account)));
        let places = accounts.iter().enumerate().map(|(place, flow)| (flow.account.clone(), place)).collect();
        let mut sources: Vec<SourceFlow> = flow
            .sources
            .iter()
            .enumerate()
            .map(|(place, known)| SourceFlow {
                id: known.source.id.clone(),
                amount_minor: known.source.amount_minor,
                remaining_minor: remaining_by_source[place],
                exited_minor: self.exited_by_source[place],
                underway_minor: underway_by_source[place],
                unseen_minor: self.unseen_by_source[place],
            })
            .collect();
        sources.sort_by(|a, b| a.id.cmp(&b.id));
        Traced { accounts, places, transfers, sources }
    }
}

/// Tainted money that an account's own statement does not list.
struct Underway {
    minor: i64,
    level: u32,
    at: Timestamp,
}

impl Underway {
    fn add(&mut self, minor: i64, level: u32, at: Timestamp) {
        self.minor += minor;
        self.level = self.level.min(level);
        self.at = self.at.min(at);
    }
}

impl Account {
    fn tell(self, flow: &Flow, place: u32, lots: &Lots, underway: Option<&Underway>) -> Option<AccountFlow> {
        let node = &flow.nodes[place as usize];
        let level = [self.level, underway.map(|underway| underway.level)].into_iter().flatten().min()?;
        let ask = match node.covered_to {
            None => Some(Ask::NoStatement),
            Some(to) if self.late => Some(Ask::After(to)),
            Some(_) => underway.map(|_| Ask::Underway),
        };
        let (first_at, last_at) = match (self.level, underway) {
            (None, Some(underway)) => (underway.at, underway.at),
            _ => (self.first_at, self.last_at),
        };
        Some(AccountFlow {
            account: node.key.clone(),
            level,
            received_minor: self.received_minor,
            passed_on_minor: self.passed_on_minor,
            unseen_minor: self.unseen_minor,
            remaining_minor: lots.tainted().map(|lot| lot.minor).sum(),
            remaining_by_source: by_source(flow, lots.tainted()),
            exited: self.exited,
            underway_minor: underway.map_or(0, |underway| underway.minor),
            first_at,
            last_at,
            ask,
        })
    }
}

fn by_source<'a>(flow: &Flow, lots: impl Iterator<Item = &'a Lot>) -> Vec<(SourceId, i64)> {
    let mut minor_by_source: BTreeMap<&SourceId, i64> = BTreeMap::new();
    for lot in lots {
        *minor_by_source.entry(&flow.sources[lot.source as usize].source.id).or_default() += lot.minor;
    }
    minor_by_source.into_iter().map(|(id, minor)| (id.clone(), minor)).collect()
}
