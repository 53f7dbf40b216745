//! What is known so far: sources and statements, the two sides of each transfer joined, each account's steps in order.
#![expect(clippy::indexing_slicing, reason = "every index is a place in this flow's own tables, which never shrink")]

use std::cmp::{Ordering, Reverse};
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use kernel::{Duration, Faults, Timestamp};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::input::{AccountKey, Attribution, Direction, ExitKind, Movement, Source, Statement, Target};
use crate::pass;
use crate::result::Traced;

/// How far apart two sides without a reference may be booked and still be one transfer.
const UNREFERENCED_WINDOW: Duration = Duration::hours(1);

/// How far apart two tellings of one line may be: clocks of a bank differ by so much.
const SAME_LINE_WINDOW: Duration = Duration::minutes(5);

/// How far a victim's memory of the time may be from the bank's record of the same amount.
const SOURCE_WINDOW: Duration = Duration::hours(24);

/// The known part of a money flow in one currency.
#[derive(Debug, Clone)]
pub struct Flow {
    pub(crate) attribution: Attribution,
    pub(crate) nodes: Vec<Node>,
    pub(crate) views: Vec<View>,
    pub(crate) sources: Vec<KnownSource>,
    pub(crate) references: Vec<Arc<str>>,
    node_places: FxHashMap<AccountKey, u32>,
    reference_places: FxHashMap<Arc<str>, u32>,
    /// Views that may be two sides of one transfer: same reference, same amount.
    groups: FxHashMap<(u32, i64), Vec<u32>>,
    /// Every step of every account by time; kept sorted, because sorting is most of a trace.
    pub(crate) order: Vec<Moment>,
    /// The memory of the order before this one, to merge into.
    spare_order: Vec<Moment>,
    /// Steps laid so far, those laid anew among them.
    #[cfg(test)]
    steps_laid: usize,
}

/// What new lines touch.
#[derive(Default)]
struct Added {
    touched: FxHashSet<u32>,
    groups: FxHashSet<(u32, i64)>,
}

/// A step in the order of time. The step itself is here too, so that a pass reads one list from front to back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub step: Step,
    pub node: u32,
    pub place: u32,
}

impl Moment {
    /// By time; at one time what arrives comes last, so that it has been paid, and the rest by account, within an
    /// account as the bank lists it.
    fn cmp(&self, other: &Self, nodes: &[Node]) -> Ordering {
        let tie = |moment: &Self| {
            let arrives = matches!(moment.step.kind, StepKind::Arrival(_));
            (arrives, nodes[moment.node as usize].rank, moment.node, moment.place)
        };
        self.step.at.cmp(&other.step.at).then_with(|| tie(self).cmp(&tie(other)))
    }
}

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub key: AccountKey,
    /// Breaks ties of time between accounts, whatever the order in which they became known.
    pub rank: u64,
    /// The account of a victim.
    pub is_victim: bool,
    /// What happens to the account, in order.
    pub steps: Vec<Step>,
    /// End of the last period known.
    pub covered_to: Option<Timestamp>,
    statements: Vec<KnownStatement>,
    view_places: FxHashMap<Box<str>, u32>,
    /// Outflows of other accounts that name this one.
    inbound: Vec<u32>,
    /// Sources that name this account.
    sources: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct KnownStatement {
    from: Timestamp,
    to: Timestamp,
    opening_minor: i64,
    views: Vec<u32>,
    /// Told as it happened: it says what moved, not that nothing else did.
    pushed: bool,
}

/// One line of one account's statement.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub node: u32,
    pub at: Timestamp,
    pub minor: i64,
    pub reference: u32,
    pub side: Side,
    /// The same transfer on the statement of the other account.
    pub partner: Option<u32>,
    /// The source that this inflow is.
    pub claimed: Option<u32>,
    /// Where an outflow stands in its account's steps.
    pub place: u32,
    id: Box<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    In(Option<u32>),
    Out(Way),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Node(u32),
    Exit(ExitKind),
    Unknown,
}

#[derive(Debug, Clone)]
pub(crate) struct KnownSource {
    pub source: Source,
    pub node: u32,
    payer: Option<u32>,
    reference: u32,
}

