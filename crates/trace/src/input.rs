//! What is told to a flow: payments of victims, statements of accounts; and the faults of both.

use std::sync::Arc;

use kernel::{Faults, Text, Timestamp};

/// The largest amount of one movement, that of every layer. With [`MOVEMENTS_MAX`] no sum overflows.
pub const AMOUNT_MINOR_MAX: i64 = kernel::bounds::AMOUNT_MINOR_MAX;

/// The largest balance that a statement shows, above or below zero.
const BALANCE_MINOR_MAX: i64 = kernel::bounds::TOLD_MINOR_MAX;

/// The most movements one flow holds.
pub const MOVEMENTS_MAX: usize = 500_000;

/// An account at a bank or payment institution. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// The institution that keeps the account.
    pub bank: Arc<str>,
    /// The account number there.
    pub number: Arc<str>,
}

impl AccountKey {
    /// An account from its institution and number.
    pub fn new(bank: &str, number: &str) -> Self {
        Self { bank: bank.into(), number: number.into() }
    }
}

impl std::fmt::Display for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.bank, self.number)
    }
}

/// How outflows are charged to the money that came in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attribution {
    /// First in, first out (先进先出).
    #[default]
    Fifo,
}

/// Names a victim's payment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub Arc<str>);

impl SourceId {
    /// A name from text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A victim's payment: where tainted money enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name; a second source of the same name replaces the first.
    pub id: SourceId,
    /// The account that was paid: level 1.
    pub account: AccountKey,
    /// Minor units.
    pub amount_minor: i64,
    /// When it was paid, as reported. The bank's own record wins once the statement is known.
    pub at: Timestamp,
    /// The bank's reference of the payment, where the victim has it.
    pub reference: Option<String>,
    /// The victim's own account. Tainted money that comes back to it has left the chain ([`ExitKind::Returned`]).
    pub payer: Option<AccountKey>,
}

/// Into the account or out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direction {
    /// Money came in, from that account where the statement names it.
    In(Option<AccountKey>),
    /// Money went out.
    Out(Target),
}

/// Where an outflow went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To another account.
    Account(AccountKey),
    /// Out of the accounts.
    Exit(ExitKind),
    /// The statement does not say. The reference may still find the payee's side.
    Unknown,
}

/// A way out of the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExitKind {
    /// Cash at a counter or machine (取现).
    Cash,
    /// A card terminal (POS 刷卡).
    CardTerminal,
    /// A phone top-up (话费充值).
    TopUp,
    /// A game card (游戏点卡).
    GameCard,
    /// A dealer in virtual currency (虚拟货币).
    VirtualCurrency,
    /// Abroad (境外).
    Abroad,
    /// A fee of the bank.
    Fee,
    /// Back to the account of a victim.
    Returned,
    /// To nobody the statement names.
    Unknown,
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The bank's name of the line, unique within the account.
    pub id: String,
    /// When the bank booked it.
    pub at: Timestamp,
    /// Into the account or out of it.
    pub direction: Direction,
    /// Minor units, more than zero.
    pub amount_minor: i64,
    /// The balance after it, where the statement shows it.
    pub balance_after_minor: Option<i64>,
    /// The reference of the transfer, the same on the payer's and the payee's statement; empty where there is none.
    pub reference: String,
}

/// What a bank answered about one account and period. The order of the movements is the bank's and is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The account.
    pub account: AccountKey,
    /// First moment covered.
    pub from: Timestamp,
    /// Last moment covered.
    pub to: Timestamp,
    /// The balance before the first movement. Where absent it is worked out from the first balance shown, else zero.
    pub opening_minor: Option<i64>,
    /// The lines, in the order of the bank.
    pub movements: Vec<Movement>,
}

const AMOUNT: Text = Text::new(
    "trace.amount",
    ("金额 {value} 不在 1 至 {max} 之间", "the amount {value} is not between 1 and {max}"),
    (
        "请向银行核实该笔金额（以最小货币单位表示的整数）",
        "ask the bank for the amount as a whole number of minor units",
    ),
);

const BALANCE: Text = Text::new(
    "trace.balance",
    ("余额 {value} 超出范围（绝对值最大 {max}）", "the balance {value} is out of range (at most {max} either way)"),
    ("请向银行核实该余额", "ask the bank for the balance again"),
);

