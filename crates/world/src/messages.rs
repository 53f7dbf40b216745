//! Short messages: what services, shops and friends send, and what gangs send through the network and past it.

use kernel::{Duration, ScamType, Timestamp};

use crate::event::{Event, Pattern, Trunk, Truth, What};
use crate::habits::{Hours, moment};
use crate::province::{HOME_BLOCK, OTHER_BLOCKS, PREFECTURES, Province, Subscriber, mobile, shown};
use crate::texts::{Wording, Writer};
use crate::{Dice, Settings};

/// Services whose codes people know.
const SERVICES: [&str; 8] = ["95588", "95533", "95599", "10086", "12306", "95338", "95311", "10099"];
/// What vans pretend to be.
const PRETENDED: [&str; 5] = ["95588", "95533", "95599", "10086", "95555"];

/// What every sender needs: words, people, and the span in which it all happens.
struct Post<'p> {
    writer: Writer,
    province: &'p Province,
    settings: &'p Settings,
    out: &'p mut Vec<Event>,
}

/// Every message of the span, in no order.
pub(crate) fn messages(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    let mut post = Post { writer: Writer::sent(dice.any()), province, settings, out };
    let people = province.size();
    post.honest(&mut dice.branch(21), settings.in_span(people));
    for gang in 0..settings.gangs {
        let mut own = dice.branch(u64::try_from(gang).unwrap_or(0) + 201);
        // The half that calls also writes; one gang in five drives a van.
        match gang % 5 {
            0 => post.van(&mut own),
            1 | 3 => post.blast(&mut own, settings.in_span(600)),
            _ => {}
        }
    }
    post.offers(&mut dice.branch(22), settings.in_span(people / 2_000));
    post.invitations(&mut dice.branch(23), settings.in_span(people / 2_500));
    post.forwarded(&mut dice.branch(24), settings.in_span(people / 4_000));
}

