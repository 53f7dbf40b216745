//! What partners have signed about this journal. A seat names its sealed head in what it sends; the partner's signed
//! receipts repeat the highest that it has ever seen. A receipt that names another head than the journal has tells that
//! the database was cut or is an old copy, or that the partner errs: both are for a person to find out.

use kernel::{Said, Timestamp};
use serde_json::json;

use super::chain::{Hash, to_hash};
use super::{Entry, reason};
use crate::{Db, Result, Tx, Who, args};

/// The kind of the entry that records a contradiction.
pub const CONTRADICTED: &str = "journal.contradicted";
/// What stands before the name of a partner in the list of stuck work, in place of a desk.
pub(super) const PARTNER: &str = "partner:";

/// The head of a journal that a partner's receipt names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Testimony<'a> {
    /// The partner.
    pub partner: &'a str,
    /// The entry.
    pub seq: i64,
    /// Its hash, hex.
    pub hash: &'a str,
    /// When the receipt was signed.
    pub at: Timestamp,
    /// The receipt; its signature was checked.
    pub receipt: &'a str,
}

/// The last sealed head: the number of the entry and its hash; none before the first seal.
pub async fn sealed_head(tx: &mut Tx) -> Result<Option<(i64, Hash)>> {
    let row: Option<(i64, Vec<u8>)> =
        tx.fetch_optional("SELECT seq, hash FROM journal_seal ORDER BY seq DESC LIMIT 1", args![]).await?;
    row.map(|(seq, hash)| Ok((seq, to_hash(&hash)?))).transpose()
}

/// Compares what a partner has signed with the journal. What fits is kept where it is the highest of this partner; what
/// does not fit is recorded once for a partner, until a person dismisses it and the partner names yet another head.
pub async fn hear(tx: &mut Tx, said: &Testimony<'_>) -> Result<()> {
    let own: Option<(Vec<u8>,)> = tx.fetch_optional("SELECT hash FROM journal WHERE seq = $1", args![said.seq]).await?;
    if own.is_some_and(|(hash,)| hex::encode(hash) == said.hash) {
        return confirm(tx, said).await;
    }
    contradict(tx, said).await
}

async fn confirm(tx: &mut Tx, said: &Testimony<'_>) -> Result<()> {
    tx.write(
        "INSERT INTO journal_witness (partner, seq, hash, at, receipt) VALUES ($1,$2,$3,$4,$5)
         ON CONFLICT (partner) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at,
            receipt = excluded.receipt
         WHERE journal_witness.seq < excluded.seq",
        args![said.partner, said.seq, said.hash, said.at, said.receipt],
    )
    .await?;
    Ok(())
}

async fn contradict(tx: &mut Tx, said: &Testimony<'_>) -> Result<()> {
    let (own_seq,): (i64,) =
        tx.fetch_one("SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM journal_head", args![]).await?;
    let now = tx.now();
    let is_new = tx
        .execute(
            "INSERT INTO journal_contradiction (partner, seq, hash, at, receipt, own_seq, noticed_at)
             VALUES ($1,$2,$3,$4,$5,$6,$7)
             ON CONFLICT (partner) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at,
                receipt = excluded.receipt, own_seq = excluded.own_seq, noticed_at = excluded.noticed_at,
                dismissed_at = NULL
             WHERE journal_contradiction.dismissed_at IS NOT NULL
                AND (journal_contradiction.seq <> excluded.seq OR journal_contradiction.hash <> excluded.hash)",
            args![said.partner, said.seq, said.hash, said.at, said.receipt, own_seq, now],
        )
        .await?;
    if is_new == 0 {
        return Ok(());
    }
    let contradiction = Contradiction { partner: said.partner.to_owned(), seq: said.seq, own_seq, noticed_at: now };
    tracing::error!(partner = said.partner, seq = said.seq, own_seq, "{contradiction}");
    metrics::counter!("journal_contradicted_total").increment(1);
    let body = json!({
        "partner": said.partner, "seq": said.seq, "hash": said.hash, "own_seq": own_seq, "signed_at": said.at,
        "receipt_sha256": crate::document::sha256_hex(said.receipt.as_bytes()),
    });
    let subject = format!("{PARTNER}{}", said.partner);
    tx.append(Entry::new(CONTRADICTED, subject).body(&body), &Who::system("courier")).await
}

/// A partner that has signed for another journal than this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The partner.
    pub partner: String,
    /// The entry that it names.
    pub seq: i64,
    /// The last entry of this journal when that was noticed.
    pub own_seq: i64,
    /// When.
    pub noticed_at: Timestamp,
}

impl Contradiction {
    /// What it means, in both languages.
    pub fn said(&self) -> Said {
        let Self { partner, seq, own_seq, .. } = self;
        let values = [("partner", partner.as_str()), ("seq", &seq.to_string()), ("own", &own_seq.to_string())];
        if seq > own_seq { reason::SIGNED_BEYOND.say(&values) } else { reason::SIGNED_OTHER.say(&values) }
    }
}

impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said().en)
    }
}

/// The contradictions that nobody has dismissed, the oldest first.
pub async fn standing(db: &Db) -> Result<Vec<Contradiction>> {
    let rows: Vec<(String, i64, i64, i64)> = db
        .fetch_all(
            "SELECT partner, seq, own_seq, noticed_at FROM journal_contradiction WHERE dismissed_at IS NULL
             ORDER BY noticed_at, partner",
            args![],
        )
        .await?;
    let read = |(partner, seq, own_seq, at)| Contradiction { partner, seq, own_seq, noticed_at: Timestamp(at) };
    Ok(rows.into_iter().map(read).collect())
}

/// A person has found out what there is to it. The same head is not told again; another one is.
pub(super) async fn dismiss(tx: &mut Tx, who: &Who, partner: &str, seq: i64) -> Result<u64> {
    let now = tx.now();
    let touched = tx
        .execute(
            "UPDATE journal_contradiction SET dismissed_at = $3
             WHERE partner = $1 AND seq = $2 AND dismissed_at IS NULL AND $4",
            args![partner, seq, now, who.sees_what_has_no_region()],
        )
        .await?;
    if touched > 0 {
        let body = json!({ "partner": partner, "seq": seq });
        let entry = Entry::new("journal.contradiction_dismissed", format!("{PARTNER}{partner}")).body(&body);
        tx.append(entry, who).await?;
    }
    Ok(touched)
}
