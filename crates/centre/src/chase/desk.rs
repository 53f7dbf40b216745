//! Follows the money: asks, attributes, stops the next accounts, level by level, until nothing flows.
//!
//! The desk reacts to the journal. A submitted report starts a chase; each answer of a bank moves it on. The reaction
//! notes only that a case has moved; [`super::turn`] does the work, in pieces, case by case. What is known of a case is
//! kept in memory under a version that the database counts: after a failure or a restart, or when another process moved
//! the case, it is built anew from the payments and the answered queries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kernel::{OrderId, ReportId, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Db, Result, Tx, Who};
use trace::{AccountKey, Traced};
use wire::{OrderKind, PartnerId};

use super::flow::{Known, Payment, account_key, sum_minor};
use super::read::{Decided, OrderBrief, Waits};
use super::store as rows;
use super::store::{AccountFigures, Chase, ChaseState, TransferFigures};
use super::{plan, read, texts};
use crate::stop::{self, Basis, CaseRef, NewOrder};

/// Cases kept in memory.
const CASES_KEPT_MAX: usize = 1_024;
/// Cases with many movements kept in memory.
const LARGE_KEPT_MAX: usize = 8;
/// Movements from which a case is large.
const LARGE: usize = 5_000;

/// The chase desk.
#[derive(Clone)]
pub struct Desk {
    pub(super) stop: stop::Desk,
    kept: Arc<Mutex<HashMap<ReportId, Kept>>>,
}

/// What is kept of a case in memory.
pub(super) struct Kept {
    pub(super) version: i64,
    pub(super) known: Known,
    orders: HashMap<OrderId, OrderBrief>,
    by_account: HashMap<AccountKey, Vec<OrderId>>,
    pub(super) accounts: HashMap<AccountKey, AccountFigures>,
    pub(super) transfers: HashMap<String, TransferFigures>,
    /// The last decision of a person about each account.
    pub(super) decisions: HashMap<AccountKey, Decided>,
    /// Decisions that are not in the database yet.
    pub(super) decisions_new: Vec<(AccountKey, Decided)>,
    /// When each payment became known.
    pub(super) added_at: HashMap<String, Timestamp>,
    /// Orders that the stop desk would not make: account and why; not tried again before something moves there.
    pub(super) not_made: HashMap<AccountKey, (usize, String)>,
    /// What waits for a person, as the database has it.
    pub(super) waits: Waits,
}