const PERIOD: Text = Text::new(
    "trace.period",
    ("起始时间 {from} 晚于截止时间 {to}", "the period begins at {from}, after its end at {to}"),
    ("请按正确的起止时间重新查询", "ask again with the two in order"),
);

const NAMELESS: Text = Text::new(
    "trace.movement_id",
    ("流水没有编号", "the movement has no id"),
    ("请银行为每笔流水给出唯一编号", "ask the bank for an id of each movement"),
);

const TOO_MANY: Text = Text::new(
    "trace.movements",
    ("流水超过 {max} 笔", "there are more than {max} movements"),
    ("请缩短查询时段", "ask for a shorter period"),
);

/// Every text of this crate, for the test of the catalogue.
#[cfg(test)]
pub(crate) const TEXTS: &[Text] = &[AMOUNT, BALANCE, PERIOD, NAMELESS, TOO_MANY];

fn check_amount(faults: &mut Faults, field: String, amount_minor: i64) {
    if !(1..=AMOUNT_MINOR_MAX).contains(&amount_minor) {
        faults.push(AMOUNT.at(field, &[("value", &amount_minor.to_string()), ("max", &AMOUNT_MINOR_MAX.to_string())]));
    }
}

fn check_balance(faults: &mut Faults, field: String, balance_minor: Option<i64>) {
    if let Some(minor) = balance_minor.filter(|minor| minor.unsigned_abs() > BALANCE_MINOR_MAX.unsigned_abs()) {
        faults.push(BALANCE.at(field, &[("value", &minor.to_string()), ("max", &BALANCE_MINOR_MAX.to_string())]));
    }
}

impl Source {
    pub(crate) fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::none();
        check_amount(&mut faults, "amount_minor".to_owned(), self.amount_minor);
        faults.into_result()
    }
}

impl Statement {
    pub(crate) fn check(&self, movements_known: usize) -> Result<(), Faults> {
        let mut faults = Faults::none();
        if self.from > self.to {
            faults.push(PERIOD.at("from", &[("from", &self.from.to_string()), ("to", &self.to.to_string())]));
        }
        check_balance(&mut faults, "opening_minor".to_owned(), self.opening_minor);
        if movements_known.saturating_add(self.movements.len()) > MOVEMENTS_MAX {
            faults.push(TOO_MANY.at("movements", &[("max", &MOVEMENTS_MAX.to_string())]));
        }
        for (place, movement) in self.movements.iter().enumerate() {
            check_amount(&mut faults, format!("movements[{place}].amount_minor"), movement.amount_minor);
            check_balance(&mut faults, format!("movements[{place}].balance_after_minor"), movement.balance_after_minor);
            if movement.id.is_empty() {
                faults.push(NAMELESS.at(format!("movements[{place}].id"), &[]));
            }
        }
        faults.into_result()
    }

    /// The balance before the first movement: as told, else from the first balance shown, else zero. Never below zero:
    /// a queue of lots has no debts.
    pub(crate) fn opening(&self) -> i64 {
        if let Some(minor) = self.opening_minor {
            return minor.max(0);
        }
        let mut change = 0_i64;
        for movement in &self.movements {
            change = match movement.direction {
                Direction::In(_) => change.saturating_add(movement.amount_minor),
                Direction::Out(_) => change.saturating_sub(movement.amount_minor),
            };
            if let Some(after) = movement.balance_after_minor {
                return after.saturating_sub(change).max(0);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_same_places_in_both_languages() {
        for text in TEXTS {
            let [zh, en, zh_remedy, en_remedy] = text.places();
            assert_eq!(zh, en, "{}", text.code);
            assert_eq!(zh_remedy, en_remedy, "{}", text.code);
        }
    }

    #[test]
    fn every_fault_of_a_statement_is_told_at_once() {
        let statement = Statement {
            account: AccountKey::new("bank-a", "1"),
            from: Timestamp(10),
            to: Timestamp(5),
            opening_minor: Some(i64::MIN),
            movements: vec![Movement {
                id: String::new(),
                at: Timestamp(7),
                direction: Direction::In(None),
                amount_minor: -3,
                balance_after_minor: Some(i64::MAX),
                reference: String::new(),
            }],
        };
        let faults = statement.check(MOVEMENTS_MAX).unwrap_err();
        let fields: Vec<_> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "from",
                "opening_minor",
                "movements",
                "movements[0].amount_minor",
                "movements[0].balance_after_minor",
                "movements[0].id"
            ]
        );
    }
}
