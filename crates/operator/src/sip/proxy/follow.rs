//! What follows: answers from the other side, timers, and the order to cut.

use kernel::{Duration, Timestamp};
use screen::Number;
use sip::{Message, Name, NameAddr};

use super::core::{Core, Timer};
use super::parts::{ClientState, GIVE_UP_US, Leg, Progress, RING_US, ServerKey, ServerState, T2_US, T4_US, sides, way};
use super::{CallInProgress, Cut};

impl Core {
    /// Takes a response.
    pub(super) fn response(&mut self, mut response: Message, at: Timestamp) {
        let Some(number) = self.client_of(&response) else { return };
        let status = response.status().unwrap_or(0);
        let method = response.cseq().map(|cseq| cseq.method.to_owned());
        let Some(client) = self.clients.get_mut(&number) else { return };
        // The answer to a CANCEL carries the branch of its INVITE, and ends nothing.
        if method.as_deref() != client.request.method() {
            return;
        }
        if client.superseded {
            return self.late_response(number, &response, at);
        }
        let again = client.state == ClientState::Completed;
        let (invite, server, call, hop) = (client.invite, client.server.clone(), client.call, client.hop);
        if status < 200 {
            if again {
                return;
            }
            client.state = ClientState::Proceeding;
            client.ring_until = at + Duration(RING_US);
            if client.cancel_owed {
                self.cancel_client(number, at);
            } else if invite {
                self.arm(at + Duration(RING_US), Timer::ClientRing(number));
            }
            if status == 100 {
                return;
            }
        } else {
            client.state = ClientState::Completed;
            if !again {
                let keep = if invite { GIVE_UP_US } else { T4_US };
                self.arm(at + Duration(keep), Timer::ClientForget(number));
            }
            if invite && status >= 300 {
                self.acknowledge(number, &response);
                // Overloaded or not willing: another address may take the call (RFC 3263 §4.3).
                if again || (status == 503 && self.send_elsewhere(number, at)) {
                    return;
                }
            }
        }
        let own = response.pop_first(Name::Via);
        debug_assert!(own.is_some(), "the transaction was found by it");
        let first_invite = invite && call.and_then(|c| self.calls.get(&c)).is_some_and(|call| call.client == number);
        if let (true, Some(call)) = (first_invite, call) {
            if (200..300).contains(&status) {
                self.answered(call, &response, hop, at);
            } else if status >= 300 {
                self.tell_end(call, at);
            }
            if self.calls.get(&call).is_some_and(|call| call.cut) {
                if (200..300).contains(&status) {
                    self.end_unwanted(call, at);
                }
                return;
            }
        }
        let Some(key) = server else { return };
        if status >= 200 && again {
            // A 2xx that came again because the ACK was lost is passed on again (RFC 6026 §7.2).
            if let Some(server) = self.servers.get(&key) {
                let hop = server.hop;
                self.send(hop, &response);
            }
            return;
        }
        if self.servers.get(&key).is_some_and(|server| server.state == ServerState::Proceeding) {
            self.respond(&key, &response, at);
        }
    }

    /// Keeps what is needed to address the callee from now on.
    fn answered(&mut self, number: u64, response: &Message, hop: super::Hop, at: Timestamp) {
        let (to_caller, to_callee) = sides(response, |value| self.is_our_route(value));
        let Some(call) = self.calls.get_mut(&number) else { return };
        if call.callee_leg.is_some() {
            return;
        }
        call.caller_leg.routes = to_caller;
        let target = response.contact().map(|c| c.uri.as_str().to_owned());
        call.callee_leg = Some(Leg {
            target: target.unwrap_or_else(|| response.to().map(|to| to.uri.as_str().to_owned()).unwrap_or_default()),
            routes: to_callee,
            hop,
            identity: response.get(Name::To).unwrap_or("").to_owned(),
            cseq: 0,
        });
        call.progress = Progress::Talking { since: at };
        call.seen = at;
        let interval = response
            .get(Name::SessionExpires)
            .and_then(|v| v.split(';').next())
            .and_then(|v| v.trim().parse::<i64>().ok());
        if let Some(seconds) = interval.filter(|s| (1..=86_400).contains(s)) {
            // A session that is not refreshed within its interval is over (RFC 4028 §10); we give it a transaction more.
            call.idle_us = seconds * 1_000_000 + GIVE_UP_US;
            let idle = Duration(call.idle_us);
            self.arm(at + idle, Timer::CallIdle(number));
        }
        self.write_down(number);
    }

