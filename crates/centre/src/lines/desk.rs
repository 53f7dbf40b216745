//! What the lines desk does: makes orders, has them checked, sends them under seal, takes the answers, sees to the ends.

use std::sync::Arc;

use kernel::{Duration, Faults, Msisdn, OrderId, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Result, Tx, Who, serial, timers};
use wire::{Authority, LineAnswer, LineOrderKind, PartnerId};

use super::model::{self, Event, State};
use super::order::{LineOrder, NewRequest};
use super::parameters::Parameters;
use super::store::{self as rows, Place};
use super::texts;
use crate::Post;
use crate::stop::{Decision, LineFacts, Refusal, StandingRule, rules_in_force};
use crate::telephone::{END_MAX, is_emergency, is_subscriber, masked};

/// Longest reason, characters.
const REASON_CHARS_MAX: usize = 2_000;
/// The clocks of a partner and of the centre differ by this at most.
const CLOCKS_DIFFER_MAX: Duration = Duration::minutes(5);

/// The desk; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Seals and sends.
    pub post: Post,
    /// What law and practice fix.
    pub parameters: Arc<Parameters>,
    /// The unit named on orders.
    pub unit: Arc<str>,
}

enum Approver<'a> {
    Person(&'a str),
    Rule(&'a StandingRule),
}

impl Desk {
    /// Makes one order an operator. A standing rule may approve them at once; otherwise they wait for a checker.
    /// Gives the first, which names the request.
    ///
    /// # Errors
    /// Every fault at once, by field; needs `lines.make` in the region of the case.
    pub async fn make(&self, tx: &mut Tx, who: &Who, mut asked: NewRequest) -> std::result::Result<OrderId, Refusal> {
        who.require("lines.make")?;
        who.require_region(&asked.case.region)?;
        self.check(tx.now(), &mut asked).into_result().map_err(Refusal::Faults)?;
        rows::lock_makers(tx).await?;
        if let Some(waits) = rows::same_waiting(tx, &asked).await? {
            return Err(Refusal::Conflict(texts::SAME_WAITS.say(&[("number", &waits)])));
        }
        let now = tx.now();
        let request = OrderId::new(now);
        let rules = rules_in_force(tx).await?;
        let facts = LineFacts {
            kind: asked.kind,
            lasts: asked.until.map(|until| until - now),
            reported_at: asked.case.reported_at,
            region: &asked.case.region,
            maker: &who.user,
            now,
        };
        let rule = rules.iter().find(|rule| rule.approves_line(&facts).is_ok());
        for (n, partner) in asked.partners.iter().enumerate() {
            let id = if n == 0 { request } else { OrderId::new(now) };
            let number = serial::next(tx, "L").await?;
            rows::insert(tx, &Place { id, number: &number, request, partner, maker: &who.user }, &asked).await?;
            let order = rows::load(tx, id).await?.ok_or(store::Error::NotFound { what: "order" })?;
            let body = json!({
                "order_id": id, "number": &number, "request_id": request, "case_number": &asked.case.number,
                "order_kind": asked.kind, "partner": partner, "line": masked(&asked.line), "until": asked.until,
                "period": asked.period, "reason": &asked.reason,
            });
            let private = json!({ "line": &asked.line, "counterpart": &asked.counterpart });
            tx.append(entry("line.made", &order).body(&body).private(&private), who).await?;
            if let Some(rule) = rule {
                let now = tx.now();
                rows::leave(&order, State::Sent).set("decided_at", now).apply(tx).await?;
                self.send(tx, who, &order, Approver::Rule(rule)).await?;
            }
        }
        Ok(request)
    }

    /// Every fault of a request; numbers become canonical, and no operators become all.
    fn check(&self, now: Timestamp, asked: &mut NewRequest) -> Faults {
        let mut faults = Faults::none();
        let known = self.post.operators();
        if asked.partners.is_empty() {
            asked.partners.clone_from(&known);
        }
        asked.partners.sort();
        asked.partners.dedup();
        if asked.partners.is_empty() {
            faults.push(texts::NO_OPERATOR.at("partners", &[]));
        }
        for (n, partner) in asked.partners.iter().enumerate().filter(|(_, partner)| !known.contains(partner)) {
            faults.push(texts::OPERATOR_UNKNOWN.at(format!("partners[{n}]"), &[("partner", partner.as_str())]));
        }
        check_numbers(asked, &mut faults);
        self.check_times(now, asked, &mut faults);
        for (field, text, most, fault) in [
            ("label", &mut asked.label, wire::LABEL_MAX, texts::LABEL),
            ("warning_text", &mut asked.warning_text, wire::WARNING_TEXT_MAX, texts::WARNING_TEXT),
            ("warning_text_en", &mut asked.warning_text_en, wire::WARNING_TEXT_MAX, texts::WARNING_TEXT),
        ] {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
            if text.as_ref().is_some_and(|text| text.chars().count() > most || !wire::is_plain(text)) {
                faults.push(fault.at(field, &[("most", &most.to_string())]));
            }
        }
        if (asked.kind == LineOrderKind::Lift) != asked.refers_to.is_some() {
            faults.push(texts::REFERS.at("refers_to", &[]));
        }
        match asked.reason.trim().chars().count() {
            0 => faults.push(texts::REASON_MISSING.at("reason", &[])),
            n if n > REASON_CHARS_MAX => faults.push(texts::REASON_TOO_LONG.at("reason", &[])),
            _ => {}
        }
        faults
    }

    fn check_times(&self, now: Timestamp, asked: &NewRequest, faults: &mut Faults) {
        let hours_max = match asked.kind {
            LineOrderKind::HoldFlaggedCalls | LineOrderKind::LabelNextCall => Some(self.parameters.urgent_hours_max),
            LineOrderKind::ProtectLine => Some(24 * self.parameters.protect_days_max),
            _ => None,
        };
        match (hours_max, asked.until) {
            (Some(_), None) => faults.push(texts::UNTIL.at("until", &[])),
            (_, Some(until)) if until <= now => faults.push(texts::UNTIL.at("until", &[])),
            (Some(hours), Some(until)) if until - now > Duration::hours(hours) => {
                faults.push(texts::UNTIL_TOO_FAR.at("until", &[("hours", &hours.to_string())]));
            }
            (None, Some(until)) if until - now > END_MAX => {
                let hours = END_MAX.as_seconds() / 3_600;
                faults.push(texts::UNTIL_TOO_FAR.at("until", &[("hours", &hours.to_string())]));
            }
            _ => {}
        }
        if asked.kind.has_period() {
            let longest = Duration::hours(24 * self.parameters.period_days_max);
            let fits = |p: wire::Period| p.from < p.to && p.from < now && p.to - p.from <= longest;
            if !asked.period.is_some_and(fits) {
                let days = self.parameters.period_days_max.to_string();
                faults.push(texts::PERIOD.at("period", &[("days", &days)]));
            }
        }
    }

    /// Decides about the orders of one request that wait. Approving needs `lines.check` and another person than the
    /// maker; taking back needs `lines.make`.
    ///
    /// # Errors
    /// No order of the request waits, or the decision has no reason.
    pub async fn decide(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: OrderId,
        decision: Decision,
    ) -> std::result::Result<(), Refusal> {
        who.require(if matches!(decision, Decision::Cancel { .. }) { "lines.make" } else { "lines.check" })?;
        let order = rows::load(tx, id).await?.ok_or(store::Error::NotFound { what: "order" })?;
        who.require_region(&order.case.region)?;
        // One decision is about all orders of the request, so it waits for another one and looks after that.
        rows::lock_request(tx, order.request_id).await?;
        let order = rows::load(tx, id).await?.ok_or(store::Error::NotFound { what: "order" })?;
        if matches!(decision, Decision::Approve | Decision::Refuse { .. }) && order.maker == who.user {
            return Err(Refusal::Conflict(texts::OWN_ORDER.say(&[("number", &order.number)])));
        }
        if order.state != State::Review {
            return Err(state_conflict(&order));
        }
        let (event, kind, reason) = match &decision {
            Decision::Approve => (Event::Approve, "line.sent", ""),
            Decision::Refuse { reason } => (Event::Refuse, "line.refused", reason.trim()),
            Decision::Cancel { reason } => (Event::Cancel, "line.cancelled", reason.trim()),
        };
        if event != Event::Approve && reason.is_empty() {
            return Err(texts::REASON_MISSING.at("reason", &[]).into());
        }
        let now = tx.now();
        for order in rows::load_request(tx, order.request_id).await? {
            let Ok(next) = model::apply(order.kind, order.state, event) else { continue };
            let decided = rows::leave(&order, next).set("checker", &who.user).set("decided_at", now);
            if event == Event::Approve {
                decided.apply(tx).await?;
                self.send_approved(tx, who, &order).await?;
                continue;
            }
            decided.set("decision_reason", reason).set("ended_at", now).apply(tx).await?;
            let body = json!({ "number": order.number, "reason": reason });
            tx.append(entry(kind, &order).body(&body), who).await?;
        }
        Ok(())
    }

    async fn send_approved(&self, tx: &mut Tx, who: &Who, order: &LineOrder) -> std::result::Result<(), Refusal> {
        if !self.post.operators().contains(&order.partner) {
            return Err(texts::OPERATOR_UNKNOWN.at("partner", &[("partner", order.partner.as_str())]).into());
        }
        if order.until.is_some_and(|until| until <= tx.now()) {
            return Err(texts::UNTIL.at("until", &[]).into());
        }
        self.send(tx, who, order, Approver::Person(&who.user)).await
    }

    /// Seals an order that was just approved and puts it into the outbox, all in the caller's transaction: approved is
    /// on its way.
    async fn send(
        &self,
        tx: &mut Tx,
        who: &Who,
        order: &LineOrder,
        approver: Approver<'_>,
    ) -> std::result::Result<(), Refusal> {
        let now = tx.now();
        let (words, rule) = match &approver {
            Approver::Person(login) => ((*login).to_owned(), None),
            Approver::Rule(rule) => (format!("常设规则「{}」（{}）", rule.name, rule.author), Some(rule.id)),
        };
        let basis = match order.kind {
            LineOrderKind::SuspendLine => &self.parameters.suspend_basis,
            LineOrderKind::QueryContacts => &self.parameters.query_basis,
            _ => &self.parameters.urgent_basis,
        };
        let document = wire::LineOrder {
            order_id: order.id,
            number: order.number.clone(),
            case_number: order.case.number.clone(),
            kind: order.kind,
            line: order.line.clone(),
            counterpart: order.counterpart.clone(),
            period: order.period,
            until: order.until,
            refers_to: order.refers_to,
            include_foreign: order.include_foreign,
            label: order.label.clone(),
            warning_text: order.warning_text.clone(),
            warning_text_en: order.warning_text_en.clone(),
            authority: Authority {
                unit: self.unit.to_string(),
                approver: words.clone(),
                legal_basis: basis.clone(),
                approval_level: None,
            },
            reason: order.reason.clone(),
        };
        let expires_at = now + self.tried_for(order.kind);
        let sealed = self.post.send(tx, &order.partner, document, format!("line:{}", order.id), expires_at).await?;
        let answer_due = now + Duration::minutes(self.answer_minutes(order));
        store::transition("line_order", order.id)
            .from(State::Sent.code())
            .expect("message_id", None::<String>)
            .set("rule_id", rule)
            .set("sent_at", now)
            .set("message_id", sealed.id)
            .set("document", sealed.document)
            .set("answer_due", answer_due)
            .apply(tx)
            .await?;
        let subject = order.id.to_string();
        timers::set(tx, &format!("line.overdue:{subject}"), "line.overdue", &subject, answer_due).await?;
        timers::set(tx, &format!("line.expire:{subject}"), "line.expire", &subject, expires_at).await?;
        let body = json!({
            "number": order.number, "order_kind": order.kind, "partner": order.partner, "by": words, "rule": rule,
            "message_id": sealed.id, "answer_due": answer_due,
        });
        tx.append(entry("line.sent", order).body(&body), who).await?;
        Ok(())
    }

    fn tried_for(&self, kind: LineOrderKind) -> Duration {
        match kind {
            LineOrderKind::CutCall => Duration::minutes(self.parameters.cut_minutes_max),
            _ => Duration::hours(self.parameters.answer_hours_max),
        }
    }

    /// What helps a person who is being scammed now is not waited for as long as a query.
    fn answer_minutes(&self, order: &LineOrder) -> i64 {
        let agreed = self.post.answer_minutes(&order.partner);
        let urgent = StandingRule::LINE_KINDS.contains(&order.kind);
        if urgent { agreed.min(self.parameters.urgent_answer_minutes) } else { agreed }
    }

    /// Takes an operator's answer. It must be the operator that the order went to. An answer that fits nothing changes
    /// nothing but is journaled; a person looks at it.
    pub async fn answer(&self, tx: &mut Tx, from: &PartnerId, answer: &LineAnswer) -> Result<()> {
        let who = Who::partner(from.as_str());
        let known = rows::load(tx, answer.order_id).await?.filter(|order| order.partner == *from);
        if let Some(order) = &known {
            // The answers to one request are taken one after the other: the last one knows that all have answered.
            rows::lock_request(tx, order.request_id).await?;
        }
        let Some(order) = rows::take(tx, answer.order_id).await?.filter(|_| known.is_some()) else {
            let body = json!({ "order_id": answer.order_id, "from": from, "code": answer.code });
            tracing::warn!(partner = %from, "an answer to an order that this operator was never given");
            return tx.append(Entry::new("line.answer_unknown", format!("partner:{from}")).body(&body), &who).await;
        };
        let Ok(next) = model::apply(order.kind, order.state, Event::Answer(answer.code)) else {
            let body = json!({ "number": order.number, "state": order.state, "code": answer.code });
            return tx.append(entry("line.answer_out_of_turn", &order).body(&body), &who).await;
        };
        let now = tx.now();
        let (ends_at, doubted) = believed_end(order.until, answer.until, now);
        let ends_at = ends_at.filter(|_| next == State::InEffect);
        let ended = (next != State::InEffect).then_some(now);
        let contacts = answer.contacts.as_deref().unwrap_or_default();
        rows::keep_contacts(tx, order.id, contacts).await?;
        let kept = LineAnswer { contacts: None, ..answer.clone() };
        let text = serde_json::to_string(&kept).map_err(|e| store::Error::Corrupt(e.to_string()))?;
        let count = i64::try_from(contacts.len()).unwrap_or(i64::MAX);
        rows::leave(&order, next)
            .set("answered_at", now)
            .set("answer_code", answer.code.code())
            .set("answer", text)
            .set("contacts", count)
            .set("ends_at", ends_at)
            .set("ended_at", ended)
            .apply(tx)
            .await?;
        timers::cancel(tx, &format!("line.overdue:{}", order.id)).await?;
        timers::cancel(tx, &format!("line.expire:{}", order.id)).await?;
        if let Some(end) = ends_at {
            timers::set(tx, &format!("line.end:{}", order.id), "line.end", &order.id.to_string(), end).await?;
        }
        if doubted && next == State::InEffect {
            let body = json!({ "number": order.number, "partner": from, "found": answer.until, "ends_at": ends_at });
            tx.append(entry("line.answer_doubted", &order).body(&body), &who).await?;
        }
        let body = json!({
            "order_id": order.id, "number": order.number, "order_kind": order.kind, "code": answer.code,
            "partner": from, "state": next, "cuts": answer.cuts.len(), "contacts": count, "more": answer.more,
            "messages": answer.messages, "ends_at": ends_at,
        });
        tx.append(entry("line.answered", &order).body(&body).private(&answer.cuts), &who).await?;
        if next == State::Done
            && order.kind == LineOrderKind::Lift
            && let Some(earlier) = order.refers_to
        {
            self.end(tx, &who, earlier, Event::Lift, "line.lifted").await?;
        }
        if next == State::Elsewhere {
            self.nobody_has_it(tx, &who, &order).await?;
        }
        Ok(())
    }

    /// Every operator asked has said that the line is not theirs: a person must look.
    async fn nobody_has_it(&self, tx: &mut Tx, who: &Who, order: &LineOrder) -> Result<()> {
        let all = rows::load_request(tx, order.request_id).await?;
        if all.iter().all(|order| order.state == State::Elsewhere) {
            let body = json!({ "number": order.number, "operators": all.len(), "line": masked(&order.line) });
            tx.append(entry("line.nobody_has_it", order).body(&body), who).await?;
        }
        Ok(())
    }

    async fn end(&self, tx: &mut Tx, who: &Who, id: OrderId, event: Event, kind: &str) -> Result<()> {
        let Some(order) = rows::take(tx, id).await? else { return Ok(()) };
        let Ok(next) = model::apply(order.kind, order.state, event) else { return Ok(()) };
        let now = tx.now();
        rows::leave(&order, next).set("ended_at", now).apply(tx).await?;
        timers::cancel(tx, &format!("line.end:{id}")).await?;
        let body = json!({ "number": order.number, "order_kind": order.kind, "partner": order.partner });
        tx.append(entry(kind, &order).body(&body), who).await
    }

    /// Handles one due timer of this desk.
    pub async fn due(&self, tx: &mut Tx, timer: &timers::Timer) -> Result<()> {
        let id: OrderId = timer.subject.parse().map_err(|_| store::Error::Corrupt("timer subject".into()))?;
        // The order before its timer, as an answer takes them.
        rows::take(tx, id).await?;
        if !timers::done(tx, timer).await? {
            return Ok(());
        }
        let who = Who::system("lines");
        match timer.kind.as_str() {
            "line.overdue" => self.overdue(tx, &who, id, timer).await,
            "line.expire" => self.end(tx, &who, id, Event::Expire, "line.expired").await,
            "line.end" => self.end(tx, &who, id, Event::End, "line.ended").await,
            _ => Ok(()),
        }
    }

    /// No answer in time: first the contact on duty is to be called, then the deputy.
    async fn overdue(&self, tx: &mut Tx, who: &Who, id: OrderId, timer: &timers::Timer) -> Result<()> {
        let Some(order) = rows::take(tx, id).await?.filter(|order| order.state == State::Sent) else { return Ok(()) };
        let escalation = order.escalation + 1;
        rows::leave(&order, order.state).set("escalation", escalation).apply(tx).await?;
        if escalation < 2 {
            let due = tx.now() + Duration::minutes(self.answer_minutes(&order));
            timers::set(tx, &timer.key, "line.overdue", &timer.subject, due).await?;
        }
        let body = json!({
            "number": order.number, "partner": order.partner, "escalation": escalation,
            "contact": self.post.contact(&order.partner, escalation),
        });
        tx.append(entry("line.overdue", &order).body(&body), who).await
    }
}

fn check_numbers(asked: &mut NewRequest, faults: &mut Faults) {
    let line = faults.keep(Msisdn::parse(&asked.line).map_err(|fault| fault.under("line")));
    let counterpart = asked.counterpart.take().filter(|text| !text.trim().is_empty());
    let counterpart =
        counterpart.and_then(|text| faults.keep(Msisdn::parse(&text).map_err(|fault| fault.under("counterpart"))));
    if let Some(line) = line {
        let for_subscribers = !asked.kind.has_period();
        if is_emergency(&line) {
            faults.push(texts::EMERGENCY.at("line", &[]));
        } else if for_subscribers && !is_subscriber(line) {
            faults.push(texts::NOT_A_SUBSCRIBER.at("line", &[]));
        }
        if counterpart == Some(line) {
            faults.push(texts::SAME_NUMBER.at("counterpart", &[]));
        }
        asked.line = line.to_string();
    }
    if counterpart.is_some_and(|number| is_emergency(&number)) {
        faults.push(texts::EMERGENCY.at("counterpart", &[]));
    }
    asked.counterpart = counterpart.map(|number| number.to_string());
}

fn state_conflict(order: &LineOrder) -> Refusal {
    Refusal::Conflict(texts::STATE.say(&[("number", &order.number), ("state", order.state.code())]))
}

fn entry(kind: &str, order: &LineOrder) -> Entry {
    Entry::new(kind, format!("line:{}", order.id)).case(order.case.id).region(&order.case.region)
}

/// When a measure ends, of what the operator says: never later than was ordered, and never before it has begun. The flag
/// says that its word was not taken.
fn believed_end(ordered: Option<Timestamp>, told: Option<Timestamp>, now: Timestamp) -> (Option<Timestamp>, bool) {
    let latest = ordered.unwrap_or(now + END_MAX);
    match told {
        None => (ordered, false),
        Some(told) if told > now && told <= latest + CLOCKS_DIFFER_MAX => (Some(told.min(latest)), false),
        Some(_) => (Some(latest), true),
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Duration, Timestamp};

    use super::{END_MAX, believed_end};

    #[test]
    fn an_operator_is_not_believed_to_protect_for_ever_or_to_have_ended_before_it_began() {
        let now = Timestamp(1_700_000_000_000_000);
        let ordered = now + Duration::hours(24);
        let year_9999 = Timestamp(253_370_764_800_000_000);
        for (ordered, told, ends, doubted) in [
            (Some(ordered), None, Some(ordered), false),
            (Some(ordered), Some(now + Duration::hours(3)), Some(now + Duration::hours(3)), false),
            (Some(ordered), Some(ordered + Duration::minutes(1)), Some(ordered), false),
            (Some(ordered), Some(year_9999), Some(ordered), true),
            (Some(ordered), Some(now - Duration::hours(1)), Some(ordered), true),
            (None, None, None, false),
            (None, Some(year_9999), Some(now + END_MAX), true),
        ] {
            assert_eq!(believed_end(ordered, told, now), (ends, doubted), "{ordered:?} {told:?}");
        }
    }
}
