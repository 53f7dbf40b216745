//! Gangs that call: each keeps to one habit, in the hours of an office, to strangers of whom one in three answers and one
//! in forty listens.

use kernel::{Duration, ScamType, Timestamp};

use crate::event::{Attestation, Event, Pattern, Trunk, Truth};
use crate::habits::{Hours, moment};
use crate::honest::Call;
use crate::province::{HOME_BLOCK, OTHER_BLOCKS, PREFECTURES, Province, Subscriber, mobile, shown};
use crate::{Dice, Settings};

/// Countries from which gangs call, with the length of a number there.
const ABROAD: [(&str, u32); 8] =
    [("855", 9), ("95", 9), ("856", 10), ("63", 10), ("971", 9), ("44", 10), ("1", 10), ("852", 8)];
/// What gangs show in place of their number: nobody's calls come from here on a foreign trunk, or at all.
const SHOWN: [&str; 16] = [
    "110",
    "+86110",
    "00110",
    "+8673196110",
    "96110",
    "95588",
    "+8695588",
    "10086",
    "+8610086",
    "+85210086",
    "4008123456",
    "+864008123456",
    "12321",
    "0019573188888888888",
    "+",
    "anonymous",
];
/// The work of gangs, by what they call about.
const WORK: [&str; 7] = [
    "impersonated_authority",
    "fake_customer_service",
    "fake_credit_record",
    "loan_or_credit_card",
    "fake_task_rebate",
    "fake_investment",
    "impersonated_acquaintance",
];

/// Every scam call of the span, in no order.
pub(crate) fn calls(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    let gangs = settings.gangs;
    for index in 0..gangs {
        let mut own = dice.branch(u64::try_from(index).unwrap_or(0) + 101);
        let scam_type = own.pick(&WORK).and_then(|code| ScamType::parse(code).ok());
        let gang = Gang { province, settings, scam_type };
        match index % 5 {
            0 => gang.rotation(&mut own, out),
            1 => gang.spoofed(&mut own, out),
            2 => gang.foreign(&mut own, out),
            3 => gang.sim_box(&mut own, out),
            _ => gang.sequential(&mut own, out),
        }
    }
}

struct Gang<'a> {
    province: &'a Province,
    settings: &'a Settings,
    scam_type: Option<ScamType>,
}

/// Who a gang seems to be, and where its call comes in.
struct Face {
    caller: String,
    trunk: Trunk,
    attestation: Option<Attestation>,
}

