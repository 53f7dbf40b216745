//! What is done with a message: the lists, the register and the text, asked together.

use std::sync::Arc;
use std::time::Instant;

use kernel::Timestamp;
use screen::{
    BareDigits, EntryKind, Marks, MessageAction, MessageAttempt, MessageDecision, Number, NumberKind, Registration,
    Sender, TextFeatures, Trunk, TrunkKind,
};
use text::Value;

use crate::records::TextSeen;
use crate::screening::{Event, Front, Hidden, MessageEvent, Screening};

/// Characters of a suspicious text that are reported.
const TEXT_CHARS_MAX: usize = 1_000;
/// Numbers of a text that are reported.
const NUMBERS_MAX: usize = 16;
/// From this probability on a text is reported although nothing was done about it.
const REPORTED_FROM: f32 = 0.5;

/// Type of number of an address with its country code (SMPP 3.4 §5.2.5).
const INTERNATIONAL: u8 = 1;
/// Type of number of an address as dialled in the country.
const NATIONAL: u8 = 2;

/// An address of a message: a number, or a name of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party<'a> {
    /// The type of number that the request states; 0 where it states none.
    pub ton: u8,
    /// The address as sent.
    pub address: &'a str,
}

impl<'a> From<&'a str> for Party<'a> {
    fn from(address: &'a str) -> Self {
        Self { ton: 0, address }
    }
}

impl<'a> From<smpp::Address<'a>> for Party<'a> {
    fn from(address: smpp::Address<'a>) -> Self {
        Self { ton: address.ton, address: address.text() }
    }
}

impl Party<'_> {
    /// The number, where the address is one: with its country code or as dialled in the country, as the request says; else
    /// bare digits are read as told.
    pub(crate) fn number(self, bare: BareDigits) -> Option<Number> {
        let national = Number::read(self.address);
        match self.ton {
            // Many a sender states it with a port or a hotline, which has no country code.
            INTERNATIONAL if national.is_some_and(|number| number.kind() == NumberKind::Service) => national,
            INTERNATIONAL => Number::read_as(self.address, BareDigits::International),
            NATIONAL => national,
            _ => Number::read_as(self.address, bare),
        }
    }

    /// Whether whoever writes to it asks for help.
    pub(crate) fn calls_for_help(self) -> bool {
        self.number(BareDigits::National).is_some_and(Number::calls_for_help)
    }
}

/// A message as the front heard it.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Where it came in.
    pub front: Front,
    /// When.
    pub at: Timestamp,
    /// The sender.
    pub source: Party<'a>,
    /// Every receiver; an address that is empty where it is not known.
    pub destinations: &'a [Party<'a>],
    /// What the register says about the sender.
    pub registration: Registration,
    /// The trunk of the account.
    pub trunk: Trunk,
    /// The text, as far as it is known; empty for octets that are none.
    pub text: &'a str,
}

