//! Behind the channel of the fronts: what they report becomes records, figures and signals.

use std::borrow::Cow;

use kernel::Timestamp;
use screen::{Action, Attestation, Check, LineMeasure, ListHit, MessageAction, Number, NumberList, Reason};
use tokio::sync::mpsc;

use crate::desk::Operator;
use crate::records::{Record, RecordKind, Word};
use crate::screening::{CallEnd, CallEvent, Event, Front, MessageEvent};
use crate::signals::Reported;

/// Events taken out of the channel at once.
const BATCH: usize = 4_096;
/// Records are written to files at least so often.
const WRITE_EVERY: std::time::Duration = std::time::Duration::from_secs(60);
/// Files are tidied so often.
const TIDY_EVERY: std::time::Duration = std::time::Duration::from_secs(600);

/// The word of what was done with a call.
pub const fn call_action(action: Action) -> &'static str {
    match action {
        Action::Pass => "pass",
        Action::Monitor => "monitor",
        Action::Label(_) => "label",
        Action::Challenge => "challenge",
        Action::Announce => "announce",
        Action::Reject603 => "reject_603",
        Action::Reject608 => "reject_608",
    }
}

/// The word of what was done with a message.
pub const fn message_action(action: MessageAction) -> &'static str {
    match action {
        MessageAction::Pass => "pass",
        MessageAction::Monitor => "monitor",
        MessageAction::Mark(_) => "mark",
        MessageAction::Reject => "reject",
        MessageAction::Drop => "drop",
    }
}

/// Whether what the word says kept a call or message from arriving.
pub fn stopped(action: &str) -> bool {
    matches!(action, "challenge" | "announce" | "reject_603" | "reject_608" | "reject" | "drop")
}

/// The word of a reason.
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Clean => "clean",
        Reason::Emergency => "emergency",
        Reason::Line(_) => "line",
        Reason::List(_) => "list",
        Reason::Check(_) => "check",
        Reason::Rule(_) => "rule",
    }
}

/// The word of a measure.
pub const fn measure(measure: LineMeasure) -> &'static str {
    match measure {
        LineMeasure::HoldFlagged => "line:hold_flagged",
        LineMeasure::HoldForeign => "line:hold_foreign",
        LineMeasure::Protect => "line:protect",
        LineMeasure::Suspend => "line:suspend",
        LineMeasure::LabelNext => "line:label_next",
    }
}

/// The word of a check.
pub const fn check(check: Check) -> &'static str {
    match check {
        Check::Malformed => "check:malformed",
        Check::HomeFixedFromAbroad => "check:home_fixed_from_abroad",
        Check::HomeMobileRefuted => "check:home_mobile_refuted",
        Check::HomeMobileUnproven => "check:home_mobile_unproven",
        Check::ServiceFromAbroad => "check:service_from_abroad",
        Check::ServiceCannotCall => "check:service_cannot_call",
        Check::EmergencyFromElsewhere => "check:emergency_from_elsewhere",
        Check::ForeignFromHome => "check:foreign_from_home",
        Check::AttestationFailed => "check:attestation_failed",
        Check::CallsItself => "check:calls_itself",
        Check::SenderWrongRoute => "check:sender_wrong_route",
        #[allow(unreachable_patterns, reason = "a check that is new to this table still has a word")]
        _ => "check",
    }
}

/// What decided, with its detail: `list:centre`, `rule:12`, `check:malformed`.
pub fn decided_by(why: Reason, list: &NumberList) -> Word {
    match why {
        Reason::Clean => Cow::Borrowed(""),
        Reason::Emergency => Cow::Borrowed("emergency"),
        Reason::Line(on) => Cow::Borrowed(measure(on)),
        Reason::List(hit) => source_of(&hit, list),
        Reason::Check(found) => Cow::Borrowed(check(found)),
        Reason::Rule(id) => Cow::Owned(format!("rule:{}", id.0)),
    }
}

fn source_of(hit: &ListHit, list: &NumberList) -> Word {
    let source = list.attributes(hit).map_or("", |attributes| attributes.source);
    match source.split_once(':').map_or(source, |(layer, _)| layer) {
        "centre" => Cow::Borrowed("list:centre"),
        "file" => Cow::Borrowed("list:file"),
        "appeal" => Cow::Borrowed("list:appeal"),
        _ => Cow::Borrowed("list:operator"),
    }
}

const fn front(front: Front) -> &'static str {
    match front {
        Front::SipRedirect => "sip_redirect",
        Front::SipProxy => "sip_proxy",
        Front::Smpp => "smpp",
        Front::Http => "http",
        Front::Feed => "feed",
    }
}

fn attestation(said: Attestation) -> Word {
    Cow::Borrowed(said.word())
}

