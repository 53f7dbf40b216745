//! What the proxy keeps: transactions on either side, and calls with both of their legs.

use std::net::SocketAddr;

use kernel::Timestamp;
use screen::Number;
use sip::{Message, Name, NameAddr, Scheme, Uri};

use crate::screening::CallKey;

/// T1, the estimate of a round trip, in microseconds (RFC 3261 §17.1.1.1).
pub(super) const T1_US: i64 = 500_000;
/// T2, the longest pause between retransmissions of what is no INVITE.
pub(super) const T2_US: i64 = 4_000_000;
/// T4, the time for which a message stays in the network.
pub(super) const T4_US: i64 = 5_000_000;
/// Timers B, F, H, J, M: 64 × T1.
pub(super) const GIVE_UP_US: i64 = 64 * T1_US;
/// Timer C: how long a proxy lets ring without a sign of life (§16.6, more than three minutes).
pub(super) const RING_US: i64 = 181_000_000;

/// How messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl Transport {
    /// The word in Via.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// Where a message came from and may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Hop {
    /// A UDP address.
    Udp(SocketAddr),
    /// A connection that was opened to us, by its number, and the address behind it.
    Stream(u64, SocketAddr),
    /// A connection that we open, and open again.
    Out(Transport, SocketAddr),
}

impl Hop {
    pub(crate) const fn address(self) -> SocketAddr {
        match self {
            Self::Udp(address) | Self::Stream(_, address) | Self::Out(_, address) => address,
        }
    }

    pub(super) const fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp(_))
    }

    /// The transport of what we send there ourselves.
    pub(super) const fn transport(self) -> Transport {
        match self {
            Self::Udp(_) => Transport::Udp,
            Self::Stream(..) => Transport::Tcp,
            Self::Out(transport, _) => transport,
        }
    }

    /// As it is written down. A connection that was opened to us ends with the process: later its other end is called
    /// where it takes requests, or at the address that it came from.
    pub(super) fn kept(self, target: &str) -> String {
        match self {
            Self::Udp(address) => format!("udp:{address}"),
            Self::Out(Transport::Tls, address) => format!("tls:{address}"),
            Self::Out(_, address) => format!("tcp:{address}"),
            Self::Stream(_, from) => {
                let uri = Uri::parse(target);
                let named = uri.and_then(|uri| {
                    let ip = uri.host.trim_matches(['[', ']']).parse().ok()?;
                    Some(SocketAddr::new(ip, uri.port.unwrap_or(sip::PORT_DEFAULT)))
                });
                format!("tcp:{}", named.unwrap_or(from))
            }
        }
    }

    /// From what was written down.
    pub(super) fn of_kept(text: &str) -> Option<Self> {
        let (transport, address) = text.split_once(':')?;
        let address = address.parse().ok()?;
        match transport {
            "udp" => Some(Self::Udp(address)),
            "tcp" => Some(Self::Out(Transport::Tcp, address)),
            "tls" => Some(Self::Out(Transport::Tls, address)),
            _ => None,
        }
    }
}

/// What names a server transaction: the branch with its sender, or for an element of RFC 2543 the call (§17.2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ServerKey(String);

impl ServerKey {
    /// Of a call whose transaction ended with an earlier run; nothing is ever found under it.
    pub(super) const fn of_the_past() -> Self {
        Self(String::new())
    }

    /// Of a request; an ACK or CANCEL names the transaction of its INVITE when `of_invite` says so.
    pub(super) fn of(request: &Message, method: &str) -> Option<Self> {
        let via = request.top_via()?;
        let port = via.port.unwrap_or(sip::PORT_DEFAULT);
        let branch = via.branch().filter(|branch| branch.starts_with(sip::BRANCH_COOKIE));
        Some(Self(match branch {
            Some(branch) => format!("{branch}|{}|{port}|{method}", via.host),
            None => {
                let number = request.cseq()?.number;
                let from = request.from()?.tag().unwrap_or("").to_owned();
                format!("2543|{}|{from}|{number}|{}|{port}|{method}", request.call_id()?, via.host)
            }
        }))
    }
}

