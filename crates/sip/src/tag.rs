//! To-tags without state: the same request gets the same tag, and nobody outside can foresee it.

/// The key of the tags; all processes that answer for one address share it.
#[derive(Clone, Copy)]
pub struct TagKey(u64, u64);

impl TagKey {
    /// From 16 random bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        let all = u128::from_le_bytes(bytes);
        Self((all & u64::MAX as u128) as u64, (all >> 64) as u64)
    }

    /// SipHash-1-3 over the parts, each closed by a byte that no header holds, so that parts cannot run together.
    pub fn hash(&self, parts: &[&str]) -> u64 {
        let mut state = Sip::new(self.0, self.1);
        for part in parts {
            state.write(part.as_bytes());
            state.write(&[0xff]);
        }
        state.finish()
    }
}

impl std::fmt::Debug for TagKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TagKey")
    }
}

/// SipHash-1-3 (Aumasson and Bernstein), the member of the family that hash tables use: fast on short texts, and with a
/// secret key not to be foreseen.
struct Sip {
    v: [u64; 4],
    tail: u64,
    tail_bytes: u32,
    length: u64,
}

impl Sip {
    const fn new(k0: u64, k1: u64) -> Self {
        Self {
            v: [
                k0 ^ 0x736f_6d65_7073_6575,
                k1 ^ 0x646f_7261_6e64_6f6d,
                k0 ^ 0x6c79_6765_6e65_7261,
                k1 ^ 0x7465_6462_7974_6573,
            ],
            tail: 0,
            tail_bytes: 0,
            length: 0,
        }
    }

    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.v;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.v = [a, b, c, d];
    }

    fn word(&mut self, m: u64) {
        let [a, b, c, d] = self.v;
        self.v = [a, b, c, d ^ m];
        self.round();
        let [a, b, c, d] = self.v;
        self.v = [a ^ m, b, c, d];
    }

    fn write(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        let (mut rest, shift) = (bytes, self.tail_bytes * 8);
        while let Some((chunk, more)) = rest.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            if shift == 0 {
                self.word(word);
            } else {
                self.word(self.tail | word << shift);
                self.tail = word >> (64 - shift);
            }
            rest = more;
        }
        for b in rest {
            self.tail |= u64::from(*b) << (self.tail_bytes * 8);
            self.tail_bytes += 1;
            if self.tail_bytes == 8 {
                let word = self.tail;
                self.word(word);
                (self.tail, self.tail_bytes) = (0, 0);
            }
        }
    }

    fn finish(mut self) -> u64 {
        let last = self.tail | self.length << 56;
        self.word(last);
        let [a, b, c, d] = self.v;
        self.v = [a, b, c ^ 0xff, d];
        for _ in 0..3 {
            self.round();
        }
        let [a, b, c, d] = self.v;
        a ^ b ^ c ^ d
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        use std::hash::Hasher;
        for length in [0_u8, 1, 7, 8, 9, 15, 16, 63] {
            let bytes: Vec<u8> = (0..length).collect();
            let mut ours = Sip::new(1, 2);
            ours.write(&bytes);
            let mut theirs = std::collections::hash_map::DefaultHasher::new();
            theirs.write(&bytes);
            let mut unkeyed = Sip::new(0, 0);
            unkeyed.write(&bytes);
            assert_eq!(unkeyed.finish(), theirs.finish(), "{length} bytes");
            assert_ne!(ours.finish(), theirs.finish(), "the key matters");
        }
    }

    proptest::proptest! {
        #[test]
        fn parts_written_in_pieces_hash_the_same(bytes: Vec<u8>, cut: proptest::sample::Index) {
            let at = cut.index(bytes.len() + 1);
            let (mut whole, mut pieces) = (Sip::new(1, 2), Sip::new(1, 2));
            whole.write(&bytes);
            pieces.write(&bytes[..at]);
            pieces.write(&bytes[at..]);
            proptest::prop_assert_eq!(whole.finish(), pieces.finish());
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        let key = TagKey::new([7; 16]);
        assert_ne!(key.hash(&["ab", "c"]), key.hash(&["a", "bc"]));
        assert_eq!(key.hash(&["a", "b"]), key.hash(&["a", "b"]));
        assert_ne!(key.hash(&["a"]), TagKey::new([8; 16]).hash(&["a"]));
    }
}
