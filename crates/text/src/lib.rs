//! Chinese text: evasion undone, identifiers read, scam or not and of which type. Pure.