impl Post<'_> {
    fn honest(&mut self, dice: &mut Dice, count: i64) {
        for _ in 0..count {
            let written = self.writer.honest();
            let (sender, trunk, pattern) = match dice.below(10) {
                0 | 1 => {
                    let person = self.province.anybody(dice);
                    (person.shown(), trunk_of(person), Pattern::Person)
                }
                2..=5 => {
                    let code = dice.pick(&SERVICES).map_or_else(String::new, |code| (*code).to_owned());
                    (code, Trunk::National, Pattern::ServiceSender)
                }
                _ => (format!("1069{:07}", 1_000_000 + dice.below(400) * 17), Trunk::National, Pattern::ServiceSender),
            };
            let at = moment(dice, Hours::Private, self.settings.start, self.settings.span);
            let receiver = self.province.subscriber(dice);
            let event = event(at, sender, receiver, trunk, written.text, (Truth::Normal, pattern, None));
            self.out.push(registered(event, pattern == Pattern::ServiceSender));
        }
    }

    /// A shop's offer, with its link, to many within two hours.
    fn offers(&mut self, dice: &mut Dice, count: i64) {
        for _ in 0..count {
            let (offer, code) = (self.writer.offer(), format!("1069{:08}", 30_000_000 + dice.below(900)));
            let from = moment(dice, Hours::Office, self.settings.start, self.settings.span);
            // One shop in twenty has not registered its code.
            let known = dice.permille(950);
            for _ in 0..dice.between(40, 160) {
                let at = from + Duration::seconds(dice.between(0, 7_200));
                let (receiver, text) = (self.province.subscriber(dice), self.writer.of(&offer).text);
                let truth = (Truth::Normal, Pattern::Marketing, None);
                let offer = || registered(event(at, code.clone(), receiver, Trunk::National, text, truth), known);
                self.within(at, offer);
            }
        }
    }

    /// A teacher, a host, an official: the same words to dozens within ten minutes, from his own mobile.
    fn invitations(&mut self, dice: &mut Dice, count: i64) {
        for _ in 0..count {
            let (campaign, sender) = (self.writer.invitation(), shown(self.province.subscriber(dice).number));
            let text = self.writer.of(&campaign).text;
            let from = moment(dice, Hours::Private, self.settings.start, self.settings.span);
            for _ in 0..dice.between(20, 80) {
                let at = from + Duration::seconds(dice.between(0, 600));
                let receiver = self.province.subscriber(dice);
                let truth = (Truth::Normal, Pattern::Organiser, None);
                self.within(at, || event(at, sender.clone(), receiver, Trunk::Home, text.clone(), truth));
            }
        }
    }

    /// Greetings and notices that dozens of people send on, each to some of his own.
    fn forwarded(&mut self, dice: &mut Dice, count: i64) {
        for _ in 0..count {
            let campaign = self.writer.forwarded();
            let text = self.writer.of(&campaign).text;
            for _ in 0..dice.between(15, 60) {
                let person = self.province.anybody(dice);
                for _ in 0..dice.between(1, 6) {
                    let at = moment(dice, Hours::Private, self.settings.start, self.settings.span);
                    let receiver = self.province.subscriber(dice);
                    let truth = (Truth::Normal, Pattern::Forwarded, None);
                    let sent = || event(at, person.shown(), receiver, trunk_of(person), text.clone(), truth);
                    self.within(at, sent);
                }
            }
        }
    }

    fn within(&mut self, at: Timestamp, event: impl FnOnce() -> Event) {
        if at < self.settings.start + self.settings.span {
            self.out.push(event());
        }
    }

    /// What leads to one place, from rented codes or thrown-away numbers, to strangers. Half of the gangs keep to one sentence,
    /// half word every message anew.
    fn blast(&mut self, dice: &mut Dice, count: i64) {
        let kinds: Vec<ScamType> = ScamType::all().collect();
        let scam_type = dice.pick(&kinds).copied().unwrap_or(ScamType::Other);
        let rented = dice.permille(500);
        // Three in ten rent the code of a firm that is registered (端口转租).
        let known = rented && dice.permille(300);
        let wording = if dice.permille(500) { Wording::One } else { Wording::Many };
        // A link is burnt after some hundred messages, then another takes its place.
        let campaigns: Vec<_> = (0..=count / 200).map(|_| self.writer.scam_campaign(scam_type, wording)).collect();
        for index in 0..count {
            let sender = match rented {
                true => format!("1069{:08}", 20_000_000 + dice.below(6)),
                // Some eighty messages, then another card.
                false => {
                    let block = OTHER_BLOCKS.get(usize::try_from(index / 80 % 2).unwrap_or(0)).copied();
                    let own = self.settings.seed.wrapping_add(u64::try_from(index / 80).unwrap_or(0) * 7_919);
                    shown(mobile(block.unwrap_or(HOME_BLOCK), 0, own))
                }
            };
            let at = moment(dice, Hours::Scam, self.settings.start, self.settings.span);
            let Some(campaign) = campaigns.get(usize::try_from(index / 200).unwrap_or(0)) else { continue };
            let (receiver, text) = (self.province.subscriber(dice), self.writer.of(campaign).text);
            let truth = (Truth::Scam, Pattern::MessageBlast, Some(scam_type));
            self.out.push(registered(event(at, sender, receiver, Trunk::National, text, truth), known));
        }
    }

    /// A van (伪基站): for half an hour everybody near it gets a message that seems to come from a bank.
    fn van(&mut self, dice: &mut Dice) {
        let prefecture = dice.index(PREFECTURES.len());
        let near: Vec<Subscriber> = self.province.neighbours(prefecture);
        let from = moment(dice, Hours::Scam, self.settings.start, self.settings.span);
        let end = self.settings.start + self.settings.span;
        let code = dice.pick(&PRETENDED).map_or_else(String::new, |code| (*code).to_owned());
        let scam_type = ScamType::FakeCustomerService;
        for _ in 0..dice.between(80, 300) {
            let at = from + Duration::seconds(dice.between(0, 1_800));
            let Some(receiver) = dice.pick(&near).copied().filter(|_| at < end) else { continue };
            let text = self.writer.scam(scam_type).text;
            let truth = (Truth::Scam, Pattern::FakeBaseStation, Some(scam_type));
            self.out.push(event(at, code.clone(), receiver, Trunk::Radio, text, truth));
        }
    }
}

/// Where a person's messages come in.
const fn trunk_of(person: Subscriber) -> Trunk {
    if person.home { Trunk::Home } else { Trunk::National }
}

/// The event, with a sender that is registered or not.
fn registered(mut event: Event, is: bool) -> Event {
    if let What::Message { registered, .. } = &mut event.what {
        *registered = is;
    }
    event
}

fn event(
    at: Timestamp,
    sender: String,
    receiver: Subscriber,
    trunk: Trunk,
    text: String,
    (truth, pattern, scam_type): (Truth, Pattern, Option<ScamType>),
) -> Event {
    let what = What::Message { sender, receiver: receiver.shown(), trunk, registered: false, text };
    Event { at, what, truth, pattern, scam_type }
}
