//! How much of a file is taken.

/// Largest file, bytes.
pub const FILE_BYTES_MAX: u64 = 256 << 20;
/// Rows of one file at most, whatever the desk allows.
pub const ROWS_MAX: u64 = 3_000_000;
/// Columns of a row that are read; what stands behind them is left out.
pub const COLUMNS_MAX: usize = 200;
/// Characters of one cell at most: as many as a spreadsheet keeps.
pub const CELL_CHARS_MAX: usize = 32_767;
/// Bytes of one row at most.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Address space of the process that reads a file, bytes.
pub const MEMORY_BYTES_MAX: u64 = 1 << 30;
/// CPU time of the process that reads a file, seconds.
pub const CPU_SECONDS_MAX: u64 = 300;
/// The next row must be there after so many seconds: fewer than a request may take.
pub const ROW_SECONDS_MAX: u64 = 20;
/// Files read at the same time within requests; the next one waits.
pub const READERS_MAX: usize = 4;
/// Files read at the same time by jobs in the background.
pub const JOB_READERS_MAX: usize = 2;
/// A request waits so many seconds for its turn to read a file: with the file's own rows, fewer than it may take.
pub const TURN_SECONDS_MAX: u64 = 8;
/// Rows at the top among which the names of the columns are looked for.
pub const HEADER_ROWS_MAX: usize = 40;
