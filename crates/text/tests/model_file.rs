//! Model files: the same rows give the same bytes, and broken bytes give a fault.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use text::{Model, ModelFault, Row, TrainFault, TrainOptions, train};

fn rows() -> Vec<Row> {
    let scams = ["积分兑换现金", "密码器失效请升级", "安全账户转账", "刷单返佣金", "贷款解冻金"];
    let honest = ["取件码请领取", "验证码五分钟有效", "明天开会", "全场五折", "停电通知"];
    let row = |text: String, label: &str| Row { text, label: label.to_owned() };
    (0..12)
        .flat_map(|n| {
            let tail = ["请", "您好", "尊敬的客户", "通知", "提醒", "谢谢"][n % 6];
            let bad = scams.map(|words| row(format!("{tail}{words}{tail}"), "诈骗"));
            let good = honest.map(|words| row(format!("{tail}{words}{tail}"), "正常"));
            bad.into_iter().chain(good)
        })
        .collect()
}

fn file() -> Vec<u8> {
    train(&rows(), &TrainOptions { note: "a note".to_owned(), ..TrainOptions::default() }).unwrap()
}

#[test]
fn the_same_rows_and_seed_give_the_same_bytes() {
    assert_eq!(file(), file());
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let model = Model::load(&file()).unwrap();
    assert_eq!(model.note(), "a note");
    let labels: Vec<(&str, bool)> = model.classes().iter().map(|class| (&*class.label, class.scam)).collect();
    assert_eq!(labels, [("正常", false), ("诈骗", true)]);
    let verdict = model.judge("尊敬的客户密码器失效请升级");
    assert_eq!(&*verdict.class, "诈骗");
    assert!(verdict.scam_probability > 0.5);
    assert!(model.judge("您好取件码请领取").scam_probability < 0.5);
}

#[test]
fn any_broken_byte_is_noticed() {
    let good = file();
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x41;
        assert!(Model::load(&bad).is_err(), "byte {place}");
    }
    for length in 0..good.len() {
        assert!(Model::load(&good[..length]).is_err(), "cut at {length}");
    }
    assert_eq!(Model::load(b"").unwrap_err(), ModelFault::Format);
    assert_eq!(Model::load(b"PK\x03\x04 something else").unwrap_err(), ModelFault::Format);
    let mut newer = good;
    newer[8] = 9;
    assert_eq!(Model::load(&newer).unwrap_err(), ModelFault::Version(9));
}

#[test]
fn nothing_to_learn_is_said() {
    let row = |text: &str, label: &str| Row { text: text.to_owned(), label: label.to_owned() };
    let options = TrainOptions::default();
    assert_eq!(train(&[], &options), Err(TrainFault::Labels(0)));
    assert_eq!(train(&[row("一", "a"), row("二", "a")], &options), Err(TrainFault::Labels(1)));
    assert_eq!(train(&[row("一", "a"), row("13800138000", "b")], &options), Err(TrainFault::NothingInCommon));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let mut framed = b"SHOUHUTX\x01\x00".to_vec();
        framed.extend(&bytes);
        proptest::prop_assert!(Model::load(&bytes).is_err() && Model::load(&framed).is_err());
    }
}
