//! Follows the money: asks, attributes, stops the next accounts, level by level, until nothing flows.
//!
//! The desk reacts to the journal. A submitted report starts a chase; each answer of a bank moves it on. What is known
//! of a case is kept in memory under a version that the database counts: after a rollback or a restart, or when another
//! process moved the case, it is built anew from the payments and the answered queries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Duration, OrderId, ReportId};
use serde_json::json;
use store::journal::Entry;
use store::{Result, Tx, Who};
use trace::{AccountKey, Ask, Frontier, Traced};
use wire::{AnswerCode, OrderKind, PartnerId};

use super::figures;
use super::flow::{Known, Payment};
use super::store as rows;
use super::store::{AccountFigures, Chase, ChaseState, OrderBrief, TransferFigures};
use crate::stop::{self, CaseRef, NewOrder, Refusal};

/// Cases kept in memory.
const CASES_KEPT_MAX: usize = 64;
/// Queries of one account in one case at most.
const QUERIES_MAX: usize = 3;

/// The chase desk.
#[derive(Clone)]
pub struct Desk {
    pub(super) stop: stop::Desk,
    kept: Arc<Mutex<HashMap<ReportId, Kept>>>,
    touched: Arc<Mutex<BTreeMap<ReportId, BTreeSet<OrderId>>>>,
}

/// What is kept of a case in memory.
pub(super) struct Kept {
    version: i64,
    pub(super) known: Known,
    orders: HashMap<OrderId, OrderBrief>,
    by_account: HashMap<AccountKey, Vec<OrderId>>,
    pub(super) accounts: HashMap<AccountKey, AccountFigures>,
    pub(super) transfers: HashMap<String, TransferFigures>,
}

impl Kept {
    /// The orders about one account, the oldest first.
    pub(super) fn orders_of<'a>(&'a self, account: &AccountKey) -> impl Iterator<Item = &'a OrderBrief> {
        self.by_account.get(account).into_iter().flatten().filter_map(|id| self.orders.get(id))
    }

    /// Orders that follow the money and wait for a checker or a bank, and lifts that are on their way. A lift that waits
    /// for a checker does not keep a chase running.
    pub(super) fn open(&self) -> usize {
        use stop::model::State;
        let follows =
            |o: &&OrderBrief| matches!(o.kind, OrderKind::Stop | OrderKind::QueryHolder | OrderKind::QueryTransactions);
        self.orders.values().filter(|o| o.state == State::Sent || (o.state == State::Review && follows(o))).count()
    }

    fn put(&mut self, brief: OrderBrief) {
        if !self.orders.contains_key(&brief.id) {
            self.by_account.entry(brief.account.clone()).or_default().push(brief.id);
        }
        self.orders.insert(brief.id, brief);
    }
}

impl Desk {
    /// A desk that issues its orders through the stop desk.
    pub fn new(stop: stop::Desk) -> Self {
        Self { stop, kept: Arc::default(), touched: Arc::default() }
    }

    /// Starts a chase, or adds payments to one that runs. [`Desk::settle_touched`] does the rest.
    pub async fn start(&self, tx: &mut Tx, case: &CaseRef, currency: &str, payments: &[Payment]) -> Result<()> {
        let kind = if rows::start(tx, case, currency).await? { "chase.started" } else { "chase.payments_added" };
        for payment in payments {
            rows::add_source(tx, case.id, payment).await?;
        }
        // The new payments are not in what is kept: counting the version has it built anew.
        rows::bump(tx, case.id).await?;
        let body = json!({ "case_number": case.number, "payments": payments.len(), "currency": currency,
            "reported_minor": payments.iter().map(|p| p.amount_minor).sum::<i64>() });
        tx.append(entry(kind, case).body(&body), &who()).await?;
        self.touch(case.id, None);
        Ok(())
    }

