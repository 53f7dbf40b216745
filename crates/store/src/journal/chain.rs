//! Numbering, hashing, sealing and verifying.

use kernel::{Said, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Entry;
use super::outside::Outside;
use super::read::{COLUMNS, Recorded, Row, last_seq, recorded};
use super::reason::{self, because};
use super::witness;
use crate::error::tells_damage;
use crate::{Db, Engine, Error, Result, Tx, Who, args, vault};

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash before the first entry.
pub const GENESIS: Hash = [0; 32];

/// Entries read at once while verifying.
const PAGE: i64 = 2_000;

/// An entry that waits for its number.
pub struct Pending {
    at: Timestamp,
    actor: String,
    purpose: Option<String>,
    entry: Entry,
    body: String,
    private: Option<Vec<u8>>,
}

impl Pending {
    /// The subject with its region, where it is known.
    pub(crate) fn place(&self) -> Option<(&str, &str)> {
        Some((&self.entry.subject, self.entry.region.as_deref()?))
    }
}

/// Encrypts the personal part with the key of the subject, which is made at first use; an entry that does not say its
/// region has that of its subject's earlier entries.
pub(crate) async fn prepare(tx: &mut Tx, mut entry: Entry, who: &Who) -> Result<Pending> {
    if entry.region.is_none() {
        entry.region = region_of(tx, &entry.subject).await?;
    }
    let unwritable = |why: &String| Error::Corrupt(format!("{}: {why}", entry.kind));
    let body = entry.body.as_ref().map_err(unwritable)?.clone();
    let private = match &entry.private {
        None => None,
        Some(plain) => {
            let plain = plain.as_ref().map_err(unwritable)?;
            let key = subject_key(tx, &entry.subject).await?;
            Some(vault::encrypt(&key, plain.as_bytes())?)
        }
    };
    Ok(Pending { at: tx.now(), actor: who.user.clone(), purpose: who.purpose.clone(), entry, body, private })
}

/// The last region that the journal tells of a subject.
pub(crate) async fn region_of(tx: &mut Tx, subject: &str) -> Result<Option<String>> {
    let known: Option<(Option<String>,)> = tx
        .fetch_optional(
            "SELECT region FROM journal WHERE subject = $1 AND region IS NOT NULL ORDER BY seq DESC LIMIT 1",
            args![subject],
        )
        .await?;
    Ok(known.and_then(|(region,)| region))
}

async fn subject_key(tx: &mut Tx, subject: &str) -> Result<[u8; vault::KEY_LEN]> {
    if let Some(known) = known_key(tx, subject).await? {
        return Ok(known);
    }
    let (key, wrapped) = tx.db().vault().new_subject_key()?;
    let made = tx
        .execute(
            "INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING",
            args![subject, wrapped],
        )
        .await?;
    // Another transaction may have made it since; then its key is the one.
    match made {
        0 => known_key(tx, subject).await?.ok_or_else(|| Error::KeyGone(subject.to_owned())),
        _ => Ok(key),
    }
}

async fn known_key(tx: &mut Tx, subject: &str) -> Result<Option<[u8; vault::KEY_LEN]>> {
    let row: Option<(Option<Vec<u8>>,)> =
        tx.fetch_optional("SELECT wrapped FROM subject_key WHERE subject = $1", args![subject]).await?;
    match row {
        Some((Some(wrapped),)) => tx.db().vault().unwrap_subject_key(subject, &wrapped).map(Some),
        Some((None,)) => Err(Error::KeyGone(subject.to_owned())),
        None => Ok(None),
    }
}

/// Numbers and chains what waits. The row of the head is locked until the transaction ends, so commits follow the
/// order of the numbers.
pub(crate) async fn chain(tx: &mut Tx, pending: Vec<Pending>) -> Result<()> {
    let count = i64::try_from(pending.len()).unwrap_or(i64::MAX);
    let (last, hash): (i64, Vec<u8>) = tx
        .fetch_one(
            "INSERT INTO journal_head (id, seq, hash) VALUES (1, $1, $2)
             ON CONFLICT (id) DO UPDATE SET seq = journal_head.seq + excluded.seq RETURNING seq, hash",
            args![count, GENESIS.to_vec()],
        )
        .await?;
    let mut prev = to_hash(&hash)?;
    let seat = tx.db().seat().to_owned();
    for (seq, Pending { at, actor, purpose, entry, body, private }) in (last - count + 1..).zip(pending) {
        let mut recorded = Recorded {
            seq,
            at,
            actor,
            seat: seat.clone(),
            subject: entry.subject,
            case_id: entry.case_id,
            region: entry.region,
            kind: entry.kind,
            purpose,
            body,
            private,
            digest: GENESIS,
            prev,
            hash: GENESIS,
        };
        recorded.digest = content_digest(&recorded);
        recorded.hash = link(&prev, &recorded.digest);
        prev = recorded.hash;
        insert(tx, recorded).await?;
    }
    tx.write("UPDATE journal_head SET hash = $1 WHERE id = 1", args![prev.to_vec()]).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, e: Recorded) -> Result<()> {
    tx.write(
        "INSERT INTO journal (seq, at, actor, seat, subject, case_id, region, kind, purpose, body, private, digest, prev, hash)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)",
        args![
            e.seq, e.at, e.actor, e.seat, e.subject, e.case_id, e.region, e.kind, e.purpose, e.body, e.private,
            e.digest.to_vec(), e.prev.to_vec(), e.hash.to_vec()
        ],
    )
    .await?;
    Ok(())
}

/// SHA-256 over the content of an entry: a version word, then each field behind its length, absent fields as length
/// 2⁶⁴−1. What this covers cannot be changed unseen; the number of the entry is covered too.
pub fn content_digest(e: &Recorded) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(b"shouhu-journal-1");
    let seq = e.seq.to_be_bytes();
    let at = e.at.0.to_be_bytes();
    let fields: [Option<&[u8]>; 11] = [
        Some(&seq),
        Some(&at),
        Some(e.actor.as_bytes()),
        Some(e.seat.as_bytes()),
        Some(e.subject.as_bytes()),
        e.case_id.as_deref().map(str::as_bytes),
        e.region.as_deref().map(str::as_bytes),
        Some(e.kind.as_bytes()),
        e.purpose.as_deref().map(str::as_bytes),
        Some(e.body.as_bytes()),
        e.private.as_deref(),
    ];
    for field in fields {
        match field {
            Some(bytes) => {
                hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
                hasher.update(bytes);
            }
            None => hasher.update(u64::MAX.to_be_bytes()),
        }
    }
    hasher.finalize().into()
}

