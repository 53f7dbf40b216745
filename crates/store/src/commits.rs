//! The count of commits, for which followers wait.

use std::time::Duration;

use tokio::sync::watch;

/// Counts the commits of this process and wakes those who wait for one.
#[derive(Debug)]
pub struct Commits(watch::Sender<u64>);

impl Default for Commits {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Commits {
    /// How many there were.
    pub fn count(&self) -> u64 {
        *self.0.borrow()
    }

    /// One more.
    pub fn add(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Waits until there are more than `seen`, or the time is over; gives the new count.
    pub async fn changed(&self, seen: u64, at_most: Duration) -> u64 {
        let mut commits = self.0.subscribe();
        // `wait_for` gives a guard that holds the channel's lock. It must be gone before anybody looks at the channel
        // again: a commit that waits in between to write shuts out the second look, which then waits for itself.
        let changed = match tokio::time::timeout(at_most, commits.wait_for(|count| *count > seen)).await {
            Ok(Ok(count)) => Some(*count),
            Ok(Err(_)) | Err(_) => None,
        };
        changed.unwrap_or_else(|| self.count())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::Commits;

    /// Threads that wait and threads that commit, without a pause: with a guard kept over the second look, every
    /// thread stood still within a moment.
    #[test]
    fn waiting_and_committing_at_once_never_block_each_other() {
        const WAITS: usize = 30_000;
        let commits = Arc::new(Commits::default());
        let (done, ended) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..4 {
            let (commits, done) = (commits.clone(), done.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                runtime.block_on(async {
                    for _ in 0..WAITS {
                        commits.changed(0, Duration::from_secs(5)).await;
                    }
                });
                done.send(()).unwrap();
            });
        }
        for _ in 0..2 {
            let (commits, stop) = (commits.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    commits.add();
                }
            });
        }
        for _ in 0..4 {
            ended.recv_timeout(Duration::from_secs(120)).expect("a waiting thread stands still");
        }
        stop.store(true, Ordering::Relaxed);
    }
}
