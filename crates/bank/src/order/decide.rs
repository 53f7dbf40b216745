//! The answer to an order, without I/O: the order and the facts of the books go in, the answer and what is to be done
//! come out.
//!
//! The checks stand in the order in which a clerk makes them: who asks, was it asked before, do we do this, is the order
//! complete, are the papers there, is the account ours, is the name right; then for a stop the movement in the books
//! (四要素核对, 银发〔2016〕86号: account name, account number, amount, transaction time; any that differs, and nothing is
//! stopped).

use kernel::{Currency, Duration, Faults, HoldId, PersonName, Said, Text, Timestamp};
use wire::{Answer, AnswerCode, ApprovalLevel, ExistingHold, Order, OrderKind, Period};

use crate::account::{Account, AccountKind, AccountState};
use crate::hold::{
    self, Case, Hold, HoldEffect, HoldEvent, HoldFault, HoldKind, HoldScope, HoldState, Line, LineRules, NewHold, Term,
    add_months,
};
use crate::ledger::statement::Comparison;
use crate::parameters::Parameters;

/// A freeze or a watch may end so much after its months, since the order travelled and ends are given by the day.
const END_SLACK: Duration = Duration::hours(24);

/// The functions that this seat offers; a payment institution may lack some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer(Vec<OrderKind>);

impl Offer {
    /// Everything.
    pub fn all() -> Self {
        Self(OrderKind::ALL.to_vec())
    }

    /// Exactly these.
    pub fn of(kinds: &[OrderKind]) -> Self {
        Self(kinds.to_vec())
    }

    /// The functions of a configuration, by their words; no word at all means everything.
    ///
    /// # Errors
    /// Every word that is none, at `offer`.
    pub fn parse(words: &[String]) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let mut kinds = Vec::new();
        for word in words {
            match OrderKind::from_code(word) {
                Some(kind) => kinds.push(kind),
                None => {
                    let known: Vec<&str> = OrderKind::ALL.iter().map(|kind| kind.code()).collect();
                    faults.push(NOT_A_FUNCTION.at("offer", &[("found", word), ("words", &known.join(", "))]));
                }
            }
        }
        faults.into_result()?;
        Ok(if kinds.is_empty() { Self::all() } else { Self(kinds) })
    }

    /// Whether an order of this kind is taken.
    pub fn has(&self, kind: OrderKind) -> bool {
        self.0.contains(&kind)
    }
}

/// Whether the sealing party may give orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A centre in our directory.
    Centre,
    /// Anybody else: its seal is good for other things, not for orders.
    NotACentre,
}

/// What the books say about an order.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Now.
    pub now: Timestamp,
    /// Who sealed the order.
    pub authority: &'a str,
    /// Whether that party may.
    pub standing: Standing,
    /// The first answer, where the order was handled before.
    pub handled: Option<&'a Answer>,
    /// What this seat does.
    pub offer: &'a Offer,
    /// The account of that number and currency.
    pub account: Option<&'a Account>,
    /// Its holds.
    pub line: &'a Line,
    /// How the stated movement compares; present where the order states one and the account was found.
    pub comparison: Option<Comparison>,
    /// Whether the watch that the order names runs on this account.
    pub watch_runs: bool,
    /// Rules by parameter.
    pub parameters: &'a Parameters,
    /// Rules of the line.
    pub rules: &'a LineRules,
    /// Identifier for a new hold.
    pub new_hold: HoldId,
}

/// What is to be done with the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// The holds change.
    Hold {
        /// The hold concerned.
        hold: HoldId,
        /// The holds from now on.
        after: Line,
        /// What followed.
        effects: Vec<HoldEffect>,
    },
    /// The movements of a period are put into the answer.
    Statement(Period),
    /// The holder is put into the answer.
    Holder,
    /// The holder's accounts are put into the answer.
    Accounts,
    /// A watch begins.
    Watch,
    /// The watch named by the order ends.
    EndWatch,
}

/// The answer, and what is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Complete but for what a query fetches.
    pub answer: Answer,
    /// To be done in the same transaction.
    pub act: Act,
}

