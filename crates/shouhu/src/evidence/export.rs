//! Writing a bundle.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use kernel::Timestamp;
use serde::Serialize;
use store::journal::{self, Entry, Filter, Recorded, Sealer};
use store::{Db, args};

use super::{
    CHAIN, ChainLine, DOCUMENTS, ENTRIES, EntryLine, FORMAT, FileLine, KEYS, MANIFEST, MANIFEST_SEAL, Manifest, OPENED,
    OpenedLine, PAGE, SEAL, SealLine,
};
use crate::cli::{JournalExport, SeatKind};
use crate::input::unreadable;
use crate::output::tell;
use crate::seat::{Seat, fault, operator};
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, texts};

/// Writes the bundle of a subject or a case, and records in the journal that it was taken out.
///
/// # Errors
/// The journal has nothing about it, does not verify up to the seal, or the folder cannot be written.
pub async fn export(seat: &Seat, options: &JournalExport) -> Outcome {
    let options = &named(seat, options).await?;
    let entries = entries(&seat.db, options).await?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        let subject = options.subject.as_deref().or(options.case.as_deref()).unwrap_or("");
        return Err(nothing(subject));
    };
    let seal = seal_behind(seat, last.seq).await?;
    let chain = chain(&seat.db, first.seq, seal.seq).await?;
    let documents = documents(&seat.db, &entries).await?;
    let opened = match &options.purpose {
        Some(purpose) => opened(seat, &entries, purpose).await?,
        None => Vec::new(),
    };

    let lines: Vec<EntryLine> = entries.iter().map(EntryLine::of).collect();
    let mut files = vec![
        (ENTRIES.to_owned(), jsonl(&lines)?),
        (CHAIN.to_owned(), jsonl(&chain)?),
        (SEAL.to_owned(), pretty(&seal)?),
        (KEYS.to_owned(), pretty(&seat.keys.public())?),
    ];
    if !opened.is_empty() {
        files.push((OPENED.to_owned(), jsonl(&opened)?));
    }
    for document in documents {
        files.push((format!("{DOCUMENTS}/{}", document.sha256), document.content));
    }
    let at = seat.db.clock().now();
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        seat: seat.db.seat().to_owned(),
        subject: options.subject.clone(),
        case: options.case.clone(),
        exported_at: at,
        exported_by: operator().user,
        purpose: options.purpose.clone(),
        entries: entries.len(),
        files: files.iter().map(|(path, content)| FileLine::of(path, content)).collect(),
    };
    let manifest = pretty(&manifest)?;
    let sealed = seat.keys.seal(&manifest, at).map_err(fault)?;
    files.push((MANIFEST.to_owned(), manifest));
    files.push((MANIFEST_SEAL.to_owned(), sealed.into_bytes()));

    write(&options.out, &files)?;
    record(seat, options, at, entries.len()).await?;
    let (count, out) = (entries.len(), options.out.display());
    match Lang::now() {
        Lang::Zh => tell!("已写出证据包 {out}：日志 {count} 条，签章至第 {} 条", seal.seq),
        Lang::En => tell!("wrote the bundle {out}: {count} entries, sealed up to {}", seal.seq),
    }
    Ok(())
}

/// Numbers that people know, as they stand on papers and pages, and the subjects of the journal behind them: the kind of
/// seat, the word that leads the subject, and where the number is found.
const NUMBERED: &[(SeatKind, &str, &str)] = &[
    (SeatKind::Centre, "order", "SELECT id FROM stop_order WHERE number = $1"),
    (SeatKind::Centre, "line", "SELECT id FROM line_order WHERE number = $1"),
    (SeatKind::Centre, "report", "SELECT id FROM intake_report WHERE number = $1"),
    (SeatKind::Bank, "order", "SELECT id FROM bank_order WHERE number = $1"),
    (SeatKind::Bank, "notice", "SELECT id FROM bank_notice WHERE number = $1"),
    (SeatKind::Operator, "line_order", "SELECT id FROM operator_line_order WHERE number = $1"),
    (SeatKind::Operator, "appeal", "SELECT id FROM operator_appeal WHERE number = $1"),
];

/// What is asked for, with numbers that people know turned into what the journal calls it.
async fn named(seat: &Seat, options: &JournalExport) -> Outcome<JournalExport> {
    let mut named = options.clone();
    if let Some(number) = options.subject.as_deref().filter(|subject| !subject.contains(':')) {
        let found = find(seat, number, |_| true).await?;
        named.subject = Some(found.ok_or_else(|| nothing(number))?);
    }
    // At a centre the journal names a case by its identifier, elsewhere by its number.
    if let Some(number) = options.case.as_deref().filter(|_| seat.config.kind == SeatKind::Centre) {
        let found = find(seat, number, |word| word == "report").await?;
        let id = found.as_deref().and_then(|subject| subject.split_once(':')).map(|(_, id)| id.to_owned());
        named.case = Some(id.unwrap_or_else(|| number.to_owned()));
    }
    Ok(named)
}

