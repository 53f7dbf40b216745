//! What waits to be written to a peer. Many may add; one task writes, as much at once as there is.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// Octets that wait for one peer at most; a peer that reads so slowly is let go.
const WAITING_OCTETS_MAX: usize = 8 << 20;

#[derive(Default)]
struct Inner {
    waiting: Vec<u8>,
    closed: bool,
}

/// Octets on their way to a peer.
#[derive(Default)]
pub(super) struct Outbox {
    inner: Mutex<Inner>,
    wake: Notify,
}

impl Outbox {
    /// Adds PDUs; they leave with the next [`Outbox::flush`]. `false` when the peer is gone or reads too slowly; then
    /// the outbox is closed.
    pub(super) fn write(&self, add: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.closed {
            return false;
        }
        if inner.waiting.len() > WAITING_OCTETS_MAX {
            inner.closed = true;
            drop(inner);
            self.wake.notify_one();
            return false;
        }
        add(&mut inner.waiting);
        true
    }

    /// Wakes the writer.
    pub(super) fn flush(&self) {
        self.wake.notify_one();
    }

    /// No more is taken; what waits is still written.
    pub(super) fn close(&self) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.wake.notify_one();
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    /// Waits for octets and swaps them into `into`, which must be empty. `false` when it is closed and empty.
    pub(super) async fn next(&self, into: &mut Vec<u8>) -> bool {
        loop {
            {
                let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
                if !inner.waiting.is_empty() {
                    std::mem::swap(&mut inner.waiting, into);
                    return true;
                }
                if inner.closed {
                    return false;
                }
            }
            self.wake.notified().await;
        }
    }
}