/// One thing that happens to an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub at: Timestamp,
    pub minor: i64,
    pub kind: StepKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// A statement begins; the amount is its opening balance.
    Open,
    /// A listed inflow whose payer's side is not known.
    Credit,
    /// An outflow of another account, the line given, arrives: listed here too, or outside the periods known.
    Arrival(u32),
    /// A victim's payment arrives, listed or outside the periods known.
    Payment(u32),
    /// A listed outflow, the line given.
    Debit(u32),
}

/// The place of the empty reference.
const NO_REFERENCE: u32 = 0;

impl Default for Flow {
    fn default() -> Self {
        Self::new()
    }
}

impl Flow {
    /// Nothing known yet; first in, first out.
    pub fn new() -> Self {
        Self::with(Attribution::Fifo)
    }

    /// Nothing known yet, with the attribution to use.
    pub fn with(attribution: Attribution) -> Self {
        let mut flow = Self {
            attribution,
            nodes: Vec::new(),
            views: Vec::new(),
            sources: Vec::new(),
            references: Vec::new(),
            node_places: FxHashMap::default(),
            reference_places: FxHashMap::default(),
            groups: FxHashMap::default(),
            order: Vec::new(),
            spare_order: Vec::new(),
            #[cfg(test)]
            steps_laid: 0,
        };
        flow.refer("");
        flow
    }

    /// Adds a victim's payment, or replaces the one of that name.
    ///
    /// # Errors
    /// `trace.amount` when the amount is not positive or out of range.
    pub fn add_source(&mut self, source: Source) -> Result<(), Faults> {
        source.check()?;
        let node = self.node(&source.account);
        let payer = source.payer.as_ref().map(|payer| self.node(payer));
        let reference = self.refer(source.reference.as_deref().unwrap_or(""));
        let known = KnownSource { source, node, payer, reference };
        match self.sources.iter_mut().find(|other| other.source.id == known.source.id) {
            Some(other) => *other = known,
            None => self.sources.push(known),
        }
        // Sources are few, and a new victim changes what arrives anywhere: all steps are laid anew.
        for node in &mut self.nodes {
            node.is_victim = false;
            node.sources.clear();
        }
        for (place, known) in self.sources.iter().enumerate() {
            self.nodes[known.node as usize].sources.push(place as u32);
            if let Some(payer) = known.payer {
                self.nodes[payer as usize].is_victim = true;
            }
        }
        self.lay(&(0..self.nodes.len() as u32).collect());
        Ok(())
    }

    /// Adds what a bank answered. Lines already known, by their id within the account, are not counted again, so
    /// statements may overlap and arrive twice; the two sides of a transfer are joined by reference and amount.
    ///
    /// # Errors
    /// Every fault at once, by field: `trace.period`, `trace.balance`, `trace.movements`, `trace.amount`,
    /// `trace.movement_id`. Nothing is added then.
    pub fn add_statement(&mut self, statement: Statement) -> Result<(), Faults> {
        statement.check(self.views.len())?;
        let mut added = Added::default();
        let (node, known) = self.take(statement, false, &mut added);
        let statements = &mut self.nodes[node as usize].statements;
        if !statements.contains(&known) {
            statements.push(known);
            self.settle(node, added);
        }
        Ok(())
    }

    /// Adds movements that a bank told as they happened, and gives the time and the faults of those that do not fit. They
    /// cover no period: what else the account did is still to be asked for. The account is laid once, however many there are.
    pub fn add_pushed(&mut self, account: &AccountKey, movements: Vec<Movement>) -> Vec<(Timestamp, Faults)> {
        let mut unfit = Vec::new();
        let mut added = Added::default();
        for movement in movements {
            let known = self.node_places.get(account).map(|&place| &self.nodes[place as usize].view_places);
            if known.is_some_and(|places| places.contains_key(movement.id.as_str())) {
                continue;
            }
            let (account, at) = (account.clone(), movement.at);
            let statement = Statement { account, from: at, to: at, opening_minor: None, movements: vec![movement] };
            match statement.check(self.views.len()) {
                Ok(()) => {
                    let (node, known) = self.take(statement, true, &mut added);
                    self.nodes[node as usize].statements.push(known);
                }
                Err(faults) => unfit.push((at, faults)),
            }
        }
        if let Some(&place) = self.node_places.get(account).filter(|_| !added.touched.is_empty()) {
            self.settle(place, added);
        }
        unfit
    }

