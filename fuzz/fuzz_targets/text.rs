#![no_main]
//! Texts and model files: evasion is undone within the text's bounds, and any bytes are a model or refused.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _model = text::Model::load(bytes);
    if let Ok(message) = std::str::from_utf8(bytes) {
        let found = text::Reader::new().read(message);
        for identifier in &found.identifiers {
            assert!(message.get(identifier.span.start..identifier.span.end).is_some(), "a span is cut at characters of the original");
        }
    }
});
