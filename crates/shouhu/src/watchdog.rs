//! Ends a seat that is not healthy for long, so that whoever supervises it starts it again.
//!
//! The watch is kept by a thread of its own: a seat that stands still as a whole, its runtime included, is noticed too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use store::Db;
use store::health::Problem;

use crate::speech::{Exit, Lang};

/// The health of the seat is looked at so often within the time that it may be bad.
const LOOKS: u32 = 6;
/// It is looked at so often at least.
const LOOK_EVERY_MAX: Duration = Duration::from_secs(5);

/// What to do where a new start cannot help, because the disk is full or the database server is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// End all the same: without its database this seat can do nothing.
    Ends,
    /// Go on: this seat screens calls and messages from memory, and a new start would interrupt that.
    Stays,
}

/// Watches until it is dropped.
#[must_use]
pub struct Watchdog {
    off: Arc<AtomicBool>,
    looking: tokio::task::JoinHandle<()>,
}

/// What is known of the seat.
struct Known {
    /// When it was last well.
    well: Instant,
    problems: Vec<Problem>,
    /// When somebody last looked.
    looked: Instant,
}

impl Watchdog {
    /// Begins to watch; call inside a tokio runtime.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(db: Db, limit: Duration, outside: Outside) -> std::io::Result<Self> {
        let every = (limit / LOOKS).min(LOOK_EVERY_MAX);
        let now = Instant::now();
        let known = Arc::new(Mutex::new(Known { well: now, problems: Vec::new(), looked: now }));
        let off = Arc::new(AtomicBool::new(false));
        let looking = tokio::spawn(look(db, known.clone(), every, outside));
        let watching = (known, off.clone());
        std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            let (known, off) = watching;
            loop {
                std::thread::sleep(every);
                if off.load(Ordering::Acquire) {
                    return;
                }
                let known = known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.well.elapsed() > limit {
                    end(&known, every);
                }
            }
        })?;
        Ok(Self { off, looking })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.off.store(true, Ordering::Release);
        self.looking.abort();
    }
}

async fn look(db: Db, known: Arc<Mutex<Known>>, every: Duration, outside: Outside) {
    loop {
        let problems = db.check_health().await.problems;
        let goes_on = match outside {
            Outside::Ends => problems.is_empty(),
            Outside::Stays => Problem::all_lie_outside(&problems),
        };
        for problem in &problems {
            tracing::error!(%problem, "the seat is not healthy");
        }
        {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.looked = Instant::now();
            if goes_on {
                known.well = known.looked;
            }
            known.problems = problems;
        }
        tokio::time::sleep(every).await;
    }
}

/// The last word. It goes to standard error directly: whatever hangs may hold the log.
fn end(known: &Known, every: Duration) -> ! {
    let seconds = known.well.elapsed().as_secs();
    let why = if known.looked.elapsed() > every * 3 || known.problems.is_empty() {
        Lang::now().pick("整个进程没有响应", "the whole process stands still").to_owned()
    } else {
        known.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    match Lang::now() {
        Lang::Zh => eprintln!("shouhu：席位已有 {seconds} 秒不正常（{why}），自行终止，等待重新启动 [cli.unhealthy]"),
        Lang::En => {
            eprintln!(
                "shouhu: the seat has not been healthy for {seconds} s ({why}); it ends, to be started again [cli.unhealthy]"
            );
        }
    }
    std::process::exit(Exit::Unhealthy as i32)
}