const CURRENCY_UNKNOWN: Text = Text::new(
    "order.currency",
    ("不认识的币种", "the currency is not known"),
    ("请使用 ISO 4217 代码", "Use an ISO 4217 code"),
);
const CURRENCY_DIFFERS: Text = Text::new(
    "order.check_currency",
    ("核对交易的币种与指令币种不同", "the movement is of another currency than the order"),
    ("请按账户币种填写", "Use the currency of the account"),
);
const NEEDED: Text =
    Text::new("order.needed", ("缺少必填项", "this must be given"), ("请补齐后重新下达", "Add it and order again"));
const PAST: Text = Text::new(
    "order.until_past",
    ("到期时间已过", "the end is already past"),
    ("请填写将来的时间", "Give an end in the future"),
);
const TOO_LONG: Text = Text::new(
    "order.until_too_long",
    ("期限超过 {months} 个月", "the term is longer than {months} months"),
    ("请缩短期限,或报设区的市一级批准", "Shorten it, or have it approved at prefecture level"),
);
const NOT_AN_AMOUNT: Text =
    Text::new("order.amount", ("金额须大于零", "the amount must be above zero"), ("请核对金额", "Check the amount"));

const NOT_A_FUNCTION: Text = Text::new(
    "order.function",
    ("“{found}”不是指令种类", "“{found}” is not a kind of order"),
    ("可用:{words}", "Use: {words}"),
);

/// The words of `done_in_part` where the balance is not the reason.
const BEHIND: Text = Text::new(
    "order.behind",
    (
        "该账户另有在先措施，资金已由其控制；本次只控制其余部分",
        "Another measure on the account stands before this one and holds the money; this one holds what that leaves",
    ),
    ("请见在先措施；必要时与该机关联系", "See the measures already there; if needed, contact that authority"),
);

/// Texts of this module.
pub const TEXTS: &[Text] =
    &[BEHIND, NOT_A_FUNCTION, CURRENCY_UNKNOWN, CURRENCY_DIFFERS, NEEDED, PAST, TOO_LONG, NOT_AN_AMOUNT];

/// The answer to an order by the facts.
pub fn decide(order: &Order, facts: &Facts<'_>) -> Verdict {
    match examine(order, facts) {
        Ok(verdict) => verdict,
        Err(answer) => Verdict { answer: *answer, act: Act::Nothing },
    }
}

fn refuse(order: &Order, code: AnswerCode) -> Box<Answer> {
    Box::new(Answer::new(order.order_id, code))
}

fn examine(order: &Order, facts: &Facts<'_>) -> Result<Verdict, Box<Answer>> {
    if facts.standing == Standing::NotACentre {
        return Err(refuse(order, AnswerCode::SealNotValid));
    }
    if let Some(first) = facts.handled {
        let told = Answer::new(order.order_id, AnswerCode::OrderAlreadyHandled);
        return Err(Box::new(Answer { code: told.code, words: told.words, ..first.clone() }));
    }
    if !facts.offer.has(order.kind) {
        return Err(refuse(order, AnswerCode::FunctionNotOffered));
    }
    complete(order, facts)?;
    if matches!(order.kind, OrderKind::Freeze | OrderKind::RenewFreeze) && order.papers.is_empty() {
        return Err(refuse(order, AnswerCode::PapersMissing));
    }
    let Some(account) = facts.account.filter(|a| a.kind != AccountKind::Internal && a.state == AccountState::Open)
    else {
        let mut answer = refuse(order, AnswerCode::NoSuchAccount);
        answer.mismatches.push("account_number".to_owned());
        return Err(answer);
    };
    if order.account.name.as_deref().is_some_and(|name| !same_name(name, &account.holder_name)) {
        let mut answer = refuse(order, AnswerCode::NameMismatch);
        answer.mismatches.push("account_name".to_owned());
        return Err(answer);
    }
    match order.kind {
        OrderKind::Stop | OrderKind::Freeze => place(order, facts, account),
        OrderKind::LiftStop | OrderKind::LiftFreeze => {
            let id = referred(order, facts)?;
            change(order, facts, account, id, &HoldEvent::Lift(id))
        }
        OrderKind::ExtendStop => {
            let id = referred(order, facts)?;
            change(
                order,
                facts,
                account,
                id,
                &HoldEvent::Extend { hold: id, term: Term::Span(facts.parameters.stop_span) },
            )
        }
        OrderKind::RenewFreeze => renew(order, facts, account),
        OrderKind::QueryTransactions => {
            let period = order.period.ok_or_else(|| refuse(order, AnswerCode::OrderIncomplete))?;
            Ok(done(order, facts, account, Act::Statement(period)))
        }
        OrderKind::QueryHolder => Ok(done(order, facts, account, Act::Holder)),
        OrderKind::QueryAccounts => Ok(done(order, facts, account, Act::Accounts)),
        OrderKind::Watch => {
            let mut verdict = done(order, facts, account, Act::Watch);
            verdict.answer.from = Some(facts.now);
            verdict.answer.until = order.until;
            Ok(verdict)
        }
        OrderKind::EndWatch if facts.watch_runs => Ok(done(order, facts, account, Act::EndWatch)),
        OrderKind::EndWatch => {
            Err(Box::new(with_books(refuse(order, AnswerCode::NothingToLift), facts.line, account, None, facts.now)))
        }
    }
}

