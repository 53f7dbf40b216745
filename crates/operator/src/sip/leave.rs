//! How answers leave over UDP: those to one peer go to the kernel in one piece, which it cuts into datagrams.
//!
//! A datagram of its own has the kernel look up the route, make a buffer and walk down to the device; that is most of what
//! an answer costs. Cutting (`UDP_SEGMENT`, Linux 4.18) does all of it once for up to 64 answers, if they are of one
//! length; only the last may be shorter. So answers are filled up to a multiple of [`STEP`] with the white space that
//! RFC 3261 §7.3.1 allows before a value: the fill depends on the answer alone, and a repeated answer stays the same.
//!
//! The order of answers within a batch is of no meaning: each is of another transaction, and UDP keeps no order anyway.

use std::io::IoSlice;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, addr::SocketAddrArg, sendmmsg};

/// Answers are filled up to a multiple of this many bytes.
const STEP: usize = 64;
/// What ends every answer, without the value that is moved by the fill.
const END: &[u8] = b" 0\r\n\r\n";
/// Longest answer that goes out in a piece with others: with its headers it fits into an Ethernet frame.
const PIECE_ANSWER_BYTES_MAX: usize = 1_408;
/// Bytes of one piece; the kernel takes 65,507.
const PIECE_BYTES_MAX: usize = 64_000;
/// Pieces refused in a row, after which the kernel or the device is taken to be unable to cut.
const REFUSALS_MAX: u32 = 16;

/// The answers of one batch, with buffers that are used again.
pub(crate) struct Leaving {
    answers: Vec<(SocketAddr, Vec<u8>)>,
    filled: usize,
    order: Vec<u16>,
    refusals: u32,
}

impl Leaving {
    /// Room for so many answers.
    pub(crate) fn with_capacity(answers: usize) -> Self {
        let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
        Self {
            answers: (0..answers).map(|_| (unspecified, Vec::with_capacity(2_048))).collect(),
            filled: 0,
            order: Vec::with_capacity(answers),
            refusals: 0,
        }
    }

    /// Has one answer written; what is left empty is not sent. Gives nothing when there is no room.
    pub(crate) fn write(&mut self, answer: impl FnOnce(&mut Vec<u8>) -> SocketAddr) {
        let Some((target, bytes)) = self.answers.get_mut(self.filled) else { return };
        bytes.clear();
        *target = answer(bytes);
        if !bytes.is_empty() {
            fill(bytes);
            self.filled += 1;
        }
    }

    /// Sends all, and is empty again. What one peer's address makes impossible is left out; the rest goes on.
    pub(crate) fn send(&mut self, socket: &UdpSocket) {
        let filled = self.answers.get(..std::mem::take(&mut self.filled)).unwrap_or_default();
        if filled.is_empty() {
            return;
        }
        let of = |index: &u16| filled.get(usize::from(*index));
        self.order.clear();
        self.order.extend(0..u16::try_from(filled.len()).unwrap_or(u16::MAX));
        // Longest first, so that the one shorter answer that may end a piece is the next one.
        self.order.sort_unstable_by_key(|index| of(index).map(|(target, bytes)| (*target, usize::MAX - bytes.len())));
        let mut alone: Vec<&(SocketAddr, Vec<u8>)> = Vec::new();
        let mut rest = self.order.as_slice();
        while let Some(first) = rest.first().and_then(of) {
            let (piece, others) = rest.split_at(piece_length(first, rest.iter().filter_map(of)));
            rest = others;
            let sent = piece.len() > 1
                && self.refusals < REFUSALS_MAX
                && send_piece(socket, first.0, first.1.len(), piece.iter().filter_map(of));
            if sent {
                self.refusals = 0;
            } else {
                self.refusals = self.refusals.saturating_add(u32::from(piece.len() > 1));
                alone.extend(piece.iter().filter_map(of));
            }
        }
        send_each(socket, &alone);
    }
}

/// Fills an answer up with white space before its last value.
fn fill(answer: &mut Vec<u8>) {
    let missing = answer.len().next_multiple_of(STEP) - answer.len();
    if missing > 0 && answer.ends_with(END) {
        answer.truncate(answer.len() - END.len());
        answer.resize(answer.len() + missing, b' ');
        answer.extend_from_slice(END);
    }
}

