//! One ESME account: its binds, its link to the SMSC, its window and its spool.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Clock, Duration, Timestamp};
use rustc_hash::FxHashMap;
use smpp::{
    Address, Assembler, Bounds, CommandId, Message, MessageKind, PartKey, Pdu, Receipt, ReceiptState, Status, tag,
};
use tokio::sync::Notify;

use super::config::{AccountConfig, MessageLimits, MessagePolicy, Storing};
use super::judge::Judge;
use super::outbox::Outbox;
use super::session::{Asker, Session, next_sequence};
use super::spool::{Job, Kind, Spool, Writer, read_back};

/// Receipts of ours that wait for a bind that receives.
const RECEIPTS_WAITING_MAX: usize = 10_000;
/// Messages whose number at the SMSC is remembered for receipts and queries.
const IDS_MAX: usize = 200_000;
/// Parts of one long message.
const PARTS_MAX: u8 = 64;
/// Spooled messages read and sent at once.
const DRAIN_BATCH: usize = 256;
/// Pause after the SMSC has told that it can take no more.
const PAUSE: Duration = Duration::millis(500);

/// What all accounts share.
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) judge: Arc<dyn Judge>,
    pub(super) policy: MessagePolicy,
    pub(super) limits: MessageLimits,
    pub(super) writer: Writer,
    pub(super) system_id: String,
}

/// A message or request on its way to the SMSC.
pub(super) struct Outgoing {
    pub(super) pdu: Vec<u8>,
    pub(super) asker: Asker,
}

struct Pending {
    order: u64,
    asker: Asker,
    pdu: Vec<u8>,
    spooled: Option<u64>,
    sent_at: Timestamp,
}

/// A part of a long message that waits for the others.
pub(super) struct HeldPart {
    pub(super) pdu: Vec<u8>,
    pub(super) asker: Asker,
    /// Its number in the spool, once it was answered.
    pub(super) spooled: Option<u64>,
}

/// An account at work.
pub(crate) struct Account {
    pub(super) config: AccountConfig,
    pub(super) shared: Arc<Shared>,
    folder: PathBuf,
    state: Mutex<State>,
    /// There is room in the window again.
    room: Notify,
    /// The spool has something to send.
    work: Notify,
    /// When the rate would be used up, in microseconds (GCRA).
    rate_at_us: AtomicI64,
}

pub(super) struct State {
    link: Option<Arc<Outbox>>,
    sequence: u32,
    order: u64,
    pending: FxHashMap<u32, Pending>,
    sessions: Vec<Arc<Session>>,
    next_receiver: usize,
    pub(super) spool: Spool,
    paused_until: Timestamp,
    public_of: FxHashMap<Vec<u8>, u64>,
    theirs_of: FxHashMap<u64, Vec<u8>>,
    ids: VecDeque<(Vec<u8>, u64)>,
    numbers: IdNumbers,
    pub(super) parts: Assembler<HeldPart>,
    /// When held parts are answered although the rest is missing.
    pub(super) early: VecDeque<(Timestamp, PartKey, u8)>,
    receipts: VecDeque<Vec<u8>>,
    pub(super) reference: u8,
}

/// The id that a sender is told, from the number of a message of ours.
pub(super) fn public_text(public: u64) -> String {
    format!("S{public:016x}")
}

