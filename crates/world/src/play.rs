//! Plays the calls of the province against a carrier seat: real INVITEs over UDP, one source address a trunk.
//!
//! The caller's side is as simple as a test tool may be: it sends, repeats what nobody answers (RFC 3261, timer A), takes
//! the final answer, acknowledges it, and hangs up at once where somebody was reached.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::event::{Event, Trunk, What};

/// First pause before an INVITE is repeated.
const REPEAT_AFTER: Duration = Duration::from_millis(500);
/// Times that an INVITE is sent at most.
const SENDS_MAX: u32 = 4;
/// Calls that wait for an answer at the same time at most.
const WAITING_MAX: usize = 4_096;
/// Largest answer that is read, bytes.
const ANSWER_BYTES_MAX: usize = 8_192;

/// Where to, from where, and how fast.
#[derive(Debug, Clone, Copy)]
pub struct SipPlay {
    /// The SIP front of the seat.
    pub target: SocketAddr,
    /// Address from which subscribers of this operator call.
    pub home: IpAddr,
    /// Address of the trunk to other operators.
    pub national: IpAddr,
    /// Address of the trunk from abroad.
    pub foreign: IpAddr,
    /// Calls a second.
    pub calls_per_second: u32,
}

impl SipPlay {
    /// On loopback: home calls from 127.0.0.11, national ones from .12, foreign ones from .13, a hundred a second.
    pub const fn loopback(target: SocketAddr) -> Self {
        Self {
            target,
            home: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11)),
            national: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 12)),
            foreign: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 13)),
            calls_per_second: 100,
        }
    }
}

/// How a call ended for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// The status of the final answer.
    Status(u16),
    /// Nobody answered.
    Silence,
}

impl Answer {
    /// Whether the call was stopped (RFC 5393 603, RFC 8688 608, RFC 8197 607).
    pub const fn is_stopped(self) -> bool {
        matches!(self, Self::Status(603 | 607 | 608))
    }
}

struct Waiting<'a> {
    event: &'a Event,
    invite: Vec<u8>,
    sent: Instant,
    sends: u32,
    trunk: usize,
}

