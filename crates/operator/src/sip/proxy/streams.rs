//! Connections of the proxy: those that are opened to it, and those that it opens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sip::{Frame, Framer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;

use super::next_hop::Tls;
use super::parts::{Hop, Transport};
use crate::sip::redirect::{Counters, Shared};

/// Messages that wait to be written to one connection; a peer that reads more slowly loses what comes then.
pub(super) const WRITES_MAX: usize = 256;
/// Time within which a connection must be open, and again for its TLS.
const OPEN_WITHIN: Duration = Duration::from_secs(3);
/// Time within which a TLS handshake that somebody begins must be done.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What comes from connections.
pub(super) enum FromStream {
    /// One was opened to us.
    Open(u64, mpsc::Sender<Vec<u8>>),
    /// A message.
    Message(Hop, Vec<u8>),
    /// One that was opened to us has closed.
    Closed(u64),
    /// One that we open could not be.
    Unreachable(Hop),
}

/// What every listener shares: numbers for connections, and places.
#[derive(Clone)]
pub(super) struct Doors {
    numbers: Arc<std::sync::atomic::AtomicU64>,
    places: Arc<Semaphore>,
}

impl Doors {
    pub(super) fn new(connections_max: usize) -> Self {
        Self { numbers: Arc::default(), places: Arc::new(Semaphore::new(connections_max)) }
    }
}

/// Takes connections for ever.
pub(super) async fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    doors: Doors,
    shared: Shared,
    proxy: mpsc::Sender<FromStream>,
) {
    loop {
        let Ok((stream, source)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = doors.places.clone().try_acquire_owned() else {
            Counters::add(&shared.counters.connections_refused);
            continue;
        };
        let number = doors.numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let (proxy, tls) = (proxy.clone(), tls.clone());
        let idle = Duration::from_secs(shared.decider.config.settings.connection_idle_seconds);
        tokio::spawn(async move {
            let _place = place;
            let _ = stream.set_nodelay(true);
            match tls {
                None => taken(stream, number, source, idle, &proxy).await,
                Some(acceptor) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        taken(stream, number, source, idle, &proxy).await;
                    }
                }
            }
        });
    }
}

async fn taken(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    number: u64,
    source: SocketAddr,
    idle: Duration,
    proxy: &mpsc::Sender<FromStream>,
) {
    let (writer, writes) = mpsc::channel(WRITES_MAX);
    if proxy.send(FromStream::Open(number, writer)).await.is_ok() {
        serve(stream, Hop::Stream(number, source), idle, proxy, writes).await;
        let _ = proxy.send(FromStream::Closed(number)).await;
    }
}

/// Opens a connection and carries its messages until it closes; tells when it cannot be opened.
pub(super) async fn open(
    hop: Hop,
    tls: Option<Tls>,
    idle: Duration,
    proxy: mpsc::Sender<FromStream>,
    writes: mpsc::Receiver<Vec<u8>>,
) {
    let connected = tokio::time::timeout(OPEN_WITHIN, TcpStream::connect(hop.address())).await;
    let Ok(Ok(stream)) = connected else {
        let _ = proxy.send(FromStream::Unreachable(hop)).await;
        return;
    };
    let _ = stream.set_nodelay(true);
    if hop.transport() != Transport::Tls {
        return serve(stream, hop, idle, &proxy, writes).await;
    }
    let why = match tls {
        None => "no TLS is set up".to_owned(),
        Some(tls) => match tokio::time::timeout(OPEN_WITHIN, tls.connector.connect(tls.name, stream)).await {
            Ok(Ok(stream)) => return serve(stream, hop, idle, &proxy, writes).await,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no handshake in time".to_owned(),
        },
    };
    tracing::warn!(address = %hop.address(), why, "sip: the next hop is not believed");
    let _ = proxy.send(FromStream::Unreachable(hop)).await;
}

/// Carries messages of one connection in both directions until it closes, falls silent, or cannot be cut into messages.
async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
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
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}
