//! The largest values that any layer takes: one bound for each kind of value.
//!
//! Intake, the wire, the trace, the stop desk and the bank all use these, so that what one layer accepts the next can
//! work on. A value beyond its bound is a fault of the input, told where it enters.

use crate::{Duration, Text};

/// The largest amount of one payment, order or hold, and of a movement that is followed, in minor units: 100 billion yuan
/// in fen. A sum of as many as one case may hold does not overflow.
pub const AMOUNT_MINOR_MAX: i64 = 10_000_000_000_000;
/// The largest amount or balance that is read of what a bank tells about its accounts, in minor units: within what every
/// reader of JSON keeps exactly. A payment institution's own account, or one in a currency of small units, is far above
/// what one payment may be, and one such line must not cost us the whole answer.
pub const TOLD_MINOR_MAX: i64 = 9_000_000_000_000_000;
/// Payments in one report at most.
pub const PAYMENTS_MAX: usize = 200;
/// Contacts in one report at most.
pub const CONTACTS_MAX: usize = 200;
/// Longest narrative, in characters.
pub const NARRATIVE_CHARS_MAX: usize = 20_000;
/// Longest reference, contact or other short text, in characters.
pub const SHORT_CHARS_MAX: usize = 200;
/// Longest reason of a decision or an order, in characters.
pub const REASON_CHARS_MAX: usize = 2_000;
/// How far a time that has passed may lie ahead of our clock.
pub const AHEAD_MAX: Duration = Duration::minutes(10);
/// A payment older than this is taken for a typing error.
pub const AGE_MAX: Duration = Duration::hours(20 * 366 * 24);

/// An amount that no payment can have.
pub const AMOUNT_TOO_LARGE: Text = Text::new(
    "amount.too_large",
    ("金额超过单笔上限 {max}", "the amount is above {max}, the most that one payment may be"),
    ("请核对位数、单位和币种", "check the digits, the unit and the currency"),
);

pub(crate) const TEXTS: &[Text] = &[AMOUNT_TOO_LARGE];

/// Whether an amount above zero is within the bound.
pub const fn amount_fits(minor: i64) -> bool {
    minor <= AMOUNT_MINOR_MAX
}