fn public_of_text(text: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(text).ok()?.strip_prefix('S').filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

impl Account {
    /// Opens an account and what its spool holds; the held parts found there are given back to be judged again.
    pub(super) fn open(
        config: AccountConfig,
        shared: Arc<Shared>,
        spools: &Path,
    ) -> std::io::Result<(Self, Vec<HeldPart>)> {
        let folder = spools.join(&config.system_id);
        let (spool, recovered) = Spool::open(&folder, shared.clock.now().0)?;
        let bounds = Bounds {
            wait_us: Duration::millis(shared.policy.parts_wait_ms).0,
            messages_max: shared.limits.long_messages_max,
            parts_max: PARTS_MAX,
            octets_max: shared.limits.long_octets_max,
        };
        let mut state = State {
            link: None,
            sequence: 0,
            order: 0,
            pending: FxHashMap::default(),
            sessions: Vec::new(),
            next_receiver: 0,
            spool,
            paused_until: Timestamp(i64::MIN),
            public_of: FxHashMap::default(),
            theirs_of: FxHashMap::default(),
            ids: VecDeque::new(),
            numbers: IdNumbers::default(),
            parts: Assembler::new(bounds),
            early: VecDeque::new(),
            receipts: VecDeque::new(),
            reference: 0,
        };
        for (theirs, public) in recovered.ids {
            state.remember(theirs, public);
        }
        let held = recovered
            .held
            .into_iter()
            .map(|(id, pdu)| HeldPart { pdu, asker: Asker::Nobody, spooled: Some(id) })
            .collect();
        // Known from the start: an SMSC that was never reached is away too.
        metrics::gauge!("operator_message_link_up", "account" => config.system_id.clone()).set(0.0);
        let account = Self {
            config,
            shared,
            folder,
            state: Mutex::new(state),
            room: Notify::new(),
            work: Notify::new(),
            rate_at_us: AtomicI64::new(i64::MIN),
        };
        Ok((account, held))
    }

    pub(super) fn name(&self) -> &str {
        &self.config.system_id
    }

    pub(super) fn spool_folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Whether the account's rate allows one message more.
    pub(super) fn rate_allows(&self, now: Timestamp) -> bool {
        let interval = 1_000_000 / i64::from(self.config.rate_per_second.max(1));
        // A second's worth may come at once.
        let horizon = now.0 + 1_000_000;
        let step = |at: i64| {
            let next = at.max(now.0) + interval;
            (next <= horizon).then_some(next)
        };
        self.rate_at_us.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).is_ok()
    }

    /// Adds a bind; `false` when there are as many as the account may have.
    pub(super) fn enter(self: &Arc<Self>, session: &Arc<Session>) -> bool {
        let mut state = self.state();
        if state.sessions.len() >= self.config.binds_max {
            return false;
        }
        state.sessions.push(session.clone());
        true
    }

    /// Hands a receiving bind the receipts that have waited for one.
    pub(super) fn hand_receipts(&self, session: &Session) {
        let mut state = self.state();
        while session.mode.receives()
            && let Some(receipt) = state.receipts.pop_front()
        {
            if !session.deliver(&receipt, None, self.config.window_max) {
                state.receipts.push_front(receipt);
                return;
            }
        }
    }

    /// A bind is over.
    pub(super) fn leave(&self, session: &Arc<Session>) {
        self.state().sessions.retain(|other| !Arc::ptr_eq(other, session));
        session.end();
    }

    /// Whether the account's SMSC is bound.
    pub(super) fn is_linked(&self) -> bool {
        self.state().link.is_some()
    }

    /// Messages on disk that the SMSC has not taken.
    pub(super) fn spooled(&self) -> usize {
        self.state().spool.waiting()
    }

    /// Passes a request on, waiting for room in the window.
    pub(super) async fn pass(self: &Arc<Self>, outgoing: Outgoing) {
        let mut waiting = self.submit(outgoing);
        while let Some(outgoing) = waiting {
            self.flush();
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            waiting = self.submit(outgoing);
            if waiting.is_some() {
                room.await;
            }
        }
    }

    /// Passes a request on, or gives it back when the window is full.
    pub(super) fn submit(self: &Arc<Self>, outgoing: Outgoing) -> Option<Outgoing> {
        let now = self.now();
        let mut state = self.state();
        let message = is_message(&outgoing.pdu);
        let behind_others = message && (self.config.upstream.storing == Storing::Always || !state.spool.is_drained());
        if state.link.is_some() && !behind_others {
            if state.pending.len() >= self.config.upstream.window_max {
                return Some(outgoing);
            }
            if let Err(Outgoing { pdu, asker }) = state.send(outgoing, None, now) {
                self.store_or_refuse(&mut state, pdu, asker, 0, now);
            }
        } else {
            self.store_or_refuse(&mut state, outgoing.pdu, outgoing.asker, 0, now);
        }
        None
    }

    /// Puts a message into the spool; anything else, and what has no room, is refused so that the sender keeps it.
    fn store_or_refuse(self: &Arc<Self>, state: &mut State, pdu: Vec<u8>, asker: Asker, public: u64, now: Timestamp) {
        if !is_message(&pdu) {
            asker.answer(Status::SYSTEM_ERROR, b"");
            return;
        }
        if !state.spool.has_room(pdu.len(), self.shared.limits.spool_bytes_max) {
            metrics::counter!("operator_spool_full_total").increment(1);
            asker.answer(Status::QUEUE_FULL, b"");
            return;
        }
        self.store(state, Kind::Message, pdu, asker, public, now);
    }

    /// Writes a message to disk; the asker is answered when it is there. Gives its number.
    pub(super) fn store(
        self: &Arc<Self>,
        state: &mut State,
        kind: Kind,
        pdu: Vec<u8>,
        asker: Asker,
        public: u64,
        now: Timestamp,
    ) -> u64 {
        let (id, segment, record) = state.spool.store(kind, public, &pdu, now.0);
        self.shared.writer.send(Job::Append { account: self.clone(), segment, record, message: Some((id, asker)) });
        id
    }

    /// Writes a note about a message.
    pub(super) fn note(self: &Arc<Self>, state: &mut State, kind: Kind, id: u64, public: u64, payload: &[u8]) {
        let (segment, record) = state.spool.note(kind, id, public, payload, self.now().0);
        self.shared.writer.send(Job::Append { account: self.clone(), segment, record, message: None });
    }

    /// What the writer of the spool tells: a batch is on disk, or could not be written.
    pub(super) fn on_disk(&self, messages: Vec<(u64, usize, Asker)>, segment: u64, good: bool) {
        if messages.is_empty() {
            return;
        }
        let now = self.now();
        let mut state = self.state();
        let mut publics = Vec::with_capacity(messages.len());
        for (id, octets, _) in &messages {
            publics.push(state.spool.public_of(*id));
            if good {
                state.spool.stored(*id, *octets);
            } else {
                state.spool.not_stored(*id, *octets, segment, now.0);
            }
        }
        drop(state);
        for ((id, _, asker), public) in messages.into_iter().zip(publics) {
            if good {
                asker.answer(Status::OK, public_text(public.unwrap_or(id)).as_bytes());
            } else {
                asker.answer(Status::SYSTEM_ERROR, b"");
            }
        }
        self.work.notify_one();
    }

    /// Wakes the writers of the link and of every bind.
    pub(super) fn flush(&self) {
        let state = self.state();
        if let Some(link) = &state.link {
            link.flush();
        }
    }

    /// The spool has something to send.
    pub(super) fn wake_drain(&self) {
        self.work.notify_one();
    }

    /// The SMSC is bound.
    pub(super) fn link_up(&self, link: Arc<Outbox>) {
        self.state().link = Some(link);
        self.room.notify_waiters();
        self.work.notify_one();
        metrics::gauge!("operator_message_link_up", "account" => self.name().to_owned()).set(1.0);
    }

    /// The SMSC is gone: what was under way goes to the spool, in its order and before anything newer.
    pub(super) fn link_lost(self: &Arc<Self>) {
        let now = self.now();
        let mut state = self.state();
        state.link = None;
        let mut lost: Vec<Pending> = std::mem::take(&mut state.pending).into_values().collect();
        lost.sort_unstable_by_key(|pending| pending.order);
        // Also what had been read from the disk and was not sent yet.
        state.spool.all_again();
        for pending in lost.into_iter().filter(|pending| pending.spooled.is_none()) {
            self.store_or_refuse(&mut state, pending.pdu, pending.asker, 0, now);
        }
        drop(state);
        self.room.notify_waiters();
        metrics::gauge!("operator_message_link_up", "account" => self.name().to_owned()).set(0.0);
    }

    /// Whether the SMSC has owed an answer for too long.
    pub(super) fn is_overdue(&self, now: Timestamp, within: Duration) -> bool {
        self.state().pending.values().any(|pending| pending.sent_at + within < now)
    }

    /// A response of the SMSC.
    pub(super) fn responded(self: &Arc<Self>, response: &Pdu<'_>) {
        let mut state = self.state();
        let Some(pending) = state.pending.remove(&response.header.sequence) else { return };
        let Some(id) = pending.spooled else {
            drop(state);
            pending.asker.pass_on(response);
            return;
        };
        let status = response.header.status;
        if status == Status::OK {
            let theirs = smpp::message_id_of(response).unwrap_or_default().to_vec();
            let public = state.spool.end(id).map_or(id, |entry| entry.public);
            self.note(&mut state, Kind::Done, id, public, &theirs);
            if !theirs.is_empty() {
                state.remember(theirs, public);
            }
        } else if status.is_temporary() {
            state.spool.again(id);
            state.paused_until = self.now() + PAUSE;
        } else {
            metrics::counter!("operator_spool_refused_total").increment(1);
            tracing::warn!(account = self.name(), %status, "the SMSC refused a message that had been stored");
            let public = state.spool.end(id).map_or(id, |entry| entry.public);
            self.note(&mut state, Kind::Done, id, public, b"");
            self.receipt(&mut state, &pending.pdu, public, ReceiptState::Undeliverable, status);
        }
        drop(state);
        self.work.notify_one();
    }

    /// After a batch of responses: whoever waits for room goes on, and every bind is written to.
    pub(super) fn responses_done(&self) {
        self.room.notify_waiters();
        for session in &self.state().sessions {
            session.outbox.flush();
        }
    }

    /// Sends the spool in order while the link lasts.
    pub(super) async fn drain(self: Arc<Self>, link: Arc<Outbox>) {
        while !link.is_closed() {
            let now = self.now();
            let (batch, paused_until) = {
                let mut state = self.state();
                let under_way = state.pending.len();
                let most = self.config.upstream.window_max.saturating_sub(under_way).min(DRAIN_BATCH);
                let paused = state.paused_until > now;
                (if paused { Vec::new() } else { state.spool.take(most) }, paused.then_some(state.paused_until))
            };
            if batch.is_empty() {
                let pause = paused_until.map(|until| self.shared.clock.wait_until(until));
                let pause = pause.unwrap_or(std::time::Duration::from_millis(200));
                let room = self.room.notified();
                tokio::select! {
                    () = self.work.notified(), if paused_until.is_none() => {}
                    () = room, if paused_until.is_none() => {}
                    () = tokio::time::sleep(pause) => {}
                }
                continue;
            }
            let folder = self.folder.clone();
            let read = tokio::task::spawn_blocking(move || read_back(&folder, &batch)).await;
            let Ok(read) = read else { return };
            self.send_spooled(&link, read);
        }
    }

    fn send_spooled(self: &Arc<Self>, link: &Arc<Outbox>, read: Vec<(u64, Option<Vec<u8>>)>) {
        let now = self.now();
        let mut state = self.state();
        let current = state.link.as_ref().is_some_and(|now| Arc::ptr_eq(now, link));
        for (id, pdu) in read {
            let Some(pdu) = pdu else {
                tracing::error!(account = self.name(), id, "a stored message cannot be read back");
                metrics::counter!("operator_spool_unreadable_total").increment(1);
                let public = state.spool.end(id).map_or(id, |entry| entry.public);
                self.note(&mut state, Kind::Done, id, public, b"");
                continue;
            };
            let outgoing = Outgoing { pdu, asker: Asker::Nobody };
            if !current || state.send(outgoing, Some(id), now).is_err() {
                state.spool.again(id);
            }
        }
        drop(state);
        link.flush();
    }

    /// Removes segments that are no longer needed.
    pub(super) fn sweep(&self) {
        let kept = Duration::hours(self.shared.limits.receipts_kept_hours);
        let outlived = self.state().spool.outlived((self.now() - kept).0, self.shared.limits.spool_bytes_max);
        for path in outlived {
            self.shared.writer.send(Job::Remove(path));
        }
    }

    /// Hands a request of the SMSC to a bind that receives. `false` when there is none, or none that takes more.
    pub(super) fn deliver(&self, pdu: &[u8], link: &Arc<Outbox>, sequence: u32) -> bool {
        let mut state = self.state();
        let count = state.sessions.len();
        for _ in 0..count {
            state.next_receiver = (state.next_receiver + 1) % count;
            let Some(session) = state.sessions.get(state.next_receiver).filter(|s| s.mode.receives()) else { continue };
            let back = super::session::Back { link: link.clone(), sequence };
            if session.deliver(pdu, Some(back), self.config.window_max) {
                return true;
            }
        }
        false
    }

    /// Whether any bind receives.
    pub(super) fn has_receiver(&self) -> bool {
        self.state().sessions.iter().any(|session| session.mode.receives())
    }

    /// A receipt of ours about a message, where the sender asked for one of this state.
    pub(super) fn receipt(&self, state: &mut State, pdu: &[u8], public: u64, what: ReceiptState, error: Status) {
        let Some(message) = Pdu::whole(pdu).and_then(|pdu| Message::read(&pdu).ok()) else { return };
        if !what.is_wanted(message.registered_delivery) {
            return;
        }
        let id = public_text(public);
        let moment = minute(self.now());
        let error = u16::try_from(error.0).unwrap_or(u16::MAX);
        let text = Receipt { message_id: &id, submitted: &moment, done: &moment, state: what, error }.text();
        let (to, from): (Address<'_>, Address<'_>) = (message.source, message.destination);
        let mut receipt = Message::new(MessageKind::Deliver, from, to);
        receipt.esm_class = smpp::ESM_RECEIPT;
        receipt.short_message = text.as_bytes();
        let mut closed_id = id.clone().into_bytes();
        closed_id.push(0);
        let mut out = Vec::new();
        let more = [(tag::RECEIPTED_MESSAGE_ID, closed_id.as_slice()), (tag::MESSAGE_STATE, &[what.code()][..])];
        receipt.write(0, &[], &more, &mut out);
        let taken = state
            .sessions
            .iter()
            .filter(|session| session.mode.receives())
            .any(|session| session.deliver(&out, None, self.config.window_max));
        if !taken && state.receipts.len() < RECEIPTS_WAITING_MAX {
            state.receipts.push_back(out);
        }
    }

    /// The number at the SMSC of a message that has one of ours, for `query_sm`, `cancel_sm`, `replace_sm`.
    /// `Err` when it is ours and the SMSC has not taken it yet.
    pub(super) fn theirs(&self, text: &[u8]) -> Result<Option<Vec<u8>>, ()> {
        let Some(public) = public_of_text(text) else { return Ok(None) };
        self.state().theirs_of.get(&public).cloned().map(Some).ok_or(())
    }

    /// The number of ours for one of the SMSC, in a receipt.
    pub(super) fn ours(&self, theirs: &[u8]) -> Option<String> {
        let mut state = self.state();
        if state.public_of.is_empty() {
            return None;
        }
        let public = state.public_of.get(theirs).copied().or_else(|| state.numbers.find(theirs))?;
        Some(public_text(public))
    }
}

