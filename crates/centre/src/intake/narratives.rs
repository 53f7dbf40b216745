//! Narratives read for their masks: on threads for blocking work, a few at a time, and each text once. Reading a long
//! narrative takes a core for a moment, and nobody else's request, and no transaction, waits for it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::bounds::NARRATIVE_CHARS_MAX;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use web::{Problem, few_at_once};

use super::mask::Masks;

/// Narratives read at once.
const AT_ONCE_MAX: usize = 2;
/// Narratives whose masks are kept; a desk looks at fewer in an hour.
const KEPT_MAX: usize = 256;

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

type Hash = [u8; 32];

/// Masks of the narratives that were read last. What is kept hides what it stands for.
#[derive(Default)]
pub(super) struct Narratives {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    masks: HashMap<Hash, Arc<Masks>>,
    /// The oldest first.
    order: VecDeque<Hash>,
}

/// Carries out the work of a reader where it holds up nobody.
///
/// # Errors
/// The reader failed.
pub(super) async fn reading<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    few_at_once(&PLACES, work).await
}

impl Narratives {
    /// The masks of a narrative.
    ///
    /// # Errors
    /// The reader failed.
    pub(super) async fn masks(&self, narrative: &str) -> Result<Arc<Masks>, Problem> {
        let hash: Hash = Sha256::digest(narrative.as_bytes()).into();
        if let Some(masks) = self.lock().masks.get(&hash) {
            return Ok(masks.clone());
        }
        let text = narrative.to_owned();
        let masks = Arc::new(reading(move || Masks::of(&text)).await?);
        if narrative.chars().count() <= NARRATIVE_CHARS_MAX {
            self.lock().put(hash, masks.clone());
        }
        Ok(masks)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn put(&mut self, hash: Hash, masks: Arc<Masks>) {
        if self.masks.insert(hash, masks).is_none() {
            self.order.push_back(hash);
        }
        while self.order.len() > KEPT_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.masks.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_narrative_is_read_once_and_few_are_kept() {
        let narratives = Narratives::default();
        let first = narratives.masks("对方13900139000让我刷单").await.unwrap();
        assert!(Arc::ptr_eq(&first, &narratives.masks("对方13900139000让我刷单").await.unwrap()));
        for number in 0..2 * KEPT_MAX {
            narratives.masks(&format!("第{number}次")).await.unwrap();
        }
        assert_eq!(narratives.lock().masks.len(), KEPT_MAX);
        assert_eq!(narratives.lock().order.len(), KEPT_MAX);
        assert!(!Arc::ptr_eq(&first, &narratives.masks("对方13900139000让我刷单").await.unwrap()));
    }

    #[tokio::test]
    async fn reading_keeps_no_other_request_waiting() {
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (go, may_go) = std::sync::mpsc::channel::<()>();
        let slow = tokio::spawn(reading(move || {
            begun.send(()).unwrap();
            may_go.recv().unwrap();
        }));
        // On this one thread the request below would never come to its turn beside a reader.
        while has_begun.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        slow.await.unwrap().unwrap();
    }
}
