//! The harness of the end-to-end tests: real processes of the built binary on loopback, each with a data folder of its
//! own, driven over HTTP as the console and the partners drive them.
//!
//! The binary is the one named by `SHOUHU_BIN`, else the newest of `target/debug/shouhu` and `target/perf/shouhu`;
//! `cargo xtask test` builds it first. Nothing here sleeps for a time and hopes: everything is looked at until it is so,
//! or a deadline has passed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::inconsistent_digit_grouping,
    reason = "a test that cannot go on stops with the reason"
)]

pub mod amlsim;
pub mod books;
pub mod carrier;
pub mod client;
pub mod dice;
pub mod fake_bank;
pub mod kamailio;
pub mod lots;
pub mod patience;
pub mod peers;
pub mod reports;
pub mod room;
pub mod seat;