/// The numbers of an SMSC by their value: many write the number of a message in hexadecimal when they take it and in decimal
/// in its receipt, or the other way round.
#[derive(Default)]
struct IdNumbers {
    hexadecimal: FxHashMap<u64, u64>,
    decimal: FxHashMap<u64, u64>,
    /// Numbers taken with and without a letter among their digits; what there is none of says how the SMSC counts.
    with_letter: u64,
    digits_only: u64,
    /// Whether a receipt has named a number with a letter: then receipts are not written in decimal.
    receipt_with_letter: bool,
}

/// Numbers without any letter from which on an SMSC is taken to count in decimal: of so many in hexadecimal one has a letter
/// but for one case in a thousand, even where each has three digits only.
const DECIMAL_FROM: u64 = 6;

impl IdNumbers {
    fn values(text: &[u8]) -> (Option<u64>, Option<u64>) {
        let text = std::str::from_utf8(text).unwrap_or_default().trim();
        let digits = |radix: u32| {
            let all = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
            all.then(|| u64::from_str_radix(text, radix).ok()).flatten()
        };
        (digits(16), digits(10))
    }

    fn remember(&mut self, theirs: &[u8], public: u64) {
        let (hexadecimal, decimal) = Self::values(theirs);
        let Some(value) = hexadecimal else { return };
        self.hexadecimal.insert(value, public);
        match decimal {
            Some(value) => {
                self.digits_only += 1;
                self.decimal.insert(value, public);
            }
            None => self.with_letter += 1,
        }
    }