/// The hash of an entry: SHA-256 of the hash before it and its own digest.
pub fn link(prev: &Hash, digest: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(prev);
    hasher.update(digest);
    hasher.finalize().into()
}

pub(super) fn to_hash(bytes: &[u8]) -> Result<Hash> {
    Hash::try_from(bytes).map_err(|_| Error::Corrupt("a hash that is not 32 bytes long".into()))
}

/// Signs and checks the head of the journal; the seat's keys stand behind it.
pub trait Sealer: Send + Sync {
    /// A signed document around the payload.
    fn seal(&self, payload: &[u8], now: Timestamp) -> std::result::Result<String, String>;
    /// The payload of a signed document, when its signature is good.
    fn check(&self, document: &str) -> std::result::Result<Vec<u8>, Said>;
    /// The head of this journal, with its hash in hex, that a partner's receipt names, when its signature is good.
    fn check_receipt(&self, _partner: &str, _receipt: &str) -> std::result::Result<(i64, String), Said> {
        Err(reason::NO_KEYS.say(&[]))
    }
}

/// What a seal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealClaim {
    /// Always `journal-seal`.
    pub what: String,
    /// The seat.
    pub seat: String,
    /// The last entry covered.
    pub seq: i64,
    /// Its hash, hex.
    pub hash: String,
    /// When.
    pub at: Timestamp,
}

