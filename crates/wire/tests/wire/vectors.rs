//! The test vectors that the specification gives to others. They are made here from fixed keys, and read by our own
//! tests; `SHOUHU_WRITE_VECTORS=1` writes them anew.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ed25519_dalek::{Signer, SigningKey};
use kernel::{Duration, MessageId, Timestamp};
use serde_json::{Value, json};
use wire::inbox::Reply;
use wire::{
    Book, JournalHead, KeyPair, Message, Partner, PartnerId, Receipt, SentDocument, Unread, Verdict, open, seal_with,
};

use crate::seat::{START, Seat, pid};

const CENTRE_SECRET: [u8; 32] = [1; 32];
const BANK_SECRET: [u8; 32] = [2; 32];
const STRANGER_SECRET: [u8; 32] = [3; 32];
const OLD_SECRET: [u8; 32] = [4; 32];
const REVOKED_SECRET: [u8; 32] = [5; 32];
const OFF_SECRET: [u8; 32] = [6; 32];

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Compares with the file, or writes it.
fn same_as_file(name: &str, made: &Value) {
    let path = folder().join(name);
    let text = serde_json::to_string_pretty(&sorted(made)).unwrap() + "\n";
    if std::env::var_os("SHOUHU_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "{name} differs from what the code makes; SHOUHU_WRITE_VECTORS=1 writes it anew");
}

/// The same with the members of each object in order of their names, whatever map serde_json was built with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(String, Value)> = map.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn window(secret: [u8; 32]) -> KeyPair {
    KeyPair::from_secret(secret, START - Duration::hours(24 * 30), START + Duration::hours(24 * 700))
}

fn old() -> KeyPair {
    KeyPair::from_secret(OLD_SECRET, START - Duration::hours(24 * 400), START - Duration::hours(24 * 2))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The directory of the bank that reads the documents, and the secrets behind it.
fn keys_file() -> Value {
    let mut revoked = window(REVOKED_SECRET).public().clone();
    revoked.revoked_at = Some(START - Duration::hours(1));
    let partner = |id: &str, enabled: bool, keys: Value| json!({ "id": id, "name": id, "role": "centre", "base_url": "https://centre.example", "enabled": enabled, "keys": keys });
    let secret = |who: &str, pair: &KeyPair, secret: [u8; 32]| json!({ "of": who, "kid": pair.public().kid, "secret_hex": hex(&secret), "jwk": pair.public().jwk() });
    json!({
        "about": "Keys of the vectors. The secrets are published: never use them.",
        "me": "bank-a",
        "now": START,
        "directory": [
            partner("centre-43", true, json!([window(CENTRE_SECRET).public(), old().public(), revoked])),
            partner("centre-off", false, json!([window(OFF_SECRET).public()])),
        ],
        "secrets": [
            secret("centre-43", &window(CENTRE_SECRET), CENTRE_SECRET),
            secret("bank-a", &window(BANK_SECRET), BANK_SECRET),
            secret("nobody in the directory", &window(STRANGER_SECRET), STRANGER_SECRET),
            secret("centre-43, ended", &old(), OLD_SECRET),
            secret("centre-43, revoked", &window(REVOKED_SECRET), REVOKED_SECRET),
            secret("centre-off", &window(OFF_SECRET), OFF_SECRET),
        ],
    })
}

fn order_body() -> Value {
    sorted(&json!({
        "order_id": "019ab000-0000-7000-8000-000000000001",
        "number": "湘公止字〔2026〕00001号",
        "case_number": "A4301000000002026110001",
        "kind": "stop",
        "account": { "number": "6217000000000000018", "name": "张示范" },
        "check": { "amount_minor": 3_000_000, "currency": "CNY", "at": "2026-11-22T23:40:00Z", "reference": "T20261123-0001" },
        "currency": "CNY",
        "level": 1,
        "authority": { "unit": "长沙市反诈中心", "approver": "审核员甲", "legal_basis": "银发〔2016〕86号" },
        "papers": [],
        "include_interest": false,
        "reason": "冒充客服诈骗",
    }))
}

fn message(serial: u8) -> Message {
    Message {
        v: 1,
        id: id(serial),
        from: pid("centre-43"),
        to: pid("bank-a"),
        kind: "order".into(),
        issued_at: START,
        expires_at: START + Duration::hours(1),
        in_reply_to: None,
        journal: None,
        body: order_body(),
    }
}

fn head(seq: i64) -> JournalHead {
    JournalHead { seq, hash: format!("{seq:064x}") }
}

fn id(serial: u8) -> MessageId {
    format!("019ab000-0000-7000-8000-0000000001{serial:02x}").parse().unwrap()
}

/// A JWS over any header and payload, for documents that our own `seal` does not make.
fn raw(secret: [u8; 32], header: &str, payload: &[u8]) -> String {
    let signed = format!("{}.{}", B64.encode(header), B64.encode(payload));
    let signature = SigningKey::from_bytes(&secret).sign(signed.as_bytes());
    format!("{signed}.{}", B64.encode(signature.to_bytes()))
}

fn header(alg: &str, kid: &str, more: &str) -> String {
    format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"shouhu-message+jws"{more}}}"#)
}

