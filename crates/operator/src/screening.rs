//! What the fronts share: the screen that decides, the reader and model of texts, and the way events leave.
//!
//! A front decides from memory, answers, and reports with [`Screening::report`]. The report goes into a bounded channel
//! that is never waited for: when it is full the event is dropped and counted, since a call must not wait for a disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use kernel::{Clock, Duration, Timestamp};
use screen::{Attestation, Decision, MessageDecision, Number, Screen, Trunk};
use text::{Model, Reader, Verdict};
use tokio::sync::mpsc;

use crate::feed::HomeRegister;
use crate::labels::OrderLabels;
use crate::message::Register;
use crate::records::TextSeen;

/// Events that wait for the recorder at most; at 20,000 events a second that is three seconds.
pub const EVENTS_WAITING_MAX: usize = 65_536;

/// Where an event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Front {
    /// SIP, answered by the redirect server.
    SipRedirect,
    /// SIP, passed on by the proxy.
    SipProxy,
    /// A message over SMPP.
    Smpp,
    /// A message over HTTP.
    Http,
    /// The end of a call, told by a switch or by billing.
    Feed,
}

/// Tells one call of this process from another; the end of a call carries that of its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallKey(pub u64);

/// Text that may hold personal data; `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text, cut to so many characters.
    pub fn new(text: &str, chars_max: usize) -> Self {
        Self(text.chars().take(chars_max).collect())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hidden({} bytes)", self.0.len())
    }
}

/// A call that was decided.
#[derive(Clone)]
pub struct CallEvent {
    /// Which call.
    pub key: CallKey,
    /// Where it came in.
    pub front: Front,
    /// When it arrived.
    pub at: Timestamp,
    /// The caller, where it is a number.
    pub caller: Option<Number>,
    /// The caller as it stood in the message, where it is no number; at most 64 characters.
    pub caller_raw: Option<Hidden>,
    /// The callee.
    pub callee: Option<Number>,
    /// Where it came from.
    pub trunk: Trunk,
    /// What was said about the caller's right to the number.
    pub attestation: Attestation,
    /// What was decided.
    pub decision: Decision,
    /// From the message read to the decision made, in nanoseconds.
    pub took_ns: u32,
}

/// A call that ended, where the front sees that (proxy mode) or is told.
#[derive(Debug, Clone)]
pub struct CallEnd {
    /// Which call.
    pub key: CallKey,
    /// Who saw it end.
    pub front: Front,
    /// When it ended.
    pub at: Timestamp,
    /// Caller.
    pub caller: Option<Number>,
    /// Callee.
    pub callee: Option<Number>,
    /// Number of the trunk group, where it is told; else 0.
    pub trunk: u32,
    /// Whether somebody answered.
    pub answered: bool,
    /// From answer to end.
    pub talked: Duration,
    /// Whether it was cut by an order.
    pub cut: bool,
    /// Code of the cause of release, where it is told.
    pub cause: String,
}

/// A message that was decided.
#[derive(Clone)]
pub struct MessageEvent {
    /// Where it came in.
    pub front: Front,
    /// When it arrived.
    pub at: Timestamp,
    /// The sender, where it is a number.
    pub sender: Option<Number>,
    /// The sender's name, where it is none (alphanumeric sender id).
    pub sender_name: Option<String>,
    /// The receiver.
    pub to: Option<Number>,
    /// Where it came from: the peer's trunk.
    pub trunk: Trunk,
    /// What was decided.
    pub decision: MessageDecision,
    /// How sure the model is that it is a scam, 0 to 1.
    pub scam_probability: f32,
    /// The class that the model names, a code of [`kernel::ScamType`] or of the model's own.
    pub class: Option<String>,
    /// What rules saw of the text.
    pub text_seen: TextSeen,
    /// Telephone numbers in the text, 16 at most.
    pub numbers: Vec<Number>,
    /// The text, only where something was found.
    pub text: Option<Hidden>,
    /// From the message read to the decision made, in nanoseconds.
    pub took_ns: u32,
}

/// What a front reports.
#[derive(Clone)]
pub enum Event {
    /// A call was decided.
    Call(Box<CallEvent>),
    /// A call ended.
    CallEnd(CallEnd),
    /// A message was decided.
    Message(Box<MessageEvent>),
}

/// What the fronts share; hold it in an [`Arc`].
pub struct Screening {
    screen: Arc<Screen>,
    reader: Reader,
    model: ArcSwapOption<Model>,
    register: ArcSwap<Register>,
    order_labels: OrderLabels,
    home_register: HomeRegister,
    clock: Clock,
    events: mpsc::Sender<Event>,
    dropped: AtomicU64,
    keys: AtomicU64,
}

impl Screening {
    /// Over a screen, with the model that comes with the program; the other end of the channel goes to the recorder.
    pub fn new(screen: Arc<Screen>, clock: Clock) -> (Arc<Self>, mpsc::Receiver<Event>) {
        let (events, waiting) = mpsc::channel(EVENTS_WAITING_MAX);
        let this = Self {
            screen,
            reader: Reader::new(),
            model: ArcSwapOption::empty(),
            register: ArcSwap::from_pointee(Register::default()),
            order_labels: OrderLabels::default(),
            home_register: HomeRegister::default(),
            clock,
            events,
            dropped: AtomicU64::new(0),
            keys: AtomicU64::new(1),
        };
        (Arc::new(this), waiting)
    }

    /// The screen, for lists, rules and measures.
    pub fn screen(&self) -> &Arc<Screen> {
        &self.screen
    }

    /// The reader of identifiers in texts.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Judges a text with the model in use.
    pub fn judge(&self, text: &str) -> Verdict {
        match self.model.load().as_deref() {
            Some(model) => model.judge(text),
            None => Model::shipped().judge(text),
        }
    }

    /// Takes another model from now on; none means the one that comes with the program.
    pub fn swap_model(&self, model: Option<Arc<Model>>) {
        self.model.store(model);
    }

    /// The register of official senders, as this operator keeps it; for the message front.
    pub fn register(&self) -> Arc<Register> {
        self.register.load_full()
    }

    /// Puts another register in force.
    pub fn swap_register(&self, register: Arc<Register>) {
        self.register.store(register);
    }

    /// Where subscribers are, as the home register tells.
    pub const fn home_register(&self) -> &HomeRegister {
        &self.home_register
    }

    /// The words of labels that came with orders of a centre.
    pub const fn order_labels(&self) -> &OrderLabels {
        &self.order_labels
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How long to wait for a moment of the clock.
    pub fn wait_until(&self, moment: Timestamp) -> std::time::Duration {
        self.clock.wait_until(moment)
    }

    /// A key for a new call.
    pub fn new_key(&self) -> CallKey {
        CallKey(self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// Hands an event to the recorder, or drops and counts it when the recorder is behind.
    pub fn report(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            metrics::counter!("operator_events_dropped_total").increment(1);
        }
    }

    /// Events dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
