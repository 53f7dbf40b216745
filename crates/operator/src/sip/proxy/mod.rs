//! The proxy: stays in the way of each call by Record-Route, so that a call in progress can be ended by order.
//!
//! [`core`] is the proxy without sockets; here are its sockets, its clock, and the handle by which others ask for calls.

mod again;
mod core;
mod elsewhere;
mod follow;
mod next_hop;
mod parts;
mod registry;
mod streams;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use kernel::Timestamp;
use screen::Number;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use self::core::Core;
use self::next_hop::Tls;
use self::parts::Transport;
use self::registry::Registry;
use self::streams::{Doors, FromStream, WRITES_MAX, listen, open};
use super::StartError;
use super::redirect::Shared;
use crate::screening::CallKey;
pub(crate) use next_hop::NextHop;
pub(crate) use parts::Hop;
pub use parts::Progress;

/// Messages from connections that wait for the proxy.
const WAITING_MAX: usize = 4_096;
/// Ports tried where any will do.
const PORTS_TRIED: u32 = 16;
/// How long the proxy sleeps at most.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// A call that was ended by order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which call.
    pub key: CallKey,
    /// Who called.
    pub caller: Option<Number>,
    /// Who was called.
    pub callee: Option<Number>,
    /// How far it had come.
    pub progress: Progress,
}

/// A call that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallInProgress {
    /// Which call.
    pub key: CallKey,
    /// Who called.
    pub caller: Option<Number>,
    /// Who was called.
    pub callee: Option<Number>,
    /// When it came in.
    pub began: Timestamp,
    /// How far it has come.
    pub progress: Progress,
}

enum Command {
    Cut(Number, Option<Number>, oneshot::Sender<Vec<Cut>>),
    OfLine(Number, oneshot::Sender<Vec<CallInProgress>>),
    Count(oneshot::Sender<usize>),
}

/// Calls in progress. Where no proxy runs there are none.
#[derive(Clone, Default)]
pub struct Calls(Option<mpsc::Sender<Command>>);

impl Calls {
    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (answer, waiting) = oneshot::channel();
        self.0.as_ref()?.send(command(answer)).await.ok()?;
        waiting.await.ok()
    }

    /// Ends the calls of a line, all or those with one counterpart: BYE to both parties of an answered call, CANCEL and 487
    /// for one that rings. Calls for help and of the warning line are left alone.
    pub async fn cut(&self, line: Number, counterpart: Option<Number>) -> Vec<Cut> {
        self.ask(|answer| Command::Cut(line, counterpart, answer)).await.unwrap_or_default()
    }

    /// The calls of a line that go on.
    pub async fn of_line(&self, line: Number) -> Vec<CallInProgress> {
        self.ask(|answer| Command::OfLine(line, answer)).await.unwrap_or_default()
    }

    /// How many calls go on.
    pub async fn count(&self) -> usize {
        self.ask(Command::Count).await.unwrap_or_default()
    }

    /// Whether calls go through us, so that they can be ended at all.
    pub const fn are_seen(&self) -> bool {
        self.0.is_some()
    }
}

/// How others reach us.
pub(crate) struct Ours {
    /// `host:port` for UDP and TCP.
    pub(crate) advertised: String,
    /// The same for TLS, where it is listened for.
    pub(crate) advertised_tls: Option<String>,
}

/// The proxy as it was started.
pub(super) struct Started {
    pub(super) bound: SocketAddr,
    pub(super) tls: Option<SocketAddr>,
    pub(super) calls: Calls,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

/// Starts the proxy, with the calls that an earlier run left.
///
/// # Errors
/// An address cannot be bound, or a file cannot be used.
pub(super) async fn start(
    address: SocketAddr,
    next_hop: NextHop,
    acceptor: Option<TlsAcceptor>,
    shared: Shared,
) -> Result<Started, StartError> {
    let settings = shared.decider.config.settings.clone();
    let bind = |address| move |problem| StartError::Bind { address, problem };
    let (socket, listener) = bind_both(address).await.map_err(bind(address))?;
    let bound = socket.local_addr().map_err(bind(address))?;
    let tls_listener = match settings.proxy_tls {
        None => None,
        Some(address) => Some(TcpListener::bind(address).await.map_err(bind(address))?),
    };
    let tls = tls_listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let advertised = settings.advertised.clone().unwrap_or_else(|| bound.to_string());
    let advertised_tls = tls.map(|tls| match advertised.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => format!("{host}:{}", tls.port()),
        _ => format!("{advertised}:{}", tls.port()),
    });
    let roots = settings.next_hop_roots.as_deref();
    let client = match next_hop.transport {
        Transport::Tls => {
            Some(next_hop.tls(roots).map_err(|why| super::file_error(roots.unwrap_or(Path::new("")), why))?)
        }
        _ => None,
    };
    let (addresses, resolver) = next_hop.addresses().await;
    let mut core = Core::new(shared.clone(), Ours { advertised, advertised_tls }, next_hop.transport);
    let registry = match &settings.calls_file {
        None => None,
        Some(path) => {
            let file = |problem| super::file_error(path, problem);
            let going = core.take_over(registry::read(path).map_err(file)?, shared.decider.screening.now());
            if !going.is_empty() {
                tracing::info!(calls = going.len(), "sip: calls of before go on");
            }
            Some(Registry::begin(path, going).map_err(file)?)
        }
    };
    let (commands, asked) = mpsc::channel(64);
    let (from_streams, streams) = mpsc::channel(WAITING_MAX);
    let doors = Doors::new(settings.connections_max);
    let wires = Wires { socket, client, registry, from_streams: from_streams.clone(), shared: shared.clone() };
    let mut tasks = vec![
        tokio::spawn(run(core, wires, asked, streams, addresses)),
        tokio::spawn(listen(listener, None, doors.clone(), shared.clone(), from_streams.clone())),
    ];
    if let (Some(listener), Some(acceptor)) = (tls_listener, acceptor) {
        tasks.push(tokio::spawn(listen(listener, Some(acceptor), doors, shared, from_streams)));
    }
    tasks.extend(resolver);
    Ok(Started { bound, tls, calls: Calls(Some(commands)), tasks })
}

