//! Messages coming in. Each is applied once, in the same transaction in which its receipt becomes due, however often it
//! arrives; messages that arrive together share a transaction.

use std::sync::{Mutex, PoisonError};

use kernel::{Duration, Fault, MessageId, Said, Text, Timestamp};
use serde_json::json;
use store::health::{Worker, caught};
use store::journal::Entry;
use store::{Db, Tx, Who, args};
use tokio::sync::{mpsc, oneshot};

use crate::directory::Directory;
use crate::head::{self, JournalHead};
use crate::keys::Keys;
use crate::message::{Message, PartnerId, Unread, VERSION, kind};
use crate::receipt::{Receipt, Verdict};
use crate::seal::{Opened, Refusal, SealError, Sealed, open};

/// Name of the worker that applies messages.
const WORKER: &str = "inbox";
/// How long messages at work may take before the seat counts as hanging. Idle, it may be silent for ever.
const WORK_MAX: std::time::Duration = std::time::Duration::from_secs(600);
/// Messages applied in one transaction at most. Measured on SQLite with full durability, two seats on one thread: 1,160
/// messages a second with 32, 220 with 1; the time of a single message is the same.
const BATCH_MAX: usize = 32;
/// Messages that wait to be applied at most; beyond, senders wait.
const WAITING_MAX: usize = 1_024;
/// Refused seals journaled in a minute at most; the rest are counted, so that nobody can fill the journal with noise.
pub const REFUSALS_JOURNALED_PER_MINUTE_MAX: u32 = 120;

/// Refused seals that [`refused_since`] counts at most: more is an attack, however many.
pub const REFUSED_COUNTED_MAX: i64 = 100;

/// How many refused seals were journaled since a moment, for the badge that raises the alarm.
///
/// # Errors
/// The database.
pub async fn refused_since(db: &Db, since: Timestamp) -> store::Result<i64> {
    let (count,): (i64,) = db
        .fetch_one(
            "SELECT COUNT(*) FROM (SELECT at FROM journal WHERE kind = 'seal.refused' ORDER BY seq DESC LIMIT $1) AS latest
             WHERE at >= $2",
            args![REFUSED_COUNTED_MAX, since],
        )
        .await?;
    Ok(count)
}

const NOT_OFFERED: Text = Text::new(
    "function_not_offered",
    ("本席位不支持“{kind}”类报文", "this seat does not take messages of the kind {kind}"),
    ("请核对协议版本和收件席位", "check the version of the protocol and the receiving seat"),
);
const WRONG_ROLE: Text = Text::new(
    "wire.wrong_role",
    ("“{kind}”类报文不能由{role}发送", "a document of the kind {kind} does not come from this role of partner: {role}"),
    (
        "请由负责该事项的席位发送，或请对方核对通讯录中的机构类型",
        "let the seat send it whose task it is, or have the role in the directory checked",
    ),
);
const BODY: Text = Text::new(
    "wire.body",
    ("报文内容有 {count} 处错误", "the body has {count} faults"),
    ("请按所列字段补正，用新编号重新签发", "mend the fields listed and issue it anew under a new id"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[NOT_OFFERED, WRONG_ROLE, BODY];

/// Why a message was not applied.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// It is refused for good; nothing that the handler did stays, and the sender gets these words.
    #[error("refused: {}", .0.en)]
    Refused(Box<Said>, Vec<Fault>),
    /// Not now: the sender is asked to try again.
    #[error("{0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HandleError {
    /// Refused for good.
    pub fn refused(said: Said) -> Self {
        Self::Refused(Box::new(said), Vec::new())
    }

    /// This seat does not take messages of that kind.
    pub fn not_offered(kind: &str) -> Self {
        Self::refused(NOT_OFFERED.say(&[("kind", kind)]))
    }

    /// Not now.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl From<store::Error> for HandleError {
    fn from(error: store::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<crate::Error> for HandleError {
    fn from(error: crate::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<Unread> for HandleError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NotOffered { kind, .. } => Self::not_offered(&kind),
            Unread::Faulty { faults, .. } => {
                Self::Refused(Box::new(BODY.say(&[("count", &faults.0.len().to_string())])), faults.0)
            }
        }
    }
}

/// What a seat does with a message. It runs inside the transaction that records the message, so it takes effect once;
/// it must do nothing outside of that transaction. It may run again for the same message after a transaction that was
/// taken back.
pub trait Handler: Send + Sync + 'static {
    /// Applies a message. Orders that cannot be read should be answered with [`Unread::answer`] where possible;
    /// anything else that cannot be read is refused by `message.read()?`.
    fn handle(&self, tx: &mut Tx, message: &Message) -> impl Future<Output = Result<(), HandleError>> + Send;
}

/// What is said to the sender.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A receipt, and its sealed form.
    Receipt(Box<Receipt>, Sealed),
    /// The document was refused; nothing in it is believed.
    Refused(Box<Refusal>),
    /// This seat cannot say now; the sender should try again.
    Unavailable,
}

