//! How well narratives are read, by field, beside the reader before this corpus: `cargo bench -p centre --bench reader`.
//! Of the half that is kept apart only the score is printed.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "narratives/score.rs"]
mod score;

use score::{APART, FIELDS, OPEN, Score, records};

/// What the reader before this corpus (commit dd1b428) gave on the half that is kept apart: right, wrong, missed.
const BEFORE: [(&str, Score); 14] = [
    ("payment", before(77, 50, 85)),
    ("payee of payment", before(33, 10, 102)),
    ("bank of payment", before(30, 14, 78)),
    ("time of payment", before(61, 23, 79)),
    ("account, side", before(82, 13, 15)),
    ("name, side", before(31, 13, 70)),
    ("bank", before(36, 0, 49)),
    ("amount", before(152, 7, 40)),
    ("amount, role", before(103, 59, 91)),
    ("phone", before(19, 1, 1)),
    ("identity number", before(1, 1, 0)),
    ("url", before(5, 0, 0)),
    ("chat, alipay", before(20, 2, 1)),
    ("reference", before(1, 1, 0)),
];

const fn before(right: usize, wrong: usize, missed: usize) -> Score {
    Score { right, wrong, missed }
}

fn main() {
    let single = std::env::var_os("SHOUHU_NARRATIVES_SHOW").is_some();
    for (name, file) in [("open", OPEN), ("kept apart", APART)] {
        let records = records(file);
        let scores = score::score(&records, |record, missed, wrong| {
            if single && name == "open" {
                println!("\n{}\n  missed {missed:#?}\n  wrong {wrong:#?}", record.text);
            }
        });
        println!("{} narratives, {name}", records.len());
        println!("    {:18} {:>6} {:>6} {:>6}   right wrong missed", "field", "prec.", "recall", "F1");
        for field in FIELDS {
            let Score { right, wrong, missed } = scores[field];
            let (p, r) = (scores[field].precision(), scores[field].recall());
            let f1 = 2000 * right / (2 * right + wrong + missed).max(1);
            let before = BEFORE.iter().find(|(known, _)| *known == field && name != "open").map(|(_, score)| *score);
            let before = before
                .map(|b| format!("   before: {} {}", share(b.precision()), share(b.recall())))
                .unwrap_or_default();
            println!("    {field:18} {} {} {}   {right:5} {wrong:5} {missed:6}{before}", share(p), share(r), share(f1));
        }
    }
}

fn share(thousandths: usize) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000).chars().take(6).collect::<String>() + " "
}
