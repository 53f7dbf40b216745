//! What follows from what is known of a case: the orders that the chase makes next, the most money first, and what it
//! leaves to a person. Pure: reads what is kept and makes nothing.
//!
//! Invariant: what a person decided about an account stays until a person orders again. The chase orders nothing about
//! it; when more of the victim's money turns out to have come in since, it puts one order to a person and says in words
//! what is new.

use std::collections::HashMap;

use kernel::{Currency, Duration, Money, Timestamp};
use trace::{AccountKey, Ask, Frontier, TaintedTransfer, Target, Traced};
use wire::{AnswerCode, OrderKind, PartnerId};

use super::desk::{Desk, Kept};
use super::flow::{Unfinished, Why};
use super::read::{self, OrderBrief};
use super::store::{Chase, ChaseState};
use super::texts;
use crate::stop::model::State;
use crate::stop::{self, Basis, Ground, NewOrder};

/// Queries of one account in one case at most, further pages of a statement not counted.
const QUERIES_MAX: usize = 3;
/// Further pages of one account's statements that are asked for in one case at most; a bank that says `more` beyond them
/// is left to a person.
const PAGES_MAX: usize = 250;
/// Transfers named in the words of an order at most; the order keeps all of them.
const NAMED_MAX: usize = 5;

/// More orders follow than the chase issues by itself.
pub(super) const ORDERS_BEYOND: &str = "orders_beyond";
/// A statement is not complete and nobody asks for the rest.
pub(super) const STATEMENT_INCOMPLETE: &str = "statement_incomplete";
/// The stop desk would not make an order.
pub(super) const ORDER_NOT_MADE: &str = "order_not_made";
/// A paused chase has got new payments.
pub(super) const PAUSED_WITH_NEWS: &str = "paused_with_news";
/// A payment cannot be followed.
pub(super) const PAYMENT_UNFIT: &str = "payment_unfit";
/// Turns of the case fail.
pub(super) const STUCK: &str = "stuck";

/// An order to be made, with what it rests on.
pub(super) struct Planned {
    pub(super) account: AccountKey,
    pub(super) order: NewOrder,
    pub(super) basis: Basis,
    /// The victim's money that it is about, minor units.
    weight_minor: i64,
    /// When it last came in.
    fresh_at: Timestamp,
}

/// The orders that follow, the largest amount and the freshest first, and how many the chase may make now.
pub(super) struct Plan {
    pub(super) orders: Vec<Planned>,
    /// How many of them may go by themselves.
    pub(super) room: usize,
    /// Whether some statement of an account that is followed is not complete.
    pub(super) incomplete: bool,
    /// What waits for a person.
    pub(super) waits: read::Waits,
}

