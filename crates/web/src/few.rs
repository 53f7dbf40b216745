//! Work that takes a core for a moment: beside the threads that serve requests, and a few at once.

use tokio::sync::Semaphore;

use crate::Problem;

/// Does work on a thread for blocking work once there is a place for it.
///
/// The place belongs to the work, not to who asked for it: whoever hangs up leaves the work running, and a crowd that hangs
/// up would otherwise have as many at once as it likes.
///
/// # Errors
/// The work panicked, or the runtime stops.
pub async fn few_at_once<T: Send + 'static>(
    places: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let place = places.acquire().await.map_err(Problem::server)?;
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(Problem::server)
}
