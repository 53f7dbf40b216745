//! What the parts of the carrier seat share: the database, the way out to the centre, the screening in memory, the
//! records, and what runs by itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use kernel::{Duration, Timestamp};
use store::timers::{self, Clockwork, Timer};
use store::{BoxError, Db, Tx};
use tokio::sync::Mutex;
use web::{Buckets, Limit};
use wire::{Body, Directory, Draft, HandleError, Handler, Message, Outbox, PartnerId};

use crate::error::{Error, Result};
use crate::lines::{Calls, Warnings};
use crate::list::keep::Followed;
use crate::list::{centre, entry};
use crate::live::Live;
use crate::parameters::Parameters;
use crate::records::Keeper;
use crate::screening::Screening;
use crate::signals::Gathered;
use crate::veil::Veil;

/// How long answers and signals are tried when the centre is away.
const DELIVERY: Duration = Duration::hours(7 * 24);
/// Timers of this seat begin so.
const TIMERS: &str = "operator.";
/// Another process may have written: look again after so long at most.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(500);
/// A list that could not be fetched is tried again after this.
const FETCH_AGAIN: std::time::Duration = std::time::Duration::from_secs(10);

/// What a seat decides about itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The centre that publishes the list and gives orders; none where the seat runs alone.
    pub centre: Option<PartnerId>,
    /// Folder of lists and records.
    pub data: PathBuf,
    /// A list file (CSV) read at start, besides what is kept.
    pub list_file: Option<PathBuf>,
    /// Rules by parameter.
    pub parameters: Parameters,
    /// Who may feed results of calls and the whereabouts of subscribers.
    pub feeds: crate::feed::Settings,
}

/// The carrier seat; cheap to clone.
#[derive(Clone)]
pub struct Operator(Arc<Inner>);

struct Inner {
    db: Db,
    outbox: Outbox,
    directory: Directory,
    settings: Settings,
    screening: Arc<Screening>,
    keeper: Keeper,
    live: Live,
    veil: Veil,
    gathered: Gathered,
    followed: Mutex<Followed>,
    appeals: Buckets,
    known_calls: crate::feed::calls::Known,
    calls: OnceLock<Arc<dyn Calls>>,
    warnings: OnceLock<Arc<dyn Warnings>>,
    model_seen: std::sync::Mutex<Option<crate::upkeep::Seen>>,
    merging: AtomicBool,
    /// Orders about lines that were carried out, and whose answers are not written down yet.
    carried_out: std::sync::Mutex<HashMap<kernel::OrderId, wire::LineAnswer>>,
    /// Who is warned by orders that are not answered yet: begun, or sent and with which outcome.
    warned: std::sync::Mutex<HashMap<kernel::OrderId, People>>,
}

/// People who are warned: nothing where the message is not sent yet, else whether it was taken.
pub(crate) type People = HashMap<screen::Number, Option<bool>>;

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operator({})", self.me())
    }
}

