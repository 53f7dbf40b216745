//! Checking a bundle, without a database and without trusting whoever brings it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use kernel::{Said, Text};
use serde::de::DeserializeOwned;
use store::journal::{self, Hash, SealClaim};
use wire::PublicKey;

use super::{
    CHAIN, ChainLine, ENTRIES, EntryLine, FORMAT, FileLine, KEYS, MANIFEST, MANIFEST_SEAL, Manifest, OPENED,
    OpenedLine, SEAL, SealLine, hash,
};
use crate::cli::JournalCheck;
use crate::output::tell;
use crate::speech::{Exit, Lang, Outcome, fail_because, io_words, texts};

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
        .map_err(|why| fail_because(&texts::BUNDLE_BAD, Exit::No, &[], &why.zh, &why.en))?;
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

pub(super) fn verify(bundle: &Path, trusted: Option<&[PublicKey]>) -> Result<Holds, Said> {
    let manifest_bytes = read(bundle, MANIFEST)?;
    let manifest: Manifest = json(MANIFEST, &manifest_bytes)?;
    if manifest.format != FORMAT {
        return Err(reasons::FORMAT.say(&[("format", &manifest.format), ("wanted", FORMAT)]));
    }
    let files = files(bundle, &manifest)?;
    let file = |name: &str| files.get(name).ok_or_else(|| reasons::NOT_NAMED.say(&[("file", name)]));

    let own: Vec<PublicKey> = json(KEYS, file(KEYS)?)?;
    let keys = trusted.unwrap_or(&own);
    let manifest_seal = String::from_utf8(read(bundle, MANIFEST_SEAL)?)
        .map_err(|error| in_file(MANIFEST_SEAL, NOT_TEXT, &error.to_string()))?;
    let sealed = wire::check_journal_seal(keys, &manifest_seal).map_err(|error| unsealed(MANIFEST_SEAL, &error))?;
    if sealed != manifest_bytes {
        return Err(reasons::NOT_SEALED.say(&[("file", MANIFEST)]));
    }

    let seal: SealLine = json(SEAL, file(SEAL)?)?;
    let payload = wire::check_journal_seal(keys, &seal.document).map_err(|error| unsealed(SEAL, &error))?;
    let claim: SealClaim = json(SEAL, &payload)?;
    if claim.what != "journal-seal" || (claim.seq, &claim.hash, &claim.seat) != (seal.seq, &seal.hash, &manifest.seat) {
        return Err(reasons::CLAIM.say(&[("file", SEAL)]));
    }

    let entries: Vec<EntryLine> = lines(ENTRIES, file(ENTRIES)?)?;
    let chain: Vec<ChainLine> = lines(CHAIN, file(CHAIN)?)?;
    if entries.len() != manifest.entries {
        let (lines, count) = (entries.len().to_string(), manifest.entries.to_string());
        return Err(reasons::COUNT.say(&[("file", ENTRIES), ("lines", &lines), ("count", &count)]));
    }
    let seqs: BTreeSet<i64> = entries.iter().map(|entry| entry.seq).collect();
    chained(&manifest, entries, &chain, &claim)?;
    if let Some(opened) = files.get(OPENED) {
        let opened: Vec<OpenedLine> = lines(OPENED, opened)?;
        if let Some(stray) = opened.iter().find(|line| !seqs.contains(&line.seq)) {
            return Err(reasons::STRAY.say(&[("file", OPENED), ("seq", &stray.seq.to_string())]));
        }
    }
    Ok(Holds { sealed_seq: claim.seq, manifest })
}

/// Every file that the manifest names, unchanged.
fn files(bundle: &Path, manifest: &Manifest) -> Result<BTreeMap<String, Vec<u8>>, Said> {
    let mut files = BTreeMap::new();
    for line in &manifest.files {
        // A bundle comes from outside: its manifest must not make us read elsewhere.
        if !Path::new(&line.path).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(reasons::OUTSIDE.say(&[("file", &line.path)]));
        }
        let content = read(bundle, &line.path)?;
        if FileLine::of(&line.path, &content) != *line {
            return Err(reasons::OTHER_CONTENT.say(&[("file", &line.path)]));
        }
        if let Some(name) = line.path.strip_prefix("documents/")
            && name != line.sha256
        {
            return Err(reasons::OTHER_NAME.say(&[("file", &line.path)]));
        }
        files.insert(line.path.clone(), content);
    }
    Ok(files)
}

