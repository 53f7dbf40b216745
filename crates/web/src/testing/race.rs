//! Races: every pair of acts on one subject, fired at the same time through the real server.
//!
//! A seat lists its machines: for each kind of subject the states to begin in, and the acts, those of people (a route)
//! and those of machines (an answer, a timer). Which pairs are run follows from the pure model: all that are allowed in
//! the state, each act against itself too. Which routes must be listed follows from the OpenAPI document
//! ([`unlisted`]), so that a new route cannot be left out.
//!
//! What must hold after a race is read from the journal. Its entries, walked through the model from the first state,
//! are each allowed where they stand, and the last of them says the state that the database has: so no two acts that
//! exclude each other both happened. An act that answered 2xx has its entry, and one that did not has none. There are
//! as many sealed messages as entries that seal.
//!
//! PostgreSQL is given no luck: the row of the subject is held until both acts have read and wait to write.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use store::journal::{self, Recorded};
use store::{AssertSqlSafe, Db, Engine, args};
use tokio::sync::Barrier;
use utoipa::openapi::OpenApi;

use super::Answer;
use crate::gate::operations;

/// Environment variable with the number of rounds of each pair; [`ROUNDS`] unless given.
pub const ROUNDS_ENV: &str = "SHOUHU_RACE_ROUNDS";
/// Environment variable that names the only database to race on, `sqlite` or `postgres`; both unless given.
pub const ENGINE_ENV: &str = "SHOUHU_RACE_ENGINE";
/// Environment variable that names the only kind of subject to race, such as `line order`; all unless given.
pub const SUBJECT_ENV: &str = "SHOUHU_RACE_SUBJECT";
/// Rounds of each pair unless [`ROUNDS_ENV`] says otherwise.
pub const ROUNDS: usize = 3;
/// Races at a time: two transactions each and one that holds the rows, within the connections of a seat.
const AT_ONCE: usize = 5;
/// Looks at who waits before the rows are let go, three milliseconds apart: acts that touch other rows never wait.
const LOOKS_MAX: usize = 60;

/// What comes later.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// How an act went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It answered 2xx.
    Done,
    /// It answered 409.
    Conflict,
    /// A machine did what there was to do.
    Handled,
    /// Anything else, which is a fault.
    Failed(String),
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        match answer.status.as_u16() {
            200..300 => Self::Done,
            409 => Self::Conflict,
            status => Self::Failed(format!("{status} {}", answer.text)),
        }
    }
}

