//! Narratives in the manner of police notices are read at least as well as they once were: the score by field on the
//! open part of the corpus does not fall below its floor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../benches/narratives/score.rs"]
#[allow(dead_code)]
mod score;

/// Field, least precision and least recall, in thousandths.
const FLOORS: [(&str, usize, usize); 12] = [
    ("payment", 950, 940),
    ("payee of payment", 960, 920),
    ("bank of payment", 950, 940),
    ("time of payment", 940, 920),
    ("account, side", 980, 990),
    ("name, side", 970, 950),
    ("bank", 980, 980),
    ("amount", 980, 980),
    ("amount, role", 940, 940),
    ("phone", 980, 980),
    ("url", 980, 980),
    ("chat, alipay", 980, 950),
];

#[test]
fn the_score_by_field_does_not_fall() {
    let scores = score::score(&score::records(score::OPEN), |_, _, _| {});
    for (field, precision, recall) in FLOORS {
        let score = scores[field];
        assert!(
            score.precision() >= precision && score.recall() >= recall,
            "{field}: precision {} of {precision}, recall {} of {recall}, {score:?}",
            score.precision(),
            score.recall()
        );
    }
}

#[test]
fn a_narrative_of_any_make_is_read() {
    // Cut, doubled and joined narratives: nothing here may panic, whatever it means.
    let records = score::records(score::OPEN);
    let banks = score::banks();
    for pair in records.windows(2) {
        let [one, next] = pair else { continue };
        let half: String = one.text.chars().take(one.text.chars().count() / 2).collect();
        for text in [half.clone(), format!("{half}{}", next.text), one.text.replace('，', ""), one.text.repeat(2)] {
            centre::intake::reader::read_narrative(&text, one.reference, &banks);
        }
    }
}