/// Plays every call of the events in their order and tells each with its answer; messages are passed over.
///
/// # Errors
/// An address cannot be bound, or the network refuses to send.
pub fn play_sip<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    play: &SipPlay,
    mut tell: impl FnMut(&Event, Answer),
) -> std::io::Result<()> {
    let sockets = [play.home, play.national, play.foreign]
        .map(|address| UdpSocket::bind(SocketAddr::new(address, 0)).and_then(|s| s.set_nonblocking(true).map(|()| s)));
    let [home, national, foreign] = sockets;
    let sockets = [home?, national?, foreign?];
    let names = [sockets[0].local_addr()?, sockets[1].local_addr()?, sockets[2].local_addr()?];
    let pause = Duration::from_secs(1) / play.calls_per_second.max(1);
    let mut waiting: HashMap<u64, Waiting<'_>> = HashMap::new();
    let mut calls = events.into_iter().filter(|event| matches!(event.what, What::Call { .. })).peekable();
    let mut next_at = Instant::now();
    let mut number = 0_u64;
    let mut buffer = vec![0; ANSWER_BYTES_MAX];
    while calls.peek().is_some() || !waiting.is_empty() {
        let now = Instant::now();
        while now >= next_at && waiting.len() < WAITING_MAX {
            let Some(event) = calls.next() else { break };
            let What::Call { caller, callee, trunk, .. } = &event.what else { continue };
            number += 1;
            let trunk = match trunk {
                Trunk::Home => 0,
                Trunk::National => 1,
                Trunk::Foreign | Trunk::Radio => 2,
            };
            let (Some(socket), Some(name)) = (sockets.get(trunk), names.get(trunk)) else { continue };
            let invite = invite(number, caller, callee, *name, play.target);
            send(socket, &invite, play.target)?;
            waiting.insert(number, Waiting { event, invite, sent: now, sends: 1, trunk });
            next_at += pause;
        }
        for socket in &sockets {
            while let Some(length) = receive(socket, &mut buffer)? {
                let Some(answer) = buffer.get(..length).and_then(read_answer) else { continue };
                let Some(call) = waiting.get(&answer.number) else { continue };
                if answer.status < 200 {
                    continue;
                }
                send(socket, &in_dialogue("ACK", answer.number, call, &answer), play.target)?;
                if answer.status < 300 {
                    send(socket, &in_dialogue("BYE", answer.number, call, &answer), play.target)?;
                }
                tell(call.event, Answer::Status(answer.status));
                waiting.remove(&answer.number);
            }
        }
        let mut silent = Vec::new();
        for (number, call) in &mut waiting {
            if now.duration_since(call.sent) < REPEAT_AFTER * 2_u32.pow(call.sends - 1) {
                continue;
            }
            if call.sends >= SENDS_MAX {
                silent.push(*number);
            } else if let Some(socket) = sockets.get(call.trunk) {
                send(socket, &call.invite, play.target)?;
                call.sends += 1;
            }
        }
        for call in silent.iter().filter_map(|number| waiting.remove(number)) {
            tell(call.event, Answer::Silence);
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok(())
}

fn send(socket: &UdpSocket, bytes: &[u8], target: SocketAddr) -> std::io::Result<()> {
    match socket.send_to(bytes, target) {
        // Nobody listens there, or the buffer is full: the call is repeated, and ends in silence.
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::WouldBlock) =>
        {
            Ok(())
        }
        other => other.map(drop),
    }
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> std::io::Result<Option<usize>> {
    match socket.recv_from(buffer) {
        Ok((length, _)) => Ok(Some(length)),
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::WouldBlock) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn invite(number: u64, caller: &str, callee: &str, from: SocketAddr, target: SocketAddr) -> Vec<u8> {
    let host = if caller == "anonymous" { "anonymous.invalid".to_owned() } else { from.ip().to_string() };
    format!(
        "INVITE sip:{callee}@{target};user=phone SIP/2.0\r\n\
         Via: SIP/2.0/UDP {from};branch=z9hG4bKworld{number};rport\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:{caller}@{host};user=phone>;tag=w{number}\r\n\
         To: <sip:{callee}@{target};user=phone>\r\n\
         Call-ID: {number}@world.invalid\r\n\
         CSeq: 1 INVITE\r\n\
         Contact: <sip:world@{from}>\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

struct Read {
    number: u64,
    status: u16,
    to: String,
}

fn read_answer(bytes: &[u8]) -> Option<Read> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.strip_prefix("SIP/2.0 ")?.split(' ').next()?.parse().ok()?;
    let (mut number, mut to, mut invited) = (None, String::new(), false);
    for line in lines.take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "call-id" | "i" => number = value.split('@').next().and_then(|n| n.parse().ok()),
            "to" | "t" => value.clone_into(&mut to),
            "cseq" => invited = value.ends_with("INVITE"),
            _ => {}
        }
    }
    number.filter(|_| invited).map(|number| Read { number, status, to })
}

/// What follows the final answer: the ACK, and the BYE of a call that was answered. An ACK of a refusal is part of the
/// INVITE's transaction and carries its branch (RFC 3261 §17.1.1.3).
fn in_dialogue(method: &str, number: u64, call: &Waiting<'_>, answer: &Read) -> Vec<u8> {
    let text = String::from_utf8_lossy(&call.invite);
    let mut out = String::with_capacity(text.len());
    let cseq = if method == "BYE" { 2 } else { 1 };
    let branch = if method == "ACK" && answer.status >= 300 {
        format!("z9hG4bKworld{number};")
    } else {
        format!("z9hG4bKworld{number}{method};")
    };
    for line in text.split("\r\n") {
        let line = match line {
            line if line.starts_with("INVITE ") => line.replacen("INVITE", method, 1),
            line if line.starts_with("Via:") => line.replacen(&format!("z9hG4bKworld{number};"), &branch, 1),
            line if line.starts_with("To:") => format!("To: {}", answer.to),
            line if line.starts_with("CSeq:") => format!("CSeq: {cseq} {method}"),
            line if line.starts_with("Contact:") => continue,
            line => line.to_owned(),
        };
        out.push_str(&line);
        out.push_str("\r\n");
    }
    // The split leaves one empty line too many at the end.
    out.truncate(out.trim_end().len());
    out.push_str("\r\n\r\n");
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Pattern, Truth};

    fn call(caller: &str, trunk: Trunk) -> Event {
        Event {
            at: kernel::Timestamp(0),
            what: What::Call {
                caller: caller.into(),
                callee: "+8619001234567".into(),
                trunk,
                attestation: None,
                answered: false,
                seconds: 0,
            },
            truth: Truth::Normal,
            pattern: Pattern::Person,
            scam_type: None,
        }
    }

    /// Answers each INVITE by its From header, the first one only when it comes again; gives what else it got.
    fn answering(server: UdpSocket, invites: usize) -> std::thread::JoinHandle<Vec<String>> {
        std::thread::spawn(move || {
            let (mut buffer, mut others, mut left, mut held_back) = ([0; 4_096], Vec::new(), invites, false);
            server.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut expected = usize::MAX;
            while others.len() < expected {
                let (length, peer) = server.recv_from(&mut buffer).unwrap();
                let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
                if !text.starts_with("INVITE") {
                    others.push(text);
                    continue;
                }
                if !held_back {
                    held_back = true;
                    continue;
                }
                let status = if text.contains("sip:110@") { "603 Decline" } else { "200 OK" };
                let headers: Vec<&str> =
                    text.lines().filter(|l| ["Via", "From", "Call", "CSeq"].iter().any(|h| l.starts_with(h))).collect();
                let to = text.lines().find(|l| l.starts_with("To:")).unwrap();
                let answer = format!(
                    "SIP/2.0 {status}\r\n{}\r\n{to};tag=here\r\nContent-Length: 0\r\n\r\n",
                    headers.join("\r\n")
                );
                server.send_to(answer.as_bytes(), peer).unwrap();
                left -= 1;
                if left == 0 {
                    expected = 3;
                }
            }
            others
        })
    }

    #[test]
    fn calls_are_repeated_acknowledged_and_hung_up() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let target = server.local_addr().unwrap();
        let others = answering(server, 2);
        let events = [call("110", Trunk::Foreign), call("+8619007654321", Trunk::Home)];
        let mut told = Vec::new();
        play_sip(&events, &SipPlay::loopback(target), |event, answer| told.push((event.clone(), answer))).unwrap();
        told.sort_by_key(|(_, answer)| *answer);
        assert_eq!(told[0], (events[1].clone(), Answer::Status(200)));
        assert_eq!(told[1], (events[0].clone(), Answer::Status(603)));
        assert!(told[1].1.is_stopped());
        let others = others.join().unwrap();
        assert_eq!(others.iter().filter(|m| m.starts_with("ACK")).count(), 2);
        let bye = others.iter().find(|m| m.starts_with("BYE")).unwrap();
        assert!(bye.contains("CSeq: 2 BYE") && bye.contains(";tag=here") && bye.ends_with("\r\n\r\n"), "{bye}");
        let refused = others.iter().find(|m| m.starts_with("ACK") && m.contains("sip:110@")).unwrap();
        assert!(refused.contains("branch=z9hG4bKworld1;"), "{refused}");
    }
}
