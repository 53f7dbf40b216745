//! Numbers that look random and are the same every time: SplitMix64. A printed seed gives the same province again.

/// A stream of numbers that follows from its seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for one part, so that more of one part leaves the others as they were.
    pub fn branch(&mut self, part: u64) -> Self {
        Self(self.any() ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// The next number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end` - 1; 0 when `end` is 0. The slight favour that a remainder shows to small numbers does
    /// not matter to a synthetic province.
    pub fn below(&mut self, end: u64) -> u64 {
        self.any().checked_rem(end).unwrap_or(0)
    }

    /// A number between both, inclusive.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// True in so many of a thousand cases.
    pub fn permille(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }

    /// An index into something of this length; 0 when it is empty.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap_or(0))).unwrap_or(0)
    }

    /// One of them; `None` of nothing.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.index(from.len()))
    }

    /// An index, the likelier the greater its weight; 0 when all weights are 0.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total = weights.iter().map(|w| u64::from(*w)).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }

    /// A span that is mostly near `usual` and now and then several times as long, as calls and pauses are.
    pub fn around(&mut self, usual: i64) -> i64 {
        // Two draws multiplied lean towards the short side and keep a long tail.
        let (a, b) = (self.between(200, 1_800), self.between(300, 1_900));
        let stretched = usual.saturating_mul(a).saturating_mul(b) / 1_000_000;
        if self.permille(40) { stretched.saturating_mul(5) } else { stretched }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let (mut one, mut two) = (Dice::new(7), Dice::new(7));
        assert!((0..100).all(|_| one.any() == two.any()));
    }

    #[test]
    fn weights_decide_how_often() {
        let mut dice = Dice::new(1);
        let mut counts = [0_u32; 3];
        for _ in 0..6_000 {
            counts[dice.weighted(&[1, 0, 2])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((1_700..2_300).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn nothing_to_choose_from_is_no_panic() {
        let mut dice = Dice::new(1);
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.weighted(&[]), 0);
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
