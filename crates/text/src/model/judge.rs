//! Judging a text.

use super::{Model, Verdict, WORDS_MAX, Word};
use crate::features::Features;
use crate::normal::span;

/// Memory that judging uses again, one for each thread that judges.
#[derive(Debug, Default)]
pub(super) struct Judge {
    features: Features,
    /// Row (upper half) and place among the n-grams (lower half) of each occurrence that the model knows: sorted as one
    /// number, it is quick.
    known: Vec<u64>,
    scores: Vec<f32>,
    shares: Vec<f32>,
}

impl Judge {
    /// The scores of the classes, and of scam or not.
    pub(super) fn scores(&self, classes: usize) -> (&[f32], f32) {
        (self.scores.get(..classes).unwrap_or_default(), self.scores.get(classes).copied().unwrap_or_default())
    }
}

/// The weight of a feature that occurs `count` times.
pub(super) fn dampened(count: usize) -> f32 {
    const LOGARITHMS: [f32; 8] = [0.0, 1.0, 1.693_147, 2.098_612, 2.386_294, 2.609_438, 2.791_759, 2.945_91];
    // Counts beyond the table are rare and say no more.
    LOGARITHMS.get(count.min(LOGARITHMS.len() - 1)).copied().unwrap_or(1.0)
}

impl Model {
    /// Judges a text.
    pub fn judge(&self, text: &str) -> Verdict {
        thread_local! {
            static JUDGE: std::cell::RefCell<Judge> = std::cell::RefCell::default();
        }
        JUDGE.with(|judge| match judge.try_borrow_mut() {
            Ok(mut judge) => self.judge_with(&mut judge, text),
            Err(_) => self.judge_with(&mut Judge::default(), text),
        })
    }

    fn judge_with(&self, judge: &mut Judge, text: &str) -> Verdict {
        let length = self.score(judge, text);
        let scam_score = judge.scores.get(self.classes.len()).copied().unwrap_or_default();
        let scam_probability = self.calibration.scam(scam_score);
        let class_scores = judge.scores.get(..self.classes.len()).unwrap_or_default();
        let best = (0..class_scores.len()).max_by(|a, b| order(class_scores, *a, *b));
        let class = best.and_then(|best| self.classes.get(best));
        let scam_class = (scam_probability >= 0.5)
            .then(|| {
                let typed = |class: &usize| self.classes.get(*class).is_some_and(|class| class.scam_type.is_some());
                (0..class_scores.len()).filter(typed).max_by(|a, b| order(class_scores, *a, *b))
            })
            .flatten();
        Verdict {
            scam_probability,
            class: class.map(|class| class.label.clone()).unwrap_or_default(),
            class_probability: best.map_or(0.0, |best| self.calibration.class(class_scores, best)),
            scam_type: scam_class.and_then(|class| self.classes.get(class)).and_then(|class| class.scam_type),
            words: self.words(judge, length),
        }
    }

    /// Scores of every class and, last, of scam or not, into `judge.scores`; gives the length of the feature vector.
    pub(super) fn score(&self, judge: &mut Judge, text: &str) -> f32 {
        judge.features.read(text);
        judge.known.clear();
        for (gram, place) in judge.features.grams.iter().zip(0_u64..) {
            if let Some(row) = self.table.row(gram.key) {
                judge.known.push((u64::from(row) << 32) | place);
            }
        }
        judge.known.sort_unstable();
        judge.scores.clear();
        judge.scores.resize(self.stride, 0.0);
        let mut squares = 0.0_f32;
        for same in judge.known.chunk_by(|a, b| a >> 32 == b >> 32) {
            let Some(row) = same.first().map(|known| (known >> 32) as usize) else { continue };
            let value = dampened(same.len()) * self.rarity.get(row).copied().unwrap_or_default();
            squares += value * value;
            let weights = self.weights.get(row * self.stride..(row + 1) * self.stride).unwrap_or_default();
            for (score, weight) in judge.scores.iter_mut().zip(weights) {
                *score += value * f32::from(*weight);
            }
        }
        let length = if squares > 0.0 { squares.sqrt() } else { 1.0 };
        for ((score, scale), bias) in judge.scores.iter_mut().zip(&self.scales).zip(&self.biases) {
            *score = *score * scale / length + bias;
        }
        length
    }

    /// The stretches of text whose n-grams weighed most in scam or not.
    fn words(&self, judge: &mut Judge, length: f32) -> Vec<Word> {
        let column = self.classes.len();
        let scale = self.scales.get(column).copied().unwrap_or_default() / length;
        let symbols = &judge.features.symbols;
        judge.shares.clear();
        judge.shares.resize(symbols.len(), 0.0);
        for known in &judge.known {
            let row = (known >> 32) as usize;
            let Some(gram) = judge.features.grams.get((known & u64::from(u32::MAX)) as usize) else { continue };
            if gram.length == 0 {
                continue;
            }
            let weight = self.weights.get(row * self.stride + column).copied().unwrap_or_default();
            let value = f32::from(weight) * scale * self.rarity.get(row).copied().unwrap_or_default();
            let (start, end) = (gram.start as usize, (gram.start + gram.length) as usize);
            let share = value / gram.length as f32;
            for slot in judge.shares.get_mut(start..end).unwrap_or_default() {
                *slot += share;
            }
        }
        let floor = judge.shares.iter().map(|share| share.abs()).fold(0.0, f32::max) * 0.25;
        let mut words: Vec<Word> = Vec::with_capacity(16);
        let mut start = 0;
        while let Some(first) = judge.shares.get(start) {
            let side = |share: f32| {
                if share > floor {
                    1
                } else if share < -floor {
                    -1
                } else {
                    0
                }
            };
            let run = judge.shares.iter().skip(start).take_while(|share| side(**share) == side(*first)).count().max(1);
            if side(*first) != 0
                && let (Some(from), Some(to)) = (symbols.get(start), symbols.get(start + run - 1))
            {
                let weight = judge.shares.iter().skip(start).take(run).sum();
                let span = span(&judge.features.normal.units, from.start as usize, to.end as usize);
                words.push(Word { span, weight });
            }
            start += run;
        }
        words.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        words.truncate(WORDS_MAX);
        words
    }
}

fn order(scores: &[f32], a: usize, b: usize) -> std::cmp::Ordering {
    let at = |index: usize| scores.get(index).copied().unwrap_or(f32::MIN);
    at(a).total_cmp(&at(b)).then(b.cmp(&a))
}
