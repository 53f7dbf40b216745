//! The proxy: stays in the way of each call by Record-Route, so that a call in progress can be ended by order.
//!
//! [`core`] is the proxy without sockets; here are its sockets, its clock, and the handle by which others ask for calls.

mod core;
mod follow;
mod parts;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use kernel::Timestamp;
use screen::Number;
use sip::{Frame, Framer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::core::Core;
use super::redirect::{Counters, Shared};
use crate::screening::CallKey;
pub(crate) use parts::Hop;
pub use parts::Progress;

/// Messages from connections that wait for the proxy.
const WAITING_MAX: usize = 4_096;
/// Messages that wait to be written to one connection; a peer that reads more slowly loses what comes then.
const WRITES_MAX: usize = 256;
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

/// What comes from connections.
enum FromStream {
    Open(u64, mpsc::Sender<Vec<u8>>),
    Message(Hop, Vec<u8>),
    Closed(u64),
}

/// Starts the proxy; gives the bound address, the handle and the tasks.
pub(super) async fn start(
    address: SocketAddr,
    next_hop: SocketAddr,
    shared: Shared,
) -> std::io::Result<(SocketAddr, Calls, Vec<JoinHandle<()>>)> {
    let socket = super::udp::open(address)?;
    socket.set_nonblocking(true)?;
    let socket = UdpSocket::from_std(socket)?;
    let bound = socket.local_addr()?;
    let listener = TcpListener::bind(bound).await?;
    let advertised = shared.decider.config.settings.advertised.clone().unwrap_or_else(|| bound.to_string());
    let core = Core::new(shared.clone(), advertised, next_hop);
    let (commands, asked) = mpsc::channel(64);
    let (from_streams, streams) = mpsc::channel(WAITING_MAX);
    let tasks = vec![
        tokio::spawn(run(core, socket, shared.clone(), asked, streams)),
        tokio::spawn(listen(listener, shared, from_streams)),
    ];
    Ok((bound, Calls(Some(commands)), tasks))
}

async fn run(
    mut core: Core,
    socket: UdpSocket,
    shared: Shared,
    mut asked: mpsc::Receiver<Command>,
    mut streams: mpsc::Receiver<FromStream>,
) {
    let clock = |shared: &Shared| shared.decider.screening.now();
    let mut writers: HashMap<u64, mpsc::Sender<Vec<u8>>> = HashMap::new();
    let mut buffer = vec![0; sip::limits::MESSAGE_BYTES_MAX];
    loop {
        let sleep = core.due().map_or(SLEEP_MAX, |due| shared.decider.screening.wait_until(due).min(SLEEP_MAX));
        tokio::select! {
            received = socket.recv_from(&mut buffer) => {
                // An error tells that an earlier message met nobody; its transaction finds out by its timer.
                if let Ok((length, source)) = received {
                    core.message(buffer.get(..length).unwrap_or_default(), Hop::Udp(source), clock(&shared));
                }
            }
            Some(event) = streams.recv() => match event {
                FromStream::Open(number, writer) => drop(writers.insert(number, writer)),
                FromStream::Closed(number) => drop(writers.remove(&number)),
                FromStream::Message(hop, bytes) => core.message(&bytes, hop, clock(&shared)),
            },
            command = asked.recv() => match command {
                // Whoever asked and is gone does not want to know.
                Some(Command::Cut(line, counterpart, answer)) => drop(answer.send(core.cut(line, counterpart, clock(&shared)))),
                Some(Command::OfLine(line, answer)) => drop(answer.send(core.of_line(line))),
                Some(Command::Count(answer)) => drop(answer.send(core.count())),
                None => return,
            },
            () = tokio::time::sleep(sleep) => {}
        }
        core.tick(clock(&shared));
        for send in core.take() {
            match send.hop {
                // A message that cannot be sent is one that got lost.
                Hop::Udp(to) => drop(socket.send_to(&send.bytes, to).await),
                Hop::Stream(number, _) => {
                    if let Some(writer) = writers.get(&number) {
                        let _ = writer.try_send(send.bytes);
                    }
                }
            }
        }
    }
}

async fn listen(listener: TcpListener, shared: Shared, proxy: mpsc::Sender<FromStream>) {
    let places = std::sync::Arc::new(tokio::sync::Semaphore::new(shared.decider.config.settings.connections_max));
    let mut number = 0;
    loop {
        let Ok((stream, source)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            Counters::add(&shared.counters.connections_refused);
            continue;
        };
        number += 1;
        let (proxy, idle) =
            (proxy.clone(), Duration::from_secs(shared.decider.config.settings.connection_idle_seconds));
        tokio::spawn(async move {
            let _place = place;
            let (writer, writes) = mpsc::channel(WRITES_MAX);
            if proxy.send(FromStream::Open(number, writer)).await.is_ok() {
                serve(stream, Hop::Stream(number, source), idle, &proxy, writes).await;
                let _ = proxy.send(FromStream::Closed(number)).await;
            }
        });
    }
}

/// Carries messages of one connection in both directions until it closes, falls silent, or cannot be cut into messages.
async fn serve(
    mut stream: TcpStream,
    hop: Hop,
    idle: Duration,
    proxy: &mpsc::Sender<FromStream>,
    mut writes: mpsc::Receiver<Vec<u8>>,
) {
    let (mut framer, mut buffer) = (Framer::default(), Vec::with_capacity(8_192));
    loop {
        loop {
            let taken = match framer.next(&buffer) {
                Frame::More => break,
                Frame::Bad(_) => return,
                Frame::Skip(n) => n,
                Frame::Ping(n) => {
                    if stream.write_all(b"\r\n").await.is_err() {
                        return;
                    }
                    n
                }
                Frame::Message(n) => {
                    let message = buffer.get(..n).unwrap_or_default().to_vec();
                    if proxy.send(FromStream::Message(hop, message)).await.is_err() {
                        return;
                    }
                    n
                }
            };
            buffer.drain(..taken.min(buffer.len()));
        }
        tokio::select! {
            read = tokio::time::timeout(idle, stream.read_buf(&mut buffer)) => match read {
                Ok(Ok(n)) if n > 0 => {}
                _ => return,
            },
            Some(bytes) = writes.recv() => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}