/// Works out what follows. A paused chase orders nothing.
pub(super) fn plan(desk: &Desk, chase: &Chase, kept: &Kept, traced: &Traced, now: Timestamp) -> Plan {
    let parameters = &desk.stop.parameters;
    let paused = chase.state == ChaseState::Paused;
    let mut orders = Vec::new();
    let mut waits = read::Waits::new();
    let mut incomplete = false;
    let frontier = traced.frontier();
    let asks: HashMap<&AccountKey, &Frontier> = frontier.iter().map(|f| (&f.account, f)).collect();
    let mut inward: HashMap<&AccountKey, Vec<&TaintedTransfer>> = HashMap::new();
    for transfer in traced.transfers().iter().filter(|t| t.exit.is_none()) {
        if let Target::Account(to) = &transfer.to {
            inward.entry(to).or_default().push(transfer);
        }
    }
    let more_to_come = kept.known.unfinished.iter().any(|(account, rests)| {
        rests.iter().any(|rest| !rest.is_stuck()) && pages(kept.orders_of(account)) < PAGES_MAX
    });
    let step = Step { desk, chase, kept, traced, inward, more_to_come, now };
    for flow in traced.accounts() {
        let followed = flow.level <= parameters.chase_levels_max
            && flow.received_minor >= parameters.chase_amount_minor_min
            && desk.reachable(&flow.account);
        if !followed {
            continue;
        }
        let about: Vec<&OrderBrief> = kept.orders_of(&flow.account).collect();
        let unfinished = kept.known.unfinished_of(&flow.account);
        incomplete |= !unfinished.is_empty();
        let next = if kept.not_made.contains_key(&flow.account) {
            None
        } else {
            step.next_stop(flow, &about)
                .or_else(|| step.next_holder(flow, &about))
                .or_else(|| step.next_page(flow, &about))
                .or_else(|| asks.get(&flow.account).and_then(|frontier| step.next_query(frontier, &about)))
        };
        let asking = about.iter().any(|o| o.kind == OrderKind::QueryTransactions && o.state.is_open());
        let asked_next = next.as_ref().is_some_and(|p| p.order.kind == OrderKind::QueryTransactions);
        let stopping = next.is_some() || about.iter().any(|o| o.kind == OrderKind::Stop && o.state.is_open());
        let stuck = unfinished.iter().any(Unfinished::is_stuck);
        if let Some(said) = incomplete_in_words(&flow.account, unfinished)
            && !asking
            && !asked_next
            && (!stopping || stuck)
        {
            let key = super::api::key(&flow.account.bank, &flow.account.number);
            waits.insert((STATEMENT_INCOMPLETE.to_owned(), key), said);
        }
        orders.extend(next);
    }
    // A stop is lifted only when all is known: a page or a payment that is missing may bring more of the victim's money.
    if orders.is_empty() && kept.open() == 0 && !incomplete && kept.lacks_nothing() {
        orders = traced.accounts().iter().filter_map(|flow| step.next_lift(flow)).collect();
    }
    if paused {
        orders.clear();
    }
    // The largest tainted amount first, then the freshest: what can still be saved is saved first.
    orders.sort_by(|a, b| (b.weight_minor, b.fresh_at, &a.account).cmp(&(a.weight_minor, a.fresh_at, &b.account)));
    let room = room(desk, chase, kept);
    if orders.len() > room {
        let beyond = orders.get(room..).unwrap_or_default();
        let minor = beyond.iter().fold(0_i64, |sum, planned| sum.saturating_add(planned.weight_minor));
        let said = texts::ORDERS_BEYOND.say(&[
            ("count", &beyond.len().to_string()),
            ("amount", &amount(minor, &chase.currency)),
            ("made", &kept.orders_of_chase().to_string()),
        ]);
        waits.insert((ORDERS_BEYOND.to_owned(), String::new()), said);
    }
    for (account, (_, why)) in &kept.not_made {
        let said = texts::ORDER_NOT_MADE.say(&[("account", &stop::tail(&account.number)), ("why", why)]);
        waits.insert((ORDER_NOT_MADE.to_owned(), super::api::key(&account.bank, &account.number)), said);
    }
    for payment in &kept.known.unfit {
        let place = payment.rsplit(':').next().unwrap_or_default();
        waits.insert((PAYMENT_UNFIT.to_owned(), payment.clone()), texts::PAYMENT_UNFIT.say(&[("payment", place)]));
    }
    if paused {
        let key = (PAUSED_WITH_NEWS.to_owned(), String::new());
        if let Some(said) = kept.waits.get(&key) {
            waits.insert(key, said.clone());
        }
    }
    Plan { orders, room, incomplete, waits }
}

/// What is not complete of an account's statement, in words.
fn incomplete_in_words(account: &AccountKey, unfinished: &[Unfinished]) -> Option<kernel::Said> {
    let first = unfinished.first()?;
    let account = stop::tail(&account.number);
    let refused = unfinished.iter().fold(0_usize, |sum, rest| match rest.why {
        Why::Refused(count) => sum.saturating_add(count),
        Why::More | Why::NoProgress => sum,
    });
    Some(match refused {
        0 => texts::STATEMENT_INCOMPLETE.say(&[("account", &account), ("from", &first.from.written())]),
        count => texts::LINES_REFUSED.say(&[("account", &account), ("count", &count.to_string())]),
    })
}

/// Further pages that were asked for.
fn pages<'a>(orders: impl Iterator<Item = &'a OrderBrief>) -> usize {
    orders.filter(|order| order.continues).count()
}

/// Whether a person has frozen the account, or wants to: what is held there then is his to say. A bank that has frozen an
/// account for a case stops it no more.
fn is_frozen(orders: &[&OrderBrief]) -> bool {
    let stands = |state| matches!(state, State::Review | State::Sent | State::Waiting | State::InEffect);
    orders.iter().any(|o| o.kind == OrderKind::Freeze && stands(o.state))
}

