//! Who holds what a command needs: a folder, by a lock file, and a port, by what the kernel lists.
//!
//! `cargo xtask` includes this file as well, so that it can say before a long build what would stop it after.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::net::SocketAddr;
use std::path::Path;

/// The lock file in a folder; it stays when the process ends, the lock does not.
pub const LOCK_FILE: &str = "lock";

/// A folder that no other process may use; let go of when dropped or when the process ends, however it ends.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

/// Why a folder cannot be had.
#[derive(Debug)]
pub enum Refused {
    /// Another process has it: its number and its command, where it could write them.
    Busy {
        /// Number of the process.
        pid: String,
        /// Its command.
        command: String,
    },
    /// The lock file cannot be used.
    File(std::io::Error),
}

/// Takes a folder for this process, and writes its number and `command` into the lock file.
///
/// # Errors
/// Another process has it, or the lock file cannot be written.
pub fn hold(folder: &Path, command: &str) -> Result<Held, Refused> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join(LOCK_FILE)).map_err(Refused::File)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut said = String::new();
            file.read_to_string(&mut said).map_err(Refused::File)?;
            let mut lines = said.lines().map(str::to_owned);
            let pid = lines.next().filter(|pid| !pid.is_empty()).unwrap_or_else(|| "?".to_owned());
            return Err(Refused::Busy { pid, command: lines.next().unwrap_or_default() });
        }
        Err(TryLockError::Error(error)) => return Err(Refused::File(error)),
    }
    let said = format!("{}\n{command}\n", std::process::id());
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(said.as_bytes()))
        .and_then(|()| file.flush())
        .map_err(Refused::File)?;
    Ok(Held(file))
}

/// Whether nobody listens on an address for TCP now; the failure names who does, as far as this user may see it.
///
/// # Errors
/// Why it cannot be listened on.
pub fn tcp_free(address: SocketAddr) -> std::io::Result<()> {
    std::net::TcpListener::bind(address).map(drop)
}

/// The same for UDP.
///
/// # Errors
/// Why it cannot be listened on.
pub fn udp_free(address: SocketAddr) -> std::io::Result<()> {
    std::net::UdpSocket::bind(address).map(drop)
}

/// The process that has a port: its number and the first words of its command. None where it cannot be seen.
pub fn of_port(port: u16) -> Option<(u32, String)> {
    let inodes = inodes(port);
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // Of other users' processes the kernel shows nothing; they are passed over.
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else { continue };
        let has = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok()).any(|link| {
            let link = link.to_string_lossy();
            link.strip_prefix("socket:[")
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|inode| inodes.iter().any(|known| known == inode))
        });
        if has {
            return Some((pid, command_of(pid)));
        }
    }
    None
}

/// The command of a process up to its first option: no secret stands there.
fn command_of(pid: u32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    let mut words = words.take_while(|word| !word.is_empty() && !word.starts_with('-'));
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or(&program).to_owned();
    std::iter::once(program).chain(words.take(2)).collect::<Vec<_>>().join(" ")
}

/// Sockets that listen on a port, as the kernel numbers them.
fn inodes(port: u16) -> Vec<String> {
    // A TCP socket that listens is in state 0A, a UDP socket that is bound in 07.
    let lists = [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")];
    let wanted = format!(":{port:04X}");
    let of = |list: &str, state: &str| {
        let text = std::fs::read_to_string(format!("/proc/net/{list}")).unwrap_or_default();
        let found = text.lines().skip(1).filter_map(|line| {
            let mut words = line.split_ascii_whitespace().skip(1);
            let (local, _remote, is) = (words.next()?, words.next()?, words.next()?);
            (local.ends_with(&wanted) && is == state).then(|| words.nth(5).map(str::to_owned)).flatten()
        });
        found.collect::<Vec<_>>()
    };
    lists.iter().flat_map(|(list, state)| of(list, state)).collect()
}
