//! What the stop desk does: makes orders, has them checked, sends them under seal, and takes the answers.

use std::sync::Arc;

use kernel::{Duration, Fault, Faults, OrderId, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Result, Tx, Who, args, serial, timers};
use wire::{Answer, AnswerCode, Authority, Lapse, OrderKind, PartnerId};

use super::believed;
use super::model::{self, Event, State, places_hold};
use super::order::{Basis, NewOrder, StopOrder};
use super::parameters::Parameters;
use super::rule::{Facts, StandingRule};
use super::{store as rows, texts};
use crate::Post;

/// The desk; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Seals and sends.
    pub post: Post,
    /// What rules fix.
    pub parameters: Arc<Parameters>,
}

/// Why an order was not made or decided.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The database, a right or a scope.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// Faults of the input, all at once.
    #[error("the input has faults")]
    Faults(Faults),
    /// Not possible now.
    #[error("{}", .0.en)]
    Conflict(kernel::Said),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Faults(Faults(vec![fault]))
    }
}

impl From<wire::Error> for Refusal {
    fn from(error: wire::Error) -> Self {
        Self::Store(match error {
            wire::Error::Store(error) => error,
            other => store::Error::Conflict(other.to_string()),
        })
    }
}

/// What a checker decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Let it go out.
    Approve,
    /// Do not.
    Refuse {
        /// Why.
        reason: String,
    },
    /// The maker takes it back.
    Cancel {
        /// Why.
        reason: String,
    },
}

