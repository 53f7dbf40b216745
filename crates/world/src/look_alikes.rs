//! Honest callers who look like scammers: whoever stops all that call strangers takes their living from these.

use kernel::{Duration, Timestamp};

use crate::event::{Attestation, Event, Pattern, Trunk, Truth};
use crate::habits::{Hours, moment};
use crate::honest::{Call, origin};
use crate::province::{OTHER_BLOCKS, PREFECTURES, Province, Subscriber, fixed, mobile, shown};
use crate::{Dice, Settings};

/// People of whom one begins within a day with a number that nobody has seen: a new courier, a new agent.
const BEGINNERS_AMONG: i64 = 60_000;

/// Every call of theirs in the span, in no order.
pub(crate) fn calls(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    agents(&mut dice.branch(31), province, settings, out);
    privacy_numbers(&mut dice.branch(32), province, settings, out);
    new_numbers(&mut dice.branch(33), province, settings, out);
    beginners(&mut dice.branch(34), province, settings, out);
    organisers(&mut dice.branch(35), province, settings, out);
    surveys(&mut dice.branch(36), province, settings, out);
    traders(&mut dice.branch(37), province, settings, out);
    families_abroad(&mut dice.branch(38), province, settings, out);
}

/// How often, by chance, where it happens less than once a day.
fn seldom(dice: &mut Dice, settings: &Settings, people: i64, among: i64) -> i64 {
    let thousandths = settings.in_span(people * 1_000 / among);
    thousandths / 1_000 + i64::from(dice.permille(u64::try_from(thousandths % 1_000).unwrap_or(0)))
}

/// What somebody does who calls one stranger after the other, for a living.
struct Work {
    pattern: Pattern,
    answered_permille: u64,
    seconds: i64,
}

const DELIVERY: Work = Work { pattern: Pattern::Courier, answered_permille: 820, seconds: 18 };
const AGENCY: Work = Work { pattern: Pattern::Agent, answered_permille: 480, seconds: 25 };
const LENT: Work = Work { pattern: Pattern::PrivacyNumber, answered_permille: 780, seconds: 15 };

fn call(dice: &mut Dice, at: Timestamp, caller: Subscriber, callee: Subscriber, work: &Work, out: &mut Vec<Event>) {
    if caller.number == callee.number || !(caller.home || callee.home) {
        return;
    }
    let (trunk, attestation) = origin(dice, caller);
    let call = Call {
        at,
        caller: caller.shown(),
        callee,
        trunk,
        attestation,
        pattern: work.pattern,
        answered: dice.permille(work.answered_permille),
        seconds: dice.around(work.seconds),
    };
    out.push(call.event(Truth::Normal, None));
}

/// Estate agents, insurers, recruiters: from their own mobile, to people who left a number somewhere; half answer.
fn agents(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    for index in 0..province.people.len() / 400 {
        let caller = province.anybody(dice);
        let town = if index % 2 == 0 { province.neighbours(caller.prefecture) } else { province.people.clone() };
        let per_day = dice.between(40, 110);
        for _ in 0..settings.in_span(per_day) {
            let at = moment(dice, Hours::Office, settings.start, settings.span);
            let callee = dice.pick(&town).copied().unwrap_or(caller);
            call(dice, at, caller, callee, &AGENCY, out);
        }
    }
}

/// Numbers that platforms lend to drivers and couriers for one ride or parcel (隐私号): many people call from each.
fn privacy_numbers(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    for _ in 0..province.people.len() / 500 {
        let prefecture = dice.index(PREFECTURES.len());
        let block = dice.pick(&OTHER_BLOCKS).copied().unwrap_or(OTHER_BLOCKS[0]);
        let caller = Subscriber { number: mobile(block, prefecture, dice.below(1_000_000)), prefecture, home: false };
        let town = province.neighbours(prefecture);
        let per_day = dice.between(60, 200);
        for _ in 0..settings.in_span(per_day) {
            let at = moment(dice, Hours::Private, settings.start, settings.span);
            let callee = dice.pick(&town).copied().unwrap_or(caller);
            call(dice, at, caller, callee, &LENT, out);
        }
    }
}

/// A number that nobody has had before.
fn unused(dice: &mut Dice, province: &Province) -> Subscriber {
    let like = province.anybody(dice);
    let block = like.number / 100_000_000;
    Subscriber { number: mobile(block, like.prefecture, dice.below(1_000_000)), ..like }
}

