//! Training: TF-IDF over the n-grams, a support vector machine for each class and one for scam or not, what the classes
//! say of each other and probabilities fitted on held-back folds, weights cut to one byte.

use std::sync::Arc;

use kernel::ScamType;
use rustc_hash::FxHashMap;

use super::file::{CLASSES_MAX, Draft};
use super::judge::{Judge, dampened};
use super::mix::Mix;
use super::solve::{Costs, Vectors, Weights, solve};
use super::{Class, Model, calibrate};
use crate::evaluate::{Folds, Row};
use crate::features::{Features, SIGN};

/// How to train.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// Orders of shuffling and folds follow from it.
    pub seed: u64,
    /// What a wrong side costs against the size of weights (C of a support vector machine); smaller is smoother.
    pub cost: f64,
    /// Texts that must have a feature for it to count.
    pub texts_min: u32,
    /// Most features that are kept, the weightiest.
    pub features_max: usize,
    /// How far rare classes are lifted: 0 not at all, 1 until every class weighs the same.
    pub lift: f64,
    /// Labels of scams; empty: those that name a scam type, or begin with FR, 诈骗, 冒充 or scam.
    pub scam_labels: Vec<String>,
    /// Folds that probabilities are fitted on.
    pub folds: usize,
    /// Whether signs beside characters count; for a model of one's own cases.
    pub signs: bool,
    /// Noted in the file.
    pub note: String,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            cost: 5.0,
            texts_min: 2,
            features_max: 200_000,
            lift: 0.3,
            scam_labels: Vec::new(),
            folds: 3,
            signs: true,
            note: String::new(),
        }
    }
}

/// Why nothing could be learned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainFault {
    /// Fewer than two labels.
    #[error("texts of at least two labels are needed; there are {0} labels")]
    Labels(usize),
    /// More labels than a model may have.
    #[error("there are {0} labels; a model has at most 200")]
    TooManyLabels(usize),
    /// No feature stands in enough texts.
    #[error("the texts have nothing in common that could be learned")]
    NothingInCommon,
}

/// The scam type that a label names: a code, a name, an older name, with or without 类 at its end.
pub fn scam_type_of(label: &str) -> Option<ScamType> {
    let label = label.trim();
    ScamType::parse(label).or_else(|fault| ScamType::parse(label.strip_suffix('类').ok_or(fault.clone())?)).ok()
}

fn names_scam(label: &str, options: &TrainOptions) -> bool {
    if !options.scam_labels.is_empty() {
        return options.scam_labels.iter().any(|scam| scam == label);
    }
    let begins = |word: &str| label.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    scam_type_of(label).is_some() || ["FR:", "fraud", "scam", "诈骗", "冒充"].iter().any(|word| begins(word))
}

/// Trains a model; gives the bytes of its file. The same rows and options give the same bytes.
pub fn train(rows: &[Row], options: &TrainOptions) -> Result<Vec<u8>, TrainFault> {
    let mut labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    if labels.len() < 2 {
        return Err(TrainFault::Labels(labels.len()));
    }
    if labels.len() > CLASSES_MAX {
        return Err(TrainFault::TooManyLabels(labels.len()));
    }
    let classes: Vec<Class> = labels
        .iter()
        .map(|label| {
            let scam = names_scam(label, options);
            Class { label: Arc::from(*label), scam, scam_type: scam_type_of(label).filter(|_| scam) }
        })
        .collect();
    let targets: Vec<usize> =
        rows.iter().map(|row| labels.binary_search(&row.label.as_str()).unwrap_or_default()).collect();
    let corpus = Corpus::of(rows, options.signs);
    let everything: Vec<usize> = (0..rows.len()).collect();
    let held_back = HeldBack::of(rows, &corpus, &classes, &targets, options);
    let mut draft = fit(&corpus, &classes, &targets, &everything, options, held_back.mix.as_ref())?;
    draft.calibration = held_back.calibration;
    for (bias, shift) in draft.biases.iter_mut().zip(held_back.shifts) {
        *bias += shift;
    }
    Ok(draft.bytes())
}

/// Features of all texts: key and count, by ascending key.
struct Corpus {
    texts: Vec<Vec<(u32, u32)>>,
}

impl Corpus {
    fn of(rows: &[Row], signs: bool) -> Self {
        let mut features = Features::default();
        let texts = rows
            .iter()
            .map(|row| {
                features.read(&row.text);
                let mut keys: Vec<u32> =
                    features.grams.iter().filter(|gram| signs || gram.start != SIGN).map(|gram| gram.key).collect();
                keys.sort_unstable();
                keys.chunk_by(|a, b| a == b)
                    .filter_map(|same| same.first().map(|key| (*key, u32::try_from(same.len()).unwrap_or(u32::MAX))))
                    .collect()
            })
            .collect();
        Self { texts }
    }
}

/// What is fitted on the scores of rows that a model trained without them gives.
struct HeldBack {
    mix: Option<Mix>,
    /// What is added to the score of each class.
    shifts: Vec<f32>,
    calibration: calibrate::Calibration,
}

