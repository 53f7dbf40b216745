//! The chase at work: case by case in turns, each in pieces, so that no case waits for another's backlog.
//!
//! A turn reads what is committed, works out what follows outside of any transaction, and writes it in short ones: on
//! SQLite everybody else waits for the one who writes. Cases take turns: the one whose last turn lies furthest back comes
//! first, and a case that never had one before all others. Cases about which banks have told much have a lane of their
//! own; the many small ones share a transaction.
//!
//! Invariant: a piece is written only if the case stands as the turn has seen it, so a person who pauses a chase or a
//! second process is never overtaken.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration as StdDuration;

use kernel::ReportId;
use serde_json::json;
use store::{Db, Result, Tx};
use tokio::time::Instant;
use trace::Traced;

use super::desk::{Desk, Kept, beside, entry, traced, who};
use super::figures::{self, Change};
use super::plan::{self, Plan};
use super::read;
use super::store as rows;
use super::store::Chase;
use super::texts;
use crate::stop::{self, Refusal};

/// How long a lane sleeps at most before it looks for cases that another process has moved.
const LOOK_AGAIN: StdDuration = StdDuration::from_millis(250);
/// Cases looked at to choose the next ones.
const CHOICE_MAX: i64 = 1_000;
/// Light cases read together and worked on in one round at most.
const GROUP_MAX: usize = 48;
/// Of them, those in one transaction at most.
const PIECE_MAX: usize = 24;
/// Fewest of them.
const PIECE_LEAST: usize = 4;
/// How long a transaction takes on further cases: everybody else who writes waits for it.
const PIECE_TIME: StdDuration = StdDuration::from_millis(25);
/// Orders made in one transaction at most.
const ORDERS_AT_ONCE: usize = 8;
/// Orders that a heavy case makes in one turn at most, in several transactions.
const ORDERS_A_TURN: usize = 64;
/// Rows of figures written in one transaction at most.
const ROWS_AT_ONCE: usize = 200;
/// Notes of what has moved that one turn works on at most.
const MOVED_AT_ONCE: usize = 256;
/// Lines and orders from which a case is heavy.
const HEAVY: i64 = 1_500;
/// After how many failures in a row a person is told.
const FAILURES_SHOWN: u32 = 6;
/// How long a lane may be silent before the seat counts as unhealthy: a large case may be built anew meanwhile.
const SILENT_MAX: StdDuration = StdDuration::from_secs(180);
/// Cases whose last turn is remembered.
const ROUNDS_REMEMBERED_MAX: usize = 100_000;
/// The longest pause between two tries of a case that fails.
const PAUSE_MAX: StdDuration = StdDuration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Light,
    Heavy,
}

/// Who had turns when, and which cases fail.
#[derive(Default)]
struct Rounds {
    turn: u64,
    last: HashMap<ReportId, u64>,
    failures: HashMap<ReportId, (u32, Instant)>,
    /// One case at a time, after a group has failed: the bad one must not hold up the others.
    alone: usize,
    /// Light cases of the next transaction: about as many as had time in the last one.
    piece: usize,
}

/// A case read, with what follows.
struct Prepared {
    chase: Chase,
    kept: Kept,
    traced: Traced,
    plan: Plan,
    moved: rows::Moved,
    /// Whether another turn follows.
    again: bool,
}

/// What the lanes know together.
#[derive(Default)]
struct Lanes {
    /// Worked on at this moment.
    busy: HashSet<ReportId>,
    /// Found heavy by the lane of the light ones, which weighs each case once; the other lane weighs nothing.
    heavy: HashSet<ReportId>,
}

/// Cases marked as being worked on; whatever happens, they are free again when this goes.
struct Marked<'a> {
    lanes: &'a Mutex<Lanes>,
    cases: Vec<ReportId>,
}