/// Faults that only the bank can see; those of form were told when the message was read.
fn complete(order: &Order, facts: &Facts<'_>) -> Result<(), Box<Answer>> {
    let mut faults = Faults::none();
    if Currency::parse(&order.currency).is_err() {
        faults.push(CURRENCY_UNKNOWN.at("currency", &[]));
    }
    if order.amount_minor.is_some_and(|amount| amount <= 0) {
        faults.push(NOT_AN_AMOUNT.at("amount_minor", &[]));
    }
    if order.kind == OrderKind::Stop {
        match &order.check {
            None => faults.push(NEEDED.at("check", &[])),
            Some(check) if check.currency != order.currency => faults.push(CURRENCY_DIFFERS.at("check.currency", &[])),
            Some(_) => {}
        }
        if order.account.name.is_none() {
            faults.push(NEEDED.at("account.name", &[]));
        }
    }
    if order.kind == OrderKind::QueryTransactions && order.period.is_none() {
        faults.push(NEEDED.at("period", &[]));
    }
    if order.kind.refers_to_another() && order.refers_to.is_none() {
        faults.push(NEEDED.at("refers_to", &[]));
    }
    let ends = matches!(order.kind, OrderKind::Freeze | OrderKind::RenewFreeze | OrderKind::Watch);
    if ends && order.until.is_some_and(|until| until <= facts.now) {
        faults.push(PAST.at("until", &[]));
    }
    // What outlasts every freeze watches an account of a case that nobody remembers.
    if matches!(order.kind, OrderKind::Freeze | OrderKind::Watch) {
        let months = months(order, facts.account, facts.parameters);
        if order.until.is_some_and(|until| until > add_months(facts.now, months) + END_SLACK) {
            faults.push(TOO_LONG.at("until", &[("months", &months.to_string())]));
        }
    }
    incomplete(order, faults)
}

fn incomplete(order: &Order, faults: Faults) -> Result<(), Box<Answer>> {
    if faults.is_empty() {
        return Ok(());
    }
    let mut answer = refuse(order, AnswerCode::OrderIncomplete);
    answer.faults = faults.0;
    Err(answer)
}

/// 公安机关办理刑事案件程序规定 art. 243–245: six months; a year in a major or complex case approved at prefecture level;
/// two years for bonds, shares and fund units.
fn months(order: &Order, account: Option<&Account>, parameters: &Parameters) -> i64 {
    if account.is_some_and(|a| a.kind == AccountKind::Securities) {
        return parameters.freeze_months_securities;
    }
    match order.authority.approval_level {
        Some(ApprovalLevel::Prefecture | ApprovalLevel::Province) => parameters.freeze_months_major,
        Some(ApprovalLevel::County) | None => parameters.freeze_months,
    }
}

/// Whether two account names are one, whatever the spaces, the width of the letters and their case.
pub fn same_name(stated: &str, booked: &str) -> bool {
    let plain = |name: &str| -> String {
        let canonical = PersonName::parse(name).map_or_else(|_| name.to_owned(), |name| name.to_string());
        canonical.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
    };
    plain(stated) == plain(booked)
}

