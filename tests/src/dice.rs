//! Chance from a seed that is printed, so that a failure can be had again.

use kernel::Clock;

/// A SplitMix64 generator.
#[derive(Debug, Clone)]
pub struct Dice {
    /// What it began with.
    pub seed: u64,
    state: u64,
}

impl Dice {
    /// The seed of the environment variable `SHOUHU_SEED`, else one from the clock; printed with the name of the test.
    pub fn cast(test: &str) -> Self {
        let given = std::env::var("SHOUHU_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| Clock::system().now().0.unsigned_abs());
        println!("{test}: seed {seed} (again with SHOUHU_SEED={seed})");
        Self::new(seed)
    }

    /// The given seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.any() % end.max(1) as u64) as usize
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.any() % (high - low + 1).max(1) as u64) as i64
    }
}
