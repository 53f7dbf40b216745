//! UDP: threads of its own that share an address, each with batches of datagrams by one system call in either direction.

use std::io::IoSliceMut;
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};
use socket2::{Domain, Protocol, Socket, Type};
use thread_priority::unix::{set_thread_priority_and_policy, thread_native_id};
use thread_priority::{RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};

use super::leave::Leaving;
use super::memory::Memory;
use super::redirect::Shared;

/// Datagrams taken by one system call at most.
const BATCH: usize = 64;
/// Bytes of one datagram: the longest that there can be, so that none is cut. Not a round number, so that the starts of the
/// buffers do not fall on the same lines of the cache. What no datagram fills is never touched, and takes no memory.
const DATAGRAM_BYTES: usize = 65_536 + 192;
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

/// Starts the threads of one address, so many, and before all else on the machine where that is wanted; gives the address
/// that was bound.
pub(crate) fn start(
    address: SocketAddr,
    (threads, real_time): (usize, bool),
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
            std::thread::Builder::new().name(format!("sip-udp-{index}")).spawn(move || {
                if real_time {
                    go_first();
                }
                // A socket that nobody reads would swallow its share of the calls: whatever happens, it is served on.
                while !stop.load(Ordering::Relaxed) {
                    let serving = std::panic::AssertUnwindSafe(|| serve(&socket, &shared, &stop));
                    if std::panic::catch_unwind(serving).is_err() {
                        metrics::counter!("worker_ended_total", "worker" => "sip_udp").increment(1);
                        tracing::error!("sip: a thread has panicked; it goes on");
                    }
                }
            })
        })
        .collect::<Result<_, _>>()?;
    Ok((bound, handles))
}

/// Has this thread run before all threads of the usual kind. Not to have the right to it is no reason not to answer.
fn go_first() {
    let lowest = ThreadPriority::Crossplatform(1.try_into().unwrap_or_default());
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    match set_thread_priority_and_policy(thread_native_id(), lowest, policy) {
        Ok(()) => tracing::info!("sip: this thread goes before others"),
        Err(problem) => tracing::warn!(%problem, "sip: real_time is not permitted here; give the program CAP_SYS_NICE"),
    }
}

/// Answers until told to stop.
fn serve(socket: &UdpSocket, shared: &Shared, stop: &AtomicBool) {
    let mut memory = Memory::new();
    let mut headers = MultiHeaders::preallocate(BATCH, None);
    let mut buffers = vec![0_u8; BATCH * DATAGRAM_BYTES];
    let mut leaving = Leaving::with_capacity(BATCH);
    while !stop.load(Ordering::Relaxed) {
        match receive(socket, &mut headers, &mut buffers, &mut leaving, shared, &mut memory) {
            Ok(()) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            // An answer to a peer that is gone comes back as an error of the next call; it is nobody else's.
            Err(Errno::ECONNREFUSED) => {}
            Err(problem) => {
                tracing::error!(%problem, "sip: receiving failed");
                std::thread::sleep(LOOK_UP);
            }
        }
        leaving.send(socket);
    }
}

/// Waits for datagrams, and answers those that are there.
fn receive(
    socket: &UdpSocket,
    headers: &mut MultiHeaders<SockaddrStorage>,
    buffers: &mut [u8],
    leaving: &mut Leaving,
    shared: &Shared,
    memory: &mut Memory,
) -> Result<(), Errno> {
    let mut chunks = buffers.chunks_mut(DATAGRAM_BYTES);
    let mut slices: [[IoSliceMut<'_>; 1]; BATCH] =
        std::array::from_fn(|_| [IoSliceMut::new(chunks.next().unwrap_or_default())]);
    let received = recvmmsg(socket.as_raw_fd(), headers, slices.iter_mut(), MsgFlags::MSG_WAITFORONE, None)?;
    let at = shared.decider.screening.now();
    for message in received {
        let (Some(bytes), Some(source)) = (message.iovs().next(), message.address.as_ref().and_then(address)) else {
            continue;
        };
        leaving.write(|out| shared.answer(memory, bytes, source, at, out));
    }
    Ok(())
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(SocketAddrV4::from(*v4).into());
    }
    storage.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6).into())
}
