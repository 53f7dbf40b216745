//! Who was in touch with a number, from the records.

use std::collections::HashMap;

use kernel::Timestamp;
use screen::Number;
use wire::{ContactChannel, Direction, LineContact};

use crate::error::Result;
use crate::records::{Asked, Keeper, Record, RecordKind};

/// Records looked at for one question at most.
const RECORDS_MAX: usize = 1_000_000;

/// Who was in touch.
#[derive(Debug, Clone, Default)]
pub struct Contacts {
    /// In order of the first time.
    pub contacts: Vec<LineContact>,
    /// There are more than were asked for.
    pub more: bool,
    /// The earliest moment of which there are records.
    pub records_from: Option<Timestamp>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    number: String,
    inwards: bool,
    message: bool,
}

/// Collects who was in touch with a number in a period. Attempts that were stopped are no contact. Blocks on files.
///
/// # Errors
/// The records cannot be read.
pub fn of(records: &Keeper, number: Number, from: Timestamp, until: Timestamp, limit: usize) -> Result<Contacts> {
    let packed = number.packed();
    let asked = Asked { from, until, numbers: vec![packed], limit: RECORDS_MAX };
    let (found, cut_short) = records.find(&asked)?;
    let mut contacts: HashMap<Key, LineContact> = HashMap::new();
    for record in &found {
        if let Some((key, other)) = key_of(record, packed) {
            count(contacts.entry(key), record, other);
        }
    }
    let mut contacts: Vec<LineContact> = contacts.into_values().filter(|contact| contact.count > 0).collect();
    contacts.sort_by(|a, b| (a.first, &a.number).cmp(&(b.first, &b.number)));
    let more = cut_short || contacts.len() > limit;
    contacts.truncate(limit);
    Ok(Contacts { contacts, more, records_from: records.earliest() })
}

fn key_of(record: &Record, packed: u64) -> Option<(Key, String)> {
    let inwards = record.to == packed;
    let other = if inwards { record.from } else { record.to };
    let number = match Number::from_packed(other) {
        Some(number) => number.to_string(),
        None if inwards && !record.from_raw.is_empty() => record.from_raw.clone(),
        None => return None,
    };
    let message = record.kind == RecordKind::Message;
    Some((Key { number: number.clone(), inwards, message }, number))
}

fn count(slot: std::collections::hash_map::Entry<'_, Key, LineContact>, record: &Record, number: String) {
    let key = slot.key();
    let (inwards, message) = (key.inwards, key.message);
    let contact = slot.or_insert_with(|| LineContact {
        number,
        direction: if inwards { Direction::In } else { Direction::Out },
        channel: if message { ContactChannel::Message } else { ContactChannel::Call },
        first: record.at,
        last: record.at,
        count: 0,
        answered: None,
        duration_seconds: None,
    });
    match record.kind {
        RecordKind::CallEnd => {
            let seconds = u32::try_from(record.talked.as_seconds()).unwrap_or(0);
            contact.answered = Some(contact.answered.unwrap_or(0).saturating_add(u32::from(record.answered)));
            contact.duration_seconds = Some(contact.duration_seconds.unwrap_or(0).saturating_add(seconds));
        }
        RecordKind::Call | RecordKind::Message => {
            if super::super::recorder::stopped(&record.action) {
                return;
            }
            contact.count = contact.count.saturating_add(1);
            contact.first = contact.first.min(record.at);
            contact.last = contact.last.max(record.at);
        }
    }
}
