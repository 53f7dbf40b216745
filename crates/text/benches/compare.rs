//! The classifier beside a TF-IDF n-gram support vector machine of scikit-learn, on the same folds in the same run, with
//! near-duplicates on one side of each split, over several cuts into folds.
//! `cargo bench --profile perf -p text --bench compare`.
//!
//! Needs the public collections in `../shared/data` and a Python with scikit-learn, named by `SHOUHU_PYTHON` or found in
//! `target/py/venv`; says what is absent and leaves it out. `SEEDS=1,2` names the cuts. What the trainer does unless told
//! otherwise was chosen on cuts of other seeds, 101 to 105, and the peer has the best of three settings on the very folds
//! that are reported.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use text::{Folds, Model, Row, TrainOptions, train};

const SETS: [&str; 2] = ["fake_base_station_sms", "telecom_fraud_texts_5"];
const FOLDS: usize = 5;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var("SEEDS").unwrap_or_default();
    let named: Vec<u64> = named.split(',').filter_map(|seed| seed.trim().parse().ok()).collect();
    let seeds = if named.is_empty() { SEEDS.to_vec() } else { named };
    for set in SETS {
        let path = root.join("../shared/data").join(set).with_extension("csv");
        let Ok(file) = std::fs::File::open(&path) else {
            println!("{set}: left out, {} is absent", path.display());
            continue;
        };
        let mut rows: Vec<Row> = csv::Reader::from_reader(file).deserialize().filter_map(Result::ok).collect();
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(row.text.clone()));
        compare(&root, set, &rows, &seeds);
    }
}

fn compare(root: &Path, set: &str, rows: &[Row], seeds: &[u64]) {
    let labels: HashSet<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    println!("{set}: {} texts, {} classes, {FOLDS} folds, cut {} times", rows.len(), labels.len(), seeds.len());
    let (mut margins, mut ours_f1, mut theirs_f1, mut time) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut won, mut even, mut only_ours, mut only_theirs) = (0, 0, 0, 0);
    for seed in seeds {
        let folds = Folds::of(rows, FOLDS, *seed);
        let (ours, us) = ours(rows, &folds);
        let all: Vec<usize> = (0..rows.len()).collect();
        let f1 = macro_f1(rows, &ours, &all);
        let peer = match scikit(root, set, rows, &folds) {
            Ok(peer) => peer,
            Err(why) => {
                println!("    cut {seed}: macro-F1 {f1:.4}, {us:.1} µs a message; scikit-learn left out: {why}");
                continue;
            }
        };
        let best = peer.iter().max_by(|a, b| macro_f1(rows, &a.told, &all).total_cmp(&macro_f1(rows, &b.told, &all)));
        let best = best.expect("three settings");
        let best_f1 = macro_f1(rows, &best.told, &all);
        let shown: Vec<String> = peer.iter().map(|peer| format!("{:.4}", macro_f1(rows, &peer.told, &all))).collect();
        println!(
            "    cut {seed}: macro-F1 {f1:.4}, scikit-learn {} ({:+.4} to the best); {us:.1} µs a message, \
             scikit-learn {:.0} alone and {:.1} in one batch",
            shown.join(" "),
            f1 - best_f1,
            best.alone_us,
            best.batch_us
        );
        for fold in 0..FOLDS {
            let test = folds.split(fold).1;
            let (a, b) = (macro_f1(rows, &ours, &test), macro_f1(rows, &best.told, &test));
            won += usize::from(a > b);
            even += usize::from(a == b);
        }
        for (row, (a, b)) in rows.iter().zip(ours.iter().zip(&best.told)) {
            only_ours += usize::from(*a == row.label && *b != row.label);
            only_theirs += usize::from(*a != row.label && *b == row.label);
        }
        margins.push(f1 - best_f1);
        ours_f1.push(f1);
        theirs_f1.push(best_f1);
        time.push(us / best.alone_us);
    }
    if margins.is_empty() {
        return;
    }
    let (ours, theirs, margin) = (Spread::of(&ours_f1), Spread::of(&theirs_f1), Spread::of(&margins));
    println!(
        "    macro-F1 {ours} beside {theirs} of the best setting: {margin:+}; above in {won} folds of {}, even in {even}",
        margins.len() * FOLDS
    );
    let cuts = margins.len() as f64;
    println!(
        "    texts a cut that only one tells rightly: ours {:.0}, scikit-learn {:.0}",
        only_ours as f64 / cuts,
        only_theirs as f64 / cuts
    );
    println!("    time for one message {:.3} of scikit-learn's (0.1 at most)", Spread::of(&time).mean);
}