/// The inbox of a seat.
pub struct Inbox {
    db: Db,
    directory: Directory,
    keys: Keys,
    me: PartnerId,
    jobs: mpsc::Sender<Job>,
    journaled: Mutex<Minute>,
}

struct Job {
    opened: Opened,
    text: String,
    reply: oneshot::Sender<Option<Taken>>,
}

/// What became of a message whose seal was good.
#[derive(Debug, Clone, PartialEq)]
enum Taken {
    Receipt(Written),
    Refused(SealError),
}

/// What a receipt says besides which message it is about.
#[derive(Debug, Clone, PartialEq)]
struct Written {
    verdict: Verdict,
    received_at: Timestamp,
    fault: Option<Said>,
    faults: Vec<Fault>,
    journal: Option<JournalHead>,
}

impl Inbox {
    /// Opens the inbox; a task that ends with it applies the messages. Call inside a tokio runtime.
    pub fn new(db: &Db, directory: &Directory, keys: &Keys, me: &PartnerId, handler: impl Handler) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let worker = db.worker(WORKER, WORK_MAX);
        worker.waits();
        let applying = apply_all(db.clone(), directory.clone(), handler, waiting, worker);
        tokio::spawn(db.clone().run_once(WORKER, applying));
        Self {
            db: db.clone(),
            directory: directory.clone(),
            keys: keys.clone(),
            me: me.clone(),
            jobs,
            journaled: Mutex::default(),
        }
    }

    /// The keys of this seat.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Takes a document that came from an address.
    pub async fn receive(&self, document: &[u8], remote: Option<&str>) -> Reply {
        let now = self.db.clock().now();
        match open(&self.directory.book(), document, now, &self.me) {
            Ok(opened) => self.apply(opened, document, remote).await,
            Err(refusal) => self.refuse(refusal, document.len(), remote).await,
        }
    }

    async fn apply(&self, opened: Opened, document: &[u8], remote: Option<&str>) -> Reply {
        // A document that opened is ASCII.
        let text = String::from_utf8_lossy(document).into_owned();
        let (reply, answer) = oneshot::channel();
        let facts = Facts::of(&opened);
        if self.jobs.send(Job { opened, text, reply }).await.is_err() {
            return Reply::Unavailable;
        }
        match answer.await {
            Ok(Some(Taken::Refused(error))) => {
                let refusal = facts.refusal(error);
                self.refuse(refusal, document.len(), remote).await
            }
            Ok(Some(Taken::Receipt(Written { verdict, received_at, fault, faults, journal }))) => {
                metrics::counter!("wire_received_total", "verdict" => verdict.code()).increment(1);
                let receipt = Receipt {
                    v: VERSION,
                    from: self.me.clone(),
                    to: facts.from,
                    message_id: facts.id,
                    sha256: facts.sha256,
                    received_at,
                    issued_at: self.db.clock().now(),
                    verdict,
                    fault,
                    faults,
                    journal,
                };
                self.receipt(receipt)
            }
            Ok(None) | Err(_) => Reply::Unavailable,
        }
    }

    fn receipt(&self, receipt: Receipt) -> Reply {
        match receipt.seal(&self.keys) {
            Ok(sealed) => Reply::Receipt(Box::new(receipt), sealed),
            Err(error) => {
                tracing::error!(%error, "a receipt cannot be signed");
                Reply::Unavailable
            }
        }
    }

    /// Refused, journaled, counted and shouted.
    async fn refuse(&self, mut refusal: Refusal, bytes: usize, remote: Option<&str>) -> Reply {
        // What was taken before and comes again after its end is a replay, not a late delivery.
        if let (SealError::Expired { .. }, Some(id), Some(from)) =
            (&refusal.error, refusal.message_id, &refusal.claimed_from)
            && matches!(received(&self.db, from, id).await, Ok(Some(_)))
        {
            refusal.error = SealError::Replayed;
        }
        let code = refusal.error.code();
        let claimed = refusal.claimed_from.as_ref().map_or("", PartnerId::as_str);
        metrics::counter!("wire_seal_refused_total", "reason" => code).increment(1);
        tracing::warn!(reason = code, claimed, remote, sha256 = refusal.sha256, bytes, "a seal was refused");
        if let Err(error) = self.journal_refusal(&refusal, bytes, remote).await {
            tracing::error!(%error, "a refused seal cannot be journaled");
        }
        Reply::Refused(Box::new(refusal))
    }

    async fn journal_refusal(&self, refusal: &Refusal, bytes: usize, remote: Option<&str>) -> store::Result<()> {
        let counted = {
            let mut minute = self.journaled.lock().unwrap_or_else(PoisonError::into_inner);
            minute.count(self.db.clock().now())
        };
        let Some(passed_over) = counted else { return Ok(()) };
        let mut body = json!({
            "reason": refusal.error.code(), "claimed_from": refusal.claimed_from, "remote": remote,
            "kid": refusal.kid, "message_id": refusal.message_id, "sha256": refusal.sha256, "bytes": bytes,
        });
        if let (Some(map), true) = (body.as_object_mut(), passed_over > 0) {
            map.insert("not_journaled_before".to_owned(), passed_over.into());
        }
        let subject = refusal.claimed_from.as_ref().map_or("partner:?".to_owned(), |from| format!("partner:{from}"));
        let mut tx = self.db.begin().await?;
        tx.append(Entry::new("seal.refused", subject).body(&body), &Who::system("inbox")).await?;
        tx.commit().await
    }
}