async fn find(seat: &Seat, number: &str, of: impl Fn(&str) -> bool) -> Outcome<Option<String>> {
    let number = number.trim().to_uppercase();
    for (_, word, sql) in NUMBERED.iter().filter(|(kind, word, _)| *kind == seat.config.kind && of(word)) {
        let found: Option<(String,)> = seat.db.fetch_optional(*sql, args![&number]).await?;
        if let Some((id,)) = found {
            return Ok(Some(format!("{word}:{id}")));
        }
    }
    Ok(None)
}

fn nothing(subject: &str) -> Failure {
    texts::BUNDLE_EMPTY.fail(Exit::No, &[("subject", subject)])
}

async fn entries(db: &Db, options: &JournalExport) -> Outcome<Vec<Recorded>> {
    let mut filter =
        Filter { subject: options.subject.clone(), case_id: options.case.clone(), limit: PAGE, ..Filter::default() };
    let mut all = Vec::new();
    loop {
        let page = journal::query(db, &operator(), &filter).await?;
        let Some(oldest) = page.last().map(|entry| entry.seq) else { break };
        all.extend(page);
        filter.before = Some(oldest);
    }
    all.reverse();
    Ok(all)
}

/// The first seal that covers the entry; one is made when there is none yet.
async fn seal_behind(seat: &Seat, seq: i64) -> Outcome<SealLine> {
    let find = async || -> Outcome<Option<(i64, Vec<u8>, String)>> {
        Ok(seat
            .db
            .fetch_optional(
                "SELECT seq, hash, document FROM journal_seal WHERE seq >= $1 ORDER BY seq LIMIT 1",
                args![seq],
            )
            .await?)
    };
    let found = match find().await? {
        Some(found) => Some(found),
        None => {
            journal::seal_head(&seat.db, &seat.keys).await?;
            find().await?
        }
    };
    let (seq, hash, document) = found.ok_or_else(|| fault("the journal cannot be sealed"))?;
    Ok(SealLine { seq, hash: hex::encode(hash), document })
}

async fn chain(db: &Db, first: i64, last: i64) -> Outcome<Vec<ChainLine>> {
    let rows: Vec<(i64, Vec<u8>)> = db
        .fetch_all("SELECT seq, digest FROM journal WHERE seq >= $1 AND seq <= $2 ORDER BY seq", args![first, last])
        .await?;
    Ok(rows.into_iter().map(|(seq, digest)| ChainLine { seq, digest: hex::encode(digest) }).collect())
}

/// The papers whose SHA-256 stands anywhere in the public part of an entry.
async fn documents(db: &Db, entries: &[Recorded]) -> Outcome<Vec<store::document::Document>> {
    let mut named = BTreeSet::new();
    for entry in entries {
        collect_hashes(&entry.json(), &mut named);
    }
    let mut found = Vec::new();
    for sha256 in named {
        match store::document::get(db, &sha256).await {
            Ok(document) => found.push(document),
            Err(store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

fn collect_hashes(value: &serde_json::Value, out: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            out.insert(text.clone());
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_hashes(item, out)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| collect_hashes(field, out)),
        _ => {}
    }
}

async fn opened(seat: &Seat, entries: &[Recorded], purpose: &str) -> Outcome<Vec<OpenedLine>> {
    let mut lines = Vec::new();
    for entry in entries {
        match journal::open_private(&seat.db, entry).await {
            Ok(Some(private)) => lines.push(OpenedLine { seq: entry.seq, private }),
            Ok(None) => {}
            // Erased by law: the bundle then shows only that there was something.
            Err(store::Error::KeyGone(subject)) => {
                tracing::warn!(seq = entry.seq, subject, "the personal part is gone")
            }
            Err(error) => return Err(error.into()),
        }
    }
    tracing::info!(purpose, opened = lines.len(), "opened personal parts");
    Ok(lines)
}

async fn record(seat: &Seat, options: &JournalExport, at: Timestamp, entries: usize) -> Outcome {
    let subject = match (&options.subject, &options.case) {
        (Some(subject), _) => subject.clone(),
        (None, Some(case)) => format!("case:{case}"),
        (None, None) => "journal".to_owned(),
    };
    let mut who = operator();
    who.purpose = options.purpose.clone();
    let body = serde_json::json!({
        "entries": entries,
        "opened": options.purpose.is_some(),
        "exported_at": at,
    });
    let mut entry = Entry::new("evidence.exported", subject).body(&body);
    if let Some(case) = &options.case {
        entry = entry.case(case);
    }
    let mut tx = seat.db.begin().await?;
    tx.append(entry, &who).await?;
    tx.commit().await?;
    Ok(())
}

fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Outcome {
    std::fs::create_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let documents = folder.join(DOCUMENTS);
    std::fs::create_dir(&documents).map_err(|error| unreadable(&documents, &error))?;
    for (path, content) in files {
        crate::input::write_new(&folder.join(path), content)?;
    }
    Ok(())
}

fn jsonl(lines: &[impl Serialize]) -> Outcome<Vec<u8>> {
    let mut out = String::new();
    for line in lines {
        writeln!(out, "{}", serde_json::to_string(line).map_err(fault)?).map_err(fault)?;
    }
    Ok(out.into_bytes())
}

fn pretty(value: &impl Serialize) -> Outcome<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(fault)
}