impl HeldBack {
    fn of(rows: &[Row], corpus: &Corpus, classes: &[Class], targets: &[usize], options: &TrainOptions) -> Self {
        let mut scam = Vec::new();
        let mut class = Vec::new();
        let folds = Folds::of(rows, options.folds, options.seed);
        for fold in 0..options.folds {
            let (train, test) = folds.split(fold);
            let draft = fit(corpus, classes, targets, &train, options, None);
            let Some(model) = draft.ok().and_then(|draft| Model::load(&draft.bytes()).ok()) else { continue };
            let mut judge = Judge::default();
            for index in test {
                let (Some(row), Some(target)) = (rows.get(index), targets.get(index)) else { continue };
                model.score(&mut judge, &row.text);
                let (classes_scores, scam_score) = judge.scores(classes.len());
                scam.push((scam_score, classes.get(*target).is_some_and(|class| class.scam)));
                class.push((classes_scores.to_vec(), *target));
            }
        }
        let mix = Mix::of(&class, classes.len());
        if let Some(mix) = &mix {
            for (scores, _) in &mut class {
                *scores = mix.scores(scores);
            }
        }
        let shifts = calibrate::shifts(&class, classes.len());
        for (scores, _) in &mut class {
            for (score, shift) in scores.iter_mut().zip(&shifts) {
                *score += shift;
            }
        }
        let (slope, offset) = calibrate::platt(&scam);
        let sharpness = calibrate::sharpness(&class);
        Self { mix, shifts, calibration: calibrate::Calibration { slope, offset, sharpness } }
    }
}

fn fit(
    corpus: &Corpus,
    classes: &[Class],
    targets: &[usize],
    chosen: &[usize],
    options: &TrainOptions,
    mix: Option<&Mix>,
) -> Result<Draft, TrainFault> {
    let (keys, rarity) = vocabulary(corpus, chosen, options);
    if keys.is_empty() {
        return Err(TrainFault::NothingInCommon);
    }
    let rows_of: FxHashMap<u32, u32> = keys.iter().copied().zip(0..).collect();
    let vectors = vectors(corpus, chosen, &rows_of, &rarity);
    let places: Vec<usize> = (0..chosen.len()).collect();
    let columns: Vec<Vec<bool>> = (0..=classes.len())
        .map(|column| {
            let target = |index: &usize| targets.get(*index).copied().unwrap_or_default();
            let yes = |index: &usize| match column == classes.len() {
                true => classes.get(target(index)).is_some_and(|class| class.scam),
                false => target(index) == column,
            };
            chosen.iter().map(yes).collect()
        })
        .collect();
    let solved = solve_all(&vectors, keys.len(), &places, &columns, options);
    let solved = match mix {
        Some(mix) => mix.weights(solved),
        None => solved,
    };
    Ok(quantise(classes, options, &keys, &rarity, &solved))
}

/// A column, which texts are of it, and where its weights go.
type Share<'a> = (usize, &'a Vec<bool>, &'a mut Option<Weights>);

/// Columns are independent, so several processors may share them and the result is the same.
fn solve_all(
    vectors: &Vectors,
    size: usize,
    places: &[usize],
    columns: &[Vec<bool>],
    options: &TrainOptions,
) -> Vec<Weights> {
    let one = |column: usize, yes: &Vec<bool>| {
        let count = yes.iter().filter(|yes| **yes).count().max(1) as f64;
        let rest = (yes.len() as f64 - count).max(1.0);
        let costs = Costs { yes: options.cost * (rest / count).max(1.0).powf(options.lift), no: options.cost };
        let lean = lean(vectors, size, yes);
        let mut solved = solve(&leaning(vectors, &lean), size, places, yes, &costs, options.seed + column as u64);
        for (weight, lean) in solved.weights.iter_mut().zip(&lean) {
            *weight *= f64::from(*lean);
        }
        solved
    };
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(columns.len()).max(1);
    let mut solved: Vec<Option<Weights>> = columns.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let mut shares: Vec<Vec<Share<'_>>> = (0..workers).map(|_| Vec::new()).collect();
        for (column, (yes, slot)) in columns.iter().zip(&mut solved).enumerate() {
            if let Some(share) = shares.get_mut(column % workers) {
                share.push((column, yes, slot));
            }
        }
        for share in shares {
            scope.spawn(|| {
                for (column, yes, slot) in share {
                    *slot = Some(one(column, yes));
                }
            });
        }
    });
    solved.into_iter().flatten().collect()
}

/// How much more often each feature stands in texts of a class than in others, or the other way round: its logarithm, in
/// the manner of Wang and Manning (“Baselines and Bigrams”, ACL 2012), but drawn in by a square root. A feature that says
/// nothing about the class so costs more to use.
fn lean(vectors: &Vectors, size: usize, yes: &[bool]) -> Vec<f32> {
    let mut counts = vec![(1.0_f64, 1.0_f64); size];
    let (mut all_yes, mut all_no) = (1.0_f64, 1.0_f64);
    for (index, is_yes) in yes.iter().enumerate() {
        for (row, _) in vectors.of(index) {
            let Some((in_yes, in_no)) = counts.get_mut(row) else { continue };
            if *is_yes {
                *in_yes += 1.0;
                all_yes += 1.0;
            } else {
                *in_no += 1.0;
                all_no += 1.0;
            }
        }
    }
    let floor = 0.1;
    counts
        .iter()
        .map(|(in_yes, in_no)| (((in_yes / all_yes) / (in_no / all_no)).ln().abs() + floor).sqrt() as f32)
        .collect()
}

