//! The proxy without sockets: messages and moments go in, messages and events come out.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use kernel::{Duration, Timestamp};
use screen::{Action, CallOutcome, Number};
use sip::{Bad, Message, Name, Peek, Start, Uri};

use super::super::config::Peer;
use super::super::redirect::{Counters, Redirect};
use super::Ours;
use super::parts::{
    Call, Client, ClientState, GIVE_UP_US, Hop, Leg, Progress, RING_US, Server, ServerKey, ServerState, T1_US, T4_US,
    Transport,
};
use super::registry::Change;
use crate::screening::{CallEnd, Event, Front};

/// Methods that the proxy passes on within a call.
const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, PRACK, REFER, NOTIFY";

/// A message to send.
pub(crate) struct Send {
    pub(crate) hop: Hop,
    pub(crate) bytes: Vec<u8>,
}

/// What is due at a moment. A timer that has lost its meaning finds nothing, and does nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    ClientAgain(u64),
    ClientGiveUp(u64),
    ClientRing(u64),
    ClientForget(u64),
    ClientNext(u64),
    ServerAgain(u64),
    ServerForget(u64),
    CallIdle(u64),
}

/// The state of the proxy.
pub(crate) struct Core {
    pub(super) shared: Arc<Redirect>,
    ours: Ours,
    next_hop: Transport,
    /// Addresses of the next hop, the first to be tried first.
    addresses: Vec<SocketAddr>,
    /// Addresses that did not answer, and until when they are tried last.
    pub(super) silent: HashMap<SocketAddr, Timestamp>,
    pub(super) servers: HashMap<ServerKey, Server>,
    pub(super) server_numbers: HashMap<u64, ServerKey>,
    pub(super) clients: HashMap<u64, Client>,
    pub(super) calls: HashMap<u64, Call>,
    dialogs: HashMap<(String, String), u64>,
    pub(super) lines: HashMap<Number, HashSet<u64>>,
    pub(super) timers: BTreeMap<(i64, u64), Timer>,
    counter: u64,
    pub(super) out: Vec<Send>,
    /// Changes of calls since they were last written down.
    pub(super) changes: Vec<Change>,
}

/// A call for help whose form is broken, made well-formed; nothing for any other request.
fn mended_for_help(bytes: &[u8], shared: &Redirect) -> Option<(Vec<u8>, Message)> {
    let loose = sip::Loose::read(bytes).filter(|loose| loose.method == "INVITE")?;
    if !shared.decider.called_loosely(&loose).helps() {
        return None;
    }
    let mended = sip::mend(bytes, &shared.tags)?;
    let message = sip::parse(&mended).ok()?;
    Some((mended, message))
}

