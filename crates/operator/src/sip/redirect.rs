//! The redirect server: each request is answered from memory, with a final answer, at once. Nothing is kept of a call.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use kernel::Timestamp;
use screen::Action;
use sip::{Answer, Loose, Name, Peek, Refusal, Request, Scrap, TagKey, Uri, to_tag};

use super::called::Called;
use super::config::{BadForm, Clean, Config, Label, Peer};
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

    /// Writes the answer to one message into `out`, which stays empty where there is none to send; gives where it goes
    /// over UDP.
    pub(crate) fn answer(
        &self,
        memory: &mut Memory,
        bytes: &[u8],
        source: SocketAddr,
        at: Timestamp,
        out: &mut Vec<u8>,
    ) -> SocketAddr {
        out.clear();
        let began = Instant::now();
        Counters::add(&self.counters.received);
        let refusal = match Peek::scan(bytes) {
            Ok(peek) => {
                let Some(method) = peek.method() else {
                    Counters::add(&self.counters.scrap);
                    return source;
                };
                // An ACK is never answered, whatever is wrong with it.
                if method == "ACK" {
                    return source;
                }
                match peek.request() {
                    Ok(request) => {
                        let reply = Reply { redirect: self, peek: &peek, source, tag: OnceCell::new() };
                        self.request(memory, &reply, &request, at, began, out);
                        Counters::add(&self.counters.answered);
                        return sip::reply_address(&request.via, source);
                    }
                    Err(refusal) => refusal,
                }
            }
            Err(Scrap::KeepAlive) => return source,
            Err(scrap) => Refusal { status: 400, why: why(scrap) },
        };
        self.answer_loose(memory, bytes, source, refusal, (at, began), out)
    }

    /// Answers a request whose form is broken: its caller is judged by what can be read, then its form is refused. Bytes that
    /// are no request, and what nobody could take an answer to, are dropped.
    pub(crate) fn answer_loose(
        &self,
        memory: &mut Memory,
        bytes: &[u8],
        source: SocketAddr,
        refusal: Refusal,
        (at, began): (Timestamp, Instant),
        out: &mut Vec<u8>,
    ) -> SocketAddr {
        out.clear();
        let loose = Loose::read(bytes).filter(|loose| !loose.method.eq_ignore_ascii_case("ACK"));
        let Some((loose, target)) = loose.and_then(|loose| loose.reply_address(source).map(|target| (loose, target)))
        else {
            Counters::add(&self.counters.scrap);
            return source;
        };
        Counters::add(&self.counters.answered);
        let refuse = |out: &mut Vec<u8>, (status, phrase): (u16, &str), lines: &[&str]| {
            loose.answer(out, source, (status, phrase), lines, &self.tags);
        };
        if !loose.method.eq_ignore_ascii_case("INVITE") {
            Counters::add(&self.counters.refused);
            refuse(out, (refusal.status, refusal.why), &[]);
            return target;
        }
        let plain = |status: u16| (status, sip::status::phrase(status));
        let called = self.decider.called_loosely(&loose);
        let help = called.asks_for_help();
        let key = loose.tag(&self.tags);
        if let Err(wait_seconds) = self.peers.take(source.ip(), at)
            && !help
        {
            Counters::add(&self.counters.over_limit);
            let peer = self.config().peer(source.ip());
            let stop = peer.and_then(|peer| {
                let known = memory.find(key, at).filter(|action| action.stops());
                known.or_else(|| self.decider.stopped_at_once_loose(&loose, peer, at))
            });
            match stop {
                Some(stop) => {
                    let (status, lines) = self.outcome(stop, None, None);
                    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
                    refuse(out, plain(status), &lines);
                }
                None => refuse(out, plain(503), &[&format!("Retry-After: {}\r\n", wait_seconds.min(60))]),
            }
            return target;
        }
        let action = match (self.config().peer(source.ip()), memory.find(key, at)) {
            (None, _) if called.helps() => Some(Action::Pass),
            (None, None) if help => {
                let decided = self.decider.decide_loose(Front::SipRedirect, &loose, Peer::in_need(), at, began);
                decided.map(|decided| decided.decision.action)
            }
            (None, _) => {
                refuse(out, plain(403), &[]);
                return target;
            }
            (_, Some(action)) => {
                Counters::add(&self.counters.repeated);
                Some(action)
            }
            (Some(peer), None) => {
                let decided = self.decider.decide_loose(Front::SipRedirect, &loose, peer, at, began);
                decided.map(|decided| {
                    let action = decided.decision.action;
                    memory.keep(key, at, action);
                    Counters::add(&self.counters.decided);
                    if action.stops() {
                        Counters::add(&self.counters.stopped);
                    }
                    action
                })
            }
        };
        // No dialog is ever made here; see `invite`.
        let within = loose.is_within_dialog() && !help;
        let goes_on = help || (!within && self.config().settings.bad_form == BadForm::Decide);
        match action.filter(|action| action.stops() || goes_on) {
            Some(action) => {
                let uri = loose.uri.and_then(Uri::parse);
                let label = match action {
                    Action::Label(id) => self.decider.label(id),
                    _ => None,
                };
                let (status, lines) = self.outcome(action, uri, label.as_deref());
                let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
                refuse(out, plain(status), &lines);
            }
            None if within => refuse(out, plain(481), &[]),
            None => {
                Counters::add(&self.counters.refused);
                refuse(out, (refusal.status, refusal.why), &[]);
            }
        }
        target
    }

    /// What an action is answered, and the header lines of the answer.
    fn outcome(&self, action: Action, uri: Option<Uri<'_>>, label: Option<&Label>) -> (u16, Vec<Cow<'_, str>>) {
        let lines = &self.lines;
        let of = |status, lines: &[&'_ String]| {
            (status, lines.iter().filter(|line| !line.is_empty()).map(|line| Cow::Owned((*line).clone())).collect())
        };
        match action {
            Action::Pass | Action::Monitor | Action::Label(_) => {
                let status = self.clean_status();
                let mut out = Vec::new();
                if status == 302 {
                    out.push(Cow::Owned(format!("Contact: {}\r\n", self.onward(uri, label).concat())));
                }
                out.extend(label.map(|label| Cow::Owned(format!("Call-Info: {}\r\n", label.call_info))));
                (status, out)
            }
            Action::Announce if !lines.announce.is_empty() => of(302, &[&lines.announce]),
            Action::Challenge if !lines.challenge.is_empty() => of(302, &[&lines.challenge]),
            Action::Reject608 => of(608, &[&lines.rejected, &lines.redress]),
            // Without an announcement to divert to, the caller is at least told no.
            Action::Reject603 | Action::Announce | Action::Challenge => of(603, &[&lines.declined, &lines.redress]),
        }
    }

    fn clean_status(&self) -> u16 {
        match self.config().settings.clean {
            Clean::NotFound => 404,
            Clean::Unavailable => 503,
            Clean::Onward => 302,
        }
    }

    /// The parts of the Contact that a clean call is sent on to.
    fn onward<'a>(&'a self, uri: Option<Uri<'a>>, label: Option<&'a Label>) -> [&'a str; 6] {
        let display = label.map_or("", |label| &label.display);
        match uri.and_then(|uri| uri.user) {
            Some(user) => [display, "<sip:", user, "@", &self.config().onward, ">"],
            None => [display, "<sip:", "", "", &self.config().onward, ">"],
        }
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
        // A call for help is let through however busy its peer is.
        if let Err(wait_seconds) = self.peers.take(reply.source.ip(), at)
            && !(request.method == "INVITE" && self.called(reply.peek, request).asks_for_help())
        {
            Counters::add(&self.counters.over_limit);
            // Whoever takes "no time" for leave to go on must not do so with a stopped caller.
            if request.method == "INVITE"
                && let Some(peer) = self.config().peer(reply.source.ip())
                && let Some(stop) = {
                    let known = memory.find(reply.tag(), at).filter(|action| action.stops());
                    known.or_else(|| self.decider.stopped_at_once(reply.peek, request, peer, at))
                }
            {
                return reply.act(stop, request, out);
            }
            let mut answer = reply.begin(503, out);
            answer.header("Retry-After", &wait_seconds.min(60).to_string());
            return answer.end();
        }
        // An INVITE is judged first: see `invite`.
        if request.method != "INVITE"
            && request.method != "CANCEL"
            && let Some(unknown) = unknown_extensions(reply.peek)
        {
            return reply.unsupported(&unknown, out);
        }
        match request.method {
            "OPTIONS" if request.to.tag().is_some() => reply.plain(481, out),
            "INVITE" => self.invite(memory, reply, request, at, began, out),
            "CANCEL" => {
                // The INVITE has had its final answer by now, so cancelling it changes nothing (RFC 3261 §9.2).
                let known = memory.find(reply.tag(), at).is_some();
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
        let key = reply.tag();
        let called = || self.called(reply.peek, request);
        // Strangers are refused, but nobody is kept from calling for help.
        let peer = match self.config().peer(reply.source.ip()) {
            Some(peer) => peer,
            None if called().helps() => return reply.act(Action::Pass, request, out),
            None if called().asks_for_help() => Peer::in_need(),
            None => return reply.plain(403, out),
        };
        let action = match memory.find(key, at) {
            Some(action) => {
                Counters::add(&self.counters.repeated);
                action
            }
            None => {
                let decided = self.decider.decide(Front::SipRedirect, reply.peek, request, peer, at, began);
                memory.keep(key, at, decided.decision.action);
                Counters::add(&self.counters.decided);
                if decided.decision.action.stops() {
                    Counters::add(&self.counters.stopped);
                }
                decided.decision.action
            }
        };
        // Within a dialog there is nothing of ours: no dialog is ever made here. Whoever asks is told so only after he was judged,
        // since his next hop may put up with a tag that it does not know.
        if request.to.tag().is_some() && !action.stops() && !called().asks_for_help() {
            return reply.plain(481, out);
        }
        if reply.peek.require.is_some()
            && !action.stops()
            && self.config().settings.bad_form == BadForm::Refuse
            && !called().asks_for_help()
            && let Some(unknown) = unknown_extensions(reply.peek)
        {
            Counters::add(&self.counters.refused);
            return reply.unsupported(&unknown, out);
        }
        reply.act(action, request, out);
    }

    fn called(&self, peek: &Peek<'_>, request: &Request<'_>) -> Called {
        self.decider.called(peek, request)
    }
}

/// The extensions that a request requires and that are not known here, as Unsupported names them.
fn unknown_extensions(peek: &Peek<'_>) -> Option<String> {
    peek.require.filter(|required| !required.is_empty())?;
    let known = |tag: &str| UNDERSTOOD.iter().any(|u| u.eq_ignore_ascii_case(tag));
    let unknown: Vec<&str> = peek.values(Name::Require).filter(|tag| !known(tag)).collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}

/// Why bytes that could not be scanned are refused.
const fn why(scrap: Scrap) -> &'static str {
    match scrap {
        Scrap::TooLarge => "Bad Request: too large",
        Scrap::Unfinished => "Bad Request: the head does not end",
        Scrap::NotUtf8 => "Bad Request: not UTF-8",
        Scrap::KeepAlive | Scrap::NotSip | Scrap::NoVia => "Bad Request",
    }
}

