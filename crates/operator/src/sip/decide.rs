//! From a checked request to a decision: who calls whom, from where, with what attestation.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::RwLock;
use std::time::Instant;

use kernel::Timestamp;
use screen::{
    Action, Attestation, AttestationFailure, BareDigits, CallAttempt, Caller, Decision, LabelId, Number, NumberKind,
    Trunk,
};
use sip::passport::{Attest, Call, Certificates, ChainFault, Fault, Verdict, date_seconds, verify_all};
use sip::{Loose, Name, NameAddr, Peek, Request, Scheme, Uri};
use tokio::sync::mpsc;

use super::called::{Called, number};
use super::config::{Config, Group, Label, Peer};
use crate::screening::{CallEvent, CallKey, Event, Front, Hidden, Screening};

/// Identity values looked at in one request; a call carries one, and one more for each time it was diverted.
const IDENTITIES_MAX: usize = 8;
/// Values of asserted identities looked at in one request.
const SHOWN_MAX: usize = 64;
/// Characters kept of a caller that is no number.
const RAW_CHARS_MAX: usize = 64;

/// What every front shares to decide.
pub(crate) struct Decider {
    pub(crate) config: Arc<Config>,
    pub(crate) screening: Arc<Screening>,
    /// `None` where no roots are configured: tokens are then not looked at.
    pub(crate) certificates: Option<RwLock<Certificates>>,
    /// URLs of certificates that are missing; dropped when full, since the next call asks again.
    pub(crate) wanted: mpsc::Sender<String>,
}

/// A decision with what it was made from.
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) key: CallKey,
    pub(crate) caller: Option<Number>,
    pub(crate) callee: Option<Number>,
}

impl Decider {
    /// The trunk group of a request: that of the peer, or the one that a relay names.
    fn group(&self, peer: Peer, named: impl FnOnce(&str) -> Option<u32>) -> Group {
        if !peer.relay {
            return peer.group;
        }
        named(&self.config.settings.trunk_header).and_then(|id| self.config.group(id)).unwrap_or(peer.group)
    }

    fn group_named(&self, peek: &Peek<'_>, peer: Peer) -> Group {
        self.group(peer, |header| {
            let header = Name::Other(header);
            peek.headers().find(|(name, _)| name.is(header)).and_then(|(_, value)| value.parse().ok())
        })
    }

    /// Whom a request calls.
    pub(crate) fn called(&self, peek: &Peek<'_>, request: &Request<'_>) -> Called {
        Called::of(peek, request, &self.config)
    }

    /// Whom a request calls whose form is broken.
    pub(crate) fn called_loosely(&self, loose: &Loose<'_>) -> Called {
        Called::loosely(loose, &self.config)
    }

    /// Decides about an INVITE and reports what was decided.
    pub(crate) fn decide(
        &self,
        front: Front,
        peek: &Peek<'_>,
        request: &Request<'_>,
        peer: Peer,
        at: Timestamp,
        began: Instant,
    ) -> Decided {
        let group = self.group_named(peek, peer);
        let presented = presented(peek, request, peer.asserted);
        let user = presented.user_text().unwrap_or_default();
        let mut caller = read_caller(&presented, &user, group.bare);
        let called = self.called(peek, request);
        let identities = peek.identity.into_iter().flat_map(|_| peek.values(Name::Identity));
        let attestation = self.attestation(identities, peek.date, caller.number, called.written, at);
        if let Some(stopped) = self.shown_beside(peek, request, (&presented, group.bare), &caller, at) {
            caller = Caller::of(stopped);
        }
        self.conclude(front, caller, called.number, group.trunk, attestation, at, began)
    }

    /// What an INVITE gets that there is no time to weigh, where its caller is stopped whatever else the call is like.
    pub(crate) fn stopped_at_once(
        &self,
        peek: &Peek<'_>,
        request: &Request<'_>,
        peer: Peer,
        at: Timestamp,
    ) -> Option<Action> {
        let group = self.group_named(peek, peer);
        let presented = presented(peek, request, peer.asserted);
        let user = presented.user_text().unwrap_or_default();
        let caller = read_caller(&presented, &user, group.bare);
        let number = self.shown_beside(peek, request, (&presented, group.bare), &caller, at).or(caller.number)?;
        self.screening.screen().stop_of(number, at).filter(|action| action.stops())
    }

    /// The same for one whose form is broken.
    pub(crate) fn stopped_at_once_loose(&self, loose: &Loose<'_>, peer: Peer, at: Timestamp) -> Option<Action> {
        let group = self.group(peer, |header| loose.last(header)?.parse().ok());
        let shown = loose.callers()?;
        let numbers = shown.iter().flat_map(|text| readings(text, group.bare));
        let screen = self.screening.screen();
        numbers.filter_map(|number| screen.stop_of(number, at)).find(|action| action.stops())
    }