    /// Takes the lines of a statement that are not known yet.
    fn take(&mut self, statement: Statement, pushed: bool, added: &mut Added) -> (u32, KnownStatement) {
        let opening_minor = statement.opening();
        let node = self.node(&statement.account);
        let Added { touched, groups } = added;
        touched.insert(node);
        let mut views = Vec::with_capacity(statement.movements.len());
        for movement in statement.movements {
            if let Some(&known) = self.nodes[node as usize].view_places.get(movement.id.as_str()) {
                views.push(known);
                continue;
            }
            let place = self.views.len() as u32;
            let side = match &movement.direction {
                Direction::In(from) => Side::In(from.as_ref().map(|from| self.node(from))),
                Direction::Out(Target::Account(to)) => Side::Out(Way::Node(self.node(to))),
                Direction::Out(Target::Exit(kind)) => Side::Out(Way::Exit(*kind)),
                Direction::Out(Target::Unknown) => Side::Out(Way::Unknown),
            };
            if let Side::Out(Way::Node(to)) = side {
                self.nodes[to as usize].inbound.push(place);
                touched.insert(to);
            }
            let reference = self.refer(&movement.reference);
            let group = (reference, movement.amount_minor);
            self.groups.entry(group).or_default().push(place);
            groups.insert(group);
            let id: Box<str> = movement.id.into();
            self.nodes[node as usize].view_places.insert(id.clone(), place);
            views.push(place);
            self.views.push(View {
                node,
                at: movement.at,
                minor: movement.amount_minor,
                reference,
                side,
                partner: None,
                claimed: None,
                place: 0,
                id,
            });
        }
        (node, KnownStatement { from: statement.from, to: statement.to, opening_minor, views, pushed })
    }

    /// Joins what was added to an account with what was known, and lays what it touches.
    fn settle(&mut self, node: u32, added: Added) {
        let Added { mut touched, groups } = added;
        // The widest first among those that begin together, so that its order of lines holds.
        let statements = &mut self.nodes[node as usize].statements;
        statements.sort_by_key(|known| (known.from, Reverse(known.to), Reverse(known.views.len())));
        for group in groups {
            self.pair(group, &mut touched);
        }
        self.lay(&touched);
    }

    /// Follows the money through all that is known.
    pub fn trace(&self) -> Traced {
        pass::run(self)
    }

    /// Whether a statement of the account is known.
    pub fn knows(&self, account: &AccountKey) -> bool {
        let told = |&place: &u32| self.nodes[place as usize].statements.iter().any(|known| !known.pushed);
        self.node_places.get(account).is_some_and(told)
    }

    /// Whether a line of this id is known of the account and says something else: another amount or direction, or a time
    /// that clocks do not explain. A bank that uses its ids again, for instance day by day, tells two lines under one
    /// name, and only the first of them is followed.
    pub fn contradicts(&self, account: &AccountKey, movement: &Movement) -> bool {
        let Some(&node) = self.node_places.get(account) else {
            return false;
        };
        let Some(&line) = self.nodes[node as usize].view_places.get(movement.id.as_str()) else {
            return false;
        };
        let known = &self.views[line as usize];
        known.minor != movement.amount_minor
            || matches!(known.side, Side::Out(_)) != matches!(movement.direction, Direction::Out(_))
            || (known.at - movement.at).0.abs() > SAME_LINE_WINDOW.0
    }

    /// How many lines of the account are known.
    pub fn movements_of(&self, account: &AccountKey) -> usize {
        self.node_places.get(account).map_or(0, |&place| self.nodes[place as usize].view_places.len())
    }

    /// How many lines of all accounts are known.
    pub fn movements(&self) -> usize {
        self.views.len()
    }

    fn node(&mut self, key: &AccountKey) -> u32 {
        if let Some(&place) = self.node_places.get(key) {
            return place;
        }
        let place = self.nodes.len() as u32;
        let mut hasher = FxHasher::default();
        key.hash(&mut hasher);
        self.nodes.push(Node {
            key: key.clone(),
            rank: hasher.finish(),
            is_victim: false,
            steps: Vec::new(),
            covered_to: None,
            statements: Vec::new(),
            view_places: FxHashMap::default(),
            inbound: Vec::new(),
            sources: Vec::new(),
        });
        self.node_places.insert(key.clone(), place);
        place
    }

    fn refer(&mut self, text: &str) -> u32 {
        if let Some(&place) = self.reference_places.get(text) {
            return place;
        }
        let place = self.references.len() as u32;
        let text: Arc<str> = text.into();
        self.references.push(text.clone());
        self.reference_places.insert(text, place);
        place
    }

