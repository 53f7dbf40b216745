//! The synthetic province: people, accounts at three institutions, and two months of ordinary money.
//!
//! The same every time but for the dates, which end at the day of loading. Numbers are of kinds that nobody holds:
//! identity numbers with the sequence 000, telephone numbers in a row, cards of an issuer that does not exist.

use ::world::Dice;
use kernel::{Duration, Timestamp};

use super::cast::SEATS;

const SEED: u64 = 43_002_018;
/// People of the province.
const PEOPLE: usize = 300;
/// Companies and shops.
const COMPANIES: usize = 24;
/// Ordinary transfers.
const TRANSFERS: usize = 3_000;
/// Days over which they spread.
const DAYS: i64 = 60;

/// Somebody with accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Number in the bank's system.
    pub number: String,
    /// `person` or `company`.
    pub kind: CustomerKind,
    /// Name.
    pub name: String,
    /// Identity number or credit code.
    pub id_number: String,
    /// Telephone.
    pub phone: String,
    /// Customer since.
    pub since: Timestamp,
}

/// What kind of customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerKind {
    /// A natural person.
    Person,
    /// A company or shop.
    Company,
}

/// An account at one of the institutions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which seat keeps it.
    pub bank: &'static str,
    /// Number.
    pub number: String,
    /// Kind, a word of the bank seat: settlement, limited, company, wallet, merchant.
    pub kind: &'static str,
    /// Whose it is: index into the customers.
    pub customer: usize,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What is on it at the beginning, in fen.
    pub opening_minor: i64,
    /// Why it is on the protected list, where it is.
    pub protected: Option<&'static str>,
}

/// Where money goes that leaves the three institutions, and where such money comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// An account: index into the accounts.
    Account(usize),
    /// Cash in somebody's hand, or a counterpart that has no account here.
    Outside,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Reference that both sides share.
    pub reference: String,
    /// When.
    pub at: Timestamp,
    /// Who pays.
    pub from: End,
    /// Who receives.
    pub to: End,
    /// How much, in fen.
    pub minor: i64,
    /// How, a word of the wire: mobile, atm, card_terminal, top_up, …
    pub channel: &'static str,
    /// The payer's words.
    pub memo: String,
}

/// People, accounts and transfers.
#[derive(Debug, Clone, Default)]
pub struct Province {
    /// Numbers of customers and accounts begin here, so that what is added later meets nothing that is there.
    first: usize,
    /// Everybody.
    pub customers: Vec<Customer>,
    /// Every account.
    pub accounts: Vec<Account>,
    /// Every transfer, in order of time.
    pub transfers: Vec<Transfer>,
}

/// So many yuan, in fen.
pub const fn yuan(count: i64) -> i64 {
    count * 100
}

impl Province {
    /// Nobody yet; numbers begin at `first`.
    pub fn beginning_at(first: usize) -> Self {
        Self { first, ..Self::default() }
    }

    /// The province as it is on the day of loading.
    pub fn generate(now: Timestamp) -> Self {
        let mut dice = Dice::new(SEED);
        let mut province = Self::default();
        for _ in 0..PEOPLE {
            province.add_person(&mut dice, now);
        }
        for index in 0..COMPANIES {
            province.add_company(&mut dice, now, index);
        }
        province.move_ordinary_money(&mut dice, now);
        province
    }

    /// Adds somebody with the given name, and gives his index.
    pub fn add_customer(&mut self, kind: CustomerKind, name: &str, birth_year: i64, since: Timestamp) -> usize {
        let index = self.customers.len();
        let serial = self.first + index;
        let id_number = match kind {
            CustomerKind::Person => citizen_id(birth_year, serial),
            CustomerKind::Company => String::new(),
        };
        self.customers.push(Customer {
            number: format!("K{serial:07}"),
            kind,
            name: name.to_owned(),
            id_number,
            phone: format!("190{serial:08}"),
            since,
        });
        index
    }