    /// Decides about an INVITE whose form is broken, by whatever can be read of it, and reports what was decided. `None`
    /// when there is nobody to be read as its caller, or too many.
    pub(crate) fn decide_loose(
        &self,
        front: Front,
        loose: &Loose<'_>,
        peer: Peer,
        at: Timestamp,
        began: Instant,
    ) -> Option<Decided> {
        let called = self.called_loosely(loose);
        let group = self.group(peer, |header| loose.last(header)?.parse().ok());
        let shown = loose.callers();
        let read = |name| loose.text(name).and_then(|value| loosely(&value, group));
        let believed =
            peer.asserted.then(|| read(Name::PAssertedIdentity).or_else(|| read(Name::RemotePartyId))).flatten();
        let mut number = believed.or_else(|| read(Name::From));
        let screen = self.screening.screen();
        let texts = || shown.iter().flatten();
        let stopped = texts().flat_map(|text| readings(text, group.bare)).find(|number| screen.stops(*number, at));
        number = stopped.or(number).or_else(|| texts().find_map(|text| Number::read_as(text, group.bare)));
        let from = loose.text(Name::From).unwrap_or_default();
        let caller = match number {
            Some(number) => Caller::of(number),
            None => Caller::read(user_of(&from)),
        };
        if !called.helps() && (shown.is_none() || (number.is_none() && from.trim().is_empty())) {
            return None;
        }
        let identities = loose.texts(Name::Identity);
        let identities: Vec<_> = identities.take(IDENTITIES_MAX).collect();
        let date = loose.text(Name::Date);
        let identities = identities.iter().map(AsRef::as_ref);
        let attestation = self.attestation(identities, date.as_deref(), caller.number, called.written, at);
        Some(self.conclude(front, caller, called.number, group.trunk, attestation, at, began))
    }

    /// A number that the request shows beside its caller's and that is stopped: in From, in any copy of an asserted
    /// identity, believed or not, since the next element may believe it.
    fn shown_beside(
        &self,
        peek: &Peek<'_>,
        request: &Request<'_>,
        (presented, bare): (&Uri<'_>, BareDigits),
        caller: &Caller<'_>,
        at: Timestamp,
    ) -> Option<Number> {
        let screen = self.screening.screen();
        let is_stopped = |number: &Number| Some(*number) != caller.number && screen.stops(*number, at);
        let stopped_in =
            |uri: &Uri<'_>| match number(uri, bare).filter(|number| number.kind() != NumberKind::Unassigned) {
                Some(number) => Some(number).filter(is_stopped),
                // What is no number to us may be one to an element that passes over what should not stand there.
                None => any_number(uri.as_str()).into_iter().find(is_stopped),
            };
        // Nearly every request shows one number, in one place or the same in all.
        let from = &request.from.uri;
        if from.user != presented.user
            && let Some(stopped) = stopped_in(from)
        {
            return Some(stopped);
        }
        if peek.asserted.is_some() || peek.remote_party.is_some() {
            let mut values = 0;
            for value in peek.all_asserted_values().take(SHOWN_MAX) {
                values += 1;
                let stopped = match NameAddr::parse(value) {
                    Some(address) if address.uri.user.is_some() && address.uri.user == presented.user => None,
                    Some(address) => stopped_in(&address.uri),
                    None => any_number(value).into_iter().find(is_stopped),
                };
                if stopped.is_some() {
                    return stopped;
                }
            }
            // To a reader that sees no list, a comma is one more character within an address.
            let is_shown = |name: &Name<'_>| name.is(Name::PAssertedIdentity) || name.is(Name::RemotePartyId);
            if values > 1
                && let Some(stopped) = peek
                    .headers()
                    .filter(|(name, value)| is_shown(name) && value.contains(','))
                    .take(SHOWN_MAX)
                    .find_map(|(_, value)| any_number(value).into_iter().find(is_stopped))
            {
                return Some(stopped);
            }
        }
        let is_of_no_plan = caller.number.is_none_or(|number| number.kind() == NumberKind::Unassigned);
        if caller.malformed || is_of_no_plan { stopped_in(presented) } else { None }
    }

    #[expect(clippy::too_many_arguments, reason = "all that a call attempt is")]
    fn conclude(
        &self,
        front: Front,
        caller: Caller<'_>,
        callee: Option<Number>,
        trunk: Trunk,
        attestation: Attestation,
        at: Timestamp,
        began: Instant,
    ) -> Decided {
        let roaming = self.screening.home_register().roaming(caller.number, trunk, at);
        let attempt = CallAttempt { caller, callee, trunk, attestation, roaming, at };
        let decision = self.screening.screen().decide_call(&attempt);
        let key = self.screening.new_key();
        let caller_raw = caller.malformed.then(|| Hidden::new(caller.raw, RAW_CHARS_MAX));
        let took_ns = u32::try_from(began.elapsed().as_nanos()).unwrap_or(u32::MAX);
        let event = CallEvent {
            key,
            front,
            at,
            caller: caller.number,
            caller_raw,
            callee,
            trunk,
            attestation,
            decision,
            took_ns,
        };
        self.screening.report(Event::Call(Box::new(event)));
        Decided { decision, key, caller: caller.number, callee }
    }