/// An answer to one request on its way.
struct Reply<'r, 'b> {
    redirect: &'r Redirect,
    peek: &'r Peek<'b>,
    source: SocketAddr,
    /// The tag of the answer, which is also what names the call in the memory of answers.
    tag: OnceCell<u64>,
}

impl Reply<'_, '_> {
    fn begin<'o>(&self, status: u16, out: &'o mut Vec<u8>) -> Answer<'o> {
        Answer::begin_tagged(out, self.peek, self.source, (status, sip::status::phrase(status)), || self.tag())
    }

    fn tag(&self) -> u64 {
        *self.tag.get_or_init(|| to_tag(self.peek, &self.redirect.tags))
    }

    fn plain(&self, status: u16, out: &mut Vec<u8>) {
        self.begin(status, out).end();
    }

    fn allow(&self, status: u16, out: &mut Vec<u8>) {
        let mut answer = self.begin(status, out);
        answer.header("Allow", ALLOW);
        answer.end();
    }

    fn unsupported(&self, unknown: &str, out: &mut Vec<u8>) {
        let mut answer = self.begin(420, out);
        answer.header("Unsupported", unknown);
        answer.end();
    }

    /// Answers an INVITE as the action says.
    fn act(&self, action: Action, request: &Request<'_>, out: &mut Vec<u8>) {
        let lines = &self.redirect.lines;
        match action {
            Action::Pass | Action::Monitor => self.clean(request, None, out),
            Action::Label(id) => self.clean(request, self.redirect.decider.label(id).as_deref(), out),
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
    fn clean(&self, request: &Request<'_>, label: Option<&Label>, out: &mut Vec<u8>) {
        let status = self.redirect.clean_status();
        let mut answer = self.begin(status, out);
        if status == 302 {
            answer.header_of("Contact", &self.redirect.onward(Some(request.uri), label));
        }
        if let Some(label) = label {
            answer.header("Call-Info", &label.call_info);
        }
        answer.end();
    }
}

/// What a transport needs of the server.
pub(crate) type Shared = Arc<Redirect>;

#[cfg(test)]
mod tests {
    use kernel::Clock;
    use screen::{LabelId, Screen};
    use sip::{Message, parse};

    use super::super::config::Settings;
    use super::*;
    use crate::screening::Screening;

    const INVITE: &str = "INVITE sip:+8613900139000@sbc.example.cn;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nFrom: <sip:+8613800138000@a>;tag=1\r\nTo: <sip:+8613900139000@a>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n";

    /// The answer to an action under these settings.
    fn act(settings: Settings, action: Action) -> Message {
        let config = Arc::new(settings.check().unwrap());
        let (screening, _events) = Screening::new(Arc::new(Screen::new()), Clock::system());
        let (wanted, _) = tokio::sync::mpsc::channel(1);
        let decider = Decider { config, screening, certificates: None, wanted };
        let redirect = Redirect::new(decider, Peers::new(0, 0), TagKey::new([1; 16]));
        let peek = Peek::scan(INVITE.as_bytes()).unwrap();
        let reply =
            Reply { redirect: &redirect, peek: &peek, source: "192.0.2.1:5060".parse().unwrap(), tag: OnceCell::new() };
        let mut out = Vec::new();
        reply.act(action, &peek.request().unwrap(), &mut out);
        let message = parse(&out).unwrap();
        // The proxy answers the same.
        if action.stops() {
            let (status, lines) = redirect.stop_answer(action);
            assert_eq!(Some(status), message.status());
            assert!(lines.iter().all(|(name, value)| message.get(*name) == Some(value)), "{lines:?}");
        }
        message
    }

    #[test]
    fn each_action_has_its_answer() {
        let full = || Settings {
            announcement: Some("sip:stopped@announce.example.cn".into()),
            challenge: Some("sip:prove@challenge.example.cn".into()),
            redress_card: Some("https://appeal.example.cn/card".into()),
            ..Settings::default()
        };
        let seen = |settings: Settings, action| {
            let message = act(settings, action);
            (
                message.status().unwrap(),
                message.get(Name::Contact).map(str::to_owned),
                message.get(Name::CallInfo).map(str::to_owned),
            )
        };
        let card = || Some("<https://appeal.example.cn/card>;purpose=jwscard".to_owned());
        assert_eq!(seen(full(), Action::Pass), (404, None, None));
        assert_eq!(seen(full(), Action::Monitor), (404, None, None), "whoever is watched does not learn of it");
        assert_eq!(seen(full(), Action::Announce), (302, Some("<sip:stopped@announce.example.cn>".into()), None));
        assert_eq!(seen(full(), Action::Challenge), (302, Some("<sip:prove@challenge.example.cn>".into()), None));
        assert_eq!(seen(full(), Action::Reject603), (603, None, card()));
        assert_eq!(seen(full(), Action::Reject608), (608, None, card()));
        let label = Some("<data:,>;purpose=info;call-reason=\"疑似诈骗\"".to_owned());
        assert_eq!(seen(full(), Action::Label(LabelId::SCAM)), (404, None, label.clone()));
        let onward = Settings { clean: Clean::Onward, onward: Some("next.example.cn".into()), ..full() };
        assert_eq!(
            seen(onward, Action::Label(LabelId::SCAM)),
            (302, Some("\"疑似诈骗\"<sip:+8613900139000@next.example.cn>".into()), label)
        );
    }

    #[test]
    fn what_is_not_configured_is_replaced_by_what_still_stops_the_call() {
        let status = |settings: Settings, action| act(settings, action).status().unwrap();
        assert_eq!(status(Settings::default(), Action::Announce), 603);
        assert_eq!(status(Settings::default(), Action::Challenge), 603);
        let announced =
            || Settings { announcement: Some("sip:stopped@announce.example.cn".into()), ..Settings::default() };
        let message = act(announced(), Action::Challenge);
        assert_eq!(
            (message.status(), message.get(Name::Contact)),
            (Some(302), Some("<sip:stopped@announce.example.cn>"))
        );
    }
}