impl Gang<'_> {
    fn calls_in_span(&self, dice: &mut Dice, low: i64, high: i64) -> i64 {
        self.settings.in_span(dice.between(low, high))
    }

    fn at(&self, dice: &mut Dice) -> Timestamp {
        moment(dice, Hours::Scam, self.settings.start, self.settings.span)
    }

    /// The moments of a day's work in their order, for habits in which the order matters.
    fn moments(&self, dice: &mut Dice, count: i64) -> Vec<Timestamp> {
        let mut all: Vec<Timestamp> = (0..count).map(|_| self.at(dice)).collect();
        all.sort_unstable();
        all
    }

    fn push(
        &self,
        dice: &mut Dice,
        at: Timestamp,
        face: Face,
        callee: Subscriber,
        pattern: Pattern,
        out: &mut Vec<Event>,
    ) {
        let listens = dice.permille(25);
        let call = Call {
            at,
            caller: face.caller,
            callee,
            trunk: face.trunk,
            attestation: face.attestation,
            pattern,
            answered: listens || dice.permille(310),
            seconds: if listens { dice.between(400, 4_000) } else { dice.around(8) },
        };
        out.push(call.event(Truth::Scam, self.scam_type));
    }

    /// A pool of numbers, each thrown away after twenty to sixty calls within an hour or two.
    fn rotation(&self, dice: &mut Dice, out: &mut Vec<Event>) {
        let count = self.calls_in_span(dice, 300, 700);
        let mut left = 0;
        let mut number = 0;
        for at in self.moments(dice, count) {
            if left == 0 {
                left = dice.between(20, 60);
                let block = dice.pick(&OTHER_BLOCKS).copied().unwrap_or(HOME_BLOCK);
                number = mobile(block, dice.index(PREFECTURES.len()), dice.below(1_000_000));
            }
            left -= 1;
            let attestation = dice.permille(500).then_some(Attestation::B);
            let face = Face { caller: shown(number), trunk: Trunk::National, attestation };
            let callee = self.province.subscriber(dice);
            self.push(dice, at, face, callee, Pattern::NumberRotation, out);
        }
    }

    /// Another's number: a service number from abroad, a neighbour's number from abroad, or nonsense.
    fn spoofed(&self, dice: &mut Dice, out: &mut Vec<Event>) {
        for _ in 0..self.calls_in_span(dice, 150, 400) {
            let callee = self.province.subscriber(dice);
            let caller = match dice.permille(450) {
                true => dice.pick(&SHOWN).map_or_else(String::new, |shown| (*shown).to_owned()),
                // The first digits of the victim's own number, so that it looks like somebody from here.
                false => shown(callee.number / 10_000 * 10_000 + dice.below(10_000)),
            };
            let attestation = dice.permille(200).then_some(Attestation::C);
            let face = Face { caller, trunk: Trunk::Foreign, attestation };
            let at = self.at(dice);
            self.push(dice, at, face, callee, Pattern::Spoofed, out);
        }
    }

    /// A handful of foreign numbers, each to strangers one after the other.
    fn foreign(&self, dice: &mut Dice, out: &mut Vec<Event>) {
        let (country, digits) = dice.pick(&ABROAD).copied().unwrap_or(("855", 9));
        let numbers: Vec<String> = (0..dice.between(3, 9))
            .map(|_| format!("+{country}{}", dice.below(10_u64.pow(digits - 1)) + 3 * 10_u64.pow(digits - 1)))
            .collect();
        for _ in 0..self.calls_in_span(dice, 200, 500) {
            let caller = dice.pick(&numbers).cloned().unwrap_or_default();
            let face = Face { caller, trunk: Trunk::Foreign, attestation: None };
            let at = self.at(dice);
            let callee = self.province.subscriber(dice);
            self.push(dice, at, face, callee, Pattern::Foreign, out);
        }
    }

    /// Sixteen or thirty-two cards of this operator at one place: they call all day, and hardly anybody calls them. A card
    /// lasts one to three days, then another takes its place.
    fn sim_box(&self, dice: &mut Dice, out: &mut Vec<Event>) {
        let prefecture = dice.index(PREFECTURES.len());
        let places = if dice.permille(500) { 16 } else { 32 };
        let box_seed = dice.any();
        let count = self.calls_in_span(dice, 60, 140) * places / 2;
        for _ in 0..count {
            let at = self.at(dice);
            let place = dice.below(places.unsigned_abs());
            let lasts = i64::try_from(1 + place % 3).unwrap_or(1);
            let day = (at.0 - self.settings.start.0) / Duration::hours(24).0;
            let mut own =
                Dice::new(box_seed ^ place << 32 ^ ((day + i64::from(place.is_multiple_of(2))) / lasts).unsigned_abs());
            let card = mobile(HOME_BLOCK, prefecture, own.below(1_000_000));
            let face = Face { caller: shown(card), trunk: Trunk::Home, attestation: Some(Attestation::A) };
            let callee = self.province.anybody(dice);
            self.push(dice, at, face, callee, Pattern::SimBox, out);
        }
    }

    /// One block of numbers from its beginning to its end, every few seconds, whether they are given out or not.
    fn sequential(&self, dice: &mut Dice, out: &mut Vec<Event>) {
        let prefecture = dice.index(PREFECTURES.len());
        let mut next = mobile(HOME_BLOCK, prefecture, dice.below(900_000));
        let block = dice.pick(&OTHER_BLOCKS).copied().unwrap_or(HOME_BLOCK);
        let caller = mobile(block, dice.index(PREFECTURES.len()), dice.below(1_000_000));
        let count = self.calls_in_span(dice, 400, 900);
        let mut at = self.at(dice);
        let end = self.settings.start + self.settings.span;
        for _ in 0..count {
            at = at + Duration::seconds(dice.between(4, 14));
            if at >= end {
                break;
            }
            next += u64::try_from(dice.between(1, 2)).unwrap_or(1);
            let face = Face { caller: shown(caller), trunk: Trunk::National, attestation: None };
            let callee = Subscriber { number: next, prefecture, home: true };
            self.push(dice, at, face, callee, Pattern::Sequential, out);
        }
    }
}
