//! Resident memory of an idle centre.

use std::path::Path;
use std::time::Duration;

use super::{Measured, judge};
use crate::demo::cast::CENTRE;
use crate::demo::stage::{PID_FILE, seat_folder};
use crate::seat::fault;
use crate::speech::Outcome;

const MEGABYTES_MAX: f64 = 100.0;
/// Start-up must be over when it is measured.
const IDLE_FOR: Duration = Duration::from_secs(5);

/// Measures.
///
/// # Errors
/// The limit is missed, or the demonstration does not run.
pub async fn run(demo: &Path) -> Outcome {
    tokio::time::sleep(IDLE_FOR).await;
    let value = centre_megabytes(demo)?;
    judge(&[Measured { what: "idle centre, resident memory", value, limit: MEGABYTES_MAX, unit: "MB" }])
}

/// What the centre of a demonstration holds in memory now, in millions of bytes.
///
/// # Errors
/// The demonstration does not run.
pub fn centre_megabytes(demo: &Path) -> Outcome<f64> {
    let file = seat_folder(demo, CENTRE).join(PID_FILE);
    let pid = std::fs::read_to_string(&file).map_err(|error| crate::input::unreadable(&file, &error))?;
    let path = Path::new("/proc").join(pid.trim()).join("status");
    let status = std::fs::read_to_string(&path).map_err(|error| crate::input::unreadable(&path, &error))?;
    let kilobytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok())
        .ok_or_else(|| fault(format!("{} names no VmRSS", path.display())))?;
    Ok(kilobytes * 1024.0 / 1_000_000.0)
}