/// What is needed of a message after it was handed over.
struct Facts {
    id: MessageId,
    from: PartnerId,
    sha256: String,
    kid: String,
}

impl Facts {
    fn of(opened: &Opened) -> Self {
        Self {
            id: opened.message.id,
            from: opened.message.from.clone(),
            sha256: opened.sha256.clone(),
            kid: opened.kid.clone(),
        }
    }

    fn refusal(self, error: SealError) -> Refusal {
        Refusal {
            error,
            claimed_from: Some(self.from),
            kid: Some(self.kid),
            message_id: Some(self.id),
            sha256: self.sha256,
        }
    }
}

/// Counts within a minute.
#[derive(Default)]
struct Minute {
    began: Timestamp,
    journaled: u32,
    passed_over: u32,
}

impl Minute {
    /// `None` when this one is too many; else how many were passed over since the last journaled one.
    fn count(&mut self, now: Timestamp) -> Option<u32> {
        if now - self.began >= Duration::minutes(1) {
            self.began = now;
            self.journaled = 0;
        }
        if self.journaled >= REFUSALS_JOURNALED_PER_MINUTE_MAX {
            self.passed_over += 1;
            return None;
        }
        self.journaled += 1;
        Some(std::mem::take(&mut self.passed_over))
    }
}

/// Applies what waits, together where several wait. When one of several fails, all are taken back and applied one by
/// one, so that a message never suffers for its neighbour.
async fn apply_all(
    db: Db,
    directory: Directory,
    handler: impl Handler,
    mut waiting: mpsc::Receiver<Job>,
    worker: Worker,
) {
    let mut batch = Vec::new();
    loop {
        worker.waits();
        if waiting.recv_many(&mut batch, BATCH_MAX).await == 0 {
            return;
        }
        worker.begins();
        if batch.len() > 1
            && let Ok(taken) = caught(async { Ok(apply_together(&db, &directory, &handler, &batch).await?) }).await
        {
            worker.round();
            for (job, taken) in batch.drain(..).zip(taken) {
                let _gone = job.reply.send(Some(taken));
            }
            continue;
        }
        for job in batch.drain(..) {
            let taken = match caught(async { Ok(apply_one(&db, &directory, &handler, &job).await?) }).await {
                Ok(taken) => {
                    worker.round();
                    Some(taken)
                }
                Err(error) => {
                    worker.failed(&error);
                    let message = &job.opened.message;
                    tracing::error!(%error, message = %message.id, from = %message.from, kind = message.kind,
                        "a message cannot be applied now");
                    metrics::counter!("wire_apply_failures_total").increment(1);
                    None
                }
            };
            let _gone = job.reply.send(taken);
        }
    }
}

