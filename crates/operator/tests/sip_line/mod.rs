//! Two telephones with the proxy between them.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use operator::sip::{Settings, SipFront};
use sip::{First, Message, Name, parse};

use crate::sip_seat::{CALLEE, CLEAN, Seat};

/// A telephone on a UDP port.
pub struct Phone(UdpSocket);

impl Phone {
    pub fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn send(&self, to: SocketAddr, message: &Message) {
        self.0.send_to(&message.to_bytes(), to).unwrap();
    }

    pub fn send_bytes(&self, to: SocketAddr, bytes: &[u8]) {
        self.0.send_to(bytes, to).unwrap();
    }

    pub fn receive_bytes(&self) -> Vec<u8> {
        let mut buffer = [0; 65_536];
        let (length, _) = self.0.recv_from(&mut buffer).expect("a message in time");
        buffer[..length].to_vec()
    }

    pub fn receive(&self) -> Message {
        let mut buffer = [0; 65_536];
        let (length, _) = self.0.recv_from(&mut buffer).expect("a message in time");
        parse(&buffer[..length]).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&buffer[..length])))
    }

    /// The next message must be this request.
    #[track_caller]
    pub fn request(&self, method: &str) -> Message {
        let message = self.receive();
        assert_eq!(message.method(), Some(method), "{}", String::from_utf8_lossy(&message.to_bytes()));
        message
    }

    /// The next message must be a response with this status.
    #[track_caller]
    pub fn response(&self, status: u16) -> Message {
        let message = self.receive();
        assert_eq!(message.status(), Some(status), "{}", String::from_utf8_lossy(&message.to_bytes()));
        message
    }

    /// Nothing is under way to this phone: the next thing that comes is the answer to an OPTIONS sent now.
    #[track_caller]
    pub fn nothing_came(&self, line: &Line) {
        let mut probe = line.invite(self.address(), CLEAN, "probe");
        probe.first = First::Request { method: "OPTIONS".into(), uri: format!("sip:{}", line.proxy) };
        probe.set(Name::CSeq, "1 OPTIONS");
        self.send(line.proxy, &probe);
        assert_eq!(self.response(200).cseq().unwrap().method, "OPTIONS");
    }
}

pub struct Line {
    pub seat: Seat,
    pub front: SipFront,
    pub proxy: SocketAddr,
    pub caller: Phone,
    pub callee: Phone,
}

impl Line {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let (seat, caller, callee) = (Seat::new(), Phone::new(), Phone::new());
        let settings = Settings {
            proxy: Some("127.0.0.1:0".parse().unwrap()),
            next_hop: Some(callee.address().to_string()),
            ..settings
        };
        let front = seat.front(settings).await;
        let proxy = front.proxy.unwrap();
        Self { seat, front, proxy, caller, callee }
    }

    pub fn invite(&self, from: SocketAddr, caller: &str, id: &str) -> Message {
        let mut invite = Message::request("INVITE", &format!("sip:{CALLEE}@{};user=phone", self.proxy));
        invite.push(Name::Via, format!("SIP/2.0/UDP {from};rport;branch=z9hG4bK{id}"));
        invite.push(Name::MaxForwards, "70");
        invite.push(Name::From, format!("\"张三\" <sip:{caller}@{from}>;tag=caller-{id}"));
        invite.push(Name::To, format!("<sip:{CALLEE}@{};user=phone>", self.proxy));
        invite.push(Name::CallId, id);
        invite.push(Name::CSeq, "7 INVITE");
        invite.push(Name::Contact, format!("<sip:{caller}@{from}>"));
        invite.body = b"v=0\r\n".to_vec();
        invite
    }

    /// The callee's answer to a request that it received.
    pub fn answer(&self, request: &Message, status: u16) -> Message {
        let mut answer = Message::response_to(request, status, Some("callee"));
        for route in request.all(Name::RecordRoute) {
            answer.push(Name::RecordRoute, route);
        }
        answer.push(Name::Contact, format!("<sip:{CALLEE}@{}>", self.callee.address()));
        answer
    }

    /// A request of the caller within the call that the callee answered so.
    pub fn within(&self, answer: &Message, method: &str, number: u32) -> Message {
        let mut request = Message::request(method, answer.contact().unwrap().uri.as_str());
        request.push(Name::Via, format!("SIP/2.0/UDP {};rport;branch=z9hG4bK{method}{number}", self.caller.address()));
        request.push(Name::MaxForwards, "70");
        let routes: Vec<String> = answer.values(Name::RecordRoute).map(str::to_owned).collect();
        for route in routes.iter().rev() {
            request.push(Name::Route, route.clone());
        }
        for name in [Name::From, Name::To, Name::CallId] {
            request.push(name, answer.get(name).unwrap());
        }
        request.push(Name::CSeq, format!("{number} {method}"));
        request
    }

    /// Sets a call up through the proxy; gives the callee's answer as the caller saw it.
    pub fn talk(&self, id: &str) -> Message {
        self.caller.send(self.proxy, &self.invite(self.caller.address(), CLEAN, id));
        self.caller.response(100);
        let arrived = self.callee.request("INVITE");
        self.callee.send(self.proxy, &self.answer(&arrived, 180));
        self.caller.response(180);
        self.callee.send(self.proxy, &self.answer(&arrived, 200));
        let answer = self.caller.response(200);
        self.caller.send(self.proxy, &self.within(&answer, "ACK", 7));
        let ack = self.callee.request("ACK");
        assert_eq!(ack.get(Name::Route), None, "our Route is taken away");
        assert_eq!(ack.uri(), Some(format!("sip:{CALLEE}@{}", self.callee.address()).as_str()));
        answer
    }
}