    /// Opens an account, and gives its index.
    pub fn add_account(
        &mut self,
        bank: &'static str,
        kind: &'static str,
        customer: usize,
        opened_at: Timestamp,
        opening_minor: i64,
    ) -> usize {
        let index = self.accounts.len();
        let number = account_number(bank, self.first + index);
        self.accounts.push(Account { bank, number, kind, customer, opened_at, opening_minor, protected: None });
        index
    }

    /// Moves money.
    pub fn pay(&mut self, reference: String, at: Timestamp, from: End, to: End, minor: i64, channel: &'static str) {
        self.transfers.push(Transfer { reference, at, from, to, minor, channel, memo: String::new() });
    }

    /// The holder of an account.
    pub fn holder(&self, account: usize) -> Option<&Customer> {
        self.accounts.get(account).and_then(|account| self.customers.get(account.customer))
    }

    fn add_person(&mut self, dice: &mut Dice, now: Timestamp) {
        let name = person_name(dice);
        let since = now - Duration::hours(24 * dice.between(400, 6_000));
        let customer = self.add_customer(CustomerKind::Person, &name, dice.between(1938, 2004), since);
        let home = if dice.below(2) == 0 { "bank-a" } else { "bank-b" };
        let opening = dice.between(yuan(2_000), yuan(90_000));
        self.add_account(home, "settlement", customer, since, opening);
        if dice.below(3) == 0 {
            let other = if home == "bank-a" { "bank-b" } else { "bank-a" };
            self.add_account(other, "limited", customer, since, dice.between(yuan(100), yuan(9_000)));
        }
        if dice.below(2) == 0 {
            self.add_account("pay-c", "wallet", customer, since, dice.between(yuan(10), yuan(3_000)));
        }
    }

    fn add_company(&mut self, dice: &mut Dice, now: Timestamp, index: usize) {
        let place = dice.pick(PLACES).copied().unwrap_or("湘东");
        let trade = TRADES.get(index % TRADES.len()).copied().unwrap_or("商贸");
        let since = now - Duration::hours(24 * dice.between(800, 4_000));
        let customer = self.add_customer(CustomerKind::Company, &format!("{place}示范{trade}有限公司"), 0, since);
        let home = if dice.below(2) == 0 { "bank-a" } else { "bank-b" };
        let account = self.add_account(home, "company", customer, since, dice.between(yuan(100_000), yuan(3_000_000)));
        // Salary and tax accounts must not be stopped by mistake.
        if index < 2
            && let Some(account) = self.accounts.get_mut(account)
        {
            account.protected = Some("代发工资专户");
        }
        self.add_account("pay-c", "merchant", customer, since, dice.between(yuan(1_000), yuan(80_000)));
    }

    fn move_ordinary_money(&mut self, dice: &mut Dice, now: Timestamp) {
        let mut balances: Vec<i64> = self.accounts.iter().map(|account| account.opening_minor).collect();
        let begin = now - Duration::hours(24 * DAYS);
        let step = Duration::hours(24 * DAYS).0 / i64::try_from(TRANSFERS + 1).unwrap_or(1);
        for index in 0..TRANSFERS {
            let at = Timestamp(begin.0 + step * i64::try_from(index).unwrap_or(0) + dice.between(0, step / 2));
            let payer = dice.index(self.accounts.len());
            let payee = dice.index(self.accounts.len());
            let (words, low, high, channel) =
                dice.pick(PURPOSES).copied().unwrap_or(("转账", yuan(10), yuan(100), "mobile"));
            let minor = dice.between(low, high);
            let balance = balances.get(payer).copied().unwrap_or(0);
            if payer == payee || balance < minor {
                continue;
            }
            for (account, change) in [(payer, -minor), (payee, minor)] {
                if let Some(balance) = balances.get_mut(account) {
                    *balance += change;
                }
            }
            self.transfers.push(Transfer {
                reference: format!("P{index:08}"),
                at,
                from: End::Account(payer),
                to: End::Account(payee),
                minor,
                channel,
                memo: words.to_owned(),
            });
        }
    }
}

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾",
    "彭", "吕", "欧阳",
];
const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "霞", "平",
    "刚", "桂英", "文博", "子涵", "雨桐", "思远", "佳怡", "国栋", "志远", "晓东", "春梅", "建华", "秀兰", "海燕",
    "立新", "小满", "望舒",
];
const PLACES: &[&str] = &["湘东", "湘西", "湘南", "湘北", "云麓", "潇水", "资水", "沅水", "澧水", "岳阳楼"];
const TRADES: &[&str] =
    &["商贸", "建材", "餐饮", "物流", "教育", "药房", "超市", "茶业", "家电", "服饰", "网络科技", "旅行社"];