    /// Joins outflows with inflows of one reference and amount. The outcome depends on the members only: exact ends first,
    /// then ends that one statement does not name, each in the order of time.
    fn pair(&mut self, group: (u32, i64), touched: &mut FxHashSet<u32>) {
        let Some(mut members) = self.groups.get(&group).cloned() else {
            return;
        };
        members.sort_by_key(|&place| {
            let view = &self.views[place as usize];
            (view.at, self.nodes[view.node as usize].rank, view.id.clone())
        });
        let before: Vec<_> = members.iter().map(|&place| self.views[place as usize].partner).collect();
        for &place in &members {
            self.views[place as usize].partner = None;
        }
        let fits: &[Fit] = match group.0 {
            NO_REFERENCE => &[Fit::BothEnds],
            _ => &[Fit::BothEnds, Fit::PayeeEnd, Fit::PayerEnd, Fit::NoEnd],
        };
        for &fit in fits {
            self.pair_by(group.0, &members, fit);
        }
        for (&place, before) in members.iter().zip(before) {
            let view = &self.views[place as usize];
            if view.partner == before {
                continue;
            }
            touched.insert(view.node);
            if let Side::Out(Way::Node(to)) = view.side {
                touched.insert(to);
            }
        }
    }

    /// Joins what is still single and agrees in the ends that `fit` names, first with first.
    fn pair_by(&mut self, reference: u32, members: &[u32], fit: Fit) {
        let mut inflows: FxHashMap<Ends, VecDeque<u32>> = FxHashMap::default();
        for &place in members {
            let view = &self.views[place as usize];
            if let (Side::In(from), None) = (view.side, view.partner)
                && let Some(ends) = fit.inflow(from, view.node)
            {
                inflows.entry(ends).or_default().push_back(place);
            }
        }
        for &out in members {
            let view = &self.views[out as usize];
            let (Side::Out(way), None) = (view.side, view.partner) else {
                continue;
            };
            let Some(ends) = fit.outflow(view.node, way) else {
                continue;
            };
            let Some(waiting) = inflows.get_mut(&ends) else {
                continue;
            };
            let at = view.at;
            if reference == NO_REFERENCE {
                while waiting.front().is_some_and(|&first| self.views[first as usize].at < at - UNREFERENCED_WINDOW) {
                    waiting.pop_front();
                }
            }
            let inward = match waiting.front() {
                Some(&first)
                    if reference != NO_REFERENCE || self.views[first as usize].at <= at + UNREFERENCED_WINDOW =>
                {
                    first
                }
                _ => continue,
            };
            waiting.pop_front();
            self.views[out as usize].partner = Some(inward);
            self.views[inward as usize].partner = Some(out);
        }
    }

    /// Finds for each victim's payment to this account its line on the statement: by reference and amount, else by amount
    /// and nearest time.
    fn claim(&mut self, node: u32) -> Vec<u32> {
        let node = &self.nodes[node as usize];
        let lines: Vec<u32> = node.statements.iter().flat_map(|known| known.views.iter().copied()).collect();
        for &line in &lines {
            self.views[line as usize].claimed = None;
        }
        let mut waiting = node.sources.clone();
        waiting.sort_by(|&a, &b| {
            let (a, b) = (&self.sources[a as usize].source, &self.sources[b as usize].source);
            (a.at, &a.id).cmp(&(b.at, &b.id))
        });
        for by in [ClaimBy::Reference, ClaimBy::Time] {
            waiting.retain(|&place| {
                let known = &self.sources[place as usize];
                let best = lines
                    .iter()
                    .copied()
                    .filter(|&line| self.claimable(line, known, by))
                    .min_by_key(|&line| (self.views[line as usize].at - known.source.at).0.abs());
                if let Some(line) = best {
                    self.views[line as usize].claimed = Some(place);
                }
                best.is_none()
            });
        }
        waiting
    }

    fn claimable(&self, line: u32, known: &KnownSource, by: ClaimBy) -> bool {
        let view = &self.views[line as usize];
        let Side::In(from) = view.side else {
            return false;
        };
        if view.claimed.is_some() || view.minor != known.source.amount_minor {
            return false;
        }
        match by {
            ClaimBy::Reference => known.reference != NO_REFERENCE && known.reference == view.reference,
            ClaimBy::Time => {
                (view.at - known.source.at).0.abs() <= SOURCE_WINDOW.0
                    && from.zip(known.payer).is_none_or(|(from, payer)| from == payer)
            }
        }
    }