/// A request that we owe an answer.
pub(super) struct Server {
    /// Under which its timers know it.
    pub(super) number: u64,
    pub(super) request: Message,
    pub(super) hop: Hop,
    pub(super) invite: bool,
    /// The last answer, sent again when the request comes again.
    pub(super) last: Option<Vec<u8>>,
    pub(super) state: ServerState,
    /// The transaction by which it was forwarded.
    pub(super) client: Option<u64>,
    pub(super) call: Option<u64>,
    /// Pause before the final answer is sent again.
    pub(super) pause_us: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerState {
    /// No final answer yet.
    Proceeding,
    /// A final answer went out; for an INVITE refused, the ACK is still missing.
    Completed,
    /// Nothing more is to be sent.
    Done,
}

/// A request that we sent and wait for.
pub(super) struct Client {
    pub(super) request: Message,
    pub(super) hop: Hop,
    pub(super) invite: bool,
    /// Whose request it is; `None` for a CANCEL or BYE of our own.
    pub(super) server: Option<ServerKey>,
    pub(super) call: Option<u64>,
    pub(super) state: ClientState,
    pub(super) pause_us: i64,
    /// Cancelled, but nothing has come back yet to which a CANCEL could be sent (§9.1).
    pub(super) cancel_owed: bool,
    /// When ringing ends without a sign of life (timer C).
    pub(super) ring_until: Timestamp,
    /// Where else it may be sent while nothing has come back.
    pub(super) others: Vec<Hop>,
    /// It was sent elsewhere since, because nothing came back.
    pub(super) superseded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientState {
    /// Nothing came back.
    Calling,
    /// A provisional answer came.
    Proceeding,
    /// The final answer came.
    Completed,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not answered yet.
    Ringing,
    /// Answered at that moment.
    Talking {
        /// When it was answered.
        since: Timestamp,
    },
}

/// One party of a call as the other would address it.
#[derive(Clone)]
pub(super) struct Leg {
    /// Where the party takes requests: its Contact.
    pub(super) target: String,
    /// Elements between us and the party, nearest first.
    pub(super) routes: Vec<String>,
    /// Where its messages come from, used where the way names no address.
    pub(super) hop: Hop,
    /// Its From or To header with its tag.
    pub(super) identity: String,
    /// Highest number of a request from this party.
    pub(super) cseq: u32,
}

/// A call in progress.
pub(super) struct Call {
    pub(super) key: CallKey,
    pub(super) caller: Option<Number>,
    pub(super) callee: Option<Number>,
    pub(super) call_id: String,
    pub(super) from_tag: String,
    pub(super) progress: Progress,
    pub(super) began: Timestamp,
    pub(super) server: ServerKey,
    pub(super) client: u64,
    pub(super) caller_leg: Leg,
    pub(super) callee_leg: Option<Leg>,
    /// A call for help or of the warning line; never cut.
    pub(super) help: bool,
    /// Cut by order; an answer that comes all the same is ended at once.
    pub(super) cut: bool,
    /// Its end has been told.
    pub(super) told: bool,
    pub(super) seen: Timestamp,
    pub(super) idle_us: i64,
}

/// Where the way to a party begins: the first element that names an address of its own, else where it sends from.
pub(super) fn way(leg: &Leg) -> Hop {
    if leg.hop.is_reliable() {
        return leg.hop;
    }
    let first = leg.routes.first().map(String::as_str);
    let uri = match first {
        Some(route) => NameAddr::parse(route).map(|route| route.uri),
        None => Uri::parse(&leg.target),
    };
    uri.and_then(|uri| literal(&uri)).map_or(leg.hop, Hop::Udp)
}

/// The address that a URI names without asking anyone.
pub(super) fn literal(uri: &Uri<'_>) -> Option<SocketAddr> {
    if !matches!(uri.scheme, Scheme::Sip) || uri.param("transport").is_some_and(|t| !t.eq_ignore_ascii_case("udp")) {
        return None;
    }
    let ip = uri.host.trim_matches(['[', ']']).parse().ok()?;
    Some(SocketAddr::new(ip, uri.port.unwrap_or(sip::PORT_DEFAULT)))
}

/// The elements on either side of us in the Record-Route of an answer: towards the caller, towards the callee; each
/// nearest first. In the header the callee's side stands first.
pub(super) fn sides(answer: &Message, ours: impl Fn(&str) -> bool) -> (Vec<String>, Vec<String>) {
    let all: Vec<String> = answer.values(Name::RecordRoute).map(str::to_owned).collect();
    // Where the transport changes on the way through us there are two of ours, one for either side.
    let first = all.iter().position(|value| ours(value));
    let last = all.iter().rposition(|value| ours(value));
    match (first, last) {
        (Some(first), Some(last)) => {
            let callee = all.iter().take(first).rev().cloned().collect();
            (all.into_iter().skip(last + 1).collect(), callee)
        }
        _ => (Vec::new(), Vec::new()),
    }
}