impl Drop for Marked<'_> {
    fn drop(&mut self) {
        let mut lanes = locked(self.lanes);
        for case_id in &self.cases {
            lanes.busy.remove(case_id);
            lanes.heavy.remove(case_id);
        }
    }
}

fn locked(lanes: &Mutex<Lanes>) -> MutexGuard<'_, Lanes> {
    lanes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The turns of one lane, round by round; [`Desk::run`] runs both lanes for ever.
pub struct Turns {
    desk: Desk,
    db: Db,
    lane: Lane,
    rounds: Rounds,
    lanes: Arc<Mutex<Lanes>>,
}

impl Turns {
    /// Works on the cases whose turn it is.
    ///
    /// # Errors
    /// The database could not be asked which cases have moved.
    pub async fn round(&mut self) -> Result<Round> {
        self.desk.round(&self.db, self.lane, &mut self.rounds, &self.lanes).await
    }

    /// Name of the lane as a worker.
    pub const fn name(&self) -> &'static str {
        match self.lane {
            Lane::Light => "chase.turns",
            Lane::Heavy => "chase.turns.heavy",
        }
    }

    async fn for_ever(mut self) {
        let (db, name) = (self.db.clone(), self.name());
        let worker = db.worker(name, SILENT_MAX);
        loop {
            let seen = db.commits();
            match self.round().await {
                Ok(Round::Worked) => worker.round(),
                Ok(Round::Nothing) => {
                    worker.round();
                    db.changed(seen, LOOK_AGAIN).await;
                }
                // A case that fails by its content is shown to people; it does not make the seat unhealthy.
                Ok(Round::Failed(error)) if error.is_transient() => worker.failed(&error),
                Ok(Round::Failed(_)) => worker.round(),
                Err(error) => {
                    worker.failed(&error);
                    tracing::warn!(lane = name, %error, "the chase could not look for what has moved");
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
    }
}

/// What a round came to.
#[derive(Debug)]
pub enum Round {
    /// Cases were worked on; there may be more.
    Worked,
    /// There was nothing to do.
    Nothing,
    /// A case failed; it is tried again after a pause.
    Failed(store::Error),
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Written,
    /// Somebody else has changed the case meanwhile.
    Stale,
}

impl Desk {
    /// Works on cases as they move, until the future is dropped.
    pub async fn run(self, db: Db) {
        let [light, heavy] = self.turns(&db);
        tokio::join!(light.for_ever(), heavy.for_ever());
    }

    /// The turns of both lanes, light cases first.
    pub fn turns(&self, db: &Db) -> [Turns; 2] {
        let lanes: Arc<Mutex<Lanes>> = Arc::default();
        [Lane::Light, Lane::Heavy].map(|lane| Turns {
            desk: self.clone(),
            db: db.clone(),
            lane,
            rounds: Rounds::default(),
            lanes: lanes.clone(),
        })
    }

    /// Works on every case that has moved until none is left; gives up at the first failure.
    ///
    /// # Errors
    /// The database.
    pub async fn work_off(&self, db: &Db) -> Result<()> {
        while let Some(case_id) = rows::cases_moved(db, 1).await?.first().copied() {
            self.turn(db, case_id).await?;
        }
        Ok(())
    }

    /// Works on one case until nothing of it has moved any more.
    ///
    /// # Errors
    /// The database.
    pub async fn work_on(&self, db: &Db, case_id: ReportId) -> Result<()> {
        while !read::moved(db, &[case_id], 1).await?.is_empty() {
            self.turn(db, case_id).await?;
        }
        Ok(())
    }

    /// One round of a lane.
    async fn round(&self, db: &Db, lane: Lane, rounds: &mut Rounds, lanes: &Mutex<Lanes>) -> Result<Round> {
        let marked = self.choose(db, lane, rounds, lanes).await?;
        let chosen = marked.cases.clone();
        if chosen.is_empty() {
            return Ok(Round::Nothing);
        }
        rounds.turn += 1;
        for case_id in &chosen {
            rounds.last.insert(*case_id, rounds.turn);
        }
        let outcome = match (lane, chosen.as_slice()) {
            (Lane::Light, several @ [_, _, ..]) => self.group(db, several, &mut rounds.piece).await,
            (_, one) => match one.first() {
                Some(case_id) => self.turn(db, *case_id).await.map_err(|error| (*case_id, error)),
                None => Ok(()),
            },
        };
        drop(marked);
        rounds.alone = rounds.alone.saturating_sub(1);
        if rounds.last.len() > ROUNDS_REMEMBERED_MAX {
            rounds.last.clear();
        }
        match outcome {
            Ok(()) => {
                for case_id in &chosen {
                    rounds.failures.remove(case_id);
                }
                Ok(Round::Worked)
            }
            Err((case_id, error)) => {
                rounds.alone = GROUP_MAX;
                self.failed(db, rounds, case_id, &error).await;
                Ok(Round::Failed(error))
            }
        }
    }

    /// The cases whose turn it is, marked as being worked on.
    async fn choose<'a>(&self, db: &Db, lane: Lane, rounds: &Rounds, lanes: &'a Mutex<Lanes>) -> Result<Marked<'a>> {
        let now = Instant::now();
        let mut waiting = rows::cases_moved(db, CHOICE_MAX).await?;
        {
            let known = locked(lanes);
            let waits = |case_id: &ReportId| rounds.failures.get(case_id).is_none_or(|(_, until)| *until <= now);
            // An answer of many lines that is not in memory yet makes a case heavy as well: it is the heaviest part of
            // its turn. That is found where it is weighed.
            let heavy = |case_id: &ReportId| {
                known.heavy.contains(case_id) || self.weight_kept(*case_id).is_some_and(|weight| weight >= HEAVY)
            };
            waiting.retain(|case_id| {
                waits(case_id) && !known.busy.contains(case_id) && heavy(case_id) == (lane == Lane::Heavy)
            });
        }
        waiting.sort_by_key(|case_id| rounds.last.get(case_id).copied().unwrap_or(0));
        let most = if lane == Lane::Heavy || rounds.alone > 0 { 1 } else { GROUP_MAX };
        let mut chosen = Marked { lanes, cases: Vec::new() };
        let mut waiting = waiting.into_iter().peekable();
        while chosen.cases.len() < most && waiting.peek().is_some() {
            let next: Vec<ReportId> = waiting.by_ref().take(most - chosen.cases.len()).collect();
            // The lane of the light ones weighs each case; what it found heavy the other takes unweighed.
            let weights = if lane == Lane::Heavy { HashMap::new() } else { read::weights(db, &next).await? };
            let mut known = locked(lanes);
            for case_id in next {
                if weights.get(&case_id).is_some_and(|weight| *weight >= HEAVY) {
                    known.heavy.insert(case_id);
                } else if known.busy.insert(case_id) {
                    chosen.cases.push(case_id);
                }
            }
        }
        Ok(chosen)
    }

    async fn failed(&self, db: &Db, rounds: &mut Rounds, case_id: ReportId, error: &store::Error) {
        let (count, until) = rounds.failures.entry(case_id).or_insert((0, Instant::now()));
        *count += 1;
        let pause = StdDuration::from_millis(20).saturating_mul(1 << (*count).min(12)).min(PAUSE_MAX);
        *until = Instant::now() + pause;
        tracing::warn!(case = %case_id, failures = *count, %error, "a turn of a chase failed");
        if *count >= FAILURES_SHOWN {
            let said = texts::STUCK.say(&[("count", &count.to_string()), ("why", &error.to_string())]);
            let shown = async {
                let mut tx = db.begin().await?;
                rows::put_wait_beside(&mut tx, case_id, plan::STUCK, "", &said).await?;
                tx.commit().await
            };
            if let Err(error) = shown.await {
                tracing::error!(case = %case_id, %error, "a chase that fails could not be shown to people");
            }
        }
    }

    /// Reads cases and works out what follows. Nothing is read of a case that has no chase.
    async fn prepare(&self, db: &Db, cases: &[ReportId]) -> Result<Vec<Prepared>> {
        let mut moved = read::moved(db, cases, MOVED_AT_ONCE).await?;
        let mut chases = rows::committed(db, cases).await?;
        let mut following = Vec::with_capacity(cases.len());
        for case_id in cases {
            let mut notes = moved.remove(case_id).unwrap_or_default();
            match chases.remove(case_id) {
                Some(chase) => following.push((chase, notes)),
                None => {
                    let mut tx = db.begin().await?;
                    rows::forget_moved(&mut tx, *case_id, &mut notes).await?;
                    tx.commit().await?;
                }
            }
        }
        let asked: Vec<(&Chase, &rows::Moved)> = following.iter().map(|(chase, moved)| (chase, moved)).collect();
        let known = self.known(db, &asked).await?;
        let now = db.clock().now();
        let lines = known.iter().map(|kept| kept.known.flow.movements()).sum();
        let desk = self.clone();
        let prepare = move |((chase, moved), kept): ((Chase, rows::Moved), Kept)| {
            let traced = traced(&kept);
            let plan = plan::plan(&desk, &chase, &kept, &traced, now);
            Prepared { chase, kept, traced, plan, moved, again: false }
        };
        beside(lines, move || following.into_iter().zip(known).map(prepare).collect()).await
    }

    /// One turn of one case, in as many short transactions as it needs.
    async fn turn(&self, db: &Db, case_id: ReportId) -> Result<()> {
        let Some(mut prepared) = self.prepare(db, &[case_id]).await?.pop() else { return Ok(()) };
        let mut made = 0;
        loop {
            let mut tx = db.begin().await?;
            if self.advance(&mut tx, &mut prepared).await? == Piece::Stale {
                tx.rollback().await?;
                return Ok(());
            }
            let now_made = self.make_orders(&mut tx, &mut prepared, ORDERS_AT_ONCE).await?;
            made += now_made;
            let last = now_made < ORDERS_AT_ONCE || made >= ORDERS_A_TURN || prepared.plan.room == 0;
            if !last {
                tx.commit().await?;
                continue;
            }
            // A case of few rows ends its turn here; the rows of a heavy one follow in pieces.
            let (desk, lines) = (self.clone(), prepared.kept.known.flow.movements());
            let computed = beside(lines, move || {
                let computed = figures::compute(&desk, &prepared.kept, &prepared.traced);
                (prepared, computed)
            });
            let (sum, changes);
            (prepared, (sum, changes)) = computed.await?;
            let mut pieces = changes.chunks(ROWS_AT_ONCE);
            if let Some(first) = pieces.next() {
                self.write(&mut tx, &mut prepared, first).await?;
            }
            for piece in pieces {
                tx.commit().await?;
                tx = db.begin().await?;
                if self.advance(&mut tx, &mut prepared).await? == Piece::Stale {
                    tx.rollback().await?;
                    return Ok(());
                }
                self.write(&mut tx, &mut prepared, piece).await?;
            }
            self.finish(&mut tx, &mut prepared, sum).await?;
            settle_notes(&mut tx, &mut prepared).await?;
            tx.commit().await?;
            self.put_kept(case_id, prepared.kept);
            return Ok(());
        }
    }

    /// One turn of several light cases, in a few short transactions. What was read of them serves them all, however little
    /// time each transaction has: a seat that falls behind must not read more for each case than one that keeps up.
    ///
    /// Two processes and the reaction to the journal take what they need in one order, so that none waits for the other:
    /// first the rows of all cases, case by case; then the name of the makers of orders; at the end the notes.
    async fn group(
        &self,
        db: &Db,
        cases: &[ReportId],
        piece: &mut usize,
    ) -> std::result::Result<(), (ReportId, store::Error)> {
        let Some(first) = cases.first().copied() else { return Ok(()) };
        // Where one cannot be read, each is read alone in the next rounds, and only the bad one waits.
        let prepared = self.prepare(db, cases).await.map_err(|error| (first, error))?;
        let mut rest: VecDeque<Prepared> = prepared.into();
        while let Some(first) = rest.front().map(|p| p.chase.case.id) {
            *piece = (*piece).clamp(PIECE_LEAST, PIECE_MAX);
            let order: Vec<ReportId> = rest.iter().take(*piece).map(|p| p.chase.case.id).collect();
            let mut some: Vec<Prepared> = rest.drain(..order.len()).collect();
            some.sort_by_key(|p| p.chase.case.id);
            let mut tx = db.begin().await.map_err(|error| (first, error))?;
            let mut taken = Vec::with_capacity(some.len());
            for mut case in some {
                let case_id = case.chase.case.id;
                if self.advance(&mut tx, &mut case).await.map_err(|error| (case_id, error))? == Piece::Written {
                    taken.push(case);
                }
            }
            // Worked on in the order in which they were chosen.
            taken.sort_by_key(|p| order.iter().position(|case_id| *case_id == p.chase.case.id));
            let began = Instant::now();
            let mut worked_on = 0;
            for case in &mut taken {
                if worked_on > 0 && began.elapsed() > PIECE_TIME {
                    break;
                }
                self.whole(&mut tx, case).await.map_err(|error| (case.chase.case.id, error))?;
                worked_on += 1;
            }
            // They keep their notes, and have their turn in the next transaction.
            let late = taken.split_off(worked_on);
            *piece = if late.is_empty() { piece.saturating_mul(2) } else { worked_on };
            taken.sort_by_key(|p| p.chase.case.id);
            for case in &mut taken {
                settle_notes(&mut tx, case).await.map_err(|error| (case.chase.case.id, error))?;
            }
            tx.commit().await.map_err(|error| (first, error))?;
            for case in taken {
                self.put_kept(case.chase.case.id, case.kept);
            }
            late.into_iter().rev().for_each(|case| rest.push_front(case));
        }
        Ok(())
    }

    /// What a light case needs in the caller's transaction, which has taken its row; what does not fit into it follows in
    /// the next turn.
    async fn whole(&self, tx: &mut Tx, case: &mut Prepared) -> Result<()> {
        self.make_orders(tx, case, ORDERS_AT_ONCE).await?;
        let (sum, changes) = figures::compute(self, &case.kept, &case.traced);
        self.write(tx, case, &changes).await?;
        self.finish(tx, case, sum).await
    }

    /// Counts the version on if the case stands as it was seen, and keeps what people have decided.
    async fn advance(&self, tx: &mut Tx, case: &mut Prepared) -> Result<Piece> {
        let id = case.chase.case.id;
        let Some(version) = rows::advance(tx, id, case.kept.version, case.chase.state).await? else {
            return Ok(Piece::Stale);
        };
        case.kept.version = version;
        for (account, decided) in std::mem::take(&mut case.kept.decisions_new) {
            rows::put_decision(tx, id, &account, &decided).await?;
        }
        Ok(Piece::Written)
    }

    /// Makes the next orders of the plan; gives how many.
    async fn make_orders(&self, tx: &mut Tx, case: &mut Prepared, most: usize) -> Result<usize> {
        let most = most.min(case.plan.room).min(case.plan.orders.len());
        let next: Vec<_> = case.plan.orders.drain(..most).collect();
        let mut made = 0;
        for planned in next {
            match self.stop.make_on(tx, &who(), planned.order, planned.basis).await {
                // An order that the plan has seen would be made again and again, and nobody would know.
                Ok(id) if case.kept.has_order(id) => {
                    made += 1;
                    let number = read::one_brief(tx, id).await?.map_or_else(|| id.to_string(), |brief| brief.number);
                    let said = texts::ORDER_KNOWN.say(&[("number", &number)]);
                    self.not_made(tx, case, planned.account, vec![said.code], said.zh).await?;
                }
                Ok(id) => {
                    made += 1;
                    case.plan.room -= 1;
                    if let Some(brief) = read::one_brief(tx, id).await? {
                        case.kept.put(brief);
                    }
                }
                Err(Refusal::Store(error)) => return Err(error),
                Err(refusal) => {
                    let (codes, why): (Vec<String>, String) = match refusal {
                        Refusal::Faults(faults) => (
                            faults.0.iter().map(|f| f.said.code.clone()).collect(),
                            faults.0.into_iter().map(|f| f.said.zh).collect::<Vec<_>>().join("；"),
                        ),
                        Refusal::Conflict(said) => (vec![said.code], said.zh),
                        Refusal::Store(_) => (Vec::new(), String::new()),
                    };
                    self.not_made(tx, case, planned.account, codes, why).await?;
                    made += 1;
                }
            }
        }
        Ok(made)
    }

    /// Leaves an account to a person, about which an order could not be made.
    async fn not_made(
        &self,
        tx: &mut Tx,
        case: &mut Prepared,
        account: trace::AccountKey,
        codes: Vec<String>,
        why: String,
    ) -> Result<()> {
        let body = json!({ "account": stop::tail(&account.number), "reason": codes });
        tx.append(entry("chase.order_refused", &case.chase.case, body), &who()).await?;
        let orders = case.kept.orders_of(&account).count();
        case.kept.not_made.insert(account, (orders, why));
        Ok(())
    }

    async fn write(&self, tx: &mut Tx, case: &mut Prepared, changes: &[Change]) -> Result<()> {
        figures::write(tx, case.chase.case.id, &mut case.kept, changes).await
    }

    /// Ends a turn but for its notes: the sum, what waits for a person, whether the chase has run dry, and whether another
    /// turn follows.
    async fn finish(&self, tx: &mut Tx, case: &mut Prepared, sum: rows::Sum) -> Result<()> {
        let id = case.chase.case.id;
        let more = !case.plan.orders.is_empty() && case.plan.room > 0;
        let full = case.moved.len() >= MOVED_AT_ONCE;
        case.again = more || full || !case.kept.decisions_new.is_empty();
        let mut waits = std::mem::take(&mut case.plan.waits);
        for (account, (_, why)) in &case.kept.not_made {
            let key = (plan::ORDER_NOT_MADE.to_owned(), super::api::key(&account.bank, &account.number));
            waits.entry(key).or_insert_with(|| {
                texts::ORDER_NOT_MADE.say(&[("account", &stop::tail(&account.number)), ("why", why)])
            });
        }
        for ((kind, key), said) in &waits {
            if case.kept.waits.get(&(kind.clone(), key.clone())) != Some(said) {
                rows::put_wait(tx, id, kind, key, said).await?;
            }
        }
        for (kind, key) in case.kept.waits.keys() {
            if !waits.contains_key(&(kind.clone(), key.clone())) {
                rows::drop_wait(tx, id, kind, key).await?;
            }
        }
        case.kept.waits = waits;
        rows::set_sum(tx, id, &sum).await?;
        let complete = !case.plan.incomplete && case.kept.lacks_nothing();
        let dry = sum.orders_open == 0 && complete && case.plan.orders.is_empty();
        figures::tell(tx, &mut case.chase, &sum, dry).await
    }
}

/// Forgets the notes that a turn has worked on, and notes that another follows. Last in a transaction: the reaction to the
/// journal takes notes after rows of cases, too.
async fn settle_notes(tx: &mut Tx, case: &mut Prepared) -> Result<()> {
    let id = case.chase.case.id;
    // The note of the case itself stands before those of its orders.
    if case.again {
        rows::note_moved(tx, id, None).await?;
    }
    rows::forget_moved(tx, id, &mut case.moved).await
}
