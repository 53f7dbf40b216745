//! Time stamps by RFC 3161: what is asked of an authority, its answer, and its token checked against certificates that
//! were pinned beforehand.
//!
//! An authority signs that a hash existed at a moment. Whoever holds the token and the authority's certificate checks
//! that without the authority, with this crate or with `openssl ts -verify`.
//!
//! Pure code: no I/O, no clock. Foreign DER is refused in words and never panics.

mod certificate;
mod request;
mod token;
mod values;

pub use certificate::{Authority, CertificateError};
pub use request::{Refusal, Request};
pub use token::{Stamp, TokenError};

/// Largest answer of an authority that is worth reading, in bytes; usual ones have one to eight thousand.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Media type of a request.
pub const QUERY_TYPE: &str = "application/timestamp-query";

/// SHA-256 of what is stamped.
pub type Imprint = [u8; 32];
