//! The report: precision, recall and F1 by class, confusion, and how well scam and not scam are told apart.

use std::collections::BTreeMap;

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Report {
    /// Texts judged.
    pub texts: usize,
    /// Share of texts whose class was told rightly.
    pub accuracy: f64,
    /// Mean F1 over the classes that texts have.
    pub macro_f1: f64,
    /// By class, in the order of labels.
    pub classes: Vec<ClassReport>,
    /// How many texts of the first label were told as the second.
    pub confusion: BTreeMap<(String, String), usize>,
    /// Probability of scam that each text was given, in the order judged.
    #[serde(skip)]
    pub scam_probabilities: Vec<f32>,
}

/// Figures of a class.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ClassReport {
    /// The label.
    pub label: String,
    /// Texts that have it.
    pub texts: usize,
    /// Of the texts told as this class, the share that are of it.
    pub precision: f64,
    /// Of the texts of this class, the share told as it.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

impl Report {
    /// From the label, the class told, and the probability of scam of each text.
    pub(crate) fn of<'a>(judged: impl IntoIterator<Item = (&'a str, String, f32)>) -> Self {
        let mut confusion: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut scam_probabilities = Vec::new();
        for (label, class, probability) in judged {
            *confusion.entry((label.to_owned(), class)).or_default() += 1;
            scam_probabilities.push(probability);
        }
        let texts = scam_probabilities.len();
        let mut labels: Vec<&String> = confusion.keys().map(|(label, _)| label).collect();
        labels.dedup();
        let sum = |wanted: &dyn Fn(&str, &str) -> bool| -> usize {
            confusion.iter().filter(|((label, class), _)| wanted(label, class)).map(|(_, count)| count).sum()
        };
        let classes: Vec<ClassReport> = labels
            .iter()
            .map(|of| {
                let right = sum(&|label, class| label == *of && class == *of);
                let told = sum(&|_, class| class == *of);
                let texts = sum(&|label, _| label == *of);
                let (precision, recall) = (share(right, told), share(right, texts));
                ClassReport { label: (*of).clone(), texts, precision, recall, f1: share(2 * right, told + texts) }
            })
            .collect();
        let right = sum(&|label, class| label == class);
        let macro_f1 = classes.iter().map(|class| class.f1).sum::<f64>() / classes.len().max(1) as f64;
        Self { texts, accuracy: share(right, texts), macro_f1, classes, confusion, scam_probabilities }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Probability that a text of the first kind is given a higher value than one of the second (area under the ROC curve).
pub fn area_under_curve(first: &[f32], second: &[f32]) -> f64 {
    let mut all: Vec<(f32, bool)> =
        first.iter().map(|v| (*v, true)).chain(second.iter().map(|v| (*v, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut rank) = (0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let size = tied.len() as f64;
        rank_sum += (rank + (size + 1.0) / 2.0) * tied.iter().filter(|(_, is_first)| *is_first).count() as f64;
        rank += size;
    }
    let (yes, no) = (first.len() as f64, second.len() as f64);
    if yes == 0.0 || no == 0.0 { 0.5 } else { (rank_sum - yes * (yes + 1.0) / 2.0) / (yes * no) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_small_case() {
        let judged = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")];
        let report = Report::of(judged.map(|(label, class)| (label, class.to_owned(), 0.5)));
        assert_eq!(report.accuracy, 0.6);
        let f1: Vec<f64> = report.classes.iter().map(|class| class.f1).collect();
        assert_eq!(f1, [2.0 / 3.0, 2.0 / 3.0, 0.0]);
        assert!((report.macro_f1 - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!(report.confusion[&("a".to_owned(), "b".to_owned())], 1);
    }

    #[test]
    fn area_under_the_curve() {
        assert_eq!(area_under_curve(&[0.9, 0.8], &[0.1, 0.2]), 1.0);
        assert_eq!(area_under_curve(&[0.1], &[0.9]), 0.0);
        assert_eq!(area_under_curve(&[0.5, 0.5], &[0.5]), 0.5);
        assert_eq!(area_under_curve(&[0.9, 0.3], &[0.5]), 0.5);
    }
}
