//! Honest callers, among them those who look like scammers: couriers, offices, advertisers, travellers.

use kernel::Timestamp;

use crate::event::{Attestation, Event, Pattern, Trunk, Truth, What};
use crate::habits::{Hours, moment};
use crate::province::{PREFECTURES, Province, Subscriber, fixed};
use crate::{Dice, Settings};

/// Acquaintances of one person.
const FRIENDS: usize = 9;
/// Service numbers that rightly call people, from other networks of the country.
const SERVICE_CALLERS: [&str; 10] =
    ["95588", "95533", "95599", "95566", "95511", "95338", "95311", "96110", "12345", "12315"];
/// Country codes from which friends and traders call, with a few digits of a number.
const FRIENDS_ABROAD: [(&str, u32); 6] = [("1", 10), ("44", 10), ("61", 9), ("81", 10), ("65", 8), ("49", 10)];

/// One call of an honest caller.
pub(crate) struct Call {
    pub(crate) at: Timestamp,
    pub(crate) caller: String,
    pub(crate) callee: Subscriber,
    pub(crate) trunk: Trunk,
    pub(crate) attestation: Option<Attestation>,
    pub(crate) pattern: Pattern,
    pub(crate) answered: bool,
    pub(crate) seconds: i64,
}

impl Call {
    pub(crate) fn event(self, truth: Truth, scam_type: Option<kernel::ScamType>) -> Event {
        Event {
            at: self.at,
            what: What::Call {
                caller: self.caller,
                callee: self.callee.shown(),
                trunk: self.trunk,
                attestation: self.attestation,
                answered: self.answered,
                seconds: if self.answered { u32::try_from(self.seconds.max(1)).unwrap_or(1) } else { 0 },
            },
            truth,
            pattern: self.pattern,
            scam_type,
        }
    }
}

/// Where a subscriber's calls come in, and how far their origin is vouched for.
pub(crate) fn origin(dice: &mut Dice, caller: Subscriber) -> (Trunk, Option<Attestation>) {
    // Between operators half of the calls still travel without a PASSporT.
    match caller.home {
        true => (Trunk::Home, Some(Attestation::A)),
        false => (Trunk::National, dice.permille(500).then_some(Attestation::A)),
    }
}

/// Every honest call of the span, in no order.
pub(crate) fn calls(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    let people = province.size();
    private(&mut dice.branch(1), province, settings, settings.in_span(people * 4), out);
    roamers(&mut dice.branch(2), province, settings, settings.in_span(people / 60), out);
    couriers(&mut dice.branch(3), province, settings, out);
    offices(&mut dice.branch(4), province, settings, settings.in_span(people / 2), out);
    advertisers(&mut dice.branch(5), province, settings, out);
    abroad(&mut dice.branch(6), province, settings, settings.in_span(people / 80), out);
}

fn private(dice: &mut Dice, province: &Province, settings: &Settings, count: i64, out: &mut Vec<Event>) {
    for _ in 0..count {
        let caller = province.anybody(dice);
        // The same person draws the same friends: they follow from his number.
        let mut own = Dice::new(caller.number ^ settings.seed);
        let friend = dice.index(FRIENDS);
        for _ in 0..friend {
            own.any();
        }
        let callee = province.anybody(&mut own);
        if callee.number == caller.number || !(caller.home || callee.home) {
            continue;
        }
        let (trunk, attestation) = origin(dice, caller);
        let call = Call {
            at: moment(dice, Hours::Private, settings.start, settings.span),
            caller: caller.shown(),
            callee,
            trunk,
            attestation,
            pattern: Pattern::Person,
            answered: dice.permille(720),
            seconds: dice.around(55),
        };
        out.push(call.event(Truth::Normal, None));
    }
}