/// UDP and TCP at one address. Where any port will do, one that is free for UDP may be taken for TCP: another is tried.
async fn bind_both(address: SocketAddr) -> std::io::Result<(UdpSocket, TcpListener)> {
    let mut tries = if address.port() == 0 { PORTS_TRIED } else { 1 };
    loop {
        let socket = super::udp::open(address)?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket)?;
        tries -= 1;
        match TcpListener::bind(socket.local_addr()?).await {
            Ok(listener) => return Ok((socket, listener)),
            Err(problem) if tries == 0 => return Err(problem),
            Err(_) => {}
        }
    }
}

/// What the proxy sends by and writes to.
struct Wires {
    socket: UdpSocket,
    client: Option<Tls>,
    registry: Option<Registry>,
    from_streams: mpsc::Sender<FromStream>,
    shared: Shared,
}

async fn run(
    mut core: Core,
    wires: Wires,
    mut asked: mpsc::Receiver<Command>,
    mut streams: mpsc::Receiver<FromStream>,
    mut addresses: watch::Receiver<Vec<SocketAddr>>,
) {
    let screening = wires.shared.decider.screening.clone();
    let mut writers: HashMap<Hop, mpsc::Sender<Vec<u8>>> = HashMap::new();
    let mut buffer = vec![0; sip::limits::MESSAGE_BYTES_MAX];
    let mut resolving = true;
    core.use_addresses(wires.usable(&addresses.borrow_and_update()));
    loop {
        let sleep = core.due().map_or(SLEEP_MAX, |due| screening.wait_until(due).min(SLEEP_MAX));
        tokio::select! {
            received = wires.socket.recv_from(&mut buffer) => {
                // An error tells that an earlier message met nobody; its transaction finds out by its timer.
                if let Ok((length, source)) = received {
                    core.message(buffer.get(..length).unwrap_or_default(), Hop::Udp(source), screening.now());
                }
            }
            Some(event) = streams.recv() => match event {
                FromStream::Open(number, writer) => drop(writers.insert(connection(number), writer)),
                FromStream::Closed(number) => drop(writers.remove(&connection(number))),
                FromStream::Message(hop, bytes) => core.message(&bytes, hop, screening.now()),
                FromStream::Unreachable(hop) => {
                    writers.remove(&hop);
                    core.unreachable(hop, screening.now());
                }
            },
            command = asked.recv() => match command {
                // Whoever asked and is gone does not want to know.
                Some(Command::Cut(line, counterpart, answer)) => {
                    drop(answer.send(core.cut(line, counterpart, screening.now())));
                }
                Some(Command::OfLine(line, answer)) => drop(answer.send(core.of_line(line))),
                Some(Command::Count(answer)) => drop(answer.send(core.count())),
                None => return,
            },
            changed = addresses.changed(), if resolving => match changed {
                Ok(()) => core.use_addresses(wires.usable(&addresses.borrow_and_update())),
                // An address that is no name is never asked about again.
                Err(_) => resolving = false,
            },
            () = tokio::time::sleep(sleep) => {}
        }
        core.tick(screening.now());
        for send in core.take() {
            wires.send(send, &mut writers).await;
        }
        for change in core.take_changes() {
            if let Some(registry) = &wires.registry {
                registry.note(change);
            }
        }
    }
}

/// Under which the writer of a connection that was opened to us is found: whatever address is behind it.
const fn connection(number: u64) -> Hop {
    Hop::Stream(number, SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0))
}

impl Wires {
    /// The addresses that our socket can send to.
    fn usable(&self, addresses: &[SocketAddr]) -> Vec<SocketAddr> {
        let v4 = self.socket.local_addr().is_ok_and(|own| own.is_ipv4());
        let udp = matches!(&self.shared.decider.config.next_hop, Some(hop) if hop.transport == Transport::Udp);
        addresses.iter().copied().filter(|address| !udp || address.is_ipv4() == v4).collect()
    }

    /// Sends a message; one that cannot be sent is one that got lost.
    async fn send(&self, send: core::Send, writers: &mut HashMap<Hop, mpsc::Sender<Vec<u8>>>) {
        match send.hop {
            Hop::Udp(to) => drop(self.socket.send_to(&send.bytes, to).await),
            Hop::Stream(number, _) => {
                if let Some(writer) = writers.get(&connection(number)) {
                    let _ = writer.try_send(send.bytes);
                }
            }
            Hop::Out(..) => {
                let writer = writers.get(&send.hop).filter(|writer| !writer.is_closed());
                if let Some(writer) = writer {
                    let _ = writer.try_send(send.bytes);
                    return;
                }
                let (writer, writes) = mpsc::channel(WRITES_MAX);
                let _ = writer.try_send(send.bytes);
                writers.insert(send.hop, writer);
                let idle = Duration::from_secs(self.shared.decider.config.settings.connection_idle_seconds);
                tokio::spawn(open(send.hop, self.client.clone(), idle, self.from_streams.clone(), writes));
            }
        }
    }
}