    /// Lays the steps of these accounts anew and merges them into the order of time.
    fn lay(&mut self, touched: &FxHashSet<u32>) {
        let mut laid: Vec<Moment> = Vec::new();
        for &place in touched {
            self.lay_steps(place);
            let node = &self.nodes[place as usize];
            let moments = node.steps.iter().enumerate();
            laid.extend(moments.map(|(at, step)| Moment { step: *step, node: place, place: at as u32 }));
        }
        let nodes = &self.nodes;
        laid.sort_unstable_by(|a, b| a.cmp(b, nodes));
        let mut is_touched = vec![false; self.nodes.len()];
        for &place in touched {
            is_touched[place as usize] = true;
        }
        let mut order = std::mem::take(&mut self.spare_order);
        order.clear();
        // Runs between two new moments are copied whole.
        let mut rest = self.order.as_slice();
        for new in laid {
            let (run, later) = rest.split_at(rest.partition_point(|moment| moment.cmp(&new, nodes).is_lt()));
            order.extend(run.iter().filter(|moment| !is_touched[moment.node as usize]));
            order.push(new);
            rest = later;
        }
        order.extend(rest.iter().filter(|moment| !is_touched[moment.node as usize]));
        self.spare_order = std::mem::replace(&mut self.order, order);
    }

    /// Lays what happens to the account in its order: lines as the bank lists them, and between the periods known what
    /// others say they paid in. What others say they paid in within a known period, and the bank does not list, has not
    /// arrived.
    fn lay_steps(&mut self, place: u32) {
        let unclaimed = self.claim(place);
        let node = &self.nodes[place as usize];
        let mut outside: Vec<Step> = Vec::new();
        for &line in &node.inbound {
            let view = &self.views[line as usize];
            if view.partner.is_none() && !self.nodes[view.node as usize].is_victim {
                outside.push(Step { at: view.at, minor: view.minor, kind: StepKind::Arrival(line) });
            }
        }
        for &source in &unclaimed {
            let known = &self.sources[source as usize].source;
            outside.push(Step { at: known.at, minor: known.amount_minor, kind: StepKind::Payment(source) });
        }
        outside.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| self.outside_name(a.kind).cmp(&self.outside_name(b.kind))));
        let mut outside = outside.into_iter().peekable();
        let mut steps: Vec<Step> = Vec::new();
        let mut places: Vec<(u32, u32)> = Vec::new();
        let mut laid: FxHashSet<u32> = FxHashSet::default();
        let (mut covered_to, mut pushed_to): (Option<Timestamp>, Option<Timestamp>) = (None, None);
        for known in &node.statements {
            let begun = if known.pushed { covered_to.max(pushed_to) } else { covered_to };
            if begun.is_none_or(|to| to < known.from) {
                while let Some(step) = outside.next_if(|step| step.at < known.from) {
                    if covered_to.is_none_or(|to| to < step.at) {
                        steps.push(step);
                    }
                }
                steps.push(Step { at: known.from, minor: known.opening_minor, kind: StepKind::Open });
            }
            for &line in &known.views {
                if laid.insert(line) {
                    let view = &self.views[line as usize];
                    let kind = match (view.side, view.claimed, view.partner) {
                        (Side::Out(_), _, _) => {
                            places.push((line, steps.len() as u32));
                            StepKind::Debit(line)
                        }
                        (Side::In(_), Some(source), _) => StepKind::Payment(source),
                        (Side::In(_), None, Some(out)) => StepKind::Arrival(out),
                        (Side::In(_), None, None) => StepKind::Credit,
                    };
                    steps.push(Step { at: view.at, minor: view.minor, kind });
                }
            }
            let reached = if known.pushed { &mut pushed_to } else { &mut covered_to };
            *reached = (*reached).max(Some(known.to));
        }
        steps.extend(outside.filter(|step| covered_to.is_none_or(|to| to < step.at)));
        for (line, place) in places {
            self.views[line as usize].place = place;
        }
        #[cfg(test)]
        {
            self.steps_laid += steps.len();
        }
        let node = &mut self.nodes[place as usize];
        node.steps = steps;
        node.covered_to = covered_to;
    }

    /// Orders what arrives at the same moment, whatever the order in which it became known.
    fn outside_name(&self, kind: StepKind) -> (u8, &str, u64, &str) {
        match kind {
            StepKind::Payment(source) => (0, &self.sources[source as usize].source.id.0, 0, ""),
            StepKind::Arrival(line) | StepKind::Debit(line) => {
                let view = &self.views[line as usize];
                (1, &self.references[view.reference as usize], self.nodes[view.node as usize].rank, &view.id)
            }
            StepKind::Open | StepKind::Credit => (2, "", 0, ""),
        }
    }
}

