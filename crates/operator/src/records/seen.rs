//! What rules saw of a message's text. It is kept with the record, so that a rule can be tried on yesterday's messages; the
//! text is not, nor anything from which it could be told.

use super::row::Word;
use screen::{Common, Registration, TextFeatures};

/// Columns of whole numbers that hold it in a file, behind that of the class.
pub(super) const COLUMNS: [&str; 14] = [
    "registration",
    "class_permille",
    "urls",
    "phones",
    "accounts",
    "chats",
    "evasions",
    "characters",
    "names_blocked",
    "alike",
    "alike_senders",
    "contact",
    "contact_senders",
    "text_kept",
];

/// Features of a text, and what the last day had in common with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextSeen {
    /// Whether these are those of a message: calls have none, nor have messages recorded before they were kept.
    pub is_kept: bool,
    /// What the register said of the sender.
    pub registration: Registration,
    /// The most probable class.
    pub class: Word,
    /// Probability of the class, thousandths.
    pub class_permille: u32,
    /// URLs.
    pub urls: u32,
    /// Telephone numbers.
    pub phones: u32,
    /// Accounts and cards.
    pub accounts: u32,
    /// Chat accounts.
    pub chats: u32,
    /// Signs written so as to evade reading.
    pub evasions: u32,
    /// Characters.
    pub characters: u32,
    /// A number or account in it was on the block list then.
    pub names_blocked: bool,
    /// What the last day had in common with it.
    pub common: Common,
}

impl TextSeen {
    /// What is kept of a judged message.
    pub fn of(text: &TextFeatures<'_>, registration: Registration, common: Common) -> Self {
        Self {
            is_kept: true,
            registration,
            class: Word::Owned(text.class.to_owned()),
            class_permille: (text.class_probability.clamp(0.0, 1.0) * 1_000.0).round() as u32,
            urls: text.urls,
            phones: text.phones,
            accounts: text.accounts,
            chats: text.chats,
            evasions: text.evasions,
            characters: text.characters,
            names_blocked: text.names_blocked,
            common,
        }
    }

    /// The features again, with what stands beside them in the record.
    pub fn features(&self, scam_probability: f32) -> TextFeatures<'_> {
        TextFeatures {
            scam_probability,
            class: &self.class,
            class_probability: self.class_permille as f32 / 1_000.0,
            urls: self.urls,
            phones: self.phones,
            accounts: self.accounts,
            chats: self.chats,
            evasions: self.evasions,
            characters: self.characters,
            names_blocked: self.names_blocked,
            common: Some(self.common),
            ..TextFeatures::default()
        }
    }

    /// The values of [`COLUMNS`].
    pub(super) fn values(&self) -> [i32; COLUMNS.len()] {
        let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        [
            match self.registration {
                Registration::Absent => 0,
                Registration::Matches => 1,
                Registration::WrongRoute => 2,
            },
            count(self.class_permille),
            count(self.urls),
            count(self.phones),
            count(self.accounts),
            count(self.chats),
            count(self.evasions),
            count(self.characters),
            i32::from(self.names_blocked),
            count(self.common.alike),
            count(self.common.alike_senders),
            count(self.common.contact),
            count(self.common.contact_senders),
            i32::from(self.is_kept),
        ]
    }

    /// From the class and the values of [`COLUMNS`].
    pub(super) fn of_values(class: Word, values: [i32; COLUMNS.len()]) -> Self {
        let [
            registration,
            permille,
            urls,
            phones,
            accounts,
            chats,
            evasions,
            characters,
            blocked,
            alike,
            senders,
            contact,
            contact_senders,
            kept,
        ] = values;
        let count = |n: i32| u32::try_from(n).unwrap_or(0);
        Self {
            is_kept: kept != 0,
            registration: match registration {
                1 => Registration::Matches,
                2 => Registration::WrongRoute,
                _ => Registration::Absent,
            },
            class,
            class_permille: count(permille),
            urls: count(urls),
            phones: count(phones),
            accounts: count(accounts),
            chats: count(chats),
            evasions: count(evasions),
            characters: count(characters),
            names_blocked: blocked != 0,
            common: Common {
                alike: count(alike),
                alike_senders: count(senders),
                contact: count(contact),
                contact_senders: count(contact_senders),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let values = std::array::from_fn(|n| i32::try_from(n).unwrap() + 1);
        let read = TextSeen::of_values("notice".into(), values);
        assert_eq!((read.urls, read.characters, read.common.contact_senders), (3, 8, 13));
        assert_eq!(TextSeen::of_values("notice".into(), read.values()), read);
        assert_eq!(TextSeen::of_values("".into(), TextSeen::default().values()), TextSeen::default());
    }
}