/// Seals the present head unless it is sealed already; gives the number of the last entry covered.
pub async fn seal_head(db: &Db, sealer: &dyn Sealer) -> Result<i64> {
    let head: Option<(i64, Vec<u8>)> =
        db.fetch_optional("SELECT seq, hash FROM journal_head WHERE id = 1", args![]).await?;
    let Some((seq, hash)) = head else {
        return Ok(0);
    };
    let sealed: Option<(i64,)> = db.fetch_optional("SELECT seq FROM journal_seal WHERE seq = $1", args![seq]).await?;
    if sealed.is_some() {
        return Ok(seq);
    }
    let at = db.clock().now();
    let claim =
        SealClaim { what: "journal-seal".into(), seat: db.seat().to_owned(), seq, hash: hex::encode(&hash), at };
    let payload = serde_json::to_vec(&claim).map_err(|e| Error::Corrupt(e.to_string()))?;
    let document = sealer.seal(&payload, at).map_err(Error::Corrupt)?;
    let mut tx = db.begin().await?;
    tx.write(
        "INSERT INTO journal_seal (seq, hash, at, document) VALUES ($1,$2,$3,$4) ON CONFLICT (seq) DO NOTHING",
        args![seq, hash, at, document],
    )
    .await?;
    tx.commit().await?;
    Ok(seq)
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verification {
    /// Whether every entry and every seal fits.
    pub ok: bool,
    /// Entries looked at.
    pub entries: i64,
    /// The first entry that does not fit.
    pub first_bad: Option<i64>,
    /// Why it does not fit, with a stable code.
    pub reason: Option<Said>,
    /// The hash of the last good entry, hex.
    pub head_hash: String,
    /// The last entry covered by a good seal; 0 when there is none.
    pub sealed_seq: i64,
    /// The last entry that the anchor outside names; 0 when there is no anchor.
    pub anchored_seq: i64,
    /// The last entry for which a partner has signed, by a receipt in the anchor outside; 0 when there is none.
    pub witnessed_seq: i64,
    /// That partner.
    pub witness: Option<String>,
    /// The last entry with a good time stamp in the anchor outside; 0 when there is none.
    pub stamped_seq: i64,
    /// The authority's time.
    pub stamped_at: Option<Timestamp>,
    /// Lines of the anchor outside that count as nothing, and why.
    pub doubts: Vec<Said>,
}

impl Verification {
    fn new() -> Self {
        Self {
            ok: true,
            entries: 0,
            first_bad: None,
            reason: None,
            head_hash: hex::encode(GENESIS),
            sealed_seq: 0,
            anchored_seq: 0,
            witnessed_seq: 0,
            witness: None,
            stamped_seq: 0,
            stamped_at: None,
            doubts: Vec::new(),
        }
    }

    pub(super) fn witnessed(&mut self, seq: i64, partner: &str) {
        self.witnessed_seq = seq;
        self.witness = Some(partner.to_owned());
    }

    pub(super) fn stamped(&mut self, seq: i64, at: Timestamp) {
        self.stamped_seq = seq;
        self.stamped_at = Some(at);
    }
}

/// With what the kinds of entries begin that only a serving seat writes: somebody logged in to it.
const SERVED: &str = "session.";
/// A serving seat seals its head each half minute; what stands unsealed for longer than this was meant to be sealed.
const SEALED_WITHIN: kernel::Duration = kernel::Duration::minutes(10);

/// Asks the database for its own integrity, then walks the journal from the first entry and names the first one that
/// does not fit, and compares it with the anchor outside, where the seat has one, and with what partners have signed. A
/// journal without entries does not verify: nothing was looked at.
///
/// # Errors
/// The database or the anchor cannot be read.
pub async fn verify(db: &Db, sealer: Option<&dyn Sealer>) -> Result<Verification> {
    let mut found = Verification::new();
    if let Some(why) = damage(db).await? {
        found.ok = false;
        found.reason = Some(reason::DAMAGED.say(&[("why", &why)]));
        return Ok(found);
    }
    let mut outside = Outside::open(db, sealer)?;
    let seals: Vec<(i64, Vec<u8>, String)> =
        db.fetch_all("SELECT seq, hash, document FROM journal_seal ORDER BY seq", args![]).await?;
    let mut seals = seals.into_iter().peekable();
    let mut prev = GENESIS;
    let mut expected = 1;
    // The first entry behind the last seal that only a serving seat writes, which seals as well.
    let mut unsealed: Option<(i64, Timestamp)> = None;
    let bad = |found: &mut Verification, seq: i64, why: Said| {
        found.ok = false;
        found.first_bad = Some(seq);
        found.reason = Some(why);
    };
    loop {
        let rows: Vec<Row> = db
            .fetch_all(
                sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM journal WHERE seq >= $1 ORDER BY seq LIMIT $2")),
                args![expected, PAGE],
            )
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let seq = row.seq;
            let entry = match recorded(row) {
                Ok(entry) => entry,
                Err(e) => {
                    let why = Said { en: e.to_string(), ..e.said() };
                    bad(&mut found, seq, because(&reason::UNREADABLE, &[], &why));
                    return Ok(found);
                }
            };
            if let Some(why) = misfit(&entry, expected, &prev) {
                bad(&mut found, entry.seq.min(expected), why);
                return Ok(found);
            }
            prev = entry.hash;
            if unsealed.is_none() && entry.kind.starts_with(SERVED) {
                unsealed = Some((seq, entry.at));
            }
            found.entries += 1;
            found.head_hash = hex::encode(prev);
            while let Some((_, hash, document)) = seals.next_if(|(s, _, _)| *s <= seq) {
                if let Some(why) = seal_misfit(sealer, seq, &prev, &hash, &document) {
                    bad(&mut found, seq, why);
                    return Ok(found);
                }
                found.sealed_seq = seq;
                unsealed = None;
            }
            if let Some(why) = outside.compare(seq, &prev, &mut found) {
                bad(&mut found, seq, why);
                return Ok(found);
            }
            expected += 1;
        }
    }
    let head: Option<(i64, Vec<u8>)> =
        db.fetch_optional("SELECT seq, hash FROM journal_head WHERE id = 1", args![]).await?;
    let (head_seq, head_hash) = head.unwrap_or((0, GENESIS.to_vec()));
    if head_seq > found.entries {
        // Entries may have been appended while we walked: only a head whose entry is missing is wrong.
        let there: Option<(i64,)> =
            db.fetch_optional("SELECT seq FROM journal WHERE seq = $1", args![expected]).await?;
        if there.is_none() {
            bad(&mut found, expected, reason::COUNTED.say(&[]));
        }
    } else if head_seq < found.entries || head_hash != prev {
        let last = found.entries;
        bad(&mut found, last, reason::HEAD.say(&[]));
    } else if let Some((seq, _, _)) = seals.next() {
        bad(&mut found, seq, reason::SEALED_MISSING.say(&[]));
    }
    let next = found.entries + 1;
    if found.ok
        && let Some(why) = outside.beyond(last_seq(db).await?, &mut found)
    {
        bad(&mut found, next, why);
    }
    if found.ok
        && let Some(said) = witness::standing(db).await?.first()
    {
        bad(&mut found, said.seq.min(next), said.said());
    }
    if found.ok
        && let Some((seq, _)) = unsealed.filter(|(_, at)| db.clock().now() - *at > SEALED_WITHIN)
    {
        bad(&mut found, seq, reason::UNSEALED.say(&[]));
    }
    // Sealed heads go into it at once: a place that names none of them is another one, or was emptied.
    if found.ok && db.anchor().is_some() && found.sealed_seq > 0 && found.anchored_seq == 0 {
        found.ok = false;
        found.reason = Some(reason::NO_ANCHOR.say(&[]));
    }
    if found.ok && found.entries == 0 {
        found.ok = false;
        found.reason = Some(reason::NOTHING.say(&[]));
    }
    Ok(found)
}