/// Decides about messages, and reports what it decided.
pub trait Judge: Send + Sync {
    /// What is done with the message: of what its receivers call for, the strictest.
    fn judge(&self, heard: &Heard<'_>) -> MessageAction;

    /// What the register of official senders says about a sender that an account uses.
    fn registration(&self, sender: Party<'_>, account: &str) -> Registration;
}

/// The judge of the seat: screen, reader and model.
pub struct ScreeningJudge(pub Arc<Screening>);

impl Judge for ScreeningJudge {
    fn judge(&self, heard: &Heard<'_>) -> MessageAction {
        let began = Instant::now();
        let screening = &self.0;
        let verdict = screening.judge(heard.text);
        let found = screening.reader().read(heard.text);
        let mut features = TextFeatures {
            scam_probability: verdict.scam_probability,
            class: &verdict.class,
            class_probability: verdict.class_probability,
            characters: u32::try_from(heard.text.chars().count()).unwrap_or(u32::MAX),
            marks: Marks::of(&found.text),
            ..TextFeatures::default()
        };
        let mut numbers: Vec<Number> = Vec::new();
        for identifier in &found.identifiers {
            match &identifier.value {
                Value::Phone(phone) => {
                    features.phones += 1;
                    let number = Number::parse(&phone.to_string());
                    // The number of a bank stands in everybody's messages.
                    if number.is_some_and(|number| number.kind() != NumberKind::Service) {
                        features.contacts.add(&phone.to_string());
                    }
                    numbers.extend(number.filter(|_| numbers.len() < NUMBERS_MAX));
                }
                Value::Account(account) => {
                    features.accounts += 1;
                    features.contacts.add(&account.to_string());
                }
                Value::Link(link) => {
                    features.urls += 1;
                    features.contacts.add(if link.short { &link.address } else { &link.host });
                }
                Value::Chat(chat) => {
                    features.chats += 1;
                    features.contacts.add(&format!("{}:{}", chat.service.code(), chat.id));
                }
                _ => {}
            }
        }
        if !numbers.is_empty() {
            let list = screening.screen().list();
            let blocked = |n: &Number| list.lookup(*n, heard.at).is_some_and(|hit| hit.kind == EntryKind::Block);
            features.names_blocked = numbers.iter().any(blocked);
        }
        let bare = heard.trunk.kind.bare_digits();
        let screen = screening.screen();
        let mut sender = Sender::read(heard.source.address, heard.registration);
        sender.number = heard.source.number(bare);
        // Not every SMSC heeds the type of number. A number of the mainland that stands on the list does not pass under another;
        // from abroad one that only looks the same is another's.
        if heard.source.ton == INTERNATIONAL
            && heard.trunk.kind != TrunkKind::Foreign
            && let Some(shown) = Number::read(heard.source.address)
            && screen.stops_by_itself(shown, heard.at)
        {
            sender.number = Some(shown);
        }
        let decisions: Vec<(Option<Number>, MessageDecision)> = heard
            .destinations
            .iter()
            .map(|destination| {
                let mut receiver = destination.number(BareDigits::National);
                if destination.ton == INTERNATIONAL
                    && let Some(reached) = Number::read(destination.address)
                    && screen.is_guarded(reached, heard.at)
                {
                    receiver = Some(reached);
                }
                let attempt = MessageAttempt { sender, receiver, trunk: heard.trunk, text: features, at: heard.at };
                (receiver, screen.decide_message(&attempt))
            })
            .collect();
        let strictest = decisions.iter().map(|(_, decision)| decision).max_by_key(|decision| weight(decision.action));
        let Some(strictest) = strictest.copied() else { return MessageAction::Pass };
        let suspicious = strictest.action != MessageAction::Pass || verdict.scam_probability >= REPORTED_FROM;
        let took_ns = u32::try_from(began.elapsed().as_nanos()).unwrap_or(u32::MAX);
        for (to, own) in decisions {
            // What is done is done to all; each receiver's record says so, with the reason that decided.
            let decision = if weight(own.action) == weight(strictest.action) {
                own
            } else {
                MessageDecision { action: strictest.action, reason: strictest.reason, ..own }
            };
            screening.report(Event::Message(Box::new(MessageEvent {
                front: heard.front,
                at: heard.at,
                sender: sender.number,
                sender_name: sender.number.is_none().then(|| heard.source.address.to_owned()),
                to,
                trunk: heard.trunk,
                decision,
                scam_probability: verdict.scam_probability,
                class: suspicious.then(|| verdict.class.to_string()),
                text_seen: TextSeen::of(&features, heard.registration, decision.common),
                numbers: numbers.clone(),
                text: suspicious.then(|| Hidden::new(heard.text, TEXT_CHARS_MAX)),
                took_ns,
            })));
        }
        strictest.action
    }

    fn registration(&self, sender: Party<'_>, account: &str) -> Registration {
        self.0.register().look_up(sender, account)
    }
}

/// How much an action keeps from a receiver.
pub(super) const fn weight(action: MessageAction) -> u8 {
    match action {
        MessageAction::Pass => 0,
        MessageAction::Monitor => 1,
        MessageAction::Mark(_) => 2,
        MessageAction::Drop => 3,
        MessageAction::Reject => 4,
    }
}