/// How many orders the chase may make now by itself.
fn room(desk: &Desk, chase: &Chase, kept: &Kept) -> usize {
    let parameters = &desk.stop.parameters;
    let made = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let in_all = parameters.chase_orders_max.saturating_sub(made(kept.orders_len()));
    let allowed = parameters.chase_orders_before_asking.saturating_add(chase.orders_allowed);
    let before_asking = allowed.saturating_sub(made(kept.orders_of_chase()));
    usize::try_from(in_all.min(before_asking)).unwrap_or(0)
}

/// Everything that one look at a case reads.
struct Step<'a> {
    desk: &'a Desk,
    chase: &'a Chase,
    kept: &'a Kept,
    traced: &'a Traced,
    /// Tainted transfers by payee.
    inward: HashMap<&'a AccountKey, Vec<&'a TaintedTransfer>>,
    /// Whether some bank is still to tell more of a statement.
    more_to_come: bool,
    now: Timestamp,
}

impl Step<'_> {
    fn amount_min(&self) -> i64 {
        self.desk.stop.parameters.chase_amount_minor_min.max(1)
    }

    fn inward(&self, account: &AccountKey) -> impl Iterator<Item = &TaintedTransfer> {
        self.inward.get(account).into_iter().flatten().copied()
    }

    fn grounds(&self, account: &AccountKey) -> Vec<Ground> {
        grounds_from(self.kept, self.inward(account), account)
    }

    fn planned(&self, flow: &trace::AccountFlow, order: NewOrder, weight_minor: i64) -> Planned {
        Planned { account: flow.account.clone(), order, basis: Basis::default(), weight_minor, fresh_at: flow.last_at }
    }

    /// A stop for what the account may still hold: the first when the account is found, a second, for all of it, when
    /// more of the victim's money turns out to have reached it. The second replaces the first at the bank.
    fn next_stop(&self, flow: &trace::AccountFlow, orders: &[&OrderBrief]) -> Option<Planned> {
        let stops: Vec<_> = orders.iter().filter(|o| o.kind == OrderKind::Stop).collect();
        let allowed = usize::try_from(self.desk.stop.parameters.stops_max).unwrap_or(0);
        let in_effect: Vec<&OrderBrief> =
            stops.iter().copied().copied().filter(|o| o.state == State::InEffect).collect();
        // A person has asked for a lift: until it is decided the account is his.
        let lifting = orders.iter().any(|o| {
            matches!(o.kind, OrderKind::LiftStop | OrderKind::LiftFreeze)
                && o.state == State::Review
                && o.maker != stop::CHASE
        });
        if lifting || is_frozen(orders) || in_effect.iter().any(|o| o.amount_minor.is_none()) {
            return None;
        }
        let limit = in_effect.iter().filter_map(|o| o.amount_minor).fold(0_i64, i64::saturating_add);
        let decided = self.kept.decided(&flow.account);
        // Victims who have reported since a person decided are new evidence, whether the bank lists their payment or not.
        let reported = decided.map_or(0, |decided| {
            let since = self.reported_since(&flow.account, decided);
            since.iter().fold(0_i64, |sum, (_, minor)| sum.saturating_add(*minor))
        });
        let missing = (flow.remaining_minor - limit).max(reported);
        if missing < self.amount_min() {
            return None;
        }
        let name = self.kept.known.names.get(&flow.account)?.clone();
        let grounds = self.grounds(&flow.account);
        let check = check_of(&grounds, &self.chase.currency, stops.len())?;
        let mut order = about(self.chase, &flow.account, flow.level)?;
        order.kind = OrderKind::Stop;
        order.account_name = Some(name);
        order.check = Some(check);
        let case = &self.chase.case;
        let mut news = None;
        if let Some(decided) = decided {
            let fresh = (flow.received_minor - decided.received_minor).max(reported);
            let used = stops.iter().filter(|o| o.state.counts_as_stop()).count();
            if fresh < self.amount_min() || used >= allowed || stops.iter().any(|o| o.state.is_open()) {
                return None;
            }
            order.amount_minor = Some(limit + missing.min(fresh));
            order.dedup = Some(format!("stop-news:{}:{}:{}", case.id, flow.account, decided.order));
            news = Some(self.news(flow, decided, fresh));
        } else {
            let over = |o: &&&&OrderBrief| matches!(o.state, State::Replaced | State::Lifted);
            let settled = in_effect.len() + stops.iter().filter(over).count() == stops.len();
            // A freeze that ran out was left to run out, as a stop.
            let ran_out = orders.iter().any(|o| o.kind == OrderKind::Freeze && o.state == State::Lapsed);
            // The last stop is not spent while pages of a statement are still to come: they may bring more.
            let more_to_come = !stops.is_empty() && self.more_to_come;
            if stops.len() >= allowed || !settled || ran_out || more_to_come {
                return None;
            }
            order.amount_minor = Some(flow.remaining_minor);
            order.dedup = Some(format!("stop:{}:{}:{}", case.id, flow.account, stops.len()));
        }
        order.reason = if flow.level <= 1 {
            format!("案件{}被害人直接转入的账户", case.number)
        } else {
            format!("案件{}第{}级账户，追踪到被害人资金", case.number, flow.level)
        };
        order.reason.push_str(&named(&grounds, &self.chase.currency));
        let mut planned = self.planned(flow, order, missing);
        planned.basis = Basis { grounds, news };
        Some(planned)
    }

    /// Payments into the account that victims reported since a person decided about it.
    fn reported_since(&self, account: &AccountKey, decided: &read::Decided) -> Vec<(Timestamp, i64)> {
        let since = |id: &str| self.kept.added_at.get(id).is_some_and(|added| *added > decided.at);
        let payments = self.kept.known.payments.iter().filter(|p| p.payee == *account && since(&p.id));
        payments.map(|p| (p.at, p.amount_minor)).collect()
    }

    /// What is new since a person decided about the account, in words.
    fn news(&self, flow: &trace::AccountFlow, decided: &read::Decided, fresh_minor: i64) -> kernel::Said {
        let currency = &self.chase.currency;
        let mut seen = self.reported_since(&flow.account, decided);
        if seen.is_empty() {
            let mut inward: Vec<(Timestamp, i64)> =
                self.inward(&flow.account).map(|t| (t.at, t.tainted_minor)).collect();
            inward.sort_unstable_by_key(|(at, _)| std::cmp::Reverse(*at));
            let mut left = fresh_minor;
            seen.extend(inward.into_iter().take_while(|(_, minor)| {
                let more = left > 0;
                left -= minor;
                more
            }));
        }
        seen.sort_unstable();
        let words: Vec<String> = seen
            .iter()
            .take(NAMED_MAX)
            .map(|(at, minor)| format!("{} {}", at.written(), amount(*minor, currency)))
            .collect();
        texts::NEWS.say(&[
            ("at", &decided.at.written()),
            ("by", &decided.by),
            ("number", &decided.number),
            ("reason", &decided.reason),
            ("amount", &amount(fresh_minor, currency)),
            ("payments", &words.join("; ")),
        ])
    }

    /// A query of the holder, where the victim knew the account and not the name: without a name no bank compares its
    /// four points, so nothing could be stopped. Asked once; the answer names the holder, and the stop follows.
    fn next_holder(&self, flow: &trace::AccountFlow, orders: &[&OrderBrief]) -> Option<Planned> {
        let asked = orders.iter().any(|o| matches!(o.kind, OrderKind::QueryHolder | OrderKind::Stop));
        let too_little = flow.remaining_minor < self.amount_min();
        if asked
            || too_little
            || is_frozen(orders)
            || self.kept.known.names.contains_key(&flow.account)
            || self.kept.decided(&flow.account).is_some()
        {
            return None;
        }
        let case = &self.chase.case;
        let mut order = about(self.chase, &flow.account, flow.level)?;
        order.kind = OrderKind::QueryHolder;
        order.reason = format!("案件{}：受害人不知第{}级账户户名，查明后止付", case.number, flow.level);
        order.check = Some(wire::Check {
            amount_minor: flow.received_minor,
            currency: self.chase.currency.clone(),
            at: case.reported_at,
            reference: None,
        });
        order.dedup = Some(format!("holder:{}:{}", case.id, flow.account));
        Some(self.planned(flow, order, flow.remaining_minor))
    }

    /// A lift, when nothing of the victim's money is left in an account that is known to the end: what the stop still
    /// holds there is somebody's own. Asked for only when nothing else is on its way that could bring more, and once a
    /// stop. A stop that a person decided is lifted by a person.
    fn next_lift(&self, flow: &trace::AccountFlow) -> Option<Planned> {
        let complete = self.kept.known.unfinished_of(&flow.account).is_empty();
        let orders: Vec<&OrderBrief> = self.kept.orders_of(&flow.account).collect();
        let emptied =
            flow.remaining_minor == 0 && flow.ask.is_none() && complete && self.kept.known.flow.knows(&flow.account);
        let stop = self.kept.orders_of(&flow.account).find(|o| {
            o.kind == OrderKind::Stop && o.state == State::InEffect && o.held_minor.is_some_and(|held| held > 0)
        })?;
        let asked =
            self.kept.orders_of(&flow.account).any(|o| o.kind == OrderKind::LiftStop && o.refers_to == Some(stop.id));
        if !emptied || asked || is_frozen(&orders) || self.kept.not_made.contains_key(&flow.account) {
            return None;
        }
        let by_person = self.kept.orders_of(&flow.account).find(|o| {
            (o.id == stop.id || o.kind == OrderKind::ExtendStop && o.refers_to == Some(stop.id))
                && (o.checker.is_some() || o.maker != stop::CHASE)
        });
        let mut order = about(self.chase, &flow.account, flow.level)?;
        order.kind = OrderKind::LiftStop;
        order.refers_to = Some(stop.id);
        order.reason = format!("案件{}：追踪确认该账户内已无被害人资金，余额不应继续控制", self.chase.case.number);
        order.dedup = Some(format!("lift:{}", stop.id));
        let mut planned = self.planned(flow, order, stop.held_minor.unwrap_or(0));
        planned.basis.news = by_person.map(|o| {
            let by = o.checker.as_deref().unwrap_or(&o.maker);
            texts::LIFT_OF_PERSON.say(&[("by", by), ("number", &o.number)])
        });
        Some(planned)
    }

    /// Whether the account may be asked about by the chase at all: nothing decides about it now, and no person has said
    /// no.
    fn may_ask(&self, account: &AccountKey, orders: &[&OrderBrief]) -> bool {
        let before = |o: &OrderBrief| matches!(o.kind, OrderKind::Stop | OrderKind::QueryHolder);
        let stopping = orders
            .iter()
            .any(|o| before(o) && o.state.is_open() || o.kind == OrderKind::Freeze && o.state == State::Sent);
        let nothing_there = orders.iter().any(|o| o.answer_code == Some(AnswerCode::NoSuchAccount));
        let vetoed = orders.iter().any(|o| matches!(o.state, State::Refused | State::Cancelled));
        let asking = orders
            .iter()
            .any(|o| o.kind == OrderKind::QueryTransactions && (o.state.is_open() || o.state == State::Rejected));
        !(stopping || nothing_there || vetoed || asking || self.kept.decided(account).is_some())
    }

    /// The next page of a statement that is not complete: from the time of the last line told, so that pages overlap and
    /// miss nothing (protocol 9.2).
    fn next_page(&self, flow: &trace::AccountFlow, orders: &[&OrderBrief]) -> Option<Planned> {
        let rest = self.kept.known.unfinished_of(&flow.account).iter().find(|rest| !rest.is_stuck())?;
        // Counted by the orders, as they stand in the database: whatever is built anew in memory, a page that was never
        // answered is asked for under a name of its own.
        let page = pages(orders.iter().copied()) + 1;
        if page > PAGES_MAX || !self.may_ask(&flow.account, orders) {
            return None;
        }
        let case = &self.chase.case;
        let mut order = self.query(flow)?;
        order.period = Some(wire::Period { from: rest.from, to: rest.to.max(rest.from + Duration::seconds(1)) });
        order.reason = format!("案件{}追踪第{}级账户资金去向（续查第{}页）", case.number, flow.level, page + 1);
        order.dedup = Some(format!("{}{}:{}:{page}", read::CONTINUES, case.id, flow.account));
        Some(self.planned(flow, order, flow.remaining_minor.max(1)))
    }

    fn query(&self, flow: &trace::AccountFlow) -> Option<NewOrder> {
        let mut order = about(self.chase, &flow.account, flow.level)?;
        order.kind = OrderKind::QueryTransactions;
        order.check = Some(wire::Check {
            amount_minor: flow.received_minor.max(1),
            currency: self.chase.currency.clone(),
            at: flow.first_at,
            reference: None,
        });
        Some(order)
    }

    /// A query of transactions, once the stop is decided: what is known then is final.
    fn next_query(&self, frontier: &Frontier, orders: &[&OrderBrief]) -> Option<Planned> {
        let asked = orders.iter().filter(|o| o.kind == OrderKind::QueryTransactions && !o.continues).count();
        if asked >= QUERIES_MAX || !self.may_ask(&frontier.account, orders) {
            return None;
        }
        let flow = self.traced.account(&frontier.account)?;
        let from = match frontier.ask {
            Ask::NoStatement | Ask::Underway => frontier.first_at,
            Ask::After(last) => last,
        };
        let (case, parameters) = (&self.chase.case, &self.desk.stop.parameters);
        // Without the name: a name that the victim misheard must not keep us from seeing where the money went.
        let mut order = self.query(flow)?;
        order.period = Some(wire::Period {
            from: from - Duration::minutes(parameters.query_before_minutes),
            to: self.now.max(frontier.first_at) + Duration::seconds(1),
        });
        order.reason = format!("案件{}追踪第{}级账户资金去向", case.number, frontier.level);
        order.dedup = Some(format!("query:{}:{}:{asked}", case.id, frontier.account));
        Some(self.planned(flow, order, flow.remaining_minor.max(frontier.received_minor)))
    }
}

