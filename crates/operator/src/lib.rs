//! The carrier seat: keeps scam calls and messages from arriving, and acts on lines when the centre asks.
