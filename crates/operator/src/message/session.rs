//! One bind of an ESME, and who waits for an answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use smpp::{BindMode, CommandId, Pdu, Status};
use tokio::sync::oneshot;

use super::outbox::Outbox;

/// A bind of an ESME.
pub(super) struct Session {
    pub(super) outbox: Arc<Outbox>,
    pub(super) mode: BindMode,
    /// Requests of the ESME that are not answered.
    outstanding: AtomicUsize,
    delivering: Mutex<Delivering>,
}

#[derive(Default)]
struct Delivering {
    sequence: u32,
    waiting: FxHashMap<u32, Option<Back>>,
}

/// Where the answer to a `deliver_sm` goes.
pub(super) struct Back {
    /// The bind at the SMSC over which it came.
    pub(super) link: Arc<Outbox>,
    /// The SMSC's sequence number.
    pub(super) sequence: u32,
}

impl Session {
    pub(super) fn new(outbox: Arc<Outbox>, mode: BindMode) -> Self {
        Self { outbox, mode, outstanding: AtomicUsize::new(0), delivering: Mutex::default() }
    }

    pub(super) fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// One more request waits for its answer.
    pub(super) fn asked(&self) {
        self.outstanding.fetch_add(1, Ordering::Relaxed);
    }

    fn answered(&self) {
        // A peer cannot be owed less than nothing.
        let _before = self.outstanding.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    }

    /// A response written here; it leaves with the next flush.
    pub(super) fn respond(&self, request: CommandId, status: Status, sequence: u32, message_id: &[u8]) {
        self.outbox.write(|out| {
            if request.is_message() {
                smpp::write_message_response(request, status, sequence, message_id, out);
            } else {
                smpp::write_empty(request.response(), status, sequence, out);
            }
        });
    }

    /// Hands a request of the SMSC, or a receipt of ours, to the ESME. `false` when it takes no more now.
    pub(super) fn deliver(&self, pdu: &[u8], back: Option<Back>, window_max: usize) -> bool {
        let mut delivering = self.delivering.lock().unwrap_or_else(PoisonError::into_inner);
        if delivering.waiting.len() >= window_max {
            return false;
        }
        delivering.sequence = next_sequence(delivering.sequence);
        let sequence = delivering.sequence;
        let written = self.outbox.write(|out| {
            let from = out.len();
            out.extend_from_slice(pdu);
            if let Some(copy) = out.get_mut(from..) {
                smpp::set_sequence(copy, sequence);
            }
        });
        if written {
            delivering.waiting.insert(sequence, back);
            drop(delivering);
            self.outbox.flush();
        }
        written
    }

    /// A response of the ESME: goes back to the SMSC under the SMSC's number.
    pub(super) fn delivered(&self, pdu: &Pdu<'_>) {
        let mut delivering = self.delivering.lock().unwrap_or_else(PoisonError::into_inner);
        let back = delivering.waiting.remove(&pdu.header.sequence).flatten();
        drop(delivering);
        if let Some(Back { link, sequence }) = back {
            link.write(|out| {
                let from = out.len();
                out.extend_from_slice(pdu.bytes);
                if let Some(copy) = out.get_mut(from..) {
                    smpp::set_sequence(copy, sequence);
                }
            });
            link.flush();
        }
    }

    /// The bind is over: what it has not answered, the SMSC keeps.
    pub(super) fn end(&self) {
        self.outbox.close();
        let waiting = std::mem::take(&mut self.delivering.lock().unwrap_or_else(PoisonError::into_inner).waiting);
        for Back { link, sequence } in waiting.into_values().flatten() {
            link.write(|out| {
                smpp::write_message_response(CommandId::DELIVER_SM, Status::RECEIVER_TEMPORARY, sequence, b"", out);
            });
            link.flush();
        }
    }
}

/// The sequence number after another; they run from 1 to 0x7fffffff.
pub(super) const fn next_sequence(sequence: u32) -> u32 {
    if sequence >= 0x7fff_ffff { 1 } else { sequence + 1 }
}

/// Who waits for the answer to a request.
pub(super) enum Asker {
    /// An ESME.
    Session {
        /// Its bind.
        session: Arc<Session>,
        /// What it asked.
        command: CommandId,
        /// Its number.
        sequence: u32,
    },
    /// A task of this process.
    Task(oneshot::Sender<(Status, Vec<u8>)>),
    /// Several get the same answer.
    Several(Vec<Asker>),
    /// Nobody.
    Nobody,
}

impl Asker {
    /// Whether somebody waits.
    pub(super) const fn is_somebody(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// Answers, and wakes the writer.
    pub(super) fn answer(self, status: Status, message_id: &[u8]) {
        match self {
            Self::Session { session, command, sequence } => {
                session.answered();
                session.respond(command, status, sequence, message_id);
                session.outbox.flush();
            }
            Self::Task(sender) => drop(sender.send((status, message_id.to_vec()))),
            Self::Several(askers) => {
                for asker in askers {
                    asker.answer(status, message_id);
                }
            }
            Self::Nobody => {}
        }
    }

    /// Passes on a response of the SMSC; it leaves with the next flush.
    pub(super) fn pass_on(self, response: &Pdu<'_>) {
        match self {
            Self::Session { session, sequence, .. } => {
                session.answered();
                session.outbox.write(|out| {
                    let from = out.len();
                    out.extend_from_slice(response.bytes);
                    if let Some(copy) = out.get_mut(from..) {
                        smpp::set_sequence(copy, sequence);
                    }
                });
            }
            Self::Task(sender) => {
                let id = smpp::message_id_of(response).unwrap_or_default();
                drop(sender.send((response.header.status, id.to_vec())));
            }
            Self::Several(askers) => {
                for asker in askers {
                    asker.pass_on(response);
                }
            }
            Self::Nobody => {}
        }
    }
}
