//! From a call or a message to the record that rules read.

use rules::{Kind, Record, Slot};

use crate::alike::Common;
use crate::call::CallAttempt;
use crate::features::{CALL, MESSAGE};
use crate::list::ListHit;
use crate::message::MessageAttempt;
use crate::number::Number;
use crate::window::{Behaviour, china_hour, china_weekday};

/// A number as text, on the stack; empty when there is none or no rule reads it.
pub(crate) struct NumberText {
    bytes: [u8; 20],
    start: usize,
}

impl NumberText {
    pub(crate) fn of(number: Option<Number>, wanted: bool) -> Self {
        let mut text = Self { bytes: [b'+'; 20], start: 20 };
        let Some(number) = number.filter(|_| wanted) else { return text };
        let mut digits = number.digits();
        while digits > 0 && text.start > 1 {
            text.start -= 1;
            if let Some(byte) = text.bytes.get_mut(text.start) {
                *byte = b'0' + (digits % 10) as u8;
            }
            digits /= 10;
        }
        // What stands before the digits is a plus already.
        text.start -= usize::from(!number.is_plain());
        text
    }

    pub(crate) fn as_str(&self) -> &str {
        self.bytes.get(self.start..).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

fn listed(hit: Option<ListHit>) -> &'static str {
    hit.map_or("none", |hit| hit.kind.word())
}

/// What no rule reads and costs something to find out is left out.
pub(crate) fn call_record<'a>(
    call: &CallAttempt<'a>,
    reads: impl Fn(Kind, Slot) -> bool,
    hit: Option<ListHit>,
    guarded: bool,
    behaviour: &Behaviour,
    number_text: &'a str,
) -> Record<'a> {
    let at = &*CALL;
    let mut record = Record::new();
    let kind = |number: Option<Number>| number.map_or("none", |number| number.kind().word());
    if let Some(number) = call.caller.number {
        record.set_text(at.number, number_text);
        if reads(Kind::Int, at.area)
            && let Some(area) = number.area_code()
        {
            record.set_int(at.area, i64::from(area));
        }
        if reads(Kind::Int, at.service)
            && let Some(service) = number.service()
        {
            record.set_int(at.service, service.cast_signed());
        }
    }
    record.set_text(at.raw, call.caller.raw);
    record.set_text(at.kind, kind(call.caller.number));
    record.set_bool(at.anonymous, call.caller.anonymous);
    record.set_bool(at.malformed, call.caller.malformed);
    record.set_text(at.listed, listed(hit));
    if reads(Kind::Text, at.callee_kind) {
        record.set_text(at.callee_kind, kind(call.callee));
    }
    if reads(Kind::Int, at.callee_area)
        && let Some(area) = call.callee.and_then(Number::area_code)
    {
        record.set_int(at.callee_area, i64::from(area));
    }
    record.set_bool(at.callee_guarded, guarded);
    record.set_text(at.trunk_kind, call.trunk.kind.word());
    record.set_int(at.trunk_id, i64::from(call.trunk.id));
    record.set_text(at.attestation, call.attestation.word());
    record.set_text(at.roaming, call.roaming.word());
    record.set_int(at.hour, china_hour(call.at));
    record.set_int(at.weekday, china_weekday(call.at));
    let windows = |record: &mut Record<'_>, slots: [Slot; 4], values: [u32; 4]| {
        slots.into_iter().zip(values).for_each(|(slot, value)| record.set_int(slot, i64::from(value)));
    };
    windows(&mut record, [at.attempts_1m, at.attempts_10m, at.attempts_1h, at.attempts_24h], behaviour.attempts);
    windows(&mut record, [at.callees_1m, at.callees_10m, at.callees_1h, at.callees_24h], behaviour.callees);
    let [_, ended_10m, ended_1h, ended_24h] = behaviour.ended;
    record.set_int(at.ended_10m, i64::from(ended_10m));
    record.set_int(at.ended_1h, i64::from(ended_1h));
    record.set_int(at.ended_24h, i64::from(ended_24h));
    let shares = [
        (at.answered_percent_1h, behaviour.answered_percent(2)),
        (at.answered_percent_24h, behaviour.answered_percent(3)),
        (at.short_percent_1h, behaviour.short_percent(2)),
        (at.short_percent_24h, behaviour.short_percent(3)),
    ];
    for (slot, share) in shares {
        if let Some(share) = share {
            record.set_int(slot, i64::from(share));
        }
    }
    let [.., answered_24h] = behaviour.answered;
    let [.., short_24h] = behaviour.short;
    record.set_int(at.answered_24h, i64::from(answered_24h));
    record.set_int(at.unanswered_24h, i64::from(behaviour.unanswered(3)));
    let [.., talks_24h] = behaviour.talks;
    record.set_int(at.talks_24h, i64::from(talks_24h));
    record.set_int(at.short_24h, i64::from(short_24h));
    record.set_int(at.received, i64::from(behaviour.received));
    record.set_int(at.watched_days, i64::from(behaviour.watched_days));
    record.set_bool(at.new, behaviour.is_new);
    if reads(Kind::Bool, at.beside_callee) {
        let beside = call.caller.number.zip(call.callee).is_some_and(|(caller, callee)| caller.is_beside(callee));
        record.set_bool(at.beside_callee, beside);
    }
    record.set_int(at.sequential_run, i64::from(behaviour.sequential_run));
    record.set_int(at.night_attempts_24h, i64::from(behaviour.night_attempts));
    record
}

