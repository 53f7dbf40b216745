//! The whole list as a file: written page by page, named by its hash, offered under seal, fetched by operators.
//!
//! Entries may change while the file is written. It bears the number of the list at its beginning; every entry that
//! changed since comes again with the changes that follow that number, so that the operator's list is right in the end.

use std::path::Path as FilePath;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Duration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::journal::Entry;
use store::{AssertSqlSafe, Db, Result, Who, args, timers};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{LIST_FILE_HEADER, ListOffer, PartnerId};

use super::Desk;
use super::entry::{NumberEntry, Row, columns_of_e, entry};

/// Entries read at a time.
const PAGE: i64 = 5_000;
/// Bytes sent at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// A file is offered again while fewer entries than this have changed since.
const FRESH_ENTRIES: i64 = 2_000;

impl Desk {
    /// Handles the timer of a whole list for one operator: writes the file outside of any transaction, then offers it.
    pub async fn offer(&self, db: &Db, timer: &timers::Timer) -> Result<()> {
        let partner = PartnerId::parse(&timer.subject).map_err(|_| store::Error::Corrupt("timer subject".into()))?;
        let offer = match self.fresh_file(db).await? {
            Some(offer) => offer,
            None => self.write_file(db).await?,
        };
        let mut tx = db.begin().await?;
        if !timers::done(&mut tx, timer).await? {
            return Ok(());
        }
        tx.write(
            "INSERT INTO number_file (sha256, number, at, bytes, entries, expires_at) VALUES ($1,$2,$3,$4,$5,$6)
             ON CONFLICT (sha256) DO UPDATE SET expires_at = excluded.expires_at",
            args![
                &offer.sha256,
                signed(offer.number),
                offer.at,
                signed(offer.bytes),
                signed(offer.entries),
                offer.expires_at
            ],
        )
        .await?;
        let body = json!({
            "partner": partner, "number": offer.number, "entries": offer.entries, "sha256": offer.sha256,
        });
        let until = offer.expires_at;
        let subject = format!("list:{}", offer.number);
        tx.append(Entry::new("list.offered", &subject).body(&body), &Who::system("numbers")).await?;
        self.post
            .send(&mut tx, &partner, offer, subject, until)
            .await
            .map_err(|e| store::Error::Conflict(e.to_string()))?;
        tx.commit().await
    }

    /// The last file, where little has changed since and it may still be fetched for a while.
    async fn fresh_file(&self, db: &Db) -> Result<Option<ListOffer>> {
        let half_life = db.clock().now() + Duration::hours(self.parameters.file_hours / 2);
        let row: Option<(String, i64, i64, i64, i64, i64)> = db
            .fetch_optional(
                "SELECT sha256, number, at, bytes, entries, expires_at FROM number_file WHERE expires_at > $1
                 ORDER BY at DESC LIMIT 1",
                args![half_life],
            )
            .await?;
        let Some((sha256, number, at, bytes, entries, expires_at)) = row else { return Ok(None) };
        let (since,): (i64,) = db
            .fetch_one(
                "SELECT COUNT(*) FROM (SELECT 1 FROM number_published WHERE changed_in > $1 LIMIT $2) AS since",
                args![number, FRESH_ENTRIES + 1],
            )
            .await?;
        let there = tokio::fs::try_exists(path(&self.folder, &sha256)).await.unwrap_or(false);
        Ok((since <= FRESH_ENTRIES && there).then_some(ListOffer {
            number: unsigned(number),
            at: Timestamp(at),
            sha256,
            bytes: unsigned(bytes),
            entries: unsigned(entries),
            expires_at: Timestamp(expires_at),
        }))
    }

