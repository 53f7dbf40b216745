use std::path::{Path, PathBuf};

use store::Who;
use store::journal::{Entry, seal_head};

use super::*;
use crate::cli::{JournalExport, SeatAt, SeatKind, Serve};
use crate::config::{Absent, resolve};
use crate::seat::Seat;

async fn seat(dir: &Path) -> Seat {
    let at = SeatAt { data: Some(dir.join("seat")), ..SeatAt::default() };
    let config = resolve(&Serve { at, ..Serve::default() }, Some(SeatKind::Centre), Absent::Make).unwrap();
    Seat::open(config, crate::seat::Making::Whole).await.unwrap()
}

async fn append(seat: &Seat, subject: &str, kind: &str, private: &str) {
    let mut tx = seat.db.begin().await.unwrap();
    let sha256 = store::document::put(&mut tx, "text/plain", format!("paper of {kind}").as_bytes()).await.unwrap();
    let entry = Entry::new(kind, subject).body(&serde_json::json!({ "papers": [{ "sha256": sha256 }] }));
    tx.append(entry.private(&private), &Who::system("test")).await.unwrap();
    tx.commit().await.unwrap();
}

async fn bundle(dir: &Path) -> (Seat, PathBuf) {
    let seat = seat(dir).await;
    append(&seat, "order:1", "order.made", "李雷").await;
    append(&seat, "order:2", "order.made", "韩梅梅").await;
    append(&seat, "order:1", "order.approved", "李雷").await;
    append(&seat, "order:2", "order.approved", "韩梅梅").await;
    seal_head(&seat.db, &seat.keys).await.unwrap();
    let out = dir.join("bundle");
    let options = JournalExport {
        at: SeatAt::default(),
        subject: Some("order:1".into()),
        case: None,
        out: out.clone(),
        purpose: Some("法庭用".into()),
    };
    export(&seat, &options).await.unwrap();
    (seat, out)
}

#[tokio::test]
async fn a_bundle_holds_without_the_database_and_leaves_a_trace_in_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (seat, out) = bundle(dir.path()).await;
    let public = seat.keys.public();
    let holds = check::verify(&out, Some(&public)).unwrap();
    assert_eq!((holds.manifest.entries, holds.sealed_seq), (2, 4));
    assert_eq!(std::fs::read_dir(out.join(DOCUMENTS)).unwrap().count(), 2);
    let opened = std::fs::read_to_string(out.join(OPENED)).unwrap();
    assert!(opened.contains("李雷") && !opened.contains("韩梅梅"));
    let last = store::journal::read_after(&seat.db, 4, 10).await.unwrap();
    assert_eq!(last[0].kind, "evidence.exported");
    assert_eq!(last[0].purpose.as_deref(), Some("法庭用"));
}

#[tokio::test]
async fn keys_of_another_seat_do_not_pass() {
    let dir = tempfile::tempdir().unwrap();
    let (_seat, out) = bundle(dir.path()).await;
    let other = tempfile::tempdir().unwrap();
    let other = self::seat(other.path()).await.keys.public();
    assert!(check::verify(&out, Some(&other)).unwrap_err().en.contains("manifest.jws"));
}

#[tokio::test]
async fn one_changed_byte_anywhere_breaks_a_bundle() {
    let dir = tempfile::tempdir().unwrap();
    let (seat, out) = bundle(dir.path()).await;
    let public = seat.keys.public();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&out)
        .unwrap()
        .chain(std::fs::read_dir(out.join(DOCUMENTS)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    assert_eq!(files.len(), 9);
    for path in files {
        let good = std::fs::read(&path).unwrap();
        for at in [0, good.len() / 3, good.len() / 2, good.len() - 2] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(check::verify(&out, Some(&public)).is_err(), "{} changed at {at} passes", path.display());
        }
        std::fs::write(&path, &good).unwrap();
    }
    check::verify(&out, Some(&public)).unwrap();
}

/// Whoever has the bundle can make a manifest that fits his changes, but no seal over it; and were the seat itself to
/// seal a forged manifest, the chain would still not end in what was sealed before.
#[tokio::test]
async fn a_forged_entry_with_a_fitting_manifest_does_not_pass() {
    use store::journal::Sealer;
    let dir = tempfile::tempdir().unwrap();
    let (seat, out) = bundle(dir.path()).await;
    let public = seat.keys.public();
    let text = std::fs::read_to_string(out.join(ENTRIES)).unwrap();
    let mut lines: Vec<EntryLine> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[1].actor = "somebody else".into();
    let mut forged = lines[1].clone().recorded().unwrap();
    forged.digest = store::journal::content_digest(&forged);
    lines[1] = EntryLine::of(&forged);
    let entries: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
    std::fs::write(out.join(ENTRIES), &entries).unwrap();
    let mut manifest: Manifest = serde_json::from_slice(&std::fs::read(out.join(MANIFEST)).unwrap()).unwrap();
    manifest.files[0] = FileLine::of(ENTRIES, entries.as_bytes());
    let manifest = serde_json::to_vec_pretty(&manifest).unwrap();
    std::fs::write(out.join(MANIFEST), &manifest).unwrap();
    assert!(check::verify(&out, Some(&public)).unwrap_err().en.contains("is not what was sealed"));
    let sealed = seat.keys.seal(&manifest, seat.db.clock().now()).unwrap();
    std::fs::write(out.join(MANIFEST_SEAL), sealed).unwrap();
    assert!(check::verify(&out, Some(&public)).unwrap_err().en.contains("does not fit into the chain"));
}

#[test]
fn every_reason_of_a_bundle_has_words_in_both_languages() {
    for text in check::reasons::CATALOGUE {
        let [zh, en, ..] = text.places().map(|names| names.into_iter().collect::<std::collections::BTreeSet<_>>());
        assert_eq!(zh, en, "{}", text.code);
        let outside = text.zh.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
        assert!(!outside.flat_map(str::chars).any(|c| c.is_ascii_alphabetic()), "{}", text.zh);
    }
}

#[tokio::test]
async fn what_a_bundle_lacks_is_told_in_both_languages() {
    let dir = tempfile::tempdir().unwrap();
    let (_seat, out) = bundle(dir.path()).await;
    std::fs::remove_file(out.join(ENTRIES)).unwrap();
    let said = check::verify(&out, None).unwrap_err();
    assert_eq!(said.zh, format!("{ENTRIES}：不存在"));
    assert_eq!(said.en, format!("{ENTRIES}: No such file or directory"));
}