const PURPOSES: &[(&str, i64, i64, &str)] = &[
    ("工资", yuan(3_500), yuan(12_000), "online"),
    ("房租", yuan(800), yuan(4_000), "mobile"),
    ("货款", yuan(500), yuan(30_000), "online"),
    ("生活费", yuan(300), yuan(3_000), "mobile"),
    ("买菜", yuan(8), yuan(200), "payment_institution"),
    ("还款", yuan(200), yuan(5_000), "mobile"),
    ("学费", yuan(2_000), yuan(8_000), "counter"),
    ("红包", yuan(5), yuan(200), "payment_institution"),
];

fn person_name(dice: &mut Dice) -> String {
    let surname = dice.pick(SURNAMES).copied().unwrap_or("王");
    let given = dice.pick(GIVEN).copied().unwrap_or("伟");
    format!("{surname}{given}")
}

/// An identity number with the sequence 000, which is never given out; the birthday follows from the index.
fn citizen_id(birth_year: i64, index: usize) -> String {
    let month = index / 28 % 12 + 1;
    let day = index % 28 + 1;
    let body = format!("430100{birth_year:04}{month:02}{day:02}000");
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().filter_map(|c| c.to_digit(10)).zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = "10X98765432".chars().nth(usize::try_from(sum % 11).unwrap_or(0)).unwrap_or('0');
    format!("{body}{check}")
}

/// A number of the institution: a card that ends in its Luhn digit, or a wallet.
fn account_number(bank: &str, index: usize) -> String {
    let prefix = SEATS.iter().find(|seat| seat.id == bank).map_or("", |seat| seat.account_prefix);
    let body = format!("{prefix}{index:07}");
    if prefix.starts_with(|c: char| c.is_ascii_digit()) { format!("{body}{}", luhn(&body)) } else { body }
}

fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 if digit >= 5 => digit * 2 - 9,
            0 => digit * 2,
            _ => digit,
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_392_000_000_000);

    #[test]
    fn the_province_is_the_same_every_time_and_every_number_in_it_is_valid() {
        let province = Province::generate(NOW);
        let again = Province::generate(NOW);
        assert_eq!(province.customers, again.customers);
        assert_eq!(province.transfers, again.transfers);
        for customer in &province.customers {
            kernel::Msisdn::parse(&customer.phone).unwrap();
            kernel::PersonName::parse(&customer.name).unwrap();
            if customer.kind == CustomerKind::Person {
                kernel::CitizenId::parse(&customer.id_number).unwrap();
            }
        }
        for account in &province.accounts {
            let number = kernel::AccountNo::parse(&account.number).unwrap();
            let card = number.kind() == kernel::AccountKind::Card;
            assert_eq!(card, account.bank != "pay-c", "{}", account.number);
        }
    }

    #[test]
    fn ordinary_money_never_overdraws_and_lies_in_the_past() {
        let province = Province::generate(NOW);
        assert!(province.transfers.len() > TRANSFERS * 8 / 10);
        let mut balances: Vec<i64> = province.accounts.iter().map(|account| account.opening_minor).collect();
        let mut before = Timestamp(0);
        for transfer in &province.transfers {
            assert!(transfer.at >= before && transfer.at < NOW);
            before = transfer.at;
            let (End::Account(from), End::Account(to)) = (transfer.from, transfer.to) else { panic!("leaves") };
            balances[from] -= transfer.minor;
            balances[to] += transfer.minor;
            assert!(balances[from] >= 0);
        }
    }
}