/// An order about an account of a chase, with the kind and the reason yet to be said.
pub(super) fn about(chase: &Chase, account: &AccountKey, level: u32) -> Option<NewOrder> {
    Some(NewOrder {
        case: chase.case.clone(),
        partner: PartnerId::parse(&account.bank).ok()?,
        kind: OrderKind::Stop,
        account_no: account.number.to_string(),
        account_name: None,
        currency: chase.currency.clone(),
        check: None,
        amount_minor: None,
        period: None,
        until: None,
        refers_to: None,
        level,
        include_interest: false,
        approval_level: None,
        reason: String::new(),
        dedup: None,
    })
}

/// A transfer of the victim's money into the account, for the bank's check: another one for a second stop.
pub(super) fn check_of(all: &[Ground], currency: &str, nth: usize) -> Option<wire::Check> {
    let ground = all.get(nth).or(all.first())?;
    Some(wire::Check {
        amount_minor: ground.amount_minor,
        currency: currency.to_owned(),
        at: ground.at,
        reference: ground.reference.clone(),
    })
}

/// Every transfer of the victim's money into the account: his own payments first, then those of other accounts.
pub(super) fn grounds(kept: &Kept, traced: &Traced, account: &AccountKey) -> Vec<Ground> {
    let into = |t: &&TaintedTransfer| t.exit.is_none() && matches!(&t.to, Target::Account(to) if to == account);
    grounds_from(kept, traced.transfers().iter().filter(into), account)
}

