//! TCP and TLS: connections with their limits; each message is answered on the connection it came on.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sip::{Frame, Framer, Refusal};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::memory::Memory;
use super::redirect::{Counters, Shared};

/// Time within which a TLS handshake must be done.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Bytes read at once.
const READ_BYTES: usize = 16_384;
/// Answers remembered for all connections together, so that a CANCEL finds its INVITE.
const PLACES: usize = 1 << 16;

/// Messages on one connection whose end is unknown, after which it is closed: a peer that never states a length.
const LOST_MAX: u32 = 1_000;

/// Connections that are open, by peer.
#[derive(Default)]
pub(crate) struct Connections(Mutex<HashMap<IpAddr, usize>>);

/// A place in the count; given back when dropped.
struct Place {
    connections: Arc<Connections>,
    ip: IpAddr,
}

impl Connections {
    fn enter(self: &Arc<Self>, ip: IpAddr, (all_max, peer_max): (usize, usize)) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= all_max || open.get(&ip).is_some_and(|n| *n >= peer_max) {
            return None;
        }
        *open.entry(ip).or_insert(0) += 1;
        Some(Place { connections: Arc::clone(self), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = open.get_mut(&self.ip) {
            *n -= 1;
            if *n == 0 {
                open.remove(&self.ip);
            }
        }
    }
}

/// What the listeners share.
#[derive(Clone)]
pub(crate) struct Streams {
    shared: Shared,
    connections: Arc<Connections>,
    memory: Arc<Mutex<Memory>>,
}

impl Streams {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared, connections: Arc::default(), memory: Arc::new(Mutex::new(Memory::with_places(PLACES))) }
    }

    /// Takes connections until the task is ended.
    pub(crate) async fn listen(self, listener: TcpListener, tls: Option<TlsAcceptor>) {
        loop {
            let (stream, source) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(problem) => {
                    // Most likely out of file descriptors; those that are open go on.
                    tracing::warn!(%problem, "sip: a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let settings = &self.shared.decider.config.settings;
            let Some(place) =
                self.connections.enter(source.ip(), (settings.connections_max, settings.peer_connections_max))
            else {
                Counters::add(&self.shared.counters.connections_refused);
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (streams, tls) = (self.clone(), tls.clone());
            tokio::spawn(async move {
                let _place = place;
                match tls {
                    None => streams.serve(stream, source).await,
                    Some(acceptor) => match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => streams.serve(stream, source).await,
                        Ok(Err(problem)) => tracing::debug!(%problem, "sip: handshake failed"),
                        Err(_) => {}
                    },
                }
            });
        }
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, source: SocketAddr) {
        let idle = Duration::from_secs(self.shared.decider.config.settings.connection_idle_seconds);
        let (mut framer, mut buffer, mut out, mut all) =
            (Framer::default(), Vec::with_capacity(READ_BYTES), Vec::new(), Vec::new());
        let mut lost = 0;
        loop {
            let mut open = true;
            let mut taken = 0;
            all.clear();
            loop {
                let rest = buffer.get(taken..).unwrap_or_default();
                let (length, message) = match framer.next(rest) {
                    Frame::More => break,
                    Frame::Skip(n) => (n, None),
                    Frame::Ping(n) => {
                        all.extend_from_slice(b"\r\n");
                        (n, None)
                    }
                    Frame::Message(n) => (n, Some(End::Known)),
                    Frame::Bad(n) => {
                        // One message whose end is unknown is no reason to lose all that a trunk sends behind it. Nothing is
                        // passed on here, so it does no harm to take a part of a body for a request.
                        framer.seek();
                        lost += 1;
                        open = lost < LOST_MAX;
                        (n, Some(End::Unknown))
                    }
                };
                if let Some(end) = message {
                    self.answer(rest.get(..length).unwrap_or_default(), source, end, &mut out);
                    all.extend_from_slice(&out);
                }
                taken += length;
                if !open {
                    break;
                }
            }
            buffer.drain(..taken.min(buffer.len()));
            if !all.is_empty() && !matches!(tokio::time::timeout(idle, stream.write_all(&all)).await, Ok(Ok(()))) {
                return;
            }
            if !open {
                let _ = stream.shutdown().await;
                return;
            }
            match tokio::time::timeout(idle, stream.read_buf(&mut buffer)).await {
                Ok(Ok(n)) if n > 0 => {}
                _ => return,
            }
        }
    }

    /// Answers one message. Where its end is unknown its caller is judged all the same, and then its form is refused.
    fn answer(&self, bytes: &[u8], source: SocketAddr, end: End, out: &mut Vec<u8>) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.shared.decider.screening.now();
        match end {
            End::Known => self.shared.answer(&mut memory, bytes, source, at, out),
            End::Unknown => {
                Counters::add(&self.shared.counters.received);
                let refusal = Refusal { status: 400, why: "Bad Request: Content-Length" };
                self.shared.answer_loose(&mut memory, bytes, source, refusal, (at, Instant::now()), out)
            }
        };
    }
}

/// Whether it is known where a message ends.
#[derive(Clone, Copy)]
enum End {
    Known,
    Unknown,
}