    /// A label as it is written: of the built-in ones, or with the words of an order.
    pub(crate) fn label(&self, id: LabelId) -> Option<Cow<'_, Label>> {
        if let Some(label) = self.config.label(id) {
            return Some(Cow::Borrowed(label));
        }
        let words = self.screening.order_labels().words(id)?;
        Some(Cow::Owned(Label::new(&words, &self.config.settings.label_address)))
    }

    /// What the PASSporTs of a request say. A token whose certificate is not in memory counts as none, and has it fetched.
    /// Of a caller that shows no number nothing can be said.
    fn attestation<'a>(
        &self,
        identities: impl Iterator<Item = &'a str>,
        date: Option<&str>,
        caller: Option<Number>,
        callee: Option<Number>,
        at: Timestamp,
    ) -> Attestation {
        let (Some(caller), Some(certificates)) = (caller, &self.certificates) else { return Attestation::None };
        let mut identities = identities.take(IDENTITIES_MAX).peekable();
        if identities.peek().is_none() {
            return Attestation::None;
        }
        let digits = |number: Number| number.digits().to_string();
        let (caller, callee) = (digits(caller), callee.map_or_else(String::new, digits));
        let now_seconds = at.0.div_euclid(1_000_000);
        let call = Call { caller: &caller, callee: &callee, date_seconds: date.and_then(date_seconds), now_seconds };
        let Ok(certificates) = certificates.read() else { return Attestation::None };
        let outcome = verify_all(identities, &call, &certificates, |url| drop(self.wanted.try_send(url.to_owned())));
        match outcome {
            Verdict::Verified(Attest::A | Attest::Plain) => Attestation::A,
            Verdict::Verified(Attest::B) => Attestation::B,
            Verdict::Verified(Attest::C) => Attestation::C,
            // That a certificate could not be had is the host's failure, and no sign of forging.
            Verdict::Unknown | Verdict::Failed(Fault::Certificate(ChainFault::NotFetched)) => Attestation::None,
            Verdict::Failed(fault) => Attestation::Failed(match fault {
                Fault::Malformed => AttestationFailure::Malformed,
                Fault::Stale => AttestationFailure::Stale,
                Fault::Caller | Fault::Callee => AttestationFailure::OtherNumbers,
                Fault::Signature => AttestationFailure::Signature,
                Fault::Certificate(_) => AttestationFailure::Certificate,
            }),
        }
    }
}

/// The address that a caller is screened by: P-Asserted-Identity where it is believed (a number before a name), then
/// Remote-Party-ID from the same trust, then From.
fn presented<'a>(peek: &Peek<'a>, request: &Request<'a>, believe: bool) -> Uri<'a> {
    if believe && (peek.asserted.is_some() || peek.remote_party.is_some()) {
        let values = peek.asserted_values().take(IDENTITIES_MAX);
        let mut first = None;
        for uri in values.filter_map(|value| NameAddr::parse(value).map(|address| address.uri)) {
            if uri.is_number() {
                return uri;
            }
            first.get_or_insert(uri);
        }
        if let Some(uri) = first {
            return uri;
        }
    }
    request.from.uri
}

/// The caller that an address presents, of which `user` is the user part.
fn read_caller<'a>(presented: &Uri<'_>, user: &'a str, bare: BareDigits) -> Caller<'a> {
    let mut caller = Caller::read_as(user, bare);
    if presented.scheme == Scheme::Tel || presented.user.is_some_and(|user| user.contains(';')) {
        caller.number = number(presented, bare).or(caller.number);
    }
    caller
}

/// Every number that a value may be read as.
fn any_number(value: &str) -> Vec<Number> {
    let mut texts = Vec::new();
    sip::numbers(value.as_bytes(), &mut texts);
    texts.iter().flat_map(|text| readings(text, BareDigits::National)).collect()
}

/// The number that digits are, and those that they may become on their way.
fn readings(text: &str, bare: BareDigits) -> impl Iterator<Item = Number> + use<> {
    Number::read_as(text, bare).into_iter().chain(Number::behind_prefixes(text))
}

/// The number of a value that may be broken: as a well-formed one, else the first that stands in its address.
fn loosely(value: &str, group: Group) -> Option<Number> {
    if let Some(address) = NameAddr::parse(value) {
        let user = address.uri.user_text()?;
        return Number::read_as(&user, group.bare).or_else(|| number(&address.uri, group.bare));
    }
    let mut texts = Vec::new();
    sip::numbers(user_of(value).as_bytes(), &mut texts);
    texts.iter().find_map(|text| Number::read_as(text, group.bare))
}

/// What stands between the scheme of an address, if there is one, and what ends its user part.
fn user_of(value: &str) -> &str {
    let behind = ["sip:", "sips:", "tel:"]
        .iter()
        .find_map(|scheme| {
            let at = value.as_bytes().windows(scheme.len()).position(|w| w.eq_ignore_ascii_case(scheme.as_bytes()))?;
            value.get(at + scheme.len()..)
        })
        .unwrap_or(value);
    behind.split(['@', ';', '>', ':']).next().unwrap_or("")
}