/// People who have taken a new number and tell their friends within some hours. Fewer answer a number they do not know.
fn new_numbers(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    let telling = Work { pattern: Pattern::NewNumber, answered_permille: 560, seconds: 60 };
    for _ in 0..settings.in_span(province.size() / 1_000) {
        let caller = unused(dice, province);
        let from = moment(dice, Hours::Private, settings.start, settings.span);
        for _ in 0..dice.between(6, 22) {
            let at = from + Duration::seconds(dice.between(0, 6 * 3_600));
            if at < settings.start + settings.span {
                let callee = province.anybody(dice);
                call(dice, at, caller, callee, &telling, out);
            }
        }
    }
}

/// A courier's or agent's first day, with a new number.
fn beginners(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    for _ in 0..seldom(dice, settings, province.size(), BEGINNERS_AMONG) {
        let caller = unused(dice, province);
        let town = province.neighbours(caller.prefecture);
        let work = if dice.permille(750) { &DELIVERY } else { &AGENCY };
        let from = moment(dice, Hours::Office, settings.start, settings.span);
        let end = settings.start + settings.span;
        for _ in 0..dice.between(25, 80) {
            let at = moment(dice, Hours::Office, from, Duration(end.0 - from.0).min(Duration::hours(10)));
            let callee = dice.pick(&town).copied().unwrap_or(caller);
            call(dice, at, caller, callee, work, out);
        }
    }
}

/// A teacher who calls the parents of a class, a village official, a family before a wedding: dozens within two hours.
fn organisers(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    let telling = Work { pattern: Pattern::Organiser, answered_permille: 750, seconds: 40 };
    for _ in 0..settings.in_span(province.size() / 1_500) {
        let caller = province.anybody(dice);
        let town = province.neighbours(caller.prefecture);
        let from = moment(dice, Hours::Private, settings.start, settings.span);
        for _ in 0..dice.between(20, 60) {
            let at = from + Duration::seconds(dice.between(0, 7_200));
            if at < settings.start + settings.span {
                let callee = dice.pick(&town).copied().unwrap_or(caller);
                call(dice, at, caller, callee, &telling, out);
            }
        }
    }
}

/// Opinion polls, from an institute's lines and the number of the statistical office: one in four answers.
fn surveys(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    for index in 0..(province.people.len() / 5_000).max(1) {
        let line = if index == 0 { "12340".to_owned() } else { fixed(dice, index % PREFECTURES.len()) };
        let per_day = dice.between(80, 240);
        for _ in 0..settings.in_span(per_day) {
            let call = Call {
                at: moment(dice, Hours::Office, settings.start, settings.span),
                caller: line.clone(),
                callee: province.subscriber(dice),
                trunk: Trunk::National,
                attestation: Some(Attestation::A),
                pattern: Pattern::Survey,
                answered: dice.permille(260),
                seconds: dice.around(90),
            };
            out.push(call.event(Truth::Normal, None));
        }
    }
}

/// Firms abroad: some that trade with a dozen people here, some (airlines, hotels, visa offices) that call strangers.
fn traders(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    for index in 0..province.people.len() / 2_500 {
        let stranger = index % 3 == 2;
        let known: Vec<Subscriber> = (0..dice.between(5, 15)).map(|_| province.subscriber(dice)).collect();
        let country = dice.pick(&["1", "81", "852", "971", "44", "65"]).copied().unwrap_or("1");
        let caller = format!("+{country}{}", 300_000_000 + dice.below(99_000_000));
        let per_day = if stranger { dice.between(2, 8) } else { dice.between(6, 20) };
        for _ in 0..settings.in_span(per_day) {
            let friend = dice.pick(&known).copied();
            let call = Call {
                at: moment(dice, Hours::Office, settings.start, settings.span),
                caller: caller.clone(),
                callee: friend.filter(|_| !stranger).unwrap_or_else(|| province.subscriber(dice)),
                trunk: Trunk::Foreign,
                attestation: None,
                pattern: Pattern::ForeignFirm,
                answered: dice.permille(if stranger { 480 } else { 720 }),
                seconds: dice.around(120),
            };
            out.push(call.event(Truth::Normal, None));
        }
    }
}

/// Travellers who call a number of their own family, taken out together and alike but for its last digits.
fn families_abroad(dice: &mut Dice, province: &Province, settings: &Settings, out: &mut Vec<Event>) {
    for _ in 0..settings.in_span(province.size() / 2_000) {
        let caller = province.subscriber(dice);
        let number = caller.number / 10_000 * 10_000 + (caller.number + 1 + dice.below(40)) % 10_000;
        let call = Call {
            at: moment(dice, Hours::Private, settings.start, settings.span),
            caller: shown(caller.number),
            callee: Subscriber { number, ..caller },
            trunk: Trunk::Foreign,
            attestation: dice.permille(700).then_some(Attestation::A),
            pattern: Pattern::Roamer,
            answered: dice.permille(800),
            seconds: dice.around(120),
        };
        out.push(call.event(Truth::Normal, None));
    }
}
