//! Holds: emergency stops, freezes, and the bank's own stops.

pub mod model;
pub mod rows;

pub use model::{
    Case, Hold, HoldEffect, HoldEvent, HoldFault, HoldKind, HoldScope, HoldState, Line, LineRules, NewHold,
    StopBehindStop, Term, add_months, apply,
};
