//! Waiting until something is so, never for a time.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Looks until `look` gives something, and gives that.
///
/// # Panics
/// `limit` has passed; the last thing seen is shown.
pub async fn until<T, S: Debug, F>(what: &str, limit: Duration, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, S>>,
{
    let began = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if began.elapsed() > limit => panic!("{what}: not so after {limit:?}; last seen: {seen:?}"),
            Err(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}
