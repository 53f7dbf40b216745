//! The message front: SMPP proxy, HTTP route, warning messages.

/// Texts of this module.
pub const TEXTS: &[kernel::Text] = &[];