impl Core {
    pub(crate) fn new(shared: Arc<Redirect>, ours: Ours, next_hop: Transport) -> Self {
        Self {
            shared,
            ours,
            next_hop,
            addresses: Vec::new(),
            silent: HashMap::new(),
            servers: HashMap::new(),
            server_numbers: HashMap::new(),
            clients: HashMap::new(),
            calls: HashMap::new(),
            dialogs: HashMap::new(),
            lines: HashMap::new(),
            timers: BTreeMap::new(),
            counter: 0,
            out: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// What is to be sent since the last call.
    pub(crate) fn take(&mut self) -> Vec<Send> {
        std::mem::take(&mut self.out)
    }

    /// When [`Core::tick`] has something to do.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.timers.first_key_value().map(|((at, _), _)| Timestamp(*at))
    }

    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(super) fn arm(&mut self, at: Timestamp, timer: Timer) {
        let number = self.number();
        self.timers.insert((at.0, number), timer);
    }

    pub(super) fn send(&mut self, hop: Hop, message: &Message) {
        self.out.push(Send { hop, bytes: message.to_bytes() });
    }

    /// Our Record-Route towards the caller: requests within the call come back through us.
    fn record_route(&self) -> String {
        format!("<sip:{};lr>", self.ours.advertised)
    }

    /// Our Record-Route towards the callee, where another transport leads there (RFC 5658 §3).
    fn record_route_onward(&self) -> Option<String> {
        match (self.next_hop, &self.ours.advertised_tls) {
            (Transport::Udp, _) => None,
            (Transport::Tls, Some(advertised)) => Some(format!("<sip:{advertised};transport=tls;lr>")),
            (Transport::Tcp | Transport::Tls, _) => Some(format!("<sip:{};transport=tcp;lr>", self.ours.advertised)),
        }
    }

    /// Whether a value of Record-Route or Route is ours.
    pub(super) fn is_our_route(&self, value: &str) -> bool {
        sip::NameAddr::parse(value).is_some_and(|route| self.is_us(&route.uri))
    }

    /// Takes the addresses of the next hop as they are known now.
    pub(crate) fn use_addresses(&mut self, addresses: Vec<SocketAddr>) {
        self.addresses = addresses;
    }

    /// The ways to the next hop, in the order in which they are tried.
    fn ways(&mut self, at: Timestamp) -> Vec<Hop> {
        self.silent.retain(|_, until| *until > at);
        let mut addresses = self.addresses.clone();
        addresses.sort_by_key(|address| self.silent.contains_key(address));
        let hop = |address| match self.next_hop {
            Transport::Udp => Hop::Udp(address),
            transport => Hop::Out(transport, address),
        };
        addresses.into_iter().map(hop).collect()
    }

    /// A branch of ours: nobody outside can name one that we did not send.
    fn branch(&self, client: u64) -> String {
        let check = self.shared.tags.hash(&["branch", &client.to_string()]);
        format!("{}-{client:x}-{check:016x}", sip::BRANCH_COOKIE)
    }

    pub(super) fn via(&self, client: u64, transport: Transport) -> String {
        let advertised = match (transport, &self.ours.advertised_tls) {
            (Transport::Tls, Some(advertised)) => advertised,
            _ => &self.ours.advertised,
        };
        format!("SIP/2.0/{} {advertised};rport;branch={}", transport.word(), self.branch(client))
    }

    /// The transaction that a response belongs to.
    pub(super) fn client_of(&self, response: &Message) -> Option<u64> {
        let via = response.top_via()?;
        let branch = via.branch()?;
        let client = u64::from_str_radix(branch.split('-').nth(1)?, 16).ok()?;
        (branch == self.branch(client)).then_some(client)
    }

    /// Takes one message.
    pub(crate) fn message(&mut self, bytes: &[u8], hop: Hop, at: Timestamp) {
        let began = Instant::now();
        Counters::add(&self.shared.counters.received);
        match sip::parse(bytes) {
            Ok(message) if message.status().is_some() => self.response(message, at),
            Ok(message) => self.request(message, bytes, hop, at, began),
            Err(Bad::Scrap(sip::Scrap::KeepAlive)) => {}
            Err(bad) => self.broken(bytes, &bad, hop, at, began),
        }
    }

    /// Takes a message whose form is broken. Nobody's call for help is refused for that: what can be read of it goes on.
    fn broken(&mut self, bytes: &[u8], bad: &Bad, hop: Hop, at: Timestamp, began: Instant) {
        if let Some((mended, message)) = mended_for_help(bytes, &self.shared) {
            return self.request(message, &mended, hop, at, began);
        }
        match bad {
            Bad::Scrap(_) => Counters::add(&self.shared.counters.scrap),
            Bad::Refusal(refusal) => {
                Counters::add(&self.shared.counters.refused);
                let Ok(peek) = Peek::scan(bytes) else { return };
                if let Start::Request { method, .. } = peek.start
                    && method != "ACK"
                {
                    let mut answer = Vec::new();
                    sip::Answer::begin(
                        &mut answer,
                        &peek,
                        hop.address(),
                        (refusal.status, refusal.why),
                        &self.shared.tags,
                    )
                    .end();
                    self.out.push(Send { hop: reply_hop(&peek, hop), bytes: answer });
                }
            }
        }
    }

    fn request(&mut self, mut request: Message, bytes: &[u8], hop: Hop, at: Timestamp, began: Instant) {
        let Ok(peek) = Peek::scan(bytes) else { return };
        let hop = reply_hop(&peek, hop);
        let method = request.method().unwrap_or("").to_owned();
        if method == "ACK" {
            return self.ack(request, at);
        }
        let Some(key) = ServerKey::of(&request, &method) else { return };
        if let Some(server) = self.servers.get(&key) {
            if let Some(last) = server.last.clone() {
                self.out.push(Send { hop: server.hop, bytes: last });
            }
            return Counters::add(&self.shared.counters.repeated);
        }
        // What came before us learns where the request came from (§18.2.1).
        received(&mut request, hop);
        if method == "CANCEL" {
            return self.cancel(&request, hop, at);
        }
        let number = self.number();
        let server = Server {
            number,
            request,
            hop,
            invite: method == "INVITE",
            last: None,
            state: ServerState::Proceeding,
            client: None,
            call: None,
            pause_us: T1_US,
        };
        self.servers.insert(key.clone(), server);
        self.server_numbers.insert(number, key.clone());
        let Ok(checked) = peek.request() else { return };
        let status = self.route(&key, &peek, &checked, hop, at, began);
        if let Some((status, lines)) = status {
            self.answer(&key, status, &lines, at);
        }
    }

    /// Forwards a request, or says what to answer it.
    fn route(
        &mut self,
        key: &ServerKey,
        peek: &Peek<'_>,
        checked: &sip::Request<'_>,
        hop: Hop,
        at: Timestamp,
        began: Instant,
    ) -> Option<(u16, Vec<(Name<'static>, String)>)> {
        let refuse = |status: u16| Some((status, Vec::new()));
        let called = self.shared.decider.called(peek, checked);
        let help = called.asks_for_help();
        if let Err(wait_seconds) = self.shared.peers.take(hop.address().ip(), at)
            && !(help && checked.method == "INVITE")
        {
            Counters::add(&self.shared.counters.over_limit);
            return Some((503, vec![(Name::RetryAfter, wait_seconds.min(60).to_string())]));
        }
        if peek.proxy_require.is_some() && !(help && checked.method == "INVITE") {
            return Some((
                420,
                vec![(Name::Unsupported, peek.values(Name::ProxyRequire).collect::<Vec<_>>().join(", "))],
            ));
        }
        if checked.method == "OPTIONS" && checked.to.tag().is_none() {
            return Some((200, vec![(Name::Allow, ALLOW.into())]));
        }
        if checked.max_forwards == Some(0) {
            return refuse(483);
        }
        if checked.to.tag().is_some() {
            let answer = self.within(key, checked, at);
            let is_unknown = answer.as_ref().is_some_and(|(status, _)| *status == 481);
            // A call for help with a tag that nobody knows goes on like a new one.
            if !(is_unknown && help && checked.method == "INVITE") {
                return answer;
            }
        }
        if checked.method != "INVITE" {
            return Some((405, vec![(Name::Allow, ALLOW.into())]));
        }
        let peer = match self.shared.decider.config.peer(hop.address().ip()) {
            Some(peer) => peer,
            None if help => Peer::in_need(),
            None => return refuse(403),
        };
        if self.calls.len() >= self.shared.decider.config.settings.calls_max && !help {
            return Some((503, vec![(Name::RetryAfter, "5".into())]));
        }
        let decided = self.shared.decider.decide(Front::SipProxy, peek, checked, peer, at, began);
        Counters::add(&self.shared.counters.decided);
        if decided.decision.action.stops() {
            Counters::add(&self.shared.counters.stopped);
        }
        let label = match decided.decision.action {
            Action::Pass | Action::Monitor => None,
            Action::Label(id) => self.shared.decider.label(id).map(Cow::into_owned),
            stop => return Some(self.shared.stop_answer(stop)),
        };
        let mut ways = self.ways(at);
        if ways.is_empty() {
            // The name of the next hop has no address yet.
            return Some((503, vec![(Name::RetryAfter, "5".into())]));
        }
        let first = ways.remove(0);
        self.set_up(key, &decided, label.as_ref(), called.helps(), (first, ways), at);
        None
    }

    /// Forwards the first INVITE of a call.
    fn set_up(
        &mut self,
        key: &ServerKey,
        decided: &super::super::decide::Decided,
        label: Option<&super::super::config::Label>,
        help: bool,
        (way, others): (Hop, Vec<Hop>),
        at: Timestamp,
    ) {
        let Some(server) = self.servers.get(key) else { return };
        let (mut request, hop) = (server.request.clone(), server.hop);
        let trying = Message::response_to(&request, 100, None);
        self.send(hop, &trying);
        let from = request.from();
        let from_tag = from.as_ref().and_then(|from| from.tag()).unwrap_or("").to_owned();
        let from_uri = from.map(|from| from.uri.as_str().to_owned());
        let call_id = request.call_id().unwrap_or("").to_owned();
        let caller_leg = Leg {
            target: request.contact().map(|c| c.uri.as_str().to_owned()).or(from_uri).unwrap_or_default(),
            routes: request.values(Name::RecordRoute).map(str::to_owned).collect(),
            hop,
            identity: request.get(Name::From).unwrap_or("").to_owned(),
            cseq: request.cseq().map_or(0, |cseq| cseq.number),
        };
        self.drop_own_route(&mut request);
        if let Some(label) = label {
            show(&mut request, label);
        }
        request.push_first(Name::RecordRoute, self.record_route());
        if let Some(onward) = self.record_route_onward() {
            request.push_first(Name::RecordRoute, onward);
        }
        let number = self.number();
        let client = self.forward(request, way, Some(key.clone()), Some(number), at);
        self.may_also_go(client, others, at);
        let call = Call {
            key: decided.key,
            caller: decided.caller,
            callee: decided.callee,
            call_id,
            from_tag,
            progress: Progress::Ringing,
            began: at,
            server: key.clone(),
            client,
            caller_leg,
            callee_leg: None,
            help: help || decided.caller.is_some_and(Number::calls_for_help),
            cut: false,
            told: false,
            seen: at,
            idle_us: i64::try_from(self.shared.decider.config.settings.call_idle_seconds)
                .unwrap_or(7_200)
                .saturating_mul(1_000_000),
        };
        self.arm(at + Duration(call.idle_us), Timer::CallIdle(number));
        self.enter(number, call);
        if let Some(server) = self.servers.get_mut(key) {
            (server.call, server.client, server.last) = (Some(number), Some(client), Some(trying.to_bytes()));
        }
    }

    /// Knows a call from now on, by its lines and its dialog.
    pub(super) fn enter(&mut self, number: u64, call: Call) {
        for line in [call.caller, call.callee].into_iter().flatten() {
            self.lines.entry(line).or_default().insert(number);
        }
        self.dialogs.insert((call.call_id.clone(), call.from_tag.clone()), number);
        self.calls.insert(number, call);
    }

    /// The call that a request within a dialog belongs to, and whether the caller sent it.
    pub(super) fn call_of(&self, call_id: &str, from_tag: &str, to_tag: &str) -> Option<(u64, bool)> {
        let by = |tag: &str| self.dialogs.get(&(call_id.to_owned(), tag.to_owned())).copied();
        by(from_tag).map(|call| (call, true)).or_else(|| by(to_tag).map(|call| (call, false)))
    }

    /// Forwards a request within a call. What belongs to no call of ours goes nowhere: this is no open relay.
    fn within(
        &mut self,
        key: &ServerKey,
        checked: &sip::Request<'_>,
        at: Timestamp,
    ) -> Option<(u16, Vec<(Name<'static>, String)>)> {
        let tags = (checked.from.tag().unwrap_or(""), checked.to.tag().unwrap_or(""));
        let Some((number, from_caller)) = self.call_of(checked.call_id, tags.0, tags.1) else {
            return Some((481, Vec::new()));
        };
        let mut request = self.servers.get(key).map(|server| server.request.clone())?;
        let Some(call) = self.calls.get_mut(&number) else { return Some((481, Vec::new())) };
        call.seen = at;
        let contact = request.contact().map(|c| c.uri.as_str().to_owned());
        let (own, other) = if from_caller {
            (Some(&mut call.caller_leg), call.callee_leg.clone())
        } else {
            (call.callee_leg.as_mut(), Some(call.caller_leg.clone()))
        };
        if let Some(own) = own {
            own.cseq = own.cseq.max(checked.cseq.number);
            // A re-INVITE or UPDATE may move the party (§12.2.1.2).
            if let (Some(contact), "INVITE" | "UPDATE") = (contact, checked.method) {
                own.target = contact;
            }
        }
        let Some(other) = other else { return Some((481, Vec::new())) };
        if checked.method == "BYE" {
            self.tell_end(number, at);
        } else {
            self.write_down(number);
        }
        self.drop_own_route(&mut request);
        let to = self.towards(&request, &other);
        let client = self.forward(request, to, Some(key.clone()), Some(number), at);
        if let Some(server) = self.servers.get_mut(key) {
            (server.call, server.client) = (Some(number), Some(client));
        }
        None
    }

    /// Where a request within a call goes next: its own Route, then its address, where they name an address of their own;
    /// else where the party sends from.
    fn towards(&self, request: &Message, leg: &Leg) -> Hop {
        let leg = Leg {
            target: request.uri().unwrap_or("").to_owned(),
            routes: request.values(Name::Route).map(str::to_owned).collect(),
            ..leg.clone()
        };
        super::parts::way(&leg)
    }

    /// Takes the Route away that leads to us (§16.4).
    fn drop_own_route(&self, request: &mut Message) {
        while request.values(Name::Route).next().is_some_and(|value| self.is_our_route(value)) {
            request.pop_first(Name::Route);
        }
    }

    fn is_us(&self, uri: &Uri<'_>) -> bool {
        let port = uri.port.map_or(String::new(), |port| format!(":{port}"));
        let found = format!("{}{port}", uri.host);
        found.eq_ignore_ascii_case(&self.ours.advertised)
            || self.ours.advertised_tls.as_ref().is_some_and(|own| found.eq_ignore_ascii_case(own))
    }

    /// Sends a request on in a transaction of its own.
    pub(super) fn forward(
        &mut self,
        mut request: Message,
        hop: Hop,
        server: Option<ServerKey>,
        call: Option<u64>,
        at: Timestamp,
    ) -> u64 {
        let number = self.number();
        let hops = request.max_forwards().map_or(70, |n| n.saturating_sub(1));
        request.set(Name::MaxForwards, hops.to_string());
        request.push_first(Name::Via, self.via(number, hop.transport()));
        let invite = request.method() == Some("INVITE");
        self.send(hop, &request);
        if !hop.is_reliable() {
            self.arm(at + Duration(T1_US), Timer::ClientAgain(number));
        }
        self.arm(at + Duration(GIVE_UP_US), Timer::ClientGiveUp(number));
        let client = Client {
            request,
            hop,
            invite,
            server,
            call,
            state: ClientState::Calling,
            pause_us: T1_US,
            cancel_owed: false,
            ring_until: at + Duration(RING_US),
            others: Vec::new(),
            superseded: false,
        };
        self.clients.insert(number, client);
        number
    }

    /// An ACK: for our refusal it ends a transaction; for an answered call it is passed on without one.
    fn ack(&mut self, mut request: Message, at: Timestamp) {
        if let Some(key) = ServerKey::of(&request, "INVITE")
            && let Some(server) = self.servers.get_mut(&key)
            && server.state == ServerState::Completed
        {
            server.state = ServerState::Done;
            return;
        }
        let (Some(from), Some(to), Some(call_id)) = (request.from(), request.to(), request.call_id()) else { return };
        let Some((number, from_caller)) = self.call_of(call_id, from.tag().unwrap_or(""), to.tag().unwrap_or(""))
        else {
            return;
        };
        let Some(call) = self.calls.get_mut(&number) else { return };
        call.seen = at;
        let Some(other) = (if from_caller { call.callee_leg.clone() } else { Some(call.caller_leg.clone()) }) else {
            return;
        };
        if request.max_forwards() == Some(0) {
            return;
        }
        self.drop_own_route(&mut request);
        let hop = self.towards(&request, &other);
        let hops = request.max_forwards().map_or(70, |n| n.saturating_sub(1));
        request.set(Name::MaxForwards, hops.to_string());
        let branch = self.number();
        request.push_first(Name::Via, self.via(branch, hop.transport()));
        self.send(hop, &request);
    }

    /// A CANCEL of the caller (§16.10): answered here, and sent on in a transaction of its own.
    fn cancel(&mut self, request: &Message, hop: Hop, at: Timestamp) {
        let found = ServerKey::of(request, "INVITE")
            .and_then(|key| self.servers.get(&key).map(|server| (server.state, server.client)));
        let status = if found.is_some() { 200 } else { 481 };
        let tag = found.and_then(|_| ServerKey::of(request, "INVITE")).map_or(0, |key| self.own_tag(&key));
        let answer = Message::response_to(request, status, Some(&format!("{tag:016x}")));
        self.send(hop, &answer);
        if let Some((ServerState::Proceeding, Some(client))) = found {
            self.cancel_client(client, at);
        }
    }

    /// Sends CANCEL for an INVITE that we forwarded, now or when the first answer shows that it has arrived (§9.1).
    pub(super) fn cancel_client(&mut self, number: u64, at: Timestamp) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        match client.state {
            ClientState::Calling => client.cancel_owed = true,
            ClientState::Completed => {}
            ClientState::Proceeding => {
                client.cancel_owed = false;
                let (invite, hop) = (client.request.clone(), client.hop);
                let mut cancel = Message::request("CANCEL", invite.uri().unwrap_or(""));
                // The same Via as the INVITE: that is how the next element finds it.
                cancel.push(Name::Via, invite.values(Name::Via).next().unwrap_or(""));
                for name in [Name::MaxForwards, Name::From, Name::To, Name::CallId, Name::Route] {
                    for value in invite.all(name) {
                        cancel.push(name, value);
                    }
                }
                cancel.push(Name::CSeq, format!("{} CANCEL", invite.cseq().map_or(0, |c| c.number)));
                self.send(hop, &cancel);
                // The INVITE must come to its end within the time of a transaction.
                self.arm(at + Duration(GIVE_UP_US), Timer::ClientRing(number));
                if let Some(client) = self.clients.get_mut(&number) {
                    client.ring_until = at + Duration(GIVE_UP_US);
                }
            }
        }
    }

    fn own_tag(&self, key: &ServerKey) -> u64 {
        self.shared.tags.hash(&["to", &format!("{key:?}")])
    }

    /// Answers a request ourselves.
    pub(super) fn answer(&mut self, key: &ServerKey, status: u16, lines: &[(Name<'static>, String)], at: Timestamp) {
        let tag = format!("{:016x}", self.own_tag(key));
        let Some(server) = self.servers.get(key) else { return };
        let mut response = Message::response_to(&server.request, status, Some(&tag));
        for (name, value) in lines {
            response.push(*name, value.clone());
        }
        Counters::add(&self.shared.counters.answered);
        self.respond(key, &response, at);
    }

    /// Sends an answer to a request, and keeps it for when the request comes again.
    pub(super) fn respond(&mut self, key: &ServerKey, response: &Message, at: Timestamp) {
        let status = response.status().unwrap_or(500);
        let Some(server) = self.servers.get_mut(key) else { return };
        let (hop, invite, number) = (server.hop, server.invite, server.number);
        server.last = Some(response.to_bytes());
        let mut again = false;
        if status >= 200 {
            again = invite && status >= 300 && !hop.is_reliable();
            server.state = if invite && status >= 300 { ServerState::Completed } else { ServerState::Done };
        }
        self.send(hop, response);
        if status >= 200 {
            if again {
                self.arm(at + Duration(T1_US), Timer::ServerAgain(number));
            }
            self.arm(at + Duration(GIVE_UP_US), Timer::ServerForget(number));
        }
    }

    /// Tells that a call is over, once; the call is forgotten when its last messages have gone.
    pub(super) fn tell_end(&mut self, number: u64, at: Timestamp) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        if std::mem::replace(&mut call.told, true) {
            return;
        }
        let (answered, talked) = match call.progress {
            Progress::Ringing => (false, Duration(0)),
            Progress::Talking { since } => (true, at - since),
        };
        let (key, caller, callee, cut) = (call.key, call.caller, call.callee, call.cut);
        if answered {
            self.changes.push(Change::Ended(number));
        }
        for line in [caller, callee].into_iter().flatten() {
            if let Some(calls) = self.lines.get_mut(&line) {
                calls.remove(&number);
                if calls.is_empty() {
                    self.lines.remove(&line);
                }
            }
        }
        let screening = &self.shared.decider.screening;
        if let (Some(caller), Some(callee)) = (caller, callee) {
            screening.screen().call_ended(&CallOutcome::new(caller, callee, answered, talked, at));
        }
        let front = Front::SipProxy;
        let (trunk, cause) = (0, String::new());
        let end = CallEnd { key, front, at, caller, callee, trunk, answered, talked, cut, cause };
        screening.report(Event::CallEnd(end));
        self.arm(at + Duration(GIVE_UP_US + T4_US), Timer::CallIdle(number));
    }

    pub(super) fn forget_call(&mut self, number: u64) {
        if let Some(call) = self.calls.remove(&number) {
            let dialog = (call.call_id, call.from_tag);
            // A caller that was asked for credentials calls again under the same names.
            if self.dialogs.get(&dialog) == Some(&number) {
                self.dialogs.remove(&dialog);
            }
        }
    }
}

/// Where the answer to a request goes.
fn reply_hop(peek: &Peek<'_>, hop: Hop) -> Hop {
    match hop {
        Hop::Stream(..) | Hop::Out(..) => hop,
        Hop::Udp(source) => {
            Hop::Udp(sip::Via::parse(peek.top_via()).map_or(source, |via| sip::reply_address(&via, source)))
        }
    }
}

/// Completes the first Via with what its sender is to learn.
fn received(request: &mut Message, hop: Hop) {
    let Some(top) = request.pop_first(Name::Via) else { return };
    let mut value = Vec::new();
    match sip::Via::parse(&top) {
        Some(via) => sip::write_received(&mut value, &top, &via, hop.address()),
        None => value.extend_from_slice(top.as_bytes()),
    }
    request.push_first(Name::Via, String::from_utf8(value).unwrap_or(top));
}

/// Puts a label where a telephone shows it: as display name of the asserted identity, and in Call-Info. From stays as it
/// is, since the answers must carry what the caller sent.
fn show(request: &mut Message, label: &super::super::config::Label) {
    let asserted = request
        .values(Name::PAssertedIdentity)
        .next()
        .and_then(sip::NameAddr::parse)
        .map(|a| a.uri.as_str().to_owned());
    let uri = asserted.or_else(|| request.from().map(|from| from.uri.as_str().to_owned()));
    if let Some(uri) = uri {
        request.set(Name::PAssertedIdentity, format!("{} <{uri}>", label.display));
    }
    request.push(Name::CallInfo, label.call_info.clone());
}