fn place(order: &Order, facts: &Facts<'_>, account: &Account) -> Result<Verdict, Box<Answer>> {
    if account.protected_reason.is_some() {
        return Err(refuse(order, AnswerCode::ProtectedAccount));
    }
    let stop = order.kind == OrderKind::Stop;
    let differs: &[&str] = match facts.comparison {
        _ if !stop => &[],
        Some(Comparison::Agrees) => &[],
        Some(Comparison::TimeDiffers) => &["time"],
        Some(Comparison::AmountDiffers) => &["amount"],
        Some(Comparison::BothDiffer) | None => &["amount", "time"],
    };
    if !differs.is_empty() {
        let mut answer = refuse(order, AnswerCode::AmountOrTimeMismatch);
        answer.mismatches = differs.iter().map(|point| (*point).to_owned()).collect();
        return Err(answer);
    }
    let term = match (stop, order.until) {
        (true, _) => Term::Span(facts.parameters.stop_span),
        (false, Some(until)) => Term::Until(until),
        (false, None) => Term::Months(months(order, Some(account), facts.parameters)),
    };
    let new = NewHold {
        id: facts.new_hold,
        kind: if stop { HoldKind::Stop } else { HoldKind::Freeze },
        authority: facts.authority.to_owned(),
        case_number: order.case_number.clone(),
        scope: order.amount_minor.map_or(HoldScope::Whole, HoldScope::UpTo),
        term,
        order_id: Some(order.order_id),
    };
    change(order, facts, account, new.id, &HoldEvent::Place(new))
}

fn renew(order: &Order, facts: &Facts<'_>, account: &Account) -> Result<Verdict, Box<Answer>> {
    let id = referred(order, facts)?;
    let months = months(order, Some(account), facts.parameters);
    let present = facts.line.get(id).and_then(|h| h.until).unwrap_or(facts.now);
    if order.until.is_some_and(|until| until > add_months(present, months) + END_SLACK) {
        let mut faults = Faults::none();
        faults.push(TOO_LONG.at("until", &[("months", &months.to_string())]));
        incomplete(order, faults)?;
    }
    let term = order.until.map_or(Term::Months(months), Term::Until);
    change(order, facts, account, id, &HoldEvent::Extend { hold: id, term })
}

/// The hold that the order speaks of: the open one of that order, of the right kind, and of the same authority; only the
/// bank's own stop may be ended by any centre.
fn referred(order: &Order, facts: &Facts<'_>) -> Result<HoldId, Box<Answer>> {
    let wanted = |hold: &&Hold| match order.kind {
        OrderKind::LiftFreeze | OrderKind::RenewFreeze => hold.kind == HoldKind::Freeze,
        OrderKind::ExtendStop => hold.kind == HoldKind::Stop,
        _ => hold.kind != HoldKind::Freeze,
    };
    let own = |hold: &&Hold| hold.kind == HoldKind::OwnStop || hold.authority == facts.authority;
    let mut named: Vec<&Hold> =
        facts.line.holds.iter().filter(|h| h.order_id == order.refers_to).filter(wanted).filter(own).collect();
    named.sort_by_key(|h| (!h.state.is_open(), h.id));
    match (named.first(), facts.account) {
        (Some(hold), _) => Ok(hold.id),
        (None, Some(account)) => {
            Err(Box::new(with_books(refuse(order, AnswerCode::NothingToLift), facts.line, account, None, facts.now)))
        }
        (None, None) => Err(refuse(order, AnswerCode::NothingToLift)),
    }
}

fn change(
    order: &Order,
    facts: &Facts<'_>,
    account: &Account,
    id: HoldId,
    event: &HoldEvent,
) -> Result<Verdict, Box<Answer>> {
    let (after, effects) = hold::apply(facts.line, event, facts.now, facts.rules).map_err(|fault| {
        let code = match fault {
            HoldFault::AlreadyStopped => AnswerCode::AlreadyStopped,
            HoldFault::AlreadyFrozen => AnswerCode::AlreadyFrozen,
            HoldFault::StopsUsedUp => AnswerCode::StopsUsedUp,
            HoldFault::NoSuchHold | HoldFault::Ended => AnswerCode::NothingToLift,
            HoldFault::StillWaiting => AnswerCode::WaitingInLine,
            HoldFault::EndNotLater => AnswerCode::OrderIncomplete,
        };
        let mut answer = with_books(refuse(order, code), facts.line, account, None, facts.now);
        answer.stops_used =
            u32::try_from(facts.line.stops_used(Case { authority: facts.authority, number: &order.case_number })).ok();
        if fault == HoldFault::EndNotLater {
            answer.faults.push(fault.text().at("until", &[]));
        }
        Box::new(answer)
    })?;
    let mut settled = account.clone();
    settled.ledger.held = after.held(facts.now);
    let answer = with_books(refuse(order, AnswerCode::Done), &after, &settled, Some(id), facts.now);
    Ok(Verdict {
        answer: told(answer, order, &after, &settled, id, facts.now),
        act: Act::Hold { hold: id, after, effects },
    })
}

