//! Carries what is in the outbox to the partners over HTTP.
//!
//! One loop looks for what is due, one task a message posts it, and one task writes down the results, as many as have
//! come in meanwhile in one transaction. Messages to one partner may overtake each other; the receiver does not rely
//! on their order.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kernel::MessageId;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use store::journal::witness::{self, Testimony};
use store::{Db, args};
use tokio::sync::mpsc;

use crate::directory::{Book, Directory};
use crate::error::Error;
use crate::head::{JournalHead, Named};
use crate::message::PartnerId;
use crate::outbox::{Due, Outbox, Outcome, due, hurry, settle};
use crate::partner::check_base_url;
use crate::receipt::{Receipt, SentDocument, Verdict};
use crate::seal::SealError;

/// Messages under way to one partner at most.
pub const IN_FLIGHT_PER_PARTNER_MAX: usize = 32;
/// Messages under way to a partner that could not be reached last time: enough to notice that it is back.
const IN_FLIGHT_WHILE_AWAY_MAX: usize = 2;
/// Messages under way or not yet written down, all partners together.
const IN_FLIGHT_MAX: usize = 512;
/// How long a partner may take to answer one post.
const REPLY_WITHIN: Duration = Duration::from_secs(15);
/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// Largest reply that is read, in bytes; a receipt has about one thousand.
const REPLY_BYTES_MAX: usize = 256 * 1024;
/// How often the outbox is looked at though nothing was committed here: for retries, and for other processes.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Certificates trusted where the settings name no file.
pub const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Media type of a sealed document.
pub const MEDIA_TYPE: &str = "application/jose";

/// The HTTP client of the courier: TLS by rustls with ring, no redirects, connections kept open.
///
/// # Errors
/// The file of trusted certificates cannot be read.
pub fn client(roots_file: Option<&Path>) -> Result<reqwest::Client, Error> {
    let system = Some(Path::new(SYSTEM_ROOTS)).filter(|path| path.exists());
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls_client(roots_file.or(system))?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tcp_nodelay(true)
        .pool_max_idle_per_host(IN_FLIGHT_PER_PARTNER_MAX)
        .connect_timeout(CONNECT_WITHIN)
        .timeout(REPLY_WITHIN)
        .build()
        .map_err(|e| Error::Client(e.to_string()))
}

