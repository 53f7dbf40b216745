//! Long messages put together, within bounds of number, size and time.
//!
//! The holder decides what a part is (`T`): what it needs to pass it on or refuse it later. Parts are held until the
//! last one is there, or until the time is up; then they are given back with the whole text known so far. What has
//! been given back is remembered for as long again, so that a late part is still read together with the others.
//!
//! ```text
//! part 1 ─► Held      part 3 ─► Held      part 2 ─► Whole [1, 2, 3], text of all
//! part 1 ─► Held      (time is up) ─► Released [1]      part 2 ─► Late, text of 1 and 2
//! ```

use std::collections::{BTreeSet, HashMap};

use crate::{Alphabet, Concatenation, decode_into, other_reading};

/// What the parts of one message share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartKey {
    /// Sender.
    pub source: Vec<u8>,
    /// Receiver.
    pub destination: Vec<u8>,
    /// Reference number.
    pub reference: u16,
    /// How many parts.
    pub total: u8,
}

/// How much is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Microseconds for which parts wait for the rest.
    pub wait_us: i64,
    /// Messages put together at once; beyond it the oldest is given back.
    pub messages_max: usize,
    /// Parts of one message; a longer one is not put together.
    pub parts_max: u8,
    /// Octets held in all; beyond it the oldest is given back.
    pub octets_max: usize,
}

/// Parts given back, in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released<T> {
    /// The parts.
    pub parts: Vec<T>,
    /// The text known so far, in order; parts that are missing leave nothing.
    pub text: String,
    /// What else its octets may say ([`other_reading`]); mostly empty.
    pub other_reading: String,
    /// Whether every part is there.
    pub whole: bool,
}

/// What became of an offered part.
#[derive(Debug)]
pub enum Offered<T> {
    /// It waits for the others.
    Held,
    /// It was the last; here are all.
    Whole(Released<T>),
    /// The others have been given back already; here is this one, with the text of all that are known.
    Late(Released<T>),
    /// The message has more parts than are put together; here is this one alone.
    Alone(Released<T>),
}

struct Slot<T> {
    content: Vec<u8>,
    alphabet: Alphabet,
    held: Option<T>,
}

struct Group<T> {
    slots: Vec<Option<Slot<T>>>,
    deadline_us: i64,
    octets: usize,
    released: bool,
}

/// Holds the parts of many messages.
pub struct Assembler<T> {
    bounds: Bounds,
    groups: HashMap<PartKey, Group<T>>,
    by_deadline: BTreeSet<(i64, PartKey)>,
    octets: usize,
}