    /// ACK for a refusal (§17.1.1.3).
    pub(super) fn acknowledge(&mut self, number: u64, response: &Message) {
        let Some(client) = self.clients.get(&number) else { return };
        let (invite, hop) = (&client.request, client.hop);
        let mut ack = Message::request("ACK", invite.uri().unwrap_or(""));
        ack.push(Name::Via, invite.values(Name::Via).next().unwrap_or(""));
        for name in [Name::MaxForwards, Name::From] {
            ack.push(name, invite.get(name).unwrap_or(""));
        }
        ack.push(Name::To, response.get(Name::To).unwrap_or(""));
        ack.push(Name::CallId, invite.call_id().unwrap_or(""));
        ack.push(Name::CSeq, format!("{} ACK", invite.cseq().map_or(0, |c| c.number)));
        for route in invite.all(Name::Route) {
            ack.push(Name::Route, route);
        }
        self.send(hop, &ack);
    }

    /// A call that was cut while it rang, and was answered all the same: acknowledged and ended.
    fn end_unwanted(&mut self, number: u64, at: Timestamp) {
        let Some(call) = self.calls.get(&number) else { return };
        let Some(callee) = call.callee_leg.clone() else { return };
        let mut ack = within(call, &callee, &call.caller_leg, "ACK", call.caller_leg.cseq);
        let branch = self.number();
        let hop = way(&callee);
        ack.push_first(Name::Via, self.via(branch, hop.transport()));
        self.send(hop, &ack);
        let first = self.clients.values().all(|c| c.call != Some(number) || c.request.method() != Some("BYE"));
        if first {
            self.bye(number, true, at);
        }
    }