/// Which ends the two statements must both name for their lines to be one transfer.
#[derive(Debug, Clone, Copy)]
enum Fit {
    /// Each names the other.
    BothEnds,
    /// The payer's names the payee; the payee's names nobody.
    PayeeEnd,
    /// The payee's names the payer; the payer's names nobody.
    PayerEnd,
    /// Neither names the other: the reference alone.
    NoEnd,
}

type Ends = (Option<u32>, Option<u32>);

impl Fit {
    /// What an inflow of `node` agrees on, if it takes part.
    fn inflow(self, from: Option<u32>, node: u32) -> Option<Ends> {
        match self {
            Fit::BothEnds => from.map(|from| (Some(from), Some(node))),
            Fit::PayeeEnd => from.is_none().then_some((None, Some(node))),
            Fit::PayerEnd => from.map(|from| (Some(from), None)),
            Fit::NoEnd => from.is_none().then_some((None, None)),
        }
    }

    /// What an outflow of `node` agrees on, if it takes part.
    fn outflow(self, node: u32, way: Way) -> Option<Ends> {
        match (self, way) {
            (Fit::BothEnds, Way::Node(to)) => Some((Some(node), Some(to))),
            (Fit::PayeeEnd, Way::Node(to)) => Some((None, Some(to))),
            (Fit::PayerEnd, Way::Unknown) => Some((Some(node), None)),
            (Fit::NoEnd, Way::Unknown) => Some((None, None)),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum ClaimBy {
    Reference,
    Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::SourceId;

    fn paid() -> (Flow, AccountKey) {
        let account = AccountKey::new("bank-a", "1000000001");
        let mut flow = Flow::new();
        let (id, at) = (SourceId::new("p1"), Timestamp(0));
        let source = Source { id, account: account.clone(), amount_minor: 1_000_000, at, reference: None, payer: None };
        flow.add_source(source).unwrap();
        (flow, account)
    }

    /// Some lines in, more out, to a few accounts, not in the order of time, with references used more than once.
    fn lines(count: i64) -> Vec<Movement> {
        let line = |n: i64| Movement {
            id: format!("m{n}"),
            at: Timestamp(1 + (n * 7_919) % count),
            direction: match n % 3 {
                0 => Direction::In(None),
                _ => Direction::Out(Target::Account(AccountKey::new("bank-b", &format!("200000000{}", n % 5)))),
            },
            amount_minor: 1 + n % 4,
            balance_after_minor: Some(1_000_000),
            reference: if n % 2 == 0 { String::new() } else { format!("r{}", n % 50) },
        };
        (0..count).map(line).collect()
    }

    #[test]
    fn a_push_of_many_movements_is_laid_once_and_says_what_many_pushes_say() {
        const COUNT: i64 = 500;
        let (mut once, account) = paid();
        let before = once.steps_laid;
        assert!(once.add_pushed(&account, lines(COUNT)).is_empty());
        let laid = once.steps_laid - before;
        assert!(laid <= 4 * COUNT as usize, "{laid} steps laid for {COUNT} movements");
        let (mut apart, _) = paid();
        for line in lines(COUNT) {
            assert!(apart.add_pushed(&account, vec![line]).is_empty());
        }
        let told = |flow: &Flow| format!("{:?}", flow.trace());
        assert_eq!(told(&once), told(&apart));
        // What is known already is not laid again.
        let before = once.steps_laid;
        assert!(once.add_pushed(&account, lines(COUNT)).is_empty());
        assert_eq!(once.steps_laid, before);
    }

    #[test]
    fn a_pushed_movement_that_does_not_fit_keeps_no_other_out() {
        let (mut flow, account) = paid();
        let mut pushed = lines(10);
        pushed[3].amount_minor = 0;
        let at = pushed[3].at;
        let unfit: Vec<_> = flow.add_pushed(&account, pushed).into_iter().map(|(at, _)| at).collect();
        assert_eq!((unfit, flow.movements()), (vec![at], 9));
    }
}
