#![no_main]
//! Identity headers: whatever they say, they are read or refused, and none is believed without a certificate.

use libfuzzer_sys::fuzz_target;
use sip::passport::{Call, Certificates, Outcome, Token, date_seconds, verify};

fuzz_target!(|text: &str| {
    let _seconds = date_seconds(text);
    if let Ok(token) = Token::parse(text) {
        let call = Call {
            caller: "8619001234567",
            callee: "8619007654321",
            date_seconds: Some(1_790_000_000),
            now_seconds: 1_790_000_000,
        };
        let outcome = verify(&token, &call, &Certificates::default());
        assert!(!matches!(outcome, Outcome::Verified(_)));
    }
    let mut certificates = Certificates::default();
    let _refused = Certificates::new(&[text.as_bytes()]);
    certificates.forget_before(0, 0);
});
