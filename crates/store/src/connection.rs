//! One connection with an open transaction, and what becomes of it when something fails.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Postgres, SqlSafeStr, Sqlite};
use sqlx_core::transaction::TransactionManager;

use crate::embedded::Lent;
use crate::error::{Ending, ending};
use crate::{Error, Result};

/// A connection of either database.
pub enum Inner {
    /// The only one that writes.
    Sqlite(Lent),
    /// One of many.
    Postgres(PoolConnection<Postgres>),
}

/// Where the transaction stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Begun; what was done so far waits for its commit.
    Open,
    /// A statement was refused: all that is left is to take it back. PostgreSQL says so itself, but answers a commit as
    /// if all were well; SQLite would go on, and must not, or it hides what fails on PostgreSQL.
    Refused,
    /// Committed or rolled back; the connection is good.
    Over,
    /// Nobody knows: the connection is closed, and the pool opens another.
    Broken,
}

/// An open transaction. Dropped while open it is rolled back, and the connection goes back to its pool.
pub struct Open {
    inner: Inner,
    state: State,
    /// Longest wait for the server's answer.
    patience: Patience,
}

/// How long the answer of a server is waited for; an embedded database is no server.
#[derive(Debug, Clone, Copy)]
pub struct Patience(pub Duration);

impl Patience {
    /// The outcome of a call, unless it takes too long.
    pub async fn waits<T>(
        self,
        call: impl Future<Output = std::result::Result<T, sqlx::Error>>,
    ) -> std::result::Result<T, sqlx::Error> {
        match tokio::time::timeout(self.0, call).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(no_answer()),
        }
    }
}

/// The server did not answer in time: its host may have lost its power, of which nobody is told.
fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database server does not answer"))
}

impl Open {
    /// Begins a transaction.
    pub async fn begin(inner: Inner, patience: Patience) -> Result<Self> {
        // Broken until begun: whoever gives up in between leaves a connection of which nobody knows.
        let mut open = Self { inner, state: State::Broken, patience };
        match &mut open.inner {
            // IMMEDIATE: the lock is taken now, not at the first write, where waiting would not help any more.
            Inner::Sqlite(c) => {
                <Sqlite as Database>::TransactionManager::begin(c.get()?, Some("BEGIN IMMEDIATE".into_sql_str()))
                    .await?;
            }
            Inner::Postgres(c) => patience.waits(<Postgres as Database>::TransactionManager::begin(c, None)).await?,
        }
        open.state = State::Open;
        Ok(open)
    }

    /// The connection.
    ///
    /// # Errors
    /// An error ended the transaction. SQLite would run the next statement outside any transaction.
    pub fn connection(&mut self) -> Result<&mut Inner> {
        self.goes_on()?;
        Ok(&mut self.inner)
    }

    fn goes_on(&self) -> Result<()> {
        match self.state {
            State::Open => Ok(()),
            State::Refused => Err(Error::Refused),
            State::Over | State::Broken => Err(over().into()),
        }
    }

    /// Passes the outcome of a statement on, and remembers when it ended the transaction.
    pub fn judge<T>(&mut self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        if let Err(error) = &outcome {
            match (ending(error), self.state) {
                (Ending::Lost, _) => self.state = State::Broken,
                (Ending::Refused, State::Open) => self.state = State::Refused,
                (Ending::Refused | Ending::None, _) => {}
            }
        }
        Ok(outcome?)
    }

    /// Makes it all happen.
    pub async fn commit(&mut self) -> Result<()> {
        self.goes_on()?;
        self.state = State::Broken;
        match &mut self.inner {
            Inner::Sqlite(c) => <Sqlite as Database>::TransactionManager::commit(c.get()?).await?,
            Inner::Postgres(c) => self.patience.waits(<Postgres as Database>::TransactionManager::commit(c)).await?,
        }
        self.state = State::Over;
        Ok(())
    }

    /// Takes it all back.
    pub async fn rollback(&mut self) -> Result<()> {
        if !matches!(self.state, State::Open | State::Refused) {
            return Ok(());
        }
        self.state = State::Broken;
        match &mut self.inner {
            Inner::Sqlite(c) => <Sqlite as Database>::TransactionManager::rollback(c.get()?).await?,
            Inner::Postgres(c) => self.patience.waits(<Postgres as Database>::TransactionManager::rollback(c)).await?,
        }
        self.state = State::Over;
        Ok(())
    }
}

fn over() -> sqlx::Error {
    sqlx::Error::Protocol("the transaction was ended by an earlier error".into())
}

impl Drop for Open {
    fn drop(&mut self) {
        match (self.state, &mut self.inner) {
            (State::Over, _) => {}
            (State::Open | State::Refused, Inner::Sqlite(c)) => {
                if let Ok(c) = c.get() {
                    <Sqlite as Database>::TransactionManager::start_rollback(c);
                }
            }
            (State::Open | State::Refused, Inner::Postgres(c)) => {
                <Postgres as Database>::TransactionManager::start_rollback(c)
            }
            (State::Broken, Inner::Sqlite(c)) => c.close_on_drop(),
            (State::Broken, Inner::Postgres(c)) => c.close_on_drop(),
        }
    }
}
