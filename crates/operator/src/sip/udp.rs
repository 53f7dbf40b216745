//! UDP: threads of its own that share an address, each with batches of datagrams by one system call in either direction.

use std::io::{IoSlice, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, addr::SocketAddrArg, sendmmsg};
use socket2::{Domain, Protocol, Socket, Type};

use super::memory::Memory;
use super::redirect::Shared;

/// Datagrams taken by one system call at most.
const BATCH: usize = 64;
/// Bytes of one datagram; what is longer is cut, and then refused for its Content-Length. Not a round number, so that the
/// starts of the buffers do not fall on the same lines of the cache.
const DATAGRAM_BYTES: usize = 16_384 + 192;
/// Bytes that the kernel keeps for us in either direction while the thread is busy.
const SOCKET_BUFFER_BYTES: usize = 8 << 20;
/// How often a thread looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_millis(200);

/// Opens a socket that shares its address with those of other threads.
pub(crate) fn open(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_port(true)?;
    // The kernel grants what its limit allows; less means more loss under load, and is no reason not to start.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.set_read_timeout(Some(LOOK_UP))?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Starts the threads of one address; gives the address that was bound.
pub(crate) fn start(
    address: SocketAddr,
    threads: usize,
    shared: &Shared,
    stop: &Arc<AtomicBool>,
) -> std::io::Result<(SocketAddr, Vec<JoinHandle<()>>)> {
    let first = open(address)?;
    let bound = first.local_addr()?;
    let mut sockets = vec![first];
    for _ in 1..threads {
        sockets.push(open(bound)?);
    }
    let handles = sockets
        .into_iter()
        .enumerate()
        .map(|(index, socket)| {
            let (shared, stop) = (shared.clone(), stop.clone());
            std::thread::Builder::new().name(format!("sip-udp-{index}")).spawn(move || serve(&socket, &shared, &stop))
        })
        .collect::<Result<_, _>>()?;
    Ok((bound, handles))
}

/// Answers until told to stop.
fn serve(socket: &UdpSocket, shared: &Shared, stop: &AtomicBool) {
    let mut memory = Memory::new();
    let mut headers = MultiHeaders::preallocate(BATCH, None);
    let mut buffers = vec![0_u8; BATCH * DATAGRAM_BYTES];
    let mut answers: Vec<Vec<u8>> = (0..BATCH).map(|_| Vec::with_capacity(2_048)).collect();
    let mut targets: Vec<SocketAddrAny> = Vec::with_capacity(BATCH);
    while !stop.load(Ordering::Relaxed) {
        targets.clear();
        match receive(socket, &mut headers, &mut buffers, &mut answers, &mut targets, shared, &mut memory) {
            Ok(()) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            // An answer to a peer that is gone comes back as an error of the next call; it is nobody else's.
            Err(Errno::ECONNREFUSED) => {}
            Err(problem) => {
                tracing::error!(%problem, "sip: receiving failed");
                std::thread::sleep(LOOK_UP);
            }
        }
        send(socket, &answers, &targets);
    }
}

/// Waits for datagrams, and answers those that are there into `answers`, with as many `targets`.
fn receive(
    socket: &UdpSocket,
    headers: &mut MultiHeaders<SockaddrStorage>,
    buffers: &mut [u8],
    answers: &mut [Vec<u8>],
    targets: &mut Vec<SocketAddrAny>,
    shared: &Shared,
    memory: &mut Memory,
) -> Result<(), Errno> {
    let mut chunks = buffers.chunks_mut(DATAGRAM_BYTES);
    let mut slices: [[IoSliceMut<'_>; 1]; BATCH] =
        std::array::from_fn(|_| [IoSliceMut::new(chunks.next().unwrap_or_default())]);
    let received = recvmmsg(socket.as_raw_fd(), headers, slices.iter_mut(), MsgFlags::MSG_WAITFORONE, None)?;
    let at = shared.decider.screening.now();
    let mut free = answers.iter_mut();
    let mut out = free.next();
    for message in received {
        let (Some(bytes), Some(source), Some(answer)) =
            (message.iovs().next(), message.address.as_ref().and_then(address), out.as_mut())
        else {
            continue;
        };
        let target = shared.answer(memory, bytes, source, at, answer);
        if !answer.is_empty() {
            targets.push(target.as_any());
            out = free.next();
        }
    }
    Ok(())
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(SocketAddrV4::from(*v4).into());
    }
    storage.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6).into())
}

/// Sends each answer to its target. What one peer's address makes impossible is left out; the rest goes on.
fn send(socket: &UdpSocket, answers: &[Vec<u8>], targets: &[SocketAddrAny]) {
    if targets.is_empty() {
        return;
    }
    let slices: Vec<[IoSlice<'_>; 1]> =
        answers.iter().take(targets.len()).map(|answer| [IoSlice::new(answer)]).collect();
    let mut ancillary: Vec<SendAncillaryBuffer<'_, '_, '_>> =
        targets.iter().map(|_| SendAncillaryBuffer::default()).collect();
    let mut headers: Vec<MMsgHdr<'_>> = targets
        .iter()
        .zip(&slices)
        .zip(&mut ancillary)
        .map(|((to, slice), control)| MMsgHdr::new_with_addr(to, slice, control))
        .collect();
    let mut sent = 0;
    while let Some(rest) = headers.get_mut(sent..).filter(|rest| !rest.is_empty()) {
        match sendmmsg(socket, rest, SendFlags::empty()) {
            Ok(n) => sent += n.max(1),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => sent += 1,
        }
    }
}
