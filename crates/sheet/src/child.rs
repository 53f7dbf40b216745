//! The process that reads one file and does nothing else.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::process::ExitCode;

use nix::sys::resource::{Resource, setrlimit};

use crate::limits::{CPU_SECONDS_MAX, MEMORY_BYTES_MAX};
use crate::read::{Failure, Line, Options, lines};

/// The hidden command by which the binary is told to be this process.
pub const COMMAND: &str = "read-file";
/// Bytes handed on at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// Reads the file that is standard input, where the arguments say so; for the first line of `main`, before threads,
/// settings or logs. Its answer goes to standard output, one JSON value a line.
pub fn answer(args: &[String]) -> Option<ExitCode> {
    let mut args = args.iter().skip(1);
    if args.next().is_none_or(|word| word != COMMAND) {
        return None;
    }
    let rows_max = args.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let options = Options { sheet: args.next().cloned(), rows_max };
    Some(match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn run(options: &Options) -> Result<(), Failure> {
    confine()?;
    let file = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut out = std::io::BufWriter::with_capacity(BUFFER_BYTES, std::io::stdout().lock());
    lines(file, options, &mut |line: Line| {
        serde_json::to_writer(&mut out, &line).map_err(|error| Failure::Lost(error.to_string()))?;
        out.write_all(b"\n")?;
        // What comes behind the beginning may take long.
        if matches!(line, Line::Begin { .. }) {
            out.flush()?;
        }
        Ok(())
    });
    Ok(out.flush()?)
}

/// Takes from this process what a file does not need to be read.
fn confine() -> std::io::Result<()> {
    let limit = |resource, most: u64| setrlimit(resource, most, most).map_err(std::io::Error::from);
    limit(Resource::RLIMIT_AS, MEMORY_BYTES_MAX)?;
    limit(Resource::RLIMIT_CPU, CPU_SECONDS_MAX)?;
    limit(Resource::RLIMIT_FSIZE, 0)?;
    limit(Resource::RLIMIT_CORE, 0)?;
    // A network of its own, with nothing in it; where the kernel does not let a user make one, the other limits stand.
    #[cfg(target_os = "linux")]
    if let Err(error) =
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER | nix::sched::CloneFlags::CLONE_NEWNET)
    {
        tracing::debug!(%error, "the process that reads a file keeps the network");
    }
    // Standard input, standard output and the file: no further one can be opened.
    limit(Resource::RLIMIT_NOFILE, 5)
}
