//! What others have signed about the journal: a partner's receipts, in the database and in the anchor outside.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use kernel::{Said, Timestamp};
use store::journal::stuck::{self, Which};
use store::journal::witness::{self, Testimony};
use store::journal::{self, Entry, RECEIPT_EVERY, Receipts};
use store::testing::each_db;
use store::{Db, Who, args};

fn administrator() -> Who {
    Who::user("admin", &[stuck::RIGHT, "users.write", "journal.read"])
}

async fn append(db: &Db, count: i64) {
    for number in 0..count {
        let mut tx = db.begin().await.unwrap();
        tx.append(Entry::new("thing.happened", format!("thing:{number}")), &Who::system("test")).await.unwrap();
        tx.commit().await.unwrap();
    }
}

const MISFIT: kernel::Text = kernel::Text::new("test.misfit", ("签章不符", "the signature does not fit"), ("", ""));

/// Seals with a prefix, and takes receipts of the form `signed:partner:seq:hash`.
struct Prefix;

impl journal::Sealer for Prefix {
    fn seal(&self, payload: &[u8], _now: Timestamp) -> Result<String, String> {
        Ok(format!("sealed:{}", String::from_utf8_lossy(payload)))
    }
    fn check(&self, document: &str) -> Result<Vec<u8>, Said> {
        document.strip_prefix("sealed:").map(|text| text.as_bytes().to_vec()).ok_or_else(|| MISFIT.say(&[]))
    }
    fn check_receipt(&self, partner: &str, receipt: &str) -> Result<(i64, String), Said> {
        let rest = receipt.strip_prefix(&format!("signed:{partner}:")).ok_or_else(|| MISFIT.say(&[]))?;
        let (seq, hash) = rest.split_once(':').unwrap();
        Ok((seq.parse().unwrap(), hash.to_owned()))
    }
}

async fn hash_at(db: &Db, seq: i64) -> String {
    let (hash,): (Vec<u8>,) = db.fetch_one("SELECT hash FROM journal WHERE seq = $1", args![seq]).await.unwrap();
    hex::encode(hash)
}

async fn hear(db: &Db, partner: &str, seq: i64, hash: &str) {
    let mut tx = db.begin().await.unwrap();
    let (at, receipt) = (tx.now(), format!("signed:{partner}:{seq}:{hash}"));
    witness::hear(&mut tx, &Testimony { partner, seq, hash, at, receipt: &receipt }).await.unwrap();
    tx.commit().await.unwrap();
}

async fn told(db: &Db) -> Vec<(String, i64)> {
    let all = stuck::list(db, &administrator()).await.unwrap();
    all.into_iter().map(|piece| (piece.desk, piece.seq.unwrap())).collect()
}

async fn recorded(db: &Db) -> usize {
    let all = journal::read_after(db, 0, 1_000).await.unwrap();
    all.iter().filter(|entry| entry.kind == witness::CONTRADICTED).count()
}

async fn retry(db: &Db, which: &Which) -> store::Result<u64> {
    let mut tx = db.begin().await.unwrap();
    let asked = stuck::ask_retry(&mut tx, &administrator(), which).await?;
    tx.commit().await?;
    Ok(asked)
}

