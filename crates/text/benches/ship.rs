//! Trains the model that ships, and says how it does on texts that it has not seen.
//! `cargo bench --profile perf -p text --bench ship -- write` writes `model/shipped.model`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use text::{Model, Row, area_under_curve, train};

#[path = "../tests/recipe/mod.rs"]
mod recipe;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = std::env::args().any(|arg| arg == "write");
    let path = root.join("model/shipped.model");
    let bytes = if write {
        let mut options = recipe::options();
        let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<f64>().ok());
        options.cost = number("COST").unwrap_or(options.cost);
        options.texts_min = number("TEXTS").map_or(options.texts_min, |n| n as u32);
        options.features_max = number("FEATURES").map_or(options.features_max, |n| n as usize);
        let bytes = train(&recipe::rows(recipe::SEED, recipe::TEXTS), &options).expect("texts of all labels");
        std::fs::write(&path, &bytes).expect("the file can be written");
        bytes
    } else {
        std::fs::read(&path).expect("the file is there")
    };
    let model = Model::load(&bytes).expect("a good file");
    println!("{model:?}, {} bytes, {}", bytes.len(), model.note());
    let fresh = text::evaluate(&model, &recipe::rows(recipe::SEED + 1, 4_000));
    println!("texts of another seed: macro-F1 {:.3}, accuracy {:.3}", fresh.macro_f1, fresh.accuracy);
    let public = root.join("../../../shared/data");
    for set in ["fake_base_station_sms", "telecom_fraud_texts_5"] {
        match csv::Reader::from_path(public.join(set).with_extension("csv")) {
            Ok(mut reader) => {
                let rows: Vec<Row> = reader.deserialize().filter_map(Result::ok).collect();
                unseen(&model, set, &rows);
            }
            Err(_) => println!("{set}: left out, the collection is absent"),
        }
    }
}

/// How the labels of a collection are told apart by the probability of scam.
fn unseen(model: &Model, set: &str, rows: &[Row]) {
    let mut by_label: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for row in rows {
        by_label.entry(&row.label).or_default().push(model.judge(&row.text).scam_probability);
    }
    println!("{set}: probability of scam");
    for (label, values) in &mut by_label {
        values.sort_by(f32::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
        println!("    {label:28} {:5} texts  10% {:.3}  50% {:.3}  90% {:.3}", values.len(), at(0.1), at(0.5), at(0.9));
    }
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<f32> {
        by_label.iter().filter(|(label, _)| wanted(label)).flat_map(|(_, values)| values.clone()).collect()
    };
    if set.starts_with("fake") {
        let auc = area_under_curve(&of(&|l| l.starts_with("FR")), &of(&|l| l.starts_with("AD")));
        println!("    fraud against advertising: AUC {auc:.4}");
    } else {
        let auc = area_under_curve(&of(&|l| l != "正常"), &of(&|l| l == "正常"));
        println!("    fraud against normal: AUC {auc:.4}");
    }
}
