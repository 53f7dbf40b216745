//! How many connections a seat holds, and for how long it waits for one that does nothing.
//!
//! ```text
//! connect        counted: all together, and those of one address (a /64 of IPv6); one too many is closed at once
//! first request  head_time_max from the connection (TLS included) to the whole head
//! later          idle_time_max without a byte in either direction, and it is closed
//! ```
//!
//! Live updates write a byte at least every quarter of a minute, so they never count as idle; a reader that does not read
//! stops the bytes and is closed like any other. How slowly a body may come is decided in [`crate::bodies`].

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Bytes by which a request of either version of HTTP is known.
const FIRST_BYTES: u64 = 24;

/// Limits on connections; every one may be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections open at once.
    pub total_max: usize,
    /// Of them from one address, or one /64 of IPv6.
    pub per_address_max: usize,
    /// A caller has so long to send the head of a request.
    pub head_time_max: Duration,
    /// A connection on which nothing moves is closed after so long; longer than the longest answer takes.
    pub idle_time_max: Duration,
    /// Addresses whose connections are not counted by address: proxies, behind which everybody stands.
    pub proxies: Vec<IpAddr>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            total_max: 4_000,
            per_address_max: 1_000,
            head_time_max: Duration::from_secs(15),
            idle_time_max: Duration::from_secs(75),
            proxies: Vec::new(),
        }
    }
}

/// Connections open now.
#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Counts connections and watches over each.
#[derive(Debug, Clone)]
pub(crate) struct Counted<A> {
    inner: A,
    limits: Arc<ConnectionLimits>,
    open: Arc<Mutex<Open>>,
}

impl<A> Counted<A> {
    pub(crate) fn new(inner: A, limits: ConnectionLimits) -> Self {
        Self { inner, limits: Arc::new(limits), open: Arc::default() }
    }

    fn enter(&self, address: IpAddr) -> Option<Place> {
        let group = group_of(address);
        let by_address = !self.limits.proxies.contains(&address.to_canonical());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let same = open.by_address.get(&group).copied().unwrap_or(0);
        if open.total >= self.limits.total_max || (by_address && same >= self.limits.per_address_max) {
            return None;
        }
        open.total += 1;
        *open.by_address.entry(group).or_default() += 1;
        Some(Place { open: self.open.clone(), group })
    }
}

/// Whoever has an address of IPv6 has all of its /64.
fn group_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

/// A counted connection; dropping it makes room.
#[derive(Debug)]
struct Place {
    open: Arc<Mutex<Open>>,
    group: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        if let Some(count) = open.by_address.get_mut(&self.group) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.group);
            }
        }
    }
}

impl<A, S> Accept<TcpStream, S> for Counted<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
    A::Stream: Unpin,
{
    type Stream = Watched<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = stream.peer_addr().map(|peer| self.enter(peer.ip()));
        let limits = self.limits.clone();
        let began = Instant::now();
        let inner = match place {
            Ok(Some(place)) => Ok((place, self.inner.accept(stream, service))),
            Ok(None) => {
                metrics::counter!("http_connections_refused_total").increment(1);
                Err(io::Error::other("too many connections"))
            }
            Err(error) => Err(error),
        };
        Box::pin(async move {
            let (place, accepting) = inner?;
            let (stream, service) = accepting.await?;
            let deadline = Box::pin(tokio::time::sleep_until(began + limits.head_time_max));
            Ok((Watched { stream, _place: place, limits, deadline, moved: began, read: 0, begun: false }, service))
        })
    }
}

/// A connection that is closed when nothing moves on it for too long.
#[derive(Debug)]
pub(crate) struct Watched<IO> {
    stream: IO,
    _place: Place,
    limits: Arc<ConnectionLimits>,
    deadline: Pin<Box<Sleep>>,
    moved: Instant,
    read: u64,
    /// Whether the first request was seen; before it the deadline does not move.
    begun: bool,
}

impl<IO> Watched<IO> {
    /// Notes that bytes moved. The timer is set anew now and then only: a connection at full speed has no time for it.
    fn moved(&mut self) {
        let now = Instant::now();
        if self.begun && now - self.moved >= self.limits.idle_time_max / 16 {
            self.moved = now;
            self.deadline.as_mut().reset(now + self.limits.idle_time_max);
        }
    }

    fn begin(&mut self) {
        if !self.begun {
            self.begun = true;
            self.moved = Instant::now();
            self.deadline.as_mut().reset(self.moved + self.limits.idle_time_max);
        }
    }

    fn overdue(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.as_mut().poll(context).is_ready()
    }
}

fn idle() -> io::Error {
    metrics::counter!("http_connections_idle_total").increment(1);
    io::Error::new(io::ErrorKind::TimedOut, "nothing moved on the connection")
}

impl<IO: AsyncRead + Unpin> AsyncRead for Watched<IO> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(context, buffer);
        if outcome.is_pending() {
            return if this.overdue(context) { Poll::Ready(Err(idle())) } else { Poll::Pending };
        }
        let count = buffer.filled().len().saturating_sub(before);
        this.read = this.read.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if this.read >= FIRST_BYTES {
            this.begin();
        }
        if count > 0 {
            this.moved();
        }
        outcome
    }
}

impl<IO: AsyncWrite + Unpin> Watched<IO> {
    fn wrote(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Pending if self.overdue(context) => Poll::Ready(Err(idle())),
            Poll::Pending => Poll::Pending,
            Poll::Ready(done) => {
                self.begin();
                self.moved();
                Poll::Ready(done)
            }
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Watched<IO> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(context, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, bytes);
        this.wrote(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let group = |text: &str| group_of(text.parse().unwrap());
        assert_eq!(group("2001:db8:1:2:3::1"), group("2001:db8:1:2:ffff::9"));
        assert_ne!(group("2001:db8:1:2::1"), group("2001:db8:1:3::1"));
        assert_eq!(group("::ffff:192.0.2.1"), group("192.0.2.1"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
    }
}