impl Kept {
    /// The orders about one account, the oldest first.
    pub(super) fn orders_of<'a>(&'a self, account: &AccountKey) -> impl Iterator<Item = &'a OrderBrief> {
        self.by_account.get(account).into_iter().flatten().filter_map(|id| self.orders.get(id))
    }

    /// Whether every payment could be followed and every order made: what is known then is all that can be.
    pub(super) fn lacks_nothing(&self) -> bool {
        self.not_made.is_empty() && self.known.unfit.is_empty()
    }

    /// Whether the order is known already.
    pub(super) fn has_order(&self, id: OrderId) -> bool {
        self.orders.contains_key(&id)
    }

    /// How many orders the case has.
    pub(super) fn orders_len(&self) -> usize {
        self.orders.len()
    }

    /// How many of them the chase made by itself.
    pub(super) fn orders_of_chase(&self) -> usize {
        self.orders.values().filter(|order| order.maker == stop::CHASE).count()
    }

    /// Orders that follow the money and wait for a checker or a bank, and lifts that are on their way. A lift that waits
    /// for a checker does not keep a chase running.
    pub(super) fn open(&self) -> usize {
        use stop::model::State;
        let follows =
            |o: &&OrderBrief| matches!(o.kind, OrderKind::Stop | OrderKind::QueryHolder | OrderKind::QueryTransactions);
        self.orders.values().filter(|o| o.state == State::Sent || (o.state == State::Review && follows(o))).count()
    }

    /// What a person decided about the account and has not taken back by ordering a hold since: a lift or release that he
    /// approved, a hold that he refused or took back.
    pub(super) fn decided(&self, account: &AccountKey) -> Option<&Decided> {
        use stop::model::State;
        let decided = self.decisions.get(account)?;
        let ordered_again = self.orders_of(account).any(|o| {
            matches!(o.kind, OrderKind::Stop | OrderKind::Freeze)
                && o.checker.is_some()
                && o.decided_at > Some(decided.at)
                && !matches!(o.state, State::Review | State::Refused | State::Cancelled)
        });
        (!ordered_again).then_some(decided)
    }

    pub(super) fn put(&mut self, brief: OrderBrief) {
        self.not_made.remove(&brief.account);
        if let Some((account, decided)) = self.decision_in(&brief) {
            self.decisions.insert(account.clone(), decided.clone());
            self.decisions_new.push((account, decided));
        }
        if !self.orders.contains_key(&brief.id) {
            self.by_account.entry(brief.account.clone()).or_default().push(brief.id);
        }
        self.orders.insert(brief.id, brief);
    }

    /// The decision of a person that an order carries, if it is not known yet. What had come in then is what the figures
    /// showed: whatever becomes known later is new.
    fn decision_in(&self, brief: &OrderBrief) -> Option<(AccountKey, Decided)> {
        use stop::model::State;
        let refused = matches!(brief.kind, OrderKind::Stop | OrderKind::Freeze)
            && matches!(brief.state, State::Refused | State::Cancelled);
        let released = matches!(brief.kind, OrderKind::LiftStop | OrderKind::LiftFreeze)
            && !matches!(brief.state, State::Review | State::Refused | State::Cancelled);
        let (by, at) = (brief.checker.clone()?, brief.decided_at?);
        let known = self.decisions.get(&brief.account);
        if !(refused || released) || known.is_some_and(|known| known.order == brief.id || known.at > at) {
            return None;
        }
        let reason = if released { brief.reason.clone() } else { brief.decision_reason.clone().unwrap_or_default() };
        let received_minor = self.accounts.get(&brief.account).map_or(0, |figures| figures.received_minor);
        let decided = Decided { order: brief.id, number: brief.number.clone(), by, at, reason, received_minor };
        Some((brief.account.clone(), decided))
    }

    /// With what orders tell that were heard of, in the order in which they were answered: what is built anew is what a desk
    /// knows that has seen one answer after the other.
    fn hear(mut self, heard: Vec<OrderBrief>, told: &Told) -> Self {
        let mut by_answer: Vec<&OrderBrief> = heard.iter().collect();
        by_answer.sort_by_key(|brief| brief.answered_at);
        for brief in by_answer {
            learn(&mut self.known, brief, told);
        }
        for brief in heard {
            self.put(brief);
        }
        self
    }

    /// Adds payments that became known.
    fn add_sources(&mut self, sources: Vec<(Payment, Timestamp)>) {
        for (payment, added_at) in sources {
            if self.added_at.contains_key(&payment.id) {
                continue;
            }
            self.added_at.insert(payment.id.clone(), added_at);
            self.known.add_payment(&payment);
        }
    }
}

/// The public part of an entry about payments.
fn paid(currency: &str, payments: &[Payment]) -> serde_json::Value {
    json!({ "payments": payments.len(), "currency": currency, "reported_minor": sum_minor(payments) })
}

impl Desk {
    /// A desk that issues its orders through the stop desk.
    pub fn new(stop: stop::Desk) -> Self {
        Self { stop, kept: Arc::default() }
    }

    /// Starts a chase, or adds payments to one that runs. A turn does the rest.
    pub async fn start(&self, tx: &mut Tx, case: &CaseRef, currency: &str, payments: &[Payment]) -> Result<()> {
        if self.add_payments(tx, case, currency, payments).await? {
            self.touch(tx, case.id, None).await?;
        }
        Ok(())
    }