/// What a machine did, as the outcome of its act.
pub fn handled<T, E: std::fmt::Display>(result: Result<T, E>) -> Outcome {
    match result {
        Ok(_) => Outcome::Handled,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Something that a person or a machine does with a subject.
#[derive(Clone)]
pub struct Act {
    /// The route of a person, such as `POST /api/orders/{id}/approve`; of a machine, what it is.
    pub name: &'static str,
    /// The journal entry by which it shows, with as much of its body as the model needs.
    pub writes: (&'static str, Value),
    /// A machine's event is never lost: one of these entries is there afterwards. Empty where it may be without effect.
    pub lands: &'static [&'static str],
    /// Done again it changes nothing, and then leaves no entry.
    pub idempotent: bool,
    /// Does it with a subject.
    pub fire: Arc<dyn Fn(String) -> Later<Outcome> + Send + Sync>,
}

impl Act {
    /// An act of a person that leaves an entry.
    pub fn of<F, Fut>(name: &'static str, writes: &'static str, fire: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let fire: Arc<dyn Fn(String) -> Later<Outcome> + Send + Sync> = Arc::new(move |id| Box::pin(fire(id)));
        Self { name, writes: (writes, Value::Null), lands: &[], idempotent: false, fire }
    }

    /// With what the model needs of the entry.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.writes.1 = body;
        self
    }

    /// With the entries of which one must be there.
    #[must_use]
    pub fn lands(mut self, kinds: &'static [&'static str]) -> Self {
        self.lands = kinds;
        self
    }

    /// Which changes nothing when it is done again.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

/// A state to begin in, and how a fresh subject gets there.
#[derive(Clone)]
pub struct Start {
    /// The state.
    pub state: &'static str,
    /// Makes a subject; the number is another one for each.
    pub make: Arc<dyn Fn(usize) -> Later<String> + Send + Sync>,
}

impl Start {
    /// A state with the way there.
    pub fn new<F, Fut>(state: &'static str, make: F) -> Self
    where
        F: Fn(usize) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = String> + Send + 'static,
    {
        Self { state, make: Arc::new(move |n| Box::pin(make(n))) }
    }
}

/// A kind of subject with its states and acts.
#[derive(Clone)]
pub struct Machine {
    /// What people call it.
    pub name: &'static str,
    /// Table and column of the row that is held while both acts read.
    pub row: (&'static str, &'static str),
    /// The state in the database; `$1` is the subject.
    pub state_sql: &'static str,
    /// With what the journal's subject begins.
    pub subject: &'static str,
    /// With what the outbox's subject begins, and the entry that tells of a sealed message.
    pub seals: Option<(&'static str, &'static str)>,
    /// States to begin in.
    pub starts: Vec<Start>,
    /// The acts.
    pub acts: Vec<Act>,
    /// The pure model: the state after an entry of this kind and body; none where it is not allowed.
    pub step: fn(&str, &str, &Value) -> Option<String>,
}

/// Operations of the document that change something and stand in no machine and in no stated exemption, and lines of
/// both that the document does not know. An empty list is what a seat's test asks for.
pub fn unlisted(openapi: &OpenApi, machines: &[Machine], exempt: &[(&str, &str)]) -> Vec<String> {
    let acts: Vec<&str> = machines.iter().flat_map(|machine| machine.acts.iter().map(|act| act.name)).collect();
    let listed = |name: &str| acts.contains(&name) || exempt.iter().any(|(route, _)| *route == name);
    let known: Vec<String> = operations(openapi)
        .into_iter()
        .filter(|operation| operation.method != "GET")
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    let missing = known.iter().filter(|name| !listed(name)).map(|name| format!("{name} is raced by nobody"));
    let routes = acts.iter().filter(|name| name.contains(" /")).chain(exempt.iter().map(|(route, _)| route));
    let stale = routes.filter(|route| !known.iter().any(|name| name == *route));
    missing.chain(stale.map(|route| format!("{route} is listed, but not in the document"))).collect()
}

/// What the races of a seat came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Pairs run.
    pub pairs: usize,
    /// Races run.
    pub races: usize,
    /// Acts that answered 2xx.
    pub done: usize,
    /// Acts that answered 409.
    pub conflicts: usize,
    /// What must not be, by pair.
    pub faults: BTreeMap<String, Vec<String>>,
}

struct Pair<'a> {
    machine: &'a Machine,
    start: &'a Start,
    acts: [&'a Act; 2],
}

impl Pair<'_> {
    fn name(&self) -> String {
        let [first, second] = self.acts.map(|act| act.name);
        format!("{} {}: {first} ∥ {second}", self.machine.name, self.start.state)
    }
}

/// All pairs that the models allow.
fn pairs(machines: &[Machine]) -> Vec<Pair<'_>> {
    let mut all = Vec::new();
    for machine in machines {
        for start in &machine.starts {
            let allowed = |act: &&Act| (machine.step)(start.state, act.writes.0, &act.writes.1).is_some();
            let acts: Vec<&Act> = machine.acts.iter().filter(allowed).collect();
            for (place, first) in acts.iter().enumerate() {
                for second in acts.iter().skip(place) {
                    all.push(Pair { machine, start, acts: [first, second] });
                }
            }
        }
    }
    all
}

