//! Having the banks of the demonstration book what the files say.

use std::path::Path;

use bank::import::{Sources, run as import};

use super::cast::SEATS;
use super::stage::seat_folder;
use crate::cli::{SeatAt, SeatKind};
use crate::seat::{Seat, operator};
use crate::speech::{Exit, Fail, Failure, Outcome, texts};

/// Each bank takes its rows out of the files. The seats may run meanwhile.
///
/// # Errors
/// A bank refuses a row.
pub async fn into_banks(demo: &Path, files: &Path) -> Outcome {
    for seat in SEATS.iter().filter(|seat| seat.kind == SeatKind::Bank) {
        let at = SeatAt { data: Some(seat_folder(demo, seat.id)), ..SeatAt::default() };
        let seat = Seat::existing(&at).await?;
        into_bank(&seat, files).await?;
        seat.db.close().await;
    }
    Ok(())
}

/// One bank takes its rows out of the files.
///
/// # Errors
/// It refuses a row.
pub async fn into_bank(seat: &Seat, files: &Path) -> Outcome {
    let bank = crate::serve::bank_desk(seat).await?;
    let sources = Sources::in_folder(files).map_err(bank_failure)?;
    let report = import(&bank, &operator(), &sources, |_| {}).await.map_err(bank_failure)?;
    crate::import::refusals(&report)
}

/// The words of a fault of the bank.
pub fn bank_failure(error: bank::Error) -> Failure {
    match error {
        bank::Error::Store(error) => error.into(),
        other => texts::INPUT.fail(Exit::No, &[("file", "bank import"), ("why", &other.to_string())]),
    }
}
