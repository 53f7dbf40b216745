//! From a checked request to a decision: who calls whom, from where, with what attestation.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::RwLock;
use std::time::Instant;

use kernel::Timestamp;
use screen::{Attestation, AttestationFailure, CallAttempt, Caller, Decision, LabelId, Number, Trunk};
use sip::passport::{Attest, Call, Certificates, ChainFault, Fault, Outcome, Token, date_seconds, verify};
use sip::{Name, NameAddr, Peek, Request, Scheme, Uri};
use tokio::sync::mpsc;

use super::config::{Config, Label, Peer};
use crate::screening::{CallEvent, CallKey, Event, Front, Hidden, Screening};

/// Identity values looked at in one request; a call carries one, or two where it was diverted.
const IDENTITIES_MAX: usize = 4;
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
    pub(crate) fn trunk(&self, peer: Peer, peek: &Peek<'_>) -> Trunk {
        if !peer.relay {
            return peer.trunk;
        }
        let header = Name::Other(&self.config.settings.trunk_header);
        let named = peek.headers().find(|(name, _)| name.is(header)).and_then(|(_, value)| value.parse().ok());
        named.and_then(|id| self.config.trunk(id)).unwrap_or(peer.trunk)
    }

    /// The number that a request calls.
    pub(crate) fn callee(request: &Request<'_>) -> Option<Number> {
        number(&request.uri).or_else(|| number(&request.to.uri))
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
        let trunk = self.trunk(peer, peek);
        let presented = presented(peek, request, peer.asserted);
        let user = presented.user_text().unwrap_or_default();
        let mut caller = Caller::read(&user);
        if presented.scheme == Scheme::Tel || presented.user.is_some_and(|user| user.contains(';')) {
            caller.number = number(&presented).or(caller.number);
        }
        let callee = Self::callee(request);
        let attestation = self.attestation(peek, caller.number, callee, at);
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

    /// What the PASSporT of a request says. A token whose certificate is not in memory counts as none, and has it fetched.
    fn attestation(
        &self,
        peek: &Peek<'_>,
        caller: Option<Number>,
        callee: Option<Number>,
        at: Timestamp,
    ) -> Attestation {
        let (Some(_), Some(certificates)) = (peek.identity, &self.certificates) else { return Attestation::None };
        let digits = |number: Option<Number>| {
            number.map_or_else(String::new, |n| n.to_string().trim_start_matches('+').to_owned())
        };
        let (caller, callee) = (digits(caller), digits(callee));
        let now_seconds = at.0.div_euclid(1_000_000);
        let call =
            Call { caller: &caller, callee: &callee, date_seconds: peek.date.and_then(date_seconds), now_seconds };
        let Ok(certificates) = certificates.read() else { return Attestation::None };
        let mut found = Attestation::None;
        for value in peek.values(Name::Identity).take(IDENTITIES_MAX) {
            let outcome = match Token::parse(value) {
                // A token about the diversion of a call says nothing about its caller.
                Ok(token) if token.ppt.is_some_and(|ppt| ppt != "shaken") => continue,
                Ok(token) => verify(&token, &call, &certificates),
                Err(fault) => Outcome::Failed(fault),
            };
            match outcome {
                Outcome::Verified(attest) => {
                    return match attest {
                        Attest::A | Attest::Plain => Attestation::A,
                        Attest::B => Attestation::B,
                        Attest::C => Attestation::C,
                    };
                }
                Outcome::CertificateMissing(url) => drop(self.wanted.try_send(url.to_owned())),
                // That a certificate could not be had is the host's failure, and no sign of forging.
                Outcome::Failed(Fault::Certificate(ChainFault::NotFetched)) => {}
                Outcome::Failed(fault) => {
                    found = Attestation::Failed(match fault {
                        Fault::Malformed => AttestationFailure::Malformed,
                        Fault::Stale => AttestationFailure::Stale,
                        Fault::Caller | Fault::Callee => AttestationFailure::OtherNumbers,
                        Fault::Signature => AttestationFailure::Signature,
                        Fault::Certificate(_) => AttestationFailure::Certificate,
                    });
                }
            }
        }
        found
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

/// The number that an address stands for, its parameters (`phone-context`) taken into account.
fn number(uri: &Uri<'_>) -> Option<Number> {
    let user = uri.user?;
    if uri.scheme == Scheme::Tel {
        return Number::read(uri.as_str());
    }
    if user.contains('%') { Number::read(&uri.user_text()?) } else { Number::read(user) }
}
