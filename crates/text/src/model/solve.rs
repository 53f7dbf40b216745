//! Linear support vector machine with squared hinge loss, solved in the dual one coordinate at a time (Hsieh et al., “A
//! dual coordinate descent method for large-scale linear SVM”, ICML 2008), with shrinking. The same seed gives the same
//! weights.

use crate::random::Random;

/// Feature vectors, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    pub starts: Vec<usize>,
    pub rows: Vec<u32>,
    pub values: Vec<f32>,
}

impl Vectors {
    pub fn of(&self, index: usize) -> impl Iterator<Item = (usize, f64)> {
        let (start, end) =
            (self.starts.get(index).copied().unwrap_or(0), self.starts.get(index + 1).copied().unwrap_or(0));
        let rows = self.rows.get(start..end).unwrap_or_default();
        let values = self.values.get(start..end).unwrap_or_default();
        rows.iter().zip(values).map(|(row, value)| (*row as usize, f64::from(*value)))
    }
}

pub(super) struct Weights {
    pub weights: Vec<f64>,
    pub bias: f64,
}

pub(super) struct Costs {
    pub yes: f64,
    pub no: f64,
}

const ROUNDS_MAX: usize = 200;
const GAP_ENOUGH: f64 = 0.02;

pub(super) fn solve(
    vectors: &Vectors,
    size: usize,
    chosen: &[usize],
    yes: &[bool],
    costs: &Costs,
    seed: u64,
) -> Weights {
    let mut random = Random::new(seed);
    let mut weights = vec![0.0_f64; size];
    let mut bias = 0.0_f64;
    let mut alphas = vec![0.0_f64; chosen.len()];
    let lengths: Vec<f64> = chosen.iter().map(|i| 1.0 + vectors.of(*i).map(|(_, v)| v * v).sum::<f64>()).collect();
    let mut active: Vec<usize> = (0..chosen.len()).collect();
    let mut top_before = f64::INFINITY;
    for _ in 0..ROUNDS_MAX {
        random.shuffle(&mut active);
        let (mut top, mut low) = (f64::NEG_INFINITY, f64::INFINITY);
        let whole = active.len() == chosen.len();
        active.retain(|place| {
            let (Some(vector), Some(is_yes), Some(alpha), Some(length)) =
                (chosen.get(*place), yes.get(*place), alphas.get_mut(*place), lengths.get(*place))
            else {
                return false;
            };
            let (side, cost) = if *is_yes { (1.0, costs.yes) } else { (-1.0, costs.no) };
            let ridge = 0.5 / cost;
            let mut product = bias;
            for (row, value) in vectors.of(*vector) {
                product += weights.get(row).copied().unwrap_or_default() * value;
            }
            let gradient = side * product - 1.0 + ridge * *alpha;
            let mut projected = gradient;
            if *alpha == 0.0 {
                if gradient > top_before {
                    return false;
                }
                projected = gradient.min(0.0);
            }
            top = top.max(projected);
            low = low.min(projected);
            if projected.abs() > 1e-12 {
                let before = *alpha;
                *alpha = (before - gradient / (length + ridge)).max(0.0);
                let step = (*alpha - before) * side;
                bias += step;
                for (row, value) in vectors.of(*vector) {
                    if let Some(weight) = weights.get_mut(row) {
                        *weight += step * value;
                    }
                }
            }
            true
        });
        if top - low <= GAP_ENOUGH {
            if whole {
                break;
            }
            // What was set aside gets another look before the end.
            active = (0..chosen.len()).collect();
            top_before = f64::INFINITY;
            continue;
        }
        top_before = if top <= 0.0 { f64::INFINITY } else { top };
    }
    Weights { weights, bias }
}
