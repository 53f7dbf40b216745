//! Short numbers that can be read over the phone: a letter, the day, and a serial within the day.

use crate::{Result, Tx, args};

/// The next number, for instance `R261123-0042`; the day is that of China Standard Time.
pub async fn next(tx: &mut Tx, prefix: &str) -> Result<String> {
    let day = tx.now().day_cst();
    let (last,): (i64,) = tx
        .fetch_one(
            "INSERT INTO serial (prefix, day, last) VALUES ($1, $2, 1)
             ON CONFLICT (prefix, day) DO UPDATE SET last = serial.last + 1 RETURNING last",
            args![prefix, &day],
        )
        .await?;
    Ok(format!("{prefix}{day}-{last:04}"))
}
