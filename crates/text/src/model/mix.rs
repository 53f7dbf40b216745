//! How the scores of the classes go together: a softmax regression on scores of texts that the scoring model had not seen.
//!
//! Each class is learned against all others by itself, so that their scores are not measured alike, and a text between two
//! classes is often told better by the score of a third. What is learned is a matrix, so that it is multiplied into the
//! weights and judging costs nothing more.

use super::solve::Weights;

/// What one score is worth at first: about what fits scores of support vector machines.
const SHARPNESS: f64 = 4.0;
/// How strongly the matrix is held to that, in texts.
const RIDGE_TEXTS: f64 = 30.0;
/// Steps down the slope, with momentum. More change nothing that is seen.
const STEPS: usize = 400;
/// Most classes that are mixed: the matrix grows with their square.
const CLASSES_MAX: usize = 40;

/// Rows of factors, one a class, and what is added to each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mix {
    factors: Vec<Vec<f64>>,
    added: Vec<f64>,
}

impl Mix {
    /// Fits the mix to the scores of texts and the class that each has; `None` where there are too few or too many.
    pub fn of(scores: &[(Vec<f32>, usize)], classes: usize) -> Option<Self> {
        if scores.is_empty() || classes > CLASSES_MAX {
            return None;
        }
        let texts = scores.len() as f64;
        let squares: f64 = scores.iter().flat_map(|(scores, _)| scores).map(|score| f64::from(*score).powi(2)).sum();
        // Half of the mean square bounds how fast the slope of a softmax changes.
        let pace = 1.0 / (0.5 * (squares / texts + 1.0) + RIDGE_TEXTS / texts);
        let start = Self::even(classes);
        let (mut mix, mut before) = (start.clone(), start.clone());
        for step in 0..STEPS {
            let momentum = step as f64 / (step as f64 + 3.0);
            let ahead = mix.combined(&before, 1.0 + momentum, -momentum);
            let slope = ahead.slope(&start, scores);
            before = mix;
            mix = ahead.combined(&slope, 1.0, -pace / texts);
        }
        Some(mix)
    }

    /// Every class by its own score.
    fn even(classes: usize) -> Self {
        let factor = |row: usize, column: usize| if row == column { SHARPNESS } else { 0.0 };
        let row = |row: usize| (0..classes).map(|column| factor(row, column)).collect();
        Self { factors: (0..classes).map(row).collect(), added: vec![0.0; classes] }
    }

    fn combined(&self, other: &Self, own: f64, its: f64) -> Self {
        let sum = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| own * a + its * b).collect() };
        Self {
            factors: self.factors.iter().zip(&other.factors).map(|(a, b)| sum(a, b)).collect(),
            added: sum(&self.added, &other.added),
        }
    }

    /// How the loss grows with each factor.
    fn slope(&self, start: &Self, scores: &[(Vec<f32>, usize)]) -> Self {
        let mut slope = self.combined(start, RIDGE_TEXTS, -RIDGE_TEXTS);
        slope.added.fill(0.0);
        for (scores, class) in scores {
            let mixed = self.values(scores);
            let top = mixed.iter().copied().fold(f64::MIN, f64::max);
            let powers: Vec<f64> = mixed.iter().map(|value| (value - top).exp()).collect();
            let total: f64 = powers.iter().sum();
            let rows = slope.factors.iter_mut().zip(&mut slope.added).zip(powers).enumerate();
            for (row, ((factors, added), power)) in rows {
                let error = power / total - if row == *class { 1.0 } else { 0.0 };
                *added += error;
                for (factor, score) in factors.iter_mut().zip(scores) {
                    *factor += error * f64::from(*score);
                }
            }
        }
        slope
    }

    fn values(&self, scores: &[f32]) -> Vec<f64> {
        let row = |(factors, added): (&Vec<f64>, &f64)| {
            added + factors.iter().zip(scores).map(|(factor, score)| factor * f64::from(*score)).sum::<f64>()
        };
        self.factors.iter().zip(&self.added).map(row).collect()
    }

    /// The mixed scores, measured as the scores were.
    pub fn scores(&self, scores: &[f32]) -> Vec<f32> {
        self.values(scores).into_iter().map(|value| (value / SHARPNESS) as f32).collect()
    }

    /// The columns of a model, mixed so that it gives the mixed scores; those beyond the classes stay.
    pub fn weights(&self, columns: Vec<Weights>) -> Vec<Weights> {
        let classes = self.added.len();
        let mut mixed: Vec<Weights> = Vec::with_capacity(columns.len());
        for (factors, added) in self.factors.iter().zip(&self.added) {
            let size = columns.first().map_or(0, |column| column.weights.len());
            let mut sum = Weights { weights: vec![0.0; size], bias: added / SHARPNESS };
            for (factor, column) in factors.iter().zip(&columns) {
                let factor = factor / SHARPNESS;
                sum.bias += factor * column.bias;
                for (weight, more) in sum.weights.iter_mut().zip(&column.weights) {
                    *weight += factor * more;
                }
            }
            mixed.push(sum);
        }
        mixed.extend(columns.into_iter().skip(classes));
        mixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(scores: &[f32]) -> usize {
        (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap()
    }

    #[test]
    fn a_third_class_tells_two_apart() {
        // The first two score alike; which it is shows only in the score of the third.
        let texts: Vec<(Vec<f32>, usize)> = (0..400)
            .map(|n| match n % 4 {
                0 => (vec![0.3, 0.3, -0.4], 0),
                1 => (vec![0.3, 0.3, -1.4], 1),
                2 => (vec![-1.0, -0.9, 0.8], 2),
                _ => (vec![-0.9, -1.0, 0.9], 2),
            })
            .collect();
        let mix = Mix::of(&texts, 3).unwrap();
        for (scores, class) in &texts {
            assert_eq!(told(&mix.scores(scores)), *class, "{scores:?}");
        }
    }

    #[test]
    fn mixed_weights_give_mixed_scores() {
        let texts = vec![(vec![0.5, -0.5], 0), (vec![-0.2, 0.4], 1), (vec![0.1, 0.2], 0)];
        let mix = Mix::of(&texts, 2).unwrap();
        let column = |weights: [f64; 2], bias: f64| Weights { weights: weights.to_vec(), bias };
        let columns = vec![column([0.4, -0.2], 0.1), column([-0.3, 0.5], -0.2), column([1.0, 2.0], 3.0)];
        let score = |columns: &[Weights]| -> Vec<f32> {
            columns.iter().map(|c| (c.weights[0] * 0.7 + c.weights[1] * 0.3 + c.bias) as f32).collect()
        };
        let plain = score(&columns);
        let mixed = score(&mix.weights(columns));
        for (a, b) in mix.scores(&plain[..2]).iter().zip(&mixed) {
            assert!((a - b).abs() < 1e-6);
        }
        assert_eq!(mixed[2], plain[2]);
    }

    #[test]
    fn without_texts_nothing_is_mixed() {
        assert_eq!(Mix::of(&[], 3), None);
        assert_eq!(Mix::of(&[(vec![0.0; 41], 0)], 41), None);
    }
}
