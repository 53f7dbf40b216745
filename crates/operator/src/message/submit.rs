//! From a message of an ESME to what becomes of it.

use std::borrow::Cow;
use std::sync::Arc;

use kernel::{Duration, Timestamp};
use screen::{LabelId, MessageAction, Number, Registration};
use smpp::{
    Alphabet, CommandId, Concatenation, Destination, Message, Offered, PartKey, Pdu, ReceiptState, Released, Status,
    tag,
};

use super::account::{Account, HeldPart, Outgoing, public_text};
use super::config::DropReceipt;
use super::judge::{self, Heard, Party};
use super::mark;
use super::register;
use super::session::{Asker, Session};
use super::spool::Kind;
use crate::screening::Front;

impl Account {
    /// Takes a request of a bind: every command but binds, unbind and enquiries.
    pub(super) async fn take(self: &Arc<Self>, session: &Arc<Session>, pdu: &Pdu<'_>, at: Timestamp) {
        let header = pdu.header;
        let refuse = |status| session.respond(header.command, status, header.sequence, b"");
        if !session.mode.submits() {
            return refuse(Status::INVALID_BIND_STATE);
        }
        let asker = || {
            session.asked();
            Asker::Session { session: session.clone(), command: header.command, sequence: header.sequence }
        };
        let over_window = session.outstanding() >= self.config.window_max;
        match header.command {
            CommandId::SUBMIT_SM | CommandId::SUBMIT_MULTI | CommandId::DATA_SM => {
                let message = match Message::read(pdu) {
                    Ok(message) => message,
                    Err(fault) => return refuse(fault.status()),
                };
                // Whoever writes to those who help is not asked to come again, nor to write otherwise.
                let help = calls_for_help(&message);
                if !help && (over_window || !self.rate_allows(at)) {
                    metrics::counter!("operator_messages_throttled_total").increment(1);
                    return refuse(Status::THROTTLED);
                }
                if !help && (message.has_several_texts() || self.is_ambiguous(&message)) {
                    // The judge would hear one text and the receiver read another.
                    metrics::counter!("operator_messages_ambiguous_total").increment(1);
                    tracing::warn!(
                        account = self.name(),
                        "a message with several texts, or of two minds about its parts, is refused"
                    );
                    return refuse(self.shared.policy.reject_status);
                }
                self.take_message(Front::Smpp, &message, pdu.bytes, asker(), at).await;
            }
            CommandId::QUERY_SM | CommandId::CANCEL_SM | CommandId::REPLACE_SM => {
                if over_window {
                    return refuse(Status::THROTTLED);
                }
                self.take_reference(session, pdu, asker, at).await;
            }
            // A broadcast reaches everybody in a cell; no ESME may send one through here.
            CommandId::BROADCAST_SM | CommandId::QUERY_BROADCAST_SM | CommandId::CANCEL_BROADCAST_SM => {
                refuse(Status::PROHIBITED);
            }
            CommandId::BIND_RECEIVER | CommandId::BIND_TRANSMITTER | CommandId::BIND_TRANSCEIVER => {
                refuse(Status::ALREADY_BOUND);
            }
            _ => {
                session.outbox.write(|out| {
                    smpp::write_empty(CommandId::GENERIC_NACK, Status::INVALID_COMMAND_ID, header.sequence, out);
                });
            }
        }
    }

    /// Takes a message: judges it whole, holding its parts until all are there.
    pub(super) async fn take_message(
        self: &Arc<Self>,
        front: Front,
        message: &Message<'_>,
        pdu: &[u8],
        asker: Asker,
        at: Timestamp,
    ) {
        let (content, alphabet, part) = self.content(message);
        let Some(part) = part.filter(|part| part.total > 1) else {
            let mut text = String::with_capacity(content.len() * 2);
            smpp::decode_into(alphabet, &content, &mut text);
            let parts = vec![HeldPart { pdu: pdu.to_vec(), asker, spooled: None }];
            let other = smpp::other_reading(alphabet, &content);
            return self.judge_and_act(front, parts, (&text, &other), at).await;
        };
        let held = HeldPart { pdu: pdu.to_vec(), asker, spooled: None };
        self.take_part(front, message, part, (alphabet, &content), held, at).await;
    }