    /// As [`Desk::start`], without the note; says whether the case has moved and needs one.
    pub(crate) async fn add_payments(
        &self,
        tx: &mut Tx,
        case: &CaseRef,
        currency: &str,
        payments: &[Payment],
    ) -> Result<bool> {
        let started = rows::start(tx, case, currency).await?;
        let kind = if started { "chase.started" } else { "chase.payments_added" };
        let (mut added, mut added_minor) = (0_usize, 0_i64);
        for payment in payments {
            if rows::add_source(tx, case.id, payment).await? {
                added += 1;
                added_minor = added_minor.saturating_add(payment.amount_minor);
            }
        }
        rows::add_reported(tx, case.id, added_minor).await?;
        if !started && added == 0 {
            return Ok(false);
        }
        tx.append(entry(kind, case, paid(currency, payments)), &who()).await?;
        // What a person holds he is told of; it stays as he left it.
        if !started && rows::is_paused(tx, case.id).await? {
            let said = texts::PAUSED_WITH_NEWS.say(&[("count", &added.to_string())]);
            rows::put_wait_beside(tx, case.id, plan::PAUSED_WITH_NEWS, "", &said).await?;
        }
        Ok(true)
    }

    /// Starts chases of cases that have none yet, without the notes that they have moved.
    pub(crate) async fn begin_all(&self, tx: &mut Tx, chases: &[(CaseRef, String, Vec<Payment>)]) -> Result<()> {
        rows::start_all(tx, chases).await?;
        for (case, currency, payments) in chases {
            tx.append(entry("chase.started", case, paid(currency, payments)), &who()).await?;
        }
        Ok(())
    }

    /// Notes in the caller's transaction that a case has moved, or an order of it.
    pub async fn touch(&self, tx: &mut Tx, case_id: ReportId, order: Option<OrderId>) -> Result<()> {
        rows::note_moved(tx, case_id, order).await
    }

    /// A case whose report was closed, or joined to another, is held: nothing new is ordered by itself.
    pub(crate) async fn hold(&self, tx: &mut Tx, case_id: ReportId, reason: &str) -> Result<()> {
        let Some(chase) = rows::take(tx, case_id).await?.filter(|chase| chase.state != ChaseState::Paused) else {
            return Ok(());
        };
        rows::set_state(tx, case_id, chase.state, ChaseState::Paused).await?;
        let body = json!({ "reason": reason });
        tx.append(entry("chase.paused", &chase.case, body), &Who::system("chase")).await
    }

    /// Takes what is kept of a case out of memory.
    pub(super) fn take_kept(&self, case_id: ReportId) -> Option<Kept> {
        self.kept.lock().ok().and_then(|mut all| all.remove(&case_id))
    }

    /// Puts what is known of a case into memory.
    pub(super) fn put_kept(&self, case_id: ReportId, kept: Kept) {
        let large = |kept: &Kept| kept.known.flow.movements() >= LARGE;
        if let Ok(mut all) = self.kept.lock() {
            let other = if large(&kept) && all.values().filter(|kept| large(kept)).count() >= LARGE_KEPT_MAX {
                all.iter().find(|(_, kept)| large(kept)).map(|(id, _)| *id)
            } else if all.len() >= CASES_KEPT_MAX {
                all.keys().next().copied()
            } else {
                None
            };
            if let Some(other) = other {
                all.remove(&other);
            }
            all.insert(case_id, kept);
        }
    }

    /// How heavy a turn of a case is, as far as it is in memory: lines told, and orders.
    pub(super) fn weight_kept(&self, case_id: ReportId) -> Option<i64> {
        let all = self.kept.lock().ok()?;
        let kept = all.get(&case_id)?;
        i64::try_from(kept.known.flow.movements() + 4 * kept.orders.len()).ok()
    }