/// How many of the answers that begin with `first` go out in one piece.
fn piece_length<'a>(first: &(SocketAddr, Vec<u8>), all: impl Iterator<Item = &'a (SocketAddr, Vec<u8>)>) -> usize {
    let (target, length) = (first.0, first.1.len());
    if length > PIECE_ANSWER_BYTES_MAX {
        return 1;
    }
    let mut count = 0;
    for (to, bytes) in all.take(PIECE_BYTES_MAX / length.max(1)) {
        if *to != target {
            break;
        }
        count += 1;
        if bytes.len() < length {
            break;
        }
    }
    count.max(1)
}

fn send_piece<'a>(
    socket: &UdpSocket,
    target: SocketAddr,
    length: usize,
    answers: impl Iterator<Item = &'a (SocketAddr, Vec<u8>)>,
) -> bool {
    let Ok(length) = u16::try_from(length) else { return false };
    let parts: Vec<IoSlice<'_>> = answers.map(|(_, bytes)| IoSlice::new(bytes)).collect();
    let target = SockaddrStorage::from(target);
    let cut = [ControlMessage::UdpGsoSegments(&length)];
    sendmsg(socket.as_raw_fd(), &parts, &cut, MsgFlags::empty(), Some(&target)).is_ok()
}

/// Sends answers as datagrams of their own, many by one system call.
fn send_each(socket: &UdpSocket, answers: &[&(SocketAddr, Vec<u8>)]) {
    if answers.is_empty() {
        return;
    }
    let targets: Vec<_> = answers.iter().map(|(target, _)| target.as_any()).collect();
    let slices: Vec<[IoSlice<'_>; 1]> = answers.iter().map(|(_, bytes)| [IoSlice::new(bytes)]).collect();
    let mut ancillary: Vec<SendAncillaryBuffer<'_, '_, '_>> =
        answers.iter().map(|_| SendAncillaryBuffer::default()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(extra: usize) -> Vec<u8> {
        format!("SIP/2.0 404 Not Found\r\nCall-ID: {}\r\nContent-Length: 0\r\n\r\n", "c".repeat(extra)).into_bytes()
    }

    #[test]
    fn answers_are_filled_to_a_step_and_read_the_same() {
        for extra in 1..200 {
            let mut filled = answer(extra);
            let length = filled.len();
            fill(&mut filled);
            assert_eq!(filled.len(), length.next_multiple_of(STEP));
            let text = String::from_utf8(filled.clone()).unwrap();
            assert_eq!(
                text.replace("  ", "").replace(": 0", ":0"),
                String::from_utf8(answer(extra)).unwrap().replace(": 0", ":0")
            );
            let again = filled.clone();
            fill(&mut filled);
            assert_eq!(filled, again);
        }
    }

    #[test]
    fn each_peer_gets_every_answer_of_its_own_once() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let peers: Vec<UdpSocket> = (0..3).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        let mut leaving = Leaving::with_capacity(64);
        for round in 0..3 {
            let mut expected = vec![Vec::new(); peers.len()];
            for n in 0..64_usize {
                let peer = n % 7 % 3;
                let text = answer(1 + n * (1 + round * 37) % 1_500);
                leaving.write(|out| {
                    out.extend_from_slice(&text);
                    peers[peer].local_addr().unwrap()
                });
                let mut filled = text;
                fill(&mut filled);
                expected[peer].push(filled);
            }
            leaving.write(|_| panic!("there is no room left"));
            leaving.send(&server);
            for (peer, mut expected) in peers.iter().zip(expected) {
                let mut buffer = [0_u8; 4_096];
                let mut got: Vec<Vec<u8>> = expected
                    .iter()
                    .map(|_| {
                        let (length, from) = peer.recv_from(&mut buffer).unwrap();
                        assert_eq!(from, server.local_addr().unwrap());
                        buffer[..length].to_vec()
                    })
                    .collect();
                got.sort();
                expected.sort();
                assert!(got == expected, "round {round}");
                peer.set_nonblocking(true).unwrap();
                assert!(peer.recv_from(&mut buffer).is_err(), "nothing comes twice");
                peer.set_nonblocking(false).unwrap();
            }
        }
    }
}
