//! Guarded transitions: a row leaves a state only while it is still in it.
//!
//! PostgreSQL lets two transactions read the same state and write one after the other, so a read is never proof of a
//! state. The write names the state that was read, and the number of rows touched says whether it was still there:
//!
//! ```text
//! approve: reads review ────────── UPDATE … WHERE state = 'review' → 1 row ── seals ── commits
//! cancel:        reads review ───────────── waits for the row ──────────────────────── 0 rows → Error::Moved
//! ```
//!
//! A person who loses is told so (HTTP 409) and looks again. A machine does not give up what it was told: it takes the
//! row with [`lock_row`] before it reads, and decides on what stands there. What counts rows before it adds one takes
//! [`lock_name`] first.

use crate::{Arg, Args, AssertSqlSafe, Engine, Error, Result, Tx};

/// A change of one row that names what it expects to find; made by [`transition`].
#[derive(Debug)]
#[must_use = "nothing is written before `apply`"]
pub struct Transition {
    table: &'static str,
    key: &'static str,
    id: Arg,
    guards: Vec<(&'static str, Vec<Arg>)>,
    sets: Vec<(&'static str, Arg)>,
}

/// Begins a guarded change of the row of a table whose column `id` has the value.
pub fn transition(table: &'static str, id: impl Into<Arg>) -> Transition {
    Transition { table, key: "id", id: id.into(), guards: Vec::new(), sets: Vec::new() }
}

impl Transition {
    /// The column that identifies the row, where it is not `id`.
    pub fn key(mut self, column: &'static str) -> Self {
        self.key = column;
        self
    }

    /// The state that was read.
    pub fn from(self, state: &str) -> Self {
        self.expect("state", state)
    }

    /// The states from which the change is allowed, where the caller has not read one.
    pub fn from_any<'a>(mut self, states: impl IntoIterator<Item = &'a str>) -> Self {
        self.guards.push(("state", states.into_iter().map(Arg::from).collect()));
        self
    }

    /// The next state.
    pub fn to(self, state: &str) -> Self {
        self.set("state", state)
    }

    /// What a column must still hold: a version, or an end that is not yet set (`None`).
    pub fn expect(mut self, column: &'static str, value: impl Into<Arg>) -> Self {
        self.guards.push((column, vec![value.into()]));
        self
    }

    /// A column that changes in the same statement.
    pub fn set(mut self, column: &'static str, value: impl Into<Arg>) -> Self {
        self.sets.push((column, value.into()));
        self
    }

    /// Makes the change.
    ///
    /// # Errors
    /// [`Error::Moved`] when the row no longer holds what was expected; nothing is written then, and the caller drops
    /// its transaction.
    pub async fn apply(self, tx: &mut Tx) -> Result<()> {
        let table = self.table;
        if self.try_apply(tx).await? { Ok(()) } else { Err(Error::Moved { table }) }
    }

    /// Makes the change, or says `false` when the row no longer holds what was expected.
    pub async fn try_apply(self, tx: &mut Tx) -> Result<bool> {
        let (sql, args) = self.statement();
        Ok(tx.execute(AssertSqlSafe(sql), args).await? > 0)
    }

    /// The statement: names come from the code, values are bound.
    fn statement(self) -> (String, Args) {
        let mut args = Args::new();
        let mut place = |arg: Arg| {
            args.push(arg);
            format!("${}", args.len())
        };
        // A change of nothing still proves the state, and keeps the row until the commit.
        let sets: Vec<String> = match self.sets.is_empty() {
            true => vec![format!("{key} = {key}", key = self.key)],
            false => self.sets.into_iter().map(|(column, value)| format!("{column} = {}", place(value))).collect(),
        };
        let mut sql = format!("UPDATE {} SET {} WHERE {} = {}", self.table, sets.join(", "), self.key, place(self.id));
        for (column, values) in self.guards {
            let guard = match <[Arg; 1]>::try_from(values) {
                Ok([value]) if value.is_null() => format!(" AND {column} IS NULL"),
                Ok([value]) => format!(" AND {column} = {}", place(value)),
                Err(values) => {
                    let places: Vec<String> = values.into_iter().map(&mut place).collect();
                    format!(" AND {column} IN ({})", places.join(", "))
                }
            };
            sql.push_str(&guard);
        }
        (sql, args)
    }
}

/// Keeps a row from every other writer until the transaction ends: what is read after this stays true. For machines,
/// which must act on what stands there and cannot be told to look again. Nothing happens when there is no such row.
pub async fn lock_row(tx: &mut Tx, table: &'static str, key: &'static str, id: impl Into<Arg>) -> Result<()> {
    // SQLite has one writer, and this is it.
    if tx.db().engine() == Engine::Postgres {
        let sql = format!("SELECT 1 FROM {table} WHERE {key} = $1 FOR UPDATE");
        tx.execute(AssertSqlSafe(sql), vec![id.into()]).await?;
    }
    Ok(())
}

/// Keeps every other transaction that asks for the same name waiting until this one ends. For what no row stands for
/// yet: a limit that is counted before a row is added, an entry that may exist once.
pub async fn lock_name(tx: &mut Tx, name: &str) -> Result<()> {
    if tx.db().engine() == Engine::Postgres {
        tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", vec![name.into()]).await?;
    }
    Ok(())
}
