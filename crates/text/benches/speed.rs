//! Messages a second on one core, with the ratio to the 100,000 that are promised.
//! `cargo bench --profile perf -p text --bench speed`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::time::Instant;

use text::{Model, Reader};

const PROMISED_PER_SECOND: f64 = 100_000.0;
const MESSAGES: usize = 20_000;
const ROUNDS: usize = 5;

fn main() {
    let messages: Vec<String> = world::texts::Writer::new(77).take(MESSAGES).map(|written| written.text).collect();
    let characters = messages.iter().map(|message| message.chars().count()).sum::<usize>() / MESSAGES;
    println!("{MESSAGES} messages, {characters} characters on average, one core, best of {ROUNDS} rounds");
    let start = Instant::now();
    let model = Model::shipped();
    println!("    {model:?} loaded in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    rate("judge", &messages, |message| {
        black_box(model.judge(message));
    });
    let reader = Reader::new();
    rate("read", &messages, |message| {
        black_box(reader.read(message));
    });
}

fn rate(name: &str, messages: &[String], each: impl Fn(&str)) {
    let round = || {
        let start = Instant::now();
        messages.iter().for_each(|message| each(message));
        start.elapsed().as_secs_f64()
    };
    let best = (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min);
    let per_second = messages.len() as f64 / best;
    println!("    {name:6} {per_second:9.0} messages/s   {:.2} of 100,000/s", per_second / PROMISED_PER_SECOND);
}
