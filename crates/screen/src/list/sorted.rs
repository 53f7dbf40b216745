//! Sorted numbers, packed: blocks of 64 keys, each kept as its distance from the first of its block in as few bits as
//! the block needs, below a small search tree over the first keys.
//!
//! 50 million numbers of a mobile plan stand about 1,400 apart, so that a block of 64 spans 17 bits: 2.1 bytes a number
//! for the keys, 0.2 for the tree and the places of the blocks. What an entry says besides is a number of its row in the
//! dictionary of the list, in as many bits as the dictionary needs.
//!
//! A block of 64 keys of `w` bits fills exactly `w` words, so that the place of a block and of the next tell the width.

/// Keys of a block.
pub(super) const BLOCK: usize = 64;
/// Children of a node of the search tree: two cache lines.
const FAN: usize = 16;

/// A static search tree over sorted keys: each level has the first key of every group of the level below.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    /// The keys themselves first, the top last.
    levels: Vec<Vec<u64>>,
}

impl Tree {
    pub(super) fn over(keys: Vec<u64>) -> Self {
        let mut levels = vec![keys];
        while let Some(last) = levels.last().filter(|level| level.len() > FAN) {
            let above = last.iter().step_by(FAN).copied().collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// How many keys are less than the given one.
    #[inline]
    pub(super) fn count_below(&self, key: u64) -> usize {
        let mut group = 0;
        let mut below = 0;
        for level in self.levels.iter().rev() {
            let start = group * FAN;
            let nodes = level.get(start..level.len().min(start + FAN)).unwrap_or(&[]);
            below = start + nodes.iter().map(|node| usize::from(*node < key)).sum::<usize>();
            if below == 0 {
                return 0;
            }
            group = below - 1;
        }
        below
    }

    pub(super) fn keys(&self) -> &[u64] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    pub(super) fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.capacity() * 8).sum()
    }
}

/// Fields of equal width in words.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    pub(super) words: Vec<u64>,
    pub(super) width: u32,
}

const fn mask(width: u32) -> u64 {
    if width >= 64 { u64::MAX } else { (1 << width) - 1 }
}

/// Bits that a value needs.
pub(super) const fn width_of(value: u64) -> u32 {
    64 - value.leading_zeros()
}

/// The field with a number, of a width, in words.
#[inline]
fn field(words: &[u64], width: u32, index: usize) -> u64 {
    let bit = index * width as usize;
    let (word, shift) = (bit / 64, (bit % 64) as u32);
    let low = words.get(word).copied().unwrap_or(0) >> shift;
    let high = if shift + width > 64 { words.get(word + 1).copied().unwrap_or(0) << (64 - shift) } else { 0 };
    (low | high) & mask(width)
}

/// Writes a field into words that are zero there.
fn put(words: &mut [u64], width: u32, index: usize, value: u64) {
    let bit = index * width as usize;
    let (word, shift) = (bit / 64, (bit % 64) as u32);
    if let Some(low) = words.get_mut(word) {
        *low |= value << shift;
    }
    if shift + width > 64
        && let Some(high) = words.get_mut(word + 1)
    {
        *high |= value >> (64 - shift);
    }
}

impl Packed {
    fn with_capacity(width: u32, len: usize) -> Self {
        Self { words: Vec::with_capacity((len * width as usize).div_ceil(64)), width }
    }

    fn push(&mut self, index: usize, value: u64) {
        let needed = ((index + 1) * self.width as usize).div_ceil(64);
        if self.words.len() < needed {
            self.words.resize(needed, 0);
        }
        put(&mut self.words, self.width, index, value);
    }

    #[inline]
    fn get(&self, index: usize) -> u64 {
        if self.width == 0 { 0 } else { field(&self.words, self.width, index) }
    }
}

/// Says of most numbers that are not there that they are not, by one look at memory: 8 bits a number, of which each sets
/// four within one word, so that one stranger in twenty is looked up for nothing. Where a look at memory costs 200 ns, a
/// number that is on no list costs one of them instead of three.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter(Vec<u64>);

impl Filter {
    fn over(sorted: &Sorted) -> Self {
        let mut filter = Self(vec![0; sorted.len.div_ceil(8)]);
        for (key, _) in sorted.iter() {
            let (word, bits) = filter.place(key);
            if let Some(word) = filter.0.get_mut(word) {
                *word |= bits;
            }
        }
        filter
    }

