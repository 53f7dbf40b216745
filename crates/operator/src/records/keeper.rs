//! Keeps the records: the last minute in memory, the rest in files by hour, nothing beyond the retention.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Duration, Timestamp};

use super::file::{self, FileError, Wanted};
use super::row::Record;

/// Records in memory at most before they are written, whatever the clock says.
pub const WAITING_MAX: usize = 200_000;
/// Files of an hour are put together until one has so many rows.
const MERGED_ROWS_MAX: usize = 500_000;
/// An hour is over for its files so long after its end: a record may come in late.
const HOUR_SETTLES: Duration = Duration::minutes(5);
const HOUR_US: i64 = 3_600_000_000;
/// [`Keeper::each`] holds so much in memory at once.
const SLICE_US: i64 = 60_000_000;
const EXTENSION: &str = "parquet";
/// Of files that are being written.
const HIDDEN: &str = "part";
/// How often a search begins again because files were put together under it.
const SEARCHES_MAX: usize = 5;

/// Where and how long.
#[derive(Debug, Clone)]
pub struct KeeperSettings {
    /// Folder of the files; made when absent.
    pub folder: PathBuf,
    /// How long records are kept.
    pub retention: Duration,
}

/// Which records are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Not before.
    pub from: Timestamp,
    /// Before.
    pub until: Timestamp,
    /// Any of these numbers (packed) as caller or callee; all where none is named.
    pub numbers: Vec<u64>,
    /// At most so many, the latest first.
    pub limit: usize,
}

/// What is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Stored {
    /// Records in memory, not yet written.
    pub waiting: u64,
    /// Files.
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
}

/// Keeps the records; cheap to clone.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    settings: KeeperSettings,
    waiting: Mutex<Waiting>,
    /// One writer at a time.
    writing: Mutex<u64>,
}

#[derive(Default)]
struct Waiting {
    recent: Vec<Record>,
    /// Taken out to be written, and still found here until they are.
    under_way: Option<Arc<Vec<Record>>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keeper({})", self.0.settings.folder.display())
    }
}