/// How TLS is opened to others: by rustls with ring, trusting the certificates of a file (PEM), and without one nobody.
///
/// # Errors
/// The file cannot be read.
pub fn tls_client(roots_file: Option<&Path>) -> Result<rustls::ClientConfig, Error> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(file) = roots_file {
        let fault = |e: &dyn std::fmt::Display| Error::Client(format!("{}: {e}", file.display()));
        for certificate in CertificateDer::pem_file_iter(file).map_err(|e| fault(&e))? {
            roots.add_parsable_certificates([certificate.map_err(|e| fault(&e))?]);
        }
    }
    Ok(rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Client(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Carries the messages of one seat.
#[derive(Clone)]
pub struct Courier {
    db: Db,
    outbox: Outbox,
    directory: Directory,
    http: reqwest::Client,
}

impl Courier {
    /// A courier over a client made by [`client`].
    pub fn new(db: &Db, outbox: &Outbox, directory: &Directory, http: reqwest::Client) -> Self {
        Self { db: db.clone(), outbox: outbox.clone(), directory: directory.clone(), http }
    }

    /// Works for ever; cancel it by dropping the future. What was under way then is sent again later, and the receiver
    /// takes it once.
    pub async fn run(self) {
        let (results, incoming) = mpsc::channel(IN_FLIGHT_MAX);
        let (written, mut settled) = mpsc::channel(IN_FLIGHT_MAX);
        let (freed_slot, mut freed) = mpsc::channel(IN_FLIGHT_MAX);
        // The set aborts its tasks when this future is dropped.
        let mut tasks = tokio::task::JoinSet::new();
        let writer = tasks.spawn(write_down(self.db.clone(), self.outbox.clone(), incoming, written));
        let worker = self.db.worker("courier", store::health::SILENT_MAX);
        let mut flight = Flight::default();
        self.hurry(None).await;
        loop {
            let seen = self.db.commits();
            if writer.is_finished() {
                // Nothing that comes back would be written down: begin anew, as after a start.
                tracing::error!("the writer of delivery results has ended");
                return;
            }
            let found = match self.fetch(&flight).await {
                Ok(found) => {
                    worker.round();
                    found
                }
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    worker.failed(&error);
                    tokio::time::sleep(LOOK_AGAIN).await;
                    continue;
                }
            };
            let look_at_once = found.maybe_more && !found.ready.is_empty();
            for due in found.ready {
                flight.depart(&due);
                let (courier, results, freed_slot) = (self.clone(), results.clone(), freed_slot.clone());
                tasks.spawn(async move {
                    // A panic counts as a failed attempt: the message must not stay under way for ever.
                    let attempt = store::health::caught(async { Ok(courier.attempt(&due).await) }).await;
                    let outcome = attempt.unwrap_or_else(|panic| failed("internal", &panic.to_string()));
                    let _closed = freed_slot.send((due.partner.clone(), Reach::of(&outcome))).await;
                    let _closed = results.send((due, outcome)).await;
                });
            }
            // Whatever happens first is a reason to look again; all that has happened by then is taken in at once.
            if !look_at_once {
                tokio::select! {
                    Some(ids) = settled.recv() => flight.settled(&ids),
                    Some((partner, reach)) = freed.recv() => {
                        if flight.arrived(&partner, reach) {
                            self.hurry(Some(&partner)).await;
                        }
                    }
                    _ = self.db.changed(seen, LOOK_AGAIN) => {}
                }
            }
            while let Ok(ids) = settled.try_recv() {
                flight.settled(&ids);
            }
            while let Ok((partner, reach)) = freed.try_recv() {
                if flight.arrived(&partner, reach) {
                    self.hurry(Some(&partner)).await;
                }
            }
            while tasks.try_join_next().is_some() {}
        }
    }

    /// Makes due at once what waits for its next attempt: everything when the seat starts, and the messages of one
    /// partner when it is back.
    async fn hurry(&self, partner: Option<&str>) {
        if let Err(error) = hurry(&self.db, &self.outbox, partner).await {
            tracing::warn!(%error, partner, "messages cannot be made due; they wait for their next attempt");
        }
    }

    async fn fetch(&self, flight: &Flight) -> store::Result<Found> {
        let room = IN_FLIGHT_MAX.saturating_sub(flight.ids.len());
        if room == 0 {
            return Ok(Found { ready: Vec::new(), maybe_more: false });
        }
        // Those under way are still pending in the table: ask for so many more.
        let limit = flight.ids.len() + IN_FLIGHT_PER_PARTNER_MAX;
        let bound = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = due(&self.db, &self.outbox, &flight.busy(), bound).await?;
        let maybe_more = found.len() >= limit;
        let mut counts = flight.per_partner.clone();
        let ready = found
            .into_iter()
            .filter(|due| !flight.ids.contains(&due.id))
            .filter(|due| {
                let count = counts.entry(due.partner.clone()).or_default();
                *count += 1;
                *count <= flight.most(&due.partner)
            })
            .take(room)
            .collect();
        Ok(Found { ready, maybe_more })
    }

    async fn attempt(&self, due: &Due) -> Outcome {
        if self.db.clock().now() >= due.deadline_at {
            return failed("deadline", "no receipt before the deadline");
        }
        let started = std::time::Instant::now();
        let outcome = match self.post(due).await {
            Ok((status, body)) => {
                let now = self.db.clock().now();
                judge(&self.directory.book(), self.outbox.me(), due, now, status, &body)
            }
            Err(outcome) => outcome,
        };
        let word = match &outcome {
            Outcome::Delivered { .. } => "delivered",
            Outcome::Refused { .. } => "refused",
            Outcome::Failed { .. } => "failed",
        };
        metrics::counter!("wire_deliveries_total", "outcome" => word).increment(1);
        metrics::histogram!("wire_delivery_seconds").record(started.elapsed().as_secs_f64());
        if let Outcome::Failed { code, detail } = &outcome {
            tracing::debug!(partner = due.partner, message = %due.id, code, detail, "a delivery failed");
        }
        outcome
    }

    async fn post(&self, due: &Due) -> Result<(u16, Vec<u8>), Outcome> {
        let book = self.directory.book();
        let partner = PartnerId::parse(&due.partner).ok().and_then(|id| book.partner(&id).cloned());
        let Some(partner) = partner else {
            return Err(failed("unknown_partner", "the partner is not in the directory"));
        };
        if !partner.enabled {
            return Err(failed("disabled_partner", "the partner is switched off in the directory"));
        }
        if let Err(text) = check_base_url(&partner.base_url) {
            return Err(failed("address", text.en));
        }
        let document: Result<(String,), _> =
            self.db.fetch_one("SELECT document FROM wire_outbox WHERE id = $1", args![due.id]).await;
        let (document,) = document.map_err(|e| failed("database", &e.to_string()))?;
        let request = self.http.post(partner.messages_url()).header("content-type", MEDIA_TYPE).body(document);
        let mut response = request.send().await.map_err(|e| {
            let code = if e.is_timeout() { "timeout" } else { "unreachable" };
            failed(code, &innermost(&e))
        })?;
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > REPLY_BYTES_MAX => {
                    return Err(failed("reply_too_large", "the reply is too large"));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok((response.status().as_u16(), body)),
                Err(e) => return Err(failed("reply_cut", &innermost(&e))),
            }
        }
    }
}

fn failed(code: &str, detail: &str) -> Outcome {
    Outcome::Failed { code: code.to_owned(), detail: detail.to_owned() }
}

/// The cause at the bottom: `connection refused` rather than the URL around it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[derive(Deserialize)]
struct ProblemCode {
    code: String,
}

