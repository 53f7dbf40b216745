//! The arithmetic of double entry, without I/O.
//!
//! An account's balance is four numbers, never one. A transfer debits one account and credits another by the same
//! amount, so the sum of all debits is always the sum of all credits. What was booked is not changed: a mistake is
//! put right by a reversal, a transfer of its own that refers to the first.
//!
//! Customer accounts are liabilities of the bank: a credit is money coming in. `available = posted credits − posted
//! debits − pending debits − held`.

use std::collections::BTreeMap;

use kernel::{AccountId, Currency, Text, TransferId};

/// The four numbers, in minor units; each only ever grows, but the pending ones, which settle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balances {
    /// Reserved to go out.
    pub debits_pending_minor: i64,
    /// Gone out.
    pub debits_posted_minor: i64,
    /// Announced to come in; not spendable.
    pub credits_pending_minor: i64,
    /// Come in.
    pub credits_posted_minor: i64,
}

/// How far an account may go below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdraft {
    /// Down to this many minor units below zero; `UpTo(0)` forbids it.
    UpTo(i64),
    /// Internal accounts: cash, clearing and the like, where a debit balance is an asset.
    Unlimited,
}

/// What the holds on an account withhold from spending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Held {
    /// No hold in force.
    #[default]
    Nothing,
    /// The sum of the limits in force; later inflows are caught up to it (限额冻结).
    UpTo(i64),
    /// The whole account.
    Whole,
}

/// What the arithmetic knows of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerAccount {
    /// The one currency of the account.
    pub currency: Currency,
    /// How far below zero it may go.
    pub overdraft: Overdraft,
    /// What is withheld.
    pub held: Held,
    /// The four numbers.
    pub balances: Balances,
    /// Sequence of the last posted movement; the first is 1.
    pub sequence: i64,
}

/// Why a movement was not booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// Amounts are positive; direction is told by the legs.
    #[error("the amount must be above zero")]
    AmountNotPositive,
    /// The two legs differ in currency.
    #[error("the two accounts differ in currency")]
    CurrencyDiffers,
    /// An account cannot pay itself.
    #[error("the two accounts are the same")]
    SameAccount,
    /// The money is there but a hold withholds it.
    #[error("a hold withholds the money: {available_minor} available")]
    Held {
        /// What may be spent now.
        available_minor: i64,
    },
    /// The money is not there.
    #[error("not enough money: {available_minor} available")]
    NotEnough {
        /// What may be spent now.
        available_minor: i64,
    },
    /// A sum would leave the range of the numbers.
    #[error("the sum is too large")]
    TooLarge,
    /// No such account.
    #[error("no such account")]
    NoSuchAccount,
    /// No such transfer.
    #[error("no such transfer")]
    NoSuchTransfer,
    /// The identifier is taken.
    #[error("the identifier is taken")]
    Taken,
    /// Only a pending transfer can be posted or voided.
    #[error("the transfer is not pending")]
    NotPending,
    /// Only a posted transfer can be reversed.
    #[error("the transfer is not posted")]
    NotPosted,
    /// A transfer is reversed at most once, and a reversal never.
    #[error("the transfer has been reversed, or is itself a reversal")]
    AlreadyReversed,
}

impl LedgerFault {
    /// The words for a page or an answer.
    pub const fn text(&self) -> Text {
        match self {
            Self::AmountNotPositive => AMOUNT_NOT_POSITIVE,
            Self::CurrencyDiffers => CURRENCY_DIFFERS,
            Self::SameAccount => SAME_ACCOUNT,
            Self::Held { .. } => HELD,
            Self::NotEnough { .. } => NOT_ENOUGH,
            Self::TooLarge => TOO_LARGE,
            Self::NoSuchAccount => NO_SUCH_ACCOUNT,
            Self::NoSuchTransfer => NO_SUCH_TRANSFER,
            Self::Taken => TAKEN,
            Self::NotPending => NOT_PENDING,
            Self::NotPosted => NOT_POSTED,
            Self::AlreadyReversed => ALREADY_REVERSED,
        }
    }
}

