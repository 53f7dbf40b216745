//! From a bank's words to the flow: statements become movements of [`trace`], and back to names.

use std::collections::{HashMap, HashSet};

use kernel::{AccountNo, OrderId, Timestamp};
use trace::{AccountKey, Direction, ExitKind, Flow, Source, SourceId, Statement, Target};
use wire::{Answer, Channel};

use crate::stop::StopOrder;

/// An account as the chase knows it: under one number, however a bank or an older row writes it. What people decided about
/// an account and how often it was stopped is found by that number.
pub(crate) fn account_key(bank: &str, number: &str) -> AccountKey {
    AccountKey::new(bank, &AccountNo::normal(number))
}

/// A payment of the victim from which a chase starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Identity within the report.
    pub id: String,
    /// The account that was paid.
    pub payee: AccountKey,
    /// Name of its holder, as the victim knows it.
    pub payee_name: Option<String>,
    /// Minor units.
    pub amount_minor: i64,
    /// When.
    pub at: Timestamp,
    /// The payer's reference.
    pub reference: Option<String>,
    /// The victim's own account.
    pub payer: Option<AccountKey>,
}

/// What was paid in all, minor units.
pub(super) fn sum_minor(payments: &[Payment]) -> i64 {
    payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.amount_minor))
}

/// A part of an account's statement that was asked for and has not been told, or not so that it can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// From when: the next page is asked from here (protocol 9.2).
    pub from: Timestamp,
    /// The end of the period that was asked for.
    pub to: Timestamp,
    /// Why it is not complete.
    pub why: Why,
}

/// Why a statement is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Further pages are to come.
    More,
    /// The bank says `more` and tells nothing new, or tells what the trace cannot take.
    NoProgress,
    /// So many lines were told that cannot be followed.
    Refused(usize),
}

impl Unfinished {
    /// Whether asking on by itself does not help: a person has to.
    pub fn is_stuck(&self) -> bool {
        self.why != Why::More
    }

    /// What is left of it when the period from `from` to `to` is told.
    fn without(self, from: Timestamp, to: Timestamp) -> Vec<Self> {
        if to < self.from || self.to < from {
            return vec![self];
        }
        let before = (self.from < from).then_some(Self { to: from, ..self });
        let after = (to < self.to).then_some(Self { from: to, ..self });
        before.into_iter().chain(after).collect()
    }
}

/// All that is known of a case: the flow, and the names that statements gave to accounts.
#[derive(Default)]
pub struct Known {
    /// The flow.
    pub flow: Flow,
    /// The victim's payments.
    pub payments: Vec<Payment>,
    /// Holder by account.
    pub names: HashMap<AccountKey, String>,
    /// What of statements is not complete; no account without such a part.
    pub unfinished: HashMap<AccountKey, Vec<Unfinished>>,
    /// Payments that the flow cannot take, by identity; a person is told.
    pub unfit: Vec<String>,
    /// How far the pushes of each watch are known.
    pub pushed: HashMap<OrderId, i64>,
    /// Movements of each watch that are known not to have been kept.
    refused: HashMap<OrderId, usize>,
    /// Queries whose answers are known.
    learned: HashSet<OrderId>,
}

impl Known {
    /// Adds a payment of the victim. One that the flow cannot take is left to a person: it stops nothing else.
    pub fn add_payment(&mut self, payment: &Payment) {
        if let Some(name) = &payment.payee_name {
            self.names.entry(payment.payee.clone()).or_insert_with(|| name.clone());
        }
        let source = Source {
            id: SourceId::new(&payment.id),
            account: payment.payee.clone(),
            amount_minor: payment.amount_minor,
            at: payment.at,
            reference: payment.reference.clone(),
            payer: payment.payer.clone(),
        };
        if self.flow.add_source(source).is_err() {
            self.unfit.push(payment.id.clone());
        }
        self.payments.push(payment.clone());
    }

    /// Whether the answer to a query is known.
    pub fn has_learned(&self, order: OrderId) -> bool {
        self.learned.contains(&order)
    }

    /// What of the account's statement is not complete.
    pub fn unfinished_of(&self, account: &AccountKey) -> &[Unfinished] {
        self.unfinished.get(account).map_or(&[], Vec::as_slice)
    }

