//! The classifier beside a TF-IDF n-gram support vector machine of scikit-learn, on the same folds in the same run, with
//! near-duplicates on one side of each split. `cargo bench --profile perf -p text --bench compare`.
//!
//! Needs the public collections in `../shared/data` and a Python with scikit-learn, named by `SHOUHU_PYTHON` or found in
//! `target/py/venv`; says what is absent and leaves it out.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use text::{Folds, Model, Row, TrainOptions, cross_evaluate, train};

const SETS: [&str; 2] = ["fake_base_station_sms", "telecom_fraud_texts_5"];
const FOLDS: usize = 5;
const SEED: u64 = 1;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for set in SETS {
        let path = root.join("../shared/data").join(set).with_extension("csv");
        let Ok(file) = std::fs::File::open(&path) else {
            println!("{set}: left out, {} is absent", path.display());
            continue;
        };
        let mut rows: Vec<Row> = csv::Reader::from_reader(file).deserialize().filter_map(Result::ok).collect();
        let mut seen = std::collections::HashSet::new();
        rows.retain(|row| seen.insert(row.text.clone()));
        compare(&root, set, &rows);
    }
}

fn compare(root: &Path, set: &str, rows: &[Row]) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<f64>().ok());
    let mut options = TrainOptions { folds: 3, ..TrainOptions::default() };
    options.cost = number("COST").unwrap_or(options.cost);
    options.lift = number("LIFT").unwrap_or(options.lift);
    options.features_max = number("FEATURES").map_or(options.features_max, |n| n as usize);
    let folds = Folds::of(rows, FOLDS, number("SEED").map_or(SEED, |n| n as u64));
    let start = Instant::now();
    let report = cross_evaluate(rows, &folds, &options).expect("rows of several labels");
    let trained_s = start.elapsed().as_secs_f64();
    println!("{set}: {} texts, {} classes, {FOLDS} folds", rows.len(), report.classes.len());
    if std::env::var("DETAIL").is_ok() {
        for class in &report.classes {
            println!(
                "    {:28} {:5} P {:.3} R {:.3} F1 {:.3}",
                class.label, class.texts, class.precision, class.recall, class.f1
            );
        }
    }
    let model = Model::load(&train(rows, &options).expect("rows of several labels")).expect("a file just written");
    let start = Instant::now();
    let mut scams = 0;
    for row in rows {
        scams += usize::from(model.judge(&row.text).scam_probability > 0.5);
    }
    let ours_us = start.elapsed().as_secs_f64() * 1e6 / rows.len() as f64;
    println!(
        "    ours          macro-F1 {:.4}   {ours_us:7.1} µs a message  ({} features, {trained_s:.0} s for the folds, {scams} scams)",
        report.macro_f1,
        model.feature_count()
    );
    match scikit(root, set, rows, &folds) {
        Ok((macro_f1, us)) => {
            println!("    scikit-learn  macro-F1 {macro_f1:.4}   {us:7.1} µs a message, one at a time");
            println!(
                "    ratio         macro-F1 {:+.4}   time {:.3} (0.1 at most)",
                report.macro_f1 - macro_f1,
                ours_us / us
            );
        }
        Err(why) => println!("    scikit-learn left out: {why}"),
    }
}

/// Runs the peer on the same folds; gives its macro-F1 and microseconds for a message.
fn scikit(root: &Path, set: &str, rows: &[Row], folds: &Folds) -> Result<(f64, f64), String> {
    if std::env::var("NO_PYTHON").is_ok() {
        return Err("not asked for".to_owned());
    }
    let folder = root.join("target/compare");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let path = folder.join(set).with_extension("folds.csv");
    let mut writer = csv::Writer::from_path(&path).map_err(|error| error.to_string())?;
    writer.write_record(["text", "label", "fold"]).map_err(|error| error.to_string())?;
    for (row, fold) in rows.iter().zip(folds.of_rows()) {
        writer.write_record([&row.text, &row.label, &fold.to_string()]).map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())?;
    let own = root.join("target/py/venv/bin/python");
    let python = std::env::var_os("SHOUHU_PYTHON").map(PathBuf::from).unwrap_or(own);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/compare.py");
    let output = Command::new(&python).arg(script).arg(&path).output();
    let output = output.map_err(|error| format!("{}: {error}", python.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("failed").to_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    for line in said.lines().filter(|line| line.starts_with("    ")) {
        println!("{line}");
    }
    let mut numbers = said.lines().last().unwrap_or_default().split_whitespace().filter_map(|n| n.parse().ok());
    numbers.next().zip(numbers.next()).ok_or_else(|| "no figures".to_owned())
}