    /// Sends BYE to one party as if from the other.
    fn bye(&mut self, number: u64, to_callee: bool, at: Timestamp) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        let Some(callee) = call.callee_leg.as_mut() else { return };
        let (to, from) = if to_callee { (&*callee, &mut call.caller_leg) } else { (&call.caller_leg, callee) };
        from.cseq = from.cseq.saturating_add(1);
        let (to, from) = (to.clone(), from.clone());
        let Some(call) = self.calls.get(&number) else { return };
        let mut request = within(call, &to, &from, "BYE", from.cseq);
        request.push(Name::Reason, sip::status::reason(603, "Call ended by order"));
        self.forward(request, way(&to), None, Some(number), at);
    }

    /// Ends the calls of a line, all or those with one counterpart. Calls for help are left alone.
    pub(crate) fn cut(&mut self, line: Number, counterpart: Option<Number>, at: Timestamp) -> Vec<Cut> {
        let numbers: Vec<u64> = self.lines.get(&line).into_iter().flatten().copied().collect();
        let mut cut = Vec::new();
        for number in numbers {
            let Some(call) = self.calls.get_mut(&number) else { continue };
            let other = if call.caller == Some(line) { call.callee } else { call.caller };
            if call.help || call.told || (counterpart.is_some() && other != counterpart) {
                continue;
            }
            call.cut = true;
            cut.push(Cut { key: call.key, caller: call.caller, callee: call.callee, progress: call.progress });
            let (progress, client, key) = (call.progress, call.client, call.server.clone());
            match progress {
                Progress::Talking { .. } => {
                    self.bye(number, true, at);
                    self.bye(number, false, at);
                }
                Progress::Ringing => {
                    self.cancel_client(client, at);
                    self.answer(&key, 487, &[(Name::Reason, sip::status::reason(603, "Call ended by order"))], at);
                }
            }
            self.tell_end(number, at);
        }
        cut
    }

    /// The calls of a line that go on.
    pub(crate) fn of_line(&self, line: Number) -> Vec<CallInProgress> {
        let calls = self.lines.get(&line).into_iter().flatten().filter_map(|number| self.calls.get(number));
        calls
            .map(|c| CallInProgress {
                key: c.key,
                caller: c.caller,
                callee: c.callee,
                began: c.began,
                progress: c.progress,
            })
            .collect()
    }

    /// Calls that go on.
    pub(crate) fn count(&self) -> usize {
        self.calls.values().filter(|call| !call.told).count()
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, at: Timestamp) {
        while let Some(entry) = self.timers.first_entry().filter(|entry| entry.key().0 <= at.0) {
            match entry.remove() {
                Timer::ClientAgain(number) => self.client_again(number, at),
                Timer::ClientGiveUp(number) => {
                    if self.clients.get(&number).is_some_and(|c| {
                        c.state == ClientState::Calling || (!c.invite && c.state != ClientState::Completed)
                    }) {
                        self.give_up(number, at);
                    }
                }
                Timer::ClientRing(number) => self.ring_over(number, at),
                Timer::ClientForget(number) => drop(self.clients.remove(&number)),
                Timer::ClientNext(number) => drop(self.send_elsewhere(number, at)),
                Timer::ServerAgain(number) => self.server_again(number, at),
                Timer::ServerForget(number) => {
                    if let Some(key) = self.server_numbers.remove(&number) {
                        self.servers.remove(&key);
                    }
                }
                Timer::CallIdle(number) => self.call_idle(number, at),
            }
        }
    }

    fn client_again(&mut self, number: u64, at: Timestamp) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        let over = client.state == ClientState::Completed || client.superseded;
        if over || (client.invite && client.state != ClientState::Calling) {
            return;
        }
        client.pause_us *= 2;
        if !client.invite {
            client.pause_us = if client.state == ClientState::Proceeding { T2_US } else { client.pause_us.min(T2_US) };
        }
        let (hop, bytes, pause) = (client.hop, client.request.to_bytes(), Duration(client.pause_us));
        self.out.push(super::core::Send { hop, bytes });
        self.arm(at + pause, Timer::ClientAgain(number));
    }

    /// The other side says nothing (§16.9): as if it had answered 408.
    fn give_up(&mut self, number: u64, at: Timestamp) {
        let Some(client) = self.clients.remove(&number).filter(|client| !client.superseded) else { return };
        if let Some(call) = client.call.filter(|_| client.invite)
            && self.calls.get(&call).is_some_and(|c| c.client == number)
        {
            self.tell_end(call, at);
        }
        self.fail(client.server, 408, at);
    }

    pub(super) fn fail(&mut self, key: Option<ServerKey>, status: u16, at: Timestamp) {
        if let Some(key) = key
            && self.servers.get(&key).is_some_and(|server| server.state == ServerState::Proceeding)
        {
            self.answer(&key, status, &[], at);
        }
    }

    fn ring_over(&mut self, number: u64, at: Timestamp) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        if client.state != ClientState::Proceeding || client.ring_until > at {
            return;
        }
        // Once to cancel it; and where that brought no end either, it is given up.
        if std::mem::replace(&mut client.cancel_owed, true) {
            return self.give_up(number, at);
        }
        self.cancel_client(number, at);
        if let Some(client) = self.clients.get_mut(&number) {
            client.cancel_owed = true;
        }
    }

    fn server_again(&mut self, number: u64, at: Timestamp) {
        let Some(server) = self.server_numbers.get(&number).and_then(|key| self.servers.get_mut(key)) else { return };
        let (ServerState::Completed, Some(bytes)) = (server.state, server.last.clone()) else { return };
        server.pause_us = (server.pause_us * 2).min(T2_US);
        let (hop, pause) = (server.hop, Duration(server.pause_us));
        self.out.push(super::core::Send { hop, bytes });
        self.arm(at + pause, Timer::ServerAgain(number));
    }

    fn call_idle(&mut self, number: u64, at: Timestamp) {
        let Some(call) = self.calls.get(&number) else { return };
        if call.told {
            return self.forget_call(number);
        }
        let due = call.seen + Duration(call.idle_us);
        if due > at {
            return self.arm(due, Timer::CallIdle(number));
        }
        self.tell_end(number, at);
    }
}

/// A request within a call to one party as if from the other: its Contact, its route, the tags of both.
fn within(call: &super::parts::Call, to: &Leg, from: &Leg, method: &str, number: u32) -> Message {
    let mut request = Message::request(method, &to.target);
    for route in &to.routes {
        request.push(Name::Route, route.clone());
    }
    // A first element without `lr` takes the address, and the party's stands last (§16.6).
    if let Some(first) = to
        .routes
        .first()
        .and_then(|route| NameAddr::parse(route).filter(|r| !r.uri.is_loose()).map(|r| r.uri.as_str().to_owned()))
    {
        request.pop_first(Name::Route);
        request.push(Name::Route, format!("<{}>", to.target));
        request.first = sip::First::Request { method: method.to_owned(), uri: first };
    }
    request.push(Name::MaxForwards, "71");
    request.push(Name::From, from.identity.clone());
    request.push(Name::To, to.identity.clone());
    request.push(Name::CallId, call.call_id.clone());
    request.push(Name::CSeq, format!("{number} {method}"));
    request
}