fn of_call(event: &CallEvent, list: &NumberList) -> Record {
    Record {
        key: event.key.0,
        from: event.caller.map_or(0, Number::packed),
        from_raw: event.caller_raw.as_ref().map_or_else(String::new, |raw| raw.reveal().to_owned()),
        to: event.callee.map_or(0, Number::packed),
        front: Cow::Borrowed(front(event.front)),
        trunk: event.trunk.id,
        trunk_kind: Cow::Borrowed(event.trunk.kind.word()),
        attestation: attestation(event.attestation),
        action: Cow::Borrowed(call_action(event.decision.action)),
        reason: Cow::Borrowed(reason(event.decision.reason)),
        by: decided_by(event.decision.reason, list),
        took_ns: event.took_ns,
        ..Record::new(RecordKind::Call, event.at)
    }
}

fn of_end(event: &CallEnd) -> Record {
    Record {
        key: event.key.0,
        from: event.caller.map_or(0, Number::packed),
        to: event.callee.map_or(0, Number::packed),
        front: Cow::Borrowed(front(event.front)),
        trunk: event.trunk,
        by: if event.cause.is_empty() { Cow::Borrowed("") } else { Cow::Owned(format!("cause:{}", event.cause)) },
        answered: event.answered,
        talked: event.talked,
        cut: event.cut,
        ..Record::new(RecordKind::CallEnd, event.at)
    }
}

fn of_message(event: &MessageEvent, list: &NumberList) -> Record {
    Record {
        from: event.sender.map_or(0, Number::packed),
        from_raw: event.sender_name.clone().unwrap_or_default(),
        to: event.to.map_or(0, Number::packed),
        front: Cow::Borrowed(front(event.front)),
        trunk: event.trunk.id,
        trunk_kind: Cow::Borrowed(event.trunk.kind.word()),
        action: Cow::Borrowed(message_action(event.decision.action)),
        reason: Cow::Borrowed(reason(event.decision.reason)),
        by: decided_by(event.decision.reason, list),
        class: event.class.clone().map_or(Cow::Borrowed(""), Cow::Owned),
        probability: event.scam_probability,
        text: event.text_seen.clone(),
        took_ns: event.took_ns,
        ..Record::new(RecordKind::Message, event.at)
    }
}

impl Operator {
    /// Takes in what fronts reported; [`Operator::record`] does it for ever, tests do it by hand.
    pub fn take_events(&self, events: &[Event]) -> bool {
        let list = self.screening().screen().list();
        let mut records = Vec::with_capacity(events.len());
        for event in events {
            let record = match event {
                Event::Call(call) => {
                    if call.decision.reason == Reason::Line(LineMeasure::LabelNext)
                        && let Some(line) = call.callee
                    {
                        self.live().labelled(line, call.caller);
                    }
                    of_call(call, &list)
                }
                Event::CallEnd(end) => of_end(end),
                Event::Message(message) => of_message(message, &list),
            };
            self.gathered().take(&Reported { event, record: &record, list: &list }, self.parameters());
            records.push(record);
        }
        self.live().count(&records);
        self.records().take(records)
    }

    /// Takes in what the fronts report, for ever; when the fronts are gone, writes what waits and ends.
    pub async fn record(self, mut events: mpsc::Receiver<Event>) {
        // It is never silent for longer than it takes to write what a minute brought.
        let worker = self.db().worker("recorder", std::time::Duration::from_secs(600));
        let mut batch = Vec::with_capacity(BATCH);
        let mut write_at = tokio::time::Instant::now() + WRITE_EVERY;
        let mut tidy_at = tokio::time::Instant::now();
        let mut failing: Option<String> = None;
        loop {
            let got = tokio::time::timeout_at(write_at.min(tidy_at), events.recv_many(&mut batch, BATCH)).await;
            let full = self.take_events(&batch);
            batch.clear();
            let now = tokio::time::Instant::now();
            if full || now >= write_at {
                failing = self.write_records().await.err();
                write_at = now + WRITE_EVERY;
            }
            if now >= tidy_at {
                failing = failing.or(self.tidy_records().await.err());
                tidy_at = now + TIDY_EVERY;
            }
            if got == Ok(0) {
                if let Err(why) = self.write_records().await {
                    tracing::error!(why, "the last records of calls could not be written");
                }
                return;
            }
            match &failing {
                Some(why) => worker.failed(why),
                None => worker.round(),
            }
        }
    }

    /// Writes what waits in memory into files; what cannot be written goes on waiting.
    ///
    /// # Errors
    /// Why it cannot be written, in words.
    pub async fn write_records(&self) -> Result<(), String> {
        let records = self.records().clone();
        let written = tokio::task::spawn_blocking(move || records.write()).await;
        let written = written.map_err(|error| error.to_string()).and_then(|w| w.map_err(|error| error.to_string()));
        written
            .map(|_| ())
            .inspect_err(|why| tracing::error!(why, "records of calls cannot be written; they wait in memory"))
    }

    async fn tidy_records(&self) -> Result<(), String> {
        let (records, now): (_, Timestamp) = (self.records().clone(), self.db().clock().now());
        let tidied = tokio::task::spawn_blocking(move || records.tidy(now)).await;
        let tidied = tidied.map_err(|error| error.to_string()).and_then(|t| t.map_err(|error| error.to_string()));
        tidied.inspect_err(|why| tracing::error!(why, "files of records cannot be tidied"))
    }
}
