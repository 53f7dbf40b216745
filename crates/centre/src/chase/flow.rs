//! From a bank's words to the flow: statements become movements of [`trace`], and back to names.

use std::collections::HashMap;

use kernel::Timestamp;
use store::Result;
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

/// All that is known of a case: the flow, and the names that statements gave to accounts.
#[derive(Default)]
pub struct Known {
    /// The flow.
    pub flow: Flow,
    /// The victim's payments.
    pub payments: Vec<Payment>,
    /// Holder by account.
    pub names: HashMap<AccountKey, String>,
}

impl Known {
    /// Adds a payment of the victim.
    pub fn add_payment(&mut self, payment: &Payment) -> Result<()> {
        if let Some(name) = &payment.payee_name {
            self.names.entry(payment.payee.clone()).or_insert_with(|| name.clone());
        }
        self.flow
            .add_source(Source {
                id: SourceId::new(&payment.id),
                account: payment.payee.clone(),
                amount_minor: payment.amount_minor,
                at: payment.at,
                reference: payment.reference.clone(),
                payer: payment.payer.clone(),
            })
            .map_err(|faults| store::Error::Corrupt(format!("payment {}: {faults:?}", payment.id)))?;
        self.payments.push(payment.clone());
        Ok(())
    }

    /// Adds the statement or the holder that a bank answered to a query. What the trace cannot take is left out and
    /// logged; the answer itself stays as evidence.
    pub fn add_answer(&mut self, order: &StopOrder, answer: &Answer) {
        if let Some(holder) = answer.holder.as_ref().filter(|holder| !holder.name.is_empty()) {
            let account = AccountKey::new(order.asked.partner.as_str(), &order.asked.account_no);
            self.names.entry(account).or_insert_with(|| holder.name.clone());
        }
        let Some(transactions) = &answer.transactions else { return };
        let Some(period) = order.asked.period else { return };
        let bank = order.asked.partner.as_str();
        let mut movements = Vec::with_capacity(transactions.len());
        for line in transactions.iter().filter(|line| line.currency == order.asked.currency) {
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
        let last = movements.last().map(|m| m.at);
        let to = match last {
            Some(last) if answer.more => last,
            _ => period.to,
        };
        let statement = Statement {
            account: AccountKey::new(bank, &order.asked.account_no),
            from: period.from,
            to,
            opening_minor: if movements.is_empty() { answer.balance_minor } else { None },
            movements,
        };
        if let Err(faults) = self.flow.add_statement(statement) {
            tracing::warn!(order = %order.id, faults = faults.0.len(), "a statement does not fit the trace");
        }
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
