//! Rows of files that people send: CSV in every coding that banks write, and workbooks.
//!
//! Such a file is not trusted. [`Rows`] reads it in a process of its own (`shouhu read-file`) that has limits on memory
//! and time, no environment and no database, and gets the file as its standard input. What the process does wrong is a
//! fault of the file, in words.
//!
//! A file of many rows is imported by a [`job`]: in small transactions, with progress, and from where it stood when the
//! seat was stopped in between.

pub mod amount;
mod cell;
mod child;
mod csv_text;
pub mod header;
pub mod job;
mod limits;
mod read;
mod rows;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
pub mod texts;
pub mod time;
mod workbook;

pub use cell::{Cell, Row, is_rounded_number, tidy};
pub use child::{COMMAND, answer};
pub use limits::*;
pub use read::Options;
pub use rows::{Rows, read_in};
pub use tables::MIGRATIONS;