impl<T> Assembler<T> {
    /// Empty.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, groups: HashMap::new(), by_deadline: BTreeSet::new(), octets: 0 }
    }

    /// Takes a part: its place, its octets without header, and what the holder needs. `given_back` receives what had to
    /// leave for it: an older message under the same key, or the oldest of all when a bound is reached.
    pub fn offer(
        &mut self,
        key: PartKey,
        number: u8,
        (alphabet, content): (Alphabet, &[u8]),
        held: T,
        now_us: i64,
        given_back: &mut Vec<Released<T>>,
    ) -> Offered<T> {
        let part = Concatenation { reference: key.reference, total: key.total, number };
        if key.total > self.bounds.parts_max || !part.is_valid() {
            let mut text = String::new();
            decode_into(alphabet, content, &mut text);
            let other_reading = other_reading(alphabet, content);
            return Offered::Alone(Released { parts: vec![held], text, other_reading, whole: false });
        }
        let place = usize::from(number - 1);
        let doubled = self.groups.get(&key).is_some_and(|group| matches!(group.slots.get(place), Some(Some(_))));
        if doubled {
            // A new message under a reference that is used again, or the same sent once more.
            given_back.extend(self.take(&key));
        }
        self.make_room(content.len(), given_back);
        let deadline_us = now_us.saturating_add(self.bounds.wait_us);
        let group = self.groups.entry(key.clone()).or_insert_with(|| {
            self.by_deadline.insert((deadline_us, key.clone()));
            Group { slots: (0..key.total).map(|_| None).collect(), deadline_us, octets: 0, released: false }
        });
        group.octets += content.len();
        self.octets += content.len();
        let late = group.released;
        if let Some(slot) = group.slots.get_mut(place) {
            *slot = Some(Slot { content: content.to_vec(), alphabet, held: Some(held) });
        }
        let whole = group.slots.iter().all(Option::is_some);
        match (late, whole) {
            (false, false) => Offered::Held,
            (false, true) => match self.take(&key) {
                Some(released) => Offered::Whole(released),
                None => Offered::Held,
            },
            (true, _) => {
                let released = give_back(group);
                if whole {
                    self.forget(&key);
                }
                Offered::Late(released)
            }
        }
    }

    /// Gives back what has waited long enough, and forgets what was given back long enough ago.
    pub fn expire(&mut self, now_us: i64) -> Vec<Released<T>> {
        let mut given_back = Vec::new();
        while let Some((deadline_us, key)) = self.by_deadline.first().cloned() {
            if deadline_us > now_us {
                break;
            }
            self.by_deadline.pop_first();
            let Some(group) = self.groups.get_mut(&key) else { continue };
            if group.released {
                self.forget(&key);
                continue;
            }
            given_back.push(give_back(group));
            group.released = true;
            group.deadline_us = now_us.saturating_add(self.bounds.wait_us);
            self.by_deadline.insert((group.deadline_us, key));
        }
        given_back
    }

    /// Gives back everything, for instance because the front stops.
    pub fn drain(&mut self) -> Vec<Released<T>> {
        let keys: Vec<PartKey> = self.groups.keys().cloned().collect();
        keys.iter().filter_map(|key| self.take(key)).collect()
    }

    /// When [`Assembler::expire`] has something to do next.
    pub fn next_deadline_us(&self) -> Option<i64> {
        self.by_deadline.first().map(|(deadline_us, _)| *deadline_us)
    }

    /// What a held part needs, when it is still held.
    pub fn held_mut(&mut self, key: &PartKey, number: u8) -> Option<&mut T> {
        let place = usize::from(number.checked_sub(1)?);
        self.groups.get_mut(key)?.slots.get_mut(place)?.as_mut()?.held.as_mut()
    }

    /// Messages of which parts are held or remembered.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn make_room(&mut self, coming: usize, given_back: &mut Vec<Released<T>>) {
        while self.groups.len() >= self.bounds.messages_max || self.octets + coming > self.bounds.octets_max {
            let Some((_, key)) = self.by_deadline.first().cloned() else { break };
            given_back.extend(self.take(&key));
        }
    }

    /// Takes a group out; nothing when all its parts were given back before.
    fn take(&mut self, key: &PartKey) -> Option<Released<T>> {
        let mut group = self.forget(key)?;
        let released = give_back(&mut group);
        (!released.parts.is_empty()).then_some(released)
    }

    fn forget(&mut self, key: &PartKey) -> Option<Group<T>> {
        let group = self.groups.remove(key)?;
        self.by_deadline.remove(&(group.deadline_us, key.clone()));
        self.octets = self.octets.saturating_sub(group.octets);
        Some(group)
    }
}

