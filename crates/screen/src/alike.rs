//! Texts that are nearly the same, and texts that lead to the same place: what many messages have in common although
//! their senders differ and their words vary.
//!
//! Of the Chinese characters of a text every run of [`RUN`] is hashed in [`MARKS`] ways, and the least of each way is a
//! mark. Two texts that share half of their runs share each mark with probability one half, and of a campaign some mark
//! comes again and again.

use std::hash::{Hash, Hasher};

use kernel::Timestamp;

use crate::message::TextFeatures;
use crate::number::{Number, PLAIN_DIGITS_MAX, pow10};
use crate::window::Windows;

/// Characters of a run.
const RUN: usize = 4;
/// Marks of a text.
pub const MARKS: usize = 4;
/// Contacts of a text that are looked at.
pub const CONTACTS_MAX: usize = 4;
/// Shorter texts are alike by chance.
const CHARACTERS_MIN: usize = 10;

/// The marks of a text; none for one that is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks([u32; MARKS]);

impl Marks {
    /// The marks of a text whose evasion is undone.
    pub fn of(text: &str) -> Self {
        const WAYS: [u64; MARKS] =
            [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];
        let (mut run, mut characters, mut least) = (0_u64, 0_usize, [u32::MAX; MARKS]);
        for character in text.chars().filter(|c| ('\u{3400}'..='\u{9fff}').contains(c)) {
            // Sixteen bits a character: the run holds the last four.
            run = run << 16 | u64::from(u32::from(character) & 0xffff);
            characters += 1;
            if characters >= RUN {
                for (least, way) in least.iter_mut().zip(WAYS) {
                    let mixed = (run ^ run >> 31).wrapping_mul(way);
                    *least = (*least).min(((mixed ^ mixed >> 29).wrapping_mul(WAYS[0]) >> 32) as u32);
                }
            }
        }
        if characters < CHARACTERS_MIN { Self::default() } else { Self(least.map(|mark| mark.max(1))) }
    }
}

/// The places that a text leads to, by hash: links, telephone numbers, chat accounts, bank accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contacts([u64; CONTACTS_MAX]);

impl Contacts {
    /// Adds a place in its canonical form; what is beyond [`CONTACTS_MAX`] or was added before is passed over.
    pub fn add(&mut self, place: &str) {
        let mut hasher = rustc_hash::FxHasher::default();
        place.hash(&mut hasher);
        let hash = hasher.finish().max(1);
        if !self.0.contains(&hash)
            && let Some(free) = self.0.iter_mut().find(|kept| **kept == 0)
        {
            *free = hash;
        }
    }
}

/// What the last day had in common with a message, this one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Common {
    /// Texts nearly the same.
    pub alike: u32,
    /// Their senders.
    pub alike_senders: u32,
    /// Texts that lead to the same place.
    pub contact: u32,
    /// Their senders.
    pub contact_senders: u32,
}

/// Notes a message in windows of marks and contacts, and tells the most that one of its marks and contacts has seen.
pub(crate) fn note(windows: &Windows, text: &TextFeatures<'_>, sender: u64, at: Timestamp) -> Common {
    // The windows count different numbers: a sender is one, whatever its address is.
    let sender = Number::from_plain(sender % (pow10(PLAIN_DIGITS_MAX as u32) - 1) + 1);
    let mut seen = Common::default();
    let look = |key: u64, count: &mut u32, senders: &mut u32| {
        let told = windows.attempt(key, sender, at, [false, false, false, true]);
        let ([.., attempts], [.., callees]) = (told.attempts, told.callees);
        (*count, *senders) = ((*count).max(attempts), (*senders).max(callees));
    };
    for (way, mark) in (1..).zip(text.marks.0).filter(|(_, mark)| *mark != 0) {
        look(way << 32 | u64::from(mark), &mut seen.alike, &mut seen.alike_senders);
    }
    for contact in text.contacts.0.into_iter().filter(|contact| *contact != 0) {
        look(contact | 1 << 63, &mut seen.contact, &mut seen.contact_senders);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "尊敬的用户您的电子密码器将于次日失效请尽快登录我行网站进行升级给您带来不便敬请谅解";

    fn shared(one: &str, other: &str) -> usize {
        Marks::of(one).0.iter().zip(Marks::of(other).0).filter(|(a, b)| **a == *b && *b != 0).count()
    }

    #[test]
    fn a_campaign_shares_marks_and_other_texts_do_not() {
        assert_eq!(shared(TEXT, TEXT), MARKS);
        let varied = TEXT.replace("尊敬的用户", "亲爱的客户").replace("尽快", "立即");
        assert!(shared(TEXT, &varied) >= 1);
        assert_eq!(shared(TEXT, &format!("{TEXT} http://abc.top 13800138000")), MARKS, "contacts are no words");
        assert_eq!(shared(TEXT, "妈我今晚加班别等我吃饭了土豆和葱没了你买点菜回来"), 0);
        assert_eq!(Marks::of("好的收到"), Marks::default());
    }

    #[test]
    fn contacts_are_kept_once_and_within_bounds() {
        let mut contacts = Contacts::default();
        (0..9).for_each(|n| contacts.add(&format!("a{}.top", n / 2)));
        assert!(contacts.0.iter().all(|hash| *hash != 0));
        let distinct: std::collections::BTreeSet<u64> = contacts.0.into();
        assert_eq!(distinct.len(), CONTACTS_MAX);
    }
}