    fn forget(&mut self, theirs: &[u8], public: u64) {
        let (hexadecimal, decimal) = Self::values(theirs);
        for (value, of) in [(hexadecimal, &mut self.hexadecimal), (decimal, &mut self.decimal)] {
            if let Some(value) = value
                && of.get(&value) == Some(&public)
            {
                of.remove(&value);
            }
        }
    }

    /// The message of a number in a receipt, which is not written as it was when the message was taken. Only where it is
    /// plain how the SMSC counts: a receipt given to the wrong message would tell its sender a lie.
    fn find(&mut self, text: &[u8]) -> Option<u64> {
        let (hexadecimal, decimal) = Self::values(text);
        self.receipt_with_letter |= hexadecimal.is_some() && decimal.is_none();
        let counts_hexadecimal = self.with_letter > 0;
        let counts_decimal = !counts_hexadecimal && self.digits_only >= DECIMAL_FROM;
        match (decimal, hexadecimal) {
            (Some(value), _) if counts_hexadecimal && !self.receipt_with_letter => self.hexadecimal.get(&value),
            // The same but for case, or for zeros in front.
            (_, Some(value)) if counts_hexadecimal => self.hexadecimal.get(&value),
            (_, Some(value)) if counts_decimal && self.receipt_with_letter => self.decimal.get(&value),
            (Some(value), _) if counts_decimal => self.decimal.get(&value),
            _ => None,
        }
        .copied()
    }
}

