//! From a bank's words to the flow: statements become movements of [`trace`], and back to names.

use std::collections::HashMap;

use kernel::{OrderId, Timestamp};
use trace::{AccountKey, Direction, ExitKind, Flow, Source, SourceId, Statement, Target};
use wire::{Answer, Channel};

use crate::stop::StopOrder;

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

/// Pages of one statement that are asked for at most; a bank that says `more` beyond them is left to a person.
const PAGES_MAX: usize = 250;

/// A statement of which the bank has told a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// The time of the last line told: the next page is asked from here (protocol 9.2).
    pub from: Timestamp,
    /// The end of the period that was asked for.
    pub to: Timestamp,
    /// Pages that came.
    pub pages: usize,
    /// The bank says `more` and tells nothing new, or tells what cannot be: a person has to ask.
    pub stuck: bool,
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
    /// Statements that are not complete.
    pub unfinished: HashMap<AccountKey, Unfinished>,
    /// Payments that the flow cannot take, by identity; a person is told.
    pub unfit: Vec<String>,
    /// How far the pushes of each watch are known.
    pub pushed: HashMap<OrderId, i64>,
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

    /// Adds the statement or the holder that a bank answered to a query. A statement of which more is to come, and one
    /// that the trace cannot take, is kept as unfinished; the answer itself stays as evidence.
    pub fn add_answer(&mut self, order: &StopOrder, answer: &Answer) {
        if let Some(holder) = answer.holder.as_ref().filter(|holder| !holder.name.is_empty()) {
            let account = AccountKey::new(order.asked.partner.as_str(), &order.asked.account_no);
            self.names.entry(account).or_insert_with(|| holder.name.clone());
        }
        let Some(transactions) = &answer.transactions else { return };
        let Some(period) = order.asked.period else { return };
        let account = AccountKey::new(order.asked.partner.as_str(), &order.asked.account_no);
        let movements = self.movements(&order.asked.currency, transactions);
        let last = transactions.last().map(|line| line.at);
        let to = if answer.more { last.unwrap_or(period.from) } else { period.to };
        let statement = Statement {
            account: account.clone(),
            from: period.from,
            to,
            opening_minor: if movements.is_empty() { answer.balance_minor } else { None },
            movements,
        };
        let before = self.flow.movements_of(&account);
        let fits = self.flow.add_statement(statement);
        let pages = self.unfinished.get(&account).map_or(0, |unfinished| unfinished.pages) + 1;
        if let Err(faults) = fits {
            tracing::warn!(order = %order.id, faults = faults.0.len(), "a statement does not fit the trace");
            self.unfinished.insert(account, Unfinished { from: period.from, to: period.to, pages, stuck: true });
        } else if answer.more {
            let told = self.flow.movements_of(&account) > before || last.is_some_and(|last| last > period.from);
            let stuck = !told || pages >= PAGES_MAX;
            let from = last.unwrap_or(period.from);
            self.unfinished.insert(account, Unfinished { from, to: period.to.max(from), pages, stuck });
        } else if self.unfinished.get(&account).is_some_and(|u| period.from <= u.from && u.to <= period.to) {
            self.unfinished.remove(&account);
        }
    }

    /// Adds what a bank pushed about a watched account; what a statement tells as well is not counted twice. A push says
    /// what moved, not that nothing else did: the account is asked about as if it had not come.
    pub fn add_pushed(&mut self, order: &StopOrder, pushed: &[wire::Movement], last: i64) {
        self.pushed.insert(order.id, last);
        let movements = self.movements(&order.asked.currency, pushed);
        let account = AccountKey::new(order.asked.partner.as_str(), &order.asked.account_no);
        for movement in movements {
            if let Err(faults) = self.flow.add_pushed(&account, movement) {
                tracing::warn!(order = %order.id, faults = faults.0.len(), "a pushed movement does not fit the trace");
            }
        }
    }

    /// Lines as the trace reads them; the names of the other side are remembered.
    fn movements(&mut self, currency: &str, lines: &[wire::Movement]) -> Vec<trace::Movement> {
        let mut movements = Vec::with_capacity(lines.len());
        for line in lines.iter().filter(|line| line.currency == currency) {
            let other = line.counterparty.as_ref().filter(|c| !c.account.is_empty()).map(|c| {
                let key = AccountKey::new(&c.bank, &c.account);
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
            movements.push(trace::Movement {
                id: line.id.clone(),
                at: line.at,
                direction,
                amount_minor: line.amount_minor,
                balance_after_minor: Some(line.balance_after_minor),
                reference: line.reference.clone(),
            });
        }
        movements
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
