//! What the banks have on their books: accounts and transfers, and the CSV files that `shouhu bank import` reads.

use std::path::Path;

use kernel::{Duration, Timestamp};

/// The three bank seats.
pub const BANKS: [&str; 3] = ["bank-a", "bank-b", "pay-c"];

/// An account; its place in the list is its name here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The seat that keeps it.
    pub bank: &'static str,
    /// Its number.
    pub number: String,
    /// Its holder.
    pub name: String,
    /// On it before the first transfer, minor units.
    pub opening_minor: i64,
}

/// Where a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// To an account.
    Account(usize),
    /// Out of the accounts, by a channel of the statements.
    Out(&'static str),
}

/// A transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Payer.
    pub from: usize,
    /// Payee.
    pub to: To,
    /// Minor units.
    pub minor: i64,
    /// When.
    pub at: Timestamp,
}

/// Accounts, and transfers in the order in which they happened.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Every account.
    pub accounts: Vec<Account>,
    /// Every transfer.
    pub transfers: Vec<Transfer>,
}

impl Books {
    /// Opens an account and gives its place.
    pub fn open(&mut self, bank: &'static str, opening_minor: i64) -> usize {
        let place = self.accounts.len();
        let number = match bank {
            "pay-c" => format!("JZ4399{place:09}"),
            "bank-b" => format!("620000430299{place:07}"),
            _ => format!("620000430199{place:07}"),
        };
        self.accounts.push(Account { bank, number, name: name(place), opening_minor });
        place
    }

    /// Moves money.
    pub fn pay(&mut self, from: usize, to: To, minor: i64, at: Timestamp) -> usize {
        self.transfers.push(Transfer { from, to, minor, at });
        self.transfers.len() - 1
    }

    /// The reference of a transfer, the same on both statements.
    pub fn reference(transfer: usize) -> String {
        format!("E{transfer:09}")
    }

    /// What is on an account at the end.
    pub fn balances(&self) -> Vec<i64> {
        let mut balances: Vec<i64> = self.accounts.iter().map(|account| account.opening_minor).collect();
        for transfer in &self.transfers {
            balances[transfer.from] -= transfer.minor;
            if let To::Account(to) = transfer.to {
                balances[to] += transfer.minor;
            }
        }
        balances
    }

    /// Writes `customers.csv`, `accounts.csv` and `transfers.csv`; each bank takes its own rows out of them.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("a folder");
        let opened_at = self.transfers.first().map_or(Timestamp(0), |first| first.at) - Duration::hours(24 * 30);
        let mut customers = csv::Writer::from_path(folder.join("customers.csv")).expect("customers.csv");
        customers.write_record(["customer_id", "name", "since", "bank"]).expect("a row");
        let mut accounts = csv::Writer::from_path(folder.join("accounts.csv")).expect("accounts.csv");
        let head = ["account", "customer_id", "currency", "kind", "opened_at", "opening_balance", "bank"];
        accounts.write_record(head).expect("a row");
        for (place, account) in self.accounts.iter().enumerate() {
            let (customer, since) = (format!("K{place:07}"), opened_at.to_rfc3339());
            customers.write_record([&customer, &account.name, &since, account.bank]).expect("a row");
            let kind = if account.bank == "pay-c" { "wallet" } else { "settlement" };
            let opening = yuan(account.opening_minor);
            let row = [&account.number, &customer, "CNY", kind, &since, &opening, account.bank];
            accounts.write_record(row).expect("a row");
        }
        let mut transfers = csv::Writer::from_path(folder.join("transfers.csv")).expect("transfers.csv");
        let head = [
            "transfer_id",
            "time",
            "amount",
            "payer_bank",
            "payer_account",
            "payer_name",
            "payee_bank",
            "payee_account",
            "payee_name",
            "channel",
            "reference",
        ];
        transfers.write_record(head).expect("a row");
        for (place, transfer) in self.transfers.iter().enumerate() {
            let reference = Self::reference(place);
            let payer = &self.accounts[transfer.from];
            let (payee, channel) = match transfer.to {
                To::Account(to) => (Some(&self.accounts[to]), "mobile"),
                To::Out(channel) => (None, channel),
            };
            let side = |account: Option<&Account>| match account {
                Some(account) => [account.bank.to_owned(), account.number.clone(), account.name.clone()],
                None => [String::new(), String::new(), String::new()],
            };
            let mut row = vec![reference.clone(), transfer.at.to_rfc3339(), yuan(transfer.minor)];
            row.extend(side(Some(payer)));
            row.extend(side(payee));
            row.extend([channel.to_owned(), reference]);
            transfers.write_record(row).expect("a row");
        }
        customers.flush().expect("customers.csv");
        accounts.flush().expect("accounts.csv");
        transfers.flush().expect("transfers.csv");
    }
}

/// Fen as yuan with two decimals.
pub fn yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// A synthetic name; different places mostly have different names.
fn name(place: usize) -> String {
    const FAMILY: [char; 20] = [
        '赵', '钱', '孙', '李', '周', '吴', '郑', '王', '冯', '陈', '褚', '卫', '蒋', '沈', '韩', '杨', '朱', '秦',
        '尤', '许',
    ];
    const GIVEN: [char; 32] = [
        '一', '丁', '七', '万', '三', '上', '下', '丰', '中', '丹', '久', '义', '之', '乐', '九', '云', '五', '亮',
        '仁', '今', '元', '兆', '先', '光', '八', '六', '兰', '兴', '其', '冬', '冰', '凡',
    ];
    let family = FAMILY[place % FAMILY.len()];
    let rest = place / FAMILY.len();
    let (first, second) = (GIVEN[rest % GIVEN.len()], GIVEN[rest / GIVEN.len() % GIVEN.len()]);
    format!("{family}{first}{second}")
}