async fn apply_together(
    db: &Db,
    directory: &Directory,
    handler: &impl Handler,
    batch: &[Job],
) -> Result<Vec<Taken>, HandleError> {
    let mut tx = db.begin().await?;
    let mut all = Vec::with_capacity(batch.len());
    for job in batch {
        all.push(take(&mut tx, directory, handler, job).await?);
    }
    tx.commit().await?;
    Ok(all)
}

async fn apply_one(db: &Db, directory: &Directory, handler: &impl Handler, job: &Job) -> Result<Taken, HandleError> {
    let mut tx = db.begin().await?;
    match take(&mut tx, directory, handler, job).await {
        Ok(taken) => {
            tx.commit().await?;
            Ok(taken)
        }
        Err(HandleError::Refused(said, faults)) => {
            tx.rollback().await?;
            refuse_for_good(db, job, *said, faults).await.map_err(HandleError::from)
        }
        Err(failed) => Err(failed),
    }
}

async fn take(tx: &mut Tx, directory: &Directory, handler: &impl Handler, job: &Job) -> Result<Taken, HandleError> {
    let now = tx.now();
    if !record(tx, job, Verdict::Accepted, None, now).await? {
        return Ok(taken_before(tx, job).await?);
    }
    check_role(directory, &job.opened.message)?;
    if job.opened.message.kind != kind::PING {
        handler.handle(tx, &job.opened.message).await?;
    }
    journal(tx, job, Verdict::Accepted, None).await?;
    let journal = head_of(tx, job).await?;
    Ok(Taken::Receipt(Written {
        verdict: Verdict::Accepted,
        received_at: now,
        fault: None,
        faults: Vec::new(),
        journal,
    }))
}

/// The highest head of the sender's journal that was ever seen, this message included.
async fn head_of(tx: &mut Tx, job: &Job) -> store::Result<Option<JournalHead>> {
    let message = &job.opened.message;
    head::keep(tx, &message.from, message.journal.as_ref()).await
}

