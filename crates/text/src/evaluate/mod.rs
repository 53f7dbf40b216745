//! How good a model is: rows with labels, folds that keep near-duplicates together, and the report.

mod folds;
mod report;

use serde::{Deserialize, Serialize};

use crate::model::{Model, TrainFault, TrainOptions, train};
pub use folds::Folds;
pub use report::{ClassReport, Report, area_under_curve};

/// A text with its label, a row of a file for training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The text.
    pub text: String,
    /// The label: a scam type, or any other name of a class.
    pub label: String,
}

/// Judges rows with a model that has not seen them.
pub fn evaluate(model: &Model, rows: &[Row]) -> Report {
    let judged = rows.iter().map(|row| {
        let verdict = model.judge(&row.text);
        (row.label.as_str(), verdict.class.to_string(), verdict.scam_probability)
    });
    Report::of(judged)
}

/// Trains and judges by folds, with near-duplicates on one side of each split.
pub fn cross_evaluate(rows: &[Row], folds: &Folds, options: &TrainOptions) -> Result<Report, TrainFault> {
    let mut judged = Vec::with_capacity(rows.len());
    for fold in 0..folds.count() {
        let (train_on, test_on) = folds.split(fold);
        let chosen: Vec<Row> = train_on.iter().filter_map(|index| rows.get(*index)).cloned().collect();
        let Ok(model) = Model::load(&train(&chosen, options)?) else { continue };
        for row in test_on.iter().filter_map(|index| rows.get(*index)) {
            let verdict = model.judge(&row.text);
            judged.push((row.label.as_str(), verdict.class.to_string(), verdict.scam_probability));
        }
    }
    Ok(Report::of(judged))
}