/// Each entry is about the subject, its digest is that of its content, and it stands where it says in a chain of
/// digests that ends in the hash which was sealed.
fn chained(manifest: &Manifest, entries: Vec<EntryLine>, chain: &[ChainLine], claim: &SealClaim) -> Result<(), Said> {
    let mut waiting: BTreeMap<i64, journal::Recorded> = BTreeMap::new();
    for line in entries {
        let seq = line.seq;
        let entry = line.recorded().ok_or_else(|| of_entry(&reasons::ENTRY_UNREADABLE, seq))?;
        let about = manifest.subject.as_ref().is_none_or(|subject| *subject == entry.subject)
            && manifest.case.as_ref().is_none_or(|case| entry.case_id.as_ref() == Some(case));
        if !about {
            return Err(of_entry(&reasons::ENTRY_OTHER, seq));
        }
        if journal::content_digest(&entry) != entry.digest {
            return Err(of_entry(&reasons::ENTRY_CHANGED, seq));
        }
        waiting.insert(seq, entry);
    }
    let mut prev: Option<Hash> = None;
    let mut expected = chain.first().map_or(0, |line| line.seq);
    for line in chain {
        if line.seq != expected {
            return Err(of_entry(&reasons::GAP, expected));
        }
        let digest = hash(&line.digest).ok_or_else(|| of_entry(&reasons::DIGEST, expected))?;
        let entry = waiting.remove(&expected);
        let before = match (prev, &entry) {
            (Some(before), _) => before,
            (None, Some(entry)) => entry.prev,
            (None, None) => return Err(reasons::BEGINNING.say(&[])),
        };
        let linked = journal::link(&before, &digest);
        if let Some(entry) = entry
            && (entry.prev, entry.digest, entry.hash) != (before, digest, linked)
        {
            return Err(of_entry(&reasons::MISFIT, expected));
        }
        prev = Some(linked);
        expected += 1;
    }
    if let Some(seq) = waiting.keys().next() {
        return Err(of_entry(&reasons::NOT_CHAINED, *seq));
    }
    let reached = prev.map(hex::encode);
    if reached.as_ref() != Some(&claim.hash) || expected - 1 != claim.seq {
        return Err(reasons::END.say(&[]));
    }
    Ok(())
}

fn read(bundle: &Path, name: &str) -> Result<Vec<u8>, Said> {
    std::fs::read(bundle.join(name)).map_err(|error| {
        let (zh, en) = io_words(&error);
        in_file(name, &zh, &en)
    })
}

fn json<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, Said> {
    serde_json::from_slice(bytes).map_err(|error| in_file(name, NOT_JSON, &error.to_string()))
}

fn lines<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<Vec<T>, Said> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| json(name, line)).collect()
}

/// What is wrong with a file, said by the system or a parser in English.
fn in_file(name: &str, zh: &str, en: &str) -> Said {
    let with = |why: &str| reasons::FILE.say(&[("file", name), ("why", why)]);
    Said { zh: with(zh).zh, ..with(en) }
}

fn unsealed(name: &str, error: &wire::SealError) -> Said {
    let why = error.said();
    in_file(name, &why.zh, &why.en)
}

fn of_entry(text: &Text, seq: i64) -> Said {
    text.say(&[("seq", &seq.to_string())])
}

const NOT_JSON: &str = "内容格式不对";
const NOT_TEXT: &str = "不是文本";

/// Why a bundle does not hold.
pub(super) mod reasons {
    use kernel::Text;

    macro_rules! reasons {
        ($($name:ident $code:literal ($zh:literal, $en:literal);)*) => {
            $(#[doc = $en] pub const $name: Text = Text::new($code, ($zh, $en), ("", ""));)*
            /// Every text of this module.
            #[cfg(test)]
            pub const CATALOGUE: &[Text] = &[$($name),*];
        };
    }

    reasons! {
        FILE "bundle.file" ("{file}：{why}", "{file}: {why}");
        FORMAT "bundle.format" ("格式“{format}”不是 {wanted}", "the format {format} is not {wanted}");
        NOT_NAMED "bundle.not_named" ("清单中没有 {file}", "{file} is not in the manifest");
        NOT_SEALED "bundle.not_sealed" ("{file} 不是签章时的内容", "{file} is not what was sealed");
        CLAIM "bundle.claim" ("{file} 与其中签章所说的不同", "{file} speaks of something else than its document");
        COUNT "bundle.count" ("{file} 有 {lines} 行，清单写明 {count} 行", "{file} has {lines} lines, the manifest says {count}");
        STRAY "bundle.stray" ("{file} 打开了包中没有的第 {seq} 条", "{file} opens entry {seq}, which is not here");
        OUTSIDE "bundle.outside" ("路径 {file} 指向包外", "the path {file} leads out of the bundle");
        OTHER_CONTENT "bundle.other_content" ("{file} 与清单所记不符", "{file} is not what the manifest names");
        OTHER_NAME "bundle.other_name" ("{file} 的名称不是它的摘要", "{file} does not bear its own SHA-256");
        ENTRY_UNREADABLE "bundle.entry_unreadable" ("第 {seq} 条无法读取", "entry {seq} cannot be read");
        ENTRY_OTHER "bundle.entry_other" ("第 {seq} 条说的是别的主体", "entry {seq} is about something else");
        ENTRY_CHANGED "bundle.entry_changed" ("第 {seq} 条被改动", "entry {seq} was changed");
        GAP "bundle.gap" ("链中缺第 {seq} 条", "the chain has no entry {seq}");
        DIGEST "bundle.digest" ("第 {seq} 条的摘要无法读取", "the digest of entry {seq} cannot be read");
        BEGINNING "bundle.beginning" ("链不是从包中的日志开始", "the chain does not begin with an entry of the bundle");
        MISFIT "bundle.misfit" ("第 {seq} 条与链不符", "entry {seq} does not fit into the chain");
        NOT_CHAINED "bundle.not_chained" ("第 {seq} 条不在链中", "entry {seq} does not stand in the chain");
        END "bundle.end" ("链没有止于已签章的哈希", "the chain does not end in the hash that was sealed");
    }
}