/// What the database says about itself; none where it is whole.
async fn damage(db: &Db) -> Result<Option<String>> {
    // One table may take longer than any other statement.
    let db = &db.patient();
    let words = match db.engine() {
        Engine::Sqlite => sqlite_damage(db).await,
        Engine::Postgres => postgres_damage(db).await,
    };
    match words {
        Ok(damage) => Ok(damage),
        // A database that is away, busy or refuses us tells nothing of what is stored.
        Err(Error::Database(refusal)) => tells_damage(&refusal).map(Some).ok_or(Error::Database(refusal)),
        Err(error) => Err(error),
    }
}

async fn sqlite_damage(db: &Db) -> Result<Option<String>> {
    let rows: Vec<(String,)> = db.fetch_all("PRAGMA integrity_check(5)", args![]).await?;
    let words: Vec<String> = rows.into_iter().map(|(word,)| word).filter(|word| word != "ok").collect();
    Ok((!words.is_empty()).then(|| words.join("; ")))
}

/// By amcheck where it is installed; and every row of every table is read, with its out-of-line parts.
async fn postgres_damage(db: &Db) -> Result<Option<String>> {
    let tables: Vec<(String,)> = db
        .fetch_all(
            "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = CURRENT_SCHEMA() AND c.relkind = 'r' ORDER BY 1",
            args![],
        )
        .await?;
    // The function stands in the schema of its extension, which the path may not name.
    let amcheck: Option<(String,)> = db
        .fetch_optional(
            "SELECT CAST(n.nspname AS TEXT) FROM pg_extension e
             JOIN pg_proc p ON p.proname = 'verify_heapam' AND p.pronamespace = e.extnamespace
             JOIN pg_namespace n ON n.oid = e.extnamespace
             WHERE e.extname = 'amcheck' AND has_function_privilege(p.oid, 'execute')
                AND has_schema_privilege(n.oid, 'usage')",
            args![],
        )
        .await?;
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    for (table,) in tables {
        let name = quoted(&table);
        if let Some((schema,)) = &amcheck {
            let (schema, literal) = (quoted(schema), name.replace('\'', "''"));
            let sql = format!("SELECT msg FROM {schema}.verify_heapam(CAST('{literal}' AS regclass)) LIMIT 1");
            let found: Option<(String,)> = db.fetch_optional(sqlx::AssertSqlSafe(sql), args![]).await?;
            if let Some((why,)) = found {
                return Ok(Some(format!("table {table}: {why}")));
            }
        }
        let sql = format!("SELECT CAST(COALESCE(SUM(LENGTH(CAST(t AS TEXT))), 0) AS BIGINT) FROM {name} t");
        let _read: (i64,) = db.fetch_one(sqlx::AssertSqlSafe(sql), args![]).await?;
    }
    Ok(None)
}