/// Runs every pair of every machine.
///
/// # Panics
/// Where something does not hold; the message names each pair with what was wrong.
pub async fn run(db: &Db, machines: &[Machine]) -> Report {
    let rounds = std::env::var(ROUNDS_ENV).ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut report = Report::default();
    let engine = format!("{:?}", db.engine()).to_lowercase();
    if std::env::var(ENGINE_ENV).is_ok_and(|only| only != engine) {
        return report;
    }
    let mut number = 0;
    let mut pairs = pairs(machines);
    if let Ok(only) = std::env::var(SUBJECT_ENV) {
        pairs.retain(|pair| pair.machine.name == only);
    }
    report.pairs = pairs.len();
    for (place, pair) in pairs.iter().enumerate() {
        let mut left = rounds;
        while left > 0 {
            let count = left.min(AT_ONCE);
            left -= count;
            let mut ids = Vec::with_capacity(count);
            for _ in 0..count {
                number += 1;
                ids.push((pair.start.make)(number).await);
            }
            race(db, pair, &ids, &mut report).await;
        }
        if pairs.get(place + 1).is_none_or(|next| next.machine.name != pair.machine.name) {
            let (name, races, faults) = (pair.machine.name, report.races, report.faults.len());
            eprintln!("{:?}: {name} is done, {races} races so far, {faults} pairs with faults", db.engine());
        }
    }
    eprintln!(
        "{:?}: {} pairs, {} races, {} acts done, {} conflicts, {} pairs with faults",
        db.engine(),
        report.pairs,
        report.races,
        report.done,
        report.conflicts,
        report.faults.len()
    );
    let told: Vec<String> = report
        .faults
        .iter()
        .map(|(pair, found)| format!("{pair}: {} of {rounds}\n    {}", found.len(), found.join("\n    ")))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    report
}

/// One race for each subject, all at the same time.
async fn race(db: &Db, pair: &Pair<'_>, ids: &[String], report: &mut Report) {
    let before = known(journal::last_seq(db).await);
    let (table, key) = pair.machine.row;
    let mut gate = match db.engine() {
        Engine::Postgres => Some(known(db.begin().await)),
        Engine::Sqlite => None,
    };
    if let Some(gate) = &mut gate {
        for id in ids {
            known(store::lock_row(gate, table, key, bound(id)).await);
        }
    }
    let together = Arc::new(Barrier::new(ids.len() * 2));
    let mut tasks = Vec::new();
    for id in ids {
        for act in pair.acts {
            let (fire, together, id) = (act.fire.clone(), together.clone(), id.clone());
            tasks.push(tokio::spawn(async move {
                together.wait().await;
                fire(id).await
            }));
        }
    }
    if let Some(gate) = gate {
        for _ in 0..LOOKS_MAX {
            let over = tasks.iter().filter(|task| task.is_finished()).count();
            let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND wait_event_type = 'Lock'";
            // The activity is read once in a transaction, so outside of the one that holds the rows.
            let (waiting,): (i64,) = known(db.fetch_one(sql, args![]).await);
            if over + usize::try_from(waiting).unwrap_or(0) >= tasks.len() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        }
        known(gate.commit().await);
    }
    let mut outcomes = Vec::with_capacity(tasks.len());
    for task in tasks {
        outcomes.push(task.await.unwrap_or_else(|error| Outcome::Failed(error.to_string())));
    }
    let entries = known(journal::read_after(db, before, 100_000).await);
    for (id, outcomes) in ids.iter().zip(outcomes.chunks(2)) {
        report.races += 1;
        report.done += outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count();
        report.conflicts += outcomes.iter().filter(|outcome| **outcome == Outcome::Conflict).count();
        let subject = format!("{}{id}", pair.machine.subject);
        let own: Vec<&Recorded> = entries.iter().filter(|entry| entry.subject == subject).collect();
        let found = judge(db, pair, id, outcomes, &own).await;
        if !found.is_empty() {
            report.faults.entry(pair.name()).or_default().push(format!("{outcomes:?} {}", found.join("; ")));
        }
    }
}

