//! Seals: nothing that came over the wire can panic, and nothing altered passes.

use kernel::{Duration, OrderId};
use proptest::prelude::*;
use serde_json::json;
use store::journal::Sealer;
use wire::{Book, Keys, Message, Partner, Sealed, open, seal_with};

use crate::seat::{START, key, pid, stop_order};

fn book() -> Book {
    let input = json!({
        "id": "centre-43", "name": "示范中心", "role": "centre", "base_url": "http://127.0.0.1:8430",
        "keys": [key(1).public()],
    });
    Book::new([Partner::read(&input, START).unwrap()])
}

fn document() -> Sealed {
    let order = stop_order(OrderId::new(START));
    let message = Message::new(&pid("centre-43"), &pid("bank-a"), &order.into(), START, Duration::hours(1)).unwrap();
    seal_with(&key(1), &message)
}

#[test]
fn a_good_document_opens_and_no_altered_bit_passes() {
    let (book, document, me) = (book(), document(), pid("bank-a"));
    let opened = open(&book, document.text.as_bytes(), START, &me).unwrap();
    assert_eq!(opened.sha256, document.sha256);
    let mut bytes = document.text.into_bytes();
    for position in 0..bytes.len() {
        for bit in 0..8 {
            bytes[position] ^= 1 << bit;
            assert!(open(&book, &bytes, START, &me).is_err(), "byte {position}, bit {bit}");
            bytes[position] ^= 1 << bit;
        }
    }
    assert!(open(&book, &bytes, START, &me).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(open(&book(), &bytes, START, &pid("bank-a")).is_err());
    }

    #[test]
    fn anything_in_the_form_of_a_document_is_refused_without_a_panic(
        header in "\\{\"alg\":\"(EdDSA|none|ES256)\",\"kid\":\"[a-z]{0,3}\",\"typ\":\"shouhu-message\\+jws\"\\}",
        payload in "\\{\"from\":\"(centre-43|x|é)\",\"v\":[0-9]{1,3}.{0,40}\\}?",
        signature in proptest::collection::vec(any::<u8>(), 60..68),
    ) {
        use base64::Engine;
        let b64 = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let text = format!("{}.{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()), b64(&signature));
        prop_assert!(open(&book(), text.as_bytes(), START, &pid("bank-a")).is_err());
    }

    #[test]
    fn any_body_reads_or_is_faulty_without_a_panic(kind in "(order|answer|movement|lapse|notice|notice_taken|x)", text in ".{0,60}", n in any::<i64>()) {
        for body in [json!(text), json!({ &*text: n }), json!({ "order_id": n, "kind": text, "account": text, "papers": [n], "transactions": text })] {
            let mut message = Message::new(&pid("centre-43"), &pid("bank-a"), &wire::Body::Ping, START, Duration::hours(1)).unwrap();
            (message.kind, message.body) = (kind.clone(), body);
            prop_assert!(message.read().is_err() || kind == "x");
        }
    }
}

#[test]
fn key_files_are_private_rotate_and_seal_the_journal() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("keys");
    let keys = Keys::load_or_create(&folder, START).unwrap();
    let first = keys.active(START).unwrap().public().kid.clone();
    let later = START + Duration::hours(48);
    let second = Keys::create(&folder, later, later + Duration::hours(24 * 365)).unwrap();
    keys.reload(&folder).unwrap();
    assert_eq!(keys.active(START).unwrap().public().kid, first);
    assert_eq!(keys.active(later).unwrap().public().kid, second.kid);
    assert_eq!(keys.public().len(), 2);

    let sealed = keys.seal(b"head", START).unwrap();
    assert_eq!(keys.check(&sealed), Ok(b"head".to_vec()));
    assert!(keys.check(&sealed.replace('.', "x")).is_err());

    let path = folder.join(format!("{first}.jwk"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let fault = Keys::load(&folder).unwrap_err();
    assert!(fault.to_string().contains("chmod 600"), "{fault}");
}