pub(crate) fn message_record<'a>(
    message: &MessageAttempt<'a>,
    hit: Option<ListHit>,
    guarded: bool,
    behaviour: &Behaviour,
    common: Common,
    number_text: &'a str,
) -> Record<'a> {
    let at = &*MESSAGE;
    let mut record = Record::new();
    let percent = |probability: f32| (probability.clamp(0.0, 1.0) * 100.0).round() as i64;
    let kind = match message.sender.number {
        Some(number) => number.kind().word(),
        None if message.sender.is_name() => "name",
        None => "none",
    };
    if let Some(number) = message.sender.number {
        record.set_text(at.number, number_text);
        if let Some(service) = number.service() {
            record.set_int(at.service, service.cast_signed());
        }
    }
    record.set_text(at.raw, message.sender.raw);
    record.set_text(at.kind, kind);
    record.set_bool(at.malformed, message.sender.is_malformed());
    record.set_text(at.registration, message.sender.registration.word());
    record.set_text(at.listed, listed(hit));
    record.set_text(at.receiver_kind, message.receiver.map_or("none", |number| number.kind().word()));
    record.set_bool(at.receiver_guarded, guarded);
    record.set_text(at.trunk_kind, message.trunk.kind.word());
    record.set_int(at.trunk_id, i64::from(message.trunk.id));
    record.set_int(at.hour, china_hour(message.at));
    record.set_int(at.weekday, china_weekday(message.at));
    let text = &message.text;
    record.set_int(at.scam_percent, percent(text.scam_probability));
    record.set_text(at.class, text.class);
    record.set_int(at.class_percent, percent(text.class_probability));
    record.set_int(at.urls, i64::from(text.urls));
    record.set_int(at.phones, i64::from(text.phones));
    record.set_int(at.accounts, i64::from(text.accounts));
    record.set_int(at.chats, i64::from(text.chats));
    record.set_int(at.evasions, i64::from(text.evasions));
    record.set_int(at.characters, i64::from(text.characters));
    record.set_bool(at.names_blocked, text.names_blocked);
    record.set_int(at.alike_24h, i64::from(common.alike));
    record.set_int(at.alike_senders_24h, i64::from(common.alike_senders));
    record.set_int(at.contact_24h, i64::from(common.contact));
    record.set_int(at.contact_senders_24h, i64::from(common.contact_senders));
    record.set_bool(at.new, behaviour.is_new);
    record.set_int(at.received, i64::from(behaviour.received));
    record.set_int(at.watched_days, i64::from(behaviour.watched_days));
    for (slot, value) in [at.sent_1m, at.sent_10m, at.sent_1h, at.sent_24h].into_iter().zip(behaviour.attempts) {
        record.set_int(slot, i64::from(value));
    }
    let receivers = [at.receivers_1m, at.receivers_10m, at.receivers_1h, at.receivers_24h];
    for (slot, value) in receivers.into_iter().zip(behaviour.callees) {
        record.set_int(slot, i64::from(value));
    }
    record.set_int(at.sequential_run, i64::from(behaviour.sequential_run));
    record
}
