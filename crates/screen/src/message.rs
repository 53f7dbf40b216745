//! A text message as signalling and the text reader tell it.

use kernel::Timestamp;

use crate::alike::{Common, Contacts, Marks};
use crate::call::Trunk;
use crate::number::{Number, NumberKind};

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender<'a> {
    /// The number, where the address is one.
    pub number: Option<Number>,
    /// The address as it arrived: digits, or a name of letters.
    pub raw: &'a str,
    /// What the register of official senders says.
    pub registration: Registration,
}

impl<'a> Sender<'a> {
    /// Reads a sender's address.
    pub fn read(raw: &'a str, registration: Registration) -> Self {
        Self { number: Number::read(raw), raw, registration }
    }

    /// Whether the address is a name of letters.
    pub fn is_name(&self) -> bool {
        self.number.is_none() && self.raw.chars().any(char::is_alphabetic)
    }

    /// Whether the address is neither a number of a plan nor a name.
    pub fn is_malformed(&self) -> bool {
        match self.number {
            Some(number) => number.kind() == NumberKind::Unassigned,
            None => !self.is_name(),
        }
    }
}

/// What the register of official senders says about a sender and its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Registration {
    /// The sender is not in the register.
    #[default]
    Absent,
    /// The sender is registered and comes from where it is registered.
    Matches,
    /// The sender is registered, but comes from elsewhere: forged.
    WrongRoute,
}

impl Registration {
    /// The registration of a word; nothing for another word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Absent, Self::Matches, Self::WrongRoute].into_iter().find(|known| known.word() == word)
    }

    /// The word that rules use: `absent`, `matches`, `wrong_route`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Matches => "matches",
            Self::WrongRoute => "wrong_route",
        }
    }
}

/// What the text reader and the classifier found.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TextFeatures<'a> {
    /// Probability that it is a scam, 0 to 1.
    pub scam_probability: f32,
    /// The most probable class, by its stable code; empty when nothing was judged.
    pub class: &'a str,
    /// Probability of that class, 0 to 1.
    pub class_probability: f32,
    /// How many URLs it names.
    pub urls: u32,
    /// How many telephone numbers it names.
    pub phones: u32,
    /// How many accounts or cards it names.
    pub accounts: u32,
    /// How many chat accounts it names.
    pub chats: u32,
    /// How many signs were written so as to evade reading: look-alike letters, broken-up numbers.
    pub evasions: u32,
    /// Characters.
    pub characters: u32,
    /// A number or account in it stands on the block list.
    pub names_blocked: bool,
    /// What it has in common with texts nearly the same.
    pub marks: Marks,
    /// The places it leads to.
    pub contacts: Contacts,
    /// What the last day had in common with it, where that is known already: a message that is played again.
    pub common: Option<Common>,
}

/// A message that wants to go through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MessageAttempt<'a> {
    /// Who sends.
    pub sender: Sender<'a>,
    /// Who receives; nothing when the request names no number.
    pub receiver: Option<Number>,
    /// Where the message enters.
    pub trunk: Trunk,
    /// What the text says.
    pub text: TextFeatures<'a>,
    /// When.
    pub at: Timestamp,
}