    /// What is kept of each case if its version is the database's, else built anew; with what has moved since. Reads what
    /// is committed and holds no transaction.
    pub(super) async fn known(&self, db: &Db, cases: &[(&Chase, &rows::Moved)]) -> Result<Vec<Kept>> {
        let mut found: Vec<Option<Kept>> = cases
            .iter()
            .map(|(chase, _)| self.take_kept(chase.case.id).filter(|kept| kept.version == chase.version))
            .collect();
        let case_ids = |wanted: &dyn Fn(&Option<Kept>, &Chase, &rows::Moved) -> bool| -> Vec<ReportId> {
            let wanted = found.iter().zip(cases).filter(|(kept, (chase, moved))| wanted(kept, chase, moved));
            wanted.map(|(_, (chase, _))| chase.case.id).collect()
        };
        let anew = case_ids(&|kept, _, _| kept.is_none());
        // A case that never had a turn has no figures.
        let figured = case_ids(&|kept, chase, _| kept.is_none() && chase.version > 0);
        let paid = case_ids(&|kept, _, moved| kept.is_none() || moved.iter().any(|(order, _)| order.is_empty()));
        let moved: Vec<String> = found
            .iter()
            .zip(cases)
            .filter(|(kept, _)| kept.is_some())
            .flat_map(|(_, (_, moved))| moved.iter().filter(|(id, _)| !id.is_empty()).map(|(id, _)| id.clone()))
            .collect();
        let mut waits = read::waits(db, &anew).await?;
        let mut figures = read::figures(db, &figured).await?;
        let mut decisions = read::decisions(db, &figured).await?;
        let mut sources = read::sources(db, &paid).await?;
        let mut briefs = read::briefs(db, &anew).await?;
        let mut moved = read::committed_briefs(db, &moved).await?;
        let mut heard: Vec<Vec<OrderBrief>> = Vec::with_capacity(cases.len());
        for (kept, (chase, notes)) in found.iter_mut().zip(cases) {
            let case_id = chase.case.id;
            heard.push(match kept {
                Some(_) => notes.iter().filter_map(|(id, _)| moved.remove(id)).collect(),
                None => briefs.remove(&case_id).unwrap_or_default(),
            });
            let kept = kept.get_or_insert_with(|| {
                let (accounts, transfers) = figures.remove(&case_id).unwrap_or_default();
                Kept {
                    version: chase.version,
                    known: Known::default(),
                    orders: HashMap::new(),
                    by_account: HashMap::new(),
                    accounts,
                    transfers,
                    decisions: decisions.remove(&case_id).unwrap_or_default().into_iter().collect(),
                    decisions_new: Vec::new(),
                    added_at: HashMap::new(),
                    not_made: HashMap::new(),
                    waits: waits.remove(&case_id).unwrap_or_default(),
                }
            });
            kept.add_sources(sources.remove(&case_id).unwrap_or_default());
        }
        let found: Vec<Kept> = found.into_iter().flatten().collect();
        let unlearned: Vec<OrderId> = found
            .iter()
            .zip(&heard)
            .flat_map(|(kept, heard)| {
                heard.iter().filter(|brief| is_to_learn(&kept.known, brief)).map(|brief| brief.id)
            })
            .collect();
        let mut told = Told { answered: stop::committed(db, &unlearned).await?, pushed: HashMap::new() };
        for (kept, heard) in found.iter().zip(&heard) {
            for watch in heard.iter().filter(|brief| brief.kind == OrderKind::Watch) {
                let after = kept.known.pushed.get(&watch.id).copied().unwrap_or(-1);
                let (movements, last) = stop::pushed_after(db, watch.id, after).await?;
                if !movements.is_empty()
                    && let Some(order) = stop::committed(db, &[watch.id]).await?.remove(&watch.id)
                {
                    told.pushed.insert(watch.id, (order, movements, last));
                }
            }
        }
        beside(told.lines(), move || {
            found.into_iter().zip(heard).map(|(kept, heard)| kept.hear(heard, &told)).collect()
        })
        .await
    }

    /// A stop by hand for what an account still holds of the victim's money, checked against a transfer into it, with
    /// every transfer on which it rests.
    pub(super) async fn by_hand(
        &self,
        db: &Db,
        chase: &Chase,
        found: &AccountFigures,
    ) -> Result<Option<(NewOrder, Basis)>> {
        let account = account_key(&found.bank, &found.account);
        let chase =
            rows::committed(db, &[chase.case.id]).await?.remove(&chase.case.id).unwrap_or_else(|| chase.clone());
        let Some(kept) = self.known(db, &[(&chase, &Vec::new())]).await?.pop() else { return Ok(None) };
        let traced = kept.known.flow.trace();
        let stops = kept.orders_of(&account).filter(|o| o.kind == OrderKind::Stop).count();
        let level = u32::try_from(found.level).unwrap_or(1);
        let order = plan::about(&chase, &account, level).map(|mut order| {
            order.account_name = found.name.clone();
            order.amount_minor = Some(found.remaining_minor.max(1));
            let grounds = plan::grounds(&kept, &traced, &account);
            order.check = plan::check_of(&grounds, &chase.currency, stops);
            (order, Basis { grounds, news: None })
        });
        self.put_kept(chase.case.id, kept);
        Ok(order)
    }