fn leaning(vectors: &Vectors, lean: &[f32]) -> Vectors {
    let scale = |row: &u32| lean.get(*row as usize).copied().unwrap_or_default();
    let values = vectors.rows.iter().zip(&vectors.values).map(|(row, value)| value * scale(row)).collect();
    Vectors { starts: vectors.starts.clone(), rows: vectors.rows.clone(), values }
}

/// The features that stand in enough of the chosen texts, by ascending key, and how rare each is.
fn vocabulary(corpus: &Corpus, chosen: &[usize], options: &TrainOptions) -> (Vec<u32>, Vec<f32>) {
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    for text in chosen.iter().filter_map(|index| corpus.texts.get(*index)) {
        for (key, _) in text {
            *counts.entry(*key).or_default() += 1;
        }
    }
    let mut kept: Vec<(u32, u32)> = counts.into_iter().filter(|(_, count)| *count >= options.texts_min).collect();
    kept.sort_unstable();
    let texts = chosen.len() as f32;
    let rarity = |count: u32| ((1.0 + texts) / (1.0 + count as f32)).ln() + 1.0;
    kept.iter().map(|(key, count)| (*key, rarity(*count))).unzip()
}

fn vectors(corpus: &Corpus, chosen: &[usize], rows_of: &FxHashMap<u32, u32>, rarity: &[f32]) -> Vectors {
    let mut vectors = Vectors { starts: vec![0], ..Vectors::default() };
    for text in chosen.iter().filter_map(|index| corpus.texts.get(*index)) {
        let first = vectors.rows.len();
        let mut squares = 0.0_f32;
        for (key, count) in text {
            if let Some(row) = rows_of.get(key) {
                let value = dampened(*count as usize) * rarity.get(*row as usize).copied().unwrap_or_default();
                squares += value * value;
                vectors.rows.push(*row);
                vectors.values.push(value);
            }
        }
        let length = if squares > 0.0 { squares.sqrt() } else { 1.0 };
        for value in vectors.values.get_mut(first..).unwrap_or_default() {
            *value /= length;
        }
        vectors.starts.push(vectors.rows.len());
    }
    vectors
}

/// Largest step: a weight in a thousand may be cut so that the small ones keep their differences.
const CUT_SHARE: usize = 2_000;

fn quantise(classes: &[Class], options: &TrainOptions, keys: &[u32], rarity: &[f32], solved: &[Weights]) -> Draft {
    let kept = weightiest(solved, rarity, options.features_max);
    let mut scales = Vec::with_capacity(solved.len());
    for column in solved {
        let mut sizes: Vec<f64> = kept.iter().filter_map(|row| column.weights.get(*row)).map(|w| w.abs()).collect();
        sizes.sort_unstable_by(|a, b| b.total_cmp(a));
        let largest = sizes.get(sizes.len() / CUT_SHARE).copied().unwrap_or_default().max(1e-9);
        scales.push((largest / 127.0) as f32);
    }
    let mut weights = Vec::with_capacity(kept.len() * solved.len());
    for row in &kept {
        for (column, scale) in solved.iter().zip(&scales) {
            let steps = column.weights.get(*row).copied().unwrap_or_default() / f64::from(*scale);
            weights.push(steps.round().clamp(-127.0, 127.0) as i8);
        }
    }
    Draft {
        classes: classes.to_vec(),
        note: options.note.clone(),
        calibration: calibrate::Calibration { slope: 4.0, offset: 0.0, sharpness: 4.0 },
        scales,
        biases: solved.iter().map(|column| column.bias as f32).collect(),
        keys: kept.iter().filter_map(|row| keys.get(*row).copied()).collect(),
        rarity: kept.iter().filter_map(|row| rarity.get(*row).copied()).collect(),
        weights,
    }
}

/// The rows that matter most to any column, in the order of their keys.
fn weightiest(solved: &[Weights], rarity: &[f32], most: usize) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..rarity.len()).collect();
    if kept.len() > most {
        let size = |row: usize| -> f64 {
            let largest = solved.iter().filter_map(|c| c.weights.get(row)).map(|w| w.abs()).fold(0.0, f64::max);
            largest * f64::from(rarity.get(row).copied().unwrap_or_default())
        };
        let sizes: Vec<f64> = kept.iter().map(|row| size(*row)).collect();
        let at = |row: &usize| sizes.get(*row).copied().unwrap_or_default();
        kept.sort_unstable_by(|a, b| at(b).total_cmp(&at(a)).then(a.cmp(b)));
        kept.truncate(most);
        kept.sort_unstable();
    }
    kept
}
