//! Where an INVITE finds nobody at one address of the next hop, it goes to another.

use kernel::{Duration, Timestamp};
use sip::{Message, Name};

use super::core::{Core, Timer};
use super::parts::{ClientState, Hop, T1_US};

/// How long one address is waited for while there is another: a round trip lost three times over.
const NEXT_US: i64 = 4 * T1_US;
/// How long an address that did not answer is tried last.
const SILENT_US: i64 = 30_000_000;

impl Core {
    /// Notes where else a request may be sent while nothing has come back.
    pub(super) fn may_also_go(&mut self, number: u64, others: Vec<Hop>, at: Timestamp) {
        if others.is_empty() {
            return;
        }
        if let Some(client) = self.clients.get_mut(&number) {
            client.others = others;
            self.arm(at + Duration(NEXT_US), Timer::ClientNext(number));
        }
    }

    /// Sends an INVITE that nobody answered, or that was answered 503, to the next address; `false` where there is none,
    /// or the call has come further or ended meanwhile.
    pub(super) fn send_elsewhere(&mut self, number: u64, at: Timestamp) -> bool {
        let Some(client) = self.clients.get_mut(&number) else { return false };
        let refused = client.state == ClientState::Completed;
        let (Some(key), Some(call)) = (client.server.clone(), client.call) else { return false };
        if client.superseded || client.cancel_owed || client.state == ClientState::Proceeding {
            return false;
        }
        let wanted = self.calls.get(&call).is_some_and(|call| call.client == number && !call.told);
        let Some(client) = self.clients.get_mut(&number).filter(|client| wanted && !client.others.is_empty()) else {
            return false;
        };
        let mut others = std::mem::take(&mut client.others);
        let next = others.remove(0);
        let (mut request, silent) = (client.request.clone(), client.hop.address());
        client.superseded = true;
        if !refused {
            self.note_silent(silent, at);
        }
        // As it came, without what we wrote on it.
        request.pop_first(Name::Via);
        let hops = request.max_forwards().map_or(70, |n| n.saturating_add(1));
        request.set(Name::MaxForwards, hops.to_string());
        let client = self.forward(request, next, Some(key.clone()), Some(call), at);
        self.may_also_go(client, others, at);
        if let Some(server) = self.servers.get_mut(&key) {
            server.client = Some(client);
        }
        if let Some(call) = self.calls.get_mut(&call) {
            call.client = client;
        }
        true
    }

    /// An address that was given up says something after all. A call that rings there is cancelled, one that was answered is
    /// ended: by now it rings elsewhere.
    pub(super) fn late_response(&mut self, number: u64, response: &Message, at: Timestamp) {
        let status = response.status().unwrap_or(0);
        let Some(client) = self.clients.get_mut(&number) else { return };
        if !client.invite || client.state == ClientState::Completed {
            return;
        }
        let hop = client.hop;
        match status {
            ..200 => {
                client.state = ClientState::Proceeding;
                if !std::mem::replace(&mut client.cancel_owed, true) {
                    self.cancel_client(number, at);
                }
            }
            200..300 => {
                client.state = ClientState::Completed;
                self.end_stray(response, hop, at);
            }
            _ => {
                client.state = ClientState::Completed;
                self.acknowledge(number, response);
            }
        }
    }

    /// Acknowledges and ends a call that somebody answered whom the caller will never hear.
    fn end_stray(&mut self, response: &Message, hop: Hop, at: Timestamp) {
        let (Some(contact), Some(number)) = (response.contact(), response.cseq().map(|cseq| cseq.number)) else {
            return;
        };
        let target = contact.uri.as_str().to_owned();
        for (method, number) in [("ACK", number), ("BYE", number.saturating_add(1))] {
            let mut request = Message::request(method, &target);
            request.push(Name::MaxForwards, "71");
            for name in [Name::From, Name::To, Name::CallId] {
                request.push(name, response.get(name).unwrap_or("").to_owned());
            }
            request.push(Name::CSeq, format!("{number} {method}"));
            if method == "ACK" {
                let branch = self.number();
                request.push_first(Name::Via, self.via(branch, hop.transport()));
                self.send(hop, &request);
            } else {
                self.forward(request, hop, None, None, at);
            }
        }
    }