/// The document names the border that the vectors draw: 59 seconds behind is opened, 60 are refused.
#[test]
fn the_end_of_a_document_is_the_same_in_the_protocol_and_in_the_vectors() {
    let protocol = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let protocol = std::fs::read_to_string(protocol).unwrap();
    assert!(
        protocol.contains("`expires_at` is less than 1 minute behind our clock: exactly one minute behind is refused")
    );
    let expect = |name: &str| {
        let file = read("seals.json");
        let case = file["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap().clone();
        case["expect"].as_str().unwrap().to_owned()
    };
    assert_eq!([expect("within_the_skew_after_expiry"), expect("expired")], ["opened", "seal.expired"]);
}

fn seals_file() -> Value {
    let centre = window(CENTRE_SECRET);
    let kid = centre.public().kid.clone();
    let good = seal_with(&centre, &message(1)).text;
    let payload = serde_json::to_vec(&message(1)).unwrap();
    let with = |change: &dyn Fn(&mut Message)| {
        let mut message = message(1);
        change(&mut message);
        seal_with(&centre, &message).text
    };
    let parts: Vec<&str> = good.split('.').collect();
    let altered = String::from_utf8(payload.clone()).unwrap().replace("3000000", "9000000");
    let mut flipped = B64.decode(parts[2]).unwrap();
    flipped[0] ^= 1;
    // The same signature with the group order added to its scalar: equal under lax rules, refused under strict ones.
    let malleable = malleable(&B64.decode(parts[2]).unwrap());
    let none = format!("{}.{}.", B64.encode(header("none", &kid, "")), parts[1]);
    let unknown = json!({ "v": 1, "id": id(1), "from": "centre-43", "to": "bank-a", "kind": "order", "issued_at": START,
        "expires_at": START + Duration::hours(1), "priority": "high", "body": order_body() });
    let cases = [
        ("good", good.clone(), "opened"),
        (
            "good_with_unknown_fields",
            raw(CENTRE_SECRET, &header("EdDSA", &kid, r#","cty":"json""#), sorted(&unknown).to_string().as_bytes()),
            "opened",
        ),
        (
            "within_the_skew_after_expiry",
            with(&|m| {
                m.issued_at = START - Duration::hours(1);
                m.expires_at = START - Duration::seconds(59);
            }),
            "opened",
        ),
        ("within_the_skew_before_issue", with(&|m| m.issued_at = START + Duration::minutes(5)), "opened"),
        ("empty", String::new(), "seal.malformed"),
        ("two_parts", format!("{}.{}", parts[0], parts[1]), "seal.malformed"),
        ("four_parts", format!("{good}.AA"), "seal.malformed"),
        ("padded_base64", format!("{good}="), "seal.malformed"),
        ("standard_base64_alphabet", format!("{}.{}+/.{}", parts[0], parts[1], parts[2]), "seal.malformed"),
        (
            "other_typ",
            raw(CENTRE_SECRET, &format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT"}}"#), &payload),
            "seal.malformed",
        ),
        ("without_typ", raw(CENTRE_SECRET, &format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#), &payload), "seal.malformed"),
        (
            "critical_header",
            raw(CENTRE_SECRET, &header("EdDSA", &kid, r#","crit":["b64"],"b64":false"#), &payload),
            "seal.malformed",
        ),
        ("payload_not_json", raw(CENTRE_SECRET, &header("EdDSA", &kid, ""), b"hello"), "seal.malformed"),
        (
            "payload_without_id",
            raw(CENTRE_SECRET, &header("EdDSA", &kid, ""), br#"{"v":1,"from":"centre-43"}"#),
            "seal.malformed",
        ),
        ("alg_none", none, "seal.malformed_or_alg"),
        ("alg_none_with_signature", raw(CENTRE_SECRET, &header("none", &kid, ""), &payload), "seal.alg"),
        ("alg_hs256", raw(CENTRE_SECRET, &header("HS256", &kid, ""), &payload), "seal.alg"),
        ("alg_lower_case", raw(CENTRE_SECRET, &header("eddsa", &kid, ""), &payload), "seal.alg"),
        ("foreign_partner", with(&|m| m.from = pid("centre-99")), "seal.foreign"),
        (
            "disabled_partner",
            {
                let mut m = message(1);
                m.from = pid("centre-off");
                seal_with(&window(OFF_SECRET), &m).text
            },
            "seal.disabled",
        ),
        ("foreign_key", seal_with(&window(STRANGER_SECRET), &message(1)).text, "seal.unknown_key"),
        ("foreign_key_under_our_kid", raw(STRANGER_SECRET, &header("EdDSA", &kid, ""), &payload), "seal.bad_signature"),
        (
            "key_inside_the_header",
            raw(
                STRANGER_SECRET,
                &header(
                    "EdDSA",
                    &kid,
                    &format!(r#","jwk":{}"#, serde_json::to_string(&window(STRANGER_SECRET).public().jwk()).unwrap()),
                ),
                &payload,
            ),
            "seal.bad_signature",
        ),
        ("altered_payload", format!("{}.{}.{}", parts[0], B64.encode(altered), parts[2]), "seal.bad_signature"),
        ("altered_signature", format!("{}.{}.{}", parts[0], parts[1], B64.encode(&flipped)), "seal.bad_signature"),
        ("malleable_signature", format!("{}.{}.{}", parts[0], parts[1], B64.encode(malleable)), "seal.bad_signature"),
        ("short_signature", format!("{}.{}.{}", parts[0], parts[1], B64.encode(&flipped[..63])), "seal.malformed"),
        ("key_ended_before_issue", seal_with(&old(), &message(1)).text, "seal.key_not_valid"),
        (
            "key_was_valid_at_issue",
            {
                let mut m = message(1);
                m.issued_at = START - Duration::hours(24 * 3);
                seal_with(&old(), &m).text
            },
            "opened",
        ),
        ("revoked_key", seal_with(&window(REVOKED_SECRET), &message(1)).text, "seal.key_not_valid"),
        ("version_2", with(&|m| m.v = 2), "seal.version"),
        ("wrong_audience", with(&|m| m.to = pid("bank-b")), "seal.wrong_audience"),
        (
            "from_the_future",
            with(&|m| {
                m.issued_at = START + Duration::minutes(5) + Duration::seconds(1);
            }),
            "seal.not_yet_valid",
        ),
        (
            "expired",
            with(&|m| {
                m.issued_at = START - Duration::hours(2);
                m.expires_at = START - Duration::minutes(1);
            }),
            "seal.expired",
        ),
        ("ends_before_it_begins", with(&|m| m.expires_at = m.issued_at), "seal.lifetime"),
        (
            "lives_too_long",
            with(&|m| m.expires_at = START + Duration::hours(24 * 30) + Duration::seconds(1)),
            "seal.lifetime",
        ),
    ];
    let cases: Vec<Value> = cases
        .into_iter()
        .map(|(name, document, expect)| {
            // A document with the algorithm none has an empty signature; the header is looked at first.
            let expect = if expect == "seal.malformed_or_alg" { "seal.alg" } else { expect };
            json!({ "name": name, "document": document, "expect": expect })
        })
        .collect();
    json!({
        "about": "Each document as bank-a of keys.json opens it at `now` of keys.json: `opened`, or the code of the refusal.",
        "payload_of_good": message(1),
        "cases": cases,
    })
}

/// Adds the group order L to the scalar half of a signature (little endian).
fn malleable(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut out = signature.to_vec();
    let mut carry = 0u16;
    for (byte, add) in out[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    out
}

fn book() -> (Book, PartnerId, Timestamp) {
    let keys = read("keys.json");
    let now = Timestamp::parse(keys["now"].as_str().unwrap()).unwrap();
    let partners = keys["directory"].as_array().unwrap().iter().map(|p| Partner::read(p, now).unwrap());
    (Book::new(partners), pid(keys["me"].as_str().unwrap()), now)
}

#[test]
fn documents_open_or_are_refused_as_the_vectors_say() {
    same_as_file("keys.json", &keys_file());
    same_as_file("seals.json", &seals_file());
    let ((book, me, now), file) = (book(), read("seals.json"));
    for case in file["cases"].as_array().unwrap() {
        let found = match open(&book, case["document"].as_str().unwrap().as_bytes(), now, &me) {
            Ok(_) => "opened",
            Err(refusal) => refusal.error.code(),
        };
        assert_eq!(found, case["expect"].as_str().unwrap(), "{}", case["name"]);
    }
    let large = vec![b'a'; wire::DOCUMENT_BYTES_MAX + 1];
    assert_eq!(open(&book, &large, now, &me).unwrap_err().error.code(), "seal.too_large");
}

fn inbox_file() -> Value {
    let centre = window(CENTRE_SECRET);
    let (first, second) = (seal_with(&centre, &message(1)).text, seal_with(&centre, &message(2)).text);
    let mut other = message(1);
    other.body["reason"] = "换了内容".into();
    let reused = seal_with(&centre, &other).text;
    let mut unknown = message(3);
    unknown.kind = "telex".into();
    let unknown = seal_with(&centre, &unknown).text;
    let step = |minutes: i64, document: &str, expect: &str| json!({ "at": START + Duration::minutes(minutes), "document": document, "expect": expect });
    let with_head = |serial: u8, journal: Value| {
        let mut payload = serde_json::to_value(message(serial)).unwrap();
        payload["journal"] = journal;
        raw(CENTRE_SECRET, &header("EdDSA", &centre.public().kid, ""), sorted(&payload).to_string().as_bytes())
    };
    let (head, lower) = (head(7), head(5));
    let receipt_names_7 = |step: Value| {
        let mut step = step;
        step["journal"] = json!(head);
        step
    };
    json!({
        "about": "Documents that arrive one after the other at bank-a of keys.json. A verdict is that of the receipt; anything else is the code of the refusal. `journal` is the head that the receipt names, where it names one. `applied` is how many took effect in the end.",
        "steps": [
            step(0, &first, "accepted"),
            step(1, &first, "duplicate"),
            step(2, &second, "accepted"),
            step(3, &first, "duplicate"),
            step(4, &reused, "seal.id_reused"),
            step(5, &unknown, "refused"),
            step(6, &unknown, "refused"),
            receipt_names_7(step(7, &with_head(5, json!(head)), "accepted")),
            receipt_names_7(step(8, &with_head(6, json!(lower)), "accepted")),
            receipt_names_7(step(9, &with_head(7, json!({ "seq": 9, "hash": "short" })), "accepted")),
            receipt_names_7(step(10, &with_head(8, json!("none of ours")), "accepted")),
            receipt_names_7(step(11, &first, "duplicate")),
            receipt_names_7(step(12, &unknown, "refused")),
            step(120, &second, "seal.replayed"),
            step(120, &seal_with(&centre, &message(4)).text, "seal.expired"),
        ],
        "applied": 6,
    })
}

#[tokio::test]
async fn documents_are_applied_once_as_the_vectors_say() {
    same_as_file("keys.json", &keys_file());
    same_as_file("inbox.json", &inbox_file());
    let bank = Seat::new("bank-a", 2).await;
    for partner in read("keys.json")["directory"].as_array().unwrap() {
        bank.directory.create(&store::Who::system("test"), partner).await.unwrap();
    }
    let file = read("inbox.json");
    for step in file["steps"].as_array().unwrap() {
        bank.hand.set(Timestamp::parse(step["at"].as_str().unwrap()).unwrap());
        let reply = bank.inbox.receive(step["document"].as_str().unwrap().as_bytes(), None).await;
        let found = match &reply {
            Reply::Receipt(receipt, _) => receipt.verdict.code(),
            Reply::Refused(refusal) => refusal.error.code(),
            Reply::Unavailable => "unavailable",
        };
        assert_eq!(found, step["expect"].as_str().unwrap(), "{step}");
        if let Reply::Receipt(receipt, _) = &reply {
            assert_eq!(json!(receipt.journal), step["journal"], "{step}");
        }
    }
    assert_eq!(bank.count("applied").await, file["applied"].as_i64().unwrap());
    let refused = bank.journaled("seal.refused").await;
    let reasons: Vec<&str> = refused.iter().map(|body| body["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["seal.id_reused", "seal.replayed", "seal.expired"]);
}

fn receipts_file() -> Value {
    let (centre, bank) = (window(CENTRE_SECRET), window(BANK_SECRET));
    let sent = seal_with(&centre, &message(1));
    let receipt = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = Receipt {
            v: 1,
            from: pid("bank-a"),
            to: pid("centre-43"),
            message_id: id(1),
            sha256: sent.sha256.clone(),
            received_at: START,
            issued_at: START,
            verdict: Verdict::Accepted,
            fault: None,
            faults: Vec::new(),
            journal: None,
        };
        change(&mut receipt);
        receipt
    };
    let keys = |secret| wire::Keys::in_memory([window(secret)]);
    let sealed = |change: &dyn Fn(&mut Receipt)| receipt(change).seal(&keys(BANK_SECRET)).unwrap().text;
    let case =
        |name: &str, receipt: String, expect: &str| json!({ "name": name, "receipt": receipt, "expect": expect });
    json!({
        "about": "Receipts as centre-43 reads them at `now` of keys.json for the document that it sent to bank-a.",
        "sent": { "id": id(1), "document": sent.text, "sha256": sent.sha256 },
        "bank_key": bank.public(),
        "cases": [
            case("accepted", sealed(&|_| {}), "accepted"),
            case("accepted_with_a_head_of_the_senders_journal", sealed(&|r| r.journal = Some(head(7))), "accepted"),
            case("duplicate", sealed(&|r| r.verdict = Verdict::Duplicate), "duplicate"),
            case("of_another_document", sealed(&|r| r.sha256 = "0".repeat(64)), "seal.wrong_audience"),
            case("of_another_message", sealed(&|r| r.message_id = id(2)), "seal.wrong_audience"),
            case("for_another_seat", sealed(&|r| r.to = pid("centre-99")), "seal.wrong_audience"),
            case("from_another_seat", sealed(&|r| r.from = pid("bank-b")), "seal.foreign"),
            case("sealed_by_a_stranger", receipt(&|_| {}).seal(&keys(STRANGER_SECRET)).unwrap().text, "seal.unknown_key"),
            case("a_message_is_no_receipt", sent.text.clone(), "seal.malformed"),
        ],
    })
}

#[test]
fn receipts_count_as_the_vectors_say() {
    same_as_file("receipts.json", &receipts_file());
    let file = read("receipts.json");
    let bank = json!({ "id": "bank-a", "name": "bank", "role": "operator", "base_url": "https://bank.example", "keys": [file["bank_key"]] });
    let book = Book::new([Partner::read(&bank, START).unwrap()]);
    let (from, to) = (pid("centre-43"), pid("bank-a"));
    let id = file["sent"]["id"].as_str().unwrap().parse().unwrap();
    let sent = SentDocument { id, from: &from, to: &to, sha256: file["sent"]["sha256"].as_str().unwrap() };
    for case in file["cases"].as_array().unwrap() {
        let found = match Receipt::open(&book, case["receipt"].as_str().unwrap().as_bytes(), START, &sent) {
            Ok(receipt) => receipt.verdict.code(),
            Err(error) => error.code(),
        };
        assert_eq!(found, case["expect"].as_str().unwrap(), "{}", case["name"]);
    }
}

fn movement() -> Value {
    json!({
        "id": "B-000001", "at": "2026-11-22T23:40:00Z", "direction": "in", "amount_minor": 3_000_000, "currency": "CNY",
        "balance_after_minor": 3_000_100, "channel": "mobile",
        "counterparty": { "bank": "bank-b", "account": "6225000000000000027", "name": "李示范" },
        "reference": "T20261123-0001", "memo": "货款",
    })
}

/// One good body of each kind, and what is wrong with bad ones.
fn bodies_file() -> Value {
    let order = "019ab000-0000-7000-8000-000000000001";
    let words = json!({ "code": "answer.done", "zh": "指令已办理", "en": "The order is done" });
    let read =
        |name: &str, kind: &str, body: Value| json!({ "name": name, "kind": kind, "body": body, "expect": "read" });
    let with = |name: &str, value: Value| {
        let mut body = order_body();
        body[name] = value;
        body
    };
    let mut cases = vec![
        read("order_stop", "order", order_body()),
        read(
            "answer_done",
            "answer",
            json!({ "order_id": order, "code": "done", "held_minor": 3_000_000, "available_minor": 100,
            "balance_minor": 3_000_100, "currency": "CNY", "from": "2026-11-23T00:00:01Z", "until": "2026-11-25T00:00:01Z", "stops_used": 1, "words": words }),
        ),
        read(
            "answer_name_mismatch",
            "answer",
            json!({ "order_id": order, "code": "name_mismatch", "mismatches": ["account_name"] }),
        ),
        read(
            "answer_already_frozen",
            "answer",
            json!({ "order_id": order, "code": "already_frozen", "existing": [
            { "authority": "示范市公安局", "case_number": "A1", "kind": "freeze", "amount_minor": 5_000, "until": "2027-05-01T00:00:00Z", "position": 0 }] }),
        ),
        read(
            "answer_transactions",
            "answer",
            json!({ "order_id": order, "code": "done", "transactions": [movement()], "more": false }),
        ),
        read(
            "answer_holder",
            "answer",
            json!({ "order_id": order, "code": "done", "holder": { "name": "张示范", "id_number": "11010519491231002X",
            "phones": ["13800138000"], "opened_at": "2026-10-01T00:00:00Z", "branch": "示范支行" } }),
        ),
        read(
            "answer_accounts",
            "answer",
            json!({ "order_id": order, "code": "done", "accounts": [{ "number": "6217000000000000018", "name": "张示范",
            "currency": "CNY", "balance_minor": 100, "available_minor": 0, "opened_at": "2026-10-01T00:00:00Z" }] }),
        ),
        read("answer_with_a_newer_code", "answer", json!({ "order_id": order, "code": "on_holiday" })),
        read(
            "movement",
            "movement",
            json!({ "order_id": order, "account": "6217000000000000018", "movements": [movement()] }),
        ),
        read(
            "lapse",
            "lapse",
            json!({ "order_id": order, "account": "6217000000000000018", "hold": "stop", "reason": "ended",
            "lapsed_at": "2026-11-25T00:00:01Z", "held_minor": 3_000_000, "currency": "CNY" }),
        ),
        read(
            "notice_victim_case",
            "notice",
            json!({ "notice_id": "019ab000-0000-7000-8000-000000000009", "kind": "victim_case",
            "at": "2026-11-23T00:00:00Z", "branch": "示范支行", "region": "430102", "words": "客户称被骗",
            "case": { "victim": { "name": "王示范", "phone": "13800138000" }, "payments": [{ "payer_account": "6225000000000000027",
                "payee_account": "6217000000000000018", "payee_name": "张示范", "payee_bank": "bank-a", "amount_minor": 3_000_000,
                "currency": "CNY", "paid_at": "2026-11-22T23:40:00Z" }], "contacts": [{ "kind": "phone", "value": "17000000000" }] } }),
        ),
        read(
            "notice_suspect_event",
            "notice",
            json!({ "notice_id": "019ab000-0000-7000-8000-00000000000a", "kind": "suspect_event",
            "at": "2026-11-23T00:00:00Z", "branch": "示范支行", "words": "快进快出", "account": { "number": "6217000000000000018" },
            "signs": ["quick_in_out", "rapid_series"], "movements": [movement()] }),
        ),
        read(
            "notice_taken",
            "notice_taken",
            json!({ "notice_id": "019ab000-0000-7000-8000-000000000009", "case_number": "A4301000000002026110001" }),
        ),
        read("ping", "ping", json!({})),
    ];
    cases.extend(operator_bodies());
    let bad = [
        ("order_of_a_newer_kind", "order", with("kind", "seize".into())),
        ("unknown_kind_of_message", "telex", json!({})),
        ("stop_without_check", "order", with("check", Value::Null)),
        ("lift_without_reference", "order", with("kind", "lift_stop".into())),
        ("freeze_without_end", "order", with("kind", "freeze".into())),
        (
            "many_faults",
            "order",
            json!({ "order_id": order, "kind": "stop", "account": { "number": "6217 0000" }, "amount_minor": "30000", "currency": "yuan" }),
        ),
        ("amount_not_an_integer", "order", with("amount_minor", json!(30000.5))),
        ("body_not_an_object", "answer", json!("done")),
        ("movement_without_movements", "movement", json!({ "order_id": order, "account": "6217000000000000018" })),
    ];
    cases.extend(bad.into_iter().map(|(name, kind, body)| {
        let expect = outcome(kind, &body);
        json!({ "name": name, "kind": kind, "body": body, "expect": expect })
    }));
    json!({
        "about": "Bodies: `read`, `not_offered` (a kind that this version does not know), or the faults as `field code`.",
        "cases": cases,
    })
}

fn line_order_body() -> Value {
    json!({
        "order_id": "019ab000-0000-7000-8000-000000000002",
        "number": "湘公线令字〔2026〕00001号",
        "case_number": "A4301000000002026110001",
        "kind": "cut_call",
        "line": "+8613800138000",
        "counterpart": "+8617000000000",
        "authority": { "unit": "长沙市反诈中心", "approver": "审核员甲", "legal_basis": "反电信网络诈骗法 第三十四条" },
        "reason": "机主正与冒充公检法人员通话",
    })
}

/// Bodies between a centre and an operator, good and bad.
fn operator_bodies() -> Vec<Value> {
    let order = "019ab000-0000-7000-8000-000000000002";
    let with = |changes: &[(&str, Value)]| {
        let mut body = line_order_body();
        for (name, value) in changes {
            body[*name] = value.clone();
        }
        body
    };
    let period = json!({ "from": "2026-11-16T00:00:00Z", "to": "2026-11-23T00:00:00Z" });
    let until = json!("2026-11-23T12:00:00Z");
    let entry = json!({ "pattern": "+8617000000000", "action": "block", "reason": "冒充客服诈骗", "source": "报案",
        "case_number": "A4301000000002026110001", "expires_at": "2026-12-23T00:00:00Z" });
    let hit = json!({ "id": "op-a-991", "at": "2026-11-23T00:00:12Z", "channel": "call", "caller": "+8617000000000",
        "callee_masked": "138****8000", "action": "reject", "reason": "list", "pattern": "+8617000000000" });
    let lift = json!({ "appeal_id": "019ab000-0000-7000-8000-00000000000c", "number": "+8617000000000", "pattern": "+8617000000000",
        "reason": "号码已过户", "granted_by": "客服主管", "granted_at": "2026-11-23T00:00:00Z" });
    let cases = [
        ("line_order_cut_call", "line_order", line_order_body()),
        (
            "line_order_hold_flagged_calls",
            "line_order",
            with(&[("kind", "hold_flagged_calls".into()), ("until", until.clone()), ("include_foreign", true.into())]),
        ),
        (
            "line_order_query_contacts",
            "line_order",
            with(&[("kind", "query_contacts".into()), ("period", period.clone())]),
        ),
        (
            "line_order_warn_contacts",
            "line_order",
            with(&[
                ("kind", "warn_contacts".into()),
                ("period", period.clone()),
                ("warning_text", "尾号{tail}的来电涉嫌诈骗，请勿转账".into()),
                ("warning_text_en", "The number ending in {tail} is suspected of a scam: do not pay".into()),
            ]),
        ),
        (
            "line_order_label_next_call",
            "line_order",
            with(&[("kind", "label_next_call".into()), ("until", until.clone()), ("label", "涉诈来电".into())]),
        ),
        (
            "line_order_label_next_call_in_the_operators_words",
            "line_order",
            with(&[("kind", "label_next_call".into()), ("until", until.clone()), ("counterpart", Value::Null)]),
        ),
        ("line_order_lift", "line_order", with(&[("kind", "lift".into()), ("refers_to", order.into())])),
        (
            "line_answer_cut",
            "line_answer",
            json!({ "order_id": order, "code": "done", "at": "2026-11-23T00:00:02Z", "cuts": [{ "caller": "+8617000000000",
                "callee": "+8613800138000", "started_at": "2026-11-22T23:31:00Z", "cut_at": "2026-11-23T00:00:02Z" }] }),
        ),
        (
            "line_answer_contacts",
            "line_answer",
            json!({ "order_id": order, "code": "done_in_part", "records_from": "2026-11-20T00:00:00Z", "more": false,
                "contacts": [{ "number": "+8613900139000", "direction": "out", "channel": "call",
                    "first": "2026-11-21T02:00:00Z", "last": "2026-11-22T03:00:00Z", "count": 4, "answered": 2,
                    "duration_seconds": 1_900 }] }),
        ),
        (
            "line_answer_messages",
            "line_answer",
            json!({ "order_id": order, "code": "done", "messages": { "sent": 40, "warned_before": 2, "not_ours": 7, "failed": 0 } }),
        ),
        ("line_answer_with_a_newer_code", "line_answer", json!({ "order_id": order, "code": "on_strike" })),
        (
            "list_change",
            "list_change",
            json!({ "number": 8, "previous": 7, "at": "2026-11-23T00:00:00Z", "put": [entry.clone(),
                { "pattern": "+861700000*", "action": "watch", "reason": "涉诈高发号段", "source": "省反诈中心", "label": "疑似诈骗号段" },
                { "pattern": "+8617012340000-+8617012349999", "action": "block", "reason": "号段租用涉诈", "source": "省反诈中心" }],
                "remove": ["+8617100000000", "1069*"] }),
        ),
        (
            "list_change_with_nothing",
            "list_change",
            json!({ "number": 8, "previous": 8, "at": "2026-11-23T00:00:00Z" }),
        ),
        ("list_ask", "list_ask", json!({ "have": 0 })),
        (
            "list_offer",
            "list_offer",
            json!({ "number": 8, "at": "2026-11-23T00:00:00Z", "sha256": "a".repeat(64), "bytes": 2_000_000_000,
                "entries": 50_000_000, "expires_at": "2026-11-24T00:00:00Z" }),
        ),
        ("list_lift", "list_lift", lift),
        (
            "signals",
            "signals",
            json!({ "signals_id": "019ab000-0000-7000-8000-00000000000b",
                "period": { "from": "2026-11-23T00:00:00Z", "to": "2026-11-23T00:01:00Z" },
                "counters": [{ "channel": "call", "action": "pass", "reason": "none", "count": 51_234 },
                    { "channel": "message", "action": "teleported", "reason": "horoscope", "detail": "刷单返利", "count": 12 }],
                "hits": [hit.clone()], "hits_lost": 0, "list_number": 8,
                "rules": [{ "rule": "rule:12", "title": "境外来电冒充客服", "title_en": "Foreign call as customer service",
                    "owner": "screener", "stage": "live" }, { "rule": "rule:13", "title": "新规则", "stage": "on_trial" }] }),
        ),
        ("line_order_of_a_newer_kind", "line_order", with(&[("kind", "hypnotise".into())])),
        ("hold_without_end", "line_order", with(&[("kind", "hold_flagged_calls".into())])),
        ("lift_of_nothing", "line_order", with(&[("kind", "lift".into())])),
        ("label_without_end", "line_order", with(&[("kind", "label_next_call".into())])),
        (
            "label_with_a_number_to_call",
            "line_order",
            with(&[("kind", "label_next_call".into()), ("until", until), ("label", "请回拨400123456".into())]),
        ),
        (
            "warning_with_a_link",
            "line_order",
            with(&[
                ("kind", "warn_contacts".into()),
                ("period", period.clone()),
                ("warning_text_en", "See www.example".into()),
            ]),
        ),
        ("query_without_period", "line_order", with(&[("kind", "query_contacts".into())])),
        ("line_not_a_number", "line_order", with(&[("line", "138-0013-8000".into()), ("counterpart", "+0123".into())])),
        (
            "list_change_with_many_faults",
            "list_change",
            json!({ "number": 7, "previous": 8, "put": [{ "pattern": "+86170**", "action": "shout", "source": "报案" },
                { "pattern": "+8617012349999-+8617012340000", "action": "block", "reason": "r", "source": "s" }],
                "remove": ["95588-955889", 7] }),
        ),
        (
            "list_change_with_a_pattern_twice",
            "list_change",
            json!({ "number": 8, "previous": 7, "at": "2026-11-23T00:00:00Z", "put": [entry], "remove": ["+8617000000000"] }),
        ),
        ("list_ask_below_nothing", "list_ask", json!({ "have": -1 })),
        (
            "signals_with_many_faults",
            "signals",
            json!({ "period": { "from": "2026-11-23T00:01:00Z", "to": "2026-11-23T00:01:00Z" },
                "counters": [{ "channel": "call", "action": "pass", "reason": "none", "count": -4 }],
                "hits": [{ "id": "op-a-992", "at": "yesterday", "channel": "call", "callee": "somebody", "action": "pass", "reason": "none" }] }),
        ),
    ];
    cases
        .into_iter()
        .map(|(name, kind, body)| {
            let found = outcome(kind, &body);
            json!({ "name": name, "kind": kind, "body": body, "expect": found })
        })
        .collect()
}

fn outcome(kind: &str, body: &Value) -> Value {
    let mut message = message(1);
    (message.kind, message.body) = (kind.to_owned(), body.clone());
    match message.read() {
        Ok(_) => "read".into(),
        Err(Unread::NotOffered { .. }) => "not_offered".into(),
        Err(Unread::Faulty { faults, .. }) => faults
            .0
            .iter()
            .map(|fault| Value::from(format!("{} {}", fault.field, fault.said.code).trim().to_owned()))
            .collect(),
    }
}

#[test]
fn bodies_read_as_the_vectors_say() {
    same_as_file("bodies.json", &bodies_file());
    for case in read("bodies.json")["cases"].as_array().unwrap() {
        assert_eq!(outcome(case["kind"].as_str().unwrap(), &case["body"]), case["expect"], "{}", case["name"]);
    }
}
