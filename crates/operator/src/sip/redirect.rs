//! The redirect server: each request is answered from memory, with a final answer, at once. Nothing is kept of a call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use kernel::Timestamp;
use screen::Action;
use sip::{Answer, Name, Peek, Refusal, Request, Scrap, TagKey, Uri, to_tag};

use super::config::{Clean, Config};
use super::decide::Decider;
use super::memory::Memory;
use super::peers::Peers;
use crate::screening::Front;

/// Methods that the redirect server knows, for Allow.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, OPTIONS";
/// Extensions that a request may require of us: they govern answers that this server never gives, or the call behind it.
const UNDERSTOOD: [&str; 14] = [
    "100rel",
    "timer",
    "precondition",
    "replaces",
    "histinfo",
    "norefersub",
    "early-session",
    "199",
    "outbound",
    "path",
    "gruu",
    "from-change",
    "privacy",
    "tdialog",
];

/// Counts of a front since its start.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages that came in.
    pub received: AtomicU64,
    /// Answers that went out.
    pub answered: AtomicU64,
    /// Bytes that are no SIP, or nothing to answer to.
    pub scrap: AtomicU64,
    /// Requests refused for their form.
    pub refused: AtomicU64,
    /// Requests of peers beyond their limit.
    pub over_limit: AtomicU64,
    /// INVITEs seen before.
    pub repeated: AtomicU64,
    /// INVITEs decided.
    pub decided: AtomicU64,
    /// INVITEs stopped.
    pub stopped: AtomicU64,
    /// Connections refused beyond the limit.
    pub connections_refused: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Each count with its name.
    pub fn all(&self) -> [(&'static str, u64); 9] {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("received", read(&self.received)),
            ("answered", read(&self.answered)),
            ("scrap", read(&self.scrap)),
            ("refused", read(&self.refused)),
            ("over_limit", read(&self.over_limit)),
            ("repeated", read(&self.repeated)),
            ("decided", read(&self.decided)),
            ("stopped", read(&self.stopped)),
            ("connections_refused", read(&self.connections_refused)),
        ]
    }
}

/// What all threads of the redirect server share.
pub(crate) struct Redirect {
    pub(crate) decider: Decider,
    pub(crate) peers: Peers,
    pub(crate) tags: TagKey,
    pub(crate) counters: Counters,
    lines: Lines,
}

/// Header lines that are the same for every call, written once.
struct Lines {
    announce: String,
    challenge: String,
    rejected: String,
    declined: String,
    redress: String,
}

impl Redirect {
    pub(crate) fn new(decider: Decider, peers: Peers, tags: TagKey) -> Self {
        let settings = &decider.config.settings;
        let contact =
            |address: &Option<String>| address.as_ref().map_or_else(String::new, |uri| format!("Contact: <{uri}>\r\n"));
        let announce = contact(&settings.announcement);
        // Who has no challenge says at least why the call is not put through.
        let challenge = settings.challenge.as_ref().map_or_else(|| announce.clone(), |_| contact(&settings.challenge));
        let redress = settings
            .redress_card
            .as_ref()
            .map_or_else(String::new, |url| format!("Call-Info: {}\r\n", sip::redress::call_info(url)));
        let rejected = format!("Reason: {}\r\n", sip::status::reason(608, "Rejected"));
        let declined = format!("Reason: {}\r\n", sip::status::reason(603, "Decline"));
        Self {
            decider,
            peers,
            tags,
            counters: Counters::default(),
            lines: Lines { announce, challenge, rejected, declined, redress },
        }
    }

    fn config(&self) -> &Config {
        &self.decider.config
    }

