//! What happens by itself: holds end when they are due.

use kernel::Timestamp;

use crate::account;
use crate::desk::{Bank, HOLD_END};
use crate::error::Result;

impl Bank {
    /// Hands the ends of holds that are due to their accounts; gives how many accounts were looked at.
    ///
    /// # Errors
    /// The database; timers not yet handled come again after their lease.
    pub async fn end_due_holds(&self) -> Result<usize> {
        const BATCH: i64 = 100;
        let due = store::timers::claim_due(self.db(), HOLD_END, BATCH).await?;
        for timer in &due {
            if let Err(error) = self.end_due(timer).await {
                tracing::error!(timer = timer.key, %error, "the end of a hold could not be handled; it comes again");
            }
        }
        Ok(due.len())
    }

    async fn end_due(&self, timer: &store::timers::Timer) -> Result<()> {
        let mut tx = self.db().begin().await?;
        let id = timer.subject.trim_start_matches("account:");
        let mut account = account::lock(&mut tx, crate::error::stored_id(id)?).await?;
        // The timer may have been moved since; the account knows its own next end.
        store::timers::done(&mut tx, timer).await?;
        self.pass_time(&mut tx, &mut account).await?;
        Ok(tx.commit().await?)
    }

    /// When the next hold ends by itself.
    pub async fn next_hold_end(&self) -> Result<Option<Timestamp>> {
        Ok(store::timers::next_due(self.db(), HOLD_END).await?)
    }

    /// Ends holds when they are due, for ever. Cancel it by dropping the future.
    pub async fn run(self) {
        /// Another process may set a timer: look again after so long at most.
        const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);
        loop {
            let seen = self.db().commits();
            let wait = match self.end_due_holds().await {
                Ok(0) => match self.next_hold_end().await {
                    Ok(Some(due)) => {
                        self.db().clock().wait_until(due).clamp(std::time::Duration::from_millis(2), LOOK_AGAIN)
                    }
                    _ => LOOK_AGAIN,
                },
                Ok(_) => continue,
                Err(error) => {
                    tracing::error!(%error, "the ends of holds could not be handled; they come again");
                    LOOK_AGAIN
                }
            };
            self.db().changed(seen, wait).await;
        }
    }
}