/// What does not hold after a race.
async fn judge(db: &Db, pair: &Pair<'_>, id: &str, outcomes: &[Outcome], entries: &[&Recorded]) -> Vec<String> {
    let machine = pair.machine;
    let mut found = Vec::new();
    let mut state = pair.start.state.to_owned();
    for entry in entries {
        match (machine.step)(&state, &entry.kind, &entry.json()) {
            Some(next) => state = next,
            None => found.push(format!("{} in the state {state}", entry.kind)),
        }
    }
    let sql = AssertSqlSafe(machine.state_sql.to_owned());
    let row: Option<(String,)> = known(db.fetch_optional(sql, vec![bound(id)]).await);
    if row.as_ref().map(|(state,)| state) != Some(&state) {
        found.push(format!("the journal says {state}, the row {row:?}"));
    }
    let count = |kind: &str| entries.iter().filter(|entry| entry.kind == kind).count();
    let answered = |name: &str, outcome: &Outcome| {
        pair.acts.iter().zip(outcomes).filter(|(act, got)| act.writes.0 == name && *got == outcome).count()
    };
    for act in pair.acts {
        let (kind, done) = (act.writes.0, answered(act.writes.0, &Outcome::Done));
        if act.idempotent && (count(kind) > 1 || (done > 0 && count(kind) == 0)) {
            found.push(format!("{kind}: {done} answered 2xx, {} entries", count(kind)));
        }
        let by_machine = answered(kind, &Outcome::Handled) > 0;
        if !act.idempotent && !by_machine && done != count(kind) {
            found.push(format!("{kind}: {done} answered 2xx, {} entries", count(kind)));
        }
        let landed: usize = act.lands.iter().map(|kind| count(kind)).sum();
        let fired = pair.acts.iter().filter(|other| other.lands == act.lands).count();
        if !act.lands.is_empty() && landed != fired {
            found.push(format!("{}: {fired} came, {landed} left an entry", act.name));
        }
    }
    found.extend(outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Failed(why) => Some(format!("failed: {why}")),
        _ => None,
    }));
    if let Some((prefix, kind)) = machine.seals {
        let subject = format!("{prefix}{id}");
        let sql = "SELECT COUNT(*) FROM wire_outbox WHERE subject = $1";
        let (messages,): (i64,) = known(db.fetch_one(sql, args![subject]).await);
        let before = i64::from(pair.start.state != "review");
        let sealed = before + i64::try_from(count(kind)).unwrap_or(i64::MAX);
        if messages != sealed {
            found.push(format!("{messages} sealed messages, {sealed} told"));
        }
    }
    found
}

/// Some tables count their rows.
fn bound(id: &str) -> store::Arg {
    id.parse::<u32>().map_or_else(|_| id.into(), store::Arg::from)
}

fn known<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("race: {error}"))
}

/// The operations that every seat shares, with the reason why a seat other than the centre does not race them: the
/// suite of the centre does, or nothing of theirs is shared.
pub const SHARED: &[(&str, &str)] = &[
    ("POST /api/session", "opens a session of its own"),
    ("DELETE /api/session", "ends the caller's own session; done twice it is ended"),
    ("POST /api/session/password", "the caller's own, and slow on purpose; guarded by the old password"),
    ("POST /api/session/totp", "the caller's own; the last secret shown is the one that a code confirms"),
    ("POST /api/session/totp/confirm", "the caller's own; guarded by the secret that the code fits"),
    ("DELETE /api/session/totp", "the caller's own; guarded by the password and the secret"),
    ("POST /api/users", "makes a user; the login is unique"),
    ("POST /api/reveal", "reads"),
    ("POST /api/journal/verification", "reads"),
    ("POST /api/journal/stuck/retry", "marks work to be handled again; the follower takes each entry once"),
];

/// Shared operations that change a subject; they are raced in the suite of the centre.
pub const RACED_AT_THE_CENTRE: &[(&str, &str)] = &[("PATCH /api/users/{id}", "raced in the suite of the centre")];
