//! The wire as its users see it: documents, seals, delivery, and what happens when things go wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod databases;
mod directory;
mod documents;
mod heads;
mod http;
mod seals;
mod seat;
mod simulation;
mod vectors;
