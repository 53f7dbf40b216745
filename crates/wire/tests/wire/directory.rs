//! The partner directory, on both databases.

use serde_json::json;
use store::Who;
use wire::{Directory, DirectoryError};

use crate::seat::{key, pid};

#[tokio::test]
async fn partners_are_entered_changed_and_seen_on_both_databases() {
    store::testing::each_db(&[wire::MIGRATIONS], |db, _hand| async move {
        let directory = Directory::open(&db).await.unwrap();
        let other = Directory::open(&db).await.unwrap();
        let who = Who::user("admin", &["partners.write"]);
        let faulty = json!({
            "id": "Bank A", "name": "", "role": "shop", "base_url": "http://10.0.0.5",
            "keys": [{ "kid": "k", "public": "AAAA", "not_before": "2026-01-01T00:00:00Z", "not_after": "2025-01-01T00:00:00Z" }],
            "contacts": [{ "name": "n", "phone": "call me", "duty": "primary" }], "answer_minutes": 0,
        });
        let Err(DirectoryError::Faulty(faults)) = directory.create(&who, &faulty).await else { panic!() };
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            ["id", "name", "role", "base_url", "keys[0].not_after", "keys[0].public", "contacts[0].phone", "answer_minutes"]
        );

        // Whoever writes another word learns which there are.
        let told = |field: &str, faults: &kernel::Faults| {
            let fault = faults.0.iter().find(|fault| fault.field == field).unwrap();
            (fault.said.zh_remedy.clone(), fault.said.en_remedy.clone())
        };
        for word in ["centre", "bank", "operator"] {
            let (zh, en) = told("role", &faults);
            assert!(zh.contains(word) && en.contains(word), "{zh} {en}");
        }
        let mut foo = faulty.clone();
        foo["contacts"][0]["duty"] = json!("foo");
        let Err(DirectoryError::Faulty(faults)) = directory.create(&who, &foo).await else { panic!() };
        for word in ["primary", "deputy", "technical"] {
            let (zh, en) = told("contacts[0].duty", &faults);
            assert!(zh.contains(word) && en.contains(word), "{zh} {en}");
        }

        let good = json!({
            "id": "bank-a", "name": "湘江示范银行", "name_en": "Xiangjiang Demo Bank", "role": "bank",
            "base_url": "http://127.0.0.1:8431/", "keys": [key(2).public().jwk()], "bank_codes": ["313551000001"],
            "contacts": [
                { "name": "甲", "phone": "0731-88880001", "duty": "primary" },
                { "name": "乙", "phone": "0731-88880002", "duty": "deputy" },
            ],
        });
        let created = directory.create(&who, &good).await.unwrap();
        assert_eq!(created.messages_url(), "http://127.0.0.1:8431/wire/v1/messages");
        assert_eq!(directory.book().by_bank_code("313551000001").unwrap().id, pid("bank-a"));
        let Err(DirectoryError::Faulty(again)) = directory.create(&who, &good).await else { panic!() };
        assert_eq!(again.0[0].said.code, "partner.exists");
        let Err(DirectoryError::Faulty(alone)) =
            directory.patch(&who, &pid("bank-a"), &json!({ "contacts": [] })).await
        else {
            panic!()
        };
        assert_eq!(alone.0[0].said.code, "partner.contacts");
        let changed = directory.patch(&who, &pid("bank-a"), &json!({ "enabled": false })).await.unwrap();
        assert!(!changed.enabled && changed.keys == created.keys);

        let denied = directory.create(&Who::user("clerk", &[]), &good).await;
        assert!(matches!(denied, Err(DirectoryError::Store(store::Error::Forbidden { .. }))));
        assert!(other.list().is_empty());
        other.reload().await.unwrap();
        assert_eq!(other.list(), directory.list());
    })
    .await;
}
