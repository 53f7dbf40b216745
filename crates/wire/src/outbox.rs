//! Messages on their way out. A message is sealed and stored in the transaction of the change that causes it; what is
//! stored is what is sent, however often, and is kept as evidence.
//!
//! Time line of one message whose partner is away:
//!
//! ```text
//! 0 s       enqueued with the order's own transaction: pending, due at once, leased by this process
//! 0.01 s    first attempt fails: due again in 0.13–0.25 s, then 0.25–0.5 s … at most 30 s
//! …         the process dies; with the same owner name it goes on at once, another process after the lease (30 s)
//! deadline  pending still: expired, journaled
//! ```

use kernel::{Duration, MessageId, Timestamp};
use rand::RngExt;
use serde_json::json;
use store::journal::Entry;
use store::{Db, Tx, Who, args};

use crate::code::code_list;
use crate::error::Error;
use crate::head::{self, Named};
use crate::keys::Keys;
use crate::message::{Body, Message, PartnerId};
use crate::seal::{LIFETIME_MAX, seal};

/// How long a process has a message for itself after it last touched it.
pub const LEASE: Duration = Duration::seconds(30);
/// The longest pause after the first failure; it doubles with each further one.
const BACKOFF_FIRST: Duration = Duration::millis(250);
/// The longest pause between two attempts.
pub const BACKOFF_MAX: Duration = Duration::seconds(30);
/// After so many failed attempts the trouble is journaled, once.
pub const TROUBLE_ATTEMPTS: i64 = 5;
/// Longest error text kept, in characters.
const ERROR_CHARS_MAX: usize = 300;

code_list! {
    /// Where a message stands.
    OutboxState {
        /// Not yet receipted.
        Pending = "pending", "待送达", "pending";
        /// The partner has signed for it.
        Delivered = "delivered", "已送达", "delivered";
        /// The deadline came first.
        Expired = "expired", "逾期未送达", "expired";
        /// The partner has refused it for good.
        Refused = "refused", "被拒收", "refused";
    }
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Draft {
    to: PartnerId,
    body: Body,
    subject: String,
    in_reply_to: Option<MessageId>,
    deadline: Option<Timestamp>,
}

/// How long a message is tried unless said otherwise.
pub const DEADLINE: Duration = Duration::hours(24);

impl Draft {
    /// A message to a partner about a subject of the journal, for instance `order:<id>`.
    pub fn new(to: &PartnerId, body: impl Into<Body>, subject: impl Into<String>) -> Self {
        Self { to: to.clone(), body: body.into(), subject: subject.into(), in_reply_to: None, deadline: None }
    }

    /// The message that this one answers.
    pub fn replying_to(mut self, message: MessageId) -> Self {
        self.in_reply_to = Some(message);
        self
    }

    /// Until when it is tried; the receiver refuses it from then on. [`DEADLINE`] from now unless set, 30 days at most.
    pub fn deadline(mut self, at: Timestamp) -> Self {
        self.deadline = Some(at);
        self
    }
}

/// A message that was put on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub id: MessageId,
    /// The sealed document.
    pub document: String,
    /// SHA-256 of the document, lower-case hex.
    pub sha256: String,
    /// Until when it is tried.
    pub deadline_at: Timestamp,
}

/// Puts messages on their way for one seat; cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox {
    me: PartnerId,
    keys: Keys,
    owner: String,
}

impl Outbox {
    /// For a seat with its keys. `owner` names this process among those that share the database; a process that comes
    /// back under the same name goes on with its messages at once.
    pub fn new(me: PartnerId, keys: Keys, owner: impl Into<String>) -> Self {
        Self { me, keys, owner: owner.into() }
    }

    /// This seat.
    pub fn me(&self) -> &PartnerId {
        &self.me
    }