    /// Adds the statement or the holder that a bank answered to a query, once. Of a statement is kept as unfinished: the
    /// rest, where more is to come; all of it, where lines were refused before or are here, or where the trace cannot take
    /// it. The answer itself stays as evidence.
    pub fn add_answer(&mut self, order: &StopOrder, answer: &Answer, refused: usize) {
        if !self.learned.insert(order.id) {
            return;
        }
        let account = account_key(order.asked.partner.as_str(), &order.asked.account_no);
        if let Some(holder) = answer.holder.as_ref().filter(|holder| !holder.name.is_empty()) {
            self.names.entry(account.clone()).or_insert_with(|| holder.name.clone());
        }
        let Some(transactions) = &answer.transactions else { return };
        let Some(period) = order.asked.period else { return };
        let (movements, not_followed) = self.movements(&account, &order.asked.currency, transactions);
        let refused = refused.saturating_add(not_followed.len());
        let last = transactions.last().map(|line| line.at);
        let to = if answer.more { last.unwrap_or(period.from) } else { period.to };
        let statement = Statement {
            account: account.clone(),
            from: period.from,
            to,
            opening_minor: if movements.is_empty() { answer.balance_minor } else { None },
            movements,
        };
        // What this answer leaves open takes the place of what earlier pages left open.
        self.told(&account, period.from, period.to.max(to), |rest| !rest.is_stuck());
        let before = self.flow.movements_of(&account);
        if let Err(faults) = self.flow.add_statement(statement) {
            tracing::warn!(order = %order.id, faults = faults.0.len(), "a statement does not fit the trace");
            self.leave(&account, Unfinished { from: period.from, to: period.to, why: Why::NoProgress });
            return;
        }
        if refused > 0 {
            // Nothing after the answer was told: a query by hand up to then closes it.
            let told_to = order.answered_at.map_or(to, |at| to.min(at)).max(period.from);
            self.leave(&account, Unfinished { from: period.from, to: told_to, why: Why::Refused(refused) });
        } else {
            self.told(&account, period.from, to, Unfinished::is_stuck);
        }
        if answer.more {
            let is_new = self.flow.movements_of(&account) > before || to > period.from;
            let why = if is_new { Why::More } else { Why::NoProgress };
            self.leave(&account, Unfinished { from: to, to: period.to.max(to), why });
        }
    }

    /// Adds what a bank pushed about a watched account; what a statement tells as well is not counted twice. A push says
    /// what moved, not that nothing else did: the account is asked about as if it had not come. A movement that cannot be
    /// followed leaves its moment open, until a statement tells it.
    pub fn add_pushed(&mut self, order: &StopOrder, pushed: &[wire::Movement], last: i64) {
        self.pushed.insert(order.id, last);
        let account = account_key(order.asked.partner.as_str(), &order.asked.account_no);
        let (movements, mut not_followed) = self.movements(&account, &order.asked.currency, pushed);
        let unfit = self.flow.add_pushed(&account, movements);
        if !unfit.is_empty() {
            tracing::warn!(order = %order.id, count = unfit.len(), "pushed movements do not fit the trace");
        }
        not_followed.extend(unfit.into_iter().map(|(at, _)| at));
        for at in not_followed {
            self.leave(&account, Unfinished { from: at, to: at, why: Why::Refused(1) });
        }
    }

    /// Notes how many movements of a watch were not kept, since the watch began and up to now: what they were, a statement
    /// of that time tells.
    pub fn add_not_kept(&mut self, watch: OrderId, account: &AccountKey, from: Timestamp, to: Timestamp, count: usize) {
        let known = self.refused.insert(watch, count).unwrap_or(0);
        if count > known {
            self.leave(account, Unfinished { from: from.min(to), to, why: Why::Refused(count - known) });
        }
    }

    fn leave(&mut self, account: &AccountKey, rest: Unfinished) {
        self.unfinished.entry(account.clone()).or_default().push(rest);
    }

    /// Takes the period from what is unfinished of the account, as far as the choice goes.
    fn told(&mut self, account: &AccountKey, from: Timestamp, to: Timestamp, which: impl Fn(&Unfinished) -> bool) {
        let Some(rests) = self.unfinished.get_mut(account) else { return };
        let (changed, mut kept): (Vec<_>, Vec<_>) = rests.drain(..).partition(which);
        kept.extend(changed.into_iter().flat_map(|rest| rest.without(from, to)));
        if kept.is_empty() {
            self.unfinished.remove(account);
        } else {
            *rests = kept;
        }
    }

    /// Lines as the trace reads them, and the moments of those that it cannot follow: in another currency, or under an id
    /// that another line of the account has. The names of the other side are remembered.
    fn movements(
        &mut self,
        account: &AccountKey,
        currency: &str,
        lines: &[wire::Movement],
    ) -> (Vec<trace::Movement>, Vec<Timestamp>) {
        let mut movements = Vec::with_capacity(lines.len());
        let mut not_followed = Vec::new();
        for line in lines {
            if line.currency != currency {
                not_followed.push(line.at);
                continue;
            }
            let other = line.counterparty.as_ref().filter(|c| !c.account.is_empty()).map(|c| {
                let key = account_key(&c.bank, &c.account);
                if !c.name.is_empty() {
                    self.names.entry(key.clone()).or_insert_with(|| c.name.clone());
                }
                key
            });
            let direction = match line.direction {
                wire::Direction::In => Direction::In(other),
                wire::Direction::Out => Direction::Out(match exit(line.channel) {
                    Some(exit) => Target::Exit(exit),
                    None => other.map_or_else(|| without_counterparty(line.channel), Target::Account),
                }),
            };
            let movement = trace::Movement {
                id: line.id.clone(),
                at: line.at,
                direction,
                amount_minor: line.amount_minor,
                balance_after_minor: Some(line.balance_after_minor),
                reference: line.reference.clone(),
            };
            if self.flow.contradicts(account, &movement) {
                not_followed.push(line.at);
            } else {
                movements.push(movement);
            }
        }
        (movements, not_followed)
    }
}