/// What a reply to a post means. Only a receipt that the partner has signed for exactly this document counts as
/// delivered; anything else is tried again until the deadline, but for refusals that can never become otherwise.
pub fn judge(book: &Book, me: &PartnerId, due: &Due, now: kernel::Timestamp, status: u16, body: &[u8]) -> Outcome {
    let Ok(partner) = PartnerId::parse(&due.partner) else {
        return failed("unknown_partner", "not the name of a seat");
    };
    if status != 200 {
        let code = serde_json::from_slice::<ProblemCode>(body).map(|problem| problem.code);
        return match code {
            Ok(code) if (400..500).contains(&status) && SealError::is_final(&code) => {
                Outcome::Refused { code, receipt: None, journal: None }
            }
            Ok(code) => failed(&code, &format!("status {status}")),
            Err(_) => failed("status", &format!("status {status}")),
        };
    }
    let sent = SentDocument { id: due.id, from: me, to: &partner, sha256: &due.sha256 };
    match Receipt::open(book, body, now, &sent) {
        Err(error) => failed("receipt_invalid", &error.to_string()),
        Ok(receipt) => {
            // A receipt that opened is text.
            let text = String::from_utf8_lossy(body).into_owned();
            let journal = receipt.journal.map(|head| Named { head, at: receipt.issued_at });
            match receipt.verdict {
                Verdict::Accepted | Verdict::Duplicate => Outcome::Delivered { receipt: text, journal },
                Verdict::Refused => Outcome::Refused {
                    code: receipt.fault.map_or_else(|| "refused".to_owned(), |fault| fault.code),
                    receipt: Some(text),
                    journal,
                },
            }
        }
    }
}

struct Found {
    ready: Vec<Due>,
    maybe_more: bool,
}

/// Whether the partner could be spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Reached,
    Away,
}

impl Reach {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Failed { code, .. } if matches!(code.as_str(), "unreachable" | "timeout" | "reply_cut") => {
                Self::Away
            }
            _ => Self::Reached,
        }
    }
}

/// What is under way.
#[derive(Default)]
struct Flight {
    ids: HashSet<MessageId>,
    per_partner: HashMap<String, usize>,
    away: HashSet<String>,
}

impl Flight {
    fn depart(&mut self, due: &Due) {
        self.ids.insert(due.id);
        *self.per_partner.entry(due.partner.clone()).or_default() += 1;
    }

    /// `true` when the partner was away and is back.
    fn arrived(&mut self, partner: &str, reach: Reach) -> bool {
        if let Some(count) = self.per_partner.get_mut(partner) {
            *count = count.saturating_sub(1);
        }
        match reach {
            Reach::Reached => self.away.remove(partner),
            Reach::Away => {
                self.away.insert(partner.to_owned());
                false
            }
        }
    }

    fn settled(&mut self, ids: &[MessageId]) {
        for id in ids {
            self.ids.remove(id);
        }
    }

    fn most(&self, partner: &str) -> usize {
        if self.away.contains(partner) { IN_FLIGHT_WHILE_AWAY_MAX } else { IN_FLIGHT_PER_PARTNER_MAX }
    }

    fn busy(&self) -> Vec<PartnerId> {
        let full = self.per_partner.iter().filter(|(partner, count)| **count >= self.most(partner));
        full.filter_map(|(partner, _)| PartnerId::parse(partner).ok()).collect()
    }
}

/// Writes results down, all that wait in one transaction, and says which messages are no longer under way.
async fn write_down(
    db: Db,
    outbox: Outbox,
    mut results: mpsc::Receiver<(Due, Outcome)>,
    written: mpsc::Sender<Vec<MessageId>>,
) {
    let mut batch = Vec::new();
    let mut heard = Heard::new();
    while results.recv_many(&mut batch, IN_FLIGHT_MAX).await > 0 {
        while let Err(error) = write_batch(&db, &outbox, &batch, &mut heard).await {
            tracing::error!(%error, "results of deliveries cannot be written down; trying again");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let ids = batch.drain(..).map(|(due, _)| due.id).collect();
        if written.send(ids).await.is_err() {
            return;
        }
    }
}

/// The last head of our journal that each partner's receipts named: the same one is compared once.
type Heard = HashMap<String, JournalHead>;

async fn write_batch(db: &Db, outbox: &Outbox, batch: &[(Due, Outcome)], heard: &mut Heard) -> store::Result<()> {
    let mut tx = db.begin().await?;
    settle(&mut tx, outbox, batch).await?;
    let mut now_heard = Heard::new();
    for (due, outcome) in batch {
        let Some((named, receipt)) = outcome.named() else { continue };
        let before = now_heard.get(&due.partner).or_else(|| heard.get(&due.partner));
        if before == Some(&named.head) {
            continue;
        }
        let JournalHead { seq, hash } = &named.head;
        let said = Testimony { partner: &due.partner, seq: *seq, hash, at: named.at, receipt };
        witness::hear(&mut tx, &said).await?;
        now_heard.insert(due.partner.clone(), named.head.clone());
    }
    tx.commit().await?;
    heard.extend(now_heard);
    Ok(())
}
