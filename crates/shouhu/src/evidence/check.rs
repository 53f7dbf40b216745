//! Checking a bundle, without a database and without trusting whoever brings it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use serde::de::DeserializeOwned;
use store::journal::{self, Hash, SealClaim};
use wire::PublicKey;

use super::{
    CHAIN, ChainLine, ENTRIES, EntryLine, FORMAT, FileLine, KEYS, MANIFEST, MANIFEST_SEAL, Manifest, OPENED,
    OpenedLine, SEAL, SealLine, hash,
};
use crate::cli::JournalCheck;
use crate::output::tell;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// Checks a bundle and says what it proves.
///
/// # Errors
/// The first thing that does not hold.
pub fn check(options: &JournalCheck) -> Outcome {
    let trusted = match &options.keys {
        Some(path) => Some(crate::input::json::<Vec<PublicKey>>(path)?),
        None => None,
    };
    let found = verify(&options.bundle, trusted.as_deref())
        .map_err(|why| texts::BUNDLE_BAD.fail(Exit::No, &[("why", &why)]))?;
    let about = found.manifest.subject.as_deref().or(found.manifest.case.as_deref()).unwrap_or("");
    let (seat, entries, sealed) = (&found.manifest.seat, found.manifest.entries, found.sealed_seq);
    match Lang::now() {
        Lang::Zh => tell!("证据包可信：{seat} 关于 {about} 的日志 {entries} 条，未被改动，签章至第 {sealed} 条"),
        Lang::En => {
            tell!("the bundle holds: {entries} entries of {seat} about {about}, unchanged, sealed up to {sealed}")
        }
    }
    if trusted.is_none() {
        let words = Lang::now().pick(
            "注意：签章是用包内自带的公钥核验的；请用 --keys 指定从可信渠道取得的公钥",
            "note: the seals were checked with the keys inside the bundle; give keys from a source you trust with --keys",
        );
        eprintln!("{words}");
    }
    Ok(())
}

/// What a bundle that holds says.
#[derive(Debug)]
pub(super) struct Holds {
    pub(super) manifest: Manifest,
    pub(super) sealed_seq: i64,
}

pub(super) fn verify(bundle: &Path, trusted: Option<&[PublicKey]>) -> Result<Holds, String> {
    let manifest_bytes = read(bundle, MANIFEST)?;
    let manifest: Manifest = json(MANIFEST, &manifest_bytes)?;
    if manifest.format != FORMAT {
        return Err(format!("the format {:?} is not {FORMAT}", manifest.format));
    }
    let files = files(bundle, &manifest)?;
    let file = |name: &str| files.get(name).ok_or_else(|| format!("{name} is not in the manifest"));

    let own: Vec<PublicKey> = json(KEYS, file(KEYS)?)?;
    let keys = trusted.unwrap_or(&own);
    let manifest_seal = String::from_utf8(read(bundle, MANIFEST_SEAL)?).map_err(|e| e.to_string())?;
    let sealed = wire::check_journal_seal(keys, &manifest_seal).map_err(|e| format!("{MANIFEST_SEAL}: {e}"))?;
    if sealed != manifest_bytes {
        return Err(format!("{MANIFEST} is not what was sealed"));
    }

    let seal: SealLine = json(SEAL, file(SEAL)?)?;
    let payload = wire::check_journal_seal(keys, &seal.document).map_err(|e| format!("{SEAL}: {e}"))?;
    let claim: SealClaim = json(SEAL, &payload)?;
    if claim.what != "journal-seal" || (claim.seq, &claim.hash, &claim.seat) != (seal.seq, &seal.hash, &manifest.seat) {
        return Err(format!("{SEAL} speaks of something else than its document"));
    }

    let entries: Vec<EntryLine> = lines(ENTRIES, file(ENTRIES)?)?;
    let chain: Vec<ChainLine> = lines(CHAIN, file(CHAIN)?)?;
    if entries.len() != manifest.entries {
        return Err(format!("{ENTRIES} has {} lines, the manifest says {}", entries.len(), manifest.entries));
    }
    let seqs: BTreeSet<i64> = entries.iter().map(|entry| entry.seq).collect();
    chained(&manifest, entries, &chain, &claim)?;
    if let Some(opened) = files.get(OPENED) {
        let opened: Vec<OpenedLine> = lines(OPENED, opened)?;
        if let Some(stray) = opened.iter().find(|line| !seqs.contains(&line.seq)) {
            return Err(format!("{OPENED} opens entry {}, which is not here", stray.seq));
        }
    }
    Ok(Holds { sealed_seq: claim.seq, manifest })
}