/// What our trainer's model tells of each row, by folds, and its time for a message in microseconds.
fn ours(rows: &[Row], folds: &Folds) -> (Vec<String>, f64) {
    let (mut told, mut spent) = (vec![String::new(); rows.len()], 0.0);
    for fold in 0..folds.count() {
        let (train_on, test_on) = folds.split(fold);
        let chosen: Vec<Row> = train_on.iter().map(|index| rows[*index].clone()).collect();
        let model = train(&chosen, &TrainOptions::default()).expect("rows of several labels");
        let model = Model::load(&model).expect("a file just written");
        let start = Instant::now();
        for index in test_on {
            told[index] = model.judge(&rows[index].text).class.to_string();
        }
        spent += start.elapsed().as_secs_f64();
    }
    (told, spent * 1e6 / rows.len() as f64)
}

/// What the peer tells with one setting.
struct Peer {
    told: Vec<String>,
    batch_us: f64,
    alone_us: f64,
}

/// Runs the peer on the same folds.
fn scikit(root: &Path, set: &str, rows: &[Row], folds: &Folds) -> Result<Vec<Peer>, String> {
    if std::env::var("NO_PYTHON").is_ok() {
        return Err("not asked for".to_owned());
    }
    let folder = root.join("target/compare");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let path = folder.join(set).with_extension("folds.csv");
    let told_path = folder.join(set).with_extension("told.csv");
    let mut writer = csv::Writer::from_path(&path).map_err(|error| error.to_string())?;
    writer.write_record(["text", "label", "fold"]).map_err(|error| error.to_string())?;
    for (row, fold) in rows.iter().zip(folds.of_rows()) {
        writer.write_record([&row.text, &row.label, &fold.to_string()]).map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())?;
    let own = root.join("target/py/venv/bin/python");
    let python = std::env::var_os("SHOUHU_PYTHON").map(PathBuf::from).unwrap_or(own);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/compare.py");
    let output = Command::new(&python).arg(script).args([&path, &told_path]).output();
    let output = output.map_err(|error| format!("{}: {error}", python.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("failed").to_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let mut peers: Vec<Peer> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(batch, alone)| batch.parse().ok().zip(alone.parse().ok()))
        .map(|(batch_us, alone_us)| Peer { told: Vec::new(), batch_us, alone_us })
        .collect();
    let mut told = csv::Reader::from_path(&told_path).map_err(|error| error.to_string())?;
    for record in told.records() {
        let record = record.map_err(|error| error.to_string())?;
        for (peer, label) in peers.iter_mut().zip(&record) {
            peer.told.push(label.to_owned());
        }
    }
    let whole = !peers.is_empty() && peers.iter().all(|peer| peer.told.len() == rows.len());
    if whole { Ok(peers) } else { Err("no figures".to_owned()) }
}

/// Mean F1 over the labels of the chosen rows.
fn macro_f1(rows: &[Row], told: &[String], chosen: &[usize]) -> f64 {
    let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for index in chosen {
        let (label, told) = (rows[*index].label.as_str(), told[*index].as_str());
        counts.entry(label).or_default().0 += f64::from(u8::from(label == told));
        counts.entry(label).or_default().1 += 1.0;
        counts.entry(told).or_default().1 += 1.0;
    }
    let labels: BTreeSet<&str> = chosen.iter().map(|index| rows[*index].label.as_str()).collect();
    labels.iter().map(|label| 2.0 * counts[label].0 / counts[label].1).sum::<f64>() / labels.len() as f64
}

/// Mean and standard deviation over the cuts.
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { mean, deviation: (squares / (values.len() as f64 - 1.0).max(1.0)).sqrt() }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if f.sign_plus() {
            write!(f, "{:+.4} ± {:.4}", self.mean, self.deviation)
        } else {
            write!(f, "{:.4} ± {:.4}", self.mean, self.deviation)
        }
    }
}
