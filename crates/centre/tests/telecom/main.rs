//! The centre with operators: seats of their own over HTTP, which answer orders, keep the list and send what they saw.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod lines;
mod numbers;
mod operator;
mod room;
mod signals;