    /// Whether orders about the account can be given at all.
    pub(super) fn reachable(&self, account: &AccountKey) -> bool {
        PartnerId::parse(&account.bank).is_ok_and(|partner| self.stop.post.knows(&partner))
            && kernel::AccountNo::parse(&account.number).is_ok()
    }
}

/// Whether an order carries an answer that the case has not learned from yet.
fn is_to_learn(known: &Known, brief: &OrderBrief) -> bool {
    matches!(brief.kind, OrderKind::QueryTransactions | OrderKind::QueryHolder)
        && brief.answer_code.is_some()
        && !known.has_learned(brief.id)
}

/// What banks have told and cases have not learned yet.
struct Told {
    answered: HashMap<OrderId, stop::StopOrder>,
    /// By watch: the order, the movements, and the position of the last.
    pushed: HashMap<OrderId, (stop::StopOrder, Vec<wire::Movement>, i64)>,
}

impl Told {
    /// How many lines it has.
    fn lines(&self) -> usize {
        let answers = self.answered.values().filter_map(|order| order.answer.as_ref()?.transactions.as_ref());
        let pushes = self.pushed.values().map(|(_, movements, _)| movements);
        answers.chain(pushes).map(Vec::len).sum()
    }
}

/// Lines from which work takes long enough to be done beside the threads on which everybody else is served.
const LONG: usize = 1_000;

/// Does work that takes as long as there are lines. Much of it must not hold up the thread on which the lanes and others
/// take turns: a worker whose thread is taken looks silent, and the seat unhealthy.
pub(super) async fn beside<T: Send + 'static>(lines: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    if lines < LONG {
        return Ok(work());
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(stopped) => Err(store::Error::Database(sqlx::Error::Io(std::io::Error::other(stopped)))),
        },
    }
}

/// Adds what an answered query tells, and what a bank pushed about a watched account.
fn learn(known: &mut Known, brief: &OrderBrief, told: &Told) {
    if is_to_learn(known, brief)
        && let Some(order) = told.answered.get(&brief.id)
        && let Some(answer) = &order.answer
    {
        known.add_answer(order, answer, brief.lines_refused);
    }
    if brief.kind == OrderKind::Watch {
        if let Some((order, pushed, last)) = told.pushed.get(&brief.id) {
            known.add_pushed(order, pushed, *last);
        }
        if let Some(at) = brief.lines_refused_at {
            let from = brief.decided_at.unwrap_or(at);
            known.add_not_kept(brief.id, &brief.account, from, at, brief.lines_refused);
        }
    }
}

/// Whose money is where, by all that is known of a case.
pub(super) fn traced(kept: &Kept) -> Traced {
    kept.known.flow.trace()
}

/// The desk acting by itself; standing rules know it by this name.
pub(super) fn who() -> Who {
    Who { user: stop::CHASE.to_owned(), ..Who::system("chase") }
}

/// An entry about a chase; its body is an object.
pub(super) fn entry(kind: &str, case: &CaseRef, mut body: serde_json::Value) -> Entry {
    // People know a chase by the number of its case.
    if let Some(body) = body.as_object_mut() {
        body.insert("case_number".to_owned(), case.number.clone().into());
    }
    Entry::new(kind, format!("chase:{}", case.id)).case(case.id).region(&case.region).body(&body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn long_work_leaves_its_thread_to_others() {
        let (tell, told) = std::sync::mpsc::channel();
        // The runtime has one thread: what waits on it here keeps the other half from ever telling.
        let work = beside(LONG, move || told.recv_timeout(std::time::Duration::from_secs(20)).is_ok());
        let (heard, ()) = tokio::join!(work, async move { tell.send(()).unwrap() });
        assert!(heard.unwrap());
    }
}