    async fn take_part(
        self: &Arc<Self>,
        front: Front,
        message: &Message<'_>,
        part: Concatenation,
        content: (Alphabet, &[u8]),
        held: HeldPart,
        at: Timestamp,
    ) {
        let key = PartKey {
            source: part_party(message.source),
            destination: part_party(message.destination),
            reference: part.reference,
            total: part.total,
        };
        let mut given_back = Vec::new();
        let offered = {
            let mut state = self.state();
            let answered = !held.asker.is_somebody();
            let offered = state.parts.offer(key.clone(), part.number, content, held, at.0, &mut given_back);
            if matches!(offered, Offered::Held) && !answered {
                let due = at + Duration::millis(self.shared.policy.part_answer_ms);
                state.early.push_back((due, key, part.number));
            }
            offered
        };
        for released in given_back {
            self.act_on(front, released, at).await;
        }
        match offered {
            Offered::Held => {}
            Offered::Whole(released) | Offered::Late(released) | Offered::Alone(released) => {
                self.act_on(front, released, at).await;
            }
        }
    }

    async fn act_on(self: &Arc<Self>, front: Front, released: Released<HeldPart>, at: Timestamp) {
        self.judge_and_act(front, released.parts, (&released.text, &released.other_reading), at).await;
    }

    /// Judges held parts of an earlier run of this process once more.
    pub(super) async fn take_recovered(self: &Arc<Self>, held: Vec<HeldPart>) {
        for part in held {
            let at = self.now();
            let pdu = part.pdu.clone();
            let Some(message) = Pdu::whole(&pdu).and_then(|pdu| Message::read(&pdu).ok()) else { continue };
            let (content, alphabet, number) = self.content(&message);
            match number {
                Some(number) => {
                    self.take_part(Front::Smpp, &message, number, (alphabet, &content), part, at).await;
                }
                None => {
                    let text = smpp::decode(alphabet, &content).unwrap_or_default();
                    let other = smpp::other_reading(alphabet, &content);
                    self.judge_and_act(Front::Smpp, vec![part], (&text, &other), at).await;
                }
            }
        }
    }

    /// What time brings: parts that have waited long enough are judged as they are, and parts whose sender waits for
    /// an answer are written to disk and answered.
    pub(super) async fn tick(self: &Arc<Self>) {
        let now = self.now();
        let expired = {
            let mut state = self.state();
            while let Some((due, key, number)) = state.early.front().cloned() {
                if due > now {
                    break;
                }
                state.early.pop_front();
                let Some(held) = state.parts.held_mut(&key, number).filter(|held| held.asker.is_somebody()) else {
                    continue;
                };
                let pdu = held.pdu.clone();
                if !state.spool.has_room(pdu.len(), self.shared.limits.spool_bytes_max) {
                    // It stays held and unanswered; its time will come.
                    continue;
                }
                let Some(held) = state.parts.held_mut(&key, number) else { continue };
                let asker = std::mem::replace(&mut held.asker, Asker::Nobody);
                let id = self.store(&mut state, Kind::Held, pdu, asker, 0, now);
                if let Some(held) = state.parts.held_mut(&key, number) {
                    held.spooled = Some(id);
                }
            }
            state.parts.expire(now.0)
        };
        for released in expired {
            self.act_on(Front::Smpp, released, now).await;
        }
    }

    /// Whether header and options name different parts of different messages.
    fn is_ambiguous(&self, message: &Message<'_>) -> bool {
        let (header, _) = message.user_data();
        let by_header = header.and_then(|header| header.concatenation());
        let many = |part: &Concatenation| part.total > 1;
        match (by_header.filter(many), by_options(message).filter(many)) {
            (Some(header), Some(options)) => header != options,
            _ => false,
        }
    }