fn grounds_from<'a>(
    kept: &Kept,
    transfers: impl Iterator<Item = &'a TaintedTransfer>,
    account: &AccountKey,
) -> Vec<Ground> {
    let payments = kept.known.payments.iter().filter(|p| p.payee == *account).map(|p| Ground {
        from: p.payer.as_ref().map(|payer| (payer.bank.to_string(), payer.number.to_string())),
        amount_minor: p.amount_minor,
        tainted_minor: p.amount_minor,
        at: p.at,
        reference: p.reference.clone(),
    });
    let transfers = transfers.map(|t| Ground {
        from: Some((t.from.bank.to_string(), t.from.number.to_string())),
        amount_minor: t.amount_minor,
        tainted_minor: t.tainted_minor,
        at: t.at,
        reference: Some(t.reference.to_string()).filter(|r| !r.is_empty()),
    });
    payments.chain(transfers).collect()
}

/// The transfers on which an order rests, in the words of its reason; nothing where it is the one that the bank checks.
fn named(grounds: &[Ground], currency: &str) -> String {
    if grounds.len() < 2 {
        return String::new();
    }
    let sum = grounds.iter().fold(0_i64, |sum, ground| sum.saturating_add(ground.tainted_minor));
    let words: Vec<String> = grounds
        .iter()
        .take(NAMED_MAX)
        .map(|ground| format!("{}转入{}", ground.at.written(), amount(ground.amount_minor, currency)))
        .collect();
    let rest = if grounds.len() > NAMED_MAX { "等" } else { "" };
    format!(
        "；依据转入{}笔，涉被害人资金共{}：北京时间{}{rest}",
        grounds.len(),
        amount(sum, currency),
        words.join("、")
    )
}

fn amount(minor: i64, currency: &str) -> String {
    Money::new(minor, Currency::parse(currency).unwrap_or(Currency::CNY)).written()
}