    /// The keys of this seat.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// Seals a message and stores it in the caller's transaction; the courier sends it once that commits.
    ///
    /// # Errors
    /// No key is active, or the database.
    pub async fn enqueue(&self, tx: &mut Tx, draft: Draft) -> Result<Sent, Error> {
        let now = tx.now();
        let deadline_at = draft.deadline.unwrap_or(now + DEADLINE).min(now + LIFETIME_MAX);
        // A deadline that has passed already still needs a document that can be read as evidence.
        let valid_for = (deadline_at - now).max(Duration::millis(1));
        let mut message = Message::new(&self.me, &draft.to, &draft.body, now, valid_for)?;
        message.in_reply_to = draft.in_reply_to;
        message.journal = head::own(tx).await?;
        let sealed = seal(&self.keys, &message)?;
        tx.write(
            "INSERT INTO wire_outbox (id, partner, kind, subject, in_reply_to, document, sha256, state, created_at,
                deadline_at, next_at, attempts, owner, lease_until)
             VALUES ($1,$2,$3,$4,$5,$6,$7,'pending',$8,$9,$8,0,$10,$11)",
            args![
                message.id,
                &message.to,
                &message.kind,
                draft.subject,
                message.in_reply_to,
                &sealed.text,
                &sealed.sha256,
                now,
                deadline_at,
                &self.owner,
                now + LEASE
            ],
        )
        .await?;
        tx.wake();
        Ok(Sent { id: message.id, document: sealed.text, sha256: sealed.sha256, deadline_at })
    }
}

/// A message as it stands in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub partner: String,
    /// Word of its kind.
    pub kind: String,
    /// The sealed document.
    pub document: String,
    /// SHA-256 of the document.
    pub sha256: String,
    /// Where it stands.
    pub state: OutboxState,
    /// When it was sealed.
    pub created_at: Timestamp,
    /// Until when it is tried.
    pub deadline_at: Timestamp,
    /// Attempts made.
    pub attempts: i64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was delivered, refused or given up.
    pub done_at: Option<Timestamp>,
    /// The partner's receipt, sealed.
    pub receipt: Option<String>,
}

#[derive(sqlx::FromRow)]
struct OutgoingRow {
    id: String,
    partner: String,
    kind: String,
    document: String,
    sha256: String,
    state: String,
    created_at: i64,
    deadline_at: i64,
    attempts: i64,
    last_error: Option<String>,
    done_at: Option<i64>,
    receipt: Option<String>,
}

impl OutgoingRow {
    fn read(self) -> store::Result<Outgoing> {
        let corrupt = || store::Error::Corrupt(format!("message {}", self.id));
        Ok(Outgoing {
            id: self.id.parse().map_err(|_| corrupt())?,
            state: OutboxState::from_code(&self.state).ok_or_else(corrupt)?,
            partner: self.partner,
            kind: self.kind,
            document: self.document,
            sha256: self.sha256,
            created_at: Timestamp(self.created_at),
            deadline_at: Timestamp(self.deadline_at),
            attempts: self.attempts,
            last_error: self.last_error,
            done_at: self.done_at.map(Timestamp),
            receipt: self.receipt,
        })
    }
}

/// How many messages of a kind wait for a partner.
///
/// # Errors
/// The database.
pub async fn pending(db: &Db, partner: &PartnerId, kind: &str) -> store::Result<i64> {
    let (count,): (i64,) = db
        .fetch_one(
            "SELECT COUNT(*) FROM wire_outbox WHERE state = 'pending' AND partner = $1 AND kind = $2",
            args![partner, kind],
        )
        .await?;
    Ok(count)
}

/// The messages about a subject, the oldest first.
///
/// # Errors
/// The database.
pub async fn about(db: &Db, subject: &str) -> store::Result<Vec<Outgoing>> {
    let rows: Vec<OutgoingRow> = db
        .fetch_all(
            "SELECT id, partner, kind, document, sha256, state, created_at, deadline_at, attempts, last_error, done_at,
                receipt
             FROM wire_outbox WHERE subject = $1 ORDER BY created_at, id",
            args![subject],
        )
        .await?;
    rows.into_iter().map(OutgoingRow::read).collect()
}

/// One message.
///
/// # Errors
/// `NotFound`, or the database.
pub async fn get(db: &Db, id: MessageId) -> store::Result<Outgoing> {
    let row: Option<OutgoingRow> = db
        .fetch_optional(
            "SELECT id, partner, kind, document, sha256, state, created_at, deadline_at, attempts, last_error, done_at,
                receipt
             FROM wire_outbox WHERE id = $1",
            args![id],
        )
        .await?;
    row.ok_or(store::Error::NotFound { what: "message" })?.read()
}

