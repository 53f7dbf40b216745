//! Reading files and standard input that the user names.

use std::io::{BufRead, Read};
use std::path::Path;

use crate::speech::{Exit, Fail, Outcome, fail_because, io_words, texts};

/// The bytes of a file; `-` reads standard input.
///
/// # Errors
/// It cannot be read.
pub fn bytes(path: &Path) -> Outcome<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut out = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut out);
        return read.map(|_| out).map_err(|error| unreadable(path, &error));
    }
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// One line from standard input, for a password.
///
/// # Errors
/// Standard input ends before a line.
pub fn line() -> Outcome<String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    let text = line.trim_end_matches(['\r', '\n']);
    match read {
        Ok(_) if !text.is_empty() => Ok(text.to_owned()),
        Ok(_) => Err(unreadable(Path::new("-"), &std::io::ErrorKind::UnexpectedEof.into())),
        Err(error) => Err(unreadable(Path::new("-"), &error)),
    }
}

/// JSON from a file; `-` reads standard input.
///
/// # Errors
/// It cannot be read, or is not what is wanted; the line is named.
pub fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Outcome<T> {
    let bytes = bytes(path)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        texts::INPUT.fail(Exit::Usage, &[("file", &path.display().to_string()), ("why", &error.to_string())])
    })
}

/// Writes a file anew; one that exists is kept.
///
/// # Errors
/// It exists or cannot be written.
pub fn write_new(path: &Path, content: &[u8]) -> Outcome {
    use std::io::Write;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .map_err(|error| unreadable(path, &error))
}

/// A file or folder that cannot be read or written.
pub fn unreadable(path: &Path, error: &std::io::Error) -> crate::speech::Failure {
    let (zh, en) = io_words(error);
    let text = if error.kind() == std::io::ErrorKind::AlreadyExists { &texts::FILE_EXISTS } else { &texts::FILE };
    fail_because(text, Exit::Surroundings, &[("file", &path.display().to_string())], &zh, &en)
}