impl State {
    /// Writes a request to the SMSC and notes who waits; gives it back when the link is closed.
    fn send(&mut self, outgoing: Outgoing, spooled: Option<u64>, now: Timestamp) -> Result<(), Outgoing> {
        let Some(link) = &self.link else { return Err(outgoing) };
        self.sequence = next_sequence(self.sequence);
        let Outgoing { mut pdu, asker } = outgoing;
        smpp::set_sequence(&mut pdu, self.sequence);
        if !link.write(|out| out.extend_from_slice(&pdu)) {
            return Err(Outgoing { pdu, asker });
        }
        self.order += 1;
        let pending = Pending { order: self.order, asker, pdu, spooled, sent_at: now };
        self.pending.insert(self.sequence, pending);
        Ok(())
    }

    fn remember(&mut self, theirs: Vec<u8>, public: u64) {
        if self.ids.len() >= IDS_MAX
            && let Some((theirs, public)) = self.ids.pop_front()
        {
            self.public_of.remove(&theirs);
            self.theirs_of.remove(&public);
            self.numbers.forget(&theirs, public);
        }
        self.numbers.remember(&theirs, public);
        self.public_of.insert(theirs.clone(), public);
        self.theirs_of.insert(public, theirs.clone());
        self.ids.push_back((theirs, public));
    }
}

/// Whether it may wait in the spool.
fn is_message(pdu: &[u8]) -> bool {
    Pdu::whole(pdu).is_some_and(|pdu| {
        matches!(pdu.header.command, CommandId::SUBMIT_SM | CommandId::SUBMIT_MULTI | CommandId::DATA_SM)
    })
}

/// `yyMMddHHmm` in China Standard Time, as receipts write it.
fn minute(at: Timestamp) -> String {
    let civil = at.civil_cst();
    format!("{}{:02}{:02}", at.day_cst(), civil.hour(), civil.minute())
}
