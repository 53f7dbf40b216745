//! How well narratives are read, by field, beside the reader before this corpus: `cargo bench -p centre --bench reader`.
//! Of the half that is kept apart only the score is printed.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "narratives/score.rs"]
mod score;

use score::{APART, FIELDS, OPEN, Score, records};

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
            println!("    {field:18} {} {} {}   {right:5} {wrong:5} {missed:6}", share(p), share(r), share(f1));
        }
    }
}

fn share(thousandths: usize) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000).chars().take(6).collect::<String>() + " "
}
