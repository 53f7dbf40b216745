//! A file of text in UTF-8 or GB 18030, read as UTF-8 piece by piece.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// UTF-8 where every byte of the file is, else GB 18030. Blocks on the file.
///
/// # Errors
/// The file cannot be read.
pub(super) fn encoding_of(path: &Path) -> io::Result<&'static Encoding> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    // A character may lie on the border of two chunks: its beginning is kept for the next.
    let mut held = 0;
    loop {
        let read = file.read(chunk.get_mut(held..).unwrap_or_default())?;
        let filled = chunk.get(..held + read).unwrap_or_default();
        let valid = match std::str::from_utf8(filled) {
            Ok(_) => filled.len(),
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(_) => return Ok(GB18030),
        };
        if read == 0 {
            return Ok(UTF_8);
        }
        held = filled.len() - valid;
        chunk.copy_within(valid..valid + held, 0);
    }
}

/// Reads a file as UTF-8; what its encoding does not know becomes U+FFFD.
pub(super) struct Decoding {
    file: File,
    decoder: Decoder,
    chunk: Vec<u8>,
    ended: bool,
    text: Vec<u8>,
    given: usize,
}

impl Decoding {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) fn open(path: &Path, encoding: &'static Encoding) -> io::Result<Self> {
        let (file, decoder) = (File::open(path)?, encoding.new_decoder_with_bom_removal());
        Ok(Self { file, decoder, chunk: vec![0; CHUNK_BYTES], ended: false, text: Vec::new(), given: 0 })
    }

    fn refill(&mut self) -> io::Result<()> {
        (self.given, self.ended) = (0, false);
        let read = self.file.read(&mut self.chunk)?;
        self.ended = read == 0;
        let chunk = self.chunk.get(..read).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(CHUNK_BYTES * 4);
        self.text.resize(room, 0);
        let (result, _, written, _) = self.decoder.decode_to_utf8(chunk, &mut self.text, self.ended);
        self.text.truncate(written);
        match result {
            CoderResult::InputEmpty => Ok(()),
            CoderResult::OutputFull => Err(io::Error::other("more text than there is room for")),
        }
    }
}

impl Read for Decoding {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.text.len() && !self.ended {
            self.refill()?;
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let count = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (&'static str, String) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let encoding = encoding_of(file.path()).unwrap();
        let mut text = String::new();
        Decoding::open(file.path(), encoding).unwrap().read_to_string(&mut text).unwrap();
        (encoding.name(), text)
    }

    #[test]
    fn both_encodings_read_as_the_same_text_wherever_the_chunks_end() {
        for shift in 0..4 {
            let text = format!("{}号码,处置\n{}", "x".repeat(shift), "17000000000,拦截\n".repeat(9_000));
            assert_eq!(read(text.as_bytes()), ("UTF-8", text.clone()));
            assert_eq!(read(&GB18030.encode(&text).0), ("gb18030", text));
        }
        assert_eq!(read("\u{feff}号码".as_bytes()), ("UTF-8", "号码".to_owned()));
        assert_eq!(read(b""), ("UTF-8", String::new()));
        assert_eq!(read(&[b'x'; 65_536]).1.len(), 65_536);
        assert_eq!(read(&"号".as_bytes()[..2]).0, "gb18030");
    }
}