const AMOUNT_NOT_POSITIVE: Text = Text::new(
    "ledger.amount_not_positive",
    ("金额须大于零", "the amount must be above zero"),
    ("请填写正数", "Enter a positive amount"),
);
const CURRENCY_DIFFERS: Text = Text::new(
    "ledger.currency_differs",
    ("两个账户的币种不同", "the two accounts differ in currency"),
    ("请选择同币种账户,或先办理结售汇", "Choose accounts of one currency, or exchange first"),
);
const SAME_ACCOUNT: Text = Text::new(
    "ledger.same_account",
    ("收付款账户相同", "payer and payee account are the same"),
    ("请核对账号", "Check the account numbers"),
);
const HELD: Text = Text::new(
    "ledger.held",
    ("账户资金已被止付或冻结,可用余额不足", "the account's money is stopped or frozen; not enough is available"),
    ("请告知客户止付机关及申诉途径", "Tell the customer which authority stopped it and how to appeal"),
);
const NOT_ENOUGH: Text = Text::new(
    "ledger.not_enough",
    ("可用余额不足", "not enough money is available"),
    ("请减少金额", "Lower the amount"),
);
const TOO_LARGE: Text = Text::new(
    "ledger.too_large",
    ("金额超出可记账范围", "the sum leaves the range of the books"),
    ("请核对金额", "Check the amount"),
);
const NO_SUCH_ACCOUNT: Text = Text::new(
    "ledger.no_such_account",
    ("没有此账户", "there is no such account"),
    ("请核对账号和币种", "Check the number and the currency"),
);
const NO_SUCH_TRANSFER: Text = Text::new(
    "ledger.no_such_transfer",
    ("没有此笔交易", "there is no such transfer"),
    ("请核对交易编号", "Check the identifier"),
);
const TAKEN: Text = Text::new(
    "ledger.taken",
    ("编号已被使用", "the identifier is taken"),
    ("如为重发,请以原编号查询结果", "If this is a repetition, look up the first one"),
);
const NOT_PENDING: Text = Text::new(
    "ledger.not_pending",
    ("交易不处于待入账状态", "the transfer is not pending"),
    ("已入账的交易只能冲正", "A posted transfer can only be reversed"),
);
const NOT_POSTED: Text = Text::new(
    "ledger.not_posted",
    ("交易尚未入账", "the transfer is not posted"),
    ("待入账的交易请撤销", "Void a pending transfer instead"),
);
const ALREADY_REVERSED: Text = Text::new(
    "ledger.already_reversed",
    ("交易已冲正,或其本身为冲正", "the transfer has been reversed, or is itself a reversal"),
    ("请按新的交易处理", "Book a new transfer"),
);

/// Texts of this module.
pub const TEXTS: &[Text] = &[
    AMOUNT_NOT_POSITIVE,
    CURRENCY_DIFFERS,
    SAME_ACCOUNT,
    HELD,
    NOT_ENOUGH,
    TOO_LARGE,
    NO_SUCH_ACCOUNT,
    NO_SUCH_TRANSFER,
    TAKEN,
    NOT_PENDING,
    NOT_POSTED,
    ALREADY_REVERSED,
];

impl LedgerAccount {
    /// An account with nothing booked.
    pub const fn new(currency: Currency, overdraft: Overdraft) -> Self {
        Self {
            currency,
            overdraft,
            held: Held::Nothing,
            balances: Balances {
                debits_pending_minor: 0,
                debits_posted_minor: 0,
                credits_pending_minor: 0,
                credits_posted_minor: 0,
            },
            sequence: 0,
        }
    }

    /// Posted credits − posted debits.
    pub const fn balance_minor(&self) -> i64 {
        self.balances.credits_posted_minor.saturating_sub(self.balances.debits_posted_minor)
    }

    /// What the holds withhold now: min(balance, limits).
    pub fn held_minor(&self) -> i64 {
        let balance = self.balance_minor().max(0);
        match self.held {
            Held::Nothing => 0,
            Held::UpTo(limit) => balance.min(limit.max(0)),
            Held::Whole => balance,
        }
    }

    /// Posted credits − posted debits − pending debits − held. Below zero where a hold came over reserved money.
    pub fn available_minor(&self) -> i64 {
        self.balance_minor().saturating_sub(self.balances.debits_pending_minor).saturating_sub(self.held_minor())
    }

    /// What a debit may take: the available money and the overdraft, nothing while the whole account is held.
    pub fn spendable_minor(&self) -> i64 {
        match (self.held, self.overdraft) {
            (Held::Whole, _) => 0,
            (_, Overdraft::Unlimited) => i64::MAX,
            (_, Overdraft::UpTo(limit)) => self.available_minor().saturating_add(limit.max(0)).max(0),
        }
    }

    fn may_spend(&self, amount_minor: i64, reserved_minor: i64) -> Result<(), LedgerFault> {
        let reserved_back = Self {
            balances: Balances {
                debits_pending_minor: self.balances.debits_pending_minor.saturating_sub(reserved_minor),
                ..self.balances
            },
            ..*self
        };
        let spendable_minor = reserved_back.spendable_minor();
        if amount_minor <= spendable_minor {
            return Ok(());
        }
        let free = Self { held: Held::Nothing, ..reserved_back };
        if amount_minor <= free.spendable_minor() {
            return Err(LedgerFault::Held { available_minor: spendable_minor });
        }
        Err(LedgerFault::NotEnough { available_minor: spendable_minor })
    }
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferState {
    /// Reserved at the payer, announced at the payee.
    Pending,
    /// Booked.
    Posted,
    /// Given up before it was booked.
    Voided,
}

/// The two accounts of a transfer after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Legs {
    /// The account that pays.
    pub debit: LedgerAccount,
    /// The account that receives.
    pub credit: LedgerAccount,
}

