//! Folds: texts that are nearly the same stand in the same one, and every label is spread evenly.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::Row;
use crate::features::Features;
use crate::random::Random;

/// Share of common shingles (Jaccard) from which two texts are near-duplicates.
pub const SIMILAR_FROM: f64 = 0.6;

/// Length of a shingle in symbols.
const SHINGLE: u32 = 3;
/// MinHash: bands of rows. Two texts of similarity 0.6 meet in one of 16 bands of four with probability 0.9.
const BANDS: usize = 16;
const BAND_ROWS: usize = 4;

/// Which fold each row is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    of_row: Vec<usize>,
    count: usize,
}

impl Folds {
    /// Cuts rows into `count` folds. The same rows and seed give the same folds.
    pub fn of(rows: &[Row], count: usize, seed: u64) -> Self {
        let count = count.max(2);
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, group) in near_duplicates(rows.iter().map(|row| row.text.as_str())).into_iter().enumerate() {
            groups.entry(group).or_default().push(row);
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        Random::new(seed).shuffle(&mut groups);
        // The large ones first, so that the small ones even out what they leave uneven.
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        let mut filled: FxHashMap<(&str, usize), usize> = FxHashMap::default();
        let mut sizes = vec![0_usize; count];
        let mut of_row = vec![0; rows.len()];
        for group in groups {
            let label = group.first().and_then(|row| rows.get(*row)).map_or("", |row| row.label.as_str());
            let load = |fold: &usize| {
                (
                    filled.get(&(label, *fold)).copied().unwrap_or_default(),
                    sizes.get(*fold).copied().unwrap_or_default(),
                )
            };
            let fold = (0..count).min_by_key(load).unwrap_or_default();
            for row in group {
                let label = rows.get(row).map_or("", |row| row.label.as_str());
                *filled.entry((label, fold)).or_default() += 1;
                if let (Some(slot), Some(size)) = (of_row.get_mut(row), sizes.get_mut(fold)) {
                    *slot = fold;
                    *size += 1;
                }
            }
        }
        Self { of_row, count }
    }

    /// Number of folds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The fold of each row.
    pub fn of_rows(&self) -> &[usize] {
        &self.of_row
    }

    /// The rows outside of a fold, to train on, and those in it, to test on.
    pub fn split(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.of_row.len()).partition(|row| self.of_row.get(*row) != Some(&fold))
    }
}

/// For each text the first text of its group: texts that are near-duplicates, directly or by way of others.
fn near_duplicates<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut features = Features::default();
    let shingles: Vec<Vec<u32>> = texts
        .map(|text| {
            features.read(text);
            let whole = |length: u32| features.anywhere().iter().filter(move |gram| gram.length == length);
            let mut keys: Vec<u32> = whole(SHINGLE).map(|gram| gram.key).collect();
            if keys.is_empty() {
                keys = features.anywhere().iter().map(|gram| gram.key).collect();
            }
            keys.sort_unstable();
            keys.dedup();
            keys
        })
        .collect();
    let mut parents: Vec<usize> = (0..shingles.len()).collect();
    for band in 0..BANDS {
        let mut buckets: FxHashMap<[u32; BAND_ROWS], Vec<usize>> = FxHashMap::default();
        for (text, keys) in shingles.iter().enumerate() {
            let met = buckets.entry(signature(keys, band)).or_default();
            // A few of a bucket are enough: the rest are joined to these already.
            for other in met.iter().rev().take(8) {
                let (a, b) = (root(&mut parents, text), root(&mut parents, *other));
                if a != b && similarity(keys, shingles.get(*other).map_or(&[], Vec::as_slice)) >= SIMILAR_FROM {
                    let (low, high) = (a.min(b), a.max(b));
                    if let Some(parent) = parents.get_mut(high) {
                        *parent = low;
                    }
                }
            }
            met.push(text);
        }
    }
    (0..shingles.len()).map(|text| root(&mut parents, text)).collect()
}

fn signature(keys: &[u32], band: usize) -> [u32; BAND_ROWS] {
    std::array::from_fn(|row| {
        let salt = ((band * BAND_ROWS + row) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let hash = |key: &u32| {
            let mixed = (u64::from(*key) ^ salt).wrapping_mul(0xD6E8_FEB8_6659_FD93);
            u32::try_from((mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32).unwrap_or(u32::MAX)
        };
        keys.iter().map(hash).min().unwrap_or(u32::MAX)
    })
}

fn similarity(a: &[u32], b: &[u32]) -> f64 {
    let common = a.iter().filter(|key| b.binary_search(key).is_ok()).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 1.0 } else { common as f64 / all as f64 }
}

fn root(parents: &mut [usize], of: usize) -> usize {
    let mut node = of;
    while let Some(parent) = parents.get(node).copied().filter(|parent| *parent != node) {
        let grandparent = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(node) {
            *slot = grandparent;
        }
        node = parent;
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[(&str, &str)]) -> Vec<Row> {
        texts.iter().map(|(text, label)| Row { text: (*text).to_owned(), label: (*label).to_owned() }).collect()
    }

    #[test]
    fn near_duplicates_stand_in_one_fold() {
        let texts = [
            ("尊敬的客户，您的积分即将清零，请登录http://a.top/x兑换", "scam"),
            ("尊敬的客户您的积分即将清零，请登录http://b.top/y兑换！", "scam"),
            ("尊敬的客户：您的积分即将清零 请登錄c.top兑换", "scam"),
            ("周末全场八折，欢迎光临", "ad"),
            ("明天下午一起去打球吗", "private"),
            ("您的快递已到驿站，请凭取件码领取", "notice"),
        ];
        for seed in 0..20 {
            let folds = Folds::of(&rows(&texts), 3, seed);
            let of = folds.of_rows();
            assert!(of[0] == of[1] && of[1] == of[2], "seed {seed}: {of:?}");
            assert_eq!(folds, Folds::of(&rows(&texts), 3, seed));
        }
    }

    #[test]
    fn labels_are_spread() {
        let words = ["苹果", "香蕉", "桌子", "电脑", "窗户", "天空", "河流", "山峰", "火车", "飞机", "轮船", "汽车"];
        let texts: Vec<(&str, &str)> = words.iter().map(|word| (*word, "a")).collect();
        let folds = Folds::of(&rows(&texts), 4, 7);
        for fold in 0..4 {
            assert_eq!(folds.split(fold).1.len(), 3);
        }
    }
}