/// Ways out that the channel alone tells.
fn exit(channel: Channel) -> Option<ExitKind> {
    match channel {
        Channel::Atm | Channel::Cash => Some(ExitKind::Cash),
        Channel::CardTerminal => Some(ExitKind::CardTerminal),
        Channel::TopUp => Some(ExitKind::TopUp),
        Channel::GameCard => Some(ExitKind::GameCard),
        Channel::VirtualCurrency => Some(ExitKind::VirtualCurrency),
        Channel::Abroad => Some(ExitKind::Abroad),
        Channel::Fee => Some(ExitKind::Fee),
        _ => None,
    }
}

fn without_counterparty(channel: Channel) -> Target {
    match channel {
        Channel::Counter => Target::Exit(ExitKind::Cash),
        _ => Target::Unknown,
    }
}

/// The word of a way out, in the database and on the API.
pub fn exit_code(exit: ExitKind) -> &'static str {
    match exit {
        ExitKind::Cash => "cash",
        ExitKind::CardTerminal => "card_terminal",
        ExitKind::TopUp => "top_up",
        ExitKind::GameCard => "game_card",
        ExitKind::VirtualCurrency => "virtual_currency",
        ExitKind::Abroad => "abroad",
        ExitKind::Fee => "fee",
        ExitKind::Returned => "returned",
        ExitKind::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn known(rests: &[(i64, i64, Why)]) -> (Known, AccountKey) {
        let account = AccountKey::new("bank-a", "1000000001");
        let mut known = Known::default();
        for (from, to, why) in rests {
            let rest = Unfinished { from: Timestamp(from * HOUR), to: Timestamp(to * HOUR), why: *why };
            known.leave(&account, rest);
        }
        (known, account)
    }

    /// What is unfinished, when a period has been told.
    fn check(rests: &[(i64, i64, Why)], told: (i64, i64), expect: &[(i64, i64, Why)]) {
        let (mut known, account) = known(rests);
        known.told(&account, Timestamp(told.0 * HOUR), Timestamp(told.1 * HOUR), |_| true);
        let left: Vec<_> =
            known.unfinished_of(&account).iter().map(|rest| (rest.from.0 / HOUR, rest.to.0 / HOUR, rest.why)).collect();
        assert_eq!(left, expect, "{rests:?} told {told:?}");
        assert_eq!(known.unfinished.contains_key(&account), !expect.is_empty());
    }

    #[test]
    fn a_period_that_is_told_leaves_what_it_does_not_cover() {
        let refused = Why::Refused(2);
        check(&[(2, 6, refused)], (2, 6), &[]);
        check(&[(2, 6, refused)], (1, 9), &[]);
        check(&[(2, 6, refused)], (0, 1), &[(2, 6, refused)]);
        check(&[(2, 6, refused)], (7, 9), &[(2, 6, refused)]);
        check(&[(2, 6, refused)], (2, 4), &[(4, 6, refused)]);
        check(&[(2, 6, refused)], (4, 8), &[(2, 4, refused)]);
        check(&[(2, 6, refused)], (3, 5), &[(2, 3, refused), (5, 6, refused)]);
        check(&[(2, 6, refused), (8, 8, Why::Refused(1))], (1, 8), &[]);
        check(&[(2, 6, Why::More), (4, 9, Why::NoProgress)], (2, 5), &[(5, 6, Why::More), (5, 9, Why::NoProgress)]);
    }

    #[test]
    fn what_a_watch_did_not_keep_is_counted_once() {
        let (mut known, account) = known(&[]);
        let watch = OrderId::new(Timestamp(HOUR));
        for (to, count) in [(2, 1), (2, 1), (3, 4), (3, 4)] {
            known.add_not_kept(watch, &account, Timestamp(HOUR), Timestamp(to * HOUR), count);
        }
        let counted: Vec<_> = known.unfinished_of(&account).iter().map(|rest| rest.why).collect();
        assert_eq!(counted, [Why::Refused(1), Why::Refused(3)]);
    }
}
