//! From scores to probabilities, fitted on texts that the scoring model had not seen.

/// Platt's sigmoid for scam or not, and one sharpness for the softmax over classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Calibration {
    pub slope: f32,
    pub offset: f32,
    pub sharpness: f32,
}

impl Calibration {
    pub fn scam(&self, score: f32) -> f32 {
        1.0 / (1.0 + (-(self.slope * score + self.offset)).exp())
    }

    /// Probability of one class among all.
    pub fn class(&self, scores: &[f32], class: usize) -> f32 {
        let best = scores.iter().copied().fold(f32::MIN, f32::max);
        let power = |score: f32| ((score - best) * self.sharpness).exp();
        let total: f32 = scores.iter().map(|score| power(*score)).sum();
        scores.get(class).map_or(0.0, |score| power(*score) / total)
    }
}

/// Largest slope: scores of held-back texts that separate without a fault say only that there were too few.
const SLOPE_MAX: f64 = 8.0;

/// Fits slope and offset by Newton's method (Platt 1999; Lin, Lin, Weng 2007), with the targets drawn in from 0 and 1.
pub(super) fn platt(scores: &[(f32, bool)]) -> (f32, f32) {
    let yes = scores.iter().filter(|(_, scam)| *scam).count() as f64;
    let no = scores.len() as f64 - yes;
    let (high, low) = ((yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0));
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..100 {
        let (mut g1, mut g2, mut h11, mut h12, mut h22) = (0.0, 0.0, 1e-3, 0.0, 1e-3);
        for (score, scam) in scores {
            let (score, target) = (f64::from(*score), if *scam { high } else { low });
            let p = 1.0 / (1.0 + (-(slope * score + offset)).exp());
            let (d, h) = (p - target, p * (1.0 - p));
            g1 += d * score;
            g2 += d;
            h11 += h * score * score;
            h12 += h * score;
            h22 += h;
        }
        let determinant = h11 * h22 - h12 * h12;
        if determinant.abs() < 1e-12 {
            break;
        }
        let (step1, step2) = ((h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant);
        slope = (slope - step1.clamp(-1.0, 1.0)).clamp(0.01, SLOPE_MAX);
        offset = (offset - step2.clamp(-1.0, 1.0)).clamp(-20.0, 20.0);
        if step1.abs() < 1e-6 && step2.abs() < 1e-6 {
            break;
        }
    }
    (slope as f32, offset as f32)
}

/// The sharpness under which the classes that the texts have are most probable: a search by golden section.
pub(super) fn sharpness(scores: &[(Vec<f32>, usize)]) -> f32 {
    let loss = |sharpness: f32| -> f64 {
        let calibration = Calibration { slope: 0.0, offset: 0.0, sharpness };
        scores.iter().map(|(scores, class)| -f64::from(calibration.class(scores, *class).max(1e-9)).ln()).sum()
    };
    let (mut low, mut high) = (0.2_f32, 12.0_f32);
    for _ in 0..40 {
        let (a, b) = (high - (high - low) * 0.618, low + (high - low) * 0.618);
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    (low + high) / 2.0
}

/// What to add to the score of each class so that the mean F1 over classes is best on held-back texts: rare classes are
/// told too seldom by scores alone, since every text of the others pulls against them. Half of what the texts ask for is
/// given, since they are few.
pub(super) fn shifts(scores: &[(Vec<f32>, usize)], classes: usize) -> Vec<f32> {
    const STEPS: i32 = 12;
    const STEP: f32 = 0.05;
    let mut shifts = vec![0.0_f32; classes];
    let told = |row: &[f32], shifts: &[f32]| -> usize {
        let mut best = (f32::MIN, 0);
        for (class, (score, shift)) in row.iter().zip(shifts).enumerate() {
            if score + shift > best.0 {
                best = (score + shift, class);
            }
        }
        best.1
    };
    let quality = |shifts: &[f32]| -> f64 {
        let mut counts = vec![(0_usize, 0_usize); classes];
        for (row, class) in scores {
            let said = told(row, shifts);
            if let Some(count) = counts.get_mut(*class) {
                count.0 += usize::from(said == *class);
                count.1 += 1;
            }
            if let Some(count) = counts.get_mut(said) {
                count.1 += 1;
            }
        }
        let f1: f64 = counts.iter().filter(|c| c.1 > 0).map(|(right, all)| 2.0 * *right as f64 / *all as f64).sum();
        let size: f64 = shifts.iter().map(|shift| f64::from(shift.abs())).sum();
        f1 / classes as f64 - 0.002 * size
    };
    let mut best = quality(&shifts);
    for _ in 0..3 {
        for class in 0..classes {
            let before = shifts.get(class).copied().unwrap_or_default();
            let mut kept = before;
            for step in -STEPS..=STEPS {
                if let Some(shift) = shifts.get_mut(class) {
                    *shift = step as f32 * STEP;
                }
                let now = quality(&shifts);
                if now > best + 1e-9 {
                    (best, kept) = (now, step as f32 * STEP);
                }
            }
            if let Some(shift) = shifts.get_mut(class) {
                *shift = kept;
            }
        }
    }
    shifts.iter().map(|shift| shift * 0.5).collect()
}
