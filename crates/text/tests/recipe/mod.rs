//! How the shipped model is made: which texts, and how it is trained on them.

use text::{Row, TrainOptions};

pub const SEED: u64 = 20_261;
pub const TEXTS: usize = 40_000;

/// Texts that the project writes itself.
pub fn rows(seed: u64, count: usize) -> Vec<Row> {
    let row = |written: world::texts::Written| Row { text: written.text, label: written.label.to_owned() };
    world::texts::Writer::new(seed).take(count).map(row).collect()
}

/// A low cost and features of many texts: what only a few sentences of ours have must not decide.
pub fn options() -> TrainOptions {
    TrainOptions {
        cost: 0.05,
        texts_min: 20,
        features_max: 50_000,
        signs: false,
        note: format!("{TEXTS} texts of seed {SEED}, {}", fingerprint(&rows(SEED, TEXTS))),
        ..TrainOptions::default()
    }
}

/// Tells the texts from others (FNV-1a, 64 bits).
pub fn fingerprint(rows: &[Row]) -> String {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in rows.iter().flat_map(|row| row.text.bytes().chain(row.label.bytes())) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    format!("{hash:016x}")
}