    /// What a stopped call is answered, for a front that writes its answers otherwise.
    pub(crate) fn stop_answer(&self, action: Action) -> (u16, Vec<(Name<'static>, String)>) {
        let settings = &self.config().settings;
        let moved = |address: &String| (302, vec![(Name::Contact, format!("<{address}>"))]);
        let declined = |status: u16| {
            let reason = sip::status::reason(status, sip::status::phrase(status));
            let card = settings.redress_card.as_ref().map(|url| (Name::CallInfo, sip::redress::call_info(url)));
            (status, [(Name::Reason, reason)].into_iter().chain(card).collect())
        };
        match action {
            Action::Challenge => {
                settings.challenge.as_ref().or(settings.announcement.as_ref()).map_or_else(|| declined(603), moved)
            }
            Action::Announce => settings.announcement.as_ref().map_or_else(|| declined(603), moved),
            Action::Reject608 => declined(608),
            _ => declined(603),
        }
    }

    /// Writes the answer to one message into `out`, which stays empty where there is none to send.
    pub(crate) fn answer(
        &self,
        memory: &mut Memory,
        bytes: &[u8],
        source: SocketAddr,
        at: Timestamp,
        out: &mut Vec<u8>,
    ) {
        out.clear();
        let began = Instant::now();
        Counters::add(&self.counters.received);
        let peek = match Peek::scan(bytes) {
            Ok(peek) => peek,
            Err(Scrap::KeepAlive) => return,
            Err(_) => return Counters::add(&self.counters.scrap),
        };
        let Some(method) = peek.method() else { return Counters::add(&self.counters.scrap) };
        // An ACK is never answered, whatever is wrong with it.
        if method == "ACK" {
            return;
        }
        let reply = Reply { redirect: self, peek: &peek, source };
        match peek.request() {
            Err(refusal) => {
                Counters::add(&self.counters.refused);
                reply.refuse(refusal, out);
            }
            Ok(request) => self.request(memory, &reply, &request, at, began, out),
        }
        Counters::add(&self.counters.answered);
    }

    fn request(
        &self,
        memory: &mut Memory,
        reply: &Reply<'_, '_>,
        request: &Request<'_>,
        at: Timestamp,
        began: Instant,
        out: &mut Vec<u8>,
    ) {
        let helps = || Decider::callee(request).is_some_and(|number| number.is_emergency() || number.is_warning_line());
        // A call for help is let through however busy its peer is.
        if let Err(wait_seconds) = self.peers.take(reply.source.ip(), at)
            && !(request.method == "INVITE" && helps())
        {
            Counters::add(&self.counters.over_limit);
            let mut answer = reply.begin(503, out);
            answer.header("Retry-After", &wait_seconds.min(60).to_string());
            return answer.end();
        }
        if let Some(required) = reply.peek.require {
            let unknown: Vec<&str> = reply
                .peek
                .values(Name::Require)
                .filter(|tag| !UNDERSTOOD.iter().any(|u| u.eq_ignore_ascii_case(tag)))
                .collect();
            if !unknown.is_empty() && request.method != "CANCEL" && !required.is_empty() {
                let mut answer = reply.begin(420, out);
                answer.header("Unsupported", &unknown.join(", "));
                return answer.end();
            }
        }
        match request.method {
            // Within a dialog there is nothing of ours: no dialog is ever made here.
            "INVITE" | "OPTIONS" if request.to.tag().is_some() => reply.plain(481, out),
            "INVITE" => self.invite(memory, reply, request, at, began, out),
            "CANCEL" => {
                // The INVITE has had its final answer by now, so cancelling it changes nothing (RFC 3261 §9.2).
                let known = memory.find(to_tag(reply.peek, &self.tags), at).is_some();
                reply.plain(if known { 200 } else { 481 }, out);
            }
            "OPTIONS" => {
                let mut answer = reply.begin(200, out);
                answer.header("Allow", ALLOW);
                answer.header("Accept", "application/sdp");
                answer.end();
            }
            "BYE" | "UPDATE" | "INFO" | "PRACK" | "NOTIFY" => reply.plain(481, out),
            "REGISTER" | "SUBSCRIBE" | "PUBLISH" | "MESSAGE" | "REFER" => reply.allow(405, out),
            _ => reply.allow(501, out),
        }
    }

    fn invite(
        &self,
        memory: &mut Memory,
        reply: &Reply<'_, '_>,
        request: &Request<'_>,
        at: Timestamp,
        began: Instant,
        out: &mut Vec<u8>,
    ) {
        let Some(peer) = self.config().peer(reply.source.ip()) else { return reply.plain(403, out) };
        let key = to_tag(reply.peek, &self.tags);
        if let Some(action) = memory.find(key, at) {
            Counters::add(&self.counters.repeated);
            return reply.act(action, request, out);
        }
        let decided = self.decider.decide(Front::SipRedirect, reply.peek, request, peer, at, began);
        memory.keep(key, at, decided.decision.action);
        Counters::add(&self.counters.decided);
        if decided.decision.action.stops() {
            Counters::add(&self.counters.stopped);
        }
        reply.act(decided.decision.action, request, out);
    }
}

/// An answer to one request on its way.
struct Reply<'r, 'b> {
    redirect: &'r Redirect,
    peek: &'r Peek<'b>,
    source: SocketAddr,
}

impl Reply<'_, '_> {
    fn begin<'o>(&self, status: u16, out: &'o mut Vec<u8>) -> Answer<'o> {
        Answer::begin(out, self.peek, self.source, (status, sip::status::phrase(status)), &self.redirect.tags)
    }

    fn plain(&self, status: u16, out: &mut Vec<u8>) {
        self.begin(status, out).end();
    }

    fn allow(&self, status: u16, out: &mut Vec<u8>) {
        let mut answer = self.begin(status, out);
        answer.header("Allow", ALLOW);
        answer.end();
    }

    fn refuse(&self, refusal: Refusal, out: &mut Vec<u8>) {
        Answer::begin(out, self.peek, self.source, (refusal.status, refusal.why), &self.redirect.tags).end();
    }

    /// Answers an INVITE as the action says.
    fn act(&self, action: Action, request: &Request<'_>, out: &mut Vec<u8>) {
        let lines = &self.redirect.lines;
        match action {
            Action::Pass | Action::Monitor => self.clean(request, None, out),
            Action::Label(id) => self.clean(request, self.redirect.config().label(id), out),
            Action::Announce if !lines.announce.is_empty() => self.with(302, &[&lines.announce], out),
            Action::Challenge if !lines.challenge.is_empty() => self.with(302, &[&lines.challenge], out),
            Action::Reject608 => self.with(608, &[&lines.rejected, &lines.redress], out),
            // Without an announcement to divert to, the caller is at least told no.
            Action::Reject603 | Action::Announce | Action::Challenge => {
                self.with(603, &[&lines.declined, &lines.redress], out)
            }
        }
    }

    fn with(&self, status: u16, lines: &[&str], out: &mut Vec<u8>) {
        let mut answer = self.begin(status, out);
        for line in lines {
            answer.lines(line);
        }
        answer.end();
    }

    /// Lets a call through: the configured answer, with the label where there is one.
    fn clean(&self, request: &Request<'_>, label: Option<&super::config::Label>, out: &mut Vec<u8>) {
        let config = self.redirect.config();
        let status = match config.settings.clean {
            Clean::NotFound => 404,
            Clean::Unavailable => 503,
            Clean::Onward => 302,
        };
        let mut answer = self.begin(status, out);
        if status == 302 {
            let display = label.map_or("", |label| &label.display);
            let Uri { user, .. } = request.uri;
            match user {
                Some(user) => answer.header_of("Contact", &[display, "<sip:", user, "@", &config.onward, ">"]),
                None => answer.header_of("Contact", &[display, "<sip:", &config.onward, ">"]),
            }
        }
        if let Some(label) = label {
            answer.header("Call-Info", &label.call_info);
        }
        answer.end();
    }
}

/// What a transport needs of the server.
pub(crate) type Shared = Arc<Redirect>;
