//! Missed calls that are returned. Who calls honestly is called back; a gang's numbers hardly are, though some people call
//! back whatever they missed.

use std::collections::HashMap;

use kernel::Duration;

use crate::event::{Event, Pattern, Trunk, Truth, What};
use crate::honest::Call;
use crate::province::{Province, Subscriber, shown};
use crate::{Dice, Settings};

/// Of a thousand missed calls of a habit, so many are returned.
const fn returned_permille(pattern: Pattern) -> u64 {
    match pattern {
        Pattern::Person | Pattern::NewNumber => 400,
        Pattern::Courier | Pattern::Organiser => 350,
        Pattern::PrivacyNumber => 200,
        Pattern::Agent => 80,
        Pattern::ForeignFirm | Pattern::ForeignFriend => 250,
        Pattern::Office => 100,
        Pattern::NumberRotation | Pattern::SimBox | Pattern::Sequential => 40,
        Pattern::Foreign => 10,
        _ => 0,
    }
}

/// The returned calls of all that was missed.
pub(crate) fn calls(dice: &mut Dice, province: &Province, settings: &Settings, events: &mut Vec<Event>) {
    let people: HashMap<String, Subscriber> = province.people.iter().map(|p| (p.shown(), *p)).collect();
    let mut all = Vec::new();
    for event in events.iter() {
        let What::Call { caller, callee, answered: false, trunk, .. } = &event.what else { continue };
        if !dice.permille(returned_permille(event.pattern)) {
            continue;
        }
        let at = event.at + Duration::seconds(dice.between(60, 5_400));
        // Who is not in the province has no telephone: a gang dials numbers that are not given out.
        let Some(back) = people.get(callee).filter(|_| at < settings.start + settings.span) else { continue };
        // A call between two subscribers of others does not come by here.
        if !(back.home || *trunk == Trunk::Home) {
            continue;
        }
        let honest = !event.is_scam();
        let call = Call {
            at,
            caller: shown(back.number),
            callee: *back,
            trunk: if back.home { Trunk::Home } else { Trunk::National },
            attestation: None,
            pattern: Pattern::Person,
            answered: honest && dice.permille(800),
            seconds: dice.around(45),
        };
        let mut returned = call.event(Truth::Normal, None);
        if let What::Call { callee, .. } = &mut returned.what {
            callee.clone_from(caller);
        }
        all.push(returned);
    }
    events.append(&mut all);
}