#[tokio::test]
async fn a_partner_that_signed_for_another_journal_is_told_once_until_a_person_dismisses_it() {
    each_db(&[], |db, _hand| async move {
        append(&db, 3).await;
        hear(&db, "bank-a", 3, &hash_at(&db, 3).await).await;
        assert!(told(&db).await.is_empty());
        assert!(journal::verify(&db, Some(&Prefix)).await.unwrap().ok);

        let other = "ab".repeat(32);
        for seq in [99, 99, 100] {
            hear(&db, "bank-a", seq, &other).await;
        }
        hear(&db, "bank-b", 2, &other).await;
        assert_eq!(told(&db).await, [("partner:bank-a".into(), 99), ("partner:bank-b".into(), 2)]);
        assert_eq!((recorded(&db).await, stuck::count(&db).await.unwrap()), (2, (2, 0)));
        let found = journal::verify(&db, Some(&Prefix)).await.unwrap();
        let why = found.reason.unwrap();
        assert!(why.zh.contains("bank-a 签收过本日志第 99 条，而当时日志止于第 3 条"), "{why:?}");
        let reason = why.en;
        assert!(
            !found.ok && reason.contains("bank-a has signed for entry 99 of this journal, which ended at 3"),
            "{reason}"
        );
        let clerk = Who { region: Some("4301".into()), ..Who::user("clerk", &[stuck::RIGHT]) };
        assert!(stuck::list(&db, &clerk).await.unwrap().is_empty());

        assert_eq!(retry(&db, &Which::All).await.unwrap(), 0, "nobody dismisses it by the way");
        assert!(retry(&db, &Which::Entry { desk: "partner:bank-a".into(), seq: 98 }).await.is_err());
        assert_eq!(retry(&db, &Which::Entry { desk: "partner:bank-a".into(), seq: 99 }).await.unwrap(), 1);
        hear(&db, "bank-a", 99, &other).await;
        assert_eq!(told(&db).await, [("partner:bank-b".into(), 2)], "what a person has decided stays decided");
        hear(&db, "bank-a", 101, &other).await;
        assert_eq!(told(&db).await.len(), 2, "another head is new evidence");
        for (partner, seq) in [("bank-a", 101), ("bank-b", 2)] {
            retry(&db, &Which::Entry { desk: format!("partner:{partner}"), seq }).await.unwrap();
        }
        assert!(told(&db).await.is_empty());
        assert!(journal::verify(&db, Some(&Prefix)).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn a_head_that_a_partner_signed_for_stands_in_the_anchor_and_a_cut_journal_does_not_pass_it() {
    each_db(&[], |db, hand| async move {
        let other_disk = tempfile::tempdir().unwrap();
        let file = other_disk.path().join("heads.jsonl");
        let text = || std::fs::read_to_string(&file).unwrap();
        let db = db.anchored(Some(file.clone()));
        let mut receipts = Receipts::default();
        receipts.anchor(&db).await.unwrap();
        append(&db, 3).await;
        journal::seal_and_anchor(&db, &Prefix).await.unwrap();
        hear(&db, "bank-a", 3, &hash_at(&db, 3).await).await;
        hear(&db, "bank-b", 9_000, &"ab".repeat(32)).await;
        receipts.anchor(&db).await.unwrap();
        append(&db, 3).await;
        journal::seal_and_anchor(&db, &Prefix).await.unwrap();
        let last = journal::last_seq(&db).await.unwrap();
        hear(&db, "bank-a", last, &hash_at(&db, last).await).await;
        hear(&db, "bank-c", last, &hash_at(&db, last).await).await;
        hear(&db, "bank-a", 3, &hash_at(&db, 3).await).await;
        receipts.anchor(&db).await.unwrap();
        Receipts::default().anchor(&db).await.unwrap();
        assert_eq!(text().matches("\"receipt\":").count(), 1, "one an hour, after a restart too: {}", text());
        hand.advance(RECEIPT_EVERY);
        receipts.anchor(&db).await.unwrap();
        hand.advance(RECEIPT_EVERY);
        Receipts::default().anchor(&db).await.unwrap();
        assert_eq!(text().matches("\"receipt\":").count(), 2, "no head twice: {}", text());
        assert!(!text().contains("bank-b"), "a head that does not fit is not written: {}", text());

        retry(&db, &Which::Entry { desk: "partner:bank-b".into(), seq: 9_000 }).await.unwrap();
        let whole = journal::verify(&db, Some(&Prefix)).await.unwrap();
        assert_eq!((whole.ok, whole.witnessed_seq, whole.witness.as_deref()), (true, last, Some("bank-a")));
        assert!(whole.doubts.is_empty());

        // A line that the partner has not signed counts as nothing, for or against.
        let good = text();
        std::fs::write(&file, good.replace("signed:bank-a", "forged:bank-a")).unwrap();
        let found = journal::verify(&db, Some(&Prefix)).await.unwrap();
        assert_eq!((found.ok, found.witnessed_seq, found.doubts.len()), (true, 0, 2));
        assert_eq!(found.doubts[0].en, "the receipt of bank-a for entry 3: the signature does not fit");
        assert_eq!(found.doubts[0].zh, "bank-a 对第 3 条的签收：签章不符");

        // Whoever has the keys of the seat can make its seals anew, but not what the partner has signed.
        let partners: String =
            good.lines().filter(|line| line.contains("receipt")).map(|line| format!("{line}\n")).collect();
        std::fs::write(&file, partners).unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.execute("DELETE FROM journal WHERE seq > 4", args![]).await.unwrap();
        tx.execute("DELETE FROM journal_seal WHERE seq > 4", args![]).await.unwrap();
        let (hash,): (Vec<u8>,) = tx.fetch_one("SELECT hash FROM journal WHERE seq = 4", args![]).await.unwrap();
        tx.execute("UPDATE journal_head SET seq = 4, hash = $1", args![hash]).await.unwrap();
        tx.commit().await.unwrap();
        let cut = journal::verify(&db, Some(&Prefix)).await.unwrap();
        assert_eq!((cut.ok, cut.first_bad), (false, Some(5)), "{cut:?}");
        assert!(cut.reason.unwrap().en.contains(&format!("bank-a has signed for entry {last}")));
        append(&db, 20).await;
        let other = journal::verify(&db, Some(&Prefix)).await.unwrap();
        assert_eq!((other.ok, other.first_bad), (false, Some(last)), "{other:?}");
    })
    .await;
}

#[tokio::test]
async fn a_journal_whose_seals_were_removed_does_not_verify_though_its_chain_is_whole() {
    each_db(&[], |db, hand| async move {
        let log_in = async || {
            let mut tx = db.begin().await.unwrap();
            tx.append(Entry::new("session.opened", "user:a"), &Who::system("test")).await.unwrap();
            tx.commit().await.unwrap();
        };
        append(&db, 3).await;
        hand.advance(kernel::Duration::hours(24));
        assert!(journal::verify(&db, Some(&Prefix)).await.unwrap().ok, "commands write before a seat serves");
        log_in().await;
        assert!(journal::verify(&db, Some(&Prefix)).await.unwrap().ok, "the next seal is not due yet");
        journal::seal_head(&db, &Prefix).await.unwrap();
        append(&db, 1).await;
        hand.advance(kernel::Duration::hours(24));
        assert!(journal::verify(&db, Some(&Prefix)).await.unwrap().ok);
        let mut tx = db.begin().await.unwrap();
        tx.execute("DELETE FROM journal_seal", args![]).await.unwrap();
        tx.commit().await.unwrap();
        let found = journal::verify(&db, Some(&Prefix)).await.unwrap();
        assert!(!found.ok);
        assert_eq!((found.reason.unwrap().code.as_str(), found.first_bad), ("journal.unsealed", Some(4)));
    })
    .await;
}