fn misfit(entry: &Recorded, expected: i64, prev: &Hash) -> Option<Said> {
    if entry.seq != expected {
        return Some(reason::MISSING.say(&[("seq", &expected.to_string())]));
    }
    if entry.prev != *prev {
        return Some(reason::BEFORE.say(&[]));
    }
    if content_digest(entry) != entry.digest {
        return Some(reason::CHANGED.say(&[]));
    }
    (link(prev, &entry.digest) != entry.hash).then(|| reason::HASH.say(&[]))
}

pub(super) fn seal_misfit(
    sealer: Option<&dyn Sealer>,
    seq: i64,
    prev: &Hash,
    hash: &[u8],
    document: &str,
) -> Option<Said> {
    if hash != prev {
        return Some(reason::SEAL_HASH.say(&[]));
    }
    let sealer = sealer?;
    let payload = match sealer.check(document) {
        Ok(payload) => payload,
        Err(why) => return Some(because(&reason::SEAL_INVALID, &[], &why)),
    };
    let Ok(claim) = serde_json::from_slice::<SealClaim>(&payload) else {
        return Some(reason::SEAL_UNREADABLE.say(&[]));
    };
    (claim.seq != seq || claim.hash != hex::encode(prev)).then(|| reason::SEAL_OTHER.say(&[]))
}