enum Approver<'a> {
    Person(&'a str),
    Rule(&'a StandingRule),
}

impl Desk {
    /// Makes an order. A standing rule may approve it at once; otherwise it waits for a checker.
    ///
    /// # Errors
    /// Every fault at once, by field; needs `stop.make` in the region of the case.
    pub async fn make(&self, tx: &mut Tx, who: &Who, asked: NewOrder) -> std::result::Result<OrderId, Refusal> {
        self.make_on(tx, who, asked, Basis::default()).await
    }

    /// Makes an order and keeps on what it rests. An order that would go against what a person decided names what is new
    /// and waits for a person, whatever standing rules say.
    ///
    /// # Errors
    /// As [`Desk::make`].
    pub async fn make_on(
        &self,
        tx: &mut Tx,
        who: &Who,
        mut asked: NewOrder,
        basis: Basis,
    ) -> std::result::Result<OrderId, Refusal> {
        who.require("stop.make")?;
        asked.account_no = kernel::AccountNo::normal(&asked.account_no);
        who.require_region(&asked.case.region)?;
        rows::lock_makers(tx).await?;
        if let Some(dedup) = &asked.dedup
            && let Some(known) = rows::known_dedup(tx, dedup).await?
        {
            return Ok(known);
        }
        self.check(tx, who, &asked).await?;
        // What a desk makes by itself has a word that makes it one already.
        if asked.dedup.is_none()
            && let Some(waits) = rows::same_waiting(tx, &asked).await?
        {
            return Err(Refusal::Conflict(texts::SAME_WAITS.say(&[("number", &waits)])));
        }
        let id = OrderId::new(tx.now());
        let number = serial::next(tx, "Z").await?;
        rows::insert(tx, id, &number, &asked, &who.user).await?;
        rows::insert_basis(tx, id, &basis).await?;
        let body = json!({
            "order_id": id, "number": &number, "case_number": &asked.case.number, "order_kind": asked.kind,
            "partner": &asked.partner, "account": tail(&asked.account_no), "level": asked.level,
            "amount_minor": asked.amount_minor, "currency": &asked.currency, "reason": &asked.reason,
            "news": &basis.news, "grounds": basis.grounds.len(),
        });
        let private = json!({ "account": &asked.account_no, "name": &asked.account_name, "check": &asked.check });
        tx.append(entry("order.made", id, &asked).body(&body).private(&private), who).await?;

        let facts = Facts {
            kind: asked.kind,
            level: asked.level,
            // Bounds are in yuan: what is in another currency waits for a person.
            amount_minor: match asked.kind {
                OrderKind::LiftStop => 0,
                _ if asked.currency != "CNY" => i64::MAX,
                // What an order can hold counts, not what was paid in: without an amount it is the whole account.
                OrderKind::Stop => asked.amount_minor.unwrap_or(i64::MAX),
                _ => asked.amount_minor.or(asked.check.as_ref().map(|c| c.amount_minor)).unwrap_or(i64::MAX),
            },
            reported_at: asked.case.reported_at,
            region: &asked.case.region,
            maker: &who.user,
            now: tx.now(),
        };
        let rules = rows::rules_in_force(tx).await?;
        if basis.news.is_some() {
            return Ok(id);
        }
        if let Some(rule) = rules.iter().find(|rule| rule.approves(&facts).is_ok()) {
            self.send(tx, who, id, &number, &asked, Approver::Rule(rule)).await?;
        }
        Ok(id)
    }

    async fn check(&self, tx: &mut Tx, who: &Who, asked: &NewOrder) -> std::result::Result<(), Refusal> {
        let mut faults = Faults::none();
        if !self.post.knows(&asked.partner) {
            faults.push(texts::PARTNER_UNKNOWN.at("partner", &[("partner", asked.partner.as_str())]));
        }
        if kernel::AccountNo::parse(&asked.account_no).is_err() {
            faults.push(texts::ACCOUNT.at("account", &[]));
        }
        if asked.amount_minor.is_some_and(|minor| minor <= 0) {
            faults.push(texts::AMOUNT.at("amount", &[]));
        }
        let amounts = [("amount", asked.amount_minor), ("check.amount", asked.check.as_ref().map(|c| c.amount_minor))];
        for (field, _) in amounts.iter().filter(|(_, minor)| minor.is_some_and(|m| !kernel::bounds::amount_fits(m))) {
            let currency = kernel::Currency::parse(&asked.currency).unwrap_or(kernel::Currency::CNY);
            let max = kernel::Money::new(kernel::bounds::AMOUNT_MINOR_MAX, currency).format();
            faults.push(kernel::bounds::AMOUNT_TOO_LARGE.at(*field, &[("max", &max)]));
        }
        if asked.check.as_ref().is_some_and(|check| check.amount_minor <= 0) {
            faults.push(texts::AMOUNT.at("check.amount", &[]));
        }
        if asked.until.is_some_and(|until| until <= tx.now()) {
            faults.push(texts::UNTIL_PAST.at("until", &[]));
        }
        for (field, missing) in [("check", asked.check.is_none()), ("account_name", asked.account_name.is_none())] {
            if missing && asked.kind == OrderKind::Stop {
                faults.push(texts::CHECK_MISSING.at(field, &[]));
            }
        }
        if let Some(fault) = self.check_earlier(tx, who, asked).await? {
            faults.push(fault);
        }
        if asked.reason.trim().is_empty() {
            faults.push(texts::REASON_MISSING.at("reason", &[]));
        }
        rows::lock_limit(tx, asked).await?;
        if matches!(asked.kind, OrderKind::Stop | OrderKind::ExtendStop) {
            let used = rows::stops_used(tx, asked, None).await?;
            if used >= self.parameters.stops_max {
                faults.push(stops_used_up(used, self.parameters.stops_max));
            }
        }
        faults.into_result().map_err(Refusal::Faults)
    }

    /// The earlier order that a new one names: of the same case, bank and account, and of a kind that it can end or
    /// extend. One that who asks may not see is answered as one that there is not.
    async fn check_earlier(&self, tx: &mut Tx, who: &Who, asked: &NewOrder) -> Result<Option<Fault>> {
        let Some(id) = asked.refers_to else {
            let missing = asked.kind.refers_to_another();
            return Ok(missing.then(|| texts::REFERS_MISSING.at("refers_to", &[])));
        };
        let earlier = rows::load(tx, id).await?.filter(|earlier| who.covers(&earlier.asked.case.region));
        let Some(earlier) = earlier else { return Ok(Some(texts::REFERS_UNKNOWN.at("refers_to", &[]))) };
        let about = &earlier.asked;
        let same = about.case.id == asked.case.id
            && about.partner == asked.partner
            && about.account_no == asked.account_no
            && asked.kind.follows(about.kind);
        Ok((!same).then(|| texts::REFERS_OTHER.at("refers_to", &[("number", &earlier.number)])))
    }

    /// Decides about an order that waits. Approving needs `stop.check` and another person than the maker.
    pub async fn decide(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: OrderId,
        decision: Decision,
    ) -> std::result::Result<(), Refusal> {
        who.require(if matches!(decision, Decision::Cancel { .. }) { "stop.make" } else { "stop.check" })?;
        let order = self.owned(tx, who, id).await?;
        if matches!(decision, Decision::Approve | Decision::Refuse { .. }) && order.maker == who.user {
            return Err(Refusal::Conflict(texts::OWN_ORDER.say(&[("number", &order.number)])));
        }
        let (event, kind, reason) = match &decision {
            Decision::Approve => return self.approve(tx, who, &order).await,
            Decision::Refuse { reason } => (Event::Refuse, "order.refused", reason.trim()),
            Decision::Cancel { reason } => (Event::Cancel, "order.cancelled", reason.trim()),
        };
        if reason.is_empty() {
            return Err(texts::REASON_MISSING.at("reason", &[]).into());
        }
        let next = step(&order, event)?;
        let now = tx.now();
        rows::leave(&order, next)
            .set("checker", &who.user)
            .set("decided_at", now)
            .set("decision_reason", reason)
            .set("ended_at", now)
            .apply(tx)
            .await?;
        tx.append(entry(kind, id, &order.asked).body(&json!({ "number": order.number, "reason": reason })), who)
            .await?;
        Ok(())
    }

    async fn approve(&self, tx: &mut Tx, who: &Who, order: &StopOrder) -> std::result::Result<(), Refusal> {
        let next = step(order, Event::Approve)?;
        let counts = matches!(order.asked.kind, OrderKind::Stop | OrderKind::ExtendStop);
        if counts {
            rows::lock_limit(tx, &order.asked).await?;
        }
        // From here the row is this transaction's: papers and limits that are read now are those that leave.
        let now = tx.now();
        rows::leave(order, next).set("checker", &who.user).set("decided_at", now).apply(tx).await?;
        let mut faults = Faults::none();
        if !self.post.knows(&order.asked.partner) {
            faults.push(texts::PARTNER_UNKNOWN.at("partner", &[("partner", order.asked.partner.as_str())]));
        }
        if matches!(order.asked.kind, OrderKind::Freeze | OrderKind::RenewFreeze)
            && rows::papers(tx, order.id).await?.is_empty()
        {
            faults.push(texts::PAPERS_MISSING.at("papers", &[]));
        }
        if counts {
            let used = rows::stops_used(tx, &order.asked, Some(order.id)).await?;
            if used >= self.parameters.stops_max {
                faults.push(stops_used_up(used, self.parameters.stops_max));
            }
        }
        faults.into_result().map_err(Refusal::Faults)?;
        self.send(tx, who, order.id, &order.number, &order.asked, Approver::Person(&who.user)).await
    }

    /// Seals an order that a person has just approved, or that was just made and a rule approves, and puts it into the
    /// outbox, all in the caller's transaction: approved is on its way.
    async fn send(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: OrderId,
        number: &str,
        asked: &NewOrder,
        approver: Approver<'_>,
    ) -> std::result::Result<(), Refusal> {
        let now = tx.now();
        let (words, rule) = match &approver {
            Approver::Person(login) => ((*login).to_owned(), None),
            Approver::Rule(rule) => (format!("常设规则「{}」（{}）", rule.name, rule.author), Some(rule.id)),
        };
        let legal_basis = match asked.kind {
            OrderKind::Stop | OrderKind::LiftStop | OrderKind::ExtendStop => &self.parameters.stop_basis,
            OrderKind::Freeze | OrderKind::LiftFreeze | OrderKind::RenewFreeze => &self.parameters.freeze_basis,
            _ => &self.parameters.query_basis,
        };
        let (attached, leaving) = match &approver {
            Approver::Person(_) => {
                let leaving = store::transition("stop_order", id).from(State::Sent.code());
                (rows::papers(tx, id).await?, leaving.expect("message_id", None::<String>))
            }
            // Nobody but this transaction has seen it.
            Approver::Rule(_) => {
                let leaving = store::transition("stop_order", id).from(State::Review.code()).to(State::Sent.code());
                (Vec::new(), leaving.set("decided_at", now))
            }
        };
        let order = wire::Order {
            order_id: id,
            number: number.to_owned(),
            case_number: asked.case.number.clone(),
            kind: asked.kind,
            account: wire::Account { number: asked.account_no.clone(), name: asked.account_name.clone() },
            check: asked.check.clone(),
            amount_minor: asked.amount_minor,
            currency: asked.currency.clone(),
            period: asked.period,
            until: asked.until,
            refers_to: asked.refers_to,
            level: asked.level,
            authority: Authority {
                unit: self.parameters.unit.clone(),
                approver: words.clone(),
                legal_basis: legal_basis.clone(),
                approval_level: asked.approval_level,
            },
            papers: attached
                .into_iter()
                .map(|p| wire::Paper { name: p.name, sha256: p.sha256, media_type: p.media_type })
                .collect(),
            include_interest: asked.include_interest,
            reason: asked.reason.clone(),
        };
        let expires_at = now + Duration::hours(self.parameters.answer_hours_max);
        let sealed = self.post.send(tx, &asked.partner, order, format!("order:{id}"), expires_at).await?;
        let answer_due = now + Duration::minutes(self.post.answer_minutes(&asked.partner));
        leaving
            .set("rule_id", rule)
            .set("sent_at", now)
            .set("message_id", sealed.id)
            .set("document", sealed.document)
            .set("answer_due", answer_due)
            .apply(tx)
            .await?;
        timers::set(tx, &format!("stop.overdue:{id}"), "stop.overdue", &id.to_string(), answer_due).await?;
        timers::set(tx, &format!("stop.expire:{id}"), "stop.expire", &id.to_string(), expires_at).await?;
        let body = json!({
            "number": number, "order_kind": asked.kind, "partner": &asked.partner, "by": words, "rule": rule,
            "message_id": sealed.id, "answer_due": answer_due,
        });
        tx.append(entry("order.sent", id, asked).body(&body), who).await?;
        Ok(())
    }

    async fn owned(&self, tx: &mut Tx, who: &Who, id: OrderId) -> Result<StopOrder> {
        let order = rows::load(tx, id).await?.ok_or(store::Error::NotFound { what: "order" })?;
        who.require_region(&order.asked.case.region)?;
        Ok(order)
    }

    /// Attaches a paper that the store keeps already; only before the order leaves. Needs `stop.make`.
    pub async fn attach(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: OrderId,
        paper: rows::AttachedPaper,
    ) -> std::result::Result<(), Refusal> {
        who.require("stop.make")?;
        let order = self.owned(tx, who, id).await?;
        if order.state != State::Review {
            return Err(state_conflict(&order));
        }
        // Beside an approval, a paper is either sealed with the order or refused.
        rows::leave(&order, order.state).apply(tx).await?;
        let now = tx.now();
        let attached = tx
            .execute(
                "INSERT INTO stop_paper (order_id, sha256, name, media_type, by_user, at) VALUES ($1,$2,$3,$4,$5,$6)
             ON CONFLICT (order_id, sha256) DO NOTHING",
                args![id, &paper.sha256, &paper.name, &paper.media_type, &who.user, now],
            )
            .await?;
        if attached == 0 {
            return Ok(());
        }
        let body = json!({ "number": order.number, "sha256": paper.sha256, "media_type": paper.media_type });
        tx.append(entry("order.paper_attached", id, &order.asked).body(&body), who).await?;
        Ok(())
    }

    /// Takes a bank's answer. The bank must be the one the order went to. An answer that fits nothing changes nothing
    /// but is journaled; a person looks at it.
    pub async fn answer(&self, tx: &mut Tx, from: &PartnerId, answer: &Answer) -> Result<()> {
        let who = Who::partner(from.as_str());
        let known = rows::load(tx, answer.order_id).await?.filter(|o| o.asked.partner == *from);
        if let Some(order) = known.as_ref().filter(|order| places_hold(order.asked.kind)) {
            rows::lock_holds(tx, &order.asked).await?;
        }
        let Some(order) = rows::take(tx, answer.order_id).await?.filter(|_| known.is_some()) else {
            let body = json!({ "order_id": answer.order_id, "from": from, "code": answer.code });
            tx.append(Entry::new("answer.unknown_order", format!("partner:{from}")).body(&body), &who).await?;
            tracing::warn!(partner = %from, "an answer to an order that this partner was never given");
            return Ok(());
        };
        let earlier = match order.asked.refers_to {
            Some(earlier) => rows::load(tx, earlier).await?,
            None => None,
        };
        let believed::Believed { word, doubts, refused } =
            believed::believe(&order, earlier.as_ref(), answer, tx.now(), &self.parameters);
        let answer = &word;
        let event = match order.state {
            State::Waiting if matches!(answer.code, AnswerCode::Done | AnswerCode::DoneInPart) => Event::TakeEffect,
            _ => Event::Answer(answer.code),
        };
        let Ok(next) = model::apply(order.asked.kind, order.state, event) else {
            let body = json!({ "number": order.number, "state": order.state, "code": answer.code });
            tx.append(entry("answer.out_of_turn", order.id, &order.asked).body(&body), &who).await?;
            return Ok(());
        };
        let now = tx.now();
        let ended = (!matches!(next, State::InEffect | State::Waiting)).then_some(now);
        let holds = matches!(next, State::InEffect | State::Waiting);
        let text = serde_json::to_string(answer).map_err(|e| store::Error::Corrupt(e.to_string()))?;
        let mut answered = rows::leave(&order, next)
            .set("answered_at", now)
            .set("answer_code", answer.code.code())
            .set("answer", text)
            .set("held_minor", answer.held_minor.filter(|_| holds))
            .set("hold_until", answer.until.filter(|_| holds))
            .set("ended_at", ended);
        // Of a watch is counted what was pushed, which may have come before the answer.
        if order.asked.kind != OrderKind::Watch {
            let movements = answer.transactions.as_ref().map_or(0, Vec::len);
            answered = answered
                .set("movements", i64::try_from(movements).unwrap_or(i64::MAX))
                .set("lines_refused", i64::try_from(refused).unwrap_or(i64::MAX))
                .set("lines_refused_at", (refused > 0).then_some(now));
        }
        answered.apply(tx).await?;
        self.doubt(tx, &who, &order, &doubts.0).await?;
        timers::cancel(tx, &format!("stop.overdue:{}", order.id)).await?;
        timers::cancel(tx, &format!("stop.expire:{}", order.id)).await?;
        let late = self.overtaken(tx, &order, answer, next).await?;
        if let Some(until) = answer.until.filter(|_| next == State::InEffect && late.is_none()) {
            self.warn_before(tx, order.id, until).await?;
        }
        self.follow_up(tx, &who, &order, answer).await?;
        let body = json!({
            "order_id": order.id, "number": order.number, "order_kind": order.asked.kind, "code": answer.code,
            "partner": from, "state": next, "held_minor": answer.held_minor, "until": answer.until,
            "mismatches": answer.mismatches, "movements": answer.transactions.as_ref().map(Vec::len),
            "level": order.asked.level,
        });
        tx.append(entry("order.answered", order.id, &order.asked).body(&body), &who).await?;
        if let Some((event, kind)) = late {
            self.end(tx, &who, order.id, event, kind).await?;
        }
        Ok(())
    }

    /// Keeps what of a bank's word is doubted, where the desk sees it.
    async fn doubt(&self, tx: &mut Tx, who: &Who, order: &StopOrder, doubts: &[Fault]) -> Result<()> {
        if doubts.is_empty() {
            return Ok(());
        }
        rows::doubt(tx, order.id, doubts).await?;
        let codes: Vec<&str> = doubts.iter().map(|doubt| doubt.said.code.as_str()).collect();
        let body = json!({ "number": order.number, "partner": order.asked.partner, "doubts": codes });
        tx.append(entry("answer.doubted", order.id, &order.asked).body(&body), who).await
    }

    /// What had happened to a hold at the bank before word of it came. Answers travel by themselves: one that was held up
    /// may come behind the end of its own hold, or behind the answer of the order that took its place.
    async fn overtaken(
        &self,
        tx: &mut Tx,
        order: &StopOrder,
        answer: &Answer,
        next: State,
    ) -> Result<Option<(Event, &'static str)>> {
        let (State::InEffect, Some(until)) = (next, answer.until) else { return Ok(None) };
        if until <= tx.now() {
            return Ok(Some((Event::Lapse, "order.lapsed")));
        }
        if order.asked.kind != OrderKind::Stop {
            return Ok(None);
        }
        let (later,): (i64,) = tx
            .fetch_one(
                "SELECT COUNT(*) FROM stop_order WHERE case_id = $1 AND partner = $2 AND account_no = $3 AND id <> $4
                    AND state = 'in_effect' AND (kind = 'freeze' OR kind = 'stop' AND hold_until > $5)",
                args![order.asked.case.id, &order.asked.partner, &order.asked.account_no, order.id, until],
            )
            .await?;
        Ok((later > 0).then_some((Event::Replace, "order.replaced")))
    }

    /// What an answer means for the earlier order that it speaks of, and for a stop that a freeze replaces.
    async fn follow_up(&self, tx: &mut Tx, who: &Who, order: &StopOrder, answer: &Answer) -> Result<()> {
        let in_line = places_hold(order.asked.kind) && answer.code == AnswerCode::WaitingInLine;
        if !matches!(answer.code, AnswerCode::Done | AnswerCode::DoneInPart) && !in_line {
            return Ok(());
        }
        match order.asked.kind {
            OrderKind::LiftStop | OrderKind::LiftFreeze => {
                if let Some(earlier) = order.asked.refers_to {
                    self.end(tx, who, earlier, Event::Lift, "order.lifted").await?;
                }
            }
            OrderKind::ExtendStop | OrderKind::RenewFreeze => {
                if let (Some(earlier), Some(until)) = (order.asked.refers_to, answer.until) {
                    let hold = rows::take(tx, earlier).await?;
                    if let Some(hold) = hold.filter(|h| matches!(h.state, State::InEffect | State::Waiting)) {
                        rows::leave(&hold, hold.state).set("hold_until", until).apply(tx).await?;
                        self.warn_before(tx, earlier, until).await?;
                    }
                }
            }
            // A freeze takes the place of the stop, and a second stop, for more, that of the first; one that has to
            // wait in line takes only the place of one that waited too.
            OrderKind::Freeze | OrderKind::Stop => {
                let began_by = match order.asked.kind {
                    OrderKind::Stop => answer.until.unwrap_or(Timestamp(i64::MAX)),
                    _ => Timestamp(i64::MAX),
                };
                let stops: Vec<(String,)> = tx
                    .fetch_all(
                        "SELECT id FROM stop_order WHERE case_id = $1 AND partner = $2 AND account_no = $3
                            AND kind = 'stop' AND (state = 'waiting' OR state = 'in_effect' AND $4) AND id <> $5
                            AND (hold_until IS NULL OR hold_until <= $6)",
                        args![
                            order.asked.case.id,
                            &order.asked.partner,
                            &order.asked.account_no,
                            !in_line,
                            order.id,
                            began_by
                        ],
                    )
                    .await?;
                for (stop,) in stops {
                    let stop = stop.parse().map_err(|_| store::Error::Corrupt("order: id".into()))?;
                    self.end(tx, who, stop, Event::Replace, "order.replaced").await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn end(&self, tx: &mut Tx, who: &Who, id: OrderId, event: Event, kind: &str) -> Result<bool> {
        let Some(order) = rows::take(tx, id).await? else { return Ok(false) };
        let Ok(next) = model::apply(order.asked.kind, order.state, event) else { return Ok(false) };
        let now = tx.now();
        rows::leave(&order, next).set("ended_at", now).apply(tx).await?;
        for n in 0..self.parameters.warnings_minutes.len() {
            timers::cancel(tx, &format!("stop.ending:{id}:{n}")).await?;
        }
        let body = json!({ "number": order.number, "held_minor": order.held_minor, "currency": order.asked.currency });
        tx.append(entry(kind, id, &order.asked).body(&body), who).await?;
        Ok(true)
    }

    /// A hold has ended by itself at the bank.
    pub async fn lapse(&self, tx: &mut Tx, from: &PartnerId, lapse: &Lapse) -> Result<()> {
        let who = Who::partner(from.as_str());
        let known = rows::load(tx, lapse.order_id).await?.filter(|o| o.asked.partner == *from);
        if let Some(order) = known {
            // The row is held before anything is added to it: the word may come twice at once.
            let Some(order) = rows::take(tx, order.id).await? else { return Ok(()) };
            if matches!(order.state, State::InEffect | State::Waiting) {
                let early = believed::lapsed(&order, tx.now());
                self.doubt(tx, &who, &order, early.as_slice()).await?;
            }
            self.end(tx, &who, lapse.order_id, Event::Lapse, "order.lapsed").await?;
        } else {
            let body = json!({ "order_id": lapse.order_id, "from": from });
            tx.append(Entry::new("lapse.unknown_order", format!("partner:{from}")).body(&body), &who).await?;
        }
        Ok(())
    }

    /// A watched account has moved: the desk sees it at once, and the chase follows it; the other side of each movement
    /// stays personal.
    pub async fn watched(&self, tx: &mut Tx, from: &PartnerId, push: &wire::MovementPush) -> Result<()> {
        let who = Who::partner(from.as_str());
        let Some(order) = rows::load(tx, push.order_id).await?.filter(|o| o.asked.partner == *from) else {
            let body = json!({ "order_id": push.order_id, "from": from });
            return tx.append(Entry::new("watch.unknown_order", format!("partner:{from}")).body(&body), &who).await;
        };
        // The row of the order is held first: two pushes at once get positions that follow each other.
        let Some(order) = rows::take(tx, order.id).await? else { return Ok(()) };
        let now = tx.now();
        // A push may overtake the answer to the order.
        let watches = order.asked.kind == OrderKind::Watch
            && matches!(order.state, State::Sent | State::Done | State::Expired)
            && order.asked.account_no == kernel::AccountNo::normal(&push.account);
        if !watches {
            return self.doubt(tx, &who, &order, &[believed::not_watched()]).await;
        }
        let ended_at = rows::watch_ended(tx, order.id).await?;
        let believed::Believed { word: movements, mut doubts, refused } =
            believed::pushed(&order, ended_at, &push.movements, now);
        let rows::Pushed { kept: movements, beyond, changed } = rows::keep_pushed(tx, order.id, movements).await?;
        if beyond > 0 {
            doubts.push(believed::pushed_too_many(rows::PUSHED_MAX, beyond));
        }
        if changed > 0 {
            doubts.push(believed::pushed_changed(changed));
        }
        rows::count_refused(tx, order.id, refused + beyond + changed).await?;
        self.doubt(tx, &who, &order, &doubts.0).await?;
        if movements.is_empty() {
            return Ok(());
        }
        let moved: Vec<_> = movements
            .iter()
            .map(|m| {
                json!({ "at": m.at, "direction": m.direction, "amount_minor": m.amount_minor,
                "currency": m.currency, "channel": m.channel })
            })
            .collect();
        let body = json!({ "number": order.number, "account": tail(&order.asked.account_no), "movements": moved });
        let entry = entry("watch.moved", order.id, &order.asked).body(&body).private(&movements);
        tx.append(entry, &who).await
    }

    async fn warn_before(&self, tx: &mut Tx, id: OrderId, until: Timestamp) -> Result<()> {
        let now = tx.now();
        for (n, before) in self.parameters.warnings().into_iter().enumerate() {
            let key = format!("stop.ending:{id}:{n}");
            if until - before > now {
                timers::set(tx, &key, "stop.ending", &id.to_string(), until - before).await?;
            } else {
                timers::cancel(tx, &key).await?;
            }
        }
        Ok(())
    }

    /// Handles one due timer of this desk.
    pub async fn due(&self, tx: &mut Tx, timer: &timers::Timer) -> Result<()> {
        let id: OrderId = timer.subject.parse().map_err(|_| store::Error::Corrupt("timer subject".into()))?;
        // The order before its timer, as an answer takes them.
        let order = rows::take(tx, id).await?;
        if !timers::done(tx, timer).await? {
            return Ok(());
        }
        let Some(order) = order else { return Ok(()) };
        let who = Who::system("stop");
        match timer.kind.as_str() {
            "stop.overdue" if order.state == State::Sent => {
                let escalation = order.escalation + 1;
                rows::leave(&order, order.state).set("escalation", escalation).apply(tx).await?;
                if escalation < 2 {
                    let minutes = self.post.answer_minutes(&order.asked.partner);
                    let due = tx.now() + Duration::minutes(minutes);
                    timers::set(tx, &timer.key, "stop.overdue", &timer.subject, due).await?;
                }
                let body = json!({
                    "number": order.number, "partner": order.asked.partner, "escalation": escalation,
                    "contact": self.post.contact(&order.asked.partner, escalation),
                });
                tx.append(entry("order.overdue", id, &order.asked).body(&body), &who).await?;
            }
            "stop.expire" => {
                if let Ok(next) = model::apply(order.asked.kind, order.state, Event::Expire) {
                    let now = tx.now();
                    rows::leave(&order, next).set("ended_at", now).apply(tx).await?;
                    tx.append(entry("order.expired", id, &order.asked).body(&json!({ "number": order.number })), &who)
                        .await?;
                }
            }
            "stop.ending" if order.state == State::InEffect => {
                let body =
                    json!({ "number": order.number, "hold_until": order.hold_until, "held_minor": order.held_minor });
                tx.append(entry("order.ending_soon", id, &order.asked).body(&body), &who).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn stops_used_up(used: i64, max: i64) -> Fault {
    texts::STOPS_USED_UP.at("account", &[("count", &used.to_string()), ("max", &max.to_string())])
}

fn step(order: &StopOrder, event: Event) -> std::result::Result<State, Refusal> {
    model::apply(order.asked.kind, order.state, event).map_err(|_| state_conflict(order))
}

fn state_conflict(order: &StopOrder) -> Refusal {
    Refusal::Conflict(texts::STATE.say(&[("number", &order.number), ("state", order.state.code())]))
}

/// The last four characters of an account behind stars: what the journal shows.
pub(crate) fn tail(account: &str) -> String {
    let skip = account.chars().count().saturating_sub(4);
    format!("****{}", account.chars().skip(skip).collect::<String>())
}

fn entry(kind: &str, id: OrderId, asked: &NewOrder) -> Entry {
    Entry::new(kind, format!("order:{id}")).case(asked.case.id).region(&asked.case.region)
}
