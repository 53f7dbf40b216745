//! The SIP front: redirect server and proxy.

/// Texts of this module.
pub const TEXTS: &[kernel::Text] = &[];
