//! Keys that stand for numbers in answers, so that a page can ask for the story of a number that it only sees masked, and
//! no number stands in an address or a log. They hold as long as the process runs.

use std::hash::{BuildHasher, RandomState};

use screen::Number;

/// Turns numbers into keys and back: a Feistel network of four rounds over a keyed hash.
#[derive(Clone, Default)]
pub struct Veil([RandomState; 4]);

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Veil(..)")
    }
}

fn halves(value: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

fn whole(left: u32, right: u32) -> u64 {
    (u64::from(left) << 32) | u64::from(right)
}

impl Veil {
    /// The key of a number.
    pub fn key(&self, number: Number) -> String {
        let (left, right) = self
            .0
            .iter()
            .fold(halves(number.packed()), |(left, right), round| (right, left ^ halves(round.hash_one(right)).1));
        format!("{:016x}", whole(left, right))
    }

    /// The number of a key of this process.
    pub fn number(&self, key: &str) -> Option<Number> {
        let sealed = (key.len() == 16).then(|| u64::from_str_radix(key, 16).ok()).flatten()?;
        let (left, right) = self
            .0
            .iter()
            .rev()
            .fold(halves(sealed), |(left, right), round| (right ^ halves(round.hash_one(left)).1, left));
        Number::from_packed(whole(left, right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_its_number_back_and_hides_it() {
        let (veil, other) = (Veil::default(), Veil::default());
        for text in ["13800138000", "95588", "+85212345678", "106900001234"] {
            let number = Number::parse(text).unwrap();
            let key = veil.key(number);
            assert_eq!(veil.number(&key), Some(number));
            assert_ne!(other.number(&key), Some(number));
            assert_ne!(key, format!("{:016x}", number.packed()));
        }
        assert_eq!(veil.number("0123"), None);
    }
}