impl Operator {
    /// A seat over a migrated database. Nothing is in memory before [`Operator::load`].
    pub fn new(
        db: Db,
        outbox: Outbox,
        directory: Directory,
        screening: Arc<Screening>,
        keeper: Keeper,
        settings: Settings,
    ) -> Self {
        let p = &settings.parameters;
        let limit = Limit { burst: p.appeal_burst, interval: Duration::seconds(p.appeal_interval_seconds) };
        Self(Arc::new(Inner {
            db,
            outbox,
            directory,
            screening,
            keeper,
            live: Live::default(),
            veil: Veil::default(),
            gathered: Gathered::default(),
            followed: Mutex::default(),
            appeals: Buckets::new(limit),
            known_calls: crate::feed::calls::Known::default(),
            calls: OnceLock::new(),
            warnings: OnceLock::new(),
            model_seen: std::sync::Mutex::default(),
            merging: AtomicBool::new(false),
            carried_out: std::sync::Mutex::default(),
            warned: std::sync::Mutex::default(),
            settings,
        }))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The name of this seat.
    pub fn me(&self) -> &PartnerId {
        self.0.outbox.me()
    }

    /// The way out.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// The partners.
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// What the seat decided.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The parameters in force.
    pub fn parameters(&self) -> &Parameters {
        &self.0.settings.parameters
    }

    /// What the fronts share.
    pub fn screening(&self) -> &Arc<Screening> {
        &self.0.screening
    }

    /// The records of calls and messages.
    pub fn records(&self) -> &Keeper {
        &self.0.keeper
    }

    /// The figures of the live page.
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// Keys that stand for numbers in answers.
    pub fn veil(&self) -> &Veil {
        &self.0.veil
    }

    /// What is gathered for the centre.
    pub(crate) fn gathered(&self) -> &Gathered {
        &self.0.gathered
    }

    pub(crate) fn followed(&self) -> &Mutex<Followed> {
        &self.0.followed
    }

    /// How often an address may appeal.
    pub(crate) fn appeal_limit(&self) -> &Buckets {
        &self.0.appeals
    }

    pub(crate) fn known_calls(&self) -> &crate::feed::calls::Known {
        &self.0.known_calls
    }

    /// Hands over what can cut calls in progress; without it `cut_call` is answered as not offered.
    pub fn offer_calls(&self, calls: Arc<dyn Calls>) {
        let _first_stays = self.0.calls.set(calls);
    }

    /// Hands over what can send warning messages; without it `warn_contacts` is answered as not offered.
    pub fn offer_warnings(&self, warnings: Arc<dyn Warnings>) {
        let _first_stays = self.0.warnings.set(warnings);
    }

    /// Looks into what was carried out and is not written down yet.
    pub(crate) fn carried_out<T>(&self, look: impl FnOnce(&mut HashMap<kernel::OrderId, wire::LineAnswer>) -> T) -> T {
        look(&mut self.0.carried_out.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks into whom an order warns.
    pub(crate) fn warned<T>(&self, order: kernel::OrderId, look: impl FnOnce(&mut People) -> T) -> T {
        look(self.0.warned.lock().unwrap_or_else(PoisonError::into_inner).entry(order).or_default())
    }

    /// Forgets whom orders warned.
    pub(crate) fn forget_warned(&self, over: impl Fn(kernel::OrderId) -> bool) {
        self.0.warned.lock().unwrap_or_else(PoisonError::into_inner).retain(|order, _| !over(*order));
    }

    /// Whether the file of the model is another than at the last look.
    pub(crate) fn model_changed(&self, seen: Option<crate::upkeep::Seen>) -> bool {
        let mut last = self.0.model_seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *last, seen) != seen
    }

    /// Whether the list may be merged now; one at a time.
    pub(crate) fn begin_merge(&self) -> bool {
        !self.0.merging.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn end_merge(&self) {
        self.0.merging.store(false, Ordering::Release);
    }

    pub(crate) fn calls(&self) -> Option<&Arc<dyn Calls>> {
        self.0.calls.get()
    }

    pub(crate) fn warnings(&self) -> Option<&Arc<dyn Warnings>> {
        self.0.warnings.get()
    }

    /// Seals a body and queues it in the caller's transaction.
    pub(crate) async fn send(
        &self,
        tx: &mut Tx,
        to: &PartnerId,
        body: impl Into<Body>,
        subject: String,
        in_reply_to: Option<kernel::MessageId>,
    ) -> Result<kernel::MessageId> {
        let mut draft = Draft::new(to, body, subject).deadline(tx.now() + DELIVERY);
        draft = match in_reply_to {
            Some(message) => draft.replying_to(message),
            None => draft,
        };
        Ok(self.0.outbox.enqueue(tx, draft).await?.id)
    }

    /// Does what the seat does by itself, for ever: follows changes, handles timers, answers orders that take time, sends
    /// signals. Cancel it by dropping the future.
    pub async fn run(self, http: impl Fetch) {
        // Seconds of work where a list of tens of millions of numbers is taken in.
        let worker = self.db().worker("operator", std::time::Duration::from_secs(600));
        let mut asked_for_list = false;
        let sent = self.settings().data.join("imports");
        match sheet::job::sweep(self.db(), &sent).await {
            Ok(removed) => tracing::debug!(removed, "files that were sent before the start were looked through"),
            Err(error) => tracing::warn!(%error, "files that were sent before the start are left to the next one"),
        }
        // Ends with this future: an import that it breaks off goes on at the next start.
        let mut imports = tokio::task::JoinSet::new();
        let (db, list) = (self.db().clone(), crate::list::import::ListImport::of(&self));
        imports.spawn(
            self.db().clone().keep_running("list imports", move || sheet::job::resume(db.clone(), list.clone())),
        );
        let mut fetch_not_before = None;
        loop {
            let seen = self.db().commits();
            if !asked_for_list {
                match self.ask_for_list().await {
                    Ok(()) => asked_for_list = true,
                    Err(error) => {
                        tracing::error!(%error, "the centre cannot be asked for its list; it is tried again");
                        worker.failed(&error);
                    }
                }
            }
            match self.work().await {
                Ok(()) => worker.round(),
                Err(error) => {
                    tracing::error!(%error, "what the seat does by itself failed; it is tried again");
                    worker.failed(&error);
                }
            }
            let waits = fetch_not_before.is_some_and(|moment| std::time::Instant::now() < moment);
            if !waits {
                match self.fetch_offer(&http).await {
                    Ok(()) => fetch_not_before = None,
                    Err(error) => {
                        tracing::warn!(%error, "the centre's list could not be fetched; it is tried again");
                        fetch_not_before = Some(std::time::Instant::now() + FETCH_AGAIN);
                    }
                }
            }
            self.db().changed(seen, LOOK_AGAIN).await;
        }
    }

    /// One round of what the seat does by itself; for tests too.
    ///
    /// # Errors
    /// The database; what was not done is done in the next round.
    pub async fn step(&self) -> Result<()> {
        self.catch_up().await?;
        let round = timers::round(self.db(), self, || ()).await?;
        self.work().await?;
        match round.failed {
            Some(why) => Err(Error::Corrupt(format!("timer: {why}"))),
            None => Ok(()),
        }
    }

    /// One round without the timers. Each piece is tried, whatever became of the others; the first failure is told.
    async fn work(&self) -> Result<()> {
        let outcomes = [
            self.catch_up().await,
            self.answer_waiting_orders().await,
            self.use_up_labels().await,
            self.send_signals().await,
            self.cut_out_rules().await,
            self.keep_up().await,
        ];
        outcomes.into_iter().collect()
    }

    /// Fetches the list that the centre offered, where there is an offer.
    async fn fetch_offer(&self, http: &impl Fetch) -> Result<()> {
        let Some((centre, offer, address)) = self.waiting_offer().await? else { return Ok(()) };
        if offer.expires_at <= self.db().clock().now() || !centre::fits(offer.bytes) {
            return self.drop_offer(&centre, &offer, "expired or too large").await;
        }
        let part = self.list_part()?;
        http.fetch(&address, &part, offer.bytes).await.map_err(|problem| Error::File { path: address, problem })?;
        if !self.take_list_file(&centre, &offer, &part).await? {
            self.ask_for_list().await?;
        }
        self.catch_up().await
    }

    /// The age of the centre's list, where there is a centre.
    ///
    /// # Errors
    /// The database.
    pub async fn centre_list_age(&self) -> Result<Option<Duration>> {
        let Some(of) = &self.settings().centre else { return Ok(None) };
        let now = self.db().clock().now();
        let list = centre::of(self.db(), of).await?;
        Ok(list.filter(|list| list.made_at > Timestamp(0)).map(|list| now - list.made_at))
    }
}

impl Clockwork for Operator {
    fn prefix(&self) -> &'static str {
        TIMERS
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[entry::EXPIRY, crate::lines::measure::END]
    }

    async fn handle(&self, db: &Db, timer: &Timer) -> std::result::Result<(), BoxError> {
        let mut tx = db.begin().await?;
        match timer.kind.as_str() {
            entry::EXPIRY => entry::expire(&mut tx, timer).await?,
            _ => crate::lines::measure::end_due(&mut tx, timer).await?,
        }
        tx.commit().await?;
        // What ended must not be screened by any longer, not even until the next round.
        Ok(self.catch_up().await?)
    }
}

/// Fetches a file over HTTP; a test puts its own in the place.
pub trait Fetch: Send + Sync + 'static {
    /// Writes what stands at an address into a file, and gives up beyond so many bytes.
    fn fetch(
        &self,
        address: &str,
        into: &std::path::Path,
        bytes_max: u64,
    ) -> impl Future<Output = std::result::Result<(), String>> + Send;
}

impl Fetch for reqwest::Client {
    async fn fetch(&self, address: &str, into: &std::path::Path, bytes_max: u64) -> std::result::Result<(), String> {
        use std::io::Write;
        let words = |error: &dyn std::fmt::Display| error.to_string();
        let mut response = self.get(address).send().await.map_err(|e| words(&e))?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut file = std::io::BufWriter::new(std::fs::File::create(into).map_err(|e| words(&e))?);
        let mut bytes = 0_u64;
        while let Some(chunk) = response.chunk().await.map_err(|e| words(&e))? {
            bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if bytes > bytes_max {
                return Err(format!("more than the {bytes_max} bytes that were offered"));
            }
            file.write_all(&chunk).map_err(|e| words(&e))?;
        }
        file.flush().map_err(|e| words(&e))
    }
}

impl Handler for Operator {
    async fn handle(&self, tx: &mut Tx, message: &Message) -> std::result::Result<(), HandleError> {
        let of_our_centre = self.settings().centre.as_ref() == Some(&message.from);
        match message.read() {
            Ok(Body::LineOrder(order)) => self.take_line_order(tx, message, &order).await.map_err(HandleError::failed),
            Ok(Body::ListChange(change)) if of_our_centre => {
                self.take_change(tx, &message.from, &change).await.map_err(HandleError::failed)
            }
            Ok(Body::ListOffer(offer)) if of_our_centre => {
                self.take_offer(tx, &message.from, &offer).await.map_err(HandleError::failed)
            }
            Ok(Body::Ping) => Ok(()),
            Ok(other) => Err(HandleError::not_offered(other.kind())),
            Err(unread) => match (message.kind == wire::kind::LINE_ORDER, unread.line_answer()) {
                (true, Some(answer)) => {
                    self.take_unread_line_order(tx, message, answer).await.map_err(HandleError::failed)
                }
                _ => Err(unread.into()),
            },
        }
    }
}

/// The pattern of texts that contain this one; what has a meaning in patterns is left out.
pub(crate) fn like(text: &str) -> String {
    let plain: String = text.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    format!("%{plain}%")
}