    #[inline]
    fn place(&self, key: u64) -> (usize, u64) {
        let mixed = (key ^ (key >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let word = (u128::from(mixed) * self.0.len() as u128) >> 64;
        let bit = |shift: u32| 1_u64 << (mixed >> shift & 63);
        (word as usize, bit(0) | bit(6) | bit(12) | bit(18))
    }

    #[inline]
    fn may_hold(&self, key: u64) -> bool {
        let (word, bits) = self.place(key);
        self.0.get(word).is_some_and(|word| word & bits == bits)
    }
}

/// Sorted keys, each with the number of a row; a key may stand several times.
#[derive(Debug, Clone, Default)]
pub(super) struct Sorted {
    pub(super) firsts: Tree,
    /// Where the words of each block begin, and where the last ends.
    pub(super) places: Vec<u32>,
    pub(super) words: Vec<u64>,
    pub(super) rows: Packed,
    pub(super) len: usize,
    filter: Filter,
}

impl Sorted {
    /// From its parts; sees to the filter.
    pub(super) fn of(firsts: Vec<u64>, places: Vec<u32>, words: Vec<u64>, rows: Packed, len: usize) -> Self {
        let mut sorted = Self { firsts: Tree::over(firsts), places, words, rows, len, filter: Filter::default() };
        sorted.filter = Filter::over(&sorted);
        sorted
    }

    /// The place of the first key that is not less than the given one.
    #[inline]
    fn lower_bound(&self, key: u64) -> usize {
        let after = self.firsts.count_below(key);
        let Some(block) = after.checked_sub(1) else { return 0 };
        let Some((first, words)) = self.block(block) else { return self.len };
        let width = words.len() as u32;
        let wanted = key - first;
        let (mut low, mut high) = (0, self.len.saturating_sub(block * BLOCK).min(BLOCK));
        while low < high {
            let middle = (low + high) / 2;
            if field(words, width, middle) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        block * BLOCK + low
    }

    #[inline]
    fn block(&self, block: usize) -> Option<(u64, &[u64])> {
        let first = *self.firsts.keys().get(block)?;
        let from = *self.places.get(block)? as usize;
        let to = *self.places.get(block + 1)? as usize;
        Some((first, self.words.get(from..to)?))
    }

    fn key(&self, index: usize) -> Option<u64> {
        let (first, words) = self.block(index / BLOCK)?;
        let width = words.len() as u32;
        let distance = if width == 0 { 0 } else { field(words, width, index % BLOCK) };
        first.checked_add(distance)
    }

    /// The rows of a key.
    #[inline]
    pub(super) fn rows_of(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let start = if self.filter.may_hold(key) { self.lower_bound(key) } else { self.len };
        (start..self.len)
            .take_while(move |index| self.key(*index) == Some(key))
            .map(|index| self.rows.get(index) as u32)
    }

    /// The key and the row at a place.
    pub(super) fn at(&self, index: usize) -> Option<(u64, u32)> {
        if index >= self.len {
            return None;
        }
        Some((self.key(index)?, self.rows.get(index) as u32))
    }

    /// Every key with its row, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        (0..self.len.div_ceil(BLOCK)).flat_map(move |block| {
            let (first, words) = self.block(block).unwrap_or((0, &[]));
            let width = words.len() as u32;
            (0..self.len.saturating_sub(block * BLOCK).min(BLOCK)).map(move |index| {
                let distance = if width == 0 { 0 } else { field(words, width, index) };
                (first.saturating_add(distance), self.rows.get(block * BLOCK + index) as u32)
            })
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.firsts.bytes()
            + self.filter.0.capacity() * 8
            + self.places.capacity() * 4
            + self.words.capacity() * 8
            + self.rows.words.capacity() * 8
    }
}

/// Packs keys that arrive in order.
pub(super) struct Packer {
    firsts: Vec<u64>,
    places: Vec<u32>,
    words: Vec<u64>,
    rows: Packed,
    block: Vec<u64>,
    len: usize,
}

impl Packer {
    /// For about `len` keys whose rows are below `rows`.
    pub(super) fn new(len: usize, rows: usize) -> Self {
        let blocks = len.div_ceil(BLOCK);
        let mut places = Vec::with_capacity(blocks + 1);
        places.push(0);
        Self {
            firsts: Vec::with_capacity(blocks),
            places,
            words: Vec::new(),
            rows: Packed::with_capacity(width_of(rows.saturating_sub(1) as u64), len),
            block: Vec::with_capacity(BLOCK),
            len: 0,
        }
    }

    pub(super) fn push(&mut self, key: u64, row: u32) {
        self.block.push(key);
        self.rows.push(self.len, u64::from(row));
        self.len += 1;
        if self.block.len() == BLOCK {
            self.close();
        }
    }

    fn close(&mut self) {
        let (Some(first), Some(last)) = (self.block.first().copied(), self.block.last().copied()) else { return };
        let width = width_of(last - first);
        let start = self.words.len();
        self.words.resize(start + width as usize, 0);
        if let Some(words) = self.words.get_mut(start..) {
            for (index, key) in self.block.iter().enumerate() {
                put(words, width, index, key - first);
            }
        }
        self.firsts.push(first);
        self.places.push(u32::try_from(self.words.len()).unwrap_or(u32::MAX));
        self.block.clear();
    }

    pub(super) fn finish(mut self) -> Sorted {
        self.close();
        self.words.shrink_to_fit();
        self.firsts.shrink_to_fit();
        self.places.shrink_to_fit();
        self.rows.words.shrink_to_fit();
        Sorted::of(self.firsts, self.places, self.words, self.rows, self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packed_keys_are_found_as_in_a_plain_list(
            mut keys in prop::collection::vec(prop_oneof![0..400_u64, 8_613_000_000_000..8_613_000_400_000_u64, any::<u64>()], 0..700),
            asked in prop::collection::vec(prop_oneof![0..400_u64, 8_613_000_000_000..8_613_000_400_000_u64, any::<u64>()], 0..40),
        ) {
            keys.sort_unstable();
            let rows: Vec<(u64, u32)> = keys.iter().zip(0_u32..).map(|(key, row)| (*key, row % 37)).collect();
            let mut packer = Packer::new(rows.len(), 37);
            rows.iter().for_each(|(key, row)| packer.push(*key, *row));
            let sorted = packer.finish();
            prop_assert_eq!(sorted.iter().collect::<Vec<_>>(), rows.clone());
            for key in asked.iter().chain(keys.iter().take(80)) {
                let expected: Vec<u32> = rows.iter().filter(|(k, _)| k == key).map(|(_, row)| *row).collect();
                prop_assert_eq!(sorted.rows_of(*key).collect::<Vec<_>>(), expected);
            }
        }
    }
}