impl Keeper {
    /// Over a folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(settings: KeeperSettings) -> std::io::Result<Self> {
        std::fs::create_dir_all(&settings.folder)?;
        // What an earlier run had not finished.
        for path in files_of(&settings.folder, HIDDEN) {
            std::fs::remove_file(path)?;
        }
        Ok(Self(Arc::new(Inner { settings, waiting: Mutex::default(), writing: Mutex::new(0) })))
    }

    /// Takes records in; `true` when they should be written now.
    pub fn take(&self, records: impl IntoIterator<Item = Record>) -> bool {
        let mut waiting = self.waiting();
        waiting.recent.extend(records);
        waiting.recent.len() >= WAITING_MAX
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits into files, one for each hour. Blocks; call it where that does no harm.
    ///
    /// # Errors
    /// The files cannot be written; the records wait on, and the oldest go when there are too many.
    pub fn write(&self) -> Result<usize, FileError> {
        let mut serial = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = {
            let mut waiting = self.waiting();
            let rows = Arc::new(std::mem::take(&mut waiting.recent));
            waiting.under_way = Some(rows.clone());
            rows
        };
        let written = self.write_hours(&rows, &mut serial);
        // A search sees a record in memory or in its file, never in both or in neither.
        let mut waiting = self.waiting();
        let outcome = written.and_then(|parts| parts.iter().try_for_each(|part| show(part)));
        waiting.under_way = None;
        if let Err(error) = outcome {
            let mut all = Arc::unwrap_or_clone(rows);
            all.append(&mut waiting.recent);
            let excess = all.len().saturating_sub(2 * WAITING_MAX);
            if excess > 0 {
                tracing::error!(excess, "records cannot be written and the oldest are let go");
                all.drain(..excess);
            }
            waiting.recent = all;
            return Err(error);
        }
        Ok(rows.len())
    }

    /// Writes one file an hour, not yet shown.
    fn write_hours(&self, rows: &[Record], serial: &mut u64) -> Result<Vec<PathBuf>, FileError> {
        let mut hours: BTreeMap<i64, Vec<Record>> = BTreeMap::new();
        for row in rows {
            hours.entry(row.at.0.div_euclid(HOUR_US)).or_default().push(row.clone());
        }
        let mut parts = Vec::with_capacity(hours.len());
        for (hour, mut rows) in hours {
            rows.sort_by_key(|row| row.at);
            let part = self.new_path(hour, serial).with_extension(HIDDEN);
            file::write(&part, &rows)?;
            parts.push(part);
        }
        Ok(parts)
    }

    /// A name that no file has yet: the hour in UTC, and a serial.
    fn new_path(&self, hour: i64, serial: &mut u64) -> PathBuf {
        loop {
            *serial += 1;
            let path = self.0.settings.folder.join(format!("{}-{:06}.{EXTENSION}", hour_name(hour), *serial));
            if !path.exists() {
                return path;
            }
        }
    }

    /// The records asked for, the latest first, and whether there were more. Blocks on files.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn find(&self, asked: &Asked) -> Result<(Vec<Record>, bool), FileError> {
        let wanted = Wanted { from: asked.from, until: asked.until, numbers: &asked.numbers };
        let mut found = self.stable(|| {
            let (mut found, hours) = self.now(&wanted);
            // The latest hours first: when there is enough, what is older need not be opened.
            for (_, paths) in hours.into_iter().rev() {
                if found.len() > asked.limit {
                    break;
                }
                for path in paths {
                    file::read(&path, &wanted, |record| {
                        found.push(record);
                        true
                    })?;
                }
            }
            Ok(found)
        })?;
        found.sort_by_key(|record| std::cmp::Reverse(record.at));
        let more = found.len() > asked.limit;
        found.truncate(asked.limit);
        Ok((found, more))
    }

    /// Hands on every record of a span in the order of time, until `take` says that it has enough. Blocks
    /// on files.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn each(
        &self,
        from: Timestamp,
        until: Timestamp,
        mut take: impl FnMut(Record) -> bool,
    ) -> Result<(), FileError> {
        let mut begin = from;
        while begin < until {
            let end = Timestamp((begin.0.div_euclid(SLICE_US) + 1) * SLICE_US).min(until);
            let wanted = Wanted { from: begin, until: end, numbers: &[] };
            begin = end;
            let mut slice = self.stable(|| {
                let (mut found, hours) = self.now(&wanted);
                for path in hours.into_values().flatten() {
                    file::read(&path, &wanted, |record| {
                        found.push(record);
                        true
                    })?;
                }
                Ok(found)
            })?;
            slice.sort_by_key(|record| record.at);
            if !slice.into_iter().all(&mut take) {
                break;
            }
        }
        Ok(())
    }

    /// The earliest moment of which there may be records.
    pub fn earliest(&self) -> Option<Timestamp> {
        let hours = self.files_between(Timestamp(0), Timestamp(i64::MAX));
        let in_files = hours.into_keys().next().map(|hour| Timestamp(hour * HOUR_US));
        let in_memory = self.waiting().recent.iter().map(|record| record.at).min();
        in_files.into_iter().chain(in_memory).min()
    }

    /// What is in memory, and the files of that same moment.
    fn now(&self, wanted: &Wanted<'_>) -> (Vec<Record>, BTreeMap<i64, Vec<PathBuf>>) {
        let waiting = self.waiting();
        let rows = waiting.under_way.iter().flat_map(|rows| rows.iter()).chain(&waiting.recent);
        let found = rows.filter(|r| wanted.fits(r.at, r.from, r.to)).cloned().collect();
        (found, self.files_between(wanted.from, wanted.until))
    }

    /// Searches again when files were put together meanwhile.
    fn stable<T>(&self, mut search: impl FnMut() -> Result<T, FileError>) -> Result<T, FileError> {
        for _ in 1..SEARCHES_MAX {
            match search() {
                Err(FileError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
                other => return other,
            }
        }
        search()
    }

    fn files_between(&self, from: Timestamp, until: Timestamp) -> BTreeMap<i64, Vec<PathBuf>> {
        let (first, last) = (from.0.div_euclid(HOUR_US), until.0.div_euclid(HOUR_US));
        let mut hours: BTreeMap<i64, Vec<PathBuf>> = BTreeMap::new();
        for path in files_of(&self.0.settings.folder, EXTENSION) {
            if let Some(hour) = hour_of(&path).filter(|hour| (first..=last).contains(hour)) {
                hours.entry(hour).or_default().push(path);
            }
        }
        hours.values_mut().for_each(|paths| paths.sort());
        hours
    }

    /// Lets go of hours beyond the retention, and puts the small files of finished hours together. Blocks.
    ///
    /// # Errors
    /// A file cannot be read, written or removed.
    pub fn tidy(&self, now: Timestamp) -> Result<(), FileError> {
        let oldest = (now - self.0.settings.retention).0.div_euclid(HOUR_US);
        let settled = (now - HOUR_SETTLES).0.div_euclid(HOUR_US);
        for (hour, paths) in self.files_between(Timestamp(0), now) {
            if hour < oldest {
                for path in paths {
                    std::fs::remove_file(path)?;
                }
            } else if hour < settled && paths.len() > 1 {
                self.merge(hour, &paths)?;
            }
        }
        Ok(())
    }

    fn merge(&self, hour: i64, paths: &[PathBuf]) -> Result<(), FileError> {
        let mut serial = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let everything = Wanted { from: Timestamp(i64::MIN), until: Timestamp(i64::MAX), numbers: &[] };
        let (mut rows, mut merged) = (Vec::new(), Vec::new());
        for path in paths {
            let mut of_file = Vec::new();
            file::read(path, &everything, |record| {
                of_file.push(record);
                of_file.len() <= MERGED_ROWS_MAX
            })?;
            if rows.len() + of_file.len() > MERGED_ROWS_MAX {
                continue;
            }
            rows.append(&mut of_file);
            merged.push(path);
        }
        if merged.len() < 2 {
            return Ok(());
        }
        rows.sort_by_key(|record: &Record| record.at);
        let part = self.new_path(hour, &mut serial).with_extension(HIDDEN);
        file::write(&part, &rows)?;
        let _nobody_lists_files = self.waiting();
        show(&part)?;
        for path in merged {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    /// What is kept.
    pub fn stored(&self) -> Stored {
        let waiting = {
            let waiting = self.waiting();
            waiting.recent.len() + waiting.under_way.as_ref().map_or(0, |rows| rows.len())
        };
        let paths = files_of(&self.0.settings.folder, EXTENSION);
        let bytes = paths.iter().filter_map(|path| path.metadata().ok()).map(|m| m.len()).sum();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Stored { waiting: count(waiting), files: count(paths.len()), bytes }
    }
}

/// Gives a finished file its name.
fn show(part: &Path) -> Result<(), FileError> {
    Ok(std::fs::rename(part, part.with_extension(EXTENSION))?)
}

fn files_of(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
}

/// `2026112400` for the hour since 1970.
fn hour_name(hour: i64) -> String {
    let text = Timestamp(hour.saturating_mul(HOUR_US)).to_rfc3339();
    text.chars().filter(char::is_ascii_digit).take(10).collect()
}

fn hour_of(path: &Path) -> Option<i64> {
    let name = path.file_stem()?.to_str()?;
    let (digits, _) = name.split_once('-')?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let text = format!("{}-{}-{}T{}:00:00Z", part(0, 4)?, part(4, 6)?, part(6, 8)?, part(8, 10)?);
    Timestamp::parse(&text).map(|at| at.0.div_euclid(HOUR_US))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{RecordKind, Word};

    const START: Timestamp = Timestamp(1_795_392_000_000_000);

    fn call(at: Timestamp, from: u64, to: u64) -> Record {
        Record {
            from,
            to,
            action: Word::Borrowed("pass"),
            from_raw: "未知".into(),
            probability: 0.25,
            ..Record::new(RecordKind::Call, at)
        }
    }

    fn keeper() -> (Keeper, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let settings = KeeperSettings { folder: folder.path().join("records"), retention: Duration::hours(48) };
        (Keeper::open(settings).unwrap(), folder)
    }

    fn asked(numbers: &[u64], limit: usize) -> Asked {
        Asked {
            from: START - Duration::hours(100),
            until: START + Duration::hours(100),
            numbers: numbers.into(),
            limit,
        }
    }

    #[test]
    fn records_are_found_alike_in_memory_and_in_files() {
        let (keeper, _folder) = keeper();
        let rows: Vec<Record> =
            (0..300_i64).map(|i| call(START + Duration::minutes(i), 8_613_800_000_000 + (i as u64 % 7), 110)).collect();
        keeper.take(rows.clone());
        let question = asked(&[8_613_800_000_003], 1_000);
        let (in_memory, more) = keeper.find(&question).unwrap();
        assert_eq!((in_memory.len(), more), (43, false));
        assert_eq!(keeper.write().unwrap(), 300);
        assert_eq!(keeper.stored().files, 5, "one file an hour");
        let (in_files, _) = keeper.find(&question).unwrap();
        assert_eq!(in_files, in_memory);
        assert!(in_files.is_sorted_by(|a, b| a.at >= b.at));
        let (first, more) = keeper.find(&asked(&[], 10)).unwrap();
        assert_eq!((first.len(), more, first[0].at), (10, true, START + Duration::minutes(299)));
        let (none, _) = keeper.find(&asked(&[8_613_900_000_000], 10)).unwrap();
        assert_eq!(none, []);
    }

    #[test]
    fn finished_hours_are_put_together_and_old_ones_go() {
        let (keeper, _folder) = keeper();
        for minute in 0..3 {
            keeper.take([call(START + Duration::minutes(minute), 1, 2)]);
            keeper.write().unwrap();
        }
        assert_eq!(keeper.stored().files, 3);
        keeper.tidy(START + Duration::minutes(30)).unwrap();
        assert_eq!(keeper.stored().files, 3, "the hour still runs");
        keeper.tidy(START + Duration::hours(2)).unwrap();
        assert_eq!(keeper.stored().files, 1);
        assert_eq!(keeper.find(&asked(&[1], 10)).unwrap().0.len(), 3);
        keeper.tidy(START + Duration::hours(50)).unwrap();
        assert_eq!(keeper.stored().files, 0);
    }

    #[test]
    fn a_foreign_file_is_refused_by_name() {
        let (keeper, folder) = keeper();
        let path = folder.path().join("records").join(format!("{}-000001.parquet", hour_name(START.0 / HOUR_US)));
        std::fs::write(&path, b"not a file of records").unwrap();
        assert!(keeper.find(&asked(&[1], 10)).is_err());
    }
}
