//! Narratives in the manner of police notices are read at least as well as they once were: the score by field on the
//! open part of the corpus does not fall below its floor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../benches/narratives/score.rs"]
#[allow(dead_code)]
mod score;

/// Field, least precision and least recall, in thousandths.
const FLOORS: [(&str, usize, usize); 12] = [
    ("payment", 970, 965),
    ("payee of payment", 980, 960),
    ("bank of payment", 970, 970),
    ("time of payment", 970, 960),
    ("account, side", 990, 990),
    ("name, side", 980, 985),
    ("bank", 990, 990),
    ("amount", 990, 990),
    ("amount, role", 960, 965),
    ("phone", 990, 990),
    ("url", 990, 990),
    ("chat, alipay", 990, 970),
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