/// A message that is due, without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub partner: String,
    /// What it is about.
    pub subject: String,
    /// Word of its kind.
    pub kind: String,
    /// SHA-256 of the document.
    pub sha256: String,
    /// Attempts made.
    pub attempts: i64,
    /// Until when it is tried.
    pub deadline_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: String,
    partner: String,
    subject: String,
    kind: String,
    sha256: String,
    attempts: i64,
    deadline_at: i64,
    owner: String,
}

/// What is due now for this process, the longest due first; leases of other processes that have run out are taken over.
/// Partners in `busy` are passed over.
///
/// # Errors
/// The database.
pub async fn due(db: &Db, outbox: &Outbox, busy: &[PartnerId], limit: i64) -> store::Result<Vec<Due>> {
    let now = db.clock().now();
    let mut bound = args![now, outbox.owner(), limit];
    let mut sql = String::from(
        "SELECT id, partner, subject, kind, sha256, attempts, deadline_at, owner FROM wire_outbox
         WHERE state = 'pending' AND next_at <= $1 AND (owner = $2 OR lease_until <= $1)",
    );
    for partner in busy {
        bound.push(partner.into());
        sql.push_str(&format!(" AND partner <> ${}", bound.len()));
    }
    sql.push_str(" ORDER BY next_at, id LIMIT $3");
    let rows: Vec<DueRow> = db.fetch_all(store::AssertSqlSafe(sql), bound).await?;
    let strays: Vec<&str> = rows.iter().filter(|r| r.owner != outbox.owner()).map(|r| r.id.as_str()).collect();
    let taken = if strays.is_empty() { Vec::new() } else { take_over(db, outbox, &strays, now).await? };
    if !rows.is_empty() {
        // No partner acts on an order that the loss of power could take back.
        db.settled().await?;
    }
    rows.into_iter()
        .filter(|row| row.owner == outbox.owner() || taken.contains(&row.id))
        .map(|row| {
            Ok(Due {
                id: row.id.parse().map_err(|_| store::Error::Corrupt(format!("message {}", row.id)))?,
                partner: row.partner,
                subject: row.subject,
                kind: row.kind,
                sha256: row.sha256,
                attempts: row.attempts,
                deadline_at: Timestamp(row.deadline_at),
            })
        })
        .collect()
}

/// Takes messages whose lease has run out; another process that asks at the same moment gets none of them.
async fn take_over(db: &Db, outbox: &Outbox, ids: &[&str], now: Timestamp) -> store::Result<Vec<String>> {
    let mut tx = db.begin().await?;
    let mut taken = Vec::new();
    for id in ids {
        let touched = tx
            .execute(
                "UPDATE wire_outbox SET owner = $2, lease_until = $3
                 WHERE id = $1 AND state = 'pending' AND lease_until <= $4",
                args![*id, outbox.owner(), now + LEASE, now],
            )
            .await?;
        if touched > 0 {
            taken.push((*id).to_owned());
        }
    }
    tx.commit().await?;
    Ok(taken)
}

/// Makes due at once what this process has waiting for its next attempt: for one partner only that which could not be
/// reached, for all partners everything.
///
/// # Errors
/// The database.
pub async fn hurry(db: &Db, outbox: &Outbox, partner: Option<&str>) -> store::Result<u64> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let touched = match partner {
        Some(partner) => {
            tx.execute(
                "UPDATE wire_outbox SET next_at = $1
                 WHERE state = 'pending' AND owner = $2 AND next_at > $1 AND partner = $3
                    AND (last_error LIKE 'unreachable%' OR last_error LIKE 'timeout%' OR last_error LIKE 'reply_cut%')",
                args![now, outbox.owner(), partner],
            )
            .await?
        }
        None => {
            tx.execute(
                "UPDATE wire_outbox SET next_at = $1 WHERE state = 'pending' AND owner = $2 AND next_at > $1",
                args![now, outbox.owner()],
            )
            .await?
        }
    };
    if touched > 0 {
        tx.wake();
    }
    tx.commit().await?;
    Ok(touched)
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The partner signed for it.
    Delivered {
        /// The receipt, sealed.
        receipt: String,
        /// What it says of our journal.
        journal: Option<Named>,
    },
    /// The partner refused it for good.
    Refused {
        /// The stable code of the reason.
        code: String,
        /// The receipt, sealed, where there is one.
        receipt: Option<String>,
        /// What it says of our journal.
        journal: Option<Named>,
    },
    /// Not this time.
    Failed {
        /// Stable word, for instance `unreachable`.
        code: String,
        /// What happened, for the technical contact.
        detail: String,
    },
}