    async fn write_file(&self, db: &Db) -> Result<ListOffer> {
        let at = db.clock().now();
        self.sweep(db, at).await?;
        let (number,): (i64,) = db.fetch_one("SELECT number FROM number_head WHERE id = 1", args![]).await?;
        tokio::fs::create_dir_all(&self.folder).await.map_err(|e| lost(&e))?;
        let unfinished = self.folder.join(format!("{number}.unfinished"));
        let mut file = tokio::io::BufWriter::new(tokio::fs::File::create(&unfinished).await.map_err(|e| lost(&e))?);
        let mut hash = Sha256::new();
        let (mut bytes, mut entries) = (0u64, 0u64);
        let mut after = String::new();
        let mut page = format!("{LIST_FILE_HEADER}\n").into_bytes();
        loop {
            hash.update(&page);
            bytes += page.len() as u64;
            file.write_all(&page).await.map_err(|e| lost(&e))?;
            let some = entries_after(db, &after).await?;
            let Some(last) = some.last() else { break };
            after = last.pattern.to_string();
            entries += some.len() as u64;
            page = lines(&some).map_err(|e| store::Error::Corrupt(e.to_string()))?;
        }
        file.flush().await.map_err(|e| lost(&e))?;
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        tokio::fs::rename(&unfinished, path(&self.folder, &sha256)).await.map_err(|e| lost(&e))?;
        let expires_at = at + Duration::hours(self.parameters.file_hours);
        Ok(ListOffer { number: unsigned(number), at, sha256, bytes, entries, expires_at })
    }

    /// Removes files that may no longer be fetched.
    async fn sweep(&self, db: &Db, now: Timestamp) -> Result<()> {
        let old: Vec<(String,)> =
            db.fetch_all("SELECT sha256 FROM number_file WHERE expires_at <= $1", args![now]).await?;
        for (sha256,) in &old {
            if let Err(error) = tokio::fs::remove_file(path(&self.folder, sha256)).await
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "an old file of the number list could not be removed");
            }
        }
        if !old.is_empty() {
            let mut tx = db.begin().await?;
            tx.write("DELETE FROM number_file WHERE expires_at <= $1", args![now]).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

async fn entries_after(db: &Db, after: &str) -> Result<Vec<NumberEntry>> {
    let columns = columns_of_e();
    let sql = format!(
        "SELECT {columns} FROM number_published p JOIN number_entry e ON e.id = p.entry_id
         WHERE p.pattern > $1 ORDER BY p.pattern LIMIT {PAGE}"
    );
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), args![after]).await?;
    rows.into_iter().map(entry).collect()
}

fn lines(entries: &[NumberEntry]) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    for entry in entries {
        let expires_at = entry.expires_at.map(Timestamp::to_rfc3339).unwrap_or_default();
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        writer.write_record([
            entry.pattern.to_string(),
            entry.action.code().to_owned(),
            entry.reason.clone(),
            entry.source.clone(),
            optional(&entry.case_number),
            expires_at,
            optional(&entry.label),
        ])?;
    }
    writer.into_inner().map_err(|e| csv::Error::from(std::io::Error::other(e.to_string())))
}

fn path(folder: &FilePath, sha256: &str) -> std::path::PathBuf {
    folder.join(format!("{sha256}.csv"))
}

fn lost(error: &std::io::Error) -> store::Error {
    store::Error::Conflict(format!("the file of the number list: {error}"))
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// `GET /wire/v1/lists/{sha256}`: the file of a whole list. Its name is its hash, which only those know who got the
/// sealed offer.
pub fn router(db: Db, desk: Desk) -> axum::Router {
    axum::Router::new().route("/wire/v1/lists/{sha256}", axum::routing::get(get_list_file)).with_state((db, desk))
}

async fn get_list_file(State((db, desk)): State<(Db, Desk)>, Path(sha256): Path<String>) -> Response {
    match open(&db, &desk, &sha256).await {
        Ok(Some((file, bytes))) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_LENGTH, bytes.to_string()),
            ];
            (headers, stream(file)).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of the number list cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn open(db: &Db, desk: &Desk, sha256: &str) -> Result<Option<(tokio::fs::File, u64)>> {
    let known: Option<(i64,)> = db
        .fetch_optional(
            "SELECT bytes FROM number_file WHERE sha256 = $1 AND expires_at > $2",
            args![sha256, db.clock().now()],
        )
        .await?;
    let Some((bytes,)) = known else { return Ok(None) };
    // The name is one that this seat wrote: it was found in the table.
    let file = tokio::fs::File::open(path(&desk.folder, sha256)).await.map_err(|e| lost(&e))?;
    Ok(Some((file, unsigned(bytes))))
}

fn stream(file: tokio::fs::File) -> Body {
    Body::from_stream(futures_util::stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), file)))
    }))
}
