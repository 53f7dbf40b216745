//! How the time of reading grows with the text: `cargo bench -p centre --bench growth`. A stranger may send 100,000
//! characters of whatever a rule looks for, so each text here repeats one thing, or mixes two, or puts many of one thing
//! before many of another. Prints the ratio of the time at 2n to the time at n; near 2 is linear, near 4 is quadratic.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "narratives/score.rs"]
#[allow(dead_code)]
mod score;

use std::hint::black_box;
use std::time::Instant;

use centre::intake::BankNames;
use centre::intake::reader::read_narrative;
use kernel::Timestamp;

/// Lengths at which a text of one unit is read, in characters.
const LENGTHS: [usize; 3] = [10_000, 20_000, 100_000];
/// Lengths of a text of two units.
const PAIR_LENGTHS: [usize; 2] = [10_000, 20_000];
const ROUNDS: usize = 3;
/// A ratio from which a text is measured again.
const SUSPECT: f64 = 2.6;
/// Of the texts of two units so many are printed.
const WORST: usize = 12;

/// What the rules look for.
const UNITS: &[&str] = &[
    "1",
    "12 ",
    "12 34-",
    "一",
    "十",
    "万",
    "¥",
    "¥ ",
    "RMB",
    "5元",
    "5000元、",
    "转5000元给李海英。",
    "损失8000元，",
    "返100元",
    "1999、",
    "转账",
    "转1999，",
    "转",
    "、",
    "，",
    "。",
    " ",
    "\n",
    "\t",
    "(",
    "((1)",
    "①",
    "\"",
    "【工行】",
    "12:01",
    "3月5日下午3点",
    "昨天",
    "11月22日15:20，",
    "6222020000000000125",
    "6222020000000000125，",
    "622848{}张建国\n",
    "6222 0200 0000 0000 125\n",
    "分别转给6222020000000000125、",
    "户名：李海英，",
    "户名",
    "向李{}转账",
    "工商银行",
    "均为工商银行。",
    "李海英农行，",
    "同一账户",
    "扫码“鑫源便利”",
    "QQ12345678 ",
    "微信abc12345",
    "支付宝",
    "支付宝abc@example.com，",
    "www.a.com/",
    "a.b",
    "@",
    "-",
    "APP",
    "下载云视讯APP",
    "19000001234",
    "+86 ",
    "流水号123456789",
    "2026-11-22\t6222020000000000125\t500.00\t李海英\n",
    "日期|金额|对方账号\n",
    "||",
    ",,",
    "我",
    "的",
    "李",
    "公司",
    "V信",
    "q",
    "GB82 WEST 1234 5698 7654 32",
    "500",
    "500元",
    "都是26号12:01转的",
    "明天12:01",
];

/// One or two of each kind of finding, and what stands between findings: texts of two units are made of these.
const KINDS: &[&str] = &[
    "12 34-",
    "一",
    "¥",
    "5000元、",
    "转5000元给李海英。",
    "返100元，",
    "500 ",
    "、",
    "，",
    "。",
    " ",
    "(",
    "①",
    "12:01",
    "昨天",
    "6222020000000000125，",
    "622848{}张建国\n",
    "分别转给6222020000000000125、",
    "户名：李海英，",
    "向李{}转账",
    "均为工商银行。",
    "同一账户",
    "扫码“鑫源便利”",
    "支付宝abc@example.com，",
    "流水号123456789",
    "2026-11-22\t6222020000000000125\t500.00\t李海英\n",
];

/// A text of that many characters out of one unit; `{}` in it is a running number in Chinese characters.
fn repeated(unit: &str, characters: usize) -> String {
    let digit = |n: usize| char::from_u32(0x4E00 + u32::try_from(n % 20_000).unwrap()).unwrap();
    let numbered = unit.contains("{}");
    let mut text = String::new();
    let (mut count, mut n) = (0, 0);
    while count < characters {
        let piece = if numbered { unit.replace("{}", &digit(n).to_string()) } else { unit.to_owned() };
        count += piece.chars().count();
        text.push_str(&piece);
        n += 1;
    }
    text
}

struct Reading {
    banks: BankNames,
    reference: Timestamp,
}

impl Reading {
    /// Seconds to read a text as a narrative and as a message, the best of a few rounds.
    fn seconds(&self, text: &str, rounds: usize) -> f64 {
        let round = || {
            let start = Instant::now();
            black_box(read_narrative(text, self.reference, &self.banks));
            black_box(text::Reader::at(self.reference).read(text));
            start.elapsed().as_secs_f64()
        };
        (0..rounds).map(|_| round()).fold(f64::INFINITY, f64::min)
    }

    /// Of a text at both lengths; what looks more than linear is measured again.
    fn pair(&self, text: impl Fn(usize) -> String) -> [f64; 2] {
        let texts = PAIR_LENGTHS.map(text);
        let once = [0, 1].map(|at| self.seconds(&texts[at], 1));
        if once[1] < SUSPECT * once[0] { once } else { [0, 1].map(|at| self.seconds(&texts[at], ROUNDS)) }
    }
}

fn main() {
    let reading =
        Reading { banks: score::banks(), reference: Timestamp::parse("2026-11-22T15:20:05+08:00").expect("a time") };
    println!("one unit: milliseconds at {LENGTHS:?} characters, and the ratio at twice the length");
    for unit in UNITS {
        let times = LENGTHS.map(|length| reading.seconds(&repeated(unit, length), ROUNDS));
        println!(
            "    {:8.1} {:8.1} {:8.1}   {:4.1}   {unit:?}",
            times[0] * 1e3,
            times[1] * 1e3,
            times[2] * 1e3,
            times[1] / times[0]
        );
    }
    println!("two units, mixed, and all of one before all of the other: the {WORST} worst by ratio, then by time");
    let mut pairs = Vec::new();
    for one in KINDS {
        for other in KINDS.iter().filter(|other| *other != one) {
            let mixed = reading.pair(|length| repeated(&format!("{one}{other}"), length));
            let parted = reading.pair(|length| format!("{}{}", repeated(one, length / 2), repeated(other, length / 2)));
            pairs.push((mixed, "mixed", *one, *other));
            pairs.push((parted, "before", *one, *other));
        }
    }
    for by_time in [false, true] {
        let key = |times: [f64; 2]| if by_time { times[1] } else { times[1] / times[0] };
        pairs.sort_by(|a, b| key(b.0).total_cmp(&key(a.0)));
        for (times, how, one, other) in pairs.iter().take(WORST) {
            let ratio = times[1] / times[0];
            println!("    {:8.1} {:8.1}   {ratio:4.1}   {one:?} {how} {other:?}", times[0] * 1e3, times[1] * 1e3);
        }
    }
}
