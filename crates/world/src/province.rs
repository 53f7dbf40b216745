//! Who lives in the province: subscribers by prefecture, and the numbers that others show.
//!
//! Subscribers of this operator have numbers from 190 blocks, those of other operators from 191 and 199; every prefecture
//! has blocks of its own, as real operators hand them out.

use crate::Dice;

/// A prefecture with its area code, its share of the people, and the block of its numbers.
#[derive(Debug, Clone, Copy)]
pub struct Prefecture {
    /// GB/T 2260.
    pub code: u32,
    /// Area code of fixed lines, without its leading zero.
    pub area: u16,
    /// Share of the people, in thousandths.
    pub share: u32,
}

/// The fourteen prefectures of Hunan; shares rounded from the census of 2020.
pub const PREFECTURES: [Prefecture; 14] = [
    Prefecture { code: 430100, area: 731, share: 151 },
    Prefecture { code: 430200, area: 731, share: 59 },
    Prefecture { code: 430300, area: 731, share: 41 },
    Prefecture { code: 430400, area: 734, share: 100 },
    Prefecture { code: 430500, area: 739, share: 99 },
    Prefecture { code: 430600, area: 730, share: 76 },
    Prefecture { code: 430700, area: 736, share: 79 },
    Prefecture { code: 430800, area: 744, share: 23 },
    Prefecture { code: 430900, area: 737, share: 58 },
    Prefecture { code: 431000, area: 735, share: 70 },
    Prefecture { code: 431100, area: 746, share: 80 },
    Prefecture { code: 431200, area: 745, share: 69 },
    Prefecture { code: 431300, area: 738, share: 57 },
    Prefecture { code: 433100, area: 743, share: 38 },
];

/// First digits of this operator's numbers.
pub const HOME_BLOCK: u64 = 190;
/// First digits of other operators' numbers.
pub const OTHER_BLOCKS: [u64; 2] = [191, 199];

/// A subscriber of the province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber {
    /// National mobile number, eleven digits.
    pub number: u64,
    /// Which prefecture: index into [`PREFECTURES`].
    pub prefecture: usize,
    /// Whether he is a subscriber of this operator.
    pub home: bool,
}

impl Subscriber {
    /// `+86` and the number.
    pub fn shown(&self) -> String {
        shown(self.number)
    }
}

/// `+86` and a national number.
pub fn shown(national: u64) -> String {
    format!("+86{national}")
}

/// A mobile number: three digits of the block, two of the prefecture, six of its own.
pub fn mobile(block: u64, prefecture: usize, own: u64) -> u64 {
    block * 100_000_000 + (u64::try_from(prefecture).unwrap_or(0) * 7 + 1) % 100 * 1_000_000 + own % 1_000_000
}

/// A fixed line of a prefecture, `+86` without the zero of the area code.
pub fn fixed(dice: &mut Dice, prefecture: usize) -> String {
    let area = PREFECTURES.get(prefecture).map_or(731, |p| p.area);
    // Seven or eight digits behind the area code, as in the cities; the first is never 0, 1 or 9.
    let own = if area == 731 { dice.between(8_200_0000, 8_999_9999) } else { dice.between(220_0000, 899_9999) };
    format!("+86{area}{own}")
}

/// The people of the province.
#[derive(Debug, Clone)]
pub struct Province {
    /// Everybody with a telephone.
    pub people: Vec<Subscriber>,
}

impl Province {
    /// So many people, of whom three in five are subscribers of this operator.
    pub fn of(dice: &mut Dice, people: usize) -> Self {
        let shares: Vec<u32> = PREFECTURES.iter().map(|p| p.share).collect();
        let mut numbers = std::collections::HashSet::new();
        let mut all = Vec::with_capacity(people);
        while all.len() < people {
            let prefecture = dice.weighted(&shares);
            let home = dice.permille(600);
            let block = if home { HOME_BLOCK } else { dice.pick(&OTHER_BLOCKS).copied().unwrap_or(HOME_BLOCK) };
            let number = mobile(block, prefecture, dice.below(1_000_000));
            // A crowded province gives a number twice; the second taker draws again.
            if numbers.insert(number) {
                all.push(Subscriber { number, prefecture, home });
            }
        }
        Self { people: all }
    }

    /// How many people.
    pub(crate) fn size(&self) -> i64 {
        i64::try_from(self.people.len()).unwrap_or(0)
    }

    /// Everybody of a prefecture.
    pub(crate) fn neighbours(&self, prefecture: usize) -> Vec<Subscriber> {
        self.people.iter().filter(|person| person.prefecture == prefecture).copied().collect()
    }

    /// Somebody.
    pub fn anybody(&self, dice: &mut Dice) -> Subscriber {
        dice.pick(&self.people).copied().unwrap_or(Subscriber { number: 19001000000, prefecture: 0, home: true })
    }

    /// A subscriber of this operator, if a few draws find one.
    pub fn subscriber(&self, dice: &mut Dice) -> Subscriber {
        (0..32).map(|_| self.anybody(dice)).find(|s| s.home).unwrap_or_else(|| self.anybody(dice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_one_of_the_numbering_plan_and_nobody_shares_it() {
        let mut dice = Dice::new(3);
        let province = Province::of(&mut dice, 5_000);
        let mut numbers: Vec<u64> = province.people.iter().map(|s| s.number).collect();
        for subscriber in &province.people {
            let read = kernel::Msisdn::parse(&subscriber.shown());
            assert!(read.is_ok_and(|n| n.kind() == kernel::MsisdnKind::Mobile), "{}", subscriber.number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 5_000);
        for prefecture in 0..PREFECTURES.len() {
            let line = fixed(&mut dice, prefecture);
            assert!(kernel::Msisdn::parse(&line).is_ok_and(|n| n.kind() == kernel::MsisdnKind::Fixed), "{line}");
        }
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(PREFECTURES.iter().map(|p| p.share).sum::<u32>(), 1_000);
    }
}
