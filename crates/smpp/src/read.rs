//! Goes through the body of a PDU field by field.

use crate::{Address, ReadFault};

#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Octets read so far.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn octet(&mut self, field: &'static str) -> Result<u8, ReadFault> {
        let (first, rest) = self.rest.split_first().ok_or(ReadFault::Cut(field))?;
        self.rest = rest;
        self.at += 1;
        Ok(*first)
    }

    pub(crate) fn octets(&mut self, field: &'static str, len: usize) -> Result<&'a [u8], ReadFault> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(ReadFault::Cut(field))?;
        self.rest = rest;
        self.at += len;
        Ok(taken)
    }

    /// A text that a zero closes, within `at_most` octets.
    pub(crate) fn text(&mut self, field: &'static str, at_most: usize) -> Result<&'a [u8], ReadFault> {
        let window = self.rest.get(..at_most).unwrap_or(self.rest);
        let Some(len) = window.iter().position(|octet| *octet == 0) else {
            return Err(if window.len() < at_most { ReadFault::Cut(field) } else { ReadFault::TooLong(field) });
        };
        let text = self.octets(field, len)?;
        self.octets(field, 1)?;
        Ok(text)
    }

    pub(crate) fn address(&mut self, field: &'static str, at_most: usize) -> Result<Address<'a>, ReadFault> {
        let ton = self.octet(field)?;
        let npi = self.octet(field)?;
        Ok(Address { ton, npi, digits: self.text(field, at_most)? })
    }
}