fn roamers(dice: &mut Dice, province: &Province, settings: &Settings, count: i64, out: &mut Vec<Event>) {
    for _ in 0..count {
        let (caller, callee) = (province.subscriber(dice), province.anybody(dice));
        let call = Call {
            at: moment(dice, Hours::Private, settings.start, settings.span),
            caller: caller.shown(),
            callee,
            trunk: Trunk::Foreign,
            attestation: dice.permille(700).then_some(Attestation::A),
            pattern: Pattern::Roamer,
            answered: dice.permille(760),
            seconds: dice.around(80),
        };
        out.push(call.event(Truth::Normal, None));
    }
}

fn couriers(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    // One in two hundred drives or delivers, and calls some seventy strangers of his own town a day.
    for _ in 0..province.people.len() / 200 {
        let caller = province.anybody(dice);
        let count = settings.in_span(dice.between(45, 110));
        let neighbours = province.neighbours(caller.prefecture);
        for _ in 0..count {
            let callee = dice.pick(&neighbours).copied().unwrap_or(caller);
            if callee.number == caller.number {
                continue;
            }
            let (trunk, attestation) = origin(dice, caller);
            let call = Call {
                at: moment(dice, Hours::Office, settings.start, settings.span),
                caller: caller.shown(),
                callee,
                trunk,
                attestation,
                pattern: Pattern::Courier,
                answered: dice.permille(820),
                seconds: dice.around(18),
            };
            out.push(call.event(Truth::Normal, None));
        }
    }
}

fn offices(dice: &mut Dice, province: &Province, settings: &Settings, count: i64, out: &mut Vec<Event>) {
    let lines: Vec<String> = (0..240).map(|index| fixed(dice, index % PREFECTURES.len())).collect();
    for _ in 0..count {
        let service = dice.permille(350);
        let caller = match service {
            true => dice.pick(&SERVICE_CALLERS).map(|number| (*number).to_owned()),
            false => dice.pick(&lines).cloned(),
        };
        let call = Call {
            at: moment(dice, Hours::Office, settings.start, settings.span),
            caller: caller.unwrap_or_default(),
            callee: province.anybody(dice),
            trunk: if service || dice.permille(400) { Trunk::National } else { Trunk::Home },
            attestation: service.then_some(Attestation::A),
            pattern: Pattern::Office,
            answered: dice.permille(650),
            seconds: dice.around(75),
        };
        out.push(call.event(Truth::Normal, None));
    }
}

fn advertisers(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    // Call centres with a 95 number of their own: many strangers, few answers, and nothing against the law in it.
    for index in 0..(province.people.len() / 4_000).max(1) {
        let caller = format!("951{:02}", 20 + index % 80);
        let count = settings.in_span(dice.between(300, 900));
        for _ in 0..count {
            let call = Call {
                at: moment(dice, Hours::Office, settings.start, settings.span),
                caller: caller.clone(),
                callee: province.anybody(dice),
                trunk: Trunk::National,
                attestation: Some(Attestation::A),
                pattern: Pattern::Advertiser,
                answered: dice.permille(330),
                seconds: dice.around(14),
            };
            out.push(call.event(Truth::Normal, None));
        }
    }
}

fn abroad(dice: &mut Dice, province: &Province, settings: &Settings, count: i64, out: &mut Vec<Event>) {
    for _ in 0..count {
        let (country, digits) = dice.pick(&FRIENDS_ABROAD).copied().unwrap_or(("1", 10));
        // A few hundred people abroad who call again and again, and always the same two here.
        let person = dice.below(400);
        let mut own = Dice::new(person ^ settings.seed.rotate_left(17));
        let number = own.below(10_u64.pow(digits - 1)) + 2 * 10_u64.pow(digits - 1);
        let second = dice.permille(400);
        let (first, other) = (province.anybody(&mut own), province.anybody(&mut own));
        let call = Call {
            at: moment(dice, Hours::Private, settings.start, settings.span),
            caller: format!("+{country}{number}"),
            callee: if second { other } else { first },
            trunk: Trunk::Foreign,
            attestation: dice.permille(400).then_some(Attestation::C),
            pattern: Pattern::ForeignFriend,
            answered: dice.permille(700),
            seconds: dice.around(240),
        };
        out.push(call.event(Truth::Normal, None));
    }
}