    fn note_silent(&mut self, address: std::net::SocketAddr, at: Timestamp) {
        self.silent.insert(address, at + Duration(SILENT_US));
    }

    /// A connection could not be opened: what waited for it goes elsewhere, or has failed (§8.1.3.1: as if answered 503).
    pub(crate) fn unreachable(&mut self, hop: Hop, at: Timestamp) {
        self.note_silent(hop.address(), at);
        let waiting =
            self.clients.iter().filter(|(_, c)| c.hop == hop && c.state == ClientState::Calling && !c.superseded);
        let mut waiting: Vec<u64> = waiting.map(|(number, _)| *number).collect();
        waiting.sort_unstable();
        for number in waiting {
            if self.send_elsewhere(number, at) {
                continue;
            }
            if let Some(client) = self.clients.remove(&number) {
                if let Some(call) = client.call.filter(|_| client.invite)
                    && self.calls.get(&call).is_some_and(|c| c.client == number)
                {
                    self.tell_end(call, at);
                }
                self.fail(client.server, 503, at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use kernel::Clock;
    use screen::Screen;
    use sip::{TagKey, parse};

    use super::super::Ours;
    use super::super::parts::Transport;
    use super::*;
    use crate::screening::Screening;
    use crate::sip::Settings;
    use crate::sip::decide::Decider;
    use crate::sip::peers::Peers;
    use crate::sip::redirect::Redirect;

    const START: Timestamp = Timestamp(1_795_521_600_000_000);
    const OURS: &str = "192.0.2.1:5060";

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        START + Duration::seconds(seconds)
    }

    /// A proxy whose next hop has two addresses.
    fn proxy(transport: Transport) -> Core {
        let (clock, _hand) = Clock::manual(START);
        let (screening, _events) = Screening::new(Arc::new(Screen::new()), clock);
        let (wanted, _never) = tokio::sync::mpsc::channel(1);
        let config = Arc::new(Settings::default().check().unwrap());
        let decider = Decider { config, screening, certificates: None, wanted };
        let shared = Arc::new(Redirect::new(decider, Peers::new(0, 1), TagKey::new([7; 16])));
        let ours = Ours { advertised: OURS.into(), advertised_tls: None };
        let mut core = Core::new(shared, ours, transport);
        core.use_addresses(vec![address("192.0.2.10:5060"), address("192.0.2.20:5060")]);
        core
    }

    fn invite(id: &str) -> Vec<u8> {
        format!(
            "INVITE sip:+8613900139000@{OURS} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.99;rport;branch=z9hG4bK{id}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:+8613800138000@a>;tag=caller\r\nTo: <sip:+8613900139000@a>\r\n\
             Call-ID: {id}\r\nCSeq: 1 INVITE\r\nContact: <sip:+8613800138000@192.0.2.99>\r\nContent-Length: 0\r\n\r\n"
        )
        .into_bytes()
    }

    fn caller() -> Hop {
        Hop::Udp(address("192.0.2.99:5060"))
    }

    /// What is sent now: where to, and its method or status.
    fn sent(core: &mut Core) -> Vec<(String, String, Message)> {
        let sends = core.take().into_iter();
        sends
            .map(|send| {
                let message = parse(&send.bytes).unwrap();
                let what = message.status().map_or_else(|| message.method().unwrap().to_owned(), |s| s.to_string());
                (send.hop.address().ip().to_string(), what, message)
            })
            .collect()
    }

    #[track_caller]
    fn expect(core: &mut Core, wanted: &[(&str, &str)]) -> Vec<Message> {
        let all = sent(core);
        let seen: Vec<(&str, &str)> = all.iter().map(|(to, what, _)| (to.as_str(), what.as_str())).collect();
        assert_eq!(seen, wanted);
        all.into_iter().map(|(_, _, message)| message).collect()
    }

    fn answer(core: &mut Core, request: &Message, status: u16, from: &str, seconds: i64) {
        let mut answer = Message::response_to(request, status, Some(from));
        request.all(Name::RecordRoute).for_each(|route| answer.push(Name::RecordRoute, route));
        answer.push(Name::Contact, format!("<sip:callee@{from}>"));
        core.message(&answer.to_bytes(), Hop::Udp(address(&format!("{from}:5060"))), at(seconds));
    }

    const FIRST: &str = "192.0.2.10";
    const SECOND: &str = "192.0.2.20";

    #[test]
    fn an_address_that_says_nothing_is_left_for_the_next_and_a_late_answer_from_it_ends_there() {
        let mut core = proxy(Transport::Udp);
        core.message(&invite("a"), caller(), START);
        let arrived = expect(&mut core, &[("192.0.2.99", "100"), (FIRST, "INVITE")]).pop().unwrap();
        core.tick(START + Duration::millis(1_999));
        expect(&mut core, &[(FIRST, "INVITE")]);
        core.tick(at(2));
        let again = expect(&mut core, &[(SECOND, "INVITE")]).pop().unwrap();
        assert_eq!((again.call_id(), again.max_forwards()), (arrived.call_id(), Some(69)));
        assert_ne!(again.get(Name::Via), arrived.get(Name::Via), "a transaction of its own");
        assert_eq!(again.values(Name::Via).count(), 2);
        // The silent one rings after all: it is told that nobody waits there; answered all the same, it is ended.
        answer(&mut core, &arrived, 180, FIRST, 3);
        let cancel = expect(&mut core, &[(FIRST, "CANCEL")]).pop().unwrap();
        assert_eq!(cancel.get(Name::Via), arrived.values(Name::Via).next());
        answer(&mut core, &arrived, 200, FIRST, 3);
        expect(&mut core, &[(FIRST, "ACK"), (FIRST, "BYE")]);
        answer(&mut core, &again, 200, SECOND, 4);
        let answered = expect(&mut core, &[("192.0.2.99", "200")]).pop().unwrap();
        assert_eq!(answered.contact().unwrap().uri.as_str(), "sip:callee@192.0.2.20");
        assert_eq!(core.cut(screen::Number::parse("+8613800138000").unwrap(), None, at(9)).len(), 1);
        expect(&mut core, &[(SECOND, "BYE"), ("192.0.2.99", "BYE")]);
        // The next call begins at the address that answered; a while later the first is tried first again.
        core.message(&invite("b"), caller(), at(10));
        expect(&mut core, &[("192.0.2.99", "100"), (SECOND, "INVITE")]);
        core.message(&invite("c"), caller(), at(40));
        expect(&mut core, &[("192.0.2.99", "100"), (FIRST, "INVITE")]);
    }

    #[test]
    fn one_that_rings_is_not_left_and_one_that_is_overloaded_is() {
        let mut core = proxy(Transport::Udp);
        core.message(&invite("a"), caller(), START);
        let arrived = expect(&mut core, &[("192.0.2.99", "100"), (FIRST, "INVITE")]).pop().unwrap();
        answer(&mut core, &arrived, 180, FIRST, 1);
        expect(&mut core, &[("192.0.2.99", "180")]);
        core.tick(at(30));
        expect(&mut core, &[]);
        answer(&mut core, &arrived, 486, FIRST, 30);
        expect(&mut core, &[(FIRST, "ACK"), ("192.0.2.99", "486")]);

        core.message(&invite("b"), caller(), at(31));
        let arrived = expect(&mut core, &[("192.0.2.99", "100"), (FIRST, "INVITE")]).pop().unwrap();
        answer(&mut core, &arrived, 503, FIRST, 31);
        let again = expect(&mut core, &[(FIRST, "ACK"), (SECOND, "INVITE")]).pop().unwrap();
        answer(&mut core, &again, 503, SECOND, 32);
        expect(&mut core, &[(SECOND, "ACK"), ("192.0.2.99", "503")]);
        assert_eq!(core.count(), 0);
    }

    #[test]
    fn where_no_connection_can_be_opened_the_next_address_is_tried_at_once_and_then_the_caller_is_told() {
        let mut core = proxy(Transport::Tcp);
        core.message(&invite("a"), caller(), START);
        expect(&mut core, &[("192.0.2.99", "100"), (FIRST, "INVITE")]);
        core.unreachable(Hop::Out(Transport::Tcp, address("192.0.2.10:5060")), START);
        expect(&mut core, &[(SECOND, "INVITE")]);
        core.unreachable(Hop::Out(Transport::Tcp, address("192.0.2.20:5060")), START);
        expect(&mut core, &[("192.0.2.99", "503")]);
        core.tick(at(60));
        assert_eq!(core.count(), 0);
    }
}