/// A seal says who speaks; what he may say depends on what he is: a bank lifts no number from the operators' list.
fn check_role(directory: &Directory, message: &Message) -> Result<(), HandleError> {
    let Some(allowed) = kind::senders(&message.kind) else { return Ok(()) };
    let role = directory.book().partner(&message.from).map(|partner| partner.role);
    match role {
        Some(role) if allowed.contains(&role) => Ok(()),
        role => {
            let (zh, en) = role.map_or(("未登记的机构", "unknown"), |role| (role.zh(), role.en()));
            let say = |role| WRONG_ROLE.say(&[("kind", message.kind.as_str()), ("role", role)]);
            Err(HandleError::refused(Said { en: say(en).en, ..say(zh) }))
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredFaults {
    said: Said,
    faults: Vec<Fault>,
}

async fn refuse_for_good(db: &Db, job: &Job, said: Said, faults: Vec<Fault>) -> store::Result<Taken> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let stored = StoredFaults { said, faults };
    let text = serde_json::to_string(&stored).map_err(|e| store::Error::Corrupt(e.to_string()))?;
    let taken = if record(&mut tx, job, Verdict::Refused, Some(text), now).await? {
        journal(&mut tx, job, Verdict::Refused, Some(&stored.said.code)).await?;
        let StoredFaults { said, faults } = stored;
        let journal = head_of(&mut tx, job).await?;
        let verdict = Verdict::Refused;
        Taken::Receipt(Written { verdict, received_at: now, fault: Some(said), faults, journal })
    } else {
        taken_before(&mut tx, job).await?
    };
    tx.commit().await?;
    Ok(taken)
}

/// `false` when a message with this id is there already.
async fn record(
    tx: &mut Tx,
    job: &Job,
    verdict: Verdict,
    faults: Option<String>,
    now: Timestamp,
) -> store::Result<bool> {
    let message = &job.opened.message;
    let touched = tx
        .execute(
            "INSERT INTO wire_inbox (partner, id, kind, in_reply_to, document, sha256, kid, received_at, verdict, faults)
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) ON CONFLICT (partner, id) DO NOTHING",
            args![
                &message.from,
                message.id,
                &message.kind,
                message.in_reply_to,
                &job.text,
                &job.opened.sha256,
                &job.opened.kid,
                now,
                verdict.code(),
                faults
            ],
        )
        .await?;
    Ok(touched > 0)
}

async fn taken_before(tx: &mut Tx, job: &Job) -> store::Result<Taken> {
    let message = &job.opened.message;
    let (sha256, received_at, verdict, faults): (String, i64, String, Option<String>) = tx
        .fetch_one(
            "SELECT sha256, received_at, verdict, faults FROM wire_inbox WHERE partner = $1 AND id = $2",
            args![&message.from, message.id],
        )
        .await?;
    if sha256 != job.opened.sha256 {
        return Ok(Taken::Refused(SealError::IdReused));
    }
    let received_at = Timestamp(received_at);
    let journal = head_of(tx, job).await?;
    if verdict == Verdict::Refused.code() {
        let stored = faults.as_deref().map(serde_json::from_str::<StoredFaults>).transpose();
        let stored = stored.map_err(|e| store::Error::Corrupt(e.to_string()))?;
        let (fault, faults) = stored.map_or((None, Vec::new()), |stored| (Some(stored.said), stored.faults));
        return Ok(Taken::Receipt(Written { verdict: Verdict::Refused, received_at, fault, faults, journal }));
    }
    let (verdict, fault, faults) = (Verdict::Duplicate, None, Vec::new());
    Ok(Taken::Receipt(Written { verdict, received_at, fault, faults, journal }))
}

/// Ties the document into the journal by its hash.
async fn journal(tx: &mut Tx, job: &Job, verdict: Verdict, code: Option<&str>) -> store::Result<()> {
    let message = &job.opened.message;
    if message.kind == kind::PING {
        return Ok(());
    }
    let event = if verdict == Verdict::Refused { "message.turned_away" } else { "message.received" };
    let order_id = message.body.get("order_id").and_then(serde_json::Value::as_str);
    let subject = order_id.and_then(|id| id.parse::<kernel::OrderId>().ok());
    let about_line = matches!(message.kind.as_str(), kind::LINE_ORDER | kind::LINE_ANSWER);
    let desk = if about_line { "line" } else { "order" };
    let subject = subject.map_or_else(|| format!("message:{}", message.id), |id| format!("{desk}:{id}"));
    let body = json!({
        "message_id": message.id, "message_kind": message.kind, "in_reply_to": message.in_reply_to,
        "sha256": job.opened.sha256, "kid": job.opened.kid, "code": code,
    });
    tx.append(Entry::new(event, subject).body(&body), &Who::partner(message.from.as_str())).await
}

/// A message as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// From whom.
    pub partner: String,
    /// Its id.
    pub id: String,
    /// Word of its kind.
    pub kind: String,
    /// The sealed document.
    pub document: String,
    /// SHA-256 of the document.
    pub sha256: String,
    /// When it came in first.
    pub received_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct IncomingRow {
    partner: String,
    id: String,
    kind: String,
    document: String,
    sha256: String,
    received_at: i64,
}

impl From<IncomingRow> for Incoming {
    fn from(row: IncomingRow) -> Self {
        Self {
            partner: row.partner,
            id: row.id,
            kind: row.kind,
            document: row.document,
            sha256: row.sha256,
            received_at: Timestamp(row.received_at),
        }
    }
}

/// A message received from a partner, with its document.
///
/// # Errors
/// The database.
pub async fn received(db: &Db, partner: &PartnerId, id: MessageId) -> store::Result<Option<Incoming>> {
    let row: Option<IncomingRow> = db
        .fetch_optional(
            "SELECT partner, id, kind, document, sha256, received_at FROM wire_inbox WHERE partner = $1 AND id = $2",
            args![partner, id],
        )
        .await?;
    Ok(row.map(Incoming::from))
}

/// The messages received in reply to one of ours, the oldest first.
///
/// # Errors
/// The database.
pub async fn replies_to(db: &Db, message: MessageId) -> store::Result<Vec<Incoming>> {
    let rows: Vec<IncomingRow> = db
        .fetch_all(
            "SELECT partner, id, kind, document, sha256, received_at FROM wire_inbox WHERE in_reply_to = $1
             ORDER BY received_at, id",
            args![message],
        )
        .await?;
    Ok(rows.into_iter().map(Incoming::from).collect())
}
