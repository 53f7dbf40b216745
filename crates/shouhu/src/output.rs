//! Standard output. Whoever reads it may stop reading (`… | head`); that ends the program quietly.

use std::io::{ErrorKind, Write};

/// Writes a line to standard output, in the manner of `println!`.
macro_rules! tell {
    ($($words:tt)*) => {
        $crate::output::line(format_args!($($words)*))
    };
}
pub(crate) use tell;

/// Writes a line.
pub fn line(words: std::fmt::Arguments<'_>) {
    raw(format!("{words}\n").as_bytes());
}

/// Writes bytes as they are.
pub fn raw(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("shouhu: standard output: {error}");
            std::process::exit(3);
        }
    }
}