impl Outcome {
    /// What the partner has signed about our journal, with the receipt.
    pub(crate) fn named(&self) -> Option<(&Named, &str)> {
        match self {
            Self::Delivered { receipt, journal: Some(named) }
            | Self::Refused { receipt: Some(receipt), journal: Some(named), .. } => Some((named, receipt)),
            _ => None,
        }
    }
}

/// Writes down how attempts went.
///
/// # Errors
/// The database; then none of them is written down.
pub async fn settle(tx: &mut Tx, outbox: &Outbox, attempts: &[(Due, Outcome)]) -> store::Result<()> {
    let now = tx.now();
    for (due, outcome) in attempts {
        match outcome {
            Outcome::Delivered { receipt, .. } => {
                finish(tx, due, OutboxState::Delivered, None, Some(receipt)).await?;
            }
            Outcome::Refused { code, receipt, .. } => {
                if finish(tx, due, OutboxState::Refused, Some(code), receipt.as_ref()).await? {
                    journal(tx, "message.refused", due, code).await?;
                }
            }
            Outcome::Failed { code, detail } => {
                let error: String = format!("{code}: {detail}").chars().take(ERROR_CHARS_MAX).collect();
                if now >= due.deadline_at {
                    if finish(tx, due, OutboxState::Expired, Some(&error), None).await? {
                        journal(tx, "message.expired", due, code).await?;
                    }
                    continue;
                }
                let next_at = (now + backoff(due.attempts)).min(due.deadline_at);
                tx.write(
                    "UPDATE wire_outbox SET attempts = attempts + 1, last_error = $2, next_at = $3, owner = $4,
                        lease_until = $5
                     WHERE id = $1 AND state = 'pending'",
                    args![due.id, error, next_at, outbox.owner(), next_at + LEASE],
                )
                .await?;
                if due.attempts + 1 == TROUBLE_ATTEMPTS {
                    journal(tx, "message.troubled", due, code).await?;
                }
            }
        }
    }
    Ok(())
}

async fn finish(
    tx: &mut Tx,
    due: &Due,
    state: OutboxState,
    error: Option<&String>,
    receipt: Option<&String>,
) -> store::Result<bool> {
    let now = tx.now();
    store::transition("wire_outbox", due.id)
        .from(OutboxState::Pending.code())
        .to(state.code())
        .set("attempts", due.attempts + 1)
        .set("last_error", error.cloned())
        .set("receipt", receipt.cloned())
        .set("done_at", now)
        .try_apply(tx)
        .await
}

async fn journal(tx: &mut Tx, kind: &str, due: &Due, code: &str) -> store::Result<()> {
    let body = json!({
        "message_id": due.id, "partner": due.partner, "message_kind": due.kind, "sha256": due.sha256,
        "attempts": due.attempts + 1, "code": code,
    });
    tx.append(Entry::new(kind, &due.subject).body(&body), &Who::system("courier")).await
}

/// The pause after an attempt: doubling up to [`BACKOFF_MAX`], and between half and the whole of it by chance, so that
/// the messages of a partner that comes back do not arrive all at once.
pub fn backoff(attempts_before: i64) -> Duration {
    let doublings = u32::try_from(attempts_before.clamp(0, 20)).unwrap_or(20);
    let most = BACKOFF_FIRST.0.saturating_mul(1 << doublings).min(BACKOFF_MAX.0);
    Duration(rand::rng().random_range(most / 2..=most))
}
