//! The words of labels that came with orders of a centre (来电提示). The screen knows a label by its number; what it says
//! is kept here, where the fronts look it up.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

use screen::LabelId;

/// Different words kept at most; orders in force are far fewer. Beyond it the oldest words give way.
const WORDS_MAX: usize = 4_096;

/// Words by the number of their label.
#[derive(Debug, Default)]
pub struct OrderLabels(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    words: VecDeque<(LabelId, String)>,
    given: u16,
}

impl OrderLabels {
    /// The label with these words; the same words keep their label.
    pub fn of(&self, words: &str) -> LabelId {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((id, _)) = kept.words.iter().find(|(_, known)| known == words) {
            return *id;
        }
        let id = LabelId(LabelId::OF_ORDERS.0 | kept.given);
        kept.given = (kept.given + 1) % LabelId::OF_ORDERS.0;
        if kept.words.len() >= WORDS_MAX {
            kept.words.pop_front();
        }
        kept.words.push_back((id, words.to_owned()));
        id
    }

    /// What a label of an order says.
    pub fn words(&self, id: LabelId) -> Option<String> {
        if id < LabelId::OF_ORDERS {
            return None;
        }
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.words.iter().find(|(known, _)| *known == id).map(|(_, words)| words.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_keep_their_label_and_the_oldest_give_way() {
        let labels = OrderLabels::default();
        let first = labels.of("涉诈来电");
        assert_eq!((labels.of("涉诈来电"), labels.words(first).as_deref()), (first, Some("涉诈来电")));
        assert_ne!(labels.of("请勿转账"), first);
        assert_eq!(labels.words(LabelId::SCAM), None);
        for n in 0..WORDS_MAX {
            let id = labels.of(&format!("第{n}条"));
            assert_eq!(labels.words(id), Some(format!("第{n}条")));
        }
        assert_eq!(labels.words(first), None);
    }
}