    /// The octets of a message's text, their alphabet, and which part of a longer one it is.
    fn content<'a>(&self, message: &Message<'a>) -> (Cow<'a, [u8]>, Alphabet, Option<Concatenation>) {
        self.content_of(message, message.content())
    }

    fn content_of<'a>(
        &self,
        message: &Message<'a>,
        content: &'a [u8],
    ) -> (Cow<'a, [u8]>, Alphabet, Option<Concatenation>) {
        let (header, octets) = message.user_data_of(content);
        let alphabet = smpp::alphabet_of(message.data_coding, self.config.default_alphabet);
        let by_header = header.and_then(|header| header.concatenation());
        let part = by_header.filter(|part| part.total > 1).or_else(|| by_options(message)).or(by_header);
        match header {
            // Behind a header the septets begin at the next whole septet.
            Some(header) if alphabet == Alphabet::Gsm7Packed => {
                let fill = (7 - (header.len() * 8) % 7) % 7;
                let septets = smpp::unpack(octets, u8::try_from(fill).unwrap_or(0));
                (Cow::Owned(septets), Alphabet::Gsm7, part)
            }
            _ => (Cow::Borrowed(octets), alphabet, part),
        }
    }

    /// Acts on a message as it is judged. Its text is given with what else its octets may say.
    async fn judge_and_act(
        self: &Arc<Self>,
        front: Front,
        parts: Vec<HeldPart>,
        (text, other): (&str, &str),
        at: Timestamp,
    ) {
        let (action, registration) = self.judge_parts(front, &parts, &both(text, other), at);
        if registration == Registration::WrongRoute {
            metrics::counter!("operator_messages_wrong_sender_total").increment(1);
            return self.refuse(parts, self.shared.policy.sender_status);
        }
        match action {
            MessageAction::Pass | MessageAction::Monitor => self.pass_parts(parts).await,
            MessageAction::Mark(label) => self.pass_marked(parts, text, label).await,
            MessageAction::Reject => self.refuse(parts, self.shared.policy.reject_status),
            MessageAction::Drop => self.drop_parts(parts),
        }
    }

    /// Judges a message by all that its parts say: every sender, every receiver. What goes only to those who help passes,
    /// whoever sends it.
    fn judge_parts(
        &self,
        front: Front,
        parts: &[HeldPart],
        text: &str,
        at: Timestamp,
    ) -> (MessageAction, Registration) {
        let (mut sources, mut destinations, mut known) = (Vec::new(), Vec::new(), std::collections::HashSet::new());
        for part in parts {
            let Some(message) = Pdu::whole(&part.pdu).and_then(|pdu| Message::read(&pdu).ok()) else { continue };
            let source = Party::from(message.source);
            if !sources.contains(&source) {
                sources.push(source);
            }
            for destination in message.each_destination() {
                let receiver = receiver(destination);
                if known.insert((receiver.ton, receiver.address)) {
                    destinations.push(receiver);
                }
            }
        }
        if sources.is_empty() {
            return (MessageAction::Reject, Registration::Absent);
        }
        let help = destinations.iter().all(|destination| destination.calls_for_help());
        let mut judged = (MessageAction::Pass, Registration::Absent);
        for source in sources {
            let (action, registration) = self.judge(front, source, &destinations, text, at);
            if judge::weight(action) > judge::weight(judged.0) {
                judged.0 = action;
            }
            if registration == Registration::WrongRoute && !help {
                judged.1 = registration;
            }
        }
        judged
    }

    /// Asks the judge; a sender that is not the account's own counts as one from a wrong route.
    fn judge(
        &self,
        front: Front,
        source: Party<'_>,
        destinations: &[Party<'_>],
        text: &str,
        at: Timestamp,
    ) -> (MessageAction, Registration) {
        let registration = if register::is_allowed(&self.config.senders, source) {
            self.shared.judge.registration(source, self.name())
        } else {
            Registration::WrongRoute
        };
        let heard = Heard { front, at, source, destinations, registration, trunk: self.config.trunk(), text };
        (self.shared.judge.judge(&heard), registration)
    }

    async fn pass_parts(self: &Arc<Self>, parts: Vec<HeldPart>) {
        for HeldPart { pdu, asker, spooled } in parts {
            match spooled {
                None => self.pass(Outgoing { pdu, asker }).await,
                Some(id) => self.release(id),
            }
        }
    }

    /// A held part on disk is to be sent.
    fn release(self: &Arc<Self>, id: u64) {
        let mut state = self.state();
        state.spool.ready(id);
        self.note(&mut state, Kind::Ready, id, id, b"");
        drop(state);
        self.wake_drain();
    }

    /// Sends the message with a mark before its text. Requests are answered in their order by the new parts; parts
    /// that are more than before ask for no receipt and answer nobody.
    async fn pass_marked(self: &Arc<Self>, parts: Vec<HeldPart>, text: &str, label: LabelId) {
        let policy = &self.shared.policy;
        let (zh, en) = label.words().unwrap_or(("疑似诈骗", "Suspected scam"));
        let mark = if mark::is_chinese(text) {
            policy.mark_zh.replace("{label}", zh)
        } else {
            policy.mark_en.replace("{label}", en)
        };
        let reference = {
            let mut state = self.state();
            state.reference = state.reference.wrapping_add(1);
            state.reference
        };
        let first = parts.first().map(|part| part.pdu.as_slice()).unwrap_or_default();
        let Some(mut marked) = mark::marked(first, text, &mark, reference, self.config.default_alphabet) else {
            metrics::counter!("operator_messages_unmarked_total").increment(1);
            return self.pass_parts(parts).await;
        };
        if parts.iter().any(|part| part.spooled.is_some()) {
            return self.store_marked(parts, marked);
        }
        let mut askers: Vec<Asker> = parts.into_iter().map(|part| part.asker).collect();
        let count = marked.len();
        let asked = askers.len();
        if asked > count {
            let rest = askers.split_off(count - 1);
            askers.push(Asker::Several(rest));
        } else if let Some(last) = askers.pop() {
            // The last request is answered when the last part is; those between are nobody's.
            askers.resize_with(count - 1, || Asker::Nobody);
            askers.push(last);
        }
        for (pdu, asker) in marked.iter_mut().zip(askers) {
            if !asker.is_somebody() {
                ask_no_receipt(pdu);
            }
            self.pass(Outgoing { pdu: std::mem::take(pdu), asker }).await;
        }
    }

    /// The same when parts of it were answered: the new parts take the numbers that the sender was given.
    fn store_marked(self: &Arc<Self>, parts: Vec<HeldPart>, mut marked: Vec<Vec<u8>>) {
        let now = self.now();
        let mut state = self.state();
        let mut old = parts.into_iter();
        for pdu in &mut marked {
            let (asker, public) = match old.next() {
                Some(HeldPart { asker, spooled, .. }) => (asker, spooled.unwrap_or(0)),
                None => (Asker::Nobody, 0),
            };
            if !asker.is_somebody() && public == 0 {
                ask_no_receipt(pdu);
            }
            self.store(&mut state, Kind::Message, std::mem::take(pdu), asker, public, now);
            if public != 0 {
                state.spool.end(public);
                self.note(&mut state, Kind::Done, public, public, b"");
            }
        }
        for HeldPart { asker, spooled, .. } in old {
            if let Some(id) = spooled {
                state.spool.end(id);
                self.note(&mut state, Kind::Done, id, id, b"");
            }
            let id = state.spool.new_id();
            asker.answer(Status::OK, public_text(id).as_bytes());
        }
    }

    /// Answers every request with a status; parts that were answered before end with a receipt.
    fn refuse(self: &Arc<Self>, parts: Vec<HeldPart>, status: Status) {
        let mut held = Vec::new();
        for HeldPart { pdu, asker, spooled } in parts {
            asker.answer(status, b"");
            held.extend(spooled.map(|id| (id, pdu)));
        }
        for (id, pdu) in held {
            self.end_held(id, &pdu, ReceiptState::Rejected, status);
        }
    }

    fn end_held(self: &Arc<Self>, id: u64, pdu: &[u8], what: ReceiptState, status: Status) {
        let mut state = self.state();
        state.spool.end(id);
        self.note(&mut state, Kind::Done, id, id, b"");
        self.receipt(&mut state, pdu, id, what, status);
    }

    /// Takes the message and delivers it to nobody.
    fn drop_parts(self: &Arc<Self>, parts: Vec<HeldPart>) {
        let (what, error) = match self.shared.policy.drop_receipt {
            DropReceipt::Rejected => (ReceiptState::Rejected, self.shared.policy.reject_status),
            DropReceipt::Delivered => (ReceiptState::Delivered, Status::OK),
        };
        for HeldPart { pdu, asker, spooled } in parts {
            if let Some(id) = spooled {
                self.end_held(id, &pdu, what, error);
                continue;
            }
            let id = self.state().spool.new_id();
            asker.answer(Status::OK, public_text(id).as_bytes());
            let mut state = self.state();
            self.receipt(&mut state, &pdu, id, what, error);
        }
    }

    /// A query, a cancellation or a replacement: the number of the message is the SMSC's, or one of ours that is put
    /// in its place. The new text of a replacement is judged like any other.
    async fn take_reference(
        self: &Arc<Self>,
        session: &Arc<Session>,
        pdu: &Pdu<'_>,
        asker: impl FnOnce() -> Asker,
        at: Timestamp,
    ) {
        let header = pdu.header;
        let failed = match header.command {
            CommandId::QUERY_SM => Status::QUERY_FAILED,
            CommandId::CANCEL_SM => Status::CANCEL_FAILED,
            _ => Status::REPLACE_FAILED,
        };
        let refuse = |status| session.respond(header.command, status, header.sequence, b"");
        let Some(range) = smpp::message_id_range(pdu) else { return refuse(Status::INVALID_MESSAGE_ID) };
        if header.command == CommandId::REPLACE_SM {
            let Some((source, text)) = smpp::replacement(pdu) else { return refuse(Status::INVALID_COMMAND_LENGTH) };
            // A replacement does not say how it is coded: it keeps the coding of the first message, which only the
            // SMSC knows. It must be harmless in every alphabet that it may be read in.
            for alphabet in [self.config.default_alphabet.alphabet(), Alphabet::Utf16] {
                let other = smpp::other_reading(alphabet, text);
                let text = smpp::decode(alphabet, text).unwrap_or_default();
                let text = both(&text, &other);
                let (action, registration) = self.judge(Front::Smpp, source.into(), &["".into()], &text, at);
                let harmless = matches!(action, MessageAction::Pass | MessageAction::Monitor);
                if !harmless || registration == Registration::WrongRoute {
                    return refuse(self.shared.policy.reject_status);
                }
            }
        }
        let id = pdu.bytes.get(range.clone()).unwrap_or_default();
        let out = match self.theirs(id) {
            Err(()) => return refuse(failed),
            Ok(None) => pdu.bytes.to_vec(),
            Ok(Some(theirs)) => smpp::with_octets(pdu.bytes, range, &theirs),
        };
        self.pass(Outgoing { pdu: out, asker: asker() }).await;
    }

    /// A message of the SMSC: to the ESME, to nobody, or refused. Gives the status to answer at once, where no answer
    /// of the ESME is to be waited for.
    pub(super) fn take_delivery(
        self: &Arc<Self>,
        pdu: &Pdu<'_>,
        link: &Arc<super::outbox::Outbox>,
        at: Timestamp,
    ) -> Option<Status> {
        let message = match Message::read(pdu) {
            Ok(message) => message,
            Err(fault) => return Some(fault.status()),
        };
        let mut out = Cow::Borrowed(pdu.bytes);
        if message.is_receipt() {
            if let Some(renamed) = self.receipt_renamed(pdu, &message) {
                out = Cow::Owned(renamed);
            }
        } else {
            let texts = message.contents().map(|content| {
                let (content, alphabet, _) = self.content_of(&message, content);
                let text = smpp::decode(alphabet, &content).unwrap_or_default();
                both(&text, &smpp::other_reading(alphabet, &content)).into_owned()
            });
            // Which of several a machine behind us reads is not known: they are judged together.
            let text = texts.collect::<Vec<_>>().join("\n");
            let heard = Heard {
                front: Front::Smpp,
                at,
                source: message.source.into(),
                destinations: &[message.destination.into()],
                registration: Registration::Absent,
                trunk: self.config.trunk(),
                text: &text,
            };
            match self.shared.judge.judge(&heard) {
                // A mark is for people's screens; what an ESME receives is read by a machine.
                MessageAction::Pass | MessageAction::Monitor | MessageAction::Mark(_) => {}
                MessageAction::Reject => return Some(Status::RECEIVER_REJECT),
                MessageAction::Drop => return Some(Status::OK),
            }
        }
        if self.deliver(&out, link, pdu.header.sequence) {
            return None;
        }
        // Nobody is there to take it: the SMSC keeps it.
        Some(if self.has_receiver() { Status::QUEUE_FULL } else { Status::RECEIVER_TEMPORARY })
    }

    /// A receipt about a message that the sender knows under a number of ours.
    fn receipt_renamed(&self, pdu: &Pdu<'_>, message: &Message<'_>) -> Option<Vec<u8>> {
        let in_tlv = message.tlvs.find(tag::RECEIPTED_MESSAGE_ID);
        let id = in_tlv.map(|tlv| tlv.value.split(|octet| *octet == 0).next().unwrap_or_default());
        let in_text = smpp::receipt_id_range(message.short_message);
        let text_id = in_text.clone().and_then(|range| message.short_message.get(range));
        let ours = id.and_then(|id| self.ours(id)).or_else(|| self.ours(text_id?))?;
        let text = match in_text {
            Some(range) => {
                let mut text = message.short_message.to_vec();
                text.splice(range, ours.bytes());
                text.truncate(smpp::SHORT_MESSAGE_LEN_MAX);
                text
            }
            None => message.short_message.to_vec(),
        };
        let mut renamed = *message;
        renamed.short_message = &text;
        let mut closed = ours.into_bytes();
        closed.push(0);
        let mut out = Vec::new();
        let more = [(tag::RECEIPTED_MESSAGE_ID, closed.as_slice())];
        renamed.write(pdu.header.sequence, &[tag::RECEIPTED_MESSAGE_ID], &more, &mut out);
        Some(out)
    }
}