/// Every file that the manifest names, unchanged.
fn files(bundle: &Path, manifest: &Manifest) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    for line in &manifest.files {
        // A bundle comes from outside: its manifest must not make us read elsewhere.
        if !Path::new(&line.path).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(format!("the path {:?} leads out of the bundle", line.path));
        }
        let content = read(bundle, &line.path)?;
        if FileLine::of(&line.path, &content) != *line {
            return Err(format!("{} is not what the manifest names", line.path));
        }
        if let Some(name) = line.path.strip_prefix("documents/")
            && name != line.sha256
        {
            return Err(format!("{} does not bear its own SHA-256", line.path));
        }
        files.insert(line.path.clone(), content);
    }
    Ok(files)
}

/// Each entry is about the subject, its digest is that of its content, and it stands where it says in a chain of
/// digests that ends in the hash which was sealed.
fn chained(manifest: &Manifest, entries: Vec<EntryLine>, chain: &[ChainLine], claim: &SealClaim) -> Result<(), String> {
    let mut waiting: BTreeMap<i64, journal::Recorded> = BTreeMap::new();
    for line in entries {
        let seq = line.seq;
        let entry = line.recorded().ok_or_else(|| format!("entry {seq} cannot be read"))?;
        let about = manifest.subject.as_ref().is_none_or(|subject| *subject == entry.subject)
            && manifest.case.as_ref().is_none_or(|case| entry.case_id.as_ref() == Some(case));
        if !about {
            return Err(format!("entry {seq} is about something else"));
        }
        if journal::content_digest(&entry) != entry.digest {
            return Err(format!("entry {seq} was changed"));
        }
        waiting.insert(seq, entry);
    }
    let mut prev: Option<Hash> = None;
    let mut expected = chain.first().map_or(0, |line| line.seq);
    for line in chain {
        if line.seq != expected {
            return Err(format!("the chain has no entry {expected}"));
        }
        let digest = hash(&line.digest).ok_or_else(|| format!("the digest of entry {expected} cannot be read"))?;
        let entry = waiting.remove(&expected);
        let before = match (prev, &entry) {
            (Some(before), _) => before,
            (None, Some(entry)) => entry.prev,
            (None, None) => return Err("the chain does not begin with an entry of the bundle".to_owned()),
        };
        let linked = journal::link(&before, &digest);
        if let Some(entry) = entry
            && (entry.prev, entry.digest, entry.hash) != (before, digest, linked)
        {
            return Err(format!("entry {expected} does not fit into the chain"));
        }
        prev = Some(linked);
        expected += 1;
    }
    if let Some(seq) = waiting.keys().next() {
        return Err(format!("entry {seq} does not stand in the chain"));
    }
    let reached = prev.map(hex::encode);
    if reached.as_ref() != Some(&claim.hash) || expected - 1 != claim.seq {
        return Err("the chain does not end in the hash that was sealed".to_owned());
    }
    Ok(())
}

fn read(bundle: &Path, name: &str) -> Result<Vec<u8>, String> {
    std::fs::read(bundle.join(name)).map_err(|error| format!("{name}: {error}"))
}

fn json<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{name}: {error}"))
}

fn lines<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<Vec<T>, String> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| json(name, line)).collect()
}
