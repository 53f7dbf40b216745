//! The list that the centre publishes: numbered changes by sealed message, and the whole list as a file that the seal on
//! its offer vouches for. Both are kept, so that the seat starts with them when the centre cannot be reached.

use std::io::Write;
use std::path::{Path, PathBuf};

use kernel::{Duration, ListBounds, Timestamp, list_refusals};
use screen::{Change, EntryKind, ListEntry, NumberList, Pattern};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::journal::Entry as JournalEntry;
use store::{Db, Tx, Who, args};
use wire::{ListAction, ListAsk, ListChange, ListOffer, PartnerId};

use super::file::{self, RowRules};
use crate::desk::Operator;
use crate::error::{Error, Result, stored_json, to_json};

/// Prefix of the source of entries that came from the centre.
pub(crate) const SOURCE: &str = "centre:";
/// The same question is not asked again before this.
const ASK_AGAIN: Duration = Duration::minutes(1);
/// Largest list file that is fetched, in bytes: fifty million rows.
const FILE_BYTES_MAX: u64 = 8 << 30;

/// What is known of the centre's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreList {
    /// Whose it is.
    pub centre: PartnerId,
    /// Number of the list that this seat has; 0 for none.
    pub number: u64,
    /// When the centre made the last change that is in it.
    pub made_at: Timestamp,
    /// When the centre was last heard about it.
    pub heard_at: Timestamp,
    /// When it was last asked for what is missing.
    pub asked_at: Option<Timestamp>,
    /// Number of the list in the file.
    pub snapshot_number: u64,
    /// SHA-256 of the file.
    pub snapshot_sha256: Option<String>,
    /// An offer that is still to be fetched.
    pub offer: Option<ListOffer>,
}

type Row = (String, i64, i64, i64, Option<i64>, i64, Option<String>, Option<String>);

const SELECT: &str = "SELECT centre, list_seq, issued_at, heard_at, asked_at, snapshot_seq, snapshot_sha256, offer
     FROM operator_centre_list WHERE centre = $1";

fn read((centre, number, made, heard, asked, snapshot, sha256, offer): Row) -> Result<CentreList> {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(CentreList {
        centre: PartnerId::parse(&centre).map_err(|_| Error::Corrupt(format!("partner {centre:?}")))?,
        number: count(number),
        made_at: Timestamp(made),
        heard_at: Timestamp(heard),
        asked_at: asked.map(Timestamp),
        snapshot_number: count(snapshot),
        snapshot_sha256: sha256,
        offer: offer.as_deref().map(|text| stored_json(text, "offer")).transpose()?,
    })
}

/// What this seat has of a centre's list.
pub async fn of(db: &Db, centre: &PartnerId) -> Result<Option<CentreList>> {
    let row: Option<Row> = db.fetch_optional(SELECT, args![centre]).await?;
    row.map(read).transpose()
}

