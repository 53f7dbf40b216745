//! What happens by itself: holds end when they are due.

use kernel::Timestamp;
use store::timers::{self, Clockwork, Timer};
use store::{BoxError, Db};

use crate::account;
use crate::desk::{Bank, HOLD_END};
use crate::error::Result;

impl Clockwork for Bank {
    fn prefix(&self) -> &'static str {
        "bank."
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[HOLD_END]
    }

    async fn handle(&self, _db: &Db, timer: &Timer) -> std::result::Result<(), BoxError> {
        Ok(self.end_due(timer).await?)
    }
}

impl Bank {
    /// Hands the ends of holds that are due to their accounts; gives how many accounts were looked at.
    ///
    /// # Errors
    /// The database; timers not yet handled come again after their lease.
    pub async fn end_due_holds(&self) -> Result<usize> {
        Ok(timers::round(self.db(), self, || ()).await?.taken)
    }

    async fn end_due(&self, timer: &Timer) -> Result<()> {
        let mut tx = self.db().begin().await?;
        let id = timer.subject.trim_start_matches("account:");
        let mut account = account::lock(&mut tx, crate::error::stored_id(id)?).await?;
        // The timer may have been moved since; the account knows its own next end.
        timers::done(&mut tx, timer).await?;
        self.pass_time(&mut tx, &mut account).await?;
        Ok(tx.commit().await?)
    }

    /// When the next hold ends by itself.
    pub async fn next_hold_end(&self) -> Result<Option<Timestamp>> {
        Ok(timers::next_due(self.db(), HOLD_END).await?)
    }

    /// Ends holds when they are due, for ever. Cancel it by dropping the future.
    pub async fn run(self) {
        timers::run(self.db().clone(), self).await;
    }
}