/// What an answer says of the hold that it is about.
fn told(mut answer: Answer, order: &Order, line: &Line, account: &Account, id: HoldId, now: Timestamp) -> Answer {
    let Some(hold) = line.get(id) else { return answer };
    answer.from = hold.from;
    answer.until = if hold.state.is_open() { hold.until } else { hold.ended_at };
    if hold.kind == HoldKind::Stop {
        answer.stops_used = u32::try_from(line.stops_used(hold.case())).ok();
    }
    let code = match hold.state {
        HoldState::Waiting => {
            answer.position = u32::try_from(line.place_in_line(id)).ok();
            AnswerCode::WaitingInLine
        }
        HoldState::Active => {
            let held = line.held_by_minor(id, account.ledger.balance_minor(), now);
            answer.held_minor = Some(held);
            let asked = hold.scope.limit_minor().unwrap_or(held);
            if held < asked { AnswerCode::DoneInPart } else { AnswerCode::Done }
        }
        HoldState::Lapsed | HoldState::Lifted | HoldState::Replaced => {
            answer.held_minor = Some(0);
            AnswerCode::Done
        }
    };
    let words = Answer::new(order.order_id, code).words;
    let answer = Answer { code, words, ..answer };
    short_of(answer, hold, account)
}

/// Names the true reason where less is held than was asked: the balance would have been enough, but earlier measures on the
/// account stand before this one.
fn short_of(mut answer: Answer, hold: &Hold, account: &Account) -> Answer {
    let (AnswerCode::DoneInPart, Some(held)) = (answer.code, answer.held_minor) else { return answer };
    let balance = account.ledger.balance_minor();
    if hold.scope.limit_minor().is_some_and(|asked| held < asked.min(balance)) {
        let Said { code, .. } = answer.words;
        answer.words = Said { code, ..BEHIND.say(&[]) };
    }
    answer
}

/// The answer that tells a waiting order that it has taken effect.
pub fn took_effect(order_id: kernel::OrderId, line: &Line, account: &Account, hold: &Hold, now: Timestamp) -> Answer {
    let held = line.held_by_minor(hold.id, account.ledger.balance_minor(), now);
    let asked = hold.scope.limit_minor().unwrap_or(held);
    let code = if held < asked { AnswerCode::DoneInPart } else { AnswerCode::Done };
    let mut answer = with_books(Box::new(Answer::new(order_id, code)), line, account, Some(hold.id), now);
    answer.held_minor = Some(held);
    answer.from = hold.from;
    answer.until = hold.until;
    if hold.kind == HoldKind::Stop {
        answer.stops_used = u32::try_from(line.stops_used(hold.case())).ok();
    }
    short_of(answer, hold, account)
}

fn done(order: &Order, facts: &Facts<'_>, account: &Account, act: Act) -> Verdict {
    let answer = with_books(refuse(order, AnswerCode::Done), facts.line, account, None, facts.now);
    Verdict { answer, act }
}

/// Balances, and the other holds on the account.
fn with_books(answer: Box<Answer>, line: &Line, account: &Account, own: Option<HoldId>, now: Timestamp) -> Answer {
    let mut answer = *answer;
    answer.balance_minor = Some(account.ledger.balance_minor());
    answer.available_minor = Some(account.ledger.available_minor());
    answer.currency = Some(account.ledger.currency.code().to_owned());
    let mut open: Vec<&Hold> = line.holds.iter().filter(|h| h.state.is_open() && Some(h.id) != own).collect();
    open.sort_by_key(|h| (h.state == HoldState::Waiting, h.position, h.id));
    answer.existing = open
        .into_iter()
        .map(|h| ExistingHold {
            authority: h.authority.clone(),
            case_number: h.case_number.clone(),
            kind: if h.kind == HoldKind::Freeze { wire::HoldKind::Freeze } else { wire::HoldKind::Stop },
            amount_minor: h.scope.limit_minor(),
            until: h.until.unwrap_or_else(|| h.term.end(line.next_end().unwrap_or(now))),
            position: u32::try_from(line.place_in_line(h.id)).unwrap_or(0),
        })
        .collect();
    answer
}