async fn lock(tx: &mut Tx, centre: &PartnerId) -> Result<CentreList> {
    // Touching the row first makes several processes on one database wait for each other here.
    tx.write(
        "INSERT INTO operator_centre_list (centre, list_seq, heard_at, issued_at, snapshot_seq)
         VALUES ($1, 0, 0, 0, 0) ON CONFLICT (centre) DO UPDATE SET centre = excluded.centre",
        args![centre],
    )
    .await?;
    read(tx.fetch_one(SELECT, args![centre]).await?)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Operator {
    /// Keeps a change that follows what this seat has; asks for what is missing where it does not.
    pub(crate) async fn take_change(&self, tx: &mut Tx, from: &PartnerId, change: &ListChange) -> Result<()> {
        let (have, now) = (lock(tx, from).await?, tx.now());
        tx.write("UPDATE operator_centre_list SET heard_at = $2 WHERE centre = $1", args![from, now]).await?;
        if change.previous > have.number {
            return self.ask(tx, &have).await;
        }
        if change.number <= have.number {
            return Ok(());
        }
        tx.write(
            "INSERT INTO operator_centre_change (centre, list_seq, body, received_at) VALUES ($1,$2,$3,$4)",
            args![from, signed(change.number), to_json(change, "change")?, now],
        )
        .await?;
        tx.write(
            "UPDATE operator_centre_list SET list_seq = $2, issued_at = $3 WHERE centre = $1",
            args![from, signed(change.number), change.at],
        )
        .await?;
        let bounds = self.parameters().centre_list_bounds();
        let refused = change.put.iter().filter(|entry| entry_of(entry, &bounds).is_none()).count();
        if refused > 0 {
            tracing::error!(centre = %from, number = change.number, refused,
                "entries of the centre cannot be read, or block what no list may, and are passed over");
        }
        let body = json!({
            "number": change.number, "previous": change.previous, "put": change.put.len(), "refused": refused,
            "removed": change.remove.len(), "made_at": change.at,
        });
        let who = Who::partner(from.as_str());
        Ok(tx.append(JournalEntry::new("list.changed", format!("list:{from}")).body(&body), &who).await?)
    }

    /// Notes that a whole list can be fetched; [`Operator::fetch_offer`] does it.
    pub(crate) async fn take_offer(&self, tx: &mut Tx, from: &PartnerId, offer: &ListOffer) -> Result<()> {
        lock(tx, from).await?;
        let now = tx.now();
        tx.write(
            "UPDATE operator_centre_list SET heard_at = $2, offer = $3 WHERE centre = $1",
            args![from, now, to_json(offer, "offer")?],
        )
        .await?;
        let body =
            json!({ "number": offer.number, "sha256": offer.sha256, "bytes": offer.bytes, "entries": offer.entries });
        let who = Who::partner(from.as_str());
        Ok(tx.append(JournalEntry::new("list.offered", format!("list:{from}")).body(&body), &who).await?)
    }

    async fn ask(&self, tx: &mut Tx, have: &CentreList) -> Result<()> {
        let now = tx.now();
        if have.asked_at.is_some_and(|asked| now - asked < ASK_AGAIN) {
            return Ok(());
        }
        tx.write("UPDATE operator_centre_list SET asked_at = $2 WHERE centre = $1", args![&have.centre, now]).await?;
        self.send(tx, &have.centre, ListAsk { have: have.number }, format!("list:{}", have.centre), None).await?;
        let body = json!({ "have": have.number });
        let who = Who::system("list");
        Ok(tx.append(JournalEntry::new("list.asked", format!("list:{}", have.centre)).body(&body), &who).await?)
    }

    /// Asks the centre for what this seat lacks; at start, and when a list was refused.
    ///
    /// # Errors
    /// The database.
    pub async fn ask_for_list(&self) -> Result<()> {
        let Some(centre) = &self.settings().centre else { return Ok(()) };
        if self.directory().book().partner(centre).is_none_or(|partner| !partner.enabled) {
            return Ok(());
        }
        let mut tx = self.db().begin().await?;
        let have = lock(&mut tx, centre).await?;
        self.ask(&mut tx, &have).await?;
        Ok(tx.commit().await?)
    }

    /// Where list files stand.
    fn list_folder(&self) -> PathBuf {
        self.settings().data.join("lists")
    }

    fn list_path(&self, sha256: &str) -> PathBuf {
        self.list_folder().join(format!("{sha256}.csv"))
    }

    /// Takes a file of the centre's list into use, when it is what the offer said; else the list in use stays. `false`
    /// where the file was refused.
    ///
    /// # Errors
    /// The file or the database cannot be used.
    pub async fn take_list_file(&self, centre: &PartnerId, offer: &ListOffer, part: &Path) -> Result<bool> {
        let path = part.to_owned();
        let checked = tokio::task::spawn_blocking(move || digest_of(&path)).await;
        let (bytes, sha256) = checked.map_err(|e| Error::Corrupt(e.to_string()))?.map_err(|e| Error::file(part, &e))?;
        let mut tx = self.db().begin().await?;
        let have = lock(&mut tx, centre).await?;
        forget_offer(&mut tx, centre, offer).await?;
        let subject = format!("list:{centre}");
        if bytes != offer.bytes || sha256 != offer.sha256 {
            tracing::error!(%centre, bytes, offered = offer.bytes, "a list file is not what its seal says; the old list stays");
            let body = json!({
                "number": offer.number, "sha256": sha256, "offered_sha256": offer.sha256, "bytes": bytes,
                "offered_bytes": offer.bytes, "kept_number": have.number,
            });
            tx.append(JournalEntry::new("list.refused", subject).body(&body), &Who::system("list")).await?;
            tx.commit().await?;
            std::fs::remove_file(part).map_err(|e| Error::file(part, &e))?;
            return Ok(false);
        }
        let target = self.list_path(&offer.sha256);
        std::fs::rename(part, &target).map_err(|e| Error::file(&target, &e))?;
        tx.write("DELETE FROM operator_centre_change WHERE centre = $1", args![centre]).await?;
        tx.write(
            "UPDATE operator_centre_list SET list_seq = $2, snapshot_seq = $2, issued_at = $3, snapshot_sha256 = $4
             WHERE centre = $1",
            args![centre, signed(offer.number), offer.at, &offer.sha256],
        )
        .await?;
        let body =
            json!({ "number": offer.number, "sha256": offer.sha256, "entries": offer.entries, "made_at": offer.at });
        tx.append(JournalEntry::new("list.loaded", subject).body(&body), &Who::system("list")).await?;
        tx.commit().await?;
        if let Some(old) = have.snapshot_sha256.filter(|old| *old != offer.sha256) {
            let _gone = std::fs::remove_file(self.list_path(&old));
        }
        Ok(true)
    }

    /// A place for a list file that is being fetched.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn list_part(&self) -> Result<PathBuf> {
        let folder = self.list_folder();
        std::fs::create_dir_all(&folder).map_err(|e| Error::file(&folder, &e))?;
        Ok(folder.join("fetched.part"))
    }

    /// The offer that waits to be fetched, and its address.
    pub(crate) async fn waiting_offer(&self) -> Result<Option<(PartnerId, ListOffer, String)>> {
        let Some(centre) = &self.settings().centre else { return Ok(None) };
        let Some(offer) = of(self.db(), centre).await?.and_then(|list| list.offer) else { return Ok(None) };
        let Some(partner) = self.directory().book().partner(centre).cloned() else { return Ok(None) };
        let address = format!("{}/wire/v1/lists/{}", partner.base_url.trim_end_matches('/'), offer.sha256);
        Ok(Some((centre.clone(), offer, address)))
    }

    /// Forgets an offer that cannot be fetched; the centre is asked again.
    pub(crate) async fn drop_offer(&self, centre: &PartnerId, offer: &ListOffer, why: &str) -> Result<()> {
        let mut tx = self.db().begin().await?;
        forget_offer(&mut tx, centre, offer).await?;
        let body = json!({ "why": why });
        tx.append(JournalEntry::new("list.not_fetched", format!("list:{centre}")).body(&body), &Who::system("list"))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Hands on the entries of the centre's list as this seat keeps them: the file, then the changes since. A file that
    /// is missing or is not what its seal said is refused, and the changes alone hold until the centre sends another.
    pub(crate) async fn each_of_centre(&self, mut take: impl FnMut(ListEntry) + Send) -> Result<u64> {
        let Some(centre) = &self.settings().centre else { return Ok(0) };
        let Some(list) = of(self.db(), centre).await? else { return Ok(0) };
        if let Some(sha256) = &list.snapshot_sha256 {
            let path = self.list_path(sha256);
            let bounds = self.parameters().centre_list_bounds();
            match read_snapshot(&path, sha256, list.snapshot_number, &bounds, &mut take) {
                Ok(refused) if refused > 0 => {
                    tracing::error!(%centre, refused, "rows of the centre's list cannot be read, or block what no list may, and are passed over");
                }
                Ok(_) => {}
                Err(why) => {
                    tracing::error!(%centre, why, "the stored list of the centre is refused; asking for another");
                    self.snapshot_lost(centre, &why).await?;
                    return Ok(0);
                }
            }
        }
        Ok(list.number)
    }

    /// The stored file cannot be used: this seat has nothing of the centre's list, and will say so.
    async fn snapshot_lost(&self, centre: &PartnerId, why: &str) -> Result<()> {
        let mut tx = self.db().begin().await?;
        tx.write(
            "UPDATE operator_centre_list SET list_seq = 0, snapshot_seq = 0, snapshot_sha256 = NULL, asked_at = NULL
             WHERE centre = $1",
            args![centre],
        )
        .await?;
        let body = json!({ "why": why });
        tx.append(JournalEntry::new("list.refused", format!("list:{centre}")).body(&body), &Who::system("list"))
            .await?;
        Ok(tx.commit().await?)
    }

    /// The changes behind a number, in order.
    pub(crate) async fn changes_after(&self, centre: &PartnerId, after: u64) -> Result<Vec<ListChange>> {
        let rows: Vec<(String,)> = self
            .db()
            .fetch_all(
                "SELECT body FROM operator_centre_change WHERE centre = $1 AND list_seq > $2 ORDER BY list_seq",
                args![centre, signed(after)],
            )
            .await?;
        rows.iter().map(|(body,)| stored_json(body, "change")).collect()
    }
}

/// An offer is over; one that came meanwhile still waits to be fetched.
async fn forget_offer(tx: &mut Tx, centre: &PartnerId, offer: &ListOffer) -> Result<()> {
    let forgets =
        store::transition("operator_centre_list", centre).key("centre").expect("offer", to_json(offer, "offer")?);
    forgets.set("offer", None::<String>).try_apply(tx).await?;
    Ok(())
}

fn digest_of(path: &Path) -> std::io::Result<(u64, String)> {
    struct Counting(Sha256, u64);
    impl Write for Counting {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            self.1 += u64::try_from(bytes.len()).unwrap_or(0);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counting = Counting(Sha256::new(), 0);
    std::io::copy(&mut std::fs::File::open(path)?, &mut counting)?;
    let digest: String = counting.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((counting.1, digest))
}

/// Whether a file of such a size is fetched at all.
pub(crate) fn fits(bytes: u64) -> bool {
    bytes <= FILE_BYTES_MAX
}

fn read_snapshot(
    path: &Path,
    sha256: &str,
    number: u64,
    bounds: &ListBounds,
    take: &mut impl FnMut(ListEntry),
) -> std::result::Result<u64, String> {
    let (_, found) = digest_of(path).map_err(|error| format!("list {number}: {error}"))?;
    if found != sha256 {
        return Err(format!("list {number}: the file is not the one that was sealed"));
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    // The centre decides what its list holds; passed over is what cannot be read, and what no list may block.
    let rules = RowRules { now: Timestamp(0), bounds: *bounds, source: String::new() };
    let report = file::read(std::io::BufReader::new(file), &rules, |_, mut entry| {
        entry.source = format!("{SOURCE}{}", entry.source);
        take(entry);
    })
    .map_err(|_| format!("list {number}: the columns are not those of a list"))?;
    Ok(report.refused)
}

/// The entry of a document between seats, as the screen keeps it. Patterns that no number plan can read give nothing, and
/// neither do those that block what no list may.
fn entry_of(entry: &wire::ListEntry, bounds: &ListBounds) -> Option<ListEntry> {
    let pattern = file::read_pattern(&entry.pattern.to_string())?;
    if entry.action == ListAction::Block && !list_refusals(pattern.listed(), bounds).is_empty() {
        return None;
    }
    Some(ListEntry {
        pattern,
        kind: match entry.action {
            ListAction::Block => EntryKind::Block,
            ListAction::Watch => EntryKind::Watch,
            ListAction::Allow => EntryKind::Allow,
            ListAction::Protect => EntryKind::Protect,
        },
        reason: entry.reason.clone(),
        source: format!("{SOURCE}{}", entry.source),
        expires_at: entry.expires_at,
        case: entry.case_number.clone(),
    })
}

/// What a change does to the list in memory: the centre has one entry a pattern, so what it had for it goes first.
pub(crate) fn changes_of(list: &NumberList, change: &ListChange, bounds: &ListBounds) -> Vec<Change> {
    let old = |pattern: &Pattern| {
        let first = match pattern {
            Pattern::Full(number) | Pattern::Range(number, _) => *number,
            Pattern::Prefix(prefix) => prefix.number(),
        };
        let of_centre = |entry: &ListEntry| entry.pattern == *pattern && entry.source.starts_with(SOURCE);
        list.entries_of(first)
            .into_iter()
            .filter(of_centre)
            .map(|entry| Change::Remove(entry.key()))
            .collect::<Vec<_>>()
    };
    let mut changes = Vec::with_capacity(change.put.len() + change.remove.len());
    for pattern in change.remove.iter().filter_map(|pattern| file::read_pattern(&pattern.to_string())) {
        changes.extend(old(&pattern));
    }
    for put in &change.put {
        // What the centre had for the pattern goes, whatever becomes of what it puts there.
        changes.extend(file::read_pattern(&put.pattern.to_string()).iter().flat_map(old));
        changes.extend(entry_of(put, bounds).map(Change::Add));
    }
    changes
}