    /// Notes that an order of a case has moved.
    pub fn touch(&self, case_id: ReportId, order: Option<OrderId>) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.entry(case_id).or_default().extend(order);
    }

    /// Forgets what was built in a transaction that did not come about. What is kept would else be believed when
    /// another transaction gives the case the same version.
    pub fn forget(&self) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Brings every touched case up to date, in the caller's transaction.
    pub async fn settle_touched(&self, tx: &mut Tx) -> Result<()> {
        let touched = std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner));
        for (case_id, orders) in touched {
            self.settle(tx, case_id, &orders).await?;
        }
        Ok(())
    }

    /// Attributes anew, makes the orders that follow, writes the figures that changed.
    async fn settle(&self, tx: &mut Tx, case_id: ReportId, moved: &BTreeSet<OrderId>) -> Result<()> {
        // A person who pauses the chase waits for this step, and no step begins from a state read before.
        let Some(chase) = rows::take(tx, case_id).await? else { return Ok(()) };
        let mut kept = self.take(tx, &chase, moved).await?;
        let traced = kept.known.flow.trace();
        if chase.state != ChaseState::Paused {
            self.next_orders(tx, &chase, &mut kept, &traced).await?;
        }
        figures::write(tx, self, &chase, &mut kept, &traced).await?;
        kept.version = rows::bump(tx, case_id).await?;
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CASES_KEPT_MAX {
            all.clear();
        }
        all.insert(case_id, kept);
        Ok(())
    }

    /// What is kept of the case if its version is the database's, else built anew; with what has moved since.
    async fn take(&self, tx: &mut Tx, chase: &Chase, moved: &BTreeSet<OrderId>) -> Result<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&chase.case.id);
        if let Some(mut kept) = kept.filter(|kept| kept.version == chase.version) {
            for id in moved {
                if let Some(brief) = rows::one_brief(tx, *id).await? {
                    learn(tx, &mut kept.known, &brief).await?;
                    kept.put(brief);
                }
            }
            return Ok(kept);
        }
        let mut known = Known::default();
        for payment in rows::sources(tx, chase.case.id).await? {
            known.add_payment(&payment)?;
        }
        let (accounts, transfers) = rows::figures(tx, chase.case.id).await?;
        let mut kept = Kept {
            version: chase.version,
            known,
            orders: HashMap::new(),
            by_account: HashMap::new(),
            accounts,
            transfers,
        };
        for brief in rows::briefs(tx, chase.case.id).await? {
            learn(tx, &mut kept.known, &brief).await?;
            kept.put(brief);
        }
        Ok(kept)
    }

    /// Makes the orders that follow from what is known.
    async fn next_orders(&self, tx: &mut Tx, chase: &Chase, kept: &mut Kept, traced: &Traced) -> Result<()> {
        let parameters = self.stop.parameters.clone();
        let mut asked = Vec::new();
        let frontier = traced.frontier();
        let asks: HashMap<&AccountKey, &Frontier> = frontier.iter().map(|f| (&f.account, f)).collect();
        for flow in traced.accounts() {
            let followed = flow.level <= parameters.chase_levels_max
                && flow.received_minor >= parameters.chase_amount_minor_min
                && self.reachable(&flow.account);
            if !followed {
                continue;
            }
            let orders: Vec<&OrderBrief> = kept.orders_of(&flow.account).collect();
            if let Some(order) = self.next_stop(chase, kept, traced, flow, &orders) {
                asked.push(order);
                continue;
            }
            if let Some(order) = self.next_holder(chase, kept, flow, &orders) {
                asked.push(order);
                continue;
            }
            if let Some(frontier) = asks.get(&flow.account)
                && let Some(order) = self.next_query(tx, chase, frontier, &orders)
            {
                asked.push(order);
            }
        }
        if asked.is_empty() && kept.open() == 0 {
            asked = traced.accounts().iter().filter_map(|flow| self.next_lift(chase, kept, flow)).collect();
        }
        let room = parameters.chase_orders_max - i64::try_from(kept.orders.len()).unwrap_or(i64::MAX);
        for order in asked.into_iter().take(usize::try_from(room).unwrap_or(0)) {
            let account = order.account_no.clone();
            match self.stop.make(tx, &who(), order).await {
                Ok(id) => {
                    if let Some(brief) = rows::one_brief(tx, id).await? {
                        kept.put(brief);
                    }
                }
                Err(Refusal::Store(error)) => return Err(error),
                Err(refusal) => {
                    let reason = match refusal {
                        Refusal::Faults(faults) => faults.0.into_iter().map(|f| f.said.code).collect(),
                        Refusal::Conflict(said) => vec![said.code],
                        Refusal::Store(_) => Vec::new(),
                    };
                    let body = json!({ "account": stop::tail(&account), "reason": reason });
                    tx.append(entry("chase.order_refused", &chase.case).body(&body), &who()).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether orders about the account can be given at all.
    pub(super) fn reachable(&self, account: &AccountKey) -> bool {
        PartnerId::parse(&account.bank).is_ok_and(|partner| self.stop.post.knows(&partner))
            && kernel::AccountNo::parse(&account.number).is_ok()
    }

    /// A stop for what the account may still hold: the first when the account is found, a second, for all of it, when
    /// more of the victim's money turns out to have reached it. The second replaces the first at the bank.
    fn next_stop(
        &self,
        chase: &Chase,
        kept: &Kept,
        traced: &Traced,
        flow: &trace::AccountFlow,
        orders: &[&OrderBrief],
    ) -> Option<NewOrder> {
        let stops: Vec<_> = orders.iter().filter(|o| o.kind == OrderKind::Stop).collect();
        let allowed = usize::try_from(self.stop.parameters.stops_max).unwrap_or(0);
        let in_effect: Vec<&OrderBrief> =
            stops.iter().copied().copied().filter(|o| o.state == stop::model::State::InEffect).collect();
        let over = |o: &&&&OrderBrief| matches!(o.state, stop::model::State::Replaced | stop::model::State::Lifted);
        let settled = in_effect.len() + stops.iter().filter(over).count() == stops.len();
        if stops.len() >= allowed || !settled || in_effect.iter().any(|o| o.amount_minor.is_none()) {
            return None;
        }
        let limit: i64 = in_effect.iter().filter_map(|o| o.amount_minor).sum();
        let missing = flow.remaining_minor - limit;
        if missing < self.stop.parameters.chase_amount_minor_min.max(1) {
            return None;
        }
        let name = kept.known.names.get(&flow.account)?.clone();
        let check = inflow(kept, traced, &flow.account, &chase.currency, stops.len())?;
        let mut order = self.about(chase, &flow.account, flow.level)?;
        order.kind = OrderKind::Stop;
        order.account_name = Some(name);
        order.amount_minor = Some(flow.remaining_minor);
        order.reason = if flow.level <= 1 {
            format!("案件{}被害人直接转入的账户", chase.case.number)
        } else {
            format!("案件{}第{}级账户，追踪到被害人资金", chase.case.number, flow.level)
        };
        order.check = Some(check);
        order.dedup = Some(format!("stop:{}:{}:{}", chase.case.id, flow.account, stops.len()));
        Some(order)
    }

    /// A query of the holder, where the victim knew the account and not the name: without a name no bank compares its
    /// four points, so nothing could be stopped. Asked once; the answer names the holder, and the stop follows.
    fn next_holder(
        &self,
        chase: &Chase,
        kept: &Kept,
        flow: &trace::AccountFlow,
        orders: &[&OrderBrief],
    ) -> Option<NewOrder> {
        let asked = orders.iter().any(|o| matches!(o.kind, OrderKind::QueryHolder | OrderKind::Stop));
        let too_little = flow.remaining_minor < self.stop.parameters.chase_amount_minor_min.max(1);
        if asked || too_little || kept.known.names.contains_key(&flow.account) {
            return None;
        }
        let mut order = self.about(chase, &flow.account, flow.level)?;
        order.kind = OrderKind::QueryHolder;
        order.reason = format!("案件{}：受害人不知第{}级账户户名，查明后止付", chase.case.number, flow.level);
        order.check = Some(wire::Check {
            amount_minor: flow.received_minor,
            currency: chase.currency.clone(),
            at: chase.case.reported_at,
            reference: None,
        });
        order.dedup = Some(format!("holder:{}:{}", chase.case.id, flow.account));
        Some(order)
    }

    /// A lift, when nothing of the victim's money is left in an account that is known to the end: what the stop still
    /// holds there is somebody's own. Asked for only when nothing else is on its way that could bring more.
    fn next_lift(&self, chase: &Chase, kept: &Kept, flow: &trace::AccountFlow) -> Option<NewOrder> {
        let emptied = flow.remaining_minor == 0 && flow.ask.is_none() && kept.known.flow.knows(&flow.account);
        let stop = kept.orders_of(&flow.account).find(|o| {
            o.kind == OrderKind::Stop
                && o.state == stop::model::State::InEffect
                && o.held_minor.is_some_and(|held| held > 0)
        })?;
        let lifts = kept.orders_of(&flow.account).filter(|o| o.kind == OrderKind::LiftStop).count();
        if !emptied || lifts >= usize::try_from(self.stop.parameters.stops_max).unwrap_or(0) {
            return None;
        }
        let mut order = self.about(chase, &flow.account, flow.level)?;
        order.kind = OrderKind::LiftStop;
        order.refers_to = Some(stop.id);
        order.reason = format!("案件{}：追踪确认该账户内已无被害人资金，余额不应继续控制", chase.case.number);
        order.dedup = Some(format!("lift:{}", stop.id));
        Some(order)
    }

    /// A query of transactions, once the stop is decided: what is known then is final.
    fn next_query(&self, tx: &Tx, chase: &Chase, frontier: &Frontier, orders: &[&OrderBrief]) -> Option<NewOrder> {
        use stop::model::State;
        let queries = orders.iter().filter(|o| o.kind == OrderKind::QueryTransactions);
        let before = |o: &OrderBrief| matches!(o.kind, OrderKind::Stop | OrderKind::QueryHolder);
        let stopping = orders.iter().any(|o| before(o) && o.state.is_open());
        let nothing_there = orders.iter().any(|o| o.answer_code == Some(AnswerCode::NoSuchAccount));
        let vetoed = orders.iter().any(|o| matches!(o.state, State::Refused | State::Cancelled));
        if stopping
            || nothing_there
            || vetoed
            || queries.clone().any(|o| o.state.is_open() || o.state == State::Rejected)
            || queries.clone().count() >= QUERIES_MAX
        {
            return None;
        }
        let from = match frontier.ask {
            Ask::NoStatement | Ask::Underway => frontier.first_at,
            Ask::After(last) => last,
        };
        let mut order = self.about(chase, &frontier.account, frontier.level)?;
        order.kind = OrderKind::QueryTransactions;
        // Without the name: a name that the victim misheard must not keep us from seeing where the money went.
        order.period = Some(wire::Period {
            from: from - Duration::minutes(self.stop.parameters.query_before_minutes),
            to: tx.now().max(frontier.first_at) + Duration::seconds(1),
        });
        order.reason = format!("案件{}追踪第{}级账户资金去向", chase.case.number, frontier.level);
        order.check = Some(wire::Check {
            amount_minor: frontier.received_minor,
            currency: chase.currency.clone(),
            at: frontier.first_at,
            reference: None,
        });
        order.dedup = Some(format!("query:{}:{}:{}", chase.case.id, frontier.account, queries.count()));
        Some(order)
    }

    /// A stop by hand for what an account still holds of the victim's money, checked against a transfer into it.
    pub(super) async fn by_hand(&self, tx: &mut Tx, chase: &Chase, found: &AccountFigures) -> Result<Option<NewOrder>> {
        let kept = self.take(tx, chase, &BTreeSet::new()).await?;
        let account = AccountKey::new(&found.bank, &found.account);
        let traced = kept.known.flow.trace();
        let stops = kept.orders_of(&account).filter(|o| o.kind == OrderKind::Stop).count();
        let level = u32::try_from(found.level).unwrap_or(1);
        let Some(mut order) = self.about(chase, &account, level) else { return Ok(None) };
        order.account_name = found.name.clone();
        order.amount_minor = Some(found.remaining_minor.max(1));
        order.check = inflow(&kept, &traced, &account, &chase.currency, stops);
        Ok(Some(order))
    }

    /// An order about an account of a chase, with the kind and the reason yet to be said.
    pub(super) fn about(&self, chase: &Chase, account: &AccountKey, level: u32) -> Option<NewOrder> {
        Some(NewOrder {
            case: chase.case.clone(),
            partner: PartnerId::parse(&account.bank).ok()?,
            kind: OrderKind::Stop,
            account_no: account.number.to_string(),
            account_name: None,
            currency: chase.currency.clone(),
            check: None,
            amount_minor: None,
            period: None,
            until: None,
            refers_to: None,
            level,
            include_interest: false,
            approval_level: None,
            reason: String::new(),
            dedup: None,
        })
    }
}

/// Adds what an answered query tells.
async fn learn(tx: &mut Tx, known: &mut Known, brief: &OrderBrief) -> Result<()> {
    if matches!(brief.kind, OrderKind::QueryTransactions | OrderKind::QueryHolder)
        && brief.answer_code.is_some()
        && let Some(order) = stop::load(tx, brief.id).await?
        && let Some(answer) = &order.answer
    {
        known.add_answer(&order, answer);
    }
    Ok(())
}

/// A transfer of the victim's money into the account, for the bank's check: another one for a second stop.
fn inflow(kept: &Kept, traced: &Traced, account: &AccountKey, currency: &str, nth: usize) -> Option<wire::Check> {
    let payments = kept.known.payments.iter().filter(|p| p.payee == *account).map(|p| wire::Check {
        amount_minor: p.amount_minor,
        currency: currency.to_owned(),
        at: p.at,
        reference: p.reference.clone(),
    });
    let transfers = traced
        .transfers()
        .iter()
        .filter(|t| t.exit.is_none() && matches!(&t.to, trace::Target::Account(to) if to == account))
        .map(|t| wire::Check {
            amount_minor: t.amount_minor,
            currency: currency.to_owned(),
            at: t.at,
            reference: Some(t.reference.to_string()).filter(|r| !r.is_empty()),
        });
    let all: Vec<wire::Check> = payments.chain(transfers).collect();
    all.get(nth).or(all.first()).cloned()
}

/// The desk acting by itself; standing rules know it by this name.
pub(super) fn who() -> Who {
    Who { user: stop::CHASE.to_owned(), ..Who::system("chase") }
}

pub(super) fn entry(kind: &str, case: &CaseRef) -> Entry {
    Entry::new(kind, format!("chase:{}", case.id)).case(case.id).region(&case.region)
}