impl Legs {
    /// Reserves the amount: pending on both sides.
    pub fn reserve(mut self, amount_minor: i64) -> Result<Self, LedgerFault> {
        self.check(amount_minor)?;
        self.debit.may_spend(amount_minor, 0)?;
        self.debit.balances.debits_pending_minor = add(self.debit.balances.debits_pending_minor, amount_minor)?;
        self.credit.balances.credits_pending_minor = add(self.credit.balances.credits_pending_minor, amount_minor)?;
        Ok(self)
    }

    /// Books the amount at once.
    pub fn post_directly(mut self, amount_minor: i64) -> Result<Self, LedgerFault> {
        self.check(amount_minor)?;
        self.debit.may_spend(amount_minor, 0)?;
        self.book(amount_minor)?;
        Ok(self)
    }

    /// Books a reserved amount. A hold goes before money that was only reserved, so it may be refused.
    pub fn post_pending(mut self, amount_minor: i64) -> Result<Self, LedgerFault> {
        self.check(amount_minor)?;
        self.debit.may_spend(amount_minor, self.debit.balances.debits_pending_minor)?;
        self.release(amount_minor)?;
        self.book(amount_minor)?;
        Ok(self)
    }

    /// Gives up a reserved amount.
    pub fn void_pending(mut self, amount_minor: i64) -> Result<Self, LedgerFault> {
        self.check(amount_minor)?;
        self.release(amount_minor)?;
        Ok(self)
    }

    fn check(&self, amount_minor: i64) -> Result<(), LedgerFault> {
        if amount_minor <= 0 {
            return Err(LedgerFault::AmountNotPositive);
        }
        if self.debit.currency != self.credit.currency {
            return Err(LedgerFault::CurrencyDiffers);
        }
        Ok(())
    }

    fn release(&mut self, amount_minor: i64) -> Result<(), LedgerFault> {
        let (debit, credit) = (&mut self.debit.balances, &mut self.credit.balances);
        if debit.debits_pending_minor < amount_minor || credit.credits_pending_minor < amount_minor {
            return Err(LedgerFault::NotPending);
        }
        debit.debits_pending_minor -= amount_minor;
        credit.credits_pending_minor -= amount_minor;
        Ok(())
    }

    fn book(&mut self, amount_minor: i64) -> Result<(), LedgerFault> {
        self.debit.balances.debits_posted_minor = add(self.debit.balances.debits_posted_minor, amount_minor)?;
        self.credit.balances.credits_posted_minor = add(self.credit.balances.credits_posted_minor, amount_minor)?;
        self.debit.sequence = add(self.debit.sequence, 1)?;
        self.credit.sequence = add(self.credit.sequence, 1)?;
        Ok(())
    }
}

fn add(a: i64, b: i64) -> Result<i64, LedgerFault> {
    a.checked_add(b).ok_or(LedgerFault::TooLarge)
}

/// A transfer as the books keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerTransfer {
    /// The account that pays.
    pub debit: AccountId,
    /// The account that receives.
    pub credit: AccountId,
    /// Above zero.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: TransferState,
    /// The transfer that this one reverses.
    pub reverses: Option<TransferId>,
    /// Whether another transfer reverses this one.
    pub reversed: Reversed,
}

/// Whether a transfer has been reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversed {
    /// It stands.
    No,
    /// By that transfer.
    By(TransferId),
}

/// What can happen to the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerEvent {
    /// A new account.
    Open {
        /// Its identifier.
        account: AccountId,
        /// Currency.
        currency: Currency,
        /// How far below zero it may go.
        overdraft: Overdraft,
    },
    /// The holds on an account changed.
    Hold {
        /// The account.
        account: AccountId,
        /// What they withhold from now on.
        held: Held,
    },
    /// A transfer is reserved.
    Reserve {
        /// Its identifier.
        transfer: TransferId,
        /// Payer.
        debit: AccountId,
        /// Payee.
        credit: AccountId,
        /// Above zero.
        amount_minor: i64,
    },
    /// A transfer is booked at once.
    PostDirectly {
        /// Its identifier.
        transfer: TransferId,
        /// Payer.
        debit: AccountId,
        /// Payee.
        credit: AccountId,
        /// Above zero.
        amount_minor: i64,
    },
    /// A reserved transfer is booked.
    Post {
        /// Which.
        transfer: TransferId,
    },
    /// A reserved transfer is given up.
    Void {
        /// Which.
        transfer: TransferId,
    },
    /// A booked transfer is put right by its opposite.
    Reverse {
        /// Identifier of the reversal.
        transfer: TransferId,
        /// The transfer that it reverses.
        of: TransferId,
    },
}

