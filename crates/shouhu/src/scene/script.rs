//! Writing a scene: people and accounts by name, money from one to the next, and the report that a victim makes of it.

use kernel::{Duration, Timestamp};
use serde_json::{Value, json};

use crate::demo::province::{CustomerKind, End, Province};

/// A scene: what happened at the banks, and what is reported.
#[derive(Debug, Clone)]
pub struct Script {
    /// People, accounts, money.
    pub province: Province,
    prefix: String,
    now: Timestamp,
}

/// An account in a script.
pub type Handle = usize;

/// How money leaves the three institutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Taken out at a machine (取现).
    Cash,
    /// Spent at a terminal (刷卡).
    CardTerminal,
    /// Telephone top-up (话费充值).
    TopUp,
    /// Game cards (游戏点卡).
    GameCard,
    /// Virtual currency (虚拟货币).
    VirtualCurrency,
    /// Abroad (境外).
    Abroad,
}

impl Exit {
    const fn channel(self) -> &'static str {
        match self {
            Self::Cash => "atm",
            Self::CardTerminal => "card_terminal",
            Self::TopUp => "top_up",
            Self::GameCard => "game_card",
            Self::VirtualCurrency => "virtual_currency",
            Self::Abroad => "abroad",
        }
    }
}

/// A payment of the victim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// From which account.
    pub from: Handle,
    /// Into which account.
    pub to: Handle,
    /// In fen.
    pub minor: i64,
    /// When.
    pub at: Timestamp,
    /// Reference at the banks.
    pub reference: String,
}

impl Script {
    /// An empty scene. `first` is where numbers begin, `prefix` leads the references.
    pub fn new(first: usize, prefix: &str, now: Timestamp) -> Self {
        Self { province: Province::beginning_at(first), prefix: prefix.to_owned(), now }
    }

    /// A moment so many minutes ago.
    pub fn minutes_ago(&self, minutes: i64) -> Timestamp {
        self.now - Duration::minutes(minutes)
    }

    /// Somebody with one account and what is on it.
    pub fn holder(&mut self, name: &str, birth_year: i64, bank: &'static str, minor: i64) -> Handle {
        let since = self.now - Duration::hours(24 * 900);
        let customer = self.province.add_customer(CustomerKind::Person, name, birth_year, since);
        self.province.add_account(bank, kind_at(bank), customer, since, minor)
    }

    /// Another account of the holder of `of`.
    pub fn another(&mut self, of: Handle, bank: &'static str, minor: i64) -> Handle {
        let since = self.now - Duration::hours(24 * 700);
        let customer = self.province.accounts.get(of).map_or(0, |account| account.customer);
        self.province.add_account(bank, kind_at(bank), customer, since, minor)
    }

    /// An account that was opened or bought days ago to pass money on.
    pub fn mule(&mut self, name: &str, bank: &'static str) -> Handle {
        let since = self.now - Duration::hours(24 * 6);
        let customer = self.province.add_customer(CustomerKind::Person, name, 1999, since);
        self.province.add_account(bank, kind_at(bank), customer, since, 0)
    }

    /// Money from one account to another.
    pub fn pay(&mut self, from: Handle, to: Handle, minor: i64, minutes_ago: i64) -> Paid {
        let at = self.minutes_ago(minutes_ago);
        let reference = self.reference();
        let channel = if self.bank(from) == "pay-c" { "payment_institution" } else { "mobile" };
        self.province.pay(reference.clone(), at, End::Account(from), End::Account(to), minor, channel);
        Paid { from, to, minor, at, reference }
    }

    /// Money out of reach.
    pub fn exit(&mut self, from: Handle, exit: Exit, minor: i64, minutes_ago: i64) {
        let at = self.minutes_ago(minutes_ago);
        let reference = self.reference();
        self.province.pay(reference, at, End::Account(from), End::Outside, minor, exit.channel());
    }

    /// The holder's name.
    pub fn name(&self, account: Handle) -> &str {
        self.province.holder(account).map_or("", |customer| customer.name.as_str())
    }

    /// The holder's telephone.
    pub fn phone(&self, account: Handle) -> &str {
        self.province.holder(account).map_or("", |customer| customer.phone.as_str())
    }

    /// The holder's identity number.
    pub fn citizen_id(&self, account: Handle) -> &str {
        self.province.holder(account).map_or("", |customer| customer.id_number.as_str())
    }

    /// The number of an account.
    pub fn number(&self, account: Handle) -> &str {
        self.province.accounts.get(account).map_or("", |account| account.number.as_str())
    }

    /// The seat that keeps an account.
    pub fn bank(&self, account: Handle) -> &'static str {
        self.province.accounts.get(account).map_or("", |account| account.bank)
    }

    /// A payment as a report names it.
    pub fn payment(&self, paid: &Paid) -> Value {
        json!({
            "payer_account": self.number(paid.from),
            "payer_name": self.name(paid.from),
            "payer_bank": self.bank(paid.from),
            "payee_account": self.number(paid.to),
            "payee_name": self.name(paid.to),
            "payee_bank": self.bank(paid.to),
            "amount": { "minor": paid.minor, "currency": "CNY" },
            "paid_at": paid.at.to_rfc3339(),
            "channel": "mobile",
            "reference": paid.reference,
        })
    }

    fn reference(&self) -> String {
        format!("{}{:04}", self.prefix, self.province.transfers.len() + 1)
    }
}

fn kind_at(bank: &str) -> &'static str {
    if bank == "pay-c" { "wallet" } else { "settlement" }
}
