//! What only the owner of a seat may read: databases, keys, records, spools, exports.
//!
//! Everything that this program makes is made without rights for others, because the process says so once at its start,
//! for every library that it uses. What is wider than that already is refused with the command that mends it, and never
//! narrowed silently: who could read it meanwhile is a question that a person must ask.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::speech::{Exit, Fail, Failure, Outcome, quoted, texts};

/// Bits of group and others.
const OTHERS: u32 = 0o077;
/// What stands in a data folder and is nobody else's business, besides the folder itself.
const SECRET: &[&str] = &[
    "keys",
    "vault.key",
    "shouhu.db",
    "shouhu.db-wal",
    "shouhu.db-shm",
    "records",
    "messages",
    "lists",
    "calls.ndjson",
];
/// Files told at most.
const TOLD_MAX: usize = 5;

/// From now on this process makes files that only their owner reads (0600) and folders that only he enters (0700).
pub fn make_private() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(OTHERS));
}

/// Refuses a seat whose folder, database, keys or records others may read.
///
/// # Errors
/// Each such file or folder, with the remedy.
pub fn check(config: &Config) -> Outcome {
    let mut wide = Vec::new();
    if is_wide(&config.data) {
        wide.push(config.data.clone());
    }
    for name in SECRET {
        walk(&config.data.join(name), &mut wide);
    }
    for file in database_files(&config.database) {
        walk(&file, &mut wide);
    }
    if config.keeps_secrets_in_file() {
        walk(&config.data.join(crate::config::FILE_NAME), &mut wide);
    }
    wide.sort();
    wide.dedup();
    refuse(&wide)
}

/// Refuses a private key for TLS that everybody on the machine may read; its group may, as some systems have it.
///
/// # Errors
/// The key, with the remedy.
pub fn check_key(path: &Path) -> Outcome {
    let wide = std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0);
    if wide { Err(failure(path)) } else { Ok(()) }
}

/// The files of an embedded database that lies elsewhere.
fn database_files(url: &str) -> Vec<PathBuf> {
    let Some(path) = crate::config::sqlite_path(url) else { return Vec::new() };
    let beside = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
    vec![path.clone(), beside("-wal"), beside("-shm")]
}

fn refuse(wide: &[PathBuf]) -> Outcome {
    if wide.is_empty() {
        return Ok(());
    }
    let said = wide.iter().take(TOLD_MAX).flat_map(|path| failure(path).said);
    Err(Failure { exit: Exit::Surroundings, said: said.collect() })
}

fn failure(path: &Path) -> Failure {
    let mode = std::fs::symlink_metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o777);
    let shown = path.display().to_string();
    let values = [("path", shown.as_str()), ("mode", &format!("{mode:03o}")), ("quoted", &quoted(&shown))];
    texts::NOT_PRIVATE.fail(Exit::Surroundings, &values)
}

fn walk(path: &Path, wide: &mut Vec<PathBuf>) {
    if wide.len() > TOLD_MAX {
        return;
    }
    if is_wide(path) {
        // `chmod -R` of the folder mends what is inside, too.
        wide.push(path.to_owned());
        return;
    }
    let inside = std::fs::read_dir(path).into_iter().flatten().flatten();
    inside.for_each(|entry| walk(&entry.path(), wide));
}

/// Whether others may do anything with it. What is not there is not wide; a link is what it leads to.
fn is_wide(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & OTHERS != 0)
}

/// Takes the rights of others away from everything in a folder; only for what a demonstration made.
///
/// # Errors
/// A file does not belong to this user.
pub fn tighten(path: &Path) -> std::io::Result<()> {
    let meta = std::fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Ok(());
    }
    let mode = meta.permissions().mode();
    if mode & OTHERS != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & !OTHERS))?;
    }
    if meta.is_dir() {
        for entry in std::fs::read_dir(path)? {
            match tighten(&entry?.path()) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}
