//! What is asked of an authority, and its answer.

use crate::token::{TokenError, words};
use crate::values::{INTEGER, SEQUENCE, UTF8_STRING, Unread, Values};
use crate::{Authority, Imprint, Stamp};

/// Longest words of an authority that are passed on, in characters.
const WORDS_MAX: usize = 200;

/// A request for one time stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    imprint: Imprint,
    nonce: [u8; 8],
}

/// An answer that is no time stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The authority says no.
    #[error("the authority refuses, status {status}{}", words(.said))]
    Status {
        /// `PKIStatus`: 2 is a rejection.
        status: u8,
        /// What it says, shortened.
        said: String,
    },
    /// The answer cannot be read.
    #[error("the answer of the authority cannot be read ({0})")]
    Malformed(&'static str),
    /// The token speaks of another request: an old answer, or one to somebody else.
    #[error("the answer is to another request: its nonce is not ours")]
    OtherNonce,
    /// The token does not hold.
    #[error("{0}")]
    Token(#[from] TokenError),
}

impl From<Unread> for Refusal {
    fn from(Unread(part): Unread) -> Self {
        Self::Malformed(part)
    }
}

impl Request {
    /// A request for a stamp on a hash. `random` makes it unlike any other request.
    pub fn new(imprint: Imprint, random: [u8; 8]) -> Self {
        let mut nonce = random;
        if let Some(first) = nonce.first_mut() {
            // A positive number of eight bytes has one form only.
            *first = (*first & 0x7f) | 0x40;
        }
        Self { imprint, nonce }
    }

    /// The request in DER (RFC 3161, 2.4.1): the imprint by SHA-256, the nonce, and the wish to have the certificate in
    /// the token, so that an auditor needs the issuer's alone.
    pub fn to_der(&self) -> Vec<u8> {
        let mut der = vec![0x30, 67, 0x02, 1, 1];
        der.extend([0x30, 49, 0x30, 13, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0]);
        der.extend([0x04, 32]);
        der.extend(self.imprint);
        der.extend([0x02, 8]);
        der.extend(self.nonce);
        der.extend([0x01, 1, 0xff]);
        der
    }

    /// Reads the answer, checks the token in it against the pinned certificates, and gives the token.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn read_answer(&self, authority: &Authority, answer: &[u8]) -> Result<(Vec<u8>, Stamp), Refusal> {
        let mut answer = Values::of_sequence(answer, "answer")?;
        let mut status = answer.next(SEQUENCE)?.inside("status")?;
        let number = match status.next(INTEGER)?.content {
            [number] => *number,
            _ => return Err(Refusal::Malformed("status")),
        };
        // 0: granted; 1: granted with changes, which the checks below would show.
        if number > 1 {
            return Err(Refusal::Status { status: number, said: said(&mut status)? });
        }
        let token = answer.next(SEQUENCE)?.whole;
        answer.end()?;
        let stamp = authority.check(token, &self.imprint)?;
        if stamp.nonce.as_deref() != Some(&self.nonce[..]) {
            return Err(Refusal::OtherNonce);
        }
        Ok((token.to_vec(), stamp))
    }
}

fn said(status: &mut Values<'_>) -> Result<String, Unread> {
    let Some(texts) = status.optional(SEQUENCE)? else { return Ok(String::new()) };
    let mut texts = texts.inside("status")?;
    let mut said = String::new();
    while !texts.is_finished() {
        let text = texts.next(UTF8_STRING)?.content;
        said.push_str(&String::from_utf8_lossy(text));
    }
    Ok(said.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect())
}