/// The parts still held, and the text of all. Neighbours of one alphabet are read together, since a part may end
/// within a character.
fn give_back<T>(group: &mut Group<T>) -> Released<T> {
    let (mut text, mut other) = (String::new(), String::new());
    let mut run: Vec<u8> = Vec::new();
    let mut alphabet = None;
    for slot in &group.slots {
        let next = slot.as_ref().map(|s| s.alphabet);
        if next != alphabet {
            if let Some(ended) = alphabet {
                decode_into(ended, &run, &mut text);
                other.push_str(&other_reading(ended, &run));
            }
            run.clear();
            alphabet = next;
        }
        run.extend_from_slice(slot.as_ref().map(|s| s.content.as_slice()).unwrap_or_default());
    }
    if let Some(ended) = alphabet {
        decode_into(ended, &run, &mut text);
        other.push_str(&other_reading(ended, &run));
    }
    let whole = group.slots.iter().all(Option::is_some);
    let parts = group.slots.iter_mut().flatten().filter_map(|slot| slot.held.take()).collect();
    Released { parts, text, other_reading: other, whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { wait_us: 100, messages_max: 3, parts_max: 10, octets_max: 1000 };

    fn key(reference: u16, total: u8) -> PartKey {
        PartKey { source: b"1069".to_vec(), destination: b"138".to_vec(), reference, total }
    }

    fn offer(
        a: &mut Assembler<u8>,
        key: PartKey,
        number: u8,
        text: &str,
        now: i64,
    ) -> (Offered<u8>, Vec<Released<u8>>) {
        let mut given_back = Vec::new();
        let content = crate::encode(Alphabet::Utf16, text).unwrap();
        let offered = a.offer(key, number, (Alphabet::Utf16, &content), number, now, &mut given_back);
        (offered, given_back)
    }

    #[test]
    fn parts_in_any_order_make_one_text() {
        let mut a = Assembler::new(BOUNDS);
        assert!(matches!(offer(&mut a, key(1, 3), 3, "转账", 0).0, Offered::Held));
        assert!(matches!(offer(&mut a, key(1, 3), 1, "请向", 1).0, Offered::Held));
        let (Offered::Whole(whole), _) = offer(&mut a, key(1, 3), 2, "安全账户", 2) else { panic!("it is whole") };
        assert_eq!(
            (whole.parts.as_slice(), whole.text.as_str(), whole.whole),
            (&[1, 2, 3][..], "请向安全账户转账", true)
        );
        assert!(a.is_empty() && a.next_deadline_us().is_none());
    }

    #[test]
    fn a_pair_that_two_parts_share_is_read() {
        let mut a = Assembler::new(BOUNDS);
        let mut none = Vec::new();
        let octets = crate::encode(Alphabet::Utf16, "😀").unwrap();
        a.offer(key(1, 2), 1, (Alphabet::Utf16, &octets[..2]), 1, 0, &mut none);
        let Offered::Whole(whole) = a.offer(key(1, 2), 2, (Alphabet::Utf16, &octets[2..]), 2, 0, &mut none) else {
            panic!("it is whole")
        };
        assert_eq!(whole.text, "😀");
    }

    #[test]
    fn time_gives_parts_back_and_late_ones_are_read_with_them() {
        let mut a = Assembler::new(BOUNDS);
        offer(&mut a, key(1, 3), 1, "一", 0);
        assert_eq!(a.next_deadline_us(), Some(100));
        assert!(a.expire(99).is_empty());
        let given = a.expire(100);
        assert_eq!((given[0].parts.as_slice(), given[0].text.as_str(), given[0].whole), (&[1][..], "一", false));
        let (Offered::Late(late), _) = offer(&mut a, key(1, 3), 2, "二", 150) else { panic!("it is late") };
        assert_eq!((late.parts.as_slice(), late.text.as_str()), (&[2][..], "一二"));
        assert!(a.expire(200).is_empty());
        assert!(a.is_empty());
    }

    #[test]
    fn bounds_hold_whatever_is_sent() {
        let mut a = Assembler::new(BOUNDS);
        let mut back = 0;
        for reference in 0..50 {
            back += offer(&mut a, key(reference, 2), 1, "一二三四五六七八九十", i64::from(reference)).1.len();
            assert!(a.len() <= BOUNDS.messages_max);
        }
        assert_eq!(back, 47);
        assert!(matches!(offer(&mut a, key(99, 11), 1, "一", 0).0, Offered::Alone(_)));
        let (again, given_back) = offer(&mut a, key(49, 2), 1, "新", 60);
        assert!(matches!(again, Offered::Held));
        assert_eq!(given_back.len(), 1, "the older message of the same reference leaves");
        assert_eq!(a.drain().len(), 3);
        assert_eq!(a.octets, 0);
    }
}