/// The whole books in memory: for simulation and properties. The database applies the same [`Legs`] row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Accounts.
    pub accounts: BTreeMap<AccountId, LedgerAccount>,
    /// Transfers.
    pub transfers: BTreeMap<TransferId, LedgerTransfer>,
}

/// The books after an event; the books given are unchanged where it is refused.
pub fn apply(state: &Ledger, event: LedgerEvent) -> Result<Ledger, LedgerFault> {
    let mut next = state.clone();
    match event {
        LedgerEvent::Open { account, currency, overdraft } => {
            if next.accounts.contains_key(&account) {
                return Err(LedgerFault::Taken);
            }
            next.accounts.insert(account, LedgerAccount::new(currency, overdraft));
        }
        LedgerEvent::Hold { account, held } => {
            next.accounts.get_mut(&account).ok_or(LedgerFault::NoSuchAccount)?.held = held;
        }
        LedgerEvent::Reserve { transfer, debit, credit, amount_minor } => {
            next.begin(transfer, debit, credit, amount_minor, TransferState::Pending, None)?;
        }
        LedgerEvent::PostDirectly { transfer, debit, credit, amount_minor } => {
            next.begin(transfer, debit, credit, amount_minor, TransferState::Posted, None)?;
        }
        LedgerEvent::Post { transfer } => next.finish(transfer, TransferState::Posted)?,
        LedgerEvent::Void { transfer } => next.finish(transfer, TransferState::Voided)?,
        LedgerEvent::Reverse { transfer, of } => {
            let original = *next.transfers.get(&of).ok_or(LedgerFault::NoSuchTransfer)?;
            reversible(&original)?;
            next.begin(
                transfer,
                original.credit,
                original.debit,
                original.amount_minor,
                TransferState::Posted,
                Some(of),
            )?;
            if let Some(row) = next.transfers.get_mut(&of) {
                row.reversed = Reversed::By(transfer);
            }
        }
    }
    Ok(next)
}

/// Whether a transfer may be reversed: booked, standing, and no reversal itself.
pub fn reversible(original: &LedgerTransfer) -> Result<(), LedgerFault> {
    if original.state != TransferState::Posted {
        return Err(LedgerFault::NotPosted);
    }
    if original.reverses.is_some() || original.reversed != Reversed::No {
        return Err(LedgerFault::AlreadyReversed);
    }
    Ok(())
}

impl Ledger {
    fn legs(&self, debit: AccountId, credit: AccountId) -> Result<Legs, LedgerFault> {
        if debit == credit {
            return Err(LedgerFault::SameAccount);
        }
        let account = |id| self.accounts.get(&id).copied().ok_or(LedgerFault::NoSuchAccount);
        Ok(Legs { debit: account(debit)?, credit: account(credit)? })
    }

    fn begin(
        &mut self,
        transfer: TransferId,
        debit: AccountId,
        credit: AccountId,
        amount_minor: i64,
        state: TransferState,
        reverses: Option<TransferId>,
    ) -> Result<(), LedgerFault> {
        if self.transfers.contains_key(&transfer) {
            return Err(LedgerFault::Taken);
        }
        let legs = self.legs(debit, credit)?;
        let legs = match state {
            TransferState::Pending => legs.reserve(amount_minor)?,
            _ => legs.post_directly(amount_minor)?,
        };
        self.put(debit, credit, legs);
        self.transfers
            .insert(transfer, LedgerTransfer { debit, credit, amount_minor, state, reverses, reversed: Reversed::No });
        Ok(())
    }

    fn finish(&mut self, transfer: TransferId, to: TransferState) -> Result<(), LedgerFault> {
        let row = *self.transfers.get(&transfer).ok_or(LedgerFault::NoSuchTransfer)?;
        if row.state != TransferState::Pending {
            return Err(LedgerFault::NotPending);
        }
        let legs = self.legs(row.debit, row.credit)?;
        let legs = match to {
            TransferState::Posted => legs.post_pending(row.amount_minor)?,
            _ => legs.void_pending(row.amount_minor)?,
        };
        self.put(row.debit, row.credit, legs);
        self.transfers.insert(transfer, LedgerTransfer { state: to, ..row });
        Ok(())
    }

    fn put(&mut self, debit: AccountId, credit: AccountId, legs: Legs) {
        self.accounts.insert(debit, legs.debit);
        self.accounts.insert(credit, legs.credit);
    }
}
