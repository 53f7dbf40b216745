//! What is done with a message: the lists, the register and the text, asked together.

use std::sync::Arc;
use std::time::Instant;

use kernel::Timestamp;
use screen::{
    BareDigits, EntryKind, Marks, MessageAction, MessageAttempt, Number, NumberKind, Registration, Sender,
    TextFeatures, Trunk, TrunkKind,
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

/// A message as the front heard it.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Where it came in.
    pub front: Front,
    /// When.
    pub at: Timestamp,
    /// The sender's address as sent.
    pub source: &'a str,
    /// The receiver's address as sent.
    pub destination: &'a str,
    /// What the register says about the sender.
    pub registration: Registration,
    /// The trunk of the account.
    pub trunk: Trunk,
    /// The text, as far as it is known; empty for octets that are none.
    pub text: &'a str,
}

/// Decides about messages, and reports what it decided.
pub trait Judge: Send + Sync {
    /// What is done with the message.
    fn judge(&self, heard: &Heard<'_>) -> MessageAction;

    /// What the register of official senders says about a sender that an account uses.
    fn registration(&self, sender: &str, account: &str) -> Registration;
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
        let mut sender = Sender::read(heard.source, heard.registration);
        if heard.trunk.kind == TrunkKind::Foreign {
            // SMPP writes an international number without its plus.
            sender.number = Number::read_as(heard.source, BareDigits::Either);
        }
        let receiver = Number::read(heard.destination);
        let attempt = MessageAttempt { sender, receiver, trunk: heard.trunk, text: features, at: heard.at };
        let decision = screening.screen().decide_message(&attempt);
        let suspicious = decision.action != MessageAction::Pass || verdict.scam_probability >= REPORTED_FROM;
        screening.report(Event::Message(Box::new(MessageEvent {
            front: heard.front,
            at: heard.at,
            sender: sender.number,
            sender_name: sender.number.is_none().then(|| heard.source.to_owned()),
            to: receiver,
            trunk: heard.trunk,
            decision,
            scam_probability: verdict.scam_probability,
            class: suspicious.then(|| verdict.class.to_string()),
            text_seen: TextSeen::of(&features, heard.registration, decision.common),
            numbers,
            text: suspicious.then(|| Hidden::new(heard.text, TEXT_CHARS_MAX)),
            took_ns: u32::try_from(began.elapsed().as_nanos()).unwrap_or(u32::MAX),
        })));
        decision.action
    }

    fn registration(&self, sender: &str, account: &str) -> Registration {
        self.0.register().look_up(sender, account)
    }
}