/// Which part a message is by its optional parameters.
fn by_options(message: &Message<'_>) -> Option<Concatenation> {
    let octet = |tag| message.tlvs.number(tag).and_then(|n| u8::try_from(n).ok());
    let part = Concatenation {
        reference: message.tlvs.number(tag::SAR_MSG_REF_NUM).and_then(|n| u16::try_from(n).ok())?,
        total: octet(tag::SAR_TOTAL_SEGMENTS)?,
        number: octet(tag::SAR_SEGMENT_SEQNUM)?,
    };
    part.is_valid().then_some(part)
}

/// A text with what else its octets may say: which of the two is read, nobody can tell.
fn both<'a>(text: &'a str, other: &str) -> Cow<'a, str> {
    if other.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n{other}")) }
}

/// Whether a message goes to those who help, and to nobody else.
fn calls_for_help(message: &Message<'_>) -> bool {
    message.each_destination().all(|destination| receiver(destination).calls_for_help())
}

/// A receiver. Who is on a list of the SMSC is not known.
fn receiver(destination: Destination<'_>) -> Party<'_> {
    match destination {
        Destination::Number(address) => address.into(),
        Destination::List(_) => "".into(),
    }
}

/// An address as parts of one message are told from those of others: a number is the same however it is written.
fn part_party(address: smpp::Address<'_>) -> Vec<u8> {
    Number::read(address.text())
        .map_or_else(|| address.digits.to_vec(), |number| number.packed().to_be_bytes().to_vec())
}

fn ask_no_receipt(pdu: &mut [u8]) {
    let at = Pdu::whole(pdu).and_then(|pdu| Message::read(&pdu).ok()).map(|message| message.registered_delivery_at());
    smpp::patch_registered_delivery(pdu, at.unwrap_or(0), 0);
}
