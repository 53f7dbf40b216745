//! One connection with an open transaction, and what becomes of it when something fails.

use sqlx::pool::PoolConnection;
use sqlx::{Database, Postgres, SqlSafeStr, Sqlite};
use sqlx_core::transaction::TransactionManager;

use crate::Result;
use crate::error::ends_transaction;

/// A connection of either database.
pub enum Inner {
    /// The only one that writes.
    Sqlite(PoolConnection<Sqlite>),
    /// One of many.
    Postgres(PoolConnection<Postgres>),
}

/// Where the transaction stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Begun; what was done so far waits for its commit.
    Open,
    /// Committed or rolled back; the connection is good.
    Over,
    /// Nobody knows: the connection is closed, and the pool opens another.
    Broken,
}

/// An open transaction. Dropped while open it is rolled back, and the connection goes back to its pool.
pub struct Open {
    inner: Inner,
    state: State,
}

impl Open {
    /// Begins a transaction.
    pub async fn begin(inner: Inner) -> Result<Self> {
        // Broken until begun: whoever gives up in between leaves a connection of which nobody knows.
        let mut open = Self { inner, state: State::Broken };
        match &mut open.inner {
            // IMMEDIATE: the lock is taken now, not at the first write, where waiting would not help any more.
            Inner::Sqlite(c) => {
                <Sqlite as Database>::TransactionManager::begin(c, Some("BEGIN IMMEDIATE".into_sql_str())).await?;
            }
            Inner::Postgres(c) => <Postgres as Database>::TransactionManager::begin(c, None).await?,
        }
        open.state = State::Open;
        Ok(open)
    }

    /// The connection.
    ///
    /// # Errors
    /// An error ended the transaction. SQLite would run the next statement outside any transaction.
    pub fn connection(&mut self) -> std::result::Result<&mut Inner, sqlx::Error> {
        match self.state {
            State::Open => Ok(&mut self.inner),
            State::Over | State::Broken => Err(over()),
        }
    }

    /// Passes the outcome of a statement on, and remembers when it ended the transaction.
    pub fn judge<T>(&mut self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        if outcome.as_ref().is_err_and(ends_transaction) {
            self.state = State::Broken;
        }
        Ok(outcome?)
    }

    /// Makes it all happen.
    pub async fn commit(&mut self) -> Result<()> {
        if self.state != State::Open {
            return Err(over().into());
        }
        self.state = State::Broken;
        match &mut self.inner {
            Inner::Sqlite(c) => <Sqlite as Database>::TransactionManager::commit(c).await?,
            Inner::Postgres(c) => <Postgres as Database>::TransactionManager::commit(c).await?,
        }
        self.state = State::Over;
        Ok(())
    }

    /// Takes it all back.
    pub async fn rollback(&mut self) -> Result<()> {
        if self.state != State::Open {
            return Ok(());
        }
        self.state = State::Broken;
        match &mut self.inner {
            Inner::Sqlite(c) => <Sqlite as Database>::TransactionManager::rollback(c).await?,
            Inner::Postgres(c) => <Postgres as Database>::TransactionManager::rollback(c).await?,
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
            (State::Open, Inner::Sqlite(c)) => <Sqlite as Database>::TransactionManager::start_rollback(c),
            (State::Open, Inner::Postgres(c)) => <Postgres as Database>::TransactionManager::start_rollback(c),
            (State::Broken, Inner::Sqlite(c)) => c.close_on_drop(),
            (State::Broken, Inner::Postgres(c)) => c.close_on_drop(),
        }
    }
}
