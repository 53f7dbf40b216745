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
    let file = path.display().to_string();
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return texts::FILE_EXISTS.fail(Exit::Surroundings, &[("file", &file)]);
    }
    let (zh, en) = io_words(error);
    fail_because(&texts::FILE, Exit::Surroundings, &[("file", &file)], &zh, &en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exists_is_named_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("numbers.csv");
        write_new(&file, b"first").unwrap();
        let said = write_new(&file, b"second").unwrap_err().said.remove(0);
        let name = file.display().to_string();
        assert_eq!(said.zh, format!("{name} 已存在，未作改动"));
        assert_eq!(said.en, format!("{name} exists already and was left as it is"));
        assert!(!said.zh_remedy.is_empty() && !said.en_remedy.is_empty());
        assert_eq!(std::fs::read(&file).unwrap(), b"first");
    }

    #[test]
    fn no_number_of_the_system_is_told() {
        let error = std::fs::read("/nowhere/at/all").unwrap_err();
        let said = unreadable(Path::new("/nowhere/at/all"), &error).said.remove(0);
        assert_eq!(
            (said.zh.as_str(), said.en.as_str()),
            ("文件 /nowhere/at/all 无法读写：不存在", "/nowhere/at/all: No such file or directory",)
        );
    }
}
